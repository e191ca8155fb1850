/* SPDX-License-Identifier: MIT */
/* Frozen naive Bayes: what does not depend on the row is summed up before, so a prediction takes neither logarithms nor divisions.
 *
 * Gaussian. Doubles: of each class its base, ln prior - ln of the product of deviations; then of each class means and, behind them,
 * one over the deviations. Table. Parameter: what counts of a feature. Doubles: the threshold of yes, of each class its base, then
 * of each class what one of each feature adds. */
#include "base/fp.h"

#include <math.h>

#include "models/frozen_bayes.h"

#include "base/number.h"
#include "models/row.h"

#define FROZEN_FAR      1e150 /* deviations beyond which no row is farther: squares, summed over all features, stay finite */
#define FROZEN_BASE_MAX 1e8

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

static inline void frozen_bayes_score(frozen_joint joint, const frozen_head *h, const double *bases, const kedge_row *x,
                                      double *scores)
{
    double greatest = -(double)INFINITY;
    double sum = 0.0;
    for (uint32_t c = 0; c < h->n_classes; c++) {
        scores[c] = frozen_joint_of(joint, h, bases, x, c);
        greatest = scores[c] > greatest ? scores[c] : greatest;
    }
    for (uint32_t c = 0; c < h->n_classes; c++)
        sum += scores[c] = exp(scores[c] - greatest);
    for (uint32_t c = 0; c < h->n_classes; c++)
        scores[c] /= sum;
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

static inline double frozen_gaussian_joint(const frozen_head *h, const double *bases, const kedge_row *x, uint32_t c)
{
    uint32_t n = h->n_features;
    const double *mean = bases + h->n_classes + 2 * (size_t)n * c;
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        double value = kedge_i_row_at(x, i);
        value = value < FROZEN_GAUSSIAN_MAX ? value : FROZEN_GAUSSIAN_MAX;
        value = value > -FROZEN_GAUSSIAN_MAX ? value : -FROZEN_GAUSSIAN_MAX;
        double far = fabs(value - mean[i]) * mean[n + i];
        far = far < FROZEN_FAR ? far : FROZEN_FAR;
        sum += far * far;
    }
    return bases[c] - 0.5 * sum;
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

static void frozen_gaussian_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    frozen_bayes_predict(frozen_gaussian_joint, h, frozen_doubles(h), x, y);
}

static void frozen_gaussian_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    frozen_bayes_score(frozen_gaussian_joint, h, frozen_doubles(h), x, scores);
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
