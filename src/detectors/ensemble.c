/* SPDX-License-Identifier: MIT */
/* Ensemble: k of m detectors on one stream. A vote counts for a while, since detectors differ in delay: Maciel, Santos, Barros
 * 2015, "A lightweight concept drift detection ensemble" (DDE), ICTAI, sections III and IV, where members wait for each other in
 * this way.
 *
 * The members stay the caller's, so that the state holds no pointer and each member is saved by itself. Cost: O(members). */
#include "base/fp.h"

#include <string.h>

#include "kedge/detectors/ensemble.h"

#include "base/check.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

typedef struct ensemble_state {
    kedge_state_head head;
    uint64_t window;
    uint32_t n_members;
    uint32_t votes;
    detector_record record;
    uint64_t since;   /* observations since the restart */
    uint8_t in_warning;
    uint8_t reserved[7];
    uint64_t voted[KEDGE_ENSEMBLE_MAX]; /* by member: `since` at its last vote, 0: none */
} ensemble_state;

static const kedge_field ensemble_fields[] = {
    KEDGE_PARAM(ensemble_state, window, KEDGE_TYPE_U64),
    KEDGE_PARAM(ensemble_state, n_members, KEDGE_TYPE_U32),
    KEDGE_PARAM(ensemble_state, votes, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(ensemble_state),
    KEDGE_VALUE(ensemble_state, since, KEDGE_TYPE_U64),
    KEDGE_VALUE(ensemble_state, in_warning, KEDGE_TYPE_U8),
    KEDGE_VALUES(ensemble_state, voted, KEDGE_ENSEMBLE_MAX, KEDGE_TYPE_U64),
};

static void ensemble_defaults(void *config)
{
    kedge_ensemble_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_ensemble;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->window = 100;
}

kedge_status kedge_ensemble_config_init(kedge_ensemble_config *cfg, size_t cfg_bytes, uint32_t n_members, uint32_t votes)
{
    kedge_status st = kedge_class_defaults(&kedge_ensemble.base, cfg, cfg_bytes, sizeof *cfg);
    if (st < 0)
        return st;
    cfg->n_members = n_members;
    cfg->votes = votes;
    return KEDGE_OK;
}

static void ensemble_configure(const void *config, void *fixed)
{
    const kedge_ensemble_config *cfg = config;
    ensemble_state *s = fixed;
    s->window = cfg->window;
    s->n_members = cfg->n_members;
    s->votes = cfg->votes;
}

static int ensemble_valid(const void *fixed)
{
    const ensemble_state *s = fixed;
    return s->window >= 1 && s->window <= KEDGE_I_COUNT_MAX && kedge_i_u32_within(s->n_members, 1, KEDGE_ENSEMBLE_MAX) &&
           kedge_i_u32_within(s->votes, 1, s->n_members);
}

static size_t ensemble_layout(void *fixed)
{
    (void)fixed;
    return sizeof(ensemble_state);
}

static void ensemble_restart(ensemble_state *s)
{
    s->since = 0;
    s->in_warning = 0;
    memset(s->voted, 0, sizeof s->voted);
}

static int ensemble_check(const void *state)
{
    const ensemble_state *s = state;
    if (!ensemble_valid(s) || !detector_record_is_sound(&s->record) || s->since > s->record.n_seen || s->in_warning > 1)
        return 0;
    for (uint32_t i = 0; i < KEDGE_ENSEMBLE_MAX; i++)
        if (s->voted[i] > s->since || (i >= s->n_members && s->voted[i] > 0))
            return 0;
    return 1;
}

/* Votes that still count, and the earliest of them. */
static uint32_t ensemble_count(const ensemble_state *s, uint64_t *earliest)
{
    uint32_t n = 0;
    *earliest = s->since;
    for (uint32_t i = 0; i < s->n_members; i++)
        if (s->voted[i] > 0 && s->since - s->voted[i] < s->window) {
            n++;
            *earliest = s->voted[i] < *earliest ? s->voted[i] : *earliest;
        }
    return n;
}

static inline kedge_status ensemble_step(ensemble_state *s, double x)
{
    uint32_t bits = (uint32_t)x;
    uint32_t warnings = bits >> KEDGE_ENSEMBLE_MAX & ((1u << s->n_members) - 1u);
    uint64_t earliest;
    s->record.n_seen++;
    s->since++;
    for (uint32_t i = 0; i < s->n_members; i++)
        if (bits >> i & 1)
            s->voted[i] = s->since;
    uint32_t n = ensemble_count(s, &earliest);
    if (n >= s->votes)
        return KEDGE_DRIFT;
    int warns = n > 0 || warnings != 0;
    s->record.n_warnings += (uint64_t)(warns && !s->in_warning);
    s->in_warning = (uint8_t)warns;
    return warns ? KEDGE_WARNING : KEDGE_OK;
}

static void ensemble_raise(ensemble_state *s)
{
    uint64_t earliest;
    uint32_t n = ensemble_count(s, &earliest);
    detector_record_raise(&s->record, s->since - earliest + 1, (double)NAN, (double)NAN, (double)n, (double)s->votes - 0.5,
                          (double)NAN);
    ensemble_restart(s);
}

DETECTOR_RUN(ensemble)

static kedge_status ensemble_estimate(const void *state, kedge_estimate *out)
{
    const ensemble_state *s = state;
    uint64_t earliest;
    kedge_status st = detector_record_estimate(&s->record, s->since, out);
    if (s->since == 0)
        return st;
    out->statistic = (double)ensemble_count(s, &earliest);
    out->threshold = (double)s->votes - 0.5;
    out->mean = out->statistic / (double)s->n_members; /* share of the members that see drift */
    out->variance = out->mean * (1.0 - out->mean);
    return st;
}

static kedge_status ensemble_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const ensemble_state *)state)->record, out);
}

kedge_status kedge_ensemble_update(kedge_detector *votes, kedge_detector *members, uint32_t n_members, double x)
{
    kedge_status statuses[KEDGE_ENSEMBLE_MAX];
    if (!votes || !votes->cls || !votes->state || !members)
        return KEDGE_ERR_NULL;
    if (votes->cls != &kedge_ensemble)
        return KEDGE_ERR_CLASS;
    if (n_members != ((const ensemble_state *)votes->state)->n_members)
        return KEDGE_ERR_SHAPE;
    for (uint32_t i = 0; i < n_members; i++) {
        if (!members[i].cls || !members[i].state)
            return KEDGE_ERR_NULL;
        if (!kedge_i_within(x, members[i].cls->input_low, members[i].cls->input_high))
            return kedge_i_refusal(x);
    }
    for (uint32_t i = 0; i < n_members; i++) {
        statuses[i] = kedge_detector_update(&members[i], x);
        if (statuses[i] < 0)
            return statuses[i];
    }
    return kedge_detector_update(votes, kedge_ensemble_vote(statuses, n_members));
}

const kedge_detector_class kedge_ensemble = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "ensemble",
            .fixed_bytes = sizeof(ensemble_state),
            .config_bytes = sizeof(kedge_ensemble_config),
            .n_fields = sizeof ensemble_fields / sizeof *ensemble_fields,
            .fields = ensemble_fields,
            .defaults = ensemble_defaults,
            .configure = ensemble_configure,
            .valid = ensemble_valid,
            .layout = ensemble_layout,
            .check = ensemble_check,
        },
    .input_low = 0.0,
    .input_high = 4294967295.0,
    .run = ensemble_run,
    .update = ensemble_update,
    .estimate = ensemble_estimate,
    .alarm = ensemble_alarm,
};
