/* SPDX-License-Identifier: MIT */
/* The gate: every check on challengers that pass it and on ones that fail, figures against naive references, tests of the host, and
 * everything that a caller can get wrong. */
#include <fenv.h>
#include <float.h>
#include <stdio.h>

#include "gate_models.h"

enum { ROWS = 600 };

#define BIT(check) (1u << (check))
#define ASSERT_QUIET() assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0)

static double x[ROWS * GATE_WIDTH], y[ROWS], weight[ROWS];
static uint32_t groups[ROWS];
static kedge_rows rows;
static says_state mem[2];
static kedge_model champion, challenger;
static kedge_battery_config battery;
static kedge_gate_config gate;

/* Column 0 is right in 7 of 10 rows, column 1 in 9; column 2 is a slice, 3 noise. */
static int set_up(void **state)
{
    kedge_rng rng = {7};
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        double *row = x + i * GATE_WIDTH;
        y[i] = (double)kedge_rng_below(&rng, 2);
        row[0] = kedge_rng_below(&rng, 10) < 7 ? y[i] : 1 - y[i];
        row[1] = kedge_rng_below(&rng, 10) < 9 ? y[i] : 1 - y[i];
        row[2] = (double)(i % 3);
        row[3] = kedge_rng_normal(&rng);
        row[4] = 0;
        weight[i] = (double)kedge_rng_below(&rng, 3);
        groups[i] = (uint32_t)kedge_rng_below(&rng, 2);
    }
    rows = kedge_rows_float64(x, ROWS, GATE_WIDTH);
    champion = says_new(&mem[0], 2, SAYS_COLUMN, 0);
    challenger = says_new(&mem[1], 2, SAYS_COLUMN, 1);
    battery = kedge_battery_defaults();
    battery.checks = 0;
    battery.n_resamples = 200;
    gate = kedge_gate_defaults(&battery);
    feclearexcept(FE_ALL_EXCEPT);
    return 0;
}

static kedge_gate_report judged(void)
{
    return gate_judged(&gate, &champion, &challenger, &rows, y, NULL, NULL);
}

static const kedge_battery_check *check_of(const kedge_gate_report *r, uint32_t i_check)
{
    return &r->checks[i_check - KEDGE_GATE_FIRST];
}

static void assert_check(const kedge_gate_report *r, uint32_t i_check, int32_t verdict, int32_t why)
{
    const uint32_t sets[] = {0, r->passed, r->failed, r->undecided, r->skipped};
    if (check_of(r, i_check)->verdict != verdict || check_of(r, i_check)->why != why)
        print_error("%s: %s\n", kedge_gate_check_name(i_check), kedge_battery_reason_string(check_of(r, i_check)->why));
    assert_int_equal(check_of(r, i_check)->verdict, verdict);
    assert_int_equal(check_of(r, i_check)->why, why);
    for (int32_t v = 1; v <= 4; v++)
        assert_int_equal((sets[v] & BIT(i_check)) != 0, v == verdict);
}

static void a_better_challenger_passes_and_a_worse_one_fails(void **state)
{
    uint64_t won = 0, lost = 0;
    (void)state;
    kedge_gate_report r = judged();
    for (size_t i = 0; i < ROWS; i++) {
        won += x[i * GATE_WIDTH + 1] == y[i] && x[i * GATE_WIDTH] != y[i];
        lost += x[i * GATE_WIDTH + 1] != y[i] && x[i * GATE_WIDTH] == y[i];
    }
    ASSERT_QUIET();
    assert_int_equal(r.verdict, KEDGE_BATTERY_PASS);
    assert_int_equal(r.only_challenger, won);
    assert_int_equal(r.only_champion, lost);
    assert_close(check_of(&r, KEDGE_GATE_BETTER)->figure.value, ((double)won - (double)lost) / ROWS, 1e-14);
    assert_close(r.challenger - r.champion, ((double)won - (double)lost) / ROWS, 1e-14);
    assert_check(&r, KEDGE_GATE_BETTER, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    assert_check(&r, KEDGE_GATE_SAFE, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    assert_check(&r, KEDGE_GATE_ARTIFACT, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    assert_check(&r, KEDGE_GATE_SLICE, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_SLICES);
    assert_check(&r, KEDGE_GATE_FAIR, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_GROUPS);
    assert_check(&r, KEDGE_GATE_FAIRER, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_GROUPS);
    assert_check(&r, KEDGE_GATE_LOAD, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_CLOCK);
    assert_check(&r, KEDGE_GATE_MEMORY, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_LIMIT);
    assert_check(&r, KEDGE_GATE_CONVERGES, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_FRESH);
    assert_check(&r, KEDGE_GATE_TESTS, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_TESTS);
    assert_int_equal(r.passed | r.failed | r.undecided | r.skipped, KEDGE_GATE_ALL | KEDGE_BATTERY_ALL);

    r = gate_judged(&gate, &challenger, &champion, &rows, y, NULL, NULL); /* the other way round */
    assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    assert_check(&r, KEDGE_GATE_BETTER, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    assert_check(&r, KEDGE_GATE_SAFE, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);

    r = gate_judged(&gate, &champion, &champion, &rows, y, NULL, NULL); /* against itself */
    assert_int_equal(r.verdict, KEDGE_BATTERY_UNDECIDED);
    assert_true(r.rows_needed >= 30);
    r = gate_judged(&gate, NULL, &challenger, &rows, y, NULL, NULL); /* the first model */
    assert_int_equal(r.verdict, KEDGE_BATTERY_PASS);
    assert_check(&r, KEDGE_GATE_BETTER, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_CHAMPION);
    assert_true(isnan(r.champion));
    kedge_rows few = rows;
    few.n_rows = 29;
    r = gate_judged(&gate, &champion, &challenger, &few, y, NULL, NULL);
    assert_check(&r, KEDGE_GATE_BETTER, KEDGE_BATTERY_UNDECIDED, KEDGE_WHY_FEW_ROWS);
    few.n_rows = 1;
    r = gate_judged(&gate, &champion, &challenger, &few, y, NULL, NULL);
    assert_int_equal(r.verdict, KEDGE_BATTERY_UNDECIDED);
    gate.checks = 0;
    assert_int_equal(judged().verdict, KEDGE_BATTERY_SKIPPED);
    ASSERT_QUIET();
}

static void weights_blocks_and_other_scores_take_the_bootstrap(void **state)
{
    static const uint32_t scores[] = {KEDGE_SCORE_ACCURACY, KEDGE_SCORE_LOG_LOSS, KEDGE_SCORE_BRIER, KEDGE_SCORE_AUC};
    (void)state;
    double won = 0, total = 0;
    kedge_gate_report r = gate_judged(&gate, &champion, &challenger, &rows, y, weight, NULL);
    for (size_t i = 0; i < ROWS; i++) {
        won += weight[i] * ((x[i * GATE_WIDTH + 1] == y[i]) - (x[i * GATE_WIDTH] == y[i]));
        total += weight[i];
    }
    assert_close(check_of(&r, KEDGE_GATE_BETTER)->figure.value, won / total, 1e-12);
    assert_int_equal(r.verdict, KEDGE_BATTERY_PASS);
    kedge_gate_report plain = judged();
    battery.block = 2;
    r = judged();
    assert_close(check_of(&r, KEDGE_GATE_BETTER)->figure.low, check_of(&plain, KEDGE_GATE_BETTER)->figure.low, 0.02);
    assert_true(check_of(&r, KEDGE_GATE_BETTER)->figure.low != check_of(&plain, KEDGE_GATE_BETTER)->figure.low);
    for (size_t k = 0; k < 4; k++) {
        battery.score = scores[k];
        r = judged();
        assert_int_equal(r.verdict, KEDGE_BATTERY_PASS);
        assert_true(check_of(&r, KEDGE_GATE_BETTER)->figure.value > 0);
        r = gate_judged(&gate, &challenger, &champion, &rows, y, weight, NULL);
        assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    }
    memset(weight, 0, sizeof weight);
    r = gate_judged(&gate, &champion, &challenger, &rows, y, weight, NULL);
    assert_check(&r, KEDGE_GATE_BETTER, KEDGE_BATTERY_UNDECIDED, KEDGE_WHY_UNDEFINED);
    assert_int_equal(r.n_rows, 0);
    ASSERT_QUIET();
}

static void a_regression_is_judged_in_units_of_the_usual_answer(void **state)
{
    static const uint32_t scores[] = {KEDGE_SCORE_MSE, KEDGE_SCORE_RMSE, KEDGE_SCORE_MAE, KEDGE_SCORE_R2};
    says_state own[2];
    kedge_model good = says_new(&own[0], 0, SAYS_COLUMN, 0), bad = says_new(&own[1], 0, SAYS_COLUMN, 1);
    (void)state;
    double scales[] = {1, 1e6, 1e90};
    for (size_t s = 0; s < 3; s++)
        for (size_t k = 0; k < 4; k++) {
            kedge_rng rng = {k + 1};
            for (size_t i = 0; i < ROWS; i++) {
                double truth = kedge_rng_normal(&rng);
                y[i] = scales[s] * truth;
                x[i * GATE_WIDTH] = scales[s] * (truth + 0.1 * kedge_rng_normal(&rng));
                x[i * GATE_WIDTH + 1] = scales[s] * (truth + 0.3 * kedge_rng_normal(&rng));
            }
            battery.score = scores[k];
            feclearexcept(FE_ALL_EXCEPT);
            kedge_gate_report r = gate_judged(&gate, &bad, &good, &rows, y, NULL, NULL);
            assert_int_equal(r.verdict, KEDGE_BATTERY_PASS);
            if (scores[k] == KEDGE_SCORE_RMSE)
                assert_close(check_of(&r, KEDGE_GATE_SAFE)->limit / scales[s], -0.01, 0.002); /* a hundredth of their deviation */
            r = gate_judged(&gate, &good, &bad, &rows, y, NULL, NULL);
            assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
            ASSERT_QUIET();
        }
    battery.score = KEDGE_SCORE_MSE;
    for (size_t i = 0; i < ROWS; i++)
        y[i] = x[i * GATE_WIDTH] = x[i * GATE_WIDTH + 1] = 5; /* nothing varies: the unit is 0 */
    feclearexcept(FE_ALL_EXCEPT);
    kedge_gate_report r = gate_judged(&gate, &good, &bad, &rows, y, NULL, NULL);
    assert_true(r.verdict != KEDGE_BATTERY_PASS);
    ASSERT_QUIET();
}

static void a_slice_that_loses_fails(void **state)
{
    (void)state;
    battery.slice_column = 2;
    kedge_gate_report r = judged();
    assert_int_equal(r.n_slices, 3);
    assert_check(&r, KEDGE_GATE_SLICE, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    double won = 0;
    for (size_t i = 0; i < ROWS; i++)
        if (i % 3 == 1) {
            x[i * GATE_WIDTH + 1] = i % 2 ? y[i] : 1 - y[i]; /* half right */
            won += (x[i * GATE_WIDTH + 1] == y[i]) - (x[i * GATE_WIDTH] == y[i]);
        }
    r = judged();
    assert_check(&r, KEDGE_GATE_SLICE, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    assert_check(&r, KEDGE_GATE_BETTER, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN); /* all in all it is better */
    assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    assert_true(r.slice == 1);
    assert_int_equal(r.slice_rows, ROWS / 3);
    assert_close(check_of(&r, KEDGE_GATE_SLICE)->figure.value, won / (ROWS / 3), 1e-12);
    battery.slice_column = KEDGE_NO_COLUMN; /* the same by groups, by another score, and with weights */
    for (size_t i = 0; i < ROWS; i++)
        groups[i] = (uint32_t)(i % 3) * 1000;
    battery.groups = groups;
    for (uint32_t score = KEDGE_SCORE_ACCURACY; score <= KEDGE_SCORE_AUC; score++) {
        battery.score = score;
        r = gate_judged(&gate, &champion, &challenger, &rows, y, weight, NULL);
        assert_check(&r, KEDGE_GATE_SLICE, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
        assert_true(r.slice == 1000);
    }
    battery.least_slice = ROWS;
    r = judged();
    assert_check(&r, KEDGE_GATE_SLICE, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_SMALL_SLICES);
    ASSERT_QUIET();
}

static void an_unfair_challenger_fails(void **state)
{
    double n[2] = {0, 0}, chosen[2] = {0, 0};
    (void)state;
    gate.groups = groups;
    gate.unfair = 0.2;
    gate.fair_rates = 1u << KEDGE_RATE_SELECTED | 1u << KEDGE_RATE_TRUE_POSITIVE;
    kedge_gate_report r = judged();
    assert_check(&r, KEDGE_GATE_FAIR, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    for (size_t i = 0; i < ROWS; i++) {
        if (groups[i] == 0 && i % 4 != 0)
            x[i * GATE_WIDTH + 1] = 0;
        n[groups[i]]++;
        chosen[groups[i]] += x[i * GATE_WIDTH + 1];
    }
    r = judged();
    assert_check(&r, KEDGE_GATE_FAIR, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    assert_check(&r, KEDGE_GATE_FAIRER, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    assert_int_equal(r.fair_rate, KEDGE_RATE_TRUE_POSITIVE); /* of those to whom it is due, it withholds more */
    gate.fair_rates = 1u << KEDGE_RATE_SELECTED;
    r = judged();
    assert_int_equal(r.fair_rate, KEDGE_RATE_SELECTED);
    assert_close(check_of(&r, KEDGE_GATE_FAIR)->figure.value, chosen[1] / n[1] - chosen[0] / n[0], 1e-12);
    gate.unfair = (double)NAN;
    r = judged();
    assert_check(&r, KEDGE_GATE_FAIR, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_LIMIT);
    r = gate_judged(&gate, NULL, &challenger, &rows, y, NULL, NULL);
    assert_check(&r, KEDGE_GATE_FAIRER, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_CHAMPION);
    gate.n_groups = 3; /* nobody is in the third */
    gate.unfair = 0.1;
    r = judged();
    assert_check(&r, KEDGE_GATE_FAIR, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    gate.favourable = 0;
    r = judged();
    assert_check(&r, KEDGE_GATE_FAIR, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    for (size_t i = 0; i < ROWS; i++)
        x[i * GATE_WIDTH + 4] = groups[i];
    gate.groups = NULL;
    gate.fair_column = 4; /* the same groups, told by a feature */
    kedge_gate_report by_column = judged();
    assert_memory_equal(&by_column.checks, &r.checks, sizeof r.checks);
    ASSERT_QUIET();
}

static uint64_t says_clock(void *context)
{
    ++*(uint64_t *)context;
    return says_now;
}

/* A row every 100 ns, answers take 90: nobody waits. They take 110: row k waits 10 k. */
static void waiting_counts_under_load(void **state)
{
    uint64_t asked = 0;
    (void)state;
    battery.clock = says_clock;
    battery.context = &asked;
    gate.load_ns = 1000;
    gate.period_ns = 100;
    says_cost = 90;
    kedge_gate_report r = judged();
    assert_check(&r, KEDGE_GATE_LOAD, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    assert_true(check_of(&r, KEDGE_GATE_LOAD)->figure.value == 90);
    assert_int_equal(asked, 2 * gate.n_load);
    says_cost = 110;
    r = judged();
    assert_check(&r, KEDGE_GATE_LOAD, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    assert_true(check_of(&r, KEDGE_GATE_LOAD)->figure.value == 110 + 10 * 989); /* the 990th of 1000 */
    says_cost = 0;
}

static void size_and_snapshot(void **state)
{
    kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(GATE_WIDTH, 2);
    static union { double align; unsigned char bytes[KEDGE_GAUSSIAN_NB_BYTES_FOR(GATE_WIDTH, 2u)]; } nb;
    kedge_model real;
    says_state own;
    size_t used;
    (void)state;
    assert_int_equal(kedge_model_init(&real, &cfg.base, &nb, sizeof nb), KEDGE_OK);
    assert_int_equal(kedge_model_learn_many(&real, &rows, y, NULL, &used), KEDGE_OK);
    gate.memory_bytes = sizeof nb;
    kedge_gate_report r = gate_judged(&gate, &champion, &real, &rows, y, NULL, NULL);
    assert_check(&r, KEDGE_GATE_MEMORY, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    assert_check(&r, KEDGE_GATE_ARTIFACT, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    gate.fit_rows = 1000;
    r = gate_judged(&gate, &champion, &real, &rows, y, NULL, NULL);
    assert_check(&r, KEDGE_GATE_MEMORY, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    assert_true(check_of(&r, KEDGE_GATE_MEMORY)->figure.value == (double)(sizeof nb + kedge_model_work(&real, 1000)));
    kedge_model liar = says_new(&own, 2, TWO_FACED, 0);
    says_first = &own;
    r = gate_judged(&gate, &champion, &liar, &rows, y, NULL, NULL);
    assert_check(&r, KEDGE_GATE_ARTIFACT, KEDGE_BATTERY_FAIL, KEDGE_WHY_FORGETFUL);
    assert_true(check_of(&r, KEDGE_GATE_ARTIFACT)->figure.value == ROWS);
    ASSERT_QUIET();
}

static void a_fresh_model_must_learn(void **state)
{
    says_config dull = says_config_of(2, DULL, 0);
    kedge_gaussian_nb_config nb = kedge_gaussian_nb_defaults(GATE_WIDTH, 2);
    kedge_logistic_config logistic = kedge_logistic_defaults(GATE_WIDTH, 2);
    kedge_hoeffding_tree_config tree = kedge_hoeffding_tree_defaults(GATE_WIDTH, 2);
    const kedge_model_config *good[] = {&nb.base, &logistic.base, &tree.base};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        gate.fresh = good[k];
        kedge_gate_report r = judged();
        assert_check(&r, KEDGE_GATE_CONVERGES, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
        assert_true(check_of(&r, KEDGE_GATE_CONVERGES)->figure.value > 0);
    }
    gate.fresh = &dull.base;
    kedge_gate_report r = judged();
    assert_check(&r, KEDGE_GATE_CONVERGES, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    gate.n_few = 2; /* the first of each half of the table */
    y[ROWS / 2] = y[0];
    r = judged();
    assert_check(&r, KEDGE_GATE_CONVERGES, KEDGE_BATTERY_UNDECIDED, KEDGE_WHY_UNDEFINED);
    says_state own;
    kedge_rls_config rls = kedge_rls_defaults(GATE_WIDTH);
    kedge_model line = says_new(&own, 0, SAYS_COLUMN, 1);
    gate.n_few = 32;
    gate.fresh = &rls.base;
    battery.score = KEDGE_SCORE_R2;
    r = gate_judged(&gate, NULL, &line, &rows, y, NULL, NULL);
    assert_check(&r, KEDGE_GATE_CONVERGES, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    ASSERT_QUIET();
}

static void broken_models(void **state)
{
    says_state own[2];
    kedge_model broken = says_new(&own[0], 2, BROKEN, 0), failing = says_new(&own[1], 2, FAILING, 1);
    kedge_gate_test test = KEDGE_GATE_TEST_INIT("range", KEDGE_TEST_RANGE);
    kedge_gate_outcome outcome;
    (void)state;
    gate.groups = groups;
    gate.tests = &test;
    gate.n_tests = 1;
    x[40 * GATE_WIDTH + 4] = 2;
    for (int k = 0; k < 2; k++) {
        battery.checks = k == 0 ? 0 : KEDGE_BATTERY_ALL;
        kedge_gate_report r = gate_judged(&gate, &champion, &broken, &rows, y, NULL, &outcome);
        assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
        assert_check(&r, KEDGE_GATE_BETTER, KEDGE_BATTERY_FAIL, KEDGE_WHY_BROKEN);
        assert_check(&r, KEDGE_GATE_FAIR, KEDGE_BATTERY_FAIL, KEDGE_WHY_BROKEN);
        assert_check(&r, KEDGE_GATE_ARTIFACT, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN); /* it is the same nonsense */
        assert_int_equal(outcome.why, KEDGE_WHY_NOT_FINITE);
        r = gate_judged(&gate, &champion, &failing, &rows, y, NULL, &outcome);
        assert_check(&r, KEDGE_GATE_SAFE, KEDGE_BATTERY_FAIL, KEDGE_WHY_BROKEN);
        assert_int_equal(outcome.status, KEDGE_ERR_NUMERIC);
        assert_int_equal(outcome.first_failed, 40);
        r = gate_judged(&gate, &broken, &challenger, &rows, y, NULL, NULL);
        assert_check(&r, KEDGE_GATE_BETTER, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_CHAMPION_BROKEN);
        assert_int_equal((r.battery.checks[KEDGE_BATTERY_SOUND].verdict == KEDGE_BATTERY_PASS), k);
        assert_int_equal(r.passed & KEDGE_BATTERY_ALL & BIT(KEDGE_BATTERY_SOUND), k ? BIT(KEDGE_BATTERY_SOUND) : 0);
    }
}

/* What stands in a set `prove` must pass; everything else must not fail. */
static void the_whole_follows_from_its_parts(void **state)
{
    (void)state;
    battery.checks = KEDGE_BATTERY_ALL & ~BIT(KEDGE_BATTERY_NOISE);
    battery.quality = 0.9; /* it has about 0.9: undecided */
    kedge_gate_report r = judged();
    assert_true((r.undecided & BIT(KEDGE_BATTERY_QUALITY)) != 0);
    assert_int_equal(r.failed, 0);
    assert_int_equal(r.verdict, KEDGE_BATTERY_UNDECIDED);
    battery.prove = 0;
    assert_int_equal(judged().verdict, KEDGE_BATTERY_PASS);
    battery.quality = 0.99;
    r = judged();
    assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    assert_int_equal(r.failed, BIT(KEDGE_BATTERY_QUALITY));
    battery.checks = 0;
    gate.gain = 0.19; /* it is some 0.2 better */
    gate.sought = 0.3;
    assert_int_equal(judged().verdict, KEDGE_BATTERY_UNDECIDED);
    gate.prove = BIT(KEDGE_GATE_SAFE);
    assert_int_equal(judged().verdict, KEDGE_BATTERY_PASS);
    gate.gain = (double)NAN;
    r = judged();
    assert_check(&r, KEDGE_GATE_BETTER, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_better_challenger_passes_and_a_worse_one_fails, set_up),
        cmocka_unit_test_setup(weights_blocks_and_other_scores_take_the_bootstrap, set_up),
        cmocka_unit_test_setup(a_regression_is_judged_in_units_of_the_usual_answer, set_up),
        cmocka_unit_test_setup(a_slice_that_loses_fails, set_up),
        cmocka_unit_test_setup(an_unfair_challenger_fails, set_up),
        cmocka_unit_test_setup(waiting_counts_under_load, set_up),
        cmocka_unit_test_setup(size_and_snapshot, set_up),
        cmocka_unit_test_setup(a_fresh_model_must_learn, set_up),
        cmocka_unit_test_setup(broken_models, set_up),
        cmocka_unit_test_setup(the_whole_follows_from_its_parts, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
