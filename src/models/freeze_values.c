/* SPDX-License-Identifier: MIT */
/* Freezing regression trees: a leaf's value, or of its linear function the features that add something; see regress_head.h. */
#include "base/fp.h"

#include "models/freeze_tree.h"
#include "models/frozen_tree.h"
#include "models/regress_tree.h"

#include "models/regress_head.h"

/* NULL: the leaf says one value. */
static const double *freeze_linear_head(const tree_state *t, const tree_node *n)
{
    if (!tree_has_block(n))
        return NULL;
    const double *head = tree_block_const(t, &t->pool, n) + REGRESS_HEAD;
    return head[HEAD_WEIGHT] > 0.0 && head_is_linear(t, head) ? head : NULL;
}

static const double *freeze_input(const double *head, uint32_t i)
{
    return head + HEAD_INPUTS + (size_t)i * INPUT_WORDS;
}

static int freeze_adds(const tree_state *t, const double *head, uint32_t i)
{
    return !tree_is_nominal(t, i) && freeze_input(head, i)[INPUT_SLOPE] != 0.0;
}

static uint32_t freeze_n_adding(const tree_state *t, const double *head)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->model.n_features; i++)
        n += (uint32_t)freeze_adds(t, head, i);
    return n;
}

static void freeze_measure_value(const tree_state *t, const tree_node *n, freeze_plan *plan)
{
    const double *head = freeze_linear_head(t, n);
    uint32_t n_adding = head ? freeze_n_adding(t, head) : 0;
    plan->n_doubles += head ? FROZEN_SLOPE_FIRST + FROZEN_SLOPE_WORDS * (uint64_t)n_adding : 1;
    plan->n_words += head ? 1u + n_adding : 0;
}

static double freeze_within(double x, double low, double high)
{
    x = x < high ? x : high;
    return x > low ? x : low;
}

/* As regress_say() for a leaf without a linear function. */
static double freeze_value(const tree_state *t, const tree_node *n)
{
    if (!tree_has_block(n))
        return n->threshold;
    const double *head = tree_block_const(t, &t->pool, n) + REGRESS_HEAD;
    return head[HEAD_WEIGHT] > 0.0 ? freeze_within(head[HEAD_MEAN], -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX) : n->threshold;
}

static void freeze_slopes(freeze_pen *p, const double *head)
{
    const tree_state *t = p->tree;
    double *to = p->block->doubles + p->next_double;
    uint32_t *words = p->block->words + p->next_word;
    double wide = HEAD_WIDEN * (head[HEAD_HIGH] - head[HEAD_LOW]);
    to[FROZEN_MIDDLE] = head[HEAD_BIAS];
    to[FROZEN_LEAST] = freeze_within(head[HEAD_LOW] - wide, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX);
    to[FROZEN_GREATEST] = freeze_within(head[HEAD_HIGH] + wide, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX);
    to += FROZEN_SLOPE_FIRST;
    for (uint32_t i = 0; i < t->model.n_features; i++) {
        if (!freeze_adds(t, head, i))
            continue;
        words[++words[0]] = i; /* the block was all 0 */
        to[0] = freeze_input(head, i)[INPUT_MEAN];
        to[1] = freeze_input(head, i)[INPUT_UNIT];
        to[2] = freeze_input(head, i)[INPUT_SLOPE];
        to += FROZEN_SLOPE_WORDS;
    }
    p->next_word += 1 + words[0];
    p->next_double += FROZEN_SLOPE_FIRST + FROZEN_SLOPE_WORDS * words[0];
}

static void freeze_value_leaf(freeze_pen *p, const tree_node *n, frozen_node *out)
{
    const double *head = freeze_linear_head(p->tree, n);
    out->what = FROZEN_LEAF | (head ? (uint32_t)FROZEN_SLOPES << 16 : 0u);
    out->child = p->next_double;
    out->threshold = head ? p->next_word : 0;
    if (head)
        freeze_slopes(p, head);
    else
        p->block->doubles[p->next_double++] = freeze_value(p->tree, n);
}

const freeze_leaves kedge_i_freeze_value_leaves = {freeze_measure_value, freeze_value_leaf};
