/* SPDX-License-Identifier: MIT */
/* Snapshots of live objects of every class, fresh and used, in the order in which the target numbers the classes. */
#include <string.h>

#include "fuzz.h"

enum { SEED_MEM = 1 << 16 };

static _Alignas(8) unsigned char seed_mem[SEED_MEM];
static _Alignas(8) unsigned char seed_config[KEDGE_CONFIG_MAX];

static double seed_value(size_t i)
{
    kedge_rng rng = {i};
    return kedge_rng_uniform(&rng) < (i < 400 ? 0.2 : 0.7);
}

static size_t seed_detector(const kedge_detector_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_detector d;
    size_t len = 0;
    cls->base.defaults(seed_config);
    if (cls == &kedge_adwin)
        ((kedge_adwin_config *)(void *)seed_config)->max_window = 200;
    if (cls == &kedge_abcd) { /* two concepts within 1,000 numbers */
        kedge_abcd_config *cfg = (kedge_abcd_config *)(void *)seed_config;
        cfg->n_features = 3;
        cfg->n_components = 1;
        cfg->n_train = 20;
        cfg->max_window = 100;
    }
    if (cls == &kedge_hdddm) {
        kedge_hdddm_config *cfg = (kedge_hdddm_config *)(void *)seed_config;
        cfg->n_features = 2;
        cfg->batch_size = 20;
        cfg->n_bins = 4;
        cfg->n_learn = 3;
    }
    if (cls == &kedge_pca_cd) {
        kedge_pca_cd_config *cfg = (kedge_pca_cd_config *)(void *)seed_config;
        cfg->n_features = 2;
        cfg->window_size = 30;
        cfg->n_bins = 4;
        cfg->step = 3;
        cfg->threshold = 0.3;
    }
    if (cls == &kedge_ensemble) {
        ((kedge_ensemble_config *)(void *)seed_config)->n_members = 3;
        ((kedge_ensemble_config *)(void *)seed_config)->votes = 2;
    }
    if (kedge_detector_init(&d, (const kedge_detector_config *)(const void *)seed_config, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (kedge_detector_update(&d, seed_value(i)) < 0)
            return 0;
    return kedge_detector_save(&d, buf, cap, &len) < 0 ? 0 : len;
}

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

static size_t seed_model(const kedge_model_class *cls, size_t n, unsigned char *buf, size_t cap)
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

static size_t seed_metric(const kedge_metric_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_metric m;
    size_t len = 0;
    cls->base.defaults(seed_config);
    if (cls == &kedge_quality) {
        kedge_quality_config *cfg = (kedge_quality_config *)(void *)seed_config;
        cfg->n_classes = 2;
        cfg->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        cfg->window = 10;
    }
    if (cls == &kedge_regression) {
        ((kedge_regression_config *)(void *)seed_config)->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        ((kedge_regression_config *)(void *)seed_config)->window = 9;
    }
    if (cls == &kedge_slices) {
        kedge_slices_config *cfg = (kedge_slices_config *)(void *)seed_config;
        cfg->max_slices = 5;
        cfg->over = n % 3 == 2 ? KEDGE_OVER_TUMBLING : n % 3 ? KEDGE_OVER_WINDOW : KEDGE_OVER_ALL;
        cfg->window = 20;
    }
    if (cls == &kedge_paired) {
        ((kedge_paired_config *)(void *)seed_config)->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        ((kedge_paired_config *)(void *)seed_config)->window = 9;
    }
    if (cls == &kedge_reliability) {
        kedge_reliability_config *cfg = (kedge_reliability_config *)(void *)seed_config;
        cfg->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        cfg->window = 9;
        cfg->n_bins = 3;
    }
    if (cls == &kedge_cbpe) {
        ((kedge_cbpe_config *)(void *)seed_config)->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        ((kedge_cbpe_config *)(void *)seed_config)->window = 9;
    }
    if (cls == &kedge_cost) {
        ((kedge_cost_config *)(void *)seed_config)->price_compute = 2;
        ((kedge_cost_config *)(void *)seed_config)->watts = 30;
    }
    if (cls == &kedge_joiner) {
        ((kedge_joiner_config *)(void *)seed_config)->capacity = 7;
        ((kedge_joiner_config *)(void *)seed_config)->max_age = 1 + n;
    }
    if (cls == &kedge_slo) {
        kedge_slo_config *cfg = (kedge_slo_config *)(void *)seed_config;
        cfg->objective = 0.75;
        cfg->period_ns = 20;
        cfg->n_slots = 7;
        cfg->n_alerts = 1;
        cfg->alerts[0].long_ns = 10;
        cfg->alerts[0].short_ns = 3;
        cfg->alerts[0].burn = 2.0;
    }
    if (cls == &kedge_dle) {
        ((kedge_dle_config *)(void *)seed_config)->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        ((kedge_dle_config *)(void *)seed_config)->window = 9;
    }
    if (cls == &kedge_auc_stream) {
        ((kedge_auc_stream_config *)(void *)seed_config)->over = n % 3 == 2 ? KEDGE_OVER_TUMBLING
                                                                 : n % 3    ? KEDGE_OVER_FADING
                                                                            : KEDGE_OVER_ALL;
        ((kedge_auc_stream_config *)(void *)seed_config)->window = 20;
        ((kedge_auc_stream_config *)(void *)seed_config)->bits = 1;
        ((kedge_auc_stream_config *)(void *)seed_config)->octaves = 5;
    }
    if (cls == &kedge_auc_window)
        ((kedge_auc_window_config *)(void *)seed_config)->window = 70;
    if (cls == &kedge_fairness) {
        kedge_fairness_config *cfg = (kedge_fairness_config *)(void *)seed_config;
        cfg->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        cfg->window = 9;
        cfg->n_bins = 2;
    }
    if (cls == &kedge_profile) {
        ((kedge_profile_config *)(void *)seed_config)->level_size = 16;
        ((kedge_profile_config *)(void *)seed_config)->max_values = 5000;
    }
    if (cls == &kedge_categories)
        ((kedge_categories_config *)(void *)seed_config)->max_categories = 7;
    if (cls == &kedge_latency) {
        kedge_latency_config *cfg = (kedge_latency_config *)(void *)seed_config;
        cfg->highest = n % 3 == 1 ? 2000 : 100000;
        cfg->digits = 1;
        cfg->over = n % 3 == 1 ? KEDGE_OVER_WINDOW : KEDGE_OVER_ALL;
        cfg->window_ns = 100;
        cfg->n_slots = 3;
    }
    if (cls == &kedge_latency_shared) {
        kedge_latency_shared_config *cfg = (kedge_latency_shared_config *)(void *)seed_config;
        cfg->highest = 2000;
        cfg->digits = 1;
    }
    if (cls == &kedge_backlog)
        ((kedge_backlog_config *)(void *)seed_config)->capacity = 7;
    if (kedge_metric_init(&m, (const kedge_metric_config *)(const void *)seed_config, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) { /* one of them is its own */
        const double p[2] = {0.125 * (double)(i % 9), 1.0 - 0.125 * (double)(i % 9)};
        const kedge_prediction served = {i * 37 % 11, i, 1.0, 0.5, 1.0};
        kedge_joined pair;
        (void)!kedge_joiner_add(&m, &served);
        (void)!kedge_joiner_join(&m, i * 5 % 11, i, 0.0, &pair);
        (void)!kedge_cbpe_record(&m, (uint32_t)(i % 2), p, 2, 1.0);
        (void)!kedge_dle_record(&m, (double)(i * 37 % 101), 1.0);
        (void)!kedge_slo_record(&m, i * i % 3 == 0, i + i / 30 * 25);
        (void)!kedge_cost_add(&m, 1 + (uint32_t)(i % 5), 1, i * 37 % 101, i);
        (void)!kedge_cost_hold(&m, i * 37 % 101, i);
        (void)!kedge_cost_gain(&m, 0.5);
        (void)!kedge_auc_stream_record(&m, (uint32_t)(i % 2), 0.125 * (double)(i % 9), 1.0);
        (void)!kedge_auc_window_record(&m, (uint32_t)(i * i % 3 % 2), (double)(i * 37 % 101));
        (void)!kedge_slices_record(&m, i * i % 11, i % 3 == 0);
        (void)!kedge_paired_record(&m, 0.25 * (double)(i % 5), (double)(i % 2), 1.0);
        (void)!kedge_regression_record(&m, (double)(i * 37 % 101), (double)(i % 7), 1.0);
        (void)!kedge_reliability_record(&m, (uint32_t)(i % 2), p, 2, 1.0);
        (void)!kedge_fairness_record(&m, (uint32_t)(i % 2), i % 7 < 3, i % 5 < 2, p[0] < 1.0 ? p[0] : 1.0, 1.0);
        (void)!kedge_quality_record(&m, (uint32_t)(i % 2), (uint32_t)(i % 3 % 2), 1.0);
        (void)!kedge_latency_record(&m, i * i);
        (void)!kedge_latency_advance(&m, i);
        (void)!kedge_latency_shared_record(&m, 0, i * i);
        (void)!kedge_backlog_arrive(&m, i % 4, i);
        (void)!kedge_backlog_done(&m, i % 3, i);
        (void)!kedge_categories_record(&m, (double)(i * 37 % 11));
        (void)!kedge_profile_record(&m, (double)(i * 37 % 101));
        (void)!kedge_throughput_record(&m, i * 1000, 1);
        (void)!kedge_upkeep_event(&m, 1 + (uint32_t)(i * i * 5 % 37 % 11), i * 1000);
        (void)!kedge_detection_record(&m, i % 50 == 0, i % 40 == 7);
    }
    return kedge_metric_save(&m, buf, cap, &len) < 0 ? 0 : len;
}

static size_t seed_stream(const kedge_stream_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_stream_config *cfg = (kedge_stream_config *)(void *)seed_config;
    kedge_stream s;
    double x[64], y;
    size_t len = 0;
    cls->base.defaults(seed_config);
    cfg->at = 200;
    cfg->pattern = n % 2 ? KEDGE_CHANGE_RECURRING : KEDGE_CHANGE_GRADUAL;
    if (kedge_stream_init(&s, cfg, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (kedge_stream_next(&s, x, &y, NULL, 1) < 0)
            return 0;
    return kedge_stream_save(&s, buf, cap, &len) < 0 ? 0 : len;
}

static size_t seed_fleet(const kedge_fleet_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_fleet_config *cfg = (kedge_fleet_config *)(void *)seed_config;
    kedge_fleet f;
    double x[3];
    uint8_t signals[3];
    size_t len = 0;
    cls->base.defaults(seed_config);
    cfg->n_streams = 3;
    if (kedge_fleet_init(&f, cfg, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 3; k++)
            x[k] = seed_value(i + k);
        if (kedge_fleet_update(&f, x, 3, signals, NULL) < 0)
            return 0;
    }
    return kedge_fleet_save(&f, buf, cap, &len) < 0 ? 0 : len;
}

/* With all controls, in the longest streams of those that retrain. */
static void seed_controls(kedge_pipeline_config *cfg, size_t n)
{
    static kedge_trigger when = KEDGE_TRIGGER_INIT;
    static kedge_stage stages[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    static kedge_triggers_config triggers;
    static kedge_rollout_config rollout;
    static kedge_store_config store;
    static kedge_events_config events;
    static kedge_schema_config schema;
    static kedge_cost_config cost;
    if (n < 901 || n > 1000)
        return;
    when.kind = KEDGE_TRIGGER_ROWS;
    when.every = 70;
    stages[0].kind = KEDGE_STAGE_SHADOW;
    stages[0].least_rows = stages[1].least_rows = 5;
    stages[0].most_rows = stages[1].most_rows = 30;
    triggers = kedge_triggers_defaults(&when, 1);
    rollout = kedge_rollout_defaults(stages, 2);
    store = kedge_store_defaults();
    store.n_versions = 3;
    store.n_served = 3;
    store.artifact_bytes = 1200;
    events = kedge_events_defaults();
    events.n_events = 4;
    cfg->triggers = &triggers.base;
    cfg->rollout = &rollout.base;
    cfg->store = &store.base;
    cfg->events = &events.base;
    if (n == 1000) { /* without a prep, which would want more columns */
        schema = kedge_schema_defaults(NULL, 2);
        schema.sample_rows = schema.window = 64;
        schema.max_categories = 4;
        schema.slack = 1000;
        cfg->schema = &schema.base;
    }
    cost = kedge_cost_defaults();
    cost.price_compute = 2.0;
    cfg->cost = &cost.base;
    cfg->number = 3;
    cfg->recall_rows = 8;
    cfg->reservoir_rows = 5;
    cfg->slice_rows = 3;
    cfg->holdout_min = 2;
}

static size_t seed_rows(kedge_prep *p, size_t n, unsigned char *buf, size_t cap)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        double x[3] = {seed_value(i), (double)(i % 7) - 2.0, i % 5 == 0 ? 0.0 / 0.0 : (double)(i % 4)};
        kedge_status st = kedge_prep_learn(p, x, (double)(i % 3), NULL);
        if (st < 0 && st != KEDGE_ERR_UNKNOWN)
            return 0;
    }
    return kedge_prep_save(p, buf, cap, &len) < 0 ? 0 : len;
}

static size_t seed_prep(const kedge_prep_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_prep_config *cfg = (kedge_prep_config *)(void *)seed_config;
    kedge_prep p;
    cls->base.defaults(seed_config);
    cfg->n_columns = 3;
    cfg->columns = kedge_columns_all(3);
    if (cls == &kedge_scale) {
        ((kedge_scale_config *)(void *)seed_config)->method = KEDGE_SCALE_STANDARD + (uint32_t)(n % 3);
        ((kedge_scale_config *)(void *)seed_config)->level_size = 16;
    }
    if (cls == &kedge_impute) {
        ((kedge_impute_config *)(void *)seed_config)->method = KEDGE_IMPUTE_MEAN + (uint32_t)(n % 4);
        ((kedge_impute_config *)(void *)seed_config)->level_size = 16;
        ((kedge_impute_config *)(void *)seed_config)->max_categories = 4;
    }
    if (cls == &kedge_clip)
        ((kedge_clip_config *)(void *)seed_config)->level_size = 16;
    if (cls == &kedge_quantiles) {
        ((kedge_quantiles_config *)(void *)seed_config)->level_size = 16;
        ((kedge_quantiles_config *)(void *)seed_config)->output = KEDGE_QUANTILES_UNIFORM + (uint32_t)(n % 2);
    }
    if (cls == &kedge_one_hot)
        ((kedge_one_hot_config *)(void *)seed_config)->codes.unseen = KEDGE_UNSEEN_OTHER + (uint32_t)(n % 2);
    if (cls == &kedge_lag)
        ((kedge_lag_config *)(void *)seed_config)->n_lags = 3;
    return kedge_prep_init(&p, cfg, seed_mem, SEED_MEM) < 0 ? 0 : seed_rows(&p, n, buf, cap);
}

/* Of three columns it leaves out the first. */
static const kedge_prep_config *seed_chain_config(void)
{
    static kedge_impute_config impute;
    static kedge_scale_config scale;
    static kedge_chain_config cfg;
    impute = kedge_impute_defaults(2);
    scale = kedge_scale_defaults(2);
    if (kedge_chain_config_init(&cfg, sizeof cfg, fuzz_chain_class(), 3) < 0)
        return NULL;
    cfg.base.columns.first = 1;
    cfg.base.columns.n = 2;
    cfg.steps[0] = &impute.base;
    cfg.steps[1] = &scale.base;
    return &cfg.base;
}

static size_t seed_chain(size_t n, unsigned char *buf, size_t cap)
{
    kedge_prep p;
    return kedge_prep_init(&p, seed_chain_config(), seed_mem, SEED_MEM) < 0 ? 0 : seed_rows(&p, n, buf, cap);
}

static size_t seed_pipeline(size_t n, unsigned char *buf, size_t cap)
{
    static _Alignas(8) unsigned char work[1 << 14];
    kedge_gaussian_nb_config model = kedge_gaussian_nb_defaults(2, 2);
    kedge_ddm_config detector = kedge_ddm_defaults();
    kedge_pipeline_config cfg = kedge_pipeline_defaults(&model.base, &detector.base);
    kedge_pipeline p;
    size_t len = 0;
    cfg.window_rows = 40;
    cfg.min_rows = 20;
    cfg.pending_rows = 4;
    cfg.policy = KEDGE_POLICY_STATIC + (uint32_t)(n % 3);
    seed_controls(&cfg, n);
    cfg.prep = n == 901 || n == 1001 ? seed_chain_config() : NULL;
    if (kedge_pipeline_init(&p, &cfg, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        double x[3] = {seed_value(i), (double)(i % 7), cfg.prep && i % 6 == 0 ? 0.0 / 0.0 : 1.0}, y;
        if (kedge_pipeline_predict(&p, i, i, x, &y) < 0 || (i % 5 && kedge_pipeline_label(&p, i, i, x[0]) < 0) ||
            kedge_pipeline_step(&p, i, work, sizeof work) < 0)
            return 0;
    }
    return kedge_pipeline_save(&p, buf, cap, &len) < 0 ? 0 : len;
}

static size_t seed_members(size_t n, unsigned char *buf, size_t cap)
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
static size_t seed_contest(size_t n, unsigned char *buf, size_t cap)
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
    if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0 || (n > 0 && kedge_model_fit(&m, &rows, y, NULL, work, sizeof work) < 0))
        return 0;
    return kedge_model_save(&m, buf, cap, &len) < 0 ? 0 : len;
}

/* A frozen model: of one that has room to grow. */
static size_t seed_frozen(const kedge_model_class *cls, size_t n, unsigned char *buf, size_t cap)
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

static int seed_triggers(kedge_control *c, size_t i)
{
    kedge_triggers_call call;
    kedge_status st = kedge_triggers_rows(c, i, 1);
    st = st < 0 ? st : kedge_triggers_figure(c, i, 0, seed_value(i));
    st = st < 0 ? st : kedge_triggers_signal(c, i, 0, i % 90 == 3 ? KEDGE_DRIFT : KEDGE_OK);
    st = st < 0 ? st : kedge_triggers_start(c, i, &call);
    return st == KEDGE_OK ? kedge_triggers_end(c, i, 1 + (uint32_t)(i % 4)) >= 0 : st >= 0;
}

/* The challenger waits for an approval half of the time. */
static int seed_rollout(kedge_control *c, size_t i)
{
    kedge_rollout_action action;
    kedge_rollout_request ask;
    if (i % 600 == 0 && kedge_rollout_begin(c, i, i + 1, NULL) < 0)
        return 0;
    if (i % 600 == 400 && kedge_rollout_ask(c, &ask) == KEDGE_OK && kedge_rollout_approve(c, i, ask.token, 1) < 0)
        return 0;
    if (i % 600 == 599 && kedge_rollout_stop(c, i, 0) < 0)
        return 0;
    return kedge_rollout_record_pair(c, i, seed_value(i), seed_value(i + 1)) >= 0 && kedge_rollout_step(c, i, &action) >= 0;
}

static int seed_store(kedge_control *c, size_t i)
{
    kedge_store_version v = {0};
    uint64_t id;
    v.created_ns = i;
    if (kedge_store_add(c, &v, &id) < 0 || kedge_store_put_artifact(c, id, "artifact", 1 + i % 8) < 0)
        return 0;
    return i % 3 ? kedge_store_set_status(c, id, 2 + (uint32_t)(i % 2)) >= 0 || i % 2 == 0 : kedge_store_serve(c, id, i) >= 0;
}

/* Two steps and an effect; the second fails at times, the effect is unsure at times. */
static int seed_flow(kedge_control *c, size_t i)
{
    kedge_flow_job job;
    kedge_status st = kedge_flow_begin(c, i, i + 1);
    if (st < 0 && st != KEDGE_ERR_STATE)
        return 0;
    st = kedge_flow_next(c, i, &job);
    if (st == KEDGE_OK && job.is_once)
        st = kedge_flow_intend(c, i, &job);
    if (st == KEDGE_OK)
        return i % 5 == 3 ? kedge_flow_failed(c, i, &job, 7) >= 0 : kedge_flow_done(c, i, &job, NULL, i) >= 0;
    return st >= 0 && (job.kind != KEDGE_FLOW_UNSURE || kedge_flow_settle(c, i, job.step, i % 2, NULL, i) >= 0);
}

/* Learns, finishes, checks. */
static int seed_schema(kedge_control *c, size_t i)
{
    const double x[3] = {seed_value(i), (double)(i % 3), i % 10 == 9 ? (double)NAN : (double)(i % 2)};
    kedge_schema_verdict v;
    if (i < 450)
        return kedge_schema_learn(c, x, 3) == KEDGE_OK;
    if (i == 450 && kedge_schema_finish(c) < 0)
        return 0;
    return (i != 950 || kedge_schema_renew(c) >= 0) && kedge_schema_check_row(c, i, x, 3, &v) >= KEDGE_ERR_SKEW;
}

/* A control that has seen n things. */
static size_t seed_control(const kedge_control_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_control c;
    size_t len = 0;
    static kedge_stage stages[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    static kedge_trigger triggers[2] = {KEDGE_TRIGGER_INIT, KEDGE_TRIGGER_INIT};
    static kedge_flow_step steps[3] = {KEDGE_FLOW_STEP_INIT, KEDGE_FLOW_STEP_INIT, KEDGE_FLOW_STEP_INIT};
    cls->base.defaults(seed_config);
    if (cls == &kedge_triggers) {
        kedge_triggers_config *cfg = (kedge_triggers_config *)(void *)seed_config;
        triggers[0].kind = KEDGE_TRIGGER_SIGNAL;
        triggers[1].kind = KEDGE_TRIGGER_CEILING;
        triggers[1].release = triggers[1].limit = 0.5;
        cfg->triggers = triggers;
        cfg->n_triggers = 2;
        cfg->budget = 3;
        cfg->cool_ns = 10;
    }
    if (cls == &kedge_flow) {
        kedge_flow_config *cfg = (kedge_flow_config *)(void *)seed_config;
        for (uint32_t i = 0; i < 3; i++) {
            steps[i].name[0] = (char)('a' + i);
            steps[i].needs = i > 0 ? 1u << (i - 1) : 0;
            steps[i].max_retries = i;
            steps[i].is_once = i == 2;
        }
        cfg->steps = steps;
        cfg->n_steps = 3;
    }
    if (cls == &kedge_rollout) {
        kedge_rollout_config *cfg = (kedge_rollout_config *)(void *)seed_config;
        stages[0].kind = KEDGE_STAGE_SHADOW;
        stages[0].most_rows = 200;
        stages[1].needs_approval = 1;
        cfg->stages = stages;
        cfg->n_stages = 2;
    }
    if (cls == &kedge_schema) {
        kedge_schema_config *cfg = (kedge_schema_config *)(void *)seed_config;
        cfg->n_columns = 3;
        cfg->max_categories = 8;
        cfg->sample_rows = cfg->window = 64;
    }
    if (cls == &kedge_store) {
        kedge_store_config *cfg = (kedge_store_config *)(void *)seed_config;
        cfg->n_versions = 4;
        cfg->n_served = 5;
        cfg->n_figures = 1;
        cfg->artifact_bytes = 100;
    }
    if (kedge_control_init(&c, (const kedge_control_config *)(const void *)seed_config, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        const kedge_event event = {1 + (uint32_t)(i % 20), (uint32_t)i, 0, 0, 0, i, 0, seed_value(i), 0.5};
        if (cls == &kedge_events && kedge_events_put(&c, &event) < 0)
            return 0;
        if (cls == &kedge_flow && !seed_flow(&c, i))
            return 0;
        if (cls == &kedge_rollout && !seed_rollout(&c, i))
            return 0;
        if (cls == &kedge_schema && !seed_schema(&c, i))
            return 0;
        if (cls == &kedge_store && !seed_store(&c, i))
            return 0;
        if (cls == &kedge_triggers && !seed_triggers(&c, i))
            return 0;
    }
    return kedge_control_save(&c, buf, cap, &len) < 0 ? 0 : len;
}

/* A log of some records. */
static size_t seed_audit(size_t n, unsigned char *buf, size_t cap)
{
    const kedge_audit_decision decision = {n, 1, 0.5, 1, 0};
    kedge_audit a;
    if (kedge_audit_begin(&a, buf, cap, NULL, 0, NULL) < 0)
        return 0;
    for (size_t i = 0; i < n % 97; i++)
        if ((i % 3 ? kedge_audit_append(&a, (uint32_t)i, i, seed_config, i % 17) : kedge_audit_append_decision(&a, i, &decision)) <
            0)
            return 0;
    return a.used;
}

size_t fuzz_seed(size_t i, unsigned char *buf, size_t cap)
{
    static const size_t lengths[] = {0, 31, 500, 901, 1000, 1001};
    const size_t n_lengths = sizeof lengths / sizeof *lengths;
    size_t class_number = i / n_lengths, n = 0, len = 0;
    size_t used = lengths[i % n_lengths];
    for (const kedge_detector_class *const *c = kedge_detector_classes(); *c; c++)
        if (class_number == n++)
            len = seed_detector(*c, used, buf + 1, cap - 1);
    for (const kedge_model_class *const *c = kedge_model_classes(); *c; c++)
        if (class_number == n++)
            len = seed_model(*c, used, buf + 1, cap - 1);
    for (const kedge_metric_class *const *c = kedge_metric_classes(); *c; c++)
        if (class_number == n++)
            len = seed_metric(*c, used, buf + 1, cap - 1);
    for (const kedge_stream_class *const *c = kedge_stream_classes(); *c; c++)
        if (class_number == n++)
            len = seed_stream(*c, used, buf + 1, cap - 1);
    for (const kedge_fleet_class *const *c = kedge_fleet_classes(); *c; c++)
        if (class_number == n++)
            len = seed_fleet(*c, used, buf + 1, cap - 1);
    for (const kedge_control_class *const *c = kedge_control_classes(); *c; c++)
        if (class_number == n++)
            len = seed_control(*c, used, buf + 1, cap - 1);
    for (const kedge_prep_class *const *c = kedge_prep_classes(); *c; c++)
        if (class_number == n++)
            len = seed_prep(*c, used, buf + 1, cap - 1);
    if (class_number == n)
        len = seed_pipeline(used, buf + 1, cap - 1);
    buf[0] = (unsigned char)(0x80u | class_number);
    for (const kedge_model_class *const *c = kedge_model_classes(); *c; c++)
        if (class_number == ++n) {
            len = seed_frozen(*c, used, buf + 1, cap - 1);
            buf[0] = 0x80u | FUZZ_FROZEN;
        }
    if (class_number == ++n) {
        len = seed_members(used, buf + 1, cap - 1);
        buf[0] = 0x80u | FUZZ_MEMBERS;
    }
    if (class_number == ++n) {
        len = seed_contest(used, buf + 1, cap - 1);
        buf[0] = 0x80u | FUZZ_CONTEST;
    }
    if (class_number == ++n) {
        len = seed_chain(used, buf + 1, cap - 1);
        buf[0] = 0x80u | FUZZ_CHAIN;
    }
    if (class_number == ++n) {
        len = seed_audit(used, buf + 1, cap - 1);
        buf[0] = 0x80u | FUZZ_FROZEN;
    }
    return class_number > n ? 0 : len + 1;
}
