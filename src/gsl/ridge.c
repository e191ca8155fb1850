/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ridge regression: all rows into a triangle (triangle.c), the path of penalties from that (ridge_path.c), the best of them into
 * the state. See include/kedge/gsl/ridge.h. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/gsl.h"

#include "base/check.h"
#include "base/number.h"
#include "gsl/ridge_path.h"

#define RIDGE_PENALTY_MAX 1e100

typedef struct ridge_state {
    kedge_i_gsl_state linear;
    double l2;            /* parameters */
    double l2_high;
    uint32_t n_l2;
    uint32_t choice;
    uint32_t standardise;
    uint32_t method;
    uint32_t path;
    uint32_t n_list;      /* n_l2, or 0: equal ratios */
    double list[KEDGE_RIDGE_LIST_MAX]; /* rising; 0 behind n_list */
    uint32_t chosen;      /* below n_l2 */
    uint32_t n_worth;     /* KEDGE_I_RIDGE_WORTHS * n_l2 */
    uint32_t worth_at;    /* doubles: a kedge_i_ridge_worth for each penalty, in the caller's units, each >= 0 */
    uint32_t n_weights;   /* n_l2 * (n + 1), or 0 without path */
    uint32_t weights_at;  /* doubles: for each penalty the intercept at the centre, then the weights, as `linear` keeps them */
} ridge_state;

#define RIDGE_LIST_FOUR(i)                                                                         \
    KEDGE_PARAM(ridge_state, list[i], KEDGE_TYPE_F64), KEDGE_PARAM(ridge_state, list[(i) + 1], KEDGE_TYPE_F64),                    \
        KEDGE_PARAM(ridge_state, list[(i) + 2], KEDGE_TYPE_F64), KEDGE_PARAM(ridge_state, list[(i) + 3], KEDGE_TYPE_F64)

static const kedge_field ridge_fields[] = {
    KEDGE_I_GSL_PARAMS(ridge_state),
    KEDGE_PARAM(ridge_state, l2, KEDGE_TYPE_F64),
    KEDGE_PARAM(ridge_state, l2_high, KEDGE_TYPE_F64),
    KEDGE_PARAM(ridge_state, n_l2, KEDGE_TYPE_U32),
    KEDGE_PARAM(ridge_state, choice, KEDGE_TYPE_U32),
    KEDGE_PARAM(ridge_state, standardise, KEDGE_TYPE_U32),
    KEDGE_PARAM(ridge_state, method, KEDGE_TYPE_U32),
    KEDGE_PARAM(ridge_state, path, KEDGE_TYPE_U32),
    KEDGE_PARAM(ridge_state, n_list, KEDGE_TYPE_U32),
    RIDGE_LIST_FOUR(0),
    RIDGE_LIST_FOUR(4),
    RIDGE_LIST_FOUR(8),
    RIDGE_LIST_FOUR(12),
    RIDGE_LIST_FOUR(16),
    RIDGE_LIST_FOUR(20),
    RIDGE_LIST_FOUR(24),
    RIDGE_LIST_FOUR(28),
    KEDGE_VALUE(ridge_state, chosen, KEDGE_TYPE_U32),
    KEDGE_I_GSL_VALUES(ridge_state),
    KEDGE_ARRAY(ridge_state, worth_at, n_worth, KEDGE_TYPE_F64),
    KEDGE_ARRAY(ridge_state, weights_at, n_weights, KEDGE_TYPE_F64),
};

static void ridge_defaults(void *config)
{
    kedge_gsl_ridge_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_ridge;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->l2 = 1.0;
    cfg->l2_high = 1.0;
    cfg->n_l2 = 1;
    cfg->choice = KEDGE_RIDGE_LOO;
    cfg->method = KEDGE_GSL_METHOD_QR;
}

kedge_status kedge_gsl_ridge_config_init(kedge_gsl_ridge_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_ridge.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->base.n_features = n_features;
    return st;
}

static void ridge_configure(const void *config, void *fixed)
{
    const kedge_gsl_ridge_config *cfg = config;
    ridge_state *s = fixed;
    s->linear.model.n_features = cfg->base.n_features;
    s->linear.model.n_classes = cfg->base.n_classes;
    s->l2 = cfg->l2;
    s->l2_high = cfg->l2_high;
    s->n_l2 = cfg->n_l2;
    s->choice = cfg->choice;
    s->standardise = cfg->standardise;
    s->method = cfg->method;
    s->path = cfg->path;
    s->n_list = cfg->penalties ? cfg->n_l2 : 0;
    if (cfg->penalties && cfg->n_l2 <= KEDGE_RIDGE_LIST_MAX)
        memcpy(s->list, cfg->penalties, cfg->n_l2 * sizeof *s->list);
}

/* A list rises, and nothing stands behind it. */
static int ridge_list_valid(const ridge_state *s)
{
    if (s->n_list != s->n_l2 || s->n_list > KEDGE_RIDGE_LIST_MAX)
        return 0;
    for (uint32_t k = 0; k < KEDGE_RIDGE_LIST_MAX; k++)
        if (!(k < s->n_list ? kedge_i_within(s->list[k], k > 0 ? s->list[k - 1] : 0.0, RIDGE_PENALTY_MAX) : s->list[k] == 0.0))
            return 0;
    return 1;
}

static int ridge_range_valid(const ridge_state *s)
{
    int is_path = s->n_l2 > 1, good = 1;
    for (uint32_t k = 0; k < KEDGE_RIDGE_LIST_MAX; k++)
        good &= s->list[k] == 0.0;
    return good && kedge_i_within(s->l2, is_path ? DBL_MIN : 0.0, RIDGE_PENALTY_MAX) &&
           kedge_i_within(s->l2_high, is_path ? s->l2 : 0.0, RIDGE_PENALTY_MAX);
}

static int ridge_valid(const void *fixed)
{
    const ridge_state *s = fixed;
    return kedge_i_u32_within(s->linear.model.n_features, 1, KEDGE_FEATURES_MAX) && s->linear.model.n_classes == 0 &&
           kedge_i_u32_within(s->n_l2, 1, KEDGE_RIDGE_PATH_MAX) &&
           (s->n_list > 0 ? ridge_list_valid(s) : ridge_range_valid(s)) &&
           kedge_i_u32_within(s->choice, KEDGE_RIDGE_LOO, KEDGE_RIDGE_GCV) && s->standardise <= 1 && s->path <= 1 &&
           kedge_i_u32_within(s->method, KEDGE_GSL_METHOD_QR, KEDGE_GSL_METHOD_NORMAL);
}

static size_t ridge_layout(void *fixed)
{
    ridge_state *s = fixed;
    size_t linear_bytes = kedge_i_gsl_layout(fixed, sizeof(ridge_state));
    kedge_i_arena arena = kedge_i_arena_begin(linear_bytes);
    s->n_worth = kedge_i_length(s->n_l2, KEDGE_I_RIDGE_WORTHS);
    s->worth_at = kedge_i_arena_take(&arena, s->n_worth, sizeof(double));
    s->n_weights = s->path ? kedge_i_length(s->n_l2, s->linear.n + 1) : 0;
    s->weights_at = kedge_i_arena_take(&arena, s->n_weights, sizeof(double));
    return linear_bytes == 0 ? 0 : kedge_i_arena_end(&arena);
}

static int ridge_check(const void *state)
{
    const ridge_state *s = state;
    const double *worth = kedge_i_at_const(state, s->worth_at);
    const double *weights = kedge_i_at_const(state, s->weights_at);
    int good = ridge_valid(state) && kedge_i_gsl_check(state) && s->chosen < s->n_l2;
    for (uint32_t i = 0; i < s->n_worth && good; i++)
        good = kedge_i_within(worth[i], 0.0, DBL_MAX);
    for (uint32_t i = 0; i < s->n_weights && good; i++)
        good = kedge_i_within(weights[i], -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX);
    return good;
}

/* Penalty k of the path: of the list, or in equal ratios. */
static double ridge_penalty(const ridge_state *s, uint32_t k)
{
    if (s->n_list > 0)
        return s->list[k];
    if (k == 0)
        return s->l2;
    if (k + 1 == s->n_l2)
        return s->l2_high;
    double low = log(s->l2);
    double l2 = exp(low + (log(s->l2_high) - low) * ((double)k / (double)(s->n_l2 - 1)));
    return l2 < s->l2 ? s->l2 : l2 > s->l2_high ? s->l2_high : l2;
}

/* Fit ----------------------------------------------------------------------------------------------------------------------- */

/* Numbers behind the triangle: its block of rows first, which the other pass needs again. */
static uint64_t ridge_block(const ridge_state *s)
{
    return kedge_i_gsl_triangle_block(s->linear.model.n_features);
}

static size_t ridge_fit_work(const void *fixed, size_t n_rows)
{
    const ridge_state *s = fixed;
    uint64_t used = kedge_i_gsl_triangle_numbers(s->linear.model.n_features);
    (void)n_rows;
    (void)kedge_i_gsl_take(&used, ridge_block(s), 1);
    (void)kedge_i_gsl_take(&used, s->n_l2, KEDGE_I_RIDGE_WORTHS + 1);
    (void)kedge_i_gsl_take(&used, kedge_i_ridge_scratch(s->linear.model.n_features, s->choice == KEDGE_RIDGE_LOO), 1);
    return kedge_i_gsl_work_bytes(used);
}

/* What all penalties are worth. Returns the best one's number: of equals the greatest. */
static uint32_t ridge_choose(const ridge_state *s, kedge_i_ridge *r, const kedge_rows *x, const double *y, const double *weight,
                             double *penalty, kedge_i_ridge_worth *worth)
{
    uint32_t chosen = 0;
    for (uint32_t k = 0; k < s->n_l2; k++) {
        penalty[k] = kedge_i_ridge_penalty(r, ridge_penalty(s, k), (int)s->standardise);
        worth[k] = kedge_i_ridge_assess(r, penalty[k]);
    }
    if (s->choice == KEDGE_RIDGE_LOO)
        kedge_i_ridge_leave_out(r, x, y, weight, penalty, worth, s->n_l2);
    for (uint32_t k = 1; k < s->n_l2; k++) {
        double best = s->choice == KEDGE_RIDGE_LOO ? worth[chosen].loo : worth[chosen].gcv;
        if ((s->choice == KEDGE_RIDGE_LOO ? worth[k].loo : worth[k].gcv) <= best)
            chosen = k;
    }
    return chosen;
}

/* An error squared into the target's unit. */
static double ridge_in_units(double square, double target_unit)
{
    return square == KEDGE_I_RIDGE_UNKNOWN ? square : square / target_unit / target_unit;
}

/* The chosen penalty into the linear part of the state. */
static kedge_status ridge_commit(ridge_state *s, kedge_i_ridge *r, double penalty)
{
    const kedge_i_gsl_triangle *t = r->t;
    kedge_i_gsl_columns columns = {0};
    columns.unit = t->unit + 1;
    columns.centre = t->centre + 1;
    columns.inverse_sd = r->scale;
    columns.n_used = (uint64_t)t->scalars[KEDGE_I_GSL_USED];
    double intercept = kedge_i_ridge_solve(r, penalty);
    KEDGE_TRY(kedge_i_gsl_commit(s, &columns, r->weight, intercept, 1.0 / t->unit[t->width - 1]));
    s->linear.rank = (uint32_t)r->rank;
    s->linear.iterations = 1;
    s->linear.condition = r->condition;
    return KEDGE_OK;
}

/* Cut where no weight of the chosen penalty gets, see kedge_i_gsl_commit(). */
static double ridge_cut(double x)
{
    return x > KEDGE_I_GSL_NUMBER_MAX ? KEDGE_I_GSL_NUMBER_MAX : x < -KEDGE_I_GSL_NUMBER_MAX ? -KEDGE_I_GSL_NUMBER_MAX : x;
}

static void ridge_commit_path(ridge_state *s, kedge_i_ridge *r, const double *penalty, const kedge_i_ridge_worth *worth)
{
    const kedge_i_gsl_triangle *t = r->t;
    kedge_i_ridge_worth *to = kedge_i_at(s, s->worth_at);
    double *weights = kedge_i_at(s, s->weights_at);
    double target_unit = t->unit[t->width - 1];
    for (uint32_t k = 0; k < s->n_l2; k++) {
        to[k].loo = ridge_in_units(worth[k].loo, target_unit);
        to[k].gcv = ridge_in_units(worth[k].gcv, target_unit);
        to[k].df = worth[k].df;
        to[k].deviance = ridge_in_units(worth[k].deviance / t->scalars[KEDGE_I_GSL_WEIGHT_UNIT], target_unit);
    }
    for (uint32_t k = 0; k < s->n_l2 && s->path; k++) {
        *weights++ = ridge_cut(kedge_i_ridge_solve(r, penalty[k]));
        for (uint32_t j = 0; j < s->linear.n; j++)
            *weights++ = ridge_cut(r->weight[j] * r->scale[j]);
    }
}

static kedge_status ridge_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight,
                              void *work)
{
    (void)cls;
    ridge_state *s = state;
    kedge_i_gsl_triangle t = kedge_i_gsl_triangle_at(work, s->linear.model.n_features, (int32_t)s->method);
    double *penalty = t.rest + ridge_block(s);
    kedge_i_ridge_worth *worth = (kedge_i_ridge_worth *)(void *)(penalty + s->n_l2);
    kedge_i_gsl_triangle_begin(&t);
    kedge_i_gsl_triangle_add(&t, x, y, weight);
    if (!(fabs(t.matrix[0]) > 0.0))
        return KEDGE_ERR_NUMERIC;
    kedge_i_ridge r = kedge_i_ridge_decompose(&t, (int)s->standardise, (double *)(void *)(worth + s->n_l2));
    uint32_t chosen = ridge_choose(s, &r, x, y, weight, penalty, worth);
    KEDGE_TRY(ridge_commit(s, &r, penalty[chosen]));
    ridge_commit_path(s, &r, penalty, worth);
    s->chosen = chosen;
    s->linear.deviance = ((const kedge_i_ridge_worth *)kedge_i_at_const(s, s->worth_at))[chosen].deviance;
    return KEDGE_OK;
}

/* Read-outs ----------------------------------------------------------------------------------------------------------------- */

static kedge_status ridge_state_of(const kedge_model *m, const ridge_state **s)
{
    if (!m || !m->cls || !m->state)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_gsl_ridge)
        return KEDGE_ERR_CLASS;
    *s = m->state;
    return KEDGE_OK;
}

static kedge_gsl_ridge_point ridge_point(const ridge_state *s, uint32_t k)
{
    const kedge_i_ridge_worth *worth = kedge_i_at_const(s, s->worth_at);
    kedge_gsl_ridge_point p = {ridge_penalty(s, k), worth[k].loo, worth[k].gcv, worth[k].df, worth[k].deviance};
    return p;
}

kedge_status kedge_gsl_ridge_summary(const kedge_model *m, kedge_gsl_ridge_fit *out)
{
    const ridge_state *s;
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(ridge_state_of(m, &s));
    kedge_gsl_ridge_point p = ridge_point(s, s->chosen);
    out->n_rows = s->linear.model.n_learned;
    out->rank = s->linear.rank;
    out->chosen = s->chosen;
    out->n_l2 = s->n_l2;
    out->reserved = 0;
    out->l2 = p.l2;
    out->loo = p.loo;
    out->gcv = p.gcv;
    out->df = p.df;
    out->deviance = p.deviance;
    return s->linear.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

/* Do all weights fit a double in the caller's units? */
static int ridge_path_fits(const ridge_state *s)
{
    const double *weights = kedge_i_at_const(s, s->weights_at);
    double ignored = 0.0;
    for (uint32_t k = 0; k < s->n_l2; k++)
        for (uint32_t j = 0; j < s->linear.n; j++)
            if (!kedge_i_gsl_in_units(&s->linear, j, weights[(size_t)k * (s->linear.n + 1) + j + 1], &ignored))
                return 0;
    return 1;
}

static void ridge_write_path(const ridge_state *s, double *out)
{
    const double *weights = kedge_i_at_const(s, s->weights_at);
    for (uint32_t k = 0; k < s->n_l2; k++, weights += s->linear.n + 1) {
        *out++ = kedge_i_gsl_intercept_of(&s->linear, weights[0], weights + 1);
        for (uint32_t j = 0; j < s->linear.n; j++)
            (void)kedge_i_gsl_in_units(&s->linear, j, weights[j + 1], out++);
    }
}

kedge_status kedge_gsl_ridge_path(const kedge_model *m, kedge_gsl_ridge_point *points, size_t n_points, double *coefficients,
                                  size_t n_coefficients)
{
    const ridge_state *s;
    KEDGE_TRY(ridge_state_of(m, &s));
    if (coefficients && !s->path)
        return KEDGE_ERR_UNSUPPORTED;
    if (n_points != (points ? s->n_l2 : 0) || n_coefficients != (coefficients ? s->n_weights : 0))
        return KEDGE_ERR_SHAPE;
    if (s->linear.model.n_learned == 0)
        return KEDGE_EMPTY;
    if (coefficients && !ridge_path_fits(s))
        return KEDGE_ERR_NUMERIC;
    for (uint32_t k = 0; k < n_points; k++)
        points[k] = ridge_point(s, k);
    if (coefficients)
        ridge_write_path(s, coefficients);
    return KEDGE_OK;
}

const kedge_model_class kedge_gsl_ridge = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "ridge",
            .fixed_bytes = sizeof(ridge_state),
            .config_bytes = sizeof(kedge_gsl_ridge_config),
            .n_fields = sizeof ridge_fields / sizeof *ridge_fields,
            .fields = ridge_fields,
            .defaults = ridge_defaults,
            .configure = ridge_configure,
            .valid = ridge_valid,
            .layout = ridge_layout,
            .start = kedge_i_gsl_start,
            .check = ridge_check,
        },
    .fit_work = ridge_fit_work,
    .fit = ridge_fit,
    .predict = kedge_i_gsl_predict,
    .score = kedge_i_gsl_predict,
};
