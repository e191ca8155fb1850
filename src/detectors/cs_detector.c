/* SPDX-License-Identifier: MIT */
/* Change detection by confidence sequences: no mean is left that all of them allow.
 *
 * Shekhar, Ramdas 2024, "Reducing sequential change detection to sequential estimation", ICML, section 2: theorem 2.1 gives an
 * average run length of at least 1 / alpha; it holds for every choice of starts. The sequence: base/confidence.h.
 *
 * Cost: O(max_sequences), two logarithms and a root each. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/cs_detector.h"

#include "base/arena.h"
#include "base/confidence.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

enum { CS_DETECTOR_MAX = 4096 };

typedef struct cs_detector_state {
    kedge_state_head head;
    double arl;
    uint32_t max_sequences;
    uint8_t direction;
    uint8_t reserved[3];
    uint32_t words;        /* layout: doubles in the array */
    uint32_t at_sequences; /* layout: from the oldest, which began at the restart, to the newest */
    uint32_t held;         /* of these */
    uint32_t reserved_2;
    detector_record record;
    uint64_t n;         /* since the restart */
    double low;         /* greatest lower bound of all sequences so far */
    double high;        /* least upper bound */
    uint64_t low_from;  /* observations before the start of the sequence that had it */
    uint64_t high_from;
} cs_detector_state;

static const kedge_field cs_detector_fields[] = {
    KEDGE_PARAM(cs_detector_state, arl, KEDGE_TYPE_F64),
    KEDGE_PARAM(cs_detector_state, max_sequences, KEDGE_TYPE_U32),
    KEDGE_PARAM(cs_detector_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(cs_detector_state, held, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(cs_detector_state),
    KEDGE_VALUE(cs_detector_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(cs_detector_state, low, KEDGE_TYPE_F64),
    KEDGE_VALUE(cs_detector_state, high, KEDGE_TYPE_F64),
    KEDGE_VALUE(cs_detector_state, low_from, KEDGE_TYPE_U64),
    KEDGE_VALUE(cs_detector_state, high_from, KEDGE_TYPE_U64),
    KEDGE_ARRAY(cs_detector_state, at_sequences, words, KEDGE_TYPE_F64),
};

static void cs_detector_defaults(void *config)
{
    kedge_cs_detector_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_cs_detector;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->arl = 1e6;
    cfg->max_sequences = 24;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_cs_detector_config_init(kedge_cs_detector_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_cs_detector.base, cfg, cfg_bytes, sizeof *cfg);
}

static void cs_detector_configure(const void *config, void *fixed)
{
    const kedge_cs_detector_config *cfg = config;
    cs_detector_state *s = fixed;
    s->arl = cfg->arl;
    s->max_sequences = cfg->max_sequences;
    s->direction = kedge_i_choice(cfg->direction);
}

static int cs_detector_valid(const void *fixed)
{
    const cs_detector_state *s = fixed;
    return kedge_i_within(s->arl, 2.0, 1e15) && kedge_i_u32_within(s->max_sequences, 8, CS_DETECTOR_MAX) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t cs_detector_layout(void *fixed)
{
    cs_detector_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->words = s->max_sequences * (uint32_t)(sizeof(kedge_i_confidence) / sizeof(double));
    s->at_sequences = kedge_i_arena_take(&arena, s->words, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void cs_detector_restart(cs_detector_state *s)
{
    memset(kedge_i_at(s, s->at_sequences), 0, s->words * sizeof(double));
    s->held = 0;
    s->n = 0;
    s->low = 0.0;
    s->high = 1.0;
    s->low_from = s->high_from = 0;
}

static void cs_detector_start(void *state)
{
    cs_detector_restart(state);
}

static int cs_detector_check(const void *state)
{
    const cs_detector_state *s = state;
    const kedge_i_confidence *q = kedge_i_at_const(s, s->at_sequences);
    double all = (double)(int64_t)s->n;
    if (!(cs_detector_valid(s) && detector_record_is_sound(&s->record) && s->n <= s->record.n_seen && s->held <= s->max_sequences &&
          (s->held > 0) == (s->n > 0) && kedge_i_within(s->low, 0.0, s->high) && kedge_i_within(s->high, s->low, 1.0) &&
          s->low_from <= s->n && s->high_from <= s->n))
        return 0;
    for (uint32_t i = 0; i < s->held; i++) {
        if (!(kedge_i_within(q[i].n, 1.0, i ? q[i - 1].n - 1.0 : all) && kedge_i_confidence_check(&q[i])))
            return 0;
    }
    return s->held == 0 || q[0].n == all;
}

/* Room for one more: of those between the oldest and the newest, the one goes whose neighbours are nearest to each other for its
 * age. */
static void cs_detector_thin(cs_detector_state *s)
{
    kedge_i_confidence *q = kedge_i_at(s, s->at_sequences);
    double least = q[0].n;
    uint32_t goes = 1;
    for (uint32_t i = 1; i < s->held; i++) {
        double behind = i + 1 < s->held ? q[i + 1].n : 0.0;
        double gap = (q[i - 1].n - behind) / q[i].n;
        if (gap < least) {
            least = gap;
            goes = i;
        }
    }
    memmove(&q[goes], &q[goes + 1], (s->held - goes - 1) * sizeof *q);
    s->held--;
}

/* The sequence, but the oldest, that began nearest to the later one of the two whose bounds contradict each other. */
static const kedge_i_confidence *cs_detector_newer(const cs_detector_state *s)
{
    const kedge_i_confidence *q = kedge_i_at_const(s, s->at_sequences);
    uint64_t from = s->low_from > s->high_from ? s->low_from : s->high_from;
    double n = (double)(int64_t)(s->n - from);
    uint32_t best = s->held > 1 ? 1 : 0;
    for (uint32_t i = 2; i < s->held; i++)
        if (fabs(q[i].n - n) < fabs(q[best].n - n))
            best = i;
    return &q[best];
}

static kedge_status cs_detector_end(cs_detector_state *s)
{
    const kedge_i_confidence *oldest = kedge_i_at_const(s, s->at_sequences);
    const kedge_i_confidence *newer = cs_detector_newer(s);
    double n_before = oldest->n - newer->n;
    double before = n_before > 0.0 ? (oldest->total - newer->total) / n_before : (double)NAN;
    double after = newer->total / newer->n;
    int is_told = s->direction == KEDGE_DIRECTION_BOTH || (after > before) == (s->direction == KEDGE_DIRECTION_UP);
    if (is_told)
        detector_record_raise(&s->record, (uint64_t)newer->n, before, after, s->low - s->high, 0.0, log(s->arl));
    cs_detector_restart(s);
    return is_told ? KEDGE_DRIFT : KEDGE_OK;
}

static inline kedge_status cs_detector_step(cs_detector_state *s, double x)
{
    kedge_i_confidence *q = kedge_i_at(s, s->at_sequences);
    double log_term = log(2.0 * s->arl);
    if (s->held == s->max_sequences)
        cs_detector_thin(s);
    memset(&q[s->held++], 0, sizeof *q);
    s->record.n_seen++;
    s->n++;
    for (uint32_t i = 0; i < s->held; i++) {
        kedge_i_confidence_learn(&q[i], x, log_term);
        double centre = q[i].weighted / q[i].bets;
        double width = kedge_i_confidence_width(&q[i], log_term);
        if (centre - width > s->low) {
            s->low = centre - width;
            s->low_from = s->n - (uint64_t)q[i].n;
        }
        if (centre + width < s->high) {
            s->high = centre + width;
            s->high_from = s->n - (uint64_t)q[i].n;
        }
    }
    return s->low > s->high ? cs_detector_end(s) : KEDGE_OK;
}

DETECTOR_RUN_IN_PLACE(cs_detector)

static kedge_status cs_detector_estimate(const void *state, kedge_estimate *out)
{
    const cs_detector_state *s = state;
    const kedge_i_confidence *oldest = kedge_i_at_const(s, s->at_sequences);
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    out->threshold = 0.0;
    if (s->n == 0)
        return st;
    out->mean = oldest->total / oldest->n;
    out->variance = oldest->scatter / oldest->n;
    out->statistic = s->low - s->high;
    return st;
}

static kedge_status cs_detector_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const cs_detector_state *)state)->record, out);
}

/* The theorem's ARL is the knob itself. */
static double cs_detector_knob_of_arl(const void *config, double arl, double sd)
{
    (void)config;
    (void)sd;
    return arl;
}

const kedge_detector_class kedge_cs_detector = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "cs_detector",
            .fixed_bytes = sizeof(cs_detector_state),
            .config_bytes = sizeof(kedge_cs_detector_config),
            .n_fields = sizeof cs_detector_fields / sizeof *cs_detector_fields,
            .fields = cs_detector_fields,
            .defaults = cs_detector_defaults,
            .configure = cs_detector_configure,
            .valid = cs_detector_valid,
            .layout = cs_detector_layout,
            .start = cs_detector_start,
            .check = cs_detector_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = cs_detector_run,
    .update = cs_detector_update,
    .estimate = cs_detector_estimate,
    .alarm = cs_detector_alarm,
    .knob = {offsetof(kedge_cs_detector_config, arl), 0, 2.0, 1e15},
    .knob_of_arl = cs_detector_knob_of_arl,
};
