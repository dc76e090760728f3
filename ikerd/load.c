/*
 * One configuration from file or memory through lexer, grammar, keys and
 * checks.  Called at start, at reload and by -n.
 */
#include "ikerd/conf.h"
#include "ikerd/lex.h"
#include "ikerd/parse.h"

static struct conf *
load(struct lexer *l, struct conf *conf, struct report *report, int files)
{
	if (l != NULL) {
		parse_tokens(l, conf, report);
		lex_close(l);
		if (files) {
			conf_read_keys(conf, report);
			conf_read_certificates(conf, report);
		}
		conf_check(conf, report);
	}
	report->conf = NULL;
	if (report->errors == 0)
		return conf;
	conf_free(conf);
	return NULL;
}

struct conf *
conf_load(const char *path, struct report *report)
{
	struct conf *conf = conf_new();

	return load(lex_file(path, conf, report), conf, report, 1);
}

struct conf *
conf_load_buffer(
    const char *name, const void *bytes, size_t len, struct report *report)
{
	struct conf *conf = conf_new();

	return load(
	    lex_buffer(name, bytes, len, conf, report), conf, report, 0);
}
