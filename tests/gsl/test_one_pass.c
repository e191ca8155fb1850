/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares from blocks of rows: as the fit on the whole table, however it is cut, merged, weighted and ordered. */
#include "gsl_support.h"

#include <float.h>
#include <stdlib.h>

typedef struct pass_case {
    kedge_gsl_least_squares_config cfg;
    kedge_gsl_one_pass pass;
    kedge_model m;
} pass_case;

static pass_case pass_new(uint32_t n_features, uint32_t method)
{
    pass_case c;
    c.cfg = kedge_gsl_least_squares_defaults(n_features);
    c.cfg.method = method;
    c.cfg.report = 1;
    size_t bytes = kedge_gsl_one_pass_size(&c.cfg);
    assert_true(bytes > 0);
    assert_int_equal(kedge_gsl_one_pass_init(&c.pass, &c.cfg, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    c.m = gsl_model(&c.cfg.base);
    return c;
}

static void pass_free(pass_case *c)
{
    guard_free(c->pass.state);
    guard_free(c->m.state);
}

/* Exact, dirty work memory; an error changes nothing. */
static kedge_status pass_add(pass_case *c, const kedge_rows *x, const double *y, const double *weight)
{
    size_t bytes = kedge_gsl_one_pass_work(&c->cfg), state_bytes = kedge_gsl_one_pass_size(&c->cfg);
    void *work = guard_new(bytes, 0xFF), *before = guard_copy(c->pass.state, state_bytes);
    kedge_status st = kedge_gsl_one_pass_add(&c->pass, x, y, weight, work, bytes);
    guard_check(c->pass.state);
    if (st < 0)
        assert_memory_equal(c->pass.state, before, state_bytes);
    guard_free(before);
    guard_free(work);
    return st;
}

static kedge_status pass_merge(pass_case *c, const pass_case *other)
{
    size_t bytes = kedge_gsl_one_pass_work(&c->cfg), state_bytes = kedge_gsl_one_pass_size(&c->cfg);
    void *work = guard_new(bytes, 0xFF), *before = guard_copy(other->pass.state, state_bytes);
    kedge_status st = kedge_gsl_one_pass_merge(&c->pass, &other->pass, work, bytes);
    guard_check(c->pass.state);
    if (other != c)
        assert_memory_equal(other->pass.state, before, state_bytes);
    guard_free(before);
    guard_free(work);
    return st;
}

static kedge_status pass_solve(pass_case *c)
{
    size_t bytes = kedge_gsl_one_pass_work(&c->cfg), state_bytes = kedge_gsl_one_pass_size(&c->cfg);
    void *work = guard_new(bytes, 0xFF), *before = guard_copy(c->pass.state, state_bytes);
    kedge_status st = kedge_gsl_one_pass_solve(&c->pass, &c->m, work, bytes);
    assert_memory_equal(c->pass.state, before, state_bytes);
    assert_int_equal(kedge_model_check(&c->m), KEDGE_OK);
    guard_free(before);
    guard_free(work);
    return st;
}

/* Rows [from, to) of a table. */
static kedge_rows rows_between(const double *x, size_t p, size_t from, size_t to)
{
    return kedge_rows_float64(x + from * p, to - from, p);
}

/* Equal coefficients, errors and fits, each in units of the coefficient's error and of the residual. */
static void assert_same_fit(const kedge_model *a, const kedge_model *b, size_t p, double tolerance)
{
    kedge_gsl_coefficient *c = malloc(2 * (p + 1) * sizeof *c), *d = c + p + 1;
    kedge_gsl_fit_report e, f;
    assert_int_equal(kedge_gsl_report(a, 0.95, &e, c, p + 1), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(b, 0.95, &f, d, p + 1), KEDGE_OK);
    for (size_t j = 0; j <= p; j++) {
        assert_true(fabs(c[j].value - d[j].value) <= tolerance * (fabs(c[j].value) + c[j].standard_error));
        assert_close(c[j].standard_error, d[j].standard_error, tolerance);
    }
    assert_int_equal(e.n_rows, f.n_rows);
    assert_int_equal(e.rank, f.rank);
    assert_close(e.residual_error, f.residual_error, tolerance);
    assert_close(e.r2, f.r2, tolerance);
    free(c);
}

enum { N = 1300, P = 6 };

typedef struct pass_table {
    double x[N * P], y[N], w[N];
} pass_table;

/* A table whose columns lie at 0, far off, drift, stand still for the first block, jump, and count. */
static void fill_table(pass_table *t, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < N; i++) {
        double *row = t->x + i * P;
        row[0] = kedge_rng_normal(&rng);
        row[1] = 1e6 + kedge_rng_normal(&rng);
        row[2] = 0.01 * (double)i + kedge_rng_normal(&rng);
        row[3] = i < 200 ? 5 : 5 + kedge_rng_normal(&rng);
        row[4] = i < 300 ? kedge_rng_normal(&rng) : 1e3 + kedge_rng_normal(&rng);
        row[5] = (double)i;
        t->y[i] = 3 + row[0] - row[1] / 1e6 + row[3] + 1e-3 * row[5] + kedge_rng_normal(&rng);
        t->w[i] = i % 7 ? 3 * kedge_rng_uniform(&rng) : 0;
    }
}

/* Cut at random places, by both methods, weighted or not; the parts in one pass, or in two that are merged. */
static void test_cut_and_merged(void **unused)
{
    (void)unused;
    static pass_table t;
    kedge_rng rng = {1};
    for (int k = 0; k < 24; k++) {
        uint32_t method = k % 2 ? KEDGE_GSL_METHOD_NORMAL : KEDGE_GSL_METHOD_QR;
        int merged = k / 2 % 2, weighted = k / 4 % 2;
        double tolerance = method == KEDGE_GSL_METHOD_QR ? 1e-11 : 1e-8;
        fill_table(&t, (uint64_t)k);
        pass_case a = pass_new(P, method), b = pass_new(P, method), whole = pass_new(P, method);
        for (size_t from = 0; from < N;) {
            size_t to = from + (size_t)kedge_rng_below(&rng, k < 12 ? 400 : 30);
            to = to > N ? N : to;
            kedge_rows rows = rows_between(t.x, P, from, to);
            assert_int_equal(pass_add(merged && from > N / 3 ? &b : &a, &rows, t.y + from, weighted ? t.w + from : NULL), KEDGE_OK);
            from = to;
        }
        assert_int_equal(pass_merge(&a, &b), KEDGE_OK);
        assert_int_equal(pass_solve(&a), KEDGE_OK);
        kedge_rows rows = rows_between(t.x, P, 0, N);
        assert_int_equal(gsl_fit(&whole.m, &rows, t.y, weighted ? t.w : NULL), KEDGE_OK);
        assert_same_fit(&a.m, &whole.m, P, tolerance);
        pass_free(&a);
        pass_free(&b);
        pass_free(&whole);
    }
}

/* Blocks of 120, 240 and 360 rows and the rest: the same bytes as the fit. A merge into nothing: the other one. Rows of weight 0
 * are none. */
static void test_same_bytes(void **unused)
{
    (void)unused;
    static pass_table t;
    fill_table(&t, 77);
    static const size_t cuts[] = {0, 120, 360, 720, N};
    for (int method = 1; method <= 2; method++) {
        pass_case a = pass_new(P, (uint32_t)method), b = pass_new(P, (uint32_t)method), whole = pass_new(P, (uint32_t)method);
        kedge_rows all = rows_between(t.x, P, 0, N), none = rows_between(t.x, P, 0, 0);
        double nothing[10] = {0};
        for (size_t k = 0; k + 1 < sizeof cuts / sizeof *cuts; k++) {
            kedge_rows rows = rows_between(t.x, P, cuts[k], cuts[k + 1]), some = rows_between(t.x, P, 0, 10);
            assert_int_equal(pass_add(&a, &rows, t.y + cuts[k], NULL), KEDGE_OK);
            assert_int_equal(pass_add(&a, &none, t.y, NULL), KEDGE_OK);
            assert_int_equal(pass_add(&a, &some, t.y, nothing), KEDGE_OK);
        }
        assert_int_equal(pass_solve(&a), KEDGE_OK);
        assert_int_equal(gsl_fit(&whole.m, &all, t.y, NULL), KEDGE_OK);
        assert_memory_equal(a.m.state, whole.m.state, kedge_model_size(&a.cfg.base));
        assert_int_equal(pass_merge(&a, &b), KEDGE_OK);
        assert_int_equal(pass_merge(&b, &a), KEDGE_OK);
        assert_memory_equal(a.pass.state, b.pass.state, kedge_gsl_one_pass_size(&a.cfg));
        kedge_gsl_one_pass opened;
        assert_int_equal(kedge_gsl_one_pass_open(&opened, b.pass.state, kedge_gsl_one_pass_size(&a.cfg)), KEDGE_OK);
        assert_true(opened.state == b.pass.state);
        pass_free(&a);
        pass_free(&b);
        pass_free(&whole);
    }
}

/* More columns than a block has rows, and fewer rows than columns. */
static void test_wide(void **unused)
{
    (void)unused;
    enum { WIDE = 150, ROWS = 400 };
    double *x = malloc(ROWS * WIDE * sizeof *x), *y = malloc(ROWS * sizeof *y);
    fill_normal(x, ROWS * WIDE, 2, 3, 7);
    fill_normal(y, ROWS, 0, 1, 8);
    pass_case a = pass_new(WIDE, 1), b = pass_new(WIDE, 1), whole = pass_new(WIDE, 1);
    kedge_rows first = rows_between(x, WIDE, 0, 70), second = rows_between(x, WIDE, 70, ROWS), all = rows_between(x, WIDE, 0, ROWS);
    assert_int_equal(pass_add(&a, &first, y, NULL), KEDGE_OK);
    assert_int_equal(pass_solve(&a), KEDGE_OK);
    assert_int_equal(gsl_summary(&a.m).rank, 69);
    for (size_t i = 0; i < 70; i++)
        assert_close(gsl_predict(&a.m, x + WIDE * i), y[i], 1e-11);
    assert_int_equal(pass_add(&b, &second, y + 70, NULL), KEDGE_OK);
    assert_int_equal(pass_merge(&b, &a), KEDGE_OK);
    assert_int_equal(pass_solve(&b), KEDGE_OK);
    assert_int_equal(gsl_fit(&whole.m, &all, y, NULL), KEDGE_OK);
    assert_same_fit(&b.m, &whole.m, WIDE, 1e-10);
    pass_free(&a);
    pass_free(&b);
    pass_free(&whole);
    free(x);
    free(y);
}

/* Magnitudes and weights that grow by hundreds of powers of ten from block to block. */
static void test_units_follow(void **unused)
{
    (void)unused;
    double x[4][10], y[10], w[10];
    pass_case a = pass_new(1, 1), b = pass_new(1, 1);
    kedge_rng rng = {3};
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 10; i++)
            x[k][i] = kedge_rng_normal(&rng) * (k == 0 ? 0 : k == 1 ? 1e-300 : k == 2 ? 1 : 1e300);
    for (int k = 0; k < 4; k++) {
        kedge_rows rows = kedge_rows_float64(x[k], 10, 1);
        for (int i = 0; i < 10; i++) {
            y[i] = x[k][i] * 1e-205 * (k == 3) + (k == 3 ? 1e92 : 1e-9) * kedge_rng_normal(&rng);
            w[i] = k == 0 ? 0x1p-1074 : k == 3 ? 1e9 : 1e-200;
        }
        assert_int_equal(pass_add(k < 2 ? &a : &b, &rows, y, w), KEDGE_OK);
    }
    assert_int_equal(pass_merge(&a, &b), KEDGE_OK);
    assert_int_equal(pass_solve(&a), KEDGE_OK);
    double slope, intercept;
    assert_int_equal(kedge_gsl_coefficients(&a.m, &slope, 1, &intercept), KEDGE_OK);
    assert_true(fabs(slope / 1e-205 - 1) < 1e-2);
    assert_int_equal(gsl_summary(&a.m).n_rows, 40);
    pass_free(&a);
    pass_free(&b);
}

static void test_refusals(void **unused)
{
    (void)unused;
    double x[8] = {1, 2, 3, 4, 5, 7, 7, 8}, y[4] = {1, 2, 3, 5}, w[4] = {1, 1, 1, 1};
    pass_case a = pass_new(2, 1), other = pass_new(3, 1), normal = pass_new(2, 2);
    size_t bytes = kedge_gsl_one_pass_size(&a.cfg), work_bytes = kedge_gsl_one_pass_work(&a.cfg);
    kedge_rows rows = kedge_rows_float64(x, 4, 2), wide = kedge_rows_float64(x, 2, 4);
    assert_int_equal(pass_solve(&a), KEDGE_ERR_NUMERIC);
    for (int k = 0; k < 3; k++) {
        static const double bad[3] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
        double *place[3] = {x + 5, y + 3, w + 2};
        for (int j = 0; j < 3; j++) {
            double before = *place[j];
            *place[j] = bad[k];
            assert_int_equal(pass_add(&a, &rows, y, w), KEDGE_ERR_NOT_FINITE);
            *place[j] = before;
        }
    }
    y[1] = 2 * KEDGE_TARGET_MAX;
    assert_int_equal(pass_add(&a, &rows, y, w), KEDGE_ERR_RANGE);
    y[1] = 2;
    w[1] = -1;
    assert_int_equal(pass_add(&a, &rows, y, w), KEDGE_ERR_RANGE);
    w[1] = 1;
    assert_int_equal(pass_add(&a, &wide, y, w), KEDGE_ERR_SHAPE);
    assert_int_equal(pass_merge(&a, &other), KEDGE_ERR_CONFIG);
    assert_int_equal(pass_merge(&a, &normal), KEDGE_ERR_CONFIG);
    assert_int_equal(pass_merge(&a, &a), KEDGE_ERR_CONFIG);
    unsigned char *work = guard_new(work_bytes + 8, 0);
    assert_int_equal(kedge_gsl_one_pass_add(&a.pass, &rows, y, NULL, work, work_bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_one_pass_add(&a.pass, &rows, y, NULL, work + 1, work_bytes), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_gsl_one_pass_add(&a.pass, &rows, y, NULL, NULL, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_one_pass_add(&a.pass, &rows, NULL, NULL, work, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_one_pass_add(NULL, &rows, y, NULL, work, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_one_pass_add(&a.pass, &rows, y, NULL, work, work_bytes), KEDGE_OK);
    assert_int_equal(kedge_gsl_one_pass_merge(&a.pass, NULL, work, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_one_pass_solve(&a.pass, &other.m, work, work_bytes), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_gsl_one_pass_solve(&a.pass, &normal.m, work, work_bytes), KEDGE_ERR_CONFIG);
    kedge_model stranger = {&kedge_rls, a.m.state};
    assert_int_equal(kedge_gsl_one_pass_solve(&a.pass, &stranger, work, work_bytes), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_one_pass_solve(&a.pass, &a.m, work, work_bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_one_pass_solve(&a.pass, &a.m, work, work_bytes), KEDGE_OK);
    kedge_gsl_one_pass opened;
    assert_int_equal(kedge_gsl_one_pass_open(&opened, a.pass.state, bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_one_pass_open(&opened, work, 8), KEDGE_ERR_BUFFER);
    memset(work, 0, work_bytes);
    assert_int_equal(kedge_gsl_one_pass_open(&opened, work, work_bytes), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_one_pass_init(&opened, &a.cfg, work + 1, work_bytes), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_gsl_one_pass_init(&opened, &a.cfg, work, bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_one_pass_init(&opened, NULL, work, bytes), KEDGE_ERR_NULL);
    a.cfg.method = 0;
    assert_int_equal(kedge_gsl_one_pass_init(&opened, &a.cfg, work, bytes), KEDGE_ERR_CONFIG);
    assert_true(kedge_gsl_one_pass_size(&a.cfg) == 0 && kedge_gsl_one_pass_work(&a.cfg) == 0 && kedge_gsl_one_pass_size(NULL) == 0);
    guard_free(work);
    pass_free(&a);
    pass_free(&other);
    pass_free(&normal);
}

/* The promise of the header: 20 features in under 64 KiB, state and work together. */
static void test_room(void **unused)
{
    (void)unused;
    kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(20);
    size_t bytes = kedge_gsl_one_pass_size(&cfg), work = kedge_gsl_one_pass_work(&cfg);
    print_message("20 features: state %zu bytes, work %zu\n", bytes, work);
    assert_true(bytes <= 4600 && work <= 26 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_and_merged), cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_wide),
        cmocka_unit_test(test_units_follow),   cmocka_unit_test(test_refusals),   cmocka_unit_test(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
