/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef WATCH_OPTIONS_H
#define WATCH_OPTIONS_H

#include <stddef.h>

enum { WATCH_STATIC = 1, WATCH_RETRAIN = 2, WATCH_ONLINE = 4, WATCH_ALL = 7 };

typedef struct options {
    const char *file; /* "-": standard input */
    const char *label;
    const char *drop;     /* NULL: none */
    const char *model;    /* NULL: each way's own */
    const char *detector; /* name of a class of kedge */
    const char *select;   /* "window" or "change" */
    const char *html;     /* NULL: none */
    const char *json;     /* NULL: none */
    double train;         /* share of the rows */
    size_t window;        /* rows; 0: a fifth of the stream */
    unsigned ways;        /* WATCH_... */
    int quiet;
    int help;
} options;

/* 0: wrong usage; a message went to standard error. */
int options_read(options *o, int argc, char **argv);

void options_help(void);

#endif
