/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elastic net's minimum by coordinate descent, from products of columns alone: no rows are needed. */
#ifndef KEDGE_GSL_COORDINATE_H
#define KEDGE_GSL_COORDINATE_H

#include <stddef.h>
#include <stdint.h>

/* Minimise |y - Z v|^2 / 2 + sum over columns of l1 |v| + l2 v^2 / 2, where |y| = 1 and columns have the length 1, or 0: those keep
 * v = 0. Arrays are the caller's. */
typedef struct kedge_i_net {
    size_t n;            /* columns */
    double *gram;        /* Z'Z, n x n, both triangles */
    double *target;      /* Z'y, n */
    double *l1;          /* n, >= 0, at most 1e250 */
    double *l2;          /* likewise */
    double *v;           /* n: where to start, then the solution */
    double *slope;       /* n: Z'(y - Z v) */
    size_t *active;      /* n */
    double *step;        /* n */
    double *diagonal;    /* n */
    double *system;      /* n x n */
    double gap;          /* the objective is above its least by at most this */
    uint32_t iterations; /* sweeps over columns so far, not set back */
    int converged;
} kedge_i_net;

/* Doubles of all arrays; saturates. */
uint64_t kedge_i_net_room(uint64_t n);

/* Hand out arrays of that room; v = 0. */
void kedge_i_net_place(kedge_i_net *t, size_t n, double *room);

/* Minimise from v until the gap is below `tolerance`, or only rounding is left of it. 0: it was not after so many sweeps; v is what
 * was reached. */
int kedge_i_net_minimise(kedge_i_net *t, double tolerance, uint32_t max_sweeps);

/* |y - Z v|^2 as the products have it, >= 0. */
double kedge_i_net_residual(const kedge_i_net *t);

#endif
