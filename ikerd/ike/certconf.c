/*
 * Builds the certificates of the configuration from the parent's messages, and
 * lists them.  The parent has judged them; what cannot be read here refuses
 * the whole.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "common/clock.h"
#include "common/log.h"
#include "ikerd/alg/x509.h"
#include "ikerd/ike/certconf.h"
#include "ikerd/ike/ikeconf.h"

#define CRL_MAX (4U << 20)

/* Octets behind those that are there. */
static void
append(struct cert_blob *b, const uint8_t *p, size_t len)
{
	b->p = recallocarray(b->p, b->len, b->len + len, 1);
	if (b->p == NULL)
		fatal("configuration");
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

static void
empty(struct cert_blob *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

void
certconf_free(struct certconf *c)
{
	struct cert_own *own;
	size_t i;

	for (own = c->own; own < c->own + SIGN_KINDS; own++) {
		for (i = 0; i < own->n; i++)
			empty(&own->chain[i]);
		empty(&own->dn);
	}
	for (i = 0; i < c->ncas; i++)
		cert_ca_free(c->ca[i]);
	free(c->ca);
	empty(&c->crl);
	memset(c, 0, sizeof(*c));
}

struct cert_ca *
certconf_ca(const struct certconf *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->ncas; i++) {
		if (strcmp(cert_ca_name(c->ca[i]), name) == 0)
			return c->ca[i];
	}
	return NULL;
}

/* --- messages --- */

/* The subject of our certificate: what we call ourselves. */
static int
take_subject(struct cert_own *own)
{
	const uint8_t *p = own->chain[0].p;
	X509 *x = d2i_X509(NULL, &p, (long)own->chain[0].len);
	uint8_t *der = NULL;
	int len = -1;

	if (x != NULL)
		len = i2d_X509_NAME(X509_get_subject_name(x), &der);
	if (len > 0 && len <= IDENT_DN_MAX)
		append(&own->dn, der, (size_t)len);
	OPENSSL_free(der);
	X509_free(x);
	ERR_clear_error();
	return own->dn.len > 0 ? 0 : -1;
}

static void
handle_cert(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_CERT *m = payload;
	struct cert_own *own = &ikeconf_building()->certs.own[m->kind];

	if (own->n == CHAIN_MAX) {
		ikeconf_refuse(m->line, "too many certificates in the chain");
		return;
	}
	append(&own->chain[own->n++], m->der, m->der_len);
	if (own->n == 1 && take_subject(own) == -1)
		ikeconf_refuse(
		    m->line, "the certificate has no subject that fits");
}

static struct cert_ca *
new_ca(struct certconf *c, const struct msg_CONF_CA *m)
{
	c->ca = recallocarray(c->ca, c->ncas, c->ncas + 1, sizeof(*c->ca));
	if (c->ca == NULL ||
	    (c->ca[c->ncas] = cert_ca_new(m->name, m->legacy)) == NULL)
		fatal("configuration");
	return c->ca[c->ncas++];
}

static void
handle_ca(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_CA *m = payload;
	struct certconf *c = &ikeconf_building()->certs;
	struct cert_ca *ca = certconf_ca(c, m->name);

	if (ca == NULL)
		ca = new_ca(c, m);
	if (cert_ca_add(ca, m->der, m->der_len) == -1)
		ikeconf_refuse(m->line, "a certificate of the ca is none");
}

static void
handle_crl(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_CRL *m = payload;
	struct certconf *c = &ikeconf_building()->certs;
	struct cert_ca *ca = certconf_ca(c, m->name);

	if (ca == NULL || c->crl.len + m->der_len > CRL_MAX) {
		ikeconf_refuse(0, "a CRL of no ca, or too long");
		return;
	}
	append(&c->crl, m->der, m->der_len);
	if (!m->last)
		return;
	if (cert_ca_add_crl(ca, c->crl.p, c->crl.len) == -1)
		ikeconf_refuse(0, "a CRL cannot be read");
	empty(&c->crl);
}

const struct msg_handler certconf_handlers[] = {
	{ MSG_CONF_CERT, handle_cert },
	{ MSG_CONF_CA, handle_ca },
	{ MSG_CONF_CRL, handle_crl },
};
const size_t certconf_nhandlers = sizeof(certconf_handlers) /
    sizeof(certconf_handlers[0]);

/* --- rows --- */

static void
send_row(struct peer *ctl, const char *kind, const char *name,
    const X509_NAME *subject, const ASN1_TIME *from, const ASN1_TIME *to)
{
	struct msg_ROW_CERTIFICATE row;
	uint64_t now = clock_sec();

	memset(&row, 0, sizeof(row));
	strlcpy(row.kind, kind, sizeof(row.kind));
	strlcpy(row.name, name, sizeof(row.name));
	(void)x509_name_text(subject, row.subject, sizeof(row.subject));
	row.not_before = x509_seconds(from);
	row.not_after = x509_seconds(to);
	strlcpy(row.state,
	    row.not_before > now			  ? "not yet valid" :
		row.not_after != 0 && row.not_after < now ? "expired" :
							    "valid",
	    sizeof(row.state));
	bus_send(ctl, MSG_ROW_CERTIFICATE, &row, -1);
}

static void
send_cert(struct peer *ctl, const char *kind, const char *name, X509 *x)
{
	send_row(ctl, kind, name, X509_get_subject_name(x),
	    X509_get0_notBefore(x), X509_get0_notAfter(x));
}

static void
show_own(struct peer *ctl, const struct cert_own *own, enum sign_kind kind)
{
	const uint8_t *p;
	size_t i;
	X509 *x;

	for (i = 0; i < own->n; i++) {
		p = own->chain[i].p;
		x = d2i_X509(NULL, &p, (long)own->chain[i].len);
		if (x != NULL)
			send_cert(ctl, i == 0 ? "gateway" : "chain",
			    sig_kind_name(kind), x);
		X509_free(x);
	}
	ERR_clear_error();
}

static void
show_ca(struct peer *ctl, const struct cert_ca *ca)
{
	X509_CRL *crl;
	size_t i;
	X509 *x;

	for (i = 0; (x = cert_ca_cert(ca, i)) != NULL; i++)
		send_cert(ctl, "ca", cert_ca_name(ca), x);
	for (i = 0; (crl = cert_ca_crl(ca, i)) != NULL; i++)
		send_row(ctl, "crl", cert_ca_name(ca), X509_CRL_get_issuer(crl),
		    X509_CRL_get0_lastUpdate(crl),
		    X509_CRL_get0_nextUpdate(crl));
}

void
certconf_show(struct peer *ctl, const struct certconf *c)
{
	unsigned int kind;
	size_t i;

	for (kind = 0; kind < SIGN_KINDS; kind++)
		show_own(ctl, &c->own[kind], (enum sign_kind)kind);
	for (i = 0; i < c->ncas; i++)
		show_ca(ctl, c->ca[i]);
}
