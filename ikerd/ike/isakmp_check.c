/*
 * Which payloads a message of each kind may hold, and how often: tables and
 * one loop over them.  Called by the exchanges right after the chain was
 * parsed.  The order asked for is the least that keeps us safe: HASH first
 * after phase 1, SA first in the first messages (RFC 2409 5).
 */
#include <string.h>

#include "ikerd/ike/isakmp_parse.h"

/*
 * One row a payload type, one column a kind, in the order of isakmp_kind:
 * what a cell means is in the table of counts below.  A type without a row is
 * allowed nowhere (P, T, FRAG and what is not ours).  NAT-D of any draft
 * passes where one of them may come: which counts was agreed by vendor id.
 */
/* clang-format off */
static const struct {
	uint8_t type;
	char cell[KIND_MAX + 1];
} rules[] = {
	/*			 MMMMMM AAA QQQQ T I */
	/*			 123456 123 1234     */
	{ PAYLOAD_SA,		"11...." "11." "11.." "." "." },
	{ PAYLOAD_KE,		"..11.." "11." "??.." "." "." },
	{ PAYLOAD_ID,		"....11" "11." "22.." "." "." },
	{ PAYLOAD_CERT,		"..****" ".**" "...." "." "." },
	{ PAYLOAD_CERTREQ,	"******" "***" "...." "." "." },
	{ PAYLOAD_HASH,		"....??" ".??" "1111" "1" "1" },
	{ PAYLOAD_SIG,		"....??" ".??" "...." "." "." },
	{ PAYLOAD_NONCE,	"..11.." "11." "11.." "." "." },
	{ PAYLOAD_N,		"....**" ".**" "***+" "." "*" },
	{ PAYLOAD_D,		"......" "..." "...." "." "*" },
	{ PAYLOAD_VID,		"vvvvvv" "vvv" "vvvv" "v" "v" },
	{ PAYLOAD_ATTR,		"......" "..." "...." "1" "." },
	{ PAYLOAD_NATD,		"******" "***" "...." "." "." },
	{ PAYLOAD_NATD_DRAFT,	"******" "***" "...." "." "." },
	{ PAYLOAD_NATD_DRAFT4,	"******" "***" "...." "." "." },
	{ PAYLOAD_NATOA,	"......" "..." "22.." "." "." },
	{ PAYLOAD_NATOA_DRAFT,	"......" "..." "22.." "." "." },
	{ PAYLOAD_NATOA_DRAFT4,	"......" "..." "22.." "." "." },
};

static const struct {
	char cell;
	uint8_t min;
	uint8_t max;
} counts[] = {
	{ '.', 0, 0 },
	{ '1', 1, 1 },
	{ '?', 0, 1 },
	{ '2', 0, 2 },
	{ '*', 0, 16 },
	{ '+', 1, 16 },
	{ 'v', 0, 40 }, /* iOS sends ten NAT-T ids alone */
};
/* clang-format on */

#define N_RULES (sizeof(rules) / sizeof(*rules))
#define N_COUNTS (sizeof(counts) / sizeof(*counts))

#define NEED_HASH_OR_SIG 0x01 /* exactly one payload of the two */
#define NEED_ID_PAIR 0x02     /* two identities or none */
#define NEED_N_OR_D 0x04      /* something to say */

static const struct {
	const char *name;
	uint8_t first; /* type of the first payload, or PAYLOAD_NONE */
	uint8_t need;
} kinds[KIND_MAX] = {
	[KIND_MAIN_1] = { "Main Mode 1", PAYLOAD_SA, 0 },
	[KIND_MAIN_2] = { "Main Mode 2", PAYLOAD_SA, 0 },
	[KIND_MAIN_3] = { "Main Mode 3", PAYLOAD_NONE, 0 },
	[KIND_MAIN_4] = { "Main Mode 4", PAYLOAD_NONE, 0 },
	[KIND_MAIN_5] = { "Main Mode 5", PAYLOAD_NONE, NEED_HASH_OR_SIG },
	[KIND_MAIN_6] = { "Main Mode 6", PAYLOAD_NONE, NEED_HASH_OR_SIG },
	[KIND_AGGRESSIVE_1] = { "Aggressive Mode 1", PAYLOAD_SA, 0 },
	[KIND_AGGRESSIVE_2] = { "Aggressive Mode 2", PAYLOAD_SA,
	    NEED_HASH_OR_SIG },
	[KIND_AGGRESSIVE_3] = { "Aggressive Mode 3", PAYLOAD_NONE,
	    NEED_HASH_OR_SIG },
	[KIND_QUICK_1] = { "Quick Mode 1", PAYLOAD_HASH, NEED_ID_PAIR },
	[KIND_QUICK_2] = { "Quick Mode 2", PAYLOAD_HASH, NEED_ID_PAIR },
	[KIND_QUICK_3] = { "Quick Mode 3", PAYLOAD_HASH, 0 },
	[KIND_QUICK_4] = { "Quick Mode 4", PAYLOAD_HASH, 0 },
	[KIND_TRANSACTION] = { "Transaction", PAYLOAD_HASH, 0 },
	[KIND_INFORMATIONAL] = { "Informational", PAYLOAD_HASH, NEED_N_OR_D },
};

const char *
isakmp_kind_name(enum isakmp_kind kind)
{
	return (unsigned int)kind < KIND_MAX ? kinds[kind].name : "unknown";
}

/* How often a type was there against the cell's minimum and maximum. */
static enum isakmp_error
check_count(char cell, uint8_t count)
{
	size_t i;

	for (i = 0; i < N_COUNTS; i++) {
		if (counts[i].cell != cell)
			continue;
		if (count < counts[i].min)
			return ISAKMP_E_PAYLOAD_MISSING;
		if (count <= counts[i].max)
			return ISAKMP_OK;
		return counts[i].max == 0 ? ISAKMP_E_PAYLOAD_TYPE :
					    ISAKMP_E_PAYLOAD_REPEATED;
	}
	return ISAKMP_E_PAYLOAD_TYPE;
}

static int
has_rule(uint8_t type)
{
	size_t i;

	for (i = 0; i < N_RULES; i++) {
		if (rules[i].type == type)
			return 1;
	}
	return 0;
}

/* What a maximum and a minimum cannot say. */
static enum isakmp_error
check_needs(uint8_t need, const uint8_t count[256], uint8_t *bad)
{
	if ((need & NEED_HASH_OR_SIG) &&
	    count[PAYLOAD_HASH] + count[PAYLOAD_SIG] != 1) {
		*bad = PAYLOAD_HASH;
		return ISAKMP_E_HASH_OR_SIG;
	}
	if ((need & NEED_ID_PAIR) && count[PAYLOAD_ID] == 1) {
		*bad = PAYLOAD_ID;
		return ISAKMP_E_ID_PAIR;
	}
	if ((need & NEED_N_OR_D) && count[PAYLOAD_N] + count[PAYLOAD_D] == 0) {
		*bad = PAYLOAD_N;
		return ISAKMP_E_PAYLOAD_MISSING;
	}
	return ISAKMP_OK;
}

enum isakmp_error
isakmp_check_payloads(
    const struct isakmp_msg *m, enum isakmp_kind kind, uint8_t *bad)
{
	uint8_t count[256], type;
	enum isakmp_error e;
	size_t i;

	if (bad == NULL)
		bad = &type;
	*bad = PAYLOAD_NONE;
	if ((unsigned int)kind >= KIND_MAX || m->n == 0)
		return ISAKMP_E_EMPTY;
	memset(count, 0, sizeof(count));
	for (i = 0; i < m->n; i++) {
		*bad = m->payload[i].type;
		if (!has_rule(*bad))
			return ISAKMP_E_PAYLOAD_TYPE;
		count[*bad]++; /* at most ISAKMP_MAX_PAYLOADS */
	}
	for (i = 0; i < N_RULES; i++) {
		*bad = rules[i].type;
		e = check_count(rules[i].cell[kind], count[*bad]);
		if (e != ISAKMP_OK)
			return e;
	}
	*bad = m->payload[0].type;
	if (kinds[kind].first != PAYLOAD_NONE && *bad != kinds[kind].first)
		return ISAKMP_E_PAYLOAD_ORDER;
	return check_needs(kinds[kind].need, count, bad);
}
