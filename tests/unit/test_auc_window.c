/* SPDX-License-Identifier: MIT */
/* The area of a sliding window against pairs that are counted one by one, over scores of all kinds and windows about the sizes of
 * its nodes. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "support.h"

enum { N_MAX = 6000 };

static double scores[N_MAX];
static uint8_t labels[N_MAX];

static kedge_metric auc_window(uint32_t window)
{
    kedge_auc_window_config cfg = kedge_auc_window_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.window = window;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_true(bytes > 0 && bytes < 512 + 2048 + 70 * (size_t)window);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

/* Straight from the definition, NaN where a class is missing. */
static double naive(const double *x, const uint8_t *y, size_t n)
{
    uint64_t halves = 0, pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n && y[i]; j++) {
            pairs += !y[j];
            halves += !y[j] && x[i] >= x[j] ? 1u + (x[i] > x[j]) : 0;
        }
    return pairs > 0 ? 0.5 * (double)halves / (double)pairs : (double)NAN;
}

enum { KIND_UNIFORM, KIND_FEW, KIND_EQUAL, KIND_RISING, KIND_FALLING, KIND_EXTREME, KIND_WAVE, N_KINDS };

static double score_of(int kind, size_t i, kedge_rng *rng)
{
    static const double extremes[] = {-DBL_MAX, -1, -DBL_TRUE_MIN, -0.0, 0.0, DBL_TRUE_MIN, DBL_MIN, 1, DBL_MAX};
    switch (kind) {
    case KIND_UNIFORM: return kedge_rng_uniform(rng);
    case KIND_FEW: return (double)kedge_rng_below(rng, 7);
    case KIND_EQUAL: return 0.5;
    case KIND_RISING: return (double)i;
    case KIND_FALLING: return -(double)i;
    case KIND_EXTREME: return extremes[kedge_rng_below(rng, 9)];
    default: return sin((double)i * 0.002) + 0.1 * kedge_rng_uniform(rng);
    }
}

static void fill(int kind, size_t n, double rate)
{
    kedge_rng rng = {(uint64_t)kind + 1};
    for (size_t i = 0; i < n; i++) {
        scores[i] = score_of(kind, i, &rng);
        labels[i] = kedge_rng_uniform(&rng) < rate;
    }
}

static void follow(uint32_t window, size_t n, size_t step)
{
    kedge_metric m = auc_window(window);
    kedge_auc_window_report r;
    assert_int_equal(kedge_auc_window_read(&m, &r), KEDGE_EMPTY);
    assert_true(isnan(r.auc) && r.n == 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(kedge_auc_window_record(&m, labels[i], scores[i]), KEDGE_OK);
        if ((i + 1) % step != 0)
            continue;
        size_t held = i + 1 < window ? i + 1 : window;
        double expected = naive(scores + i + 1 - held, labels + i + 1 - held, held);
        kedge_status st = kedge_auc_window_read(&m, &r);
        assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        assert_int_equal(r.n, held);
        assert_true(isnan(expected) ? st == KEDGE_EMPTY && isnan(r.auc) : st == KEDGE_OK && r.auc == expected);
    }
    guard_free(m.state);
}

static void test_small_windows(void **unused)
{
    (void)unused;
    static const uint32_t windows[] = {2, 3, 10, 47, 48, 63, 64, 65, 72, 129};
    for (int kind = 0; kind < N_KINDS; kind++) {
        fill(kind, 600, kind == KIND_FEW ? 0.05 : 0.4);
        for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
            follow(windows[i], 600, 7);
    }
}

static void test_large_windows(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < N_KINDS; kind++) {
        fill(kind, N_MAX, 0.3);
        follow(2500, N_MAX, 1999); /* three levels */
    }
}

/* Grown and drained again and again: scores drift, so all nodes are filled, split, shared and joined, at both ends. */
static void test_many_turns(void **unused)
{
    (void)unused;
    kedge_metric m = auc_window(1500);
    kedge_auc_window_report r;
    kedge_rng rng = {3};
    for (size_t i = 0; i < 60000; i++) {
        double x = 3 * sin((double)i * 0.001) + kedge_rng_uniform(&rng);
        assert_int_equal(kedge_auc_window_record(&m, kedge_rng_uniform(&rng) < 0.5, x), KEDGE_OK);
        if (i % 1500 == 0)
            assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    }
    for (size_t i = 0; i < 1500; i++) /* only these are left: negatives first, then positives above and below */
        assert_int_equal(kedge_auc_window_record(&m, i >= 500, i < 500 ? 0.0 : i % 4 == 0 ? -1.0 : 1.0), KEDGE_OK);
    assert_int_equal(kedge_auc_window_read(&m, &r), KEDGE_OK);
    assert_true(r.positives == 1000 && r.negatives == 500 && r.auc == 0.75);
    guard_free(m.state);
}

/* All figures of the window are those of its records as a sample. */
static void test_measure(void **unused)
{
    (void)unused;
    enum { WINDOW = 300 };
    static _Alignas(8) unsigned char work[32 * WINDOW];
    kedge_metric m = auc_window(WINDOW);
    kedge_ranking_report r, expected;
    kedge_auc_window_report area;
    size_t used = 9;
    assert_true(kedge_ranking_work(WINDOW) <= sizeof work);
    assert_int_equal(kedge_auc_window_measure(&m, NULL, work, sizeof work, &r), KEDGE_EMPTY);
    assert_int_equal(kedge_auc_window_measure(&m, NULL, NULL, 0, &r), KEDGE_ERR_NULL);
    fill(KIND_FEW, 1000, 0.3);
    assert_int_equal(kedge_auc_window_record_many(&m, labels, scores, 1000, &used), KEDGE_OK);
    assert_int_equal(used, 1000);
    assert_int_equal(kedge_ranking_measure(NULL, scores + 700, labels + 700, NULL, WINDOW, work, sizeof work, &expected), KEDGE_OK);
    assert_int_equal(kedge_auc_window_measure(&m, NULL, work, sizeof work, &r), KEDGE_OK);
    assert_int_equal(kedge_auc_window_read(&m, &area), KEDGE_OK);
    assert_close(r.auc, expected.auc, 1e-13);
    assert_close(area.auc, expected.auc, 1e-13);
    assert_close(r.average_precision, expected.average_precision, 1e-13);
    assert_close(r.auc_error, expected.auc_error, 1e-12);
    assert_close(r.ks, expected.ks, 1e-13);
    guard_free(m.state);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_metric m = auc_window(5);
    const uint8_t y[3] = {0, 1, 2};
    const double x[3] = {0, 1, (double)NAN};
    kedge_auc_window_report r;
    size_t used = 9;
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_auc_window_record(&m, 2, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_window_record(&m, 1, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_window_record(&m, 1, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_window_record_many(&m, y, x, 3, &used), KEDGE_ERR_RANGE);
    assert_int_equal(used, 2);
    assert_int_equal(kedge_auc_window_record_many(&m, NULL, x, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_window_record_many(&m, y, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_window_record_many(&m, y, x, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auc_window_record_many(&m, NULL, NULL, 0, &used), KEDGE_OK);
    assert_int_equal(kedge_auc_window_read(&m, &r), KEDGE_OK);
    assert_true(r.n == 2 && r.auc == 1);
    assert_int_equal(kedge_auc_window_record(&m, 1, DBL_MAX), KEDGE_OK);
    assert_int_equal(kedge_auc_window_record(&m, 0, -DBL_MAX), KEDGE_OK);
    assert_int_equal(kedge_auc_window_read(&m, &r), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&m, &m), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(fetestexcept(FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_windows), cmocka_unit_test(test_large_windows), cmocka_unit_test(test_many_turns),
        cmocka_unit_test(test_measure),       cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
