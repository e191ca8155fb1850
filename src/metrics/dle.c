/* SPDX-License-Identifier: MIT */
/* Direct loss estimation: the mean of estimated losses, with its sampling error (NannyML 2022, "Direct Loss Estimation").
 *
 * The losses that labels will show scatter around their estimates, and these around their mean; both make the mean of so many
 * losses uncertain. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metrics/cbpe.h"
#include "kedge/model.h"

#include "base/check.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/cover.h"
#include "metrics/handle.h"

/* What a record adds: the moments of its loss, and its weight squared. */
enum { DLE_WEIGHT, DLE_MEAN, DLE_SPREAD, DLE_SQUARE, DLE_WIDTH };

#define DLE_LOSS_MAX 1e100

typedef struct dle_state {
    kedge_i_cover cover;
    double confidence;
    double residual;
} dle_state;

static const kedge_field dle_fields[] = {
    KEDGE_I_COVER_PARAMS(dle_state),
    KEDGE_PARAM(dle_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(dle_state, residual, KEDGE_TYPE_F64),
    KEDGE_I_COVER_VALUES(dle_state),
};

static void dle_defaults(void *config)
{
    kedge_dle_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_dle;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->fading = 0.999;
    cfg->confidence = 0.95;
    cfg->over = KEDGE_OVER_ALL;
    cfg->window = 1000;
}

kedge_status kedge_dle_config_init(kedge_dle_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_dle.base, cfg, cfg_bytes, sizeof *cfg);
}

static void dle_configure(const void *config, void *fixed)
{
    const kedge_dle_config *cfg = config;
    dle_state *s = fixed;
    s->cover.fading = cfg->fading;
    s->cover.over = cfg->over;
    s->cover.window = cfg->window;
    s->confidence = cfg->confidence;
    s->residual = cfg->residual;
}

static int dle_valid(const void *fixed)
{
    const dle_state *s = fixed;
    return kedge_i_cover_valid(&s->cover) && s->confidence > 0.0 && s->confidence < 1.0 &&
           kedge_i_within(s->residual, 0.0, DLE_LOSS_MAX);
}

static size_t dle_layout(void *fixed)
{
    dle_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_cover_layout(&s->cover, &arena, 1, DLE_WIDTH, KEDGE_I_COVER_MOMENTS);
    return kedge_i_arena_end(&arena);
}

static int dle_check(const void *state)
{
    static const double weight = KEDGE_I_RECORD_WEIGHT_MAX;
    const kedge_i_cover_range ranges[DLE_WIDTH] = {
        [DLE_WEIGHT] = {0.0, weight},
        [DLE_MEAN] = {0.0, DLE_LOSS_MAX},
        [DLE_SPREAD] = {0.0, 16.0 * weight * DLE_LOSS_MAX * DLE_LOSS_MAX},
        [DLE_SQUARE] = {0.0, weight * weight},
    };
    return dle_valid(state) && kedge_i_cover_check(&((const dle_state *)state)->cover, ranges);
}

static inline kedge_status dle_take(dle_state *s, double loss, double weight)
{
    if (!kedge_i_within(loss, -DLE_LOSS_MAX, DLE_LOSS_MAX))
        return kedge_i_refusal(loss);
    if (!kedge_i_within(weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(weight);
    double more[DLE_WIDTH];
    more[DLE_WEIGHT] = weight;
    more[DLE_MEAN] = loss > 0.0 ? loss : 0.0;
    more[DLE_SPREAD] = 0.0;
    more[DLE_SQUARE] = weight * weight;
    return kedge_i_cover_record(&s->cover, 0, more);
}

kedge_status kedge_dle_record(kedge_metric *m, double loss, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_dle));
    return dle_take(m->state, loss, weight);
}

kedge_status kedge_dle_record_many(kedge_metric *m, const double *loss, const double *weight, size_t n, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_dle));
    if (!used || (n > 0 && !loss))
        return KEDGE_ERR_NULL;
    for (*used = 0; *used < n; ++*used)
        KEDGE_TRY(dle_take(m->state, loss[*used], weight ? weight[*used] : 1.0));
    return KEDGE_OK;
}

kedge_status kedge_dle_ask(kedge_metric *m, const kedge_model *loss, const double *x, double weight)
{
    kedge_model_info info;
    double y = 0.0;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_dle));
    KEDGE_TRY(kedge_model_describe(loss, &info));
    if (info.n_classes > 0)
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(kedge_model_predict(loss, x, &y));
    return dle_take(m->state, y, weight);
}

kedge_status kedge_dle_read(const kedge_metric *m, kedge_dle_report *out)
{
    double sum[DLE_WIDTH];
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_dle));
    if (!out)
        return KEDGE_ERR_NULL;
    const dle_state *s = m->state;
    memset(out, 0, sizeof *out);
    out->n = kedge_i_cover_n(&s->cover);
    kedge_i_cover_read(&s->cover, 0, sum);
    double weight = sum[DLE_WEIGHT];
    if (!(weight > 0.0)) {
        out->mean = out->root = out->deviation = out->error = out->low = out->high = (double)NAN;
        return KEDGE_EMPTY;
    }
    /* No records have a spread beyond this, but a forged snapshot could. */
    double most = weight * (DLE_LOSS_MAX * DLE_LOSS_MAX);
    double variance = sum[DLE_SPREAD] < most ? sum[DLE_SPREAD] / weight : DLE_LOSS_MAX * DLE_LOSS_MAX;
    double squares = kedge_i_cover_squares(&s->cover) * sum[DLE_SQUARE];
    double share = fmin(sqrt(squares) / weight, 1.0); /* of the weight that one record has, had all the same: 1 / sqrt(n) */
    out->weight = weight;
    out->mean = sum[DLE_MEAN];
    out->root = sqrt(out->mean);
    out->deviation = sqrt(variance);
    out->error = sqrt(variance + s->residual * s->residual) * share;
    double reach = out->error * -kedge_i_normal_quantile(0.5 * (1.0 - s->confidence));
    out->low = fmax(out->mean - reach, 0.0);
    out->high = out->mean + reach;
    return KEDGE_OK;
}

static int dle_alike(const void *state, const void *other)
{
    const dle_state *a = state;
    const dle_state *b = other;
    return kedge_i_cover_alike(&a->cover, &b->cover) && a->confidence == b->confidence && a->residual == b->residual;
}

static kedge_status dle_merge(void *state, const void *other)
{
    return kedge_i_cover_merge(&((dle_state *)state)->cover, &((const dle_state *)other)->cover);
}

const kedge_metric_class kedge_dle = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "dle",
            .fixed_bytes = sizeof(dle_state),
            .config_bytes = sizeof(kedge_dle_config),
            .n_fields = sizeof dle_fields / sizeof *dle_fields,
            .fields = dle_fields,
            .defaults = dle_defaults,
            .configure = dle_configure,
            .valid = dle_valid,
            .layout = dle_layout,
            .check = dle_check,
        },
    .alike = dle_alike,
    .merge = dle_merge,
};
