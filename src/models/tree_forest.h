/* SPDX-License-Identifier: MIT */
/* What adaptive random forests of both kinds, classification and regression, have in common: members in one pool, the Poisson draws
 * that make them differ, and two ADWIN detectors for each, of which the first begins a tree in the background and the second puts
 * it in the member's place. Papers: adaptive_forest.c, forest_reg.c. How good a member is, each kind notes in numbers of its
 * own. */
#ifndef KEDGE_MODELS_TREE_FOREST_H
#define KEDGE_MODELS_TREE_FOREST_H

#include "models/poisson.h"
#include "models/tree_state.h"

enum { FOREST_REVIEW = 1024, FOREST_MEMORY = 1024 * 1024, FOREST_BLOCKS = 4 };

typedef struct forest_member {
    uint32_t root;
    uint32_t background; /* root of the tree that may replace it; TREE_NONE: there is none */
} forest_member;

typedef struct forest {
    tree_state tree;
    double lambda;
    double warning_delta;
    double drift_delta;
    double none_share;       /* layout: e^-lambda */
    uint32_t n_trees;
    uint32_t n_roots;        /* layout: numbers in the members */
    uint32_t at_members;     /* layout: forest_member[n_trees] */
    uint32_t at_detectors;   /* layout: of each tree the detectors of warning and drift */
    uint32_t detector_bytes; /* layout: of each */
    uint32_t n_detectors;    /* layout; behind detector_bytes: see KEDGE_PARTS */
} forest;

#define FOREST_PARAMS(type)                                                                       \
    KEDGE_PARAM(type, lambda, KEDGE_TYPE_F64), KEDGE_PARAM(type, warning_delta, KEDGE_TYPE_F64),    \
        KEDGE_PARAM(type, drift_delta, KEDGE_TYPE_F64), KEDGE_PARAM(type, n_trees, KEDGE_TYPE_U32)

static inline forest_member *forest_members(forest *f)
{
    return kedge_i_at(f, f->at_members);
}

static inline const forest_member *forest_members_const(const forest *f)
{
    return kedge_i_at_const(f, f->at_members);
}

/* How often a row counts: a Poisson draw. */
static inline double forest_draw(forest *f)
{
    return kedge_i_poisson(&f->tree.rng, f->lambda, f->none_share);
}

/* 60 % of the features, and one at least (MOA). */
uint32_t kedge_i_forest_subset(uint32_t n_features);
int kedge_i_forest_valid(const forest *f);
/* Members, and how large detectors are. */
void kedge_i_forest_plan_members(forest *f, kedge_i_arena *arena);
/* The pool, by the function that lays it out for so many trees, and detectors behind it. 0: too little memory. */
int kedge_i_forest_plan_pool(forest *f, kedge_i_arena *arena, int (*plan)(tree_state *t, kedge_i_arena *arena, uint32_t n_trees));
void kedge_i_forest_start(forest *f);
/* *n_trees: how many there are, those in the background among them. What is in the pool is not looked at. */
int kedge_i_forest_check(const forest *f, uint32_t *n_trees);
/* Both detectors of the i-th member see an error within [0, 1]. Returns what came of it: FOREST_BEGAN a new tree in the background,
 * then FOREST_REPLACED, it, or a new one if there was none, took the place. */
enum { FOREST_BEGAN = 1, FOREST_REPLACED = 2 };
int kedge_i_forest_watch(forest *f, uint32_t i, double error);

extern const kedge_class *const kedge_i_forest_parts[];

#endif
