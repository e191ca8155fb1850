/* SPDX-License-Identifier: MIT */
/* The standard tests inside a pipeline with data preparation: champion and challenger are compared, each through its own prep, on
 * rows as they come, and so are slices, groups of people and the host's tests. */
#include <math.h>
#include <string.h>

#include "pipeline/pipeline_state.h"
#include "pipeline/prepared_model.h"
#include "support.h"

enum { AGE, CITY, WAGE, COLUMNS, N_CITIES = 3, MOST = 4000, CHANGE = 1000 };

/* Until CHANGE a high wage, then in another currency a low one; ages are missing now and then. */
static double row_of(uint64_t i, double *x)
{
    kedge_rng rng = {i};
    double wage = kedge_rng_normal(&rng);
    x[AGE] = i % 7 == 3 ? (double)NAN : 20.0 + (double)kedge_rng_below(&rng, 40);
    x[CITY] = (double)kedge_rng_below(&rng, N_CITIES);
    x[WAGE] = 3000.0 + 500.0 * wage;
    if (i >= CHANGE)
        x[WAGE] *= 130.0;
    return (wage > 0) == (i < CHANGE);
}

typedef struct rig {
    kedge_logistic_config model;
    kedge_adwin_config detector;
    kedge_chain_class kind;
    kedge_chain_config chain;
    kedge_impute_config impute;
    kedge_scale_config scale;
    kedge_one_hot_config one_hot;
    kedge_stage stages[2];
    kedge_rollout_config rollout;
    kedge_events_config events;
    kedge_pipeline_config cfg;
    kedge_battery_config battery;
    kedge_gate_test tests[2];
    kedge_gate_config gate;
    kedge_pipeline p;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

static const double wages[] = {100000.0, 200000.0, 300000.0, 400000.0, 500000.0, 600000.0};

static void rig_chain(rig *r)
{
    const kedge_prep_class *const kinds[] = {&kedge_impute, &kedge_scale, &kedge_one_hot};
    assert_int_equal(kedge_chain_class_init(&r->kind, kinds, 3), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&r->chain, sizeof r->chain, &r->kind, COLUMNS), KEDGE_OK);
    r->impute = kedge_impute_defaults(COLUMNS);
    r->scale = kedge_scale_defaults(COLUMNS);
    r->scale.base.columns.mask[0] = 1u << AGE | 1u << WAGE;
    r->one_hot = kedge_one_hot_defaults(COLUMNS);
    r->one_hot.base.columns.first = CITY;
    r->one_hot.base.columns.n = 1;
    r->one_hot.codes.max = 4;
    r->chain.steps[0] = &r->impute.base;
    r->chain.steps[1] = &r->scale.base;
    r->chain.steps[2] = &r->one_hot.base;
}

static void rig_default(rig *r)
{
    memset(r, 0, sizeof *r);
    rig_chain(r);
    r->detector = kedge_adwin_defaults();
    r->stages[0] = r->stages[1] = (kedge_stage)KEDGE_STAGE_INIT;
    r->stages[0].kind = KEDGE_STAGE_TEST;
    r->stages[0].needs_verdict = 1;
    r->stages[0].least_rows = 0;
    r->rollout = kedge_rollout_defaults(r->stages, 2);
    r->events = kedge_events_defaults();
    r->battery = kedge_battery_defaults();
    r->battery.n_resamples = 100;
    r->battery.slice_column = CITY;
    r->battery.least_slice = 10;
    r->battery.nominal[0] = 1u << CITY;
    r->battery.state_bytes = 1e9;
    r->tests[0] = (kedge_gate_test)KEDGE_GATE_TEST_INIT("a probability", KEDGE_TEST_RANGE);
    r->tests[0].output = 1;
    r->tests[0].low = 0;
    r->tests[0].high = 1;
    r->tests[1] = (kedge_gate_test)KEDGE_GATE_TEST_INIT("the more wage, the less likely", KEDGE_TEST_MONOTONE);
    r->tests[1].output = 1;
    r->tests[1].feature = WAGE;
    r->tests[1].values = wages;
    r->tests[1].n_values = sizeof wages / sizeof *wages;
    r->tests[1].direction = -1;
    r->gate = kedge_gate_defaults(&r->battery);
    r->gate.tests = r->tests;
    r->gate.n_tests = 2;
    r->gate.fair_column = CITY;
    r->gate.n_groups = N_CITIES;
    r->gate.memory_bytes = 1e9;
    r->gate.fit_rows = 100;
}

static void rig_make(rig *r)
{
    r->model = kedge_logistic_defaults(kedge_prep_width(&r->chain.base), 2);
    r->cfg = kedge_pipeline_defaults(&r->model.base, &r->detector.base);
    r->cfg.prep = &r->chain.base;
    r->cfg.rollout = &r->rollout.base;
    r->cfg.events = &r->events.base;
    r->gate.fresh = &r->model.base;
    r->bytes = kedge_pipeline_size(&r->cfg);
    r->work_bytes = kedge_pipeline_work(&r->cfg);
    r->mem = guard_new(r->bytes, 0xA5);
    r->work = guard_new(r->work_bytes, 0xA5);
    assert_int_equal(kedge_pipeline_init(&r->p, &r->cfg, r->mem, r->bytes), KEDGE_OK);
}

static void rig_free(rig *r)
{
    guard_free(r->work);
    guard_free(r->mem);
}

static void serve(rig *r, uint64_t i, const double *x, double label)
{
    double y;
    assert_true(kedge_pipeline_predict(&r->p, i, i, x, &y) >= 0);
    assert_true(kedge_pipeline_label(&r->p, i, i, label) >= 0);
    assert_true(kedge_pipeline_step(&r->p, i, r->work, r->work_bytes) >= 0);
}

/* Judge with exactly the work memory that it asks for; a byte less is refused, and nothing but work and report is written. */
static kedge_status judge(rig *r, uint64_t now, kedge_gate_report *report)
{
    size_t bytes = kedge_pipeline_judge_work(&r->p, &r->gate);
    void *work = guard_new(bytes, 0x5A);
    if (bytes > 0)
        assert_int_equal(kedge_pipeline_judge(&r->p, now, &r->gate, work, bytes - 1, NULL, report), KEDGE_ERR_BUFFER);
    kedge_status st = kedge_pipeline_judge(&r->p, now, &r->gate, work, bytes, NULL, report);
    guard_free(work);
    assert_int_equal(kedge_pipeline_check(&r->p), KEDGE_OK);
    return st;
}

/* Until a challenger waits for the verdict, and there are so many rows to judge it by. */
static uint64_t until_wanted(rig *r, uint32_t n_rows)
{
    const pipeline_state *s = r->p.state;
    for (uint64_t i = 0; i < MOST; i++) {
        double x[COLUMNS], y = row_of(i, x);
        uint32_t n = 0;
        serve(r, i, x, y);
        if (kedge_pipeline_judge_work(&r->p, &r->gate) == 0)
            continue;
        for (uint32_t k = 0; k < s->window_n; k++)
            n += (uint32_t)kedge_i_judge_is_new(s, kedge_i_window_number(s, k), s->trained_to);
        if (n >= n_rows)
            return i;
    }
    fail_msg("no verdict is wanted");
    return MOST;
}

/* Accuracies that anyone finds who asks each model by its own prep: of all rows, and of those of one city. */
static double accuracy_of(const rig *r, int is_challenger, int city, uint64_t *n_rows)
{
    const pipeline_state *s = r->p.state;
    kedge_model m;
    kedge_prep prep;
    uint64_t n = 0, n_right = 0;
    assert_int_equal(is_challenger ? kedge_pipeline_challenger(&r->p, &m) : kedge_pipeline_champion(&r->p, &m), KEDGE_OK);
    assert_int_equal(is_challenger ? kedge_pipeline_challenger_prep(&r->p, &prep) : kedge_pipeline_champion_prep(&r->p, &prep),
                     KEDGE_OK);
    for (uint32_t k = 0; k < s->window_n; k++) {
        double y, seen[8], said;
        const double *x = kedge_i_window_row(s, k, &y);
        if (!kedge_i_judge_is_new(s, kedge_i_window_number(s, k), s->trained_to) || (city >= 0 && x[CITY] != (double)city))
            continue;
        assert_int_equal(kedge_prep_transform(&prep, x, seen), KEDGE_OK);
        assert_true(kedge_model_predict(&m, seen, &said) >= 0);
        n++;
        n_right += said == y;
    }
    *n_rows = n;
    return (double)n_right / (double)n;
}

static const kedge_battery_check *check_of(const kedge_gate_report *report, uint32_t i)
{
    return i < KEDGE_GATE_FIRST ? &report->battery.checks[i] : &report->checks[i - KEDGE_GATE_FIRST];
}

/* All checks are made as without a prep: none fails, and only those are skipped that need a clock or a limit. */
static void test_compares(void **unused)
{
    (void)unused;
    rig r;
    kedge_gate_report report;
    uint64_t n, n_slice;
    rig_default(&r);
    rig_make(&r);
    uint64_t now = until_wanted(&r, 60);
    double challenger = accuracy_of(&r, 1, -1, &n), champion = accuracy_of(&r, 0, -1, &n), gains[N_CITIES];
    for (int city = 0; city < N_CITIES; city++)
        gains[city] = accuracy_of(&r, 1, city, &n_slice) - accuracy_of(&r, 0, city, &n_slice);
    assert_true(challenger > champion + 0.3);
    assert_int_equal(judge(&r, now, &report), KEDGE_OK);
    assert_int_equal(report.verdict, KEDGE_BATTERY_PASS);
    assert_int_equal(report.n_rows, n);
    assert_true(report.challenger == challenger && report.champion == champion && report.battery.champion == champion);
    const uint32_t skipped = 1u << KEDGE_BATTERY_QUALITY | 1u << KEDGE_BATTERY_MEDIAN | 1u << KEDGE_BATTERY_TAIL |
                             1u << KEDGE_BATTERY_SNAPSHOT | 1u << KEDGE_GATE_FAIR | 1u << KEDGE_GATE_LOAD;
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.skipped, skipped);
    assert_int_equal(report.n_slices, N_CITIES);
    assert_true(report.slice >= 0.0 && report.slice < N_CITIES && report.slice == floor(report.slice));
    double worst = check_of(&report, KEDGE_GATE_SLICE)->figure.value;
    assert_true(fabs(worst - fmin(fmin(gains[0], gains[1]), gains[2])) < 1e-12);
    assert_true(fabs(worst - gains[(int)report.slice]) < 1e-12);
    assert_int_equal(report.n_tests_failed, 0);
    assert_true(fabs(check_of(&report, KEDGE_GATE_BETTER)->figure.value - (challenger - champion)) < 1e-12);
    assert_int_equal(check_of(&report, KEDGE_GATE_CONVERGES)->verdict, KEDGE_BATTERY_PASS);
    assert_int_equal(check_of(&report, KEDGE_GATE_ARTIFACT)->verdict, KEDGE_BATTERY_PASS);
    assert_true(report.fairer_rate == KEDGE_RATE_SELECTED);
    rig_free(&r);
}

/* What is served takes the memory of model and prep, and a fit that of both. */
static void test_memory(void **unused)
{
    (void)unused;
    rig r;
    kedge_gate_report report;
    kedge_model m;
    kedge_prep prep;
    rig_default(&r);
    rig_make(&r);
    uint64_t now = until_wanted(&r, 60);
    assert_int_equal(kedge_pipeline_challenger(&r.p, &m), KEDGE_OK);
    assert_int_equal(kedge_pipeline_challenger_prep(&r.p, &prep), KEDGE_OK);
    size_t both = kedge_model_size(&r.model.base) + kedge_prep_size(&r.chain.base), model_bytes, prep_bytes;
    assert_int_equal(kedge_model_save(&m, NULL, 0, &model_bytes), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_prep_save(&prep, NULL, 0, &prep_bytes), KEDGE_ERR_BUFFER);
    assert_int_equal(judge(&r, now, &report), KEDGE_OK);
    double state = check_of(&report, KEDGE_BATTERY_BYTES)->figure.value;
    assert_true(state > (double)both && state < (double)both + 200.0);
    double fit = check_of(&report, KEDGE_GATE_MEMORY)->figure.value - state;
    assert_true(fit == (double)kedge_pipeline_train_work(&r.p, 100));
    double snapshot = check_of(&report, KEDGE_BATTERY_SNAPSHOT)->figure.value;
    assert_true(snapshot > (double)(model_bytes + prep_bytes) && snapshot < (double)(model_bytes + prep_bytes) + 100.0);
    rig_free(&r);
}

/* A test of the host's that the challenger cannot pass is told by a row as it came. */
static void test_fails(void **unused)
{
    (void)unused;
    rig r;
    kedge_gate_report report;
    kedge_pipeline_report after;
    rig_default(&r);
    r.tests[1].direction = 1; /* but it has learned the contrary */
    rig_make(&r);
    uint64_t now = until_wanted(&r, 60);
    assert_int_equal(judge(&r, now, &report), KEDGE_OK);
    assert_int_equal(report.verdict, KEDGE_BATTERY_FAIL);
    assert_int_equal(report.failed, 1u << KEDGE_GATE_TESTS);
    assert_int_equal(report.first_test, 1);
    assert_true(report.first_outcome.at == wages[1]);
    assert_int_equal(kedge_pipeline_step(&r.p, now, r.work, r.work_bytes), KEDGE_OK);
    assert_int_equal(kedge_pipeline_read(&r.p, &after), KEDGE_OK);
    assert_int_equal(after.version, 1);
    assert_int_equal(after.n_rolled_back, 1);
    rig_free(&r);
}

/* In production the two have changed places, and their preps too. */
static void test_in_production(void **unused)
{
    (void)unused;
    rig r;
    kedge_gate_report report;
    uint64_t n;
    rig_default(&r);
    r.rollout = kedge_rollout_defaults(r.stages, 1);
    r.stages[0].kind = KEDGE_STAGE_PRODUCTION;
    rig_make(&r);
    uint64_t now = until_wanted(&r, 60);
    assert_int_equal(((const pipeline_state *)r.p.state)->swapped, 1);
    double challenger = accuracy_of(&r, 1, -1, &n);
    assert_true(challenger == accuracy_of(&r, 0, -1, &n)); /* it is what serves */
    assert_int_equal(judge(&r, now, &report), KEDGE_OK);
    assert_true(report.challenger == challenger && report.champion < challenger - 0.3);
    assert_int_equal(report.verdict, KEDGE_BATTERY_PASS);
    rig_free(&r);
}

/* A prep that refuses categories: rows that service would refuse are not judged, nor is a model for refusing them. */
static void test_refused_rows(void **unused)
{
    (void)unused;
    rig r;
    kedge_gate_report report;
    uint64_t n;
    rig_default(&r);
    r.one_hot.codes.unseen = KEDGE_UNSEEN_ERROR;
    r.gate.unfairer = (double)NAN;
    rig_make(&r);
    uint64_t now = until_wanted(&r, 60);
    pipeline_state *s = r.p.state;
    (void)accuracy_of(&r, 1, -1, &n);
    for (uint32_t k = 0, left = 5; k < s->window_n && left > 0; k++) { /* five cities that nobody knows */
        double y, *x = (double *)(uintptr_t)kedge_i_window_row(s, k, &y);
        if (!kedge_i_judge_is_new(s, kedge_i_window_number(s, k), s->trained_to))
            continue;
        x[CITY] = 77.0;
        left--;
    }
    assert_int_equal(judge(&r, now, &report), KEDGE_OK);
    assert_int_equal(report.n_rows, n - 5);
    assert_int_equal(report.failed, 0);
    assert_int_equal(check_of(&report, KEDGE_BATTERY_HOSTILE)->verdict, KEDGE_BATTERY_PASS);
    assert_int_equal(check_of(&report, KEDGE_BATTERY_NOISE)->verdict, KEDGE_BATTERY_PASS);
    rig_free(&r);
}

/* Without imputation, for a model that takes no missing values, the check on these is skipped as it is of the model alone. */
static void test_refused_values(void **unused)
{
    (void)unused;
    rig r;
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(COLUMNS, 2);
    kedge_gate_report report;
    rig_default(&r);
    rig_make(&r);
    rig_free(&r);
    r.scale.base.columns.mask[0] = 1u << WAGE;
    r.cfg.model = r.gate.fresh = &bayes.base;
    r.cfg.prep = &r.scale.base;
    r.bytes = kedge_pipeline_size(&r.cfg);
    r.work_bytes = kedge_pipeline_work(&r.cfg);
    r.mem = guard_new(r.bytes, 0xA5);
    r.work = guard_new(r.work_bytes, 0xA5);
    assert_int_equal(kedge_pipeline_init(&r.p, &r.cfg, r.mem, r.bytes), KEDGE_OK);
    uint64_t i = 0;
    for (; i < MOST && kedge_pipeline_judge_work(&r.p, &r.gate) == 0; i++) {
        double x[COLUMNS], y = row_of(i, x);
        x[AGE] = 40.0;
        serve(&r, i, x, y);
    }
    assert_true(i < MOST);
    assert_int_equal(judge(&r, i, &report), KEDGE_OK);
    assert_int_equal(check_of(&report, KEDGE_BATTERY_MISSING)->verdict, KEDGE_BATTERY_SKIPPED);
    assert_int_equal(check_of(&report, KEDGE_BATTERY_MISSING)->why, KEDGE_WHY_REFUSES_MISSING);
    assert_int_equal(check_of(&report, KEDGE_BATTERY_HOSTILE)->verdict, KEDGE_BATTERY_PASS);
    rig_free(&r);
}

/* A model and its prep as one: answers, training, snapshot and reset are those of the two, one behind the other. */
static void test_as_one(void **unused)
{
    (void)unused;
    enum { ROWS = 60 };
    rig r;
    kedge_prep prep;
    kedge_model m, one;
    kedge_i_prepared_class cls;
    kedge_i_fixed fixed;
    double x[ROWS * COLUMNS], y[ROWS], seen[ROWS * 8], said, same, before;
    size_t len;
    rig_default(&r);
    rig_make(&r);
    (void)until_wanted(&r, 20);
    for (uint64_t i = 0; i < ROWS; i++)
        y[i] = row_of(i, x + COLUMNS * i);
    kedge_rows rows = kedge_rows_float64(x, ROWS, COLUMNS);
    assert_int_equal(kedge_pipeline_champion(&r.p, &m), KEDGE_OK);
    assert_int_equal(kedge_pipeline_champion_prep(&r.p, &prep), KEDGE_OK);
    kedge_i_prepared_class_make(&cls, prep.cls, m.cls);
    size_t bytes = kedge_i_prepared_plan(&cls, &prep, &m, &fixed), width = kedge_prep_n_out(&prep);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_i_prepared_copy(&cls, &prep, &m, mem, bytes - 1, &one), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_i_prepared_copy(&cls, &prep, &m, mem, bytes, &one), KEDGE_OK);
    assert_int_equal(kedge_model_check(&one), KEDGE_OK);
    assert_int_equal(kedge_model_save(&one, NULL, 0, &len), KEDGE_ERR_BUFFER);
    assert_int_equal(len, kedge_i_prepared_snapshot(&cls, &prep, &m));
    assert_int_equal(kedge_model_predict(&one, x, &before), KEDGE_OK);

    /* fitted, in exactly the work memory that it asks for */
    size_t work_bytes = kedge_model_work(&one, ROWS), used;
    void *work = guard_new(work_bytes, 0x5A);
    assert_int_equal(kedge_model_fit(&one, &rows, y, NULL, work, work_bytes), KEDGE_OK);
    guard_free(work);
    kedge_model_info info;
    assert_int_equal(kedge_model_describe(&one, &info), KEDGE_OK);
    assert_int_equal(info.n_learned, ROWS);
    assert_int_equal(kedge_model_check(&one), KEDGE_OK);
    work_bytes = kedge_prep_work(&prep, ROWS);
    work = guard_new(work_bytes, 0x5A);
    assert_int_equal(kedge_prep_fit(&prep, &rows, y, work, work_bytes, seen), KEDGE_OK);
    guard_free(work);
    kedge_rows prepared = kedge_rows_float64(seen, ROWS, width);
    assert_int_equal(kedge_model_reset(&m), KEDGE_OK);
    assert_int_equal(kedge_model_learn_many(&m, &prepared, y, NULL, &used), KEDGE_OK);
    for (uint64_t i = 0; i < ROWS; i++) {
        assert_int_equal(kedge_prep_transform(&prep, x + COLUMNS * i, seen), KEDGE_OK);
        assert_int_equal(kedge_model_predict(&m, seen, &said), KEDGE_OK);
        assert_int_equal(kedge_model_predict(&one, x + COLUMNS * i, &same), KEDGE_OK);
        assert_true(said == same);
    }
    assert_int_equal(kedge_model_reset(&one), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&one, x, &said), KEDGE_EMPTY);
    assert_int_equal(kedge_model_check(&one), KEDGE_OK);
    guard_free(mem);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compares),      cmocka_unit_test(test_memory),       cmocka_unit_test(test_fails),
        cmocka_unit_test(test_in_production), cmocka_unit_test(test_refused_rows), cmocka_unit_test(test_refused_values),
        cmocka_unit_test(test_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
