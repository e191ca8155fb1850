/* SPDX-License-Identifier: MIT */
/* Frozen linear models. Doubles: greatest and least input, offset, scales of the features if there are, factors of the vectors if
 * there are, weights. */
#ifndef KEDGE_MODELS_FROZEN_LINEAR_H
#define KEDGE_MODELS_FROZEN_LINEAR_H

#include "models/freeze.h"
#include "models/linear_serve.h"

enum { FROZEN_LINEAR_LOSS, FROZEN_LINEAR_HAS }; /* parameters */
enum { FROZEN_LINEAR_SCALES = 1, FROZEN_LINEAR_FACTORS = 2 };
enum { FROZEN_LINEAR_MAX, FROZEN_LINEAR_MIN, FROZEN_LINEAR_OFFSET, FROZEN_LINEAR_REST }; /* doubles */

kedge_status kedge_i_freeze_linear(const kedge_model_class *cls, const void *state, const linear_machine *m, void *buf, size_t cap,
                                   size_t *len);

#endif
