/* SPDX-License-Identifier: MIT */
/* Reliability: figures of scikit-learn, bins by hand, every covering against figures from the list of records. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "support.h"

enum { N_RECORDS = 500, N_CLASSES = 3, N_BINS = 7 };

static double scores[N_RECORDS][N_CLASSES];
static uint32_t truth[N_RECORDS];
static double weight[N_RECORDS];

static kedge_metric reliability(uint32_t n_classes, uint32_t n_bins, uint32_t binned, uint32_t over, uint32_t window, double fading)
{
    kedge_reliability_config cfg = kedge_reliability_defaults(n_classes);
    kedge_metric m = {NULL, NULL};
    cfg.over = over;
    cfg.window = window;
    cfg.fading = fading;
    cfg.n_bins = n_bins;
    cfg.binned = binned;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static void fill(void)
{
    kedge_rng rng = {7};
    for (size_t i = 0; i < N_RECORDS; i++) {
        double sum = 0;
        for (size_t c = 0; c < N_CLASSES; c++)
            sum += scores[i][c] = i % 10 == 0 ? (double)(c == i % N_CLASSES) : kedge_rng_uniform(&rng);
        for (size_t c = 0; c < N_CLASSES; c++)
            scores[i][c] /= sum;
        truth[i] = (uint32_t)kedge_rng_below(&rng, N_CLASSES);
        weight[i] = i % 9 == 0 ? 0 : 0.5 * (double)(1 + kedge_rng_below(&rng, 4));
    }
}

/* Straight from the definitions, bin by bin. */
static kedge_reliability_report naive(size_t end, size_t n, double fading, uint32_t binned)
{
    kedge_reliability_report out;
    memset(&out, 0, sizeof out);
    out.n = n;
    for (uint32_t b = 0; b < N_BINS; b++) {
        double in_bin = 0, confident = 0, observed = 0;
        for (size_t i = end - n; i < end; i++) {
            uint32_t of = binned;
            if (binned == KEDGE_TOP_CLASS) {
                of = 0;
                for (uint32_t c = 1; c < N_CLASSES; c++)
                    of = scores[i][c] > scores[i][of] ? c : of;
            }
            double w = weight[i] * pow(fading, (double)(end - 1 - i)), p = scores[i][of];
            if (b == 0) {
                out.weight += w;
                out.log_loss -= w * log(fmax(scores[i][truth[i]], DBL_EPSILON));
                for (uint32_t c = 0; c < N_CLASSES; c++)
                    out.brier += w * pow(scores[i][c] - (c == truth[i]), 2);
            }
            if ((p > b / (double)N_BINS || b == 0) && p <= (b + 1) / (double)N_BINS) {
                in_bin += w;
                confident += w * p;
                observed += w * (of == truth[i]);
            }
        }
        out.confidence += confident;
        out.observed += observed;
        out.ece += fabs(observed - confident);
        if (in_bin > 0)
            out.mce = fmax(out.mce, fabs(observed - confident) / in_bin);
    }
    out.log_loss /= out.weight;
    out.brier /= out.weight;
    out.confidence /= out.weight;
    out.observed /= out.weight;
    out.ece /= out.weight;
    return out;
}

static void assert_same(const kedge_reliability_report *a, const kedge_reliability_report *b)
{
    const double tolerance = 1e-11;
    assert_int_equal(a->n, b->n);
    assert_close(a->weight, b->weight, tolerance);
    assert_close(a->log_loss, b->log_loss, tolerance);
    assert_close(a->brier, b->brier, tolerance);
    assert_close(a->confidence, b->confidence, tolerance);
    assert_close(a->observed, b->observed, tolerance);
    assert_close(a->ece, b->ece, tolerance);
    assert_close(a->mce, b->mce, tolerance);
}

/* sklearn.metrics 1.9: log_loss and brier_score_loss. */
static void test_as_scikit_learn(void **unused)
{
    (void)unused;
    static const double three[12] = {.7, .2, .1, .1, .6, .3, .25, .25, .5, .5, .4, .1}, w[4] = {1, 2, 3, 4};
    static const double two[6] = {.9, .1, .6, .4, .2, .8};
    static const uint32_t y[4] = {0, 1, 2, 1};
    kedge_rows rows = kedge_rows_float64(three, 4, 3);
    kedge_metric m = reliability(3, 10, KEDGE_TOP_CLASS, KEDGE_OVER_ALL, 1, 0.5);
    kedge_reliability_report r;
    size_t used = 9;
    assert_int_equal(kedge_reliability_read(&m, &r), KEDGE_EMPTY);
    assert_true(isnan(r.log_loss) && isnan(r.ece));
    assert_int_equal(kedge_reliability_record_many(&m, y, &rows, w, &used), KEDGE_OK);
    assert_int_equal(used, 4);
    assert_int_equal(kedge_reliability_read(&m, &r), KEDGE_OK);
    assert_close(r.log_loss, 0.7122930660647169, 1e-14);
    assert_close(r.brier, 0.42650000000000005, 1e-14);
    guard_free(m.state);
    m = reliability(2, 10, 1, KEDGE_OVER_ALL, 1, 0.5);
    rows = kedge_rows_float64(two, 3, 2);
    assert_int_equal(kedge_reliability_record_many(&m, y, &rows, NULL, &used), KEDGE_ERR_RANGE); /* class 2 of two */
    assert_int_equal(used, 2);
    assert_int_equal(kedge_reliability_record(&m, 1, two + 4, 2, 1), KEDGE_OK);
    assert_int_equal(kedge_reliability_read(&m, &r), KEDGE_OK);
    assert_close(r.brier, 0.13666666666666666, 1e-14);
    guard_free(m.state);
}

/* A probability on an edge belongs to the bin below, 0 to the first, as in sklearn.calibration.calibration_curve. */
static void test_bins(void **unused)
{
    (void)unused;
    static const double p[6] = {0, 0.25, 0.2500001, 0.5, 0.75, 1};
    static const double weights[4] = {2, 2, 1, 1};
    kedge_metric m = reliability(2, 4, 1, KEDGE_OVER_ALL, 1, 0.5);
    kedge_reliability_bin_report bin;
    for (size_t i = 0; i < 6; i++) {
        double row[2] = {1 - p[i], p[i]};
        assert_int_equal(kedge_reliability_record(&m, i % 2, row, 2, 1), KEDGE_OK);
    }
    for (uint32_t b = 0; b < 4; b++) {
        assert_int_equal(kedge_reliability_read_bin(&m, b, &bin), KEDGE_OK);
        assert_true(bin.low == b / 4.0 && bin.high == (b + 1) / 4.0 && bin.weight == weights[b]);
        assert_true(bin.observed == (b < 2 ? 0.5 : b == 2 ? 0 : 1));
    }
    assert_int_equal(kedge_reliability_read_bin(&m, 4, &bin), KEDGE_ERR_RANGE);
    guard_free(m.state);
    m = reliability(2, 3, 1, KEDGE_OVER_ALL, 1, 0.5);
    assert_int_equal(kedge_reliability_read_bin(&m, 2, &bin), KEDGE_EMPTY);
    assert_true(isnan(bin.confidence) && bin.weight == 0 && bin.high == 1);
    guard_free(m.state);
}

static void test_coverings(void **unused)
{
    (void)unused;
    static const uint32_t binned[2] = {KEDGE_TOP_CLASS, 2};
    fill();
    for (size_t k = 0; k < 2; k++) {
        kedge_metric all = reliability(3, N_BINS, binned[k], KEDGE_OVER_ALL, 1, 0.5),
                     window = reliability(3, N_BINS, binned[k], KEDGE_OVER_WINDOW, 23, 0.5);
        kedge_metric fading = reliability(3, N_BINS, binned[k], KEDGE_OVER_FADING, 1, 0.9),
                     tumbling = reliability(3, N_BINS, binned[k], KEDGE_OVER_TUMBLING, 40, 0.5);
        kedge_metric *const metrics[] = {&all, &window, &fading, &tumbling};
        for (size_t n = 1; n <= N_RECORDS; n++) {
            kedge_reliability_report r, expected;
            for (size_t i = 0; i < 4; i++)
                assert_int_equal(kedge_reliability_record(metrics[i], truth[n - 1], scores[n - 1], 3, weight[n - 1]), KEDGE_OK);
            if (n < 2 || n % 3 != 0)
                continue;
            expected = naive(n, n, 1, binned[k]);
            assert_int_equal(kedge_reliability_read(&all, &r), KEDGE_OK);
            assert_same(&r, &expected);
            expected = naive(n, n < 23 ? n : 23, 1, binned[k]);
            assert_int_equal(kedge_reliability_read(&window, &r), KEDGE_OK);
            assert_same(&r, &expected);
            expected = naive(n, n, 0.9, binned[k]);
            assert_int_equal(kedge_reliability_read(&fading, &r), KEDGE_OK);
            assert_same(&r, &expected);
            if (n < 40)
                continue;
            expected = naive(n / 40 * 40, 40, 1, binned[k]);
            assert_int_equal(kedge_reliability_read(&tumbling, &r), KEDGE_OK);
            assert_same(&r, &expected);
        }
        for (size_t i = 0; i < 4; i++)
            guard_free(metrics[i]->state);
    }
}

static void test_merge(void **unused)
{
    (void)unused;
    fill();
    kedge_metric a = reliability(3, N_BINS, KEDGE_TOP_CLASS, KEDGE_OVER_ALL, 1, 0.5),
                 b = reliability(3, N_BINS, KEDGE_TOP_CLASS, KEDGE_OVER_ALL, 1, 0.5);
    kedge_metric other = reliability(3, N_BINS, 1, KEDGE_OVER_ALL, 1, 0.5);
    kedge_reliability_report r, expected = naive(N_RECORDS, N_RECORDS, 1, KEDGE_TOP_CLASS);
    for (size_t i = 0; i < N_RECORDS; i++)
        assert_int_equal(kedge_reliability_record(i % 3 ? &a : &b, truth[i], scores[i], 3, weight[i]), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
    assert_int_equal(kedge_reliability_read(&a, &r), KEDGE_OK);
    assert_same(&r, &expected);
    assert_int_equal(kedge_metric_merge(&a, &other), KEDGE_ERR_CONFIG);
    guard_free(a.state);
    guard_free(b.state);
    guard_free(other.state);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_metric m = reliability(2, 10, KEDGE_TOP_CLASS, KEDGE_OVER_ALL, 1, 0.5);
    const double good[2] = {0, 1}, sum[2] = {0.6, 0.6}, negative[2] = {-0.1, 1.1}, nan[2] = {(double)NAN, 1};
    kedge_rows rows = kedge_rows_float64(good, 1, 2);
    const uint32_t y = 0;
    kedge_reliability_report r;
    size_t used = 9;
    assert_int_equal(kedge_reliability_record(&m, 0, good, 3, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_reliability_record(&m, 2, good, 2, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_reliability_record(&m, 0, sum, 2, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_reliability_record(&m, 0, negative, 2, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_reliability_record(&m, 0, nan, 2, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_reliability_record(&m, 0, good, 2, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_reliability_record(&m, 0, NULL, 2, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_record_many(&m, NULL, &rows, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_record_many(&m, &y, NULL, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_reliability_record_many(&m, &y, &rows, NULL, NULL), KEDGE_ERR_NULL);
    rows.n_columns = 1;
    assert_int_equal(kedge_reliability_record_many(&m, &y, &rows, NULL, &used), KEDGE_ERR_SHAPE);
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_reliability_read(&m, &r), KEDGE_EMPTY);
    assert_int_equal(kedge_reliability_record(&m, 0, good, 2, 1), KEDGE_OK); /* sure and wrong */
    assert_int_equal(kedge_reliability_read(&m, &r), KEDGE_OK);
    assert_close(r.log_loss, -log(DBL_EPSILON), 1e-15);
    assert_true(r.brier == 1 && r.ece == 1 && r.mce == 1);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_scikit_learn), cmocka_unit_test(test_bins),     cmocka_unit_test(test_coverings),
        cmocka_unit_test(test_merge),           cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
