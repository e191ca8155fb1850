/* SPDX-License-Identifier: MIT */
/* Contests: each candidate's score is what a training by hand gives on the rows held out, the winner is the model that it would be
 * alone, budgets and halving end as told. */
#include "contest_rig.h"

/* A candidate that is trained by itself on rows from .. to - 1. */
static void alone(const rig *r, uint32_t i, size_t from, size_t to, kedge_model *m)
{
    const kedge_model_config *cfg = r->c.cfg.candidates[i];
    kedge_rows rows;
    size_t used, bytes = kedge_model_size(cfg);
    assert_int_equal(kedge_model_init(m, cfg, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    assert_int_equal(kedge_rows_slice(&r->rows, from, to - from, &rows), KEDGE_OK);
    if (!cfg->cls->fit) {
        assert_int_equal(kedge_model_learn_many(m, &rows, r->y + from, NULL, &used), KEDGE_OK);
        return;
    }
    size_t work_bytes = kedge_model_fit_work(cfg, to - from);
    void *work = guard_new(work_bytes, 0xA5);
    assert_int_equal(kedge_model_fit(m, &rows, r->y + from, NULL, work, work_bytes), KEDGE_OK);
    guard_free(work);
}

static double accuracy_alone(const rig *r, uint32_t i, size_t from, size_t to)
{
    kedge_model m;
    kedge_rows held;
    double score;
    uint64_t work[2];
    alone(r, i, from, to, &m);
    assert_int_equal(kedge_rows_slice(&r->rows, N - HELD, HELD, &held), KEDGE_OK);
    assert_int_equal(kedge_score_model(&m, KEDGE_SCORE_ACCURACY, &held, r->y + (N - HELD), NULL, work, sizeof work, &score),
                     KEDGE_OK);
    guard_free(m.state);
    return score;
}

/* One round: what the report says is what a training by hand gives; the winner is what it would be alone on all rows, to the
 * byte. */
static void test_by_hand(void **unused)
{
    (void)unused;
    static rig r;
    for (uint32_t concept = 0; concept < 2; concept++) {
        kedge_model candidate, by_hand;
        contested_make(&r.c);
        rig_rows(&r, concept);
        rig_model(&r);
        assert_int_equal(rig_fit(&r), KEDGE_OK);
        kedge_contest_report report = rig_read(&r);
        uint32_t best = 0;
        for (uint32_t i = 0; i < N_CANDIDATES; i++) {
            assert_true(report.candidates[i].score == accuracy_alone(&r, i, 0, N - HELD));
            assert_true(report.candidates[i].n_rows == N - HELD && report.candidates[i].status == KEDGE_OK);
            best = report.candidates[i].score > report.candidates[best].score ? i : best;
        }
        assert_true(report.winner == best && (concept == 0 ? best != FOREST : best == FOREST));
        assert_true(report.n_candidates == 3 && report.n_fits == 3 && report.n_rows == 3 * (N - HELD) && report.n_held == HELD);
        assert_true(report.candidates[3].n_rows == 0 && report.candidates[3].status == KEDGE_EMPTY &&
                    isnan(report.candidates[3].score));
        assert_int_equal(kedge_contest_get(&r.m, best, &candidate), KEDGE_OK);
        alone(&r, best, 0, N, &by_hand);
        assert_ptr_equal(candidate.cls, by_hand.cls);
        assert_memory_equal(candidate.state, by_hand.state, kedge_model_size(r.c.cfg.candidates[best]));
        for (size_t i = 0; i < N; i++) {
            double y, scores[2], z, others[2];
            assert_int_equal(kedge_model_predict(&r.m, r.x[i], &y), kedge_model_predict(&by_hand, r.x[i], &z));
            assert_int_equal(kedge_model_score(&r.m, r.x[i], scores, 2), kedge_model_score(&by_hand, r.x[i], others, 2));
            assert_true(y == z && scores[0] == others[0] && scores[1] == others[1]);
        }
        guard_free(by_hand.state);
        rig_free(&r);
    }
}

/* Rounds on the newest rows before those held out; half of the candidates go on; one alone needs no further round. */
static void test_halving(void **unused)
{
    (void)unused;
    static rig r;
    contested_make(&r.c);
    r.c.cfg.least_rows = 120;
    rig_rows(&r, 1);
    rig_model(&r);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    kedge_contest_report report = rig_read(&r);
    double first[N_CANDIDATES];
    size_t n_second = 0;
    for (uint32_t i = 0; i < N_CANDIDATES; i++) {
        size_t n = report.candidates[i].n_rows;
        first[i] = accuracy_alone(&r, i, N - HELD - 120, N - HELD);
        assert_true(n == 120 || n == 240);
        assert_true(report.candidates[i].score == (n == 120 ? first[i] : accuracy_alone(&r, i, N - HELD - 240, N - HELD)));
        n_second += n == 240;
    }
    assert_true(report.winner == FOREST && first[FOREST] > first[BAYES] && first[FOREST] > first[LOGISTIC] && n_second == 2);
    assert_true(report.n_fits == 5 && report.n_rows == 3 * 120 + 2 * 240); /* no third round for the one that is left */
    rig_free(&r);
    contested_make(&r.c);
    r.c.cfg.least_rows = 120;
    r.c.cfg.factor = 3;
    rig_model(&r);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    report = rig_read(&r);
    assert_true(report.n_fits == 3 && report.n_rows == 3 * 120 && report.winner == FOREST);
    rig_free(&r);
}

/* A budget ends the race; the best so far wins, and if there is none the first that was named. */
static void test_budget(void **unused)
{
    (void)unused;
    static rig r;
    static const struct {
        uint64_t max_fits, max_rows, n_fits;
        uint32_t winner;
    } cases[] = {{1, UINT64_MAX, 1, BAYES}, {3, UINT64_MAX, 3, FOREST}, {UINT64_MAX, 299, 0, BAYES}, {UINT64_MAX, 900, 3, FOREST},
                 {UINT64_MAX, 899, 2, BAYES}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        contested_make(&r.c);
        r.c.cfg.max_fits = cases[k].max_fits;
        r.c.cfg.max_rows = cases[k].max_rows;
        rig_rows(&r, 1);
        r.y[N - 1] = 1 - r.y[N - 1]; /* whatever: Bayes and logistic regression may not be equal */
        rig_model(&r);
        assert_int_equal(rig_fit(&r), KEDGE_OK);
        kedge_contest_report report = rig_read(&r);
        assert_int_equal(report.n_fits, cases[k].n_fits);
        assert_true(report.n_rows == cases[k].n_fits * (N - HELD) && report.n_rows <= cases[k].max_rows);
        if (cases[k].n_fits == 2)
            assert_true(report.winner == (report.candidates[LOGISTIC].score > report.candidates[BAYES].score ? LOGISTIC : BAYES));
        else
            assert_int_equal(report.winner, cases[k].winner);
        for (uint64_t i = cases[k].n_fits; i < N_CANDIDATES; i++)
            assert_true(report.candidates[i].n_rows == 0 && report.candidates[i].status == KEDGE_EMPTY &&
                        isnan(report.candidates[i].score));
        rig_free(&r);
    }
}

/* Equal scores, no score at all, no row to hold out: the first that was named wins, whichever it is. */
static void test_ties(void **unused)
{
    (void)unused;
    static rig r;
    const kedge_model_class *const classes[2] = {&kedge_random_forest, &kedge_random_forest};
    kedge_random_forest_config other;
    contested_make(&r.c);
    other = r.c.forest;
    other.seed++;
    other.n_trees = 11;
    rig_rows(&r, 0);
    for (uint32_t how = 0; how < 3; how++) {
        kedge_model candidate;
        kedge_contest_report report;
        assert_int_equal(kedge_contest_class(&r.c.cls, classes, 2), KEDGE_OK);
        assert_int_equal(kedge_contest_config_init(&r.c.cfg, sizeof r.c.cfg, &r.c.cls, CONTESTED_FEATURES, 2), KEDGE_OK);
        r.c.cfg.candidates[0] = how == 0 ? &r.c.forest.base : &other.base;
        r.c.cfg.candidates[1] = &r.c.forest.base;
        r.c.cfg.score = how == 1 ? KEDGE_SCORE_AUC : KEDGE_SCORE_ACCURACY;
        r.rows.n_rows = how == 2 ? 1 : N;
        for (size_t i = N - HELD; i < N && how == 1; i++)
            r.y[i] = 1; /* one class only: no area */
        rig_model(&r);
        assert_int_equal(rig_fit(&r), KEDGE_OK);
        report = rig_read(&r);
        assert_int_equal(report.winner, 0);
        for (uint32_t i = 0; i < 2; i++)
            assert_int_equal(report.candidates[i].status, how == 0 ? KEDGE_OK : KEDGE_EMPTY);
        assert_true(report.n_held == (how == 2 ? 0 : HELD) && report.n_fits == (how == 2 ? 0 : 2));
        for (uint32_t i = 0; i < 2; i++) { /* only the winner has learned */
            kedge_model_info info;
            assert_true(kedge_contest_get(&r.m, i, &candidate) == KEDGE_OK && kedge_model_describe(&candidate, &info) == KEDGE_OK);
            assert_int_equal(info.n_learned, i == 0 ? r.rows.n_rows : 0);
        }
        rig_free(&r);
    }
}

/* A fit forgets: the bytes depend on the rows alone. What weighs nothing is neither learned nor judged. */
static void test_repeated(void **unused)
{
    (void)unused;
    static rig r, other;
    static double weight[N];
    contested_make(&r.c);
    rig_rows(&r, 1);
    rig_model(&r);
    contested_make(&other.c);
    rig_rows(&other, 0);
    rig_model(&other);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    assert_int_equal(rig_fit(&other), KEDGE_OK);
    assert_true(rig_read(&r).winner != rig_read(&other).winner);
    rig_rows(&other, 1);
    assert_int_equal(rig_fit(&other), KEDGE_OK);
    assert_memory_equal(r.mem, other.mem, r.bytes);
    for (size_t i = 0; i < N; i++)
        weight[i] = i % 4 ? 1 : 0;
    for (size_t i = 0; i < N; i += 4) {
        other.y[i] = 1 - other.y[i];
        other.x[i][0] = -7 * other.x[i][1];
    }
    assert_int_equal(kedge_model_fit(&r.m, &r.rows, r.y, weight, r.work, r.work_bytes), KEDGE_OK);
    assert_int_equal(kedge_model_fit(&other.m, &other.rows, other.y, weight, other.work, other.work_bytes), KEDGE_OK);
    for (uint32_t i = 0; i < N_CANDIDATES; i++)
        assert_true(rig_read(&r).candidates[i].score == rig_read(&other).candidates[i].score);
    rig_free(&other);
    rig_free(&r);
}

/* Who has no fit learns the rows as often as told, which counts against the budget. */
static void test_passes(void **unused)
{
    (void)unused;
    static rig r;
    const kedge_model_class *const only[1] = {&kedge_logistic};
    kedge_model candidate, by_hand;
    size_t used;
    contested_make(&r.c);
    rig_rows(&r, 0);
    r.c.cfg.n_passes = 3;
    r.c.cfg.max_rows = 5 * (N - HELD); /* Bayes and thrice logistic regression, but no forest */
    rig_model(&r);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    assert_true(rig_read(&r).n_fits == 3 && rig_read(&r).n_rows == 5 * (N - HELD));
    rig_free(&r);
    assert_int_equal(kedge_contest_class(&r.c.cls, only, 1), KEDGE_OK); /* alone it need not race */
    r.c.cfg.candidates[0] = &r.c.logistic.base;
    r.c.cfg.candidates[1] = r.c.cfg.candidates[2] = NULL;
    rig_model(&r);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    assert_true(rig_read(&r).n_fits == 0 && rig_read(&r).candidates[0].status == KEDGE_EMPTY);
    alone(&r, 0, 0, N, &by_hand);
    for (int pass = 1; pass < 3; pass++)
        assert_int_equal(kedge_model_learn_many(&by_hand, &r.rows, r.y, NULL, &used), KEDGE_OK);
    assert_int_equal(kedge_contest_get(&r.m, 0, &candidate), KEDGE_OK);
    assert_memory_equal(candidate.state, by_hand.state, kedge_model_size(&r.c.logistic.base));
    guard_free(by_hand.state);
    rig_free(&r);
}

/* Only the winner has learned, or the state is broken. */
static void test_check(void **unused)
{
    (void)unused;
    static rig r;
    kedge_model candidate;
    contested_make(&r.c);
    rig_rows(&r, 1);
    rig_model(&r);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    assert_int_equal(kedge_contest_get(&r.m, LOGISTIC, &candidate), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&candidate, r.x[0], r.y[0], 1), KEDGE_OK);
    assert_int_equal(kedge_model_check(&r.m), KEDGE_ERR_STATE);
    assert_int_equal(kedge_model_reset(&candidate), KEDGE_OK);
    assert_int_equal(kedge_model_check(&r.m), KEDGE_OK);
    assert_int_equal(kedge_contest_get(&r.m, FOREST, &candidate), KEDGE_OK);
    assert_int_equal(kedge_model_reset(&candidate), KEDGE_OK);
    assert_int_equal(kedge_model_check(&r.m), KEDGE_ERR_STATE);
    rig_free(&r);
}

/* A contest of contests, whose work memory is asked for before there is a state and after. */
static void test_nested(void **unused)
{
    (void)unused;
    static rig r;
    static kedge_contest_of outer;
    const kedge_model_class *classes[2] = {&kedge_gaussian_nb, NULL};
    kedge_contest_config inner;
    kedge_contest_report report;
    kedge_model candidate;
    contested_make(&r.c);
    inner = r.c.cfg;
    classes[1] = &r.c.cls.model;
    assert_int_equal(kedge_contest_class(&outer, classes, 2), KEDGE_OK);
    assert_int_equal(kedge_contest_config_init(&r.c.cfg, sizeof r.c.cfg, &outer, CONTESTED_FEATURES, 2), KEDGE_OK);
    r.c.cfg.candidates[0] = &r.c.bayes.base;
    r.c.cfg.candidates[1] = &inner.base;
    rig_rows(&r, 1);
    rig_model(&r);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    assert_int_equal(rig_read(&r).winner, 1);
    assert_int_equal(kedge_contest_get(&r.m, 1, &candidate), KEDGE_OK);
    assert_int_equal(kedge_contest_read(&candidate, &report), KEDGE_OK);
    assert_int_equal(report.winner, FOREST);
    rig_free(&r);
}

static void test_freeze(void **unused)
{
    (void)unused;
    static rig r;
    static _Alignas(8) unsigned char blob[1 << 16];
    static kedge_model_class stiff;
    const kedge_model_class *const classes[1] = {&stiff};
    kedge_frozen f;
    size_t len;
    contested_make(&r.c);
    rig_rows(&r, 1);
    rig_model(&r);
    for (int fitted = 0; fitted < 2; fitted++) {
        assert_int_equal(kedge_model_freeze(&r.m, blob, sizeof blob, &len), KEDGE_OK);
        assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
        for (size_t i = 0; i < N; i++) {
            double y, z;
            assert_int_equal(kedge_frozen_predict(&f, r.x[i], &z), fitted ? KEDGE_OK : KEDGE_EMPTY);
            assert_int_equal(kedge_model_predict(&r.m, r.x[i], &y), fitted ? KEDGE_OK : KEDGE_EMPTY);
            assert_true(y == z);
        }
        assert_int_equal(rig_fit(&r), KEDGE_OK);
    }
    rig_free(&r);
    stiff = kedge_gaussian_nb;
    stiff.freeze = NULL;
    assert_int_equal(kedge_contest_class(&r.c.cls, classes, 1), KEDGE_OK);
    r.c.bayes.base.cls = &stiff;
    r.c.cfg.candidates[1] = r.c.cfg.candidates[2] = NULL;
    rig_model(&r);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    assert_int_equal(kedge_model_freeze(&r.m, blob, sizeof blob, &len), KEDGE_ERR_UNSUPPORTED);
    rig_free(&r);
}

/* Only if all candidates take missing values a contest does. */
static void test_missing(void **unused)
{
    (void)unused;
    static rig r;
    const kedge_model_class *const two[2] = {&kedge_logistic, &kedge_random_forest};
    double x[CONTESTED_FEATURES] = {(double)NAN, 1}, y;
    contested_make(&r.c);
    assert_int_equal(r.c.cls.model.takes_missing, 0);
    assert_int_equal(kedge_contest_class(&r.c.cls, two, 2), KEDGE_OK);
    r.c.cfg.candidates[0] = &r.c.logistic.base;
    r.c.cfg.candidates[1] = &r.c.forest.base;
    r.c.cfg.candidates[2] = NULL;
    rig_rows(&r, 1);
    for (size_t i = 0; i < N; i += 9)
        r.x[i][0] = (double)NAN;
    rig_model(&r);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    assert_int_equal(rig_read(&r).winner, 1);
    assert_int_equal(kedge_model_predict(&r.m, x, &y), KEDGE_OK);
    rig_free(&r);
}

static void test_refusals(void **unused)
{
    (void)unused;
    static rig r;
    const kedge_model_class *classes[KEDGE_CONTEST_MAX + 1];
    kedge_model_class bad = kedge_gaussian_nb;
    kedge_contest_report report;
    kedge_model other;
    uint64_t mem[64];
    for (size_t i = 0; i <= KEDGE_CONTEST_MAX; i++)
        classes[i] = &kedge_gaussian_nb;
    assert_int_equal(kedge_contest_class(NULL, classes, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_contest_class(&r.c.cls, NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_contest_class(&r.c.cls, classes, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_contest_class(&r.c.cls, classes, KEDGE_CONTEST_MAX + 1), KEDGE_ERR_RANGE);
    classes[1] = NULL;
    assert_int_equal(kedge_contest_class(&r.c.cls, classes, 2), KEDGE_ERR_NULL);
    classes[1] = &bad;
    bad.predict = NULL;
    assert_int_equal(kedge_contest_class(&r.c.cls, classes, 2), KEDGE_ERR_NULL);
    bad.base.noun = KEDGE_NOUN_DETECTOR;
    assert_int_equal(kedge_contest_class(&r.c.cls, classes, 2), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_contest_config_init(&r.c.cfg, sizeof r.c.cfg, NULL, 2, 2), KEDGE_ERR_NULL);
    contested_make(&r.c);
    assert_int_equal(kedge_contest_config_init(NULL, sizeof r.c.cfg, &r.c.cls, 2, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_contest_config_init(&r.c.cfg, sizeof r.c.cfg - 1, &r.c.cls, 2, 2), KEDGE_ERR_CONFIG);
    contested_make(&r.c);
    rig_model(&r);
    assert_int_equal(kedge_contest_read(&r.m, &report), KEDGE_EMPTY);
    assert_true(report.winner == 0 && report.n_candidates == 3 && report.candidates[0].status == KEDGE_EMPTY);
    assert_int_equal(kedge_contest_read(&r.m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_contest_read(NULL, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_contest_get(&r.m, 3, &other), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_contest_get(&r.m, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_init(&other, &r.c.bayes.base, mem, sizeof mem), KEDGE_OK);
    assert_int_equal(kedge_contest_read(&other, &report), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_contest_get(&other, 0, &other), KEDGE_ERR_CLASS);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_halving),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_passes),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_freeze),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
