/* SPDX-License-Identifier: MIT */
/* Regression metric: figures by hand and by scikit-learn, every covering against figures from the list of records, extremes. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "support.h"

enum { N_RECORDS = 600 };

typedef struct record {
    double truth;
    double predicted;
    double weight;
} record;

static record records[N_RECORDS];

static kedge_metric regression(uint32_t over, uint32_t window, double fading)
{
    kedge_regression_config cfg = kedge_regression_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.over = over;
    cfg.window = window;
    cfg.fading = fading;
    cfg.quantile = 0.9;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static void test_size(void **unused)
{
    (void)unused;
    kedge_regression_config cfg = kedge_regression_defaults();
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_REGRESSION_BYTES);
    cfg.over = KEDGE_OVER_WINDOW;
    cfg.window = 1000;
    size_t bytes = kedge_metric_size(&cfg.base);
    cfg.window = 2000;
    assert_int_equal(kedge_metric_size(&cfg.base) - bytes, 84 * 1000);
}

/* Straight from the definitions; the newest `n` of the records before `end`, each `fading` times the weight of the next. */
static kedge_regression_report naive(size_t end, size_t n, double fading)
{
    kedge_regression_report out;
    double spread = 0;
    memset(&out, 0, sizeof out);
    out.n = n;
    for (size_t i = end - n; i < end; i++) {
        const record *r = records + i;
        double w = r->weight * pow(fading, (double)(end - 1 - i));
        double error = r->predicted - r->truth, both = fabs(r->truth) + fabs(r->predicted);
        out.weight += w;
        out.mean += w * r->truth;
        out.mae += w * fabs(error);
        out.mse += w * error * error;
        out.mape += w * fabs(error) / fmax(fabs(r->truth), DBL_EPSILON);
        out.smape += both > 0 ? w * 2 * fabs(error) / both : 0;
        out.quantile_loss += w * (error < 0 ? 0.9 * -error : 0.1 * error);
        out.bias += w * error;
    }
    out.mean /= out.weight;
    for (size_t i = end - n; i < end; i++)
        spread += records[i].weight * pow(fading, (double)(end - 1 - i)) * pow(records[i].truth - out.mean, 2);
    out.r2 = spread > 0 ? 1 - out.mse / spread : out.mse > 0 ? 0 : 1;
    out.variance = spread / out.weight;
    out.mae /= out.weight;
    out.mse /= out.weight;
    out.mape /= out.weight;
    out.smape /= out.weight;
    out.quantile_loss /= out.weight;
    out.bias /= out.weight;
    out.rmse = sqrt(out.mse);
    return out;
}

static void assert_same(const kedge_regression_report *a, const kedge_regression_report *b)
{
    const double tolerance = 1e-11;
    assert_int_equal(a->n, b->n);
    assert_close(a->weight, b->weight, tolerance);
    assert_close(a->mae, b->mae, tolerance);
    assert_close(a->mse, b->mse, tolerance);
    assert_close(a->rmse, b->rmse, tolerance);
    assert_close(a->mape, b->mape, tolerance);
    assert_close(a->smape, b->smape, tolerance);
    assert_close(a->r2, b->r2, tolerance);
    assert_close(a->quantile_loss, b->quantile_loss, tolerance);
    assert_close(a->bias, b->bias, tolerance);
    assert_close(a->mean, b->mean, tolerance);
    assert_close(a->variance, b->variance, tolerance);
}

static void fill(void)
{
    kedge_rng rng = {11};
    for (size_t i = 0; i < N_RECORDS; i++) {
        records[i].truth = 1000 + kedge_rng_normal(&rng);
        records[i].predicted = records[i].truth + 0.3 * kedge_rng_normal(&rng);
        records[i].weight = i % 9 == 0 ? 0 : 0.5 * (double)(1 + kedge_rng_below(&rng, 4));
    }
}

/* Figures of sklearn.metrics 1.9 for truth 3, -0.5, 2, 7 and predictions 2.5, 0, 2, 8 with weights 1, 2, 3, 4. */
static void test_as_scikit_learn(void **unused)
{
    (void)unused;
    static const double truth[4] = {3, -0.5, 2, 7}, predicted[4] = {2.5, 0, 2, 8}, weight[4] = {1, 2, 3, 4};
    kedge_metric m = regression(KEDGE_OVER_ALL, 1, 0.5);
    kedge_regression_report r;
    size_t used = 9;
    assert_int_equal(kedge_regression_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n == 0 && isnan(r.mae) && isnan(r.r2) && isnan(r.mean));
    assert_int_equal(kedge_regression_record_many(&m, truth, predicted, weight, 4, &used), KEDGE_OK);
    assert_int_equal(used, 4);
    assert_int_equal(kedge_regression_read(&m, &r), KEDGE_OK);
    assert_close(r.mae, 0.55, 1e-15);
    assert_close(r.mse, 0.475, 1e-15);
    assert_close(r.rmse, 0.689202437604511, 1e-14);
    assert_close(r.mape, 0.27380952380952384, 1e-15);
    assert_close(r.r2, 0.9459613196814562, 1e-14);
    assert_close(r.quantile_loss, 0.095, 1e-15); /* (0.9 * 0.5 + 2 * 0.1 * 0.5 + 4 * 0.1) / 10 */
    assert_close(r.bias, 0.45, 1e-15);
    guard_free(m.state);
}

static void test_constant_truth(void **unused)
{
    (void)unused;
    kedge_metric m = regression(KEDGE_OVER_ALL, 1, 0.5);
    kedge_regression_report r;
    assert_int_equal(kedge_regression_record(&m, 0, 0, 1), KEDGE_OK);
    assert_int_equal(kedge_regression_record(&m, 0, 0, 1), KEDGE_OK);
    assert_int_equal(kedge_regression_read(&m, &r), KEDGE_OK);
    assert_true(r.r2 == 1 && r.smape == 0 && r.mape == 0);
    assert_int_equal(kedge_regression_record(&m, 0, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_regression_read(&m, &r), KEDGE_OK);
    assert_true(r.r2 == 0);
    assert_close(r.mape, 1 / DBL_EPSILON / 3, 1e-12);
    assert_close(r.smape, 2.0 / 3, 1e-15);
    guard_free(m.state);
}

static void test_coverings(void **unused)
{
    (void)unused;
    fill();
    kedge_metric all = regression(KEDGE_OVER_ALL, 1, 0.5), window = regression(KEDGE_OVER_WINDOW, 37, 0.5);
    kedge_metric fading = regression(KEDGE_OVER_FADING, 1, 0.95), tumbling = regression(KEDGE_OVER_TUMBLING, 50, 0.5);
    kedge_metric one = regression(KEDGE_OVER_WINDOW, 1, 0.5);
    kedge_metric *const metrics[] = {&all, &window, &fading, &tumbling, &one};
    for (size_t n = 1; n <= N_RECORDS; n++) {
        kedge_regression_report r, expected;
        for (size_t k = 0; k < 5; k++)
            assert_int_equal(
                kedge_regression_record(metrics[k], records[n - 1].truth, records[n - 1].predicted, records[n - 1].weight),
                KEDGE_OK);
        assert_int_equal(kedge_regression_read(&one, &r), records[n - 1].weight > 0 ? KEDGE_OK : KEDGE_EMPTY);
        if (n < 4)
            continue; /* spread of one record */
        expected = naive(n, n, 1);
        assert_int_equal(kedge_regression_read(&all, &r), KEDGE_OK);
        assert_same(&r, &expected);
        expected = naive(n, n < 37 ? n : 37, 1);
        assert_int_equal(kedge_regression_read(&window, &r), KEDGE_OK);
        assert_same(&r, &expected);
        expected = naive(n, n, 0.95);
        assert_int_equal(kedge_regression_read(&fading, &r), KEDGE_OK);
        assert_same(&r, &expected);
        if (n < 50) {
            assert_int_equal(kedge_regression_read(&tumbling, &r), KEDGE_EMPTY);
            assert_int_equal(r.n, 0);
            continue;
        }
        expected = naive(n / 50 * 50, 50, 1);
        assert_int_equal(kedge_regression_read(&tumbling, &r), KEDGE_OK);
        assert_same(&r, &expected);
    }
    for (size_t k = 0; k < 5; k++)
        guard_free(metrics[k]->state);
}

/* What has left a window leaves nothing behind, not even rounding. */
static void test_window_forgets(void **unused)
{
    (void)unused;
    kedge_metric m = regression(KEDGE_OVER_WINDOW, 10, 0.5);
    kedge_regression_report r;
    assert_int_equal(kedge_regression_record(&m, 1e100, -KEDGE_PREDICTION_MAX, 1e9), KEDGE_OK);
    for (int i = 0; i < 10; i++)
        assert_int_equal(kedge_regression_record(&m, i, i + 0.5, 1), KEDGE_OK);
    assert_int_equal(kedge_regression_read(&m, &r), KEDGE_OK);
    assert_true(r.n == 10 && r.weight == 10 && r.mae == 0.5 && r.mse == 0.25 && r.mean == 4.5);
    guard_free(m.state);
}

static void test_extremes_stay_finite(void **unused)
{
    (void)unused;
    static const double numbers[] = {0, 1e-300, -1e100, 1e100, 5e-324, KEDGE_PREDICTION_MAX, -KEDGE_PREDICTION_MAX};
    static const uint32_t overs[] = {KEDGE_OVER_ALL, KEDGE_OVER_WINDOW, KEDGE_OVER_FADING, KEDGE_OVER_TUMBLING};
    feclearexcept(FE_ALL_EXCEPT);
    for (size_t k = 0; k < 4; k++) {
        kedge_metric m = regression(overs[k], 7, 0.001);
        kedge_rng rng = {3};
        kedge_regression_report r;
        for (int i = 0; i < 2000; i++) {
            double weight = i % 3 == 0 ? 0 : i % 3 == 1 ? 1e9 : 1e-300;
            assert_int_equal(
                kedge_regression_record(&m, numbers[kedge_rng_below(&rng, 5)], numbers[kedge_rng_below(&rng, 7)], weight),
                KEDGE_OK);
            if (kedge_regression_read(&m, &r) == KEDGE_OK)
                assert_true(isfinite(r.mae) && isfinite(r.mse) && isfinite(r.mape) && isfinite(r.smape) && isfinite(r.r2) &&
                            isfinite(r.bias) && isfinite(r.variance) && r.r2 <= 1 && r.smape <= 2);
            assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        }
        guard_free(m.state);
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_metric m = regression(KEDGE_OVER_ALL, 1, 0.5);
    double truth[3] = {1, 2, 3}, predicted[3] = {1, (double)NAN, 3};
    kedge_regression_report r;
    size_t used = 9;
    assert_int_equal(kedge_regression_record_many(&m, truth, predicted, NULL, 3, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 1);
    assert_int_equal(kedge_regression_record(&m, 1e101, 0, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_regression_record(&m, 0, 1e136, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_regression_record(&m, 0, 0, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_regression_record(&m, (double)INFINITY, 0, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_regression_read(&m, &r), KEDGE_OK);
    assert_int_equal(r.n, 1);
    guard_free(m.state);
}

static void test_merge(void **unused)
{
    (void)unused;
    fill();
    kedge_metric a = regression(KEDGE_OVER_ALL, 1, 0.5), b = regression(KEDGE_OVER_ALL, 1, 0.5),
                 other = regression(KEDGE_OVER_WINDOW, 9, 0.5);
    kedge_regression_report r, expected = naive(N_RECORDS, N_RECORDS, 1);
    for (size_t i = 0; i < N_RECORDS; i++)
        assert_int_equal(kedge_regression_record(i % 3 ? &a : &b, records[i].truth, records[i].predicted, records[i].weight),
                         KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
    assert_int_equal(kedge_regression_read(&a, &r), KEDGE_OK);
    assert_same(&r, &expected);
    assert_int_equal(kedge_metric_merge(&a, &other), KEDGE_ERR_CONFIG);
    guard_free(a.state);
    guard_free(b.state);
    guard_free(other.state);
}

/* Far from zero R2 and variance are what they are near it: all numbers here are whole. */
static void test_far_from_zero(void **unused)
{
    (void)unused;
    for (uint32_t over = KEDGE_OVER_ALL; over <= KEDGE_OVER_TUMBLING; over++)
        for (double far = 1e6; far <= 1e15; far *= 1e3) {
            kedge_regression_config cfg = kedge_regression_defaults();
            kedge_regression_report near_r, far_r;
            kedge_metric m[2];
            cfg.over = over;
            cfg.window = 70;
            cfg.fading = 0.99;
            size_t bytes = kedge_metric_size(&cfg.base);
            for (int i = 0; i < 2; i++)
                assert_int_equal(kedge_metric_init(&m[i], &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
            for (int i = 0; i < 1000; i++) {
                double y = i * 17 % 23, error = i % 3 - 1, weight = 1 + i % 4;
                assert_int_equal(kedge_regression_record(&m[0], y, y + error, weight), KEDGE_OK);
                assert_int_equal(kedge_regression_record(&m[1], far + y, far + y + error, weight), KEDGE_OK);
            }
            assert_int_equal(kedge_regression_read(&m[0], &near_r), KEDGE_OK);
            assert_int_equal(kedge_regression_read(&m[1], &far_r), KEDGE_OK);
            assert_close(far_r.r2, near_r.r2, 1e-13);
            assert_close(far_r.variance, near_r.variance, 1e-11);
            assert_int_equal(kedge_metric_check(&m[1]), KEDGE_OK);
            for (int i = 0; i < 2; i++)
                guard_free(m[i].state);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),      cmocka_unit_test(test_as_scikit_learn), cmocka_unit_test(test_constant_truth),
        cmocka_unit_test(test_coverings), cmocka_unit_test(test_window_forgets),  cmocka_unit_test(test_extremes_stay_finite),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_merge),             cmocka_unit_test(test_far_from_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
