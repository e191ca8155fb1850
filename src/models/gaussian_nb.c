/* SPDX-License-Identifier: MIT */
/* Gaussian naive Bayes: within each class every feature is normal and independent of the others.
 *
 * Moments online: Welford 1962, "Note on a method for calculating corrected sums of squares and products", Technometrics 4; with weights
 * West 1979, "Updating mean and variance estimates", CACM 22; forgetting is that update backwards. Merging: Chan, Golub, LeVeque 1979, "Updating
 * formulae and a pairwise algorithm for computing sample variances", Stanford STAN-CS-79-773. Static: two passes, which give the same model up to rounding. The share of
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

#define GAUSSIAN_NB_FADED 1e-100       /* a class of less weight counts as never seen */
#define GAUSSIAN_NB_REST 1e-12         /* share of a weight that is rounding */

/* Moments of n features, of the rows of one class or of all: mean[n], then m2[n], the weighted sums of squared deviations, >= 0. */
typedef struct gaussian_nb_state {
    kedge_model_state model;
    double smoothing;
    double fading;
    double weight;        /* of all rows */
    uint32_t n_moments;   /* layout: doubles in the moments of all classes */
    uint32_t n_all;       /* layout: doubles in the moments of all rows */
    uint32_t at_weights;  /* layout: double[n_classes], weight of each class's rows, sum `weight` */
    uint32_t at_all;      /* layout: moments of all rows */
    uint32_t at_moments;  /* layout: moments of each class */
    uint32_t reserved;
} gaussian_nb_state;

static const kedge_field gaussian_nb_fields[] = {
    KEDGE_PARAM(gaussian_nb_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(gaussian_nb_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(gaussian_nb_state, smoothing, KEDGE_TYPE_F64),
    KEDGE_PARAM(gaussian_nb_state, fading, KEDGE_TYPE_F64),
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
    cfg->fading = 1.0;
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
    s->fading = cfg->fading;
}

static int gaussian_nb_valid(const void *fixed)
{
    const gaussian_nb_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) &&
           kedge_i_u32_within(s->model.n_classes, 2, KEDGE_CLASSES_MAX) && kedge_i_within(s->smoothing, 0.0, 1.0) &&
           s->fading > 0.0 && s->fading <= 1.0;
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

static const double *gaussian_nb_class(const gaussian_nb_state *s, uint32_t c)
{
    return (const double *)kedge_i_at_const(s, s->at_moments) + (size_t)c * s->n_all;
}

static double *gaussian_nb_class_of(gaussian_nb_state *s, uint32_t c)
{
    return (double *)kedge_i_at(s, s->at_moments) + (size_t)c * s->n_all;
}

/* Could rows of this weight have these moments? No row adds more than weight * (greatest distance from a mean)^2. */
static int gaussian_nb_are_sound(const double *m, uint32_t n, double weight)
{
    double reach = 16.0 * GAUSSIAN_NB_INPUT_MAX * GAUSSIAN_NB_INPUT_MAX * weight;
    double farthest = weight > 0.0 ? GAUSSIAN_NB_MEAN_MAX : 0.0;
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(m[i], -farthest, farthest) || !kedge_i_within(m[n + i], 0.0, reach))
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

static inline double gaussian_nb_clip(double value)
{
    value = value < GAUSSIAN_NB_INPUT_MAX ? value : GAUSSIAN_NB_INPUT_MAX;
    return value > -GAUSSIAN_NB_INPUT_MAX ? value : -GAUSSIAN_NB_INPUT_MAX;
}

static inline double gaussian_nb_input(const kedge_row *x, uint32_t i)
{
    return gaussian_nb_clip(kedge_i_row_at(x, i));
}

/* Training --------------------------------------------------------------------------------------------------------------------------- */

static void gaussian_nb_empty(double *moments, double *weight, uint32_t n)
{
    memset(moments, 0, n * sizeof *moments);
    *weight = 0.0;
}

/* Before a row is learned. A class below GAUSSIAN_NB_FADED ends, so that no weight leaves the range of doubles. */
static void gaussian_nb_fade(gaussian_nb_state *s)
{
    double *weights = kedge_i_at(s, s->at_weights);
    double *all = kedge_i_at(s, s->at_all);
    double total = 0.0;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        double *own = gaussian_nb_class_of(s, c);
        weights[c] *= s->fading;
        if (weights[c] < GAUSSIAN_NB_FADED)
            gaussian_nb_empty(own, &weights[c], s->n_all);
        for (uint32_t i = s->model.n_features; i < s->n_all && weights[c] > 0.0; i++)
            own[i] *= s->fading;
        total += weights[c];
    }
    s->weight = total;
    if (total == 0.0)
        gaussian_nb_empty(all, &s->weight, s->n_all);
    for (uint32_t i = s->model.n_features; i < s->n_all; i++)
        all[i] *= s->fading;
}

/* West 1979: one value of this weight; share = weight / weight of all so far. */
static inline void gaussian_nb_take(double *mean, double *m2, double x, double weight, double share)
{
    double off = x - *mean;
    double next = *mean + share * off;
    double more = weight * off * (x - next);
    *mean = next;
    *m2 += more > 0.0 ? more : 0.0; /* less only by rounding */
}

static kedge_status gaussian_nb_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    gaussian_nb_state *s = state;
    uint32_t c = (uint32_t)y;
    uint32_t n = s->model.n_features;
    double *all = kedge_i_at(s, s->at_all);
    double *own = gaussian_nb_class_of(s, c);
    double *class_weight = (double *)kedge_i_at(s, s->at_weights) + c;
    if (s->weight + weight > GAUSSIAN_NB_WEIGHT_MAX)
        return KEDGE_ERR_RANGE;
    if (s->fading < 1.0)
        gaussian_nb_fade(s);
    s->weight += weight;
    *class_weight += weight;
    double share_all = weight / s->weight;
    double share_own = weight / *class_weight;
    for (uint32_t i = 0; i < n; i++) {
        double value = gaussian_nb_input(x, i);
        gaussian_nb_take(&all[i], &all[n + i], value, weight, share_all);
        gaussian_nb_take(&own[i], &own[n + i], value, weight, share_own);
    }
    s->model.n_learned++;
    return KEDGE_OK;
}

/* Forgetting ------------------------------------------------------------------------------------------------------------------------- */

/* West 1979 backwards, into bounds that no rounding and no row that was never learned can leave. */
static void gaussian_nb_give(double *m, uint32_t n, const kedge_row *x, double weight, double left)
{
    double reach = 4.0 * GAUSSIAN_NB_INPUT_MAX * GAUSSIAN_NB_INPUT_MAX * left;
    double share = weight / left;
    for (uint32_t i = 0; i < n; i++) {
        double value = gaussian_nb_input(x, i);
        double next = gaussian_nb_clip(m[i] - share * (value - m[i]));
        double m2 = m[n + i] - weight * (value - m[i]) * (value - next);
        m2 = m2 < reach ? m2 : reach;
        m[n + i] = m2 > 0.0 ? m2 : 0.0;
        m[i] = next;
    }
}

/* Weight that is left; rounding counts as nothing. */
static double gaussian_nb_left(double held, double weight)
{
    return held - weight > GAUSSIAN_NB_REST * held ? held - weight : 0.0;
}

static kedge_status gaussian_nb_forget(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    gaussian_nb_state *s = state;
    uint32_t c = (uint32_t)y;
    double *weights = kedge_i_at(s, s->at_weights);
    double *all = kedge_i_at(s, s->at_all);
    double total = 0.0;
    if (weight - weights[c] > GAUSSIAN_NB_REST * weights[c])
        return KEDGE_ERR_RANGE;
    weights[c] = gaussian_nb_left(weights[c], weight);
    for (uint32_t i = 0; i < s->model.n_classes; i++)
        total += weights[i];
    s->weight = total;
    if (weights[c] > 0.0)
        gaussian_nb_give(gaussian_nb_class_of(s, c), s->model.n_features, x, weight, weights[c]);
    else
        gaussian_nb_empty(gaussian_nb_class_of(s, c), &weights[c], s->n_all);
    if (total > 0.0)
        gaussian_nb_give(all, s->model.n_features, x, weight, total);
    else
        gaussian_nb_empty(all, &s->weight, s->n_all);
    s->model.n_learned -= s->model.n_learned > 1;
    s->model.n_learned = total > 0.0 ? s->model.n_learned : 0;
    return KEDGE_OK;
}

/* Merging ---------------------------------------------------------------------------------------------------------------------------- */

/* Chan, Golub, LeVeque 1979, equations 2.1; weight_a + weight_b > 0. */
static void gaussian_nb_join(double *a, const double *b, uint32_t n, double weight_a, double weight_b)
{
    double share = weight_b / (weight_a + weight_b);
    for (uint32_t i = 0; i < n; i++) {
        double off = b[i] - a[i];
        a[i] += share * off;
        a[n + i] += b[n + i] + off * off * (weight_a * share);
    }
}

static kedge_status gaussian_nb_merge(const kedge_model_class *cls, void *state, const void *other)
{
    (void)cls;
    gaussian_nb_state *s = state;
    const gaussian_nb_state *o = other;
    double *weights = kedge_i_at(s, s->at_weights);
    const double *more = gaussian_nb_weights(o);
    if (s->weight + o->weight > GAUSSIAN_NB_WEIGHT_MAX || s->model.n_learned + o->model.n_learned > KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    if (o->weight == 0.0)
        return KEDGE_OK;
    gaussian_nb_join(kedge_i_at(s, s->at_all), kedge_i_at_const(o, o->at_all), s->model.n_features, s->weight, o->weight);
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        if (more[c] > 0.0)
            gaussian_nb_join(gaussian_nb_class_of(s, c), gaussian_nb_class(o, c), s->model.n_features, weights[c], more[c]);
        weights[c] += more[c];
    }
    s->weight += o->weight;
    s->model.n_learned += o->model.n_learned;
    return KEDGE_OK;
}

/* Serving -------------------------------------------------------------------------------------------------------------------------- */

/* What is added to every variance. */
static double gaussian_nb_floor(const gaussian_nb_state *s)
{
    const double *m2 = (const double *)kedge_i_at_const(s, s->at_all) + s->model.n_features;
    double greatest = 0.0;
    for (uint32_t i = 0; i < s->model.n_features; i++)
        greatest = m2[i] > greatest ? m2[i] : greatest;
    double floor_variance = s->smoothing * (greatest / s->weight);
    return floor_variance > DBL_MIN ? floor_variance : DBL_MIN;
}

/* log(share^2 / product): one logarithm where the square cannot leave the range of doubles. */
static inline double gaussian_nb_log_prior(double share, double product)
{
    return share > 1e-50 ? log(share * share / product) : 2.0 * log(share) - log(product);
}

/* log prior + log likelihood of class c, up to the same constant for all classes; at least -DBL_MAX for a class that was seen, so that it
 * stays ahead of one that was not. Variances are multiplied up and their logarithm taken once, or before the product leaves the range of
 * doubles. */
static double gaussian_nb_log_joint(const gaussian_nb_state *s, const kedge_row *x, uint32_t c, double floor_variance)
{
    uint32_t n = s->model.n_features;
    const double *mean = gaussian_nb_class(s, c);
    double weight = gaussian_nb_weights(s)[c];
    if (weight == 0.0)
        return -(double)INFINITY;
    double distance = 0.0;
    double log_variances = 0.0;
    double product = 1.0;
    for (uint32_t i = 0; i < n; i++) {
        double variance = mean[n + i] / weight + floor_variance;
        double off = gaussian_nb_input(x, i) - mean[i];
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
    double joint = 0.5 * (gaussian_nb_log_prior(weight / s->weight, product) - log_variances - distance);
    return joint > -DBL_MAX ? joint : -DBL_MAX;
}

static kedge_status gaussian_nb_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
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

static kedge_status gaussian_nb_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
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
    double *all = kedge_i_at(s, s->at_all);
    const double *class_weight = gaussian_nb_weights(s);
    for (size_t r = 0; r < x->n_rows; r++) {
        kedge_row row = kedge_i_row_of_rows(x, r);
        uint32_t c = (uint32_t)y[r];
        double *own = gaussian_nb_class_of(s, c);
        double w = weight ? weight[r] : 1.0;
        if (w == 0.0)
            continue;
        double share_all = w / s->weight;
        double share_own = w / class_weight[c];
        for (uint32_t i = 0; i < s->model.n_features; i++) {
            double value = gaussian_nb_input(&row, i);
            all[i] += share_all * value;
            own[i] += share_own * value;
        }
    }
}

/* Second pass: squared deviations. */
static void gaussian_nb_fit_squares(gaussian_nb_state *s, const kedge_rows *x, const double *y, const double *weight)
{
    uint32_t n = s->model.n_features;
    double *all = kedge_i_at(s, s->at_all);
    for (size_t r = 0; r < x->n_rows; r++) {
        kedge_row row = kedge_i_row_of_rows(x, r);
        double *own = gaussian_nb_class_of(s, (uint32_t)y[r]);
        double w = weight ? weight[r] : 1.0;
        for (uint32_t i = 0; i < n; i++) {
            double value = gaussian_nb_input(&row, i);
            all[n + i] += w * (value - all[i]) * (value - all[i]);
            own[n + i] += w * (value - own[i]) * (value - own[i]);
        }
    }
}

static kedge_status gaussian_nb_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight, void *work)
{
    (void)cls;
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
    .forget = gaussian_nb_forget,
    .merge = gaussian_nb_merge,
};
