/* SPDX-License-Identifier: MIT */
/* A pipeline with a prep, and rows that need one. */
#ifndef KEDGE_TESTS_PREPARED_H
#define KEDGE_TESTS_PREPARED_H

#include <math.h>

#include "pipeline/pipeline_state.h"
#include "support.h"

enum { COLUMNS = 3, N_ROWS = 3000, ROOM = 1 << 16 };

/* A chain that leaves the last column out, fills holes and scales; a model of its two columns. */
typedef struct rig {
    kedge_chain_class kind;
    kedge_chain_config chain;
    kedge_impute_config impute;
    kedge_scale_config scale;
    kedge_gaussian_nb_config nb;
    kedge_logistic_config logistic;
    kedge_ddm_config detector;
    kedge_pipeline_config cfg;
    kedge_pipeline p;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

#include "pipeline_rig.h"

static inline void rig_default(rig *r)
{
    const kedge_prep_class *const kinds[] = {&kedge_impute, &kedge_scale};
    memset(r, 0, sizeof *r);
    assert_int_equal(kedge_chain_class_init(&r->kind, kinds, 2), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&r->chain, sizeof r->chain, &r->kind, COLUMNS), KEDGE_OK);
    r->impute = kedge_impute_defaults(2);
    r->scale = kedge_scale_defaults(2);
    r->chain.base.columns.n = 2;
    r->chain.steps[0] = &r->impute.base;
    r->chain.steps[1] = &r->scale.base;
    r->nb = kedge_gaussian_nb_defaults(2, 2);
    r->logistic = kedge_logistic_defaults(2, 2);
    r->detector = kedge_ddm_defaults();
    r->cfg = kedge_pipeline_defaults(&r->logistic.base, &r->detector.base);
    r->cfg.prep = &r->chain.base;
}

/* Large and off zero, with holes; from row `flip` on the label is the other way round. The last column is a number of the row. */
static inline double row_at(uint64_t i, uint64_t flip, double *x)
{
    kedge_rng rng = {i};
    double a = kedge_rng_normal(&rng), b = kedge_rng_normal(&rng);
    x[0] = 1e6 + 1000.0 * a;
    x[1] = i % 7 == 3 ? (double)NAN : 1e-3 * b;
    x[2] = (double)i;
    return (a > 0) == (i < flip);
}

/* Predict, label, step until nothing is to be done; was it right? */
static inline int serve(rig *r, uint64_t i, uint64_t flip)
{
    double x[COLUMNS], predicted, y = row_at(i, flip, x);
    kedge_status st;
    assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    while ((st = kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes)) == KEDGE_MORE)
        ;
    assert_int_equal(st, KEDGE_OK);
    return predicted == y;
}

static inline double accuracy(rig *r, uint64_t from, uint64_t to, uint64_t flip)
{
    uint64_t n = 0;
    for (uint64_t i = from; i < to; i++)
        n += (uint64_t)serve(r, i, flip);
    return (double)n / (double)(to - from);
}

static inline size_t state_bytes(const void *state)
{
    return ((const kedge_state_head *)state)->bytes;
}

static inline kedge_prep champion_prep(const rig *r)
{
    kedge_prep prep;
    assert_int_equal(kedge_pipeline_champion_prep(&r->p, &prep), KEDGE_OK);
    return prep;
}

static inline kedge_model champion(const rig *r)
{
    kedge_model m;
    assert_int_equal(kedge_pipeline_champion(&r->p, &m), KEDGE_OK);
    return m;
}

/* A prep and a model beside the pipeline, of its configuration. */
typedef struct by_hand {
    kedge_prep prep;
    kedge_model model;
} by_hand;

static inline by_hand by_hand_new(const rig *r)
{
    by_hand h;
    size_t prep_bytes = kedge_prep_size(r->cfg.prep), model_bytes = kedge_model_size(r->cfg.model);
    assert_int_equal(kedge_prep_init(&h.prep, r->cfg.prep, guard_new(prep_bytes, 0x5C), prep_bytes), KEDGE_OK);
    assert_int_equal(kedge_model_init(&h.model, r->cfg.model, guard_new(model_bytes, 0x5C), model_bytes), KEDGE_OK);
    return h;
}

static inline void by_hand_free(by_hand *h)
{
    guard_free(h->prep.state);
    guard_free(h->model.state);
}

static inline void assert_is_champion(const by_hand *h, const rig *r)
{
    assert_memory_equal(champion_prep(r).state, h->prep.state, state_bytes(h->prep.state));
    assert_memory_equal(champion(r).state, h->model.state, state_bytes(h->model.state));
}

/* Fit on rows from..to - 1 but those held back; the model by fit, or by learning. */
static inline void by_hand_fit(by_hand *h, uint64_t from, uint64_t to, uint32_t holdout_every, uint64_t flip)
{
    static double x[N_ROWS * COLUMNS], out[N_ROWS * 2], y[N_ROWS];
    size_t n = 0, used;
    for (uint64_t i = from; i < to; i++)
        if (holdout_every == 0 || i % holdout_every != holdout_every - 1u) {
            y[n] = row_at(i, flip, x + n * COLUMNS);
            n++;
        }
    kedge_rows raw = kedge_rows_float64(x, n, COLUMNS), rows = kedge_rows_float64(out, n, 2);
    size_t bytes = kedge_prep_work(&h->prep, n), model_bytes = kedge_model_work(&h->model, n);
    void *work = guard_new(bytes > model_bytes ? bytes : model_bytes, 0x5C);
    assert_int_equal(kedge_prep_fit(&h->prep, &raw, y, work, bytes, out), KEDGE_OK);
    if (h->model.cls->fit) {
        assert_int_equal(kedge_model_fit(&h->model, &rows, y, NULL, work, model_bytes), KEDGE_OK);
    } else {
        assert_int_equal(kedge_model_reset(&h->model), KEDGE_OK);
        assert_int_equal(kedge_model_learn_many(&h->model, &rows, y, NULL, &used), KEDGE_OK);
    }
    guard_free(work);
}

#endif
