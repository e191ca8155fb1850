/* SPDX-License-Identifier: MIT */
/* McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages". Which p-value when:
 * Fagerland, Lydersen, Laake 2013, "The McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact
 * conditional". */
#include "base/fp.h"

#include <math.h>

#include "kedge/metrics/paired.h"

#include "base/special.h"

enum { MCNEMAR_FEW = 25 };

kedge_status kedge_mcnemar(uint64_t only_first, uint64_t only_second, kedge_mcnemar_report *out)
{
    const uint64_t most = (uint64_t)1 << 53;
    if (!out)
        return KEDGE_ERR_NULL;
    if (only_first > most || only_second > most - only_first)
        return KEDGE_ERR_RANGE;
    uint64_t few = only_first < only_second ? only_first : only_second;
    uint64_t many = only_first < only_second ? only_second : only_first;
    double n = (double)(int64_t)(few + many);
    double apart = (double)(int64_t)(many - few);
    out->n = few + many;
    if (out->n == 0) {
        out->share = (double)NAN;
        out->chi_squared = 0.0;
        out->p_exact = out->p_mid = out->p_chi_squared = out->p_value = 1.0;
        return KEDGE_EMPTY;
    }
    out->share = (double)(int64_t)only_second / n;
    out->chi_squared = apart * (apart / n);
    out->p_exact = out->p_mid = 1.0;
    if (few < many) {
        double here = kedge_i_binomial_term((double)(int64_t)few, (double)(int64_t)many, 0.5, 0.5);
        out->p_exact = fmin(1.0, 2.0 * kedge_i_beta_lower((double)(int64_t)many, (double)(int64_t)few + 1.0, 0.5, 0.5));
        out->p_mid = fmax(0.0, out->p_exact - here);
    }
    out->p_chi_squared = kedge_i_chi_squared_upper(out->chi_squared, 1.0);
    out->p_value = out->n < MCNEMAR_FEW ? out->p_mid : out->p_chi_squared;
    return KEDGE_OK;
}
