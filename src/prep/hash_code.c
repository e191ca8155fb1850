/* SPDX-License-Identifier: MIT */
/* Hashed encoding (Weinberger et al. 2009): see the header for the hash. */
#include "base/fp.h"

#include "prep/prep_coded.h"

#include "base/lanes.h"


enum { HASH_CODE_MOST = 256, HASH_CODE_BUCKETS = 256 };

typedef struct hash_code_state {
    kedge_prep_state prep;
    uint64_t seed;
    uint32_t n_buckets;
    uint32_t reserved;
} hash_code_state;

static const kedge_field hash_code_fields[] = {
    PREP_PARAMS(hash_code_state),
    KEDGE_PARAM(hash_code_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(hash_code_state, n_buckets, KEDGE_TYPE_U32),
    KEDGE_VALUE(hash_code_state, prep.n_learned, KEDGE_TYPE_U64),
};

static void hash_code_defaults(void *config)
{
    kedge_hash_code_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_hash_code;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->seed = 1;
    cfg->n_buckets = HASH_CODE_BUCKETS;
}

kedge_status kedge_hash_code_config_init(kedge_hash_code_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_hash_code, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void hash_code_configure(const void *config, void *fixed)
{
    const kedge_hash_code_config *cfg = config;
    hash_code_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    s->seed = cfg->seed;
    s->n_buckets = cfg->n_buckets;
}

static int hash_code_valid(const void *fixed)
{
    const hash_code_state *s = fixed;
    if (!kedge_i_prep_valid(&s->prep))
        return 0;
    uint32_t n = kedge_i_prep_count(&s->prep);
    return n <= HASH_CODE_MOST && kedge_i_u32_within(s->n_buckets, n, KEDGE_PREP_COLUMNS_MAX);
}

static size_t hash_code_layout(void *fixed)
{
    hash_code_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    s->prep.n_out = s->prep.n_columns - s->prep.n_picked + s->n_buckets;
    return s->prep.n_out <= KEDGE_PREP_COLUMNS_MAX ? kedge_i_arena_end(&arena) : 0;
}

static int hash_code_check(const void *state)
{
    const hash_code_state *s = state;
    return hash_code_valid(s) && kedge_i_prep_check(&s->prep);
}

/* The finaliser of splitmix64. */
static uint64_t hash_code_mix(uint64_t x)
{
    kedge_rng rng = {x};
    return kedge_rng_next(&rng);
}

/* Returns what a value adds to its bucket: 1 or -1; 0: it is missing. */
static int8_t hash_code_of(const hash_code_state *s, uint32_t k, double x, uint16_t *bucket)
{
    if (x != x)
        return 0;
    uint64_t h = hash_code_mix(kedge_i_bits_of(x + 0.0) ^ hash_code_mix(s->seed + k));
    *bucket = (uint16_t)((h >> 32) * s->n_buckets >> 32); /* below KEDGE_PREP_COLUMNS_MAX, 2^16 */
    return h & 1 ? -1 : 1;
}

static kedge_status hash_code_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const hash_code_state *s = state;
    uint16_t buckets[HASH_CODE_MOST]; /* the row is overwritten from its beginning */
    int8_t signs[HASH_CODE_MOST];
    uint32_t k = 0, n = 0;
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    for (uint32_t j = 0; j < s->prep.n_columns; j++) {
        if (k < s->prep.n_picked && kedge_i_prep_picked(&s->prep)[k] == j) {
            signs[k] = hash_code_of(s, k, out[j], &buckets[k]);
            k++;
        } else {
            out[n++] = out[j];
        }
    }
    memset(out + n, 0, s->n_buckets * sizeof *out);
    for (k = 0; k < s->prep.n_picked; k++)
        if (signs[k] != 0)
            out[n + buckets[k]] += signs[k];
    return KEDGE_OK;
}

static void hash_code_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    (void)y;
    if (out)
        (void)hash_code_transform(cls, state, x, out);
}

static void hash_code_origin(const kedge_prep_class *cls, const void *state, uint32_t i_out, kedge_prep_origin *out)
{
    const hash_code_state *s = state;
    uint32_t n_others = s->prep.n_columns - s->prep.n_picked, j = 0;
    (void)cls;
    if (i_out >= n_others) {
        kedge_i_prep_from(out, KEDGE_OUT_HASH, kedge_i_prep_picked(&s->prep)[0]);
        out->detail = i_out - n_others;
        return;
    }
    while (kedge_i_prep_has(&s->prep, j) || i_out-- > 0)
        j++;
    kedge_i_prep_from(out, KEDGE_OUT_SAME, j);
}

const kedge_prep_class kedge_hash_code = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "hash_code",
            .fixed_bytes = sizeof(hash_code_state),
            .config_bytes = sizeof(kedge_hash_code_config),
            .n_fields = sizeof hash_code_fields / sizeof *hash_code_fields,
            .fields = hash_code_fields,
            .defaults = hash_code_defaults,
            .configure = hash_code_configure,
            .valid = hash_code_valid,
            .layout = hash_code_layout,
            .start = kedge_i_prep_begin,
            .check = hash_code_check,
        },
    .learn = hash_code_learn,
    .transform = hash_code_transform,
    .origin = hash_code_origin,
};
