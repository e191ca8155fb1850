/* SPDX-License-Identifier: MIT */
/* Detectors in the contract's shape: how they are fed, read and offered bad input. */
#include <math.h>

#include "contract.h"

static size_t detector_size(const any_config *cfg)
{
    return kedge_detector_size(cfg ? &cfg->detector : NULL);
}

static kedge_status detector_init(handle *h, const any_config *cfg, void *mem, size_t bytes)
{
    return kedge_detector_init(h ? &h->detector : NULL, cfg ? &cfg->detector : NULL, mem, bytes);
}

static const kedge_detector_class *detector_class_of(const subject *s)
{
    any_config cfg;
    s->config(&cfg);
    return cfg.detector.cls;
}

static kedge_status detector_open(handle *h, const subject *s, void *mem, size_t bytes)
{
    return kedge_detector_open(h ? &h->detector : NULL, detector_class_of(s), mem, bytes);
}

static kedge_status detector_check(const handle *h)
{
    return kedge_detector_check(h ? &h->detector : NULL);
}

static kedge_status detector_reset(handle *h)
{
    return kedge_detector_reset(h ? &h->detector : NULL);
}

static kedge_status detector_save(const handle *h, void *buf, size_t cap, size_t *len)
{
    return kedge_detector_save(h ? &h->detector : NULL, buf, cap, len);
}

static kedge_status detector_load_size(const subject *s, const void *buf, size_t len, size_t *bytes)
{
    return kedge_detector_load_size(detector_class_of(s), buf, len, bytes);
}

static kedge_status detector_load(handle *h, const subject *s, void *mem, size_t bytes, const void *buf, size_t len)
{
    return kedge_detector_load(h ? &h->detector : NULL, detector_class_of(s), mem, bytes, buf, len);
}

static void detector_refusals(handle *h, const subject *s)
{
    kedge_detector *d = &h->detector;
    kedge_detector none = {NULL, NULL};
    const kedge_detector_class *cls = detector_class_of(s);
    const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    double out_of_range[] = {nextafter(cls->input_high, INFINITY), nextafter(cls->input_low, -INFINITY), 1.7e308, -1.7e308};
    double x[2] = {0.5, 0.5};
    uint8_t signals[2] = {9, 9};
    size_t used = 77;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kedge_detector_update(d, bad[i]), KEDGE_ERR_NOT_FINITE);
        assert_int_equal(kedge_detector_update_many(d, &bad[i], 1, &used), KEDGE_ERR_NOT_FINITE);
        assert_int_equal(used, 0);
        assert_int_equal(kedge_detector_signal_many(d, &bad[i], 1, signals, &used), KEDGE_ERR_NOT_FINITE);
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(kedge_detector_update(d, out_of_range[i]), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_detector_update(NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_update(&none, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_update_many(NULL, x, 2, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_update_many(d, NULL, 2, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_update_many(d, x, 2, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_update_many(d, NULL, 0, &used), KEDGE_OK);
    assert_int_equal(used, 0);
    assert_int_equal(kedge_detector_signal_many(NULL, x, 2, signals, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_signal_many(d, NULL, 2, signals, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_signal_many(d, x, 2, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_signal_many(d, x, 2, signals, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_signal_many(d, NULL, 0, NULL, &used), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(d, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_alarm(d, NULL), KEDGE_ERR_NULL);
    assert_int_equal(signals[0], 9);
}

static void detector_read(const handle *h, const subject *s)
{
    kedge_estimate e;
    kedge_alarm a;
    kedge_status st = kedge_detector_estimate(&h->detector, &e);
    assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
    assert_true((st == KEDGE_EMPTY) == (e.width == 0));
    if (st == KEDGE_OK) {
        if (!(isfinite(e.mean) && e.variance >= 0 && isfinite(e.variance) && isfinite(e.statistic)))
            fail_msg("%s: mean %g, variance %g, statistic %g", s->name, e.mean, e.variance, e.statistic);
        assert_true(e.width <= e.n_seen);
    } else {
        assert_true(isnan(e.mean) && isnan(e.variance) && isnan(e.statistic));
    }
    st = kedge_detector_alarm(&h->detector, &a);
    assert_int_equal(st, e.n_drifts > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(kedge_detector_estimate(NULL, &e), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_alarm(NULL, &a), KEDGE_ERR_NULL);
}

void feed_detector(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_true(kedge_detector_update(&h->detector, contract_value(i)) >= 0);
}

/* Alternates the two batch forms. */
void feed_detector_many(handle *h, size_t from, size_t to)
{
    size_t n = to - from, done = 0, used;
    double *x = guard_new(n * sizeof *x, 0);
    uint8_t *signals = guard_new(n, 0);
    for (size_t i = 0; i < n; i++)
        x[i] = contract_value(from + i);
    if (from % 2 == 0) {
        assert_true(kedge_detector_signal_many(&h->detector, x, n, signals, &used) >= 0);
        assert_int_equal(used, n);
    } else {
        while (done < n) {
            kedge_status st = kedge_detector_update_many(&h->detector, x + done, n - done, &used);
            assert_true(st >= 0 && used > 0 && (st == KEDGE_DRIFT || used == n - done));
            done += used;
        }
    }
    guard_free(signals);
    guard_free(x);
}

const noun noun_detector = {detector_size, detector_init,      detector_open, detector_check,     detector_reset,
                            detector_save, detector_load_size, detector_load, detector_refusals, detector_read};
