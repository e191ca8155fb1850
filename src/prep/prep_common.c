/* SPDX-License-Identifier: MIT */
/* What all kinds of preps share. */
#include "base/fp.h"

#include <math.h>

#include "prep/prep_state.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"

enum { PREP_MASKED = 256 }; /* columns that have a bit */

/* Configuration --- */

kedge_columns kedge_columns_none(uint32_t n_columns)
{
    kedge_columns columns = {0, n_columns, {0, 0, 0, 0}};
    return columns;
}

kedge_columns kedge_columns_all(uint32_t n_columns)
{
    kedge_columns columns = {0, n_columns, {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    return columns;
}

void kedge_columns_add(kedge_columns *columns, uint32_t i_column)
{
    if (!columns || i_column < columns->first || i_column - columns->first >= columns->n ||
        i_column - columns->first >= PREP_MASKED)
        return;
    uint32_t i = i_column - columns->first;
    columns->mask[i / 64] |= (uint64_t)1 << i % 64;
}

kedge_status kedge_i_prep_config_init(const kedge_prep_class *cls, void *config, size_t cfg_bytes, size_t least_bytes,
                                      uint32_t n_columns)
{
    KEDGE_TRY(kedge_class_defaults(&cls->base, config, cfg_bytes, least_bytes));
    kedge_prep_config *base = config;
    base->cls = cls;
    base->n_columns = n_columns;
    base->columns = kedge_columns_all(n_columns);
    return KEDGE_OK;
}

void kedge_i_prep_configure(kedge_prep_state *s, const kedge_prep_config *cfg)
{
    s->n_columns = cfg->n_columns;
    s->first = cfg->columns.first;
    s->n = cfg->columns.n;
    memcpy(s->mask, cfg->columns.mask, sizeof s->mask);
}

static int prep_is_picked(const kedge_prep_state *s, uint32_t i)
{
    return i >= PREP_MASKED || (s->mask[i / 64] >> i % 64 & 1) != 0;
}

int kedge_i_prep_has(const kedge_prep_state *s, uint32_t column)
{
    return column >= s->first && column - s->first < s->n && prep_is_picked(s, column - s->first);
}

uint32_t kedge_i_prep_count(const kedge_prep_state *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n; i++)
        n += (uint32_t)prep_is_picked(s, i);
    return n;
}

int kedge_i_prep_valid(const kedge_prep_state *s)
{
    return kedge_i_u32_within(s->n_columns, 1, KEDGE_PREP_COLUMNS_MAX) && s->first < s->n_columns &&
           kedge_i_u32_within(s->n, 1, s->n_columns - s->first) && kedge_i_prep_count(s) > 0;
}

void kedge_i_prep_plan(kedge_prep_state *s, kedge_i_arena *arena)
{
    s->n_picked = kedge_i_prep_count(s);
    s->at_picked = kedge_i_arena_take(arena, s->n_picked, sizeof(uint32_t));
}

void kedge_i_prep_start(kedge_prep_state *s)
{
    uint32_t *picked = kedge_i_at(s, s->at_picked);
    for (uint32_t i = 0; i < s->n; i++)
        if (prep_is_picked(s, i))
            *picked++ = s->first + i;
}

void kedge_i_prep_begin(void *state)
{
    kedge_i_prep_start(state);
}

int kedge_i_prep_check(const kedge_prep_state *s)
{
    const uint32_t *picked = kedge_i_prep_picked(s);
    if (!kedge_i_prep_valid(s) || s->n_learned > KEDGE_I_COUNT_MAX)
        return 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (prep_is_picked(s, i) && *picked++ != s->first + i)
            return 0;
    return 1;
}

kedge_status kedge_i_prep_class_check(const kedge_prep_class *cls)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&cls->base));
    if (!cls->learn || !cls->transform || !cls->origin || !cls->fit != !cls->fit_work)
        return KEDGE_ERR_NULL;
    return cls->base.noun == KEDGE_NOUN_PREP && cls->base.fixed_bytes >= sizeof(kedge_prep_state) ? KEDGE_OK : KEDGE_ERR_CLASS;
}

/* Learning --- */

void kedge_i_prep_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    kedge_prep_state *s = state;
    cls->learn(cls, state, x, y, out);
    s->n_learned += s->n_learned < KEDGE_I_COUNT_MAX;
}

size_t kedge_i_prep_fit_work(const kedge_prep_class *cls, const void *state, size_t n_rows)
{
    return cls->fit ? cls->fit_work(cls, state, n_rows) : KEDGE_ALIGN;
}

size_t kedge_i_prep_config_work(const kedge_prep_config *cfg, size_t n_rows)
{
    kedge_i_fixed fixed;
    if (cfg->cls->config_work)
        return cfg->cls->config_work(cfg->cls, cfg, n_rows);
    if (kedge_i_object_plan_config(&cfg->cls->base, cfg, cfg->config_bytes, &fixed) == 0)
        return 0;
    return kedge_i_prep_fit_work(cfg->cls, &fixed, n_rows);
}

/* Row by row; every row is asked for before it is learned. */
static kedge_status prep_replay(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, double *out)
{
    size_t n_out = ((const kedge_prep_state *)state)->n_out;
    kedge_i_object_reset(&cls->base, state);
    for (size_t i = 0; i < x->n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        if (cls->admit)
            KEDGE_TRY(cls->admit(cls, state, &row));
        kedge_i_prep_learn(cls, state, &row, y ? y[i] : 0.0, out ? out + i * n_out : NULL);
    }
    return KEDGE_OK;
}

kedge_status kedge_i_prep_fit(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work,
                              double *out)
{
    if (!cls->fit)
        return prep_replay(cls, state, x, y, out);
    kedge_i_object_reset(&cls->base, state);
    KEDGE_TRY(cls->fit(cls, state, x, y, work, out));
    ((kedge_prep_state *)state)->n_learned = x->n_rows;
    return KEDGE_OK;
}

void kedge_i_prep_apply(const kedge_prep_class *cls, const void *state, const kedge_rows *x, double *out)
{
    size_t n_out = ((const kedge_prep_state *)state)->n_out;
    for (size_t i = 0; i < x->n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        (void)cls->transform(cls, state, &row, out + i * n_out);
    }
}

void kedge_i_prep_from(kedge_prep_origin *out, uint32_t kind, uint32_t column)
{
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->column[0] = column;
    out->column[1] = out->column[2] = KEDGE_PREP_NONE;
}

void kedge_i_prep_in_place(const kedge_prep_class *cls, const void *state, uint32_t i_out, kedge_prep_origin *out)
{
    (void)cls;
    kedge_i_prep_from(out, kedge_i_prep_has(state, i_out) ? KEDGE_OUT_CHANGED : KEDGE_OUT_SAME, i_out);
}

/* Columns of a table --- */

size_t kedge_i_prep_gather(const kedge_rows *x, uint32_t column, double *to)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n_rows; i++) {
        double value = kedge_i_rows_at(x, i, column);
        to[n] = value;
        n += value == value;
    }
    return n;
}

size_t kedge_i_prep_column_work(const kedge_prep_class *cls, const void *state, size_t n_rows)
{
    size_t bytes = kedge_i_prep_product(n_rows, 2 * sizeof(double));
    (void)cls;
    (void)state;
    return bytes < SIZE_MAX ? bytes : 0;
}

double kedge_i_prep_quantile(const double *sorted, size_t n, double q)
{
    double place = q * (double)(n - 1);
    size_t i = (size_t)place;
    if (i + 1 >= n)
        return sorted[n - 1];
    return sorted[i] + (sorted[i + 1] - sorted[i]) * (place - (double)i);
}
