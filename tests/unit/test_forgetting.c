/* SPDX-License-Identifier: MIT */
/* What forgets a row forgets it without a trace: the bytes are those of an object that has never seen it. Where sums of real
 * numbers round, the answers are the same up to rounding. docs/compliance.md lists what forgets. */
#include <math.h>

#include "support.h"

enum { N_ROWS = 300, N_FEATURES = 3, N_CLASSES = 3, STATE_BYTES = 1 << 16 };

typedef struct row {
    double x[N_FEATURES], y, weight, score;
    uint32_t group, truth, predicted;
    int is_forgotten;
} row;

static row rows[N_ROWS];

/* Whole numbers, 0 or 1 with `is_binary`; scores are multiples of 2^-20. */
static void fill(int is_binary)
{
    kedge_rng rng = {17};
    for (uint32_t i = 0; i < N_ROWS; i++) {
        row *r = &rows[i];
        for (uint32_t j = 0; j < N_FEATURES; j++)
            r->x[j] = (double)kedge_rng_below(&rng, is_binary ? 2 : 9);
        r->y = (double)kedge_rng_below(&rng, N_CLASSES);
        r->weight = 1 + (double)kedge_rng_below(&rng, 3);
        r->score = (double)kedge_rng_below(&rng, (1 << 20) + 1) * 0x1p-20;
        r->group = (uint32_t)kedge_rng_below(&rng, 4);
        r->truth = (uint32_t)kedge_rng_below(&rng, 2);
        r->predicted = (uint32_t)kedge_rng_below(&rng, 2);
        r->is_forgotten = kedge_rng_below(&rng, 3) == 0 || (i > 20 && r->group == 3); /* one group all but vanishes */
    }
}

static kedge_model model_of(const kedge_model_config *cfg, size_t *bytes)
{
    kedge_model m = {NULL, NULL};
    *bytes = kedge_model_size(cfg);
    assert_true(*bytes > 0 && *bytes <= STATE_BYTES);
    assert_int_equal(kedge_model_init(&m, cfg, guard_new(*bytes, 0xA5), *bytes), KEDGE_OK);
    return m;
}

/* Learns all rows and forgets some, each some time after it came, against a model that has learned the others only. */
static void both(const kedge_model_config *cfg, kedge_model *forgetful, kedge_model *ignorant, size_t *bytes)
{
    *forgetful = model_of(cfg, bytes);
    *ignorant = model_of(cfg, bytes);
    for (uint32_t i = 0; i < N_ROWS + 40; i++) {
        if (i < N_ROWS) {
            assert_int_equal(kedge_model_learn(forgetful, rows[i].x, rows[i].y, rows[i].weight), KEDGE_OK);
            if (!rows[i].is_forgotten)
                assert_int_equal(kedge_model_learn(ignorant, rows[i].x, rows[i].y, rows[i].weight), KEDGE_OK);
        }
        if (i >= 40 && rows[i - 40].is_forgotten) {
            const row *r = &rows[i - 40];
            assert_int_equal(kedge_model_forget(forgetful, r->x, r->y, r->weight), KEDGE_OK);
        }
    }
    assert_int_equal(kedge_model_check(forgetful), KEDGE_OK);
}

static void assert_same_answers(const kedge_model *a, const kedge_model *b, double tolerance)
{
    for (uint32_t i = 0; i < N_ROWS; i++) {
        double p[N_CLASSES], q[N_CLASSES], y, z;
        assert_int_equal(kedge_model_predict(a, rows[i].x, &y), KEDGE_OK);
        assert_int_equal(kedge_model_predict(b, rows[i].x, &z), KEDGE_OK);
        assert_true(y == z);
        assert_int_equal(kedge_model_score(a, rows[i].x, p, N_CLASSES), KEDGE_OK);
        assert_int_equal(kedge_model_score(b, rows[i].x, q, N_CLASSES), KEDGE_OK);
        for (uint32_t c = 0; c < N_CLASSES; c++)
            assert_close(p[c], q[c], tolerance);
    }
}

static void test_naive_bayes_of_counts(void **unused)
{
    (void)unused;
    for (int is_binary = 0; is_binary < 2; is_binary++) {
        kedge_multinomial_nb_config counts = kedge_multinomial_nb_defaults(N_FEATURES, N_CLASSES);
        kedge_bernoulli_nb_config bits = kedge_bernoulli_nb_defaults(N_FEATURES, N_CLASSES);
        kedge_model forgetful, ignorant;
        size_t bytes;
        fill(is_binary);
        both(is_binary ? &bits.base : &counts.base, &forgetful, &ignorant, &bytes);
        assert_memory_equal(forgetful.state, ignorant.state, bytes);
        guard_free(forgetful.state);
        guard_free(ignorant.state);
    }
}

static void test_nearest_neighbours(void **unused)
{
    (void)unused;
    kedge_knn_config cfg = kedge_knn_defaults(N_FEATURES, N_CLASSES);
    kedge_model forgetful, ignorant;
    size_t bytes;
    cfg.window = N_ROWS;
    fill(0);
    both(&cfg.base, &forgetful, &ignorant, &bytes);
    assert_same_answers(&forgetful, &ignorant, 1e-12);
    guard_free(forgetful.state);
    guard_free(ignorant.state);
}

/* Means and variances of real numbers: up to rounding. */
static void test_gaussian_naive_bayes(void **unused)
{
    (void)unused;
    kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(N_FEATURES, N_CLASSES);
    kedge_model forgetful, ignorant;
    size_t bytes;
    fill(0);
    both(&cfg.base, &forgetful, &ignorant, &bytes);
    assert_same_answers(&forgetful, &ignorant, 1e-9);
    guard_free(forgetful.state);
    guard_free(ignorant.state);
}

static kedge_metric fairness_of(uint32_t over, size_t *bytes)
{
    kedge_fairness_config cfg = kedge_fairness_defaults(4);
    kedge_metric m = {NULL, NULL};
    cfg.over = over;
    *bytes = kedge_metric_size(&cfg.base);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(*bytes, 0x5C), *bytes), KEDGE_OK);
    return m;
}

static void test_fairness(void **unused)
{
    (void)unused;
    size_t bytes;
    kedge_metric forgetful = fairness_of(KEDGE_OVER_ALL, &bytes), ignorant = fairness_of(KEDGE_OVER_ALL, &bytes);
    fill(0);
    for (uint32_t i = 0; i < N_ROWS; i++) {
        const row *r = &rows[i];
        assert_int_equal(kedge_fairness_record(&forgetful, r->group, r->truth, r->predicted, r->score, r->weight), KEDGE_OK);
        if (!r->is_forgotten)
            assert_int_equal(kedge_fairness_record(&ignorant, r->group, r->truth, r->predicted, r->score, r->weight), KEDGE_OK);
    }
    for (uint32_t i = N_ROWS; i-- > 0;) {
        const row *r = &rows[i];
        if (r->is_forgotten)
            assert_int_equal(kedge_fairness_forget(&forgetful, r->group, r->truth, r->predicted, r->score, r->weight), KEDGE_OK);
    }
    assert_memory_equal(forgetful.state, ignorant.state, bytes);
    assert_int_equal(kedge_metric_reset(&ignorant), KEDGE_OK);
    for (uint32_t i = 0; i < N_ROWS; i++) /* and nothing is left of nobody */
        if (!rows[i].is_forgotten)
            assert_int_equal(
                kedge_fairness_forget(&forgetful, rows[i].group, rows[i].truth, rows[i].predicted, rows[i].score, rows[i].weight),
                KEDGE_OK);
    assert_memory_equal(forgetful.state, ignorant.state, bytes);
    assert_int_equal(kedge_fairness_forget(&forgetful, 0, 0, 0, 0.5, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_record(&forgetful, 0, 0, 0, 0.5, 1), KEDGE_OK);
    assert_int_equal(kedge_fairness_forget(&forgetful, 0, 0, 0, 0.5, 2), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_forget(&forgetful, 0, 1, 0, 0.5, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_forget(&forgetful, 0, 0, 0, (double)NAN, 1), KEDGE_ERR_NOT_FINITE);
    guard_free(forgetful.state);
    guard_free(ignorant.state);
    for (uint32_t over = KEDGE_OVER_WINDOW; over <= KEDGE_OVER_TUMBLING; over++) {
        kedge_metric m = fairness_of(over, &bytes);
        assert_int_equal(kedge_fairness_record(&m, 0, 0, 0, 0.5, 1), KEDGE_OK);
        assert_int_equal(kedge_fairness_forget(&m, 0, 0, 0, 0.5, 1), KEDGE_ERR_UNSUPPORTED);
        guard_free(m.state);
    }
}

/* Scores of any kind: what counts is exact, what the scores add to is right up to rounding. */
static void test_fairness_of_any_scores(void **unused)
{
    (void)unused;
    size_t bytes;
    kedge_metric forgetful = fairness_of(KEDGE_OVER_ALL, &bytes), ignorant = fairness_of(KEDGE_OVER_ALL, &bytes);
    kedge_rng rng = {23};
    fill(0);
    for (uint32_t i = 0; i < N_ROWS; i++) {
        row *r = &rows[i];
        r->score = kedge_rng_uniform(&rng);
        assert_int_equal(kedge_fairness_record(&forgetful, r->group, r->truth, r->predicted, r->score, r->weight), KEDGE_OK);
        if (!r->is_forgotten)
            assert_int_equal(kedge_fairness_record(&ignorant, r->group, r->truth, r->predicted, r->score, r->weight), KEDGE_OK);
    }
    for (uint32_t i = 0; i < N_ROWS; i++)
        if (rows[i].is_forgotten)
            assert_int_equal(
                kedge_fairness_forget(&forgetful, rows[i].group, rows[i].truth, rows[i].predicted, rows[i].score, rows[i].weight),
                KEDGE_OK);
    for (uint32_t g = 0; g < 4; g++) {
        kedge_fairness_group_report a, b;
        assert_int_equal(kedge_fairness_read_group(&forgetful, g, &a), kedge_fairness_read_group(&ignorant, g, &b));
        assert_true(a.selected.value == b.selected.value && a.true_positive.high == b.true_positive.high && a.weight == b.weight);
        assert_close(a.mean_score, b.mean_score, 1e-12);
        assert_close(a.brier, b.brier, 1e-12);
        assert_close(a.calibration_error, b.calibration_error, 1e-12);
    }
    assert_int_equal(kedge_metric_check(&forgetful), KEDGE_OK);
    guard_free(forgetful.state);
    guard_free(ignorant.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_naive_bayes_of_counts),  cmocka_unit_test(test_nearest_neighbours),
        cmocka_unit_test(test_gaussian_naive_bayes),   cmocka_unit_test(test_fairness),
        cmocka_unit_test(test_fairness_of_any_scores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
