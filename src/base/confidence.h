/* SPDX-License-Identifier: MIT */
/* A confidence sequence: an interval of the mean of numbers in [0, 1] that holds at all times at once.
 *
 * Waudby-Smith, Ramdas 2024, "Estimating means of bounded random variables by betting", JRSS B 86, theorem 2 (predictable plug-in
 * empirical Bernstein), equations 14 and 15. Where the mean moves it holds for the mean that is weighted by the bets (Choe, Ramdas
 * 2023, "Comparing sequential forecasters"). Cost: O(1), two logarithms and a root. */
#ifndef KEDGE_BASE_CONFIDENCE_H
#define KEDGE_BASE_CONFIDENCE_H

#include <math.h>

#include "base/number.h"

#define KEDGE_I_CONFIDENCE_BOLDEST 0.5 /* bet, the paper's c */

typedef struct kedge_i_confidence {
    double n;
    double total;      /* of the observations */
    double scatter;    /* of their squared distances from the running mean */
    double bets;       /* sum of the bets' sizes, the paper's lambdas */
    double weighted;   /* of the observations, weighted by the bets */
    double correction; /* sum of v psi: what the bound's numerator has above log(2 / alpha) */
} kedge_i_confidence;

/* One observation more; log_term = log(2 / alpha). */
static inline void kedge_i_confidence_learn(kedge_i_confidence *q, double x, double log_term)
{
    double i = q->n + 1.0;
    double mean = (0.5 + q->total) / i;
    double variance = (0.25 + q->scatter) / i;
    double bet = sqrt(2.0 * log_term / (variance * i * log(1.0 + i)));
    bet = bet < KEDGE_I_CONFIDENCE_BOLDEST ? bet : KEDGE_I_CONFIDENCE_BOLDEST;
    q->n = i;
    q->total += x;
    q->bets += bet;
    q->weighted += bet * x;
    q->correction += (x - mean) * (x - mean) * (-log1p(-bet) - bet);
    double off = x - (0.5 + q->total) / (i + 1.0);
    q->scatter += off * off;
}

/* Half the interval's width around weighted / bets; n > 0. */
static inline double kedge_i_confidence_width(const kedge_i_confidence *q, double log_term)
{
    return (log_term + q->correction) / q->bets;
}

/* Can n > 0 observations have given this? */
static inline int kedge_i_confidence_check(const kedge_i_confidence *q)
{
    double most = q->n * (1.0 + 1e-9);
    return kedge_i_within(q->total, 0.0, most) && kedge_i_within(q->scatter, 0.0, most) &&
           kedge_i_within(q->bets, KEDGE_I_CONFIDENCE_BOLDEST, most) && /* the first bet is the boldest */
           kedge_i_within(q->weighted, 0.0, q->bets * (1.0 + 1e-9)) && kedge_i_within(q->correction, 0.0, most);
}

#endif
