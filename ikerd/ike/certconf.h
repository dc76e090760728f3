/*
 * The certificates of a configuration: the gateway's own, one of each kind of
 * key, and the CAs.  Part of struct ikeconf; built from the parent's messages.
 */
#ifndef IKERD_IKE_CERTCONF_H
#define IKERD_IKE_CERTCONF_H

#include "common/bus.h"
#include "common/msg.h"
#include "ikerd/ike/cert.h"

struct cert_blob {
	uint8_t *p;
	size_t len;
};

/* Ours, as clients get it. */
struct cert_own {
	struct cert_blob chain[CHAIN_MAX]; /* DER, ours first */
	size_t n;			   /* 0: there is none of this kind */
	struct cert_blob dn;		   /* DER of our subject */
};

struct certconf {
	struct cert_own own[SIGN_KINDS];
	struct cert_ca **ca;
	size_t ncas;
	struct cert_blob crl; /* the one whose pieces are coming */
};

void certconf_free(struct certconf *); /* what it holds, not itself */
/* By name; NULL for one that is not there. */
struct cert_ca *certconf_ca(const struct certconf *, const char *name);

extern const struct msg_handler certconf_handlers[];
extern const size_t certconf_nhandlers;

/* Rows for `ikerctl show certificates'. */
void certconf_show(struct peer *ctl, const struct certconf *);

#endif /* IKERD_IKE_CERTCONF_H */
