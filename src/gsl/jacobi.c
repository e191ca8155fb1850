/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-sided Jacobi rotations: Hestenes 1958, "Inversion of matrices by biorthogonalization and related results", J. SIAM 6; Golub,
 * Van Loan 2013, "Matrix Computations", 4th edition, section 8.6.3. Applied to the rows of the triangle of a pivoted QR, which come
 * in falling order, it finds small singular values to high relative accuracy in few sweeps (Drmac, Veselic 2008, "New fast and
 * accurate Jacobi SVD algorithm I", SIAM J. Matrix Anal. Appl. 29, section 3). GSL's own may raise an error. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "gsl/jacobi.h"

#define JACOBI_LEAST 1e-280              /* squares of a row below this are none */
#define JACOBI_EQUAL (4.0 * DBL_EPSILON) /* cosine of two rows that are orthogonal */

enum { JACOBI_SWEEPS = 30 };

static double jacobi_product(const double *a, const double *b, size_t n)
{
    double s0 = 0.0, s1 = 0.0;
    size_t i = 0;
    for (; i + 2 <= n; i += 2) {
        s0 += a[i] * b[i];
        s1 += a[i + 1] * b[i + 1];
    }
    return i < n ? s0 + s1 + a[i] * b[i] : s0 + s1;
}

double kedge_i_gsl_jacobi_square(const double *row, size_t n)
{
    return jacobi_product(row, row, n);
}

static void jacobi_rotate(double *p, double *q, size_t n, double c, double s)
{
    for (size_t i = 0; i < n; i++) {
        double x = p[i], y = q[i];
        p[i] = c * x - s * y;
        q[i] = s * x + c * y;
    }
}

/* The rotation that makes two rows orthogonal, by the smaller angle. 0: they are. */
static int jacobi_pair(double *p, double *q, size_t n, size_t n_all)
{
    double pp = jacobi_product(p, p, n), qq = jacobi_product(q, q, n), pq = jacobi_product(p, q, n);
    if (pp < JACOBI_LEAST || qq < JACOBI_LEAST || !(fabs(pq) > JACOBI_EQUAL * (sqrt(pp) * sqrt(qq))))
        return 0;
    double zeta = (qq - pp) / (2.0 * pq);
    double t = 1.0 / (fabs(zeta) + hypot(1.0, zeta));
    double c = 1.0 / sqrt(1.0 + t * t);
    jacobi_rotate(p, q, n_all, c, zeta < 0.0 ? -c * t : c * t);
    return 1;
}

void kedge_i_gsl_jacobi(double *a, size_t n, size_t stride, size_t n_more)
{
    int moved = 1;
    for (int sweep = 0; sweep < JACOBI_SWEEPS && moved; sweep++) {
        moved = 0;
        for (size_t p = 0; p + 1 < n; p++)
            for (size_t q = p + 1; q < n; q++)
                moved |= jacobi_pair(a + p * stride, a + q * stride, n, n + n_more);
    }
    for (size_t p = 0; p < n; p++)
        if (kedge_i_gsl_jacobi_square(a + p * stride, n) < JACOBI_LEAST)
            memset(a + p * stride, 0, n * sizeof *a);
}
