/* SPDX-License-Identifier: MIT */
/* Preps of categories: against scikit-learn, against plain loops over all rows so far, and what they refuse. */
#include <fenv.h>

#include "prep_rows.h"

/* scikit-learn 1.9.1, rows 1, 4 and 11 of the golden table: OneHotEncoder(sparse_output=False), the same with drop='first', of
 * column 0;
 * OrdinalEncoder(); TargetEncoder(smooth=2.5, target_type='continuous').fit(X[:, [0, 1]], i * 3 % 5).transform(). */
static const size_t shown[] = {1, 4, 11};

static void test_one_hot(void **unused)
{
    static const double want[3][4] = {{0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 1, 0}};
    double x[ROWS * COLUMNS], out[ROWS * 8];
    (void)unused;
    golden_table(x);
    kedge_rows rows = kedge_rows_float64(x, ROWS, COLUMNS);
    for (uint32_t drop = 0; drop < 2; drop++)
        for (uint32_t other = 0; other < 2; other++) {
            kedge_one_hot_config cfg = kedge_one_hot_defaults(COLUMNS);
            kedge_prep p;
            uint32_t width = 4 - drop + other;
            double strange[4] = {77, 1, 2, 3};
            cfg.codes.max = 4;
            cfg.drop_first = drop;
            cfg.other = other;
            cfg.base.columns.n = 1;
            void *mem = room_for(&cfg.base, &p);
            assert_int_equal(kedge_prep_n_out(&p), 3 + width);
            fit(&p, &rows, NULL, out);
            for (size_t i = 0; i < 3; i++) {
                const double *row = out + shown[i] * (3 + width);
                assert_same(row, want[i] + drop, 4 - drop);
                assert_true(!other || row[width - 1] == 0);
                assert_same(row + width, x + shown[i] * COLUMNS + 1, 3);
            }
            assert_int_equal(kedge_prep_transform(&p, strange, out), KEDGE_OK);
            for (uint32_t j = 0; j < width; j++)
                assert_true(out[j] == (other && j == width - 1));
            strange[0] = NAN_D;
            assert_int_equal(kedge_prep_transform(&p, strange, out), KEDGE_OK);
            for (uint32_t j = 0; j < width; j++)
                assert_true(out[j] == 0);
            guard_free(mem);
        }
}

static void test_names(void **unused)
{
    static const double values[] = {30, -7, 0.5};
    static const char *const want[] = {"a", "b=30", "b=-7", "b=0.5", "b=#3", "b=other", "c"};
    const char *const names[] = {"a", "b", "c"};
    kedge_one_hot_config cfg = kedge_one_hot_defaults(3);
    kedge_prep p;
    kedge_prep_origin o;
    char name[16];
    size_t len;
    (void)unused;
    cfg.base.columns.first = 1;
    cfg.base.columns.n = 1;
    cfg.codes.max = 4;
    cfg.other = 1;
    void *mem = room_for(&cfg.base, &p);
    for (int i = 0; i < 3; i++) {
        const double x[3] = {0, values[i], 0};
        assert_int_equal(kedge_prep_learn(&p, x, 0, NULL), KEDGE_OK);
    }
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(kedge_prep_column_name(&p, i, names, name, sizeof name, &len), KEDGE_OK);
        assert_string_equal(name, want[i]);
        assert_int_equal(kedge_prep_column(&p, i, &o), KEDGE_OK);
        assert_int_equal(o.column[0], i == 0 ? 0 : i < 6 ? 1 : 2);
        assert_int_equal(o.kind, i == 0 || i == 6 ? KEDGE_OUT_SAME : i == 5 ? KEDGE_OUT_OTHER : KEDGE_OUT_CATEGORY);
        if (i >= 1 && i <= 3)
            assert_true(o.value == values[i - 1] && o.detail == i - 1);
        if (i == 4)
            assert_true(o.value != o.value);
    }
    guard_free(mem);
}

static void test_ordinal(void **unused)
{
    static const double want[3][4] = {{1, 5, 0, NAN_D}, {2, 8, 0, 1}, {2, 7, 0, 2}};
    double x[ROWS * COLUMNS], out[ROWS * COLUMNS], strange[4] = {-2.5, 1001, NAN_D, 9};
    kedge_ordinal_config cfg = kedge_ordinal_defaults(COLUMNS);
    kedge_prep p;
    (void)unused;
    golden_table(x);
    kedge_rows rows = kedge_rows_float64(x, ROWS, COLUMNS);
    void *mem = room_for(&cfg.base, &p);
    fit(&p, &rows, NULL, out);
    for (size_t i = 0; i < 3; i++)
        assert_same(out + shown[i] * COLUMNS, want[i], COLUMNS);
    assert_int_equal(kedge_prep_transform(&p, strange, strange), KEDGE_OK);
    assert_true(strange[0] == -1 && strange[1] == 1 && strange[2] != strange[2] && strange[3] == -1);
    guard_free(mem);
}

/* Row by row the codes are in the order of arrival, and a full table refuses or takes for another. */
static void test_growing(void **unused)
{
    static const double values[] = {5, -3, 5, 1e300, -0.0, 0, 7, -3};
    static const double want[] = {0, 1, 0, 2, 3, 3, -1, 1};
    (void)unused;
    for (uint32_t unseen = KEDGE_UNSEEN_OTHER; unseen <= KEDGE_UNSEEN_ERROR; unseen++) {
        kedge_ordinal_config cfg = kedge_ordinal_defaults(1);
        kedge_prep p;
        cfg.codes.max = 4;
        cfg.codes.unseen = unseen;
        void *mem = room_for(&cfg.base, &p), *work = NULL;
        size_t bytes = kedge_prep_size(&cfg.base), n_work = kedge_prep_work(&p, 8);
        for (size_t i = 0; i < 8; i++) {
            double out = 99;
            void *before = guard_copy(mem, bytes);
            kedge_status st = kedge_prep_learn(&p, &values[i], 0, &out);
            if (unseen == KEDGE_UNSEEN_ERROR && i == 6) {
                assert_int_equal(st, KEDGE_ERR_UNKNOWN);
                assert_memory_equal(mem, before, bytes);
                assert_int_equal(kedge_prep_transform(&p, &values[i], &out), KEDGE_ERR_UNKNOWN);
            } else {
                assert_int_equal(st, KEDGE_OK);
                assert_true(out == want[i]);
            }
            guard_free(before);
        }
        kedge_rows rows = kedge_rows_float64(values, 8, 1);
        double before = 0, after = 0, five = 5;
        work = guard_new(n_work, 0x33);
        assert_int_equal(kedge_prep_transform(&p, &five, &before), KEDGE_OK);
        assert_int_equal(kedge_prep_fit(&p, &rows, NULL, work, n_work, NULL),
                         unseen == KEDGE_UNSEEN_ERROR ? KEDGE_ERR_UNKNOWN : KEDGE_OK);
        assert_int_equal(kedge_prep_transform(&p, &five, &after), KEDGE_OK);
        assert_true(before == 0 && after == (unseen == KEDGE_UNSEEN_ERROR ? 0 : 2)); /* a refused fit leaves all as it was */
        guard_free(work);
        guard_free(mem);
    }
}

static void test_known(void **unused)
{
    kedge_one_hot_config cfg = kedge_one_hot_defaults(1);
    kedge_prep p;
    double x[] = {2, 3, -1, 0.5, NAN_D, 1e300}, out[3];
    (void)unused;
    cfg.codes.known = 1;
    cfg.codes.max = 3;
    cfg.codes.unseen = KEDGE_UNSEEN_ERROR;
    void *mem = room_for(&cfg.base, &p);
    for (size_t i = 0; i < 6; i++) {
        kedge_status want = i == 0 || i == 4 ? KEDGE_OK : KEDGE_ERR_UNKNOWN;
        assert_int_equal(kedge_prep_transform(&p, &x[i], out), want);
        assert_true(out[0] == 0 && out[1] == 0 && out[2] == (i == 0));
        assert_int_equal(kedge_prep_learn(&p, &x[i], 0, NULL), want);
    }
    guard_free(mem);
}

static void test_target(void **unused)
{
    static const double want[3][2] = {{2.6893939393939394, 2.2261904761904763}, {2.121794871794872, 1.9404761904761905},
                                      {2.121794871794872, 2.2261904761904763}};
    static const double unseen[2] = {1.9166666666666667, 1.369047619047619};
    double x[ROWS * COLUMNS], y[ROWS], out[ROWS * COLUMNS], strange[4] = {77, 1000, 5, NAN_D};
    kedge_target_code_config cfg = kedge_target_code_defaults(COLUMNS);
    kedge_prep p;
    (void)unused;
    golden_table(x);
    for (int i = 0; i < ROWS; i++)
        y[i] = i * 3 % 5;
    cfg.smooth = 2.5;
    cfg.base.columns.n = 2;
    kedge_rows rows = kedge_rows_float64(x, ROWS, COLUMNS);
    void *mem = room_for(&cfg.base, &p);
    fit(&p, &rows, y, NULL);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(kedge_prep_transform(&p, x + shown[i] * COLUMNS, out), KEDGE_OK);
        assert_same(out, want[i], 2);
        assert_same(out + 2, x + shown[i] * COLUMNS + 2, 2);
    }
    assert_int_equal(kedge_prep_transform(&p, strange, out), KEDGE_OK);
    assert_same(out, unseen, 2);
    guard_free(mem);
}

/* In training each row is encoded by the rows before it alone, by a plain loop; so a target of pure chance stays unknown to it. */
static void test_ordered(void **unused)
{
    enum { N = 400 };
    static double x[N], y[N], out[N], again[N];
    kedge_target_code_config cfg = kedge_target_code_defaults(1);
    kedge_rng rng = {3};
    kedge_prep p;
    double naive_gain = 0, ordered_gain = 0;
    (void)unused;
    cfg.codes.max = 300;
    cfg.smooth = 0.5;
    cfg.prior = 0.25;
    void *mem = room_for(&cfg.base, &p);
    for (size_t i = 0; i < N; i++) {
        double sum = 0, all = 0, n = 0;
        x[i] = (double)kedge_rng_below(&rng, 200);
        y[i] = (double)kedge_rng_below(&rng, 2);
        for (size_t j = 0; j < i; j++) {
            all += y[j];
            sum += x[j] == x[i] ? y[j] : 0;
            n += x[j] == x[i];
        }
        double prior = i > 0 ? all / (double)i : 0.25;
        assert_int_equal(kedge_prep_learn(&p, &x[i], y[i], &out[i]), KEDGE_OK);
        assert_close(out[i], (sum + 0.5 * prior) / (n + 0.5), 1e-12);
    }
    void *replayed = guard_copy(mem, kedge_prep_size(&cfg.base));
    kedge_rows rows = kedge_rows_float64(x, N, 1);
    fit(&p, &rows, y, again);
    assert_memory_equal(again, out, sizeof out);
    assert_memory_equal(mem, replayed, kedge_prep_size(&cfg.base));
    for (size_t i = 0; i < N; i++) {
        double served;
        assert_int_equal(kedge_prep_transform(&p, &x[i], &served), KEDGE_OK);
        naive_gain += (served > 0.5 ? 1 : -1) * (y[i] - 0.5);
        ordered_gain += (out[i] > 0.5 ? 1 : -1) * (y[i] - 0.5);
    }
    assert_true(naive_gain > 0.15 * N); /* what a model would learn to believe in */
    assert_true(fabs(ordered_gain) < 0.06 * N);
    guard_free(replayed);
    guard_free(mem);
}

/* What has no place is taken together. */
static void test_target_overflow(void **unused)
{
    kedge_target_code_config cfg = kedge_target_code_defaults(1);
    kedge_prep p;
    double out, x;
    (void)unused;
    cfg.codes.max = 1;
    cfg.smooth = 0;
    void *mem = room_for(&cfg.base, &p);
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 30; i++) {
        x = i % 3;
        assert_int_equal(kedge_prep_learn(&p, &x, i % 3 == 0 ? 1e100 : i % 3 * 10.0, &out), KEDGE_OK);
    }
    for (int i = 0; i < 5; i++) {
        x = i;
        assert_int_equal(kedge_prep_transform(&p, &x, &out), KEDGE_OK);
        assert_close(out, i == 0 ? 1e100 : 15, 1e-12);
    }
    assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
    guard_free(mem);
}

static uint64_t mix(uint64_t x)
{
    uint64_t z = x + 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Against the formula of the header; products of hashed rows are those of the rows, in the mean (Weinberger et al. 2009, lemma
 * 2). */
static void test_hash(void **unused)
{
    enum { B = 8, N = 3000 };
    double x[4], out[2 + B], want[2 + B], sum = 0;
    (void)unused;
    for (uint64_t seed = 0; seed < N; seed++) {
        kedge_hash_code_config cfg = kedge_hash_code_defaults(4);
        kedge_prep p;
        cfg.seed = seed;
        cfg.n_buckets = B;
        cfg.base.columns.mask[0] = 2u | 8u;
        void *mem = room_for(&cfg.base, &p);
        x[0] = 11;
        x[1] = (double)(seed % 50) - 3;
        x[2] = 22;
        x[3] = seed % 7 == 0 ? NAN_D : 0.5 * (double)seed;
        memset(want, 0, sizeof want);
        want[0] = 11;
        want[1] = 22;
        for (uint64_t k = 0; k < 2; k++) {
            double value = x[2 * k + 1];
            uint64_t bits;
            memcpy(&bits, &value, sizeof bits);
            uint64_t h = mix(bits ^ mix(seed + k));
            if (value == value)
                want[2 + (h >> 32) * B / 4294967296u] += h & 1 ? -1 : 1;
        }
        assert_int_equal(kedge_prep_transform(&p, x, out), KEDGE_OK);
        assert_memory_equal(out, want, sizeof out);
        for (size_t j = 2; j < 2 + B; j++)
            sum += out[j] * out[j];
        guard_free(mem);
    }
    assert_true(fabs(sum / N - (2 - 1.0 / 7)) < 0.06); /* the square of a row with two categories is 2; its standard error 0.013 */
}

/* A chain with a step that refuses learns a row in all steps, or in none. */
static void test_chain_refuses(void **unused)
{
    const kedge_prep_class *const kinds[] = {&kedge_scale, &kedge_one_hot, &kedge_target_code};
    kedge_chain_class cls;
    kedge_chain_config cfg;
    kedge_scale_config scale = kedge_scale_defaults(2);
    kedge_one_hot_config one_hot = kedge_one_hot_defaults(2);
    kedge_target_code_config target;
    kedge_prep p;
    double out[8];
    (void)unused;
    scale.base.columns.n = 1;
    one_hot.base.columns.first = 1;
    one_hot.base.columns.n = 1;
    one_hot.codes.max = 3;
    one_hot.codes.unseen = KEDGE_UNSEEN_ERROR;
    assert_int_equal(kedge_chain_class_init(&cls, kinds, 3), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&cfg, sizeof cfg, &cls, 2), KEDGE_OK);
    target = kedge_target_code_defaults(kedge_prep_width(&one_hot.base));
    target.base.columns.first = 1;
    target.base.columns.n = 1;
    cfg.steps[0] = &scale.base;
    cfg.steps[1] = &one_hot.base;
    cfg.steps[2] = &target.base;
    void *mem = room_for(&cfg.base, &p);
    size_t bytes = kedge_prep_size(&cfg.base), n_refused = 0;
    for (int i = 0; i < 40; i++) {
        const double x[2] = {i, i % 5};
        void *before = guard_copy(mem, bytes);
        kedge_status st = kedge_prep_learn(&p, x, i % 2, out);
        assert_int_equal(st, i % 5 < 3 ? KEDGE_OK : KEDGE_ERR_UNKNOWN);
        if (st < 0)
            assert_memory_equal(mem, before, bytes);
        n_refused += st < 0;
        guard_free(before);
        assert_int_equal(kedge_prep_check(&p), KEDGE_OK);
    }
    assert_int_equal(n_refused, 16);
    const double x[3][2] = {{1, 0}, {2, 1}, {3, 4}}, y[3] = {0, 1, NAN_D};
    kedge_rows rows = kedge_rows_float64(x[0], 3, 2);
    size_t used;
    assert_int_equal(kedge_prep_learn_many(&p, &rows, y, NULL, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 2);
    assert_int_equal(kedge_prep_learn(&p, x[0], NAN_D, out), KEDGE_ERR_NOT_FINITE);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_hot),         cmocka_unit_test(test_names),  cmocka_unit_test(test_ordinal),
        cmocka_unit_test(test_growing),         cmocka_unit_test(test_known),  cmocka_unit_test(test_target),
        cmocka_unit_test(test_ordered),         cmocka_unit_test(test_target_overflow), cmocka_unit_test(test_hash),
        cmocka_unit_test(test_chain_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
