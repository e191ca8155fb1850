/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton's method (or Fisher's scoring, where the matrix is the expected one) for the trainers that weigh rows anew at each
 * step. */
#ifndef KEDGE_GSL_NEWTON_H
#define KEDGE_GSL_NEWTON_H

#include <stddef.h>
#include <stdint.h>

#include "kedge/base.h"

/* A function f of u to minimise, f >= 0. Arrays are the caller's: `stride` numbers each, of which those behind `width` are 0. */
typedef struct kedge_i_newton {
    size_t width;
    size_t stride;    /* from one row of `matrix` to the next, kedge_i_newton_stride() */
    double *now;      /* u, the best so far; where to start */
    double *next;     /* u that was evaluated last */
    double *step;     /* d */
    double *gradient; /* f' at next */
    double *diagonal; /* of the matrix, before it is decomposed */
    double *matrix;   /* f'' at next, width x stride, upper triangle; then its decomposition U'U */
    /* Writes f' (and f'', if so asked) at next, and returns f; infinity: f has no value there. */
    double (*evaluate)(void *problem, int with_matrix);
    void *problem;
    double scale;        /* f is known to be about this large where it is not least; 0: unknown */
    double hopeless;     /* below this f has no minimum; 0: it always has */
    double near;         /* gains below this share of f: the decomposition is kept */
    double slow;         /* a kept decomposition must bring the gain down to this share */
    uint32_t ready;      /* 1: the matrix is decomposed, and close enough to f'' for the first step */
    uint32_t partial;    /* evaluate sets 1 with a matrix that is f'' of a part of what f is of: it may not see all columns */
    double objective;    /* f at now */
    uint32_t iterations; /* steps */
    uint32_t rank;       /* columns of the matrix that have a share of their own, the first left out */
} kedge_i_newton;

/* Rows of so many numbers side by side, for loops over two at a time. */
static inline uint64_t kedge_i_newton_stride(uint64_t width)
{
    return width + (width & 1);
}

/* Doubles of all arrays. */
static inline uint64_t kedge_i_newton_room(uint64_t width)
{
    return (5 + width) * kedge_i_newton_stride(width);
}

/* Hand out arrays of that room, all 0. */
void kedge_i_newton_place(kedge_i_newton *t, size_t width, double *room);

/* Minimise from `now` until f is within about tolerance^2 of its least, relatively. KEDGE_ERR_NUMERIC: there is no least, or
 * max_iterations were not enough; `now` is what was reached. The matrix is spoilt. */
kedge_status kedge_i_newton_minimise(kedge_i_newton *t, double tolerance, uint32_t max_iterations);

/* f'' at `now`, decomposed; gradient and next go with it. */
void kedge_i_newton_refresh(kedge_i_newton *t);

/* Decompose `matrix` into U'U, in place; uses diagonal. What follows uses width, stride and matrix alone. */
void kedge_i_newton_decompose(kedge_i_newton *t);

/* x = (U'U)^-1 x. */
void kedge_i_newton_solve(const kedge_i_newton *t, double *x);

/* Writes T = U'^-1 of a decomposed matrix, so that T'T is the matrix's inverse: a lower triangle, row i at i (i + 1) / 2.
 * Rows and columns without a share of their own are 0. O(width^3). */
void kedge_i_newton_root(const kedge_i_newton *t, double *root);

#endif
