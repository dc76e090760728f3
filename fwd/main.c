/*
 * fwd: the processes around the system's filter.  "fwd -P filter" changes
 * members of its tables; nothing else is chosen here.
 */
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "fwd/filter_process.h"

static const struct {
	const char *name;
	const struct proc *proc;
} processes[] = {
	{ "filter", &filter_process },
};

int
main(int argc, char *argv[])
{
	const char *name = "";
	size_t i;
	int c;

	opterr = 0; /* the others are proc_run()'s */
	while ((c = getopt(argc, argv, "P:c:dv")) != -1) {
		if (c == 'P')
			name = optarg;
	}
	for (i = 0; i < sizeof(processes) / sizeof(processes[0]); i++) {
		if (strcmp(name, processes[i].name) == 0)
			proc_run(processes[i].proc, argc, argv);
	}
	log_init("fwd", 1);
	fatalx("started by ikerd(8) only: -P filter");
}
