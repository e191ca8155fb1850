/* SPDX-License-Identifier: MIT */
/* Permutations over pairs of rows: with the figures in a triangle, and each row's sum, dealing the rows out anew costs only the
 * pairs within the smaller sample. Let S be the sum within it, R the rows' sums over it, T the sum of all pairs: across is R - 2
 * S, the rest is T - S - across. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "shift/pairs.h"

#define PAIRS_ROWS_MAX 0x1fffffu /* their triangle is more than any scratch */
#define PAIRS_SLACK 1e-10        /* of a mean figure: sums of the same terms in another order count as equal */

/* Row i of the triangle holds the figures with rows 0 to i - 1. */
typedef struct pairs_table {
    double *triangle;
    double *sums;          /* of each row's figures */
    unsigned char *chosen; /* uint32_t[]: rows in the smaller sample, rising */
    size_t n_all;
    size_t n_chosen;
    double total;
} pairs_table;

static double *pairs_triangle_row(const pairs_table *t, size_t i)
{
    return t->triangle + (i > 0 ? i * (i - 1) / 2 : 0);
}

uint64_t kedge_i_pairs_scratch(const kedge_shift_config *cfg, uint64_t n_all)
{
    if (cfg->p_method == KEDGE_P_NONE)
        return 0;
    if (n_all > PAIRS_ROWS_MAX)
        return UINT64_MAX;
    return n_all + (n_all + 1) / 2 + n_all * (n_all - (n_all > 0)) / 2;
}

static pairs_table pairs_table_begin(const kedge_i_pooled *p, double *scratch)
{
    pairs_table t;
    t.n_all = p->n + p->m;
    t.n_chosen = p->n < p->m ? p->n : p->m;
    t.sums = scratch;
    t.chosen = (unsigned char *)(scratch + t.n_all);
    t.triangle = scratch + t.n_all + (t.n_all + 1) / 2;
    t.total = 0.0;
    return t;
}

/* The samples as they are; keeps the figures if there is a table. */
static kedge_i_pair_sums pairs_sum(const kedge_i_pairs *pairs, const kedge_i_pooled *p, pairs_table *t)
{
    kedge_i_pair_sums s = {(double)p->n, (double)p->m, 0.0, 0.0, 0.0};
    for (size_t i = 0; i < p->n + p->m; i++) {
        double from_reference = 0.0;
        double from_current = 0.0;
        for (size_t j = 0; j < i; j++) {
            double square = kedge_i_square_distance(kedge_i_pooled_row(p, i), kedge_i_pooled_row(p, j), p->n_columns);
            double figure = pairs->figure(square, pairs->width);
            *(j < p->n ? &from_reference : &from_current) += figure;
            if (t)
                pairs_triangle_row(t, i)[j] = figure;
        }
        *(i < p->n ? &s.reference : &s.across) += from_reference;
        s.current += from_current;
    }
    return s;
}

static void pairs_sum_rows(pairs_table *t)
{
    memset(t->sums, 0, t->n_all * sizeof *t->sums);
    for (size_t i = 0; i < t->n_all; i++) {
        const double *row = pairs_triangle_row(t, i);
        for (size_t j = 0; j < i; j++) {
            t->sums[i] += row[j];
            t->sums[j] += row[j];
            t->total += row[j];
        }
    }
}

static uint32_t pairs_chosen(const pairs_table *t, size_t k)
{
    uint32_t i;
    memcpy(&i, t->chosen + k * sizeof i, sizeof i);
    return i;
}

static void pairs_choose(pairs_table *t, kedge_rng *rng)
{
    kedge_i_choice_of choice = {(double)t->n_all, (double)t->n_chosen};
    size_t k = 0;
    for (uint32_t i = 0; i < t->n_all; i++) {
        if (kedge_i_choose(&choice, rng))
            memcpy(t->chosen + k++ * sizeof i, &i, sizeof i);
    }
}

/* One way to deal the rows out. */
static kedge_i_pair_sums pairs_deal(pairs_table *t, const kedge_i_pooled *p, kedge_rng *rng)
{
    double within = 0.0;
    double rows = 0.0;
    pairs_choose(t, rng);
    for (size_t a = 0; a < t->n_chosen; a++) {
        uint32_t i = pairs_chosen(t, a);
        const double *row = pairs_triangle_row(t, i);
        rows += t->sums[i];
        for (size_t b = 0; b < a; b++)
            within += row[pairs_chosen(t, b)];
    }
    double across = rows - 2.0 * within;
    double rest = t->total - within - across;
    if (p->n <= p->m)
        return (kedge_i_pair_sums){(double)p->n, (double)p->m, within, rest, across};
    return (kedge_i_pair_sums){(double)p->n, (double)p->m, rest, within, across};
}

kedge_i_pair_sums kedge_i_pairs_test(const kedge_shift_config *cfg, const kedge_i_pairs *pairs, const kedge_i_pooled *p,
                                     kedge_rng *rng, double *scratch, kedge_shift_result *out)
{
    pairs_table t = {0};
    int deals = cfg->p_method != KEDGE_P_NONE;
    if (deals) /* else there is no scratch for one */
        t = pairs_table_begin(p, scratch);
    kedge_i_pair_sums observed = pairs_sum(pairs, p, deals ? &t : NULL);
    double far = 1.0; /* the samples as they are */
    out->statistic = pairs->statistic(&observed);
    if (!deals)
        return observed;
    pairs_sum_rows(&t);
    double mean = t.total / (0.5 * (double)t.n_all * ((double)t.n_all - 1.0));
    for (uint32_t i = 0; i < cfg->n_resamples; i++) {
        kedge_i_pair_sums dealt = pairs_deal(&t, p, rng);
        far += pairs->statistic(&dealt) >= out->statistic - PAIRS_SLACK * mean ? 1.0 : 0.0;
    }
    out->p_value = far / (1.0 + (double)cfg->n_resamples);
    out->p_method = KEDGE_P_PERMUTATION;
    return observed;
}
