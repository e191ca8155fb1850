/* SPDX-License-Identifier: MIT */
/* Sweeney 2002, "k-anonymity: a model for protecting privacy"; Machanavajjhala, Kifer, Gehrke, Venkitasubramaniam 2007,
 * "l-diversity", distinct values. */
#include "base/fp.h"

#include <string.h>

#include "kedge/privacy.h"

#include "base/check.h"
#include "base/number.h"

kedge_status kedge_anonymity(const uint64_t *counts, size_t n_slices, size_t n_values, uint64_t k, uint64_t l,
                             kedge_anonymity_report *out)
{
    kedge_anonymity_report r;
    uint64_t all = 0;
    if (!out || (!counts && n_slices > 0))
        return KEDGE_ERR_NULL;
    if (n_values == 0 || n_slices > SIZE_MAX / sizeof *counts / n_values)
        return KEDGE_ERR_SHAPE;
    memset(&r, 0, sizeof r);
    for (size_t i = 0; i < n_slices; i++) {
        const uint64_t *slice = counts + i * n_values;
        uint64_t rows = 0, values = 0;
        for (size_t v = 0; v < n_values; v++) {
            if (slice[v] > KEDGE_I_COUNT_MAX - all)
                return KEDGE_ERR_RANGE;
            all += slice[v];
            rows += slice[v];
            values += slice[v] > 0;
        }
        if (rows == 0)
            continue;
        if (r.n_slices == 0 || rows < r.least_rows) {
            r.least_rows = rows;
            r.i_least_rows = i;
        }
        if (r.n_slices == 0 || values < r.least_values) {
            r.least_values = values;
            r.i_least_values = i;
        }
        r.n_slices++;
        r.n_below_k += rows < k;
        r.rows_below_k += rows < k ? rows : 0;
        r.n_below_l += values < l;
    }
    *out = r;
    return r.n_slices > 0 ? KEDGE_OK : KEDGE_EMPTY;
}
