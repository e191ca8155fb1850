/* SPDX-License-Identifier: MIT */
/* The verbs that all metrics share. Recording and reading are each metric's own. */
#include "base/fp.h"

#include "kedge/metric.h"

#include "base/check.h"
#include "base/object.h"
#include "base/snapshot.h"

static int metric_is_bound(const kedge_metric *m)
{
    return m && m->cls && m->state;
}

static kedge_status metric_class_check(const kedge_metric_class *cls)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&cls->base));
    if (!cls->merge != !cls->alike)
        return KEDGE_ERR_NULL;
    return cls->base.noun == KEDGE_NOUN_METRIC ? KEDGE_OK : KEDGE_ERR_CLASS;
}

size_t kedge_metric_size(const kedge_metric_config *cfg)
{
    if (!cfg || metric_class_check(cfg->cls) < 0)
        return 0;
    return kedge_i_object_size(&cfg->cls->base, cfg, cfg->config_bytes);
}

kedge_status kedge_metric_init(kedge_metric *m, const kedge_metric_config *cfg, void *mem, size_t mem_bytes)
{
    if (!m || !cfg || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(metric_class_check(cfg->cls));
    KEDGE_TRY(kedge_i_object_init(&cfg->cls->base, cfg, cfg->config_bytes, mem, mem_bytes));
    m->cls = cfg->cls;
    m->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_metric_open(kedge_metric *m, const kedge_metric_class *cls, void *mem, size_t mem_bytes)
{
    if (!m || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(metric_class_check(cls));
    KEDGE_TRY(kedge_i_object_open(&cls->base, mem, mem_bytes));
    m->cls = cls;
    m->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_metric_check(const kedge_metric *m)
{
    if (!metric_is_bound(m))
        return KEDGE_ERR_NULL;
    return kedge_i_object_check(&m->cls->base, m->state);
}

kedge_status kedge_metric_merge(kedge_metric *m, const kedge_metric *other)
{
    if (!metric_is_bound(m) || !metric_is_bound(other))
        return KEDGE_ERR_NULL;
    if (m->cls != other->cls)
        return KEDGE_ERR_CLASS;
    if (!m->cls->merge)
        return KEDGE_ERR_UNSUPPORTED;
    if (m->state == other->state || !m->cls->alike(m->state, other->state))
        return KEDGE_ERR_CONFIG;
    return m->cls->merge(m->state, other->state);
}

kedge_status kedge_metric_reset(kedge_metric *m)
{
    if (!metric_is_bound(m))
        return KEDGE_ERR_NULL;
    kedge_i_object_reset(&m->cls->base, m->state);
    return KEDGE_OK;
}

kedge_status kedge_metric_save(const kedge_metric *m, void *buf, size_t cap, size_t *len)
{
    if (!metric_is_bound(m))
        return KEDGE_ERR_NULL;
    return kedge_i_snapshot_save(&m->cls->base, NULL, m->state, buf, cap, len);
}

kedge_status kedge_metric_load_size(const kedge_metric_class *cls, const void *buf, size_t len, size_t *bytes)
{
    KEDGE_TRY(metric_class_check(cls));
    return kedge_i_snapshot_load_size(&cls->base, buf, len, bytes);
}

kedge_status kedge_metric_load(kedge_metric *m, const kedge_metric_class *cls, void *mem, size_t mem_bytes, const void *buf,
                               size_t len)
{
    if (!m)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(metric_class_check(cls));
    KEDGE_TRY(kedge_i_snapshot_load(&cls->base, NULL, mem, mem_bytes, buf, len));
    m->cls = cls;
    m->state = mem;
    return KEDGE_OK;
}
