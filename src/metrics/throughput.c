/* SPDX-License-Identifier: MIT */
/* Throughput: items a second, over the whole run, recently, over several horizons and at its peak.
 *
 * A faded rate is an average over time in which the past fades: items that were done between two records count as spread evenly
 * over the time between, each moment has the weight e^-(its age / horizon), and the items' weights are divided by the weight of all
 * time since the first record. So the rate does not depend on how often one records, a long pause counts no more than what is left
 * of it, and it is right from the first interval on, without a warm-up (Brown 1963, "Smoothing, Forecasting and Prediction",
 * chapter 7, in continuous time). The recent rate is one of them, of the horizon half-life / ln 2. It cannot be merged: two
 * sources' clocks need not be the same. Cost: O(1), an exponential for each. */
#include "base/fp.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "kedge/metrics/throughput.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"

#define THROUGHPUT_MAX_NS ((uint64_t)1 << 62)
#define THROUGHPUT_SECOND UINT64_C(1000000000)
#define THROUGHPUT_LN2 0.69314718055994530942

enum { THROUGHPUT_RATES = KEDGE_THROUGHPUT_HORIZONS + 1 }; /* the recent one, then the horizons */

typedef struct throughput_state {
    kedge_state_head head;
    uint64_t half_life_ns;
    uint64_t peak_ns;
    uint64_t horizon_ns[KEDGE_THROUGHPUT_HORIZONS];
    uint32_t n_horizons;
    uint32_t started; /* 1: there was a record */
    uint64_t n;       /* items */
    uint64_t n_first; /* of these, with the first record: they were done before the clock started */
    uint64_t first_ns;
    uint64_t last_ns;
    uint64_t stretch_ns;            /* begin of the stretch that has not ended */
    uint64_t n_stretch;             /* its items */
    double peak;                    /* greatest rate of those that have; below 0: none has */
    double rates[THROUGHPUT_RATES]; /* items a second, each weighted by its moment; to be divided by the weight of all time */
} throughput_state;

#define THROUGHPUT_HORIZON(i) KEDGE_PARAM(throughput_state, horizon_ns[i], KEDGE_TYPE_U64)

static const kedge_field throughput_fields[] = {
    KEDGE_PARAM(throughput_state, half_life_ns, KEDGE_TYPE_U64),
    KEDGE_PARAM(throughput_state, peak_ns, KEDGE_TYPE_U64),
    KEDGE_PARAM(throughput_state, n_horizons, KEDGE_TYPE_U32),
    THROUGHPUT_HORIZON(0),
    THROUGHPUT_HORIZON(1),
    THROUGHPUT_HORIZON(2),
    THROUGHPUT_HORIZON(3),
    THROUGHPUT_HORIZON(4),
    THROUGHPUT_HORIZON(5),
    THROUGHPUT_HORIZON(6),
    THROUGHPUT_HORIZON(7),
    KEDGE_VALUE(throughput_state, started, KEDGE_TYPE_U32),
    KEDGE_VALUE(throughput_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, n_first, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, first_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, last_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, stretch_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, n_stretch, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, peak, KEDGE_TYPE_F64),
    KEDGE_VALUES(throughput_state, rates, THROUGHPUT_RATES, KEDGE_TYPE_F64),
};

static void throughput_defaults(void *config)
{
    kedge_throughput_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_throughput;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->half_life_ns = 10000000000u;
    cfg->peak_ns = THROUGHPUT_SECOND;
    cfg->horizon_ns[0] = THROUGHPUT_SECOND;
    cfg->horizon_ns[1] = 60 * THROUGHPUT_SECOND;
    cfg->horizon_ns[2] = 300 * THROUGHPUT_SECOND;
    cfg->horizon_ns[3] = 900 * THROUGHPUT_SECOND;
    cfg->n_horizons = 4;
}

kedge_status kedge_throughput_config_init(kedge_throughput_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_throughput.base, cfg, cfg_bytes, offsetof(kedge_throughput_config, peak_ns));
}

static void throughput_configure(const void *config, void *fixed)
{
    const kedge_throughput_config *cfg = config;
    throughput_state *s = fixed;
    s->half_life_ns = cfg->half_life_ns;
    s->peak_ns = cfg->peak_ns;
    s->n_horizons = cfg->n_horizons;
    for (uint32_t i = 0; i < KEDGE_THROUGHPUT_HORIZONS && i < cfg->n_horizons; i++)
        s->horizon_ns[i] = cfg->horizon_ns[i];
}

static int throughput_span_valid(uint64_t ns)
{
    return ns >= 1000 && ns <= THROUGHPUT_MAX_NS;
}

static int throughput_valid(const void *fixed)
{
    const throughput_state *s = fixed;
    if (!throughput_span_valid(s->half_life_ns) || !throughput_span_valid(s->peak_ns) || s->n_horizons > KEDGE_THROUGHPUT_HORIZONS)
        return 0;
    for (uint32_t i = 0; i < KEDGE_THROUGHPUT_HORIZONS; i++)
        if (i < s->n_horizons ? !throughput_span_valid(s->horizon_ns[i]) : s->horizon_ns[i] != 0)
            return 0;
    return 1;
}

static size_t throughput_layout(void *fixed)
{
    (void)fixed;
    return sizeof(throughput_state);
}

static void throughput_start(void *state)
{
    ((throughput_state *)state)->peak = -1.0;
}

/* Nanoseconds in which a rate's past fades to 1 / e. */
static double throughput_horizon(const throughput_state *s, uint32_t i)
{
    return i == 0 ? (double)s->half_life_ns / THROUGHPUT_LN2 : (double)s->horizon_ns[i - 1];
}

/* What one item adds to a rate at the moment when it is done; fading only takes away. */
static double throughput_item(double horizon_ns)
{
    return 1.0 / (horizon_ns * 1e-9);
}

static int throughput_rates_are_sound(const throughput_state *s)
{
    double n = (double)(s->n - s->n_first);
    for (uint32_t i = 0; i < THROUGHPUT_RATES; i++) {
        double most = i <= s->n_horizons ? 2.0 * n * throughput_item(throughput_horizon(s, i)) : 0.0; /* room for rounding */
        if (!kedge_i_within(s->rates[i], 0.0, most))
            return 0;
    }
    return s->peak == -1.0 || kedge_i_within(s->peak, 0.0, 2.0 * n / ((double)s->peak_ns * 1e-9));
}

static int throughput_check(const void *state)
{
    const throughput_state *s = state;
    if (!throughput_valid(s) || s->started > 1 || s->n_first > s->n || s->first_ns > s->last_ns)
        return 0;
    if (s->stretch_ns < s->first_ns || s->stretch_ns > s->last_ns || s->n_stretch > s->n - s->n_first)
        return 0;
    if (!s->started && (s->n != 0 || s->last_ns != 0))
        return 0;
    return throughput_rates_are_sound(s);
}

/* Minus the weight of the newest `passed_ns`, that of all time being 1: e^-(passed / horizon) - 1. */
static double throughput_fade(double passed_ns, double horizon_ns)
{
    return expm1(-(passed_ns / horizon_ns));
}

/* A rate after an interval in which n_items were done: its weight times its rate, and what is left of the past. */
static double throughput_step(double rate, double horizon_ns, double passed_ns, double n_items)
{
    if (!(passed_ns > 0.0)) /* the limit: items of this very moment */
        return rate + n_items * throughput_item(horizon_ns);
    double fade = throughput_fade(passed_ns, horizon_ns);
    return rate * (1.0 + fade) - fade * (n_items / (passed_ns * 1e-9));
}

/* The stretch goes on by n_items, or ends here. */
static void throughput_stretch(throughput_state *s, uint64_t now_ns, uint64_t n_items)
{
    s->n_stretch += n_items;
    if (now_ns - s->stretch_ns < s->peak_ns)
        return;
    double rate = (double)s->n_stretch / ((double)(now_ns - s->stretch_ns) * 1e-9);
    s->peak = rate > s->peak ? rate : s->peak;
    s->stretch_ns = now_ns;
    s->n_stretch = 0;
}

kedge_status kedge_throughput_record(kedge_metric *m, uint64_t now_ns, uint64_t n_items)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_throughput));
    throughput_state *s = m->state;
    if (n_items > UINT64_MAX - s->n || (s->started && now_ns < s->last_ns))
        return KEDGE_ERR_RANGE;
    if (s->started) {
        double passed_ns = (double)(now_ns - s->last_ns);
        for (uint32_t i = 0; i <= s->n_horizons; i++)
            s->rates[i] = throughput_step(s->rates[i], throughput_horizon(s, i), passed_ns, (double)n_items);
        throughput_stretch(s, now_ns, n_items);
    } else {
        s->started = 1;
        s->first_ns = s->stretch_ns = now_ns;
        s->n_first = n_items;
    }
    s->n += n_items;
    s->last_ns = now_ns;
    return KEDGE_OK;
}

kedge_status kedge_throughput_read(const kedge_metric *m, kedge_throughput_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_throughput));
    if (!out)
        return KEDGE_ERR_NULL;
    const throughput_state *s = m->state;
    out->n = s->n;
    out->elapsed_ns = s->last_ns - s->first_ns;
    out->per_second = out->recent_per_second = (double)NAN;
    out->peak_per_second = s->peak < 0.0 ? (double)NAN : s->peak;
    for (uint32_t i = 0; i < KEDGE_THROUGHPUT_HORIZONS; i++)
        out->horizons[i] = (double)NAN;
    if (out->elapsed_ns == 0)
        return KEDGE_EMPTY;
    double elapsed = (double)out->elapsed_ns;
    out->per_second = (double)(s->n - s->n_first) / (elapsed * 1e-9);
    out->recent_per_second = s->rates[0] / -throughput_fade(elapsed, throughput_horizon(s, 0));
    for (uint32_t i = 0; i < s->n_horizons; i++)
        out->horizons[i] = s->rates[i + 1] / -throughput_fade(elapsed, throughput_horizon(s, i + 1));
    return KEDGE_OK;
}

const kedge_metric_class kedge_throughput = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 2,
            .name = "throughput",
            .fixed_bytes = sizeof(throughput_state),
            .config_bytes = sizeof(kedge_throughput_config),
            .n_fields = sizeof throughput_fields / sizeof *throughput_fields,
            .fields = throughput_fields,
            .defaults = throughput_defaults,
            .configure = throughput_configure,
            .valid = throughput_valid,
            .layout = throughput_layout,
            .start = throughput_start,
            .check = throughput_check,
        },
};
