/*
 * Identities (RFC 2407 4.6.2): phase 1 names and addresses, phase 2 selectors.
 * Bytes to struct and back, to networks and ranges, to text.  No state, no
 * policy; called by phase 1 and Quick Mode.
 */
#include <string.h>

#include "common/str.h"
#include "ikerd/ike/ident.h"
#include "ikerd/ike/wire.h"

#define UDP 17

enum form {
	FORM_NOTHING, /* hybrid: the name is hidden */
	FORM_NAME,
	FORM_DN,
	FORM_ADDR,
	FORM_SUBNET,
	FORM_RANGE
};

static const struct ident_row {
	uint8_t type;
	uint8_t form;
	uint8_t family; /* enum addr_family, of the address forms */
	size_t min;
	size_t max;
	const char *name;
} rows[] = {
	{ ID_NONE, FORM_NOTHING, 0, 0, 0, "NONE" },
	{ ID_IPV4_ADDR, FORM_ADDR, ADDR_IP4, 4, 4, "IPV4_ADDR" },
	{ ID_FQDN, FORM_NAME, 0, 1, IDENT_NAME_MAX, "FQDN" },
	{ ID_USER_FQDN, FORM_NAME, 0, 1, IDENT_NAME_MAX, "USER_FQDN" },
	{ ID_IPV4_ADDR_SUBNET, FORM_SUBNET, ADDR_IP4, 8, 8,
	    "IPV4_ADDR_SUBNET" },
	{ ID_IPV6_ADDR, FORM_ADDR, ADDR_IP6, 16, 16, "IPV6_ADDR" },
	{ ID_IPV6_ADDR_SUBNET, FORM_SUBNET, ADDR_IP6, 32, 32,
	    "IPV6_ADDR_SUBNET" },
	{ ID_IPV4_ADDR_RANGE, FORM_RANGE, ADDR_IP4, 8, 8, "IPV4_ADDR_RANGE" },
	{ ID_IPV6_ADDR_RANGE, FORM_RANGE, ADDR_IP6, 32, 32, "IPV6_ADDR_RANGE" },
	{ ID_DER_ASN1_DN, FORM_DN, 0, 1, IDENT_DN_MAX, "DER_ASN1_DN" },
	{ ID_DER_ASN1_GN, FORM_DN, 0, 1, IDENT_DN_MAX, "DER_ASN1_GN" },
	{ ID_KEY_ID, FORM_NAME, 0, 1, IDENT_NAME_MAX, "KEY_ID" },
};

static const struct ident_row *
row_for(unsigned int type)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].type == type)
			return &rows[i];
	}
	return NULL;
}

enum isakmp_error
ident_parse(const uint8_t *body, size_t len, struct ident *id)
{
	const struct ident_row *row;

	if (len < 4)
		return ISAKMP_E_BODY_SHORT;
	id->type = body[0];
	id->protocol = body[1];
	id->port = wire_u16(body + 2);
	id->data = body + 4;
	id->len = len - 4;
	if ((row = row_for(id->type)) == NULL)
		return ISAKMP_E_ID_TYPE;
	if (id->len < row->min || id->len > row->max)
		return ISAKMP_E_ID_LENGTH;
	return ISAKMP_OK;
}

enum isakmp_error
ident_check_phase1(const struct ident *id)
{
	const struct ident_row *row = row_for(id->type);

	if (row == NULL || row->form == FORM_SUBNET || row->form == FORM_RANGE)
		return ISAKMP_E_ID_TYPE;
	if (id->protocol != 0 && id->protocol != UDP)
		return ISAKMP_E_PROTOCOL;
	return ISAKMP_OK;
}

int
ident_is_name(const struct ident *id)
{
	const struct ident_row *row = row_for(id->type);

	return row != NULL && row->form == FORM_NAME;
}

int
ident_equal(const struct ident *a, const struct ident *b)
{
	return a->type == b->type && a->protocol == b->protocol &&
	    a->port == b->port && a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

const char *
ident_type_name(unsigned int type)
{
	const struct ident_row *row = row_for(type);

	return row != NULL ? row->name : "unknown";
}

static struct addr
take_addr(uint8_t family, const uint8_t *p)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.family = family;
	memcpy(a.b, p, addr_len(&a));
	return a;
}

/* Bits of a contiguous mask, or -1. */
static int
mask_bits(const uint8_t *mask, size_t len)
{
	size_t i;
	int bits = 0;

	while (bits < (int)len * 8 && (mask[bits / 8] & 0x80 >> bits % 8))
		bits++;
	for (i = (size_t)bits; i < len * 8; i++) {
		if (mask[i / 8] & 0x80 >> i % 8)
			return -1;
	}
	return bits;
}

/* First and last address of the network of a with a prefix of bits. */
static void
network_ends(
    const struct addr *a, int bits, struct addr *first, struct addr *last)
{
	int i, n = (int)addr_len(a) * 8;

	*first = *last = *a;
	for (i = bits; i < n; i++) {
		first->b[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
		last->b[i / 8] |= (uint8_t)(0x80 >> i % 8);
	}
}

enum isakmp_error
ident_range(const struct ident *id, struct addr *first, struct addr *last)
{
	const struct ident_row *row = row_for(id->type);
	struct addr a;
	int bits;

	if (row == NULL || row->family == ADDR_NONE)
		return ISAKMP_E_ID_TYPE;
	if (id->len < row->min || id->len > row->max)
		return ISAKMP_E_ID_LENGTH;
	a = take_addr(row->family, id->data);
	*first = *last = a;
	if (row->form == FORM_ADDR)
		return ISAKMP_OK;
	if (row->form == FORM_RANGE) {
		*last = take_addr(row->family, id->data + addr_len(&a));
		return addr_cmp(first, last) > 0 ? ISAKMP_E_ID_RANGE :
						   ISAKMP_OK;
	}
	bits = mask_bits(id->data + addr_len(&a), addr_len(&a));
	if (bits == -1)
		return ISAKMP_E_ID_MASK;
	network_ends(&a, bits, first, last);
	return ISAKMP_OK;
}

enum isakmp_error
ident_network(const struct ident *id, struct network *net)
{
	struct addr first, last, f, l;
	enum isakmp_error e;
	int bits, n;

	if ((e = ident_range(id, &first, &last)) != ISAKMP_OK)
		return e;
	n = (int)addr_len(&first) * 8;
	/* leading bits the two ends share */
	for (bits = 0; bits < n; bits++) {
		if ((first.b[bits / 8] ^ last.b[bits / 8]) & 0x80 >> bits % 8)
			break;
	}
	network_ends(&first, bits, &f, &l);
	if (!addr_equal(&f, &first) || !addr_equal(&l, &last))
		return ISAKMP_E_ID_NOT_NETWORK;
	memset(net, 0, sizeof(*net));
	net->addr = first;
	net->prefix = (uint8_t)bits;
	return ISAKMP_OK;
}

/* Addresses: one network when it is one, otherwise both ends. */
static size_t
text_addrs(const struct ident *id, char *buf, size_t size)
{
	char one[ADDR_STRLEN], two[ADDR_STRLEN];
	struct addr first, last;
	struct network net;
	enum isakmp_error e;

	if ((e = ident_range(id, &first, &last)) != ISAKMP_OK)
		return str_append(buf, size, 0, "%s (%s)",
		    ident_type_name(id->type), isakmp_error_text(e));
	if (ident_network(id, &net) == ISAKMP_OK)
		return str_append(buf, size, 0, "%s", network_text(&net, one));
	return str_append(buf, size, 0, "%s-%s", addr_text(&first, one),
	    addr_text(&last, two));
}

/* Printed as it is when no reader could take it for more than one word. */
static int
is_plain(const struct ident *id)
{
	size_t i;

	for (i = 0; i < id->len; i++) {
		if (id->data[i] <= 0x20 || id->data[i] >= 0x7f ||
		    id->data[i] == '"' || id->data[i] == '\\')
			return 0;
	}
	return 1;
}

static size_t
text_name(const struct ident *id, char *buf, size_t size)
{
	const char *quote = is_plain(id) ? "" : "\"";
	char name[IDENT_NAME_MAX + 1];

	str_printable(name, sizeof(name), id->data, id->len);
	return str_append(buf, size, 0, "%s %s%s%s", ident_type_name(id->type),
	    quote, name, quote);
}

const char *
ident_text(const struct ident *id, char *buf, size_t size)
{
	const struct ident_row *row = row_for(id->type);
	size_t at;

	if (size != 0)
		buf[0] = '\0';
	if (row == NULL)
		at = str_append(buf, size, 0, "ID type %u", id->type);
	else if (row->form == FORM_NAME)
		at = text_name(id, buf, size);
	else if (row->family != ADDR_NONE)
		at = text_addrs(id, buf, size);
	else
		at = str_append(
		    buf, size, 0, "%s %zu octets", row->name, id->len);
	/* 17/500 is phase 1's own port and says nothing */
	if ((id->protocol != 0 || id->port != 0) &&
	    !(id->protocol == UDP && id->port == 500))
		str_append(buf, size, at, " protocol %u port %u", id->protocol,
		    id->port);
	return buf;
}

void
ident_put(struct isakmp_buf *ib, const struct ident *id)
{
	ib_payload_begin(ib, PAYLOAD_ID);
	ib_u8(ib, id->type);
	ib_u8(ib, id->protocol);
	ib_u16(ib, id->port);
	ib_put(ib, id->data, id->len);
	ib_payload_end(ib);
}

void
ident_from_addr(
    struct ident *id, const struct addr *a, uint8_t storage[IDENT_BODY_LEN])
{
	memset(id, 0, sizeof(*id));
	id->type = a->family == ADDR_IP6 ? ID_IPV6_ADDR : ID_IPV4_ADDR;
	id->len = a->family == ADDR_IP6 ? 16 : 4;
	memcpy(storage, a->b, id->len);
	id->data = storage;
}

void
ident_from_network(struct ident *id, const struct network *net,
    uint8_t storage[IDENT_BODY_LEN])
{
	size_t i, n = net->addr.family == ADDR_IP6 ? 16 : 4;

	memset(id, 0, sizeof(*id));
	id->type = n == 16 ? ID_IPV6_ADDR_SUBNET : ID_IPV4_ADDR_SUBNET;
	id->len = 2 * n;
	memcpy(storage, net->addr.b, n);
	memset(storage + n, 0, n);
	for (i = 0; i < net->prefix && i < n * 8; i++)
		storage[n + i / 8] |= (uint8_t)(0x80 >> i % 8);
	id->data = storage;
}
