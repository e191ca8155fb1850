/* SPDX-License-Identifier: MIT */
/* A schema as an object: its configuration, its soundness, and what can be read and changed. How it learns is in schema_learn.c,
 * how it checks rows in schema_check.c. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "pipeline/schema_state.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "pipeline/controls.h"

#define SCHEMA_VALUE(member, type) KEDGE_VALUE(kedge_i_schema, member, type)

static const kedge_field schema_fields[] = {
    KEDGE_PARAM(kedge_i_schema, n_columns, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_schema, max_categories, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_schema, sample_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_schema, window, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_schema, slack, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_schema, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_schema, rate_alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_schema, shift_alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_schema, seed, KEDGE_TYPE_U64),
    SCHEMA_VALUE(phase, KEDGE_TYPE_U32),
    SCHEMA_VALUE(n_sampled, KEDGE_TYPE_U32),
    SCHEMA_VALUE(n_window, KEDGE_TYPE_U32),
    SCHEMA_VALUE(n_reference, KEDGE_TYPE_U32),
    SCHEMA_VALUE(told, KEDGE_TYPE_U32),
    SCHEMA_VALUE(rng.state, KEDGE_TYPE_U64),
    SCHEMA_VALUE(n_learned, KEDGE_TYPE_COUNT),
    SCHEMA_VALUE(n_unlearned, KEDGE_TYPE_COUNT),
    SCHEMA_VALUE(n_checked, KEDGE_TYPE_COUNT),
    SCHEMA_VALUE(n_refused, KEDGE_TYPE_U64),
    SCHEMA_VALUE(n_warned, KEDGE_TYPE_U64),
    SCHEMA_VALUE(n_shifts, KEDGE_TYPE_U64),
    SCHEMA_VALUE(refused_ns, KEDGE_TYPE_U64),
    KEDGE_ARRAY(kedge_i_schema, at_sample, n_sample, KEDGE_TYPE_F64),
    KEDGE_PARTS(kedge_i_schema, at_columns, column_bytes, 0),
};

static const kedge_class *const schema_parts[] = {&kedge_i_column_class};

static void schema_defaults(void *config)
{
    kedge_schema_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_schema;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->max_categories = 64;
    cfg->sample_rows = 1024;
    cfg->window = 512;
    cfg->slack = 0.5;
    cfg->confidence = 0.999;
    cfg->rate_alpha = 0.001;
    cfg->shift_alpha = 0.001;
    cfg->seed = 1;
}

kedge_status kedge_schema_config_init(kedge_schema_config *cfg, size_t cfg_bytes, const kedge_column *columns, uint32_t n_columns)
{
    KEDGE_TRY(kedge_class_defaults(&kedge_schema.base, cfg, cfg_bytes, sizeof *cfg));
    cfg->columns = columns;
    cfg->n_columns = n_columns;
    return KEDGE_OK;
}

/* How many there are; 0, which is out of range, if one of them is no column. */
static uint32_t schema_count(const kedge_schema_config *cfg)
{
    if (cfg->n_columns > KEDGE_SCHEMA_COLUMNS_MAX)
        return 0;
    for (uint32_t i = 0; cfg->columns && i < cfg->n_columns; i++)
        if (!kedge_i_column_valid(&cfg->columns[i], cfg->max_categories))
            return 0;
    return cfg->n_columns;
}

static void schema_configure(const void *config, void *fixed)
{
    const kedge_schema_config *cfg = config;
    kedge_i_schema *s = fixed;
    s->n_columns = schema_count(cfg);
    s->max_categories = cfg->max_categories;
    s->sample_rows = cfg->sample_rows;
    s->window = cfg->window;
    s->slack = cfg->slack;
    s->confidence = cfg->confidence;
    s->rate_alpha = cfg->rate_alpha;
    s->shift_alpha = cfg->shift_alpha;
    s->seed = cfg->seed;
}

static int schema_chances_are_valid(const kedge_i_schema *s)
{
    return s->confidence > 0.5 && s->confidence < 1.0 && s->rate_alpha > 0.0 && s->rate_alpha <= 0.5 && s->shift_alpha > 0.0 &&
           s->shift_alpha <= 0.5;
}

static int schema_valid(const void *fixed)
{
    const kedge_i_schema *s = fixed;
    if (!kedge_i_u32_within(s->n_columns, 1, KEDGE_SCHEMA_COLUMNS_MAX) || !kedge_i_u32_within(s->max_categories, 2, 4096))
        return 0;
    if (!kedge_i_u32_within(s->sample_rows, 64, 65536) || !kedge_i_u32_within(s->window, 64, 1u << 20))
        return 0;
    return kedge_i_within(s->slack, 0.0, 1000.0) && schema_chances_are_valid(s);
}

static void schema_column_config(const kedge_i_schema *s, const kedge_column *column, kedge_i_column_config *out)
{
    kedge_i_column_class.defaults(out);
    out->room = s->max_categories;
    out->window = s->window;
    if (column)
        out->column = *column;
}

static size_t schema_layout(void *fixed)
{
    kedge_i_schema *s = fixed;
    kedge_i_column_config one;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    schema_column_config(s, NULL, &one);
    s->n_sample = kedge_i_length(s->n_columns, s->sample_rows);
    s->at_sample = kedge_i_arena_take(&arena, s->n_sample, sizeof(double));
    s->at_scratch =
        kedge_i_arena_take(&arena, s->n_columns > 2 * s->sample_rows ? s->n_columns : 2 * s->sample_rows, sizeof(double));
    s->column_bytes = (uint32_t)kedge_i_object_size(&kedge_i_column_class, &one, sizeof one);
    s->n_columns_too = s->n_columns;
    s->at_columns = kedge_i_arena_take(&arena, s->n_columns, s->column_bytes);
    return kedge_i_arena_end(&arena);
}

static void schema_start(void *state)
{
    kedge_i_schema *s = state;
    s->rng.state = s->seed;
}

static void schema_begin_parts(const kedge_class *cls, const void *config, void *state)
{
    const kedge_schema_config *cfg = config;
    kedge_i_schema *s = state;
    (void)cls;
    for (uint32_t i = 0; i < s->n_columns; i++) {
        kedge_i_column_config one;
        schema_column_config(s, cfg->columns ? &cfg->columns[i] : NULL, &one);
        kedge_status st =
            kedge_i_object_init(&kedge_i_column_class, &one, sizeof one, kedge_i_schema_column(s, i), s->column_bytes);
        KEDGE_ASSERT(st == KEDGE_OK);
        (void)st;
    }
}

/* Soundness -------------------------------------------------------------------------------------------------------------------- */

static int schema_sample_is_sound(const kedge_i_schema *s)
{
    const double *sample = kedge_i_at_const(s, s->at_sample);
    uint32_t n = s->n_sampled * s->n_columns;
    if (s->n_sampled > s->sample_rows || s->n_reference > s->sample_rows)
        return 0;
    for (uint32_t i = 0; i < s->n_sample; i++)
        if (i >= n ? !(sample[i] == 0.0) : isinf(sample[i]))
            return 0;
    return 1;
}

static int schema_columns_are_sound(const kedge_i_schema *s)
{
    for (uint32_t i = 0; i < s->n_columns; i++) {
        const kedge_i_column *t = kedge_i_schema_column_const(s, i);
        if (t->room != s->max_categories || t->window != s->window || t->n_reference > s->n_reference)
            return 0;
        if (s->phase > 0 ? t->kind_now == KEDGE_COLUMN_INFERRED : t->n_reference > 0)
            return 0;
        if (t->n_missing_window > s->n_window || t->n_unseen_window > s->n_window || t->n_wrong > s->n_checked ||
            t->n_news > s->n_checked)
            return 0;
        if (t->n_present > s->n_learned || t->n_missing > s->n_learned - t->n_present)
            return 0;
    }
    return 1;
}

static int schema_check(const void *state)
{
    const kedge_i_schema *s = state;
    if (s->phase > KEDGE_I_SCHEMA_RENEWING || s->n_window >= s->window || s->told > 1)
        return 0;
    if (s->n_learned > KEDGE_I_COUNT_MAX || s->n_unlearned > KEDGE_I_COUNT_MAX || s->n_checked > KEDGE_I_COUNT_MAX)
        return 0;
    if (s->n_refused > s->n_checked || s->n_warned > s->n_checked - s->n_refused || s->refused_ns > KEDGE_I_COUNT_MAX)
        return 0;
    if (s->phase == 0 && (s->n_checked > 0 || s->n_window > 0 || s->n_reference > 0 || s->n_sampled > s->n_learned))
        return 0;
    if (s->phase > 0 && (s->phase == KEDGE_I_SCHEMA_CHECKED ? s->n_sampled > 0 : s->n_sampled == s->sample_rows))
        return 0;
    return s->n_shifts <= KEDGE_I_COUNT_MAX && schema_sample_is_sound(s) && schema_columns_are_sound(s);
}

/* Reading ---------------------------------------------------------------------------------------------------------------------- */

kedge_status kedge_schema_column(const kedge_control *c, uint32_t i, kedge_column *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    const kedge_i_schema *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    if (i >= s->n_columns)
        return KEDGE_ERR_RANGE;
    kedge_i_column_read(kedge_i_schema_column_const(s, i), out);
    return KEDGE_OK;
}

kedge_status kedge_schema_read(const kedge_control *c, kedge_schema_report *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    const kedge_i_schema *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    memset(out, 0, sizeof *out);
    out->n_learned = s->n_learned;
    out->n_unlearned = s->n_unlearned;
    out->n_checked = s->n_checked;
    out->n_refused = s->n_refused;
    out->n_warned = s->n_warned;
    out->n_shifts = s->n_shifts;
    out->refused_ns = s->refused_ns;
    out->n_columns = s->n_columns;
    out->n_reference = s->n_reference;
    out->is_finished = s->phase > 0;
    out->is_renewing = s->phase == KEDGE_I_SCHEMA_RENEWING;
    for (uint32_t i = 0; i < s->n_columns; i++) {
        const kedge_i_column *t = kedge_i_schema_column_const(s, i);
        out->n_watched += t->n_reference > 0;
        out->n_shifted += t->shifted > 0;
    }
    return KEDGE_OK;
}

kedge_status kedge_schema_read_column(const kedge_control *c, uint32_t i, kedge_schema_column_report *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    const kedge_i_schema *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    if (i >= s->n_columns)
        return KEDGE_ERR_RANGE;
    const kedge_i_column *t = kedge_i_schema_column_const(s, i);
    memset(out, 0, sizeof *out);
    out->n_wrong = t->n_wrong;
    out->n_news = t->n_news;
    out->n_shifts = t->n_shifts;
    out->n_windows = t->n_windows;
    out->n_categories = kedge_i_column_has_codes(t) ? t->n_edges : 0;
    out->n_reference = t->n_reference;
    out->is_shifted = t->shifted != 0;
    out->is_missing = t->is_missing || t->n_missing_window >= t->missing_limit;
    out->is_unseen = t->is_unseen || t->n_unseen_window >= t->unseen_limit;
    out->why = t->shifted;
    out->statistic = t->statistic;
    out->limit = t->limit;
    kedge_i_column_span(t, &out->moved_low, &out->moved_high);
    out->share_reference = t->has_window ? (double)t->n_was / (double)t->n_reference : (double)NAN;
    out->share_current = t->has_window ? (double)t->n_moved / (double)t->window : (double)NAN;
    return KEDGE_OK;
}

/* Changing --------------------------------------------------------------------------------------------------------------------- */

/* May it become this, knowing what it knows? */
static int schema_may_become(const kedge_i_column *t, const kedge_column *to)
{
    if (!kedge_i_column_valid(to, t->room) || to->kind == KEDGE_COLUMN_INFERRED)
        return 0;
    if (to->kind != t->kind_now)
        return to->kind == KEDGE_COLUMN_IGNORED;
    if (to->kind != KEDGE_COLUMN_NOMINAL || (to->n_categories > 0 && to->n_categories == t->n_categories_now))
        return 1;
    return to->n_categories == 0 && to->max_categories >= t->n_edges;
}

static void schema_become(kedge_i_column *t, const kedge_column *to)
{
    t->n_categories_now = to->n_categories;
    t->max_categories_now = to->max_categories;
    t->is_whole_now = to->is_whole;
    t->low_now = fmax(to->low == to->low ? to->low : -DBL_MAX, -DBL_MAX);
    t->high_now = fmin(to->high == to->high ? to->high : DBL_MAX, DBL_MAX);
    t->missing_now = to->missing_max;
    t->unseen_now = to->unseen_max;
    if (to->kind == KEDGE_COLUMN_IGNORED && t->kind_now != KEDGE_COLUMN_IGNORED) {
        kedge_i_column_forget(t);
        memset(kedge_i_at(t, t->at_edges), 0, t->n_cells * sizeof(double));
        t->n_edges = 0;
        t->is_missing = t->is_unseen = t->n_missing_window = t->n_unseen_window = 0;
    }
    t->kind_now = to->kind;
}

kedge_status kedge_schema_set_column(kedge_control *c, uint32_t i, const kedge_column *column)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    kedge_i_schema *s = c->state;
    if (!column)
        return KEDGE_ERR_NULL;
    if (i >= s->n_columns)
        return KEDGE_ERR_RANGE;
    if (s->phase == 0)
        return KEDGE_ERR_STATE;
    kedge_i_column *t = kedge_i_schema_column(s, i);
    if (!schema_may_become(t, column))
        return KEDGE_ERR_CONFIG;
    schema_become(t, column);
    kedge_i_schema_limit_rates(s);
    return KEDGE_OK;
}

const kedge_control_class kedge_schema = {
    .base = {
        .abi = KEDGE_CLASS_ABI,
        .noun = KEDGE_NOUN_CONTROL,
        .version = 1,
        .name = "schema",
        .fixed_bytes = sizeof(kedge_i_schema),
        .config_bytes = sizeof(kedge_schema_config),
        .n_fields = sizeof schema_fields / sizeof *schema_fields,
        .fields = schema_fields,
        .defaults = schema_defaults,
        .configure = schema_configure,
        .valid = schema_valid,
        .layout = schema_layout,
        .start = schema_start,
        .check = schema_check,
        .parts = schema_parts,
        .begin_parts = schema_begin_parts,
    },
};
