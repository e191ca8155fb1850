/* SPDX-License-Identifier: MIT */
/* ABCD's window: sums of losses in parts that grow with age, and Bernstein's inequality for every split between them.
 *
 * Heyden et al. 2024, section 4.2, theorem 1: n1 losses before a split and n2 behind it, independent, of the same mean and
 * within [0, 1], have means that differ by at least e with probability at most
 *     p = 2 exp(-n1 (k e)^2 / (2 (v1 + k e / 3))) + 2 exp(-n2 ((1 - k) e)^2 / (2 (v2 + (1 - k) e / 3))),   k = n2 / (n1 + n2),
 * where v1, v2 are their variances: Bernstein's inequality for each side's distance to the common mean. The measured variances
 * stand for the true ones, as in the paper, so p is a bound only as far as these are right. The paper keeps each row and tries
 * equidistant splits; here rows are added up in parts of 1, 2, 4 ... times bucket_rows (Datar, Gionis, Indyk, Motwani 2002), at
 * most max_buckets of each size.
 *
 * Cost: a split attempt passes over all parts once. Exponentials are only taken where they can matter. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "detectors/abcd_state.h"

uint32_t kedge_i_abcd_sizes(const abcd_state *s)
{
    uint32_t n = 1;
    while (n < ABCD_MAX_SIZES && (uint64_t)s->bucket_rows * s->max_buckets * (((uint64_t)1 << n) - 1) < s->max_window)
        n++;
    return n;
}

uint32_t kedge_i_abcd_stride(const abcd_state *s)
{
    return 2 * (s->n_features + 1);
}

static size_t abcd_place(const abcd_state *s, uint32_t size, uint32_t i)
{
    return ((size_t)size * (s->max_buckets + 1) + i) * kedge_i_abcd_stride(s);
}

static double *abcd_bucket(abcd_state *s, uint32_t size, uint32_t i)
{
    return abcd_at(s, s->at_sums) + abcd_place(s, size, i);
}

double *kedge_i_abcd_open(abcd_state *s)
{
    return abcd_bucket(s, s->n_sizes, 0);
}

uint64_t kedge_i_abcd_width(const abcd_state *s)
{
    uint64_t n = s->n_open;
    for (uint32_t size = 0; size < ABCD_MAX_SIZES; size++)
        n += ((uint64_t)s->n_held[size] * s->bucket_rows) << size;
    return n;
}

/* The oldest n of a size leave it. */
static void abcd_forget(abcd_state *s, uint32_t size, uint32_t n)
{
    size_t bytes = kedge_i_abcd_stride(s) * sizeof(double);
    s->n_held[size] = (uint8_t)(s->n_held[size] - n);
    memmove(abcd_bucket(s, size, 0), abcd_bucket(s, size, n), s->n_held[size] * bytes);
    memset(abcd_bucket(s, size, s->n_held[size]), 0, n * bytes);
}

/* The two oldest of a size become one of the next. */
static void abcd_merge(abcd_state *s, uint32_t size)
{
    const double *oldest = abcd_bucket(s, size, 0);
    const double *next = abcd_bucket(s, size, 1);
    double *both = abcd_bucket(s, size + 1, s->n_held[size + 1]++);
    for (uint32_t i = 0; i < kedge_i_abcd_stride(s); i++)
        both[i] = oldest[i] + next[i];
    abcd_forget(s, size, 2);
}

void kedge_i_abcd_close(abcd_state *s)
{
    size_t bytes = kedge_i_abcd_stride(s) * sizeof(double);
    memcpy(abcd_bucket(s, 0, s->n_held[0]++), kedge_i_abcd_open(s), bytes);
    memset(kedge_i_abcd_open(s), 0, bytes);
    s->n_open = 0;
    for (uint32_t size = 0; size < s->n_sizes && s->n_held[size] > s->max_buckets; size++) {
        if (size + 1 == s->n_sizes)
            abcd_forget(s, size, 1);
        else
            abcd_merge(s, size);
    }
}

/* From the newest closed part to the oldest. */
typedef struct abcd_cursor {
    uint32_t size;
    uint32_t left;
} abcd_cursor;

static const double *abcd_next(const abcd_state *s, abcd_cursor *c)
{
    while (c->left == 0 && c->size + 1 < s->n_sizes)
        c->left = s->n_held[++c->size];
    if (c->left == 0)
        return NULL;
    c->left--;
    return abcd_read(s, s->at_sums) + abcd_place(s, c->size, c->left);
}

static void abcd_part_add(abcd_part *part, double n, const double *sums)
{
    part->n += n;
    part->sum += sums[0];
    part->squares += sums[1];
}

static double abcd_rows(const abcd_state *s, const abcd_cursor *c)
{
    return (double)((uint64_t)s->bucket_rows << c->size);
}

void kedge_i_abcd_parts(const abcd_state *s, uint32_t column, uint64_t n_after, abcd_part *before, abcd_part *after)
{
    static const abcd_part none = {0.0, 0.0, 0.0};
    abcd_cursor c = {0, s->n_held[0]};
    const double *sums;
    *before = *after = none;
    while ((sums = abcd_next(s, &c)) != NULL)
        abcd_part_add(after->n < (double)n_after ? after : before, abcd_rows(s, &c), sums + (size_t)2 * column);
}

double kedge_i_abcd_variance(const abcd_part *part)
{
    double mean = part->sum / part->n;
    double variance = part->squares / part->n - mean * mean;
    return variance > 0.0 ? variance : 0.0;
}

/* Exponent of Bernstein's inequality for a mean of n losses that is `away` from the true one. */
static double abcd_exponent(const abcd_part *part, double away)
{
    return part->n * away * away / (2.0 * (kedge_i_abcd_variance(part) + away / 3.0));
}

/* The smaller exponent of a split, 0 where the loss went the other way; the larger one in `other`. */
static double abcd_lesser(const abcd_state *s, const abcd_part *before, const abcd_part *after, double *other)
{
    double e = after->sum / after->n - before->sum / before->n;
    int is_away = s->direction == KEDGE_DIRECTION_UP ? e < 0.0 : s->direction == KEDGE_DIRECTION_DOWN && e > 0.0;
    *other = 0.0;
    if (e == 0.0 || is_away)
        return 0.0;
    double k = after->n / (before->n + after->n);
    double x = abcd_exponent(before, k * fabs(e));
    double y = abcd_exponent(after, (1.0 - k) * fabs(e));
    *other = x > y ? x : y;
    return x > y ? y : x;
}

/* -ln (2 exp(-lesser) + 2 exp(-other)), which is at most lesser - ln 2. */
static double abcd_log_sum(double lesser, double other)
{
    double evidence = lesser - log(2.0) - log1p(exp(lesser - other));
    return evidence > 0.0 ? evidence : 0.0;
}

double kedge_i_abcd_evidence(const abcd_state *s, const abcd_part *before, const abcd_part *after)
{
    double other;
    double lesser = abcd_lesser(s, before, after, &other);
    return abcd_log_sum(lesser, other);
}

abcd_split kedge_i_abcd_best(const abcd_state *s)
{
    double least = (double)(s->min_window / 2);
    abcd_split best = {0.0, 0};
    abcd_part before;
    abcd_part after;
    abcd_cursor c = {0, s->n_held[0]};
    kedge_i_abcd_parts(s, 0, 0, &before, &after);
    abcd_part all = before;
    if (all.n < (double)s->min_window)
        return best;
    for (const double *sums = abcd_next(s, &c); sums; sums = abcd_next(s, &c)) {
        double other;
        abcd_part_add(&after, abcd_rows(s, &c), sums);
        before.n = all.n - after.n;
        before.sum = all.sum - after.sum;
        before.squares = all.squares - after.squares;
        if (before.n < least || before.n < 1.0)
            break;
        double lesser = after.n < least ? 0.0 : abcd_lesser(s, &before, &after, &other);
        double evidence = lesser - log(2.0) > best.evidence ? abcd_log_sum(lesser, other) : 0.0;
        if (evidence > best.evidence) {
            best.evidence = evidence;
            best.n_after = (uint64_t)after.n;
        }
    }
    return best;
}

/* Twice the gain in log-likelihood of a normal loss by a step at the split, but for its variance; of a step the same way as
 * `rise` only. */
static double abcd_step_gain(const abcd_part *all, const abcd_part *after, double rise)
{
    double away = after->sum - all->sum / all->n * after->n;
    return away * rise > 0.0 ? away * away / (after->n * (all->n - after->n)) : 0.0;
}

uint64_t kedge_i_abcd_likeliest(const abcd_state *s, const abcd_split *alarm)
{
    abcd_part all;
    abcd_part after;
    abcd_part before;
    abcd_cursor c = {0, s->n_held[0]};
    kedge_i_abcd_parts(s, 0, alarm->n_after, &before, &after);
    double rise = after.sum / after.n > before.sum / before.n ? 1.0 : -1.0;
    uint64_t n_after = alarm->n_after;
    double best = 0.0;
    kedge_i_abcd_parts(s, 0, 0, &all, &after);
    for (const double *sums = abcd_next(s, &c); sums; sums = abcd_next(s, &c)) {
        abcd_part_add(&after, abcd_rows(s, &c), sums);
        if (after.n >= all.n)
            break;
        double gain = abcd_step_gain(&all, &after, rise);
        if (gain > best) {
            best = gain;
            n_after = (uint64_t)after.n;
        }
    }
    return n_after;
}

static int abcd_sums_are_sound(const double *sums, uint32_t n_columns, double n)
{
    for (uint32_t j = 0; j < n_columns; j++)
        if (!kedge_i_within(sums[2 * j], 0.0, n) || !kedge_i_within(sums[2 * j + 1], 0.0, sums[2 * j]))
            return 0;
    return 1;
}

/* Places that hold nothing are all zero, like those of sizes that are not in use. */
int kedge_i_abcd_window_is_sound(const abcd_state *s)
{
    const double *sums = abcd_read(s, s->at_sums);
    uint32_t columns = s->n_features + 1;
    if (s->n_open >= s->bucket_rows || !abcd_sums_are_sound(sums + abcd_place(s, s->n_sizes, 0), columns, (double)s->n_open))
        return 0;
    for (uint32_t size = 0; size < ABCD_MAX_SIZES; size++) {
        if (s->n_held[size] > (size < s->n_sizes ? s->max_buckets : 0))
            return 0;
        for (uint32_t i = 0; size < s->n_sizes && i <= s->max_buckets; i++)
            if (!abcd_sums_are_sound(sums + abcd_place(s, size, i), columns,
                                     i < s->n_held[size] ? (double)((uint64_t)s->bucket_rows << size) : 0.0))
                return 0;
    }
    return 1;
}
