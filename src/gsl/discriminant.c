/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Discriminant analysis: Hastie, Tibshirani, Friedman 2009, "The Elements of Statistical Learning", 2nd edition, section 4.3. With
 * priors p, means m and covariances S of standardised columns z,
 *     linear:     score of class k = log p_k - m_k' S^-1 m_k / 2 + z' S^-1 m_k                           (4.10)
 *     quadratic:  score of class k = log p_k - log |S_k| / 2 - |T_k (z - m_k)|^2 / 2,  T_k' T_k = S_k^-1   (4.12)
 * Standardising changes neither differences of scores nor, since it is the same for all classes, what they say. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "gsl/discriminant_state.h"

#include "base/check.h"
#include "base/cholesky.h"
#include "base/number.h"
#include "gsl/linear_model.h"

#define DISCRIMINANT_FAR 1e150   /* a standardised distance is cut here */
enum { DISCRIMINANT_COPY = 64 }; /* features */

static const kedge_field discriminant_fields[] = {
    KEDGE_PARAM(kedge_i_discriminant_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_discriminant_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_discriminant_state, shrinkage, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_discriminant_state, quadratic, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_discriminant_state, unbiased, KEDGE_TYPE_U32),
    KEDGE_VALUE(kedge_i_discriminant_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_ARRAY(kedge_i_discriminant_state, unit_at, n, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_discriminant_state, centre_at, n, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_discriminant_state, share_at, model.n_classes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_discriminant_state, constant_at, model.n_classes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_discriminant_state, direction_at, n_directions, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_discriminant_state, root_at, n_roots, KEDGE_TYPE_F64),
};

static void discriminant_defaults(void *config)
{
    kedge_gsl_discriminant_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_discriminant;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->base.n_classes = 2;
}

kedge_status kedge_gsl_discriminant_config_init(kedge_gsl_discriminant_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_discriminant.base, cfg, cfg_bytes, sizeof *cfg);
    if (st != KEDGE_OK)
        return st;
    cfg->base.n_features = n_features;
    cfg->base.n_classes = n_classes;
    return KEDGE_OK;
}

static void discriminant_configure(const void *config, void *fixed)
{
    const kedge_gsl_discriminant_config *cfg = config;
    kedge_i_discriminant_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->shrinkage = cfg->shrinkage;
    s->quadratic = cfg->quadratic;
    s->unbiased = cfg->unbiased;
}

static int discriminant_valid(const void *fixed)
{
    const kedge_i_discriminant_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) &&
           kedge_i_u32_within(s->model.n_classes, 2, KEDGE_CLASSES_MAX) && kedge_i_within(s->shrinkage, 0.0, 1.0) &&
           s->quadratic <= 1 && s->unbiased <= 1;
}

static size_t discriminant_layout(void *fixed)
{
    kedge_i_discriminant_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    uint64_t triangle = kedge_i_triangle(s->model.n_features);
    s->n = s->model.n_features;
    s->n_directions = kedge_i_length(s->n, s->model.n_classes);
    s->n_roots = s->quadratic ? kedge_i_length(triangle > UINT32_MAX ? UINT32_MAX : (uint32_t)triangle, s->model.n_classes) : 0;
    s->unit_at = kedge_i_arena_take(&arena, s->n, sizeof(double));
    s->centre_at = kedge_i_arena_take(&arena, s->n, sizeof(double));
    s->share_at = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    s->constant_at = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    s->direction_at = kedge_i_arena_take(&arena, s->n_directions, sizeof(double));
    s->root_at = kedge_i_arena_take(&arena, s->n_roots, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void discriminant_start(void *state)
{
    kedge_i_discriminant_state *s = state;
    double *unit = kedge_i_at(s, s->unit_at);
    for (uint32_t j = 0; j < s->n; j++)
        unit[j] = 1.0;
}

static int discriminant_check(const void *state)
{
    const kedge_i_discriminant_state *s = state;
    if (!discriminant_valid(state))
        return 0;
    const double *share = kedge_i_at_const(s, s->share_at);
    double total = 0.0;
    int good = kedge_i_gsl_units_valid(kedge_i_at_const(s, s->unit_at), s->n) &&
               kedge_i_gsl_all_within(kedge_i_at_const(s, s->centre_at), s->n, 2.0) &&
               kedge_i_gsl_all_within(kedge_i_at_const(s, s->constant_at), s->model.n_classes, KEDGE_I_GSL_NUMBER_MAX) &&
               kedge_i_gsl_all_within(kedge_i_at_const(s, s->direction_at), s->n_directions, KEDGE_I_GSL_NUMBER_MAX) &&
               kedge_i_gsl_all_within(kedge_i_at_const(s, s->root_at), s->n_roots, KEDGE_I_GSL_NUMBER_MAX);
    for (uint32_t k = 0; k < s->model.n_classes && good; k++) {
        good = kedge_i_within(share[k], 0.0, 1.0);
        total += share[k];
    }
    return good && (s->model.n_learned == 0 || total > 0.0); /* some class must be the likeliest */
}

/* Serving ---------------------------------------------------------------------------------------------------------------------- */

/* A row, less the centre, in the state's units: copied where it is short, since each number is needed many times. */
typedef struct discriminant_row {
    const kedge_i_discriminant_state *s;
    const kedge_row *x;
    double copy[DISCRIMINANT_COPY];
} discriminant_row;

static double discriminant_input(const kedge_i_discriminant_state *s, const kedge_row *x, uint32_t j)
{
    const double *unit = kedge_i_at_const(s, s->unit_at);
    const double *centre = kedge_i_at_const(s, s->centre_at);
    return kedge_i_gsl_input(kedge_row_at(x, j), unit[j]) - centre[j];
}

static void discriminant_read(discriminant_row *r, const kedge_i_discriminant_state *s, const kedge_row *x)
{
    r->s = s;
    r->x = x;
    for (uint32_t j = 0; j < s->n && j < DISCRIMINANT_COPY; j++)
        r->copy[j] = discriminant_input(s, x, j);
}

static inline double discriminant_number(const discriminant_row *r, uint32_t j)
{
    return j < DISCRIMINANT_COPY ? r->copy[j] : discriminant_input(r->s, r->x, j);
}

static double discriminant_distance(const discriminant_row *r, const double *mean, const double *root)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < r->s->n; i++) {
        const double *row = root + kedge_i_triangle(i);
        double along = 0.0;
        for (uint32_t j = 0; j <= i; j++)
            along += row[j] * (discriminant_number(r, j) - mean[j]);
        along = fmin(fabs(along), DISCRIMINANT_FAR);
        sum += along * along;
    }
    return sum;
}

/* Log of prior times density, less what all classes share. */
static double discriminant_value(const discriminant_row *r, uint32_t k)
{
    const kedge_i_discriminant_state *s = r->s;
    const double *constant = kedge_i_at_const(s, s->constant_at);
    const double *direction = kedge_i_at_const(s, s->direction_at);
    const double *root = kedge_i_at_const(s, s->root_at);
    double sum = 0.0;
    direction += (size_t)k * s->n;
    if (s->quadratic)
        return constant[k] - 0.5 * discriminant_distance(r, direction, root + k * kedge_i_triangle(s->n));
    for (uint32_t j = 0; j < s->n; j++)
        sum += direction[j] * discriminant_number(r, j);
    return constant[k] + sum;
}

static kedge_status discriminant_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const kedge_i_discriminant_state *s = state;
    const double *share = kedge_i_at_const(s, s->share_at);
    discriminant_row r;
    double best = 0.0;
    int found = 0;
    *y = 0.0;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    discriminant_read(&r, s, x);
    for (uint32_t k = 0; k < s->model.n_classes; k++) {
        double value = share[k] > 0.0 ? discriminant_value(&r, k) : 0.0;
        if (share[k] == 0.0 || (found && !(value > best)))
            continue;
        found = 1;
        best = value;
        *y = (double)k;
    }
    return KEDGE_OK;
}

static kedge_status discriminant_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const kedge_i_discriminant_state *s = state;
    const double *share = kedge_i_at_const(s, s->share_at);
    uint32_t n = s->model.n_classes;
    discriminant_row r;
    int is_empty = s->model.n_learned == 0;
    discriminant_read(&r, s, x);
    for (uint32_t k = 0; k < n; k++)
        scores[k] = !is_empty && share[k] > 0.0 ? discriminant_value(&r, k) : 0.0;
    kedge_i_gsl_probabilities(scores, is_empty ? NULL : share, n);
    return is_empty ? KEDGE_EMPTY : KEDGE_OK;
}

const kedge_model_class kedge_gsl_discriminant = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "discriminant",
            .fixed_bytes = sizeof(kedge_i_discriminant_state),
            .config_bytes = sizeof(kedge_gsl_discriminant_config),
            .n_fields = sizeof discriminant_fields / sizeof *discriminant_fields,
            .fields = discriminant_fields,
            .defaults = discriminant_defaults,
            .configure = discriminant_configure,
            .valid = discriminant_valid,
            .layout = discriminant_layout,
            .start = discriminant_start,
            .check = discriminant_check,
        },
    .fit_work = kedge_i_discriminant_fit_work,
    .fit = kedge_i_discriminant_fit,
    .predict = discriminant_predict,
    .score = discriminant_score,
};
