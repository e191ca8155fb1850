/* SPDX-License-Identifier: MIT */
/* The portfolio for regression: the same mixture as for classes, of what each member gave the value: the density of Student's
 * distribution with four degrees of
 * freedom around its answer, in units of the portfolio's own error of late. Its tails let a member make a great mistake and be
 * believed again. Members see the last targets as features: Zliobaite, Bifet, Read, Pfahringer, Holmes 2015, Machine Learning 98,
 * section 5. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "models/auto_state.h"
#include "models/row.h"

#define AUTO_SPREAD_ROWS 100.0 /* rows that the error looks back */
#define AUTO_FAR         1e6   /* squared errors in such units, beyond which all are alike */
#define AUTO_LEAST       1e-6  /* part of a member's density that no value takes */

/* The row and the lags behind it. */
static kedge_row auto_row(const auto_state *s, const kedge_row *x, kedge_row_view *view)
{
    if (s->n_lags == 0)
        return *x;
    view->of = x;
    view->index = NULL;
    view->more = kedge_i_at_const(s, s->at_lags);
    view->n = s->model.n_features;
    view->reserved = 0;
    return kedge_i_row_of_view(view);
}

static int auto_is_whole(const auto_state *s, const kedge_row *x)
{
    int whole = 1;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double value = kedge_i_row_at(x, i);
        whole &= value == value;
    }
    return whole;
}

/* The linear member takes no missing values: it sits such a row out, and then says the last value. */
static uint32_t auto_asked(uint32_t k, int whole)
{
    return k == KEDGE_AUTO_LINEAR && !whole ? KEDGE_AUTO_LAST : k;
}

/* Who rests, with weight 0, is not asked. */
static void auto_ask(const auto_state *s, const kedge_row *x, const double *weights, int whole, double *says)
{
    kedge_row_view view;
    kedge_row row = auto_row(s, x, &view);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        uint32_t who = auto_asked(k, whole);
        const kedge_model_class *cls = kedge_i_auto_class(s, who);
        says[k] = 0.0;
        if (weights[k] == 0.0)
            continue;
        (void)cls->predict(cls, auto_part_const(s, kedge_i_auto_part(s, who)), &row, &says[k]);
        says[k] = says[k] > KEDGE_TARGET_MAX ? KEDGE_TARGET_MAX : says[k] < -KEDGE_TARGET_MAX ? -KEDGE_TARGET_MAX : says[k];
    }
}

static double auto_value(const double *weights, const double *says)
{
    double y = 0.0;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        y += weights[k] * says[k];
    return y;
}

kedge_status kedge_i_auto_predict_value(const auto_state *s, const kedge_row *x, double *y)
{
    double weights[KEDGE_AUTO_MEMBERS];
    double says[KEDGE_AUTO_MEMBERS];
    uint32_t turns[KEDGE_AUTO_MEMBERS];
    kedge_i_auto_awake(s, weights, turns);
    auto_ask(s, x, weights, auto_is_whole(s, x), says);
    *y = auto_value(weights, says);
    return KEDGE_OK;
}

/* The density around an answer, but for a factor that all members share. */
static double auto_density(double error, double spread)
{
    double square = error * error;
    int near = square < AUTO_FAR * spread;
    double up = near ? square : AUTO_FAR;
    double down = near ? spread : 1.0;
    double t = 1.0 + 0.25 * (up / down);
    return (1.0 - AUTO_LEAST) / (t * t * sqrt(t)) + AUTO_LEAST;
}

static void auto_push(auto_state *s, double y)
{
    double *lags = kedge_i_at(s, s->at_lags);
    if (s->n_lags == 0)
        return;
    memmove(lags + 1, lags, (s->n_lags - 1) * sizeof *lags);
    *lags = y;
}

static void auto_teach(auto_state *s, const kedge_row *x, double y, double weight, const uint32_t *turns, int whole)
{
    kedge_row_view view;
    kedge_row row = auto_row(s, x, &view);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        const kedge_model_class *cls = kedge_i_auto_class(s, k);
        if (turns[k] != AUTO_LEARNS || auto_asked(k, whole) != k)
            continue;
        kedge_status st = cls->learn(cls, auto_part_of(s, kedge_i_auto_part(s, k)), &row, y, weight);
        KEDGE_ASSERT(st >= 0); /* none of them ever refuses a valid row */
        (void)st;
    }
}

void kedge_i_auto_learn_value(auto_state *s, const kedge_row *x, double y, double weight)
{
    double weights[KEDGE_AUTO_MEMBERS];
    double says[KEDGE_AUTO_MEMBERS];
    double likely[KEDGE_AUTO_MEMBERS];
    uint32_t turns[KEDGE_AUTO_MEMBERS];
    int whole = auto_is_whole(s, x);
    kedge_i_auto_awake(s, weights, turns);
    auto_ask(s, x, weights, whole, says);
    if (s->model.n_learned > 0) {
        double error = y - auto_value(weights, says);
        double n = (double)(int64_t)s->model.n_learned;
        double spread = s->spread > 0.0 ? s->spread : error * error;
        for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
            likely[k] = weights[k] == 0.0 ? -1.0 : auto_density(y - says[k], spread);
        kedge_i_auto_reweigh(s, likely);
        s->spread += (error * error - s->spread) / (n < AUTO_SPREAD_ROWS ? n : AUTO_SPREAD_ROWS);
    }
    auto_teach(s, x, y, weight, turns, whole);
    auto_push(s, y);
    kedge_i_auto_count(s, turns);
}
