/* SPDX-License-Identifier: MIT */
/* DDM for a fleet: the same numbers, to the last bit, as the detector in detectors/ddm.c gives for each stream by itself; paper and
 * equations stand there.
 *
 * While a stream has had no error, the smoothed deviation of its least level follows from the count alone, and no signal depends on
 * it. So it is worked out only when the first error comes, which spares every tick a division and a root.
 *
 * Cost: 64 bytes a stream that every tick reads and writes, and 64 that only alarms touch. */
#include "base/fp.h"

#include "kedge/fleet.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "fleet/fleet_blocks.h"
#include "fleet/fleet_vector.h"

typedef struct fleet_ddm_state {
    fleet_common common;
    double warning_threshold;
    double drift_threshold;
    uint32_t warm_start;
    uint32_t drift_warm_start;
    uint8_t smooth;
    uint8_t reserved[7];
} fleet_ddm_state;

typedef struct fleet_ddm_lanes {
    double n[FLEET_LANES];          /* observations since the restart */
    double p[FLEET_LANES];          /* error rate of these, in [0, 1] */
    double least[FLEET_LANES];      /* least p + s so far, DBL_MAX before the first */
    double p_min[FLEET_LANES];      /* p where it stood there */
    double s_min[FLEET_LANES];      /* s there; the smoothed one is put in by the first error */
    double warning_n[FLEET_LANES];  /* in the zone: observations since the restart before it was entered; else -1 */
    double warning_p[FLEET_LANES];  /* the error rate of those before the zone that was entered last */
    double n_warnings[FLEET_LANES]; /* zones entered since the restart */
} fleet_ddm_lanes;

enum { FLEET_DDM_FIELDS = sizeof(fleet_ddm_lanes) / (sizeof(double) * FLEET_LANES) };

static const kedge_field fleet_ddm_fields[] = {
    FLEET_PARAMS(fleet_ddm_state),
    KEDGE_PARAM(fleet_ddm_state, warning_threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_ddm_state, drift_threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_ddm_state, warm_start, KEDGE_TYPE_U32),
    KEDGE_PARAM(fleet_ddm_state, drift_warm_start, KEDGE_TYPE_U32),
    KEDGE_PARAM(fleet_ddm_state, smooth, KEDGE_TYPE_U8),
    FLEET_VALUES(fleet_ddm_state),
};

static void fleet_ddm_defaults(void *config)
{
    kedge_fleet_ddm_config *cfg = config;
    FLEET_DEFAULTS(cfg, &kedge_fleet_ddm, &kedge_ddm);
}

kedge_status kedge_fleet_ddm_config_init(kedge_fleet_ddm_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_fleet_ddm.base, cfg, cfg_bytes, sizeof *cfg);
}

static void fleet_ddm_configure(const void *config, void *fixed)
{
    const kedge_fleet_ddm_config *cfg = config;
    fleet_ddm_state *s = fixed;
    s->common.n_streams = cfg->each.base.cls == &kedge_ddm ? cfg->base.n_streams : 0;
    s->warning_threshold = cfg->each.warning_threshold;
    s->drift_threshold = cfg->each.drift_threshold;
    s->warm_start = cfg->each.warm_start;
    s->drift_warm_start = cfg->each.drift_warm_start;
    s->smooth = cfg->each.smooth <= 1 ? (uint8_t)cfg->each.smooth : UINT8_MAX;
}

/* What the detector by itself takes. */
static int fleet_ddm_valid(const void *fixed)
{
    const fleet_ddm_state *s = fixed;
    kedge_ddm_config each;
    kedge_ddm.base.defaults(&each);
    each.warning_threshold = s->warning_threshold;
    each.drift_threshold = s->drift_threshold;
    each.warm_start = s->warm_start;
    each.drift_warm_start = s->drift_warm_start;
    each.smooth = s->smooth;
    return s->common.n_streams > 0 && kedge_detector_size(&each.base) > 0;
}

static size_t fleet_ddm_layout(void *fixed)
{
    fleet_ddm_state *s = fixed;
    return kedge_i_fleet_layout(&s->common, sizeof *s, FLEET_DDM_FIELDS);
}

static double fleet_ddm_fresh(const void *state, uint32_t field)
{
    static const double fresh[FLEET_DDM_FIELDS] = {0.0, 0.0, DBL_MAX, 0.0, 0.0, -1.0, 0.0, 0.0};
    (void)state;
    return fresh[field];
}

static int fleet_ddm_sound(const void *state, const void *block, uint32_t i)
{
    const fleet_ddm_lanes *b = block;
    double n = b->n[i];
    (void)state;
    return kedge_i_within(b->p[i], 0.0, 1.0) && kedge_i_within(b->least[i], 0.0, DBL_MAX) &&
           kedge_i_within(b->p_min[i], 0.0, 1.0) && kedge_i_within(b->s_min[i], 0.0, 1.0) &&
           kedge_i_within(b->warning_p[i], 0.0, 1.0) && (b->warning_n[i] == -1.0 || kedge_i_fleet_count(b->warning_n[i], n)) &&
           kedge_i_fleet_count(b->n_warnings[i], n);
}

/* As ddm_deviation(). */
static inline double fleet_ddm_deviation(double p, double inverse)
{
    return sqrt(p * (1.0 - p) * inverse);
}

/* Deviation of the least level: while there was no error, that of (0 + 1) / (n + 2), as in ddm_lower(). */
static double fleet_ddm_least_deviation(const fleet_ddm_state *s, const fleet_ddm_lanes *b, uint32_t i)
{
    double n = b->n[i];
    int smoothed = s->smooth && b->p[i] == 0.0 && n > (double)s->warm_start;
    return smoothed ? fleet_ddm_deviation(1.0 / (n + 2.0), 1.0 / n) : b->s_min[i];
}

/* The first errors in this tick: put in the smoothed deviation. */
static void fleet_ddm_smooth(const fleet_ddm_state *s, fleet_ddm_lanes *b, const double *x)
{
    fleet_mask first = FLEET_WHERE(fleet_all(0.0) > 0.0);
    for (uint32_t i = 0; i < FLEET_LANES; i += FLEET_WIDTH)
        first |= FLEET_WHERE(fleet_get(b->p + i) == 0.0) & FLEET_WHERE(fleet_get(x + i) > 0.0);
    if (!fleet_any(first))
        return;
    for (uint32_t i = 0; i < FLEET_LANES; i++)
        if (b->p[i] == 0.0 && x[i] > 0.0)
            b->s_min[i] = fleet_ddm_least_deviation(s, b, i);
}

/* What a step needs of the configuration, in every lane. */
typedef struct fleet_ddm_limits {
    fleet_vec warning;
    fleet_vec drift;
    fleet_vec warm;
    fleet_vec drift_warm;
} fleet_ddm_limits;

/* The lanes that have news. */
typedef struct fleet_ddm_zones {
    fleet_mask warns;
    fleet_mask drifts;
} fleet_ddm_zones;

/* Warning zones of the lanes from i on, as the end of ddm_step(). counts: lanes that are warm and have a value. */
FLEET_INLINE void fleet_ddm_enter(fleet_ddm_lanes *b, uint32_t i, fleet_vec n_before, fleet_vec p_before, fleet_mask counts,
                                  const fleet_ddm_zones *zones)
{
    fleet_vec since = fleet_get(b->warning_n + i), n_warnings = fleet_get(b->n_warnings + i);
    fleet_mask enters = zones->warns & ~zones->drifts & FLEET_WHERE(since < 0.0);
    fleet_mask leaves = counts & ~zones->warns;
    since = FLEET_SELECT(leaves, fleet_all(-1.0), since);
    fleet_put(b->warning_n + i, FLEET_SELECT(enters, n_before, since));
    fleet_put(b->warning_p + i, FLEET_SELECT(enters, p_before, fleet_get(b->warning_p + i)));
    fleet_put(b->n_warnings + i, FLEET_SELECT(enters, n_warnings + 1.0, n_warnings));
}

/* One observation for the lanes from i on, as ddm_step(). */
FLEET_INLINE fleet_ddm_zones fleet_ddm_add(const fleet_ddm_limits *limits, fleet_ddm_lanes *b, uint32_t i, const double *x,
                                           int missing)
{
    fleet_ddm_zones zones;
    fleet_vec value = fleet_get(x + i), n_before = fleet_get(b->n + i), p_before = fleet_get(b->p + i);
    fleet_vec least = fleet_get(b->least + i);
    fleet_vec n = n_before + 1.0;
    fleet_vec inverse = 1.0 / n;
    fleet_vec p = p_before + inverse * (value - p_before);
    fleet_mask counts = FLEET_WHERE(n > limits->warm);
    if (missing) {
        fleet_mask seen = fleet_seen(value);
        counts &= seen;
        n = FLEET_SELECT(seen, n, n_before);
        p = FLEET_SELECT(seen, p, p_before);
    }
    fleet_vec deviation = fleet_sqrt(p * (1.0 - p) * inverse);
    fleet_vec level = p + deviation;
    fleet_mask lower = FLEET_WHERE(level <= least) & counts;
    fleet_vec p_min = FLEET_SELECT(lower, p, fleet_get(b->p_min + i));
    fleet_vec s_min = FLEET_SELECT(lower, deviation, fleet_get(b->s_min + i));
    zones.warns = FLEET_WHERE(level > p_min + limits->warning * s_min) & counts;
    zones.drifts = FLEET_WHERE(level > p_min + limits->drift * s_min) & FLEET_WHERE(n > limits->drift_warm) & zones.warns;
    fleet_put(b->n + i, n);
    fleet_put(b->p + i, p);
    fleet_put(b->least + i, FLEET_SELECT(lower, level, least));
    fleet_put(b->p_min + i, p_min);
    fleet_put(b->s_min + i, s_min);
    fleet_ddm_enter(b, i, n_before, p_before, counts, &zones);
    return zones;
}

/* All lanes; returns whether there is any news. */
FLEET_INLINE int fleet_ddm_block(const fleet_ddm_state *s, fleet_ddm_lanes *b, const double *x, int missing, uint8_t *signals)
{
    const fleet_ddm_limits limits = {fleet_all(s->warning_threshold), fleet_all(s->drift_threshold),
                                     fleet_all((double)s->warm_start), fleet_all((double)s->drift_warm_start)};
    int any = 0;
    for (uint32_t i = 0; i < FLEET_LANES; i += FLEET_WIDTH) {
        fleet_ahead(b, FLEET_DDM_FIELDS, i);
        fleet_ddm_zones zones = fleet_ddm_add(&limits, b, i, x, missing);
        if (!fleet_any(zones.warns))
            continue;
        if (!any)
            memset(signals, KEDGE_OK, FLEET_LANES);
        any = 1;
        for (int k = 0; k < FLEET_WIDTH; k++)
            signals[i + (uint32_t)k] = fleet_has(zones.drifts, k)  ? KEDGE_DRIFT
                                       : fleet_has(zones.warns, k) ? KEDGE_WARNING
                                                                   : KEDGE_OK;
    }
    return any;
}

static int fleet_ddm_some(const fleet_ddm_state *s, fleet_ddm_lanes *b, const double *x, uint8_t *signals)
{
    return fleet_ddm_block(s, b, x, 1, signals);
}

static int fleet_ddm_every(const fleet_ddm_state *s, fleet_ddm_lanes *b, const double *x, uint8_t *signals)
{
    return fleet_ddm_block(s, b, x, 0, signals);
}

static int fleet_ddm_step(const void *state, void *block, const double *x, int missing, uint8_t *signals)
{
    const fleet_ddm_state *s = state;
    if (s->smooth)
        fleet_ddm_smooth(s, block, x);
    return missing ? fleet_ddm_some(s, block, x, signals) : fleet_ddm_every(s, block, x, signals);
}

/* As ddm_raise(). */
static void fleet_ddm_raise(const void *state, const void *block, uint32_t i, fleet_record *r)
{
    const fleet_ddm_state *s = state;
    const fleet_ddm_lanes *b = block;
    int in_warning = b->warning_n[i] >= 0.0;
    double n = b->n[i];
    double n_before = in_warning ? b->warning_n[i] : n - 1.0;
    double before = in_warning ? b->warning_p[i] : b->p_min[i];
    double after = (b->p[i] * n - before * n_before) / (n - n_before);
    r->n_warnings += b->n_warnings[i];
    r->before = before;
    r->after = after < 0.0 ? 0.0 : after > 1.0 ? 1.0 : after; /* rounding */
    r->changed_at = r->n_before + n_before;
    r->statistic = b->p[i] + fleet_ddm_deviation(b->p[i], 1.0 / n);
    r->threshold = b->p_min[i] + s->drift_threshold * b->s_min[i];
}

static const fleet_kernel fleet_ddm_kernel = {fleet_ddm_step, fleet_ddm_raise, fleet_ddm_fresh, fleet_ddm_sound};

FLEET_SLOTS(fleet_ddm)

static kedge_status fleet_ddm_estimate(const void *state, uint32_t i_stream, kedge_estimate *out)
{
    const fleet_ddm_state *s = state;
    const fleet_ddm_lanes *b = (const void *)kedge_i_fleet_block(&s->common, i_stream);
    uint32_t i = i_stream % FLEET_LANES;
    kedge_status st = kedge_i_fleet_estimate(&s->common, i_stream, out);
    out->n_warnings += (uint64_t)(int64_t)b->n_warnings[i];
    if (st == KEDGE_EMPTY)
        return st;
    out->mean = b->p[i];
    out->variance = b->p[i] * (1.0 - b->p[i]);
    out->statistic = b->p[i] + fleet_ddm_deviation(b->p[i], 1.0 / b->n[i]);
    if (b->least[i] < DBL_MAX)
        out->threshold = b->p_min[i] + s->drift_threshold * fleet_ddm_least_deviation(s, b, i);
    return st;
}

const kedge_fleet_class kedge_fleet_ddm = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_FLEET,
            .version = 1,
            .name = "ddm",
            .fixed_bytes = sizeof(fleet_ddm_state),
            .config_bytes = sizeof(kedge_fleet_ddm_config),
            .n_fields = sizeof fleet_ddm_fields / sizeof *fleet_ddm_fields,
            .fields = fleet_ddm_fields,
            .defaults = fleet_ddm_defaults,
            .configure = fleet_ddm_configure,
            .valid = fleet_ddm_valid,
            .layout = fleet_ddm_layout,
            .start = fleet_ddm_start,
            .check = fleet_ddm_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .n_streams = kedge_i_fleet_n_streams,
    .update = fleet_ddm_update,
    .estimate = fleet_ddm_estimate,
    .alarm = kedge_i_fleet_alarm,
    .reset_one = fleet_ddm_reset_one,
};
