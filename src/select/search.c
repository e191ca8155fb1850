/* SPDX-License-Identifier: MIT */
/* Search for a configuration. Random: Bergstra, Bengio 2012, "Random search for hyper-parameter optimization". Halving: see
 * rounds.c; its rows are drawn anew for each round, or the newest ones. All trials are drawn before the first, so a budget never
 * changes what they are. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/class.h"

#include "base/check.h"
#include "base/config.h"
#include "base/number.h"
#include "select/rounds.h"
#include "select/sample.h"
#include "select/search_axes.h"
#include "select/validate.h"

#define SEARCH_AXES_MAX   32u
#define SEARCH_TRIALS_MAX (1u << 20)

kedge_status kedge_search_config_init(kedge_search_config *cfg, size_t cfg_bytes)
{
    KEDGE_TRY(kedge_i_config_begin(cfg, cfg_bytes, sizeof *cfg));
    cfg->config_bytes = sizeof *cfg;
    cfg->method = KEDGE_SEARCH_RANDOM;
    cfg->seed = 1;
    cfg->max_fits = UINT64_MAX;
    cfg->max_rows = UINT64_MAX;
    cfg->n_trials = 32;
    cfg->factor = 3;
    cfg->least_rows = 100;
    return KEDGE_OK;
}

static int search_is_valid(const kedge_search_config *cfg)
{
    return cfg->config_bytes == sizeof *cfg && kedge_i_u32_within(cfg->method, KEDGE_SEARCH_GRID, KEDGE_SEARCH_HALVING) &&
           kedge_i_u32_within(cfg->n_trials, 1, SEARCH_TRIALS_MAX) && kedge_i_rounds_valid(cfg);
}

uint32_t kedge_search_trials(const kedge_search_config *cfg, const kedge_search_axis *axes, uint32_t n_axes)
{
    uint64_t n = 1;
    if (!cfg || !axes || !search_is_valid(cfg) || !kedge_i_u32_within(n_axes, 1, SEARCH_AXES_MAX))
        return 0;
    for (uint32_t i = 0; i < n_axes; i++) {
        if (!kedge_i_search_axis_is_valid(&axes[i]))
            return 0;
        n = n * axes[i].n_values < cfg->n_trials ? n * axes[i].n_values : cfg->n_trials;
    }
    return cfg->method == KEDGE_SEARCH_GRID ? (uint32_t)n : cfg->n_trials;
}

/* A search ------------------------------------------------------------------------------------------------------------------- */

typedef struct search_run {
    const kedge_model_config *model; /* of the trial; its fields are where the axes say */
    const kedge_model_config *const *models; /* of a race, one a trial; NULL: axes */
    const kedge_search_axis *axes;
    uint32_t n_axes;
    const kedge_search_config *cfg;
    const kedge_validation_config *how;
    kedge_i_sample table;
    kedge_i_sample part; /* rows of this round */
    unsigned char *work;
    size_t work_bytes;
    size_t part_bytes;   /* of the work that the rows of this round take; more than there are: they are not there */
    double *values;
    kedge_i_rounds rounds;
    search_number before[SEARCH_AXES_MAX]; /* what the fields held */
} search_run;

static void search_restore(search_run *r)
{
    for (uint32_t i = 0; i < r->n_axes; i++)
        memcpy(r->axes[i].field, &r->before[i], kedge_i_search_type_bytes(r->axes[i].type));
}

static void search_set(search_run *r, uint32_t trial)
{
    if (r->models)
        r->model = r->models[trial];
    for (uint32_t i = 0; i < r->n_axes; i++)
        kedge_i_search_write(&r->axes[i], r->values[(size_t)trial * r->n_axes + i]);
}

static void search_draw_all(search_run *r)
{
    kedge_rng rng = {r->cfg->seed};
    for (uint32_t t = 0; t < r->rounds.n_trials && r->n_axes > 0; t++) {
        double *values = r->values + (size_t)t * r->n_axes;
        uint32_t rest = t;
        for (uint32_t i = r->n_axes; i-- > 0;) {
            const kedge_search_axis *axis = &r->axes[i];
            values[i] = r->cfg->method == KEDGE_SEARCH_GRID ? kedge_i_search_step(axis, rest % axis->n_values)
                                                            : kedge_i_search_draw(axis, &rng);
            rest /= axis->n_values;
        }
    }
}

/* The newest rows, where time matters; else they are drawn. */
static int search_takes_newest(const kedge_validation_config *how)
{
    return how->split && how->split->kind == KEDGE_SPLIT_FORWARD;
}

/* Bytes in front of the work memory that the rows of a round take. */
static uint64_t search_part_bytes(const kedge_model_config *model, const kedge_validation_config *how, size_t n_rows, size_t all)
{
    return n_rows == all || search_takes_newest(how) ? 0 : kedge_i_sample_bytes(model->n_features, model->n_classes, n_rows);
}

/* The rows of a round: the same for all its trials. */
static void search_choose_rows(void *context, size_t n_rows)
{
    search_run *r = context;
    size_t all = r->table.rows.n_rows;
    uint64_t bytes = search_part_bytes(r->model, r->how, n_rows, all);
    r->part_bytes = bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
    r->part = r->table;
    if (n_rows == all || r->part_bytes > r->work_bytes)
        return;
    r->part = search_takes_newest(r->how)
                  ? kedge_i_sample_newest(&r->table, n_rows)
                  : kedge_i_sample_draw(&r->table, r->model->n_classes, n_rows, r->cfg->seed + n_rows, r->work);
}

static void search_cost(void *context, uint32_t t, size_t n_rows, uint64_t *n_fits, uint64_t *n_learned)
{
    search_run *r = context;
    search_set(r, t);
    kedge_i_validate_cost(r->model, r->how, n_rows, n_fits, n_learned);
}

/* The trial that was set, in so much work memory. KEDGE_ERR_BUFFER: there is no room. */
static int search_judge(void *context, uint32_t t, size_t n_rows, kedge_search_trial *out)
{
    search_run *r = context;
    kedge_validation_report report = {0.0, 0.0, 0, 0, 0};
    size_t need = kedge_validate_work(r->model, r->how, n_rows);
    int fits = need > 0 && r->part_bytes <= r->work_bytes && need <= r->work_bytes - r->part_bytes;
    (void)t;
    out->status = need == 0 ? KEDGE_ERR_CONFIG : KEDGE_ERR_BUFFER;
    if (fits)
        out->status = kedge_validate(r->model, r->how, &r->part.rows, r->part.y, r->part.weight, r->work + r->part_bytes,
                                     r->work_bytes - r->part_bytes, NULL, &report);
    out->mean = report.mean;
    out->deviation = report.deviation;
    return fits;
}

static const kedge_i_rounds_tries search_tries = {search_choose_rows, search_cost, search_judge};

size_t kedge_search_work(const kedge_model_config *model, const kedge_search_config *cfg, const kedge_validation_config *how,
                         size_t n_rows)
{
    uint64_t most = 0;
    if (!model || !cfg || !how || !search_is_valid(cfg))
        return 0;
    for (size_t rows = kedge_i_rounds_first(cfg, n_rows);; rows = kedge_i_rounds_next(cfg, rows, n_rows)) {
        uint64_t bytes = kedge_validate_work(model, how, rows);
        bytes += bytes > 0 ? search_part_bytes(model, how, rows, n_rows) : 0;
        most = bytes > most ? bytes : most;
        if (rows == n_rows)
            break;
    }
    if (cfg->method == KEDGE_SEARCH_HALVING && most > 0 && most < cfg->n_trials * sizeof(uint32_t))
        most = cfg->n_trials * sizeof(uint32_t);
    return kedge_validate_work(model, how, n_rows) > 0 && most <= SIZE_MAX ? (size_t)most : 0;
}

static kedge_status search_finish(search_run *r, kedge_status st, kedge_search_report *out)
{
    kedge_i_rounds *rounds = &r->rounds;
    uint32_t best = 0;
    for (uint32_t t = 1; t < rounds->n_trials; t++)
        best = kedge_i_rounds_behind(rounds, best, t) ? t : best;
    if (rounds->trials[best].status != KEDGE_OK) {
        search_restore(r);
        return KEDGE_ERR_NUMERIC;
    }
    search_set(r, best);
    *out = rounds->report;
    out->best = best;
    out->mean = rounds->trials[best].mean;
    out->deviation = rounds->trials[best].deviation;
    return st;
}

/* All trials, once what the caller gave is sound. */
static kedge_status search_run_all(search_run *r, const kedge_rows *x, const double *y, const double *weight, void *work,
                                   size_t work_bytes, kedge_search_report *out)
{
    if (!kedge_i_aligned(work))
        return KEDGE_ERR_ALIGN;
    if (r->cfg->method == KEDGE_SEARCH_HALVING && work_bytes / sizeof(uint32_t) < r->rounds.n_trials)
        return KEDGE_ERR_BUFFER;
    r->table.rows = *x;
    r->table.y = y;
    r->table.weight = weight;
    r->work = work;
    r->work_bytes = work_bytes;
    r->rounds.cfg = r->cfg;
    r->rounds.score = r->how->score;
    r->rounds.all = x->n_rows;
    r->rounds.tries = &search_tries;
    r->rounds.context = r;
    r->rounds.order = work; /* free between trials */
    for (uint32_t i = 0; i < r->n_axes; i++)
        memcpy(&r->before[i], r->axes[i].field, kedge_i_search_type_bytes(r->axes[i].type));
    search_draw_all(r);
    return search_finish(r, kedge_i_rounds_run(&r->rounds), out);
}

kedge_status kedge_search(kedge_model_config *model, const kedge_search_axis *axes, uint32_t n_axes, const kedge_search_config *cfg,
                          const kedge_validation_config *how, const kedge_rows *x, const double *y, const double *weight,
                          void *work, size_t work_bytes, kedge_search_trial *trials, double *values, kedge_search_report *out)
{
    search_run r = {
        .model = model, .axes = axes, .n_axes = n_axes, .cfg = cfg, .how = how, .values = values, .rounds.trials = trials};
    if (!axes || !cfg || !work || !trials || !values || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_validate_check(model, how, x, y, weight));
    if (!search_is_valid(cfg))
        return KEDGE_ERR_CONFIG;
    r.rounds.n_trials = kedge_search_trials(cfg, axes, n_axes);
    return r.rounds.n_trials == 0 ? KEDGE_ERR_RANGE : search_run_all(&r, x, y, weight, work, work_bytes, out);
}

/* Races ------------------------------------------------------------------------------------------------------------------------ */

size_t kedge_race_work(const kedge_model_config *const *models, uint32_t n_models, const kedge_search_config *cfg,
                       const kedge_validation_config *how, size_t n_rows)
{
    size_t most = 0;
    if (!models || !cfg || !kedge_i_u32_within(n_models, 1, SEARCH_TRIALS_MAX))
        return 0;
    kedge_search_config race = *cfg;
    race.n_trials = n_models;
    for (uint32_t i = 0; i < n_models; i++) {
        size_t bytes = kedge_search_work(models[i], &race, how, n_rows);
        if (bytes == 0)
            return 0;
        most = bytes > most ? bytes : most;
    }
    return most;
}

kedge_status kedge_race(const kedge_model_config *const *models, uint32_t n_models, const kedge_search_config *cfg,
                        const kedge_validation_config *how, const kedge_rows *x, const double *y, const double *weight, void *work,
                        size_t work_bytes, kedge_search_trial *trials, kedge_search_report *out)
{
    search_run r = {.models = models, .cfg = cfg, .how = how, .rounds.trials = trials, .rounds.n_trials = n_models};
    if (!models || !cfg || !work || !trials || !out)
        return KEDGE_ERR_NULL;
    if (!search_is_valid(cfg))
        return KEDGE_ERR_CONFIG;
    if (!kedge_i_u32_within(n_models, 1, SEARCH_TRIALS_MAX))
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < n_models; i++) {
        KEDGE_TRY(kedge_i_validate_check(models[i], how, x, y, weight));
        if (models[i]->n_features != models[0]->n_features || models[i]->n_classes != models[0]->n_classes)
            return KEDGE_ERR_SHAPE;
    }
    r.model = models[0];
    return search_run_all(&r, x, y, weight, work, work_bytes, out);
}
