/* SPDX-License-Identifier: MIT */
/* Predictions of Gaussian naive Bayes, and its frozen form. The share of the greatest variance that is added to all is scikit-learn's var_smoothing; it keeps
 * a constant feature from deciding alone. Cost: O(n_features * n_classes), one logarithm for each class and, now and then, more. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "base/check.h"
#include "base/quick.h"
#include "models/freeze.h"
#include "models/gaussian_nb_state.h"

#define GAUSSIAN_NB_ROUGH 0.5   /* two rough joints so far apart are in order */
#define GAUSSIAN_NB_SMALL 1e-18 /* variance by which no squared distance can be divided out of the range of doubles */

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

kedge_status kedge_i_gaussian_nb_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
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

kedge_status kedge_i_gaussian_nb_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
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

kedge_status kedge_i_gaussian_nb_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
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
