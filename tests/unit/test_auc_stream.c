/* SPDX-License-Identifier: MIT */
/* The areas of a stream against the exact ones of all its records, whose error must stay within what the report says. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "support.h"

enum { N_RECORDS = 20000 };

static double scores[N_RECORDS];
static double weights[N_RECORDS];
static uint8_t labels[N_RECORDS];
static _Alignas(8) unsigned char work[32 * N_RECORDS];

static kedge_metric auc_stream(const kedge_auc_stream_config *cfg)
{
    kedge_metric m = {NULL, NULL};
    size_t bytes = kedge_metric_size(&cfg->base);
    size_t last = cfg->over == KEDGE_OVER_TUMBLING ? 32 * (((size_t)cfg->octaves << cfg->bits) + 1) : 0;
    assert_int_equal(bytes, KEDGE_AUC_STREAM_BYTES_FOR(cfg->bits, cfg->octaves) + last);
    assert_int_equal(kedge_metric_init(&m, &cfg->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

/* What classifiers give: scores of weak to perfect ones, calibrated or not, with rare positives, with few values. */
enum { SOURCE_UNIFORM, SOURCE_WEAK, SOURCE_GOOD, SOURCE_EXTREME, SOURCE_RARE, SOURCE_TIES, SOURCE_NARROW, SOURCE_REAL, N_SOURCES };

static void fill(int source, uint64_t seed)
{
    static double normal[N_RECORDS];
    kedge_rng rng = {seed};
    fill_normal(normal, N_RECORDS, 0, 1, seed + 1);
    for (size_t i = 0; i < N_RECORDS; i++) {
        double u = kedge_rng_uniform(&rng), z = normal[i], p;
        switch (source) {
        case SOURCE_UNIFORM: p = u; break;
        case SOURCE_WEAK: p = logistic(0.5 * z); break;
        case SOURCE_GOOD: p = logistic(2.5 * z); break;
        case SOURCE_EXTREME: p = logistic(12 * z); break;
        case SOURCE_RARE: p = logistic(1.5 * z - 6); break;
        case SOURCE_TIES: p = 0.05 * floor(20 * u); break;
        case SOURCE_NARROW: p = 0.4 + 0.05 * u; break;
        default: p = logistic(z); break;
        }
        labels[i] = kedge_rng_uniform(&rng) < p;
        scores[i] = source == SOURCE_REAL ? 3 * z - 0.5 : p;
        weights[i] = 0.25 * (double)kedge_rng_below(&rng, 9);
    }
}

static kedge_ranking_report exact(size_t n, const double *weight)
{
    kedge_ranking_report r;
    assert_true(kedge_ranking_work(n) <= sizeof work);
    assert_int_equal(kedge_ranking_measure(NULL, scores, labels, weight, n, work, sizeof work, &r), KEDGE_OK);
    return r;
}

static void assert_holds(const kedge_auc_stream_report *r, const kedge_ranking_report *e)
{
    const double rounding = 1e-11;
    assert_close(r->positives, e->positives, rounding);
    assert_close(r->negatives, e->negatives, rounding);
    assert_true(fabs(r->auc - e->auc) <= r->auc_error + rounding);
    assert_true(r->average_precision_low <= e->average_precision + rounding);
    assert_true(e->average_precision <= r->average_precision_high + rounding);
    assert_true(r->average_precision_low <= r->average_precision && r->average_precision <= r->average_precision_high + rounding);
}

static void test_bounds_hold(void **unused)
{
    (void)unused;
    for (int source = 0; source < N_SOURCES; source++) {
        fill(source, (uint64_t)source + 5);
        for (uint32_t bits = 1; bits <= 10; bits += 3) {
            kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
            kedge_auc_stream_report r;
            kedge_ranking_report e;
            size_t used;
            cfg.bits = bits;
            cfg.octaves = bits == 4 ? 4 : 24;
            cfg.scores = source == SOURCE_REAL ? KEDGE_SCORES_REAL : KEDGE_SCORES_PROBABILITY;
            for (int weighted = 0; weighted < 2; weighted++) {
                kedge_metric m = auc_stream(&cfg);
                const double *weight = weighted ? weights : NULL;
                assert_int_equal(kedge_auc_stream_record_many(&m, labels, scores, weight, N_RECORDS, &used), KEDGE_OK);
                assert_int_equal(used, N_RECORDS);
                assert_int_equal(kedge_auc_stream_read(&m, &r), KEDGE_OK);
                e = exact(N_RECORDS, weight);
                assert_holds(&r, &e);
                guard_free(m.state);
            }
        }
    }
}

/* With the defaults both the error and what the report says of it stay below 0.001 where scores spread over more than one power
 * of two. */
static void test_defaults_are_fine(void **unused)
{
    (void)unused;
    for (int source = 0; source < N_SOURCES; source++) {
        kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
        kedge_auc_stream_report r;
        size_t used;
        cfg.scores = source == SOURCE_REAL ? KEDGE_SCORES_REAL : KEDGE_SCORES_PROBABILITY;
        kedge_metric m = auc_stream(&cfg);
        fill(source, 77);
        assert_int_equal(kedge_auc_stream_record_many(&m, labels, scores, NULL, N_RECORDS, &used), KEDGE_OK);
        assert_int_equal(kedge_auc_stream_read(&m, &r), KEDGE_OK);
        kedge_ranking_report e = exact(N_RECORDS, NULL);
        assert_true(fabs(r.auc - e.auc) < 0.0002 + (source == SOURCE_NARROW ? 0.002 : 0.0));
        assert_true(fabs(r.average_precision - e.average_precision) < 0.001);
        if (source != SOURCE_NARROW && source != SOURCE_TIES && source != SOURCE_WEAK)
            assert_true(r.auc_error < 0.001);
        guard_free(m.state);
    }
}

/* A pair of scores side by side, at the edges of buckets too, never changes places. */
static void test_order_is_kept(void **unused)
{
    (void)unused;
    for (uint32_t kind = KEDGE_SCORES_PROBABILITY; kind <= KEDGE_SCORES_REAL; kind++) {
        kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
        kedge_rng rng = {kind};
        size_t n_apart = 0;
        cfg.scores = kind;
        cfg.bits = 2;
        cfg.octaves = 8;
        kedge_metric m = auc_stream(&cfg);
        for (int i = 0; i < 4000; i++) {
            double a = ldexp((double)(4 + kedge_rng_below(&rng, 5)), -(int)kedge_rng_below(&rng, 14) - 2), b;
            kedge_auc_stream_report r;
            if (kind == KEDGE_SCORES_PROBABILITY)
                a = kedge_rng_below(&rng, 2) ? fmax(1 - a, 0) : fmin(a, 1);
            else
                a *= kedge_rng_below(&rng, 2) ? -64 : 64;
            b = nextafter(a, kedge_rng_below(&rng, 2) ? 1e9 : -1e9);
            b = kedge_rng_below(&rng, 8) ? b : b + (b > a ? 0.3 : -0.3);
            if (kind == KEDGE_SCORES_PROBABILITY && !(b >= 0 && b <= 1))
                continue;
            assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
            assert_int_equal(kedge_auc_stream_record(&m, 1, fmax(a, b), 1), KEDGE_OK);
            assert_int_equal(kedge_auc_stream_record(&m, 0, fmin(a, b), 1), KEDGE_OK);
            assert_int_equal(kedge_auc_stream_read(&m, &r), KEDGE_OK);
            assert_true((r.auc == 1 && r.auc_error == 0) || (r.auc == 0.5 && r.auc_error == 0.5));
            n_apart += r.auc == 1;
        }
        assert_true(n_apart > 500);
        guard_free(m.state);
    }
}

/* The last whole window is as if it were all there was; before the first nothing is. */
static void test_tumbling(void **unused)
{
    (void)unused;
    enum { N = 1000, WINDOW = 90 };
    kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
    kedge_auc_stream_report r, e;
    fill(SOURCE_GOOD, 11);
    cfg.bits = 3;
    cfg.window = WINDOW;
    kedge_metric all = auc_stream(&cfg);
    cfg.over = KEDGE_OVER_TUMBLING;
    kedge_metric m = auc_stream(&cfg);
    for (size_t n = 0; n < N; n++) {
        size_t used, from = n / WINDOW * WINDOW;
        kedge_status st = kedge_auc_stream_read(&m, &r);
        assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        if (from == 0) {
            assert_true(st == KEDGE_EMPTY && r.n == 0 && isnan(r.auc) && r.positives == 0);
        } else {
            assert_int_equal(kedge_metric_reset(&all), KEDGE_OK);
            assert_int_equal(kedge_auc_stream_record_many(&all, labels + from - WINDOW, scores + from - WINDOW, weights +
                                                          from - WINDOW, WINDOW, &used), KEDGE_OK);
            assert_int_equal(kedge_auc_stream_read(&all, &e), st);
            assert_memory_equal(&r, &e, sizeof r);
        }
        assert_int_equal(kedge_auc_stream_record(&m, labels[n], scores[n], weights[n]), KEDGE_OK);
    }
    kedge_metric other = auc_stream(&cfg);
    assert_int_equal(kedge_metric_merge(&m, &other), KEDGE_ERR_UNSUPPORTED);
    guard_free(other.state);
    guard_free(all.state);
    guard_free(m.state);
}

/* Fading is nothing but weights, however often the sums are shrunk. */
static void test_fading(void **unused)
{
    (void)unused;
    static const double fadings[] = {0.01, 0.5, 0.9, 0.999};
    enum { N = 3000 };
    fill(SOURCE_GOOD, 9);
    for (size_t k = 0; k < sizeof fadings / sizeof *fadings; k++) {
        static double faded[N];
        kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
        kedge_auc_stream_report r, e;
        size_t used;
        cfg.bits = 3;
        kedge_metric all = auc_stream(&cfg);
        cfg.over = KEDGE_OVER_FADING;
        cfg.fading = fadings[k];
        kedge_metric m = auc_stream(&cfg);
        for (size_t i = 0; i < N; i++)
            faded[i] = weights[i] * pow(fadings[k], (double)(N - 1 - i));
        assert_int_equal(kedge_auc_stream_record_many(&m, labels, scores, weights, N, &used), KEDGE_OK);
        assert_int_equal(kedge_auc_stream_record_many(&all, labels, scores, faded, N, &used), KEDGE_OK);
        assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        assert_int_equal(kedge_auc_stream_read(&m, &r), KEDGE_OK);
        assert_int_equal(kedge_auc_stream_read(&all, &e), KEDGE_OK);
        assert_close(r.positives, e.positives, 1e-11);
        assert_close(r.negatives, e.negatives, 1e-11);
        assert_close(r.auc, e.auc, 1e-10);
        assert_close(r.auc_error, e.auc_error, 1e-10);
        assert_close(r.average_precision, e.average_precision, 1e-10);
        assert_int_equal(kedge_metric_merge(&m, &all), KEDGE_ERR_CONFIG);
        guard_free(m.state);
        guard_free(all.state);
    }
}

static void test_merge(void **unused)
{
    (void)unused;
    kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
    kedge_metric a = auc_stream(&cfg), b = auc_stream(&cfg), both = auc_stream(&cfg);
    kedge_auc_stream_report r, e;
    size_t used;
    fill(SOURCE_GOOD, 4);
    assert_int_equal(kedge_auc_stream_record_many(&a, labels, scores, weights, 7000, &used), KEDGE_OK);
    assert_int_equal(kedge_auc_stream_record_many(&b, labels + 7000, scores + 7000, weights + 7000, 5000, &used), KEDGE_OK);
    assert_int_equal(kedge_auc_stream_record_many(&both, labels, scores, weights, 12000, &used), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
    assert_int_equal(kedge_auc_stream_read(&a, &r), KEDGE_OK);
    assert_int_equal(kedge_auc_stream_read(&both, &e), KEDGE_OK);
    assert_memory_equal(&r, &e, sizeof r); /* the weights are quarters: no sum is rounded */
    cfg.bits = 6;
    kedge_metric other = auc_stream(&cfg);
    assert_int_equal(kedge_metric_merge(&a, &other), KEDGE_ERR_CONFIG);
    guard_free(a.state);
    guard_free(b.state);
    guard_free(both.state);
    guard_free(other.state);
}

/* nannyml 0.13.1: estimate_roc_auc(q, p), where p ranks and q is calibrated. It rounds its counts to five decimals, and so is
 * within about 1e-6. */
static void test_as_nannyml(void **unused)
{
    (void)unused;
    kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
    cfg.bits = 11;
    kedge_metric same = auc_stream(&cfg), apart = auc_stream(&cfg);
    kedge_auc_stream_report r;
    for (size_t i = 0; i < 40; i++) {
        double p = ((double)(i * 37 % 101) + 0.5) / 102, q = i % 3 ? p * sqrt(p) : p;
        assert_int_equal(kedge_auc_stream_expect(&same, p, p, 1), KEDGE_OK);
        assert_int_equal(kedge_auc_stream_expect(&apart, p, q, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_auc_stream_read(&same, &r), KEDGE_OK);
    assert_close(r.auc, 0.8336324936024391, 2e-6);
    assert_int_equal(kedge_auc_stream_read(&apart, &r), KEDGE_OK);
    assert_close(r.auc, 0.8390774607094192, 2e-6);
    guard_free(same.state);
    guard_free(apart.state);
}

static void test_edges(void **unused)
{
    (void)unused;
    static const double probabilities[] = {0, DBL_TRUE_MIN, 1e-300, 0.25, 0.5, 1 - DBL_EPSILON / 2, 1};
    static const double reals[] = {-DBL_MAX, -1e9, -1, -DBL_TRUE_MIN, -0.0, 0, 1e-300, 255, 256, DBL_MAX};
    const double x[3] = {0.5, 0.25, 2};
    const uint8_t y[3] = {0, 1, 1};
    kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
    kedge_auc_stream_report r;
    kedge_metric m = auc_stream(&cfg);
    size_t used = 9;
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_auc_stream_read(&m, &r), KEDGE_EMPTY);
    assert_true(isnan(r.auc) && isnan(r.average_precision_high) && r.n == 0);
    for (size_t i = 0; i < sizeof probabilities / sizeof *probabilities; i++)
        for (uint32_t truth = 0; truth < 2; truth++)
            assert_int_equal(kedge_auc_stream_record(&m, truth, probabilities[i], 1e-300), KEDGE_OK);
    assert_int_equal(kedge_auc_stream_read(&m, &r), KEDGE_OK);
    assert_close(r.auc, 0.5, 1e-12);
    assert_int_equal(kedge_auc_stream_record(&m, 1, 0.5, 1e9), KEDGE_OK);
    assert_int_equal(kedge_auc_stream_read(&m, &r), KEDGE_OK);
    assert_true(r.auc > 0.6 && r.auc < 0.7 && r.average_precision <= 1);
    assert_int_equal(kedge_auc_stream_record(&m, 0, 1, 0), KEDGE_OK);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    assert_int_equal(kedge_auc_stream_record(&m, 0, -DBL_TRUE_MIN, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_stream_record(&m, 0, 1 + DBL_EPSILON, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_stream_record(&m, 2, 0.5, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_stream_record(&m, 0, 0.5, 2e9), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_stream_record(&m, 0, 0.5, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_stream_record(&m, 0, (double)NAN, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_stream_expect(&m, 0.5, 1.5, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auc_stream_expect(&m, 0.5, (double)NAN, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_auc_stream_record_many(&m, y, x, NULL, 3, &used), KEDGE_ERR_RANGE);
    assert_int_equal(used, 2);
    guard_free(m.state);
    feclearexcept(FE_ALL_EXCEPT); /* a comparison with NaN raises one */
    cfg.scores = KEDGE_SCORES_REAL;
    m = auc_stream(&cfg);
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        assert_int_equal(kedge_auc_stream_record(&m, i >= 5, reals[i], 1), KEDGE_OK);
    assert_int_equal(kedge_auc_stream_read(&m, &r), KEDGE_OK);
    assert_true(r.auc >= 0.96 && r.auc + r.auc_error >= 0.98); /* -0, 0 and 1e-300 share a bucket */
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_hold), cmocka_unit_test(test_defaults_are_fine), cmocka_unit_test(test_order_is_kept),
        cmocka_unit_test(test_fading),
        cmocka_unit_test(test_tumbling),      cmocka_unit_test(test_merge),             cmocka_unit_test(test_as_nannyml),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
