/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stopwatch.h"

const policy policy_list[] = {
    {"static", KEDGE_POLICY_STATIC, 0, "adwin", 0},
    {"every 1 %", KEDGE_POLICY_RETRAIN, 1, "adwin", 0},
    {"every 5 %", KEDGE_POLICY_RETRAIN, 5, "adwin", 0},
    {"drift: adwin", KEDGE_POLICY_RETRAIN, 0, "adwin", 0},
    {"drift: ddm", KEDGE_POLICY_RETRAIN, 0, "ddm", 0},
    {"drift: page_hinkley", KEDGE_POLICY_RETRAIN, 0, "page_hinkley", 0},
    {"drift: hddm_w", KEDGE_POLICY_RETRAIN, 0, "hddm_w", 0},
    {"drift: e_detector", KEDGE_POLICY_RETRAIN, 0, "e_detector", 0},
    {"level 2", KEDGE_POLICY_RETRAIN, 0, "adwin", 1},
    {"online", KEDGE_POLICY_ONLINE, 0, "adwin", 0},
};
const size_t policy_count = sizeof policy_list / sizeof *policy_list;

typedef union policy_detector {
    kedge_detector_config base;
    double align;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} policy_detector;

typedef struct policy_runner {
    const data_set *data;
    size_t n_first; /* rows that the first model is trained on, and that are kept to train the others */
    kedge_pipeline pipeline;
    void *mem;
    void *work;
    size_t work_bytes;
} policy_runner;

/* A model that forgets nothing serves a window well; where every row is learned for ever, one that follows its newest rows does
 * better. */
static void policy_model(kedge_gaussian_nb_config *window, kedge_logistic_config *online, const policy *p, const data_set *d,
                         const kedge_model_config **out)
{
    *window = kedge_gaussian_nb_defaults((uint32_t)d->n_features, (uint32_t)d->n_classes);
    *online = kedge_logistic_defaults((uint32_t)d->n_features, (uint32_t)d->n_classes);
    *out = p->kind == KEDGE_POLICY_ONLINE ? &online->base : &window->base;
}

static kedge_status policy_begin(policy_runner *r, const policy *p)
{
    kedge_gaussian_nb_config bayes;
    kedge_logistic_config logistic;
    const kedge_model_config *model;
    policy_detector detector;
    kedge_trigger when = KEDGE_TRIGGER_INIT;
    kedge_stage stage = KEDGE_STAGE_INIT;
    policy_model(&bayes, &logistic, p, r->data, &model);
    kedge_detector_find(p->detector)->base.defaults(&detector);
    kedge_pipeline_config cfg = kedge_pipeline_defaults(model, &detector.base);
    kedge_triggers_config triggers = kedge_triggers_defaults(&when, 1);
    kedge_rollout_config rollout = kedge_rollout_defaults(&stage, 1);
    kedge_store_config store = kedge_store_defaults();
    cfg.policy = p->kind;
    cfg.pending_rows = 1; /* every label comes right behind its prediction */
    cfg.window_rows = (uint32_t)r->n_first;
    cfg.min_rows = cfg.window_rows < cfg.min_rows ? cfg.window_rows : cfg.min_rows;
    cfg.store = p->kind == KEDGE_POLICY_RETRAIN ? &store.base : NULL; /* it tells what each model was trained on */
    if (p->per_cent > 0) {
        when.kind = KEDGE_TRIGGER_ROWS;
        when.every = r->data->n_rows * p->per_cent / 100 + 1;
        cfg.triggers = &triggers.base;
        cfg.select = KEDGE_SELECT_WINDOW;
        cfg.holdout_every = 0;
    }
    if (p->is_level_2) {
        when.kind = KEDGE_TRIGGER_SIGNAL;
        stage.both_answer = 1;
        stage.most_rows = 500;
        store.artifact_bytes = 1u << 16;
        cfg.triggers = &triggers.base;
        cfg.rollout = &rollout.base;
        cfg.recall_rows = cfg.window_rows < 32 ? cfg.window_rows : 32;
    }
    size_t bytes = kedge_pipeline_size(&cfg);
    if (bytes == 0)
        return KEDGE_ERR_CONFIG;
    r->work_bytes = kedge_pipeline_work(&cfg) + kedge_model_fit_work(model, r->n_first);
    r->mem = malloc(bytes);
    r->work = malloc(r->work_bytes > 0 ? r->work_bytes : KEDGE_ALIGN);
    return kedge_pipeline_init(&r->pipeline, &cfg, r->mem, bytes);
}

static kedge_status policy_stream(policy_runner *r, uint64_t *right)
{
    const data_set *d = r->data;
    kedge_status st = KEDGE_OK;
    for (size_t t = r->n_first; t < d->n_rows && st >= 0; t++) {
        double y = 0.0;
        st = kedge_pipeline_predict(&r->pipeline, t, t, d->x + t * d->n_features, &y);
        *right += y == d->y[t];
        st = st < 0 ? st : kedge_pipeline_label(&r->pipeline, t, t, d->y[t]);
        st = st < 0 ? st : kedge_pipeline_step(&r->pipeline, t, r->work, r->work_bytes);
    }
    return st;
}

/* Rows of all trainings but the first one, from what the store keeps of the versions; those that it dropped were as large on
 * average. */
static uint64_t policy_trained_rows(const policy_runner *r)
{
    kedge_control store;
    kedge_store_version v;
    uint64_t rows = 0, n = 0;
    kedge_store_report report;
    if (kedge_pipeline_control(&r->pipeline, KEDGE_PIPELINE_STORE, &store) < 0 || kedge_store_read(&store, &report) < 0)
        return 0;
    for (uint32_t i = 0; kedge_store_at(&store, i, &v) == KEDGE_OK; i++) {
        rows += v.id > 1 ? v.n_rows : 0;
        n += v.id > 1;
    }
    return n > 0 ? rows * (report.n_added - 1) / n : 0;
}

int policy_run(const policy *p, const data_set *d, policy_result *out)
{
    policy_runner r = {.data = d, .n_first = d->n_rows / 20 < 1000 ? d->n_rows / 20 : 1000};
    uint64_t right = 0;
    memset(out, 0, sizeof *out);
    r.n_first = r.n_first < 20 ? 20 : r.n_first;
    kedge_rows rows = kedge_rows_float64(d->x, r.n_first, d->n_features);
    uint64_t begun = stopwatch_ns();
    kedge_status st = policy_begin(&r, p);
    st = st < 0 ? st : kedge_pipeline_train(&r.pipeline, &rows, d->y, r.work, r.work_bytes);
    st = st < 0 ? st : policy_stream(&r, &right);
    out->seconds = (double)(stopwatch_ns() - begun) * 1e-9;
    st = st < 0 ? st : kedge_pipeline_read(&r.pipeline, &out->report);
    if (st >= 0) {
        out->accuracy = (double)right / (double)(d->n_rows - r.n_first);
        out->trained_rows = policy_trained_rows(&r);
    } else {
        fprintf(stderr, "policies: %s: %s\n", p->name, kedge_status_string(st));
    }
    free(r.mem);
    free(r.work);
    return st >= 0;
}
