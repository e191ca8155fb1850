/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "base/frequent.h"

uint32_t kedge_i_frequent(const double *x, size_t n, uint32_t most, double *values, uint32_t *counts)
{
    uint32_t held = 0;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && x[end] == x[i]; end++)
            ;
        uint32_t count = end - i < UINT32_MAX ? (uint32_t)(end - i) : UINT32_MAX; /* more than that tells no more */
        if (held == most && count <= counts[held - 1])
            continue;
        uint32_t at = held < most ? held++ : held - 1; /* or the rarest makes room */
        for (; at > 0 && counts[at - 1] < count; at--) {
            counts[at] = counts[at - 1];
            values[at] = values[at - 1];
        }
        counts[at] = count;
        values[at] = x[i];
    }
    return held;
}
