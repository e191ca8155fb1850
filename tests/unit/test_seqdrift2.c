/* SPDX-License-Identifier: MIT */
/* SeqDrift2 against its definition where the reservoir holds all, and by what it finds where it is a sample. */
#include "naive.h"

enum { N = 30000 };

static double x[N];

static void test_equals_definition(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_seqdrift2_config c = kedge_seqdrift2_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_SEQDRIFT2_BYTES);
    c.block_size = 50;
    c.max_reservoir = N;
    c.delta = 0.1;
    size_t bytes = kedge_detector_size(&c.base);
    assert_int_equal(bytes, KEDGE_SEQDRIFT2_BYTES_FOR(50u, (size_t)N));
    unsigned char *mem = guard_new(bytes, 0xA5);
    for (uint64_t seed = 1; seed <= 6; seed++) {
        size_t from = 0; /* oldest observation in the reservoir */
        kedge_detector d;
        c.variance = seed % 2 ? KEDGE_SEQDRIFT2_SAMPLE : KEDGE_SEQDRIFT2_BERNOULLI;
        naive_stream(x, N, seed % 3 == 0 || seed % 2 == 0, seed);
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
        for (size_t i = 0; i < N; i++) {
            size_t cut = i + 1 - c.block_size;
            kedge_status want = KEDGE_OK, st = kedge_detector_update(&d, x[i]);
            double before = 0, after = 0, bound = 0;
            if ((i + 1) % c.block_size == 0 && cut > from) {
                double n = (double)(i + 1 - from), mean = naive_mean(x, from, i + 1), b = (double)c.block_size, sum = 0;
                for (size_t k = from; k <= i; k++)
                    sum += (x[k] - mean) * (x[k] - mean);
                double variance = c.variance == KEDGE_SEQDRIFT2_SAMPLE ? sum / (n - 1) : n * mean * (1 - mean) / (n - 1);
                if (c.variance == KEDGE_SEQDRIFT2_BERNOULLI && variance == 0)
                    variance = 1e-4;
                double tests = floor((double)(cut - from) / b), t = log(4 / (c.delta / (2 * (1 - pow(0.5, tests)))));
                bound = (t + sqrt(t * t + 18 * b * t * variance)) / (3 * b * (1 - b / (b + (double)c.max_reservoir)));
                before = naive_mean(x, from, cut);
                after = naive_mean(x, cut, i + 1);
                if (fabs(after - before) >= bound)
                    want = KEDGE_DRIFT;
            }
            assert_int_equal(st, want);
            if (st == KEDGE_DRIFT) {
                kedge_alarm a;
                assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
                assert_int_equal(a.changed_at, cut);
                assert_close(a.mean_before, before, 1e-9);
                assert_close(a.mean_after, after, 1e-9);
                assert_close(a.threshold, bound, 1e-9);
                from = cut;
                n_drifts++;
            }
            if (i % 97 == 0) {
                kedge_estimate e;
                assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
                assert_int_equal(e.width, i + 1 - from);
                assert_close(e.mean, naive_mean(x, from, i + 1), 1e-9);
            }
        }
    }
    guard_free(mem);
    assert_true(n_drifts > 50);
}

/* The sample is one of all observations: its mean follows theirs, not that of the newest; and a change is found. */
static void test_sample(void **unused)
{
    (void)unused;
    kedge_seqdrift2_config c = kedge_seqdrift2_defaults();
    unsigned char *mem = guard_new(KEDGE_SEQDRIFT2_BYTES, 0xA5);
    double mean = 0, delay = 0;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        kedge_rng rng = {seed};
        kedge_detector d;
        kedge_estimate e;
        c.delta = 1e-6;
        c.seed = seed;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_SEQDRIFT2_BYTES), KEDGE_OK);
        for (int i = 0; i < 20000; i++) /* a slow rise from 0.4 to 0.5, too slow to be seen */
            assert_int_equal(kedge_detector_update(&d, kedge_rng_uniform(&rng) < 0.4 + 5e-6 * i), KEDGE_OK);
        assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
        assert_int_equal(e.width, 2000);
        mean += e.mean / 30;
        int i = 0;
        while (kedge_detector_update(&d, kedge_rng_uniform(&rng) < 0.9) == KEDGE_OK)
            i++;
        delay += i / 30.0;
    }
    guard_free(mem);
    assert_true(fabs(mean - 0.45) < 4 * 0.011 / sqrt(30.0));
    assert_true(delay < 250);
}

/* MOA never returns on these; nor may constants alarm. */
static void test_hard_input(void **unused)
{
    (void)unused;
    static const double constants[] = {0, 1, -1e100, 0.1, 1e-300};
    kedge_seqdrift2_config c = kedge_seqdrift2_defaults();
    naive_constants(&c.base, constants, 5);
    assert_int_equal(kedge_seqdrift2_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    c.max_reservoir = 1000;
    kedge_detector d;
    unsigned char *mem = guard_new(KEDGE_SEQDRIFT2_BYTES_FOR(200u, 1000u), 0xA5);
    kedge_rng rng = {5};
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_SEQDRIFT2_BYTES_FOR(200u, 1000u)), KEDGE_OK);
    for (int i = 0; i < 5000; i++)
        assert_true(kedge_detector_update(&d, 100 + kedge_rng_normal(&rng)) >= KEDGE_OK);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_hard_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
