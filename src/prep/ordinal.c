/* SPDX-License-Identifier: MIT */
/* Ordinal encoding: categories as their codes. */
#include "base/fp.h"

#include "prep/prep_coded.h"


typedef struct ordinal_state {
    kedge_prep_state prep;
    prep_codes codes;
    double other;
} ordinal_state;

static const kedge_field ordinal_fields[] = {
    PREP_PARAMS(ordinal_state),
    PREP_CODES_PARAMS(ordinal_state),
    KEDGE_PARAM(ordinal_state, other, KEDGE_TYPE_F64),
    KEDGE_VALUE(ordinal_state, prep.n_learned, KEDGE_TYPE_U64),
    PREP_CODES_ARRAYS(ordinal_state),
};

static void ordinal_defaults(void *config)
{
    kedge_ordinal_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_ordinal;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->codes = kedge_i_coded_defaults();
    cfg->other = -1.0;
}

kedge_status kedge_ordinal_config_init(kedge_ordinal_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_ordinal, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void ordinal_configure(const void *config, void *fixed)
{
    const kedge_ordinal_config *cfg = config;
    ordinal_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    kedge_i_codes_configure(&s->codes, &cfg->codes);
    s->other = cfg->other;
}

static int ordinal_valid(const void *fixed)
{
    const ordinal_state *s = fixed;
    return kedge_i_prep_valid(&s->prep) && kedge_i_codes_valid(&s->codes) &&
           kedge_i_within(s->other, -KEDGE_PREP_INPUT_MAX, KEDGE_PREP_INPUT_MAX);
}

static size_t ordinal_layout(void *fixed)
{
    ordinal_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    kedge_i_codes_plan(&s->codes, s->prep.n_picked, &arena);
    s->prep.n_out = s->prep.n_columns;
    return kedge_i_arena_end(&arena);
}

static int ordinal_check(const void *state)
{
    const ordinal_state *s = state;
    return ordinal_valid(s) && kedge_i_prep_check(&s->prep) && kedge_i_codes_check(&s->codes, s);
}

static kedge_status ordinal_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const ordinal_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    int all = 1;
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        double *value = &out[picked[k]];
        if (*value != *value)
            continue;
        uint32_t code = kedge_i_codes_find(&s->codes, s, k, *value);
        all &= code != PREP_CODES_NONE;
        *value = code != PREP_CODES_NONE ? (double)code : s->other;
    }
    return all || s->codes.unseen != KEDGE_UNSEEN_ERROR ? KEDGE_OK : KEDGE_ERR_UNKNOWN;
}

static kedge_status ordinal_admit(const kedge_prep_class *cls, void *state, const kedge_row *x)
{
    ordinal_state *s = state;
    (void)cls;
    return kedge_i_coded_admit(&s->prep, &s->codes, x);
}

static void ordinal_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    ordinal_state *s = state;
    (void)y;
    kedge_i_coded_learn(&s->prep, &s->codes, x);
    if (out)
        (void)ordinal_transform(cls, state, x, out);
}

static kedge_status ordinal_fit(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work,
                                double *out)
{
    ordinal_state *s = state;
    (void)y;
    KEDGE_TRY(kedge_i_coded_fit(&s->prep, &s->codes, x, work));
    if (out)
        kedge_i_prep_apply(cls, state, x, out);
    return KEDGE_OK;
}

const kedge_prep_class kedge_ordinal = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "ordinal",
            .fixed_bytes = sizeof(ordinal_state),
            .config_bytes = sizeof(kedge_ordinal_config),
            .n_fields = sizeof ordinal_fields / sizeof *ordinal_fields,
            .fields = ordinal_fields,
            .defaults = ordinal_defaults,
            .configure = ordinal_configure,
            .valid = ordinal_valid,
            .layout = ordinal_layout,
            .start = kedge_i_prep_begin,
            .check = ordinal_check,
        },
    .learn = ordinal_learn,
    .transform = ordinal_transform,
    .origin = kedge_i_prep_in_place,
    .admit = ordinal_admit,
    .fit_work = kedge_i_prep_column_work,
    .fit = ordinal_fit,
};
