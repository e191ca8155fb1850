/* SPDX-License-Identifier: MIT */
/* The dispatch's validation of a training table, for callers that must know before they change anything. */
#ifndef KEDGE_MODELS_MODEL_CHECK_H
#define KEDGE_MODELS_MODEL_CHECK_H

#include "kedge/model.h"

kedge_status kedge_i_model_check_table(const kedge_model *m, const kedge_rows *x, const double *y, const double *weight);

#endif
