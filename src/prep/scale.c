/* SPDX-License-Identifier: MIT */
/* Scaling of columns. Every method ends in one straight line for each column, (x - center) * factor + add, which is written when
 * something
 * is learned, so that a transform only reads it; x - center is kept within bounds, so that no product overflows.
 *
 * Row by row, mean and sum of squares are those of Welford 1962, "Note on a method for calculating corrected sums of squares and
 * products",
 * Technometrics 4. Squares are counted in a unit of the column's own, a power of two: squares of 1e300 and of 1e-300 are numbers
 * too. A constant
 * column is one whose deviation is below the rounding of its mean. Joined by Chan, Golub, LeVeque 1979. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "prep/prep_state.h"

#include "base/check.h"
#include "base/lanes.h"
#include "base/number.h"
#include "base/object.h"
#include "base/sort.h"
#include "base/standard.h"
#include "prep/prep_sketch.h"

#define SCALE_LEAST    1e-300 /* scales below count as this */
#define SCALE_BOUNDS   1e6    /* of low and high */
#define SCALE_WIDTH    1e-6   /* least distance of low and high */
#define SCALE_SQUARES  1e250  /* limit of a sum of squares in its unit */
#define SCALE_ROUNDING (4.0 * DBL_EPSILON)

enum { SCALE_FAR = 300 }; /* doublings over the unit at which a greater one is taken */

/* Statistics of a column. Standard: count, mean, sum of squares in units, unit, 0 before two values differ. Min-max: count, least,
 * greatest. Robust: values until quantiles are due, median, lower and upper quantile. */
enum { SCALE_COUNT, SCALE_A, SCALE_B, SCALE_C, SCALE_STATS };
/* The line of a column, one array each. */
enum { SCALE_CENTER, SCALE_FACTOR, SCALE_ADD, SCALE_FROM, SCALE_TO, SCALE_LINE };

typedef struct scale_state {
    kedge_prep_state prep;
    uint32_t method;
    uint32_t center;
    uint32_t scale;
    uint32_t clip;
    double low;
    double high;
    double lower;
    double upper;
    uint32_t level_size;
    uint32_t at_stats;     /* layout: double[n_picked][SCALE_STATS] */
    uint32_t n_stats;      /* layout */
    uint32_t at_line;      /* layout: double[SCALE_LINE][n_picked] */
    uint32_t n_line;       /* layout */
    uint32_t at_sketches;  /* layout */
    uint32_t sketch_bytes; /* layout; 0: not robust */
    uint32_t n_sketches;   /* layout */
} scale_state;

static const kedge_field scale_fields[] = {
    PREP_PARAMS(scale_state),
    KEDGE_PARAM(scale_state, method, KEDGE_TYPE_U32),
    KEDGE_PARAM(scale_state, center, KEDGE_TYPE_U32),
    KEDGE_PARAM(scale_state, scale, KEDGE_TYPE_U32),
    KEDGE_PARAM(scale_state, clip, KEDGE_TYPE_U32),
    KEDGE_PARAM(scale_state, low, KEDGE_TYPE_F64),
    KEDGE_PARAM(scale_state, high, KEDGE_TYPE_F64),
    KEDGE_PARAM(scale_state, lower, KEDGE_TYPE_F64),
    KEDGE_PARAM(scale_state, upper, KEDGE_TYPE_F64),
    KEDGE_PARAM(scale_state, level_size, KEDGE_TYPE_U32),
    KEDGE_VALUE(scale_state, prep.n_learned, KEDGE_TYPE_U64),
    KEDGE_ARRAY(scale_state, at_stats, n_stats, KEDGE_TYPE_F64),
    KEDGE_ARRAY(scale_state, at_line, n_line, KEDGE_TYPE_F64),
    KEDGE_PARTS(scale_state, at_sketches, sketch_bytes, 0),
};

/* Configuration --- */

static void scale_defaults(void *config)
{
    kedge_scale_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_scale;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->method = KEDGE_SCALE_STANDARD;
    cfg->center = 1;
    cfg->scale = 1;
    cfg->high = 1.0;
    cfg->lower = 0.25;
    cfg->upper = 0.75;
    cfg->level_size = PREP_SKETCH_LEVEL;
}

kedge_status kedge_scale_config_init(kedge_scale_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    return kedge_i_prep_config_init(&kedge_scale, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

static void scale_configure(const void *config, void *fixed)
{
    const kedge_scale_config *cfg = config;
    scale_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    s->method = cfg->method;
    s->center = cfg->center;
    s->scale = cfg->scale;
    s->clip = cfg->clip;
    s->low = cfg->low;
    s->high = cfg->high;
    s->lower = cfg->lower;
    s->upper = cfg->upper;
    s->level_size = cfg->level_size;
}

static int scale_valid(const void *fixed)
{
    const scale_state *s = fixed;
    return kedge_i_prep_valid(&s->prep) && kedge_i_u32_within(s->method, KEDGE_SCALE_STANDARD, KEDGE_SCALE_ROBUST) &&
           s->center <= 1 && s->scale <= 1 && s->clip <= 1 && kedge_i_within(s->low, -SCALE_BOUNDS, SCALE_BOUNDS) &&
           kedge_i_within(s->high, s->low + SCALE_WIDTH, SCALE_BOUNDS) && s->lower >= 0.0 && s->upper > s->lower &&
               s->upper <= 1.0 &&
           kedge_i_sketch_bytes(s->level_size) > 0;
}

static size_t scale_layout(void *fixed)
{
    scale_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    s->prep.n_out = s->prep.n_columns;
    s->n_stats = s->prep.n_picked * SCALE_STATS;
    s->n_line = s->prep.n_picked * SCALE_LINE;
    s->n_sketches = s->method == KEDGE_SCALE_ROBUST ? s->prep.n_picked : 0;
    s->sketch_bytes = s->n_sketches > 0 ? kedge_i_sketch_bytes(s->level_size) : 0;
    s->at_stats = kedge_i_arena_take(&arena, s->n_stats, sizeof(double));
    s->at_line = kedge_i_arena_take(&arena, s->n_line, sizeof(double));
    s->at_sketches = kedge_i_arena_take(&arena, s->n_sketches, s->sketch_bytes);
    return kedge_i_arena_end(&arena);
}

static double *scale_stats(const scale_state *s, uint32_t k)
{
    return (double *)(uintptr_t)kedge_i_at_const(s, s->at_stats) + (size_t)k * SCALE_STATS;
}

static double *scale_line(const scale_state *s)
{
    return (double *)(uintptr_t)kedge_i_at_const(s, s->at_line);
}

static void *scale_sketch(scale_state *s, uint32_t k)
{
    return (unsigned char *)kedge_i_at(s, s->at_sketches) + (size_t)k * s->sketch_bytes;
}

/* The line: x - center from `from` to `to`, times factor, plus add. */
static void scale_write(scale_state *s, uint32_t k, double center, double scale, double add)
{
    uint32_t n = s->prep.n_picked;
    double factor = (s->method == KEDGE_SCALE_MIN_MAX ? s->high - s->low : 1.0) / (scale > SCALE_LEAST ? scale : SCALE_LEAST);
    double bound = PREP_OUT_MAX / (factor > 1.0 ? factor : 1.0);
    int is_clipped = s->method == KEDGE_SCALE_MIN_MAX && s->clip;
    double *line = scale_line(s) + k;
    line[SCALE_CENTER * n] = center;
    line[SCALE_FACTOR * n] = factor;
    line[SCALE_ADD * n] = add;
    line[SCALE_FROM * n] = is_clipped ? 0.0 : -bound;
    line[SCALE_TO * n] = is_clipped ? scale : bound;
}

/* Numbers as they are, until something is known. */
static void scale_start(void *state)
{
    scale_state *s = state;
    kedge_i_prep_start(&s->prep);
    uint32_t n = s->prep.n_picked;
    double *line = scale_line(s);
    for (uint32_t k = 0; k < n; k++) {
        line[SCALE_FACTOR * n + k] = 1.0;
        line[SCALE_FROM * n + k] = -PREP_OUT_MAX;
        line[SCALE_TO * n + k] = PREP_OUT_MAX;
    }
    if (s->n_sketches > 0)
        kedge_i_sketch_begin(kedge_i_at(s, s->at_sketches), s->sketch_bytes, s->n_sketches, s->level_size);
}

static int scale_is_unit(double x)
{
    uint64_t bits = kedge_i_bits_of(x);
    return x == 0.0 ? bits == 0 : (bits & ~((uint64_t)2047 << 52)) == 0 && x >= DBL_MIN && x <= 2.0 * KEDGE_PREP_INPUT_MAX;
}

static int scale_column_is_sound(const scale_state *s, uint32_t k)
{
    const double most = 1.01 * KEDGE_PREP_INPUT_MAX;
    const double *a = scale_stats(s, k);
    uint32_t n = s->prep.n_picked;
    const double *line = scale_line(s) + k;
    double factor = line[SCALE_FACTOR * n], from = line[SCALE_FROM * n], to = line[SCALE_TO * n];
    if (!kedge_i_within(a[SCALE_COUNT], 0.0, 9e18) || !kedge_i_within(a[SCALE_A], -most, most))
        return 0;
    if (s->method == KEDGE_SCALE_STANDARD
            ? !kedge_i_within(a[SCALE_B], 0.0, SCALE_SQUARES) || !scale_is_unit(a[SCALE_C])
            : !kedge_i_within(a[SCALE_B], -most, most) || !kedge_i_within(a[SCALE_C], -most, most))
        return 0;
    if (s->method == KEDGE_SCALE_MIN_MAX && a[SCALE_A] > a[SCALE_B])
        return 0;
    return kedge_i_within(line[SCALE_CENTER * n], -most, most) && factor > 0.0 && factor <= 2e306 &&
           kedge_i_within(line[SCALE_ADD * n], -SCALE_BOUNDS, SCALE_BOUNDS) && from <= to &&
           kedge_i_within(from, -2.0 * most / fmax(factor, 1.0), 0.0) && kedge_i_within(to, 0.0, 2.0 * most / fmax(factor, 1.0));
}

static int scale_check(const void *state)
{
    const scale_state *s = state;
    if (!scale_valid(s) || !kedge_i_prep_check(&s->prep))
        return 0;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        if (!scale_column_is_sound(s, k))
            return 0;
    return kedge_i_sketch_check(kedge_i_at_const(s, s->at_sketches), s->sketch_bytes, s->n_sketches);
}

/* Learning --- */

/* The greatest power of two that is at most |x|, not below the least normal number. */
static double scale_power(double x)
{
    uint64_t power = kedge_i_bits_of(x) & (uint64_t)2047 << 52;
    return power > 0 ? kedge_i_from_bits(power) : DBL_MIN;
}

/* 1 over a power of two, to the bit; of one that is below 2^1023. */
static double scale_inverse(double power)
{
    return kedge_i_from_bits(((uint64_t)2046 << 52) - kedge_i_bits_of(power));
}

static int scale_exponent(double power)
{
    return (int)(kedge_i_bits_of(power) >> 52 & 2047);
}

/* A sum of squares counted in another unit; far below it there is nothing left. */
static double scale_recount(double squares, double from, double to)
{
    int doublings = scale_exponent(from) - scale_exponent(to);
    return from == 0.0 || doublings < -500 ? 0.0 : ldexp(squares, 2 * doublings);
}

static double scale_deviation(const double *a)
{
    double units = sqrt(a[SCALE_B] / (a[SCALE_COUNT] > 1.0 ? a[SCALE_COUNT] : 1.0));
    double most = 2.0 * KEDGE_PREP_INPUT_MAX * scale_inverse(a[SCALE_C] > 1.0 ? a[SCALE_C] : 1.0);
    return a[SCALE_C] * (units < most ? units : most);
}

/* The line of a column by its statistics. */
static void scale_relate(scale_state *s, uint32_t k)
{
    const double *a = scale_stats(s, k);
    if (a[SCALE_COUNT] == 0.0 && s->method != KEDGE_SCALE_ROBUST)
        return;
    if (s->method == KEDGE_SCALE_MIN_MAX) {
        double range = a[SCALE_B] - a[SCALE_A];
        scale_write(s, k, a[SCALE_A], range > 0.0 ? range : 1.0, s->low);
    } else if (s->method == KEDGE_SCALE_ROBUST) {
        double range = a[SCALE_C] - a[SCALE_B];
        scale_write(s, k, s->center ? a[SCALE_A] : 0.0, s->scale && range > 0.0 ? range : 1.0, 0.0);
    } else {
        double deviation = scale_deviation(a);
        int is_constant = !(deviation > SCALE_ROUNDING * fabs(a[SCALE_A]));
        scale_write(s, k, s->center ? a[SCALE_A] : 0.0, s->scale && !is_constant ? deviation : 1.0, 0.0);
    }
}

static void scale_take_standard(double *a, double x)
{
    double off = x - a[SCALE_A];
    a[SCALE_COUNT] += 1.0;
    if (a[SCALE_COUNT] == 1.0) {
        a[SCALE_A] = x;
        return;
    }
    if (off == 0.0)
        return;
    double power = scale_power(off);
    if (a[SCALE_C] == 0.0 || scale_exponent(power) - scale_exponent(a[SCALE_C]) > SCALE_FAR) {
        a[SCALE_B] = scale_recount(a[SCALE_B], a[SCALE_C], power);
        a[SCALE_C] = power;
    }
    double units = scale_inverse(a[SCALE_C]);
    a[SCALE_A] += off / a[SCALE_COUNT];
    a[SCALE_B] += off * units * ((x - a[SCALE_A]) * units);
    a[SCALE_B] = a[SCALE_B] < SCALE_SQUARES ? a[SCALE_B] : SCALE_SQUARES;
}

static void scale_take_extremes(double *a, double x)
{
    a[SCALE_A] = a[SCALE_COUNT] == 0.0 || x < a[SCALE_A] ? x : a[SCALE_A];
    a[SCALE_B] = a[SCALE_COUNT] == 0.0 || x > a[SCALE_B] ? x : a[SCALE_B];
    a[SCALE_COUNT] += 1.0;
}

/* Quantiles as the sketch has them. Until they are due again: a sixteenth part more values. */
static void scale_ask(scale_state *s, uint32_t k, const void *sketch)
{
    double *a = scale_stats(s, k);
    a[SCALE_A] = kedge_i_sketch_quantile(sketch, 0.5);
    a[SCALE_B] = kedge_i_sketch_quantile(sketch, s->lower);
    a[SCALE_C] = kedge_i_sketch_quantile(sketch, s->upper);
    a[SCALE_COUNT] = kedge_i_sketch_due(sketch);
    scale_relate(s, k);
}

static void scale_take(scale_state *s, uint32_t k, double x)
{
    double *a = scale_stats(s, k);
    if (x != x)
        return;
    if (s->method == KEDGE_SCALE_ROBUST) {
        if (kedge_i_sketch_take(scale_sketch(s, k), x, &a[SCALE_COUNT]))
            scale_ask(s, k, scale_sketch(s, k));
        return;
    }
    if (s->method == KEDGE_SCALE_STANDARD)
        scale_take_standard(a, x);
    else
        scale_take_extremes(a, x);
    scale_relate(s, k);
}

/* Transform --- */

/* One number. NaN passes both comparisons. */
static inline double scale_one(const double *line, size_t n, double x)
{
    double off = x - line[SCALE_CENTER * n];
    off = off < line[SCALE_FROM * n] ? line[SCALE_FROM * n] : off;
    off = off > line[SCALE_TO * n] ? line[SCALE_TO * n] : off;
    return off * line[SCALE_FACTOR * n] + line[SCALE_ADD * n];
}

static kedge_status scale_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const scale_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    const double *line = scale_line(s);
    size_t n = s->prep.n_picked;
    (void)cls;
    kedge_i_prep_copy(x, s->prep.n_columns, out);
    if (picked[n - 1] - picked[0] + 1 == n) {
        double *here = out + picked[0];
        for (size_t k = 0; k < n; k++)
            here[k] = scale_one(line + k, n, here[k]);
    } else {
        for (size_t k = 0; k < n; k++)
            out[picked[k]] = scale_one(line + k, n, out[picked[k]]);
    }
    return KEDGE_OK;
}

static void scale_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    scale_state *s = state;
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    (void)y;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        scale_take(s, k, kedge_i_row_at(x, picked[k]));
    if (out)
        (void)scale_transform(cls, state, x, out);
}

/* Fit --- */

static void scale_fit_quantiles(scale_state *s, uint32_t k, const kedge_rows *x, double *column, size_t n)
{
    double *a = scale_stats(s, k);
    for (size_t i = 0; i < n; i++)
        (void)kedge_i_sketch_take(scale_sketch(s, k), column[i], &a[SCALE_COUNT]);
    kedge_i_sort(column, n, column + x->n_rows);
    a[SCALE_A] = kedge_i_prep_quantile(column, n, 0.5);
    a[SCALE_B] = kedge_i_prep_quantile(column, n, s->lower);
    a[SCALE_C] = kedge_i_prep_quantile(column, n, s->upper);
    a[SCALE_COUNT] = kedge_i_sketch_due(scale_sketch(s, k));
}

static void scale_fit_column(scale_state *s, uint32_t k, const kedge_rows *x, double *column)
{
    double *a = scale_stats(s, k), deviation;
    size_t n = kedge_i_prep_gather(x, kedge_i_prep_picked(&s->prep)[k], column);
    if (n == 0)
        return;
    if (s->method == KEDGE_SCALE_ROBUST) {
        scale_fit_quantiles(s, k, x, column, n);
    } else if (s->method == KEDGE_SCALE_MIN_MAX) {
        for (size_t i = 0; i < n; i++)
            scale_take_extremes(a, column[i]);
    } else {
        a[SCALE_COUNT] = (double)n;
        a[SCALE_A] = kedge_i_standard_learn(column, n, 1, &deviation);
        a[SCALE_C] = deviation > 0.0 ? scale_power(deviation) : 0.0;
        a[SCALE_B] = deviation > 0.0 ? deviation / a[SCALE_C] * (deviation / a[SCALE_C]) * (double)n : 0.0;
    }
    scale_relate(s, k);
}

static kedge_status scale_fit(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work,
                              double *out)
{
    scale_state *s = state;
    (void)y;
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        scale_fit_column(s, k, x, work);
    if (out)
        kedge_i_prep_apply(cls, state, x, out);
    return KEDGE_OK;
}

/* Merge --- */

static void scale_join_standard(double *a, const double *b)
{
    double n = a[SCALE_COUNT] + b[SCALE_COUNT], off = b[SCALE_A] - a[SCALE_A];
    double unit = fmax(fmax(a[SCALE_C], b[SCALE_C]), off != 0.0 ? scale_power(off) : 0.0);
    double squares = scale_recount(a[SCALE_B], a[SCALE_C], unit) + scale_recount(b[SCALE_B], b[SCALE_C], unit);
    double units = off / (unit > 0.0 ? unit : 1.0);
    squares += units * units * a[SCALE_COUNT] * (b[SCALE_COUNT] / n);
    a[SCALE_A] += off * (b[SCALE_COUNT] / n);
    a[SCALE_B] = squares < SCALE_SQUARES ? squares : SCALE_SQUARES;
    a[SCALE_C] = unit;
    a[SCALE_COUNT] = n;
}

static kedge_status scale_merge(const kedge_prep_class *cls, void *state, const void *other)
{
    scale_state *s = state;
    const scale_state *o = other;
    (void)cls;
    if (s->method == KEDGE_SCALE_ROBUST)
        return KEDGE_ERR_UNSUPPORTED;
    for (uint32_t k = 0; k < s->prep.n_picked; k++) {
        double *a = scale_stats(s, k);
        const double *b = scale_stats(o, k);
        if (b[SCALE_COUNT] == 0.0)
            continue;
        if (a[SCALE_COUNT] == 0.0) {
            memcpy(a, b, SCALE_STATS * sizeof *a);
        } else if (s->method == KEDGE_SCALE_STANDARD) {
            scale_join_standard(a, b);
        } else {
            a[SCALE_A] = fmin(a[SCALE_A], b[SCALE_A]);
            a[SCALE_B] = fmax(a[SCALE_B], b[SCALE_B]);
            a[SCALE_COUNT] += b[SCALE_COUNT];
        }
        scale_relate(s, k);
    }
    return KEDGE_OK;
}

const kedge_prep_class kedge_scale = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "scale",
            .fixed_bytes = sizeof(scale_state),
            .config_bytes = sizeof(kedge_scale_config),
            .n_fields = sizeof scale_fields / sizeof *scale_fields,
            .fields = scale_fields,
            .defaults = scale_defaults,
            .configure = scale_configure,
            .valid = scale_valid,
            .layout = scale_layout,
            .start = scale_start,
            .check = scale_check,
            .parts = kedge_i_sketch_parts,
        },
    .learn = scale_learn,
    .transform = scale_transform,
    .origin = kedge_i_prep_in_place,
    .fit_work = kedge_i_prep_column_work,
    .fit = scale_fit,
    .merge = scale_merge,
};
