/* SPDX-License-Identifier: MIT */
/* Contract subjects: estimates of quality without labels, over everything they can cover; the joiner, which waits for them; and
 * objectives. */
#include "subjects.h"

enum { N_BATCH = 300 };

CONFIG_COVERINGS(cbpe, kedge_cbpe_defaults(3), (void)0)
CONFIG_COVERINGS(dle, kedge_dle_defaults(), c.residual = 2)

#define SPOIL_ESTIMATE                                                                             \
    SPOIL_COVERING                                                                                 \
    BAD(c->confidence = 0)                                                                         \
    BAD(c->confidence = 1)                                                                         \
    BAD(c->confidence = NAN_D)

static int spoil_cbpe(any_config *cfg, size_t i)
{
    SPOIL(kedge_cbpe_config, SPOIL_ESTIMATE BAD(c->n_classes = 1) BAD(c->n_classes = 25));
}

static int spoil_dle(any_config *cfg, size_t i)
{
    SPOIL(kedge_dle_config, SPOIL_ESTIMATE BAD(c->residual = -1) BAD(c->residual = 1e101) BAD(c->residual = NAN_D));
}

static void probabilities(size_t i, double *p)
{
    p[0] = (double)(i % 8) / 8.0;
    p[1] = (1.0 - p[0]) * (double)(i % 3) / 2.0;
    p[2] = 1.0 - p[0] - p[1];
}

static double row_weight(size_t i)
{
    return 0.25 * (double)(i % 5);
}

static void feed_cbpe(handle *h, size_t from, size_t to)
{
    double p[3];
    for (size_t i = from; i < to; i++) {
        probabilities(i, p);
        kedge_status st = kedge_cbpe_record(&h->metric, (uint32_t)(i * 7 % 3), p, 3, row_weight(i));
        assert_fed(st, st == KEDGE_ERR_RANGE ? st : KEDGE_ERR_SHAPE); /* full, or of more classes */
    }
}

static void feed_cbpe_many(handle *h, size_t from, size_t to)
{
    double p[N_BATCH][3], weight[N_BATCH];
    uint32_t predicted[N_BATCH];
    size_t n = to - from, used = 0;
    for (size_t i = 0; i < n; i++) {
        probabilities(from + i, p[i]);
        predicted[i] = (uint32_t)((from + i) * 7 % 3);
        weight[i] = row_weight(from + i);
    }
    kedge_rows rows = kedge_rows_float64(p[0], n, 3);
    assert_int_equal(kedge_cbpe_record_many(&h->metric, predicted, &rows, weight, &used), KEDGE_OK);
    assert_int_equal(used, n);
}

static double loss_of(size_t i)
{
    return (double)(i * 37 % 101) - 20.0;
}

static void feed_dle(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_fed(kedge_dle_record(&h->metric, loss_of(i), row_weight(i)), KEDGE_ERR_RANGE);
}

static void feed_dle_many(handle *h, size_t from, size_t to)
{
    double loss[N_BATCH], weight[N_BATCH];
    size_t n = to - from, used = 0;
    for (size_t i = 0; i < n; i++) {
        loss[i] = loss_of(from + i);
        weight[i] = row_weight(from + i);
    }
    assert_int_equal(kedge_dle_record_many(&h->metric, loss, weight, n, &used), KEDGE_OK);
    assert_int_equal(used, n);
}

static void config_joiner(any_config *cfg)
{
    kedge_joiner_config c = kedge_joiner_defaults();
    c.capacity = 11;
    c.max_age = 40;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_joiner(any_config *cfg, size_t i)
{
    SPOIL(kedge_joiner_config, BAD(c->max_age = 0) BAD(c->max_age = ((uint64_t)1 << 62) + 1) BAD(c->capacity = 0)
          BAD(c->capacity = (1u << 24) + 1) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* Every third label comes, soon or late; now and then all pause. What is refused is unknown, or of a forged snapshot's time. */
static void feed_joiner(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const kedge_prediction p = {i * 2654435761u, 3 * i + (i / 50) * 100, (double)(i % 3), 0.25, 1};
        kedge_joined pair;
        kedge_status st = kedge_joiner_add(&h->metric, &p);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE || st == KEDGE_ERR_STATE);
        st = kedge_joiner_join(&h->metric, (i - i % 7) * 2654435761u, p.made_at, 1, &pair);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE || st == KEDGE_ERR_UNKNOWN);
    }
}

static void config_slo(any_config *cfg)
{
    kedge_slo_config c = kedge_slo_defaults();
    c.objective = 0.9;
    c.period_ns = 1000;
    c.n_slots = 30;
    c.n_alerts = 2;
    c.alerts[0] = (kedge_slo_alert){300, 100, 3.0, KEDGE_DRIFT, 0};
    c.alerts[1] = (kedge_slo_alert){1000, 200, 1.0, KEDGE_WARNING, 0};
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_slo(any_config *cfg, size_t i)
{
    SPOIL(kedge_slo_config, BAD(c->objective = 0) BAD(c->objective = 1) BAD(c->objective = NAN_D) BAD(c->period_ns = 0)
          BAD(c->period_ns = ((uint64_t)1 << 62) + 1) BAD(c->period_ns = 999) BAD(c->n_slots = 0) BAD(c->n_slots = (1u << 24) + 1)
          BAD(c->n_slots = 9) BAD(c->n_alerts = 3) BAD(c->n_alerts = 5) BAD(c->n_alerts = UINT32_MAX) BAD(c->alerts[0].long_ns = 99)
          BAD(c->alerts[1].long_ns = 1001) BAD(c->alerts[0].short_ns = 301) BAD(c->alerts[0].short_ns = 33)
          BAD(c->alerts[0].burn = 0) BAD(c->alerts[0].burn = 2e15) BAD(c->alerts[1].burn = NAN_D) BAD(c->alerts[1].status = 0)
          BAD(c->alerts[1].status = -1) BAD(c->alerts[1].status = 3) BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

/* Bad times, quiet ones and a silence of more than the period. What is refused is of a forged snapshot's time. */
static void feed_slo(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_slo_record_many(&h->metric, i % 5, i / 60 % 2 ? i % 3 : 0, 11 * i + (i / 100) * 1200);
        assert_true(st == KEDGE_OK || st == KEDGE_WARNING || st == KEDGE_DRIFT || st == KEDGE_ERR_RANGE);
    }
}

static const subject subjects[] = {
    {"joiner", &noun_metric, config_joiner, spoil_joiner, feed_joiner, NULL, N_BATCH},
    {"objective", &noun_metric, config_slo, spoil_slo, feed_slo, NULL, N_BATCH},
    SUBJECT_COVERINGS("expected quality", cbpe, N_BATCH),
    SUBJECT_COVERINGS("expected loss", dle, N_BATCH),
};

const subject_group group_estimates = {subjects, sizeof subjects / sizeof *subjects};
