/* SPDX-License-Identifier: MIT */
/* k nearest neighbours in a sliding window: Cover, Hart 1967, "Nearest neighbor pattern classification", IEEE Transactions on
 * Information Theory 13, over the latest rows, as MOA's and river's do. The window is a ring; see near.c for distances and
 * deviations.
 *
 * Cost: O(window * n_features) to predict and forget, O(n_features) amortised to learn. */
#include "base/fp.h"

#include <string.h>

#include "kedge/models/knn.h"

#include "base/number.h"
#include "models/near.h"

#define KNN_REST 1e-12 /* share of a weight that is rounding */

typedef struct knn_state {
    near_state near;
    uint32_t head; /* slot of the next row: n_held while there is room, then the oldest row's */
    uint32_t reserved;
} knn_state;

static const kedge_field knn_fields[] = {
    NEAR_PARAMS(knn_state),
    NEAR_VALUES(knn_state),
    KEDGE_VALUE(knn_state, head, KEDGE_TYPE_U32),
    NEAR_ARRAYS(knn_state),
};

static void knn_defaults(void *config)
{
    kedge_knn_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_knn;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->k = 5;
    cfg->window = 1000;
    cfg->distance = KEDGE_KNN_EUCLIDEAN;
    cfg->weights = KEDGE_KNN_UNIFORM;
    cfg->scale = KEDGE_KNN_STANDARD;
}

kedge_status kedge_knn_config_init(kedge_knn_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_knn.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
    }
    return st;
}

static void knn_configure(const void *config, void *fixed)
{
    const kedge_knn_config *cfg = config;
    near_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->k = cfg->k;
    s->window = cfg->window;
    s->distance = cfg->distance;
    s->weights = cfg->weights;
    s->scale = cfg->scale;
}

static int knn_valid(const void *fixed)
{
    return kedge_i_near_valid(fixed);
}

static size_t knn_layout(void *fixed)
{
    kedge_i_arena arena = kedge_i_arena_begin(sizeof(knn_state));
    kedge_i_near_layout(fixed, &arena, 0);
    return kedge_i_arena_end(&arena);
}

static void knn_start(void *state)
{
    kedge_i_near_start(state);
}

static int knn_check(const void *state)
{
    const knn_state *s = state;
    return kedge_i_near_check(&s->near) && (s->near.n_held < s->near.window ? s->head == s->near.n_held : s->head < s->near.window);
}

static kedge_status knn_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    knn_state *s = state;
    uint32_t is_full = s->near.n_held == s->near.window;
    if (is_full)
        kedge_i_near_drop(&s->near, s->head);
    else
        s->near.n_held++;
    kedge_i_near_put(&s->near, s->head, x, y, weight);
    kedge_i_near_add(&s->near, s->head);
    kedge_i_near_settle(&s->near, is_full);
    s->head++;
    s->head = s->head == s->near.window ? 0 : s->head;
    s->near.model.n_learned++;
    return KEDGE_OK;
}

/* Forgetting ------------------------------------------------------------------------------------------------------------------- */

static void knn_reverse(near_state *s, uint32_t from, uint32_t to)
{
    for (; from + 1 < to; from++, to--)
        kedge_i_near_swap(s, from, to - 1);
}

/* The oldest row to slot 0. */
static void knn_unroll(knn_state *s)
{
    if (s->near.n_held < s->near.window || s->head == 0)
        return;
    knn_reverse(&s->near, 0, s->head);
    knn_reverse(&s->near, s->head, s->near.window);
    knn_reverse(&s->near, 0, s->near.window);
    s->head = 0;
}

/* The oldest row of that content and weight, else the oldest heavier one; `window`: none. */
static uint32_t knn_find(const knn_state *s, const kedge_row *x, double y, double weight)
{
    uint32_t heavier = s->near.window;
    uint32_t slot = s->near.n_held < s->near.window ? 0 : s->head;
    for (uint32_t i = 0; i < s->near.n_held; i++, slot = slot + 1 == s->near.window ? 0 : slot + 1) {
        double left = near_weights(&s->near)[slot] - weight;
        double rest = KNN_REST * weight;
        if (left < -rest || !kedge_i_near_holds(&s->near, slot, x, y))
            continue;
        if (left <= rest)
            return slot;
        heavier = heavier == s->near.window ? slot : heavier;
    }
    return heavier;
}

static void knn_take_out(knn_state *s, uint32_t slot)
{
    near_state *near = &s->near;
    uint32_t oldest = near->n_held < near->window ? 0 : s->head;
    uint32_t age = slot >= oldest ? slot - oldest : slot + near->window - oldest;
    kedge_i_near_drop(near, slot);
    knn_unroll(s);
    for (uint32_t i = age; i + 1 < near->n_held; i++)
        kedge_i_near_move(near, i + 1, i);
    near->n_held--;
    kedge_i_near_clear(near, near->n_held);
    kedge_i_near_settle(near, 1);
    s->head = near->n_held;
    near->model.n_learned -= near->model.n_learned > 1;
    near->model.n_learned = near->n_held > 0 ? near->model.n_learned : 0;
}

static kedge_status knn_forget(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    knn_state *s = state;
    uint32_t slot = knn_find(s, x, y, weight);
    if (slot == s->near.window)
        return KEDGE_ERR_RANGE;
    double *held = (double *)kedge_i_at(s, s->near.at_weights) + slot;
    if (*held - weight > KNN_REST * weight)
        *held -= weight;
    else
        knn_take_out(s, slot);
    return KEDGE_OK;
}

/* Serving ---------------------------------------------------------------------------------------------------------------------- */

static void knn_neighbours(const near_state *s, uint32_t head, const kedge_row *x, near_list *list)
{
    near_query query;
    kedge_i_near_ask(s, &query, x);
    kedge_i_near_begin(list, s->k);
    kedge_i_near_scan(s, &query, 0, head, list); /* later rows first */
    kedge_i_near_scan(s, &query, head, s->n_held, list);
}

static kedge_status knn_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const knn_state *s = state;
    near_list list;
    *y = 0.0;
    if (s->near.n_held == 0)
        return KEDGE_EMPTY;
    knn_neighbours(&s->near, s->head, x, &list);
    *y = s->near.model.n_classes > 0 ? kedge_i_near_class(&s->near, &list) : kedge_i_near_value(&s->near, &list);
    return KEDGE_OK;
}

static kedge_status knn_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    const knn_state *s = state;
    near_list list;
    uint32_t n = s->near.model.n_classes;
    if (n == 0)
        return knn_predict(cls, state, x, scores);
    for (uint32_t c = 0; s->near.n_held == 0 && c < n; c++)
        scores[c] = 1.0 / n;
    if (s->near.n_held == 0)
        return KEDGE_EMPTY;
    knn_neighbours(&s->near, s->head, x, &list);
    kedge_i_near_scores(&s->near, &list, scores);
    return KEDGE_OK;
}

const kedge_model_class kedge_knn = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "knn",
            .fixed_bytes = sizeof(knn_state),
            .config_bytes = sizeof(kedge_knn_config),
            .n_fields = sizeof knn_fields / sizeof *knn_fields,
            .fields = knn_fields,
            .defaults = knn_defaults,
            .configure = knn_configure,
            .valid = knn_valid,
            .layout = knn_layout,
            .start = knn_start,
            .check = knn_check,
        },
    .learn = knn_learn,
    .predict = knn_predict,
    .score = knn_score,
    .takes_missing = 1,
    .forget = knn_forget,
};
