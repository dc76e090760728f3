/*
 * Transaction exchanges as the client has them: XAUTH requests and status
 * (draft-ietf-ipsra-isakmp-xauth-06, draft-beaulieu-ike-xauth-02) and Mode
 * Config pull and push (draft-dukes-ike-mode-cfg-02).
 */
#include <openssl/evp.h>

#include <string.h>

#include "session.h"

#define ATTR_REQUEST 1
#define ATTR_REPLY 2
#define ATTR_SET 3
#define ATTR_ACK 4

#define XAUTH_TYPE 16520
#define XAUTH_NAME 16521
#define XAUTH_PASSWORD 16522
#define XAUTH_PASSCODE 16523
#define XAUTH_MESSAGE 16524
#define XAUTH_CHALLENGE 16525
#define XAUTH_STATUS 16527
#define XAUTH_NEXT_PIN 16528
#define XAUTH_ANSWER 16529
#define IP4_ADDRESS 1

static int
is_xauth(uint16_t type)
{
	return type >= XAUTH_TYPE && type <= XAUTH_ANSWER;
}

/* The one ATTR payload of a Transaction, or NULL. */
static const struct payload *
attr_payload(struct session *s, const struct message *m)
{
	const struct payload *p = wire_find(m->p, m->n, P_ATTR, 0);

	if (m->h.exchange != X_TRANSACTION || !m->authentic)
		(void)wrong(s, "not a Transaction");
	else if (p == NULL || p->len < 4 || m->n != 2)
		(void)wrong(s, "Transaction is not HASH and one ATTR");
	else
		return p;
	return NULL;
}

static enum config_kind
take_set(struct session *s, int status, uint32_t value)
{
	if (!status)
		return C_SET;
	s->status = value == 1;
	return C_XAUTH_STATUS;
}

/*
 * What a Transaction of the gateway is.  Notes its identifier, the XAUTH
 * status and an address that it gives.
 */
enum config_kind
config_take(struct session *s, const struct message *m)
{
	const struct payload *p = attr_payload(s, m);
	int status = 0, xauth = 0, r;
	uint32_t value = 0;
	const uint8_t *at;
	struct attr a;
	size_t left;

	if (p == NULL)
		return C_BAD;
	at = p->body + 4;
	left = p->len - 4;
	while ((r = wire_attr(&at, &left, &a)) == 1) {
		xauth |= is_xauth(a.type);
		if (a.type == XAUTH_STATUS) {
			status = 1;
			value = a.value;
		}
		if (a.type == IP4_ADDRESS && a.len == 4 &&
		    p->body[0] != ATTR_REQUEST) {
			memcpy(s->address, a.p, 4);
			s->has_address = 1;
		}
	}
	if (r == -1) {
		(void)wrong(s, "attributes cut short");
		return C_BAD;
	}
	s->transaction = get16(p->body + 2);
	if (p->body[0] == ATTR_SET)
		return take_set(s, status, value);
	if (p->body[0] == ATTR_REQUEST && xauth)
		return C_XAUTH_REQUEST;
	if (p->body[0] == ATTR_REPLY)
		return C_REPLY;
	(void)wrong(s, "neither XAUTH nor Mode Config");
	return C_BAD;
}

static void
start_attr(struct session *s, struct wire *w, uint32_t msgid, uint8_t type,
    uint16_t id)
{
	session_start(s, w, X_TRANSACTION, msgid);
	wire_open(w, P_ATTR);
	put8(w, type);
	put8(w, 0);
	put16(w, id);
}

/* RFC 2865 5.3: identifier, and MD5 of it, the password and the challenge. */
static void
put_chap(struct session *s, struct wire *w, const struct attr *challenge)
{
	uint8_t in[1 + 256 + 256], out[1 + EVP_MAX_MD_SIZE] = { 7 };
	size_t len = strlen(s->password);

	in[0] = out[0];
	memcpy(in + 1, s->password, len);
	memcpy(in + 1 + len, challenge->p, challenge->len);
	(void)EVP_Digest(
	    in, 1 + len + challenge->len, out + 1, NULL, EVP_md5(), NULL);
	put_tlv(w, XAUTH_PASSWORD, out, 17);
}

static void
answer_one(struct session *s, struct wire *w, const struct attr *a,
    const struct attr *challenge)
{
	switch (a->type) {
	case XAUTH_TYPE:
		put_tv(
		    w, XAUTH_TYPE, challenge != NULL ? (uint16_t)a->value : 0);
		break;
	case XAUTH_NAME:
		put_tlv(w, XAUTH_NAME, s->user, strlen(s->user));
		break;
	case XAUTH_PASSWORD:
		if (challenge != NULL) {
			put_chap(s, w, challenge);
			break;
		}
		/* FALLTHROUGH */
	case XAUTH_PASSCODE:
	case XAUTH_NEXT_PIN:
	case XAUTH_ANSWER:
		put_tlv(w, a->type, s->password, strlen(s->password));
		break;
	default: /* MESSAGE and what we do not know: not answered */
		break;
	}
}

/* The REPLY to an XAUTH REQUEST, with what it asked for. */
int
config_answer(struct session *s, struct wire *w, const struct message *m)
{
	const struct payload *p = attr_payload(s, m);
	const struct attr *challenge = NULL;
	const uint8_t *at;
	struct attr a, c;
	size_t left;

	if (p == NULL)
		return -1;
	at = p->body + 4;
	left = p->len - 4;
	while (challenge == NULL && wire_attr(&at, &left, &c) == 1)
		if (c.type == XAUTH_CHALLENGE && c.len <= 256 && !s->no_chap)
			challenge = &c;
	start_attr(s, w, m->h.msgid, ATTR_REPLY, get16(p->body + 2));
	at = p->body + 4;
	left = p->len - 4;
	while (wire_attr(&at, &left, &a) == 1)
		if (s->user != NULL)
			answer_one(s, w, &a, challenge);
	wire_end(w);
	return 0;
}

/* The ACK of a SET: its attributes, of no length but for STATUS. */
int
config_ack(struct session *s, struct wire *w, const struct message *m)
{
	const struct payload *p = attr_payload(s, m);
	const uint8_t *at;
	struct attr a;
	size_t left;

	if (p == NULL)
		return -1;
	start_attr(s, w, m->h.msgid, ATTR_ACK, get16(p->body + 2));
	at = p->body + 4;
	left = p->len - 4;
	while (wire_attr(&at, &left, &a) == 1)
		if (a.type == XAUTH_STATUS)
			put_tv(w, a.type, (uint16_t)a.value);
		else
			put_tlv(w, a.type, NULL, 0);
	wire_end(w);
	return 0;
}

/* A Mode Config REQUEST for the attributes listed. */
int
config_request(struct session *s, struct wire *w, const uint16_t *types, int n,
    uint32_t msgid)
{
	static const uint8_t any[4];
	const uint8_t *wish = s->set->wish;
	int i;

	start_attr(s, w, msgid, ATTR_REQUEST, 20);
	for (i = 0; i < n; i++)
		if (types[i] == 1 && memcmp(wish, any, sizeof(any)) != 0)
			put_tlv(w, types[i], wish, sizeof(any));
		else
			put_tlv(w, types[i], NULL, 0);
	wire_end(w);
	return 0;
}
