/* SPDX-License-Identifier: MIT */
/* Latency: quantiles against the sorted values for every number of digits, HdrHistogram's figures, hand-computed cases, saturation,
 * corrections against lists of values, merging. */
#include <math.h>
#include <stdlib.h>

#include "latencies.h"

#include "metrics/latency_state.h"

static uint64_t sorted[N_VALUES];

static int compare(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Values of all magnitudes below 2^bits, so that every power of two is met. */
static void fill_magnitudes(size_t n, uint32_t bits, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n; i++)
        values[i] = kedge_rng_next(&rng) >> (64 - bits + kedge_rng_below(&rng, bits));
    memcpy(sorted, values, n * sizeof *values);
    qsort(sorted, n, sizeof *sorted, compare);
}

/* The value of rank ceil(q n), never less, and too much by at most 10^-digits of it. */
static void assert_quantiles_hold(const kedge_metric *m, size_t n, uint32_t digits)
{
    for (int i = 0; i <= 1000; i += digits < 4 ? 1 : 20) { /* 4 digits: half a million buckets to pass each time */
        double q = i / 1000.0;
        size_t rank = ((size_t)i * n + 999) / 1000; /* exact */
        uint64_t want = sorted[rank > 0 ? rank - 1 : 0];
        uint64_t have = quantile(m, q);
        assert_true(have >= want);
        assert_true((double)(have - want) <= pow(10, -(double)digits) * (double)want);
    }
    assert_true(quantile(m, 0) == sorted[0] && quantile(m, 1) == sorted[n - 1]);
}

static void test_size(void **unused)
{
    (void)unused;
    kedge_latency_config cfg = kedge_latency_defaults();
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_LATENCY_BYTES);
    assert_true(cfg.highest == 3600000000000u && cfg.digits == 2);
}

static void test_quantiles_are_right_to_their_digits(void **unused)
{
    (void)unused;
    const size_t lengths[] = {1, 2, 3, 10, 101, N_VALUES};
    for (uint32_t digits = 1; digits <= 4; digits++)
        for (uint32_t bits = 12; bits <= 62; bits += 25)
            for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
                size_t n = lengths[i];
                subject s = latency((uint64_t)1 << 62, digits);
                fill_magnitudes(n, bits, digits * 1000 + bits + n);
                assert_int_equal(kedge_latency_record_many(&s.m, values, n), KEDGE_OK);
                assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
                assert_quantiles_hold(&s.m, n, digits);
                guard_free(s.m.state);
            }
}

/* One value alone: every edge of every power of two, up to the highest. min and max clip the bucket, so it is exact; with a
 * neighbour above, the bucket's upper end shows. */
static void test_every_edge(void **unused)
{
    (void)unused;
    for (uint32_t digits = 1; digits <= 4; digits++)
        for (uint32_t power = 0; power < 62; power++)
            for (int off = -1; off <= 1; off++) {
                subject s = latency((uint64_t)1 << 62, digits);
                uint64_t x = ((uint64_t)1 << power) + (uint64_t)(int64_t)off;
                assert_int_equal(kedge_latency_record(&s.m, x), KEDGE_OK);
                assert_true(quantile(&s.m, 0.5) == x);
                assert_int_equal(kedge_latency_record(&s.m, (uint64_t)1 << 62), KEDGE_OK);
                uint64_t upper = quantile(&s.m, 0.5);
                assert_true(upper >= x && (double)(upper - x) <= pow(10, -(double)digits) * (double)x);
                assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
                guard_free(s.m.state);
            }
}

static void test_by_hand(void **unused)
{
    (void)unused;
    subject s = latency(3600000000000u, 2);
    kedge_latency_report r;
    uint64_t ns = 7;
    assert_int_equal(kedge_latency_read(&s.m, &r), KEDGE_EMPTY);
    assert_true(r.n == 0 && r.min == 0 && r.max == 0 && r.p50 == 0 && isnan(r.mean));
    assert_int_equal(kedge_latency_quantile(&s.m, 0.5, &ns), KEDGE_EMPTY);
    assert_true(ns == 0);
    for (uint64_t x = 1; x <= 100; x++) /* below 2^8 every value has a bucket of its own */
        assert_int_equal(kedge_latency_record(&s.m, x), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&s.m, &r), KEDGE_OK);
    assert_true(r.n == 100 && r.n_above == 0 && r.min == 1 && r.max == 100 && r.mean == 50.5);
    assert_true(r.p50 == 50 && r.p90 == 90 && r.p99 == 99 && r.p999 == 100);
    assert_int_equal(kedge_latency_record(&s.m, 1000), KEDGE_OK);
    assert_int_equal(kedge_latency_record(&s.m, 5000), KEDGE_OK);
    assert_true(quantile(&s.m, 0.985) == 1003); /* rank 101; 512 to 1023 in steps of 4: 1000 to 1003 */
    guard_free(s.m.state);
}

/* What is above the highest is counted and keeps max exact, and does not pull up those that are not. */
static void test_saturation(void **unused)
{
    (void)unused;
    subject s = latency(1000, 1);
    kedge_latency_report r;
    const uint64_t x[] = {1000, 1000, 990, 1000, 995, 1000, 1001, 1000, 5000, UINT64_MAX};
    assert_int_equal(kedge_latency_record_many(&s.m, x, 10), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&s.m, &r), KEDGE_OK);
    assert_true(r.n == 10 && r.n_above == 3 && r.min == 990 && r.max == UINT64_MAX);
    assert_true(r.p50 == 1000 && r.p90 == UINT64_MAX);
    assert_true(quantile(&s.m, 0.7) == 1000 && quantile(&s.m, 0.71) == UINT64_MAX);
    assert_close(r.mean, (6986.0 + 6001.0 + 18446744073709551615.0) / 10, 1e-15);
    guard_free(s.m.state);
}

/* A sum beyond 2^64 and beyond the 53 bits of a double loses no nanosecond. */
static void test_the_sum_is_exact(void **unused)
{
    (void)unused;
    subject s = latency((uint64_t)1 << 62, 1);
    kedge_latency_report r;
    for (int i = 0; i < 4; i++)
        assert_int_equal(kedge_latency_record(&s.m, UINT64_MAX), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&s.m, &r), KEDGE_OK);
    assert_true(r.mean == 18446744073709551616.0);
    assert_int_equal(kedge_metric_reset(&s.m), KEDGE_OK);
    assert_int_equal(kedge_latency_record(&s.m, (uint64_t)1 << 60), KEDGE_OK);
    for (int i = 0; i < 1023; i++) /* a double would round each of these away */
        assert_int_equal(kedge_latency_record(&s.m, 100), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&s.m, &r), KEDGE_OK);
    assert_true(r.mean == 1125899906842624.0 + 102300.0 / 1024);
    guard_free(s.m.state);
}

/* q * n rounds to a little more than the whole number that it is: 0.07 * 100, 0.29 * 100, 0.57 * 100. */
static void test_ranks_are_decimals(void **unused)
{
    (void)unused;
    subject s = latency(3600000000000u, 2);
    for (uint64_t x = 1; x <= 100; x++)
        assert_int_equal(kedge_latency_record(&s.m, x), KEDGE_OK);
    for (int i = 1; i <= 100; i++)
        assert_true(quantile(&s.m, i / 100.0) == (uint64_t)i);
    assert_true(quantile(&s.m, 0.0701) == 8);
    guard_free(s.m.state);
}

static void test_only_above(void **unused)
{
    (void)unused;
    subject s = latency(1000, 3);
    assert_int_equal(kedge_latency_record(&s.m, 7000), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    assert_true(quantile(&s.m, 0) == 7000 && quantile(&s.m, 0.5) == 7000 && quantile(&s.m, 1) == 7000);
    guard_free(s.m.state);
}

/* Two halves together are the whole, to the byte: sums are exact. */
static void test_merge_is_the_whole(void **unused)
{
    (void)unused;
    fill_magnitudes(N_VALUES, 62, 9);
    const size_t cuts[] = {0, 1, N_VALUES / 3, N_VALUES};
    subject whole = latency((uint64_t)1 << 37, 2);
    assert_int_equal(kedge_latency_record_many(&whole.m, values, N_VALUES), KEDGE_OK);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        subject a = latency((uint64_t)1 << 37, 2);
        subject b = latency((uint64_t)1 << 37, 2);
        assert_int_equal(kedge_latency_record_many(&a.m, values, cuts[i]), KEDGE_OK);
        assert_int_equal(kedge_latency_record_many(&b.m, values + cuts[i], N_VALUES - cuts[i]), KEDGE_OK);
        assert_int_equal(kedge_metric_merge(&a.m, &b.m), KEDGE_OK);
        assert_memory_equal(a.m.state, whole.m.state, whole.bytes);
        guard_free(a.m.state);
        guard_free(b.m.state);
    }
    subject other = latency((uint64_t)1 << 37, 3);
    assert_int_equal(kedge_metric_merge(&whole.m, &other.m), KEDGE_ERR_CONFIG);
    guard_free(other.m.state);
    guard_free(whole.m.state);
}

/* Figures of HdrHistogram (PyPI hdrhistogram 0.10.8): HdrHistogram(lowest, 'highest', digits) with the values of golden_value(1 ...
 * 10000); get_value_at_percentile of 10, 50, 90, 99, 99.9, 99.99, get_stddev(). Its quantiles are ends of buckets also above the
 * greatest value. */
static uint64_t golden_value(uint64_t i)
{
    return (i * 2654435761u) % ((uint64_t)1 << 32) >> (i % 28);
}

static void test_equal_to_hdrhistogram(void **unused)
{
    (void)unused;
    static const double shares[] = {0.1, 0.5, 0.9, 0.99, 0.999, 0.9999};
    static const struct {
        uint64_t lowest, highest;
        uint32_t digits;
        uint64_t quantiles[6];
        double deviation;
    } golden[] = {
        {1, 3600000000000, 1, {57, 139263, 352321535, 3221225471, 4294967295, 4294967295}, 520288204.10688937},
        {1, 3600000000000, 2, {57, 132095, 348127231, 3103784959, 4177526783, 4294967295}, 520365549.05459535},
        {1, 3600000000000, 3, {57, 131455, 346292223, 3097493503, 4169138175, 4280287231}, 520362972.3198036},
        {1000, 3600000000000, 3, {511, 131583, 346292223, 3097493503, 4169138175, 4280287231}, 520362963.99299276},
        {1, 3600000000000, 4, {57, 131439, 346046463, 3096707071, 4167958527, 4279369727}, 520361129.24600625},
        {5000, 10000000000, 2, {4095, 135167, 348127231, 3103784959, 4177526783, 4294967295}, 520365420.24053299},
        {1, 3600000000000, 5, {57, 131432, 346036223, 3096690687, 4167860223, 4279336959}, 520361212.23090112},
    };
    for (size_t k = 0; k < sizeof golden / sizeof *golden; k++) {
        subject s = ranged(golden[k].lowest, golden[k].highest, golden[k].digits);
        kedge_latency_report r;
        for (uint64_t i = 1; i <= 10000; i++)
            assert_int_equal(kedge_latency_record(&s.m, golden_value(i)), KEDGE_OK);
        assert_int_equal(kedge_latency_read(&s.m, &r), KEDGE_OK);
        for (size_t j = 0; j < 6; j++) {
            uint64_t want = golden[k].quantiles[j] < r.max ? golden[k].quantiles[j] : r.max;
            assert_true(quantile(&s.m, shares[j]) == want);
        }
        assert_close(r.deviation, golden[k].deviation, 1e-12);
        assert_true(r.p50 == quantile(&s.m, 0.5) && r.p9999 == quantile(&s.m, 0.9999));
        guard_free(s.m.state);
    }
}

/* The bounds of a value's bucket, step by step: widths double until the value has less than 2^bits of them before it. */
static void naive_bounds(uint64_t x, uint64_t lowest, uint32_t digits, uint64_t *from, uint64_t *to)
{
    static const uint64_t steps[] = {0, 32, 256, 2048, 32768, 262144};
    uint32_t shift = 0;
    while ((lowest >> (shift + 1)) > 0)
        shift++;
    while (x >> shift >= steps[digits])
        shift++;
    *from = x >> shift << shift;
    *to = *from + (((uint64_t)1 << shift) - 1);
}

static void test_buckets_are_as_stated(void **unused)
{
    (void)unused;
    static const uint64_t lowests[] = {1, 2, 1000, 1024, 1000000, (uint64_t)1 << 40};
    kedge_rng rng = {3};
    for (uint32_t digits = 1; digits <= 5; digits++)
        for (size_t k = 0; k < sizeof lowests / sizeof *lowests; k++) {
            latency_scale scale = {lowests[k], (uint64_t)1 << 60, digits, 0, 0, 0};
            kedge_i_latency_scale_layout(&scale);
            for (int i = 0; i < 20000; i++) {
                uint64_t x = kedge_rng_next(&rng) >> (4 + kedge_rng_below(&rng, 60)), from, to;
                uint32_t bucket = kedge_i_latency_bucket(&scale, x);
                naive_bounds(x, lowests[k], digits, &from, &to);
                assert_true(bucket < scale.n - 1 && kedge_i_latency_from(&scale, bucket) == from);
                assert_true(kedge_i_latency_to(&scale, bucket) == to && kedge_i_latency_bucket(&scale, to + 1) == bucket + 1);
                assert_true(to - from < lowests[k] || (double)(to - from) <= pow(10, -(double)digits) * (double)from);
            }
            assert_int_equal(kedge_i_latency_bucket(&scale, scale.highest), scale.n - 2);
            assert_int_equal(kedge_i_latency_bucket(&scale, scale.highest + 1), scale.n - 1);
        }
}

static void test_times_is_one_by_one(void **unused)
{
    (void)unused;
    subject a = latency(100000, 2), b = latency(100000, 2);
    for (uint64_t i = 0; i < 40; i++) {
        for (uint64_t k = 0; k < i; k++)
            assert_int_equal(kedge_latency_record(&a.m, i * 7919), KEDGE_OK);
        assert_int_equal(kedge_latency_record_times(&b.m, i * 7919, i), KEDGE_OK);
    }
    assert_memory_equal(a.m.state, b.m.state, a.bytes);
    assert_int_equal(kedge_latency_record_times(&b.m, 5, ((uint64_t)1 << 62) - 780), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&b.m), KEDGE_OK);
    assert_int_equal(kedge_latency_record_times(&b.m, 5, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_record(&b.m, 5), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_record_many(&b.m, values, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_record_expected(&b.m, 5, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_metric_merge(&a.m, &b.m), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_copy(&b.m, 0, &a.m), KEDGE_ERR_RANGE);
    guard_free(a.m.state);
    guard_free(b.m.state);
}

/* The values that HdrHistogram's recordValueWithExpectedInterval records (Java, C, Rust), one by one. */
static void naive_expected(const kedge_metric *m, uint64_t ns, uint64_t interval, uint64_t times)
{
    kedge_metric own = *m;
    assert_int_equal(kedge_latency_record_times(&own, ns, times), KEDGE_OK);
    if (interval == 0 || ns <= interval)
        return;
    for (uint64_t missing = ns - interval; missing >= interval; missing -= interval)
        assert_int_equal(kedge_latency_record_times(&own, missing, times), KEDGE_OK);
}

static void test_expected_is_one_by_one(void **unused)
{
    (void)unused;
    kedge_rng rng = {11};
    for (uint32_t digits = 1; digits <= 3; digits++) {
        subject a = ranged(digits, 100000, digits), b = ranged(digits, 100000, digits); /* some are above */
        for (int i = 0; i < 400; i++) {
            uint64_t ns = kedge_rng_next(&rng) >> (46 + kedge_rng_below(&rng, 18));
            uint64_t interval = kedge_rng_next(&rng) >> (46 + kedge_rng_below(&rng, 18));
            if (i % 3 == 0)
                interval = 1 + kedge_rng_below(&rng, 50);
            if (i % 5 == 0)
                ns = interval * kedge_rng_below(&rng, 7); /* whole multiples, 0 and 1 of them too */
            assert_int_equal(kedge_latency_record_expected(&a.m, ns, interval), KEDGE_OK);
            naive_expected(&b.m, ns, interval, 1);
            assert_memory_equal(a.m.state, b.m.state, a.bytes);
        }
        assert_int_equal(kedge_metric_check(&a.m), KEDGE_OK);
        guard_free(a.m.state);
        guard_free(b.m.state);
    }
}

/* A stall that stands for 2^61 values takes no longer than one that stands for a few, and its sum is exact: n (n + 1) / 2. */
static void test_a_huge_stall(void **unused)
{
    (void)unused;
    subject s = latency((uint64_t)1 << 62, 1);
    kedge_latency_report r;
    uint64_t n = (uint64_t)1 << 61;
    assert_int_equal(kedge_latency_record_expected(&s.m, n, 1), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&s.m, &r), KEDGE_OK);
    assert_true(r.n == n && r.min == 1 && r.max == n);
    assert_close(r.mean, (double)n / 2, 1e-15);
    assert_close(r.deviation, (double)n / sqrt(12), 0.05); /* of a uniform distribution; buckets of 1 / 16 */
    void *before = guard_copy(s.m.state, s.bytes);
    assert_int_equal(kedge_latency_record_expected(&s.m, UINT64_MAX, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_record_expected(&s.m, n, 1), KEDGE_OK); /* just full */
    assert_int_equal(kedge_latency_record_expected(&s.m, 1, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    memcpy(s.m.state, before, s.bytes);
    assert_int_equal(kedge_latency_record_expected(&s.m, n + 1, 1), KEDGE_ERR_RANGE);
    assert_memory_equal(s.m.state, before, s.bytes);
    guard_free(before);
    guard_free(s.m.state);
}

/* Below 2^11 every value has a bucket of its own: correcting afterwards is correcting each. */
static void test_copies(void **unused)
{
    (void)unused;
    kedge_rng rng = {4};
    for (uint64_t interval = 0; interval < 300; interval += 37) {
        subject a = latency(100000, 3), b = latency(100000, 3), c = latency(100000, 3);
        kedge_latency_report r, corrected;
        for (int i = 0; i < 200; i++) {
            uint64_t ns = kedge_rng_below(&rng, 2048), times = 1 + kedge_rng_below(&rng, 5);
            assert_int_equal(kedge_latency_record_times(&a.m, ns, times), KEDGE_OK);
            naive_expected(&b.m, ns, interval, times);
        }
        assert_int_equal(kedge_latency_copy(&a.m, interval, &c.m), KEDGE_OK);
        assert_memory_equal(c.m.state, b.m.state, b.bytes);
        assert_int_equal(kedge_latency_copy(&a.m, interval, &c.m), KEDGE_OK); /* twice: twice the values */
        assert_int_equal(kedge_latency_read(&b.m, &r), KEDGE_OK);
        assert_int_equal(kedge_latency_read(&c.m, &corrected), KEDGE_OK);
        assert_true(corrected.n == 2 * r.n && corrected.p99 == r.p99 && corrected.mean == r.mean);
        assert_int_equal(kedge_metric_check(&c.m), KEDGE_OK);
        guard_free(a.m.state);
        guard_free(b.m.state);
        guard_free(c.m.state);
    }
}

static void test_copies_refuse(void **unused)
{
    (void)unused;
    subject a = latency(100000, 3), b = latency(100000, 2), c = latency(100000, 3);
    assert_int_equal(kedge_latency_copy(&a.m, 0, &a.m), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_latency_copy(&a.m, 0, &b.m), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_latency_copy(&a.m, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_latency_copy(&a.m, 0, &c.m), KEDGE_OK); /* nothing */
    assert_memory_equal(a.m.state, c.m.state, a.bytes);
    assert_int_equal(kedge_latency_record_times(&a.m, 99999, (uint64_t)1 << 50), KEDGE_OK);
    assert_int_equal(kedge_latency_copy(&a.m, 2, &c.m), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_latency_copy(&a.m, 100, &c.m), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&c.m), KEDGE_OK);
    assert_int_equal(kedge_latency_record(&a.m, 12345678), KEDGE_OK); /* above: corrected as highest */
    assert_int_equal(kedge_latency_copy(&a.m, 50000, &c.m), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&c.m), KEDGE_OK);
    guard_free(a.m.state);
    guard_free(b.m.state);
    guard_free(c.m.state);
}

static void test_shares_and_counts(void **unused)
{
    (void)unused;
    subject s = latency(1000, 3); /* every value up to 1000 has a bucket of its own */
    kedge_rng rng = {8};
    uint64_t n = 7;
    double share = 0;
    assert_int_equal(kedge_latency_share(&s.m, 5, &share), KEDGE_EMPTY);
    assert_true(isnan(share));
    assert_int_equal(kedge_latency_count(&s.m, 5, 5, &n), KEDGE_OK);
    assert_true(n == 0);
    for (int i = 0; i < N_VALUES; i++)
        values[i] = kedge_rng_below(&rng, 1050);
    assert_int_equal(kedge_latency_record_many(&s.m, values, N_VALUES), KEDGE_OK);
    for (uint64_t x = 0; x <= 1000; x += 50) {
        uint64_t below = 0, between = 0;
        for (int i = 0; i < N_VALUES; i++) {
            below += values[i] <= x;
            between += values[i] >= x / 3 && values[i] <= x;
        }
        assert_int_equal(kedge_latency_share(&s.m, x, &share), KEDGE_OK);
        assert_true(share == (double)below / N_VALUES);
        assert_int_equal(kedge_latency_count(&s.m, x / 3, x, &n), KEDGE_OK);
        assert_true(n == between);
    }
    assert_int_equal(kedge_latency_share(&s.m, 1001, &share), KEDGE_OK); /* all above are one bucket */
    assert_true(share == 1);
    assert_int_equal(kedge_latency_count(&s.m, 1001, UINT64_MAX, &n), KEDGE_OK);
    kedge_latency_report r;
    assert_int_equal(kedge_latency_read(&s.m, &r), KEDGE_OK);
    assert_true(n == r.n_above && n > 0);
    assert_int_equal(kedge_latency_count(&s.m, 5, 4, &n), KEDGE_ERR_RANGE);
    guard_free(s.m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_quantiles_are_right_to_their_digits),
        cmocka_unit_test(test_every_edge),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_equal_to_hdrhistogram),
        cmocka_unit_test(test_buckets_are_as_stated),
        cmocka_unit_test(test_saturation),
        cmocka_unit_test(test_only_above),
        cmocka_unit_test(test_the_sum_is_exact),
        cmocka_unit_test(test_ranks_are_decimals),
        cmocka_unit_test(test_merge_is_the_whole),
        cmocka_unit_test(test_times_is_one_by_one),
        cmocka_unit_test(test_expected_is_one_by_one),
        cmocka_unit_test(test_a_huge_stall),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_copies_refuse),
        cmocka_unit_test(test_shares_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
