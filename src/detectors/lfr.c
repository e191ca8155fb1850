/* SPDX-License-Identifier: MIT */
/* Linear Four Rates: four fading rates of a confusion matrix, each against its plain mean.
 *
 * Wang, Abraham 2015, "Concept drift detection for streaming data", IJCNN 2015, section III and algorithm 1: an observation
 * moves two of the rates TPR, TNR, PPV, NPV; the fading rate R <- eta R + (1 - eta) [right] is compared with bounds of its
 * distribution under the empirical rate P. The paper simulates the bounds (BoundTable); here they are an inequality. With
 * weights w_i = (1 - eta) eta^i / W that add up to 1 (the paper's start at 0.5, which fades with eta^n, is left out) and n
 * observations,
 *     R - P = sum a_i (B_i - p),  a_i = w_i - 1/n,  V = sum a_i^2 = (1 - eta) / (1 + eta) (2 - W) / W - 1/n,  W = 1 - eta^n,
 * is a sum of independent terms with mean 0. By Chernoff, -ln P(R - P >= x) >= sup_t t x - sum phi(t a_i), where
 * phi(y) = ln(1 - p + p e^y) - p y, and phi(y) / y^2 rises up to y = 2 ln(q / p), q = 1 - p, where it is (q - p) / (4 ln(q /
 * p)) (Kearns, Saul 1998, "Large deviation methods for approximate probabilistic inference", lemma 1), if p < 1/2, and never
 * exceeds p q / 2 otherwise (nor, but for the order of 1 / n, where a_i < 0). With the greatest weight a in place of all others
 * in phi(y) / y^2:
 *     x^2 / (2 V p q)                                  if p >= 1/2,
 *     V / a^2 KL(p + x a / V || p)                     else, while p + x a / V <= q,
 *     x^2 ln(q / p) / ((q - p) V)                      beyond.
 * For falls p is the share of errors. p is estimated by (k + 1) / (n + 2), as the paper's matrix of ones does, so that V p q is
 * never 0. None of the three exceeds x^2 / (2 V p q), which is therefore tested first, and alone nearly always. Cost: O(1). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/lfr.h"

#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define LFR_LEAST_ALPHA 1e-300
#define LFR_ROUNDING 1e-9 /* weights add up to 1 within this */

enum { LFR_MAX_START = 1 << 30 };
enum { LFR_TPR = 0, LFR_TNR = 1, LFR_PPV = 2, LFR_NPV = 3, LFR_RATES = 4 };

typedef struct lfr_rate {
    uint64_t n;       /* observations since the restart */
    uint64_t n_right; /* of these */
    double fading;    /* sum of (1 - eta) eta^age over those that were right */
    double weight;    /* W: the same over all, 1 - eta^n */
    uint64_t turn_at;    /* all observations since the restart, before R last went from one side of P to the other */
    uint64_t turn_n;     /* n then */
    uint64_t turn_right; /* n_right then */
} lfr_rate;

typedef struct lfr_state {
    kedge_state_head head;
    double decay;
    double alpha_warning;
    double alpha_drift;
    uint32_t warm_start;
    uint8_t direction;
    uint8_t warned;       /* bits: the rates in the warning zone */
    uint8_t below;        /* bits: the rates with R < P */
    uint8_t reserved;
    double limit_warning; /* evidence of alpha_warning, from the layout */
    double limit_drift;   /* evidence of alpha_drift */
    double spread;        /* (1 - eta) / (1 + eta): sum of the squared weights of a fading mean */
    detector_record record;
    uint64_t n; /* since the restart, at most n_seen */
    lfr_rate rates[LFR_RATES];
} lfr_state;

#define LFR_RATE_FIELDS(i)                                                                         \
    KEDGE_VALUE(lfr_state, rates[i].n, KEDGE_TYPE_U64), KEDGE_VALUE(lfr_state, rates[i].n_right, KEDGE_TYPE_U64),         \
        KEDGE_VALUE(lfr_state, rates[i].fading, KEDGE_TYPE_F64), KEDGE_VALUE(lfr_state, rates[i].weight, KEDGE_TYPE_F64), \
        KEDGE_VALUE(lfr_state, rates[i].turn_at, KEDGE_TYPE_U64), KEDGE_VALUE(lfr_state, rates[i].turn_n, KEDGE_TYPE_U64), \
        KEDGE_VALUE(lfr_state, rates[i].turn_right, KEDGE_TYPE_U64)

static const kedge_field lfr_fields[] = {
    KEDGE_PARAM(lfr_state, decay, KEDGE_TYPE_F64),
    KEDGE_PARAM(lfr_state, alpha_warning, KEDGE_TYPE_F64),
    KEDGE_PARAM(lfr_state, alpha_drift, KEDGE_TYPE_F64),
    KEDGE_PARAM(lfr_state, warm_start, KEDGE_TYPE_U32),
    KEDGE_PARAM(lfr_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(lfr_state, warned, KEDGE_TYPE_U8),
    KEDGE_VALUE(lfr_state, below, KEDGE_TYPE_U8),
    DETECTOR_RECORD_FIELDS(lfr_state),
    KEDGE_VALUE(lfr_state, n, KEDGE_TYPE_U64),
    LFR_RATE_FIELDS(LFR_TPR),
    LFR_RATE_FIELDS(LFR_TNR),
    LFR_RATE_FIELDS(LFR_PPV),
    LFR_RATE_FIELDS(LFR_NPV),
};

static void lfr_defaults(void *config)
{
    kedge_lfr_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_lfr;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->decay = 0.9;
    cfg->alpha_warning = 0.01;
    cfg->alpha_drift = 0.0001;
    cfg->warm_start = 50;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_lfr_config_init(kedge_lfr_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_lfr.base, cfg, cfg_bytes, sizeof *cfg);
}

static void lfr_configure(const void *config, void *fixed)
{
    const kedge_lfr_config *cfg = config;
    lfr_state *s = fixed;
    s->decay = cfg->decay;
    s->alpha_warning = cfg->alpha_warning;
    s->alpha_drift = cfg->alpha_drift;
    s->warm_start = cfg->warm_start;
    s->direction = kedge_i_choice(cfg->direction);
}

static int lfr_valid(const void *fixed)
{
    const lfr_state *s = fixed;
    return kedge_i_within(s->decay, 0.5, 0.9999) && s->alpha_drift >= LFR_LEAST_ALPHA && s->alpha_drift < 1.0 &&
           kedge_i_within(s->alpha_warning, s->alpha_drift, DBL_MAX) && kedge_i_u32_within(s->warm_start, 10, LFR_MAX_START) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

/* Two directions share alpha. */
static double lfr_limit(const lfr_state *s, double alpha)
{
    return (s->direction == KEDGE_DIRECTION_BOTH ? log(2.0) : 0.0) - log(alpha);
}

static double lfr_spread(const lfr_state *s)
{
    return (1.0 - s->decay) / (1.0 + s->decay);
}

static size_t lfr_layout(void *fixed)
{
    lfr_state *s = fixed;
    s->limit_warning = lfr_limit(s, s->alpha_warning);
    s->limit_drift = lfr_limit(s, s->alpha_drift);
    s->spread = lfr_spread(s);
    return sizeof *s;
}

static void lfr_restart(lfr_state *s)
{
    s->n = 0;
    s->warned = s->below = 0;
    memset(s->rates, 0, sizeof s->rates);
}

static int lfr_rate_is_sound(const lfr_state *s, const lfr_rate *r)
{
    double least = r->n > 0 ? 0.5 * (1.0 - s->decay) : 0.0;
    double most = r->n > 0 ? 1.0 + LFR_ROUNDING : 0.0;
    return r->n_right <= r->n && kedge_i_within(r->weight, least, most) &&
           kedge_i_within(r->fading, 0.0, r->weight * (1.0 + LFR_ROUNDING)) && r->turn_at <= s->n && r->turn_n <= r->n &&
           r->turn_right <= r->turn_n && r->turn_right <= r->n_right && (r->n == 0 || r->turn_at < s->n);
}

static int lfr_check(const void *state)
{
    const lfr_state *s = state;
    const lfr_rate *r = s->rates;
    return lfr_valid(s) && detector_record_is_sound(&s->record) && s->limit_warning == lfr_limit(s, s->alpha_warning) &&
           s->limit_drift == lfr_limit(s, s->alpha_drift) && s->spread == lfr_spread(s) && s->n <= s->record.n_seen &&
           s->warned < 1u << LFR_RATES && s->below < 1u << LFR_RATES && lfr_rate_is_sound(s, &r[LFR_TPR]) &&
           lfr_rate_is_sound(s, &r[LFR_TNR]) && lfr_rate_is_sound(s, &r[LFR_PPV]) && lfr_rate_is_sound(s, &r[LFR_NPV]) &&
           r[LFR_TPR].n <= s->n && r[LFR_TNR].n == s->n - r[LFR_TPR].n && r[LFR_PPV].n <= s->n &&
           r[LFR_NPV].n == s->n - r[LFR_PPV].n;
}

/* A rate's deviation and what it is to be judged by. */
typedef struct lfr_test {
    double x; /* R - P */
    double v; /* V */
    double a; /* the greatest weight */
    double p; /* share that was right, estimated */
    double q; /* share that was wrong: 1 - p, but never 0 */
} lfr_test;

static inline lfr_test lfr_test_of(const lfr_state *s, const lfr_rate *r)
{
    lfr_test t;
    double right = (double)(int64_t)r->n_right;
    double n = (double)(int64_t)r->n;
    double inverse = 1.0 / n;
    double inverse_weight = 1.0 / r->weight;
    t.x = r->fading * inverse_weight - right * inverse;
    t.v = s->spread * ((2.0 - r->weight) * inverse_weight) - inverse;
    t.a = (1.0 - s->decay) * inverse_weight - inverse;
    t.p = (right + 1.0) / (n + 2.0);
    t.q = (n - right + 1.0) / (n + 2.0);
    return t;
}

/* Bound on -ln of the probability of a deviation by x >= 0 in the direction that an observation takes with probability p, not
 * q. */
static double lfr_bound(double x, double v, double a, double p, double q)
{
    if (p >= 0.5)
        return x * x / (2.0 * v * p * q);
    double tilted = p + x * a / v;
    if (tilted > q)
        return x * x * log(q / p) / ((q - p) * v);
    return v / (a * a) * (tilted * log(tilted / p) + (1.0 - tilted) * log((1.0 - tilted) / q));
}

/* Evidence that the rate has changed, in the direction that is looked for; 0 if there is none. */
static double lfr_evidence(const lfr_state *s, const lfr_rate *r)
{
    if (r->n <= s->warm_start)
        return 0.0;
    lfr_test t = lfr_test_of(s, r);
    int is_away = s->direction == KEDGE_DIRECTION_UP ? t.x < 0.0 : s->direction == KEDGE_DIRECTION_DOWN && t.x > 0.0;
    if (is_away || !(t.v > 0.0) || !(t.a > 0.0))
        return 0.0;
    double evidence = t.x > 0.0 ? lfr_bound(t.x, t.v, t.a, t.p, t.q) : lfr_bound(-t.x, t.v, t.a, t.q, t.p);
    return evidence > 0.0 ? evidence : 0.0; /* rounding */
}

/* Add an observation to rate i. Returns whether it surely does not warn: the bound is at most x^2 / (2 V p q). Both sides times
 * (n W (n + 2))^2 leave no division. */
static inline int lfr_add(lfr_state *s, uint32_t i, uint64_t right)
{
    lfr_rate *r = &s->rates[i];
    double share = 1.0 - s->decay;
    r->n++;
    r->n_right += right;
    r->fading = s->decay * r->fading + share * (double)(int64_t)right;
    r->weight = s->decay * r->weight + share;
    double n = (double)(int64_t)r->n;
    double n_right = (double)(int64_t)r->n_right;
    double x = r->fading * n - r->weight * n_right;
    if ((x < 0.0) != (s->below >> i & 1)) {
        s->below = (uint8_t)(s->below ^ 1u << i);
        r->turn_at = s->n - 1;
        r->turn_n = r->n - 1;
        r->turn_right = r->n_right - right;
    }
    double deviation = x * (n + 2.0);
    double v = s->spread * (2.0 - r->weight) * n - r->weight;
    double variance = v * (n * r->weight) * ((n_right + 1.0) * (n - n_right + 1.0));
    return deviation * deviation <= 2.0 * (1.0 - LFR_ROUNDING) * s->limit_warning * variance || r->n <= s->warm_start;
}

static int lfr_warns(const lfr_state *s, const lfr_rate *r, double evidence)
{
    return r->n > s->warm_start && evidence > s->limit_warning;
}

/* One of the two rates that moved may be in the zone, or has been. */
static kedge_status lfr_judge(lfr_state *s, uint32_t i, uint32_t j)
{
    double at_i = lfr_evidence(s, &s->rates[i]);
    double at_j = lfr_evidence(s, &s->rates[j]);
    uint32_t warned = s->warned & ~(1u << i | 1u << j);
    warned |= (uint32_t)lfr_warns(s, &s->rates[i], at_i) << i | (uint32_t)lfr_warns(s, &s->rates[j], at_j) << j;
    int was_warned = s->warned != 0;
    s->warned = (uint8_t)warned;
    if (at_i > s->limit_drift || at_j > s->limit_drift)
        return KEDGE_DRIFT;
    s->record.n_warnings += warned && !was_warned;
    return warned ? KEDGE_WARNING : KEDGE_OK;
}

static inline kedge_status lfr_step(lfr_state *s, double x)
{
    uint32_t code = (uint32_t)(x + 0.5);
    uint32_t truth = code >> 1;
    uint32_t predicted = code & 1;
    uint64_t right = truth == predicted;
    uint32_t i = LFR_TNR - truth;
    uint32_t j = LFR_NPV - predicted;
    s->record.n_seen++;
    s->n++;
    int is_quiet = lfr_add(s, i, right) & lfr_add(s, j, right);
    return is_quiet && !s->warned ? KEDGE_OK : lfr_judge(s, i, j);
}

static double lfr_share(uint64_t n_right, uint64_t n)
{
    return n ? (double)(int64_t)n_right / (double)(int64_t)n : (double)NAN;
}

static uint32_t lfr_strongest(const lfr_state *s)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < LFR_RATES; k++)
        if (lfr_evidence(s, &s->rates[k]) > lfr_evidence(s, &s->rates[best]))
            best = k;
    return best;
}

/* Keep what the alarm saw and start afresh. The new concept began where the rate's fading mean last left its plain mean: the
 * beginning of the excursion, as Hinkley 1971 takes it for cumulative sums. The paper's warn.time comes later. */
static void lfr_raise(lfr_state *s)
{
    const lfr_rate *r = &s->rates[lfr_strongest(s)];
    double evidence = lfr_evidence(s, r);
    detector_record_raise(&s->record, s->n - r->turn_at, lfr_share(r->turn_right, r->turn_n),
                          lfr_share(r->n_right - r->turn_right, r->n - r->turn_n), evidence, s->limit_drift,
                          evidence - lfr_limit(s, 1.0));
    lfr_restart(s);
}

DETECTOR_RUN(lfr)

static kedge_status lfr_estimate(const void *state, kedge_estimate *out)
{
    const lfr_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    if (st != KEDGE_OK)
        return st;
    out->mean = lfr_share(s->rates[LFR_TPR].n_right + s->rates[LFR_TNR].n_right, s->n);
    out->variance = out->mean * (1.0 - out->mean);
    out->statistic = lfr_evidence(s, &s->rates[lfr_strongest(s)]);
    out->threshold = s->limit_drift;
    return KEDGE_OK;
}

static kedge_status lfr_alarm(const void *state, kedge_alarm *out)
{
    const lfr_state *s = state;
    return detector_record_alarm(&s->record, out);
}

const kedge_detector_class kedge_lfr = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "lfr",
            .fixed_bytes = sizeof(lfr_state),
            .config_bytes = sizeof(kedge_lfr_config),
            .n_fields = sizeof lfr_fields / sizeof *lfr_fields,
            .fields = lfr_fields,
            .defaults = lfr_defaults,
            .configure = lfr_configure,
            .valid = lfr_valid,
            .layout = lfr_layout,
            .check = lfr_check,
        },
    .input_low = 0.0,
    .input_high = 3.0,
    .run = lfr_run,
    .update = lfr_update,
    .estimate = lfr_estimate,
    .alarm = lfr_alarm,
    .knob = {offsetof(kedge_lfr_config, alpha_drift), offsetof(kedge_lfr_config, alpha_warning), 0.5, 1e-30},
};
