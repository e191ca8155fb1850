/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass over a table: blocks of rows are standardised into the first cache, their linear predictors go to the family's
 * loss, and what it says of slopes and curvatures to the gradient and the matrix (McCullagh, Nelder 1989, section 2.5.1).
 * The standardised table is never stored. */
#include "base/fp.h"

#include "gsl/irls.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/lanes.h"

#define IRLS_PART_TOLERANCE 1e-3 /* of the fit on a part of the rows */
enum {
    IRLS_ROWS = 64,        /* of a block */
    IRLS_NUMBERS = 4096,   /* of a block, about */
    IRLS_PART = 16,        /* every 16th row for the start */
    IRLS_PART_LEAST = 2048 /* rows that a part has at least, and as many times as there are columns */
};

uint64_t kedge_i_irls_capacity(uint64_t n_features)
{
    uint64_t rows = IRLS_NUMBERS / kedge_i_newton_stride(n_features + 1);
    rows -= rows % KEDGE_I_IRLS_TOGETHER;
    return rows > IRLS_ROWS ? IRLS_ROWS : rows < KEDGE_I_IRLS_TOGETHER ? KEDGE_I_IRLS_TOGETHER : rows;
}

/* Arrays of a block: targets, shares and curves; of each output predictors and slopes. */
static uint64_t irls_figures(uint64_t n_outputs)
{
    return 3 + 2 * n_outputs;
}

static uint64_t irls_width(uint64_t n_features, uint64_t n_outputs)
{
    return n_outputs == 1 ? n_features + 1 : n_outputs * kedge_i_newton_stride(n_features + 1);
}

uint64_t kedge_i_irls_room(uint32_t n_features, uint64_t n_outputs)
{
    uint64_t stride = kedge_i_newton_stride((uint64_t)n_features + 1);
    uint64_t newton = kedge_i_newton_room(irls_width(n_features, n_outputs));
    return 3 * (uint64_t)n_features + newton + (stride + irls_figures(n_outputs)) * kedge_i_irls_capacity(n_features);
}

static double irls_evaluate(void *problem, int with_matrix);

void kedge_i_irls_place(kedge_i_irls *t, uint32_t n_features, size_t n_outputs, double *room)
{
    size_t width = (size_t)irls_width(n_features, n_outputs);
    t->n_outputs = n_outputs;
    t->stride = (size_t)kedge_i_newton_stride((uint64_t)n_features + 1);
    t->columns.unit = room;
    t->columns.centre = room + n_features;
    t->columns.inverse_sd = room + 2 * (size_t)n_features;
    room += 3 * (size_t)n_features;
    kedge_i_newton_place(&t->newton, width, room);
    t->newton.evaluate = irls_evaluate;
    t->newton.problem = t;
    t->columns.copy = t->newton.next; /* not in use while the columns are measured */
    t->capacity = (size_t)kedge_i_irls_capacity(n_features);
    t->rows = room + kedge_i_newton_room(width);
    t->figures = t->rows + t->capacity * t->stride;
    memset(t->rows, 0, t->capacity * (t->stride + (size_t)irls_figures(n_outputs)) * sizeof(double));
    t->every = 1;
}

kedge_status kedge_i_irls_begin(kedge_i_irls *t, const kedge_rows *x, const double *y, const double *weight)
{
    t->columns.x = x;
    t->columns.weight = weight;
    t->y = y;
    kedge_i_gsl_measure(&t->columns);
    memset(t->columns.copy, 0, x->n_columns * sizeof(double));
    return t->columns.n_used == 0 ? KEDGE_ERR_NUMERIC : KEDGE_OK;
}

kedge_i_irls_block kedge_i_irls_block_of(const kedge_i_irls *t)
{
    double *at = t->figures;
    size_t n = t->capacity;
    kedge_i_irls_block b = {0, at, at + n, at + 2 * n, at + 3 * n, at + (3 + t->n_outputs) * n};
    return b;
}

void kedge_i_irls_gather(kedge_i_irls *t, size_t *i_row, kedge_i_irls_block *b)
{
    size_t n_rows = t->columns.x->n_rows;
    double all = (double)t->every / t->columns.weight_sum;
    for (b->n = 0; *i_row < n_rows && b->n < t->capacity; *i_row += t->every) {
        double weight = kedge_i_gsl_weight(&t->columns, *i_row);
        if (weight == 0.0)
            continue;
        double *row = t->rows + b->n * t->stride;
        row[0] = 1.0;
        kedge_i_gsl_standardise(&t->columns, *i_row, row + 1);
        b->share[b->n] = weight * all;
        b->y[b->n++] = t->y[*i_row];
    }
}

void kedge_i_irls_predict(const kedge_i_irls *t, const double *u, size_t n, double *eta)
{
    size_t stride = t->stride;
    for (size_t i = 0; i < n; i += KEDGE_I_IRLS_TOGETHER) {
        const double *p = t->rows + i * stride, *q = p + stride, *r = q + stride, *s = r + stride;
        kedge_i_lanes at_p = kedge_i_lanes_of(0.0), at_q = at_p, at_r = at_p, at_s = at_p;
        for (size_t j = 0; j < stride; j += KEDGE_I_LANES) {
            kedge_i_lanes by = kedge_i_lanes_load(u + j);
            at_p += by * kedge_i_lanes_load(p + j);
            at_q += by * kedge_i_lanes_load(q + j);
            at_r += by * kedge_i_lanes_load(r + j);
            at_s += by * kedge_i_lanes_load(s + j);
        }
        eta[i] = kedge_i_lanes_sum(at_p);
        eta[i + 1] = kedge_i_lanes_sum(at_q);
        eta[i + 2] = kedge_i_lanes_sum(at_r);
        eta[i + 3] = kedge_i_lanes_sum(at_s);
    }
}

void kedge_i_irls_fill(double *figures, size_t n)
{
    for (size_t i = n; i % KEDGE_I_IRLS_TOGETHER != 0; i++)
        figures[i] = 0.0;
}

void kedge_i_irls_add_gradient(const kedge_i_irls *t, const double *slope, size_t n, double *gradient)
{
    size_t stride = t->stride;
    for (size_t i = 0; i < n; i += KEDGE_I_IRLS_TOGETHER) {
        const double *p = t->rows + i * stride, *q = p + stride, *r = q + stride, *s = r + stride;
        kedge_i_lanes by_p = kedge_i_lanes_of(slope[i]), by_q = kedge_i_lanes_of(slope[i + 1]);
        kedge_i_lanes by_r = kedge_i_lanes_of(slope[i + 2]), by_s = kedge_i_lanes_of(slope[i + 3]);
        for (size_t j = 0; j < stride; j += KEDGE_I_LANES)
            kedge_i_lanes_store(kedge_i_lanes_load(gradient + j) +
                                    (by_p * kedge_i_lanes_load(p + j) + by_q * kedge_i_lanes_load(q + j)) +
                                    (by_r * kedge_i_lanes_load(r + j) + by_s * kedge_i_lanes_load(s + j)),
                                gradient + j);
    }
}

/* Four numbers of a row of weights, and what they add to a pair of columns of four rows. */
typedef struct irls_four {
    kedge_i_lanes p, q, r, s;
} irls_four;

static inline irls_four irls_four_of(const double *rows, size_t stride, size_t i, const double *curve)
{
    irls_four f = {kedge_i_lanes_of(curve[0] * rows[i]), kedge_i_lanes_of(curve[1] * rows[stride + i]),
                   kedge_i_lanes_of(curve[2] * rows[2 * stride + i]), kedge_i_lanes_of(curve[3] * rows[3 * stride + i])};
    return f;
}

static inline void irls_four_add(irls_four f, irls_four x, double *to)
{
    kedge_i_lanes_store(kedge_i_lanes_load(to) + ((f.p * x.p + f.q * x.q) + (f.r * x.r + f.s * x.s)), to);
}

void kedge_i_irls_add_matrix(const double *rows, size_t width, size_t stride, const double *curve, double *matrix,
                             size_t matrix_stride)
{
    for (size_t i = 0; i < width; i += 2) { /* two rows of the matrix, from the pair of columns with the diagonal on */
        irls_four one = irls_four_of(rows, stride, i, curve);
        irls_four two = irls_four_of(rows, stride, i + 1, curve);
        double *to = matrix + i * matrix_stride;
        int both = i + 1 < width;
        for (size_t j = i; j < stride; j += KEDGE_I_LANES) {
            const double *at = rows + j;
            irls_four x = {kedge_i_lanes_load(at), kedge_i_lanes_load(at + stride), kedge_i_lanes_load(at + 2 * stride),
                           kedge_i_lanes_load(at + 3 * stride)};
            irls_four_add(one, x, to + j);
            if (both)
                irls_four_add(two, x, to + matrix_stride + j);
        }
    }
}

/* The penalty, and the number that stays. Returns f. */
static double irls_penalise(kedge_i_irls *t, int with_matrix)
{
    kedge_i_newton *n = &t->newton;
    double squares = 0.0;
    for (size_t j = 1; j < n->width; j++) {
        squares += n->next[j] * n->next[j];
        n->gradient[j] += t->ridge * n->next[j];
        if (with_matrix)
            n->matrix[j * (n->stride + 1)] += t->ridge;
    }
    if (t->fixed > 0 && t->fixed < n->width) {
        squares -= n->next[t->fixed] * n->next[t->fixed];
        n->gradient[t->fixed] = 0.0;
        for (size_t i = 0; with_matrix && i < n->width; i++)
            n->matrix[i <= t->fixed ? i * n->stride + t->fixed : t->fixed * n->stride + i] = 0.0;
    }
    return t->loss + 0.5 * t->ridge * (squares > 0.0 ? squares : 0.0);
}

static double irls_evaluate(void *problem, int with_matrix)
{
    kedge_i_irls *t = problem;
    kedge_i_newton *n = &t->newton;
    kedge_i_irls_block b = kedge_i_irls_block_of(t);
    double sum = 0.0, lost = 0.0;
    memset(n->gradient, 0, n->stride * sizeof(double));
    if (with_matrix)
        memset(n->matrix, 0, n->width * n->stride * sizeof(double));
    for (size_t i_row = 0; i_row < t->columns.x->n_rows;) {
        kedge_i_irls_gather(t, &i_row, &b);
        kedge_i_irls_predict(t, n->next, b.n, b.eta);
        double loss = t->row_loss(t->family, &b);
        if (!(loss < (double)INFINITY))
            return (double)INFINITY;
        kedge_i_irls_add(&sum, &lost, loss);
        kedge_i_irls_fill(b.slope, b.n);
        kedge_i_irls_fill(b.curve, b.n);
        kedge_i_irls_add_gradient(t, b.slope, b.n, n->gradient);
        for (size_t i = 0; with_matrix && i < b.n; i += KEDGE_I_IRLS_TOGETHER)
            kedge_i_irls_add_matrix(t->rows + i * n->stride, n->width, n->stride, b.curve + i, n->matrix, n->stride);
    }
    t->loss = sum + lost > 0.0 ? sum + lost : 0.0;
    return irls_penalise(t, with_matrix);
}

int kedge_i_irls_approach(kedge_i_irls *t, uint32_t max_iterations)
{
    uint64_t least = IRLS_PART_LEAST + 16 * (uint64_t)t->newton.width;
    if (t->columns.x->n_rows / IRLS_PART < least)
        return 0;
    t->every = IRLS_PART;
    kedge_status st = kedge_i_newton_minimise(&t->newton, IRLS_PART_TOLERANCE, max_iterations);
    t->every = 1;
    return st == KEDGE_OK;
}

/* From the intercept and the fixed number alone. */
static void irls_restart(kedge_i_irls *t, double intercept, double fixed)
{
    memset(t->newton.now, 0, t->newton.width * sizeof(double));
    t->newton.now[t->fixed] = fixed;
    t->newton.now[0] = intercept;
}

kedge_status kedge_i_irls_minimise(kedge_i_irls *t, double tolerance, uint32_t max_iterations)
{
    double intercept = t->newton.now[0];
    double fixed = t->newton.now[t->fixed];
    int is_near = kedge_i_irls_approach(t, max_iterations) &&
                  kedge_i_newton_minimise(&t->newton, tolerance, max_iterations) == KEDGE_OK;
    if (!is_near) {
        irls_restart(t, intercept, fixed);
        KEDGE_TRY(kedge_i_newton_minimise(&t->newton, tolerance, max_iterations));
    }
    double squares = 0.0;
    for (size_t j = 1; j < t->newton.width; j++)
        squares += j == t->fixed ? 0.0 : t->newton.now[j] * t->newton.now[j];
    double loss = t->newton.objective - 0.5 * t->ridge * squares;
    t->loss = loss > 0.0 ? loss : 0.0;
    return KEDGE_OK;
}
