/* SPDX-License-Identifier: MIT */
/* OPTWIN against its definition, with quantiles from the densities. */
#include "naive.h"

enum { N = 3000, WINDOW = 90 };

static double x[N];

/* Upper tail of Fisher's distribution: the integral of the beta density from d1 f / (d1 f + d2) on, by Simpson's rule with x =
 * sin^2. */
static double fisher_tail(double f, double d1, double d2)
{
    enum { STEPS = 400 };
    double from = asin(sqrt(d1 * f / (d1 * f + d2))), to = 1.57079632679489661923, sum = 0;
    double log_b = lgamma(d1 / 2) + lgamma(d2 / 2) - lgamma((d1 + d2) / 2);
    for (int i = 0; i <= STEPS; i++) {
        double t = from + (to - from) * i / STEPS, s = sin(t), c = cos(t);
        double density = s > 0 && c > 1e-12 ? 2 * exp((d1 - 1) * log(s) + (d2 - 1) * log(c) - log_b) : 0;
        sum += density * (i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2);
    }
    return sum * (to - from) / (3 * STEPS);
}

static double fisher(double q, double d1, double d2)
{
    double low = 1e-3, high = 1e6;
    for (int i = 0; i < 60; i++) {
        double middle = sqrt(low * high);
        *(fisher_tail(middle, d1, d2) < q ? &high : &low) = middle;
    }
    return low;
}

static int shows(size_t n, size_t n_new, const kedge_optwin_config *c, double *t, double *f)
{
    double error = 1 - pow(1 - c->alpha, 0.25), a = (double)(n - n_new), b = (double)n_new;
    *f = fisher(error, b - 1, a - 1);
    double df = pow(1 / a + *f / b, 2) / (1 / (a * a * (a - 1)) + *f * *f / (b * b * (b - 1)));
    *t = sqrt(fisher(2 * error, 1, df));
    return c->rho >= *t * sqrt(1 / a + *f / b);
}

/* The cut of each length, once. */
static size_t cut(size_t n, const kedge_optwin_config *c, double *t, double *f)
{
    static size_t n_new[WINDOW + 1];
    static double ts[WINDOW + 1], fs[WINDOW + 1], made_for[WINDOW + 1];
    if (made_for[n] != c->rho) {
        made_for[n] = c->rho;
        n_new[n] = 2;
        while (!shows(n, n_new[n], c, &ts[n], &fs[n]) && n_new[n] < n / 2)
            n_new[n]++;
    }
    *t = ts[n];
    *f = fs[n];
    return n_new[n];
}

static double sd(const double *v, size_t from, size_t to)
{
    double mean = naive_mean(v, from, to), sum = 0;
    for (size_t i = from; i < to; i++)
        sum += (v[i] - mean) * (v[i] - mean);
    return sqrt(sum / (double)(to - from - 1));
}

static kedge_status optwin(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_optwin_config *c = cfg;
    size_t oldest = n > c->max_window ? n - c->max_window : 0, held = n - oldest;
    double t, f;
    if (n < c->min_window)
        return KEDGE_OK;
    size_t n_new = cut(held, c, &t, &f);
    double old = sd(v, oldest, n - n_new) + c->min_noise, new = sd(v, n - n_new, n) + c->min_noise;
    double apart = naive_mean(v, n - n_new, n) - naive_mean(v, oldest, n - n_new);
    apart = c->direction == KEDGE_DIRECTION_BOTH ? fabs(apart) : c->direction == KEDGE_DIRECTION_UP ? apart : -apart;
    double by_mean = apart / sqrt(old * old / (double)(held - n_new) + new * new / (double)n_new) / t;
    double by_spread = c->tests == KEDGE_OPTWIN_MEAN || old - c->min_noise < 1e-9 ? 0 : new * new / (old * old) / f;
    *began = n - n_new;
    *statistic = fmax(by_mean, by_spread);
    if (*statistic <= 1)
        return KEDGE_OK;
    *statistic = NAN; /* thresholds agree to the precision of the integral only */
    return KEDGE_DRIFT;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_optwin_config c = kedge_optwin_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_OPTWIN_BYTES);
    c.max_window = WINDOW;
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_OPTWIN_BYTES_FOR((size_t)WINDOW));
    c.alpha = 1e-3;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        c.rho = seed % 2 ? 1.5 : 0.8;
        c.tests = seed > 2 ? KEDGE_OPTWIN_MEAN : KEDGE_OPTWIN_MEAN_AND_SPREAD;
        c.direction = (uint32_t)(seed % 3 + 1);
        naive_stream(x, N, 0, seed);
        n_drifts += naive_compare(&c.base, optwin, x, N);
    }
    assert_true(n_drifts > 10);
}

/* A long window whose cut moves as it grows; sums that a great number has passed through. */
static void test_long_window(void **unused)
{
    (void)unused;
    kedge_optwin_config c = kedge_optwin_defaults();
    unsigned char *mem = guard_new(KEDGE_OPTWIN_BYTES, 0xA5);
    kedge_rng rng = {2};
    kedge_detector d;
    kedge_estimate e;
    double sum = 0;
    c.tests = KEDGE_OPTWIN_MEAN;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_OPTWIN_BYTES), KEDGE_OK);
    for (int i = 0; i < 4000; i++) {
        double v = i == 1500 ? 1e30 : kedge_rng_normal(&rng);
        sum += i >= 3000 ? v : 0;
        assert_int_equal(kedge_detector_update(&d, v), KEDGE_OK);
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    }
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_int_equal(e.width, 1000);
    assert_close(e.mean, sum / 1000, 1e-9);
    int i = 0;
    while (kedge_detector_update(&d, 1 + kedge_rng_normal(&rng)) == KEDGE_OK)
        i++;
    assert_true(i < 120);
    guard_free(mem);
}

static void test_constants(void **unused)
{
    (void)unused;
    static const double constants[] = {0, 1, -1e100, 0.1, 1e-300};
    kedge_optwin_config c = kedge_optwin_defaults();
    naive_constants(&c.base, constants, 5);
    c.min_noise = 0;
    naive_constants(&c.base, constants, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_long_window),
        cmocka_unit_test(test_constants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
