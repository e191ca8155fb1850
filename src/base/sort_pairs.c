/* SPDX-License-Identifier: MIT */
/* Sorting pairs: by insertion where there are few, else by the digits of the key from the last to the first. */
#include "base/fp.h"

#include <stdint.h>
#include <string.h>

#include "base/sort_pairs.h"

enum { PAIRS_FEW = 48, PAIRS_DIGIT = 8, PAIRS_BUCKETS = 1 << PAIRS_DIGIT };

static void pairs_insert(kedge_i_pair *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        kedge_i_pair v = x[i];
        size_t j = i;
        for (; j > 0 && x[j - 1].key > v.key; j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

/* Bits that order like the value: all flipped if it is negative, the first one else. */
static inline uint64_t pairs_key(const kedge_i_pair *pair)
{
    uint64_t bits;
    memcpy(&bits, &pair->key, sizeof bits);
    return bits ^ (((uint64_t)0 - (bits >> 63)) | (uint64_t)1 << 63);
}

/* One pass: stable by the digit at `shift`. 0: all have the same digit and nothing was moved. */
static int pairs_pass(const kedge_i_pair *from, size_t n, uint32_t shift, kedge_i_pair *to)
{
    uint32_t at[PAIRS_BUCKETS] = {0};
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        at[(pairs_key(from + i) >> shift) & (PAIRS_BUCKETS - 1)]++;
    if (at[(pairs_key(from) >> shift) & (PAIRS_BUCKETS - 1)] == n)
        return 0;
    for (size_t b = 0; b < PAIRS_BUCKETS; b++) {
        uint32_t count = at[b];
        at[b] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[at[(pairs_key(from + i) >> shift) & (PAIRS_BUCKETS - 1)]++] = from[i];
    return 1;
}

void kedge_i_sort_pairs(kedge_i_pair *x, size_t n, kedge_i_pair *spare)
{
    kedge_i_pair *from = x;
    kedge_i_pair *to = spare;
    if (n < PAIRS_FEW) {
        pairs_insert(x, n);
        return;
    }
    for (uint32_t shift = 0; shift < 64; shift += PAIRS_DIGIT) {
        if (!pairs_pass(from, n, shift, to))
            continue;
        kedge_i_pair *swap = from;
        from = to;
        to = swap;
    }
    if (from != x)
        memcpy(x, from, n * sizeof *x);
}
