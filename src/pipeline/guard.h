/* SPDX-License-Identifier: MIT */
/* The guard on a figure of a model in service: bets that from some row on its mean has been above a limit, whenever that began.
 *
 * Of the hypothesis "at no row is the mean, given what came before, above the limit" somebody bets a share b on each row: his
 * wealth is multiplied by 1 + b (x - limit), as in verdict.h. One who began at the first row has lost nearly all of it by the time
 * a model turns bad after many good rows. So a capital of 1 is shared out: what is set aside for row s is bet from there on, and
 * the sum
 *
 *     W <- (W + w_s) (1 + b (x - limit)),    w_s = (s + 1/2)^(-5/4) / 4,    w_1 + w_2 + ... < 1,
 *
 * is, as a mixture of fair games, one itself: however often one looks, it ever comes to k with a chance of at most 1 / k (Ville
 * 1939). A prior over the row of the change: Shiryaev 1963, "On optimum methods in quickest detection problems", Theory of
 * Probability and its Applications 8; sums of e-processes that begin at each row: Shin, Ramdas, Rinaldo 2024, "E-detectors", NEJSDS
 * 2, who bound the run length, where this bounds the chance of any false alarm, which no capital that is renewed could. What it
 * costs to begin late: log(1 / w_s), some 1.25 log s + 1.4 of log wealth, beside a beginning that is known.
 *
 * Cost: O(1). */
#ifndef KEDGE_PIPELINE_GUARD_H
#define KEDGE_PIPELINE_GUARD_H

#include <stdint.h>

#include "pipeline/verdict.h"

/* Doubles only, all 0 at the beginning: it lies in an array of a snapshot. Since when, is told by the beginning from which each
 * share has won most (Page 1954, "Continuous inspection schemes", Biometrika 41). */
typedef struct kedge_i_guard {
    double n;
    double wealth[VERDICT_BETS];
    double run[VERDICT_BETS];    /* what a stake of 1 has come to since then, so that it was never less than 1 before */
    double rows[VERDICT_BETS];   /* since then */
    double excess[VERDICT_BETS]; /* sum of x - limit since then */
} kedge_i_guard;

/* One row more; x and limit in [-1, 1]. */
void kedge_i_guard_learn(kedge_i_guard *g, double x, double limit);

double kedge_i_guard_wealth(const kedge_i_guard *g);

/* n > 0: on how many of the newest rows is the mean above the limit, as far as that can be told, and by how much? */
double kedge_i_guard_rows(const kedge_i_guard *g);
double kedge_i_guard_excess(const kedge_i_guard *g);

/* Can rows have given this? */
int kedge_i_guard_check(const kedge_i_guard *g);

#endif
