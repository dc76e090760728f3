/*
 * Counts what is refused and sends the one kind of answer that an unproven
 * peer may get beside message 2: a notify to its first message.
 */
#include <string.h>

#include "common/clock.h"
#include "common/rnd.h"
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/refuse.h"

#define NOTIFIES_A_SECOND 10

uint64_t refuse_counters[ISAKMP_E_MAX];

void
refuse_count(enum isakmp_error why)
{
	if ((unsigned int)why < ISAKMP_E_MAX)
		refuse_counters[why]++;
}

static int
may_notify(void)
{
	static uint64_t second;
	static unsigned int sent;
	uint64_t now = clock_ms() / 1000;

	if (now != second) {
		second = now;
		sent = 0;
	}
	return sent++ < NOTIFIES_A_SECOND;
}

void
refuse_first(struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, enum isakmp_notify_type type)
{
	struct isakmp_buf ib;
	struct isakmp_hdr answer;
	uint8_t buf[64];
	size_t len;

	if (!may_notify())
		return;
	memset(&answer, 0, sizeof(answer));
	memcpy(answer.cky_i, hdr->cky_i, sizeof(answer.cky_i));
	answer.version = ISAKMP_VERSION;
	answer.exchange = EXCHANGE_INFORMATIONAL;
	answer.msgid = rnd_u32() | 1;
	rnd_bytes(answer.cky_r, sizeof(answer.cky_r));
	ib_init(&ib, buf, sizeof(buf), &answer);
	ib_notify(&ib, PROTO_ISAKMP, (uint16_t)type, NULL, 0, NULL, 0);
	if ((len = ib_finish(&ib)) != 0)
		net_send(sock, peer, buf, len);
}
