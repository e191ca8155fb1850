/* SPDX-License-Identifier: MIT */
/* A table of held rows: what goes in and out, and the deviations of what it holds; see near.h.
 *
 * Deviations are those of the rows held: updated as rows come and go (Welford 1962; West 1979, "Updating mean and variance
 * estimates", CACM 22, forwards and backwards), and computed anew, in two passes, before rounding can weigh: once in `window`
 * rows that went, and when a sum of squares has lost all but NEAR_LOSS of its peak. So a held row is never farther from the mean
 * than about sqrt(2 window / NEAR_LOSS) deviations, and no square of such a distance overflows.
 *
 * Ranges grow with what comes, and are looked up anew when an extreme leaves. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "models/near.h"

#include "base/number.h"

#define NEAR_LOSS 1e-6
#define NEAR_VARIANCE_MIN 1e-280 /* below, and below this share of the mean's square, a feature is constant */
#define NEAR_SHARE_MIN 1e-30
#define NEAR_RANGE_MIN 1e-140      /* below, and below this share of the greatest magnitude, a feature is constant */
#define NEAR_RANGE_SHARE_MIN 1e-15
#define NEAR_EXTREME_LEFT (-1.0)   /* for `inverse`, until rows have settled */
#define NEAR_STRAY 1e9 /* deviations from the mean that no held row can have */

static near_moments *near_moments_of(near_state *s)
{
    return kedge_i_at(s, s->at_moments);
}

/* Parameters, layout, invariants ----------------------------------------------------------------------------------------------- */

int kedge_i_near_valid(const near_state *s)
{
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes != 1 &&
           s->model.n_classes <= KEDGE_CLASSES_MAX &&
           kedge_i_u32_within(s->k, 1, KEDGE_KNN_K_MAX) && kedge_i_u32_within(s->window, s->k, KEDGE_KNN_WINDOW_MAX) &&
           kedge_i_u32_within(s->distance, KEDGE_KNN_EUCLIDEAN, KEDGE_KNN_MANHATTAN) &&
           kedge_i_u32_within(s->weights, KEDGE_KNN_UNIFORM, KEDGE_KNN_INVERSE) &&
           kedge_i_u32_within(s->scale, KEDGE_KNN_STANDARD, KEDGE_KNN_RANGE);
}

void kedge_i_near_layout(near_state *s, kedge_i_arena *arena, uint32_t n_spare)
{
    s->n_slots = near_spare(s) + (n_spare + (NEAR_LANES - 1u)) / NEAR_LANES * NEAR_LANES;
    s->n_values = kedge_i_length(s->model.n_features, s->n_slots);
    s->n_moments = NEAR_MOMENTS * s->model.n_features;
    s->at_values = kedge_i_arena_take(arena, s->n_values, sizeof(double));
    s->at_targets = kedge_i_arena_take(arena, s->n_slots, sizeof(double));
    s->at_weights = kedge_i_arena_take(arena, s->n_slots, sizeof(double));
    s->at_moments = kedge_i_arena_take(arena, s->n_moments, sizeof(double));
    s->at_counts = kedge_i_arena_take(arena, s->model.n_features, sizeof(uint32_t));
}

/* 1 / deviation, within 1e140. */
static double near_inverse(const near_moments *m, uint32_t count)
{
    double variance = m->m2 / (count > 0 ? count : 1);
    int varies = variance > NEAR_VARIANCE_MIN && variance > NEAR_SHARE_MIN * m->mean * m->mean;
    return varies ? 1.0 / sqrt(varies ? variance : 1.0) : 0.0;
}

/* Range and 1 / range, within 1e140, from the extremes. */
static void near_range_set(near_moments *m)
{
    double size = fmax(fabs(m->mean), fabs(m->peak));
    m->m2 = m->peak - m->mean;
    int varies = m->m2 > NEAR_RANGE_MIN && m->m2 > NEAR_RANGE_SHARE_MIN * size;
    m->inverse = varies ? 1.0 / fmax(m->m2, NEAR_RANGE_MIN) : 0.0; /* a compiler may divide before it looks */
}

static void near_range_add(near_moments *m, double x, uint32_t count)
{
    m->mean = count == 1 || x < m->mean ? x : m->mean;
    m->peak = count == 1 || x > m->peak ? x : m->peak;
}

/* Least and greatest of the rows held, counting them. */
static near_moments near_range_of(const near_state *s, uint32_t i, uint32_t *count)
{
    near_moments m = {0.0, 0.0, 0.0, 0.0};
    *count = 0;
    for (uint32_t slot = 0; slot < s->n_held; slot++) {
        double x = near_values(s)[near_at(s, slot, i)];
        if (!near_is_missing(x))
            near_range_add(&m, x, ++*count);
    }
    near_range_set(&m);
    return m;
}

void kedge_i_near_start(near_state *s)
{
    near_moments *m = near_moments_of(s);
    for (uint32_t i = 0; i < s->model.n_features && s->scale == KEDGE_KNN_RAW; i++)
        m[i].inverse = 1.0;
}

/* Free and spare slots and the lanes behind the last ones are 0. */
static int near_rest_is_free(const near_state *s)
{
    const double *values = near_values(s);
    for (uint32_t slot = s->n_held; slot < s->n_slots; slot++) {
        if (!(near_targets(s)[slot] == 0.0) || !(near_weights(s)[slot] == 0.0))
            return 0;
        for (uint32_t i = 0; i < s->model.n_features; i++)
            if (!(values[near_at(s, slot, i)] == 0.0))
                return 0;
    }
    return 1;
}

static int near_labels_are_sound(const near_state *s)
{
    uint32_t n_classes = s->model.n_classes;
    for (uint32_t slot = 0; slot < s->n_held; slot++) {
        double y = near_targets(s)[slot], weight = near_weights(s)[slot];
        if (!(weight > 0.0 && weight <= KEDGE_WEIGHT_MAX) || !kedge_i_within(y, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX))
            return 0;
        if (n_classes > 0 && (!kedge_i_within(y, 0.0, n_classes - 1.0) || y != (double)(uint32_t)y))
            return 0;
    }
    return 1;
}

/* One value that is held: within range, and not so far from the mean that its square could overflow. */
static int near_value_is_sound(double x, const near_moments *m, uint32_t scale)
{
    return kedge_i_within(x, -NEAR_INPUT_MAX, NEAR_INPUT_MAX) &&
           (scale == KEDGE_KNN_RAW || fabs(x - m->mean) * m->inverse <= NEAR_STRAY);
}

static int near_range_is_sound(const near_state *s, uint32_t i)
{
    const near_moments *have = &near_moments_in(s)[i];
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < s->n_held; slot++) {
        double x = near_values(s)[near_at(s, slot, i)];
        if (!near_is_missing(x) && !kedge_i_within(x, -NEAR_INPUT_MAX, NEAR_INPUT_MAX))
            return 0;
    }
    near_moments m = near_range_of(s, i, &count);
    return count == near_counts(s)[i] && have->mean == m.mean && have->peak == m.peak && have->m2 == m.m2 &&
           have->inverse == m.inverse;
}

static int near_feature_is_sound(const near_state *s, uint32_t i)
{
    const near_moments *m = &near_moments_in(s)[i];
    if (s->scale == KEDGE_KNN_RANGE)
        return near_range_is_sound(s, i);
    near_moments none = {0.0, 0.0, 0.0, s->scale == KEDGE_KNN_RAW ? 1.0 : 0.0};
    uint32_t count = 0;
    if (s->scale == KEDGE_KNN_RAW ? memcmp(m, &none, sizeof none) != 0
                                  : !kedge_i_within(m->mean, -2.0 * NEAR_INPUT_MAX, 2.0 * NEAR_INPUT_MAX) ||
                                        !kedge_i_within(m->m2, 0.0, 1e290) || !kedge_i_within(m->peak, m->m2, 1e290) ||
                                        !(m->inverse == near_inverse(m, near_counts(s)[i])))
        return 0;
    for (uint32_t slot = 0; slot < s->n_held; slot++) {
        double x = near_values(s)[near_at(s, slot, i)];
        if (near_is_missing(x))
            continue;
        if (!near_value_is_sound(x, m, s->scale))
            return 0;
        count++;
    }
    return count == near_counts(s)[i];
}

int kedge_i_near_check(const near_state *s)
{
    if (!kedge_i_near_valid(s) || s->n_held > s->window || s->n_stale >= s->window || s->model.n_learned > KEDGE_I_COUNT_MAX ||
        (s->n_held > 0) != (s->model.n_learned > 0) || s->n_held > s->model.n_learned ||
        !near_labels_are_sound(s) || !near_rest_is_free(s))
        return 0;
    for (uint32_t i = 0; i < s->model.n_features; i++)
        if (!near_feature_is_sound(s, i))
            return 0;
    return 1;
}

/* Rows in and out -------------------------------------------------------------------------------------------------------------- */

void kedge_i_near_put(near_state *s, uint32_t slot, const kedge_row *x, double y, double weight)
{
    double *to = (double *)kedge_i_at(s, s->at_values) + near_at(s, slot, 0);
    for (uint32_t i = 0; i < s->model.n_features; i++)
        to[(size_t)i * NEAR_LANES] = near_input(x, i);
    ((double *)kedge_i_at(s, s->at_targets))[slot] = y;
    ((double *)kedge_i_at(s, s->at_weights))[slot] = weight;
}

void kedge_i_near_move(near_state *s, uint32_t from, uint32_t to)
{
    kedge_row row = near_row(s, from);
    kedge_i_near_put(s, to, &row, near_targets(s)[from], near_weights(s)[from]);
}

static inline void near_exchange(double *a, double *b)
{
    double keep = *a;
    *a = *b;
    *b = keep;
}

void kedge_i_near_swap(near_state *s, uint32_t a, uint32_t b)
{
    double *values = kedge_i_at(s, s->at_values), *targets = kedge_i_at(s, s->at_targets), *weights = kedge_i_at(s, s->at_weights);
    for (uint32_t i = 0; i < s->model.n_features; i++)
        near_exchange(&values[near_at(s, a, i)], &values[near_at(s, b, i)]);
    near_exchange(&targets[a], &targets[b]);
    near_exchange(&weights[a], &weights[b]);
}

void kedge_i_near_clear(near_state *s, uint32_t slot)
{
    static const double zero = 0.0;
    kedge_row row = {&zero, 0, KEDGE_FLOAT64, 0, NULL};
    kedge_i_near_put(s, slot, &row, 0.0, 0.0);
}

static inline void near_moments_add(near_moments *m, double x, uint32_t count)
{
    double off = x - m->mean;
    m->mean += off / count;
    m->m2 += off * (x - m->mean);
    m->peak = m->m2 > m->peak ? m->m2 : m->peak;
}

static inline void near_moments_drop(near_moments *m, double x, uint32_t count)
{
    double next = count > 0 ? m->mean - (x - m->mean) / (count > 0 ? count : 1) : 0.0;
    double m2 = count > 0 ? m->m2 - (x - m->mean) * (x - next) : 0.0;
    m->m2 = m2 > 0.0 ? m2 : 0.0;
    m->mean = next;
}

void kedge_i_near_add(near_state *s, uint32_t slot)
{
    const double *x = near_values(s) + near_at(s, slot, 0);
    uint32_t *counts = kedge_i_at(s, s->at_counts);
    near_moments *m = near_moments_of(s);
    for (uint32_t i = 0; i < s->model.n_features; i++, x += NEAR_LANES) {
        if (near_is_missing(*x))
            continue;
        counts[i]++;
        if (s->scale == KEDGE_KNN_STANDARD)
            near_moments_add(&m[i], *x, counts[i]);
        else if (s->scale == KEDGE_KNN_RANGE)
            near_range_add(&m[i], *x, counts[i]);
    }
}

void kedge_i_near_drop(near_state *s, uint32_t slot)
{
    const double *x = near_values(s) + near_at(s, slot, 0);
    uint32_t *counts = kedge_i_at(s, s->at_counts);
    near_moments *m = near_moments_of(s);
    for (uint32_t i = 0; i < s->model.n_features; i++, x += NEAR_LANES) {
        if (near_is_missing(*x))
            continue;
        counts[i]--;
        if (s->scale == KEDGE_KNN_STANDARD)
            near_moments_drop(&m[i], *x, counts[i]);
        else if (s->scale == KEDGE_KNN_RANGE && (*x <= m[i].mean || *x >= m[i].peak))
            m[i].inverse = NEAR_EXTREME_LEFT;
    }
}

static void near_renew_range(near_state *s, uint32_t i)
{
    near_moments_of(s)[i] = near_range_of(s, i, (uint32_t *)kedge_i_at(s, s->at_counts) + i);
}

/* Two passes over a feature; from its first value on, so that constants have no deviation. */
static void near_renew(near_state *s, uint32_t i)
{
    const double *values = near_values(s);
    near_moments *m = &near_moments_of(s)[i];
    double origin = 0.0, sum = 0.0, m2 = 0.0;
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < s->n_held; slot++) {
        double x = values[near_at(s, slot, i)];
        if (near_is_missing(x))
            continue;
        origin = count++ > 0 ? origin : x;
        sum += x - origin;
    }
    double mean = origin + sum / (count > 0 ? count : 1);
    for (uint32_t slot = 0; slot < s->n_held; slot++) {
        double off = values[near_at(s, slot, i)] - mean;
        m2 += near_is_missing(off) ? 0.0 : off * off;
    }
    ((uint32_t *)kedge_i_at(s, s->at_counts))[i] = count;
    if (s->scale == KEDGE_KNN_STANDARD) {
        m->mean = mean;
        m->m2 = m2;
        m->peak = m2;
        m->inverse = near_inverse(m, count);
    }
}

void kedge_i_near_settle(near_state *s, uint32_t n_dropped)
{
    near_moments *m = near_moments_of(s);
    s->n_stale += n_dropped;
    int all = s->n_stale >= s->window;
    s->n_stale = all ? 0 : s->n_stale;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        if (s->scale == KEDGE_KNN_RANGE && (all || m[i].inverse < 0.0))
            near_renew_range(s, i);
        else if (s->scale == KEDGE_KNN_RANGE)
            near_range_set(&m[i]);
        else if (all || m[i].m2 < NEAR_LOSS * m[i].peak)
            near_renew(s, i);
        else if (s->scale == KEDGE_KNN_STANDARD)
            m[i].inverse = near_inverse(&m[i], near_counts(s)[i]);
    }
}

int kedge_i_near_holds(const near_state *s, uint32_t slot, const kedge_row *x, double y)
{
    const double *have = near_values(s) + near_at(s, slot, 0);
    if (near_targets(s)[slot] != y)
        return 0;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double a = have[(size_t)i * NEAR_LANES], b = near_input(x, i);
        if (a != b && !(near_is_missing(a) && near_is_missing(b)))
            return 0;
    }
    return 1;
}
