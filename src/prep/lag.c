/* SPDX-License-Identifier: MIT */
/* Lag features: the selected columns of the rows learned last, in a ring. */
#include "base/fp.h"

#include <math.h>

#include "prep/prep_coded.h"


enum { LAG_MOST = 1024 };

typedef struct lag_state {
    kedge_prep_state prep;
    double missing;
    uint32_t n_lags;
    uint32_t at_ring; /* layout: double[n_lags][n_picked] */
    uint32_t n_ring;  /* layout */
    uint32_t place;   /* where the next row goes; the newest stands before it */
} lag_state;

static const kedge_field lag_fields[] = {
    PREP_PARAMS(lag_state),
    KEDGE_PARAM(lag_state, missing, KEDGE_TYPE_F64),
    KEDGE_PARAM(lag_state, n_lags, KEDGE_TYPE_U32),
    KEDGE_VALUE(lag_state, prep.n_learned, KEDGE_TYPE_U64),
    KEDGE_VALUE(lag_state, place, KEDGE_TYPE_U32),
    KEDGE_ARRAY(lag_state, at_ring, n_ring, KEDGE_TYPE_F64),
};

static void lag_defaults(void *config)
{
    kedge_lag_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_lag;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->missing = (double)NAN;
    cfg->n_lags = 1;
}

kedge_status kedge_lag_config_init(kedge_lag_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_lag, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void lag_configure(const void *config, void *fixed)
{
    const kedge_lag_config *cfg = config;
    lag_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    s->missing = cfg->missing;
    s->n_lags = cfg->n_lags;
}

static int lag_is_number(double x)
{
    return x != x || kedge_i_within(x, -1.01 * KEDGE_PREP_INPUT_MAX, 1.01 * KEDGE_PREP_INPUT_MAX);
}

static int lag_valid(const void *fixed)
{
    const lag_state *s = fixed;
    return kedge_i_prep_valid(&s->prep) && kedge_i_u32_within(s->n_lags, 1, LAG_MOST) &&
           (s->missing != s->missing || kedge_i_within(s->missing, -KEDGE_PREP_INPUT_MAX, KEDGE_PREP_INPUT_MAX));
}

static size_t lag_layout(void *fixed)
{
    lag_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    s->n_ring = s->n_lags * s->prep.n_picked; /* at most 2^26 */
    s->at_ring = kedge_i_arena_take(&arena, s->n_ring, sizeof(double));
    s->prep.n_out = s->prep.n_columns + s->n_ring;
    return s->prep.n_out <= KEDGE_PREP_COLUMNS_MAX ? kedge_i_arena_end(&arena) : 0;
}

static void lag_start(void *state)
{
    lag_state *s = state;
    double *ring = kedge_i_at(s, s->at_ring);
    kedge_i_prep_start(&s->prep);
    for (uint32_t i = 0; i < s->n_ring; i++)
        ring[i] = s->missing;
}

static int lag_check(const void *state)
{
    const lag_state *s = state;
    const double *ring = kedge_i_at_const(s, s->at_ring);
    if (!lag_valid(s) || !kedge_i_prep_check(&s->prep) || s->place >= s->n_lags)
        return 0;
    for (uint32_t i = 0; i < s->n_ring; i++)
        if (!lag_is_number(ring[i]))
            return 0;
    return 1;
}

static kedge_status lag_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const lag_state *s = state;
    const double *ring = kedge_i_at_const(s, s->at_ring);
    size_t n = s->prep.n_picked;
    double *to = out + s->prep.n_columns;
    uint32_t at = s->place;
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    for (uint32_t i = 0; i < s->n_lags; i++, to += n) {
        at = at > 0 ? at - 1 : s->n_lags - 1;
        memcpy(to, ring + at * n, n * sizeof *to);
    }
    return KEDGE_OK;
}

static void lag_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    lag_state *s = state;
    double *to = (double *)kedge_i_at(s, s->at_ring) + (size_t)s->place * s->prep.n_picked;
    (void)y;
    if (out)
        (void)lag_transform(cls, state, x, out); /* the row is no lag of its own */
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        double value = kedge_i_row_at(x, kedge_i_prep_picked(&s->prep)[k]);
        to[k] = value == value ? value : (double)NAN; /* one of its forms, so that bytes compare */
    }
    s->place = s->place + 1 < s->n_lags ? s->place + 1 : 0;
}

static void lag_origin(const kedge_prep_class *cls, const void *state, uint32_t i_out, kedge_prep_origin *out)
{
    const lag_state *s = state;
    (void)cls;
    kedge_i_prep_from(out, KEDGE_OUT_SAME, i_out);
    if (i_out < s->prep.n_columns)
        return;
    uint32_t i = i_out - s->prep.n_columns;
    kedge_i_prep_from(out, KEDGE_OUT_LAG, kedge_i_prep_picked(&s->prep)[i % s->prep.n_picked]);
    out->detail = i / s->prep.n_picked + 1;
}

const kedge_prep_class kedge_lag = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "lag",
            .fixed_bytes = sizeof(lag_state),
            .config_bytes = sizeof(kedge_lag_config),
            .n_fields = sizeof lag_fields / sizeof *lag_fields,
            .fields = lag_fields,
            .defaults = lag_defaults,
            .configure = lag_configure,
            .valid = lag_valid,
            .layout = lag_layout,
            .start = lag_start,
            .check = lag_check,
        },
    .learn = lag_learn,
    .transform = lag_transform,
    .origin = lag_origin,
};
