/* SPDX-License-Identifier: MIT */
/* Gaussian naive Bayes: within each class every feature is normal and independent of the others.
 *
 * Moments online: Welford 1962, "Note on a method for calculating corrected sums of squares and products", Technometrics 4; with weights
 * West 1979, "Updating mean and variance estimates", CACM 22; forgetting is that update backwards. Merging: Chan, Golub, LeVeque 1979, "Updating
 * formulae and a pairwise algorithm for computing sample variances", Stanford STAN-CS-79-773. Static training is in gaussian_nb_fit.c. The share of
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
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/quick.h"
#include "models/freeze.h"
#include "models/gaussian_nb_state.h"

#define GAUSSIAN_NB_MEAN_MAX (2.0 * GAUSSIAN_NB_INPUT_MAX) /* rounding */
#define GAUSSIAN_NB_FADED 1e-100       /* a class of less weight counts as never seen */
#define GAUSSIAN_NB_REST 1e-12         /* share of a weight that is rounding */
#define GAUSSIAN_NB_ROUGH 0.5          /* two rough joints so far apart are in order */
#define GAUSSIAN_NB_SMALL 1e-18        /* variance by which no squared distance can be divided out of the range of doubles */

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

static inline void gaussian_nb_take_lanes(double *mean, double *m2, kedge_i_lanes values, gaussian_nb_step step)
{
    kedge_i_lanes before = kedge_i_lanes_load(mean);
    kedge_i_lanes off = values - before;
    kedge_i_lanes_store(before + step.share * off, mean);
    kedge_i_lanes_store(kedge_i_lanes_load(m2) + step.scale * (off * off), m2);
}

/* Some features, from the means of all rows and of the row's class on; their squares are n features further. */
static void gaussian_nb_take(double *all, double *own, size_t n, const double *at, size_t n_values, gaussian_nb_step step_all, gaussian_nb_step step_own)
{
    size_t i = 0;
    for (; i + KEDGE_I_LANES <= n_values; i += KEDGE_I_LANES) {
        kedge_i_lanes values = kedge_i_lanes_load(at + i);
        gaussian_nb_take_lanes(all + i, all + n + i, values, step_all);
        gaussian_nb_take_lanes(own + i, own + n + i, values, step_own);
    }
    for (; i < n_values; i++) {
        gaussian_nb_take_one(all + i, all + n + i, at[i], step_all);
        gaussian_nb_take_one(own + i, own + n + i, at[i], step_own);
    }
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
    gaussian_nb_step step_all = gaussian_nb_step_of(weight, s->weight);
    gaussian_nb_step step_own = gaussian_nb_step_of(weight, *class_weight);
    gaussian_nb_values v;
    v.n = 0;
    gaussian_nb_read(&v, x, 0, n);
    gaussian_nb_take(all, own, n, v.at, v.n, step_all, step_own);
    for (uint32_t i = v.n; i < n; i += v.n) {
        gaussian_nb_read(&v, x, i, n);
        gaussian_nb_take(all + i, own + i, n, v.at, v.n, step_all, step_own);
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
    uint32_t n = s->model.n_features;
    const double *m2 = (const double *)kedge_i_at_const(s, s->at_all) + n;
    double greatest = m2[n - 1];
    double other = 0.0; /* so that two are compared side by side */
    for (uint32_t i = 0; i + 1 < n; i += 2) {
        greatest = m2[i] > greatest ? m2[i] : greatest;
        other = m2[i + 1] > other ? m2[i + 1] : other;
    }
    greatest = other > greatest ? other : greatest;
    double divisor = s->weight > GAUSSIAN_NB_FADED ? s->weight : 1.0; /* that cannot overflow; by it before the greatest is known */
    double floor_variance = s->weight > GAUSSIAN_NB_FADED ? greatest * (s->smoothing / divisor) : s->smoothing * (greatest / s->weight);
    return floor_variance > DBL_MIN ? floor_variance : DBL_MIN;
}

/* What a row and a class have in common: a sum of squared distances over variances, and the product of these as product * 2^(exponent - 1023 per factor), which
 * does not leave the range of doubles and needs but one logarithm. */
typedef struct gaussian_nb_match {
    double distance;
    double product; /* of mantissas: >= 1 */
    uint64_t exponent;
} gaussian_nb_match;

/* The mantissa of a normal double > 0, [1, 2); its exponent is added to *exponent. */
static inline double gaussian_nb_mantissa(double x, uint64_t *exponent)
{
    uint64_t bits = kedge_i_bits_of(x);
    *exponent += bits >> 52;
    return kedge_i_from_bits((bits & KEDGE_I_MANTISSA) | KEDGE_I_ONE);
}

static inline void gaussian_nb_rescale(gaussian_nb_match *m)
{
    m->product = gaussian_nb_mantissa(m->product, &m->exponent);
    m->exponent -= 1023;
}

/* Features of a class side by side. */
typedef struct gaussian_nb_lanes {
    kedge_i_lanes distance, product;
    kedge_i_lane_bits exponent;
} gaussian_nb_lanes;

static inline void gaussian_nb_lanes_add(gaussian_nb_lanes *l, kedge_i_lanes off, kedge_i_lanes variance)
{
    kedge_i_lane_bits bits = kedge_i_lanes_bits(variance);
    l->distance += off * off / variance;
    l->product *= kedge_i_lanes_from_bits((bits & KEDGE_I_MANTISSA) | KEDGE_I_ONE);
    l->exponent += bits >> 52;
}

/* Some features of a class, the variances above GAUSSIAN_NB_SMALL. The empty lane of an odd number counts as a feature that is at its mean and of the least
 * variance, which is the same for all classes. */
static inline void gaussian_nb_match_lanes(gaussian_nb_match *m, const double *at, size_t n, const double *mean, const double *m2, double per_weight,
                                           double floor_variance)
{
    gaussian_nb_lanes l = {kedge_i_lanes_of(0.0), kedge_i_lanes_of(1.0), kedge_i_lanes_bits(kedge_i_lanes_of(0.0))};
    size_t i = 0;
    for (; i + KEDGE_I_LANES <= n; i += KEDGE_I_LANES)
        gaussian_nb_lanes_add(&l, kedge_i_lanes_load(at + i) - kedge_i_lanes_load(mean + i), kedge_i_lanes_load(m2 + i) * per_weight + floor_variance);
    if (i < n)
        gaussian_nb_lanes_add(&l, kedge_i_lanes_load_one(at + i) - kedge_i_lanes_load_one(mean + i),
                              kedge_i_lanes_load_one(m2 + i) * per_weight + floor_variance);
    m->distance += kedge_i_lanes_sum(l.distance);
    m->product *= kedge_i_lanes_product(l.product);
    m->exponent += kedge_i_bits_sum(l.exponent);
}

/* The same for all variances and weights. A quotient is 1e300 at most, so that no sum of them leaves the range of doubles. */
static void gaussian_nb_match_each(gaussian_nb_match *m, const gaussian_nb_values *v, const double *mean, const double *m2, double weight, double floor_variance)
{
    for (uint32_t i = 0; i < v->n; i++) {
        double variance = m2[i] / weight + floor_variance;
        double square = (v->at[i] - mean[i]) * (v->at[i] - mean[i]);
        double most = (variance < 1e7 ? variance : 1e7) * 1e300;
        m->distance += (square < most ? square : most) / variance;
        m->product *= gaussian_nb_mantissa(variance, &m->exponent);
    }
}

/* May all classes be matched side by side? */
static inline int gaussian_nb_is_tame(const gaussian_nb_state *s, double floor_variance)
{
    const double *weights = gaussian_nb_weights(s);
    int all = floor_variance > GAUSSIAN_NB_SMALL;
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        all &= weights[c] == 0.0 || weights[c] > GAUSSIAN_NB_FADED;
    return all;
}

static inline gaussian_nb_match gaussian_nb_match_tame(const gaussian_nb_state *s, const kedge_row *x, gaussian_nb_values *v, uint32_t c, double floor_variance)
{
    uint32_t n = s->model.n_features;
    const double *mean = gaussian_nb_class(s, c);
    double per_weight = 1.0 / gaussian_nb_weights(s)[c];
    gaussian_nb_match m = {0.0, 1.0, 0};
    for (uint32_t i = 0; i < n; i += v->n) {
        gaussian_nb_read(v, x, i, n);
        if (i > 0)
            gaussian_nb_rescale(&m);
        gaussian_nb_match_lanes(&m, v->at, v->n, mean + i, mean + n + i, per_weight, floor_variance);
    }
    return m;
}

static gaussian_nb_match gaussian_nb_match_wild(const gaussian_nb_state *s, const kedge_row *x, gaussian_nb_values *v, uint32_t c, double floor_variance)
{
    uint32_t n = s->model.n_features;
    const double *mean = gaussian_nb_class(s, c);
    gaussian_nb_match m = {0.0, 1.0, 0};
    for (uint32_t i = 0; i < n; i += v->n) {
        gaussian_nb_read(v, x, i, n);
        gaussian_nb_rescale(&m);
        gaussian_nb_match_each(&m, v, mean + i, mean + n + i, gaussian_nb_weights(s)[c], floor_variance);
    }
    return m;
}

/* log((weight / total)^2 / product): one logarithm where the square cannot leave the range of doubles. */
static inline double gaussian_nb_log_prior(double weight, double total, double product)
{
    double share = weight / total;
    return share > 1e-50 ? log(share * share / product) : 2.0 * (log(weight) - log(total)) - log(product);
}

/* log prior + log likelihood of class c, up to the same constant for all classes; finite for a class that was seen, so that it stays ahead of one that was
 * not. */
static double gaussian_nb_log_joint(const gaussian_nb_state *s, const kedge_row *x, gaussian_nb_values *v, uint32_t c, double floor_variance, int is_tame)
{
    double weight = gaussian_nb_weights(s)[c];
    if (weight == 0.0)
        return -(double)INFINITY;
    gaussian_nb_match m = is_tame ? gaussian_nb_match_tame(s, x, v, c, floor_variance) : gaussian_nb_match_wild(s, x, v, c, floor_variance);
    gaussian_nb_rescale(&m);
    double log_scale = KEDGE_I_LN2 * ((double)(int64_t)m.exponent - 1023.0 * s->model.n_features);
    return 0.5 * (gaussian_nb_log_prior(weight, s->weight, m.product) - log_scale - m.distance);
}

/* Twice the logarithm of the joint, without what all classes have in common, to 0.06. */
static inline double gaussian_nb_rough_joint(const double *at, size_t n, const double *mean, double weight, double floor_variance)
{
    gaussian_nb_match m = {0.0, 1.0, 0};
    gaussian_nb_match_lanes(&m, at, n, mean, mean + n, 1.0 / weight, floor_variance);
    return kedge_i_rough_log_ratio(weight * weight, m.product) - (KEDGE_I_LN2 * (double)(int64_t)m.exponent + m.distance);
}

/* The class that is far ahead for n values, n_classes if none is. Most rows need no logarithm to see it. */
static uint32_t gaussian_nb_leader(const gaussian_nb_state *s, const double *at, size_t n, double floor_variance)
{
    const double *weights = gaussian_nb_weights(s);
    const double *mean = gaussian_nb_class(s, 0);
    double greatest = -DBL_MAX, second = -DBL_MAX;
    uint32_t leader = s->model.n_classes;
    for (uint32_t c = 0; c < s->model.n_classes; c++, mean += 2 * n) {
        if (weights[c] == 0.0)
            continue;
        if (weights[c] < GAUSSIAN_NB_FADED) /* its square would leave the range of doubles */
            return s->model.n_classes;
        double joint = gaussian_nb_rough_joint(at, n, mean, weights[c], floor_variance);
        double lesser = joint < greatest ? joint : greatest;
        leader = joint > greatest ? c : leader;
        greatest = joint > greatest ? joint : greatest;
        second = lesser > second ? lesser : second;
    }
    return greatest - second > GAUSSIAN_NB_ROUGH ? leader : s->model.n_classes;
}

static uint32_t gaussian_nb_most_likely(const gaussian_nb_state *s, const kedge_row *x, gaussian_nb_values *v, double floor_variance)
{
    int is_tame = gaussian_nb_is_tame(s, floor_variance);
    double greatest = -(double)INFINITY;
    uint32_t best = 0;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        double joint = gaussian_nb_log_joint(s, x, v, c, floor_variance, is_tame);
        best = joint > greatest ? c : best;
        greatest = joint > greatest ? joint : greatest;
    }
    return best;
}

static kedge_status gaussian_nb_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const gaussian_nb_state *s = state;
    uint32_t n = s->model.n_features;
    *y = 0.0;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    gaussian_nb_values v;
    v.n = 0;
    double floor_variance = gaussian_nb_floor(s);
    gaussian_nb_read(&v, x, 0, n);
    uint32_t best = v.n == n && floor_variance > GAUSSIAN_NB_SMALL ? gaussian_nb_leader(s, v.at, n, floor_variance) : s->model.n_classes;
    *y = best < s->model.n_classes ? best : gaussian_nb_most_likely(s, x, &v, floor_variance);
    return KEDGE_OK;
}

static kedge_status gaussian_nb_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const gaussian_nb_state *s = state;
    uint32_t n = s->model.n_classes;
    double greatest = -(double)INFINITY;
    gaussian_nb_values v;
    v.n = 0;
    double sum = 0.0;
    for (uint32_t c = 0; s->model.n_learned == 0 && c < n; c++)
        scores[c] = 1.0 / n;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    double floor_variance = gaussian_nb_floor(s);
    int is_tame = gaussian_nb_is_tame(s, floor_variance);
    for (uint32_t c = 0; c < n; c++) {
        scores[c] = gaussian_nb_log_joint(s, x, &v, c, floor_variance, is_tame);
        greatest = scores[c] > greatest ? scores[c] : greatest;
    }
    for (uint32_t c = 0; c < n; c++)
        sum += scores[c] = exp(scores[c] - greatest);
    for (uint32_t c = 0; c < n; c++)
        scores[c] /= sum;
    return KEDGE_OK;
}

/* Freezing --------------------------------------------------------------------------------------------------------------------------- */

/* A class's means and one over its deviations; returns its base. */
static double gaussian_nb_freeze_class(const gaussian_nb_state *s, uint32_t c, double floor_variance, double *to)
{
    uint32_t n = s->model.n_features;
    const double *mean = gaussian_nb_class(s, c);
    double weight = gaussian_nb_weights(s)[c];
    double log_variances = 0.0;
    if (weight == 0.0)
        return FROZEN_ABSENT;
    for (uint32_t i = 0; i < n; i++) {
        double variance = mean[n + i] / weight + floor_variance;
        log_variances += log(variance);
        to[i] = mean[i];
        to[n + i] = 1.0 / sqrt(variance);
    }
    return log(weight / s->weight) - 0.5 * log_variances;
}

static kedge_status gaussian_nb_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const gaussian_nb_state *s = state;
    freeze_plan plan = {KEDGE_FROZEN_GAUSSIAN, 0, 0, 0, 0, 0, 0};
    freeze_block b;
    plan.n_doubles = (uint64_t)s->model.n_classes + s->n_moments;
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    double floor_variance = gaussian_nb_floor(s);
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        b.doubles[c] = gaussian_nb_freeze_class(s, c, floor_variance, b.doubles + s->model.n_classes + (size_t)c * s->n_all);
    return kedge_i_freeze_end(&b);
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
    .predict = gaussian_nb_predict,
    .score = gaussian_nb_score,
    .forget = gaussian_nb_forget,
    .merge = gaussian_nb_merge,
    .freeze = gaussian_nb_freeze,
};
