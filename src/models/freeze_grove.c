/* SPDX-License-Identifier: MIT */
/* Freezing random forests and gradient boosting: the trees without the room that they did not grow into. */
#include "base/fp.h"

#include <string.h>

#include "models/freeze_grove.h"
#include "models/frozen_grove.h"

#include "base/check.h"

static const uint32_t *freeze_grove_leaves(const void *state, const grove *g)
{
    return kedge_i_at_const(state, g->at_leaves);
}

/* The two words of each node of a tree. */
static const uint32_t *freeze_grove_nodes(const void *state, const grove *g, uint32_t tree)
{
    return (const uint32_t *)kedge_i_at_const(state, g->at_nodes) + 2 * (size_t)tree * (g->max_leaves - 1);
}

static uint64_t freeze_grove_n_nominal(const void *state, const grove *g)
{
    const uint32_t *leaves = freeze_grove_leaves(state, g);
    uint64_t n = 0;
    for (uint32_t t = 0; t < g->n_trees && g->n_sets > 0; t++)
        for (uint32_t i = 0; i + 1 < leaves[t]; i++)
            n += (freeze_grove_nodes(state, g, t)[2 * (size_t)i] & GROVE_NOMINAL) != 0;
    return n;
}

/* Nodes of a tree, and their sets from words[*next] on. */
static void freeze_grove_tree(const void *state, const grove *g, uint32_t tree, frozen_node *to, uint32_t *words, uint32_t *next)
{
    size_t first = (size_t)tree * (g->max_leaves - 1);
    const uint32_t *nodes = freeze_grove_nodes(state, g, tree);
    const double *thresholds = (const double *)kedge_i_at_const(state, g->at_thresholds) + first;
    const uint32_t *sets = kedge_i_at_const(state, g->at_sets);
    for (uint32_t i = 0; i + 1 < freeze_grove_leaves(state, g)[tree]; i++) {
        to[i].what = nodes[2 * (size_t)i];
        to[i].child = nodes[2 * (size_t)i + 1];
        to[i].threshold = thresholds[i];
        if ((to[i].what & GROVE_NOMINAL) == 0)
            continue;
        to[i].threshold = *next;
        memcpy(words + *next, sets + (first + i) * GROVE_SET, GROVE_SET * sizeof *words);
        *next += GROVE_SET;
    }
}

kedge_status kedge_i_freeze_grove(const kedge_model_class *cls, const void *state, const grove *g, const double *bases, void *buf,
                                  size_t cap, size_t *len)
{
    const uint32_t *leaves = freeze_grove_leaves(state, g);
    const double *values = kedge_i_at_const(state, g->at_values);
    uint64_t n_leaves = kedge_i_grove_count(state, g);
    uint32_t ahead = frozen_grove_ahead(((const kedge_model_state *)state)->n_classes, bases != NULL);
    freeze_plan plan = {KEDGE_FROZEN_GROVE,
                        0,
                        ahead + n_leaves * g->width,
                        g->n_trees + 1u + GROVE_SET * freeze_grove_n_nominal(state, g),
                        0,
                        0,
                        0};
    freeze_block b;
    if (n_leaves > UINT32_MAX)
        return KEDGE_ERR_UNSUPPORTED;
    plan.n_nodes = (uint32_t)n_leaves - g->n_trees;
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    b.head->params[FROZEN_GROVE_TREES] = g->n_trees;
    b.head->params[FROZEN_GROVE_CODES] = g->n_codes;
    b.head->params[FROZEN_GROVE_SUMS] = bases != NULL;
    if (bases)
        memcpy(b.doubles, bases, ahead * sizeof *bases);
    uint32_t next = g->n_trees + 1;
    for (uint32_t t = 0; t < g->n_trees; t++) {
        uint32_t before = b.words[t];
        freeze_grove_tree(state, g, t, b.nodes + (before - t), b.words, &next);
        memcpy(b.doubles + ahead + (size_t)before * g->width, values + (size_t)t * g->max_leaves * g->width,
               (size_t)leaves[t] * g->width * sizeof *values);
        b.words[t + 1] = before + leaves[t];
    }
    return kedge_i_freeze_end(&b);
}
