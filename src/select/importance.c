/* SPDX-License-Identifier: MIT */
/* Permutation importance: Breiman 2001, "Random forests", section 10; Fisher, Rudin, Dominici 2019, "All models are wrong, but
 * many are useful", Journal of Machine Learning Research 20, model reliance as a difference. The row that the model sees is put
 * together in one buffer. */
#include "base/fp.h"

#include <math.h>

#include "kedge/select.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/rows.h"
#include "base/shuffle.h"
#include "base/standard.h"
#include "metrics/score.h"
#include "models/model_check.h"
#include "models/row.h"

#define IMPORTANCE_REPEATS_MAX 10000u

size_t kedge_permutation_importance_work(const kedge_model *m, uint32_t score, size_t n_rows, uint32_t n_repeats)
{
    kedge_model_info info;
    size_t scoring = kedge_score_work(m, score, n_rows);
    if (scoring == 0 || !kedge_i_u32_within(n_repeats, 1, IMPORTANCE_REPEATS_MAX) || kedge_model_describe(m, &info) < 0)
        return 0;
    uint64_t bytes =
        scoring + ((uint64_t)info.n_features + n_repeats) * sizeof(double) + kedge_i_round_up((uint64_t)n_rows * sizeof(uint32_t));
    return bytes <= SIZE_MAX ? (size_t)bytes : 0;
}

typedef struct importance_run {
    const kedge_model *m;
    const kedge_rows *x;
    const double *y;
    const double *weight;
    uint32_t by;
    uint32_t n_classes;
    double *scores; /* of a row; behind them what the score needs */
    void *score;
    double *row;
    double *repeats;
    uint32_t *order;
} importance_run;

/* The score with a column in another order; NULL: as it is. */
static kedge_status importance_score(importance_run *r, size_t column, const uint32_t *order, double *value)
{
    kedge_i_score s;
    kedge_i_score_begin(&s, r->by, r->n_classes, r->x->n_rows, r->score);
    kedge_row row = kedge_i_row_of(r->row);
    for (size_t i = 0; i < r->x->n_rows; i++) {
        for (size_t j = 0; j < r->x->n_columns; j++)
            r->row[j] = kedge_i_rows_at(r->x, i, j);
        if (order)
            r->row[column] = kedge_i_rows_at(r->x, order[i], column);
        KEDGE_TRY(kedge_i_score_ask(&s, r->m, &row, r->y[i], r->weight ? r->weight[i] : 1.0, r->scores));
    }
    *value = kedge_i_score_read(&s);
    return KEDGE_OK;
}

static kedge_status importance_column(importance_run *r, size_t column, double base, uint32_t n_repeats, uint64_t seed,
                                      kedge_importance *out)
{
    kedge_rng rng = {seed};
    kedge_i_count_up(r->order, r->x->n_rows);
    for (uint32_t i = 0; i < n_repeats; i++) {
        double value;
        kedge_i_shuffle(r->order, r->x->n_rows, &rng);
        KEDGE_TRY(importance_score(r, column, r->order, &value));
        r->repeats[i] = kedge_score_direction(r->by) > 0 ? base - value : value - base;
    }
    out->mean = kedge_i_standard_learn(r->repeats, n_repeats, 1, &out->deviation);
    return KEDGE_OK;
}

static kedge_status importance_all(importance_run *r, uint32_t n_repeats, uint64_t seed, kedge_importance *out, double *raw)
{
    double base;
    KEDGE_TRY(importance_score(r, 0, NULL, &base));
    int known = base == base;
    for (size_t j = 0; j < r->x->n_columns; j++) {
        kedge_importance one = {(double)NAN, (double)NAN};
        if (known)
            KEDGE_TRY(importance_column(r, j, base, n_repeats, seed, &one));
        for (uint32_t i = 0; raw && i < n_repeats; i++)
            raw[j * n_repeats + i] = known ? r->repeats[i] : (double)NAN;
        out[j] = one;
    }
    return known ? KEDGE_OK : KEDGE_EMPTY;
}

kedge_status kedge_permutation_importance(const kedge_model *m, uint32_t score, const kedge_rows *x, const double *y,
                                          const double *weight, uint32_t n_repeats, uint64_t seed, void *work, size_t work_bytes,
                                          kedge_importance *out, double *raw)
{
    kedge_model_info info;
    importance_run r = {.m = m, .x = x, .y = y, .weight = weight, .by = score, .scores = work};
    if (!work || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_model_describe(m, &info));
    KEDGE_TRY(kedge_i_model_check_table(m, x, y, weight));
    if (!kedge_i_score_fits(score, info.n_classes))
        return KEDGE_ERR_UNSUPPORTED;
    if (!kedge_i_u32_within(n_repeats, 1, IMPORTANCE_REPEATS_MAX))
        return KEDGE_ERR_RANGE;
    size_t need = kedge_permutation_importance_work(m, score, x->n_rows, n_repeats);
    if (need == 0)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    r.n_classes = info.n_classes;
    r.row = r.scores + (info.n_classes > 0 ? info.n_classes : 1);
    r.repeats = r.row + info.n_features;
    r.score = r.repeats + n_repeats;
    r.order = (uint32_t *)(void *)((unsigned char *)r.score + (size_t)kedge_i_score_bytes(score, x->n_rows));
    return importance_all(&r, n_repeats, seed, out, raw);
}
