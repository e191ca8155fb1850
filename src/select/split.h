/* SPDX-License-Identifier: MIT */
/* What splits tell before there is a table. */
#ifndef KEDGE_SELECT_SPLIT_H
#define KEDGE_SELECT_SPLIT_H

#include "kedge/select.h"

/* Everything of a split but the rows' folds. */
kedge_status kedge_i_split_plan(const kedge_split_config *cfg, size_t n_rows, kedge_split *s);

/* How many rows a fold of a planned split trains on and tests. */
uint64_t kedge_i_split_n_test(const kedge_split *s, uint32_t i_fold);
uint64_t kedge_i_split_n_train(const kedge_split *s, uint32_t i_fold);

/* Are the rows to train on neighbours, in every fold? */
int kedge_i_split_trains_on_ranges(const kedge_split_config *cfg);

#endif
