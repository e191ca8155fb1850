/* SPDX-License-Identifier: MIT */
/* Recursive least squares with exponential forgetting: Plackett 1950, "Some theorems in least squares", Biometrika 37; Haykin 2002,
 * "Adaptive filter theory", chapter 9. The covariance P = U D U', U unit upper triangular, D diagonal, is updated in factors:
 * Bierman 1977, "Factorization methods for discrete sequential estimation", chapter V.3. D only ever shrinks by factors within (0,
 * 1] and grows by forgetting, so P stays positive definite whatever the rounding.
 *
 * Forgetting divides P by `forgetting`. What the rows do not show would grow without end (wind-up); so a column of U D U', which
 * adds d |u|^2 to the trace, grows to 1 / ridge at most. That lies between forgetting and not, in the order of matrices:
 * P / forgetting less something positive semidefinite, and no less than P.
 *
 * Bounds: inputs 1e20, U 1e45, D 2e17, so f <= 1e70, gains before division 1e160, divided 1e170, times an error 2e100: all finite.
 * Cost: O(n_features^2) to learn, O(n_features) to predict. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/models/rls.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/object.h"
#include "models/frozen_linear.h"
#include "models/row.h"

#define RLS_INPUT_MAX 1e20
#define RLS_INPUT_MIN 1e-20
#define RLS_FACTOR_MAX 1e45
#define RLS_COEFFICIENT_MAX 1e150
#define RLS_DIAGONAL_MIN 1e-200
#define RLS_WEIGHT_MIN 1e-30 /* lighter rows count as that: they change nothing either */

typedef struct rls_state {
    kedge_model_state model;
    double forgetting;
    double ridge;
    uint32_t n_inputs;        /* layout: n_features + 1, the last one is the constant 1 */
    uint32_t n_factors;       /* layout: n_inputs * n_features / 2, U above its diagonal */
    uint32_t n_scratch;       /* layout: 2 * n_inputs */
    uint32_t at_coefficients; /* layout: double[n_inputs] */
    uint32_t at_diagonal;     /* layout: double[n_inputs], D, >= RLS_DIAGONAL_MIN */
    uint32_t at_factors;      /* layout: column j of U from j * (j - 1) / 2 on */
    uint32_t at_scratch;      /* layout: inputs, gain; zero between calls */
    uint32_t reserved;
} rls_state;

static const kedge_field rls_fields[] = {
    KEDGE_PARAM(rls_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(rls_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(rls_state, forgetting, KEDGE_TYPE_F64),
    KEDGE_PARAM(rls_state, ridge, KEDGE_TYPE_F64),
    KEDGE_VALUE(rls_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_ARRAY(rls_state, at_coefficients, n_inputs, KEDGE_TYPE_F64),
    KEDGE_ARRAY(rls_state, at_diagonal, n_inputs, KEDGE_TYPE_F64),
    KEDGE_ARRAY(rls_state, at_factors, n_factors, KEDGE_TYPE_F64),
};

static void rls_defaults(void *config)
{
    kedge_rls_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_rls;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->forgetting = 0.999;
    cfg->ridge = 1e-3;
}

kedge_status kedge_rls_config_init(kedge_rls_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_rls.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->base.n_features = n_features;
    return st;
}

static void rls_configure(const void *config, void *fixed)
{
    const kedge_rls_config *cfg = config;
    rls_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->forgetting = cfg->forgetting;
    s->ridge = cfg->ridge;
}

static int rls_valid(const void *fixed)
{
    const rls_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes == 0 &&
           kedge_i_within(s->forgetting, 0.1, 1.0) && kedge_i_within(s->ridge, 1e-12, 1e12);
}

static size_t rls_layout(void *fixed)
{
    rls_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_inputs = s->model.n_features + 1;
    s->n_factors = (uint32_t)((uint64_t)s->n_inputs * s->model.n_features / 2);
    s->n_scratch = 2 * s->n_inputs;
    s->at_coefficients = kedge_i_arena_take(&arena, s->n_inputs, sizeof(double));
    s->at_diagonal = kedge_i_arena_take(&arena, s->n_inputs, sizeof(double));
    s->at_factors = kedge_i_arena_take(&arena, s->n_factors, sizeof(double));
    s->at_scratch = kedge_i_arena_take(&arena, s->n_scratch, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void rls_start(void *state)
{
    rls_state *s = state;
    double *diagonal = kedge_i_at(s, s->at_diagonal);
    for (uint32_t j = 0; j < s->n_inputs; j++)
        diagonal[j] = 1.0 / s->ridge;
}

static int rls_all_within(const double *x, uint32_t n, double low, double high)
{
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], low, high))
            return 0;
    return 1;
}

static int rls_check(const void *state)
{
    const rls_state *s = state;
    return rls_valid(s) && s->model.n_learned <= KEDGE_I_COUNT_MAX &&
           rls_all_within(kedge_i_at_const(s, s->at_coefficients), s->n_inputs, -RLS_COEFFICIENT_MAX, RLS_COEFFICIENT_MAX) &&
           rls_all_within(kedge_i_at_const(s, s->at_diagonal), s->n_inputs, RLS_DIAGONAL_MIN, 3.01 * s->n_inputs / s->ridge) &&
           rls_all_within(kedge_i_at_const(s, s->at_factors), s->n_factors, -RLS_FACTOR_MAX, RLS_FACTOR_MAX);
}

static inline double rls_clip(double x, double limit)
{
    x = x < limit ? x : limit;
    return x > -limit ? x : -limit;
}

static inline double rls_input(const rls_state *s, const kedge_row *x, uint32_t i)
{
    if (i == s->model.n_features)
        return 1.0;
    double value = rls_clip(kedge_i_row_at(x, i), RLS_INPUT_MAX);
    return fabs(value) >= RLS_INPUT_MIN ? value : 0.0;
}

/* As linear_serve.h would, so that a frozen model says the same; without its questions, since learning asks for this too. */
static double rls_value(const rls_state *s, const kedge_row *x)
{
    const double *coefficients = kedge_i_at_const(s, s->at_coefficients);
    double sum = 0.0;
    for (uint32_t i = 0; i < s->n_inputs; i++)
        sum += coefficients[i] * rls_input(s, x, i);
    return rls_clip(sum, KEDGE_TARGET_MAX);
}

static kedge_status rls_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const rls_state *s = state;
    *y = rls_value(s, x);
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

/* The same as a linear model. */
static kedge_status rls_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const rls_state *s = state;
    linear_machine m = {kedge_i_at_const(s, s->at_coefficients), s->n_inputs, NULL, NULL, 1, 0.0, RLS_INPUT_MAX, RLS_INPUT_MIN,
                        s->model.n_features, 0, 1, KEDGE_LINEAR_SQUARED};
    return kedge_i_freeze_linear(cls, state, &m, buf, cap, len);
}

/* Four sums side by side: one alone would wait for itself. */
static double rls_dot(const double *a, const double *b, uint32_t n)
{
    double sums[4] = {0.0};
    uint32_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (uint32_t k = 0; k < 4; k++)
            sums[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* A column of U above its diagonal, and the gain of what stands before it. */
static void rls_turn(double *column, double *gain, uint32_t n, double back, double v)
{
    for (uint32_t i = 0; i < n; i++) {
        double u = column[i];
        column[i] = rls_clip(u + gain[i] * back, RLS_FACTOR_MAX);
        gain[i] += u * v;
    }
}

/* Bierman 1977, chapter V.3: one measurement with noise `alpha`. The gain, times the last alpha, is left in `gain`; returns that
 * alpha. */
static double rls_measure(rls_state *s, const double *inputs, double *gain, double alpha)
{
    double *diagonal = kedge_i_at(s, s->at_diagonal);
    double *column = kedge_i_at(s, s->at_factors);
    for (uint32_t j = 0; j < s->n_inputs; column += j, j++) {
        double f = inputs[j] + rls_dot(column, inputs, j); /* column j of U meets the row: f = u'x */
        double v = diagonal[j] * f;
        double ahead = alpha + v * f;
        double back = -f / alpha;
        double shrunk = diagonal[j] * (alpha / ahead);
        diagonal[j] = shrunk > RLS_DIAGONAL_MIN ? shrunk : RLS_DIAGONAL_MIN;
        rls_turn(column, gain, j, back, v);
        gain[j] = v;
        alpha = ahead;
    }
    return alpha;
}

static void rls_forget(rls_state *s, double *reaches)
{
    double *diagonal = kedge_i_at(s, s->at_diagonal);
    const double *column = kedge_i_at_const(s, s->at_factors);
    double most = 1.0 / s->ridge;
    double trace = 0.0;
    for (uint32_t j = 0; j < s->n_inputs; column += j, j++)
        trace += reaches[j] = diagonal[j] * (1.0 + rls_dot(column, column, j));
    if (trace > 2.0 * s->n_inputs * most)
        return;
    for (uint32_t j = 0; j < s->n_inputs; j++) {
        double factor = most / reaches[j];
        factor = factor < 1.0 / s->forgetting ? factor : 1.0 / s->forgetting;
        diagonal[j] *= factor > 1.0 ? factor : 1.0;
    }
}

static kedge_status rls_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    rls_state *s = state;
    double *coefficients = kedge_i_at(s, s->at_coefficients);
    double *inputs = kedge_i_at(s, s->at_scratch);
    double *gain = inputs + s->n_inputs;
    double error = y - rls_value(s, x);
    for (uint32_t i = 0; i < s->n_inputs; i++)
        inputs[i] = rls_input(s, x, i);
    double alpha = rls_measure(s, inputs, gain, s->forgetting / (weight > RLS_WEIGHT_MIN ? weight : RLS_WEIGHT_MIN));
    for (uint32_t i = 0; i < s->n_inputs; i++)
        coefficients[i] = rls_clip(coefficients[i] + gain[i] / alpha * error, RLS_COEFFICIENT_MAX);
    if (s->forgetting < 1.0)
        rls_forget(s, gain);
    memset(inputs, 0, s->n_scratch * sizeof *inputs);
    s->model.n_learned++;
    return KEDGE_OK;
}

const kedge_model_class kedge_rls = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "rls",
            .fixed_bytes = sizeof(rls_state),
            .config_bytes = sizeof(kedge_rls_config),
            .n_fields = sizeof rls_fields / sizeof *rls_fields,
            .fields = rls_fields,
            .defaults = rls_defaults,
            .configure = rls_configure,
            .valid = rls_valid,
            .layout = rls_layout,
            .start = rls_start,
            .check = rls_check,
        },
    .learn = rls_learn,
    .predict = rls_predict,
    .score = rls_predict,
    .freeze = rls_freeze,
};
