/* SPDX-License-Identifier: MIT */
/* The state of a schema: a list of columns, each an object, and a sample of the rows that were learned. */
#ifndef KEDGE_PIPELINE_SCHEMA_STATE_H
#define KEDGE_PIPELINE_SCHEMA_STATE_H

#include "kedge/controls/schema.h"

#include "base/arena.h"

enum {
    KEDGE_I_COLUMN_BINS = 8,    /* of a numeric column: enough for location and spread, and found in three steps */
    KEDGE_I_SCHEMA_CHECKED = 1, /* the phases; 0: learning */
    KEDGE_I_SCHEMA_RENEWING = 2
};

#define KEDGE_I_COLUMN_WHOLE_MAX 9007199254740992.0 /* 2^53: whole numbers up to there are doubles */

/* A cell is a category, or a bin between two cuts; one cell more is for categories that are not known. Cells that few values are
 * expected in are rare, and are judged together. */
typedef struct kedge_i_column {
    kedge_state_head head;
    uint64_t name[2]; /* its bytes, the first one lowest */
    uint32_t kind;    /* as declared */
    uint32_t n_categories;
    uint32_t max_categories;
    uint32_t is_whole;
    double low; /* open: +-DBL_MAX, so that infinity is out of any range */
    double high;
    double missing_max;
    double unseen_max;
    uint32_t room; /* categories there may be at most */
    uint32_t window;
    uint32_t n_cells;      /* layout: room, but at least KEDGE_I_COLUMN_BINS */
    uint32_t n_counts;     /* layout: n_cells + 1 */
    uint32_t at_edges;     /* layout: f64[n_cells]: codes of the categories known, or cuts, rising */
    uint32_t at_common;    /* u32[n_counts]: 1: not rare */
    uint32_t at_reference; /* u32[n_counts]: values of each cell in the reference */
    uint32_t at_current;   /* u32[n_counts]: in the window */
    /* in force */
    uint32_t kind_now;
    uint32_t n_categories_now;
    uint32_t max_categories_now;
    uint32_t is_whole_now;
    double low_now;
    double high_now;
    double missing_now;
    double unseen_now;
    /* learned */
    uint64_t n_present;
    uint64_t n_missing;
    double least;
    double greatest;
    uint32_t has_fractions;
    uint32_t has_others;  /* than 0 and 1 */
    uint32_t is_overfull; /* more categories than there is room for */
    uint32_t n_edges;
    /* rates, over the schema's window */
    uint32_t missing_limit; /* so many are too many; UINT32_MAX: none are */
    uint32_t unseen_limit;
    uint32_t n_missing_window;
    uint32_t n_unseen_window;
    uint32_t is_missing; /* too many in the window before */
    uint32_t is_unseen;
    uint32_t told; /* bit by reason: found in this window */
    /* shifts, over the column's own window of values */
    uint32_t n_reference;
    uint32_t n_current;
    uint32_t rare_limit; /* so many rare values are too many; UINT32_MAX: all of them are a cell like any other */
    uint32_t has_window; /* 1: one was judged against this reference */
    uint32_t shifted;    /* why, 0: it is not */
    uint32_t moved;      /* cell that statistic comes from most; n_cells: the rare ones */
    uint32_t n_moved;    /* its values in that window */
    uint32_t n_was;      /* in the reference */
    uint32_t reserved;
    double limit;
    double statistic;
    /* counters */
    uint64_t n_wrong;
    uint64_t n_news;
    uint64_t n_shifts;
    uint64_t n_windows;
} kedge_i_column;

extern const kedge_class kedge_i_column_class;

/* The class's configuration. */
typedef struct kedge_i_column_config {
    const kedge_class *cls;
    uint32_t config_bytes;
    uint32_t room;
    uint32_t window;
    uint32_t reserved;
    kedge_column column;
} kedge_i_column_config;

typedef struct kedge_i_schema {
    kedge_state_head head;
    uint32_t n_columns;
    uint32_t max_categories;
    uint32_t sample_rows;
    uint32_t window;
    double slack;
    double confidence;
    double rate_alpha;
    double shift_alpha;
    uint64_t seed;
    uint32_t n_sample;     /* layout: numbers in the sample */
    uint32_t at_sample;    /* f64[n_sample]: row by row */
    uint32_t at_scratch;   /* f64: 2 sample_rows or n_columns, 0 between calls */
    uint32_t at_columns;
    uint32_t column_bytes; /* of each */
    uint32_t n_columns_too; /* layout: n_columns, where the codec looks for it */
    uint32_t phase;
    uint32_t n_sampled;    /* rows in the sample */
    uint32_t n_window;     /* rows checked in this window */
    uint32_t n_reference;  /* rows of the reference in force */
    uint32_t told;         /* 1: a row of another shape came in this window */
    uint32_t reserved;
    kedge_rng rng;
    uint64_t n_learned;
    uint64_t n_unlearned;
    uint64_t n_checked;
    uint64_t n_refused;
    uint64_t n_warned;
    uint64_t n_shifts;
    uint64_t refused_ns;
} kedge_i_schema;

static inline kedge_i_column *kedge_i_schema_column(kedge_i_schema *s, uint32_t i)
{
    return (kedge_i_column *)kedge_i_at(s, s->at_columns + i * s->column_bytes);
}

static inline const kedge_i_column *kedge_i_schema_column_const(const kedge_i_schema *s, uint32_t i)
{
    return (const kedge_i_column *)kedge_i_at_const(s, s->at_columns + i * s->column_bytes);
}

/* Columns ---------------------------------------------------------------------------------------------------------------------- */

int kedge_i_column_valid(const kedge_column *column, uint32_t room);
void kedge_i_column_read(const kedge_i_column *t, kedge_column *out); /* as in force */

static inline const double *kedge_i_column_edges(const kedge_i_column *t)
{
    return (const double *)kedge_i_at_const(t, t->at_edges);
}

static inline int kedge_i_column_has_codes(const kedge_i_column *t)
{
    return t->kind_now == KEDGE_COLUMN_NOMINAL || t->kind_now == KEDGE_COLUMN_BOOLEAN;
}

static inline int kedge_i_column_is_whole(double x)
{
    return x >= -KEDGE_I_COLUMN_WHOLE_MAX && x <= KEDGE_I_COLUMN_WHOLE_MAX && (double)(int64_t)x == x;
}

/* First code that is not below x, a number; codes mostly are 0, 1, 2 ... */
static inline uint32_t kedge_i_column_place(const kedge_i_column *t, double x)
{
    const double *codes = kedge_i_column_edges(t);
    uint32_t low = 0, n = t->n_edges;
    if (x >= 0.0 && x < (double)n && codes[(uint32_t)x] == x)
        return (uint32_t)x;
    while (n > 0) {
        uint32_t half = n / 2;
        int is_below = codes[low + half] < x;
        low += is_below ? half + 1 : 0;
        n = is_below ? n - half - 1 : half;
    }
    return low;
}

static inline int kedge_i_column_knows(const kedge_i_column *t, uint32_t place, double x)
{
    return place < t->n_edges && kedge_i_column_edges(t)[place] == x;
}

/* Is there room for one category more? */
static inline int kedge_i_column_has_room(const kedge_i_column *t)
{
    return t->kind_now == KEDGE_COLUMN_NOMINAL && t->n_categories_now == 0 && t->n_edges < t->max_categories_now;
}

void kedge_i_column_add(kedge_i_column *t, double code); /* there is room, and it is not known */
void kedge_i_column_learn(kedge_i_column *t, double x);  /* nothing is wrong with it */
void kedge_i_column_infer(kedge_i_column *t, double slack, double confidence);

/* Rates and shifts ------------------------------------------------------------------------------------------------------------- */

/* Rates of the column that are judged over windows, 0 to 2. */
uint32_t kedge_i_column_rates(const kedge_i_column *t);
/* From how many rows of a window on there are too many, each with a chance of alpha. */
void kedge_i_column_limit_rates(kedge_i_column *t, double alpha);
void kedge_i_column_close_rates(kedge_i_column *t); /* the schema's window ends */

/* A reference of n values in rising order of which `spare` is not needed any more; limits are still to be set. */
void kedge_i_column_refer(kedge_i_column *t, const double *sorted, uint32_t n);
void kedge_i_column_forget(kedge_i_column *t);
void kedge_i_column_limit_shifts(kedge_i_column *t, double alpha);
int kedge_i_column_close_window(kedge_i_column *t); /* 1: shifted, and was not before */

/* The bin of a number. Behind the last cut, up to the number of bins, stand cuts that no number is above. */
static inline uint32_t kedge_i_column_bin(const kedge_i_column *t, double x)
{
    const double *cuts = kedge_i_column_edges(t);
    uint32_t bin = x > cuts[3] ? 4 : 0;
    bin += x > cuts[bin + 1] ? 2 : 0;
    return bin + (x > cuts[bin] ? 1 : 0);
}

/* The cell of a value with which nothing is wrong. */
static inline uint32_t kedge_i_column_cell(const kedge_i_column *t, double x)
{
    if (!kedge_i_column_has_codes(t))
        return kedge_i_column_bin(t, x);
    uint32_t place = kedge_i_column_place(t, x);
    return kedge_i_column_knows(t, place, x) ? place : t->n_cells;
}

/* Where the values lie that moved most. */
void kedge_i_column_span(const kedge_i_column *t, double *low, double *high);

/* The whole -------------------------------------------------------------------------------------------------------------------- */

/* What is wrong with x in this column, or news; 0: nothing. */
uint32_t kedge_i_column_why(const kedge_i_column *t, double x);
uint32_t kedge_i_schema_why(const kedge_i_column *t, double x); /* what is wrong with a value, or news, while it learns too */
int kedge_i_schema_admits(const kedge_i_schema *s, const double *x); /* nothing is wrong with a row, rates included */
int kedge_i_schema_admits_rows(const kedge_i_schema *s, const kedge_rows *rows); /* with none of a table, rates apart */
void kedge_i_schema_refer(kedge_i_schema *s);                  /* a new reference from the sample, which is not needed any more */
void kedge_i_schema_renew(kedge_i_schema *s, const double *x); /* one row more for a new reference */
void kedge_i_schema_limit_rates(kedge_i_schema *s);            /* after a change of columns */

static inline double *kedge_i_schema_scratch(kedge_i_schema *s)
{
    return (double *)kedge_i_at(s, s->at_scratch);
}

#endif
