/*
 * Phase 1 with certificates (RFC 2409 5.1, RFC 4754, hybrid): who the client
 * is by what it shows, which group that is, and our own certificate and
 * signature.  Main and Aggressive Mode call this at the same places where a
 * pre-shared key's HASH stands otherwise.
 */
#ifndef IKERD_IKE_CERTAUTH_H
#define IKERD_IKE_CERTAUTH_H

#include "ikerd/ike/cert.h"
#include "ikerd/ike/phase1.h"

struct group;

/* Is the method one with certificates: at least the gateway signs? */
int certauth_signs(const struct ike_sa *);

/*
 * The last message of a client, or of a peer that we began with: its
 * certificate chain, signature of hash (HASH_I or HASH_R) and identity; with
 * hybrid only the identity, its HASH is the caller's to check. The group that
 * it belongs to, or NULL with the reason in why.
 *
 * At most one chain for each ca and one signature are verified, the signature
 * by a key that a configured CA has certified.
 */
struct group *certauth_client(const struct ike_sa *, const struct isakmp_msg *,
    const struct ident *, const uint8_t *hash, char why[CERT_WHY_LEN]);

/*
 * Ask crypto for SIG_R; done is called with it.  gxr: our public value.  Our
 * identity is that of phase1_our_ident().
 */
void certauth_ask_signature(struct ike_sa *, struct span gxr,
    void (*done)(struct job *, const struct msg_SIGN_DONE *));

/*
 * The same as initiator or responder, as the SA says, for a job of one's own:
 * owner, an SA with its SKEYID and public value, and failed are set.
 */
void certauth_sign(
    struct job *, void (*done)(struct job *, const struct msg_SIGN_DONE *));

/* CERT payloads: our certificate and the chain above it. */
void certauth_put_chain(const struct ike_sa *, struct isakmp_buf *);
/* CERTREQ payloads: the CAs whose certificates are taken.  Not with hybrid. */
void certauth_put_requests(const struct ike_sa *, struct isakmp_buf *);
/* Our certificate's subject, DER; NULL when there is no certificate. */
const struct cert_blob *certauth_subject(const struct ike_sa *);

/* The client is told, as far as it can read it, that it is not let in. */
void certauth_tell_failed(struct ike_sa *);

struct certauth_counters {
	uint64_t verified, refused, signed_;
};
extern struct certauth_counters certauth_counters;

#endif /* IKERD_IKE_CERTAUTH_H */
