/* SPDX-License-Identifier: MIT */
/* What trees that change are made of: the watches of their nodes against ADWIN written out plainly, and grafts in the pool. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "models/tree_state.h"
#include "models/tree_watch.h"
#include "support.h"

/* ADWIN2 on bits, with the buckets in one list, the oldest first -------------------------------------------------------- */

typedef struct naive_bucket {
    int size, ones;
} naive_bucket;

typedef struct naive_window {
    naive_bucket buckets[200];
    int n, n_seen;
} naive_window;

static int naive_width(const naive_window *w, int *ones)
{
    int width = 0;
    *ones = 0;
    for (int i = 0; i < w->n; i++) {
        width += w->buckets[i].size;
        *ones += w->buckets[i].ones;
    }
    return width;
}

static void naive_remove(naive_window *w, int at)
{
    memmove(&w->buckets[at], &w->buckets[at + 1], (size_t)(--w->n - at) * sizeof *w->buckets);
}

/* Six of a size: the two oldest of them become one, unless they are of the greatest size. */
static void naive_compress(naive_window *w)
{
    for (int size = 1; size <= 1024; size *= 2) {
        int n = 0, oldest = -1;
        for (int i = w->n - 1; i >= 0; i--)
            if (w->buckets[i].size == size) {
                n++;
                oldest = i;
            }
        if (n <= 5)
            return;
        if (size < 1024) {
            w->buckets[oldest + 1].size += size;
            w->buckets[oldest + 1].ones += w->buckets[oldest].ones;
        }
        naive_remove(w, oldest);
    }
}

static int naive_has_cut(const naive_window *w, double delta)
{
    int ones, width = naive_width(w, &ones), n0 = 0, ones0 = 0;
    double p = (double)ones / width, dd = log(2 * log(width) / delta);
    for (int i = 0; i < w->n; i++) {
        n0 += w->buckets[i].size;
        ones0 += w->buckets[i].ones;
        if (n0 < 5 || width - n0 < 5)
            continue;
        double m = 1.0 / (n0 - 4) + 1.0 / (width - n0 - 4);
        if (fabs((double)ones0 / n0 - (double)(ones - ones0) / (width - n0)) > sqrt(2 * m * p * (1 - p) * dd) + 2.0 / 3 * m * dd)
            return 1;
    }
    return 0;
}

static int naive_take(naive_window *w, int bit, double delta)
{
    int ones, width, cut = 0;
    w->buckets[w->n++] = (naive_bucket){1, bit};
    naive_compress(w);
    if (++w->n_seen % 32 != 0)
        return 0;
    width = naive_width(w, &ones);
    double before = (double)ones / width;
    while (naive_has_cut(w, delta)) {
        naive_remove(w, 0);
        cut = 1;
    }
    width = naive_width(w, &ones);
    return cut ? ((double)ones / width > before ? 1 : -1) : 0;
}

static void test_a_watch_is_adwin(void **state)
{
    (void)state;
    const double rates[] = {0.1, 0.6, 0.05, 0.05, 0.3, 0.9, 0.0, 1.0};
    static naive_window naive;
    tree_watch w;
    kedge_rng rng = {3};
    int n_up = 0, n_down = 0, ones;
    uint32_t widest = 0;
    memset(&w, 0, sizeof w);
    for (int i = 0; i < 120000; i++) {
        int bit = kedge_rng_uniform(&rng) < rates[i / 15000];
        int change = kedge_i_watch_take(&w, (uint32_t)bit, 0.002);
        assert_int_equal(change, naive_take(&naive, bit, 0.002));
        assert_int_equal(w.width, naive_width(&naive, &ones));
        assert_int_equal(w.ones, ones);
        assert_true(kedge_i_watch_check(&w));
        n_up += change > 0;
        n_down += change < 0;
        widest = w.width > widest ? w.width : widest;
    }
    assert_true(n_up >= 4 && n_down >= 2 && n_up + n_down < 60);
    assert_true(widest > 9000 && widest <= WATCH_WIDEST);
}

/* Every word matters to the check, but for the link. */
static void test_a_watch_is_checked(void **state)
{
    (void)state;
    tree_watch w;
    kedge_rng rng = {3};
    memset(&w, 0, sizeof w);
    assert_true(kedge_i_watch_check(&w));
    for (int i = 0; i < 20000; i++)
        (void)kedge_i_watch_take(&w, kedge_rng_below(&rng, 3) == 0, 0.002);
    for (size_t i = 0; i < TREE_WATCH_WORDS; i++)
        for (int bit = 0; bit < 32; bit++) {
            tree_watch forged = w;
            uint32_t words[TREE_WATCH_WORDS];
            memcpy(words, &w, sizeof w);
            words[i] ^= (uint32_t)1 << bit;
            memcpy(&forged, words, sizeof w);
            int is_free = i == 5 || (i == 2 && bit < 5); /* the link; since stays below 32 */
            assert_int_equal(kedge_i_watch_check(&forged), is_free);
        }
}

/* The pool -------------------------------------------------------------------------------------------------------------- */

typedef struct bare_pool {
    tree_pool pool;
    double room[40000];
} bare_pool;

/* A root below which one split hangs on the other. Returns its deepest leaf. */
static uint32_t grow_chain(bare_pool *b, uint32_t root, int n)
{
    uint32_t at = root;
    for (int i = 0; i < n; i++) {
        assert_true(kedge_i_tree_fork(b, &b->pool, at, 0, 0.5));
        at = tree_child(&tree_nodes(b, &b->pool)[at]) + (uint32_t)(i % 2);
    }
    return at;
}

static void test_grafts_and_prunes(void **state)
{
    (void)state;
    bare_pool *b = calloc(1, sizeof *b);
    kedge_i_arena arena = kedge_i_arena_begin(sizeof b->pool);
    uint32_t n_roots;
    b->pool.aside_words = 3;
    assert_true(kedge_i_tree_pool_plan(&b->pool, &arena, sizeof *b, 4, 2, 0));
    tree_node *nodes = tree_nodes(b, &b->pool);
    uint32_t main_root = kedge_i_tree_plant(b, &b->pool);
    uint32_t deep = grow_chain(b, main_root, 120);
    uint32_t root = kedge_i_tree_plant(b, &b->pool);
    uint32_t tip = grow_chain(b, root, 100);
    assert_true(kedge_i_tree_pool_check(b, &b->pool, 1, 2, &n_roots) && n_roots == 2);
    assert_false(kedge_i_tree_fits(b, &b->pool, deep, root));
    uint32_t high = main_root;
    while (tree_depth(&nodes[high]) < 50)
        high = nodes[tree_child(&nodes[high])].split != 0 ? tree_child(&nodes[high]) : tree_child(&nodes[high]) + 1;
    assert_true(kedge_i_tree_fits(b, &b->pool, high, root));
    tree_aside(b, &b->pool, root)[1] = 77;
    assert_int_equal(kedge_i_tree_prune(b, &b->pool, high), 71); /* 72 leaves went, and one came */
    kedge_i_tree_graft(b, &b->pool, high, root);
    assert_true(kedge_i_tree_pool_check(b, &b->pool, 1, 2, &n_roots) && n_roots == 1);
    assert_true(nodes[root].place == 0 && tree_depth(&nodes[tip]) == 150);
    assert_int_equal(tree_aside(b, &b->pool, high)[1], 77);
    assert_int_equal(tree_aside(b, &b->pool, root)[1], 0);
    (void)kedge_i_tree_fell(b, &b->pool, main_root);
    for (uint32_t i = 0; i < 2 * b->pool.n_pairs; i++)
        assert_true(nodes[i].place == 0);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_watch_is_adwin),
        cmocka_unit_test(test_a_watch_is_checked),
        cmocka_unit_test(test_grafts_and_prunes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
