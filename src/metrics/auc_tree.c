/* SPDX-License-Identifier: MIT */
/* A counted B-tree, see auc_tree.h. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "metrics/auc_nodes.h"

/* Layout ------------------------------------------------------------------------------------------------------------------- */

/* As no node but the root is below its least. */
static uint32_t auc_parents(uint32_t n_nodes)
{
    return n_nodes <= 1 ? 0 : n_nodes < 2 * AUC_INNER_LEAST ? 1 : n_nodes / AUC_INNER_LEAST;
}

void kedge_i_auc_tree_layout(kedge_i_auc_tree *t, kedge_i_arena *arena)
{
    t->n_leaves = t->most < 2 * AUC_LEAF_LEAST ? 1 : t->most / AUC_LEAF_LEAST;
    t->n_inners = 0;
    for (uint32_t n = auc_parents(t->n_leaves); n > 0; n = auc_parents(n))
        t->n_inners += n;
    t->n_leaf_slots = t->n_leaves * AUC_LEAF_MOST;
    t->n_inner_slots = t->n_inners * AUC_INNER_MOST;
    t->at_scores = kedge_i_arena_take(arena, t->n_leaf_slots, sizeof(double));
    t->at_places = kedge_i_arena_take(arena, t->n_leaf_slots, sizeof(uint32_t));
    t->at_marks = kedge_i_arena_take(arena, t->n_leaves, sizeof(uint64_t));
    t->at_leaf_sizes = kedge_i_arena_take(arena, t->n_leaves, sizeof(uint32_t));
    t->at_split_scores = kedge_i_arena_take(arena, t->n_inner_slots, sizeof(double));
    t->at_split_places = kedge_i_arena_take(arena, t->n_inner_slots, sizeof(uint32_t));
    t->at_children = kedge_i_arena_take(arena, t->n_inner_slots, sizeof(uint32_t));
    t->at_all = kedge_i_arena_take(arena, t->n_inner_slots, sizeof(uint32_t));
    t->at_marked = kedge_i_arena_take(arena, t->n_inner_slots, sizeof(uint32_t));
    t->at_inner_sizes = kedge_i_arena_take(arena, t->n_inners, sizeof(uint32_t));
}

void kedge_i_auc_tree_start(kedge_i_auc_tree *t)
{
    auc_nodes v = auc_tree_nodes(t);
    for (uint32_t i = 1; i < t->n_leaves; i++)
        v.places[i * AUC_LEAF_MOST] = i + 1 < t->n_leaves ? i + 1 : AUC_NONE;
    for (uint32_t i = 0; i < t->n_inners; i++)
        v.children[i * AUC_INNER_MOST] = i + 1 < t->n_inners ? i + 1 : AUC_NONE;
    t->free_leaf = t->n_leaves > 1 ? 1 : AUC_NONE; /* leaf 0 is the root */
    t->free_inner = t->n_inners > 0 ? 0 : AUC_NONE;
}

/* Nodes; level 0 is that of the leaves ------------------------------------------------------------------------------------- */

static uint32_t auc_take(kedge_i_auc_tree *t, const auc_nodes *v, uint32_t level)
{
    uint32_t *first = level > 0 ? &t->free_inner : &t->free_leaf;
    uint32_t node = *first;
    KEDGE_ASSERT(node != AUC_NONE);
    *first = level > 0 ? v->children[node * AUC_INNER_MOST] : v->places[node * AUC_LEAF_MOST];
    return node;
}

static void auc_give(kedge_i_auc_tree *t, const auc_nodes *v, uint32_t level, uint32_t node)
{
    uint32_t *first = level > 0 ? &t->free_inner : &t->free_leaf;
    *(level > 0 ? &v->children[node * AUC_INNER_MOST] : &v->places[node * AUC_LEAF_MOST]) = *first;
    *auc_size(v, level, node) = 0;
    *first = node;
}

/* Bits that are set, in parallel (Warren 2013, "Hacker's Delight", section 5-1). */
static inline uint32_t auc_bits(uint64_t x)
{
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (uint32_t)(x * 0x0101010101010101u >> 56);
}

/* Keys of a leaf that are before the given one. */
static inline uint32_t auc_leaf_find(const auc_nodes *v, uint32_t leaf, double score, uint32_t place)
{
    const double *scores = v->scores + (size_t)leaf * AUC_LEAF_MOST;
    const uint32_t *places = v->places + (size_t)leaf * AUC_LEAF_MOST;
    uint32_t at = 0;
    for (uint32_t n = v->leaf_sizes[leaf]; n > 0;) {
        uint32_t half = n / 2;
        uint32_t is_after = (uint32_t)auc_is_before(scores[at + half], places[at + half], score, place);
        at += is_after ? half + 1 : 0;
        n = is_after ? n - half - 1 : half;
    }
    return at;
}

/* The child of an inner node where a key belongs. */
static inline uint32_t auc_inner_find(const auc_nodes *v, uint32_t node, double score, uint32_t place)
{
    const double *scores = v->split_scores + (size_t)node * AUC_INNER_MOST;
    const uint32_t *places = v->split_places + (size_t)node * AUC_INNER_MOST;
    uint32_t n = v->inner_sizes[node];
    uint32_t slot = 0;
    while (slot + 1 < n && !auc_is_before(score, place, scores[slot + 1], places[slot + 1]))
        slot++;
    return slot;
}

/* Move slots, which may overlap. */
static void auc_move(const auc_nodes *v, uint32_t level, size_t to, size_t from, size_t n)
{
    if (level == 0) {
        memmove(v->scores + to, v->scores + from, n * sizeof *v->scores);
        memmove(v->places + to, v->places + from, n * sizeof *v->places);
        return;
    }
    memmove(v->split_scores + to, v->split_scores + from, n * sizeof *v->split_scores);
    memmove(v->split_places + to, v->split_places + from, n * sizeof *v->split_places);
    memmove(v->children + to, v->children + from, n * sizeof *v->children);
    memmove(v->all + to, v->all + from, n * sizeof *v->all);
    memmove(v->marked + to, v->marked + from, n * sizeof *v->marked);
}

/* What an inner node must know of a child. */
static void auc_recount(const auc_nodes *v, uint32_t level, size_t slot)
{
    uint32_t child = v->children[slot];
    if (level == 0) {
        v->all[slot] = v->leaf_sizes[child];
        v->marked[slot] = auc_bits(v->marks[child]);
        return;
    }
    v->all[slot] = v->marked[slot] = 0;
    for (size_t i = (size_t)child * AUC_INNER_MOST, end = i + v->inner_sizes[child]; i < end; i++) {
        v->all[slot] += v->all[i];
        v->marked[slot] += v->marked[i];
    }
}

/* Marks go along with the keys of two leaves, of which the first is to have `want` of them. */
static void auc_share_marks(const auc_nodes *v, uint32_t left, uint32_t right, uint32_t n_left, uint32_t want)
{
    uint64_t *a = v->marks + left;
    uint64_t *b = v->marks + right;
    if (want > n_left) {
        *a |= (*b & auc_low(want - n_left)) << n_left;
        *b >>= want - n_left;
    } else if (want < n_left) {
        *b = *b << (n_left - want) | *a >> want;
        *a &= auc_low(want);
    }
}

/* Two neighbours on `level`, at `slot` of all inner slots and the next: let the first have `want` of what they have together, and
 * the second the rest. Splits, joins and evens out. */
static void auc_share(const auc_nodes *v, uint32_t level, size_t slot, uint32_t want)
{
    uint32_t left = v->children[slot];
    uint32_t right = v->children[slot + 1];
    uint32_t n_left = *auc_size(v, level, left);
    uint32_t n_right = *auc_size(v, level, right);
    size_t a = (size_t)left * auc_most(level);
    size_t b = (size_t)right * auc_most(level);
    if (level > 0) {
        v->split_scores[b] = v->split_scores[slot + 1];
        v->split_places[b] = v->split_places[slot + 1];
    } else {
        auc_share_marks(v, left, right, n_left, want);
    }
    if (want > n_left) {
        auc_move(v, level, a + n_left, b, want - n_left);
        auc_move(v, level, b, b + (want - n_left), n_left + n_right - want);
    } else {
        auc_move(v, level, b + (n_left - want), b, n_right);
        auc_move(v, level, b, a + want, n_left - want);
    }
    *auc_size(v, level, left) = want;
    *auc_size(v, level, right) = n_left + n_right - want;
    v->split_scores[slot + 1] = level > 0 ? v->split_scores[b] : v->scores[b];
    v->split_places[slot + 1] = level > 0 ? v->split_places[b] : v->places[b];
    auc_recount(v, level, slot);
    auc_recount(v, level, slot + 1);
}

/* Inserting ---------------------------------------------------------------------------------------------------------------- */

/* A full child of an inner node on `level` + 1 gives half to a new neighbour. */
static void auc_split(kedge_i_auc_tree *t, const auc_nodes *v, uint32_t level, uint32_t parent, uint32_t slot)
{
    size_t at = (size_t)parent * AUC_INNER_MOST + slot;
    uint32_t fresh = auc_take(t, v, level);
    *auc_size(v, level, fresh) = 0;
    if (level == 0)
        v->marks[fresh] = 0;
    auc_move(v, 1, at + 2, at + 1, v->inner_sizes[parent] - slot - 1);
    v->inner_sizes[parent]++;
    v->children[at + 1] = fresh;
    v->split_scores[at + 1] = 0.0;
    v->split_places[at + 1] = 0;
    auc_share(v, level, at, auc_most(level) / 2);
}

static void auc_grow(kedge_i_auc_tree *t, const auc_nodes *v)
{
    uint32_t root = auc_take(t, v, 1);
    size_t at = (size_t)root * AUC_INNER_MOST;
    v->inner_sizes[root] = 1;
    v->split_scores[at] = 0.0;
    v->split_places[at] = 0;
    v->children[at] = t->root;
    v->all[at] = t->n;
    v->marked[at] = t->n_marked;
    t->root = root;
    t->height++;
}

void kedge_i_auc_tree_insert(kedge_i_auc_tree *t, double score, uint32_t place, uint32_t mark)
{
    const auc_nodes v = auc_tree_nodes(t);
    if (*auc_size(&v, t->height, t->root) == auc_most(t->height))
        auc_grow(t, &v);
    uint32_t node = t->root;
    for (uint32_t level = t->height; level-- > 0;) {
        uint32_t slot = auc_inner_find(&v, node, score, place);
        size_t at = (size_t)node * AUC_INNER_MOST + slot;
        if (*auc_size(&v, level, v.children[at]) == auc_most(level)) {
            auc_split(t, &v, level, node, slot);
            at += !auc_is_before(score, place, v.split_scores[at + 1], v.split_places[at + 1]);
        }
        v.all[at]++;
        v.marked[at] += mark;
        node = v.children[at];
    }
    uint32_t slot = auc_leaf_find(&v, node, score, place);
    size_t at = (size_t)node * AUC_LEAF_MOST + slot;
    uint64_t before = v.marks[node] & auc_low(slot);
    auc_move(&v, 0, at + 1, at, v.leaf_sizes[node] - slot);
    v.scores[at] = score;
    v.places[at] = place;
    v.marks[node] = before | (uint64_t)mark << slot | (v.marks[node] ^ before) << 1;
    v.leaf_sizes[node]++;
    t->n++;
    t->n_marked += mark;
}

/* Removing ----------------------------------------------------------------------------------------------------------------- */

/* A poor child of an inner node on `level` + 1 is joined with a neighbour, or the two share. */
static void auc_refill(kedge_i_auc_tree *t, const auc_nodes *v, uint32_t level, uint32_t parent, uint32_t slot)
{
    size_t at = (size_t)parent * AUC_INNER_MOST + (slot > 0 ? slot - 1 : 0);
    uint32_t right = v->children[at + 1];
    uint32_t both = *auc_size(v, level, v->children[at]) + *auc_size(v, level, right);
    if (both > 2 * auc_least(level) + 1) {
        auc_share(v, level, at, both / 2);
        return;
    }
    auc_share(v, level, at, both);
    auc_give(t, v, level, right);
    size_t end = (size_t)parent * AUC_INNER_MOST + v->inner_sizes[parent]--;
    auc_move(v, 1, at + 1, at + 2, end - at - 2);
}

void kedge_i_auc_tree_remove(kedge_i_auc_tree *t, double score, uint32_t place, uint32_t mark)
{
    const auc_nodes v = auc_tree_nodes(t);
    uint32_t node = t->root;
    for (uint32_t level = t->height; level-- > 0;) {
        uint32_t slot = auc_inner_find(&v, node, score, place);
        if (*auc_size(&v, level, v.children[(size_t)node * AUC_INNER_MOST + slot]) == auc_least(level)) {
            auc_refill(t, &v, level, node, slot);
            slot = auc_inner_find(&v, node, score, place);
        }
        size_t at = (size_t)node * AUC_INNER_MOST + slot;
        uint32_t child = v.children[at];
        v.all[at]--;
        v.marked[at] -= mark;
        if (v.inner_sizes[node] == 1) { /* the root, whose last two children were joined */
            auc_give(t, &v, 1, node);
            t->root = child;
            t->height--;
        }
        node = child;
    }
    uint32_t slot = auc_leaf_find(&v, node, score, place);
    size_t at = (size_t)node * AUC_LEAF_MOST + slot;
    uint64_t before = v.marks[node] & auc_low(slot);
    KEDGE_ASSERT(slot < v.leaf_sizes[node] && v.places[at] == place);
    v.leaf_sizes[node]--;
    auc_move(&v, 0, at, at + 1, v.leaf_sizes[node] - slot);
    v.marks[node] = before | (v.marks[node] >> 1 & ~auc_low(slot));
    t->n--;
    t->n_marked -= mark;
}

/* Counting ----------------------------------------------------------------------------------------------------------------- */

typedef struct auc_rank {
    uint32_t all;    /* keys before the one asked for */
    uint32_t marked; /* marked ones */
    int is_apart;    /* the next key is known to have a greater score */
} auc_rank;

static auc_rank auc_tree_rank(const auc_nodes *v, const kedge_i_auc_tree *t, double score, uint32_t place)
{
    auc_rank rank = {0, 0, 0};
    uint32_t node = t->root;
    for (uint32_t level = t->height; level > 0; level--) {
        size_t at = (size_t)node * AUC_INNER_MOST;
        for (size_t end = at + v->inner_sizes[node] - 1; at < end; at++) {
            if (auc_is_before(score, place, v->split_scores[at + 1], v->split_places[at + 1]))
                break;
            rank.all += v->all[at];
            rank.marked += v->marked[at];
        }
        node = v->children[at];
    }
    uint32_t slot = auc_leaf_find(v, node, score, place);
    rank.all += slot;
    rank.marked += auc_bits(v->marks[node] & auc_low(slot));
    rank.is_apart = slot < v->leaf_sizes[node] && v->scores[(size_t)node * AUC_LEAF_MOST + slot] > score;
    return rank;
}

uint64_t kedge_i_auc_tree_pairs(const kedge_i_auc_tree *t, double score, uint32_t mark)
{
    const auc_nodes v = auc_tree_view(t);
    auc_rank low = auc_tree_rank(&v, t, score, 0);
    auc_rank high = low.is_apart ? low : auc_tree_rank(&v, t, score, AUC_NONE);
    if (mark)
        return (uint64_t)(low.all - low.marked) + (high.all - high.marked);
    return (uint64_t)(t->n_marked - low.marked) + (t->n_marked - high.marked);
}
