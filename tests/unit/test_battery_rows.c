/* SPDX-License-Identifier: MIT */
/* The battery on rows that are disturbed, sliced or hostile: figures against naive references, and mutants that fail each check. */
#include <float.h>

#include "mutants.h"

/* Disturbed rows -------------------------------------------------------------------------------------------------------------- */

static uint64_t seed_of(const kedge_battery_config *c, int use)
{
    kedge_rng rng = {c->seed};
    uint64_t seed = 0;
    for (int i = 0; i <= use; i++)
        seed = kedge_rng_next(&rng);
    return seed;
}

static void naive_noise(const kedge_battery_config *c, double *out)
{
    kedge_rng rng = {seed_of(c, 1)};
    double deviation[WIDTH];
    for (size_t j = 0; j < WIDTH; j++) {
        double n = 0, mean = 0, squares = 0;
        for (size_t i = 0; i < ROWS; i++)
            if (!isnan(x[i * WIDTH + j])) {
                mean += x[i * WIDTH + j];
                n++;
            }
        for (size_t i = 0; i < ROWS; i++)
            if (!isnan(x[i * WIDTH + j]))
                squares += (x[i * WIDTH + j] - mean / n) * (x[i * WIDTH + j] - mean / n);
        deviation[j] = sqrt(squares / n);
    }
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < WIDTH; j++) {
            double *v = &out[i * WIDTH + j];
            *v = x[i * WIDTH + j];
            if (c->nominal[0] >> j & 1) {
                if (kedge_rng_uniform(&rng) < c->noise)
                    *v = x[kedge_rng_below(&rng, ROWS) * WIDTH + j];
            } else {
                *v += c->noise * deviation[j] * kedge_rng_normal(&rng);
            }
        }
}

static void test_noise(void **unused)
{
    static double noisy[ROWS * WIDTH];
    kedge_battery_config c = limits();
    kedge_battery_report r;
    mutant_state mem;
    kedge_model m = make(BAD_SLICE, 2, &mutant, &mem);
    kedge_rows t = kedge_rows_float64(noisy, ROWS, WIDTH);
    (void)unused;
    table(ROWS, 2, 7);
    x[0] = (double)NAN; /* stays missing */
    c.noise = 0.4;
    c.nominal[0] = 2;
    r = run(&m, &c, NULL);
    naive_noise(&c, noisy);
    assert_close(r.noise, score_on(&m, KEDGE_SCORE_ACCURACY, &t, y, NULL), 1e-12);
    assert_close(r.checks[KEDGE_BATTERY_NOISE].figure.value, r.checks[KEDGE_BATTERY_QUALITY].figure.value - r.noise, 1e-12);
    c.noise = 0.01;
    c.nominal[0] = 0;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, NOISE, PASS, WITHIN);
    r = run_kind(BRITTLE, 2, &c);
    ASSERT_CHECK(r, NOISE, FAIL, BEYOND);
    assert_true(r.checks[KEDGE_BATTERY_QUALITY].figure.value > 0.7 && r.noise < 0.6);
    c.loss_noise = (double)NAN;
    r = run_kind(BRITTLE, 2, &c);
    ASSERT_CHECK(r, NOISE, SKIPPED, NO_LIMIT);
    c.loss_noise = 0;
    c.noise = 0;
    r = run_kind(BRITTLE, 2, &c); /* no noise costs nothing */
    ASSERT_CHECK(r, NOISE, PASS, WITHIN);
    x[2] = DBL_MAX; /* far values stay, and do not spoil the spread of others */
    x[WIDTH + 2] = -DBL_MAX;
    c.noise = 100;
    r = run_kind(SOUND, 2, &c);
    assert_true(isfinite(r.noise));
    ASSERT_QUIET();
}

static void test_missing(void **unused)
{
    static double holes[ROWS * WIDTH];
    kedge_battery_config c = limits();
    kedge_battery_report r;
    mutant_state mem;
    kedge_model m = make(LAZY, 2, &mutant, &mem);
    kedge_rows t = kedge_rows_float64(holes, ROWS, WIDTH);
    (void)unused;
    table(ROWS, 2, 8);
    kedge_rng rng = {seed_of(&c, 2)};
    for (size_t i = 0; i < ROWS * WIDTH; i++)
        holes[i] = kedge_rng_uniform(&rng) < c.missing ? (double)NAN : x[i];
    r = run(&m, &c, NULL);
    assert_close(r.missing, score_on(&m, KEDGE_SCORE_ACCURACY, &t, y, NULL), 1e-12);
    ASSERT_CHECK(r, MISSING, UNDECIDED, UNSURE);
    assert_int_equal(r.verdict, KEDGE_BATTERY_PASS); /* it need not be proven */
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, MISSING, PASS, WITHIN);
    c.missing = 0.5;
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, MISSING, FAIL, BEYOND);
    m = make(SOUND, 2, &strict, &mem);
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, MISSING, SKIPPED, REFUSES_MISSING);
    assert_true(isnan(r.missing));
    c.checks &= ~(1u << KEDGE_BATTERY_MISSING | 1u << KEDGE_BATTERY_NOISE);
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, MISSING, SKIPPED, OFF);
    ASSERT_CHECK(r, NOISE, SKIPPED, OFF);
    assert_true(isnan(r.noise));
    ASSERT_QUIET();
}

/* Slices ----------------------------------------------------------------------------------------------------------------------- */

/* The worst of the slices by its own table. */
static double naive_worst(const kedge_model *m, uint32_t by, const double *key, const double *w, size_t least, double *which,
                          size_t *n_rows)
{
    static double part[ROWS * WIDTH], part_y[ROWS], part_w[ROWS];
    double worst = (double)NAN;
    for (size_t k = 0; k < ROWS; k++) {
        size_t n = 0, counted = 0;
        for (size_t i = 0; i < ROWS; i++)
            if (key[i] == key[k] || (isnan(key[i]) && isnan(key[k]))) {
                memcpy(part + n * WIDTH, x + i * WIDTH, WIDTH * sizeof *x);
                part_w[n] = w ? w[i] : 1;
                counted += part_w[n] > 0;
                part_y[n++] = y[i];
            }
        kedge_rows t = kedge_rows_float64(part, n, WIDTH);
        if (counted < least)
            continue;
        double score = score_on(m, by, &t, part_y, part_w);
        if (!isnan(score) && (isnan(worst) || (kedge_score_direction(by) > 0 ? score < worst : score > worst))) {
            worst = score;
            *which = key[k];
            *n_rows = counted;
        }
    }
    return worst;
}

static void test_slices(void **unused)
{
    static double key[ROWS];
    static uint32_t groups[ROWS];
    kedge_battery_config c = limits();
    kedge_battery_report r;
    mutant_state mem;
    kedge_model m = make(BAD_SLICE, 2, &mutant, &mem);
    double which = 0;
    size_t n = 0;
    (void)unused;
    table(ROWS, 2, 9);
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, SLICE, SKIPPED, NO_SLICES);
    c.slice_column = 1;
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, SLICE, FAIL, BEYOND);
    assert_true(r.slice == 2 && r.n_slices == 4);
    c.loss_slice = 0.2;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, SLICE, PASS, WITHIN);
    c.loss_slice = 0;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, SLICE, UNDECIDED, UNSURE);
    c.least_slice = ROWS;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, SLICE, SKIPPED, SMALL_SLICES);
    assert_true(r.n_slices == 0 && r.slice_rows == 0 && isnan(r.slice));
    c = limits();
    c.groups = groups;
    c.n_resamples = 2000;
    kedge_figure of_two, of_many;
    for (size_t i = 0; i < ROWS; i++)
        groups[i] = x[i * WIDTH + 1] == 2;
    r = run(&m, &c, NULL);
    of_two = r.checks[KEDGE_BATTERY_SLICE].figure;
    for (size_t i = 0; i < ROWS; i++)
        groups[i] = x[i * WIDTH + 1] == 2 ? 100 : (uint32_t)(i % 7);
    r = run(&m, &c, NULL); /* the same slice is the worst, now of more, so it takes more to blame it */
    of_many = r.checks[KEDGE_BATTERY_SLICE].figure;
    assert_true(r.slice == 100 && r.n_slices == 8 && of_many.value == of_two.value);
    assert_true(of_many.low < of_two.low && of_two.high < of_many.high);
    for (size_t i = 0; i < ROWS; i++)
        groups[i] = (uint32_t)(i % 4);
    c.least_slice = ROWS / 4;
    r = run(&m, &c, NULL);
    assert_int_equal(r.n_slices, 4);
    c.least_slice = ROWS / 4 + 1;
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, SLICE, SKIPPED, SMALL_SLICES);
    for (uint32_t round = 0; round < 10; round++) { /* against tables of their own */
        static const uint32_t scores[] = {KEDGE_SCORE_ACCURACY, KEDGE_SCORE_LOG_LOSS, KEDGE_SCORE_BRIER, KEDGE_SCORE_AUC,
                                          KEDGE_SCORE_ACCURACY};
        const double *w = round % 2 ? weight : NULL;
        table(ROWS, 2, 20 + round);
        c = limits();
        c.checks = 1u << KEDGE_BATTERY_SLICE;
        c.score = scores[round / 2];
        c.least_slice = 20;
        for (size_t i = 0; i < ROWS; i++) {
            if (i % 9 == 0)
                x[i * WIDTH + 1] = i % 2 ? (double)NAN : -0.0;
            groups[i] = (uint32_t)(i * i % 7) + 4000000000u;
            key[i] = round < 5 ? x[i * WIDTH + 1] : (double)groups[i];
        }
        c.slice_column = round < 5 ? 1 : KEDGE_NO_COLUMN;
        c.groups = round < 5 ? NULL : groups;
        r = run_weighted(&m, &c, NULL, w);
        double worst = naive_worst(&m, c.score, key, w, c.least_slice, &which, &n);
        assert_close(r.slice_score, worst, 1e-12);
        assert_true(r.slice == which || (isnan(r.slice) && isnan(which)));
        assert_int_equal(r.slice_rows, n);
        double all = score_on(&m, c.score, &rows, y, w);
        assert_close(r.checks[KEDGE_BATTERY_SLICE].figure.value, kedge_score_direction(c.score) * (all - worst), 1e-12);
        assert_int_equal(r.n_skipped, KEDGE_BATTERY_CHECKS - 1);
    }
    ASSERT_QUIET();
}

static void test_calibration(void **unused)
{
    static unsigned long long mem[2000];
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    for (uint32_t n_classes = 2; n_classes <= 3; n_classes++) {
        kedge_reliability_config how = kedge_reliability_defaults(n_classes);
        kedge_reliability_report told;
        kedge_metric q;
        mutant_state state;
        kedge_model m = make(SOUND, n_classes, &mutant, &state);
        table(ROWS, n_classes, 10);
        c.n_bins = how.n_bins = 12;
        r = run_weighted(&m, &c, NULL, weight);
        assert_int_equal(kedge_metric_init(&q, &how.base, mem, sizeof mem), KEDGE_OK);
        for (size_t i = 0; i < ROWS; i++) {
            double scores[3];
            assert_int_equal(kedge_model_score(&m, x + i * WIDTH, scores, n_classes), KEDGE_OK);
            assert_int_equal(kedge_reliability_record(&q, (uint32_t)y[i], scores, n_classes, weight[i]), KEDGE_OK);
        }
        assert_int_equal(kedge_reliability_read(&q, &told), KEDGE_OK);
        assert_close(r.checks[KEDGE_BATTERY_CALIBRATION].figure.value, told.ece, 1e-12);
    }
    table(ROWS, 2, 11);
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, CALIBRATION, PASS, WITHIN);
    c.calibration = 0.05;
    r = run_kind(SURE, 2, &c);
    ASSERT_CHECK(r, CALIBRATION, FAIL, BEYOND);
    table(ROWS, 0, 11);
    c.score = KEDGE_SCORE_R2;
    r = run_kind(SOUND, 0, &c);
    ASSERT_CHECK(r, CALIBRATION, SKIPPED, NOT_CLASSES);
    ASSERT_QUIET();
}

/* Answers --------------------------------------------------------------------------------------------------------------------- */

static void test_sound(void **unused)
{
    static const struct {
        uint32_t kind, n_classes;
        int32_t why;
    } broken[] = {{NOT_A_NUMBER, 2, KEDGE_WHY_NOT_FINITE}, {NOT_A_NUMBER, 0, KEDGE_WHY_NOT_FINITE},
                  {NO_CLASS, 2, KEDGE_WHY_NO_CLASS},       {NEGATIVE, 2, KEDGE_WHY_NO_PROBABILITY},
                  {HEAVY, 2, KEDGE_WHY_NO_PROBABILITY},    {FAILS, 2, KEDGE_WHY_ERROR}};
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
        uint64_t n = 0, first = UINT64_MAX;
        table(ROWS, broken[k].n_classes, 12);
        c.score = broken[k].n_classes > 0 ? KEDGE_SCORE_ACCURACY : KEDGE_SCORE_R2;
        r = run_kind(broken[k].kind, broken[k].n_classes, &c);
        for (size_t i = 0; i < ROWS; i++) {
            first = x[i * WIDTH + 2] > 1 && n == 0 ? i : first;
            n += x[i * WIDTH + 2] > 1;
        }
        assert_true(n > 20 && r.first_broken == first && r.checks[KEDGE_BATTERY_SOUND].figure.value == (double)n);
        assert_int_equal(r.checks[KEDGE_BATTERY_SOUND].verdict, KEDGE_BATTERY_FAIL);
        assert_int_equal(r.checks[KEDGE_BATTERY_SOUND].why, broken[k].why);
        ASSERT_CHECK(r, QUALITY, FAIL, BROKEN);
        ASSERT_CHECK(r, NOISE, FAIL, BROKEN);
        ASSERT_CHECK(r, SAME, FAIL, BROKEN);
        assert_int_equal(r.status, broken[k].kind == FAILS ? KEDGE_ERR_NUMERIC : KEDGE_OK);
        assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    }
    table(ROWS, 2, 12);
    c.score = KEDGE_SCORE_ACCURACY;
    for (uint32_t n_classes = 0; n_classes <= 3; n_classes += n_classes == 0 ? 2 : 1) {
        table(ROWS, n_classes, 12);
        c.score = n_classes > 0 ? KEDGE_SCORE_ACCURACY : KEDGE_SCORE_R2;
        r = run_kind(SOUND, n_classes, &c);
        ASSERT_CHECK(r, SOUND, PASS, WITHIN);
        ASSERT_CHECK(r, SAME, PASS, WITHIN);
        ASSERT_CHECK(r, HOSTILE, PASS, WITHIN);
        assert_int_equal(r.first_broken, UINT64_MAX);
    }
    ASSERT_QUIET();
}

static void test_same(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(ROWS, 2, 13);
    c.checks = 1u << KEDGE_BATTERY_SAME;
    r = run_kind(FORGETFUL, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, FORGETFUL);
    assert_true(r.checks[KEDGE_BATTERY_SAME].figure.value > ROWS / 4);
    r = run_kind(SCORES_VARY, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, FORGETFUL);
    c.score = KEDGE_SCORE_LOG_LOSS; /* does not look at the classes, which change */
    r = run_kind(LATER, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, FORGETFUL);
    r = run_kind(BATCH_ONLY, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, BATCH);
    assert_true(r.checks[KEDGE_BATTERY_SAME].figure.value == ROWS);
    r = run_kind(CHANGES, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, CHANGED);
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, SAME, PASS, WITHIN);
    assert_int_equal(r.verdict, KEDGE_BATTERY_PASS);
    c.checks = 0;
    r = run_kind(CHANGES, 2, &c);
    assert_int_equal(r.verdict, KEDGE_BATTERY_SKIPPED);
    assert_int_equal(r.n_skipped, KEDGE_BATTERY_CHECKS);
}

static void test_hostile(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(ROWS, 2, 14);
    r = run_kind(EXPLODES, 2, &c);
    ASSERT_CHECK(r, SOUND, PASS, WITHIN); /* of rows like these */
    ASSERT_CHECK(r, HOSTILE, FAIL, NOT_FINITE);
    assert_int_equal(r.n_failed, 1);
    r = run_kind(FALLS, 2, &c);
    ASSERT_CHECK(r, HOSTILE, FAIL, ERROR);
    assert_int_equal(r.status, KEDGE_ERR_NUMERIC);
    c.n_hostile = 1;
    r = run_kind(FALLS, 2, &c); /* zeros only */
    ASSERT_CHECK(r, HOSTILE, PASS, WITHIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise),       cmocka_unit_test(test_missing),     cmocka_unit_test(test_slices),
        cmocka_unit_test(test_calibration), cmocka_unit_test(test_sound),       cmocka_unit_test(test_same),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
