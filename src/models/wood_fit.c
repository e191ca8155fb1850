/* SPDX-License-Identifier: MIT */
/* Fits of random forests and CART: Breiman 2001; Breiman et al. 1984. */
#include "base/fp.h"

#include <string.h>

#include "models/wood_state.h"

typedef struct wood_plan {
    uint64_t sample, spare_sample, edges, bins, total, left, queue, n_bins, features, rows, order, spare, codes, bytes;
    uint64_t gains, node_values, leaf_values, renumbered, votes, n_votes, is_drawn;
} wood_plan;

static uint64_t wood_take(uint64_t *used, uint64_t n, uint64_t bytes)
{
    uint64_t at = *used;
    *used += kedge_i_round_up(n * bytes);
    return at;
}

static wood_plan wood_plan_work(const wood_state *s, size_t n_rows)
{
    wood_plan p;
    uint64_t used = 0;
    uint64_t features = s->model.n_features;
    uint64_t stride = (uint64_t)(s->model.n_classes > 0 ? s->model.n_classes : 1) + 2;
    uint64_t sample = n_rows < BIN_TABLE_SAMPLE ? n_rows : BIN_TABLE_SAMPLE;
    p.sample = wood_take(&used, sample, sizeof(double));
    p.spare_sample = wood_take(&used, sample, sizeof(double));
    p.edges = wood_take(&used, features * (s->n_bins - 1), sizeof(double));
    p.bins = wood_take(&used, stride * (s->n_bins + 1), sizeof(double));
    p.total = wood_take(&used, stride, sizeof(double));
    p.left = wood_take(&used, stride, sizeof(double));
    p.queue = wood_take(&used, 2 * (uint64_t)s->max_leaves, sizeof(wood_leaf));
    p.n_bins = wood_take(&used, features, sizeof(uint32_t));
    p.features = wood_take(&used, features, sizeof(uint32_t));
    p.rows = wood_take(&used, n_rows, sizeof(uint32_t));
    p.order = wood_take(&used, n_rows, sizeof(uint32_t));
    p.spare = wood_take(&used, n_rows, sizeof(uint32_t));
    p.codes = wood_take(&used, n_rows * features, 1);
    uint64_t prunes = s->ccp_alpha > 0.0;
    p.gains = wood_take(&used, prunes * (s->max_leaves - 1), sizeof(double));
    p.node_values = wood_take(&used, prunes * (s->max_leaves - 1) * (stride - 2), sizeof(double));
    p.leaf_values = wood_take(&used, prunes * s->max_leaves * (stride - 2), sizeof(double));
    p.renumbered = wood_take(&used, prunes * (s->max_leaves - 1), sizeof(uint32_t));
    p.votes = wood_take(&used, s->out_of_bag * n_rows * (stride - 2), sizeof(double));
    p.n_votes = wood_take(&used, s->out_of_bag * n_rows, sizeof(uint32_t));
    p.is_drawn = wood_take(&used, s->out_of_bag * n_rows, 1);
    p.bytes = n_rows <= 0x7FFFFFFF && used <= SIZE_MAX / 2 ? used : 0;
    return p;
}

size_t kedge_i_wood_work(const wood_state *s, size_t n_rows)
{
    return (size_t)wood_plan_work(s, n_rows).bytes;
}

static void wood_place(wood_job *f, const wood_plan *p, unsigned char *work)
{
    f->bins = (double *)(void *)(work + p->bins);
    f->total = (double *)(void *)(work + p->total);
    f->left = (double *)(void *)(work + p->left);
    f->queue = (wood_leaf *)(void *)(work + p->queue);
    f->rows = (uint32_t *)(void *)(work + p->rows);
    f->order = (uint32_t *)(void *)(work + p->order);
    f->spare = (uint32_t *)(void *)(work + p->spare);
    f->table.edges = (double *)(void *)(work + p->edges);
    f->table.n_bins = (uint32_t *)(void *)(work + p->n_bins);
    f->table.features = (uint32_t *)(void *)(work + p->features);
    f->table.codes = work + p->codes;
    f->gains = (double *)(void *)(work + p->gains);
    f->node_values = (double *)(void *)(work + p->node_values);
    f->leaf_values = (double *)(void *)(work + p->leaf_values);
    f->renumbered = (uint32_t *)(void *)(work + p->renumbered);
    f->votes = (double *)(void *)(work + p->votes);
    f->n_votes = (uint32_t *)(void *)(work + p->n_votes);
    f->is_drawn = work + p->is_drawn;
}

/* A tree's rows in ascending order, each as often as it was drawn. */
static void wood_draw(wood_job *f)
{
    size_t n = 0;
    memset(f->spare, 0, f->n_train * sizeof *f->spare);
    for (size_t i = 0; i < f->n_train; i++)
        f->spare[f->s->bootstrap ? (size_t)kedge_rng_below(&f->rng, f->n_train) : i]++;
    for (size_t i = 0; i < f->n_train; i++) {
        if (f->s->out_of_bag)
            f->is_drawn[i] = f->spare[i] > 0;
        for (uint32_t k = f->spare[i]; k > 0; k--)
            f->order[n++] = f->rows[i];
    }
}

/* Rows that weigh anything; the mean of their weights. */
static void wood_deal(wood_job *f)
{
    double sum = 0.0;
    for (size_t i = 0; i < f->table.x->n_rows; i++) {
        if (f->weight && f->weight[i] == 0.0)
            continue;
        sum += f->weight ? f->weight[i] : 1.0;
        f->rows[f->n_train++] = (uint32_t)i;
    }
    f->weight_mean = f->n_train > 0 ? sum / (double)f->n_train : 1.0;
}

/* Targets are taken from the first one on, in a power of 2 above the farthest, so that no scale of targets matters. */
static void wood_scale(wood_job *f)
{
    double most = 1e-280;
    int exponent;
    f->base = f->y[f->rows[0]];
    for (size_t i = 0; i < f->n_train; i++) {
        double off = fabs(f->y[f->rows[i]] - f->base);
        most = off > most ? off : most;
    }
    (void)frexp(most, &exponent);
    f->unit = ldexp(1.0, exponent);
    f->inverse_unit = 1.0 / f->unit;
}

static int wood_has_rows(const double *weight, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!weight || weight[i] > 0.0)
            return 1;
    return 0;
}

kedge_status kedge_i_wood_fit(wood_state *s, const kedge_rows *x, const double *y, const double *weight, void *work)
{
    wood_job f;
    wood_plan plan = wood_plan_work(s, x->n_rows);
    unsigned char *bytes = work;
    if (!wood_has_rows(weight, x->n_rows))
        return KEDGE_ERR_NUMERIC;
    memset(&f, 0, sizeof f);
    f.s = s;
    f.table.x = x;
    f.table.max_bins = s->n_bins;
    f.table.nominal = s->nominal;
    f.y = y;
    f.weight = weight;
    f.rng.state = s->seed;
    f.n_outputs = s->grove.width;
    f.stride = f.n_outputs + 2;
    wood_place(&f, &plan, work);
    wood_deal(&f);
    kedge_i_bin_table_fill(&f.table, f.rows, f.n_train, (double *)(void *)(bytes + plan.sample),
                           (double *)(void *)(bytes + plan.spare_sample));
    wood_scale(&f);
    kedge_i_grove_clear(s, &s->grove);
    if (s->out_of_bag) {
        memset(f.votes, 0, f.n_train * f.n_outputs * sizeof *f.votes);
        memset(f.n_votes, 0, f.n_train * sizeof *f.n_votes);
    }
    for (; s->grove.n_trees < s->n_trees; s->grove.n_trees++) {
        f.tree = kedge_i_grove_tree(s, &s->grove, s->grove.n_trees);
        wood_draw(&f);
        kedge_i_wood_grow(&f);
        if (s->ccp_alpha > 0.0)
            kedge_i_wood_prune(&f);
        if (s->out_of_bag)
            kedge_i_wood_vote(&f);
    }
    kedge_i_wood_judge(&f);
    s->model.n_learned = f.n_train;
    return KEDGE_OK;
}
