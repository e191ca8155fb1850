/* SPDX-License-Identifier: MIT */
/* Sorting doubles: merging upwards from short runs where there are few, else by digits from the last to the first. The bits of a
 * double, with all flipped if it is negative and the first one else, order like its value. */
#include "base/fp.h"

#include <stdint.h>
#include <string.h>

#include "base/sort.h"

enum { SORT_RUN = 16, SORT_FEW = 1024, SORT_DIGIT = 8, SORT_BUCKETS = 1 << SORT_DIGIT };

static void sort_insert(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double v = x[i];
        size_t j = i;
        for (; j > 0 && x[j - 1] > v; j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

/* Two sorted neighbours, x[0..half) and x[half..n), into `to`. */
static void sort_merge(const double *x, size_t half, size_t n, double *to)
{
    size_t i = 0;
    size_t j = half;
    for (size_t k = 0; k < n; k++)
        to[k] = j >= n || (i < half && x[i] <= x[j]) ? x[i++] : x[j++];
}

static void sort_by_merging(double *x, size_t n, double *spare)
{
    double *from = x;
    double *to = spare;
    for (size_t i = 0; i < n; i += SORT_RUN)
        sort_insert(x + i, n - i < SORT_RUN ? n - i : SORT_RUN);
    for (size_t run = SORT_RUN; run < n; run *= 2) {
        for (size_t i = 0; i < n; i += 2 * run) {
            size_t rest = n - i;
            sort_merge(from + i, rest < run ? rest : run, rest < 2 * run ? rest : 2 * run, to + i);
        }
        double *swap = from;
        from = to;
        to = swap;
    }
    if (from != x)
        memcpy(x, from, n * sizeof *x);
}

static uint64_t sort_key(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits ^ (((uint64_t)0 - (bits >> 63)) | (uint64_t)1 << 63);
}

/* One pass: stable by the digit at `shift`. 0: all have the same digit and nothing was moved. */
static int sort_pass(const double *from, size_t n, uint32_t shift, double *to)
{
    uint32_t at[SORT_BUCKETS] = {0};
    for (size_t i = 0; i < n; i++)
        at[(sort_key(from[i]) >> shift) & (SORT_BUCKETS - 1)]++;
    if (at[(sort_key(from[0]) >> shift) & (SORT_BUCKETS - 1)] == n)
        return 0;
    uint32_t sum = 0;
    for (size_t b = 0; b < SORT_BUCKETS; b++) {
        uint32_t count = at[b];
        at[b] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[at[(sort_key(from[i]) >> shift) & (SORT_BUCKETS - 1)]++] = from[i];
    return 1;
}

static void sort_by_digits(double *x, size_t n, double *spare)
{
    double *from = x;
    double *to = spare;
    for (uint32_t shift = 0; shift < 64; shift += SORT_DIGIT) {
        if (!sort_pass(from, n, shift, to))
            continue;
        double *swap = from;
        from = to;
        to = swap;
    }
    if (from != x)
        memcpy(x, from, n * sizeof *x);
}

void kedge_i_sort(double *x, size_t n, double *spare)
{
    if (n < SORT_FEW || n > UINT32_MAX)
        sort_by_merging(x, n, spare);
    else
        sort_by_digits(x, n, spare);
}

/* Heap sort (Williams 1964). */
typedef struct sort_heap {
    uint32_t *order;
    int (*is_behind)(const void *context, uint32_t a, uint32_t b);
    const void *context;
} sort_heap;

static void sort_swap(uint32_t *order, size_t i, size_t k)
{
    uint32_t keep = order[i];
    order[i] = order[k];
    order[k] = keep;
}

static void sort_sift(const sort_heap *h, size_t at, size_t n)
{
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && h->is_behind(h->context, h->order[child + 1], h->order[child]))
            child++;
        if (!h->is_behind(h->context, h->order[child], h->order[at]))
            return;
        sort_swap(h->order, child, at);
        at = child;
    }
}

void kedge_i_sort_indices(uint32_t *order, size_t n, int (*is_behind)(const void *context, uint32_t a, uint32_t b),
                          const void *context)
{
    sort_heap h = {order, is_behind, context};
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (size_t i = n / 2; i-- > 0;)
        sort_sift(&h, i, n);
    for (size_t end = n; end-- > 1;) {
        sort_swap(order, 0, end);
        sort_sift(&h, 0, end);
    }
}
