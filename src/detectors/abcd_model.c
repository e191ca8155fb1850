/* SPDX-License-Identifier: MIT */
/* ABCD's encoder and decoder: the principal components of the training rows, after their features were scaled to [0, 1].
 *
 * Heyden et al. 2024, section 4.1: the loss of a row is the mean squared error of its reconstruction. Sums of products are
 * updated row by row (Welford 1962), so the training rows are not kept. What the axes leave of the training rows' variance is
 * the sum of the smaller eigenvalues: their mean loss without a second pass.
 *
 * Cost: O(n_features^2) a training row, O(n_features n_components) another; see principal.c for the axes. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "detectors/abcd_state.h"
#include "detectors/principal.h"

#define ABCD_LEAST_WIDTH 1e-9    /* of a feature's magnitude: less is taken for the rounding of a constant */
#define ABCD_LEAST_RANGE 1e-150  /* its inverse still scales the greatest input finitely */
#define ABCD_LEAST_LOSS 1e-18    /* (1e-9 of a range)^2: rounding of what the axes hold entirely */
#define ABCD_FAR 1.0             /* a scaled feature counts as far as this beyond [0, 1] */

static double abcd_range(double low, double high)
{
    double width = high - low;
    double least = ABCD_LEAST_WIDTH * (fabs(low) > fabs(high) ? fabs(low) : fabs(high));
    width = width > least ? width : least;
    return width > ABCD_LEAST_RANGE ? width : ABCD_LEAST_RANGE;
}

/* Ranges and means in the units of the features, products of deviations in theirs; all become scaled ones. */
static void abcd_scale(abcd_state *s)
{
    uint32_t d = s->n_features;
    const double *low = abcd_at(s, s->at_low);
    double *range = abcd_at(s, s->at_range);
    double *mean = abcd_at(s, s->at_mean);
    double *products = abcd_at(s, s->at_products);
    for (uint32_t j = 0; j < d; j++) {
        range[j] = 1.0 / abcd_range(low[j], range[j]);
        mean[j] = (mean[j] - low[j]) * range[j];
    }
    for (uint32_t j = 0; j < d; j++)
        for (uint32_t k = j; k < d; k++) {
            size_t at = (size_t)j * d + k;
            products[at] = products[at] * range[j] / (double)s->n_train * range[k];
            products[(size_t)k * d + j] = products[at];
        }
}

static double abcd_gain(const abcd_state *s, double loss)
{
    return 1.0 / (s->clip * (loss > ABCD_LEAST_LOSS ? loss : ABCD_LEAST_LOSS));
}

/* What the first n_components axes leave of each feature's variance: sum over the others of eigenvalue times coefficient
 * squared. */
static void abcd_weigh(abcd_state *s)
{
    uint32_t d = s->n_features;
    const double *values = abcd_at(s, s->at_products);
    const double *axes = abcd_at(s, s->at_axes);
    double *gain = abcd_at(s, s->at_gain);
    double total = 0.0;
    for (uint32_t j = 0; j < d; j++) {
        double loss = 0.0;
        for (uint32_t k = s->n_components; k < d; k++) {
            double value = values[(size_t)k * d + k];
            loss += (value > 0.0 ? value : 0.0) * axes[(size_t)k * d + j] * axes[(size_t)k * d + j];
        }
        total += loss;
        gain[j] = abcd_gain(s, loss);
    }
    s->loss_gain = abcd_gain(s, total / (double)d);
}

static void abcd_fit(abcd_state *s)
{
    uint32_t d = s->n_features;
    abcd_scale(s);
    kedge_i_principal_axes(abcd_at(s, s->at_products), abcd_at(s, s->at_axes), d);
    abcd_weigh(s);
    memset(abcd_at(s, s->at_products), 0, s->n_matrix * sizeof(double));
    memset(abcd_at(s, s->at_axes) + (size_t)s->n_components * d, 0, (size_t)(d - s->n_components) * d * sizeof(double));
}

/* Deviations from the mean before the row go into the scratch. */
static void abcd_extend(abcd_state *s)
{
    const double *row = abcd_at(s, s->at_row);
    double *low = abcd_at(s, s->at_low);
    double *high = abcd_at(s, s->at_range);
    double *mean = abcd_at(s, s->at_mean);
    double *away = abcd_at(s, s->at_scores);
    for (uint32_t j = 0; j < s->n_features; j++) {
        low[j] = s->n_learned == 0 || row[j] < low[j] ? row[j] : low[j];
        high[j] = s->n_learned == 0 || row[j] > high[j] ? row[j] : high[j];
        away[j] = row[j] - mean[j];
        mean[j] += away[j] / (double)(s->n_learned + 1);
    }
}

void kedge_i_abcd_learn(abcd_state *s)
{
    uint32_t d = s->n_features;
    const double *away = abcd_at(s, s->at_scores);
    double *products = abcd_at(s, s->at_products);
    double share = (double)s->n_learned / (double)(s->n_learned + 1);
    abcd_extend(s);
    for (uint32_t j = 0; j < d; j++)
        for (uint32_t k = j; k < d; k++)
            products[(size_t)j * d + k] += away[j] * away[k] * share;
    s->n_learned++;
    if (abcd_is_learned(s))
        abcd_fit(s);
}

/* The row in place: scaled, clipped, centred. */
static void abcd_centre(abcd_state *s)
{
    double *row = abcd_at(s, s->at_row);
    const double *low = abcd_at(s, s->at_low);
    const double *inverse = abcd_at(s, s->at_range);
    const double *mean = abcd_at(s, s->at_mean);
    for (uint32_t j = 0; j < s->n_features; j++) {
        double z = (row[j] - low[j]) * inverse[j];
        z = z < -ABCD_FAR ? -ABCD_FAR : z;
        row[j] = (z > 1.0 + ABCD_FAR ? 1.0 + ABCD_FAR : z) - mean[j];
    }
}

/* What the components do not hold of it: x - V V' x. */
static void abcd_reconstruct(abcd_state *s)
{
    uint32_t d = s->n_features;
    double *row = abcd_at(s, s->at_row);
    double *scores = abcd_at(s, s->at_scores);
    const double *axes = abcd_at(s, s->at_axes);
    for (uint32_t k = 0; k < s->n_components; k++) {
        scores[k] = 0.0;
        for (uint32_t j = 0; j < d; j++)
            scores[k] += axes[(size_t)k * d + j] * row[j];
    }
    for (uint32_t k = 0; k < s->n_components; k++)
        for (uint32_t j = 0; j < d; j++)
            row[j] -= scores[k] * axes[(size_t)k * d + j];
}

double kedge_i_abcd_loss(abcd_state *s, double *sums)
{
    const double *row = abcd_at(s, s->at_row);
    const double *gain = abcd_at(s, s->at_gain);
    double total = 0.0;
    abcd_centre(s);
    abcd_reconstruct(s);
    for (uint32_t j = 0; j < s->n_features; j++) {
        double square = row[j] * row[j];
        double loss = square * gain[j] < 1.0 ? square * gain[j] : 1.0;
        total += square;
        sums[2 + 2 * j] += loss;
        sums[3 + 2 * j] += loss * loss;
    }
    double loss = total / (double)s->n_features * s->loss_gain;
    return loss < 1.0 ? loss : 1.0;
}

static int abcd_all_within(const double *x, size_t n, double low, double high)
{
    for (size_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], low, high))
            return 0;
    return 1;
}

/* Products of deviations are at most n times those of the ranges; so are their scaled ones, which is what keeps them finite. */
static int abcd_learning_is_sound(const abcd_state *s)
{
    uint32_t d = s->n_features;
    const double *low = abcd_read(s, s->at_low);
    const double *high = abcd_read(s, s->at_range);
    const double *mean = abcd_read(s, s->at_mean);
    const double *products = abcd_read(s, s->at_products);
    if (!abcd_all_within(low, d, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) ||
        !abcd_all_within(high, d, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
        return 0;
    for (uint32_t j = 0; j < d; j++) {
        double range = abcd_range(low[j], high[j]);
        if (!(low[j] <= high[j]) || !kedge_i_within(mean[j], low[j] - range, high[j] + range))
            return 0;
        for (uint32_t k = j; k < d; k++)
            if (!(fabs(products[(size_t)j * d + k]) <= 2.0 * (double)s->n_learned * range * abcd_range(low[k], high[k])))
                return 0;
    }
    return 1;
}

static int abcd_learned_is_sound(const abcd_state *s)
{
    uint32_t d = s->n_features;
    double most = 1.001 / (s->clip * ABCD_LEAST_LOSS);
    double least = 1e-12; /* a loss is at most (3 ranges)^2 */
    return abcd_all_within(abcd_read(s, s->at_low), d, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) &&
           abcd_all_within(abcd_read(s, s->at_range), d, 1e-102, 1.001 / ABCD_LEAST_RANGE) &&
           abcd_all_within(abcd_read(s, s->at_mean), d, -1.001, 2.001) &&
           abcd_all_within(abcd_read(s, s->at_gain), d, least, most) && kedge_i_within(s->loss_gain, least, most) &&
           abcd_all_within(abcd_read(s, s->at_products), s->n_matrix, 0.0, 0.0) &&
           abcd_all_within(abcd_read(s, s->at_axes), (size_t)s->n_components * d, -1.001, 1.001);
}

int kedge_i_abcd_model_is_sound(const abcd_state *s)
{
    return s->n_learned <= s->n_train && s->filled < s->n_features &&
           abcd_all_within(abcd_read(s, s->at_row), s->n_features, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) &&
           (abcd_is_learned(s) ? abcd_learned_is_sound(s) : abcd_learning_is_sound(s));
}
