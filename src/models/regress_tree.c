/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include <math.h>

#include "kedge/models/fimt_dd.h"

#include "models/regress_tree.h"

#include "base/number.h"

enum { REGRESS_SPLITS = 15 };

#define REGRESS_UNIT 3.0       /* standard deviations of the target that count as an error of 1 */
#define REGRESS_WINDOW 10000.0 /* rows of which the target's deviation is known at most */
#define REGRESS_SEEN 30.0      /* errors that Page-Hinkley waits for */
#define REGRESS_FRESH 30.0 /* rows that what is left of a reset tree counts for */

/* Configuration ---------------------------------------------------------------------------------------------------------------- */

void kedge_i_regress_growth_defaults(kedge_tree_growth *g)
{
    kedge_i_tree_growth_defaults(g);
    g->grace = 100;
    g->n_splits = REGRESS_SPLITS;
    g->leaf = KEDGE_HEAD_ADAPTIVE;
}

uint32_t kedge_i_regress_memory(uint32_t n_features, uint32_t n_subset, uint32_t least, uint32_t n_blocks)
{
    double words = 16.0 + (double)INPUT_WORDS * n_features + (BINS_FIRST + BIN_WORDS * (REGRESS_SPLITS + 1.0) + 1.0) * n_subset;
    double bytes = n_blocks * (8.0 * words + 12.0 * sizeof(tree_node));
    return bytes <= least ? least : bytes < 1e9 ? (uint32_t)bytes : 1000000000u;
}

int kedge_i_regress_valid(const tree_state *t)
{
    return t->model.n_classes == 0 && kedge_i_tree_valid(t);
}

void kedge_i_regress_block_plan(tree_state *t)
{
    t->at_subset = REGRESS_HEAD + (uint32_t)head_words(t->model.n_features);
    t->at_slots = t->at_subset + (t->n_subset < t->model.n_features ? t->n_subset : 0);
    t->slot_words = (uint32_t)kedge_i_bins_words(t);
}

int kedge_i_regress_plan(tree_state *t, kedge_i_arena *arena, uint32_t n_trees, uint32_t n_extra, regress_extra *extra)
{
    kedge_i_regress_block_plan(t);
    t->n_trees = n_trees;
    if (!kedge_i_tree_pool_plan(&t->pool, arena, t->memory, t->at_slots + (uint64_t)t->slot_words * t->n_subset, n_trees, n_extra))
        return 0;
    if (extra) {
        extra->n = 2 * n_extra * t->pool.n_pairs;
        extra->at = kedge_i_arena_take(arena, extra->n, sizeof(double));
    }
    return 1;
}

/* Leaves ----------------------------------------------------------------------------------------------------------------------- */

static double *regress_block(tree_state *t, uint32_t node)
{
    return tree_block(t, &t->pool, &tree_nodes(t, &t->pool)[node]);
}

static double regress_say(const tree_state *t, const tree_node *n, const kedge_row *x)
{
    if (!tree_has_block(n))
        return n->threshold;
    const double *head = tree_block_const(t, &t->pool, n) + REGRESS_HEAD;
    return head[HEAD_WEIGHT] > 0.0 ? kedge_i_head_predict(t, head, x) : n->threshold;
}

/* Bins look at features as the head clips them, before it has seen this row. */
static void regress_take(const tree_state *t, double *b, const kedge_row *x, double y, double weight)
{
    const double *head = b + REGRESS_HEAD;
    double *slot = b + t->at_slots;
    b[TREE_TOTAL] += weight;
    for (uint32_t i = 0; i < t->n_subset; i++, slot += t->slot_words) {
        uint32_t feature = tree_slot_feature(t, b, i);
        double value = tree_input(x, feature);
        if (value != value)
            continue;
        value = tree_is_nominal(t, feature) ? value : kedge_i_head_input(head, feature, value);
        kedge_i_bins_take(t, slot, feature, value, y, weight);
    }
}

/* A leaf that got a block begins with its mean, as a row or two. */
static void regress_begin_head(double *head, const tree_node *n)
{
    head[HEAD_WEIGHT] = 1.0;
    head[HEAD_MEAN] = head[HEAD_BIAS] = head[HEAD_LOW] = head[HEAD_HIGH] = n->threshold;
}

void kedge_i_regress_block_learn(const tree_state *t, double *b, const kedge_row *x, double y, double weight)
{
    double *head = b + REGRESS_HEAD;
    if (head[HEAD_WEIGHT] + weight > TREE_WEIGHT_MAX || b[TREE_TOTAL] + weight > TREE_WEIGHT_MAX)
        return;
    regress_take(t, b, x, y, weight);
    kedge_i_head_learn(t, head, x, y, weight);
}

static void regress_learn_leaf(tree_state *t, tree_node *n, const kedge_row *x, double y, double weight)
{
    if (!tree_has_block(n)) {
        n->threshold += (y - n->threshold) * (weight / n->weight); /* which has this row's weight already */
        return;
    }
    double *b = tree_block(t, &t->pool, n);
    double *head = b + REGRESS_HEAD;
    if (head[HEAD_WEIGHT] == 0.0 && n->weight > weight)
        regress_begin_head(head, n);
    kedge_i_regress_block_learn(t, b, x, y, weight);
    n->threshold = head[HEAD_MEAN];
}

/* Growth ----------------------------------------------------------------------------------------------------------------------- */

/* An emptied block keeps its owner and head. */
void kedge_i_regress_block_empty(const tree_state *t, double *b)
{
    b[TREE_TOTAL] = b[TREE_TRIED] = 0.0;
    memset(b + t->at_slots, 0, (size_t)t->slot_words * t->n_subset * sizeof *b);
}

static void regress_begin_child(tree_state *t, uint32_t child, head_moments part)
{
    tree_node *n = &tree_nodes(t, &t->pool)[child];
    n->weight = part.weight;
    n->threshold = part.mean;
    n->misses = sqrt(part.m2 * part.weight); /* as if each error were the standard deviation */
    t->n_without++;
}

/* The side with more rows keeps the block; the other one gets its own, if there is one for it, with the same function to begin
 * with. */
static void regress_split_leaf(tree_state *t, uint32_t node, const tree_split *split)
{
    tree_node *nodes = tree_nodes(t, &t->pool);
    head_moments sides[2];
    kedge_i_bins_sides(t, regress_block(t, node), split, sides);
    if (!kedge_i_tree_fork(t, &t->pool, node, split->feature, split->threshold))
        return;
    uint32_t heavy = sides[1].weight > sides[0].weight;
    uint32_t child = tree_child(&nodes[node]);
    uint32_t keeper = child + heavy;
    uint32_t other = child + 1 - heavy;
    nodes[node].misses = 0.0;
    regress_begin_child(t, keeper, sides[heavy]);
    regress_begin_child(t, other, sides[1 - heavy]);
    kedge_i_tree_hand_block(t, &t->pool, node, keeper);
    t->n_without--;
    double *b = regress_block(t, keeper);
    kedge_i_regress_block_empty(t, b);
    if (kedge_i_tree_seek_block(t, other) && tree_has_block(&nodes[keeper])) /* which might have been the least promising itself */
        kedge_i_head_inherit(t, regress_block(t, other) + REGRESS_HEAD, b + REGRESS_HEAD, sides[1 - heavy]);
    if (!tree_has_block(&nodes[keeper]))
        return;
    kedge_i_head_inherit(t, b + REGRESS_HEAD, b + REGRESS_HEAD, sides[heavy]);
    kedge_i_leaf_open(t, keeper);
}

/* Ikonomovska et al. 2011, section 4.1: the ratio of the second best reduction to the best is within (0, 1], so that Hoeffding's
 * bound is that of such numbers. */
int kedge_i_regress_block_splits(const tree_state *t, double *b, tree_split *split)
{
    if (b[TREE_TOTAL] - b[TREE_TRIED] < t->grace)
        return 0;
    b[TREE_TRIED] = b[TREE_TOTAL];
    double bound = sqrt(-log(t->delta) / (2.0 * b[TREE_TOTAL]));
    *split = kedge_i_bins_find(t, b, b[TREE_TOTAL]);
    return split->merit > 0.0 && (split->second < (1.0 - bound) * split->merit || bound < t->tie);
}

uint32_t kedge_i_regress_learn(tree_state *t, uint32_t root, const kedge_row *x, double y, double weight, double *says)
{
    tree_node *nodes = tree_nodes(t, &t->pool);
    const double *plain = kedge_i_row_plain(x);
    tree_node *n = nodes + root;
    n->weight += weight;
    while (n->split != 0) {
        n = nodes + (tree_next(t, nodes, n, x, plain) - nodes);
        n->weight += weight;
    }
    uint32_t at = (uint32_t)(n - nodes);
    *says = regress_say(t, n, x);
    if (weight == 0.0)
        return at;
    n->misses += weight * fabs(y - *says);
    regress_learn_leaf(t, n, x, y, weight);
    tree_split split;
    if (tree_has_block(n) && kedge_i_regress_block_splits(t, tree_block(t, &t->pool, n), &split))
        regress_split_leaf(t, at, &split);
    return at;
}

double kedge_i_regress_predict(const tree_state *t, uint32_t root, const kedge_row *x)
{
    return regress_say(t, tree_leaf_of(t, tree_nodes_const(t, &t->pool), root, x), x);
}

/* Drift ------------------------------------------------------------------------------------------------------------------------ */

/* The leaf below a node that most rows lead to. */
static uint32_t regress_heaviest(const tree_node *nodes, uint32_t at)
{
    while (nodes[at].split != 0) {
        uint32_t child = tree_child(&nodes[at]);
        at = child + (nodes[child + 1].weight > nodes[child].weight);
    }
    return at;
}

void kedge_i_regress_block_refresh(const tree_state *t, double *b)
{
    double *head = b + REGRESS_HEAD;
    head_moments little = head_moments_of(head);
    if (little.weight > REGRESS_FRESH) {
        little.m2 *= REGRESS_FRESH / little.weight;
        little.weight = REGRESS_FRESH;
    }
    kedge_i_regress_block_empty(t, b);
    kedge_i_head_inherit(t, head, head, little);
}

void kedge_i_regress_reset(tree_state *t, uint32_t node)
{
    tree_node *nodes = tree_nodes(t, &t->pool);
    uint32_t leaf = regress_heaviest(nodes, node);
    double mean = nodes[leaf].threshold;
    if (leaf != node) {
        if (tree_has_block(&nodes[leaf])) {
            kedge_i_tree_hand_block(t, &t->pool, leaf, node);
            t->n_without++; /* the leaf, which goes */
        }
        t->n_without -= kedge_i_tree_prune(t, &t->pool, node);
        nodes[node].threshold = mean;
    }
    if (!tree_has_block(&nodes[node]) && !kedge_i_tree_seek_block(t, node))
        return;
    kedge_i_regress_block_refresh(t, regress_block(t, node));
    kedge_i_leaf_open(t, node);
    nodes[node].misses = 0.0;
}

/* Ikonomovska et al. 2011, equation 7: the sum of x - mean - delta, and how far it is above its least, kept as that difference. */
int kedge_i_regress_alarms(double *watch, double error, double delta, double threshold)
{
    watch[WATCH_SEEN] += 1.0;
    watch[WATCH_MEAN] += (error - watch[WATCH_MEAN]) / watch[WATCH_SEEN];
    double excess = watch[WATCH_EXCESS] + error - watch[WATCH_MEAN] - delta;
    int alarms = excess > threshold;
    watch[WATCH_EXCESS] = !(excess > 0.0) ? 0.0 : alarms ? threshold : excess;
    return alarms && watch[WATCH_SEEN] >= REGRESS_SEEN;
}

int kedge_i_regress_watch_check(const double *watch, double threshold)
{
    return kedge_i_within(watch[WATCH_SEEN], 0.0, 1e19) && kedge_i_within(watch[WATCH_MEAN], 0.0, 1.001 * WATCH_ERROR_MAX) &&
           kedge_i_within(watch[WATCH_EXCESS], 0.0, threshold);
}

double kedge_i_regress_unit(double *target, double y)
{
    double variance = target[0] > 0.0 ? target[2] / target[0] : 0.0;
    if (target[0] > REGRESS_WINDOW) {
        target[2] *= REGRESS_WINDOW / target[0];
        target[0] = REGRESS_WINDOW;
    }
    head_take(target, y, 1.0);
    return REGRESS_UNIT * sqrt(variance);
}

int kedge_i_regress_target_check(const double *target)
{
    return kedge_i_within(target[0], 0.0, REGRESS_WINDOW + 1.0) &&
           kedge_i_within(target[1], -2.0 * KEDGE_TARGET_MAX, 2.0 * KEDGE_TARGET_MAX) && kedge_i_within(target[2], 0.0, 1e240);
}

/* Checks ----------------------------------------------------------------------------------------------------------------------- */

int kedge_i_regress_block_check(const tree_state *t, const double *b)
{
    if (!kedge_i_within(b[TREE_TOTAL], 0.0, TREE_WEIGHT_MAX) || !kedge_i_within(b[TREE_TRIED], 0.0, b[TREE_TOTAL]) ||
        !kedge_i_head_check(t, b + REGRESS_HEAD))
        return 0;
    for (uint32_t i = 0; i < t->n_subset; i++) {
        double feature = t->n_subset == t->model.n_features ? i : b[t->at_subset + i];
        if (!kedge_i_within(feature, i, (double)t->model.n_features - 1.0) || feature != (double)(uint32_t)feature ||
            !kedge_i_bins_check(t, b + t->at_slots + (size_t)i * t->slot_words, (uint32_t)feature))
            return 0;
    }
    return 1;
}

int kedge_i_regress_check(const tree_state *t, uint32_t n_trees)
{
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    uint32_t n_roots, n_without = 0;
    if (!kedge_i_tree_pool_check(t, &t->pool, t->model.n_features, 0, &n_roots) || n_roots != n_trees)
        return 0;
    for (uint32_t i = 0; i < 2 * t->pool.n_pairs; i++) {
        const tree_node *n = &nodes[i];
        if (n->place == 0)
            continue;
        uint32_t feature = tree_feature(n);
        if (n->split != 0 && (((feature & TREE_NOMINAL) != 0) != tree_is_nominal(t, feature & ~TREE_NOMINAL) || tree_has_block(n)))
            return 0;
        if (tree_has_block(n) && !kedge_i_regress_block_check(t, tree_block_const(t, &t->pool, n)))
            return 0;
        n_without += n->split == 0 && !tree_has_block(n);
    }
    return n_without == t->n_without;
}
