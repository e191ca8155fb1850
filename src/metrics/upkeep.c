/* SPDX-License-Identifier: MIT */
/* Upkeep of a model: events of its life counted, and the time from one to another.
 *
 * The measures are those of Forsgren, Humble, Kim 2018, "Accelerate", chapter 2: lead time, deployment frequency, time to
 * restore, change failure rate; a deployment is a promotion, and lead time begins when drift is detected. Medians come from
 * buckets, see spans.h. A leg is under way at most once, from the first event that starts it: so the legs of one way from
 * detection over training to promotion add up, whatever is detected or trained twice in between, and no leg's time exceeds the
 * time seen, so that sums of nanoseconds are exact. Cost: O(1). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metric.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"
#include "metrics/spans.h"

enum {
    UPKEEP_DETECT,
    UPKEEP_RETRAIN,
    UPKEEP_PROMOTE,
    UPKEEP_LEAD,
    UPKEEP_RESTORE,
    UPKEEP_TRAIN,
    UPKEEP_LEGS,
    UPKEEP_KINDS = KEDGE_UPKEEP_INTERVENTION /* that are counted */
};

#define UPKEEP_DAY_NS 86400e9
#define UPKEEP_BIT(kind) (1u << KEDGE_UPKEEP_##kind)

/* Kinds of events that start and end a leg. */
static const struct {
    uint32_t starts;
    uint32_t ends;
} upkeep_ways[UPKEEP_LEGS] = {
    [UPKEEP_DETECT] = {UPKEEP_BIT(CHANGE), UPKEEP_BIT(DETECTED)},
    [UPKEEP_RETRAIN] = {UPKEEP_BIT(DETECTED), UPKEEP_BIT(TRAINED)},
    [UPKEEP_PROMOTE] = {UPKEEP_BIT(TRAINED), UPKEEP_BIT(PROMOTED)},
    [UPKEEP_LEAD] = {UPKEEP_BIT(DETECTED), UPKEEP_BIT(PROMOTED)},
    [UPKEEP_RESTORE] = {UPKEEP_BIT(INCIDENT) | UPKEEP_BIT(ROLLED_BACK), UPKEEP_BIT(RESTORED) | UPKEEP_BIT(PROMOTED)},
    [UPKEEP_TRAIN] = {UPKEEP_BIT(TRAINING), UPKEEP_BIT(TRAINED) | UPKEEP_BIT(FAILED)},
};

typedef struct upkeep_state {
    kedge_state_head head;
    double confidence;
    uint64_t blame_ns;
    uint64_t first_ns;
    uint64_t last_ns;
    uint64_t merged_ns;   /* time seen by those merged in; with last - first below 2^64 */
    uint64_t promoted_ns; /* while on trial: when; else 0 */
    uint64_t n[UPKEEP_KINDS];
    uint64_t n_change_failures;
    uint64_t leg_n[UPKEEP_LEGS];   /* finished, below 2^32 */
    uint64_t leg_ns[UPKEEP_LEGS];  /* their time */
    uint64_t leg_max[UPKEEP_LEGS]; /* the longest of them */
    uint64_t cut_n[UPKEEP_LEGS];   /* unfinished when they were merged in */
    uint64_t cut_ns[UPKEEP_LEGS];  /* their time */
    uint64_t since[UPKEEP_LEGS];   /* while under way: its start; else 0 */
    uint32_t open;                 /* bit per leg: 1 under way */
    uint32_t started;              /* 1: there was an event */
    uint32_t on_trial;             /* 1: the newest promotion has not failed so far */
    uint32_t n_spans;  /* layout */
    uint32_t at_spans; /* layout: uint32_t[leg][KEDGE_I_SPANS]: how many finished ones took so long; leg_n together */
    uint32_t reserved;
} upkeep_state;

static const kedge_field upkeep_fields[] = {
    KEDGE_PARAM(upkeep_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(upkeep_state, blame_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(upkeep_state, first_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(upkeep_state, last_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(upkeep_state, merged_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(upkeep_state, promoted_ns, KEDGE_TYPE_U64),
    KEDGE_VALUES(upkeep_state, n, UPKEEP_KINDS, KEDGE_TYPE_U64),
    KEDGE_VALUE(upkeep_state, n_change_failures, KEDGE_TYPE_U64),
    KEDGE_VALUES(upkeep_state, leg_n, UPKEEP_LEGS, KEDGE_TYPE_U64),
    KEDGE_VALUES(upkeep_state, leg_ns, UPKEEP_LEGS, KEDGE_TYPE_U64),
    KEDGE_VALUES(upkeep_state, leg_max, UPKEEP_LEGS, KEDGE_TYPE_U64),
    KEDGE_VALUES(upkeep_state, cut_n, UPKEEP_LEGS, KEDGE_TYPE_U64),
    KEDGE_VALUES(upkeep_state, cut_ns, UPKEEP_LEGS, KEDGE_TYPE_U64),
    KEDGE_VALUES(upkeep_state, since, UPKEEP_LEGS, KEDGE_TYPE_U64),
    KEDGE_VALUE(upkeep_state, open, KEDGE_TYPE_U32),
    KEDGE_VALUE(upkeep_state, started, KEDGE_TYPE_U32),
    KEDGE_VALUE(upkeep_state, on_trial, KEDGE_TYPE_U32),
    KEDGE_ARRAY(upkeep_state, at_spans, n_spans, KEDGE_TYPE_U32),
};

static void upkeep_defaults(void *config)
{
    kedge_upkeep_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_upkeep;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->confidence = 0.95;
    cfg->blame_ns = UINT64_MAX;
}

kedge_status kedge_upkeep_config_init(kedge_upkeep_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_upkeep.base, cfg, cfg_bytes, sizeof *cfg);
}

static void upkeep_configure(const void *config, void *fixed)
{
    const kedge_upkeep_config *cfg = config;
    upkeep_state *s = fixed;
    s->confidence = cfg->confidence;
    s->blame_ns = cfg->blame_ns;
}

static int upkeep_valid(const void *fixed)
{
    const upkeep_state *s = fixed;
    return s->confidence > 0.0 && s->confidence < 1.0;
}

static size_t upkeep_layout(void *fixed)
{
    upkeep_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_spans = UPKEEP_LEGS * KEDGE_I_SPANS;
    s->at_spans = kedge_i_arena_take(&arena, s->n_spans, sizeof(uint32_t));
    return kedge_i_arena_end(&arena);
}

static uint32_t *upkeep_spans(upkeep_state *s, uint32_t i_leg)
{
    return (uint32_t *)kedge_i_at(s, s->at_spans) + (size_t)i_leg * KEDGE_I_SPANS;
}

static const uint32_t *upkeep_spans_held(const upkeep_state *s, uint32_t i_leg)
{
    return (const uint32_t *)kedge_i_at_const(s, s->at_spans) + (size_t)i_leg * KEDGE_I_SPANS;
}

/* Invariants ------------------------------------------------------------------------------------------------------------------- */

static uint64_t upkeep_count(const upkeep_state *s, uint32_t kind)
{
    return s->n[kind - 1];
}

/* Events of these kinds, at most two, so that the sum has room. */
static uint64_t upkeep_count_all(const upkeep_state *s, uint32_t kinds)
{
    uint64_t n = 0;
    for (uint32_t kind = 1; kind <= UPKEEP_KINDS; kind++)
        n += kinds >> kind & 1u ? upkeep_count(s, kind) : 0;
    return n;
}

static uint64_t upkeep_is_open(const upkeep_state *s, uint32_t i_leg)
{
    return s->open >> i_leg & 1u;
}

static uint64_t upkeep_open_ns(const upkeep_state *s, uint32_t i_leg)
{
    return upkeep_is_open(s, i_leg) ? s->last_ns - s->since[i_leg] : 0;
}

static uint64_t upkeep_seen(const upkeep_state *s)
{
    return s->merged_ns + (s->last_ns - s->first_ns);
}

/* A moment that a flag makes valid; 0 without it. */
static int upkeep_moment_is_sound(const upkeep_state *s, uint64_t is_set, uint64_t at_ns)
{
    return is_set ? at_ns >= s->first_ns && at_ns <= s->last_ns : at_ns == 0;
}

/* As many as have finished, none longer than the longest, which is there. */
static int upkeep_spans_are_sound(const upkeep_state *s, uint32_t i)
{
    const uint32_t *spans = upkeep_spans_held(s, i);
    uint32_t last = kedge_i_span_of(s->leg_max[i]);
    uint64_t n = 0;
    for (uint32_t k = 0; k < KEDGE_I_SPANS; k++) {
        if (k > last && spans[k] > 0)
            return 0;
        n += spans[k];
    }
    return n == s->leg_n[i] && n <= UINT32_MAX && (n == 0 || spans[last] > 0);
}

static int upkeep_leg_is_sound(const upkeep_state *s, uint32_t i)
{
    uint64_t starts = upkeep_count_all(s, upkeep_ways[i].starts);
    uint64_t room = upkeep_seen(s);
    if (s->leg_n[i] > upkeep_count_all(s, upkeep_ways[i].ends) || s->leg_n[i] > starts || s->cut_n[i] > starts - s->leg_n[i] ||
        upkeep_is_open(s, i) > starts - s->leg_n[i] - s->cut_n[i])
        return 0;
    if (!upkeep_moment_is_sound(s, upkeep_is_open(s, i), s->since[i]))
        return 0;
    if (s->leg_max[i] > s->leg_ns[i])
        return 0;
    /* nor is the mean above the longest */
    if (s->leg_ns[i] > 0 && (s->leg_n[i] == 0 || (s->leg_ns[i] - 1) / s->leg_n[i] >= s->leg_max[i]))
        return 0;
    if (s->cut_n[i] == 0 && s->cut_ns[i] > 0)
        return 0;
    return s->leg_ns[i] <= room && s->cut_ns[i] <= room - s->leg_ns[i] &&
           upkeep_open_ns(s, i) <= room - s->leg_ns[i] - s->cut_ns[i];
}

static int upkeep_check(const void *state)
{
    const upkeep_state *s = state;
    if (!upkeep_valid(s) || s->open >> UPKEEP_LEGS || s->started > 1 || s->on_trial > 1 || s->first_ns > s->last_ns ||
        s->last_ns - s->first_ns > UINT64_MAX - s->merged_ns)
        return 0;
    if (!s->started && (s->last_ns != 0 || s->open != 0 || s->on_trial != 0))
        return 0;
    for (uint32_t kind = 1; kind <= UPKEEP_KINDS; kind++)
        if (upkeep_count(s, kind) > KEDGE_I_COUNT_MAX)
            return 0;
    uint64_t n_promoted = upkeep_count(s, KEDGE_UPKEEP_PROMOTED);
    if (s->n_change_failures > n_promoted || s->on_trial > n_promoted - s->n_change_failures ||
        s->n_change_failures > upkeep_count_all(s, upkeep_ways[UPKEEP_RESTORE].starts))
        return 0;
    for (uint32_t i = 0; i < UPKEEP_LEGS; i++)
        if (!upkeep_leg_is_sound(s, i) || !upkeep_spans_are_sound(s, i))
            return 0;
    return upkeep_moment_is_sound(s, s->on_trial, s->promoted_ns);
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

static void upkeep_leg_step(upkeep_state *s, uint32_t i, uint32_t kind, uint64_t now_ns)
{
    if (upkeep_is_open(s, i) && upkeep_ways[i].ends >> kind & 1u) {
        uint64_t took = now_ns - s->since[i];
        s->leg_n[i]++;
        s->leg_ns[i] += took;
        s->leg_max[i] = took > s->leg_max[i] ? took : s->leg_max[i];
        upkeep_spans(s, i)[kedge_i_span_of(took)]++;
        s->open &= ~(1u << i);
        s->since[i] = 0;
    } else if (!upkeep_is_open(s, i) && upkeep_ways[i].starts >> kind & 1u) {
        s->open |= 1u << i;
        s->since[i] = now_ns;
    }
}

/* A promotion is on trial until it fails or the next one comes. */
static void upkeep_judge(upkeep_state *s, uint32_t kind, uint64_t now_ns)
{
    if (kind == KEDGE_UPKEEP_PROMOTED) {
        s->on_trial = 1;
        s->promoted_ns = now_ns;
    } else if (s->on_trial && (kind == KEDGE_UPKEEP_ROLLED_BACK ||
                               (kind == KEDGE_UPKEEP_INCIDENT && now_ns - s->promoted_ns <= s->blame_ns))) {
        s->n_change_failures++;
        s->on_trial = 0;
        s->promoted_ns = 0;
    }
}

/* Would the event end one leg too many? */
static int upkeep_is_full(const upkeep_state *s, uint32_t kind)
{
    for (uint32_t i = 0; i < UPKEEP_LEGS; i++)
        if (upkeep_is_open(s, i) && upkeep_ways[i].ends >> kind & 1u && s->leg_n[i] == UINT32_MAX)
            return 1;
    return 0;
}

kedge_status kedge_upkeep_event(kedge_metric *m, uint32_t kind, uint64_t time_ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_upkeep));
    upkeep_state *s = m->state;
    if (!kedge_i_u32_within(kind, 1, KEDGE_UPKEEP_TICK) || (kind <= UPKEEP_KINDS && upkeep_count(s, kind) == KEDGE_I_COUNT_MAX) ||
        upkeep_is_full(s, kind))
        return KEDGE_ERR_RANGE;
    if (s->started && (time_ns < s->last_ns || time_ns - s->first_ns > UINT64_MAX - s->merged_ns))
        return KEDGE_ERR_RANGE;
    if (!s->started)
        s->first_ns = time_ns;
    s->started = 1;
    s->last_ns = time_ns;
    if (kind <= UPKEEP_KINDS)
        s->n[kind - 1]++;
    for (uint32_t i = 0; i < UPKEEP_LEGS; i++)
        upkeep_leg_step(s, i, kind, time_ns);
    upkeep_judge(s, kind, time_ns);
    return KEDGE_OK;
}

/* Reading ---------------------------------------------------------------------------------------------------------------------- */

static double upkeep_ratio(uint64_t a, uint64_t b)
{
    double ratio = (double)a / fmax((double)b, 1.0);
    return b > 0 ? ratio : (double)NAN;
}

static kedge_upkeep_leg upkeep_read_leg(const upkeep_state *s, uint32_t i)
{
    kedge_upkeep_leg leg;
    leg.n = s->leg_n[i];
    leg.n_cut = s->cut_n[i];
    leg.n_open = upkeep_is_open(s, i);
    leg.max_ns = s->leg_max[i];
    leg.open_ns = upkeep_open_ns(s, i);
    leg.mean_ns = upkeep_ratio(s->leg_ns[i], leg.n);
    leg.p50_ns = kedge_i_spans_quantile(upkeep_spans_held(s, i), leg.n, leg.max_ns, 0.5);
    leg.p90_ns = kedge_i_spans_quantile(upkeep_spans_held(s, i), leg.n, leg.max_ns, 0.9);
    leg.share = upkeep_ratio(s->leg_ns[i] + s->cut_ns[i] + leg.open_ns, upkeep_seen(s));
    return leg;
}

static void upkeep_read_failures(const upkeep_state *s, kedge_upkeep_report *out)
{
    out->n_change_failures = s->n_change_failures;
    out->change_failure_rate = upkeep_ratio(s->n_change_failures, out->n_promoted);
    out->change_failure_low = out->change_failure_high = (double)NAN;
    if (out->n_promoted == 0)
        return;
    kedge_i_interval rate = kedge_i_share_interval((double)s->n_change_failures, (double)out->n_promoted, s->confidence);
    out->change_failure_low = rate.low;
    out->change_failure_high = rate.high;
}

kedge_status kedge_upkeep_read(const kedge_metric *m, kedge_upkeep_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_upkeep));
    if (!out)
        return KEDGE_ERR_NULL;
    const upkeep_state *s = m->state;
    out->seen_ns = upkeep_seen(s);
    out->n_changes = upkeep_count(s, KEDGE_UPKEEP_CHANGE);
    out->n_detected = upkeep_count(s, KEDGE_UPKEEP_DETECTED);
    out->n_trainings = upkeep_count(s, KEDGE_UPKEEP_TRAINING);
    out->n_failed = upkeep_count(s, KEDGE_UPKEEP_FAILED);
    out->n_trained = upkeep_count(s, KEDGE_UPKEEP_TRAINED);
    out->n_promoted = upkeep_count(s, KEDGE_UPKEEP_PROMOTED);
    out->n_rolled_back = upkeep_count(s, KEDGE_UPKEEP_ROLLED_BACK);
    out->n_incidents = upkeep_count(s, KEDGE_UPKEEP_INCIDENT);
    out->n_restored = upkeep_count(s, KEDGE_UPKEEP_RESTORED);
    out->n_interventions = upkeep_count(s, KEDGE_UPKEEP_INTERVENTION);
    out->promotions_per_day = UPKEEP_DAY_NS * upkeep_ratio(out->n_promoted, out->seen_ns);
    upkeep_read_failures(s, out);
    out->detect = upkeep_read_leg(s, UPKEEP_DETECT);
    out->retrain = upkeep_read_leg(s, UPKEEP_RETRAIN);
    out->promote = upkeep_read_leg(s, UPKEEP_PROMOTE);
    out->lead = upkeep_read_leg(s, UPKEEP_LEAD);
    out->restore = upkeep_read_leg(s, UPKEEP_RESTORE);
    out->train = upkeep_read_leg(s, UPKEEP_TRAIN);
    return out->seen_ns > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

static int upkeep_alike(const void *state, const void *other)
{
    const upkeep_state *a = state;
    const upkeep_state *b = other;
    return a->confidence == b->confidence && a->blame_ns == b->blame_ns;
}

/* Is there room for all that has happened to both? */
static int upkeep_have_room(const upkeep_state *a, const upkeep_state *b)
{
    for (uint32_t kind = 1; kind <= UPKEEP_KINDS; kind++)
        if (upkeep_count(b, kind) > KEDGE_I_COUNT_MAX - upkeep_count(a, kind))
            return 0;
    for (uint32_t i = 0; i < UPKEEP_LEGS; i++)
        if (b->leg_n[i] > UINT32_MAX - a->leg_n[i])
            return 0;
    return upkeep_seen(b) <= UINT64_MAX - upkeep_seen(a);
}

/* What is under way in the other one is cut off: there is one place, and it is timed by this one's clock. */
static kedge_status upkeep_merge(void *state, const void *other)
{
    upkeep_state *a = state;
    const upkeep_state *b = other;
    if (!upkeep_have_room(a, b))
        return KEDGE_ERR_RANGE;
    a->merged_ns += upkeep_seen(b);
    a->n_change_failures += b->n_change_failures;
    for (uint32_t kind = 1; kind <= UPKEEP_KINDS; kind++)
        a->n[kind - 1] += b->n[kind - 1];
    for (uint32_t i = 0; i < UPKEEP_LEGS; i++) {
        a->leg_n[i] += b->leg_n[i];
        a->leg_ns[i] += b->leg_ns[i];
        a->leg_max[i] = b->leg_max[i] > a->leg_max[i] ? b->leg_max[i] : a->leg_max[i];
        for (uint32_t k = 0; k < KEDGE_I_SPANS; k++)
            upkeep_spans(a, i)[k] += upkeep_spans_held(b, i)[k];
        a->cut_n[i] += b->cut_n[i] + upkeep_is_open(b, i);
        a->cut_ns[i] += b->cut_ns[i] + upkeep_open_ns(b, i);
    }
    return KEDGE_OK;
}

const kedge_metric_class kedge_upkeep = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "upkeep",
            .fixed_bytes = sizeof(upkeep_state),
            .config_bytes = sizeof(kedge_upkeep_config),
            .n_fields = sizeof upkeep_fields / sizeof *upkeep_fields,
            .fields = upkeep_fields,
            .defaults = upkeep_defaults,
            .configure = upkeep_configure,
            .valid = upkeep_valid,
            .layout = upkeep_layout,
            .check = upkeep_check,
        },
    .alike = upkeep_alike,
    .merge = upkeep_merge,
};
