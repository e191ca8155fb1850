/* SPDX-License-Identifier: MIT */
/* Which kind of shift: features, labels, and either given the other.
 *
 * Moreno-Torres, Raeder, Alaiz-Rodriguez, Chawla, Herrera 2012, "A unifying view on dataset shift in classification", Pattern
 * Recognition 45: covariate shift leaves P(label | features) as it is, prior probability shift P(features | label), concept shift
 * changes the former. A prior shift alone changes P(label | features) too, by Bayes' rule; so a concept has shifted where both
 * conditional distributions have, or where labels mean something else at the same shares. Rows whose features are alike are those
 * of like score (Rosenbaum, Rubin 1983, on balancing scores). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/table.h"

#include "base/check.h"
#include "base/frequent.h"
#include "base/rows.h"
#include "base/sort.h"
#include "base/special.h"

enum { DIAGNOSE_GROUPS = 32, DIAGNOSE_PARTS = 10, DIAGNOSE_TESTS = 4 };

/* Groups of rows by a column: of the same code, or between edges. */
typedef struct diagnose_groups {
    double at[DIAGNOSE_GROUPS]; /* codes, or upper edges, rising */
    uint32_t n;                 /* groups */
    int are_codes;
} diagnose_groups;

/* What all tests of a call share. */
typedef struct diagnose_bench {
    const kedge_table_config *cfg;
    double *before; /* the values of a group */
    double *now;
    double *p;      /* a number a column */
    uint32_t *order;
    void *work; /* for a comparison, or for sorting */
    size_t work_bytes;
} diagnose_bench;

static uint64_t diagnose_inner(const kedge_table_config *cfg, size_t n, size_t k)
{
    uint64_t bytes = kedge_table_work(cfg, n, k, 1);
    uint64_t sorting = 2 * ((uint64_t)n + k) * sizeof(double);
    return bytes > sorting ? bytes : sorting;
}

size_t kedge_table_diagnose_work(const kedge_table_config *cfg, size_t n_reference, size_t n_current, size_t n_columns)
{
    if (kedge_table_work(cfg, n_reference, n_current, n_columns) == 0) /* bounds all sizes */
        return 0;
    uint64_t own = ((uint64_t)n_reference + n_current + 2 * (uint64_t)n_columns) * sizeof(double);
    uint64_t bytes = own + diagnose_inner(cfg, n_reference, n_current);
    return bytes <= SIZE_MAX ? (size_t)bytes : 0;
}

static void diagnose_begin(diagnose_bench *b, const kedge_table_config *cfg, size_t n, size_t k, size_t n_columns, void *work)
{
    b->cfg = cfg;
    b->before = work;
    b->now = b->before + n;
    b->p = b->now + k;
    b->order = (uint32_t *)(b->p + n_columns);
    b->work = b->p + 2 * n_columns;
    b->work_bytes = (size_t)diagnose_inner(cfg, n, k);
}

/* Both columns' numbers, sorted. Returns how many. */
static size_t diagnose_pool(const diagnose_bench *b, const kedge_rows *reference, const kedge_rows *current)
{
    const kedge_rows *both[2] = {reference, current};
    double *x = b->work;
    size_t n = 0;
    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < both[t]->n_rows; i++) {
            double v = kedge_i_rows_at(both[t], i, 0);
            if (isfinite(v)) /* what is not is the comparison's to refuse */
                x[n++] = v + 0.0;
        }
    kedge_i_sort(x, n, x + reference->n_rows + current->n_rows);
    return n;
}

/* Parts of like size; fewer where many values are the same. */
static void diagnose_parts(diagnose_groups *g, const double *x, size_t n)
{
    for (size_t k = 1; k <= DIAGNOSE_PARTS && n > 0; k++) {
        double edge = x[k * n / DIAGNOSE_PARTS - (k * n / DIAGNOSE_PARTS > 0 ? 1 : 0)];
        if (g->n == 0 || edge > g->at[g->n - 1])
            g->at[g->n++] = edge;
    }
}

static diagnose_groups diagnose_group(const diagnose_bench *b, const kedge_rows *reference, const kedge_rows *current,
                                      uint32_t kind)
{
    diagnose_groups g;
    uint32_t counts[DIAGNOSE_GROUPS];
    memset(&g, 0, sizeof g);
    size_t n = diagnose_pool(b, reference, current);
    g.are_codes = kind != KEDGE_KIND_NUMERIC;
    if (g.are_codes)
        g.n = kedge_i_frequent(b->work, n, DIAGNOSE_GROUPS, g.at, counts);
    else
        diagnose_parts(&g, b->work, n);
    return g;
}

static int diagnose_is_in(const diagnose_groups *g, uint32_t i, double x)
{
    if (g->are_codes)
        return x == g->at[i];
    return x <= g->at[i] && (i == 0 || x > g->at[i - 1]);
}

/* A column's values in a group. */
static kedge_rows diagnose_gather(const kedge_rows *column, const kedge_rows *by, const diagnose_groups *g, uint32_t group,
                                  double *out)
{
    size_t n = 0;
    for (size_t i = 0; i < column->n_rows; i++)
        if (diagnose_is_in(g, group, kedge_i_rows_at(by, i, 0)))
            out[n++] = kedge_i_rows_at(column, i, 0);
    return kedge_rows_float64(out, n, 1);
}

/* P-value of a column's comparison; NaN: it gave no answer. */
static double diagnose_compare(const diagnose_bench *b, const kedge_rows *reference, const kedge_rows *current, uint32_t kind)
{
    kedge_table_column c;
    if (reference->n_rows == 0 || current->n_rows == 0 ||
        kedge_table_compare_column(b->cfg, reference, current, kind, b->work, b->work_bytes, &c) < 0 || c.shift.status < 0)
        return (double)NAN;
    return c.shift.p_value;
}

/* Two columns, and those by which their rows are grouped. */
typedef struct diagnose_pair {
    kedge_rows before;
    kedge_rows now;
} diagnose_pair;

/* P-values of all groups joined (Fisher 1932, "Statistical methods for research workers", 4th edition, section 21.1). */
static double diagnose_given(const diagnose_bench *b, const diagnose_pair *columns, uint32_t kind, const diagnose_pair *by,
                             const diagnose_groups *g)
{
    double sum = 0.0;
    double n = 0.0;
    for (uint32_t i = 0; i < g->n; i++) {
        kedge_rows before = diagnose_gather(&columns->before, &by->before, g, i, b->before);
        kedge_rows now = diagnose_gather(&columns->now, &by->now, g, i, b->now);
        double p = diagnose_compare(b, &before, &now, kind);
        if (isnan(p))
            continue;
        sum -= 2.0 * log(fmax(p, 1e-300));
        n += 1.0;
    }
    return n > 0.0 ? kedge_i_chi_squared_upper(sum, 2.0 * n) : (double)NAN;
}

static kedge_status diagnose_pair_column(const kedge_labelled *reference, const kedge_labelled *current, size_t i,
                                         diagnose_pair *pair)
{
    KEDGE_TRY(kedge_rows_column(&reference->features, i, &pair->before));
    return kedge_rows_column(&current->features, i, &pair->now);
}

/* The least p-value of the features' after adjusting; within groups of labels, or by NULL as a whole. */
static kedge_status diagnose_features(const diagnose_bench *b, const kedge_labelled *reference, const kedge_labelled *current,
                                      const uint32_t *kinds, const diagnose_pair *labels, const diagnose_groups *g, double *least)
{
    size_t n = reference->features.n_columns;
    *least = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        diagnose_pair pair;
        uint32_t kind = kinds ? kinds[i] : KEDGE_KIND_NUMERIC;
        KEDGE_TRY(diagnose_pair_column(reference, current, i, &pair));
        b->p[i] = (double)NAN;
        if (kind != KEDGE_KIND_NONE)
            b->p[i] = g ? diagnose_given(b, &pair, kind, labels, g) : diagnose_compare(b, &pair.before, &pair.now, kind);
    }
    KEDGE_TRY(kedge_p_adjust(b->cfg->adjust, b->p, n, b->p, b->order));
    for (size_t i = 0; i < n; i++)
        if (isnan(*least) || b->p[i] < *least)
            *least = b->p[i];
    return KEDGE_OK;
}

/* Which kinds explain what was seen. */
static uint32_t diagnose_kinds(const kedge_table_diagnosis *d, double alpha)
{
    int features = d->p_features <= alpha;
    int labels = d->p_labels <= alpha;
    int given_labels = d->p_features_given_labels <= alpha;
    int given_features = d->p_labels_given_features <= alpha;
    int is_concept = given_features && (given_labels || !labels);
    int is_prior = labels && !given_labels;
    if (is_prior && features && !given_features && d->p_labels_given_features > d->p_features_given_labels)
        is_prior = 0; /* either would do: the conditional distribution that is the more alike has stayed */
    int is_covariate = features && !is_prior;
    return (is_covariate ? (uint32_t)KEDGE_SHIFT_COVARIATE : 0u) | (labels ? (uint32_t)KEDGE_SHIFT_LABEL : 0u) |
           (is_prior ? (uint32_t)KEDGE_SHIFT_PRIOR : 0u) | (is_concept ? (uint32_t)KEDGE_SHIFT_CONCEPT : 0u);
}

static kedge_status diagnose_check_column(const kedge_rows *column, const kedge_labelled *table)
{
    KEDGE_TRY(kedge_i_rows_check(column));
    return column->n_columns == 1 && column->n_rows == table->features.n_rows ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

static kedge_status diagnose_check_table(const kedge_labelled *table, int has_scores)
{
    KEDGE_TRY(kedge_i_rows_check(&table->features));
    KEDGE_TRY(diagnose_check_column(&table->labels, table));
    return has_scores ? diagnose_check_column(&table->scores, table) : KEDGE_OK;
}

static kedge_status diagnose_check(const kedge_table_config *cfg, const kedge_labelled *reference, const kedge_labelled *current,
                                   const uint32_t *kinds, uint32_t label_kind, const void *work, size_t work_bytes)
{
    int has_scores = reference->scores.data != NULL;
    if (kedge_table_work(cfg, 0, 0, 1) == 0)
        return KEDGE_ERR_CONFIG;
    if (reference->features.n_columns != current->features.n_columns || has_scores != (current->scores.data != NULL))
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(diagnose_check_table(reference, has_scores));
    KEDGE_TRY(diagnose_check_table(current, has_scores));
    for (size_t i = 0; kinds && i < reference->features.n_columns; i++)
        if (kinds[i] > KEDGE_KIND_BOOLEAN || kinds[i] == (KEDGE_KIND_NUMERIC | KEDGE_KIND_NOMINAL))
            return KEDGE_ERR_CONFIG;
    if (label_kind != KEDGE_KIND_NUMERIC && label_kind != KEDGE_KIND_NOMINAL && label_kind != KEDGE_KIND_BOOLEAN)
        return KEDGE_ERR_CONFIG;
    size_t bytes =
        kedge_table_diagnose_work(cfg, reference->features.n_rows, current->features.n_rows, reference->features.n_columns);
    if (bytes == 0)
        return KEDGE_ERR_SHAPE;
    if (work_bytes < bytes)
        return KEDGE_ERR_BUFFER;
    return kedge_i_aligned(work) ? KEDGE_OK : KEDGE_ERR_ALIGN;
}

kedge_status kedge_table_diagnose(const kedge_table_config *cfg, const kedge_labelled *reference, const kedge_labelled *current,
                                  const uint32_t *kinds, uint32_t label_kind, void *work, size_t work_bytes,
                                  kedge_table_diagnosis *out)
{
    diagnose_bench b;
    kedge_table_diagnosis d;
    double p[DIAGNOSE_TESTS];
    uint32_t order[DIAGNOSE_TESTS];
    if (!cfg || !reference || !current || !work || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(diagnose_check(cfg, reference, current, kinds, label_kind, work, work_bytes));
    diagnose_begin(&b, cfg, reference->features.n_rows, current->features.n_rows, reference->features.n_columns, work);
    memset(&d, 0, sizeof d);
    diagnose_pair labels = {reference->labels, current->labels};
    diagnose_pair scores = {reference->scores, current->scores};
    diagnose_groups groups = diagnose_group(&b, &labels.before, &labels.now, label_kind);
    KEDGE_TRY(diagnose_features(&b, reference, current, kinds, NULL, NULL, &p[0]));
    p[1] = diagnose_compare(&b, &labels.before, &labels.now, label_kind);
    KEDGE_TRY(diagnose_features(&b, reference, current, kinds, &labels, &groups, &p[2]));
    p[3] = (double)NAN;
    if (scores.before.data) {
        groups = diagnose_group(&b, &scores.before, &scores.now, KEDGE_KIND_NUMERIC);
        p[3] = diagnose_given(&b, &labels, label_kind, &scores, &groups);
    }
    KEDGE_TRY(kedge_p_adjust(cfg->adjust, p, DIAGNOSE_TESTS, p, order));
    d.p_features = p[0];
    d.p_labels = p[1];
    d.p_features_given_labels = p[2];
    d.p_labels_given_features = p[3];
    d.kinds = diagnose_kinds(&d, cfg->alpha);
    *out = d;
    return d.kinds ? KEDGE_DRIFT : KEDGE_OK;
}
