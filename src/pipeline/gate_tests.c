/* SPDX-License-Identifier: MIT */
/* The host's integration tests: what a model says of given rows, and how that changes with a feature. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "pipeline/gate_run.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/rows.h"

#define GATE_VALUE_MAX 1e300

/* Are they sound? ------------------------------------------------------------------------------------------------------------- */

static int gate_values_are_sound(const kedge_gate_test *t)
{
    int rise = t->kind == KEDGE_TEST_MONOTONE;
    if (t->n_values < (rise ? 2u : 1u))
        return 0;
    for (uint32_t k = 0; k < t->n_values; k++)
        if (!kedge_i_finite(t->values[k]) || (rise && k > 0 && !(t->values[k] > t->values[k - 1])))
            return 0;
    return 1;
}

static int gate_expected_are_sound(const kedge_gate_test *t)
{
    for (size_t i = 0; i < t->rows->n_rows; i++)
        if (!kedge_i_within(t->expected[i], -GATE_VALUE_MAX, GATE_VALUE_MAX))
            return 0;
    return 1;
}

static int gate_test_is_valid(const kedge_gate_test *t, uint32_t n_features, uint32_t n_classes)
{
    int by_value = t->kind == KEDGE_TEST_MONOTONE || t->kind == KEDGE_TEST_INVARIANT;
    int with_feature = by_value || t->kind == KEDGE_TEST_SYMMETRIC;
    if (!kedge_i_u32_within(t->kind, KEDGE_TEST_GOLDEN, KEDGE_TEST_CUSTOM) ||
        (t->output != KEDGE_TEST_PREDICTED && t->output >= (n_classes > 0 ? n_classes : 1)) ||
        !kedge_i_within(t->tolerance, 0.0, GATE_VALUE_MAX) || (t->direction != 1 && t->direction != -1) ||
        !kedge_i_within(t->low, -GATE_VALUE_MAX, GATE_VALUE_MAX) || !kedge_i_within(t->high, t->low, GATE_VALUE_MAX) ||
        !kedge_i_within(t->centre, -GATE_VALUE_MAX, GATE_VALUE_MAX) || (with_feature && t->feature >= n_features))
        return 0;
    if (t->kind == KEDGE_TEST_SYMMETRIC && t->other != KEDGE_NO_COLUMN && (t->other >= n_features || t->other == t->feature))
        return 0;
    return (!by_value || gate_values_are_sound(t)) && (t->kind != KEDGE_TEST_GOLDEN || gate_expected_are_sound(t));
}

static kedge_status gate_test_check(const kedge_gate_test *t, uint32_t n_features, uint32_t n_classes, const kedge_rows *x)
{
    const kedge_rows *rows = t->rows ? t->rows : x;
    int by_value = t->kind == KEDGE_TEST_MONOTONE || t->kind == KEDGE_TEST_INVARIANT;
    if (!t->name || (t->kind == KEDGE_TEST_CUSTOM && !t->custom) || (by_value && !t->values) ||
        (t->kind == KEDGE_TEST_GOLDEN && (!t->rows || !t->expected)) || (t->kind != KEDGE_TEST_CUSTOM && !rows))
        return KEDGE_ERR_NULL;
    if (t->kind != KEDGE_TEST_CUSTOM) {
        KEDGE_TRY(kedge_i_rows_check(rows));
        if (rows->n_columns != n_features || rows->n_rows == 0)
            return KEDGE_ERR_SHAPE;
    }
    return gate_test_is_valid(t, n_features, n_classes) ? KEDGE_OK : KEDGE_ERR_CONFIG;
}

kedge_status kedge_i_gate_tests_check(const kedge_gate_test *tests, uint32_t n_tests, uint32_t n_features, uint32_t n_classes,
                                      const kedge_rows *x)
{
    for (uint32_t i = 0; i < n_tests; i++)
        KEDGE_TRY(gate_test_check(&tests[i], n_features, n_classes, x));
    return KEDGE_OK;
}

/* One row --------------------------------------------------------------------------------------------------------------------- */

/* What a test looks at while it is made. */
typedef struct gate_trial {
    const kedge_model *m;
    const kedge_gate_test *test;
    uint32_t n_features;
    uint32_t n_classes;
    double *row;
    double *scores;
    /* What is wrong with the row at hand, if something is: */
    int32_t why;
    kedge_status status;
    double at, got, expected;
} gate_trial;

/* The output for the row as it stands. 0: the model gives none, which is told. Rows of tests are whatever the host wants to know
 * of, so the model is asked as everyone asks it. */
static int gate_output(gate_trial *t, double *output)
{
    kedge_status st = t->test->output == KEDGE_TEST_PREDICTED
                          ? kedge_model_predict(t->m, t->row, output)
                          : kedge_model_score(t->m, t->row, t->scores, t->n_classes > 0 ? t->n_classes : 1);
    if (st >= 0 && t->test->output != KEDGE_TEST_PREDICTED)
        *output = t->scores[t->test->output];
    if (st >= 0 && kedge_i_finite(*output))
        return 1;
    t->why = st < 0 ? KEDGE_WHY_ERROR : KEDGE_WHY_NOT_FINITE;
    t->status = st < 0 ? st : KEDGE_OK;
    return 0;
}

/* Differences of numbers that are far apart must not overflow. */
static int gate_exceeds(double a, double b, double tolerance)
{
    return 0.5 * a - 0.5 * b > 0.5 * tolerance;
}

static int gate_holds(gate_trial *t, double got, double least, double most)
{
    double tolerance = t->test->tolerance;
    if (!gate_exceeds(least, got, tolerance) && !gate_exceeds(got, most, tolerance))
        return 1;
    t->why = KEDGE_WHY_UNEXPECTED;
    t->got = got;
    t->expected = gate_exceeds(least, got, tolerance) ? least : most;
    return 0;
}

/* As the feature takes its values: rising, falling, or as it was. */
static int gate_try_values(gate_trial *t)
{
    const kedge_gate_test *test = t->test;
    int any = test->kind == KEDGE_TEST_INVARIANT;
    double before = 0.0, got;
    if (any && !gate_output(t, &before))
        return 0;
    for (uint32_t k = 0; k < test->n_values; k++) {
        t->row[test->feature] = test->values[k];
        t->at = test->values[k];
        if (!gate_output(t, &got))
            return 0;
        double least = any || test->direction > 0 ? before : -DBL_MAX;
        double most = any || test->direction < 0 ? before : DBL_MAX;
        if ((any || k > 0) && !gate_holds(t, got, least, most))
            return 0;
        before = any ? before : got;
    }
    return 1;
}

static int gate_try_symmetry(gate_trial *t)
{
    const kedge_gate_test *test = t->test;
    double first, second, *a = &t->row[test->feature];
    if (!gate_output(t, &first))
        return 0;
    if (test->other == KEDGE_NO_COLUMN) {
        *a = -*a;
    } else {
        double moved = t->row[test->other];
        t->row[test->other] = *a;
        *a = moved;
    }
    t->at = *a;
    double same = test->direction > 0 ? first : test->centre - (first - test->centre);
    return gate_output(t, &second) && gate_holds(t, second, same, same);
}

static int gate_try_row(gate_trial *t, size_t i)
{
    const kedge_gate_test *test = t->test;
    double got;
    if (test->kind == KEDGE_TEST_MONOTONE || test->kind == KEDGE_TEST_INVARIANT)
        return gate_try_values(t);
    if (test->kind == KEDGE_TEST_SYMMETRIC)
        return gate_try_symmetry(t);
    if (!gate_output(t, &got))
        return 0;
    return test->kind == KEDGE_TEST_GOLDEN ? gate_holds(t, got, test->expected[i], test->expected[i])
                                           : gate_holds(t, got, test->low, test->high);
}

/* One test -------------------------------------------------------------------------------------------------------------------- */

static void gate_try_custom(const kedge_model *m, const kedge_gate_test *test, kedge_gate_outcome *out)
{
    int passes = test->custom(test->context, m, out) == 1;
    out->verdict = passes ? KEDGE_BATTERY_PASS : KEDGE_BATTERY_FAIL;
    out->why = passes ? KEDGE_WHY_WITHIN : KEDGE_WHY_UNEXPECTED;
    out->reserved = 0;
}

void kedge_i_gate_test_run(const kedge_model *m, const kedge_gate_test *test, const kedge_rows *x, double *row, double *scores,
                           kedge_gate_outcome *out)
{
    static const double none = (double)NAN;
    const kedge_gate_outcome begin = {KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN, 0, 0, UINT64_MAX, none, none, none, KEDGE_OK, 0};
    const kedge_model_state *state = m->state;
    const kedge_rows *rows = test->rows ? test->rows : x;
    *out = begin;
    if (test->kind == KEDGE_TEST_CUSTOM) {
        gate_try_custom(m, test, out);
        return;
    }
    for (size_t i = 0; i < rows->n_rows; i++) {
        gate_trial t = {m, test, state->n_features, state->n_classes, row, scores, KEDGE_WHY_WITHIN, KEDGE_OK, none, none, none};
        for (size_t j = 0; j < t.n_features; j++)
            row[j] = kedge_i_rows_at(rows, i, j);
        out->n_rows++;
        if (gate_try_row(&t, i))
            continue;
        if (out->n_failed++ == 0) {
            const kedge_gate_outcome failed = {KEDGE_BATTERY_FAIL, t.why, 0, 0, i, t.at, t.got, t.expected, t.status, 0};
            uint64_t n_rows = out->n_rows;
            *out = failed;
            out->n_rows = n_rows;
            out->n_failed = 1;
        }
    }
}

/* Alone ----------------------------------------------------------------------------------------------------------------------- */

size_t kedge_gate_try_work(const kedge_model *m)
{
    kedge_model_info info;
    if (kedge_model_describe(m, &info) < 0)
        return 0;
    return ((size_t)info.n_features + (info.n_classes > 0 ? info.n_classes : 1)) * sizeof(double);
}

kedge_status kedge_gate_try(const kedge_model *m, const kedge_gate_test *tests, uint32_t n_tests, const kedge_rows *x, void *work,
                            size_t work_bytes, kedge_gate_outcome *outcomes, uint32_t *n_failed)
{
    kedge_model_info info;
    double *row = work;
    if (!work || !n_failed || (n_tests > 0 && (!tests || !outcomes)))
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_model_describe(m, &info));
    KEDGE_TRY(kedge_i_gate_tests_check(tests, n_tests, info.n_features, info.n_classes, x));
    KEDGE_TRY(kedge_i_object_room(kedge_gate_try_work(m), work, work_bytes));
    *n_failed = 0;
    for (uint32_t i = 0; i < n_tests; i++) {
        kedge_i_gate_test_run(m, &tests[i], x, row, row + info.n_features, &outcomes[i]);
        *n_failed += outcomes[i].verdict == KEDGE_BATTERY_FAIL;
    }
    return KEDGE_OK;
}
