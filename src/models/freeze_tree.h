/* SPDX-License-Identifier: MIT */
/* Freezing trees of one pool. */
#ifndef KEDGE_MODELS_FREEZE_TREE_H
#define KEDGE_MODELS_FREEZE_TREE_H

#include "models/freeze.h"
#include "models/tree_state.h"

/* Where the writer stands. */
typedef struct freeze_pen {
    const tree_state *tree;
    const freeze_block *block;
    uint32_t next_node;
    uint32_t next_double;
    uint32_t next_word;
} freeze_pen;

/* What leaves say. */
typedef struct freeze_leaves {
    void (*measure)(const tree_state *t, const tree_node *n, freeze_plan *plan);
    void (*write)(freeze_pen *p, const tree_node *n, frozen_node *out);
} freeze_leaves;

extern const freeze_leaves kedge_i_freeze_class_leaves;
extern const freeze_leaves kedge_i_freeze_value_leaves;

typedef struct freeze_trees {
    const tree_state *tree;
    const freeze_leaves *leaves;
    uint32_t kind;    /* KEDGE_FROZEN_TREE, _FOREST or _VALUES */
    uint32_t n_trees; /* 1 for a tree */
    uint32_t (*root)(const void *state, uint32_t i);
    double (*weight)(const void *state, uint32_t i);
    uint32_t shared; /* of one tree: scores sum to 1 even where its leaf is silent */
    double start;    /* of values: the answer if no tree has weight */
} freeze_trees;

kedge_status kedge_i_freeze_trees(const kedge_model_class *cls, const void *state, const freeze_trees *trees, void *buf, size_t cap,
                                  size_t *len);
/* One tree of classes, whose root is node 0. */
kedge_status kedge_i_freeze_tree_one(const kedge_model_class *cls, const tree_state *t, uint32_t shared, void *buf, size_t cap,
                                     size_t *len);

#endif
