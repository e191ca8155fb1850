/* SPDX-License-Identifier: MIT */
/* The verbs of fleets: checks arguments and dispatches to the class. */
#include "base/fp.h"

#include "kedge/fleet.h"

#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/snapshot.h"
#include "fleet/fleet_vector.h"

enum { FLEET_LOOK = 64 }; /* values that are looked at together */

static int fleet_is_bound(const kedge_fleet *f)
{
    return f && f->cls && f->state;
}

static kedge_status fleet_class_check(const kedge_fleet_class *cls)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&cls->base));
    if (!cls->n_streams || !cls->update || !cls->estimate || !cls->alarm || !cls->reset_one)
        return KEDGE_ERR_NULL;
    return cls->base.noun == KEDGE_NOUN_FLEET ? KEDGE_OK : KEDGE_ERR_CLASS;
}

size_t kedge_fleet_size(const kedge_fleet_config *cfg)
{
    if (!cfg || fleet_class_check(cfg->cls) < 0)
        return 0;
    return kedge_i_object_size(&cfg->cls->base, cfg, cfg->config_bytes);
}

kedge_status kedge_fleet_init(kedge_fleet *f, const kedge_fleet_config *cfg, void *mem, size_t mem_bytes)
{
    if (!f || !cfg || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(fleet_class_check(cfg->cls));
    KEDGE_TRY(kedge_i_object_init(&cfg->cls->base, cfg, cfg->config_bytes, mem, mem_bytes));
    f->cls = cfg->cls;
    f->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_fleet_open(kedge_fleet *f, const kedge_fleet_class *cls, void *mem, size_t mem_bytes)
{
    if (!f || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(fleet_class_check(cls));
    KEDGE_TRY(kedge_i_object_open(&cls->base, mem, mem_bytes));
    f->cls = cls;
    f->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_fleet_check(const kedge_fleet *f)
{
    if (!fleet_is_bound(f))
        return KEDGE_ERR_NULL;
    return kedge_i_object_check(&f->cls->base, f->state);
}

uint32_t kedge_fleet_streams(const kedge_fleet *f)
{
    return fleet_is_bound(f) ? f->cls->n_streams(f->state) : 0;
}

static size_t fleet_first_outside(const double *x, size_t from, size_t to, double low, double high)
{
    while (from < to && !(x[from] < low || x[from] > high))
        from++;
    return from;
}

/* Index of the first value that is neither missing nor in range; n if there is none. */
static size_t fleet_refused(const double *x, size_t n, double low, double high)
{
    const fleet_vec lows = fleet_all(low), highs = fleet_all(high);
    size_t at = 0;
    for (; n - at >= FLEET_LOOK; at += FLEET_LOOK) {
        fleet_mask bad = FLEET_WHERE(lows > highs);
        for (size_t i = at; i < at + FLEET_LOOK; i += FLEET_WIDTH)
            bad |= FLEET_WHERE(fleet_get(x + i) < lows) | FLEET_WHERE(fleet_get(x + i) > highs);
        if (fleet_any(bad))
            return fleet_first_outside(x, at, n, low, high);
    }
    return fleet_first_outside(x, at, n, low, high);
}

/* Whole ticks up to the first that holds a value to be refused. */
static kedge_status fleet_feed(kedge_fleet *f, const double *x, size_t n_ticks, uint32_t n_streams, uint8_t *signals,
                               kedge_fleet_news *news)
{
    size_t n = n_ticks * n_streams;
    size_t good = fleet_refused(x, n, f->cls->input_low, f->cls->input_high);
    news->refused = good;
    news->n_ticks = good / n_streams;
    f->cls->update(f->state, x, good / n_streams, signals, news);
    if (good < n)
        return kedge_i_refusal(x[good]);
    return news->n_drifts > 0 ? KEDGE_DRIFT : news->n_warnings > 0 ? KEDGE_WARNING : KEDGE_OK;
}

kedge_status kedge_fleet_update_many(kedge_fleet *f, const double *x, size_t n_ticks, uint8_t *signals, kedge_fleet_news *news)
{
    kedge_fleet_news own;
    memset(&own, 0, sizeof own);
    if (!fleet_is_bound(f) || (n_ticks > 0 && (!x || !signals)))
        return KEDGE_ERR_NULL;
    uint32_t n_streams = f->cls->n_streams(f->state);
    if (n_ticks > SIZE_MAX / sizeof *x / n_streams)
        return KEDGE_ERR_SHAPE;
    kedge_status st = fleet_feed(f, x, n_ticks, n_streams, signals, &own);
    if (news)
        *news = own;
    return st;
}

kedge_status kedge_fleet_update(kedge_fleet *f, const double *x, size_t n, uint8_t *signals, kedge_fleet_news *news)
{
    if (!fleet_is_bound(f) || !x || !signals)
        return KEDGE_ERR_NULL;
    if (n != f->cls->n_streams(f->state))
        return KEDGE_ERR_SHAPE;
    return kedge_fleet_update_many(f, x, 1, signals, news);
}

kedge_status kedge_fleet_pick(const uint8_t *signals, size_t n, uint8_t signal, uint32_t *streams, size_t cap, size_t *n_picked)
{
    size_t n_found = 0;
    if (!n_picked || (n > 0 && !signals) || (cap > 0 && !streams))
        return KEDGE_ERR_NULL;
    for (size_t at = 0; at < n; at++) {
        const uint8_t *found = memchr(signals + at, signal, n - at);
        if (!found)
            break;
        at = (size_t)(found - signals);
        if (n_found < cap)
            streams[n_found] = (uint32_t)at;
        n_found++;
    }
    *n_picked = n_found;
    return n_found > cap ? KEDGE_MORE : KEDGE_OK;
}

static kedge_status fleet_find(const kedge_fleet *f, uint32_t i_stream)
{
    if (!fleet_is_bound(f))
        return KEDGE_ERR_NULL;
    return i_stream < f->cls->n_streams(f->state) ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

kedge_status kedge_fleet_estimate(const kedge_fleet *f, uint32_t i_stream, kedge_estimate *out)
{
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(fleet_find(f, i_stream));
    memset(out, 0, sizeof *out);
    return f->cls->estimate(f->state, i_stream, out);
}

kedge_status kedge_fleet_alarm(const kedge_fleet *f, uint32_t i_stream, kedge_alarm *out)
{
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(fleet_find(f, i_stream));
    memset(out, 0, sizeof *out);
    return f->cls->alarm(f->state, i_stream, out);
}

kedge_status kedge_fleet_reset(kedge_fleet *f)
{
    if (!fleet_is_bound(f))
        return KEDGE_ERR_NULL;
    kedge_i_object_reset(&f->cls->base, f->state);
    return KEDGE_OK;
}

kedge_status kedge_fleet_reset_one(kedge_fleet *f, uint32_t i_stream)
{
    KEDGE_TRY(fleet_find(f, i_stream));
    f->cls->reset_one(f->state, i_stream);
    return KEDGE_OK;
}

kedge_status kedge_fleet_save(const kedge_fleet *f, void *buf, size_t cap, size_t *len)
{
    if (!fleet_is_bound(f))
        return KEDGE_ERR_NULL;
    return kedge_i_snapshot_save(&f->cls->base, NULL, f->state, buf, cap, len);
}

kedge_status kedge_fleet_load_size(const kedge_fleet_class *cls, const void *buf, size_t len, size_t *bytes)
{
    KEDGE_TRY(fleet_class_check(cls));
    return kedge_i_snapshot_load_size(&cls->base, buf, len, bytes);
}

kedge_status kedge_fleet_load(kedge_fleet *f, const kedge_fleet_class *cls, void *mem, size_t mem_bytes, const void *buf,
                              size_t len)
{
    if (!f)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(fleet_class_check(cls));
    KEDGE_TRY(kedge_i_snapshot_load(&cls->base, NULL, mem, mem_bytes, buf, len));
    f->cls = cls;
    f->state = mem;
    return KEDGE_OK;
}
