/* SPDX-License-Identifier: MIT */
/* Models in the contract's shape: how they are fed, read and offered bad input. */
#include <math.h>
#include <string.h>

#include "contract.h"

static size_t model_size(const any_config *cfg)
{
    return kedge_model_size(cfg ? &cfg->model : NULL);
}

static kedge_status model_init(handle *h, const any_config *cfg, void *mem, size_t bytes)
{
    return kedge_model_init(h ? &h->model : NULL, cfg ? &cfg->model : NULL, mem, bytes);
}

static const kedge_model_class *model_class_of(const subject *s)
{
    any_config cfg;
    s->config(&cfg);
    return cfg.model.cls;
}

static kedge_status model_open(handle *h, const subject *s, void *mem, size_t bytes)
{
    return kedge_model_open(h ? &h->model : NULL, model_class_of(s), mem, bytes);
}

static kedge_status model_check(const handle *h)
{
    return kedge_model_check(h ? &h->model : NULL);
}

static kedge_status model_reset(handle *h)
{
    return kedge_model_reset(h ? &h->model : NULL);
}

static kedge_status model_save(const handle *h, void *buf, size_t cap, size_t *len)
{
    return kedge_model_save(h ? &h->model : NULL, buf, cap, len);
}

static kedge_status model_load_size(const subject *s, const void *buf, size_t len, size_t *bytes)
{
    return kedge_model_load_size(model_class_of(s), buf, len, bytes);
}

static kedge_status model_load(handle *h, const subject *s, void *mem, size_t bytes, const void *buf, size_t len)
{
    return kedge_model_load(h ? &h->model : NULL, model_class_of(s), mem, bytes, buf, len);
}

static kedge_model_info model_info(const kedge_model *m)
{
    kedge_model_info info;
    assert_int_equal(kedge_model_describe(m, &info), KEDGE_OK);
    return info;
}

/* Forged bytes may describe a model of another shape, where its size does not follow from the shape. */
static int model_fits_here(const kedge_model_info *info)
{
    return info->n_features <= CONTRACT_MAX_FEATURES && info->n_classes <= CONTRACT_MAX_CLASSES;
}

/* A row that the model's class takes: counts are not negative, neither those that are features nor those to predict. */
static void model_row(const kedge_model *m, size_t i, double *x, double *y)
{
    kedge_model_info info = model_info(m);
    contract_row(i, x, info.n_features, y, info.n_classes);
    for (uint32_t j = 0; j < info.n_features && strcmp(m->cls->base.name, "multinomial_nb") == 0; j++)
        x[j] = fabs(x[j]);
    if (strcmp(m->cls->base.name, "glm") == 0)
        *y = fabs(*y);
}

static double model_row_weight(size_t i)
{
    return 1 + (double)(i % 3);
}

static void model_learn_refusals(kedge_model *m, const kedge_model_info *info)
{
    const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    double x[CONTRACT_MAX_FEATURES], y;
    contract_row(3, x, info->n_features, &y, info->n_classes);
    if (!info->can_learn) {
        assert_int_equal(kedge_model_learn(m, x, y, 1), KEDGE_ERR_UNSUPPORTED);
        return;
    }
    for (int i = 0; i < 3; i++) {
        for (uint32_t j = 0; j < info->n_features; j++) {
            double keep = x[j];
            x[j] = bad[i];
            if (i > 0 || !info->takes_missing)
                assert_int_equal(kedge_model_learn(m, x, y, 1), KEDGE_ERR_NOT_FINITE);
            x[j] = keep;
        }
        assert_int_equal(kedge_model_learn(m, x, bad[i], 1), KEDGE_ERR_NOT_FINITE);
        assert_int_equal(kedge_model_learn(m, x, y, bad[i]), KEDGE_ERR_NOT_FINITE);
    }
    assert_int_equal(kedge_model_learn(m, x, y, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_model_learn(m, x, y, 2 * KEDGE_WEIGHT_MAX), KEDGE_ERR_RANGE);
    if (info->n_classes > 0) {
        assert_int_equal(kedge_model_learn(m, x, -1, 1), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_model_learn(m, x, 0.5, 1), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_model_learn(m, x, info->n_classes, 1), KEDGE_ERR_RANGE);
    } else {
        assert_int_equal(kedge_model_learn(m, x, 1e101, 1), KEDGE_ERR_RANGE);
    }
    assert_int_equal(kedge_model_learn(NULL, x, y, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_learn(m, NULL, y, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_learn(m, x, y, 0), KEDGE_OK); /* weight 0 learns nothing */
}

static void model_forget_refusals(kedge_model *m, const kedge_model_info *info)
{
    const double bad[] = {(double)NAN, (double)INFINITY};
    double x[CONTRACT_MAX_FEATURES], y;
    model_row(m, 3, x, &y);
    assert_int_equal(kedge_model_forget(NULL, x, y, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_forget(m, NULL, y, 1), KEDGE_ERR_NULL);
    if (!info->can_forget) {
        assert_int_equal(kedge_model_forget(m, x, y, 1), KEDGE_ERR_UNSUPPORTED);
        return;
    }
    for (int i = 0; i < 2; i++) {
        double keep = x[0];
        x[0] = bad[i];
        assert_int_equal(kedge_model_forget(m, x, y, 1), i == 0 && info->takes_missing ? KEDGE_ERR_RANGE : KEDGE_ERR_NOT_FINITE);
        x[0] = keep;
        assert_int_equal(kedge_model_forget(m, x, bad[i], 1), KEDGE_ERR_NOT_FINITE);
        assert_int_equal(kedge_model_forget(m, x, y, bad[i]), KEDGE_ERR_NOT_FINITE);
    }
    assert_int_equal(kedge_model_forget(m, x, -1, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_model_forget(m, x, y, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_model_forget(m, x, y, KEDGE_WEIGHT_MAX), KEDGE_ERR_RANGE); /* more than it holds */
    assert_int_equal(kedge_model_forget(m, x, y, 0), KEDGE_OK);
}

static void model_merge_refusals(kedge_model *m, const kedge_model_info *info)
{
    static unsigned char state[sizeof(kedge_model_state)];
    kedge_model_class stranger = *m->cls;
    kedge_model other = {&stranger, state};
    assert_int_equal(kedge_model_merge(NULL, m), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_merge(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_merge(m, &other), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_model_merge(m, m), info->can_merge ? KEDGE_ERR_CONFIG : KEDGE_ERR_UNSUPPORTED);
}

static void model_table_refusals(kedge_model *m, const kedge_model_info *info)
{
    double x[2 * CONTRACT_MAX_FEATURES], y[2];
    size_t used = 77;
    contract_row(3, x, info->n_features, &y[0], info->n_classes);
    contract_row(4, x + info->n_features, info->n_features, &y[1], info->n_classes);
    kedge_rows rows = kedge_rows_float64(x, 2, info->n_features);
    kedge_rows wide = kedge_rows_float64(x, 1, info->n_features + 1u);
    size_t work_bytes = kedge_model_work(m, 2);
    void *work = work_bytes ? guard_new(work_bytes, 0xA5) : NULL;
    assert_int_equal(kedge_model_learn_many(m, NULL, y, NULL, &used), info->can_learn ? KEDGE_ERR_NULL : KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_model_learn_many(m, &wide, y, NULL, &used), info->can_learn ? KEDGE_ERR_SHAPE : KEDGE_ERR_UNSUPPORTED);
    if (info->can_learn) {
        assert_int_equal(kedge_model_learn_many(m, &rows, NULL, NULL, &used), KEDGE_ERR_NULL);
        assert_int_equal(kedge_model_learn_many(m, &rows, y, NULL, NULL), KEDGE_ERR_NULL);
    }
    if (!info->can_fit) {
        assert_int_equal(work_bytes, 0);
        assert_int_equal(kedge_model_fit(m, &rows, y, NULL, NULL, 0), KEDGE_ERR_UNSUPPORTED);
        return;
    }
    kedge_rows none = kedge_rows_float64(x, 0, info->n_features);
    assert_int_equal(kedge_model_fit(m, &none, y, NULL, work, work_bytes), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_model_fit(m, &wide, y, NULL, work, work_bytes), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_model_fit(m, NULL, y, NULL, work, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_fit(m, &rows, NULL, NULL, work, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_fit(m, &rows, y, NULL, NULL, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_fit(m, &rows, y, NULL, work, work_bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_model_fit(m, &rows, y, NULL, (char *)work + 4, work_bytes), KEDGE_ERR_ALIGN);
    x[info->n_features] = info->takes_missing ? (double)INFINITY : (double)NAN;
    assert_int_equal(kedge_model_fit(m, &rows, y, NULL, work, work_bytes), KEDGE_ERR_NOT_FINITE);
    x[info->n_features] = 0;
    y[1] = (double)INFINITY;
    assert_int_equal(kedge_model_fit(m, &rows, y, NULL, work, work_bytes), KEDGE_ERR_NOT_FINITE);
    y[1] = info->n_classes > 0 ? info->n_classes : 1e101;
    assert_int_equal(kedge_model_fit(m, &rows, y, NULL, work, work_bytes), KEDGE_ERR_RANGE);
    guard_free(work);
}

static void model_refusals(handle *h, const subject *s)
{
    kedge_model *m = &h->model;
    kedge_model_info info = model_info(m);
    double x[CONTRACT_MAX_FEATURES], y = 7, scores[16] = {7}, target;
    size_t used = 77;
    (void)s;
    model_learn_refusals(m, &info);
    model_table_refusals(m, &info);
    model_forget_refusals(m, &info);
    model_merge_refusals(m, &info);
    contract_row(5, x, info.n_features, &target, info.n_classes);
    size_t n_scores = info.n_classes > 0 ? info.n_classes : 1;
    assert_int_equal(kedge_model_predict(NULL, x, &y), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_predict(m, NULL, &y), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_predict(m, x, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_score(m, x, NULL, n_scores), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_score(m, NULL, scores, n_scores), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_score(m, x, scores, n_scores - 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_model_score(m, x, scores, n_scores + 1), KEDGE_ERR_SHAPE);
    kedge_rows rows = kedge_rows_float64(x, 1, info.n_features);
    assert_int_equal(kedge_model_predict_many(m, &rows, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_predict_many(m, &rows, &y, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_predict_many(m, NULL, &y, &used), KEDGE_ERR_NULL);
    x[0] = info.takes_missing ? (double)INFINITY : (double)NAN;
    assert_int_equal(kedge_model_predict(m, x, &y), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_model_score(m, x, scores, n_scores), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_model_predict_many(m, &rows, &y, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 0);
    assert_true(y == 7 && scores[0] == 7);
    assert_int_equal(kedge_model_describe(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_describe(NULL, &info), KEDGE_ERR_NULL);
}

static void model_read(const handle *h, const subject *s)
{
    const kedge_model *m = &h->model;
    kedge_model_info info = model_info(m);
    (void)s;
    for (size_t i = 0; i < 20 && model_fits_here(&info); i++) {
        double x[CONTRACT_MAX_FEATURES], y = (double)NAN, many = (double)NAN, target, scores[CONTRACT_MAX_CLASSES], sum = 0;
        size_t n_scores = info.n_classes > 0 ? info.n_classes : 1, used;
        contract_row(i, x, info.n_features, &target, info.n_classes);
        if (i == 7)
            x[0] = 1.7e308;
        if (i == 8)
            x[0] = -1.7e308;
        if (i == 9)
            x[0] = 5e-324;
        kedge_status st = kedge_model_predict(m, x, &y);
        assert_int_equal(st, info.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK);
        assert_int_equal(kedge_model_score(m, x, scores, n_scores), st);
        kedge_rows rows = kedge_rows_float64(x, 1, info.n_features);
        assert_int_equal(kedge_model_predict_many(m, &rows, &many, &used), st);
        assert_true(used == 1 && many == y && isfinite(y));
        for (size_t j = 0; j < n_scores; j++) {
            assert_true(isfinite(scores[j]));
            sum += scores[j];
            if (info.n_classes > 0) {
                assert_true(scores[j] >= 0 && scores[j] <= 1);
                assert_true(scores[j] <= scores[(size_t)y]);
            }
        }
        if (info.n_classes > 0)
            assert_close(sum, 1, 1e-12);
        else
            assert_true(scores[0] == y);
    }
}

void feed_model(handle *h, size_t from, size_t to)
{
    kedge_model_info info = model_info(&h->model);
    for (size_t i = from; i < to && model_fits_here(&info); i++) {
        double x[CONTRACT_MAX_FEATURES], y;
        model_row(&h->model, i, x, &y);
        assert_int_equal(kedge_model_learn(&h->model, x, y, model_row_weight(i)), KEDGE_OK);
    }
}

/* Rows 0 .. to - 1 as a table, column by column for odd `to`. */
static void model_table(const kedge_model *m, const kedge_model_info *info, size_t from, size_t to, double *x, double *y,
                        double *weight, kedge_rows *rows)
{
    size_t n = to - from;
    *rows = kedge_rows_float64(x, n, info->n_features);
    if (to % 2) {
        rows->row_stride = 1;
        rows->column_stride = (ptrdiff_t)n;
    }
    for (size_t i = 0; i < n; i++) {
        double row[CONTRACT_MAX_FEATURES];
        model_row(m, from + i, row, &y[i]);
        weight[i] = model_row_weight(from + i);
        for (size_t j = 0; j < info->n_features; j++)
            x[(ptrdiff_t)i * rows->row_stride + (ptrdiff_t)j * rows->column_stride] = row[j];
    }
}

void feed_model_many(handle *h, size_t from, size_t to)
{
    kedge_model_info info = model_info(&h->model);
    size_t n = to - from, used;
    double *x = guard_new(n * info.n_features * sizeof *x, 0);
    double *y = guard_new(n * sizeof *y, 0);
    double *weight = guard_new(n * sizeof *weight, 0);
    kedge_rows rows;
    model_table(&h->model, &info, from, to, x, y, weight, &rows);
    assert_int_equal(kedge_model_learn_many(&h->model, &rows, y, weight, &used), KEDGE_OK);
    assert_int_equal(used, n);
    guard_free(weight);
    guard_free(y);
    guard_free(x);
}

/* Static training is fed by fitting everything up to `to`. */
void fit_model(handle *h, size_t from, size_t to)
{
    kedge_model_info info = model_info(&h->model);
    if (from == to || to < 30 || !model_fits_here(&info))
        return;
    double *x = guard_new(to * info.n_features * sizeof *x, 0);
    double *y = guard_new(to * sizeof *y, 0);
    double *weight = guard_new(to * sizeof *weight, 0);
    size_t work_bytes = kedge_model_work(&h->model, to);
    void *work = guard_new(work_bytes, 0xA5);
    kedge_rows rows;
    model_table(&h->model, &info, 0, to, x, y, weight, &rows);
    assert_int_equal(kedge_model_fit(&h->model, &rows, y, weight, work, work_bytes), KEDGE_OK);
    guard_free(work);
    guard_free(weight);
    guard_free(y);
    guard_free(x);
}

/* What only some models can
 * ------------------------------------------------------------------------------------------------------ */

static void model_make(kedge_model *m, const any_config *cfg)
{
    size_t bytes = kedge_model_size(&cfg->model);
    assert_int_equal(kedge_model_init(m, &cfg->model, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
}

static void model_expect_equal(const kedge_model *a, const kedge_model *b)
{
    kedge_model_info info = model_info(a), other = model_info(b);
    assert_true(info.n_learned == other.n_learned);
    assert_int_equal(kedge_model_check(a), KEDGE_OK);
    for (size_t i = 0; i < 40; i++) {
        double x[CONTRACT_MAX_FEATURES], y, s[CONTRACT_MAX_CLASSES], t[CONTRACT_MAX_CLASSES];
        size_t n = info.n_classes > 0 ? info.n_classes : 1;
        model_row(a, i, x, &y);
        kedge_status st = kedge_model_score(b, x, t, n);
        assert_int_equal(kedge_model_score(a, x, s, n), st);
        for (size_t j = 0; j < n; j++)
            assert_true(fabs(s[j] - t[j]) <= 1e-8 * (1 + fabs(t[j])));
    }
}

/* Rows n, n + 1, ... are learned and forgotten; then the first ones are, too, against a model that never saw them. */
static void model_forgets(const any_config *cfg, size_t n)
{
    kedge_model m, without;
    double x[CONTRACT_MAX_FEATURES], y;
    model_make(&m, cfg);
    model_make(&without, cfg);
    for (size_t i = 0; i < n; i++) {
        model_row(&m, i, x, &y);
        assert_int_equal(kedge_model_learn(&m, x, y, model_row_weight(i)), KEDGE_OK);
        if (i >= n / 2)
            assert_int_equal(kedge_model_learn(&without, x, y, model_row_weight(i)), KEDGE_OK);
    }
    for (size_t i = 0; i < n / 2; i++) {
        model_row(&m, i, x, &y);
        assert_int_equal(kedge_model_forget(&m, x, y, model_row_weight(i)), KEDGE_OK);
    }
    model_expect_equal(&m, &without);
    for (size_t i = n / 2; i < n; i++) {
        model_row(&m, i, x, &y);
        assert_int_equal(kedge_model_forget(&m, x, y, model_row_weight(i)), KEDGE_OK);
    }
    assert_int_equal(kedge_model_reset(&without), KEDGE_OK);
    model_expect_equal(&m, &without);
    assert_int_equal(kedge_model_forget(&m, x, y, 1), KEDGE_ERR_RANGE);
    guard_free(without.state);
    guard_free(m.state);
}

static void model_merges(const any_config *cfg, size_t n)
{
    handle halves[2], whole;
    size_t bytes = kedge_model_size(&cfg->model);
    for (int k = 0; k < 2; k++)
        model_make(&halves[k].model, cfg);
    model_make(&whole.model, cfg);
    feed_model(&halves[0], 0, n / 2);
    feed_model(&halves[1], n / 2, n);
    feed_model(&whole, 0, n);
    unsigned char *before = guard_copy(halves[1].model.state, bytes);
    assert_int_equal(kedge_model_merge(&halves[0].model, &halves[1].model), KEDGE_OK);
    assert_memory_equal(halves[1].model.state, before, bytes);
    model_expect_equal(&halves[0].model, &whole.model);
    assert_int_equal(kedge_model_reset(&halves[1].model), KEDGE_OK);
    assert_int_equal(kedge_model_merge(&halves[0].model, &halves[1].model), KEDGE_OK); /* nothing is added */
    model_expect_equal(&halves[0].model, &whole.model);
    assert_int_equal(kedge_model_merge(&halves[1].model, &halves[0].model), KEDGE_OK); /* to nothing */
    model_expect_equal(&halves[1].model, &whole.model);
    guard_free(before);
    for (int k = 0; k < 2; k++)
        guard_free(halves[k].model.state);
    guard_free(whole.model.state);
}

/* Static training takes the work memory that it says, whatever is in it: one byte less is refused, and no byte behind it is
 * touched. */
static void model_fit_takes_its_work(const any_config *cfg, size_t n)
{
    size_t bytes = kedge_model_size(&cfg->model), work_bytes = kedge_model_fit_work(&cfg->model, n);
    double *x = guard_new(n * CONTRACT_MAX_FEATURES * sizeof *x, 0), *y = guard_new(n * sizeof *y, 0),
           *weight = guard_new(n * sizeof *weight, 0);
    kedge_model m[2];
    kedge_rows rows;
    kedge_status st[2];
    for (int k = 0; k < 2; k++) {
        unsigned char *work = guard_new(work_bytes, (unsigned char)(k == 0 ? 0xA5 : 0)),
            *work_before = guard_copy(work, work_bytes);
        model_make(&m[k], cfg);
        kedge_model_info info = model_info(&m[k]);
        unsigned char *before = guard_copy(m[k].state, bytes);
        assert_int_equal(kedge_model_work(&m[k], n), work_bytes);
        model_table(&m[k], &info, 0, n, x, y, weight, &rows);
        assert_int_equal(kedge_model_fit(&m[k], &rows, y, weight, work, work_bytes - 1), KEDGE_ERR_BUFFER);
        assert_memory_equal(work, work_before, work_bytes);
        assert_memory_equal(m[k].state, before, bytes);
        st[k] = kedge_model_fit(&m[k], &rows, y, weight, work, work_bytes);
        assert_true(st[k] == KEDGE_OK || st[k] == KEDGE_ERR_NUMERIC); /* a row or two may say too little */
        if (st[k] != KEDGE_OK)
            assert_memory_equal(m[k].state, before, bytes);
        guard_free(before);
        guard_free(work_before);
        guard_free(work); /* which looks at the bytes around it */
    }
    assert_int_equal(st[0], st[1]);
    assert_memory_equal(m[0].state, m[1].state, bytes);
    for (int k = 0; k < 2; k++)
        guard_free(m[k].state);
    guard_free(weight);
    guard_free(y);
    guard_free(x);
}

void model_laws(const subject *s)
{
    any_config cfg;
    kedge_model m;
    s->config(&cfg);
    model_make(&m, &cfg);
    kedge_model_info info = model_info(&m);
    guard_free(m.state);
    for (size_t n = 1; info.can_fit && n < 500; n = n * 5 + 1)
        model_fit_takes_its_work(&cfg, n);
    if (strstr(s->name, "fading") || !info.can_learn)
        return; /* rows weigh less with time, so neither law holds as it stands here */
    if (info.can_forget)
        model_forgets(&cfg, s->n);
    if (info.can_merge)
        model_merges(&cfg, s->n);
}

const noun noun_model = {model_size, model_init,      model_open, model_check,     model_reset,
                         model_save, model_load_size, model_load, model_refusals, model_read};
