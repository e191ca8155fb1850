/* SPDX-License-Identifier: MIT */
/* Latency: quantiles against the sorted values for every number of digits, hand-computed cases, saturation, merging, forged states. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { N_VALUES = 3000 };

static uint64_t values[N_VALUES];
static uint64_t sorted[N_VALUES];

typedef struct subject {
    kedge_metric m;
    size_t bytes;
} subject;

static subject latency(uint64_t highest, uint32_t digits)
{
    kedge_latency_config cfg = kedge_latency_defaults();
    subject s = {{NULL, NULL}, 0};
    cfg.highest = highest;
    cfg.digits = digits;
    s.bytes = kedge_metric_size(&cfg.base);
    assert_true(s.bytes > 0);
    assert_int_equal(kedge_metric_init(&s.m, &cfg.base, guard_new(s.bytes, 0xA5), s.bytes), KEDGE_OK);
    return s;
}

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

static uint64_t quantile(const kedge_metric *m, double q)
{
    uint64_t ns = 0;
    assert_int_equal(kedge_latency_quantile(m, q, &ns), KEDGE_OK);
    return ns;
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

/* One value alone: every edge of every power of two, up to the highest. min and max clip the bucket, so it is exact; with a neighbour
 * above, the bucket's upper end shows. */
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

/* Every number of the state replaced in turn: n, n_above, min, max, the sum, a filled and an empty bucket, by the order of the state. */
static void test_check_finds_forged(void **unused)
{
    (void)unused;
    const uint64_t nan_bits = 0x7FF8000000000000u;
    const uint64_t bad[] = {UINT64_MAX - 1, nan_bits, (uint64_t)1 << 63, (uint64_t)1 << 40, 3};
    const size_t places[] = {48, 56, 64, 72, 80, 88, 96 + 8 * 5, 96 + 8 * 6};
    subject s = latency(100000, 2);
    unsigned char *bytes = s.m.state;
    assert_int_equal(kedge_latency_record(&s.m, 5), KEDGE_OK);
    assert_int_equal(kedge_latency_record(&s.m, 90), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
            uint64_t kept;
            memcpy(&kept, bytes + places[i], sizeof kept);
            memcpy(bytes + places[i], &bad[k], sizeof kept);
            assert_int_equal(kedge_metric_check(&s.m), KEDGE_ERR_STATE);
            memcpy(bytes + places[i], &kept, sizeof kept);
        }
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    guard_free(s.m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_quantiles_are_right_to_their_digits),
        cmocka_unit_test(test_every_edge),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_saturation),
        cmocka_unit_test(test_only_above),
        cmocka_unit_test(test_the_sum_is_exact),
        cmocka_unit_test(test_ranks_are_decimals),
        cmocka_unit_test(test_merge_is_the_whole),
        cmocka_unit_test(test_check_finds_forged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
