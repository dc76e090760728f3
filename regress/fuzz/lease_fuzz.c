/*
 * Fuzz: the records of poold's journal, as bytes that passed the journal's
 * check but make no sense, mixed with requests.  Whatever is believed, the
 * state can be dumped and replayed to the same, and no two sessions hold one
 * address.
 */
#include <stdlib.h>
#include <string.h>

#include "common/rnd.h"
#include "poold/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

static int
nowhere(const uint8_t *r, size_t len, void *arg)
{
	return 0;
}

static int
into(const uint8_t *r, size_t len, void *other)
{
	MUST(leases_replay(other, r, len) == 0);
	return 0;
}

/* Addresses that are held, each one once. */
struct seen {
	struct addr addr[4096];
	size_t n;
};

static void
see(const struct lease_info *i, void *arg)
{
	struct seen *s = arg;
	size_t k;

	if (i->session == 0 || s->n == sizeof(s->addr) / sizeof(s->addr[0]))
		return;
	for (k = 0; k < s->n; k++)
		MUST(!addr_equal(&s->addr[k], &i->address));
	s->addr[s->n++] = i->address;
}

static void
check(struct leases *l)
{
	static struct seen seen;
	struct leases *other = leases_new(nowhere, NULL, 1000);

	seen.n = 0;
	leases_walk(l, see, &seen);
	MUST(leases_dump(l, into, other) == 0);
	MUST(leases_held(l) == leases_held(other));
	MUST(leases_remembered(l) == leases_remembered(other));
	leases_free(other);
}

/* One step: a record, or a request made of a few bytes. */
static size_t
step(struct leases *l, const uint8_t *in, size_t size)
{
	struct addr a = addr_ip4(0x0a000000U + (size > 2 ? in[2] : 0)), got;
	uint64_t session = size > 1 ? in[1] : 0;
	struct pool_range r;
	size_t len;

	memset(&r, 0, sizeof(r));
	strlcpy(r.name, "p", sizeof(r.name));
	switch (in[0] % 8) {
	case 0:
	case 1: /* a record of so many bytes */
		len = size > 1 ? in[1] : 0;
		if (len > size - 2 || size < 2)
			return size;
		(void)leases_replay(l, in + 2, len);
		return 2 + len;
	case 2:
		if (session % 4 == 3) {
			(void)leases_get_fixed(l, session, "u", &a, 5);
			break;
		}
		(void)leases_get(l, session, "p", "u", &a, 5, &got);
		break;
	case 3:
		(void)leases_keep(l, session, "p", "v", &a, 6);
		break;
	case 4:
		(void)leases_put(l, session, 7);
		break;
	case 5:
		leases_resync_begin(l);
		break;
	case 6:
		(void)leases_resync_done(l, 8);
		break;
	default:
		r.first = addr_ip4(0x0a000000U);
		r.last = a;
		leases_configure(l, &r, session % 2, NULL);
		break;
	}
	return 3;
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct leases *l;
	size_t n;

	rnd_hold(1);
	l = leases_new(nowhere, NULL, 8);
	while (size > 0) {
		n = step(l, in, size);
		if (n > size)
			n = size;
		in += n;
		size -= n;
	}
	check(l);
	leases_free(l);
	return 0;
}
