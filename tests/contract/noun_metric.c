/* SPDX-License-Identifier: MIT */
/* Metrics in the contract's shape: how they are fed, read and offered bad input. */
#include <math.h>

#include "contract.h"

static size_t metric_size(const any_config *cfg)
{
    return kedge_metric_size(cfg ? &cfg->metric : NULL);
}

static kedge_status metric_init(handle *h, const any_config *cfg, void *mem, size_t bytes)
{
    return kedge_metric_init(h ? &h->metric : NULL, cfg ? &cfg->metric : NULL, mem, bytes);
}

static const kedge_metric_class *metric_class_of(const subject *s)
{
    any_config cfg;
    s->config(&cfg);
    return cfg.metric.cls;
}

static kedge_status metric_open(handle *h, const subject *s, void *mem, size_t bytes)
{
    return kedge_metric_open(h ? &h->metric : NULL, metric_class_of(s), mem, bytes);
}

static kedge_status metric_check(const handle *h)
{
    return kedge_metric_check(h ? &h->metric : NULL);
}

static kedge_status metric_reset(handle *h)
{
    return kedge_metric_reset(h ? &h->metric : NULL);
}

static kedge_status metric_save(const handle *h, void *buf, size_t cap, size_t *len)
{
    return kedge_metric_save(h ? &h->metric : NULL, buf, cap, len);
}

static kedge_status metric_load_size(const subject *s, const void *buf, size_t len, size_t *bytes)
{
    return kedge_metric_load_size(metric_class_of(s), buf, len, bytes);
}

static kedge_status metric_load(handle *h, const subject *s, void *mem, size_t bytes, const void *buf, size_t len)
{
    return kedge_metric_load(h ? &h->metric : NULL, metric_class_of(s), mem, bytes, buf, len);
}

static void refuse_profile(kedge_metric *m, const kedge_metric_class *cls)
{
    double x[2] = {1, (double)INFINITY}, share;
    kedge_rows rows = kedge_rows_float64(x, 2, 1);
    kedge_profile_report report;
    kedge_profile_shift shift;
    size_t used = 9;
    if (cls != &kedge_profile) {
        assert_int_equal(kedge_profile_record(m, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_profile_record_column(m, &rows, 0, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_profile_read(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_profile_quantile(m, 0.5, &share), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_profile_shares(m, x, &share, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_profile_compare(m, m, &shift), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_profile_record(NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_profile_record(m, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_profile_record(m, -1e71), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_profile_record_column(m, NULL, 0, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_profile_record_column(m, &rows, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_profile_record_column(m, &rows, 1, &used), KEDGE_ERR_SHAPE);
    rows = kedge_rows_float64(x + 1, 1, 1);
    assert_int_equal(kedge_profile_record_column(m, &rows, 0, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 0);
    rows.type = 9;
    assert_int_equal(kedge_profile_record_column(m, &rows, 0, &used), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_profile_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_profile_quantile(m, 0.5, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_profile_quantile(m, 1.5, &share), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_profile_quantile(m, (double)NAN, &share), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_profile_shares(m, NULL, &share, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_profile_shares(m, x, NULL, 1), KEDGE_ERR_NULL);
    x[0] = (double)NAN;
    assert_int_equal(kedge_profile_shares(m, x, &share, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_profile_compare(m, NULL, &shift), KEDGE_ERR_NULL);
    assert_int_equal(kedge_profile_compare(m, m, NULL), KEDGE_ERR_NULL);
}

static void refuse_categories(kedge_metric *m, const kedge_metric_class *cls)
{
    double x[2] = {1, (double)INFINITY};
    kedge_rows rows = kedge_rows_float64(x, 2, 1);
    kedge_categories_report report;
    kedge_categories_shift shift;
    kedge_category one;
    size_t used = 9;
    if (cls != &kedge_categories) {
        assert_int_equal(kedge_categories_record(m, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_categories_record_column(m, &rows, 0, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_categories_read(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_categories_top(m, &one, 1, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_categories_find(m, 1, &one), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_categories_compare(m, m, &shift), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_categories_record(NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_categories_record(m, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_categories_record(m, -1e301), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_categories_record_column(m, NULL, 0, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_categories_record_column(m, &rows, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_categories_record_column(m, &rows, 1, &used), KEDGE_ERR_SHAPE);
    rows = kedge_rows_float64(x + 1, 1, 1);
    assert_int_equal(kedge_categories_record_column(m, &rows, 0, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 0);
    rows.type = 9;
    assert_int_equal(kedge_categories_record_column(m, &rows, 0, &used), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_categories_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_categories_top(m, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_categories_top(m, &one, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_categories_find(m, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_categories_find(m, (double)NAN, &one), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_categories_compare(m, NULL, &shift), KEDGE_ERR_NULL);
    assert_int_equal(kedge_categories_compare(m, m, NULL), KEDGE_ERR_NULL);
}

static void read_categories(const kedge_metric *m)
{
    kedge_categories_report r;
    kedge_categories_shift shift;
    kedge_category top[3], one;
    size_t n;
    kedge_status st = kedge_categories_read(m, &r);
    assert_int_equal(st, r.n ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(kedge_categories_top(m, top, 3, &n), KEDGE_OK);
    assert_true(n <= r.n_categories && (n == 3 || n == r.n_categories) && r.n_other <= r.n);
    for (size_t i = 0; i < n; i++) {
        assert_true(top[i].count > 0 && top[i].count_max == top[i].count + r.error && (i == 0 || top[i].count <= top[i - 1].count));
        assert_int_equal(kedge_categories_find(m, top[i].code, &one), KEDGE_OK);
        assert_int_equal(one.count, top[i].count);
    }
    assert_int_equal(kedge_categories_compare(m, m, &shift), st);
    if (st == KEDGE_OK)
        assert_true(shift.chi_squared == 0 && shift.p_value == 1 && shift.total_variation == 0 && shift.psi == 0 &&
                    shift.unseen == 0);
    else
        assert_true(isnan(shift.chi_squared) && isnan(shift.p_value) && isnan(shift.where));
}

static void read_profile(const kedge_metric *m)
{
    kedge_profile_report r;
    kedge_profile_shift shift;
    double median, share, limit = 0;
    kedge_status st = kedge_profile_read(m, &r);
    assert_int_equal(st, r.n ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(kedge_profile_quantile(m, 0.5, &median), st);
    assert_int_equal(kedge_profile_shares(m, &limit, &share, 1), st);
    assert_int_equal(kedge_profile_compare(m, m, &shift), st);
    if (st == KEDGE_OK) {
        assert_true(r.min <= median && median <= r.max && r.variance >= 0 && isfinite(r.skewness) && isfinite(r.kurtosis));
        assert_true(share >= 0 && share <= 1 && r.rank_error <= r.rank_error_max);
        assert_true(shift.ks == 0 && shift.wasserstein == 0 && shift.ks_p_value == 1 && shift.effect == 0);
    } else {
        assert_true(isnan(r.mean) && isnan(median) && isnan(share) && isnan(shift.ks));
    }
}

static void refuse_regression(kedge_metric *m, const kedge_metric_class *cls)
{
    const double x[1] = {0};
    kedge_regression_report report;
    size_t used;
    if (cls != &kedge_regression) {
        assert_int_equal(kedge_regression_record(m, 0, 0, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_regression_record_many(m, x, x, NULL, 1, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_regression_read(m, &report), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_regression_record(NULL, 0, 0, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_regression_record(m, (double)NAN, 0, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_regression_record(m, 0, 1e200, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_regression_record(m, 0, 0, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_regression_record_many(m, NULL, x, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_regression_record_many(m, x, NULL, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_regression_record_many(m, x, x, NULL, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_regression_read(m, NULL), KEDGE_ERR_NULL);
}

static void refuse_reliability(kedge_metric *m, const kedge_metric_class *cls)
{
    const double p[3] = {0.5, 0.5, 0}, bad[3] = {0.5, 0.5, 0.5};
    const uint32_t y = 0;
    kedge_rows rows = kedge_rows_float64(p, 1, 3);
    kedge_reliability_report report;
    kedge_reliability_bin_report bin;
    size_t used;
    if (cls != &kedge_reliability) {
        assert_int_equal(kedge_reliability_record(m, 0, p, 3, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_reliability_record_many(m, &y, &rows, NULL, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_reliability_read(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_reliability_read_bin(m, 0, &bin), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_reliability_record(NULL, 0, p, 3, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_record(m, 0, NULL, 3, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_record(m, 0, p, 2, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_reliability_record(m, 3, p, 3, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_reliability_record(m, 0, bad, 3, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_reliability_record(m, 0, p, 3, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_reliability_record_many(m, &y, NULL, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_record_many(m, NULL, &rows, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_record_many(m, &y, &rows, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_read_bin(m, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_read_bin(m, 1000, &bin), KEDGE_ERR_RANGE);
    rows.type = 9;
    assert_int_equal(kedge_reliability_record_many(m, &y, &rows, NULL, &used), KEDGE_ERR_SHAPE);
}

static void refuse_paired(kedge_metric *m, const kedge_metric_class *cls)
{
    const double x[1] = {0};
    kedge_paired_report report;
    size_t used;
    if (cls != &kedge_paired) {
        assert_int_equal(kedge_paired_record(m, 0, 0, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_paired_record_many(m, x, x, NULL, 1, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_paired_read(m, &report), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_paired_record(NULL, 0, 0, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_paired_record(m, (double)NAN, 0, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_paired_record(m, 0, (double)INFINITY, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_paired_record(m, -1, 0, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_paired_record(m, 0, 1e101, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_paired_record_many(m, NULL, x, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_paired_record_many(m, x, NULL, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_paired_record_many(m, x, x, NULL, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_paired_read(m, NULL), KEDGE_ERR_NULL);
}

static void read_paired(const kedge_metric *m)
{
    kedge_paired_report r;
    kedge_status st = kedge_paired_read(m, &r);
    assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
    if (st == KEDGE_OK)
        assert_true(r.low <= r.difference && r.difference <= r.high && r.p_value >= 0 && r.p_value <= 1 &&
                    r.always_low <= r.always_high);
    else
        assert_true(isnan(r.difference) && isnan(r.p_value));
}

static void refuse_slices(kedge_metric *m, const kedge_metric_class *cls)
{
    const uint64_t slices[1] = {0};
    const uint8_t wrong[1] = {0};
    kedge_slices_report report;
    kedge_slice one;
    size_t n;
    if (cls != &kedge_slices) {
        assert_int_equal(kedge_slices_record(m, 0, 0), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_slices_record_many(m, slices, wrong, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_slices_read(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_slices_worst(m, &one, 1, &n), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_slices_find(m, 0, &one), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_slices_record(NULL, 0, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_slices_record_many(m, NULL, wrong, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_slices_record_many(m, slices, NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_slices_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_slices_worst(m, NULL, 1, &n), KEDGE_ERR_NULL);
    assert_int_equal(kedge_slices_worst(m, &one, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_slices_find(m, 0, NULL), KEDGE_ERR_NULL);
}

static void read_slices(const kedge_metric *m)
{
    kedge_slices_report r;
    kedge_slice worst[3], one;
    size_t n;
    kedge_status st = kedge_slices_read(m, &r);
    assert_int_equal(st, r.n > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(kedge_slices_worst(m, worst, 3, &n), KEDGE_OK);
    assert_true(n == 3 || n == r.n_slices);
    for (size_t i = 0; i < n; i++) {
        assert_true(worst[i].n_wrong <= worst[i].n && worst[i].n + worst[i].n_missed <= r.n &&
                    worst[i].excess_low <= worst[i].excess);
        assert_int_equal(kedge_slices_find(m, worst[i].slice, &one), KEDGE_OK);
        assert_true(one.n == worst[i].n && (i == 0 || worst[i].excess_low <= worst[i - 1].excess_low));
    }
}

static void read_regression(const kedge_metric *m)
{
    kedge_regression_report r;
    kedge_status st = kedge_regression_read(m, &r);
    assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
    if (st == KEDGE_OK)
        assert_true(isfinite(r.mae) && isfinite(r.rmse) && isfinite(r.mape) && r.r2 <= 1 && r.smape >= 0 && r.smape <= 2 &&
                    isfinite(r.bias));
    else
        assert_true(isnan(r.mae) && isnan(r.r2));
}

static void refuse_fairness(kedge_metric *m, const kedge_metric_class *cls)
{
    const uint32_t zero[1] = {0};
    kedge_fairness_report report;
    kedge_fairness_group_report group;
    kedge_fairness_comparison comparison;
    kedge_fairness_gap gap;
    kedge_fairness_bin_report bin;
    double cell;
    size_t used = 9;
    if (cls != &kedge_fairness) {
        assert_int_equal(kedge_fairness_record(m, 0, 0, 0, 0, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_fairness_record_many(m, zero, zero, zero, NULL, NULL, 1, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_fairness_forget(m, 0, 0, 0, 0, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_fairness_read(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_fairness_read_group(m, 0, &group), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_fairness_read_cell(m, 0, 0, 0, &cell), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_fairness_read_bin(m, 0, 0, &bin), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_fairness_compare(m, 1, &comparison), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_fairness_compare_pair(m, 1, 0, 1, &gap), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_fairness_record(NULL, 0, 0, 0, 0, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_record(m, 99999, 0, 0, 0, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_record(m, 0, 0, 0, (double)NAN, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_fairness_record(m, 0, 0, 0, 0, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_fairness_record_many(m, NULL, zero, zero, NULL, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_record_many(m, zero, NULL, zero, NULL, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_record_many(m, zero, zero, NULL, NULL, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_record_many(m, zero, zero, zero, NULL, NULL, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_forget(NULL, 0, 0, 0, 0, 1), KEDGE_ERR_NULL);
    assert_true(kedge_fairness_forget(m, 0, 0, 0, 0, 1e9) < 0);
    assert_int_equal(kedge_fairness_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_read_group(m, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_read_group(m, 99999, &group), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_read_cell(m, 0, 0, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_read_bin(m, 0, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_read_cell(m, 0, 2, 0, &cell), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_compare(m, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fairness_compare(m, 8, &comparison), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_compare_pair(m, 1, 0, 1, NULL), KEDGE_ERR_NULL);
}

static void read_fairness(const kedge_metric *m)
{
    kedge_fairness_report r;
    kedge_fairness_comparison c;
    kedge_status st = kedge_fairness_read(m, &r);
    assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
    assert_true(r.n_small <= r.n_groups);
    if (st == KEDGE_EMPTY)
        assert_true(isnan(r.demographic_parity_difference) && isnan(r.calibration_error));
    else
        assert_true(r.demographic_parity_difference >= 0 && r.demographic_parity_difference <= 1 && r.calibration_error <= 1);
    for (uint32_t rate = 1; rate <= 7; rate++)
        if (kedge_fairness_compare(m, rate, &c) == KEDGE_OK && c.n_groups > 1)
            assert_true(c.gap.difference_low <= c.gap.difference && c.gap.difference <= c.gap.difference_high &&
                        c.i_least != c.i_most);
}

static void read_reliability(const kedge_metric *m)
{
    kedge_reliability_report r;
    kedge_reliability_bin_report bin;
    kedge_status st = kedge_reliability_read(m, &r);
    assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
    if (st == KEDGE_OK)
        assert_true(r.log_loss >= 0 && r.log_loss <= 37 && r.ece >= 0 && r.ece <= 1 && r.mce <= 1 && r.observed <= 1);
    else
        assert_true(isnan(r.log_loss) && isnan(r.ece));
    assert_true(kedge_reliability_read_bin(m, 0, &bin) >= 0 && bin.low == 0);
}

static void refuse_upkeep(kedge_metric *m, const kedge_metric_class *cls)
{
    kedge_upkeep_report report;
    if (cls != &kedge_upkeep) {
        assert_int_equal(kedge_upkeep_event(m, KEDGE_UPKEEP_TICK, 0), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_upkeep_read(m, &report), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_upkeep_event(NULL, KEDGE_UPKEEP_TICK, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_upkeep_event(m, 0, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_upkeep_event(m, 99, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_upkeep_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_upkeep_read(NULL, &report), KEDGE_ERR_NULL);
}

static void read_upkeep(const kedge_metric *m)
{
    kedge_upkeep_report r;
    kedge_status st = kedge_upkeep_read(m, &r);
    assert_int_equal(st, r.seen_ns > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_true(r.n_change_failures <= r.n_promoted && isnan(r.change_failure_rate) == (r.n_promoted == 0));
    assert_true(r.lead.max_ns <= r.seen_ns && r.lead.n <= r.n_detected && r.lead.n <= r.n_promoted);
    assert_true(st == KEDGE_EMPTY ? isnan(r.restore.share) : r.restore.share >= 0 && r.restore.share <= 1);
}

/* A call on another metric's handle, or on none. */
static void metric_refusals(handle *h, const subject *s)
{
    kedge_metric *m = &h->metric;
    const kedge_metric_class *cls = metric_class_of(s);
    int is_quality = cls == &kedge_quality;
    kedge_quality_report q;
    kedge_quality_class_report qc;
    double cell;
    uint32_t classes[1] = {0};
    size_t used;
    if (is_quality) {
        assert_int_equal(kedge_quality_record(m, 99999, 0, 1), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_quality_record(m, 0, 99999, 1), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_quality_record(m, 0, 0, -1), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_quality_record(m, 0, 0, 1e10), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_quality_record(m, 0, 0, (double)NAN), KEDGE_ERR_NOT_FINITE);
        assert_int_equal(kedge_quality_record(m, 0, 0, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
        assert_int_equal(kedge_quality_record_many(m, NULL, classes, NULL, 1, &used), KEDGE_ERR_NULL);
        assert_int_equal(kedge_quality_record_many(m, classes, NULL, NULL, 1, &used), KEDGE_ERR_NULL);
        assert_int_equal(kedge_quality_record_many(m, classes, classes, NULL, 1, NULL), KEDGE_ERR_NULL);
        assert_int_equal(kedge_quality_read_class(m, 99999, &qc), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_quality_read_cell(m, 99999, 0, &cell), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_quality_read(m, NULL), KEDGE_ERR_NULL);
        assert_int_equal(kedge_quality_read_class(m, 0, NULL), KEDGE_ERR_NULL);
        assert_int_equal(kedge_quality_read_cell(m, 0, 0, NULL), KEDGE_ERR_NULL);
    } else {
        assert_int_equal(kedge_quality_record(m, 0, 0, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_quality_record_many(m, classes, classes, NULL, 1, &used), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_quality_read(m, &q), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_quality_read_class(m, 0, &qc), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_quality_read_cell(m, 0, 0, &cell), KEDGE_ERR_CLASS);
    }
    if (metric_class_of(s) == &kedge_detection) {
        assert_int_equal(kedge_detection_record_many(m, NULL, NULL, 1), KEDGE_ERR_NULL);
        assert_int_equal(kedge_detection_read(m, NULL), KEDGE_ERR_NULL);
    } else {
        kedge_detection_report d;
        assert_int_equal(kedge_detection_record(m, 0, 0), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_detection_record_many(m, NULL, NULL, 0), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_detection_end(m), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_detection_read(m, &d), KEDGE_ERR_CLASS);
    }
    refuse_auc(m, cls);
    refuse_cost(m, cls);
    refuse_estimates(m, cls);
    refuse_latencies(m, cls);
    refuse_profile(m, cls);
    refuse_categories(m, cls);
    refuse_paired(m, cls);
    refuse_regression(m, cls);
    refuse_reliability(m, cls);
    refuse_fairness(m, cls);
    refuse_slices(m, cls);
    refuse_upkeep(m, cls);
    assert_int_equal(kedge_detection_record(NULL, 0, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_quality_record(NULL, 0, 0, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_metric_merge(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_metric_merge(NULL, m), KEDGE_ERR_NULL);
    assert_true(kedge_metric_merge(m, m) < 0);
}

static void metric_read(const handle *h, const subject *s)
{
    const kedge_metric *m = &h->metric;
    const kedge_metric_class *cls = metric_class_of(s);
    kedge_quality_report q;
    kedge_quality_class_report qc;
    if (cls == &kedge_quality) {
        kedge_status st = kedge_quality_read(m, &q);
        assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
        assert_true(st == KEDGE_EMPTY ? isnan(q.accuracy) : q.accuracy >= 0 && q.accuracy <= 1);
        assert_int_equal(kedge_quality_read_class(m, 1, &qc), st);
    } else if (cls == &kedge_detection) {
        kedge_detection_report d;
        kedge_status st = kedge_detection_read(m, &d);
        assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
        assert_true(d.n_detected + d.n_false == d.n_alarms && d.n_detected + d.n_missed + d.n_open == d.n_changes);
    } else if (cls == &kedge_profile) {
        read_profile(m);
    } else if (cls == &kedge_categories) {
        read_categories(m);
    } else if (cls == &kedge_paired) {
        read_paired(m);
    } else if (cls == &kedge_regression) {
        read_regression(m);
    } else if (cls == &kedge_fairness) {
        read_fairness(m);
    } else if (cls == &kedge_reliability) {
        read_reliability(m);
    } else if (cls == &kedge_slices) {
        read_slices(m);
    } else if (cls == &kedge_upkeep) {
        read_upkeep(m);
    } else {
        assert_true(read_auc(m, cls) || read_cost(m, cls) || read_estimates(m, cls) || read_latencies(m, cls));
    }
}

const noun noun_metric = {metric_size, metric_init,      metric_open, metric_check,     metric_reset,
                          metric_save, metric_load_size, metric_load, metric_refusals, metric_read};
