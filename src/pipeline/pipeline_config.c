/* SPDX-License-Identifier: MIT */
/* The configuration of a pipeline: what it needs, and whether its parts go together. */
#include "base/fp.h"

#include <stddef.h>
#include <string.h>

#include "pipeline/pipeline_state.h"

#include "base/check.h"
#include "base/object.h"

#define PIPELINE_LEAST_BYTES sizeof(kedge_pipeline_config)

const kedge_control_class *const kedge_i_pipeline_controls[PIPELINE_N_CONTROLS] = {&kedge_triggers, &kedge_rollout, &kedge_store,
                                                                                   &kedge_events, &kedge_schema};

kedge_status kedge_pipeline_config_init(kedge_pipeline_config *cfg, size_t cfg_bytes, const kedge_model_config *model,
                                        const kedge_detector_config *detector)
{
    KEDGE_TRY(kedge_class_defaults(&kedge_i_pipeline_class, cfg, cfg_bytes, PIPELINE_LEAST_BYTES));
    cfg->model = model;
    cfg->detector = detector;
    return KEDGE_OK;
}

const kedge_control_config *kedge_i_pipeline_control_config(const kedge_pipeline_config *cfg, uint32_t which)
{
    const kedge_control_config *const controls[PIPELINE_N_CONTROLS] = {cfg->triggers, cfg->rollout, cfg->store, cfg->events,
                                                                          cfg->schema};
    return controls[which - 1];
}

/* A configuration of whatever release: what an older one is too short for is the default. */
static kedge_status config_complete(const kedge_pipeline_config *cfg, kedge_pipeline_config *whole)
{
    if (cfg->config_bytes < PIPELINE_LEAST_BYTES || cfg->config_bytes > sizeof *whole)
        return KEDGE_ERR_CONFIG;
    kedge_i_pipeline_class.defaults(whole);
    memcpy(whole, cfg, cfg->config_bytes);
    whole->config_bytes = sizeof *whole;
    return KEDGE_OK;
}

static kedge_status config_check_controls(const kedge_pipeline_config *cfg)
{
    for (uint32_t which = 1; which <= PIPELINE_N_CONTROLS; which++) {
        const kedge_control_config *control = kedge_i_pipeline_control_config(cfg, which);
        if (control && control->cls != kedge_i_pipeline_controls[which - 1])
            return KEDGE_ERR_CLASS;
        if (control && kedge_control_size(control) == 0)
            return KEDGE_ERR_CONFIG;
    }
    return KEDGE_OK;
}

static kedge_status config_check_cost(const kedge_pipeline_config *cfg)
{
    if (cfg->cost && cfg->cost->cls != &kedge_cost)
        return KEDGE_ERR_CLASS;
    return cfg->cost && kedge_metric_size(cfg->cost) == 0 ? KEDGE_ERR_CONFIG : KEDGE_OK;
}

/* Does the prep give rows that the model takes? */
static kedge_status config_check_prep(const kedge_pipeline_config *cfg)
{
    if (!cfg->prep)
        return KEDGE_OK;
    if (!cfg->prep->cls)
        return KEDGE_ERR_NULL;
    uint32_t width = kedge_prep_width(cfg->prep);
    if (width == 0)
        return KEDGE_ERR_CONFIG;
    if (width != cfg->model->n_features)
        return KEDGE_ERR_SHAPE;
    /* in slices the model learns rows as service sees them, in which such a prep has used the very target */
    int is_sliced = cfg->slice_rows > 0 && cfg->policy == KEDGE_POLICY_RETRAIN && cfg->model->cls->learn != NULL;
    return is_sliced && cfg->prep->cls->needs_target == 1 ? KEDGE_ERR_UNSUPPORTED : KEDGE_OK;
}

/* Is the schema one of the rows that come? */
static kedge_status config_check_schema(const kedge_pipeline_config *cfg)
{
    const kedge_schema_config *schema = (const kedge_schema_config *)(const void *)cfg->schema;
    uint32_t n_columns = cfg->prep ? cfg->prep->n_columns : cfg->model->n_features;
    return !schema || schema->n_columns == n_columns ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

/* Can the model's class do what the policy asks? */
kedge_status kedge_i_pipeline_config_check(const kedge_pipeline_config *cfg, kedge_pipeline_config *whole)
{
    if (!cfg || !cfg->model || !cfg->detector || !cfg->model->cls || !cfg->detector->cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(config_complete(cfg, whole));
    if (kedge_model_size(cfg->model) == 0 || kedge_detector_size(cfg->detector) == 0)
        return KEDGE_ERR_CONFIG;
    if (cfg->policy == KEDGE_POLICY_ONLINE && !cfg->model->cls->learn)
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(config_check_prep(whole));
    KEDGE_TRY(config_check_controls(whole));
    KEDGE_TRY(config_check_cost(whole));
    return config_check_schema(whole);
}

size_t kedge_pipeline_size(const kedge_pipeline_config *cfg)
{
    kedge_pipeline_config whole;
    if (kedge_i_pipeline_config_check(cfg, &whole) < 0)
        return 0;
    return kedge_i_object_size(&kedge_i_pipeline_class, &whole, whole.config_bytes);
}

size_t kedge_pipeline_work(const kedge_pipeline_config *cfg)
{
    kedge_pipeline_config whole;
    if (kedge_pipeline_size(cfg) == 0 || kedge_i_pipeline_config_check(cfg, &whole) < 0 || whole.policy == KEDGE_POLICY_ONLINE)
        return 0;
    return kedge_i_retrain_work(&whole);
}
