/* SPDX-License-Identifier: MIT */
/* Isotonic regression by pooling adjacent violators: Ayer, Brunk, Ewing, Reid, Silverman 1955, "An empirical distribution function
 * for sampling with incomplete information", Annals of Mathematical Statistics 26. */
#include "base/fp.h"

#include <math.h>

#include "kedge/model.h"
#include "kedge/probmap.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/sort.h"

#define ISOTONIC_ROWS_MAX (UINT32_MAX - 1u)

size_t kedge_isotonic_work(size_t n)
{
    uint64_t bytes = (uint64_t)n * 2 * sizeof(double) + kedge_i_round_up((uint64_t)n * sizeof(uint32_t));
    if (n > ISOTONIC_ROWS_MAX || bytes > SIZE_MAX)
        return 0;
    return bytes > 0 ? (size_t)bytes : KEDGE_ALIGN;
}

static kedge_status isotonic_check(const double *score, const double *y, const double *weight, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double w = weight ? weight[i] : 1.0;
        if (!kedge_i_within(score[i], -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX))
            return kedge_i_refusal(score[i]);
        if (!kedge_i_within(y[i], -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX))
            return kedge_i_refusal(y[i]);
        if (!kedge_i_within(w, 0.0, KEDGE_WEIGHT_MAX))
            return kedge_i_refusal(w);
    }
    return KEDGE_OK;
}

static int isotonic_is_behind(const void *context, uint32_t a, uint32_t b)
{
    const double *score = context;
    return score[a] > score[b] || (score[a] >= score[b] && a > b);
}

/* Rows with weight, in order of their scores, those with the same score as one. Returns how many there are. */
static size_t isotonic_merge(const double *score, const double *y, const double *weight, size_t n, const uint32_t *order,
                             double *at, double *value, double *mass)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        double x = score[order[i]];
        double w = weight ? weight[order[i]] : 1.0;
        if (!(w > 0.0))
            continue;
        if (k == 0 || x > at[k - 1]) {
            at[k] = x;
            value[k] = 0.0;
            mass[k++] = 0.0;
        }
        value[k - 1] += w * y[order[i]];
        mass[k - 1] += w;
    }
    for (size_t i = 0; i < k; i++)
        value[i] /= mass[i];
    return k;
}

/* Blocks of points with one value: their first points and values, strictly rising. mass becomes that of the blocks. */
static size_t isotonic_pool(const double *value, size_t k, double *mass, double *level, uint32_t *first)
{
    size_t n = 0;
    for (size_t i = 0; i < k; i++) {
        double w = mass[i];
        double v = value[i];
        uint32_t begin = (uint32_t)i;
        while (n > 0 && level[n - 1] >= v) {
            n--;
            v = (level[n] * mass[n] + v * w) / (mass[n] + w);
            w += mass[n];
            begin = first[n];
        }
        level[n] = v;
        mass[n] = w;
        first[n++] = begin;
    }
    return n;
}

/* Of each block its first and last point, in place: a block never has more than it had. */
static size_t isotonic_points(double *at, double *value, size_t k, const double *level, const uint32_t *first, size_t n_blocks)
{
    size_t n = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        size_t last = (b + 1 < n_blocks ? first[b + 1] : k) - 1;
        double begin = at[first[b]];
        double end = at[last];
        at[n] = begin;
        value[n++] = level[b];
        if (last > first[b]) {
            at[n] = end;
            value[n++] = level[b];
        }
    }
    return n;
}

kedge_status kedge_isotonic_fit(const double *score, const double *y, const double *weight, size_t n, double *at, double *value,
                                size_t *n_points, void *work, size_t work_bytes)
{
    if (!at || !value || !n_points || !work || (n > 0 && (!score || !y)))
        return KEDGE_ERR_NULL;
    size_t need = kedge_isotonic_work(n);
    if (need == 0)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    KEDGE_TRY(isotonic_check(score, y, weight, n));
    double *mass = work;
    double *level = mass + n;
    uint32_t *order = (uint32_t *)(void *)(level + n); /* later the blocks' first points */
    kedge_i_sort_indices(order, n, isotonic_is_behind, score);
    size_t k = isotonic_merge(score, y, weight, n, order, at, value, mass);
    size_t n_blocks = isotonic_pool(value, k, mass, level, order);
    *n_points = isotonic_points(at, value, k, level, order, n_blocks);
    return k > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

double kedge_isotonic_apply(const double *at, const double *value, size_t n_points, double score)
{
    if (!at || !value || n_points == 0 || score != score)
        return (double)NAN;
    if (score <= at[0])
        return value[0];
    if (score >= at[n_points - 1])
        return value[n_points - 1];
    size_t low = 0;
    size_t high = n_points - 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (at[middle] <= score)
            low = middle;
        else
            high = middle;
    }
    return value[low] + (value[high] - value[low]) * ((score - at[low]) / (at[high] - at[low]));
}
