/*
 * ikeclient: plays the scripts it is given against a gateway and ends with 0
 * only if every expectation held.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "script.h"

static void
usage(void)
{
	fprintf(stderr, "usage: ikeclient [-qv] [-D name=value] script ...\n");
	exit(2);
}

static void
define(struct script *sc, char *text)
{
	char *value = strchr(text, '=');

	if (value == NULL)
		usage();
	*value++ = '\0';
	script_set(sc, text, value);
}

int
main(int argc, char *argv[])
{
	static struct script sc;
	struct actor *a;
	int c;

	script_set(&sc, "host", "127.0.0.1");
	script_set(&sc, "port", "500");
	script_set(&sc, "natt", "4500");
	while ((c = getopt(argc, argv, "D:qv")) != -1)
		switch (c) {
		case 'D':
			define(&sc, optarg);
			break;
		case 'q':
			sc.quiet = 1;
			break;
		case 'v':
			sc.verbose = 1;
			break;
		default:
			usage();
		}
	if (optind == argc)
		usage();
	keys_init();
	for (; optind < argc; optind++) {
		if ((sc.cur = sc.actors = actor_new("client")) == NULL)
			err(1, NULL);
		sc.cur->verbose = sc.verbose;
		script_file(&sc, argv[optind]);
		while ((a = sc.actors) != NULL) {
			sc.actors = a->next;
			actor_free(a);
		}
		say(&sc, "%s: ok", argv[optind]);
	}
	return 0;
}
