/*
 * Compares names with those in a certificate.  A name with a NUL in it is
 * never the same as anything.  Pure functions; ike asks them of clients'
 * certificates, the parent checks patterns with them.
 */
#include <string.h>
#include <strings.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "common/addr.h"
#include "ikerd/alg/x509id.h"

#define PART_MAX 256

/* --- * --- */

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Without recursion: on a mismatch the last * takes one character more. */
static int
glob(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			again = text;
		} else if (lower(*pattern) == lower(*text)) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++again;
		} else {
			return 0;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

/* --- the subject --- */

/* One part of a pattern: what kind of name, and its value. */
struct part {
	int nid;
	char value[PART_MAX];
};

static const char *
skip_blanks(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

/*
 * Take the next part; the rest of the pattern, NULL when the part is not
 * TYPE=VALUE with a type that is known.
 */
static const char *
next_part(const char *p, struct part *out)
{
	const char *equal;
	char type[64];
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	p = skip_blanks(p);
	equal = strchr(p, '=');
	if (equal == NULL || equal == p || (size_t)(equal - p) >= sizeof(type))
		return NULL;
	memcpy(type, p, (size_t)(equal - p));
	type[equal - p] = '\0';
	if ((out->nid = OBJ_txt2nid(type)) == NID_undef) {
		ERR_clear_error();
		return NULL;
	}
	for (p = skip_blanks(equal + 1); *p != '\0' && *p != ','; p++) {
		if (*p == '\\' && (p[1] == ',' || p[1] == '\\'))
			p++;
		if (n == sizeof(out->value) - 1)
			return NULL;
		out->value[n++] = *p;
	}
	while (n > 0 && out->value[n - 1] == ' ')
		n--;
	out->value[n] = '\0';
	return n == 0 ? NULL : *p == ',' ? p + 1 : p;
}

/* Text of a string in a certificate; 0 when it has a NUL or is too long. */
static int
text_of(const ASN1_STRING *s, char *buf, size_t size)
{
	uint8_t *utf8 = NULL;
	int n, ok;

	n = ASN1_STRING_to_UTF8(&utf8, s);
	ok = n >= 0 && (size_t)n < size &&
	    memchr(utf8, '\0', (size_t)n) == NULL;
	if (ok) {
		memcpy(buf, utf8, (size_t)n);
		buf[n] = '\0';
	}
	OPENSSL_free(utf8);
	if (!ok)
		ERR_clear_error();
	return ok;
}

static int
subject_has(X509 *x, int nid, const char *pattern)
{
	const X509_NAME *name = X509_get_subject_name(x);
	const X509_NAME_ENTRY *e;
	char text[1024];
	int i = -1;

	while ((i = X509_NAME_get_index_by_NID(name, nid, i)) >= 0) {
		e = X509_NAME_get_entry(name, i);
		if (text_of(X509_NAME_ENTRY_get_data(e), text, sizeof(text)) &&
		    glob(pattern, text))
			return 1;
	}
	return 0;
}

static int
subject_matches(X509 *x, const char *pattern)
{
	struct part part;

	while (*pattern != '\0') {
		if ((pattern = next_part(pattern, &part)) == NULL ||
		    !subject_has(x, part.nid, part.value))
			return 0;
	}
	return 1;
}

const char *
x509id_pattern_wrong(const char *pattern)
{
	struct part part;

	if (strchr(pattern, '=') == NULL)
		return NULL;
	while (*pattern != '\0') {
		if ((pattern = next_part(pattern, &part)) == NULL)
			return "expected names like OU=staff, CN=*.example.com";
	}
	return NULL;
}

int
x509id_has_unit(X509 *x, const void *unit, size_t len)
{
	const X509_NAME *name = X509_get_subject_name(x);
	const X509_NAME_ENTRY *e;
	char text[1024];
	int i = -1;

	while ((i = X509_NAME_get_index_by_NID(
		    name, NID_organizationalUnitName, i)) >= 0) {
		e = X509_NAME_get_entry(name, i);
		if (text_of(X509_NAME_ENTRY_get_data(e), text, sizeof(text)) &&
		    strlen(text) == len && memcmp(text, unit, len) == 0)
			return 1;
	}
	return 0;
}

/* --- alternative names --- */

/* Which are looked at, and where their octets are. */
static const ASN1_STRING *
octets_of(const GENERAL_NAME *gn, enum x509id_kind *kind)
{
	switch (gn->type) {
	case GEN_DNS:
		*kind = X509ID_DNS;
		return gn->d.dNSName;
	case GEN_EMAIL:
		*kind = X509ID_EMAIL;
		return gn->d.rfc822Name;
	case GEN_IPADD:
		*kind = X509ID_ADDRESS;
		return gn->d.iPAddress;
	}
	return NULL;
}

/* As text: an address in its usual form. */
static int
alternative_text(
    const ASN1_STRING *s, enum x509id_kind kind, char *buf, size_t size)
{
	struct addr a;
	int len = ASN1_STRING_length(s);

	if (kind != X509ID_ADDRESS)
		return text_of(s, buf, size);
	if (len != 4 && len != 16)
		return 0;
	memset(&a, 0, sizeof(a));
	a.family = len == 4 ? ADDR_IP4 : ADDR_IP6;
	memcpy(a.b, ASN1_STRING_get0_data(s), (size_t)len);
	(void)addr_text(&a, buf);
	return 1;
}

struct wanted {
	const char *pattern; /* or NULL: the name below */
	enum x509id_kind kind;
	const void *name;
	size_t len;
};

static int
is_wanted(const struct wanted *w, const ASN1_STRING *s, enum x509id_kind kind)
{
	size_t len = (size_t)ASN1_STRING_length(s);
	char text[1024];

	if (w->pattern != NULL)
		return alternative_text(s, kind, text, sizeof(text)) &&
		    glob(w->pattern, text);
	if (kind != w->kind || len != w->len)
		return 0;
	if (kind == X509ID_ADDRESS)
		return memcmp(ASN1_STRING_get0_data(s), w->name, len) == 0;
	return memchr(w->name, '\0', len) == NULL &&
	    strncasecmp((const char *)ASN1_STRING_get0_data(s), w->name, len) ==
	    0;
}

static int
alternative_has(X509 *x, const struct wanted *w)
{
	GENERAL_NAMES *names;
	const ASN1_STRING *s;
	enum x509id_kind kind;
	int i, found = 0;

	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	for (i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++) {
		s = octets_of(sk_GENERAL_NAME_value(names, i), &kind);
		found = s != NULL && is_wanted(w, s, kind);
	}
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return found;
}

int
x509id_has_name(X509 *x, enum x509id_kind kind, const void *name, size_t len)
{
	const struct wanted w = { NULL, kind, name, len };

	return alternative_has(x, &w);
}

int
x509id_matches(X509 *x, const char *pattern)
{
	const struct wanted w = { pattern, X509ID_DNS, NULL, 0 };

	if (strcmp(pattern, "*") == 0)
		return 1;
	if (strchr(pattern, '=') != NULL)
		return subject_matches(x, pattern);
	return alternative_has(x, &w);
}
