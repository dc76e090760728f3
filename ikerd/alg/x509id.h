/*
 * Whose a certificate is: patterns of ikerd.conf(5) and single names against
 * its subject and its alternative names.
 */
#ifndef IKERD_ALG_X509ID_H
#define IKERD_ALG_X509ID_H

#include <openssl/types.h>
#include <stddef.h>

/*
 * A pattern with = in it is of the subject: "OU=staff, CN=*.example.com", each
 * part must be there, in any order, \, is a comma.  Others are of alternative
 * names (DNS, e-mail, address).  * stands for any characters, case does not
 * count; "*" alone is everybody.  1 or 0.
 */
int x509id_matches(X509 *, const char *pattern);
/* NULL, or what is wrong with a pattern. */
const char *x509id_pattern_wrong(const char *pattern);

/* Has the subject this organizational unit? */
int x509id_has_unit(X509 *, const void *name, size_t len);

/* Has it this alternative name, octet by octet (DNS, e-mail: but for case)? */
enum x509id_kind {
	X509ID_DNS,
	X509ID_EMAIL,
	X509ID_ADDRESS /* 4 or 16 octets */
};
int x509id_has_name(X509 *, enum x509id_kind, const void *name, size_t len);

#endif /* IKERD_ALG_X509ID_H */
