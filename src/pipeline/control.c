/* SPDX-License-Identifier: MIT */
/* The verbs that all controls share. What one does is its own. */
#include "base/fp.h"

#include "kedge/control.h"

#include "base/check.h"
#include "base/object.h"
#include "base/snapshot.h"

static int control_is_bound(const kedge_control *c)
{
    return c && c->cls && c->state;
}

static kedge_status control_class_check(const kedge_control_class *cls)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&cls->base));
    return cls->base.noun == KEDGE_NOUN_CONTROL ? KEDGE_OK : KEDGE_ERR_CLASS;
}

size_t kedge_control_size(const kedge_control_config *cfg)
{
    if (!cfg || control_class_check(cfg->cls) < 0)
        return 0;
    return kedge_i_object_size(&cfg->cls->base, cfg, cfg->config_bytes);
}

kedge_status kedge_control_init(kedge_control *c, const kedge_control_config *cfg, void *mem, size_t mem_bytes)
{
    if (!c || !cfg || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(control_class_check(cfg->cls));
    KEDGE_TRY(kedge_i_object_init(&cfg->cls->base, cfg, cfg->config_bytes, mem, mem_bytes));
    c->cls = cfg->cls;
    c->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_control_open(kedge_control *c, const kedge_control_class *cls, void *mem, size_t mem_bytes)
{
    if (!c || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(control_class_check(cls));
    KEDGE_TRY(kedge_i_object_open(&cls->base, mem, mem_bytes));
    c->cls = cls;
    c->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_control_check(const kedge_control *c)
{
    if (!control_is_bound(c))
        return KEDGE_ERR_NULL;
    return kedge_i_object_check(&c->cls->base, c->state);
}

kedge_status kedge_control_reset(kedge_control *c)
{
    if (!control_is_bound(c))
        return KEDGE_ERR_NULL;
    kedge_i_object_reset(&c->cls->base, c->state);
    return KEDGE_OK;
}

kedge_status kedge_control_save(const kedge_control *c, void *buf, size_t cap, size_t *len)
{
    if (!control_is_bound(c))
        return KEDGE_ERR_NULL;
    return kedge_i_snapshot_save(&c->cls->base, NULL, c->state, buf, cap, len);
}

kedge_status kedge_control_load_size(const kedge_control_class *cls, const void *buf, size_t len, size_t *bytes)
{
    KEDGE_TRY(control_class_check(cls));
    return kedge_i_snapshot_load_size(&cls->base, buf, len, bytes);
}

kedge_status kedge_control_load(kedge_control *c, const kedge_control_class *cls, void *mem, size_t mem_bytes, const void *buf,
                                size_t len)
{
    if (!c)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(control_class_check(cls));
    KEDGE_TRY(kedge_i_snapshot_load(&cls->base, NULL, mem, mem_bytes, buf, len));
    c->cls = cls;
    c->state = mem;
    return KEDGE_OK;
}
