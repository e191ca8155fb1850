/* SPDX-License-Identifier: MIT */
/* A portfolio of models that learn side by side, mixed by the log loss of their class shares; beside this mixture, and weighed by
 * right and wrong, the members themselves.
 *
 * Monteleoni, Jaakkola 2003, "Online learning of non-stationary sequences", NIPS 16, section 4: Learn-alpha. Below it, for each
 * rate of change, the fixed share update of Herbster, Warmuth 1998, "Tracking the best expert", Machine Learning 32, section 4;
 * what is shared out goes by a prior in place of evenly, so that members of which little is expected cost little; see
 * auto_weights.c. Restarts of naive Bayes: Gama, Medas, Castillo, Rodrigues 2004, with a detector of Frias-Blanco et al. 2015. */
#include "base/fp.h"

#include <string.h>

#include "kedge/detectors/hddm_a.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "models/auto_state.h"
#include "models/forest_learn.h"
#include "models/freeze.h"
#include "models/sam_state.h"

#define AUTO_SMOOTHING 1e-3 /* part of an even share in a member's shares: no row costs a member more than -ln of it */
/* Neighbours' shares are coarse, k votes, and claim too much by as much as a stream is noisy: the part of them that counts, and
 * its rate a row. */
#define AUTO_TRUST_FIRST 0.9
#define AUTO_TRUST_LEAST 0.01
#define AUTO_TRUST_MOST 0.999
#define AUTO_TRUST_RATE 0.003

enum { AUTO_CLASSES = 64, AUTO_MEMORY = 2 * 1024 * 1024, AUTO_LAGS = 3, AUTO_REST_MOST = 1000, AUTO_NEAR_ROWS = 5000 };

static const kedge_field auto_fields[] = {
    KEDGE_PARAM(auto_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(auto_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(auto_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(auto_state, memory, KEDGE_TYPE_U32),
    KEDGE_PARAM(auto_state, n_trees, KEDGE_TYPE_U32),
    KEDGE_PARAM(auto_state, n_lags, KEDGE_TYPE_U32),
    KEDGE_PARAM(auto_state, rest, KEDGE_TYPE_U32),
    KEDGE_PARAM(auto_state, n_near, KEDGE_TYPE_U32),
    KEDGE_PARAM(auto_state, budget_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(auto_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUES(auto_state, top, AUTO_RATES, KEDGE_TYPE_F64),
    KEDGE_VALUES(auto_state, weights, AUTO_RATES *KEDGE_AUTO_MEMBERS, KEDGE_TYPE_F64),
    KEDGE_VALUE(auto_state, spread, KEDGE_TYPE_F64),
    KEDGE_VALUE(auto_state, low, KEDGE_TYPE_F64),
    KEDGE_VALUE(auto_state, high, KEDGE_TYPE_F64),
    KEDGE_VALUE(auto_state, is_far, KEDGE_TYPE_U32),
    KEDGE_VALUES(auto_state, trust, AUTO_NEIGHBOURS, KEDGE_TYPE_F64),
    KEDGE_ARRAY(auto_state, at_lags, n_lags, KEDGE_TYPE_F64),
    KEDGE_ARRAY(auto_state, at_votes, n_votes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(auto_state, at_budget, n_budget, KEDGE_TYPE_F64),
    KEDGE_PART(auto_state, parts[0].at, parts[0].bytes, 0),
    KEDGE_PART(auto_state, parts[1].at, parts[1].bytes, 1),
    KEDGE_PART(auto_state, parts[2].at, parts[2].bytes, 2),
    KEDGE_PART(auto_state, parts[3].at, parts[3].bytes, 3),
    KEDGE_PART(auto_state, parts[4].at, parts[4].bytes, 4),
    KEDGE_PART(auto_state, parts[5].at, parts[5].bytes, 5),
    KEDGE_PART(auto_state, parts[6].at, parts[6].bytes, 6),
    KEDGE_PART(auto_state, parts[7].at, parts[7].bytes, 7),
    KEDGE_PART(auto_state, parts[8].at, parts[8].bytes, 8),
    KEDGE_PART(auto_state, parts[9].at, parts[9].bytes, 9),
    KEDGE_PART(auto_state, parts[10].at, parts[10].bytes, 10),
    KEDGE_PART(auto_state, parts[11].at, parts[11].bytes, 11),
};

static void auto_defaults(void *config)
{
    kedge_auto_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_auto;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->seed = 1;
    cfg->memory = AUTO_MEMORY;
    cfg->n_trees = 10;
    cfg->rest = 1;
    cfg->budget_ns = KEDGE_AUTO_UNBOUNDED;
}

kedge_status kedge_auto_config_init(kedge_auto_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_auto.base, cfg, cfg_bytes, sizeof *cfg);
    if (st != KEDGE_OK)
        return st;
    cfg->base.n_features = n_features;
    cfg->base.n_classes = n_classes;
    cfg->n_lags = n_classes == 0 ? AUTO_LAGS : 0;
    cfg->n_near = n_classes == 0 ? 0 : AUTO_NEAR_ROWS;
    cfg->memory = kedge_i_auto_memory(cfg, AUTO_MEMORY);
    return KEDGE_OK;
}

static void auto_configure(const void *config, void *fixed)
{
    const kedge_auto_config *cfg = config;
    auto_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->seed = cfg->seed;
    s->memory = cfg->memory;
    s->n_trees = cfg->n_trees;
    s->n_lags = cfg->n_lags;
    s->rest = cfg->rest;
    s->n_near = cfg->n_near;
    s->budget_ns = cfg->budget_ns;
}

static int auto_valid(const void *fixed)
{
    const auto_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX - AUTO_LAGS_MOST) && s->model.n_classes != 1 &&
           s->model.n_classes <= KEDGE_CLASSES_MAX && kedge_i_u32_within(s->n_trees, 1, KEDGE_FOREST_TREES_MAX) &&
           s->n_lags <= (s->model.n_classes == 0 ? AUTO_LAGS_MOST : 0u) &&
           kedge_i_u32_within(s->rest, 1, AUTO_REST_MOST) &&
           (s->n_near == 0 || (s->model.n_classes > 0 && kedge_i_u32_within(s->n_near, AUTO_NEAR_LEAST, KEDGE_KNN_WINDOW_MAX))) &&
           s->budget_ns > 0;
}

static size_t auto_layout(void *fixed)
{
    size_t bytes = kedge_i_auto_plan(fixed);
    kedge_i_auto_set_prior(fixed);
    return bytes;
}

static void auto_start(void *state)
{
    auto_state *s = state;
    kedge_i_auto_begin(s);
    s->trust[0] = s->trust[1] = AUTO_TRUST_FIRST;
    kedge_i_auto_weights_begin(s);
    kedge_i_auto_budget_begin(s);
}

/* Checks --- */

/* A part is sound, and a member is of the portfolio's shape and has learned what it has. Naive Bayes begins anew at times, and
 * least squares leave out rows. */
static int auto_part_is_good(const auto_state *s, uint32_t i)
{
    const kedge_model_state *m = auto_part_const(s, i);
    if (kedge_i_object_check(kedge_i_auto_parts[i], m) < 0 || kedge_i_state_bytes(m) != s->parts[i].bytes)
        return 0;
    if (i == AUTO_DETECTOR)
        return 1;
    if (m->n_features != s->model.n_features + s->n_lags || m->n_classes != s->model.n_classes || m->n_learned > s->model.n_learned)
        return 0;
    return m->n_learned == s->model.n_learned || i == KEDGE_AUTO_BAYES || i == AUTO_RLS || i == AUTO_LINEAR || s->rest > 1 ||
           s->budget_ns != KEDGE_AUTO_UNBOUNDED;
}

static int auto_check(const void *state)
{
    const auto_state *s = state;
    if (!auto_valid(s) || s->model.n_learned > KEDGE_I_COUNT_MAX || !kedge_i_auto_weights_check(s) ||
        !kedge_i_auto_values_check(s) || !kedge_i_auto_budget_check(s))
        return 0;
    for (uint32_t i = 0; i < AUTO_NEIGHBOURS; i++)
        if (!kedge_i_within(s->trust[i], AUTO_TRUST_LEAST, AUTO_TRUST_MOST))
            return 0;
    for (uint32_t i = 0; i < AUTO_PARTS; i++)
        if (s->parts[i].bytes > 0 && !auto_part_is_good(s, i))
            return 0;
    return 1;
}

/* Prediction --- */

/* Neighbours cost a search of all that they hold, so while they count next to nothing, they are not asked. */
static int auto_speaks(uint32_t k, double weight)
{
    return weight > 0.0 && (k < KEDGE_AUTO_NEAR || weight >= AUTO_IDLE);
}

static uint32_t auto_greatest(const double *scores, uint32_t n)
{
    uint32_t best = 0;
    for (uint32_t c = 1; c < n; c++)
        if (scores[c] > scores[best])
            best = c;
    return best;
}

/* A member's share of a class, from its score. */
static double auto_share_of(const auto_state *s, uint32_t k, double score)
{
    double trust = k < KEDGE_AUTO_NEAR ? 1.0 : s->trust[k - KEDGE_AUTO_NEAR];
    return trust * score + (1.0 - trust) / s->model.n_classes;
}

/* The likeliest part of member k's shares, beside even ones, by a step of expectation and maximisation (Cappe, Moulines 2009,
 * "Online expectation-maximization algorithm for latent data models", Journal of the Royal Statistical Society B 71, section 2) for
 * a row whose label had that score. */
static void auto_trust(auto_state *s, uint32_t k, double score)
{
    double *trust = &s->trust[k - KEDGE_AUTO_NEAR];
    double by_it = *trust * score;
    *trust += AUTO_TRUST_RATE * (by_it / (by_it + (1.0 - *trust) / s->model.n_classes) - *trust);
    *trust = *trust < AUTO_TRUST_MOST ? *trust : AUTO_TRUST_MOST;
    *trust = *trust > AUTO_TRUST_LEAST ? *trust : AUTO_TRUST_LEAST;
}

/* Few classes: the members' shares, mixed. */
static void auto_mix(const auto_state *s, const kedge_row *x, double *scores)
{
    double weights[KEDGE_AUTO_MEMBERS];
    double own[AUTO_CLASSES];
    uint32_t turns[KEDGE_AUTO_MEMBERS];
    kedge_i_auto_awake(s, weights, turns);
    memset(scores, 0, s->model.n_classes * sizeof *scores);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        if (!auto_speaks(k, weights[k]))
            continue;
        (void)kedge_i_auto_class(s, k)->score(kedge_i_auto_class(s, k), auto_part_const(s, k), x, own);
        for (uint32_t c = 0; c < s->model.n_classes; c++)
            scores[c] += weights[k] * auto_share_of(s, k, own[c]);
    }
}

/* The class that most weight says, and how much that is. */
static uint32_t auto_elect(const double *weights, const uint32_t *says, double *most)
{
    uint32_t best = 0;
    *most = 0.0;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        double sum = 0.0;
        for (uint32_t j = 0; j < KEDGE_AUTO_MEMBERS; j++)
            sum += says[j] == says[k] ? weights[j] : 0.0;
        if (sum > *most) {
            *most = sum;
            best = says[k];
        }
    }
    return best;
}

/* Many classes, for which the stack has no room: the class that the members vote for, and the weight of their votes. */
static uint32_t auto_vote(const auto_state *s, const kedge_row *x, double *votes)
{
    double weights[KEDGE_AUTO_MEMBERS];
    uint32_t says[KEDGE_AUTO_MEMBERS];
    uint32_t turns[KEDGE_AUTO_MEMBERS];
    kedge_i_auto_awake(s, weights, turns);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        double y = 0.0;
        weights[k] = auto_speaks(k, weights[k]) ? weights[k] : 0.0;
        if (weights[k] > 0.0)
            (void)kedge_i_auto_class(s, k)->predict(kedge_i_auto_class(s, k), auto_part_const(s, k), x, &y);
        says[k] = (uint32_t)y;
    }
    return auto_elect(weights, says, votes);
}

static kedge_status auto_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const auto_state *s = state;
    double scores[AUTO_CLASSES];
    *y = 0.0;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    if (s->model.n_classes == 0)
        return kedge_i_auto_predict_value(s, x, y);
    if (s->model.n_classes <= AUTO_CLASSES) {
        auto_mix(s, x, scores);
        *y = auto_greatest(scores, s->model.n_classes);
    } else {
        *y = auto_vote(s, x, scores);
    }
    return KEDGE_OK;
}

static kedge_status auto_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const auto_state *s = state;
    uint32_t n = s->model.n_classes;
    double sum = 0.0;
    if (n == 0)
        return auto_predict(cls, state, x, scores);
    if (s->model.n_learned == 0) {
        for (uint32_t c = 0; c < n; c++)
            scores[c] = 1.0 / n;
        return KEDGE_EMPTY;
    }
    if (n <= AUTO_CLASSES) {
        auto_mix(s, x, scores);
    } else {
        double votes;
        uint32_t best = auto_vote(s, x, &votes);
        for (uint32_t c = 0; c < n; c++)
            scores[c] = AUTO_SMOOTHING / n;
        scores[best] += votes;
    }
    for (uint32_t c = 0; c < n; c++)
        sum += scores[c];
    for (uint32_t c = 0; c < n; c++)
        scores[c] /= sum;
    return KEDGE_OK;
}

/* Learning --- */

/* A member's scores of a row that is now known. The forest and the neighbours learn it by the way, if they are to. */
static void auto_hear(auto_state *s, const kedge_row *x, uint32_t label, double weight, uint32_t k, uint32_t turn, double *scores)
{
    if (k == KEDGE_AUTO_FOREST && turn == AUTO_LEARNS)
        kedge_i_forest_learn_scored(auto_part_of(s, k), x, label, weight, scores);
    else if (k >= KEDGE_AUTO_NEAR && turn == AUTO_LEARNS)
        kedge_i_sam_learn_scored(auto_part_of(s, k), x, label, weight, scores);
    else
        (void)kedge_i_auto_class(s, k)->score(kedge_i_auto_class(s, k), auto_part_const(s, k), x, scores);
}

/* What each member that is awake gave the label, and whether it and the mixture were right about it. */
static void auto_judge(auto_state *s, const kedge_row *x, uint32_t label, double weight, const uint32_t *turns, double *likely,
                       double *right)
{
    double *scores = kedge_i_at(s, s->at_scores);
    double weights[KEDGE_AUTO_MEMBERS], mixed[AUTO_CLASSES] = {0.0}, votes;
    uint32_t says[KEDGE_AUTO_MEMBERS] = {0};
    uint32_t few = s->model.n_classes <= AUTO_CLASSES ? s->model.n_classes : 0; /* of more the mixture is a vote */
    kedge_i_auto_mixture(s, weights);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        likely[k] = right[k] = -1.0;
        if (turns[k] == AUTO_SLEEPS) {
            weights[k] = 0.0;
            continue;
        }
        auto_hear(s, x, label, weight, k, turns[k], scores);
        likely[k] = (1.0 - AUTO_SMOOTHING) * auto_share_of(s, k, scores[label]) + AUTO_SMOOTHING / s->model.n_classes;
        for (uint32_t c = 0; c < few; c++)
            mixed[c] += weights[k] * auto_share_of(s, k, scores[c]);
        says[k] = auto_greatest(scores, s->model.n_classes);
        right[k] = says[k] == label ? 1.0 : 0.0;
        if (k >= KEDGE_AUTO_NEAR)
            auto_trust(s, k, scores[label]);
    }
    uint32_t together = few > 0 ? auto_greatest(mixed, few) : auto_elect(weights, says, &votes);
    right[AUTO_MIXTURE] = together == label ? 1.0 : 0.0;
    memset(scores, 0, s->model.n_classes * sizeof *scores);
}

static kedge_status auto_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    auto_state *s = state;
    double weights[KEDGE_AUTO_MEMBERS];
    double likely[KEDGE_AUTO_MEMBERS];
    double right[AUTO_VOTERS];
    uint32_t turns[KEDGE_AUTO_MEMBERS];
    if (s->model.n_classes == 0) {
        kedge_i_auto_learn_value(s, x, y, weight);
        return KEDGE_OK;
    }
    kedge_i_auto_awake(s, weights, turns);
    auto_judge(s, x, (uint32_t)y, weight, turns, likely, right);
    kedge_i_auto_reweigh(s, likely);
    kedge_i_auto_rejudge(s, right);
    if (turns[KEDGE_AUTO_BAYES] != AUTO_SLEEPS &&
        kedge_hddm_a.update(auto_part_of(s, AUTO_DETECTOR), 1.0 - right[KEDGE_AUTO_BAYES]) == KEDGE_DRIFT)
        kedge_i_object_reset(kedge_i_auto_parts[KEDGE_AUTO_BAYES], auto_part_of(s, KEDGE_AUTO_BAYES));
    for (uint32_t k = KEDGE_AUTO_FOREST + 1; k < KEDGE_AUTO_NEAR; k++) {
        if (turns[k] != AUTO_LEARNS)
            continue;
        kedge_status st = kedge_i_auto_class(s, k)->learn(kedge_i_auto_class(s, k), auto_part_of(s, k), x, y, weight);
        KEDGE_ASSERT(st >= 0); /* none of them ever refuses a valid row */
        (void)st;
    }
    kedge_i_auto_count(s, turns);
    return KEDGE_OK;
}

/* Looking inside --- */

static kedge_status auto_is_mine(const kedge_model *m, const void *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    return m->cls == &kedge_auto ? KEDGE_OK : KEDGE_ERR_CLASS;
}

kedge_status kedge_auto_weights(const kedge_model *m, double *weights)
{
    KEDGE_TRY(auto_is_mine(m, weights));
    kedge_i_auto_counts(m->state, weights);
    return KEDGE_OK;
}

kedge_status kedge_auto_member(const kedge_model *m, uint32_t i, kedge_model *member)
{
    KEDGE_TRY(auto_is_mine(m, member));
    if (i >= KEDGE_AUTO_MEMBERS || !kedge_i_auto_has(m->state, i))
        return KEDGE_ERR_RANGE;
    member->cls = kedge_i_auto_class(m->state, i);
    member->state = auto_part_of(m->state, kedge_i_auto_part(m->state, i));
    return KEDGE_OK;
}

kedge_status kedge_auto_spent(kedge_model *m, uint64_t rows, uint64_t ns)
{
    KEDGE_TRY(auto_is_mine(m, m));
    if (rows == 0)
        return KEDGE_ERR_RANGE;
    kedge_i_auto_spent(m->state, rows, ns);
    return KEDGE_OK;
}

/* Freezing --- */

/* Neighbours are their memories, of which nothing is left to freeze: the others share what they count. */
static void auto_freeze_member(const freeze_mixture *mix, const kedge_model_class *cls, const void *state, uint32_t i,
                               freeze_member *out)
{
    (void)cls;
    double weights[KEDGE_AUTO_MEMBERS];
    double sum = 0.0;
    kedge_i_auto_counts(state, weights);
    for (uint32_t k = 0; k < mix->n_members; k++)
        sum += weights[k];
    out->cls = kedge_i_auto_class(state, i);
    out->state = auto_part_const(state, kedge_i_auto_part(state, i));
    out->features = NULL;
    out->weight = weights[i] / sum;
}

static kedge_status auto_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    if (((const auto_state *)state)->model.n_classes == 0) /* its lags would stand still */
        return KEDGE_ERR_UNSUPPORTED;
    const freeze_mixture mix = {KEDGE_AUTO_NEAR, ((const auto_state *)state)->model.n_features, 0, auto_freeze_member};
    return kedge_i_freeze_mixture(cls, state, &mix, buf, cap, len);
}

const kedge_model_class kedge_auto = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "auto",
            .fixed_bytes = sizeof(auto_state),
            .config_bytes = sizeof(kedge_auto_config),
            .n_fields = sizeof auto_fields / sizeof *auto_fields,
            .fields = auto_fields,
            .defaults = auto_defaults,
            .configure = auto_configure,
            .valid = auto_valid,
            .layout = auto_layout,
            .start = auto_start,
            .check = auto_check,
            .parts = kedge_i_auto_parts,
        },
    .learn = auto_learn,
    .predict = auto_predict,
    .score = auto_score,
    .takes_missing = 1,
    .freeze = auto_freeze,
};
