/* SPDX-License-Identifier: MIT */
/* Evaluations against the same calls one by one, and what is refused before anything has changed. */
#include <float.h>
#include <math.h>

#include "echo.h"

enum { ROWS = 300, FEATURES = 2, CLASSES = 3 };

static double x[ROWS * FEATURES], y[ROWS], weight[ROWS], predicted[ROWS];
static uint64_t slice[ROWS];

static void fill(uint64_t seed, uint32_t n_classes)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < ROWS; i++) {
        x[2 * i] = kedge_rng_normal(&rng);
        x[2 * i + 1] = kedge_rng_normal(&rng);
        y[i] = n_classes > 0 ? (x[2 * i] > 0) + (x[2 * i + 1] > 0.5) : 2 * x[2 * i] + kedge_rng_normal(&rng);
        weight[i] = (double)(i % 4) / 2;
        slice[i] = i % 7;
    }
}

/* Two of each metric: one for the call, one for the reference. */
typedef struct rig {
    kedge_metric quality, reliability, regression, slices;
} rig;

static kedge_metric metric_of(const kedge_metric_config *cfg)
{
    kedge_metric m = {NULL, NULL};
    size_t bytes = kedge_metric_size(cfg);
    assert_int_equal(kedge_metric_init(&m, cfg, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static rig rig_of(uint32_t n_classes)
{
    kedge_quality_config quality = kedge_quality_defaults(n_classes);
    kedge_reliability_config reliability = kedge_reliability_defaults(n_classes);
    kedge_regression_config regression = kedge_regression_defaults();
    kedge_slices_config slices = kedge_slices_defaults();
    quality.over = KEDGE_OVER_WINDOW;
    quality.window = 100;
    rig r = {metric_of(&quality.base), metric_of(&reliability.base), metric_of(&regression.base), metric_of(&slices.base)};
    return r;
}

static void rig_free(rig *r)
{
    guard_free(r->quality.state);
    guard_free(r->reliability.state);
    guard_free(r->regression.state);
    guard_free(r->slices.state);
}

static size_t state_bytes(const kedge_metric *m)
{
    return ((const kedge_state_head *)m->state)->bytes;
}

static void assert_same(const kedge_metric *a, const kedge_metric *b)
{
    assert_memory_equal(a->state, b->state, state_bytes(b));
}

static void assert_rigs_agree(const rig *a, const rig *b)
{
    assert_same(&a->quality, &b->quality);
    assert_same(&a->reliability, &b->reliability);
    assert_same(&a->regression, &b->regression);
    assert_same(&a->slices, &b->slices);
}

static kedge_evaluation into(rig *r, int has_classes)
{
    kedge_evaluation how = kedge_evaluation_defaults();
    how.predicted = predicted;
    if (has_classes) {
        how.quality = &r->quality;
        how.reliability = &r->reliability;
        how.slices = &r->slices;
        how.slice = slice;
    } else {
        how.regression = &r->regression;
    }
    return how;
}

/* The reference: public calls, one by one. */
static void test_row(const kedge_model *m, rig *r, size_t i, uint32_t n_classes, double w)
{
    double scores[CLASSES], value = 0;
    assert_true(kedge_model_predict(m, x + 2 * i, &value) >= 0);
    assert_true(value == predicted[i]);
    if (n_classes == 0) {
        assert_int_equal(kedge_regression_record(&r->regression, y[i], value, w), KEDGE_OK);
        return;
    }
    assert_true(kedge_model_score(m, x + 2 * i, scores, n_classes) >= 0);
    assert_int_equal(kedge_quality_record(&r->quality, (uint32_t)y[i], (uint32_t)value, w), KEDGE_OK);
    assert_int_equal(kedge_reliability_record(&r->reliability, (uint32_t)y[i], scores, n_classes, w), KEDGE_OK);
    assert_int_equal(kedge_slices_record(&r->slices, slice[i], value != y[i]), KEDGE_OK);
}

static kedge_model model_of(const kedge_model_config *cfg)
{
    kedge_model m = {NULL, NULL};
    size_t bytes = kedge_model_size(cfg);
    assert_true(bytes > 0);
    assert_int_equal(kedge_model_init(&m, cfg, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static kedge_model learner(uint32_t n_classes)
{
    kedge_gaussian_nb_config classes = kedge_gaussian_nb_defaults(FEATURES, CLASSES);
    kedge_linear_config values = kedge_linear_defaults(FEATURES, 0);
    return model_of(n_classes > 0 ? &classes.base : &values.base);
}

static void learn_row(kedge_model *m, size_t i, const double *w)
{
    assert_int_equal(kedge_model_learn(m, x + 2 * i, y[i], w ? w[i] : 1), KEDGE_OK);
}

static void test_prequential_is_call_by_call(void **unused)
{
    (void)unused;
    const uint64_t froms[] = {0, 40, ROWS, UINT64_MAX}, delays[] = {0, 1, 50, ROWS, UINT64_MAX};
    double work[CLASSES];
    for (uint32_t n_classes = 0; n_classes <= CLASSES; n_classes += CLASSES)
        for (size_t f = 0; f < 4; f++)
            for (size_t d = 0; d < 5; d++) {
                kedge_model m = learner(n_classes), twin = learner(n_classes);
                rig have = rig_of(CLASSES), want = rig_of(CLASSES);
                kedge_evaluation how = into(&have, n_classes > 0);
                kedge_rows rows = kedge_rows_float64(x, ROWS, FEATURES);
                const double *w = (f + d) % 2 ? weight : NULL;
                size_t used = 0;
                how.from = froms[f];
                how.delay = delays[d];
                fill(f * 5 + d, n_classes);
                assert_int_equal(kedge_prequential(&m, &how, &rows, y, w, work, kedge_evaluation_work(&m), &used), KEDGE_OK);
                assert_int_equal(used, ROWS);
                for (size_t i = 0; i < ROWS; i++) {
                    if (i >= how.from)
                        test_row(&twin, &want, i, n_classes, w ? w[i] : 1);
                    else
                        assert_true(isnan(predicted[i]));
                    if (i >= how.delay)
                        learn_row(&twin, i - how.delay, w);
                }
                assert_rigs_agree(&have, &want);
                assert_memory_equal(m.state, twin.state, ((const kedge_state_head *)twin.state)->bytes);
                rig_free(&have);
                rig_free(&want);
                guard_free(m.state);
                guard_free(twin.state);
            }
}

static void test_hold_out_learns_nothing(void **unused)
{
    (void)unused;
    double work[CLASSES];
    for (uint32_t n_classes = 0; n_classes <= CLASSES; n_classes += CLASSES) {
        kedge_model m = learner(n_classes);
        rig have = rig_of(CLASSES), want = rig_of(CLASSES);
        kedge_evaluation how = into(&have, n_classes > 0);
        kedge_rows rows = kedge_rows_float64(x, ROWS, FEATURES);
        size_t used = 0, bytes = ((const kedge_state_head *)m.state)->bytes;
        fill(77, n_classes);
        assert_int_equal(kedge_model_learn_many(&m, &rows, y, NULL, &used), KEDGE_OK);
        void *before = guard_copy(m.state, bytes);
        how.from = 10; /* not looked at */
        assert_int_equal(kedge_hold_out(&m, &how, &rows, y, weight, work, kedge_evaluation_work(&m), &used), KEDGE_OK);
        assert_int_equal(used, ROWS);
        for (size_t i = 0; i < ROWS; i++)
            test_row(&m, &want, i, n_classes, weight[i]);
        assert_rigs_agree(&have, &want);
        assert_memory_equal(m.state, before, bytes);
        guard_free(before);
        rig_free(&have);
        rig_free(&want);
        guard_free(m.state);
    }
}

/* Nothing changes, whatever is wrong. */
static void test_refusals(void **unused)
{
    (void)unused;
    kedge_model m = learner(CLASSES), values = learner(0);
    kedge_model_info info;
    rig r = rig_of(CLASSES), fresh = rig_of(CLASSES), two = rig_of(2), five = rig_of(5);
    kedge_evaluation how = into(&r, 1);
    kedge_rows rows = kedge_rows_float64(x, ROWS, FEATURES), none = kedge_rows_float64(x, 0, FEATURES);
    kedge_rows wide = kedge_rows_float64(x, 9, 3);
    double work[CLASSES];
    size_t used = 9;
    fill(5, CLASSES);
    assert_int_equal(kedge_evaluation_work(NULL), 0);
    assert_int_equal(kedge_evaluation_work(&values), sizeof(double));
    assert_int_equal(kedge_prequential(NULL, &how, &rows, y, NULL, work, sizeof work, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prequential(&m, NULL, &rows, y, NULL, work, sizeof work, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prequential(&m, &how, &rows, NULL, NULL, work, sizeof work, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, NULL, NULL, sizeof work, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, NULL, work, sizeof work, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, NULL, work, sizeof work - 1, &used), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_prequential(&m, &how, &none, y, NULL, work, sizeof work, &used), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_hold_out(&m, &how, &wide, y, NULL, work, sizeof work, &used), KEDGE_ERR_SHAPE);
    how.slice = NULL;
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, NULL, work, sizeof work, &used), KEDGE_ERR_NULL);
    how = into(&r, 1);
    how.quality = &r.slices;
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, NULL, work, sizeof work, &used), KEDGE_ERR_CLASS);
    how.quality = &two.quality;
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, NULL, work, sizeof work, &used), KEDGE_ERR_SHAPE);
    how.quality = &five.quality; /* more classes are welcome, but not of probabilities */
    how.reliability = &five.reliability;
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, NULL, work, sizeof work, &used), KEDGE_ERR_SHAPE);
    how = into(&r, 1);
    how.regression = &r.regression;
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, NULL, work, sizeof work, &used), KEDGE_ERR_UNSUPPORTED);
    how = into(&r, 1);
    assert_int_equal(kedge_prequential(&values, &how, &rows, y, NULL, work, sizeof work, &used), KEDGE_ERR_UNSUPPORTED);
    weight[ROWS - 1] = 1e10; /* a model takes it, a metric does not */
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, weight, work, sizeof work, &used), KEDGE_ERR_RANGE);
    weight[ROWS - 1] = 1;
    y[ROWS - 1] = CLASSES;
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, weight, work, sizeof work, &used), KEDGE_ERR_RANGE);
    y[ROWS - 1] = 0;
    x[2 * ROWS - 1] = (double)NAN;
    assert_int_equal(kedge_prequential(&m, &how, &rows, y, weight, work, sizeof work, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 0);
    assert_rigs_agree(&r, &fresh);
    assert_int_equal(kedge_model_describe(&m, &info), KEDGE_OK);
    assert_true(info.n_learned == 0);
    rig_free(&r);
    rig_free(&fresh);
    rig_free(&two);
    rig_free(&five);
    guard_free(m.state);
    guard_free(values.state);
}

/* A class of the host's that gives what are no probabilities, or no number, ends it there. */
static void test_bad_hosts(void **unused)
{
    (void)unused;
    double p[3][2] = {{0.5, 0.5}, {0.25, 0.75}, {0.5, 0.75}}, truth[3] = {0, 1, 1}, work[2];
    echo_config cfg = echo_of(2);
    kedge_model m = model_of(&cfg.base);
    rig r = rig_of(2);
    kedge_evaluation how = into(&r, 1);
    kedge_rows rows = kedge_rows_float64(p[0], 3, 2);
    kedge_quality_report report;
    size_t used = 9;
    assert_int_equal(kedge_hold_out(&m, &how, &rows, truth, NULL, work, sizeof work, &used), KEDGE_ERR_RANGE);
    assert_int_equal(used, 2);
    assert_int_equal(kedge_quality_read(&r.quality, &report), KEDGE_OK);
    assert_true(report.n == 2 && report.accuracy == 1);
    rig_free(&r);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prequential_is_call_by_call),
        cmocka_unit_test(test_hold_out_learns_nothing),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_bad_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
