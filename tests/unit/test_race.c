/* SPDX-License-Identifier: MIT */
/* Races between models of several classes: each trial is what kedge_validate() says of that model, the best wins, work memory is
 * exact, a budget ends a race early with the best so far. */
#include <math.h>

#include "support.h"

enum { N = 600, FEATURES = 2, N_MODELS = 4 };

typedef struct field {
    kedge_baseline_config usual;
    kedge_gaussian_nb_config bayes;
    kedge_logistic_config logistic;
    kedge_random_forest_config forest;
    const kedge_model_config *models[N_MODELS];
    kedge_split_config split;
    kedge_validation_config how;
    kedge_search_config cfg;
    double x[N][FEATURES], y[N];
    kedge_rows rows;
} field;

/* Opposite corners belong together: no line parts them, a forest does. */
static void field_make(field *f)
{
    kedge_rng rng = {5};
    for (size_t i = 0; i < N; i++) {
        f->x[i][0] = kedge_rng_normal(&rng);
        f->x[i][1] = kedge_rng_normal(&rng);
        f->y[i] = f->x[i][0] * f->x[i][1] > 0;
    }
    f->rows = kedge_rows_float64(&f->x[0][0], N, FEATURES);
    f->usual = kedge_baseline_defaults(FEATURES, 2);
    f->bayes = kedge_gaussian_nb_defaults(FEATURES, 2);
    f->logistic = kedge_logistic_defaults(FEATURES, 2);
    f->forest = kedge_random_forest_defaults(FEATURES, 2);
    f->forest.n_trees = 10;
    f->models[0] = &f->usual.base;
    f->models[1] = &f->bayes.base;
    f->models[2] = &f->forest.base;
    f->models[3] = &f->logistic.base;
    f->split = kedge_split_defaults();
    f->how = kedge_validation_defaults();
    f->how.split = &f->split;
    f->how.score = KEDGE_SCORE_ACCURACY;
    f->cfg = kedge_search_defaults();
}

static void test_all(void **unused)
{
    (void)unused;
    static field f;
    kedge_search_trial trials[N_MODELS];
    kedge_search_report report;
    kedge_validation_report one;
    field_make(&f);
    size_t bytes = kedge_race_work(f.models, N_MODELS, &f.cfg, &f.how, N);
    void *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_race(f.models, N_MODELS, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes, trials, &report), KEDGE_OK);
    assert_true(report.best == 2 && report.n_trials == N_MODELS && report.mean > 0.9);
    for (size_t i = 0; i < N_MODELS; i++) {
        assert_int_equal(kedge_validate(f.models[i], &f.how, &f.rows, f.y, NULL, work, bytes, NULL, &one), KEDGE_OK);
        assert_true(trials[i].status == KEDGE_OK && trials[i].mean == one.mean && trials[i].deviation == one.deviation &&
                    trials[i].n_rows == N);
        assert_true(trials[i].mean <= report.mean);
    }
    guard_free(work);
    work = guard_new(bytes - 8, 0xA5); /* too little for the forest alone */
    assert_int_equal(kedge_race(f.models, N_MODELS, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes - 8, trials, &report),
                     KEDGE_OK);
    assert_true(trials[2].status == KEDGE_ERR_BUFFER && report.best != 2 && report.n_failed == 1);
    guard_free(work);
}

/* The winner is judged on all rows, the first one dropped on few. */
static void test_halving(void **unused)
{
    (void)unused;
    static field f;
    kedge_search_trial trials[N_MODELS];
    kedge_search_report report, all;
    field_make(&f);
    f.cfg.method = KEDGE_SEARCH_HALVING;
    f.cfg.factor = 2;
    f.cfg.least_rows = 150;
    size_t bytes = kedge_race_work(f.models, N_MODELS, &f.cfg, &f.how, N);
    void *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_race(f.models, N_MODELS, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes, trials, &report), KEDGE_OK);
    size_t n_after[3] = {0};
    for (size_t i = 0; i < N_MODELS; i++)
        n_after[trials[i].n_rows == N ? 2 : trials[i].n_rows / 150 - 1]++;
    assert_true(report.best == 2 && trials[2].n_rows == N && n_after[0] == 2 && n_after[1] == 1 && n_after[2] == 1);
    f.cfg.method = KEDGE_SEARCH_GRID;
    assert_int_equal(kedge_race(f.models, N_MODELS, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes, trials, &all), KEDGE_OK);
    assert_true(report.n_rows < all.n_rows && report.mean == all.mean);
    f.cfg.max_fits = all.n_fits / 2;
    assert_int_equal(kedge_race(f.models, N_MODELS, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes, trials, &report), KEDGE_MORE);
    assert_true(report.n_trials == N_MODELS / 2 && report.n_fits == all.n_fits / 2 && trials[3].status == KEDGE_EMPTY);
    guard_free(work);
}

static void test_refusals(void **unused)
{
    (void)unused;
    static field f;
    kedge_search_trial trials[N_MODELS];
    kedge_search_report report;
    field_make(&f);
    size_t bytes = kedge_race_work(f.models, N_MODELS, &f.cfg, &f.how, N);
    void *work = guard_new(bytes, 0);
    assert_int_equal(kedge_race_work(NULL, 1, &f.cfg, &f.how, N), 0);
    assert_int_equal(kedge_race_work(f.models, 0, &f.cfg, &f.how, N), 0);
    assert_int_equal(kedge_race(NULL, 1, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes, trials, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_race(f.models, 0, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes, trials, &report), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_race(f.models, 1, &f.cfg, &f.how, &f.rows, f.y, NULL, (char *)work + 1, bytes - 1, trials, &report),
                     KEDGE_ERR_ALIGN);
    f.bayes.base.n_classes = 3;
    assert_int_equal(kedge_race(f.models, 2, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes, trials, &report), KEDGE_ERR_SHAPE);
    f.bayes.base.n_classes = 2;
    f.models[1] = NULL;
    assert_int_equal(kedge_race(f.models, 2, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes, trials, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_race_work(f.models, 2, &f.cfg, &f.how, N), 0);
    f.cfg.factor = 1;
    assert_int_equal(kedge_race(f.models, 1, &f.cfg, &f.how, &f.rows, f.y, NULL, work, bytes, trials, &report), KEDGE_ERR_CONFIG);
    guard_free(work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all), cmocka_unit_test(test_halving), cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
