/* SPDX-License-Identifier: MIT */
/* Freezing trees: of a leaf only what its answers need is kept, and of naive Bayes what the row does not change is summed up (see frozen_tree.h). */
#include "base/fp.h"

#include <string.h>

#include "models/freeze_tree.h"
#include "models/frozen_tree.h"

#include "base/check.h"
#include "base/quick.h"

/* Where the writer stands. */
typedef struct freeze_pen {
    const tree_state *tree;
    const freeze_block *block;
    uint32_t next_node;
    uint32_t next_double;
    uint32_t next_word;
} freeze_pen;

static int freeze_lists_features(const tree_state *t)
{
    return t->n_subset < t->model.n_features;
}

static uint32_t freeze_kind_of(const tree_state *t, const tree_node *n)
{
    if (!tree_has_block(n))
        return n->weight > 0.0 ? FROZEN_MAJORITY_OF : FROZEN_SILENT;
    const double *b = tree_block_const(t, &t->pool, n);
    if (!(b[TREE_TOTAL] > 0.0))
        return FROZEN_SILENT;
    if (t->leaf == KEDGE_LEAF_BAYES || (t->leaf == KEDGE_LEAF_ADAPTIVE && b[TREE_BAYES_RIGHT] >= b[TREE_MAJORITY_RIGHT]))
        return FROZEN_BAYES;
    return FROZEN_SHARES;
}

static uint64_t freeze_leaf_doubles(const tree_state *t, const tree_node *n)
{
    uint64_t sum = t->model.n_classes;
    uint32_t kind = freeze_kind_of(t, n);
    if (kind <= FROZEN_MAJORITY_OF)
        return 2 * kind;
    for (uint32_t i = 0; kind == FROZEN_BAYES && i < t->n_subset; i++)
        sum += frozen_slot(t->model.n_classes, t->n_values, tree_is_nominal(t, tree_slot_feature(t, tree_block_const(t, &t->pool, n), i)));
    return sum;
}

/* The node after this one, children behind their parent; the root again at the end. Children stand at even places and behind them. */
static uint32_t freeze_next(const tree_node *nodes, uint32_t root, uint32_t at)
{
    if (nodes[at].split != 0)
        return tree_child(&nodes[at]);
    while (at != root && at % 2 == 1)
        at = tree_parent(&nodes[at]);
    return at == root ? root : at + 1;
}

static void freeze_measure(const tree_state *t, uint32_t root, freeze_plan *plan)
{
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    uint32_t at = root;
    do {
        plan->n_nodes++;
        if (nodes[at].split == 0) {
            plan->n_doubles += freeze_leaf_doubles(t, &nodes[at]);
            plan->n_words += freeze_lists_features(t) && freeze_kind_of(t, &nodes[at]) == FROZEN_BAYES ? t->n_subset : 0;
        }
        at = freeze_next(nodes, root, at);
    } while (at != root);
}

/* What a class has in a numeric feature, see leaf_numeric() in tree_leaf.c. Returns half of the logarithm of its precision. */
static double freeze_numeric(const double *m, double unit, double *to)
{
    double weight = m[0] > 1.0 ? m[0] : 1.0;
    double precision = weight / (m[2] * unit * unit + FROZEN_SPREAD);
    to[0] = m[1];
    to[1] = m[0] > 0.0 ? precision : 0.0;
    return 0.5 * kedge_i_quick_log(precision);
}

/* See leaf_nominal(). */
static void freeze_nominal(const tree_state *t, const double *slot, double *to)
{
    for (uint32_t c = 0; c < t->model.n_classes; c++, slot += t->n_values, to += t->n_values) {
        double sum = (double)t->n_values;
        for (uint32_t v = 0; v < t->n_values; v++)
            sum += slot[v];
        for (uint32_t v = 0; v < t->n_values; v++)
            to[v] = kedge_i_quick_log((slot[v] + 1.0) / sum);
    }
}

/* One feature of a naive Bayes leaf; adds to the bases what its precisions are worth. */
static void freeze_slot(const tree_state *t, const double *slot, int is_nominal, double *bases, double *to)
{
    if (is_nominal) {
        freeze_nominal(t, slot, to);
        return;
    }
    to[0] = slot[TREE_UNIT];
    for (uint32_t c = 0; c < t->model.n_classes; c++) {
        double half_log = freeze_numeric(slot + TREE_CLASSES + (size_t)c * TREE_MOMENTS, slot[TREE_UNIT], to + 1 + 2 * (size_t)c);
        bases[c] += slot[TREE_UNIT] != 0.0 ? half_log : 0.0; /* a constant says nothing */
    }
}

static void freeze_bayes(freeze_pen *p, const double *b, frozen_node *out)
{
    const tree_state *t = p->tree;
    double *bases = p->block->doubles + p->next_double;
    double *to = bases + t->model.n_classes;
    out->threshold = freeze_lists_features(t) ? p->next_word : 0;
    for (uint32_t c = 0; c < t->model.n_classes; c++) {
        double weight = b[TREE_WEIGHTS + c];
        bases[c] = kedge_i_quick_log(weight > FROZEN_LEAST_WEIGHT ? weight : FROZEN_LEAST_WEIGHT);
    }
    for (uint32_t i = 0; i < t->n_subset; i++) {
        uint32_t feature = tree_slot_feature(t, b, i);
        int is_nominal = tree_is_nominal(t, feature);
        freeze_slot(t, b + t->at_slots + (size_t)i * t->slot_words, is_nominal, bases, to);
        to += frozen_slot(t->model.n_classes, t->n_values, is_nominal);
        if (freeze_lists_features(t))
            p->block->words[p->next_word++] = feature;
    }
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        bases[c] = b[TREE_WEIGHTS + c] > 0.0 ? bases[c] : FROZEN_ABSENT;
}

/* As kedge_i_leaf_vote(). */
static void freeze_majority(const tree_state *t, const tree_node *n, double *to)
{
    uint32_t n_classes = t->model.n_classes;
    double wrong = n->misses < n->weight ? n->misses / n->weight : 1.0;
    double other = wrong < 1.0 - 1.0 / n_classes ? wrong / (n_classes - 1) : 1.0 / n_classes;
    to[0] = 1.0 - other * (n_classes - 1);
    to[1] = other;
}

static void freeze_leaf(freeze_pen *p, const tree_node *n, frozen_node *out)
{
    const tree_state *t = p->tree;
    uint32_t kind = freeze_kind_of(t, n);
    double *to = p->block->doubles + p->next_double;
    out->what = FROZEN_LEAF | kind << 16 | tree_majority(n);
    out->child = p->next_double;
    out->threshold = 0.0;
    if (kind == FROZEN_MAJORITY_OF)
        freeze_majority(t, n, to);
    else if (kind == FROZEN_BAYES)
        freeze_bayes(p, tree_block_const(t, &t->pool, n), out);
    for (uint32_t c = 0; kind == FROZEN_SHARES && c < t->model.n_classes; c++) {
        const double *b = tree_block_const(t, &t->pool, n);
        to[c] = b[TREE_WEIGHTS + c] / b[TREE_TOTAL];
    }
    p->next_double += (uint32_t)freeze_leaf_doubles(t, n);
}

/* Puts the places of the children in the pool where freeze_nodes() finds them. */
static void freeze_split(freeze_pen *p, const tree_node *nodes, const tree_node *n, frozen_node *out)
{
    uint32_t child = tree_child(n);
    uint32_t feature = tree_feature(n);
    out->threshold = n->threshold;
    out->what = (feature & ~TREE_NOMINAL) | ((feature & TREE_NOMINAL) != 0 ? FROZEN_NOMINAL : 0u) |
                (nodes[child + 1].weight > nodes[child].weight ? FROZEN_MISSING_SECOND : 0u);
    out->child = p->next_node;
    p->block->nodes[p->next_node++].child = child;
    p->block->nodes[p->next_node++].child = child + 1;
}

static void freeze_node(freeze_pen *p, uint32_t i)
{
    const tree_node *nodes = tree_nodes_const(p->tree, &p->tree->pool);
    frozen_node *out = &p->block->nodes[i];
    const tree_node *n = &nodes[out->child];
    if (n->split != 0)
        freeze_split(p, nodes, n, out);
    else
        freeze_leaf(p, n, out);
}

/* Roots first, then tree after tree level by level; what is written but not yet looked at is the queue (Cheney 1970, "A nonrecursive list compacting
 * algorithm", CACM 13). */
static void freeze_nodes(freeze_pen *p, uint32_t n_trees)
{
    for (uint32_t i = 0, at = n_trees; i < n_trees; i++) {
        freeze_node(p, i);
        while (at < p->next_node)
            freeze_node(p, at++);
    }
}

kedge_status kedge_i_freeze_trees(const kedge_model_class *cls, const void *state, const freeze_trees *trees, void *buf, size_t cap, size_t *len)
{
    const tree_state *t = trees->tree;
    freeze_plan plan = {trees->kind, 0, trees->n_trees, FROZEN_NOMINAL_WORDS, 0, 0, 0};
    freeze_block b;
    for (uint32_t i = 0; i < trees->n_trees; i++)
        freeze_measure(t, trees->root(state, i), &plan);
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    freeze_pen pen = {t, &b, trees->n_trees, trees->n_trees, FROZEN_NOMINAL_WORDS};
    b.head->params[FROZEN_TREES] = trees->n_trees;
    b.head->params[FROZEN_VALUES] = t->n_values;
    b.head->params[FROZEN_SUBSET] = t->n_subset;
    for (uint32_t i = 0; i < FROZEN_NOMINAL_WORDS; i++)
        b.words[i] = (uint32_t)(t->nominal[i / 2] >> i % 2 * 32);
    for (uint32_t i = 0; i < trees->n_trees; i++) {
        b.doubles[i] = trees->weight(state, i);
        b.nodes[i].child = trees->root(state, i);
    }
    freeze_nodes(&pen, trees->n_trees);
    return kedge_i_freeze_end(&b);
}
