/*
 * The first look at a message: header, SA, state, then the handler of its
 * exchange.  A table says what is taken in which state; there is no default
 * that accepts.  Everything else costs one counter.
 */
#include "ikerd/ike/aggressive.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/info.h"
#include "ikerd/ike/input.h"
#include "ikerd/ike/main_ours.h"
#include "ikerd/ike/mainmode.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/transaction.h"

struct input_counters input_counters;

struct exchange_row {
	uint8_t exchange; /* enum isakmp_exchange */
	uint8_t state;	  /* enum sa_state that the SA must be in */
	uint8_t encrypted;
	void (*input)(struct ike_sa *, struct ike_socket *,
	    const struct endpoint *, const struct isakmp_hdr *, uint8_t *,
	    size_t);
};

static const struct exchange_row exchanges[] = {
	/* message 3 may come in clear, RFC 2409 5.4 */
	{ EXCHANGE_AGGRESSIVE, SA_WAIT_HASH, 0, aggressive_third },
	{ EXCHANGE_MAIN, SA_WAIT_KE, 0, main_third },
	{ EXCHANGE_MAIN, SA_WAIT_ID, 0, main_fifth }, /* or 3 again */
	{ EXCHANGE_MAIN, SA_OURS_FIRST, 0, main_ours_second },
	{ EXCHANGE_MAIN, SA_OURS_THIRD, 0, main_ours_fourth },
	{ EXCHANGE_MAIN, SA_OURS_FIFTH, 1, main_ours_sixth },
	{ EXCHANGE_MAIN, SA_ESTABLISHED, 1, main_over },
	{ EXCHANGE_TRANSACTION, SA_ESTABLISHED, 1, transaction_input },
	{ EXCHANGE_QUICK, SA_ESTABLISHED, 1, quick_input },
	{ EXCHANGE_INFORMATIONAL, SA_ESTABLISHED, 1, info_input },
};
#define NEXCHANGES (sizeof(exchanges) / sizeof(exchanges[0]))

static const struct exchange_row *
row_of(uint8_t exchange, uint8_t state)
{
	size_t i;

	for (i = 0; i < NEXCHANGES; i++) {
		if (exchanges[i].exchange == exchange &&
		    exchanges[i].state == state)
			return &exchanges[i];
	}
	return NULL;
}

static void
first_message(struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, uint8_t *buf, size_t len)
{
	if (hdr->next == PAYLOAD_FRAG)
		frag_counters.first++;
	else if (hdr->flags & ISAKMP_FLAG_E)
		input_counters.first_unknown++;
	else if (hdr->exchange == EXCHANGE_AGGRESSIVE)
		aggressive_first(sock, peer, hdr, buf, len);
	else if (hdr->exchange == EXCHANGE_MAIN)
		main_first(sock, peer, hdr, buf, len);
	else
		input_counters.first_unknown++;
}

/* Exactly the last message of this exchange again: the same answer. */
static int
is_repeated(struct ike_sa *sa, const struct isakmp_hdr *hdr, const uint8_t *buf,
    size_t len)
{
	struct exchange *ex = exchange_find(sa, hdr->msgid);

	if (hdr->msgid == 0 || ex == NULL || ex->in_digest == 0 ||
	    ex->in_digest != sa_digest(buf, len))
		return 0;
	input_counters.repeated++;
	exchange_resend(ex);
	return 1;
}

/* By both cookies, or the first answer to a message 1 of ours by one. */
static struct ike_sa *
find(const struct isakmp_hdr *hdr, const struct endpoint *peer)
{
	struct ike_sa *sa;

	if ((sa = sa_find(hdr->cky_i, hdr->cky_r)) == NULL &&
	    (sa = sa_find_initiator(hdr->cky_i, peer)) != NULL &&
	    sa->state != SA_OURS_FIRST)
		sa = NULL;
	return sa;
}

void
input(struct ike_socket *sock, const struct endpoint *peer, uint8_t *buf,
    size_t len)
{
	const struct exchange_row *row;
	struct isakmp_hdr hdr;
	enum isakmp_error why;
	struct ike_sa *sa;

	input_counters.messages++;
	if ((why = isakmp_parse_header(buf, len, &hdr)) != ISAKMP_OK) {
		input_counters.malformed++;
		refuse_count(why);
		return;
	}
	len = hdr.length; /* at most what came */
	if (isakmp_cookie_is_zero(hdr.cky_r)) {
		first_message(sock, peer, &hdr, buf, len);
		return;
	}
	if ((sa = find(&hdr, peer)) == NULL) {
		input_counters.unknown_cookies++;
		return;
	}
	if (hdr.next == PAYLOAD_FRAG) {
		buf = frag_take(sa, peer, &hdr, buf, len, &len);
		if (buf != NULL) /* no fragment itself */
			input(sock, peer, buf, len);
		return;
	}
	if ((row = row_of(hdr.exchange, sa->state)) == NULL) {
		input_counters.not_in_state++;
		return;
	}
	if (row->encrypted && !(hdr.flags & ISAKMP_FLAG_E)) {
		input_counters.in_clear++;
		return;
	}
	if (!is_repeated(sa, &hdr, buf, len))
		row->input(sa, sock, peer, &hdr, buf, len);
}
