/* SPDX-License-Identifier: MIT */
/* The verbs of streams: checks arguments and dispatches to the class. */
#include "base/fp.h"

#include "kedge/stream.h"

#include "base/check.h"
#include "base/object.h"
#include "base/snapshot.h"

static int stream_is_bound(const kedge_stream *s)
{
    return s && s->cls && s->state;
}

static kedge_status stream_class_check(const kedge_stream_class *cls)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&cls->base));
    if (!cls->n_features || !cls->n_classes || !cls->next)
        return KEDGE_ERR_NULL;
    return cls->base.noun == KEDGE_NOUN_STREAM ? KEDGE_OK : KEDGE_ERR_CLASS;
}

size_t kedge_stream_size(const kedge_stream_config *cfg)
{
    if (!cfg || stream_class_check(cfg->cls) < 0)
        return 0;
    return kedge_i_object_size(&cfg->cls->base, cfg, cfg->config_bytes);
}

kedge_status kedge_stream_init(kedge_stream *s, const kedge_stream_config *cfg, void *mem, size_t mem_bytes)
{
    if (!s || !cfg || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(stream_class_check(cfg->cls));
    KEDGE_TRY(kedge_i_object_init(&cfg->cls->base, cfg, cfg->config_bytes, mem, mem_bytes));
    s->cls = cfg->cls;
    s->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_stream_open(kedge_stream *s, const kedge_stream_class *cls, void *mem, size_t mem_bytes)
{
    if (!s || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(stream_class_check(cls));
    KEDGE_TRY(kedge_i_object_open(&cls->base, mem, mem_bytes));
    s->cls = cls;
    s->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_stream_check(const kedge_stream *s)
{
    if (!stream_is_bound(s))
        return KEDGE_ERR_NULL;
    return kedge_i_object_check(&s->cls->base, s->state);
}

kedge_status kedge_stream_next(kedge_stream *s, double *x, double *y, uint8_t *changed, size_t n)
{
    if (!stream_is_bound(s))
        return KEDGE_ERR_NULL;
    size_t n_features = s->cls->n_features(s->state);
    if (n > 0 && (!y || (!x && n_features > 0)))
        return KEDGE_ERR_NULL;
    for (size_t i = 0; i < n; i++) {
        int is_first = s->cls->next(s->state, x ? x + i * n_features : NULL, &y[i]);
        if (changed)
            changed[i] = (uint8_t)is_first;
    }
    return KEDGE_OK;
}

uint32_t kedge_stream_features(const kedge_stream *s)
{
    return stream_is_bound(s) ? s->cls->n_features(s->state) : 0;
}

uint32_t kedge_stream_label_classes(const kedge_stream *s)
{
    return stream_is_bound(s) ? s->cls->n_classes(s->state) : 0;
}

kedge_status kedge_stream_reset(kedge_stream *s)
{
    if (!stream_is_bound(s))
        return KEDGE_ERR_NULL;
    kedge_i_object_reset(&s->cls->base, s->state);
    return KEDGE_OK;
}

kedge_status kedge_stream_save(const kedge_stream *s, void *buf, size_t cap, size_t *len)
{
    if (!stream_is_bound(s))
        return KEDGE_ERR_NULL;
    return kedge_i_snapshot_save(&s->cls->base, NULL, s->state, buf, cap, len);
}

kedge_status kedge_stream_load_size(const kedge_stream_class *cls, const void *buf, size_t len, size_t *bytes)
{
    KEDGE_TRY(stream_class_check(cls));
    return kedge_i_snapshot_load_size(&cls->base, buf, len, bytes);
}

kedge_status kedge_stream_load(kedge_stream *s, const kedge_stream_class *cls, void *mem, size_t mem_bytes, const void *buf,
                               size_t len)
{
    if (!s)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(stream_class_check(cls));
    KEDGE_TRY(kedge_i_snapshot_load(&cls->base, NULL, mem, mem_bytes, buf, len));
    s->cls = cls;
    s->state = mem;
    return KEDGE_OK;
}
