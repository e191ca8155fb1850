/* SPDX-License-Identifier: MIT */
/* STEPD: a test of equal proportions between the newest window and everything before it.
 *
 * Nishida, Yamauchi 2007, "Detecting concept drift using statistical testing", DS 2007, section 3: with r_o errors among n_o
 * older and r_r among the n_r = W newest observations, p the rate of both and q = 1/n_o + 1/n_r,
 *     Z = (|r_o / n_o - r_r / n_r| - q / 2) / sqrt(p (1 - p) q),
 * and its two-sided p-value is compared with alpha_drift and alpha_warning, from n_o >= W on. MOA takes |Z|, so that
 * differences smaller than the correction q / 2 count as evidence (absolute = 1). Z is not normal where few errors are
 * expected: Fisher's exact test then has the last word (exact = 1), as in Cabral, Barros 2018, "Concept drift detection based
 * on Fisher's exact test".
 *
 * The p-value falls with Z^2, so Z^2 is compared with the squares of critical values; both times (n_o n_r)^2 p (1 - p) q leave
 * neither a root nor a division. Only within rounding of a critical value is the p-value itself computed. Cost: O(1). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/stepd.h"

#include "base/interval.h"
#include "base/number.h"
#include "detectors/record.h"

#define STEPD_SLACK 1e-9 /* relative width around a critical value where the p-value decides */
#define STEPD_LEAST_ALPHA 1e-300
#define STEPD_PI 3.14159265358979323846
#define STEPD_FEW 5.0    /* expected errors below which Z is not normal (Cochran 1954) */

enum { STEPD_MAX_WINDOW = 1024, STEPD_WORDS = STEPD_MAX_WINDOW / 64 };

typedef struct stepd_state {
    kedge_state_head head;
    double alpha_warning;
    double alpha_drift;
    uint32_t window_size;
    uint8_t direction;
    uint8_t exact;
    uint8_t absolute;
    uint8_t in_warning;      /* 1: the last observation was in the warning zone */
    double critical_warning; /* Z^2 of alpha_warning, from the layout; -1 where it is 1 or more */
    double critical_drift;   /* Z^2 of alpha_drift */
    detector_record record;
    uint64_t n;              /* since the restart, at most n_seen */
    uint64_t n_errors;       /* of these */
    uint64_t warning_n;      /* in the zone: observations since the restart before it was entered */
    uint64_t warning_errors; /* errors among these */
    uint32_t recent_errors;  /* among the newest window_size */
    uint32_t next;           /* where the ring takes the next bit */
    uint64_t ring[STEPD_WORDS]; /* the newest window_size errors, one bit each; 0 before they are there, and beyond */
} stepd_state;

static const kedge_field stepd_fields[] = {
    KEDGE_PARAM(stepd_state, alpha_warning, KEDGE_TYPE_F64),
    KEDGE_PARAM(stepd_state, alpha_drift, KEDGE_TYPE_F64),
    KEDGE_PARAM(stepd_state, window_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(stepd_state, direction, KEDGE_TYPE_U8),
    KEDGE_PARAM(stepd_state, exact, KEDGE_TYPE_U8),
    KEDGE_PARAM(stepd_state, absolute, KEDGE_TYPE_U8),
    KEDGE_VALUE(stepd_state, in_warning, KEDGE_TYPE_U8),
    DETECTOR_RECORD_FIELDS(stepd_state),
    KEDGE_VALUE(stepd_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(stepd_state, n_errors, KEDGE_TYPE_U64),
    KEDGE_VALUE(stepd_state, warning_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(stepd_state, warning_errors, KEDGE_TYPE_U64),
    KEDGE_VALUE(stepd_state, recent_errors, KEDGE_TYPE_U32),
    KEDGE_VALUE(stepd_state, next, KEDGE_TYPE_U32),
    KEDGE_VALUES(stepd_state, ring, STEPD_WORDS, KEDGE_TYPE_U64),
};

static void stepd_defaults(void *config)
{
    kedge_stepd_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_stepd;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->alpha_warning = 0.05;
    cfg->alpha_drift = 0.003;
    cfg->window_size = 30;
    cfg->direction = KEDGE_DIRECTION_UP;
    cfg->exact = 1;
    cfg->absolute = 0;
}

kedge_status kedge_stepd_config_init(kedge_stepd_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_stepd.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_stepd_config_peer(kedge_stepd_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer != KEDGE_PEER_NONE && peer != KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_stepd_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA) {
        cfg->direction = KEDGE_DIRECTION_BOTH;
        cfg->exact = 0;
        cfg->absolute = 1;
    }
    return st;
}

static void stepd_configure(const void *config, void *fixed)
{
    const kedge_stepd_config *cfg = config;
    stepd_state *s = fixed;
    s->alpha_warning = cfg->alpha_warning;
    s->alpha_drift = cfg->alpha_drift;
    s->window_size = cfg->window_size;
    s->direction = kedge_i_choice(cfg->direction);
    s->exact = cfg->exact <= 1 ? (uint8_t)cfg->exact : UINT8_MAX;
    s->absolute = cfg->absolute <= 1 ? (uint8_t)cfg->absolute : UINT8_MAX;
}

static int stepd_valid(const void *fixed)
{
    const stepd_state *s = fixed;
    return s->alpha_drift >= STEPD_LEAST_ALPHA && s->alpha_drift < 1.0 &&
           kedge_i_within(s->alpha_warning, s->alpha_drift, DBL_MAX) &&
           kedge_i_u32_within(s->window_size, 2, STEPD_MAX_WINDOW) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN) && s->exact <= 1 && s->absolute <= 1;
}

/* Square of the Z whose two-sided p-value is alpha. */
static double stepd_critical(double alpha)
{
    if (alpha >= 1.0)
        return -1.0;
    double z = kedge_i_normal_quantile(0.5 * alpha);
    return z * z;
}

static size_t stepd_layout(void *fixed)
{
    stepd_state *s = fixed;
    s->critical_warning = stepd_critical(s->alpha_warning);
    s->critical_drift = stepd_critical(s->alpha_drift);
    return sizeof *s;
}

static int stepd_is_error(const stepd_state *s, uint32_t at)
{
    return (int)(s->ring[at / 64] >> at % 64 & 1);
}

/* The ring agrees with its count, and holds nothing beyond it. */
static int stepd_ring_is_sound(const stepd_state *s)
{
    uint32_t n_errors = 0;
    uint32_t n_beyond = 0;
    for (uint32_t at = 0; at < STEPD_MAX_WINDOW; at++) {
        uint32_t *n = at < (s->n < s->window_size ? s->n : s->window_size) ? &n_errors : &n_beyond;
        *n += (uint32_t)stepd_is_error(s, at);
    }
    return n_errors == s->recent_errors && n_beyond == 0;
}

static int stepd_check(const void *state)
{
    const stepd_state *s = state;
    return stepd_valid(s) && detector_record_is_sound(&s->record) && s->in_warning <= 1 &&
           s->critical_warning == stepd_critical(s->alpha_warning) && s->critical_drift == stepd_critical(s->alpha_drift) &&
           s->n <= s->record.n_seen && s->n_errors <= s->n && s->recent_errors <= s->n_errors &&
           s->n_errors - s->recent_errors <= (s->n < s->window_size ? 0 : s->n - s->window_size) && s->warning_n <= s->n &&
           s->warning_errors <= s->warning_n && s->warning_errors <= s->n_errors && (!s->in_warning || s->warning_n < s->n) &&
           s->n_errors - s->warning_errors <= s->n - s->warning_n && s->next == s->n % s->window_size && stepd_ring_is_sound(s);
}

static void stepd_restart(stepd_state *s)
{
    s->n = s->n_errors = 0;
    s->warning_n = s->warning_errors = 0;
    s->recent_errors = s->next = 0;
    s->in_warning = 0;
    memset(s->ring, 0, sizeof s->ring);
}

/* The test's two sides without division: Z^2 = above / scale. Since n_o = n - n_r and r_o = r - r_r, n_o n_r times the
 * difference of the rates is r_r n - r n_r, with r errors in all n. */
typedef struct stepd_test {
    double difference; /* r_r n - r n_r: positive where errors became more */
    double above;      /* (|difference| - n / 2)^2 n: the continuity correction q / 2 is n / (2 n_o n_r) */
    double scale;      /* n_o n_r r (n - r) */
} stepd_test;

static inline stepd_test stepd_test_of(const stepd_state *s)
{
    stepd_test t;
    double n = (double)(int64_t)s->n;
    double errors = (double)(int64_t)s->n_errors;
    double n_recent = (double)(int64_t)s->window_size;
    t.difference = (double)(int64_t)s->recent_errors * n - errors * n_recent;
    double excess = fabs(t.difference) - 0.5 * n;
    double least = s->absolute ? -DBL_MAX : 0.0;
    excess = excess > least ? excess : least; /* a maximum, not a branch: differences within n / 2 have no pattern */
    t.above = excess * excess * n;
    t.scale = (n - n_recent) * n_recent * (errors * (n - errors));
    return t;
}

/* The difference, positive where it points the way that is looked for. */
static double stepd_toward(const stepd_state *s, const stepd_test *t)
{
    return s->direction == KEDGE_DIRECTION_DOWN ? -t->difference : t->difference;
}

/* |Z|; DBL_MAX for infinity, which only absolute has. */
static inline double stepd_z(const stepd_test *t)
{
    if (t->above == 0.0)
        return 0.0;
    return t->scale > 0.0 ? sqrt(t->above / t->scale) : DBL_MAX;
}

static inline double stepd_p_value(double z)
{
    return erfc(z * sqrt(0.5));
}

/* Is the p-value below alpha, whose Z^2 is critical? */
static inline int stepd_is_below(const stepd_test *t, double alpha, double critical)
{
    if (!(t->above > t->scale * (critical * (1.0 - STEPD_SLACK))))
        return 0;
    return t->above > t->scale * (critical * (1.0 + STEPD_SLACK)) || stepd_p_value(stepd_z(t)) < alpha;
}

/* Fisher's exact test, conditional on all errors: twice the hypergeometric tail that begins at what was seen. Of errors and
 * hits it counts those that are fewer, whose probability of none among the newest does not vanish. */
static double stepd_fisher(const stepd_state *s)
{
    double n = (double)(int64_t)s->n;
    double n_recent = (double)s->window_size;
    double term = 1.0;
    double tail = 0.0;
    int errors_are_few = s->n_errors <= s->n - s->n_errors;
    double few = (double)(int64_t)(errors_are_few ? s->n_errors : s->n - s->n_errors);
    uint32_t seen = errors_are_few ? s->recent_errors : s->window_size - s->recent_errors;
    int is_upper = seen * n > few * n_recent;
    for (uint32_t i = 0; i < s->window_size; i++) /* probability of none */
        term *= 1.0 - few / (n - i);
    for (uint32_t i = 0; i <= s->window_size && i <= few; i++) { /* then of one, of two ... */
        if (is_upper ? i >= seen : i <= seen)
            tail += term;
        if (is_upper ? i > seen && term < tail * DBL_EPSILON : i >= seen)
            break;
        term *= (few - i) * (n_recent - i) / ((i + 1.0) * (n - few - n_recent + i + 1.0));
    }
    return 2.0 * tail < 1.0 ? 2.0 * tail : 1.0;
}

/* Are fewer than 5 errors, or hits, expected among the newest? */
static int stepd_is_sparse(const stepd_state *s)
{
    uint64_t hits = s->n - s->n_errors;
    uint64_t few = s->n_errors < hits ? s->n_errors : hits;
    return s->exact && (double)s->window_size * (double)(int64_t)few < STEPD_FEW * (double)(int64_t)s->n;
}

/* The warning level is crossed: does the change point the right way, is it drift, does the exact test agree? */
static kedge_status stepd_judge(const stepd_state *s, const stepd_test *t)
{
    if (s->direction != KEDGE_DIRECTION_BOTH && !(stepd_toward(s, t) > 0.0))
        return KEDGE_OK;
    int is_drift = stepd_is_below(t, s->alpha_drift, s->critical_drift);
    if (!stepd_is_sparse(s))
        return is_drift ? KEDGE_DRIFT : KEDGE_WARNING;
    double p_value = stepd_fisher(s);
    return is_drift && p_value < s->alpha_drift ? KEDGE_DRIFT : p_value < s->alpha_warning ? KEDGE_WARNING : KEDGE_OK;
}

/* One observation; `word` is the word of the ring that takes it. */
static inline kedge_status stepd_step(stepd_state *s, uint64_t *word, double x)
{
    uint64_t error = x > 0.5;
    uint32_t shift = s->next % 64;
    uint64_t oldest = *word >> shift & 1;
    *word ^= (oldest ^ error) << shift;
    s->next = s->next + 1 == s->window_size ? 0 : s->next + 1;
    s->record.n_seen++;
    s->n++;
    s->n_errors += error;
    s->recent_errors += (uint32_t)error - (uint32_t)oldest;
    kedge_status st = KEDGE_OK;
    if (s->n >= 2 * (uint64_t)s->window_size) {
        stepd_test t = stepd_test_of(s);
        if (stepd_is_below(&t, s->alpha_warning, s->critical_warning))
            st = stepd_judge(s, &t);
    }
    if (st == KEDGE_OK) {
        s->in_warning = 0;
    } else if (st == KEDGE_WARNING && !s->in_warning) {
        s->in_warning = 1;
        s->record.n_warnings++;
        s->warning_n = s->n - 1;
        s->warning_errors = s->n_errors - error;
    }
    return st;
}

static double stepd_rate(uint64_t n_errors, uint64_t n)
{
    return n ? (double)(int64_t)n_errors / (double)(int64_t)n : (double)NAN;
}

/* Greatest log-likelihood of n observations with n_errors errors. */
static double stepd_likelihood(uint64_t n_errors, uint64_t n)
{
    double p = stepd_rate(n_errors, n);
    double errors = (double)(int64_t)n_errors;
    double hits = (double)(int64_t)(n - n_errors);
    return (errors > 0.0 ? errors * log(p) : 0.0) + (hits > 0.0 ? hits * log1p(-p) : 0.0);
}

/* The new concept: how many of the newest observations, and errors among them. */
typedef struct stepd_split {
    uint64_t n;
    uint64_t n_errors;
    double likelihood;
} stepd_split;

static void stepd_try_split(const stepd_state *s, stepd_split *best, uint64_t n, uint64_t n_errors)
{
    double likelihood = stepd_likelihood(n_errors, n) + stepd_likelihood(s->n_errors - n_errors, s->n - n);
    if (best->n == 0 || likelihood > best->likelihood) {
        best->n = n;
        best->n_errors = n_errors;
        best->likelihood = likelihood;
    }
}

/* Where the change most likely was: at any place in the window, or where the warning zone was entered, if that was before. */
static stepd_split stepd_find_change(const stepd_state *s)
{
    stepd_split best = {0, 0, 0.0};
    uint64_t n_errors = 0;
    uint32_t at = s->next;
    for (uint64_t n = 1; n <= s->window_size; n++) {
        at = (at == 0 ? s->window_size : at) - 1;
        n_errors += (uint64_t)stepd_is_error(s, at);
        stepd_try_split(s, &best, n, n_errors);
    }
    if (s->in_warning && s->warning_n > 0 && s->n - s->warning_n > s->window_size)
        stepd_try_split(s, &best, s->n - s->warning_n, s->n_errors - s->warning_errors);
    return best;
}

/* Z with the sign that makes it exceed the threshold. */
static double stepd_statistic(const stepd_state *s)
{
    if (s->n < 2 * (uint64_t)s->window_size)
        return 0.0;
    stepd_test t = stepd_test_of(s);
    double z = stepd_z(&t);
    return s->direction != KEDGE_DIRECTION_BOTH && stepd_toward(s, &t) < 0.0 ? -z : z;
}

static double stepd_log_evidence(const stepd_state *s, double z)
{
    double log_p = z < 36.0 ? log(stepd_p_value(z)) : z < 1e100 ? -0.5 * z * z - log(z * sqrt(0.5 * STEPD_PI)) : -DBL_MAX;
    if (!stepd_is_sparse(s))
        return -log_p;
    double p_value = stepd_fisher(s);
    return p_value > 0.0 && log(p_value) > log_p ? -log(p_value) : -log_p;
}

/* Keep what the alarm saw and start afresh. */
static void stepd_raise(stepd_state *s)
{
    stepd_split after = stepd_find_change(s);
    double z = stepd_statistic(s);
    detector_record_raise(&s->record, after.n, stepd_rate(s->n_errors - after.n_errors, s->n - after.n),
                          stepd_rate(after.n_errors, after.n), z, sqrt(s->critical_drift), stepd_log_evidence(s, z));
    stepd_restart(s);
}

static kedge_status stepd_update(void *state, double x)
{
    stepd_state *s = state;
    kedge_status st = stepd_step(s, &s->ring[s->next / 64], x);
    if (st == KEDGE_DRIFT)
        stepd_raise(s);
    return st;
}

/* As DETECTOR_RUN, with the ring where it is; one of a single word is in a register too. */
static kedge_status stepd_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used)
{
    stepd_state *whole = state;
    int is_word = whole->window_size <= 64;
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    while (i < n && !(st == KEDGE_DRIFT && !signals)) {
        stepd_state s = *whole;
        uint64_t word = whole->ring[0];
        do {
            st = is_word ? stepd_step(&s, &word, x[i]) : stepd_step(&s, &whole->ring[s.next / 64], x[i]);
            if (signals)
                signals[i] = (uint8_t)st;
            i++;
        } while (i < n && st != KEDGE_DRIFT);
        if (is_word)
            whole->ring[0] = word;
        memcpy(s.ring, whole->ring, sizeof s.ring);
        *whole = s;
        if (st == KEDGE_DRIFT)
            stepd_raise(whole);
    }
    *used = i;
    return st;
}

static kedge_status stepd_estimate(const void *state, kedge_estimate *out)
{
    const stepd_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    if (st != KEDGE_OK)
        return st;
    out->mean = stepd_rate(s->n_errors, s->n);
    out->variance = out->mean * (1.0 - out->mean);
    out->statistic = stepd_statistic(s);
    out->threshold = sqrt(s->critical_drift);
    return KEDGE_OK;
}

static kedge_status stepd_alarm(const void *state, kedge_alarm *out)
{
    const stepd_state *s = state;
    return detector_record_alarm(&s->record, out);
}

const kedge_detector_class kedge_stepd = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "stepd",
            .fixed_bytes = sizeof(stepd_state),
            .config_bytes = sizeof(kedge_stepd_config),
            .n_fields = sizeof stepd_fields / sizeof *stepd_fields,
            .fields = stepd_fields,
            .defaults = stepd_defaults,
            .configure = stepd_configure,
            .valid = stepd_valid,
            .layout = stepd_layout,
            .check = stepd_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = stepd_run,
    .update = stepd_update,
    .estimate = stepd_estimate,
    .alarm = stepd_alarm,
    .knob = {offsetof(kedge_stepd_config, alpha_drift), offsetof(kedge_stepd_config, alpha_warning), 0.5, 1e-30},
};
