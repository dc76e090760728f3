/*
 * Data attributes: walks and writes them (RFC 2408 3.3), knows every one of
 * Mode Config, XAUTH and Unity by a table, and reads ATTR payloads into plain
 * structs.  No state, no policy; called by the Transaction exchange and by
 * offer.c.
 */
#include <string.h>

#include "common/addr.h"
#include "common/str.h"
#include "ikerd/ike/attr.h"
#include "ikerd/ike/wire.h"

static const struct attr_info infos[] = {
	{ INTERNAL_IP4_ADDRESS, ATTR_FORM_IP4, 0, "INTERNAL_IP4_ADDRESS" },
	{ INTERNAL_IP4_NETMASK, ATTR_FORM_IP4, 0, "INTERNAL_IP4_NETMASK" },
	{ INTERNAL_IP4_DNS, ATTR_FORM_IP4, 0, "INTERNAL_IP4_DNS" },
	{ INTERNAL_IP4_NBNS, ATTR_FORM_IP4, 0, "INTERNAL_IP4_NBNS" },
	{ INTERNAL_ADDRESS_EXPIRY, ATTR_FORM_SECONDS, 0,
	    "INTERNAL_ADDRESS_EXPIRY" },
	{ INTERNAL_IP4_DHCP, ATTR_FORM_IP4, 0, "INTERNAL_IP4_DHCP" },
	{ APPLICATION_VERSION, ATTR_FORM_TEXT, 0, "APPLICATION_VERSION" },
	{ INTERNAL_IP6_ADDRESS, ATTR_FORM_IP6, 0, "INTERNAL_IP6_ADDRESS" },
	{ INTERNAL_IP6_NETMASK, ATTR_FORM_IP6, 0, "INTERNAL_IP6_NETMASK" },
	{ INTERNAL_IP6_DNS, ATTR_FORM_IP6, 0, "INTERNAL_IP6_DNS" },
	{ INTERNAL_IP6_NBNS, ATTR_FORM_IP6, 0, "INTERNAL_IP6_NBNS" },
	{ INTERNAL_IP6_DHCP, ATTR_FORM_IP6, 0, "INTERNAL_IP6_DHCP" },
	{ INTERNAL_IP4_SUBNET, ATTR_FORM_NET4, 0, "INTERNAL_IP4_SUBNET" },
	{ SUPPORTED_ATTRIBUTES, ATTR_FORM_TYPES, 0, "SUPPORTED_ATTRIBUTES" },
	{ INTERNAL_IP6_SUBNET, ATTR_FORM_NET6, 0, "INTERNAL_IP6_SUBNET" },
	{ XAUTH_CISCO_21, ATTR_FORM_OPAQUE, 0, "XAUTH_CISCO_21" },
	{ XAUTH_TYPE, ATTR_FORM_NUMBER, 0, "XAUTH_TYPE" },
	{ XAUTH_USER_NAME, ATTR_FORM_TEXT, 0, "XAUTH_USER_NAME" },
	{ XAUTH_USER_PASSWORD, ATTR_FORM_SECRET, 0, "XAUTH_USER_PASSWORD" },
	{ XAUTH_PASSCODE, ATTR_FORM_SECRET, 0, "XAUTH_PASSCODE" },
	{ XAUTH_MESSAGE, ATTR_FORM_TEXT, 0, "XAUTH_MESSAGE" },
	{ XAUTH_CHALLENGE, ATTR_FORM_OPAQUE, 0, "XAUTH_CHALLENGE" },
	{ XAUTH_DOMAIN, ATTR_FORM_TEXT, 0, "XAUTH_DOMAIN" },
	{ XAUTH_STATUS, ATTR_FORM_NUMBER, 0, "XAUTH_STATUS" },
	{ XAUTH_NEXT_PIN, ATTR_FORM_SECRET, 0, "XAUTH_NEXT_PIN" },
	{ XAUTH_ANSWER, ATTR_FORM_SECRET, 0, "XAUTH_ANSWER" },
	{ UNITY_BANNER, ATTR_FORM_TEXT, 1, "UNITY_BANNER" },
	{ UNITY_SAVE_PASSWD, ATTR_FORM_NUMBER, 1, "UNITY_SAVE_PASSWD" },
	{ UNITY_DEFAULT_DOMAIN, ATTR_FORM_TEXT, 1, "UNITY_DEFAULT_DOMAIN" },
	{ UNITY_SPLIT_DNS, ATTR_FORM_TEXT, 1, "UNITY_SPLIT_DNS" },
	{ UNITY_SPLIT_INCLUDE, ATTR_FORM_NETS, 1, "UNITY_SPLIT_INCLUDE" },
	{ UNITY_NATT_PORT, ATTR_FORM_NUMBER, 1, "UNITY_NATT_PORT" },
	{ UNITY_LOCAL_LAN, ATTR_FORM_NETS, 1, "UNITY_LOCAL_LAN" },
	{ UNITY_PFS, ATTR_FORM_NUMBER, 1, "UNITY_PFS" },
	{ UNITY_FW_TYPE, ATTR_FORM_OPAQUE, 1, "UNITY_FW_TYPE" },
	{ UNITY_BACKUP_SERVERS, ATTR_FORM_TEXT, 1, "UNITY_BACKUP_SERVERS" },
	{ UNITY_DDNS_HOSTNAME, ATTR_FORM_TEXT, 1, "UNITY_DDNS_HOSTNAME" },
	{ UNITY_SMARTCARD_REMOVAL, ATTR_FORM_OPAQUE, 1,
	    "UNITY_SMARTCARD_REMOVAL" },
	{ XAUTH_CISCO_VENDOR, ATTR_FORM_OPAQUE, 0, "XAUTH_CISCO_VENDOR" },
};

/* Octets of a value: exactly len, or a multiple of unit, or any. */
static const struct {
	size_t len;
	size_t unit;
} form_lens[] = {
	[ATTR_FORM_NUMBER] = { 2, 0 },
	[ATTR_FORM_SECONDS] = { 4, 0 },
	[ATTR_FORM_IP4] = { 4, 0 },
	[ATTR_FORM_IP6] = { 16, 0 },
	[ATTR_FORM_NET4] = { 8, 0 },
	[ATTR_FORM_NET6] = { 17, 0 },
	[ATTR_FORM_TEXT] = { 0, 1 },
	[ATTR_FORM_SECRET] = { 0, 1 },
	[ATTR_FORM_NETS] = { 0, UNITY_NET_LEN },
	[ATTR_FORM_TYPES] = { 0, 2 },
	[ATTR_FORM_OPAQUE] = { 0, 1 },
};

static const char *const cfg_types[] = {
	[CFG_REQUEST] = "REQUEST",
	[CFG_REPLY] = "REPLY",
	[CFG_SET] = "SET",
	[CFG_ACK] = "ACK",
};

void
attr_walk(struct attr_walk *w, const uint8_t *p, size_t len)
{
	w->p = p;
	w->left = len;
	w->n = 0;
}

int
attr_next(struct attr_walk *w, struct attr *a, enum isakmp_error *why)
{
	size_t len = 0;
	uint16_t type;

	if (w->left == 0)
		return 0;
	*why = ISAKMP_E_ATTR_OVERRUN;
	if (w->left < 4)
		return -1;
	type = wire_u16(w->p);
	if (!(type & ATTR_TV))
		len = wire_u16(w->p + 2);
	if (len > w->left - 4)
		return -1;
	*why = ISAKMP_E_ATTR_COUNT;
	if (w->n == ATTR_MAX)
		return -1;
	a->type = type & (ATTR_TV - 1);
	a->is_tv = (type & ATTR_TV) != 0;
	a->value = a->is_tv ? wire_u16(w->p + 2) : 0;
	a->data = w->p + (a->is_tv ? 2 : 4);
	a->len = a->is_tv ? 2 : len;
	w->p += 4 + len;
	w->left -= 4 + len;
	w->n++;
	*why = ISAKMP_OK;
	return 1;
}

int
attr_uint(const struct attr *a, uint64_t *value)
{
	size_t i;

	if (a->len == 0 || a->len > 8)
		return -1;
	for (*value = 0, i = 0; i < a->len; i++)
		*value = *value << 8 | a->data[i];
	return 0;
}

void
attr_put_tv(struct isakmp_buf *ib, uint16_t type, uint16_t value)
{
	ib_u16(ib, type | ATTR_TV);
	ib_u16(ib, value);
}

void
attr_put_tlv(struct isakmp_buf *ib, uint16_t type, const void *data, size_t len)
{
	if (len > UINT16_MAX) {
		ib->overflow = 1;
		return;
	}
	ib_u16(ib, type & (ATTR_TV - 1));
	ib_u16(ib, (uint16_t)len);
	ib_put(ib, data, len);
}

void
attr_put_u32(struct isakmp_buf *ib, uint16_t type, uint32_t value)
{
	uint8_t b[4];

	wire_put_u32(b, value);
	attr_put_tlv(ib, type, b, sizeof(b));
}

const struct attr_info *
attr_info(uint16_t number)
{
	size_t i;

	for (i = 0; i < sizeof(infos) / sizeof(*infos); i++) {
		if (infos[i].number == number)
			return &infos[i];
	}
	return NULL;
}

const char *
attr_name(uint16_t number, char *buf, size_t size)
{
	const struct attr_info *info = attr_info(number);

	if (info != NULL)
		return info->name;
	str_append(buf, size, 0, "attribute %u", number);
	return buf;
}

enum isakmp_error
attr_check(const struct attr *a)
{
	const struct attr_info *info = attr_info(a->type);

	if (info == NULL || info->form == ATTR_FORM_OPAQUE)
		return ISAKMP_OK;
	if (!a->is_tv && a->len == 0)
		return ISAKMP_OK;
	if (a->is_tv != (info->form == ATTR_FORM_NUMBER))
		return ISAKMP_E_ATTR_FORM;
	if (form_lens[info->form].unit != 0)
		return a->len % form_lens[info->form].unit == 0 ?
		    ISAKMP_OK :
		    ISAKMP_E_ATTR_LENGTH;
	return a->len == form_lens[info->form].len ? ISAKMP_OK :
						     ISAKMP_E_ATTR_LENGTH;
}

static struct addr
addr_from(uint8_t family, const uint8_t *p)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.family = family;
	memcpy(a.b, p, family == ADDR_IP4 ? 4 : 16);
	return a;
}

static size_t
text_ip(char *buf, size_t size, size_t at, uint8_t family, const uint8_t *p)
{
	struct addr a = addr_from(family, p);
	char text[ADDR_STRLEN];

	return str_append(buf, size, at, "%s", addr_text(&a, text));
}

static size_t
text_nets(
    char *buf, size_t size, size_t at, const uint8_t *p, size_t n, size_t step)
{
	size_t i;

	for (i = 0; i < n; i++, p += step) {
		at = text_ip(buf, size, at, ADDR_IP4, p);
		at = str_append(buf, size, at, "/");
		at = text_ip(buf, size, at, ADDR_IP4, p + 4);
		at = str_append(buf, size, at, "%s", i + 1 < n ? "," : "");
	}
	return at;
}

static size_t
text_bytes(char *buf, size_t size, size_t at, const struct attr *a)
{
	char text[256];

	str_printable(text, sizeof(text), a->data, a->len);
	return str_append(buf, size, at, "\"%s\"", text);
}

static size_t
text_types(char *buf, size_t size, size_t at, const struct attr *a)
{
	size_t i;

	for (i = 0; i + 2 <= a->len; i += 2)
		at = str_append(buf, size, at, "%s%u", i == 0 ? "" : ",",
		    (unsigned int)wire_u16(a->data + i));
	return at;
}

/* The value by its form; attr_check() has passed and it is not empty. */
static void
text_value(
    char *buf, size_t size, size_t at, const struct attr *a, uint8_t form)
{
	switch (form) {
	case ATTR_FORM_NUMBER:
		str_append(buf, size, at, "%u", a->value);
		break;
	case ATTR_FORM_SECONDS:
		str_append(buf, size, at, "%us", wire_u32(a->data));
		break;
	case ATTR_FORM_IP4:
		text_ip(buf, size, at, ADDR_IP4, a->data);
		break;
	case ATTR_FORM_IP6:
		text_ip(buf, size, at, ADDR_IP6, a->data);
		break;
	case ATTR_FORM_NET4:
		text_nets(buf, size, at, a->data, 1, 8);
		break;
	case ATTR_FORM_NET6:
		at = text_ip(buf, size, at, ADDR_IP6, a->data);
		str_append(buf, size, at, "/%u", a->data[16]);
		break;
	case ATTR_FORM_NETS:
		text_nets(buf, size, at, a->data, a->len / UNITY_NET_LEN,
		    UNITY_NET_LEN);
		break;
	case ATTR_FORM_TYPES:
		text_types(buf, size, at, a);
		break;
	case ATTR_FORM_SECRET:
		str_append(buf, size, at, "(hidden)");
		break;
	case ATTR_FORM_TEXT:
		text_bytes(buf, size, at, a);
		break;
	default:
		str_append(buf, size, at, "(%zu octets)", a->len);
		break;
	}
}

const char *
attr_text(const struct attr *a, char *buf, size_t size)
{
	const struct attr_info *info = attr_info(a->type);
	uint8_t form = info != NULL ? info->form : ATTR_FORM_OPAQUE;
	char name[32];
	size_t at;

	at = str_append(
	    buf, size, 0, "%s", attr_name(a->type, name, sizeof(name)));
	if (!a->is_tv && a->len == 0)
		return buf;
	at = str_append(buf, size, at, " ");
	if (form != ATTR_FORM_SECRET && a->is_tv)
		form = ATTR_FORM_NUMBER;
	else if (form != ATTR_FORM_SECRET && attr_check(a) != ISAKMP_OK)
		form = ATTR_FORM_OPAQUE;
	text_value(buf, size, at, a, form);
	return buf;
}

/* libreswan rounds the payload up to four octets, with zeros. */
static int
is_padding(const struct attr_walk *w)
{
	static const uint8_t zero[4];

	return w->left < sizeof(zero) && memcmp(w->p, zero, w->left) == 0;
}

enum isakmp_error
cfg_parse(const struct isakmp_payload *p, struct cfg_msg *m)
{
	enum isakmp_error why = ISAKMP_OK;
	struct attr_walk w;
	int more;

	m->n = 0;
	if (p->len < 4)
		return ISAKMP_E_BODY_SHORT;
	m->type = p->body[0];
	m->identifier = wire_u16(p->body + 2);
	if (m->type < CFG_REQUEST || m->type > CFG_ACK)
		return ISAKMP_E_CFG_TYPE;
	attr_walk(&w, p->body + 4, p->len - 4);
	while (m->n < ATTR_MAX &&
	    (more = attr_next(&w, &m->attr[m->n], &why)) == 1)
		m->n++;
	if (m->n == ATTR_MAX && w.left != 0)
		return ISAKMP_E_ATTR_COUNT;
	if (why == ISAKMP_E_ATTR_OVERRUN && is_padding(&w))
		why = ISAKMP_OK;
	return why;
}

const char *
cfg_type_name(unsigned int type)
{
	if (type < CFG_REQUEST || type > CFG_ACK)
		return "unknown";
	return cfg_types[type];
}

const struct attr *
cfg_find(const struct cfg_msg *m, uint16_t number, size_t nth)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (m->attr[i].type == number && nth-- == 0)
			return &m->attr[i];
	}
	return NULL;
}

int
cfg_is_xauth(const struct cfg_msg *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (m->attr[i].type >= XAUTH_TYPE &&
		    m->attr[i].type <= XAUTH_ANSWER)
			return 1;
	}
	return 0;
}

void
cfg_begin(struct isakmp_buf *ib, uint8_t type, uint16_t identifier)
{
	ib_payload_begin(ib, PAYLOAD_ATTR);
	ib_u8(ib, type);
	ib_u8(ib, 0);
	ib_u16(ib, identifier);
}

#define XAUTH_STRIP_NUL 0x01 /* one at the end */
#define XAUTH_NO_NUL 0x02
#define XAUTH_LIMIT 0x04 /* to XAUTH_CAP */

/* Attributes of XAUTH that become a field of struct xauth. */
static const struct {
	uint16_t number;
	uint8_t flags;
	size_t offset;
} xauth_fields[] = {
	{ XAUTH_USER_NAME, XAUTH_STRIP_NUL | XAUTH_NO_NUL | XAUTH_LIMIT,
	    offsetof(struct xauth, user) },
	{ XAUTH_USER_PASSWORD, XAUTH_STRIP_NUL | XAUTH_LIMIT,
	    offsetof(struct xauth, password) },
	{ XAUTH_PASSCODE, XAUTH_STRIP_NUL | XAUTH_LIMIT,
	    offsetof(struct xauth, passcode) },
	{ XAUTH_ANSWER, XAUTH_STRIP_NUL | XAUTH_LIMIT,
	    offsetof(struct xauth, answer) },
	{ XAUTH_NEXT_PIN, XAUTH_STRIP_NUL | XAUTH_LIMIT,
	    offsetof(struct xauth, next_pin) },
	{ XAUTH_DOMAIN, XAUTH_LIMIT, offsetof(struct xauth, domain) },
	{ XAUTH_MESSAGE, XAUTH_LIMIT, offsetof(struct xauth, message) },
	{ XAUTH_CHALLENGE, XAUTH_LIMIT, offsetof(struct xauth, challenge) },
};

static enum isakmp_error
xauth_field(struct xauth *x, size_t row, const struct attr *a, int binary)
{
	uint8_t flags = xauth_fields[row].flags;
	struct xauth_field *f;
	size_t len = a->len;

	f = (struct xauth_field *)((char *)x + xauth_fields[row].offset);
	if (a->is_tv)
		return ISAKMP_E_ATTR_FORM;
	if (f->p != NULL)
		return ISAKMP_E_ATTR_REPEATED;
	if (binary && !(flags & XAUTH_NO_NUL))
		flags &= (uint8_t)~XAUTH_STRIP_NUL;
	if ((flags & XAUTH_STRIP_NUL) && len != 0 && a->data[len - 1] == 0)
		len--;
	if ((flags & XAUTH_LIMIT) && len > XAUTH_CAP)
		return ISAKMP_E_CREDENTIAL;
	if ((flags & XAUTH_NO_NUL) && memchr(a->data, 0, len) != NULL)
		return ISAKMP_E_NAME_NUL;
	f->p = a->data;
	f->len = len;
	return ISAKMP_OK;
}

/* TYPE or STATUS: a TV; STATUS is an empty TLV in strongSwan's ACK. */
static enum isakmp_error
xauth_number(const struct attr *a, uint8_t *has, uint16_t *value)
{
	if (*has)
		return ISAKMP_E_ATTR_REPEATED;
	if (!a->is_tv)
		return a->len == 0 ? ISAKMP_OK : ISAKMP_E_ATTR_FORM;
	*has = 1;
	*value = a->value;
	return ISAKMP_OK;
}

static enum isakmp_error
xauth_attr(struct xauth *x, const struct attr *a, int binary)
{
	size_t i;

	if (a->type == XAUTH_TYPE)
		return xauth_number(a, &x->has_type, &x->type);
	if (a->type == XAUTH_STATUS)
		return xauth_number(a, &x->has_status, &x->status);
	for (i = 0; i < sizeof(xauth_fields) / sizeof(*xauth_fields); i++) {
		if (xauth_fields[i].number == a->type)
			return xauth_field(x, i, a, binary);
	}
	return ISAKMP_OK;
}

enum isakmp_error
xauth_parse(const struct cfg_msg *m, struct xauth *x, int binary)
{
	enum isakmp_error e;
	size_t i;

	memset(x, 0, sizeof(*x));
	for (i = 0; i < m->n; i++) {
		if ((e = xauth_attr(x, &m->attr[i], binary)) != ISAKMP_OK)
			return e;
	}
	return ISAKMP_OK;
}
