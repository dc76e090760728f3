/*
 * Watches sessions that are up, each by one timer.  Traffic and verified
 * messages count as life; only when there is neither is the client asked.
 */
#include <stddef.h>
#include <string.h>

#include "common/clock.h"
#include "common/rnd.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"

#define DPD_TRIES 5
#define DPD_RETRY_MS 5000
#define CHECK_MS 30000 /* without DPD, for the idle timeout */

static void check(struct timer *);

static struct session *
session_of_life(struct timer *t)
{
	return (struct session *)(void *)((char *)t -
	    offsetof(struct session, life));
}

static uint64_t
interval(const struct session *s)
{
	const struct msg_CONF_LIMITS *l = &ikeconf()->limits;
	const struct ike_sa *sa = session_sa(s);
	uint64_t ms = l->dpd != 0 ? l->dpd * 1000ULL : CHECK_MS;

	if (sa != NULL && sa->nat_us && l->keepalive != 0 &&
	    l->keepalive * 1000ULL < ms)
		ms = l->keepalive * 1000ULL;
	if (s->idle_timeout != 0 && s->idle_timeout * 1000ULL < ms)
		ms = s->idle_timeout * 1000ULL;
	return ms;
}

static void
limit_over(struct timer *t)
{
	session_down((struct session *)(void *)((char *)t -
			 offsetof(struct session, limit)),
	    DOWN_SESSION_TIMEOUT);
}

void
liveness_start(struct session *s)
{
	s->active_ms = clock_ms();
	s->traffic_ms = s->active_ms;
	s->dpd_tries = 0;
	if (s->dpd_first == 0)
		s->dpd_first = s->dpd_seq = 1 + rnd_u32() % 0x3fffffff;
	timer_set(&s->life, interval(s), check);
	if (s->session_timeout != 0 && !timer_is_set(&s->limit))
		timer_set(&s->limit, s->session_timeout * 1000ULL, limit_over);
}

void
liveness_sign(struct session *s)
{
	s->active_ms = clock_ms();
	if (s->dpd_tries > 0 && s->state == SESSION_UP) {
		s->dpd_tries = 0;
		timer_set(&s->life, interval(s), check);
	}
}

int
liveness_waits_for(const struct session *s, uint32_t seq)
{
	return s->dpd_tries > 0 && seq == s->dpd_seq;
}

int
liveness_asked(const struct session *s, uint32_t seq)
{
	return seq > s->dpd_first && seq <= s->dpd_seq;
}

static void
ask(struct session *s, struct ike_sa *sa)
{
	uint8_t spi[2 * ISAKMP_COOKIE_LEN], seq[4];
	struct isakmp_buf *ib;

	if (s->dpd_tries == 0)
		s->dpd_seq++;
	s->dpd_tries++;
	story_add(s, STEP_DPD, s->dpd_tries);
	memcpy(spi, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(spi + ISAKMP_COOKIE_LEN, sa->cky_r, ISAKMP_COOKIE_LEN);
	seq[0] = (uint8_t)(s->dpd_seq >> 24);
	seq[1] = (uint8_t)(s->dpd_seq >> 16);
	seq[2] = (uint8_t)(s->dpd_seq >> 8);
	seq[3] = (uint8_t)s->dpd_seq;
	ib = info_begin(sa);
	ib_notify(ib, PROTO_ISAKMP, NOTIFY_R_U_THERE, spi, sizeof(spi), seq,
	    sizeof(seq));
	info_send(sa, ib);
}

/* Has it sent anything through its tunnels since the last look? */
static void
look_at_traffic(struct session *s)
{
	struct traffic now;

	session_traffic(s, &now);
	if (now.bytes_in != s->seen_in) {
		s->seen_in = now.bytes_in;
		liveness_sign(s);
		s->traffic_ms = s->active_ms;
	}
	if (now.bytes_out != s->seen_out) {
		s->seen_out = now.bytes_out;
		s->traffic_ms = clock_ms();
	}
}

static void
check(struct timer *t)
{
	struct session *s = session_of_life(t);
	uint64_t dpd = ikeconf()->limits.dpd * 1000ULL;
	struct ike_sa *sa = session_sa(s);

	look_at_traffic(s);
	if (s->idle_timeout != 0 &&
	    clock_since(s->traffic_ms) >= s->idle_timeout * 1000ULL) {
		session_down(s, DOWN_IDLE);
		return;
	}
	if (sa != NULL && sa->nat_us)
		net_keepalive(sa->sock, &sa->peer);
	if (sa == NULL || dpd == 0 || clock_since(s->active_ms) < dpd ||
	    !vendor_has(&sa->vendor, VENDOR_DPD)) {
		timer_set(t, interval(s), check);
		return;
	}
	if (s->dpd_tries >= DPD_TRIES) {
		session_down(s, DOWN_DPD);
		return;
	}
	ask(s, sa);
	timer_set(t, DPD_RETRY_MS, check);
}
