/* SPDX-License-Identifier: MIT */
/* QuantTree (Boracchi, Carrera, Cervellera, Maccio 2018, "QuantTree: histograms for change detection in multivariate data streams",
 * ICML, algorithm 1): each split cuts a share of the reference's remaining rows off at a random end of a random column. How the
 * current rows spread over these bins if nothing changed does not depend on their distribution (theorem 1), so the p-value is drawn
 * from random orders of the labels alone: where rows are put in order by any rule that does not know which sample they are from,
 * the labels stand in random order, and a bin ends with its last reference row. The paper's theorem is for continuous columns; here
 * rows of equal value stand in the order of lots, and it holds for all.
 *
 * Pearson's statistic and total variation: section 3.2. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/shift.h"

#include "base/divergence.h"
#include "base/number.h"
#include "shift/draws.h"
#include "shift/pooled.h"

enum { QUANT_TREE_BINS_MAX = 1024, QUANT_TREE_COLUMNS_MAX = 1000, QUANT_TREE_LEAST = 1 };

static void quant_tree_defaults(void *config)
{
    kedge_quant_tree_config *c = config;
    c->n_bins = 32;
    c->figure = KEDGE_QUANT_TREE_PEARSON;
}

static int quant_tree_valid(const void *config)
{
    const kedge_quant_tree_config *c = config;
    return kedge_i_u32_within(c->n_bins, 2, QUANT_TREE_BINS_MAX) &&
           kedge_i_u32_within(c->figure, KEDGE_QUANT_TREE_PEARSON, KEDGE_QUANT_TREE_TOTAL_VARIATION);
}

/* Where a bin ends: all rows whose value, times sign, and lot are not behind these. */
typedef struct quant_tree_cut {
    double column;
    double sign;
    double value;
    double lot;
} quant_tree_cut;

typedef struct quant_tree {
    const kedge_i_pooled *p;
    uint64_t seed;
    double *rows;         /* of the reference that are in no bin yet */
    double *columns;      /* that are not constant */
    quant_tree_cut *cuts; /* n_bins - 1 */
    double *before;       /* of the reference, by bin */
    double *now;          /* of the current rows, by bin */
    size_t n_columns;     /* that are not constant */
    size_t n_bins;
    uint32_t figure;
} quant_tree;

static uint64_t quant_tree_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    const kedge_quant_tree_config *c = config;
    return (n + m) * n_columns + n + n_columns + 6 * (uint64_t)c->n_bins;
}

static double quant_tree_value(const quant_tree *t, double row, const quant_tree_cut *cut)
{
    return cut->sign * kedge_i_pooled_row(t->p, (size_t)row)[(size_t)cut->column];
}

/* Does a row stand before (-1), at (0) or behind (1) a cut? */
static int quant_tree_side(const quant_tree *t, double row, const quant_tree_cut *cut)
{
    double value = quant_tree_value(t, row, cut);
    if (value != cut->value)
        return value < cut->value ? -1 : 1;
    double lot = kedge_i_draws_lot(t->seed, (uint64_t)row);
    return lot < cut->lot ? -1 : lot > cut->lot;
}

static void quant_tree_cut_at(const quant_tree *t, double row, quant_tree_cut *cut)
{
    cut->value = quant_tree_value(t, row, cut);
    cut->lot = kedge_i_draws_lot(t->seed, (uint64_t)row);
}

static void quant_tree_swap(double *rows, size_t i, size_t j)
{
    double keep = rows[i];
    rows[i] = rows[j];
    rows[j] = keep;
}

/* Puts the k foremost rows in front, and the cut at the last of them (Hoare 1961, algorithm 65, "Find"; no two rows are at the same
 * place). */
static void quant_tree_find(const quant_tree *t, double *rows, size_t n, size_t k, quant_tree_cut *cut, kedge_rng *rng)
{
    size_t low = 0;
    size_t high = n; /* the cut is at one of rows[low] to rows[high - 1] */
    for (;;) {
        size_t at = low;
        quant_tree_swap(rows, low + (size_t)kedge_rng_below(rng, high - low), high - 1);
        quant_tree_cut_at(t, rows[high - 1], cut);
        for (size_t i = low; i + 1 < high; i++)
            if (quant_tree_side(t, rows[i], cut) < 0)
                quant_tree_swap(rows, i, at++);
        quant_tree_swap(rows, at, high - 1);
        if (at + 1 == k)
            return;
        if (at + 1 > k)
            high = at;
        else
            low = at + 1;
    }
}

/* Columns with more than one value; the others cut nothing. */
static void quant_tree_find_columns(quant_tree *t)
{
    size_t n_all = t->p->n + t->p->m;
    t->n_columns = 0;
    for (size_t j = 0; j < t->p->n_columns; j++) {
        size_t i = 1;
        while (i < n_all && kedge_i_pooled_row(t->p, i)[j] == kedge_i_pooled_row(t->p, 0)[j])
            i++;
        if (i < n_all)
            t->columns[t->n_columns++] = (double)j;
    }
}

static void quant_tree_grow(quant_tree *t, kedge_rng *rng)
{
    double *rows = t->rows;
    size_t left = t->p->n;
    for (size_t i = 0; i < left; i++)
        rows[i] = (double)i;
    for (size_t k = 0; k + 1 < t->n_bins; k++) {
        size_t count = (left + (t->n_bins - k) / 2) / (t->n_bins - k); /* the nearest share; at least 1, since there are no more
                                                                        * bins than rows */
        quant_tree_cut *cut = &t->cuts[k];
        cut->column = t->columns[kedge_rng_below(rng, t->n_columns)];
        cut->sign = kedge_rng_below(rng, 2) ? 1.0 : -1.0;
        quant_tree_find(t, rows, left, count, cut, rng);
        t->before[k] = (double)count;
        rows += count;
        left -= count;
    }
    t->before[t->n_bins - 1] = (double)left;
}

static void quant_tree_count(quant_tree *t)
{
    memset(t->now, 0, t->n_bins * sizeof *t->now);
    for (size_t i = t->p->n; i < t->p->n + t->p->m; i++) {
        size_t bin = 0;
        while (bin + 1 < t->n_bins && quant_tree_side(t, (double)i, &t->cuts[bin]) > 0)
            bin++;
        t->now[bin] += 1.0;
    }
}

static double quant_tree_total_variation(const quant_tree *t)
{
    double sum = 0.0;
    for (size_t k = 0; k < t->n_bins; k++)
        sum += kedge_i_gap_term(t->before[k] / (double)t->p->n, t->now[k] / (double)t->p->m);
    return 0.5 * sum;
}

static double quant_tree_figure(const quant_tree *t)
{
    double sum = 0.0;
    if (t->figure == KEDGE_QUANT_TREE_TOTAL_VARIATION)
        return quant_tree_total_variation(t);
    for (size_t k = 0; k < t->n_bins; k++) {
        double expected = t->before[k] * (double)t->p->m / (double)t->p->n;
        sum += (t->now[k] - expected) * (t->now[k] - expected) / expected;
    }
    return sum;
}

/* A random order of labels, cut behind the reference rows that each bin has. */
static double quant_tree_draw(void *context, kedge_rng *rng)
{
    quant_tree *t = context;
    kedge_i_choice_of reference = {(double)(t->p->n + t->p->m), (double)t->p->n};
    for (size_t k = 0; k < t->n_bins; k++) {
        double missing = k + 1 < t->n_bins ? t->before[k] : reference.left; /* the last takes all */
        t->now[k] = 0.0;
        while (missing > 0.0 && reference.left > 0.0) {
            int is_reference = kedge_i_choose(&reference, rng);
            t->now[k] += is_reference ? 0.0 : 1.0;
            missing -= is_reference ? 1.0 : 0.0;
        }
    }
    return quant_tree_figure(t);
}

static quant_tree quant_tree_begin(const kedge_quant_tree_config *c, const kedge_i_pooled *p, double *scratch)
{
    quant_tree t;
    t.p = p;
    t.seed = c->base.seed;
    t.figure = c->figure;
    t.n_bins = c->n_bins < p->n ? c->n_bins : p->n;
    t.cuts = (quant_tree_cut *)(void *)scratch; /* nothing but doubles */
    t.before = scratch + 4 * (size_t)c->n_bins;
    t.now = t.before + c->n_bins;
    t.columns = t.now + c->n_bins;
    t.rows = t.columns + p->n_columns;
    quant_tree_find_columns(&t);
    if (t.n_columns == 0)
        t.n_bins = 1;
    return t;
}

static kedge_status quant_tree_compare(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                                       kedge_shift_result *out)
{
    const kedge_quant_tree_config *c = config;
    kedge_rng rng = {c->base.seed};
    kedge_i_pooled p;
    kedge_status st = kedge_i_pooled_gather(&c->base, reference, current, QUANT_TREE_LEAST, scratch, &p, out);
    if (st != KEDGE_OK)
        return st;
    quant_tree t = quant_tree_begin(c, &p, scratch + (reference->n_rows + current->n_rows) * p.n_columns);
    quant_tree_grow(&t, &rng);
    quant_tree_count(&t);
    out->statistic = quant_tree_figure(&t);
    out->effect = quant_tree_total_variation(&t);
    kedge_i_draws_test(&c->base, quant_tree_draw, &t, &rng, out);
    return KEDGE_OK;
}

const kedge_shift_class kedge_quant_tree = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_quant_tree_config),
    .name = "quant_tree",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = 1u << KEDGE_P_AUTO | 1u << KEDGE_P_PERMUTATION | 1u << KEDGE_P_NONE,
    .max_columns = QUANT_TREE_COLUMNS_MAX,
    .defaults = quant_tree_defaults,
    .valid = quant_tree_valid,
    .scratch = quant_tree_scratch,
    .rows = quant_tree_compare,
};
