/* SPDX-License-Identifier: MIT */
/* Quality of a regression, from weighted sums of what its errors cost.
 *
 * R2 needs the truth's spread, which is kept as weight, mean and squared deviations, so that nothing cancels where the truth
 * stands far from zero. What rounding takes from the mean is kept, too: a truth of a million with a spread of one would cost R2
 * five digits. Quantile loss: Koenker, Bassett 1978, "Regression quantiles". sMAPE: Makridakis 1993, "Accuracy measures", the
 * form that is bounded by 2. MAPE and R2 at their edges are scikit-learn's. Cost: O(1). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/metrics/regression.h"
#include "kedge/model.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/costs.h"
#include "metrics/cover.h"
#include "metrics/handle.h"

/* What a record adds: the truth's moments, then sums of weighted costs. */
enum {
    REGRESSION_WEIGHT,
    REGRESSION_MEAN,
    REGRESSION_SPREAD,
    REGRESSION_MEAN_REST,
    REGRESSION_ABSOLUTE,
    REGRESSION_SQUARED,
    REGRESSION_SIGNED,
    REGRESSION_RELATIVE,
    REGRESSION_SYMMETRIC,
    REGRESSION_QUANTILE,
    REGRESSION_WIDTH
};

#define REGRESSION_ERROR_MAX (2.0 * KEDGE_PREDICTION_MAX)

typedef struct regression_state {
    kedge_i_cover cover;
    double quantile;
} regression_state;

static const kedge_field regression_fields[] = {
    KEDGE_I_COVER_PARAMS(regression_state),
    KEDGE_PARAM(regression_state, quantile, KEDGE_TYPE_F64),
    KEDGE_I_COVER_VALUES(regression_state),
};

static void regression_defaults(void *config)
{
    kedge_regression_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_regression;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->fading = 0.999;
    cfg->quantile = 0.5;
    cfg->over = KEDGE_OVER_ALL;
    cfg->window = 1000;
}

kedge_status kedge_regression_config_init(kedge_regression_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_regression.base, cfg, cfg_bytes, sizeof *cfg);
}

static void regression_configure(const void *config, void *fixed)
{
    const kedge_regression_config *cfg = config;
    regression_state *s = fixed;
    s->cover.fading = cfg->fading;
    s->cover.over = cfg->over;
    s->cover.window = cfg->window;
    s->quantile = cfg->quantile;
}

static int regression_valid(const void *fixed)
{
    const regression_state *s = fixed;
    return kedge_i_cover_valid(&s->cover) && s->quantile > 0.0 && s->quantile < 1.0;
}

static size_t regression_layout(void *fixed)
{
    regression_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_cover_layout(&s->cover, &arena, 1, REGRESSION_WIDTH, KEDGE_I_COVER_FINE);
    return kedge_i_arena_end(&arena);
}

static int regression_check(const void *state)
{
    static const double weight = KEDGE_I_RECORD_WEIGHT_MAX;
    static const double error = KEDGE_I_RECORD_WEIGHT_MAX * REGRESSION_ERROR_MAX;
    const kedge_i_cover_range ranges[REGRESSION_WIDTH] = {
        [REGRESSION_WEIGHT] = {0.0, weight},
        [REGRESSION_MEAN] = {-KEDGE_TARGET_MAX, KEDGE_TARGET_MAX},
        [REGRESSION_SPREAD] = {0.0, 16.0 * weight * KEDGE_TARGET_MAX * KEDGE_TARGET_MAX},
        [REGRESSION_MEAN_REST] = {-DBL_EPSILON * KEDGE_TARGET_MAX, DBL_EPSILON * KEDGE_TARGET_MAX},
        [REGRESSION_ABSOLUTE] = {0.0, error},
        [REGRESSION_SQUARED] = {0.0, error * REGRESSION_ERROR_MAX},
        [REGRESSION_SIGNED] = {-error, error},
        [REGRESSION_RELATIVE] = {0.0, error / DBL_EPSILON},
        [REGRESSION_SYMMETRIC] = {0.0, 2.0 * weight},
        [REGRESSION_QUANTILE] = {0.0, error},
    };
    return regression_valid(state) && kedge_i_cover_check(&((const regression_state *)state)->cover, ranges);
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

static inline kedge_status regression_take(regression_state *s, double truth, double predicted, double weight)
{
    if (!kedge_i_within(truth, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX))
        return kedge_i_refusal(truth);
    if (!kedge_i_within(predicted, -KEDGE_PREDICTION_MAX, KEDGE_PREDICTION_MAX))
        return kedge_i_refusal(predicted);
    if (!kedge_i_within(weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(weight);
    double error = predicted - truth;
    double absolute = fabs(error);
    double both = fabs(truth) + fabs(predicted);
    double more[REGRESSION_WIDTH];
    more[REGRESSION_WEIGHT] = weight;
    more[REGRESSION_MEAN] = truth;
    more[REGRESSION_SPREAD] = more[REGRESSION_MEAN_REST] = 0.0;
    more[REGRESSION_ABSOLUTE] = weight * absolute;
    more[REGRESSION_SQUARED] = weight * (error * error);
    more[REGRESSION_SIGNED] = weight * error;
    more[REGRESSION_RELATIVE] = weight * (absolute / fmax(fabs(truth), DBL_EPSILON));
    more[REGRESSION_SYMMETRIC] = both > 0.0 ? weight * fmin(2.0, 2.0 * (absolute / both)) : 0.0;
    more[REGRESSION_QUANTILE] = weight * (error < 0.0 ? s->quantile * absolute : (1.0 - s->quantile) * absolute);
    return kedge_i_cover_record(&s->cover, 0, more);
}

kedge_status kedge_regression_record(kedge_metric *m, double truth, double predicted, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_regression));
    return regression_take(m->state, truth, predicted, weight);
}

kedge_status kedge_regression_record_many(kedge_metric *m, const double *truth, const double *predicted, const double *weight,
                                          size_t n, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_regression));
    if (!used || (n > 0 && (!truth || !predicted)))
        return KEDGE_ERR_NULL;
    for (*used = 0; *used < n; ++*used)
        KEDGE_TRY(regression_take(m->state, truth[*used], predicted[*used], weight ? weight[*used] : 1.0));
    return KEDGE_OK;
}

/* Reading ---------------------------------------------------------------------------------------------------------------------- */

/* A sum by its weight. No record takes it beyond `most`, but a forged snapshot could. */
static double regression_mean(double sum, double weight, double most)
{
    return fabs(sum) < most * weight ? sum / weight : copysign(most, sum);
}

kedge_status kedge_regression_read(const kedge_metric *m, kedge_regression_report *out)
{
    double sum[REGRESSION_WIDTH];
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_regression));
    if (!out)
        return KEDGE_ERR_NULL;
    const regression_state *s = m->state;
    memset(out, 0, sizeof *out);
    out->n = kedge_i_cover_n(&s->cover);
    kedge_i_cover_read(&s->cover, 0, sum);
    double weight = sum[REGRESSION_WEIGHT];
    out->mae = out->mse = out->rmse = out->mape = out->smape = out->r2 = out->quantile_loss = out->bias = (double)NAN;
    out->mean = out->variance = (double)NAN;
    if (!(weight > 0.0))
        return KEDGE_EMPTY;
    out->weight = weight;
    out->mae = regression_mean(sum[REGRESSION_ABSOLUTE], weight, REGRESSION_ERROR_MAX);
    out->mse = regression_mean(sum[REGRESSION_SQUARED], weight, REGRESSION_ERROR_MAX * REGRESSION_ERROR_MAX);
    out->rmse = sqrt(out->mse);
    out->mape = regression_mean(sum[REGRESSION_RELATIVE], weight, REGRESSION_ERROR_MAX / DBL_EPSILON);
    out->smape = regression_mean(sum[REGRESSION_SYMMETRIC], weight, 2.0);
    out->r2 = kedge_i_r2(sum[REGRESSION_SQUARED], sum[REGRESSION_SPREAD]);
    out->quantile_loss = regression_mean(sum[REGRESSION_QUANTILE], weight, REGRESSION_ERROR_MAX);
    out->bias = regression_mean(sum[REGRESSION_SIGNED], weight, REGRESSION_ERROR_MAX);
    out->mean = sum[REGRESSION_MEAN];
    out->variance = regression_mean(sum[REGRESSION_SPREAD], weight, 16.0 * KEDGE_TARGET_MAX * KEDGE_TARGET_MAX);
    return KEDGE_OK;
}

static int regression_alike(const void *state, const void *other)
{
    const regression_state *a = state;
    const regression_state *b = other;
    return kedge_i_cover_alike(&a->cover, &b->cover) && a->quantile == b->quantile;
}

static kedge_status regression_merge(void *state, const void *other)
{
    return kedge_i_cover_merge(&((regression_state *)state)->cover, &((const regression_state *)other)->cover);
}

const kedge_metric_class kedge_regression = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "regression",
            .fixed_bytes = sizeof(regression_state),
            .config_bytes = sizeof(kedge_regression_config),
            .n_fields = sizeof regression_fields / sizeof *regression_fields,
            .fields = regression_fields,
            .defaults = regression_defaults,
            .configure = regression_configure,
            .valid = regression_valid,
            .layout = regression_layout,
            .check = regression_check,
        },
    .alike = regression_alike,
    .merge = regression_merge,
};
