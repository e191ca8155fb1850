/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef COMPARE_OPTIONS_H
#define COMPARE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

typedef struct options {
    const char *reference; /* a file, "-": standard input */
    const char *current;   /* NULL: the reference's file is split */
    const char *split;     /* as given; NULL: not */
    double split_at;       /* share of the rows below 1, else how many */
    const char *by;        /* COLUMN=VALUE; NULL: not */
    const char *columns;   /* names with commas between; NULL: all */
    const char *drop;      /* likewise; NULL: none */
    const char *nominal;   /* likewise */
    const char *boolean;   /* likewise */
    const char *adjust;    /* name */
    const char *method;    /* name of a class of kedge for numeric columns */
    const char *html;      /* NULL: none */
    const char *json;      /* NULL: none */
    double alpha;
    double min_effect;
    uint32_t adjustment; /* KEDGE_ADJUST_... */
    int quiet;
    int help;
    int version;
} options;

/* 0: wrong usage; a message went to standard error. */
int options_read(options *o, int argc, char **argv);

void options_help(void);

/* How a file is called in messages. */
const char *options_file_name(const char *file);

#endif
