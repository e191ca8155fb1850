/* SPDX-License-Identifier: MIT */
/* What the tests of latencies share. */
#ifndef KEDGE_TESTS_LATENCIES_H
#define KEDGE_TESTS_LATENCIES_H

#include "support.h"

#include "metrics/latency_state.h"

enum { N_VALUES = 3000 };

static uint64_t values[N_VALUES];

typedef struct subject {
    kedge_metric m;
    size_t bytes;
} subject;

static inline subject ranged(uint64_t lowest, uint64_t highest, uint32_t digits)
{
    kedge_latency_config cfg = kedge_latency_defaults();
    subject s = {{NULL, NULL}, 0};
    cfg.lowest = lowest;
    cfg.highest = highest;
    cfg.digits = digits;
    s.bytes = kedge_metric_size(&cfg.base);
    assert_true(s.bytes > 0);
    assert_int_equal(kedge_metric_init(&s.m, &cfg.base, guard_new(s.bytes, 0xA5), s.bytes), KEDGE_OK);
    return s;
}

static inline subject latency(uint64_t highest, uint32_t digits)
{
    return ranged(1, highest, digits);
}

static inline uint64_t quantile(const kedge_metric *m, double q)
{
    uint64_t ns = 0;
    assert_int_equal(kedge_latency_quantile(m, q, &ns), KEDGE_OK);
    return ns;
}

#endif
