/* SPDX-License-Identifier: MIT */
/* Schemas: what is inferred from which rows, every kind of skew, categories that come new, changes by hand and tables; and random
 * schemas beside a reference that looks at one value after the other. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"

#include "pipeline/schema_state.h"

#define NAN_D ((double)NAN)
#define INF_D ((double)INFINITY)

enum { N_ROWS = 1000 };

static kedge_control made(const kedge_schema_config *cfg)
{
    kedge_control c = {NULL, NULL};
    size_t bytes = kedge_control_size(&cfg->base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_control_init(&c, &cfg->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return c;
}

/* A schema of one column that has learned x. */
static kedge_control learned(const kedge_column *column, const double *x, size_t n)
{
    kedge_schema_config cfg = kedge_schema_defaults(column, 1);
    kedge_control c = made(&cfg);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(kedge_schema_learn(&c, &x[i], 1), KEDGE_OK);
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    assert_int_equal(kedge_control_check(&c), KEDGE_OK);
    return c;
}

static kedge_column inferred(const double *x, size_t n)
{
    kedge_column column;
    kedge_control c = learned(NULL, x, n);
    assert_int_equal(kedge_schema_column(&c, 0, &column), KEDGE_OK);
    guard_free(c.state);
    return column;
}

/* Checks one value; what was found in it, 0: nothing. */
static uint32_t found(kedge_control *c, double x, kedge_status want)
{
    kedge_schema_verdict v, told;
    assert_int_equal(kedge_schema_explain(c, &x, 1, &told), want == KEDGE_DRIFT ? KEDGE_OK : want); /* the same, beforehand */
    assert_int_equal(kedge_schema_check_row(c, 7, &x, 1, &v), want);
    assert_true(want == KEDGE_DRIFT || (told.n_findings == v.n_findings && told.n_wrong == v.n_wrong && told.n_news == v.n_news));
    assert_true(told.n_findings == 0 || (told.findings[0].why == v.findings[0].why && told.findings[0].column == 0));
    assert_int_equal(kedge_control_check(c), KEDGE_OK);
    assert_int_equal(v.status, want);
    assert_true(v.now_ns == 7 && v.n_wrong == (want < 0) && v.n_news == (want == KEDGE_WARNING));
    if (v.n_findings == 0)
        return 0;
    assert_true(v.n_findings == 1 && v.findings[0].column == 0);
    return v.findings[0].why;
}

static void test_infers_numbers(void **unused)
{
    double x[N_ROWS];
    (void)unused;
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = 10.0 + (double)i / (N_ROWS - 1) * 2.0;
    kedge_column t = inferred(x, N_ROWS);
    assert_true(t.kind == KEDGE_COLUMN_NUMERIC && t.low == 9.0 && t.high == 13.0 && !t.is_whole && t.missing_max == 0.0);
    for (size_t i = 0; i < N_ROWS; i++) /* nothing below 0 was seen: nothing is let through */
        x[i] = (double)(i % 500);
    t = inferred(x, N_ROWS);
    assert_true(t.kind == KEDGE_COLUMN_NUMERIC && t.low == 0.0 && t.high == 499.0 + 249.5 && t.is_whole);
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = 7.5;
    t = inferred(x, N_ROWS);
    assert_true(t.kind == KEDGE_COLUMN_NUMERIC && t.low == 7.5 && t.high == 7.5);
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = i % 2 ? 1e300 : -1e300;
    t = inferred(x, N_ROWS);
    assert_true(t.kind == KEDGE_COLUMN_NUMERIC && t.low == -2e300 && t.high == 2e300);
}

static void test_infers_categories(void **unused)
{
    double x[N_ROWS];
    (void)unused;
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = (double)(i % 15);
    kedge_column t = inferred(x, 4 * 15 * 15);
    assert_true(t.kind == KEDGE_COLUMN_NOMINAL && t.n_categories == 15);
    assert_int_equal(inferred(x, 4 * 15 * 15 - 1).kind, KEDGE_COLUMN_NUMERIC);
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = i % 3 == 0 ? -4.0 : i % 3 == 1 ? 90210.0 : 1e15;
    t = inferred(x, N_ROWS);
    assert_true(t.kind == KEDGE_COLUMN_NOMINAL && t.n_categories == 0 && t.max_categories == 3);
    x[500] = 0.5;
    assert_int_equal(inferred(x, N_ROWS).kind, KEDGE_COLUMN_NUMERIC);
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = (double)(i % 2);
    assert_int_equal(inferred(x, N_ROWS).kind, KEDGE_COLUMN_BOOLEAN);
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = -0.0;
    assert_int_equal(inferred(x, N_ROWS).kind, KEDGE_COLUMN_BOOLEAN);
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = NAN_D;
    assert_int_equal(inferred(x, N_ROWS).kind, KEDGE_COLUMN_IGNORED);
}

/* The upper bound of Clopper and Pearson: at that share, so few or fewer missing ones have the chance 1 - confidence. */
static void test_infers_missing(void **unused)
{
    double x[N_ROWS];
    (void)unused;
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = i % 500 == 0 ? NAN_D : (double)i + 0.5;
    double p = inferred(x, N_ROWS).missing_max;
    double below = pow(1 - p, N_ROWS) + N_ROWS * p * pow(1 - p, N_ROWS - 1);
    below += N_ROWS * (N_ROWS - 1) / 2.0 * p * p * pow(1 - p, N_ROWS - 2);
    assert_close(below, 0.001, 1e-9);
}

static void test_needs_rows(void **unused)
{
    (void)unused;
    kedge_schema_config cfg = kedge_schema_defaults(NULL, 1);
    kedge_control c = made(&cfg);
    double x = 0.0;
    for (int i = 0; i < 29; i++)
        assert_int_equal(kedge_schema_learn(&c, &x, 1), KEDGE_OK);
    assert_int_equal(kedge_schema_finish(&c), KEDGE_ERR_NUMERIC);
    x = INF_D;
    assert_int_equal(kedge_schema_learn(&c, &x, 1), KEDGE_ERR_SKEW);
    x = 1.1e300;
    assert_int_equal(kedge_schema_learn(&c, &x, 1), KEDGE_ERR_SKEW);
    assert_int_equal(kedge_schema_finish(&c), KEDGE_ERR_NUMERIC);
    x = NAN_D;
    assert_int_equal(kedge_schema_learn(&c, &x, 1), KEDGE_OK);
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    guard_free(c.state);
}

static void test_numeric_skew(void **unused)
{
    (void)unused;
    kedge_column t = KEDGE_COLUMN_INIT;
    t.kind = KEDGE_COLUMN_NUMERIC;
    t.low = NAN_D; /* open */
    t.high = 10.0;
    t.is_whole = 1;
    kedge_control c = learned(&t, NULL, 0);
    assert_int_equal(found(&c, 10.0, KEDGE_OK), 0);
    assert_int_equal(found(&c, -1e15, KEDGE_OK), 0);
    assert_int_equal(found(&c, 11.0, KEDGE_ERR_SKEW), KEDGE_SCHEMA_RANGE);
    assert_int_equal(found(&c, 9.5, KEDGE_ERR_SKEW), KEDGE_SCHEMA_TYPE);
    assert_int_equal(found(&c, -INF_D, KEDGE_ERR_SKEW), KEDGE_SCHEMA_TYPE);
    assert_int_equal(found(&c, INF_D, KEDGE_ERR_SKEW), KEDGE_SCHEMA_TYPE);
    assert_int_equal(found(&c, NAN_D, KEDGE_ERR_SKEW), KEDGE_SCHEMA_MISSING);
    guard_free(c.state);
    t.kind = KEDGE_COLUMN_BOOLEAN;
    c = learned(&t, NULL, 0);
    assert_int_equal(found(&c, 1.0, KEDGE_OK), 0);
    assert_int_equal(found(&c, 2.0, KEDGE_ERR_SKEW), KEDGE_SCHEMA_TYPE);
    guard_free(c.state);
    t.kind = KEDGE_COLUMN_IGNORED;
    c = learned(&t, NULL, 0);
    assert_int_equal(found(&c, NAN_D, KEDGE_OK) + found(&c, INF_D, KEDGE_OK) + found(&c, -9.5, KEDGE_OK), 0);
    guard_free(c.state);
}

static void test_known_and_growing(void **unused)
{
    static const double seen[] = {4, -7, 4, 4};
    (void)unused;
    kedge_column t = KEDGE_COLUMN_INIT;
    t.kind = KEDGE_COLUMN_NOMINAL;
    t.n_categories = 3;
    kedge_control c = learned(&t, NULL, 0);
    assert_int_equal(found(&c, 0.0, KEDGE_OK) + found(&c, 2.0, KEDGE_OK), 0);
    assert_int_equal(found(&c, 3.0, KEDGE_ERR_SKEW), KEDGE_SCHEMA_UNSEEN);
    assert_int_equal(found(&c, -1.0, KEDGE_ERR_SKEW), KEDGE_SCHEMA_UNSEEN);
    assert_int_equal(found(&c, 1.5, KEDGE_ERR_SKEW), KEDGE_SCHEMA_TYPE);
    assert_int_equal(found(&c, 1e17, KEDGE_ERR_SKEW), KEDGE_SCHEMA_TYPE);
    guard_free(c.state);
    t.n_categories = 0;
    t.max_categories = 4;
    c = learned(&t, seen, 4);
    assert_int_equal(found(&c, -7.0, KEDGE_OK), 0);
    assert_int_equal(found(&c, 0.0, KEDGE_WARNING), KEDGE_SCHEMA_NEW);
    assert_int_equal(found(&c, 0.0, KEDGE_OK), 0);
    assert_int_equal(found(&c, 1e6, KEDGE_WARNING), KEDGE_SCHEMA_NEW);
    assert_int_equal(found(&c, 1.0, KEDGE_ERR_SKEW), KEDGE_SCHEMA_UNSEEN);
    assert_int_equal(found(&c, 1e6, KEDGE_OK), 0);
    guard_free(c.state);
}

static void test_shape(void **unused)
{
    const double x[3] = {1, 2, 3};
    (void)unused;
    kedge_schema_config cfg = kedge_schema_defaults(NULL, 2);
    kedge_control c = made(&cfg);
    kedge_schema_verdict v;
    for (int i = 0; i < 40; i++)
        assert_int_equal(kedge_schema_learn(&c, x, 2), KEDGE_OK);
    assert_int_equal(kedge_schema_learn(&c, x, 3), KEDGE_ERR_SKEW);
    assert_int_equal(kedge_schema_explain(&c, x, 3, &v), KEDGE_ERR_SKEW);
    assert_true(v.n_findings == 1 && v.findings[0].why == KEDGE_SCHEMA_SHAPE && v.n_wrong == 2 && !v.is_fresh);
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    assert_int_equal(kedge_schema_check_row(&c, 1, x, 3, &v), KEDGE_ERR_SKEW);
    assert_true(v.findings[0].why == KEDGE_SCHEMA_SHAPE && v.findings[0].column == UINT32_MAX && v.is_fresh);
    assert_true(v.findings[0].value == 3.0 && v.findings[0].limit == 2.0);
    assert_int_equal(kedge_schema_check_row(&c, 1, x, 1, &v), KEDGE_ERR_SKEW);
    assert_false(v.is_fresh);
    assert_int_equal(kedge_schema_check_row(&c, 1, x, 2, &v), KEDGE_OK);
    guard_free(c.state);
}

/* Looking at a row leaves no byte otherwise, while the schema learns and later; a column that learns refuses infinity. */
static void test_explain(void **unused)
{
    (void)unused;
    kedge_column t[3] = {KEDGE_COLUMN_INIT, KEDGE_COLUMN_INIT, KEDGE_COLUMN_INIT};
    t[1].kind = KEDGE_COLUMN_BOOLEAN;
    t[2].kind = KEDGE_COLUMN_NOMINAL;
    kedge_schema_config cfg = kedge_schema_defaults(t, 3);
    size_t bytes = kedge_control_size(&cfg.base);
    kedge_control c = made(&cfg), none = {NULL, NULL};
    unsigned char *before = guard_new(bytes, 0);
    const double bad[3] = {INF_D, 2, 7}, news[3] = {1, 1, 7};
    kedge_schema_verdict v;
    for (int phase = 0; phase < 2; phase++) {
        memcpy(before, c.state, bytes);
        assert_int_equal(kedge_schema_explain(&c, bad, 3, &v), KEDGE_ERR_SKEW);
        assert_true(v.n_wrong == 2 && v.n_news == 0 && v.n_findings == 2 && v.findings[0].why == KEDGE_SCHEMA_TYPE);
        assert_true(v.findings[1].column == 1 && v.findings[1].value == 2.0 && v.status == KEDGE_ERR_SKEW);
        assert_int_equal(kedge_schema_explain(&c, news, 3, &v), KEDGE_WARNING);
        assert_true(v.n_news == 1 && v.n_findings == 1 && v.findings[0].column == 2);
        assert_memory_equal(before, c.state, bytes);
        for (int i = 0; i < 40 && phase == 0; i++) {
            const double x[3] = {i, i % 2, 3};
            assert_int_equal(kedge_schema_learn(&c, x, 3), KEDGE_OK);
        }
        if (phase == 0)
            assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    }
    assert_int_equal(kedge_schema_explain(&c, NULL, 3, &v), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_explain(&c, bad, 3, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_explain(&none, bad, 3, &v), KEDGE_ERR_NULL);
    guard_free(before);
    guard_free(c.state);
}

/* A row with skew leaves no category, no value of a window: only the rates know of it. */
static void test_refused_rows_leave_nothing(void **unused)
{
    (void)unused;
    kedge_column t[2] = {KEDGE_COLUMN_INIT, KEDGE_COLUMN_INIT};
    t[0].kind = KEDGE_COLUMN_NOMINAL;
    t[1].kind = KEDGE_COLUMN_BOOLEAN;
    kedge_schema_config cfg = kedge_schema_defaults(t, 2);
    kedge_control c = made(&cfg);
    double x[2] = {1, 2};
    kedge_schema_verdict v;
    kedge_schema_column_report r;
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    assert_int_equal(kedge_schema_check_row(&c, 1, x, 2, &v), KEDGE_ERR_SKEW);
    assert_true(v.n_wrong == 1 && v.n_news == 0 && v.findings[0].column == 1);
    assert_int_equal(kedge_schema_read_column(&c, 0, &r), KEDGE_OK);
    assert_true(r.n_categories == 0 && r.n_news == 0);
    x[1] = 0;
    assert_int_equal(kedge_schema_check_row(&c, 1, x, 2, &v), KEDGE_WARNING);
    assert_int_equal(kedge_schema_read_column(&c, 0, &r), KEDGE_OK);
    assert_true(r.n_categories == 1 && r.n_news == 1);
    guard_free(c.state);
}

/* Infer, read, edit, declare: the strict schema refuses what the edit forbids. */
static void test_edit(void **unused)
{
    double x[N_ROWS];
    kedge_column t, strict;
    (void)unused;
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = i % 500 == 0 ? NAN_D : (double)(i % 90) + 10.0;
    kedge_control c = learned(NULL, x, N_ROWS);
    assert_int_equal(kedge_schema_column(&c, 0, &t), KEDGE_OK);
    assert_true(t.kind == KEDGE_COLUMN_NUMERIC && t.is_whole && t.high > 100.0);
    strict = t;
    strict.high = 99.0;
    strict.missing_max = 0.0;
    assert_int_equal(kedge_schema_set_column(&c, 0, &strict), KEDGE_OK);
    assert_int_equal(found(&c, 100.0, KEDGE_ERR_SKEW), KEDGE_SCHEMA_RANGE);
    assert_int_equal(found(&c, NAN_D, KEDGE_ERR_SKEW), KEDGE_SCHEMA_MISSING);
    kedge_control again = learned(&strict, NULL, 0);
    assert_int_equal(found(&again, 100.0, KEDGE_ERR_SKEW), KEDGE_SCHEMA_RANGE);
    assert_int_equal(found(&again, 99.0, KEDGE_OK), 0);
    strict.low = 100.0;
    assert_int_equal(kedge_schema_set_column(&c, 0, &strict), KEDGE_ERR_CONFIG);
    strict = t;
    strict.kind = KEDGE_COLUMN_NOMINAL;
    assert_int_equal(kedge_schema_set_column(&c, 0, &strict), KEDGE_ERR_CONFIG);
    strict.kind = KEDGE_COLUMN_IGNORED;
    assert_int_equal(kedge_schema_set_column(&c, 0, &strict), KEDGE_OK);
    assert_int_equal(found(&c, INF_D, KEDGE_OK), 0);
    assert_int_equal(kedge_schema_set_column(&c, 0, &t), KEDGE_ERR_CONFIG); /* what it knew is gone */
    guard_free(c.state);
    guard_free(again.state);
}

static void test_lets_a_known_set_grow(void **unused)
{
    double x[N_ROWS];
    kedge_column t;
    (void)unused;
    for (size_t i = 0; i < N_ROWS; i++)
        x[i] = (double)(i % 3);
    kedge_control c = learned(NULL, x, N_ROWS);
    assert_int_equal(found(&c, 3.0, KEDGE_ERR_SKEW), KEDGE_SCHEMA_UNSEEN);
    assert_int_equal(kedge_schema_column(&c, 0, &t), KEDGE_OK);
    t.n_categories = 4;
    assert_int_equal(kedge_schema_set_column(&c, 0, &t), KEDGE_ERR_CONFIG);
    t.n_categories = 0;
    t.max_categories = 2;
    assert_int_equal(kedge_schema_set_column(&c, 0, &t), KEDGE_ERR_CONFIG);
    t.max_categories = 4;
    assert_int_equal(kedge_schema_set_column(&c, 0, &t), KEDGE_OK);
    assert_int_equal(found(&c, 3.0, KEDGE_WARNING), KEDGE_SCHEMA_NEW);
    assert_int_equal(found(&c, 4.0, KEDGE_ERR_SKEW), KEDGE_SCHEMA_UNSEEN);
    guard_free(c.state);
}

/* A table gives the same bytes as its rows. */
static void test_tables(void **unused)
{
    enum { N = 700, P = 3 };
    static float x[N][P];
    static kedge_status statuses[N];
    kedge_rng rng = {5};
    kedge_schema_config cfg = kedge_schema_defaults(NULL, P);
    kedge_schema_verdict v, worst;
    size_t n_refused = 99, n = 0;
    (void)unused;
    cfg.window = 128;
    kedge_control one = made(&cfg), many = made(&cfg);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < P; j++)
            x[i][j] = i > 300 && kedge_rng_below(&rng, 20) == 0 ? 50.0f : (float)kedge_rng_below(&rng, 4);
    kedge_rows rows = kedge_rows_float32(&x[0][0], N, P), learnt, checked;
    assert_int_equal(kedge_rows_slice(&rows, 0, 300, &learnt), KEDGE_OK);
    assert_int_equal(kedge_rows_slice(&rows, 300, N - 300, &checked), KEDGE_OK);
    assert_int_equal(kedge_schema_learn_many(&many, &learnt, &n_refused), KEDGE_OK);
    assert_int_equal(n_refused, 0);
    assert_int_equal(kedge_schema_finish(&many), KEDGE_OK);
    assert_int_equal(kedge_schema_check_many(&many, 9, &checked, statuses, &n_refused, &worst), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        const double row[P] = {(double)x[i][0], (double)x[i][1], (double)x[i][2]};
        if (i == 300)
            assert_int_equal(kedge_schema_finish(&one), KEDGE_OK);
        if (i < 300) {
            assert_int_equal(kedge_schema_learn(&one, row, P), KEDGE_OK);
            continue;
        }
        assert_int_equal(kedge_schema_check_row(&one, 9, row, P, &v), statuses[i - 300]);
        assert_true(v.n_wrong <= worst.n_wrong);
        n += v.status < 0;
    }
    assert_memory_equal(one.state, many.state, kedge_control_size(&cfg.base));
    assert_true(n == n_refused && n > 20 && worst.n_wrong >= 2);
    kedge_rows narrow = kedge_rows_float32(&x[0][0], 10, P - 1);
    assert_int_equal(kedge_schema_check_many(&many, 9, &narrow, NULL, &n_refused, NULL), KEDGE_OK);
    assert_int_equal(n_refused, 10);
    guard_free(one.state);
    guard_free(many.state);
}

/* Random schemas and rows ------------------------------------------------------------------------------------------------------ */

/* What the header says of a value of a column, of which n values in `set` are known. */
static uint32_t naive_why(const kedge_column *t, double x, const double *set, size_t n)
{
    int is_known = 0, is_whole = fabs(x) <= 9007199254740992.0 && floor(x) == x;
    if (t->kind == KEDGE_COLUMN_IGNORED)
        return 0;
    if (isnan(x))
        return t->missing_max == 0.0 ? KEDGE_SCHEMA_MISSING : 0;
    if (isinf(x))
        return KEDGE_SCHEMA_TYPE;
    if (t->kind == KEDGE_COLUMN_NUMERIC)
        return x < t->low || x > t->high ? KEDGE_SCHEMA_RANGE : t->is_whole && !is_whole ? KEDGE_SCHEMA_TYPE : 0;
    if (t->kind == KEDGE_COLUMN_BOOLEAN)
        return x == 0.0 || x == 1.0 ? 0 : KEDGE_SCHEMA_TYPE;
    for (size_t i = 0; i < n; i++)
        is_known |= set[i] == x;
    if (t->n_categories > 0)
        is_known = x >= 0.0 && x < t->n_categories;
    if (!is_whole || is_known)
        return is_whole ? 0 : KEDGE_SCHEMA_TYPE;
    return t->n_categories == 0 && n < t->max_categories ? KEDGE_SCHEMA_NEW : KEDGE_SCHEMA_UNSEEN;
}

static double random_value(kedge_rng *rng)
{
    switch (kedge_rng_below(rng, 12)) {
    case 0:
        return NAN_D;
    case 1:
        return kedge_rng_below(rng, 2) ? INF_D : -INF_D;
    case 2:
        return kedge_rng_normal(rng) * 10.0;
    default:
        return (double)kedge_rng_below(rng, 9) - 2.0;
    }
}

static kedge_column random_column(kedge_rng *rng)
{
    kedge_column t = KEDGE_COLUMN_INIT;
    t.kind = KEDGE_COLUMN_NUMERIC + (uint32_t)kedge_rng_below(rng, 4);
    t.n_categories = kedge_rng_below(rng, 2) ? 0 : 1 + (uint32_t)kedge_rng_below(rng, 6);
    t.max_categories = 1 + (uint32_t)kedge_rng_below(rng, 6);
    t.is_whole = (uint32_t)kedge_rng_below(rng, 2);
    t.low = kedge_rng_below(rng, 2) ? -HUGE_VAL : -1.0;
    t.high = kedge_rng_below(rng, 2) ? HUGE_VAL : 5.0;
    t.missing_max = (double)kedge_rng_below(rng, 2);
    return t;
}

static void test_beside_the_header(void **unused)
{
    enum { N_SCHEMAS = 400, P = 5 };
    size_t n_refused = 0, n_news = 0, n_fine = 0;
    (void)unused;
    for (uint64_t seed = 0; seed < N_SCHEMAS; seed++) {
        kedge_rng rng = {seed};
        kedge_column t[P];
        double set[P][8] = {{0}}, x[P];
        size_t n_set[P] = {0};
        for (size_t j = 0; j < P; j++)
            t[j] = random_column(&rng);
        kedge_schema_config cfg = kedge_schema_defaults(t, P);
        cfg.max_categories = 6;
        cfg.sample_rows = cfg.window = 64;
        kedge_control c = made(&cfg);
        int is_checking = 0;
        for (size_t i = 0; i < 300; i++) {
            uint32_t why[P], n_wrong = 0, n_new = 0;
            kedge_schema_verdict v;
            for (size_t j = 0; j < P; j++) {
                x[j] = kedge_rng_below(&rng, 4) ? 0.0 : random_value(&rng);
                why[j] = naive_why(&t[j], x[j], set[j], n_set[j]);
                n_wrong += why[j] > 0 && why[j] != KEDGE_SCHEMA_NEW;
                n_new += why[j] == KEDGE_SCHEMA_NEW;
            }
            feclearexcept(FE_ALL_EXCEPT);
            if (i == 10) {
                assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
                is_checking = 1;
            }
            kedge_status st = is_checking ? kedge_schema_check_row(&c, i, x, P, &v) : kedge_schema_learn(&c, x, P);
            assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
            assert_int_equal(st < 0, n_wrong > 0);
            if (is_checking) {
                assert_true(v.n_wrong == n_wrong && v.n_news == (n_wrong > 0 ? 0 : n_new));
                for (uint32_t k = 0; k < n_wrong; k++)
                    assert_int_equal(v.findings[k].why, why[v.findings[k].column]);
                assert_true(st == KEDGE_DRIFT || st == (n_wrong > 0 ? KEDGE_ERR_SKEW : n_new > 0 ? KEDGE_WARNING : KEDGE_OK));
                n_news += st == KEDGE_WARNING;
            }
            n_refused += st < 0;
            n_fine += st == KEDGE_OK;
            for (size_t j = 0; j < P && st >= 0; j++)
                if (why[j] == KEDGE_SCHEMA_NEW)
                    set[j][n_set[j]++] = x[j];
        }
        assert_int_equal(kedge_control_check(&c), KEDGE_OK);
        guard_free(c.state);
    }
    print_message("rows refused: %zu, with news: %zu, fine: %zu\n", n_refused, n_news, n_fine);
    assert_true(n_refused > 10000 && n_news > 100 && n_fine > 10000);
}

/* A column that has seen whole numbers knows some: without one it would become a nominal column of no categories. */
static void test_forged_column_is_found(void **unused)
{
    kedge_schema_config cfg = kedge_schema_defaults(NULL, 1);
    (void)unused;
    kedge_control c = made(&cfg);
    for (size_t i = 0; i < 100; i++) {
        double x = (double)(i % 5);
        assert_int_equal(kedge_schema_learn(&c, &x, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_control_check(&c), KEDGE_OK);
    kedge_i_schema_column(c.state, 0)->n_edges = 0;
    assert_int_equal(kedge_control_check(&c), KEDGE_ERR_STATE);
    guard_free(c.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_infers_numbers), cmocka_unit_test(test_infers_categories), cmocka_unit_test(test_infers_missing),
        cmocka_unit_test(test_needs_rows), cmocka_unit_test(test_numeric_skew), cmocka_unit_test(test_known_and_growing),
        cmocka_unit_test(test_shape), cmocka_unit_test(test_explain), cmocka_unit_test(test_refused_rows_leave_nothing),
        cmocka_unit_test(test_edit),
        cmocka_unit_test(test_lets_a_known_set_grow), cmocka_unit_test(test_tables), cmocka_unit_test(test_beside_the_header),
        cmocka_unit_test(test_forged_column_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
