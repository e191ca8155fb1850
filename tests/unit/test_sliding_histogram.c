/* SPDX-License-Identifier: MIT */
/* Sliding histogram against its definition, observation by observation, and what its alarms tell. */
#include <math.h>
#include <stdlib.h>

#include "sliding.h"

enum { N = 1500, MAX_SAMPLE = 64, MAX_BINS = 64 };

/* Bins of a reference, by the definition: quantiles, and what fills a bin alone apart. */
typedef struct bins {
    double edges[2 * MAX_BINS];
    size_t n;
    int are_codes;
} bins;

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t count_of(const double *x, size_t n, double value)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] == value;
    return count;
}

static void add_edge(bins *b, double edge)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->edges[i] == edge)
            return;
    b->edges[b->n++] = edge;
    qsort(b->edges, b->n, sizeof *b->edges, by_value);
}

static bins quantile_bins(const double *reference, size_t n, size_t n_bins)
{
    bins b = {{0}, 0, 0};
    double x[MAX_SAMPLE];
    memcpy(x, reference, n * sizeof *x);
    qsort(x, n, sizeof *x, by_value);
    for (size_t k = 1; k < n_bins; k++) {
        double edge = x[(size_t)ceil((double)(k * n) / (double)n_bins) - 1];
        if (count_of(x, n, edge) * n_bins >= n)
            add_edge(&b, nextafter(edge, -INFINITY));
        add_edge(&b, edge);
    }
    return b;
}

/* The n_bins most frequent, of equally frequent ones the smaller. */
static bins code_bins(const double *reference, size_t n, size_t n_bins)
{
    bins b = {{0}, 0, 1};
    double x[MAX_SAMPLE];
    memcpy(x, reference, n * sizeof *x);
    qsort(x, n, sizeof *x, by_value);
    while (b.n < n_bins) {
        size_t most = 0, at = 0;
        for (size_t i = 0; i < n; i++)
            if (count_of(b.edges, b.n, x[i]) == 0 && count_of(x, n, x[i]) > most) {
                most = count_of(x, n, x[i]);
                at = i;
            }
        if (most == 0)
            break;
        add_edge(&b, x[at]);
    }
    return b;
}

static size_t bin_of(const bins *b, double x)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->are_codes ? x == b->edges[i] : x <= b->edges[i])
            return i;
    return b->n;
}

static double naive_distance(const bins *b, const double *reference, size_t n, const double *window, size_t m,
                             const kedge_sliding_histogram_config *c)
{
    double sum = 0;
    for (size_t i = 0; i <= b->n; i++) {
        double p = c->pseudo_count, q = c->pseudo_count;
        for (size_t k = 0; k < n; k++)
            p += bin_of(b, reference[k]) == i;
        for (size_t k = 0; k < m; k++)
            q += bin_of(b, window[k]) == i;
        p /= (double)n + (double)(b->n + 1) * c->pseudo_count;
        q /= (double)m + (double)(b->n + 1) * c->pseudo_count;
        double middle = (p + q) / 2;
        switch (c->distance) {
        case KEDGE_HISTOGRAM_PSI: sum += (p - q) * log(p / q); break;
        case KEDGE_HISTOGRAM_KULLBACK_LEIBLER: sum += q * log(q / p); break;
        case KEDGE_HISTOGRAM_JENSEN_SHANNON: sum += p * log(p / middle) / 2 + q * log(q / middle) / 2; break;
        case KEDGE_HISTOGRAM_HELLINGER: sum += (sqrt(p) - sqrt(q)) * (sqrt(p) - sqrt(q)) / 2; break;
        case KEDGE_HISTOGRAM_CHI_SQUARED: sum += (q - p) * (q - p) / p; break;
        default: sum += fabs(p - q) / 2;
        }
    }
    sum = fmax(sum, 0);
    return c->distance == KEDGE_HISTOGRAM_JENSEN_SHANNON || c->distance == KEDGE_HISTOGRAM_HELLINGER ? sqrt(sum) : sum;
}

/* Every statistic and every alarm from the definition. Returns the alarms. */
static unsigned compare(const double *x, const kedge_sliding_histogram_config *c)
{
    size_t bytes = kedge_detector_size(&c->base);
    unsigned char *mem = guard_new(bytes, 0xA5);
    kedge_detector d;
    const double *reference = x;
    size_t from = c->n_reference; /* where the window can begin */
    unsigned n_alarms = 0;
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        kedge_estimate e;
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        if (i < from) {
            assert_int_equal(st, KEDGE_OK);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
            continue;
        }
        bins b = c->binning == KEDGE_BINS_VALUES ? code_bins(reference, c->n_reference, c->n_bins)
                                                 : quantile_bins(reference, c->n_reference, c->n_bins);
        size_t held = i + 1 - from < c->window_size ? i + 1 - from : c->window_size;
        double distance = naive_distance(&b, reference, c->n_reference, x + i + 1 - held, held, c);
        if (held < c->window_size || distance < c->threshold - 1e-9) {
            assert_int_equal(st, KEDGE_OK);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
            assert_int_equal(e.width, held);
            assert_close(e.statistic, held == c->window_size ? distance : 0, 1e-7); /* a root of 1e-15 */
            continue;
        }
        kedge_alarm a;
        assert_int_equal(st, KEDGE_DRIFT);
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_close(a.statistic, distance, 1e-9);
        assert_true(isnan(a.log_evidence) && a.at == i && a.changed_at <= i && a.changed_at > i - held &&
                    a.threshold == c->threshold);
        n_alarms++;
        from = i + 1;
        if (c->on_drift == KEDGE_SLIDING_RELEARN) {
            reference = x + from;
            from += c->n_reference;
        }
    }
    guard_free(mem);
    return n_alarms;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static double x[N];
    kedge_rng rng = {3};
    unsigned n_alarms = 0;
    for (uint64_t seed = 0; seed < 48; seed++) {
        kedge_sliding_histogram_config c = kedge_sliding_histogram_defaults();
        double levels = (double)(1 + kedge_rng_below(&rng, 6)); /* few: many ties */
        c.n_reference = 2 + (uint32_t)kedge_rng_below(&rng, MAX_SAMPLE - 2);
        c.window_size = 2 + (uint32_t)kedge_rng_below(&rng, MAX_SAMPLE - 2);
        c.n_bins = 2 + (uint32_t)kedge_rng_below(&rng, 12);
        c.distance = KEDGE_HISTOGRAM_PSI + (uint32_t)seed / 2 % 6; /* each with either way after drift */
        c.binning = seed % 3 ? KEDGE_BINS_QUANTILES : KEDGE_BINS_VALUES;
        c.pseudo_count = seed % 2 ? 0.5 : 1e-3;
        int is_bounded = c.distance >= KEDGE_HISTOGRAM_JENSEN_SHANNON && c.distance <= KEDGE_HISTOGRAM_TOTAL_VARIATION;
        c.threshold = is_bounded ? 0.2 + 0.3 * kedge_rng_uniform(&rng) : 1.0 + kedge_rng_uniform(&rng);
        c.on_drift = seed % 2 ? KEDGE_SLIDING_KEEP : KEDGE_SLIDING_RELEARN;
        fill_normal(x, N, 0, 1, seed);
        for (size_t i = 0; i < N; i++) {
            double value = x[i] * (i > N / 2 ? 2 : 1) + (i % 500 > 250 ? 1 : 0);
            x[i] = seed % 4 ? floor(value * levels) / levels : value;
        }
        n_alarms += compare(x, &c);
    }
    assert_true(n_alarms > 100);
}

static void test_reference(void **unused)
{
    (void)unused;
    kedge_sliding_histogram_config c = kedge_sliding_histogram_defaults();
    c.n_reference = SLIDING_REFERENCE;
    c.window_size = 300;
    c.threshold = 0.25;
    sliding_expect_reference(&c.base, kedge_sliding_histogram_reference, 0.3);
}

/* A code that was never seen, values below a constant, above it, and a code that comes seldom: each is drift; the constant itself
 * is none. */
static void test_news(void **unused)
{
    (void)unused;
    static const double then[] = {3, 2, 4, 3};
    for (size_t t = 0; t < sizeof then / sizeof *then; t++)
        for (int codes = 0; codes < 2; codes++) {
            kedge_sliding_histogram_config c = kedge_sliding_histogram_defaults();
            c.binning = codes ? KEDGE_BINS_VALUES : KEDGE_BINS_QUANTILES;
            c.n_reference = 100;
            c.window_size = 100;
            size_t bytes = kedge_detector_size(&c.base);
            unsigned char *mem = guard_new(bytes, 0);
            kedge_detector d;
            kedge_alarm a;
            unsigned n_alarms = 0;
            assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
            for (size_t i = 0; i < 600; i++)
                n_alarms += kedge_detector_update(&d, i < 500 ? 3 : then[t]) == KEDGE_DRIFT;
            assert_int_equal(n_alarms, then[t] != 3);
            if (n_alarms) {
                assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
                assert_true(a.changed_at == 500 && a.mean_before == 3 && a.mean_after == then[t]);
            }
            guard_free(mem);
        }
}

static void test_sizes(void **unused)
{
    (void)unused;
    for (uint32_t n = 2; n < 600; n += 1 + n / 7)
        for (uint32_t k = 2; k <= 256; k += 1 + k / 3) {
            kedge_sliding_histogram_config c = kedge_sliding_histogram_defaults();
            c.n_reference = n % 2 ? n : 7;
            c.window_size = n % 2 ? 7 : n;
            c.n_bins = k;
            assert_int_equal(kedge_detector_size(&c.base), KEDGE_SLIDING_HISTOGRAM_BYTES_FOR(n > 7 ? n : 7, k));
        }
    kedge_sliding_histogram_config c = kedge_sliding_histogram_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_SLIDING_HISTOGRAM_BYTES);
    assert_int_equal(kedge_sliding_histogram_config_init(&c, 8), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_sliding_histogram_config_init(NULL, sizeof c), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_news),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
