/* SPDX-License-Identifier: MIT */
/* Freezing groves. */
#ifndef KEDGE_MODELS_FREEZE_GROVE_H
#define KEDGE_MODELS_FREEZE_GROVE_H

#include "models/freeze.h"
#include "models/grove.h"

/* `bases`: where the sums of gradient boosting start; NULL: a forest. */
kedge_status kedge_i_freeze_grove(const kedge_model_class *cls, const void *state, const grove *g, const double *bases, void *buf,
                                  size_t cap, size_t *len);

#endif
