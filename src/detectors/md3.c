/* SPDX-License-Identifier: MIT */
/* MD3: drift without labels, from the share of rows in the classifier's margin; labels only to confirm.
 *
 * Sethi, Kantardzic 2017, "On the reliable detection of concept drift from streaming unlabeled data", Expert Systems with
 * Applications 82, sections 3.2 and 3.3, algorithm 1. The paper takes the reference from cross-validation on the training rows; a
 * detector sees a stream, so here consecutive chunks of its quiet beginning stand for the folds. A deviation is never taken for
 * less than what a fading (or plain) mean of 0 and 1 has by itself, so that a reference without spread does not make every row
 * suspicious.
 *
 * Cost: O(1). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/md3.h"

#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

enum { MD3_MAX = 1 << 30 };
enum { MD3_LEARNING = 0, MD3_WATCHING = 1, MD3_SUSPECTING = 2 };

/* A share of 0 and 1, and how it varies from chunk to chunk. */
typedef struct md3_tally {
    uint64_t n;
    uint64_t n_ones;
    uint64_t chunk_n;
    uint64_t chunk_ones;
    double chunk_mean; /* of the finished chunks' shares */
    double chunk_m2;   /* sum of their squared deviations */
    uint64_t n_chunks;
} md3_tally;

typedef struct md3_state {
    kedge_state_head head;
    double theta;
    double fading;
    uint32_t reference;
    uint32_t n_labels;
    uint32_t n_chunks;
    uint8_t phase;
    uint8_t direction;
    uint8_t reserved[2];
    detector_record record;
    md3_tally rows;    /* the reference's rows, 1: in the margin */
    md3_tally labels;  /* the reference's labels, 1: wrong */
    double density;    /* fading share of rows in the margin */
    double expected;   /* its reference */
    uint64_t since;    /* observations since the restart */
    uint64_t suspected; /* of these, before the suspicion */
    uint32_t n_asked;  /* labels since then */
    uint32_t n_wrong;  /* of these, wrong */
} md3_state;

#define MD3_TALLY_FIELDS(member)                                                                   \
    KEDGE_VALUE(md3_state, member.n, KEDGE_TYPE_U64), KEDGE_VALUE(md3_state, member.n_ones, KEDGE_TYPE_U64),         \
        KEDGE_VALUE(md3_state, member.chunk_n, KEDGE_TYPE_U64), KEDGE_VALUE(md3_state, member.chunk_ones, KEDGE_TYPE_U64), \
        KEDGE_VALUE(md3_state, member.chunk_mean, KEDGE_TYPE_F64), KEDGE_VALUE(md3_state, member.chunk_m2, KEDGE_TYPE_F64), \
        KEDGE_VALUE(md3_state, member.n_chunks, KEDGE_TYPE_U64)

static const kedge_field md3_fields[] = {
    KEDGE_PARAM(md3_state, theta, KEDGE_TYPE_F64),
    KEDGE_PARAM(md3_state, fading, KEDGE_TYPE_F64),
    KEDGE_PARAM(md3_state, reference, KEDGE_TYPE_U32),
    KEDGE_PARAM(md3_state, n_labels, KEDGE_TYPE_U32),
    KEDGE_PARAM(md3_state, n_chunks, KEDGE_TYPE_U32),
    KEDGE_PARAM(md3_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(md3_state, phase, KEDGE_TYPE_U8),
    DETECTOR_RECORD_FIELDS(md3_state),
    MD3_TALLY_FIELDS(rows),
    MD3_TALLY_FIELDS(labels),
    KEDGE_VALUE(md3_state, density, KEDGE_TYPE_F64),
    KEDGE_VALUE(md3_state, expected, KEDGE_TYPE_F64),
    KEDGE_VALUE(md3_state, since, KEDGE_TYPE_U64),
    KEDGE_VALUE(md3_state, suspected, KEDGE_TYPE_U64),
    KEDGE_VALUE(md3_state, n_asked, KEDGE_TYPE_U32),
    KEDGE_VALUE(md3_state, n_wrong, KEDGE_TYPE_U32),
};

static void md3_defaults(void *config)
{
    kedge_md3_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_md3;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->theta = 2.0;
    cfg->fading = 0.9933;
    cfg->reference = 1000;
    cfg->n_labels = 100;
    cfg->n_chunks = 5;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_md3_config_init(kedge_md3_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_md3.base, cfg, cfg_bytes, sizeof *cfg);
}

static void md3_configure(const void *config, void *fixed)
{
    const kedge_md3_config *cfg = config;
    md3_state *s = fixed;
    s->theta = cfg->theta;
    s->fading = cfg->fading;
    s->reference = cfg->reference;
    s->n_labels = cfg->n_labels;
    s->n_chunks = cfg->n_chunks;
    s->direction = kedge_i_choice(cfg->direction);
}

static int md3_valid(const void *fixed)
{
    const md3_state *s = fixed;
    return s->theta > 0.0 && s->theta <= 100.0 && s->fading > 0.0 && s->fading < 1.0 &&
           kedge_i_u32_within(s->reference, 100, MD3_MAX) && kedge_i_u32_within(s->n_labels, 10, MD3_MAX) &&
           kedge_i_u32_within(s->n_chunks, 2, 50) && kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t md3_layout(void *fixed)
{
    (void)fixed;
    return sizeof(md3_state);
}

static void md3_restart(md3_state *s)
{
    static const md3_tally empty = {0, 0, 0, 0, 0.0, 0.0, 0};
    s->phase = MD3_LEARNING;
    s->rows = s->labels = empty;
    s->density = s->expected = 0.0;
    s->since = s->suspected = 0;
    s->n_asked = s->n_wrong = 0;
}

static void md3_start(void *state)
{
    md3_restart(state);
}

static int md3_tally_is_sound(const md3_state *s, const md3_tally *t)
{
    return t->n <= s->reference && t->n_ones <= t->n && t->chunk_n <= t->n && t->chunk_ones <= t->chunk_n &&
           t->n_chunks <= s->n_chunks && kedge_i_within(t->chunk_mean, 0.0, 1.0) &&
           kedge_i_within(t->chunk_m2, 0.0, (double)s->n_chunks);
}

static int md3_check(const void *state)
{
    const md3_state *s = state;
    int is_learned = s->rows.n == s->reference && s->labels.n == s->reference;
    return md3_valid(s) && detector_record_is_sound(&s->record) && s->phase <= MD3_SUSPECTING && md3_tally_is_sound(s, &s->rows) &&
           md3_tally_is_sound(s, &s->labels) && (s->phase == MD3_LEARNING) == !is_learned && kedge_i_within(s->density, 0.0, 1.0) &&
           kedge_i_within(s->expected, 0.0, 1.0) && s->since <= s->record.n_seen && s->suspected <= s->since &&
           s->n_asked < s->n_labels && s->n_wrong <= s->n_asked;
}

/* Chunks are equal in length; a rest shorter than one is left out of the deviation. */
static void md3_tally_add(const md3_state *s, md3_tally *t, int one)
{
    t->n++;
    t->n_ones += (uint64_t)one;
    t->chunk_n++;
    t->chunk_ones += (uint64_t)one;
    if (t->chunk_n < s->reference / s->n_chunks || t->n_chunks == s->n_chunks)
        return;
    double share = (double)t->chunk_ones / (double)t->chunk_n;
    t->n_chunks++;
    double off = share - t->chunk_mean;
    t->chunk_mean += off / (double)t->n_chunks;
    t->chunk_m2 += off * (share - t->chunk_mean);
    t->chunk_n = t->chunk_ones = 0;
}

/* Deviation of a share: between chunks, but not less than that of a mean over `n` independent draws. */
static double md3_deviation(const md3_tally *t, double n)
{
    double share = ((double)t->n_ones + 1.0) / ((double)t->n + 2.0); /* Laplace: never 0 */
    double least = sqrt(share * (1.0 - share) / n);
    double between = t->n_chunks > 1 ? sqrt(t->chunk_m2 / (double)(t->n_chunks - 1)) : 0.0;
    return between > least ? between : least;
}

/* Section 3.2: |MD_t - MD_ref| in reference deviations; one-sided, what lies in the direction. A fading mean is one over
 * (1 + f) / (1 - f) draws. */
static double md3_statistic(const md3_state *s)
{
    double n = (1.0 + s->fading) / (1.0 - s->fading);
    double off = s->density - s->expected;
    int is_seen = s->direction == KEDGE_DIRECTION_BOTH || (off > 0.0) == (s->direction == KEDGE_DIRECTION_UP);
    return is_seen ? fabs(off) / md3_deviation(&s->rows, n) : 0.0;
}

static double md3_share(const md3_tally *t)
{
    return t->n ? (double)t->n_ones / (double)t->n : 0.0;
}

static kedge_status md3_learn(md3_state *s, int is_label, int one)
{
    md3_tally *t = is_label ? &s->labels : &s->rows;
    if (t->n < s->reference)
        md3_tally_add(s, t, one);
    if (s->rows.n == s->reference && s->labels.n == s->reference) {
        s->phase = MD3_WATCHING;
        s->density = s->expected = md3_share(&s->rows);
    }
    return KEDGE_OK;
}

static kedge_status md3_watch(md3_state *s, int is_label, int one)
{
    if (is_label)
        return KEDGE_OK;
    s->density = s->fading * s->density + (1.0 - s->fading) * (double)one;
    if (!(md3_statistic(s) > s->theta))
        return KEDGE_OK;
    s->phase = MD3_SUSPECTING;
    s->suspected = s->since - 1;
    s->n_asked = s->n_wrong = 0;
    s->record.n_warnings++;
    return KEDGE_WARNING;
}

/* Section 3.3: the labels decide. A refuted suspicion leaves the density of now as the new reference. */
static kedge_status md3_ask(md3_state *s, int is_label, int one)
{
    if (!is_label)
        return KEDGE_WARNING;
    uint32_t n_asked = s->n_asked + 1;
    uint32_t n_wrong = s->n_wrong + (uint32_t)one;
    if (n_asked < s->n_labels) {
        s->n_asked = n_asked;
        s->n_wrong = n_wrong;
        return KEDGE_WARNING;
    }
    double worse = (double)n_wrong / (double)n_asked - md3_share(&s->labels);
    if (worse > s->theta * md3_deviation(&s->labels, (double)n_asked))
        return KEDGE_DRIFT;
    s->phase = MD3_WATCHING;
    s->expected = s->density;
    s->n_asked = s->n_wrong = 0;
    return KEDGE_OK;
}

static inline kedge_status md3_step(md3_state *s, double x)
{
    int is_label = x >= 1.5;
    int one = is_label ? x >= 2.5 : x >= 0.5;
    s->record.n_seen++;
    s->since++;
    if (s->phase == MD3_LEARNING)
        return md3_learn(s, is_label, one);
    return s->phase == MD3_WATCHING ? md3_watch(s, is_label, one) : md3_ask(s, is_label, one);
}

static void md3_raise(md3_state *s)
{
    detector_record_raise(&s->record, s->since - s->suspected, s->expected, s->density, md3_statistic(s), s->theta, (double)NAN);
    md3_restart(s);
}

DETECTOR_RUN(md3)

static kedge_status md3_estimate(const void *state, kedge_estimate *out)
{
    const md3_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->since, out);
    if (s->since == 0)
        return st;
    double density = s->phase == MD3_LEARNING ? md3_share(&s->rows) : s->density;
    out->mean = density;
    out->variance = density * (1.0 - density);
    out->statistic = s->phase == MD3_LEARNING ? 0.0 : md3_statistic(s);
    out->threshold = s->theta;
    return st;
}

static kedge_status md3_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const md3_state *)state)->record, out);
}

const kedge_detector_class kedge_md3 = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "md3",
            .fixed_bytes = sizeof(md3_state),
            .config_bytes = sizeof(kedge_md3_config),
            .n_fields = sizeof md3_fields / sizeof *md3_fields,
            .fields = md3_fields,
            .defaults = md3_defaults,
            .configure = md3_configure,
            .valid = md3_valid,
            .layout = md3_layout,
            .start = md3_start,
            .check = md3_check,
        },
    .input_low = 0.0,
    .input_high = 3.0,
    .run = md3_run,
    .update = md3_update,
    .estimate = md3_estimate,
    .alarm = md3_alarm,
    .knob = {offsetof(kedge_md3_config, theta), 0, 0.01, 100.0},
};
