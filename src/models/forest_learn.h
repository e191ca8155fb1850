/* SPDX-License-Identifier: MIT */
/* What a model that holds a forest may ask of it beyond its class. */
#ifndef KEDGE_MODELS_FOREST_LEARN_H
#define KEDGE_MODELS_FOREST_LEARN_H

#include "kedge/model.h"

/* Learns a row, and gives the scores that it had before: one way down each tree for both. */
void kedge_i_forest_learn_scored(void *state, const kedge_row *x, uint32_t label, double weight, double *scores);

#endif
