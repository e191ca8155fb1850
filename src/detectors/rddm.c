/* SPDX-License-Identifier: MIT */
/* RDDM: DDM with three remedies against a sensitivity that fades with the length of a concept.
 *
 * Barros, Cabral, Goncalves, Santos 2017, "RDDM: Reactive drift detection method", Expert Systems with Applications 90, section
 * 3 and algorithm 1: DDM's tests; a concept of 40,000 observations is cut to its newest 7,000; a warning zone of 1,400 is
 * drift; after drift the error rate is rebuilt from the observations since the first warning. Order and strictness of the tests
 * are MOA's (RDDM); where it restarts at the next input, here the alarming one does, which is the same.
 *
 * What MOA keeps of the least level is a configuration. A least level from 40,000 observations has a deviation that the 7,000
 * after a cut cannot meet, and one from the replayed rise of the error rate is exceeded by the very next observation.
 *
 * Counts are integers, so no observation waits for the one before: a division and a square root, side by side; in a batch quiet
 * observations take no root. Cost: O(1) amortised. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/rddm.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/glide.h"
#include "detectors/record.h"

enum { RDDM_MAX = 1 << 30, RDDM_MAX_STABLE = 1 << 26 };

typedef struct rddm_state {
    kedge_state_head head;
    double warning_threshold;
    double drift_threshold;
    uint32_t warm_start;
    uint32_t max_concept;
    uint32_t min_stable;
    uint32_t warn_limit;
    uint8_t keep_minimum;
    uint8_t smooth;
    uint8_t in_warning; /* 1: the last observation was in the warning zone */
    uint8_t reserved;
    uint32_t next;    /* where the ring takes the next bit */
    uint32_t at_ring; /* offset of n_words words: the newest min_stable errors, one bit each; bits beyond them are 0 */
    uint32_t n_words;
    detector_record record;
    uint64_t n;              /* observations that the rate is taken from, the newest ones, at most n_seen */
    uint64_t n_errors;       /* of these */
    double least;            /* least p + s so far, DBL_MAX before the first */
    double p_min;            /* p where it stood there */
    double s_min;            /* s there, or the smoothed one */
    uint64_t warning_n;      /* in the zone: how many of the n came before it */
    uint64_t warning_errors; /* errors among these */
} rddm_state;

static const kedge_field rddm_fields[] = {
    KEDGE_PARAM(rddm_state, warning_threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(rddm_state, drift_threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(rddm_state, warm_start, KEDGE_TYPE_U32),
    KEDGE_PARAM(rddm_state, max_concept, KEDGE_TYPE_U32),
    KEDGE_PARAM(rddm_state, min_stable, KEDGE_TYPE_U32),
    KEDGE_PARAM(rddm_state, warn_limit, KEDGE_TYPE_U32),
    KEDGE_PARAM(rddm_state, keep_minimum, KEDGE_TYPE_U8),
    KEDGE_PARAM(rddm_state, smooth, KEDGE_TYPE_U8),
    KEDGE_VALUE(rddm_state, in_warning, KEDGE_TYPE_U8),
    KEDGE_VALUE(rddm_state, next, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(rddm_state),
    KEDGE_VALUE(rddm_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(rddm_state, n_errors, KEDGE_TYPE_U64),
    KEDGE_VALUE(rddm_state, least, KEDGE_TYPE_F64),
    KEDGE_VALUE(rddm_state, p_min, KEDGE_TYPE_F64),
    KEDGE_VALUE(rddm_state, s_min, KEDGE_TYPE_F64),
    KEDGE_VALUE(rddm_state, warning_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(rddm_state, warning_errors, KEDGE_TYPE_U64),
    KEDGE_ARRAY(rddm_state, at_ring, n_words, KEDGE_TYPE_U64),
};

static void rddm_defaults(void *config)
{
    kedge_rddm_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_rddm;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->warning_threshold = 1.773;
    cfg->drift_threshold = 2.258;
    cfg->warm_start = 128;
    cfg->max_concept = 40000;
    cfg->min_stable = 7000;
    cfg->warn_limit = 1400;
    cfg->keep_minimum = 0;
    cfg->smooth = 1;
}

kedge_status kedge_rddm_config_init(kedge_rddm_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_rddm.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_rddm_config_peer(kedge_rddm_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer != KEDGE_PEER_NONE && peer != KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_rddm_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA) {
        cfg->keep_minimum = 1;
        cfg->smooth = 0;
    }
    return st;
}

static void rddm_configure(const void *config, void *fixed)
{
    const kedge_rddm_config *cfg = config;
    rddm_state *s = fixed;
    s->warning_threshold = cfg->warning_threshold;
    s->drift_threshold = cfg->drift_threshold;
    s->warm_start = cfg->warm_start;
    s->max_concept = cfg->max_concept;
    s->min_stable = cfg->min_stable;
    s->warn_limit = cfg->warn_limit;
    s->keep_minimum = cfg->keep_minimum <= 1 ? (uint8_t)cfg->keep_minimum : UINT8_MAX;
    s->smooth = cfg->smooth <= 1 ? (uint8_t)cfg->smooth : UINT8_MAX;
}

static int rddm_valid(const void *fixed)
{
    const rddm_state *s = fixed;
    return kedge_i_within(s->warning_threshold, 0.0, DBL_MAX) &&
           kedge_i_within(s->drift_threshold, s->warning_threshold, DBL_MAX) &&
           kedge_i_u32_within(s->warm_start, 1, RDDM_MAX) && kedge_i_u32_within(s->min_stable, 1, RDDM_MAX_STABLE) &&
           kedge_i_u32_within(s->max_concept, 2 * s->min_stable, RDDM_MAX) && kedge_i_u32_within(s->warn_limit, 1, RDDM_MAX) &&
           s->keep_minimum <= 1 && s->smooth <= 1;
}

static size_t rddm_layout(void *fixed)
{
    rddm_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_words = (s->min_stable + 63) / 64;
    s->at_ring = kedge_i_arena_take(&arena, s->n_words, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

static void rddm_forget_minimum(rddm_state *s)
{
    s->least = DBL_MAX;
    s->p_min = s->s_min = 0.0;
}

static void rddm_start(void *state)
{
    rddm_forget_minimum(state);
}

/* A bit beyond the ring's end would make a rate above 1. */
static int rddm_ring_is_sound(const rddm_state *s)
{
    const uint64_t *ring = kedge_i_at_const(s, s->at_ring);
    uint32_t last = s->min_stable % 64;
    return last == 0 || ring[s->n_words - 1] >> last == 0;
}

static int rddm_check(const void *state)
{
    const rddm_state *s = state;
    return rddm_valid(s) && detector_record_is_sound(&s->record) && s->in_warning <= 1 && s->next < s->min_stable &&
           s->n <= s->record.n_seen && s->n_errors <= s->n && kedge_i_within(s->least, 0.0, DBL_MAX) &&
           kedge_i_within(s->p_min, 0.0, 1.0) && kedge_i_within(s->s_min, 0.0, 1.0) && s->warning_n <= s->n &&
           s->warning_errors <= s->warning_n && s->warning_errors <= s->n_errors && (!s->in_warning || s->warning_n < s->n) &&
           rddm_ring_is_sound(s);
}

/* Error rate and its standard deviation s = sqrt(p (1 - p) / n). Both are exact where there were no errors, or nothing else: a
 * stream of equal values must have one level. */
typedef struct rddm_rate {
    double p;
    double s;
} rddm_rate;

static inline rddm_rate rddm_rate_of(uint64_t n_errors, uint64_t n)
{
    rddm_rate rate;
    double inverse = 1.0 / (double)(int64_t)n;
    double errors = (double)(int64_t)n_errors;
    double hits = (double)(int64_t)(n - n_errors);
    rate.s = sqrt(errors * inverse * (hits * inverse) * inverse);
    rate.p = n_errors == n ? 1.0 : errors * inverse;
    return rate;
}

/* So many deviations above the least level. */
static inline double rddm_level(const rddm_state *s, double deviations)
{
    return s->p_min + deviations * s->s_min;
}

/* Remember the least level. */
static inline void rddm_lower(rddm_state *s, rddm_rate rate)
{
    double level = rate.p + rate.s;
    if (level < s->least) {
        s->least = level;
        s->p_min = rate.p;
        s->s_min = rate.s;
    }
    if (s->n_errors == 0 && s->smooth) {
        double p = 1.0 / ((double)(int64_t)s->n + 2.0); /* Laplace: (0 + 1) / (n + 2) */
        s->s_min = sqrt(p * (1.0 - p) / (double)(int64_t)s->n);
    }
}

static uint32_t rddm_ones(uint64_t word)
{
    uint32_t n = 0;
    for (; word; word &= word - 1)
        n++;
    return n;
}

/* Keep the newest min_stable observations, all that the ring holds. */
static void rddm_cut(rddm_state *s, const uint64_t *ring)
{
    s->n = s->min_stable;
    s->n_errors = 0;
    s->warning_n = s->warning_errors = 0; /* of a zone that was left */
    for (uint32_t i = 0; i < s->n_words; i++)
        s->n_errors += rddm_ones(ring[i]);
    if (!s->keep_minimum)
        rddm_forget_minimum(s);
}

static inline kedge_status rddm_step(rddm_state *s, uint64_t *ring, double x)
{
    uint64_t error = x > 0.5;
    uint64_t bit = (uint64_t)1 << s->next % 64;
    uint64_t *word = &ring[s->next / 64];
    *word = error ? *word | bit : *word & ~bit;
    s->next = s->next + 1 == s->min_stable ? 0 : s->next + 1;
    s->record.n_seen++;
    s->n++;
    s->n_errors += error;
    if (s->n <= s->warm_start)
        return KEDGE_OK;
    rddm_rate rate = rddm_rate_of(s->n_errors, s->n);
    double level = rate.p + rate.s;
    rddm_lower(s, rate);
    if (!(level > rddm_level(s, s->warning_threshold))) {
        s->in_warning = 0;
        if (s->n >= s->max_concept)
            rddm_cut(s, ring);
        return KEDGE_OK;
    }
    if (level > rddm_level(s, s->drift_threshold))
        return KEDGE_DRIFT;
    if (!s->in_warning) {
        s->in_warning = 1;
        s->record.n_warnings++;
        s->warning_n = s->n - 1;
        s->warning_errors = s->n_errors - error;
    }
    return s->n - s->warning_n > s->warn_limit ? KEDGE_DRIFT : KEDGE_WARNING;
}

/* Rebuild the rate from the newest `count` observations (algorithm 1, lines 4 to 12). */
static void rddm_replay(rddm_state *s, uint64_t count)
{
    const uint64_t *ring = kedge_i_at_const(s, s->at_ring);
    uint32_t at = (uint32_t)((s->next + (uint64_t)s->min_stable - count) % s->min_stable);
    s->n_errors = 0;
    rddm_forget_minimum(s);
    for (s->n = 1; s->n <= count; s->n++) {
        s->n_errors += ring[at / 64] >> at % 64 & 1;
        at = at + 1 == s->min_stable ? 0 : at + 1;
        if (s->keep_minimum && s->n > (uint64_t)s->warm_start + 1) /* sic: one later than elsewhere, as in MOA */
            rddm_lower(s, rddm_rate_of(s->n_errors, s->n));
    }
    s->n = count;
}

static double rddm_share(uint64_t n_errors, uint64_t n)
{
    return n ? (double)(int64_t)n_errors / (double)(int64_t)n : (double)NAN;
}

/* Keep what the alarm saw and go on with what came since the first warning, or, without a warning or after too long a one, with
 * the alarming observation alone. */
static void rddm_raise(rddm_state *s)
{
    rddm_rate rate = rddm_rate_of(s->n_errors, s->n);
    double threshold = rddm_level(s, s->drift_threshold);
    uint64_t newest = (s->next + s->min_stable - 1) % s->min_stable;
    const uint64_t *ring = kedge_i_at_const(s, s->at_ring);
    uint64_t n_before = s->in_warning ? s->warning_n : s->n - 1;
    uint64_t errors_before = s->in_warning ? s->warning_errors : s->n_errors - (ring[newest / 64] >> newest % 64 & 1);
    uint64_t n_after = s->n - n_before;
    int is_tested = rate.p + rate.s > threshold;
    detector_record_raise(&s->record, n_after, rddm_share(errors_before, n_before),
                          rddm_share(s->n_errors - errors_before, n_after), rate.p + rate.s, threshold, (double)NAN);
    s->in_warning = 0;
    s->warning_n = s->warning_errors = 0;
    rddm_replay(s, !is_tested ? 1 : n_after < s->min_stable ? n_after : s->min_stable);
}

static kedge_status rddm_update(void *state, double x)
{
    rddm_state *s = state;
    kedge_status st = rddm_step(s, kedge_i_at(s, s->at_ring), x);
    if (st == KEDGE_DRIFT)
        rddm_raise(s);
    return st;
}

#ifdef DETECTOR_GLIDES

/* Observations that a glide may take at most: to the end of the ring's word, without a cut, without an alarm for too long a
 * warning. */
static inline uint64_t rddm_reach(const rddm_state *s, uint64_t n)
{
    uint64_t left = 64 - s->next % 64;
    uint64_t to_wrap = s->min_stable - s->next;
    left = to_wrap < left ? to_wrap : left;
    uint64_t to_end = s->in_warning ? s->warning_n + s->warn_limit - s->n : s->max_concept - s->n - 1;
    left = to_end < left ? to_end : left;
    return n < left ? n : left;
}

/* Takes pairs of observations as long as each surely stays in the zone in which the last one was and leaves the least level alone,
 * within one word of the ring; returns how many observations. */
static inline size_t rddm_glide(rddm_state *s, uint64_t *ring, const double *x, size_t n)
{
    double warning = rddm_level(s, s->warning_threshold);
    double low = s->in_warning && warning > s->least ? warning : s->least;
    double high = s->in_warning ? rddm_level(s, s->drift_threshold) : warning;
    size_t reach = (size_t)rddm_reach(s, n);
    double errors = (double)(int64_t)s->n_errors;
    detector_pair count = {(double)(int64_t)(s->n + 1), (double)(int64_t)(s->n + 2)};
    uint64_t word = 0;
    size_t i = 0;
    for (; reach - i >= 2; i += 2) {
        detector_pair pair = {x[i], x[i + 1]};
        detector_pair_bits error = pair > 0.5;
        detector_pair one = (detector_pair)(error & (detector_pair_bits)(detector_pair){1.0, 1.0});
        detector_pair inverse = 1.0 / count;
        detector_pair wrong = {errors + one[0], errors + one[0] + one[1]};
        detector_pair rate = wrong * inverse;
        if (!detector_is_between(rate, rate * ((count - wrong) * inverse) * inverse, low, high))
            break;
        errors = wrong[1];
        word |= ((uint64_t)(error[0] & 1) | (uint64_t)(error[1] & 2)) << i;
        count += 2.0;
    }
    uint64_t taken = i < 64 ? ((uint64_t)1 << i) - 1 : UINT64_MAX;
    uint64_t *to = &ring[s->next / 64];
    *to = (*to & ~(taken << s->next % 64)) | word << s->next % 64;
    s->next = s->next + i == s->min_stable ? 0 : s->next + (uint32_t)i;
    s->n_errors = (uint64_t)(int64_t)errors;
    s->n += i;
    s->record.n_seen += i;
    return i;
}

/* As long as it gets on. */
static size_t rddm_glide_on(rddm_state *s, uint64_t *ring, const double *x, size_t n)
{
    size_t i = 0;
    size_t taken = 1;
    while (taken > 0 && s->n > s->warm_start && s->n < s->max_concept && s->least < DBL_MAX) { /* else there is no level yet */
        taken = rddm_glide(s, ring, x + i, n - i);
        i += taken;
    }
    return i;
}
#else
static size_t rddm_glide_on(rddm_state *s, uint64_t *ring, const double *x, size_t n)
{
    (void)s;
    (void)ring;
    (void)x;
    (void)n;
    return 0;
}
#endif

static kedge_status rddm_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used)
{
    uint64_t *ring = kedge_i_at(state, ((rddm_state *)state)->at_ring);
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    while (i < n && !(st == KEDGE_DRIFT && !signals)) {
        size_t begin = i;
        st = rddm_update(state, x[i++]);
        if (st != KEDGE_DRIFT)
            i += rddm_glide_on(state, ring, x + i, n - i);
        if (signals)
            memset(signals + begin, (int)st, i - begin);
    }
    *used = i;
    return st;
}

static kedge_status rddm_estimate(const void *state, kedge_estimate *out)
{
    const rddm_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    if (st != KEDGE_OK)
        return st;
    rddm_rate rate = rddm_rate_of(s->n_errors, s->n);
    out->mean = rate.p;
    out->variance = rate.p * (1.0 - rate.p);
    out->statistic = rate.p + rate.s;
    if (s->least < DBL_MAX)
        out->threshold = rddm_level(s, s->drift_threshold);
    return KEDGE_OK;
}

static kedge_status rddm_alarm(const void *state, kedge_alarm *out)
{
    const rddm_state *s = state;
    return detector_record_alarm(&s->record, out);
}

const kedge_detector_class kedge_rddm = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "rddm",
            .fixed_bytes = sizeof(rddm_state),
            .config_bytes = sizeof(kedge_rddm_config),
            .n_fields = sizeof rddm_fields / sizeof *rddm_fields,
            .fields = rddm_fields,
            .defaults = rddm_defaults,
            .configure = rddm_configure,
            .valid = rddm_valid,
            .layout = rddm_layout,
            .start = rddm_start,
            .check = rddm_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = rddm_run,
    .update = rddm_update,
    .estimate = rddm_estimate,
    .alarm = rddm_alarm,
    .knob = {offsetof(kedge_rddm_config, drift_threshold), offsetof(kedge_rddm_config, warning_threshold), 0.01, 100.0},
};
