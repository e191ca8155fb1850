/* SPDX-License-Identifier: MIT */
/* What the tests of calibration share. */
#ifndef KEDGE_TESTS_CALIBRATED_H
#define KEDGE_TESTS_CALIBRATED_H

#include "support.h"

typedef union any_config {
    kedge_detector_config base;
    double align;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} any_config;

static union {
    double align;
    unsigned char bytes[1024];
} stream_memory;

static inline kedge_stream quiet(uint32_t distribution, double level, uint64_t seed)
{
    kedge_series_config cfg = kedge_series_defaults();
    kedge_stream s = {NULL, NULL};
    cfg.base.pattern = KEDGE_CHANGE_NONE;
    cfg.base.seed = seed;
    cfg.distribution = distribution;
    cfg.level_before = level;
    cfg.shape = 0.7;
    assert_int_equal(kedge_stream_init(&s, &cfg.base, &stream_memory, sizeof stream_memory), KEDGE_OK);
    return s;
}

typedef kedge_status verb(any_config *cfg, const kedge_calibration *how, void *work, size_t bytes, kedge_calibration_report *out);

static inline kedge_status set(any_config *cfg, const kedge_calibration *how, void *work, size_t bytes,
                               kedge_calibration_report *out)
{
    return kedge_calibrate(&cfg->base, how, work, bytes, out);
}

static inline kedge_status measure(any_config *cfg, const kedge_calibration *how, void *work, size_t bytes,
                                   kedge_calibration_report *out)
{
    return kedge_measure_arl(&cfg->base, how, work, bytes, out);
}

/* In exactly as much memory as is asked for, dirty. */
static inline kedge_status run(verb *v, any_config *cfg, const kedge_calibration *how, kedge_calibration_report *out)
{
    size_t bytes = kedge_calibrate_work(&cfg->base, how);
    assert_true(bytes > 0);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = v(cfg, how, work, bytes, out);
    guard_free(work);
    return st;
}

static inline double read_number(const any_config *cfg, uint32_t offset)
{
    double x;
    memcpy(&x, cfg->bytes + offset, sizeof x);
    return x;
}

/* Errors at a rate of 0.2; codes of a classifier's decisions; codes of MD3's rows and labels. */
static const double errors[] = {1.0, 0.0, 0.0, 0.0, 0.0};
static const double decisions[] = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 3.0};
static const double labelled[] = {0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0};

#endif
