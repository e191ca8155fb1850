/* SPDX-License-Identifier: MIT */
/* Distribution functions against closed forms, sums and values of 50 digits; sorting against its definition. */
#include <float.h>
#include <math.h>

#include "support.h"

#include "base/fisher.h"
#include "base/ks_limit.h"
#include "base/quantile.h"
#include "base/sort.h"
#include "base/special.h"
#include "base/waves.h"

static void assert_relative(double is, double ought, double tolerance)
{
    if (!(fabs(is - ought) <= tolerance * fabs(ought))) {
        print_error("%.17g is not %.17g within %g of it\n", is, ought, tolerance);
        fail();
    }
}

/* By mpmath 1.3 with 60 digits. */
static void test_values(void **unused)
{
    (void)unused;
    assert_relative(kedge_i_gamma_upper(5000, 6500), 3.5325534385425754e-84, 1e-12);
    assert_relative(kedge_i_gamma_upper(50, 100), 1.1784500720979422e-08, 1e-12);
    assert_relative(kedge_i_beta_lower(300, 3000, 0.019607843137254905, 0.9803921568627451), 9.350616502752966e-104, 1e-12);
    assert_relative(kedge_i_beta_lower(5000, 0.5, 0.9995002498750625, 0.0004997501249375312), 0.025369288774487, 1e-12);
    assert_relative(kedge_i_student_two_sided(1000, 99), 4.8401723705883443e-200, 1e-12);
    assert_relative(kedge_i_student_two_sided(-10, 10), 1.5895531755964119e-06, 1e-12);
    assert_relative(kedge_i_normal_upper(37), 5.725571222524577e-300, 1e-12);
    assert_relative(kedge_i_deviance(1000, 1001), 0.00049966691646683319, 1e-13);
    assert_relative(kedge_i_deviance(3, 1), 3 * log(3) - 2, 1e-14);
    assert_relative(kedge_i_log_gamma(3.3), 0.9870985778947344, 1e-14);
    assert_relative(kedge_i_hypergeometric_term(7500, 100000, 200000, 30000), 2.1759200345157117e-239, 1e-12);
    assert_relative(kedge_i_smirnov_upper(200, 0.77), 2.7562374100316967e-125, 1e-12);
}

static void test_closed_forms(void **unused)
{
    (void)unused;
    for (double x = 0.01; x < 700; x *= 1.3) {
        assert_relative(kedge_i_chi_squared_upper(x, 2), exp(-x / 2), 1e-12);
        assert_relative(kedge_i_chi_squared_upper(x, 4), exp(-x / 2) * (1 + x / 2), 1e-12);
        assert_relative(kedge_i_chi_squared_upper(x, 1), 2 * kedge_i_normal_upper(sqrt(x)), 1e-12);
        assert_relative(kedge_i_student_two_sided(x, 1), 2 / 3.14159265358979323846 * atan(1 / x), 1e-12);
        assert_relative(kedge_i_fisher_f_upper(x, 2, 6), pow(1 + x / 3, -3), 1e-12);
        assert_relative(kedge_i_student_two_sided(x, 7), kedge_i_fisher_f_upper(x * x, 1, 7), 1e-12);
    }
    assert_true(kedge_i_chi_squared_upper(0, 3) == 1 && kedge_i_fisher_f_upper(0, 3, 4) == 1 &&
                kedge_i_student_two_sided(0, 5) == 1);
    assert_true(kedge_i_chi_squared_upper(1e300, 3) == 0 && kedge_i_student_two_sided(1e200, 50) == 0);
}

/* Quantiles are the inverses. */
static void test_quantiles(void **unused)
{
    (void)unused;
    for (double q = 1e-8; q < 0.5; q *= 3) {
        assert_relative(kedge_i_student_two_sided(kedge_i_student_upper(q, 12), 12), 2 * q, 1e-9);
        assert_relative(kedge_i_fisher_f_upper(kedge_i_fisher_upper(q, 3, 40), 3, 40), q, 1e-9);
    }
}

static void test_terms_add_up(void **unused)
{
    (void)unused;
    double binomial = 0, poisson = 0, hypergeometric = 0;
    for (int x = 0; x <= 200; x++) {
        binomial += kedge_i_binomial_term(x, 200 - x, 0.3, 0.7);
        poisson += kedge_i_poisson_term(x, 40);
        if (x <= 50)
            hypergeometric += kedge_i_hypergeometric_term(x, 120, 80, 50);
    }
    assert_relative(binomial, 1, 1e-13);
    assert_relative(poisson, 1, 1e-13);
    assert_relative(hypergeometric, 1, 1e-13);
    assert_relative(kedge_i_binomial_term(0, 5, 0.25, 0.75), pow(0.75, 5), 1e-14);
    assert_true(kedge_i_poisson_term(0, 0) == 1 && kedge_i_poisson_term(2, 0) == 0 && kedge_i_binomial_term(0, 3, 0, 1) == 1);
}

/* By scipy.stats.kstwo.sf of SciPy 1.17.1: one in each region of the formula. */
static void test_kolmogorov(void **unused)
{
    (void)unused;
    static const double cases[][3] = {
        {2, 0.40305086527633205, 0.81260346110532844},
        {17, 0.46081768756903263, 0.00079932943351268548},
        {80, 0.21242645786247999, 0.0012018427529953521},
        {60, 0.12909944487358055, 0.24784356641463112},
        {300, 0.028867513459481284, 0.95775632886047912},
        {5000, 0.0042426406871192849, 0.99998862014594836},
        {5000, 0.016970562748477139, 0.11098122447398728},
        {1000000, 0.0019, 0.0014617459887777949},
        {1000000, 0.004, 2.5258184143391013e-14},
    };
    double scratch[KEDGE_I_KOLMOGOROV_SCRATCH];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_relative(kedge_i_kolmogorov_upper(cases[i][0], cases[i][1], scratch), cases[i][2], 1e-10);
    assert_true(kedge_i_kolmogorov_upper(5, 0, scratch) == 1 && kedge_i_kolmogorov_upper(5, 1, scratch) == 0);
}

/* The regions meet: no step from one formula to the next, and always downward. */
static void test_kolmogorov_is_smooth(void **unused)
{
    (void)unused;
    double scratch[KEDGE_I_KOLMOGOROV_SCRATCH];
    const double sizes[] = {1, 2, 5, 50, 140, 141, 1000, 10001};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        double last = 1;
        for (double z = 0; z < 3; z += 0.01) {
            double p = kedge_i_kolmogorov_upper(sizes[k], z / sqrt(sizes[k]), scratch);
            assert_true(p <= last + 1e-11 && p >= 0 && last - p < 0.1);
            last = p;
        }
    }
}

static void test_sort(void **unused)
{
    (void)unused;
    const size_t sizes[] = {0, 1, 2, 15, 16, 17, 33, 100, 1023, 1024, 5000};
    kedge_rng rng = {3};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        for (int kind = 0; kind < 4; kind++) {
            size_t n = sizes[k];
            double sum = 0, sorted = 0;
            double *x = guard_new(n * sizeof *x, 0), *spare = guard_new(n * sizeof *x, 0);
            for (size_t i = 0; i < n; i++) {
                uint64_t r = kedge_rng_next(&rng);
                x[i] = kind == 0   ? 7
                       : kind == 1 ? (double)(r % 5) - 2
                       : kind == 2 ? kedge_rng_normal(&rng)
                                   : ldexp((double)(int32_t)r, (int)(r >> 56));
                sum += kind == 3 ? fmod(x[i], 1009) : x[i];
            }
            kedge_i_sort(x, n, spare);
            for (size_t i = 0; i < n; i++) {
                assert_true(i == 0 || x[i - 1] <= x[i]);
                sorted += kind == 3 ? fmod(x[i], 1009) : x[i];
            }
            assert_close(sum, sorted, 1e-9);
            guard_free(x);
            guard_free(spare);
        }
    }
}

/* All tables of the same margins that are at most as likely. */
static double naive_fisher(double a, double b, double c, double d)
{
    double seen = kedge_i_hypergeometric_term(a, a + c, b + d, a + b), p = 0;
    for (double x = fmax(0, a - d); x <= fmin(a + b, a + c); x++) {
        double term = kedge_i_hypergeometric_term(x, a + c, b + d, a + b);
        p += term <= seen * (1 + 1e-12) ? term : 0;
    }
    return fmin(1, p);
}

static void test_fisher(void **unused)
{
    (void)unused;
    kedge_rng rng = {12};
    for (int round = 0; round < 3000; round++) {
        double most = round % 3 == 0 ? 6 : round % 3 == 1 ? 40 : 2000, x[4];
        for (int i = 0; i < 4; i++)
            x[i] = (double)kedge_rng_below(&rng, (uint64_t)most);
        double p = kedge_i_fisher_two_sided(x[0], x[1], x[2], x[3]);
        assert_relative(p, naive_fisher(x[0], x[1], x[2], x[3]), 1e-10);
        assert_true((p > 0 || most > 40) && p <= 1); /* there it may be too small for a double */
    }
    assert_true(kedge_i_fisher_two_sided(0, 5, 0, 9) == 1 && kedge_i_fisher_two_sided(3, 0, 4, 0) == 1);
    /* scipy.stats.fisher_exact of SciPy 1.17.1 */
    assert_relative(kedge_i_fisher_two_sided(8, 2, 1, 5), 0.034965034965034975, 1e-12);
    assert_relative(kedge_i_fisher_two_sided(1000, 2999000, 150, 299850), 9.58091307218017e-06, 1e-9);
}

/* n angles at once against libm one by one. */
static void expect_waves(const double *angles, size_t n, double unit)
{
    double *x = guard_new(2 * n * sizeof *x, 0);
    memcpy(x, angles, n * sizeof *x);
    kedge_i_waves(x, n, unit);
    for (size_t i = 0; i < n; i++) {
        assert_close(x[i], unit * cos(angles[i]), 4e-16 * unit);
        assert_close(x[n + i], unit * sin(angles[i]), 4e-16 * unit);
    }
    guard_free(x);
}

/* Angles of all sizes, and those next to every eighth of a turn, where one quarter ends and the next begins. */
static void test_waves(void **unused)
{
    (void)unused;
    const double eighth = 0.78539816339744831;
    const double edges[] = {0, -0.0, 1e6, -1e6, 1e-300, DBL_MIN / 8};
    double x[40];
    kedge_rng rng = {9};
    for (double size = 1e-9; size < 1e13; size *= 10) /* libm where any is above 10^6 */
        for (size_t n = 1; n <= 40; n++) {
            for (size_t i = 0; i < n; i++)
                x[i] = size * (2 * kedge_rng_uniform(&rng) - 1);
            expect_waves(x, n, 1.0 / (double)n);
        }
    for (int k = -100; k <= 100; k++) {
        const double near[] = {k * eighth, nextafter(k * eighth, 1e3), nextafter(k * eighth, -1e3)};
        expect_waves(near, 3, 1);
    }
    expect_waves(edges, sizeof edges / sizeof *edges, 1);
    expect_waves(edges, 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_closed_forms), cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_terms_add_up), cmocka_unit_test(test_kolmogorov),  cmocka_unit_test(test_kolmogorov_is_smooth),
        cmocka_unit_test(test_sort),       cmocka_unit_test(test_fisher),       cmocka_unit_test(test_waves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
