/* Door of script.c: the little language of regress/client/scripts. */
#ifndef REGRESS_CLIENT_SCRIPT_H
#define REGRESS_CLIENT_SCRIPT_H

#include "actor.h"

#define ARGS_MAX 64
#define SAVED 16

struct variable {
	struct variable *next;
	char name[32];
	char value[512];
};

struct script {
	const char *file;
	int line;
	int depth; /* of include */
	int quiet;
	int verbose;
	struct variable *vars;
	struct actor *actors;
	struct actor *cur;
	struct {
		char name[32];
		struct datagram d;
	} saved[SAVED];
	struct wire w;
};

struct command {
	const char *name;
	int min, max; /* arguments */
	void (*run)(struct script *, char **, int);
};

extern const struct command setup_commands[]; /* setup.c */
extern const struct command step_commands[];  /* steps.c */
extern const struct command rekey_commands[]; /* rekeys.c */
extern const struct command key_commands[];   /* keyed.c */
extern const struct command bad_commands[];   /* bad.c */
extern const struct command frag_commands[];  /* frag.c */

void script_file(struct script *, const char *);
void script_set(struct script *, const char *, const char *);
void fail(struct script *, const char *, ...)
    __attribute__((__noreturn__, __format__(printf, 2, 3)));
void say(struct script *, const char *, ...)
    __attribute__((__format__(printf, 2, 3)));
long number(struct script *, const char *);
void send_built(struct script *, int);
/* steps.c: the message, or the script fails; the caller frees it */
struct letter *script_await(
    struct script *, match_fn *, const void *, const char *);
void script_spis(struct script *, const struct quick *); /* rekeys.c */

#endif /* REGRESS_CLIENT_SCRIPT_H */
