/* SPDX-License-Identifier: MIT */
/* Gaussian naive Bayes that fades, slides along rows and merges. */
#include <math.h>

#include "normal_rows.h"

/* Fading is a weight of fading^(rows since). */
static void test_fading_is_a_weight(void **unused)
{
    (void)unused;
    static table t;
    kedge_model m = new_model(0.97);
    double work[FIT_WORK];
    double far[FEATURES] = {1, 1, 1, 1, 1};
    table_fill(&t, 5, 3, 2);
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(kedge_model_learn(&m, t.x[i], t.y[i], 1), KEDGE_OK);
        t.weight[i] = pow(0.97, (double)(ROWS - 1 - i));
    }
    compare(&m, &t, ROWS, 1, 1e-9);
    for (size_t i = ROWS - 20; i < ROWS; i++) { /* what a row weighs now can be forgotten */
        assert_int_equal(kedge_model_forget(&m, t.x[i], t.y[i], t.weight[i]), KEDGE_OK);
        t.weight[i] = 0;
    }
    compare(&m, &t, ROWS, 1, 1e-9);
    assert_int_equal(kedge_model_fit(&m, &t.rows, t.y, t.weight, work, sizeof work), KEDGE_OK); /* which does not fade */
    compare(&m, &t, ROWS, 1, 1e-9);
    for (size_t i = 0; i < 20000; i++) /* the other classes fade away in the end */
        assert_int_equal(kedge_model_learn(&m, far, 1, 1), KEDGE_OK);
    double scores[CLASSES];
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    assert_int_equal(kedge_model_score(&m, t.x[0], scores, CLASSES), KEDGE_OK);
    assert_true(scores[0] == 0 && scores[1] == 1 && scores[2] == 0);
    guard_free(m.state);
}

/* All that was learned fades away under one row: what comes then is as if it were the first. */
static void test_all_fades_away(void **unused)
{
    (void)unused;
    static table t;
    kedge_model m = new_model(1e-60), first = new_model(1e-60);
    double scores[2][CLASSES];
    table_fill(&t, 6, 0, 1);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(kedge_model_learn(&m, t.x[i], 0, 1e-50), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&m, t.x[20], 1, 1), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&first, t.x[20], 1, 1), KEDGE_OK);
    for (int k = 0; k < 2; k++)
        assert_int_equal(kedge_model_score(k ? &m : &first, t.x[21], scores[k], CLASSES), KEDGE_OK);
    assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(first.state);
    guard_free(m.state);
}

/* A window of 100 rows that slides over 200,000, far from 0: no variance becomes negative, and no error adds up. */
static void test_a_window_slides(void **unused)
{
    (void)unused;
    enum { WINDOW = 100 };
    static table t, last;
    kedge_model m = new_model(1);
    table_fill(&t, 7, 1000, 1);
    for (size_t i = 0; i < 200000; i++) {
        assert_int_equal(kedge_model_learn(&m, t.x[i % ROWS], t.y[i % ROWS], 1), KEDGE_OK);
        if (i >= WINDOW)
            assert_int_equal(kedge_model_forget(&m, t.x[(i - WINDOW) % ROWS], t.y[(i - WINDOW) % ROWS], 1), KEDGE_OK);
    }
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    last = t;
    for (size_t i = 0; i < WINDOW; i++) {
        memcpy(last.x[i], t.x[(200000 - WINDOW + i) % ROWS], sizeof t.x[i]);
        last.y[i] = t.y[(200000 - WINDOW + i) % ROWS];
    }
    for (size_t i = 0; i < 40; i++) {
        double scores[CLASSES];
        long double joint[CLASSES], sum = 0;
        for (size_t c = 0; c < CLASSES; c++)
            sum += joint[c] = expl(naive_log_joint(&last, WINDOW, t.x[i], (double)c, 0, 1e-9));
        assert_int_equal(kedge_model_score(&m, t.x[i], scores, CLASSES), KEDGE_OK);
        for (size_t c = 0; c < CLASSES; c++)
            assert_close(scores[c], (double)(joint[c] / sum), 1e-7);
    }
    guard_free(m.state);
}

/* Rows that were never learned, with as much weight as there is: the model stays sound. */
static void test_false_forgetting_is_sound(void **unused)
{
    (void)unused;
    static const double values[] = {0, 1, -1, 1e300, -1e300, 1e-300, 1e140};
    kedge_model m = new_model(1);
    kedge_rng rng = {2};
    for (int i = 0; i < 20000; i++) {
        double x[FEATURES], y = (double)kedge_rng_below(&rng, CLASSES), scores[CLASSES],
                            weight = (double)(1 + kedge_rng_below(&rng, 3)) / 3;
        for (int j = 0; j < FEATURES; j++)
            x[j] = values[kedge_rng_below(&rng, sizeof values / sizeof *values)];
        kedge_status st = kedge_rng_below(&rng, 2) ? kedge_model_forget(&m, x, y, weight) : kedge_model_learn(&m, x, y, weight);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        assert_true(kedge_model_score(&m, x, scores, CLASSES) >= 0);
        assert_true(fabs(scores[0] + scores[1] + scores[2] - 1) < 1e-12);
    }
    guard_free(m.state);
}

static void test_merging_is_one_pass(void **unused)
{
    (void)unused;
    static table t;
    kedge_model m[4] = {new_model(1), new_model(1), new_model(1), new_model(0.5)};
    double huge[FEATURES] = {0};
    table_fill(&t, 8, 1e6, 1);
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(kedge_model_learn(&m[i % 3], t.x[i], t.y[i], t.weight[i]), KEDGE_OK);
    assert_int_equal(kedge_model_merge(&m[0], &m[1]), KEDGE_OK);
    assert_int_equal(kedge_model_merge(&m[2], &m[0]), KEDGE_OK);
    compare(&m[2], &t, ROWS, 1, 1e-9);
    assert_int_equal(kedge_model_merge(&m[2], &m[3]), KEDGE_ERR_CONFIG);
    for (int i = 0; i < 120; i++) { /* weights grow until they are too large together */
        kedge_status st = kedge_model_learn(&m[i % 2], huge, 0, KEDGE_WEIGHT_MAX);
        assert_int_equal(st, KEDGE_OK);
        st = kedge_model_merge(&m[i % 2], &m[1 - i % 2]);
        if (st == KEDGE_ERR_RANGE)
            break;
        assert_true(i < 119);
    }
    assert_int_equal(kedge_model_check(&m[0]), KEDGE_OK);
    for (int k = 0; k < 4; k++)
        guard_free(m[k].state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fading_is_a_weight),
        cmocka_unit_test(test_all_fades_away),
        cmocka_unit_test(test_a_window_slides),
        cmocka_unit_test(test_false_forgetting_is_sound),
        cmocka_unit_test(test_merging_is_one_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
