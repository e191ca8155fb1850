/* SPDX-License-Identifier: MIT */
/* The portfolio's state: which models it holds, what each counts, and how the two kinds of it, for classes and for values, are
 * told apart. */
#ifndef KEDGE_MODELS_AUTO_STATE_H
#define KEDGE_MODELS_AUTO_STATE_H

#include "kedge/models/auto.h"

#include "base/arena.h"

/* Parts: the members for classes, in the order of KEDGE_AUTO_..., the detector of naive Bayes, and the members for values that are
 * others. A part that the
 * portfolio's kind does not have has no bytes. */
enum { AUTO_DETECTOR = KEDGE_AUTO_MEMBERS, AUTO_FOREST_REG, AUTO_RLS, AUTO_LINEAR, AUTO_FIMT_DD, AUTO_PARTS };

#define AUTO_IDLE 0.01 /* weight below which a costly member may rest */

/* Voters are the members and, behind them, their mixture. */
enum { AUTO_MIXTURE = KEDGE_AUTO_MEMBERS, AUTO_VOTERS };

enum { AUTO_RATES = 3, AUTO_LAGS_MOST = 64, AUTO_NEAR_LEAST = 100, AUTO_NEIGHBOURS = KEDGE_AUTO_MEMBERS - KEDGE_AUTO_NEAR };

typedef struct auto_part {
    uint32_t at;
    uint32_t bytes;
} auto_part;

/* What a member does with a row. */
enum { AUTO_SLEEPS, AUTO_ASKED, AUTO_LEARNS };

/* Of a portfolio with a budget in time; see auto_budget.c, whose units of cost these are. Numbers of rows are whole. */
typedef struct auto_budget {
    double scale;                            /* nanoseconds a unit, learned */
    double judged;                           /* units that it was learned from, older ones faded; 0: the next are believed */
    double done;                             /* units since it was last judged */
    double took;                             /* what they have taken by the reports, nanoseconds */
    double n_rows;                           /* rows since then */
    double n_reported;                       /* of these reported */
    double share[KEDGE_AUTO_MEMBERS];        /* of the rows, that a member learns */
    double ask_credit[KEDGE_AUTO_MEMBERS];   /* fraction of a row to be asked about that is left over */
    double learn_credit[KEDGE_AUTO_MEMBERS]; /* of a row to learn */
} auto_budget;

/* What the voters count, which are judged by right and wrong. */
typedef struct auto_votes {
    double top[AUTO_RATES];                   /* of the rates, sum 1 */
    double weights[AUTO_RATES * AUTO_VOTERS]; /* of the voters at each rate, sums 1 */
} auto_votes;

typedef struct auto_state {
    kedge_model_state model;
    uint64_t seed;
    uint32_t memory;
    uint32_t n_trees;
    double top[AUTO_RATES];                          /* of the rates, sum 1 */
    double weights[AUTO_RATES * KEDGE_AUTO_MEMBERS]; /* of the members at each rate, sums 1 */
    double spread;                                   /* values: mean squared error of late */
    double low;                                      /* values: the least target so far */
    double high;                                     /* and the greatest */
    double trust[AUTO_NEIGHBOURS]; /* part of the neighbours' shares that is theirs, the rest is even */
    uint32_t n_lags;                                 /* values: earlier targets that the members see */
    uint32_t at_lags;                                /* layout: these, newest first */
    uint32_t at_scores;                              /* layout: double[n_classes]; zero between calls */
    uint32_t at_votes;                               /* layout: auto_votes, of classes */
    uint32_t n_votes;                                /* layout: doubles in it, or 0 */
    uint32_t rest;                                   /* rows from one to the next that a member which does not pay has */
    uint32_t is_far;                                 /* values: the last target was far from the answer */
    uint32_t n_near;                                 /* classes: most rows in the memory of each kind of neighbours, 0: none */
    uint32_t near_rows;                              /* layout: rows in it; 0: there are no neighbours */
    double prior[KEDGE_AUTO_MEMBERS];                /* layout: sum 1, 0 of members that there are not */
    uint64_t budget_ns;                              /* a row; KEDGE_AUTO_UNBOUNDED */
    uint32_t at_budget;                              /* layout: auto_budget, if there is a bound */
    uint32_t n_budget;                               /* layout: doubles in it, or 0 */
    auto_part parts[AUTO_PARTS]; /* layout */
} auto_state;

extern const kedge_class *const kedge_i_auto_parts[AUTO_PARTS];

/* Is there a member k? */
int kedge_i_auto_has(const auto_state *s, uint32_t k);
/* The part that is member k. */
uint32_t kedge_i_auto_part(const auto_state *s, uint32_t k);
const kedge_model_class *kedge_i_auto_class(const auto_state *s, uint32_t k);
/* Offsets and lengths; returns the bytes of all, 0: memory is too little or a part cannot be had. */
size_t kedge_i_auto_plan(auto_state *s);
void kedge_i_auto_begin(auto_state *s);
/* The default of memory for the rest of a configuration, if it is more than `least`. */
uint32_t kedge_i_auto_memory(const kedge_auto_config *cfg, uint32_t least);

/* Weights, in auto_weights.c; the prior is part of the layout. */
void kedge_i_auto_set_prior(auto_state *s);
void kedge_i_auto_weights_begin(auto_state *s);
int kedge_i_auto_weights_check(const auto_state *s);
/* How much each member counts in the mixture, over all rates. */
void kedge_i_auto_mixture(const auto_state *s, double *weights);
/* How much it counts in the answer: by its own votes and by its part of the mixture's. */
void kedge_i_auto_counts(const auto_state *s, double *weights);
/* The same of the members that answer this row, of those that sleep 0; and what each does with the row. */
void kedge_i_auto_awake(const auto_state *s, double *weights, uint32_t *turns);
/* Learn-alpha's step; likely: what each member gave the truth, below 0 of one that rests. */
void kedge_i_auto_reweigh(auto_state *s, const double *likely);
/* The same of the voters; right: 1 of one that was, 0 of one that was not, below 0 of one that rests. */
void kedge_i_auto_rejudge(auto_state *s, const double *right);

/* The budget in time, in auto_budget.c. */
void kedge_i_auto_budget_begin(auto_state *s);
int kedge_i_auto_budget_check(const auto_state *s);
uint32_t kedge_i_auto_turn(const auto_state *s, uint32_t k);
/* Anew, by the weights, the speed and the budget. */
void kedge_i_auto_share_out(auto_state *s);
/* A row was learned, with these turns. */
void kedge_i_auto_count(auto_state *s, const uint32_t *turns);
void kedge_i_auto_spent(auto_state *s, uint64_t rows, uint64_t ns);

/* Regression, in auto_values.c. */
int kedge_i_auto_values_check(const auto_state *s);
kedge_status kedge_i_auto_predict_value(const auto_state *s, const kedge_row *x, double *y);
void kedge_i_auto_learn_value(auto_state *s, const kedge_row *x, double y, double weight);

static inline void *auto_part_of(auto_state *s, uint32_t i)
{
    return kedge_i_at(s, s->parts[i].at);
}

static inline const void *auto_part_const(const auto_state *s, uint32_t i)
{
    return kedge_i_at_const(s, s->parts[i].at);
}

#endif
