/* SPDX-License-Identifier: MIT */
/* Snapshots of preps, of chains of them, and of pipelines. */
#include "seeds.h"

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

size_t seed_prep(const kedge_prep_class *cls, size_t n, unsigned char *buf, size_t cap)
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

size_t seed_chain(size_t n, unsigned char *buf, size_t cap)
{
    kedge_prep p;
    return kedge_prep_init(&p, seed_chain_config(), seed_mem, SEED_MEM) < 0 ? 0 : seed_rows(&p, n, buf, cap);
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

size_t seed_pipeline(size_t n, unsigned char *buf, size_t cap)
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
