/* SPDX-License-Identifier: MIT */
/* Throughput: items a second, over the whole run and recently.
 *
 * The recent rate is an average over time in which the past fades with a half-life: items that were done between two records count as
 * spread evenly over the time between, each moment has the weight 2^-(its age / half-life), and the items' weights are divided by the
 * weight of all time since the first record. So the rate does not depend on how often one records, a long pause counts no more than what
 * is left of it, and it is right from the first interval on, without a warm-up (Brown 1963, "Smoothing, Forecasting and Prediction",
 * chapter 7, in continuous time). It cannot be merged: two sources' clocks need not be the same. Cost: O(1), two exponentials. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metric.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"

#define THROUGHPUT_MAX_NS ((uint64_t)1 << 62)
#define THROUGHPUT_LN2 0.69314718055994530942

typedef struct throughput_state {
    kedge_state_head head;
    uint64_t half_life_ns;
    uint64_t n;       /* items */
    uint64_t n_first; /* of these, with the first record: they were done before the clock started */
    uint64_t first_ns;
    uint64_t last_ns;
    double recent;    /* items a second, each weighted by its moment; to be divided by the weight of all time */
    uint32_t started; /* 1: there was a record */
    uint32_t reserved;
} throughput_state;

static const kedge_field throughput_fields[] = {
    KEDGE_PARAM(throughput_state, half_life_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, n_first, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, first_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, last_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(throughput_state, recent, KEDGE_TYPE_F64),
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

/* What one item adds to `recent` at the moment when it is done; fading only takes away. */
static double throughput_item(const throughput_state *s)
{
    return THROUGHPUT_LN2 / ((double)s->half_life_ns * 1e-9);
}

static int throughput_check(const void *state)
{
    const throughput_state *s = state;
    if (!throughput_valid(s) || s->started > 1 || s->n_first > s->n || s->first_ns > s->last_ns)
        return 0;
    if (!s->started && (s->n != 0 || s->last_ns != 0))
        return 0;
    return kedge_i_within(s->recent, 0.0, 2.0 * (double)(s->n - s->n_first) * throughput_item(s)); /* room for rounding */
}

/* Weight of the newest `passed_ns`, that of all time being 1: 1 - 2^-(passed / half-life). */
static double throughput_weight(const throughput_state *s, double passed_ns)
{
    return -expm1(-THROUGHPUT_LN2 * (passed_ns / (double)s->half_life_ns));
}

/* `recent` after an interval in which n_items were done: its weight times its rate, and what is left of the past. */
static double throughput_step(const throughput_state *s, double passed_ns, double n_items)
{
    if (!(passed_ns > 0.0)) /* the limit: items of this very moment */
        return s->recent + n_items * throughput_item(s);
    double past = s->recent * exp2(-(passed_ns / (double)s->half_life_ns));
    return past + throughput_weight(s, passed_ns) * (n_items / (passed_ns * 1e-9));
}

kedge_status kedge_throughput_record(kedge_metric *m, uint64_t now_ns, uint64_t n_items)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_throughput));
    throughput_state *s = m->state;
    if (n_items > UINT64_MAX - s->n || (s->started && now_ns < s->last_ns))
        return KEDGE_ERR_RANGE;
    if (s->started) {
        s->recent = throughput_step(s, (double)(now_ns - s->last_ns), (double)n_items);
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
    double elapsed = (double)out->elapsed_ns;
    out->per_second = (double)(s->n - s->n_first) / (elapsed * 1e-9);
    out->recent_per_second = s->recent / throughput_weight(s, elapsed);
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
