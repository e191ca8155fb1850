/* SPDX-License-Identifier: MIT */
/* Scores of predictions. Brier 1950, "Verification of forecasts expressed in terms of probability"; the area under the curve is
 * that of ranking.c. */
#include "base/fp.h"

#include <math.h>

#include "metrics/score.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/sort_pairs.h"
#include "metrics/costs.h"
#include "metrics/figures.h"
#include "metrics/ranking_area.h"
#include "models/model_check.h"
#include "models/row.h"

#define SCORE_ERROR_MAX 1e140 /* its square times the greatest weight, summed over 2^32 rows, is finite */
#define SCORE_ROWS_MAX  (UINT32_MAX - 1u)

int32_t kedge_score_direction(uint32_t by)
{
    uint32_t figure = kedge_i_figure_of_score(by);
    return figure < KEDGE_CARD_FIGURES ? kedge_i_figures[figure].direction : 0;
}

int kedge_i_score_fits(uint32_t by, uint32_t n_classes)
{
    if (by == KEDGE_SCORE_AUC)
        return n_classes == 2;
    if (n_classes == 0)
        return kedge_i_u32_within(by, KEDGE_SCORE_MSE, KEDGE_SCORE_R2);
    return kedge_i_u32_within(by, KEDGE_SCORE_ACCURACY, KEDGE_SCORE_BRIER);
}

uint64_t kedge_i_score_bytes(uint32_t by, uint64_t n_rows)
{
    return by == KEDGE_SCORE_AUC ? 2 * n_rows * sizeof(kedge_i_pair) : 0;
}

void kedge_i_score_begin(kedge_i_score *s, uint32_t by, uint32_t n_classes, size_t n_rows, void *work)
{
    kedge_i_score begun = {.by = by, .n_classes = n_classes};
    if (by == KEDGE_SCORE_AUC) {
        begun.ranked = work;
        begun.n_most = n_rows;
    }
    *s = begun;
}

/* Squared error of the probabilities. */
static double score_brier(uint32_t n_classes, double y, const double *scores)
{
    double sum = 0.0;
    for (uint32_t c = n_classes == 2 ? 1 : 0; c < n_classes; c++)
        sum += kedge_i_brier_part(scores[c], (double)c == y);
    return sum;
}

double kedge_i_score_of_row(uint32_t by, uint32_t n_classes, double y, double predicted, const double *scores)
{
    double error;
    switch (by) {
    case KEDGE_SCORE_ACCURACY:
        return predicted == y ? 1.0 : 0.0;
    case KEDGE_SCORE_LOG_LOSS:
        return kedge_i_log_loss(scores[(uint32_t)y]);
    case KEDGE_SCORE_BRIER:
        return score_brier(n_classes, y, scores);
    case KEDGE_SCORE_AUC:
        return scores[1];
    default:
        error = predicted > SCORE_ERROR_MAX || predicted < -SCORE_ERROR_MAX ? SCORE_ERROR_MAX : fabs(predicted - y);
        return by == KEDGE_SCORE_MAE ? error : error * error;
    }
}

static void score_sum(kedge_i_score *s, double term)
{
    double next = s->sum + term;
    s->rest += s->sum >= term ? s->sum - next + term : term - next + s->sum;
    s->sum = next;
}

void kedge_i_score_add_term(kedge_i_score *s, double y, double term, double weight)
{
    if (!(weight > 0.0))
        return;
    s->weight += weight;
    score_sum(s, weight * term);
    if (s->by == KEDGE_SCORE_R2) {
        double off = y - s->mean;
        s->mean += off * (weight / s->weight);
        s->squares += weight * off * (y - s->mean);
    }
    if (s->by == KEDGE_SCORE_AUC)
        s->ranked[s->n] = (kedge_i_pair){term, y > 0.0 ? weight : -weight};
    s->n++;
}

void kedge_i_score_add(kedge_i_score *s, double y, double predicted, const double *scores, double weight)
{
    if (weight > 0.0)
        kedge_i_score_add_term(s, y, kedge_i_score_of_row(s->by, s->n_classes, y, predicted, scores), weight);
}

double kedge_i_score_read(const kedge_i_score *s)
{
    if (!(s->weight > 0.0))
        return (double)NAN;
    double sum = s->sum + s->rest;
    switch (s->by) {
    case KEDGE_SCORE_AUC:
        return kedge_i_ranking_area(s->ranked, s->n, s->ranked + s->n_most);
    case KEDGE_SCORE_R2:
        return kedge_i_r2(sum, s->squares);
    case KEDGE_SCORE_RMSE:
        return sqrt(sum / s->weight);
    default:
        return sum / s->weight;
    }
}

/* Models --------------------------------------------------------------------------------------------------------------------- */

kedge_status kedge_i_score_ask(kedge_i_score *s, const kedge_model *m, const kedge_row *x, double y, double weight, double *scores)
{
    double predicted = 0.0;
    if (s->n_classes == 0 || s->by == KEDGE_SCORE_ACCURACY) {
        KEDGE_TRY(m->cls->predict(m->cls, m->state, x, &predicted));
        if (!kedge_i_finite(predicted))
            return KEDGE_ERR_NOT_FINITE;
    } else {
        KEDGE_TRY(m->cls->score(m->cls, m->state, x, scores));
        for (uint32_t c = 0; c < s->n_classes; c++)
            if (!kedge_i_within(scores[c], 0.0, 2.0)) /* sums to 1, up to rounding */
                return KEDGE_ERR_NOT_FINITE;
    }
    kedge_i_score_add(s, y, predicted, scores, weight);
    return KEDGE_OK;
}

static size_t score_room(uint32_t n_classes)
{
    return (n_classes > 0 ? n_classes : 1u) * sizeof(double);
}

size_t kedge_score_work(const kedge_model *m, uint32_t by, size_t n_rows)
{
    kedge_model_info info;
    if (kedge_model_describe(m, &info) < 0 || !kedge_i_score_fits(by, info.n_classes) || n_rows > SCORE_ROWS_MAX ||
        n_rows > (SIZE_MAX - score_room(info.n_classes)) / 32)
        return 0;
    return score_room(info.n_classes) + (size_t)kedge_i_score_bytes(by, n_rows);
}

kedge_status kedge_score_model(const kedge_model *m, uint32_t by, const kedge_rows *x, const double *y, const double *weight,
                               void *work, size_t work_bytes, double *value)
{
    kedge_model_info info;
    kedge_i_score s;
    if (!work || !value)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_model_describe(m, &info));
    KEDGE_TRY(kedge_i_model_check_table(m, x, y, weight));
    if (!kedge_i_score_fits(by, info.n_classes))
        return KEDGE_ERR_UNSUPPORTED;
    size_t need = kedge_score_work(m, by, x->n_rows);
    if (need == 0)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    kedge_i_score_begin(&s, by, info.n_classes, x->n_rows, (unsigned char *)work + score_room(info.n_classes));
    for (size_t i = 0; i < x->n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        KEDGE_TRY(kedge_i_score_ask(&s, m, &row, y[i], weight ? weight[i] : 1.0, work));
    }
    double read = kedge_i_score_read(&s);
    *value = read;
    return read == read ? KEDGE_OK : KEDGE_EMPTY;
}
