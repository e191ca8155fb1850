/* SPDX-License-Identifier: MIT */
/* Two models' losses on the same records: their mean difference with its error, and a confidence sequence.
 *
 * Paired prequential comparison over windows and with fading, Q statistic: Gama, Sebastiao, Rodrigues 2013, "On evaluating stream
 * learning algorithms", Machine Learning 90, section 5. Weighted records count as (sum of weights)^2 / sum of squared weights (Kish
 * 1965, "Survey sampling"). The sequence: base/confidence.h, of the difference moved into [0, 1]; it covers everything whatever the
 * other figures do, and is right at all times at once. Cost: O(1). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/metrics/paired.h"

#include "base/check.h"
#include "base/confidence.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "base/special.h"
#include "metrics/cover.h"
#include "metrics/handle.h"

/* What a record adds: moments of the difference in units of the greatest loss, then sums. */
enum { PAIRED_WEIGHT, PAIRED_MEAN, PAIRED_SPREAD, PAIRED_FIRST, PAIRED_SECOND, PAIRED_WINS_FIRST, PAIRED_WINS_SECOND, PAIRED_SQUARE,
       PAIRED_WIDTH };

#define PAIRED_LOSS_MAX 1e100
#define PAIRED_MORE_THAN_ONE (1.0 + 1e-9) /* records: one weight squared and divided by itself rounds */
#define PAIRED_Z_MAX 40.0 /* beyond it the normal tail is 0 */

typedef struct paired_state {
    kedge_i_cover cover;
    double confidence;
    double loss_max;
    kedge_i_confidence always;
} paired_state;

static const kedge_field paired_fields[] = {
    KEDGE_I_COVER_PARAMS(paired_state),
    KEDGE_PARAM(paired_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(paired_state, loss_max, KEDGE_TYPE_F64),
    KEDGE_VALUE(paired_state, always.n, KEDGE_TYPE_F64),
    KEDGE_VALUE(paired_state, always.total, KEDGE_TYPE_F64),
    KEDGE_VALUE(paired_state, always.scatter, KEDGE_TYPE_F64),
    KEDGE_VALUE(paired_state, always.bets, KEDGE_TYPE_F64),
    KEDGE_VALUE(paired_state, always.weighted, KEDGE_TYPE_F64),
    KEDGE_VALUE(paired_state, always.correction, KEDGE_TYPE_F64),
    KEDGE_I_COVER_VALUES(paired_state),
};

static void paired_defaults(void *config)
{
    kedge_paired_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_paired;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->fading = 0.999;
    cfg->confidence = 0.95;
    cfg->loss_max = 1.0;
    cfg->over = KEDGE_OVER_ALL;
    cfg->window = 1000;
}

kedge_status kedge_paired_config_init(kedge_paired_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_paired.base, cfg, cfg_bytes, sizeof *cfg);
}

static void paired_configure(const void *config, void *fixed)
{
    const kedge_paired_config *cfg = config;
    paired_state *s = fixed;
    s->cover.fading = cfg->fading;
    s->cover.over = cfg->over;
    s->cover.window = cfg->window;
    s->confidence = cfg->confidence;
    s->loss_max = cfg->loss_max;
}

static int paired_valid(const void *fixed)
{
    const paired_state *s = fixed;
    return kedge_i_cover_valid(&s->cover) && s->confidence > 0.0 && s->confidence < 1.0 &&
           kedge_i_within(s->loss_max, DBL_MIN, PAIRED_LOSS_MAX);
}

static size_t paired_layout(void *fixed)
{
    paired_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_cover_layout(&s->cover, &arena, 1, PAIRED_WIDTH, KEDGE_I_COVER_MOMENTS);
    return kedge_i_arena_end(&arena);
}

static int paired_sequence_is_sound(const paired_state *s)
{
    const kedge_i_confidence *q = &s->always;
    if (!kedge_i_within(q->n, 0.0, (double)(int64_t)s->cover.n) || floor(q->n) != q->n)
        return 0;
    if (q->n > 0.0)
        return kedge_i_confidence_check(q);
    return q->total == 0.0 && q->scatter == 0.0 && q->bets == 0.0 && q->weighted == 0.0 && q->correction == 0.0;
}

static int paired_check(const void *state)
{
    const paired_state *s = state;
    const double weight = KEDGE_I_RECORD_WEIGHT_MAX;
    const kedge_i_cover_range ranges[PAIRED_WIDTH] = {
        [PAIRED_WEIGHT] = {0.0, weight},      [PAIRED_MEAN] = {-1.0, 1.0},     [PAIRED_SPREAD] = {0.0, 16.0 * weight},
        [PAIRED_FIRST] = {0.0, weight},       [PAIRED_SECOND] = {0.0, weight}, [PAIRED_WINS_FIRST] = {0.0, weight},
        [PAIRED_WINS_SECOND] = {0.0, weight}, [PAIRED_SQUARE] = {0.0, weight * weight},
    };
    return paired_valid(s) && kedge_i_cover_check(&s->cover, ranges) && paired_sequence_is_sound(s);
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

static double paired_log_term(const paired_state *s)
{
    return log(2.0 / (1.0 - s->confidence));
}

static kedge_status paired_take(paired_state *s, double first, double second, double weight)
{
    if (!kedge_i_within(first, 0.0, s->loss_max))
        return kedge_i_refusal(first);
    if (!kedge_i_within(second, 0.0, s->loss_max))
        return kedge_i_refusal(second);
    if (!kedge_i_within(weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(weight);
    if (s->cover.n >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    double more[PAIRED_WIDTH];
    more[PAIRED_WEIGHT] = weight;
    more[PAIRED_MEAN] = second / s->loss_max - first / s->loss_max;
    more[PAIRED_SPREAD] = 0.0;
    more[PAIRED_FIRST] = weight * (first / s->loss_max);
    more[PAIRED_SECOND] = weight * (second / s->loss_max);
    more[PAIRED_WINS_FIRST] = first < second ? weight : 0.0;
    more[PAIRED_WINS_SECOND] = second < first ? weight : 0.0;
    more[PAIRED_SQUARE] = weight * weight;
    if (weight > 0.0)
        kedge_i_confidence_learn(&s->always, 0.5 + 0.5 * more[PAIRED_MEAN], paired_log_term(s));
    return kedge_i_cover_record(&s->cover, 0, more);
}

kedge_status kedge_paired_record(kedge_metric *m, double first, double second, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_paired));
    return paired_take(m->state, first, second, weight);
}

kedge_status kedge_paired_record_many(kedge_metric *m, const double *first, const double *second, const double *weight, size_t n,
                                      size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_paired));
    if (!used || (n > 0 && (!first || !second)))
        return KEDGE_ERR_NULL;
    for (*used = 0; *used < n; ++*used)
        KEDGE_TRY(paired_take(m->state, first[*used], second[*used], weight ? weight[*used] : 1.0));
    return KEDGE_OK;
}

/* Reading ---------------------------------------------------------------------------------------------------------------------- */

/* A sum by its weight, which no record takes above 1, but a forged snapshot could. */
static double paired_mean(double sum, double weight)
{
    return sum < weight ? sum / weight : 1.0;
}

static void paired_always(const paired_state *s, kedge_paired_report *out)
{
    const kedge_i_confidence *q = &s->always;
    out->n_always = (uint64_t)q->n;
    if (out->n_always == 0)
        return;
    double centre = q->weighted / q->bets;
    double width = kedge_i_confidence_width(q, paired_log_term(s));
    out->always_low = s->loss_max * fmax(-1.0, 2.0 * (centre - width) - 1.0);
    out->always_high = s->loss_max * fmin(1.0, 2.0 * (centre + width) - 1.0);
}

/* Records of one weight whose mean varies as much; not more than there are, where squares are below what a double can hold. */
static double paired_records(const paired_state *s, uint64_t n, double weight, double squares)
{
    double each = kedge_i_cover_squares(&s->cover) * (squares / weight);
    return weight / fmax(each, weight / (double)(int64_t)n);
}

static void paired_test(const paired_state *s, double mean, double variance, double records, kedge_paired_report *out)
{
    out->error = (double)INFINITY;
    out->low = -s->loss_max;
    out->high = s->loss_max;
    out->z = 0.0;
    out->p_value = 1.0;
    if (!(records > PAIRED_MORE_THAN_ONE))
        return;
    double error = sqrt(variance / (records - 1.0));
    double reach = error * -kedge_i_normal_quantile(0.5 * (1.0 - s->confidence));
    out->error = s->loss_max * error;
    out->low = s->loss_max * fmax(-1.0, mean - reach);
    out->high = s->loss_max * fmin(1.0, mean + reach);
    double size = fabs(mean) / fmax(fmax(error, fabs(mean) / PAIRED_Z_MAX), DBL_MIN);
    out->z = copysign(size, mean);
    out->p_value = fmin(1.0, 2.0 * kedge_i_normal_upper(size));
}

kedge_status kedge_paired_read(const kedge_metric *m, kedge_paired_report *out)
{
    double sum[PAIRED_WIDTH];
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_paired));
    if (!out)
        return KEDGE_ERR_NULL;
    const paired_state *s = m->state;
    memset(out, 0, sizeof *out);
    out->loss_first = out->loss_second = out->difference = out->deviation = out->error = out->low = out->high = (double)NAN;
    out->z = out->p_value = out->q = out->always_low = out->always_high = (double)NAN;
    paired_always(s, out);
    out->n = kedge_i_cover_n(&s->cover);
    kedge_i_cover_read(&s->cover, 0, sum);
    double weight = sum[PAIRED_WEIGHT];
    if (!(weight > 0.0))
        return KEDGE_EMPTY;
    double mean = fmax(-1.0, fmin(1.0, sum[PAIRED_MEAN]));
    double variance = sum[PAIRED_SPREAD] < 4.0 * weight ? sum[PAIRED_SPREAD] / weight : 4.0;
    double least = fmax(DBL_EPSILON * fmin(weight, 1.0), DBL_MIN); /* that a sum of losses counts as */
    out->weight = weight;
    out->loss_first = s->loss_max * paired_mean(sum[PAIRED_FIRST], weight);
    out->loss_second = s->loss_max * paired_mean(sum[PAIRED_SECOND], weight);
    out->difference = s->loss_max * mean;
    out->deviation = s->loss_max * sqrt(variance);
    out->q = log(fmax(sum[PAIRED_FIRST], least)) - log(fmax(sum[PAIRED_SECOND], least));
    out->wins_first = sum[PAIRED_WINS_FIRST];
    out->wins_second = sum[PAIRED_WINS_SECOND];
    paired_test(s, mean, variance, paired_records(s, out->n, weight, sum[PAIRED_SQUARE]), out);
    return KEDGE_OK;
}

static int paired_alike(const void *state, const void *other)
{
    const paired_state *a = state;
    const paired_state *b = other;
    return kedge_i_cover_alike(&a->cover, &b->cover) && a->confidence == b->confidence && a->loss_max == b->loss_max;
}

/* What the bets of both together have won is the product, so the sums behind the sequence add. */
static kedge_status paired_merge(void *state, const void *other)
{
    paired_state *a = state;
    const paired_state *b = other;
    KEDGE_TRY(kedge_i_cover_merge(&a->cover, &b->cover));
    a->always.n += b->always.n;
    a->always.total += b->always.total;
    a->always.scatter += b->always.scatter;
    a->always.bets += b->always.bets;
    a->always.weighted += b->always.weighted;
    a->always.correction += b->always.correction;
    return KEDGE_OK;
}

const kedge_metric_class kedge_paired = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "paired",
            .fixed_bytes = sizeof(paired_state),
            .config_bytes = sizeof(kedge_paired_config),
            .n_fields = sizeof paired_fields / sizeof *paired_fields,
            .fields = paired_fields,
            .defaults = paired_defaults,
            .configure = paired_configure,
            .valid = paired_valid,
            .layout = paired_layout,
            .check = paired_check,
        },
    .alike = paired_alike,
    .merge = paired_merge,
};
