/* SPDX-License-Identifier: MIT */
/* Mann-Whitney's test with one side. */
#ifndef KEDGE_SHIFT_MANN_WHITNEY_H
#define KEDGE_SHIFT_MANN_WHITNEY_H

#include "kedge/shift.h"

/* As #kedge_mann_whitney with cfg, in its scratch; but the p-value is the chance of a U of the reference at most as large: it is
 * small only where the current values are the larger ones. */
kedge_status kedge_i_mann_whitney_above(const kedge_shift_config *cfg, const kedge_shift_samples *s, double *scratch,
                                        kedge_shift_result *out);

#endif
