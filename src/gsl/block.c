/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of rows, several columns at a time: what is loaded of one column serves for four others. See block.h. */
#include "base/fp.h"

#include <math.h>

#include "gsl/block.h"

#include "base/lanes.h"
#include "gsl/products.h"

#define BLOCK_LEAST 1e-280 /* squares of a column below this are none: their reciprocal must not overflow */

enum { BLOCK_STRIDE = KEDGE_I_GSL_BLOCK };

static inline double block_squares(const double *v, size_t n)
{
    kedge_i_lanes a = kedge_i_lanes_of(0.0), b = a;
    for (size_t i = 0; i < n; i += 2 * KEDGE_I_LANES) {
        kedge_i_lanes x = kedge_i_lanes_load(v + i), y = kedge_i_lanes_load(v + i + KEDGE_I_LANES);
        a += x * x;
        b += y * y;
    }
    return kedge_i_lanes_sum(a + b);
}

/* Four columns less their part along the reflection [head; v]: row holds their numbers in R. */
static void block_reflect_four(const double *v, size_t n, double head, double scale, double *row, double *columns)
{
    double *c0 = columns, *c1 = c0 + BLOCK_STRIDE, *c2 = c1 + BLOCK_STRIDE, *c3 = c2 + BLOCK_STRIDE;
    kedge_i_lanes s0 = kedge_i_lanes_of(0.0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    for (size_t i = 0; i < n; i += 2 * KEDGE_I_LANES) {
        size_t k = i + KEDGE_I_LANES;
        kedge_i_lanes x = kedge_i_lanes_load(v + i), y = kedge_i_lanes_load(v + k);
        s0 += x * kedge_i_lanes_load(c0 + i);
        s1 += x * kedge_i_lanes_load(c1 + i);
        s2 += x * kedge_i_lanes_load(c2 + i);
        s3 += x * kedge_i_lanes_load(c3 + i);
        t0 += y * kedge_i_lanes_load(c0 + k);
        t1 += y * kedge_i_lanes_load(c1 + k);
        t2 += y * kedge_i_lanes_load(c2 + k);
        t3 += y * kedge_i_lanes_load(c3 + k);
    }
    double f0 = scale * (head * row[0] + kedge_i_lanes_sum(s0 + t0)), f1 = scale * (head * row[1] + kedge_i_lanes_sum(s1 + t1));
    double f2 = scale * (head * row[2] + kedge_i_lanes_sum(s2 + t2)), f3 = scale * (head * row[3] + kedge_i_lanes_sum(s3 + t3));
    row[0] -= f0 * head;
    row[1] -= f1 * head;
    row[2] -= f2 * head;
    row[3] -= f3 * head;
    kedge_i_lanes g0 = kedge_i_lanes_of(f0), g1 = kedge_i_lanes_of(f1), g2 = kedge_i_lanes_of(f2), g3 = kedge_i_lanes_of(f3);
    for (size_t i = 0; i < n; i += KEDGE_I_LANES) {
        kedge_i_lanes x = kedge_i_lanes_load(v + i);
        kedge_i_lanes_store(kedge_i_lanes_load(c0 + i) - g0 * x, c0 + i);
        kedge_i_lanes_store(kedge_i_lanes_load(c1 + i) - g1 * x, c1 + i);
        kedge_i_lanes_store(kedge_i_lanes_load(c2 + i) - g2 * x, c2 + i);
        kedge_i_lanes_store(kedge_i_lanes_load(c3 + i) - g3 * x, c3 + i);
    }
}

static void block_reflect_one(const double *v, size_t n, double head, double scale, double *row, double *c)
{
    kedge_i_lanes s = kedge_i_lanes_of(0.0), t = s;
    for (size_t i = 0; i < n; i += 2 * KEDGE_I_LANES) {
        s += kedge_i_lanes_load(v + i) * kedge_i_lanes_load(c + i);
        t += kedge_i_lanes_load(v + i + KEDGE_I_LANES) * kedge_i_lanes_load(c + i + KEDGE_I_LANES);
    }
    double f = scale * (head * row[0] + kedge_i_lanes_sum(s + t));
    row[0] -= f * head;
    kedge_i_lanes g = kedge_i_lanes_of(f);
    for (size_t i = 0; i < n; i += KEDGE_I_LANES)
        kedge_i_lanes_store(kedge_i_lanes_load(c + i) - g * kedge_i_lanes_load(v + i), c + i);
}

/* H = I - scale [head; v] [head; v]' with head = alpha + sign(alpha) norm, so nothing cancels (algorithm 5.1.1). */
void kedge_i_gsl_block_reflect(double *r, size_t width, double *block, size_t n_rows)
{
    for (size_t k = 0; k < width; k++) {
        double *row = r + k * width;
        double *v = block + k * BLOCK_STRIDE;
        double squares = block_squares(v, n_rows);
        if (!(squares > BLOCK_LEAST))
            continue;
        double alpha = row[k];
        double norm = sqrt(alpha * alpha + squares);
        double head = alpha < 0.0 ? alpha - norm : alpha + norm;
        double scale = 1.0 / (norm * (norm + fabs(alpha)));
        size_t j = k + 1;
        row[k] = alpha < 0.0 ? norm : -norm;
        for (; j + 4 <= width; j += 4)
            block_reflect_four(v, n_rows, head, scale, row + j, block + j * BLOCK_STRIDE);
        for (; j < width; j++)
            block_reflect_one(v, n_rows, head, scale, row + j, block + j * BLOCK_STRIDE);
    }
}

/* Products of two columns with two, or with one where n_columns is 1. */
static void block_products_two(const double *a, const double *columns, size_t n, double *first, double *second, size_t n_columns)
{
    const double *b = a + BLOCK_STRIDE;
    const double *c0 = columns, *c1 = n_columns > 1 ? c0 + BLOCK_STRIDE : c0;
    kedge_i_lanes s0 = kedge_i_lanes_of(0.0), s1 = s0, t0 = s0, t1 = s0;
    for (size_t i = 0; i < n; i += KEDGE_I_LANES) {
        kedge_i_lanes x = kedge_i_lanes_load(a + i), y = kedge_i_lanes_load(b + i), z = kedge_i_lanes_load(c0 + i);
        s0 += x * z;
        t0 += y * z;
        z = kedge_i_lanes_load(c1 + i);
        s1 += x * z;
        t1 += y * z;
    }
    first[0] += kedge_i_lanes_sum(s0);
    second[0] += kedge_i_lanes_sum(t0);
    if (n_columns > 1) {
        first[1] += kedge_i_lanes_sum(s1);
        second[1] += kedge_i_lanes_sum(t1);
    }
}

/* Two rows of the matrix at a time, from their diagonal on; of an odd width the last has one element. */
void kedge_i_gsl_block_products(double *sums, size_t width, const double *block, size_t n_rows)
{
    for (size_t k = 0; k + 2 <= width; k += 2) {
        const double *a = block + k * BLOCK_STRIDE;
        double *first = sums + k * width, *second = first + width;
        size_t j = k;
        for (; j + 4 <= width; j += 4)
            kedge_i_products_four(a, a + BLOCK_STRIDE, block + j * BLOCK_STRIDE, BLOCK_STRIDE, n_rows, first + j, second + j);
        for (; j < width; j += 2)
            block_products_two(a, block + j * BLOCK_STRIDE, n_rows, first + j, second + j, width - j);
        second[k] = 0.0; /* below the diagonal */
    }
    if (width % 2 == 1)
        sums[width * width - 1] += block_squares(block + (width - 1) * BLOCK_STRIDE, n_rows);
}
