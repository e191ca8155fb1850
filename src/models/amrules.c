/* SPDX-License-Identifier: MIT */
/* Adaptive model rules: Almeida, Ferreira, Gama 2013, "Adaptive model rules from data streams", ECML PKDD, algorithm 1; Duarte,
 * Gama, Bifet 2016, "Adaptive model rules from high-speed data streams", ACM TKDD 10. A rule's block is that of a leaf, see
 * regress_tree.h.
 *
 * Rules lie side by side in their order, the default rule behind the last place for one; a rule that goes closes the gap.
 * Differences to the paper: one room of fixed size; of two conditions of one kind on a feature the narrower one stays; a new rule
 * begins with the linear function of the rule that it comes from. */
#include "base/fp.h"

#include <string.h>

#include "kedge/models/amrules.h"

#include "base/number.h"
#include "base/quick.h"
#include "models/regress_tree.h"

#define RULES_FADING 0.01    /* share of the newest error in a rule's */
#define RULES_LEAST_ERROR 1e-3 /* error below which rules are alike */
#define RULES_FAR 1e6        /* deviations beyond which nothing is farther */
#define RULES_SURE 30.0      /* rows from which on a rule knows what is normal (river) */

enum { RULES_MEMORY = 256 * 1024, RULES_BLOCKS = 32, RULES_MAX = 4096 };

/* A rule: Page-Hinkley, errors counted and their faded mean, then conditions, each the feature * 4 + kind and a number, and a
 * block. */
enum {
    RULE_WATCH,
    RULE_ROWS = WATCH_WORDS,
    RULE_ERROR,
    RULE_N_CONDITIONS,
    RULE_CONDITIONS,
    RULE_BLOCK = RULE_CONDITIONS + 2 * KEDGE_RULE_CONDITIONS
};

typedef struct amrules_state {
    tree_state tree; /* of which the pool is not used */
    double drift_delta;
    double drift_threshold;
    double anomaly;
    double target[3];    /* see kedge_i_regress_unit() */
    uint64_t n_removed;
    uint32_t ordered;
    uint32_t n_rules;    /* without the default rule */
    uint32_t n_most;     /* layout */
    uint32_t rule_words; /* layout */
    uint32_t n_words;    /* layout: of all rules and the default rule */
    uint32_t at_rules;   /* layout */
} amrules_state;

static const kedge_field amrules_fields[] = {
    TREE_PARAMS(amrules_state),
    KEDGE_PARAM(amrules_state, drift_delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(amrules_state, drift_threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(amrules_state, anomaly, KEDGE_TYPE_F64),
    KEDGE_PARAM(amrules_state, ordered, KEDGE_TYPE_U32),
    KEDGE_VALUE(amrules_state, tree.model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(amrules_state, target[0], KEDGE_TYPE_F64),
    KEDGE_VALUE(amrules_state, target[1], KEDGE_TYPE_F64),
    KEDGE_VALUE(amrules_state, target[2], KEDGE_TYPE_F64),
    KEDGE_VALUE(amrules_state, n_removed, KEDGE_TYPE_U64),
    KEDGE_VALUE(amrules_state, n_rules, KEDGE_TYPE_U32),
    KEDGE_ARRAY(amrules_state, at_rules, n_words, KEDGE_TYPE_F64),
};

static void amrules_defaults(void *config)
{
    kedge_amrules_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_amrules;
    cfg->base.config_bytes = sizeof *cfg;
    kedge_i_regress_growth_defaults(&cfg->growth);
    cfg->growth.memory = RULES_MEMORY;
    cfg->drift_delta = 0.005;
    cfg->drift_threshold = 10.0;
    cfg->anomaly = -0.75;
    cfg->ordered = 1;
}

kedge_status kedge_amrules_config_init(kedge_amrules_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_amrules.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->growth.memory = kedge_i_regress_memory(n_features, n_features, RULES_MEMORY, RULES_BLOCKS);
    }
    return st;
}

static void amrules_configure(const void *config, void *fixed)
{
    const kedge_amrules_config *cfg = config;
    amrules_state *s = fixed;
    kedge_i_tree_configure(&s->tree, &cfg->base, &cfg->growth);
    s->drift_delta = cfg->drift_delta;
    s->drift_threshold = cfg->drift_threshold;
    s->anomaly = cfg->anomaly;
    s->ordered = cfg->ordered;
}

static int amrules_valid(const void *fixed)
{
    const amrules_state *s = fixed;
    return kedge_i_regress_valid(&s->tree) && s->tree.n_subset == s->tree.model.n_features && s->tree.seed == 0 &&
           kedge_i_within(s->drift_delta, 0.0, 1.0) && kedge_i_within(s->drift_threshold, 0.0, 1e9) &&
           kedge_i_within(s->anomaly, -1000.0, 0.0) && s->ordered <= 1;
}

static size_t amrules_layout(void *fixed)
{
    amrules_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_regress_block_plan(&s->tree);
    uint64_t words = RULE_BLOCK + s->tree.at_slots + (uint64_t)s->tree.slot_words * s->tree.n_subset;
    uint64_t room = s->tree.memory > arena.used ? (s->tree.memory - arena.used) / (words * sizeof(double)) : 0;
    if (room < 2)
        return 0;
    s->n_most = room - 1 < RULES_MAX ? (uint32_t)room - 1 : RULES_MAX;
    s->rule_words = (uint32_t)words;
    s->n_words = (uint32_t)(words * (s->n_most + 1));
    s->at_rules = kedge_i_arena_take(&arena, s->n_words, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void amrules_start(void *state)
{
    (void)state;
}

static double *amrules_rule(amrules_state *s, uint32_t i)
{
    return (double *)kedge_i_at(s, s->at_rules) + (size_t)i * s->rule_words;
}

static const double *amrules_rule_const(const amrules_state *s, uint32_t i)
{
    return (const double *)kedge_i_at_const(s, s->at_rules) + (size_t)i * s->rule_words;
}

/* Checks ----------------------------------------------------------------------------------------------------------------------- */

static int amrules_condition_is_sound(const tree_state *t, const double *condition)
{
    double most = 4.0 * t->model.n_features - 1.0;
    if (!kedge_i_within(condition[0], 0.0, most) || condition[0] != (double)(uint32_t)condition[0] || !kedge_i_finite(condition[1]))
        return 0;
    return tree_is_nominal(t, (uint32_t)condition[0] / 4) == ((uint32_t)condition[0] % 4 >= KEDGE_RULE_IS);
}

static int amrules_rule_is_sound(const amrules_state *s, const double *rule, double least_conditions)
{
    double n = rule[RULE_N_CONDITIONS];
    if (!kedge_i_within(n, least_conditions, least_conditions * KEDGE_RULE_CONDITIONS) || n != (double)(uint32_t)n ||
        !kedge_i_regress_watch_check(rule + RULE_WATCH, s->drift_threshold) || !kedge_i_within(rule[RULE_ROWS], 0.0, 1e19) ||
        !kedge_i_within(rule[RULE_ERROR], 0.0, 1.001 * WATCH_ERROR_MAX))
        return 0;
    for (uint32_t k = 0; k < KEDGE_RULE_CONDITIONS; k++) {
        const double *condition = rule + RULE_CONDITIONS + 2 * k;
        if (k < (uint32_t)n ? !amrules_condition_is_sound(&s->tree, condition) : condition[0] != 0.0 || condition[1] != 0.0)
            return 0;
    }
    return kedge_i_regress_block_check(&s->tree, rule + RULE_BLOCK);
}

static int amrules_check(const void *state)
{
    const amrules_state *s = state;
    if (!amrules_valid(s) || s->tree.model.n_learned > KEDGE_I_COUNT_MAX || s->n_rules > s->n_most ||
        s->n_removed > s->tree.model.n_learned || !kedge_i_regress_target_check(s->target) ||
        !amrules_rule_is_sound(s, amrules_rule_const(s, s->n_most), 0.0))
        return 0;
    for (uint32_t i = 0; i < s->n_rules; i++)
        if (!amrules_rule_is_sound(s, amrules_rule_const(s, i), 1.0))
            return 0;
    const double *rest = amrules_rule_const(s, s->n_rules);
    for (size_t k = 0; k < (size_t)(s->n_most - s->n_rules) * s->rule_words; k++)
        if (rest[k] != 0.0)
            return 0;
    return 1;
}

/* Rules ------------------------------------------------------------------------------------------------------------------------ */

static int amrules_holds(const tree_state *t, const double *condition, const kedge_row *x)
{
    uint32_t code = (uint32_t)condition[0];
    double value = kedge_i_row_at(x, code / 4);
    if (value != value)
        return 0;
    switch (code % 4) {
    case KEDGE_RULE_AT_MOST: return value <= condition[1];
    case KEDGE_RULE_ABOVE: return value > condition[1];
    case KEDGE_RULE_IS: return (double)tree_category(t, value) == condition[1];
    default: return (double)tree_category(t, value) != condition[1];
    }
}

static int amrules_covers(const tree_state *t, const double *rule, const kedge_row *x)
{
    uint32_t n = (uint32_t)rule[RULE_N_CONDITIONS];
    for (uint32_t k = 0; k < n; k++)
        if (!amrules_holds(t, rule + RULE_CONDITIONS + 2 * k, x))
            return 0;
    return 1;
}

/* The next rule from i on that covers the row, or the default rule. */
static uint32_t amrules_next(const amrules_state *s, uint32_t i, const kedge_row *x)
{
    while (i < s->n_rules && !amrules_covers(&s->tree, amrules_rule_const(s, i), x))
        i++;
    return i < s->n_rules ? i : s->n_most;
}

/* A narrower condition of the same kind replaces the old one. 0: no room for one more. */
static int amrules_add_condition(double *rule, double code, double value)
{
    uint32_t n = (uint32_t)rule[RULE_N_CONDITIONS];
    uint32_t k = 0;
    while (k < n && (rule[RULE_CONDITIONS + 2 * k] != code || (uint32_t)code % 4 == KEDGE_RULE_IS_NOT))
        k++;
    if (k == KEDGE_RULE_CONDITIONS)
        return 0;
    rule[RULE_CONDITIONS + 2 * k] = code;
    rule[RULE_CONDITIONS + 2 * k + 1] = value;
    rule[RULE_N_CONDITIONS] += k == n;
    return 1;
}

/* Forgets its errors, of which those before were of other rows. */
static void amrules_forget_errors(double *rule)
{
    memset(rule, 0, RULE_N_CONDITIONS * sizeof *rule);
}

/* The side with the smaller standard deviation becomes a condition: of the rule itself, or of a new one if it is the default rule,
 * which goes on with the other side. */
static void amrules_expand(amrules_state *s, uint32_t i, const tree_split *split)
{
    double *rule = amrules_rule(s, i);
    double *b = rule + RULE_BLOCK;
    head_moments sides[2];
    kedge_i_bins_sides(&s->tree, b, split, sides);
    uint32_t side = sides[1].m2 * sides[0].weight < sides[0].m2 * sides[1].weight;
    double code =
        4.0 * (split->feature & ~TREE_NOMINAL) + ((split->feature & TREE_NOMINAL) != 0 ? KEDGE_RULE_IS : KEDGE_RULE_AT_MOST) + side;
    if (i == s->n_most && s->n_rules == s->n_most)
        return;
    double *grown = i == s->n_most ? amrules_rule(s, s->n_rules) : rule;
    if (grown != rule)
        memcpy(grown, rule, s->rule_words * sizeof *rule);
    if (!amrules_add_condition(grown, code, split->threshold))
        return;
    kedge_i_regress_block_empty(&s->tree, grown + RULE_BLOCK);
    kedge_i_head_inherit(&s->tree, grown + RULE_BLOCK + REGRESS_HEAD, b + REGRESS_HEAD, sides[side]);
    amrules_forget_errors(grown);
    if (grown == rule)
        return;
    kedge_i_regress_block_empty(&s->tree, b);
    kedge_i_head_inherit(&s->tree, b + REGRESS_HEAD, b + REGRESS_HEAD, sides[1 - side]);
    amrules_forget_errors(rule);
    s->n_rules++;
}

/* The default rule cannot go: it begins its statistics anew. */
static void amrules_remove(amrules_state *s, uint32_t i)
{
    double *rule = amrules_rule(s, i);
    s->n_removed++;
    if (i == s->n_most) {
        kedge_i_regress_block_refresh(&s->tree, rule + RULE_BLOCK);
        amrules_forget_errors(rule);
        return;
    }
    memmove(rule, rule + s->rule_words, (size_t)(s->n_rules - 1 - i) * s->rule_words * sizeof *rule);
    s->n_rules--;
    memset(amrules_rule(s, s->n_rules), 0, s->rule_words * sizeof *rule);
}

/* Almeida et al. 2013, section 3.3: Cantelli's inequality bounds the probability of such a value of each feature; the log odds of
 * those that are far at all, over all features. */
static int amrules_is_anomaly(const amrules_state *s, const double *rule, const kedge_row *x)
{
    const double *head = rule + RULE_BLOCK + REGRESS_HEAD;
    const double *in = head + HEAD_INPUTS;
    double sum = 0.0;
    if (s->anomaly == 0.0 || head[HEAD_STEPS] < RULES_SURE)
        return 0;
    for (uint32_t j = 0; j < s->tree.model.n_features; j++, in += INPUT_WORDS) {
        double value = tree_input(x, j);
        double known = value != value ? in[INPUT_MEAN] : value;
        double off = known - in[INPUT_MEAN];
        off = off < 0.0 ? -off : off;
        double far = in[INPUT_UNIT] == 0.0 ? 0.0 : off > RULES_FAR / in[INPUT_UNIT] ? RULES_FAR : off * in[INPUT_UNIT];
        if (far > 1.0 + 1e-9)
            sum += kedge_i_quick_log(2.0 / (far * far - 1.0)); /* odds of p = 2 / (1 + far^2) */
    }
    return sum / s->tree.model.n_features < s->anomaly;
}

/* Returns 1 if the rule is gone. */
static int amrules_learn_rule(amrules_state *s, uint32_t i, const kedge_row *x, double y, double weight, double unit)
{
    double *rule = amrules_rule(s, i);
    double *b = rule + RULE_BLOCK;
    int is_first = b[REGRESS_HEAD + HEAD_WEIGHT] == 0.0;
    double error =
        is_first ? 0.0 : regress_relative(y - kedge_i_head_predict(&s->tree, b + REGRESS_HEAD, x), unit, WATCH_ERROR_MAX);
    rule[RULE_ROWS] += 1.0;
    double share = rule[RULE_ROWS] * RULES_FADING < 1.0 ? 1.0 / rule[RULE_ROWS] : RULES_FADING;
    rule[RULE_ERROR] += (error - rule[RULE_ERROR]) * share;
    if (s->drift_threshold > 0.0 && kedge_i_regress_alarms(rule + RULE_WATCH, error, s->drift_delta, s->drift_threshold)) {
        amrules_remove(s, i);
        return i != s->n_most;
    }
    tree_split split;
    kedge_i_regress_block_learn(&s->tree, b, x, y, weight);
    if (kedge_i_regress_block_splits(&s->tree, b, &split))
        amrules_expand(s, i, &split);
    return 0;
}

static kedge_status amrules_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    amrules_state *s = state;
    double unit = kedge_i_regress_unit(s->target, y);
    uint32_t n_learned = 0;
    s->tree.model.n_learned++;
    for (uint32_t i = amrules_next(s, 0, x); i < s->n_most && (n_learned == 0 || !s->ordered); i = amrules_next(s, i, x)) {
        if (amrules_is_anomaly(s, amrules_rule_const(s, i), x)) {
            i++;
            continue;
        }
        if (amrules_learn_rule(s, i, x, y, weight, unit))
            continue; /* the next one has its place */
        n_learned++;
        i++;
    }
    if (n_learned == 0)
        (void)amrules_learn_rule(s, s->n_most, x, y, weight, unit);
    return KEDGE_OK;
}

static kedge_status amrules_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const amrules_state *s = state;
    uint32_t i = amrules_next(s, 0, x);
    double mean = kedge_i_head_predict(&s->tree, amrules_rule_const(s, i) + RULE_BLOCK + REGRESS_HEAD, x);
    double weights = 1.0 / (amrules_rule_const(s, i)[RULE_ERROR] + RULES_LEAST_ERROR);
    while (!s->ordered && i < s->n_most && (i = amrules_next(s, i + 1, x)) < s->n_most) {
        const double *rule = amrules_rule_const(s, i);
        double weight = 1.0 / (rule[RULE_ERROR] + RULES_LEAST_ERROR);
        weights += weight;
        mean += (kedge_i_head_predict(&s->tree, rule + RULE_BLOCK + REGRESS_HEAD, x) - mean) * (weight / weights);
    }
    mean = mean < KEDGE_TARGET_MAX ? mean : KEDGE_TARGET_MAX; /* beyond only by rounding */
    *y = mean > -KEDGE_TARGET_MAX ? mean : -KEDGE_TARGET_MAX;
    return s->tree.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

/* What it has become ----------------------------------------------------------------------------------------------------------- */

kedge_status kedge_amrules_count(const kedge_model *m, uint32_t *n_rules, uint32_t *n_most, uint64_t *n_removed)
{
    if (!m || !m->state)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_amrules)
        return KEDGE_ERR_CLASS;
    const amrules_state *s = m->state;
    if (n_rules)
        *n_rules = s->n_rules;
    if (n_most)
        *n_most = s->n_most;
    if (n_removed)
        *n_removed = s->n_removed;
    return KEDGE_OK;
}

kedge_status kedge_amrules_read(const kedge_model *m, uint32_t i, kedge_amrules_rule *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_amrules)
        return KEDGE_ERR_CLASS;
    const amrules_state *s = m->state;
    if (i > s->n_rules)
        return KEDGE_ERR_RANGE;
    const double *rule = amrules_rule_const(s, i < s->n_rules ? i : s->n_most);
    memset(out, 0, sizeof *out);
    out->weight = rule[RULE_BLOCK + REGRESS_HEAD + HEAD_WEIGHT];
    out->mean = rule[RULE_BLOCK + REGRESS_HEAD + HEAD_MEAN];
    out->error = rule[RULE_ERROR];
    out->n_conditions = (uint32_t)rule[RULE_N_CONDITIONS];
    for (uint32_t k = 0; k < out->n_conditions; k++) {
        uint32_t code = (uint32_t)rule[RULE_CONDITIONS + 2 * k];
        out->conditions[k].feature = code / 4;
        out->conditions[k].kind = code % 4;
        out->conditions[k].value = rule[RULE_CONDITIONS + 2 * k + 1];
    }
    return KEDGE_OK;
}

const kedge_model_class kedge_amrules = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "amrules",
            .fixed_bytes = sizeof(amrules_state),
            .config_bytes = sizeof(kedge_amrules_config),
            .n_fields = sizeof amrules_fields / sizeof *amrules_fields,
            .fields = amrules_fields,
            .defaults = amrules_defaults,
            .configure = amrules_configure,
            .valid = amrules_valid,
            .layout = amrules_layout,
            .start = amrules_start,
            .check = amrules_check,
        },
    .learn = amrules_learn,
    .predict = amrules_predict,
    .score = amrules_predict,
    .takes_missing = 1,
};
