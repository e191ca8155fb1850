/* SPDX-License-Identifier: MIT */
/* A progress bar on standard error, if that is a terminal. */
#ifndef EXAMPLES_PROGRESS_H
#define EXAMPLES_PROGRESS_H

#include <stddef.h>

typedef struct progress {
    size_t total;
    int is_on;
    int shown; /* per cent; -1: nothing stands on the terminal */
} progress;

void progress_begin(progress *p, size_t total, int is_wanted);
void progress_show(progress *p, const char *what, size_t done);
void progress_clear(progress *p); /* before other output */

#endif
