/* SPDX-License-Identifier: MIT */
/* Backlog: depth, age and busy time of a queue from the times of arrivals and departures.
 *
 * Between two calls the depth stands still, so its integral over time, and that of the busy servers, are exact sums of products
 * (128 bits). Mean stay by Little's law (Little 1961, "A proof for the queuing formula L = lambda W"): the integral of the
 * depth / arrivals. First come, first served, a ring of arrival times gives each item's own stay; if nothing is blurred, the stays
 * of all that left and the ages of all that are here add up to that integral. It cannot be merged: two queues' clocks need not be
 * the same. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metrics/backlog.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/wide.h"
#include "metrics/handle.h"

enum { BACKLOG_MAX_CAPACITY = 1 << 24 };

typedef struct backlog_state {
    kedge_state_head head;
    uint32_t capacity;
    uint32_t n_servers;
    uint32_t at_when;     /* layout: uint64_t[capacity]: arrival times from the oldest at `first` on, ascending; 0 where none is */
    uint32_t at_count;    /* layout: uint64_t[capacity]: how many came then, > 0; 0 where none is */
    uint32_t first;       /* place of the oldest */
    uint32_t n_times;     /* arrival times that are kept */
    uint32_t started;     /* 1: a time was told */
    uint32_t reserved;
    uint64_t first_ns;
    uint64_t last_ns;
    uint64_t n_arrived;   /* at most 2^62 */
    uint64_t n_done;
    uint64_t n_blurred;
    uint64_t depth_max;
    uint64_t stay_max;    /* of those that left */
    uint64_t depth_high;  /* integral of the depth, items times nanoseconds */
    uint64_t depth_low;
    uint64_t busy_high;   /* likewise of min(depth, n_servers) */
    uint64_t busy_low;
    uint64_t stay_high;   /* sum of the stays of those that left */
    uint64_t stay_low;
} backlog_state;

static const kedge_field backlog_fields[] = {
    KEDGE_PARAM(backlog_state, capacity, KEDGE_TYPE_U32),
    KEDGE_PARAM(backlog_state, n_servers, KEDGE_TYPE_U32),
    KEDGE_VALUE(backlog_state, first, KEDGE_TYPE_U32),
    KEDGE_VALUE(backlog_state, n_times, KEDGE_TYPE_U32),
    KEDGE_VALUE(backlog_state, started, KEDGE_TYPE_U32),
    KEDGE_VALUE(backlog_state, first_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, last_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, n_arrived, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, n_done, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, n_blurred, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, depth_max, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, stay_max, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, depth_high, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, depth_low, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, busy_high, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, busy_low, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, stay_high, KEDGE_TYPE_U64),
    KEDGE_VALUE(backlog_state, stay_low, KEDGE_TYPE_U64),
    KEDGE_ARRAY(backlog_state, at_when, capacity, KEDGE_TYPE_U64),
    KEDGE_ARRAY(backlog_state, at_count, capacity, KEDGE_TYPE_U64),
};

static void backlog_defaults(void *config)
{
    kedge_backlog_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_backlog;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->capacity = 1024;
    cfg->n_servers = 1;
}

kedge_status kedge_backlog_config_init(kedge_backlog_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_backlog.base, cfg, cfg_bytes, sizeof *cfg);
}

static void backlog_configure(const void *config, void *fixed)
{
    const kedge_backlog_config *cfg = config;
    backlog_state *s = fixed;
    s->capacity = cfg->capacity;
    s->n_servers = cfg->n_servers;
}

static int backlog_valid(const void *fixed)
{
    const backlog_state *s = fixed;
    return kedge_i_u32_within(s->capacity, 1, BACKLOG_MAX_CAPACITY) && kedge_i_u32_within(s->n_servers, 1, 1u << 31);
}

static size_t backlog_layout(void *fixed)
{
    backlog_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_when = kedge_i_arena_take(&arena, s->capacity, sizeof(uint64_t));
    s->at_count = kedge_i_arena_take(&arena, s->capacity, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

/* The place of the i-th oldest arrival time. */
static inline uint32_t backlog_place(const backlog_state *s, uint32_t i)
{
    return i < s->capacity - s->first ? s->first + i : i - (s->capacity - s->first);
}

/* Times ascend within the time seen, and their counts add up to the depth; elsewhere there is nothing. */
static int backlog_times_are_sound(const backlog_state *s)
{
    const uint64_t *when = kedge_i_at_const(s, s->at_when), *count = kedge_i_at_const(s, s->at_count);
    uint64_t n = 0, depth = s->n_arrived - s->n_done, before = s->first_ns;
    for (uint32_t i = 0; i < s->capacity; i++) {
        uint32_t at = backlog_place(s, i);
        if (i >= s->n_times) {
            if (when[at] != 0 || count[at] != 0)
                return 0;
            continue;
        }
        if (when[at] < before || when[at] > s->last_ns || count[at] == 0 || count[at] > depth - n)
            return 0;
        before = when[at];
        n += count[at];
    }
    return n == depth;
}

static int backlog_check(const void *state)
{
    const backlog_state *s = state;
    if (!backlog_valid(s) || s->first >= s->capacity || s->n_times > s->capacity || s->started > 1 || s->first_ns > s->last_ns)
        return 0;
    if (!s->started && (s->n_arrived != 0 || s->last_ns != 0))
        return 0;
    if (s->n_arrived > KEDGE_I_COUNT_MAX || s->n_done > s->n_arrived || s->n_blurred > s->n_arrived ||
        s->depth_max > s->n_arrived || s->n_arrived - s->n_done > s->depth_max || s->stay_max > s->last_ns - s->first_ns)
        return 0;
    double elapsed = (double)(s->last_ns - s->first_ns), depth = kedge_i_wide_value(s->depth_high, s->depth_low);
    double busy = kedge_i_wide_value(s->busy_high, s->busy_low), stay = kedge_i_wide_value(s->stay_high, s->stay_low);
    double slack = 1.0 + 1e-12;
    return depth <= (double)s->depth_max * elapsed * slack && busy <= depth * slack &&
           busy <= (double)s->n_servers * elapsed * slack && stay <= (double)s->n_done * (double)s->stay_max * slack &&
           backlog_times_are_sound(s);
}

/* The time since the last call, in which nothing changed. */
static void backlog_pass(backlog_state *s, uint64_t now_ns)
{
    uint64_t high, low, depth = s->n_arrived - s->n_done, passed = s->started ? now_ns - s->last_ns : 0;
    kedge_i_wide_product(depth, passed, &high, &low);
    kedge_i_wide_add(&s->depth_high, &s->depth_low, high, low);
    kedge_i_wide_product(depth < s->n_servers ? depth : s->n_servers, passed, &high, &low);
    kedge_i_wide_add(&s->busy_high, &s->busy_low, high, low);
    s->first_ns = s->started ? s->first_ns : now_ns;
    s->last_ns = now_ns;
    s->started = 1;
}

/* n items of now get a time of their own, share that of the newest, or, where there is no place, count as having come with it. */
static void backlog_note(backlog_state *s, uint64_t n, uint64_t now_ns)
{
    uint64_t *when = kedge_i_at(s, s->at_when), *count = kedge_i_at(s, s->at_count);
    uint32_t newest = s->n_times > 0 ? backlog_place(s, s->n_times - 1) : 0;
    int shares = s->n_times > 0 && when[newest] == now_ns;
    if (!shares && s->n_times < s->capacity) {
        newest = backlog_place(s, s->n_times++);
        when[newest] = now_ns;
    } else if (!shares) {
        s->n_blurred += n;
    }
    count[newest] += n;
}

kedge_status kedge_backlog_arrive(kedge_metric *m, uint64_t n, uint64_t now_ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_backlog));
    backlog_state *s = m->state;
    if (n > KEDGE_I_COUNT_MAX - s->n_arrived || (s->started && now_ns < s->last_ns))
        return KEDGE_ERR_RANGE;
    backlog_pass(s, now_ns);
    if (n == 0)
        return KEDGE_OK;
    backlog_note(s, n, now_ns);
    s->n_arrived += n;
    uint64_t depth = s->n_arrived - s->n_done;
    s->depth_max = depth > s->depth_max ? depth : s->depth_max;
    return KEDGE_OK;
}

/* Up to n items of the oldest time leave. Returns how many. */
static uint64_t backlog_leave(backlog_state *s, uint64_t n)
{
    uint64_t *when = (uint64_t *)kedge_i_at(s, s->at_when) + s->first, *count = (uint64_t *)kedge_i_at(s, s->at_count) + s->first;
    uint64_t high, low, stay = s->last_ns - *when;
    n = n < *count ? n : *count;
    kedge_i_wide_product(stay, n, &high, &low);
    kedge_i_wide_add(&s->stay_high, &s->stay_low, high, low);
    s->stay_max = stay > s->stay_max ? stay : s->stay_max;
    *count -= n;
    if (*count == 0) {
        *when = 0;
        s->first = backlog_place(s, 1);
        s->n_times--;
    }
    return n;
}

kedge_status kedge_backlog_done(kedge_metric *m, uint64_t n, uint64_t now_ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_backlog));
    backlog_state *s = m->state;
    if (n > s->n_arrived - s->n_done || (s->started && now_ns < s->last_ns))
        return KEDGE_ERR_RANGE;
    backlog_pass(s, now_ns);
    s->n_done += n;
    while (n > 0)
        n -= backlog_leave(s, n);
    return KEDGE_OK;
}

kedge_status kedge_backlog_read(const kedge_metric *m, kedge_backlog_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_backlog));
    if (!out)
        return KEDGE_ERR_NULL;
    const backlog_state *s = m->state;
    const uint64_t *when = kedge_i_at_const(s, s->at_when);
    double depth = kedge_i_wide_value(s->depth_high, s->depth_low), elapsed = (double)(s->last_ns - s->first_ns);
    memset(out, 0, sizeof *out);
    out->n_arrived = s->n_arrived;
    out->n_done = s->n_done;
    out->n_blurred = s->n_blurred;
    out->depth = s->n_arrived - s->n_done;
    out->depth_max = s->depth_max;
    out->oldest_ns = s->n_times > 0 ? s->last_ns - when[s->first] : 0;
    out->oldest_max_ns = out->oldest_ns > s->stay_max ? out->oldest_ns : s->stay_max;
    out->elapsed_ns = s->last_ns - s->first_ns;
    out->arrived_per_second = out->done_per_second = out->depth_mean = out->utilisation = (double)NAN;
    out->stay_ns = s->n_done > 0 ? kedge_i_wide_value(s->stay_high, s->stay_low) / (double)s->n_done : (double)NAN;
    out->little_ns = s->n_arrived > 0 ? depth / (double)s->n_arrived : (double)NAN;
    if (out->elapsed_ns == 0)
        return KEDGE_EMPTY;
    out->arrived_per_second = (double)s->n_arrived / (elapsed * 1e-9);
    out->done_per_second = (double)s->n_done / (elapsed * 1e-9);
    out->depth_mean = depth / elapsed;
    out->utilisation = fmin(1.0, kedge_i_wide_value(s->busy_high, s->busy_low) / (elapsed * (double)s->n_servers));
    return KEDGE_OK;
}

const kedge_metric_class kedge_backlog = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "backlog",
            .fixed_bytes = sizeof(backlog_state),
            .config_bytes = sizeof(kedge_backlog_config),
            .n_fields = sizeof backlog_fields / sizeof *backlog_fields,
            .fields = backlog_fields,
            .defaults = backlog_defaults,
            .configure = backlog_configure,
            .valid = backlog_valid,
            .layout = backlog_layout,
            .check = backlog_check,
        },
};
