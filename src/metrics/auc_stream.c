/* SPDX-License-Identifier: MIT */
/* Areas under the ROC and the precision-recall curve of a stream, from buckets of scores.
 *
 * The area is the share of pairs that class 1 wins (Bamber 1975). Pairs in different buckets are known; those within one, P(b)
 * N(b) of them, count half, so the area is wrong by at most the sum of P(b) N(b) / (2 P N) (the trapezoids of Hanley, McNeil
 * 1982, and the gap between the curve's outer and inner steps). Buckets are the leading bits of a floating-point number, as in
 * HdrHistogram (Tene 2012). Precision within a bucket lies between that of all its positives first and all last; the latter is
 * concave in the positives passed, so a chord bounds it from below.
 *
 * With fading nothing is multiplied but the weight of the next record, until that is large. Cost: O(1). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metrics/auc_stream.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/cover.h"
#include "metrics/handle.h"

enum { AUC_STREAM_PROBABILITY_TOP = -1, AUC_STREAM_REAL_TOP = 8 }; /* scores, or what is left to 1, are told apart below 2 to
                                                                    * the power of it */

#define AUC_STREAM_SCALE_MAX 0x1p200
#define AUC_STREAM_SUM_MAX 1e30 /* more than 2^62 records can add; a record adds nothing to it */

typedef struct auc_stream_state {
    kedge_state_head head;
    double fading;
    uint32_t over;
    uint32_t scores;
    uint32_t bits;
    uint32_t octaves;
    uint32_t n_side;  /* layout: buckets on each side of 1/2, or of 0 */
    uint32_t n_sums;  /* layout: 4 n_side */
    uint32_t at_sums; /* layout: double[n_sums]: of each bucket, by rising score, the weight of class 0 and of class 1, times
                       * scale */
    uint32_t window;
    uint32_t place;   /* n mod window where windows follow each other, else 0 */
    uint32_t n_last;  /* layout: n_sums where they do, else 0 */
    uint32_t at_last; /* layout: double[n_last]: of the last whole window */
    uint32_t reserved;
    double scale; /* of the newest record; 1 without fading */
    uint64_t n;
} auc_stream_state;

static const kedge_field auc_stream_fields[] = {
    KEDGE_PARAM(auc_stream_state, fading, KEDGE_TYPE_F64),  KEDGE_PARAM(auc_stream_state, over, KEDGE_TYPE_U32),
    KEDGE_PARAM(auc_stream_state, scores, KEDGE_TYPE_U32),  KEDGE_PARAM(auc_stream_state, bits, KEDGE_TYPE_U32),
    KEDGE_PARAM(auc_stream_state, octaves, KEDGE_TYPE_U32), KEDGE_PARAM(auc_stream_state, window, KEDGE_TYPE_U32),
    KEDGE_VALUE(auc_stream_state, place, KEDGE_TYPE_U32),   KEDGE_VALUE(auc_stream_state, scale, KEDGE_TYPE_F64),
    KEDGE_VALUE(auc_stream_state, n, KEDGE_TYPE_U64),       KEDGE_ARRAY(auc_stream_state, at_sums, n_sums, KEDGE_TYPE_F64),
    KEDGE_ARRAY(auc_stream_state, at_last, n_last, KEDGE_TYPE_F64),
};

static void auc_stream_defaults(void *config)
{
    kedge_auc_stream_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_auc_stream;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->fading = 0.999;
    cfg->over = KEDGE_OVER_ALL;
    cfg->scores = KEDGE_SCORES_PROBABILITY;
    cfg->bits = 7;
    cfg->octaves = 24;
    cfg->window = 1000;
}

kedge_status kedge_auc_stream_config_init(kedge_auc_stream_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_auc_stream.base, cfg, cfg_bytes, sizeof *cfg);
}

static void auc_stream_configure(const void *config, void *fixed)
{
    const kedge_auc_stream_config *cfg = config;
    auc_stream_state *s = fixed;
    s->fading = cfg->fading;
    s->over = cfg->over;
    s->scores = cfg->scores;
    s->bits = cfg->bits;
    s->octaves = cfg->octaves;
    s->window = cfg->window;
}

static int auc_stream_valid(const void *fixed)
{
    const auc_stream_state *s = fixed;
    return kedge_i_u32_within(s->over, KEDGE_OVER_ALL, KEDGE_OVER_TUMBLING) && s->over != KEDGE_OVER_WINDOW &&
           kedge_i_u32_within(s->window, 1, KEDGE_I_COVER_MAX_WINDOW) && s->fading > 0.0 && s->fading < 1.0 &&
           kedge_i_u32_within(s->scores, KEDGE_SCORES_PROBABILITY, KEDGE_SCORES_REAL) && kedge_i_u32_within(s->bits, 1, 12) &&
           kedge_i_u32_within(s->octaves, 4, 64);
}

static size_t auc_stream_layout(void *fixed)
{
    auc_stream_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_side = (s->octaves << s->bits) + 1;
    s->n_sums = 4 * s->n_side;
    s->n_last = s->over == KEDGE_OVER_TUMBLING ? s->n_sums : 0;
    s->at_sums = kedge_i_arena_take(&arena, s->n_sums, sizeof(double));
    s->at_last = kedge_i_arena_take(&arena, s->n_last, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void auc_stream_start(void *state)
{
    ((auc_stream_state *)state)->scale = 1.0;
}

static int auc_stream_are_within(const double *sums, uint32_t n, double most)
{
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(sums[i], 0.0, most))
            return 0;
    return 1;
}

static int auc_stream_check(const void *state)
{
    const auc_stream_state *s = state;
    if (!auc_stream_valid(s) || s->n > KEDGE_I_COUNT_MAX)
        return 0;
    if (!kedge_i_within(s->scale, 1.0, s->over == KEDGE_OVER_FADING ? AUC_STREAM_SCALE_MAX : 1.0))
        return 0;
    if (s->place != (s->over == KEDGE_OVER_TUMBLING ? s->n % s->window : 0))
        return 0;
    return auc_stream_are_within(kedge_i_at_const(s, s->at_sums), s->n_sums, AUC_STREAM_SUM_MAX * s->scale) &&
           auc_stream_are_within(kedge_i_at_const(s, s->at_last), s->n_last, s->n < s->window ? 0.0 : AUC_STREAM_SUM_MAX);
}

/* Recording ---------------------------------------------------------------------------------------------------------------- */

/* Steps of a magnitude from 0 up: the leading bits of its exponent and mantissa. */
static inline uint32_t auc_stream_step(const auc_stream_state *s, double magnitude, int top)
{
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    bits >>= 52 - s->bits;
    uint64_t first = (uint64_t)(1023 + top - (int)s->octaves) << s->bits;
    uint64_t step = bits < first ? 0 : bits - first + 1;
    return step < s->n_side ? (uint32_t)step : s->n_side - 1;
}

/* The buckets' order is that of the scores: 1 - p is exact where p is above 1/2. */
static inline uint32_t auc_stream_bucket(const auc_stream_state *s, double score)
{
    if (s->scores == KEDGE_SCORES_PROBABILITY) {
        int is_high = score > 0.5;
        uint32_t step = auc_stream_step(s, is_high ? 1.0 - score : score, AUC_STREAM_PROBABILITY_TOP);
        return is_high ? 2 * s->n_side - 1 - step : step;
    }
    uint32_t step = auc_stream_step(s, fabs(score), AUC_STREAM_REAL_TOP);
    return score < 0.0 ? s->n_side - 1 - step : s->n_side + step;
}

static void auc_stream_shrink(auc_stream_state *s)
{
    double *sums = kedge_i_at(s, s->at_sums);
    double factor = s->fading / s->scale;
    for (uint32_t i = 0; i < s->n_sums; i++)
        sums[i] = fmin(sums[i] * factor, AUC_STREAM_SUM_MAX);
    s->scale = 1.0;
}

static inline void auc_stream_fade(auc_stream_state *s)
{
    if (s->n == 0)
        return;
    if (s->scale < AUC_STREAM_SCALE_MAX * s->fading)
        s->scale /= s->fading;
    else
        auc_stream_shrink(s);
}

/* The window is full: the next one begins. */
static void auc_stream_tumble(auc_stream_state *s)
{
    double *sums = kedge_i_at(s, s->at_sums);
    memcpy(kedge_i_at(s, s->at_last), sums, s->n_sums * sizeof *sums);
    memset(sums, 0, s->n_sums * sizeof *sums);
    s->place = 0;
}

static inline kedge_status auc_stream_take(auc_stream_state *s, double score, double of_1, double of_0)
{
    int is_probability = s->scores == KEDGE_SCORES_PROBABILITY;
    if (is_probability ? !kedge_i_within(score, 0.0, 1.0) : !kedge_i_finite(score))
        return kedge_i_refusal(score);
    if (s->n >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    double *bucket = (double *)kedge_i_at(s, s->at_sums) + 2 * (size_t)auc_stream_bucket(s, score);
    if (s->over == KEDGE_OVER_FADING)
        auc_stream_fade(s);
    bucket[0] += of_0 * s->scale;
    bucket[1] += of_1 * s->scale;
    s->n++;
    if (s->over == KEDGE_OVER_TUMBLING && ++s->place == s->window)
        auc_stream_tumble(s);
    return KEDGE_OK;
}

static inline kedge_status auc_stream_label(auc_stream_state *s, uint32_t truth, double score, double weight)
{
    if (truth > 1)
        return KEDGE_ERR_RANGE;
    if (!kedge_i_within(weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(weight);
    return auc_stream_take(s, score, truth ? weight : 0.0, truth ? 0.0 : weight);
}

kedge_status kedge_auc_stream_record(kedge_metric *m, uint32_t truth, double score, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_auc_stream));
    return auc_stream_label(m->state, truth, score, weight);
}

kedge_status kedge_auc_stream_record_many(kedge_metric *m, const uint8_t *labels, const double *scores, const double *weight,
                                          size_t n, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_auc_stream));
    if (!used || (n > 0 && (!labels || !scores)))
        return KEDGE_ERR_NULL;
    for (*used = 0; *used < n; ++*used)
        KEDGE_TRY(auc_stream_label(m->state, labels[*used], scores[*used], weight ? weight[*used] : 1.0));
    return KEDGE_OK;
}

kedge_status kedge_auc_stream_expect(kedge_metric *m, double score, double probability, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_auc_stream));
    if (!kedge_i_within(probability, 0.0, 1.0))
        return kedge_i_refusal(probability);
    if (!kedge_i_within(weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(weight);
    return auc_stream_take(m->state, score, weight * probability, weight * (1.0 - probability));
}

/* Reading ------------------------------------------------------------------------------------------------------------------ */

/* Precision once `hits` and `misses` were passed; 1 before any miss. */
static double auc_stream_precision(double hits, double misses)
{
    double some = misses > 0.0 ? hits : 1.0;
    double all = misses > 0.0 ? hits + misses : 1.0; /* never 0, even if a compiler divides before it asks */
    return some / all;
}

/* From the greatest score down. Shares of negatives, so that no product of weights is ever too large or too small. */
static void auc_stream_sweep(const auc_stream_state *s, const double *sums, kedge_auc_stream_report *r)
{
    double hits = 0.0, misses = 0.0, area = 0.0, open = 0.0, steps = 0.0, low = 0.0, high = 0.0;
    for (uint32_t i = s->n_sums; i > 0; i -= 2) {
        double negatives = sums[i - 2] / s->scale;
        double positives = sums[i - 1] / s->scale;
        if (positives > 0.0) {
            double here = fmin(negatives / r->negatives, 1.0);
            double below = fmax(1.0 - misses / r->negatives - here, 0.0);
            double last = auc_stream_precision(hits + positives, misses + negatives);
            area += positives * (below + 0.5 * here);
            open += positives * (0.5 * here);
            steps += positives * last;
            low += positives * (0.5 * (auc_stream_precision(hits, misses + negatives) + last));
            high += positives * auc_stream_precision(hits + positives, misses);
        }
        hits += positives;
        misses += negatives;
    }
    r->auc = fmin(area / r->positives, 1.0);
    r->auc_error = fmin(open / r->positives, 0.5);
    r->average_precision = fmin(steps / r->positives, 1.0);
    r->average_precision_low = fmin(low / r->positives, 1.0);
    r->average_precision_high = fmin(high / r->positives, 1.0);
}

kedge_status kedge_auc_stream_read(const kedge_metric *m, kedge_auc_stream_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_auc_stream));
    if (!out)
        return KEDGE_ERR_NULL;
    const auc_stream_state *s = m->state;
    int tumbles = s->over == KEDGE_OVER_TUMBLING;
    const double *sums = kedge_i_at_const(s, tumbles ? s->at_last : s->at_sums);
    kedge_auc_stream_report r;
    memset(&r, 0, sizeof r);
    r.n = !tumbles ? s->n : s->n < s->window ? 0 : s->window;
    for (uint32_t i = 0; i < s->n_sums; i += 2) {
        r.negatives += sums[i] / s->scale;
        r.positives += sums[i + 1] / s->scale;
    }
    r.auc = r.auc_error = r.average_precision = r.average_precision_low = r.average_precision_high = (double)NAN;
    int both = r.positives > 0.0 && r.negatives > 0.0;
    if (both)
        auc_stream_sweep(s, sums, &r);
    *out = r;
    return both ? KEDGE_OK : KEDGE_EMPTY;
}

static int auc_stream_alike(const void *state, const void *other)
{
    const auc_stream_state *a = state;
    const auc_stream_state *b = other;
    return a->over == b->over && a->scores == b->scores && a->bits == b->bits && a->octaves == b->octaves;
}

static kedge_status auc_stream_merge(void *state, const void *other)
{
    auc_stream_state *a = state;
    const auc_stream_state *b = other;
    double *sums = kedge_i_at(a, a->at_sums);
    const double *more = kedge_i_at_const(b, b->at_sums);
    if (a->over != KEDGE_OVER_ALL)
        return KEDGE_ERR_UNSUPPORTED;
    if (b->n > KEDGE_I_COUNT_MAX - a->n)
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < a->n_sums; i++)
        sums[i] = fmin(sums[i] + more[i], AUC_STREAM_SUM_MAX);
    a->n += b->n;
    return KEDGE_OK;
}

const kedge_metric_class kedge_auc_stream = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "auc_stream",
            .fixed_bytes = sizeof(auc_stream_state),
            .config_bytes = sizeof(kedge_auc_stream_config),
            .n_fields = sizeof auc_stream_fields / sizeof *auc_stream_fields,
            .fields = auc_stream_fields,
            .defaults = auc_stream_defaults,
            .configure = auc_stream_configure,
            .valid = auc_stream_valid,
            .layout = auc_stream_layout,
            .start = auc_stream_start,
            .check = auc_stream_check,
        },
    .alike = auc_stream_alike,
    .merge = auc_stream_merge,
};
