/* SPDX-License-Identifier: MIT */
/* MD3: learns, suspects, asks, confirms or takes it back. */
#include <math.h>

#include "support.h"

static union {
    double align;
    unsigned char bytes[KEDGE_MD3_BYTES];
} memory;

static kedge_detector md3(uint32_t n_labels)
{
    kedge_md3_config cfg = kedge_md3_defaults();
    kedge_detector d = {NULL, NULL};
    cfg.n_labels = n_labels;
    cfg.theta = 4;
    assert_int_equal(kedge_detector_size(&cfg.base), KEDGE_MD3_BYTES);
    assert_int_equal(kedge_detector_init(&d, &cfg.base, &memory, sizeof memory), KEDGE_OK);
    return d;
}

/* n rows, a share of them in the margin; stops at the first status that is not the one expected, and returns how many were fed. */
static size_t rows(kedge_detector *d, kedge_rng *rng, size_t n, double share, kedge_status expected)
{
    for (size_t i = 0; i < n; i++)
        if (kedge_detector_update(d, kedge_md3_margin(kedge_rng_uniform(rng) < share)) != expected)
            return i + 1;
    return n;
}

static kedge_status labels(kedge_detector *d, kedge_rng *rng, size_t n, double wrong)
{
    kedge_status st = KEDGE_OK;
    for (size_t i = 0; i < n; i++) {
        st = kedge_detector_update(d, kedge_md3_label(!(kedge_rng_uniform(rng) < wrong)));
        assert_true(st >= 0);
    }
    return st;
}

static void learn(kedge_detector *d, kedge_rng *rng)
{
    assert_int_equal(rows(d, rng, 1000, 0.1, KEDGE_OK), 1000);
    assert_int_equal(labels(d, rng, 1000, 0.05), KEDGE_OK);
}

static void test_confirmed(void **unused)
{
    (void)unused;
    kedge_rng rng = {5};
    kedge_detector d = md3(100);
    kedge_alarm alarm;
    kedge_estimate e;
    learn(&d, &rng);
    assert_int_equal(rows(&d, &rng, 2000, 0.1, KEDGE_OK), 2000);
    size_t n = rows(&d, &rng, 2000, 0.5, KEDGE_OK);
    assert_true(n < 100);
    assert_int_equal(rows(&d, &rng, 50, 0.5, KEDGE_WARNING), 50); /* it waits for labels */
    assert_int_equal(labels(&d, &rng, 99, 0.4), KEDGE_WARNING);
    assert_int_equal(kedge_detector_update(&d, kedge_md3_label(0)), KEDGE_DRIFT);
    assert_int_equal(kedge_detector_alarm(&d, &alarm), KEDGE_OK);
    assert_int_equal(alarm.changed_at, 4000 + n - 1);
    assert_int_equal(alarm.at, 4000 + n + 149);
    assert_true(alarm.statistic > alarm.threshold && alarm.mean_after > alarm.mean_before);
    assert_close(alarm.mean_before, 0.1, 0.03);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    assert_true(e.n_drifts == 1 && e.n_warnings == 1);
}

/* More rows in the margin, but the model is as right as it was: no drift, and the new density is the reference. */
static void test_refuted(void **unused)
{
    (void)unused;
    kedge_rng rng = {6};
    kedge_detector d = md3(100);
    kedge_estimate e;
    learn(&d, &rng);
    assert_true(rows(&d, &rng, 2000, 0.3, KEDGE_OK) < 200);
    assert_int_equal(labels(&d, &rng, 99, 0.05), KEDGE_WARNING);
    assert_int_equal(labels(&d, &rng, 1, 0.05), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_true(e.n_drifts == 0 && e.n_warnings == 1 && e.statistic == 0 && e.mean > 0.15);
}

/* Fewer rows in the margin are suspicious too; a margin that nobody ever was in is learned without a deviation of 0. */
static void test_fall_and_constant(void **unused)
{
    (void)unused;
    kedge_rng rng = {7};
    kedge_detector d = md3(100);
    assert_int_equal(rows(&d, &rng, 1000, 0.4, KEDGE_OK), 1000);
    assert_int_equal(labels(&d, &rng, 1000, 0.05), KEDGE_OK);
    assert_true(rows(&d, &rng, 2000, 0, KEDGE_OK) < 200);
    d = md3(100);
    assert_int_equal(rows(&d, &rng, 1000, 0, KEDGE_OK), 1000);
    assert_int_equal(labels(&d, &rng, 1000, 0), KEDGE_OK);
    assert_int_equal(rows(&d, &rng, 100000, 0, KEDGE_OK), 100000);
    assert_int_equal(kedge_detector_update(&d, kedge_md3_margin(1)), KEDGE_OK); /* one alone is not suspicious */
    assert_true(rows(&d, &rng, 2000, 0.2, KEDGE_OK) < 200);
}

/* False suspicions: at theta 4 of an independent stream they are rare. */
static void test_quiet(void **unused)
{
    (void)unused;
    size_t suspicions = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        kedge_rng rng = {seed};
        kedge_detector d = md3(100);
        learn(&d, &rng);
        suspicions += rows(&d, &rng, 5000, 0.1, KEDGE_OK) < 5000;
    }
    assert_true(suspicions <= 20);
}

/* A margin density that goes from 0.2 to `share`: suspected within 2,000 rows, or never. */
static int suspects(uint32_t direction, double share)
{
    kedge_rng rng = {8};
    kedge_md3_config cfg = kedge_md3_defaults();
    kedge_detector d;
    kedge_estimate e;
    cfg.theta = 5;
    cfg.direction = direction;
    assert_int_equal(kedge_detector_init(&d, &cfg.base, &memory, sizeof memory), KEDGE_OK);
    assert_int_equal(rows(&d, &rng, 1000, 0.2, KEDGE_OK), 1000);
    assert_int_equal(labels(&d, &rng, 1000, 0.05), KEDGE_OK);
    assert_int_equal(rows(&d, &rng, 2000, 0.2, KEDGE_OK), 2000);
    int is_suspected = rows(&d, &rng, 2000, share, KEDGE_OK) < 2000;
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_true(is_suspected ? e.statistic > 5 : e.statistic == 0);
    assert_close(e.mean, share, is_suspected ? 0.3 : 0.1);
    if (is_suspected)
        assert_int_equal(labels(&d, &rng, 100, 0.5), KEDGE_DRIFT);
    return is_suspected;
}

static void test_direction(void **unused)
{
    (void)unused;
    kedge_md3_config c = kedge_md3_defaults();
    assert_int_equal(c.direction, KEDGE_DIRECTION_BOTH);
    assert_int_equal(suspects(KEDGE_DIRECTION_BOTH, 0.6), 1);
    assert_int_equal(suspects(KEDGE_DIRECTION_BOTH, 0), 1);
    assert_int_equal(suspects(KEDGE_DIRECTION_UP, 0.6), 1);
    assert_int_equal(suspects(KEDGE_DIRECTION_UP, 0), 0);
    assert_int_equal(suspects(KEDGE_DIRECTION_DOWN, 0.6), 0);
    assert_int_equal(suspects(KEDGE_DIRECTION_DOWN, 0), 1);
    c.direction = KEDGE_DIRECTION_DOWN + 1;
    assert_int_equal(kedge_detector_size(&c.base), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_confirmed),
        cmocka_unit_test(test_refuted),
        cmocka_unit_test(test_fall_and_constant),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
