/* SPDX-License-Identifier: MIT */
/* A detector beside its definition, which looks at all observations since the last restart, at every one of them. */
#ifndef KEDGE_TESTS_NAIVE_H
#define KEDGE_TESTS_NAIVE_H

#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"

/* What the definition says of the newest of n observations; may set where the new concept began and the statistic, for an alarm. */
typedef kedge_status naive_rule(const double *x, size_t n, const void *cfg, size_t *began, double *statistic);

static inline double naive_mean(const double *x, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from; i < to; i++)
        sum += x[i];
    return sum / (double)(to - from);
}

/* Every status, and of every alarm: place, means where the detector says them, and what the rule set. Returns the number of
 * alarms. */
static inline size_t naive_compare(const kedge_detector_config *cfg, naive_rule *rule, const double *x, size_t n)
{
    size_t bytes = kedge_detector_size(cfg), from = 0, n_drifts = 0;
    void *mem = guard_new(bytes, 0xA5);
    kedge_detector d;
    assert_int_equal(kedge_detector_init(&d, cfg, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < n; i++) {
        size_t began = SIZE_MAX;
        double statistic = NAN;
        kedge_status want = rule(x + from, i + 1 - from, cfg, &began, &statistic);
        feclearexcept(FE_ALL_EXCEPT);
        kedge_status st = kedge_detector_update(&d, x[i]);
        assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
        if (st != want)
            fail_msg("%s: status %d at %zu, the definition says %d", cfg->cls->base.name, st, i, want);
        if (st != KEDGE_DRIFT)
            continue;
        kedge_alarm a;
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_int_equal(a.at, i);
        assert_true(a.changed_at >= from && a.changed_at <= i);
        if (began != SIZE_MAX)
            assert_int_equal(a.changed_at, from + began);
        if (!isnan(statistic))
            assert_close(a.statistic, statistic, 1e-9);
        if (!isnan(a.mean_after) && !isnan(a.mean_before))
            assert_close(a.effect, a.mean_after - a.mean_before, 1e-12);
        from = i + 1;
        n_drifts++;
    }
    kedge_estimate e;
    assert_true(kedge_detector_estimate(&d, &e) >= 0);
    assert_int_equal(e.n_drifts, n_drifts);
    guard_free(mem);
    return n_drifts;
}

/* Pieces of random length and level: 0 and 1, or normal. */
static inline void naive_stream(double *x, size_t n, int bernoulli, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n;) {
        double level = kedge_rng_uniform(&rng);
        for (size_t k = 50 + kedge_rng_below(&rng, 400); k > 0 && i < n; k--, i++)
            x[i] = bernoulli ? kedge_rng_uniform(&rng) < level : 3 * level + kedge_rng_normal(&rng);
    }
}

/* A detector on a constant of any size: no alarm. */
static inline void naive_constants(const kedge_detector_config *cfg, const double *constants, size_t n_constants)
{
    size_t bytes = kedge_detector_size(cfg);
    void *mem = guard_new(bytes, 0xA5);
    for (size_t c = 0; c < n_constants; c++) {
        kedge_detector d;
        assert_int_equal(kedge_detector_init(&d, cfg, mem, bytes), KEDGE_OK);
        for (int i = 0; i < 3000; i++)
            assert_true(kedge_detector_update(&d, constants[c]) == KEDGE_OK);
    }
    guard_free(mem);
}

#endif
