/* SPDX-License-Identifier: MIT */
/* Successive halving: Jamieson, Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization", algorithm
 * 1, with rows as the resource. */
#include "base/fp.h"

#include <math.h>

#include "select/rounds.h"

#include "base/number.h"
#include "base/sort.h"

#define ROUNDS_FACTOR_MAX 16u

int kedge_i_rounds_valid(const kedge_search_config *cfg)
{
    return cfg->max_fits >= 1 && cfg->max_rows >= 1 && kedge_i_u32_within(cfg->factor, 2, ROUNDS_FACTOR_MAX) &&
           cfg->least_rows >= 1;
}

size_t kedge_i_rounds_first(const kedge_search_config *cfg, size_t all)
{
    return cfg->method == KEDGE_SEARCH_HALVING && cfg->least_rows < all ? (size_t)cfg->least_rows : all;
}

size_t kedge_i_rounds_next(const kedge_search_config *cfg, size_t rows, size_t all)
{
    return rows > all / cfg->factor ? all : rows * cfg->factor;
}

/* One trial on the rows of the round. KEDGE_MORE: the budget or the caller says stop. */
static kedge_status rounds_try(kedge_i_rounds *r, uint32_t t, size_t n_rows)
{
    kedge_search_trial *trial = &r->trials[t];
    uint64_t n_fits, n_learned;
    r->tries->cost(r->context, t, n_rows, &n_fits, &n_learned);
    if (n_fits > r->cfg->max_fits - r->report.n_fits || n_learned > r->cfg->max_rows - r->report.n_rows)
        return KEDGE_MORE;
    if (trial->n_rows == 0)
        r->report.n_trials++;
    trial->n_rows = n_rows;
    if (r->tries->judge(r->context, t, n_rows, trial)) { /* also where the training failed */
        r->report.n_fits += n_fits;
        r->report.n_rows += n_learned;
    }
    if (trial->status != KEDGE_OK)
        trial->mean = trial->deviation = (double)NAN;
    r->report.n_failed += trial->status < 0;
    return r->cfg->stop && r->cfg->stop(r->cfg->context, trial, t) != 0 ? KEDGE_MORE : KEDGE_OK;
}

int kedge_i_rounds_behind(const void *rounds, uint32_t a, uint32_t b)
{
    const kedge_i_rounds *r = rounds;
    const kedge_search_trial *p = &r->trials[a];
    const kedge_search_trial *q = &r->trials[b];
    int scored = p->status == KEDGE_OK;
    double sign = (double)kedge_score_direction(r->score);
    if (scored != (q->status == KEDGE_OK))
        return !scored;
    if (p->n_rows != q->n_rows)
        return p->n_rows < q->n_rows;
    if (scored && sign * p->mean != sign * q->mean)
        return sign * p->mean < sign * q->mean;
    return a > b;
}

/* All on all rows. */
static kedge_status rounds_all(kedge_i_rounds *r)
{
    kedge_status st = KEDGE_OK;
    r->tries->begin(r->context, r->all);
    for (uint32_t t = 0; t < r->n_trials && st == KEDGE_OK; t++) {
        st = rounds_try(r, t, r->all);
        if (st != KEDGE_OK && r->trials[t].n_rows > 0 && t == r->n_trials - 1)
            st = KEDGE_OK; /* the last one was tried */
    }
    return st;
}

/* Those that had a score on `rows` rows, the best first; how many. */
static uint32_t rounds_rank(kedge_i_rounds *r, size_t rows)
{
    uint32_t n = 0;
    kedge_i_sort_indices(r->order, r->n_trials, kedge_i_rounds_behind, r);
    while (n < r->n_trials && r->trials[r->order[n]].n_rows == rows && r->trials[r->order[n]].status == KEDGE_OK)
        n++;
    return n;
}

/* A round: those whose status is KEDGE_MORE, since the order does not outlive a trial. */
static kedge_status rounds_of(kedge_i_rounds *r, size_t rows)
{
    r->tries->begin(r->context, rows);
    for (uint32_t t = 0; t < r->n_trials; t++) {
        if (r->trials[t].status != KEDGE_MORE)
            continue;
        kedge_status st = rounds_try(r, t, rows);
        if (st != KEDGE_OK)
            return st;
    }
    return KEDGE_OK;
}

static kedge_status rounds_halve(kedge_i_rounds *r)
{
    size_t rows = kedge_i_rounds_first(r->cfg, r->all);
    uint32_t n = r->n_trials;
    for (uint32_t t = 0; t < r->n_trials; t++)
        r->trials[t].status = KEDGE_MORE;
    while (n > 0 && !(r->stops_alone && n == 1)) {
        kedge_status st = rounds_of(r, rows);
        if (st != KEDGE_OK || rows == r->all)
            return st;
        n = (rounds_rank(r, rows) + r->cfg->factor - 1) / r->cfg->factor;
        for (uint32_t i = 0; i < n; i++)
            r->trials[r->order[i]].status = KEDGE_MORE;
        rows = kedge_i_rounds_next(r->cfg, rows, r->all);
    }
    return KEDGE_OK;
}

/* Trials that wait for more rows keep the score that they have. */
static void rounds_end_waiting(kedge_i_rounds *r)
{
    for (uint32_t t = 0; t < r->n_trials; t++)
        if (r->trials[t].status == KEDGE_MORE)
            r->trials[t].status = r->trials[t].mean == r->trials[t].mean ? KEDGE_OK : KEDGE_EMPTY;
}

void kedge_i_rounds_clear(kedge_i_rounds *r)
{
    static const kedge_search_trial none = {(double)NAN, (double)NAN, 0, KEDGE_EMPTY, 0};
    for (uint32_t t = 0; t < r->n_trials; t++)
        r->trials[t] = none;
}

kedge_status kedge_i_rounds_run(kedge_i_rounds *r)
{
    kedge_i_rounds_clear(r);
    kedge_status st = r->cfg->method == KEDGE_SEARCH_HALVING ? rounds_halve(r) : rounds_all(r);
    rounds_end_waiting(r);
    return st;
}
