/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-sided Jacobi rotations: Hestenes 1958, "Inversion of matrices by biorthogonalization and related results", J. SIAM 6; Golub,
 * Van Loan 2013, "Matrix Computations", 4th edition, section 8.6.3. Applied to the rows of the triangle of a pivoted QR, which come
 * in falling order, it finds small singular values to high relative accuracy in few sweeps (Drmac, Veselic 2008, "New fast and
 * accurate Jacobi SVD algorithm I", SIAM J. Matrix Anal. Appl. 29, section 3). GSL's own may raise an error.
 *
 * Of the rows that are left the greatest is always rotated first (de Rijk 1989, "A one-sided Jacobi algorithm for computing the
 * singular value decomposition on a vector computer", SIAM J. Sci. Stat. Comput. 10): a seventh fewer rotations. Squares of rows
 * are carried along through a sweep, so that a pair costs one product instead of three; and a rotation is two additions of one row
 * to the other, with a scale for each row (Anda, Park 1994, "Fast plane rotations with dynamic scaling", SIAM J. Matrix Anal. Appl.
 * 15). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "gsl/jacobi.h"

#include "base/lanes.h"

#define JACOBI_LEAST 1e-280              /* squares of a row below this are none */
#define JACOBI_EQUAL (4.0 * DBL_EPSILON) /* cosine of two rows that are orthogonal */

#define JACOBI_CANCELS 0.1 /* a square that a rotation makes smaller than this share of itself is taken anew */
#define JACOBI_STEEP   1e8 /* cotangents of the double angle whose square has no digits for 1 */

enum { JACOBI_SWEEPS = 30 };

/* Rows with a scale each: what stands there times the scale is the row. */
typedef struct jacobi_rows {
    double *at;
    double *square; /* of the n numbers of each row, scaled */
    double *scale;
    size_t n, n_all, stride;
} jacobi_rows;

/* Four sums, so that none waits for the one before. */
static double jacobi_product(const double *p, const double *q, size_t n)
{
    kedge_i_lanes a = kedge_i_lanes_of(0.0), b = a, c = a, d = a;
    size_t i = 0;
    for (; i + 4 * KEDGE_I_LANES <= n; i += 4 * KEDGE_I_LANES) {
        a += kedge_i_lanes_load(p + i) * kedge_i_lanes_load(q + i);
        b += kedge_i_lanes_load(p + i + KEDGE_I_LANES) * kedge_i_lanes_load(q + i + KEDGE_I_LANES);
        c += kedge_i_lanes_load(p + i + 2 * KEDGE_I_LANES) * kedge_i_lanes_load(q + i + 2 * KEDGE_I_LANES);
        d += kedge_i_lanes_load(p + i + 3 * KEDGE_I_LANES) * kedge_i_lanes_load(q + i + 3 * KEDGE_I_LANES);
    }
    double sum = kedge_i_lanes_sum((a + b) + (c + d));
    for (; i < n; i++)
        sum += p[i] * q[i];
    return sum;
}

double kedge_i_gsl_jacobi_square(const double *row, size_t n)
{
    return jacobi_product(row, row, n);
}

static double *jacobi_row(const jacobi_rows *r, size_t i)
{
    return r->at + i * r->stride;
}

/* x -= a y; y += b x, with the new x. */
static void jacobi_shear(double *x, double *y, size_t n, double a, double b)
{
    kedge_i_lanes by_a = kedge_i_lanes_of(a), by_b = kedge_i_lanes_of(b);
    size_t i = 0;
    for (; i + KEDGE_I_LANES <= n; i += KEDGE_I_LANES) {
        kedge_i_lanes v = kedge_i_lanes_load(y + i), u = kedge_i_lanes_load(x + i) - by_a * v;
        kedge_i_lanes_store(u, x + i);
        kedge_i_lanes_store(v + by_b * u, y + i);
    }
    for (; i < n; i++) {
        x[i] -= a * y[i];
        y[i] += b * x[i];
    }
}

/* Rotate row p towards q by an angle of this tangent: p cos - q sin, p sin + q cos. The scale of the row that is sheared first
 * falls by the cosine, that of the other rises, so the one with the greater scale is: scales stay near 1. */
static void jacobi_rotate(const jacobi_rows *r, size_t p, size_t q, double tangent)
{
    double square = 1.0 + tangent * tangent;
    double cosine = 1.0 / sqrt(square);
    if (r->scale[p] < r->scale[q]) {
        size_t other = p;
        p = q;
        q = other;
        tangent = -tangent;
    }
    double ratio = r->scale[q] / r->scale[p];
    jacobi_shear(jacobi_row(r, p), jacobi_row(r, q), r->n_all, tangent * ratio, tangent / (square * ratio));
    r->scale[p] *= cosine;
    r->scale[q] /= cosine;
}

static double jacobi_square_of(const jacobi_rows *r, size_t i)
{
    return r->scale[i] * r->scale[i] * jacobi_product(jacobi_row(r, i), jacobi_row(r, i), r->n);
}

/* The square of a row after a rotation, but for rounding; from the row itself where most of it cancels. */
static void jacobi_follow(const jacobi_rows *r, size_t i, double gain)
{
    double square = r->square[i] + gain;
    r->square[i] = square < JACOBI_CANCELS * r->square[i] ? jacobi_square_of(r, i) : square;
}

/* The rotation that makes two rows orthogonal, by the smaller angle. 0: they are. */
static int jacobi_pair(const jacobi_rows *r, size_t p, size_t q)
{
    double pp = r->square[p], qq = r->square[q];
    if (pp < JACOBI_LEAST || qq < JACOBI_LEAST)
        return 0;
    double pq = r->scale[p] * r->scale[q] * jacobi_product(jacobi_row(r, p), jacobi_row(r, q), r->n);
    if (!(fabs(pq) > JACOBI_EQUAL * (sqrt(pp) * sqrt(qq))))
        return 0;
    double zeta = (qq - pp) / (2.0 * pq);
    double steep = fabs(zeta);
    double tangent = 1.0 / (steep < JACOBI_STEEP ? steep + sqrt(1.0 + steep * steep) : 2.0 * steep);
    tangent = zeta < 0.0 ? -tangent : tangent;
    jacobi_rotate(r, p, q, tangent);
    jacobi_follow(r, p, -tangent * pq);
    jacobi_follow(r, q, tangent * pq);
    return 1;
}

static void jacobi_swap(double *x, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double other = x[i];
        x[i] = y[i];
        y[i] = other;
    }
}

/* Bring the greatest of the rows from p on to p. */
static void jacobi_choose(const jacobi_rows *r, size_t p)
{
    size_t most = p;
    for (size_t i = p + 1; i < r->n; i++)
        most = r->square[i] > r->square[most] ? i : most;
    if (most == p)
        return;
    jacobi_swap(jacobi_row(r, p), jacobi_row(r, most), r->n_all);
    jacobi_swap(&r->square[p], &r->square[most], 1);
    jacobi_swap(&r->scale[p], &r->scale[most], 1);
}

/* Rows as they are: the scales into them, and squares without the rounding of a sweep. */
static void jacobi_settle(const jacobi_rows *r)
{
    for (size_t i = 0; i < r->n; i++) {
        double *row = jacobi_row(r, i);
        for (size_t j = 0; j < r->n_all && r->scale[i] != 1.0; j++)
            row[j] *= r->scale[i];
        r->scale[i] = 1.0;
        r->square[i] = jacobi_product(row, row, r->n);
    }
}

static int jacobi_sweep(const jacobi_rows *r)
{
    int moved = 0;
    for (size_t p = 0; p + 1 < r->n; p++) {
        jacobi_choose(r, p);
        for (size_t q = p + 1; q < r->n; q++)
            moved |= jacobi_pair(r, p, q);
    }
    return moved;
}

void kedge_i_gsl_jacobi(double *a, size_t n, size_t stride, size_t n_more, double *room)
{
    jacobi_rows r = {a, room, room + n, n, n + n_more, stride};
    for (size_t i = 0; i < n; i++)
        r.scale[i] = 1.0;
    jacobi_settle(&r);
    for (int sweep = 0; sweep < JACOBI_SWEEPS && jacobi_sweep(&r); sweep++)
        jacobi_settle(&r);
    for (size_t p = 0; p < n; p++)
        if (r.square[p] < JACOBI_LEAST)
            memset(jacobi_row(&r, p), 0, n * sizeof *a);
}
