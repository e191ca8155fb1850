/* SPDX-License-Identifier: MIT */
/* The race of a contest. Candidates are trained on copies in the work memory, one after the other, so that the state changes only
 * once a winner stands, and losers leave nothing behind. */
#include "base/fp.h"

#include <string.h>

#include "select/contest_state.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/sort.h"
#include "metrics/score.h"
#include "models/row.h"
#include "select/rounds.h"
#include "select/split.h"

#define CONTEST_BYTES_MAX ((uint64_t)1 << 62)

/* Which rows are held out, and where each thing stands in the work memory behind the copy, in bytes. */
typedef struct contest_plan {
    size_t n_train; /* rows before those held out; 0: too few for a race */
    size_t n_held;
    uint64_t at_scores; /* doubles, of a row */
    uint64_t at_score;  /* what the score needs */
    uint64_t at_fit;
    uint64_t fit_bytes; /* the most that any fit needs; 0: nobody can be trained on so many rows */
    uint64_t total;
} contest_plan;

/* Who is asked for the work of candidates: their configurations, or, where these are NULL, their states. */
typedef struct contest_field {
    const kedge_model_class *cls;
    const contest_state *s;
    const kedge_contest_config *config;
} contest_field;

static kedge_search_config contest_rules(const contest_state *s)
{
    const kedge_search_config rules = {.method = KEDGE_SEARCH_HALVING,
                                       .max_fits = s->max_fits,
                                       .max_rows = s->max_rows,
                                       .factor = s->factor,
                                       .least_rows = s->least_rows};
    return rules;
}

static void contest_hold_out(const contest_state *s, size_t n_rows, contest_plan *p)
{
    kedge_split_config split = kedge_split_defaults();
    kedge_split sizes;
    split.kind = KEDGE_SPLIT_HOLD_OUT;
    split.test_share = s->holdout;
    p->n_train = p->n_held = 0;
    if (kedge_i_split_plan(&split, n_rows, &sizes) < 0)
        return;
    p->n_held = (size_t)sizes.test_rows;
    p->n_train = n_rows - p->n_held;
}

/* A handle on what is only read. */
static kedge_model contest_candidate(const kedge_model_class *cls, const contest_state *s, uint32_t i)
{
    kedge_model m = {contest_class_of(cls, i), (void *)(uintptr_t)contest_at(s, i)};
    return m;
}

static uint64_t contest_fit_bytes(const contest_field *f, uint32_t i, size_t n_rows)
{
    kedge_model m = {contest_class_of(f->cls, i), NULL};
    if (!m.cls->fit)
        return KEDGE_ALIGN;
    if (f->config)
        return kedge_model_fit_work(f->config->candidates[i], n_rows);
    m = contest_candidate(f->cls, f->s, i);
    return kedge_model_work(&m, n_rows);
}

/* The most that a candidate's fits need, in the race and behind it; 0: it cannot be trained on all rows. */
static uint64_t contest_most_bytes(const contest_field *f, uint32_t i, size_t n_rows, size_t n_train)
{
    kedge_search_config rules = contest_rules(f->s);
    uint64_t most = contest_fit_bytes(f, i, n_rows);
    if (most == 0 || n_train == 0)
        return most;
    for (size_t rows = kedge_i_rounds_first(&rules, n_train);; rows = kedge_i_rounds_next(&rules, rows, n_train)) {
        uint64_t bytes = contest_fit_bytes(f, i, rows);
        most = bytes > most ? bytes : most;
        if (rows == n_train)
            return most;
    }
}

static void contest_lay_out(const contest_field *f, size_t n_rows, contest_plan *p)
{
    const contest_state *s = f->s;
    uint64_t place = 0;
    contest_hold_out(s, n_rows, p);
    p->fit_bytes = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        uint64_t bytes = contest_most_bytes(f, i, n_rows, p->n_train);
        p->fit_bytes = bytes > p->fit_bytes ? bytes : p->fit_bytes;
        place = s->places[i].bytes > place ? s->places[i].bytes : place;
    }
    p->at_scores = place;
    p->at_score = p->at_scores + (s->model.n_classes > 0 ? s->model.n_classes : 1) * sizeof(double);
    p->at_fit = p->at_score + kedge_i_score_bytes(s->score, p->n_held);
    p->total = p->fit_bytes > CONTEST_BYTES_MAX ? CONTEST_BYTES_MAX : p->at_fit + kedge_i_round_up(p->fit_bytes);
}

size_t kedge_i_contest_work(const kedge_model_class *cls, const void *fixed, const void *config, size_t n_rows)
{
    const contest_field field = {cls, fixed, config};
    contest_plan p;
    contest_lay_out(&field, n_rows, &p);
    return p.fit_bytes > 0 && p.total < CONTEST_BYTES_MAX && p.total <= SIZE_MAX ? (size_t)p.total : 0;
}

/* A race in its work memory. */
typedef struct contest_run {
    const kedge_model_class *cls;
    const contest_state *s;
    const kedge_rows *x;
    const double *y;
    const double *weight;
    unsigned char *work;
    contest_plan plan;
    size_t first; /* row of the round */
    kedge_i_rounds rounds;
    kedge_search_trial trials[KEDGE_CONTEST_MAX];
    uint32_t order[KEDGE_CONTEST_MAX];
} contest_run;

static double contest_weight(const contest_run *r, size_t i)
{
    return r->weight ? r->weight[i] : 1.0;
}

/* Row by row, for a class that has no fit; the rows are known to be valid. */
static kedge_status contest_learn(const contest_run *r, kedge_model *m, size_t first, size_t n)
{
    for (uint32_t pass = 0; pass < r->s->n_passes; pass++)
        for (size_t i = first; i < first + n; i++) {
            kedge_row row = kedge_i_row_of_rows(r->x, i);
            if (contest_weight(r, i) > 0.0)
                KEDGE_TRY(m->cls->learn(m->cls, m->state, &row, r->y[i], contest_weight(r, i)));
        }
    return KEDGE_OK;
}

/* A copy of the candidate, from nothing, on n rows from the first on. */
static kedge_status contest_train(const contest_run *r, uint32_t i, size_t first, size_t n, kedge_model *m)
{
    kedge_rows rows;
    *m = contest_candidate(r->cls, r->s, i);
    memcpy(r->work, m->state, r->s->places[i].bytes);
    m->state = r->work;
    kedge_i_object_reset(&m->cls->base, m->state);
    if (!m->cls->fit)
        return contest_learn(r, m, first, n);
    KEDGE_TRY(kedge_rows_slice(r->x, first, n, &rows));
    return kedge_model_fit(m, &rows, r->y + first, r->weight ? r->weight + first : NULL, r->work + r->plan.at_fit,
                           (size_t)r->plan.fit_bytes);
}

/* On the rows held out. */
static kedge_status contest_test(const contest_run *r, const kedge_model *m, double *value)
{
    const contest_plan *p = &r->plan;
    double *scores = (double *)(void *)(r->work + p->at_scores);
    kedge_i_score score;
    kedge_i_score_begin(&score, r->s->score, r->s->model.n_classes, p->n_held, r->work + p->at_score);
    for (size_t i = p->n_train; i < r->x->n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(r->x, i);
        KEDGE_TRY(kedge_i_score_ask(&score, m, &row, r->y[i], contest_weight(r, i), scores));
    }
    *value = kedge_i_score_read(&score);
    return kedge_i_finite(*value) ? KEDGE_OK : KEDGE_EMPTY;
}

static void contest_round(void *context, size_t n_rows)
{
    contest_run *r = context;
    r->first = r->plan.n_train - n_rows;
}

static void contest_cost(void *context, uint32_t i, size_t n_rows, uint64_t *n_fits, uint64_t *n_learned)
{
    const contest_run *r = context;
    *n_fits = 1;
    *n_learned = (uint64_t)n_rows * (contest_class_of(r->cls, i)->fit ? 1 : r->s->n_passes);
}

/* Who cannot be trained on all rows, since no work memory would be enough, need not run. */
static int contest_judge(void *context, uint32_t i, size_t n_rows, kedge_search_trial *out)
{
    const contest_run *r = context;
    kedge_model m = contest_candidate(r->cls, r->s, i);
    out->mean = out->deviation = 0.0;
    out->status = KEDGE_ERR_SHAPE;
    if (m.cls->fit && kedge_model_work(&m, r->x->n_rows) == 0)
        return 0;
    out->status = contest_train(r, i, r->first, n_rows, &m);
    if (out->status >= 0)
        out->status = contest_test(r, &m, &out->mean);
    return 1;
}

static const kedge_i_rounds_tries contest_tries = {contest_round, contest_cost, contest_judge};

/* Does candidate a stand behind b? Those that failed behind those that were not tried. */
static int contest_is_behind(const void *context, uint32_t a, uint32_t b)
{
    const contest_run *r = context;
    int failed = r->trials[a].status < 0;
    if (failed != (r->trials[b].status < 0))
        return failed;
    return kedge_i_rounds_behind(&r->rounds, a, b);
}

static void contest_race(contest_run *r)
{
    const kedge_search_config rules = contest_rules(r->s);
    kedge_i_rounds *rounds = &r->rounds;
    rounds->cfg = &rules;
    rounds->score = r->s->score;
    rounds->n_trials = r->s->n;
    rounds->all = r->plan.n_train;
    rounds->stops_alone = 1;
    rounds->tries = &contest_tries;
    rounds->context = r;
    rounds->trials = r->trials;
    rounds->order = r->order;
    kedge_i_rounds_clear(rounds);
    if (r->plan.n_train > 0)
        (void)kedge_i_rounds_run(rounds); /* a budget that ends it leaves the best so far */
    kedge_i_sort_indices(r->order, r->s->n, contest_is_behind, r);
    rounds->cfg = NULL; /* it ends here */
}

/* The first of the order that can be trained on all rows stays in the copy. */
static kedge_status contest_crown(contest_run *r, uint32_t *winner)
{
    kedge_status first = KEDGE_OK;
    kedge_model m;
    for (uint32_t k = 0; k < r->s->n; k++) {
        kedge_status st = contest_train(r, r->order[k], 0, r->x->n_rows, &m);
        kedge_status *status = &r->trials[r->order[k]].status;
        *winner = r->order[k];
        if (st >= 0) {
            *status = *status < 0 ? KEDGE_EMPTY : *status; /* only fewer rows were too few */
            return KEDGE_OK;
        }
        *status = st;
        first = k == 0 ? st : first;
    }
    return first;
}

/* Statuses of which kedge knows none, of a class of the host's, would not pass for a sound state. */
static kedge_status contest_known(kedge_status st)
{
    return st < KEDGE_ERR_BUSY ? KEDGE_ERR_NUMERIC : st;
}

/* The winner takes its place, the others begin anew. */
static void contest_commit(const contest_run *r, contest_state *s, uint32_t winner)
{
    const kedge_model_state *trained = (const kedge_model_state *)(const void *)r->work;
    for (uint32_t i = 0; i < s->n; i++) {
        const kedge_search_trial *trial = &r->trials[i];
        if (i != winner)
            kedge_i_object_reset(r->cls->base.parts[i], kedge_i_at(s, s->places[i].at));
        s->statuses[i] = (uint32_t)contest_known(trial->status);
        s->scores[i] = trial->status == KEDGE_OK ? trial->mean : 0.0;
        s->rows[i] = trial->n_rows;
    }
    memcpy(kedge_i_at(s, s->places[winner].at), r->work, s->places[winner].bytes);
    s->winner = winner;
    s->model.n_learned = trained->n_learned;
    s->n_fits = r->rounds.report.n_fits;
    s->n_rows = r->rounds.report.n_rows;
    s->n_held = r->plan.n_held;
}

kedge_status kedge_i_contest_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                 const double *weight, void *work)
{
    const contest_field field = {cls, state, NULL};
    contest_run r = {.cls = cls, .s = state, .x = x, .y = y, .weight = weight, .work = work};
    uint32_t winner = 0;
    contest_lay_out(&field, x->n_rows, &r.plan);
    contest_race(&r);
    KEDGE_TRY(contest_crown(&r, &winner));
    contest_commit(&r, state, winner);
    return KEDGE_OK;
}
