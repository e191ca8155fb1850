/* SPDX-License-Identifier: MIT */
/* A ring of events. Nobody registers: each reader brings the number of the event that it wants next, so that the ring holds neither
 * pointers nor places of readers, and a reader that falls behind costs nobody anything. Cost: O(1). */
#include "base/fp.h"

#include <string.h>

#include "kedge/controls/events.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "pipeline/controls.h"

enum { EVENTS_MAX = 1 << 20 };

typedef struct events_state {
    kedge_state_head head;
    uint32_t n_events;
    uint32_t at_time;     /* layout: u64[n_events]; the event of number i is at i modulo n_events */
    uint32_t at_version;  /* u64 */
    uint32_t at_value;    /* f64 */
    uint32_t at_limit;    /* f64 */
    uint32_t at_kind;     /* u32; 0 behind the last */
    uint32_t at_subject;  /* u32 */
    uint32_t at_code;     /* u32: the int32_t's bits */
    uint32_t at_pipeline; /* u32 */
    uint64_t n;           /* events so far, at most 2^62 */
} events_state;

_Static_assert(sizeof(events_state) == KEDGE_EVENTS_BYTES_FOR(0u), "static size");

static const kedge_field events_fields[] = {
    KEDGE_PARAM(events_state, n_events, KEDGE_TYPE_U32),          KEDGE_VALUE(events_state, n, KEDGE_TYPE_U64),
    KEDGE_ARRAY(events_state, at_time, n_events, KEDGE_TYPE_U64), KEDGE_ARRAY(events_state, at_version, n_events, KEDGE_TYPE_U64),
    KEDGE_ARRAY(events_state, at_value, n_events, KEDGE_TYPE_F64), KEDGE_ARRAY(events_state, at_limit, n_events, KEDGE_TYPE_F64),
    KEDGE_ARRAY(events_state, at_kind, n_events, KEDGE_TYPE_U32), KEDGE_ARRAY(events_state, at_subject, n_events, KEDGE_TYPE_U32),
    KEDGE_ARRAY(events_state, at_code, n_events, KEDGE_TYPE_U32), KEDGE_ARRAY(events_state, at_pipeline, n_events, KEDGE_TYPE_U32),
};

static void events_defaults(void *config)
{
    kedge_events_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_events;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->n_events = 64;
}

kedge_status kedge_events_config_init(kedge_events_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_events.base, cfg, cfg_bytes, sizeof *cfg);
}

static void events_configure(const void *config, void *fixed)
{
    ((events_state *)fixed)->n_events = ((const kedge_events_config *)config)->n_events;
}

static int events_valid(const void *fixed)
{
    return kedge_i_u32_within(((const events_state *)fixed)->n_events, 1, EVENTS_MAX);
}

static size_t events_layout(void *fixed)
{
    events_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_time = kedge_i_arena_take(&arena, s->n_events, sizeof(uint64_t));
    s->at_version = kedge_i_arena_take(&arena, s->n_events, sizeof(uint64_t));
    s->at_value = kedge_i_arena_take(&arena, s->n_events, sizeof(double));
    s->at_limit = kedge_i_arena_take(&arena, s->n_events, sizeof(double));
    s->at_kind = kedge_i_arena_take(&arena, s->n_events, sizeof(uint32_t));
    s->at_subject = kedge_i_arena_take(&arena, s->n_events, sizeof(uint32_t));
    s->at_code = kedge_i_arena_take(&arena, s->n_events, sizeof(uint32_t));
    s->at_pipeline = kedge_i_arena_take(&arena, s->n_events, sizeof(uint32_t));
    return kedge_i_arena_end(&arena);
}

static inline uint32_t events_kept(const events_state *s)
{
    return s->n < s->n_events ? (uint32_t)s->n : s->n_events;
}

/* Exactly the places in use hold an event. */
static int events_check(const void *state)
{
    const events_state *s = state;
    const uint32_t *kind = kedge_i_at_const(s, s->at_kind);
    if (s->n > KEDGE_I_COUNT_MAX)
        return 0;
    for (uint32_t i = 0; i < s->n_events; i++)
        if ((kind[i] != 0) != (i < events_kept(s)))
            return 0;
    return 1;
}

static void events_store(events_state *s, uint32_t i, const kedge_event *e)
{
    ((uint64_t *)kedge_i_at(s, s->at_time))[i] = e->at_ns;
    ((uint64_t *)kedge_i_at(s, s->at_version))[i] = e->version;
    ((double *)kedge_i_at(s, s->at_value))[i] = e->value;
    ((double *)kedge_i_at(s, s->at_limit))[i] = e->limit;
    ((uint32_t *)kedge_i_at(s, s->at_kind))[i] = e->kind;
    ((uint32_t *)kedge_i_at(s, s->at_subject))[i] = e->subject;
    ((uint32_t *)kedge_i_at(s, s->at_code))[i] = (uint32_t)e->code;
    ((uint32_t *)kedge_i_at(s, s->at_pipeline))[i] = e->pipeline;
}

static void events_fetch(const events_state *s, uint64_t number, kedge_event *e)
{
    uint32_t i = (uint32_t)(number % s->n_events);
    e->number = number;
    e->at_ns = ((const uint64_t *)kedge_i_at_const(s, s->at_time))[i];
    e->version = ((const uint64_t *)kedge_i_at_const(s, s->at_version))[i];
    e->value = ((const double *)kedge_i_at_const(s, s->at_value))[i];
    e->limit = ((const double *)kedge_i_at_const(s, s->at_limit))[i];
    e->kind = ((const uint32_t *)kedge_i_at_const(s, s->at_kind))[i];
    e->subject = ((const uint32_t *)kedge_i_at_const(s, s->at_subject))[i];
    memcpy(&e->code, (const uint32_t *)kedge_i_at_const(s, s->at_code) + i, sizeof e->code);
    e->pipeline = ((const uint32_t *)kedge_i_at_const(s, s->at_pipeline))[i];
}

kedge_status kedge_events_put(kedge_control *c, const kedge_event *event)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_events));
    events_state *s = c->state;
    if (!event)
        return KEDGE_ERR_NULL;
    if (event->kind == 0 || s->n >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    events_store(s, (uint32_t)(s->n % s->n_events), event);
    s->n++;
    return KEDGE_OK;
}

kedge_status kedge_events_get(const kedge_control *c, uint64_t *next, kedge_event *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_events));
    const events_state *s = c->state;
    if (!next || !out)
        return KEDGE_ERR_NULL;
    if (*next > s->n)
        return KEDGE_ERR_RANGE;
    if (*next == s->n)
        return KEDGE_EMPTY;
    uint64_t first = s->n - events_kept(s), number = *next < first ? first : *next;
    events_fetch(s, number, out);
    *next = number + 1;
    return KEDGE_OK;
}

kedge_status kedge_events_each(const kedge_control *c, uint64_t *next, kedge_event_call call, void *user)
{
    kedge_event event;
    kedge_status st;
    if (!call)
        return KEDGE_ERR_NULL;
    while ((st = kedge_events_get(c, next, &event)) == KEDGE_OK)
        if (call(user, &event) != 0)
            return KEDGE_OK;
    return st;
}

static void events_put_double(unsigned char *to, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    kedge_i_put(to, bits, 8);
}

static double events_get_double(const unsigned char *from)
{
    uint64_t bits = kedge_i_get(from, 8);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static kedge_status events_append(kedge_audit *audit, const kedge_event *e)
{
    unsigned char payload[KEDGE_EVENT_BYTES];
    kedge_i_put(payload, e->kind, 4);
    kedge_i_put(payload + 4, e->subject, 4);
    kedge_i_put(payload + 8, (uint32_t)e->code, 4);
    kedge_i_put(payload + 12, e->pipeline, 4);
    kedge_i_put(payload + 16, e->number, 8);
    kedge_i_put(payload + 24, e->at_ns, 8);
    kedge_i_put(payload + 32, e->version, 8);
    events_put_double(payload + 40, e->value);
    events_put_double(payload + 48, e->limit);
    return kedge_audit_append(audit, KEDGE_AUDIT_EVENT, e->at_ns, payload, sizeof payload);
}

/* What was overwritten before it reached the log. */
static kedge_status events_append_lost(kedge_audit *audit, uint64_t from, const kedge_event *before)
{
    kedge_event lost = {KEDGE_EVENT_LOST, 0, 0, before->pipeline, from, before->at_ns, 0, (double)(before->number - from), 0.0};
    return events_append(audit, &lost);
}

kedge_status kedge_events_audit(const kedge_control *c, uint64_t *next, kedge_audit *audit)
{
    kedge_event event;
    if (!next || !audit)
        return KEDGE_ERR_NULL;
    for (;;) {
        uint64_t at = *next;
        kedge_status st = kedge_events_get(c, &at, &event);
        if (st != KEDGE_OK)
            return st == KEDGE_EMPTY ? KEDGE_OK : st;
        if (event.number > *next) {
            KEDGE_TRY(events_append_lost(audit, *next, &event));
            *next = event.number;
        }
        KEDGE_TRY(events_append(audit, &event));
        *next = at;
    }
}

kedge_status kedge_audit_read_event(const kedge_audit_record *record, kedge_event *out)
{
    if (!record || !out || !record->payload)
        return KEDGE_ERR_NULL;
    if (record->kind != KEDGE_AUDIT_EVENT)
        return KEDGE_ERR_CLASS;
    if (record->payload_bytes != KEDGE_EVENT_BYTES)
        return KEDGE_ERR_SHAPE;
    const unsigned char *p = record->payload;
    uint32_t code = (uint32_t)kedge_i_get(p + 8, 4);
    out->kind = (uint32_t)kedge_i_get(p, 4);
    out->subject = (uint32_t)kedge_i_get(p + 4, 4);
    memcpy(&out->code, &code, sizeof code);
    out->pipeline = (uint32_t)kedge_i_get(p + 12, 4);
    out->number = kedge_i_get(p + 16, 8);
    out->at_ns = kedge_i_get(p + 24, 8);
    out->version = kedge_i_get(p + 32, 8);
    out->value = events_get_double(p + 40);
    out->limit = events_get_double(p + 48);
    return KEDGE_OK;
}

/* Records stand in the order of their time. */
kedge_status kedge_audit_served_at(const void *log, size_t n, uint32_t pipeline, uint64_t when_ns, uint64_t *id)
{
    kedge_status found = KEDGE_EMPTY, st;
    kedge_audit_record record;
    kedge_event e;
    size_t at = 0;
    if (!log || !id)
        return KEDGE_ERR_NULL;
    while ((st = kedge_audit_next(log, n, &at, &record)) == KEDGE_OK) {
        if (kedge_audit_read_event(&record, &e) < 0 || e.pipeline != pipeline || e.at_ns > when_ns)
            continue;
        if (e.kind != KEDGE_EVENT_PROMOTED && e.kind != KEDGE_EVENT_RETURNED)
            continue;
        *id = e.version;
        found = KEDGE_OK;
    }
    return st < 0 ? st : found;
}

kedge_status kedge_events_read(const kedge_control *c, kedge_events_report *out)
{
    kedge_event newest = {0};
    KEDGE_TRY(kedge_i_control_is(c, &kedge_events));
    const events_state *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    if (s->n > 0)
        events_fetch(s, s->n - 1, &newest);
    out->n = s->n;
    out->n_kept = events_kept(s);
    out->first = s->n - out->n_kept;
    out->last_ns = newest.at_ns;
    out->reserved = 0;
    return KEDGE_OK;
}

const char *kedge_event_string(uint32_t kind)
{
    static const char *const words[] = {
        "none",     "warning",  "drift",     "schema skew", "shift",    "trigger",     "training",  "trained",
        "failed",   "passed",   "refused",   "stage",       "approval asked", "approved", "promoted", "rolled back",
        "recalled", "evicted",  "test failed", "step",      "lost",        "finished",
        "on trial",    "check failed",
        "kept without its model", "returned",
    };
    if (kind >= KEDGE_EVENT_OWN)
        return "own";
    return kind < sizeof words / sizeof *words ? words[kind] : "unknown";
}

const kedge_control_class kedge_events = {
    .base = {
        .abi = KEDGE_CLASS_ABI,
        .noun = KEDGE_NOUN_CONTROL,
        .version = 1,
        .name = "events",
        .fixed_bytes = sizeof(events_state),
        .config_bytes = sizeof(kedge_events_config),
        .n_fields = sizeof events_fields / sizeof *events_fields,
        .fields = events_fields,
        .defaults = events_defaults,
        .configure = events_configure,
        .valid = events_valid,
        .layout = events_layout,
        .check = events_check,
    },
};
