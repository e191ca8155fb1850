/* SPDX-License-Identifier: MIT */
/* One-hot encoding. A row grows in the place where it comes out, from its end to its beginning, so that nothing is overwritten
 * before it is read. */
#include "base/fp.h"

#include <math.h>

#include "prep/prep_coded.h"


typedef struct one_hot_state {
    kedge_prep_state prep;
    prep_codes codes;
    uint32_t drop_first;
    uint32_t other;
} one_hot_state;

static const kedge_field one_hot_fields[] = {
    PREP_PARAMS(one_hot_state),
    PREP_CODES_PARAMS(one_hot_state),
    KEDGE_PARAM(one_hot_state, drop_first, KEDGE_TYPE_U32),
    KEDGE_PARAM(one_hot_state, other, KEDGE_TYPE_U32),
    KEDGE_VALUE(one_hot_state, prep.n_learned, KEDGE_TYPE_U64),
    PREP_CODES_ARRAYS(one_hot_state),
};

static void one_hot_defaults(void *config)
{
    kedge_one_hot_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_one_hot;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->codes = kedge_i_coded_defaults();
}

kedge_status kedge_one_hot_config_init(kedge_one_hot_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_one_hot, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void one_hot_configure(const void *config, void *fixed)
{
    const kedge_one_hot_config *cfg = config;
    one_hot_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    kedge_i_codes_configure(&s->codes, &cfg->codes);
    s->drop_first = cfg->drop_first;
    s->other = cfg->other;
}

/* Columns in the place of one. */
static uint32_t one_hot_width(const one_hot_state *s)
{
    return s->codes.max - s->drop_first + s->other;
}

static int one_hot_valid(const void *fixed)
{
    const one_hot_state *s = fixed;
    return kedge_i_prep_valid(&s->prep) && kedge_i_codes_valid(&s->codes) && s->drop_first <= 1 && s->other <= 1 &&
        one_hot_width(s) > 0;
}

static size_t one_hot_layout(void *fixed)
{
    one_hot_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    kedge_i_codes_plan(&s->codes, s->prep.n_picked, &arena);
    uint64_t n_out = s->prep.n_columns + (uint64_t)s->prep.n_picked * (one_hot_width(s) - 1u);
    s->prep.n_out = (uint32_t)(n_out <= KEDGE_PREP_COLUMNS_MAX ? n_out : 0);
    return s->prep.n_out > 0 ? kedge_i_arena_end(&arena) : 0;
}

static int one_hot_check(const void *state)
{
    const one_hot_state *s = state;
    return one_hot_valid(s) && kedge_i_prep_check(&s->prep) && kedge_i_codes_check(&s->codes, s);
}

/* The columns of a category. 0: it has no code. */
static int one_hot_write(const one_hot_state *s, uint32_t k, double x, double *to)
{
    uint32_t code = kedge_i_codes_find(&s->codes, s, k, x), width = one_hot_width(s);
    memset(to, 0, width * sizeof *to);
    if (code == PREP_CODES_NONE && s->other && x == x)
        to[width - 1] = 1.0;
    else if (code != PREP_CODES_NONE && code >= s->drop_first)
        to[code - s->drop_first] = 1.0;
    return code != PREP_CODES_NONE || x != x;
}

static kedge_status one_hot_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const one_hot_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    double *to = out + s->prep.n_out;
    uint32_t k = s->prep.n_picked;
    int all = 1;
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    for (uint32_t j = s->prep.n_columns; j-- > 0;) {
        if (k > 0 && picked[k - 1] == j) {
            to -= one_hot_width(s);
            all &= one_hot_write(s, --k, out[j], to);
        } else {
            *--to = out[j];
        }
    }
    return all || s->codes.unseen != KEDGE_UNSEEN_ERROR ? KEDGE_OK : KEDGE_ERR_UNKNOWN;
}

static kedge_status one_hot_admit(const kedge_prep_class *cls, void *state, const kedge_row *x)
{
    one_hot_state *s = state;
    (void)cls;
    return kedge_i_coded_admit(&s->prep, &s->codes, x);
}

static void one_hot_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    one_hot_state *s = state;
    (void)y;
    kedge_i_coded_learn(&s->prep, &s->codes, x);
    if (out)
        (void)one_hot_transform(cls, state, x, out);
}

static kedge_status one_hot_fit(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work,
                                double *out)
{
    one_hot_state *s = state;
    (void)y;
    KEDGE_TRY(kedge_i_coded_fit(&s->prep, &s->codes, x, work));
    if (out)
        kedge_i_prep_apply(cls, state, x, out);
    return KEDGE_OK;
}

static void one_hot_origin(const kedge_prep_class *cls, const void *state, uint32_t i_out, kedge_prep_origin *out)
{
    const one_hot_state *s = state;
    uint32_t k = 0, width = one_hot_width(s);
    (void)cls;
    for (uint32_t j = 0; j < s->prep.n_columns; j++) {
        int is_picked = kedge_i_prep_has(&s->prep, j);
        if (i_out < (is_picked ? width : 1)) {
            int is_other = is_picked && s->other && i_out == width - 1;
            kedge_i_prep_from(out, is_other ? KEDGE_OUT_OTHER : is_picked ? KEDGE_OUT_CATEGORY : KEDGE_OUT_SAME, j);
            out->detail = is_picked && !is_other ? i_out + s->drop_first : 0;
            out->value = is_picked && !is_other ? kedge_i_codes_value(&s->codes, s, k, out->detail) : 0.0;
            return;
        }
        i_out -= is_picked ? width : 1;
        k += (uint32_t)is_picked;
    }
}

const kedge_prep_class kedge_one_hot = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "one_hot",
            .fixed_bytes = sizeof(one_hot_state),
            .config_bytes = sizeof(kedge_one_hot_config),
            .n_fields = sizeof one_hot_fields / sizeof *one_hot_fields,
            .fields = one_hot_fields,
            .defaults = one_hot_defaults,
            .configure = one_hot_configure,
            .valid = one_hot_valid,
            .layout = one_hot_layout,
            .start = kedge_i_prep_begin,
            .check = one_hot_check,
        },
    .learn = one_hot_learn,
    .transform = one_hot_transform,
    .origin = one_hot_origin,
    .admit = one_hot_admit,
    .fit_work = kedge_i_prep_column_work,
    .fit = one_hot_fit,
};
