/*
 * Pairs with PFS that the gateway renews: key pair and shared secret come from
 * crypto processes, which are played here, and whatever happens while a job is
 * out, the old pair stays and nothing is left behind.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "common/compat/imsg.h"
#include "ikerd/ike/cipher.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/quick_pair.h"
#include "ikerd/ike/wire.h"
#include "regress/unit/ike/played.h"
#include "regress/unit/test.h"

#define PAIR 0x700000001
#define NEW_SPI 0x6000
#define PUBLIC 0x55
#define PEER_PUBLIC 0x66
#define SHARED 0x77
#define NONCE 0x88

/* --- what the operator is told --- */

static char said[256];

void
failure_add(uint64_t session, enum step step, const struct endpoint *source,
    const void *name, size_t namelen, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
}

void
failures_show(struct peer *ctl)
{
}

/* --- crypto processes --- */

static struct imsgbuf ends[2];
static struct imsg asked; /* the last one */

static void
say(unsigned int instance, enum msg_type type, const void *m)
{
	size_t i;

	for (i = 0; i < job_nhandlers; i++) {
		if (job_handlers[i].type == type)
			job_handlers[i].handle(
			    bus_find(PROC_CRYPTO, instance), m, -1);
	}
}

static void
up(unsigned int instance)
{
	struct msg_CRYPTO_READY m;
	int sv[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	CHECK_INT(fcntl(sv[1], F_SETFL, O_NONBLOCK), 0);
	CHECK_INT(imsgbuf_init(&ends[instance], sv[1]), 0);
	bus_add(PROC_CRYPTO, instance, sv[0]);
	memset(&m, 0, sizeof(m));
	say(instance, MSG_CRYPTO_READY, &m);
}

static void
down(unsigned int instance)
{
	bus_close(bus_find(PROC_CRYPTO, instance));
	imsgbuf_clear(&ends[instance]);
	close(ends[instance].fd);
}

/* What this process is asked next: a message of that type, or NULL. */
static const void *
job_for(unsigned int instance, enum msg_type type)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
	(void)imsgbuf_read(&ends[instance]);
	if (asked.data != NULL)
		imsg_free(&asked);
	memset(&asked, 0, sizeof(asked));
	if (imsgbuf_get(&ends[instance], &asked) != 1 ||
	    imsg_get_type(&asked) != type)
		return NULL;
	return asked.data;
}

/* The same, as the number of the job; 0: it is asked nothing of the kind. */
static uint64_t
number_for(unsigned int instance, enum msg_type type)
{
	const void *m = job_for(instance, type);
	uint64_t job = 0;

	if (m != NULL)
		memcpy(&job, m, sizeof(job)); /* each begins with it */
	return job;
}

static void
give_pair(unsigned int instance, uint64_t job, uint16_t len)
{
	struct msg_PAIR_DONE m;

	memset(&m, 0, sizeof(m));
	m.job = job;
	m.pair = PAIR;
	m.public_len = len;
	memset(m.public, PUBLIC, len);
	say(instance, MSG_PAIR_DONE, &m);
}

static void
give_shared(unsigned int instance, uint64_t job, uint16_t len)
{
	struct msg_DH_DONE m;

	memset(&m, 0, sizeof(m));
	m.job = job;
	m.shared_len = len;
	memset(m.shared, SHARED, len);
	say(instance, MSG_DH_DONE, &m);
}

static void
refuse(unsigned int instance, uint64_t job)
{
	struct msg_JOB_FAILED m;

	memset(&m, 0, sizeof(m));
	m.job = job;
	strlcpy(m.reason, "because", sizeof(m.reason));
	say(instance, MSG_JOB_FAILED, &m);
}

/* --- a client whose pair is to be renewed --- */

static struct session *s;
static struct tunnel *old;

/* The Quick Mode that renews it; NULL: there is none. */
static struct exchange *
renewal(void)
{
	struct exchange *ex;

	LIST_FOREACH(ex, &session_sa(s)->exchanges, entry) {
		if (ex->ours && !ex->over)
			return ex;
	}
	return NULL;
}

static void
begin(uint16_t group_number)
{
	start();
	up(0);
	pass(1000);
	s = client(0xcb007101);
	old = whole(s, 0x5000, 0);
	old->pfs = ike_group_by_number(group_number);
	old->keylen = 128;
	old->encap = ENCAP_UDP_TUNNEL;
	CHECK(old->pfs != NULL);
	pass(5000);
	said[0] = '\0';
	rekey_soft(old);
	CHECK(renewal() != NULL);
}

static void
end(void)
{
	leave(s);
	CHECK_INT(nsas, 0);
	if (bus_find(PROC_CRYPTO, 0) != NULL)
		down(0);
	if (bus_find(PROC_CRYPTO, 1) != NULL)
		down(1);
}

/* Up to message 1. */
static void
begin_first(uint16_t group_number)
{
	const struct msg_PAIR_JOB *job;

	begin(group_number);
	CHECK((job = job_for(0, MSG_PAIR_JOB)) != NULL);
	CHECK_INT(job->group, group_number);
	CHECK(renewal()->out == NULL);
	give_pair(0, job->job, old->pfs->publiclen);
	CHECK(renewal()->out != NULL);
}

/* The public value that message 1 shows. */
static void
check_first(void)
{
	static uint8_t copy[ISAKMP_MAX_MESSAGE], want[ALG_PUBLIC_MAX];
	static struct isakmp_msg msg;
	const struct exchange *ex = renewal();
	struct ike_sa *sa = ex->sa;
	const struct isakmp_payload *ke;
	uint8_t iv[ALG_BLOCK_MAX];

	memset(want, PUBLIC, sizeof(want));
	memcpy(copy, ex->out, ex->out_len);
	CHECK_INT(keymat_iv2(sa->hash, sa->cipher, sa->keys->last_block,
		      ex->msgid, iv),
	    0);
	CHECK_INT(cipher_decrypt(sa->cipher, sa->keys->cipher, iv,
		      copy + ISAKMP_HDR_LEN, ex->out_len - ISAKMP_HDR_LEN, iv),
	    0);
	CHECK_INT(isakmp_parse_payloads(copy[16], copy + ISAKMP_HDR_LEN,
		      ex->out_len - ISAKMP_HDR_LEN, &msg),
	    ISAKMP_OK);
	CHECK((ke = isakmp_find(&msg, PAYLOAD_KE, 0)) != NULL);
	CHECK_INT(ke->len, old->pfs->publiclen);
	CHECK_MEM(ke->body, want, ke->len);
}

static void
put_answer(struct isakmp_buf *ib, size_t ke_len)
{
	static uint8_t ke[ALG_PUBLIC_MAX], nonce[32];
	struct ipsec_transform t;
	uint8_t spi[4];

	memset(&t, 0, sizeof(t));
	memset(ke, PEER_PUBLIC, sizeof(ke));
	memset(nonce, NONCE, sizeof(nonce));
	t.number = 1;
	t.id = old->cipher->number;
	t.keylen = old->keylen;
	t.auth = old->auth->number;
	t.encap = old->encap;
	t.group = old->pfs != NULL ? old->pfs->number : 0;
	t.life.seconds = old->lifetime;
	wire_put_u32(spi, NEW_SPI);
	ipsec_offer_put(ib, 1, PROTO_ESP, spi, sizeof(spi), &t, 1);
	ib_payload(ib, PAYLOAD_NONCE, nonce, sizeof(nonce));
	if (ke_len > 0)
		ib_payload(ib, PAYLOAD_KE, ke, ke_len);
}

/* The client's message 2, with a public value of that length; 0: without. */
static void
second(size_t ke_len)
{
	static uint8_t buf[ISAKMP_MAX_MESSAGE];
	struct exchange *ex = renewal();
	struct ike_sa *sa = ex->sa;
	uint8_t iv[ALG_BLOCK_MAX];
	struct isakmp_buf ib;
	struct isakmp_hdr hdr;
	const uint8_t *rest;
	size_t len;

	CHECK_INT(isakmp_parse_header(ex->out, ex->out_len, &hdr), ISAKMP_OK);
	ib_init(&ib, buf, sizeof(buf), &hdr);
	ib_hash(&ib, sa->hash->len);
	put_answer(&ib, ke_len);
	rest = ib_after_hash(&ib, &len);
	CHECK_INT(
	    keymat_hash2(sa->hash, sa->keys->skeyid_a, ex->msgid, ex->quick->ni,
		ex->quick->ni_len, rest, len, ib_hash_body(&ib)),
	    0);
	ib_pad(&ib, sa->cipher->blocklen);
	len = ib_finish(&ib);
	CHECK_INT(isakmp_parse_header(buf, len, &hdr), ISAKMP_OK);
	memcpy(iv, ex->iv, sizeof(iv));
	CHECK_INT(cipher_encrypt(sa->cipher, sa->keys->cipher, iv,
		      buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, iv),
	    0);
	quick_input(sa, &sock, &sa->peer, &hdr, buf, len);
}

/* What it says is the end of this try; the pair is as it was. */
static void
check_failed(const char *why)
{
	CHECK_STR(said, why);
	CHECK(renewal() == NULL);
	CHECK(TAILQ_FIRST(&s->tunnels) == old);
	CHECK_INT(count(s), 1);
	CHECK_INT(nsas, 2);
	CHECK_INT(old->replaced, 0);
	CHECK_INT(s->state, SESSION_UP);
}

/* The keys of one direction, from g^xy. */
static void
check_key(const struct tunnel *t, uint32_t spi, const struct addr *dst,
    const uint8_t *ni)
{
	uint8_t shared[ALG_SHARED_MAX], nonce[32], want[KEYMAT_ESP_MAX];
	const struct ike_sa *sa = session_sa(s);
	struct keymat_esp in;
	size_t len = keymat_esp_len(t->cipher, t->auth);

	memset(shared, SHARED, sizeof(shared));
	memset(nonce, NONCE, sizeof(nonce));
	memset(&in, 0, sizeof(in));
	in.skeyid_d = sa->keys->skeyid_d;
	in.gxy = shared;
	in.gxylen = t->pfs->sharedlen;
	in.protocol = PROTO_ESP;
	in.spi = spi;
	in.ni = ni;
	in.nilen = QUICK_NONCE_LEN;
	in.nr = nonce;
	in.nrlen = sizeof(nonce);
	CHECK_INT(keymat_esp(sa->hash, &in, want, len), 0);
	CHECK(played_find(spi, dst) != NULL);
	CHECK_MEM(played_find(spi, dst)->key, want, len);
}

static void
renew(uint16_t group_number)
{
	uint8_t ni[QUICK_NONCE_LEN];
	const struct msg_DH_JOB *job;
	struct tunnel *t;

	begin_first(group_number);
	check_first();
	memcpy(ni, renewal()->quick->ni, sizeof(ni));
	t = TAILQ_FIRST(&s->tunnels);
	CHECK(t->pfs == old->pfs);
	second(t->pfs->publiclen);
	CHECK((job = job_for(0, MSG_DH_JOB)) != NULL);
	CHECK_INT(job->pair, PAIR);
	CHECK_INT(job->group, group_number);
	CHECK_INT(job->peer_public_len, t->pfs->publiclen);
	CHECK_INT(job->peer_public[t->pfs->publiclen - 1], PEER_PUBLIC);
	CHECK_INT(t->has_in, 0);
	give_shared(0, job->job, t->pfs->sharedlen);
	CHECK_INT(t->has_in, 1);
	CHECK_INT(renewal()->final, 1);
	pass(15000); /* it waits for ESP of the client, then no more */
	CHECK_INT(t->has_out, 1);
	CHECK(count(s) == 1 || old->replaced);
	CHECK_STR(said, "");
	check_key(t, t->spi_in, &sock.local.addr, ni);
	check_key(t, NEW_SPI, &t->peer.addr, ni);
	end();
}

TEST(a_pair_is_renewed)
{
	renew(IKE_GROUP_MODP2048);
	renew(IKE_GROUP_ECP256);
}

/* The public value must be there and as long as those of the group. */
TEST(values_that_do_not_fit)
{
	begin_first(IKE_GROUP_MODP2048);
	second(0);
	check_failed("renewing an SA pair: "
		     "the client sent no key exchange value");
	end();
	begin_first(IKE_GROUP_MODP2048);
	second(255);
	check_failed("renewing an SA pair: "
		     "key exchange value and PFS group do not fit");
	CHECK(job_for(0, MSG_DH_JOB) == NULL);
	end();
	begin_first(IKE_GROUP_ECP256);
	second(65);
	check_failed("renewing an SA pair: "
		     "key exchange value and PFS group do not fit");
	end();
}

/* Without PFS there is no job and no place for one. */
TEST(a_value_that_was_not_asked_for)
{
	begin(IKE_GROUP_MODP2048);
	exchange_free(renewal());
	old->pfs = NULL;
	rekey_soft(old);
	CHECK(renewal()->out != NULL);
	second(256);
	check_failed("renewing an SA pair: the client sent a key exchange "
		     "value that was not asked for");
	end();
}

/* What a crypto process answers is checked as well. */
TEST(answers_that_do_not_fit)
{
	uint64_t job;

	begin(IKE_GROUP_MODP2048);
	CHECK((job = number_for(0, MSG_PAIR_JOB)) != 0);
	give_pair(0, job, 128);
	check_failed("renewing an SA pair: "
		     "the key pair is not one of the PFS group");
	end();
	begin_first(IKE_GROUP_MODP2048);
	second(256);
	CHECK((job = number_for(0, MSG_DH_JOB)) != 0);
	give_shared(0, job, 128);
	check_failed("renewing an SA pair: "
		     "the shared secret is not one of the PFS group");
	end();
}

/*
 * Crypto dies with the pair's secret: another process cannot go on with it, so
 * this try fails, and the next one comes as after any failure.
 */
TEST(the_pair_dies_with_its_process)
{
	const struct msg_DH_JOB *job;

	begin_first(IKE_GROUP_MODP2048);
	up(1);
	second(256);
	CHECK(job_for(0, MSG_DH_JOB) != NULL);
	down(0);
	CHECK((job = job_for(1, MSG_DH_JOB)) != NULL);
	CHECK_INT(job->pair, PAIR);
	refuse(1, job->job);
	check_failed("renewing an SA pair: because");
	pass(16000);
	CHECK(renewal() != NULL);
	CHECK(job_for(1, MSG_PAIR_JOB) != NULL);
	end();
}

/* When it dies before there is a pair, another one makes it. */
TEST(a_pair_from_another_process)
{
	uint64_t job;

	begin(IKE_GROUP_MODP2048);
	CHECK(job_for(0, MSG_PAIR_JOB) != NULL);
	up(1);
	down(0);
	CHECK((job = number_for(1, MSG_PAIR_JOB)) != 0);
	give_pair(1, job, 256);
	CHECK(renewal()->out != NULL);
	second(256);
	CHECK(job_for(1, MSG_DH_JOB) != NULL);
	end();
}

/* What comes while the secret is computed changes nothing. */
TEST(message_2_comes_again)
{
	uint8_t iv[ALG_BLOCK_MAX];
	uint64_t job;

	begin_first(IKE_GROUP_MODP2048);
	second(256);
	CHECK((job = number_for(0, MSG_DH_JOB)) != 0);
	memcpy(iv, renewal()->iv, sizeof(iv));
	second(256);
	second(0);
	CHECK(job_for(0, MSG_DH_JOB) == NULL);
	CHECK_MEM(renewal()->iv, iv, sizeof(iv));
	pass(20000); /* message 1 is not repeated, nobody gives up */
	CHECK_INT(renewal()->resent, 0);
	give_shared(0, job, old->pfs->sharedlen);
	CHECK_INT(renewal()->final, 1);
	CHECK_STR(said, "");
	end();
}

/* A crypto process that does not answer is not waited for for ever. */
TEST(no_keys_in_time)
{
	uint64_t job;

	begin(IKE_GROUP_MODP2048);
	CHECK((job = number_for(0, MSG_PAIR_JOB)) != 0);
	pass(31000);
	check_failed("renewing an SA pair: no keys in time: "
		     "the crypto process is slow or dead");
	give_pair(0, job, 256); /* too late */
	check_failed(said);
	end();
	begin_first(IKE_GROUP_MODP2048);
	second(256);
	CHECK((job = number_for(0, MSG_DH_JOB)) != 0);
	said[0] = '\0';
	pass(31000);
	check_failed("renewing an SA pair: no keys in time: "
		     "the crypto process is slow or dead");
	give_shared(0, job, 256);
	check_failed(said);
	end();
}

/* The session ends while a job is out: its answer is for nobody. */
TEST(the_session_ends)
{
	uint64_t job;

	begin(IKE_GROUP_ECP256);
	CHECK((job = number_for(0, MSG_PAIR_JOB)) != 0);
	leave(s);
	CHECK_INT(nsas, 0);
	give_pair(0, job, 64);
	CHECK_INT(nsas, 0);
	down(0);
	begin_first(IKE_GROUP_ECP256);
	second(64);
	CHECK((job = number_for(0, MSG_DH_JOB)) != 0);
	leave(s);
	give_shared(0, job, 32);
	CHECK_INT(nsas, 0);
	CHECK_STR(said, "");
	down(0);
}

/* Under a phase 1 that has ended, or has been renewed, nothing is begun. */
TEST(phase_1_is_another)
{
	uint64_t job;

	begin(IKE_GROUP_ECP256);
	CHECK((job = number_for(0, MSG_PAIR_JOB)) != 0);
	session_sa(s)->closed = 1;
	give_pair(0, job, 64);
	check_failed("renewing an SA pair: "
		     "phase 1 ended before message 1 was sent");
	session_sa(s)->closed = 0;
	end();
}

TESTS(T(a_pair_is_renewed), T(values_that_do_not_fit),
    T(a_value_that_was_not_asked_for), T(answers_that_do_not_fit),
    T(the_pair_dies_with_its_process), T(a_pair_from_another_process),
    T(message_2_comes_again), T(no_keys_in_time), T(the_session_ends),
    T(phase_1_is_another))
