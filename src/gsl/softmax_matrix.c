/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sums are those of McCullagh, Nelder 1989, section 5.2.4, taken as a product of two matrices, so that what is loaded of a
 * column serves for several sums: Goto, van de Geijn 2008, "Anatomy of high-performance matrix multiplication", ACM TOMS 34. */
#include "base/fp.h"

#include "gsl/softmax_matrix.h"

#include <string.h>

#include "base/lanes.h"
#include "gsl/products.h"

static uint64_t softmax_pairs(uint64_t n_outputs)
{
    return n_outputs * (n_outputs + 1) / 2;
}

uint64_t kedge_i_softmax_matrix_room(uint64_t n_features, uint64_t n_outputs)
{
    uint64_t used = 0, width = n_features + 1, pairs = softmax_pairs(n_outputs);
    uint64_t capacity = kedge_i_irls_capacity(n_features);
    (void)kedge_i_gsl_take(&used, width + 2, capacity);
    (void)kedge_i_gsl_take(&used, pairs, capacity);
    (void)kedge_i_gsl_take(&used, pairs, width * (width + 1) / 2 + 1);
    return used;
}

void kedge_i_softmax_matrix_place(kedge_i_softmax_matrix *m, const kedge_i_irls *t, size_t n_features, double *room)
{
    m->width = n_features + 1;
    m->capacity = t->capacity;
    m->n_outputs = t->n_outputs;
    m->n_pairs = (size_t)softmax_pairs(t->n_outputs);
    m->column = room;
    m->product = m->column + m->width * m->capacity;
    m->curve = m->product + 2 * m->capacity;
    m->sum = m->curve + m->n_pairs * m->capacity;
}

void kedge_i_softmax_matrix_begin(kedge_i_softmax_matrix *m)
{
    memset(m->sum, 0, m->width * (m->width + 1) / 2 * m->n_pairs * sizeof(double));
}

static void softmax_add_one(const double *a, const double *b, const double *curve, size_t n, double *first, double *second)
{
    kedge_i_lanes s = kedge_i_lanes_of(0.0), t = s;
    for (size_t i = 0; i < n; i += KEDGE_I_LANES) {
        kedge_i_lanes z = kedge_i_lanes_load(curve + i);
        s += kedge_i_lanes_load(a + i) * z;
        t += kedge_i_lanes_load(b + i) * z;
    }
    *first += kedge_i_lanes_sum(s);
    *second += kedge_i_lanes_sum(t);
}

/* Products of two columns with all curves. */
static void softmax_add_pairs(kedge_i_softmax_matrix *m, size_t n, double *first, double *second)
{
    const double *a = m->product, *b = a + m->capacity;
    size_t q = 0;
    for (; q + 4 <= m->n_pairs; q += 4)
        kedge_i_products_four(a, b, m->curve + q * m->capacity, m->capacity, n, first + q, second + q);
    for (; q < m->n_pairs; q++)
        softmax_add_one(a, b, m->curve + q * m->capacity, n, first + q, second + q);
}

static void softmax_multiply(const kedge_i_softmax_matrix *m, size_t i, size_t j, size_t n, double *to)
{
    const double *x = m->column + i * m->capacity, *y = m->column + j * m->capacity;
    for (size_t r = 0; r < n; r++)
        to[r] = x[r] * y[r];
}

/* By columns; filled up by rows of 0 to a multiple of 4, and so are the curves. Returns how many rows these are. */
static size_t softmax_turn(kedge_i_softmax_matrix *m, const double *rows, size_t stride, size_t n)
{
    size_t full = (n + KEDGE_I_IRLS_TOGETHER - 1) / KEDGE_I_IRLS_TOGETHER * KEDGE_I_IRLS_TOGETHER;
    for (size_t j = 0; j < m->width; j++)
        for (size_t r = 0; r < full; r++)
            m->column[j * m->capacity + r] = r < n ? rows[r * stride + j] : 0.0;
    for (size_t q = 0; q < m->n_pairs; q++)
        kedge_i_irls_fill(m->curve + q * m->capacity, n);
    return full;
}

void kedge_i_softmax_matrix_add(kedge_i_softmax_matrix *m, const double *rows, size_t stride, size_t n)
{
    double *sum = m->sum; /* of the columns s_0 s_0, s_0 s_1, .. s_1 s_1, .. */
    size_t full = softmax_turn(m, rows, stride, n), n_held = 0;
    for (size_t i = 0; i < m->width; i++)
        for (size_t j = i; j < m->width; j++) {
            softmax_multiply(m, i, j, full, m->product + n_held++ * m->capacity);
            if (n_held < 2 && i + 1 < m->width)
                continue;
            softmax_add_pairs(m, full, sum, sum + m->n_pairs); /* of an odd number the last one to sums that nobody reads */
            sum += n_held * m->n_pairs;
            n_held = 0;
        }
}

/* One sum into its place, on both sides of the diagonal. */
static void softmax_put(kedge_i_newton *to, size_t row, size_t column, size_t i, size_t j, double x)
{
    to->matrix[(row + i) * to->stride + column + j] = x;
    to->matrix[(row + j) * to->stride + column + i] = x;
}

void kedge_i_softmax_matrix_end(const kedge_i_softmax_matrix *m, kedge_i_newton *to, size_t stride)
{
    const double *sum = m->sum;
    for (size_t i = 0; i < m->width; i++)
        for (size_t j = i; j < m->width; j++)
            for (size_t k = 0; k < m->n_outputs; k++)
                for (size_t l = k; l < m->n_outputs; l++)
                    softmax_put(to, k * stride, l * stride, i, j, *sum++);
}
