/*
 * Holds the private keys of the configuration in force and of the one being
 * read, one of each kind.  crypto.c is the only caller.
 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ikerd/alg/keymat_auth.h"
#include "ikerd/alg/sig.h"
#include "ikerd/crypto/sign.h"

static EVP_PKEY *running[SIGN_KINDS], *building[SIGN_KINDS];
static uint32_t broken_line;
static int broken;

static void
empty(EVP_PKEY **keys)
{
	size_t i;

	for (i = 0; i < SIGN_KINDS; i++) {
		EVP_PKEY_free(keys[i]); /* private numbers are zeroed */
		keys[i] = NULL;
	}
}

void
sign_begin(void)
{
	empty(building);
	broken = 0;
}

void
sign_drop(void)
{
	empty(building);
}

void
sign_add(const struct msg_CONF_SIGN_KEY *m)
{
	const uint8_t *p = m->key;
	enum sign_kind kind;
	EVP_PKEY *key;

	key = d2i_AutoPrivateKey(NULL, &p, m->key_len);
	ERR_clear_error();
	if (key == NULL || sig_kind_of_key(key, &kind) == -1 ||
	    kind != m->kind || building[kind] != NULL) {
		broken = 1;
		broken_line = m->line;
		EVP_PKEY_free(key);
		return;
	}
	building[kind] = key;
}

const char *
sign_check(uint32_t *line)
{
	if (!broken)
		return NULL;
	*line = broken_line;
	return "the private key cannot be used";
}

void
sign_commit(void)
{
	empty(running);
	memcpy(running, building, sizeof(running));
	memset(building, 0, sizeof(building));
}

const char *
sign_job(const struct msg_SIGN_JOB *m, struct msg_SIGN_DONE *done)
{
	const struct ike_hash *hash = ike_hash_by_number(m->hash);
	uint8_t h[ALG_HASH_MAX];
	struct keymat_auth in;
	size_t len;

	if (running[m->kind] == NULL)
		return "no private key of this kind";
	if (hash == NULL || m->skeyid_len != hash->len ||
	    m->gxi_len != m->gxr_len)
		return "the job's fields do not fit each other";
	memset(&in, 0, sizeof(in));
	in.skeyid = m->skeyid;
	in.gxi = m->gxi;
	in.gxr = m->gxr;
	in.gxlen = m->gxi_len;
	memcpy(in.cky_i, m->cky_i, sizeof(in.cky_i));
	memcpy(in.cky_r, m->cky_r, sizeof(in.cky_r));
	in.sai = m->sai;
	in.sailen = m->sai_len;
	in.id = m->id;
	in.idlen = m->id_len;
	if ((m->initiator ? keymat_hash_i : keymat_hash_r)(hash, &in, h) == -1)
		return "hash is not available";
	if (sig_sign(running[m->kind], m->kind, h, hash->len, done->signature,
		&len) == -1)
		return "the private key does not sign";
	done->signature_len = (uint16_t)len;
	return NULL;
}
