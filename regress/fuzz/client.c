/*
 * See client.h.  Messages are written with ike's own writer and keyed by its
 * own arithmetic, which have tests of their own.
 */
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/attr.h"
#include "ikerd/ike/cipher.h"
#include "ikerd/ike/ident.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/input.h"
#include "ikerd/ike/keymat.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/offer.h"
#include "ikerd/ike/quick_pair.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/tunnel.h"
#include "ikerd/ike/wire.h"
#include "regress/fuzz/client.h"
#include "regress/fuzz/world.h"

#define KIND_B 0x01 /* of the group without login, with PFS */
#define KIND_DES 0x02
#define KIND_NATT 0x04
#define KIND_CONTACT 0x08
#define KIND_STRANGER 0x10 /* its group is not configured */
#define KIND_CLEAR 0x20	   /* no Unity */
#define KIND_NARROW 0x40   /* asks for one host, not for 0/0 */
#define KIND_MAIN 0x80	   /* Main Mode, B then only for the algorithms */

#define FILL_KE 0x66
#define FILL_NONCE 0x77
#define NONCE_LEN 20

struct tamper client_tamper;
uint8_t client_sent[65536];
size_t client_sent_len;

static uint8_t out[65536];

static void
apply(uint8_t *p, size_t len, uint16_t at, uint8_t *by)
{
	if (*by != 0 && len > 0)
		p[at % len] ^= *by;
	*by = 0;
}

void
client_init(struct client *c, unsigned int number, uint8_t kind)
{
	memset(c, 0, sizeof(*c));
	memset(c->cky_i, (int)(0xc0 + number), sizeof(c->cky_i));
	c->at.addr = addr_ip4(0xc0a80102 + number % 2);
	c->at.port = (uint16_t)(number < 2 ? 500 : 30000 + number);
	c->natt = number >= 2;
	c->kind = kind;
	c->msgid = 1;
}

static struct session *
session_of(const struct client *c)
{
	struct table_link *next;
	struct session *s;
	struct ike_sa *sa;
	size_t slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL) {
		sa = LIST_FIRST(&s->sas);
		if (sa != NULL &&
		    memcmp(sa->cky_i, c->cky_i, sizeof(c->cky_i)) == 0)
			return s;
	}
	return NULL;
}

struct ike_sa *
client_sa(const struct client *c)
{
	struct session *s = session_of(c);

	return s == NULL ? NULL : LIST_FIRST(&s->sas);
}

uint64_t
client_session(const struct client *c)
{
	struct session *s = session_of(c);

	return s == NULL ? 0 : s->id;
}

struct cut client_cut;

/* One piece of client_sent, under its header. */
static void
send_piece(struct client *c, const struct cut *cut, uint8_t number, size_t at,
    size_t len)
{
	static uint8_t buf[65536];
	struct isakmp_hdr hdr;
	struct isakmp_buf ib;

	if (isakmp_parse_header(client_sent, client_sent_len, &hdr) !=
	    ISAKMP_OK)
		return;
	ib_init(&ib, buf, sizeof(buf), &hdr);
	ib_fragment(&ib, cut->id, number, at + len == client_sent_len,
	    client_sent + at, len);
	if ((len = ib_finish(&ib)) != 0)
		input(world_socket(c->natt), &c->at, buf, len);
}

/* The last datagram in pieces: all but one of them, that one at the end. */
static void
send_pieces(struct client *c)
{
	struct cut cut = client_cut;
	size_t size = 1 + cut.size, n = (client_sent_len + size - 1) / size, i;
	size_t at, len;

	memset(&client_cut, 0, sizeof(client_cut));
	for (i = 0; i <= n && i < 256; i++) {
		at = (i < n ? i : (size_t)cut.late - 1) * size;
		if (at >= client_sent_len || (i < n && i + 1 == cut.late))
			continue;
		len = client_sent_len - at < size ? client_sent_len - at : size;
		send_piece(c, &cut, (uint8_t)(at / size + 1), at, len);
	}
}

void
client_datagram(struct client *c, const uint8_t *buf, size_t len)
{
	static uint8_t copy[65536];

	if (len > sizeof(copy))
		return;
	if (buf != client_sent)
		memcpy(client_sent, buf, len);
	client_sent_len = len;
	apply(client_sent, len, client_tamper.after_at, &client_tamper.after);
	if (client_cut.size != 0) {
		send_pieces(c);
		return;
	}
	memcpy(copy, client_sent, len);
	input(world_socket(c->natt), &c->at, copy, len);
}

static void
begin(const struct client *c, const struct ike_sa *sa, struct isakmp_buf *ib,
    uint8_t exchange, uint32_t msgid)
{
	struct isakmp_hdr hdr;

	memset(&hdr, 0, sizeof(hdr));
	memcpy(hdr.cky_i, c->cky_i, sizeof(hdr.cky_i));
	if (sa != NULL)
		memcpy(hdr.cky_r, sa->cky_r, sizeof(hdr.cky_r));
	hdr.version = ISAKMP_VERSION;
	hdr.exchange = exchange;
	hdr.msgid = msgid;
	if (sa != NULL)
		hdr.flags = ISAKMP_FLAG_E;
	ib_init(ib, out, sizeof(out), &hdr);
}

/* --- phase 1 --- */

static const struct ike_group *
group_of(const struct client *c)
{
	return ike_group_by_number(
	    c->kind & KIND_DES ? IKE_GROUP_MODP768 : IKE_GROUP_MODP2048);
}

static void
put_transform(const struct client *c, struct isakmp_buf *ib)
{
	struct ike_transform t;

	memset(&t, 0, sizeof(t));
	t.proposal = t.number = 1;
	t.enc = c->kind & KIND_DES ? IKE_ENC_DES : IKE_ENC_AES;
	t.keylen = c->kind & KIND_DES ? 0 : 128;
	t.hash = c->kind & KIND_DES ? IKE_HASH_MD5 : IKE_HASH_SHA;
	t.auth = c->kind & KIND_B ? IKE_AUTH_PSK : IKE_AUTH_XAUTH_INIT_PSK;
	t.group = group_of(c)->number;
	t.life.seconds = 3600;
	ike_offer_put(ib, &t, 1);
}

/* Keep of message 1 what the hashes cover. */
static void
remember(struct client *c, const uint8_t *buf, size_t len)
{
	static struct isakmp_msg msg;
	const struct isakmp_payload *p;

	c->sai_len = c->idii_len = 0;
	if (len < ISAKMP_HDR_LEN ||
	    isakmp_parse_payloads(buf[16], buf + ISAKMP_HDR_LEN,
		len - ISAKMP_HDR_LEN, &msg) != ISAKMP_OK)
		return;
	p = isakmp_find(&msg, PAYLOAD_SA, 0);
	if (p != NULL && p->len <= sizeof(c->sai))
		memcpy(c->sai, p->body, c->sai_len = p->len);
	p = isakmp_find(&msg, PAYLOAD_ID, 0);
	if (p != NULL && p->len <= sizeof(c->idii))
		memcpy(c->idii, p->body, c->idii_len = p->len);
}

static void
put_vendors(const struct client *c, struct isakmp_buf *ib)
{
	vendor_put(ib, VENDOR_XAUTH);
	vendor_put(ib, VENDOR_DPD);
	vendor_put(ib, VENDOR_FRAGMENTATION);
	if (!(c->kind & KIND_CLEAR))
		vendor_put(ib, VENDOR_UNITY);
	if (c->kind & KIND_NATT)
		vendor_put(ib, VENDOR_NATT_RFC3947);
}

/* End a message in clear and send it. */
static void
send_clear(struct client *c, struct isakmp_buf *ib)
{
	size_t len = ib_finish(ib);

	if (len == 0)
		return;
	apply(out + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN,
	    client_tamper.before_at, &client_tamper.before);
	client_datagram(c, out, len);
}

static void
send_main_first(struct client *c)
{
	struct isakmp_buf ib;

	begin(c, NULL, &ib, EXCHANGE_MAIN, 0);
	put_transform(c, &ib);
	put_vendors(c, &ib);
	send_clear(c, &ib);
	remember(c, client_sent, client_sent_len);
}

static void
send_main_third(struct client *c, const struct ike_sa *sa, uint8_t choice)
{
	uint8_t ke[ALG_PUBLIC_MAX], nonce[NONCE_LEN], natd[ALG_HASH_MAX];
	struct isakmp_buf ib;

	memset(ke, FILL_KE, sizeof(ke));
	memset(nonce, FILL_NONCE, sizeof(nonce));
	memset(natd, choice, sizeof(natd)); /* do not fit: both behind NAT */
	begin(c, sa, &ib, EXCHANGE_MAIN, 0);
	out[19] = 0;
	ib_payload(&ib, PAYLOAD_KE, ke, sa->group->publiclen);
	ib_payload(&ib, PAYLOAD_NONCE, nonce, sizeof(nonce));
	if (c->kind & KIND_NATT) {
		ib_payload(&ib, PAYLOAD_NATD, natd, sa->hash->len);
		ib_payload(&ib, PAYLOAD_NATD, natd, sa->hash->len);
	}
	send_clear(c, &ib);
}

static void
send_first(struct client *c)
{
	uint8_t ke[ALG_PUBLIC_MAX], nonce[NONCE_LEN];
	struct isakmp_buf ib;
	struct ident id;

	memset(ke, FILL_KE, sizeof(ke));
	memset(nonce, FILL_NONCE, sizeof(nonce));
	begin(c, NULL, &ib, EXCHANGE_AGGRESSIVE, 0);
	put_transform(c, &ib);
	ib_payload(&ib, PAYLOAD_KE, ke, group_of(c)->publiclen);
	ib_payload(&ib, PAYLOAD_NONCE, nonce, sizeof(nonce));
	memset(&id, 0, sizeof(id));
	id.type = ID_KEY_ID;
	id.data = (const uint8_t *)(c->kind & KIND_STRANGER ? "x" :
		c->kind & KIND_B			    ? "b" :
							      "a");
	id.len = 1;
	ident_put(&ib, &id);
	put_vendors(c, &ib);
	send_clear(c, &ib);
	remember(c, client_sent, client_sent_len);
}

static int
hash_i(const struct client *c, const struct ike_sa *sa, uint8_t *out_hash,
    uint8_t *iv)
{
	uint8_t skeyid[ALG_HASH_MAX], gxi[ALG_PUBLIC_MAX], gxr[ALG_PUBLIC_MAX];
	struct keymat_auth in;

	memset(skeyid, FILL_SKEYID, sizeof(skeyid));
	memset(gxi, FILL_KE, sizeof(gxi));
	memset(gxr, FILL_PUBLIC, sizeof(gxr));
	memset(&in, 0, sizeof(in));
	in.skeyid = skeyid;
	in.gxi = gxi;
	in.gxr = gxr;
	in.gxlen = sa->group->publiclen;
	memcpy(in.cky_i, sa->cky_i, sizeof(in.cky_i));
	memcpy(in.cky_r, sa->cky_r, sizeof(in.cky_r));
	in.sai = c->sai;
	in.sailen = c->sai_len;
	in.id = c->idii;
	in.idlen = c->idii_len;
	if (keymat_hash_i(sa->hash, &in, out_hash) == -1)
		return -1;
	return keymat_iv1(sa->hash, sa->cipher, gxi, gxr, in.gxlen, iv);
}

/* Encrypt what is in ib and send it; iv becomes the last block. */
static void
seal(struct client *c, const struct ike_sa *sa, struct isakmp_buf *ib,
    uint8_t *iv)
{
	size_t len;

	ib_pad(ib, sa->cipher->blocklen);
	len = ib_finish(ib);
	if (len <= ISAKMP_HDR_LEN ||
	    cipher_encrypt(sa->cipher, sa->keys->cipher, iv,
		out + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, iv) == -1)
		return;
	client_datagram(c, out, len);
}

static void
send_third(struct client *c, struct ike_sa *sa, uint8_t choice)
{
	uint8_t hash[ALG_HASH_MAX], iv[ALG_BLOCK_MAX], natd[ALG_HASH_MAX];
	struct isakmp_buf ib;

	if (hash_i(c, sa, hash, iv) == -1)
		return;
	begin(c, sa, &ib, EXCHANGE_AGGRESSIVE, 0);
	ib_payload(&ib, PAYLOAD_HASH, hash, sa->hash->len);
	if (c->kind & KIND_NATT) { /* that do not fit: both behind NAT */
		memset(natd, choice, sizeof(natd));
		ib_payload(&ib, PAYLOAD_NATD, natd, sa->hash->len);
		ib_payload(&ib, PAYLOAD_NATD, natd, sa->hash->len);
	}
	if (c->kind & KIND_CONTACT)
		ib_notify(&ib, PROTO_ISAKMP, NOTIFY_INITIAL_CONTACT, NULL, 0,
		    NULL, 0);
	if (!(choice & 0x80)) {
		seal(c, sa, &ib, iv);
		return;
	}
	out[19] = 0; /* RFC 2409 5.4: it may come in clear */
	client_datagram(c, out, ib_finish(&ib));
}

static void
send_main_fifth(struct client *c, struct ike_sa *sa)
{
	uint8_t hash[ALG_HASH_MAX], iv[ALG_BLOCK_MAX];
	uint8_t storage[IDENT_BODY_LEN];
	struct isakmp_buf ib;
	struct ident id;

	ident_from_addr(&id, &c->at.addr, storage);
	c->idii[0] = id.type;
	memset(c->idii + 1, 0, 3);
	memcpy(c->idii + 4, id.data, id.len);
	c->idii_len = 4 + id.len;
	if (hash_i(c, sa, hash, iv) == -1)
		return;
	begin(c, sa, &ib, EXCHANGE_MAIN, 0);
	ident_put(&ib, &id);
	ib_payload(&ib, PAYLOAD_HASH, hash, sa->hash->len);
	if (c->kind & KIND_CONTACT)
		ib_notify(&ib, PROTO_ISAKMP, NOTIFY_INITIAL_CONTACT, NULL, 0,
		    NULL, 0);
	seal(c, sa, &ib, iv);
}

/* --- after it --- */

static struct exchange *
open_exchange(struct ike_sa *sa)
{
	struct exchange *ex;

	LIST_FOREACH(ex, &sa->exchanges, entry) {
		if (ex->ours && !ex->over)
			return ex;
	}
	return NULL;
}

/* The IV that ike will decrypt the next message of this id with. */
static int
next_iv(struct ike_sa *sa, uint32_t msgid, uint8_t *iv)
{
	struct exchange *ex = exchange_find(sa, msgid);

	if (ex == NULL)
		return keymat_iv2(
		    sa->hash, sa->cipher, sa->keys->last_block, msgid, iv);
	memcpy(iv, ex->iv, ALG_BLOCK_MAX);
	return 0;
}

/* HASH(1), or what fill is when that is not NULL, then encryption. */
static void
finish(struct client *c, struct ike_sa *sa, struct isakmp_buf *ib,
    uint32_t msgid, const uint8_t *fill)
{
	uint8_t iv[ALG_BLOCK_MAX], *hash = ib_hash_body(ib);
	const uint8_t *rest;
	size_t len;

	rest = ib_after_hash(ib, &len);
	if (hash == NULL || next_iv(sa, msgid, iv) == -1)
		return;
	apply(out + (rest - out), len, client_tamper.before_at,
	    &client_tamper.before);
	if (fill != NULL)
		memcpy(hash, fill, sa->hash->len);
	else if (keymat_hash1(sa->hash, sa->keys->skeyid_a, msgid, rest, len,
		     hash) == -1)
		return;
	seal(c, sa, ib, iv);
	memcpy(c->qm_iv, iv, sizeof(c->qm_iv));
}

static void
send_xauth(struct client *c, struct ike_sa *sa, uint8_t choice)
{
	struct exchange *ex = open_exchange(sa);
	struct isakmp_buf ib;

	if (ex == NULL)
		return;
	begin(c, sa, &ib, EXCHANGE_TRANSACTION, ex->msgid);
	ib_hash(&ib, sa->hash->len);
	cfg_begin(&ib, CFG_REPLY, (uint16_t)sa->session->id);
	attr_put_tv(&ib, XAUTH_TYPE,
	    sa->session->chap != NULL ? XAUTH_TYPE_RADIUS_CHAP :
					XAUTH_TYPE_GENERIC);
	/* in a further round the name is the first one's, or none */
	if (!sa->session->challenged)
		attr_put_tlv(&ib, XAUTH_USER_NAME, "user", choice & 1 ? 4 : 2);
	attr_put_tlv(&ib, choice & 4 ? XAUTH_PASSCODE : XAUTH_USER_PASSWORD,
	    "identifier and MD5", sa->session->chap != NULL ? 17 : 8);
	ib_payload_end(&ib);
	finish(c, sa, &ib, ex->msgid, NULL);
}

static void
send_ack(struct client *c, struct ike_sa *sa)
{
	struct exchange *ex = open_exchange(sa);
	struct isakmp_buf ib;

	if (ex == NULL)
		return;
	begin(c, sa, &ib, EXCHANGE_TRANSACTION, ex->msgid);
	ib_hash(&ib, sa->hash->len);
	cfg_begin(&ib, CFG_ACK, (uint16_t)sa->session->id);
	if (sa->session->state == SESSION_PUSHED)
		attr_put_tlv(&ib, INTERNAL_IP4_ADDRESS, "", 0);
	else
		attr_put_tv(&ib, XAUTH_STATUS, XAUTH_STATUS_OK);
	ib_payload_end(&ib);
	finish(c, sa, &ib, ex->msgid, NULL);
}

static void
send_request(struct client *c, struct ike_sa *sa)
{
	static const uint16_t wanted[] = { INTERNAL_IP4_ADDRESS,
		INTERNAL_IP4_NETMASK, INTERNAL_IP4_DNS, INTERNAL_IP4_NBNS,
		INTERNAL_ADDRESS_EXPIRY, APPLICATION_VERSION, UNITY_BANNER,
		UNITY_SAVE_PASSWD, UNITY_DEFAULT_DOMAIN, UNITY_SPLIT_DNS,
		UNITY_SPLIT_INCLUDE, UNITY_LOCAL_LAN, UNITY_PFS,
		UNITY_BACKUP_SERVERS, SUPPORTED_ATTRIBUTES,
		INTERNAL_IP4_SUBNET };
	struct isakmp_buf ib;
	size_t i;

	begin(c, sa, &ib, EXCHANGE_TRANSACTION, ++c->msgid);
	ib_hash(&ib, sa->hash->len);
	cfg_begin(&ib, CFG_REQUEST, 7);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		attr_put_tlv(&ib, wanted[i], "", 0);
	ib_payload_end(&ib);
	finish(c, sa, &ib, c->msgid, NULL);
}

static void
put_selectors(
    const struct client *c, const struct ike_sa *sa, struct isakmp_buf *ib)
{
	uint8_t storage[IDENT_BODY_LEN];
	struct network net;
	struct ident id;

	net.addr = sa->session->address;
	if (net.addr.family != ADDR_IP4) /* too early: nothing is known */
		net.addr = c->at.addr;
	ident_from_addr(&id, &net.addr, storage);
	ident_put(ib, &id);
	memset(&net, 0, sizeof(net));
	net.addr = addr_ip4(c->kind & KIND_NARROW ? 0x0a590101 : 0);
	net.prefix = c->kind & KIND_NARROW ? 32 : 0;
	ident_from_network(&id, &net, storage);
	ident_put(ib, &id);
}

static void
send_quick_first(struct client *c, struct ike_sa *sa, uint8_t choice)
{
	uint8_t ke[ALG_PUBLIC_MAX], nonce[NONCE_LEN], spi[4];
	struct ipsec_transform t;
	struct isakmp_buf ib;

	memset(ke, FILL_KE, sizeof(ke));
	memset(nonce, FILL_NONCE, sizeof(nonce));
	memset(&t, 0, sizeof(t));
	t.number = 1;
	t.id = 12;
	t.keylen = c->kind & KIND_B ? 256 : 128;
	t.auth = IPSEC_AUTH_HMAC_SHA;
	t.group = c->kind & KIND_B ? IKE_GROUP_MODP1024 : 0;
	t.encap = sa->nat_peer || sa->nat_us ? ENCAP_UDP_TUNNEL : ENCAP_TUNNEL;
	t.life.seconds = choice & 1 ? 86400 : 600;
	begin(c, sa, &ib, EXCHANGE_QUICK, ++c->msgid);
	ib_hash(&ib, sa->hash->len);
	wire_put_u32(spi, 0x1000U + c->cky_i[0] * 256U + c->msgid);
	ipsec_offer_put(&ib, 1, PROTO_ESP, spi, 4, &t, 1);
	ib_payload(&ib, PAYLOAD_NONCE, nonce, sizeof(nonce));
	if (c->kind & KIND_B)
		ib_payload(&ib, PAYLOAD_KE, ke, 128);
	put_selectors(c, sa, &ib);
	finish(c, sa, &ib, c->msgid, NULL);
}

/* Nr of message 2, which ike sent last in this exchange. */
static int
second_nonce(const struct client *c, struct ike_sa *sa, struct exchange *ex,
    uint8_t *nr, size_t *len)
{
	static uint8_t copy[65536];
	static struct isakmp_msg msg;
	const struct isakmp_payload *p;
	uint8_t next[ALG_BLOCK_MAX];

	if (ex->out == NULL)
		return -1;
	memcpy(copy, ex->out, ex->out_len);
	if (cipher_decrypt(sa->cipher, sa->keys->cipher, c->qm_iv,
		copy + ISAKMP_HDR_LEN, ex->out_len - ISAKMP_HDR_LEN,
		next) == -1 ||
	    isakmp_parse_payloads(copy[16], copy + ISAKMP_HDR_LEN,
		ex->out_len - ISAKMP_HDR_LEN, &msg) != ISAKMP_OK ||
	    (p = isakmp_find(&msg, PAYLOAD_NONCE, 0)) == NULL)
		return -1;
	memcpy(nr, p->body, *len = p->len);
	return 0;
}

static void
send_quick_third(struct client *c, struct ike_sa *sa, struct exchange *ex)
{
	uint8_t hash[ALG_HASH_MAX], ni[NONCE_LEN], nr[ISAKMP_NONCE_MAX];
	struct isakmp_buf ib;
	size_t len;

	memset(ni, FILL_NONCE, sizeof(ni));
	if (second_nonce(c, sa, ex, nr, &len) == -1 ||
	    keymat_hash3(sa->hash, sa->keys->skeyid_a, ex->msgid, ni,
		sizeof(ni), nr, len, hash) == -1)
		return;
	begin(c, sa, &ib, EXCHANGE_QUICK, ex->msgid);
	ib_hash(&ib, sa->hash->len);
	finish(c, sa, &ib, ex->msgid, hash);
}

static void
say_login(uint64_t session, uint8_t choice)
{
	struct msg_LOGIN_CHALLENGE challenge;
	struct msg_LOGIN_ACCEPT accept;
	struct msg_LOGIN_REJECT reject;

	switch (choice % 8) {
	case 0:
		memset(&reject, 0, sizeof(reject));
		reject.session = session;
		strlcpy(reject.reason, "wrong", sizeof(reject.reason));
		world_say(MSG_LOGIN_REJECT, &reject, sizeof(reject));
		break;
	case 1:
		memset(&challenge, 0, sizeof(challenge));
		challenge.session = session;
		challenge.kind = choice / 8 % (CHALLENGE_MESSAGE + 1);
		strlcpy(challenge.prompt, "Token?", sizeof(challenge.prompt));
		world_say(MSG_LOGIN_CHALLENGE, &challenge, sizeof(challenge));
		break;
	default:
		memset(&accept, 0, sizeof(accept));
		accept.session = session;
		if (choice & 8) { /* the user's own */
			accept.address = addr_ip4(0x0a59c005);
			accept.netmask = 16;
			accept.sessions = 1;
			accept.dns_n = 1;
			accept.dns[0] = addr_ip4(0x0a590035);
			accept.network_n = 1;
			accept.network[0].addr = addr_ip4(0x0a590100);
			accept.network[0].prefix = 24;
			strlcpy(accept.banner, "Mine.", sizeof(accept.banner));
		}
		world_say(MSG_LOGIN_ACCEPT, &accept, sizeof(accept));
		break;
	}
}

static void
say_lease(const struct client *c, uint64_t session, uint8_t choice)
{
	struct msg_LEASE_GRANT grant;
	struct msg_LEASE_DENY deny;

	if (choice % 8 == 0) {
		memset(&deny, 0, sizeof(deny));
		deny.session = session;
		world_say(MSG_LEASE_DENY, &deny, sizeof(deny));
		return;
	}
	memset(&grant, 0, sizeof(grant));
	grant.session = session;
	grant.address = addr_ip4(0x0a59c000U + (c->cky_i[0] & 0xf) + 1);
	world_say(MSG_LEASE_GRANT, &grant, sizeof(grant));
}

/* HASH(2) over what is in ib, as the answer to ike's own message 1. */
static int
hash_second(struct ike_sa *sa, const struct exchange *ex, struct isakmp_buf *ib,
    uint8_t *hash)
{
	const uint8_t *rest;
	size_t len;

	rest = ib_after_hash(ib, &len);
	return ib_hash_body(ib) == NULL ||
		keymat_hash2(sa->hash, sa->keys->skeyid_a, ex->msgid,
		    ex->quick->ni, ex->quick->ni_len, rest, len, hash) == -1 ?
	    -1 :
	    0;
}

/* ike renews a pair: its offer comes back with an SPI of the client's. */
static void
send_quick_second(
    struct client *c, struct ike_sa *sa, struct exchange *ex, uint8_t choice)
{
	uint8_t nonce[NONCE_LEN], spi[4], ke[ALG_PUBLIC_MAX],
	    hash[ALG_HASH_MAX];
	const struct quick *q = ex->quick;
	struct ipsec_transform t;
	struct isakmp_buf ib;

	memset(&t, 0, sizeof(t));
	memset(nonce, FILL_NONCE, sizeof(nonce));
	memset(ke, FILL_KE, sizeof(ke));
	t.number = 1;
	t.id = q->tunnel->cipher->number;
	t.keylen = q->tunnel->keylen;
	t.auth = IPSEC_AUTH_HMAC_SHA;
	t.group = q->tunnel->pfs != NULL ? q->tunnel->pfs->number : 0;
	t.encap = choice & 1 ? q->tunnel->encap : ENCAP_TRANSPORT;
	t.life.seconds = 600;
	begin(c, sa, &ib, EXCHANGE_QUICK, ex->msgid);
	ib_hash(&ib, sa->hash->len);
	wire_put_u32(spi, 0x2000U + c->cky_i[0] * 256U + ++c->msgid % 256);
	ipsec_offer_put(&ib, 1, PROTO_ESP, spi, 4, &t, 1);
	ib_payload(&ib, PAYLOAD_NONCE, nonce, sizeof(nonce));
	if (q->tunnel->pfs != NULL)
		ib_payload(&ib, PAYLOAD_KE, ke, q->tunnel->pfs->publiclen);
	ib_payload(&ib, PAYLOAD_ID, q->idci, q->idci_len);
	ib_payload(&ib, PAYLOAD_ID, q->idcr, q->idcr_len);
	if (hash_second(sa, ex, &ib, hash) == 0)
		finish(c, sa, &ib, ex->msgid, hash);
}

static void
go_quick(struct client *c, struct ike_sa *sa, uint8_t choice)
{
	struct exchange *ex = exchange_find(sa, c->msgid);
	struct exchange *theirs = open_exchange(sa);

	if (theirs != NULL && theirs->quick != NULL &&
	    !theirs->quick->tunnel->has_in)
		send_quick_second(c, sa, theirs, choice);
	else if (ex != NULL && ex->quick != NULL)
		send_quick_third(c, sa, ex);
	else
		send_quick_first(c, sa, choice);
}

/* The next message of phase 1; 0: it is over. */
static int
go_phase1(struct client *c, struct ike_sa *sa, uint8_t choice)
{
	switch (sa->state) {
	case SA_WAIT_HASH:
		send_third(c, sa, choice);
		return 1;
	case SA_WAIT_KE:
		send_main_third(c, sa, choice);
		return 1;
	case SA_WAIT_ID:
		send_main_fifth(c, sa);
		return 1;
	default:
		return 0;
	}
}

void
client_go(struct client *c, uint8_t choice)
{
	struct ike_sa *sa = client_sa(c);

	if (world_answer_job(choice == 0xff))
		return;
	if (sa == NULL) {
		if (c->kind & KIND_MAIN)
			send_main_first(c);
		else
			send_first(c);
		return;
	}
	if (go_phase1(c, sa, choice))
		return;
	switch (sa->session->state) {
	case SESSION_LATER:
		send_quick_first(c, sa, choice);
		break;
	case SESSION_XAUTH:
		send_xauth(c, sa, choice);
		break;
	case SESSION_LOGIN:
		say_login(sa->session->id, choice);
		break;
	case SESSION_STATUS:
	case SESSION_PUSHED:
		send_ack(c, sa);
		break;
	case SESSION_CONFIG:
		send_request(c, sa);
		break;
	case SESSION_LEASE:
		say_lease(c, sa->session->id, choice);
		break;
	case SESSION_READY:
	case SESSION_UP:
		go_quick(c, sa, choice);
		break;
	default:
		break;
	}
}

void
client_encrypted(struct client *c, uint8_t exchange, uint8_t which,
    uint8_t first, const uint8_t *plain, size_t len, int hash)
{
	struct ike_sa *sa = client_sa(c);
	struct exchange *ex;
	uint8_t iv[ALG_BLOCK_MAX];
	struct isakmp_buf ib;
	uint32_t msgid;

	if (sa == NULL || sa->keys == NULL || sa->state != SA_ESTABLISHED)
		return;
	ex = open_exchange(sa);
	if (which == 0 && ex != NULL)
		msgid = ex->msgid;
	else if (which > 1)
		msgid = ++c->msgid;
	else
		msgid = c->msgid;
	begin(c, sa, &ib, exchange, msgid);
	if (hash) {
		ib_hash(&ib, sa->hash->len);
		out[ib.next_at] = first;
		ib_put(&ib, plain, len);
		finish(c, sa, &ib, msgid, NULL);
		return;
	}
	out[16] = first;
	ib_put(&ib, plain, len);
	if (next_iv(sa, msgid, iv) == 0)
		seal(c, sa, &ib, iv);
}
