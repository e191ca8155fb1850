/* SPDX-License-Identifier: MIT */
/* PCA-CD at the edges: constants, refusals, extreme and forged numbers, sizes. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "naive_pca_cd.h"

/* Only constants in the reference; a drift is that one departs. */
static void test_constants(void **unused)
{
    (void)unused;
    kedge_pca_cd_config c = kedge_pca_cd_defaults(2);
    unsigned char *mem;
    c.window_size = 50;
    kedge_detector d = make(&c, &mem);
    double row[2] = {1, -3}, of[2];
    size_t at = 0;
    for (size_t i = 0; i < 500 && !at; i++) {
        row[1] = i < 300 ? -3 : -3.0000001;
        at = kedge_pca_cd_update(&d, row) == KEDGE_DRIFT ? i : 0;
    }
    assert_true(at >= 324 && at < 400);
    assert_int_equal(kedge_pca_cd_components(&d), 1);
    assert_int_equal(kedge_pca_cd_divergences(&d, of, 2), KEDGE_OK);
    assert_true(of[0] == 1 && isnan(of[1]));
    guard_free(mem);
}

/* With the defaults: documented in docs/detectors.md. */
static void test_quiet(void **unused)
{
    (void)unused;
    for (uint32_t divergence = KEDGE_PCA_CD_AREA; divergence <= KEDGE_PCA_CD_KULLBACK_LEIBLER; divergence++) {
        kedge_pca_cd_config c = kedge_pca_cd_defaults(5);
        unsigned char *mem;
        c.divergence = divergence;
        kedge_detector d = make(&c, &mem);
        kedge_rng rng = {77};
        unsigned n_alarms = 0;
        for (size_t i = 0; i < 200000; i++) {
            double row[5];
            draw(&rng, 0, row);
            n_alarms += kedge_pca_cd_update(&d, row) == KEDGE_DRIFT;
        }
        assert_int_equal(n_alarms, 0);
        guard_free(mem);
    }
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_pca_cd_config c = kedge_pca_cd_defaults(2);
    kedge_ddm_config ddm = kedge_ddm_defaults();
    _Alignas(8) unsigned char ddm_mem[KEDGE_DDM_BYTES];
    unsigned char *mem;
    kedge_detector d = make(&c, &mem), another, none = {NULL, NULL}, empty = {&kedge_pca_cd, NULL};
    double good[2] = {1, 2}, bad[2] = {1, (double)NAN}, great[2] = {1.1e100, 1}, of[2];
    size_t used = 9, bytes = kedge_detector_size(&c.base);
    kedge_rows table = kedge_rows_float64(good, 1, 2), wide = kedge_rows_float64(good, 2, 1);
    assert_int_equal(kedge_detector_init(&another, &ddm.base, ddm_mem, sizeof ddm_mem), KEDGE_OK);
    void *before = guard_copy(mem, bytes);
    assert_int_equal(kedge_pca_cd_features(&d), 2);
    assert_int_equal(kedge_pca_cd_features(&another), 0);
    assert_int_equal(kedge_pca_cd_features(&none), 0);
    assert_int_equal(kedge_pca_cd_features(NULL), 0);
    assert_int_equal(kedge_pca_cd_features(&empty), 0);
    assert_int_equal(kedge_pca_cd_components(&another), 0);
    assert_int_equal(kedge_pca_cd_components(NULL), 0);
    assert_int_equal(kedge_pca_cd_update(&empty, good), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pca_cd_update(&d, bad), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_pca_cd_update(&d, great), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_pca_cd_update(&d, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pca_cd_update(NULL, good), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pca_cd_update(&another, good), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_pca_cd_update_rows(&d, &wide, &used), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_pca_cd_update_rows(&d, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pca_cd_update_rows(&d, &table, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pca_cd_update_rows(&another, &table, &used), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_pca_cd_divergences(&d, of, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_pca_cd_divergences(&d, NULL, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pca_cd_divergences(&another, of, 2), KEDGE_ERR_CLASS);
    assert_int_equal(used, 9);
    assert_memory_equal(before, mem, bytes);
    guard_free(before);
    assert_int_equal(kedge_detector_update(&d, 1), KEDGE_OK);
    assert_int_equal(kedge_pca_cd_update(&d, good), KEDGE_ERR_STATE);
    assert_int_equal(kedge_pca_cd_update_rows(&d, &table, &used), KEDGE_ERR_STATE);
    guard_free(mem);
}

/* Rows whose features are far apart, constant, or leave the range that bins were made for. */
static void test_extremes(void **unused)
{
    (void)unused;
    const double levels[] = {0, 1e100, -1e100, 4.9406564584124654e-324, DBL_MIN, 1, -0.0, 1e15};
    kedge_rng rng = {9};
    for (int pattern = 0; pattern < 20; pattern++) {
        kedge_pca_cd_config c = kedge_pca_cd_defaults(2);
        c.window_size = 20;
        c.step = 3;
        c.threshold = 0.5;
        c.pseudo_count = 1e-9;
        c.divergence = pattern % 2 ? KEDGE_PCA_CD_AREA : KEDGE_PCA_CD_KULLBACK_LEIBLER;
        unsigned char *mem;
        kedge_detector d = make(&c, &mem);
        unsigned n_drifts = 0;
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 1000; i++) {
            double row[2] = {levels[pattern < 16 ? pattern / 2 : i < 500 ? 0 : (int)kedge_rng_below(&rng, 8)], levels[pattern % 8]};
            if (pattern >= 18)
                row[0] = i < 500 ? 4.9406564584124654e-324 * (i % 2) : 1e100;
            n_drifts += kedge_pca_cd_update(&d, row) == KEDGE_DRIFT;
        }
        assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        assert_true(pattern < 16 ? n_drifts == 0 : n_drifts > 0);
        guard_free(mem);
    }
}

/* No number of the counts, bins, axes and scratch may be another one. */
static void test_forged(void **unused)
{
    (void)unused;
    kedge_pca_cd_config c = kedge_pca_cd_defaults(1);
    unsigned char *mem;
    c.window_size = 40;
    c.n_bins = 4;
    kedge_detector d = make(&c, &mem);
    kedge_rng rng = {2};
    size_t bytes = kedge_detector_size(&c.base), scratch = bytes - 16, bins = scratch - 40, counts = bins - 16,
        reference = counts - 16;
    for (int i = 0; i < 100; i++)
        assert_int_equal(kedge_detector_update(&d, kedge_rng_normal(&rng)), KEDGE_OK);
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    for (size_t at = reference; at < bytes; at++) {
        unsigned char was = mem[at];
        if (at < bins && at % 4 != 0)
            continue;
        mem[at] = at >= scratch ? 0x41 : (unsigned char)(was + 1);
        assert_int_equal(kedge_detector_check(&d), KEDGE_ERR_STATE);
        mem[at] = at >= scratch ? was : 200; /* beyond the bins */
        assert_int_equal(kedge_detector_check(&d), at >= scratch ? KEDGE_OK : KEDGE_ERR_STATE);
        mem[at] = was;
    }
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    guard_free(mem);
}

static void test_sizes(void **unused)
{
    (void)unused;
    for (uint32_t n = 1; n <= KEDGE_PCA_CD_MAX_FEATURES; n = 2 * n + n % 5) {
        kedge_pca_cd_config c = kedge_pca_cd_defaults(n);
        assert_int_equal(kedge_detector_size(&c.base), KEDGE_PCA_CD_BYTES_FOR(n, 500u, 22u));
        c.window_size = 33;
        c.n_bins = 5;
        assert_int_equal(kedge_detector_size(&c.base), KEDGE_PCA_CD_BYTES_FOR(n, 33u, 5u));
    }
    kedge_pca_cd_config c = kedge_pca_cd_defaults(256), none = kedge_pca_cd_defaults(0);
    assert_int_equal(kedge_detector_size(&none.base), 0);
    c.window_size = 1 << 20; /* fits 32 bits */
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_PCA_CD_BYTES_FOR(256u, 1u << 20, 22u));
    assert_int_equal(kedge_pca_cd_config_init(&c, 8, 1), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_pca_cd_config_init(NULL, sizeof c, 1), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
