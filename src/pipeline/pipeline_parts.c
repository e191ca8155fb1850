/* SPDX-License-Identifier: MIT */
/* The objects inside a pipeline, for whoever wants to ask them themselves. */
#include "base/fp.h"

#include "pipeline/pipeline_state.h"

kedge_status kedge_pipeline_champion(const kedge_pipeline *p, kedge_model *out)
{
    if (!pipeline_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    *out = pipeline_champion_of(p);
    return KEDGE_OK;
}

kedge_status kedge_pipeline_challenger(const kedge_pipeline *p, kedge_model *out)
{
    if (!pipeline_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    if (pipeline_of(p)->staged == 0)
        return KEDGE_EMPTY;
    *out = pipeline_of(p)->swapped ? pipeline_champion_of(p) : pipeline_challenger_of(p);
    return KEDGE_OK;
}

kedge_status kedge_pipeline_champion_prep(const kedge_pipeline *p, kedge_prep *out)
{
    if (!pipeline_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    if (!p->prep)
        return KEDGE_ERR_UNSUPPORTED;
    *out = pipeline_prep_of(p, 0);
    return KEDGE_OK;
}

kedge_status kedge_pipeline_challenger_prep(const kedge_pipeline *p, kedge_prep *out)
{
    if (!pipeline_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    if (!p->prep)
        return KEDGE_ERR_UNSUPPORTED;
    if (pipeline_of(p)->staged == 0)
        return KEDGE_EMPTY;
    *out = pipeline_prep_of(p, !pipeline_of(p)->swapped);
    return KEDGE_OK;
}

kedge_status kedge_pipeline_watcher(const kedge_pipeline *p, kedge_detector *out)
{
    if (!pipeline_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    *out = pipeline_detector_of(p);
    return KEDGE_OK;
}
