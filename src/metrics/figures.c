/* SPDX-License-Identifier: MIT */
/* What each figure is called, counted in, and which way of it is better. */
#include "base/fp.h"

#include "metrics/figures.h"

#define CARD_FIGURE(id, kind, direction, name, unit, help) \
    [KEDGE_CARD_##id] = {name, unit, help, KEDGE_KIND_##kind, direction, 0, 0}
#define CARD_COUNTER(id, kind, name, unit, help) [KEDGE_CARD_##id] = {name, unit, help, KEDGE_KIND_##kind, 0, 1, 0}

/* One a line, by KEDGE_CARD_... */
/* clang-format off */
const kedge_card_about kedge_i_figures[KEDGE_CARD_FIGURES] = {
    CARD_FIGURE(ACCURACY, QUALITY, 1, "accuracy", "", "Share of right predictions"),
    CARD_FIGURE(BALANCED_ACCURACY, QUALITY, 1, "balanced_accuracy", "", "Mean recall of the classes that occurred"),
    CARD_FIGURE(PRECISION, QUALITY, 1, "precision", "", "Right among predicted, mean of the classes"),
    CARD_FIGURE(RECALL, QUALITY, 1, "recall", "", "Right among occurred, mean of the classes"),
    CARD_FIGURE(F1, QUALITY, 1, "f1", "", "Harmonic mean of precision and recall, mean of the classes"),
    CARD_FIGURE(MCC, QUALITY, 1, "mcc", "", "Matthews correlation of truth and prediction"),
    CARD_FIGURE(KAPPA, QUALITY, 1, "kappa", "", "Accuracy beyond chance"),
    CARD_FIGURE(KAPPA_TEMPORAL, QUALITY, 1, "kappa_temporal", "", "Accuracy beyond repeating the last truth"),
    CARD_FIGURE(G_MEAN, QUALITY, 1, "g_mean", "", "Geometric mean of the recall of the classes"),
    CARD_FIGURE(AUC, QUALITY, 1, "auc", "", "Area under the ROC curve"),
    CARD_FIGURE(AVERAGE_PRECISION, QUALITY, 1, "average_precision", "", "Area under the precision-recall curve"),
    CARD_FIGURE(LOG_LOSS, QUALITY, -1, "log_loss", "", "Mean of -ln of the probability of what happened"),
    CARD_FIGURE(BRIER, QUALITY, -1, "brier", "", "Mean squared error of the probabilities"),
    CARD_FIGURE(CALIBRATION_ERROR, QUALITY, -1, "calibration_error", "", "Expected distance of confidence and frequency"),
    CARD_FIGURE(MAE, QUALITY, -1, "mae", "", "Mean absolute error"),
    CARD_FIGURE(MSE, QUALITY, -1, "mse", "", "Mean squared error"),
    CARD_FIGURE(RMSE, QUALITY, -1, "rmse", "", "Root of the mean squared error"),
    CARD_FIGURE(MAPE, QUALITY, -1, "mape", "", "Mean absolute error by the truth"),
    CARD_FIGURE(R2, QUALITY, 1, "r2", "", "Share of the variance that is explained"),
    CARD_FIGURE(BIAS, QUALITY, 0, "bias", "", "Mean error, above 0 if predictions are too high"),
    CARD_FIGURE(EXPECTED_ACCURACY, QUALITY, 1, "expected_accuracy", "", "Accuracy that is to be expected, without labels"),
    CARD_FIGURE(EXPECTED_LOSS, QUALITY, -1, "expected_loss", "", "Loss that is to be expected, without labels"),
    CARD_FIGURE(WORST_SLICE_ERROR, QUALITY, -1, "worst_slice_error", "", "Share of wrong predictions in the worst slice"),
    CARD_FIGURE(ERROR, QUALITY, -1, "error", "", "Error rate of the pipeline, or its mean absolute error"),
    CARD_FIGURE(LABELLED, QUALITY, 1, "labelled", "", "Share of the predictions that got a label"),
    CARD_FIGURE(LABEL_DELAY, QUALITY, -1, "label_delay", "", "Mean time from a prediction to its label"),
    CARD_FIGURE(LATENCY_MEAN, SERVICE, -1, "latency_mean", "ns", "Mean time of an answer"),
    CARD_FIGURE(LATENCY_P50, SERVICE, -1, "latency_p50", "ns", "Time that half of the answers do not exceed"),
    CARD_FIGURE(LATENCY_P90, SERVICE, -1, "latency_p90", "ns", "Time that 90 % of the answers do not exceed"),
    CARD_FIGURE(LATENCY_P99, SERVICE, -1, "latency_p99", "ns", "Time that 99 % of the answers do not exceed"),
    CARD_FIGURE(LATENCY_P999, SERVICE, -1, "latency_p999", "ns", "Time that 99.9 % of the answers do not exceed"),
    CARD_FIGURE(LATENCY_MAX, SERVICE, -1, "latency_max", "ns", "Longest time of an answer"),
    CARD_FIGURE(THROUGHPUT, SERVICE, 1, "throughput", "", "Items a second over the whole run"),
    CARD_FIGURE(THROUGHPUT_RECENT, SERVICE, 1, "throughput_recent", "", "Items a second recently"),
    CARD_FIGURE(BUDGET_LEFT, SERVICE, 1, "budget_left", "", "Share of the error budget that is left"),
    CARD_FIGURE(BURN_RATE, SERVICE, -1, "burn_rate", "", "How fast the error budget burns, 1 is just allowed"),
    CARD_COUNTER(PREDICTIONS, SERVICE, "predictions", "", "Rows predicted"),
    CARD_FIGURE(PROMOTIONS_PER_DAY, UPKEEP, 1, "promotions_per_day", "", "New models that began to serve, a day"),
    CARD_FIGURE(LEAD_TIME, UPKEEP, -1, "lead_time", "ns", "Mean time from drift seen to a new model in service"),
    CARD_FIGURE(DETECT_TIME, UPKEEP, -1, "detect_time", "ns", "Mean time from a change of the world to its detection"),
    CARD_FIGURE(RETRAIN_TIME, UPKEEP, -1, "retrain_time", "ns", "Mean time from drift seen to a new model"),
    CARD_FIGURE(PROMOTE_TIME, UPKEEP, -1, "promote_time", "ns", "Mean time from a new model to its service"),
    CARD_FIGURE(RESTORE_TIME, UPKEEP, -1, "restore_time", "ns", "Mean time from an incident to its end"),
    CARD_FIGURE(TRAINING_TIME, UPKEEP, -1, "training_time", "ns", "Mean time of a training"),
    CARD_FIGURE(CHANGE_FAILURE_RATE, UPKEEP, -1, "change_failure_rate", "", "Share of the promotions that failed"),
    CARD_COUNTER(DRIFTS, UPKEEP, "drifts", "", "Drifts seen"),
    CARD_COUNTER(TRAININGS, UPKEEP, "trainings", "", "Trainings"),
    CARD_COUNTER(FAILED_TRAININGS, UPKEEP, "failed_trainings", "", "Trainings that failed"),
    CARD_COUNTER(PROMOTIONS, UPKEEP, "promotions", "", "New models that began to serve"),
    CARD_COUNTER(ROLLBACKS, UPKEEP, "rollbacks", "", "Older models that serve again"),
    CARD_COUNTER(INCIDENTS, UPKEEP, "incidents", "", "Times that the service fell below its floor"),
    CARD_COUNTER(INTERVENTIONS, UPKEEP, "interventions", "", "Times that a person had to act"),
    CARD_FIGURE(COST_PER_THOUSAND, COST, -1, "cost_per_thousand", "", "Price of predicting a thousand rows"),
    CARD_FIGURE(COST_PER_THOUSAND_ALL, COST, -1, "cost_per_thousand_all", "", "Price of everything, a thousand rows predicted"),
    CARD_FIGURE(COST_PER_TRAINING, COST, -1, "cost_per_training", "", "Price of a training"),
    CARD_FIGURE(COST_PER_POINT, COST, -1, "cost_per_point", "", "Price of a point of accuracy"),
    CARD_COUNTER(COST, COST, "cost", "", "Price of everything"),
    CARD_COUNTER(COMPUTE, COST, "compute", "ns", "Compute time"),
    CARD_COUNTER(ENERGY, COST, "energy", "joules", "Energy"),
    CARD_COUNTER(MOVED, COST, "moved", "bytes", "Bytes moved"),
    CARD_FIGURE(HELD, COST, -1, "held", "bytes", "Bytes held"),
    CARD_FIGURE(HELD_PEAK, COST, -1, "held_peak", "bytes", "Most bytes held at once"),
    CARD_FIGURE(STATE_SIZE, COST, -1, "state_size", "bytes", "Size of the model's state"),
    CARD_FIGURE(SNAPSHOT_SIZE, COST, -1, "snapshot_size", "bytes", "Size of the model's snapshot"),
    CARD_FIGURE(PARITY_DIFFERENCE, COMPLIANCE, -1, "parity_difference", "",
                "Greatest gap of the share of good outcomes between groups"),
    CARD_FIGURE(PARITY_RATIO, COMPLIANCE, 1, "parity_ratio", "", "Least share of good outcomes of a group over the greatest"),
    CARD_FIGURE(OPPORTUNITY_DIFFERENCE, COMPLIANCE, -1, "opportunity_difference", "",
                "Greatest gap of the true positive rate between groups"),
    CARD_FIGURE(ODDS_DIFFERENCE, COMPLIANCE, -1, "odds_difference", "",
                "Greater gap of true and false positive rate between groups"),
    CARD_FIGURE(PREDICTIVE_PARITY_DIFFERENCE, COMPLIANCE, -1, "predictive_parity_difference", "",
                "Greatest gap of the precision between groups"),
    CARD_FIGURE(CALIBRATION_DIFFERENCE, COMPLIANCE, -1, "calibration_difference", "",
                "Greatest gap of truth minus score between groups"),
    CARD_FIGURE(GROUP_CALIBRATION_ERROR, COMPLIANCE, -1, "group_calibration_error", "", "Greatest calibration error of a group"),
    CARD_FIGURE(EPSILON, COMPLIANCE, -1, "epsilon", "", "Privacy budget that is spent"),
};
/* clang-format on */

uint32_t kedge_i_figure_of_score(uint32_t by)
{
    static const uint8_t figures[] = {[KEDGE_SCORE_ACCURACY] = KEDGE_CARD_ACCURACY, [KEDGE_SCORE_LOG_LOSS] = KEDGE_CARD_LOG_LOSS,
                                      [KEDGE_SCORE_BRIER] = KEDGE_CARD_BRIER,       [KEDGE_SCORE_AUC] = KEDGE_CARD_AUC,
                                      [KEDGE_SCORE_MSE] = KEDGE_CARD_MSE,           [KEDGE_SCORE_RMSE] = KEDGE_CARD_RMSE,
                                      [KEDGE_SCORE_MAE] = KEDGE_CARD_MAE,           [KEDGE_SCORE_R2] = KEDGE_CARD_R2};
    return by >= KEDGE_SCORE_ACCURACY && by <= KEDGE_SCORE_R2 ? figures[by] : KEDGE_CARD_FIGURES;
}
