/* SPDX-License-Identifier: MIT */
/* Snapshots of models, of models over models, and frozen ones. */
#include <string.h>

#include "seeds.h"

/* Classes that only fit learn the rows as a table. */
static int seed_learn(kedge_model *m, size_t n, int is_made)
{
    static _Alignas(8) unsigned char work[1 << 18];
    static double x[1001][2], y[1001];
    kedge_model_info info;
    if (kedge_model_describe(m, &info) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        x[i][0] = seed_value(i);
        x[i][1] = (double)(i % 7);
        y[i] = is_made ? x[i][0] > 0.3 || i % 7 > 4 : (double)(i % 2);
        if (info.can_learn && kedge_model_learn(m, x[i], y[i], 1.0) < 0)
            return 0;
    }
    kedge_rows rows = kedge_rows_float64(&x[0][0], n, 2);
    return n == 0 || info.can_learn || kedge_model_fit(m, &rows, y, NULL, work, sizeof work) == KEDGE_OK;
}

/* Room for few trees. */
static void seed_few_trees(const kedge_model_class *cls)
{
    if (cls == &kedge_random_forest) {
        ((kedge_random_forest_config *)(void *)seed_config)->n_trees = 3;
        ((kedge_random_forest_config *)(void *)seed_config)->max_leaves = 9;
        ((kedge_random_forest_config *)(void *)seed_config)->nominal[0] = 2;
        ((kedge_random_forest_config *)(void *)seed_config)->n_bins = 9;
        ((kedge_random_forest_config *)(void *)seed_config)->out_of_bag = 1;
        ((kedge_random_forest_config *)(void *)seed_config)->ccp_alpha = 1e-3;
    }
    if (cls == &kedge_gradient_boosting) {
        ((kedge_gradient_boosting_config *)(void *)seed_config)->n_rounds = 3;
        ((kedge_gradient_boosting_config *)(void *)seed_config)->max_leaves = 9;
        ((kedge_gradient_boosting_config *)(void *)seed_config)->nominal[0] = 2;
        ((kedge_gradient_boosting_config *)(void *)seed_config)->n_bins = 9;
    }
}

size_t seed_model(const kedge_model_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_model_config *cfg = (kedge_model_config *)(void *)seed_config;
    kedge_model m;
    size_t len = 0;
    cls->base.defaults(seed_config);
    cfg->n_features = 2;
    cfg->n_classes = 2;
    if (cls == &kedge_rls || cls == &kedge_amrules || cls == &kedge_fimt_dd || cls == &kedge_forest_reg)
        cfg->n_classes = 0;
    if (cls == &kedge_knn)
        ((kedge_knn_config *)(void *)seed_config)->window = 40;
    if (cls == &kedge_sam_knn) {
        ((kedge_sam_knn_config *)(void *)seed_config)->window = 40;
        ((kedge_sam_knn_config *)(void *)seed_config)->min_short = 5;
    }
    if (cls == &kedge_linear)
        ((kedge_linear_config *)(void *)seed_config)->loss = KEDGE_LINEAR_LOGISTIC + (uint32_t)(n % 2) * 2;
    seed_few_trees(cls);
    if (kedge_model_init(&m, cfg, seed_mem, SEED_MEM) < 0 || !seed_learn(&m, n, 0))
        return 0;
    return kedge_model_save(&m, buf, cap, &len) < 0 ? 0 : len;
}

size_t seed_members(size_t n, unsigned char *buf, size_t cap)
{
    static _Alignas(8) unsigned char mem[1 << 15];
    kedge_gaussian_nb_config member = kedge_gaussian_nb_defaults(1, 2);
    kedge_bagging_config cfg;
    kedge_model m;
    size_t len = 0;
    if (kedge_bagging_config_init(&cfg, sizeof cfg, (const kedge_members_class *)(const void *)fuzz_members_class(), 2, 2) < 0)
        return 0;
    cfg.members.model = &member.base;
    cfg.members.n = 3;
    if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        double x[2] = {(double)(i % 7), (double)(i % 5)};
        if (kedge_model_learn(&m, x, (double)((i % 7 > 3) != (i % 200 > 100)), 1) < 0)
            return 0;
    }
    return kedge_model_save(&m, buf, cap, &len) < 0 ? 0 : len;
}

/* Before its first race, and after one that either candidate has won. */
size_t seed_contest(size_t n, unsigned char *buf, size_t cap)
{
    static _Alignas(8) unsigned char mem[1 << 15], work[1 << 18];
    static double x[2 * 1001], y[1001];
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(2, 2);
    kedge_random_forest_config forest = kedge_random_forest_defaults(2, 2);
    kedge_contest_config cfg;
    kedge_model m;
    kedge_rows rows = kedge_rows_float64(x, n, 2);
    size_t len = 0;
    if (kedge_contest_config_init(&cfg, sizeof cfg, fuzz_contest_class(), 2, 2) < 0)
        return 0;
    forest.n_trees = 2;
    forest.max_leaves = 6;
    cfg.candidates[0] = &bayes.base;
    cfg.candidates[1] = &forest.base;
    cfg.least_rows = 100;
    for (size_t i = 0; i < n; i++) {
        x[2 * i] = (double)(i % 7);
        x[2 * i + 1] = (double)(i % 5);
        y[i] = n % 2 ? i % 7 > 3 : (i % 7 > 3) != (i % 5 > 2);
    }
    if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0 || (n > 0 && kedge_model_fit(&m, &rows, y, NULL, work,
                                                                                          sizeof work) < 0))
        return 0;
    return kedge_model_save(&m, buf, cap, &len) < 0 ? 0 : len;
}

/* A frozen model: of one that has room to grow. */
size_t seed_frozen(const kedge_model_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    static _Alignas(8) unsigned char mem[1 << 21], blob[SEED_MEM];
    kedge_model_config *cfg = (kedge_model_config *)(void *)seed_config;
    kedge_model m;
    size_t len = 0;
    cls->base.defaults(seed_config);
    cfg->n_features = 2;
    cfg->n_classes = 2 + (uint32_t)(n % 2) * 3;
    if (cls == &kedge_rls || cls == &kedge_fimt_dd || cls == &kedge_forest_reg)
        cfg->n_classes = 0;
    if (cls == &kedge_linear)
        ((kedge_linear_config *)(void *)seed_config)->loss = n % 2 ? KEDGE_LINEAR_HINGE : KEDGE_LINEAR_LOGISTIC;
    if (cls == &kedge_hoeffding_tree) {
        ((kedge_hoeffding_tree_config *)(void *)seed_config)->growth.grace = 40;
        ((kedge_hoeffding_tree_config *)(void *)seed_config)->growth.tie = 0.5;
        ((kedge_hoeffding_tree_config *)(void *)seed_config)->growth.nominal[0] = n % 2 * 2;
    }
    if (cls == &kedge_adaptive_forest) {
        ((kedge_adaptive_forest_config *)(void *)seed_config)->n_subset = 1;
        ((kedge_adaptive_forest_config *)(void *)seed_config)->n_trees = 3;
    }
    if (cls == &kedge_fimt_dd)
        ((kedge_fimt_dd_config *)(void *)seed_config)->growth.grace = 40;
    if (cls == &kedge_forest_reg) {
        ((kedge_forest_reg_config *)(void *)seed_config)->n_subset = 1;
        ((kedge_forest_reg_config *)(void *)seed_config)->n_trees = 3;
    }
    seed_few_trees(cls);
    if (kedge_model_init(&m, cfg, mem, sizeof mem) < 0 || !seed_learn(&m, n, 1))
        return 0;
    if (kedge_model_freeze(&m, blob, cap < sizeof blob ? cap : sizeof blob, &len) < 0)
        return 0;
    memcpy(buf, blob, len);
    return len;
}
