/* SPDX-License-Identifier: MIT */
/* Contract subjects: the metrics of fairness, of regressions and of probabilities, over everything they can cover; upkeep. */
#include "subjects.h"

CONFIG_COVERINGS(regression, kedge_regression_defaults(), (void)0)
CONFIG_COVERINGS(reliability, kedge_reliability_defaults(3), c.n_bins = 3)
CONFIG_COVERINGS(fairness, kedge_fairness_defaults(3), c.n_bins = 2)

static int spoil_regression(any_config *cfg, size_t i)
{
    SPOIL(kedge_regression_config, SPOIL_COVERING BAD(c->quantile = 0) BAD(c->quantile = 1) BAD(c->quantile = NAN_D));
}

static int spoil_reliability(any_config *cfg, size_t i)
{
    SPOIL(kedge_reliability_config, SPOIL_COVERING BAD(c->n_classes = 1) BAD(c->n_classes = UINT32_MAX) BAD(c->n_bins = 0)
          BAD(c->n_bins = 1001)
          BAD(c->binned = 3));
}

static int spoil_fairness(any_config *cfg, size_t i)
{
    SPOIL(kedge_fairness_config, SPOIL_COVERING BAD(c->n_groups = 0) BAD(c->n_groups = UINT32_MAX) BAD(c->n_bins = 0)
          BAD(c->n_bins = 1001)
          BAD(c->min_rows = UINT32_MAX) BAD(c->skip_small = 2) BAD(c->undefined_as_zero = 2) BAD(c->confidence = 0)
          BAD(c->confidence = 1)
          BAD(c->confidence = NAN_D));
}

static double target(size_t i)
{
    return (double)(i * 37 % 101) - 50.0;
}

static double row_weight(size_t i)
{
    return 0.25 * (double)(i % 5);
}

static void feed_regression(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_fed(kedge_regression_record(&h->metric, target(i), target(i / 2), row_weight(i)), KEDGE_ERR_RANGE);
}

enum { N_BATCH = 300 };

static void feed_regression_many(handle *h, size_t from, size_t to)
{
    double truth[N_BATCH], predicted[N_BATCH], weight[N_BATCH];
    size_t n = to - from, used = 0;
    for (size_t i = 0; i < n; i++) {
        truth[i] = target(from + i);
        predicted[i] = target((from + i) / 2);
        weight[i] = row_weight(from + i);
    }
    assert_int_equal(kedge_regression_record_many(&h->metric, truth, predicted, weight, n, &used), KEDGE_OK);
    assert_int_equal(used, n);
}

static void probabilities(size_t i, double *p)
{
    p[0] = (double)(i % 8) / 8.0;
    p[1] = (1.0 - p[0]) * (double)(i % 3) / 2.0;
    p[2] = 1.0 - p[0] - p[1];
}

static void feed_reliability(handle *h, size_t from, size_t to)
{
    double p[3];
    for (size_t i = from; i < to; i++) {
        probabilities(i, p);
        kedge_status st = kedge_reliability_record(&h->metric, (uint32_t)(i * 7 % 3), p, 3, row_weight(i));
        assert_fed(st, st == KEDGE_ERR_RANGE ? st : KEDGE_ERR_SHAPE); /* full, or of more classes */
    }
}

static void feed_reliability_many(handle *h, size_t from, size_t to)
{
    double p[N_BATCH][3], weight[N_BATCH];
    uint32_t truth[N_BATCH];
    size_t n = to - from, used = 0;
    for (size_t i = 0; i < n; i++) {
        probabilities(from + i, p[i]);
        truth[i] = (uint32_t)((from + i) * 7 % 3);
        weight[i] = row_weight(from + i);
    }
    kedge_rows rows = kedge_rows_float64(p[0], n, 3);
    assert_int_equal(kedge_reliability_record_many(&h->metric, truth, &rows, weight, &used), KEDGE_OK);
    assert_int_equal(used, n);
}

static void feed_fairness(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st =
            kedge_fairness_record(&h->metric, (uint32_t)(i % 3), i % 7 < 3, i % 5 < 2, (double)(i % 11) / 10.0, row_weight(i));
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE); /* a forged snapshot may have fewer groups */
    }
}

static void feed_fairness_many(handle *h, size_t from, size_t to)
{
    uint32_t group[N_BATCH], truth[N_BATCH], predicted[N_BATCH];
    double score[N_BATCH], weight[N_BATCH];
    size_t n = to - from, used = 0;
    for (size_t i = 0; i < n; i++) {
        group[i] = (uint32_t)((from + i) % 3);
        truth[i] = (from + i) % 7 < 3;
        predicted[i] = (from + i) % 5 < 2;
        score[i] = (double)((from + i) % 11) / 10.0;
        weight[i] = row_weight(from + i);
    }
    assert_int_equal(kedge_fairness_record_many(&h->metric, group, truth, predicted, score, weight, n, &used), KEDGE_OK);
    assert_int_equal(used, n);
}

static void config_upkeep(any_config *cfg)
{
    kedge_upkeep_config c = kedge_upkeep_defaults();
    c.blame_ns = 5000;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_upkeep(any_config *cfg, size_t i)
{
    SPOIL(kedge_upkeep_config, BAD(c->confidence = 0) BAD(c->confidence = 1) BAD(c->confidence = NAN_D)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void feed_upkeep(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_upkeep_event(&h->metric, KEDGE_UPKEEP_CHANGE + (uint32_t)(i * i * 5 % 37 % 11), 1000 * (i + 1));
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE); /* a forged snapshot may be of a later time */
    }
}

static const subject subjects[] = {
    SUBJECT_COVERINGS("fairness", fairness, N_BATCH),
    SUBJECT_COVERINGS("regression", regression, N_BATCH),
    SUBJECT_COVERINGS("reliability", reliability, N_BATCH),
    {"upkeep", &noun_metric, config_upkeep, spoil_upkeep, feed_upkeep, NULL, N_BATCH},
};

const subject_group group_quality = {subjects, sizeof subjects / sizeof *subjects};
