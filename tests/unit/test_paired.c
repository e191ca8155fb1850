/* SPDX-License-Identifier: MIT */
/* Pairs of models: statsmodels' tests, every covering against figures from the list of losses, and a sequence that holds at all
 * times. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "support.h"

enum { N_RECORDS = 400 };

static double first[N_RECORDS], second[N_RECORDS], row_weight[N_RECORDS];
static int is_weighted;

static kedge_metric paired(uint32_t over, uint32_t window, double fading, double loss_max)
{
    kedge_paired_config cfg = kedge_paired_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.over = over;
    cfg.window = window;
    cfg.fading = fading;
    cfg.loss_max = loss_max;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

/* Some weights are 0 where is_weighted, else all are 1. */
static void fill(uint64_t seed, double loss_max)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < N_RECORDS; i++) {
        row_weight[i] = is_weighted ? 1e-3 * (double)kedge_rng_below(&rng, 5) * pow(10, (double)kedge_rng_below(&rng, 3)) : 1;
        first[i] = loss_max * kedge_rng_uniform(&rng);
        second[i] = kedge_rng_below(&rng, 4) ? loss_max * pow(kedge_rng_uniform(&rng), 2) : first[i];
    }
}

/* Figures of records from..to, the newest of weight 1, straight from their definitions; low and high by the quantile of 0.975. */
static kedge_paired_report naive(size_t from, size_t to, double fading, double loss_max)
{
    kedge_paired_report r;
    double squares = 0, spread = 0;
    memset(&r, 0, sizeof r);
    for (size_t i = from; i < to; i++) {
        double w = row_weight[i] * pow(fading, (double)(to - 1 - i));
        r.n++;
        r.weight += w;
        /* as if weights were equal */
        squares += is_weighted ? row_weight[i] * w * (1 + pow(fading, (double)to)) / (1 + fading) : w * w;
        r.loss_first += w * first[i];
        r.loss_second += w * second[i];
        r.wins_first += first[i] < second[i] ? w : 0;
        r.wins_second += second[i] < first[i] ? w : 0;
    }
    r.q = log(r.loss_first / r.loss_second);
    r.loss_first /= r.weight;
    r.loss_second /= r.weight;
    r.difference = r.loss_second - r.loss_first;
    for (size_t i = from; i < to; i++)
        spread += row_weight[i] * pow(fading, (double)(to - 1 - i)) * pow(second[i] - first[i] - r.difference, 2);
    r.deviation = sqrt(spread / r.weight);
    double records = r.weight * r.weight / squares;
    r.error = r.deviation / sqrt(records - 1);
    r.low = fmax(-loss_max, r.difference - 1.959963984540054 * r.error);
    r.high = fmin(loss_max, r.difference + 1.959963984540054 * r.error);
    r.z = r.difference / r.error;
    r.p_value = erfc(fabs(r.z) / sqrt(2));
    return r;
}

static size_t n_weighty(size_t from, size_t to)
{
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        n += row_weight[i] > 0;
    return n;
}

static void assert_is(const kedge_metric *m, size_t from, size_t to, double fading, double loss_max)
{
    kedge_paired_report have;
    kedge_paired_report want = naive(from, to, fading, loss_max);
    assert_int_equal(kedge_paired_read(m, &have), KEDGE_OK);
    assert_close(have.weight, want.weight, 1e-12);
    assert_close(have.loss_first / loss_max, want.loss_first / loss_max, 1e-12);
    assert_close(have.loss_second / loss_max, want.loss_second / loss_max, 1e-12);
    assert_close(have.difference / loss_max, want.difference / loss_max, 1e-12);
    assert_close(have.wins_first, want.wins_first, 1e-12);
    assert_close(have.wins_second, want.wins_second, 1e-12);
    assert_close(have.q, want.q, 1e-12);
    if (n_weighty(from, to) < 2 || want.deviation < 1e-6 * loss_max)
        return;
    assert_close(have.deviation / loss_max, want.deviation / loss_max, 1e-10);
    assert_close(have.error / loss_max, want.error / loss_max, 1e-10);
    assert_close(have.low / loss_max, want.low / loss_max, 1e-10);
    assert_close(have.high / loss_max, want.high / loss_max, 1e-10);
    if (fabs(want.z) < 40)
        assert_close(have.z, want.z, 1e-9);
    assert_close(have.p_value, want.p_value, 1e-9);
}

static void test_size(void **unused)
{
    (void)unused;
    kedge_paired_config cfg = kedge_paired_defaults();
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_PAIRED_BYTES);
    cfg.over = KEDGE_OVER_WINDOW;
    cfg.window = 10;
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_PAIRED_BYTES + 64 + 68 * 10);
}

/* statsmodels 0.15.0: mcnemar(exact=True), mcnemar(exact=False, correction=False); mid-p: less scipy.stats.binom.pmf(min, n,
 * 1/2). */
static void test_mcnemar_equals_statsmodels(void **unused)
{
    (void)unused;
    const struct {
        uint64_t first, second;
        double exact, mid, chi_squared, p;
    } golden[] = {
        {1, 9, 0.021484375, 0.01171875, 6.4, 0.01141203638600166},
        {12, 3, 0.03515625, 0.02127075195312501, 5.4, 0.02013675155034633},
        {40, 25, 0.08168153394154003, 0.06401750413722561, 3.4615384615384617, 0.06281184751609843},
        {0, 5, 0.0625, 0.03125, 5.0, 0.025347318677468325},
        {100, 250, 5.902771956251529e-16, 4.1167545643067503e-16, 64.28571428571429, 1.0762326697520764e-15},
        {7, 7, 1, 1, 0, 1},
    };
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        kedge_mcnemar_report r;
        assert_int_equal(kedge_mcnemar(golden[i].first, golden[i].second, &r), KEDGE_OK);
        assert_true(r.n == golden[i].first + golden[i].second);
        assert_close(r.share, (double)golden[i].second / (double)r.n, 1e-15);
        assert_close(r.p_exact / golden[i].exact, 1, 1e-11);
        assert_close(r.p_mid / golden[i].mid, 1, 1e-11);
        assert_close(r.chi_squared, golden[i].chi_squared, 1e-14);
        assert_close(r.p_chi_squared / golden[i].p, 1, 1e-11);
        assert_true(r.p_value == (r.n < 25 ? r.p_mid : r.p_chi_squared));
    }
}

static void test_mcnemar_edges(void **unused)
{
    (void)unused;
    const uint64_t most = (uint64_t)1 << 53;
    kedge_mcnemar_report r;
    assert_int_equal(kedge_mcnemar(0, 0, &r), KEDGE_EMPTY);
    assert_true(r.n == 0 && isnan(r.share) && r.p_exact == 1 && r.p_mid == 1 && r.p_chi_squared == 1 && r.p_value == 1);
    assert_int_equal(kedge_mcnemar(1, 0, &r), KEDGE_OK);
    assert_close(r.p_exact, 1, 1e-14);
    assert_close(r.p_mid, 0.5, 1e-14);
    assert_int_equal(kedge_mcnemar(0, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_mcnemar(most, 1, &r), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_mcnemar(UINT64_MAX, UINT64_MAX, &r), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_mcnemar(most, 0, &r), KEDGE_OK);
    assert_true(r.p_exact == 0 && r.p_mid == 0 && r.p_chi_squared == 0);
    for (uint64_t n = 1; n < 60; n++) { /* tails by adding up, and symmetry */
        double sum = 0, term = pow(0.5, (double)n);
        for (uint64_t k = 0; 2 * k < n; k++) {
            kedge_mcnemar_report s;
            sum += term;
            assert_int_equal(kedge_mcnemar(k, n - k, &r), KEDGE_OK);
            assert_int_equal(kedge_mcnemar(n - k, k, &s), KEDGE_OK);
            assert_close(r.p_exact / fmin(1, 2 * sum), 1, 1e-11);
            assert_true(r.p_exact == s.p_exact && r.p_mid == s.p_mid && r.p_value == s.p_value);
            term *= (double)(n - k) / (double)(k + 1);
        }
    }
}

/* statsmodels 0.15.0: weightstats.ztest(second - first), DescrStatsW.zconfint_mean(). */
static void test_equals_statsmodels(void **unused)
{
    (void)unused;
    kedge_metric m = paired(KEDGE_OVER_ALL, 1, 0.5, 1);
    kedge_paired_report r;
    for (int i = 0; i < 40; i++)
        assert_int_equal(kedge_paired_record(&m, (double)(i * 7 % 5) / 4, (double)(i * i % 7) / 8, 1), KEDGE_OK);
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK);
    assert_close(r.z, -4.175121199737249, 1e-12);
    assert_close(r.p_value * 1e5, 2.978274476935629, 1e-11);
    assert_close(r.low, -0.37195170223272156, 1e-12);
    assert_close(r.high, -0.13429829776727845, 1e-12);
    assert_close(r.deviation, 0.3786153844932876, 1e-12);
    assert_close(r.q, 0.7057259627668055, 1e-12);
    guard_free(m.state);
}

static void test_coverings_are_the_list(void **unused)
{
    (void)unused;
    const double loss_max[] = {1, 1e100, 1e-300, 1, 1e100};
    for (uint32_t over = KEDGE_OVER_ALL; over <= KEDGE_OVER_TUMBLING; over++)
        for (size_t k = 0; k < 5; k++) {
            enum { WINDOW = 37 };
            is_weighted = k >= 3;
            kedge_metric m = paired(over, WINDOW, 0.95, loss_max[k]);
            fill(over + 10 * k, loss_max[k]);
            for (size_t n = 1; n <= N_RECORDS; n++) {
                assert_int_equal(kedge_paired_record(&m, first[n - 1], second[n - 1], row_weight[n - 1]), KEDGE_OK);
                if (n % 3)
                    continue;
                assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
                size_t to = over == KEDGE_OVER_TUMBLING ? n / WINDOW * WINDOW : n;
                size_t from = over == KEDGE_OVER_ALL || over == KEDGE_OVER_FADING || to < WINDOW ? 0 : to - WINDOW;
                if (n_weighty(from, to) > 0)
                    assert_is(&m, from, to, over == KEDGE_OVER_FADING ? 0.95 : 1, loss_max[k]);
            }
            guard_free(m.state);
        }
    is_weighted = 0;
}

/* A weight of 0 counts in n alone, the least weights tell as much as weights of 1 do, and a weight is no more than a row twice. */
static void test_weights(void **unused)
{
    (void)unused;
    kedge_metric m = paired(KEDGE_OVER_ALL, 1, 0.5, 1), ones = paired(KEDGE_OVER_ALL, 1, 0.5, 1);
    const double weights[] = {1e-300, 1e9, 5e-324};
    kedge_paired_report r, of_ones;
    size_t used = 9;
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_paired_record(&m, 0, 1, 0), KEDGE_OK);
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n == 1 && r.n_always == 0 && isnan(r.always_low) && isnan(r.difference));
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    assert_int_equal(kedge_paired_record(&m, 0, 1, 0.1), KEDGE_OK); /* one record, though 0.1^2 / 0.1 is not 0.1 */
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK);
    assert_true(r.n == 2 && r.n_always == 1 && isinf(r.error) && r.z == 0 && r.difference == 1);
    for (size_t k = 0; k < 3; k++) {
        fill(k, 1);
        assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
        assert_int_equal(kedge_metric_reset(&ones), KEDGE_OK);
        for (size_t i = 0; i < N_RECORDS; i++)
            row_weight[i] = weights[k];
        assert_int_equal(kedge_paired_record_many(&m, first, second, row_weight, N_RECORDS, &used), KEDGE_OK);
        assert_int_equal(used, N_RECORDS);
        assert_int_equal(kedge_paired_record_many(&ones, first, second, NULL, N_RECORDS, &used), KEDGE_OK);
        assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK);
        assert_int_equal(kedge_paired_read(&ones, &of_ones), KEDGE_OK);
        assert_true(r.always_low == of_ones.always_low && r.always_high == of_ones.always_high);
        if (k < 2) { /* the least double of all rounds what it is multiplied with */
            assert_close(r.difference, of_ones.difference, 1e-12);
            assert_close(r.q, of_ones.q, 1e-12);
            assert_close(r.error, of_ones.error, 1e-12);
        }
        assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    assert_int_equal(kedge_paired_record(&m, 0, 1, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_paired_record(&m, 0, 1, 1.1e9), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_paired_record(&m, 0, 1, (double)NAN), KEDGE_ERR_NOT_FINITE);
    row_weight[2] = (double)INFINITY;
    assert_int_equal(kedge_paired_record_many(&m, first, second, row_weight, N_RECORDS, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 2);
    guard_free(m.state);
    guard_free(ones.state);
}

/* Waudby-Smith, Ramdas 2024, equations 14 and 15, with sums taken anew each time. */
static void test_sequence_is_the_papers(void **unused)
{
    (void)unused;
    kedge_metric m = paired(KEDGE_OVER_WINDOW, 5, 0.5, 2);
    kedge_paired_report r;
    double log_term = log(2 / 0.05), top = 0, bottom = 0, above = 0;
    fill(3, 2);
    for (size_t n = 1; n <= 120; n++) { /* the reference is cubic */
        double mean = 0.5, variance = 0.25, x = 0.5 + (second[n - 1] - first[n - 1]) / 4;
        for (size_t i = 0; i + 1 < n; i++) {
            double upto = 0.5;
            for (size_t j = 0; j <= i; j++)
                upto += 0.5 + (second[j] - first[j]) / 4;
            variance += pow(0.5 + (second[i] - first[i]) / 4 - upto / (double)(i + 2), 2);
            mean = upto / (double)(i + 2);
        }
        double bet = fmin(0.5, sqrt(2 * log_term / (variance / (double)n * (double)n * log(1 + (double)n))));
        top += bet * x;
        bottom += bet;
        above += pow(x - mean, 2) * (-log(1 - bet) - bet);
        assert_int_equal(kedge_paired_record(&m, first[n - 1], second[n - 1], row_weight[n - 1]), KEDGE_OK);
        assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK);
        assert_true(r.n_always == n);
        assert_close(r.always_low, 2 * fmax(-1, 2 * (top - log_term - above) / bottom - 1), 1e-10);
        assert_close(r.always_high, 2 * fmin(1, 2 * (top + log_term + above) / bottom - 1), 1e-10);
    }
    guard_free(m.state);
}

/* Of 300 streams of equal models, looked at after each record, at most 5 % are ever told apart; a better one is in the end. */
static void test_sequence_holds_at_all_times(void **unused)
{
    (void)unused;
    int wrong = 0;
    kedge_metric m = paired(KEDGE_OVER_FADING, 1, 0.99, 1);
    kedge_paired_report r;
    for (uint64_t seed = 0; seed < 300; seed++) {
        kedge_rng rng = {seed};
        int outside = 0;
        assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
        for (int i = 0; i < 300; i++) {
            assert_int_equal(kedge_paired_record(&m, kedge_rng_below(&rng, 3) == 0, kedge_rng_below(&rng, 3) == 0, 1), KEDGE_OK);
            assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK);
            outside |= r.always_low > 0 || r.always_high < 0;
        }
        wrong += outside;
    }
    assert_true(wrong <= 15);
    kedge_rng rng = {7};
    assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
    for (int i = 0; i < 3000; i++)
        assert_int_equal(kedge_paired_record(&m, kedge_rng_below(&rng, 10) < 4, kedge_rng_below(&rng, 10) < 2, 1), KEDGE_OK);
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK);
    assert_true(r.always_high < 0 && r.always_low < -0.2 && r.always_high > -0.2);
    guard_free(m.state);
}

static void test_degenerate(void **unused)
{
    (void)unused;
    kedge_metric m = paired(KEDGE_OVER_ALL, 1, 0.5, 2);
    kedge_paired_report r;
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_EMPTY);
    assert_true(isnan(r.difference) && isnan(r.p_value) && isnan(r.always_low) && r.n == 0 && r.n_always == 0);
    assert_int_equal(kedge_paired_record(&m, 1, 2, 1), KEDGE_OK);
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK); /* one record says nothing of its error */
    assert_true(r.difference == 1 && isinf(r.error) && r.low == -2 && r.high == 2 && r.z == 0 && r.p_value == 1);
    assert_int_equal(kedge_paired_record(&m, 1, 2, 1), KEDGE_OK);
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK); /* always the same difference */
    assert_true(r.error == 0 && r.low == 1 && r.high == 1 && r.z == 40 && r.p_value == 0);
    assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
    for (int i = 0; i < 9; i++)
        assert_int_equal(kedge_paired_record(&m, 0, 0, 1), KEDGE_OK);
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK); /* never a loss */
    assert_true(r.q == 0 && r.z == 0 && r.p_value == 1 && r.difference == 0 && r.wins_first == 0 && r.wins_second == 0);
    assert_int_equal(kedge_paired_record(&m, 0, 2, 1), KEDGE_OK);
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_OK); /* the first never lost */
    assert_close(r.q, log(0x1p-52), 1e-14);
    assert_int_equal(kedge_paired_record(&m, 0, 2.1, 1), KEDGE_ERR_RANGE);
    guard_free(m.state);
    m = paired(KEDGE_OVER_TUMBLING, 5, 0.5, 2);
    assert_int_equal(kedge_paired_record(&m, 0, 2, 1), KEDGE_OK);
    assert_int_equal(kedge_paired_read(&m, &r), KEDGE_EMPTY);
    assert_true(isnan(r.difference) && r.n == 0 && r.n_always == 1 && r.always_low >= -2 && r.always_high <= 2);
    guard_free(m.state);
}

/* Merged sums are those of one stream; the sequence of both bets what each has bet. */
static void test_merge(void **unused)
{
    (void)unused;
    kedge_metric a = paired(KEDGE_OVER_ALL, 1, 0.5, 1), b = paired(KEDGE_OVER_ALL, 1, 0.5, 1);
    kedge_metric w = paired(KEDGE_OVER_WINDOW, 4, 0.5, 1);
    kedge_paired_report before, r;
    fill(5, 1);
    for (size_t i = 0; i < N_RECORDS; i++)
        assert_int_equal(kedge_paired_record(i < 150 ? &a : &b, first[i], second[i], row_weight[i]), KEDGE_OK);
    assert_int_equal(kedge_paired_read(&b, &before), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&a), KEDGE_OK);
    assert_is(&a, 0, N_RECORDS, 1, 1);
    assert_int_equal(kedge_paired_read(&a, &r), KEDGE_OK);
    assert_true(r.n_always == N_RECORDS && r.always_high - r.always_low < before.always_high - before.always_low);
    assert_int_equal(kedge_metric_merge(&w, &a), KEDGE_ERR_CONFIG);
    guard_free(a.state);
    guard_free(b.state);
    guard_free(w.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_mcnemar_equals_statsmodels),
        cmocka_unit_test(test_mcnemar_edges),
        cmocka_unit_test(test_equals_statsmodels),
        cmocka_unit_test(test_coverings_are_the_list),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_sequence_is_the_papers),
        cmocka_unit_test(test_sequence_holds_at_all_times),
        cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
