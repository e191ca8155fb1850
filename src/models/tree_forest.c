/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include <string.h>

#include "kedge/detectors/adwin.h"
#include "kedge/models/adaptive_forest.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "models/tree_forest.h"

#define FOREST_WINDOW (1u << 20) /* longest window of a detector, rows: decides its bytes */

const kedge_class *const kedge_i_forest_parts[] = {&kedge_adwin.base};

uint32_t kedge_i_forest_subset(uint32_t n_features)
{
    return (uint32_t)(0.6 * n_features + 0.5) > 0 ? (uint32_t)(0.6 * n_features + 0.5) : 1;
}

int kedge_i_forest_valid(const forest *f)
{
    return f->lambda > 0.0 && f->lambda <= 100.0 && f->warning_delta > 0.0 && f->warning_delta < 1.0 && f->drift_delta > 0.0 &&
           f->drift_delta < 1.0 && kedge_i_u32_within(f->n_trees, 1, KEDGE_FOREST_TREES_MAX);
}

/* Changes to more errors only, and a new tree begins with a new detector. */
static kedge_adwin_config forest_detector(double delta)
{
    kedge_adwin_config cfg = kedge_adwin_defaults();
    cfg.delta = delta;
    cfg.max_window = FOREST_WINDOW;
    cfg.direction = KEDGE_DIRECTION_UP;
    cfg.report = KEDGE_ADWIN_EACH_CUT;
    cfg.min_cut = 7;
    return cfg;
}

void kedge_i_forest_plan_members(forest *f, kedge_i_arena *arena)
{
    kedge_adwin_config detector = forest_detector(f->drift_delta);
    f->none_share = kedge_i_poisson_none(f->lambda);
    f->n_roots = 2 * f->n_trees;
    f->n_detectors = 2 * f->n_trees;
    f->detector_bytes = (uint32_t)kedge_detector_size(&detector.base);
    f->at_members = kedge_i_arena_take(arena, f->n_roots, sizeof(uint32_t));
}

/* The codec reads parts behind all arrays. */
int kedge_i_forest_plan_pool(forest *f, kedge_i_arena *arena, int (*plan)(tree_state *t, kedge_i_arena *arena, uint32_t n_trees))
{
    uint64_t detectors = (uint64_t)f->n_detectors * f->detector_bytes;
    if (f->tree.memory < detectors)
        return 0;
    f->tree.memory -= (uint32_t)detectors;
    int fits = plan(&f->tree, arena, 2 * f->n_trees);
    f->tree.memory += (uint32_t)detectors;
    f->at_detectors = kedge_i_arena_take(arena, f->n_detectors, f->detector_bytes);
    return fits;
}

/* Detectors: which = 0 for the warning, 1 for drift. */
static void *forest_detector_of(forest *f, uint32_t i, uint32_t which)
{
    return (unsigned char *)kedge_i_at(f, f->at_detectors) + (size_t)(2 * i + which) * f->detector_bytes;
}

static void forest_begin_detector(forest *f, uint32_t i, uint32_t which)
{
    kedge_adwin_config cfg = forest_detector(which == 0 ? f->warning_delta : f->drift_delta);
    kedge_status st = kedge_i_object_init(&kedge_adwin.base, &cfg, sizeof cfg, forest_detector_of(f, i, which), f->detector_bytes);
    KEDGE_ASSERT(st == KEDGE_OK);
    (void)st;
}

static void forest_begin_detectors(forest *f, uint32_t i)
{
    forest_begin_detector(f, i, 0);
    forest_begin_detector(f, i, 1);
}

void kedge_i_forest_start(forest *f)
{
    kedge_i_tree_start(&f->tree);
    for (uint32_t i = 0; i < f->n_trees; i++) {
        forest_members(f)[i].root = kedge_i_tree_new(&f->tree); /* the pool has room for all, see the layout */
        forest_members(f)[i].background = TREE_NONE;
        forest_begin_detectors(f, i);
    }
}

/* A root that no member before has. */
static int forest_is_root(const forest *f, uint32_t node, uint32_t i, uint32_t which)
{
    const forest_member *m = forest_members_const(f);
    if (node >= 2 * f->tree.pool.n_pairs || tree_depth(&tree_nodes_const(f, &f->tree.pool)[node]) != 1)
        return 0;
    for (uint32_t j = 0; j < i; j++)
        if (m[j].root == node || m[j].background == node)
            return 0;
    return which == 0 || m[i].root != node;
}

int kedge_i_forest_check(const forest *f, uint32_t *n_trees)
{
    const forest_member *m = forest_members_const(f);
    *n_trees = 0;
    for (uint32_t i = 0; i < f->n_trees; i++) {
        if (!forest_is_root(f, m[i].root, i, 0) || (m[i].background != TREE_NONE && !forest_is_root(f, m[i].background, i, 1)))
            return 0;
        *n_trees += m[i].background == TREE_NONE ? 1 : 2;
    }
    for (uint32_t i = 0; i < f->n_detectors; i++)
        if (kedge_i_object_check(&kedge_adwin.base,
                                 (const unsigned char *)kedge_i_at_const(f, f->at_detectors) + (size_t)i * f->detector_bytes) < 0)
            return 0;
    return 1;
}

static void forest_begin_background(forest *f, uint32_t i)
{
    forest_member *m = &forest_members(f)[i];
    if (m->background != TREE_NONE)
        kedge_i_tree_drop(&f->tree, m->background);
    m->background = kedge_i_tree_new(&f->tree);
    forest_begin_detector(f, i, 0);
}

/* The tree in the background, or a new one, takes the place of the i-th. */
static void forest_replace(forest *f, uint32_t i)
{
    forest_member *m = &forest_members(f)[i];
    kedge_i_tree_drop(&f->tree, m->root);
    m->root = m->background != TREE_NONE ? m->background : kedge_i_tree_new(&f->tree);
    m->background = TREE_NONE;
    forest_begin_detectors(f, i);
}

int kedge_i_forest_watch(forest *f, uint32_t i, double error)
{
    int news = 0;
    if (kedge_adwin.update(forest_detector_of(f, i, 0), error) == KEDGE_DRIFT) {
        forest_begin_background(f, i);
        news = FOREST_BEGAN;
    }
    if (kedge_adwin.update(forest_detector_of(f, i, 1), error) == KEDGE_DRIFT) {
        forest_replace(f, i);
        news |= FOREST_REPLACED;
    }
    return news;
}
