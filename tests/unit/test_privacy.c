/* SPDX-License-Identifier: MIT */
/* Differential privacy: draws against their exact distributions, the stated epsilon and delta against outcomes on neighbours,
 * budgets against sums over all orders; and slices counted. Seeds are fixed, so every test is the same in every run. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"

#include "base/special.h"
#include "privacy/dp_budget.h"

static kedge_status fill_seeded(void *context, void *bytes, size_t n)
{
    unsigned char *to = bytes;
    for (size_t i = 0; i < n; i++)
        to[i] = (unsigned char)(kedge_rng_next(context) >> 56);
    return KEDGE_OK;
}

static kedge_status fill_constant(void *context, void *bytes, size_t n)
{
    memset(bytes, *(unsigned char *)context, n);
    return KEDGE_OK;
}

/* Gives out so many calls' worth, then fails. */
static kedge_status fill_until(void *context, void *bytes, size_t n)
{
    static kedge_rng rng = {3};
    uint32_t *left = context;
    if (*left == 0)
        return KEDGE_ERR_UNSUPPORTED;
    --*left;
    return fill_seeded(&rng, bytes, n);
}

static kedge_rng seeded;
static const kedge_dp_source source = {fill_seeded, &seeded};

enum { WIDEST = 400 };

/* P(k) for k = -WIDEST .. WIDEST, from the definition. */
static void distribution(double scale, int is_gaussian, double *p)
{
    double sum = 0;
    for (int k = -WIDEST; k <= WIDEST; k++)
        sum += p[k + WIDEST] = exp(is_gaussian ? -0.5 * k * k / scale / scale : -abs(k) / scale);
    for (int k = 0; k <= 2 * WIDEST; k++)
        p[k] /= sum;
}

/* Chi-squared over all values that are expected five times, the others together. */
static void test_draws(void **unused)
{
    (void)unused;
    enum { N = 25000 };
    static const struct {
        double scale;
        int is_gaussian;
    } cases[] = {{0.3, 0}, {1, 0}, {2.7, 0}, {31, 0}, {0.4, 1}, {1, 1}, {3.73, 1}, {47.3, 1}};
    seeded.state = 1;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        static double p[2 * WIDEST + 1];
        static uint32_t seen[2 * WIDEST + 1];
        kedge_i_dp_scale scale = kedge_i_dp_scale_above(cases[c].scale);
        double exact = (double)scale.above / (double)scale.below, chi_squared = 0, rest = N, rest_seen = N;
        uint32_t df = 0;
        assert_true(exact >= cases[c].scale && exact < 1.001 * cases[c].scale);
        distribution(exact, cases[c].is_gaussian, p);
        memset(seen, 0, sizeof seen);
        for (uint32_t i = 0; i < N; i++) {
            int64_t k = 0;
            assert_int_equal(
                cases[c].is_gaussian ? kedge_i_dp_gaussian(&source, scale, &k) : kedge_i_dp_laplace(&source, scale, &k), KEDGE_OK);
            assert_true(k >= -WIDEST && k <= WIDEST);
            seen[k + WIDEST]++;
        }
        for (size_t k = 0; k <= 2 * WIDEST; k++) {
            double expected = N * p[k];
            if (expected < 5)
                continue;
            chi_squared += (seen[k] - expected) * (seen[k] - expected) / expected;
            rest -= expected;
            rest_seen -= seen[k];
            df++;
        }
        chi_squared += (rest_seen - rest) * (rest_seen - rest) / fmax(rest, 1);
        assert_true(kedge_i_chi_squared_upper(chi_squared, df) > 1e-3);
    }
}

/* Means and variances of wide noise, where values are too many to count. */
static void test_wide_draws(void **unused)
{
    (void)unused;
    enum { N = 8000 };
    static const double scales[] = {1e3, 1e6, 1.5e7, 1e12};
    seeded.state = 2;
    for (size_t c = 0; c < 8; c++) {
        int is_gaussian = c % 2;
        double x = scales[c / 2], sum = 0, squares = 0, fourths = 0;
        if (is_gaussian && x > 0x1p24)
            continue;
        for (uint32_t i = 0; i < N; i++) {
            int64_t k = 0;
            kedge_i_dp_scale scale = kedge_i_dp_scale_above(x);
            assert_int_equal(is_gaussian ? kedge_i_dp_gaussian(&source, scale, &k) : kedge_i_dp_laplace(&source, scale, &k),
                             KEDGE_OK);
            double z = (double)k / x;
            sum += z;
            squares += z * z;
            fourths += z * z * z * z;
        }
        double variance = is_gaussian ? 1 : 2, kurtosis = is_gaussian ? 3 : 6;
        assert_true(fabs(sum / N) < 4 * sqrt(variance / N));
        assert_true(fabs(squares / N - variance) < 4 * variance * sqrt((kurtosis - 1) / N));
        assert_true(fabs(fourths / N / variance / variance - kurtosis) < 0.3 * kurtosis);
    }
}

enum { N_RELEASES = 60000, OUTCOMES = 60 };

/* Outcomes of releases of a count that is 0, and of its neighbour's, which is 1. */
static void outcomes(const kedge_dp_cost *cost, uint32_t seen[2][2 * OUTCOMES + 1])
{
    static uint64_t counts[N_RELEASES];
    static int64_t noisy[N_RELEASES];
    memset(seen, 0, 2 * sizeof *seen);
    for (uint64_t count = 0; count < 2; count++) {
        kedge_dp_budget b;
        assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_BASIC, 64, 0.5), KEDGE_OK);
        for (uint32_t i = 0; i < N_RELEASES; i++)
            counts[i] = count;
        assert_int_equal(kedge_dp_histogram(&b, &source, cost, counts, N_RELEASES, noisy), KEDGE_OK);
        for (uint32_t i = 0; i < N_RELEASES; i++) {
            int64_t k = noisy[i] < -OUTCOMES ? -OUTCOMES : noisy[i] > OUTCOMES ? OUTCOMES : noisy[i];
            seen[count][k + OUTCOMES]++;
        }
    }
}

/* Is P0(S) > e^epsilon P1(S) + delta, beyond chance (4.5 deviations)? For every tail S and every single outcome, both ways. */
static int refutes(uint32_t seen[2][2 * OUTCOMES + 1], double epsilon, double delta)
{
    for (uint32_t way = 0; way < 4; way++) {
        double a = 0, b = 0;
        for (uint32_t i = 0; i <= 2 * OUTCOMES; i++) {
            uint32_t k = way % 2 ? 2 * OUTCOMES - i : i; /* lower tails of 0 against 1, upper ones of 1 against 0 */
            if (way >= 2)
                a = b = 0;
            a += seen[way % 2][k];
            b += seen[1 - way % 2][k];
            double p = a / N_RELEASES, q = b / N_RELEASES, factor = exp(epsilon);
            double deviation = sqrt((p * (1 - p) + factor * factor * q * (1 - q)) / N_RELEASES);
            if (p - factor * q - delta > 4.5 * deviation + 4.5 / N_RELEASES)
                return 1;
        }
    }
    return 0;
}

/* The stated epsilon is not refuted, and a slightly smaller one is: the test would see noise that is too small, and noise is not
 * wasted. */
static void test_stated_epsilon_of_laplace(void **unused)
{
    (void)unused;
    static uint32_t seen[2][2 * OUTCOMES + 1];
    static const double epsilons[] = {0.3, 1, 2.5};
    seeded.state = 3;
    for (size_t i = 0; i < 3; i++) {
        const kedge_dp_cost cost = {KEDGE_DP_LAPLACE, 0, epsilons[i], 0};
        outcomes(&cost, seen);
        assert_false(refutes(seen, epsilons[i], 0));
        assert_true(refutes(seen, 0.85 * epsilons[i], 0));
    }
}

static void test_stated_delta_of_gaussian(void **unused)
{
    (void)unused;
    static uint32_t seen[2][2 * OUTCOMES + 1];
    static const kedge_dp_cost costs[] = {{KEDGE_DP_GAUSSIAN, 0, 0.5, 0.05}, {KEDGE_DP_GAUSSIAN, 0, 1, 0.03}};
    seeded.state = 4;
    for (size_t i = 0; i < 2; i++) {
        outcomes(&costs[i], seen);
        assert_false(refutes(seen, costs[i].epsilon, costs[i].delta));
        assert_true(refutes(seen, costs[i].epsilon, 0.5 * costs[i].delta));
        assert_true(refutes(seen, 0.5 * costs[i].epsilon, costs[i].delta));
    }
}

/* Delta of the noise that is really drawn, by its sum over all outcomes: never above what is stated, and not far below. For every
 * change up to the sensitivity. `sigma` is what continuous noise would need (Balle and Wang's delta, bisected in Python), to
 * compare. */
static void test_exact_delta(void **unused)
{
    (void)unused;
    static const struct {
        double epsilon, delta, sigma;
        uint64_t sensitivity;
    } cases[] = {{1, 1e-5, 3.730631634815941, 1},   {0.1, 1e-6, 36.304690426195414, 1},     {2, 1e-8, 13.264633840279098, 5},
                 {0.5, 0.05, 2.033210529801636, 1}, {1, 1e-5, 15280.667176206094, 4096}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const kedge_dp_cost cost = {KEDGE_DP_GAUSSIAN, 0, cases[c].epsilon, cases[c].delta};
        kedge_dp_noise noise;
        assert_int_equal(kedge_dp_noise_of(&cost, cases[c].sensitivity, &noise), KEDGE_OK);
        assert_true(noise.scale > 0.95 * cases[c].sigma && noise.scale < 1.05 * cases[c].sigma);
        assert_close(noise.rho, 0.5 * pow((double)cases[c].sensitivity / noise.scale, 2), 1e-12);
        int64_t far = (int64_t)(12 * noise.scale) + 12;
        for (uint64_t change = 1; change <= cases[c].sensitivity; change += cases[c].sensitivity > 9 ? 1365 : 1) {
            double sum = 0, above = 0;
            for (int64_t y = -far; y <= far; y++) {
                double x = (double)y / noise.scale, z = (double)(y + (int64_t)change) / noise.scale, p = exp(-0.5 * x * x);
                sum += p;
                above += fmax(p - exp(cases[c].epsilon - 0.5 * z * z), 0);
            }
            assert_true(above / sum <= cases[c].delta);
            if (change == cases[c].sensitivity)
                assert_true(above / sum > 0.98 * cases[c].delta);
        }
    }
}

static void test_noise(void **unused)
{
    (void)unused;
    kedge_dp_noise noise;
    kedge_dp_cost cost = {KEDGE_DP_LAPLACE, 0, 0.5, 0};
    assert_int_equal(kedge_dp_noise_of(&cost, 3, &noise), KEDGE_OK);
    assert_true(noise.scale >= 6 && noise.scale < 6.003 && noise.rho == 0.125);
    static double p[2 * WIDEST + 1];
    double variance = 0;
    distribution(noise.scale, 0, p);
    for (int k = -WIDEST; k <= WIDEST; k++)
        variance += p[k + WIDEST] * k * k;
    assert_close(noise.sd, sqrt(variance), 1e-12);
    cost.epsilon = 1e-9;
    assert_int_equal(kedge_dp_noise_of(&cost, 1, &noise), KEDGE_OK);
    assert_int_equal(kedge_dp_noise_of(&cost, 10000, &noise), KEDGE_ERR_RANGE);
    cost.mechanism = KEDGE_DP_GAUSSIAN;
    cost.delta = 1e-12;
    assert_int_equal(kedge_dp_noise_of(&cost, 1, &noise), KEDGE_ERR_RANGE);
    cost.epsilon = 64;
    cost.delta = 0.5;
    assert_int_equal(kedge_dp_noise_of(&cost, 1, &noise), KEDGE_OK);
    assert_true(noise.scale >= 0.015625 && noise.scale < 0.2);
}

static void test_basic_budget(void **unused)
{
    (void)unused;
    kedge_dp_budget b, before;
    kedge_dp_cost cost = {KEDGE_DP_LAPLACE, 0, 0.1, 0};
    double spent;
    int64_t noisy = 77;
    assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_BASIC, 1, 0), KEDGE_OK);
    assert_int_equal(kedge_dp_spent(&b, &spent), KEDGE_OK);
    assert_true(spent == 0);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(kedge_dp_release(&b, &source, &cost, 5, 1, &noisy), KEDGE_OK);
        assert_int_equal(kedge_dp_spent(&b, &spent), KEDGE_OK);
        assert_close(spent, 0.1 * (i + 1), 1e-12);
    }
    before = b;
    noisy = 77;
    cost.epsilon = 1e-9;
    assert_int_equal(kedge_dp_release(&b, &source, &cost, 5, 1, &noisy), KEDGE_ERR_STATE);
    assert_true(noisy == 77 && b.n_releases == 10);
    assert_memory_equal(&b, &before, sizeof b);
    assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_BASIC, 10, 1e-6), KEDGE_OK); /* delta is spent first */
    cost = (kedge_dp_cost){KEDGE_DP_GAUSSIAN, 0, 0.5, 4e-7};
    assert_int_equal(kedge_dp_charge(&b, &cost, 1), KEDGE_OK);
    assert_int_equal(kedge_dp_charge(&b, &cost, 1), KEDGE_OK);
    assert_int_equal(kedge_dp_charge(&b, &cost, 1), KEDGE_ERR_STATE);
    assert_true(b.epsilon_sum == 1 && b.n_releases == 2);
}

/* Epsilon of rho by trying 200,001 orders in Python. */
static void test_concentrated_budget(void **unused)
{
    (void)unused;
    static const double golden[][3] = {{0.5, 1e-6, 5.2215344476959995},
                                       {0.01, 1e-5, 0.5457255491753884},
                                       {1e-4, 1e-9, 0.07436279332567328},
                                       {5, 1e-3, 15.458183167168194}};
    kedge_dp_budget b;
    double spent;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_ZCDP, 100, golden[i][1]), KEDGE_OK);
        b.rho_sum = golden[i][0];
        assert_int_equal(kedge_dp_spent(&b, &spent), KEDGE_OK);
        assert_true(fabs(spent - golden[i][2]) < 1e-6 * golden[i][2]);
        assert_true(spent < golden[i][0] + 2 * sqrt(-golden[i][0] * log(golden[i][1]))); /* Bun, Steinke 2016, proposition 1.3 */
    }
    /* How many releases each allows: of a small epsilon, then Gaussian ones. */
    uint32_t n[4] = {0};
    const kedge_dp_cost small = {KEDGE_DP_LAPLACE, 0, 0.01, 0}, gaussian = {KEDGE_DP_GAUSSIAN, 0, 0.05, 1e-8};
    for (uint32_t how = KEDGE_DP_BASIC; how <= KEDGE_DP_ZCDP; how++) {
        assert_int_equal(kedge_dp_budget_init(&b, how, 1, 1e-6), KEDGE_OK);
        while (kedge_dp_charge(&b, &small, 1) == KEDGE_OK)
            n[how]++;
        assert_int_equal(kedge_dp_spent(&b, &spent), KEDGE_OK);
        assert_true(spent <= 1 + 1e-12 && spent > 0.98 && b.n_releases == n[how]);
    }
    assert_true(n[KEDGE_DP_BASIC] == 100 && n[KEDGE_DP_ADVANCED] > 300 && n[KEDGE_DP_ZCDP] > n[KEDGE_DP_ADVANCED]);
    double whole =
        0.5 * n[KEDGE_DP_ADVANCED] * 1e-4 + sqrt(-2 * log(0.5e-6) * n[KEDGE_DP_ADVANCED] * 1e-4); /* the theorem itself */
    assert_true(whole <= 1 && n[KEDGE_DP_ADVANCED] < 400);
    assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_ADVANCED, 1, 1e-7), KEDGE_OK);
    for (n[0] = 0; kedge_dp_charge(&b, &gaussian, 1) == KEDGE_OK; n[0]++) {
    }
    assert_int_equal(n[0], 5); /* deltas of 1e-8 in half of 1e-7 */
}

static void test_broken_sources(void **unused)
{
    (void)unused;
    unsigned char zero = 0, ones = 0xFF;
    uint32_t calls = 40;
    const kedge_dp_source zeros = {fill_constant, &zero}, all_ones = {fill_constant, &ones}, ends = {fill_until, &calls},
                          none = {NULL, NULL};
    kedge_dp_budget b, before;
    const kedge_dp_cost laplace = {KEDGE_DP_LAPLACE, 0, 0.3, 0}, gaussian = {KEDGE_DP_GAUSSIAN, 0, 0.3, 1e-6};
    const uint64_t counts[100] = {5, 6, 7};
    int64_t noisy[100];
    memset(noisy, 0x5C, sizeof noisy);
    assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_BASIC, 1, 1e-6), KEDGE_OK);
    before = b;
    assert_int_equal(kedge_dp_release(&b, &zeros, &laplace, 5, 1, noisy), KEDGE_ERR_NUMERIC);
    assert_int_equal(kedge_dp_release(&b, &zeros, &gaussian, 5, 1, noisy), KEDGE_ERR_NUMERIC);
    kedge_status st = kedge_dp_release(&b, &all_ones, &gaussian, 5, 1, noisy); /* may end, but never hangs */
    assert_true(st == KEDGE_ERR_NUMERIC || st == KEDGE_OK);
    b = before;
    assert_int_equal(kedge_dp_release(&b, &none, &laplace, 5, 1, noisy), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dp_histogram(&b, &ends, &laplace, counts, 100, noisy), KEDGE_ERR_UNSUPPORTED);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(noisy[i], 0); /* nothing was charged, so nothing is told */
    assert_memory_equal(&b, &before, sizeof b);
}

static void test_histogram(void **unused)
{
    (void)unused;
    enum { N = 2000 };
    static uint64_t counts[N];
    static int64_t noisy[N];
    kedge_dp_budget b;
    kedge_dp_noise noise;
    const kedge_dp_cost cost = {KEDGE_DP_LAPLACE, 0, 0.5, 0};
    double sum = 0, squares = 0;
    seeded.state = 6;
    for (uint32_t i = 0; i < N; i++)
        counts[i] = i % 3 ? 0 : 10 * i;
    assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_BASIC, 0.5, 0), KEDGE_OK);
    assert_int_equal(kedge_dp_histogram(&b, &source, &cost, counts, N, noisy), KEDGE_OK);
    assert_true(b.epsilon_sum == 0.5 && b.n_releases == 1);
    for (uint32_t i = 0; i < N; i++) {
        double off = (double)(noisy[i] - (int64_t)counts[i]);
        sum += off;
        squares += off * off;
    }
    assert_int_equal(kedge_dp_noise_of(&cost, 1, &noise), KEDGE_OK);
    assert_true(fabs(sum / N) < 4 * noise.sd / sqrt(N) && fabs(sqrt(squares / N) / noise.sd - 1) < 0.15);
    assert_int_equal(kedge_dp_histogram(&b, &source, &cost, counts, N, noisy), KEDGE_ERR_STATE);
}

static void test_mean(void **unused)
{
    (void)unused;
    enum { N = 5000 };
    static double x[N][2];
    kedge_dp_budget b;
    kedge_dp_mean_report r;
    kedge_dp_cost cost = {KEDGE_DP_LAPLACE, 0, 1, 0};
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 2);
    double mean = 0, off = 0;
    seeded.state = 7;
    kedge_rng rng = {9};
    for (uint32_t i = 0; i < N; i++) {
        x[i][1] = 40 + 30 * kedge_rng_normal(&rng);
        mean += fmin(fmax(x[i][1], 0), 100) / N;
    }
    for (uint32_t run = 0; run < 60; run++) {
        cost.mechanism = run % 2 ? KEDGE_DP_GAUSSIAN : KEDGE_DP_LAPLACE;
        cost.delta = run % 2 ? 1e-6 : 0;
        assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_BASIC, 1, run % 2 ? 1e-6 : 0), KEDGE_OK);
        assert_int_equal(kedge_dp_mean(&b, &source, &cost, &rows, 1, 0, 100, &r), KEDGE_OK);
        assert_true(b.n_releases == 2);
        assert_close(b.epsilon_sum, 1, 1e-12);
        double sd = sqrt(r.sum_sd * r.sum_sd + r.count_sd * r.count_sd * (mean - 50) * (mean - 50)) / N;
        off += pow((r.mean - mean) / sd, 2) / 60;
        assert_true(fabs((double)(r.count - N)) < 12 * r.count_sd);
        assert_int_equal(kedge_dp_mean(&b, &source, &cost, &rows, 1, 0, 100, &r), KEDGE_ERR_STATE);
    }
    assert_true(off > 0.4 && off < 2); /* the noise is what the report says */
    assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_BASIC, 9, 0.1), KEDGE_OK);
    rows = kedge_rows_float64(NULL, 0, 2); /* nobody: the middle and noise, still inside of the range */
    rows.data = x;
    assert_int_equal(kedge_dp_mean(&b, &source, &cost, &rows, 1, 0, 100, &r), KEDGE_OK);
    assert_true(r.mean >= 0 && r.mean <= 100);
    kedge_dp_budget before = b;
    rows = kedge_rows_float64(&x[0][0], N, 2);
    assert_int_equal(kedge_dp_mean(&b, &source, &cost, &rows, 2, 0, 100, &r), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_dp_mean(&b, &source, &cost, &rows, 1, 100, 100, &r), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_mean(&b, &source, &cost, &rows, 1, 0, 1e160, &r), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_mean(&b, &source, &cost, &rows, 1, (double)NAN, 1, &r), KEDGE_ERR_NOT_FINITE);
    x[7][1] = (double)NAN;
    assert_int_equal(kedge_dp_mean(&b, &source, &cost, &rows, 1, 0, 100, &r), KEDGE_ERR_NOT_FINITE);
    assert_memory_equal(&b, &before, sizeof b);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_dp_budget b;
    kedge_dp_noise noise;
    int64_t noisy;
    double spent;
    static const kedge_dp_cost bad[] = {{0, 0, 1, 0},
                                        {3, 0, 1, 0},
                                        {KEDGE_DP_LAPLACE, 1, 1, 0},
                                        {KEDGE_DP_LAPLACE, 0, 0, 0},
                                        {KEDGE_DP_LAPLACE, 0, 65, 0},
                                        {KEDGE_DP_LAPLACE, 0, 1, 1e-6},
                                        {KEDGE_DP_GAUSSIAN, 0, 1, 0},
                                        {KEDGE_DP_GAUSSIAN, 0, 1, 0.6}};
    kedge_dp_cost good = {KEDGE_DP_LAPLACE, 0, 1, 0};
    feclearexcept(FE_ALL_EXCEPT);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(kedge_dp_noise_of(&bad[i], 1, &noise), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_noise_of(&good, 0, &noise), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_noise_of(&good, ((uint64_t)1 << 32) + 1, &noise), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_noise_of(NULL, 1, &noise), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dp_noise_of(&good, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dp_budget_init(NULL, 1, 1, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dp_budget_init(&b, 0, 1, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_budget_init(&b, 1, 0, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_budget_init(&b, 1, 1001, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_budget_init(&b, KEDGE_DP_ZCDP, 1, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_budget_init(&b, 1, (double)NAN, 0), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_dp_budget_init(&b, 1, 64, 0), KEDGE_OK);
    assert_int_equal(kedge_dp_release(&b, &source, &good, ((int64_t)1 << 62) + 1, 1, &noisy), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dp_release(&b, &source, &good, (int64_t)1 << 62, 1, &noisy), KEDGE_OK);
    assert_int_equal(kedge_dp_release(&b, &source, &good, 1, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dp_release(&b, NULL, &good, 1, 1, &noisy), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dp_release(NULL, &source, &good, 1, 1, &noisy), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dp_histogram(&b, &source, &good, NULL, 1, &noisy), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dp_spent(&b, NULL), KEDGE_ERR_NULL);
    good.epsilon = (double)NAN;
    assert_int_equal(kedge_dp_charge(&b, &good, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    b.epsilon_sum = -1; /* forged */
    good.epsilon = 1;
    assert_int_equal(kedge_dp_charge(&b, &good, 1), KEDGE_ERR_STATE);
    assert_int_equal(kedge_dp_spent(&b, &spent), KEDGE_ERR_STATE);
}

static void test_anonymity(void **unused)
{
    (void)unused;
    static const uint64_t counts[5][3] = {{3, 0, 4}, {0, 0, 0}, {9, 0, 0}, {1, 1, 1}, {2, 0, 1}};
    static const uint64_t huge[2] = {(uint64_t)1 << 62, 1};
    kedge_anonymity_report r;
    assert_int_equal(kedge_anonymity(counts[0], 5, 3, 5, 2, &r), KEDGE_OK);
    assert_true(r.n_slices == 4 && r.least_rows == 3 && r.i_least_rows == 3 && r.n_below_k == 2 && r.rows_below_k == 6);
    assert_true(r.least_values == 1 && r.i_least_values == 2 && r.n_below_l == 1);
    assert_int_equal(kedge_anonymity(counts[1], 1, 3, 5, 2, &r), KEDGE_EMPTY);
    assert_true(r.least_rows == 0 && r.n_slices == 0);
    assert_int_equal(kedge_anonymity(NULL, 0, 1, 5, 2, &r), KEDGE_EMPTY);
    assert_int_equal(kedge_anonymity(NULL, 1, 1, 5, 2, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_anonymity(counts[0], 5, 0, 5, 2, &r), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_anonymity(counts[0], SIZE_MAX / 4, 3, 5, 2, &r), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_anonymity(huge, 2, 1, 5, 1, &r), KEDGE_ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_wide_draws),
        cmocka_unit_test(test_stated_epsilon_of_laplace),
        cmocka_unit_test(test_stated_delta_of_gaussian),
        cmocka_unit_test(test_exact_delta),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_basic_budget),
        cmocka_unit_test(test_concentrated_budget),
        cmocka_unit_test(test_broken_sources),
        cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_mean),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_anonymity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
