/* SPDX-License-Identifier: MIT */
/* The portfolio for regression: the same mixture as for classes, of what each member gave the value: the density of Student's
 * distribution with four degrees of freedom around its answer, in units of the portfolio's own error of late. Its tails let a
 * member make a great mistake and be believed again. Members see the last targets as features: Zliobaite, Bifet, Read, Pfahringer,
 * Holmes 2015, Machine Learning 98, section 5. A target that is far off is pulled in (Winsorised: Tukey 1962, "The future of data
 * analysis", Annals of Mathematical Statistics 33, section 14), once. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "models/auto_state.h"
#include "models/row.h"

#define AUTO_SPREAD_MAX  1e203 /* no squared error between targets is greater */
#define AUTO_SPREAD_ROWS 100.0 /* rows that the error looks back */
#define AUTO_FAR         1e6   /* squared errors in such units, beyond which all are alike */
#define AUTO_MARGIN      1.0   /* of the width of the targets so far, that an answer may lie beyond them */
#define AUTO_GLITCH      1e8   /* squared errors in such units, beyond which a target is not believed at first */
#define AUTO_BELIEVED    10.0  /* of it, in errors */
#define AUTO_JUMP        1e4   /* squared errors in such units that count at most in them */
#define AUTO_LEAST       1e-6  /* part of a member's density that no value takes */

static int auto_is_target(double y)
{
    return kedge_i_within(y, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX);
}

int kedge_i_auto_values_check(const auto_state *s)
{
    const double *lags = kedge_i_at_const(s, s->at_lags);
    for (uint32_t i = 0; i < s->n_lags; i++)
        if (!auto_is_target(lags[i]))
            return 0;
    return kedge_i_within(s->spread, 0.0, AUTO_SPREAD_MAX) && auto_is_target(s->low) && auto_is_target(s->high) &&
           s->low <= s->high && s->is_far <= 1;
}

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

/* Least squares may answer anything where rows are new to them: what lies farther from the targets so far than these from each
 * other is not heard. */
static double auto_heard(const auto_state *s, double answer)
{
    double margin = AUTO_MARGIN * (s->high - s->low);
    double least = fmax(s->low - margin, -KEDGE_TARGET_MAX);
    double most = fmin(s->high + margin, KEDGE_TARGET_MAX);
    return fmin(fmax(answer, least), most);
}

/* Who sleeps, with weight 0, is not asked. The last value is judged by what it is. */
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
        if (who != KEDGE_AUTO_LAST)
            says[k] = auto_heard(s, says[k]);
    }
}

/* The mean of what they say; where all say the same, that. The last value is not heard either where it may have been a glitch. */
static double auto_value(const auto_state *s, const double *weights, const double *says)
{
    double y = 0.0;
    double least = INFINITY;
    double most = -INFINITY;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        double answer = s->is_far ? auto_heard(s, says[k]) : says[k];
        if (weights[k] == 0.0)
            continue;
        y += weights[k] * answer;
        least = fmin(least, answer);
        most = fmax(most, answer);
    }
    return fmin(fmax(y, least), most);
}

kedge_status kedge_i_auto_predict_value(const auto_state *s, const kedge_row *x, double *y)
{
    double weights[KEDGE_AUTO_MEMBERS];
    double says[KEDGE_AUTO_MEMBERS];
    uint32_t turns[KEDGE_AUTO_MEMBERS];
    kedge_i_auto_awake(s, weights, turns);
    auto_ask(s, x, weights, auto_is_whole(s, x), says);
    *y = auto_value(s, weights, says);
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

/* The last value has the target as it is, the others what they are to believe. */
static void auto_teach(auto_state *s, const kedge_row *x, double y, double believed, double weight, const uint32_t *turns,
                       int whole)
{
    kedge_row_view view;
    kedge_row row = auto_row(s, x, &view);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        const kedge_model_class *cls = kedge_i_auto_class(s, k);
        double target = k == KEDGE_AUTO_LAST ? y : believed;
        if (turns[k] != AUTO_LEARNS || auto_asked(k, whole) != k)
            continue;
        kedge_status st = cls->learn(cls, auto_part_of(s, kedge_i_auto_part(s, k)), &row, target, weight);
        KEDGE_ASSERT(st >= 0); /* none of them ever refuses a valid row */
        (void)st;
    }
}

/* The portfolio's error of late, and what it believes of a target: one that is far off, behind one that was not, is a glitch until
 * the next one says so too. */
static double auto_believe(auto_state *s, double y, double value)
{
    double error = y - value;
    double square = error * error;
    double n = (double)(int64_t)s->model.n_learned;
    int was_far = s->is_far != 0;
    s->is_far = s->spread > 0.0 && square > AUTO_GLITCH * s->spread;
    if (s->is_far && !was_far) {
        double most = AUTO_BELIEVED * sqrt(s->spread);
        return value + fmin(fmax(error, -most), most);
    }
    if (s->spread > 0.0)
        square = fmin(square, AUTO_JUMP * s->spread);
    s->spread += (square - s->spread) / fmin(n, AUTO_SPREAD_ROWS);
    return y;
}

void kedge_i_auto_learn_value(auto_state *s, const kedge_row *x, double y, double weight)
{
    double weights[KEDGE_AUTO_MEMBERS];
    double says[KEDGE_AUTO_MEMBERS];
    double likely[KEDGE_AUTO_MEMBERS];
    uint32_t turns[KEDGE_AUTO_MEMBERS];
    double believed = y;
    int whole = auto_is_whole(s, x);
    int is_first = s->model.n_learned == 0;
    kedge_i_auto_awake(s, weights, turns);
    auto_ask(s, x, weights, whole, says);
    if (!is_first) {
        double value = auto_value(s, weights, says);
        double spread = s->spread > 0.0 ? s->spread : (y - value) * (y - value);
        for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
            likely[k] = weights[k] == 0.0 ? -1.0 : auto_density(y - says[k], spread);
        kedge_i_auto_reweigh(s, likely);
        believed = auto_believe(s, y, value);
    }
    auto_teach(s, x, y, believed, weight, turns, whole);
    auto_push(s, believed);
    s->low = is_first ? y : fmin(s->low, believed);
    s->high = is_first ? y : fmax(s->high, believed);
    kedge_i_auto_count(s, turns);
}
