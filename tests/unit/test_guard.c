/* SPDX-License-Identifier: MIT */
/* The guard's bets: against the sum over all beginnings by brute force, its false alarms over many seeds of figures that are just
 * within the limit, since when a figure is beyond it, and states that no rows can have given. */
#include <fenv.h>
#include <math.h>

#include "support.h"

#include "pipeline/guard.h"

enum { N = 80, N_SEEDS = 2000, N_ROWS = 1500 };

static double made(kedge_rng *rng, double low, double high, double share)
{
    return kedge_rng_uniform(rng) < share ? high : low;
}

/* Each beginning by itself, as the paper has it: the wealth of one share, and the beginning from which it has won most. */
static double brute(const double *x, uint32_t n, double limit, uint32_t share, uint32_t *best_from)
{
    double sum = 0.0, best = 0.0;
    for (uint32_t from = 0; from < n; from++) {
        double won = 1.0;
        for (uint32_t k = from; k < n; k++)
            won = kedge_i_verdict_bet(won, share, (x[k] - limit) / (1.0 + fabs(limit)));
        sum += 0.25 * pow(from + 1.5, -1.25) * won;
        if (won >= best * (1.0 - 1e-12)) { /* a row that pays nothing belongs to no change */
            best = won;
            *best_from = from;
        }
    }
    return sum;
}

static void test_sum_over_all_beginnings(void **unused)
{
    (void)unused;
    const double limits[] = {-1.0, -0.3, 0.0, 0.05, 1.0};
    for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
        kedge_rng rng = {k + 1};
        kedge_i_guard g = {0};
        double x[N];
        for (uint32_t n = 0; n < N; n++) {
            x[n] = n < N / 2 ? made(&rng, -1.0, 1.0, 0.4) : 2.0 * kedge_rng_uniform(&rng) - 1.0;
            kedge_i_guard_learn(&g, x[n], limits[k]);
            assert_true(kedge_i_guard_check(&g));
            for (uint32_t i = 0; i < VERDICT_BETS; i++) {
                uint32_t from = 0;
                double sum = brute(x, n + 1, limits[k], i, &from), excess = 0.0;
                assert_close(g.wealth[i], sum, 1e-12 * sum);
                for (uint32_t j = from; j <= n; j++)
                    excess += x[j] - limits[k];
                assert_true(g.rows[i] == n + 1.0 - from);
                assert_close(g.excess[i], excess, 1e-12 * N);
            }
        }
    }
}

/* All that is set aside is at most the capital: of infinitely many rows too, by the integral behind the last. */
static void test_stakes(void **unused)
{
    (void)unused;
    double sum = 0.0, n = 1e6;
    for (double s = n; s >= 1.0; s -= 1.0)
        sum += 0.25 * pow(s + 0.5, -1.25);
    double rest = pow(n + 1.0, -0.25);
    assert_true(sum + rest <= 1.0 && sum + rest > 0.98);
}

/* The chance of ever coming to 1 / alpha is at most alpha, of figures whose mean is the limit, whatever they are: losses that are
 * rare or frequent, skewed either way, and ones whose mean is below for long and then at it. */
static void test_false_alarms(void **unused)
{
    (void)unused;
    static const struct {
        double low, high, share;
    } cases[] = {{0.0, 1.0, 0.5}, {0.0, 1.0, 0.02}, {-1.0, 1.0, 0.5}, {-1.0, 0.05, 0.9}, {-0.02, 1.0, 0.05}, {-0.1, 0.1, 0.5}};
    const double alpha = 0.05;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double limit = cases[k].low + (cases[k].high - cases[k].low) * cases[k].share;
        uint32_t n_false = 0;
        for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
            kedge_rng rng = {seed * 1000003 + k};
            kedge_i_guard g = {0};
            int is_false = 0;
            for (uint32_t i = 0; i < N_ROWS && !is_false; i++) {
                double share = (i < seed % 3 * 300 ? 0.5 : 1.0) * cases[k].share; /* never, for 300 rows, for 600 it is good */
                kedge_i_guard_learn(&g, made(&rng, cases[k].low, cases[k].high, share), limit);
                is_false = kedge_i_guard_wealth(&g) >= 1.0 / alpha;
            }
            n_false += (uint32_t)is_false;
        }
        assert_true(n_false <= alpha * N_SEEDS);
    }
}

/* Ten in a hundred, and from a row on fifty: it is found in some tens of rows, and the rows since are about those. */
static void test_since(void **unused)
{
    (void)unused;
    const uint32_t onsets[] = {0, 200, 1000, 5000}, most[] = {40, 60, 75, 90};
    for (size_t k = 0; k < 4; k++) {
        double rows = 0.0, off = 0.0, excess = 0.0;
        for (uint64_t seed = 1; seed <= 100; seed++) {
            kedge_rng rng = {seed};
            kedge_i_guard g = {0};
            uint32_t i = 0;
            while (i < onsets[k] || kedge_i_guard_wealth(&g) < 40.0) {
                kedge_i_guard_learn(&g, made(&rng, 0.0, 1.0, i < onsets[k] ? 0.1 : 0.5), 0.15);
                i++;
            }
            rows += 0.01 * (i - onsets[k]);
            off += 0.01 * fabs(kedge_i_guard_rows(&g) - (i - onsets[k]));
            excess += 0.01 * kedge_i_guard_excess(&g);
        }
        assert_true(rows < most[k]);
        assert_true(off < 10.0);
        assert_true(excess > 0.3 && excess < 0.45); /* 0.35 */
    }
}

/* Never asked for long, whatever comes. */
static void test_extremes(void **unused)
{
    (void)unused;
    const double values[][2] = {{1.0, -1.0}, {1.0, 1.0}, {-1.0, 1.0}, {-1.0, -1.0}, {1.0, 0.0}, {-1.0, 0.0}};
    for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
        kedge_i_guard g = {0};
        feclearexcept(FE_ALL_EXCEPT);
        for (uint32_t i = 0; i < 20000; i++)
            kedge_i_guard_learn(&g, values[k][0], values[k][1]);
        for (uint32_t i = 0; i < 20000; i++)
            kedge_i_guard_learn(&g, -values[k][0], values[k][1]);
        assert_true(kedge_i_guard_check(&g));
        g.n = 4e18; /* as forged as may be */
        assert_int_equal(kedge_i_guard_check(&g), 1);
        for (uint32_t i = 0; i < 20000; i++)
            kedge_i_guard_learn(&g, -1.0, 0.0);
        assert_true(isfinite(kedge_i_guard_rows(&g)) && isfinite(kedge_i_guard_excess(&g)));
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    }
}

static void test_forged(void **unused)
{
    (void)unused;
    kedge_i_guard g = {0};
    assert_true(kedge_i_guard_check(&g));
    for (uint32_t i = 0; i < 10; i++)
        kedge_i_guard_learn(&g, i % 2, 0.5);
    assert_true(kedge_i_guard_check(&g));
    double *numbers = &g.n;
    const double bad[] = {-1.0, 0.5, 1e300, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < sizeof g / sizeof *numbers; i++) {
        double was = numbers[i];
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
            numbers[i] = bad[k];
            int is_possible = kedge_i_guard_check(&g);
            if (is_possible) /* an excess of either sign, wealth and rows that go together */
                assert_true(i > 0 && fabs(bad[k]) <= 1.0);
        }
        numbers[i] = was;
        assert_true(kedge_i_guard_check(&g));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sum_over_all_beginnings), cmocka_unit_test(test_stakes),   cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_since),                   cmocka_unit_test(test_extremes), cmocka_unit_test(test_forged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
