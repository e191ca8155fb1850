/* SPDX-License-Identifier: MIT */
/* Trees that change: what EFDT, the adaptive tree and LAST do when a concept drifts. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "models/tree_state.h"
#include "models/tree_watch.h"
#include "support.h"

/* The three classes ----------------------------------------------------------------------------------------------------- */

typedef union any_tree {
    kedge_model_config base;
    kedge_hoeffding_tree_config plain;
    kedge_efdt_config efdt;
    kedge_adaptive_tree_config adaptive;
    kedge_last_config last;
} any_tree;

enum { PLAIN, EFDT, ADAPTIVE, LAST, N_TREES };

static kedge_tree_growth *growth_of(any_tree *cfg)
{
    return &cfg->plain.growth; /* all have it behind the base */
}

static any_tree tree_of(int which, uint32_t n_features, uint32_t n_classes)
{
    any_tree cfg;
    if (which == PLAIN)
        cfg.plain = kedge_hoeffding_tree_defaults(n_features, n_classes);
    else if (which == EFDT)
        cfg.efdt = kedge_efdt_defaults(n_features, n_classes);
    else if (which == ADAPTIVE)
        cfg.adaptive = kedge_adaptive_tree_defaults(n_features, n_classes);
    else
        cfg.last = kedge_last_defaults(n_features, n_classes);
    return cfg;
}

static void *new_tree(kedge_model *m, const any_tree *cfg)
{
    size_t bytes = kedge_model_size(&cfg->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_true(bytes > 0 && bytes <= cfg->plain.growth.memory);
    assert_int_equal(kedge_model_init(m, &cfg->base, mem, bytes), KEDGE_OK);
    return mem;
}

static kedge_status (*const shapes[])(const kedge_model *, kedge_tree_shape *) = {kedge_hoeffding_tree_shape, kedge_efdt_shape,
                                                                                 kedge_adaptive_tree_shape, kedge_last_shape};

static kedge_tree_shape shape_of(const kedge_model *m, int which)
{
    kedge_tree_shape shape;
    assert_int_equal(shapes[which](m, &shape), KEDGE_OK);
    return shape;
}

static int learn(kedge_model *m, const double *x, int label)
{
    double y;
    assert_true(kedge_model_predict(m, x, &y) >= 0);
    assert_int_equal(kedge_model_learn(m, x, label, 1), KEDGE_OK);
    return (int)y == label;
}

/* Accuracy in rows 11,000 to 16,000; at row 10,000 the classes change places. */
static double after_a_swap(int which, uint32_t memory)
{
    any_tree cfg = tree_of(which, 2, 2);
    kedge_model m;
    kedge_rng rng = {4};
    int right = 0;
    growth_of(&cfg)->memory = memory;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 16000; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)};
        right += learn(&m, x, (x[0] + x[1] > 1) != (i >= 10000)) && i >= 11000;
    }
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
    return right / 5000.0;
}

static void test_follow_a_swap(void **state)
{
    (void)state;
    const uint32_t memory[] = {1 << 18, 8192, 4096};
    double plain = after_a_swap(PLAIN, 1 << 18);
    for (size_t i = 0; i < 3; i++) {
        assert_true(after_a_swap(ADAPTIVE, memory[i]) > 0.9);
        assert_true(after_a_swap(LAST, memory[i]) > 0.83);
    }
    assert_true(plain < 0.6);
    assert_true(after_a_swap(EFDT, 1 << 18) > plain + 0.03); /* it never forgets a row, but is not made for this */
}

/* EFDT ------------------------------------------------------------------------------------------------------------------ */

/* Two features tell the same: a Hoeffding tree waits, since neither is better; this one takes one of them. */
static void test_efdt_does_not_wait(void **state)
{
    (void)state;
    for (int which = PLAIN; which <= EFDT; which++) {
        any_tree cfg = tree_of(which, 2, 2);
        kedge_model m;
        kedge_rng rng = {6};
        void *mem = new_tree(&m, &cfg);
        for (int i = 0; i < 1000; i++) {
            double x[2];
            x[0] = x[1] = kedge_rng_uniform(&rng);
            (void)learn(&m, x, x[0] > 0.5);
        }
        assert_int_equal(shape_of(&m, which).n_splits > 0, which == EFDT);
        guard_free(mem);
    }
}

/* A split on the feature that mattered gives way to one on the feature that matters; a Hoeffding tree grows below it. */
static void test_efdt_replaces_a_split(void **state)
{
    (void)state;
    for (int which = PLAIN; which <= EFDT; which++) {
        any_tree cfg = tree_of(which, 2, 2);
        kedge_model m;
        kedge_rng rng = {7};
        int right = 0;
        growth_of(&cfg)->leaf = KEDGE_LEAF_MAJORITY;
        cfg.efdt.reevaluate = which == EFDT ? 500 : 0;
        void *mem = new_tree(&m, &cfg);
        for (int i = 0; i < 30000; i++) {
            double x[2] = {(double)(kedge_rng_uniform(&rng) > 0.5), (double)(kedge_rng_uniform(&rng) > 0.5)};
            right += learn(&m, x, i < 2000 ? x[0] > 0.5 : x[1] > 0.5) && i >= 20000;
        }
        kedge_tree_shape shape = shape_of(&m, which);
        assert_int_equal(right, 10000);
        assert_true(which == EFDT ? shape.n_splits == 1 : shape.n_splits >= 2);
        guard_free(mem);
    }
}

/* When nearly all rows have one category, no split is left that is better than none. */
static void test_efdt_takes_a_split_back(void **state)
{
    (void)state;
    any_tree cfg = tree_of(EFDT, 1, 2);
    kedge_model m;
    kedge_rng rng = {8};
    int most = 0;
    growth_of(&cfg)->nominal[0] = 1;
    cfg.efdt.reevaluate = 1000;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 60000; i++) {
        double x = i < 400 ? i % 2 : 0;
        (void)learn(&m, &x, i < 400 ? i % 2 : kedge_rng_below(&rng, 10) == 0);
        most = i == 400 ? (int)shape_of(&m, EFDT).n_splits : most;
    }
    assert_int_equal(most, 1);
    assert_int_equal(shape_of(&m, EFDT).n_splits, 0);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* In a full room splits give their statistics back, and leaves keep theirs. */
static void test_efdt_in_little_room(void **state)
{
    (void)state;
    any_tree cfg = tree_of(EFDT, 2, 2);
    kedge_model m;
    kedge_rng rng = {9};
    int right = 0;
    growth_of(&cfg)->memory = 4096;
    growth_of(&cfg)->leaf = KEDGE_LEAF_MAJORITY;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 40000; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)};
        right += learn(&m, x, (int)(4 * x[0]) % 2 != (int)(2 * x[1]) % 2) && i >= 20000;
    }
    kedge_tree_shape shape = shape_of(&m, EFDT);
    assert_true(shape.n_leaves >= 5 && shape.n_inactive == 0);
    assert_true(right > 0.7 * 20000);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* The adaptive tree ----------------------------------------------------------------------------------------------------- */

/* A concept that changes in one half only: a tree is begun there, and takes the place of what was there. */
static void test_adaptive_tree_changes_in_part(void **state)
{
    (void)state;
    any_tree cfg = tree_of(ADAPTIVE, 2, 2);
    kedge_model m;
    kedge_rng rng = {10};
    int right[2] = {0}, most_trees = 0;
    growth_of(&cfg)->leaf = KEDGE_LEAF_MAJORITY;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 40000; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)};
        int upper = x[0] > 0.5, label = upper && i >= 20000 ? x[1] < 0.3 : upper != (x[1] > 0.6);
        int is_right = learn(&m, x, label);
        right[upper] += is_right && i >= 25000;
        if (i % 50 == 0) {
            kedge_tree_shape shape = shape_of(&m, ADAPTIVE);
            assert_int_equal(shape.n_leaves, shape.n_splits + shape.n_trees);
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
            most_trees = (int)shape.n_trees > most_trees ? (int)shape.n_trees : most_trees;
        }
    }
    assert_true(most_trees > 1);
    assert_true(right[0] > 0.97 * 7500 && right[1] > 0.93 * 7500);
    guard_free(mem);
}

/* Noise that comes and goes begins trees, which are no better and go again: one tree is left, and it has learned all the time. */
static void test_adaptive_tree_drops_what_is_worse(void **state)
{
    (void)state;
    any_tree cfg = tree_of(ADAPTIVE, 3, 2);
    kedge_model m;
    kedge_rng rng = {11};
    int right = 0, most_trees = 0;
    cfg.adaptive.drift_delta = 0.3;
    cfg.adaptive.swap_delta = 0.5;
    cfg.adaptive.least = 50;
    growth_of(&cfg)->leaf = KEDGE_LEAF_MAJORITY;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 60000; i++) {
        double x[3] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)};
        int clean = (x[0] > 0.5) != (x[1] > 0.7), noisy = i / 1000 % 5 == 4 && kedge_rng_below(&rng, 4) == 0;
        double y;
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right += i >= 30000 && (int)y == clean;
        assert_int_equal(kedge_model_learn(&m, x, clean != noisy, 1), KEDGE_OK);
        int n = i % 20 == 0 ? (int)shape_of(&m, ADAPTIVE).n_trees : 0;
        most_trees = n > most_trees ? n : most_trees;
    }
    assert_true(most_trees >= 3 && right > 0.93 * 30000);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

static tree_watch *watch_of(void *mem, uint32_t node)
{
    return (tree_watch *)(void *)tree_aside(mem, &((tree_state *)mem)->pool, node);
}

/* The check refuses links that lead nowhere, to a node that does not know of it, or not to a root, and what nobody's nodes keep. */
static void test_adaptive_tree_refuses_forged_links(void **state)
{
    (void)state;
    any_tree cfg = tree_of(ADAPTIVE, 2, 2);
    kedge_model m;
    kedge_rng rng = {10};
    uint32_t node = 0, free_node = 0, child = 0;
    growth_of(&cfg)->leaf = KEDGE_LEAF_MAJORITY;
    void *mem = new_tree(&m, &cfg);
    const tree_pool *pool = &((const tree_state *)mem)->pool;
    const tree_node *nodes = tree_nodes_const(mem, pool);
    for (int i = 0; i < 30000; i++) { /* until a leaf below the root has a tree beside it */
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)};
        (void)learn(&m, x, x[0] > 0.5 && i >= 20000 ? x[1] < 0.3 : (x[0] > 0.5) != (x[1] > 0.6));
        for (node = 1; node < 2 * pool->n_pairs && (watch_of(mem, node)->link == 0 || tree_depth(&nodes[node]) < 2); node++)
            continue;
        if (node < 2 * pool->n_pairs)
            break;
    }
    assert_true(node < 2 * pool->n_pairs);
    uint32_t root = watch_of(mem, node)->link - 1;
    child = tree_child(&nodes[0]) == node ? node + 1 : tree_child(&nodes[0]);
    for (free_node = 1; nodes[free_node].place != 0; free_node++)
        continue;
    const uint32_t forged[][2] = {
        {node, 0},         {root, 0},          {node, child + 1}, {node, free_node + 1}, {node, 2 * pool->n_pairs + 1},
        {child, root + 1}, {child, child + 1}, {free_node, 1},    {node, UINT32_MAX},    {0, root + 1}};
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        uint32_t keep = watch_of(mem, forged[i][0])->link;
        watch_of(mem, forged[i][0])->link = forged[i][1];
        assert_true(kedge_model_check(&m) < 0);
        watch_of(mem, forged[i][0])->link = keep;
    }
    watch_of(mem, node)->link = child + 1; /* they know each other, but neither is a root */
    watch_of(mem, child)->link = node + 1;
    watch_of(mem, root)->link = 0;
    assert_true(kedge_model_check(&m) < 0);
    guard_free(mem);
}

static void test_adaptive_tree_of_many_classes(void **state)
{
    (void)state;
    enum { CLASSES = 100 };
    any_tree cfg = tree_of(ADAPTIVE, 1, CLASSES);
    kedge_model m;
    kedge_rng rng = {12};
    int right = 0;
    growth_of(&cfg)->memory = 1 << 20;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 20000; i++) {
        int label = (int)kedge_rng_below(&rng, CLASSES);
        double x = (i < 10000 ? label : CLASSES - 1 - label) + 0.3 * kedge_rng_uniform(&rng), scores[CLASSES], y, sum = 0;
        int best = 0;
        assert_true(kedge_model_score(&m, &x, scores, CLASSES) >= 0);
        assert_true(kedge_model_predict(&m, &x, &y) >= 0);
        for (int c = 0; c < CLASSES; c++) {
            sum += scores[c];
            best = scores[c] > scores[best] ? c : best;
        }
        assert_close(sum, 1, 1e-12);
        assert_true(i == 0 || best == (int)y);
        right += learn(&m, &x, label) && (i >= 8000 && i < 10000);
    }
    assert_true(right > 1900);
    guard_free(mem);
}

/* LAST ------------------------------------------------------------------------------------------------------------------ */

/* Without a change nothing is split, however much there would be to gain; with one it is. */
static void test_last_splits_on_change(void **state)
{
    (void)state;
    for (int changes = 0; changes < 2; changes++) {
        any_tree cfg = tree_of(LAST, 1, 2);
        kedge_model m;
        kedge_rng rng = {13};
        growth_of(&cfg)->leaf = KEDGE_LEAF_MAJORITY;
        cfg.last.drift_delta = 1e-5;
        void *mem = new_tree(&m, &cfg);
        for (int i = 0; i < 20000; i++) {
            double x = kedge_rng_uniform(&rng);
            (void)learn(&m, &x, x > (changes && i >= 10000 ? 0.8 : 0.3));
        }
        kedge_tree_shape shape = shape_of(&m, LAST);
        assert_int_equal(shape.n_splits > 0, changes);
        assert_int_equal(shape.n_inactive, 0);
        guard_free(mem);
    }
}

/* A share of the classes that changes, and errors that do not. */
static void test_last_watches_errors_or_impurity(void **state)
{
    (void)state;
    for (uint32_t watches = KEDGE_LAST_ERROR; watches <= KEDGE_LAST_IMPURITY; watches++) {
        any_tree cfg = tree_of(LAST, 1, 2);
        kedge_model m;
        kedge_rng rng = {14};
        growth_of(&cfg)->leaf = KEDGE_LEAF_BAYES;
        cfg.last.watches = watches;
        void *mem = new_tree(&m, &cfg);
        for (int i = 0; i < 8000; i++) {
            int label = kedge_rng_uniform(&rng) < (i < 4000 ? 0.1 : 0.4);
            double x = label + 0.2 * kedge_rng_uniform(&rng);
            (void)learn(&m, &x, label);
        }
        assert_int_equal(shape_of(&m, LAST).n_splits > 0, watches == KEDGE_LAST_IMPURITY);
        guard_free(mem);
    }
}

/* A change, and nothing to split by. */
static void test_last_needs_a_gain(void **state)
{
    (void)state;
    any_tree cfg = tree_of(LAST, 1, 2);
    kedge_model m;
    kedge_rng rng = {19};
    double x = 0.5;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 4000; i++)
        (void)learn(&m, &x, kedge_rng_uniform(&rng) < (i < 2000 ? 0.1 : 0.8));
    assert_int_equal(shape_of(&m, LAST).n_splits, 0);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* Nearly all rows of a leaf are of one class: it is not split. */
static void test_last_leaves_pure_leaves(void **state)
{
    (void)state;
    for (int splits = 0; splits < 2; splits++) {
        any_tree cfg = tree_of(LAST, 1, 2);
        kedge_model m;
        growth_of(&cfg)->leaf = KEDGE_LEAF_MAJORITY;
        cfg.last.max_share = splits ? 1 : 0.9;
        void *mem = new_tree(&m, &cfg);
        for (int i = 0; i < 4400; i++) {
            double x = i < 4000 ? 0.01 * (i % 50) : 0.6 + 0.01 * (i % 40);
            (void)learn(&m, &x, i >= 4000 && i < 4100);
        }
        assert_int_equal(shape_of(&m, LAST).n_splits > 0, splits);
        guard_free(mem);
    }
}

/* A concept that turns again and again fills any room; leaves forget then instead of splitting. */
static void test_last_goes_on_in_a_full_room(void **state)
{
    (void)state;
    any_tree cfg = tree_of(LAST, 2, 2);
    kedge_model m;
    kedge_rng rng = {16};
    int right = 0;
    growth_of(&cfg)->memory = 2500;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 60000; i++) {
        double x[2] = {kedge_rng_normal(&rng), kedge_rng_normal(&rng)}, angle = 1.3 * (i / 3000);
        right += learn(&m, x, x[0] * cos(angle) + x[1] * sin(angle) > 0) && i >= 30000;
    }
    kedge_tree_shape shape = shape_of(&m, LAST);
    assert_true(shape.n_leaves >= 2 && shape.n_leaves <= 6 && shape.n_inactive == 0);
    assert_true(right > 0.8 * 30000);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* All ------------------------------------------------------------------------------------------------------------------- */

/* Holes in rows, and categories without an order. */
static void test_missing_and_nominal(void **state)
{
    (void)state;
    const int of_category[8] = {0, 1, 2, 1, 0, 2, 2, 0};
    for (int which = EFDT; which < N_TREES; which++) {
        any_tree cfg = tree_of(which, 2, 3);
        kedge_model m;
        kedge_model_info info;
        kedge_rng rng = {17};
        int right = 0;
        growth_of(&cfg)->nominal[0] = 2;
        growth_of(&cfg)->n_values = 8;
        void *mem = new_tree(&m, &cfg);
        assert_int_equal(kedge_model_describe(&m, &info), KEDGE_OK);
        assert_int_equal(info.takes_missing, 1);
        for (int i = 0; i < 8000; i++) {
            double x[2] = {kedge_rng_uniform(&rng), (double)kedge_rng_below(&rng, 8)};
            int label = of_category[(int)x[1]];
            x[i % 2] = i % 5 == 0 ? (double)NAN : x[i % 2];
            right += learn(&m, x, label) && i >= 6000 && !(i % 5 == 0 && i % 2 == 1);
        }
        assert_true(right > 0.97 * 1800);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

/* Any size of numbers and weights; no flag is raised. */
static void test_takes_hostile_numbers(void **state)
{
    (void)state;
    const double sizes[] = {0, 1, -1, 1e-310, 5e-324, 1e150, -1e200, 1e300, -1e308, 3, 1e-20};
    const double weights[] = {1, 1e-9, 100, 0, KEDGE_WEIGHT_MAX};
    for (int which = EFDT; which < N_TREES; which++) {
        any_tree cfg = tree_of(which, 2, 3);
        kedge_model m;
        kedge_rng rng = {18};
        growth_of(&cfg)->memory = 8000;
        growth_of(&cfg)->grace = 5;
        growth_of(&cfg)->delta = 0.5;
        if (which == EFDT)
            cfg.efdt.reevaluate = 7;
        void *mem = new_tree(&m, &cfg);
        (void)feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 20000; i++) {
            double x[2] = {sizes[kedge_rng_below(&rng, 11)], i % 3 ? sizes[kedge_rng_below(&rng, 11)] : (double)NAN}, y, scores[3];
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            assert_true(kedge_model_score(&m, x, scores, 3) >= 0);
            assert_close(scores[0] + scores[1] + scores[2], 1, 1e-9);
            double label = i / 4000 % 2 == (x[0] > 0) ? 2 : (double)kedge_rng_below(&rng, 2);
            assert_int_equal(kedge_model_learn(&m, x, label, weights[kedge_rng_below(&rng, 5)]), KEDGE_OK);
        }
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

static void test_shapes_are_of_their_class(void **state)
{
    (void)state;
    kedge_tree_shape shape;
    kedge_model none = {NULL, NULL};
    for (int which = EFDT; which < N_TREES; which++) {
        any_tree cfg = tree_of(which, 2, 2);
        kedge_model m;
        void *mem = new_tree(&m, &cfg);
        for (int other = PLAIN; other < N_TREES; other++)
            assert_int_equal(shapes[other](&m, &shape), other == which ? KEDGE_OK : KEDGE_ERR_CLASS);
        assert_int_equal(shapes[which](NULL, &shape), KEDGE_ERR_NULL);
        assert_int_equal(shapes[which](&none, &shape), KEDGE_ERR_NULL);
        assert_int_equal(shapes[which](&m, NULL), KEDGE_ERR_NULL);
        guard_free(mem);
    }
    assert_int_equal(kedge_efdt_config_init(NULL, sizeof(kedge_efdt_config), 1, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_adaptive_tree_config_init(NULL, sizeof(kedge_adaptive_tree_config), 1, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_last_config_init(NULL, sizeof(kedge_last_config), 1, 2), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follow_a_swap),
        cmocka_unit_test(test_efdt_does_not_wait),
        cmocka_unit_test(test_efdt_replaces_a_split),
        cmocka_unit_test(test_efdt_takes_a_split_back),
        cmocka_unit_test(test_efdt_in_little_room),
        cmocka_unit_test(test_adaptive_tree_changes_in_part),
        cmocka_unit_test(test_adaptive_tree_drops_what_is_worse),
        cmocka_unit_test(test_adaptive_tree_refuses_forged_links),
        cmocka_unit_test(test_adaptive_tree_of_many_classes),
        cmocka_unit_test(test_last_splits_on_change),
        cmocka_unit_test(test_last_watches_errors_or_impurity),
        cmocka_unit_test(test_last_needs_a_gain),
        cmocka_unit_test(test_last_leaves_pure_leaves),
        cmocka_unit_test(test_last_goes_on_in_a_full_room),
        cmocka_unit_test(test_missing_and_nominal),
        cmocka_unit_test(test_takes_hostile_numbers),
        cmocka_unit_test(test_shapes_are_of_their_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
