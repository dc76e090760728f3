/*
 * Which of the peer's proposals is taken: pure decisions over parsed offers
 * and the configuration, and the words for why none was.
 */
#ifndef IKERD_IKE_CHOOSE_H
#define IKERD_IKE_CHOOSE_H

#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/offer.h"

/* What the client must do after phase 1. */
enum want_xauth {
	XAUTH_NONE,   /* peer without config: only plain methods */
	XAUTH_NEVER,  /* group without login: plain methods before XAUTH's */
	XAUTH_FIRST,  /* peer with login: plain ones after XAUTH's */
	XAUTH_ALWAYS, /* a transform without XAUTH is never taken */
	METHOD_NEVER  /* nor any other: the method is not for this client */
};

/* The same for each way to prove who one is. */
struct choose_want {
	enum want_xauth psk;
	enum want_xauth cert;	/* signatures on both sides */
	enum want_xauth hybrid; /* the gateway signs */
};

/*
 * The policies' order decides, then the offer's; *xauth says whether the method
 * chosen demands XAUTH.  0, or -1 when nothing fits.
 */
int choose_ike(const struct ike_offer *, const struct ikeconf *,
    const struct choose_want *, const struct ike_transform **,
    const struct ike_policy **, int *xauth);
/* "offered A, B; accepted would be C, D" for show failures. */
void choose_ike_why(const struct ike_offer *, const struct ikeconf *,
    const struct choose_want *, char *buf, size_t size);

struct esp_choice {
	const struct ipsec_bundle *bundle;
	const struct ipsec_proposal *proposal;
	const struct ipsec_transform *transform;
	const struct esp_suite *suite;
};

/*
 * natt: the SA must be, or must not be, in UDP.  Bundles that hold anything
 * beside one ESP proposal are passed over.
 */
int choose_esp(const struct ipsec_offer *, const struct group *, int natt,
    struct esp_choice *);
void choose_esp_why(const struct ipsec_offer *, const struct group *, int natt,
    char *buf, size_t size);

#endif /* IKERD_IKE_CHOOSE_H */
