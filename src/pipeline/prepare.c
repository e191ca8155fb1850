/* SPDX-License-Identifier: MIT */
/* Models in a pipeline, and the preps beside them: each model sees rows as the prep does that was fitted on the rows that it was
 * trained on, in training, at the gate and in service alike. Without a prep rows go to the model as they come. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/pipeline_state.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "models/model_check.h"

static kedge_model prepared_model(const kedge_pipeline *p, uint32_t is_challenger)
{
    return is_challenger ? pipeline_challenger_of(p) : pipeline_champion_of(p);
}

/* Rows ------------------------------------------------------------------------------------------------------------------------- */

static double *prepared_row(const kedge_pipeline *p)
{
    return kedge_i_at(p->state, pipeline_of(p)->at_prepared);
}

static void prepared_wipe(const kedge_pipeline *p)
{
    memset(prepared_row(p), 0, pipeline_of(p)->n_prepared * sizeof(double));
}

/* A prep that has learned nothing knows no category: a pipeline that could only refuse rows would never have any to begin with. */
static kedge_status prepared_transform(const kedge_prep *prep, const double *x, double *row)
{
    kedge_prep_info info;
    kedge_status st = kedge_prep_transform(prep, x, row);
    return st == KEDGE_ERR_UNKNOWN && kedge_prep_describe(prep, &info) == KEDGE_OK && info.n_learned == 0 ? KEDGE_OK : st;
}

int kedge_i_prepared_takes(const kedge_pipeline *p, uint32_t is_challenger, const double *x, double y)
{
    kedge_model m = prepared_model(p, is_challenger);
    kedge_prep prep = pipeline_prep_of(p, is_challenger);
    kedge_rows one = kedge_rows_float64(prepared_row(p), 1, pipeline_of(p)->n_prepared);
    kedge_status st = kedge_prep_transform(&prep, x, prepared_row(p));
    if (st >= 0)
        st = kedge_i_model_check_table(&m, &one, &y, NULL);
    prepared_wipe(p);
    return st >= 0;
}

kedge_status kedge_i_prepared_predict(const kedge_pipeline *p, uint32_t is_challenger, const double *x, double *y)
{
    kedge_model m = prepared_model(p, is_challenger);
    kedge_prep prep = pipeline_prep_of(p, is_challenger);
    if (!prep.state)
        return kedge_model_predict(&m, x, y);
    kedge_status st = prepared_transform(&prep, x, prepared_row(p));
    if (st >= 0)
        st = kedge_model_predict(&m, prepared_row(p), y);
    prepared_wipe(p);
    return st;
}

/* Would the model learn the row as service sees it? A category that is new to service may be learned nevertheless. */
static kedge_status prepared_admit(const kedge_prep *prep, const kedge_model *m, const double *x, double y, double *row)
{
    kedge_status st = kedge_prep_transform(prep, x, row);
    if (st < 0 && st != KEDGE_ERR_UNKNOWN)
        return st;
    kedge_rows one = kedge_rows_float64(row, 1, kedge_prep_n_out(prep));
    return kedge_i_model_check_table(m, &one, &y, NULL);
}

/* The prep first, which gives the row as training sees it; asked before, so that both learn or none does. */
kedge_status kedge_i_prepared_learn(const kedge_pipeline *p, const double *x, double y)
{
    kedge_model m = pipeline_champion_of(p);
    kedge_prep prep = pipeline_prep_of(p, 0);
    double *row = prepared_row(p);
    if (!prep.state)
        return kedge_model_learn(&m, x, y, 1.0);
    kedge_status st = prepared_admit(&prep, &m, x, y, row);
    if (st >= 0)
        st = kedge_prep_learn(&prep, x, y, row);
    if (st >= 0)
        st = kedge_model_learn(&m, row, y, 1.0);
    prepared_wipe(p);
    return st;
}

kedge_status kedge_i_prepared_fit_next(const kedge_pipeline *p, const double *x, double y)
{
    kedge_prep prep = pipeline_prep_of(p, 1);
    return kedge_prep_learn(&prep, x, y, NULL);
}

kedge_status kedge_i_prepared_learn_next(const kedge_pipeline *p, const double *x, double y, double weight)
{
    kedge_model m = pipeline_challenger_of(p);
    kedge_prep prep = pipeline_prep_of(p, 1);
    if (!prep.state)
        return kedge_model_learn(&m, x, y, weight);
    kedge_status st = kedge_prep_transform(&prep, x, prepared_row(p));
    if (st >= 0)
        st = kedge_model_learn(&m, prepared_row(p), y, weight);
    prepared_wipe(p);
    return st;
}

/* Training --------------------------------------------------------------------------------------------------------------------- */

/* The prepared rows, the prep as it was, and room for the fits of prep and model, one after the other. 0: too many rows. */
static size_t prepared_sum(size_t n_rows, uint32_t n_prepared, size_t prep_bytes, size_t prep_fit, size_t model_fit)
{
    size_t row = n_prepared * sizeof(double), behind = prep_fit > model_fit ? prep_fit : model_fit;
    if (prep_fit == 0 || model_fit == 0 || n_rows > (SIZE_MAX - prep_bytes) / row)
        return 0;
    size_t before = n_rows * row + prep_bytes;
    return behind > SIZE_MAX - before ? 0 : before + behind;
}

size_t kedge_i_prepared_work(const kedge_pipeline_config *cfg, size_t n_rows)
{
    size_t model_fit = cfg->model->cls->fit ? kedge_model_fit_work(cfg->model, n_rows) : KEDGE_ALIGN;
    if (!cfg->prep)
        return model_fit;
    return prepared_sum(n_rows, cfg->model->n_features, kedge_prep_size(cfg->prep), kedge_prep_fit_work(cfg->prep, n_rows),
                        model_fit);
}

static size_t prepared_model_work(const kedge_model *m, size_t n_rows)
{
    return m->cls->fit ? kedge_model_work(m, n_rows) : KEDGE_ALIGN;
}

size_t kedge_i_prepared_fit_work(const kedge_prep *prep, const kedge_model *m, size_t n_rows)
{
    return prepared_sum(n_rows, kedge_prep_n_out(prep), kedge_i_state_bytes(prep->state), kedge_prep_work(prep, n_rows),
                        prepared_model_work(m, n_rows));
}

size_t kedge_i_prepared_work_now(const kedge_pipeline *p, size_t n_rows)
{
    kedge_model m = pipeline_champion_of(p);
    kedge_prep prep = pipeline_prep_of(p, 0);
    return prep.state ? kedge_i_prepared_fit_work(&prep, &m, n_rows) : prepared_model_work(&m, n_rows);
}

/* Static training by fit where the class has it, else one pass of learning from nothing. */
static kedge_status prepared_fit_model(kedge_model *m, const kedge_rows *x, const double *y, const double *weight, void *work,
                                       size_t work_bytes)
{
    if (m->cls->fit)
        return kedge_model_fit(m, x, y, weight, work, work_bytes);
    size_t used;
    KEDGE_TRY(kedge_i_model_check_table(m, x, y, weight));
    KEDGE_TRY(kedge_model_reset(m));
    return kedge_model_learn_many(m, x, y, weight, &used);
}

kedge_status kedge_i_prepared_fit(kedge_prep *prep, kedge_model *m, const kedge_rows *x, const double *y, const double *weight,
                                  void *work, size_t work_bytes)
{
    double *rows = work;
    size_t n_out = kedge_prep_n_out(prep), prep_bytes = kedge_i_state_bytes(prep->state);
    unsigned char *before = (unsigned char *)(rows + x->n_rows * n_out), *behind = before + prep_bytes;
    size_t behind_bytes = work_bytes - (size_t)(behind - (unsigned char *)work);
    memcpy(before, prep->state, prep_bytes);
    KEDGE_TRY(kedge_prep_fit(prep, x, y, behind, behind_bytes, rows));
    kedge_rows prepared = kedge_rows_float64(rows, x->n_rows, n_out);
    kedge_status st = prepared_fit_model(m, &prepared, y, weight, behind, behind_bytes);
    if (st < 0)
        memcpy(prep->state, before, prep_bytes);
    return st;
}

kedge_status kedge_i_prepared_train(const kedge_pipeline *p, uint32_t is_challenger, const kedge_rows *x, const double *y,
                                    const double *weight, void *work, size_t work_bytes)
{
    kedge_model m = prepared_model(p, is_challenger);
    kedge_prep prep = pipeline_prep_of(p, is_challenger);
    if (!prep.state)
        return prepared_fit_model(&m, x, y, weight, work, work_bytes);
    if (!x || !y || !work)
        return KEDGE_ERR_NULL;
    size_t need = kedge_i_prepared_work_now(p, x->n_rows);
    if (need == 0)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    return kedge_i_prepared_fit(&prep, &m, x, y, weight, work, work_bytes);
}

/* Invariants ------------------------------------------------------------------------------------------------------------------- */

kedge_status kedge_i_prepared_check(const kedge_pipeline *p, int deep)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_prep_info info;
    if ((s->n_preps > 0) != (p->prep != NULL))
        return KEDGE_ERR_CLASS;
    for (uint32_t i = 0; i < s->n_preps; i++) {
        kedge_prep prep = pipeline_prep_of(p, i);
        KEDGE_TRY(kedge_prep_open(&prep, p->prep, prep.state, s->prep_bytes));
        if (deep)
            KEDGE_TRY(kedge_prep_check(&prep));
        KEDGE_TRY(kedge_prep_describe(&prep, &info));
        if (info.n_columns != s->n_features || info.n_out != s->n_prepared)
            return KEDGE_ERR_STATE;
    }
    return KEDGE_OK;
}

/* Kept rows are what a call has let in: without a prep finite, with one maybe missing. */
int kedge_i_prepared_rows_are_sound(const pipeline_state *s, uint32_t at, uint32_t n_words)
{
    const double *x = kedge_i_at_const(s, at);
    for (uint32_t i = 0; i < n_words; i++)
        if (s->n_preps > 0 ? x[i] == x[i] && !kedge_i_within(x[i], -KEDGE_PREP_INPUT_MAX, KEDGE_PREP_INPUT_MAX)
                           : !kedge_i_finite(x[i]))
            return 0;
    return 1;
}
