/* SPDX-License-Identifier: MIT */
/* Early stopping against passes made by hand, importance against a shuffled copy of the table. */
#include <math.h>

#include "echo.h"
#include "select/sample.h"

#include "search_rows.h"

/* The model of the best pass, byte for byte, and the right number of passes. */
static void test_early(void **unused)
{
    (void)unused;
    for (uint64_t round = 0; round < 24; round++) {
        static unsigned long long mem[400], other[400], best[400];
        kedge_logistic_config cfg = kedge_logistic_defaults(WIDTH, 2);
        kedge_early_config how = kedge_early_defaults();
        kedge_early_report report;
        kedge_model m, naive;
        kedge_rng rng = {7};
        uint32_t order[60], waited = 0, epochs = 0, best_epoch = 0;
        double value, score = 0;
        table(round + 10);
        kedge_rows train = kedge_rows_float64(x, 60, WIDTH), held = kedge_rows_float64(x + 60 * WIDTH, 30, WIDTH);
        cfg.rate = round % 2 ? 50 : 0.05;
        how.max_epochs = round % 5 ? 30 : 2;
        how.patience = 1 + (uint32_t)round % 3;
        how.shuffle = round % 4 < 2;
        how.seed = 7;
        how.tolerance = round % 3 ? 0 : 1e-3;
        how.score = round % 6 ? KEDGE_SCORE_LOG_LOSS : KEDGE_SCORE_AUC;
        assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof mem), KEDGE_OK);
        assert_int_equal(kedge_model_init(&naive, &cfg.base, other, sizeof other), KEDGE_OK);
        if (round % 7 == 0) { /* it has learned before */
            assert_int_equal(kedge_model_learn(&m, x, y[0], 1), KEDGE_OK);
            assert_int_equal(kedge_model_learn(&naive, x, y[0], 1), KEDGE_OK);
            assert_int_equal(kedge_score_model(&naive, how.score, &held, y + 60, NULL, work, sizeof work, &score), KEDGE_OK);
        }
        size_t bytes = kedge_model_size(&cfg.base), need = kedge_learn_early_work(&m, &how, 60, 30);
        memcpy(best, other, bytes);
        for (uint32_t i = 0; i < 60; i++)
            order[i] = i;
        while (epochs < how.max_epochs && waited < how.patience) {
            for (uint32_t i = 60; i > 1 && how.shuffle; i--) {
                uint32_t k = (uint32_t)kedge_rng_below(&rng, i), keep = order[k];
                order[k] = order[i - 1];
                order[i - 1] = keep;
            }
            for (uint32_t i = 0; i < 60; i++)
                assert_int_equal(kedge_model_learn(&naive, x + order[i] * WIDTH, y[order[i]], weight[order[i]]), KEDGE_OK);
            assert_int_equal(kedge_score_model(&naive, how.score, &held, y + 60, NULL, work, sizeof work, &value), KEDGE_OK);
            epochs++;
            waited++;
            if ((how.score == KEDGE_SCORE_AUC ? value - score : score - value) > how.tolerance || (epochs == 1 && round % 7)) {
                score = value;
                waited = 0;
                best_epoch = epochs;
                memcpy(best, other, bytes);
            }
        }
        void *room = guard_new(need, 0x5C);
        assert_int_equal(kedge_learn_early(&m, &how, &train, y, weight, &held, y + 60, room, need - 1, &report), KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_learn_early(&m, &how, &train, y, weight, &held, y + 60, room, need, &report),
                         waited < how.patience ? KEDGE_MORE : KEDGE_OK);
        guard_free(room);
        assert_true(report.n_epochs == epochs && report.best_epoch == best_epoch && report.best == score && report.last == value);
        assert_memory_equal(mem, best, bytes);
        ASSERT_QUIET();
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    }
}

static void test_early_errors(void **unused)
{
    static unsigned long long mem[400], before[400];
    kedge_logistic_config cfg = kedge_logistic_defaults(WIDTH, 2);
    kedge_random_forest_config forest = kedge_random_forest_defaults(WIDTH, 2);
    kedge_early_config good = kedge_early_defaults(), how = good;
    kedge_early_report report;
    kedge_model m, fixed;
    static unsigned long long trees[100000];
    (void)unused;
    table(30);
    kedge_rows held = kedge_rows_float64(x, 10, WIDTH), wide = kedge_rows_float64(x, 10, 2);
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof mem), KEDGE_OK);
    memcpy(before, mem, sizeof mem);
#define EARLY(of, h, hy) kedge_learn_early(of, &how, &rows, y, NULL, h, hy, work, sizeof work, &report)
    assert_int_equal(EARLY(NULL, &held, y), KEDGE_ERR_NULL);
    assert_int_equal(EARLY(&m, NULL, y), KEDGE_ERR_NULL);
    assert_int_equal(EARLY(&m, &held, NULL), KEDGE_ERR_NULL);
    assert_int_equal(EARLY(&m, &wide, y), KEDGE_ERR_SHAPE);
    forest.n_trees = 2;
    forest.max_leaves = 4;
    assert_int_equal(kedge_model_init(&fixed, &forest.base, trees, sizeof trees), KEDGE_OK);
    assert_int_equal(EARLY(&fixed, &held, y), KEDGE_ERR_UNSUPPORTED);
#define BAD_EARLY(change, status)                                                                                                  \
    how = good;                                                                                                                    \
    change;                                                                                                                        \
    assert_int_equal(EARLY(&m, &held, y), status)
    BAD_EARLY(how.score = KEDGE_SCORE_R2, KEDGE_ERR_UNSUPPORTED);
    BAD_EARLY(how.max_epochs = 0, KEDGE_ERR_CONFIG);
    BAD_EARLY(how.patience = 0, KEDGE_ERR_CONFIG);
    BAD_EARLY(how.tolerance = -1, KEDGE_ERR_CONFIG);
    BAD_EARLY(how.tolerance = (double)NAN, KEDGE_ERR_CONFIG);
    BAD_EARLY(how.shuffle = 2, KEDGE_ERR_CONFIG);
    how = good;
    y[ROWS - 1] = 3; /* the last row */
    assert_int_equal(EARLY(&m, &held, y), KEDGE_ERR_RANGE);
    y[ROWS - 1] = 1;
    for (size_t i = 0; i < 10; i++)
        target[i] = 1;
    how.score = KEDGE_SCORE_AUC;
    assert_int_equal(EARLY(&m, &held, target), KEDGE_EMPTY);
    assert_memory_equal(before, mem, sizeof mem);
}

static void test_importance(void **unused)
{
    static unsigned long long mem[2000];
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_rls_config rls = kedge_rls_defaults(WIDTH);
    (void)unused;
    for (uint64_t round = 0; round < 16; round++) {
        enum { REPEATS = 4 };
        int regression = round % 2;
        uint32_t by = regression ? KEDGE_SCORE_MSE + (uint32_t)round / 2 % 4 : KEDGE_SCORE_ACCURACY + (uint32_t)round / 2 % 4;
        kedge_importance out[WIDTH];
        double raw[WIDTH * REPEATS], copy[ROWS * WIDTH], base, value;
        kedge_model m;
        size_t used;
        table(round + 50);
        const double *goal = regression ? target : y, *w = round % 3 ? weight : NULL;
        assert_int_equal(kedge_model_init(&m, regression ? &rls.base : &bayes.base, mem, sizeof mem), KEDGE_OK);
        assert_int_equal(kedge_model_learn_many(&m, &rows, goal, NULL, &used), KEDGE_OK);
        size_t need = kedge_permutation_importance_work(&m, by, ROWS, REPEATS);
        void *room = guard_new(need, 0xA5);
        assert_int_equal(kedge_permutation_importance(&m, by, &rows, goal, w, REPEATS, round, room, need - 1, out, raw),
                         KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_permutation_importance(&m, by, &rows, goal, w, REPEATS, round, room, need, out, raw), KEDGE_OK);
        guard_free(room);
        assert_int_equal(kedge_score_model(&m, by, &rows, goal, w, work, sizeof work, &base), KEDGE_OK);
        for (size_t j = 0; j < WIDTH; j++) {
            kedge_rng rng = {round};
            uint32_t order[ROWS];
            double mean = 0, square = 0;
            for (uint32_t i = 0; i < ROWS; i++)
                order[i] = i;
            for (int r = 0; r < REPEATS; r++) {
                for (uint32_t i = ROWS; i > 1; i--) {
                    uint32_t k = (uint32_t)kedge_rng_below(&rng, i), keep = order[k];
                    order[k] = order[i - 1];
                    order[i - 1] = keep;
                }
                memcpy(copy, x, sizeof copy);
                for (size_t i = 0; i < ROWS; i++)
                    copy[i * WIDTH + j] = x[order[i] * WIDTH + j];
                kedge_rows shuffled = kedge_rows_float64(copy, ROWS, WIDTH);
                assert_int_equal(kedge_score_model(&m, by, &shuffled, goal, w, work, sizeof work, &value), KEDGE_OK);
                value = kedge_score_direction(by) * (base - value);
                assert_true(value == raw[j * REPEATS + (size_t)r]);
                mean += value / REPEATS;
                square += value * value / REPEATS;
            }
            assert_close(out[j].mean, mean, 1e-13);
            assert_true(fabs(out[j].deviation - sqrt(fmax(0, square - mean * mean))) < 1e-7);
        }
        ASSERT_QUIET();
        assert_true(out[0].mean > out[2].mean); /* what made the target */
    }
}

static void test_importance_edges(void **unused)
{
    static unsigned long long mem[100];
    echo_config c = echo_of(2);
    double probabilities[] = {.5, .5, .25, .75}, ones[] = {1, 1}, raw[4];
    kedge_rows two = kedge_rows_float64(probabilities, 2, 2);
    kedge_importance out[2] = {{7, 7}, {7, 7}};
    kedge_model m;
    (void)unused;
    assert_int_equal(kedge_model_init(&m, &c.base, mem, sizeof mem), KEDGE_OK);
#define IMPORTANCE(by, n) kedge_permutation_importance(&m, by, &two, ones, NULL, n, 1, work, sizeof work, out, raw)
    assert_int_equal(IMPORTANCE(KEDGE_SCORE_MAE, 2), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(IMPORTANCE(KEDGE_SCORE_BRIER, 0), KEDGE_ERR_RANGE);
    assert_int_equal(IMPORTANCE(KEDGE_SCORE_BRIER, 10001), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_permutation_importance(&m, 1, &two, ones, NULL, 1, 1, NULL, 0, out, raw), KEDGE_ERR_NULL);
    assert_int_equal(kedge_permutation_importance(&m, 1, &two, ones, NULL, 1, 1, work, sizeof work, NULL, raw), KEDGE_ERR_NULL);
    assert_int_equal(kedge_permutation_importance(&m, 1, &two, NULL, NULL, 1, 1, work, sizeof work, out, raw), KEDGE_ERR_NULL);
    assert_true(out[0].mean == 7);
    assert_int_equal(IMPORTANCE(KEDGE_SCORE_AUC, 2), KEDGE_EMPTY);
    assert_true(isnan(out[0].mean) && isnan(out[1].deviation) && isnan(raw[3]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_early),
        cmocka_unit_test(test_early_errors),
        cmocka_unit_test(test_importance),
        cmocka_unit_test(test_importance_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
