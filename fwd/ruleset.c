/*
 * What the back ends for nftables and pf share: the choice among them, the
 * checks of the input, ranges as networks.  Pure but for memory: the text is
 * made in a stream over memory.  The parent is the caller.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "fwd/ruleset.h"

static const struct ruleset_backend *const backends[] = {
	[RULESET_NFT] = &ruleset_nft,
	[RULESET_PF_OPENBSD] = &ruleset_pf_openbsd,
	[RULESET_PF_FREEBSD] = &ruleset_pf_freebsd,
};

int
ruleset_native(void)
{
#if defined(__linux__)
	return RULESET_NFT;
#elif defined(__OpenBSD__)
	return RULESET_PF_OPENBSD;
#elif defined(__FreeBSD__)
	return RULESET_PF_FREEBSD;
#else
	return -1;
#endif
}

const char *
ruleset_kind_name(enum ruleset_kind kind)
{
	return backends[kind]->name;
}

const char *const *
ruleset_loader(enum ruleset_kind kind, int check)
{
	return check ? backends[kind]->check : backends[kind]->load;
}

const char *const *
ruleset_unloader(enum ruleset_kind kind, const char **text)
{
	*text = backends[kind]->unload_text;
	return backends[kind]->unload;
}

const char *const *
ruleset_tables(void)
{
	static const char *const tables[] = { RULESET_TUNNELS, NULL };

	return tables;
}

/* --- input that cannot be said in a ruleset --- */

/* A device's name goes into the text as it is: letters that cannot be
 * anything else there. */
static int
device_is_plain(const char *device)
{
	const char *p;

	if (!isalpha((unsigned char)device[0]))
		return 0;
	for (p = device; *p != '\0'; p++) {
		if (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL)
			return 0;
	}
	return 1;
}

static int
check_input(
    const struct ruleset_input *in, char reason[REASON_SIZE], uint32_t *line)
{
	const struct ruleset_interface *i;
	const struct ruleset_pool *p;

	for (p = in->pools; p < in->pools + in->npools; p++) {
		*line = p->line;
		if (addr_span(&p->first, &p->last) == 0) {
			(void)snprintf(reason, REASON_SIZE,
			    "pool \"%s\" holds no address", p->name);
			return -1;
		}
	}
	for (i = in->interfaces; i < in->interfaces + in->ninterfaces; i++) {
		*line = i->line;
		if (!device_is_plain(i->device)) {
			(void)snprintf(reason, REASON_SIZE,
			    "interface \"%s\": \"%s\" is no device name",
			    i->name, i->device);
			return -1;
		}
	}
	*line = 0;
	return 0;
}

char *
ruleset_text(enum ruleset_kind kind, const struct ruleset_input *in,
    char reason[REASON_SIZE], uint32_t *line)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f;
	int bad;

	if (check_input(in, reason, line) == -1)
		return NULL;
	if ((f = open_memstream(&text, &len)) == NULL) {
		(void)snprintf(reason, REASON_SIZE, "%s", strerror(errno));
		return NULL;
	}
	fprintf(
	    f, "# made by ikerd from its configuration; not to be edited\n");
	backends[kind]->write(f, in);
	bad = ferror(f);
	if (fclose(f) == EOF || bad) {
		(void)snprintf(reason, REASON_SIZE, "no memory for the rules");
		free(text);
		return NULL;
	}
	return text;
}

/* --- for the back ends --- */

void
ruleset_origin(FILE *f, const char *indent, const char *what, const char *name,
    uint32_t line)
{
	char text[2 * NAME_SIZE];

	/* printable, so that no name can end the comment */
	(void)str_printable(text, sizeof(text), name, strlen(name));
	fprintf(f, "%s# %s \"%s\"", indent, what, text);
	if (line != 0)
		fprintf(f, ", line %" PRIu32, line);
	fputc('\n', f);
}

void
ruleset_lines(FILE *f, const char *const *line)
{
	for (; *line != NULL; line++)
		fprintf(f, "%s\n", *line);
}
