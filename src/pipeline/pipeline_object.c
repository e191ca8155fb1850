/* SPDX-License-Identifier: MIT */
/* A pipeline as an object of objects: begun, opened, checked, reset, saved and loaded with all its parts. */
#include "base/fp.h"

#include "kedge/pipeline.h"

#include <string.h>

#include "base/check.h"
#include "base/object.h"
#include "base/snapshot.h"
#include "pipeline/pipeline_state.h"

kedge_control kedge_i_pipeline_control(const kedge_pipeline *p, uint32_t which)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_control c = {kedge_i_pipeline_controls[which - 1], NULL};
    if (s->control_bytes[which - 1] > 0)
        c.state = kedge_i_at(p->state, s->at_control[which - 1]);
    return c;
}

static void pipeline_bind(kedge_pipeline *p, const kedge_model_class *model, const kedge_detector_class *detector,
                          const kedge_prep_class *prep, void *mem)
{
    p->model = model;
    p->detector = detector;
    p->prep = prep;
    p->state = mem;
}

static kedge_status pipeline_init_controls(const kedge_pipeline_config *cfg, pipeline_state *s)
{
    for (uint32_t i = 0; i < PIPELINE_N_CONTROLS; i++) {
        const kedge_control_config *control = kedge_i_pipeline_control_config(cfg, i + 1);
        kedge_control c;
        if (control)
            KEDGE_TRY(kedge_control_init(&c, control, kedge_i_at(s, s->at_control[i]), s->control_bytes[i]));
    }
    return KEDGE_OK;
}

/* Of a whole configuration that was checked. */
static kedge_status pipeline_init_parts(kedge_pipeline *p, const kedge_pipeline_config *cfg)
{
    pipeline_state *s = pipeline_of(p);
    kedge_model m;
    kedge_detector d;
    KEDGE_TRY(kedge_model_init(&m, cfg->model, kedge_i_at(s, s->at_champion), s->champion_bytes));
    if (s->challenger_bytes > 0)
        KEDGE_TRY(kedge_model_init(&m, cfg->model, kedge_i_at(s, s->at_challenger), s->challenger_bytes));
    for (uint32_t i = 0; i < s->n_preps; i++) {
        kedge_prep prep = pipeline_prep_of(p, i);
        KEDGE_TRY(kedge_prep_init(&prep, cfg->prep, prep.state, s->prep_bytes));
    }
    KEDGE_TRY(kedge_detector_init(&d, cfg->detector, kedge_i_at(s, s->at_detector), s->detector_bytes));
    kedge_metric cost = pipeline_cost_of(p);
    if (cost.state)
        KEDGE_TRY(kedge_metric_init(&cost, cfg->cost, cost.state, s->cost_bytes));
    KEDGE_TRY(pipeline_init_controls(cfg, s));
    kedge_i_versions_name(p);
    return KEDGE_OK;
}

kedge_status kedge_pipeline_init(kedge_pipeline *p, const kedge_pipeline_config *cfg, void *mem, size_t mem_bytes)
{
    kedge_pipeline_config whole;
    kedge_pipeline begun;
    if (!p || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_pipeline_config_check(cfg, &whole));
    KEDGE_TRY(kedge_i_object_init(&kedge_i_pipeline_class, &whole, whole.config_bytes, mem, mem_bytes));
    pipeline_bind(&begun, whole.model->cls, whole.detector->cls, whole.prep ? whole.prep->cls : NULL, mem);
    KEDGE_TRY(pipeline_init_parts(&begun, &whole));
    *p = begun;
    return KEDGE_OK;
}

/* Likewise of the controls, and that the rollout is the pipeline's. */
static kedge_status pipeline_controls_check(const kedge_pipeline *p, int deep)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_rollout_report r;
    for (uint32_t which = 1; which <= PIPELINE_N_CONTROLS; which++) {
        kedge_control c = kedge_i_pipeline_control(p, which);
        if (!c.state)
            continue;
        KEDGE_TRY(kedge_control_open(&c, c.cls, c.state, s->control_bytes[which - 1]));
        if (deep)
            KEDGE_TRY(kedge_control_check(&c));
        if (which == KEDGE_PIPELINE_SCHEMA && !kedge_i_admit_fits(p))
            return KEDGE_ERR_STATE;
        if (which == KEDGE_PIPELINE_ROLLOUT &&
            (kedge_rollout_read(&c, &r) < 0 || r.version != s->staged || r.is_serving != s->swapped))
            return KEDGE_ERR_STATE;
    }
    return KEDGE_OK;
}

/* The heads of all parts; with deep = 1 their invariants too, and that the models are of the pipeline's shape. */
static kedge_status pipeline_parts_check(const kedge_pipeline *p, int deep)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_model models[2] = {pipeline_champion_of(p), pipeline_challenger_of(p)};
    kedge_detector d = pipeline_detector_of(p);
    kedge_model_info info;
    for (int i = 0; i < (s->challenger_bytes > 0 ? 2 : 1); i++) {
        KEDGE_TRY(kedge_model_open(&models[i], p->model, models[i].state, s->champion_bytes));
        if (deep)
            KEDGE_TRY(kedge_model_check(&models[i]));
        KEDGE_TRY(kedge_model_describe(&models[i], &info));
        if (info.n_features != s->n_prepared || info.n_classes != s->n_classes)
            return KEDGE_ERR_STATE;
    }
    KEDGE_TRY(kedge_i_prepared_check(p, deep));
    KEDGE_TRY(kedge_detector_open(&d, p->detector, d.state, s->detector_bytes));
    if (deep)
        KEDGE_TRY(kedge_detector_check(&d));
    kedge_metric cost = pipeline_cost_of(p);
    if (cost.state)
        KEDGE_TRY(kedge_metric_open(&cost, cost.cls, cost.state, s->cost_bytes));
    if (cost.state && deep)
        KEDGE_TRY(kedge_metric_check(&cost));
    return pipeline_controls_check(p, deep);
}

kedge_status kedge_pipeline_open(kedge_pipeline *p, const kedge_model_class *model, const kedge_detector_class *detector,
                                 const kedge_prep_class *prep, void *mem, size_t mem_bytes)
{
    kedge_pipeline opened;
    if (!p || !model || !detector || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_object_open(&kedge_i_pipeline_class, mem, mem_bytes));
    pipeline_bind(&opened, model, detector, prep, mem);
    KEDGE_TRY(pipeline_parts_check(&opened, 0));
    *p = opened;
    return KEDGE_OK;
}

kedge_status kedge_pipeline_check(const kedge_pipeline *p)
{
    if (!pipeline_is_bound(p))
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_object_check(&kedge_i_pipeline_class, p->state));
    return pipeline_parts_check(p, 1) < 0 ? KEDGE_ERR_STATE : KEDGE_OK;
}

kedge_status kedge_pipeline_reset(kedge_pipeline *p)
{
    if (!pipeline_is_bound(p))
        return KEDGE_ERR_NULL;
    kedge_model champion = pipeline_champion_of(p);
    kedge_model challenger = pipeline_challenger_of(p);
    kedge_detector d = pipeline_detector_of(p);
    KEDGE_TRY(kedge_model_reset(&champion));
    if (pipeline_of(p)->challenger_bytes > 0)
        KEDGE_TRY(kedge_model_reset(&challenger));
    for (uint32_t i = 0; i < pipeline_of(p)->n_preps; i++) {
        kedge_prep prep = pipeline_prep_of(p, i);
        KEDGE_TRY(kedge_prep_reset(&prep));
    }
    KEDGE_TRY(kedge_detector_reset(&d));
    kedge_metric cost = pipeline_cost_of(p);
    if (cost.state)
        KEDGE_TRY(kedge_metric_reset(&cost));
    for (uint32_t which = 1; which <= PIPELINE_N_CONTROLS; which++) {
        kedge_control c = kedge_i_pipeline_control(p, which);
        if (c.state)
            KEDGE_TRY(kedge_control_reset(&c));
    }
    kedge_i_versions_name(p);
    kedge_i_object_reset(&kedge_i_pipeline_class, p->state);
    return KEDGE_OK;
}

void kedge_i_pipeline_name_parts(const kedge_pipeline *p, const kedge_class *parts[PIPELINE_N_PARTS])
{
    parts[PIPELINE_PART_CHAMPION] = parts[PIPELINE_PART_CHALLENGER] = &p->model->base;
    parts[PIPELINE_PART_DETECTOR] = &p->detector->base;
    parts[PIPELINE_PART_PREP] = p->prep ? &p->prep->base : NULL;
    parts[PIPELINE_PART_COST] = &kedge_cost.base;
    for (uint32_t i = 0; i < PIPELINE_N_CONTROLS; i++)
        parts[PIPELINE_PART_CONTROL + i] = &kedge_i_pipeline_controls[i]->base;
}

kedge_status kedge_pipeline_save(const kedge_pipeline *p, void *buf, size_t cap, size_t *len)
{
    if (!pipeline_is_bound(p))
        return KEDGE_ERR_NULL;
    const kedge_class *parts[PIPELINE_N_PARTS];
    kedge_i_pipeline_name_parts(p, parts);
    return kedge_i_snapshot_save(&kedge_i_pipeline_class, parts, p->state, buf, cap, len);
}

kedge_status kedge_pipeline_load_size(const void *buf, size_t len, size_t *bytes)
{
    return kedge_i_snapshot_load_size(&kedge_i_pipeline_class, buf, len, bytes);
}

kedge_status kedge_pipeline_load(kedge_pipeline *p, const kedge_model_class *model, const kedge_detector_class *detector,
                                 const kedge_prep_class *prep, void *mem, size_t mem_bytes, const void *buf, size_t len)
{
    kedge_pipeline loaded;
    kedge_i_fixed plan;
    if (!p || !model || !detector || !buf)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_snapshot_plan(&kedge_i_pipeline_class, buf, len, &plan));
    if ((((const pipeline_state *)(const void *)&plan)->prep_bytes > 0) != (prep != NULL))
        return KEDGE_ERR_CLASS;
    const kedge_class *parts[PIPELINE_N_PARTS];
    pipeline_bind(&loaded, model, detector, prep, mem);
    kedge_i_pipeline_name_parts(&loaded, parts);
    KEDGE_TRY(kedge_i_snapshot_load(&kedge_i_pipeline_class, parts, mem, mem_bytes, buf, len));
    if (pipeline_parts_check(&loaded, 0) < 0) { /* forged: parts of another shape */
        memset(mem, 0, pipeline_of(&loaded)->head.bytes);
        return KEDGE_ERR_SNAPSHOT;
    }
    *p = loaded;
    return KEDGE_OK;
}
