/* SPDX-License-Identifier: MIT */
/* Growth of a tree of a random forest, or CART, level by level, on bins: Breiman 2001; Breiman et al. 1984. */
#include "base/fp.h"

#include <string.h>

#include "models/wood_state.h"

static void wood_sum_leaf(const wood_job *f, const wood_leaf *leaf)
{
    memset(f->total, 0, f->stride * sizeof *f->total);
    for (size_t i = 0; i < leaf->n; i++)
        wood_add(f, f->total, f->order[leaf->first + i]);
}

/* Are all rows of one class, or all targets one? */
static int wood_is_pure(const wood_job *f, const wood_leaf *leaf)
{
    for (size_t i = 1; i < leaf->n; i++)
        if (f->y[f->order[leaf->first + i]] != f->y[f->order[leaf->first]])
            return 0;
    return 1;
}

static int wood_goes_left(const wood_job *f, const wood_split *split, uint8_t code)
{
    if (code == f->table.n_bins[split->feature])
        return split->missing_left != 0;
    return grove_has(f->s->nominal, split->feature) ? (int)(split->set[code / 64] >> code % 64 & 1) : code <= split->bin;
}

/* Rows of the left child to the front, both in their order. */
static void wood_part(const wood_job *f, const wood_leaf *leaf, const wood_split *split)
{
    const uint8_t *codes = bin_table_column(&f->table, split->feature);
    uint32_t *rows = f->order + leaf->first;
    size_t n_left = 0;
    size_t n_right = 0;
    for (size_t i = 0; i < leaf->n; i++) {
        uint32_t row = rows[i];
        if (wood_goes_left(f, split, codes[row]))
            rows[n_left++] = row;
        else
            f->spare[n_right++] = row;
    }
    memcpy(rows + n_left, f->spare, n_right * sizeof *rows);
}

/* Writes a child into its parent. */
static void wood_link(wood_job *f, const wood_leaf *leaf, uint32_t child)
{
    uint32_t *children = &f->tree.nodes[2 * (size_t)leaf->node + 1];
    if (leaf->depth == 0)
        return;
    *children = leaf->is_left ? (*children & 0xFFFF0000u) | child : (*children & 0xFFFFu) | child << 16;
}

static void wood_write_node(wood_job *f, const wood_split *split, uint32_t node)
{
    int is_nominal = grove_has(f->s->nominal, split->feature);
    uint32_t n_bins = f->table.n_bins[split->feature];
    f->tree.nodes[2 * (size_t)node] =
        split->feature | (is_nominal ? GROVE_NOMINAL : 0u) | (split->missing_left ? GROVE_MISSING_LEFT : 0u);
    f->tree.thresholds[node] = is_nominal                ? 0.0
                               : split->bin + 1 < n_bins ? bin_table_edge(&f->table, split->feature, split->bin)
                                                         : DBL_MAX;
    for (uint32_t i = 0; is_nominal && i < GROVE_SET; i++)
        f->tree.sets[node * GROVE_SET + i] = (uint32_t)(split->set[i / 2] >> i % 2 * 32);
}

/* Shares of classes, or the mean target, of the rows that are in `total`. */
static void wood_say(const wood_job *f, double *values)
{
    double sum = 0.0;
    for (uint32_t k = 0; k < f->n_outputs; k++)
        sum += f->s->model.n_classes > 0 ? f->total[2 + k] : 0.0;
    if (f->s->model.n_classes == 0)
        values[0] = f->base + f->unit * (f->total[2] / wood_divisor(f->total[0]));
    for (uint32_t k = 0; k < f->n_outputs && f->s->model.n_classes > 0; k++)
        values[k] = sum > WOOD_WEIGHT_MIN ? f->total[2 + k] / wood_divisor(sum) : 1.0 / f->n_outputs; /* no weight says nothing */
}

static void wood_push_children(wood_job *f, const wood_leaf *leaf, const wood_split *split, uint32_t node, wood_leaf *to)
{
    wood_leaf left = {leaf->first, split->n_left, leaf->depth + 1, node, 1, 0};
    wood_leaf right = {leaf->first + split->n_left, leaf->n - split->n_left, leaf->depth + 1, node, 0, 0};
    wood_part(f, leaf, split);
    to[0] = left;
    to[1] = right;
}

/* Level by level, while there is room for leaves. */
void kedge_i_wood_grow(wood_job *f)
{
    uint32_t n_queue = 1;
    uint32_t n_nodes = 0;
    uint32_t n_leaves = 0;
    wood_leaf root = {0, f->n_train, 0, 0, 0, 0};
    f->queue[0] = root;
    for (uint32_t i = 0; i < n_queue; i++) {
        const wood_leaf *leaf = &f->queue[i];
        wood_split split = {0};
        wood_sum_leaf(f, leaf);
        f->tree_weight = i == 0 ? f->total[0] : f->tree_weight;
        if (n_nodes + 2 <= f->s->max_leaves && leaf->depth < f->s->max_depth && leaf->n >= 2 * (size_t)f->s->min_rows &&
            !wood_is_pure(f, leaf))
            split = kedge_i_wood_find(f, leaf);
        if (split.gain > 0.0) {
            wood_link(f, leaf, n_nodes);
            if (f->s->ccp_alpha > 0.0) {
                f->gains[n_nodes] = split.gain;
                wood_say(f, f->node_values + (size_t)n_nodes * f->n_outputs);
            }
            wood_write_node(f, &split, n_nodes);
            wood_push_children(f, leaf, &split, n_nodes, &f->queue[n_queue]);
            n_queue += 2;
            n_nodes++;
        } else {
            wood_link(f, leaf, GROVE_LEAF + n_leaves);
            wood_say(f, f->tree.values + (size_t)n_leaves++ * f->n_outputs);
        }
    }
    *f->tree.n_leaves = n_leaves;
}
