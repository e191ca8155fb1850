/* SPDX-License-Identifier: MIT */
/* Gaussian naive Bayes: within each class every feature is normal and independent of the others.
 *
 * Moments online: Welford 1962, "Note on a method for calculating corrected sums of squares and products", Technometrics 4; with weights
 * West 1979, "Updating mean and variance estimates", CACM 22. Static: two passes, which give the same model up to rounding. The share of
 * the greatest variance that is added to all is scikit-learn's var_smoothing; it keeps a constant feature from deciding alone.
 *
 * Magnitudes above 1e140 count as 1e140, so that squares, summed with weights, stay finite. Cost: O(n_features) to learn a row,
 * O(n_features * n_classes) to predict, one logarithm for each class and, now and then, more. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/model.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/object.h"
#include "models/row.h"

#define GAUSSIAN_NB_INPUT_MAX 1e140
#define GAUSSIAN_NB_MEAN_MAX (2.0 * GAUSSIAN_NB_INPUT_MAX) /* rounding */
#define GAUSSIAN_NB_WEIGHT_MAX 1e25    /* of all rows together */

/* Moments of one feature: of the rows of one class, or of all. */
typedef struct gaussian_nb_moments {
    double mean;
    double m2; /* weighted sum of squared deviations from mean, >= 0 */
} gaussian_nb_moments;

typedef struct gaussian_nb_state {
    kedge_model_state model;
    double smoothing;
    double weight;        /* of all rows */
    uint32_t n_moments;   /* layout: doubles in the moments of all classes */
    uint32_t n_all;       /* layout: doubles in the moments of all rows */
    uint32_t at_weights;  /* layout: double[n_classes], weight of each class's rows, sum `weight` */
    uint32_t at_all;      /* layout: gaussian_nb_moments[n_features], of all rows */
    uint32_t at_moments;  /* layout: gaussian_nb_moments[class][feature] */
    uint32_t reserved;
} gaussian_nb_state;

static const kedge_field gaussian_nb_fields[] = {
    KEDGE_PARAM(gaussian_nb_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(gaussian_nb_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(gaussian_nb_state, smoothing, KEDGE_TYPE_F64),
    KEDGE_VALUE(gaussian_nb_state, model.n_learned, KEDGE_TYPE_U64),
    KEDGE_VALUE(gaussian_nb_state, weight, KEDGE_TYPE_F64),
    KEDGE_ARRAY(gaussian_nb_state, at_weights, model.n_classes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(gaussian_nb_state, at_all, n_all, KEDGE_TYPE_F64),
    KEDGE_ARRAY(gaussian_nb_state, at_moments, n_moments, KEDGE_TYPE_F64),
};

static void gaussian_nb_defaults(void *config)
{
    kedge_gaussian_nb_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gaussian_nb;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->smoothing = 1e-9;
}

kedge_status kedge_gaussian_nb_config_init(kedge_gaussian_nb_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_gaussian_nb.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
    }
    return st;
}

static void gaussian_nb_configure(const void *config, void *fixed)
{
    const kedge_gaussian_nb_config *cfg = config;
    gaussian_nb_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->smoothing = cfg->smoothing;
}

static int gaussian_nb_valid(const void *fixed)
{
    const gaussian_nb_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) &&
           kedge_i_u32_within(s->model.n_classes, 2, KEDGE_CLASSES_MAX) && kedge_i_within(s->smoothing, 0.0, 1.0);
}

static size_t gaussian_nb_layout(void *fixed)
{
    gaussian_nb_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_all = 2 * s->model.n_features;
    s->n_moments = kedge_i_length(s->n_all, s->model.n_classes);
    s->at_weights = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    s->at_all = kedge_i_arena_take(&arena, s->n_all, sizeof(double));
    s->at_moments = kedge_i_arena_take(&arena, s->n_moments, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static const double *gaussian_nb_weights(const gaussian_nb_state *s)
{
    return kedge_i_at_const(s, s->at_weights);
}

static const gaussian_nb_moments *gaussian_nb_class(const gaussian_nb_state *s, uint32_t c)
{
    return (const gaussian_nb_moments *)kedge_i_at_const(s, s->at_moments) + (size_t)c * s->model.n_features;
}

/* Could rows of this weight have these moments? No row adds more than weight * (greatest distance from a mean)^2. */
static int gaussian_nb_are_sound(const gaussian_nb_moments *m, uint32_t n, double weight)
{
    double reach = 16.0 * GAUSSIAN_NB_INPUT_MAX * GAUSSIAN_NB_INPUT_MAX * weight;
    double farthest = weight > 0.0 ? GAUSSIAN_NB_MEAN_MAX : 0.0;
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(m[i].mean, -farthest, farthest) || !kedge_i_within(m[i].m2, 0.0, reach))
            return 0;
    return 1;
}

static int gaussian_nb_check(const void *state)
{
    const gaussian_nb_state *s = state;
    const double *w = gaussian_nb_weights(s);
    double sum = 0.0;
    if (!gaussian_nb_valid(s) || !kedge_i_within(s->weight, 0.0, GAUSSIAN_NB_WEIGHT_MAX) || s->model.n_learned > KEDGE_I_COUNT_MAX ||
        (s->model.n_learned > 0) != (s->weight > 0.0))
        return 0;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        if (!kedge_i_within(w[c], 0.0, s->weight) || !gaussian_nb_are_sound(gaussian_nb_class(s, c), s->model.n_features, w[c]))
            return 0;
        sum += w[c];
    }
    if (!kedge_i_within(sum, 0.999 * s->weight, 1.001 * s->weight)) /* a class was seen if a row was: scores need one */
        return 0;
    return gaussian_nb_are_sound(kedge_i_at_const(s, s->at_all), s->model.n_features, s->weight);
}

static inline double gaussian_nb_input(const kedge_row *x, uint32_t i)
{
    double value = kedge_i_row_at(x, i);
    value = value < GAUSSIAN_NB_INPUT_MAX ? value : GAUSSIAN_NB_INPUT_MAX;
    return value > -GAUSSIAN_NB_INPUT_MAX ? value : -GAUSSIAN_NB_INPUT_MAX;
}

/* West 1979: one value of this weight; share = weight / weight of all so far. */
static inline void gaussian_nb_take(gaussian_nb_moments *m, double x, double weight, double share)
{
    double off = x - m->mean;
    m->mean += share * off;
    double more = weight * off * (x - m->mean);
    m->m2 += more > 0.0 ? more : 0.0; /* less only by rounding */
}

static kedge_status gaussian_nb_learn(void *state, const kedge_row *x, double y, double weight)
{
    gaussian_nb_state *s = state;
    uint32_t c = (uint32_t)y;
    double *class_weight = (double *)kedge_i_at(s, s->at_weights) + c;
    gaussian_nb_moments *all = kedge_i_at(s, s->at_all);
    gaussian_nb_moments *own = (gaussian_nb_moments *)kedge_i_at(s, s->at_moments) + (size_t)c * s->model.n_features;
    if (s->weight + weight > GAUSSIAN_NB_WEIGHT_MAX)
        return KEDGE_ERR_RANGE;
    s->weight += weight;
    *class_weight += weight;
    double share_all = weight / s->weight;
    double share_own = weight / *class_weight;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double value = gaussian_nb_input(x, i);
        gaussian_nb_take(&all[i], value, weight, share_all);
        gaussian_nb_take(&own[i], value, weight, share_own);
    }
    s->model.n_learned++;
    return KEDGE_OK;
}

/* Serving -------------------------------------------------------------------------------------------------------------------------- */

/* What is added to every variance. */
static double gaussian_nb_floor(const gaussian_nb_state *s)
{
    const gaussian_nb_moments *all = kedge_i_at_const(s, s->at_all);
    double greatest = 0.0;
    for (uint32_t i = 0; i < s->model.n_features; i++)
        greatest = all[i].m2 > greatest ? all[i].m2 : greatest;
    double floor_variance = s->smoothing * (greatest / s->weight);
    return floor_variance > DBL_MIN ? floor_variance : DBL_MIN;
}

/* log prior + log likelihood of class c, up to the same constant for all classes; at least -DBL_MAX for a class that was seen, so that it
 * stays ahead of one that was not. Variances are multiplied up and their logarithm taken once, or before the product leaves the range of
 * doubles. */
static double gaussian_nb_log_joint(const gaussian_nb_state *s, const kedge_row *x, uint32_t c, double floor_variance)
{
    const gaussian_nb_moments *m = gaussian_nb_class(s, c);
    double weight = gaussian_nb_weights(s)[c];
    if (weight == 0.0)
        return -(double)INFINITY;
    double distance = 0.0;
    double log_variances = 0.0;
    double product = 1.0;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double variance = m[i].m2 / weight + floor_variance;
        double off = gaussian_nb_input(x, i) - m[i].mean;
        distance += off * off / variance;
        if (!(variance > 1e-100 && variance < 1e100)) {
            log_variances += log(variance);
            continue;
        }
        product *= variance;
        if (!(product > 1e-200 && product < 1e200)) {
            log_variances += log(product);
            product = 1.0;
        }
    }
    double joint = log(weight / s->weight) - 0.5 * (log_variances + log(product) + distance);
    return joint > -DBL_MAX ? joint : -DBL_MAX;
}

static kedge_status gaussian_nb_predict(const void *state, const kedge_row *x, double *y)
{
    const gaussian_nb_state *s = state;
    *y = 0.0;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    double floor_variance = gaussian_nb_floor(s);
    double greatest = -(double)INFINITY;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        double joint = gaussian_nb_log_joint(s, x, c, floor_variance);
        if (joint > greatest) {
            greatest = joint;
            *y = c;
        }
    }
    return KEDGE_OK;
}

static kedge_status gaussian_nb_score(const void *state, const kedge_row *x, double *scores)
{
    const gaussian_nb_state *s = state;
    uint32_t n = s->model.n_classes;
    double greatest = -(double)INFINITY;
    double sum = 0.0;
    for (uint32_t c = 0; s->model.n_learned == 0 && c < n; c++)
        scores[c] = 1.0 / n;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    double floor_variance = gaussian_nb_floor(s);
    for (uint32_t c = 0; c < n; c++) {
        scores[c] = gaussian_nb_log_joint(s, x, c, floor_variance);
        greatest = scores[c] > greatest ? scores[c] : greatest;
    }
    for (uint32_t c = 0; c < n; c++)
        sum += scores[c] = exp(scores[c] - greatest);
    for (uint32_t c = 0; c < n; c++)
        scores[c] /= sum;
    return KEDGE_OK;
}

/* Static training -------------------------------------------------------------------------------------------------------------------- */

static size_t gaussian_nb_fit_work(const void *fixed, size_t n_rows)
{
    (void)fixed, (void)n_rows;
    return KEDGE_ALIGN; /* none is needed; 0 would say that there is no fit */
}

static double gaussian_nb_total(const double *weight, size_t n)
{
    double total = 0.0;
    for (size_t i = 0; i < n; i++)
        total += weight ? weight[i] : 1.0;
    return total;
}

/* First pass: means, by shares of the final weights, so that no sum can overflow. */
static void gaussian_nb_fit_means(gaussian_nb_state *s, const kedge_rows *x, const double *y, const double *weight)
{
    gaussian_nb_moments *all = kedge_i_at(s, s->at_all);
    gaussian_nb_moments *own = kedge_i_at(s, s->at_moments);
    const double *class_weight = gaussian_nb_weights(s);
    for (size_t r = 0; r < x->n_rows; r++) {
        kedge_row row = kedge_i_row_of_rows(x, r);
        size_t c = (size_t)y[r];
        double w = weight ? weight[r] : 1.0;
        if (w == 0.0)
            continue;
        double share_all = w / s->weight;
        double share_own = w / class_weight[c];
        for (uint32_t i = 0; i < s->model.n_features; i++) {
            double value = gaussian_nb_input(&row, i);
            all[i].mean += share_all * value;
            own[c * s->model.n_features + i].mean += share_own * value;
        }
    }
}

/* Second pass: squared deviations. */
static void gaussian_nb_fit_squares(gaussian_nb_state *s, const kedge_rows *x, const double *y, const double *weight)
{
    gaussian_nb_moments *all = kedge_i_at(s, s->at_all);
    gaussian_nb_moments *own = kedge_i_at(s, s->at_moments);
    for (size_t r = 0; r < x->n_rows; r++) {
        kedge_row row = kedge_i_row_of_rows(x, r);
        size_t c = (size_t)y[r];
        double w = weight ? weight[r] : 1.0;
        for (uint32_t i = 0; i < s->model.n_features; i++) {
            double value = gaussian_nb_input(&row, i);
            gaussian_nb_moments *m = &own[c * s->model.n_features + i];
            all[i].m2 += w * (value - all[i].mean) * (value - all[i].mean);
            m->m2 += w * (value - m->mean) * (value - m->mean);
        }
    }
}

static kedge_status gaussian_nb_fit(void *state, const kedge_rows *x, const double *y, const double *weight, void *work)
{
    gaussian_nb_state *s = state;
    double total = gaussian_nb_total(weight, x->n_rows);
    (void)work;
    if (!(total > 0.0))
        return KEDGE_ERR_NUMERIC;
    if (total > GAUSSIAN_NB_WEIGHT_MAX)
        return KEDGE_ERR_RANGE;
    double *class_weight = kedge_i_at(s, s->at_weights);
    memset(class_weight, 0, s->model.n_classes * sizeof(double));
    memset(kedge_i_at(s, s->at_all), 0, s->n_all * sizeof(double));
    memset(kedge_i_at(s, s->at_moments), 0, s->n_moments * sizeof(double));
    s->weight = total;
    s->model.n_learned = 0;
    for (size_t i = 0; i < x->n_rows; i++) {
        double w = weight ? weight[i] : 1.0;
        class_weight[(size_t)y[i]] += w;
        s->model.n_learned += w > 0.0;
    }
    gaussian_nb_fit_means(s, x, y, weight);
    gaussian_nb_fit_squares(s, x, y, weight);
    return KEDGE_OK;
}

const kedge_model_class kedge_gaussian_nb = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "gaussian_nb",
            .fixed_bytes = sizeof(gaussian_nb_state),
            .config_bytes = sizeof(kedge_gaussian_nb_config),
            .n_fields = sizeof gaussian_nb_fields / sizeof *gaussian_nb_fields,
            .fields = gaussian_nb_fields,
            .defaults = gaussian_nb_defaults,
            .configure = gaussian_nb_configure,
            .valid = gaussian_nb_valid,
            .layout = gaussian_nb_layout,
            .check = gaussian_nb_check,
        },
    .learn = gaussian_nb_learn,
    .fit_work = gaussian_nb_fit_work,
    .fit = gaussian_nb_fit,
    .predict = gaussian_nb_predict,
    .score = gaussian_nb_score,
};
