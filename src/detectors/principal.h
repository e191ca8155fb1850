/* SPDX-License-Identifier: MIT */
/* Principal axes of a symmetric matrix, in the caller's memory. */
#ifndef KEDGE_DETECTORS_PRINCIPAL_H
#define KEDGE_DETECTORS_PRINCIPAL_H

#include "kedge/base.h"

/* Turn the symmetric n by n matrix `a`, row after row, into its eigenvalues in descending order, on its diagonal, and fill the
 * rows of `axes` with the unit eigenvectors that belong to them. Entries are finite and of magnitude up to 1e100. At most 30
 * n^2 / 2 rotations. */
void kedge_i_principal_axes(double *a, double *axes, uint32_t n);

#endif
