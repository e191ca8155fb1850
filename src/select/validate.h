/* SPDX-License-Identifier: MIT */
/* What a search must know of the validation of a trial. */
#ifndef KEDGE_SELECT_VALIDATE_H
#define KEDGE_SELECT_VALIDATE_H

#include "kedge/select.h"

/* Is all right with the way to validate, the score and the table? The model's configuration is looked at for its class, features
 * and classes. */
kedge_status kedge_i_validate_check(const kedge_model_config *model, const kedge_validation_config *cfg, const kedge_rows *x,
                                    const double *y, const double *weight);

/* Models to train, and rows to learn in all. */
void kedge_i_validate_cost(const kedge_model_config *model, const kedge_validation_config *cfg, size_t n_rows, uint64_t *n_fits,
                           uint64_t *n_learned);

#endif
