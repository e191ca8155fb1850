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

#include "base/lanes.h"

#define JACOBI_LEAST 1e-280              /* squares of a row below this are none */
#define JACOBI_EQUAL (4.0 * DBL_EPSILON) /* cosine of two rows that are orthogonal */

enum { JACOBI_SWEEPS = 30 };

/* Products of two rows with themselves and each other. */
typedef struct jacobi_products {
    double pp, qq, pq;
} jacobi_products;

/* In one pass, since rows of a wide matrix come from far; sums of two kinds each, so that none waits for the one before. */
static jacobi_products jacobi_multiply(const double *p, const double *q, size_t n)
{
    kedge_i_lanes pp = kedge_i_lanes_of(0.0), qq = pp, pq = pp, pp_odd = pp, qq_odd = pp, pq_odd = pp;
    size_t i = 0;
    for (; i + 2 * KEDGE_I_LANES <= n; i += 2 * KEDGE_I_LANES) {
        kedge_i_lanes x = kedge_i_lanes_load(p + i), y = kedge_i_lanes_load(q + i);
        kedge_i_lanes v = kedge_i_lanes_load(p + i + KEDGE_I_LANES), w = kedge_i_lanes_load(q + i + KEDGE_I_LANES);
        pp += x * x;
        qq += y * y;
        pq += x * y;
        pp_odd += v * v;
        qq_odd += w * w;
        pq_odd += v * w;
    }
    jacobi_products out = {kedge_i_lanes_sum(pp + pp_odd), kedge_i_lanes_sum(qq + qq_odd), kedge_i_lanes_sum(pq + pq_odd)};
    for (; i < n; i++) {
        out.pp += p[i] * p[i];
        out.qq += q[i] * q[i];
        out.pq += p[i] * q[i];
    }
    return out;
}

double kedge_i_gsl_jacobi_square(const double *row, size_t n)
{
    return jacobi_multiply(row, row, n).pp;
}

static void jacobi_rotate(double *p, double *q, size_t n, double c, double s)
{
    kedge_i_lanes cosine = kedge_i_lanes_of(c), sine = kedge_i_lanes_of(s);
    size_t i = 0;
    for (; i + KEDGE_I_LANES <= n; i += KEDGE_I_LANES) {
        kedge_i_lanes x = kedge_i_lanes_load(p + i), y = kedge_i_lanes_load(q + i);
        kedge_i_lanes_store(cosine * x - sine * y, p + i);
        kedge_i_lanes_store(sine * x + cosine * y, q + i);
    }
    for (; i < n; i++) {
        double x = p[i], y = q[i];
        p[i] = c * x - s * y;
        q[i] = s * x + c * y;
    }
}

/* The rotation that makes two rows orthogonal, by the smaller angle. 0: they are. */
static int jacobi_pair(double *p, double *q, size_t n, size_t n_all)
{
    jacobi_products of = jacobi_multiply(p, q, n);
    double pp = of.pp, qq = of.qq, pq = of.pq;
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
