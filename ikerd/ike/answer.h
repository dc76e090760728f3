/*
 * What a client can be told in Mode Config: one row for each attribute that
 * clients ask for, told or never told.
 */
#ifndef IKERD_IKE_ANSWER_H
#define IKERD_IKE_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/isakmp_build.h"

struct ike_sa;

/* A set of attributes: the table's rows, and the numbers that have none. */
#define ANSWER_OTHER (1U << 31)

/*
 * Put the value of each attribute that number lists, once each, in the
 * table's order; n counts them.  Returns the set that was put and, in left,
 * the set that was not: Unity's to a client that is not of that kind, what
 * its group and user have no value for, what is not done here.
 */
uint32_t answer_put(struct isakmp_buf *, const struct ike_sa *,
    const uint16_t *number, size_t n, uint32_t *left);

/* Unity's banner, when the client can show one. */
void answer_put_banner(
    struct isakmp_buf *, const struct ike_sa *, const char *text);

/* The names of a set, separated by commas; returns buf. */
const char *answer_names(uint32_t set, char *buf, size_t size);

/*
 * The port of Cisco's own UDP encapsulation that this client is told when it
 * asks (UNITY_NATT_PORT), or 0: none, or NAT-T does it already.
 */
uint16_t answer_udp_port(const struct ike_sa *);

#endif /* IKERD_IKE_ANSWER_H */
