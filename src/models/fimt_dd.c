/* SPDX-License-Identifier: MIT */
/* FIMT-DD as a class: one regression tree in the pool, and Page-Hinkley in its nodes. Ikonomovska, Gama, Dzeroski 2011, "Learning
 * model trees from evolving data streams", Data Mining and Knowledge Discovery 23, sections 4.3 and 4.4; Page 1954; Hinkley 1971.
 * See regress_tree.h. */
#include "base/fp.h"

#include <string.h>

#include "kedge/models/fimt_dd.h"

#include "base/number.h"
#include "models/freeze_tree.h"
#include "models/regress_tree.h"

enum { FIMT_DD_REVIEW = 1024, FIMT_DD_MEMORY = 256 * 1024, FIMT_DD_BLOCKS = 64 };

typedef struct fimt_dd_state {
    tree_state tree;
    double drift_delta;
    double drift_threshold;
    double target[3];      /* see kedge_i_regress_unit() */
    uint64_t n_drifts;
    regress_extra watches; /* layout: WATCH_WORDS for each node; 0 where none was learned */
} fimt_dd_state;

static const kedge_field fimt_dd_fields[] = {
    TREE_PARAMS(fimt_dd_state),
    KEDGE_PARAM(fimt_dd_state, drift_delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(fimt_dd_state, drift_threshold, KEDGE_TYPE_F64),
    TREE_VALUES(fimt_dd_state),
    KEDGE_VALUE(fimt_dd_state, target[0], KEDGE_TYPE_F64),
    KEDGE_VALUE(fimt_dd_state, target[1], KEDGE_TYPE_F64),
    KEDGE_VALUE(fimt_dd_state, target[2], KEDGE_TYPE_F64),
    KEDGE_VALUE(fimt_dd_state, n_drifts, KEDGE_TYPE_U64),
    TREE_ARRAYS(fimt_dd_state),
    KEDGE_ARRAY(fimt_dd_state, watches.at, watches.n, KEDGE_TYPE_F64),
};

static void fimt_dd_defaults(void *config)
{
    kedge_fimt_dd_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_fimt_dd;
    cfg->base.config_bytes = sizeof *cfg;
    kedge_i_regress_growth_defaults(&cfg->growth);
    cfg->growth.memory = FIMT_DD_MEMORY;
    cfg->drift_delta = 0.005;
    cfg->drift_threshold = 20.0;
}

kedge_status kedge_fimt_dd_config_init(kedge_fimt_dd_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_fimt_dd.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->growth.memory = kedge_i_regress_memory(n_features, n_features, FIMT_DD_MEMORY, FIMT_DD_BLOCKS);
    }
    return st;
}

static void fimt_dd_configure(const void *config, void *fixed)
{
    const kedge_fimt_dd_config *cfg = config;
    fimt_dd_state *s = fixed;
    kedge_i_tree_configure(&s->tree, &cfg->base, &cfg->growth);
    s->drift_delta = cfg->drift_delta;
    s->drift_threshold = cfg->drift_threshold;
}

static int fimt_dd_valid(const void *fixed)
{
    const fimt_dd_state *s = fixed;
    return kedge_i_regress_valid(&s->tree) && s->tree.n_subset == s->tree.model.n_features && s->tree.seed == 0 &&
           kedge_i_within(s->drift_delta, 0.0, 1.0) && kedge_i_within(s->drift_threshold, 0.0, 1e9);
}

static size_t fimt_dd_layout(void *fixed)
{
    fimt_dd_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    return kedge_i_regress_plan(&s->tree, &arena, 1, WATCH_WORDS, &s->watches) ? kedge_i_arena_end(&arena) : 0;
}

static void fimt_dd_start(void *state)
{
    fimt_dd_state *s = state;
    kedge_i_tree_start(&s->tree);
    (void)kedge_i_tree_new(&s->tree); /* node 0 */
}

static int fimt_dd_watches_are_sound(const fimt_dd_state *s)
{
    const double *watch = kedge_i_at_const(s, s->watches.at);
    for (uint32_t i = 0; i < s->watches.n; i += WATCH_WORDS, watch += WATCH_WORDS)
        if (!kedge_i_regress_watch_check(watch, s->drift_threshold))
            return 0;
    return 1;
}

static int fimt_dd_check(const void *state)
{
    const fimt_dd_state *s = state;
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    return fimt_dd_valid(s) && s->tree.model.n_learned <= KEDGE_I_COUNT_MAX && s->n_drifts <= s->tree.model.n_learned &&
           s->tree.rng.state == s->tree.seed && kedge_i_regress_target_check(s->target) && kedge_i_regress_check(&s->tree, 1) &&
           fimt_dd_watches_are_sound(s) && tree_depth(&nodes[0]) == 1 && (s->tree.model.n_learned > 0) == (nodes[0].weight > 0.0);
}

/* Drift ------------------------------------------------------------------------------------------------------------------------ */

static double *fimt_dd_watch(fimt_dd_state *s, uint32_t node)
{
    return (double *)kedge_i_at(s, s->watches.at) + (size_t)node * WATCH_WORDS;
}

/* From the leaf up; what a node above resets is gone with it, so the highest that alarms decides. */
static void fimt_dd_watch_path(fimt_dd_state *s, uint32_t leaf, double x)
{
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    uint32_t drifted = TREE_NONE;
    uint32_t at = leaf;
    for (uint32_t depth = tree_depth(&nodes[leaf]); depth > 0; depth--) {
        if (kedge_i_regress_alarms(fimt_dd_watch(s, at), x, s->drift_delta, s->drift_threshold))
            drifted = at;
        at = tree_parent(&nodes[at]);
    }
    if (drifted == TREE_NONE)
        return;
    kedge_i_regress_reset(&s->tree, drifted);
    memset(fimt_dd_watch(s, drifted), 0, WATCH_WORDS * sizeof(double));
    s->n_drifts++;
}

/* Children begin without a watch of whoever had their place. */
static void fimt_dd_clear_watches(fimt_dd_state *s, uint32_t child)
{
    memset(fimt_dd_watch(s, child), 0, 2 * WATCH_WORDS * sizeof(double));
}

/* Verbs ------------------------------------------------------------------------------------------------------------------------ */

static kedge_status fimt_dd_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    fimt_dd_state *s = state;
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    int is_first = s->tree.model.n_learned == 0;
    double says;
    uint32_t leaf = kedge_i_regress_learn(&s->tree, 0, x, y, weight, &says);
    s->tree.model.n_learned++;
    if (nodes[leaf].split != 0)
        fimt_dd_clear_watches(s, tree_child(&nodes[leaf]));
    double unit = kedge_i_regress_unit(s->target, y);
    if (s->drift_threshold > 0.0)
        fimt_dd_watch_path(s, leaf, is_first ? 0.0 : regress_relative(y - says, unit, WATCH_ERROR_MAX));
    if (s->tree.model.n_learned % FIMT_DD_REVIEW == 0)
        kedge_i_tree_review(&s->tree);
    return KEDGE_OK;
}

static kedge_status fimt_dd_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const fimt_dd_state *s = state;
    *y = kedge_i_regress_predict(&s->tree, 0, x);
    return s->tree.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static uint32_t fimt_dd_root(const void *state, uint32_t i)
{
    (void)state;
    return i; /* node 0 */
}

static double fimt_dd_weight(const void *state, uint32_t i)
{
    (void)state, (void)i;
    return 1.0;
}

static kedge_status fimt_dd_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const fimt_dd_state *s = state;
    const freeze_trees trees = {&s->tree, &kedge_i_freeze_value_leaves, KEDGE_FROZEN_VALUES, 1, fimt_dd_root, fimt_dd_weight, 0,
                                0.0};
    return kedge_i_freeze_trees(cls, state, &trees, buf, cap, len);
}

kedge_status kedge_fimt_dd_shape(const kedge_model *m, kedge_tree_shape *out, uint64_t *n_drifts)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_fimt_dd)
        return KEDGE_ERR_CLASS;
    const fimt_dd_state *s = m->state;
    kedge_i_tree_shape(&s->tree, out);
    if (n_drifts)
        *n_drifts = s->n_drifts;
    return KEDGE_OK;
}

const kedge_model_class kedge_fimt_dd = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "fimt_dd",
            .fixed_bytes = sizeof(fimt_dd_state),
            .config_bytes = sizeof(kedge_fimt_dd_config),
            .n_fields = sizeof fimt_dd_fields / sizeof *fimt_dd_fields,
            .fields = fimt_dd_fields,
            .defaults = fimt_dd_defaults,
            .configure = fimt_dd_configure,
            .valid = fimt_dd_valid,
            .layout = fimt_dd_layout,
            .start = fimt_dd_start,
            .check = fimt_dd_check,
        },
    .learn = fimt_dd_learn,
    .predict = fimt_dd_predict,
    .score = fimt_dd_predict,
    .takes_missing = 1,
    .freeze = fimt_dd_freeze,
};
