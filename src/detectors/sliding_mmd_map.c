/* SPDX-License-Identifier: MIT */
/* How a sliding comparison sees rows, as vectors, and how far their means are apart.
 *
 * MMD: cosines and sines at random frequencies, a vector of length 1 (Rahimi, Recht 2007, "Random features for large-scale kernel
 * machines", section 3.1); a sample's pairs are then the square of its sum less its rows with themselves (Gretton et al. 2012,
 * equation 3).
 *
 * LSDD: Gaussian kernels at rows of the reference, and the estimate 2 h'theta - theta'H theta of the integral of the squared
 * difference of the densities, with (H + regularisation) theta = h (Sugiyama et al. 2013, "Density-difference estimation", Neural
 * Computation 25, equations 5 and 8), H scaled to the diagonal 1 as in the method for two samples. H does not depend on the window,
 * so it is factored once (Bu, Alippi, Zhao 2018, "A pdf-free change detection test based on density difference estimation", IEEE
 * TNNLS 29). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/cholesky.h"
#include "base/waves.h"
#include "detectors/sliding_mmd_state.h"
#include "detectors/sliding_tree.h"

static int map_is_lsdd(const sliding_mmd_state *s)
{
    return s->figure == KEDGE_SLIDING_FIGURE_LSDD;
}

uint32_t kedge_i_sliding_mmd_numbers(const sliding_mmd_state *s)
{
    return map_is_lsdd(s) ? s->n_features : 2 * s->n_features;
}

uint32_t kedge_i_sliding_mmd_factor(const sliding_mmd_state *s)
{
    return map_is_lsdd(s) ? (uint32_t)kedge_i_triangle(s->n_features) : 0;
}

static void map_scale(sliding_mmd_state *s)
{
    double *means = kedge_i_at(s, s->at_means);
    double *deviations = kedge_i_at(s, s->at_deviations);
    for (uint32_t j = 0; j < s->n_columns; j++)
        means[j] = kedge_i_standard_learn(sliding_mmd_row_of(s, 0) + j, s->n_reference, s->n_columns, &deviations[j]);
}

static double map_square(sliding_mmd_state *s, uint32_t a, uint32_t b)
{
    const double *means = kedge_i_at_const(s, s->at_means);
    const double *deviations = kedge_i_at_const(s, s->at_deviations);
    double sum = 0.0;
    for (uint32_t j = 0; j < s->n_columns; j++) {
        double off = kedge_i_standard(sliding_mmd_row_of(s, a)[j], means[j], deviations[j]) -
                     kedge_i_standard(sliding_mmd_row_of(s, b)[j], means[j], deviations[j]);
        sum += off * off;
    }
    return sum;
}

/* The median distance of as many random pairs as the centres have numbers, in whose place the distances are; 1 where it is 0
 * (Gretton et al. 2012, section 8). */
static double map_width(sliding_mmd_state *s, kedge_rng *rng)
{
    double *squares = kedge_i_at(s, s->at_centres);
    if (s->bandwidth > 0.0)
        return s->bandwidth;
    for (uint32_t k = 0; k < s->n_centres; k++) {
        uint32_t a = (uint32_t)kedge_rng_below(rng, s->n_reference);
        uint32_t b = (uint32_t)kedge_rng_below(rng, s->n_reference - 1);
        squares[k] = map_square(s, a, b < a ? b : b + 1);
    }
    kedge_i_sliding_sort(squares, s->n_centres);
    double width = sqrt(squares[s->n_centres / 2]);
    return width > 0.0 ? fmin(fmax(width, KEDGE_I_SLIDING_MMD_BANDWIDTH_MIN), KEDGE_I_SLIDING_MMD_BANDWIDTH_MAX) : 1.0;
}

/* Kernels stand at rows drawn from the reference. */
static void map_draw_centres(sliding_mmd_state *s, kedge_rng *rng)
{
    const double *means = kedge_i_at_const(s, s->at_means);
    const double *deviations = kedge_i_at_const(s, s->at_deviations);
    double *centre = kedge_i_at(s, s->at_centres);
    for (uint32_t k = 0; k < s->n_features; k++) {
        const double *row = sliding_mmd_row_of(s, (uint32_t)kedge_rng_below(rng, s->n_reference));
        for (uint32_t j = 0; j < s->n_columns; j++)
            *centre++ = kedge_i_standard(row[j], means[j], deviations[j]);
    }
}

/* A Gaussian kernel of so many widths; of two kernels' product, half the square of their distance. */
static double map_kernel(const sliding_mmd_state *s, const double *a, const double *b, double share)
{
    double sum = 0.0;
    for (uint32_t j = 0; j < s->n_columns; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return exp(-0.5 * share * (sum / s->width) / s->width);
}

/* With 10^-6 and more on its diagonal H is positive definite beyond rounding, so its factor is there. */
static void map_factor(sliding_mmd_state *s)
{
    const double *centres = kedge_i_at_const(s, s->at_centres);
    double *factor = kedge_i_at(s, s->at_factor);
    for (uint32_t i = 0; i < s->n_features; i++) {
        double *row = factor + kedge_i_triangle(i);
        for (uint32_t j = 0; j <= i; j++)
            row[j] = map_kernel(s, centres + (size_t)i * s->n_columns, centres + (size_t)j * s->n_columns, 0.5);
        row[i] += s->regularisation;
    }
    kedge_status st = kedge_i_cholesky_factor(factor, s->n_features);
    KEDGE_ASSERT(st == KEDGE_OK);
    (void)st;
}

void kedge_i_sliding_mmd_adopt(sliding_mmd_state *s)
{
    double *centres = kedge_i_at(s, s->at_centres);
    kedge_rng rng = {s->seed};
    map_scale(s);
    s->width = map_width(s, &rng);
    if (map_is_lsdd(s)) {
        map_draw_centres(s, &rng);
        map_factor(s);
        return;
    }
    for (uint32_t k = 0; k < s->n_centres; k++)
        centres[k] = kedge_rng_normal(&rng) / s->width;
}

int kedge_i_sliding_mmd_map_is_sound(const sliding_mmd_state *s)
{
    const double *centres = kedge_i_at_const(s, s->at_centres);
    const double *factor = kedge_i_at_const(s, s->at_factor);
    int is_learned = s->n_learned == s->n_reference;
    if (s->width != 0.0 && !kedge_i_within(s->width, KEDGE_I_SLIDING_MMD_BANDWIDTH_MIN, KEDGE_I_SLIDING_MMD_BANDWIDTH_MAX))
        return 0;
    for (uint32_t i = 0; i < s->n_centres; i++)
        if (!kedge_i_within(centres[i], -KEDGE_I_STANDARD_FAR, KEDGE_I_STANDARD_FAR))
            return 0;
    for (uint32_t i = 0; i < (s->n_factor > 0 ? s->n_features : 0); i++)
        for (uint32_t j = 0; j <= i; j++) {
            double least = i == j && is_learned ? 1e-9 : -1e3; /* no division by 0 */
            if (!kedge_i_within(factor[kedge_i_triangle(i) + j], least, 1e3))
                return 0;
        }
    return 1;
}

static void map_scale_row(sliding_mmd_state *s, const double *row)
{
    const double *means = kedge_i_at_const(s, s->at_means);
    const double *deviations = kedge_i_at_const(s, s->at_deviations);
    double *scaled = kedge_i_at(s, s->at_scaled);
    for (uint32_t j = 0; j < s->n_columns; j++)
        scaled[j] = kedge_i_standard(row[j], means[j], deviations[j]);
}

static void map_waves(const sliding_mmd_state *s, double *vector)
{
    const double *frequency = kedge_i_at_const(s, s->at_centres);
    const double *scaled = kedge_i_at_const(s, s->at_scaled);
    for (uint32_t k = 0; k < s->n_features; k++) {
        double angle = 0.0;
        for (uint32_t j = 0; j < s->n_columns; j++)
            angle += *frequency++ * scaled[j];
        vector[k] = angle;
    }
    kedge_i_waves(vector, s->n_features, 1.0 / sqrt((double)s->n_features));
}

void kedge_i_sliding_mmd_vector(sliding_mmd_state *s, const double *row, double *vector)
{
    const double *centres = kedge_i_at_const(s, s->at_centres);
    const double *scaled = kedge_i_at_const(s, s->at_scaled);
    map_scale_row(s, row);
    if (!map_is_lsdd(s)) {
        map_waves(s, vector);
        return;
    }
    for (uint32_t k = 0; k < s->n_features; k++)
        vector[k] = map_kernel(s, scaled, centres + (size_t)k * s->n_columns, 1.0);
}

/* Equation 3, of a full window. */
static double map_mmd(const sliding_mmd_state *s)
{
    const double *reference = kedge_i_at_const(s, s->at_reference);
    const double *window = kedge_i_at_const(s, s->at_window);
    double n = (double)s->n_reference;
    double m = (double)s->window_size;
    return (sliding_mmd_product(s, reference, reference) - n) / (n * (n - 1.0)) +
           (sliding_mmd_product(s, window, window) - m) / (m * (m - 1.0)) -
           2.0 * sliding_mmd_product(s, reference, window) / (n * m);
}

void kedge_i_sliding_mmd_witness(sliding_mmd_state *s, double *witness)
{
    const double *reference = kedge_i_at_const(s, s->at_reference);
    const double *window = kedge_i_at_const(s, s->at_window);
    for (uint32_t k = 0; k < s->n_vector; k++)
        witness[k] = window[k] / (double)s->window_size - reference[k] / (double)s->n_reference;
    if (map_is_lsdd(s))
        kedge_i_cholesky_solve(kedge_i_at_const(s, s->at_factor), s->n_features, witness);
}

/* As (H + regularisation) theta = h it is h'theta + regularisation theta'theta, never below 0. */
static double map_lsdd(sliding_mmd_state *s)
{
    const double *reference = kedge_i_at_const(s, s->at_reference);
    const double *window = kedge_i_at_const(s, s->at_window);
    double *theta = kedge_i_at(s, s->at_vector);
    double sum = 0.0;
    kedge_i_sliding_mmd_witness(s, theta);
    for (uint32_t k = 0; k < s->n_vector; k++) {
        double h = window[k] / (double)s->window_size - reference[k] / (double)s->n_reference;
        sum += theta[k] * (h + s->regularisation * theta[k]);
    }
    return sum > 0.0 ? sum : 0.0;
}

double kedge_i_sliding_mmd_figure(sliding_mmd_state *s)
{
    return map_is_lsdd(s) ? map_lsdd(s) : map_mmd(s);
}
