/* SPDX-License-Identifier: MIT */
/* Adaptive random forests for regression: better than a tree, replaced after drift, in little room, whatever the rows. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"
#include "friedman.h"

static void *new_forest(kedge_model *m, const kedge_forest_reg_config *cfg)
{
    size_t bytes = kedge_model_size(&cfg->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_true(bytes > 0 && bytes <= cfg->growth.memory);
    assert_int_equal(kedge_model_init(m, &cfg->base, mem, bytes), KEDGE_OK);
    return mem;
}

static double forest_r2(const kedge_forest_reg_config *cfg, int n, int change, kedge_tree_shape *shape)
{
    kedge_model m;
    void *mem = new_forest(&m, cfg);
    double r2 = friedman_run(&m, 11, n, change);
    assert_int_equal(kedge_forest_reg_shape(&m, shape), KEDGE_OK);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
    return r2;
}

static void test_a_forest_beats_a_tree(void **state)
{
    (void)state;
    kedge_fimt_dd_config one = kedge_fimt_dd_defaults(5);
    kedge_forest_reg_config many = kedge_forest_reg_defaults(5);
    kedge_model tree;
    kedge_tree_shape shape;
    void *mem = guard_new(kedge_model_size(&one.base), 0xA5);
    assert_int_equal(kedge_model_init(&tree, &one.base, mem, kedge_model_size(&one.base)), KEDGE_OK);
    double alone = friedman_run(&tree, 11, 12000, 12000);
    assert_true(forest_r2(&many, 12000, 12000, &shape) > alone + 0.01);
    assert_true(shape.n_trees == 10 && shape.n_splits > 50 && shape.n_leaves == shape.n_splits + shape.n_trees);
    assert_int_equal(kedge_forest_reg_shape(&tree, &shape), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_forest_reg_shape(NULL, &shape), KEDGE_ERR_NULL);
    assert_int_equal(kedge_forest_reg_shape(&tree, NULL), KEDGE_ERR_NULL);
    guard_free(mem);
}

/* Detectors that never cry keep the old trees. */
static void test_replaces_trees_after_drift(void **state)
{
    (void)state;
    kedge_forest_reg_config cfg = kedge_forest_reg_defaults(5);
    kedge_tree_shape old, fresh;
    cfg.growth.leaf = KEDGE_HEAD_MEAN;
    double replaced = forest_r2(&cfg, 9000, 4500, &fresh);
    cfg.warning_delta = cfg.drift_delta = 1e-300;
    double kept = forest_r2(&cfg, 9000, 4500, &old);
    assert_true(replaced > kept + 0.15 && replaced > 0.3);
    assert_true(fresh.n_splits < old.n_splits);
}

/* Warnings at every turn: trees in the background come, and take the place. */
static void test_backgrounds_take_the_place(void **state)
{
    (void)state;
    kedge_forest_reg_config cfg = kedge_forest_reg_defaults(5);
    kedge_model m;
    kedge_tree_shape shape;
    kedge_rng rng = {4};
    int most = 0, fell = 0, before = 3;
    cfg.n_trees = 3;
    cfg.warning_delta = 0.9;
    cfg.drift_delta = 0.5;
    void *mem = new_forest(&m, &cfg);
    for (int i = 0; i < 4000; i++) {
        double x[5];
        for (int j = 0; j < 5; j++)
            x[j] = kedge_rng_uniform(&rng);
        (void)step(&m, x, i / 500 % 2 ? friedman(x) : 25 - friedman(x));
        assert_int_equal(kedge_forest_reg_shape(&m, &shape), KEDGE_OK);
        most = (int)shape.n_trees > most ? (int)shape.n_trees : most;
        fell += (int)shape.n_trees < before;
        before = (int)shape.n_trees;
        assert_true(shape.n_trees >= 3 && shape.n_trees <= 6);
        if (i % 400 == 0)
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    }
    assert_true(most > 3 && fell > 0);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

static void test_learns_in_little_room(void **state)
{
    (void)state;
    kedge_forest_reg_config cfg = kedge_forest_reg_defaults(5);
    kedge_tree_shape shape;
    double roomy = forest_r2(&cfg, 8000, 4000, &shape);
    cfg.growth.memory = 110000;
    double small = forest_r2(&cfg, 8000, 4000, &shape);
    assert_true(shape.n_inactive > 0 && small > 0.3 && roomy > small);
    cfg.growth.memory = 30000;
    assert_int_equal(kedge_model_size(&cfg.base), 0);
    cfg.growth.memory = 100;
    assert_int_equal(kedge_model_size(&cfg.base), 0);
}

/* One seed, one forest; another, another. */
static void test_seeds(void **state)
{
    (void)state;
    kedge_forest_reg_config cfg = kedge_forest_reg_defaults(5);
    kedge_tree_shape shape;
    double r2[3];
    for (int i = 0; i < 3; i++) {
        cfg.seed = i < 2 ? 1 : 2;
        r2[i] = forest_r2(&cfg, 2000, 2000, &shape);
    }
    assert_true(r2[0] == r2[1] && r2[0] != r2[2]);
}

static void test_nothing_makes_it_diverge(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        kedge_forest_reg_config cfg = kedge_forest_reg_defaults(4);
        kedge_model m;
        kedge_rng rng = {seed};
        double y = 1;
        cfg.seed = seed;
        cfg.n_trees = 4;
        cfg.n_subset = 1 + (uint32_t)(seed % 4);
        cfg.growth.memory = seed % 2 ? 60000 : 400000;
        cfg.growth.leaf = seed == 3 ? KEDGE_HEAD_LINEAR : KEDGE_HEAD_ADAPTIVE;
        cfg.warning_delta = cfg.drift_delta = seed % 2 ? 0.5 : 0.01;
        void *mem = new_forest(&m, &cfg);
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 3000; i++) {
            double x[4];
            for (int j = 0; j < 4; j++)
                x[j] = kedge_rng_below(&rng, 20) == 0 ? (double)NAN : hostile(&rng, 300);
            double target = i % 3 == 0 ? hostile(&rng, 100) : kedge_rng_uniform(&rng);
            kedge_status st = kedge_model_predict(&m, x, &y);
            assert_true(st == KEDGE_OK || (st == KEDGE_EMPTY && i < 2 && y == 0));
            assert_true(fabs(y) <= KEDGE_TARGET_MAX);
            double weight = i % 7 == 0 ? fmin(fabs(hostile(&rng, 300)), KEDGE_WEIGHT_MAX) : 1;
            assert_int_equal(kedge_model_learn(&m, x, target, weight), KEDGE_OK);
        }
        assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_forest_beats_a_tree),
        cmocka_unit_test(test_replaces_trees_after_drift),
        cmocka_unit_test(test_backgrounds_take_the_place),
        cmocka_unit_test(test_learns_in_little_room),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_nothing_makes_it_diverge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
