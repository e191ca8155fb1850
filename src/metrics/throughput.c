/* SPDX-License-Identifier: MIT */
/* Throughput: items a second, over the whole run and recently.
 *
 * The recent rate is that of an exponentially weighted time window: items and time itself fade with the same half-life, and the rate is
 * their quotient, so it is right from the first interval on and needs no warm-up (Brown 1963, "Smoothing, Forecasting and Prediction",
 * chapter 7, in continuous time). It cannot be merged: two sources' clocks need not be the same. Cost: O(1), one exponential. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/metric.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"

#define THROUGHPUT_MAX_NS ((uint64_t)1 << 62)

typedef struct throughput_state {
    kedge_state_head head;
    uint64_t half_life_ns;
    uint64_t n;            /* items */
    uint64_t n_first;      /* of these, with the first record: they were done before the clock started */
    uint64_t first_ns;
    uint64_t last_ns;
    double recent_items;   /* faded, >= 0 */
    double recent_seconds; /* faded, >= 0 */
    uint32_t started;      /* 1: there was a record */
    uint32_t reserved;
} throughput_state;

static const kedge_field throughput_fields[] = {
    KEDGE_PARAM(throughput_state, half_life_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, n_first, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, first_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, last_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, recent_items, KEDGE_TYPE_F64),
    KEDGE_VALUE(throughput_state, recent_seconds, KEDGE_TYPE_F64),
    KEDGE_VALUE(throughput_state, started, KEDGE_TYPE_U32),
};

static void throughput_defaults(void *config)
{
    kedge_throughput_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_throughput;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->half_life_ns = 10000000000u;
}

kedge_status kedge_throughput_config_init(kedge_throughput_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_throughput.base, cfg, cfg_bytes, sizeof *cfg);
}

static void throughput_configure(const void *config, void *fixed)
{
    ((throughput_state *)fixed)->half_life_ns = ((const kedge_throughput_config *)config)->half_life_ns;
}

static int throughput_valid(const void *fixed)
{
    const throughput_state *s = fixed;
    return s->half_life_ns >= 1000 && s->half_life_ns <= THROUGHPUT_MAX_NS;
}

static size_t throughput_layout(void *fixed)
{
    (void)fixed;
    return sizeof(throughput_state);
}

/* Fading never adds: the recent figures are at most the whole ones, up to rounding. */
static int throughput_check(const void *state)
{
    const throughput_state *s = state;
    if (!throughput_valid(s) || s->started > 1 || s->n_first > s->n || s->first_ns > s->last_ns)
        return 0;
    if (!s->started && (s->n != 0 || s->last_ns != 0))
        return 0;
    double seconds = (double)(s->last_ns - s->first_ns) * 1e-9;
    double items = (double)(s->n - s->n_first);
    return kedge_i_within(s->recent_items, 0.0, 2.0 * items) && kedge_i_within(s->recent_seconds, 0.0, 2.0 * seconds) &&
           (s->recent_seconds > 0.0) == (seconds > 0.0);
}

kedge_status kedge_throughput_record(kedge_metric *m, uint64_t now_ns, uint64_t n_items)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_throughput));
    throughput_state *s = m->state;
    if (s->started && now_ns < s->last_ns)
        return KEDGE_ERR_RANGE;
    if (n_items > UINT64_MAX - s->n)
        return KEDGE_ERR_RANGE;
    if (s->started) {
        double passed = (double)(now_ns - s->last_ns);
        double fade = exp2(-passed / (double)s->half_life_ns);
        s->recent_items = s->recent_items * fade + (double)n_items;
        s->recent_seconds = s->recent_seconds * fade + passed * 1e-9;
    } else {
        s->started = 1;
        s->first_ns = now_ns;
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
    if (out->elapsed_ns == 0)
        return KEDGE_EMPTY;
    out->per_second = (double)(s->n - s->n_first) / ((double)out->elapsed_ns * 1e-9);
    if (s->recent_seconds > 0.0)
        out->recent_per_second = s->recent_items / s->recent_seconds;
    return KEDGE_OK;
}

const kedge_metric_class kedge_throughput = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "throughput",
            .fixed_bytes = sizeof(throughput_state),
            .config_bytes = sizeof(kedge_throughput_config),
            .n_fields = sizeof throughput_fields / sizeof *throughput_fields,
            .fields = throughput_fields,
            .defaults = throughput_defaults,
            .configure = throughput_configure,
            .valid = throughput_valid,
            .layout = throughput_layout,
            .check = throughput_check,
        },
};
