/* SPDX-License-Identifier: MIT */
/* Gradient boosting's rounds: Friedman 2001, algorithm 1, with early stopping. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "models/boost_state.h"

enum { FIT_ROWS_MAX = 0x7FFFFFFF };

static uint64_t fit_take(uint64_t *used, uint64_t n, uint64_t bytes)
{
    uint64_t at = *used;
    *used += kedge_i_round_up(n * bytes);
    return at;
}

boost_plan kedge_i_boost_plan(const boost_state *s, size_t n_rows)
{
    boost_plan p;
    uint64_t used = 0;
    uint64_t features = s->model.n_features;
    uint64_t open = n_rows / (2 * (uint64_t)s->min_rows); /* leaves that may be split, at most */
    p.slots = (open < s->max_leaves ? open : s->max_leaves) + 1;
    p.pairs = fit_take(&used, n_rows, sizeof(boost_pair));
    p.ordered = fit_take(&used, n_rows, sizeof(boost_pair));
    p.scores = fit_take(&used, (uint64_t)n_rows * s->n_outputs, sizeof(double));
    p.norms = fit_take(&used, s->n_outputs > 1 ? n_rows : 0, sizeof(double));
    p.leaves = fit_take(&used, s->max_leaves, sizeof(boost_leaf));
    p.histograms = fit_take(&used, p.slots * features * (s->n_bins + 1), sizeof(boost_bin));
    p.edges = fit_take(&used, features * (s->n_bins - 1), sizeof(double));
    p.n_bins = fit_take(&used, features, sizeof(uint32_t));
    p.features = fit_take(&used, features, sizeof(uint32_t));
    p.chosen = fit_take(&used, features, sizeof(uint32_t));
    p.offsets = fit_take(&used, features, sizeof(uint32_t));
    p.free_slots = fit_take(&used, p.slots, sizeof(uint32_t));
    p.rows = fit_take(&used, n_rows, sizeof(uint32_t));
    p.order = fit_take(&used, n_rows, sizeof(uint32_t));
    p.spare = fit_take(&used, n_rows, sizeof(uint32_t));
    p.codes = fit_take(&used, n_rows * features, 1);
    p.total = n_rows <= FIT_ROWS_MAX && used <= SIZE_MAX / 2 ? used : 0;
    return p;
}

static void fit_place(boost_fit *f, const boost_plan *p, unsigned char *work)
{
    f->pairs = (boost_pair *)(void *)(work + p->pairs);
    f->ordered = (boost_pair *)(void *)(work + p->ordered);
    f->scores = (double *)(void *)(work + p->scores);
    f->norms = (double *)(void *)(work + p->norms);
    f->leaves = (boost_leaf *)(void *)(work + p->leaves);
    f->histograms = (boost_bin *)(void *)(work + p->histograms);
    f->chosen = (uint32_t *)(void *)(work + p->chosen);
    f->offsets = (uint32_t *)(void *)(work + p->offsets);
    f->free_slots = (uint32_t *)(void *)(work + p->free_slots);
    f->rows = (uint32_t *)(void *)(work + p->rows);
    f->order = (uint32_t *)(void *)(work + p->order);
    f->spare = (uint32_t *)(void *)(work + p->spare);
    f->table.edges = (double *)(void *)(work + p->edges);
    f->table.n_bins = (uint32_t *)(void *)(work + p->n_bins);
    f->table.features = (uint32_t *)(void *)(work + p->features);
    f->table.codes = work + p->codes;
    f->n_free = (uint32_t)p->slots;
    for (uint32_t i = 0; i < f->n_free; i++)
        f->free_slots[i] = i;
}

/* Rows that weigh anything, and the mean of their weights. */
static size_t fit_count(boost_fit *f)
{
    size_t n_rows = f->table.x->n_rows;
    size_t n = 0;
    double sum = 0.0;
    for (size_t i = 0; i < n_rows; i++) {
        n += !f->weight || f->weight[i] > 0.0;
        sum += f->weight ? f->weight[i] : 0.0;
    }
    f->weight_mean = n > 0 ? sum / (double)n : 1.0;
    return n;
}

/* Training rows, then those held out, both in their order. */
static void fit_deal(boost_fit *f, size_t n)
{
    size_t train = 0;
    size_t held = 0;
    f->n_held = (size_t)(f->s->holdout * (double)n);
    f->n_train = n - f->n_held;
    for (size_t i = 0; i < f->table.x->n_rows; i++) {
        if (f->weight && f->weight[i] == 0.0)
            continue;
        size_t left = n - train - held;
        size_t is_held = f->s->hold == KEDGE_HOLD_RANDOM ? kedge_rng_below(&f->rng, left) < f->n_held - held : train == f->n_train;
        f->rows[is_held ? f->n_train + held : train] = (uint32_t)i;
        held += is_held;
        train += 1 - is_held;
    }
}

/* The features of a tree, ascending, and where their histograms begin. */
static void fit_choose(boost_fit *f)
{
    uint32_t n = f->table.n_features;
    uint32_t wanted = f->s->feature_share < 1.0 ? (uint32_t)(f->s->feature_share * n + 0.5) : n;
    wanted = wanted > 0 || n == 0 ? wanted : 1;
    f->n_chosen = 0;
    for (uint32_t i = 0; i < n; i++)
        if (wanted == n || kedge_rng_below(&f->rng, n - i) < wanted - f->n_chosen)
            f->chosen[f->n_chosen++] = f->table.features[i];
    f->slot_bins = 0;
    for (uint32_t i = 0; i < f->n_chosen; i++) {
        f->offsets[f->chosen[i]] = (uint32_t)f->slot_bins;
        f->slot_bins += f->table.n_bins[f->chosen[i]] + 1;
    }
}

/* The rows of a tree to the front of `order`, the other training rows behind them. */
static void fit_sample(boost_fit *f)
{
    size_t n = f->n_train;
    size_t wanted = f->s->row_share < 1.0 ? (size_t)(f->s->row_share * (double)n + 0.5) : n;
    size_t out = 0;
    wanted = wanted > 0 ? wanted : 1;
    f->n_grown = 0;
    for (size_t i = 0; i < n; i++) {
        size_t is_in = wanted == n || kedge_rng_below(&f->rng, n - i) < wanted - f->n_grown;
        f->order[is_in ? f->n_grown : wanted + out] = f->rows[i];
        f->n_grown += is_in;
        out += 1 - is_in;
    }
}

/* Rows that the tree was not grown on find their leaf by its thresholds. */
static void fit_walk(boost_fit *f, uint32_t tree, double *scores, const uint32_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        kedge_row row = kedge_i_row_of_rows(f->table.x, rows[i]);
        scores[rows[i]] += f->s->learning_rate * f->leaves[grove_walk(f->s, &f->s->grove, tree, &row)].step;
    }
}

static void fit_apply(boost_fit *f, uint32_t tree, double *scores)
{
    for (uint32_t i = 0; i < f->n_leaves; i++) {
        const boost_leaf *leaf = &f->leaves[i];
        double step = f->s->learning_rate * leaf->step;
        f->tree.values[i] = step * f->unit;
        for (size_t j = 0; j < leaf->n; j++)
            scores[f->order[leaf->first + j]] += step;
    }
    fit_walk(f, tree, scores, f->order + f->n_grown, f->n_train - f->n_grown);
    fit_walk(f, tree, scores, f->rows + f->n_train, f->n_held);
}

static void fit_round(boost_fit *f)
{
    grove *g = &f->s->grove;
    kedge_i_boost_norms(f);
    for (uint32_t k = 0; k < f->s->n_outputs; k++) {
        f->tree = kedge_i_grove_tree(f->s, g, g->n_trees);
        kedge_i_boost_derive(f, k);
        fit_choose(f);
        fit_sample(f);
        kedge_i_boost_grow(f);
        kedge_i_boost_medians(f, k);
        fit_apply(f, g->n_trees, f->scores + k * f->table.x->n_rows);
        g->n_trees++;
    }
}

/* Trees behind the best round become room again. */
static void fit_drop(boost_state *s, uint32_t n_trees)
{
    for (uint32_t t = n_trees; t < s->grove.n_trees; t++) {
        grove_tree tree = kedge_i_grove_tree(s, &s->grove, t);
        size_t nodes = s->max_leaves - 1;
        *tree.n_leaves = 0;
        memset(tree.thresholds, 0, nodes * sizeof *tree.thresholds);
        memset(tree.nodes, 0, 2 * nodes * sizeof *tree.nodes);
        memset(tree.values, 0, s->max_leaves * sizeof *tree.values);
        if (tree.sets)
            memset(tree.sets, 0, GROVE_SET * nodes * sizeof *tree.sets);
    }
    s->grove.n_trees = n_trees;
}

static void fit_rounds(boost_fit *f)
{
    boost_state *s = f->s;
    uint32_t best = 0;
    double least = kedge_i_boost_held_loss(f);
    for (s->n_tried = 0; s->n_tried < s->n_rounds && (f->n_held == 0 || s->n_tried - best < s->patience);) {
        fit_round(f);
        s->n_tried++;
        double loss = kedge_i_boost_held_loss(f);
        best = loss < least || f->n_held == 0 ? s->n_tried : best;
        least = loss < least ? loss : least;
    }
    fit_drop(s, best * s->n_outputs);
    s->n_held_out = (uint32_t)f->n_held;
    s->holdout_loss = least * f->unit * (boost_is_absolute(s) ? 1.0 : f->unit);
}

kedge_status kedge_i_boost_fit(boost_state *s, const kedge_rows *x, const double *y, const double *weight, void *work)
{
    boost_fit f;
    boost_plan plan = kedge_i_boost_plan(s, x->n_rows);
    memset(&f, 0, sizeof f);
    f.s = s;
    f.table.x = x;
    f.table.max_bins = s->n_bins;
    f.table.nominal = s->nominal;
    f.y = y;
    f.weight = weight;
    f.rng.state = s->seed;
    size_t n = fit_count(&f);
    if (n == 0)
        return KEDGE_ERR_NUMERIC;
    fit_place(&f, &plan, work);
    fit_deal(&f, n);
    kedge_i_bin_table_fill(&f.table, f.rows, f.n_train, &f.pairs->g, &f.ordered->g);
    for (uint32_t i = 0; i < 4; i++)
        f.is_bounded |= (s->rising[i] | s->falling[i]) != 0;
    kedge_i_grove_clear(s, &s->grove);
    kedge_i_boost_start(&f);
    fit_rounds(&f);
    s->model.n_learned = n;
    return KEDGE_OK;
}
