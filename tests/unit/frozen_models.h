/* SPDX-License-Identifier: MIT */
/* A model of each kind that can be frozen, trained, and held against its frozen form. */
#ifndef KEDGE_TESTS_FROZEN_MODELS_H
#define KEDGE_TESTS_FROZEN_MODELS_H

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

static inline void linear_config(any_config *c, int setting)
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

static inline void logistic_config(any_config *c, int setting)
{
    static const uint32_t classes[] = {2, 3, 2, CLASSES_MAX}, rates[] = {4, 4, 8, 1};
    c->logistic = kedge_logistic_defaults(FEATURES, classes[setting]);
    c->logistic.n_rates = rates[setting];
}

static inline void rls_config(any_config *c, int setting)
{
    c->rls = kedge_rls_defaults(FEATURES);
    c->rls.forgetting = setting == 0 ? 1.0 : 0.99;
}

static inline void baseline_config(any_config *c, int setting)
{
    c->baseline = kedge_baseline_defaults(FEATURES, setting < 2 ? 3 : 0);
    c->baseline.kind = setting % 2 == 0 ? KEDGE_BASELINE_LAST : KEDGE_BASELINE_USUAL;
}

static inline void gaussian_config(any_config *c, int setting)
{
    c->gaussian = kedge_gaussian_nb_defaults(FEATURES, setting == 0 ? 2 : setting == 1 ? 7 : CLASSES_MAX);
}

static inline void multinomial_config(any_config *c, int setting)
{
    c->multinomial = kedge_multinomial_nb_defaults(FEATURES, setting < 2 ? 3 : CLASSES_MAX);
    c->multinomial.complement = setting == 1;
}

static inline void bernoulli_config(any_config *c, int setting)
{
    c->bernoulli = kedge_bernoulli_nb_defaults(FEATURES, setting == 0 ? 2 : 5);
    c->bernoulli.threshold = 1.5;
}

static inline void grow(kedge_tree_growth *g, uint32_t leaf, int setting)
{
    g->leaf = leaf;
    g->grace = 40;
    g->tie = 0.3;
    if (setting % 2 == 1) {
        g->nominal[0] = 1u << 3;
        g->n_values = 6;
    }
}

static inline void majority_tree_config(any_config *c, int setting)
{
    c->tree = kedge_hoeffding_tree_defaults(FEATURES, setting < 2 ? 2 : 9);
    grow(&c->tree.growth, KEDGE_LEAF_MAJORITY, setting);
    if (setting == 3) /* leaves without statistics */
        c->tree.growth.memory = 6000;
}

static inline void tree_config(any_config *c, int setting)
{
    c->tree = kedge_hoeffding_tree_defaults(FEATURES, setting < 2 ? 2 : CLASSES_MAX);
    grow(&c->tree.growth, setting % 2 == 1 ? KEDGE_LEAF_BAYES : KEDGE_LEAF_ADAPTIVE, setting);
    if (setting == 3) /* one leaf with more classes than the stack has room for */
        c->tree.growth.grace = 1u << 30;
}

static inline void efdt_config(any_config *c, int setting)
{
    c->efdt = kedge_efdt_defaults(FEATURES, 3);
    grow(&c->efdt.growth, setting == 0 ? KEDGE_LEAF_BAYES : KEDGE_LEAF_ADAPTIVE, setting);
}

static inline void last_config(any_config *c, int setting)
{
    c->last = kedge_last_defaults(FEATURES, 4);
    grow(&c->last.growth, setting == 0 ? KEDGE_LEAF_BAYES : KEDGE_LEAF_ADAPTIVE, setting);
}

static inline void majority_forest_config(any_config *c, int setting)
{
    c->forest = kedge_adaptive_forest_defaults(FEATURES, setting == 0 ? 2 : CLASSES_MAX);
    grow(&c->forest.growth, KEDGE_LEAF_MAJORITY, setting);
    c->forest.n_trees = 4;
    c->forest.lambda = setting == 0 ? 6.0 : 0.1; /* trees that drew no row yet */
}

static inline void forest_config(any_config *c, int setting)
{
    c->forest = kedge_adaptive_forest_defaults(FEATURES, setting < 2 ? 3 : CLASSES_MAX);
    grow(&c->forest.growth, setting == 1 ? KEDGE_LEAF_BAYES : KEDGE_LEAF_ADAPTIVE, setting);
    c->forest.n_trees = setting == 1 ? 5 : 3;
}

static inline void auto_config(any_config *c, int setting)
{
    static const uint32_t classes[] = {2, 4, CLASSES_MAX};
    c->mixture = kedge_auto_defaults(FEATURES, classes[setting]);
    c->mixture.n_trees = 3;
    c->mixture.memory = setting == 2 ? 1u << 20 : 1u << 18;
    c->mixture.n_near = 0; /* neighbours do not freeze */
}

static inline void bagging_config(any_config *c, int setting)
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

static inline void boosting_config(any_config *c, int setting)
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

static inline void adaptive_model_config(any_config *c, int setting)
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

static inline void grow_values(kedge_tree_growth *g, int setting)
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

static inline void fimt_dd_config(any_config *c, int setting)
{
    c->fimt = kedge_fimt_dd_defaults(FEATURES);
    grow_values(&c->fimt.growth, setting);
    if (setting == 3) /* leaves without statistics */
        c->fimt.growth.memory = 12000;
}

static inline void forest_reg_config(any_config *c, int setting)
{
    c->values = kedge_forest_reg_defaults(FEATURES);
    grow_values(&c->values.growth, setting);
    c->values.n_trees = 4;
    c->values.lambda = setting == 0 ? 0.01 : 6.0; /* after a row some trees have none */
}

static inline void random_forest_config(any_config *c, int setting)
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

static inline void gradient_boosting_config(any_config *c, int setting)
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
static inline void make_row(kedge_rng *rng, const kedge_model_info *info, double *x)
{
    for (int i = 0; i < FEATURES; i++) {
        x[i] = kedge_rng_uniform(rng) * (i + 1);
        if (i == 3)
            x[i] = (double)kedge_rng_below(rng, 6);
        if (info->takes_missing && kedge_rng_below(rng, 20) == 0)
            x[i] = NAN;
    }
}

static inline double make_target(kedge_rng *rng, const kedge_model_info *info, const double *x)
{
    double sum = 2.0 * (x[0] == x[0] ? x[0] : 0.5) + (x[3] == x[3] ? x[3] : 2.0);
    if (info->n_classes == 0)
        return sum + kedge_rng_uniform(rng);
    uint32_t c = (uint32_t)(sum / 7.0 * info->n_classes);
    return kedge_rng_below(rng, 10) == 0 ? (double)kedge_rng_below(rng, info->n_classes)
                                         : (double)(c < info->n_classes ? c : info->n_classes - 1);
}

/* Classes that only fit. */
static inline void live_fit(live *l, kedge_rng *rng, int n_rows)
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

static inline live live_new(const subject *s, int setting, int n_rows)
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
static inline void *freeze(const kedge_model *m, size_t *len)
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

static inline void assert_same(double frozen, double alive, double tolerance)
{
    if (tolerance == 0.0)
        assert_memory_equal(&frozen, &alive, sizeof alive);
    else
        assert_true(fabs(frozen - alive) <= tolerance);
}

/* The best class's score, less the second best's. */
static inline double lead(const double *scores, uint32_t n)
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

static inline void compare_row(const live *l, const kedge_frozen *f, const double *x, double tolerance)
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

static inline void compare(const live *l, const kedge_frozen *f, double tolerance)
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

#endif
