/* Whose a certificate is: patterns of ikerd.conf, and names that clients say.
 */
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "ikerd/alg/x509id.h"
#include "regress/unit/test.h"

static void
subject_add(X509_NAME *name, const char *type, const char *value, int len)
{
	CHECK(X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8,
		  (const unsigned char *)value, len, -1, 0) == 1);
}

/* O=Test, OU=staff, OU=a,b, CN=gw.example.com; three alternative names. */
static X509 *
certificate(void)
{
	static X509 *x;
	X509_EXTENSION *e;

	if (x != NULL)
		return x;
	x = X509_new();
	subject_add(X509_get_subject_name(x), "O", "Test", -1);
	subject_add(X509_get_subject_name(x), "OU", "staff", -1);
	subject_add(X509_get_subject_name(x), "OU", "a,b", -1);
	subject_add(X509_get_subject_name(x), "OU", "root\0staff", 10);
	subject_add(X509_get_subject_name(x), "CN", "gw.example.com", -1);
	e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
	    "DNS:gw.example.com,email:bob@mail.example.com,IP:192.0.2.7");
	CHECK(e != NULL && X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
	return x;
}

TEST(patterns)
{
	static const struct {
		const char *pattern;
		int matches;
	} rows[] = {
		{ "*", 1 }, { "OU=staff", 1 }, { "OU=STAFF", 1 },
		{ "OU=sta", 0 }, { "OU=sta*", 1 }, { "OU=*ff", 1 },
		{ "OU=*t*f*", 1 }, { "OU=root", 0 }, /* the NUL is no end */
		{ "OU=root*", 0 }, { "OU=a\\,b", 1 }, { "OU=a", 0 },
		{ "CN=*.example.com, OU=staff", 1 },
		{ "CN=*.example.com, OU=sales", 0 },
		{ "O=Test,CN=gw.example.com", 1 }, { "C=DE", 0 },
		{ "*@mail.example.com", 1 }, { "*@example.com", 0 },
		{ "*.example.com", 1 }, { "192.0.2.7", 1 }, { "192.0.2.*", 1 },
		{ "192.0.2.8", 0 }, { "staff", 0 }, /* no alternative name */
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (x509id_matches(certificate(), rows[i].pattern) ==
		    rows[i].matches)
			continue;
		printf("%s\n", rows[i].pattern);
		test_failures++;
	}
}

TEST(wrong_patterns)
{
	CHECK(x509id_pattern_wrong("*") == NULL);
	CHECK(x509id_pattern_wrong("OU=a\\,b, CN=*") == NULL);
	CHECK(x509id_pattern_wrong("XY=a") != NULL);
	CHECK(x509id_pattern_wrong("OU=") != NULL);
	CHECK(x509id_pattern_wrong("OU=a, b") != NULL);
	CHECK(x509id_pattern_wrong("=a") != NULL);
}

TEST(names)
{
	static const uint8_t ip[4] = { 192, 0, 2, 7 };
	X509 *x = certificate();

	CHECK(x509id_has_unit(x, "staff", 5));
	CHECK(!x509id_has_unit(x, "Staff", 5));
	CHECK(!x509id_has_unit(x, "root", 4));
	CHECK(!x509id_has_unit(x, "root\0staff", 10));
	CHECK(x509id_has_name(x, X509ID_DNS, "GW.example.com", 14));
	CHECK(!x509id_has_name(x, X509ID_DNS, "gw.example.co", 13));
	CHECK(!x509id_has_name(x, X509ID_EMAIL, "gw.example.com", 14));
	CHECK(x509id_has_name(x, X509ID_EMAIL, "bob@mail.example.com", 20));
	CHECK(x509id_has_name(x, X509ID_ADDRESS, ip, 4));
	CHECK(!x509id_has_name(x, X509ID_ADDRESS, "\300\0\2\10", 4));
}

TESTS(T(patterns), T(wrong_patterns), T(names))
