/* SPDX-License-Identifier: MIT */
/* Latency, its shared recorder, throughput and backlog in the contract's shape: bad input, and what read-outs must say whatever the
 * state. */
#include <math.h>

#include "contract.h"

static void refuse_latency(kedge_metric *m, int is_it)
{
    kedge_latency_report report;
    double share;
    uint64_t ns, n;
    if (!is_it) {
        assert_int_equal(kedge_latency_record(m, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_record_many(m, NULL, 0), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_record_times(m, 1, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_record_expected(m, 1, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_advance(m, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_quantile(m, 0.5, &ns), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_share(m, 1, &share), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_count(m, 1, 1, &n), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_read(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_read_life(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_copy(m, 0, m), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_latency_record(NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_record_many(m, NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_record_times(m, 1, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_record_expected(m, UINT64_MAX, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_quantile(m, -0.1, &ns), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_quantile(m, 1.1, &ns), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_quantile(m, (double)NAN, &ns), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_latency_quantile(m, 0.5, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_share(m, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_count(m, 1, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_count(m, 1, 0, &n), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_read_life(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_copy(m, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_copy(m, 0, m), KEDGE_ERR_CONFIG);
}

static void refuse_shared(kedge_metric *m, int is_it)
{
    if (!is_it) {
        assert_int_equal(kedge_latency_shared_record(m, 0, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_latency_shared_collect(m, m), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_latency_shared_record(NULL, 0, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_shared_collect(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_shared_collect(m, m), KEDGE_ERR_CLASS);
}

static void refuse_throughput(kedge_metric *m, int is_it)
{
    kedge_throughput_report report;
    if (!is_it) {
        assert_int_equal(kedge_throughput_record(m, 1, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_throughput_read(m, &report), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_throughput_record(NULL, 1, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_throughput_read(m, NULL), KEDGE_ERR_NULL);
}

static void refuse_backlog(kedge_metric *m, int is_it)
{
    kedge_backlog_report report;
    if (!is_it) {
        assert_int_equal(kedge_backlog_arrive(m, 1, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_backlog_done(m, 1, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_backlog_read(m, &report), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_backlog_arrive(NULL, 1, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_backlog_done(m, UINT64_MAX, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_backlog_arrive(m, UINT64_MAX, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_backlog_read(m, NULL), KEDGE_ERR_NULL);
}

void refuse_latencies(kedge_metric *m, const kedge_metric_class *cls)
{
    refuse_latency(m, cls == &kedge_latency);
    refuse_shared(m, cls == &kedge_latency_shared);
    refuse_throughput(m, cls == &kedge_throughput);
    refuse_backlog(m, cls == &kedge_backlog);
}

static void read_latency(const kedge_metric *m)
{
    kedge_latency_report r, life;
    uint64_t ns = 0, n = 0;
    double share = 0;
    kedge_status st = kedge_latency_read(m, &r);
    assert_int_equal(st, r.n > 0 ? KEDGE_OK : KEDGE_EMPTY);
    kedge_status of_life = kedge_latency_read_life(m, &life);
    assert_int_equal(of_life, life.n > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(kedge_latency_quantile(m, 0.5, &ns), st);
    assert_true(ns == r.p50 && r.min <= r.p50 && r.p50 <= r.p90 && r.p90 <= r.p99 && r.p99 <= r.p999 && r.p999 <= r.p9999);
    assert_true(r.p9999 <= r.max && r.n <= life.n && r.n_above + r.n_below <= r.n);
    assert_true(st == KEDGE_OK ? isfinite(r.mean) && r.deviation >= 0 : isnan(r.mean) && isnan(r.deviation));
    assert_int_equal(kedge_latency_share(m, r.max, &share), st);
    assert_true(st == KEDGE_OK ? share == 1 : isnan(share));
    assert_int_equal(kedge_latency_count(m, 0, UINT64_MAX, &n), KEDGE_OK);
    assert_true(n == r.n);
}

static void read_throughput(const kedge_metric *m)
{
    kedge_throughput_report r;
    kedge_status st = kedge_throughput_read(m, &r);
    assert_int_equal(st, r.elapsed_ns > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_true(st == KEDGE_OK ? r.per_second >= 0 && r.recent_per_second >= 0 && r.horizons[0] >= 0 : isnan(r.horizons[0]));
    assert_true(isnan(r.horizons[7]) && (isnan(r.peak_per_second) || r.peak_per_second >= 0));
}

static void read_backlog(const kedge_metric *m)
{
    kedge_backlog_report r;
    kedge_status st = kedge_backlog_read(m, &r);
    assert_int_equal(st, r.elapsed_ns > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_true(r.depth == r.n_arrived - r.n_done && r.depth <= r.depth_max);
    assert_true(r.oldest_ns <= r.oldest_max_ns && r.oldest_max_ns <= r.elapsed_ns);
    assert_true(st == KEDGE_OK ? r.utilisation >= 0 && r.utilisation <= 1 && r.depth_mean >= 0 : isnan(r.depth_mean));
}

int read_latencies(const kedge_metric *m, const kedge_metric_class *cls)
{
    if (cls == &kedge_latency)
        read_latency(m);
    else if (cls == &kedge_throughput)
        read_throughput(m);
    else if (cls == &kedge_backlog)
        read_backlog(m);
    else
        return cls == &kedge_latency_shared; /* it has nothing to read */
    return 1;
}
