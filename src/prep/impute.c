/* SPDX-License-Identifier: MIT */
/* Missing values filled. What each column is filled with is kept ready, so that a transform only reads it; mode and median come
 * from the
 * profiles of columns, of which each selected one has its own. */
#include "base/fp.h"

#include <math.h>

#include "prep/prep_state.h"

#include "kedge/profile.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/sort.h"
#include "prep/prep_sketch.h"

enum { IMPUTE_CATEGORIES = 256 };

typedef struct impute_state {
    kedge_prep_state prep;
    uint32_t method;
    uint32_t indicator;
    double constant;
    uint32_t level_size;
    uint32_t max_categories;
    uint32_t at_count; /* layout: double[n_picked]: values learned; median: until it is due */
    uint32_t at_fill;  /* layout: double[n_picked] */
    uint32_t at_sketches;  /* layout */
    uint32_t sketch_bytes; /* layout; 0: no median */
    uint32_t n_sketches;   /* layout */
    uint32_t at_tables;    /* layout */
    uint32_t table_bytes;  /* layout; 0: no mode */
    uint32_t n_tables;     /* layout */
} impute_state;

static const kedge_field impute_fields[] = {
    PREP_PARAMS(impute_state),
    KEDGE_PARAM(impute_state, method, KEDGE_TYPE_U32),
    KEDGE_PARAM(impute_state, indicator, KEDGE_TYPE_U32),
    KEDGE_PARAM(impute_state, constant, KEDGE_TYPE_F64),
    KEDGE_PARAM(impute_state, level_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(impute_state, max_categories, KEDGE_TYPE_U32),
    KEDGE_VALUE(impute_state, prep.n_learned, KEDGE_TYPE_U64),
    KEDGE_ARRAY(impute_state, at_count, prep.n_picked, KEDGE_TYPE_F64),
    KEDGE_ARRAY(impute_state, at_fill, prep.n_picked, KEDGE_TYPE_F64),
    KEDGE_PARTS(impute_state, at_sketches, sketch_bytes, 0),
    KEDGE_PARTS(impute_state, at_tables, table_bytes, 1),
};

static const kedge_class *const impute_parts[] = {&kedge_profile.base, &kedge_categories.base};

/* Configuration --- */

static void impute_defaults(void *config)
{
    kedge_impute_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_impute;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->method = KEDGE_IMPUTE_MEAN;
    cfg->level_size = PREP_SKETCH_LEVEL;
    cfg->max_categories = IMPUTE_CATEGORIES;
}

kedge_status kedge_impute_config_init(kedge_impute_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_impute, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void impute_configure(const void *config, void *fixed)
{
    const kedge_impute_config *cfg = config;
    impute_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    s->method = cfg->method;
    s->indicator = cfg->indicator;
    s->constant = cfg->constant;
    s->level_size = cfg->level_size;
    s->max_categories = cfg->max_categories;
}

static kedge_categories_config impute_table(const impute_state *s)
{
    kedge_categories_config cfg;
    kedge_categories.base.defaults(&cfg);
    cfg.max_categories = s->max_categories;
    return cfg;
}

static uint32_t impute_table_bytes(const impute_state *s)
{
    kedge_categories_config cfg = impute_table(s);
    return (uint32_t)kedge_i_object_size(&kedge_categories.base, &cfg, sizeof cfg);
}

static int impute_valid(const void *fixed)
{
    const impute_state *s = fixed;
    return kedge_i_prep_valid(&s->prep) && kedge_i_u32_within(s->method, KEDGE_IMPUTE_MEAN, KEDGE_IMPUTE_CONSTANT) &&
           s->indicator <= 1 && kedge_i_within(s->constant, -KEDGE_PREP_INPUT_MAX, KEDGE_PREP_INPUT_MAX) &&
           kedge_i_sketch_bytes(s->level_size) > 0 && impute_table_bytes(s) > 0;
}

static size_t impute_layout(void *fixed)
{
    impute_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    s->prep.n_out = s->prep.n_columns + (s->indicator ? s->prep.n_picked : 0);
    s->n_sketches = s->method == KEDGE_IMPUTE_MEDIAN ? s->prep.n_picked : 0;
    s->n_tables = s->method == KEDGE_IMPUTE_MODE ? s->prep.n_picked : 0;
    s->sketch_bytes = s->n_sketches > 0 ? kedge_i_sketch_bytes(s->level_size) : 0;
    s->table_bytes = s->n_tables > 0 ? impute_table_bytes(s) : 0;
    s->at_count = kedge_i_arena_take(&arena, s->prep.n_picked, sizeof(double));
    s->at_fill = kedge_i_arena_take(&arena, s->prep.n_picked, sizeof(double));
    s->at_sketches = kedge_i_arena_take(&arena, s->n_sketches, s->sketch_bytes);
    s->at_tables = kedge_i_arena_take(&arena, s->n_tables, s->table_bytes);
    return s->prep.n_out <= KEDGE_PREP_COLUMNS_MAX ? kedge_i_arena_end(&arena) : 0;
}

static void *impute_sketch(impute_state *s, uint32_t k)
{
    return (unsigned char *)kedge_i_at(s, s->at_sketches) + (size_t)k * s->sketch_bytes;
}

static const void *impute_categories(const impute_state *s, uint32_t k)
{
    return (const unsigned char *)kedge_i_at_const(s, s->at_tables) + (size_t)k * s->table_bytes;
}

static kedge_metric impute_categories_of(impute_state *s, uint32_t k)
{
    kedge_metric m = {&kedge_categories, (unsigned char *)kedge_i_at(s, s->at_tables) + (size_t)k * s->table_bytes};
    return m;
}

static void impute_start(void *state)
{
    impute_state *s = state;
    double *fill = kedge_i_at(s, s->at_fill);
    kedge_categories_config cfg = impute_table(s);
    kedge_i_prep_start(&s->prep);
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        fill[k] = s->constant;
    if (s->n_sketches > 0)
        kedge_i_sketch_begin(kedge_i_at(s, s->at_sketches), s->sketch_bytes, s->n_sketches, s->level_size);
    for (uint32_t k = 0; k < s->n_tables; k++) {
        kedge_status st =
            kedge_i_object_init(&kedge_categories.base, &cfg, sizeof cfg, impute_categories_of(s, k).state, s->table_bytes);
        KEDGE_ASSERT(st == KEDGE_OK);
        (void)st;
    }
}

static int impute_check(const void *state)
{
    const impute_state *s = state;
    const double *count = kedge_i_at_const(s, s->at_count), *fill = kedge_i_at_const(s, s->at_fill);
    if (!impute_valid(s) || !kedge_i_prep_check(&s->prep))
        return 0;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        if (!kedge_i_within(count[k], 0.0, 9e18) || !kedge_i_within(fill[k], -1.01 * KEDGE_PREP_INPUT_MAX,
                                                                    1.01 * KEDGE_PREP_INPUT_MAX))
            return 0;
    for (uint32_t k = 0; k < s->n_tables; k++)
        if (kedge_i_object_check(&kedge_categories.base, impute_categories(s, k)) < 0 ||
            kedge_i_state_bytes(impute_categories(s, k)) != s->table_bytes)
            return 0;
    return kedge_i_sketch_check(kedge_i_at_const(s, s->at_sketches), s->sketch_bytes, s->n_sketches);
}

/* Learning --- */

/* Is x, which was just recorded, now the most frequent? Of equally frequent ones the least is. */
static void impute_take_mode(impute_state *s, uint32_t k, double x, double *count, double *fill)
{
    kedge_metric m = impute_categories_of(s, k);
    kedge_category here, best;
    KEDGE_IGNORE(kedge_categories_record(&m, x));
    if (kedge_categories_find(&m, x, &here) < 0 || kedge_categories_find(&m, fill[k], &best) < 0)
        return;
    if (count[k] == 0.0 || here.count > best.count || (here.count == best.count && x < fill[k]))
        fill[k] = x;
    count[k] += 1.0;
}

static void impute_take(impute_state *s, uint32_t k, double x)
{
    double *count = kedge_i_at(s, s->at_count), *fill = kedge_i_at(s, s->at_fill);
    if (x != x || s->method == KEDGE_IMPUTE_CONSTANT)
        return;
    if (s->method == KEDGE_IMPUTE_MODE) {
        impute_take_mode(s, k, x, count, fill);
    } else if (s->method == KEDGE_IMPUTE_MEDIAN) {
        if (kedge_i_sketch_take(impute_sketch(s, k), x, &count[k])) {
            fill[k] = kedge_i_sketch_quantile(impute_sketch(s, k), 0.5);
            count[k] = kedge_i_sketch_due(impute_sketch(s, k));
        }
    } else {
        count[k] += 1.0;
        fill[k] = s->method == KEDGE_IMPUTE_LAST || count[k] == 1.0 ? x : fill[k] + (x - fill[k]) / fmax(count[k], 1.0);
    }
}

static kedge_status impute_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const impute_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    const double *fill = kedge_i_at_const(s, s->at_fill);
    double *marks = out + s->prep.n_columns;
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        double value = out[picked[k]];
        out[picked[k]] = value == value ? value : fill[k];
        if (s->indicator)
            marks[k] = value == value ? 0.0 : 1.0;
    }
    return KEDGE_OK;
}

static void impute_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    impute_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    (void)y;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        impute_take(s, k, kedge_i_row_at(x, picked[k]));
    if (out)
        (void)impute_transform(cls, state, x, out);
}

/* The most frequent of n > 0 ascending numbers, of equally frequent ones the least. */
static double impute_mode(const double *sorted, size_t n)
{
    size_t most = 0, run = 0;
    double mode = sorted[0];
    for (size_t i = 0; i < n; i++) {
        run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
        if (run > most) {
            most = run;
            mode = sorted[i];
        }
    }
    return mode;
}

static kedge_status impute_fit(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work,
                               double *out)
{
    impute_state *s = state;
    double *fill = kedge_i_at(s, s->at_fill), *column = work;
    (void)y;
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        size_t n = kedge_i_prep_gather(x, kedge_i_prep_picked(&s->prep)[k], column);
        for (size_t i = 0; i < n; i++)
            impute_take(s, k, column[i]);
        if (n == 0 || (s->n_sketches == 0 && s->n_tables == 0))
            continue;
        kedge_i_sort(column, n, column + x->n_rows);
        fill[k] = s->n_tables > 0 ? impute_mode(column, n) : kedge_i_prep_quantile(column, n, 0.5);
        if (s->n_sketches > 0)
            ((double *)kedge_i_at(s, s->at_count))[k] = kedge_i_sketch_due(impute_sketch(s, k));
    }
    if (out)
        kedge_i_prep_apply(cls, state, x, out);
    return KEDGE_OK;
}

/* Means only: the others depend on the order, or on what their profiles left out. */
static kedge_status impute_merge(const kedge_prep_class *cls, void *state, const void *other)
{
    impute_state *s = state;
    const impute_state *o = other;
    double *count = kedge_i_at(s, s->at_count), *fill = kedge_i_at(s, s->at_fill);
    const double *more = kedge_i_at_const(o, o->at_count), *theirs = kedge_i_at_const(o, o->at_fill);
    (void)cls;
    if (s->method != KEDGE_IMPUTE_MEAN)
        return KEDGE_ERR_UNSUPPORTED;
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        double n = count[k] + more[k];
        if (more[k] > 0.0)
            fill[k] = count[k] > 0.0 ? fill[k] + (theirs[k] - fill[k]) * (more[k] / n) : theirs[k];
        count[k] = n;
    }
    return KEDGE_OK;
}

static void impute_origin(const kedge_prep_class *cls, const void *state, uint32_t i_out, kedge_prep_origin *out)
{
    const impute_state *s = state;
    (void)cls;
    if (i_out >= s->prep.n_columns)
        kedge_i_prep_from(out, KEDGE_OUT_MISSING, kedge_i_prep_picked(&s->prep)[i_out - s->prep.n_columns]);
    else
        kedge_i_prep_from(out, kedge_i_prep_has(&s->prep, i_out) ? KEDGE_OUT_CHANGED : KEDGE_OUT_SAME, i_out);
}

const kedge_prep_class kedge_impute = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "impute",
            .fixed_bytes = sizeof(impute_state),
            .config_bytes = sizeof(kedge_impute_config),
            .n_fields = sizeof impute_fields / sizeof *impute_fields,
            .fields = impute_fields,
            .defaults = impute_defaults,
            .configure = impute_configure,
            .valid = impute_valid,
            .layout = impute_layout,
            .start = impute_start,
            .check = impute_check,
            .parts = impute_parts,
        },
    .learn = impute_learn,
    .transform = impute_transform,
    .origin = impute_origin,
    .fit_work = kedge_i_prep_column_work,
    .fit = impute_fit,
    .merge = impute_merge,
};
