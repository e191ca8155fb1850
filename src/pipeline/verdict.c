/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "pipeline/verdict.h"

#include <float.h>

static const double verdict_bets[VERDICT_BETS] = {0.15, 0.4, 0.8};

void kedge_i_verdict_begin(kedge_i_verdict *v)
{
    v->n = v->champion = v->challenger = 0.0;
    for (uint32_t k = 0; k < VERDICT_TESTS; k++)
        for (uint32_t i = 0; i < VERDICT_BETS; i++)
            v->wealth[k][i] = 1.0;
}

double kedge_i_verdict_bet(double wealth, uint32_t i, double fair)
{
    double w = wealth * (1.0 + verdict_bets[i] * fair);
    return w < VERDICT_WEALTH_MAX ? w : VERDICT_WEALTH_MAX;
}

static void verdict_bet(double *wealth, double fair)
{
    for (uint32_t i = 0; i < VERDICT_BETS; i++)
        wealth[i] = kedge_i_verdict_bet(wealth[i], i, fair);
}

/* More than minus 1 / the boldest bet, or nothing would be left. */
static double verdict_bounded(double x)
{
    return x < -1.1 ? -1.1 : x > 1.1 ? 1.1 : x;
}

void kedge_i_verdict_learn(kedge_i_verdict *v, const kedge_i_verdict_limits *limits, double champion, double challenger,
                           double unit)
{
    double apart = champion - challenger;
    double gain = apart >= unit ? 1.0 : apart <= -unit ? -1.0 : apart / unit;
    v->n += 1.0;
    v->champion += champion;
    v->challenger += challenger;
    verdict_bet(v->wealth[VERDICT_BETTER], verdict_bounded(gain - limits->margin));
    verdict_bet(v->wealth[VERDICT_SAFE], verdict_bounded(gain + limits->loss));
    verdict_bet(v->wealth[VERDICT_IN_VAIN], verdict_bounded(limits->sought - gain));
}

double kedge_i_verdict_wealth(const kedge_i_verdict *v, uint32_t test)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < VERDICT_BETS; i++)
        sum += v->wealth[test][i];
    return sum / VERDICT_BETS;
}

kedge_status kedge_i_verdict_read(const kedge_i_verdict *v, const kedge_i_verdict_limits *limits)
{
    double tries = (double)limits->tries;
    if (kedge_i_verdict_wealth(v, VERDICT_BETTER) * (1.0 - limits->confidence) >= tries &&
        kedge_i_verdict_wealth(v, VERDICT_SAFE) * (1.0 - limits->safe) >= tries)
        return KEDGE_OK;
    return kedge_i_verdict_wealth(v, VERDICT_IN_VAIN) * (1.0 - limits->confidence) >= 1.0 ? KEDGE_EMPTY : KEDGE_MORE;
}

int kedge_i_verdict_check(const kedge_i_verdict *v)
{
    if (!kedge_i_within(v->n, 0.0, DBL_MAX) || !kedge_i_within(v->champion, 0.0, DBL_MAX) ||
        !kedge_i_within(v->challenger, 0.0, DBL_MAX))
        return 0;
    for (uint32_t k = 0; k < VERDICT_TESTS; k++)
        for (uint32_t i = 0; i < VERDICT_BETS; i++)
            if (!kedge_i_within(v->wealth[k][i], 0.0, VERDICT_WEALTH_MAX))
                return 0;
    return 1;
}
