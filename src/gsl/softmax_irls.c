/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multinomial logistic regression: McCullagh, Nelder 1989, "Generalized Linear Models", 2nd edition, chapter 5. The class,
 * predictions and what a fit tells; the fit is in softmax_fit.c. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "gsl/softmax_state.h"

#include "base/check.h"
#include "base/cholesky.h"
#include "base/number.h"
#include "base/special.h"
#include "gsl/inference.h"
#include "gsl/linear_model.h"

static const kedge_field softmax_fields[] = {
    KEDGE_PARAM(kedge_i_softmax_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_softmax_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_softmax_state, l2, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_softmax_state, tolerance, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_softmax_state, max_iterations, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_softmax_state, standardise, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_softmax_state, report, KEDGE_TYPE_U32),
    KEDGE_VALUE(kedge_i_softmax_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(kedge_i_softmax_state, deviance, KEDGE_TYPE_F64),
    KEDGE_VALUE(kedge_i_softmax_state, null_deviance, KEDGE_TYPE_F64),
    KEDGE_VALUE(kedge_i_softmax_state, rank, KEDGE_TYPE_U32),
    KEDGE_VALUE(kedge_i_softmax_state, iterations, KEDGE_TYPE_U32),
    KEDGE_VALUE(kedge_i_softmax_state, has_root, KEDGE_TYPE_U32),
    KEDGE_ARRAY(kedge_i_softmax_state, unit_at, n, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_softmax_state, centre_at, n, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_softmax_state, seen_at, model.n_classes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_softmax_state, intercept_at, model.n_classes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_softmax_state, weight_at, n_weights, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_softmax_state, root_at, n_root, KEDGE_TYPE_F64),
};

static void softmax_defaults(void *config)
{
    kedge_gsl_softmax_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_softmax;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->base.n_classes = 2;
    cfg->l2 = 1.0;
    cfg->tolerance = 1e-10;
    cfg->max_iterations = 100;
    cfg->standardise = 1;
}

kedge_status kedge_gsl_softmax_config_init(kedge_gsl_softmax_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_softmax.base, cfg, cfg_bytes, sizeof *cfg);
    if (st != KEDGE_OK)
        return st;
    cfg->base.n_features = n_features;
    cfg->base.n_classes = n_classes;
    return KEDGE_OK;
}

static void softmax_configure(const void *config, void *fixed)
{
    const kedge_gsl_softmax_config *cfg = config;
    kedge_i_softmax_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->l2 = cfg->l2;
    s->tolerance = cfg->tolerance;
    s->max_iterations = cfg->max_iterations;
    s->standardise = cfg->standardise;
    s->report = cfg->report;
}

static int softmax_valid(const void *fixed)
{
    const kedge_i_softmax_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) &&
           kedge_i_u32_within(s->model.n_classes, 2, KEDGE_CLASSES_MAX) && kedge_i_within(s->l2, 0.0, 1e9) && s->tolerance > 0.0 &&
           s->tolerance < 1.0 && kedge_i_u32_within(s->max_iterations, 1, 10000) && s->standardise <= 1 && s->report <= 1 &&
           (s->l2 == 0.0 || !s->report);
}

static size_t softmax_layout(void *fixed)
{
    kedge_i_softmax_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    uint64_t root = kedge_i_triangle((uint64_t)(s->model.n_classes - 1) * ((uint64_t)s->model.n_features + 1));
    s->n = s->model.n_features;
    s->n_weights = kedge_i_length(s->n, s->model.n_classes);
    s->n_root = !s->report ? 0 : root > UINT32_MAX ? UINT32_MAX : (uint32_t)root;
    s->unit_at = kedge_i_arena_take(&arena, s->n, sizeof(double));
    s->centre_at = kedge_i_arena_take(&arena, s->n, sizeof(double));
    s->seen_at = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    s->intercept_at = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    s->weight_at = kedge_i_arena_take(&arena, s->n_weights, sizeof(double));
    s->root_at = kedge_i_arena_take(&arena, s->n_root, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void softmax_start(void *state)
{
    kedge_i_softmax_state *s = state;
    double *unit = kedge_i_at(s, s->unit_at);
    for (uint32_t j = 0; j < s->n; j++)
        unit[j] = 1.0;
}

static int softmax_check(const void *state)
{
    const kedge_i_softmax_state *s = state;
    if (!softmax_valid(state))
        return 0;
    const double *seen = kedge_i_at_const(s, s->seen_at);
    uint32_t n_seen = 0;
    int good = kedge_i_within(s->deviance, 0.0, DBL_MAX) && kedge_i_within(s->null_deviance, 0.0, DBL_MAX) &&
        s->has_root <= s->report &&
               kedge_i_gsl_units_valid(kedge_i_at_const(s, s->unit_at), s->n) &&
               kedge_i_gsl_all_within(kedge_i_at_const(s, s->centre_at), s->n, 2.0) &&
               kedge_i_gsl_all_within(kedge_i_at_const(s, s->intercept_at), s->model.n_classes, KEDGE_I_GSL_NUMBER_MAX) &&
               kedge_i_gsl_all_within(kedge_i_at_const(s, s->weight_at), s->n_weights, KEDGE_I_GSL_NUMBER_MAX) &&
               kedge_i_gsl_all_within(kedge_i_at_const(s, s->root_at), s->n_root, KEDGE_I_GSL_NUMBER_MAX);
    for (uint32_t k = 0; k < s->model.n_classes && good; k++) {
        good = seen[k] == 0.0 || seen[k] == 1.0;
        n_seen += seen[k] == 1.0;
    }
    return good && (s->model.n_learned == 0 || n_seen >= 2);
}

/* Serving --------------------------------------------------------------------------------------------------------------------- */

static double softmax_value(const kedge_i_softmax_state *s, const kedge_row *x, uint32_t k)
{
    const double *unit = kedge_i_at_const(s, s->unit_at);
    const double *centre = kedge_i_at_const(s, s->centre_at);
    const double *intercept = kedge_i_at_const(s, s->intercept_at);
    const double *weight = kedge_i_at_const(s, s->weight_at);
    double sum = intercept[k];
    weight += (size_t)k * s->n;
    for (uint32_t j = 0; j < s->n; j++)
        sum += weight[j] * (kedge_i_gsl_input(kedge_row_at(x, j), unit[j]) - centre[j]);
    return sum;
}

static kedge_status softmax_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const kedge_i_softmax_state *s = state;
    const double *seen = kedge_i_at_const(s, s->seen_at);
    double best = -DBL_MAX;
    *y = 0.0;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    for (uint32_t k = 0; k < s->model.n_classes; k++) {
        double value = seen[k] > 0.0 ? softmax_value(s, x, k) : -DBL_MAX;
        if (!(value > best))
            continue;
        best = value;
        *y = (double)k;
    }
    return KEDGE_OK;
}

static kedge_status softmax_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const kedge_i_softmax_state *s = state;
    const double *seen = kedge_i_at_const(s, s->seen_at);
    int is_empty = s->model.n_learned == 0;
    for (uint32_t k = 0; k < s->model.n_classes; k++)
        scores[k] = is_empty || !(seen[k] > 0.0) ? 0.0 : softmax_value(s, x, k);
    kedge_i_gsl_probabilities(scores, is_empty ? NULL : seen, s->model.n_classes);
    return is_empty ? KEDGE_EMPTY : KEDGE_OK;
}

/* Read-outs ------------------------------------------------------------------------------------------------------------------- */

static kedge_status softmax_state_of(const kedge_model *m, const kedge_i_softmax_state **s)
{
    if (!m || !m->cls || !m->state)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_gsl_softmax)
        return KEDGE_ERR_CLASS;
    *s = m->state;
    return KEDGE_OK;
}

static double softmax_intercept(const kedge_i_softmax_state *s, uint32_t k)
{
    const double *centre = kedge_i_at_const(s, s->centre_at);
    const double *weight = kedge_i_at_const(s, s->weight_at);
    const double *intercept = kedge_i_at_const(s, s->intercept_at);
    double sum = intercept[k];
    for (uint32_t j = 0; j < s->n; j++)
        sum -= weight[(size_t)k * s->n + j] * centre[j];
    return sum;
}

kedge_status kedge_gsl_softmax_coefficients(const kedge_model *m, uint32_t i_class, double *weights, size_t n_weights,
                                            double *intercept)
{
    const kedge_i_softmax_state *s;
    double out = 0.0;
    if (!weights || !intercept)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(softmax_state_of(m, &s));
    if (i_class >= s->model.n_classes)
        return KEDGE_ERR_RANGE;
    if (n_weights != s->n)
        return KEDGE_ERR_SHAPE;
    const double *unit = kedge_i_at_const(s, s->unit_at);
    const double *weight = kedge_i_at_const(s, s->weight_at);
    weight += (size_t)i_class * s->n;
    for (uint32_t j = 0; j < s->n; j++)
        if (!kedge_i_gsl_rescale(weight[j], unit[j], 1.0, &out))
            return KEDGE_ERR_NUMERIC;
    for (uint32_t j = 0; j < s->n; j++)
        (void)kedge_i_gsl_rescale(weight[j], unit[j], 1.0, weights + j);
    *intercept = softmax_intercept(s, i_class);
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

kedge_status kedge_gsl_softmax_summary(const kedge_model *m, kedge_gsl_softmax_fit *out)
{
    const kedge_i_softmax_state *s;
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(softmax_state_of(m, &s));
    memset(out, 0, sizeof *out);
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    const double *seen = kedge_i_at_const(s, s->seen_at);
    for (uint32_t k = 0; k < s->model.n_classes; k++)
        out->n_seen += seen[k] > 0.0;
    out->n_rows = s->model.n_learned;
    out->deviance = s->deviance;
    out->null_deviance = s->null_deviance;
    out->rank = s->rank;
    out->iterations = s->iterations;
    out->p_value = 1.0;
    if (s->l2 == 0.0 && s->rank > 0)
        out->p_value = kedge_i_chi_squared_upper(fmax(s->null_deviance - s->deviance, 0.0), (double)s->rank);
    return KEDGE_OK;
}

/* Place of a class among the roots' blocks; -1: it has none. */
static int64_t softmax_block(const kedge_i_softmax_state *s, uint32_t k)
{
    const double *seen = kedge_i_at_const(s, s->seen_at);
    int64_t before = -1;
    for (uint32_t i = 0; i < k; i++)
        before += seen[i] > 0.0;
    return seen[k] > 0.0 ? before : -1;
}

/* Standard error of the linear function g of a block's coefficients: |T g|. i < n: g is 1 for weight i alone; n: the intercept
 * where all features are 0. */
static double softmax_error(const kedge_i_softmax_state *s, size_t block, uint32_t i)
{
    const double *seen = kedge_i_at_const(s, s->seen_at);
    const double *centre = kedge_i_at_const(s, s->centre_at);
    const double *root = kedge_i_at_const(s, s->root_at);
    size_t width = (size_t)s->n + 1, at = block * width, n_rows = 0;
    double squares = 0.0;
    for (uint32_t k = 0; k < s->model.n_classes; k++)
        n_rows += seen[k] > 0.0 ? width : 0;
    for (size_t r = at; r + width < n_rows; r++) { /* all but those of the first class */
        const double *row = root + kedge_i_triangle(r) + at;
        size_t n = r - at + 1;
        double sum = 0.0;
        if (i < s->n)
            sum = (size_t)i + 1 < n ? row[i + 1] : 0.0;
        else
            for (size_t j = 0; j < n && j < width; j++)
                sum += row[j] * (j == 0 ? 1.0 : -centre[j - 1]);
        squares += sum * sum;
    }
    return sqrt(squares);
}

/* Coefficient i of a class, the intercept first. */
static kedge_status softmax_coefficient(const kedge_i_softmax_state *s, uint32_t k, uint32_t i, double critical,
                                        kedge_gsl_coefficient *out)
{
    const double *unit = kedge_i_at_const(s, s->unit_at);
    const double *weight = kedge_i_at_const(s, s->weight_at);
    int64_t block = softmax_block(s, k);
    double value = softmax_intercept(s, k), error = 0.0;
    if (block >= 0)
        error = softmax_error(s, (size_t)block, i == 0 ? s->n : i - 1);
    if (i > 0 && (!kedge_i_gsl_rescale(weight[(size_t)k * s->n + i - 1], unit[i - 1], 1.0, &value) ||
                  !kedge_i_gsl_rescale(error, unit[i - 1], 1.0, &error)))
        return KEDGE_ERR_NUMERIC;
    return kedge_i_gsl_infer(value, error, KEDGE_I_GSL_NORMAL, critical, out);
}

kedge_status kedge_gsl_softmax_report(const kedge_model *m, uint32_t i_class, double confidence,
                                      kedge_gsl_coefficient *coefficients,
                                      size_t n_coefficients)
{
    const kedge_i_softmax_state *s;
    kedge_gsl_coefficient one;
    if (!coefficients)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(softmax_state_of(m, &s));
    if (!s->report)
        return KEDGE_ERR_UNSUPPORTED;
    if (i_class >= s->model.n_classes || !(confidence > 0.0 && confidence < 1.0))
        return KEDGE_ERR_RANGE;
    if (n_coefficients != (size_t)s->n + 1)
        return KEDGE_ERR_SHAPE;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    if (!s->has_root)
        return KEDGE_ERR_NUMERIC;
    double critical = kedge_i_gsl_critical(confidence, KEDGE_I_GSL_NORMAL);
    for (uint32_t i = 0; i <= s->n; i++)
        KEDGE_TRY(softmax_coefficient(s, i_class, i, critical, &one));
    for (uint32_t i = 0; i <= s->n; i++)
        KEDGE_TRY(softmax_coefficient(s, i_class, i, critical, coefficients + i));
    return KEDGE_OK;
}

const kedge_model_class kedge_gsl_softmax = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "softmax_irls",
            .fixed_bytes = sizeof(kedge_i_softmax_state),
            .config_bytes = sizeof(kedge_gsl_softmax_config),
            .n_fields = sizeof softmax_fields / sizeof *softmax_fields,
            .fields = softmax_fields,
            .defaults = softmax_defaults,
            .configure = softmax_configure,
            .valid = softmax_valid,
            .layout = softmax_layout,
            .start = softmax_start,
            .check = softmax_check,
        },
    .fit_work = kedge_i_softmax_fit_work,
    .fit = kedge_i_softmax_fit,
    .predict = softmax_predict,
    .score = softmax_score,
};
