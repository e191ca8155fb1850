/* SPDX-License-Identifier: MIT */
/* A model that calibrates itself while it learns, and scores of rows that were held out. */
#include <math.h>

#include "echo.h"

static unsigned long long work[20000];

static uint32_t round_window(uint64_t round)
{
    return round % 2 ? 30 : 400;
}

/* The map is the one of the last `window` rows as the model saw them before it learned them, fitted at the last multiple of
 * `every`. */
static void test_calibrated(void **unused)
{
    enum { N = 330, C = 3 };
    static unsigned long long mem[20000], other[2000], map_mem[2000];
    static kedge_members_class cls;
    (void)unused;
    for (uint64_t round = 0; round < 4; round++) {
        kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(2, C);
        kedge_calibrated_config cfg;
        kedge_probmap_config by = kedge_probmap_defaults(C);
        kedge_probmap map;
        kedge_model m, plain;
        kedge_rng rng = {round + 1};
        static double said[N * C], y[N], w[N];
        size_t n = 0;
        assert_int_equal(kedge_calibrated_class(&cls, &kedge_gaussian_nb), KEDGE_OK);
        assert_int_equal(kedge_calibrated_config_init(&cfg, sizeof cfg, &cls, 2, C), KEDGE_OK);
        cfg.model = &bayes.base;
        cfg.method = by.method = 1 + (uint32_t)round / 2;
        cfg.window = round_window(round);
        cfg.every = 25;
        assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof mem), KEDGE_OK);
        assert_int_equal(kedge_model_init(&plain, &bayes.base, other, sizeof other), KEDGE_OK);
        assert_int_equal(kedge_probmap_init(&map, &by, map_mem, sizeof map_mem), KEDGE_OK);
        for (int i = 0; i < N; i++) {
            double label = (double)kedge_rng_below(&rng, C), weight = 1 + (double)kedge_rng_below(&rng, 2);
            double x[2] = {kedge_rng_normal(&rng) + label / 2, 0}, row[C], want[C], predicted;
            x[1] = x[0];
            kedge_status st = kedge_model_score(&plain, x, want, C);
            if (st == KEDGE_OK) {
                memcpy(said + n * C, want, sizeof want);
                y[n] = label;
                w[n] = weight;
                kedge_status applied = kedge_probmap_apply(&map, want, C);
                assert_true(applied >= 0);
            }
            assert_int_equal(kedge_model_score(&m, x, row, C), st);
            assert_int_equal(kedge_model_predict(&m, x, &predicted), st);
            for (int c = 0; c < C; c++) {
                assert_true(fabs(row[c] - want[c]) < 1e-9);
                assert_true(row[c] <= row[(int)predicted]);
            }
            assert_int_equal(kedge_model_learn(&m, x, label, weight), KEDGE_OK);
            assert_int_equal(kedge_model_learn(&plain, x, label, weight), KEDGE_OK);
            if (st == KEDGE_OK && ++n % cfg.every == 0) {
                size_t first = n > cfg.window ? n - cfg.window : 0;
                assert_int_equal(kedge_probmap_fit(&map, said + first * C, y + first, w + first, n - first, work, sizeof work),
                                 KEDGE_OK);
            }
        }
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    }
}

/* Naive Bayes that sees a number four times is too sure; its log loss on rows to come falls when it is calibrated. */
static void test_calibrated_helps(void **unused)
{
    static unsigned long long mem[30000], other[2000];
    static kedge_members_class cls;
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(4, 2);
    kedge_calibrated_config cfg;
    kedge_model m, plain;
    (void)unused;
    assert_int_equal(kedge_calibrated_class(&cls, &kedge_gaussian_nb), KEDGE_OK);
    for (uint32_t method = KEDGE_MAP_PLATT; method <= KEDGE_MAP_ISOTONIC; method++) {
        kedge_rng rng = {11};
        double loss = 0, plain_loss = 0;
        assert_int_equal(kedge_calibrated_config_init(&cfg, sizeof cfg, &cls, 4, 2), KEDGE_OK);
        cfg.model = &bayes.base;
        cfg.method = method;
        assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof mem), KEDGE_OK);
        assert_int_equal(kedge_model_init(&plain, &bayes.base, other, sizeof other), KEDGE_OK);
        for (int i = 0; i < 4000; i++) {
            double y = (double)kedge_rng_below(&rng, 2), x[4], p[2];
            x[0] = x[1] = x[2] = x[3] = kedge_rng_normal(&rng) + y;
            if (i >= 1000) {
                assert_int_equal(kedge_model_score(&m, x, p, 2), KEDGE_OK);
                loss -= log(fmax(p[(int)y], 0x1p-52));
                assert_int_equal(kedge_model_score(&plain, x, p, 2), KEDGE_OK);
                plain_loss -= log(fmax(p[(int)y], 0x1p-52));
            }
            assert_int_equal(kedge_model_learn(&m, x, y, 1), KEDGE_OK);
            assert_int_equal(kedge_model_learn(&plain, x, y, 1), KEDGE_OK);
        }
        assert_true(plain_loss / 3000 > 0.8 &&
                    loss / 3000 < (method == KEDGE_MAP_PLATT ? 0.6 : 0.75)); /* the best there is: 0.585 */
    }
    assert_int_equal(kedge_calibrated_class(&cls, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_calibrated_class(&cls, &kedge_random_forest), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_calibrated_config_init(&cfg, sizeof cfg, NULL, 1, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_calibrated_config_init(&cfg, 8, &cls, 1, 2), KEDGE_ERR_CONFIG);
}

/* Held-out scores of a class with fit only, by its own folds. */
static void test_cross_scores(void **unused)
{
    enum { N = 60 };
    static double x[N], y[N], scores[2 * N], weight[N];
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(1, 2);
    kedge_validation_config how = kedge_validation_defaults();
    kedge_split_config by = kedge_split_defaults();
    kedge_split s;
    kedge_rows rows = kedge_rows_float64(x, N, 1);
    static unsigned long long room[4000], mem[100];
    kedge_rng rng = {2};
    (void)unused;
    for (int i = 0; i < N; i++) {
        y[i] = (double)kedge_rng_below(&rng, 2);
        x[i] = kedge_rng_normal(&rng) + y[i];
    }
    how.split = &by;
    for (by.kind = KEDGE_SPLIT_K_FOLD; by.kind <= KEDGE_SPLIT_FORWARD; by.kind += 2) {
        size_t bytes = kedge_validate_work(&bayes.base, &how, N);
        assert_int_equal(kedge_cross_scores(&bayes.base, &how, &rows, y, NULL, room, bytes - 1, scores), KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_cross_scores(&bayes.base, &how, &rows, y, NULL, room, bytes, scores), KEDGE_OK);
        assert_int_equal(kedge_split_init(&s, &by, N, y, 2, mem, sizeof mem), KEDGE_OK);
        for (uint32_t f = 0; f < s.n_folds; f++) {
            kedge_model m;
            static unsigned long long state[100];
            for (size_t i = 0; i < N; i++)
                weight[i] = kedge_split_side(&s, f, i) == KEDGE_SIDE_TRAIN;
            assert_int_equal(kedge_model_init(&m, &bayes.base, state, sizeof state), KEDGE_OK);
            assert_int_equal(kedge_model_fit(&m, &rows, y, weight, work, sizeof work), KEDGE_OK);
            for (size_t i = 0; i < N; i++) {
                double p[2];
                if (kedge_split_side(&s, f, i) != KEDGE_SIDE_TEST)
                    continue;
                assert_int_equal(kedge_model_score(&m, x + i, p, 2), KEDGE_OK);
                assert_true(fabs(p[1] - scores[2 * i + 1]) < 1e-9);
            }
        }
        assert_int_equal(isnan(scores[0]) != 0, by.kind == KEDGE_SPLIT_FORWARD); /* never tested */
    }
    assert_int_equal(kedge_cross_scores(&bayes.base, &how, &rows, y, NULL, room, sizeof room, NULL), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calibrated),
        cmocka_unit_test(test_calibrated_helps),
        cmocka_unit_test(test_cross_scores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
