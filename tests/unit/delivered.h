/* SPDX-License-Identifier: MIT */
/* A pipeline with all of its controls, and rows of two concepts to feed it with. */
#ifndef KEDGE_TESTS_DELIVERED_H
#define KEDGE_TESTS_DELIVERED_H

#include <math.h>

#include "support.h"

enum { FEATURES = 2, N_TRIGGERS = 3, N_STAGES = 3, N_EVENTS = 512, ROOM = 1 << 17 };

typedef struct rig {
    kedge_gaussian_nb_config model;
    kedge_adwin_config detector;
    kedge_trigger when[N_TRIGGERS];
    kedge_stage stages[N_STAGES];
    kedge_triggers_config triggers;
    kedge_rollout_config rollout;
    kedge_store_config store;
    kedge_events_config events;
    kedge_pipeline_config cfg;
    kedge_pipeline p;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

#include "pipeline_rig.h"

static inline void rig_default(rig *r)
{
    static const kedge_trigger trigger = KEDGE_TRIGGER_INIT;
    static const kedge_stage stage = KEDGE_STAGE_INIT;
    memset(r, 0, sizeof *r);
    r->model = kedge_gaussian_nb_defaults(FEATURES, 2);
    r->detector = kedge_adwin_defaults();
    for (size_t i = 0; i < N_TRIGGERS; i++)
        r->when[i] = trigger;
    r->when[0].kind = KEDGE_TRIGGER_SIGNAL;
    r->when[0].priority = 2;
    r->when[0].again_rows = 200;
    r->when[1].kind = KEDGE_TRIGGER_ROWS;
    r->when[1].every = 3000;
    r->triggers = kedge_triggers_defaults(r->when, N_TRIGGERS);
    for (size_t i = 0; i < N_STAGES; i++) {
        r->stages[i] = stage;
        r->stages[i].kind = KEDGE_STAGE_SHADOW + (uint32_t)i;
        r->stages[i].least_rows = 50;
        r->stages[i].most_rows = 200;
        r->stages[i].tolerance = 0.05;
        r->stages[i].share = 0.5;
        r->stages[i].both_answer = 1;
    }
    r->rollout = kedge_rollout_defaults(r->stages, N_STAGES);
    r->store = kedge_store_defaults();
    r->store.artifact_bytes = 16384;
    r->events = kedge_events_defaults();
    r->events.n_events = N_EVENTS;
    r->cfg = kedge_pipeline_defaults(&r->model.base, &r->detector.base);
    r->cfg.triggers = &r->triggers.base;
    r->cfg.rollout = &r->rollout.base;
    r->cfg.store = &r->store.base;
    r->cfg.events = &r->events.base;
}

/* Two normal features; concept 1 is concept 0 the other way round. */
static inline double row_at(uint64_t i, uint32_t concept, double *x)
{
    kedge_rng rng = {i};
    x[0] = kedge_rng_normal(&rng);
    x[1] = kedge_rng_normal(&rng);
    return (x[0] > 0) == (concept == 0);
}

/* Predict, label, step; what was predicted. */
static inline double serve(rig *r, uint64_t i, uint32_t concept, int *is_right)
{
    double x[FEATURES], predicted, y = row_at(i, concept, x);
    assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    assert_int_equal(kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes), KEDGE_OK);
    *is_right = predicted == y;
    return predicted;
}

static inline double accuracy(rig *r, uint64_t from, uint64_t to, uint32_t concept)
{
    uint64_t n = 0;
    for (uint64_t i = from; i < to; i++) {
        int is_right;
        (void)serve(r, i, concept, &is_right);
        n += (uint64_t)is_right;
    }
    return (double)n / (double)(to - from);
}

static inline kedge_control control(const rig *r, uint32_t which)
{
    kedge_control c;
    assert_int_equal(kedge_pipeline_control(&r->p, which, &c), KEDGE_OK);
    return c;
}

/* The next event of that kind. */
static inline kedge_event find(const rig *r, uint64_t *next, uint32_t kind)
{
    kedge_control events = control(r, KEDGE_PIPELINE_EVENTS);
    kedge_event e = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    do
        assert_int_equal(kedge_events_get(&events, next, &e), KEDGE_OK);
    while (e.kind != kind);
    return e;
}

#endif
