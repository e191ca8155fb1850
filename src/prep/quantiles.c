/* SPDX-License-Identifier: MIT */
/* Columns by the ranks of their values. Straight lines between quantiles, as scikit-learn's QuantileTransformer draws them:
 * where quantiles are
 * equal, in the middle of their ranks; at the least value 0, at the greatest 1. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "prep/prep_coded.h"

#include "base/interval.h"
#include "base/sort.h"
#include "prep/prep_sketch.h"


#define QUANTILES_NEAR 1e-7 /* of the ends, before and behind the normal distribution; scikit-learn's */

enum { QUANTILES_MOST = 4096, QUANTILES_USUAL = 100 };

typedef struct quantiles_state {
    kedge_prep_state prep;
    uint32_t output;
    uint32_t n_quantiles;
    uint32_t level_size;
    uint32_t at_edges;     /* layout: double[n_picked][n_quantiles], ascending; the rest is 0 */
    uint32_t n_edges;      /* layout: of all columns */
    uint32_t at_used;      /* layout: uint32_t[n_picked]: quantiles in use, at most as many as values; 0: none yet */
    uint32_t at_due;       /* layout: double[n_picked]: values until quantiles are due */
    uint32_t at_sketches;  /* layout */
    uint32_t sketch_bytes; /* layout */
    uint32_t n_sketches;   /* layout */
} quantiles_state;

static const kedge_field quantiles_fields[] = {
    PREP_PARAMS(quantiles_state),
    KEDGE_PARAM(quantiles_state, output, KEDGE_TYPE_U32),
    KEDGE_PARAM(quantiles_state, n_quantiles, KEDGE_TYPE_U32),
    KEDGE_PARAM(quantiles_state, level_size, KEDGE_TYPE_U32),
    KEDGE_VALUE(quantiles_state, prep.n_learned, KEDGE_TYPE_U64),
    KEDGE_ARRAY(quantiles_state, at_edges, n_edges, KEDGE_TYPE_F64),
    KEDGE_ARRAY(quantiles_state, at_used, prep.n_picked, KEDGE_TYPE_U32),
    KEDGE_ARRAY(quantiles_state, at_due, prep.n_picked, KEDGE_TYPE_F64),
    KEDGE_PARTS(quantiles_state, at_sketches, sketch_bytes, 0),
};

static void quantiles_defaults(void *config)
{
    kedge_quantiles_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_quantiles;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->output = KEDGE_QUANTILES_UNIFORM;
    cfg->n_quantiles = QUANTILES_USUAL;
    cfg->level_size = PREP_SKETCH_LEVEL;
}

kedge_status kedge_quantiles_config_init(kedge_quantiles_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_quantiles, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void quantiles_configure(const void *config, void *fixed)
{
    const kedge_quantiles_config *cfg = config;
    quantiles_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    s->output = cfg->output;
    s->n_quantiles = cfg->n_quantiles;
    s->level_size = cfg->level_size;
}

static int quantiles_valid(const void *fixed)
{
    const quantiles_state *s = fixed;
    return kedge_i_prep_valid(&s->prep) && kedge_i_u32_within(s->output, KEDGE_QUANTILES_UNIFORM, KEDGE_QUANTILES_NORMAL) &&
           kedge_i_u32_within(s->n_quantiles, 2, QUANTILES_MOST) && kedge_i_sketch_bytes(s->level_size) > 0;
}

static size_t quantiles_layout(void *fixed)
{
    quantiles_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    s->prep.n_out = s->prep.n_columns;
    s->n_sketches = s->prep.n_picked;
    s->sketch_bytes = kedge_i_sketch_bytes(s->level_size);
    s->n_edges = s->prep.n_picked * s->n_quantiles; /* at most 2^28 */
    s->at_edges = kedge_i_arena_take(&arena, s->n_edges, sizeof(double));
    s->at_used = kedge_i_arena_take(&arena, s->prep.n_picked, sizeof(uint32_t));
    s->at_due = kedge_i_arena_take(&arena, s->prep.n_picked, sizeof(double));
    s->at_sketches = kedge_i_arena_take(&arena, s->n_sketches, s->sketch_bytes);
    return kedge_i_arena_end(&arena);
}

static void quantiles_start(void *state)
{
    quantiles_state *s = state;
    kedge_i_prep_start(&s->prep);
    kedge_i_sketch_begin(kedge_i_at(s, s->at_sketches), s->sketch_bytes, s->n_sketches, s->level_size);
}

static double *quantiles_edges(const quantiles_state *s, uint32_t k)
{
    return (double *)(uintptr_t)kedge_i_at_const(s, s->at_edges) + (size_t)k * s->n_quantiles;
}

static int quantiles_column_is_sound(const quantiles_state *s, uint32_t k)
{
    const double *edges = quantiles_edges(s, k);
    uint32_t n = ((const uint32_t *)kedge_i_at_const(s, s->at_used))[k];
    if (n > s->n_quantiles || !kedge_i_within(((const double *)kedge_i_at_const(s, s->at_due))[k], 0.0, 9e18))
        return 0;
    for (uint32_t i = 0; i < s->n_quantiles; i++)
        if (i >= n ? edges[i] != 0.0 : !kedge_i_within(edges[i], i ? edges[i - 1] : -KEDGE_PREP_INPUT_MAX, KEDGE_PREP_INPUT_MAX))
            return 0;
    return 1;
}

static int quantiles_check(const void *state)
{
    const quantiles_state *s = state;
    if (!quantiles_valid(s) || !kedge_i_prep_check(&s->prep))
        return 0;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        if (!quantiles_column_is_sound(s, k))
            return 0;
    return kedge_i_sketch_check(kedge_i_at_const(s, s->at_sketches), s->sketch_bytes, s->n_sketches);
}

/* Of n ascending edges, how many are below x; with `too` 1, also those equal to it. */
static uint32_t quantiles_count(const double *edges, uint32_t n, double x, int too)
{
    uint32_t low = 0;
    while (n > 0) {
        uint32_t half = n / 2;
        int is_below = edges[low + half] < x || (too && edges[low + half] == x);
        low += is_below ? half + 1 : 0;
        n = is_below ? n - half - 1 : half;
    }
    return low;
}

/* The share of values below x, by n edges; those of a constant column say nothing. */
static double quantiles_share(const double *edges, uint32_t n, double x)
{
    if (x <= edges[0])
        return 0.0;
    if (x >= edges[n - 1])
        return 1.0;
    uint32_t below = quantiles_count(edges, n, x, 0), up_to = quantiles_count(edges, n, x, 1);
    if (up_to > below)
        return 0.5 * (double)(below + up_to - 1) / (double)(n - 1);
    double width = edges[below] - edges[below - 1];
    double part = (x - edges[below - 1]) / (width > 0.0 ? width : 1.0); /* at most 1 */
    return ((double)(below - 1) + part) / (double)(n - 1);
}

static double quantiles_normal(const double *edges, uint32_t n, double x)
{
    if (edges[0] == edges[n - 1] && x == edges[0])
        return 0.0;
    double share = x - QUANTILES_NEAR < edges[0] ? 0.0 : x + QUANTILES_NEAR > edges[n - 1] ? 1.0 : quantiles_share(edges, n, x);
    share = fmin(fmax(share, QUANTILES_NEAR - DBL_EPSILON), 1.0 - (QUANTILES_NEAR - DBL_EPSILON));
    return kedge_i_normal_quantile(share);
}

static kedge_status quantiles_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const quantiles_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep), *used = kedge_i_at_const(s, s->at_used);
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        double *value = &out[picked[k]];
        if (*value != *value || used[k] == 0)
            continue;
        *value = (s->output == KEDGE_QUANTILES_NORMAL ? quantiles_normal : quantiles_share)(quantiles_edges(s, k), used[k], *value);
    }
    return KEDGE_OK;
}

static void *quantiles_sketch(quantiles_state *s, uint32_t k)
{
    return (unsigned char *)kedge_i_at(s, s->at_sketches) + (size_t)k * s->sketch_bytes;
}

/* How many quantiles so many values give. */
static uint32_t quantiles_of(const quantiles_state *s, uint64_t n)
{
    return n < s->n_quantiles ? (uint32_t)n : s->n_quantiles;
}

static double quantiles_rank(uint32_t i, uint32_t n)
{
    return (double)i / (double)(n > 1 ? n - 1 : 1);
}

static void quantiles_take(quantiles_state *s, uint32_t k, double x)
{
    double *due = (double *)kedge_i_at(s, s->at_due) + k, *edges = quantiles_edges(s, k);
    uint32_t *used = (uint32_t *)kedge_i_at(s, s->at_used) + k;
    void *sketch = quantiles_sketch(s, k);
    if (x != x || !kedge_i_sketch_take(sketch, x, due))
        return;
    *used = quantiles_of(s, kedge_i_sketch_n(sketch));
    for (uint32_t i = 0; i < *used; i++)
        edges[i] = kedge_i_sketch_quantile(sketch, quantiles_rank(i, *used));
    memset(edges + *used, 0, (s->n_quantiles - *used) * sizeof *edges); /* a fit uses more: it counts missing values too */
    *due = kedge_i_sketch_due(sketch);
}

static void quantiles_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    quantiles_state *s = state;
    (void)y;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        quantiles_take(s, k, kedge_i_row_at(x, kedge_i_prep_picked(&s->prep)[k]));
    if (out)
        (void)quantiles_transform(cls, state, x, out);
}

static void quantiles_fit_column(quantiles_state *s, uint32_t k, const kedge_rows *x, double *column)
{
    double *due = (double *)kedge_i_at(s, s->at_due) + k, *edges = quantiles_edges(s, k);
    uint32_t *used = (uint32_t *)kedge_i_at(s, s->at_used) + k;
    size_t n = kedge_i_prep_gather(x, kedge_i_prep_picked(&s->prep)[k], column);
    for (size_t i = 0; i < n; i++)
        (void)kedge_i_sketch_take(quantiles_sketch(s, k), column[i], due);
    if (n == 0)
        return;
    kedge_i_sort(column, n, column + x->n_rows);
    *used = quantiles_of(s, x->n_rows);
    for (uint32_t i = 0; i < *used; i++) {
        double edge = kedge_i_prep_quantile(column, n, quantiles_rank(i, *used));
        edges[i] = i > 0 ? fmax(edge, edges[i - 1]) : edge; /* rounding may turn two around */
    }
    *due = kedge_i_sketch_due(quantiles_sketch(s, k));
}

static kedge_status quantiles_fit(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work,
                                  double *out)
{
    quantiles_state *s = state;
    (void)y;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        quantiles_fit_column(s, k, x, work);
    if (out)
        kedge_i_prep_apply(cls, state, x, out);
    return KEDGE_OK;
}

const kedge_prep_class kedge_quantiles = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "quantiles",
            .fixed_bytes = sizeof(quantiles_state),
            .config_bytes = sizeof(kedge_quantiles_config),
            .n_fields = sizeof quantiles_fields / sizeof *quantiles_fields,
            .fields = quantiles_fields,
            .defaults = quantiles_defaults,
            .configure = quantiles_configure,
            .valid = quantiles_valid,
            .layout = quantiles_layout,
            .start = quantiles_start,
            .check = quantiles_check,
            .parts = kedge_i_sketch_parts,
        },
    .learn = quantiles_learn,
    .transform = quantiles_transform,
    .origin = kedge_i_prep_in_place,
    .fit_work = kedge_i_prep_column_work,
    .fit = quantiles_fit,
};
