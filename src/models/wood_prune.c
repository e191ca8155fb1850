/* SPDX-License-Identifier: MIT */
/* Minimal cost-complexity pruning: Breiman et al. 1984, section 3.3. The cost of a subtree is its mean impurity plus ccp_alpha
 * times its leaves, and the smallest subtree of least cost is the one that weakest links lead to (theorem 3.10). What a node gains
 * by its subtree instead of being a leaf is its split's gain, less alpha for the leaf more, and what its children gain, so one way
 * up over all nodes finds it. */
#include "base/fp.h"

#include <string.h>

#include "models/wood_state.h"

#define WOOD_GONE UINT32_MAX
#define WOOD_TIE 1e-12 /* of a gain: rounding; of equally good subtrees the smaller one stays */

static double wood_child_gain(const wood_job *f, uint32_t child)
{
    return child >= GROVE_LEAF ? 0.0 : f->gains[child];
}

/* Gains become those of subtrees, 0 for a node that is to be a leaf. Children stand behind their parents. */
static void wood_weigh(const wood_job *f, uint32_t n_nodes)
{
    double unit = f->s->model.n_classes > 0 ? 1.0 : f->unit * f->unit;
    double scale = unit / wood_divisor(f->tree_weight);
    for (uint32_t i = n_nodes; i-- > 0;) {
        const uint32_t *node = f->tree.nodes + 2 * (size_t)i;
        double below = wood_child_gain(f, node[1] & 0xFFFF) + wood_child_gain(f, node[1] >> 16);
        double gain = f->gains[i] * scale + below;
        f->gains[i] = gain - f->s->ccp_alpha > WOOD_TIE * gain ? gain - f->s->ccp_alpha : 0.0;
    }
}

/* A child's new number; a leaf's values go to its place. Parents come in ascending order, so children are numbered as they are
 * met. */
static uint32_t wood_keep_child(wood_job *f, uint32_t child, uint32_t *n_nodes, uint32_t *n_leaves)
{
    const double *values;
    if (child < GROVE_LEAF && f->gains[child] > 0.0)
        return f->renumbered[child] = (*n_nodes)++;
    values = child < GROVE_LEAF ? f->node_values + (size_t)child * f->n_outputs
                                : f->tree.values + (size_t)(child - GROVE_LEAF) * f->n_outputs;
    memcpy(f->leaf_values + (size_t)*n_leaves * f->n_outputs, values, f->n_outputs * sizeof *values);
    return GROVE_LEAF + (*n_leaves)++;
}

/* Node i becomes node `to`, which is not behind it. */
static void wood_move_node(wood_job *f, uint32_t i, uint32_t to, uint32_t *n_nodes, uint32_t *n_leaves)
{
    grove_tree *t = &f->tree;
    uint32_t what = t->nodes[2 * (size_t)i];
    uint32_t children = t->nodes[2 * (size_t)i + 1];
    uint32_t left = wood_keep_child(f, children & 0xFFFF, n_nodes, n_leaves);
    uint32_t right = wood_keep_child(f, children >> 16, n_nodes, n_leaves);
    t->nodes[2 * (size_t)to] = what;
    t->nodes[2 * (size_t)to + 1] = left | right << 16;
    t->thresholds[to] = t->thresholds[i];
    if (t->sets)
        memmove(t->sets + (size_t)to * GROVE_SET, t->sets + (size_t)i * GROVE_SET, GROVE_SET * sizeof *t->sets);
}

/* What is behind the tree is as if it had never been. */
static void wood_clear_rest(const wood_job *f, uint32_t n_nodes, uint32_t n_leaves, uint32_t n_before)
{
    size_t n = n_before - n_nodes;
    memset(f->tree.nodes + 2 * (size_t)n_nodes, 0, 2 * n * sizeof *f->tree.nodes);
    memset(f->tree.thresholds + n_nodes, 0, n * sizeof *f->tree.thresholds);
    if (f->tree.sets)
        memset(f->tree.sets + (size_t)n_nodes * GROVE_SET, 0, n * GROVE_SET * sizeof *f->tree.sets);
    memset(f->tree.values + (size_t)n_leaves * f->n_outputs, 0,
           (n_before + 1 - n_leaves) * (size_t)f->n_outputs * sizeof *f->tree.values);
}

void kedge_i_wood_prune(wood_job *f)
{
    uint32_t n_before = *f->tree.n_leaves - 1;
    uint32_t n_nodes = 0;
    uint32_t n_leaves = 0;
    if (n_before == 0)
        return;
    wood_weigh(f, n_before);
    memset(f->renumbered, 0xFF, n_before * sizeof *f->renumbered); /* WOOD_GONE */
    (void)wood_keep_child(f, 0, &n_nodes, &n_leaves);
    for (uint32_t i = 0; i < n_before; i++)
        if (f->renumbered[i] != WOOD_GONE)
            wood_move_node(f, i, f->renumbered[i], &n_nodes, &n_leaves);
    memcpy(f->tree.values, f->leaf_values, (size_t)n_leaves * f->n_outputs * sizeof *f->tree.values);
    wood_clear_rest(f, n_nodes, n_leaves, n_before);
    *f->tree.n_leaves = n_leaves;
}
