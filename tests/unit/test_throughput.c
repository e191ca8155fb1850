/* SPDX-License-Identifier: MIT */
/* Throughput: hand-computed rates, faded rates and peak against sums over the list of records, time that goes back. */
#include <math.h>

#include "support.h"

enum { N_RECORDS = 500 };

static const uint64_t second = 1000000000u;

static union {
    double align;
    unsigned char bytes[KEDGE_THROUGHPUT_BYTES];
} memory;

static kedge_metric throughput(uint64_t half_life_ns)
{
    kedge_throughput_config cfg = kedge_throughput_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.half_life_ns = half_life_ns;
    assert_int_equal(kedge_metric_init(&m, &cfg.base, &memory, sizeof memory), KEDGE_OK);
    return m;
}

static void test_size(void **unused)
{
    (void)unused;
    kedge_throughput_config cfg = kedge_throughput_defaults();
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_THROUGHPUT_BYTES);
    assert_true(cfg.half_life_ns == 10 * second);
}

/* 10 items a second, then 30, of half-life 1 s: the last second weighs 1/2, the one before 1/4, of 3/4 in all. */
static void test_by_hand(void **unused)
{
    (void)unused;
    kedge_metric m = throughput(second);
    kedge_throughput_report r;
    assert_int_equal(kedge_throughput_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n == 0 && r.elapsed_ns == 0 && isnan(r.per_second) && isnan(r.recent_per_second));
    assert_int_equal(kedge_throughput_record(&m, 5 * second, 1000), KEDGE_OK);
    assert_int_equal(kedge_throughput_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n == 1000 && isnan(r.per_second));
    assert_int_equal(kedge_throughput_record(&m, 6 * second, 10), KEDGE_OK);
    assert_int_equal(kedge_throughput_read(&m, &r), KEDGE_OK);
    assert_close(r.per_second, 10, 1e-15);
    assert_close(r.recent_per_second, 10, 1e-15);
    assert_int_equal(kedge_throughput_record(&m, 7 * second, 30), KEDGE_OK);
    assert_int_equal(kedge_throughput_read(&m, &r), KEDGE_OK);
    assert_true(r.n == 1040 && r.elapsed_ns == 2 * second);
    assert_close(r.per_second, 20, 1e-15);
    assert_close(r.recent_per_second, (30 / 2.0 + 10 / 4.0) / 0.75, 1e-15);
}

/* Each interval's rate, weighted by the integral of 2^-age over it; items of no interval by the weight of their moment. The
 * integral is computed by Simpson's rule, not from its closed form. */
static double moment(double age_seconds)
{
    return pow(0.5, age_seconds * 3); /* half-life 1/3 s */
}

static double simpson(double from, double to)
{
    enum { STEPS = 20 };
    double sum = 0, h = (to - from) / STEPS;
    for (int i = 0; i < STEPS; i += 2)
        sum += moment(from + i * h) + 4 * moment(from + (i + 1) * h) + moment(from + (i + 2) * h);
    return sum * h / 3;
}

static void test_fades_as_the_sum_says(void **unused)
{
    (void)unused;
    kedge_metric m = throughput(second / 3);
    kedge_rng rng = {5};
    static uint64_t at[N_RECORDS];
    static uint64_t items[N_RECORDS];
    for (size_t i = 0; i < N_RECORDS; i++) {
        at[i] = (i > 0 ? at[i - 1] : 77) + kedge_rng_below(&rng, 4) * (second / 50);
        items[i] = kedge_rng_below(&rng, 20);
        assert_int_equal(kedge_throughput_record(&m, at[i], items[i]), KEDGE_OK);
        assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        double n = 0, time = 0, all = 0;
        for (size_t k = 1; k <= i; k++) {
            double seconds = (double)(at[k] - at[k - 1]) * 1e-9;
            double weight = simpson((double)(at[i] - at[k]) * 1e-9, (double)(at[i] - at[k - 1]) * 1e-9);
            n += seconds > 0 ? weight / seconds * (double)items[k] : moment((double)(at[i] - at[k]) * 1e-9) * (double)items[k];
            time += weight;
            all += (double)items[k];
        }
        kedge_throughput_report r;
        if (kedge_throughput_read(&m, &r) == KEDGE_OK) {
            assert_close(r.recent_per_second, n / time, 1e-9);
            assert_close(r.per_second, all / ((double)(at[i] - at[0]) * 1e-9), 1e-12);
        } else {
            assert_true(at[i] == at[0]);
        }
    }
}

static void test_refuses_and_stays(void **unused)
{
    (void)unused;
    kedge_metric m = throughput(second);
    unsigned char before[sizeof memory];
    assert_int_equal(kedge_throughput_record(&m, 100, 1), KEDGE_OK);
    assert_int_equal(kedge_throughput_record(&m, 100, 2), KEDGE_OK); /* standing still is allowed */
    memcpy(before, &memory, sizeof before);
    assert_int_equal(kedge_throughput_record(&m, 99, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_throughput_record(&m, 101, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_memory_equal(before, &memory, sizeof before);
    assert_int_equal(kedge_metric_merge(&m, &m), KEDGE_ERR_UNSUPPORTED);
}

/* The rate does not depend on how often one records, and a long pause does not outlive its half-life. */
static void test_steps_do_not_matter(void **unused)
{
    (void)unused;
    kedge_throughput_report coarse, fine;
    kedge_metric m = throughput(second);
    assert_int_equal(kedge_throughput_record(&m, 0, 0), KEDGE_OK);
    assert_int_equal(kedge_throughput_record(&m, 3600 * second, 0), KEDGE_OK);
    assert_int_equal(kedge_throughput_record(&m, 3601 * second, 1000), KEDGE_OK);
    assert_int_equal(kedge_throughput_read(&m, &coarse), KEDGE_OK);
    assert_close(coarse.recent_per_second, 500, 1e-12); /* after one half-life half of it is the new rate */
    m = throughput(second);
    assert_int_equal(kedge_throughput_record(&m, 0, 0), KEDGE_OK);
    for (uint64_t i = 1; i <= 3600; i++)
        assert_int_equal(kedge_throughput_record(&m, i * second, 0), KEDGE_OK);
    for (uint64_t i = 1; i <= 1000; i++)
        assert_int_equal(kedge_throughput_record(&m, 3600 * second + i * second / 1000, 1), KEDGE_OK);
    assert_int_equal(kedge_throughput_read(&m, &fine), KEDGE_OK);
    assert_close(fine.recent_per_second, coarse.recent_per_second, 1e-12);
    assert_true(fine.per_second == coarse.per_second);
}

/* The whole range of the clock, and a pause in which everything fades to nothing. */
static void test_extremes(void **unused)
{
    (void)unused;
    kedge_metric m = throughput(1000);
    kedge_throughput_report r;
    assert_int_equal(kedge_throughput_record(&m, 0, 0), KEDGE_OK);
    assert_int_equal(kedge_throughput_record(&m, second, UINT64_MAX / 2), KEDGE_OK);
    assert_int_equal(kedge_throughput_record(&m, UINT64_MAX, 0), KEDGE_OK);
    assert_int_equal(kedge_throughput_read(&m, &r), KEDGE_OK);
    assert_true(r.elapsed_ns == UINT64_MAX && r.recent_per_second == 0);
    assert_close(r.per_second, (double)(UINT64_MAX / 2) / ((double)UINT64_MAX * 1e-9), 1e-15);
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
}

/* Load averages by their definition: each interval's rate, weighted by the integral of e^-(age / horizon) over it, by Simpson's
 * rule. */
static double integral(double from, double to, double horizon)
{
    enum { STEPS = 20 };
    double sum = 0, h = (to - from) / STEPS;
    for (int i = 0; i < STEPS; i += 2)
        sum += exp(-(from + i * h) / horizon) + 4 * exp(-(from + (i + 1) * h) / horizon) + exp(-(from + (i + 2) * h) / horizon);
    return sum * h / 3;
}

static void test_horizons_and_peak(void **unused)
{
    (void)unused;
    static uint64_t at[N_RECORDS], items[N_RECORDS];
    kedge_throughput_config cfg = kedge_throughput_defaults();
    kedge_throughput_report r;
    kedge_rng rng = {6};
    kedge_metric m;
    double peak = -1, stretch = 0;
    uint64_t begin = 0;
    cfg.n_horizons = 8;
    cfg.peak_ns = second / 10;
    for (uint64_t h = 0; h < 8; h++)
        cfg.horizon_ns[h] = second / 4 << h;
    assert_int_equal(kedge_metric_init(&m, &cfg.base, &memory, sizeof memory), KEDGE_OK);
    for (size_t i = 0; i < N_RECORDS; i++) {
        at[i] = (i > 0 ? at[i - 1] : 77) + kedge_rng_below(&rng, 4) * (second / 50);
        items[i] = kedge_rng_below(&rng, 20) * (i / 100 == 2 ? 5 : 1);
        assert_int_equal(kedge_throughput_record(&m, at[i], items[i]), KEDGE_OK);
        begin = i > 0 ? begin : at[0];
        stretch += i > 0 ? (double)items[i] : 0;
        if (at[i] - begin >= cfg.peak_ns) {
            peak = fmax(peak, stretch / ((double)(at[i] - begin) * 1e-9));
            begin = at[i];
            stretch = 0;
        }
        kedge_status st = kedge_throughput_read(&m, &r);
        assert_true(peak < 0 ? isnan(r.peak_per_second) : r.peak_per_second == peak);
        for (int h = 0; h < 8 && st == KEDGE_OK && i % 10 == 0; h++) {
            double horizon = (double)cfg.horizon_ns[h] * 1e-9, n = 0, time = 0;
            for (size_t k = 1; k <= i; k++) {
                double old = (double)(at[i] - at[k - 1]) * 1e-9, young = (double)(at[i] - at[k]) * 1e-9;
                double weight = integral(young, old, horizon);
                n += old > young ? weight / (old - young) * (double)items[k] : exp(-young / horizon) * (double)items[k];
                time += weight;
            }
            assert_close(r.horizons[h], n / time, 1e-9);
        }
    }
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
}

static void test_few_horizons(void **unused)
{
    (void)unused;
    kedge_throughput_config cfg = kedge_throughput_defaults();
    kedge_throughput_report r;
    kedge_metric m;
    for (uint32_t n = 0; n <= 2; n++) {
        cfg.n_horizons = n;
        assert_int_equal(kedge_metric_init(&m, &cfg.base, &memory, sizeof memory), KEDGE_OK);
        assert_int_equal(kedge_throughput_record(&m, 0, 0), KEDGE_OK);
        assert_int_equal(kedge_throughput_record(&m, second, 5), KEDGE_OK);
        assert_int_equal(kedge_throughput_read(&m, &r), KEDGE_OK);
        for (uint32_t i = 0; i < 8; i++)
            assert_true(i < n ? fabs(r.horizons[i] - 5) < 1e-14 : isnan(r.horizons[i]));
        assert_true(r.peak_per_second == 5);
    }
}

/* The struct of the first release had the half-life alone. */
static void test_an_old_caller(void **unused)
{
    (void)unused;
    kedge_throughput_config cfg;
    memset(&cfg, 0xEE, sizeof cfg);
    assert_int_equal(kedge_throughput_config_init(&cfg, offsetof(kedge_throughput_config, peak_ns)), KEDGE_OK);
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_THROUGHPUT_BYTES);
}

/* By the order of the state: 120 n_first, 128 first_ns, 136 last_ns, 144 stretch_ns, 152 n_stretch, 160 peak, from 168 on rates. */
static void test_check_finds_forged(void **unused)
{
    (void)unused;
    const double bad[] = {(double)NAN, (double)INFINITY, -2.0, 1e200};
    kedge_metric m = throughput(second);
    assert_int_equal(kedge_throughput_record(&m, 1, 3), KEDGE_OK);
    assert_int_equal(kedge_throughput_record(&m, second, 3), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    for (size_t at = 120; at < sizeof memory; at += 8) {
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            double kept;
            memcpy(&kept, memory.bytes + at, sizeof kept);
            memcpy(memory.bytes + at, &bad[i], sizeof kept);
            assert_true(at == 136 || kedge_metric_check(&m) == KEDGE_ERR_STATE); /* any last time may be */
            memcpy(memory.bytes + at, &kept, sizeof kept);
        }
    }
    const uint64_t late = 2 * second;
    memcpy(memory.bytes + 128, &late, sizeof late); /* the first record after the last */
    assert_int_equal(kedge_metric_check(&m), KEDGE_ERR_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_fades_as_the_sum_says),
        cmocka_unit_test(test_refuses_and_stays),
        cmocka_unit_test(test_steps_do_not_matter),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_horizons_and_peak),
        cmocka_unit_test(test_few_horizons),
        cmocka_unit_test(test_an_old_caller),
        cmocka_unit_test(test_check_finds_forged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
