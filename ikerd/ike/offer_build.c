/*
 * Writes SA payloads: answers with the chosen transform octet by octet, and
 * offers of our own; and offers as text for logs and "show failures".  No
 * state; called by the exchanges.
 */
#include <string.h>

#include "common/str.h"
#include "ikerd/alg/alg.h"
#include "ikerd/ike/attr.h"
#include "ikerd/ike/offer.h"

static void
sa_begin(struct isakmp_buf *ib)
{
	ib_payload_begin(ib, PAYLOAD_SA);
	ib_u32(ib, DOI_IPSEC);
	ib_u32(ib, SIT_IDENTITY_ONLY);
}

/* Up to the SPI; its transforms follow, then ib_sub_end(). */
static size_t
proposal_begin(struct isakmp_buf *ib, int last, uint8_t number,
    uint8_t protocol, const uint8_t *spi, uint8_t spi_len, uint8_t n)
{
	size_t at;

	at = ib_sub_begin(ib, last ? PAYLOAD_NONE : PAYLOAD_P);
	ib_u8(ib, number);
	ib_u8(ib, protocol);
	ib_u8(ib, spi_len);
	ib_u8(ib, n);
	ib_put(ib, spi, spi_len);
	return at;
}

static size_t
transform_begin(struct isakmp_buf *ib, int last, uint8_t number, uint8_t id)
{
	size_t at;

	at = ib_sub_begin(ib, last ? PAYLOAD_NONE : PAYLOAD_T);
	ib_u8(ib, number);
	ib_u8(ib, id);
	ib_u16(ib, 0);
	return at;
}

/* A transform as it came, but the last of its chain. */
static void
transform_copy(struct isakmp_buf *ib, const uint8_t *raw, size_t len)
{
	if (len == 0)
		return;
	ib_u8(ib, PAYLOAD_NONE);
	ib_put(ib, raw + 1, len - 1);
}

void
ike_offer_put_chosen(struct isakmp_buf *ib, const struct ike_transform *t)
{
	size_t at;

	sa_begin(ib);
	at = proposal_begin(ib, 1, t->proposal, PROTO_ISAKMP, NULL, 0, 1);
	transform_copy(ib, t->raw, t->raw_len);
	ib_sub_end(ib, at);
	ib_payload_end(ib);
}

void
ipsec_offer_put_chosen(
    struct isakmp_buf *ib, const struct ipsec_choice *c, size_t n)
{
	size_t at, i;

	sa_begin(ib);
	for (i = 0; i < n; i++) {
		at = proposal_begin(ib, i + 1 == n, c[i].proposal->number,
		    c[i].proposal->protocol, c[i].spi, c[i].spi_len, 1);
		transform_copy(
		    ib, c[i].transform->raw, c[i].transform->raw_len);
		ib_sub_end(ib, at);
	}
	ib_payload_end(ib);
}

static void
put_given(struct isakmp_buf *ib, uint16_t class, uint16_t value)
{
	if (value != 0)
		attr_put_tv(ib, class, value);
}

static void
put_life(struct isakmp_buf *ib, uint16_t class, uint16_t type, uint32_t value)
{
	if (value == 0)
		return;
	attr_put_tv(ib, class, type);
	attr_put_u32(ib, class + 1, value);
}

void
offer_life_put(struct isakmp_buf *ib, int phase, const struct offer_life *life)
{
	uint16_t class;

	class = phase == 1 ? IKE_ATTR_LIFE_TYPE : IPSEC_ATTR_LIFE_TYPE;
	put_life(ib, class, LIFE_SECONDS, life->seconds);
	put_life(ib, class, LIFE_KILOBYTES, life->kilobytes);
}

size_t
offer_life_data(
    int phase, const struct offer_life *life, uint8_t *buf, size_t size)
{
	uint8_t whole[ISAKMP_HDR_LEN + 64];
	struct isakmp_hdr none;
	struct isakmp_buf ib;
	size_t len;

	memset(&none, 0, sizeof(none));
	ib_init(&ib, whole, sizeof(whole), &none);
	offer_life_put(&ib, phase, life);
	len = ib.len - ISAKMP_HDR_LEN;
	if (ib.overflow || len > size)
		return 0;
	memcpy(buf, whole + ISAKMP_HDR_LEN, len);
	return len;
}

void
ike_offer_put(struct isakmp_buf *ib, const struct ike_transform *t, size_t n)
{
	size_t at, sub, i;

	if (n > UINT8_MAX) {
		ib->overflow = 1;
		return;
	}
	sa_begin(ib);
	at = proposal_begin(ib, 1, n != 0 ? t[0].proposal : 0, PROTO_ISAKMP,
	    NULL, 0, (uint8_t)n);
	for (i = 0; i < n; i++) {
		sub = transform_begin(ib, i + 1 == n, t[i].number, KEY_IKE);
		attr_put_tv(ib, IKE_ATTR_ENCRYPTION, t[i].enc);
		attr_put_tv(ib, IKE_ATTR_HASH, t[i].hash);
		attr_put_tv(ib, IKE_ATTR_AUTH_METHOD, t[i].auth);
		attr_put_tv(ib, IKE_ATTR_GROUP, t[i].group);
		put_given(ib, IKE_ATTR_KEY_LENGTH, t[i].keylen);
		offer_life_put(ib, 1, &t[i].life);
		ib_sub_end(ib, sub);
	}
	ib_sub_end(ib, at);
	ib_payload_end(ib);
}

void
ipsec_offer_put(struct isakmp_buf *ib, uint8_t number, uint8_t protocol,
    const uint8_t *spi, uint8_t spi_len, const struct ipsec_transform *t,
    size_t n)
{
	size_t at, sub, i;

	if (n > UINT8_MAX) {
		ib->overflow = 1;
		return;
	}
	sa_begin(ib);
	at = proposal_begin(ib, 1, number, protocol, spi, spi_len, (uint8_t)n);
	for (i = 0; i < n; i++) {
		sub = transform_begin(ib, i + 1 == n, t[i].number, t[i].id);
		offer_life_put(ib, 2, &t[i].life);
		put_given(ib, IPSEC_ATTR_GROUP, t[i].group);
		put_given(ib, IPSEC_ATTR_ENCAP, t[i].encap);
		put_given(ib, IPSEC_ATTR_AUTH, t[i].auth);
		put_given(ib, IPSEC_ATTR_KEY_LENGTH, t[i].keylen);
		ib_sub_end(ib, sub);
	}
	ib_sub_end(ib, at);
	ib_payload_end(ib);
}

/*
 * Words for the numbers of an offer: those of ikerd.conf(5) from ikerd/alg,
 * and these for what others offer and we do not speak.
 */
struct word {
	unsigned int number;
	const char *word;
};

static const struct word enc_words[] = {
	{ IKE_ENC_NULL, "null" },
	{ IKE_ENC_DES, "des" },
	{ IKE_ENC_IDEA, "idea" },
	{ IKE_ENC_BLOWFISH, "blowfish" },
	{ IKE_ENC_RC5, "rc5" },
	{ IKE_ENC_3DES, "3des" },
	{ IKE_ENC_CAST, "cast" },
	{ IKE_ENC_AES, "aes" },
	{ IKE_ENC_CAMELLIA, "camellia" },
	{ 0, NULL },
};
static const struct word hash_words[] = {
	{ IKE_HASH_TIGER, "tiger" },
	{ 0, NULL },
};
static const struct word method_words[] = {
	{ IKE_AUTH_DSS, "dss" },
	{ IKE_AUTH_RSA_ENC, "rsa-encryption" },
	{ IKE_AUTH_RSA_REV_ENC, "rsa-revised-encryption" },
	{ IKE_AUTH_HYBRID_INIT_DSS, "hybrid-dss" },
	{ IKE_AUTH_XAUTH_INIT_DSS, "xauth-dss" },
	{ IKE_AUTH_XAUTH_INIT_RSA_ENC, "xauth-rsa-encryption" },
	{ IKE_AUTH_XAUTH_INIT_RSA_REV_ENC, "xauth-rsa-revised-encryption" },
	{ 0, NULL },
};
static const struct word group_words[] = {
	{ IKE_GROUP_CURVE448, "curve448" },
	{ 0, NULL },
};
static const struct word protocol_words[] = {
	{ PROTO_ISAKMP, "isakmp" },
	{ PROTO_AH, "ah" },
	{ PROTO_ESP, "esp" },
	{ PROTO_IPCOMP, "ipcomp" },
	{ 0, NULL },
};
static const struct word esp_words[] = {
	{ IPSEC_ESP_DES, "des" },
	{ IPSEC_ESP_3DES, "3des" },
	{ IPSEC_ESP_CAST, "cast" },
	{ IPSEC_ESP_BLOWFISH, "blowfish" },
	{ IPSEC_ESP_NULL, "null" },
	{ IPSEC_ESP_AES_CBC, "aes" },
	{ IPSEC_ESP_AES_CTR, "aes-ctr" },
	{ IPSEC_ESP_AES_CCM_8, "aes-ccm-8" },
	{ IPSEC_ESP_AES_CCM_12, "aes-ccm-12" },
	{ IPSEC_ESP_AES_CCM_16, "aes-ccm-16" },
	{ IPSEC_ESP_AES_GCM_8, "aes-gcm-8" },
	{ IPSEC_ESP_AES_GCM_12, "aes-gcm-12" },
	{ IPSEC_ESP_AES_GCM_16, "aes-gcm-16" },
	{ IPSEC_ESP_CAMELLIA, "camellia" },
	{ IPSEC_ESP_NULL_AES_GMAC, "null-aes-gmac" },
	{ 0, NULL },
};
static const struct word auth_words[] = {
	{ IPSEC_AUTH_DES_MAC, "des-mac" },
	{ IPSEC_AUTH_KPDK, "kpdk" },
	{ IPSEC_AUTH_HMAC_RIPEMD, "ripemd" },
	{ IPSEC_AUTH_AES_XCBC, "aes-xcbc" },
	{ 0, NULL },
};
static const struct word comp_words[] = {
	{ IPSEC_IPCOMP_OUI, "oui" },
	{ IPSEC_IPCOMP_DEFLATE, "deflate" },
	{ IPSEC_IPCOMP_LZS, "lzs" },
	{ IPSEC_IPCOMP_LZJH, "lzjh" },
	{ 0, NULL },
};
static const struct word encap_words[] = {
	{ ENCAP_TUNNEL, "tunnel" },
	{ ENCAP_TRANSPORT, "transport" },
	{ ENCAP_UDP_TUNNEL, "udp-tunnel" },
	{ ENCAP_UDP_TRANSPORT, "udp-transport" },
	{ ENCAP_UDP_TUNNEL_DRAFT, "udp-tunnel-draft" },
	{ ENCAP_UDP_TRANSPORT_DRAFT, "udp-transport-draft" },
	{ 0, NULL },
};

/* Text that grows by words with a space between them. */
struct text {
	char *buf;
	size_t size;
	size_t at;
};

/* name, or the word for number, or "what 99". */
static void
put_word(struct text *t, const char *name, const struct word *words,
    const char *what, unsigned int number)
{
	const char *space = t->at == 0 ? "" : " ";

	for (; name == NULL && words->word != NULL; words++) {
		if (words->number == number)
			name = words->word;
	}
	if (name != NULL)
		t->at = str_append(t->buf, t->size, t->at, "%s%s", space, name);
	else
		t->at = str_append(
		    t->buf, t->size, t->at, "%s%s %u", space, what, number);
}

/* A cipher; a key length that its name does not tell is put behind it. */
static void
put_cipher(struct text *t, const char *name, const struct word *words,
    const char *what, unsigned int number, uint16_t keylen)
{
	put_word(t, name, words, what, number);
	if (name == NULL && keylen != 0)
		t->at = str_append(t->buf, t->size, t->at, "-%u", keylen);
}

#define NAME(row) ((row) != NULL ? (row)->name : NULL)

static void
put_method(struct text *t, uint16_t method)
{
	const struct ike_auth *auth;
	int xauth;

	auth = ike_auth_by_number(method, &xauth);
	if (auth != NULL && xauth && !auth->hybrid)
		t->at = str_append(
		    t->buf, t->size, t->at, "xauth-%s", auth->name);
	else
		put_word(t, NAME(auth), method_words, "method", method);
}

const char *
ike_transform_text(const struct ike_transform *t, char *buf, size_t size)
{
	struct text x = { buf, size, 0 };

	if (size != 0)
		buf[0] = '\0';
	put_method(&x, t->auth);
	put_cipher(&x, NAME(ike_cipher_by_number(t->enc, t->keylen)), enc_words,
	    "cipher", t->enc, t->keylen);
	put_word(
	    &x, NAME(ike_hash_by_number(t->hash)), hash_words, "hash", t->hash);
	put_word(&x, NAME(ike_group_by_number(t->group)), group_words, "group",
	    t->group);
	return buf;
}

const char *
ipsec_transform_text(
    uint8_t protocol, const struct ipsec_transform *t, char *buf, size_t size)
{
	struct text x = { buf, size, 0 };

	if (size != 0)
		buf[0] = '\0';
	put_word(&x, NULL, protocol_words, "protocol", protocol);
	if (protocol == PROTO_ESP)
		put_cipher(&x, NAME(esp_cipher_by_number(t->id, t->keylen)),
		    esp_words, "transform", t->id, t->keylen);
	else if (protocol != PROTO_AH)
		put_word(&x, NULL, comp_words, "transform", t->id);
	if (t->auth != IPSEC_AUTH_NONE)
		put_word(&x, NAME(esp_auth_by_number(t->auth)), auth_words,
		    "auth", t->auth);
	if (t->group != IKE_GROUP_NONE)
		put_word(&x, NAME(ike_group_by_number(t->group)), group_words,
		    "group", t->group);
	if (t->encap != ENCAP_NONE_GIVEN)
		put_word(&x, NULL, encap_words, "encap", t->encap);
	return buf;
}
