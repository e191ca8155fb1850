/* SPDX-License-Identifier: MIT */
/* Forests of Hoeffding trees: better than a tree, they follow drift, and their seed says all of them. */
#include "naive_tree.h"

static void test_a_forest_beats_a_tree(void **state)
{
    (void)state;
    kedge_hoeffding_tree_config one = kedge_hoeffding_tree_defaults(NAIVE_FEATURES, NAIVE_CLASSES);
    kedge_adaptive_forest_config many = kedge_adaptive_forest_defaults(NAIVE_FEATURES, NAIVE_CLASSES);
    kedge_model tree, forest;
    kedge_tree_shape shape;
    void *mem = new_tree(&tree, &one), *mem2 = new_forest(&forest, &many);
    double alone = share_right(&tree, 21, 10000, 2000);
    assert_true(share_right(&forest, 21, 10000, 2000) > alone + 0.01);
    assert_int_equal(kedge_adaptive_forest_shape(&forest, &shape), KEDGE_OK);
    assert_true(shape.n_trees >= 10 && shape.n_splits > 100 && shape.n_leaves == shape.n_splits + shape.n_trees);
    assert_int_equal(kedge_hoeffding_tree_shape(&forest, &shape), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_adaptive_forest_shape(&tree, &shape), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_adaptive_forest_shape(NULL, &shape), KEDGE_ERR_NULL);
    assert_int_equal(kedge_hoeffding_tree_shape(&tree, NULL), KEDGE_ERR_NULL);
    guard_free(mem2);
    guard_free(mem);
}

/* After a sudden drift the trees are replaced, and the accuracy is back. */
static void test_a_forest_follows_drift(void **state)
{
    (void)state;
    kedge_adaptive_forest_config cfg = kedge_adaptive_forest_defaults(2, 2);
    kedge_model m;
    kedge_rng rng = {4};
    int right[4] = {0};
    cfg.growth.memory = 100000;
    void *mem = new_forest(&m, &cfg);
    for (int i = 0; i < 20000; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)}, y;
        int label = (x[0] + x[1] > 1) != (i >= 10000);
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right[0] += i >= 9000 && i < 10000 && (int)y == label;
        right[1] += i >= 10000 && i < 10100 && (int)y == label;
        right[2] += i >= 10500 && i < 11500 && (int)y == label;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_true(right[0] > 950 && right[1] < 60 && right[2] > 930);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* The room that a replaced tree leaves serves the next one: it goes on splitting, in leaves that say their majority only. */
static void test_replaced_trees_grow(void **state)
{
    (void)state;
    kedge_adaptive_forest_config cfg = kedge_adaptive_forest_defaults(2, 2);
    kedge_model m;
    kedge_rng rng = {15};
    int right = 0;
    cfg.n_trees = 1;
    cfg.n_subset = 2;
    cfg.growth.leaf = KEDGE_LEAF_MAJORITY;
    void *mem = new_forest(&m, &cfg);
    for (int i = 0; i < 60000; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)}, y;
        int phase = i / 10000, label = (x[phase % 2] + 0.3 * x[1 - phase % 2] > 0.65) != (phase % 3 == 1);
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right += i % 10000 >= 5000 && (int)y == label;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_true(right > 0.94 * 30000);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* Another seed, other trees; the same seed, the same bytes. */
static void test_a_forest_is_its_seed(void **state)
{
    (void)state;
    void *mem[3];
    kedge_model m[3];
    size_t bytes = 0;
    for (int i = 0; i < 3; i++) {
        kedge_adaptive_forest_config cfg = kedge_adaptive_forest_defaults(NAIVE_FEATURES, NAIVE_CLASSES);
        cfg.growth.memory = 60000;
        cfg.seed = i == 2 ? 99 : 7;
        bytes = kedge_model_size(&cfg.base);
        mem[i] = new_forest(&m[i], &cfg);
        (void)share_right(&m[i], 17, 2000, 0);
    }
    assert_memory_equal(mem[0], mem[1], bytes);
    assert_true(memcmp(mem[0], mem[2], bytes) != 0);
    for (int i = 0; i < 3; i++)
        guard_free(mem[i]);
}

/* More classes than fit the stack: votes go by windows of 64. */
static void test_a_forest_of_many_classes(void **state)
{
    (void)state;
    enum { N = 150 };
    kedge_adaptive_forest_config cfg = kedge_adaptive_forest_defaults(2, N);
    kedge_model m;
    kedge_rng rng = {6};
    static double scores[N];
    int right = 0;
    cfg.n_subset = 2;
    void *mem = new_forest(&m, &cfg);
    for (int i = 0; i < 6000; i++) {
        int label = (int)kedge_rng_below(&rng, N);
        double x[2] = {label % 15 + 0.1 * kedge_rng_normal(&rng), label / 15 + 0.1 * kedge_rng_normal(&rng)}, y, sum = 0;
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        assert_true(kedge_model_score(&m, x, scores, N) >= 0);
        for (int c = 0; c < N; c++) {
            sum += scores[c];
            assert_true(scores[c] <= scores[(int)y]);
        }
        assert_close(sum, 1, 1e-9);
        right += i >= 5000 && (int)y == label;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_true(right > 900);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_forest_beats_a_tree),
        cmocka_unit_test(test_a_forest_follows_drift),
        cmocka_unit_test(test_replaced_trees_grow),
        cmocka_unit_test(test_a_forest_is_its_seed),
        cmocka_unit_test(test_a_forest_of_many_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
