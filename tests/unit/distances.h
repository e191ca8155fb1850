/* SPDX-License-Identifier: MIT */
/* What the tests of distances share. */
#ifndef KEDGE_TESTS_DISTANCES_H
#define KEDGE_TESTS_DISTANCES_H

#include <math.h>

#include "support.h"

typedef union any_config {
    kedge_shift_config base;
    unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
} any_config;

static inline kedge_shift_result compare(const any_config *c, const double *x, size_t n, const double *y, size_t m)
{
    kedge_rows reference = kedge_rows_float64(x, n, 1), current = kedge_rows_float64(y, m, 1);
    size_t bytes = kedge_shift_work(&c->base, n, m, 1);
    void *work = guard_new(bytes, 0xA5);
    kedge_shift_result r;
    assert_true(bytes > 0);
    assert_true(kedge_shift_compare(&c->base, &reference, &current, work, bytes, &r) >= 0);
    guard_free(work);
    return r;
}

static const kedge_shift_class *const all_classes[] = {
    &kedge_wasserstein, &kedge_energy,        &kedge_psi,             &kedge_kullback_leibler, &kedge_jensen_shannon,
    &kedge_hellinger,   &kedge_bhattacharyya, &kedge_total_variation, &kedge_l_infinity,       &kedge_histogram_intersection,
};
static const kedge_shift_class *const *const histograms = all_classes + 2;
enum { N_CLASSES = sizeof all_classes / sizeof *all_classes, N_HISTOGRAMS = N_CLASSES - 2 };

/* Continuous values, few levels, or rounded ones. */
static inline void fill(double *x, size_t n, int kind, double shift, kedge_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = kind == 0 ? kedge_rng_normal(rng) + shift : floor((kind == 1 ? 4 : 30) * (kedge_rng_uniform(rng) + shift / 4));
}

static inline int rising(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

#endif
