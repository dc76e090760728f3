/* The configuration in its canonical form, which parses to the same one. */
#ifndef IKERD_PRINTCONF_H
#define IKERD_PRINTCONF_H

#include <stdio.h>

struct conf;

/* Keys that the file holds are printed too: for the owner's eyes. */
void conf_print(const struct conf *, FILE *);

#endif /* IKERD_PRINTCONF_H */
