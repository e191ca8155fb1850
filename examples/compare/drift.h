/* SPDX-License-Identifier: MIT */
/* The comparison: every column of the current rows against the reference's, then which have moved. */
#ifndef COMPARE_DRIFT_H
#define COMPARE_DRIFT_H

#include <kedge.h>
#include <kedge/table.h>

#include "frame.h"
#include "options.h"

/* The configuration of any method. */
typedef union drift_method {
    kedge_shift_config base;
    double align;
    unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
} drift_method;

typedef struct drift {
    kedge_table_config cfg;
    drift_method numeric;
    drift_method nominal;
    drift_method boolean;
    kedge_table_column *columns; /* what has become of each column of the frame */
    size_t *order;               /* columns from the one that moved most surely on */
    kedge_table_report report;
} drift;

/* A category and its shares of the values that are there. */
typedef struct drift_share {
    size_t code;
    double before;
    double now;
} drift_share;

/* Compares. 0: it cannot; a message went to standard error. */
int drift_run(drift *d, const frame *f, const options *o);

void drift_free(drift *d);

/* The method of a column. */
const kedge_shift_config *drift_method_of(const drift *d, size_t column);

/* Shares of a column's categories, n_categories of them in the order of codes; free() them. NULL: out of memory. */
drift_share *drift_shares(const frame *f, size_t column);

/* The category whose share moved most. 0: there is none, or out of memory. */
int drift_top_share(const frame *f, size_t column, drift_share *share);

#endif
