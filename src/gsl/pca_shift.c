/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two tables by principal components of the reference: how badly they reconstruct the current rows, and where along them the rows
 * lie.
 *
 * Reconstruction: the mean squared error of rows that are brought to a few components and back, the detector of data drift of
 * several columns that goes back to Jackson, Mudholkar 1979, "Control procedures for residuals associated with principal component
 * analysis" (Technometrics 21). PCA-CD: Qahtan, Alharbi, Wang, Zhang 2015, "A PCA-based change detection framework for
 * multidimensional data streams" (KDD), section 3: the distributions along the components are compared one by one, and the greatest
 * divergence counts.
 *
 * Components fit the rows that they were learned from better than others. So one half of the reference, drawn at random, is for
 * learning, and the other is what the current rows are compared with: then nothing but a change tells them apart, and a test of one
 * column has a right p-value. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/gsl.h"

#include "base/check.h"
#include "base/number.h"
#include "base/rows.h"
#include "gsl/pca.h"

enum { PCA_SHIFT_COLUMNS_MAX = 500, PCA_SHIFT_LEAST = 3 };

static void pca_shift_defaults_of(void *config, const kedge_shift_class *cls)
{
    kedge_gsl_pca_config *c = config;
    c->method = NULL;
    c->explained = cls == &kedge_gsl_pca_cd ? 0.999 : 0.65;
}

static void pca_cd_defaults(void *config)
{
    pca_shift_defaults_of(config, &kedge_gsl_pca_cd);
}

static void pca_reconstruction_defaults(void *config)
{
    pca_shift_defaults_of(config, &kedge_gsl_pca_reconstruction);
}

static int pca_shift_valid(const void *config)
{
    const kedge_gsl_pca_config *c = config;
    return c->explained > 0.0 && c->explained <= 1.0 &&
           (!c->method ||
            (kedge_shift_work(c->method, 1, 1, 1) > 0 && c->method->cls->samples && (c->method->cls->kinds & KEDGE_KIND_NUMERIC)));
}

/* The method of one column: the caller's, or what is usual. */
static kedge_shift_config pca_shift_own(const kedge_gsl_pca_config *c)
{
    return c->base.cls == &kedge_gsl_pca_cd ? kedge_ks_defaults() : kedge_mann_whitney_defaults();
}

static uint64_t pca_shift_inner(const kedge_gsl_pca_config *c, uint64_t n, uint64_t m)
{
    kedge_shift_config own = pca_shift_own(c);
    return (kedge_shift_work(c->method ? c->method : &own, (size_t)n, (size_t)m, 1) + sizeof(double) - 1) / sizeof(double);
}

/* The rows, the components, a number for each row, and what the method of one column needs. */
static uint64_t pca_shift_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    uint64_t inner = pca_shift_inner(config, n, m);
    return inner == 0 ? UINT64_MAX : (n + m) * (n_columns + 1) + kedge_i_pca_scratch(n_columns) + inner;
}

typedef struct pca_shift {
    const kedge_gsl_pca_config *c;
    double *rows;    /* complete ones, the reference's first, in random order */
    double *figures; /* of the reference's held-out half, and behind `room` numbers of the current rows */
    double *inner;
    size_t inner_bytes;
    size_t d;
    size_t n;       /* rows of the reference */
    size_t n_learn; /* the first of these */
    size_t m;
    size_t room;         /* rows of the reference, complete or not */
    size_t room_current; /* and of the current sample */
    kedge_i_pca pca;
} pca_shift;

/* Rows without NaN. */
static kedge_status pca_shift_gather(const kedge_shift_config *cfg, const kedge_rows *from, double *to, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < from->n_rows; i++) {
        int is_whole = 1;
        for (size_t j = 0; j < from->n_columns; j++) {
            double v = kedge_i_rows_at(from, i, j);
            if (!(fabs(v) <= KEDGE_SHIFT_INPUT_MAX)) {
                if (v == v || cfg->missing == KEDGE_MISSING_REFUSE)
                    return v - v == 0.0 ? KEDGE_ERR_RANGE : KEDGE_ERR_NOT_FINITE;
                is_whole = 0;
            }
            to[*n * from->n_columns + j] = v;
        }
        *n += is_whole ? 1 : 0;
    }
    return KEDGE_OK;
}

/* Fisher and Yates. */
static void pca_shift_shuffle(pca_shift *s, kedge_rng *rng)
{
    for (size_t i = s->n; i > 1; i--) {
        double *a = s->rows + (i - 1) * s->d;
        double *b = s->rows + (size_t)kedge_rng_below(rng, i) * s->d;
        for (size_t j = 0; j < s->d; j++) {
            double keep = a[j];
            a[j] = b[j];
            b[j] = keep;
        }
    }
}

static kedge_status pca_shift_begin(pca_shift *s, const kedge_gsl_pca_config *c, const kedge_rows *reference,
                                    const kedge_rows *current, double *scratch, kedge_shift_result *out)
{
    size_t n_all = reference->n_rows + current->n_rows;
    kedge_rng rng = {c->base.seed};
    s->c = c;
    s->d = reference->n_columns;
    s->room = reference->n_rows;
    s->room_current = current->n_rows;
    s->rows = scratch;
    KEDGE_TRY(pca_shift_gather(&c->base, reference, s->rows, &s->n));
    KEDGE_TRY(pca_shift_gather(&c->base, current, s->rows + s->n * s->d, &s->m));
    out->n_reference = s->n;
    out->n_current = s->m;
    out->missing_reference = reference->n_rows - s->n;
    out->missing_current = current->n_rows - s->m;
    if (s->n < PCA_SHIFT_LEAST || s->m < 1)
        return KEDGE_EMPTY;
    s->n_learn = (s->n + 1) / 2;
    pca_shift_shuffle(s, &rng);
    s->figures = scratch + n_all * s->d;
    s->inner = s->figures + n_all + kedge_i_pca_scratch(s->d);
    s->inner_bytes = (size_t)pca_shift_inner(c, reference->n_rows, current->n_rows) * sizeof(double);
    return kedge_i_pca_learn(&s->pca, s->rows, s->n_learn, s->d, c->explained, s->figures + n_all);
}

static size_t pca_shift_held_out(const pca_shift *s)
{
    return s->n - s->n_learn;
}

/* A row's figure: its error, or its place along a component; behind the last one what lies in columns that were constant. */
static double pca_shift_figure(pca_shift *s, const double *row, size_t component)
{
    double dead = kedge_i_pca_scale(&s->pca, row);
    if (component == SIZE_MAX)
        return dead + kedge_i_pca_error(&s->pca);
    return component < s->pca.n_components ? kedge_i_pca_coordinate(&s->pca, component) : dead;
}

static void pca_shift_figures(pca_shift *s, size_t component)
{
    for (size_t i = s->n_learn; i < s->n + s->m; i++)
        s->figures[i - s->n_learn + (i < s->n ? 0 : s->room - pca_shift_held_out(s))] =
            pca_shift_figure(s, s->rows + i * s->d, component);
}

/* A method may need more memory for fewer numbers. So it gets as many as its memory was measured for, and those that are not there
 * are missing. */
static kedge_status pca_shift_test(pca_shift *s, kedge_shift_result *r)
{
    kedge_shift_config own = pca_shift_own(s->c);
    const kedge_shift_config *method = s->c->method ? s->c->method : &own;
    union {
        kedge_shift_config base;
        unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
    } skips;
    kedge_rows before = kedge_rows_float64(s->figures, s->room, 1);
    kedge_rows now = kedge_rows_float64(s->figures + s->room, s->room_current, 1);
    memcpy(&skips, method, method->config_bytes);
    skips.base.missing = KEDGE_MISSING_SKIP;
    for (size_t i = pca_shift_held_out(s); i < s->room; i++)
        s->figures[i] = (double)NAN;
    for (size_t i = s->m; i < s->room_current; i++)
        s->figures[s->room + i] = (double)NAN;
    return kedge_shift_compare(&skips.base, &before, &now, s->inner, s->inner_bytes, r);
}

/* Of the one test, or the surest of several (Bonferroni). */
static void pca_shift_take_p(const pca_shift *s, const kedge_shift_result *r, double n_tests, kedge_shift_result *out)
{
    if (s->c->base.p_method == KEDGE_P_NONE || r->p_method == KEDGE_P_NONE)
        return;
    out->p_value = fmin(1.0, n_tests * r->p_value);
    out->p_method = r->p_method;
}

static double pca_shift_mean(const double *x, size_t n)
{
    double mean = 0.0;
    for (size_t i = 0; i < n; i++)
        mean += (x[i] - mean) / (double)(i + 1);
    return mean;
}

/* The mean error, and how many deviations of the held-out errors it moved. */
static void pca_shift_summarise(const pca_shift *s, kedge_shift_result *out)
{
    size_t held_out = pca_shift_held_out(s);
    double mean = pca_shift_mean(s->figures, held_out);
    double variance = 0.0;
    for (size_t i = 0; i < held_out; i++)
        variance += (s->figures[i] - mean) * (s->figures[i] - mean) / (double)held_out;
    out->statistic = pca_shift_mean(s->figures + s->room, s->m);
    out->expected = mean;
    out->effect = (out->statistic - mean) / (variance > 0.0 ? sqrt(variance) : 1.0);
}

static kedge_status pca_reconstruction_compare(const void *config, const kedge_rows *reference, const kedge_rows *current,
                                               double *scratch, kedge_shift_result *out)
{
    pca_shift s;
    kedge_shift_result r;
    kedge_status st = pca_shift_begin(&s, config, reference, current, scratch, out);
    if (st != KEDGE_OK)
        return st;
    pca_shift_figures(&s, SIZE_MAX);
    st = pca_shift_test(&s, &r);
    if (st < 0 || st == KEDGE_EMPTY)
        return st;
    pca_shift_summarise(&s, out);
    pca_shift_take_p(&s, &r, 1.0, out);
    return KEDGE_OK;
}

static int pca_cd_is_surer(const kedge_shift_config *cfg, const kedge_shift_result *r, const kedge_shift_result *best)
{
    return cfg->p_method == KEDGE_P_NONE || r->p_method == KEDGE_P_NONE ? fabs(r->effect) > fabs(best->effect)
                                                                        : r->p_value < best->p_value;
}

static kedge_status pca_cd_compare(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                                   kedge_shift_result *out)
{
    pca_shift s;
    kedge_status st = pca_shift_begin(&s, config, reference, current, scratch, out);
    if (st != KEDGE_OK)
        return st;
    kedge_shift_result best = *out; /* there is at least one component, or a constant column */
    size_t n_tests = s.pca.n_components + (s.pca.n_live < s.d ? 1 : 0);
    for (size_t k = 0; k < n_tests; k++) {
        kedge_shift_result r;
        pca_shift_figures(&s, k);
        st = pca_shift_test(&s, &r);
        if (st < 0 || st == KEDGE_EMPTY)
            return st;
        if (k > 0 && !pca_cd_is_surer(&s.c->base, &r, &best))
            continue;
        best = r;
        out->where = (double)k;
    }
    out->statistic = best.statistic;
    out->effect = best.effect;
    pca_shift_take_p(&s, &best, (double)n_tests, out);
    return KEDGE_OK;
}

#define PCA_SHIFT_CLASS(id)                                                                                                       \
    const kedge_shift_class kedge_gsl_##id = {                                                                                    \
        .abi = KEDGE_SHIFT_CLASS_ABI,                                                                                             \
        .config_bytes = sizeof(kedge_gsl_pca_config),                                                                             \
        .name = #id,                                                                                                              \
        .kinds = KEDGE_KIND_NUMERIC,                                                                                              \
        .p_methods = 1u << KEDGE_P_AUTO | 1u << KEDGE_P_NONE,                                                                     \
        .max_columns = PCA_SHIFT_COLUMNS_MAX,                                                                                     \
        .defaults = id##_defaults,                                                                                                \
        .valid = pca_shift_valid,                                                                                                 \
        .scratch = pca_shift_scratch,                                                                                             \
        .rows = id##_compare,                                                                                                     \
    }

PCA_SHIFT_CLASS(pca_cd);
PCA_SHIFT_CLASS(pca_reconstruction);
