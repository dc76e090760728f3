/* Running a system command (nft, pfctl, ip, arp) with text on its input. */
#ifndef IKERD_RUN_H
#define IKERD_RUN_H

#include <stddef.h>

#define RUN_OUTPUT 512

/*
 * Run argv (argv[0] absolute) with input on standard input, in an empty
 * environment, and wait for it, 10 s at most.  0 when it ended with status 0;
 * otherwise -1 with why: the beginning of what it said, or what happened to it.
 */
int run_command(
    const char *const argv[], const char *input, char why[RUN_OUTPUT]);

/* The absolute path of a command of the base system; NULL: not there. */
const char *run_find(const char *name, char *buf, size_t size);

#endif /* IKERD_RUN_H */
