/* SPDX-License-Identifier: MIT */
/* Products of two and of three columns, in the order of combinations of their numbers, with repetition or without. */
#include "base/fp.h"

#include "base/lanes.h"
#include "prep/prep_coded.h"


#define POLYNOMIAL_TWO   1e150 /* factors beyond count as this */
#define POLYNOMIAL_THREE 1e100

typedef struct polynomial_state {
    kedge_prep_state prep;
    uint32_t degree;
    uint32_t interactions;
} polynomial_state;

static const kedge_field polynomial_fields[] = {
    PREP_PARAMS(polynomial_state),
    KEDGE_PARAM(polynomial_state, degree, KEDGE_TYPE_U32),
    KEDGE_PARAM(polynomial_state, interactions, KEDGE_TYPE_U32),
    KEDGE_VALUE(polynomial_state, prep.n_learned, KEDGE_TYPE_U64),
};

static void polynomial_defaults(void *config)
{
    kedge_polynomial_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_polynomial;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->degree = 2;
}

kedge_status kedge_polynomial_config_init(kedge_polynomial_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_polynomial, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void polynomial_configure(const void *config, void *fixed)
{
    const kedge_polynomial_config *cfg = config;
    polynomial_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    s->degree = cfg->degree;
    s->interactions = cfg->interactions;
}

static int polynomial_valid(const void *fixed)
{
    const polynomial_state *s = fixed;
    return kedge_i_prep_valid(&s->prep) && kedge_i_u32_within(s->degree, 2, 3) && s->interactions <= 1;
}

static size_t polynomial_layout(void *fixed)
{
    polynomial_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    uint64_t n = s->prep.n_picked; /* at most 2^16 */
    uint64_t two = s->interactions ? n * (n - 1) / 2 : n * (n + 1) / 2;
    uint64_t three = s->degree < 3 ? 0 : s->interactions ? (n > 2 ? two * (n - 2) / 3 : 0) : two * (n + 2) / 3;
    uint64_t n_out = s->prep.n_columns + two + three;
    s->prep.n_out = (uint32_t)(n_out <= KEDGE_PREP_COLUMNS_MAX ? n_out : 0);
    return s->prep.n_out > 0 ? kedge_i_arena_end(&arena) : 0;
}

static int polynomial_check(const void *state)
{
    const polynomial_state *s = state;
    return polynomial_valid(s) && kedge_i_prep_check(&s->prep);
}

/* By bits, since a comparison with a missing value may raise a flag. */
static double polynomial_factor(double x, double most)
{
    const uint64_t sign = (uint64_t)1 << 63, infinite = (uint64_t)2047 << 52;
    uint64_t bits = kedge_i_bits_of(x), size = bits & ~sign;
    if (size <= kedge_i_bits_of(most) || size > infinite)
        return x;
    return bits & sign ? -most : most;
}

static kedge_status polynomial_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const polynomial_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    const double most = s->degree == 2 ? POLYNOMIAL_TWO : POLYNOMIAL_THREE;
    double *to = out + s->prep.n_columns;
    uint32_t n = s->prep.n_picked, apart = s->interactions;
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + apart; b < n; b++)
            *to++ = polynomial_factor(out[picked[a]], most) * polynomial_factor(out[picked[b]], most);
    for (uint32_t a = 0; a < n && s->degree == 3; a++)
        for (uint32_t b = a + apart; b < n; b++) {
            double two = polynomial_factor(out[picked[a]], most) * polynomial_factor(out[picked[b]], most);
            for (uint32_t c = b + apart; c < n; c++)
                *to++ = two * polynomial_factor(out[picked[c]], most);
        }
    return KEDGE_OK;
}

static void polynomial_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    (void)y;
    if (out)
        (void)polynomial_transform(cls, state, x, out);
}

/* Products that begin with one column, or with two: skipped whole. */
static void polynomial_origin(const kedge_prep_class *cls, const void *state, uint32_t i_out, kedge_prep_origin *out)
{
    const polynomial_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    uint32_t n = s->prep.n_picked, apart = s->interactions, i = i_out - s->prep.n_columns;
    (void)cls;
    kedge_i_prep_from(out, i_out < s->prep.n_columns ? KEDGE_OUT_SAME : KEDGE_OUT_PRODUCT, i_out);
    if (i_out < s->prep.n_columns)
        return;
    for (uint32_t a = 0; a + apart < n; i -= n - a - apart, a++)
        if (i < n - a - apart) {
            out->column[0] = picked[a];
            out->column[1] = picked[a + apart + i];
            return;
        }
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + apart; b + apart < n; i -= n - b - apart, b++)
            if (i < n - b - apart) {
                out->column[0] = picked[a];
                out->column[1] = picked[b];
                out->column[2] = picked[b + apart + i];
                return;
            }
}

const kedge_prep_class kedge_polynomial = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "polynomial",
            .fixed_bytes = sizeof(polynomial_state),
            .config_bytes = sizeof(kedge_polynomial_config),
            .n_fields = sizeof polynomial_fields / sizeof *polynomial_fields,
            .fields = polynomial_fields,
            .defaults = polynomial_defaults,
            .configure = polynomial_configure,
            .valid = polynomial_valid,
            .layout = polynomial_layout,
            .start = kedge_i_prep_begin,
            .check = polynomial_check,
        },
    .learn = polynomial_learn,
    .transform = polynomial_transform,
    .origin = polynomial_origin,
};
