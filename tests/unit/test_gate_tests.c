/* SPDX-License-Identifier: MIT */
/* The host's integration tests, the text, and everything that a caller of the gate can get wrong. */
#include <fenv.h>
#include <float.h>
#include <stdio.h>

#include "gate_models.h"

enum { ROWS = 50 };

static double x[ROWS * GATE_WIDTH], y[ROWS], answers[ROWS];
static kedge_rows rows;
static says_state mem[3];
static kedge_model line, logit, column; /* x0 - x1 + 2 x2; the probability of it; the class in x0 */
static kedge_battery_config battery;
static kedge_gate_config gate;
static uint32_t n_failed;

static int set_up(void **state)
{
    kedge_rng rng = {3};
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < GATE_WIDTH; j++)
            x[i * GATE_WIDTH + j] = kedge_rng_normal(&rng);
        double *row = x + i * GATE_WIDTH;
        answers[i] = row[0] - row[1] + 2 * row[2];
        y[i] = answers[i] > 0;
        row[4] = 0;
    }
    rows = kedge_rows_float64(x, ROWS, GATE_WIDTH);
    line = says_new(&mem[0], 0, LINEAR, 0);
    logit = says_new(&mem[1], 2, LINEAR, 0);
    column = says_new(&mem[2], 2, SAYS_COLUMN, 0);
    battery = kedge_battery_defaults();
    battery.checks = 0;
    battery.n_resamples = 100;
    gate = kedge_gate_defaults(&battery);
    feclearexcept(FE_ALL_EXCEPT);
    return 0;
}

static kedge_gate_outcome tried(const kedge_model *m, kedge_gate_test test)
{
    kedge_gate_outcome out;
    size_t bytes = kedge_gate_try_work(m);
    void *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_gate_try(m, &test, 1, &rows, work, bytes, &out, &n_failed), KEDGE_OK);
    guard_free(work);
    assert_int_equal(out.verdict, n_failed ? KEDGE_BATTERY_FAIL : KEDGE_BATTERY_PASS);
    assert_int_equal(out.first_failed == UINT64_MAX, n_failed == 0);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    return out;
}

static kedge_gate_test test_of(uint32_t kind)
{
    kedge_gate_test t = KEDGE_GATE_TEST_INIT("a test", kind);
    return t;
}

static void golden_rows(void **state)
{
    kedge_gate_test t = test_of(KEDGE_TEST_GOLDEN);
    (void)state;
    t.rows = &rows;
    t.expected = answers;
    assert_int_equal(tried(&line, t).n_rows, ROWS);
    assert_int_equal(n_failed, 0);
    answers[20] += 1e-6;
    answers[30] += 1e-6;
    kedge_gate_outcome out = tried(&line, t);
    assert_int_equal(n_failed, 1);
    assert_int_equal(out.n_failed, 2);
    assert_int_equal(out.first_failed, 20);
    assert_int_equal(out.why, KEDGE_WHY_UNEXPECTED);
    assert_true(out.expected == answers[20] && fabs(out.got - out.expected) < 2e-6 && isnan(out.at));
    t.tolerance = 2e-6;
    (void)tried(&line, t);
    assert_int_equal(n_failed, 0);
    t.expected = y; /* a class */
    (void)tried(&logit, t);
    assert_int_equal(n_failed, 0);
    t.output = 0; /* the probability of class 0 */
    t.tolerance = 0.5;
    for (size_t i = 0; i < ROWS; i++)
        answers[i] = 1 - y[i];
    t.expected = answers;
    (void)tried(&logit, t);
    assert_int_equal(n_failed, 0);
}

static void ranges(void **state)
{
    kedge_gate_test t = test_of(KEDGE_TEST_RANGE);
    (void)state;
    (void)tried(&line, t); /* any finite number */
    assert_int_equal(n_failed, 0);
    t.output = 1;
    t.low = 0;
    t.high = 1;
    (void)tried(&logit, t);
    assert_int_equal(n_failed, 0);
    t.high = 0.6;
    kedge_gate_outcome out = tried(&logit, t);
    assert_int_equal(n_failed, 1);
    assert_true(out.got > 0.6 && out.expected == 0.6);
    t.low = 0.5;
    t.high = 1;
    out = tried(&logit, t);
    assert_true(out.got < 0.5 && out.expected == 0.5);
}

static void monotone_features(void **state)
{
    static const double values[] = {-3, -1, 0, 0.5, 4};
    kedge_gate_test t = test_of(KEDGE_TEST_MONOTONE);
    (void)state;
    t.values = values;
    t.n_values = 5;
    for (uint32_t feature = 0; feature < 4; feature++)
        for (int32_t direction = -1; direction <= 1; direction += 2) {
            t.feature = feature;
            t.direction = direction;
            int holds = feature == 3 || (feature == 1 ? -1 : 1) == direction; /* it does not look at x3 */
            kedge_gate_outcome out = tried(&line, t);
            assert_int_equal(n_failed, !holds);
            if (!holds) {
                assert_int_equal(out.n_failed, ROWS);
                assert_true(out.at == -1 && (out.got - out.expected) * direction < 0);
            }
            t.output = 1;
            (void)tried(&logit, t);
            assert_int_equal(n_failed, !holds);
            t.output = KEDGE_TEST_PREDICTED;
        }
    t.feature = 1;
    t.direction = 1;
    t.tolerance = 100;
    (void)tried(&line, t);
    assert_int_equal(n_failed, 0);
}

static void symmetric_features(void **state)
{
    kedge_gate_test t = test_of(KEDGE_TEST_SYMMETRIC);
    (void)state;
    t.feature = 0; /* x0 - x1 with both exchanged is negated; so mirrored at 2 x2, which is not the same for all rows */
    t.other = 1;
    (void)tried(&line, t);
    assert_int_equal(n_failed, 1);
    for (size_t i = 0; i < ROWS; i++)
        x[i * GATE_WIDTH + 2] = 0.5;
    t.direction = -1;
    t.centre = 1;
    (void)tried(&line, t);
    assert_int_equal(n_failed, 0);
    t.centre = 0;
    assert_true(tried(&line, t).at == x[1]);
    assert_int_equal(n_failed, 1);
    t.other = KEDGE_NO_COLUMN; /* -x3: the same */
    t.feature = 3;
    t.direction = 1;
    (void)tried(&line, t);
    assert_int_equal(n_failed, 0);
    t.feature = 0;
    (void)tried(&line, t);
    assert_int_equal(n_failed, 1);
    for (size_t i = 0; i < ROWS; i++)
        x[i * GATE_WIDTH + 1] = x[i * GATE_WIDTH + 2] = 0;
    t.direction = -1; /* a probability is mirrored at a half */
    t.output = 1;
    t.centre = 0.5;
    (void)tried(&logit, t);
    assert_int_equal(n_failed, 0);
}

static void features_that_must_not_matter(void **state)
{
    static const double values[] = {7, -1e300, 0};
    kedge_gate_test t = test_of(KEDGE_TEST_INVARIANT);
    (void)state;
    t.values = values;
    t.n_values = 3;
    t.feature = 3;
    (void)tried(&line, t);
    assert_int_equal(n_failed, 0);
    t.feature = 2;
    kedge_gate_outcome out = tried(&line, t);
    assert_int_equal(n_failed, 1);
    assert_true(out.at == 7 && fabs(out.expected - answers[0]) < 1e-12);
}

static int32_t custom_calls;

static int32_t custom(void *context, const kedge_model *m, kedge_gate_outcome *out)
{
    custom_calls++;
    assert_non_null(m->state);
    assert_int_equal(out->n_rows, 0);
    out->got = 42;
    out->first_failed = 3;
    return *(int32_t *)context;
}

static void tests_of_the_hosts_own(void **state)
{
    kedge_gate_test t[2] = {test_of(KEDGE_TEST_CUSTOM), test_of(KEDGE_TEST_RANGE)};
    kedge_gate_outcome outcomes[2];
    int32_t passes = 0;
    char text[8192];
    size_t len;
    (void)state;
    t[0].custom = custom;
    t[0].context = &passes;
    t[0].name = "the host's own";
    gate.tests = t;
    gate.n_tests = 2;
    kedge_gate_report r = gate_judged(&gate, NULL, &logit, &rows, y, NULL, outcomes);
    assert_int_equal(custom_calls, 1);
    assert_int_equal(outcomes[0].verdict, KEDGE_BATTERY_FAIL);
    assert_int_equal(outcomes[1].verdict, KEDGE_BATTERY_PASS);
    assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    assert_int_equal(r.n_tests, 2);
    assert_int_equal(r.n_tests_failed, 1);
    assert_int_equal(r.first_test, 0);
    assert_true(r.first_outcome.got == 42);
    assert_int_equal(kedge_gate_write(&r, &gate, text, sizeof text, &len), KEDGE_OK);
    assert_non_null(strstr(text, "failed test: the host's own, row 3: got 42: an answer is not what was expected\n"));
    assert_non_null(strstr(text, "tests       fail      1 failed, at most 0"));
    assert_int_equal(kedge_gate_write(&r, NULL, text, sizeof text, &len), KEDGE_OK);
    assert_non_null(strstr(text, "failed test: 0, row 3"));
    assert_int_equal(kedge_gate_write(&r, NULL, text, len, &len), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gate_write(&r, NULL, NULL, 0, &len), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gate_write(NULL, NULL, text, sizeof text, &len), KEDGE_ERR_NULL);
    passes = 1;
    r = gate_judged(&gate, NULL, &logit, &rows, y, NULL, outcomes);
    assert_int_equal(r.n_tests_failed, 0);
    assert_int_equal(r.first_test, UINT32_MAX);
    gate.checks &= ~(1u << KEDGE_GATE_TESTS);
    r = gate_judged(&gate, NULL, &logit, &rows, y, NULL, outcomes);
    assert_int_equal(outcomes[1].verdict, KEDGE_BATTERY_SKIPPED);
    assert_int_equal(custom_calls, 2);
}

/* Each changes one thing that must be refused. */
static kedge_status judge_status(void)
{
    static unsigned long long work[20000];
    kedge_gate_report r, before;
    memset(&r, 0x5C, sizeof r);
    before = r;
    kedge_status st = kedge_gate_judge(&gate, &column, &logit, &rows, y, NULL, work, sizeof work, NULL, &r);
    assert_true(st == KEDGE_OK || memcmp(&r, &before, sizeof r) == 0);
    return st;
}

#define REFUSED(change, code)                                                                      \
    do {                                                                                           \
        kedge_gate_config kept = gate;                                                             \
        kedge_battery_config kept_battery = battery;                                               \
        change;                                                                                    \
        assert_int_equal(judge_status(), code);                                                    \
        gate = kept;                                                                               \
        battery = kept_battery;                                                                    \
        assert_int_equal(judge_status(), KEDGE_OK);                                                \
    } while (0)

static void limits_out_of_range_are_refused(void **state)
{
    static const uint32_t groups[ROWS] = {[7] = 2};
    kedge_gaussian_nb_config other = kedge_gaussian_nb_defaults(GATE_WIDTH + 1, 2);
    double *const reals[] = {&gate.confidence, &gate.confidence_safe, &gate.power, &gate.sought, &gate.period_ns};
    double *const limits[] = {&gate.loss_most, &gate.loss_slice, &gate.unfair, &gate.unfairer, &gate.load_ns, &gate.memory_bytes};
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        REFUSED(*reals[i] = -1, KEDGE_ERR_CONFIG);
        REFUSED(*reals[i] = (double)NAN, KEDGE_ERR_CONFIG);
        REFUSED(*reals[i] = (double)INFINITY, KEDGE_ERR_CONFIG);
    }
    for (size_t i = 0; i < 6; i++) {
        REFUSED(*limits[i] = -1e-9, KEDGE_ERR_CONFIG);
        REFUSED(*limits[i] = (double)INFINITY, KEDGE_ERR_CONFIG);
        *limits[i] = (double)NAN;
        assert_int_equal(judge_status(), KEDGE_OK);
    }
    REFUSED(gate.gain = 0.02, KEDGE_ERR_CONFIG); /* as much as is sought */
    REFUSED(gate.gain = (double)INFINITY, KEDGE_ERR_CONFIG);
    REFUSED(gate.config_bytes = 0, KEDGE_ERR_CONFIG);
    REFUSED(gate.checks = 1, KEDGE_ERR_CONFIG);
    REFUSED(gate.prove = 1u << 31, KEDGE_ERR_CONFIG);
    REFUSED(gate.n_load = 0, KEDGE_ERR_CONFIG);
    REFUSED(gate.n_few = 1, KEDGE_ERR_CONFIG);
    REFUSED(gate.n_passes = 0, KEDGE_ERR_CONFIG);
    REFUSED(gate.n_groups = 0, KEDGE_ERR_CONFIG);
    REFUSED(gate.fair_rates = 0, KEDGE_ERR_CONFIG);
    REFUSED(gate.fair_rates = 1, KEDGE_ERR_CONFIG);
    REFUSED((gate.groups = groups, gate.favourable = 2), KEDGE_ERR_CONFIG);
    REFUSED(gate.groups = groups, KEDGE_ERR_RANGE);
    REFUSED((gate.groups = groups, gate.fair_column = 0), KEDGE_ERR_CONFIG);
    REFUSED(gate.fair_column = 1000, KEDGE_ERR_CONFIG);
    REFUSED(gate.fair_column = 3, KEDGE_ERR_RANGE); /* noise: no whole numbers */
    REFUSED(gate.fresh = &other.base, KEDGE_ERR_CONFIG);
    REFUSED(gate.battery = NULL, KEDGE_ERR_NULL);
    REFUSED(gate.n_tests = 1, KEDGE_ERR_NULL);
    REFUSED(battery.config_bytes = 0, KEDGE_ERR_CONFIG);
    REFUSED(battery.n_resamples = 0, KEDGE_ERR_CONFIG);
    REFUSED(battery.score = KEDGE_SCORE_R2, KEDGE_ERR_UNSUPPORTED);
}

static void arguments_that_do_not_fit_are_refused(void **state)
{
    static unsigned long long work[20000];
    kedge_gate_report r;
    says_state own;
    size_t need = kedge_gate_work(&gate, &column, &logit, ROWS);
    kedge_rows bad = rows;
    kedge_model three = says_new(&own, 3, SAYS_COLUMN, 0);
    (void)state;
#define JUDGE(cfg, a, b, table, labels, mem_, bytes, out)                                          \
    kedge_gate_judge(cfg, a, b, table, labels, NULL, mem_, bytes, NULL, out)
    assert_int_equal(JUDGE(NULL, &column, &logit, &rows, y, work, need, &r), KEDGE_ERR_NULL);
    assert_int_equal(JUDGE(&gate, &column, NULL, &rows, y, work, need, &r), KEDGE_ERR_NULL);
    assert_int_equal(JUDGE(&gate, &column, &logit, NULL, y, work, need, &r), KEDGE_ERR_NULL);
    assert_int_equal(JUDGE(&gate, &column, &logit, &rows, NULL, work, need, &r), KEDGE_ERR_NULL);
    assert_int_equal(JUDGE(&gate, &column, &logit, &rows, y, NULL, need, &r), KEDGE_ERR_NULL);
    assert_int_equal(JUDGE(&gate, &column, &logit, &rows, y, work, need, NULL), KEDGE_ERR_NULL);
    assert_int_equal(JUDGE(&gate, &column, &logit, &rows, y, work, need - 1, &r), KEDGE_ERR_BUFFER);
    assert_int_equal(JUDGE(&gate, &column, &logit, &rows, y, (char *)work + 4, need, &r), KEDGE_ERR_ALIGN);
    assert_int_equal(JUDGE(&gate, &three, &logit, &rows, y, work, need, &r), KEDGE_ERR_SHAPE);
    bad.n_columns--;
    assert_int_equal(JUDGE(&gate, &column, &logit, &bad, y, work, need, &r), KEDGE_ERR_SHAPE);
    bad = rows;
    bad.n_rows = 0;
    assert_int_equal(JUDGE(&gate, &column, &logit, &bad, y, work, need, &r), KEDGE_ERR_SHAPE);
    bad.n_rows = SIZE_MAX;
    assert_int_equal(JUDGE(&gate, &column, &logit, &bad, y, work, need, &r), KEDGE_ERR_SHAPE);
    x[7] = (double)NAN;
    assert_int_equal(JUDGE(&gate, &column, &logit, &rows, y, work, need, &r), KEDGE_ERR_NOT_FINITE);
    x[7] = 0;
    y[7] = 2;
    assert_int_equal(JUDGE(&gate, &column, &logit, &rows, y, work, need, &r), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_gate_work(&gate, &three, &logit, ROWS), 0);
    assert_int_equal(kedge_gate_work(&gate, NULL, NULL, ROWS), 0);
    assert_int_equal(kedge_gate_work(&gate, NULL, &logit, SIZE_MAX), 0);
    assert_int_equal(kedge_gate_config_init(NULL, sizeof gate, &battery), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gate_config_init(&gate, 8, &battery), KEDGE_ERR_CONFIG);
}

static kedge_status try_status(kedge_gate_test test, const kedge_rows *table)
{
    static unsigned long long work[GATE_WIDTH + 2];
    kedge_gate_outcome out;
    return kedge_gate_try(&logit, &test, 1, table, work, sizeof work, &out, &n_failed);
}

static void tests_that_make_no_sense_are_refused(void **state)
{
    static const double values[] = {1, 2, 2}, not_finite[] = {1, (double)INFINITY};
    kedge_gate_test good = test_of(KEDGE_TEST_MONOTONE), golden = test_of(KEDGE_TEST_GOLDEN), bad;
    (void)state;
    good.values = values;
    good.n_values = 2;
    golden.rows = &rows;
    golden.expected = answers;
    assert_int_equal(try_status(good, &rows), KEDGE_OK);
    assert_int_equal(try_status(golden, NULL), KEDGE_OK);
    assert_int_equal(try_status(good, NULL), KEDGE_ERR_NULL);
#define BAD(from, change, code)                                                                    \
    bad = from;                                                                                    \
    bad.change;                                                                                    \
    assert_int_equal(try_status(bad, &rows), code)
    BAD(good, n_values = 3, KEDGE_ERR_CONFIG); /* 2 is not more than 2 */
    BAD(good, n_values = 1, KEDGE_ERR_CONFIG);
    BAD(good, values = NULL, KEDGE_ERR_NULL);
    BAD(good, values = not_finite, KEDGE_ERR_CONFIG);
    BAD(good, feature = GATE_WIDTH, KEDGE_ERR_CONFIG);
    BAD(good, output = 2, KEDGE_ERR_CONFIG);
    BAD(good, kind = 0, KEDGE_ERR_CONFIG);
    BAD(good, kind = 7, KEDGE_ERR_CONFIG);
    BAD(good, name = NULL, KEDGE_ERR_NULL);
    BAD(good, direction = 0, KEDGE_ERR_CONFIG);
    BAD(good, tolerance = -1, KEDGE_ERR_CONFIG);
    BAD(good, tolerance = (double)NAN, KEDGE_ERR_CONFIG);
    BAD(good, low = (double)NAN, KEDGE_ERR_CONFIG);
    BAD(good, high = -1e301, KEDGE_ERR_CONFIG);
    BAD(good, centre = (double)INFINITY, KEDGE_ERR_CONFIG);
    BAD(good, kind = KEDGE_TEST_CUSTOM, KEDGE_ERR_NULL);
    BAD(golden, rows = NULL, KEDGE_ERR_NULL);
    BAD(golden, expected = NULL, KEDGE_ERR_NULL);
    BAD(golden, kind = KEDGE_TEST_SYMMETRIC; bad.other = 0, KEDGE_ERR_CONFIG); /* with itself */
    answers[3] = (double)NAN;
    assert_int_equal(try_status(golden, NULL), KEDGE_ERR_CONFIG);
    kedge_rows narrow = rows;
    narrow.n_columns--;
    assert_int_equal(try_status(good, &narrow), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gate_try_work(NULL), 0);
    assert_int_equal(kedge_gate_try(&logit, &good, 1, &rows, NULL, 0, NULL, &n_failed), KEDGE_ERR_NULL);
}

static void names(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < KEDGE_GATE_FIRST + KEDGE_GATE_CHECKS; i++)
        for (uint32_t k = 0; k < i; k++)
            assert_string_not_equal(kedge_gate_check_name(i), kedge_gate_check_name(k));
    assert_string_equal(kedge_gate_check_name(KEDGE_BATTERY_QUALITY), "quality");
    assert_string_equal(kedge_gate_check_name(KEDGE_GATE_TESTS), "tests");
    assert_string_equal(kedge_gate_check_name(26), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(golden_rows, set_up),
        cmocka_unit_test_setup(ranges, set_up),
        cmocka_unit_test_setup(monotone_features, set_up),
        cmocka_unit_test_setup(symmetric_features, set_up),
        cmocka_unit_test_setup(features_that_must_not_matter, set_up),
        cmocka_unit_test_setup(tests_of_the_hosts_own, set_up),
        cmocka_unit_test_setup(limits_out_of_range_are_refused, set_up),
        cmocka_unit_test_setup(arguments_that_do_not_fit_are_refused, set_up),
        cmocka_unit_test_setup(tests_that_make_no_sense_are_refused, set_up),
        cmocka_unit_test_setup(names, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
