/* SPDX-License-Identifier: MIT */
/* Static training of Gaussian naive Bayes: rows are taken in blocks that stay in the cache, each block in two passes (means, then squared deviations from
 * them), and blocks and classes are joined by Chan, Golub, LeVeque 1979, equations 2.1. The table is so read from memory once, and no sum runs over more rows
 * than a block has, which loses fewer digits than two passes over all rows. What all rows have in common comes from the classes at the end. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "models/gaussian_nb_state.h"

enum { BLOCK_VALUES = 8192 /* 64 KiB */, BLOCK_ROWS_MIN = 64 };

/* A table and the moments of its current block: for each class weight, mean[n], m2[n]. */
typedef struct gaussian_nb_block {
    gaussian_nb_state *s;
    const kedge_rows *x;
    const double *y;
    const double *weight; /* NULL: all 1 */
    double *weights;
    double *moments;
    size_t first, end;    /* its rows */
    gaussian_nb_values values; /* of a row */
    const double *plain;  /* they lie side by side from here on, weigh 1 and need no clipping, else NULL */
} gaussian_nb_block;

size_t kedge_i_gaussian_nb_work(const void *fixed, size_t n_rows)
{
    const gaussian_nb_state *s = fixed;
    (void)n_rows;
    return kedge_i_round_up((s->model.n_classes + (size_t)s->n_moments) * sizeof(double));
}

static double gaussian_nb_total(const double *weight, size_t n)
{
    double total = 0.0;
    for (size_t i = 0; i < n; i++)
        total += weight ? weight[i] : 1.0;
    return total;
}

static inline double gaussian_nb_weight(const gaussian_nb_block *b, size_t row)
{
    return b->weight ? b->weight[row] : 1.0;
}

static double *gaussian_nb_block_class(const gaussian_nb_block *b, size_t row)
{
    return b->moments + (size_t)b->y[row] * b->s->n_all;
}

/* to += factor * at, lane by lane. */
static inline void gaussian_nb_add(double *to, const double *at, size_t n, double factor)
{
    size_t i = 0;
    for (; i + KEDGE_I_LANES <= n; i += KEDGE_I_LANES)
        kedge_i_lanes_store(kedge_i_lanes_load(to + i) + factor * kedge_i_lanes_load(at + i), to + i);
    for (; i < n; i++)
        to[i] += factor * at[i];
}

/* m2 += weight * (at - mean)^2 */
static inline void gaussian_nb_add_squares(double *m2, const double *mean, const double *at, size_t n, double weight)
{
    size_t i = 0;
    for (; i + KEDGE_I_LANES <= n; i += KEDGE_I_LANES) {
        kedge_i_lanes off = kedge_i_lanes_load(at + i) - kedge_i_lanes_load(mean + i);
        kedge_i_lanes_store(kedge_i_lanes_load(m2 + i) + weight * (off * off), m2 + i);
    }
    for (; i < n; i++)
        m2[i] += weight * ((at[i] - mean[i]) * (at[i] - mean[i]));
}

/* Weights of the block's classes, and no moments where there is weight. */
static void gaussian_nb_block_begin(gaussian_nb_block *b)
{
    uint32_t n_all = b->s->n_all;
    memset(b->weights, 0, b->s->model.n_classes * sizeof *b->weights);
    for (size_t r = b->first; r < b->end; r++)
        b->weights[(size_t)b->y[r]] += gaussian_nb_weight(b, r);
    for (uint32_t c = 0; c < b->s->model.n_classes; c++)
        if (b->weights[c] > 0.0)
            memset(b->moments + (size_t)c * n_all, 0, n_all * sizeof *b->moments);
}

/* Some values of a row, in either pass. */
static inline void gaussian_nb_add_values(const gaussian_nb_block *b, double *mean, const double *at, size_t n_values, double factor, int squares)
{
    if (squares)
        gaussian_nb_add_squares(mean + b->s->model.n_features, mean, at, n_values, factor);
    else
        gaussian_nb_add(mean, at, n_values, factor);
}

/* A row that may have to be copied or clipped. */
static void gaussian_nb_add_copies(gaussian_nb_block *b, size_t r, double *mean, double factor, int squares)
{
    kedge_row row = kedge_i_row_of_rows(b->x, r);
    gaussian_nb_values *v = &b->values;
    v->n = 0;
    for (uint32_t i = 0; i < b->s->model.n_features; i += v->n) {
        gaussian_nb_read(v, &row, i, b->s->model.n_features);
        gaussian_nb_add_values(b, mean + i, v->at, v->n, factor, squares);
    }
}

/* Means, with weights by shares of the class's weight, so that no sum can leave the range of doubles whatever the weights; then squares. */
static void gaussian_nb_block_pass(gaussian_nb_block *b, int squares)
{
    for (size_t r = b->first; r < b->end; r++) {
        double w = gaussian_nb_weight(b, r);
        double factor = squares || !b->weight || w == 0.0 ? w : w / b->weights[(size_t)b->y[r]];
        if (w > 0.0)
            gaussian_nb_add_copies(b, r, gaussian_nb_block_class(b, r), factor, squares);
    }
}

/* The same, to the last bit, for rows side by side that weigh 1. */
static void gaussian_nb_block_pass_plain(const gaussian_nb_block *b, int squares)
{
    uint32_t n = b->s->model.n_features;
    const double *at = b->plain;
    for (size_t r = b->first; r < b->end; r++, at += n)
        gaussian_nb_add_values(b, gaussian_nb_block_class(b, r), at, n, 1.0, squares);
}

/* Sums of rows that weigh 1 become means. */
static void gaussian_nb_block_divide(const gaussian_nb_block *b)
{
    for (uint32_t c = 0; c < b->s->model.n_classes; c++)
        for (uint32_t i = 0; b->weights[c] > 0.0 && i < b->s->model.n_features; i++)
            b->moments[(size_t)c * b->s->n_all + i] /= b->weights[c];
}

static void gaussian_nb_block_pass_any(gaussian_nb_block *b, int squares)
{
    if (b->plain)
        gaussian_nb_block_pass_plain(b, squares);
    else
        gaussian_nb_block_pass(b, squares);
}

static const double *gaussian_nb_plain_rows(const kedge_rows *x, size_t first, size_t n_rows)
{
    size_t n = x->n_columns;
    if (x->type != KEDGE_FLOAT64 || x->column_stride != 1 || x->row_stride != (ptrdiff_t)n)
        return NULL;
    const double *at = (const double *)x->data + first * n;
    return kedge_i_all_below(at, n_rows * n, GAUSSIAN_NB_INPUT_POWER) ? at : NULL;
}

static void gaussian_nb_take_block(gaussian_nb_block *b)
{
    gaussian_nb_state *s = b->s;
    double *weights = kedge_i_at(s, s->at_weights);
    b->plain = b->weight ? NULL : gaussian_nb_plain_rows(b->x, b->first, b->end - b->first);
    gaussian_nb_block_begin(b);
    gaussian_nb_block_pass_any(b, 0);
    if (!b->weight)
        gaussian_nb_block_divide(b);
    gaussian_nb_block_pass_any(b, 1);
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        if (b->weights[c] > 0.0)
            gaussian_nb_join(gaussian_nb_class_of(s, c), b->moments + (size_t)c * s->n_all, s->model.n_features, weights[c], b->weights[c]);
        weights[c] += b->weights[c];
    }
}

/* Moments of all rows from those of the classes. */
static void gaussian_nb_join_classes(gaussian_nb_state *s)
{
    const double *weights = gaussian_nb_weights(s);
    double *all = kedge_i_at(s, s->at_all);
    s->weight = 0.0;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        if (weights[c] > 0.0)
            gaussian_nb_join(all, gaussian_nb_class(s, c), s->model.n_features, s->weight, weights[c]);
        s->weight += weights[c];
    }
}

/* Rows of a block: enough to be worth joining a class, few enough to stay in the cache. */
static size_t gaussian_nb_block_rows(uint32_t n_features)
{
    size_t n = BLOCK_VALUES / n_features;
    return n > BLOCK_ROWS_MIN ? n : BLOCK_ROWS_MIN;
}

kedge_status kedge_i_gaussian_nb_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight, void *work)
{
    (void)cls;
    gaussian_nb_state *s = state;
    double total = gaussian_nb_total(weight, x->n_rows);
    gaussian_nb_block b;
    size_t n_block = gaussian_nb_block_rows(s->model.n_features);
    if (!(total > 0.0))
        return KEDGE_ERR_NUMERIC;
    if (total > GAUSSIAN_NB_WEIGHT_MAX)
        return KEDGE_ERR_RANGE;
    memset(kedge_i_at(s, s->at_weights), 0, s->model.n_classes * sizeof(double));
    memset(kedge_i_at(s, s->at_all), 0, s->n_all * sizeof(double));
    memset(kedge_i_at(s, s->at_moments), 0, s->n_moments * sizeof(double));
    memset(&b, 0, sizeof b);
    b.s = s;
    b.x = x;
    b.y = y;
    b.weight = weight;
    b.weights = work;
    b.moments = (double *)work + s->model.n_classes;
    s->model.n_learned = 0;
    for (size_t i = 0; i < x->n_rows; i++)
        s->model.n_learned += !weight || weight[i] > 0.0;
    for (; b.end < x->n_rows; b.first = b.end) {
        b.end = x->n_rows - b.first < n_block ? x->n_rows : b.first + n_block;
        gaussian_nb_take_block(&b);
    }
    gaussian_nb_join_classes(s);
    gaussian_nb_settle(s);
    return KEDGE_OK;
}
