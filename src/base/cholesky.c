/* SPDX-License-Identifier: MIT */
/* Cholesky's factorisation, row by row, and the two triangular solutions. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "base/cholesky.h"

static double cholesky_dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

kedge_status kedge_i_cholesky_factor(double *a, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double *row = a + kedge_i_triangle(i);
        double diagonal = row[i];
        for (size_t j = 0; j < i; j++) {
            const double *above = a + kedge_i_triangle(j);
            row[j] = (row[j] - cholesky_dot(row, above, j)) / above[j];
        }
        double pivot = diagonal - cholesky_dot(row, row, i);
        if (!(pivot > (double)n * DBL_EPSILON * diagonal)) /* what rounding leaves of 0 */
            return KEDGE_ERR_NUMERIC;
        row[i] = sqrt(pivot);
    }
    return KEDGE_OK;
}

void kedge_i_cholesky_solve(const double *l, size_t n, double *b)
{
    for (size_t i = 0; i < n; i++) { /* L z = b */
        const double *row = l + kedge_i_triangle(i);
        b[i] = (b[i] - cholesky_dot(row, b, i)) / row[i];
    }
    for (size_t i = n; i-- > 0;) { /* L' x = z, each x taken off the rows above at once, so that L is read by rows */
        const double *row = l + kedge_i_triangle(i);
        b[i] /= row[i];
        for (size_t j = 0; j < i; j++)
            b[j] -= row[j] * b[i];
    }
}
