/* SPDX-License-Identifier: MIT */
/* A service level objective: its error budget, and alerts on how fast it burns.
 *
 * A ring of slots counts good and bad events by time; the period and the windows of the alerts are each a run of slots that ends
 * with the newest, and the sums of each are kept as slots enter and leave. All counts are integers, so nothing drifts. An alert
 * needs both of its windows (Beyer, Murphy, Rensin, Kawahara, Thorne 2018, "The Site Reliability Workbook", chapter 5,
 * "Multiwindow, multi-burn-rate alerts"): the long one tells that it matters, the short one that it goes on. It cannot be merged:
 * two sources' clocks need not be the same. Cost: O(1), and O(windows) for each slot that passes. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/metrics/slo.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"

enum {
    SLO_MAX_SLOTS = 1 << 24,
    SLO_MAX_ALERTS = 4,
    SLO_MAX_WINDOWS = 1 + 2 * SLO_MAX_ALERTS /* the period; the long and the short one of each alert */
};

#define SLO_MINUTE_NS UINT64_C(60000000000)
#define SLO_HOUR_NS (60 * SLO_MINUTE_NS)
#define SLO_DAY_NS (24 * SLO_HOUR_NS)

typedef struct slo_state {
    kedge_state_head head;
    double objective;
    uint64_t period_ns;
    uint64_t long_ns[SLO_MAX_ALERTS];
    uint64_t short_ns[SLO_MAX_ALERTS];
    double burn[SLO_MAX_ALERTS];
    uint32_t status[SLO_MAX_ALERTS];
    uint32_t n_slots;
    uint32_t n_alerts;
    uint64_t slot_ns;                /* layout */
    uint32_t width[SLO_MAX_WINDOWS]; /* layout: slots of each window, 1 to n_slots */
    uint32_t at_good;                /* layout: uint64_t[n_slots]: a slot is at its number since time 0 modulo n_slots */
    uint32_t at_bad;                 /* layout: uint64_t[n_slots] */
    uint32_t started;                /* 1: a time was told */
    uint64_t last_ns;                /* the last one */
    uint64_t n;                      /* events in all, at most 2^62: so no sum overflows */
    uint64_t good[SLO_MAX_WINDOWS];  /* sums of the windows' slots */
    uint64_t bad[SLO_MAX_WINDOWS];
} slo_state;

#define SLO_ALERT(i)                                                                               \
    KEDGE_PARAM(slo_state, long_ns[i], KEDGE_TYPE_U64), KEDGE_PARAM(slo_state, short_ns[i], KEDGE_TYPE_U64),                       \
        KEDGE_PARAM(slo_state, burn[i], KEDGE_TYPE_F64), KEDGE_PARAM(slo_state, status[i], KEDGE_TYPE_U32)

static const kedge_field slo_fields[] = {
    KEDGE_PARAM(slo_state, objective, KEDGE_TYPE_F64),
    KEDGE_PARAM(slo_state, period_ns, KEDGE_TYPE_U64),
    KEDGE_PARAM(slo_state, n_slots, KEDGE_TYPE_U32),
    KEDGE_PARAM(slo_state, n_alerts, KEDGE_TYPE_U32),
    SLO_ALERT(0),
    SLO_ALERT(1),
    SLO_ALERT(2),
    SLO_ALERT(3),
    KEDGE_VALUE(slo_state, started, KEDGE_TYPE_U32),
    KEDGE_VALUE(slo_state, last_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(slo_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUES(slo_state, good, SLO_MAX_WINDOWS, KEDGE_TYPE_U64),
    KEDGE_VALUES(slo_state, bad, SLO_MAX_WINDOWS, KEDGE_TYPE_U64),
    KEDGE_ARRAY(slo_state, at_good, n_slots, KEDGE_TYPE_U64),
    KEDGE_ARRAY(slo_state, at_bad, n_slots, KEDGE_TYPE_U64),
};

static void slo_defaults(void *config)
{
    static const kedge_slo_alert alerts[] = {
        {SLO_HOUR_NS, 5 * SLO_MINUTE_NS, 14.4, KEDGE_DRIFT, 0},
        {6 * SLO_HOUR_NS, 30 * SLO_MINUTE_NS, 6.0, KEDGE_DRIFT, 0},
        {3 * SLO_DAY_NS, 6 * SLO_HOUR_NS, 1.0, KEDGE_WARNING, 0},
    };
    kedge_slo_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_slo;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->objective = 0.999;
    cfg->period_ns = 30 * SLO_DAY_NS;
    cfg->n_slots = 30 * 24 * 60;
    cfg->n_alerts = sizeof alerts / sizeof *alerts;
    memcpy(cfg->alerts, alerts, sizeof alerts);
}

kedge_status kedge_slo_config_init(kedge_slo_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_slo.base, cfg, cfg_bytes, sizeof *cfg);
}

static void slo_configure(const void *config, void *fixed)
{
    const kedge_slo_config *cfg = config;
    slo_state *s = fixed;
    s->objective = cfg->objective;
    s->period_ns = cfg->period_ns;
    s->n_slots = cfg->n_slots;
    s->n_alerts = cfg->n_alerts;
    for (uint32_t i = 0; i < SLO_MAX_ALERTS && i < cfg->n_alerts; i++) {
        s->long_ns[i] = cfg->alerts[i].long_ns;
        s->short_ns[i] = cfg->alerts[i].short_ns;
        s->burn[i] = cfg->alerts[i].burn;
        s->status[i] = (uint32_t)cfg->alerts[i].status;
    }
}

/* a / b, rounded up; a > 0. */
static inline uint64_t slo_ceil(uint64_t a, uint64_t b)
{
    return (a - 1) / b + 1;
}

static int slo_alert_valid(const slo_state *s, uint32_t i)
{
    if (i >= s->n_alerts)
        return s->long_ns[i] == 0 && s->short_ns[i] == 0 && s->burn[i] == 0.0 && s->status[i] == 0;
    if (s->short_ns[i] < slo_ceil(s->period_ns, s->n_slots) || s->short_ns[i] > s->long_ns[i] || s->long_ns[i] > s->period_ns)
        return 0;
    return kedge_i_within(s->burn[i], 1e-3, 1e15) && (s->status[i] == KEDGE_WARNING || s->status[i] == KEDGE_DRIFT);
}

static int slo_valid(const void *fixed)
{
    const slo_state *s = fixed;
    if (!(s->objective > 0.0 && s->objective < 1.0) || s->period_ns == 0 || s->period_ns > KEDGE_I_COUNT_MAX)
        return 0;
    if (!kedge_i_u32_within(s->n_slots, 1, SLO_MAX_SLOTS) || s->n_alerts > SLO_MAX_ALERTS)
        return 0;
    for (uint32_t i = 0; i < SLO_MAX_ALERTS; i++)
        if (!slo_alert_valid(s, i))
            return 0;
    return 1;
}

static inline uint32_t slo_n_windows(const slo_state *s)
{
    return 1 + 2 * s->n_alerts;
}

static inline uint32_t slo_long(uint32_t alert)
{
    return 1 + 2 * alert;
}

static inline uint32_t slo_short(uint32_t alert)
{
    return 2 + 2 * alert;
}

static size_t slo_layout(void *fixed)
{
    slo_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->slot_ns = slo_ceil(s->period_ns, s->n_slots);
    s->width[0] = (uint32_t)slo_ceil(s->period_ns, s->slot_ns);
    for (uint32_t i = 0; i < s->n_alerts; i++) {
        s->width[slo_long(i)] = (uint32_t)slo_ceil(s->long_ns[i], s->slot_ns);
        s->width[slo_short(i)] = (uint32_t)slo_ceil(s->short_ns[i], s->slot_ns);
    }
    s->at_good = kedge_i_arena_take(&arena, s->n_slots, sizeof(uint64_t));
    s->at_bad = kedge_i_arena_take(&arena, s->n_slots, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

static inline uint32_t slo_place(const slo_state *s, uint64_t time_ns)
{
    return (uint32_t)(time_ns / s->slot_ns % s->n_slots);
}

/* Every window's sums are those of its slots, counted again from the newest to the oldest. */
static int slo_sums_are_sound(const slo_state *s)
{
    const uint64_t *good = kedge_i_at_const(s, s->at_good), *bad = kedge_i_at_const(s, s->at_bad);
    uint64_t n_good = 0, n_bad = 0;
    uint32_t at = slo_place(s, s->last_ns);
    for (uint32_t age = 1; age <= s->n_slots; age++) {
        uint64_t room = s->n - n_good - n_bad;
        if (good[at] > room || bad[at] > room - good[at])
            return 0;
        n_good += good[at];
        n_bad += bad[at];
        for (uint32_t w = 0; w < slo_n_windows(s); w++)
            if (s->width[w] == age && (s->good[w] != n_good || s->bad[w] != n_bad))
                return 0;
        at = at > 0 ? at - 1 : s->n_slots - 1;
    }
    return 1;
}

static int slo_check(const void *state)
{
    const slo_state *s = state;
    if (!slo_valid(s) || s->started > 1 || s->n > KEDGE_I_COUNT_MAX)
        return 0;
    if (!s->started && (s->n != 0 || s->last_ns != 0))
        return 0;
    for (uint32_t w = slo_n_windows(s); w < SLO_MAX_WINDOWS; w++)
        if (s->good[w] != 0 || s->bad[w] != 0)
            return 0;
    return slo_sums_are_sound(s);
}

/* The slot at `at` begins, empty: what each window leaves behind goes out of its sums. The period may leave this very slot. */
static void slo_turn(slo_state *s, uint32_t at)
{
    uint64_t *good = kedge_i_at(s, s->at_good), *bad = kedge_i_at(s, s->at_bad);
    for (uint32_t w = 0; w < slo_n_windows(s); w++) {
        uint32_t left = at >= s->width[w] ? at - s->width[w] : at + s->n_slots - s->width[w];
        s->good[w] -= good[left];
        s->bad[w] -= bad[left];
    }
    good[at] = 0;
    bad[at] = 0;
}

static void slo_clear(slo_state *s)
{
    memset(kedge_i_at(s, s->at_good), 0, s->n_slots * sizeof(uint64_t));
    memset(kedge_i_at(s, s->at_bad), 0, s->n_slots * sizeof(uint64_t));
    memset(s->good, 0, sizeof s->good);
    memset(s->bad, 0, sizeof s->bad);
}

static void slo_advance(slo_state *s, uint64_t time_ns)
{
    uint64_t passed = time_ns / s->slot_ns - s->last_ns / s->slot_ns;
    if (passed >= s->n_slots) {
        slo_clear(s);
        return;
    }
    uint32_t at = slo_place(s, s->last_ns);
    for (; passed > 0; passed--) {
        at = at + 1 < s->n_slots ? at + 1 : 0;
        slo_turn(s, at);
    }
}

/* Does a window burn so fast? The objective is a decimal that was rounded, to half of DBL_EPSILON / 2 next to 1, and so were the
 * product and the rate: what these errors may hide counts as reached, so that 144 of 10,000 are 14.4 times 0.001. */
static int slo_reaches(const slo_state *s, uint32_t w, double burn)
{
    double share = burn * ((1.0 - s->objective) - 0.25 * DBL_EPSILON) * (1.0 - 4.0 * DBL_EPSILON);
    return s->bad[w] > 0 && (double)s->bad[w] >= share * (double)(s->good[w] + s->bad[w]);
}

static uint32_t slo_alerts(const slo_state *s)
{
    uint32_t on = 0;
    for (uint32_t i = 0; i < s->n_alerts; i++)
        if (slo_reaches(s, slo_long(i), s->burn[i]) && slo_reaches(s, slo_short(i), s->burn[i]))
            on |= (uint32_t)1 << i;
    return on;
}

/* DRIFT is the greater number, and the more severe. */
static kedge_status slo_status(const slo_state *s)
{
    uint32_t on = slo_alerts(s), worst = KEDGE_OK;
    for (uint32_t i = 0; i < s->n_alerts; i++)
        if ((on >> i & 1u) && s->status[i] > worst)
            worst = s->status[i];
    return (kedge_status)worst;
}

kedge_status kedge_slo_record_many(kedge_metric *m, uint64_t n_good, uint64_t n_bad, uint64_t time_ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slo));
    slo_state *s = m->state;
    if (s->started && time_ns < s->last_ns)
        return KEDGE_ERR_RANGE;
    if (n_good > KEDGE_I_COUNT_MAX || n_bad > KEDGE_I_COUNT_MAX || n_good + n_bad > KEDGE_I_COUNT_MAX - s->n)
        return KEDGE_ERR_RANGE;
    if (s->started)
        slo_advance(s, time_ns);
    uint64_t *good = kedge_i_at(s, s->at_good), *bad = kedge_i_at(s, s->at_bad);
    uint32_t at = slo_place(s, time_ns);
    s->started = 1;
    s->last_ns = time_ns;
    s->n += n_good + n_bad;
    good[at] += n_good;
    bad[at] += n_bad;
    for (uint32_t w = 0; w < slo_n_windows(s); w++) {
        s->good[w] += n_good;
        s->bad[w] += n_bad;
    }
    return slo_status(s);
}

kedge_status kedge_slo_record(kedge_metric *m, int good, uint64_t time_ns)
{
    return kedge_slo_record_many(m, good ? 1 : 0, good ? 0 : 1, time_ns);
}

/* Burn rate of a window: 1 spends the budget of its time in just this time. */
static double slo_burn(const slo_state *s, uint32_t w)
{
    uint64_t n = s->good[w] + s->bad[w];
    double share = (double)s->bad[w] / fmax((double)n, 1.0);
    return n > 0 ? share / (1.0 - s->objective) : (double)NAN;
}

static double slo_exhausted_ns(const slo_state *s, double left)
{
    uint32_t w = s->n_alerts > 0 ? slo_long(0) : 0;
    if (left <= 0.0)
        return 0.0;
    if (s->bad[w] == 0)
        return (double)INFINITY;
    return left * (double)s->period_ns / slo_burn(s, w);
}

kedge_status kedge_slo_read(const kedge_metric *m, kedge_slo_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slo));
    if (!out)
        return KEDGE_ERR_NULL;
    const slo_state *s = m->state;
    uint64_t n = s->good[0] + s->bad[0];
    out->n_good = s->good[0];
    out->n_bad = s->bad[0];
    out->budget = (1.0 - s->objective) * (double)n;
    out->spent = slo_burn(s, 0);
    out->left = 1.0 - out->spent;
    for (uint32_t i = 0; i < SLO_MAX_ALERTS; i++) {
        out->burn_long[i] = i < s->n_alerts ? slo_burn(s, slo_long(i)) : (double)NAN;
        out->burn_short[i] = i < s->n_alerts ? slo_burn(s, slo_short(i)) : (double)NAN;
    }
    out->exhausted_ns = n > 0 ? slo_exhausted_ns(s, out->left) : (double)NAN;
    out->status = slo_status(s);
    out->alerts = slo_alerts(s);
    return n > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

const kedge_metric_class kedge_slo = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "slo",
            .fixed_bytes = sizeof(slo_state),
            .config_bytes = sizeof(kedge_slo_config),
            .n_fields = sizeof slo_fields / sizeof *slo_fields,
            .fields = slo_fields,
            .defaults = slo_defaults,
            .configure = slo_configure,
            .valid = slo_valid,
            .layout = slo_layout,
            .check = slo_check,
        },
};
