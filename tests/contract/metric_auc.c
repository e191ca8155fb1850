/* SPDX-License-Identifier: MIT */
/* The areas under the ROC curve in the contract's shape: bad input, and what read-outs must say whatever the state. */
#include <math.h>

#include "contract.h"

static void refuse_auc_window(kedge_metric *m, int is_it)
{
    static _Alignas(8) unsigned char work[8];
    const uint8_t y[1] = {0};
    const double x[1] = {0};
    kedge_auc_window_report report;
    kedge_ranking_report ranking;
    size_t used;
    if (!is_it) {
        assert_int_equal(kedge_auc_window_record(m, 0, 0), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_auc_window_record_many(m, y, x, 1, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_auc_window_read(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_auc_window_measure(m, NULL, work, sizeof work, &ranking), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_auc_window_record(NULL, 0, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_window_record(m, 2, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_window_record(m, 0, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_window_record(m, 0, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_window_record_many(m, NULL, x, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_window_record_many(m, y, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_window_record_many(m, y, x, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_window_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_window_measure(m, NULL, NULL, 0, &ranking), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_window_measure(m, NULL, work, sizeof work, &ranking), KEDGE_ERR_BUFFER);
}

static void refuse_auc_stream(kedge_metric *m, int is_it)
{
    const uint8_t y[1] = {0};
    const double x[1] = {0};
    kedge_auc_stream_report report;
    size_t used;
    if (!is_it) {
        assert_int_equal(kedge_auc_stream_record(m, 0, 0, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_auc_stream_record_many(m, y, x, NULL, 1, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_auc_stream_expect(m, 0, 0, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_auc_stream_read(m, &report), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_auc_stream_record(NULL, 0, 0, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_stream_record(m, 2, 0, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_stream_record(m, 0, 0, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_stream_record(m, 0, (double)NAN, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_stream_record(m, 0, 0, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_stream_expect(m, 0, 1.5, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_stream_expect(m, (double)NAN, 0.5, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_stream_record_many(m, NULL, x, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_stream_record_many(m, y, NULL, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_stream_record_many(m, y, x, NULL, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_stream_read(m, NULL), KEDGE_ERR_NULL);
}

void refuse_auc(kedge_metric *m, const kedge_metric_class *cls)
{
    refuse_auc_stream(m, cls == &kedge_auc_stream);
    refuse_auc_window(m, cls == &kedge_auc_window);
}

static void read_auc_window(const kedge_metric *m)
{
    static _Alignas(8) unsigned char work[1 << 16];
    kedge_auc_window_report r;
    kedge_ranking_report all;
    kedge_status st = kedge_auc_window_read(m, &r);
    assert_true(st == KEDGE_OK ? r.auc >= 0 && r.auc <= 1 : st == KEDGE_EMPTY && isnan(r.auc));
    assert_int_equal(r.positives + r.negatives, r.n);
    if (kedge_ranking_work((size_t)r.n) > sizeof work)
        return;
    assert_int_equal(kedge_auc_window_measure(m, NULL, work, sizeof work, &all), st);
    assert_true(st != KEDGE_OK || fabs(all.auc - r.auc) < 1e-12);
}

static void read_auc_stream(const kedge_metric *m)
{
    kedge_auc_stream_report r;
    kedge_status st = kedge_auc_stream_read(m, &r);
    if (st == KEDGE_OK)
        assert_true(r.auc >= 0 && r.auc <= 1 && r.auc_error >= 0 && r.auc_error <= 0.5 && r.average_precision_low >= 0 &&
                    r.average_precision_low <= r.average_precision_high && r.average_precision_high <= 1);
    else
        assert_true(st == KEDGE_EMPTY && isnan(r.auc) && isnan(r.auc_error) && isnan(r.average_precision));
}

int read_auc(const kedge_metric *m, const kedge_metric_class *cls)
{
    if (cls == &kedge_auc_stream)
        read_auc_stream(m);
    else if (cls == &kedge_auc_window)
        read_auc_window(m);
    else
        return 0;
    return 1;
}
