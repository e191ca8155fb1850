/* SPDX-License-Identifier: MIT */
/* Profile: a numeric column in a fixed buffer.
 *
 * Quantiles: Manku, Rajagopalan, Lindsay 1998, "Approximate medians and other quantiles in one pass and with limited memory",
 * SIGMOD, section 3 (runs of equal size that are merged and thinned out by halves), with the random offsets of Agarwal, Cormode,
 * Huang, Phillips, Wei, Yi 2012, "Mergeable summaries", PODS, section 3.2, each followed by the opposite one as in Karnin, Lang,
 * Liberty 2016, "Optimal quantile approximation in streams", FOCS. The runs are the digits of a binary counter: level h has none,
 * or level_size / 2 values that stand for 2^h each. Thinning out a run of values that stand for w moves the rank of any number by
 * -w, 0 or w; both bounds that are reported are sums over these steps.
 *
 * Moments: blocks of level_size values, each in two passes; joined by Chan, Golub, LeVeque 1979, and Pebay 2008, "Formulas for
 * robust, one-pass parallel computation of covariances and arbitrary-order statistical moments", section 3. So batches and single
 * calls end in the same bytes.
 *
 * Cost: a sort a block, and about one merge step a value in all levels together. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/rows.h"
#include "metrics/handle.h"
#include "shift/profile_state.h"

static const kedge_field profile_fields[] = {
    KEDGE_PARAM(profile_state, max_values, KEDGE_TYPE_U64),
    KEDGE_PARAM(profile_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(profile_state, level_size, KEDGE_TYPE_U32),
    KEDGE_VALUE(profile_state, n_pending, KEDGE_TYPE_U32),
    KEDGE_VALUE(profile_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(profile_state, n_missing, KEDGE_TYPE_U64),
    KEDGE_VALUE(profile_state, occupied, KEDGE_TYPE_U64),
    KEDGE_VALUE(profile_state, offsets, KEDGE_TYPE_U64),
    KEDGE_VALUE(profile_state, paired, KEDGE_TYPE_U64),
    KEDGE_VALUE(profile_state, rng.state, KEDGE_TYPE_U64),
    KEDGE_VALUE(profile_state, min, KEDGE_TYPE_F64),
    KEDGE_VALUE(profile_state, max, KEDGE_TYPE_F64),
    KEDGE_VALUE(profile_state, moments.n, KEDGE_TYPE_F64),
    KEDGE_VALUE(profile_state, moments.mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(profile_state, moments.m2, KEDGE_TYPE_F64),
    KEDGE_VALUE(profile_state, moments.m3, KEDGE_TYPE_F64),
    KEDGE_VALUE(profile_state, moments.m4, KEDGE_TYPE_F64),
    KEDGE_VALUE(profile_state, error, KEDGE_TYPE_F64),
    KEDGE_VALUE(profile_state, error_square, KEDGE_TYPE_F64),
    KEDGE_ARRAY(profile_state, at_pending, level_size, KEDGE_TYPE_F64),
    KEDGE_ARRAY(profile_state, at_levels, n_kept, KEDGE_TYPE_F64),
};

static void profile_defaults(void *config)
{
    kedge_profile_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_profile;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->max_values = (uint64_t)1 << 32;
    cfg->seed = 1;
    cfg->level_size = 512;
}

kedge_status kedge_profile_config_init(kedge_profile_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_profile.base, cfg, cfg_bytes, sizeof *cfg);
}

static void profile_configure(const void *config, void *fixed)
{
    const kedge_profile_config *cfg = config;
    profile_state *s = fixed;
    s->max_values = cfg->max_values;
    s->seed = cfg->seed;
    s->level_size = cfg->level_size;
}

static int profile_valid(const void *fixed)
{
    const profile_state *s = fixed;
    return kedge_i_u32_within(s->level_size, 16, 65536) && (s->level_size & (s->level_size - 1)) == 0 &&
           s->max_values >= s->level_size && s->max_values <= (uint64_t)1 << PROFILE_MAX_LEVELS;
}

static size_t profile_layout(void *fixed)
{
    profile_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_levels = 1;
    while (((uint64_t)s->level_size << s->n_levels) <= s->max_values)
        s->n_levels++;
    s->n_kept = s->n_levels * (s->level_size / 2);
    s->at_pending = kedge_i_arena_take(&arena, s->level_size, sizeof(double));
    s->at_scratch = kedge_i_arena_take(&arena, s->level_size, sizeof(double));
    s->at_levels = kedge_i_arena_take(&arena, s->n_kept, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void profile_start(void *state)
{
    profile_state *s = state;
    s->rng.state = s->seed;
}

static int profile_level_is_sound(const profile_state *s, uint32_t level)
{
    const double *x = profile_level(s, level);
    int is_free = !(s->occupied >> level & 1);
    for (uint32_t i = 0; i < s->level_size / 2; i++)
        if (is_free ? x[i] != 0.0 : !kedge_i_within(x[i], i ? x[i - 1] : s->min, s->max))
            return 0;
    return 1;
}

static int profile_moments_are_sound(const profile_state *s)
{
    const profile_moments *m = &s->moments;
    return m->n == (double)(s->n - s->n_pending) && kedge_i_within(fabs(m->mean), 0.0, 2.0 * KEDGE_PROFILE_INPUT_MAX) &&
           kedge_i_within(m->m2, 0.0, DBL_MAX) && kedge_i_finite(m->m3) && kedge_i_within(m->m4, 0.0, DBL_MAX) &&
           kedge_i_within(s->error, 0.0, 1e18) && kedge_i_within(s->error_square, 0.0, 1e36);
}

static int profile_check(const void *state)
{
    const profile_state *s = state;
    const double *pending = kedge_i_at_const(s, s->at_pending);
    uint64_t n = s->n_pending;
    if (!profile_valid(s) || s->n_pending >= s->level_size || s->n > s->max_values || s->n_missing > KEDGE_I_COUNT_MAX ||
        (s->occupied & 1) != 0 || s->occupied >> (s->n_levels + 1) != 0)
        return 0;
    if (!kedge_i_within(s->min, -KEDGE_PROFILE_INPUT_MAX, s->max) || !kedge_i_within(s->max, s->min, KEDGE_PROFILE_INPUT_MAX))
        return 0;
    for (uint32_t level = 1; level <= s->n_levels; level++) {
        n += (s->occupied >> level & 1) * ((uint64_t)s->level_size << (level - 1));
        if (!profile_level_is_sound(s, level))
            return 0;
    }
    for (uint32_t i = 0; i < s->level_size; i++)
        if (i < s->n_pending ? !kedge_i_within(pending[i], s->min, s->max) : pending[i] != 0.0)
            return 0;
    return n == s->n && (n > 0 || (s->min == 0.0 && s->max == 0.0)) && profile_moments_are_sound(s);
}

/* Two passes: the mean, then the powers of the distances from it. */
static profile_moments profile_moments_of(const double *x, uint32_t n)
{
    profile_moments m = {(double)n, 0.0, 0.0, 0.0, 0.0};
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++)
        sum += x[i];
    m.mean = n ? sum / m.n : 0.0;
    double rest = 0.0; /* what rounding left of the distances' sum */
    for (uint32_t i = 0; i < n; i++) {
        double off = x[i] - m.mean;
        double square = off * off;
        rest += off;
        m.m2 += square;
        m.m3 += square * off;
        m.m4 += square * square;
    }
    m.m2 -= n ? rest * rest / m.n : 0.0;
    m.m2 = m.m2 > 0.0 ? m.m2 : 0.0;
    return m;
}

/* Pebay 2008, equations 2.1 to 2.4 in their pairwise form. Shares instead of counts, so that nothing overflows. */
static profile_moments profile_moments_join(profile_moments a, profile_moments b)
{
    if (a.n == 0.0 || b.n == 0.0)
        return a.n == 0.0 ? b : a;
    profile_moments m;
    double off = b.mean - a.mean;
    m.n = a.n + b.n;
    double share_a = a.n / m.n;
    double share_b = b.n / m.n;
    double cross = off * off * a.n * share_b;
    m.mean = a.mean + off * share_b;
    m.m2 = a.m2 + b.m2 + cross;
    m.m3 = a.m3 + b.m3 + cross * off * (share_a - share_b) + 3.0 * off * (share_a * b.m2 - share_b * a.m2);
    m.m4 = a.m4 + b.m4 + cross * off * off * (share_a * share_a - share_a * share_b + share_b * share_b) +
           6.0 * off * off * (share_a * share_a * b.m2 + share_b * share_b * a.m2) + 4.0 * off * (share_a * b.m3 - share_b * a.m3);
    m.m4 = m.m4 > 0.0 ? m.m4 : 0.0;
    return m;
}

/* Merge two ascending runs of n values, one behind the other, to out: half of it from the front, half from behind, so that no step
 * has to ask whether a run has ended, and none waits for a guess. */
static inline void profile_merge_runs(const double *x, uint32_t n, double *out)
{
    uint32_t a = 0, b = n;             /* next from the front */
    uint32_t y = n - 1, z = 2 * n - 1; /* next from behind */
    for (uint32_t i = 0; i < n; i++) {
        uint32_t is_b = x[b] < x[a];
        out[i] = x[is_b ? b : a];
        a += 1 - is_b;
        b += is_b;
        uint32_t is_y = x[z] < x[y];
        out[2 * n - 1 - i] = x[is_y ? y : z];
        y -= is_y;
        z -= 1 - is_y;
    }
}

static inline void profile_order_two(double *a, double *b)
{
    double low = *a < *b ? *a : *b;
    double high = *a < *b ? *b : *a;
    *a = low;
    *b = high;
}

/* Merge sort of a block, n a power of two and at least 16, with runs of four by a sorting network; scratch ends as 0. */
static void profile_sort(double *x, double *scratch, uint32_t n)
{
    for (double *four = x; four < x + n; four += 4) {
        profile_order_two(&four[0], &four[1]);
        profile_order_two(&four[2], &four[3]);
        profile_order_two(&four[0], &four[2]);
        profile_order_two(&four[1], &four[3]);
        profile_order_two(&four[1], &four[2]);
    }
    for (uint32_t run = 4; run < n; run *= 2) {
        for (uint32_t begin = 0; begin < n; begin += 2 * run)
            profile_merge_runs(x + begin, run, scratch + begin);
        memcpy(x, scratch, n * sizeof *x);
    }
    memset(scratch, 0, n * sizeof *scratch);
}

/* The offset, 0 or 1, with which a level is thinned out: random, then the opposite. */
static uint32_t profile_offset(profile_state *s, uint32_t level)
{
    uint64_t bit = (uint64_t)1 << level;
    double weight = ldexp(1.0, (int)level);
    s->error += weight;
    if (s->paired & bit) {
        s->paired &= ~bit;
        s->offsets ^= bit;
    } else {
        s->paired |= bit;
        s->error_square += weight * weight; /* the two together move a rank by no more than one of them can */
        s->offsets = kedge_rng_next(&s->rng) >> 63 ? s->offsets | bit : s->offsets & ~bit;
    }
    return (uint32_t)(s->offsets >> level & 1);
}

/* Every second of the merged runs a and b, n values each, n even, to out. From the front and from behind, as above. */
static void profile_thin_out(const double *a, const double *b, uint32_t n, uint32_t offset, double *out)
{
    uint32_t first_a = 0, first_b = 0;       /* next from the front */
    uint32_t last_a = n - 1, last_b = n - 1; /* next from behind; wraps around once all are taken */
    for (uint32_t i = 0; i < n; i += 2) {
        double kept = 0.0;
        for (uint32_t k = 0; k < 2; k++) {
            uint32_t is_b = b[first_b] < a[first_a];
            kept = k != offset ? kept : is_b ? b[first_b] : a[first_a];
            first_a += 1 - is_b;
            first_b += is_b;
        }
        out[i / 2] = kept;
        for (uint32_t k = 2; k-- > 0;) {
            uint32_t is_a = b[last_b] < a[last_a];
            kept = k != offset ? kept : is_a ? a[last_a] : b[last_b];
            last_a -= is_a;
            last_b -= 1 - is_a;
        }
        out[n - 1 - i / 2] = kept;
    }
}

/* A run of level_size / 2 values, each standing for 2^level, comes in: as in a binary counter. `run` and the half behind it are
 * scratch. */
static void profile_carry(profile_state *s, double *run, uint32_t level)
{
    uint32_t half = s->level_size / 2;
    for (; s->occupied >> level & 1; level++) {
        double *held = kedge_i_at(s, s->at_levels);
        held += (size_t)(level - 1) * half;
        profile_thin_out(run, held, half, profile_offset(s, level), run + half);
        memcpy(run, run + half, half * sizeof *run);
        memset(held, 0, half * sizeof *held);
        s->occupied &= ~((uint64_t)1 << level);
    }
    memcpy((double *)kedge_i_at(s, s->at_levels) + (size_t)(level - 1) * half, run, half * sizeof *run);
    s->occupied |= (uint64_t)1 << level;
}

/* The pending values are a full block: keep every second. */
static void profile_compact(profile_state *s)
{
    double *pending = kedge_i_at(s, s->at_pending);
    s->moments = profile_moments_join(s->moments, profile_moments_of(pending, s->level_size));
    profile_sort(pending, kedge_i_at(s, s->at_scratch), s->level_size);
    uint32_t offset = profile_offset(s, 0);
    for (uint32_t i = 0; i < s->level_size / 2; i++)
        pending[i] = pending[2 * i + offset];
    profile_carry(s, pending, 1);
    memset(pending, 0, s->level_size * sizeof *pending);
    s->n_pending = 0;
}

static void profile_take(profile_state *s, double x)
{
    double *pending = kedge_i_at(s, s->at_pending);
    s->min = s->n == 0 || x < s->min ? x : s->min;
    s->max = s->n == 0 || x > s->max ? x : s->max;
    s->n++;
    pending[s->n_pending++] = x;
    if (s->n_pending == s->level_size)
        profile_compact(s);
}

static kedge_status profile_step(profile_state *s, double x)
{
    if (x != x) {
        s->n_missing += s->n_missing < KEDGE_I_COUNT_MAX;
        return KEDGE_OK;
    }
    if (!kedge_i_within(x, -KEDGE_PROFILE_INPUT_MAX, KEDGE_PROFILE_INPUT_MAX))
        return kedge_i_refusal(x);
    if (s->n == s->max_values)
        return KEDGE_ERR_RANGE;
    profile_take(s, x);
    return KEDGE_OK;
}

kedge_status kedge_profile_record(kedge_metric *m, double x)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_profile));
    return profile_step(m->state, x);
}

kedge_status kedge_profile_record_column(kedge_metric *m, const kedge_rows *rows, size_t i_column, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_profile));
    if (!rows || !used)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_rows_check(rows));
    if (i_column >= rows->n_columns)
        return KEDGE_ERR_SHAPE;
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    for (; i < rows->n_rows && st >= 0; i++)
        st = profile_step(m->state, kedge_i_rows_at(rows, i, i_column));
    *used = st < 0 ? i - 1 : i;
    return st;
}

static int profile_alike(const void *state, const void *other)
{
    const profile_state *a = state;
    const profile_state *b = other;
    return a->level_size == b->level_size && a->max_values == b->max_values;
}

/* The other's runs come in where they belong; its pending values one by one. Errors of both add up. */
static kedge_status profile_merge(void *state, const void *other)
{
    profile_state *a = state;
    const profile_state *b = other;
    if (b->n > a->max_values - a->n || b->n_missing > KEDGE_I_COUNT_MAX - a->n_missing)
        return KEDGE_ERR_RANGE;
    double *run = kedge_i_at(a, a->at_scratch);
    const double *pending = kedge_i_at_const(b, b->at_pending);
    uint64_t n_runs = b->n - b->n_pending;
    a->n_missing += b->n_missing;
    if (n_runs > 0) {
        a->min = a->n == 0 || b->min < a->min ? b->min : a->min;
        a->max = a->n == 0 || b->max > a->max ? b->max : a->max;
    }
    for (uint32_t level = 1; level <= b->n_levels; level++)
        if (b->occupied >> level & 1) {
            memcpy(run, profile_level(b, level), a->level_size / 2 * sizeof *run);
            profile_carry(a, run, level);
        }
    memset(run, 0, a->level_size * sizeof *run);
    a->n += n_runs;
    a->moments = profile_moments_join(a->moments, b->moments);
    a->error += b->error;
    a->error_square += b->error_square;
    for (uint32_t i = 0; i < b->n_pending; i++)
        profile_take(a, pending[i]);
    return KEDGE_OK;
}

double profile_rank_error(const profile_state *s)
{
    double probable = sqrt(2.0 * s->error_square * log(2.0 / 0.01));
    return (probable < s->error ? probable : s->error) / (double)s->n;
}

kedge_status kedge_profile_read(const kedge_metric *m, kedge_profile_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_profile));
    if (!out)
        return KEDGE_ERR_NULL;
    const profile_state *s = m->state;
    out->n = s->n;
    out->n_missing = s->n_missing;
    out->min = out->max = out->mean = out->variance = out->skewness = out->kurtosis = (double)NAN;
    out->rank_error = out->rank_error_max = (double)NAN;
    if (s->n == 0)
        return KEDGE_EMPTY;
    profile_moments all = profile_moments_join(s->moments, profile_moments_of(kedge_i_at_const(s, s->at_pending), s->n_pending));
    double deviation = sqrt(all.m2 / all.n);
    out->min = s->min;
    out->max = s->max;
    out->mean = all.mean;
    out->variance = all.m2 / all.n;
    out->skewness = deviation > 0.0 ? all.m3 / all.n / deviation / deviation / deviation : 0.0;
    out->kurtosis = deviation > 0.0 ? all.m4 / all.n / out->variance / out->variance - 3.0 : 0.0;
    out->rank_error = profile_rank_error(s);
    out->rank_error_max = s->error / (double)s->n;
    return KEDGE_OK;
}

const kedge_metric_class kedge_profile = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "profile",
            .fixed_bytes = sizeof(profile_state),
            .config_bytes = sizeof(kedge_profile_config),
            .n_fields = sizeof profile_fields / sizeof *profile_fields,
            .fields = profile_fields,
            .defaults = profile_defaults,
            .configure = profile_configure,
            .valid = profile_valid,
            .layout = profile_layout,
            .start = profile_start,
            .check = profile_check,
        },
    .alike = profile_alike,
    .merge = profile_merge,
};
