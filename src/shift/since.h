/* SPDX-License-Identifier: MIT */
/* From which row on is a column another? */
#ifndef KEDGE_SHIFT_SINCE_H
#define KEDGE_SHIFT_SINCE_H

#include "kedge/shift.h"

/* Doubles of scratch. */
uint64_t kedge_i_since_scratch(uint64_t n_reference);

/* Both one column that a method has compared. `where` is the value at which they differ most, NaN if not known; `is_code`: it is a
 * category. */
uint64_t kedge_i_since(const kedge_rows *reference, const kedge_rows *current, double where, int is_code, double *scratch);

#endif
