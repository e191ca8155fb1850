/* SPDX-License-Identifier: MIT */
/* A CSV text as rows of numbers and classes that models take. */
#ifndef WATCH_DATA_SET_H
#define WATCH_DATA_SET_H

#include <stddef.h>

#include "csv.h"

enum { DATA_SET_MAX_CLASSES = 100, DATA_SET_MAX_COLUMNS = 4096 };

typedef struct data_set {
    size_t n_rows;
    size_t n_features;
    size_t n_classes;
    double *x;           /* n_rows * n_features */
    double *y;           /* n_rows classes 0 .. n_classes - 1, in the order of their sorted labels */
    size_t *line;        /* n_rows lines of the text */
    char **names;        /* n_features */
    char **classes;      /* n_classes labels, as in the text */
    const char *label;   /* name of the label column, as given */
    size_t n_missing;    /* numbers that were missing: the last one seen in their column stands for them */
    size_t n_unlabelled; /* rows without a label, left out */
    char *text;          /* the CSV text, which names and classes point into */
} data_set;

/* Takes over text (from csv_slurp), whatever comes of it. drop: names of columns to leave out, with commas between; may be NULL.
 * 0: bad input, *error tells. */
int data_set_read(data_set *d, char *text, size_t len, const char *label, const char *drop, csv_error *error);

void data_set_free(data_set *d);

#endif
