/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "models/tree_watch.h"

#include <math.h>

#include "base/number.h"

enum { WATCH_CLOCK = 32, WATCH_LEAST = 5 }; /* as in river: inputs between scans, shortest side of a cut */

static uint32_t watch_held(const tree_watch *w, uint32_t row)
{
    return w->held[row / 8] >> row % 8 * 4 & 15;
}

static void watch_hold(tree_watch *w, uint32_t row, uint32_t n)
{
    w->held[row / 8] = (w->held[row / 8] & ~((uint32_t)15 << row % 8 * 4)) | n << row % 8 * 4;
}

static uint32_t watch_count(const tree_watch *w, uint32_t row, uint32_t i)
{
    uint32_t at = row * WATCH_BUCKETS + i;
    return w->counts[at / 2] >> at % 2 * 16 & 0xffff;
}

static void watch_set(tree_watch *w, uint32_t row, uint32_t i, uint32_t count)
{
    uint32_t at = row * WATCH_BUCKETS + i;
    w->counts[at / 2] = (w->counts[at / 2] & ~((uint32_t)0xffff << at % 2 * 16)) | count << at % 2 * 16;
}

/* Takes the n oldest buckets out of a row; returns their ones. */
static uint32_t watch_shift(tree_watch *w, uint32_t row, uint32_t n)
{
    uint32_t held = watch_held(w, row);
    uint32_t ones = 0;
    for (uint32_t i = 0; i < n; i++)
        ones += watch_count(w, row, i);
    for (uint32_t i = 0; i < held; i++)
        watch_set(w, row, i, i + n < held ? watch_count(w, row, i + n) : 0);
    watch_hold(w, row, held - n);
    return ones;
}

static void watch_drop_oldest(tree_watch *w)
{
    uint32_t row = WATCH_ROWS - 1;
    while (watch_held(w, row) == 0)
        row--;
    w->ones -= watch_shift(w, row, 1);
    w->width -= (uint32_t)1 << row;
}

/* A new bucket of one input; where a row is full, its two oldest become one of the next. */
static void watch_enter(tree_watch *w, uint32_t bit)
{
    uint32_t count = bit;
    w->width++;
    w->ones += bit;
    for (uint32_t row = 0; row < WATCH_ROWS; row++) {
        uint32_t held = watch_held(w, row);
        uint32_t merged = 0;
        if (held == WATCH_BUCKETS) {
            if (row == WATCH_ROWS - 1)
                watch_drop_oldest(w);
            else
                merged = watch_shift(w, row, 2);
        }
        uint32_t left = watch_held(w, row);
        watch_set(w, row, left, count);
        watch_hold(w, row, left + 1);
        if (held < WATCH_BUCKETS || row == WATCH_ROWS - 1)
            return;
        count = merged;
    }
}

/* Equation (3.1) on one cut, with MOA's reduced sizes: do the means of both sides differ? */
static int watch_differs(const tree_watch *w, uint32_t n_old, uint32_t ones_old, double log_term)
{
    double n0 = n_old;
    double n1 = (double)w->width - n0;
    double mean = watch_mean(w);
    double inverse = 1.0 / (n0 - WATCH_LEAST + 1.0) + 1.0 / (n1 - WATCH_LEAST + 1.0);
    double bound = sqrt(2.0 * inverse * mean * (1.0 - mean) * log_term) + 2.0 / 3.0 * log_term * inverse;
    return fabs(ones_old / n0 - (w->ones - ones_old) / n1) > bound;
}

/* Is there a cut, from the oldest on, whose sides differ? */
static int watch_has_cut(const tree_watch *w, double delta)
{
    double log_term = log(2.0 * log((double)w->width) / delta);
    uint32_t n_old = 0;
    uint32_t ones_old = 0;
    for (uint32_t row = WATCH_ROWS; row-- > 0;)
        for (uint32_t i = 0; i < watch_held(w, row); i++) {
            n_old += (uint32_t)1 << row;
            ones_old += watch_count(w, row, i);
            if (n_old >= WATCH_LEAST && n_old + WATCH_LEAST <= w->width && watch_differs(w, n_old, ones_old, log_term))
                return 1;
        }
    return 0;
}

int kedge_i_watch_take(tree_watch *w, uint32_t bit, double delta)
{
    int cut = 0;
    watch_enter(w, bit);
    if (++w->since < WATCH_CLOCK)
        return 0;
    w->since = 0;
    double before = watch_mean(w);
    while (watch_has_cut(w, delta)) { /* at least the newer side of a cut stays */
        watch_drop_oldest(w);
        cut = 1;
    }
    return !cut ? 0 : watch_mean(w) > before ? 1 : -1;
}

int kedge_i_watch_check(const tree_watch *w)
{
    uint32_t width = 0;
    uint32_t ones = 0;
    for (uint32_t row = 0; row < 16; row++) {
        uint32_t held = w->held[row / 8] >> row % 8 * 4 & 15;
        if (held > (row < WATCH_ROWS ? WATCH_BUCKETS : 0))
            return 0;
        width += held << row;
        for (uint32_t i = 0; row < WATCH_ROWS && i < WATCH_BUCKETS; i++) {
            if (watch_count(w, row, i) > (i < held ? (uint32_t)1 << row : 0))
                return 0;
            ones += watch_count(w, row, i);
        }
    }
    return w->width == width && w->ones == ones && w->since < WATCH_CLOCK && w->counts[WATCH_PACKED - 1] >> 16 == 0;
}
