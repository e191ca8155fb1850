/* SPDX-License-Identifier: MIT */
/* Growth of one tree, the leaf that gains most first: Ke et al. 2017, "LightGBM". A split reads the rows of the smaller child only:
 * the histogram of the larger one is what is left of the parent's. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "models/boost_state.h"

static inline void grow_count(boost_bin *bin, boost_pair p)
{
    bin->g += p.g;
    bin->h += p.h;
    bin->n++;
}

/* Two features at a time: so many sums that none waits for another. */
static void grow_count_two(const boost_fit *f, const boost_leaf *leaf, uint32_t first, uint32_t second, boost_bin *histogram)
{
    const uint8_t *codes_a = bin_table_column(&f->table, first);
    const uint8_t *codes_b = bin_table_column(&f->table, second);
    boost_bin *a = histogram + f->offsets[first];
    boost_bin *b = histogram + f->offsets[second];
    const uint32_t *rows = f->order + leaf->first;
    for (size_t i = 0; i < leaf->n; i++) {
        boost_pair p = f->ordered[i];
        grow_count(&a[codes_a[rows[i]]], p);
        grow_count(&b[codes_b[rows[i]]], p);
    }
}

static void grow_count_one(const boost_fit *f, const boost_leaf *leaf, uint32_t feature, boost_bin *histogram)
{
    const uint8_t *codes = bin_table_column(&f->table, feature);
    boost_bin *bins = histogram + f->offsets[feature];
    const uint32_t *rows = f->order + leaf->first;
    for (size_t i = 0; i < leaf->n; i++)
        grow_count(&bins[codes[rows[i]]], f->ordered[i]);
}

/* The histograms of a leaf from its rows. */
static void grow_build(const boost_fit *f, const boost_leaf *leaf)
{
    boost_bin *histogram = boost_histogram(f, leaf->slot);
    const uint32_t *rows = f->order + leaf->first;
    memset(histogram, 0, f->slot_bins * sizeof *histogram);
    for (size_t i = 0; i < leaf->n; i++)
        f->ordered[i] = f->pairs[rows[i]];
    uint32_t j = 0;
    for (; j + 1 < f->n_chosen; j += 2)
        grow_count_two(f, leaf, f->chosen[j], f->chosen[j + 1], histogram);
    if (j < f->n_chosen)
        grow_count_one(f, leaf, f->chosen[j], histogram);
}

/* A parent's histograms become those of the child that is not `less`. */
static void grow_subtract(const boost_fit *f, uint32_t slot, uint32_t less)
{
    boost_bin *to = boost_histogram(f, slot);
    const boost_bin *off = boost_histogram(f, less);
    for (size_t i = 0; i < f->slot_bins; i++) {
        to[i].n -= off[i].n;
        to[i].g = to[i].n > 0 ? to[i].g - off[i].g : 0.0;
        to[i].h = to[i].n > 0 ? to[i].h - off[i].h : 0.0;
    }
}

/* May a split leave enough on both sides? */
static int grow_is_open(const boost_fit *f, const boost_leaf *leaf)
{
    return leaf->n >= 2 * (size_t)f->s->min_rows && leaf->depth < f->s->max_depth && f->n_leaves < f->s->max_leaves;
}

static void grow_release(boost_fit *f, boost_leaf *leaf)
{
    f->free_slots[f->n_free++] = leaf->slot;
    leaf->slot = BOOST_NO_SLOT;
    leaf->best.gain = 0.0;
}

/* The best split of a leaf that has its histograms; they are given back where there is none. */
static void grow_consider(boost_fit *f, boost_leaf *leaf)
{
    leaf->best.gain = 0.0;
    if (grow_is_open(f, leaf))
        kedge_i_boost_find(f, leaf);
    if (leaf->best.gain == 0.0)
        grow_release(f, leaf);
}

/* Which codes of a feature go left? */
static void grow_sides(const boost_fit *f, const boost_split *split, uint8_t *is_left)
{
    uint32_t n_bins = f->table.n_bins[split->feature];
    int is_nominal = grove_has(f->s->nominal, split->feature);
    for (uint32_t b = 0; b < n_bins; b++)
        is_left[b] = (uint8_t)(is_nominal ? split->set[b / 64] >> b % 64 & 1 : b <= split->bin);
    is_left[n_bins] = split->missing_left != 0;
}

/* Rows of the left child to the front, both in their order. Returns how many go left. */
static size_t grow_part(const boost_fit *f, const boost_leaf *leaf, const boost_split *split)
{
    uint8_t is_left[256];
    const uint8_t *codes = bin_table_column(&f->table, split->feature);
    uint32_t *rows = f->order + leaf->first;
    size_t n_left = 0;
    size_t n_right = 0;
    grow_sides(f, split, is_left);
    for (size_t i = 0; i < leaf->n; i++) {
        uint32_t row = rows[i];
        size_t left = is_left[codes[row]];
        rows[n_left] = row;
        f->spare[n_right] = row;
        n_left += left;
        n_right += 1 - left;
    }
    memcpy(rows + n_left, f->spare, n_right * sizeof *rows);
    return n_left;
}

/* The split as a node; `left` and `right` are leaves. Returns the node. */
static uint32_t grow_write(boost_fit *f, const boost_split *split, uint32_t left, uint32_t right)
{
    uint32_t node = f->n_leaves - 1;
    int is_nominal = grove_has(f->s->nominal, split->feature);
    uint32_t n_bins = f->table.n_bins[split->feature];
    f->tree.nodes[2 * node] = split->feature | (is_nominal ? GROVE_NOMINAL : 0u) | (split->missing_left ? GROVE_MISSING_LEFT : 0u);
    f->tree.nodes[2 * node + 1] = (GROVE_LEAF + left) | (GROVE_LEAF + right) << 16;
    f->tree.thresholds[node] = is_nominal                ? 0.0
                               : split->bin + 1 < n_bins ? bin_table_edge(&f->table, split->feature, split->bin)
                                                         : DBL_MAX;
    for (uint32_t i = 0; is_nominal && i < GROVE_SET; i++)
        f->tree.sets[node * GROVE_SET + i] = (uint32_t)(split->set[i / 2] >> i % 2 * 32);
    return node;
}

/* The parent of a leaf that becomes a node points to it. */
static void grow_link(boost_fit *f, const boost_leaf *leaf, uint32_t node)
{
    uint32_t *children = &f->tree.nodes[2 * leaf->node + 1];
    if (node == 0)
        return;
    *children = leaf->is_left ? (*children & 0xFFFF0000u) | node : (*children & 0xFFFFu) | node << 16;
}

/* A constrained feature parts the range of steps, so that whatever grows below keeps to the direction. */
static void grow_bound(const boost_fit *f, const boost_split *split, boost_leaf *left, boost_leaf *right)
{
    double middle = 0.5 * split->left + 0.5 * split->right;
    if (grove_has(f->s->rising, split->feature))
        left->high = right->low = middle;
    if (grove_has(f->s->falling, split->feature))
        left->low = right->high = middle;
}

/* Histograms of two children, of which one takes the parent's place. */
static void grow_share(boost_fit *f, boost_leaf *a, boost_leaf *b)
{
    boost_leaf *less = a->n <= b->n ? a : b;
    boost_leaf *more = a->n <= b->n ? b : a;
    if (!grow_is_open(f, more)) { /* then neither is the smaller one */
        less->slot = BOOST_NO_SLOT;
        less->best.gain = 0.0;
        grow_release(f, more);
        return;
    }
    KEDGE_ASSERT(f->n_free > 0);
    less->slot = f->free_slots[--f->n_free];
    grow_build(f, less);
    grow_subtract(f, more->slot, less->slot);
    grow_consider(f, less);
    grow_consider(f, more);
}

/* Leaf i keeps its place as the left child, the right one is the last leaf. */
static void grow_split(boost_fit *f, uint32_t i)
{
    boost_leaf *left = &f->leaves[i];
    boost_leaf *right = &f->leaves[f->n_leaves];
    boost_split split = left->best;
    uint32_t node = grow_write(f, &split, i, f->n_leaves);
    grow_link(f, left, node);
    f->n_leaves++;
    *right = *left;
    left->n = grow_part(f, left, &split);
    right->first += left->n;
    right->n -= left->n;
    left->step = split.left;
    right->step = split.right;
    right->g = left->g - split.g_left;
    right->h = left->h - split.h_left;
    left->g = split.g_left;
    left->h = split.h_left;
    left->depth = ++right->depth;
    left->node = right->node = node;
    left->is_left = 1;
    right->is_left = 0;
    grow_bound(f, &split, left, right);
    grow_share(f, left, right);
}

static void grow_begin(boost_fit *f)
{
    boost_leaf *root = &f->leaves[0];
    memset(root, 0, sizeof *root);
    root->n = f->n_grown;
    root->low = -BOOST_STEP_MAX;
    root->high = BOOST_STEP_MAX;
    for (size_t i = 0; i < f->n_grown; i++) {
        root->g += f->pairs[f->order[i]].g;
        root->h += f->pairs[f->order[i]].h;
    }
    root->step = kedge_i_boost_step(f->s, root->g, root->h, root->low, root->high);
    f->n_leaves = 1;
    root->slot = f->free_slots[--f->n_free];
    if (grow_is_open(f, root))
        grow_build(f, root);
    grow_consider(f, root);
}

/* The leaf that gains most, the first of equals; n_leaves: none gains anything. */
static uint32_t grow_best(const boost_fit *f)
{
    uint32_t best = f->n_leaves;
    double gain = 0.0;
    for (uint32_t i = 0; i < f->n_leaves; i++) {
        int better = f->leaves[i].best.gain > gain;
        best = better ? i : best;
        gain = better ? f->leaves[i].best.gain : gain;
    }
    return best;
}

void kedge_i_boost_grow(boost_fit *f)
{
    grow_begin(f);
    while (f->n_leaves < f->s->max_leaves) {
        uint32_t best = grow_best(f);
        if (best == f->n_leaves)
            break;
        grow_split(f, best);
    }
    for (uint32_t i = 0; i < f->n_leaves; i++)
        if (f->leaves[i].slot != BOOST_NO_SLOT)
            grow_release(f, &f->leaves[i]);
    *f->tree.n_leaves = f->n_leaves;
}
