/* SPDX-License-Identifier: MIT */
/* Sliding maximum mean discrepancy against its definition over pairs of rows, what its alarms tell, and rows that are refused. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { N = 600, D = 3, MAX_SAMPLE = 40 };

/* Equation 3 with the kernel that the features are for: the mean of the cosines of all frequencies' differences. The frequencies
 * are drawn here as the class draws them where the bandwidth is given. */
typedef struct kernel {
    double frequencies[64 * D], mean[D], sd[D];
    size_t centres[64]; /* of LSDD: rows */
    size_t n_features;
} kernel;

static kernel make_kernel(const kedge_sliding_mmd_config *c, double x[][D], size_t n)
{
    kernel k;
    kedge_rng rng = {c->seed};
    k.n_features = c->n_features;
    for (size_t i = 0; i < k.n_features * D; i++)
        k.frequencies[i] = c->figure == KEDGE_SLIDING_FIGURE_MMD ? kedge_rng_normal(&rng) / c->bandwidth : 0;
    for (size_t i = 0; i < k.n_features; i++)
        k.centres[i] = (size_t)kedge_rng_below(&rng, n);
    for (size_t j = 0; j < D; j++) {
        double mean = 0, var = 0;
        for (size_t i = 0; i < n; i++)
            mean += x[i][j] / (double)n;
        for (size_t i = 0; i < n; i++)
            var += (x[i][j] - mean) * (x[i][j] - mean) / (double)n;
        k.mean[j] = mean;
        k.sd[j] = sqrt(var);
    }
    return k;
}

static double kernel_of(const kernel *k, const double *a, const double *b)
{
    double sum = 0;
    for (size_t f = 0; f < k->n_features; f++) {
        double angle = 0;
        for (size_t j = 0; j < D; j++)
            angle += k->frequencies[f * D + j] * (a[j] - b[j]) / k->sd[j];
        sum += cos(angle);
    }
    return sum / (double)k->n_features;
}

static double naive_statistic(const kernel *k, double x[][D], size_t n, double y[][D], size_t m)
{
    double xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            xx += 2 * kernel_of(k, x[i], x[j]);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < i; j++)
            yy += 2 * kernel_of(k, y[i], y[j]);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            xy += kernel_of(k, x[i], y[j]);
    double a = (double)n, b = (double)m;
    return xx / (a * (a - 1)) + yy / (b * (b - 1)) - 2 * xy / (a * b);
}

static double gaussian(const kernel *k, const double *a, const double *b, double width)
{
    double sum = 0;
    for (size_t j = 0; j < D; j++)
        sum += (a[j] - b[j]) / k->sd[j] * (a[j] - b[j]) / k->sd[j];
    return exp(-sum / (2 * width * width));
}

/* 2 h'theta - theta'H theta, (H + regularisation) theta = h, by Gauss and Jordan. */
static double naive_lsdd(const kernel *k, const kedge_sliding_mmd_config *c, double x[][D], size_t n, double y[][D], size_t m)
{
    size_t n_c = k->n_features;
    static double a[64][65];
    double h[64], theta[64], value = 0;
    for (size_t i = 0; i < n_c; i++) {
        const double *centre = x[k->centres[i]];
        h[i] = 0;
        for (size_t r = 0; r < m; r++)
            h[i] += gaussian(k, y[r], centre, c->bandwidth) / (double)m;
        for (size_t r = 0; r < n; r++)
            h[i] -= gaussian(k, x[r], centre, c->bandwidth) / (double)n;
        for (size_t j = 0; j < n_c; j++)
            a[i][j] = gaussian(k, centre, x[k->centres[j]], sqrt(2) * c->bandwidth) + (i == j ? c->regularisation : 0);
        a[i][n_c] = h[i];
    }
    for (size_t i = 0; i < n_c; i++)
        for (size_t r = 0; r < n_c; r++) {
            double factor = r == i ? 0 : a[r][i] / a[i][i];
            for (size_t j = i; j <= n_c; j++)
                a[r][j] -= factor * a[i][j];
        }
    for (size_t i = 0; i < n_c; i++)
        theta[i] = a[i][n_c] / a[i][i];
    for (size_t i = 0; i < n_c; i++) {
        value += 2 * h[i] * theta[i];
        for (size_t j = 0; j < n_c; j++)
            value -= theta[i] * theta[j] * gaussian(k, x[k->centres[i]], x[k->centres[j]], sqrt(2) * c->bandwidth);
    }
    return value;
}

/* Every statistic and every alarm from the definition. Returns the alarms. */
static unsigned compare(double x[][D], const kedge_sliding_mmd_config *c)
{
    size_t bytes = kedge_detector_size(&c->base);
    unsigned char *mem = guard_new(bytes, 0xA5);
    kedge_detector d;
    size_t reference = 0, from = c->n_reference; /* where the window can begin */
    unsigned n_alarms = 0;
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_sliding_mmd_columns(&d), D);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_sliding_mmd_update(&d, x[i]);
        kedge_estimate e;
        kedge_alarm a;
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        if (i < from) {
            assert_int_equal(st, KEDGE_OK);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
            continue;
        }
        size_t held = i + 1 - from < c->window_size ? i + 1 - from : c->window_size;
        double statistic = 0;
        if (held == c->window_size) {
            kernel k = make_kernel(c, x + reference, c->n_reference);
            statistic = c->figure == KEDGE_SLIDING_FIGURE_LSDD ? naive_lsdd(&k, c, x + reference, c->n_reference, x + i + 1 - held,
                                                                            held)
                                                               : naive_statistic(&k, x + reference, c->n_reference, x + i +
                                                                                 1 - held, held);
        }
        if (held < c->window_size || statistic < c->threshold - 1e-9) {
            assert_int_equal(st, KEDGE_OK);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
            assert_int_equal(e.width, held);
            assert_close(e.statistic, statistic, 1e-10);
            continue;
        }
        assert_int_equal(st, KEDGE_DRIFT);
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_close(a.statistic, statistic, 1e-10);
        assert_true(isnan(a.log_evidence) && a.at == i && a.changed_at <= i && a.changed_at > i - held &&
                    a.threshold == c->threshold);
        n_alarms++;
        from = i + 1;
        if (c->on_drift == KEDGE_SLIDING_RELEARN) {
            reference = from;
            from += c->n_reference;
        }
    }
    guard_free(mem);
    return n_alarms;
}

static void fill(double x[][D], size_t n, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < D; j++)
            x[i][j] = (double)j + kedge_rng_normal(&rng) * (i > n / 2 ? 2 : 1) + (i % 200 > 100 && j == 1 ? 1 : 0);
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static double x[N][D];
    kedge_rng rng = {3};
    unsigned n_alarms = 0;
    for (uint64_t seed = 0; seed < 18; seed++) {
        kedge_sliding_mmd_config c = kedge_sliding_mmd_defaults(D);
        c.n_reference = 4 + (uint32_t)kedge_rng_below(&rng, MAX_SAMPLE);
        c.window_size = 2 + (uint32_t)kedge_rng_below(&rng, MAX_SAMPLE);
        c.n_features = 1 + (uint32_t)kedge_rng_below(&rng, 20);
        c.bandwidth = 0.5 + 2 * kedge_rng_uniform(&rng);
        c.threshold = 0.1 + 0.3 * kedge_rng_uniform(&rng);
        c.seed = seed + 5;
        c.figure = seed % 3 == 2 ? KEDGE_SLIDING_FIGURE_LSDD : KEDGE_SLIDING_FIGURE_MMD;
        c.regularisation = seed % 2 ? 0.1 : 1e-3;
        c.on_drift = seed % 2 ? KEDGE_SLIDING_KEEP : KEDGE_SLIDING_RELEARN;
        fill(x, N, seed);
        n_alarms += compare(x, &c);
    }
    assert_true(n_alarms > 30);
}

/* The median of random pairs is near that of all: a width that was given as such tells the same. And the sums do not wander: after
 * many turns of the ring the statistic is that of a detector that has just begun. */
static void test_width_and_turns(void **unused)
{
    (void)unused;
    kedge_sliding_mmd_config c = kedge_sliding_mmd_defaults(1);
    c.n_reference = 400;
    c.window_size = 50;
    c.n_features = 512;
    c.threshold = 2;
    size_t bytes = kedge_detector_size(&c.base);
    unsigned char *mem = guard_new(bytes, 0), *other_mem = guard_new(bytes, 1);
    static double x[400], y[60000];
    kedge_detector d, other;
    kedge_estimate e, f;
    size_t used;
    fill_normal(x, 400, 3, 2, 1);
    fill_normal(y, 60000, 3, 4, 2);
    kedge_rows sample = kedge_rows_float64(x, 400, 1);
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_sliding_mmd_reference(&d, &sample), KEDGE_OK);
    assert_int_equal(kedge_detector_update_many(&d, y, 60000, &used), KEDGE_OK);
    c.bandwidth = 0.9539; /* median of |a - b|, standard normal both: sqrt 2 times 0.6745 */
    assert_int_equal(kedge_detector_init(&other, &c.base, other_mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_sliding_mmd_reference(&other, &sample), KEDGE_OK);
    assert_int_equal(kedge_detector_update_many(&other, y + 59950, 50, &used), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&other, &f), KEDGE_OK);
    print_message("median width: %g, given: %g\n", e.statistic, f.statistic);
    assert_true(fabs(e.statistic - f.statistic) < 0.15 * f.statistic && f.statistic > 0.02);
    c.bandwidth = 0;
    assert_int_equal(kedge_detector_init(&other, &c.base, other_mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_sliding_mmd_reference(&other, &sample), KEDGE_OK);
    assert_int_equal(kedge_detector_update_many(&other, y + 59950, 50, &used), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&other, &f), KEDGE_OK);
    assert_close(e.statistic, f.statistic, 1e-12);
    guard_free(mem);
    guard_free(other_mem);
}

/* Columns that begin to go together; then the mean of one. */
static void test_alarms(void **unused)
{
    (void)unused;
    for (int alarm = 0; alarm < 4; alarm++) {
        int dependence = alarm % 2;
        kedge_sliding_mmd_config c = kedge_sliding_mmd_defaults(2);
        size_t bytes;
        static double x[6000][2];
        kedge_rng rng = {7};
        c.figure = alarm / 2 ? KEDGE_SLIDING_FIGURE_LSDD : KEDGE_SLIDING_FIGURE_MMD;
        c.threshold = alarm / 2 ? 0.05 : c.threshold;
        bytes = kedge_detector_size(&c.base);
        unsigned char *mem = guard_new(bytes, 0);
        kedge_detector d;
        kedge_alarm a;
        size_t used;
        for (size_t i = 0; i < 6000; i++) {
            x[i][0] = 10 * kedge_rng_normal(&rng);
            x[i][1] = kedge_rng_normal(&rng);
            if (i >= 5000 && dependence)
                x[i][1] = x[i][0] / 10;
            else if (i >= 5000)
                x[i][0] += 12;
        }
        kedge_rows rows = kedge_rows_float64(x[0], 6000, 2);
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
        assert_int_equal(kedge_sliding_mmd_update_rows(&d, &rows, &used), KEDGE_DRIFT);
        assert_true(used > 5000 && used < 5450);
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_true(a.at == used - 1 && a.changed_at > 4970 && a.changed_at < 5030);
        if (!dependence) {
            assert_close(a.mean_before, 0, 1.5);
            assert_close(a.mean_after, 12, 3);
        }
        guard_free(mem);
    }
}

/* A row that is refused changes nothing; a constant column is watched too. */
static void test_rows(void **unused)
{
    (void)unused;
    kedge_sliding_mmd_config c = kedge_sliding_mmd_defaults(2);
    c.n_reference = 30;
    c.window_size = 20;
    size_t bytes = kedge_detector_size(&c.base);
    assert_int_equal(bytes, KEDGE_SLIDING_MMD_BYTES_FOR(30, 2, 32));
    unsigned char *mem = guard_new(bytes, 0);
    kedge_detector d, none = {NULL, NULL}, wrong = {&kedge_ddm, mem};
    double sample[60], bad[4] = {1, 2, 3, (double)NAN};
    size_t used = 9;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < 30; i++) {
        sample[2 * i] = 5;
        sample[2 * i + 1] = (double)(i % 7);
    }
    kedge_rows rows = kedge_rows_float64(sample, 30, 2), few = kedge_rows_float64(sample, 29, 2),
               narrow = kedge_rows_float64(sample, 30, 1);
    assert_int_equal(kedge_sliding_mmd_reference(&d, &few), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_sliding_mmd_reference(&d, &narrow), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_sliding_mmd_reference(&d, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_sliding_mmd_reference(&none, &rows), KEDGE_ERR_NULL);
    assert_int_equal(kedge_sliding_mmd_reference(&wrong, &rows), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_sliding_mmd_reference(&d, &rows), KEDGE_OK);
    assert_int_equal(kedge_sliding_mmd_update_rows(&d, &few, &used), KEDGE_OK);
    assert_int_equal(used, 29);
    void *before = guard_copy(mem, bytes);
    sample[33] = (double)INFINITY;
    assert_int_equal(kedge_sliding_mmd_reference(&d, &rows), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_sliding_mmd_update(&d, bad + 2), KEDGE_ERR_NOT_FINITE);
    bad[3] = 1e101;
    assert_int_equal(kedge_sliding_mmd_update(&d, bad + 2), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_sliding_mmd_update(&d, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_sliding_mmd_update(&none, bad), KEDGE_ERR_NULL);
    assert_int_equal(kedge_sliding_mmd_update(&wrong, bad), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_sliding_mmd_update_rows(&d, &narrow, &used), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_sliding_mmd_update_rows(&d, &rows, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_sliding_mmd_update_rows(&d, NULL, &used), KEDGE_ERR_NULL);
    assert_memory_equal(before, mem, bytes);
    guard_free(before);
    kedge_rows two = kedge_rows_float64(bad, 2, 2);
    bad[0] = 5;
    assert_int_equal(kedge_sliding_mmd_update_rows(&d, &two, &used), KEDGE_ERR_RANGE);
    assert_int_equal(used, 1);
    assert_int_equal(kedge_detector_update(&d, 5), KEDGE_OK); /* half a row */
    assert_int_equal(kedge_sliding_mmd_update(&d, bad), KEDGE_ERR_STATE);
    assert_int_equal(kedge_sliding_mmd_reference(&d, &few), KEDGE_ERR_STATE);
    assert_int_equal(kedge_detector_update(&d, 2), KEDGE_OK);
    kedge_status st = KEDGE_OK;
    for (size_t i = 0; i < 20 && st == KEDGE_OK; i++) {
        double row[2] = {5.001, (double)(i % 7)};
        st = kedge_sliding_mmd_update(&d, row);
    }
    assert_int_equal(st, KEDGE_DRIFT);
    assert_int_equal(kedge_sliding_mmd_columns(&wrong), 0);
    assert_int_equal(kedge_sliding_mmd_config_init(&c, 8, 2), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_sliding_mmd_config_init(NULL, sizeof c, 2), KEDGE_ERR_NULL);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_width_and_turns),
        cmocka_unit_test(test_alarms),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
