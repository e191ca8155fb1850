/* SPDX-License-Identifier: MIT */
/* Static training of Gaussian naive Bayes: rows are taken in blocks that stay in the cache, each block in two passes (means, then
 * squared deviations from them), and blocks and classes are joined by Chan, Golub, LeVeque 1979, equations 2.1. No sum runs over
 * more rows than a block has, which loses fewer digits than two passes over all rows. What all rows have in common comes from the
 * classes at the end.
 *
 * Memory is slower than both passes, so the table is read from it once: it is here that plain rows are asked for numbers that are
 * not finite, block by block, and the state is written when all are known to be. Each block asks for the next one. */
#include "base/fp.h"

#include <string.h>

#include "base/ahead.h"
#include "base/check.h"
#include "models/gaussian_nb_state.h"

enum { BLOCK_VALUES = 8192 /* 64 KiB */, BLOCK_ROWS_MIN = 64 };

/* For each class weight, and mean[n], m2[n]. */
typedef struct gaussian_nb_classes {
    double *weights;
    double *moments;
} gaussian_nb_classes;

/* A table and the moments of its current block, and of the blocks before. */
typedef struct gaussian_nb_block {
    gaussian_nb_state *s; /* only read until all blocks are taken: a value may yet be refused */
    const kedge_rows *x;
    const double *y;
    const double *weight; /* NULL: all 1 */
    gaussian_nb_classes own, all;
    size_t first, end;    /* its rows */
    gaussian_nb_values values; /* of a row */
    const double *plain;  /* they lie side by side from here on, weigh 1 and need no clipping, else NULL */
} gaussian_nb_block;

size_t kedge_i_gaussian_nb_work(const void *fixed, size_t n_rows)
{
    const gaussian_nb_state *s = fixed;
    (void)n_rows;
    uint64_t bytes = 2 * (s->model.n_classes + (uint64_t)s->n_moments) * sizeof(double);
    return bytes <= SIZE_MAX - KEDGE_ALIGN ? kedge_i_round_up((size_t)bytes) : 0; /* with 32 bits a state may be more than half of
                                                                                   * what there is */
}

static double gaussian_nb_total(const double *weight, size_t n)
{
    double total = 0.0;
    if (!weight)
        return (double)n;
    for (size_t i = 0; i < n; i++)
        total += weight[i];
    return total;
}

static size_t gaussian_nb_count(const double *weight, size_t n)
{
    size_t count = 0;
    if (!weight)
        return n;
    for (size_t i = 0; i < n; i++)
        count += weight[i] > 0.0;
    return count;
}

static inline double gaussian_nb_weight(const gaussian_nb_block *b, size_t row)
{
    return b->weight ? b->weight[row] : 1.0;
}

static double *gaussian_nb_block_class(const gaussian_nb_block *b, size_t row)
{
    return b->own.moments + (size_t)b->y[row] * b->s->n_all;
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
    memset(b->own.weights, 0, b->s->model.n_classes * sizeof *b->own.weights);
    for (size_t r = b->first; r < b->end; r++)
        b->own.weights[(size_t)b->y[r]] += gaussian_nb_weight(b, r);
    for (uint32_t c = 0; c < b->s->model.n_classes; c++)
        if (b->own.weights[c] > 0.0)
            memset(b->own.moments + (size_t)c * n_all, 0, n_all * sizeof *b->own.moments);
}

/* Some values of a row, in either pass. */
static inline void gaussian_nb_add_values(const gaussian_nb_block *b, double *mean, const double *at, size_t n_values,
                                          double factor, int squares)
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

/* Means, with weights by shares of the class's weight, so that no sum can leave the range of doubles whatever the weights; then
 * squares. */
static void gaussian_nb_block_pass(gaussian_nb_block *b, int squares)
{
    for (size_t r = b->first; r < b->end; r++) {
        double w = gaussian_nb_weight(b, r);
        double factor = squares || !b->weight || w == 0.0 ? w : w / b->own.weights[(size_t)b->y[r]];
        if (w > 0.0)
            gaussian_nb_add_copies(b, r, gaussian_nb_block_class(b, r), factor, squares);
    }
}

/* Every other line of a row so many bytes further, from its first or second one on. */
static inline void gaussian_nb_expect(const double *at, size_t bytes, size_t n, int second)
{
    for (size_t line = second ? KEDGE_I_LINE : 0; line < n * sizeof *at; line += 2 * KEDGE_I_LINE)
        kedge_i_ahead(at, bytes + line);
}

/* The same, to the last bit, for rows side by side that weigh 1. Each pass asks memory for half of the next block, which so comes
 * while this one is counted. */
static void gaussian_nb_block_pass_plain(const gaussian_nb_block *b, int squares)
{
    size_t n = b->s->model.n_features, n_rows = b->end - b->first, left = b->x->n_rows - b->end;
    const double *at = b->plain;
    for (size_t r = 0; r < n_rows; r++, at += n) {
        if (r < left)
            gaussian_nb_expect(at, n_rows * n * sizeof *at, n, squares);
        gaussian_nb_add_values(b, gaussian_nb_block_class(b, b->first + r), at, n, 1.0, squares);
    }
}

/* Sums of rows that weigh 1 become means. */
static void gaussian_nb_block_divide(const gaussian_nb_block *b)
{
    for (uint32_t c = 0; c < b->s->model.n_classes; c++)
        for (uint32_t i = 0; b->own.weights[c] > 0.0 && i < b->s->model.n_features; i++)
            b->own.moments[(size_t)c * b->s->n_all + i] /= b->own.weights[c];
}

static void gaussian_nb_block_pass_any(gaussian_nb_block *b, int squares)
{
    if (b->plain)
        gaussian_nb_block_pass_plain(b, squares);
    else
        gaussian_nb_block_pass(b, squares);
}

/* The current rows where they lie side by side, of numbers; NULL: they do not; whether they are numbers was asked then. */
static kedge_status gaussian_nb_block_look(gaussian_nb_block *b)
{
    size_t n = b->x->n_columns, n_values = (b->end - b->first) * n;
    b->plain = NULL;
    if (!kedge_i_rows_are_plain(b->x))
        return KEDGE_OK;
    const double *at = (const double *)b->x->data + b->first * n;
    int is_tame = kedge_i_all_below(at, n_values, GAUSSIAN_NB_INPUT_POWER);
    if (!is_tame && !kedge_i_all_below(at, n_values, 1024))
        return KEDGE_ERR_NOT_FINITE;
    b->plain = is_tame && !b->weight ? at : NULL;
    return KEDGE_OK;
}

static kedge_status gaussian_nb_take_block(gaussian_nb_block *b)
{
    const gaussian_nb_state *s = b->s;
    KEDGE_TRY(gaussian_nb_block_look(b));
    gaussian_nb_block_begin(b);
    gaussian_nb_block_pass_any(b, 0);
    if (!b->weight)
        gaussian_nb_block_divide(b);
    gaussian_nb_block_pass_any(b, 1);
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        size_t at = (size_t)c * s->n_all;
        if (b->own.weights[c] > 0.0)
            gaussian_nb_join(b->all.moments + at, b->own.moments + at, s->model.n_features, b->all.weights[c], b->own.weights[c]);
        b->all.weights[c] += b->own.weights[c];
    }
    return KEDGE_OK;
}

/* Moments of all rows from those of the classes. */
static void gaussian_nb_join_classes(gaussian_nb_state *s)
{
    const double *weights = gaussian_nb_weights(s);
    double *all = kedge_i_at(s, s->at_all);
    memset(all, 0, s->n_all * sizeof *all);
    s->weight = 0.0;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        if (weights[c] > 0.0)
            gaussian_nb_join(all, gaussian_nb_class(s, c), s->model.n_features, s->weight, weights[c]);
        s->weight += weights[c];
    }
}

/* What all blocks have given becomes the model. */
static void gaussian_nb_commit(const gaussian_nb_block *b)
{
    gaussian_nb_state *s = b->s;
    memcpy(kedge_i_at(s, s->at_weights), b->all.weights, s->model.n_classes * sizeof(double));
    memcpy(kedge_i_at(s, s->at_moments), b->all.moments, s->n_moments * sizeof(double));
    s->model.n_learned = gaussian_nb_count(b->weight, b->x->n_rows);
    gaussian_nb_join_classes(s);
    gaussian_nb_settle(s);
}

/* Rows of a block: enough to be worth joining a class, few enough to stay in the cache. */
static size_t gaussian_nb_block_rows(uint32_t n_features)
{
    size_t n = BLOCK_VALUES / n_features;
    return n > BLOCK_ROWS_MIN ? n : BLOCK_ROWS_MIN;
}

/* Before the first block: all classes are empty. */
static void gaussian_nb_begin(gaussian_nb_block *b, double *work)
{
    size_t n_classes = b->s->model.n_classes, n_moments = b->s->n_moments;
    memset(work, 0, (n_classes + n_moments) * sizeof *work);
    b->all.weights = work;
    b->all.moments = b->all.weights + n_classes;
    b->own.weights = b->all.moments + n_moments;
    b->own.moments = b->own.weights + n_classes;
}

/* Of all rows. */
static kedge_status gaussian_nb_check_total(const double *weight, size_t n)
{
    double total = gaussian_nb_total(weight, n);
    if (!(total > 0.0))
        return KEDGE_ERR_NUMERIC;
    return total > GAUSSIAN_NB_WEIGHT_MAX ? KEDGE_ERR_RANGE : KEDGE_OK;
}

kedge_status kedge_i_gaussian_nb_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                     const double *weight, void *work)
{
    (void)cls;
    gaussian_nb_block b;
    memset(&b, 0, sizeof b);
    b.s = state;
    b.x = x;
    b.y = y;
    b.weight = weight;
    gaussian_nb_begin(&b, work);
    size_t n_block = gaussian_nb_block_rows(b.s->model.n_features);
    for (; b.end < x->n_rows; b.first = b.end) {
        b.end = x->n_rows - b.first < n_block ? x->n_rows : b.first + n_block;
        KEDGE_TRY(gaussian_nb_take_block(&b));
    }
    KEDGE_TRY(gaussian_nb_check_total(weight, x->n_rows)); /* last, so that it is said first if a value is no number */
    gaussian_nb_commit(&b);
    return KEDGE_OK;
}
