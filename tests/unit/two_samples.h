/* SPDX-License-Identifier: MIT */
/* What the tests of two-sample tests share. */
#ifndef KEDGE_TESTS_TWO_SAMPLES_H
#define KEDGE_TESTS_TWO_SAMPLES_H

#include <math.h>
#include <stdlib.h>

#include "support.h"

typedef union any_config {
    kedge_shift_config base;
    kedge_contingency_config contingency;
    unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
} any_config;

static inline any_config of(const kedge_shift_class *cls, uint32_t p_method)
{
    any_config c;
    assert_int_equal(kedge_shift_config_init(cls, &c, cls->config_bytes), KEDGE_OK);
    c.base.p_method = p_method;
    return c;
}

static inline kedge_status run(const any_config *c, const double *x, size_t n, const double *y, size_t m, kedge_shift_result *r)
{
    kedge_rows reference = kedge_rows_float64(x, n, 1), current = kedge_rows_float64(y, m, 1);
    size_t bytes = kedge_shift_work(&c->base, n, m, 1);
    assert_true(bytes > 0);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = kedge_shift_compare(&c->base, &reference, &current, work, bytes, r);
    guard_free(work);
    return st;
}

static inline kedge_shift_result compare(const kedge_shift_class *cls, uint32_t p_method, const double *x, size_t n,
                                         const double *y,
                                  size_t m)
{
    any_config c = of(cls, p_method);
    kedge_shift_result r;
    assert_true(run(&c, x, n, y, m, &r) >= 0);
    if (r.status != KEDGE_EMPTY) {
        assert_true(isfinite(r.statistic) && isfinite(r.effect) && (isfinite(r.expected) || cls == &kedge_fisher));
        assert_true(p_method == KEDGE_P_NONE ? isnan(r.p_value) : r.p_value >= 0 && r.p_value <= 1);
    }
    return r;
}

/* Of two samples, how different they are; the larger, the more. */
typedef double (*naive_statistic)(const double *x, size_t n, const double *y, size_t m);

/* Share of all ways to deal the values out that are at least as far. */
static inline double naive_p(naive_statistic statistic, const double *x, size_t n, const double *y, size_t m)
{
    double all[16], a[16], b[16], ways = 0, far = 0, observed = statistic(x, n, y, m);
    memcpy(all, x, n * sizeof *x);
    memcpy(all + n, y, m * sizeof *y);
    for (uint32_t bits = 0; bits < 1u << (n + m); bits++) {
        size_t na = 0, nb = 0;
        for (size_t i = 0; i < n + m; i++)
            *(bits >> i & 1 ? &a[na++] : &b[nb++]) = all[i];
        if (na != n)
            continue;
        ways++;
        far += statistic(a, n, b, m) >= observed * (1 - 1e-10) - 1e-14;
    }
    return far / ways;
}

/* Continuous values, or whole ones from a few levels. */
static inline void fill(double *x, size_t n, uint64_t levels, double shift, kedge_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = levels ? floor((double)levels * fmin(kedge_rng_uniform(rng) + shift / 4, 0.999)) : kedge_rng_normal(rng) + shift;
}

/* A drift alarm's share over 1000 seeds without change: between low and high of 1000. */
static inline void check_false_alarms(const kedge_shift_class *cls, uint32_t p_method, size_t n, uint64_t levels, int low, int high)
{
    any_config c = of(cls, p_method);
    double *x = calloc(2 * n, sizeof *x);
    int alarms = 0;
    c.base.n_resamples = 199;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        kedge_rng rng = {seed * 7919 + n};
        kedge_shift_result r;
        fill(x, 2 * n, levels, 0, &rng);
        alarms += run(&c, x, n, x + n, n, &r) == KEDGE_DRIFT;
    }
    free(x);
    if (alarms < low || alarms > high)
        fail_msg("%s, method %u, size %zu: %d false alarms of 1000", cls->name, (unsigned)p_method, n, alarms);
}

/* Binomial(1000, 0.05): 50, standard deviation 6.9; the bounds are 3.5 of them away. */
enum { ALARMS_LOW = 26, ALARMS_HIGH = 74 };

#endif
