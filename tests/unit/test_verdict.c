/* SPDX-License-Identifier: MIT */
/* The gate's verdict, row by row: how often it is wrong, however often one looks, how many rows it needs, and that its wealth is
 * what its formula says. */
#include <math.h>

#include "support.h"

#include "pipeline/verdict.h"

static const double bets[VERDICT_BETS] = {0.15, 0.4, 0.8};
static const kedge_i_verdict_limits usual = {0.0, 0.01, 0.02, 0.95, 0.99, 1};

typedef struct outcomes {
    unsigned passed, refused, open;
    double rows; /* mean rows to a verdict */
} outcomes;

/* Challengers that alone are right on a share `won` of the rows, and alone wrong on a share `lost`; a look after every row. */
static outcomes judge(double won, double lost, unsigned n, unsigned rows, const kedge_i_verdict_limits *limits)
{
    kedge_rng rng = {n};
    outcomes out = {0, 0, 0, 0.0};
    for (unsigned i = 0; i < n; i++) {
        kedge_i_verdict v;
        kedge_status st = KEDGE_MORE;
        kedge_i_verdict_begin(&v);
        for (unsigned t = 0; t < rows && st == KEDGE_MORE; t++) {
            double u = kedge_rng_uniform(&rng);
            kedge_i_verdict_learn(&v, limits, u < won ? 1.0 : 0.0, u >= won && u < won + lost ? 1.0 : 0.0, 1.0);
            st = kedge_i_verdict_read(&v, limits);
        }
        assert_true(kedge_i_verdict_check(&v));
        out.passed += st == KEDGE_OK;
        out.refused += st == KEDGE_EMPTY;
        out.open += st == KEDGE_MORE;
        out.rows += v.n / n;
    }
    return out;
}

/* Ville's inequality: worse by a point passes with a chance of 0.01 at most, better by two is refused with 0.05 at most, and one
 * that is equal passes with 0.05 at most; of 2,000 that are five deviations more at most. */
static void test_errors(void **unused)
{
    (void)unused;
    static const double differ[] = {0.02, 0.1, 0.4};
    for (unsigned i = 0; i < 3; i++) {
        double d = differ[i];
        outcomes worse = judge((d - 0.01) / 2, (d + 0.01) / 2, 2000, 1500, &usual);
        outcomes equal = judge(d / 2, d / 2, 2000, 1500, &usual);
        outcomes better = judge((d + 0.02) / 2, (d - 0.02) / 2, 2000, 1500, &usual);
        assert_true(worse.passed <= 2000 * 0.01 + 5 * sqrt(2000 * 0.01));
        assert_true(equal.passed <= 2000 * 0.05 + 5 * sqrt(2000 * 0.05));
        assert_true(better.refused <= 2000 * 0.05 + 5 * sqrt(2000 * 0.05));
        assert_true(worse.refused > worse.passed && better.passed > better.refused);
    }
}

/* A model that has lost its concept errs on 30 points more: some 60 rows tell. */
static void test_power(void **unused)
{
    (void)unused;
    outcomes lost = judge(0.35, 0.05, 500, 1000, &usual);
    assert_int_equal(lost.passed, 500);
    assert_true(lost.rows > 20 && lost.rows < 60);
    outcomes same = judge(0.0, 0.0, 1, 1000, &usual);
    assert_int_equal(same.refused, 1);
    assert_true(same.rows < 300);
    kedge_i_verdict_limits best = usual;
    best.tries = 10; /* the best of ten must be surer */
    outcomes of_ten = judge(0.35, 0.05, 500, 1000, &best);
    assert_true(of_ten.rows > 1.1 * lost.rows && of_ten.rows < 2 * lost.rows);
}

/* The wealth of each bet, from all gains at once. */
static void test_formula(void **unused)
{
    (void)unused;
    static const double gains[] = {1, 0, -1, 0.25, 1, 0, 0, -0.5, 1};
    const kedge_i_verdict_limits limits = {0.1, 0.03, 0.05, 0.95, 0.99, 1};
    const double target[VERDICT_TESTS] = {-0.1, 0.03, 0.05};
    kedge_i_verdict v;
    kedge_i_verdict_begin(&v);
    for (unsigned t = 0; t < 9; t++)
        kedge_i_verdict_learn(&v, &limits, 3.0 + 2.0 * gains[t], 3.0, 2.0);
    for (uint32_t k = 0; k < VERDICT_TESTS; k++) {
        double mean = 0.0;
        for (unsigned b = 0; b < VERDICT_BETS; b++) {
            double log_wealth = 0.0;
            for (unsigned t = 0; t < 9; t++)
                log_wealth += log1p(bets[b] * ((k == VERDICT_IN_VAIN ? -gains[t] : gains[t]) + target[k]));
            mean += exp(log_wealth) / VERDICT_BETS;
        }
        double got = kedge_i_verdict_wealth(&v, k);
        assert_true(fabs(got - mean) <= 1e-12 * mean);
    }
    assert_true(fabs(v.champion - 27.0 - 2.0 * 1.75) < 1e-12 && v.challenger == 27.0 && v.n == 9.0);
}

/* Whatever comes, the wealth stays a number: errors of regressions have no bound, and rows have no end. */
static void test_extremes(void **unused)
{
    (void)unused;
    const kedge_i_verdict_limits limits = {0.0, 1.0, 1.0, 0.9999, 0.9999, 1};
    kedge_i_verdict v;
    for (int sign = -1; sign <= 1; sign += 2) {
        kedge_i_verdict_begin(&v);
        for (unsigned t = 0; t < 100000; t++)
            kedge_i_verdict_learn(&v, &limits, sign > 0 ? 2e100 : 0.0, sign > 0 ? 0.0 : 2e100, 1e-300);
        assert_true(kedge_i_verdict_check(&v));
        assert_int_equal(kedge_i_verdict_read(&v, &limits), sign > 0 ? KEDGE_OK : KEDGE_EMPTY);
    }
    v.wealth[1][1] = NAN;
    assert_false(kedge_i_verdict_check(&v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_power),
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
