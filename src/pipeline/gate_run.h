/* SPDX-License-Identifier: MIT */
/* What the parts of the gate share: both models are asked first, and what they answer for each row is kept; comparisons come from
 * these. */
#ifndef KEDGE_PIPELINE_GATE_RUN_H
#define KEDGE_PIPELINE_GATE_RUN_H

#include "kedge/gate.h"
#include "kedge/prep.h"

#include "base/number.h"
#include "base/rows.h"
#include "battery/battery_run.h"

enum { GATE_CHALLENGER, GATE_CHAMPION, GATE_MODELS };

typedef struct kedge_i_gate {
    const kedge_gate_config *cfg;
    const kedge_model *models[GATE_MODELS]; /* the champion may be NULL */
    const kedge_rows *x;
    const double *y;
    const double *weight; /* NULL: all 1 */
    const kedge_prep *prep;  /* of models that prepare their rows the challenger's: a fresh one learns what it gives; NULL: none */
    uint64_t snapshot_bytes; /* of the challenger */
    size_t n;
    uint32_t n_features;
    uint32_t n_classes;
    double *row;                     /* [n_features] */
    double *scores;                  /* [n_classes or 1] */
    double *again;                   /* likewise */
    double *term[GATE_MODELS];       /* [n] each: what a row adds to the score */
    double *predicted[GATE_MODELS];  /* [n] each */
    double *favour[GATE_MODELS];     /* [n] each: probability of the favourable class; only with groups */
    uint32_t *order;                 /* [n]: rows, slice by slice */
    void *pairs;                     /* the area: a score's room for ranks */
    void *scratch;                   /* what one step needs */
    int32_t why[GATE_MODELS];        /* KEDGE_WHY_WITHIN: all answers are sound; else what is wrong, or that there is no model */
    size_t first, end;               /* rows that the bootstrap is about, in `order`; rows themselves if all is 0 */
    int by_slice;                    /* 1: they are in `order` */
    kedge_gate_report *report;       /* the caller's: nothing fails once it is begun */
} kedge_i_gate;

/* As kedge_gate_work() and kedge_gate_judge(), for a gate of which cfg, models, x, y, weight, prep and report are told. For the
 * first, of the rows only their number, and snapshot_bytes: then of states only the structs need stand. */
size_t kedge_i_gate_work(kedge_i_gate *g, size_t n_rows);
kedge_status kedge_i_gate_judge(kedge_i_gate *g, void *work, size_t work_bytes, kedge_gate_outcome *outcomes);

static inline double kedge_i_gate_weight(const kedge_i_gate *g, size_t i)
{
    return g->weight ? g->weight[i] : 1.0;
}

static inline int kedge_i_gate_has_groups(const kedge_gate_config *cfg)
{
    return cfg->groups || cfg->fair_column != KEDGE_NO_COLUMN;
}

/* The group of a row; UINT32_MAX: its value is none. */
static inline uint32_t kedge_i_gate_group(const kedge_i_gate *g, size_t i)
{
    if (g->cfg->groups)
        return g->cfg->groups[i];
    double value = kedge_i_rows_at(g->x, i, g->cfg->fair_column);
    double within = kedge_i_within(value, 0.0, (double)INT32_MAX) ? value : 0.5; /* a conversion may be made early, and raise a
                                                                                  * flag */
    uint32_t group = (uint32_t)within;
    return (double)group == within ? group : UINT32_MAX;
}

static inline kedge_battery_check *kedge_i_gate_check(kedge_i_gate *g, uint32_t i_check)
{
    return &g->report->checks[i_check - KEDGE_GATE_FIRST];
}

static inline int kedge_i_gate_wants(const kedge_i_gate *g, uint32_t i_check)
{
    return (g->cfg->checks >> i_check & 1u) != 0;
}

/* Does a verdict speak more against a challenger than another one? */
static inline int kedge_i_gate_outranks(int32_t verdict, int32_t other)
{
    static const int rank[] = {0, 1, 3, 2, 0}; /* by KEDGE_BATTERY_PASS, ... */
    return rank[verdict] > rank[other];
}

/* Note what came of a check: by a reason alone, or a figure that is exact. */
void kedge_i_gate_note(kedge_i_gate *g, uint32_t i_check, int32_t verdict, int32_t why);
void kedge_i_gate_exact(kedge_i_gate *g, uint32_t i_check, double value, double limit);

/* 1: a check that compares with the champion can be judged; else what came of it is noted. */
int kedge_i_gate_comparable(kedge_i_gate *g, uint32_t i_check);

void kedge_i_gate_paired(kedge_i_gate *g);
void kedge_i_gate_slices(kedge_i_gate *g);
void kedge_i_gate_fairness(kedge_i_gate *g);
void kedge_i_gate_load(kedge_i_gate *g);
void kedge_i_gate_memory(kedge_i_gate *g);
void kedge_i_gate_artifact(kedge_i_gate *g);
void kedge_i_gate_converges(kedge_i_gate *g);

/* What some steps need in `scratch`, bytes; UINT64_MAX: too many. */
uint64_t kedge_i_gate_fairness_bytes(const kedge_i_gate *g);
uint64_t kedge_i_gate_artifact_bytes(const kedge_i_gate *g);
uint64_t kedge_i_gate_converges_bytes(const kedge_i_gate *g);

/* The tests of the host: are they sound, for a table of n_features columns? And make them, with room for a row and its scores. */
kedge_status kedge_i_gate_tests_check(const kedge_gate_test *tests, uint32_t n_tests, uint32_t n_features, uint32_t n_classes,
                                      const kedge_rows *x);
void kedge_i_gate_test_run(const kedge_model *m, const kedge_gate_test *test, const kedge_rows *x, double *row, double *scores,
                           kedge_gate_outcome *out);

#endif
