/* SPDX-License-Identifier: MIT */
/* Naive Bayes of counts (multinomial) and of yes or no (Bernoulli): McCallum, Nigam 1998, "A comparison of event models for naive
 * Bayes text classification". Complement: Rennie, Shih, Teevan, Karger 2003, "Tackling the poor assumptions of naive Bayes text
 * classifiers", section 3.1.
 *
 * Both keep, for each class, its weight and a weighted sum for each feature, so they share their state: to learn adds, to forget
 * subtracts, to merge adds up. Forgetting leaves rounding behind, so a sum is cut to what its class's weight allows. */
#include "base/fp.h"

#include <float.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "models/discrete_nb.h"

#define DISCRETE_NB_WEIGHT_MAX 1e25 /* of all rows together */
#define DISCRETE_NB_FADED 1e-100    /* a class of less weight counts as never seen */
#define DISCRETE_NB_REST 1e-12      /* share of a weight that is rounding */

static const kedge_field multinomial_nb_fields[] = {
    KEDGE_PARAM(discrete_nb_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(discrete_nb_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(discrete_nb_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(discrete_nb_state, fading, KEDGE_TYPE_F64),
    KEDGE_PARAM(discrete_nb_state, complement, KEDGE_TYPE_U32),
    KEDGE_VALUE(discrete_nb_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(discrete_nb_state, weight, KEDGE_TYPE_F64),
    KEDGE_ARRAY(discrete_nb_state, at_weights, model.n_classes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(discrete_nb_state, at_counts, n_counts, KEDGE_TYPE_F64),
    KEDGE_ARRAY(discrete_nb_state, at_totals, model.n_classes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(discrete_nb_state, at_all, model.n_features, KEDGE_TYPE_F64),
};

static const kedge_field bernoulli_nb_fields[] = {
    KEDGE_PARAM(discrete_nb_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(discrete_nb_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(discrete_nb_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(discrete_nb_state, fading, KEDGE_TYPE_F64),
    KEDGE_PARAM(discrete_nb_state, threshold, KEDGE_TYPE_F64),
    KEDGE_VALUE(discrete_nb_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(discrete_nb_state, weight, KEDGE_TYPE_F64),
    KEDGE_ARRAY(discrete_nb_state, at_weights, model.n_classes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(discrete_nb_state, at_counts, n_counts, KEDGE_TYPE_F64),
};

/* Configuration and layout ----------------------------------------------------------------------------------------------------- */

static void multinomial_nb_defaults(void *config)
{
    kedge_multinomial_nb_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_multinomial_nb;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->alpha = 1.0;
    cfg->fading = 1.0;
}

static void bernoulli_nb_defaults(void *config)
{
    kedge_bernoulli_nb_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_bernoulli_nb;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->alpha = 1.0;
    cfg->fading = 1.0;
}

kedge_status kedge_multinomial_nb_config_init(kedge_multinomial_nb_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                              uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_multinomial_nb.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
    }
    return st;
}

kedge_status kedge_bernoulli_nb_config_init(kedge_bernoulli_nb_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                            uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_bernoulli_nb.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
    }
    return st;
}

static void multinomial_nb_configure(const void *config, void *fixed)
{
    const kedge_multinomial_nb_config *cfg = config;
    discrete_nb_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->alpha = cfg->alpha;
    s->fading = cfg->fading;
    s->complement = cfg->complement;
}

static void bernoulli_nb_configure(const void *config, void *fixed)
{
    const kedge_bernoulli_nb_config *cfg = config;
    discrete_nb_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->alpha = cfg->alpha;
    s->fading = cfg->fading;
    s->threshold = cfg->threshold;
}

static int discrete_nb_valid(const void *fixed)
{
    const discrete_nb_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) &&
           kedge_i_u32_within(s->model.n_classes, 2, KEDGE_CLASSES_MAX) && kedge_i_within(s->alpha, 1e-10, 1e9) &&
           s->fading > 0.0 && s->fading <= 1.0 && s->complement <= 1 && kedge_i_within(s->threshold, -DBL_MAX, DBL_MAX);
}

static size_t bernoulli_nb_layout(void *fixed)
{
    discrete_nb_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_counts = kedge_i_length(s->model.n_features, s->model.n_classes);
    s->at_weights = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    s->at_counts = kedge_i_arena_take(&arena, s->n_counts, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static size_t multinomial_nb_layout(void *fixed)
{
    discrete_nb_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_counts = kedge_i_length(s->model.n_features, s->model.n_classes);
    s->at_weights = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    s->at_counts = kedge_i_arena_take(&arena, s->n_counts, sizeof(double));
    s->at_totals = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    s->at_all = kedge_i_arena_take(&arena, s->model.n_features, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static double *discrete_nb_weights(discrete_nb_state *s)
{
    return kedge_i_at(s, s->at_weights);
}

static double *discrete_nb_class(discrete_nb_state *s, uint32_t c)
{
    return (double *)kedge_i_at(s, s->at_counts) + (size_t)c * s->model.n_features;
}

static double discrete_nb_sum(const double *x, uint32_t n)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

/* Sum of a feature over classes. */
static double discrete_nb_over_classes(const discrete_nb_state *s, uint32_t i)
{
    double sum = 0.0;
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        sum += discrete_nb_class_of(s, c)[i];
    return sum;
}

/* Greatest sum that rows of this weight can have. */
static double discrete_nb_reach(const discrete_nb_state *s, double weight)
{
    return discrete_nb_is_multinomial(s) ? 2.0 * KEDGE_COUNT_MAX * weight : weight;
}

static int discrete_nb_totals_are_sound(const discrete_nb_state *s)
{
    const double *totals = kedge_i_at_const(s, s->at_totals);
    const double *all = kedge_i_at_const(s, s->at_all);
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        if (totals[c] != discrete_nb_sum(discrete_nb_class_of(s, c), s->model.n_features))
            return 0;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double sum = discrete_nb_over_classes(s, i);
        if (!kedge_i_within(all[i], 0.999 * sum, 1.001 * sum))
            return 0;
    }
    return 1;
}

static int discrete_nb_check(const void *state)
{
    const discrete_nb_state *s = state;
    const double *w = discrete_nb_weights_of(s);
    if (!discrete_nb_valid(s) || !kedge_i_within(s->weight, 0.0, DISCRETE_NB_WEIGHT_MAX) ||
        s->model.n_learned > KEDGE_I_COUNT_MAX || (s->model.n_learned > 0) != (s->weight > 0.0))
        return 0;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        if (!kedge_i_within(w[c], 0.0, s->weight))
            return 0;
        for (uint32_t i = 0; i < s->model.n_features; i++)
            if (!kedge_i_within(discrete_nb_class_of(s, c)[i], 0.0, discrete_nb_reach(s, w[c])))
                return 0;
    }
    if (!kedge_i_within(discrete_nb_sum(w, s->model.n_classes), 0.999 * s->weight, 1.001 * s->weight))
        return 0;
    return !discrete_nb_is_multinomial(s) || discrete_nb_totals_are_sound(s);
}

/* Training --------------------------------------------------------------------------------------------------------------------- */

static int discrete_nb_takes(const discrete_nb_state *s, const kedge_row *x)
{
    for (uint32_t i = 0; discrete_nb_is_multinomial(s) && i < s->model.n_features; i++)
        if (!kedge_i_within(kedge_i_row_at(x, i), 0.0, KEDGE_COUNT_MAX))
            return 0;
    return 1;
}

/* The sums that follow from the counts, after one class changed, or after all did. */
static void discrete_nb_total(discrete_nb_state *s, uint32_t c)
{
    if (discrete_nb_is_multinomial(s))
        ((double *)kedge_i_at(s, s->at_totals))[c] = discrete_nb_sum(discrete_nb_class(s, c), s->model.n_features);
}

static void discrete_nb_total_all(discrete_nb_state *s)
{
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        discrete_nb_total(s, c);
    for (uint32_t i = 0; discrete_nb_is_multinomial(s) && i < s->model.n_features; i++)
        ((double *)kedge_i_at(s, s->at_all))[i] = discrete_nb_over_classes(s, i);
    s->weight = discrete_nb_sum(discrete_nb_weights(s), s->model.n_classes);
}

static void discrete_nb_fade(discrete_nb_state *s)
{
    double *weights = discrete_nb_weights(s);
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        double *own = discrete_nb_class(s, c);
        double factor = weights[c] * s->fading < DISCRETE_NB_FADED ? 0.0 : s->fading;
        weights[c] *= factor;
        for (uint32_t i = 0; i < s->model.n_features; i++)
            own[i] *= factor;
    }
    discrete_nb_total_all(s);
}

/* The row into the sums; neither checks nor fades. */
static void discrete_nb_add(discrete_nb_state *s, const kedge_row *x, uint32_t c, double weight)
{
    double *own = discrete_nb_class(s, c);
    s->weight += weight;
    discrete_nb_weights(s)[c] += weight;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double more = weight * discrete_nb_input(s, x, i);
        own[i] += more;
        if (discrete_nb_is_multinomial(s))
            ((double *)kedge_i_at(s, s->at_all))[i] += more;
    }
    s->model.n_learned++;
}

static kedge_status discrete_nb_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    discrete_nb_state *s = state;
    if (s->weight + weight > DISCRETE_NB_WEIGHT_MAX || !discrete_nb_takes(s, x))
        return KEDGE_ERR_RANGE;
    if (s->fading < 1.0)
        discrete_nb_fade(s);
    discrete_nb_add(s, x, (uint32_t)y, weight);
    discrete_nb_total(s, (uint32_t)y);
    return KEDGE_OK;
}

/* Are there sums to take this row out of? */
static int discrete_nb_holds(const discrete_nb_state *s, const kedge_row *x, uint32_t c, double weight)
{
    const double *own = discrete_nb_class_of(s, c);
    double held = discrete_nb_weights_of(s)[c];
    if (weight - held > DISCRETE_NB_REST * held)
        return 0;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double less = weight * discrete_nb_input(s, x, i);
        double rest = 1e-9 * (own[i] + (discrete_nb_is_multinomial(s) ? less : held));
        if (less - own[i] > rest || (!discrete_nb_is_multinomial(s) && weight - less - (held - own[i]) > rest))
            return 0;
    }
    return 1;
}

static kedge_status discrete_nb_forget(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    discrete_nb_state *s = state;
    uint32_t c = (uint32_t)y;
    double *held = &discrete_nb_weights(s)[c];
    double *own = discrete_nb_class(s, c);
    if (!discrete_nb_takes(s, x) || !discrete_nb_holds(s, x, c, weight))
        return KEDGE_ERR_RANGE;
    *held = *held - weight > DISCRETE_NB_REST * *held ? *held - weight : 0.0;
    double reach = discrete_nb_reach(s, *held);
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double left = own[i] - weight * discrete_nb_input(s, x, i);
        left = left < reach ? left : reach;
        own[i] = left > 0.0 ? left : 0.0;
    }
    discrete_nb_total_all(s);
    s->model.n_learned -= s->model.n_learned > 1;
    s->model.n_learned = s->weight > 0.0 ? s->model.n_learned : 0;
    return KEDGE_OK;
}

static kedge_status discrete_nb_merge(const kedge_model_class *cls, void *state, const void *other)
{
    (void)cls;
    discrete_nb_state *s = state;
    const discrete_nb_state *o = other;
    if (s->weight + o->weight > DISCRETE_NB_WEIGHT_MAX || s->model.n_learned + o->model.n_learned > KEDGE_I_COUNT_MERGED)
        return KEDGE_ERR_RANGE;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        double *own = discrete_nb_class(s, c);
        discrete_nb_weights(s)[c] += discrete_nb_weights_of(o)[c];
        for (uint32_t i = 0; i < s->model.n_features; i++)
            own[i] += discrete_nb_class_of(o, c)[i];
    }
    discrete_nb_total_all(s);
    s->model.n_learned += o->model.n_learned;
    return KEDGE_OK;
}

static size_t discrete_nb_fit_work(const void *fixed, size_t n_rows)
{
    (void)fixed, (void)n_rows;
    return KEDGE_ALIGN; /* none is needed; 0 would say that there is no fit */
}

static kedge_status discrete_nb_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                    const double *weight, void *work)
{
    (void)cls;
    discrete_nb_state *s = state;
    double total = 0.0;
    (void)work;
    for (size_t r = 0; r < x->n_rows; r++) {
        kedge_row row = kedge_i_row_of_rows(x, r);
        total += weight ? weight[r] : 1.0;
        if (!discrete_nb_takes(s, &row))
            return KEDGE_ERR_RANGE;
    }
    if (!(total > 0.0))
        return KEDGE_ERR_NUMERIC;
    if (total > DISCRETE_NB_WEIGHT_MAX)
        return KEDGE_ERR_RANGE;
    memset(discrete_nb_weights(s), 0, s->model.n_classes * sizeof(double));
    memset(discrete_nb_class(s, 0), 0, s->n_counts * sizeof(double));
    s->model.n_learned = 0;
    discrete_nb_total_all(s);
    for (size_t r = 0; r < x->n_rows; r++) {
        kedge_row row = kedge_i_row_of_rows(x, r);
        if (!weight || weight[r] > 0.0)
            discrete_nb_add(s, &row, (uint32_t)y[r], weight ? weight[r] : 1.0);
    }
    discrete_nb_total_all(s);
    return KEDGE_OK;
}

#define DISCRETE_NB_CLASS(algorithm)                                                               \
    .base =                                                                                        \
        {                                                                                          \
            .abi = KEDGE_CLASS_ABI,                                                                \
            .noun = KEDGE_NOUN_MODEL,                                                              \
            .version = 1,                                                                          \
            .name = #algorithm,                                                                    \
            .fixed_bytes = sizeof(discrete_nb_state),                                              \
            .config_bytes = sizeof(kedge_##algorithm##_config),                                    \
            .n_fields = sizeof algorithm##_fields / sizeof *algorithm##_fields,                    \
            .fields = algorithm##_fields,                                                          \
            .defaults = algorithm##_defaults,                                                      \
            .configure = algorithm##_configure,                                                    \
            .valid = discrete_nb_valid,                                                            \
            .layout = algorithm##_layout,                                                          \
            .check = discrete_nb_check,                                                            \
        },                                                                                         \
    .learn = discrete_nb_learn, .fit_work = discrete_nb_fit_work, .fit = discrete_nb_fit,           \
    .predict = kedge_i_discrete_nb_predict,                                                        \
    .score = kedge_i_discrete_nb_score, .forget = discrete_nb_forget, .merge = discrete_nb_merge,   \
    .freeze = kedge_i_discrete_nb_freeze

const kedge_model_class kedge_multinomial_nb = {DISCRETE_NB_CLASS(multinomial_nb)};
const kedge_model_class kedge_bernoulli_nb = {DISCRETE_NB_CLASS(bernoulli_nb)};
