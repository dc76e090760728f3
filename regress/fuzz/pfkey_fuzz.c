/*
 * Fuzz what comes from a PF_KEY socket: byte 0 chooses the kernel, the rest
 * is one message.  What is read without complaint must point into itself.
 */
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/pfkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
within(const uint8_t *buf, size_t len, const struct pfkey_key *k)
{
	if (k->p != NULL &&
	    (k->p < buf || k->p > buf + len ||
		k->len > (size_t)(buf + len - k->p)))
		abort();
}

static void
one(enum kernel_variant id, const uint8_t *buf, size_t len)
{
	struct kernel_algs algs;
	struct pfkey_info i;
	char why[64];

	if (pfkey_read(pfkey_variant(id), buf, len, &i) == -1)
		return;
	within(buf, len, &i.key_auth);
	within(buf, len, &i.key_encrypt);
	within(buf, len, &i.supported_auth);
	within(buf, len, &i.supported_encrypt);
	if (memchr(i.id_src.text, '\0', sizeof(i.id_src.text)) == NULL)
		abort();
	pfkey_algs(pfkey_variant(id), &i, &algs);
	(void)kernel_can(&algs, i.encrypt, 128, i.auth, 0, why, sizeof(why));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;
	int id;

	if (size == 0)
		return 0;
	/* exactly as long as the message, so that a byte too far is seen */
	if ((copy = malloc(size == 1 ? 1 : size - 1)) == NULL)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (size - 1 >= 6) {
		/* let the length be right most of the time */
		uint16_t words = (size - 1) / 8;

		if (data[0] & 0x80)
			memcpy(copy + 4, &words, sizeof(words));
	}
	for (id = KERNEL_LINUX; id <= KERNEL_OPENBSD; id++)
		if ((data[0] & 7) == id || (data[0] & 7) == 0)
			one(id, copy, size - 1);
	free(copy);
	return 0;
}
