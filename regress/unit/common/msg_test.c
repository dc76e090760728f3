/*
 * The message table: for every type, sender and receiver the check agrees
 * with it, and each field's bound is kept.
 */
#include "common/msg.h"
#include "regress/unit/test.h"

#define PAYLOAD_MAX 16384

/* A payload that is right: zero, but for ranges that begin higher. */
static void
good_payload(uint32_t type, uint8_t *p)
{
	const struct msg_field *f;

	memset(p, 0, PAYLOAD_MAX);
	for (f = msg_desc(type)->fields(); f->name != NULL; f++) {
		if (f->kind == FIELD_RANGE)
			p[f->offset] = f->low;
	}
}

/* As its own sender and receiver, whoever they are. */
static const char *
check(uint32_t type, const void *p, size_t len, int fd)
{
	const struct msg_desc *d = msg_desc(type);
	int from = 0, to = 0;

	while (!(d->from & PROC_BIT(from)))
		from++;
	while (!(d->to & PROC_BIT(to)))
		to++;
	return msg_check(from, to, type, p, len, fd);
}

TEST(who_may_send_what_to_whom)
{
	static uint8_t p[PAYLOAD_MAX];
	const struct msg_desc *d;
	unsigned int type, from, to;
	int may;

	for (type = 1; type < MSG_COUNT; type++) {
		d = msg_desc(type);
		good_payload(type, p);
		for (from = 0; from < PROC_COUNT; from++) {
			for (to = 0; to < PROC_COUNT; to++) {
				may = (d->from & PROC_BIT(from)) != 0 &&
				    (d->to & PROC_BIT(to)) != 0;
				CHECK((msg_check(from, to, type, p, d->size,
					   d->has_fd) == NULL) == may);
			}
		}
	}
}

TEST(no_such_type)
{
	static uint8_t p[PAYLOAD_MAX];

	CHECK_STR(msg_check(PROC_PARENT, PROC_IKE, MSG_NONE, p, 0, 0),
	    "unknown type");
	CHECK_STR(msg_check(PROC_PARENT, PROC_IKE, MSG_COUNT, p, 0, 0),
	    "unknown type");
	CHECK_STR(msg_check(PROC_PARENT, PROC_IKE, UINT32_MAX, p, 0, 0),
	    "unknown type");
	CHECK(msg_desc(MSG_NONE) == NULL);
	CHECK(msg_desc(MSG_COUNT) == NULL);
}

TEST(length_and_descriptor)
{
	static uint8_t p[PAYLOAD_MAX];
	const struct msg_desc *d;
	unsigned int type;

	for (type = 1; type < MSG_COUNT; type++) {
		d = msg_desc(type);
		good_payload(type, p);
		CHECK(check(type, p, d->size, d->has_fd) == NULL);
		CHECK(check(type, p, d->size - 1U, d->has_fd) != NULL);
		CHECK(check(type, p, d->size + 1U, d->has_fd) != NULL);
		CHECK(check(type, p, 0, d->has_fd) != NULL);
		CHECK(check(type, p, d->size, !d->has_fd) != NULL);
	}
}

/* One field at its bound is taken, one step further it is refused. */
static void
check_bound(uint32_t type, const struct msg_field *f, uint8_t *p)
{
	const struct msg_desc *d = msg_desc(type);
	struct network net;
	struct addr addr;
	uint16_t len;

#define GOOD() CHECK(check(type, p, d->size, d->has_fd) == NULL)
#define BAD() CHECK(check(type, p, d->size, d->has_fd) != NULL)
	switch (f->kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
		memset(p + f->offset, 0xff, 1);
		GOOD();
		break;
	case FIELD_RANGE:
		p[f->offset] = f->high;
		GOOD();
		p[f->offset] = (uint8_t)(f->high + 1);
		BAD();
		if (f->low > 0) {
			p[f->offset] = (uint8_t)(f->low - 1);
			BAD();
		}
		break;
	case FIELD_STR:
		memset(p + f->offset, 'x', f->size - 1U);
		GOOD();
		p[f->offset + f->size - 1] = 'x';
		BAD();
		break;
	case FIELD_BYTES:
	case FIELD_SECRET:
		len = f->size;
		memcpy(p + f->offset, &len, sizeof(len));
		GOOD();
		len++;
		memcpy(p + f->offset, &len, sizeof(len));
		BAD();
		break;
	case FIELD_ADDR:
	case FIELD_ENDPOINT: /* begins with its address */
		addr = addr_ip4(0x0a000001);
		memcpy(p + f->offset, &addr, sizeof(addr));
		GOOD();
		addr.b[4] = 1;
		memcpy(p + f->offset, &addr, sizeof(addr));
		BAD();
		addr.family = 5;
		memcpy(p + f->offset, &addr, sizeof(addr));
		BAD();
		break;
	case FIELD_NET:
		memset(&net, 0, sizeof(net));
		net.addr = addr_ip4(0x0a000000);
		net.prefix = 32;
		memcpy(p + f->offset, &net, sizeof(net));
		GOOD();
		net.prefix = 33;
		memcpy(p + f->offset, &net, sizeof(net));
		BAD();
		net.addr.family = ADDR_IP6;
		net.prefix = 128;
		memcpy(p + f->offset, &net, sizeof(net));
		GOOD();
		net.prefix = 129;
		memcpy(p + f->offset, &net, sizeof(net));
		BAD();
		break;
	case FIELD_ADDRS:
	case FIELD_NETS:
		len = 1;
		memcpy(p + f->offset, &len, sizeof(len));
		BAD(); /* none is there */
		memset(&net, 0, sizeof(net));
		net.addr = addr_ip4(0x0a000000);
		net.prefix = 32;
		memcpy(p + f->offset + sizeof(len), &net,
		    f->kind == FIELD_NETS ? sizeof(net) : sizeof(net.addr));
		GOOD();
		net.addr.b[4] = 1;
		memcpy(
		    p + f->offset + sizeof(len), &net.addr, sizeof(net.addr));
		BAD();
		len = (uint16_t)(f->size + 1U);
		memcpy(p + f->offset, &len, sizeof(len));
		BAD();
		break;
	}
}

TEST(every_field_has_its_bound)
{
	static uint8_t p[PAYLOAD_MAX];
	const struct msg_field *f;
	unsigned int type;

	for (type = 1; type < MSG_COUNT; type++) {
		for (f = msg_desc(type)->fields(); f->name != NULL; f++) {
			good_payload(type, p);
			check_bound(type, f, p);
		}
	}
}

/* What must hold whatever is added to the table. */
TEST(rules_of_the_house)
{
	const struct msg_desc *d;
	const struct msg_field *f;
	unsigned int type;

	for (type = 1; type < MSG_COUNT; type++) {
		d = msg_desc(type);
		CHECK(d->from != 0 && d->to != 0);
		/* imsg's largest message, less its header */
		CHECK(d->size > 0 && d->size <= 16384 - 16);
		for (f = d->fields(); f->name != NULL; f++) {
			if (f->kind != FIELD_SECRET)
				continue;
			/* to the parent and to ikerctl goes no secret */
			CHECK((d->to &
				  (PROC_BIT(PROC_PARENT) |
				      PROC_BIT(PROC_CTL))) == 0);
			CHECK((d->to &
				  (PROC_BIT(PROC_POOLD) |
				      PROC_BIT(PROC_FILTER))) == 0);
		}
	}
	/* group keys: from the parent to crypto alone */
	CHECK_INT(msg_desc(MSG_CONF_KEY)->to, PROC_BIT(PROC_CRYPTO));
	CHECK_INT(msg_desc(MSG_CONF_KEY)->from, PROC_BIT(PROC_PARENT));
}

TESTS(T(who_may_send_what_to_whom), T(no_such_type), T(length_and_descriptor),
    T(every_field_has_its_bound), T(rules_of_the_house))
