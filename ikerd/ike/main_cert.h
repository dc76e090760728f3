/*
 * Certificates in a Main Mode that we begin: may we, and is the peer's the one
 * of the session's peer?
 */
#ifndef IKERD_IKE_MAIN_CERT_H
#define IKERD_IKE_MAIN_CERT_H

struct ike_sa;
struct main_last;

/*
 * Do we have a certificate for the method of this SA, and does its peer still
 * prove itself by one?
 */
int main_cert_fits(const struct ike_sa *);

/*
 * Does message 6 prove the session's peer: the identity of before, in a
 * certificate that its group takes, and the signature of HASH_R?  0: not this
 * one; main_cert_why() says why, for as long as the SA's phase 1 lasts.
 */
int main_cert_proves(struct ike_sa *, const struct main_last *);
const char *main_cert_why(const struct ike_sa *);

#endif /* IKERD_IKE_MAIN_CERT_H */
