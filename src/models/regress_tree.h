/* SPDX-License-Identifier: MIT */
/* Regression trees in the pool of tree_state.h, n_classes = 0: what a leaf keeps, how it learns and says, and when it splits.
 *
 * Ikonomovska, Gama, Dzeroski 2011, "Learning model trees from evolving data streams", Data Mining and Knowledge Discovery 23:
 * FIMT, algorithm 1. Leaves: regress_head.h; splits: regress_bins.h. */
#ifndef KEDGE_MODELS_REGRESS_TREE_H
#define KEDGE_MODELS_REGRESS_TREE_H

#include "models/regress_bins.h"

/* A block: owner, weight of the rows that its bins saw, of those at the last try to split, then a head, a subset of features if not
 * all, and their bins. */
enum { REGRESS_HEAD = TREE_TRIED + 1 };

void kedge_i_regress_growth_defaults(kedge_tree_growth *g);
/* What `memory` is by default: a size, or what that many blocks need. */
uint32_t kedge_i_regress_memory(uint32_t n_features, uint32_t n_subset, uint32_t least, uint32_t n_blocks);
int kedge_i_regress_valid(const tree_state *t);

/* Of one block, whose owner may be no tree. Learning changes nothing if the block has more weight than it holds. */
void kedge_i_regress_block_plan(tree_state *t);
void kedge_i_regress_block_learn(const tree_state *t, double *b, const kedge_row *x, double y, double weight);
/* Is it time to try a split, and is one sure? 0: not. */
int kedge_i_regress_block_splits(const tree_state *t, double *b, tree_split *split);
/* Its bins begin anew. */
void kedge_i_regress_block_empty(const tree_state *t, double *b);
/* As if it had seen little: its bins are empty, its function is what it was, to begin with. */
void kedge_i_regress_block_refresh(const tree_state *t, double *b);
int kedge_i_regress_block_check(const tree_state *t, const double *b);

/* Numbers beside the nodes: their offset, and how many there are. */
typedef struct regress_extra {
    uint32_t at;
    uint32_t n;
} regress_extra;
/* As kedge_i_tree_plan(), with n_extra numbers for each node behind the pool; extra may be NULL if n_extra is 0. */
int kedge_i_regress_plan(tree_state *t, kedge_i_arena *arena, uint32_t n_trees, uint32_t n_extra, regress_extra *extra);
int kedge_i_regress_check(const tree_state *t, uint32_t n_trees);

/* Returns the leaf that the row was in; *says: what it said before it learned the row, with weight 0 it only says that. */
uint32_t kedge_i_regress_learn(tree_state *t, uint32_t root, const kedge_row *x, double y, double weight, double *says);
double kedge_i_regress_predict(const tree_state *t, uint32_t root, const kedge_row *x);
/* A node becomes a leaf that has seen little: it keeps what the leaf below it with most rows says, to begin with. */
void kedge_i_regress_reset(tree_state *t, uint32_t node);

/* Page-Hinkley: errors seen, their mean, and by how much their cumulative deviation from it is above its least. Greater errors
 * count as WATCH_ERROR_MAX. */
enum { WATCH_SEEN, WATCH_MEAN, WATCH_EXCESS, WATCH_WORDS };
#define WATCH_ERROR_MAX 4.0
int kedge_i_regress_alarms(double *watch, double error, double delta, double threshold);
int kedge_i_regress_watch_check(const double *watch, double threshold);

/* What counts as an error of 1 (MOA: three standard deviations of the target), as the targets before this one say: their weight,
 * mean and squared deviations, of which later ones fade the first. */
double kedge_i_regress_unit(double *target, double y);
int kedge_i_regress_target_check(const double *target);

static inline double regress_relative(double error, double unit, double most)
{
    error = error < 0.0 ? -error : error;
    return error < most * unit ? error / unit : unit > 0.0 ? most : 0.0;
}

#endif
