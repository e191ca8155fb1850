/* SPDX-License-Identifier: MIT */
/* The portfolio's budget in time: who is asked and who learns on which row, so that a row costs what the host allows.
 *
 * What a member costs is known but for one factor, which reports teach: how fast this machine is. A member learns a share of the
 * rows in proportion to weight / cost^2, all at most. The first division makes it the weight bought for a nanosecond; the second
 * prefers what is cheap, as a dear member that learns one row in ten has hardly the worth that it was weighed by: on Elec2, SEA,
 * weather, two made streams of classes and Friedman's numbers this is better than weight / cost and sqrt(weight / cost) at most
 * budgets. It is asked about four times as many rows, as answers cost less than lessons and count at once. On the others it
 * is a sleeping expert, see auto.c. Rows are dealt out by credit, so every share is met to a row. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "models/auto_state.h"

#define AUTO_LEAST_SHARE (1.0 / 256) /* of the rows a member learns always: the way back */
#define AUTO_ASKS        4.0         /* rows that a member is asked about for each that it learns, if that is not all */
#define AUTO_FIXED       75.0        /* cost of a row to the baselines and the mixture */
#define AUTO_SPEED_ROWS  512.0       /* rows that the machine's speed is judged by */
#define AUTO_SPEED_MAX   1e12
#define AUTO_SPEED_JUMP  4.0 /* a change that is believed the second time only: a process that was stopped is no slow machine */

enum {
    AUTO_EVERY = 64, /* rows, after which all is weighed anew */
    AUTO_HALVINGS = 16
};

/* What it costs to ask a member about a row, and what learning the row costs in addition, as nanoseconds on one core of a server.
 * Measured for 2 to 100 classes, 3 to 200 features, 3 to 30 trees; within a factor of two of it. */
static void auto_costs_of_classes(const auto_state *s, double *asking, double *learning)
{
    double d = s->model.n_features;
    double c = s->model.n_classes;
    double vectors = s->model.n_classes == 2 ? 1.0 : c;
    asking[KEDGE_AUTO_FOREST] = s->n_trees * (50.0 + 12.0 * c);
    learning[KEDGE_AUTO_FOREST] = s->n_trees * (17.0 * d + 38.0 * c);
    double models = s->model.n_classes == 2 ? 1.0 : 1.4; /* eight cost as much as 1.4 times four */
    asking[KEDGE_AUTO_LOGISTIC] = models * vectors * (25.0 + 1.5 * d);
    learning[KEDGE_AUTO_LOGISTIC] = models * vectors * (35.0 + 4.0 * d);
    asking[KEDGE_AUTO_BAYES] = c * (12.0 + 1.5 * d);
    learning[KEDGE_AUTO_BAYES] = 15.0 + 2.5 * d;
    for (uint32_t k = KEDGE_AUTO_NEAR; k <= KEDGE_AUTO_NEAR_RAW && kedge_i_auto_has(s, k); k++) {
        asking[k] = 1000.0 + 0.8 * s->near_rows;
        learning[k] = 1000.0 + 250.0 * d;
    }
}

static void auto_costs_of_values(const auto_state *s, double *asking, double *learning)
{
    double d = s->model.n_features + s->n_lags;
    int exact = kedge_i_auto_part(s, KEDGE_AUTO_LINEAR) == AUTO_RLS;
    asking[KEDGE_AUTO_FOREST] = s->n_trees * (50.0 + d);
    learning[KEDGE_AUTO_FOREST] = s->n_trees * (220.0 + 11.0 * d);
    asking[KEDGE_AUTO_LINEAR] = exact ? 8.0 + 1.2 * d : 2.0 * d;
    learning[KEDGE_AUTO_LINEAR] = exact ? 35.0 + (8.0 + 0.3 * d) * d : 8.0 * d;
    asking[KEDGE_AUTO_TREE] = 25.0 + 1.5 * d;
    learning[KEDGE_AUTO_TREE] = 75.0 + 20.0 * d;
}

/* Of baselines, and of members that there are not, 0. */
static void auto_costs(const auto_state *s, double *asking, double *learning)
{
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        asking[k] = learning[k] = 0.0;
    if (s->model.n_classes > 0)
        auto_costs_of_classes(s, asking, learning);
    else
        auto_costs_of_values(s, asking, learning);
}

static auto_budget *auto_budget_of(auto_state *s)
{
    return kedge_i_at(s, s->at_budget);
}

void kedge_i_auto_budget_begin(auto_state *s)
{
    auto_budget *b = auto_budget_of(s);
    if (s->budget_ns == KEDGE_AUTO_UNBOUNDED)
        return;
    memset(b, 0, sizeof *b);
    b->scale = 1.0;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        b->share[k] = 1.0;
    kedge_i_auto_share_out(s);
}

static int auto_is_number(double x)
{
    return kedge_i_within(x, 0.0, 1e60);
}

int kedge_i_auto_budget_check(const auto_state *s)
{
    const auto_budget *b = kedge_i_at_const(s, s->at_budget);
    if (s->budget_ns == KEDGE_AUTO_UNBOUNDED)
        return 1;
    double n_learned = (double)(int64_t)s->model.n_learned;
    int sound = kedge_i_within(b->n_rows, 0.0, n_learned) && kedge_i_within(b->n_reported, 0.0, b->n_rows) &&
                auto_is_number(b->took) && auto_is_number(b->judged) && auto_is_number(b->done) &&
                b->done >= 0.99 * AUTO_FIXED * b->n_rows && kedge_i_within(b->scale, 1.0 / AUTO_SPEED_MAX, AUTO_SPEED_MAX);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        sound &= kedge_i_within(b->share[k], AUTO_LEAST_SHARE, 1.0) && kedge_i_within(b->ask_credit[k], 0.0, 1.0) &&
                 kedge_i_within(b->learn_credit[k], 0.0, 1.0);
    return sound;
}

/* Of all rows. */
static double auto_asked_share(double share)
{
    return fmin(share * AUTO_ASKS, 1.0);
}

/* Of the rows that it is asked about. */
static double auto_learned_share(double share)
{
    return fmax(share, 1.0 / AUTO_ASKS);
}

uint32_t kedge_i_auto_turn(const auto_state *s, uint32_t k)
{
    const auto_budget *b = kedge_i_at_const(s, s->at_budget);
    if (s->budget_ns == KEDGE_AUTO_UNBOUNDED)
        return AUTO_LEARNS;
    if (b->ask_credit[k] + auto_asked_share(b->share[k]) < 1.0)
        return AUTO_SLEEPS;
    return b->learn_credit[k] + auto_learned_share(b->share[k]) < 1.0 ? AUTO_ASKED : AUTO_LEARNS;
}

/* What a row costs when members have shares in proportion to their merit. A member is asked twice, to predict the row and to be
 * judged by it. */
static double auto_row_cost(const double *asking, const double *learning, const double *merit, double much, double *share)
{
    double cost = AUTO_FIXED;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        if (asking[k] == 0.0)
            continue;
        share[k] = fmin(fmax(much * merit[k], AUTO_LEAST_SHARE), 1.0);
        cost += auto_asked_share(share[k]) * 2.0 * asking[k] + share[k] * learning[k];
    }
    return cost;
}

void kedge_i_auto_share_out(auto_state *s)
{
    auto_budget *b = auto_budget_of(s);
    double asking[KEDGE_AUTO_MEMBERS], learning[KEDGE_AUTO_MEMBERS], merit[KEDGE_AUTO_MEMBERS], weights[KEDGE_AUTO_MEMBERS];
    double most = 0.0;
    double least = INFINITY;
    auto_costs(s, asking, learning);
    kedge_i_auto_counts(s, weights);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        double cost = 2.0 * asking[k] + learning[k];
        if (asking[k] == 0.0)
            continue;
        merit[k] = weights[k] / (cost * cost);
        most = fmax(most, merit[k]);
        least = fmin(least, merit[k]);
    }
    double allowed = (double)s->budget_ns / b->scale;
    double low = AUTO_LEAST_SHARE / most; /* everybody has the least share */
    double high = 2.0 / least;            /* everybody has all rows */
    if (auto_row_cost(asking, learning, merit, high, b->share) <= allowed)
        return;
    for (uint32_t i = 0; i < AUTO_HALVINGS; i++) {
        double middle = sqrt(low * high);
        if (auto_row_cost(asking, learning, merit, middle, b->share) <= allowed)
            low = middle;
        else
            high = middle;
    }
    (void)auto_row_cost(asking, learning, merit, low, b->share);
}

void kedge_i_auto_count(auto_state *s, const uint32_t *turns)
{
    auto_budget *b = auto_budget_of(s);
    double asking[KEDGE_AUTO_MEMBERS], learning[KEDGE_AUTO_MEMBERS];
    s->model.n_learned++;
    if (s->budget_ns == KEDGE_AUTO_UNBOUNDED)
        return;
    auto_costs(s, asking, learning);
    b->done += AUTO_FIXED;
    b->n_rows += 1.0;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        b->ask_credit[k] += auto_asked_share(b->share[k]);
        if (b->ask_credit[k] < 1.0)
            continue;
        b->ask_credit[k] -= 1.0;
        b->learn_credit[k] += auto_learned_share(b->share[k]);
        b->learn_credit[k] -= b->learn_credit[k] < 1.0 ? 0.0 : 1.0;
        b->done += turns[k] == AUTO_SLEEPS ? 0.0 : 2.0 * asking[k];
        b->done += turns[k] == AUTO_LEARNS ? learning[k] : 0.0;
    }
    if (s->model.n_learned % AUTO_EVERY == 0)
        kedge_i_auto_share_out(s);
}

/* How fast the machine is, by what was reported of at least AUTO_EVERY rows. */
static void auto_judge_speed(auto_budget *b)
{
    double now = fmin(fmax(b->took / b->done, 1.0 / AUTO_SPEED_MAX), AUTO_SPEED_MAX);
    double faded = b->judged * (AUTO_SPEED_ROWS / (AUTO_SPEED_ROWS + b->n_rows));
    int alike = now <= b->scale * AUTO_SPEED_JUMP && now >= b->scale / AUTO_SPEED_JUMP;
    if (b->judged == 0.0 || alike) {
        b->scale += (now - b->scale) * (b->done / (faded + b->done));
        b->judged = faded + b->done;
    } else {
        b->judged = 0.0;
    }
    b->done = b->took = b->n_rows = b->n_reported = 0.0;
}

void kedge_i_auto_spent(auto_state *s, uint64_t rows, uint64_t ns)
{
    auto_budget *b = auto_budget_of(s);
    if (s->budget_ns == KEDGE_AUTO_UNBOUNDED || b->n_rows == b->n_reported)
        return;
    b->took += (double)ns / (double)rows * (b->n_rows - b->n_reported);
    b->n_reported = b->n_rows;
    if (b->n_rows < AUTO_EVERY)
        return;
    auto_judge_speed(b);
    kedge_i_auto_share_out(s);
}
