/* SPDX-License-Identifier: MIT */
/* One column of a schema: what it may hold, what was learned of it, and how its kind is inferred. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "pipeline/schema_state.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"

enum {
    COLUMN_ROOM_MAX = 4096,
    COLUMN_WHY_BITS = 1 << (KEDGE_SCHEMA_RARE + 1)
};

#define COLUMN_PARAM(member, type) KEDGE_PARAM(kedge_i_column, member, type)
#define COLUMN_U32(member) KEDGE_VALUE(kedge_i_column, member, KEDGE_TYPE_U32)
#define COLUMN_U64(member) KEDGE_VALUE(kedge_i_column, member, KEDGE_TYPE_U64)
#define COLUMN_F64(member) KEDGE_VALUE(kedge_i_column, member, KEDGE_TYPE_F64)

static const kedge_field column_fields[] = {
    COLUMN_PARAM(name[0], KEDGE_TYPE_U64),
    COLUMN_PARAM(name[1], KEDGE_TYPE_U64),
    COLUMN_PARAM(kind, KEDGE_TYPE_U32),
    COLUMN_PARAM(n_categories, KEDGE_TYPE_U32),
    COLUMN_PARAM(max_categories, KEDGE_TYPE_U32),
    COLUMN_PARAM(is_whole, KEDGE_TYPE_U32),
    COLUMN_PARAM(low, KEDGE_TYPE_F64),
    COLUMN_PARAM(high, KEDGE_TYPE_F64),
    COLUMN_PARAM(missing_max, KEDGE_TYPE_F64),
    COLUMN_PARAM(unseen_max, KEDGE_TYPE_F64),
    COLUMN_PARAM(room, KEDGE_TYPE_U32),
    COLUMN_PARAM(window, KEDGE_TYPE_U32),
    COLUMN_U32(kind_now),
    COLUMN_U32(n_categories_now),
    COLUMN_U32(max_categories_now),
    COLUMN_U32(is_whole_now),
    COLUMN_F64(low_now),
    COLUMN_F64(high_now),
    COLUMN_F64(missing_now),
    COLUMN_F64(unseen_now),
    COLUMN_U64(n_present),
    COLUMN_U64(n_missing),
    COLUMN_F64(least),
    COLUMN_F64(greatest),
    COLUMN_U32(has_fractions),
    COLUMN_U32(has_others),
    COLUMN_U32(is_overfull),
    COLUMN_U32(n_edges),
    COLUMN_U32(missing_limit),
    COLUMN_U32(unseen_limit),
    COLUMN_U32(n_missing_window),
    COLUMN_U32(n_unseen_window),
    COLUMN_U32(is_missing),
    COLUMN_U32(is_unseen),
    COLUMN_U32(told),
    COLUMN_U32(n_reference),
    COLUMN_U32(n_current),
    COLUMN_U32(rare_limit),
    COLUMN_U32(has_window),
    COLUMN_U32(shifted),
    COLUMN_U32(moved),
    COLUMN_U32(n_moved),
    COLUMN_U32(n_was),
    COLUMN_F64(limit),
    COLUMN_F64(statistic),
    COLUMN_U64(n_wrong),
    COLUMN_U64(n_news),
    COLUMN_U64(n_shifts),
    COLUMN_U64(n_windows),
    KEDGE_ARRAY(kedge_i_column, at_edges, n_cells, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kedge_i_column, at_common, n_counts, KEDGE_TYPE_U32),
    KEDGE_ARRAY(kedge_i_column, at_reference, n_counts, KEDGE_TYPE_U32),
    KEDGE_ARRAY(kedge_i_column, at_current, n_counts, KEDGE_TYPE_U32),
};

static void column_defaults(void *config)
{
    static const kedge_column init = KEDGE_COLUMN_INIT;
    kedge_i_column_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->cls = &kedge_i_column_class;
    cfg->config_bytes = sizeof *cfg;
    cfg->room = 64;
    cfg->window = 512;
    cfg->column = init;
}

/* An end of a range; an open one becomes the greatest number there is. The wrong infinity stays, and is refused. */
static double column_end(double x, double open)
{
    return x != x || x == open ? copysign(DBL_MAX, open) : x;
}

/* A name without an ending zero keeps its last byte, and is refused for it. */
static void column_configure(const void *config, void *fixed)
{
    const kedge_i_column_config *cfg = config;
    const kedge_column *from = &cfg->column;
    unsigned char name[KEDGE_COLUMN_NAME_BYTES] = {0};
    kedge_i_column *t = fixed;
    for (uint32_t i = 0; i < KEDGE_COLUMN_NAME_BYTES && from->name[i]; i++)
        name[i] = (unsigned char)from->name[i];
    for (uint32_t i = 0; i < 2; i++)
        t->name[i] = kedge_i_get(name + 8u * i, 8);
    t->kind = from->kind;
    t->n_categories = from->n_categories;
    t->max_categories = from->max_categories;
    t->is_whole = from->is_whole;
    t->low = column_end(from->low, -(double)INFINITY);
    t->high = column_end(from->high, (double)INFINITY);
    t->missing_max = from->missing_max;
    t->unseen_max = from->unseen_max;
    t->room = cfg->room;
    t->window = cfg->window;
}

/* At most 15 bytes, then zeros. */
static int column_name_is_valid(const kedge_i_column *t)
{
    unsigned char name[KEDGE_COLUMN_NAME_BYTES];
    uint32_t n = 0;
    for (uint32_t i = 0; i < 2; i++)
        kedge_i_put(name + 8u * i, t->name[i], 8);
    for (uint32_t i = 0; i < KEDGE_COLUMN_NAME_BYTES; i++)
        if (name[i])
            n = n == i ? i + 1 : KEDGE_COLUMN_NAME_BYTES;
    return n < KEDGE_COLUMN_NAME_BYTES;
}

/* What a kind needs, of what is declared or in force. */
static int column_holds(uint32_t kind, uint32_t n_categories, uint32_t max_categories, uint32_t room)
{
    if (kind != KEDGE_COLUMN_NOMINAL)
        return kedge_i_u32_within(kind, KEDGE_COLUMN_INFERRED, KEDGE_COLUMN_IGNORED);
    return n_categories > 0 ? n_categories <= room : kedge_i_u32_within(max_categories, 1, room);
}

static int column_range_holds(double low, double high, double missing_max, double unseen_max)
{
    if (!(low >= -DBL_MAX && low <= high && high <= DBL_MAX))
        return 0;
    return kedge_i_within(missing_max, 0.0, 1.0) && kedge_i_within(unseen_max, 0.0, 1.0);
}

static int column_valid(const void *fixed)
{
    const kedge_i_column *t = fixed;
    if (!kedge_i_u32_within(t->room, 2, COLUMN_ROOM_MAX) || !kedge_i_u32_within(t->window, 64, 1u << 20) || t->is_whole > 1)
        return 0;
    if (!column_holds(t->kind, t->n_categories, t->max_categories, t->room) || !column_name_is_valid(t))
        return 0;
    return column_range_holds(t->low, t->high, t->missing_max, t->unseen_max);
}

int kedge_i_column_valid(const kedge_column *column, uint32_t room)
{
    kedge_i_column_config cfg;
    kedge_i_fixed fixed;
    column_defaults(&cfg);
    cfg.column = *column;
    cfg.room = room;
    memset(&fixed, 0, sizeof fixed);
    column_configure(&cfg, &fixed);
    return column_valid(&fixed);
}

static size_t column_layout(void *fixed)
{
    kedge_i_column *t = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *t);
    t->n_cells = t->room < KEDGE_I_COLUMN_BINS ? KEDGE_I_COLUMN_BINS : t->room;
    t->n_counts = t->n_cells + 1;
    t->at_edges = kedge_i_arena_take(&arena, t->n_cells, sizeof(double));
    t->at_common = kedge_i_arena_take(&arena, t->n_counts, sizeof(uint32_t));
    t->at_reference = kedge_i_arena_take(&arena, t->n_counts, sizeof(uint32_t));
    t->at_current = kedge_i_arena_take(&arena, t->n_counts, sizeof(uint32_t));
    return kedge_i_arena_end(&arena);
}

/* The codes 0 to n - 1. */
static void column_number(kedge_i_column *t, uint32_t n)
{
    double *codes = kedge_i_at(t, t->at_edges);
    memset(codes, 0, t->n_cells * sizeof *codes);
    for (uint32_t i = 0; i < n; i++)
        codes[i] = (double)i;
    t->n_edges = n;
}

static void column_start(void *state)
{
    kedge_i_column *t = state;
    t->kind_now = t->kind;
    t->n_categories_now = t->n_categories;
    t->max_categories_now = t->max_categories;
    t->is_whole_now = t->is_whole;
    t->low_now = t->low;
    t->high_now = t->high;
    t->missing_now = t->missing_max;
    t->unseen_now = t->unseen_max;
    t->missing_limit = t->unseen_limit = t->rare_limit = UINT32_MAX;
    if (kedge_i_column_has_codes(t))
        column_number(t, t->kind == KEDGE_COLUMN_BOOLEAN ? 2 : t->n_categories);
}

/* Soundness -------------------------------------------------------------------------------------------------------------------- */

static int column_edges_are_sound(const kedge_i_column *t)
{
    const double *edges = kedge_i_column_edges(t);
    int is_numeric = t->kind_now == KEDGE_COLUMN_NUMERIC;
    uint32_t n_most = is_numeric ? KEDGE_I_COLUMN_BINS - 1 : t->room;
    if (t->n_edges > n_most)
        return 0;
    for (uint32_t i = 0; i < t->n_cells; i++) {
        if (i > 0 && i < t->n_edges && !(edges[i] > edges[i - 1]))
            return 0;
        if (is_numeric || i >= t->n_edges ? !kedge_i_finite(edges[i]) : !kedge_i_column_is_whole(edges[i]))
            return 0;
    }
    return 1;
}

/* The counts of both samples add up. */
static int column_samples_are_sound(const kedge_i_column *t)
{
    const uint32_t *common = kedge_i_at_const(t, t->at_common);
    const uint32_t *reference = kedge_i_at_const(t, t->at_reference), *current = kedge_i_at_const(t, t->at_current);
    uint32_t left = t->n_reference, left_now = t->n_current;
    if (t->n_current >= t->window || (t->n_reference == 0 && t->n_current > 0))
        return 0;
    for (uint32_t i = 0; i < t->n_counts; i++) {
        if (reference[i] > left || current[i] > left_now || common[i] > 1)
            return 0;
        left -= reference[i];
        left_now -= current[i];
    }
    return left == 0 && left_now == 0;
}

static int column_learned_is_sound(const kedge_i_column *t)
{
    if (t->has_fractions > 1 || t->has_others > 1 || t->is_overfull > 1)
        return 0;
    if (t->n_present > KEDGE_I_COUNT_MAX || t->n_missing > KEDGE_I_COUNT_MAX - t->n_present)
        return 0;
    if (t->kind_now == KEDGE_COLUMN_INFERRED && !(t->least >= -1e300 && t->greatest <= 1e300))
        return 0;
    if (t->kind_now == KEDGE_COLUMN_INFERRED && t->n_present > 0 && !t->has_fractions && t->n_edges == 0)
        return 0; /* whole numbers came: each is a category until there are too many */
    return kedge_i_finite(t->least) && kedge_i_finite(t->greatest) && t->least <= t->greatest;
}

static int column_counts_are_sound(const kedge_i_column *t)
{
    if (t->is_missing > 1 || t->is_unseen > 1 || t->told >= COLUMN_WHY_BITS || t->has_window > 1 || t->reserved != 0)
        return 0;
    if (t->n_wrong > KEDGE_I_COUNT_MAX || t->n_news > KEDGE_I_COUNT_MAX || t->n_windows > KEDGE_I_COUNT_MAX ||
        t->n_shifts > t->n_windows)
        return 0;
    if (t->n_missing_window > t->window || t->n_unseen_window > t->window || t->missing_limit == 0 || t->unseen_limit == 0 ||
        t->rare_limit == 0)
        return 0;
    if (!(t->limit >= 0.0 && t->limit <= DBL_MAX && t->statistic >= 0.0 && t->statistic <= DBL_MAX))
        return 0;
    if (t->moved > t->n_cells || t->n_moved > t->window || t->n_was > t->n_reference)
        return 0;
    if (t->has_window && (t->n_reference == 0 || t->n_windows == 0))
        return 0;
    return t->shifted == 0 || (t->has_window && kedge_i_u32_within(t->shifted, KEDGE_SCHEMA_SHIFT, KEDGE_SCHEMA_RARE));
}

static int column_check(const void *state)
{
    const kedge_i_column *t = state;
    int may_be = t->kind == KEDGE_COLUMN_INFERRED || t->kind_now == t->kind || t->kind_now == KEDGE_COLUMN_IGNORED;
    if (!may_be || t->is_whole_now > 1 || !column_holds(t->kind_now, t->n_categories_now, t->max_categories_now, t->room))
        return 0;
    if (!column_range_holds(t->low_now, t->high_now, t->missing_now, t->unseen_now))
        return 0;
    return column_learned_is_sound(t) && column_edges_are_sound(t) && column_samples_are_sound(t) && column_counts_are_sound(t);
}

/* Reading and changing --------------------------------------------------------------------------------------------------------- */

void kedge_i_column_read(const kedge_i_column *t, kedge_column *out)
{
    unsigned char name[KEDGE_COLUMN_NAME_BYTES];
    for (uint32_t i = 0; i < 2; i++)
        kedge_i_put(name + 8u * i, t->name[i], 8);
    memcpy(out->name, name, sizeof name);
    out->kind = t->kind_now;
    out->n_categories = t->n_categories_now;
    out->max_categories = t->max_categories_now;
    out->is_whole = t->is_whole_now;
    out->low = t->low_now == -DBL_MAX ? -(double)INFINITY : t->low_now;
    out->high = t->high_now == DBL_MAX ? (double)INFINITY : t->high_now;
    out->missing_max = t->missing_now;
    out->unseen_max = t->unseen_now;
}

/* Learning --------------------------------------------------------------------------------------------------------------------- */

/* One place free in an array that is moved behind it. */
static void column_part(kedge_i_column *t, uint32_t at, uint32_t place, size_t bytes)
{
    unsigned char *from = (unsigned char *)kedge_i_at(t, at) + place * bytes;
    memmove(from + bytes, from, (t->n_edges - place) * bytes);
    memset(from, 0, bytes);
}

void kedge_i_column_add(kedge_i_column *t, double code)
{
    uint32_t place = kedge_i_column_place(t, code);
    column_part(t, t->at_edges, place, sizeof(double));
    column_part(t, t->at_common, place, sizeof(uint32_t));
    column_part(t, t->at_reference, place, sizeof(uint32_t));
    column_part(t, t->at_current, place, sizeof(uint32_t));
    ((double *)kedge_i_at(t, t->at_edges))[place] = code + 0.0; /* no negative zero */
    t->n_edges++;
    if (t->has_window && t->moved >= place && t->moved < t->n_cells)
        t->moved++;
}

/* A category that may be new. */
static void column_learn_code(kedge_i_column *t, double x)
{
    uint32_t most = t->kind_now == KEDGE_COLUMN_INFERRED ? t->room : t->max_categories_now;
    if (t->is_overfull || t->has_fractions || kedge_i_column_knows(t, kedge_i_column_place(t, x), x))
        return;
    if (t->n_edges < most)
        kedge_i_column_add(t, x);
    else
        t->is_overfull = 1;
}

void kedge_i_column_learn(kedge_i_column *t, double x)
{
    if (x != x) {
        t->n_missing++;
        return;
    }
    t->least = t->n_present == 0 || x < t->least ? x : t->least;
    t->greatest = t->n_present == 0 || x > t->greatest ? x : t->greatest;
    t->n_present++;
    t->has_fractions |= !kedge_i_column_is_whole(x);
    t->has_others |= !(x == 0.0 || x == 1.0);
    if (t->kind_now == KEDGE_COLUMN_INFERRED || (t->kind_now == KEDGE_COLUMN_NOMINAL && t->n_categories_now == 0))
        column_learn_code(t, x);
}

static uint32_t column_kind(const kedge_i_column *t)
{
    if (t->n_present == 0)
        return KEDGE_COLUMN_IGNORED;
    if (!t->has_others)
        return KEDGE_COLUMN_BOOLEAN;
    if (t->has_fractions || t->is_overfull || t->least == t->greatest)
        return KEDGE_COLUMN_NUMERIC;
    uint64_t least = 4u * (uint64_t)t->n_edges * t->n_edges; /* at most half the root of n: ages of some 60 years need 14,400
                                                              * rows */
    return t->n_present >= least ? KEDGE_COLUMN_NOMINAL : KEDGE_COLUMN_NUMERIC;
}

static void column_infer_range(kedge_i_column *t, double slack)
{
    double room = slack * (t->greatest - t->least);
    t->low_now = t->least - room;
    t->high_now = t->greatest + room;
    if (t->least >= 0.0 && t->low_now < 0.0) /* ages, prices: -1 is no value of theirs */
        t->low_now = 0.0;
    t->is_whole_now = !t->has_fractions;
}

static void column_infer_categories(kedge_i_column *t)
{
    int is_dense = t->least == 0.0 && t->greatest == (double)(t->n_edges - 1);
    t->n_categories_now = is_dense ? t->n_edges : 0;
    t->max_categories_now = t->n_edges;
}

/* 2 confidence - 1 both ways is `confidence` one way. */
static double column_missing_most(const kedge_i_column *t, double confidence)
{
    if (t->n_missing == 0 || t->n_present == 0)
        return t->n_missing == 0 ? 0.0 : 1.0;
    double n = (double)t->n_missing + (double)t->n_present;
    return kedge_i_exact_share_interval((double)t->n_missing, n, 2.0 * confidence - 1.0).high;
}

void kedge_i_column_infer(kedge_i_column *t, double slack, double confidence)
{
    t->kind_now = column_kind(t);
    t->low_now = -DBL_MAX;
    t->high_now = DBL_MAX;
    t->n_categories_now = 0;
    t->is_whole_now = 0;
    t->unseen_now = 0.0;
    t->missing_now = column_missing_most(t, confidence);
    if (t->kind_now == KEDGE_COLUMN_NOMINAL)
        column_infer_categories(t);
    else
        column_number(t, t->kind_now == KEDGE_COLUMN_BOOLEAN ? 2 : 0);
    if (t->kind_now == KEDGE_COLUMN_NUMERIC)
        column_infer_range(t, slack);
}

const kedge_class kedge_i_column_class = {
    .abi = KEDGE_CLASS_ABI,
    .noun = KEDGE_NOUN_CONTROL,
    .version = 1,
    .name = "schema_column",
    .fixed_bytes = sizeof(kedge_i_column),
    .config_bytes = sizeof(kedge_i_column_config),
    .n_fields = sizeof column_fields / sizeof *column_fields,
    .fields = column_fields,
    .defaults = column_defaults,
    .configure = column_configure,
    .valid = column_valid,
    .layout = column_layout,
    .start = column_start,
    .check = column_check,
};
