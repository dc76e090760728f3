/* Where every IKE message comes in and is told apart. */
#ifndef IKERD_IKE_INPUT_H
#define IKERD_IKE_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct endpoint;
struct ike_socket;

/* One message, without its non-ESP marker; buf is overwritten. */
void input(
    struct ike_socket *, const struct endpoint *peer, uint8_t *buf, size_t len);

struct input_counters {
	uint64_t messages, malformed, unknown_cookies, not_in_state, in_clear;
	uint64_t repeated, first_unknown;
};
extern struct input_counters input_counters;

#endif /* IKERD_IKE_INPUT_H */
