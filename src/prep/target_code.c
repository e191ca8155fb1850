/* SPDX-License-Identifier: MIT */
/* Target encoding, smoothed; in training by ordered target statistics (Prokhorenkova et al. 2018, section 3.2): a row is encoded
 * before it is learned.
 *
 * Sums of targets are kept as means, so that no sum grows. Categories without a place share the last cell of their column. */
#include "base/fp.h"

#include "prep/prep_coded.h"


typedef struct target_code_state {
    kedge_prep_state prep;
    prep_codes codes;
    double smooth;
    double prior;
    uint32_t n_cells;  /* layout: of all columns, max + 1 each */
    uint32_t at_count; /* layout: double[n_picked][max + 1]: rows of a category */
    uint32_t at_mean;  /* layout: double[n_picked][max + 1]: their targets' mean */
    uint32_t reserved;
    double count; /* rows */
    double mean;  /* of all targets */
} target_code_state;

static const kedge_field target_code_fields[] = {
    PREP_PARAMS(target_code_state),
    PREP_CODES_PARAMS(target_code_state),
    KEDGE_PARAM(target_code_state, smooth, KEDGE_TYPE_F64),
    KEDGE_PARAM(target_code_state, prior, KEDGE_TYPE_F64),
    KEDGE_VALUE(target_code_state, prep.n_learned, KEDGE_TYPE_U64),
    KEDGE_VALUE(target_code_state, count, KEDGE_TYPE_F64),
    KEDGE_VALUE(target_code_state, mean, KEDGE_TYPE_F64),
    PREP_CODES_ARRAYS(target_code_state),
    KEDGE_ARRAY(target_code_state, at_count, n_cells, KEDGE_TYPE_F64),
    KEDGE_ARRAY(target_code_state, at_mean, n_cells, KEDGE_TYPE_F64),
};

static void target_code_defaults(void *config)
{
    kedge_target_code_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_target_code;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->codes = kedge_i_coded_defaults();
    cfg->smooth = 1.0;
}

kedge_status kedge_target_code_config_init(kedge_target_code_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_target_code, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void target_code_configure(const void *config, void *fixed)
{
    const kedge_target_code_config *cfg = config;
    target_code_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    kedge_i_codes_configure(&s->codes, &cfg->codes);
    s->smooth = cfg->smooth;
    s->prior = cfg->prior;
}

static int target_code_valid(const void *fixed)
{
    const target_code_state *s = fixed;
    return kedge_i_prep_valid(&s->prep) && kedge_i_codes_valid(&s->codes) && kedge_i_within(s->smooth, 0.0, 1e9) &&
           kedge_i_within(s->prior, -KEDGE_PREP_TARGET_MAX, KEDGE_PREP_TARGET_MAX);
}

static size_t target_code_layout(void *fixed)
{
    target_code_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    kedge_i_codes_plan(&s->codes, s->prep.n_picked, &arena);
    s->n_cells = kedge_i_length(s->prep.n_picked, s->codes.max + 1);
    s->at_count = kedge_i_arena_take(&arena, s->n_cells, sizeof(double));
    s->at_mean = kedge_i_arena_take(&arena, s->n_cells, sizeof(double));
    s->prep.n_out = s->prep.n_columns;
    return kedge_i_arena_end(&arena);
}

static void target_code_start(void *state)
{
    target_code_state *s = state;
    kedge_i_prep_start(&s->prep);
    s->mean = s->prior;
}

static int target_code_check(const void *state)
{
    const double most = 1.01 * KEDGE_PREP_TARGET_MAX;
    const target_code_state *s = state;
    const double *count = kedge_i_at_const(s, s->at_count), *mean = kedge_i_at_const(s, s->at_mean);
    if (!target_code_valid(s) || !kedge_i_prep_check(&s->prep) || !kedge_i_codes_check(&s->codes, s) ||
        !kedge_i_within(s->count, 0.0, 9e18) || !kedge_i_within(s->mean, -most, most))
        return 0;
    for (uint32_t i = 0; i < s->n_cells; i++)
        if (!kedge_i_within(count[i], 0.0, 9e18) || !kedge_i_within(mean[i], -most, most))
            return 0;
    return 1;
}

/* The cell of a category of the k-th column: its own, or that of those without a place. */
static size_t target_code_cell(const target_code_state *s, uint32_t k, uint32_t code)
{
    return (size_t)k * (s->codes.max + 1) + (code != PREP_CODES_NONE ? code : s->codes.max);
}

/* (n mean + smooth overall) / (n + smooth), without a sum that could be large. */
static double target_code_of(const target_code_state *s, size_t cell)
{
    double n = ((const double *)kedge_i_at_const(s, s->at_count))[cell];
    double mean = ((const double *)kedge_i_at_const(s, s->at_mean))[cell];
    double rows = n > 0.0 ? n + s->smooth : 1.0;
    return n > 0.0 ? mean * (n / rows) + s->mean * (s->smooth / rows) : s->mean;
}

static kedge_status target_code_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const target_code_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    int all = 1;
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        double *value = &out[picked[k]];
        uint32_t code = *value == *value ? kedge_i_codes_find(&s->codes, s, k, *value) : PREP_CODES_NONE;
        all &= code != PREP_CODES_NONE || *value != *value;
        *value = *value == *value ? target_code_of(s, target_code_cell(s, k, code)) : s->mean;
    }
    return all || s->codes.unseen != KEDGE_UNSEEN_ERROR ? KEDGE_OK : KEDGE_ERR_UNKNOWN;
}

static kedge_status target_code_admit(const kedge_prep_class *cls, void *state, const kedge_row *x)
{
    target_code_state *s = state;
    (void)cls;
    return kedge_i_coded_admit(&s->prep, &s->codes, x);
}

static void target_code_take(double *count, double *mean, double y)
{
    *count += 1.0;
    *mean = *count == 1.0 ? y : *mean + (y - *mean) / fmax(*count, 1.0);
}

static void target_code_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    target_code_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    double *count = kedge_i_at(s, s->at_count), *mean = kedge_i_at(s, s->at_mean);
    if (out)
        (void)target_code_transform(cls, state, x, out); /* before the row's own target is known */
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        double value = kedge_i_row_at(x, picked[k]);
        if (value != value)
            continue;
        size_t cell = target_code_cell(s, k, kedge_i_codes_add(&s->codes, s, k, value));
        target_code_take(&count[cell], &mean[cell], y);
    }
    target_code_take(&s->count, &s->mean, y);
}

const kedge_prep_class kedge_target_code = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "target_code",
            .fixed_bytes = sizeof(target_code_state),
            .config_bytes = sizeof(kedge_target_code_config),
            .n_fields = sizeof target_code_fields / sizeof *target_code_fields,
            .fields = target_code_fields,
            .defaults = target_code_defaults,
            .configure = target_code_configure,
            .valid = target_code_valid,
            .layout = target_code_layout,
            .start = target_code_start,
            .check = target_code_check,
        },
    .learn = target_code_learn,
    .transform = target_code_transform,
    .origin = kedge_i_prep_in_place,
    .admit = target_code_admit,
    .needs_target = 1,
};
