/* SPDX-License-Identifier: MIT */
/* Gaussian naive Bayes: within each class every feature is normal and independent of the others.
 *
 * Moments online: Welford 1962, "Note on a method for calculating corrected sums of squares and products", Technometrics 4; with
 * weights West 1979, "Updating mean and variance estimates", CACM 22; forgetting is that update backwards. Merging: Chan, Golub,
 * LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample variances", Stanford STAN-CS-79-773. Static
 * training is in gaussian_nb_fit.c, serving in gaussian_nb_serve.c.
 *
 * Magnitudes above 1e140 count as 1e140, so that squares, summed with weights, stay finite. Cost: O(n_features) to learn a row. */
#include "base/fp.h"

#include <string.h>

#include "kedge/model.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "models/gaussian_nb_state.h"

#define GAUSSIAN_NB_MEAN_MAX (2.0 * GAUSSIAN_NB_INPUT_MAX) /* rounding */
#define GAUSSIAN_NB_REST 1e-12 /* share of a weight that is rounding */

static const kedge_field gaussian_nb_fields[] = {
    KEDGE_PARAM(gaussian_nb_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(gaussian_nb_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(gaussian_nb_state, smoothing, KEDGE_TYPE_F64),
    KEDGE_PARAM(gaussian_nb_state, fading, KEDGE_TYPE_F64),
    KEDGE_VALUE(gaussian_nb_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(gaussian_nb_state, weight, KEDGE_TYPE_F64),
    KEDGE_VALUE(gaussian_nb_state, floor_variance, KEDGE_TYPE_F64),
    KEDGE_VALUE(gaussian_nb_state, is_far, KEDGE_TYPE_U32),
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

static int gaussian_nb_check(const void *state)
{
    const gaussian_nb_state *s = state;
    const double *w = gaussian_nb_weights(s);
    double sum = 0.0;
    if (!gaussian_nb_valid(s) || !kedge_i_within(s->weight, 0.0, GAUSSIAN_NB_WEIGHT_MAX) ||
        s->model.n_learned > KEDGE_I_COUNT_MAX || (s->model.n_learned > 0) != (s->weight > 0.0))
        return 0;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        if (!kedge_i_within(w[c], 0.0, s->weight))
            return 0;
        sum += w[c];
    }
    if (!kedge_i_within(sum, 0.999 * s->weight, 1.001 * s->weight)) /* a class was seen if a row was: scores need one */
        return 0;
    return s->is_far <= 1 && gaussian_nb_all_within(s, s->is_far ? GAUSSIAN_NB_MEAN_MAX : GAUSSIAN_NB_NEAR) &&
           s->floor_variance == gaussian_nb_floor(s);
}

/* Training --------------------------------------------------------------------------------------------------------------------- */

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

/* West 1979, for one set of moments: share = weight of the row / weight of all so far, scale = share * weight before. */
typedef struct gaussian_nb_step {
    double share, scale;
} gaussian_nb_step;

static inline gaussian_nb_step gaussian_nb_step_of(double weight, double sum)
{
    double share = weight / sum;
    gaussian_nb_step step = {share, share * (sum - weight)};
    return step;
}

static inline void gaussian_nb_take_one(double *mean, double *m2, double value, gaussian_nb_step step)
{
    double off = value - *mean;
    *mean += step.share * off;
    *m2 += step.scale * (off * off);
}

/* Returns the new squares. */
static inline kedge_i_lanes gaussian_nb_take_lanes(double *mean, double *m2, kedge_i_lanes values, gaussian_nb_step step)
{
    kedge_i_lanes before = kedge_i_lanes_load(mean);
    kedge_i_lanes off = values - before;
    kedge_i_lanes next = kedge_i_lanes_load(m2) + step.scale * (off * off);
    kedge_i_lanes_store(before + step.share * off, mean);
    kedge_i_lanes_store(next, m2);
    return next;
}

/* Some features, from the means of all rows and of the row's class on; their squares are n features further. Returns the greatest
 * square of all rows. */
static inline double gaussian_nb_take(double *all, double *own, size_t n, const double *at, size_t n_values,
                                      gaussian_nb_step step_all, gaussian_nb_step step_own)
{
    kedge_i_lanes most = kedge_i_lanes_of(0.0);
    size_t i = 0;
    for (; i + KEDGE_I_LANES <= n_values; i += KEDGE_I_LANES) {
        kedge_i_lanes values = kedge_i_lanes_load(at + i);
        most = kedge_i_lanes_max(most, gaussian_nb_take_lanes(all + i, all + n + i, values, step_all));
        gaussian_nb_take_lanes(own + i, own + n + i, values, step_own);
    }
    double greatest = kedge_i_lanes_first(most) > kedge_i_lanes_last(most) ? kedge_i_lanes_first(most) : kedge_i_lanes_last(most);
    if (i < n_values) {
        gaussian_nb_take_one(all + i, all + n + i, at[i], step_all);
        gaussian_nb_take_one(own + i, own + n + i, at[i], step_own);
        greatest = all[n + i] > greatest ? all[n + i] : greatest;
    }
    return greatest;
}

/* A row of any kind, with fading. */
static GAUSSIAN_NB_APART kedge_status gaussian_nb_learn_any(gaussian_nb_state *s, const kedge_row *x, uint32_t c, double weight)
{
    uint32_t n = s->model.n_features;
    double *all = kedge_i_at(s, s->at_all);
    double *own = gaussian_nb_class_of(s, c);
    double *class_weight = (double *)kedge_i_at(s, s->at_weights) + c;
    if (s->fading < 1.0)
        gaussian_nb_fade(s);
    s->weight += weight;
    *class_weight += weight;
    gaussian_nb_step step_all = gaussian_nb_step_of(weight, s->weight);
    gaussian_nb_step step_own = gaussian_nb_step_of(weight, *class_weight);
    gaussian_nb_values v;
    v.n = 0;
    for (uint32_t i = 0; i < n; i += v.n) {
        gaussian_nb_read(&v, x, i, n);
        (void)gaussian_nb_take(all + i, own + i, n, v.at, v.n, step_all, step_own);
        s->is_far |= !kedge_i_all_below(v.at, v.n, KEDGE_I_ROW_POWER);
    }
    s->floor_variance = gaussian_nb_floor(s);
    s->model.n_learned++;
    return KEDGE_OK;
}

/* The usual row, known to be near and in memory side by side, is learned here, to the same bits. */
static kedge_status gaussian_nb_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    gaussian_nb_state *s = state;
    uint32_t c = (uint32_t)y;
    double total = s->weight + weight;
    if (total > GAUSSIAN_NB_WEIGHT_MAX)
        return KEDGE_ERR_RANGE;
    if (!kedge_i_row_is_near(x) || s->fading < 1.0 || total < GAUSSIAN_NB_FADED)
        return gaussian_nb_learn_any(s, x, c, weight);
    double *class_weight = (double *)kedge_i_at(s, s->at_weights) + c;
    double class_total = *class_weight + weight;
    size_t n = s->model.n_features;
    s->weight = total;
    *class_weight = class_total;
    double floor_share = s->smoothing / total;
    double greatest = gaussian_nb_take(kedge_i_at(s, s->at_all), gaussian_nb_class_of(s, c), n, x->data, n,
                                       gaussian_nb_step_of(weight, total), gaussian_nb_step_of(weight, class_total));
    s->floor_variance = greatest * floor_share > DBL_MIN ? greatest * floor_share : DBL_MIN; /* gaussian_nb_floor() */
    s->model.n_learned++;
    return KEDGE_OK;
}

/* Forgetting ------------------------------------------------------------------------------------------------------------------- */

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
    gaussian_nb_settle(s);
    s->model.n_learned -= s->model.n_learned > 1;
    s->model.n_learned = total > 0.0 ? s->model.n_learned : 0;
    return KEDGE_OK;
}

/* Merging ---------------------------------------------------------------------------------------------------------------------- */

static kedge_status gaussian_nb_merge(const kedge_model_class *cls, void *state, const void *other)
{
    (void)cls;
    gaussian_nb_state *s = state;
    const gaussian_nb_state *o = other;
    double *weights = kedge_i_at(s, s->at_weights);
    const double *more = gaussian_nb_weights(o);
    if (s->weight + o->weight > GAUSSIAN_NB_WEIGHT_MAX || s->model.n_learned + o->model.n_learned > KEDGE_I_COUNT_MERGED)
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
    gaussian_nb_settle(s);
    s->model.n_learned += o->model.n_learned;
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
    .fit_work = kedge_i_gaussian_nb_work,
    .fit = kedge_i_gaussian_nb_fit,
    .fit_looks = 1,
    .predict = kedge_i_gaussian_nb_predict,
    .score = kedge_i_gaussian_nb_score,
    .forget = gaussian_nb_forget,
    .merge = gaussian_nb_merge,
    .freeze = kedge_i_gaussian_nb_freeze,
};
