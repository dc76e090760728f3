/* The filter process: "fwd -P filter".  main.c is the only caller. */
#ifndef FWD_FILTER_PROCESS_H
#define FWD_FILTER_PROCESS_H

#include "common/proc.h"

extern const struct proc filter_process;

#endif /* FWD_FILTER_PROCESS_H */
