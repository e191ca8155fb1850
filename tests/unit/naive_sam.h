/* SPDX-License-Identifier: MIT */
/* Nearest neighbours with self-adjusting memory as the paper tells them: rows in arrays, all distances anew at each question. */
#ifndef KEDGE_TESTS_NAIVE_SAM_H
#define KEDGE_TESTS_NAIVE_SAM_H

#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { MAX_FEATURES = 12, MAX_ROWS = 128, MAX_CLASSES = 100, LEVELS = 8 };

typedef struct naive_row {
    double x[MAX_FEATURES];
    double y;
    double weight;
    int wrong[LEVELS]; /* at each level that is tried on it */
    int right[3];      /* short-term, long-term, both */
} naive_row;

typedef struct naive {
    kedge_sam_knn_config c;
    kedge_rng rng;
    naive_row recent[MAX_ROWS], old[MAX_ROWS];
    int n_recent, n_old;
    int age[LEVELS]; /* rows since a level was tried in full */
    int n_shrunk, n_cleaned, n_condensed, n_single, n_refused; /* what has happened */
} naive;

typedef struct naive_neighbour {
    const naive_row *row;
    double distance;
    int order;
} naive_neighbour;

/* Of a set of rows; later ones first among equals, short-term ones before long-term ones. */
typedef struct naive_set {
    naive_neighbour all[2 * MAX_ROWS];
    int n;
} naive_set;

static inline double naive_inverse(const naive *a, uint32_t j)
{
    long double mean = 0, square = 0;
    int n = 0;
    if (a->c.scale == KEDGE_KNN_RAW)
        return 1;
    for (int i = 0; i < a->n_recent + a->n_old; i++) {
        double x = i < a->n_recent ? a->recent[i].x[j] : a->old[i - a->n_recent].x[j];
        mean += isnan(x) ? 0 : x;
        n += !isnan(x);
    }
    mean /= n > 0 ? n : 1;
    for (int i = 0; i < a->n_recent + a->n_old; i++) {
        double x = i < a->n_recent ? a->recent[i].x[j] : a->old[i - a->n_recent].x[j];
        square += isnan(x) ? 0 : (x - mean) * (x - mean);
    }
    if (a->c.scale == KEDGE_KNN_RANGE) {
        double least = INFINITY, greatest = -INFINITY;
        for (int i = 0; i < a->n_recent + a->n_old; i++) {
            double x = i < a->n_recent ? a->recent[i].x[j] : a->old[i - a->n_recent].x[j];
            least = fmin(least, x); /* fmin and fmax leave out what is missing */
            greatest = fmax(greatest, x);
        }
        return greatest > least ? 1 / (greatest - least) : 0;
    }
    return square > 0 ? (double)(1 / sqrtl(square / n)) : 0;
}

static inline void naive_scale(const naive *a, double *inverse)
{
    for (uint32_t j = 0; j < a->c.base.n_features; j++)
        inverse[j] = naive_inverse(a, j);
}

static inline double naive_distance(const naive *a, const double *inverse, const double *p, const double *q)
{
    double sum = 0;
    int n = (int)a->c.base.n_features, known = 0;
    for (int j = 0; j < n; j++) {
        if (isnan(p[j]) || isnan(q[j]))
            continue;
        double off = (p[j] - q[j]) * inverse[j];
        sum += a->c.distance == KEDGE_KNN_EUCLIDEAN ? off * off : fabs(off);
        known++;
    }
    if (known == 0)
        return 1e300;
    return known < n ? sum * ((double)n / known) : sum;
}

static inline void naive_add(const naive *a, naive_set *set, const double *inverse, const naive_row *rows, int from, int to,
                      int skip, const double *x)
{
    for (int i = to - 1; i >= from; i--)
        if (i != skip) {
            naive_neighbour *q = &set->all[set->n];
            q->row = &rows[i];
            q->distance = naive_distance(a, inverse, rows[i].x, x);
            q->order = set->n++;
        }
}

static inline int naive_compare(const void *a, const void *b)
{
    const naive_neighbour *p = a, *q = b;
    if (p->distance != q->distance)
        return p->distance < q->distance ? -1 : 1;
    return p->order - q->order;
}

/* The k nearest to the front. */
static inline void naive_sort(const naive *a, naive_set *set)
{
    qsort(set->all, (size_t)set->n, sizeof set->all[0], naive_compare);
    set->n = set->n < (int)a->c.k ? set->n : (int)a->c.k;
}

static inline void naive_votes(const naive *a, const naive_set *set, double *scores)
{
    double total = 0;
    memset(scores, 0, MAX_CLASSES * sizeof *scores);
    for (int i = 0; i < set->n; i++) {
        double least = set->all[0].distance, d = set->all[i].distance, vote = set->all[i].row->weight;
        if (a->c.weights == KEDGE_KNN_INVERSE && d != least)
            vote *= a->c.distance == KEDGE_KNN_EUCLIDEAN ? sqrt(least / d) : least / d;
        scores[(int)set->all[i].row->y] += vote;
        total += vote;
    }
    for (int c = 0; c < MAX_CLASSES; c++)
        scores[c] /= total;
}

static inline int naive_class(const naive *a, const naive_set *set)
{
    double scores[MAX_CLASSES];
    int best = 0;
    naive_votes(a, set, scores);
    for (int c = 1; c < MAX_CLASSES; c++)
        best = scores[c] > scores[best] ? c : best;
    return best;
}

static inline void naive_memory(const naive *a, naive_set *set, int which, const double *inverse, const double *x)
{
    set->n = 0;
    if (which != 1)
        naive_add(a, set, inverse, a->recent, 0, a->n_recent, -1, x);
    if (which != 0)
        naive_add(a, set, inverse, a->old, 0, a->n_old, -1, x);
    naive_sort(a, set);
}

static inline void naive_score(const naive *a, const double *x, double *scores)
{
    double inverse[MAX_FEATURES];
    naive_set set;
    int right[3] = {0}, which = 0;
    for (int i = 0; i < a->n_recent; i++)
        for (int j = 0; j < 3; j++)
            right[j] += a->recent[i].right[j];
    if (a->n_old > 0 && (right[0] < right[1] || right[0] < right[2]))
        which = right[1] >= right[2] ? 1 : 2;
    naive_scale(a, inverse);
    naive_memory(a, &set, which, inverse, x);
    naive_votes(a, &set, scores);
}

static inline int naive_level_size(const naive *a, int level, int n)
{
    return level == 0 || n >> level >= (int)a->c.min_short ? n >> level : 0;
}

static inline int naive_is_neighbour(const naive_set *set, const naive_row *row, double reach, double y)
{
    for (int i = 0; i < set->n; i++)
        if (set->all[i].row == row)
            return set->all[i].distance <= reach && row->y != y;
    return 0;
}

/* From rows those go that contradict class y, whose neighbours are `own`: the latest first, each changing places with the last. */
static inline int naive_clean(const naive_set *own, const naive_set *set, double y, naive_row *rows, int n)
{
    double reach = -1;
    for (int i = 0; i < own->n; i++)
        reach = own->all[i].row->y == y && own->all[i].distance > reach ? own->all[i].distance : reach;
    int goes[MAX_ROWS];
    for (int i = 0; i < n; i++)
        goes[i] = naive_is_neighbour(set, &rows[i], reach, y);
    for (int i = n - 1; i >= 0; i--)
        if (goes[i])
            rows[i] = rows[--n];
    return n;
}

static inline void naive_front(naive_row *rows, int *n, int gone)
{
    *n -= gone;
    memmove(rows, rows + gone, (size_t)*n * sizeof *rows);
}

/* Where a level is tried: each row has k before it. */
static inline int naive_tried_at(const naive *a, int level)
{
    int size = naive_level_size(a, level, a->n_recent), k = (int)a->c.k;
    return size > k ? a->n_recent - size + k : a->n_recent;
}

/* A level has no marks elsewhere. */
static inline void naive_leave_levels(naive *a)
{
    for (int level = 0; level < LEVELS; level++)
        for (int i = 0; i < naive_tried_at(a, level); i++)
            a->recent[i].wrong[level] = 0;
}

static inline int naive_draw(naive *a, const double *distances, int n)
{
    double sum = 0, left;
    int drawn = -1;
    for (int i = 0; i < n; i++)
        sum += distances[i];
    left = kedge_rng_uniform(&a->rng) * sum;
    for (int i = 0; i < n && left >= 0; i++) {
        drawn = distances[i] > 0 ? i : drawn;
        left -= distances[i];
    }
    return drawn;
}

static inline double naive_mean(const double *x, const int *is_of, int c, int n)
{
    double mean = (double)NAN;
    int known = 0;
    for (int i = 0; i < n; i++)
        if (is_of[i] == c && !isnan(x[i])) {
            known++;
            mean = known == 1 ? x[i] : mean + (x[i] - mean) / known;
        }
    return mean;
}

/* n rows of one class to half as many centres. */
static inline int naive_condense_class(naive *a, const double *inverse, const naive_row *rows, int n, naive_row *out)
{
    naive_row centres[MAX_ROWS];
    double nearest[MAX_ROWS], column[MAX_ROWS];
    int is_of[MAX_ROWS], k = 0, n_out = 0;
    if (n == 1) {
        out[0] = rows[0];
        return 1;
    }
    for (int i = 0; i < n; i++)
        nearest[i] = 1;
    for (; k < n / 2; k++) {
        int drawn = naive_draw(a, nearest, n);
        if (drawn < 0)
            break;
        centres[k] = rows[drawn];
        for (int i = 0; i < n; i++) {
            double d = naive_distance(a, inverse, rows[i].x, rows[drawn].x);
            nearest[i] = k == 0 || d < nearest[i] ? d : nearest[i];
        }
    }
    for (int i = 0; i < n; i++) {
        is_of[i] = k - 1;
        for (int c = k - 1; c >= 0; c--)
            if (naive_distance(a, inverse, centres[c].x, rows[i].x) < naive_distance(a, inverse, centres[is_of[i]].x, rows[i].x))
                is_of[i] = c;
    }
    for (int c = 0; c < k; c++) {
        int size = 0;
        for (int i = 0; i < n; i++)
            size += is_of[i] == c;
        if (size == 0)
            continue;
        out[n_out] = centres[c];
        for (uint32_t j = 0; j < a->c.base.n_features; j++) {
            for (int i = 0; i < n; i++)
                column[i] = rows[i].x[j];
            out[n_out].x[j] = naive_mean(column, is_of, c, n);
        }
        for (int i = 0; i < n; i++)
            column[i] = rows[i].weight;
        out[n_out++].weight = naive_mean(column, is_of, c, n);
    }
    return n_out;
}

static inline void naive_condense(naive *a)
{
    double inverse[MAX_FEATURES];
    naive_row out[MAX_ROWS];
    int n_out = 0, from = 0;
    naive_scale(a, inverse);
    for (int c = 0; c < MAX_CLASSES; c++) {
        int end = from;
        for (int i = from; i < a->n_old; i++)
            if (a->old[i].y == c) {
                naive_row keep = a->old[end];
                a->old[end++] = a->old[i];
                a->old[i] = keep;
            }
        if (end > from)
            n_out += naive_condense_class(a, inverse, a->old + from, end - from, out + n_out);
        from = end;
    }
    if (n_out == a->n_old) {
        out[kedge_rng_below(&a->rng, (uint64_t)n_out)] = out[n_out - 1];
        n_out--;
        a->n_single++;
    }
    memcpy(a->old, out, sizeof out);
    a->n_old = n_out;
    a->n_condensed++;
}

static inline void naive_make_room(naive *a)
{
    int most = (int)(a->c.long_share * a->c.window);
    int moved = (most > 0 ? most : 1) - a->n_old;
    if (moved > 0) {
        memcpy(a->old + a->n_old, a->recent, (size_t)moved * sizeof *a->old);
        a->n_old += moved;
        naive_front(a->recent, &a->n_recent, moved);
        naive_leave_levels(a);
    }
    naive_condense(a);
}

static inline double naive_error(const naive *a, int level)
{
    int at = naive_tried_at(a, level), wrong = 0;
    for (int i = at; i < a->n_recent; i++)
        wrong += a->recent[i].wrong[level];
    return at < a->n_recent ? (double)wrong / (a->n_recent - at) : 0;
}

static inline int naive_best_level(const naive *a)
{
    int best = 0;
    for (int level = 1; level < LEVELS && naive_level_size(a, level, a->n_recent) > 0; level++)
        best = naive_error(a, level) < naive_error(a, best) ? level : best;
    return best;
}

/* All rows of a level, each by those before it. */
static inline void naive_try_in_full(naive *a, int level)
{
    double inverse[MAX_FEATURES];
    int from = a->n_recent - naive_level_size(a, level, a->n_recent);
    naive_scale(a, inverse);
    for (int i = naive_tried_at(a, level); i < a->n_recent; i++) {
        naive_set set = {.n = 0};
        naive_add(a, &set, inverse, a->recent, from, i, -1, a->recent[i].x);
        naive_sort(a, &set);
        a->recent[i].wrong[level] = naive_class(a, &set) != a->recent[i].y;
    }
    a->age[level] = 0;
}

static inline int naive_choose_level(naive *a)
{
    if (naive_best_level(a) == 0)
        return 0;
    for (int level = 1; level < LEVELS && naive_level_size(a, level, a->n_recent) > 0; level++)
        if (naive_error(a, level) < naive_error(a, 0) && a->age[level] > naive_level_size(a, level, a->n_recent) / 4)
            naive_try_in_full(a, level);
    a->n_refused += naive_best_level(a) == 0;
    return naive_best_level(a);
}

/* The size of least error among the halvings becomes the size of the short-term memory. */
static inline void naive_adapt(naive *a)
{
    double inverse[MAX_FEATURES];
    int n = a->n_recent, level = naive_choose_level(a);
    if (level == 0)
        return;
    naive_row discarded[MAX_ROWS];
    int gone = n - naive_level_size(a, level, n), n_kept = gone;
    naive_scale(a, inverse);
    memcpy(discarded, a->recent, (size_t)gone * sizeof *discarded);
    naive_front(a->recent, &a->n_recent, gone);
    memmove(a->age, a->age + level, (size_t)(LEVELS - level) * sizeof(int));
    for (int i = 0; i < a->n_recent; i++) {
        naive_set own = {.n = 0}, set = {.n = 0};
        memmove(a->recent[i].wrong, a->recent[i].wrong + level, (size_t)(LEVELS - level) * sizeof(int));
        memset(a->recent[i].wrong + LEVELS - level, 0, (size_t)level * sizeof(int));
        naive_add(a, &own, inverse, a->recent, 0, a->n_recent, i, a->recent[i].x);
        naive_sort(a, &own);
        naive_add(a, &set, inverse, discarded, 0, n_kept, -1, a->recent[i].x);
        naive_sort(a, &set);
        n_kept = naive_clean(&own, &set, a->recent[i].y, discarded, n_kept);
    }
    memcpy(a->old + a->n_old, discarded, (size_t)n_kept * sizeof *discarded);
    a->n_old += n_kept;
    a->n_cleaned += gone - n_kept;
    a->n_shrunk++;
}

static inline void naive_begin_levels(naive *a)
{
    for (int level = 1; level < LEVELS; level++)
        if (naive_level_size(a, level, a->n_recent) > 0 && naive_level_size(a, level, a->n_recent - 1) == 0)
            naive_try_in_full(a, level);
}

static inline void naive_learn(naive *a, const double *x, double y, double weight)
{
    double inverse[MAX_FEATURES];
    naive_set own, old, set;
    naive_row row = {.y = y, .weight = weight};
    memcpy(row.x, x, a->c.base.n_features * sizeof *x);
    if (a->n_recent + a->n_old == (int)a->c.window)
        naive_make_room(a);
    naive_scale(a, inverse);
    for (int which = 0; which < 3; which++) {
        naive_memory(a, which == 0 ? &own : which == 1 ? &old : &set, which, inverse, x);
        const naive_set *one = which == 0 ? &own : which == 1 ? &old : &set;
        row.right[which] = one->n > 0 && naive_class(a, one) == y;
    }
    for (int level = 0; level < LEVELS; level++) {
        int size = naive_level_size(a, level, a->n_recent + 1);
        if (naive_level_size(a, level, a->n_recent) == 0)
            continue;
        set.n = 0;
        naive_add(a, &set, inverse, a->recent, a->n_recent + 1 - size, a->n_recent, -1, x);
        naive_sort(a, &set);
        row.wrong[level] = size > (int)a->c.k && naive_class(a, &set) != y;
        a->age[level]++;
    }
    int n_old = naive_clean(&own, &old, y, a->old, a->n_old);
    a->n_cleaned += a->n_old - n_old;
    a->n_old = n_old;
    a->recent[a->n_recent++] = row;
    naive_leave_levels(a);
    naive_begin_levels(a);
    naive_adapt(a);
}

#endif
