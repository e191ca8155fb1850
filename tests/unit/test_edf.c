/* SPDX-License-Identifier: MIT */
/* Tests on empirical distribution functions: each against its definition, its exact p-value against all ways to deal the values
 * out, its limit against random ways, its false alarms against alpha. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

#include "base/edf_limit.h"
#include "base/ks_limit.h"

enum { MOST = 200 };

typedef double (*definition)(const double *x, size_t n, const double *y, size_t m);

static double count_below(const double *x, size_t n, double limit)
{
    double count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] < limit;
    return count;
}

static double count_up_to(const double *x, size_t n, double limit)
{
    double count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] <= limit;
    return count;
}

/* Average rank of `value` among all. */
static double midrank(const double *x, size_t n, const double *y, size_t m, double value)
{
    double low = count_below(x, n, value) + count_below(y, m, value);
    double high = count_up_to(x, n, value) + count_up_to(y, m, value);
    return (low + high + 1) / 2;
}

static int rising(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Ranks of x's values among all, rising. */
static void ranks(const double *x, size_t n, const double *y, size_t m, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = midrank(x, n, y, m, x[i]);
    qsort(out, n, sizeof *out, rising);
}

/* Anderson 1962, (9) and (10). */
static double naive_cramer_von_mises(const double *x, size_t n, const double *y, size_t m)
{
    double r[MOST], s[MOST], a = 0, b = 0, nn = (double)n, mm = (double)m;
    ranks(x, n, y, m, r);
    ranks(y, m, x, n, s);
    for (size_t i = 0; i < n; i++)
        a += (r[i] - (double)i - 1) * (r[i] - (double)i - 1);
    for (size_t j = 0; j < m; j++)
        b += (s[j] - (double)j - 1) * (s[j] - (double)j - 1);
    return (nn * a + mm * b) / (nn * mm * (nn + mm)) - (4 * nn * mm - 1) / (6 * (nn + mm));
}

static double share_up_to(const double *x, size_t n, double limit)
{
    return (count_below(x, n, limit) + count_up_to(x, n, limit)) / (2 * (double)n);
}

/* Mean of (F - G)^2 over all values, jumping halfway. */
static double naive_squares(const double *x, size_t n, const double *y, size_t m)
{
    double sum = 0;
    for (size_t i = 0; i < n + m; i++) {
        double at = i < n ? x[i] : y[i - n];
        sum += pow(share_up_to(x, n, at) - share_up_to(y, m, at), 2);
    }
    return sum / (double)(n + m);
}

/* Scholz, Stephens 1987, (7) and (4). */
static double ad_raw(const double *x, size_t n, const double *y, size_t m)
{
    double sum = 0, all = (double)(n + m);
    for (size_t i = 0; i < n + m; i++) {
        double at = i < n ? x[i] : y[i - n];
        double b = (count_below(x, n, at) + count_below(y, m, at) + count_up_to(x, n, at) + count_up_to(y, m, at)) / 2;
        double l = count_up_to(x, n, at) + count_up_to(y, m, at) - count_below(x, n, at) - count_below(y, m, at);
        double a = all * (count_below(x, n, at) + count_up_to(x, n, at)) / 2 - (double)n * b;
        double c = all * (count_below(y, m, at) + count_up_to(y, m, at)) / 2 - (double)m * b;
        double under = b * (all - b) - all * l / 4;
        if (l < all)
            sum += (a * a / (double)n + c * c / (double)m) / under / all;
    }
    return (all - 1) / all * sum;
}

static double naive_anderson_darling(const double *x, size_t n, const double *y, size_t m)
{
    double h = 0, g = 0, all = (double)(n + m), k = 2, both = 1 / (double)n + 1 / (double)m;
    for (double i = 1; i < all; i++) {
        h += 1 / i;
        for (double j = i + 1; j < all; j++)
            g += 1 / ((all - i) * j);
    }
    double a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * both;
    double b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * both - 8 * h + 4 * g - 6;
    double c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * both + 4 * h;
    double d = (2 * h + 6) * k * k - 4 * h * k;
    double variance = (a * pow(all, 3) + b * pow(all, 2) + c * all + d) / ((all - 1) * (all - 2) * (all - 3));
    return (ad_raw(x, n, y, m) - (k - 1)) / sqrt(variance);
}

/* Integral of (F - G)^2 / (H (1 - H)), over both samples alike. */
static double naive_tails(const double *x, size_t n, const double *y, size_t m)
{
    double sum = 0;
    for (size_t i = 0; i < n + m; i++) {
        double at = i < n ? x[i] : y[i - n], f = share_up_to(x, n, at), g = share_up_to(y, m, at), h = (f + g) / 2;
        sum += (f - g) * (f - g) / (h * (1 - h)) / (2 * (double)(i < n ? n : m));
    }
    return sum;
}

static double naive_kuiper(const double *x, size_t n, const double *y, size_t m)
{
    double above = 0, below = 0;
    for (size_t i = 0; i < n + m; i++) {
        double at = i < n ? x[i] : y[i - n];
        double gap = count_up_to(x, n, at) / (double)n - count_up_to(y, m, at) / (double)m;
        above = fmax(above, gap);
        below = fmax(below, -gap);
    }
    return above + below;
}

static double bws_side(const double *r, size_t n, size_t m)
{
    double sum = 0, nn = (double)n, all = (double)(n + m);
    for (size_t i = 1; i <= n; i++) {
        double share = (double)i / (nn + 1);
        sum += pow(r[i - 1] - all / nn * (double)i, 2) / (share * (1 - share) * (double)m * all / nn);
    }
    return sum / nn;
}

/* Baumgartner, Weiss, Schindler 1998. */
static double naive_bws(const double *x, size_t n, const double *y, size_t m)
{
    double r[MOST], s[MOST];
    ranks(x, n, y, m, r);
    ranks(y, m, x, n, s);
    return (bws_side(r, n, m) + bws_side(s, m, n)) / 2;
}

static const struct method {
    const kedge_shift_class *cls;
    definition naive;
    definition far;     /* what p-values go by */
    definition effect;
    size_t least;       /* N of the smallest samples */
    double lowest_step; /* lower end of false alarms in 1000 at 0.05 for sizes 20: p-values have steps */
    int exact_has_ties; /* exact with ties, and not only safe */
} methods[] = {
    {&kedge_cramer_von_mises, naive_cramer_von_mises, naive_squares, naive_squares, 2, 30, 1},
    {&kedge_anderson_darling, naive_anderson_darling, ad_raw, naive_tails, 4, 30, 1},
    {&kedge_kuiper, naive_kuiper, naive_kuiper, naive_kuiper, 2, 10, 0},
    {&kedge_bws, naive_bws, naive_bws, naive_tails, 2, 30, 1},
};

enum { METHODS = sizeof methods / sizeof *methods };

static kedge_status compare(const kedge_shift_config *c, const double *x, size_t n, const double *y, size_t m,
                            kedge_shift_result *r)
{
    kedge_rows reference = kedge_rows_float64(x, n, 1), current = kedge_rows_float64(y, m, 1);
    size_t bytes = kedge_shift_work(c, n, m, 1);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = kedge_shift_compare(c, &reference, &current, work, bytes, r);
    guard_free(work);
    return st;
}

static kedge_shift_config config(const struct method *method, uint32_t p_method)
{
    kedge_shift_config c = kedge_shift_defaults(method->cls);
    c.p_method = p_method;
    return c;
}

/* Normal values, or whole ones from 0 to levels - 1 where levels > 0. */
static void fill(double *x, size_t n, double levels, double shift, kedge_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = levels > 0 ? fmin(levels - 1, floor(kedge_rng_uniform(rng) * (levels + shift))) : kedge_rng_normal(rng) + shift;
}

static void test_statistics(void **unused)
{
    (void)unused;
    kedge_rng rng = {4};
    double x[40], y[40];
    for (size_t k = 0; k < METHODS; k++) {
        kedge_shift_config c = config(&methods[k], KEDGE_P_NONE);
        for (int round = 0; round < 400; round++) {
            size_t n = 2 + kedge_rng_below(&rng, 38), m = 2 + kedge_rng_below(&rng, 38);
            kedge_shift_result r;
            double levels = (double)(round % 4) * 3;
            fill(x, n, levels, 0, &rng);
            fill(y, m, levels, round % 3, &rng);
            assert_true(compare(&c, x, n, y, m, &r) >= 0);
            assert_close(r.statistic, methods[k].naive(x, n, y, m), 1e-11);
            assert_close(r.effect, methods[k].effect(x, n, y, m), 1e-11);
            assert_true(isnan(r.p_value));
        }
    }
}

/* Share of the ways to deal the values out that are at least as far. */
static double naive_p(const struct method *method, const double *all, size_t n, size_t m, double *mean)
{
    double ways = 0, far = 0, least = method->far(all, n, all + n, m);
    *mean = 0;
    for (uint32_t bits = 0; bits < 1u << (n + m); bits++) {
        double x[12], y[12];
        size_t nx = 0, ny = 0, ones = 0;
        for (size_t i = 0; i < n + m; i++)
            ones += bits >> i & 1;
        if (ones != n)
            continue;
        for (size_t i = 0; i < n + m; i++)
            *(bits >> i & 1 ? &x[nx++] : &y[ny++]) = all[i];
        ways++;
        far += method->far(x, n, y, m) >= least - 1e-10;
        *mean += method->naive(x, n, y, m);
    }
    *mean /= ways;
    return far / ways;
}

static void test_exact(void **unused)
{
    (void)unused;
    static const size_t sizes[][2] = {{1, 3}, {2, 3}, {5, 2}, {4, 4}, {6, 4}, {3, 7}, {6, 6}, {1, 9}};
    for (size_t i = 0; i < METHODS * 8 * 8; i++) {
        const struct method *method = &methods[i % METHODS];
        const size_t *size = sizes[i / METHODS % 8];
        double all[12], mean, levels = i / METHODS / 8 % 2 ? 4 : 0;
        kedge_shift_config c = config(method, KEDGE_P_EXACT);
        kedge_shift_result r;
        kedge_rng rng = {i};
        fill(all, size[0], levels, 0, &rng);
        fill(all + size[0], size[1], levels, (double)(i % 3), &rng);
        kedge_status st = compare(&c, all, size[0], all + size[0], size[1], &r);
        assert_true(st >= 0 && r.p_method == KEDGE_P_EXACT);
        double p = naive_p(method, all, size[0], size[1], &mean);
        c.p_method = KEDGE_P_NONE;
        kedge_shift_result alone;
        assert_true(compare(&c, all, size[0], all + size[0], size[1], &alone) >= 0);
        if (!isnan(alone.expected)) /* by formula */
            assert_close(alone.expected, mean, 1e-11);
        if (levels == 0 || method->exact_has_ties) {
            assert_close(r.p_value, p, 1e-12);
            if (!isnan(r.expected))
                assert_close(r.expected, mean, 1e-10);
        } else {
            assert_true(r.p_value >= p - 1e-12);
        }
    }
}

/* The limit is near the random ways, and so is AUTO. */
static void test_limits_agree(void **unused)
{
    (void)unused;
    static const size_t sizes[][2] = {{50, 50}, {50, 90}, {200, 100}, {200, 200}};
    for (size_t i = 0; i < METHODS * 4 * 6 * 3; i++) {
        const struct method *method = &methods[i % METHODS];
        const size_t *size = sizes[i / METHODS % 4];
        double levels = (double)(i / METHODS / 24) * 9; /* none, 9, 18 */
        double x[MOST], y[MOST];
        kedge_shift_config limit = config(method, KEDGE_P_ASYMPTOTIC), some = config(method, KEDGE_P_PERMUTATION);
        kedge_shift_result a, b;
        kedge_rng rng = {i};
        some.n_resamples = 3999;
        fill(x, size[0], levels, 0, &rng);
        fill(y, size[1], levels, (double)(i / METHODS / 4 % 6) / 12, &rng);
        if (levels > 0 && method->cls == &kedge_bws) { /* there is no limit with ties, AUTO deals out anew */
            assert_int_equal(compare(&limit, x, size[0], y, size[1], &a), KEDGE_ERR_UNSUPPORTED);
            limit.p_method = KEDGE_P_AUTO;
            assert_true(compare(&limit, x, size[0], y, size[1], &a) >= 0);
            assert_int_equal(a.p_method, KEDGE_P_PERMUTATION);
            continue;
        }
        assert_true(compare(&limit, x, size[0], y, size[1], &a) >= 0);
        assert_true(compare(&some, x, size[0], y, size[1], &b) >= 0);
        assert_true(a.p_method == KEDGE_P_ASYMPTOTIC && b.p_method == KEDGE_P_PERMUTATION);
        double allowed = levels > 0 && !method->exact_has_ties ? fmax(0, b.p_value - a.p_value) : fabs(a.p_value - b.p_value);
        if (!(allowed <= 0.003 + 0.06 * b.p_value + 4 * sqrt(b.p_value * (1 - b.p_value) / 4000)))
            fail_msg("%s %zu %zu, %g levels: limit %g, random ways %g", method->cls->name, size[0], size[1], levels,
                     a.p_value, b.p_value);
        if (!isnan(a.expected))
            assert_close(a.expected, b.expected, 0.1);
    }
}

static double alarms(const struct method *method, size_t n, size_t m, double levels, size_t n_seeds)
{
    double count = 0, x[MOST], y[MOST];
    kedge_shift_config c = config(method, KEDGE_P_AUTO);
    c.n_resamples = 199;
    for (uint64_t seed = 0; seed < n_seeds; seed++) {
        kedge_shift_result r;
        kedge_rng rng = {seed + n};
        fill(x, n, levels, 0, &rng);
        fill(y, m, levels, 0, &rng);
        kedge_status st = compare(&c, x, n, y, m, &r);
        assert_true(st >= 0 && r.p_value > 0 && r.p_value <= 1);
        count += st == KEDGE_DRIFT;
    }
    return count;
}

/* 50 of 1000 are expected; 30 to 72 are within three standard deviations. Steps of p-values, and coarse ties, may only lower it. Of 100
 * in other builds there may be none, and 12 are within three standard deviations. */
static void test_false_alarms(void **unused)
{
    (void)unused;
    static const double levels[] = {0, 40, 5, 2};
    static const size_t sizes[][2] = {{20, 20}, {200, 200}, {200, 30}};
    const size_t n_seeds = test_cases(1000, 100);
    for (size_t i = 0; i < METHODS * 12; i++) {
        const struct method *method = &methods[i / 12];
        const size_t *size = sizes[i % 3];
        double l = levels[i / 3 % 4];
        double count = alarms(method, size[0], size[1], l, n_seeds);
        double least = l > 0 || n_seeds < 1000 ? 0 : size[0] == 20 ? method->lowest_step : 30;
        double most = n_seeds < 1000 ? 12 : 72;
        if (!(count <= most && count >= least))
            fail_msg("%s: %g false alarms at %zu and %zu values, %g levels", method->cls->name, count, size[0], size[1], l);
    }
}

/* All methods: constants, whole range, small and apart. p is a chance, whatever the samples. */
static void test_chances(void **unused)
{
    (void)unused;
    double x[MOST], y[MOST];
    for (size_t i = 0; i < METHODS * 3 * 4 * 40; i++) {
        const struct method *method = &methods[i % METHODS];
        kedge_shift_config c = config(method, KEDGE_P_EXACT + (uint32_t)(i / METHODS % 3));
        kedge_shift_result r;
        kedge_rng rng = {i};
        size_t n = 1 + kedge_rng_below(&rng, i % 7 == 0 ? MOST : 12), m = 1 + kedge_rng_below(&rng, i % 5 == 0 ? MOST : 12);
        double levels = (double)(i / METHODS / 3 % 4);
        c.n_resamples = 9;
        fill(x, n, levels, 0, &rng);
        fill(y, m, levels, i % 2 ? 20 : 0, &rng);
        kedge_status st = compare(&c, x, n, y, m, &r);
        if (st != KEDGE_OK && st != KEDGE_DRIFT)
            assert_true(st == KEDGE_ERR_UNSUPPORTED || (st == KEDGE_EMPTY && n + m < method->least));
        else if (!(r.p_value > 0 && r.p_value <= 1 && isfinite(r.statistic) && r.effect >= 0 && r.effect < 2))
            fail_msg("%s %zu %zu: p %g, statistic %g, effect %g", method->cls->name, n, m, r.p_value, r.statistic, r.effect);
        if (levels == 1 && st >= 0 && st != KEDGE_EMPTY)
            assert_true(r.p_value == 1 && r.effect == 0);
    }
}

/* Equal samples are not apart, and the effect does not depend on how many values there are. */
static void test_effects(void **unused)
{
    (void)unused;
    double x[MOST], y[MOST];
    for (size_t k = 0; k < METHODS; k++) {
        kedge_shift_config c = config(&methods[k], KEDGE_P_NONE);
        kedge_shift_result few, many;
        for (size_t i = 0; i < MOST; i++) {
            x[i] = (double)(i % 50);
            y[i] = (double)(i % 50) * 1.2 + 3.3;
        }
        assert_int_equal(compare(&c, x, 50, x, MOST, &few), KEDGE_DRIFT); /* without a p-value any effect counts */
        assert_true(few.effect < 1e-30);
        assert_true(compare(&c, x, 50, y, 50, &few) >= 0);
        assert_true(compare(&c, x, MOST, y, MOST, &many) >= 0);
        assert_close(few.effect, many.effect, 1e-12);
    }
}

/* Sums of squares by their characteristic function (Gil-Pelaez 1951): P = 1/2 + integral of sin(theta(t)) / (pi t rho(t)), the
 * k-th square having theta = atan(2 w t) / 2 and rho = (1 + 4 w^2 t^2)^(1/4); what is left of the infinite product as its mean. */
static double gil_pelaez(double (*weight)(double), double mean, double x)
{
    double sum = 0, step = 0.02;
    double rest = mean;
    for (double k = 1; k <= 400; k++)
        rest -= weight(k);
    for (double t = step / 2; t < 700; t += step) {
        double angle = t * (rest - x), log_rho = 0;
        for (double k = 1; k <= 400; k++) {
            double a = 2 * weight(k) * t;
            angle += atan(a) / 2;
            log_rho += log1p(a * a) / 4;
            if (log_rho > 36)
                break;
        }
        if (log_rho > 36)
            break;
        sum += sin(angle) / t * exp(-log_rho);
    }
    return 0.5 + step * sum / 3.14159265358979323846;
}

static double weight_squares(double k)
{
    return 1 / (9.86960440108935861883 * k * k);
}

static double weight_products(double k)
{
    return 1 / (k * (k + 1));
}

static void test_laws(void **unused)
{
    (void)unused;
    static const double squares[] = {0.02, 0.1, 0.3, 0.46136, 0.9}, products[] = {0.2, 0.6, 1.3, 2.492, 4};
    for (size_t i = 0; i < 5; i++) {
        assert_close(kedge_i_cramer_von_mises_upper(squares[i]), gil_pelaez(weight_squares, 1.0 / 6, squares[i]), 1e-6);
        assert_close(kedge_i_anderson_darling_upper(products[i]), gil_pelaez(weight_products, 1, products[i]), 1e-6);
    }
    /* Anderson, Darling 1952, table 1; Marsaglia, Marsaglia 2004, section 1 */
    assert_close(kedge_i_cramer_von_mises_upper(0.46136), 0.05, 1e-6);
    assert_close(kedge_i_cramer_von_mises_upper(1.16786), 0.001, 1e-6);
    assert_close(kedge_i_anderson_darling_upper(2.4924), 0.05, 1e-5);
    assert_close(kedge_i_anderson_darling_upper(3.8781), 0.01, 1e-5);
    assert_true(kedge_i_cramer_von_mises_upper(0.002) == 1 && kedge_i_anderson_darling_upper(0.02) == 1);
    assert_true(kedge_i_cramer_von_mises_upper(141) == 0 && kedge_i_anderson_darling_upper(700) == 0);
    /* Far out the first square alone counts: P = c P(Z^2 > x / w), c = prod of (1 - w_k / w_1)^(-1/2), which is 2^(1/2) and
     * 3^(1/2). */
    for (double x = 20; x < 130; x += 10) {
        double z = sqrt(x) * 3.14159265358979323846;
        double far = sqrt(2) * erfc(z / sqrt(2)), off = kedge_i_cramer_von_mises_upper(x) / far - 1;
        assert_true(fabs(off) < 0.6 / x);
        far = sqrt(3) * erfc(sqrt(x));
        off = kedge_i_anderson_darling_upper(x) / far - 1;
        assert_true(fabs(off) < 1.5 / x);
    }
}

/* Up to 20 rows each AUTO is exact, missing values or not; EXACT goes on while its memory is small. */
static void test_cramer_von_mises_sizes(void **unused)
{
    (void)unused;
    double x[MOST], y[MOST];
    kedge_rng rng = {7};
    kedge_shift_config c = kedge_cramer_von_mises_defaults();
    kedge_shift_result r, limit;
    fill(x, MOST, 0, 0, &rng);
    fill(y, MOST, 0, 0.4, &rng);
    for (size_t rows = 12; rows <= 20; rows += 4) {
        double a[20], b[20];
        for (size_t missing = 0; missing < 4; missing++) {
            for (size_t i = 0; i < rows; i++) {
                a[i] = i < missing ? (double)NAN : x[i];
                b[i] = i < missing / 2 ? (double)NAN : y[i];
            }
            assert_true(compare(&c, a, rows, b, rows, &r) >= 0);
            assert_true(r.p_method == KEDGE_P_EXACT && r.p_value > 0 && r.p_value < 1);
        }
    }
    assert_true(compare(&c, x, 21, y, 20, &r) >= 0);
    assert_int_equal(r.p_method, KEDGE_P_ASYMPTOTIC);
    for (size_t n = 15; n <= 80; n += 13) {
        size_t m = n > 40 ? n : n + 2;
        c.p_method = KEDGE_P_EXACT;
        assert_true(compare(&c, x, n, y, m, &r) >= 0);
        c.p_method = KEDGE_P_ASYMPTOTIC;
        assert_true(compare(&c, x, n, y, m, &limit) >= 0);
        assert_close(r.p_value, limit.p_value, 0.005);
    }
    c.p_method = KEDGE_P_EXACT;
    assert_int_equal(compare(&c, x, 101, y, 100, &r), KEDGE_ERR_UNSUPPORTED);
    x[1] = x[0];
    assert_int_equal(compare(&c, x, 30, y, 30, &r), KEDGE_ERR_UNSUPPORTED);
}

/* Apart, p is 2 / C(n + m, n): the chances of paths keep their digits. */
static void test_smallest(void **unused)
{
    (void)unused;
    double x[60], y[60], ways = 1;
    kedge_shift_config c = kedge_cramer_von_mises_defaults();
    kedge_shift_result r;
    c.p_method = KEDGE_P_EXACT;
    for (int i = 0; i < 60; i++) {
        x[i] = i;
        y[i] = 100 + i;
        ways *= (61.0 + i) / (1.0 + i);
    }
    assert_int_equal(compare(&c, x, 60, y, 60, &r), KEDGE_DRIFT);
    assert_close(r.p_value * ways / 2, 1, 1e-12);
    assert_close(r.effect, 1.0 / 3, 1e-3);
}

/* Stephens 1970, table 1: upper points of the limit law. Both of its series are alike where one takes over. */
static void test_kuiper_law(void **unused)
{
    (void)unused;
    assert_close(kedge_i_kuiper_upper(1.620), 0.1, 3e-4);
    assert_close(kedge_i_kuiper_upper(1.747), 0.05, 3e-4);
    assert_close(kedge_i_kuiper_upper(2.001), 0.01, 5e-5);
    assert_true(kedge_i_kuiper_upper(0) == 1 && kedge_i_kuiper_upper(0.31) == 1);
    double below = kedge_i_kuiper_upper(1 - 1e-9), above = kedge_i_kuiper_upper(1);
    assert_close(below, above, 1e-8);
    assert_true(kedge_i_kuiper_upper(18) > 1e-290 && kedge_i_kuiper_upper(18) < 1e-270);
}

/* Apart, the samples are two arcs of a circle: N of the C(N, n) ways. */
static void test_kuiper_sizes(void **unused)
{
    (void)unused;
    enum { MANY = 10001 };
    double *x = calloc(MANY, sizeof *x), *y = calloc(MANY, sizeof *y), ways = 1;
    kedge_shift_config c = kedge_kuiper_defaults();
    kedge_shift_result r, limit;
    for (int i = 0; i < MANY; i++) {
        x[i] = i;
        y[i] = i + MANY;
    }
    for (int i = 0; i < 60; i++)
        ways *= (91.0 + i) / (1.0 + i);
    for (int rotated = 0; rotated < 2; rotated++) {
        assert_int_equal(compare(&c, x, 90, y, 60, &r), KEDGE_DRIFT);
        assert_close(r.p_value * ways / 150, 1, 1e-12);
        for (int i = 0; i < 20; i++)
            y[i] = -1 - i; /* a third of the current values comes before: the same circle */
    }
    kedge_rng rng = {3};
    fill(x, 1000, 0, 0, &rng);
    fill(y, 1000, 0, 0.05, &rng);
    assert_true(compare(&c, x, 1000, y, 1000, &r) >= 0);
    assert_int_equal(r.p_method, KEDGE_P_EXACT);
    c.p_method = KEDGE_P_ASYMPTOTIC;
    assert_true(compare(&c, x, 1000, y, 1000, &limit) >= 0);
    assert_close(r.p_value, limit.p_value, 0.02);
    c.p_method = KEDGE_P_AUTO;
    assert_true(compare(&c, x, 1001, y, 1000, &r) >= 0);
    assert_int_equal(r.p_method, KEDGE_P_ASYMPTOTIC);
    c.p_method = KEDGE_P_EXACT;
    assert_int_equal(compare(&c, x, MANY, y, 10000, &r), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(compare(&c, x, MANY, y, 3, &r), KEDGE_DRIFT);
    free(x);
    free(y);
}

/* Tied and few: the law is too rough for AUTO. */
static void test_anderson_darling_auto(void **unused)
{
    (void)unused;
    static const size_t sizes[] = {20, 100, 101};
    for (size_t k = 0; k < 3; k++)
        for (int ties = 0; ties < 2; ties++) {
            double x[101], y[101], work[4096];
            kedge_shift_config c = kedge_shift_defaults(&kedge_anderson_darling);
            kedge_shift_result r;
            for (size_t i = 0; i < sizes[k]; i++) {
                x[i] = ties ? (double)(i % 2) : (double)(2 * i);
                y[i] = ties ? (double)(i % 3 == 0) : (double)(2 * i + 1);
            }
            kedge_rows reference = kedge_rows_float64(x, sizes[k], 1), current = kedge_rows_float64(y, sizes[k], 1);
            assert_true(kedge_shift_work(&c, sizes[k], sizes[k], 1) <= sizeof work);
            assert_true(kedge_shift_compare(&c, &reference, &current, work, sizeof work, &r) >= 0);
            assert_int_equal(r.p_method, ties && sizes[k] <= 100 ? KEDGE_P_PERMUTATION : KEDGE_P_ASYMPTOTIC);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics), cmocka_unit_test(test_exact),
        cmocka_unit_test(test_limits_agree), cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_chances),    cmocka_unit_test(test_effects), cmocka_unit_test(test_laws),
        cmocka_unit_test(test_cramer_von_mises_sizes), cmocka_unit_test(test_smallest),
        cmocka_unit_test(test_kuiper_law), cmocka_unit_test(test_kuiper_sizes),
        cmocka_unit_test(test_anderson_darling_auto),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
