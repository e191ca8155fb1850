/* SPDX-License-Identifier: MIT */
/* kdq-tree (Dasu, Krishnan, Venkatasubramanian, Yi 2006, "An information-theoretic approach to detecting changes in
 * multi-dimensional data streams", Symposium on the Interface): cells are halved, column by column in turn, until they hold few
 * rows or are small (section 3.2); the statistic is the Kullback-Leibler divergence of the reference's shares of the cells from the
 * current ones, with 1/2 added to each count (section 3.1).
 *
 * The paper builds the tree over the first window and draws both windows from it again, with replacement. Here it stands over both
 * samples together, so that it does not know which row came from where, and dealing the rows out anew is exact at any size.
 *
 * Halving needs no cell to be stored: of a column scaled to 0 to 1, the bits behind the point say in which half it lies at each
 * level. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/divergence.h"
#include "base/number.h"
#include "shift/draws.h"
#include "shift/pooled.h"

enum { KDQ_TREE_LEVELS_MAX = 50, KDQ_TREE_COLUMNS_MAX = 1000, KDQ_TREE_LEAST = 1, KDQ_TREE_FRAME = 3 };

static void kdq_tree_defaults(void *config)
{
    kedge_kdq_tree_config *c = config;
    c->max_count = 50;
    c->levels = 10;
}

static int kdq_tree_valid(const void *config)
{
    const kedge_kdq_tree_config *c = config;
    return kedge_i_u32_within(c->max_count, 1, UINT32_MAX) && kedge_i_u32_within(c->levels, 1, KDQ_TREE_LEVELS_MAX);
}

typedef struct kdq_tree {
    const kedge_i_pooled *p;
    double *columns; /* that are not constant: number, least value and width of each */
    double *rows;    /* all, those of a cell side by side */
    double *counts;  /* rows of each cell */
    double *stack;   /* cells to be halved: first row, end, halvings so far */
    double *before;  /* rows of the reference in each cell */
    size_t n_columns;
    size_t n_cells;
} kdq_tree;

/* Halving goes down one path at a time, with one more cell waiting at each step. */
static uint64_t kdq_tree_stack(const kedge_kdq_tree_config *c, uint64_t n_columns)
{
    return KDQ_TREE_FRAME * (c->levels * n_columns + 2);
}

static uint64_t kdq_tree_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    return (n + m) * (n_columns + 3) + 3 * n_columns + kdq_tree_stack(config, n_columns);
}

static void kdq_tree_find_columns(kdq_tree *t)
{
    size_t n_all = t->p->n + t->p->m;
    t->n_columns = 0;
    for (size_t j = 0; j < t->p->n_columns; j++) {
        double low = kedge_i_pooled_row(t->p, 0)[j];
        double high = low;
        for (size_t i = 1; i < n_all; i++) {
            low = fmin(low, kedge_i_pooled_row(t->p, i)[j]);
            high = fmax(high, kedge_i_pooled_row(t->p, i)[j]);
        }
        if (!(low < high))
            continue;
        double *column = t->columns + 3 * t->n_columns++;
        column[0] = (double)j;
        column[1] = low;
        column[2] = high - low;
    }
}

/* In which half of a cell of so many halvings is a row? */
static int kdq_tree_half(const kdq_tree *t, double row, size_t halvings)
{
    const double *column = t->columns + 3 * (halvings % t->n_columns);
    double place = (kedge_i_pooled_row(t->p, (size_t)row)[(size_t)column[0]] - column[1]) / column[2];
    double bits = floor(fmin(place, 1.0 - 0x1p-53) *
                        ldexp(1.0, (int)(halvings / t->n_columns) + 1)); /* the greatest value is in the last half */
    return fmod(bits, 2.0) != 0.0;
}

/* Puts the rows of the lower half in front. Returns where the upper one begins. */
static size_t kdq_tree_part(const kdq_tree *t, size_t from, size_t to, size_t halvings)
{
    size_t at = from;
    for (size_t i = from; i < to; i++) {
        if (kdq_tree_half(t, t->rows[i], halvings))
            continue;
        double keep = t->rows[i];
        t->rows[i] = t->rows[at];
        t->rows[at++] = keep;
    }
    return at;
}

static void kdq_tree_push(double *frame, size_t from, size_t to, size_t halvings)
{
    frame[0] = (double)from;
    frame[1] = (double)to;
    frame[2] = (double)halvings;
}

static void kdq_tree_keep(kdq_tree *t, size_t from, size_t to)
{
    double n_before = 0.0;
    for (size_t i = from; i < to; i++)
        n_before += t->rows[i] < (double)t->p->n ? 1.0 : 0.0;
    t->before[t->n_cells] = n_before;
    t->counts[t->n_cells++] = (double)(to - from);
}

static void kdq_tree_grow(kdq_tree *t, const kedge_kdq_tree_config *c)
{
    size_t n_all = t->p->n + t->p->m;
    size_t most = c->levels * t->n_columns;
    size_t n_frames = 1;
    for (size_t i = 0; i < n_all; i++)
        t->rows[i] = (double)i;
    kdq_tree_push(t->stack, 0, n_all, 0);
    while (n_frames > 0) {
        double *frame = t->stack + KDQ_TREE_FRAME * --n_frames;
        size_t from = (size_t)frame[0];
        size_t to = (size_t)frame[1];
        size_t halvings = (size_t)frame[2];
        if (to - from <= c->max_count || halvings == most) {
            kdq_tree_keep(t, from, to);
            continue;
        }
        size_t middle = kdq_tree_part(t, from, to, halvings);
        if (middle > from)
            kdq_tree_push(t->stack + KDQ_TREE_FRAME * n_frames++, from, middle, halvings + 1);
        if (middle < to)
            kdq_tree_push(t->stack + KDQ_TREE_FRAME * n_frames++, middle, to, halvings + 1);
    }
}

static double kdq_tree_share(const kdq_tree *t, double count, size_t n)
{
    return (count + 0.5) / ((double)n + 0.5 * (double)t->n_cells);
}

/* A cell's term, from its rows of the reference. */
static double kdq_tree_term(const kdq_tree *t, size_t cell, double before)
{
    double p = kdq_tree_share(t, before, t->p->n);
    double q = kdq_tree_share(t, t->counts[cell] - before, t->p->m);
    return kedge_i_kullback_leibler_term(q, p);
}

static double kdq_tree_draw(void *context, kedge_rng *rng)
{
    const kdq_tree *t = context;
    kedge_i_choice_of choice = {(double)(t->p->n + t->p->m), (double)t->p->n};
    double sum = 0.0;
    for (size_t k = 0; k < t->n_cells; k++) {
        double before = 0.0;
        for (double i = 0.0; i < t->counts[k]; i += 1.0)
            before += kedge_i_choose(&choice, rng) ? 1.0 : 0.0;
        sum += kdq_tree_term(t, k, before);
    }
    return sum;
}

static kdq_tree kdq_tree_begin(const kedge_i_pooled *p, double *scratch)
{
    kdq_tree t;
    size_t n_all = p->n + p->m;
    t.p = p;
    t.n_cells = 0;
    t.columns = scratch;
    t.rows = t.columns + 3 * p->n_columns;
    t.counts = t.rows + n_all;
    t.before = t.counts + n_all;
    t.stack = t.before + n_all;
    kdq_tree_find_columns(&t);
    return t;
}

static kedge_status kdq_tree_compare(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                                     kedge_shift_result *out)
{
    const kedge_kdq_tree_config *c = config;
    kedge_rng rng = {c->base.seed};
    kedge_i_pooled p;
    kedge_status st = kedge_i_pooled_gather(&c->base, reference, current, KDQ_TREE_LEAST, scratch, &p, out);
    if (st != KEDGE_OK)
        return st;
    kdq_tree t = kdq_tree_begin(&p, scratch + (reference->n_rows + current->n_rows) * p.n_columns);
    kdq_tree_grow(&t, c);
    out->statistic = out->effect = 0.0;
    for (size_t k = 0; k < t.n_cells; k++) {
        out->statistic += kdq_tree_term(&t, k, t.before[k]);
        out->effect += 0.5 * kedge_i_gap_term(t.before[k] / (double)p.n, (t.counts[k] - t.before[k]) / (double)p.m);
    }
    kedge_i_draws_test(&c->base, kdq_tree_draw, &t, &rng, out);
    return KEDGE_OK;
}

const kedge_shift_class kedge_kdq_tree = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_kdq_tree_config),
    .name = "kdq_tree",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = 1u << KEDGE_P_AUTO | 1u << KEDGE_P_PERMUTATION | 1u << KEDGE_P_NONE,
    .max_columns = KDQ_TREE_COLUMNS_MAX,
    .defaults = kdq_tree_defaults,
    .valid = kdq_tree_valid,
    .scratch = kdq_tree_scratch,
    .rows = kdq_tree_compare,
};
