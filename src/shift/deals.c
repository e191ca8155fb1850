/* SPDX-License-Identifier: MIT */
/* Permutations of sums of vectors. Only the smaller sample is summed; the other one is what is missing to the total. */
#include "base/fp.h"

#include <string.h>

#include "shift/deals.h"
#include "shift/pooled.h"

static uint64_t deals_count(const kedge_shift_config *cfg)
{
    return cfg->p_method == KEDGE_P_NONE ? 0 : cfg->n_resamples;
}

uint64_t kedge_i_deals_scratch(const kedge_shift_config *cfg, uint64_t n_numbers)
{
    return (3 + deals_count(cfg)) * n_numbers + 2 * deals_count(cfg);
}

static int deals_smaller(const kedge_i_deals *d)
{
    return d->n_rows[1] < d->n_rows[0];
}

kedge_i_deals kedge_i_deals_begin(const kedge_shift_config *cfg, size_t n, size_t m, size_t n_numbers, kedge_rng *rng,
                                  double *scratch)
{
    kedge_i_deals d;
    d.n_numbers = n_numbers;
    d.n_rows[0] = n;
    d.n_rows[1] = m;
    d.n_left = n + m;
    d.n_deals = (uint32_t)deals_count(cfg);
    d.total = scratch;
    d.other = d.total + n_numbers;
    d.sums = d.other + n_numbers;
    d.open = d.sums + (1 + (size_t)d.n_deals) * n_numbers;
    d.rngs = (unsigned char *)(d.open + d.n_deals);
    memset(scratch, 0, (3 + (size_t)d.n_deals) * n_numbers * sizeof *scratch);
    for (size_t i = 0; i < d.n_deals; i++) {
        kedge_rng own = {kedge_rng_next(rng)};
        memcpy(d.rngs + i * sizeof own, &own, sizeof own);
        d.open[i] = (double)d.n_rows[deals_smaller(&d)];
    }
    return d;
}

static void deals_sum(double *to, const double *vector, size_t n)
{
    for (size_t k = 0; k < n; k++)
        to[k] += vector[k];
}

void kedge_i_deals_add(kedge_i_deals *d, const double *vector, int is_current)
{
    deals_sum(d->total, vector, d->n_numbers);
    if (is_current == deals_smaller(d))
        deals_sum(d->sums, vector, d->n_numbers);
    for (size_t i = 0; i < d->n_deals; i++) {
        kedge_i_choice_of choice = {(double)d->n_left, d->open[i]};
        kedge_rng rng;
        memcpy(&rng, d->rngs + i * sizeof rng, sizeof rng);
        if (kedge_i_choose(&choice, &rng))
            deals_sum(d->sums + (1 + i) * d->n_numbers, vector, d->n_numbers);
        d->open[i] = choice.open;
        memcpy(d->rngs + i * sizeof rng, &rng, sizeof rng);
    }
    d->n_left--;
}

/* The i-th deal's statistic; 0 is the samples as they are. */
static double deals_statistic(kedge_i_deals *d, size_t i, kedge_i_deals_statistic statistic, const void *context)
{
    const double *sums = d->sums + i * d->n_numbers;
    for (size_t k = 0; k < d->n_numbers; k++)
        d->other[k] = d->total[k] - sums[k];
    return deals_smaller(d) ? statistic(context, d->other, sums) : statistic(context, sums, d->other);
}

void kedge_i_deals_test(const kedge_shift_config *cfg, kedge_i_deals *d, kedge_i_deals_statistic statistic, const void *context,
                        double slack, kedge_shift_result *out)
{
    double far = 1.0; /* the samples as they are */
    double sum = 0.0;
    out->statistic = deals_statistic(d, 0, statistic, context);
    if (cfg->p_method == KEDGE_P_NONE)
        return;
    for (size_t i = 1; i <= d->n_deals; i++) {
        double t = deals_statistic(d, i, statistic, context);
        far += t >= out->statistic - slack ? 1.0 : 0.0;
        sum += t;
    }
    out->expected = sum / (double)d->n_deals;
    out->p_value = far / (1.0 + (double)d->n_deals);
    out->p_method = KEDGE_P_PERMUTATION;
}
