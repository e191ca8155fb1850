/* SPDX-License-Identifier: MIT */
/* Shewhart chart for single observations.
 *
 * Shewhart 1931, "Economic Control of Quality of Manufactured Product", part VI; Western Electric 1956, "Statistical Quality
 * Control Handbook", part I section B (zones A, B and C are thirds of the limit, on either side).
 *
 * Cost: O(1). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/shewhart.h"

#include "base/interval.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/reference.h"
#include "detectors/run.h"

enum { SHEWHART_MEMORY = 8 }; /* observations that a run rule looks back at */

typedef struct shewhart_state {
    kedge_state_head head;
    double limit;
    double target;
    double sd;
    uint32_t n_learn;
    uint8_t reference;
    uint8_t direction;
    uint8_t runs;
    uint8_t reserved;
    detector_record record;
    detector_reference quiet;
    uint64_t n;      /* observations of the chart, behind the learning */
    double distance; /* of the newest one from the level */
    uint8_t sides[6]; /* bits of the newest SHEWHART_MEMORY, newest lowest: above the level, its first third, its second; below
                       * likewise */
    uint8_t reserved_2[2];
} shewhart_state;

static const kedge_field shewhart_fields[] = {
    KEDGE_PARAM(shewhart_state, limit, KEDGE_TYPE_F64),
    KEDGE_PARAM(shewhart_state, target, KEDGE_TYPE_F64),
    KEDGE_PARAM(shewhart_state, sd, KEDGE_TYPE_F64),
    KEDGE_PARAM(shewhart_state, n_learn, KEDGE_TYPE_U32),
    KEDGE_PARAM(shewhart_state, reference, KEDGE_TYPE_U8),
    KEDGE_PARAM(shewhart_state, direction, KEDGE_TYPE_U8),
    KEDGE_PARAM(shewhart_state, runs, KEDGE_TYPE_U8),
    DETECTOR_RECORD_FIELDS(shewhart_state),
    DETECTOR_REFERENCE_FIELDS(shewhart_state, quiet),
    KEDGE_VALUE(shewhart_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(shewhart_state, distance, KEDGE_TYPE_F64),
    KEDGE_VALUES(shewhart_state, sides, 6, KEDGE_TYPE_U8),
};

static void shewhart_defaults(void *config)
{
    kedge_shewhart_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_shewhart;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->limit = 5.0;
    cfg->sd = 1.0;
    cfg->reference = KEDGE_REFERENCE_LEARNED;
    cfg->n_learn = 1000;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_shewhart_config_init(kedge_shewhart_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_shewhart.base, cfg, cfg_bytes, sizeof *cfg);
}

static void shewhart_configure(const void *config, void *fixed)
{
    const kedge_shewhart_config *cfg = config;
    shewhart_state *s = fixed;
    s->limit = cfg->limit;
    s->target = cfg->target;
    s->sd = cfg->sd;
    s->n_learn = cfg->n_learn;
    s->reference = kedge_i_choice(cfg->reference);
    s->direction = kedge_i_choice(cfg->direction);
    s->runs = cfg->runs <= 1 ? (uint8_t)cfg->runs : UINT8_MAX;
}

static int shewhart_valid(const void *fixed)
{
    const shewhart_state *s = fixed;
    return s->limit > 0.0 && s->limit <= 1000.0 && detector_reference_is_valid(s->reference, s->target, s->sd, s->n_learn) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN) && s->runs <= 1;
}

static size_t shewhart_layout(void *fixed)
{
    (void)fixed;
    return sizeof(shewhart_state);
}

static void shewhart_restart(shewhart_state *s)
{
    detector_reference_start(&s->quiet, s->reference, s->target, s->sd);
    s->n = 0;
    s->distance = 0.0;
    memset(s->sides, 0, sizeof s->sides);
}

static void shewhart_start(void *state)
{
    shewhart_restart(state);
}

static int shewhart_check(const void *state)
{
    const shewhart_state *s = state;
    return shewhart_valid(s) && detector_record_is_sound(&s->record) && s->n + s->quiet.n <= s->record.n_seen &&
           detector_reference_is_sound(&s->quiet, s->n_learn) &&
           kedge_i_within(s->distance, -DETECTOR_REFERENCE_MAX, DETECTOR_REFERENCE_MAX);
}

/* Is `distance` beyond a share of the limit? */
static inline int shewhart_is_beyond(const shewhart_state *s, double distance, double share)
{
    double limit = share * s->limit;
    return distance > 0.0 && distance * distance > limit * limit * s->quiet.variance;
}

static uint32_t shewhart_ones(uint32_t bits)
{
    uint32_t n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

/* How many of the newest ones tell of a run on one side: 0, 3, 5 or 8. */
static uint32_t shewhart_rule(const uint8_t sides[3])
{
    if ((sides[2] & 1) && shewhart_ones(sides[2] & 7u) >= 2)
        return 3;
    if ((sides[1] & 1) && shewhart_ones(sides[1] & 31u) >= 4)
        return 5;
    return sides[0] == 255 ? SHEWHART_MEMORY : 0;
}

static void shewhart_remember(const shewhart_state *s, uint8_t sides[3], double distance)
{
    for (int zone = 0; zone < 3; zone++)
        sides[zone] = (uint8_t)(sides[zone] << 1 | (zone ? shewhart_is_beyond(s, distance, zone / 3.0) : distance > 0.0));
}

/* Of how many observations an alarm consists; 0: none. */
static uint32_t shewhart_alarms(const shewhart_state *s)
{
    int up = s->direction != KEDGE_DIRECTION_DOWN;
    int down = s->direction != KEDGE_DIRECTION_UP;
    if ((up && shewhart_is_beyond(s, s->distance, 1.0)) || (down && shewhart_is_beyond(s, -s->distance, 1.0)))
        return 1;
    uint32_t run = s->runs && up ? shewhart_rule(s->sides) : 0;
    return run || !s->runs || !down ? run : shewhart_rule(s->sides + 3);
}

static inline kedge_status shewhart_step(shewhart_state *s, double x)
{
    s->record.n_seen++;
    if (s->reference == KEDGE_REFERENCE_LEARNED && s->quiet.n < s->n_learn) {
        detector_reference_learn(&s->quiet, x);
        return KEDGE_OK;
    }
    s->n++;
    s->distance = x - s->quiet.mean;
    if (s->runs) {
        shewhart_remember(s, s->sides, s->distance);
        shewhart_remember(s, s->sides + 3, -s->distance);
    }
    return shewhart_alarms(s) ? KEDGE_DRIFT : KEDGE_OK;
}

static double shewhart_statistic(const shewhart_state *s)
{
    return s->quiet.variance > 0.0 ? fabs(s->distance) / sqrt(s->quiet.variance) : 0.0;
}

/* A chart of single observations knows the new level from one, or has seen a run begin. */
static void shewhart_raise(shewhart_state *s)
{
    uint32_t n_after = shewhart_alarms(s);
    detector_record_raise(&s->record, n_after, s->quiet.mean, n_after == 1 ? s->quiet.mean + s->distance : (double)NAN,
                          shewhart_statistic(s), s->limit, (double)NAN);
    shewhart_restart(s);
}

DETECTOR_RUN(shewhart)

static kedge_status shewhart_estimate(const void *state, kedge_estimate *out)
{
    const shewhart_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n + s->quiet.n, out);
    out->threshold = s->limit;
    if (s->n + s->quiet.n == 0)
        return st;
    out->mean = s->quiet.mean;
    out->variance = s->quiet.variance;
    out->statistic = shewhart_statistic(s);
    return st;
}

static kedge_status shewhart_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const shewhart_state *)state)->record, out);
}

/* Of normal observations whose level and spread are those configured: one in arl lies outside. */
static double shewhart_knob_of_arl(const void *config, double arl, double sd)
{
    const kedge_shewhart_config *cfg = config;
    (void)sd;
    if (cfg->reference != KEDGE_REFERENCE_FIXED || cfg->runs)
        return (double)NAN;
    return -kedge_i_normal_quantile((cfg->direction == KEDGE_DIRECTION_BOTH ? 0.5 : 1.0) / arl);
}

const kedge_detector_class kedge_shewhart = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "shewhart",
            .fixed_bytes = sizeof(shewhart_state),
            .config_bytes = sizeof(kedge_shewhart_config),
            .n_fields = sizeof shewhart_fields / sizeof *shewhart_fields,
            .fields = shewhart_fields,
            .defaults = shewhart_defaults,
            .configure = shewhart_configure,
            .valid = shewhart_valid,
            .layout = shewhart_layout,
            .start = shewhart_start,
            .check = shewhart_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = shewhart_run,
    .update = shewhart_update,
    .estimate = shewhart_estimate,
    .alarm = shewhart_alarm,
    .knob = {offsetof(kedge_shewhart_config, limit), 0, 0.01, 1000.0},
    .knob_of_arl = shewhart_knob_of_arl,
};
