/* SPDX-License-Identifier: MIT */
/* Figures from the metrics that have them. An empty metric tells NaN, which is what its card then says. */
#include "base/fp.h"

#include <math.h>

#include "kedge/scorecard.h"

#include "base/check.h"
#include "base/interval.h"
#include "scorecard/card.h"

#define CARD_CONFIDENCE 0.95 /* of the intervals that metrics do not have themselves */

/* A figure without an interval. */
static void card_plain(kedge_scorecard *card, uint32_t figure, double value, uint64_t n)
{
    kedge_i_card_put(&card->figures[figure], value, (double)NAN, (double)NAN, n);
}

static void card_sure(kedge_scorecard *card, uint32_t figure, double value, double low, double high, uint64_t n)
{
    kedge_i_card_put(&card->figures[figure], value, low, high, n);
}

static kedge_status card_take_quality(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_quality_report r;
    KEDGE_TRY(kedge_quality_read(m, &r));
    card_sure(card, KEDGE_CARD_ACCURACY, r.accuracy, r.accuracy_low, r.accuracy_high, r.n);
    card_plain(card, KEDGE_CARD_BALANCED_ACCURACY, r.balanced_accuracy, r.n);
    card_plain(card, KEDGE_CARD_PRECISION, r.precision_macro, r.n);
    card_plain(card, KEDGE_CARD_RECALL, r.recall_macro, r.n);
    card_plain(card, KEDGE_CARD_F1, r.f1_macro, r.n);
    card_plain(card, KEDGE_CARD_MCC, r.mcc, r.n);
    card_plain(card, KEDGE_CARD_KAPPA, r.kappa, r.n);
    card_plain(card, KEDGE_CARD_KAPPA_TEMPORAL, r.kappa_temporal, r.n);
    card_plain(card, KEDGE_CARD_G_MEAN, r.g_mean, r.n);
    return KEDGE_OK;
}

static kedge_status card_take_regression(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_regression_report r;
    KEDGE_TRY(kedge_regression_read(m, &r));
    card_plain(card, KEDGE_CARD_MAE, r.mae, r.n);
    card_plain(card, KEDGE_CARD_MSE, r.mse, r.n);
    card_plain(card, KEDGE_CARD_RMSE, r.rmse, r.n);
    card_plain(card, KEDGE_CARD_MAPE, r.mape, r.n);
    card_plain(card, KEDGE_CARD_R2, r.r2, r.n);
    card_plain(card, KEDGE_CARD_BIAS, r.bias, r.n);
    return KEDGE_OK;
}

static kedge_status card_take_reliability(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_reliability_report r;
    KEDGE_TRY(kedge_reliability_read(m, &r));
    card_plain(card, KEDGE_CARD_LOG_LOSS, r.log_loss, r.n);
    card_plain(card, KEDGE_CARD_BRIER, r.brier, r.n);
    card_plain(card, KEDGE_CARD_CALIBRATION_ERROR, r.ece, r.n);
    return KEDGE_OK;
}

/* Its bounds are of what the buckets hide, not of chance, and so no interval. */
static kedge_status card_take_auc_stream(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_auc_stream_report r;
    KEDGE_TRY(kedge_auc_stream_read(m, &r));
    card_plain(card, KEDGE_CARD_AUC, r.auc, r.n);
    card_plain(card, KEDGE_CARD_AVERAGE_PRECISION, r.average_precision, r.n);
    return KEDGE_OK;
}

static kedge_status card_take_auc_window(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_auc_window_report r;
    KEDGE_TRY(kedge_auc_window_read(m, &r));
    card_plain(card, KEDGE_CARD_AUC, r.auc, r.n);
    return KEDGE_OK;
}

static kedge_status card_take_cbpe(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_cbpe_report r;
    KEDGE_TRY(kedge_cbpe_read(m, &r));
    card_sure(card, KEDGE_CARD_EXPECTED_ACCURACY, r.accuracy, r.accuracy_low, r.accuracy_high, r.n);
    return KEDGE_OK;
}

static kedge_status card_take_dle(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_dle_report r;
    KEDGE_TRY(kedge_dle_read(m, &r));
    card_sure(card, KEDGE_CARD_EXPECTED_LOSS, r.mean, r.low, r.high, r.n);
    return KEDGE_OK;
}

static kedge_status card_take_slices(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_slice worst = {.error_rate = (double)NAN};
    size_t n;
    KEDGE_TRY(kedge_slices_worst(m, &worst, 1, &n));
    card_sure(card, KEDGE_CARD_WORST_SLICE_ERROR, worst.error_rate, worst.low, worst.high, worst.n);
    return KEDGE_OK;
}

static double card_ratio(uint64_t part, uint64_t whole)
{
    double ratio = (double)part / fmax((double)whole, 1.0);
    return whole > 0 ? ratio : (double)NAN;
}

static kedge_status card_take_joiner(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_joiner_report r;
    KEDGE_TRY(kedge_joiner_read(m, &r));
    uint64_t told = r.n_added - r.n_waiting;
    card_plain(card, KEDGE_CARD_LABELLED, card_ratio(r.n_joined, told), told);
    card_plain(card, KEDGE_CARD_LABEL_DELAY, r.delay_mean, r.n_joined);
    return KEDGE_OK;
}

/* A quantile with the quantiles that its rank may be, as many deviations of a binomial count away as the confidence says. */
static kedge_status card_take_quantile(kedge_scorecard *card, const kedge_metric *m, uint32_t figure, double q, uint64_t n)
{
    double reach = -kedge_i_normal_quantile(0.5 * (1.0 - CARD_CONFIDENCE)) * sqrt(q * (1.0 - q) / fmax((double)n, 1.0));
    uint64_t value, low, high;
    KEDGE_TRY(kedge_latency_quantile(m, q, &value));
    KEDGE_TRY(kedge_latency_quantile(m, fmax(q - reach, 0.0), &low));
    KEDGE_TRY(kedge_latency_quantile(m, fmin(q + reach, 1.0), &high));
    if (n > 0)
        card_sure(card, figure, (double)value, (double)low, (double)high, n);
    else
        card_plain(card, figure, (double)NAN, 0);
    return KEDGE_OK;
}

static kedge_status card_take_latency(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_latency_report r;
    KEDGE_TRY(kedge_latency_read(m, &r));
    KEDGE_TRY(card_take_quantile(card, m, KEDGE_CARD_LATENCY_P50, 0.5, r.n));
    KEDGE_TRY(card_take_quantile(card, m, KEDGE_CARD_LATENCY_P90, 0.9, r.n));
    KEDGE_TRY(card_take_quantile(card, m, KEDGE_CARD_LATENCY_P99, 0.99, r.n));
    KEDGE_TRY(card_take_quantile(card, m, KEDGE_CARD_LATENCY_P999, 0.999, r.n));
    card_plain(card, KEDGE_CARD_LATENCY_MEAN, r.n > 0 ? r.mean : (double)NAN, r.n);
    card_plain(card, KEDGE_CARD_LATENCY_MAX, r.n > 0 ? (double)r.max : (double)NAN, r.n);
    return KEDGE_OK;
}

static kedge_status card_take_throughput(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_throughput_report r;
    KEDGE_TRY(kedge_throughput_read(m, &r));
    card_plain(card, KEDGE_CARD_THROUGHPUT, r.per_second, r.n);
    card_plain(card, KEDGE_CARD_THROUGHPUT_RECENT, r.recent_per_second, r.n);
    return KEDGE_OK;
}

static kedge_status card_take_slo(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_slo_report r;
    KEDGE_TRY(kedge_slo_read(m, &r));
    uint64_t n = r.n_good + r.n_bad;
    card_plain(card, KEDGE_CARD_BUDGET_LEFT, r.left, n);
    card_plain(card, KEDGE_CARD_BURN_RATE, r.burn_short[0] == r.burn_short[0] ? r.burn_short[0] : r.spent, n);
    return KEDGE_OK;
}

static kedge_status card_take_upkeep(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_upkeep_report r;
    KEDGE_TRY(kedge_upkeep_read(m, &r));
    card_plain(card, KEDGE_CARD_PROMOTIONS_PER_DAY, r.promotions_per_day, r.n_promoted);
    card_plain(card, KEDGE_CARD_LEAD_TIME, r.lead.mean_ns, r.lead.n);
    card_plain(card, KEDGE_CARD_DETECT_TIME, r.detect.mean_ns, r.detect.n);
    card_plain(card, KEDGE_CARD_RETRAIN_TIME, r.retrain.mean_ns, r.retrain.n);
    card_plain(card, KEDGE_CARD_PROMOTE_TIME, r.promote.mean_ns, r.promote.n);
    card_plain(card, KEDGE_CARD_RESTORE_TIME, r.restore.mean_ns, r.restore.n);
    card_plain(card, KEDGE_CARD_TRAINING_TIME, r.train.mean_ns, r.train.n);
    card_sure(card, KEDGE_CARD_CHANGE_FAILURE_RATE, r.change_failure_rate, r.change_failure_low, r.change_failure_high,
              r.n_promoted);
    card_plain(card, KEDGE_CARD_DRIFTS, (double)r.n_detected, 0);
    card_plain(card, KEDGE_CARD_TRAININGS, (double)r.n_trainings, 0);
    card_plain(card, KEDGE_CARD_FAILED_TRAININGS, (double)r.n_failed, 0);
    card_plain(card, KEDGE_CARD_PROMOTIONS, (double)r.n_promoted, 0);
    card_plain(card, KEDGE_CARD_ROLLBACKS, (double)r.n_rolled_back, 0);
    card_plain(card, KEDGE_CARD_INCIDENTS, (double)r.n_incidents, 0);
    card_plain(card, KEDGE_CARD_INTERVENTIONS, (double)r.n_interventions, 0);
    return KEDGE_OK;
}

static kedge_status card_take_cost(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_cost_report r;
    kedge_cost_part predicted, trained;
    KEDGE_TRY(kedge_cost_read(m, &r));
    KEDGE_TRY(kedge_cost_read_kind(m, KEDGE_COST_PREDICT, &predicted));
    KEDGE_TRY(kedge_cost_read_kind(m, KEDGE_COST_TRAIN, &trained));
    card_plain(card, KEDGE_CARD_COST_PER_THOUSAND, r.per_thousand, predicted.n);
    card_plain(card, KEDGE_CARD_COST_PER_THOUSAND_ALL, r.per_thousand_all, predicted.n);
    card_plain(card, KEDGE_CARD_COST_PER_TRAINING, r.per_training, trained.n);
    card_plain(card, KEDGE_CARD_COST_PER_POINT, r.per_point, r.n_gains);
    card_plain(card, KEDGE_CARD_COST, r.price, 0);
    card_plain(card, KEDGE_CARD_COMPUTE, (double)r.compute_ns, 0);
    card_plain(card, KEDGE_CARD_ENERGY, r.joules, 0);
    card_plain(card, KEDGE_CARD_MOVED, (double)r.bytes_moved, 0);
    card_plain(card, KEDGE_CARD_HELD, (double)r.bytes_now, 0);
    card_plain(card, KEDGE_CARD_HELD_PEAK, (double)r.bytes_peak, 0);
    card_plain(card, KEDGE_CARD_PREDICTIONS, (double)predicted.n, 0);
    card_plain(card, KEDGE_CARD_TRAININGS, (double)trained.n, 0);
    return KEDGE_OK;
}

/* Of the groups that differ most in a rate. */
static kedge_status card_take_gap(kedge_scorecard *card, const kedge_metric *m, uint32_t figure, uint32_t rate, uint64_t n)
{
    kedge_fairness_comparison c;
    KEDGE_TRY(kedge_fairness_compare(m, rate, &c));
    card_sure(card, figure, c.gap.difference, c.gap.difference_low, c.gap.difference_high, n);
    if (rate == KEDGE_RATE_SELECTED)
        card_sure(card, KEDGE_CARD_PARITY_RATIO, c.gap.ratio, c.gap.ratio_low, c.gap.ratio_high, n);
    return KEDGE_OK;
}

static kedge_status card_take_fairness(kedge_scorecard *card, const kedge_metric *m)
{
    kedge_fairness_report r;
    KEDGE_TRY(kedge_fairness_read(m, &r));
    KEDGE_TRY(card_take_gap(card, m, KEDGE_CARD_PARITY_DIFFERENCE, KEDGE_RATE_SELECTED, r.n));
    KEDGE_TRY(card_take_gap(card, m, KEDGE_CARD_OPPORTUNITY_DIFFERENCE, KEDGE_RATE_TRUE_POSITIVE, r.n));
    KEDGE_TRY(card_take_gap(card, m, KEDGE_CARD_PREDICTIVE_PARITY_DIFFERENCE, KEDGE_RATE_PRECISION, r.n));
    KEDGE_TRY(card_take_gap(card, m, KEDGE_CARD_CALIBRATION_DIFFERENCE, KEDGE_RATE_CALIBRATION, r.n));
    card_plain(card, KEDGE_CARD_ODDS_DIFFERENCE, r.equalised_odds_difference, r.n);
    card_plain(card, KEDGE_CARD_GROUP_CALIBRATION_ERROR, r.calibration_error, r.n);
    return KEDGE_OK;
}

kedge_status kedge_scorecard_take(kedge_scorecard *card, const kedge_metric *m)
{
    static const struct {
        const kedge_metric_class *cls;
        kedge_status (*take)(kedge_scorecard *card, const kedge_metric *m);
    } sources[] = {{&kedge_auc_stream, card_take_auc_stream},   {&kedge_auc_window, card_take_auc_window},
                   {&kedge_cbpe, card_take_cbpe},               {&kedge_cost, card_take_cost},
                   {&kedge_dle, card_take_dle},                 {&kedge_fairness, card_take_fairness},
                   {&kedge_joiner, card_take_joiner},           {&kedge_latency, card_take_latency},
                   {&kedge_quality, card_take_quality},         {&kedge_regression, card_take_regression},
                   {&kedge_reliability, card_take_reliability}, {&kedge_slices, card_take_slices},
                   {&kedge_slo, card_take_slo},                 {&kedge_throughput, card_take_throughput},
                   {&kedge_upkeep, card_take_upkeep}};
    KEDGE_TRY(kedge_i_card_check(card));
    if (!m)
        return KEDGE_OK;
    if (!m->cls || !m->state)
        return KEDGE_ERR_NULL;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (sources[i].cls == m->cls)
            return sources[i].take(card, m);
    return KEDGE_ERR_UNSUPPORTED;
}
