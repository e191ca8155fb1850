/* SPDX-License-Identifier: MIT */
/* Frozen naive Bayes: what does not depend on the row is summed up before, so a prediction takes neither logarithms nor divisions.
 *
 * Gaussian. Doubles: of each class its base, ln prior - ln of the product of deviations; then of each class means and, behind them,
 * one over the deviations. Table. Parameter: what counts of a feature. Doubles: the threshold of yes, of each class its base, then
 * of each class what one of each feature adds. */
#include "base/fp.h"

#include <math.h>

#include "models/frozen_bayes.h"

#include "base/lanes.h"
#include "base/number.h"
#include "models/row.h"

#define FROZEN_FAR      1e150 /* deviations beyond which no row is farther: squares, summed over all features, stay finite */
#define FROZEN_BASE_MAX 1e8

enum { FROZEN_COPIES = 64 }; /* features whose values are copied at a time */

/* ln P(c) P(x | c), up to the same number for all classes; -infinity: there was no row of the class. */
typedef double (*frozen_joint)(const frozen_head *h, const double *bases, const kedge_row *x, uint32_t c);

static inline double frozen_joint_of(frozen_joint joint, const frozen_head *h, const double *bases, const kedge_row *x, uint32_t c)
{
    return bases[c] > FROZEN_ABSENT ? joint(h, bases, x, c) : -(double)INFINITY;
}

static inline void frozen_bayes_predict(frozen_joint joint, const frozen_head *h, const double *bases, const kedge_row *x,
                                        double *y)
{
    double greatest = -(double)INFINITY;
    *y = 0.0;
    for (uint32_t c = 0; c < h->n_classes; c++) {
        double own = frozen_joint_of(joint, h, bases, x, c);
        if (own > greatest) {
            greatest = own;
            *y = c;
        }
    }
}

/* From joints to shares. */
static inline void frozen_bayes_share(const frozen_head *h, double *scores)
{
    double greatest = -(double)INFINITY;
    double sum = 0.0;
    for (uint32_t c = 0; c < h->n_classes; c++)
        greatest = scores[c] > greatest ? scores[c] : greatest;
    for (uint32_t c = 0; c < h->n_classes; c++)
        sum += scores[c] = exp(scores[c] - greatest);
    for (uint32_t c = 0; c < h->n_classes; c++)
        scores[c] /= sum;
}

static inline void frozen_bayes_score(frozen_joint joint, const frozen_head *h, const double *bases, const kedge_row *x,
                                      double *scores)
{
    for (uint32_t c = 0; c < h->n_classes; c++)
        scores[c] = frozen_joint_of(joint, h, bases, x, c);
    frozen_bayes_share(h, scores);
}

/* One class at least, and no base that is neither a logarithm nor FROZEN_ABSENT. */
static int frozen_bases_are_sound(const frozen_head *h, const double *bases)
{
    uint32_t n_present = 0;
    for (uint32_t c = 0; c < h->n_classes; c++) {
        if (bases[c] == FROZEN_ABSENT)
            continue;
        if (!kedge_i_within(bases[c], -FROZEN_BASE_MAX, FROZEN_BASE_MAX))
            return 0;
        n_present++;
    }
    return n_present > 0;
}

/* Gaussian --------------------------------------------------------------------------------------------------------------------- */

/* Two classes side by side; the sums of each are added up feature by feature, as if it were alone. */
typedef struct frozen_pair {
    uint32_t a, b;            /* with one lane, or one class left: the same */
    const double *at_a, *at_b; /* means */
    size_t n;                 /* deviations are so much further than means */
} frozen_pair;

static inline frozen_pair frozen_pair_from(const frozen_head *h, const double *bases, uint32_t c)
{
    uint32_t b = c + KEDGE_I_LANES <= h->n_classes ? c + KEDGE_I_LANES - 1 : c;
    const double *means = bases + h->n_classes;
    size_t n = h->n_features;
    frozen_pair p = {c, b, means + 2 * n * c, means + 2 * n * b, n};
    return p;
}

static inline kedge_i_lanes frozen_gaussian_square(kedge_i_lanes x, kedge_i_lanes mean, kedge_i_lanes inverse)
{
    kedge_i_lanes far = kedge_i_lanes_min(kedge_i_lanes_abs(x - mean) * inverse, FROZEN_FAR);
    return far * far;
}

/* Squared distances of n features more. */
static inline kedge_i_lanes frozen_gaussian_add(kedge_i_lanes sums, const frozen_pair *p, const double *x, size_t n)
{
    const double *a = p->at_a, *b = p->at_b;
    size_t i = 0;
    for (; i + KEDGE_I_LANES <= n; i += KEDGE_I_LANES) {
        kedge_i_lanes at = kedge_i_lanes_load(x + i);
        kedge_i_lanes of_a = frozen_gaussian_square(at, kedge_i_lanes_load(a + i), kedge_i_lanes_load(a + p->n + i));
        kedge_i_lanes of_b = frozen_gaussian_square(at, kedge_i_lanes_load(b + i), kedge_i_lanes_load(b + p->n + i));
        sums += kedge_i_lanes_pair(kedge_i_lanes_first(of_a), kedge_i_lanes_first(of_b));
        if (KEDGE_I_LANES > 1)
            sums += kedge_i_lanes_pair(kedge_i_lanes_last(of_a), kedge_i_lanes_last(of_b));
    }
    if (i < n)
        sums += frozen_gaussian_square(kedge_i_lanes_of(x[i]), kedge_i_lanes_pair(a[i], b[i]),
                                       kedge_i_lanes_pair(a[p->n + i], b[p->n + i]));
    return sums;
}

static inline double frozen_gaussian_input(const kedge_row *x, uint32_t i)
{
    double value = kedge_i_row_at(x, i);
    value = value < FROZEN_GAUSSIAN_MAX ? value : FROZEN_GAUSSIAN_MAX;
    return value > -FROZEN_GAUSSIAN_MAX ? value : -FROZEN_GAUSSIAN_MAX;
}

/* Of a row whose values may lie apart or be great, by copies of some at a time. */
static FROZEN_APART kedge_i_lanes frozen_gaussian_sums_any(frozen_pair p, const kedge_row *x)
{
    double copies[FROZEN_COPIES];
    kedge_i_lanes sums = kedge_i_lanes_of(0.0);
    for (uint32_t first = 0; first < p.n; first += FROZEN_COPIES) {
        size_t n = p.n - first < FROZEN_COPIES ? p.n - first : FROZEN_COPIES;
        for (uint32_t i = 0; i < n; i++)
            copies[i] = frozen_gaussian_input(x, first + i);
        sums = frozen_gaussian_add(sums, &p, copies, n);
        p.at_a += n;
        p.at_b += n;
    }
    return sums;
}

/* ln P(c) P(x | c) of both, as frozen_joint has them. */
static inline kedge_i_lanes frozen_gaussian_joints(const frozen_pair *p, const double *bases, const kedge_row *x)
{
    kedge_i_lanes base = kedge_i_lanes_pair(bases[p->a], bases[p->b]);
    kedge_i_lanes sums = kedge_i_row_is_near(x) ? frozen_gaussian_add(kedge_i_lanes_of(0.0), p, x->data, p->n)
                                                : frozen_gaussian_sums_any(*p, x);
    return kedge_i_lanes_below(kedge_i_lanes_of(FROZEN_ABSENT), base, base - 0.5 * sums, kedge_i_lanes_of(-(double)INFINITY));
}

static int frozen_gaussian_is_sound(const frozen_head *h)
{
    uint64_t n = h->n_features;
    const double *bases = frozen_doubles(h);
    if (h->n_nodes != 0 || h->n_words != 0 || h->n_parts != 0 || h->flags != 0 || h->n_classes < 2 ||
        h->n_doubles != h->n_classes + 2 * n * h->n_classes || !frozen_bases_are_sound(h, bases))
        return 0;
    for (uint32_t c = 0; c < h->n_classes; c++) {
        const double *mean = bases + h->n_classes + 2 * (size_t)n * c;
        if (!frozen_all_within(mean, (size_t)n, -2.0 * FROZEN_GAUSSIAN_MAX, 2.0 * FROZEN_GAUSSIAN_MAX) ||
            !frozen_all_within(mean + n, (size_t)n, 0.0, 1e155))
            return 0;
    }
    return 1;
}

static FROZEN_APART uint32_t frozen_gaussian_best_of_many(const frozen_head *h, const kedge_row *x)
{
    const double *bases = frozen_doubles(h);
    double greatest = -(double)INFINITY;
    uint32_t best = 0;
    for (uint32_t c = 0; c < h->n_classes; c += KEDGE_I_LANES) {
        frozen_pair p = frozen_pair_from(h, bases, c);
        kedge_i_lanes joints = frozen_gaussian_joints(&p, bases, x);
        double first = kedge_i_lanes_first(joints), last = kedge_i_lanes_last(joints);
        best = first > greatest ? p.a : best;
        greatest = first > greatest ? first : greatest;
        best = last > greatest ? p.b : best;
        greatest = last > greatest ? last : greatest;
    }
    return best;
}

/* Two classes, which most models have, without a branch that depends on the row: nobody could foresee it. */
static void frozen_gaussian_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    const double *bases = frozen_doubles(h);
    if (KEDGE_I_LANES == 1 || h->n_classes != 2) {
        *y = frozen_gaussian_best_of_many(h, x);
        return;
    }
    frozen_pair p = frozen_pair_from(h, bases, 0);
    kedge_i_lanes joints = frozen_gaussian_joints(&p, bases, x);
    *y = kedge_i_lanes_last(joints) > kedge_i_lanes_first(joints);
}

static void frozen_gaussian_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    const double *bases = frozen_doubles(h);
    for (uint32_t c = 0; c < h->n_classes; c += KEDGE_I_LANES) {
        frozen_pair p = frozen_pair_from(h, bases, c);
        kedge_i_lanes joints = frozen_gaussian_joints(&p, bases, x);
        scores[p.a] = kedge_i_lanes_first(joints);
        scores[p.b] = kedge_i_lanes_last(joints);
    }
    frozen_bayes_share(h, scores);
}

const frozen_kind kedge_i_frozen_gaussian = {frozen_gaussian_is_sound, frozen_gaussian_predict, frozen_gaussian_score};

/* Table ------------------------------------------------------------------------------------------------------------------------ */

static inline double frozen_table_joint(const frozen_head *h, const double *bases, const kedge_row *x, uint32_t c)
{
    const double *adds = bases + h->n_classes + (size_t)h->n_features * c;
    double threshold = bases[-1];
    int is_count = h->params[0] == FROZEN_COUNTS;
    double sum = 0.0;
    for (uint32_t i = 0; i < h->n_features; i++) {
        double value = kedge_i_row_at(x, i);
        if (is_count)
            value = value < KEDGE_COUNT_MAX ? value : KEDGE_COUNT_MAX;
        else
            value = value > threshold ? 1.0 : 0.0;
        if (value > 0.0)
            sum += value * adds[i];
    }
    return sum + bases[c];
}

static int frozen_table_is_sound(const frozen_head *h)
{
    uint64_t n_adds = (uint64_t)h->n_features * h->n_classes;
    const double *d = frozen_doubles(h);
    return h->n_nodes == 0 && h->n_words == 0 && h->n_parts == 0 && h->flags == 0 && h->n_classes >= 2 &&
           kedge_i_u32_within(h->params[0], FROZEN_COUNTS, FROZEN_YES_NO) && h->n_doubles == 1 + h->n_classes + n_adds &&
           frozen_bases_are_sound(h, d + 1) && frozen_all_within(d + 1 + h->n_classes, (size_t)n_adds, -1e3, 1e3);
}

static void frozen_table_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    frozen_bayes_predict(frozen_table_joint, h, frozen_doubles(h) + 1, x, y);
}

static void frozen_table_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    frozen_bayes_score(frozen_table_joint, h, frozen_doubles(h) + 1, x, scores);
}

const frozen_kind kedge_i_frozen_table = {frozen_table_is_sound, frozen_table_predict, frozen_table_score};
