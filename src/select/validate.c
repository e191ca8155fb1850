/* SPDX-License-Identifier: MIT */
/* Cross-validation: Stone 1974, "Cross-validatory choice and assessment of statistical predictions". Bengio, Grandvalet 2004, "No
 * unbiased estimator of the variance of k-fold cross-validation". */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "select/validate.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/config.h"
#include "base/number.h"
#include "base/object.h"
#include "base/rows.h"
#include "base/standard.h"
#include "metrics/score.h"
#include "models/model_check.h"
#include "models/row.h"
#include "select/split.h"

#define VALIDATE_PASSES_MAX 10000u
#define VALIDATE_BYTES_MAX  ((uint64_t)1 << 62)

kedge_status kedge_validation_config_init(kedge_validation_config *cfg, size_t cfg_bytes)
{
    KEDGE_TRY(kedge_i_config_begin(cfg, cfg_bytes, sizeof *cfg));
    cfg->config_bytes = sizeof *cfg;
    cfg->score = KEDGE_SCORE_LOG_LOSS;
    cfg->n_passes = 1;
    return KEDGE_OK;
}

/* Where each thing stands in the work memory, in bytes. */
typedef struct validate_plan {
    kedge_split_config split;
    kedge_split sizes; /* of the folds */
    uint64_t at_model;
    uint64_t model_bytes;
    uint64_t at_folds;  /* doubles, a score each */
    uint64_t at_scores; /* doubles, of a row */
    uint64_t at_score;  /* what the score needs */
    uint64_t at_copy;   /* the rows to train on, then their targets, then their weights */
    uint64_t n_copy;    /* how many; 0: they are not copied */
    uint64_t at_fit;
    uint64_t fit_bytes;
    uint64_t total;
} validate_plan;

static kedge_split_config validate_split(const kedge_validation_config *cfg, uint32_t n_classes)
{
    kedge_split_config split = kedge_split_defaults();
    if (cfg->split)
        return *cfg->split;
    split.kind = n_classes > 0 ? KEDGE_SPLIT_STRATIFIED : KEDGE_SPLIT_K_FOLD;
    return split;
}

static uint64_t validate_take(validate_plan *p, uint64_t bytes)
{
    uint64_t at = p->total;
    p->total += kedge_i_round_up(bytes);
    return at;
}

/* The most work that a fit needs in any fold; 0: it cannot be done. */
static uint64_t validate_fit_bytes(const kedge_model_config *model, const kedge_split *sizes)
{
    uint64_t most = 0;
    uint64_t before = 0;
    for (uint32_t i = 0; i < sizes->n_folds; i++) {
        uint64_t n = kedge_i_split_n_train(sizes, i);
        uint64_t bytes = n == before ? most : kedge_model_fit_work(model, (size_t)n);
        if (bytes == 0 || bytes > VALIDATE_BYTES_MAX)
            return 0;
        most = bytes > most ? bytes : most;
        before = n;
    }
    return most;
}

static uint64_t validate_most_rows(const kedge_split *sizes, int train)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < sizes->n_folds; i++) {
        uint64_t n = train ? kedge_i_split_n_train(sizes, i) : kedge_i_split_n_test(sizes, i);
        most = n > most ? n : most;
    }
    return most;
}

static kedge_status validate_plan_of(const kedge_model_config *model, const kedge_validation_config *cfg, size_t n_rows,
                                     validate_plan *p)
{
    memset(p, 0, sizeof *p);
    if (cfg->config_bytes != sizeof *cfg || !kedge_i_u32_within(cfg->n_passes, 1, VALIDATE_PASSES_MAX))
        return KEDGE_ERR_CONFIG;
    p->model_bytes = kedge_model_size(model);
    if (p->model_bytes == 0)
        return KEDGE_ERR_CONFIG;
    if (!kedge_i_score_fits(cfg->score, model->n_classes))
        return KEDGE_ERR_UNSUPPORTED;
    p->split = validate_split(cfg, model->n_classes);
    KEDGE_TRY(kedge_i_split_plan(&p->split, n_rows, &p->sizes));
    size_t split_bytes = kedge_split_size(&p->split, n_rows, model->n_classes);
    if (split_bytes == 0)
        return KEDGE_ERR_UNSUPPORTED; /* strata of a regression */
    validate_take(p, split_bytes);
    p->at_model = validate_take(p, p->model_bytes);
    p->at_folds = validate_take(p, p->sizes.n_folds * sizeof(double));
    p->at_scores = validate_take(p, (model->n_classes > 0 ? model->n_classes : 1) * sizeof(double));
    p->at_score = validate_take(p, kedge_i_score_bytes(cfg->score, validate_most_rows(&p->sizes, 0)));
    if (model->cls->fit) {
        p->n_copy = kedge_i_split_trains_on_ranges(&p->split) ? 0 : validate_most_rows(&p->sizes, 1);
        p->at_copy = validate_take(p, p->n_copy * (model->n_features + 2) * sizeof(double));
        p->fit_bytes = validate_fit_bytes(model, &p->sizes);
        if (p->fit_bytes == 0)
            return KEDGE_ERR_SHAPE;
        p->at_fit = validate_take(p, p->fit_bytes);
    }
    return p->total <= SIZE_MAX ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

size_t kedge_validate_work(const kedge_model_config *model, const kedge_validation_config *cfg, size_t n_rows)
{
    validate_plan p;
    return model && cfg && validate_plan_of(model, cfg, n_rows, &p) == KEDGE_OK ? (size_t)p.total : 0;
}

kedge_status kedge_i_validate_check(const kedge_model_config *model, const kedge_validation_config *cfg, const kedge_rows *x,
                                    const double *y, const double *weight)
{
    kedge_split sizes;
    if (!model || !model->cls || !cfg || !x || !y)
        return KEDGE_ERR_NULL;
    if (cfg->config_bytes != sizeof *cfg || !kedge_i_u32_within(cfg->n_passes, 1, VALIDATE_PASSES_MAX))
        return KEDGE_ERR_CONFIG;
    if (!kedge_i_score_fits(cfg->score, model->n_classes))
        return KEDGE_ERR_UNSUPPORTED;
    kedge_split_config split = validate_split(cfg, model->n_classes);
    KEDGE_TRY(kedge_i_split_plan(&split, x->n_rows, &sizes));
    kedge_model_state shape = {.n_features = model->n_features, .n_classes = model->n_classes};
    kedge_model m = {model->cls, &shape}; /* of a state the check reads only these */
    return kedge_i_model_check_table(&m, x, y, weight);
}

void kedge_i_validate_cost(const kedge_model_config *model, const kedge_validation_config *cfg, size_t n_rows, uint64_t *n_fits,
                           uint64_t *n_learned)
{
    kedge_split sizes;
    kedge_split_config split = validate_split(cfg, model->n_classes);
    *n_fits = *n_learned = 0;
    if (kedge_i_split_plan(&split, n_rows, &sizes) < 0)
        return;
    *n_fits = sizes.n_folds;
    for (uint32_t i = 0; i < sizes.n_folds; i++)
        *n_learned += kedge_i_split_n_train(&sizes, i) * (model->cls->fit ? 1 : cfg->n_passes);
}

/* A validation in its work memory. */
typedef struct validate_run {
    const kedge_validation_config *cfg;
    const kedge_rows *x;
    const double *y;
    const double *weight;
    unsigned char *work;
    validate_plan plan;
    kedge_split split;
    kedge_model model;
} validate_run;

static double validate_weight(const validate_run *r, size_t i)
{
    return r->weight ? r->weight[i] : 1.0;
}

/* Row by row, in the order of the table, whose rows are known to be valid. */
static kedge_status validate_learn(validate_run *r, uint32_t i_fold)
{
    kedge_model *m = &r->model;
    for (uint32_t pass = 0; pass < r->cfg->n_passes; pass++)
        for (size_t i = 0; i < r->x->n_rows; i++) {
            if (kedge_split_side(&r->split, i_fold, i) != KEDGE_SIDE_TRAIN || !(validate_weight(r, i) > 0.0))
                continue;
            kedge_row row = kedge_i_row_of_rows(r->x, i);
            KEDGE_TRY(m->cls->learn(m->cls, m->state, &row, r->y[i], validate_weight(r, i)));
        }
    return KEDGE_OK;
}

/* The rows to train on, side by side. */
static kedge_rows validate_copy(const validate_run *r, uint32_t i_fold, double *targets, double *weights)
{
    double *copy = (double *)(void *)(r->work + r->plan.at_copy);
    size_t width = r->x->n_columns;
    size_t n = 0;
    for (size_t i = 0; i < r->x->n_rows; i++) {
        if (kedge_split_side(&r->split, i_fold, i) != KEDGE_SIDE_TRAIN)
            continue;
        for (size_t j = 0; j < width; j++)
            copy[n * width + j] = kedge_i_rows_at(r->x, i, j);
        targets[n] = r->y[i];
        weights[n++] = validate_weight(r, i);
    }
    return kedge_rows_float64(copy, n, width);
}

static kedge_status validate_fit(validate_run *r, uint32_t i_fold)
{
    void *work = r->work + r->plan.at_fit;
    kedge_split_part part;
    kedge_rows rows;
    if (r->plan.n_copy > 0) {
        double *targets = (double *)(void *)(r->work + r->plan.at_copy) + r->plan.n_copy * r->x->n_columns;
        double *weights = targets + r->plan.n_copy;
        rows = validate_copy(r, i_fold, targets, weights);
        return kedge_model_fit(&r->model, &rows, targets, r->weight ? weights : NULL, work, (size_t)r->plan.fit_bytes);
    }
    KEDGE_TRY(kedge_split_get(&r->split, i_fold, &part));
    KEDGE_TRY(kedge_rows_slice(r->x, (size_t)part.train_first, (size_t)part.n_train, &rows));
    return kedge_model_fit(&r->model, &rows, r->y + part.train_first, r->weight ? r->weight + part.train_first : NULL, work,
                           (size_t)r->plan.fit_bytes);
}

static kedge_status validate_train(validate_run *r, const kedge_model_config *model, uint32_t i_fold)
{
    KEDGE_TRY(kedge_model_init(&r->model, model, r->work + r->plan.at_model, (size_t)r->plan.model_bytes));
    return model->cls->fit ? validate_fit(r, i_fold) : validate_learn(r, i_fold);
}

static kedge_status validate_fold(validate_run *r, const kedge_model_config *model, uint32_t i_fold, double *value)
{
    kedge_i_score score;
    double *scores = (double *)(void *)(r->work + r->plan.at_scores);
    KEDGE_TRY(validate_train(r, model, i_fold));
    kedge_i_score_begin(&score, r->cfg->score, model->n_classes, (size_t)kedge_i_split_n_test(&r->split, i_fold),
                        r->work + r->plan.at_score);
    for (size_t i = 0; i < r->x->n_rows; i++) {
        if (kedge_split_side(&r->split, i_fold, i) != KEDGE_SIDE_TEST)
            continue;
        kedge_row row = kedge_i_row_of_rows(r->x, i);
        KEDGE_TRY(kedge_i_score_ask(&score, &r->model, &row, r->y[i], validate_weight(r, i), scores));
    }
    *value = kedge_i_score_read(&score);
    return KEDGE_OK;
}

/* Mean and deviation of the scores that there are. */
static kedge_status validate_report(const validate_run *r, const kedge_model_config *model, double *folds,
                                    kedge_validation_report *out)
{
    uint32_t n = 0;
    uint64_t n_fits;
    kedge_validation_report report = {.n_folds = r->split.n_folds, .mean = (double)NAN, .deviation = (double)NAN};
    for (uint32_t i = 0; i < report.n_folds; i++)
        if (folds[i] == folds[i])
            folds[n++] = folds[i];
    report.n_undefined = report.n_folds - n;
    kedge_i_validate_cost(model, r->cfg, r->x->n_rows, &n_fits, &report.n_rows);
    if (n > 0)
        report.mean = kedge_i_standard_learn(folds, n, 1, &report.deviation);
    *out = report;
    return n > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

/* Everything is right, and the table split. */
static kedge_status validate_begin(validate_run *r, const kedge_model_config *model, size_t work_bytes)
{
    KEDGE_TRY(kedge_i_validate_check(model, r->cfg, r->x, r->y, r->weight));
    KEDGE_TRY(validate_plan_of(model, r->cfg, r->x->n_rows, &r->plan));
    KEDGE_TRY(kedge_i_object_room((size_t)r->plan.total, r->work, work_bytes));
    return kedge_split_init(&r->split, &r->plan.split, r->x->n_rows, r->y, model->n_classes, r->work, (size_t)r->plan.at_model);
}

kedge_status kedge_validate(const kedge_model_config *model, const kedge_validation_config *cfg, const kedge_rows *x,
                            const double *y, const double *weight, void *work, size_t work_bytes, double *folds,
                            kedge_validation_report *out)
{
    validate_run r = {.cfg = cfg, .x = x, .y = y, .weight = weight, .work = work};
    if (!work || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(validate_begin(&r, model, work_bytes));
    double *values = (double *)(void *)(r.work + r.plan.at_folds);
    for (uint32_t i = 0; i < r.split.n_folds; i++)
        KEDGE_TRY(validate_fold(&r, model, i, &values[i]));
    if (folds)
        memcpy(folds, values, r.split.n_folds * sizeof *folds);
    return validate_report(&r, model, values, out);
}

/* What the model of a fold says of the rows that it has not seen. */
static kedge_status validate_predict(validate_run *r, const kedge_model_config *model, uint32_t i_fold, double *scores)
{
    size_t width = model->n_classes > 0 ? model->n_classes : 1;
    KEDGE_TRY(validate_train(r, model, i_fold));
    for (size_t i = 0; i < r->x->n_rows; i++) {
        if (kedge_split_side(&r->split, i_fold, i) != KEDGE_SIDE_TEST)
            continue;
        kedge_row row = kedge_i_row_of_rows(r->x, i);
        KEDGE_TRY(model->cls->score(model->cls, r->model.state, &row, scores + i * width));
    }
    return KEDGE_OK;
}

kedge_status kedge_cross_scores(const kedge_model_config *model, const kedge_validation_config *cfg, const kedge_rows *x,
                                const double *y, const double *weight, void *work, size_t work_bytes, double *scores)
{
    validate_run r = {.cfg = cfg, .x = x, .y = y, .weight = weight, .work = work};
    if (!work || !scores)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(validate_begin(&r, model, work_bytes));
    size_t n = x->n_rows * (model->n_classes > 0 ? model->n_classes : 1);
    for (size_t i = 0; i < n; i++)
        scores[i] = (double)NAN;
    for (uint32_t i = 0; i < r.split.n_folds; i++)
        KEDGE_TRY(validate_predict(&r, model, i, scores));
    return KEDGE_OK;
}
