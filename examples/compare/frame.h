/* SPDX-License-Identifier: MIT */
/* Two tables of the same columns, one below the other: the reference's rows, then the current ones; each column as numbers. */
#ifndef COMPARE_FRAME_H
#define COMPARE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "csv.h"
#include "options.h"

enum { FRAME_MAX_COLUMNS = 4096, FRAME_TEXTS = 2 };

typedef struct frame_column {
    const char *name;
    uint32_t kind;           /* KEDGE_KIND_... */
    int is_given;            /* the options tell the kind */
    double *x;               /* a number, 0 or 1, or the number of a category, for each row; NaN: missing */
    const char **categories; /* in the order of texts; NULL for numeric columns */
    size_t n_categories;
    size_t n_numbers; /* fields that are numbers */
    size_t n_texts;   /* fields that are neither numbers nor missing */
    size_t odd_row;   /* the first of them */
    const char *odd;  /* and what stands there */
} frame_column;

typedef struct frame {
    size_t n_rows;
    size_t n_reference; /* rows of the reference */
    size_t n_columns;   /* compared ones */
    frame_column *columns;
    size_t *line;             /* line of each row in its text */
    char *texts[FRAME_TEXTS]; /* what names and categories point into */
} frame;

/* Reads texts (from csv_slurp), one or two, and takes them over, whatever comes of it. 0: bad input; *error tells, and *at which of
 * the texts it is about. */
int frame_read(frame *f, char *const *texts, const size_t *lens, size_t n_texts, const options *o, csv_error *error, size_t *at);

void frame_free(frame *f);

#endif
