/* SPDX-License-Identifier: MIT */
/* The battery before deployment: what a model is measured by and against, on models that pass and on mutants that fail, figures
 * against naive references, and how often intervals hold the truth. */
#include "mutants.h"

/* Quality and costs ----------------------------------------------------------------------------------------------------------- */

static void test_quality(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(ROWS, 2, 1);
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, SKIPPED, NO_LIMIT); /* but measured */
    const kedge_figure f = r.checks[KEDGE_BATTERY_QUALITY].figure;
    assert_true(0.7 < f.low && f.low < f.value && f.value < f.high && f.high < 0.95 && f.deviation > 0.01 && f.deviation < 0.03);
    c.quality = f.low - 1e-6;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, PASS, WITHIN);
    assert_true(r.checks[KEDGE_BATTERY_QUALITY].limit == c.quality);
    c.quality = f.low + 1e-6;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNSURE);
    assert_int_equal(r.verdict, KEDGE_BATTERY_UNDECIDED);
    c.prove &= ~(1u << KEDGE_BATTERY_QUALITY); /* then it must not fail, no more */
    r = run_kind(SOUND, 2, &c);
    assert_int_equal(r.verdict, KEDGE_BATTERY_PASS);
    c.quality = f.high + 1e-6;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, FAIL, BEYOND);
    assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    c.score = KEDGE_SCORE_LOG_LOSS; /* less is better */
    c.quality = 1;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, PASS, WITHIN);
    c.quality = 0.1;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, FAIL, BEYOND);
    c.score = KEDGE_SCORE_AUC;
    c.quality = 0.8;
    for (size_t i = 0; i < ROWS; i++)
        y[i] = 1;
    r = run_kind(SOUND, 2, &c); /* one class only: no area */
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNDEFINED);
    assert_true(isnan(r.usual) && isnan(r.checks[KEDGE_BATTERY_QUALITY].figure.value));
    ASSERT_QUIET();
}

/* All rows are right: the bootstrap knows of no error, Wilson's interval does. Few rows decide nothing. */
static void test_few_rows(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(40, 2, 2);
    for (size_t i = 0; i < 40; i++)
        y[i] = x[i * WIDTH] > 0;
    c.quality = 0.95;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNSURE);
    assert_true(r.checks[KEDGE_BATTERY_QUALITY].figure.value == 1 && r.checks[KEDGE_BATTERY_QUALITY].figure.high == 1);
    assert_close(r.checks[KEDGE_BATTERY_QUALITY].figure.low, 1 / (1 + 1.959963984540054 * 1.959963984540054 / 40), 1e-9);
    c.block = 2; /* rows that depend on each other: no interval of Wilson's */
    r = run_kind(SOUND, 2, &c);
    assert_true(r.checks[KEDGE_BATTERY_QUALITY].figure.low == 1);
    c.block = 1;
    c.quality = 0.9;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, PASS, WITHIN);
    c.least_rows = 41;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, FEW_ROWS);
    ASSERT_CHECK(r, USUAL, UNDECIDED, FEW_ROWS);
    ASSERT_CHECK(r, BYTES, SKIPPED, NO_LIMIT);
    rows.n_rows = 1;
    c.least_rows = 1;
    r = run_kind(SOUND, 2, &c);
    assert_int_equal(r.n_rows, 1);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNSURE);
    for (size_t i = 0; i < ROWS; i++)
        weight[i] = 0;
    mutant_state mem;
    kedge_model m = make(SOUND, 2, &mutant, &mem);
    r = run_weighted(&m, &c, NULL, weight);
    assert_int_equal(r.n_rows, 0);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNDEFINED);
    ASSERT_QUIET();
}

static uint64_t tick(void *context)
{
    return now + *(uint64_t *)context;
}

static void test_costs(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    uint64_t offset = 1000;
    (void)unused;
    table(ROWS, 2, 3);
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, MEDIAN, SKIPPED, NO_CLOCK);
    ASSERT_CHECK(r, TAIL, SKIPPED, NO_CLOCK);
    assert_true(r.checks[KEDGE_BATTERY_BYTES].figure.value == sizeof(mutant_state));
    c.clock = tick;
    c.context = &offset;
    cost = 250;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, MEDIAN, SKIPPED, NO_LIMIT);
    assert_true(r.checks[KEDGE_BATTERY_MEDIAN].figure.value == 250 && r.checks[KEDGE_BATTERY_TAIL].figure.high == 250);
    c.median_ns = 250;
    c.tail_ns = 249;
    c.state_bytes = sizeof(mutant_state);
    c.snapshot_bytes = 1;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, MEDIAN, PASS, WITHIN);
    ASSERT_CHECK(r, TAIL, FAIL, BEYOND);
    ASSERT_CHECK(r, BYTES, PASS, WITHIN);
    ASSERT_CHECK(r, SNAPSHOT, FAIL, BEYOND);
    mutant_state mem;
    kedge_model m = make(SOUND, 2, &mutant, &mem);
    size_t len = 0;
    assert_int_equal(kedge_model_save(&m, NULL, 0, &len), KEDGE_ERR_BUFFER);
    assert_true(r.checks[KEDGE_BATTERY_SNAPSHOT].figure.value == (double)len);
    c.state_bytes -= 1;
    c.snapshot_bytes = (double)len;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, BYTES, FAIL, BEYOND);
    ASSERT_CHECK(r, SNAPSHOT, PASS, WITHIN);
    cost = 0;
    ASSERT_QUIET();
}

/* A clock by which the i-th prediction takes 37 i modulo 101: the numbers from 1 to 100 in some order. */
static uint64_t jumps(void *context)
{
    uint64_t call = ++*(uint64_t *)context;
    return (call + 1) / 2 * 1000 + (call % 2 ? 0 : call / 2 * 37 % 101);
}

/* Ranks from n q - 1.96 sqrt(n q (1 - q)) to one above its mirror. */
static void test_quantiles(void **unused)
{
    kedge_battery_config c = limits();
    uint64_t calls = 0;
    (void)unused;
    table(ROWS, 2, 4);
    c.clock = jumps;
    c.context = &calls;
    c.n_timed = 100;
    kedge_battery_report r = run_kind(SOUND, 2, &c);
    const kedge_figure median = r.checks[KEDGE_BATTERY_MEDIAN].figure, tail = r.checks[KEDGE_BATTERY_TAIL].figure;
    assert_int_equal(calls, 200);
    assert_true(median.value == 50 && median.low == 40 && median.high == 61);
    assert_true(tail.value == 99 && tail.low == 97 && tail.high == 100);
}

/* What it is measured against ------------------------------------------------------------------------------------------------- */

static void test_baselines(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(ROWS, 2, 5);
    for (size_t i = 0; i < ROWS; i++)
        y[i] = y[i] > 0 || i % 4 == 0; /* class 1 is usual */
    r = run_kind(SOUND, 2, &c);
    double ones = 0, same = y[0] == 0;
    for (size_t i = 0; i < ROWS; i++) {
        ones += y[i] / ROWS;
        same += i > 0 && y[i] == y[i - 1];
    }
    assert_close(r.usual, ones, 1e-12);
    assert_close(r.last, same / ROWS, 1e-12);
    ASSERT_CHECK(r, USUAL, PASS, WITHIN);
    ASSERT_CHECK(r, LAST, PASS, WITHIN);
    assert_close(r.checks[KEDGE_BATTERY_USUAL].figure.value, r.checks[KEDGE_BATTERY_QUALITY].figure.value - ones, 1e-12);
    c.gain_usual = 0.3;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, USUAL, FAIL, BEYOND);
    c.gain_usual = 0;
    r = run_kind(BLIND, 2, &c); /* always class 0 */
    ASSERT_CHECK(r, USUAL, FAIL, BEYOND);
    assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    for (size_t i = 0; i < ROWS; i++)
        y[i] = (double)(i * 4 / ROWS % 2); /* changes seldom: the row before knows best */
    r = run_kind(SOUND, 2, &c);
    assert_close(r.last, 1 - 3.0 / ROWS, 1e-12);
    ASSERT_CHECK(r, LAST, FAIL, BEYOND);
    mutant_state mem;
    kedge_model m = make(SOUND, 2, &mutant, &mem);
    double before = 0, hits = 0, sum = 0; /* rows without weight are no rows before */
    table(ROWS, 2, 5);
    for (size_t i = 0; i < ROWS; i++) {
        hits += weight[i] * (y[i] == before);
        sum += weight[i];
        before = weight[i] > 0 ? y[i] : before;
    }
    r = run_weighted(&m, &c, NULL, weight);
    assert_close(r.last, hits / sum, 1e-12);
    for (size_t i = 0; i < ROWS; i++)
        y[i] = 0;
    r = run_kind(BLIND, 2, &c); /* the same answers: not better */
    ASSERT_CHECK(r, USUAL, FAIL, BEYOND);
    ASSERT_QUIET();
}

/* P(as many or more go to the champion), half of its own chance; by sums of binomials. */
static double naive_mid_p(uint64_t lost, uint64_t won)
{
    double sum = 0, n = (double)(lost + won);
    for (uint64_t k = lost; k <= lost + won; k++) {
        double term = exp(lgamma(n + 1) - lgamma((double)k + 1) - lgamma(n - (double)k + 1) - n * log(2));
        sum += k == lost ? term / 2 : term;
    }
    return sum;
}

static void test_champion(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    mutant_state mem, other;
    kedge_model m, champion;
    (void)unused;
    table(ROWS, 2, 6);
    m = make(SOUND, 2, &mutant, &mem);
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, CHAMPION, SKIPPED, NO_CHAMPION);
    ASSERT_CHECK(r, MCNEMAR, SKIPPED, NO_CHAMPION);
    champion = make(SOUND, 2, &strict, &other);
    r = run(&m, &c, &champion); /* the same answers */
    ASSERT_CHECK(r, CHAMPION, PASS, WITHIN);
    ASSERT_CHECK(r, MCNEMAR, PASS, WITHIN);
    assert_true(r.checks[KEDGE_BATTERY_CHAMPION].figure.low == 0 && r.champion == r.checks[KEDGE_BATTERY_QUALITY].figure.value);
    assert_close(r.checks[KEDGE_BATTERY_MCNEMAR].figure.value, 0.5, 1e-12);
    champion = make(BAD_SLICE, 2, &mutant, &other);
    r = run(&m, &c, &champion);
    ASSERT_CHECK(r, CHAMPION, PASS, WITHIN);
    ASSERT_CHECK(r, MCNEMAR, PASS, WITHIN);
    uint64_t won = r.only_model, lost = r.only_champion;
    assert_true(won > 2 * lost && lost > 0);
    assert_close(r.checks[KEDGE_BATTERY_CHAMPION].figure.value, ((double)won - (double)lost) / ROWS, 1e-12);
    assert_close(r.checks[KEDGE_BATTERY_MCNEMAR].figure.value, naive_mid_p(lost, won), 1e-10);
    r = run(&champion, &c, &m); /* and the other way round */
    ASSERT_CHECK(r, CHAMPION, FAIL, BEYOND);
    ASSERT_CHECK(r, MCNEMAR, FAIL, BEYOND);
    assert_true(r.only_model == lost && r.only_champion == won);
    assert_true(fabs(r.checks[KEDGE_BATTERY_MCNEMAR].figure.value - naive_mid_p(won, lost)) < 1e-6 * naive_mid_p(won, lost));
    c.loss_champion = 0.5;
    r = run(&champion, &c, &m);
    ASSERT_CHECK(r, CHAMPION, PASS, WITHIN);
    c.block = 5;
    r = run(&m, &c, &champion);
    ASSERT_CHECK(r, MCNEMAR, SKIPPED, DEPENDENT);
    champion = make(NOT_A_NUMBER, 2, &mutant, &other);
    r = run(&m, &c, &champion);
    ASSERT_CHECK(r, CHAMPION, SKIPPED, CHAMPION_BROKEN);
    ASSERT_CHECK(r, MCNEMAR, SKIPPED, CHAMPION_BROKEN);
    assert_true(isnan(r.champion) && r.verdict == KEDGE_BATTERY_PASS);
    x[5] = (double)NAN;
    champion = make(SOUND, 2, &strict, &other);
    r = run(&m, &c, &champion); /* refuses a row that the model takes */
    ASSERT_CHECK(r, CHAMPION, SKIPPED, CHAMPION_BROKEN);
    ASSERT_QUIET();
}

/* All scores, weights, strides ------------------------------------------------------------------------------------------------ */

static void test_all_scores(void **unused)
{
    (void)unused;
    for (uint32_t by = KEDGE_SCORE_ACCURACY; by <= KEDGE_SCORE_R2; by++) {
        static float narrow[ROWS * 2 * WIDTH];
        uint32_t n_classes = by <= KEDGE_SCORE_AUC ? 2 : 0;
        kedge_battery_config c = limits();
        mutant_state mem, other;
        unsigned long long base[KEDGE_BASELINE_BYTES_FOR(2u) / 8];
        kedge_model m = make(SOUND, n_classes, &mutant, &mem), champion = make(BAD_SLICE, n_classes, &mutant, &other), usual;
        kedge_baseline_config cfg = kedge_baseline_defaults(WIDTH, n_classes);
        size_t used;
        table(ROWS, n_classes, 30 + by);
        for (size_t i = 0; i < ROWS; i++)
            for (size_t j = 0; j < WIDTH; j++) {
                narrow[2 * (i * WIDTH + j)] = (float)x[i * WIDTH + j];
                x[i * WIDTH + j] = (double)(float)x[i * WIDTH + j];
            }
        c.score = by;
        c.slice_column = 1;
        kedge_battery_report r = run_weighted(&m, &c, &champion, weight), again;
        double all = score_on(&m, by, &rows, y, weight);
        int sign = kedge_score_direction(by);
        assert_close(r.checks[KEDGE_BATTERY_QUALITY].figure.value, all, 1e-12);
        assert_close(r.champion, score_on(&champion, by, &rows, y, weight), 1e-12);
        assert_int_equal(kedge_model_init(&usual, &cfg.base, base, sizeof base), KEDGE_OK);
        assert_int_equal(kedge_model_learn_many(&usual, &rows, y, weight, &used), KEDGE_OK);
        assert_close(r.usual, score_on(&usual, by, &rows, y, weight), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_USUAL].figure.value, sign * (all - r.usual), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_LAST].figure.value, sign * (all - r.last), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_NOISE].figure.value, sign * (all - r.noise), 1e-12);
        ASSERT_CHECK(r, USUAL, PASS, WITHIN);
        ASSERT_CHECK(r, LAST, PASS, WITHIN);
        ASSERT_CHECK(r, CHAMPION, PASS, WITHIN);
        for (int i = 0; i <= KEDGE_BATTERY_MISSING; i++) {
            const kedge_figure *f = &r.checks[i].figure;
            if (i != KEDGE_BATTERY_MCNEMAR)
                assert_true(f->low <= f->value && f->value <= f->high && f->deviation >= 0);
        }
        int has_unit = by == KEDGE_SCORE_MSE || by == KEDGE_SCORE_RMSE || by == KEDGE_SCORE_MAE;
        assert_close(r.checks[KEDGE_BATTERY_NOISE].limit, 0.05 * (has_unit ? r.usual : 1), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_SLICE].limit, 0.1 * (has_unit ? r.usual : 1), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_CHAMPION].limit, -0.01 * (has_unit ? r.usual : 1), 1e-12);
        rows = kedge_rows_float32(narrow, ROWS, WIDTH); /* every second number of a table of floats */
        rows.row_stride = 2 * WIDTH;
        rows.column_stride = 2;
        again = run_weighted(&m, &c, &champion, weight);
        assert_memory_equal(&r, &again, sizeof r);
        ASSERT_QUIET();
    }
}

/* Intervals ------------------------------------------------------------------------------------------------------------------- */

/* How often intervals of 90 % hold the truth. SOUND is right with the probability that it gives: 0.5 + 0.5 |signal|, 5/6 on average
 * for this signal; BAD_SLICE is wrong in a quarter of the rows instead, so it is worse by a quarter of 2 * 5/6 - 1. Limits are four
 * standard errors of 150 tables around a little less than what is nominal. */
static void test_coverage(void **unused)
{
    enum { TRIALS = 150, N = 150 };
    int quality = 0, gain = 0, wrong = 0;
    kedge_battery_config c = limits();
    (void)unused;
    c.confidence = 0.9;
    c.checks = 1u << KEDGE_BATTERY_QUALITY | 1u << KEDGE_BATTERY_CHAMPION;
    c.quality = 5.0 / 6.0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        mutant_state mem, other;
        kedge_model m = make(SOUND, 2, &mutant, &mem), champion = make(BAD_SLICE, 2, &mutant, &other);
        table(N, 2, 1000 + trial);
        c.seed = trial;
        kedge_battery_report r = run(&m, &c, &champion);
        const kedge_battery_check *q = &r.checks[KEDGE_BATTERY_QUALITY], *g = &r.checks[KEDGE_BATTERY_CHAMPION];
        quality += q->figure.low <= 5.0 / 6.0 && 5.0 / 6.0 <= q->figure.high;
        gain += g->figure.low <= 1.0 / 6.0 && 1.0 / 6.0 <= g->figure.high;
        wrong += q->verdict != KEDGE_BATTERY_UNDECIDED; /* a model at the limit is told apart from it as seldom */
    }
    assert_true(quality > 0.79 * TRIALS && quality < 0.99 * TRIALS);
    assert_true(gain > 0.77 * TRIALS && gain < 0.99 * TRIALS);
    assert_int_equal(wrong, TRIALS - quality);
}

/* The paired bootstrap's standard error against that of n differences. */
static void test_deviation(void **unused)
{
    kedge_battery_config c = limits();
    mutant_state mem, other;
    kedge_model m = make(SOUND, 2, &mutant, &mem), champion = make(BAD_SLICE, 2, &mutant, &other);
    (void)unused;
    table(ROWS, 2, 15);
    c.n_resamples = 2000;
    c.checks = 1u << KEDGE_BATTERY_CHAMPION;
    kedge_battery_report r = run(&m, &c, &champion);
    double won = (double)r.only_model / ROWS, lost = (double)r.only_champion / ROWS;
    double exact = sqrt((won + lost - (won - lost) * (won - lost)) / ROWS);
    const kedge_figure f = r.checks[KEDGE_BATTERY_CHAMPION].figure;
    assert_true(fabs(f.deviation / exact - 1) < 0.08);
    assert_true(fabs((f.high - f.low) / (2 * 1.96 * exact) - 1) < 0.12);
    c.block = ROWS + 5; /* one block is the whole table: nothing varies */
    r = run(&m, &c, &champion);
    assert_true(r.checks[KEDGE_BATTERY_CHAMPION].figure.deviation < 1e-12);
}

/* Every model of the core passes what must hold for all: answers that are sound, the same and finite. */
static void test_core_models(void **unused)
{
    kedge_battery_config c = limits();
    static unsigned long long mem[100000], work[200000];
    kedge_logistic_config logistic = kedge_logistic_defaults(WIDTH, 2);
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_hoeffding_tree_config tree = kedge_hoeffding_tree_defaults(WIDTH, 2);
    kedge_knn_config knn = kedge_knn_defaults(WIDTH, 2);
    kedge_random_forest_config forest = kedge_random_forest_defaults(WIDTH, 2);
    kedge_model_config *all[] = {&logistic.base, &bayes.base, &tree.base, &knn.base, &forest.base};
    (void)unused;
    forest.n_trees = 5;
    forest.max_leaves = 16;
    c.quality = 0.6;
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        kedge_model m;
        size_t used;
        table(ROWS, 2, 16);
        assert_int_equal(kedge_model_init(&m, all[k], mem, sizeof mem), KEDGE_OK);
        if (all[k]->cls->fit)
            assert_int_equal(kedge_model_fit(&m, &rows, y, NULL, work, sizeof work), KEDGE_OK);
        else
            assert_int_equal(kedge_model_learn_many(&m, &rows, y, NULL, &used), KEDGE_OK);
        table(ROWS, 2, 17);
        kedge_battery_report r = run(&m, &c, NULL);
        ASSERT_CHECK(r, QUALITY, PASS, WITHIN);
        ASSERT_CHECK(r, USUAL, PASS, WITHIN);
        ASSERT_CHECK(r, SOUND, PASS, WITHIN);
        ASSERT_CHECK(r, SAME, PASS, WITHIN);
        ASSERT_CHECK(r, HOSTILE, PASS, WITHIN);
        ASSERT_QUIET();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quality),     cmocka_unit_test(test_few_rows),    cmocka_unit_test(test_costs),
        cmocka_unit_test(test_quantiles),   cmocka_unit_test(test_baselines),   cmocka_unit_test(test_champion),
        cmocka_unit_test(test_all_scores),  cmocka_unit_test(test_coverage),    cmocka_unit_test(test_deviation),
        cmocka_unit_test(test_core_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
