/* SPDX-License-Identifier: MIT */
/* The area under the ROC curve alone. */
#ifndef KEDGE_METRICS_RANKING_AREA_H
#define KEDGE_METRICS_RANKING_AREA_H

#include "base/sort_pairs.h"

/* Of n scores with their weights, < 0: of class 0; sorted on the way, `spare` has room for as many. NaN: one of the classes is not
 * there. */
double kedge_i_ranking_area(kedge_i_pair *pairs, size_t n, kedge_i_pair *spare);

#endif
