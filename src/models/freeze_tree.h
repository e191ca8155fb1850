/* SPDX-License-Identifier: MIT */
/* Freezing trees of one pool. */
#ifndef KEDGE_MODELS_FREEZE_TREE_H
#define KEDGE_MODELS_FREEZE_TREE_H

#include "models/freeze.h"
#include "models/tree_state.h"

typedef struct freeze_trees {
    const tree_state *tree;
    uint32_t kind;    /* KEDGE_FROZEN_TREE or _FOREST */
    uint32_t n_trees; /* 1 for a tree */
    uint32_t (*root)(const void *state, uint32_t i);
    double (*weight)(const void *state, uint32_t i);
} freeze_trees;

kedge_status kedge_i_freeze_trees(const kedge_model_class *cls, const void *state, const freeze_trees *trees, void *buf, size_t cap,
                                  size_t *len);

#endif
