/* SPDX-License-Identifier: MIT */
/* Permutation tests (Fisher 1935, "The design of experiments", section 21): if nothing changed, all ways to deal the pooled values
 * out to the two samples are equally likely. The pooled values are sorted once; walking through them and throwing each to one side
 * gives sorted samples. At random each value goes to the reference with the chance of the places that are left there, so every way
 * is equally likely. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "shift/resample.h"

#define RESAMPLE_WORK 2e7     /* values that going through all ways may handle */
#define RESAMPLE_FEW_MAX 4472 /* N for which they are few at most: there are at least N ways */
#define RESAMPLE_SLACK 1e-12 /* relative: sums of the same terms in another order count as equal */

typedef struct resample_deal {
    kedge_shift_samples s; /* the two sides */
    double *pooled;        /* all values, rising */
    double *reference;     /* side by side: */
    double *current;
    unsigned char *to_current; /* of each pooled value */
    size_t n_all;
} resample_deal;

uint64_t kedge_i_resample_scratch(uint64_t n, uint64_t m)
{
    return 2 * (n + m) + (n + m + 7) / 8;
}

uint64_t kedge_i_resample_few_scratch(uint64_t n, uint64_t m)
{
    uint64_t all = n + m;
    return kedge_i_resample_scratch(all < RESAMPLE_FEW_MAX ? all : RESAMPLE_FEW_MAX, 0);
}

/* C(n + m, n), or what it has reached when it is too large. */
static double resample_ways(double n, double m)
{
    double ways = 1.0;
    double few = n < m ? n : m;
    for (double k = 1.0; k <= few && ways < RESAMPLE_WORK; k += 1.0)
        ways *= (n + m - few + k) / k;
    return ways;
}

int kedge_i_resample_few(const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    return resample_ways(n, m) * (n + m) <= RESAMPLE_WORK;
}

uint32_t kedge_i_p_method(const kedge_shift_config *cfg, const kedge_shift_samples *s, uint32_t large)
{
    if (cfg->p_method != KEDGE_P_AUTO)
        return cfg->p_method;
    return kedge_i_resample_few(s) ? KEDGE_P_EXACT : large;
}

static void resample_pool(const kedge_shift_samples *s, double *pooled)
{
    size_t i = 0;
    size_t j = 0;
    for (size_t k = 0; k < s->n_reference + s->n_current; k++)
        pooled[k] =
            j >= s->n_current || (i < s->n_reference && s->reference[i] <= s->current[j]) ? s->reference[i++] : s->current[j++];
}

static void resample_begin(const kedge_shift_samples *s, double *scratch, resample_deal *deal)
{
    deal->n_all = s->n_reference + s->n_current;
    deal->pooled = scratch;
    deal->reference = scratch + deal->n_all;
    deal->current = deal->reference + s->n_reference;
    deal->to_current = (unsigned char *)(deal->current + s->n_current);
    deal->s = *s;
    deal->s.reference = deal->reference;
    deal->s.current = deal->current;
    resample_pool(s, deal->pooled);
    for (size_t k = 0; k < deal->n_all; k++)
        deal->to_current[k] = k >= s->n_reference;
}

static void resample_deal_out(resample_deal *deal)
{
    double *side[2] = {deal->reference, deal->current};
    for (size_t k = 0; k < deal->n_all; k++)
        *side[deal->to_current[k]]++ = deal->pooled[k];
}

/* The next arrangement of the marks in rising order, 0 after the last. */
static int resample_next(unsigned char *mark, size_t n)
{
    size_t ones = 0;
    size_t k = n - 1;
    for (; k > 0 && !(mark[k - 1] == 0 && mark[k] == 1); k--)
        ones += mark[k]; /* behind the last 0 1 all ones stand before all zeros */
    if (k == 0)
        return 0;
    mark[k - 1] = 1;
    mark[k] = 0;
    memset(mark + k + 1, 0, n - k - 1);
    memset(mark + n - ones, 1, ones);
    return 1;
}

/* Each value is written to both sides, and stays on one: no branch that nobody can foresee. Once the current side is full, the
 * place behind it is that of the first marks, which random deals do not use. */
static void resample_draw(resample_deal *deal, kedge_rng *rng)
{
    size_t n_left = deal->s.n_reference;
    double left = (double)deal->n_all;
    double *x = deal->reference;
    double *y = deal->current;
    const double *from = deal->pooled;
    for (; n_left > 0; left -= 1.0) {
        size_t to_reference = kedge_rng_uniform(rng) * left < (double)n_left;
        *x = *y = *from++;
        x += to_reference;
        y += 1 - to_reference;
        n_left -= to_reference;
    }
    memcpy(y, from, (size_t)(deal->pooled + deal->n_all - from) * sizeof *y);
}

static void resample_all(const void *config, resample_deal *deal, kedge_i_statistic statistic, double limit,
                         kedge_shift_result *out)
{
    double ways = 0.0;
    double far = 0.0;
    double sum = 0.0;
    do {
        resample_deal_out(deal);
        double t = statistic(config, &deal->s);
        ways += 1.0;
        far += t >= limit ? 1.0 : 0.0;
        sum += t;
    } while (resample_next(deal->to_current, deal->n_all));
    out->p_value = far / ways;
    out->expected = sum / ways;
}

static void resample_some(const kedge_shift_config *cfg, resample_deal *deal, kedge_i_statistic statistic, double limit,
                          kedge_shift_result *out)
{
    kedge_rng rng = {cfg->seed};
    double far = 1.0; /* the samples as they are */
    double sum = 0.0;
    for (uint32_t i = 0; i < cfg->n_resamples; i++) {
        resample_draw(deal, &rng);
        double t = statistic(cfg, &deal->s);
        far += t >= limit ? 1.0 : 0.0;
        sum += t;
    }
    out->p_value = far / (1.0 + (double)cfg->n_resamples);
    out->expected = sum / (double)cfg->n_resamples;
}

kedge_status kedge_i_resample(const kedge_shift_config *cfg, const kedge_shift_samples *s, kedge_i_statistic statistic,
                              double observed, uint32_t p_method, double *scratch, kedge_shift_result *out)
{
    resample_deal deal;
    double limit = observed - RESAMPLE_SLACK * fabs(observed);
    if (p_method == KEDGE_P_EXACT && !kedge_i_resample_few(s))
        return KEDGE_ERR_UNSUPPORTED;
    resample_begin(s, scratch, &deal);
    if (p_method == KEDGE_P_EXACT)
        resample_all(cfg, &deal, statistic, limit, out);
    else
        resample_some(cfg, &deal, statistic, limit, out);
    out->p_method = p_method;
    return KEDGE_OK;
}

uint64_t kedge_i_resample_only_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    (void)n_columns;
    return ((const kedge_shift_config *)config)->p_method == KEDGE_P_NONE ? 0 : kedge_i_resample_scratch(n, m);
}

kedge_status kedge_i_resample_only(const void *config, const kedge_shift_samples *s, kedge_i_statistic statistic, double *scratch,
                                   kedge_shift_result *out)
{
    const kedge_shift_config *cfg = config;
    if (cfg->p_method == KEDGE_P_NONE)
        return KEDGE_OK;
    return kedge_i_resample(cfg, s, statistic, out->statistic, kedge_i_p_method(cfg, s, KEDGE_P_PERMUTATION), scratch, out);
}
