/* SPDX-License-Identifier: MIT */
/* e-BH: false discovery rate over a fleet, or over any e-values, which may depend on each other in any way.
 *
 * Wang, Ramdas 2022, "False discovery rate control with e-values", JRSS B 84, section 3: reject the k greatest for the largest k
 * whose k-th greatest e is at least n / (alpha k). An e-value is among the rejected of every k from its rank on, the least k with e
 * >= n / (alpha k). So it is enough to count ranks: k is the largest number that at least k ranks do not exceed. No sorting, and
 * ties fall together. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/fleet.h"

#include "base/check.h"

/* Where the i-th e-value comes from: its logarithm. */
typedef double e_bh_source(const void *from, size_t i);

/* The least k, from 1, with log_e >= bar - log(k), where bar is log(n / alpha); above n if there is none. */
static size_t e_bh_rank(double log_e, double bar, size_t n)
{
    double k = ceil(exp(bar - log_e));
    return k <= 1.0 ? 1 : k <= (double)n ? (size_t)k : n + 1;
}

/* Ranks are counted in work, whose entry k - 1 is for rank k. */
static size_t e_bh_largest(const uint32_t *work, size_t n)
{
    size_t seen = 0;
    size_t largest = 0;
    for (size_t k = 1; k <= n; k++) {
        seen += work[k - 1];
        largest = seen >= k ? k : largest;
    }
    return largest;
}

/* Returns how many are discovered. */
static size_t e_bh_discover(e_bh_source *source, const void *from, size_t n, double alpha, uint32_t *work, uint8_t *discovered)
{
    double bar = log((double)n / alpha);
    size_t n_found = 0;
    for (size_t i = 0; i < n; i++)
        work[i] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = e_bh_rank(source(from, i), bar, n);
        if (k <= n)
            work[k - 1]++;
    }
    size_t largest = e_bh_largest(work, n);
    for (size_t i = 0; i < n; i++) {
        discovered[i] = e_bh_rank(source(from, i), bar, n) <= largest;
        n_found += discovered[i];
    }
    return n_found;
}

static double e_bh_number(const void *from, size_t i)
{
    return ((const double *)from)[i];
}

kedge_status kedge_e_bh(const double *log_e, size_t n, double alpha, uint32_t *work, uint8_t *discovered, size_t *n_discovered)
{
    if (!n_discovered || (n > 0 && (!log_e || !work || !discovered)))
        return KEDGE_ERR_NULL;
    if (!(alpha > 0.0 && alpha <= 1.0))
        return KEDGE_ERR_CONFIG;
    if (n > UINT32_MAX - 1)
        return KEDGE_ERR_SHAPE;
    for (size_t i = 0; i < n; i++)
        if (log_e[i] != log_e[i])
            return KEDGE_ERR_NOT_FINITE;
    *n_discovered = e_bh_discover(e_bh_number, log_e, n, alpha, work, discovered);
    return *n_discovered > 0 ? KEDGE_DRIFT : KEDGE_OK;
}

/* A fleet, and what its e-values are for. */
typedef struct e_bh_fleet {
    const kedge_fleet *fleet;
    uint64_t horizon;
} e_bh_fleet;

static double e_bh_stream(const void *from, size_t i)
{
    const e_bh_fleet *f = from;
    return f->fleet->cls->log_evidence(f->fleet->state, (uint32_t)i, f->horizon);
}

static kedge_status fleet_has_evidence(const kedge_fleet *f)
{
    if (!f || !f->cls || !f->state)
        return KEDGE_ERR_NULL;
    return f->cls->log_evidence ? KEDGE_OK : KEDGE_ERR_UNSUPPORTED;
}

kedge_status kedge_fleet_log_evidence(const kedge_fleet *f, uint64_t horizon, double *log_e, size_t n)
{
    KEDGE_TRY(fleet_has_evidence(f));
    if (!log_e)
        return KEDGE_ERR_NULL;
    if (n != f->cls->n_streams(f->state))
        return KEDGE_ERR_SHAPE;
    for (size_t i = 0; i < n; i++)
        log_e[i] = f->cls->log_evidence(f->state, (uint32_t)i, horizon);
    return KEDGE_OK;
}

kedge_status kedge_fleet_discover(const kedge_fleet *f, double alpha, uint64_t horizon, uint32_t *work, uint8_t *discovered,
                                  size_t *n_discovered)
{
    KEDGE_TRY(fleet_has_evidence(f));
    if (!work || !discovered || !n_discovered)
        return KEDGE_ERR_NULL;
    if (!(alpha > 0.0 && alpha <= 1.0))
        return KEDGE_ERR_CONFIG;
    const e_bh_fleet from = {f, horizon};
    *n_discovered = e_bh_discover(e_bh_stream, &from, f->cls->n_streams(f->state), alpha, work, discovered);
    return *n_discovered > 0 ? KEDGE_DRIFT : KEDGE_OK;
}
