/* SPDX-License-Identifier: MIT */
/* Preps in the contract's shape. Observation i is a row of numbers, categories and holes. */
#include <math.h>

#include "contract.h"

static size_t prep_size(const any_config *cfg)
{
    return kedge_prep_size(cfg ? &cfg->prep : NULL);
}

static kedge_status prep_init(handle *h, const any_config *cfg, void *mem, size_t bytes)
{
    return kedge_prep_init(h ? &h->prep : NULL, cfg ? &cfg->prep : NULL, mem, bytes);
}

static const kedge_prep_class *prep_class_of(const subject *s)
{
    any_config cfg;
    s->config(&cfg);
    return cfg.prep.cls;
}

static kedge_status prep_open(handle *h, const subject *s, void *mem, size_t bytes)
{
    return kedge_prep_open(h ? &h->prep : NULL, prep_class_of(s), mem, bytes);
}

static kedge_status prep_check(const handle *h)
{
    return kedge_prep_check(h ? &h->prep : NULL);
}

static kedge_status prep_reset(handle *h)
{
    return kedge_prep_reset(h ? &h->prep : NULL);
}

static kedge_status prep_save(const handle *h, void *buf, size_t cap, size_t *len)
{
    return kedge_prep_save(h ? &h->prep : NULL, buf, cap, len);
}

static kedge_status prep_load_size(const subject *s, const void *buf, size_t len, size_t *bytes)
{
    return kedge_prep_load_size(prep_class_of(s), buf, len, bytes);
}

static kedge_status prep_load(handle *h, const subject *s, void *mem, size_t bytes, const void *buf, size_t len)
{
    return kedge_prep_load(h ? &h->prep : NULL, prep_class_of(s), mem, bytes, buf, len);
}

/* Columns 0, 2, 4 ... are categories, the others numbers. A forged snapshot may be of very many. */
static void prep_row(size_t i, double *x, size_t n)
{
    for (size_t j = 0; j < n; j++)
        x[j] = (i + 3 * j) % 11 == 10 ? (double)NAN
               : j % 2 == 0           ? (double)((i * 7 + i / 9 + j) % 4) - 1.0
                                      : contract_value(i + 17 * j) * 100.0 - 20.0;
}

static kedge_prep_info prep_info(const kedge_prep *p)
{
    kedge_prep_info info;
    assert_int_equal(kedge_prep_describe(p, &info), KEDGE_OK);
    assert_true(info.n_out == kedge_prep_n_out(p) && info.n_out >= 1 && info.n_out <= KEDGE_PREP_COLUMNS_MAX);
    return info;
}

static double prep_x[KEDGE_PREP_COLUMNS_MAX], prep_out[KEDGE_PREP_COLUMNS_MAX];

static void prep_row_refusals(kedge_prep *p, const kedge_prep_info *info)
{
    static const double bad[] = {INFINITY, -INFINITY, 1.1e300, -1e308};
    prep_row(1, prep_x, info->n_columns);
    for (size_t i = 0; i < 4; i++) {
        for (uint32_t j = 0; j < info->n_columns; j++) {
            kedge_status want = i < 2 ? KEDGE_ERR_NOT_FINITE : KEDGE_ERR_RANGE;
            double keep = prep_x[j];
            prep_x[j] = bad[i];
            assert_int_equal(kedge_prep_learn(p, prep_x, 1, prep_out), want);
            assert_int_equal(kedge_prep_transform(p, prep_x, prep_out), want);
            prep_x[j] = keep;
        }
        if (info->needs_target)
            assert_true(kedge_prep_learn(p, prep_x, bad[i], prep_out) < 0);
    }
    if (info->needs_target)
        assert_int_equal(kedge_prep_learn(p, prep_x, (double)NAN, prep_out), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_prep_learn(NULL, prep_x, 1, prep_out), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_learn(p, NULL, 1, prep_out), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_transform(NULL, prep_x, prep_out), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_transform(p, NULL, prep_out), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_transform(p, prep_x, NULL), KEDGE_ERR_NULL);
}

static void prep_table_refusals(kedge_prep *p, const kedge_prep_info *info)
{
    double x[2 * CONTRACT_MAX_FEATURES], y[2] = {1, 2};
    size_t used = 77, bytes = kedge_prep_work(p, 2);
    assert_true(bytes > 0);
    prep_row(1, x, info->n_columns);
    prep_row(3, x + info->n_columns, info->n_columns);
    kedge_rows rows = kedge_rows_float64(x, 2, info->n_columns), wide = kedge_rows_float64(x, 1, info->n_columns + 1u);
    kedge_rows none = kedge_rows_float64(x, 0, info->n_columns);
    unsigned char *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_prep_learn_many(p, &wide, y, NULL, &used), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_prep_learn_many(p, NULL, y, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_learn_many(p, &rows, y, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_transform_many(p, &wide, prep_out, &used), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_prep_transform_many(p, &rows, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_transform_many(p, &rows, prep_out, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_learn_many(p, &none, NULL, NULL, &used), KEDGE_OK);
    assert_int_equal(used, 0);
    assert_int_equal(kedge_prep_fit(p, &none, y, work, bytes, NULL), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_prep_fit(p, &wide, y, work, bytes, NULL), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_prep_fit(p, NULL, y, work, bytes, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_fit(p, &rows, y, NULL, bytes, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_fit(p, &rows, y, work, bytes - 1, NULL), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_prep_fit(p, &rows, y, work + 4, bytes, NULL), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_prep_work(p, 0), 0);
    if (info->needs_target) {
        assert_int_equal(kedge_prep_fit(p, &rows, NULL, work, bytes, NULL), KEDGE_ERR_NULL);
        assert_int_equal(kedge_prep_learn_many(p, &rows, NULL, NULL, &used), KEDGE_ERR_NULL);
        y[1] = 1e101;
        assert_int_equal(kedge_prep_fit(p, &rows, y, work, bytes, NULL), KEDGE_ERR_RANGE);
        y[1] = 2;
    }
    x[info->n_columns] = (double)INFINITY;
    assert_int_equal(kedge_prep_fit(p, &rows, y, work, bytes, NULL), KEDGE_ERR_NOT_FINITE);
    guard_free(work);
}

/* A configuration tells what work a fit needs before there is a state. */
static void prep_work_is_told(const kedge_prep *p, const subject *s)
{
    static const size_t counts[] = {0, 1, 7, 1000, UINT32_MAX, SIZE_MAX / 64};
    any_config cfg;
    s->config(&cfg);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        assert_true(kedge_prep_fit_work(&cfg.prep, counts[i]) == kedge_prep_work(p, counts[i]));
    assert_int_equal(kedge_prep_fit_work(NULL, 1), 0);
}

static void prep_refusals(handle *h, const subject *s)
{
    kedge_prep *p = &h->prep, none = {NULL, NULL};
    kedge_prep_info info = prep_info(p);
    kedge_prep_origin o;
    size_t len;
    prep_work_is_told(p, s);
    prep_row_refusals(p, &info);
    prep_table_refusals(p, &info);
    assert_int_equal(kedge_prep_describe(p, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_describe(&none, &info), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_n_out(&none), 0);
    assert_int_equal(kedge_prep_column(p, info.n_out, &o), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_prep_column(p, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_column_name(p, 0, NULL, NULL, 1, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_column_name(p, 0, NULL, NULL, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prep_merge(p, p), info.can_merge ? KEDGE_ERR_CONFIG : KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_prep_merge(p, &none), KEDGE_ERR_NULL);
}

/* All read-outs; what comes out is finite, or missing. */
static void prep_read(const handle *h, const subject *s)
{
    const kedge_prep *p = &h->prep;
    kedge_prep_info info = prep_info(p);
    char name[64];
    size_t len;
    (void)s;
    for (uint32_t i = 0; i < info.n_out && i < 200; i++) {
        kedge_prep_origin o;
        assert_int_equal(kedge_prep_column(p, i, &o), KEDGE_OK);
        assert_true(o.kind >= KEDGE_OUT_SAME && o.kind <= KEDGE_OUT_LAG && o.step < KEDGE_CHAIN_MAX);
        for (int j = 0; j < 3; j++)
            assert_true(o.column[j] < info.n_columns || o.column[j] == KEDGE_PREP_NONE);
        kedge_status st = kedge_prep_column_name(p, i, NULL, name, sizeof name, &len);
        assert_true(st == KEDGE_OK || (st == KEDGE_ERR_BUFFER && len >= sizeof name));
        assert_true(strlen(name) > 0);
    }
    for (size_t i = 0; i < 12; i++) {
        prep_row(i * 31, prep_x, info.n_columns);
        kedge_status st = kedge_prep_transform(p, prep_x, prep_out);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN);
        for (uint32_t j = 0; j < info.n_out; j++)
            assert_true(prep_out[j] != prep_out[j] || fabs(prep_out[j]) <= 1.1e300);
    }
}

void feed_prep(handle *h, size_t from, size_t to)
{
    uint32_t n = prep_info(&h->prep).n_columns;
    for (size_t i = from; i < to; i++) {
        prep_row(i, prep_x, n);
        kedge_status st = kedge_prep_learn(&h->prep, prep_x, contract_value(i) * 3.0, i % 2 ? prep_out : NULL);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN);
    }
}

void feed_prep_many(handle *h, size_t from, size_t to)
{
    kedge_prep_info info = prep_info(&h->prep);
    size_t n_rows = to - from, used = 0;
    double *x = guard_new(n_rows * info.n_columns * sizeof *x, 0), *y = guard_new(n_rows * sizeof *y, 0);
    double *out = guard_new(n_rows * info.n_out * sizeof *out, 0);
    for (size_t i = 0; i < n_rows; i++) {
        prep_row(from + i, x + i * info.n_columns, info.n_columns);
        y[i] = contract_value(from + i) * 3.0;
    }
    while (n_rows > 0) { /* a refused row is left out, as by single calls */
        kedge_rows rows = kedge_rows_float64(x + (to - from - n_rows) * info.n_columns, n_rows, info.n_columns);
        kedge_status st = kedge_prep_learn_many(&h->prep, &rows, y + (to - from - n_rows), out, &used);
        assert_true(st == KEDGE_OK ? used == n_rows : st == KEDGE_ERR_UNKNOWN && used < n_rows);
        n_rows -= st == KEDGE_OK ? used : used + 1;
    }
    guard_free(out);
    guard_free(y);
    guard_free(x);
}

void fit_prep(handle *h, size_t from, size_t to)
{
    kedge_prep_info info = prep_info(&h->prep);
    if (to <= from)
        return;
    size_t n_rows = to, bytes = kedge_prep_work(&h->prep, n_rows);
    double *x = guard_new(n_rows * info.n_columns * sizeof *x, 0), *y = guard_new(n_rows * sizeof *y, 0);
    double *out = guard_new(n_rows * info.n_out * sizeof *out, 0);
    void *work = guard_new(bytes, 0x5C);
    for (size_t i = 0; i < n_rows; i++) {
        prep_row(i, x + i * info.n_columns, info.n_columns);
        y[i] = contract_value(i) * 3.0;
    }
    kedge_rows rows = kedge_rows_float64(x, n_rows, info.n_columns);
    kedge_status st = kedge_prep_fit(&h->prep, &rows, y, work, bytes, out);
    assert_true(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN);
    guard_free(work);
    guard_free(out);
    guard_free(y);
    guard_free(x);
}

const noun noun_prep = {prep_size, prep_init,      prep_open, prep_check,    prep_reset,
                        prep_save, prep_load_size, prep_load, prep_refusals, prep_read};
