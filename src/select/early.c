/* SPDX-License-Identifier: MIT */
/* Learning until a hold-out no longer improves: Prechelt 1998, "Early stopping - but when?", the criterion UP of his third class
 * with strips of one pass. States are values, so the best model is a copy of its bytes; the caller's model changes at the end
 * only. */
#include "base/fp.h"

#include <string.h>

#include "kedge/select.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/config.h"
#include "base/number.h"
#include "base/object.h"
#include "base/shuffle.h"
#include "metrics/score.h"
#include "models/model_check.h"
#include "models/row.h"

#define EARLY_EPOCHS_MAX (1u << 20)
#define EARLY_ROWS_MAX   (UINT32_MAX - 1u)

kedge_status kedge_early_config_init(kedge_early_config *cfg, size_t cfg_bytes)
{
    KEDGE_TRY(kedge_i_config_begin(cfg, cfg_bytes, sizeof *cfg));
    cfg->config_bytes = sizeof *cfg;
    cfg->score = KEDGE_SCORE_LOG_LOSS;
    cfg->max_epochs = 100;
    cfg->patience = 5;
    cfg->seed = 1;
    return KEDGE_OK;
}

static int early_is_valid(const kedge_early_config *cfg)
{
    return cfg->config_bytes == sizeof *cfg && kedge_i_u32_within(cfg->max_epochs, 1, EARLY_EPOCHS_MAX) && cfg->patience >= 1 &&
           kedge_i_within(cfg->tolerance, 0.0, KEDGE_TARGET_MAX) && cfg->shuffle <= 1;
}

size_t kedge_learn_early_work(const kedge_model *m, const kedge_early_config *cfg, size_t n_rows, size_t n_held)
{
    kedge_model_info info;
    if (!cfg || !early_is_valid(cfg) || kedge_model_describe(m, &info) < 0 || n_rows > EARLY_ROWS_MAX)
        return 0;
    size_t scoring = kedge_score_work(m, cfg->score, n_held);
    uint64_t bytes = 2 * (uint64_t)kedge_i_state_bytes(m->state) + scoring +
                     (cfg->shuffle == 1 ? kedge_i_round_up((uint64_t)n_rows * sizeof(uint32_t)) : 0);
    return scoring > 0 && bytes <= SIZE_MAX ? (size_t)bytes : 0;
}

typedef struct early_run {
    const kedge_early_config *cfg;
    const kedge_rows *x;
    const double *y;
    const double *weight;
    const kedge_rows *held;
    const double *held_y;
    kedge_model model; /* in training, in the work memory */
    void *best;        /* its bytes after the best pass */
    void *scoring;
    size_t scoring_bytes;
    uint32_t *order; /* NULL: the table's */
    kedge_rng rng;
} early_run;

static kedge_status early_pass(early_run *r)
{
    if (r->order)
        kedge_i_shuffle(r->order, r->x->n_rows, &r->rng);
    for (size_t i = 0; i < r->x->n_rows; i++) {
        size_t at = r->order ? r->order[i] : i;
        double weight = r->weight ? r->weight[at] : 1.0;
        kedge_row row = kedge_i_row_of_rows(r->x, at);
        if (weight > 0.0)
            KEDGE_TRY(r->model.cls->learn(r->model.cls, r->model.state, &row, r->y[at], weight));
    }
    return KEDGE_OK;
}

static kedge_status early_score(const early_run *r, double *value)
{
    return kedge_score_model(&r->model, r->cfg->score, r->held, r->held_y, NULL, r->scoring, r->scoring_bytes, value);
}

static int early_is_better(const early_run *r, double value, double best)
{
    double gain = kedge_score_direction(r->cfg->score) > 0 ? value - best : best - value;
    return gain > r->cfg->tolerance;
}

static kedge_status early_train(early_run *r, int is_new, kedge_early_report *report)
{
    uint32_t waited = 0;
    size_t bytes = kedge_i_state_bytes(r->model.state);
    kedge_status st = early_score(r, &report->best);
    if (st < 0 || report->best != report->best)
        return st;
    report->last = report->best;
    while (report->n_epochs < r->cfg->max_epochs && waited < r->cfg->patience) {
        KEDGE_TRY(early_pass(r));
        KEDGE_TRY(early_score(r, &report->last));
        report->n_epochs++;
        waited++;
        if (!early_is_better(r, report->last, report->best) && !(is_new && report->n_epochs == 1))
            continue;
        waited = 0;
        report->best = report->last;
        report->best_epoch = report->n_epochs;
        memcpy(r->best, r->model.state, bytes);
    }
    return waited < r->cfg->patience ? KEDGE_MORE : KEDGE_OK;
}

static kedge_status early_check(const kedge_model *m, const kedge_early_config *cfg, const kedge_rows *x, const double *y,
                                const double *weight, const kedge_rows *held, const double *held_y)
{
    kedge_model_info info;
    KEDGE_TRY(kedge_model_describe(m, &info));
    if (!cfg)
        return KEDGE_ERR_NULL;
    if (!early_is_valid(cfg))
        return KEDGE_ERR_CONFIG;
    if (!info.can_learn || !kedge_i_score_fits(cfg->score, info.n_classes))
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(kedge_i_model_check_table(m, x, y, weight));
    return kedge_i_model_check_table(m, held, held_y, NULL);
}

kedge_status kedge_learn_early(kedge_model *m, const kedge_early_config *cfg, const kedge_rows *x, const double *y,
                               const double *weight, const kedge_rows *held, const double *held_y, void *work, size_t work_bytes,
                               kedge_early_report *out)
{
    early_run r = {.cfg = cfg, .x = x, .y = y, .weight = weight, .held = held, .held_y = held_y};
    kedge_early_report report = {0, 0, 0.0, 0.0};
    if (!work || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(early_check(m, cfg, x, y, weight, held, held_y));
    size_t need = kedge_learn_early_work(m, cfg, x->n_rows, held->n_rows);
    if (need == 0)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    size_t bytes = kedge_i_state_bytes(m->state);
    r.model.cls = m->cls;
    r.model.state = work;
    r.best = (unsigned char *)work + bytes;
    r.scoring = (unsigned char *)r.best + bytes;
    r.scoring_bytes = kedge_score_work(m, cfg->score, held->n_rows);
    r.rng.state = cfg->seed;
    if (cfg->shuffle == 1) {
        r.order = (uint32_t *)(void *)((unsigned char *)r.scoring + kedge_i_round_up(r.scoring_bytes));
        kedge_i_count_up(r.order, x->n_rows);
    }
    memcpy(work, m->state, bytes);
    memcpy(r.best, m->state, bytes);
    kedge_status st = early_train(&r, ((const kedge_model_state *)m->state)->n_learned == 0, &report);
    if (st < 0 || st == KEDGE_EMPTY)
        return st;
    memcpy(m->state, r.best, bytes);
    *out = report;
    return st;
}
