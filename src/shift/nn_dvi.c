/* SPDX-License-Identifier: MIT */
/* NN-DVI (Liu, Song, Zhang, Lu 2018, "Accumulating regional density dissimilarity for concept drift detection in data streams",
 * Pattern Recognition 76): each row spreads itself over its nearest neighbours and itself (section 3.2, nearest-neighbour-based
 * data space partition), each sample so has a weight at each row, and the distance is the mean over the rows of the difference of
 * both weights over their sum (definition 8, d_nnps). Weights are those of shares, so that samples of any two sizes can be
 * compared.
 *
 * The paper fits a normal distribution to shuffled distances and reads its tail; here the shuffled ones are counted. Rows at the
 * same distance are taken in the order of lots: by their number, which a sample's rows have in common, samples of few values would
 * differ without a change. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/shift.h"

#include "base/number.h"
#include "shift/draws.h"
#include "shift/pooled.h"

enum { NN_DVI_NEIGHBOURS_MAX = 1000, NN_DVI_COLUMNS_MAX = 1000, NN_DVI_ROWS_MAX = 1 << 16, NN_DVI_LEAST = 1 };

static void nn_dvi_defaults(void *config)
{
    kedge_nn_dvi_config *c = config;
    c->n_neighbours = 30;
    c->standardise = 1;
}

static int nn_dvi_valid(const void *config)
{
    const kedge_nn_dvi_config *c = config;
    return kedge_i_u32_within(c->n_neighbours, 1, NN_DVI_NEIGHBOURS_MAX) && c->standardise <= 1;
}

typedef struct nn_dvi {
    const kedge_i_pooled *p;
    double *neighbours; /* n_near of each row */
    double *lots;       /* of each row */
    double *gaps;       /* n_near: squared distances of the nearest so far */
    double *total;      /* weight of both samples at each row */
    double *before;     /* of the reference */
    size_t n_near;
} nn_dvi;

static uint64_t nn_dvi_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    const kedge_nn_dvi_config *c = config;
    if (n + m > NN_DVI_ROWS_MAX)
        return UINT64_MAX;
    return (n + m) * (n_columns + c->n_neighbours + 3) + c->n_neighbours;
}

/* Is row a, at a squared distance, nearer than row b? */
static int nn_dvi_is_nearer(const nn_dvi *t, double gap, size_t a, double other, double b)
{
    return gap < other || (gap == other && t->lots[a] < t->lots[(size_t)b]);
}

static void nn_dvi_find(nn_dvi *t, size_t row)
{
    double *near = t->neighbours + row * t->n_near;
    size_t held = 0;
    for (size_t i = 0; i < t->p->n + t->p->m; i++) {
        if (i == row)
            continue;
        double gap = kedge_i_square_distance(kedge_i_pooled_row(t->p, row), kedge_i_pooled_row(t->p, i), t->p->n_columns);
        if (held == t->n_near && !nn_dvi_is_nearer(t, gap, i, t->gaps[held - 1], near[held - 1]))
            continue;
        size_t at = held < t->n_near ? held++ : held - 1;
        for (; at > 0 && nn_dvi_is_nearer(t, gap, i, t->gaps[at - 1], near[at - 1]); at--) {
            t->gaps[at] = t->gaps[at - 1];
            near[at] = near[at - 1];
        }
        t->gaps[at] = gap;
        near[at] = (double)i;
    }
}

/* Spreads a row over its neighbours and itself. */
static void nn_dvi_spread(const nn_dvi *t, size_t row, double *weights)
{
    const double *near = t->neighbours + row * t->n_near;
    weights[row] += 1.0;
    for (size_t k = 0; k < t->n_near; k++)
        weights[(size_t)near[k]] += 1.0;
}

/* Definition 8, over both samples. */
static double nn_dvi_distance(const nn_dvi *t)
{
    size_t n_all = t->p->n + t->p->m;
    double sum = 0.0;
    for (size_t i = 0; i < n_all; i++) { /* each row is its own neighbour: no weight is 0 */
        double p = t->before[i] / (double)t->p->n;
        double q = (t->total[i] - t->before[i]) / (double)t->p->m;
        sum += fabs(p - q) / (p + q);
    }
    return sum / (double)n_all;
}

static double nn_dvi_draw(void *context, kedge_rng *rng)
{
    nn_dvi *t = context;
    size_t n_all = t->p->n + t->p->m;
    kedge_i_choice_of choice = {(double)n_all, (double)t->p->n};
    memset(t->before, 0, n_all * sizeof *t->before);
    for (size_t i = 0; i < n_all; i++)
        if (kedge_i_choose(&choice, rng))
            nn_dvi_spread(t, i, t->before);
    return nn_dvi_distance(t);
}

static int nn_dvi_is_one_point(const kedge_i_pooled *p)
{
    for (size_t i = 1; i < p->n + p->m; i++)
        if (kedge_i_square_distance(kedge_i_pooled_row(p, 0), kedge_i_pooled_row(p, i), p->n_columns) > 0.0)
            return 0;
    return 1;
}

/* At most half of the other rows: where all are neighbours, nothing differs. */
static size_t nn_dvi_n_near(const kedge_nn_dvi_config *c, size_t n_all)
{
    size_t half = n_all > 3 ? (n_all - 1) / 2 : 1;
    return c->n_neighbours < half ? c->n_neighbours : half;
}

static nn_dvi nn_dvi_begin(const kedge_nn_dvi_config *c, const kedge_i_pooled *p, double *scratch)
{
    nn_dvi t;
    size_t n_all = p->n + p->m;
    t.p = p;
    t.n_near = nn_dvi_n_near(c, n_all);
    t.neighbours = scratch;
    t.lots = t.neighbours + n_all * c->n_neighbours;
    t.total = t.lots + n_all;
    t.before = t.total + n_all;
    t.gaps = t.before + n_all;
    memset(t.total, 0, 2 * n_all * sizeof *t.total);
    for (size_t i = 0; i < n_all; i++)
        t.lots[i] = kedge_i_draws_lot(c->base.seed, i);
    for (size_t i = 0; i < n_all; i++) {
        nn_dvi_find(&t, i);
        nn_dvi_spread(&t, i, t.total);
        if (i < p->n)
            nn_dvi_spread(&t, i, t.before);
    }
    return t;
}

/* Nothing but copies of one row has no neighbours that tell anything. */
static void nn_dvi_none(const kedge_nn_dvi_config *c, kedge_shift_result *out)
{
    out->statistic = out->effect = 0.0;
    if (c->base.p_method == KEDGE_P_NONE)
        return;
    out->expected = 0.0;
    out->p_value = 1.0;
    out->p_method = KEDGE_P_PERMUTATION;
}

static kedge_status nn_dvi_compare(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                                   kedge_shift_result *out)
{
    const kedge_nn_dvi_config *c = config;
    kedge_rng rng = {c->base.seed};
    kedge_i_pooled p;
    kedge_status st = kedge_i_pooled_gather(&c->base, reference, current, NN_DVI_LEAST, scratch, &p, out);
    if (st != KEDGE_OK)
        return st;
    if (c->standardise)
        kedge_i_pooled_standardise(&p);
    if (nn_dvi_is_one_point(&p)) {
        nn_dvi_none(c, out);
        return KEDGE_OK;
    }
    nn_dvi t = nn_dvi_begin(c, &p, scratch + (reference->n_rows + current->n_rows) * p.n_columns);
    out->statistic = out->effect = nn_dvi_distance(&t);
    kedge_i_draws_test(&c->base, nn_dvi_draw, &t, &rng, out);
    return KEDGE_OK;
}

const kedge_shift_class kedge_nn_dvi = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_nn_dvi_config),
    .name = "nn_dvi",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = 1u << KEDGE_P_AUTO | 1u << KEDGE_P_PERMUTATION | 1u << KEDGE_P_NONE,
    .max_columns = NN_DVI_COLUMNS_MAX,
    .defaults = nn_dvi_defaults,
    .valid = nn_dvi_valid,
    .scratch = nn_dvi_scratch,
    .rows = nn_dvi_compare,
};
