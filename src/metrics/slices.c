/* SPDX-License-Identifier: MIT */
/* Errors per slice in a bounded table.
 *
 * Which slices have a place: Space-Saving, Metwally, Agrawal, El Abbadi 2005, "Efficient computation of frequent and top-k
 * elements in data streams". There a newcomer inherits the count of the one that it drives out; here it inherits the rank alone
 * and counts its own records, since its share of errors must be its own. Merging: Agarwal et al. 2012, "Mergeable summaries": a
 * slice that only one side holds may have been missed by the other as often as the least rank there. Intervals of slices are exact
 * where there are few records, since with many slices some of the smallest look bad by chance; of a difference of shares Newcombe
 * 1998, "Interval estimation for the difference between independent proportions", method 10, from these; for all slices at once
 * after Bonferroni.
 *
 * Slices stand in the order of their numbers. Cost: O(log slices) to record, of a new one O(slices). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metrics/slices.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"

enum { SLICES_MAX = 4096, SLICES_WORDS = 4 };

typedef struct slices_place {
    uint64_t slice;
    uint64_t n;       /* >= 1 */
    uint64_t n_wrong; /* <= n */
    uint64_t n_missed; /* records that it may have had before; n + n_missed is its rank */
} slices_place;

typedef struct slices_state {
    kedge_state_head head;
    double confidence;
    uint32_t max_slices;
    uint32_t n_slices;
    uint32_t n_words;   /* layout: of all places */
    uint32_t at_places; /* layout: slices_place[max_slices]: ascending, zeros behind */
    uint64_t n;
    uint64_t n_wrong;
    uint64_t n_evicted;
} slices_state;

static const kedge_field slices_fields[] = {
    KEDGE_PARAM(slices_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(slices_state, max_slices, KEDGE_TYPE_U32),
    KEDGE_VALUE(slices_state, n_slices, KEDGE_TYPE_U32),
    KEDGE_VALUE(slices_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(slices_state, n_wrong, KEDGE_TYPE_U64),
    KEDGE_VALUE(slices_state, n_evicted, KEDGE_TYPE_U64),
    KEDGE_ARRAY(slices_state, at_places, n_words, KEDGE_TYPE_U64),
};

static void slices_defaults(void *config)
{
    kedge_slices_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_slices;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->confidence = 0.95;
    cfg->max_slices = 256;
}

kedge_status kedge_slices_config_init(kedge_slices_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_slices.base, cfg, cfg_bytes, sizeof *cfg);
}

static void slices_configure(const void *config, void *fixed)
{
    const kedge_slices_config *cfg = config;
    slices_state *s = fixed;
    s->confidence = cfg->confidence;
    s->max_slices = cfg->max_slices;
}

static int slices_valid(const void *fixed)
{
    const slices_state *s = fixed;
    return s->confidence > 0.0 && s->confidence < 1.0 && kedge_i_u32_within(s->max_slices, 2, SLICES_MAX);
}

static size_t slices_layout(void *fixed)
{
    slices_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_words = s->max_slices * SLICES_WORDS;
    s->at_places = kedge_i_arena_take(&arena, s->n_words, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

static slices_place *slices_places(slices_state *s)
{
    return kedge_i_at(s, s->at_places);
}

static const slices_place *slices_held(const slices_state *s)
{
    return kedge_i_at_const(s, s->at_places);
}

/* Counts of the slices in the table. */
static void slices_sum(const slices_state *s, uint64_t *n, uint64_t *n_wrong)
{
    *n = *n_wrong = 0;
    for (uint32_t i = 0; i < s->n_slices; i++) {
        *n += slices_held(s)[i].n;
        *n_wrong += slices_held(s)[i].n_wrong;
    }
}

static int slices_places_are_sound(const slices_state *s, uint64_t *n, uint64_t *n_wrong)
{
    const slices_place *p = slices_held(s);
    *n = *n_wrong = 0;
    for (uint32_t i = 0; i < s->n_slices; i++) {
        if ((i > 0 && p[i].slice <= p[i - 1].slice) || p[i].n == 0 || p[i].n > s->n - *n || p[i].n_wrong > p[i].n)
            return 0;
        *n += p[i].n;
        *n_wrong += p[i].n_wrong;
    }
    for (uint32_t i = s->n_slices; i < s->max_slices; i++)
        if (p[i].slice != 0 || p[i].n != 0 || p[i].n_wrong != 0 || p[i].n_missed != 0)
            return 0;
    for (uint32_t i = 0; i < s->n_slices; i++)
        if (p[i].n_missed > s->n - *n)
            return 0;
    return 1;
}

static int slices_check(const void *state)
{
    const slices_state *s = state;
    uint64_t n, n_wrong;
    if (!slices_valid(s) || s->n_slices > s->max_slices || s->n > KEDGE_I_COUNT_MAX || s->n_wrong > s->n ||
        !slices_places_are_sound(s, &n, &n_wrong) || s->n_evicted > s->n - s->n_slices)
        return 0;
    if (n_wrong > s->n_wrong || s->n_wrong - n_wrong > s->n - n || (s->n_evicted > 0) != (s->n > n))
        return 0;
    return s->n == n || s->n_slices == s->max_slices;
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

/* First place whose number is not below this one. */
static uint32_t slices_find(const slices_state *s, uint64_t slice)
{
    const slices_place *p = slices_held(s);
    uint32_t low = 0;
    uint32_t n = s->n_slices;
    while (n > 0) {
        uint32_t half = n / 2;
        int is_below = p[low + half].slice < slice;
        low += is_below ? half + 1 : 0;
        n = is_below ? n - half - 1 : half;
    }
    return low;
}

static int slices_has(const slices_state *s, uint32_t i, uint64_t slice)
{
    return i < s->n_slices && slices_held(s)[i].slice == slice;
}

static uint64_t slices_rank(const slices_place *p)
{
    return p->n + p->n_missed;
}

/* The slice of least rank. */
static uint32_t slices_least(const slices_state *s)
{
    const slices_place *p = slices_held(s);
    uint32_t least = 0;
    for (uint32_t i = 1; i < s->n_slices; i++)
        least = slices_rank(&p[i]) < slices_rank(&p[least]) ? i : least;
    return least;
}

/* How many records a slice that has no place may have had. */
static uint64_t slices_unseen(const slices_state *s)
{
    return s->n_evicted > 0 ? slices_rank(&slices_held(s)[slices_least(s)]) : 0;
}

static void slices_remove(slices_state *s, uint32_t i)
{
    slices_place *p = slices_places(s);
    s->n_slices--;
    memmove(&p[i], &p[i + 1], (s->n_slices - i) * sizeof *p);
    memset(&p[s->n_slices], 0, sizeof *p);
}

static void slices_insert(slices_state *s, const slices_place *one)
{
    slices_place *p = slices_places(s);
    uint32_t i = slices_find(s, one->slice);
    memmove(&p[i + 1], &p[i], (s->n_slices - i) * sizeof *p);
    p[i] = *one;
    s->n_slices++;
}

static void slices_take(slices_state *s, uint64_t slice, int wrong)
{
    uint32_t i = slices_find(s, slice);
    s->n++;
    s->n_wrong += wrong != 0;
    if (slices_has(s, i, slice)) {
        slices_places(s)[i].n++;
        slices_places(s)[i].n_wrong += wrong != 0;
        return;
    }
    slices_place one = {slice, 1, wrong != 0, 0};
    if (s->n_slices == s->max_slices) {
        uint32_t least = slices_least(s);
        one.n_missed = slices_rank(&slices_held(s)[least]);
        slices_remove(s, least);
        s->n_evicted++;
    }
    slices_insert(s, &one);
}

kedge_status kedge_slices_record(kedge_metric *m, uint64_t slice, int wrong)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    slices_state *s = m->state;
    if (s->n == KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    slices_take(s, slice, wrong);
    return KEDGE_OK;
}

kedge_status kedge_slices_record_many(kedge_metric *m, const uint64_t *slices, const uint8_t *wrong, size_t n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    if (n > 0 && (!slices || !wrong))
        return KEDGE_ERR_NULL;
    slices_state *s = m->state;
    if (n > KEDGE_I_COUNT_MAX - s->n)
        return KEDGE_ERR_RANGE;
    for (size_t i = 0; i < n; i++)
        slices_take(s, slices[i], wrong[i]);
    return KEDGE_OK;
}

/* Merging ---------------------------------------------------------------------------------------------------------------------- */

static int slices_alike(const void *state, const void *other)
{
    const slices_state *a = state;
    const slices_state *b = other;
    return a->confidence == b->confidence && a->max_slices == b->max_slices;
}

/* A slice of the other table that this one does not hold. Its records stay among the others if all here have a higher rank. */
static void slices_join(slices_state *a, const slices_place *one)
{
    if (a->n_slices == a->max_slices) {
        uint32_t least = slices_least(a);
        a->n_evicted++;
        if (slices_rank(one) <= slices_rank(&slices_held(a)[least]))
            return;
        slices_remove(a, least);
    }
    slices_insert(a, one);
}

static kedge_status slices_merge(void *state, const void *other)
{
    slices_state *a = state;
    const slices_state *b = other;
    slices_place *p = slices_places(a);
    uint64_t unseen_a = slices_unseen(a), unseen_b = slices_unseen(b), n, n_wrong;
    if (b->n > KEDGE_I_COUNT_MAX - a->n)
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < a->n_slices; i++) {
        uint32_t k = slices_find(b, p[i].slice);
        const slices_place *q = &slices_held(b)[k];
        int both = slices_has(b, k, p[i].slice);
        p[i].n_missed += both ? q->n_missed : unseen_b;
        p[i].n += both ? q->n : 0;
        p[i].n_wrong += both ? q->n_wrong : 0;
    }
    a->n += b->n;
    a->n_wrong += b->n_wrong;
    a->n_evicted += b->n_evicted;
    for (uint32_t k = 0; k < b->n_slices; k++) {
        slices_place one = slices_held(b)[k];
        one.n_missed += unseen_a;
        if (!slices_has(a, slices_find(a, one.slice), one.slice))
            slices_join(a, &one);
    }
    slices_sum(a, &n, &n_wrong);
    for (uint32_t i = 0; i < a->n_slices; i++) /* what was missed is among the others */
        p[i].n_missed = p[i].n_missed < a->n - n ? p[i].n_missed : a->n - n;
    return KEDGE_OK;
}

/* Reading ---------------------------------------------------------------------------------------------------------------------- */

static double slices_number(uint64_t n)
{
    return (double)(int64_t)n;
}

static double slices_root(double a, double b)
{
    return sqrt(a * a + b * b);
}

static void slices_describe(const slices_state *s, const slices_place *p, kedge_slice *out)
{
    uint64_t n_rest = s->n - p->n;
    double confidence = 1.0 - (1.0 - s->confidence) / s->n_slices;
    kedge_i_interval own = kedge_i_exact_share_interval(slices_number(p->n_wrong), slices_number(p->n), confidence);
    out->slice = p->slice;
    out->n = p->n;
    out->n_wrong = p->n_wrong;
    out->n_missed = p->n_missed;
    out->rest = out->error_rate = slices_number(p->n_wrong) / slices_number(p->n);
    out->low = own.low;
    out->high = own.high;
    out->excess = out->excess_low = out->excess_high = 0.0;
    if (n_rest == 0)
        return;
    double rest_wrong = slices_number(s->n_wrong - p->n_wrong);
    kedge_i_interval rest = kedge_i_exact_share_interval(rest_wrong, slices_number(n_rest), confidence);
    out->rest = rest_wrong / slices_number(n_rest);
    out->excess = out->error_rate - out->rest;
    out->excess_low = out->excess - slices_root(out->error_rate - own.low, rest.high - out->rest);
    out->excess_high = out->excess + slices_root(own.high - out->error_rate, out->rest - rest.low);
}

kedge_status kedge_slices_read(const kedge_metric *m, kedge_slices_report *out)
{
    uint64_t n, n_wrong;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    if (!out)
        return KEDGE_ERR_NULL;
    const slices_state *s = m->state;
    memset(out, 0, sizeof *out);
    slices_sum(s, &n, &n_wrong);
    out->n = s->n;
    out->n_wrong = s->n_wrong;
    out->n_other = s->n - n;
    out->n_other_wrong = s->n_wrong - n_wrong;
    out->n_evicted = s->n_evicted;
    out->n_slices = s->n_slices;
    out->error_rate = out->low = out->high = (double)NAN;
    if (s->n == 0)
        return KEDGE_EMPTY;
    kedge_i_interval all = kedge_i_share_interval(slices_number(s->n_wrong), slices_number(s->n), s->confidence);
    out->error_rate = slices_number(s->n_wrong) / slices_number(s->n);
    out->low = all.low;
    out->high = all.high;
    return KEDGE_OK;
}

static int slices_is_worse(const kedge_slice *a, const kedge_slice *b)
{
    return a->excess_low > b->excess_low || (a->excess_low == b->excess_low && a->excess > b->excess);
}

kedge_status kedge_slices_worst(const kedge_metric *m, kedge_slice *out, size_t cap, size_t *n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    if (!n || (!out && cap > 0))
        return KEDGE_ERR_NULL;
    const slices_state *s = m->state;
    size_t held = 0;
    for (uint32_t i = 0; i < s->n_slices && cap > 0; i++) {
        kedge_slice one;
        slices_describe(s, &slices_held(s)[i], &one);
        if (held == cap && !slices_is_worse(&one, &out[held - 1]))
            continue;
        size_t place = held < cap ? held++ : held - 1; /* the last gives way */
        for (; place > 0 && slices_is_worse(&one, &out[place - 1]); place--)
            out[place] = out[place - 1];
        out[place] = one;
    }
    *n = held;
    return KEDGE_OK;
}

kedge_status kedge_slices_find(const kedge_metric *m, uint64_t slice, kedge_slice *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    if (!out)
        return KEDGE_ERR_NULL;
    const slices_state *s = m->state;
    uint32_t i = slices_find(s, slice);
    memset(out, 0, sizeof *out);
    if (slices_has(s, i, slice)) {
        slices_describe(s, &slices_held(s)[i], out);
        return KEDGE_OK;
    }
    out->slice = slice;
    out->n_missed = slices_unseen(s);
    out->error_rate = out->low = out->high = out->rest = out->excess = out->excess_low = out->excess_high = (double)NAN;
    return KEDGE_EMPTY;
}

const kedge_metric_class kedge_slices = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "slices",
            .fixed_bytes = sizeof(slices_state),
            .config_bytes = sizeof(kedge_slices_config),
            .n_fields = sizeof slices_fields / sizeof *slices_fields,
            .fields = slices_fields,
            .defaults = slices_defaults,
            .configure = slices_configure,
            .valid = slices_valid,
            .layout = slices_layout,
            .check = slices_check,
        },
    .alike = slices_alike,
    .merge = slices_merge,
};
