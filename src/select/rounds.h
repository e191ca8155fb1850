/* SPDX-License-Identifier: MIT */
/* Trials in rounds within a budget: all of them on all rows, or successive halving. Who tries says what a trial costs and how it
 * did; here is which trial is next, who goes on, and who is best. */
#ifndef KEDGE_SELECT_ROUNDS_H
#define KEDGE_SELECT_ROUNDS_H

#include "kedge/select.h"

/* What a search or a race does with a trial. */
typedef struct kedge_i_rounds_tries {
    /* A round on so many rows begins. */
    void (*begin)(void *context, size_t n_rows);
    /* Models that a trial would train, and rows that it would learn in all. */
    void (*cost)(void *context, uint32_t trial, size_t n_rows, uint64_t *n_fits, uint64_t *n_learned);
    /* Try it: mean, deviation and status of *out. Returns whether that cost anything. */
    int (*judge)(void *context, uint32_t trial, size_t n_rows, kedge_search_trial *out);
} kedge_i_rounds_tries;

typedef struct kedge_i_rounds {
    const kedge_search_config *cfg; /* valid; its method, budget, factor, least_rows and stop */
    uint32_t score;                 /* KEDGE_SCORE_...: is more better? */
    uint32_t n_trials;
    size_t all;        /* rows of the last round */
    int stops_alone;   /* 1: there is no round for one trial only, which nobody is left to beat */
    const kedge_i_rounds_tries *tries;
    void *context;
    kedge_search_trial *trials; /* n_trials of them */
    uint32_t *order;            /* halving: room for n_trials, not used while a trial is judged */
    kedge_search_report report; /* without the best */
} kedge_i_rounds;

int kedge_i_rounds_valid(const kedge_search_config *cfg);

/* Rows of the first round, and of the one after a round of so many. */
size_t kedge_i_rounds_first(const kedge_search_config *cfg, size_t all);
size_t kedge_i_rounds_next(const kedge_search_config *cfg, size_t rows, size_t all);

/* No trial was tried yet; kedge_i_rounds_run() begins so by itself. */
void kedge_i_rounds_clear(kedge_i_rounds *r);

/* All trials. #KEDGE_MORE: a budget was spent, or the caller said stop, before all were done. */
kedge_status kedge_i_rounds_run(kedge_i_rounds *r);

/* Does trial a stand behind b: not scored, fewer rows, a worse score, or later? */
int kedge_i_rounds_behind(const void *rounds, uint32_t a, uint32_t b);

#endif
