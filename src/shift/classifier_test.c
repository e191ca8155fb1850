/* SPDX-License-Identifier: MIT */
/* Classifier two-sample test (Lopez-Paz, Oquab 2017, "Revisiting classifier two-sample tests", ICLR): a classifier learns from some
 * rows to tell the samples apart; where nothing changed, it ranks the held-out rows of both alike. The figure is the area under the
 * curve, as in D3 (Gozuacik, Buyukcakir, Bonab, Can 2019, "Unsupervised concept drift detection with a discriminative classifier",
 * CIKM), with a p-value: given the classifier, held-out scores are samples of one column, and the area is Mann-Whitney's U over the
 * pairs (Hanley, McNeil 1982, "The meaning and use of the area under a receiver operating characteristic (ROC) curve"). */
#include "base/fp.h"

#include <math.h>

#include "kedge/model.h"
#include "kedge/shift.h"

#include "base/check.h"
#include "base/number.h"
#include "base/sort.h"
#include "shift/mann_whitney.h"
#include "shift/pooled.h"
#include "shift/resample.h"

#define CLASSIFIER_SHARE_MIN 0.01
#define CLASSIFIER_SHARE_MAX 0.99
#define CLASSIFIER_PASSES_MAX 10000u
#define CLASSIFIER_TERMS 1000u /* products of columns up to here: 43 columns */

enum { CLASSIFIER_LEAST = 2 }; /* a row to learn from, and one held out */

static void classifier_defaults(void *config)
{
    kedge_classifier_test_config *c = config;
    c->model = NULL;
    c->train_share = 0.5;
    c->n_passes = 10;
    c->degree = 2;
}

static int classifier_valid(const void *config)
{
    const kedge_classifier_test_config *c = config;
    return kedge_i_within(c->train_share, CLASSIFIER_SHARE_MIN, CLASSIFIER_SHARE_MAX) &&
           kedge_i_u32_within(c->n_passes, 1, CLASSIFIER_PASSES_MAX) && kedge_i_u32_within(c->degree, 1, 2) &&
           (!c->model || (kedge_model_size(c->model) > 0 && (c->model->n_classes == 0 || c->model->n_classes == 2)));
}

/* The built-in classifier's terms: columns, squares, and products of two columns where they are not too many. */
static int classifier_has_products(uint64_t n_columns)
{
    return n_columns * (n_columns + 3) / 2 <= CLASSIFIER_TERMS;
}

static uint64_t classifier_n_terms(const kedge_classifier_test_config *c, uint64_t n_columns)
{
    if (c->degree == 1)
        return n_columns;
    return classifier_has_products(n_columns) ? n_columns * (n_columns + 3) / 2 : 2 * n_columns;
}

/* Sizes of a call's parts, from the tables' rows: missing ones only make them smaller. */
typedef struct classifier_plan {
    kedge_logistic_config own;       /* where the caller brings no model */
    const kedge_model_config *model; /* the caller's; NULL: own */
    uint64_t n_terms;                /* numbers in a row that the model sees; 0: it does not fit these columns */
    uint64_t model_room;             /* doubles */
    uint64_t fit_room;               /* doubles; 0: learns row by row */
} classifier_plan;

static const kedge_model_config *classifier_model(const classifier_plan *plan)
{
    return plan->model ? plan->model : &plan->own.base;
}

static uint64_t classifier_doubles(uint64_t bytes)
{
    return bytes / sizeof(double) + (bytes % sizeof(double) > 0);
}

static uint64_t classifier_n_train(const kedge_classifier_test_config *c, uint64_t n)
{
    if (n < CLASSIFIER_LEAST)
        return 0;
    double share = floor(c->train_share * (double)n + 0.5);
    return (uint64_t)fmin(fmax(share, 1.0), (double)(n - 1));
}

static classifier_plan classifier_plan_of(const kedge_classifier_test_config *c, uint64_t n, uint64_t m, uint64_t n_columns)
{
    classifier_plan plan = {.model = c->model, .n_terms = c->model ? n_columns : classifier_n_terms(c, n_columns)};
    if (plan.n_terms > KEDGE_FEATURES_MAX || (c->model && c->model->n_features != n_columns)) {
        plan.n_terms = 0;
        return plan;
    }
    if (!c->model) {
        plan.own = kedge_logistic_defaults((uint32_t)plan.n_terms, 2);
        plan.own.memory = 1.0; /* the world stands still here: steps shrink */
    }
    uint64_t n_train = classifier_n_train(c, n) + classifier_n_train(c, m);
    plan.model_room = classifier_doubles(kedge_model_size(classifier_model(&plan)));
    if (classifier_model(&plan)->cls->fit && n_train > 0) {
        plan.fit_room = classifier_doubles(kedge_model_fit_work(classifier_model(&plan), (size_t)n_train));
        plan.n_terms = plan.fit_room > 0 ? plan.n_terms : 0; /* too many rows for it */
    }
    return plan;
}

static uint64_t classifier_more(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The rows; the model and one row's terms; then targets and what fit needs, or the order of rows to learn; and in their place,
 * later, the scores and what sorting and Mann-Whitney's test need. */
static uint64_t classifier_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    classifier_plan plan = classifier_plan_of(config, n, m, n_columns);
    uint64_t to_learn = n + m + plan.fit_room;
    uint64_t to_test = n + m + classifier_more(classifier_more(n, m), kedge_mann_whitney.scratch(config, n, m, 1));
    return plan.n_terms == 0 ? UINT64_MAX
                             : (n + m) * n_columns + plan.model_room + plan.n_terms + classifier_more(to_learn, to_test);
}

/* A call in its scratch. */
typedef struct classifier_run {
    const kedge_classifier_test_config *c;
    classifier_plan plan;
    kedge_i_pooled p;
    kedge_model model;
    double *terms;    /* of one row */
    double *rest;     /* what is free behind it */
    size_t n_train;   /* rows of the reference to learn from: the last ones, after shuffling */
    size_t m_train;   /* of the current sample: the first ones, so that both stand together */
} classifier_run;

/* Fisher and Yates, on rows first to first + n - 1. */
static void classifier_shuffle(const kedge_i_pooled *p, size_t first, size_t n, kedge_rng *rng)
{
    for (size_t i = n; i > 1; i--) {
        double *a = p->x + (first + i - 1) * p->n_columns;
        double *b = p->x + (first + (size_t)kedge_rng_below(rng, i)) * p->n_columns;
        for (size_t j = 0; j < p->n_columns; j++) {
            double keep = a[j];
            a[j] = b[j];
            b[j] = keep;
        }
    }
}

/* What the model sees of row i. */
static const double *classifier_row(const classifier_run *r, size_t i)
{
    const double *x = kedge_i_pooled_row(&r->p, i);
    size_t d = r->p.n_columns;
    double *to = r->terms;
    if (r->plan.model || r->plan.n_terms == d)
        return x;
    for (size_t j = 0; j < d; j++)
        *to++ = x[j];
    for (size_t j = 0; j < d; j++)
        for (size_t k = j; k < (classifier_has_products(d) ? d : j + 1); k++)
            *to++ = x[j] * x[k];
    return r->terms;
}

static double classifier_target(const classifier_run *r, size_t i)
{
    return i < r->p.n ? 0.0 : 1.0;
}

static kedge_status classifier_fit(classifier_run *r)
{
    size_t first = r->p.n - r->n_train;
    size_t n_rows = r->n_train + r->m_train;
    kedge_rows x = kedge_rows_float64(kedge_i_pooled_row(&r->p, first), n_rows, r->p.n_columns);
    for (size_t i = 0; i < n_rows; i++)
        r->rest[i] = classifier_target(r, first + i);
    return kedge_model_fit(&r->model, &x, r->rest, NULL, r->rest + n_rows, (size_t)r->plan.fit_room * sizeof(double));
}

/* Passes over the rows, each in an order of its own. */
static kedge_status classifier_learn(classifier_run *r, kedge_rng *rng)
{
    size_t n_rows = r->n_train + r->m_train;
    double *order = r->rest;
    for (size_t i = 0; i < n_rows; i++)
        order[i] = (double)(r->p.n - r->n_train + i);
    for (uint32_t pass = 0; pass < r->c->n_passes; pass++) {
        for (size_t i = n_rows; i > 0; i--) {
            size_t k = (size_t)kedge_rng_below(rng, i);
            double at = order[k];
            order[k] = order[i - 1];
            order[i - 1] = at;
            KEDGE_TRY(kedge_model_learn(&r->model, classifier_row(r, (size_t)at), classifier_target(r, (size_t)at), 1.0));
        }
    }
    return KEDGE_OK;
}

static kedge_status classifier_train(classifier_run *r, kedge_rng *rng)
{
    classifier_shuffle(&r->p, 0, r->p.n, rng);
    classifier_shuffle(&r->p, r->p.n, r->p.m, rng);
    return r->model.cls->fit ? classifier_fit(r) : classifier_learn(r, rng);
}

/* Scores of n rows from row `first` on, rising; higher for what looks like the current sample. */
static kedge_status classifier_score(const classifier_run *r, size_t first, size_t n, double *to, double *spare)
{
    size_t n_scores = classifier_model(&r->plan)->n_classes == 2 ? 2 : 1;
    for (size_t i = 0; i < n; i++) {
        double scores[2];
        KEDGE_TRY(kedge_model_score(&r->model, classifier_row(r, first + i), scores, n_scores));
        to[i] = scores[n_scores - 1];
        if (!kedge_i_finite(to[i])) /* a host's own class */
            return KEDGE_ERR_NOT_FINITE;
    }
    kedge_i_sort(to, n, spare);
    return KEDGE_OK;
}

static kedge_status classifier_judge(const classifier_run *r, kedge_rng *rng, kedge_shift_result *out)
{
    kedge_shift_config cfg = r->c->base;
    size_t n = r->p.n - r->n_train;
    size_t m = r->p.m - r->m_train;
    double *spare = r->rest + n + m;
    kedge_shift_samples s = {r->rest, r->rest + n, n, m};
    cfg.seed = kedge_rng_next(rng); /* not the draws again that split the rows */
    KEDGE_TRY(classifier_score(r, 0, n, r->rest, spare));
    KEDGE_TRY(classifier_score(r, r->p.n + r->m_train, m, r->rest + n, spare));
    KEDGE_TRY(kedge_i_mann_whitney_above(&cfg, &s, spare, out));
    out->statistic = 1.0 - out->statistic / ((double)n * (double)m);
    out->effect = fmax(0.0, out->effect);
    out->expected = 0.5;
    return KEDGE_OK;
}

static kedge_status classifier_compare(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                                       kedge_shift_result *out)
{
    classifier_run r = {.c = config};
    kedge_rng rng = {r.c->base.seed};
    kedge_status st = kedge_i_pooled_gather(&r.c->base, reference, current, CLASSIFIER_LEAST, scratch, &r.p, out);
    if (st != KEDGE_OK)
        return st;
    r.plan = classifier_plan_of(r.c, reference->n_rows, current->n_rows, r.p.n_columns);
    r.n_train = (size_t)classifier_n_train(r.c, r.p.n);
    r.m_train = (size_t)classifier_n_train(r.c, r.p.m);
    double *memory = scratch + (reference->n_rows + current->n_rows) * r.p.n_columns;
    r.terms = memory + r.plan.model_room;
    r.rest = r.terms + r.plan.n_terms;
    KEDGE_TRY(kedge_model_init(&r.model, classifier_model(&r.plan), memory, (size_t)r.plan.model_room * sizeof(double)));
    if (!r.plan.model)
        kedge_i_pooled_standardise(&r.p); /* squares and products then stand in proportion */
    KEDGE_TRY(classifier_train(&r, &rng));
    return classifier_judge(&r, &rng, out);
}

const kedge_shift_class kedge_classifier_test = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_classifier_test_config),
    .name = "classifier_test",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = KEDGE_I_ALL_P_METHODS,
    .max_columns = KEDGE_FEATURES_MAX,
    .defaults = classifier_defaults,
    .valid = classifier_valid,
    .scratch = classifier_scratch,
    .rows = classifier_compare,
};
