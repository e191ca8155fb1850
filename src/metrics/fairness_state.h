/* SPDX-License-Identifier: MIT */
/* What fairness keeps: a slot of the covering is a cell of the confusion matrix in a bin of the score of a group. */
#ifndef KEDGE_METRICS_FAIRNESS_STATE_H
#define KEDGE_METRICS_FAIRNESS_STATE_H

#include "kedge/metrics/fairness.h"

#include "metrics/cover.h"

/* What a record adds to its slot. */
enum { FAIRNESS_WEIGHT, FAIRNESS_SQUARES, FAIRNESS_SCORE, FAIRNESS_BRIER, FAIRNESS_WIDTH };

enum { FAIRNESS_CELLS = 4 };

typedef struct fairness_state {
    kedge_i_cover cover;
    double confidence;
    uint32_t n_groups;
    uint32_t n_bins;
    uint32_t min_rows;
    uint32_t skip_small;
    uint32_t undefined_as_zero;
    uint32_t reserved;
} fairness_state;

#endif
