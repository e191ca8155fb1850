/* SPDX-License-Identifier: MIT */
/* Adaptive random forest: Gomes, Bifet, Read, Barddal, Enembreck, Pfahringer, Holmes, Abdessalem 2017, "Adaptive random forests for evolving data stream
 * classification", Machine Learning 106, algorithms 1 and 2. Bagging by Poisson draws: Oza, Russell 2001; with a mean of 6: Bifet, Holmes, Pfahringer 2010,
 * "Leveraging bagging for evolving data streams", ECML. Trees: tree_state.h.
 *
 * Differences to the paper: one pool for all trees, so a new one takes the room of the one that went, and under shortage the least promising leaves of any tree give way;
 * a row is routed once for the detectors' test and for learning. */
#include "base/fp.h"

#include <string.h>

#include "kedge/detectors/adwin.h"
#include "kedge/models/adaptive_forest.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "models/forest_learn.h"
#include "models/freeze_tree.h"
#include "models/poisson.h"

#define FOREST_WINDOW (1u << 20) /* longest window of a detector, rows: decides its bytes */

enum { FOREST_REVIEW = 1024, FOREST_MEMORY = 1024 * 1024, FOREST_BLOCKS = 4, FOREST_CLASSES = 64 };

/* A tree and how often it was right since it was begun. */
typedef struct forest_member {
    uint32_t root;
    uint32_t background; /* root of the tree that may replace it; TREE_NONE: there is none */
} forest_member;

typedef struct forest_state {
    tree_state tree;
    double lambda;
    double warning_delta;
    double drift_delta;
    double none_share;       /* layout: e^-lambda */
    uint32_t n_trees;
    uint32_t n_roots;        /* layout: numbers in the members */
    uint32_t n_counts;       /* layout: numbers in the counts */
    uint32_t at_members;     /* layout: forest_member[n_trees] */
    uint32_t at_counts;      /* layout: of each tree and each background rows and right answers since it was begun */
    uint32_t at_detectors;   /* layout: of each tree the detectors of warning and drift */
    uint32_t detector_bytes; /* layout: of each */
    uint32_t n_detectors;    /* layout; behind detector_bytes: see KEDGE_PARTS */
} forest_state;

static const kedge_field forest_fields[] = {
    TREE_PARAMS(forest_state),
    KEDGE_PARAM(forest_state, lambda, KEDGE_TYPE_F64),
    KEDGE_PARAM(forest_state, warning_delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(forest_state, drift_delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(forest_state, n_trees, KEDGE_TYPE_U32),
    TREE_VALUES(forest_state),
    KEDGE_ARRAY(forest_state, at_members, n_roots, KEDGE_TYPE_U32),
    KEDGE_ARRAY(forest_state, at_counts, n_counts, KEDGE_TYPE_U64),
    TREE_ARRAYS(forest_state),
    KEDGE_PARTS(forest_state, at_detectors, detector_bytes, 0),
};

static const kedge_class *const forest_parts[] = {&kedge_adwin.base};

static void forest_defaults(void *config)
{
    kedge_adaptive_forest_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_adaptive_forest;
    cfg->base.config_bytes = sizeof *cfg;
    kedge_i_tree_growth_defaults(&cfg->growth);
    cfg->growth.delta = 0.01;
    cfg->growth.grace = 50;
    cfg->growth.memory = FOREST_MEMORY;
    cfg->seed = 1;
    cfg->lambda = 6.0;
    cfg->warning_delta = 0.01;
    cfg->drift_delta = 0.001;
    cfg->n_trees = 10;
}

kedge_status kedge_adaptive_forest_config_init(kedge_adaptive_forest_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_adaptive_forest.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
        cfg->n_subset = (uint32_t)(0.6 * n_features + 0.5) > 0 ? (uint32_t)(0.6 * n_features + 0.5) : 1;
        cfg->growth.memory = kedge_i_tree_memory(cfg->n_subset, n_classes, FOREST_MEMORY, FOREST_BLOCKS * cfg->n_trees);
    }
    return st;
}

static void forest_configure(const void *config, void *fixed)
{
    const kedge_adaptive_forest_config *cfg = config;
    forest_state *s = fixed;
    kedge_i_tree_configure(&s->tree, &cfg->base, &cfg->growth);
    s->tree.seed = cfg->seed;
    s->tree.n_subset = cfg->n_subset;
    s->lambda = cfg->lambda;
    s->warning_delta = cfg->warning_delta;
    s->drift_delta = cfg->drift_delta;
    s->n_trees = cfg->n_trees;
}

static int forest_valid(const void *fixed)
{
    const forest_state *s = fixed;
    return kedge_i_tree_valid(&s->tree) && s->tree.model.n_classes > 0 && s->lambda > 0.0 && s->lambda <= 100.0 && s->warning_delta > 0.0 && s->warning_delta < 1.0 && s->drift_delta > 0.0 &&
           s->drift_delta < 1.0 && kedge_i_u32_within(s->n_trees, 1, KEDGE_FOREST_TREES_MAX);
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

static size_t forest_layout(void *fixed)
{
    forest_state *s = fixed;
    kedge_adwin_config detector = forest_detector(s->drift_delta);
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->none_share = kedge_i_poisson_none(s->lambda);
    s->n_roots = 2 * s->n_trees;
    s->n_counts = 4 * s->n_trees;
    s->n_detectors = 2 * s->n_trees;
    s->detector_bytes = (uint32_t)kedge_detector_size(&detector.base);
    s->at_members = kedge_i_arena_take(&arena, s->n_roots, sizeof(uint32_t));
    s->at_counts = kedge_i_arena_take(&arena, s->n_counts, sizeof(uint64_t));
    uint64_t detectors = (uint64_t)s->n_detectors * s->detector_bytes;
    if (s->tree.memory < detectors)
        return 0;
    /* The codec reads parts behind all arrays. */
    s->tree.memory -= (uint32_t)detectors;
    int fits = kedge_i_tree_plan(&s->tree, &arena, 2 * s->n_trees);
    s->tree.memory += (uint32_t)detectors;
    s->at_detectors = kedge_i_arena_take(&arena, s->n_detectors, s->detector_bytes);
    return fits ? kedge_i_arena_end(&arena) : 0;
}

static forest_member *forest_members(forest_state *s)
{
    return kedge_i_at(s, s->at_members);
}

static const forest_member *forest_members_const(const forest_state *s)
{
    return kedge_i_at_const(s, s->at_members);
}

/* Rows and right answers of a tree, which = 0, or of the one in the background, 1. */
static uint64_t *forest_counts(forest_state *s, uint32_t i, uint32_t which)
{
    return (uint64_t *)kedge_i_at(s, s->at_counts) + 4 * i + 2 * which;
}

static const uint64_t *forest_counts_const(const forest_state *s, uint32_t i)
{
    return (const uint64_t *)kedge_i_at_const(s, s->at_counts) + 4 * i;
}

/* Detectors: which = 0 for the warning, 1 for drift. */
static void *forest_detector_of(forest_state *s, uint32_t i, uint32_t which)
{
    return (unsigned char *)kedge_i_at(s, s->at_detectors) + (size_t)(2 * i + which) * s->detector_bytes;
}

static void forest_begin_detector(forest_state *s, uint32_t i, uint32_t which)
{
    kedge_adwin_config cfg = forest_detector(which == 0 ? s->warning_delta : s->drift_delta);
    kedge_status st = kedge_i_object_init(&kedge_adwin.base, &cfg, sizeof cfg, forest_detector_of(s, i, which), s->detector_bytes);
    KEDGE_ASSERT(st == KEDGE_OK);
    (void)st;
}

static void forest_begin_detectors(forest_state *s, uint32_t i)
{
    forest_begin_detector(s, i, 0);
    forest_begin_detector(s, i, 1);
}

static void forest_start(void *state)
{
    forest_state *s = state;
    kedge_i_tree_start(&s->tree);
    for (uint32_t i = 0; i < s->n_trees; i++) {
        forest_members(s)[i].root = kedge_i_tree_new(&s->tree); /* the pool has room for all, see the layout */
        forest_members(s)[i].background = TREE_NONE;
        forest_begin_detectors(s, i);
    }
}

/* Checks ---------------------------------------------------------------------------------------------------------------------------------- */

/* A root that no member before has. */
static int forest_is_root(const forest_state *s, uint32_t node, uint32_t i, uint32_t which)
{
    const forest_member *m = forest_members_const(s);
    if (node >= 2 * s->tree.pool.n_pairs || tree_depth(&tree_nodes_const(s, &s->tree.pool)[node]) != 1)
        return 0;
    for (uint32_t j = 0; j < i; j++)
        if (m[j].root == node || m[j].background == node)
            return 0;
    return which == 0 || m[i].root != node;
}

static int forest_check(const void *state)
{
    const forest_state *s = state;
    const forest_member *m = forest_members_const(s);
    const uint64_t *counts = forest_counts_const(s, 0);
    uint32_t n = 0;
    if (!forest_valid(s) || s->tree.model.n_learned > KEDGE_I_COUNT_MAX)
        return 0;
    for (uint32_t i = 0; i < s->n_trees; i++) {
        if (!forest_is_root(s, m[i].root, i, 0) || (m[i].background != TREE_NONE && !forest_is_root(s, m[i].background, i, 1)))
            return 0;
        n += m[i].background == TREE_NONE ? 1 : 2;
    }
    for (uint32_t i = 0; i < s->n_counts; i += 2)
        if (counts[i] > s->tree.model.n_learned || counts[i + 1] > counts[i])
            return 0;
    for (uint32_t i = 0; i < s->n_detectors; i++)
        if (kedge_i_object_check(&kedge_adwin.base, (const unsigned char *)kedge_i_at_const(s, s->at_detectors) + (size_t)i * s->detector_bytes) < 0)
            return 0;
    return kedge_i_tree_check(&s->tree, n);
}

/* Learning --------------------------------------------------------------------------------------------------------------------------------- */

static void forest_count(uint64_t *counts, int is_right)
{
    counts[0]++;
    counts[1] += (uint64_t)is_right;
}

static void forest_begin_background(forest_state *s, uint32_t i)
{
    forest_member *m = &forest_members(s)[i];
    uint64_t *counts = forest_counts(s, i, 1);
    if (m->background != TREE_NONE)
        kedge_i_tree_drop(&s->tree, m->background);
    m->background = kedge_i_tree_new(&s->tree);
    counts[0] = counts[1] = 0;
    forest_begin_detector(s, i, 0);
}

/* The tree in the background, or a new one, takes the place of the i-th. */
static void forest_replace(forest_state *s, uint32_t i)
{
    forest_member *m = &forest_members(s)[i];
    uint64_t *counts = forest_counts(s, i, 0);
    kedge_i_tree_drop(&s->tree, m->root);
    m->root = m->background != TREE_NONE ? m->background : kedge_i_tree_new(&s->tree);
    m->background = TREE_NONE;
    memcpy(counts, counts + 2, 2 * sizeof *counts);
    counts[2] = counts[3] = 0;
    forest_begin_detectors(s, i);
}

/* What a tree's votes count: how often it was right. One that never was has a little to say all the same. */
static double forest_weight(const void *state, uint32_t i)
{
    const uint64_t *counts = forest_counts_const(state, i);
    return ((double)(int64_t)counts[1] + 0.01) / ((double)(int64_t)counts[0] + 1.0);
}

/* As MOA, not the paper: a tree's detectors see whether it says what it has just learned, so that rows which it cannot fit raise them (SEA: 0.885 instead of
 * 0.880), and the tree in the background learns each row once. */
static void forest_learn_member(forest_state *s, uint32_t i, const kedge_row *x, uint32_t label, double weight, double *votes)
{
    forest_member *m = &forest_members(s)[i];
    double drawn = kedge_i_poisson(&s->tree.rng, s->lambda, s->none_share) * weight;
    tree_said said = {forest_weight(s, i), votes, 0, 0};
    uint32_t says;
    kedge_i_tree_learn_and_say(&s->tree, m->root, x, label, drawn, &said);
    forest_count(forest_counts(s, i, 0), said.before == label);
    if (m->background != TREE_NONE) {
        kedge_i_tree_learn(&s->tree, m->background, x, label, weight, &says);
        forest_count(forest_counts(s, i, 1), says == label);
    }
    if (drawn == 0.0)
        return;
    int is_right = said.after == label;
    if (kedge_adwin.update(forest_detector_of(s, i, 0), is_right ? 0.0 : 1.0) == KEDGE_DRIFT)
        forest_begin_background(s, i);
    if (kedge_adwin.update(forest_detector_of(s, i, 1), is_right ? 0.0 : 1.0) == KEDGE_DRIFT)
        forest_replace(s, i);
}

/* votes NULL: nobody asks. */
static void forest_learn_row(forest_state *s, const kedge_row *x, uint32_t label, double weight, double *votes)
{
    s->tree.model.n_learned++;
    for (uint32_t i = 0; i < s->n_trees; i++)
        forest_learn_member(s, i, x, label, weight, votes);
    if (s->tree.model.n_learned % FOREST_REVIEW == 0)
        kedge_i_tree_review(&s->tree);
}

static kedge_status forest_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    forest_learn_row(state, x, (uint32_t)y, weight, NULL);
    return KEDGE_OK;
}

/* Votes become shares of the sum; all alike if there are none. */
static void forest_share(double *votes, uint32_t n)
{
    double sum = 0.0;
    for (uint32_t c = 0; c < n; c++)
        sum += votes[c];
    for (uint32_t c = 0; c < n; c++)
        votes[c] = sum > 0.0 ? votes[c] / sum : 1.0 / n;
}

void kedge_i_forest_learn_scored(void *state, const kedge_row *x, uint32_t label, double weight, double *scores)
{
    forest_state *s = state;
    memset(scores, 0, s->tree.model.n_classes * sizeof *scores);
    forest_learn_row(s, x, label, weight, scores);
    forest_share(scores, s->tree.model.n_classes);
}

/* Prediction ------------------------------------------------------------------------------------------------------------------------------- */

/* Votes for n classes from `first` on. */
static void forest_vote(const forest_state *s, const kedge_row *x, uint32_t first, uint32_t n, double *votes)
{
    const forest_member *m = forest_members_const(s);
    for (uint32_t c = 0; c < n; c++)
        votes[c] = 0.0;
    for (uint32_t i = 0; i < s->n_trees; i++) {
        kedge_i_tree_vote(&s->tree, m[i].root, x, forest_weight(s, i), first, n, votes);
    }
}

static kedge_status forest_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const forest_state *s = state;
    double most = 0.0;
    *y = 0.0;
    if (s->tree.model.n_learned == 0)
        return KEDGE_EMPTY;
    for (uint32_t first = 0; first < s->tree.model.n_classes; first += FOREST_CLASSES) {
        uint32_t n = s->tree.model.n_classes - first < FOREST_CLASSES ? s->tree.model.n_classes - first : FOREST_CLASSES;
        double votes[FOREST_CLASSES];
        forest_vote(s, x, first, n, votes);
        for (uint32_t c = 0; c < n; c++)
            if (votes[c] > most) {
                most = votes[c];
                *y = first + c;
            }
    }
    return KEDGE_OK;
}

static kedge_status forest_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const forest_state *s = state;
    uint32_t n = s->tree.model.n_classes;
    memset(scores, 0, n * sizeof *scores);
    if (s->tree.model.n_learned > 0)
        forest_vote(s, x, 0, n, scores);
    forest_share(scores, n);
    return s->tree.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static uint32_t forest_root(const void *state, uint32_t i)
{
    return forest_members_const(state)[i].root;
}

static kedge_status forest_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const forest_state *s = state;
    const freeze_trees trees = {&s->tree, KEDGE_FROZEN_FOREST, s->n_trees, forest_root, forest_weight};
    return kedge_i_freeze_trees(cls, state, &trees, buf, cap, len);
}

kedge_status kedge_adaptive_forest_shape(const kedge_model *m, kedge_tree_shape *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_adaptive_forest)
        return KEDGE_ERR_CLASS;
    kedge_i_tree_shape(&((const forest_state *)m->state)->tree, out);
    return KEDGE_OK;
}

const kedge_model_class kedge_adaptive_forest = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "adaptive_forest",
            .fixed_bytes = sizeof(forest_state),
            .config_bytes = sizeof(kedge_adaptive_forest_config),
            .n_fields = sizeof forest_fields / sizeof *forest_fields,
            .fields = forest_fields,
            .defaults = forest_defaults,
            .configure = forest_configure,
            .valid = forest_valid,
            .layout = forest_layout,
            .start = forest_start,
            .check = forest_check,
            .parts = forest_parts,
        },
    .learn = forest_learn,
    .predict = forest_predict,
    .score = forest_score,
    .takes_missing = 1,
    .freeze = forest_freeze,
};
