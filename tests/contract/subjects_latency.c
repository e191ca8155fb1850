/* SPDX-License-Identifier: MIT */
/* Latency, its shared recorder, throughput and backlog in the contract. */
#include "subjects.h"

enum { N_TIMES = 300, N_BATCH = 500 };

static void config_latency(any_config *cfg)
{
    kedge_latency_config c = kedge_latency_defaults();
    c.highest = 100000;
    c.digits = 1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_window(any_config *cfg)
{
    kedge_latency_config c = kedge_latency_defaults();
    c.highest = 5000;
    c.lowest = 100;
    c.digits = 1;
    c.over = KEDGE_OVER_WINDOW;
    c.window_ns = 1000;
    c.n_slots = 3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_latency(any_config *cfg, size_t i)
{
    SPOIL(kedge_latency_config, BAD(c->digits = 0) BAD(c->digits = 6) BAD(c->digits = UINT32_MAX) BAD(c->highest = 0)
          BAD(c->highest = 999) BAD(c->highest = UINT64_MAX) BAD(c->lowest = 0) BAD(c->lowest = c->highest / 2 + 1)
          BAD(c->highest = (uint64_t)1 << 62; c->lowest = ((uint64_t)1 << 40) + 1) BAD(c->over = 0) BAD(c->over = KEDGE_OVER_FADING)
          BAD(c->over = KEDGE_OVER_TUMBLING) BAD(c->n_slots = 0) BAD(c->n_slots = (1u << 16) + 1) BAD(c->window_ns = c->n_slots - 1)
          BAD(c->window_ns = ((uint64_t)1 << 62) + 1) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static uint64_t duration(size_t i)
{
    kedge_rng rng = {i + 5};
    return kedge_rng_next(&rng) >> (44 + kedge_rng_below(&rng, 20));
}

/* A forged state may be full: it refuses, and no more. */
static void feed_latency(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_latency_record(&h->metric, duration(i));
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
    }
}

static void feed_latency_many(handle *h, size_t from, size_t to)
{
    uint64_t *ns = guard_new((to - from) * sizeof *ns, 0);
    for (size_t i = from; i < to; i++)
        ns[i - from] = duration(i);
    assert_int_equal(kedge_latency_record_many(&h->metric, ns, to - from), KEDGE_OK);
    guard_free(ns);
}

/* All ways to record, while time goes on and at times leaps. */
static void feed_window(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_latency_advance(&h->metric, 90 * i + i / 50 * 5000);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
        st = kedge_latency_record_expected(&h->metric, duration(i) % 7000, 400 + i);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
        st = kedge_latency_record_times(&h->metric, duration(i + 7) % 7000, i % 4);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
    }
}

static void config_shared(any_config *cfg)
{
    kedge_latency_shared_config c = kedge_latency_shared_defaults();
    c.highest = 5000;
    c.lowest = 100;
    c.digits = 1;
    c.n_lanes = 2;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_shared(any_config *cfg, size_t i)
{
    SPOIL(kedge_latency_shared_config, BAD(c->digits = 0) BAD(c->digits = 6) BAD(c->highest = 999) BAD(c->highest = UINT64_MAX)
          BAD(c->lowest = 0) BAD(c->lowest = c->highest / 2 + 1) BAD(c->n_lanes = 0) BAD(c->n_lanes = 1025)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void feed_shared(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_int_equal(kedge_latency_shared_record(&h->metric, (uint32_t)i, duration(i) % 7000), KEDGE_OK);
}

static void config_throughput(any_config *cfg)
{
    kedge_throughput_config c = kedge_throughput_defaults();
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_throughput(any_config *cfg, size_t i)
{
    SPOIL(kedge_throughput_config, BAD(c->half_life_ns = 0) BAD(c->half_life_ns = 999) BAD(c->half_life_ns = UINT64_MAX)
          BAD(c->peak_ns = 999) BAD(c->peak_ns = UINT64_MAX) BAD(c->n_horizons = 9) BAD(c->n_horizons = UINT32_MAX)
          BAD(c->n_horizons = 5) BAD(c->horizon_ns[0] = 999) BAD(c->horizon_ns[3] = UINT64_MAX)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* A forged state may hold any time: a clock that seems to go back is refused, and no more. */
static void feed_throughput(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_throughput_record(&h->metric, 100000000 * (i + 1), i % 4);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
    }
}

static void config_backlog(any_config *cfg)
{
    kedge_backlog_config c = kedge_backlog_defaults();
    c.capacity = 5;
    c.n_servers = 2;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_backlog(any_config *cfg, size_t i)
{
    SPOIL(kedge_backlog_config, BAD(c->capacity = 0) BAD(c->capacity = (1u << 24) + 1) BAD(c->n_servers = 0)
          BAD(c->n_servers = (1u << 31) + 1) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void feed_backlog(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_backlog_arrive(&h->metric, i * i % 7, 10 * i);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
        st = kedge_backlog_done(&h->metric, i * i % 5, 10 * i + 3);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
    }
}

static const subject subjects[] = {
    {"backlog", &noun_metric, config_backlog, spoil_backlog, feed_backlog, NULL, N_TIMES},
    {"latency", &noun_metric, config_latency, spoil_latency, feed_latency, feed_latency_many, N_BATCH},
    {"latency in a window", &noun_metric, config_window, spoil_latency, feed_window, NULL, N_TIMES},
    {"latency, shared", &noun_metric, config_shared, spoil_shared, feed_shared, NULL, N_TIMES},
    {"throughput", &noun_metric, config_throughput, spoil_throughput, feed_throughput, NULL, 100},
};

const subject_group group_latency = {subjects, sizeof subjects / sizeof *subjects};
