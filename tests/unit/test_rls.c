/* SPDX-License-Identifier: MIT */
/* Recursive least squares: against weighted least squares of all rows at once, no wind-up, no divergence. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { MAX_INPUTS = 6, MAX_ROWS = 400 };

static void *start(kedge_model *m, const kedge_rls_config *c)
{
    size_t bytes = kedge_model_size(&c->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(m, &c->base, mem, bytes), KEDGE_OK);
    return mem;
}

/* Gaussian elimination with partial pivoting, in long double. */
static void solve(long double a[MAX_INPUTS][MAX_INPUTS + 1], int n, double *out)
{
    for (int k = 0; k < n; k++) {
        int pivot = k;
        for (int i = k + 1; i < n; i++)
            if (fabsl(a[i][k]) > fabsl(a[pivot][k]))
                pivot = i;
        for (int j = 0; j <= n; j++) {
            long double t = a[k][j];
            a[k][j] = a[pivot][j];
            a[pivot][j] = t;
        }
        for (int i = 0; i < n; i++)
            for (int j = n; i != k && j >= k; j--)
                a[i][j] -= a[i][k] / a[k][k] * a[k][j];
    }
    for (int k = 0; k < n; k++)
        out[k] = (double)(a[k][n] / a[k][k]);
}

/* All rows at once: normal equations; the constant is the last input. */
static void batch(const kedge_rls_config *c, double rows[][MAX_INPUTS], const double *y, const double *weight, int n_rows,
                  double *out)
{
    long double a[MAX_INPUTS][MAX_INPUTS + 1] = {{0}};
    int n = (int)c->base.n_features + 1;
    for (int k = 0; k < n; k++)
        a[k][k] = (long double)c->ridge * powl(c->forgetting, n_rows);
    for (int r = 0; r < n_rows; r++) {
        long double w = weight[r] * powl(c->forgetting, n_rows - 1 - r);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++)
                a[i][j] += w * rows[r][i] * rows[r][j];
            a[i][n] += w * rows[r][i] * y[r];
        }
    }
    solve(a, n, out);
}

static void test_equals_batch(void **state)
{
    (void)state;
    static const double forgetting[] = {1, 0.999, 0.9, 1}, ridge[] = {1e-6, 1e-10, 1e-10, 50};
    static double rows[MAX_ROWS][MAX_INPUTS], y[MAX_ROWS], weight[MAX_ROWS];
    for (int setting = 0; setting < 4; setting++) {
        kedge_rls_config c = kedge_rls_defaults(4);
        kedge_model m;
        kedge_rng rng = {21};
        c.forgetting = forgetting[setting];
        c.ridge = ridge[setting];
        void *mem = start(&m, &c);
        for (int r = 0; r < MAX_ROWS; r++) {
            double coefficients[MAX_INPUTS] = {0}, expected = 0, value;
            y[r] = 7 + (r > 200 ? 3 : 0) + kedge_rng_normal(&rng);
            for (int i = 0; i < 4; i++) {
                rows[r][i] = kedge_rng_normal(&rng) * (i + 1) + i;
                y[r] += (i - 1) * rows[r][i];
            }
            rows[r][4] = 1;
            weight[r] = 1 + r % 3;
            assert_int_equal(kedge_model_learn(&m, rows[r], y[r], weight[r]), KEDGE_OK);
            if (r < 30)
                continue;
            batch(&c, rows, y, weight, r + 1, coefficients);
            double probe[4] = {1.5, -2, 0.25, 9};
            for (int i = 0; i < 4; i++)
                expected += coefficients[i] * probe[i];
            expected += coefficients[4];
            assert_int_equal(kedge_model_predict(&m, probe, &value), KEDGE_OK);
            assert_true(fabs(value - expected) <= 1e-9 * fabs(expected) + 1e-9);
        }
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

/* Columns that differ by a millionth: the factors still tell them apart. */
static void test_nearly_dependent(void **state)
{
    (void)state;
    kedge_rls_config c = kedge_rls_defaults(2);
    kedge_model m;
    kedge_rng rng = {4};
    c.forgetting = 1;
    c.ridge = 1e-12;
    void *mem = start(&m, &c);
    for (int i = 0; i < 2000; i++) {
        double a = kedge_rng_normal(&rng), x[2] = {a, a + 1e-6 * kedge_rng_normal(&rng)};
        assert_int_equal(kedge_model_learn(&m, x, 2 * x[0] + 3 * x[1] + 1, 1), KEDGE_OK);
    }
    double x[2] = {1, -1}, y;
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
    assert_close(y, 0, 0.01);
    x[1] = 1;
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
    assert_close(y, 6, 1e-9);
    guard_free(mem);
}

/* A row that comes again and again shows one direction only. The others are not forgotten without end, and what is shown stays
 * adaptive. */
static void test_no_wind_up(void **state)
{
    (void)state;
    kedge_rls_config c = kedge_rls_defaults(3);
    kedge_model m;
    kedge_rng rng = {8};
    double x[3], y;
    c.forgetting = 0.9;
    void *mem = start(&m, &c);
    for (int i = 0; i < 500; i++) {
        for (int j = 0; j < 3; j++)
            x[j] = kedge_rng_normal(&rng);
        assert_int_equal(kedge_model_learn(&m, x, x[0] + 2 * x[1] + 3 * x[2], 1), KEDGE_OK);
    }
    for (int i = 0; i < 100000; i++) {
        double same[3] = {1, 1000, -1};
        assert_int_equal(kedge_model_learn(&m, same, i < 99000 ? 5 : 9, 1), KEDGE_OK);
        if (i % 1000 == 0)
            assert_int_equal(kedge_model_check(&m), KEDGE_OK); /* bounds the diagonal */
    }
    double same[3] = {1, 1000, -1};
    assert_int_equal(kedge_model_predict(&m, same, &y), KEDGE_OK);
    assert_close(y, 9, 1e-6);
    for (int i = 0; i < 500; i++) {
        for (int j = 0; j < 3; j++)
            x[j] = kedge_rng_normal(&rng);
        assert_int_equal(kedge_model_learn(&m, x, x[0] + 2 * x[1] + 3 * x[2], 1), KEDGE_OK);
    }
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
    assert_close(y, x[0] + 2 * x[1] + 3 * x[2], 1e-6);
    guard_free(mem);
}

/* While the trace is above twice that of the start, nothing is forgotten. The diagonal is found by what it holds at the start. */
static void test_forgetting_pauses(void **state)
{
    (void)state;
    for (int paused = 0; paused < 2; paused++) {
        kedge_rls_config c = kedge_rls_defaults(3);
        kedge_model m;
        c.forgetting = 0.9;
        c.ridge = 0.007;
        double *mem = start(&m, &c), first = paused ? 10 : 1, x[3] = {0};
        size_t at = 0, n = kedge_model_size(&c.base) / sizeof *mem;
        while (at < n && mem[at] != 1 / c.ridge)
            at++;
        assert_true(at + 4 <= n && mem[at + 3] == 1 / c.ridge);
        mem[at] = first / c.ridge;
        mem[at + 1] = mem[at + 2] = 0.5 / c.ridge;
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        assert_int_equal(kedge_model_learn(&m, x, 1, 1), KEDGE_OK);
        assert_close(mem[at] * c.ridge, first, 1e-12);
        assert_close(mem[at + 1] * c.ridge, paused ? 0.5 : 0.5 / 0.9, 1e-12);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

static void test_follows_drift(void **state)
{
    (void)state;
    kedge_rls_config c = kedge_rls_defaults(1);
    kedge_model m;
    kedge_rng rng = {3};
    c.forgetting = 0.98;
    void *mem = start(&m, &c);
    double off = 0;
    for (int i = 0; i < 4000; i++) {
        double x = kedge_rng_normal(&rng), slope = i < 2000 ? 2 : -2, y;
        assert_true(kedge_model_predict(&m, &x, &y) >= 0);
        off += i > 2400 ? fabs(y - slope * x) / 1600 : 0;
        assert_int_equal(kedge_model_learn(&m, &x, slope * x + 0.1 * kedge_rng_normal(&rng), 1), KEDGE_OK);
    }
    assert_true(off < 0.05);
    guard_free(mem);
}

static double hostile(kedge_rng *rng)
{
    static const double levels[] = {0, 1, -1, 1.7e308, -1.7e308, 5e-324, 1e20, -1e20, 1e-20, 1e100};
    uint64_t kind = kedge_rng_below(rng, 20);
    double x = kedge_rng_normal(rng);
    return kind < 10 ? levels[kind] : kind < 15 ? x : fmax(-1, fmin(1, x)) * pow(10, (double)kedge_rng_below(rng, 600) - 300);
}

static void test_cannot_diverge(void **state)
{
    (void)state;
    static const double forgetting[] = {0.1, 0.999, 1}, ridge[] = {1e-12, 1e-3, 1e12};
    for (int setting = 0; setting < 9; setting++) {
        kedge_rls_config c = kedge_rls_defaults(5);
        kedge_model m;
        kedge_rng rng = {9};
        c.forgetting = forgetting[setting % 3];
        c.ridge = ridge[setting / 3];
        void *mem = start(&m, &c);
        for (int i = 0; i < 5000; i++) {
            double x[5], y, target = fmax(-KEDGE_TARGET_MAX, fmin(KEDGE_TARGET_MAX, hostile(&rng)));
            double weight = i % 5 ? 1 : fmin(fabs(hostile(&rng)), KEDGE_WEIGHT_MAX);
            for (int j = 0; j < 5; j++)
                x[j] = i / 500 % 2 ? hostile(&rng) : i < 500 ? 1.7e308 : kedge_rng_normal(&rng);
            feclearexcept(FE_ALL_EXCEPT);
            assert_int_equal(kedge_model_learn(&m, x, target, weight), KEDGE_OK);
            assert_int_equal(kedge_model_predict(&m, x, &y), i == 0 && weight == 0 ? KEDGE_EMPTY : KEDGE_OK);
            assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
            assert_true(fabs(y) <= KEDGE_TARGET_MAX);
            if (i % 50 == 0)
                assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        }
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    for (uint32_t n = 1; n < 30; n++) {
        kedge_rls_config c = kedge_rls_defaults(n);
        assert_int_equal(kedge_model_size(&c.base), KEDGE_RLS_BYTES_FOR(n));
    }
    kedge_rls_config large = kedge_rls_defaults(KEDGE_FEATURES_MAX);
    assert_int_equal(kedge_model_size(&large.base), 0);
    assert_int_equal(kedge_rls_config_init(NULL, sizeof large, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rls_config_init(&large, 3, 1), KEDGE_ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_batch),
        cmocka_unit_test(test_nearly_dependent),
        cmocka_unit_test(test_no_wind_up),
        cmocka_unit_test(test_forgetting_pauses),
        cmocka_unit_test(test_follows_drift),
        cmocka_unit_test(test_cannot_diverge),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
