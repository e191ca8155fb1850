/* SPDX-License-Identifier: MIT */
/* What PCA-CD knows of its reference: the principal components of its correlations, and the rows along each by bin.
 *
 * Qahtan et al. 2015: as few components as hold the share of the variance. Standardised features have the variance 1, constant
 * ones, which are set apart, none.
 *
 * Cost: O(n_features^2) a row for the correlations, principal.c's for the components, O(n_features n_components) a row for its
 * places. */
#include "base/fp.h"

#include <string.h>

#include "base/standard.h"
#include "detectors/equal_bins.h"
#include "detectors/pca_cd_state.h"
#include "detectors/principal.h"

#define PCA_CD_ROUNDING 1e-12 /* share of the variance that rounding may leave */

/* A row in deviations into the scratch. Returns 1 if it departs from what was constant. */
static int pca_cd_scale(pca_cd_state *s, const double *row)
{
    const double *means = kedge_i_at_const(s, s->at_means);
    const double *deviations = kedge_i_at_const(s, s->at_deviations);
    double *scaled = kedge_i_at(s, s->at_scaled);
    int departs = 0;
    for (uint32_t j = 0; j < s->n_features; j++) {
        scaled[j] = kedge_i_standard(row[j], means[j], deviations[j]);
        if (deviations[j] == 0.0 && scaled[j] != 0.0) {
            departs = 1;
            scaled[j] = 0.0;
        }
    }
    return departs;
}

/* Where the row in the scratch lies along a component. */
static double pca_cd_place(const pca_cd_state *s, uint32_t k, int departs)
{
    const double *axis = (const double *)kedge_i_at_const(s, s->at_axes) + (size_t)k * s->n_features;
    const double *scaled = kedge_i_at_const(s, s->at_scaled);
    double sum = 0.0;
    if (k == s->n_principal)
        return departs;
    for (uint32_t j = 0; j < s->n_features; j++)
        sum += axis[j] * scaled[j];
    return sum;
}

/* The correlations of the reference. */
static void pca_cd_correlate(pca_cd_state *s)
{
    uint32_t d = s->n_features;
    const double *scaled = kedge_i_at_const(s, s->at_scaled);
    double *matrix = kedge_i_at(s, s->at_matrix);
    for (uint32_t i = 0; i < s->window_size; i++) {
        pca_cd_scale(s, pca_cd_row_of(s, i));
        for (uint32_t j = 0; j < d; j++)
            for (uint32_t k = j; k < d; k++)
                matrix[(size_t)j * d + k] += scaled[j] * scaled[k] / (double)s->window_size;
    }
    for (uint32_t j = 0; j < d; j++)
        for (uint32_t k = j + 1; k < d; k++)
            matrix[(size_t)k * d + j] = matrix[(size_t)j * d + k];
}

/* As many components as hold the share of the variance, and one for what is constant. */
static void pca_cd_choose(pca_cd_state *s, uint32_t n_constant)
{
    uint32_t d = s->n_features;
    const double *values = kedge_i_at_const(s, s->at_matrix);
    double share = s->explained < 1.0 - PCA_CD_ROUNDING ? s->explained : 1.0 - PCA_CD_ROUNDING;
    double total = 0.0;
    double sum = 0.0;
    for (uint32_t k = 0; k < d; k++)
        total += values[(size_t)k * d + k];
    s->n_principal = 0;
    while (s->n_principal < d - n_constant && sum < share * total) {
        sum += values[(size_t)s->n_principal * d + s->n_principal];
        s->n_principal++;
    }
    s->n_components = s->n_principal + (n_constant > 0);
}

static void pca_cd_span(pca_cd_state *s)
{
    double *low = kedge_i_at(s, s->at_low);
    double *high = kedge_i_at(s, s->at_high);
    for (uint32_t i = 0; i < s->window_size; i++) {
        int departs = pca_cd_scale(s, pca_cd_row_of(s, i));
        for (uint32_t k = 0; k < s->n_components; k++) {
            double x = pca_cd_place(s, k, departs);
            low[k] = i == 0 || x < low[k] ? x : low[k];
            high[k] = i == 0 || x > high[k] ? x : high[k];
        }
    }
}

static uint32_t pca_cd_bin_of(const pca_cd_state *s, uint32_t k, int departs)
{
    const double *low = kedge_i_at_const(s, s->at_low);
    const double *high = kedge_i_at_const(s, s->at_high);
    return detector_equal_bin(pca_cd_place(s, k, departs), low[k], high[k], s->n_bins);
}

/* Of the row in the scratch. */
static void pca_cd_bins_of(const pca_cd_state *s, int departs, uint8_t *bins)
{
    for (uint32_t k = 0; k < s->n_components; k++)
        bins[k] = (uint8_t)pca_cd_bin_of(s, k, departs);
}

static void pca_cd_clear(pca_cd_state *s)
{
    memset(kedge_i_at(s, s->at_scaled), 0, s->n_features * sizeof(double));
}

void kedge_i_pca_cd_bins(pca_cd_state *s, const double *row, uint8_t *bins)
{
    pca_cd_bins_of(s, pca_cd_scale(s, row), bins);
    pca_cd_clear(s);
}

static void pca_cd_count_reference(pca_cd_state *s)
{
    uint32_t *reference = kedge_i_at(s, s->at_reference);
    for (uint32_t i = 0; i < s->window_size; i++) {
        int departs = pca_cd_scale(s, pca_cd_row_of(s, i));
        for (uint32_t k = 0; k < s->n_components; k++)
            reference[k * s->n_bins + pca_cd_bin_of(s, k, departs)]++;
    }
}

void kedge_i_pca_cd_forget(pca_cd_state *s)
{
    memset(kedge_i_at(s, s->at_means), 0, s->n_features * sizeof(double));
    memset(kedge_i_at(s, s->at_deviations), 0, s->n_features * sizeof(double));
    memset(kedge_i_at(s, s->at_axes), 0, s->n_matrix * sizeof(double));
    memset(kedge_i_at(s, s->at_low), 0, s->n_features * sizeof(double));
    memset(kedge_i_at(s, s->at_high), 0, s->n_features * sizeof(double));
    memset(kedge_i_at(s, s->at_reference), 0, s->n_cells * sizeof(uint32_t));
    s->n_learned = 0;
    s->n_principal = 0;
    s->n_components = 0;
}

/* Returns how many features are constant. */
static uint32_t pca_cd_standardise(pca_cd_state *s)
{
    double *means = kedge_i_at(s, s->at_means);
    double *deviations = kedge_i_at(s, s->at_deviations);
    uint32_t n_constant = 0;
    for (uint32_t j = 0; j < s->n_features; j++) {
        means[j] = kedge_i_standard_learn(pca_cd_row_of(s, 0) + j, s->window_size, s->n_features, &deviations[j]);
        n_constant += deviations[j] == 0.0;
    }
    return n_constant;
}

void kedge_i_pca_cd_learn(pca_cd_state *s)
{
    uint32_t d = s->n_features;
    double *axes = kedge_i_at(s, s->at_axes);
    kedge_i_pca_cd_forget(s);
    uint32_t n_constant = pca_cd_standardise(s);
    pca_cd_correlate(s);
    kedge_i_principal_axes(kedge_i_at(s, s->at_matrix), axes, d);
    pca_cd_choose(s, n_constant);
    memset(axes + (size_t)s->n_principal * d, 0, (size_t)(d - s->n_principal) * d * sizeof *axes);
    pca_cd_span(s);
    pca_cd_count_reference(s);
    memset(kedge_i_at(s, s->at_matrix), 0, s->n_matrix * sizeof(double));
    pca_cd_clear(s);
    s->n_learned = s->window_size;
}
