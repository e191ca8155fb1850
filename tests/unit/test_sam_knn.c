/* SPDX-License-Identifier: MIT */
/* Nearest neighbours with self-adjusting memory: against a straightforward reference that keeps two lists of rows and sorts, row
 * for row. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "naive_sam.h"

static void *start(kedge_model *m, const kedge_sam_knn_config *c)
{
    size_t bytes = kedge_model_size(&c->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(m, &c->base, mem, bytes), KEDGE_OK);
    return mem;
}

static kedge_sam_knn_config config(uint32_t n_features, uint32_t n_classes, uint32_t k, uint32_t window, uint32_t min_short)
{
    kedge_sam_knn_config c = kedge_sam_knn_defaults(n_features, n_classes);
    c.k = k;
    c.window = window;
    c.min_short = min_short;
    return c;
}

/* Classes lie apart in the first two features; every 150 rows they change places, or all features move. */
static void draw(kedge_rng *rng, const kedge_sam_knn_config *c, int i, int whole, double missing, double *x, double *y)
{
    uint32_t is = (uint32_t)kedge_rng_below(rng, c->base.n_classes);
    *y = (is + (uint32_t)(i / 150 % 2)) % c->base.n_classes;
    for (uint32_t j = 0; j < c->base.n_features; j++) {
        x[j] = kedge_rng_normal(rng) + (j < 2 ? 2.0 * is : 0) + (i / 300 % 3) * 4;
        if (whole)
            x[j] = floor(x[j]);
        if (kedge_rng_uniform(rng) < missing)
            x[j] = (double)NAN;
    }
    if (kedge_rng_uniform(rng) < 0.1)
        *y = (double)kedge_rng_below(rng, c->base.n_classes);
}

static void expect_alike(const kedge_model *m, const naive *a, const double *x)
{
    static double have[MAX_CLASSES], want[MAX_CLASSES];
    double y = -1;
    uint32_t best = 0;
    naive_score(a, x, want);
    assert_int_equal(kedge_model_score(m, x, have, a->c.base.n_classes), KEDGE_OK);
    assert_int_equal(kedge_model_predict(m, x, &y), KEDGE_OK);
    for (uint32_t c = 0; c < a->c.base.n_classes; c++) {
        assert_close(have[c], want[c], 1e-7);
        best = have[c] > have[best] ? c : best;
    }
    assert_true(y == best);
}

static naive reference;

static void compare(const kedge_sam_knn_config *c, int n_rows, int whole, double missing, uint64_t seed)
{
    naive *a = &reference;
    kedge_model m;
    kedge_rng rng = {seed};
    void *mem = start(&m, c);
    memset(a, 0, sizeof *a);
    a->c = *c;
    a->rng.state = c->seed;
    for (int i = 0; i < n_rows; i++) {
        double x[MAX_FEATURES], y;
        draw(&rng, c, i, whole, missing, x, &y);
        if (i > 0)
            expect_alike(&m, a, x);
        assert_int_equal(kedge_model_learn(&m, x, y, 1 + i % 2), KEDGE_OK);
        naive_learn(a, x, y, 1 + i % 2);
        if (i % 50 == 0)
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    }
    guard_free(mem);
}

static void test_equals_naive(void **state)
{
    (void)state;
    int n_shrunk = 0, n_cleaned = 0, n_condensed = 0, n_refused = 0;
    for (uint32_t i = 0; i < 12; i++) {
        kedge_sam_knn_config c = config(1 + i % 4, 2 + i % 3, 1 + i % 5, 40 + 11 * (i % 5), 6 + i % 4);
        c.seed = i;
        c.distance = 1 + i % 2;
        c.weights = 1 + i / 2 % 2;
        c.scale = i % 3 == 0 ? KEDGE_KNN_STANDARD : i % 3 == 1 ? KEDGE_KNN_RANGE : KEDGE_KNN_RAW;
        c.long_share = 0.2 + 0.1 * (i % 4);
        compare(&c, 700, c.scale == KEDGE_KNN_RAW && i % 2, i % 4 == 3 ? 0.2 : 0, i);
        n_shrunk += reference.n_shrunk;
        n_cleaned += reference.n_cleaned;
        n_condensed += reference.n_condensed;
        n_refused += reference.n_refused;
    }
    print_message("%d times smaller, %d times not after all, %d rows cleaned, %d times condensed\n", n_shrunk, n_refused, n_cleaned,
                  n_condensed);
    assert_true(n_shrunk > 20 && n_refused > 5 && n_cleaned > 100 && n_condensed > 50);
}

/* More classes than the long-term memory has room: nothing can be condensed, and one row goes. */
static void test_many_classes(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, MAX_CLASSES, 1, 8, 2);
    compare(&c, 300, 0, 0, 1);
    assert_true(reference.n_single > 0);
    c.long_share = 0.1; /* of 8 rows less than one, so one */
    compare(&c, 300, 0, 0, 1);
    assert_true(reference.n_single > 0);
}

/* Features that all rows of a centre lack, and rows that all are the same. */
static void test_missing_and_equal(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 2, 24, 3);
    c.scale = KEDGE_KNN_RAW;
    compare(&c, 1500, 1, 0.7, 3);
    assert_true(reference.n_condensed > 3);
    kedge_model m;
    void *mem = start(&m, &c);
    double x[2] = {1, (double)NAN}, y = -1;
    for (int i = 0; i < 200; i++)
        assert_int_equal(kedge_model_learn(&m, x, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
    assert_true(y == 1);
    guard_free(mem);
}

static int count_right(kedge_model *m, kedge_rng *rng, int n, int is_turned, double at)
{
    int right = 0;
    for (int i = 0; i < n; i++) {
        double x[2] = {kedge_rng_normal(rng) + at, kedge_rng_normal(rng)}, y, is = (x[0] - at > 0) != is_turned;
        assert_true(kedge_model_predict(m, x, &y) >= 0);
        right += y == is;
        assert_int_equal(kedge_model_learn(m, x, is, 1), KEDGE_OK);
    }
    return right;
}

/* A concept that turns round: the short-term memory shrinks, so it recovers sooner than a window of the same size. */
static void test_follows_drift(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 5, 400, 20);
    kedge_knn_config window = kedge_knn_defaults(2, 2);
    kedge_model m, plain;
    kedge_rng rng = {3}, same = {3};
    window.window = 400;
    void *mem = start(&m, &c);
    size_t bytes = kedge_model_size(&window.base);
    void *other = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(&plain, &window.base, other, bytes), KEDGE_OK);
    assert_true(count_right(&m, &rng, 600, 0, 0) > 550);
    count_right(&plain, &same, 600, 0, 0);
    int have = count_right(&m, &rng, 300, 1, 0), without = count_right(&plain, &same, 300, 1, 0);
    print_message("right after the turn: %d of 300, in a plain window %d\n", have, without);
    assert_true(have > 220 && have > without + 60);
    guard_free(other);
    guard_free(mem);
}

/* What was learned elsewhere and is not contradicted is remembered: the long-term memory knows it when it comes back. */
static void test_remembers(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 5, 300, 20);
    c.scale = KEDGE_KNN_RAW;
    kedge_model m;
    kedge_rng rng = {4};
    void *mem = start(&m, &c);
    count_right(&m, &rng, 300, 0, 0);
    count_right(&m, &rng, 600, 1, 30);
    int right = count_right(&m, &rng, 30, 0, 0);
    print_message("right in what comes back: %d of 30\n", right);
    assert_true(right > 22);
    guard_free(mem);
}

/* A seed gives the same bytes each time; another one gives other centres. */
static void test_is_deterministic(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 3, 60, 6);
    kedge_model m[3];
    void *mem[3];
    size_t bytes = kedge_model_size(&c.base);
    for (int i = 0; i < 3; i++) {
        kedge_rng rng = {6};
        c.seed = 5 + (uint64_t)(i == 2);
        mem[i] = start(&m[i], &c);
        count_right(&m[i], &rng, 500, 0, 0);
    }
    assert_memory_equal(mem[0], mem[1], bytes);
    assert_true(memcmp((char *)mem[0] + 400, (char *)mem[2] + 400, 60 * 16) != 0);
    for (int i = 0; i < 3; i++)
        guard_free(mem[i]);
}

static void test_hostile_scales(void **state)
{
    (void)state;
    static const double odd[] = {1e300, -1e300, 1.7e308, -1.7e308, 1e-300, 5e-324, 0, 1e150, 1e-150, 1e15 + 1, 3, -0.0};
    for (uint32_t how = 0; how < 8; how++) {
        kedge_sam_knn_config c = config(4, 3, 3, 40, 5);
        kedge_model m;
        kedge_rng rng = {how};
        double x[4], y;
        c.distance = 1 + how % 2;
        c.weights = 1 + how / 2 % 2;
        c.scale = 1 + how / 4 % 2;
        void *mem = start(&m, &c);
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 600; i++) {
            double s[3] = {-1, -1, -1};
            for (int j = 0; j < 4; j++)
                x[j] = odd[kedge_rng_below(&rng, j == 3 ? 3 : 12)] * (i % 200 < 100 || j != 2);
            x[1] = i % 7 == 0 ? (double)NAN : x[1];
            assert_int_equal(kedge_model_learn(&m, x, (i / 60 + (x[0] > 0)) % 3, i % 5 ? 1e9 : 1e-320), KEDGE_OK);
            x[0] = odd[kedge_rng_below(&rng, 12)];
            assert_int_equal(kedge_model_score(&m, x, s, 3), KEDGE_OK);
            assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
            assert_close(s[0] + s[1] + s[2], 1, 1e-12);
            if (i % 10 == 0)
                assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        }
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        guard_free(mem);
    }
}

/* Predict and learn with a state that the check has let pass. */
static void use(kedge_model *m)
{
    double have[2], x[2] = {0.5, 1e300};
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_model_score(m, x, have, 2), KEDGE_OK);
    for (int j = 0; j < 20; j++)
        assert_int_equal(kedge_model_learn(m, x, j % 2, 1), KEDGE_OK);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
}

/* What a snapshot carries of one field, forged in every place; returns how often that was refused. */
static size_t forge(kedge_model *m, const kedge_field *f, size_t bytes)
{
    static const double odd[] = {1e200, (double)INFINITY, 1e-300, -1, 0.5, 4, 0, (double)NAN};
    uint32_t whole[] = {0, 1, 5, 11, 12, 1u << 30, UINT32_MAX, 0};
    unsigned char *mem = m->state, *before = guard_copy(mem, bytes);
    size_t width = f->type == KEDGE_TYPE_U32 ? 4 : 8, refused = 0;
    uint32_t at = f->offset, n = f->count;
    if (f->role == KEDGE_ROLE_ARRAY) {
        memcpy(&n, mem + f->count, 4);
        memcpy(&at, mem + f->offset, 4);
    }
    for (uint32_t i = 0; i < m->cls->base.n_fields; i++)
        if (strcmp(m->cls->base.fields[i].name, "near.n_held") == 0)
            memcpy(&whole[7], mem + m->cls->base.fields[i].offset, 4); /* all rows in the long-term memory */
    for (uint32_t i = 0; i < n * 8; i++) {
        memcpy(mem + at + i / 8 * width, width == 4 ? (const void *)&whole[i % 8] : (const void *)&odd[i % 8], width);
        if (kedge_model_check(m) == KEDGE_OK)
            use(m);
        else
            refused++;
        memcpy(mem, before, bytes);
    }
    guard_free(before);
    return refused;
}

/* Any value of a state forged: refused, or harmless. */
static void test_refuses_forged(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 2, 12, 3);
    kedge_model m;
    size_t bytes = kedge_model_size(&c.base), refused = 0;
    void *mem = start(&m, &c);
    kedge_rng rng = {2};
    for (int i = 0; i < 40; i++) {
        double x[2] = {kedge_rng_normal(&rng), kedge_rng_normal(&rng)};
        assert_int_equal(kedge_model_learn(&m, x, (x[0] > 0) != (i > 30), 1), KEDGE_OK);
    }
    for (uint32_t i = 0; i < m.cls->base.n_fields; i++)
        if (m.cls->base.fields[i].role != KEDGE_ROLE_PARAM)
            refused += forge(&m, &m.cls->base.fields[i], bytes);
    assert_true(refused > 500);
    guard_free(mem);
}

static void test_config(void **state)
{
    (void)state;
    kedge_sam_knn_config c;
    assert_int_equal(kedge_sam_knn_config_init(NULL, sizeof c, 1, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_sam_knn_config_init(&c, 3, 1, 2), KEDGE_ERR_CONFIG);
    for (uint32_t n = 1; n < 12; n++) {
        c = config(n, n + 1, n, 13 * n + n % 3, n + 1);
        assert_int_equal(kedge_model_size(&c.base), KEDGE_SAM_KNN_BYTES_FOR(n, 13 * n + n % 3));
    }
    c = config(KEDGE_FEATURES_MAX, 2, 5, KEDGE_KNN_WINDOW_MAX, 50);
    assert_int_equal(kedge_model_size(&c.base), 0); /* does not fit 32 bits */
    c = config(1, 2, 1, KEDGE_KNN_WINDOW_MAX, 2); /* as many levels as can be */
    assert_true(kedge_model_size(&c.base) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_naive),     cmocka_unit_test(test_many_classes),   cmocka_unit_test(test_missing_and_equal),
        cmocka_unit_test(test_follows_drift),    cmocka_unit_test(test_remembers),      cmocka_unit_test(test_is_deterministic),
        cmocka_unit_test(test_hostile_scales),   cmocka_unit_test(test_refuses_forged), cmocka_unit_test(test_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
