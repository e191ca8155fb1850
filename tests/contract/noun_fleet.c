/* SPDX-License-Identifier: MIT */
/* Fleets in the contract's shape. Observation i of the contract is tick i: every stream gets a value of its own, some get none. */
#include <math.h>

#include "contract.h"

enum { CONTRACT_MAX_STREAMS = 80 };

static size_t fleet_size(const any_config *cfg)
{
    return kedge_fleet_size(cfg ? &cfg->fleet : NULL);
}

static kedge_status fleet_init(handle *h, const any_config *cfg, void *mem, size_t bytes)
{
    return kedge_fleet_init(h ? &h->fleet : NULL, cfg ? &cfg->fleet : NULL, mem, bytes);
}

static const kedge_fleet_class *fleet_class_of(const subject *s)
{
    any_config cfg;
    s->config(&cfg);
    return cfg.fleet.cls;
}

static kedge_status fleet_open(handle *h, const subject *s, void *mem, size_t bytes)
{
    return kedge_fleet_open(h ? &h->fleet : NULL, fleet_class_of(s), mem, bytes);
}

static kedge_status fleet_check(const handle *h)
{
    return kedge_fleet_check(h ? &h->fleet : NULL);
}

static kedge_status fleet_reset(handle *h)
{
    return kedge_fleet_reset(h ? &h->fleet : NULL);
}

static kedge_status fleet_save(const handle *h, void *buf, size_t cap, size_t *len)
{
    return kedge_fleet_save(h ? &h->fleet : NULL, buf, cap, len);
}

static kedge_status fleet_load_size(const subject *s, const void *buf, size_t len, size_t *bytes)
{
    return kedge_fleet_load_size(fleet_class_of(s), buf, len, bytes);
}

static kedge_status fleet_load(handle *h, const subject *s, void *mem, size_t bytes, const void *buf, size_t len)
{
    return kedge_fleet_load(h ? &h->fleet : NULL, fleet_class_of(s), mem, bytes, buf, len);
}

/* Zeros and ones, in range for every class. */
static void fleet_tick(double *x, size_t n, size_t tick)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (tick + i) % 11 == 10 ? (double)NAN : contract_value(tick * 3 + i * 17);
}

static void fleet_refusals(handle *h, const subject *s)
{
    kedge_fleet *f = &h->fleet, none = {NULL, NULL};
    double x[CONTRACT_MAX_STREAMS];
    uint8_t signals[CONTRACT_MAX_STREAMS], before[CONTRACT_MAX_STREAMS];
    uint32_t work[CONTRACT_MAX_STREAMS], n = kedge_fleet_streams(f);
    size_t found;
    kedge_estimate e;
    kedge_alarm a;
    (void)s;
    fleet_tick(x, n, 0);
    memset(signals, 0x33, sizeof signals);
    memcpy(before, signals, sizeof before);
    for (size_t i = 0; i < 3; i++) {
        static const double bad[] = {INFINITY, -INFINITY, 1e101};
        double keep = x[n - 1];
        x[n - 1] = bad[i];
        kedge_fleet_news news;
        assert_int_equal(kedge_fleet_update(f, x, n, signals, &news), i < 2 ? KEDGE_ERR_NOT_FINITE : KEDGE_ERR_RANGE);
        assert_true(news.refused == n - 1 && news.n_ticks == 0 && news.n_observed == 0);
        x[n - 1] = keep;
    }
    assert_int_equal(kedge_fleet_update(NULL, x, n, signals, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fleet_update(&none, x, n, signals, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fleet_update(f, NULL, n, signals, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fleet_update(f, x, n, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fleet_update(f, x, n + 1, signals, NULL), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_fleet_update_many(f, NULL, 1, signals, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fleet_estimate(f, n, &e), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_fleet_estimate(f, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fleet_alarm(f, UINT32_MAX, &a), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_fleet_alarm(&none, 0, &a), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fleet_reset_one(f, n), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_fleet_reset_one(&none, 0), KEDGE_ERR_NULL);
    assert_true(kedge_fleet_discover(f, 0.0, 0, work, signals, &found) < 0);
    assert_true(kedge_fleet_discover(f, (double)NAN, 0, work, signals, &found) < 0);
    assert_true(kedge_fleet_log_evidence(f, 0, x, n + 1) < 0);
    assert_memory_equal(signals, before, sizeof before);
}

/* All read-outs. A forged state may hold any numbers in its alarms. */
static void fleet_read(const handle *h, const subject *s)
{
    const kedge_fleet *f = &h->fleet;
    double log_e[CONTRACT_MAX_STREAMS];
    uint32_t work[CONTRACT_MAX_STREAMS], n = kedge_fleet_streams(f);
    uint8_t discovered[CONTRACT_MAX_STREAMS];
    size_t found;
    (void)s;
    for (uint32_t i = 0; i < n; i++) {
        kedge_estimate e;
        kedge_alarm a;
        assert_true(kedge_fleet_estimate(f, i, &e) >= 0 && kedge_fleet_alarm(f, i, &a) >= 0);
        assert_true(e.width <= e.n_seen && e.n_drifts <= e.n_seen && e.n_warnings <= e.n_seen && a.changed_at <= a.at + 1);
    }
    kedge_status st = kedge_fleet_log_evidence(f, 0, log_e, n);
    assert_int_equal(st, f->cls->log_evidence ? KEDGE_OK : KEDGE_ERR_UNSUPPORTED);
    st = kedge_fleet_discover(f, 0.1, 1000, work, discovered, &found);
    assert_true(f->cls->log_evidence ? st >= 0 : st == KEDGE_ERR_UNSUPPORTED);
}

void feed_fleet(handle *h, size_t from, size_t to)
{
    double x[CONTRACT_MAX_STREAMS];
    uint8_t signals[CONTRACT_MAX_STREAMS];
    uint32_t n = kedge_fleet_streams(&h->fleet);
    for (size_t tick = from; tick < to; tick++) {
        fleet_tick(x, n, tick);
        assert_true(kedge_fleet_update(&h->fleet, x, n, signals, NULL) >= 0);
    }
}

void feed_fleet_many(handle *h, size_t from, size_t to)
{
    size_t n = kedge_fleet_streams(&h->fleet), n_ticks = to - from;
    double *x = guard_new(n_ticks * n * sizeof *x, 0);
    uint8_t *signals = guard_new(n_ticks * n, 7);
    for (size_t tick = 0; tick < n_ticks; tick++)
        fleet_tick(x + tick * n, n, from + tick);
    assert_true(kedge_fleet_update_many(&h->fleet, x, n_ticks, signals, NULL) >= 0);
    guard_free(signals);
    guard_free(x);
}

const noun noun_fleet = {fleet_size, fleet_init,      fleet_open, fleet_check,     fleet_reset,
                         fleet_save, fleet_load_size, fleet_load, fleet_refusals, fleet_read};
