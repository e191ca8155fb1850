/* SPDX-License-Identifier: MIT */
/* The verdict on a challenger, row by row: three hypotheses on the mean of what it gains against the champion on rows that neither
 * was trained on, each tested by betting against it.
 *
 * Of each hypothesis "the mean gain is at most m" somebody bets a share b of his wealth on every row, at odds that are fair or
 * worse if it is true: the wealth is multiplied by 1 + b (gain - m). However often one looks, it then comes to w times its
 * beginning with a chance of at most 1 / w (Ville 1939), whatever the gains' distribution (Waudby-Smith, Ramdas 2024, "Estimating
 * means of bounded random variables by betting", JRSS B 86, sections 4 and 5). Which share is best depends on the gain, so several
 * are bet side by side, and their mean counts. Gains lie within [-1, 1]. */
#ifndef KEDGE_PIPELINE_VERDICT_H
#define KEDGE_PIPELINE_VERDICT_H

#include "kedge/base.h"

#include "base/number.h"

enum { VERDICT_BETTER, VERDICT_SAFE, VERDICT_IN_VAIN, VERDICT_TESTS, VERDICT_BETS = 3 };

#define VERDICT_WEALTH_MAX 1e100 /* no limit asks for more, and it can still be doubled */

/* What the wealth comes to that is bet by the i-th share, on a row that pays `fair`: on average nothing, at least -1 / 0.8. */
double kedge_i_verdict_bet(double wealth, uint32_t i, double fair);

/* What is asked for, in units of the gain. */
typedef struct kedge_i_verdict_limits {
    double margin;     /* better: the gain is more than this */
    double loss;       /* safe: it is more than minus this */
    double sought;     /* in vain: it is less than this */
    double confidence; /* of the first and the last */
    double safe;       /* of the second */
    uint64_t tries;    /* of so many challengers the best is taken: each must be so much surer */
} kedge_i_verdict_limits;

/* Doubles only: it lies in an array of a snapshot. */
typedef struct kedge_i_verdict {
    double n;
    double champion;   /* sum of its errors */
    double challenger;
    double wealth[VERDICT_TESTS][VERDICT_BETS];
} kedge_i_verdict;

void kedge_i_verdict_begin(kedge_i_verdict *v);

/* One row more: both errors, of which a difference of `unit` or more counts as 1. */
void kedge_i_verdict_learn(kedge_i_verdict *v, const kedge_i_verdict_limits *limits, double champion, double challenger,
                           double unit);

/* The mean wealth of those who bet against a hypothesis. */
double kedge_i_verdict_wealth(const kedge_i_verdict *v, uint32_t test);

/* #KEDGE_OK: it passes; #KEDGE_EMPTY: it does not; #KEDGE_MORE: rows are wanted. */
kedge_status kedge_i_verdict_read(const kedge_i_verdict *v, const kedge_i_verdict_limits *limits);

/* Can rows have given this? */
int kedge_i_verdict_check(const kedge_i_verdict *v);

#endif
