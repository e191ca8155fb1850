/* SPDX-License-Identifier: MIT */
/* Eigenvalues by cyclic rotations: Jacobi 1846; order and formulas after Golub, Van Loan 2013, "Matrix Computations", section
 * 8.5. Chosen because it needs no memory besides its result, cannot fail, and finds small eigenvalues as well as great ones; it
 * converges quadratically, so that the bound on the sweeps is never met in practice.
 *
 * Cost: about 6 n^3 multiplications a sweep, 5 to 10 sweeps. */
#include "base/fp.h"

#include "detectors/principal.h"

#include <math.h>
#include <string.h>

#define PRINCIPAL_NEGLIGIBLE 1e-18 /* of the sum of all magnitudes: below the rounding of any entry that matters */

enum { PRINCIPAL_SWEEPS = 30 };

static double principal_size(const double *a, uint32_t n)
{
    double size = 0.0;
    for (size_t i = 0; i < (size_t)n * n; i++)
        size += fabs(a[i]);
    return size;
}

/* Rows p and q of a matrix turned: (p, q) <- (c p - s q, s p + c q). */
static void principal_turn_rows(double *a, uint32_t n, uint32_t p, uint32_t q, double c, double s)
{
    double *row_p = a + (size_t)p * n;
    double *row_q = a + (size_t)q * n;
    for (uint32_t i = 0; i < n; i++) {
        double at_p = row_p[i];
        double at_q = row_q[i];
        row_p[i] = c * at_p - s * at_q;
        row_q[i] = s * at_p + c * at_q;
    }
}

static void principal_turn_columns(double *a, uint32_t n, uint32_t p, uint32_t q, double c, double s)
{
    for (uint32_t i = 0; i < n; i++) {
        double *row = a + (size_t)i * n;
        double at_p = row[p];
        double at_q = row[q];
        row[p] = c * at_p - s * at_q;
        row[q] = s * at_p + c * at_q;
    }
}

/* Golub, Van Loan 2013, algorithm 8.5.1: the rotation that makes a_pq zero, by the smaller of the two angles. */
static void principal_rotate(double *a, double *axes, uint32_t n, uint32_t p, uint32_t q)
{
    double *pq = a + (size_t)p * n + q;
    double *qp = a + (size_t)q * n + p;
    double tau = (a[(size_t)q * n + q] - a[(size_t)p * n + p]) / (2.0 * *pq);
    double t = (tau < 0.0 ? -1.0 : 1.0) / (fabs(tau) + sqrt(1.0 + tau * tau));
    double c = 1.0 / sqrt(1.0 + t * t);
    double s = t * c;
    principal_turn_columns(a, n, p, q, c, s);
    principal_turn_rows(a, n, p, q, c, s);
    *pq = *qp = 0.0;
    principal_turn_rows(axes, n, p, q, c, s);
}

/* Returns how many rotations were needed. */
static uint32_t principal_sweep(double *a, double *axes, uint32_t n, double least)
{
    uint32_t turned = 0;
    for (uint32_t p = 0; p + 1 < n; p++)
        for (uint32_t q = p + 1; q < n; q++)
            if (fabs(a[(size_t)p * n + q]) > least) {
                principal_rotate(a, axes, n, p, q);
                turned++;
            }
    return turned;
}

static void principal_swap(double *a, double *axes, uint32_t n, uint32_t i, uint32_t j)
{
    double value = a[(size_t)i * n + i];
    a[(size_t)i * n + i] = a[(size_t)j * n + j];
    a[(size_t)j * n + j] = value;
    for (uint32_t k = 0; k < n; k++) {
        double x = axes[(size_t)i * n + k];
        axes[(size_t)i * n + k] = axes[(size_t)j * n + k];
        axes[(size_t)j * n + k] = x;
    }
}

static void principal_sort(double *a, double *axes, uint32_t n)
{
    for (uint32_t i = 0; i + 1 < n; i++) {
        uint32_t best = i;
        for (uint32_t j = i + 1; j < n; j++)
            if (a[(size_t)j * n + j] > a[(size_t)best * n + best])
                best = j;
        if (best != i)
            principal_swap(a, axes, n, i, best);
    }
}

void kedge_i_principal_axes(double *a, double *axes, uint32_t n)
{
    double least = principal_size(a, n) * PRINCIPAL_NEGLIGIBLE;
    memset(axes, 0, (size_t)n * n * sizeof *axes);
    for (uint32_t i = 0; i < n; i++)
        axes[(size_t)i * n + i] = 1.0;
    for (int sweep = 0; sweep < PRINCIPAL_SWEEPS && principal_sweep(a, axes, n, least) > 0; sweep++)
        ;
    principal_sort(a, axes, n);
}
