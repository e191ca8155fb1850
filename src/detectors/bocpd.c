/* SPDX-License-Identifier: MIT */
/* Bayesian online change point detection with conjugate models and a bounded number of run lengths.
 *
 * Adams, MacKay 2007, "Bayesian online changepoint detection", arXiv:0710.3742, algorithm 1. Murphy 2007, "Conjugate Bayesian
 * analysis of the Gaussian distribution", sections 3.3 and 3.5: normal-gamma prior, Student predictive. An alarm is Shiryaev's: the
 * run that began at the restart has become improbable. The paper keeps all run lengths and names dropping improbable ones as the
 * remedy; so here, the least probable first.
 *
 * With beta' = beta + kappa (x - mu)^2 / (2 (kappa + 1)) the Student density is c sqrt(kappa / (2 pi (kappa + 1)))
 * beta^alpha / beta'^(alpha + 1/2), c = Gamma(alpha + 1/2) / Gamma(alpha): no power of a quotient, nothing that overflows. What
 * depends on the run length alone is looked up for short ones and a series for long ones (Abramowitz, Stegun 1964, 6.1.47).
 *
 * Cost: O(max_run_lengths), a logarithm and an exponential each. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/bocpd.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/reference.h"
#include "detectors/run.h"

#define BOCPD_LOG_2PI 1.8378770664093454836
#define BOCPD_FORGOTTEN (-40.0) /* log probability, against the most probable, below which a run length is dropped */
#define BOCPD_BETA_MIN 1e-280
#define BOCPD_LOG_MAX 1e18 /* of a log probability, and for certainty */

enum { BOCPD_MAX_SAMPLES = 1000000, BOCPD_MAX_RUN_LENGTHS = 4096, BOCPD_GAINS = 128 };

/* A run length: what its model has learned since its start. */
typedef struct bocpd_run_length {
    double log_p; /* log probability */
    double n;     /* observations */
    double mean;  /* normal: posterior mean; Bernoulli: sum */
    double beta;  /* normal: posterior rate of the precision */
    double log_beta;
} bocpd_run_length;

typedef struct bocpd_state {
    kedge_state_head head;
    double hazard;
    double odds;
    double mean;
    double kappa;
    double alpha;
    double beta;
    uint32_t min_samples;
    uint32_t max_run_lengths;
    uint8_t family;
    uint8_t prior;
    uint8_t direction;
    uint8_t reserved;
    uint32_t words;   /* layout: doubles in the array */
    uint32_t at_run;  /* layout: the run lengths, from the one that began at the restart on; the others in no order */
    uint32_t at_gain; /* layout: normal: log of the density's factor that depends on the run length alone */
    uint32_t n_gains; /* layout: run lengths that have one */
    uint32_t held;    /* run lengths */
    uint32_t reserved_2;
    detector_record record;
    uint64_t n; /* since the restart */
    detector_reference reference;
    bocpd_run_length fresh; /* one that has seen nothing: the prior */
} bocpd_state;

static const kedge_field bocpd_fields[] = {
    KEDGE_PARAM(bocpd_state, hazard, KEDGE_TYPE_F64),
    KEDGE_PARAM(bocpd_state, odds, KEDGE_TYPE_F64),
    KEDGE_PARAM(bocpd_state, mean, KEDGE_TYPE_F64),
    KEDGE_PARAM(bocpd_state, kappa, KEDGE_TYPE_F64),
    KEDGE_PARAM(bocpd_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(bocpd_state, beta, KEDGE_TYPE_F64),
    KEDGE_PARAM(bocpd_state, min_samples, KEDGE_TYPE_U32),
    KEDGE_PARAM(bocpd_state, max_run_lengths, KEDGE_TYPE_U32),
    KEDGE_PARAM(bocpd_state, family, KEDGE_TYPE_U8),
    KEDGE_PARAM(bocpd_state, prior, KEDGE_TYPE_U8),
    KEDGE_PARAM(bocpd_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(bocpd_state, held, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(bocpd_state),
    KEDGE_VALUE(bocpd_state, n, KEDGE_TYPE_U64),
    DETECTOR_REFERENCE_FIELDS(bocpd_state, reference),
    KEDGE_VALUE(bocpd_state, fresh.mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(bocpd_state, fresh.beta, KEDGE_TYPE_F64),
    KEDGE_VALUE(bocpd_state, fresh.log_beta, KEDGE_TYPE_F64),
    KEDGE_ARRAY(bocpd_state, at_run, words, KEDGE_TYPE_F64),
    KEDGE_ARRAY(bocpd_state, at_gain, n_gains, KEDGE_TYPE_F64),
};

static void bocpd_defaults(void *config)
{
    kedge_bocpd_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_bocpd;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->hazard = 0.001;
    cfg->odds = 1000.0;
    cfg->kappa = 0.1;
    cfg->alpha = 1.0;
    cfg->beta = 1.0;
    cfg->family = KEDGE_BOCPD_NORMAL;
    cfg->prior = KEDGE_REFERENCE_LEARNED;
    cfg->min_samples = 30;
    cfg->max_run_lengths = 40;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_bocpd_config_init(kedge_bocpd_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_bocpd.base, cfg, cfg_bytes, sizeof *cfg);
}

static void bocpd_configure(const void *config, void *fixed)
{
    const kedge_bocpd_config *cfg = config;
    bocpd_state *s = fixed;
    s->hazard = cfg->hazard;
    s->odds = cfg->odds;
    s->mean = cfg->mean;
    s->kappa = cfg->kappa;
    s->alpha = cfg->alpha;
    s->beta = cfg->beta;
    s->family = kedge_i_choice(cfg->family);
    s->prior = kedge_i_choice(cfg->prior);
    s->min_samples = cfg->min_samples;
    s->max_run_lengths = cfg->max_run_lengths;
    s->direction = kedge_i_choice(cfg->direction);
}

static int bocpd_valid(const void *fixed)
{
    const bocpd_state *s = fixed;
    int is_normal = s->family == KEDGE_BOCPD_NORMAL;
    return s->hazard > 0.0 && s->hazard <= 0.5 && kedge_i_within(s->odds, 1e-6, 1e100) &&
           kedge_i_within(s->mean, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) && kedge_i_within(s->kappa, 1e-6, 100.0) &&
           kedge_i_within(s->alpha, 0.01, 100.0) && kedge_i_within(s->beta, is_normal ? 1e-200 : 0.01, is_normal ? 1e100 : 100.0) &&
           kedge_i_u32_within(s->family, KEDGE_BOCPD_NORMAL, KEDGE_BOCPD_BERNOULLI) &&
           kedge_i_u32_within(s->prior, KEDGE_REFERENCE_LEARNED, KEDGE_REFERENCE_FIXED) &&
           kedge_i_u32_within(s->min_samples, 2, BOCPD_MAX_SAMPLES) &&
           kedge_i_u32_within(s->max_run_lengths, 4, BOCPD_MAX_RUN_LENGTHS) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t bocpd_layout(void *fixed)
{
    bocpd_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->words = s->max_run_lengths * (uint32_t)(sizeof(bocpd_run_length) / sizeof(double));
    s->n_gains = BOCPD_GAINS;
    s->at_run = kedge_i_arena_take(&arena, s->words, sizeof(double));
    s->at_gain = kedge_i_arena_take(&arena, s->n_gains, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static int bocpd_learns(const bocpd_state *s)
{
    return s->family == KEDGE_BOCPD_NORMAL && s->prior == KEDGE_REFERENCE_LEARNED;
}

static void bocpd_set_prior(bocpd_state *s, double mean, double beta)
{
    int is_normal = s->family == KEDGE_BOCPD_NORMAL;
    s->fresh.mean = is_normal ? mean : 0.0;
    s->fresh.beta = beta > BOCPD_BETA_MIN ? beta : BOCPD_BETA_MIN;
    s->fresh.log_beta = is_normal ? log(s->fresh.beta) : 0.0;
}

static void bocpd_restart(bocpd_state *s)
{
    bocpd_run_length *run = kedge_i_at(s, s->at_run);
    memset(run, 0, s->words * sizeof(double));
    s->n = 0;
    detector_reference_start(&s->reference, s->prior, s->mean, 1.0);
    bocpd_set_prior(s, s->mean, s->beta);
    run[0] = s->fresh;
    s->held = 1;
}

static void bocpd_start(void *state)
{
    bocpd_state *s = state;
    double *gain = kedge_i_at(s, s->at_gain);
    double c = tgamma(s->alpha + 0.5) / tgamma(s->alpha); /* one observation more turns it into alpha / c */
    for (uint32_t n = 0; n < s->n_gains; n++) {
        double kappa = s->kappa + n;
        gain[n] = 0.5 * (log(c * c * (kappa / (kappa + 1.0))) - BOCPD_LOG_2PI);
        c = (s->alpha + 0.5 * n) / c;
    }
    bocpd_restart(s);
}

static inline double bocpd_gain(const bocpd_state *s, double n)
{
    if (n < (double)BOCPD_GAINS)
        return ((const double *)kedge_i_at_const(s, s->at_gain))[(uint32_t)n];
    double kappa = s->kappa + n;
    double alpha = s->alpha + 0.5 * n;
    double inverse = 1.0 / alpha;
    double square = inverse * inverse;
    return 0.5 * (log(alpha * (kappa / (kappa + 1.0))) - BOCPD_LOG_2PI) -
           inverse * (1.0 / 8.0 - square * (1.0 / 192.0 - square * (1.0 / 640.0)));
}

static int bocpd_run_is_sound(const bocpd_state *s, const bocpd_run_length *r)
{
    int is_normal = s->family == KEDGE_BOCPD_NORMAL;
    double most = DETECTOR_REFERENCE_MAX * DETECTOR_REFERENCE_MAX * (double)(int64_t)(s->n + 1);
    return kedge_i_within(r->log_p, -BOCPD_LOG_MAX, 1.0) && kedge_i_within(r->n, 0.0, (double)(int64_t)s->n) &&
           kedge_i_within(r->mean, is_normal ? -DETECTOR_REFERENCE_MAX : 0.0,
                          is_normal ? DETECTOR_REFERENCE_MAX : r->n * (1.0 + 1e-9)) &&
           kedge_i_within(r->beta, BOCPD_BETA_MIN, most) && kedge_i_within(r->log_beta, -1e3, 1e3);
}

static int bocpd_check(const void *state)
{
    const bocpd_state *s = state;
    const bocpd_run_length *run = kedge_i_at_const(s, s->at_run);
    if (!(bocpd_valid(s) && detector_record_is_sound(&s->record) && s->n <= s->record.n_seen &&
          detector_reference_is_sound(&s->reference, s->min_samples) && kedge_i_u32_within(s->held, 1, s->max_run_lengths) &&
          bocpd_run_is_sound(s, &s->fresh)))
        return 0;
    if (run[0].n != (double)(int64_t)(bocpd_learns(s) && s->n < s->min_samples ? 0 : s->n))
        return 0;
    for (uint32_t i = 0; i < s->held; i++)
        if (!bocpd_run_is_sound(s, &run[i]))
            return 0;
    const double *gain = kedge_i_at_const(s, s->at_gain);
    for (uint32_t n = 0; n < s->n_gains; n++)
        if (!kedge_i_within(gain[n], -1e3, 1e3))
            return 0;
    return 1;
}

/* One observation: its log density under a run length, which then learns it. */
static inline double bocpd_learn_normal(const bocpd_state *s, bocpd_run_length *r, double x)
{
    double kappa = s->kappa + r->n;
    double share = 1.0 / (kappa + 1.0);
    double off = x - r->mean;
    double beta = r->beta + off * off * (0.5 * kappa * share);
    double log_beta = log(beta);
    double log_density = bocpd_gain(s, r->n) - 0.5 * log_beta + (s->alpha + 0.5 * r->n) * (r->log_beta - log_beta);
    r->mean += off * share;
    r->beta = beta;
    r->log_beta = log_beta;
    r->n += 1.0;
    return log_density;
}

static inline double bocpd_learn_bernoulli(const bocpd_state *s, bocpd_run_length *r, double x)
{
    double total = s->alpha + s->beta + r->n;
    double log_density = 0.0;
    if (x > 0.0)
        log_density += x * log((s->alpha + r->mean) / total);
    if (x < 1.0)
        log_density += (1.0 - x) * log((s->beta + (r->n - r->mean)) / total);
    r->mean += x;
    r->n += 1.0;
    return log_density;
}

/* The learned prior; the run since the restart has seen all that it was learned from. */
static void bocpd_begin(bocpd_state *s)
{
    bocpd_run_length *run = kedge_i_at(s, s->at_run);
    double n = (double)(int64_t)s->reference.n;
    bocpd_set_prior(s, s->reference.mean, s->beta * s->reference.variance);
    *run = s->fresh;
    run->n = n;
    run->beta += 0.5 * s->reference.m2;
    run->log_beta = log(run->beta);
}

/* Probabilities that add up to 1; what has become impossible goes, but for the first. Returns the log odds of a change since the
 * restart. */
static double bocpd_normalise(bocpd_state *s)
{
    bocpd_run_length *run = kedge_i_at(s, s->at_run);
    double greatest = run[0].log_p;
    for (uint32_t i = 1; i < s->held; i++)
        greatest = run[i].log_p > greatest ? run[i].log_p : greatest;
    run[0].log_p -= greatest;
    double changed = 0.0;
    uint32_t kept = 1;
    for (uint32_t i = 1; i < s->held; i++) {
        double log_p = run[i].log_p - greatest;
        if (log_p < BOCPD_FORGOTTEN)
            continue;
        changed += exp(log_p);
        run[kept] = run[i];
        run[kept++].log_p = log_p;
    }
    memset(&run[kept], 0, (s->held - kept) * sizeof *run);
    s->held = kept;
    double stayed = run[0].log_p;
    double log_sum = log(changed + (stayed > -700.0 ? exp(stayed) : 0.0));
    for (uint32_t i = 0; i < kept; i++)
        run[i].log_p -= log_sum;
    return changed > 0.0 ? log(changed) - stayed : -BOCPD_LOG_MAX;
}

/* A run length begins; where there is no place, instead of the least probable. */
static void bocpd_branch(bocpd_state *s)
{
    bocpd_run_length *run = kedge_i_at(s, s->at_run);
    double stay = log1p(-s->hazard);
    uint32_t least = 1;
    for (uint32_t i = 0; i < s->held; i++) {
        run[i].log_p += stay;
        least = i > 0 && run[i].log_p < run[least].log_p ? i : least;
    }
    uint32_t place = s->held < s->max_run_lengths ? s->held++ : least;
    run[place] = s->fresh;
    run[place].log_p = log(s->hazard);
}

/* The most probable run length but the first; 0 if there is none. */
static uint32_t bocpd_likeliest(const bocpd_state *s)
{
    const bocpd_run_length *run = kedge_i_at_const(s, s->at_run);
    uint32_t best = s->held > 1 ? 1 : 0;
    for (uint32_t i = 2; i < s->held; i++)
        if (run[i].log_p > run[best].log_p || (run[i].log_p == run[best].log_p && run[i].n > run[best].n))
            best = i;
    return best;
}

/* Of a change since the restart, from probabilities that add up to 1. */
static double bocpd_log_odds(const bocpd_state *s)
{
    const bocpd_run_length *run = kedge_i_at_const(s, s->at_run);
    double changed = 0.0;
    for (uint32_t i = 1; i < s->held; i++)
        changed += exp(run[i].log_p);
    return changed > 0.0 ? log(changed) - run[0].log_p : -BOCPD_LOG_MAX;
}

static double bocpd_mean(const bocpd_state *s, const bocpd_run_length *r)
{
    return s->family == KEDGE_BOCPD_NORMAL ? r->mean : (s->alpha + r->mean) / (s->alpha + s->beta + r->n);
}

/* A change: it begins afresh, and tells of it if the mean went in the direction. */
static kedge_status bocpd_end(bocpd_state *s, double log_odds)
{
    const bocpd_run_length *run = kedge_i_at_const(s, s->at_run);
    const bocpd_run_length *after = &run[bocpd_likeliest(s)];
    double n_after = after->n >= 1.0 ? after->n : 1.0;
    double n_before = run[0].n - after->n;
    double before = bocpd_mean(s, &run[0]);
    if (n_before >= 1.0) /* the run since the restart has seen both parts */
        before += (before - bocpd_mean(s, after)) * (after->n / n_before);
    double mean = bocpd_mean(s, after);
    int is_told = s->direction == KEDGE_DIRECTION_BOTH || (s->direction == KEDGE_DIRECTION_UP ? mean > before : mean < before);
    if (is_told)
        detector_record_raise(&s->record, (uint64_t)n_after, before, mean, log_odds, log(s->odds), log_odds);
    bocpd_restart(s);
    return is_told ? KEDGE_DRIFT : KEDGE_OK;
}

static inline kedge_status bocpd_step(bocpd_state *s, double x)
{
    bocpd_run_length *run = kedge_i_at(s, s->at_run);
    int is_normal = s->family == KEDGE_BOCPD_NORMAL;
    s->record.n_seen++;
    s->n++;
    if (bocpd_learns(s) && s->n <= s->min_samples) {
        detector_reference_learn(&s->reference, x);
        if (s->n == s->min_samples)
            bocpd_begin(s);
        return KEDGE_OK;
    }
    if (!is_normal)
        x = x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x;
    for (uint32_t i = 0; i < s->held; i++)
        run[i].log_p += is_normal ? bocpd_learn_normal(s, &run[i], x) : bocpd_learn_bernoulli(s, &run[i], x);
    double log_odds = bocpd_normalise(s);
    if (s->n >= s->min_samples && log_odds > log(s->odds))
        return bocpd_end(s, log_odds);
    bocpd_branch(s);
    return KEDGE_OK;
}

DETECTOR_RUN_IN_PLACE(bocpd)

static kedge_status bocpd_estimate(const void *state, kedge_estimate *out)
{
    const bocpd_state *s = state;
    const bocpd_run_length *run = kedge_i_at_const(s, s->at_run);
    const bocpd_run_length *best = &run[bocpd_likeliest(s)];
    int learns = bocpd_learns(s) && s->n < s->min_samples;
    if (run[0].log_p >= best->log_p || best->n < 1.0)
        best = &run[0];
    kedge_status st = detector_record_estimate(&s->record, learns ? s->n : (uint64_t)best->n, out);
    out->threshold = log(s->odds);
    if (s->n == 0)
        return st;
    if (learns) {
        out->mean = s->reference.mean;
        out->variance = s->reference.variance;
        out->statistic = -BOCPD_LOG_MAX; /* it cannot tell yet */
        return KEDGE_OK;
    }
    out->mean = bocpd_mean(s, best);
    out->variance = s->family == KEDGE_BOCPD_NORMAL ? best->beta / (s->alpha + 0.5 * best->n) : out->mean * (1.0 - out->mean);
    out->statistic = bocpd_log_odds(s);
    return KEDGE_OK;
}

static kedge_status bocpd_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const bocpd_state *)state)->record, out);
}

const kedge_detector_class kedge_bocpd = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "bocpd",
            .fixed_bytes = sizeof(bocpd_state),
            .config_bytes = sizeof(kedge_bocpd_config),
            .n_fields = sizeof bocpd_fields / sizeof *bocpd_fields,
            .fields = bocpd_fields,
            .defaults = bocpd_defaults,
            .configure = bocpd_configure,
            .valid = bocpd_valid,
            .layout = bocpd_layout,
            .start = bocpd_start,
            .check = bocpd_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = bocpd_run,
    .update = bocpd_update,
    .estimate = bocpd_estimate,
    .alarm = bocpd_alarm,
    .knob = {offsetof(kedge_bocpd_config, odds), 0, 1e-6, 1e100},
};
