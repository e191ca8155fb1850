/* SPDX-License-Identifier: MIT */
/* Columns kept within bounds, fixed ones or quantiles. */
#include "base/fp.h"

#include <math.h>

#include "prep/prep_coded.h"

#include "base/sort.h"
#include "prep/prep_sketch.h"


typedef struct clip_state {
    kedge_prep_state prep;
    uint32_t method;
    uint32_t level_size;
    double low;
    double high;
    double lower;
    double upper;
    uint32_t at_low;       /* layout: double[n_picked] */
    uint32_t at_high;      /* layout: double[n_picked] */
    uint32_t at_due;       /* layout: double[n_picked]: values until quantiles are due */
    uint32_t at_sketches;  /* layout */
    uint32_t sketch_bytes; /* layout; 0: fixed bounds */
    uint32_t n_sketches;   /* layout */
} clip_state;

static const kedge_field clip_fields[] = {
    PREP_PARAMS(clip_state),
    KEDGE_PARAM(clip_state, method, KEDGE_TYPE_U32),
    KEDGE_PARAM(clip_state, level_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(clip_state, low, KEDGE_TYPE_F64),
    KEDGE_PARAM(clip_state, high, KEDGE_TYPE_F64),
    KEDGE_PARAM(clip_state, lower, KEDGE_TYPE_F64),
    KEDGE_PARAM(clip_state, upper, KEDGE_TYPE_F64),
    KEDGE_VALUE(clip_state, prep.n_learned, KEDGE_TYPE_U64),
    KEDGE_ARRAY(clip_state, at_low, prep.n_picked, KEDGE_TYPE_F64),
    KEDGE_ARRAY(clip_state, at_high, prep.n_picked, KEDGE_TYPE_F64),
    KEDGE_ARRAY(clip_state, at_due, prep.n_picked, KEDGE_TYPE_F64),
    KEDGE_PARTS(clip_state, at_sketches, sketch_bytes, 0),
};

static void clip_defaults(void *config)
{
    kedge_clip_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_clip;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->method = KEDGE_CLIP_QUANTILES;
    cfg->level_size = PREP_SKETCH_LEVEL;
    cfg->low = -KEDGE_PREP_INPUT_MAX;
    cfg->high = KEDGE_PREP_INPUT_MAX;
    cfg->lower = 0.01;
    cfg->upper = 0.99;
}

kedge_status kedge_clip_config_init(kedge_clip_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_clip, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void clip_configure(const void *config, void *fixed)
{
    const kedge_clip_config *cfg = config;
    clip_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    s->method = cfg->method;
    s->level_size = cfg->level_size;
    s->low = cfg->low;
    s->high = cfg->high;
    s->lower = cfg->lower;
    s->upper = cfg->upper;
}

static int clip_valid(const void *fixed)
{
    const clip_state *s = fixed;
    return kedge_i_prep_valid(&s->prep) && kedge_i_u32_within(s->method, KEDGE_CLIP_FIXED, KEDGE_CLIP_QUANTILES) &&
           kedge_i_within(s->low, -KEDGE_PREP_INPUT_MAX, s->high) && s->high <= KEDGE_PREP_INPUT_MAX &&
           kedge_i_within(s->lower, 0.0, s->upper) && s->upper <= 1.0 && kedge_i_sketch_bytes(s->level_size) > 0;
}

static size_t clip_layout(void *fixed)
{
    clip_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    s->prep.n_out = s->prep.n_columns;
    s->n_sketches = s->method == KEDGE_CLIP_QUANTILES ? s->prep.n_picked : 0;
    s->sketch_bytes = s->n_sketches > 0 ? kedge_i_sketch_bytes(s->level_size) : 0;
    s->at_low = kedge_i_arena_take(&arena, s->prep.n_picked, sizeof(double));
    s->at_high = kedge_i_arena_take(&arena, s->prep.n_picked, sizeof(double));
    s->at_due = kedge_i_arena_take(&arena, s->prep.n_picked, sizeof(double));
    s->at_sketches = kedge_i_arena_take(&arena, s->n_sketches, s->sketch_bytes);
    return kedge_i_arena_end(&arena);
}

static void clip_start(void *state)
{
    clip_state *s = state;
    double *low = kedge_i_at(s, s->at_low), *high = kedge_i_at(s, s->at_high);
    int is_fixed = s->method == KEDGE_CLIP_FIXED;
    kedge_i_prep_start(&s->prep);
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        low[k] = is_fixed ? s->low : -KEDGE_PREP_INPUT_MAX;
        high[k] = is_fixed ? s->high : KEDGE_PREP_INPUT_MAX;
    }
    if (s->n_sketches > 0)
        kedge_i_sketch_begin(kedge_i_at(s, s->at_sketches), s->sketch_bytes, s->n_sketches, s->level_size);
}

static int clip_check(const void *state)
{
    const clip_state *s = state;
    const double *low = kedge_i_at_const(s, s->at_low), *high = kedge_i_at_const(s, s->at_high), *due = kedge_i_at_const(s,
            s->at_due);
    if (!clip_valid(s) || !kedge_i_prep_check(&s->prep))
        return 0;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        if (!kedge_i_within(low[k], -KEDGE_PREP_INPUT_MAX, high[k]) || !(high[k] <= KEDGE_PREP_INPUT_MAX) ||
            !kedge_i_within(due[k], 0.0, 9e18))
            return 0;
    return kedge_i_sketch_check(kedge_i_at_const(s, s->at_sketches), s->sketch_bytes, s->n_sketches);
}

static void *clip_sketch(clip_state *s, uint32_t k)
{
    return (unsigned char *)kedge_i_at(s, s->at_sketches) + (size_t)k * s->sketch_bytes;
}

static void clip_take(clip_state *s, uint32_t k, double x)
{
    double *due = (double *)kedge_i_at(s, s->at_due) + k;
    if (x != x || s->n_sketches == 0 || !kedge_i_sketch_take(clip_sketch(s, k), x, due))
        return;
    ((double *)kedge_i_at(s, s->at_low))[k] = kedge_i_sketch_quantile(clip_sketch(s, k), s->lower);
    ((double *)kedge_i_at(s, s->at_high))[k] = kedge_i_sketch_quantile(clip_sketch(s, k), s->upper);
    *due = kedge_i_sketch_due(clip_sketch(s, k));
}

static kedge_status clip_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const clip_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    const double *low = kedge_i_at_const(s, s->at_low), *high = kedge_i_at_const(s, s->at_high);
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        double value = out[picked[k]];
        value = value < low[k] ? low[k] : value; /* NaN passes both */
        out[picked[k]] = value > high[k] ? high[k] : value;
    }
    return KEDGE_OK;
}

static void clip_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    clip_state *s = state;
    (void)y;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        clip_take(s, k, kedge_i_row_at(x, kedge_i_prep_picked(&s->prep)[k]));
    if (out)
        (void)clip_transform(cls, state, x, out);
}

static kedge_status clip_fit(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work,
                             double *out)
{
    clip_state *s = state;
    double *low = kedge_i_at(s, s->at_low), *high = kedge_i_at(s, s->at_high), *column = work;
    (void)y;
    for (uint32_t k = 0; k < s->n_sketches; k++) {
        double *due = (double *)kedge_i_at(s, s->at_due) + k;
        size_t n = kedge_i_prep_gather(x, kedge_i_prep_picked(&s->prep)[k], column);
        for (size_t i = 0; i < n; i++)
            (void)kedge_i_sketch_take(clip_sketch(s, k), column[i], due);
        if (n == 0)
            continue;
        kedge_i_sort(column, n, column + x->n_rows);
        low[k] = kedge_i_prep_quantile(column, n, s->lower);
        high[k] = fmax(low[k], kedge_i_prep_quantile(column, n, s->upper));
        *due = kedge_i_sketch_due(clip_sketch(s, k));
    }
    if (out)
        kedge_i_prep_apply(cls, state, x, out);
    return KEDGE_OK;
}

const kedge_prep_class kedge_clip = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "clip",
            .fixed_bytes = sizeof(clip_state),
            .config_bytes = sizeof(kedge_clip_config),
            .n_fields = sizeof clip_fields / sizeof *clip_fields,
            .fields = clip_fields,
            .defaults = clip_defaults,
            .configure = clip_configure,
            .valid = clip_valid,
            .layout = clip_layout,
            .start = clip_start,
            .check = clip_check,
            .parts = kedge_i_sketch_parts,
        },
    .learn = clip_learn,
    .transform = clip_transform,
    .origin = kedge_i_prep_in_place,
    .fit_work = kedge_i_prep_column_work,
    .fit = clip_fit,
};
