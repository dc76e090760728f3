/*
 * Judges the certificate of a peer that we began Main Mode with: by the rules
 * for a client's (certauth.c), and it must be the peer that it was.  Called by
 * main_ours.c, which passes over what is not taken here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/certauth.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/main_cert.h"
#include "ikerd/ike/mainmode.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"

#define JUDGED_MAX 8 /* of one try: each costs us as much as a client's */

int
main_cert_fits(const struct ike_sa *sa)
{
	return sa->session->group->ca != NULL && !sa->auth->hybrid &&
	    certauth_subject(sa) != NULL;
}

static int
not_taken(struct phase1 *p, const char *why)
{
	free(p->why);
	p->why = strdup(why); /* NULL: it is told in fewer words */
	return 0;
}

/*
 * Who changes octets of the true message 6 on its way makes one that can be
 * read and does not verify, so that the true one is waited for; not without
 * end.
 */
int
main_cert_proves(struct ike_sa *sa, const struct main_last *l)
{
	struct phase1 *p = sa->phase1;
	char why[CERT_WHY_LEN];
	struct group *g;

	if (!main_is_same(sa, l))
		return not_taken(p, "it calls itself otherwise than before");
	if (p->judged >= JUDGED_MAX)
		return 0;
	p->judged++;
	g = certauth_client(sa, &l->msg, &l->id, l->hash, why);
	if (g == NULL)
		return not_taken(p, why);
	return g == sa->session->group ||
	    not_taken(p, "its certificate is another peer's now");
}

const char *
main_cert_why(const struct ike_sa *sa)
{
	static char text[TEXT_SIZE];

	if (sa->phase1->why == NULL)
		return "message 6 of the peer cannot be used";
	(void)snprintf(
	    text, sizeof(text), "message 6 of the peer: %s", sa->phase1->why);
	return text;
}
