/* SPDX-License-Identifier: MIT */
/* Preps that scale and fill, and chains: against scikit-learn, against plain two-pass figures, and at the ends of what numbers
 * can be. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "prep_rows.h"

/* Rows 1, 4 and 11 of what a prep makes of that table, by fit and by transform after it. */
static void assert_golden(const kedge_prep_config *cfg, const double *want)
{
    static const size_t shown[] = {1, 4, 11};
    double x[ROWS * COLUMNS], out[ROWS * COLUMNS], again[COLUMNS];
    kedge_prep p;
    golden_table(x);
    kedge_rows rows = kedge_rows_float64(x, ROWS, COLUMNS);
    void *mem = room_for(cfg, &p);
    fit(&p, &rows, NULL, out);
    for (size_t i = 0; i < 3; i++) {
        assert_same(out + shown[i] * COLUMNS, want + i * COLUMNS, COLUMNS);
        assert_int_equal(kedge_prep_transform(&p, x + shown[i] * COLUMNS, again), KEDGE_OK);
        assert_memory_equal(again, out + shown[i] * COLUMNS, sizeof again);
    }
    guard_free(mem);
}

/* scikit-learn 1.9.1: StandardScaler(), MinMaxScaler((-1, 2)), RobustScaler(quantile_range=(10, 80)), SimpleImputer() and its
 * strategies
 * median and most_frequent; .fit_transform(X)[[1, 4, 11]]. */
static void test_scikit_learn(void **unused)
{
    static const double standard[] = {-0.6633249580710799, -0.4355929350741072, 0, NAN_D, 0.060302268915552716,
                                      0.5540065484923067, 0, 0,
                                      0.060302268915552716, 0.17339136250522444, 0, 1.224744871391589};
    static const double min_max[] = {-0.25, -0.3801652892561975, -1, NAN_D, 0.5, 0.5867768595041305, -1, 0.5, 0.5,
                                     0.21487603305785186, -1, 2};
    static const double robust[] = {-0.28571428571428564, -0.07208387942332901, 0, NAN_D, 0, 0.4390563564875494, 0, 0, 0,
                                    0.24246395806028848, 0,
                                    0.5};
    static const double filled[] = {-0.5, 1025, 0.1, 1, 1, 1064, 0.1, 1, 1, 1049, 0.1, 2};
    double mode[12];
    kedge_scale_config scale = kedge_scale_defaults(COLUMNS);
    kedge_impute_config impute = kedge_impute_defaults(COLUMNS);
    (void)unused;
    assert_golden(&scale.base, standard);
    scale.method = KEDGE_SCALE_MIN_MAX;
    scale.low = -1;
    scale.high = 2;
    assert_golden(&scale.base, min_max);
    scale.method = KEDGE_SCALE_ROBUST;
    scale.lower = 0.1;
    scale.upper = 0.8;
    assert_golden(&scale.base, robust);
    assert_golden(&impute.base, filled);
    impute.method = KEDGE_IMPUTE_MEDIAN;
    assert_golden(&impute.base, filled);
    impute.method = KEDGE_IMPUTE_MODE;
    memcpy(mode, filled, sizeof mode);
    mode[3] = 0;
    assert_golden(&impute.base, mode);
}

/* Row by row against two passes over all that was learned so far. */
static void test_online(void **unused)
{
    enum { N = 500 };
    static double x[N];
    kedge_scale_config cfg = kedge_scale_defaults(1);
    kedge_prep p;
    (void)unused;
    fill_normal(x, N, 1e6, 3, 7);
    void *mem = room_for(&cfg.base, &p);
    for (size_t n = 1; n <= N; n++) {
        double sum = 0, squares = 0, out;
        assert_int_equal(kedge_prep_learn(&p, &x[n - 1], NAN_D, &out), KEDGE_OK);
        for (size_t i = 0; i < n; i++)
            sum += x[i] - 1e6;
        double mean = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += (x[i] - 1e6 - mean) * (x[i] - 1e6 - mean);
        assert_close(out, n == 1 ? 0 : (x[n - 1] - 1e6 - mean) / sqrt(squares / (double)n), 1e-8);
    }
    assert_int_equal(kedge_prep_check(&p), KEDGE_OK);
    guard_free(mem);
}

/* Quantiles of the sketch are of ranks within 2 %. */
static void test_robust_online(void **unused)
{
    enum { N = 20000 };
    kedge_scale_config cfg = kedge_scale_defaults(1);
    kedge_rng rng = {11};
    kedge_prep p;
    double out, low = 0, high = 1;
    (void)unused;
    cfg.method = KEDGE_SCALE_ROBUST;
    void *mem = room_for(&cfg.base, &p);
    for (int i = 0; i < N; i++) {
        double x = kedge_rng_uniform(&rng);
        assert_int_equal(kedge_prep_learn(&p, &x, 0, NULL), KEDGE_OK);
    }
    assert_int_equal(kedge_prep_transform(&p, &low, &out), KEDGE_OK); /* (0 - 0.5) / 0.5 */
    assert_true(fabs(out + 1.0) < 0.15);
    assert_int_equal(kedge_prep_transform(&p, &high, &out), KEDGE_OK);
    assert_true(fabs(out - 1.0) < 0.15);
    guard_free(mem);
}

/* Nothing diverges, and no invalid operation, division by zero or overflow is signalled, whatever the scale. */
static void test_extremes(void **unused)
{
    static const double sizes[] = {0, 5e-324, 1e-300, 1e-160, 1, 1e160, 1e300};
    const size_t n_sizes = sizeof sizes / sizeof *sizes;
    (void)unused;
    for (uint32_t method = KEDGE_SCALE_STANDARD; method <= KEDGE_SCALE_ROBUST; method++)
        for (size_t a = 0; a < n_sizes; a++)
            for (size_t b = 0; b < n_sizes; b++) {
                kedge_scale_config cfg = kedge_scale_defaults(1);
                kedge_prep p, q;
                double out;
                cfg.method = method;
                void *mem = room_for(&cfg.base, &p), *other = room_for(&cfg.base, &q);
                feclearexcept(FE_ALL_EXCEPT);
                for (int i = 0; i < 40; i++) {
                    double x = (i % 2 ? -1.0 : 1.0) * sizes[i < 20 ? a : b] * (1.0 - i % 3 / 4.0);
                    assert_int_equal(kedge_prep_learn(&p, &x, 0, &out), KEDGE_OK);
                    assert_true(fabs(out) <= 1e300);
                    for (size_t c = 0; c < n_sizes; c++) {
                        assert_int_equal(kedge_prep_transform(&p, &sizes[c], &out), KEDGE_OK);
                        assert_true(fabs(out) <= 1e300);
                    }
                    assert_int_equal(kedge_prep_learn(i < 20 ? &q : &p, &x, 0, NULL), KEDGE_OK);
                }
                assert_int_equal(kedge_prep_merge(&p, &q), method == KEDGE_SCALE_ROBUST ? KEDGE_ERR_UNSUPPORTED : KEDGE_OK);
                assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
                assert_int_equal(kedge_prep_check(&p), KEDGE_OK);
                guard_free(other);
                guard_free(mem);
            }
}

/* 1e-200 and 1e200 are scales like any other. */
static void test_scales(void **unused)
{
    (void)unused;
    for (int power = -290; power <= 290; power += 58) {
        kedge_scale_config cfg = kedge_scale_defaults(1);
        kedge_prep p;
        double out = 0;
        void *mem = room_for(&cfg.base, &p);
        for (int i = 0; i < 9; i++) {
            double x = (i - 4) * pow(10.0, power);
            assert_int_equal(kedge_prep_learn(&p, &x, 0, &out), KEDGE_OK);
        }
        assert_close(out, 4.0 / sqrt(60.0 / 9.0), 1e-12);
        guard_free(mem);
    }
}

static void test_clipped(void **unused)
{
    kedge_scale_config cfg = kedge_scale_defaults(1);
    kedge_prep p;
    double x[3] = {-2, 6, 1000}, out;
    (void)unused;
    cfg.method = KEDGE_SCALE_MIN_MAX;
    for (uint32_t clip = 0; clip < 2; clip++) {
        cfg.clip = clip;
        void *mem = room_for(&cfg.base, &p);
        assert_true(kedge_prep_learn(&p, &x[0], 0, NULL) == KEDGE_OK && kedge_prep_learn(&p, &x[1], 0, NULL) == KEDGE_OK);
        assert_int_equal(kedge_prep_transform(&p, &x[2], &out), KEDGE_OK);
        assert_close(out, clip ? 1.0 : 1002.0 / 8.0, 1e-15);
        guard_free(mem);
    }
}

static void test_last(void **unused)
{
    kedge_impute_config cfg = kedge_impute_defaults(2);
    kedge_prep p;
    const double x[3][2] = {{NAN_D, 1}, {5, 2}, {NAN_D, 3}};
    double out[4];
    (void)unused;
    cfg.method = KEDGE_IMPUTE_LAST;
    cfg.constant = -1;
    cfg.indicator = 1;
    cfg.base.columns = kedge_columns_none(2);
    kedge_columns_add(&cfg.base.columns, 0);
    void *mem = room_for(&cfg.base, &p);
    assert_int_equal(kedge_prep_n_out(&p), 3);
    assert_int_equal(kedge_prep_learn(&p, x[0], 0, out), KEDGE_OK);
    assert_true(out[0] == -1 && out[1] == 1 && out[2] == 1);
    assert_int_equal(kedge_prep_learn(&p, x[1], 0, out), KEDGE_OK);
    assert_true(out[0] == 5 && out[1] == 2 && out[2] == 0);
    assert_int_equal(kedge_prep_learn(&p, x[2], 0, out), KEDGE_OK);
    assert_true(out[0] == 5 && out[1] == 3 && out[2] == 1);
    guard_free(mem);
}

/* Chains --- */

typedef struct chained {
    kedge_chain_class cls;
    kedge_chain_config cfg;
    kedge_impute_config impute;
    kedge_scale_config scale;
} chained;

/* Columns 1 and 3 never get in; of the others holes are filled and told, then the first is scaled. */
static void chain_make(chained *c)
{
    const kedge_prep_class *const kinds[] = {&kedge_impute, &kedge_scale};
    assert_int_equal(kedge_chain_class_init(&c->cls, kinds, 2), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&c->cfg, sizeof c->cfg, &c->cls, 5), KEDGE_OK);
    c->cfg.base.columns.mask[0] = 1u | 4u | 16u;
    c->impute = kedge_impute_defaults(3);
    c->impute.indicator = 1;
    c->impute.base.columns.first = 1;
    c->impute.base.columns.n = 2;
    assert_int_equal(kedge_prep_width(&c->impute.base), 5);
    c->scale = kedge_scale_defaults(5);
    c->scale.base.columns.n = 1;
    c->cfg.steps[0] = &c->impute.base;
    c->cfg.steps[1] = &c->scale.base;
}

static void chain_row(size_t i, double *x)
{
    x[0] = (double)(i % 10);
    x[1] = 1e9 * (double)i;
    x[2] = i % 3 == 0 ? NAN_D : (double)i;
    x[3] = -5;
    x[4] = 7;
}

static void test_chain(void **unused)
{
    chained c;
    kedge_prep p, step;
    double x[5], out[5], inside[5] = {0};
    kedge_prep_origin o;
    char name[32];
    size_t len;
    const char *const names[] = {"age", "id", "wage", "code", "city"};
    const char *const want[] = {"age", "wage", "city", "wage_missing", "city_missing"};
    (void)unused;
    chain_make(&c);
    void *mem = room_for(&c.cfg.base, &p);
    for (size_t i = 0; i < 40; i++) {
        chain_row(i, x);
        assert_int_equal(kedge_prep_learn(&p, x, 0, out), KEDGE_OK);
    }
    chain_row(6, x);
    assert_int_equal(kedge_prep_transform(&p, x, out), KEDGE_OK);
    assert_close(out[0], 1.5 / sqrt(8.25), 1e-12);
    assert_true(out[2] == 7 && out[3] == 1 && out[4] == 0 && out[1] > 0 && out[1] < 40);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(kedge_prep_column_name(&p, i, names, name, sizeof name, &len), KEDGE_OK);
        assert_string_equal(name, want[i]);
        assert_int_equal(len, strlen(name));
        assert_int_equal(kedge_prep_column(&p, i, &o), KEDGE_OK);
        assert_int_equal(o.column[0], i == 0 ? 0 : i % 2 ? 2 : 4);
        assert_int_equal(o.step, i == 0);
    }
    assert_int_equal(kedge_prep_column_name(&p, 3, NULL, name, 4, &len), KEDGE_ERR_BUFFER);
    assert_true(len == 10 && strcmp(name, "x2_") == 0);
    assert_int_equal(kedge_prep_column_name(&p, 5, NULL, name, 4, &len), KEDGE_ERR_RANGE);

    assert_int_equal(kedge_chain_get(&p, 0, &step), KEDGE_OK);
    const double row[3] = {x[0], x[2], x[4]};
    assert_int_equal(kedge_prep_transform(&step, row, inside), KEDGE_OK);
    assert_memory_equal(inside + 1, out + 1, 4 * sizeof *out);
    assert_int_equal(kedge_chain_get(&p, 2, &step), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_chain_get(&step, 0, &step), KEDGE_ERR_CLASS);
    guard_free(mem);
}

/* A fit of a chain is a fit of its steps, each on what the one before makes of the table. */
static void test_chain_fit(void **unused)
{
    enum { N = 30 };
    chained c;
    kedge_prep p, impute, scale;
    double x[N][5], kept[N][3], between[N][5], want[N][5], out[N][5], again[N][5];
    size_t used;
    (void)unused;
    chain_make(&c);
    for (size_t i = 0; i < N; i++) {
        chain_row(i, x[i]);
        kept[i][0] = x[i][0];
        kept[i][1] = x[i][2];
        kept[i][2] = x[i][4];
    }
    kedge_rows rows = kedge_rows_float64(x[0], N, 5), inner = kedge_rows_float64(kept[0], N, 3);
    kedge_rows middle = kedge_rows_float64(between[0], N, 5);
    void *mem = room_for(&c.cfg.base, &p), *a = room_for(&c.impute.base, &impute), *b = room_for(&c.scale.base, &scale);
    fit(&impute, &inner, NULL, between[0]);
    fit(&scale, &middle, NULL, want[0]);
    fit(&p, &rows, NULL, out[0]);
    assert_memory_equal(out, want, sizeof want);
    assert_int_equal(kedge_prep_transform_many(&p, &rows, again[0], &used), KEDGE_OK);
    assert_int_equal(used, N);
    assert_memory_equal(again, want, sizeof want);
    guard_free(b);
    guard_free(a);
    guard_free(mem);
}

/* What a replayed log gives: the same states and rows, byte for byte; from tables of any strides; a chain inside a chain, too. */
static void test_replay(void **unused)
{
    enum { N = 200 };
    chained c;
    kedge_chain_class outer_cls;
    kedge_chain_config outer;
    kedge_scale_config last = kedge_scale_defaults(5);
    static double x[N][5], out[2][N][5], turned[5][N];
    const kedge_prep_class *kinds[2];
    kedge_prep p[2];
    void *mem[2];
    size_t used;
    (void)unused;
    chain_make(&c);
    last.method = KEDGE_SCALE_MIN_MAX;
    kinds[0] = &c.cls.prep;
    kinds[1] = &kedge_scale;
    assert_int_equal(kedge_chain_class_init(&outer_cls, kinds, 2), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&outer, sizeof outer, &outer_cls, 5), KEDGE_OK);
    c.cfg.base.columns = kedge_columns_all(5);
    outer.steps[0] = &c.cfg.base;
    outer.steps[1] = &last.base;
    assert_int_equal(kedge_prep_size(&outer.base), 0); /* the inner chain's first step is for rows of three */
    c.impute.base.n_columns = 5;
    c.impute.indicator = 0;
    mem[0] = room_for(&outer.base, &p[0]);
    mem[1] = room_for(&outer.base, &p[1]);
    for (size_t i = 0; i < N; i++) {
        chain_row(i, x[i]);
        for (size_t j = 0; j < 5; j++)
            turned[j][i] = x[i][j];
        assert_int_equal(kedge_prep_learn(&p[0], x[i], 0, out[0][i]), KEDGE_OK);
    }
    kedge_rows columns = {turned[0], KEDGE_FLOAT64, 0, N, 5, 1, N};
    assert_int_equal(kedge_prep_learn_many(&p[1], &columns, NULL, out[1][0], &used), KEDGE_OK);
    assert_int_equal(used, N);
    assert_memory_equal(out[0], out[1], sizeof out[0]);
    assert_memory_equal(mem[0], mem[1], kedge_prep_size(&outer.base));
    char name[8];
    assert_int_equal(kedge_prep_column_name(&p[0], 2, NULL, name, sizeof name, &used), KEDGE_OK);
    assert_string_equal(name, "x2");
    guard_free(mem[1]);
    guard_free(mem[0]);
}

static void test_chain_refusals(void **unused)
{
    chained c;
    kedge_chain_class cls;
    const kedge_prep_class *const none[] = {&kedge_scale, NULL};
    (void)unused;
    assert_int_equal(kedge_chain_class_init(NULL, none, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_chain_class_init(&cls, NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_chain_class_init(&cls, none, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_chain_class_init(&cls, none, 0), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_chain_class_init(&cls, none, KEDGE_CHAIN_MAX + 1), KEDGE_ERR_CONFIG);
    chain_make(&c);
    assert_int_equal(kedge_chain_config_init(&c.cfg, sizeof c.cfg, NULL, 5), KEDGE_ERR_NULL);
    assert_true(kedge_prep_size(&c.cfg.base) > 0);
    c.cfg.steps[1] = &c.impute.base; /* not of the class that was named */
    assert_int_equal(kedge_prep_size(&c.cfg.base), 0);
    c.cfg.steps[1] = NULL;
    assert_int_equal(kedge_prep_size(&c.cfg.base), 0);
}

/* Merged: as if one had learned both. */
static void test_merge(void **unused)
{
    enum { N = 60 };
    static double x[N][3];
    (void)unused;
    fill_normal(x[0], 3 * N, 5, 2, 3);
    for (size_t i = 0; i < N; i += 7)
        x[i][1] = NAN_D;
    for (uint32_t method = KEDGE_SCALE_STANDARD; method <= KEDGE_SCALE_MIN_MAX; method++)
        for (size_t cut = 0; cut <= N; cut += 12) {
            kedge_scale_config cfg = kedge_scale_defaults(3);
            kedge_impute_config mean = kedge_impute_defaults(3);
            kedge_prep p[3];
            void *mem[3];
            double out[3], want[3];
            cfg.method = method;
            for (int i = 0; i < 3; i++)
                mem[i] = room_for(method == KEDGE_SCALE_STANDARD ? &cfg.base : &mean.base, &p[i]);
            for (size_t i = 0; i < N; i++) {
                assert_int_equal(kedge_prep_learn(&p[i < cut ? 0 : 1], x[i], 0, NULL), KEDGE_OK);
                assert_int_equal(kedge_prep_learn(&p[2], x[i], 0, NULL), KEDGE_OK);
            }
            assert_int_equal(kedge_prep_merge(&p[0], &p[1]), KEDGE_OK);
            assert_int_equal(kedge_prep_check(&p[0]), KEDGE_OK);
            assert_int_equal(kedge_prep_transform(&p[0], x[7], out), KEDGE_OK);
            assert_int_equal(kedge_prep_transform(&p[2], x[7], want), KEDGE_OK);
            assert_same(out, want, 3);
            for (int i = 0; i < 3; i++)
                guard_free(mem[i]);
        }
}

static void test_sizes(void **unused)
{
    (void)unused;
    for (uint32_t n = 1; n < 40; n++) {
        kedge_scale_config scale = kedge_scale_defaults(n);
        kedge_impute_config impute = kedge_impute_defaults(n);
        assert_int_equal(kedge_prep_size(&scale.base), KEDGE_SCALE_BYTES_FOR(n));
        assert_int_equal(kedge_prep_size(&impute.base), KEDGE_IMPUTE_BYTES_FOR(n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scikit_learn),
        cmocka_unit_test(test_online),
        cmocka_unit_test(test_robust_online),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_scales),
        cmocka_unit_test(test_clipped),
        cmocka_unit_test(test_last),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_chain_fit),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_chain_refusals),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
