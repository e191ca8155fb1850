/* SPDX-License-Identifier: MIT */
/* Freezing trees: of a leaf only what its answers need is kept, and of naive Bayes what the row does not change is summed up (see
 * frozen_tree.h). */
#include "base/fp.h"

#include <string.h>

#include "models/freeze_tree.h"
#include "models/frozen_tree.h"

#include "base/check.h"
#include "base/quick.h"

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

static uint32_t freeze_n_present(const tree_state *t, const double *b)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        n += b[TREE_WEIGHTS + c] > 0.0;
    return n;
}

static uint64_t freeze_leaf_doubles(const tree_state *t, const tree_node *n)
{
    uint32_t kind = freeze_kind_of(t, n);
    if (kind <= FROZEN_MAJORITY_OF)
        return 2 * kind;
    if (kind == FROZEN_SHARES)
        return t->model.n_classes;
    const double *b = tree_block_const(t, &t->pool, n);
    uint32_t n_present = freeze_n_present(t, b);
    uint64_t sum = n_present;
    for (uint32_t i = 0; i < t->n_subset; i++)
        sum += frozen_slot(n_present, t->n_values, tree_is_nominal(t, tree_slot_feature(t, b, i)));
    return sum;
}

static uint64_t freeze_leaf_words(const tree_state *t, const tree_node *n)
{
    if (freeze_kind_of(t, n) != FROZEN_BAYES)
        return 0;
    return 1 + freeze_n_present(t, tree_block_const(t, &t->pool, n)) + (freeze_lists_features(t) ? t->n_subset : 0u);
}

/* The node after this one, children behind their parent; the root again at the end. Children stand at even places and behind them.
 */
static uint32_t freeze_next(const tree_node *nodes, uint32_t root, uint32_t at)
{
    if (nodes[at].split != 0)
        return tree_child(&nodes[at]);
    while (at != root && at % 2 == 1)
        at = tree_parent(&nodes[at]);
    return at == root ? root : at + 1;
}

static void freeze_measure(const freeze_trees *trees, uint32_t root, freeze_plan *plan)
{
    const tree_node *nodes = tree_nodes_const(trees->tree, &trees->tree->pool);
    uint32_t at = root;
    do {
        plan->n_nodes++;
        if (nodes[at].split == 0)
            trees->leaves->measure(trees->tree, &nodes[at], plan);
        at = freeze_next(nodes, root, at);
    } while (at != root);
}

static void freeze_measure_leaf(const tree_state *t, const tree_node *n, freeze_plan *plan)
{
    plan->n_doubles += freeze_leaf_doubles(t, n);
    plan->n_words += freeze_leaf_words(t, n);
}

/* A class in a numeric feature that is no constant, see leaf_numeric() in tree_leaf.c. Returns what the base gets. */
static double freeze_numeric(const double *m, double unit, double *mean, double *precision)
{
    double weight = m[0] > 1.0 ? m[0] : 1.0;
    double own = weight / (m[2] * unit * unit + FROZEN_SPREAD);
    *mean = m[1];
    *precision = m[0] > 0.0 ? own : 0.0;
    return 0.5 * kedge_i_quick_log(own) - (m[0] > 0.0 ? 0.0 : 0.5 * FROZEN_UNSEEN);
}

/* A class in a nominal feature, see leaf_nominal(). */
static void freeze_nominal(const tree_state *t, const double *weights, uint32_t n_present, double *to)
{
    double sum = (double)t->n_values;
    for (uint32_t v = 0; v < t->n_values; v++)
        sum += weights[v];
    for (uint32_t v = 0; v < t->n_values; v++)
        to[(size_t)v * n_present] = kedge_i_quick_log((weights[v] + 1.0) / sum);
}

/* One feature of a naive Bayes leaf, for its classes; adds to their bases. */
static void freeze_slot(const tree_state *t, const double *slot, int is_nominal, const uint32_t *classes, uint32_t n_present,
                        double *bases, double *to)
{
    if (!is_nominal)
        to[0] = slot[TREE_UNIT];
    for (uint32_t k = 0; k < n_present; k++) {
        if (is_nominal)
            freeze_nominal(t, slot + (size_t)classes[k] * t->n_values, n_present, to + k);
        else if (slot[TREE_UNIT] != 0.0)
            bases[k] += freeze_numeric(slot + TREE_CLASSES + (size_t)classes[k] * TREE_MOMENTS, slot[TREE_UNIT], to + 1 + k,
                                       to + 1 + n_present + k);
    }
}

/* The words: classes, features. Returns the classes. */
static const uint32_t *freeze_lists(freeze_pen *p, const double *b)
{
    const tree_state *t = p->tree;
    uint32_t *words = p->block->words + p->next_word;
    uint32_t n = 0;
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        if (b[TREE_WEIGHTS + c] > 0.0)
            words[1 + n++] = c;
    words[0] = n;
    p->next_word += 1 + n;
    for (uint32_t i = 0; freeze_lists_features(t) && i < t->n_subset; i++)
        p->block->words[p->next_word++] = tree_slot_feature(t, b, i);
    return words + 1;
}

static void freeze_bayes(freeze_pen *p, const double *b, frozen_node *out)
{
    const tree_state *t = p->tree;
    uint32_t n_present = freeze_n_present(t, b);
    double *bases = p->block->doubles + p->next_double;
    double *to = bases + n_present;
    out->threshold = p->next_word;
    const uint32_t *classes = freeze_lists(p, b);
    for (uint32_t k = 0; k < n_present; k++) {
        double weight = b[TREE_WEIGHTS + classes[k]];
        bases[k] = kedge_i_quick_log(weight > FROZEN_LEAST_WEIGHT ? weight : FROZEN_LEAST_WEIGHT);
    }
    for (uint32_t i = 0; i < t->n_subset; i++) {
        int is_nominal = tree_is_nominal(t, tree_slot_feature(t, b, i));
        freeze_slot(t, b + t->at_slots + (size_t)i * t->slot_words, is_nominal, classes, n_present, bases, to);
        to += frozen_slot(n_present, t->n_values, is_nominal);
    }
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

const freeze_leaves kedge_i_freeze_class_leaves = {freeze_measure_leaf, freeze_leaf};

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

static void freeze_node(freeze_pen *p, const freeze_leaves *leaves, uint32_t i)
{
    const tree_node *nodes = tree_nodes_const(p->tree, &p->tree->pool);
    frozen_node *out = &p->block->nodes[i];
    const tree_node *n = &nodes[out->child];
    if (n->split != 0)
        freeze_split(p, nodes, n, out);
    else
        leaves->write(p, n, out);
}

/* Roots first, then tree after tree level by level; what is written but not yet looked at is the queue (Cheney 1970, "A
 * nonrecursive list compacting algorithm", CACM 13). */
static void freeze_nodes(freeze_pen *p, const freeze_leaves *leaves, uint32_t n_trees)
{
    for (uint32_t i = 0, at = n_trees; i < n_trees; i++) {
        freeze_node(p, leaves, i);
        while (at < p->next_node)
            freeze_node(p, leaves, at++);
    }
}

kedge_status kedge_i_freeze_trees(const kedge_model_class *cls, const void *state, const freeze_trees *trees, void *buf, size_t cap,
                                  size_t *len)
{
    const tree_state *t = trees->tree;
    uint32_t n_ahead = trees->n_trees + (trees->kind == KEDGE_FROZEN_VALUES);
    freeze_plan plan = {trees->kind, 0, n_ahead, FROZEN_NOMINAL_WORDS, 0, 0, 0};
    freeze_block b;
    for (uint32_t i = 0; i < trees->n_trees; i++)
        freeze_measure(trees, trees->root(state, i), &plan);
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    freeze_pen pen = {t, &b, trees->n_trees, n_ahead, FROZEN_NOMINAL_WORDS};
    b.head->params[FROZEN_TREES] = trees->n_trees;
    b.head->params[FROZEN_VALUES] = t->n_values;
    b.head->params[FROZEN_SUBSET] = t->n_subset;
    b.head->params[FROZEN_SHARED] = trees->shared;
    for (uint32_t i = 0; i < FROZEN_NOMINAL_WORDS; i++)
        b.words[i] = (uint32_t)(t->nominal[i / 2] >> i % 2 * 32);
    for (uint32_t i = 0; i < trees->n_trees; i++) {
        b.doubles[i] = trees->weight(state, i);
        b.nodes[i].child = trees->root(state, i);
    }
    if (trees->kind == KEDGE_FROZEN_VALUES)
        b.doubles[trees->n_trees] = trees->start;
    freeze_nodes(&pen, trees->leaves, trees->n_trees);
    return kedge_i_freeze_end(&b);
}

static uint32_t freeze_root(const void *state, uint32_t i)
{
    (void)state;
    return i; /* node 0 */
}

static double freeze_even(const void *state, uint32_t i)
{
    (void)state, (void)i;
    return 1.0;
}

kedge_status kedge_i_freeze_tree_one(const kedge_model_class *cls, const tree_state *t, uint32_t shared, void *buf, size_t cap,
                                     size_t *len)
{
    const freeze_trees trees = {t, &kedge_i_freeze_class_leaves, KEDGE_FROZEN_TREE, 1, freeze_root, freeze_even, shared, 0.0};
    return kedge_i_freeze_trees(cls, t, &trees, buf, cap, len);
}
