/*
 * Exchanges under an established SA: their IV chains, encryption, the answer
 * cache and our own repetitions.  Knows no payload but HASH; quick.c,
 * transaction.c and info.c do the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/rnd.h"
#include "ikerd/ike/cipher.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/keymat.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"

#define USED_MAX 1024	   /* message ids remembered, then no new ones */
#define OVER_KEEP_MS 30000 /* answers of finished exchanges */
#define OPEN_MAX_MS 60000  /* the peer's, when it does not go on */
#define RESEND_MAX 5	   /* of one answer */
#define RESEND_EVERY_MS 500
#define TRIES 4 /* of our own requests, 2, 4, 8, 16 s apart */
#define FIRST_TRY_MS 2000

static uint8_t out[ISAKMP_MAX_MESSAGE]; /* the message being written */

struct exchange *
exchange_find(struct ike_sa *sa, uint32_t msgid)
{
	struct exchange *ex;

	LIST_FOREACH(ex, &sa->exchanges, entry) {
		if (ex->msgid == msgid)
			return ex;
	}
	return NULL;
}

static int
msgid_used(const struct ike_sa *sa, uint32_t msgid)
{
	uint16_t i;

	for (i = 0; i < sa->nused; i++) {
		if (sa->used[i] == msgid)
			return 1;
	}
	return 0;
}

/* Quick Mode and Transaction ids come once: a replay would decrypt. */
static int
msgid_remember(struct ike_sa *sa, uint32_t msgid)
{
	uint32_t *more;

	if (sa->nused >= USED_MAX)
		return -1;
	if (sa->nused % 8 == 0) {
		more = recallocarray(
		    sa->used, sa->nused, sa->nused + 8U, sizeof(*more));
		if (more == NULL)
			return -1;
		sa->used = more;
	}
	sa->used[sa->nused++] = msgid;
	return 0;
}

static void
open_too_long(struct timer *t)
{
	exchange_free((struct exchange *)(void *)((char *)t -
	    offsetof(struct exchange, timer)));
}

static struct exchange *
make(struct ike_sa *sa, enum isakmp_exchange type, uint32_t msgid, int ours)
{
	struct exchange *ex;

	/* a notification or farewell needs no place: it is over at once */
	if (type != EXCHANGE_INFORMATIONAL &&
	    (sa->nexchanges >= EXCHANGES_MAX || sa->nused >= USED_MAX))
		return NULL;
	if (msgid_used(sa, msgid))
		return NULL;
	if ((ex = calloc(1, sizeof(*ex))) == NULL)
		return NULL;
	if (keymat_iv2(sa->hash, sa->cipher, sa->keys->last_block, msgid,
		ex->iv) == -1) {
		free(ex);
		return NULL;
	}
	ex->sa = sa;
	ex->msgid = msgid;
	ex->type = (uint8_t)type;
	ex->ours = (uint8_t)ours;
	LIST_INSERT_HEAD(&sa->exchanges, ex, entry);
	sa->nexchanges++;
	timer_set(&ex->timer, OPEN_MAX_MS, open_too_long);
	return ex;
}

struct exchange *
exchange_new(struct ike_sa *sa, enum isakmp_exchange type, uint32_t msgid)
{
	return make(sa, type, msgid, 0);
}

struct exchange *
exchange_start(struct ike_sa *sa, enum isakmp_exchange type)
{
	uint32_t msgid;

	do
		msgid = rnd_u32();
	while (msgid == 0 || exchange_find(sa, msgid) != NULL ||
	    msgid_used(sa, msgid));
	return make(sa, type, msgid, 1);
}

void
exchange_free(struct exchange *ex)
{
	timer_stop(&ex->timer);
	LIST_REMOVE(ex, entry);
	if (!ex->over)
		ex->sa->nexchanges--;
	quick_free(ex);
	free(ex->out);
	freezero(ex, sizeof(*ex));
}

void
exchange_over(struct exchange *ex)
{
	if (ex->over)
		return;
	ex->over = 1;
	ex->sa->nexchanges--;
	ex->give_up = NULL;
	quick_free(ex);
	timer_set(&ex->timer, OVER_KEEP_MS, open_too_long);
}

void
exchange_answered(struct exchange *ex)
{
	exchange_over(ex);
	free(ex->out);
	ex->out = NULL;
	ex->out_len = 0;
}

void
exchange_forget_config(struct ike_sa *sa)
{
	struct exchange *ex, *next;

	LIST_FOREACH_SAFE(ex, &sa->exchanges, entry, next) {
		if (ex->type == EXCHANGE_TRANSACTION && ex->over)
			exchange_free(ex);
	}
}

enum isakmp_error
exchange_open(struct exchange *ex, enum isakmp_kind kind,
    struct isakmp_msg *msg, uint8_t *body, size_t len, uint8_t *next)
{
	enum isakmp_error why;
	uint8_t bad;

	if (cipher_decrypt(ex->sa->cipher, ex->sa->keys->cipher, ex->iv, body,
		len, next) == -1)
		return ISAKMP_E_LENGTH;
	why = isakmp_parse_payloads(msg->hdr.next, body, len, msg);
	if (why == ISAKMP_OK)
		why = isakmp_check_payloads(msg, kind, &bad);
	return why;
}

void
exchange_accept(struct exchange *ex, const uint8_t *next, uint64_t digest)
{
	if (ex->in_digest == 0 && ex->type != EXCHANGE_INFORMATIONAL)
		(void)msgid_remember(ex->sa, ex->msgid);
	memcpy(ex->iv, next, ex->sa->cipher->blocklen);
	ex->in_digest = digest;
	ex->resent = 0;
}

static void
header(struct ike_sa *sa, uint8_t type, uint32_t msgid, struct isakmp_hdr *hdr)
{
	memset(hdr, 0, sizeof(*hdr));
	memcpy(hdr->cky_i, sa->cky_i, sizeof(hdr->cky_i));
	memcpy(hdr->cky_r, sa->cky_r, sizeof(hdr->cky_r));
	hdr->version = ISAKMP_VERSION;
	hdr->exchange = type;
	hdr->flags = ISAKMP_FLAG_E;
	hdr->msgid = msgid;
}

struct isakmp_buf *
exchange_begin(struct exchange *ex)
{
	static struct isakmp_buf ib;
	struct isakmp_hdr hdr;

	header(ex->sa, ex->type, ex->msgid, &hdr);
	ib_init(&ib, out, sizeof(out), &hdr);
	ib_hash(&ib, ex->sa->hash->len);
	return &ib;
}

int
exchange_hash1(struct exchange *ex, struct isakmp_buf *ib)
{
	const uint8_t *rest;
	uint8_t *hash = ib_hash_body(ib);
	size_t len;

	rest = ib_after_hash(ib, &len);
	if (hash == NULL)
		return -1;
	return keymat_hash1(
	    ex->sa->hash, ex->sa->keys->skeyid_a, ex->msgid, rest, len, hash);
}

int
exchange_send(struct exchange *ex, struct isakmp_buf *ib)
{
	struct ike_sa *sa = ex->sa;
	size_t len;

	ib_pad(ib, sa->cipher->blocklen);
	len = ib_finish(ib);
	if (len == 0 ||
	    cipher_encrypt(sa->cipher, sa->keys->cipher, ex->iv,
		ib->p + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, ex->iv) == -1) {
		log_warnx("session %016llx: message not sent: does not fit",
		    (unsigned long long)sa->session->id);
		return -1;
	}
	free(ex->out);
	if ((ex->out = malloc(len)) == NULL)
		return -1;
	memcpy(ex->out, ib->p, len);
	ex->out_len = len;
	frag_send(sa, ex->out, ex->out_len);
	return 0;
}

static void
try_again(struct timer *t)
{
	struct exchange *ex = (struct exchange *)(void *)((char *)t -
	    offsetof(struct exchange, timer));

	if (++ex->resent > TRIES) {
		if (ex->give_up != NULL)
			ex->give_up(ex);
		else
			exchange_free(ex);
		return;
	}
	frag_send(ex->sa, ex->out, ex->out_len);
	timer_set(t, (uint64_t)FIRST_TRY_MS << ex->resent, try_again);
}

void
exchange_repeat(struct exchange *ex, void (*give_up)(struct exchange *))
{
	ex->give_up = give_up;
	ex->resent = 0;
	timer_set(&ex->timer, FIRST_TRY_MS, try_again);
}

void
exchange_resend(struct exchange *ex)
{
	if ((ex->ours && !ex->final) || ex->out == NULL ||
	    ex->resent >= RESEND_MAX ||
	    clock_since(ex->resent_ms) < RESEND_EVERY_MS)
		return;
	ex->resent++;
	ex->resent_ms = clock_ms();
	frag_send(ex->sa, ex->out, ex->out_len);
}

static uint32_t info_msgid; /* of the one being written */

struct isakmp_buf *
info_begin(struct ike_sa *sa)
{
	static struct isakmp_buf ib;
	struct isakmp_hdr hdr;

	do
		info_msgid = rnd_u32();
	while (info_msgid == 0);
	header(sa, EXCHANGE_INFORMATIONAL, info_msgid, &hdr);
	ib_init(&ib, out, sizeof(out), &hdr);
	ib_hash(&ib, sa->hash->len);
	return &ib;
}

void
info_send(struct ike_sa *sa, struct isakmp_buf *ib)
{
	uint8_t iv[ALG_BLOCK_MAX], *hash = ib_hash_body(ib);
	const uint8_t *rest;
	size_t len;

	rest = ib_after_hash(ib, &len);
	if (hash == NULL || sa->keys == NULL ||
	    keymat_hash1(sa->hash, sa->keys->skeyid_a, info_msgid, rest, len,
		hash) == -1 ||
	    keymat_iv2(sa->hash, sa->cipher, sa->keys->last_block, info_msgid,
		iv) == -1)
		return;
	ib_pad(ib, sa->cipher->blocklen);
	len = ib_finish(ib);
	if (len == 0 ||
	    cipher_encrypt(sa->cipher, sa->keys->cipher, iv,
		ib->p + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, iv) == -1)
		return;
	frag_send(sa, ib->p, len);
}
