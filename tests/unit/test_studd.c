/* SPDX-License-Identifier: MIT */
/* STUDD: the detector gets what it should, and nothing where the call is refused; rows that move are noticed without a label. */
#include <math.h>

#include "support.h"

static union {
    double align;
    unsigned char bytes[KEDGE_GAUSSIAN_NB_BYTES_FOR(2u, 2u)];
} student_mem;

static union {
    double align;
    unsigned char bytes[KEDGE_ADWIN_BYTES];
} detector_mem;

static double teacher(const double *x)
{
    return x[0] + x[1] > 1;
}

static void set_up(kedge_model *student, kedge_detector *d)
{
    kedge_gaussian_nb_config nb = kedge_gaussian_nb_defaults(2, 2);
    kedge_adwin_config adwin = kedge_adwin_defaults();
    assert_int_equal(kedge_model_init(student, &nb.base, &student_mem, sizeof student_mem), KEDGE_OK);
    assert_int_equal(kedge_detector_init(d, &adwin.base, &detector_mem, sizeof detector_mem), KEDGE_OK);
}

static void learn(kedge_model *student, kedge_rng *rng)
{
    for (int i = 0; i < 3000; i++) {
        double x[2] = {kedge_rng_uniform(rng), kedge_rng_uniform(rng)};
        assert_int_equal(kedge_model_learn(student, x, teacher(x), 1), KEDGE_OK);
    }
}

static void test_disagreement_is_fed(void **unused)
{
    (void)unused;
    kedge_model student;
    kedge_detector d;
    kedge_rng rng = {3};
    kedge_estimate e;
    size_t n_differ = 0;
    set_up(&student, &d);
    learn(&student, &rng);
    for (int i = 0; i < 500; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)}, y;
        assert_int_equal(kedge_model_predict(&student, x, &y), KEDGE_OK);
        n_differ += y != teacher(x);
        assert_int_equal(kedge_studd_update(&student, &d, x, teacher(x)), KEDGE_OK);
    }
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_close(e.mean * 500, (double)n_differ, 1e-9);
    assert_true(n_differ > 0 && n_differ < 100);
}

static void test_moved_rows(void **unused)
{
    (void)unused;
    kedge_model student;
    kedge_detector d;
    kedge_rng rng = {4};
    int n_before = 0, n_after = 0;
    set_up(&student, &d);
    learn(&student, &rng);
    for (int i = 0; i < 6000; i++) {
        double far = i < 3000 ? 0 : 3;
        double x[2] = {kedge_rng_uniform(&rng) + far, kedge_rng_uniform(&rng) - far};
        kedge_status st = kedge_studd_update(&student, &d, x, teacher(x));
        assert_true(st >= 0);
        *(i < 3000 ? &n_before : &n_after) += st == KEDGE_DRIFT;
    }
    assert_int_equal(n_before, 0);
    assert_true(n_after >= 1);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_model student;
    kedge_detector d;
    kedge_rng rng = {5};
    kedge_estimate e;
    double x[2] = {0.5, 0.5}, bad[2] = {0.5, (double)NAN};
    set_up(&student, &d);
    assert_int_equal(kedge_studd_update(&student, &d, x, 1), KEDGE_EMPTY);
    learn(&student, &rng);
    assert_int_equal(kedge_studd_update(&student, &d, bad, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_studd_update(&student, &d, x, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_studd_update(NULL, &d, x, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_studd_update(&student, NULL, x, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_studd_update(&student, &d, NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    assert_int_equal(e.n_seen, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_disagreement_is_fed),
        cmocka_unit_test(test_moved_rows),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
