/* SPDX-License-Identifier: MIT */
/* Categories: a nominal column in a fixed buffer.
 *
 * Misra, Gries 1982, "Finding repeated elements", Science of Computer Programming 2: a value whose category is kept counts there;
 * one of a new category takes a free place; where there is none, all k counts and the new value lose as much as the least of them
 * has. Each loss of w takes w (k + 1) values out, so that all losses together, by which a count can be too low, are at most
 * n / (k + 1). Counts of another profile come in the same way, each as one value of that weight (Agarwal, Cormode, Huang, Phillips,
 * Wei, Yi 2012, "Mergeable summaries", PODS, section 3.1); the other's losses are added.
 *
 * The categories stand in rising order of their codes: one order for every way to the same content, a binary search, and a walk
 * through two profiles side by side. A loss is paid for by the values that it takes out. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/profile.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/rows.h"
#include "base/special.h"
#include "metrics/handle.h"

#define CATEGORIES_FEW 5.0     /* expected values of a category below which it is taken together with others (Cochran 1954) */
#define CATEGORIES_PSEUDO 0.5 /* added to each count for the PSI: Krichevsky, Trofimov 1981 */

typedef struct categories_state {
    kedge_state_head head;
    uint32_t max_categories;
    uint32_t n_categories;
    uint32_t at_codes;  /* layout: rising; 0 behind the last */
    uint32_t at_counts; /* layout: at least 1; 0 behind the last */
    uint64_t n;
    uint64_t n_missing;
    uint64_t error; /* sum of all losses */
} categories_state;

static const kedge_field categories_fields[] = {
    KEDGE_PARAM(categories_state, max_categories, KEDGE_TYPE_U32),
    KEDGE_VALUE(categories_state, n_categories, KEDGE_TYPE_U32),
    KEDGE_VALUE(categories_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(categories_state, n_missing, KEDGE_TYPE_U64),
    KEDGE_VALUE(categories_state, error, KEDGE_TYPE_U64),
    KEDGE_ARRAY(categories_state, at_codes, max_categories, KEDGE_TYPE_F64),
    KEDGE_ARRAY(categories_state, at_counts, max_categories, KEDGE_TYPE_U64),
};

static void categories_defaults(void *config)
{
    kedge_categories_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_categories;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->max_categories = 256;
}

kedge_status kedge_categories_config_init(kedge_categories_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_categories.base, cfg, cfg_bytes, sizeof *cfg);
}

static void categories_configure(const void *config, void *fixed)
{
    ((categories_state *)fixed)->max_categories = ((const kedge_categories_config *)config)->max_categories;
}

static int categories_valid(const void *fixed)
{
    return kedge_i_u32_within(((const categories_state *)fixed)->max_categories, 2, 4096);
}

static size_t categories_layout(void *fixed)
{
    categories_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_codes = kedge_i_arena_take(&arena, s->max_categories, sizeof(double));
    s->at_counts = kedge_i_arena_take(&arena, s->max_categories, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

static const double *categories_codes(const categories_state *s)
{
    return kedge_i_at_const(s, s->at_codes);
}

static const uint64_t *categories_counts(const categories_state *s)
{
    return kedge_i_at_const(s, s->at_counts);
}

/* One place of the list: in order while it is used, zeros behind. Adds its count up; 0 if it is not sound. */
static int categories_place_is_sound(const categories_state *s, uint32_t i, uint64_t *sum)
{
    const double *codes = categories_codes(s);
    uint64_t count = categories_counts(s)[i];
    if (i >= s->n_categories)
        return codes[i] == 0.0 && !signbit(codes[i]) && count == 0;
    if (!kedge_i_within(codes[i], -KEDGE_CATEGORIES_CODE_MAX, KEDGE_CATEGORIES_CODE_MAX) || (i > 0 && !(codes[i] > codes[i - 1])))
        return 0;
    if (count == 0 || count > s->n - *sum)
        return 0;
    *sum += count;
    return !(codes[i] == 0.0 && signbit(codes[i]));
}

static int categories_check(const void *state)
{
    const categories_state *s = state;
    uint64_t sum = 0;
    if (!categories_valid(s) || s->n_categories > s->max_categories || s->n > KEDGE_I_COUNT_MAX || s->n_missing > KEDGE_I_COUNT_MAX)
        return 0;
    for (uint32_t i = 0; i < s->max_categories; i++)
        if (!categories_place_is_sound(s, i, &sum))
            return 0;
    return s->error <= (s->n - sum) / (s->max_categories + 1) && (s->error > 0) == (s->n > sum);
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

/* First place whose code is not below this one. */
static uint32_t categories_place(const categories_state *s, double code)
{
    const double *codes = categories_codes(s);
    uint32_t low = 0;
    uint32_t n = s->n_categories;
    while (n > 0) {
        uint32_t half = n / 2;
        int is_below = codes[low + half] < code;
        low += is_below ? half + 1 : 0;
        n = is_below ? n - half - 1 : half;
    }
    return low;
}

static int categories_has(const categories_state *s, uint32_t place, double code)
{
    return place < s->n_categories && categories_codes(s)[place] == code;
}

/* All lose as much as the least has, or `most`; those that have nothing left go. Returns the loss. */
static uint64_t categories_lose(categories_state *s, uint64_t most)
{
    double *codes = kedge_i_at(s, s->at_codes);
    uint64_t *counts = kedge_i_at(s, s->at_counts);
    uint64_t loss = most;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->n_categories; i++)
        loss = counts[i] < loss ? counts[i] : loss;
    for (uint32_t i = 0; i < s->n_categories; i++) {
        codes[kept] = codes[i];
        counts[kept] = counts[i] - loss;
        kept += counts[kept] > 0;
    }
    memset(codes + kept, 0, (s->n_categories - kept) * sizeof *codes);
    memset(counts + kept, 0, (s->n_categories - kept) * sizeof *counts);
    s->n_categories = kept;
    s->error += loss;
    return loss;
}

static void categories_insert(categories_state *s, double code, uint64_t count)
{
    double *codes = kedge_i_at(s, s->at_codes);
    uint64_t *counts = kedge_i_at(s, s->at_counts);
    uint32_t place = categories_place(s, code);
    memmove(codes + place + 1, codes + place, (s->n_categories - place) * sizeof *codes);
    memmove(counts + place + 1, counts + place, (s->n_categories - place) * sizeof *counts);
    codes[place] = code;
    counts[place] = count;
    s->n_categories++;
}

static void categories_add(categories_state *s, double code, uint64_t count)
{
    uint32_t place = categories_place(s, code);
    s->n += count;
    if (categories_has(s, place, code)) {
        ((uint64_t *)kedge_i_at(s, s->at_counts))[place] += count;
        return;
    }
    if (s->n_categories == s->max_categories)
        count -= categories_lose(s, count);
    if (count > 0)
        categories_insert(s, code, count);
}

static kedge_status categories_step(categories_state *s, double code)
{
    if (code != code) {
        s->n_missing += s->n_missing < KEDGE_I_COUNT_MAX;
        return KEDGE_OK;
    }
    if (!kedge_i_within(code, -KEDGE_CATEGORIES_CODE_MAX, KEDGE_CATEGORIES_CODE_MAX))
        return kedge_i_refusal(code);
    if (s->n == KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    categories_add(s, code + 0.0, 1); /* no negative zero */
    return KEDGE_OK;
}

kedge_status kedge_categories_record(kedge_metric *m, double code)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_categories));
    return categories_step(m->state, code);
}

kedge_status kedge_categories_record_column(kedge_metric *m, const kedge_rows *rows, size_t i_column, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_categories));
    if (!rows || !used)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_rows_check(rows));
    if (i_column >= rows->n_columns)
        return KEDGE_ERR_SHAPE;
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    for (; i < rows->n_rows && st >= 0; i++)
        st = categories_step(m->state, kedge_i_rows_at(rows, i, i_column));
    *used = st < 0 ? i - 1 : i;
    return st;
}

static int categories_alike(const void *state, const void *other)
{
    return ((const categories_state *)state)->max_categories == ((const categories_state *)other)->max_categories;
}

static uint64_t categories_sum(const categories_state *s)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < s->n_categories; i++)
        sum += categories_counts(s)[i];
    return sum;
}

static kedge_status categories_merge(void *state, const void *other)
{
    categories_state *a = state;
    const categories_state *b = other;
    if (b->n > KEDGE_I_COUNT_MAX - a->n || b->n_missing > KEDGE_I_COUNT_MAX - a->n_missing)
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < b->n_categories; i++)
        categories_add(a, categories_codes(b)[i], categories_counts(b)[i]);
    a->n += b->n - categories_sum(b);
    a->n_missing += b->n_missing;
    a->error += b->error;
    return KEDGE_OK;
}

/* Reading ---------------------------------------------------------------------------------------------------------------------- */

kedge_status kedge_categories_read(const kedge_metric *m, kedge_categories_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_categories));
    if (!out)
        return KEDGE_ERR_NULL;
    const categories_state *s = m->state;
    memset(out, 0, sizeof *out);
    out->n = s->n;
    out->n_missing = s->n_missing;
    out->n_other = s->n - categories_sum(s);
    out->error = s->error;
    out->n_categories = s->n_categories;
    return s->n > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

static kedge_category categories_category(const categories_state *s, double code, uint64_t count)
{
    kedge_category c = {code, count, count + s->error, s->n > 0 ? (double)(int64_t)count / (double)(int64_t)s->n : 0.0};
    return c;
}

kedge_status kedge_categories_top(const kedge_metric *m, kedge_category *out, size_t n_out, size_t *n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_categories));
    if (!n || (!out && n_out > 0))
        return KEDGE_ERR_NULL;
    const categories_state *s = m->state;
    size_t held = 0;
    for (uint32_t i = 0; i < s->n_categories && n_out > 0; i++) {
        uint64_t count = categories_counts(s)[i];
        if (held == n_out && count <= out[held - 1].count)
            continue;
        size_t place = held < n_out ? held++ : held - 1; /* the last gives way */
        for (; place > 0 && out[place - 1].count < count; place--)
            out[place] = out[place - 1];
        out[place] = categories_category(s, categories_codes(s)[i], count);
    }
    *n = held;
    return KEDGE_OK;
}

kedge_status kedge_categories_find(const kedge_metric *m, double code, kedge_category *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_categories));
    if (!out)
        return KEDGE_ERR_NULL;
    if (!kedge_i_finite(code))
        return KEDGE_ERR_NOT_FINITE;
    const categories_state *s = m->state;
    uint32_t place = categories_place(s, code);
    *out = categories_category(s, code, categories_has(s, place, code) ? categories_counts(s)[place] : 0);
    return KEDGE_OK;
}

/* Comparing -------------------------------------------------------------------------------------------------------------------- */

/* One category, or several taken together, in both columns: at least so many, and by how much more it may be. */
typedef struct categories_pair {
    double n, m;
    double n_more, m_more;
} categories_pair;

/* What a walk through both adds up. */
typedef struct categories_walk {
    const categories_state *a, *b;
    double n, m;          /* values of both */
    double n_kept, m_kept; /* of them in kept categories */
    double n_cells;       /* categories that count, for the degrees of freedom */
    double most;          /* greatest difference of shares */
    categories_pair rare;
} categories_walk;

/* Difference of the shares that is sure, whatever the counts' errors. */
static double categories_sure(const categories_walk *w, const categories_pair *p)
{
    double off = p->n / w->n - p->m / w->m;
    return off > 0.0 ? fmax(0.0, off - p->m_more / w->m) : fmin(0.0, off + p->n_more / w->n);
}

/* Pearson's statistic of two rows: each category adds n m / (n + m) times the square of the shares' difference over its pooled
 * share. */
static void categories_chi(categories_walk *w, const categories_pair *p, kedge_categories_shift *out)
{
    double off = categories_sure(w, p);
    double all = w->n + w->m;
    double pooled = (p->n + p->n_more + p->m + p->m_more) / all;
    if (!(pooled > 0.0))
        return;
    out->chi_squared += w->n * (w->m / all) * off * off / pooled;
    w->n_cells += 1.0;
}

/* Symmetrised Kullback-Leibler divergence, one term. */
static double categories_psi(const categories_walk *w, const categories_pair *p, double n_cells)
{
    double before = (p->n + CATEGORIES_PSEUDO) / (w->n + CATEGORIES_PSEUDO * n_cells);
    double now = (p->m + CATEGORIES_PSEUDO) / (w->m + CATEGORIES_PSEUDO * n_cells);
    return (now - before) * log(now / before);
}

/* Walks through the categories of both by rising codes. */
static int categories_next(const categories_walk *w, uint32_t *i, uint32_t *j, categories_pair *p, double *code)
{
    int has_a = *i < w->a->n_categories;
    int has_b = *j < w->b->n_categories;
    if (!has_a && !has_b)
        return 0;
    double at_a = has_a ? categories_codes(w->a)[*i] : (double)INFINITY;
    double at_b = has_b ? categories_codes(w->b)[*j] : (double)INFINITY;
    *code = fmin(at_a, at_b);
    p->n = at_a <= at_b ? (double)(int64_t)categories_counts(w->a)[(*i)++] : 0.0;
    p->m = at_b <= at_a ? (double)(int64_t)categories_counts(w->b)[(*j)++] : 0.0;
    p->n_more = (double)(int64_t)w->a->error;
    p->m_more = (double)(int64_t)w->b->error;
    return 1;
}

static void categories_note(categories_walk *w, const categories_pair *p, double code, kedge_categories_shift *out)
{
    double off = fabs(p->n / w->n - p->m / w->m);
    out->total_variation += 0.5 * off;
    out->unseen += p->n == 0.0 ? p->m / w->m : 0.0;
    w->n_kept += p->n;
    w->m_kept += p->m;
    if (off > w->most) {
        w->most = off;
        out->where = code;
        out->share_reference = p->n / w->n;
        out->share_current = p->m / w->m;
    }
}

static double categories_count_all(const categories_walk *w)
{
    categories_pair p;
    double code, n = 0.0;
    for (uint32_t i = 0, j = 0; categories_next(w, &i, &j, &p, &code);)
        n += 1.0;
    return n;
}

static void categories_walk_both(categories_walk *w, kedge_categories_shift *out)
{
    categories_pair p;
    double code;
    double n_all = categories_count_all(w) + 1.0; /* and what is not kept */
    double least = CATEGORIES_FEW * (w->n + w->m) / fmin(w->n, w->m); /* of both together, so that the smaller sample expects
                                                                       * enough */
    for (uint32_t i = 0, j = 0; categories_next(w, &i, &j, &p, &code);) {
        categories_note(w, &p, code, out);
        out->psi += categories_psi(w, &p, n_all);
        if (p.n + p.m >= least) {
            categories_chi(w, &p, out);
            continue;
        }
        w->rare.n += p.n;
        w->rare.m += p.m;
    }
    categories_pair other = {w->n - w->n_kept, w->m - w->m_kept, 0.0, 0.0};
    out->total_variation += 0.5 * fabs(other.n / w->n - other.m / w->m);
    out->psi += categories_psi(w, &other, n_all);
    w->rare.n_more = other.n; /* what is not kept may be of these, or of others */
    w->rare.m_more = other.m;
    categories_chi(w, &w->rare, out);
}

static double categories_missing(const categories_state *s)
{
    double n = (double)(int64_t)s->n + (double)(int64_t)s->n_missing;
    return n > 0.0 ? (double)(int64_t)s->n_missing / n : (double)NAN;
}

kedge_status kedge_categories_compare(const kedge_metric *reference, const kedge_metric *current, kedge_categories_shift *out)
{
    KEDGE_TRY(kedge_i_metric_is(reference, &kedge_categories));
    KEDGE_TRY(kedge_i_metric_is(current, &kedge_categories));
    if (!out)
        return KEDGE_ERR_NULL;
    categories_walk w = {.a = reference->state, .b = current->state, .most = -1.0};
    w.n = (double)(int64_t)w.a->n;
    w.m = (double)(int64_t)w.b->n;
    memset(out, 0, sizeof *out);
    out->missing_reference = categories_missing(w.a);
    out->missing_current = categories_missing(w.b);
    out->where = out->share_reference = out->share_current = (double)NAN;
    if (w.n > 0.0 && w.m > 0.0) {
        categories_walk_both(&w, out);
        out->p_value = w.n_cells > 1.0 ? kedge_i_chi_squared_upper(out->chi_squared, w.n_cells - 1.0) : 1.0;
        out->effect = fmin(1.0, sqrt(out->chi_squared / (w.n + w.m)));
        return KEDGE_OK;
    }
    out->chi_squared = out->p_value = out->effect = out->total_variation = out->psi = out->unseen = (double)NAN;
    return KEDGE_EMPTY;
}

const kedge_metric_class kedge_categories = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "categories",
            .fixed_bytes = sizeof(categories_state),
            .config_bytes = sizeof(kedge_categories_config),
            .n_fields = sizeof categories_fields / sizeof *categories_fields,
            .fields = categories_fields,
            .defaults = categories_defaults,
            .configure = categories_configure,
            .valid = categories_valid,
            .layout = categories_layout,
            .check = categories_check,
        },
    .alike = categories_alike,
    .merge = categories_merge,
};
