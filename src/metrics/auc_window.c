/* SPDX-License-Identifier: MIT */
/* The exact area under the ROC curve of a sliding window.
 *
 * The area is the statistic of Mann, Whitney 1947 by the number of pairs (Bamber 1975, "The area above the ordinal dominance
 * graph and the area below the receiver operating characteristic graph"). A record that comes or goes changes it by the pairs
 * that it makes with those that stay, which a sorted list with counts tells; Brzezinski, Stefanowski 2017, "Prequential AUC:
 * properties of the area under the ROC curve for data streams with concept drift", sort a tree of the window anew for each
 * reading. Cost: O(log window). */
#include "base/fp.h"

#include <string.h>

#include "kedge/metrics/auc_window.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/auc_tree.h"
#include "metrics/handle.h"

typedef struct auc_window_state {
    kedge_i_auc_tree tree; /* of the ring's records, those of class 1 marked */
    uint32_t at_scores;    /* layout: double[tree.most]: the ring */
    uint32_t at_labels;    /* layout: uint8_t[tree.most] */
    uint32_t place;        /* n mod window: where the next record goes */
    uint32_t reserved;
    uint64_t n;     /* records since init */
    uint64_t pairs; /* twice the pairs in which class 1 has the greater score, and once those with equal ones */
} auc_window_state;

static const kedge_field auc_window_fields[] = {
    KEDGE_I_AUC_TREE_PARAMS(auc_window_state),
    KEDGE_I_AUC_TREE_VALUES(auc_window_state),
    KEDGE_VALUE(auc_window_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(auc_window_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(auc_window_state, pairs, KEDGE_TYPE_U64),
    KEDGE_ARRAY(auc_window_state, at_scores, tree.most, KEDGE_TYPE_F64),
    KEDGE_ARRAY(auc_window_state, at_labels, tree.most, KEDGE_TYPE_U8),
    KEDGE_I_AUC_TREE_ARRAYS(auc_window_state),
};

static void auc_window_defaults(void *config)
{
    kedge_auc_window_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_auc_window;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->window = 1000;
}

kedge_status kedge_auc_window_config_init(kedge_auc_window_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_auc_window.base, cfg, cfg_bytes, sizeof *cfg);
}

static void auc_window_configure(const void *config, void *fixed)
{
    ((auc_window_state *)fixed)->tree.most = ((const kedge_auc_window_config *)config)->window;
}

static int auc_window_valid(const void *fixed)
{
    return kedge_i_u32_within(((const auc_window_state *)fixed)->tree.most, 2, KEDGE_I_AUC_TREE_MAX);
}

static size_t auc_window_layout(void *fixed)
{
    auc_window_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_scores = kedge_i_arena_take(&arena, s->tree.most, sizeof(double));
    s->at_labels = kedge_i_arena_take(&arena, s->tree.most, sizeof(uint8_t));
    kedge_i_auc_tree_layout(&s->tree, &arena);
    return kedge_i_arena_end(&arena);
}

static void auc_window_start(void *state)
{
    kedge_i_auc_tree_start(&((auc_window_state *)state)->tree);
}

static uint32_t auc_window_held(const auc_window_state *s)
{
    return s->n < s->tree.most ? (uint32_t)s->n : s->tree.most;
}

static int auc_window_check(const void *state)
{
    const auc_window_state *s = state;
    if (!auc_window_valid(s) || s->n > KEDGE_I_COUNT_MAX || s->place != s->n % s->tree.most)
        return 0;
    const double *scores = kedge_i_at_const(s, s->at_scores);
    const uint8_t *labels = kedge_i_at_const(s, s->at_labels);
    uint32_t held = auc_window_held(s);
    for (uint32_t i = 0; i < s->tree.most; i++)
        if (!kedge_i_finite(scores[i]) || (i >= held && (scores[i] != 0.0 || labels[i] != 0)))
            return 0;
    return kedge_i_auc_tree_check(&s->tree, scores, labels, held, s->pairs);
}

static inline kedge_status auc_window_take(auc_window_state *s, uint32_t truth, double score)
{
    if (truth > 1)
        return KEDGE_ERR_RANGE;
    if (!kedge_i_finite(score))
        return KEDGE_ERR_NOT_FINITE;
    if (s->n >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    double *scores = kedge_i_at(s, s->at_scores);
    uint8_t *labels = kedge_i_at(s, s->at_labels);
    uint32_t place = s->place;
    if (s->n >= s->tree.most) {
        kedge_i_auc_tree_remove(&s->tree, scores[place], place, labels[place]);
        s->pairs -= kedge_i_auc_tree_pairs(&s->tree, scores[place], labels[place]);
    }
    s->pairs += kedge_i_auc_tree_pairs(&s->tree, score, truth);
    kedge_i_auc_tree_insert(&s->tree, score, place, truth);
    scores[place] = score;
    labels[place] = (uint8_t)truth;
    s->place = place + 1 < s->tree.most ? place + 1 : 0;
    s->n++;
    return KEDGE_OK;
}

kedge_status kedge_auc_window_record(kedge_metric *m, uint32_t truth, double score)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_auc_window));
    return auc_window_take(m->state, truth, score);
}

kedge_status kedge_auc_window_record_many(kedge_metric *m, const uint8_t *labels, const double *scores, size_t n, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_auc_window));
    if (!used || (n > 0 && (!labels || !scores)))
        return KEDGE_ERR_NULL;
    for (*used = 0; *used < n; ++*used)
        KEDGE_TRY(auc_window_take(m->state, labels[*used], scores[*used]));
    return KEDGE_OK;
}

kedge_status kedge_auc_window_read(const kedge_metric *m, kedge_auc_window_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_auc_window));
    if (!out)
        return KEDGE_ERR_NULL;
    const auc_window_state *s = m->state;
    memset(out, 0, sizeof *out);
    out->n = auc_window_held(s);
    out->positives = s->tree.n_marked;
    out->negatives = out->n - out->positives;
    out->auc = (double)NAN;
    if (out->positives == 0 || out->negatives == 0)
        return KEDGE_EMPTY;
    out->auc = 0.5 * (double)s->pairs / ((double)out->positives * (double)out->negatives);
    return KEDGE_OK;
}

kedge_status kedge_auc_window_measure(const kedge_metric *m, const kedge_ranking_options *o, void *work, size_t work_bytes,
                                      kedge_ranking_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_auc_window));
    const auc_window_state *s = m->state;
    const double *scores = kedge_i_at_const(s, s->at_scores);
    const uint8_t *labels = kedge_i_at_const(s, s->at_labels);
    return kedge_ranking_measure(o, scores, labels, NULL, auc_window_held(s), work, work_bytes, out);
}

const kedge_metric_class kedge_auc_window = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "auc_window",
            .fixed_bytes = sizeof(auc_window_state),
            .config_bytes = sizeof(kedge_auc_window_config),
            .n_fields = sizeof auc_window_fields / sizeof *auc_window_fields,
            .fields = auc_window_fields,
            .defaults = auc_window_defaults,
            .configure = auc_window_configure,
            .valid = auc_window_valid,
            .layout = auc_window_layout,
            .start = auc_window_start,
            .check = auc_window_check,
        },
};
