/* SPDX-License-Identifier: MIT */
/* What is known of a model without labels, and objectives, in the contract's shape: bad input, and what read-outs must say whatever
 * the state. */
#include <math.h>

#include "contract.h"

static void refuse_cbpe(kedge_metric *m, int is_it)
{
    const double p[3] = {0.5, 0.5, 0}, bad[3] = {0.5, 0.5, 0.5};
    const uint32_t d = 0;
    kedge_rows rows = kedge_rows_float64(p, 1, 3);
    kedge_cbpe_report report;
    kedge_cbpe_class_report of_class;
    double cell;
    size_t used;
    if (!is_it) {
        assert_int_equal(kedge_cbpe_record(m, 0, p, 3, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_cbpe_record_many(m, &d, &rows, NULL, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_cbpe_read(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_cbpe_read_class(m, 0, &of_class), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_cbpe_read_cell(m, 0, 0, &cell), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_cbpe_record(NULL, 0, p, 3, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cbpe_record(m, 0, NULL, 3, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cbpe_record(m, 0, p, 2, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_cbpe_record(m, 3, p, 3, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cbpe_record(m, 0, bad, 3, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cbpe_record(m, 0, p, 3, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_cbpe_record_many(m, NULL, &rows, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cbpe_record_many(m, &d, NULL, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cbpe_record_many(m, &d, &rows, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cbpe_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cbpe_read_class(m, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cbpe_read_class(m, 99, &of_class), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cbpe_read_cell(m, 0, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cbpe_read_cell(m, 99, 0, &cell), KEDGE_ERR_RANGE);
    rows.type = 9;
    assert_int_equal(kedge_cbpe_record_many(m, &d, &rows, NULL, &used), KEDGE_ERR_SHAPE);
}

static void refuse_dle(kedge_metric *m, int is_it)
{
    const double x[1] = {0};
    kedge_dle_report report;
    size_t used;
    if (!is_it) {
        assert_int_equal(kedge_dle_record(m, 0, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_dle_record_many(m, x, NULL, 1, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_dle_ask(m, NULL, x, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_dle_read(m, &report), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_dle_record(NULL, 0, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dle_record(m, 1e101, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dle_record(m, (double)NAN, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_dle_record(m, 0, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dle_record_many(m, NULL, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dle_record_many(m, x, NULL, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dle_ask(m, NULL, x, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dle_read(m, NULL), KEDGE_ERR_NULL);
}

static void refuse_joiner(kedge_metric *m, int is_it)
{
    kedge_prediction p = {1, UINT64_MAX, 0, 0, 1};
    kedge_joined pair;
    kedge_joiner_report report;
    if (!is_it) {
        assert_int_equal(kedge_joiner_add(m, &p), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_joiner_join(m, 1, 1, 0, &pair), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_joiner_expire(m, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_joiner_find(m, 1, &p), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_joiner_oldest(m, &p), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_joiner_read(m, &report), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_joiner_add(NULL, &p), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_add(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_add(m, &p), KEDGE_ERR_RANGE);
    p.weight = (double)NAN;
    assert_int_equal(kedge_joiner_add(m, &p), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_joiner_join(m, 1, 1u << 30, (double)INFINITY, &pair), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_joiner_join(m, 1, 1u << 30, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_join(m, 12345678901, 1u << 30, 0, &pair), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_joiner_expire(m, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_joiner_find(m, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_oldest(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_read(m, NULL), KEDGE_ERR_NULL);
}

static void refuse_slo(kedge_metric *m, int is_it)
{
    kedge_slo_report report;
    if (!is_it) {
        assert_int_equal(kedge_slo_record(m, 1, 0), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_slo_record_many(m, 1, 1, 0), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_slo_read(m, &report), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_slo_record(NULL, 1, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_slo_record_many(NULL, 1, 1, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_slo_record_many(m, UINT64_MAX, 0, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_slo_record_many(m, 0, UINT64_MAX, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_slo_read(m, NULL), KEDGE_ERR_NULL);
}

void refuse_estimates(kedge_metric *m, const kedge_metric_class *cls)
{
    refuse_cbpe(m, cls == &kedge_cbpe);
    refuse_dle(m, cls == &kedge_dle);
    refuse_joiner(m, cls == &kedge_joiner);
    refuse_slo(m, cls == &kedge_slo);
}

static int is_share(double x)
{
    return x >= 0 && x <= 1;
}

static void read_cbpe(const kedge_metric *m)
{
    kedge_cbpe_report r;
    kedge_cbpe_class_report c;
    double cell;
    kedge_status st = kedge_cbpe_read(m, &r);
    assert_int_equal(kedge_cbpe_read_class(m, 1, &c), st);
    assert_int_equal(kedge_cbpe_read_cell(m, 1, 0, &cell), KEDGE_OK);
    if (st == KEDGE_OK) {
        assert_true(is_share(r.accuracy) && is_share(r.f1_macro) && r.accuracy_low <= r.accuracy && r.accuracy <= r.accuracy_high);
        assert_true(is_share(c.precision) && is_share(c.recall) && is_share(c.specificity) && is_share(c.f1));
        assert_true(c.precision_error >= 0 && c.recall_error >= 0 && c.specificity_error >= 0 && c.f1_error >= 0);
    } else {
        assert_true(st == KEDGE_EMPTY && isnan(r.accuracy) && isnan(r.f1_macro) && isnan(c.recall));
    }
}

static void read_dle(const kedge_metric *m)
{
    kedge_dle_report r;
    kedge_status st = kedge_dle_read(m, &r);
    if (st == KEDGE_OK)
        assert_true(r.mean >= 0 && r.low >= 0 && r.low <= r.mean && r.mean <= r.high && isfinite(r.high) && r.deviation >= 0);
    else
        assert_true(st == KEDGE_EMPTY && isnan(r.mean) && isnan(r.high));
}

static void read_joiner(const kedge_metric *m)
{
    kedge_joiner_report r;
    kedge_prediction p, found;
    kedge_status st = kedge_joiner_read(m, &r);
    assert_int_equal(st, r.n_joined ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(r.n_added, r.n_joined + r.n_expired + r.n_evicted + r.n_waiting);
    assert_true(st == KEDGE_OK ? r.delay_mean >= 0 : isnan(r.delay_mean));
    assert_int_equal(kedge_joiner_oldest(m, &p), r.n_waiting ? KEDGE_OK : KEDGE_EMPTY);
    if (r.n_waiting == 0)
        return;
    assert_int_equal(kedge_joiner_find(m, p.id, &found), KEDGE_OK);
    assert_memory_equal(&found, &p, sizeof p);
    assert_int_equal(p.made_at, r.oldest_at);
}

static void read_slo(const kedge_metric *m)
{
    kedge_slo_report r;
    kedge_status st = kedge_slo_read(m, &r);
    assert_int_equal(st, r.n_good + r.n_bad > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_true(r.status == KEDGE_OK ? r.alerts == 0 : r.alerts != 0 && r.alerts < 16);
    if (st == KEDGE_OK)
        assert_true(isfinite(r.budget) && r.spent >= 0 && r.left <= 1 && r.exhausted_ns >= 0);
    else
        assert_true(r.budget == 0 && isnan(r.spent) && isnan(r.left) && isnan(r.exhausted_ns) && r.status == KEDGE_OK);
}

int read_estimates(const kedge_metric *m, const kedge_metric_class *cls)
{
    if (cls == &kedge_cbpe)
        read_cbpe(m);
    else if (cls == &kedge_dle)
        read_dle(m);
    else if (cls == &kedge_joiner)
        read_joiner(m);
    else if (cls == &kedge_slo)
        read_slo(m);
    else
        return 0;
    return 1;
}
