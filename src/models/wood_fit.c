/* SPDX-License-Identifier: MIT */
/* Growth of random forests and CART, level by level, on bins: Breiman 2001; Breiman et al. 1984. */
#include "base/fp.h"

#include <string.h>

#include "models/wood_state.h"

typedef struct wood_plan {
    uint64_t sample, spare_sample, edges, bins, total, left, queue, n_bins, features, rows, order, spare, codes, bytes;
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
}

static void wood_sum_leaf(const wood_job *f, const wood_leaf *leaf)
{
    memset(f->total, 0, f->stride * sizeof *f->total);
    for (size_t i = 0; i < leaf->n; i++)
        wood_add(f, f->total, f->order[leaf->first + i]);
}

/* Are all rows of one class, or all targets one? */
static int wood_is_pure(const wood_job *f, const wood_leaf *leaf)
{
    for (size_t i = 1; i < leaf->n; i++)
        if (f->y[f->order[leaf->first + i]] != f->y[f->order[leaf->first]])
            return 0;
    return 1;
}

static int wood_goes_left(const wood_job *f, const wood_split *split, uint8_t code)
{
    if (code == f->table.n_bins[split->feature])
        return split->missing_left != 0;
    return grove_has(f->s->nominal, split->feature) ? (int)(split->set[code / 64] >> code % 64 & 1) : code <= split->bin;
}

/* Rows of the left child to the front, both in their order. */
static void wood_part(const wood_job *f, const wood_leaf *leaf, const wood_split *split)
{
    const uint8_t *codes = bin_table_column(&f->table, split->feature);
    uint32_t *rows = f->order + leaf->first;
    size_t n_left = 0;
    size_t n_right = 0;
    for (size_t i = 0; i < leaf->n; i++) {
        uint32_t row = rows[i];
        if (wood_goes_left(f, split, codes[row]))
            rows[n_left++] = row;
        else
            f->spare[n_right++] = row;
    }
    memcpy(rows + n_left, f->spare, n_right * sizeof *rows);
}

/* Writes a child into its parent. */
static void wood_link(wood_job *f, const wood_leaf *leaf, uint32_t child)
{
    uint32_t *children = &f->tree.nodes[2 * (size_t)leaf->node + 1];
    if (leaf->depth == 0)
        return;
    *children = leaf->is_left ? (*children & 0xFFFF0000u) | child : (*children & 0xFFFFu) | child << 16;
}

static void wood_write_node(wood_job *f, const wood_split *split, uint32_t node)
{
    int is_nominal = grove_has(f->s->nominal, split->feature);
    uint32_t n_bins = f->table.n_bins[split->feature];
    f->tree.nodes[2 * (size_t)node] = split->feature | (is_nominal ? GROVE_NOMINAL : 0u) | (split->missing_left ? GROVE_MISSING_LEFT : 0u);
    f->tree.thresholds[node] = is_nominal ? 0.0 : split->bin + 1 < n_bins ? bin_table_edge(&f->table, split->feature, split->bin) : DBL_MAX;
    for (uint32_t i = 0; is_nominal && i < GROVE_SET; i++)
        f->tree.sets[node * GROVE_SET + i] = (uint32_t)(split->set[i / 2] >> i % 2 * 32);
}

/* A leaf's shares of classes, or its mean target. */
static void wood_write_leaf(wood_job *f, uint32_t leaf)
{
    double *values = f->tree.values + (size_t)leaf * f->n_outputs;
    double sum = 0.0;
    for (uint32_t k = 0; k < f->n_outputs; k++)
        sum += f->s->model.n_classes > 0 ? f->total[2 + k] : 0.0;
    if (f->s->model.n_classes == 0)
        values[0] = f->base + f->unit * (f->total[2] / wood_divisor(f->total[0]));
    for (uint32_t k = 0; k < f->n_outputs && f->s->model.n_classes > 0; k++)
        values[k] = sum > WOOD_WEIGHT_MIN ? f->total[2 + k] / wood_divisor(sum) : 1.0 / f->n_outputs; /* no weight says nothing */
}

static void wood_push_children(wood_job *f, const wood_leaf *leaf, const wood_split *split, uint32_t node, wood_leaf *to)
{
    wood_leaf left = {leaf->first, split->n_left, leaf->depth + 1, node, 1, 0};
    wood_leaf right = {leaf->first + split->n_left, leaf->n - split->n_left, leaf->depth + 1, node, 0, 0};
    wood_part(f, leaf, split);
    to[0] = left;
    to[1] = right;
}

/* Level by level, while there is room for leaves. */
static void wood_grow(wood_job *f)
{
    uint32_t n_queue = 1;
    uint32_t n_nodes = 0;
    uint32_t n_leaves = 0;
    wood_leaf root = {0, f->n_train, 0, 0, 0, 0};
    f->queue[0] = root;
    for (uint32_t i = 0; i < n_queue; i++) {
        const wood_leaf *leaf = &f->queue[i];
        wood_split split = {0};
        wood_sum_leaf(f, leaf);
        if (n_nodes + 2 <= f->s->max_leaves && leaf->depth < f->s->max_depth && leaf->n >= 2 * (size_t)f->s->min_rows && !wood_is_pure(f, leaf))
            split = kedge_i_wood_find(f, leaf);
        if (split.gain > 0.0) {
            wood_link(f, leaf, n_nodes);
            wood_write_node(f, &split, n_nodes);
            wood_push_children(f, leaf, &split, n_nodes, &f->queue[n_queue]);
            n_queue += 2;
            n_nodes++;
        } else {
            wood_link(f, leaf, GROVE_LEAF + n_leaves);
            wood_write_leaf(f, n_leaves++);
        }
    }
    *f->tree.n_leaves = n_leaves;
}

/* A tree's rows in ascending order, each as often as it was drawn. */
static void wood_draw(wood_job *f)
{
    size_t n = 0;
    memset(f->spare, 0, f->n_train * sizeof *f->spare);
    for (size_t i = 0; i < f->n_train; i++)
        f->spare[f->s->bootstrap ? (size_t)kedge_rng_below(&f->rng, f->n_train) : i]++;
    for (size_t i = 0; i < f->n_train; i++)
        for (uint32_t k = f->spare[i]; k > 0; k--)
            f->order[n++] = f->rows[i];
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
    kedge_i_bin_table_fill(&f.table, f.rows, f.n_train, (double *)(void *)(bytes + plan.sample), (double *)(void *)(bytes + plan.spare_sample));
    wood_scale(&f);
    kedge_i_grove_clear(s, &s->grove);
    for (; s->grove.n_trees < s->n_trees; s->grove.n_trees++) {
        f.tree = kedge_i_grove_tree(s, &s->grove, s->grove.n_trees);
        wood_draw(&f);
        wood_grow(&f);
    }
    s->model.n_learned = f.n_train;
    return KEDGE_OK;
}
