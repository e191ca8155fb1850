/* SPDX-License-Identifier: MIT */
/* Cost-complexity pruning and the out-of-bag estimate of random forests: by hand, against their definitions and against
 * scikit-learn. */
#include <math.h>

#include "fitted_forest.h"

enum { ROWS = 100, FEATURES = 4 };

/* What the last fit says of itself. */
static kedge_random_forest_info told(const kedge_model *m)
{
    kedge_random_forest_info info;
    assert_int_equal(kedge_random_forest_describe(m, &info), KEDGE_OK);
    return info;
}

/* Four rows, two classes: Gini's index falls from 1/2 to 0 by one split, which is its link. */
static void test_pruning_by_hand(void **unused)
{
    (void)unused;
    static const double x[4] = {0, 1, 2, 3}, y[4] = {0, 0, 1, 1}, alphas[3] = {0.49, 0.5, 0.51};
    static const double x12[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, y12[12] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1};
    kedge_rows rows = kedge_rows_float64(x, 4, 1), rows12 = kedge_rows_float64(x12, 12, 1);
    kedge_model m;
    config c = cart(1, 2);
    for (int k = 0; k < 3; k++) {
        c.ccp_alpha = alphas[k];
        make_fitted(&m, &c, &rows, y, NULL);
        assert_int_equal(told(&m).n_leaves, k == 0 ? 2 : 1);
        double scores[2];
        assert_int_equal(kedge_model_score(&m, &x[3], scores, 2), KEDGE_OK);
        assert_true(scores[1] == (k == 0 ? 1 : 0.5));
        guard_free(m.state);
    }
    /* Gini: 12 rows, 7 of class 0: 1 - (49 + 25) / 144 = 70 / 144. The right half, 5 of 6: 10 / 36, half of the rows: 20 / 144. So
     * the root's link is 50 / 144, and that of the two splits below it 20 / 144 / 2 = 10 / 144. */
    const double links[2] = {10.0 / 144, 50.0 / 144};
    const uint64_t leaves[3] = {4, 2, 1};
    for (int k = 0; k < 3; k++) {
        for (int side = 0; side < 2; side++) { /* just above the link before, just below the next */
            if ((k == 0 && side == 0) || (k == 2 && side == 1))
                continue;
            c.ccp_alpha = side == 0 ? links[k - 1] * 1.0001 : links[k] * 0.9999;
            make_fitted(&m, &c, &rows12, y12, NULL);
            assert_int_equal(told(&m).n_leaves, leaves[k]);
            guard_free(m.state);
        }
    }
    c.ccp_alpha = -1;
    assert_int_equal(kedge_model_size(&c.base), 0);
    c.ccp_alpha = (double)NAN;
    assert_int_equal(kedge_model_size(&c.base), 0);
}

static double part_of(double x)
{
    return x - floor(x);
}

/* Leaves, and rows that are right or squared errors in training, of scikit-learn 1.9.1's DecisionTreeClassifier and
 * DecisionTreeRegressor. */
static void test_pruning_equals_scikit_learn(void **unused)
{
    (void)unused;
    enum { N = 60, ALPHAS = 7 };
    static const double alphas[ALPHAS] = {0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2};
    static const uint32_t classes[3] = {2, 3, 0};
    static const uint64_t leaves[3][ALPHAS] = {{12, 12, 10, 6, 5, 1, 1}, {6, 6, 6, 6, 6, 5, 1}, {8, 6, 5, 5, 4, 3, 2}};
    static const double sums[3][ALPHAS] = {{60, 60, 59, 55, 54, 31, 31},
                                           {60, 60, 60, 60, 60, 58, 23},
                                           {1.2493974803125867, 1.9078504083844785, 2.8917534766461013, 2.8917534766461013,
                                            5.877551780842112, 10.115377959334086, 18.418074639896073}};
    double x[N][3], y[3][N];
    for (int i = 0; i < N; i++) {
        x[i][0] = part_of((i + 1) * 0.6180339887498949);
        x[i][1] = part_of((i + 1) * 0.7548776662466927);
        x[i][2] = part_of((i + 1) * 0.5698402909980532);
        int flips = (i + 1) % 7 == 0, more = (x[i][0] > .3) + (x[i][1] > .6);
        y[0][i] = ((x[i][0] > .5) != (x[i][1] > .6)) != flips;
        y[1][i] = flips ? (more + 1) % 3 : more;
        y[2][i] = 3 * x[i][0] + (x[i][1] > .5) + part_of((i + 1) * 0.3819660112501051);
    }
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 3);
    for (int k = 0; k < 3; k++)
        for (int a = 0; a < ALPHAS; a++) {
            kedge_model m;
            config c = cart(3, classes[k]);
            double sum = 0;
            c.ccp_alpha = alphas[a];
            make_fitted(&m, &c, &rows, y[k], NULL);
            for (int i = 0; i < N; i++) {
                double off = says(&m, x[i]) - y[k][i];
                sum += classes[k] > 0 ? off == 0 : off * off;
            }
            assert_int_equal(told(&m).n_leaves, leaves[k][a]);
            assert_close(sum, sums[k][a], 1e-9);
            guard_free(m.state);
        }
}

/* Whatever is pruned, the tree is sound, no larger for a greater alpha, no worse than its cost says, and scales of targets and
 * weights do not matter. */
static void test_pruning_of_any_tree(void **unused)
{
    (void)unused;
    static double x[ROWS][FEATURES], target[ROWS], weight[ROWS];
    for (uint64_t seed = 0; seed < 40; seed++) {
        uint32_t n_classes = seed % 3 == 0 ? 0 : 1 + (uint32_t)(seed % 3);
        config c = cart(FEATURES, n_classes);
        c.nominal[0] = 1u << (FEATURES - 1);
        kedge_rng rng = {seed};
        for (int i = 0; i < ROWS; i++) {
            double sum = kedge_rng_normal(&rng);
            for (int j = 0; j < FEATURES; j++) {
                x[i][j] = seed % 2 && kedge_rng_below(&rng, 6) == 0 ? (double)NAN : (double)kedge_rng_below(&rng, 7);
                sum += x[i][j] > 0 ? x[i][j] - 3 : 0;
            }
            target[i] = n_classes == 0 ? sum : n_classes == 2 ? sum > 0 : (sum > -2) + (sum > 2);
            weight[i] = 0.5 + kedge_rng_uniform(&rng);
        }
        kedge_rows rows = kedge_rows_float64(&x[0][0], ROWS, FEATURES);
        uint64_t before = 1000;
        for (double alpha = 1e-6; alpha < 100; alpha *= 3) {
            kedge_model m, scaled;
            double y[ROWS], w[ROWS];
            c.ccp_alpha = alpha;
            make_fitted(&m, &c, &rows, target, weight);
            assert_true(told(&m).n_leaves <= before && told(&m).n_leaves >= 1);
            before = told(&m).n_leaves;
            for (int i = 0; i < ROWS; i++) {
                y[i] = n_classes == 0 ? ldexp(target[i], 300) : target[i];
                w[i] = weight[i] * 1024;
            }
            c.ccp_alpha = n_classes == 0 ? ldexp(alpha, 600) : alpha;
            make_fitted(&scaled, &c, &rows, y, w);
            assert_int_equal(told(&scaled).n_leaves, before);
            for (int i = 0; i < ROWS; i++)
                assert_true(says(&scaled, x[i]) == (n_classes == 0 ? ldexp(says(&m, x[i]), 300) : says(&m, x[i])));
            guard_free(scaled.state);
            guard_free(m.state);
        }
        assert_int_equal(before, 1);
    }
}

/* One feature and one split a tree: so a tree takes one number for each row and one for the feature, and a forest of one tree by
 * the same state of the generator is the same tree. */
static void test_out_of_bag_equals_definition(void **unused)
{
    (void)unused;
    enum { N = 80, TREES = 7 };
    for (uint32_t n_classes = 0; n_classes < 4; n_classes += n_classes == 0 ? 2 : 1) {
        double x[N], y[N], w[N], votes[N][3] = {{0}}, loss = 0, sum = 0;
        int n_votes[N] = {0}, n = 0;
        kedge_rng rng = {99 + n_classes}, trees = {n_classes + 1};
        for (int i = 0; i < N; i++) {
            x[i] = i % 17 == 3 ? (double)NAN : kedge_rng_normal(&rng);
            y[i] = n_classes == 0 ? kedge_rng_normal(&rng) + (x[i] > 0) : (double)kedge_rng_below(&rng, n_classes);
            w[i] = (double)(1 + i % 3);
        }
        kedge_rows rows = kedge_rows_float64(x, N, 1);
        kedge_model forest, tree;
        config c = kedge_random_forest_defaults(1, n_classes);
        c.max_leaves = 2;
        c.out_of_bag = 1;
        c.n_trees = TREES;
        c.seed = trees.state;
        make_fitted(&forest, &c, &rows, y, w);
        c.n_trees = 1;
        c.out_of_bag = 0;
        for (int t = 0; t < TREES; t++) {
            char drawn[N] = {0};
            c.seed = trees.state;
            make_fitted(&tree, &c, &rows, y, w);
            for (int i = 0; i < N; i++)
                drawn[kedge_rng_below(&trees, N)] = 1;
            (void)kedge_rng_below(&trees, 1);
            for (int i = 0; i < N; i++) {
                double scores[3];
                assert_int_equal(kedge_model_score(&tree, &x[i], scores, n_classes > 0 ? n_classes : 1), KEDGE_OK);
                for (uint32_t k = 0; k < (n_classes > 0 ? n_classes : 1) && !drawn[i]; k++)
                    votes[i][k] += scores[k];
                n_votes[i] += !drawn[i];
            }
            guard_free(tree.state);
        }
        for (int i = 0; i < N; i++) {
            int best = 0;
            for (int k = 1; k < (int)n_classes; k++)
                best = votes[i][k] > votes[i][best] ? k : best;
            double off = n_votes[i] == 0 ? 0 : votes[i][0] / n_votes[i] - y[i];
            loss += n_votes[i] == 0 ? 0 : w[i] * (n_classes > 0 ? best != y[i] : off * off);
            sum += n_votes[i] == 0 ? 0 : w[i];
            n += n_votes[i] > 0;
        }
        assert_int_equal(told(&forest).n_out_of_bag, n);
        assert_int_equal(told(&forest).n_trees, TREES);
        assert_close(told(&forest).loss, loss / sum, 1e-12);
        c.bootstrap = 0;
        c.out_of_bag = 1;
        assert_int_equal(kedge_model_size(&c.base), 0);
        guard_free(forest.state);
    }
}

/* The estimate is near the loss on rows of another draw, and asking for it changes no answer. */
static void test_out_of_bag_is_honest(void **unused)
{
    (void)unused;
    enum { N = 2000 };
    static double x[2 * N][3], y[2 * N];
    kedge_rng rng = {4};
    for (int i = 0; i < 2 * N; i++) {
        for (int j = 0; j < 3; j++)
            x[i][j] = kedge_rng_normal(&rng);
        y[i] = (x[i][0] + x[i][1] > 0) != (kedge_rng_below(&rng, 5) == 0);
    }
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 3);
    kedge_model m, without;
    config c = kedge_random_forest_defaults(3, 2);
    double wrong = 0;
    c.n_trees = 30;
    make_fitted(&without, &c, &rows, y, NULL);
    c.out_of_bag = 1;
    make_fitted(&m, &c, &rows, y, NULL);
    for (int i = N; i < 2 * N; i++) {
        wrong += says(&m, x[i]) != y[i];
        assert_true(says(&m, x[i]) == says(&without, x[i]));
    }
    assert_int_equal(told(&m).n_out_of_bag, N);
    assert_true(fabs(told(&m).loss - wrong / N) < 0.04);
    assert_true(told(&without).loss == 0 && told(&without).n_out_of_bag == 0);
    kedge_random_forest_info info;
    kedge_model other = {&kedge_gaussian_nb, m.state};
    assert_int_equal(kedge_random_forest_describe(&other, &info), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_random_forest_describe(NULL, &info), KEDGE_ERR_NULL);
    assert_int_equal(kedge_random_forest_describe(&m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_reset(&m), KEDGE_OK);
    assert_int_equal(kedge_random_forest_describe(&m, &info), KEDGE_EMPTY);
    guard_free(m.state);
    guard_free(without.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pruning_by_hand),
        cmocka_unit_test(test_pruning_equals_scikit_learn),
        cmocka_unit_test(test_pruning_of_any_tree),
        cmocka_unit_test(test_out_of_bag_equals_definition),
        cmocka_unit_test(test_out_of_bag_is_honest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
