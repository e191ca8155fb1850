/* SPDX-License-Identifier: MIT */
/* Scorecards: what each source brings. */
#include "cards.h"

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
        int elsewhere = i == KEDGE_CARD_ERROR || i == KEDGE_CARD_STATE_SIZE || i == KEDGE_CARD_SNAPSHOT_SIZE ||
            i == KEDGE_CARD_EPSILON;
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
    } life[] = {{KEDGE_UPKEEP_CHANGE, 0},    {KEDGE_UPKEEP_DETECTED, 10},    {KEDGE_UPKEEP_TRAINING, 20},
                {KEDGE_UPKEEP_FAILED, 30}, {KEDGE_UPKEEP_TRAINING, 40},
                {KEDGE_UPKEEP_TRAINED, 60},     {KEDGE_UPKEEP_PROMOTED, 100},   {KEDGE_UPKEEP_INCIDENT,
                                                                                 200}, {KEDGE_UPKEEP_RESTORED,
                                                                                        250}, {KEDGE_UPKEEP_INTERVENTION,
                                                                                            260}, {KEDGE_UPKEEP_ROLLED_BACK, 300}};
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
    assert_figure(KEDGE_CARD_OPPORTUNITY_DIFFERENCE, r.equal_opportunity_difference, c.gap.difference_low, c.gap.difference_high,
                  600);
    assert_int_equal(kedge_fairness_compare(&f, KEDGE_RATE_PRECISION, &c), KEDGE_OK);
    assert_figure(KEDGE_CARD_PREDICTIVE_PARITY_DIFFERENCE, r.predictive_parity_difference, c.gap.difference_low,
                  c.gap.difference_high, 600);
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
    kedge_pipeline_report p = {.n_predicted = 9, .n_labelled = 8, .n_drifts = 7, .n_trainings = 6, .n_failures = 5,
                               .n_promotions = 4, .error_mean = 0.25};
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
        assert_int_equal(kedge_score_direction(by), by == KEDGE_SCORE_ACCURACY || by == KEDGE_SCORE_AUC ||
                         by == KEDGE_SCORE_R2 ? 1 : -1);
    assert_int_equal(kedge_score_direction(0), 0);
    assert_int_equal(kedge_score_direction(9), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty), cmocka_unit_test(test_quality_kinds), cmocka_unit_test(test_areas),
        cmocka_unit_test(test_service), cmocka_unit_test(test_upkeep_and_cost), cmocka_unit_test(test_fairness_kinds),
        cmocka_unit_test(test_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
