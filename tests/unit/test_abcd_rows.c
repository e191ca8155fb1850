/* SPDX-License-Identifier: MIT */
/* ABCD at work: when, where and how severely rows change; how rows come in; what is refused. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "support.h"

#include "kedge/detectors/abcd.h"

enum { N = 900, D = 5, MEM = 1 << 20 };

static _Alignas(8) unsigned char mem[MEM];

static kedge_detector make(const kedge_abcd_config *cfg)
{
    kedge_detector d;
    assert_int_equal(kedge_detector_init(&d, &cfg->base, mem, MEM), KEDGE_OK);
    return d;
}

/* Two groups of features with a common cause each; the second moves when told. */
static void draw(kedge_rng *rng, int moved, double *row)
{
    double a = kedge_rng_normal(rng), b = kedge_rng_normal(rng);
    for (uint32_t j = 0; j < D; j++)
        row[j] = 100 * j + (1 + j) * ((j % 2 ? a : b) + 0.3 * kedge_rng_normal(rng) + (moved && j == 1 ? 2 : 0));
}

/* 20 features in five groups; from 2000 on the first three change. Adds to the counts of features found and wrongly found. */
static int localise(int kind, uint64_t seed, int *found, int *wrong, double *severity)
{
    enum { FEATURES = 20, AT = 1500 };
    kedge_abcd_config cfg = kedge_abcd_defaults(FEATURES);
    kedge_detector d = make(&cfg);
    kedge_rng rng = {seed};
    for (int i = 0; i < AT + 500; i++) {
        double row[FEATURES], common[5], p[FEATURES];
        kedge_alarm a;
        for (int k = 0; k < 5; k++)
            common[k] = kedge_rng_normal(&rng);
        for (int j = 0; j < FEATURES; j++) {
            double e = kedge_rng_normal(&rng);
            int changed = i >= AT && j < 3;
            row[j] = common[j % 5] + 0.5 * e;
            row[j] = !changed ? row[j] : kind == 0 ? row[j] + 2 : kind == 1 ? row[j] * 3 : 1.118 * e;
        }
        if (kedge_abcd_update(&d, row) != KEDGE_DRIFT)
            continue;
        assert_true(i >= AT);
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_true(fabs((double)a.changed_at - AT) <= 60 && a.effect > 0);
        assert_int_equal(kedge_abcd_subspace(&d, p, FEATURES, severity), KEDGE_OK);
        for (int j = 0; j < FEATURES; j++) {
            *found += j < 3 && p[j] < cfg.subspace_p;
            *wrong += j >= 3 && p[j] < cfg.subspace_p;
        }
        return 1;
    }
    return 0;
}

static void test_localised(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < 3; kind++) {
        int n = 0, found = 0, wrong = 0;
        for (uint64_t seed = 1; seed <= 10; seed++) {
            double severity = 0;
            n += localise(kind, seed, &found, &wrong, &severity);
            assert_true(severity > 1 && severity < 20);
        }
        assert_int_equal(n, 10);
        if (found < 10 || wrong > 20) /* of 30 changed and 170 others */
            fail_msg("kind %d: %d found, %d wrong", kind, found, wrong);
    }
}

static void test_quiet(void **unused)
{
    (void)unused;
    kedge_abcd_config cfg = kedge_abcd_defaults(D);
    kedge_detector d = make(&cfg);
    kedge_rng rng = {77};
    for (size_t i = 0; i < 40000; i++) {
        double row[D];
        draw(&rng, 0, row);
        assert_true(kedge_abcd_update(&d, row) != KEDGE_DRIFT);
    }
    kedge_estimate e;
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_true(e.mean > 0.9 && e.mean < 1.3 && e.statistic < e.threshold); /* 1: as in training, of which the axes know more */
}

static void test_feeding(void **unused)
{
    (void)unused;
    static _Alignas(8) unsigned char other[MEM], third[MEM];
    static double flat[N][D], turned[D][N];
    static float narrow[N][D];
    kedge_abcd_config cfg = kedge_abcd_defaults(D);
    kedge_detector d = make(&cfg), e, f;
    kedge_rng rng = {5};
    size_t bytes = kedge_detector_size(&cfg.base), used, n_drifts = 0;
    assert_int_equal(kedge_detector_init(&e, &cfg.base, other, MEM), KEDGE_OK);
    assert_int_equal(kedge_detector_init(&f, &cfg.base, third, MEM), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        double row[D];
        draw(&rng, i >= N / 2, row);
        for (size_t j = 0; j < D; j++)
            narrow[i][j] = (float)row[j], turned[j][i] = flat[i][j] = narrow[i][j];
        kedge_status st = kedge_abcd_update(&d, flat[i]);
        assert_true(st >= 0);
        n_drifts += st == KEDGE_DRIFT;
    }
    assert_true(n_drifts == 1);
    kedge_rows rows = {turned, KEDGE_FLOAT64, 0, N, D, 1, N};
    for (size_t done = 0; done < N; done += used) {
        kedge_rows part;
        assert_int_equal(kedge_rows_slice(&rows, done, N - done, &part), KEDGE_OK);
        kedge_status st = kedge_abcd_update_rows(&e, &part, &used);
        assert_true(st >= 0 && used > 0 && (st == KEDGE_DRIFT || used == N - done));
    }
    assert_memory_equal(mem, other, bytes);
    assert_int_equal(kedge_detector_reset(&e), KEDGE_OK);
    rows = kedge_rows_float32(&narrow[0][0], N, D);
    for (size_t done = 0; done < N; done += used) {
        kedge_rows part;
        assert_int_equal(kedge_rows_slice(&rows, done, N - done, &part), KEDGE_OK);
        assert_true(kedge_abcd_update_rows(&e, &part, &used) >= 0);
    }
    assert_memory_equal(mem, other, bytes);
    static uint8_t signals[N * D];
    assert_true(kedge_detector_signal_many(&f, &flat[0][0], (size_t)N * D, signals, &used) >= 0);
    assert_memory_equal(mem, third, bytes);
    for (size_t i = 0; i < sizeof signals; i++)
        assert_true(signals[i] != KEDGE_DRIFT || i % D == D - 1);
}

static void test_refusals(void **unused)
{
    (void)unused;
    static unsigned char before[MEM];
    kedge_abcd_config cfg = kedge_abcd_defaults(3);
    kedge_ddm_config ddm = kedge_ddm_defaults();
    kedge_detector d = make(&cfg), none = {NULL, NULL}, another;
    _Alignas(8) unsigned char ddm_mem[KEDGE_DDM_BYTES];
    double good[3] = {1, 2, 3}, p[3], severity, table[6] = {1, 2, 3, 4, (double)NAN, 6};
    size_t used = 9;
    assert_int_equal(kedge_detector_init(&another, &ddm.base, ddm_mem, sizeof ddm_mem), KEDGE_OK);
    assert_int_equal(kedge_abcd_features(&d), 3);
    assert_int_equal(kedge_abcd_features(&another), 0);
    assert_int_equal(kedge_abcd_features(&none), 0);
    assert_int_equal(kedge_abcd_features(NULL), 0);
    assert_int_equal(kedge_abcd_subspace(&d, p, 3, &severity), KEDGE_EMPTY);
    assert_true(isnan(p[0]) && isnan(p[2]) && isnan(severity));
    for (int i = 0; i < 300; i++)
        assert_int_equal(kedge_abcd_update(&d, good), KEDGE_OK);
    memcpy(before, mem, kedge_detector_size(&cfg.base));
    for (int j = 0; j < 3; j++) {
        const double bad[] = {(double)NAN, (double)INFINITY, 1.1e100, -1e308};
        for (int k = 0; k < 4; k++) {
            double row[3] = {1, 2, 3};
            row[j] = bad[k];
            assert_int_equal(kedge_abcd_update(&d, row), k < 2 ? KEDGE_ERR_NOT_FINITE : KEDGE_ERR_RANGE);
        }
    }
    kedge_rows rows = kedge_rows_float64(table, 2, 3), wide = kedge_rows_float64(table, 3, 2);
    kedge_rows empty = kedge_rows_float64(NULL, 0, 3);
    assert_int_equal(kedge_abcd_update(NULL, good), KEDGE_ERR_NULL);
    assert_int_equal(kedge_abcd_update(&none, good), KEDGE_ERR_NULL);
    assert_int_equal(kedge_abcd_update(&d, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_abcd_update(&another, good), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_abcd_update_rows(&d, &wide, &used), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_abcd_update_rows(&d, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_abcd_update_rows(&d, &rows, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_abcd_update_rows(&another, &rows, &used), KEDGE_ERR_CLASS);
    assert_int_equal(used, 9);
    assert_int_equal(kedge_abcd_subspace(&d, p, 2, &severity), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_abcd_subspace(&another, p, 3, &severity), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_abcd_subspace(&d, NULL, 3, &severity), KEDGE_ERR_NULL);
    assert_int_equal(kedge_abcd_subspace(&d, p, 3, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_abcd_update_rows(&d, &empty, &used), KEDGE_OK);
    assert_int_equal(used, 0);
    assert_memory_equal(mem, before, kedge_detector_size(&cfg.base));
    assert_int_equal(kedge_abcd_update_rows(&d, &rows, &used), KEDGE_ERR_NOT_FINITE); /* the first row was good */
    assert_int_equal(used, 1);
    assert_int_equal(kedge_detector_update(&d, 1), KEDGE_OK); /* a row begins: only numbers can end it */
    assert_int_equal(kedge_abcd_update(&d, good), KEDGE_ERR_STATE);
    assert_int_equal(kedge_detector_update(&d, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_detector_update(&d, 2), KEDGE_OK);
    assert_int_equal(kedge_detector_update(&d, 3), KEDGE_OK);
    assert_int_equal(kedge_abcd_update(&d, good), KEDGE_OK);
}

/* Rows of constants, of extremes, of features that only then begin to move. */
static void test_extremes(void **unused)
{
    (void)unused;
    const double levels[] = {0, 1e100, -1e100, 4.9406564584124654e-324, DBL_MIN, 1, -0.0, 1e15};
    kedge_rng rng = {9};
    for (int pattern = 0; pattern < 12; pattern++) {
        kedge_abcd_config cfg = kedge_abcd_defaults(4);
        cfg.n_train = 20;
        kedge_detector d = make(&cfg);
        size_t n_drifts = 0;
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 1500; i++) {
            double row[4];
            for (int j = 0; j < 4; j++)
                row[j] = pattern < 8 ? levels[pattern] : levels[pattern == 8 ? j : (int)kedge_rng_below(&rng, 8)];
            if (pattern == 10 && i < 700)
                row[0] = row[1] = row[2] = row[3] = 1e100;
            if (pattern == 11)
                row[0] = i < 700 ? 1e15 : 1e15 + 1e9; /* constant, and then another one */
            n_drifts += kedge_abcd_update(&d, row) == KEDGE_DRIFT;
            if (i % 100 == 0)
                assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        }
        assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        if (pattern < 9)
            assert_int_equal(n_drifts, 0);
        if (pattern >= 10)
            assert_true(n_drifts > 0);
    }
}

static void test_sizes(void **unused)
{
    (void)unused;
    for (uint32_t n = 1; n <= KEDGE_ABCD_MAX_FEATURES; n = 2 * n + n % 5) {
        kedge_abcd_config cfg = kedge_abcd_defaults(n);
        assert_int_equal(kedge_detector_size(&cfg.base), KEDGE_ABCD_BYTES_FOR(n, 4u, 12u));
        cfg.max_buckets = 2;
        cfg.bucket_rows = 1;
        cfg.max_window = 1 << 30;
        assert_int_equal(kedge_detector_size(&cfg.base), KEDGE_ABCD_BYTES_FOR(n, 2u, 30u));
        cfg.max_buckets = 32;
        cfg.bucket_rows = 1024;
        cfg.max_window = 60;
        assert_int_equal(kedge_detector_size(&cfg.base), KEDGE_ABCD_BYTES_FOR(n, 32u, 1u));
    }
    kedge_abcd_config none = kedge_abcd_defaults(0), many = kedge_abcd_defaults(UINT32_MAX);
    assert_int_equal(kedge_detector_size(&none.base), 0);
    assert_int_equal(kedge_detector_size(&many.base), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_localised), cmocka_unit_test(test_quiet),    cmocka_unit_test(test_feeding),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_extremes), cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
