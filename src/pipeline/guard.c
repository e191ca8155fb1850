/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "pipeline/guard.h"

#include <math.h>

/* What was set aside for the row behind n others: not more than s^(-1/4) - (s + 1)^(-1/4), its integral over a convex function, so
 * that all of it is at most 1. */
static double guard_stake(double n)
{
    double s = n + 1.5;
    return 0.25 / (s * sqrt(sqrt(s)));
}

static void guard_run(kedge_i_guard *g, uint32_t i, double fair, double excess)
{
    int is_anew = g->run[i] <= 1.0;
    g->run[i] = kedge_i_verdict_bet(is_anew ? 1.0 : g->run[i], i, fair);
    g->rows[i] = (is_anew ? 0.0 : g->rows[i]) + 1.0;
    g->excess[i] = (is_anew ? 0.0 : g->excess[i]) + excess;
}

void kedge_i_guard_learn(kedge_i_guard *g, double x, double limit)
{
    double excess = x - limit;
    double fair = excess / (1.0 + fabs(limit)); /* in [-1, 1] whatever the limit is, so that no bet loses all */
    double stake = guard_stake(g->n);
    g->n += 1.0;
    for (uint32_t i = 0; i < VERDICT_BETS; i++) {
        g->wealth[i] = kedge_i_verdict_bet(g->wealth[i] + stake, i, fair);
        guard_run(g, i, fair, excess);
    }
}

double kedge_i_guard_wealth(const kedge_i_guard *g)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < VERDICT_BETS; i++)
        sum += g->wealth[i];
    return sum / VERDICT_BETS;
}

/* The share that has won most. */
static uint32_t guard_best(const kedge_i_guard *g)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < VERDICT_BETS; i++)
        if (g->run[i] > g->run[best])
            best = i;
    return best;
}

double kedge_i_guard_rows(const kedge_i_guard *g)
{
    return g->rows[guard_best(g)];
}

double kedge_i_guard_excess(const kedge_i_guard *g)
{
    uint32_t best = guard_best(g);
    return g->excess[best] / g->rows[best];
}

static int guard_share_is_sound(const kedge_i_guard *g, uint32_t i)
{
    double most = 2.0 * g->rows[i] * (1.0 + 1e-9);
    if (!kedge_i_within(g->wealth[i], 0.0, VERDICT_WEALTH_MAX) || !kedge_i_within(g->run[i], 0.0, VERDICT_WEALTH_MAX))
        return 0;
    return kedge_i_within(g->rows[i], g->n > 0.0, g->n) && g->rows[i] == (double)(int64_t)g->rows[i] &&
           kedge_i_within(g->excess[i], -most, most);
}

int kedge_i_guard_check(const kedge_i_guard *g)
{
    if (!kedge_i_within(g->n, 0.0, (double)KEDGE_I_COUNT_MAX) || g->n != (double)(int64_t)g->n)
        return 0;
    for (uint32_t i = 0; i < VERDICT_BETS; i++)
        if (!guard_share_is_sound(g, i) || (g->wealth[i] > 0.0) != (g->n > 0.0) || (g->run[i] > 0.0) != (g->n > 0.0))
            return 0;
    return 1;
}
