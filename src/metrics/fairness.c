/* SPDX-License-Identifier: MIT */
/* Fairness between groups: the confusion matrix of each group and its calibration, by bins of the score.
 *
 * Rates and parities: Hardt, Price, Srebro 2016, "Equality of opportunity in supervised learning"; Chouldechova 2017, "Fair
 * prediction with disparate impact"; differences and ratios as fairlearn's MetricFrame takes them. Intervals: Wilson 1927; Newcombe
 * 1998, "Interval estimation for the difference between independent proportions", method 10; Katz, Baptista, Azen, Pike 1978,
 * "Obtaining confidence intervals for the risk ratio"; Walter 1975, "The distribution of Levin's measure of attributable risk", for
 * counts of 0. Weighted rows count as Kish's effective ones (1965, "Survey sampling"); faded rows as their faded number, which is
 * on the safe side and lets a group that is no longer seen become small.
 *
 * A slot of the covering is a cell of the confusion matrix in a bin of the score of a group. Cost: O(1) to record. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/fairness_state.h"
#include "metrics/handle.h"
#include "metrics/reliability_bin.h"

enum { FAIRNESS_MAX_BINS = 1000, FAIRNESS_MAX_GROUPS = 1 << 16 };

#define FAIRNESS_MAX_MIN_ROWS ((uint32_t)1 << 31)

static const kedge_field fairness_fields[] = {
    KEDGE_I_COVER_PARAMS(fairness_state),
    KEDGE_PARAM(fairness_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(fairness_state, n_groups, KEDGE_TYPE_U32),
    KEDGE_PARAM(fairness_state, n_bins, KEDGE_TYPE_U32),
    KEDGE_PARAM(fairness_state, min_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(fairness_state, skip_small, KEDGE_TYPE_U32),
    KEDGE_PARAM(fairness_state, undefined_as_zero, KEDGE_TYPE_U32),
    KEDGE_I_COVER_VALUES(fairness_state),
};

static void fairness_defaults(void *config)
{
    kedge_fairness_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_fairness;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->fading = 0.999;
    cfg->confidence = 0.95;
    cfg->n_groups = 2;
    cfg->over = KEDGE_OVER_ALL;
    cfg->window = 1000;
    cfg->n_bins = 10;
    cfg->min_rows = 30;
}

kedge_status kedge_fairness_config_init(kedge_fairness_config *cfg, size_t cfg_bytes, uint32_t n_groups)
{
    kedge_status st = kedge_class_defaults(&kedge_fairness.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->n_groups = n_groups;
    return st;
}

static void fairness_configure(const void *config, void *fixed)
{
    const kedge_fairness_config *cfg = config;
    fairness_state *s = fixed;
    s->cover.fading = cfg->fading;
    s->cover.over = cfg->over;
    s->cover.window = cfg->window;
    s->confidence = cfg->confidence;
    s->n_groups = cfg->n_groups;
    s->n_bins = cfg->n_bins;
    s->min_rows = cfg->min_rows;
    s->skip_small = cfg->skip_small;
    s->undefined_as_zero = cfg->undefined_as_zero;
}

static int fairness_valid(const void *fixed)
{
    const fairness_state *s = fixed;
    return kedge_i_cover_valid(&s->cover) && s->confidence > 0.0 && s->confidence < 1.0 &&
           kedge_i_u32_within(s->n_groups, 1, FAIRNESS_MAX_GROUPS) && kedge_i_u32_within(s->n_bins, 1, FAIRNESS_MAX_BINS) &&
           s->min_rows <= FAIRNESS_MAX_MIN_ROWS && s->skip_small <= 1 && s->undefined_as_zero <= 1;
}

static size_t fairness_layout(void *fixed)
{
    fairness_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_cover_layout(&s->cover, &arena, s->n_groups * s->n_bins * FAIRNESS_CELLS, FAIRNESS_WIDTH, KEDGE_I_COVER_SUMS);
    return kedge_i_arena_end(&arena);
}

static int fairness_check(const void *state)
{
    static const double weight = KEDGE_I_RECORD_WEIGHT_MAX;
    const kedge_i_cover_range ranges[FAIRNESS_WIDTH] = {
        [FAIRNESS_WEIGHT] = {0.0, weight},
        [FAIRNESS_SQUARES] = {0.0, weight * weight},
        [FAIRNESS_SCORE] = {0.0, weight},
        [FAIRNESS_BRIER] = {0.0, weight},
    };
    return fairness_valid(state) && kedge_i_cover_check(&((const fairness_state *)state)->cover, ranges);
}

/* Recording ------------------------------------------------------------------------------------------------------------------- */

typedef struct fairness_decision {
    uint32_t group;
    uint32_t truth;
    uint32_t predicted;
    uint32_t reserved;
    double score;
    double weight;
} fairness_decision;

/* The slot of a decision, and what it adds. */
static kedge_status fairness_weigh(const fairness_state *s, const fairness_decision *d, uint32_t *slot, double *more)
{
    if (d->group >= s->n_groups || d->truth > 1 || d->predicted > 1)
        return KEDGE_ERR_RANGE;
    if (!kedge_i_within(d->score, 0.0, 1.0))
        return kedge_i_refusal(d->score);
    if (!kedge_i_within(d->weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(d->weight);
    uint32_t bin = kedge_i_bin(s->n_bins, d->score);
    double apart = d->truth - d->score;
    *slot = (d->group * s->n_bins + bin) * FAIRNESS_CELLS + 2 * d->truth + d->predicted;
    more[FAIRNESS_WEIGHT] = d->weight;
    more[FAIRNESS_SQUARES] = d->weight * d->weight;
    more[FAIRNESS_SCORE] = d->weight * d->score;
    more[FAIRNESS_BRIER] = d->weight * (apart * apart);
    return KEDGE_OK;
}

static kedge_status fairness_take(fairness_state *s, const fairness_decision *d)
{
    double more[FAIRNESS_WIDTH];
    uint32_t slot;
    KEDGE_TRY(fairness_weigh(s, d, &slot, more));
    return kedge_i_cover_record(&s->cover, slot, more);
}

kedge_status kedge_fairness_record(kedge_metric *m, uint32_t group, uint32_t truth, uint32_t predicted, double score, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_fairness));
    const fairness_decision d = {group, truth, predicted, 0, score, weight};
    return fairness_take(m->state, &d);
}

kedge_status kedge_fairness_record_many(kedge_metric *m, const uint32_t *group, const uint32_t *truth, const uint32_t *predicted,
                                        const double *score, const double *weight, size_t n, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_fairness));
    if (!used || (n > 0 && (!group || !truth || !predicted)))
        return KEDGE_ERR_NULL;
    for (*used = 0; *used < n; ++*used) {
        size_t i = *used;
        double s = score ? score[i] : (double)predicted[i];
        const fairness_decision d = {group[i], truth[i], predicted[i], 0, s, weight ? weight[i] : 1.0};
        KEDGE_TRY(fairness_take(m->state, &d));
    }
    return KEDGE_OK;
}

kedge_status kedge_fairness_forget(kedge_metric *m, uint32_t group, uint32_t truth, uint32_t predicted, double score, double weight)
{
    double less[FAIRNESS_WIDTH];
    uint32_t slot;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_fairness));
    fairness_state *s = m->state;
    const fairness_decision d = {group, truth, predicted, 0, score, weight};
    KEDGE_TRY(fairness_weigh(s, &d, &slot, less));
    return kedge_i_cover_forget(&s->cover, slot, less);
}

static int fairness_alike(const void *state, const void *other)
{
    const fairness_state *a = state;
    const fairness_state *b = other;
    return kedge_i_cover_alike(&a->cover, &b->cover) && a->n_groups == b->n_groups && a->n_bins == b->n_bins;
}

static kedge_status fairness_merge(void *state, const void *other)
{
    return kedge_i_cover_merge(&((fairness_state *)state)->cover, &((const fairness_state *)other)->cover);
}

const kedge_metric_class kedge_fairness = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "fairness",
            .fixed_bytes = sizeof(fairness_state),
            .config_bytes = sizeof(kedge_fairness_config),
            .n_fields = sizeof fairness_fields / sizeof *fairness_fields,
            .fields = fairness_fields,
            .defaults = fairness_defaults,
            .configure = fairness_configure,
            .valid = fairness_valid,
            .layout = fairness_layout,
            .check = fairness_check,
        },
    .alike = fairness_alike,
    .merge = fairness_merge,
};
