/* SPDX-License-Identifier: MIT */
/* Figures from what is no metric: a model, and reports that the caller has already. */
#include "base/fp.h"

#include <math.h>

#include "kedge/scorecard.h"

#include "base/check.h"
#include "base/object.h"
#include "metrics/figures.h"
#include "scorecard/card.h"

static void card_fill(kedge_scorecard *card, uint32_t figure, double value)
{
    kedge_i_card_put(&card->figures[figure], value, (double)NAN, (double)NAN, 0);
}

kedge_status kedge_scorecard_take_model(kedge_scorecard *card, const kedge_model *m)
{
    size_t snapshot = 0;
    KEDGE_TRY(kedge_i_card_check(card));
    if (!m)
        return KEDGE_OK;
    kedge_status st = kedge_model_save(m, NULL, 0, &snapshot); /* only asks for the length */
    if (st != KEDGE_ERR_BUFFER)
        return st;
    card_fill(card, KEDGE_CARD_STATE_SIZE, (double)kedge_i_state_bytes(m->state));
    card_fill(card, KEDGE_CARD_SNAPSHOT_SIZE, (double)snapshot);
    return KEDGE_OK;
}

kedge_status kedge_scorecard_take_ranking(kedge_scorecard *card, const kedge_ranking_report *r)
{
    KEDGE_TRY(kedge_i_card_check(card));
    if (!r)
        return KEDGE_OK;
    kedge_i_card_put(&card->figures[KEDGE_CARD_AUC], r->auc, r->auc_low, r->auc_high, r->n);
    kedge_i_card_put(&card->figures[KEDGE_CARD_AVERAGE_PRECISION], r->average_precision, (double)NAN, (double)NAN, r->n);
    return KEDGE_OK;
}

/* What a check of the battery measured, where it did: the figure of a check that was skipped may be there all the same. */
static void card_fill_check(kedge_scorecard *card, uint32_t figure, const kedge_battery_report *r, uint32_t i_check, uint64_t n)
{
    const kedge_figure *f = &r->checks[i_check].figure;
    if (f->value == f->value)
        kedge_i_card_put(&card->figures[figure], f->value, f->low, f->high, n);
}

kedge_status kedge_scorecard_take_battery(kedge_scorecard *card, const kedge_battery_report *r)
{
    KEDGE_TRY(kedge_i_card_check(card));
    if (!r)
        return KEDGE_OK;
    uint32_t score = kedge_i_figure_of_score(r->score);
    if (score >= KEDGE_CARD_FIGURES)
        return KEDGE_ERR_CONFIG;
    card_fill_check(card, score, r, KEDGE_BATTERY_QUALITY, r->n_rows);
    card_fill_check(card, KEDGE_CARD_CALIBRATION_ERROR, r, KEDGE_BATTERY_CALIBRATION, r->n_rows);
    card_fill_check(card, KEDGE_CARD_LATENCY_P50, r, KEDGE_BATTERY_MEDIAN, 0);
    card_fill_check(card, KEDGE_CARD_LATENCY_P99, r, KEDGE_BATTERY_TAIL, 0);
    card_fill_check(card, KEDGE_CARD_STATE_SIZE, r, KEDGE_BATTERY_BYTES, 0);
    card_fill_check(card, KEDGE_CARD_SNAPSHOT_SIZE, r, KEDGE_BATTERY_SNAPSHOT, 0);
    return KEDGE_OK;
}

kedge_status kedge_scorecard_take_pipeline(kedge_scorecard *card, const kedge_pipeline_report *r)
{
    KEDGE_TRY(kedge_i_card_check(card));
    if (!r)
        return KEDGE_OK;
    kedge_i_card_put(&card->figures[KEDGE_CARD_ERROR], r->error_mean, (double)NAN, (double)NAN, r->n_labelled);
    card_fill(card, KEDGE_CARD_PREDICTIONS, (double)r->n_predicted);
    card_fill(card, KEDGE_CARD_DRIFTS, (double)r->n_drifts);
    card_fill(card, KEDGE_CARD_TRAININGS, (double)r->n_trainings);
    card_fill(card, KEDGE_CARD_FAILED_TRAININGS, (double)r->n_failures);
    card_fill(card, KEDGE_CARD_PROMOTIONS, (double)r->n_promotions);
    return KEDGE_OK;
}

kedge_status kedge_scorecard_take_privacy(kedge_scorecard *card, const kedge_dp_budget *b)
{
    double epsilon;
    KEDGE_TRY(kedge_i_card_check(card));
    if (!b)
        return KEDGE_OK;
    KEDGE_TRY(kedge_dp_spent(b, &epsilon));
    kedge_i_card_put(&card->figures[KEDGE_CARD_EPSILON], epsilon, (double)NAN, (double)NAN, b->n_releases);
    return KEDGE_OK;
}
