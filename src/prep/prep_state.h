/* SPDX-License-Identifier: MIT */
/* What all kinds of preps share: the selected columns, rows on their way, and how a row is learned or a table fitted, whoever
 * asks. */
#ifndef KEDGE_PREP_PREP_STATE_H
#define KEDGE_PREP_PREP_STATE_H

#include <string.h>

#include "kedge/prep.h"

#include "base/arena.h"
#include "models/row.h"

#define PREP_PARAMS(type)                                                                                                          \
    KEDGE_PARAM(type, prep.n_columns, KEDGE_TYPE_U32), KEDGE_PARAM(type, prep.first, KEDGE_TYPE_U32),                              \
        KEDGE_PARAM(type, prep.n, KEDGE_TYPE_U32), KEDGE_PARAM(type, prep.mask[0], KEDGE_TYPE_U64),                                \
        KEDGE_PARAM(type, prep.mask[1], KEDGE_TYPE_U64), KEDGE_PARAM(type, prep.mask[2], KEDGE_TYPE_U64),                          \
        KEDGE_PARAM(type, prep.mask[3], KEDGE_TYPE_U64)

/* What numbers that come out stay below, so that a small sum on top stays within what goes in. */
#define PREP_OUT_MAX 9e299

/* Defaults of the base, for a config_init, behind kedge_class_defaults(). */
kedge_status kedge_i_prep_config_init(const kedge_prep_class *cls, void *config, size_t cfg_bytes, size_t least_bytes,
                                      uint32_t n_columns);
void kedge_i_prep_configure(kedge_prep_state *s, const kedge_prep_config *cfg);
int kedge_i_prep_valid(const kedge_prep_state *s);
/* Counts the selected columns and takes room for their numbers. */
void kedge_i_prep_plan(kedge_prep_state *s, kedge_i_arena *arena);
/* Writes their numbers; first thing in every start. */
void kedge_i_prep_start(kedge_prep_state *s);
/* The same, as the start of a kind that has nothing else to begin. */
void kedge_i_prep_begin(void *state);
int kedge_i_prep_check(const kedge_prep_state *s);

static inline const uint32_t *kedge_i_prep_picked(const kedge_prep_state *s)
{
    return kedge_i_at_const(s, s->at_picked);
}

/* How many columns are selected. */
uint32_t kedge_i_prep_count(const kedge_prep_state *s);
/* Is a column selected? */
int kedge_i_prep_has(const kedge_prep_state *s, uint32_t column);

/* n numbers of a row to out, which may be the row itself. */
static inline void kedge_i_prep_copy(const kedge_row *x, uint32_t n, double *out)
{
    const double *plain = kedge_i_row_plain(x);
    if (plain) {
        if (plain != out)
            memmove(out, plain, n * sizeof *out);
        return;
    }
    for (uint32_t j = 0; j < n; j++)
        out[j] = kedge_i_row_at(x, j);
}

/* Is the class's table of functions whole? */
kedge_status kedge_i_prep_class_check(const kedge_prep_class *cls);

/* Learn a row that was admitted. */
void kedge_i_prep_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out);
size_t kedge_i_prep_fit_work(const kedge_prep_class *cls, const void *state, size_t n_rows);
/* The same of a valid configuration. */
size_t kedge_i_prep_config_work(const kedge_prep_config *cfg, size_t n_rows);
kedge_status kedge_i_prep_fit(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work,
                              double *out);

/* All rows as service sees them. */
void kedge_i_prep_apply(const kedge_prep_class *cls, const void *state, const kedge_rows *x, double *out);

/* Origin of a column that came in as `column`. */
void kedge_i_prep_from(kedge_prep_origin *out, uint32_t kind, uint32_t column);
/* The `origin` of classes that change picked columns where they stand. */
void kedge_i_prep_in_place(const kedge_prep_class *cls, const void *state, uint32_t i_out, kedge_prep_origin *out);

/* The values of a column that are not missing, to `to`; returns how many. */
size_t kedge_i_prep_gather(const kedge_rows *x, uint32_t column, double *to);

/* Work memory of a fit that sorts one column at a time. */
size_t kedge_i_prep_column_work(const kedge_prep_class *cls, const void *state, size_t n_rows);

/* Of n > 0 ascending numbers the quantile q, with a straight line between two of them, as numpy's default. */
double kedge_i_prep_quantile(const double *sorted, size_t n, double q);

/* Two lengths as one. */
static inline size_t kedge_i_prep_product(size_t a, size_t b)
{
    return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

#endif
