/*
 * Gives the configuration to fwd's pure policy-to-ruleset code and the text it
 * makes to the system's loader (nft, pfctl).  Only the parent calls this.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "fwd/ruleset.h"
#include "ikerd/conf.h"
#include "ikerd/openkernel.h"
#include "ikerd/rules.h"
#include "ikerd/run.h"

static void *
rows(size_t n, size_t size)
{
	void *p;

	if ((p = calloc(n + 1, size)) == NULL)
		fatal("ruleset: calloc");
	return p;
}

static struct ruleset_pool *
pools(const struct conf *c, size_t *n)
{
	const struct conf_pool *p;
	struct ruleset_pool *out;

	*n = 0;
	TAILQ_FOREACH(p, &c->pools, entry)
		(*n)++;
	out = rows(*n, sizeof(*out));
	*n = 0;
	TAILQ_FOREACH(p, &c->pools, entry) {
		(void)strlcpy(out[*n].name, p->name, sizeof(out[*n].name));
		out[*n].line = p->place;
		out[*n].first = p->first;
		out[(*n)++].last = p->last;
	}
	return out;
}

static struct ruleset_site *
sites(const struct conf *c, size_t *n)
{
	const struct conf_group *g;
	const struct conf_net *net;
	struct ruleset_site *out;

	*n = 0;
	TAILQ_FOREACH(g, &c->groups, entry) {
		TAILQ_FOREACH(net, &g->remotes, entry)
			(*n)++;
	}
	out = rows(*n, sizeof(*out));
	*n = 0;
	TAILQ_FOREACH(g, &c->groups, entry) {
		TAILQ_FOREACH(net, &g->remotes, entry) {
			(void)strlcpy(
			    out[*n].name, g->name, sizeof(out[*n].name));
			out[*n].line = net->place;
			out[(*n)++].net = net->net;
		}
	}
	return out;
}

static struct ruleset_interface *
interfaces(const struct conf *c, size_t *n)
{
	const struct conf_interface *i;
	struct ruleset_interface *out;

	*n = 0;
	TAILQ_FOREACH(i, &c->interfaces, entry)
		(*n)++;
	out = rows(*n, sizeof(*out));
	*n = 0;
	TAILQ_FOREACH(i, &c->interfaces, entry) {
		(void)strlcpy(out[*n].name, i->name, sizeof(out[*n].name));
		(void)strlcpy(
		    out[*n].device, i->device, sizeof(out[*n].device));
		out[*n].line = i->place;
		out[(*n)++].security = i->security;
	}
	return out;
}

static char *
make_text(const struct conf *c, enum ruleset_kind kind, int keep,
    char reason[REASON_SIZE], uint32_t *place)
{
	struct ruleset_interface *ifs;
	struct ruleset_input in;
	struct ruleset_pool *ps;
	struct ruleset_site *ss;
	char *text;

	memset(&in, 0, sizeof(in));
	in.pools = ps = pools(c, &in.npools);
	in.sites = ss = sites(c, &in.nsites);
	in.interfaces = ifs = interfaces(c, &in.ninterfaces);
	in.keep_tables = keep;
	*place = 0;
	text = ruleset_text(kind, &in, reason, place);
	free(ps);
	free(ss);
	free(ifs);
	return text;
}

char *
rules_text(const struct conf *c, char reason[REASON_SIZE], uint32_t *place)
{
	reason[0] = '\0';
	if (ruleset_native() == -1)
		return NULL;
	return make_text(c, ruleset_native(), 0, reason, place);
}

int
rules_load(
    const struct conf *c, int keep, char reason[REASON_SIZE], uint32_t *place)
{
	char why[RUN_OUTPUT], *text;
	int error, kind = ruleset_native();

	if (kind == -1 || !open_kernel_is_real())
		return 0;
	text = make_text(c, (enum ruleset_kind)kind, keep, reason, place);
	if (text == NULL)
		return -1;
	error = run_command(
	    ruleset_loader((enum ruleset_kind)kind, 0), text, why);
	if (error)
		(void)snprintf(reason, REASON_SIZE,
		    "the filter did not take the ruleset: %.200s", why);
	free(text);
	return error;
}

void
rules_clear(void)
{
	const char *const *argv;
	char why[RUN_OUTPUT];
	const char *text;
	int kind = ruleset_native();

	if (kind == -1 || !open_kernel_is_real())
		return;
	argv = ruleset_unloader((enum ruleset_kind)kind, &text);
	if (run_command(argv, text, why) == -1)
		log_warnx("the ruleset could not be removed: %s", why);
}
