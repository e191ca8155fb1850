/* SPDX-License-Identifier: MIT */
/* Bootstrap intervals: the formulas on recorded draws, and how often intervals hold the truth. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "metrics/bootstrap.h"

enum { ROWS = 500, RESAMPLES = 400, VALUES = 3 };

/* Mean, variance and a value that is NaN without row 0; all calls are kept. */
typedef struct table {
    double x[ROWS];
    size_t n;
    size_t n_calls;
    double kept[1 + RESAMPLES + 200][VALUES];
    uint32_t most;
    int all_whole;
} table;

static void tell(void *context, const uint32_t *times, double *values)
{
    table *t = context;
    double n = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < t->n; i++) {
        n += times[i];
        sum += times[i] * t->x[i];
        t->most = times[i] > t->most ? times[i] : t->most;
    }
    double mean = n > 0 ? sum / n : (double)NAN;
    for (size_t i = 0; i < t->n; i++)
        squares += times[i] * (t->x[i] - mean) * (t->x[i] - mean);
    t->all_whole &= n == (double)t->n || t->n_calls > RESAMPLES;
    values[0] = mean;
    values[1] = n > 0 ? squares / n : (double)NAN;
    values[2] = times[0] > 0 ? mean : (double)NAN;
    memcpy(t->kept[t->n_calls++], values, sizeof t->kept[0]);
}

static void run(table *t, size_t block, double confidence, uint64_t seed, kedge_figure *out)
{
    size_t bytes = (size_t)kedge_i_bootstrap_bytes(t->n, VALUES, RESAMPLES);
    kedge_i_bootstrap b = {t->n, block, VALUES, RESAMPLES, confidence, seed, tell, t};
    void *work = guard_new(bytes, 0xA5);
    t->n_calls = 0;
    t->most = 0;
    t->all_whole = 1;
    kedge_i_bootstrap_run(&b, work, out);
    guard_free(work);
}

static int upwards(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double normal_below(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

/* By halving, not by the library's method. */
static double normal_inverse(double p)
{
    double low = -10, high = 10;
    for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2;
        if (normal_below(middle) < p)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static double naive_end(const table *t, int v, size_t n_groups, double z)
{
    static double sorted[RESAMPLES];
    double below = 0, mean = 0, squares = 0, cubes = 0;
    for (size_t i = 0; i < RESAMPLES; i++) {
        sorted[i] = t->kept[1 + i][v];
        below += sorted[i] < t->kept[0][v] ? 1 : sorted[i] == t->kept[0][v] ? 0.5 : 0;
    }
    qsort(sorted, RESAMPLES, sizeof *sorted, upwards);
    for (size_t i = 0; i < n_groups; i++)
        mean += t->kept[1 + RESAMPLES + i][v] / (double)n_groups;
    for (size_t i = 0; i < n_groups; i++) {
        double d = mean - t->kept[1 + RESAMPLES + i][v];
        squares += d * d;
        cubes += d * d * d;
    }
    double bias = normal_inverse(below / RESAMPLES), a = cubes / (6 * pow(squares, 1.5));
    double place = normal_below(bias + (bias + z) / (1 - a * (bias + z))) * (RESAMPLES + 1) - 1;
    place = place > 0 ? place : 0;
    int i = (int)floor(place);
    if (i >= RESAMPLES - 1)
        return sorted[RESAMPLES - 1];
    return sorted[i] + (place - i) * (sorted[i + 1] - sorted[i]);
}

/* Against the formulas, for rows that all have a turn in the jackknife and for groups; by rows and by blocks. */
static void test_formulas(void **unused)
{
    static table t;
    kedge_figure out[VALUES];
    (void)unused;
    for (uint64_t round = 0; round < 12; round++) {
        kedge_rng rng = {round + 1};
        t.n = round % 3 == 0 ? 40 : round % 3 == 1 ? 200 : ROWS;
        size_t n_groups = t.n < 200 ? t.n : 200;
        for (size_t i = 0; i < t.n; i++)
            t.x[i] = exp(kedge_rng_normal(&rng));
        run(&t, round < 6 ? 1 : 7, 0.9, round, out);
        assert_int_equal(t.n_calls, 1 + RESAMPLES + n_groups);
        assert_true(t.all_whole);
        for (int v = 0; v < 2; v++) {
            double mean = 0, squares = 0;
            assert_true(out[v].value == t.kept[0][v]);
            assert_close(out[v].low, naive_end(&t, v, n_groups, -1.6448536269514722), 1e-9);
            assert_close(out[v].high, naive_end(&t, v, n_groups, 1.6448536269514722), 1e-9);
            for (size_t i = 0; i < RESAMPLES; i++)
                mean += t.kept[1 + i][v] / RESAMPLES;
            for (size_t i = 0; i < RESAMPLES; i++)
                squares += (t.kept[1 + i][v] - mean) * (t.kept[1 + i][v] - mean) / RESAMPLES;
            assert_close(out[v].deviation, sqrt(squares), 1e-9);
        }
        assert_true(out[2].value == out[0].value); /* lacks some resamples, but not half of them */
        assert_true(out[2].low < out[2].value && out[2].value < out[2].high);
    }
}

/* How often intervals of 90 % hold the mean of so many rows. */
static double coverage(size_t n, size_t block, int kind, int trials)
{
    static table t;
    kedge_figure out[VALUES];
    int held = 0;
    t.n = n;
    for (int trial = 0; trial < trials; trial++) {
        kedge_rng rng = {(uint64_t)trial * 7919 + 3};
        double last = kedge_rng_normal(&rng);
        double truth = kind == 1 ? exp(0.5) : 0;
        for (size_t i = 0; i < n; i++) {
            double z = kedge_rng_normal(&rng);
            last = 0.8 * last + 0.6 * z; /* variance 1 */
            t.x[i] = kind == 0 ? z : kind == 1 ? exp(z) : last;
        }
        run(&t, block, 0.9, (uint64_t)trial + 1, out);
        held += out[0].low <= truth && truth <= out[0].high;
    }
    return held / (double)trials;
}

/* Binomial limits of four standard errors around what is nominal; the mean of 60 log-normal rows is known to fall some points
 * short, and so are blocks, but far less than rows that are drawn on their own where they depend on each other. */
static void test_coverage(void **unused)
{
    double independent, skewed, single, blocks;
    (void)unused;
    independent = coverage(60, 1, 0, 300);
    skewed = coverage(60, 1, 1, 300);
    single = coverage(200, 1, 2, 150);
    blocks = coverage(200, 20, 2, 150);
    assert_true(independent > 0.83 && independent < 0.97);
    assert_true(skewed > 0.77 && skewed < 0.96);
    assert_true(single < 0.6);
    assert_true(blocks > 0.72 && blocks < 0.97);
}

static void test_edges(void **unused)
{
    static table t, again;
    kedge_figure out[VALUES], other[VALUES];
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    t.n = 1;
    t.x[0] = 5;
    run(&t, 1, 0.95, 1, out); /* one row: nothing varies */
    assert_true(out[0].value == 5 && out[0].low == 5 && out[0].high == 5 && out[0].deviation == 0);
    t.n = 50;
    for (size_t i = 0; i < t.n; i++)
        t.x[i] = 1e150;
    run(&t, 50, 0.95, 1, out); /* one block: each resample is the table */
    assert_int_equal(t.most, 1);
    assert_close(out[0].low / 1e150, 1, 1e-12);
    assert_true(out[1].low <= out[1].high);
    for (size_t i = 0; i < t.n; i++)
        t.x[i] = i % 2 == 0 ? -1e150 : i == 7 ? 1e150 : 1e-150;
    run(&t, 1, 0.999, 1, out);
    assert_true(isfinite(out[1].low) && isfinite(out[1].high) && isfinite(out[1].deviation));
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    again = t;
    run(&again, 1, 0.999, 1, other);
    assert_memory_equal(out, other, sizeof out);
    run(&again, 1, 0.999, 2, other);
    assert_memory_not_equal(out, other, sizeof out);
    assert_true(kedge_i_bootstrap_bytes((uint64_t)1 << 40, 1, 1) == UINT64_MAX);
}

/* A value that most resamples do not determine has no interval. */
static void rarely(void *context, const uint32_t *times, double *values)
{
    (void)context;
    values[0] = times[0] > 0 && times[1] > 0 ? times[0] : (double)NAN;
}

static void test_undetermined(void **unused)
{
    kedge_figure out;
    size_t bytes = (size_t)kedge_i_bootstrap_bytes(10, 1, 200);
    kedge_i_bootstrap b = {10, 1, 1, 200, 0.95, 1, rarely, NULL};
    void *work = guard_new(bytes, 0xA5);
    (void)unused;
    kedge_i_bootstrap_run(&b, work, &out);
    assert_true(out.value == 1 && isnan(out.low) && isnan(out.high) && isnan(out.deviation));
    guard_free(work);
}

/* The public call is the inner one; what the host tells wrongly is as if it were not told; each way to ask wrongly has its code. */
static void test_public(void **unused)
{
    (void)unused;
    static table t;
    kedge_figure inner[VALUES], out[VALUES];
    kedge_bootstrap_options o = kedge_bootstrap_defaults();
    kedge_rng rng = {4};
    assert_true(o.confidence == 0.95 && o.seed == 1 && o.block == 1 && o.n_values == 1 && o.n_resamples == 1000);
    t.n = 60;
    for (size_t i = 0; i < t.n; i++)
        t.x[i] = kedge_rng_normal(&rng);
    run(&t, 3, 0.9, 7, inner);
    o = (kedge_bootstrap_options){0.9, 7, 3, VALUES, RESAMPLES};
    size_t bytes = kedge_bootstrap_work(&o, t.n);
    assert_true(bytes == (size_t)kedge_i_bootstrap_bytes(t.n, VALUES, RESAMPLES));
    void *work = guard_new(bytes, 0x5C);
    t.n_calls = 0;
    assert_int_equal(kedge_bootstrap(&o, t.n, tell, &t, work, bytes, out), KEDGE_OK);
    assert_memory_equal(out, inner, sizeof out);
    assert_int_equal(kedge_bootstrap(&o, t.n, tell, &t, work, bytes - 1, out), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_bootstrap(&o, t.n, tell, &t, (unsigned char *)work + 4, bytes, out), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_bootstrap(&o, t.n, NULL, &t, work, bytes, out), KEDGE_ERR_NULL);
    assert_int_equal(kedge_bootstrap(&o, t.n, tell, &t, NULL, bytes, out), KEDGE_ERR_NULL);
    assert_int_equal(kedge_bootstrap(&o, t.n, tell, &t, work, bytes, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_bootstrap(&o, 0, tell, &t, work, bytes, out), KEDGE_ERR_SHAPE);
    assert_true(kedge_bootstrap_work(&o, 0) == 0 && kedge_bootstrap_work(&o, UINT32_MAX) == 0 && kedge_bootstrap_work(NULL, 1) > 0);
    const kedge_bootstrap_options wrong[] = {
        {0, 7, 3, VALUES, RESAMPLES}, {1, 7, 3, VALUES, RESAMPLES}, {(double)NAN, 7, 3, VALUES, RESAMPLES},
        {0.9, 7, 0, VALUES, RESAMPLES}, {0.9, 7, 61, VALUES, RESAMPLES}, {0.9, 7, 3, 0, RESAMPLES}, {0.9, 7, 3, 65537, RESAMPLES},
        {0.9, 7, 3, VALUES, 9}, {0.9, 7, 3, VALUES, 1000001}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(kedge_bootstrap(&wrong[i], t.n, tell, &t, work, bytes, out), KEDGE_ERR_CONFIG);
        assert_int_equal(kedge_bootstrap_work(&wrong[i], t.n), 0);
    }
    guard_free(work);
}

static void tell_nonsense(void *context, const uint32_t *times, double *values)
{
    (void)times;
    values[0] = *(const double *)context;
}

static void test_nonsense_is_not_determined(void **unused)
{
    (void)unused;
    const double nonsense[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1e101, -1.7e308};
    size_t bytes = kedge_bootstrap_work(NULL, 5);
    void *work = guard_new(bytes, 0xA5);
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        double x = nonsense[i];
        kedge_figure out;
        assert_int_equal(kedge_bootstrap(NULL, 5, tell_nonsense, &x, work, bytes, &out), KEDGE_OK);
        assert_true(isnan(out.value) && isnan(out.low) && isnan(out.high) && isnan(out.deviation));
    }
    guard_free(work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_undetermined),
        cmocka_unit_test(test_public),
        cmocka_unit_test(test_nonsense_is_not_determined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
