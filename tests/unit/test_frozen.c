/* SPDX-License-Identifier: MIT */
/* Frozen models: they say what the live ones say, and no bytes make them crash, hang or leave the numbers. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "support.h"

enum { FEATURES = 5, CLASSES_MAX = 70, ROWS = 1500, HEAD_BYTES = 80 };

typedef union any_config {
    kedge_model_config base;
    kedge_linear_config linear;
    kedge_logistic_config logistic;
    kedge_rls_config rls;
    kedge_baseline_config baseline;
    kedge_gaussian_nb_config gaussian;
    kedge_multinomial_nb_config multinomial;
    kedge_bernoulli_nb_config bernoulli;
    kedge_hoeffding_tree_config tree;
    kedge_adaptive_forest_config forest;
    kedge_auto_config mixture;
    kedge_bagging_config bagging;
    kedge_boosting_config boosting;
    kedge_adaptive_model_config adaptive;
    kedge_efdt_config efdt;
    kedge_last_config last;
    kedge_fimt_dd_config fimt;
    kedge_forest_reg_config values;
    kedge_random_forest_config wood;
    kedge_gradient_boosting_config boost;
} any_config;

/* A model to be frozen. `setting` chooses among its configurations. */
typedef struct subject {
    const char *name;
    void (*configure)(any_config *c, int setting);
    int n_settings;
    int kind;
    double tolerance; /* of scores; 0: the same bits */
} subject;

static void linear_config(any_config *c, int setting)
{
    static const uint32_t settings[][3] = {
        {2, KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_NAG},  {4, KEDGE_LINEAR_SOFTMAX, KEDGE_LINEAR_NAG},
        {2, KEDGE_LINEAR_HINGE, KEDGE_LINEAR_ALMA},    {3, KEDGE_LINEAR_HINGE, KEDGE_LINEAR_ALMA},
        {3, KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_FTRL}, {0, KEDGE_LINEAR_SQUARED, KEDGE_LINEAR_NAG},
        {0, KEDGE_LINEAR_POISSON, KEDGE_LINEAR_COIN},  {0, KEDGE_LINEAR_EPSILON, KEDGE_LINEAR_PA1},
        {0, KEDGE_LINEAR_QUANTILE, KEDGE_LINEAR_SGD},
    };
    c->linear = kedge_linear_defaults(FEATURES, settings[setting][0]);
    c->linear.loss = settings[setting][1];
    c->linear.optimiser = settings[setting][2];
    if (setting == 8)
        c->linear.rate = 0.1;
}

static void logistic_config(any_config *c, int setting)
{
    static const uint32_t classes[] = {2, 3, 2, CLASSES_MAX}, rates[] = {4, 4, 8, 1};
    c->logistic = kedge_logistic_defaults(FEATURES, classes[setting]);
    c->logistic.n_rates = rates[setting];
}

static void rls_config(any_config *c, int setting)
{
    c->rls = kedge_rls_defaults(FEATURES);
    c->rls.forgetting = setting == 0 ? 1.0 : 0.99;
}

static void baseline_config(any_config *c, int setting)
{
    c->baseline = kedge_baseline_defaults(FEATURES, setting < 2 ? 3 : 0);
    c->baseline.kind = setting % 2 == 0 ? KEDGE_BASELINE_LAST : KEDGE_BASELINE_USUAL;
}

static void gaussian_config(any_config *c, int setting)
{
    c->gaussian = kedge_gaussian_nb_defaults(FEATURES, setting == 0 ? 2 : setting == 1 ? 7 : CLASSES_MAX);
}

static void multinomial_config(any_config *c, int setting)
{
    c->multinomial = kedge_multinomial_nb_defaults(FEATURES, setting < 2 ? 3 : CLASSES_MAX);
    c->multinomial.complement = setting == 1;
}

static void bernoulli_config(any_config *c, int setting)
{
    c->bernoulli = kedge_bernoulli_nb_defaults(FEATURES, setting == 0 ? 2 : 5);
    c->bernoulli.threshold = 1.5;
}

static void grow(kedge_tree_growth *g, uint32_t leaf, int setting)
{
    g->leaf = leaf;
    g->grace = 40;
    g->tie = 0.3;
    if (setting % 2 == 1) {
        g->nominal[0] = 1u << 3;
        g->n_values = 6;
    }
}

static void majority_tree_config(any_config *c, int setting)
{
    c->tree = kedge_hoeffding_tree_defaults(FEATURES, setting < 2 ? 2 : 9);
    grow(&c->tree.growth, KEDGE_LEAF_MAJORITY, setting);
    if (setting == 3) /* leaves without statistics */
        c->tree.growth.memory = 6000;
}

static void tree_config(any_config *c, int setting)
{
    c->tree = kedge_hoeffding_tree_defaults(FEATURES, setting < 2 ? 2 : CLASSES_MAX);
    grow(&c->tree.growth, setting % 2 == 1 ? KEDGE_LEAF_BAYES : KEDGE_LEAF_ADAPTIVE, setting);
    if (setting == 3) /* one leaf with more classes than the stack has room for */
        c->tree.growth.grace = 1u << 30;
}

static void efdt_config(any_config *c, int setting)
{
    c->efdt = kedge_efdt_defaults(FEATURES, 3);
    grow(&c->efdt.growth, setting == 0 ? KEDGE_LEAF_BAYES : KEDGE_LEAF_ADAPTIVE, setting);
}

static void last_config(any_config *c, int setting)
{
    c->last = kedge_last_defaults(FEATURES, 4);
    grow(&c->last.growth, setting == 0 ? KEDGE_LEAF_BAYES : KEDGE_LEAF_ADAPTIVE, setting);
}

static void majority_forest_config(any_config *c, int setting)
{
    c->forest = kedge_adaptive_forest_defaults(FEATURES, setting == 0 ? 2 : CLASSES_MAX);
    grow(&c->forest.growth, KEDGE_LEAF_MAJORITY, setting);
    c->forest.n_trees = 4;
    c->forest.lambda = setting == 0 ? 6.0 : 0.1; /* trees that drew no row yet */
}

static void forest_config(any_config *c, int setting)
{
    c->forest = kedge_adaptive_forest_defaults(FEATURES, setting < 2 ? 3 : CLASSES_MAX);
    grow(&c->forest.growth, setting == 1 ? KEDGE_LEAF_BAYES : KEDGE_LEAF_ADAPTIVE, setting);
    c->forest.n_trees = setting == 1 ? 5 : 3;
}

static void auto_config(any_config *c, int setting)
{
    static const uint32_t classes[] = {2, 4, CLASSES_MAX};
    c->mixture = kedge_auto_defaults(FEATURES, classes[setting]);
    c->mixture.n_trees = 3;
    c->mixture.memory = setting == 2 ? 1u << 20 : 1u << 18;
    c->mixture.n_near = 0; /* neighbours do not freeze */
}

static void bagging_config(any_config *c, int setting)
{
    static kedge_members_class cls[4];
    static any_config member;
    static const uint32_t classes[] = {3, 0, CLASSES_MAX, 2}, looked[] = {FEATURES, FEATURES, 3, 2};
    const kedge_model_class *of = setting == 1 ? &kedge_linear : setting == 3 ? &kedge_hoeffding_tree : &kedge_logistic;
    const kedge_detector_class *watch = setting == 3 ? &kedge_adwin : NULL;
    if (setting == 1)
        member.linear = kedge_linear_defaults(looked[setting], 0);
    else if (setting == 3)
        member.tree = kedge_hoeffding_tree_defaults(looked[setting], 2);
    else
        member.logistic = kedge_logistic_defaults(looked[setting], classes[setting]);
    assert_int_equal(kedge_bagging_class(&cls[setting], of, watch, watch), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&c->bagging, sizeof c->bagging, &cls[setting], FEATURES, classes[setting]),
                     KEDGE_OK);
    c->bagging.members.model = &member.base;
    c->bagging.members.n = 5;
    c->bagging.lambda = setting == 0 ? 0.01 : 6.0; /* after a row members know nothing yet */
}

static void boosting_config(any_config *c, int setting)
{
    static kedge_members_class cls[2];
    static any_config member;
    uint32_t n_classes = 2 + (uint32_t)setting;
    member.gaussian = kedge_gaussian_nb_defaults(FEATURES, n_classes);
    assert_int_equal(kedge_boosting_class(&cls[setting], &kedge_gaussian_nb, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_boosting_config_init(&c->boosting, sizeof c->boosting, &cls[setting], FEATURES, n_classes), KEDGE_OK);
    c->boosting.members.model = &member.base;
    c->boosting.members.n = 3;
}

static void adaptive_model_config(any_config *c, int setting)
{
    static kedge_members_class cls[2];
    static any_config member;
    assert_int_equal(kedge_adaptive_model_class(&cls[setting], setting == 0 ? &kedge_auto : &kedge_gaussian_nb, NULL, &kedge_ddm),
                     KEDGE_OK);
    assert_int_equal(kedge_adaptive_model_config_init(&c->adaptive, sizeof c->adaptive, &cls[setting], FEATURES, 2), KEDGE_OK);
    if (setting == 0) {
        member.mixture = kedge_auto_defaults(FEATURES, 2);
        member.mixture.n_trees = 2;
        member.mixture.memory = 1u << 18;
        member.mixture.n_near = 0;
    } else {
        member.gaussian = kedge_gaussian_nb_defaults(3, 2);
    }
    c->adaptive.members.model = &member.base;
}

static void grow_values(kedge_tree_growth *g, int setting)
{
    static const uint32_t heads[] = {KEDGE_HEAD_MEAN, KEDGE_HEAD_LINEAR, KEDGE_HEAD_ADAPTIVE, KEDGE_HEAD_LINEAR};
    g->leaf = heads[setting];
    g->grace = 50;
    g->tie = 0.5;
    if (setting == 2) {
        g->nominal[0] = 1u << 3;
        g->n_values = 6;
    }
}

static void fimt_dd_config(any_config *c, int setting)
{
    c->fimt = kedge_fimt_dd_defaults(FEATURES);
    grow_values(&c->fimt.growth, setting);
    if (setting == 3) /* leaves without statistics */
        c->fimt.growth.memory = 12000;
}

static void forest_reg_config(any_config *c, int setting)
{
    c->values = kedge_forest_reg_defaults(FEATURES);
    grow_values(&c->values.growth, setting);
    c->values.n_trees = 4;
    c->values.lambda = setting == 0 ? 0.01 : 6.0; /* after a row some trees have none */
}

static void random_forest_config(any_config *c, int setting)
{
    static const uint32_t classes[] = {2, 5, 0, CLASSES_MAX};
    c->wood = kedge_random_forest_defaults(FEATURES, classes[setting]);
    c->wood.n_trees = 1 + 3 * (uint32_t)setting;
    c->wood.max_leaves = setting == 1 ? 2 : 100;
    if (setting != 2) {
        c->wood.nominal[0] = 1u << 3;
        c->wood.n_bins = 20;
    }
}

static void gradient_boosting_config(any_config *c, int setting)
{
    static const uint32_t classes[] = {2, 5, 0, CLASSES_MAX, 0};
    c->boost = kedge_gradient_boosting_defaults(FEATURES, classes[setting]);
    c->boost.n_rounds = setting == 3 ? 2 : 7;
    c->boost.max_leaves = 9;
    if (setting < 2)
        c->boost.nominal[0] = 1u << 3;
    if (setting == 4) { /* no tree is worth keeping */
        c->boost.holdout = 0.5;
        c->boost.min_gain = 1e299;
    }
}

static const subject subjects[] = {
    {"linear", linear_config, 9, KEDGE_FROZEN_LINEAR, 0},
    {"logistic", logistic_config, 4, KEDGE_FROZEN_LOGISTIC, 0},
    {"rls", rls_config, 2, KEDGE_FROZEN_LINEAR, 0},
    {"baseline", baseline_config, 4, KEDGE_FROZEN_CONSTANT, 0},
    {"gaussian_nb", gaussian_config, 3, KEDGE_FROZEN_GAUSSIAN, 1e-9},
    {"multinomial_nb", multinomial_config, 3, KEDGE_FROZEN_TABLE, 0},
    {"bernoulli_nb", bernoulli_config, 2, KEDGE_FROZEN_TABLE, 1e-9},
    {"hoeffding_tree", majority_tree_config, 4, KEDGE_FROZEN_TREE, 0},
    {"hoeffding_tree", tree_config, 4, KEDGE_FROZEN_TREE, 1e-9},
    {"efdt", efdt_config, 2, KEDGE_FROZEN_TREE, 1e-9},
    {"last_tree", last_config, 2, KEDGE_FROZEN_TREE, 1e-9},
    {"adaptive_forest", majority_forest_config, 2, KEDGE_FROZEN_FOREST, 0},
    {"adaptive_forest", forest_config, 3, KEDGE_FROZEN_FOREST, 1e-9},
    {"auto", auto_config, 3, KEDGE_FROZEN_MIXTURE, 1e-9},
    {"bagging", bagging_config, 4, KEDGE_FROZEN_MIXTURE, 1e-9},
    {"boosting", boosting_config, 2, KEDGE_FROZEN_MIXTURE, 1e-9},
    {"fimt_dd", fimt_dd_config, 4, KEDGE_FROZEN_VALUES, 0},
    {"forest_reg", forest_reg_config, 3, KEDGE_FROZEN_VALUES, 0},
    {"random_forest", random_forest_config, 4, KEDGE_FROZEN_GROVE, 0},
    {"gradient_boost", gradient_boosting_config, 5, KEDGE_FROZEN_GROVE, 0},
    {"adaptive_model", adaptive_model_config, 2, KEDGE_FROZEN_MIXTURE, 1e-9},
};
enum { N_SUBJECTS = sizeof subjects / sizeof *subjects };

/* A live model and its memory. */
typedef struct live {
    kedge_model m;
    kedge_model_info info;
    void *mem;
} live;

/* Rows that all classes take: numbers from 0 up, here and there one that is missing where the class takes that. */
static void make_row(kedge_rng *rng, const kedge_model_info *info, double *x)
{
    for (int i = 0; i < FEATURES; i++) {
        x[i] = kedge_rng_uniform(rng) * (i + 1);
        if (i == 3)
            x[i] = (double)kedge_rng_below(rng, 6);
        if (info->takes_missing && kedge_rng_below(rng, 20) == 0)
            x[i] = NAN;
    }
}

static double make_target(kedge_rng *rng, const kedge_model_info *info, const double *x)
{
    double sum = 2.0 * (x[0] == x[0] ? x[0] : 0.5) + (x[3] == x[3] ? x[3] : 2.0);
    if (info->n_classes == 0)
        return sum + kedge_rng_uniform(rng);
    uint32_t c = (uint32_t)(sum / 7.0 * info->n_classes);
    return kedge_rng_below(rng, 10) == 0 ? (double)kedge_rng_below(rng, info->n_classes)
                                         : (double)(c < info->n_classes ? c : info->n_classes - 1);
}

/* Classes that only fit. */
static void live_fit(live *l, kedge_rng *rng, int n_rows)
{
    static double x[ROWS][FEATURES], y[ROWS], weight[ROWS];
    for (int i = 0; i < n_rows; i++) {
        make_row(rng, &l->info, x[i]);
        y[i] = make_target(rng, &l->info, x[i]);
        weight[i] = 1.0 + i % 3;
    }
    kedge_rows rows = kedge_rows_float64(&x[0][0], (size_t)n_rows, FEATURES);
    size_t work_bytes = kedge_model_work(&l->m, (size_t)n_rows);
    void *work = guard_new(work_bytes, 0x5C);
    assert_int_equal(kedge_model_fit(&l->m, &rows, y, weight, work, work_bytes), KEDGE_OK);
    guard_free(work);
}

static live live_new(const subject *s, int setting, int n_rows)
{
    live l;
    any_config c;
    kedge_rng rng = {(uint64_t)(setting + 1)};
    double x[FEATURES];
    memset(&c, 0, sizeof c);
    s->configure(&c, setting);
    size_t bytes = kedge_model_size(&c.base);
    assert_true(bytes > 0);
    l.mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(&l.m, &c.base, l.mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_model_describe(&l.m, &l.info), KEDGE_OK);
    if (!l.info.can_learn && n_rows > 0)
        live_fit(&l, &rng, n_rows);
    for (int i = 0; i < n_rows && l.info.can_learn; i++) {
        make_row(&rng, &l.info, x);
        assert_int_equal(kedge_model_learn(&l.m, x, make_target(&rng, &l.info, x), 1.0 + i % 3), KEDGE_OK);
    }
    return l;
}

/* In guarded memory of exactly its length. */
static void *freeze(const kedge_model *m, size_t *len)
{
    size_t again = 0;
    assert_int_equal(kedge_model_freeze(m, NULL, 0, len), KEDGE_ERR_BUFFER);
    void *blob = guard_new(*len, 0x5C);
    assert_int_equal(kedge_model_freeze(m, blob, *len - 1, &again), KEDGE_ERR_BUFFER);
    assert_int_equal(again, *len);
    for (size_t i = 0; i < *len; i++)
        assert_int_equal(((unsigned char *)blob)[i], 0x5C);
    assert_int_equal(kedge_model_freeze(m, blob, *len, &again), KEDGE_OK);
    assert_int_equal(again, *len);
    guard_check(blob);
    return blob;
}

static void assert_same(double frozen, double alive, double tolerance)
{
    if (tolerance == 0.0)
        assert_memory_equal(&frozen, &alive, sizeof alive);
    else
        assert_true(fabs(frozen - alive) <= tolerance);
}

/* The best class's score, less the second best's. */
static double lead(const double *scores, uint32_t n)
{
    double best = -1, second = -1;
    for (uint32_t c = 0; c < n; c++) {
        if (scores[c] > best) {
            second = best;
            best = scores[c];
        } else if (scores[c] > second) {
            second = scores[c];
        }
    }
    return best - second;
}

static void compare_row(const live *l, const kedge_frozen *f, const double *x, double tolerance)
{
    double frozen[CLASSES_MAX], alive[CLASSES_MAX], y = -7, z = -7;
    uint32_t n = l->info.n_classes > 0 ? l->info.n_classes : 1;
    kedge_status st = kedge_model_score(&l->m, x, alive, n);
    assert_true(st >= 0);
    assert_int_equal(kedge_model_predict(&l->m, x, &y), st);
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_frozen_score(f, x, frozen, n), st);
    assert_int_equal(kedge_frozen_predict(f, x, &z), st);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    for (uint32_t c = 0; c < n; c++)
        assert_same(frozen[c], alive[c], tolerance * fmax(1.0, fabs(alive[c])));
    if (l->info.n_classes == 0 || lead(alive, n) > 2 * tolerance)
        assert_same(z, y, l->info.n_classes == 0 ? tolerance * fmax(1.0, fabs(y)) : 0.0);
}

static void compare(const live *l, const kedge_frozen *f, double tolerance)
{
    kedge_rng rng = {77};
    double x[FEATURES];
    for (int i = 0; i < 300; i++) {
        make_row(&rng, &l->info, x);
        if (i % 10 == 0)
            x[i / 10 % FEATURES] *= i % 20 == 0 ? 1e300 : -1e300;
        if (i == 7)
            memset(x, 0, sizeof x);
        compare_row(l, f, x, tolerance);
    }
}

static void test_equal(void **state)
{
    (void)state;
    static const int n_rows[] = {0, 1, 30, ROWS};
    for (int s = 0; s < N_SUBJECTS; s++)
        for (int k = 0; k < 4 * subjects[s].n_settings; k++) {
            live l = live_new(&subjects[s], k / 4, n_rows[k % 4]);
            kedge_frozen f;
            kedge_frozen_info info;
            size_t len;
            void *blob = freeze(&l.m, &len);
            assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
            assert_int_equal(kedge_frozen_describe(&f, &info), KEDGE_OK);
            assert_int_equal(info.bytes, len);
            assert_int_equal(info.n_features, FEATURES);
            assert_int_equal(info.n_classes, l.info.n_classes);
            assert_int_equal(info.takes_missing, l.info.takes_missing);
            if (n_rows[k % 4] == 0) {
                assert_int_equal(info.is_empty, 1);
                assert_int_equal(info.kind, KEDGE_FROZEN_CONSTANT);
            } else if (n_rows[k % 4] > 100) { /* of a few rows members may know nothing, or nothing that counts */
                assert_int_equal(info.is_empty, 0);
                assert_int_equal(info.kind, subjects[s].kind);
                assert_string_equal(info.name,
                                    s == N_SUBJECTS - 1 && k / 4 == 0 ? "auto" : subjects[s].name); /* its model itself */
            }
            compare(&l, &f, subjects[s].tolerance);
            guard_free(blob);
            guard_free(l.mem);
        }
}

static void check_rows(const subject *s)
{
    live l = live_new(s, 1, 500);
    kedge_frozen f;
    float table[6][2 * FEATURES];
    double x[FEATURES], y[6], z;
    size_t len, used = 99;
    void *blob = freeze(&l.m, &len);
    assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 2 * FEATURES; j++)
            table[i][j] = (float)((i * 5 + j * 3) % 7);
    kedge_rows rows = kedge_rows_float32(&table[0][0], 6, FEATURES);
    rows.row_stride = 2 * FEATURES;
    rows.column_stride = 2;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, y, &used), KEDGE_OK);
    assert_int_equal(used, 6);
    for (int i = 0; i < 6; i++) {
        for (int j = 0; j < FEATURES; j++)
            x[j] = table[i][2 * j];
        assert_int_equal(kedge_frozen_predict(&f, x, &z), KEDGE_OK);
        assert_true(z == y[i]);
    }
    table[4][2] = INFINITY;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, y, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 4);
    rows.n_rows = 0;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, NULL, &used), KEDGE_OK);
    assert_int_equal(used, 0);
    rows.n_rows = 1;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, NULL, &used), KEDGE_ERR_NULL);
    rows.n_columns = FEATURES - 1;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, y, &used), KEDGE_ERR_SHAPE);
    rows.type = 9;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, y, &used), KEDGE_ERR_SHAPE);
    guard_free(blob);
    guard_free(l.mem);
}

static void test_rows(void **state)
{
    (void)state;
    for (int s = 0; s < N_SUBJECTS; s++)
        if (subjects[s].kind != KEDGE_FROZEN_CONSTANT)
            check_rows(&subjects[s]);
}

static void test_refusals(void **state)
{
    (void)state;
    live l = live_new(&subjects[4], 0, 50), r = live_new(&subjects[1], 0, 50);
    kedge_frozen f, none = {NULL, 0};
    kedge_frozen_info info;
    double x[FEATURES] = {0}, y = 5, scores[2];
    size_t len, used;
    void *blob = freeze(&l.m, &len);
    assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
    x[2] = NAN;
    assert_int_equal(kedge_frozen_predict(&f, x, &y), KEDGE_ERR_NOT_FINITE);
    x[2] = INFINITY;
    assert_int_equal(kedge_frozen_score(&f, x, scores, 2), KEDGE_ERR_NOT_FINITE);
    assert_true(y == 5);
    x[2] = 0;
    assert_int_equal(kedge_frozen_score(&f, x, scores, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_frozen_score(&f, x, NULL, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_score(&f, NULL, scores, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_score(&none, x, scores, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_predict(&f, x, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_predict(&f, NULL, &y), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_predict(NULL, x, &y), KEDGE_ERR_NULL);
    kedge_rows rows = kedge_rows_float64(x, 1, FEATURES);
    assert_int_equal(kedge_frozen_predict_many(&none, &rows, &y, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, &y, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_describe(&none, &info), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_describe(&f, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_open(NULL, blob, len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_open(&f, NULL, len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_open(&f, (unsigned char *)blob + 1, len - 1), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_model_freeze(NULL, blob, len, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_freeze(&l.m, blob, len, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_freeze(&l.m, NULL, len, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_freeze(&l.m, (unsigned char *)blob + 1, len, &used), KEDGE_ERR_ALIGN);
    kedge_model_class without = kedge_gaussian_nb;
    kedge_model m = {&without, l.m.state};
    without.freeze = NULL;
    assert_int_equal(kedge_model_freeze(&m, blob, len, &used), KEDGE_ERR_UNSUPPORTED);
    guard_free(blob);
    kedge_members_class over;
    any_config c, of;
    of.mixture = kedge_auto_defaults(FEATURES, 2);
    assert_int_equal(kedge_bagging_class(&over, &kedge_auto, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&c.bagging, sizeof c.bagging, &over, FEATURES, 2), KEDGE_OK);
    c.bagging.members.model = &of.base;
    c.bagging.members.n = 2;
    live nested;
    nested.mem = guard_new(kedge_model_size(&c.base), 0xA5);
    assert_int_equal(kedge_model_init(&nested.m, &c.base, nested.mem, kedge_model_size(&c.base)), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&nested.m, x, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_model_freeze(&nested.m, NULL, 0, &len), KEDGE_ERR_BUFFER);
    blob = guard_new(len, 0);
    assert_int_equal(kedge_model_freeze(&nested.m, blob, len, &len), KEDGE_ERR_UNSUPPORTED); /* parts within parts */
    guard_free(blob);
    over.parts[0] = &without.base;
    assert_int_equal(kedge_model_freeze(&nested.m, NULL, 0, &len), KEDGE_ERR_UNSUPPORTED);
    guard_free(nested.mem);
    blob = freeze(&r.m, &len);
    x[2] = INFINITY; /* takes missing values, but not this */
    assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
    assert_int_equal(kedge_frozen_predict(&f, x, &y), KEDGE_ERR_NOT_FINITE);
    guard_free(blob);
    guard_free(l.mem);
    guard_free(r.mem);
}

/* Bytes that ought to be refused: every bit turned, every cut. More bytes behind are fine. */
static void test_damage(void **state)
{
    (void)state;
    for (int s = 0; s < N_SUBJECTS; s++) {
        live l = live_new(&subjects[s], 0, 40);
        kedge_frozen f = {NULL, 0};
        size_t len;
        unsigned char *blob = freeze(&l.m, &len);
        size_t step = len > 4096 ? len / 512 : 1;
        for (size_t i = 0; i < 8 * len; i += i < 8 * HEAD_BYTES ? 1 : step) {
            blob[i / 8] ^= (unsigned char)(1u << i % 8);
            assert_true(kedge_frozen_open(&f, blob, len) < 0);
            blob[i / 8] ^= (unsigned char)(1u << i % 8);
        }
        assert_null(f.blob);
        for (size_t i = 0; i < len; i += step) {
            void *cut = guard_copy(blob, i > 0 ? i : 1);
            assert_true(kedge_frozen_open(&f, cut, i) < 0);
            guard_free(cut);
        }
        unsigned char *more = guard_new(len + 24, 0xFF);
        memcpy(more, blob, len);
        assert_int_equal(kedge_frozen_open(&f, more, len + 24), KEDGE_OK);
        assert_int_equal(f.bytes, len);
        guard_free(more);
        guard_free(blob);
        guard_free(l.mem);
    }
}

static void turn(unsigned char *p, size_t n, size_t width)
{
    for (; n > 0; n--, p += width)
        for (size_t j = 0; j < width / 2; j++) {
            unsigned char t = p[j];
            p[j] = p[width - 1 - j];
            p[width - 1 - j] = t;
        }
}

static uint32_t word_at(const unsigned char *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

/* What the other machine would do with its bytes: the checksum stands over them as they are, then every number is turned. */
static size_t turn_back(unsigned char *blob)
{
    unsigned char *words = blob + 4, crc[4];
    turn(words, 15, 4);
    uint32_t bytes = word_at(blob + 12), n_nodes = word_at(blob + 32), n_doubles = word_at(blob + 36), n_words = word_at(blob + 40);
    unsigned char *p = blob + HEAD_BYTES;
    turn(words, 15, 4);
    kedge_i_put(crc, kedge_i_crc32(blob, bytes - 4), 4);
    turn(words, 15, 4);
    uint16_t one = 1;
    if (*(unsigned char *)&one == 1)
        turn(crc, 1, 4);
    assert_memory_equal(crc, blob + bytes - 4, 4); /* the other order's number */
    for (; n_nodes > 0; n_nodes--, p += 16) {
        turn(p, 1, 8);
        turn(p + 8, 2, 4);
    }
    turn(p, n_doubles, 8);
    p += 8 * (size_t)n_doubles;
    turn(p, n_words, 4);
    p += 4 * (size_t)n_words;
    while (p < blob + bytes - 8)
        p += turn_back(p);
    uint32_t own = kedge_i_crc32(blob, bytes - 4);
    memcpy(blob + bytes - 4, &own, 4);
    return bytes;
}

static void test_swap(void **state)
{
    (void)state;
    for (int s = 0; s < N_SUBJECTS; s++) {
        live l = live_new(&subjects[s], 0, 500);
        kedge_frozen f;
        size_t len;
        unsigned char *blob = freeze(&l.m, &len), *turned = guard_copy(blob, len);
        assert_int_equal(kedge_frozen_swap(NULL, len), KEDGE_ERR_NULL);
        assert_int_equal(kedge_frozen_swap(turned, len - 8), KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_frozen_swap(turned, len), KEDGE_OK);
        assert_int_equal(kedge_frozen_open(&f, turned, len), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_frozen_swap(turned, len), KEDGE_ERR_CLASS);
        assert_int_equal(turn_back(turned), len);
        assert_memory_equal(turned, blob, len);
        guard_free(turned);
        guard_free(blob);
        guard_free(l.mem);
    }
}

/* Whoever forges bytes forges the checksums too, those of the parts first. */
static void mend(unsigned char *blob, size_t len)
{
    uint64_t at =
        HEAD_BYTES + 16 * (uint64_t)word_at(blob + 32) + 8 * (uint64_t)word_at(blob + 36) + 4 * (uint64_t)word_at(blob + 40);
    while (at + HEAD_BYTES < len - 8) {
        uint32_t bytes = word_at(blob + at + 12);
        if (bytes < HEAD_BYTES + 8 || bytes > len - at)
            break;
        uint32_t own = kedge_i_crc32(blob + at, bytes - 4);
        memcpy(blob + at + bytes - 4, &own, sizeof own);
        at += bytes;
    }
    uint32_t crc = kedge_i_crc32(blob, len - 4);
    memcpy(blob + len - 4, &crc, sizeof crc);
}

/* Returns whether the bytes were taken; then what they say must be a class, or finite. */
static int survives(const unsigned char *blob, size_t len, uint32_t n_classes)
{
    static const double rows[3][FEATURES] = {{0.5, 1, 2, 3, 4}, {1e300, -1e300, 0, -2, 7}, {-1, 0, 0, 5, 1e-300}};
    kedge_frozen f;
    kedge_frozen_info info;
    double y, scores[CLASSES_MAX];
    if (kedge_frozen_open(&f, blob, len) < 0)
        return 0;
    assert_int_equal(kedge_frozen_describe(&f, &info), KEDGE_OK);
    if (info.n_features != FEATURES || info.n_classes != n_classes)
        return 1;
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 3; i++) {
        assert_true(kedge_frozen_predict(&f, rows[i], &y) >= 0);
        assert_true(y - y == 0 && (n_classes == 0 || (y >= 0 && y < n_classes && y == floor(y))));
        assert_true(kedge_frozen_score(&f, rows[i], scores, n_classes > 0 ? n_classes : 1) >= 0);
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    return 1;
}

static void test_forged(void **state)
{
    (void)state;
    static const double nasty[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300, DBL_MAX, -DBL_MAX, 1e155, 0.0, -1.0, 5e-324};
    kedge_rng rng = {5};
    int n_taken = 0, n_refused = 0;
    for (int s = 0; s < N_SUBJECTS; s++)
        for (int k = 0; k < subjects[s].n_settings && k < 4; k++) {
            live l = live_new(&subjects[s], k, 300);
            size_t len;
            unsigned char *blob = freeze(&l.m, &len);
            for (int round = 0; round < 900; round++) {
                unsigned char *forged = guard_copy(blob, len);
                size_t at = round % 3 == 0 ? 4 * kedge_rng_below(&rng, HEAD_BYTES / 4) : 8 * kedge_rng_below(&rng, len / 8);
                uint32_t word = kedge_rng_below(&rng, 2) ? (uint32_t)kedge_rng_below(&rng, 9) : (uint32_t)kedge_rng_next(&rng);
                if (round % 3 == 0)
                    memcpy(forged + at, &word, sizeof word);
                else if (round % 3 == 1)
                    forged[at + kedge_rng_below(&rng, 8)] ^= (unsigned char)(1u << kedge_rng_below(&rng, 8));
                else
                    memcpy(forged + at, &nasty[kedge_rng_below(&rng, sizeof nasty / sizeof *nasty)], sizeof(double));
                mend(forged, len);
                if (survives(forged, len, l.info.n_classes))
                    n_taken++;
                else
                    n_refused++;
                guard_free(forged);
            }
            guard_free(blob);
            guard_free(l.mem);
        }
    assert_true(n_taken > 100 && n_refused > 1000);
}

/* Neighbours do not freeze: the portfolio's other members share what those counted. */
static void test_portfolio_leaves_neighbours_out(void **state)
{
    (void)state;
    kedge_auto_config cfg = kedge_auto_defaults(2, 3);
    kedge_model m, member;
    kedge_frozen f;
    kedge_rng rng = {4};
    double x[2], weights[KEDGE_AUTO_MEMBERS], sum = 0;
    size_t len;
    cfg.memory = 1u << 18;
    cfg.n_trees = 2;
    void *mem = guard_new(kedge_model_size(&cfg.base), 0xA5);
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, kedge_model_size(&cfg.base)), KEDGE_OK);
    for (int i = 0; i < 1500; i++) { /* stripes */
        x[0] = 30 * kedge_rng_uniform(&rng), x[1] = kedge_rng_uniform(&rng);
        assert_int_equal(kedge_model_learn(&m, x, (int)x[0] % 3, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_auto_weights(&m, weights), KEDGE_OK);
    assert_true(weights[KEDGE_AUTO_NEAR] + weights[KEDGE_AUTO_NEAR_RAW] > 0.5);
    for (int k = 0; k < KEDGE_AUTO_NEAR; k++)
        sum += weights[k];
    assert_int_equal(kedge_model_freeze(&m, NULL, 0, &len), KEDGE_ERR_BUFFER);
    void *blob = guard_new(len, 0);
    assert_int_equal(kedge_model_freeze(&m, blob, len, &len), KEDGE_OK);
    assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
    for (int i = 0; i < 100; i++) {
        double wants[3] = {0}, own[3], has[3];
        x[0] = 30 * kedge_rng_uniform(&rng), x[1] = kedge_rng_uniform(&rng);
        for (uint32_t k = 0; k < KEDGE_AUTO_NEAR; k++) {
            assert_int_equal(kedge_auto_member(&m, k, &member), KEDGE_OK);
            assert_true(kedge_model_score(&member, x, own, 3) >= 0);
            for (int c = 0; c < 3; c++)
                wants[c] += weights[k] / sum * own[c];
        }
        assert_int_equal(kedge_frozen_score(&f, x, has, 3), KEDGE_OK);
        for (int c = 0; c < 3; c++)
            assert_close(has[c], wants[c], 1e-9);
    }
    guard_free(blob);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_swap),
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_portfolio_leaves_neighbours_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
