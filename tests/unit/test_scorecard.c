/* SPDX-License-Identifier: MIT */
/* Scorecards: what each source brings, rules and comparisons beside a naive reading of them, and the three writers: golden text, every
 * size of buffer, and a parser of JSON and one of OpenMetrics over hostile names. */
#include <fenv.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

#define ASSERT_QUIET() assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0)

static const double nan_ = (double)NAN, inf = (double)INFINITY;
static kedge_scorecard card, other;
static char text[1 << 18];

static void begin(kedge_scorecard *c, const char *model, const char *version)
{
    memset(c, 0xA5, sizeof *c);
    assert_int_equal(kedge_scorecard_init(c, sizeof *c, model, version), KEDGE_OK);
}

static void set(kedge_scorecard *c, uint32_t figure, double value, double low, double high, uint64_t n)
{
    assert_int_equal(kedge_scorecard_set(c, figure, value, low, high, n), KEDGE_OK);
}

static int same(double a, double b)
{
    return a == b || (a != a && b != b);
}

static void assert_figure(uint32_t figure, double value, double low, double high, uint64_t n)
{
    const kedge_card_figure *f = &card.figures[figure];
    assert_int_equal(f->taken, 1);
    if (!same(f->value, value) || !same(f->low, low) || !same(f->high, high) || f->n != n)
        fail_msg("figure %u is %g [%g, %g] of %u", figure, f->value, f->low, f->high, (unsigned)f->n);
}

static uint32_t n_taken(const kedge_scorecard *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < KEDGE_CARD_ROOM; i++)
        n += c->figures[i].taken;
    return n;
}

/* Beginning, and by hand ------------------------------------------------------------------------------------------------------ */

static void test_begin(void **unused)
{
    char name[KEDGE_CARD_NAME_MAX + 2];
    (void)unused;
    begin(&card, NULL, NULL);
    begin(&other, "", "");
    assert_memory_equal(&card, &other, sizeof card); /* padding too */
    assert_int_equal(n_taken(&card), 0);
    for (uint32_t i = 0; i < KEDGE_CARD_ROOM; i++)
        assert_true(card.figures[i].value != card.figures[i].value);
    memset(name, 'x', sizeof name);
    name[KEDGE_CARD_NAME_MAX + 1] = '\0';
    assert_int_equal(kedge_scorecard_init(&card, sizeof card, name, ""), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_init(&card, sizeof card, "", name), KEDGE_ERR_RANGE);
    assert_memory_equal(&card, &other, sizeof card);
    name[KEDGE_CARD_NAME_MAX] = '\0';
    assert_int_equal(kedge_scorecard_init(&card, sizeof card, name, name), KEDGE_OK);
    assert_string_equal(card.model, name);
    assert_string_equal(card.version, name);
    assert_int_equal(kedge_scorecard_init(NULL, sizeof card, "", ""), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_init(&card, sizeof card - 1, "", ""), KEDGE_ERR_CONFIG);
}

static void test_set(void **unused)
{
    kedge_scorecard before;
    (void)unused;
    begin(&card, "m", "1");
    set(&card, KEDGE_CARD_ACCURACY, 0.9, 0.8, 0.95, 40);
    assert_figure(KEDGE_CARD_ACCURACY, 0.9, 0.8, 0.95, 40);
    set(&card, KEDGE_CARD_ACCURACY, 0.9, 0.8, nan_, 40); /* one end is none */
    assert_figure(KEDGE_CARD_ACCURACY, 0.9, nan_, nan_, 40);
    set(&card, KEDGE_CARD_ACCURACY, nan_, 0.1, 0.2, 0);
    assert_figure(KEDGE_CARD_ACCURACY, nan_, nan_, nan_, 0);
    set(&card, KEDGE_CARD_BIAS, -inf, -inf, inf, UINT64_MAX);
    assert_figure(KEDGE_CARD_BIAS, -inf, -inf, inf, UINT64_MAX);
    memcpy(&before, &card, sizeof card);
    assert_int_equal(kedge_scorecard_set(&card, KEDGE_CARD_ACCURACY, 0.9, 0.91, 0.95, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set(&card, KEDGE_CARD_ACCURACY, 0.9, 0.8, 0.89, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set(&card, KEDGE_CARD_DRIFTS, -1, nan_, nan_, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set(&card, KEDGE_CARD_FIGURES, 1, nan_, nan_, 1), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_scorecard_set(NULL, 0, 1, nan_, nan_, 1), KEDGE_ERR_NULL);
    assert_memory_equal(&before, &card, sizeof card);
    card.card_bytes--;
    assert_int_equal(kedge_scorecard_set(&card, 0, 1, nan_, nan_, 1), KEDGE_ERR_CONFIG);
}

static void test_extras(void **unused)
{
    kedge_scorecard before;
    char name[KEDGE_CARD_EXTRA_MAX + 2];
    (void)unused;
    begin(&card, "m", "1");
    for (uint32_t i = 0; i < KEDGE_CARD_EXTRAS; i++) {
        snprintf(name, sizeof name, "figure %u", i);
        assert_int_equal(kedge_scorecard_set_extra(&card, name, 1 + i % 5, (int32_t)(i % 3) - 1, i, nan_, nan_, i), KEDGE_OK);
        assert_int_equal(card.n_extras, i + 1);
    }
    memcpy(&before, &card, sizeof card);
    assert_int_equal(kedge_scorecard_set_extra(&card, "one more", 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_scorecard_set_extra(&card, "", 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 0", 0, 1, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 0", 6, 1, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 0", 1, 2, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 0", 1, 1, 0, 1, 2, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, NULL, 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_set_extra(NULL, "figure 0", 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_NULL);
    memset(name, 'y', sizeof name);
    name[KEDGE_CARD_EXTRA_MAX + 1] = '\0';
    assert_int_equal(kedge_scorecard_set_extra(&card, name, 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_memory_equal(&before, &card, sizeof card);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 7", 2, 1, 77, 70, 80, 3), KEDGE_OK); /* again: in its place */
    assert_int_equal(card.n_extras, KEDGE_CARD_EXTRAS);
    assert_true(card.extras[7].figure.value == 77 && card.extras[7].figure.high == 80 && card.extras[7].kind == 2);
    begin(&card, "m", "1"); /* names that are told alike are one */
    assert_int_equal(kedge_scorecard_set_extra(&card, "a\xFF", 1, 1, 1, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&card, "a\xFE", 1, 1, 2, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(card.n_extras, 1);
}

static void test_names(void **unused)
{
    kedge_card_about about, again;
    uint32_t figure;
    (void)unused;
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++) {
        assert_int_equal(kedge_scorecard_describe(i, &about), KEDGE_OK);
        assert_int_equal(kedge_scorecard_find(about.name, &figure), KEDGE_OK);
        assert_int_equal(figure, i); /* names differ */
        assert_true(strlen(about.name) <= 28 && strspn(about.name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(about.name));
        assert_true(about.kind >= KEDGE_KIND_QUALITY && about.kind <= KEDGE_KIND_COMPLIANCE);
        assert_true(about.direction >= -1 && about.direction <= 1 && (!about.counter || about.direction == 0));
        assert_true(strlen(about.help) > 5 && !strpbrk(about.help, "\"\\\n"));
        assert_true(!*about.unit || !strcmp(about.unit, "ns") || !strcmp(about.unit, "bytes") || !strcmp(about.unit, "joules"));
    }
    assert_int_equal(kedge_scorecard_describe(KEDGE_CARD_FIGURES, &again), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_scorecard_describe(0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_find("beauty", &figure), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_scorecard_find(NULL, &figure), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_find("auc", NULL), KEDGE_ERR_NULL);
    assert_string_equal(kedge_kind_string(KEDGE_KIND_UPKEEP), "upkeep");
    assert_string_equal(kedge_kind_string(0), "unknown");
    assert_string_equal(kedge_kind_string(6), "unknown");
    assert_string_equal(kedge_scorecard_outcome_string(KEDGE_CARD_UNSURE), "unsure");
    assert_string_equal(kedge_scorecard_outcome_string(99), "unknown");
}

/* Sources --------------------------------------------------------------------------------------------------------------------- */

static kedge_metric metric(const kedge_metric_config *cfg)
{
    kedge_metric m;
    size_t bytes = kedge_metric_size(cfg);
    assert_int_equal(kedge_metric_init(&m, cfg, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static void take(const kedge_metric *m)
{
    assert_int_equal(kedge_scorecard_take(&card, m), KEDGE_OK);
}

/* Empty metrics take their places with NaN; counters are 0, and a cost is. */
static void test_empty(void **unused)
{
    kedge_quality_config quality = kedge_quality_defaults(3);
    kedge_regression_config regression = kedge_regression_defaults();
    kedge_reliability_config reliability = kedge_reliability_defaults(2);
    kedge_latency_config latency = kedge_latency_defaults();
    kedge_throughput_config throughput = kedge_throughput_defaults();
    kedge_slo_config slo = kedge_slo_defaults();
    kedge_upkeep_config upkeep = kedge_upkeep_defaults();
    kedge_cost_config cost = kedge_cost_defaults();
    kedge_fairness_config fairness = kedge_fairness_defaults(2);
    kedge_joiner_config joiner = kedge_joiner_defaults();
    kedge_slices_config slices = kedge_slices_defaults();
    kedge_cbpe_config cbpe = kedge_cbpe_defaults(2);
    kedge_dle_config dle = kedge_dle_defaults();
    kedge_auc_stream_config stream = kedge_auc_stream_defaults();
    kedge_auc_window_config window = kedge_auc_window_defaults();
    kedge_detection_config detection = kedge_detection_defaults();
    const kedge_metric_config *const all[] = {&quality.base, &regression.base, &reliability.base, &latency.base, &throughput.base,
                                              &slo.base,     &upkeep.base,     &cost.base,        &fairness.base, &joiner.base,
                                              &slices.base,  &cbpe.base,       &dle.base,         &stream.base,  &window.base};
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    begin(&card, "m", "1");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        kedge_metric m = metric(all[i]);
        take(&m);
        guard_free(m.state);
    }
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++) {
        kedge_card_about about;
        assert_int_equal(kedge_scorecard_describe(i, &about), KEDGE_OK);
        int elsewhere = i == KEDGE_CARD_ERROR || i == KEDGE_CARD_STATE_SIZE || i == KEDGE_CARD_SNAPSHOT_SIZE || i == KEDGE_CARD_EPSILON;
        int held = i == KEDGE_CARD_HELD || i == KEDGE_CARD_HELD_PEAK;
        assert_int_equal(card.figures[i].taken, !elsewhere);
        if (!elsewhere && (about.counter || held))
            assert_figure(i, 0, nan_, nan_, 0);
        else if (!elsewhere)
            assert_figure(i, nan_, nan_, nan_, 0);
    }
    ASSERT_QUIET();
    kedge_metric m = metric(&detection.base), none = {NULL, NULL};
    kedge_scorecard before = card;
    assert_int_equal(kedge_scorecard_take(&card, &m), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_scorecard_take(&card, &none), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_take(NULL, &m), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_take(&card, NULL), KEDGE_OK); /* there is none */
    assert_memory_equal(&before, &card, sizeof card);
    guard_free(m.state);
}

static void test_quality_kinds(void **unused)
{
    kedge_quality_config quality = kedge_quality_defaults(2);
    kedge_regression_config regression = kedge_regression_defaults();
    kedge_reliability_config reliability = kedge_reliability_defaults(2);
    kedge_slices_config slices = kedge_slices_defaults();
    kedge_joiner_config joiner = kedge_joiner_defaults();
    kedge_metric q = metric(&quality.base), r = metric(&regression.base), p = metric(&reliability.base), s = metric(&slices.base),
                 j = metric(&joiner.base);
    kedge_quality_report qr;
    kedge_regression_report rr;
    kedge_reliability_report pr;
    kedge_slice worst;
    size_t n;
    (void)unused;
    for (uint32_t i = 0; i < 100; i++) {
        double scores[2] = {i % 3 ? 0.8 : 0.3, i % 3 ? 0.2 : 0.7};
        kedge_prediction made = {i, i, 1.0, 0.5, 1.0};
        kedge_joined pair;
        assert_int_equal(kedge_quality_record(&q, i % 2, i % 7 == 0, 1), KEDGE_OK);
        assert_int_equal(kedge_regression_record(&r, i, i * 1.1, 1), KEDGE_OK);
        assert_int_equal(kedge_reliability_record(&p, i % 2, scores, 2, 1), KEDGE_OK);
        assert_int_equal(kedge_slices_record(&s, i % 4, i % 4 == 2), KEDGE_OK);
        assert_int_equal(kedge_joiner_add(&j, &made), KEDGE_OK);
        if (i % 2)
            assert_int_equal(kedge_joiner_join(&j, i - 1, i, 0.0, &pair), KEDGE_OK);
    }
    begin(&card, "m", "1");
    take(&q), take(&r), take(&p), take(&s), take(&j);
    assert_int_equal(kedge_quality_read(&q, &qr), KEDGE_OK);
    assert_int_equal(kedge_regression_read(&r, &rr), KEDGE_OK);
    assert_int_equal(kedge_reliability_read(&p, &pr), KEDGE_OK);
    assert_int_equal(kedge_slices_worst(&s, &worst, 1, &n), KEDGE_OK);
    assert_figure(KEDGE_CARD_ACCURACY, qr.accuracy, qr.accuracy_low, qr.accuracy_high, 100);
    assert_figure(KEDGE_CARD_BALANCED_ACCURACY, qr.balanced_accuracy, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_PRECISION, qr.precision_macro, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_RECALL, qr.recall_macro, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_F1, qr.f1_macro, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_MCC, qr.mcc, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_KAPPA, qr.kappa, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_KAPPA_TEMPORAL, qr.kappa_temporal, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_G_MEAN, qr.g_mean, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_MAE, rr.mae, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_MSE, rr.mse, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_RMSE, rr.rmse, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_MAPE, rr.mape, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_R2, rr.r2, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_BIAS, rr.bias, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_LOG_LOSS, pr.log_loss, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_BRIER, pr.brier, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_CALIBRATION_ERROR, pr.ece, nan_, nan_, 100);
    assert_figure(KEDGE_CARD_WORST_SLICE_ERROR, 1, worst.low, worst.high, 25);
    assert_figure(KEDGE_CARD_LABELLED, 1, nan_, nan_, 50); /* the other half waits */
    assert_figure(KEDGE_CARD_LABEL_DELAY, 1, nan_, nan_, 50);
    assert_int_equal(n_taken(&card), 21);
    guard_free(q.state), guard_free(r.state), guard_free(p.state), guard_free(s.state), guard_free(j.state);
}

static void test_areas(void **unused)
{
    kedge_auc_stream_config stream = kedge_auc_stream_defaults();
    kedge_auc_window_config window = kedge_auc_window_defaults();
    kedge_cbpe_config cbpe = kedge_cbpe_defaults(2);
    kedge_dle_config dle = kedge_dle_defaults();
    kedge_metric a = metric(&stream.base), w = metric(&window.base), c = metric(&cbpe.base), d = metric(&dle.base);
    kedge_auc_stream_report ar;
    kedge_auc_window_report wr;
    kedge_cbpe_report cr;
    kedge_dle_report dr;
    kedge_ranking_report ranking = {.n = 9, .auc = 0.75, .auc_low = 0.5, .auc_high = 0.875, .average_precision = 0.25};
    kedge_rng rng = {3};
    (void)unused;
    for (uint32_t i = 0; i < 200; i++) {
        double score = kedge_rng_uniform(&rng), scores[2] = {1 - score, score};
        uint32_t truth = kedge_rng_uniform(&rng) < score;
        assert_int_equal(kedge_auc_stream_record(&a, truth, score, 1), KEDGE_OK);
        assert_int_equal(kedge_auc_window_record(&w, truth, score), KEDGE_OK);
        assert_int_equal(kedge_cbpe_record(&c, score > 0.5, scores, 2, 1), KEDGE_OK);
        assert_int_equal(kedge_dle_record(&d, score, 1), KEDGE_OK);
    }
    begin(&card, "m", "1");
    take(&a), take(&c), take(&d);
    assert_int_equal(kedge_auc_stream_read(&a, &ar), KEDGE_OK);
    assert_int_equal(kedge_auc_window_read(&w, &wr), KEDGE_OK);
    assert_int_equal(kedge_cbpe_read(&c, &cr), KEDGE_OK);
    assert_int_equal(kedge_dle_read(&d, &dr), KEDGE_OK);
    assert_figure(KEDGE_CARD_AUC, ar.auc, nan_, nan_, 200);
    assert_figure(KEDGE_CARD_AVERAGE_PRECISION, ar.average_precision, nan_, nan_, 200);
    assert_figure(KEDGE_CARD_EXPECTED_ACCURACY, cr.accuracy, cr.accuracy_low, cr.accuracy_high, 200);
    assert_figure(KEDGE_CARD_EXPECTED_LOSS, dr.mean, dr.low, dr.high, 200);
    take(&w); /* the last one counts */
    assert_figure(KEDGE_CARD_AUC, wr.auc, nan_, nan_, 200);
    assert_int_equal(kedge_scorecard_take_ranking(&card, &ranking), KEDGE_OK);
    assert_figure(KEDGE_CARD_AUC, 0.75, 0.5, 0.875, 9);
    assert_figure(KEDGE_CARD_AVERAGE_PRECISION, 0.25, nan_, nan_, 9);
    assert_int_equal(kedge_scorecard_take_ranking(&card, NULL), KEDGE_OK);
    assert_int_equal(kedge_scorecard_take_ranking(NULL, &ranking), KEDGE_ERR_NULL);
    guard_free(a.state), guard_free(w.state), guard_free(c.state), guard_free(d.state);
}

static void test_service(void **unused)
{
    kedge_latency_config latency = kedge_latency_defaults();
    kedge_throughput_config throughput = kedge_throughput_defaults();
    kedge_slo_config slo = kedge_slo_defaults();
    kedge_metric l = metric(&latency.base), t = metric(&throughput.base), o = metric(&slo.base);
    kedge_latency_report lr;
    kedge_throughput_report tr;
    kedge_slo_report sr;
    (void)unused;
    for (uint64_t i = 1; i <= 1000; i++) {
        assert_int_equal(kedge_latency_record(&l, 1000 * i), KEDGE_OK);
        assert_int_equal(kedge_throughput_record(&t, 1000000 * i, 2), KEDGE_OK);
    }
    assert_true(kedge_slo_record_many(&o, 9999, 1, 1) >= 0);
    begin(&card, "m", "1");
    take(&l), take(&t), take(&o);
    assert_int_equal(kedge_latency_read(&l, &lr), KEDGE_OK);
    assert_int_equal(kedge_throughput_read(&t, &tr), KEDGE_OK);
    assert_int_equal(kedge_slo_read(&o, &sr), KEDGE_OK);
    assert_figure(KEDGE_CARD_LATENCY_MEAN, lr.mean, nan_, nan_, 1000);
    assert_figure(KEDGE_CARD_LATENCY_MAX, (double)lr.max, nan_, nan_, 1000);
    const uint64_t quantiles[] = {lr.p50, lr.p90, lr.p99, lr.p999};
    const double q[] = {0.5, 0.9, 0.99, 0.999};
    for (uint32_t i = 0; i < 4; i++) {
        const kedge_card_figure *f = &card.figures[KEDGE_CARD_LATENCY_P50 + i];
        double reach = 1.959963984540054 * sqrt(q[i] * (1 - q[i]) / 1000); /* values are 1000 times their rank, to 1 % */
        assert_true(f->value == (double)quantiles[i] && f->low <= f->value && f->value <= f->high && f->n == 1000);
        assert_true(fabs(f->low / (1e6 * (q[i] - reach)) - 1) < 0.015);
        assert_true(fabs(f->high / (1e6 * fmin(q[i] + reach, 1)) - 1) < 0.015);
    }
    assert_figure(KEDGE_CARD_THROUGHPUT, tr.per_second, nan_, nan_, tr.n);
    assert_figure(KEDGE_CARD_THROUGHPUT_RECENT, tr.recent_per_second, nan_, nan_, tr.n);
    assert_figure(KEDGE_CARD_BUDGET_LEFT, sr.left, nan_, nan_, 10000);
    assert_figure(KEDGE_CARD_BURN_RATE, sr.burn_short[0], nan_, nan_, 10000);
    guard_free(l.state), guard_free(t.state), guard_free(o.state);
    slo.n_alerts = 0; /* then the period's */
    o = metric(&slo.base);
    assert_true(kedge_slo_record_many(&o, 9999, 1, 1) >= 0);
    take(&o);
    assert_figure(KEDGE_CARD_BURN_RATE, sr.spent, nan_, nan_, 10000);
    guard_free(o.state);
}

static void test_upkeep_and_cost(void **unused)
{
    kedge_upkeep_config upkeep = kedge_upkeep_defaults();
    kedge_cost_config cost = kedge_cost_defaults();
    cost.price_compute = 1.0;
    cost.watts = 2.0;
    kedge_metric u = metric(&upkeep.base), c = metric(&cost.base);
    kedge_upkeep_report ur;
    (void)unused;
    static const struct {
        uint32_t kind;
        uint64_t at;
    } life[] = {{KEDGE_UPKEEP_CHANGE, 0},    {KEDGE_UPKEEP_DETECTED, 10},    {KEDGE_UPKEEP_TRAINING, 20},    {KEDGE_UPKEEP_FAILED, 30},
                {KEDGE_UPKEEP_TRAINING, 40}, {KEDGE_UPKEEP_TRAINED, 60},     {KEDGE_UPKEEP_PROMOTED, 100},   {KEDGE_UPKEEP_INCIDENT, 200},
                {KEDGE_UPKEEP_RESTORED, 250}, {KEDGE_UPKEEP_INTERVENTION, 260}, {KEDGE_UPKEEP_ROLLED_BACK, 300}};
    for (size_t i = 0; i < sizeof life / sizeof *life; i++)
        assert_int_equal(kedge_upkeep_event(&u, life[i].kind, life[i].at), KEDGE_OK);
    assert_int_equal(kedge_cost_add(&c, KEDGE_COST_PREDICT, 1000, 2000000000u, 5), KEDGE_OK);
    assert_int_equal(kedge_cost_add(&c, KEDGE_COST_TRAIN, 2, 6000000000u, 6), KEDGE_OK);
    assert_int_equal(kedge_cost_gain(&c, 3.0), KEDGE_OK);
    assert_int_equal(kedge_cost_hold(&c, 100, 0), KEDGE_OK);
    assert_int_equal(kedge_cost_hold(&c, 40, 1), KEDGE_OK);
    begin(&card, "m", "1");
    take(&u), take(&c);
    assert_int_equal(kedge_upkeep_read(&u, &ur), KEDGE_OK);
    assert_figure(KEDGE_CARD_PROMOTIONS_PER_DAY, ur.promotions_per_day, nan_, nan_, 1);
    assert_figure(KEDGE_CARD_LEAD_TIME, 90, nan_, nan_, 1);
    assert_figure(KEDGE_CARD_DETECT_TIME, 10, nan_, nan_, 1);
    assert_figure(KEDGE_CARD_RETRAIN_TIME, 50, nan_, nan_, 1);
    assert_figure(KEDGE_CARD_PROMOTE_TIME, 40, nan_, nan_, 1);
    assert_figure(KEDGE_CARD_RESTORE_TIME, 50, nan_, nan_, 1);
    assert_figure(KEDGE_CARD_TRAINING_TIME, 15, nan_, nan_, 2);
    assert_figure(KEDGE_CARD_CHANGE_FAILURE_RATE, 1, ur.change_failure_low, ur.change_failure_high, 1);
    assert_figure(KEDGE_CARD_DRIFTS, 1, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_FAILED_TRAININGS, 1, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_PROMOTIONS, 1, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_ROLLBACKS, 1, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_INCIDENTS, 1, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_INTERVENTIONS, 1, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_TRAININGS, 2, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_COST_PER_THOUSAND, 2, nan_, nan_, 1000);
    assert_figure(KEDGE_CARD_COST_PER_THOUSAND_ALL, 8, nan_, nan_, 1000);
    assert_figure(KEDGE_CARD_COST_PER_TRAINING, 3, nan_, nan_, 2);
    assert_figure(KEDGE_CARD_COST_PER_POINT, 2, nan_, nan_, 1);
    assert_figure(KEDGE_CARD_COST, 8, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_COMPUTE, 8e9, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_ENERGY, 16, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_MOVED, 11, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_HELD, 40, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_HELD_PEAK, 100, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_PREDICTIONS, 1000, nan_, nan_, 0);
    guard_free(u.state), guard_free(c.state);
}

static void test_fairness_kinds(void **unused)
{
    kedge_fairness_config cfg = kedge_fairness_defaults(3);
    kedge_metric f = metric(&cfg.base);
    kedge_fairness_report r;
    kedge_fairness_comparison c;
    kedge_rng rng = {5};
    (void)unused;
    for (uint32_t i = 0; i < 600; i++) {
        uint32_t truth = kedge_rng_below(&rng, 2) != 0, granted = kedge_rng_below(&rng, 2 + i % 3) == 0;
        assert_int_equal(kedge_fairness_record(&f, i % 3, truth, granted, 0.5 + 0.1 * granted, 1), KEDGE_OK);
    }
    begin(&card, "m", "1");
    take(&f);
    assert_int_equal(kedge_fairness_read(&f, &r), KEDGE_OK);
    assert_int_equal(kedge_fairness_compare(&f, KEDGE_RATE_SELECTED, &c), KEDGE_OK);
    assert_figure(KEDGE_CARD_PARITY_DIFFERENCE, r.demographic_parity_difference, c.gap.difference_low, c.gap.difference_high, 600);
    assert_figure(KEDGE_CARD_PARITY_RATIO, r.demographic_parity_ratio, c.gap.ratio_low, c.gap.ratio_high, 600);
    assert_int_equal(kedge_fairness_compare(&f, KEDGE_RATE_TRUE_POSITIVE, &c), KEDGE_OK);
    assert_figure(KEDGE_CARD_OPPORTUNITY_DIFFERENCE, r.equal_opportunity_difference, c.gap.difference_low, c.gap.difference_high, 600);
    assert_int_equal(kedge_fairness_compare(&f, KEDGE_RATE_PRECISION, &c), KEDGE_OK);
    assert_figure(KEDGE_CARD_PREDICTIVE_PARITY_DIFFERENCE, r.predictive_parity_difference, c.gap.difference_low, c.gap.difference_high,
                  600);
    assert_int_equal(kedge_fairness_compare(&f, KEDGE_RATE_CALIBRATION, &c), KEDGE_OK);
    assert_figure(KEDGE_CARD_CALIBRATION_DIFFERENCE, r.calibration_difference, c.gap.difference_low, c.gap.difference_high, 600);
    assert_figure(KEDGE_CARD_ODDS_DIFFERENCE, r.equalised_odds_difference, nan_, nan_, 600);
    assert_figure(KEDGE_CARD_GROUP_CALIBRATION_ERROR, r.calibration_error, nan_, nan_, 600);
    assert_int_equal(n_taken(&card), 7);
    guard_free(f.state);
}

/* The battery and the card tell the same figures of one model. */
static void test_reports(void **unused)
{
    static double x[400], y[200];
    static uint64_t mem[200], work[1 << 13];
    kedge_logistic_config cfg = kedge_logistic_defaults(2, 2);
    kedge_battery_config limits = kedge_battery_defaults();
    kedge_battery_report report;
    kedge_rows rows = kedge_rows_float64(x, 200, 2);
    kedge_pipeline_report p = {.n_predicted = 9, .n_labelled = 8, .n_drifts = 7, .n_trainings = 6, .n_failures = 5, .n_promotions = 4,
                               .error_mean = 0.25};
    kedge_dp_budget b;
    kedge_dp_cost spent = {.mechanism = KEDGE_DP_LAPLACE, .epsilon = 0.5};
    kedge_model m, none = {NULL, NULL};
    kedge_rng rng = {1};
    size_t snapshot;
    (void)unused;
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof mem), KEDGE_OK);
    for (int i = 0; i < 200; i++) {
        x[2 * i] = kedge_rng_uniform(&rng), x[2 * i + 1] = kedge_rng_uniform(&rng);
        y[i] = x[2 * i] > x[2 * i + 1];
        assert_int_equal(kedge_model_learn(&m, x + 2 * i, y[i], 1), KEDGE_OK);
    }
    limits.n_resamples = 200;
    assert_int_equal(kedge_battery_run(&m, &limits, &rows, y, NULL, NULL, work, sizeof work, &report), KEDGE_OK);
    begin(&card, "m", "1");
    assert_int_equal(kedge_scorecard_take_battery(&card, &report), KEDGE_OK);
    const kedge_figure *q = &report.checks[KEDGE_BATTERY_QUALITY].figure;
    assert_figure(KEDGE_CARD_ACCURACY, q->value, q->low, q->high, 200);
    assert_int_equal(card.figures[KEDGE_CARD_LATENCY_P50].taken, 0); /* no clock */
    assert_int_equal(card.figures[KEDGE_CARD_CALIBRATION_ERROR].taken, 1);
    kedge_scorecard before = card;
    assert_int_equal(kedge_scorecard_take_model(&card, &m), KEDGE_OK);
    assert_memory_equal(&before, &card, sizeof card); /* state and snapshot as the battery says */
    assert_int_equal(kedge_model_save(&m, NULL, 0, &snapshot), KEDGE_ERR_BUFFER);
    assert_figure(KEDGE_CARD_SNAPSHOT_SIZE, (double)snapshot, nan_, nan_, 0);
    report.score = 99;
    assert_int_equal(kedge_scorecard_take_battery(&card, &report), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_scorecard_take_model(&card, &none), KEDGE_ERR_NULL);
    assert_memory_equal(&before, &card, sizeof card);
    assert_int_equal(kedge_scorecard_take_pipeline(&card, &p), KEDGE_OK);
    assert_figure(KEDGE_CARD_ERROR, 0.25, nan_, nan_, 8);
    assert_figure(KEDGE_CARD_PREDICTIONS, 9, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_DRIFTS, 7, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_TRAININGS, 6, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_FAILED_TRAININGS, 5, nan_, nan_, 0);
    assert_figure(KEDGE_CARD_PROMOTIONS, 4, nan_, nan_, 0);
    assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_BASIC, 1.0, 0.0), KEDGE_OK);
    assert_int_equal(kedge_dp_charge(&b, &spent, 1), KEDGE_OK);
    assert_int_equal(kedge_scorecard_take_privacy(&card, &b), KEDGE_OK);
    assert_figure(KEDGE_CARD_EPSILON, 0.5, nan_, nan_, 1);
    b.composition = 99;
    assert_int_equal(kedge_scorecard_take_privacy(&card, &b), KEDGE_ERR_STATE);
    assert_int_equal(kedge_scorecard_take_battery(&card, NULL), KEDGE_OK);
    assert_int_equal(kedge_scorecard_take_model(&card, NULL), KEDGE_OK);
    assert_int_equal(kedge_scorecard_take_pipeline(&card, NULL), KEDGE_OK);
    assert_int_equal(kedge_scorecard_take_privacy(&card, NULL), KEDGE_OK);
    assert_int_equal(kedge_scorecard_take_battery(NULL, &report), KEDGE_ERR_NULL);
    for (uint32_t by = KEDGE_SCORE_ACCURACY; by <= KEDGE_SCORE_R2; by++)
        assert_int_equal(kedge_score_direction(by), by == KEDGE_SCORE_ACCURACY || by == KEDGE_SCORE_AUC || by == KEDGE_SCORE_R2 ? 1 : -1);
    assert_int_equal(kedge_score_direction(0), 0);
    assert_int_equal(kedge_score_direction(9), 0);
}

/* Rules ----------------------------------------------------------------------------------------------------------------------- */

static kedge_battery_check judge_one(kedge_scorecard_rule rule, int with_champion, kedge_status expected)
{
    kedge_battery_check c;
    memset(&c, 0xA5, sizeof c);
    assert_int_equal(kedge_scorecard_judge(&card, with_champion ? &other : NULL, &rule, 1, &c), expected);
    return c;
}

static void assert_check(kedge_battery_check c, int32_t verdict, int32_t why, double limit)
{
    assert_int_equal(c.verdict, verdict);
    assert_int_equal(c.why, why);
    if (!same(c.limit, limit))
        assert_close(c.limit, limit, 1e-15);
}

static void test_rules(void **unused)
{
    const uint32_t acc = KEDGE_CARD_ACCURACY, p99 = KEDGE_CARD_LATENCY_P99, least = KEDGE_AT_LEAST, most = KEDGE_AT_MOST;
    const uint32_t value = KEDGE_BY_VALUE, interval = KEDGE_BY_INTERVAL;
    typedef kedge_scorecard_rule rule;
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    begin(&card, "new", "2");
    begin(&other, "old", "1");
    set(&card, acc, 0.9, 0.85, 0.94, 100);
    set(&other, acc, 0.92, 0.9, 0.93, 100);
    set(&card, p99, 120, nan_, nan_, 0);
    set(&other, p99, 100, nan_, nan_, 0);
    set(&card, KEDGE_CARD_AUC, nan_, nan_, nan_, 0);
    set(&other, KEDGE_CARD_F1, nan_, nan_, nan_, 0);
    set(&card, KEDGE_CARD_F1, 0.5, nan_, nan_, 0);
    const int32_t pass = KEDGE_BATTERY_PASS, fail_ = KEDGE_BATTERY_FAIL, undecided = KEDGE_BATTERY_UNDECIDED;
    assert_check(judge_one((rule){acc, least, 0.9, 0, KEDGE_DRIFT, value, NULL}, 0, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.9);
    assert_check(judge_one((rule){acc, most, 0.9, 0, KEDGE_DRIFT, value, NULL}, 0, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.9);
    assert_check(judge_one((rule){acc, least, 0.91, 0, KEDGE_DRIFT, value, NULL}, 0, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND, 0.91);
    assert_check(judge_one((rule){acc, least, 0.91, 0, KEDGE_WARNING, value, NULL}, 0, KEDGE_WARNING), fail_, KEDGE_WHY_BEYOND, 0.91);
    assert_check(judge_one((rule){acc, least, 0.84, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.84);
    assert_check(judge_one((rule){acc, least, 0.86, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_EMPTY), undecided, KEDGE_WHY_UNSURE, 0.86);
    assert_check(judge_one((rule){acc, least, 0.86, 0, KEDGE_WARNING, interval, NULL}, 0, KEDGE_OK), undecided, KEDGE_WHY_UNSURE, 0.86);
    assert_check(judge_one((rule){acc, least, 0.95, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND, 0.95);
    assert_check(judge_one((rule){acc, most, 0.86, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_EMPTY), undecided, KEDGE_WHY_UNSURE, 0.86);
    assert_check(judge_one((rule){acc, most, 0.84, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND, 0.84);
    /* Beside the champion. */
    assert_check(judge_one((rule){acc, least, -0.01, 1, KEDGE_DRIFT, value, NULL}, 1, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND, 0.91);
    assert_check(judge_one((rule){acc, least, -0.03, 1, KEDGE_DRIFT, value, NULL}, 1, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.89);
    assert_check(judge_one((rule){acc, least, -0.01, 1, KEDGE_DRIFT, value, NULL}, 0, KEDGE_OK), KEDGE_BATTERY_SKIPPED,
                 KEDGE_WHY_NO_CHAMPION, nan_);
    /* The difference is -0.02 within sqrt(0.05^2 + 0.01^2) = 0.051 below: -0.071. */
    assert_check(judge_one((rule){acc, least, -0.072, 1, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.848);
    assert_check(judge_one((rule){acc, least, -0.070, 1, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_EMPTY), undecided, KEDGE_WHY_UNSURE, 0.85);
    assert_check(judge_one((rule){p99, most, 0, 1.2, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 120);
    assert_check(judge_one((rule){p99, most, 0, 1.1, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND, 110);
    /* What is not known. */
    assert_check(judge_one((rule){KEDGE_CARD_AUC, least, 0.5, 0, KEDGE_DRIFT, value, NULL}, 1, KEDGE_EMPTY), undecided,
                 KEDGE_WHY_UNDEFINED, 0.5);
    assert_check(judge_one((rule){KEDGE_CARD_MCC, least, 0.5, 0, KEDGE_WARNING, value, NULL}, 1, KEDGE_OK), undecided,
                 KEDGE_WHY_UNDEFINED, 0.5);
    assert_check(judge_one((rule){KEDGE_CARD_F1, least, 0, 1, KEDGE_DRIFT, value, NULL}, 1, KEDGE_EMPTY), undecided,
                 KEDGE_WHY_UNDEFINED, nan_);
    assert_check(judge_one((rule){KEDGE_CARD_EXTRA, least, 0, 0, KEDGE_DRIFT, value, "churn"}, 1, KEDGE_EMPTY), undecided,
                 KEDGE_WHY_UNDEFINED, 0);
    assert_int_equal(kedge_scorecard_set_extra(&card, "churn", KEDGE_KIND_QUALITY, -1, 3, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&other, "churn", KEDGE_KIND_QUALITY, -1, 2, nan_, nan_, 0), KEDGE_OK);
    assert_check(judge_one((rule){KEDGE_CARD_EXTRA, most, 0, 1.5, KEDGE_DRIFT, value, "churn"}, 1, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 3);
    /* Numbers at the ends. */
    set(&card, KEDGE_CARD_BIAS, DBL_MAX, -DBL_MAX, inf, 0);
    set(&other, KEDGE_CARD_BIAS, -inf, -inf, DBL_MAX, 0);
    assert_check(judge_one((rule){KEDGE_CARD_BIAS, least, 1e300, 1e6, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_EMPTY), undecided,
                 KEDGE_WHY_UNSURE, -1e300);
    ASSERT_QUIET();
}

/* The most severe one counts, and a rule that is malformed writes nothing. */
static void test_many_rules(void **unused)
{
    kedge_scorecard_rule rules[] = {{KEDGE_CARD_ACCURACY, KEDGE_AT_LEAST, 0.95, 0, KEDGE_WARNING, KEDGE_BY_VALUE, NULL},
                                    {KEDGE_CARD_AUC, KEDGE_AT_LEAST, 0.5, 0, KEDGE_DRIFT, KEDGE_BY_VALUE, NULL},
                                    {KEDGE_CARD_ACCURACY, KEDGE_AT_LEAST, 0.99, 0, KEDGE_DRIFT, KEDGE_BY_VALUE, NULL}};
    kedge_battery_check checks[3], untouched[3];
    (void)unused;
    begin(&card, "m", "1");
    set(&card, KEDGE_CARD_ACCURACY, 0.9, nan_, nan_, 0);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 1, checks), KEDGE_WARNING);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 2, checks), KEDGE_EMPTY);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 3, checks), KEDGE_DRIFT);
    assert_int_equal(checks[0].verdict, KEDGE_BATTERY_FAIL);
    assert_int_equal(checks[1].verdict, KEDGE_BATTERY_UNDECIDED);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, NULL, 0, NULL), KEDGE_OK);
    memset(checks, 0x5C, sizeof checks);
    memcpy(untouched, checks, sizeof checks);
    const kedge_scorecard_rule good = rules[2];
    for (int k = 0; k < 13; k++) {
        rules[2] = good;
        rules[2].figure = k == 0 ? KEDGE_CARD_FIGURES : k == 1 ? KEDGE_CARD_EXTRA : good.figure;
        rules[2].side = k == 2 ? 0 : k == 3 ? 3 : good.side;
        rules[2].by = k == 4 ? 0 : k == 5 ? 3 : good.by;
        rules[2].limit = k == 6 ? nan_ : k == 7 ? 1.1e300 : good.limit;
        rules[2].share = k == 8 ? -1 : k == 9 ? 1.1e6 : k == 10 ? nan_ : 0;
        rules[2].status = k == 11 ? KEDGE_OK : k == 12 ? KEDGE_MORE : good.status;
        assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 3, checks), KEDGE_ERR_CONFIG);
    }
    assert_int_equal(kedge_scorecard_judge(NULL, NULL, rules, 2, checks), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, NULL, 2, checks), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 2, NULL), KEDGE_ERR_NULL);
    memset(&other, 0, sizeof other);
    assert_int_equal(kedge_scorecard_judge(&card, &other, rules, 2, checks), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_scorecard_judge(&other, NULL, rules, 2, checks), KEDGE_ERR_CONFIG);
    assert_memory_equal(checks, untouched, sizeof checks);
}

/* Comparisons ----------------------------------------------------------------------------------------------------------------- */

static uint32_t outcome_of(uint32_t figure)
{
    kedge_scorecard_comparison c;
    assert_int_equal(kedge_scorecard_compare(&other, &card, &c), KEDGE_OK);
    return c.figures[figure];
}

/* As the page says it: by value, and where intervals are known the squares of the ends towards each other add up. */
static uint32_t naive_outcome(const kedge_card_figure *was, const kedge_card_figure *is, int32_t direction)
{
    double d = is->value - was->value;
    double below = is->low == is->low ? (is->value - is->low) * (is->value - is->low) : 0;
    double above = is->high == is->high ? (is->high - is->value) * (is->high - is->value) : 0;
    below += was->high == was->high ? (was->high - was->value) * (was->high - was->value) : 0;
    above += was->low == was->low ? (was->value - was->low) * (was->value - was->low) : 0;
    if ((!was->taken && !is->taken) || direction == 0)
        return KEDGE_CARD_NONE;
    if (!was->taken || !is->taken || d != d)
        return KEDGE_CARD_UNKNOWN;
    if (d == 0)
        return KEDGE_CARD_EQUAL;
    if (d > 0 ? d * d <= below : d * d <= above)
        return KEDGE_CARD_UNSURE;
    return (d > 0) == (direction > 0) ? KEDGE_CARD_BETTER : KEDGE_CARD_WORSE;
}

static void draw(kedge_scorecard *c, uint32_t figure, kedge_rng *rng)
{
    double value = (double)kedge_rng_below(rng, 40), low = value - (double)kedge_rng_below(rng, 20),
           high = value + (double)kedge_rng_below(rng, 20);
    uint64_t kind = kedge_rng_below(rng, 8);
    if (kind == 0)
        return;
    if (kind == 1)
        value = nan_;
    if (kind == 2)
        low = nan_;
    set(c, figure, value, low, high, kind);
}

static void test_compare(void **unused)
{
    kedge_rng rng = {11};
    kedge_scorecard_comparison c;
    kedge_card_about about;
    uint32_t seen[6] = {0};
    (void)unused;
    for (int turn = 0; turn < 200; turn++) {
        uint32_t n[6] = {0};
        begin(&card, "new", "2");
        begin(&other, "old", "1");
        for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++)
            draw(&card, i, &rng), draw(&other, i, &rng);
        assert_int_equal(kedge_scorecard_compare(&other, &card, &c), KEDGE_OK);
        for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++) {
            assert_int_equal(kedge_scorecard_describe(i, &about), KEDGE_OK);
            assert_int_equal(c.figures[i], naive_outcome(&other.figures[i], &card.figures[i], about.direction));
            n[c.figures[i]]++;
            seen[c.figures[i]]++;
        }
        assert_int_equal(c.n_better, n[KEDGE_CARD_BETTER]);
        assert_int_equal(c.n_worse, n[KEDGE_CARD_WORSE]);
        assert_int_equal(c.n_equal, n[KEDGE_CARD_EQUAL]);
        assert_int_equal(c.n_unsure, n[KEDGE_CARD_UNSURE]);
        assert_int_equal(c.n_unknown, n[KEDGE_CARD_UNKNOWN]);
    }
    for (int i = 0; i < 6; i++)
        assert_true(seen[i] > 50);
}

static void test_compare_ends(void **unused)
{
    kedge_scorecard_comparison c, untouched;
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    begin(&card, "new", "2");
    begin(&other, "old", "1");
    set(&card, KEDGE_CARD_BUDGET_LEFT, inf, nan_, nan_, 0), set(&other, KEDGE_CARD_BUDGET_LEFT, inf, nan_, nan_, 0);
    set(&card, KEDGE_CARD_MAE, -DBL_MAX, -inf, inf, 0), set(&other, KEDGE_CARD_MAE, DBL_MAX, -inf, inf, 0);
    set(&card, KEDGE_CARD_R2, DBL_MAX, nan_, nan_, 0), set(&other, KEDGE_CARD_R2, -inf, nan_, nan_, 0);
    assert_int_equal(outcome_of(KEDGE_CARD_BUDGET_LEFT), KEDGE_CARD_EQUAL);
    assert_int_equal(outcome_of(KEDGE_CARD_MAE), KEDGE_CARD_UNSURE);
    assert_int_equal(outcome_of(KEDGE_CARD_R2), KEDGE_CARD_BETTER);
    assert_int_equal(kedge_scorecard_set_extra(&card, "a", 1, -1, 1, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&card, "b", 1, 1, 1, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&card, "c", 1, 0, 1, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&other, "c", 1, 0, 2, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&other, "a", 1, -1, 2, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_compare(&other, &card, &c), KEDGE_OK);
    assert_int_equal(c.extras[0], KEDGE_CARD_BETTER);
    assert_int_equal(c.extras[1], KEDGE_CARD_UNKNOWN);
    assert_int_equal(c.extras[2], KEDGE_CARD_NONE);
    assert_true(c.n_better == 2 && c.n_unknown == 1 && c.n_equal == 1 && c.n_unsure == 1 && c.n_worse == 0);
    ASSERT_QUIET();
    untouched = c;
    assert_int_equal(kedge_scorecard_compare(NULL, &card, &c), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_compare(&other, NULL, &c), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_compare(&other, &card, NULL), KEDGE_ERR_NULL);
    other.n_extras = KEDGE_CARD_EXTRAS + 1;
    assert_int_equal(kedge_scorecard_compare(&other, &card, &c), KEDGE_ERR_CONFIG);
    assert_memory_equal(&c, &untouched, sizeof c);
}

/* Writers --------------------------------------------------------------------------------------------------------------------- */

enum { WRITE_TEXT, WRITE_BESIDE, WRITE_JSON, WRITE_METRICS, WRITE_ALL };

static kedge_status write_as(int how, char *buf, size_t cap, size_t *len)
{
    static kedge_scorecard both[2];
    both[0] = card, both[1] = other;
    switch (how) {
    case WRITE_TEXT: return kedge_scorecard_text(&card, NULL, buf, cap, len);
    case WRITE_BESIDE: return kedge_scorecard_text(&card, &other, buf, cap, len);
    case WRITE_JSON: return kedge_scorecard_json(&card, buf, cap, len);
    default: return kedge_scorecard_openmetrics(both, 2, buf, cap, len);
    }
}

static const char *written(int how)
{
    size_t len = 0;
    memset(text, 0x5C, sizeof text);
    assert_int_equal(write_as(how, text, sizeof text, &len), KEDGE_OK);
    assert_int_equal(strlen(text), len);
    return text;
}

static void example(void)
{
    begin(&card, "fraud", "2024-05");
    begin(&other, "fraud", "2024-04");
    set(&card, KEDGE_CARD_ACCURACY, 0.93, 0.9187, 0.9402, 2000);
    set(&other, KEDGE_CARD_ACCURACY, 0.9, 0.886, 0.9123, 2000);
    set(&card, KEDGE_CARD_AUC, nan_, nan_, nan_, 0);
    set(&card, KEDGE_CARD_LATENCY_P99, 1234567, 1200000, 1300000, 5000);
    set(&other, KEDGE_CARD_LATENCY_P99, 1234567, nan_, nan_, 5000);
    set(&card, KEDGE_CARD_BURN_RATE, inf, nan_, nan_, 0);
    set(&card, KEDGE_CARD_DRIFTS, 3, nan_, nan_, 0);
    set(&other, KEDGE_CARD_PROMOTIONS, nan_, nan_, nan_, 0);
    set(&card, KEDGE_CARD_STATE_SIZE, 3275800, nan_, nan_, 0);
    set(&other, KEDGE_CARD_STATE_SIZE, 488, nan_, nan_, 0);
    assert_int_equal(kedge_scorecard_set_extra(&card, "churn \"\xE2\x82\xAC\"\n", KEDGE_KIND_COST, -1, 0.1, 0.05, 0.2, 7), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&other, "complaints", KEDGE_KIND_COMPLIANCE, -1, 4, nan_, nan_, 0), KEDGE_OK);
}

static void test_golden_text(void **unused)
{
    (void)unused;
    example();
    assert_string_equal(written(WRITE_TEXT), "fraud 2024-05\n"
                                             "quality\n"
                                             "  accuracy                      0.93 [0.9187, 0.9402] of 2000\n"
                                             "  auc                           not known\n"
                                             "service\n"
                                             "  latency_p99                   1.235 ms [1.2, 1.3] of 5000\n"
                                             "  burn_rate                     inf\n"
                                             "upkeep\n"
                                             "  drifts                        3\n"
                                             "cost\n"
                                             "  state_size                    3.124 MiB\n"
                                             "  churn \"\xE2\x82\xAC\"\xEF\xBF\xBD                    0.1 [0.05, 0.2] of 7\n");
    assert_string_equal(
        written(WRITE_BESIDE),
        "fraud 2024-05 beside fraud 2024-04\n"
        "quality\n"
        "  accuracy                      0.93 [0.9187, 0.9402] of 2000           0.9 [0.886, 0.9123]         better\n"
        "  auc                           not known                               -\n"
        "service\n"
        "  latency_p99                   1.235 ms [1.2, 1.3] of 5000             1.235 ms                    equal\n"
        "  burn_rate                     inf                                     -\n"
        "upkeep\n"
        "  drifts                        3                                       -\n"
        "  promotions                    -                                       not known\n"
        "cost\n"
        "  state_size                    3.124 MiB                               488 bytes                   worse\n"
        "  churn \"\xE2\x82\xAC\"\xEF\xBF\xBD                    0.1 [0.05, 0.2] of 7                    -\n"
        "compliance\n"
        "  complaints                    -                                       4\n");
    begin(&card, "", "");
    assert_string_equal(written(WRITE_TEXT), "model\n");
}

static void test_golden_json(void **unused)
{
    (void)unused;
    example();
    set(&card, KEDGE_CARD_F1, 1.0 / 3, nan_, nan_, UINT64_MAX);
    assert_string_equal(
        written(WRITE_JSON),
        "{\"model\":\"fraud\",\"version\":\"2024-05\",\"figures\":{"
        "\"accuracy\":{\"kind\":\"quality\",\"unit\":\"\",\"direction\":1,\"value\":0.93,\"low\":0.9187,\"high\":0.9402,\"n\":2000},"
        "\"f1\":{\"kind\":\"quality\",\"unit\":\"\",\"direction\":1,\"value\":0.3333333333333333,\"low\":null,\"high\":null,"
        "\"n\":18446744073709551615},"
        "\"auc\":{\"kind\":\"quality\",\"unit\":\"\",\"direction\":1,\"value\":null,\"low\":null,\"high\":null,\"n\":0},"
        "\"latency_p99\":{\"kind\":\"service\",\"unit\":\"ns\",\"direction\":-1,\"value\":1234567,\"low\":1200000,\"high\":1300000,"
        "\"n\":5000},"
        "\"burn_rate\":{\"kind\":\"service\",\"unit\":\"\",\"direction\":-1,\"value\":null,\"low\":null,\"high\":null,\"n\":0},"
        "\"drifts\":{\"kind\":\"upkeep\",\"unit\":\"\",\"direction\":0,\"value\":3,\"low\":null,\"high\":null,\"n\":0},"
        "\"state_size\":{\"kind\":\"cost\",\"unit\":\"bytes\",\"direction\":-1,\"value\":3275800,\"low\":null,\"high\":null,\"n\":0}},"
        "\"extras\":{\"churn \\\"\xE2\x82\xAC\\\"\\n\":{\"kind\":\"cost\",\"unit\":\"\",\"direction\":-1,\"value\":0.1,\"low\":0.05,"
        "\"high\":0.2,\"n\":7}}}");
    begin(&card, NULL, "\x01");
    assert_string_equal(written(WRITE_JSON), "{\"model\":\"\",\"version\":\"\\u0001\",\"figures\":{},\"extras\":{}}");
}

/* Accepted by the parser of prometheus_client 0.26, text_string_to_metric_families() of its openmetrics package. */
static void test_golden_openmetrics(void **unused)
{
    size_t len;
    (void)unused;
    example();
    assert_string_equal(
        written(WRITE_METRICS),
        "# TYPE kedge_accuracy gauge\n"
        "# HELP kedge_accuracy Share of right predictions.\n"
        "kedge_accuracy{model=\"fraud\",version=\"2024-05\"} 0.93\n"
        "kedge_accuracy{model=\"fraud\",version=\"2024-04\"} 0.9\n"
        "# TYPE kedge_accuracy_low gauge\n"
        "# HELP kedge_accuracy_low Share of right predictions, lower end of its interval.\n"
        "kedge_accuracy_low{model=\"fraud\",version=\"2024-05\"} 0.9187\n"
        "kedge_accuracy_low{model=\"fraud\",version=\"2024-04\"} 0.886\n"
        "# TYPE kedge_accuracy_high gauge\n"
        "# HELP kedge_accuracy_high Share of right predictions, upper end of its interval.\n"
        "kedge_accuracy_high{model=\"fraud\",version=\"2024-05\"} 0.9402\n"
        "kedge_accuracy_high{model=\"fraud\",version=\"2024-04\"} 0.9123\n"
        "# TYPE kedge_auc gauge\n"
        "# HELP kedge_auc Area under the ROC curve.\n"
        "kedge_auc{model=\"fraud\",version=\"2024-05\"} NaN\n"
        "# TYPE kedge_latency_p99_seconds gauge\n"
        "# UNIT kedge_latency_p99_seconds seconds\n"
        "# HELP kedge_latency_p99_seconds Time that 99 % of the answers do not exceed.\n"
        "kedge_latency_p99_seconds{model=\"fraud\",version=\"2024-05\"} 0.001234567\n"
        "kedge_latency_p99_seconds{model=\"fraud\",version=\"2024-04\"} 0.001234567\n"
        "# TYPE kedge_latency_p99_low_seconds gauge\n"
        "# UNIT kedge_latency_p99_low_seconds seconds\n"
        "# HELP kedge_latency_p99_low_seconds Time that 99 % of the answers do not exceed, lower end of its interval.\n"
        "kedge_latency_p99_low_seconds{model=\"fraud\",version=\"2024-05\"} 0.0012\n"
        "# TYPE kedge_latency_p99_high_seconds gauge\n"
        "# UNIT kedge_latency_p99_high_seconds seconds\n"
        "# HELP kedge_latency_p99_high_seconds Time that 99 % of the answers do not exceed, upper end of its interval.\n"
        "kedge_latency_p99_high_seconds{model=\"fraud\",version=\"2024-05\"} 0.0013\n"
        "# TYPE kedge_burn_rate gauge\n"
        "# HELP kedge_burn_rate How fast the error budget burns, 1 is just allowed.\n"
        "kedge_burn_rate{model=\"fraud\",version=\"2024-05\"} +Inf\n"
        "# TYPE kedge_drifts counter\n"
        "# HELP kedge_drifts Drifts seen.\n"
        "kedge_drifts_total{model=\"fraud\",version=\"2024-05\"} 3\n"
        "# TYPE kedge_state_size_bytes gauge\n"
        "# UNIT kedge_state_size_bytes bytes\n"
        "# HELP kedge_state_size_bytes Size of the model's state.\n"
        "kedge_state_size_bytes{model=\"fraud\",version=\"2024-05\"} 3275800\n"
        "kedge_state_size_bytes{model=\"fraud\",version=\"2024-04\"} 488\n"
        "# TYPE kedge_extra gauge\n"
        "# HELP kedge_extra A figure of the host's own.\n"
        "kedge_extra{model=\"fraud\",version=\"2024-05\",name=\"churn \\\"\xE2\x82\xAC\\\"\\n\"} 0.1\n"
        "kedge_extra{model=\"fraud\",version=\"2024-04\",name=\"complaints\"} 4\n"
        "# TYPE kedge_extra_low gauge\n"
        "# HELP kedge_extra_low A figure of the host's own, lower end of its interval.\n"
        "kedge_extra_low{model=\"fraud\",version=\"2024-05\",name=\"churn \\\"\xE2\x82\xAC\\\"\\n\"} 0.05\n"
        "# TYPE kedge_extra_high gauge\n"
        "# HELP kedge_extra_high A figure of the host's own, upper end of its interval.\n"
        "kedge_extra_high{model=\"fraud\",version=\"2024-05\",name=\"churn \\\"\xE2\x82\xAC\\\"\\n\"} 0.2\n"
        "# EOF\n");
    assert_int_equal(kedge_scorecard_openmetrics(NULL, 0, text, sizeof text, &len), KEDGE_OK);
    assert_string_equal(text, "# EOF\n");
    begin(&card, "a\xFF", "");
    begin(&other, "a\xC0", "");
    assert_int_equal(write_as(WRITE_METRICS, text, sizeof text, &len), KEDGE_ERR_SHAPE); /* told alike */
}

/* Everything there is, at its longest. */
static void fill_all(kedge_scorecard *c, const char *name, kedge_rng *rng)
{
    begin(c, name, name);
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++)
        set(c, i, 2.2250738585072014e-308, 2.2250738585072011e-308, 1.7976931348623157e308, kedge_rng_next(rng));
    for (uint32_t i = 0; i < KEDGE_CARD_EXTRAS; i++) {
        char extra[KEDGE_CARD_EXTRA_MAX + 1];
        memset(extra, '\x01', sizeof extra);
        snprintf(extra, sizeof extra, "%u\x02\x7F", i);
        assert_int_equal(kedge_scorecard_set_extra(c, extra, 1 + i % 5, -1, -1e-300, -1e300, 1e300, 1), KEDGE_OK);
    }
}

static void test_every_cap(void **unused)
{
    kedge_rng rng = {2};
    (void)unused;
    for (int full = 0; full < 2; full++)
        for (int how = 0; how < WRITE_ALL; how++) {
            size_t len, need;
            if (full)
                fill_all(&card, "new \"\\\n", &rng), fill_all(&other, "old", &rng);
            else
                example();
            written(how);
            len = strlen(text);
            for (size_t cap = 0; cap <= len + 2; cap += full && cap > 40 && cap < len - 40 ? 997 : 1) {
                char *buf = guard_new(cap, 0x5C);
                need = 0;
                assert_int_equal(write_as(how, buf, cap, &need), cap > len ? KEDGE_OK : KEDGE_ERR_BUFFER);
                assert_int_equal(need, len);
                if (cap > len)
                    assert_memory_equal(buf, text, len + 1);
                for (size_t i = 0; i < cap && cap <= len; i++) /* all or nothing */
                    assert_int_equal(buf[i], 0x5C);
                guard_free(buf);
            }
            assert_int_equal(write_as(how, NULL, 0, &need), KEDGE_ERR_BUFFER);
            assert_int_equal(need, len);
            assert_int_equal(write_as(how, NULL, 1, &need), KEDGE_ERR_NULL);
            assert_int_equal(write_as(how, text, sizeof text, NULL), KEDGE_ERR_NULL);
        }
    size_t len;
    assert_int_equal(kedge_scorecard_text(NULL, NULL, text, sizeof text, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_json(NULL, text, sizeof text, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_openmetrics(NULL, 1, text, sizeof text, &len), KEDGE_ERR_NULL);
    other.card_bytes = 0;
    for (int how = 1; how < WRITE_ALL; how += 2)
        if (how != WRITE_JSON)
            assert_int_equal(write_as(how, text, sizeof text, &len), KEDGE_ERR_CONFIG);
    card.card_bytes = 0;
    for (int how = 0; how < WRITE_ALL; how++)
        assert_int_equal(write_as(how, text, sizeof text, &len), KEDGE_ERR_CONFIG);
}

/* Parsers of what the writers may write --------------------------------------------------------------------------------------- */

/* One code point of UTF-8 by the definition; 0: there is none. */
static size_t parse_utf8(const unsigned char *s)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    size_t more = s[0] < 0x80 ? 0 : s[0] >> 5 == 6 ? 1 : s[0] >> 4 == 14 ? 2 : s[0] >> 3 == 30 ? 3 : 9;
    if (more == 9)
        return 0;
    uint32_t point = more ? s[0] & (0x3Fu >> more) : s[0];
    for (size_t i = 1; i <= more; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        point = point << 6 | (s[i] & 0x3Fu);
    }
    int bad = point < least[more] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000);
    return bad ? 0 : more + 1;
}

static const char *parse_json(const char *s);

static const char *parse_json_string(const char *s)
{
    assert_int_equal(*s++, '"');
    while (*s != '"') {
        size_t n = parse_utf8((const unsigned char *)s);
        assert_true(n > 0 && (unsigned char)*s >= 0x20);
        if (*s == '\\') {
            assert_non_null(strchr("\"\\/bfnrtu", s[1]));
            if (s[1] == 'u')
                assert_true(strspn(s + 2, "0123456789abcdefABCDEF") >= 4);
            n = s[1] == 'u' ? 6 : 2;
        }
        s += n;
    }
    return s + 1;
}

static const char *parse_json_number(const char *s)
{
    s += *s == '-';
    size_t whole = strspn(s, "0123456789");
    assert_true(whole > 0 && (*s != '0' || whole == 1));
    s += whole;
    if (*s == '.') {
        assert_true(strspn(s + 1, "0123456789") > 0);
        s += 1 + strspn(s + 1, "0123456789");
    }
    if (*s == 'e') {
        s += 1 + (s[1] == '-');
        assert_true(strspn(s, "0123456789") > 0);
        s += strspn(s, "0123456789");
    }
    return s;
}

static const char *parse_json_object(const char *s)
{
    assert_int_equal(*s++, '{');
    if (*s == '}')
        return s + 1;
    for (;; s++) {
        s = parse_json_string(s);
        assert_int_equal(*s, ':');
        s = parse_json(s + 1);
        if (*s == '}')
            return s + 1;
        assert_int_equal(*s, ',');
    }
}

static const char *parse_json(const char *s)
{
    if (*s == '{')
        return parse_json_object(s);
    if (*s == '"')
        return parse_json_string(s);
    if (*s == 'n') {
        assert_memory_equal(s, "null", 4);
        return s + 4;
    }
    return parse_json_number(s);
}

/* Labels in braces, each with a value in quotes. */
static const char *parse_labels(const char *s)
{
    assert_int_equal(*s, '{');
    do {
        s++;
        assert_true(strspn(s, "abcdefghijklmnopqrstuvwxyz") > 0);
        s += strspn(s, "abcdefghijklmnopqrstuvwxyz");
        assert_memory_equal(s, "=\"", 2);
        for (s += 2; *s != '"';) {
            size_t n = parse_utf8((const unsigned char *)s);
            assert_true(n > 0 && *s != '\n' && *s);
            if (*s == '\\')
                assert_non_null(strchr("\\\"n", s[1]));
            s += *s == '\\' ? 2 : n;
        }
        s++;
    } while (*s == ',');
    assert_int_equal(*s, '}');
    return s + 1;
}

/* The head of a family, then its samples; no family twice. Returns the line behind. */
static const char *parse_family(const char *s, const char *all)
{
    char name[96], unit[16] = "", start[128];
    int is_counter, n_read = 0;
    assert_int_equal(sscanf(s, "# TYPE %90s %n", name, &n_read), 1);
    s += n_read;
    is_counter = strncmp(s, "counter\n", 8) == 0;
    assert_true(is_counter || strncmp(s, "gauge\n", 6) == 0);
    s = strchr(s, '\n') + 1;
    snprintf(start, sizeof start, "# TYPE %s ", name);
    assert_null(strstr(strstr(all, start) + 1, start));
    snprintf(start, sizeof start, "# UNIT %s ", name);
    if (strncmp(s, start, strlen(start)) == 0) {
        assert_int_equal(sscanf(s + strlen(start), "%15[^\n]", unit), 1);
        assert_string_equal(name + strlen(name) - strlen(unit), unit);
        s = strchr(s, '\n') + 1;
    }
    snprintf(start, sizeof start, "# HELP %s ", name);
    assert_memory_equal(s, start, strlen(start));
    s = strchr(s, '\n') + 1;
    snprintf(start, sizeof start, "%s%s{", name, is_counter ? "_total" : "");
    assert_memory_equal(s, start, strlen(start)); /* a sample at least */
    while (strncmp(s, start, strlen(start)) == 0) {
        char *end;
        s = parse_labels(s + strlen(start) - 1);
        assert_int_equal(*s++, ' ');
        double x = strtod(s, &end);
        assert_true(end > s && *end == '\n' && (!is_counter || x >= 0));
        s = end + 1;
    }
    return s;
}

static void parse_openmetrics(const char *all)
{
    const char *s = all;
    while (strncmp(s, "# EOF\n", 6) != 0)
        s = parse_family(s, all);
    assert_int_equal(s[6], '\0');
}

static void random_name(char *name, size_t room, kedge_rng *rng)
{
    static const char *const parts[] = {"\"", "\\", "\n", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\xA0\x80", "\xC0\x80", "{", ","};
    size_t n = (size_t)kedge_rng_below(rng, room), at = 0;
    while (at < n)
        if (kedge_rng_below(rng, 2)) {
            name[at++] = (char)(1 + kedge_rng_below(rng, 255));
        } else {
            const char *part = parts[kedge_rng_below(rng, sizeof parts / sizeof *parts)];
            for (; *part && at < n; part++)
                name[at++] = *part;
        }
    name[n] = '\0';
}

static void test_hostile_names(void **unused)
{
    kedge_rng rng = {9};
    char name[KEDGE_CARD_NAME_MAX + 1];
    (void)unused;
    for (int turn = 0; turn < 2000; turn++) {
        size_t len;
        random_name(name, sizeof name, &rng);
        begin(&card, name, "1");
        random_name(name, sizeof name, &rng);
        begin(&other, "other", name);
        for (int i = 0; i < 6; i++) {
            random_name(name, KEDGE_CARD_EXTRA_MAX + 1, &rng);
            if (*name)
                assert_int_equal(kedge_scorecard_set_extra(&card, name, 1 + (uint32_t)i % 5, 0, i, nan_, nan_, 0), KEDGE_OK);
        }
        draw(&card, (uint32_t)kedge_rng_below(&rng, KEDGE_CARD_FIGURES), &rng);
        assert_int_equal(*parse_json(written(WRITE_JSON)), '\0');
        parse_openmetrics(written(WRITE_METRICS));
        written(WRITE_BESIDE);
        for (const char *s = text; *s; s += len) { /* UTF-8 without controls */
            len = parse_utf8((const unsigned char *)s);
            assert_true(len > 0 && ((unsigned char)*s >= 0x20 || *s == '\n') && *s != 0x7F);
        }
        memset(card.model, 0xE2, sizeof card.model); /* no end: only the room is read */
        memset(card.extras[0].name, '\\', sizeof card.extras[0].name);
        assert_int_equal(*parse_json(written(WRITE_JSON)), '\0');
    }
}

/* What is read back is what was written. */
static void test_numbers(void **unused)
{
    kedge_rng rng = {13};
    (void)unused;
    for (int turn = 0; turn < 3000; turn++) {
        uint64_t bits = kedge_rng_next(&rng);
        double x;
        memcpy(&x, &bits, sizeof x);
        begin(&card, "m", "1"), begin(&other, "n", "1");
        set(&card, KEDGE_CARD_BIAS, x, nan_, nan_, bits);
        const char *value = strstr(written(WRITE_JSON), "\"value\":") + 8;
        if (isfinite(x))
            assert_true(strtod(value, NULL) == x);
        else
            assert_memory_equal(value, "null", 4);
        assert_int_equal(strtoull(strstr(value, "\"n\":") + 4, NULL, 10), bits);
        assert_true(same(strtod(strchr(written(WRITE_METRICS), '}') + 1, NULL), x));
    }
}

static void test_locale(void **unused)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "pt_BR.UTF-8"};
    static char before[WRITE_ALL][1 << 13];
    int is_set = 0;
    (void)unused;
    example();
    for (int how = 0; how < WRITE_ALL; how++)
        snprintf(before[how], sizeof before[how], "%s", written(how));
    for (size_t i = 0; i < sizeof locales / sizeof *locales && !is_set; i++)
        is_set = setlocale(LC_ALL, locales[i]) != NULL;
    if (!is_set)
        skip();
    for (int how = 0; how < WRITE_ALL; how++)
        assert_string_equal(written(how), before[how]);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begin),         cmocka_unit_test(test_set),          cmocka_unit_test(test_extras),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_empty),        cmocka_unit_test(test_quality_kinds),
        cmocka_unit_test(test_areas),         cmocka_unit_test(test_service),      cmocka_unit_test(test_upkeep_and_cost),
        cmocka_unit_test(test_fairness_kinds), cmocka_unit_test(test_reports),     cmocka_unit_test(test_rules),
        cmocka_unit_test(test_many_rules),    cmocka_unit_test(test_compare),      cmocka_unit_test(test_compare_ends),
        cmocka_unit_test(test_golden_text),   cmocka_unit_test(test_golden_json),  cmocka_unit_test(test_golden_openmetrics),
        cmocka_unit_test(test_every_cap),     cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
