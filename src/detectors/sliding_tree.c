/* SPDX-License-Identifier: MIT */
/* A tree of prefix sums: every node has the sum of its places, and the greatest and the least sum of its first ones. Change of a
 * place: the block that it is in, and the nodes above. */
#include "base/fp.h"

#include "detectors/sliding_tree.h"

typedef struct sliding_node {
    int64_t sum;
    int64_t greatest;
    int64_t least;
} sliding_node;

/* Blocks at the bottom of the tree: a power of two. */
static uint32_t sliding_tree_blocks(uint32_t n_places)
{
    uint32_t n = 1;
    while (n * SLIDING_TREE_BLOCK < n_places)
        n *= 2;
    return n;
}

uint32_t kedge_i_sliding_tree_words(uint32_t n_places)
{
    return 6 * sliding_tree_blocks(n_places);
}

static inline int64_t sliding_tree_value(const sliding_tree *t, uint32_t place)
{
    int64_t value = (int64_t)t->counts[place] * t->step;
    if (place % 2 && place / 2 < t->n_distinct)
        value -= (int64_t)t->weights[place / 2] * t->weight_step;
    return value;
}

static inline sliding_node sliding_tree_block(const sliding_tree *t, uint32_t block)
{
    sliding_node node = {0, INT64_MIN, INT64_MAX};
    uint32_t begin = block * SLIDING_TREE_BLOCK;
    for (uint32_t i = begin; i < begin + SLIDING_TREE_BLOCK; i++) {
        node.sum += i < t->n_places ? sliding_tree_value(t, i) : 0;
        node.greatest = node.sum > node.greatest ? node.sum : node.greatest;
        node.least = node.sum < node.least ? node.sum : node.least;
    }
    return node;
}

static inline sliding_node sliding_tree_join(sliding_node a, sliding_node b)
{
    sliding_node node = {a.sum + b.sum, a.sum + b.greatest, a.sum + b.least};
    node.greatest = a.greatest > node.greatest ? a.greatest : node.greatest;
    node.least = a.least < node.least ? a.least : node.least;
    return node;
}

static inline sliding_node sliding_tree_get(const int64_t *nodes, uint32_t i)
{
    sliding_node node = {nodes[3 * i], nodes[3 * i + 1], nodes[3 * i + 2]};
    return node;
}

static inline void sliding_tree_put(int64_t *nodes, uint32_t i, sliding_node node)
{
    nodes[3 * i] = node.sum;
    nodes[3 * i + 1] = node.greatest;
    nodes[3 * i + 2] = node.least;
}

/* What node i must be. */
static inline sliding_node sliding_tree_node(const sliding_tree *t, const int64_t *nodes, uint32_t i, uint32_t n_blocks)
{
    return i >= n_blocks ? sliding_tree_block(t, i - n_blocks)
                         : sliding_tree_join(sliding_tree_get(nodes, 2 * i), sliding_tree_get(nodes, 2 * i + 1));
}

void kedge_i_sliding_tree_build(const sliding_tree *t, int64_t *nodes)
{
    uint32_t n_blocks = sliding_tree_blocks(t->n_places);
    for (uint32_t i = 2 * n_blocks - 1; i > 0; i--)
        sliding_tree_put(nodes, i, sliding_tree_node(t, nodes, i, n_blocks));
}

void kedge_i_sliding_tree_refresh(const sliding_tree *t, int64_t *nodes, uint32_t place)
{
    uint32_t n_blocks = sliding_tree_blocks(t->n_places);
    uint32_t i = n_blocks + place / SLIDING_TREE_BLOCK;
    sliding_tree_put(nodes, i, sliding_tree_block(t, i - n_blocks));
    for (i /= 2; i > 0; i /= 2)
        sliding_tree_put(nodes, i, sliding_tree_join(sliding_tree_get(nodes, 2 * i), sliding_tree_get(nodes, 2 * i + 1)));
}

int kedge_i_sliding_tree_is_sound(const sliding_tree *t, const int64_t *nodes)
{
    uint32_t n_blocks = sliding_tree_blocks(t->n_places);
    if (nodes[0] != 0 || nodes[1] != 0 || nodes[2] != 0)
        return 0;
    for (uint32_t i = 2 * n_blocks - 1; i > 0; i--) {
        sliding_node have = sliding_tree_get(nodes, i);
        sliding_node want = sliding_tree_node(t, nodes, i, n_blocks);
        if (have.sum != want.sum || have.greatest != want.greatest || have.least != want.least)
            return 0;
    }
    return 1;
}

uint32_t kedge_i_sliding_tree_find(const sliding_tree *t, const int64_t *nodes, int64_t distance, int is_least)
{
    uint32_t n_blocks = sliding_tree_blocks(t->n_places);
    uint32_t i = 1;
    int64_t before = 0;
    int64_t want = is_least ? -distance : distance;
    while (i < n_blocks) {
        sliding_node left = sliding_tree_get(nodes, 2 * i);
        int is_left = before + (is_least ? left.least : left.greatest) == want;
        before += is_left ? 0 : left.sum;
        i = 2 * i + !is_left;
    }
    uint32_t place = (i - n_blocks) * SLIDING_TREE_BLOCK;
    while (place + 1 < t->n_places && (before += sliding_tree_value(t, place)) != want)
        place++;
    return place;
}

/* Heap sort (Williams 1964): in place, no worst case worth the name. */
static void sliding_sift(double *x, uint32_t from, uint32_t n)
{
    double top = x[from];
    for (uint32_t child = 2 * from + 1; child < n; child = 2 * from + 1) {
        child += child + 1 < n && x[child + 1] > x[child];
        if (!(x[child] > top))
            break;
        x[from] = x[child];
        from = child;
    }
    x[from] = top;
}

void kedge_i_sliding_sort(double *x, uint32_t n)
{
    for (uint32_t i = n / 2; i-- > 0;)
        sliding_sift(x, i, n);
    for (uint32_t i = n - 1; i > 0; i--) {
        double greatest = x[0];
        x[0] = x[i];
        x[i] = greatest;
        sliding_sift(x, 0, i);
    }
}
