/* SPDX-License-Identifier: MIT */
/* Products, lags, clipping and quantiles: against scikit-learn and plain loops. */
#include <fenv.h>

#include "prep_rows.h"

/* scikit-learn 1.9.1, rows 1, 4 and 11 of the golden table: PolynomialFeatures(d, interaction_only=..., include_bias=False) of
 * columns 0 to 2. */
static void golden_polynomial(uint32_t degree, uint32_t interactions, const double *want, uint32_t n_out)
{
    static const size_t shown[] = {1, 4, 11};
    double x[ROWS * COLUMNS], out[20];
    kedge_polynomial_config cfg = kedge_polynomial_defaults(3);
    kedge_prep p;
    golden_table(x);
    cfg.degree = degree;
    cfg.interactions = interactions;
    void *mem = room_for(&cfg.base, &p);
    assert_int_equal(kedge_prep_n_out(&p), n_out);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(kedge_prep_transform(&p, x + shown[i] * COLUMNS, out), KEDGE_OK);
        assert_same(out, want + i * n_out, n_out);
    }
    guard_free(mem);
}

static void test_polynomial(void **unused)
{
    static const double two[] = {-0.5, 1025, 0.1, 0.25, -512.5, -0.05, 1050625, 102.5, 0.01, 1, 1064, 0.1, 1, 1064, 0.1, 1132096,
                                 106.4, 0.01,
                                 1, 1049, 0.1, 1, 1049, 0.1, 1100401, 104.9, 0.01};
    static const double three[] = {
        -0.5, 1025, 0.1, 0.25, -512.5, -0.05, 1050625, 102.5, 0.01, -0.125, 256.25, 0.025, -525312.5, -51.25, -0.005, 1076890625,
            105062.5, 10.25, 0.001,
        1, 1064, 0.1, 1, 1064, 0.1, 1132096, 106.4, 0.01, 1, 1064, 0.1, 1132096, 106.4, 0.01, 1204550144, 113209.6, 10.64, 0.001,
        1, 1049, 0.1, 1, 1049, 0.1, 1100401, 104.9, 0.01, 1, 1049, 0.1, 1100401, 104.9, 0.01, 1154320649, 110040.1, 10.49, 0.001};
    static const double apart[] = {-0.5, 1025, 0.1, -512.5, -0.05, 102.5, -51.25, 1, 1064, 0.1, 1064, 0.1, 106.4, 106.4, 1, 1049,
                                   0.1, 1049, 0.1, 104.9,
                                   104.9};
    (void)unused;
    golden_polynomial(2, 0, two, 9);
    golden_polynomial(3, 0, three, 19);
    golden_polynomial(3, 1, apart, 7);
}

/* Each product is that of the columns that its origin names; nothing overflows. */
static void test_polynomial_origins(void **unused)
{
    (void)unused;
    for (uint32_t n = 1; n < 7; n++)
        for (uint32_t which = 0; which < 4; which++) {
            kedge_polynomial_config cfg = kedge_polynomial_defaults(n + 2);
            kedge_prep p;
            kedge_prep_origin o;
            double x[8], out[200];
            cfg.degree = 2 + which / 2;
            cfg.interactions = which % 2;
            cfg.base.columns.first = 1;
            cfg.base.columns.n = n;
            void *mem = room_for(&cfg.base, &p);
            for (uint32_t j = 0; j < n + 2; j++)
                x[j] = 1.5 + j;
            assert_int_equal(kedge_prep_transform(&p, x, out), KEDGE_OK);
            for (uint32_t i = 0; i < kedge_prep_n_out(&p); i++) {
                double want = 1;
                assert_int_equal(kedge_prep_column(&p, i, &o), KEDGE_OK);
                assert_int_equal(o.kind, i < n + 2 ? KEDGE_OUT_SAME : KEDGE_OUT_PRODUCT);
                for (int j = 0; j < 3; j++)
                    want *= o.column[j] != KEDGE_PREP_NONE ? x[o.column[j]] : 1;
                assert_close(out[i], want, 1e-14);
            }
            feclearexcept(FE_ALL_EXCEPT);
            for (uint32_t j = 0; j < n + 2; j++)
                x[j] = j % 2 ? 1e300 : -1e300;
            assert_int_equal(kedge_prep_transform(&p, x, out), KEDGE_OK);
            for (uint32_t i = 0; i < kedge_prep_n_out(&p); i++)
                assert_true(fabs(out[i]) <= 1.0001e300);
            x[1] = (double)NAN; /* missing: so are its products, and nothing else */
            assert_int_equal(kedge_prep_transform(&p, x, out), KEDGE_OK);
            for (uint32_t i = n + 2; i < kedge_prep_n_out(&p); i++) {
                assert_int_equal(kedge_prep_column(&p, i, &o), KEDGE_OK);
                assert_int_equal(isnan(out[i]) != 0, o.column[0] == 1 || o.column[1] == 1 || o.column[2] == 1);
            }
            assert_false(fetestexcept(FE_INVALID | FE_OVERFLOW));
            guard_free(mem);
        }
    kedge_polynomial_config wide = kedge_polynomial_defaults(400);
    assert_int_equal(kedge_prep_size(&wide.base), 0); /* 80,600 columns */
}

static void test_lag(void **unused)
{
    enum { N = 50, LAGS = 3 };
    kedge_lag_config cfg = kedge_lag_defaults(3);
    kedge_prep p;
    double x[N][3], served[3 + 2 * LAGS], again[3 + 2 * LAGS], out[3 + 2 * LAGS];
    kedge_prep_origin o;
    char name[16];
    size_t len;
    (void)unused;
    cfg.n_lags = LAGS;
    cfg.missing = -1;
    cfg.base.columns.mask[0] = 5;
    void *mem = room_for(&cfg.base, &p);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < 3; j++)
            x[i][j] = (double)(10 * i + j);
        assert_int_equal(kedge_prep_transform(&p, x[i], served), KEDGE_OK);
        assert_int_equal(kedge_prep_transform(&p, x[i], again), KEDGE_OK);
        assert_int_equal(kedge_prep_learn(&p, x[i], 0, out), KEDGE_OK);
        assert_memory_equal(served, out, sizeof out); /* in training as in service before it */
        assert_memory_equal(served, again, sizeof out);
        for (size_t lag = 1; lag <= LAGS; lag++)
            for (size_t k = 0; k < 2; k++)
                assert_true(out[3 + 2 * (lag - 1) + k] == (i >= lag ? x[i - lag][2 * k] : -1));
    }
    assert_int_equal(kedge_prep_column(&p, 6, &o), KEDGE_OK);
    assert_true(o.kind == KEDGE_OUT_LAG && o.column[0] == 2 && o.detail == 2);
    assert_int_equal(kedge_prep_column_name(&p, 6, NULL, name, sizeof name, &len), KEDGE_OK);
    assert_string_equal(name, "x2@-2");
    guard_free(mem);
}

/* numpy 2: clip(X, nanquantile(X, 0.2, axis=0), nanquantile(X, 0.7, axis=0))[[1, 4, 11]]. */
static void test_clip(void **unused)
{
    static const size_t shown[] = {1, 4, 11};
    static const double want[3][4] = {{-0.5, 1025, 0.1, NAN_D}, {1, 1059.5, 0.1, 1}, {1, 1049, 0.1, 1.5999999999999996}};
    double x[ROWS * COLUMNS], out[ROWS * COLUMNS];
    kedge_clip_config cfg = kedge_clip_defaults(COLUMNS);
    kedge_prep p;
    (void)unused;
    golden_table(x);
    cfg.lower = 0.2;
    cfg.upper = 0.7;
    kedge_rows rows = kedge_rows_float64(x, ROWS, COLUMNS);
    void *mem = room_for(&cfg.base, &p);
    fit(&p, &rows, NULL, out);
    for (size_t i = 0; i < 3; i++)
        assert_same(out + shown[i] * COLUMNS, want[i], COLUMNS);
    guard_free(mem);
}

/* Row by row: no bounds before the first value, then those of the sketch, exact while it holds all values. */
static void test_clip_online(void **unused)
{
    kedge_clip_config cfg = kedge_clip_defaults(1);
    kedge_prep p;
    double x = 1e300, out;
    (void)unused;
    cfg.lower = 0;
    cfg.upper = 0.5;
    void *mem = room_for(&cfg.base, &p);
    assert_int_equal(kedge_prep_transform(&p, &x, &out), KEDGE_OK);
    assert_true(out == 1e300);
    for (int i = 1; i <= 10; i++) {
        double value = i;
        assert_int_equal(kedge_prep_learn(&p, &value, 0, NULL), KEDGE_OK);
    }
    assert_int_equal(kedge_prep_transform(&p, &x, &out), KEDGE_OK);
    assert_true(out == 5);
    guard_free(mem);
}

/* scikit-learn 1.9.1: QuantileTransformer(n_quantiles=..., output_distribution=...).fit(X[:, [0, 1, 3]]).transform(...) of rows
 * 1, 4 and 11, and of two
 * others. */
static void golden_quantiles(uint32_t output, uint32_t n_quantiles, const double *want)
{
    static const double others[2][3] = {{0.3, 1017.5, 0.25}, {-99, 2000, 1}};
    static const size_t shown[] = {1, 4, 11};
    double x[ROWS * COLUMNS], kept[ROWS * 3], out[3];
    kedge_quantiles_config cfg = kedge_quantiles_defaults(3);
    kedge_prep p;
    golden_table(x);
    for (size_t i = 0; i < ROWS; i++) {
        kept[3 * i] = x[COLUMNS * i];
        kept[3 * i + 1] = x[COLUMNS * i + 1];
        kept[3 * i + 2] = x[COLUMNS * i + 3];
    }
    cfg.output = output;
    cfg.n_quantiles = n_quantiles;
    kedge_rows rows = kedge_rows_float64(kept, ROWS, 3);
    void *mem = room_for(&cfg.base, &p);
    fit(&p, &rows, NULL, NULL);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(kedge_prep_transform(&p, i < 3 ? kept + 3 * shown[i] : others[i - 3], out), KEDGE_OK);
        if (i > 2 || n_quantiles == 5)
            assert_same(out, want + 3 * i, 3);
    }
    guard_free(mem);
}

static void test_quantiles(void **unused)
{
    static const double uniform[] = {0.25, 0.43956043956043955, NAN_D, 0.5, 0.7218543046357616, 0.5, 0.5, 0.6225165562913907, 1,
                                     0.3833333333333333, 0.3571428571428571, 0.3125, 0, 1, 0.5};
    static const double normal[] = {-0.6744897501960817, -0.15208375204759333, NAN_D, 0, 0.5883589415320492, 0, 0,
                                    0.312096893396752,
                                    5.19933758270342, -0.29673783825989813, -0.3661063568005698, -0.4887764111146695,
                                        -5.199337582605575,
                                    5.19933758270342, 0};
    static const double uniform100[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0.41212121212121217, 0.3787878787878788, 0.28125, 0, 1, 0.5};
    static const double normal100[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, -0.2220917959929199, -0.308665805694934, -0.579132162255556,
                                       -5.199337582605575,
                                       5.19933758270342, 0};
    (void)unused;
    golden_quantiles(KEDGE_QUANTILES_UNIFORM, 5, uniform);
    golden_quantiles(KEDGE_QUANTILES_NORMAL, 5, normal);
    golden_quantiles(KEDGE_QUANTILES_UNIFORM, 100, uniform100);
    golden_quantiles(KEDGE_QUANTILES_NORMAL, 100, normal100);
}

/* Whatever the distribution: what comes out is uniform to within the sketch's error, and finite for any input. */
static void test_quantiles_online(void **unused)
{
    enum { N = 5000 };
    kedge_quantiles_config cfg = kedge_quantiles_defaults(1);
    kedge_rng rng = {5};
    kedge_prep p;
    (void)unused;
    cfg.n_quantiles = 40;
    void *mem = room_for(&cfg.base, &p);
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < N; i++) {
        double x = pow(10.0, 300.0 * (kedge_rng_uniform(&rng) - 0.5)), out;
        assert_int_equal(kedge_prep_learn(&p, &x, 0, &out), KEDGE_OK);
        assert_true(out >= 0 && out <= 1);
    }
    for (int i = 1; i < 20; i++) {
        double x = pow(10.0, 300.0 * (i / 20.0 - 0.5)), out;
        if (fabs(log10(x)) > 65) /* a sketch takes magnitudes up to 1e70 apart */
            continue;
        assert_int_equal(kedge_prep_transform(&p, &x, &out), KEDGE_OK);
        assert_true(fabs(out - i / 20.0) < 0.07);
    }
    assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
    guard_free(mem);
}

static void test_constant(void **unused)
{
    (void)unused;
    for (uint32_t output = KEDGE_QUANTILES_UNIFORM; output <= KEDGE_QUANTILES_NORMAL; output++) {
        kedge_quantiles_config cfg = kedge_quantiles_defaults(1);
        kedge_prep p;
        double x = 42, out;
        cfg.output = output;
        void *mem = room_for(&cfg.base, &p);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(kedge_prep_learn(&p, &x, 0, &out), KEDGE_OK);
            assert_true(out == 0);
        }
        guard_free(mem);
    }
}

/* A fit has as many quantiles as rows, learning as many as values; one after the other they leave a sound state. */
static void test_quantiles_learn_after_a_fit(void **unused)
{
    enum { N = 15 };
    kedge_quantiles_config cfg = kedge_quantiles_defaults(1);
    double x[N], out[N], work[4096];
    kedge_rows rows = kedge_rows_float64(x, N, 1);
    kedge_prep p;
    (void)unused;
    for (size_t i = 0; i < N; i++)
        x[i] = i % 5 == 2 ? NAN : 1.0 + (double)i;
    void *mem = room_for(&cfg.base, &p);
    assert_true(kedge_prep_work(&p, N) <= sizeof work);
    assert_int_equal(kedge_prep_fit(&p, &rows, NULL, work, sizeof work, out), KEDGE_OK);
    for (size_t i = 0; i < 2 * N; i++) {
        assert_int_equal(kedge_prep_learn(&p, &x[i % N], 0, out), KEDGE_OK);
        assert_int_equal(kedge_prep_check(&p), KEDGE_OK);
    }
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_polynomial), cmocka_unit_test(test_polynomial_origins), cmocka_unit_test(test_lag),
        cmocka_unit_test(test_clip),       cmocka_unit_test(test_clip_online),        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_quantiles_online), cmocka_unit_test(test_constant),
        cmocka_unit_test(test_quantiles_learn_after_a_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
