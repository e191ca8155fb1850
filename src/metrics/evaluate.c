/* SPDX-License-Identifier: MIT */
/* Models tested into metrics. Prequential: Dawid 1984, "Present position and potential developments: the prequential approach";
 * Gama, Sebastiao, Rodrigues 2013, "On evaluating stream learning algorithms", Machine Learning 90. What could fail on the way is
 * asked before the first row, so that an error of the caller's has changed neither model nor metrics. */
#include "base/fp.h"

#include <math.h>

#include "kedge/evaluate.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"
#include "metrics/reliability_classes.h"
#include "models/model_check.h"
#include "models/row.h"

/* One evaluation in the making. */
typedef struct evaluate_run {
    const kedge_model *m;
    const kedge_evaluation *how;
    const kedge_rows *x;
    const double *y;
    const double *weight;
    double *scores; /* work: n_classes of them */
    uint32_t n_classes;
    uint32_t reserved;
} evaluate_run;

static kedge_status evaluate_metric_is(const kedge_metric *m, const kedge_metric_class *cls, int is_wanted)
{
    if (!m)
        return KEDGE_OK;
    KEDGE_TRY(kedge_i_metric_is(m, cls));
    return is_wanted ? KEDGE_OK : KEDGE_ERR_UNSUPPORTED;
}

/* Are the metrics what they should be, and do they fit the model? */
static kedge_status evaluate_check_metrics(const kedge_evaluation *how, uint32_t n_classes)
{
    double cell;
    int has_classes = n_classes > 0;
    KEDGE_TRY(evaluate_metric_is(how->quality, &kedge_quality, has_classes));
    KEDGE_TRY(evaluate_metric_is(how->reliability, &kedge_reliability, has_classes));
    KEDGE_TRY(evaluate_metric_is(how->slices, &kedge_slices, has_classes));
    KEDGE_TRY(evaluate_metric_is(how->regression, &kedge_regression, !has_classes));
    if (how->slices && !how->slice)
        return KEDGE_ERR_NULL;
    if (how->quality && kedge_quality_read_cell(how->quality, n_classes - 1, n_classes - 1, &cell) < 0)
        return KEDGE_ERR_SHAPE;
    if (how->reliability && kedge_i_reliability_classes(how->reliability) != n_classes)
        return KEDGE_ERR_SHAPE;
    return KEDGE_OK;
}

/* Metrics refuse weights that models take. */
static kedge_status evaluate_check_weights(const evaluate_run *r)
{
    if (!r->weight || (!r->how->quality && !r->how->reliability && !r->how->regression))
        return KEDGE_OK;
    for (size_t i = 0; i < r->x->n_rows; i++)
        if (!kedge_i_within(r->weight[i], 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
            return kedge_i_refusal(r->weight[i]);
    return KEDGE_OK;
}

static kedge_status evaluate_begin(evaluate_run *r, void *work, size_t work_bytes, size_t *used)
{
    kedge_model_info info;
    if (!r->how || !work || !used)
        return KEDGE_ERR_NULL;
    *used = 0;
    KEDGE_TRY(kedge_model_describe(r->m, &info));
    KEDGE_TRY(evaluate_check_metrics(r->how, info.n_classes));
    KEDGE_TRY(kedge_i_model_check_table(r->m, r->x, r->y, r->weight));
    KEDGE_TRY(evaluate_check_weights(r));
    KEDGE_TRY(kedge_i_object_room(kedge_evaluation_work(r->m), work, work_bytes));
    r->scores = work;
    r->n_classes = info.n_classes;
    return KEDGE_OK;
}

static double evaluate_weight(const evaluate_run *r, size_t i)
{
    return r->weight ? r->weight[i] : 1.0;
}

/* Probabilities and class of a row into the metrics. The first of these is the only one that can still refuse: a class of the
 * host's may have given what are no probabilities. */
static kedge_status evaluate_classes(const evaluate_run *r, const kedge_row *row, size_t i, double predicted)
{
    const kedge_evaluation *how = r->how;
    uint32_t truth = (uint32_t)r->y[i];
    if (!kedge_i_within(predicted, 0.0, (double)r->n_classes - 1.0))
        return kedge_i_refusal(predicted);
    if (how->reliability) {
        KEDGE_TRY(r->m->cls->score(r->m->cls, r->m->state, row, r->scores));
        KEDGE_TRY(kedge_reliability_record(how->reliability, truth, r->scores, r->n_classes, evaluate_weight(r, i)));
    }
    if (how->quality)
        KEDGE_TRY(kedge_quality_record(how->quality, truth, (uint32_t)predicted, evaluate_weight(r, i)));
    return how->slices ? kedge_slices_record(how->slices, how->slice[i], (uint32_t)predicted != truth) : KEDGE_OK;
}

static kedge_status evaluate_row(const evaluate_run *r, size_t i)
{
    double predicted = 0.0;
    kedge_row row = kedge_i_row_of_rows(r->x, i);
    KEDGE_TRY(r->m->cls->predict(r->m->cls, r->m->state, &row, &predicted));
    if (!kedge_i_finite(predicted))
        return KEDGE_ERR_NOT_FINITE;
    if (r->n_classes > 0)
        KEDGE_TRY(evaluate_classes(r, &row, i, predicted));
    else if (r->how->regression)
        KEDGE_TRY(kedge_regression_record(r->how->regression, r->y[i], predicted, evaluate_weight(r, i)));
    if (r->how->predicted)
        r->how->predicted[i] = predicted;
    return KEDGE_OK;
}

size_t kedge_evaluation_work(const kedge_model *m)
{
    kedge_model_info info;
    if (kedge_model_describe(m, &info) < 0)
        return 0;
    return (info.n_classes > 0 ? info.n_classes : 1u) * sizeof(double);
}

static kedge_status evaluate_learn(const kedge_model *m, const evaluate_run *r, size_t i)
{
    kedge_row row = kedge_i_row_of_rows(r->x, i);
    double weight = evaluate_weight(r, i);
    return weight > 0.0 ? m->cls->learn(m->cls, m->state, &row, r->y[i], weight) : KEDGE_OK;
}

kedge_status kedge_prequential(kedge_model *m, const kedge_evaluation *how, const kedge_rows *x, const double *y,
                               const double *weight, void *work, size_t work_bytes, size_t *used)
{
    evaluate_run r = {m, how, x, y, weight, NULL, 0, 0};
    KEDGE_TRY(evaluate_begin(&r, work, work_bytes, used));
    if (!m->cls->learn)
        return KEDGE_ERR_UNSUPPORTED;
    for (size_t i = 0; i < x->n_rows; i++, *used = i) {
        if (i >= how->from)
            KEDGE_TRY(evaluate_row(&r, i));
        else if (how->predicted)
            how->predicted[i] = (double)NAN;
        if (i >= how->delay)
            KEDGE_TRY(evaluate_learn(m, &r, i - (size_t)how->delay));
    }
    return KEDGE_OK;
}

kedge_status kedge_hold_out(const kedge_model *m, const kedge_evaluation *how, const kedge_rows *x, const double *y,
                            const double *weight, void *work, size_t work_bytes, size_t *used)
{
    evaluate_run r = {m, how, x, y, weight, NULL, 0, 0};
    KEDGE_TRY(evaluate_begin(&r, work, work_bytes, used));
    for (size_t i = 0; i < x->n_rows; i++, *used = i)
        KEDGE_TRY(evaluate_row(&r, i));
    return KEDGE_OK;
}
