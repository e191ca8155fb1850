/* SPDX-License-Identifier: MIT */
/* HDDDM against its definition, row by row; when, where and how rows come in; how seldom it alarms without a change. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "support.h"

enum { N = 3000, D = 3, MAX_BINS = 16 };

static double rows[N][D];

/* The paper's algorithm on all rows from `first` on, of which the first batch sets the bins. */
typedef struct naive {
    const kedge_hdddm_config *c;
    size_t first;
    size_t n_batches;
    double last;
    double differences[N];
    size_t n_differences;
    double distances[D];
} naive;

static size_t bin_of(const naive *o, size_t j, double x)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < o->c->batch_size; i++) {
        low = fmin(low, rows[o->first + i][j]);
        high = fmax(high, rows[o->first + i][j]);
    }
    if (x < low)
        return 0;
    if (x > high)
        return o->c->n_bins - 1;
    if (low == high)
        return o->c->n_bins / 2;
    size_t bin = (size_t)((x - low) / (high - low) * (double)o->c->n_bins);
    return bin < o->c->n_bins ? bin : o->c->n_bins - 1;
}

static double naive_distance(const naive *o, size_t j)
{
    double p[MAX_BINS] = {0}, q[MAX_BINS] = {0}, n = (double)(o->n_batches * o->c->batch_size), m = o->c->batch_size, sum = 0;
    size_t batch = o->first + o->n_batches * o->c->batch_size;
    for (size_t i = o->first; i < batch; i++)
        p[bin_of(o, j, rows[i][j])] += 1 / n;
    for (size_t i = batch; i < batch + o->c->batch_size; i++)
        q[bin_of(o, j, rows[i][j])] += 1 / m;
    for (size_t k = 0; k < o->c->n_bins; k++) {
        double a = o->c->pseudo_count / m, whole = 1 + a * o->c->n_bins;
        if (o->c->distance == KEDGE_HDDDM_HELLINGER)
            sum += (sqrt(p[k]) - sqrt(q[k])) * (sqrt(p[k]) - sqrt(q[k])) / 2;
        else
            sum += (q[k] + a) / whole * log((q[k] + a) / (p[k] + a));
    }
    return o->c->distance == KEDGE_HDDDM_HELLINGER ? sqrt(sum) : sum;
}

/* Student's distribution function by Simpson's rule on its density, in the angle with t = sqrt(df) tan(angle). */
static double student_below(double t, double df)
{
    double end = atan(t / sqrt(df)), sum = 0, scale = exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(acos(-1));
    for (int i = 0; i <= 400; i++)
        sum += (i == 0 || i == 400 ? 1 : i % 2 ? 4 : 2) * pow(cos(end * i / 400), df - 1);
    return 0.5 + scale * sum * end / 1200;
}

/* The t at which that is p, above one half. */
static double student_quantile(double p, double df)
{
    static double of_p, of_df, low; /* the last one: it is asked for row by row */
    if (p == of_p && df == of_df)
        return low;
    double high = 1e7;
    of_p = p;
    of_df = df;
    low = 0;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        *(student_below(middle, df) < p ? &low : &high) = middle;
    }
    return low;
}

static double naive_threshold(const naive *o)
{
    double mean = 0, variance = 0, n = (double)o->n_differences;
    for (size_t i = 0; i < o->n_differences; i++)
        mean += o->differences[i] / n;
    for (size_t i = 0; i < o->n_differences; i++)
        variance += (o->differences[i] - mean) * (o->differences[i] - mean) / n;
    if (o->c->threshold == KEDGE_HDDDM_DEVIATIONS)
        return mean + o->c->gamma * sqrt(variance);
    return n < 2 ? INFINITY : mean + student_quantile(1 - o->c->alpha / 2, n - 1) * sqrt(variance / n);
}

static void expect_estimate(const naive *o, const kedge_detector *d)
{
    kedge_estimate e;
    kedge_status st = kedge_detector_estimate(d, &e);
    assert_int_equal(st, o->n_differences ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(e.width, o->n_differences ? (o->n_differences + 2) * o->c->batch_size : 0);
    if (st == KEDGE_EMPTY)
        return;
    assert_close(e.statistic, o->differences[o->n_differences - 1], 1e-9);
    if (isinf(naive_threshold(o)))
        assert_true(isinf(e.threshold));
    else
        assert_close(e.threshold, naive_threshold(o), 1e-7);
    if (o->c->threshold == KEDGE_HDDDM_DEVIATIONS)
        assert_close(e.mean + o->c->gamma * sqrt(e.variance), e.threshold, 1e-12);
}

/* The batch that ends with row i. */
static int naive_batch(naive *o, size_t i, kedge_status st, const kedge_detector *d)
{
    double distance = 0, of[D];
    for (size_t j = 0; j < o->c->n_features; j++) {
        o->distances[j] = naive_distance(o, j);
        distance += o->distances[j] / o->c->n_features;
    }
    assert_int_equal(kedge_hdddm_distances(d, of, o->c->n_features), KEDGE_OK);
    for (size_t j = 0; j < o->c->n_features; j++)
        assert_close(of[j], o->distances[j], 1e-7);
    double difference = fabs(distance - o->last), threshold = naive_threshold(o);
    int tests = o->n_differences >= o->c->n_learn, tie = fabs(difference - threshold) < 1e-9;
    if (tests && (tie ? st == KEDGE_DRIFT : difference > threshold)) {
        kedge_alarm a;
        assert_int_equal(st, KEDGE_DRIFT);
        assert_int_equal(kedge_detector_alarm(d, &a), KEDGE_OK);
        assert_true(a.at == i && a.changed_at == i + 1 - o->c->batch_size && isnan(a.log_evidence));
        assert_close(a.statistic, difference, 1e-7);
        assert_close(a.threshold, threshold, 1e-7);
        assert_close(a.mean_before, o->last, 1e-7);
        assert_close(a.mean_after, distance, 1e-7);
        o->first = a.changed_at;
        o->n_batches = 1;
        o->n_differences = 0;
        return 1;
    }
    assert_int_equal(st, KEDGE_OK);
    if (o->n_batches > 1)
        o->differences[o->n_differences++] = difference;
    o->last = distance;
    o->n_batches++;
    return 0;
}

static unsigned compare(const kedge_hdddm_config *c, size_t n)
{
    static naive o;
    size_t bytes = kedge_detector_size(&c->base);
    unsigned char *mem = guard_new(bytes, 0xA5);
    unsigned n_alarms = 0;
    kedge_detector d;
    memset(&o, 0, sizeof o);
    o.c = c;
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < n; i++) {
        kedge_status st = kedge_hdddm_update(&d, rows[i]);
        size_t since = i + 1 - o.first;
        if (since % c->batch_size != 0)
            assert_int_equal(st, KEDGE_OK);
        else if (since == c->batch_size)
            o.n_batches = 1;
        else
            n_alarms += (unsigned)naive_batch(&o, i, st, &d);
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        expect_estimate(&o, &d);
    }
    guard_free(mem);
    return n_alarms;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    kedge_rng rng = {8};
    unsigned n_alarms = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        kedge_hdddm_config c = kedge_hdddm_defaults(1 + (uint32_t)seed % D);
        c.batch_size = 2 + (uint32_t)kedge_rng_below(&rng, 40);
        c.n_bins = 2 + (uint32_t)kedge_rng_below(&rng, MAX_BINS - 1);
        c.n_learn = 2 + (uint32_t)kedge_rng_below(&rng, 6);
        c.gamma = 3 * kedge_rng_uniform(&rng) + 0.01;
        c.pseudo_count = seed % 2 ? 0.5 : 1e-3;
        c.threshold = seed % 4 < 2 ? KEDGE_HDDDM_DEVIATIONS : KEDGE_HDDDM_STUDENT;
        c.alpha = seed % 4 == 2 ? 1e-4 : 0.05;
        c.distance = seed % 3 ? KEDGE_HDDDM_HELLINGER : KEDGE_HDDDM_KULLBACK_LEIBLER;
        double levels = (double)(1 + kedge_rng_below(&rng, 4));
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < D; j++) {
                double x = kedge_rng_normal(&rng) * (j == 1 && i % 1000 > 500 ? 3 : 1) + (j == 0 && i % 700 > 400 ? 1 : 0);
                rows[i][j] = seed % 4 == 0 ? floor(x * levels) / levels : seed % 8 == 5 && i < 500 ? 1 : x;
            }
        n_alarms += compare(&c, 40 * c.batch_size < N ? 40 * c.batch_size : N);
    }
    if (n_alarms < 60)
        fail_msg("%u alarms", n_alarms);
}

static kedge_detector make(const kedge_hdddm_config *c, unsigned char **mem)
{
    kedge_detector d;
    size_t bytes = kedge_detector_size(&c->base);
    *mem = guard_new(bytes, 0x5C);
    assert_int_equal(kedge_detector_init(&d, &c->base, *mem, bytes), KEDGE_OK);
    return d;
}

/* A shift of one of D features, found by the first batch that has it; other kinds of feeding give the same bytes. */
static void test_found(void **unused)
{
    (void)unused;
    static float narrow[N][D];
    static uint8_t signals[N * D];
    kedge_hdddm_config c = kedge_hdddm_defaults(D);
    kedge_rng rng = {4};
    unsigned char *mem, *other, *third;
    c.batch_size = 100;
    c.n_bins = 10;
    kedge_detector d = make(&c, &mem), e = make(&c, &other), f = make(&c, &third);
    double distances[D];
    size_t n_drifts = 0, used, bytes = kedge_detector_size(&c.base);
    assert_int_equal(kedge_hdddm_distances(&d, distances, D), KEDGE_EMPTY);
    assert_true(isnan(distances[0]) && isnan(distances[2]));
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < D; j++) {
            narrow[i][j] = (float)(kedge_rng_normal(&rng) + (j == 1 && i >= 2000 ? 2 : 0));
            rows[i][j] = narrow[i][j];
        }
        kedge_status st = kedge_hdddm_update(&d, rows[i]);
        if (st == KEDGE_DRIFT && n_drifts++ == 0) {
            kedge_alarm a;
            assert_int_equal(i, 2099);
            assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
            assert_int_equal(a.changed_at, 2000);
            assert_int_equal(kedge_hdddm_distances(&d, distances, D), KEDGE_OK);
            assert_true(distances[1] > 0.4 && distances[0] < 0.25 && distances[2] < 0.25);
        }
    }
    assert_int_equal(n_drifts, 1);
    kedge_rows table = kedge_rows_float32(&narrow[0][0], N, D), part;
    for (size_t done = 0; done < N; done += used) {
        assert_int_equal(kedge_rows_slice(&table, done, N - done, &part), KEDGE_OK);
        kedge_status st = kedge_hdddm_update_rows(&e, &part, &used);
        assert_true(st >= 0 && (st == KEDGE_DRIFT || used == N - done));
    }
    assert_memory_equal(mem, other, bytes);
    assert_true(kedge_detector_signal_many(&f, &rows[0][0], (size_t)N * D, signals, &used) >= 0);
    assert_memory_equal(mem, third, bytes);
    assert_int_equal(signals[2100 * D - 1], KEDGE_DRIFT);
    guard_free(mem);
    guard_free(other);
    guard_free(third);
}

/* With the defaults: documented in docs/detectors.md. */
static void test_quiet(void **unused)
{
    (void)unused;
    kedge_hdddm_config c = kedge_hdddm_defaults(1);
    unsigned char *mem;
    kedge_detector d = make(&c, &mem);
    kedge_rng rng = {77};
    unsigned n_alarms = 0;
    for (size_t i = 0; i < 1000000; i++)
        n_alarms += kedge_detector_update(&d, kedge_rng_normal(&rng)) == KEDGE_DRIFT;
    assert_true(n_alarms <= 12);
    guard_free(mem);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_hdddm_config c = kedge_hdddm_defaults(2);
    kedge_ddm_config ddm = kedge_ddm_defaults();
    _Alignas(8) unsigned char ddm_mem[KEDGE_DDM_BYTES];
    unsigned char *mem;
    kedge_detector d = make(&c, &mem), another, none = {NULL, NULL}, empty = {&kedge_hdddm, NULL};
    double good[2] = {1, 2}, bad[2] = {1, (double)NAN}, great[2] = {1.1e100, 1}, of[2];
    size_t used = 9, bytes = kedge_detector_size(&c.base);
    kedge_rows table = kedge_rows_float64(good, 1, 2), wide = kedge_rows_float64(good, 2, 1);
    assert_int_equal(kedge_detector_init(&another, &ddm.base, ddm_mem, sizeof ddm_mem), KEDGE_OK);
    void *before = guard_copy(mem, bytes);
    assert_int_equal(kedge_hdddm_features(&d), 2);
    assert_int_equal(kedge_hdddm_features(&another), 0);
    assert_int_equal(kedge_hdddm_features(&none), 0);
    assert_int_equal(kedge_hdddm_features(NULL), 0);
    assert_int_equal(kedge_hdddm_features(&empty), 0);
    assert_int_equal(kedge_hdddm_update(&empty, good), KEDGE_ERR_NULL);
    assert_int_equal(kedge_hdddm_update(&d, bad), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_hdddm_update(&d, great), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_hdddm_update(&d, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_hdddm_update(NULL, good), KEDGE_ERR_NULL);
    assert_int_equal(kedge_hdddm_update(&another, good), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_hdddm_update_rows(&d, &wide, &used), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_hdddm_update_rows(&d, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_hdddm_update_rows(&d, &table, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_hdddm_update_rows(&another, &table, &used), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_hdddm_distances(&d, of, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_hdddm_distances(&d, NULL, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_hdddm_distances(&another, of, 2), KEDGE_ERR_CLASS);
    assert_int_equal(used, 9);
    assert_memory_equal(before, mem, bytes);
    guard_free(before);
    assert_int_equal(kedge_detector_update(&d, 1), KEDGE_OK);
    assert_int_equal(kedge_hdddm_update(&d, good), KEDGE_ERR_STATE);
    assert_int_equal(kedge_hdddm_update_rows(&d, &table, &used), KEDGE_ERR_STATE);
    guard_free(mem);
}

/* Rows whose features are far apart, constant, or leave the range that bins were made for. */
static void test_extremes(void **unused)
{
    (void)unused;
    const double levels[] = {0, 1e100, -1e100, 4.9406564584124654e-324, DBL_MIN, 1, -0.0, 1e15};
    kedge_rng rng = {9};
    for (int pattern = 0; pattern < 20; pattern++) {
        kedge_hdddm_config c = kedge_hdddm_defaults(2);
        c.batch_size = 20;
        c.n_learn = 2;
        c.distance = pattern % 2 ? KEDGE_HDDDM_HELLINGER : KEDGE_HDDDM_KULLBACK_LEIBLER;
        unsigned char *mem;
        kedge_detector d = make(&c, &mem);
        unsigned n_drifts = 0;
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 1000; i++) {
            double row[2] = {levels[pattern < 16 ? pattern / 2 : i < 500 ? 0 : (int)kedge_rng_below(&rng, 8)], levels[pattern % 8]};
            if (pattern >= 18)
                row[0] = i < 500 ? 4.9406564584124654e-324 * (i % 2) : 1e100;
            n_drifts += kedge_hdddm_update(&d, row) == KEDGE_DRIFT;
        }
        assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        assert_true(pattern < 16 ? n_drifts == 0 : n_drifts > 0);
        guard_free(mem);
    }
}

/* What no state can be: scratch that is not clean, a reference that lacks a row, more rows than were seen. */
static void test_forged(void **unused)
{
    (void)unused;
    kedge_hdddm_config c = kedge_hdddm_defaults(1);
    unsigned char *mem;
    kedge_detector d = make(&c, &mem);
    size_t bytes = kedge_detector_size(&c.base), counts = bytes - c.n_bins * sizeof(uint32_t), n_found = 0;
    for (int i = 0; i < 3; i++)
        assert_int_equal(kedge_detector_update(&d, i), KEDGE_OK);
    for (size_t at = sizeof(kedge_state_head); at < KEDGE_HDDDM_BYTES_FOR(0u, 0u, 0u); at += sizeof(uint32_t)) {
        uint32_t was;
        memcpy(&was, mem + at, sizeof was);
        for (uint32_t other = 2; was == 3 && other <= 4; other += 2) { /* rows of the batch, and of all */
            memcpy(mem + at, &other, sizeof other);
            n_found += kedge_detector_check(&d) == KEDGE_ERR_STATE;
            memcpy(mem + at, &was, sizeof was);
        }
    }
    assert_int_equal(n_found, 2); /* the former cannot be more than the latter */
    for (int i = 0; i < 500; i++)
        assert_int_equal(kedge_detector_update(&d, i % 7), KEDGE_OK);
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    mem[counts] = 1;
    assert_int_equal(kedge_detector_check(&d), KEDGE_ERR_STATE);
    mem[counts] = 0;
    for (size_t k = 0; k < c.n_bins; k++) { /* one row more, one less */
        unsigned char *cell = mem + counts - (k + 1) * sizeof(uint64_t), was = *cell;
        *cell = (unsigned char)(was + 1);
        assert_int_equal(kedge_detector_check(&d), KEDGE_ERR_STATE);
        *cell = (unsigned char)(was - 1);
        assert_int_equal(kedge_detector_check(&d), KEDGE_ERR_STATE);
        *cell = was;
    }
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    guard_free(mem);
}

static void test_sizes(void **unused)
{
    (void)unused;
    for (uint32_t n = 1; n <= KEDGE_HDDDM_MAX_FEATURES; n = 2 * n + n % 5) {
        kedge_hdddm_config c = kedge_hdddm_defaults(n);
        assert_int_equal(kedge_detector_size(&c.base), KEDGE_HDDDM_BYTES_FOR(n, 200u, 14u));
        c.batch_size = 33;
        c.n_bins = 5;
        assert_int_equal(kedge_detector_size(&c.base), KEDGE_HDDDM_BYTES_FOR(n, 33u, 5u));
    }
    kedge_hdddm_config c = kedge_hdddm_defaults(256), none = kedge_hdddm_defaults(0);
    assert_int_equal(kedge_detector_size(&none.base), 0);
    c.batch_size = 1 << 20; /* does not fit 32 bits */
    c.n_bins = 1024;
    assert_int_equal(kedge_detector_size(&c.base),
                     (uint64_t)256 << 23 > UINT32_MAX ? 0 : KEDGE_HDDDM_BYTES_FOR(256u, 1u << 20, 1024u));
    assert_int_equal(kedge_hdddm_config_init(&c, 8, 1), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_hdddm_config_init(NULL, sizeof c, 1), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition), cmocka_unit_test(test_found),    cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_refusals),          cmocka_unit_test(test_extremes), cmocka_unit_test(test_forged),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
