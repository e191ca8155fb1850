/* SPDX-License-Identifier: MIT */
/* What the tests of detectors that compare a sliding window with a reference share. */
#ifndef KEDGE_TESTS_SLIDING_H
#define KEDGE_TESTS_SLIDING_H

#include <math.h>

#include "support.h"

enum { SLIDING_REFERENCE = 400, SLIDING_N = 2000, SLIDING_CHANGE = 1200 };

typedef kedge_status sliding_take(kedge_detector *d, const double *x, size_t n);

/* Whatever is wrong with a sample is said, and changes nothing. */
static inline void sliding_expect_refusals(sliding_take *take, kedge_detector *d, size_t bytes, double *sample)
{
    kedge_detector none = {NULL, NULL}, wrong = {&kedge_ddm, d->state};
    void *before = guard_copy(d->state, bytes);
    double good = sample[7];
    sample[7] = (double)NAN;
    assert_int_equal(take(d, sample, SLIDING_REFERENCE), KEDGE_ERR_NOT_FINITE);
    sample[7] = 1e200;
    assert_int_equal(take(d, sample, SLIDING_REFERENCE), KEDGE_ERR_RANGE);
    sample[7] = good;
    assert_int_equal(take(d, sample, SLIDING_REFERENCE - 1), KEDGE_ERR_SHAPE);
    assert_int_equal(take(d, NULL, SLIDING_REFERENCE), KEDGE_ERR_NULL);
    assert_int_equal(take(NULL, sample, SLIDING_REFERENCE), KEDGE_ERR_NULL);
    assert_int_equal(take(&none, sample, SLIDING_REFERENCE), KEDGE_ERR_NULL);
    assert_int_equal(take(&wrong, sample, SLIDING_REFERENCE), KEDGE_ERR_CLASS);
    assert_memory_equal(before, d->state, bytes);
    guard_free(before);
}

/* A given sample of 400 is the reference, whatever its order, as if it had been learned; what comes of a mean that moves by one
 * deviation. */
static inline void sliding_expect_reference(const kedge_detector_config *cfg, sliding_take *take, double share)
{
    static double sample[SLIDING_REFERENCE], x[SLIDING_N];
    size_t bytes = kedge_detector_size(cfg);
    unsigned char *mem = guard_new(bytes, 0);
    unsigned char *learned = guard_new(bytes, 0);
    kedge_detector d, other;
    kedge_alarm a;
    size_t at = 0;
    fill_normal(sample, SLIDING_REFERENCE, 5, 1, 1);
    fill_normal(x, SLIDING_N, 5, 1, 2);
    for (size_t i = SLIDING_CHANGE; i < SLIDING_N; i++)
        x[i] += 1;
    assert_int_equal(kedge_detector_init(&d, cfg, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_detector_init(&other, cfg, learned, bytes), KEDGE_OK);
    assert_int_equal(take(&d, sample, SLIDING_REFERENCE), KEDGE_OK);
    for (size_t i = 0; i < SLIDING_REFERENCE; i++)
        assert_int_equal(kedge_detector_update(&other, sample[SLIDING_REFERENCE - 1 - i]), KEDGE_OK);
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    sliding_expect_refusals(take, &d, bytes, sample);
    for (size_t i = 0; i < SLIDING_N && at == 0; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        assert_int_equal(st, kedge_detector_update(&other, x[i]));
        at = st == KEDGE_DRIFT ? i : 0;
    }
    assert_true(at > SLIDING_CHANGE && at < SLIDING_CHANGE + 200);
    assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
    assert_true(a.changed_at > SLIDING_CHANGE - 30 && a.changed_at < SLIDING_CHANGE + 40);
    assert_close(a.mean_before, 5, 0.1);
    assert_close(a.mean_after, 6, share);
    guard_free(mem);
    guard_free(learned);
}

#endif
