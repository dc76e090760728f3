/*
 * The SA pair of a Quick Mode: its keys (RFC 2409 5.5) and crypto's job for
 * them, the HASH of messages 2 and 3, and the moments at which each direction
 * comes into force.  Called by quick.c and quick_ours.c, which know the
 * messages.
 */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/secret.h"
#include "ikerd/ike/legacy.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/quick_pair.h"
#include "ikerd/ike/rekey.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"

struct quick_counters quick_counters;

static struct secret_pool *pool;

void
quick_init(void)
{
	if ((pool = secret_pool_new(sizeof(struct quick_keys))) == NULL)
		fatalx("no locked memory for keys");
}

struct quick *
quick_new(struct exchange *ex, const uint8_t *ke, size_t ke_len)
{
	struct quick *q;

	if ((q = calloc(1, sizeof(*q) + ke_len)) == NULL)
		return NULL;
	if ((q->keys = secret_pool_get(pool)) == NULL) {
		free(q);
		return NULL;
	}
	q->ex = ex;
	q->ke_len = (uint16_t)ke_len;
	if (ke != NULL)
		memcpy(q->ke, ke, ke_len);
	ex->quick = q;
	return q;
}

void
quick_free(struct exchange *ex)
{
	struct session *s = ex->sa->session;
	struct quick *q = ex->quick;

	if (q == NULL)
		return;
	ex->quick = NULL;
	job_cancel(&q->job);
	if (q->tunnel != NULL) {
		if (q->ours)
			rekey_failed(q->tunnel);
		tunnel_delete(q->tunnel);
		session_bare(s);
	}
	secret_pool_put(pool, q->keys);
	freezero(q, sizeof(*q) + q->ke_len);
}

void
quick_submit_dh(struct job *j)
{
	const struct quick *q = j->owner;
	struct msg_DH_JOB m;

	memset(&m, 0, sizeof(m));
	m.job = j->id;
	m.group = q->pfs->number;
	m.pair = q->pair;
	m.peer_public_len = q->ke_len;
	memcpy(m.peer_public, q->ke, q->ke_len);
	job_send(MSG_DH_JOB, &m);
}

static int
derive(const struct quick *q, uint32_t spi, const uint8_t *shared,
    size_t shared_len, uint8_t *out)
{
	const struct ike_sa *sa = q->ex->sa;
	struct keymat_esp in;

	memset(&in, 0, sizeof(in));
	in.skeyid_d = sa->keys->skeyid_d;
	in.gxy = shared;
	in.gxylen = shared_len;
	in.protocol = PROTO_ESP;
	in.spi = spi;
	in.ni = q->ni;
	in.nilen = q->ni_len;
	in.nr = q->nr;
	in.nrlen = q->nr_len;
	return keymat_esp(sa->hash, &in, out,
	    keymat_esp_len(q->tunnel->cipher, q->tunnel->auth));
}

int
quick_inbound(struct quick *q, const uint8_t *shared, size_t shared_len)
{
	struct tunnel *t = q->tunnel;
	uint8_t in[KEYMAT_ESP_MAX];
	int result = -1;

	if (derive(q, t->spi_in, shared, shared_len, in) == 0 &&
	    derive(q, t->spi_out, shared, shared_len, q->keys->out) == 0)
		result = tunnel_add_in(t, in);
	explicit_bzero(in, sizeof(in));
	return result;
}

int
quick_complete(struct quick *q)
{
	struct exchange *ex = q->ex;
	struct session *s = ex->sa->session;
	struct tunnel *t = q->tunnel;

	if (tunnel_add_out(t, q->keys->out) == -1) {
		quick_counters.failed++;
		exchange_over(ex);
		return -1;
	}
	q->tunnel = NULL; /* the session's from now on */
	quick_counters.completed++;
	rekey_whole(t, q->ours);
	if (q->ours)
		exchange_over(ex);
	else
		exchange_answered(ex);
	tunnel_move_all(s, &ex->sa->peer); /* it may have moved meanwhile */
	session_up(s);
	legacy_used(s, t);
	return 0;
}

enum isakmp_error
quick_verify(struct exchange *ex, enum isakmp_kind kind,
    const struct isakmp_hdr *hdr, uint8_t *buf, size_t len,
    struct isakmp_msg *msg)
{
	uint8_t next[ALG_BLOCK_MAX], want[ALG_HASH_MAX];
	const struct quick *q = ex->quick;
	struct ike_sa *sa = ex->sa;
	uint64_t digest = sa_digest(buf, len);
	const struct isakmp_payload *hash;
	enum isakmp_error why;
	int made = -1;

	msg->hdr = *hdr;
	why = exchange_open(
	    ex, kind, msg, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, next);
	hash = isakmp_find(msg, PAYLOAD_HASH, 0);
	if (why == ISAKMP_OK && hash != NULL && kind == KIND_QUICK_3)
		made = keymat_hash3(sa->hash, sa->keys->skeyid_a, ex->msgid,
		    q->ni, q->ni_len, q->nr, q->nr_len, want);
	else if (why == ISAKMP_OK && hash != NULL && msg->after_hash != NULL)
		made = keymat_hash2(sa->hash, sa->keys->skeyid_a, ex->msgid,
		    q->ni, q->ni_len, msg->after_hash, msg->after_hash_len,
		    want);
	if (made == -1 ||
	    !keymat_hash_equal(sa->hash, want, hash->body, hash->len)) {
		quick_counters.bad_hash++;
		return ISAKMP_E_HASH_OR_SIG;
	}
	exchange_accept(ex, next, digest);
	return ISAKMP_OK;
}
