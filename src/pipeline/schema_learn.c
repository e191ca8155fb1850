/* SPDX-License-Identifier: MIT */
/* How a schema learns: every column adds up what its kind can be told from, and a random sample of the rows (Vitter 1985, "Random
 * sampling with a reservoir", algorithm R) becomes the reference for shifts. A sample, not a sketch of all rows: its error is that
 * of a sample of known size, which the test of two samples takes into account; and it is as good where the rows come in an
 * order. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/schema_state.h"

#include "base/check.h"
#include "base/number.h"
#include "base/rows.h"
#include "base/sort.h"
#include "pipeline/controls.h"

enum { SCHEMA_LEAST_ROWS = 30 }; /* to infer a column from */

#define SCHEMA_INFERRED_MAX 1e300 /* slack times the range must be finite */

uint32_t kedge_i_schema_why(const kedge_i_column *t, double x)
{
    if (t->kind_now != KEDGE_COLUMN_INFERRED)
        return kedge_i_column_why(t, x);
    return x != x || kedge_i_within(x, -SCHEMA_INFERRED_MAX, SCHEMA_INFERRED_MAX) ? 0 : KEDGE_SCHEMA_TYPE;
}

static int schema_is_learnable(const kedge_i_column *t, double x)
{
    uint32_t why = kedge_i_schema_why(t, x);
    return why == 0 || why == KEDGE_SCHEMA_NEW;
}

int kedge_i_schema_admits(const kedge_i_schema *s, const double *x)
{
    for (uint32_t i = 0; i < s->n_columns; i++)
        if (!schema_is_learnable(kedge_i_schema_column_const(s, i), x[i]))
            return 0;
    return 1;
}

/* A rate that is too high now is no fault of rows from elsewhere. */
int kedge_i_schema_admits_rows(const kedge_i_schema *s, const kedge_rows *rows)
{
    for (size_t i = 0; i < rows->n_rows && rows->n_columns == s->n_columns; i++)
        for (uint32_t j = 0; j < s->n_columns; j++) {
            const kedge_i_column *t = kedge_i_schema_column_const(s, j);
            double x = kedge_i_rows_at(rows, i, j);
            uint32_t why = t->kind_now == KEDGE_COLUMN_INFERRED ? 0 : kedge_i_column_why(t, x);
            int is_rate = why == KEDGE_SCHEMA_MISSING_RATE || why == KEDGE_SCHEMA_UNSEEN_RATE;
            if (!is_rate && !schema_is_learnable(t, x))
                return 0;
        }
    return 1;
}

/* What is not looked at may be anything, infinity too: it leaves no trace. */
static void schema_keep(kedge_i_schema *s, uint32_t row, const double *x)
{
    double *to = (double *)kedge_i_at(s, s->at_sample) + (size_t)row * s->n_columns;
    for (uint32_t i = 0; i < s->n_columns; i++)
        to[i] = kedge_i_schema_column(s, i)->kind_now == KEDGE_COLUMN_IGNORED ? 0.0 : x[i] != x[i] ? (double)NAN : x[i];
}

static void schema_sample(kedge_i_schema *s, const double *x)
{
    if (s->n_sampled < s->sample_rows) {
        schema_keep(s, s->n_sampled++, x);
        return;
    }
    uint64_t place = kedge_rng_below(&s->rng, s->n_learned + 1);
    if (place < s->sample_rows)
        schema_keep(s, (uint32_t)place, x);
}

static kedge_status schema_learn(kedge_i_schema *s, const double *x, size_t n)
{
    if (s->n_learned >= KEDGE_I_COUNT_MAX || s->n_unlearned >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    if (n != s->n_columns || !kedge_i_schema_admits(s, x)) {
        s->n_unlearned++;
        return KEDGE_ERR_SKEW;
    }
    for (uint32_t i = 0; i < s->n_columns; i++)
        if (kedge_i_schema_column(s, i)->kind_now != KEDGE_COLUMN_IGNORED)
            kedge_i_column_learn(kedge_i_schema_column(s, i), x[i]);
    schema_sample(s, x);
    s->n_learned++;
    return KEDGE_OK;
}

static kedge_status schema_may_learn(const kedge_control *c)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    return ((const kedge_i_schema *)c->state)->phase == 0 ? KEDGE_OK : KEDGE_ERR_STATE;
}

kedge_status kedge_schema_learn(kedge_control *c, const double *x, size_t n)
{
    if (!x)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(schema_may_learn(c));
    return schema_learn(c->state, x, n);
}

kedge_status kedge_schema_learn_many(kedge_control *c, const kedge_rows *rows, size_t *n_refused)
{
    size_t n = 0;
    if (!rows)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(schema_may_learn(c));
    KEDGE_TRY(kedge_i_rows_check(rows));
    kedge_i_schema *s = c->state;
    if (rows->n_columns != s->n_columns)
        return KEDGE_ERR_SHAPE;
    if (rows->n_rows > KEDGE_I_COUNT_MAX - s->n_learned || rows->n_rows > KEDGE_I_COUNT_MAX - s->n_unlearned)
        return KEDGE_ERR_RANGE;
    double *x = kedge_i_schema_scratch(s);
    for (size_t i = 0; i < rows->n_rows; i++) {
        for (uint32_t j = 0; j < s->n_columns; j++)
            x[j] = kedge_i_rows_at(rows, i, j);
        n += schema_learn(s, x, s->n_columns) < 0;
    }
    memset(x, 0, s->n_columns * sizeof *x);
    if (n_refused)
        *n_refused = n;
    return KEDGE_OK;
}

/* The reference ---------------------------------------------------------------------------------------------------------------- */

static void schema_refer_column(kedge_i_schema *s, uint32_t i)
{
    const double *sample = kedge_i_at_const(s, s->at_sample);
    double *x = kedge_i_schema_scratch(s);
    uint32_t n = 0;
    for (uint32_t row = 0; row < s->n_sampled; row++) {
        double value = sample[(size_t)row * s->n_columns + i];
        if (value == value)
            x[n++] = value;
    }
    if (kedge_i_schema_column(s, i)->kind_now == KEDGE_COLUMN_NUMERIC)
        kedge_i_sort(x, n, x + s->sample_rows);
    kedge_i_column_refer(kedge_i_schema_column(s, i), x, n);
}

void kedge_i_schema_refer(kedge_i_schema *s)
{
    uint32_t n_watched = 0;
    for (uint32_t i = 0; i < s->n_columns; i++) {
        schema_refer_column(s, i);
        n_watched += kedge_i_schema_column(s, i)->n_reference > 0;
    }
    memset(kedge_i_schema_scratch(s), 0, 2 * (size_t)s->sample_rows * sizeof(double));
    for (uint32_t i = 0; i < s->n_columns; i++) /* Bonferroni: over all columns together */
        kedge_i_column_limit_shifts(kedge_i_schema_column(s, i), s->shift_alpha / (double)(n_watched > 0 ? n_watched : 1));
    memset(kedge_i_at(s, s->at_sample), 0, s->n_sample * sizeof(double)); /* nobody's rows stay longer than they must */
    s->n_reference = s->n_sampled;
    s->n_sampled = 0;
    s->phase = KEDGE_I_SCHEMA_CHECKED;
}

void kedge_i_schema_limit_rates(kedge_i_schema *s)
{
    uint32_t n_rates = 0;
    for (uint32_t i = 0; i < s->n_columns; i++)
        n_rates += kedge_i_column_rates(kedge_i_schema_column(s, i));
    for (uint32_t i = 0; i < s->n_columns; i++)
        kedge_i_column_limit_rates(kedge_i_schema_column(s, i), s->rate_alpha / (double)(n_rates > 0 ? n_rates : 1));
}

kedge_status kedge_schema_finish(kedge_control *c)
{
    KEDGE_TRY(schema_may_learn(c));
    kedge_i_schema *s = c->state;
    for (uint32_t i = 0; i < s->n_columns; i++)
        if (kedge_i_schema_column(s, i)->kind_now == KEDGE_COLUMN_INFERRED && s->n_learned < SCHEMA_LEAST_ROWS)
            return KEDGE_ERR_NUMERIC;
    for (uint32_t i = 0; i < s->n_columns; i++)
        if (kedge_i_schema_column(s, i)->kind_now == KEDGE_COLUMN_INFERRED)
            kedge_i_column_infer(kedge_i_schema_column(s, i), s->slack, s->confidence);
    kedge_i_schema_limit_rates(s);
    kedge_i_schema_refer(s);
    return KEDGE_OK;
}

kedge_status kedge_schema_renew(kedge_control *c)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    kedge_i_schema *s = c->state;
    if (s->phase == 0)
        return KEDGE_ERR_STATE;
    for (uint32_t i = 0; i < s->n_columns; i++)
        kedge_i_column_forget(kedge_i_schema_column(s, i));
    memset(kedge_i_at(s, s->at_sample), 0, s->n_sample * sizeof(double));
    s->n_sampled = s->n_reference = 0;
    s->phase = KEDGE_I_SCHEMA_RENEWING;
    return KEDGE_OK;
}

void kedge_i_schema_renew(kedge_i_schema *s, const double *x)
{
    schema_keep(s, s->n_sampled++, x);
    if (s->n_sampled == s->sample_rows)
        kedge_i_schema_refer(s);
}
