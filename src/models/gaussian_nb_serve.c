/* SPDX-License-Identifier: MIT */
/* Predictions of Gaussian naive Bayes. The share of the greatest variance that is added to all is
 * scikit-learn's var_smoothing; it keeps a constant feature from deciding alone. Cost: O(n_features * n_classes), one logarithm for
 * each class and, now and then, more. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "base/check.h"
#include "base/quick.h"
#include "models/gaussian_nb_state.h"

#define GAUSSIAN_NB_ROUGH 0.15  /* two rough joints so far apart are in order: each is off by 0.06, and by rounding of its
                                 * distance */
#define GAUSSIAN_NB_SMALL 1e-18 /* variance by which no squared distance can be divided out of the range of doubles */

/* Features whose fractions are added before the division: with variances between GAUSSIAN_NB_SMALL and 2^126, and squared distances
 * below that, all terms are between 2^-480 and 2^1011. */
enum { GAUSSIAN_NB_AT_ONCE = 8 };

/* What a row and a class have in common: a sum of squared distances over variances, and the product of these as
 * product * 2^(exponent - 1023 per factor), which does not leave the range of doubles and needs but one logarithm. */
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

/* Some features of a class, the variances above GAUSSIAN_NB_SMALL. The empty lane of an odd number counts as a feature that is at
 * its mean and of the least variance, which is the same for all classes. */
static inline void gaussian_nb_match_lanes(gaussian_nb_match *m, const double *at, size_t n, const double *mean, const double *m2,
                                           double per_weight, double floor_variance)
{
    gaussian_nb_lanes l = {kedge_i_lanes_of(0.0), kedge_i_lanes_of(1.0), kedge_i_lanes_bits(kedge_i_lanes_of(0.0))};
    size_t i = 0;
    for (; i + KEDGE_I_LANES <= n; i += KEDGE_I_LANES)
        gaussian_nb_lanes_add(&l, kedge_i_lanes_load(at + i) - kedge_i_lanes_load(mean + i),
                              kedge_i_lanes_load(m2 + i) * per_weight + floor_variance);
    if (i < n)
        gaussian_nb_lanes_add(&l, kedge_i_lanes_load_one(at + i) - kedge_i_lanes_load_one(mean + i),
                              kedge_i_lanes_load_one(m2 + i) * per_weight + floor_variance);
    m->distance += kedge_i_lanes_sum(l.distance);
    m->product *= kedge_i_lanes_product(l.product);
    m->exponent += kedge_i_bits_sum(l.exponent);
}

/* The same for all variances and weights. A quotient is 1e300 at most, so that no sum of them leaves the range of doubles. */
static void gaussian_nb_match_each(gaussian_nb_match *m, const gaussian_nb_values *v, const double *mean, const double *m2,
                                   double weight, double floor_variance)
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

static inline gaussian_nb_match gaussian_nb_match_tame(const gaussian_nb_state *s, const kedge_row *x, gaussian_nb_values *v,
                                                       uint32_t c, double floor_variance)
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

static gaussian_nb_match gaussian_nb_match_wild(const gaussian_nb_state *s, const kedge_row *x, gaussian_nb_values *v, uint32_t c,
                                                double floor_variance)
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

/* log prior + log likelihood of class c, up to the same constant for all classes; finite for a class that was seen, so that it
 * stays ahead of one that was not. */
static double gaussian_nb_log_joint(const gaussian_nb_state *s, const kedge_row *x, gaussian_nb_values *v, uint32_t c,
                                    double floor_variance, int is_tame)
{
    double weight = gaussian_nb_weights(s)[c];
    if (weight == 0.0)
        return -(double)INFINITY;
    gaussian_nb_match m =
        is_tame ? gaussian_nb_match_tame(s, x, v, c, floor_variance) : gaussian_nb_match_wild(s, x, v, c, floor_variance);
    gaussian_nb_rescale(&m);
    double log_scale = KEDGE_I_LN2 * ((double)(int64_t)m.exponent - 1023.0 * s->model.n_features);
    return 0.5 * (gaussian_nb_log_prior(weight, s->weight, m.product) - log_scale - m.distance);
}

/* The fast way: two classes and two features at a time, and one division for many ---------------------------------------------- */

/* Squared distances over variances of some features, added up as one fraction. */
typedef struct gaussian_nb_sum {
    kedge_i_lanes top, bottom;
} gaussian_nb_sum;

static inline gaussian_nb_sum gaussian_nb_sum_of_lanes(kedge_i_lanes at, kedge_i_lanes mean, kedge_i_lanes m2,
                                                       kedge_i_lanes per_weight, kedge_i_lanes least)
{
    kedge_i_lanes off = at - mean;
    gaussian_nb_sum sum = {off * off, m2 * per_weight + least};
    return sum;
}

static inline gaussian_nb_sum gaussian_nb_sum_of_two(gaussian_nb_sum a, gaussian_nb_sum b)
{
    gaussian_nb_sum sum = {a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom};
    return sum;
}

/* Two classes: where the means of some features stand, and what all their features share. */
typedef struct gaussian_nb_pair {
    const double *a, *b;
    size_t n; /* squares are so much further than means */
    kedge_i_lanes per_a, per_b, least;
} gaussian_nb_pair;

typedef struct gaussian_nb_sums {
    gaussian_nb_sum a, b;
} gaussian_nb_sums;

static inline gaussian_nb_sums gaussian_nb_sums_at(const gaussian_nb_pair *p, const double *at, size_t i)
{
    kedge_i_lanes x = kedge_i_lanes_load(at + i);
    gaussian_nb_sums sums = {
        gaussian_nb_sum_of_lanes(x, kedge_i_lanes_load(p->a + i), kedge_i_lanes_load(p->a + p->n + i), p->per_a, p->least),
        gaussian_nb_sum_of_lanes(x, kedge_i_lanes_load(p->b + i), kedge_i_lanes_load(p->b + p->n + i), p->per_b, p->least),
    };
    return sums;
}

/* A single feature, read as it was written. The empty lane counts as a feature that is at its mean and of the least variance, which
 * is the same for all classes. */
static inline gaussian_nb_sums gaussian_nb_sums_last(const gaussian_nb_pair *p, const double *at, size_t i)
{
    kedge_i_lanes x = kedge_i_lanes_load_one(at + i);
    gaussian_nb_sums sums = {
        gaussian_nb_sum_of_lanes(x, kedge_i_lanes_load_one(p->a + i), kedge_i_lanes_load_one(p->a + p->n + i), p->per_a, p->least),
        gaussian_nb_sum_of_lanes(x, kedge_i_lanes_load_one(p->b + i), kedge_i_lanes_load_one(p->b + p->n + i), p->per_b, p->least),
    };
    return sums;
}

static inline gaussian_nb_sums gaussian_nb_sums_of_two(gaussian_nb_sums some, gaussian_nb_sums more)
{
    gaussian_nb_sums sums = {gaussian_nb_sum_of_two(some.a, more.a), gaussian_nb_sum_of_two(some.b, more.b)};
    return sums;
}

/* Sums of two classes with two features each become one of each class. */
static inline gaussian_nb_sum gaussian_nb_fold(gaussian_nb_sums s)
{
    if (KEDGE_I_LANES == 1)
        return s.a;
    gaussian_nb_sum first = {kedge_i_lanes_pair(kedge_i_lanes_first(s.a.top), kedge_i_lanes_first(s.b.top)),
                             kedge_i_lanes_pair(kedge_i_lanes_first(s.a.bottom), kedge_i_lanes_first(s.b.bottom))};
    gaussian_nb_sum last = {kedge_i_lanes_pair(kedge_i_lanes_last(s.a.top), kedge_i_lanes_last(s.b.top)),
                            kedge_i_lanes_pair(kedge_i_lanes_last(s.a.bottom), kedge_i_lanes_last(s.b.bottom))};
    return gaussian_nb_sum_of_two(first, last);
}

/* n features, at most GAUSSIAN_NB_AT_ONCE. */
static inline gaussian_nb_sum gaussian_nb_sum_few(const gaussian_nb_pair *p, const double *at, size_t n)
{
    if (n < KEDGE_I_LANES)
        return gaussian_nb_fold(gaussian_nb_sums_last(p, at, 0));
    gaussian_nb_sums sums = gaussian_nb_sums_at(p, at, 0);
    size_t i = KEDGE_I_LANES;
    for (; i + KEDGE_I_LANES <= n; i += KEDGE_I_LANES)
        sums = gaussian_nb_sums_of_two(sums, gaussian_nb_sums_at(p, at, i));
    return gaussian_nb_fold(i < n ? gaussian_nb_sums_of_two(sums, gaussian_nb_sums_last(p, at, i)) : sums);
}

/* The sum of squared distances over variances, and the product of these; where that would be too great, its logarithm is in the
 * sum. */
typedef struct gaussian_nb_rest {
    kedge_i_lanes distance, product;
} gaussian_nb_rest;

static inline gaussian_nb_rest gaussian_nb_rest_few(const gaussian_nb_pair *p, const double *at, size_t n)
{
    gaussian_nb_sum sum = gaussian_nb_sum_few(p, at, n);
    gaussian_nb_rest rest = {sum.top / sum.bottom, sum.bottom};
    return rest;
}

static inline gaussian_nb_pair gaussian_nb_pair_of(const gaussian_nb_state *s, uint32_t a, uint32_t b, kedge_i_lanes per_weight)
{
    gaussian_nb_pair p = {gaussian_nb_class(s, a),
                          gaussian_nb_class(s, b),
                          s->model.n_features,
                          kedge_i_lanes_of(kedge_i_lanes_first(per_weight)),
                          kedge_i_lanes_of(kedge_i_lanes_last(per_weight)),
                          kedge_i_lanes_of(s->floor_variance)};
    return p;
}

static GAUSSIAN_NB_APART gaussian_nb_rest gaussian_nb_rest_many(const gaussian_nb_state *s, const double *at, uint32_t a,
                                                                uint32_t b, kedge_i_lanes per_weight)
{
    gaussian_nb_pair p = gaussian_nb_pair_of(s, a, b, per_weight);
    kedge_i_lanes distance = kedge_i_lanes_of(0.0), product = kedge_i_lanes_of(1.0);
    size_t n = p.n;
    for (; n > GAUSSIAN_NB_AT_ONCE; n -= GAUSSIAN_NB_AT_ONCE) {
        gaussian_nb_rest rest = gaussian_nb_rest_few(&p, at, GAUSSIAN_NB_AT_ONCE);
        kedge_i_lane_bits bits = kedge_i_lanes_bits(product * rest.product);
        distance += rest.distance + KEDGE_I_LN2 * (kedge_i_lanes_of_bits(bits >> 52) - 4503599627370496.0);
        product = kedge_i_lanes_from_bits((bits & KEDGE_I_MANTISSA) | KEDGE_I_ONE);
        p.a += GAUSSIAN_NB_AT_ONCE;
        p.b += GAUSSIAN_NB_AT_ONCE;
        at += GAUSSIAN_NB_AT_ONCE;
    }
    gaussian_nb_rest rest = gaussian_nb_rest_few(&p, at, n);
    rest.distance += distance;
    rest.product *= product;
    return rest;
}

static inline gaussian_nb_rest gaussian_nb_rest_any(const gaussian_nb_state *s, const double *at, uint32_t a, uint32_t b,
                                                    kedge_i_lanes per_weight)
{
    if (s->model.n_features > GAUSSIAN_NB_AT_ONCE)
        return gaussian_nb_rest_many(s, at, a, b, per_weight);
    gaussian_nb_pair p = gaussian_nb_pair_of(s, a, b, per_weight);
    return gaussian_nb_rest_few(&p, at, p.n);
}

static inline kedge_i_lanes gaussian_nb_rough_of(kedge_i_lanes weights, gaussian_nb_rest rest)
{
    return kedge_i_lanes_rough_log_ratio(weights * weights, rest.product) - rest.distance;
}

/* Twice the logarithms of the joints of classes a and b, of which both were seen, without what all classes have in common, to
 * 0.06. */
static inline kedge_i_lanes gaussian_nb_rough_joints(const gaussian_nb_state *s, const double *at, uint32_t a, uint32_t b)
{
    kedge_i_lanes weights = kedge_i_lanes_pair(gaussian_nb_weights(s)[a], gaussian_nb_weights(s)[b]);
    return gaussian_nb_rough_of(weights, gaussian_nb_rest_any(s, at, a, b, 1.0 / weights));
}

/* The same of the first two classes, which have GAUSSIAN_NB_AT_ONCE features at most. */
static inline kedge_i_lanes gaussian_nb_rough_few(const gaussian_nb_state *s, const double *at)
{
    const double *w = gaussian_nb_weights(s);
    kedge_i_lanes weights = kedge_i_lanes_pair(w[0], w[1]); /* read apart, as they were written: one of them just now */
    gaussian_nb_pair p = gaussian_nb_pair_of(s, 0, 1, 1.0 / weights);
    return gaussian_nb_rough_of(weights, gaussian_nb_rest_few(&p, at, p.n));
}

/* The two greatest joints, and whose the greatest is. */
typedef struct gaussian_nb_race {
    double greatest, second;
    uint32_t leader;
} gaussian_nb_race;

static inline void gaussian_nb_enter(gaussian_nb_race *r, uint32_t c, double joint)
{
    double lesser = joint < r->greatest ? joint : r->greatest;
    r->leader = joint > r->greatest ? c : r->leader;
    r->greatest = joint > r->greatest ? joint : r->greatest;
    r->second = lesser > r->second ? lesser : r->second;
}

/* Of two classes, those that were seen, or one of them twice. 0: neither was, or one has so little weight that its square would
 * leave the range of doubles. */
static inline int gaussian_nb_seen(const double *weights, uint32_t *a, uint32_t *b)
{
    if (weights[*a] == 0.0)
        *a = *b;
    if (weights[*b] == 0.0)
        *b = *a;
    return weights[*a] >= GAUSSIAN_NB_FADED && weights[*b] >= GAUSSIAN_NB_FADED;
}

/* The class that is far ahead, n_classes if none is. Most rows need no logarithm to see it. Values and moments are near, and the
 * least variance is above GAUSSIAN_NB_SMALL. */
static GAUSSIAN_NB_APART uint32_t gaussian_nb_leader_of_many(const gaussian_nb_state *s, const double *at)
{
    const double *weights = gaussian_nb_weights(s);
    uint32_t n_classes = s->model.n_classes;
    gaussian_nb_race race = {-DBL_MAX, -DBL_MAX, n_classes};
    for (uint32_t c = 0; c < n_classes; c += KEDGE_I_LANES) {
        uint32_t a = c, b = c + KEDGE_I_LANES <= n_classes ? c + KEDGE_I_LANES - 1 : c;
        if (!(weights[a] >= GAUSSIAN_NB_FADED && weights[b] >= GAUSSIAN_NB_FADED) && !gaussian_nb_seen(weights, &a, &b)) {
            if (weights[a] + weights[b] > 0.0)
                return n_classes;
            continue;
        }
        kedge_i_lanes joints = gaussian_nb_rough_joints(s, at, a, b);
        gaussian_nb_enter(&race, a, kedge_i_lanes_first(joints));
        if (a != b)
            gaussian_nb_enter(&race, b, kedge_i_lanes_last(joints));
    }
    return race.greatest - race.second > GAUSSIAN_NB_ROUGH ? race.leader : n_classes;
}

/* The same for two classes, which most models have. */
static inline int gaussian_nb_is_pair(const gaussian_nb_state *s)
{
    const double *weights = gaussian_nb_weights(s);
    return KEDGE_I_LANES > 1 && s->model.n_classes == 2 && weights[0] >= GAUSSIAN_NB_FADED && weights[1] >= GAUSSIAN_NB_FADED;
}

/* By how much the second class is. */
static inline double gaussian_nb_ahead(kedge_i_lanes joints)
{
    return kedge_i_lanes_last(joints) - kedge_i_lanes_first(joints);
}

static inline uint32_t gaussian_nb_leader(const gaussian_nb_state *s, const double *at)
{
    if (!gaussian_nb_is_pair(s))
        return gaussian_nb_leader_of_many(s, at);
    double ahead = gaussian_nb_ahead(gaussian_nb_rough_joints(s, at, 0, 1));
    return fabs(ahead) > GAUSSIAN_NB_ROUGH ? ahead > 0.0 : 2;
}

/* Predictions ------------------------------------------------------------------------------------------------------------------ */

static uint32_t gaussian_nb_most_likely(const gaussian_nb_state *s, const kedge_row *x, gaussian_nb_values *v,
                                        double floor_variance)
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

/* By logarithms. */
static GAUSSIAN_NB_APART kedge_status gaussian_nb_predict_exactly(const gaussian_nb_state *s, const kedge_row *x, double *y)
{
    gaussian_nb_values v;
    v.n = 0;
    *y = 0.0;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    *y = gaussian_nb_most_likely(s, x, &v, s->floor_variance);
    return KEDGE_OK;
}

/* A row of which nothing is known: is it near? */
static GAUSSIAN_NB_APART kedge_status gaussian_nb_predict_any(const kedge_model_class *cls, const gaussian_nb_state *s,
                                                              const kedge_row *x, double *y)
{
    gaussian_nb_values v;
    v.n = 0;
    gaussian_nb_read(&v, x, 0, s->model.n_features);
    if (v.n < s->model.n_features || !kedge_i_all_below(v.at, v.n, KEDGE_I_ROW_POWER))
        return gaussian_nb_predict_exactly(s, x, y);
    kedge_row near = kedge_i_row_of(v.at);
    near.reserved = KEDGE_I_ROW_NEAR;
    return kedge_i_gaussian_nb_predict(cls, s, &near, y);
}

/* A near row, where no logarithm may be needed. */
static GAUSSIAN_NB_APART kedge_status gaussian_nb_predict_near(const gaussian_nb_state *s, const kedge_row *x, double *y)
{
    uint32_t best = gaussian_nb_leader(s, x->data);
    if (best == s->model.n_classes)
        return gaussian_nb_predict_exactly(s, x, y);
    *y = best;
    return KEDGE_OK;
}

/* Two classes and few features are judged here, the same way: with no call but the last, no registers are saved. */
kedge_status kedge_i_gaussian_nb_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const gaussian_nb_state *s = state;
    if (!kedge_i_row_is_near(x))
        return gaussian_nb_predict_any(cls, s, x, y);
    if (s->is_far || !(s->floor_variance > GAUSSIAN_NB_SMALL))
        return gaussian_nb_predict_exactly(s, x, y);
    if (s->model.n_features > GAUSSIAN_NB_AT_ONCE || !gaussian_nb_is_pair(s))
        return gaussian_nb_predict_near(s, x, y);
    double ahead = gaussian_nb_ahead(gaussian_nb_rough_few(s, x->data));
    if (!(fabs(ahead) > GAUSSIAN_NB_ROUGH))
        return gaussian_nb_predict_exactly(s, x, y);
    *y = ahead > 0.0;
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
    double floor_variance = s->floor_variance;
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
