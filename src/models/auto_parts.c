/* SPDX-License-Identifier: MIT */
/* What the portfolio is made of: its members, their configurations and their room. */
#include "base/fp.h"

#include <string.h>

#include "kedge/detectors/hddm_a.h"
#include "kedge/models/adaptive_forest.h"
#include "kedge/models/baseline.h"
#include "kedge/models/fimt_dd.h"
#include "kedge/models/forest_reg.h"
#include "kedge/models/linear.h"
#include "kedge/models/rls.h"
#include "kedge/models/sam_knn.h"

#include "base/check.h"
#include "base/object.h"
#include "models/auto_state.h"
#include "models/tree_state.h"

#define AUTO_FADING 0.995 /* of the baselines: they look back some 200 rows */

enum {
    AUTO_LOGISTIC_RATES = 4, /* of more than two classes, and as many for noisy labels */
    AUTO_TREE_HEAD = 512,
    AUTO_NEAR_OF_CLASS = 50,             /* rows of each class that neighbours have room for by default */
    AUTO_NEAR_MEMORY = 16 * 1024 * 1024, /* at which that is too much */
    AUTO_RLS_MOST = 64
}; /* features up to which exact least squares, quadratic in them, cost less than the forest */

const kedge_class *const kedge_i_auto_parts[AUTO_PARTS] = {
    &kedge_adaptive_forest.base, &kedge_logistic.base, &kedge_hoeffding_tree.base, &kedge_baseline.base,
    &kedge_baseline.base,        &kedge_sam_knn.base,  &kedge_sam_knn.base,        &kedge_hddm_a.base,
    &kedge_forest_reg.base,      &kedge_rls.base,      &kedge_linear.base,         &kedge_fimt_dd.base,
};

static uint32_t auto_n_seen(const auto_state *s)
{
    return s->model.n_features + s->n_lags;
}

uint32_t kedge_i_auto_part(const auto_state *s, uint32_t k)
{
    uint32_t linear = auto_n_seen(s) <= AUTO_RLS_MOST ? AUTO_RLS : AUTO_LINEAR;
    const uint32_t values[KEDGE_AUTO_MEMBERS] = {AUTO_FOREST_REG, linear,          AUTO_FIMT_DD,       KEDGE_AUTO_LAST,
                                                 KEDGE_AUTO_USUAL, KEDGE_AUTO_NEAR, KEDGE_AUTO_NEAR_RAW};
    return s->model.n_classes > 0 ? k : values[k];
}

const kedge_model_class *kedge_i_auto_class(const auto_state *s, uint32_t k)
{
    return (const kedge_model_class *)(const void *)kedge_i_auto_parts[kedge_i_auto_part(s, k)];
}

int kedge_i_auto_has(const auto_state *s, uint32_t k)
{
    return k < KEDGE_AUTO_NEAR || s->near_rows > 0;
}

static int auto_has_part(const auto_state *s, uint32_t i)
{
    if (i == AUTO_DETECTOR)
        return s->model.n_classes > 0;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        if (kedge_i_auto_part(s, k) == i)
            return kedge_i_auto_has(s, k);
    return 0;
}

/* Configurations of the parts, which differ in size. */
typedef union auto_config_of {
    kedge_model_config model;
    kedge_adaptive_forest_config forest;
    kedge_logistic_config logistic;
    kedge_hoeffding_tree_config bayes;
    kedge_baseline_config baseline;
    kedge_hddm_a_config detector;
    kedge_forest_reg_config forest_reg;
    kedge_rls_config rls;
    kedge_linear_config linear;
    kedge_fimt_dd_config fimt_dd;
    kedge_sam_knn_config near;
} auto_config_of;

/* The forest has what the others leave; that neighbours need little room is no reason for trees to outgrow the noise. */
static uint32_t auto_configure_forest(const auto_state *s, uint32_t memory, auto_config_of *cfg)
{
    if (s->model.n_classes > 0) {
        (void)kedge_adaptive_forest_config_init(&cfg->forest, sizeof cfg->forest, s->model.n_features, s->model.n_classes);
        uint32_t enough = cfg->forest.growth.memory > s->memory / 2 ? cfg->forest.growth.memory : s->memory / 2;
        cfg->forest.growth.memory = s->n_near > 0 && memory > enough ? enough : memory;
        cfg->forest.n_trees = s->n_trees;
        cfg->forest.seed = s->seed;
        return sizeof cfg->forest;
    }
    (void)kedge_forest_reg_config_init(&cfg->forest_reg, sizeof cfg->forest_reg, auto_n_seen(s));
    cfg->forest_reg.growth.memory = memory;
    cfg->forest_reg.n_trees = s->n_trees;
    cfg->forest_reg.seed = s->seed;
    return sizeof cfg->forest_reg;
}

static uint32_t auto_configure_baseline(const auto_state *s, uint32_t kind, auto_config_of *cfg)
{
    (void)kedge_baseline_config_init(&cfg->baseline, sizeof cfg->baseline, auto_n_seen(s), s->model.n_classes);
    cfg->baseline.kind = kind;
    cfg->baseline.fading = AUTO_FADING;
    return sizeof cfg->baseline;
}

/* A naive Bayes that takes missing values: a tree that never splits. */
static uint32_t auto_configure_bayes(const auto_state *s, auto_config_of *cfg)
{
    (void)kedge_hoeffding_tree_config_init(&cfg->bayes, sizeof cfg->bayes, s->model.n_features, s->model.n_classes);
    cfg->bayes.growth.leaf = KEDGE_LEAF_BAYES;
    cfg->bayes.growth.grace = 1u << 30;
    cfg->bayes.growth.memory = kedge_i_tree_memory(s->model.n_features, s->model.n_classes, 0, 1) + AUTO_TREE_HEAD;
    return sizeof cfg->bayes;
}

/* Raw distances are right where features have one unit, deviations where each has its own; nobody knows which it is. */
static uint32_t auto_configure_near(const auto_state *s, uint32_t scale, auto_config_of *cfg)
{
    (void)kedge_sam_knn_config_init(&cfg->near, sizeof cfg->near, s->model.n_features, s->model.n_classes);
    cfg->near.window = s->near_rows;
    cfg->near.min_short = s->near_rows / 4 < cfg->near.min_short ? s->near_rows / 4 : cfg->near.min_short;
    cfg->near.scale = scale;
    cfg->near.seed = s->seed;
    return sizeof cfg->near;
}

/* An eighth of the room at most. */
static uint32_t auto_configure_tree(const auto_state *s, auto_config_of *cfg)
{
    (void)kedge_fimt_dd_config_init(&cfg->fimt_dd, sizeof cfg->fimt_dd, auto_n_seen(s));
    if (s->memory > 0 && s->memory / 8 < cfg->fimt_dd.growth.memory)
        cfg->fimt_dd.growth.memory = s->memory / 8;
    return sizeof cfg->fimt_dd;
}

/* With two classes it is cheap beside all others, the member that is left where a budget is tight, and eight models, half as dear
 * again, are hardly better than the default's four. With more classes they are, and the least rate is missed most. */
static uint32_t auto_configure_logistic(const auto_state *s, auto_config_of *cfg)
{
    (void)kedge_logistic_config_init(&cfg->logistic, sizeof cfg->logistic, s->model.n_features, s->model.n_classes);
    if (s->model.n_classes > 2)
        cfg->logistic.n_rates = cfg->logistic.n_noisy = AUTO_LOGISTIC_RATES;
    return sizeof cfg->logistic;
}

/* Returns its size. */
static uint32_t auto_configure_part(const auto_state *s, uint32_t i, uint32_t forest_memory, auto_config_of *cfg)
{
    memset(cfg, 0, sizeof *cfg);
    switch (i) {
    case KEDGE_AUTO_FOREST:
    case AUTO_FOREST_REG:
        return auto_configure_forest(s, forest_memory, cfg);
    case KEDGE_AUTO_LOGISTIC:
        return auto_configure_logistic(s, cfg);
    case KEDGE_AUTO_NEAR:
        return auto_configure_near(s, KEDGE_KNN_STANDARD, cfg);
    case KEDGE_AUTO_NEAR_RAW:
        return auto_configure_near(s, KEDGE_KNN_RAW, cfg);
    case KEDGE_AUTO_BAYES:
        return auto_configure_bayes(s, cfg);
    case AUTO_DETECTOR:
        (void)kedge_hddm_a_config_init(&cfg->detector, sizeof cfg->detector);
        cfg->detector.direction =
            KEDGE_DIRECTION_UP; /* a fresh model begins with many errors: that they become fewer is no drift */
        return sizeof cfg->detector;
    case AUTO_RLS:
        (void)kedge_rls_config_init(&cfg->rls, sizeof cfg->rls, auto_n_seen(s));
        return sizeof cfg->rls;
    case AUTO_LINEAR:
        (void)kedge_linear_config_init(&cfg->linear, sizeof cfg->linear, auto_n_seen(s), 0);
        return sizeof cfg->linear;
    case AUTO_FIMT_DD:
        return auto_configure_tree(s, cfg);
    default:
        return auto_configure_baseline(s, i == KEDGE_AUTO_LAST ? KEDGE_BASELINE_LAST : KEDGE_BASELINE_USUAL, cfg);
    }
}

/* Bytes of all parts but the forest; 0: one cannot be had. */
static uint64_t auto_small_bytes(const auto_state *s)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < AUTO_PARTS; i++) {
        auto_config_of cfg;
        if (!auto_has_part(s, i) || i == KEDGE_AUTO_FOREST || i == AUTO_FOREST_REG)
            continue;
        uint32_t config_bytes = auto_configure_part(s, i, 0, &cfg);
        size_t bytes = kedge_i_object_size(kedge_i_auto_parts[i], &cfg, config_bytes);
        if (bytes == 0)
            return 0;
        sum += bytes;
    }
    return sum;
}

/* Rows that neighbours of each kind hold in an eighth of the memory. */
static uint32_t auto_near_rows(const auto_state *s)
{
    uint64_t more = 8 * (12 * (uint64_t)s->model.n_features + 44); /* KEDGE_SAM_KNN_BYTES_FOR eight rows more */
    uint64_t fixed = KEDGE_SAM_KNN_BYTES_FOR((uint64_t)s->model.n_features, (uint64_t)8);
    uint64_t room = s->memory / 8 > fixed ? (s->memory / 8 - fixed) / more * 8 : 0;
    uint32_t rows = room < s->n_near ? (uint32_t)room : s->n_near;
    return rows < AUTO_NEAR_LEAST ? 0 : rows;
}

/* With as many rows of neighbours as s->near_rows says. */
static size_t auto_plan_with(auto_state *s)
{
    auto_config_of cfg;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_lags = kedge_i_arena_take(&arena, s->n_lags, sizeof(double));
    s->at_scores = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    s->n_votes = s->model.n_classes > 0 ? sizeof(auto_votes) / sizeof(double) : 0;
    s->at_votes = kedge_i_arena_take(&arena, s->n_votes, sizeof(double));
    s->n_budget = s->budget_ns == KEDGE_AUTO_UNBOUNDED ? 0 : sizeof(auto_budget) / sizeof(double);
    s->at_budget = kedge_i_arena_take(&arena, s->n_budget, sizeof(double));
    uint64_t others = auto_small_bytes(s);
    if (others == 0 || s->memory < arena.used + others)
        return 0;
    uint32_t forest_memory = (uint32_t)(s->memory - arena.used - others);
    for (uint32_t i = 0; i < AUTO_PARTS; i++) {
        s->parts[i].bytes = 0;
        if (auto_has_part(s, i)) {
            uint32_t config_bytes = auto_configure_part(s, i, forest_memory, &cfg);
            s->parts[i].bytes = (uint32_t)kedge_i_object_size(kedge_i_auto_parts[i], &cfg, config_bytes);
            if (s->parts[i].bytes == 0)
                return 0;
        }
        s->parts[i].at = kedge_i_arena_take(&arena, s->parts[i].bytes, 1);
    }
    return kedge_i_arena_end(&arena);
}

size_t kedge_i_auto_plan(auto_state *s)
{
    s->near_rows = auto_near_rows(s);
    size_t bytes = auto_plan_with(s);
    while (bytes == 0 && s->near_rows > 0) { /* the others need the room */
        s->near_rows = s->near_rows / 2 < AUTO_NEAR_LEAST ? 0 : s->near_rows / 2;
        bytes = auto_plan_with(s);
    }
    return bytes;
}

void kedge_i_auto_begin(auto_state *s)
{
    for (uint32_t i = 0; i < AUTO_PARTS; i++) {
        auto_config_of cfg;
        if (s->parts[i].bytes == 0)
            continue;
        uint32_t config_bytes = auto_configure_part(s, i, s->parts[i].bytes, &cfg);
        kedge_status st = kedge_i_object_init(kedge_i_auto_parts[i], &cfg, config_bytes, auto_part_of(s, i), s->parts[i].bytes);
        KEDGE_ASSERT(st == KEDGE_OK);
        (void)st;
    }
}

/* Room in which neighbours hold some rows of each class, where that is not too much to ask for. */
static uint32_t auto_room_of_near(const kedge_auto_config *cfg)
{
    uint64_t rows = AUTO_NEAR_OF_CLASS * (uint64_t)cfg->base.n_classes;
    rows = rows < cfg->n_near ? rows : cfg->n_near;
    uint64_t room = 8 * KEDGE_SAM_KNN_BYTES_FOR((uint64_t)cfg->base.n_features, rows);
    return room < AUTO_NEAR_MEMORY ? (uint32_t)room : AUTO_NEAR_MEMORY;
}

uint32_t kedge_i_auto_memory(const kedge_auto_config *cfg, uint32_t least)
{
    auto_state shape;
    memset(&shape, 0, sizeof shape);
    shape.model.n_features = cfg->base.n_features;
    shape.model.n_classes = cfg->base.n_classes;
    shape.n_lags = cfg->n_lags;
    uint32_t of_forest = cfg->base.n_classes > 0
                             ? kedge_adaptive_forest_defaults(cfg->base.n_features, cfg->base.n_classes).growth.memory
                             : kedge_forest_reg_defaults(auto_n_seen(&shape)).growth.memory;
    uint32_t of_near = cfg->n_near > 0 ? auto_room_of_near(cfg) : 0;
    uint64_t enough = of_near > least ? of_near : least;
    if (of_forest <= least) /* by its own default: the others need less than that */
        return (uint32_t)enough;
    uint64_t need = auto_small_bytes(&shape) + of_forest + sizeof shape + sizeof(auto_votes) +
                    8 * ((uint64_t)cfg->base.n_classes + cfg->n_lags);
    need = need > enough ? need : enough;
    return need < UINT32_MAX ? (uint32_t)need : UINT32_MAX;
}
