/* SPDX-License-Identifier: MIT */
/* A pipeline in guarded memory of just its size. A test includes this behind its own `rig`, a struct that has what its
 * configuration needs, and the members cfg, p, mem, work, bytes and work_bytes. */
#ifndef KEDGE_TESTS_PIPELINE_RIG_H
#define KEDGE_TESTS_PIPELINE_RIG_H

static inline void rig_make(rig *r)
{
    r->bytes = kedge_pipeline_size(&r->cfg);
    r->work_bytes = kedge_pipeline_work(&r->cfg);
    assert_true(r->bytes > 0);
    r->mem = guard_new(r->bytes, 0xA5);
    r->work = guard_new(r->work_bytes, 0xA5);
    assert_int_equal(kedge_pipeline_init(&r->p, &r->cfg, r->mem, r->bytes), KEDGE_OK);
}

static inline void rig_free(rig *r)
{
    guard_free(r->work);
    guard_free(r->mem);
}

static inline kedge_pipeline_report rig_report(const rig *r)
{
    kedge_pipeline_report out;
    assert_int_equal(kedge_pipeline_read(&r->p, &out), KEDGE_OK);
    assert_int_equal(kedge_pipeline_check(&r->p), KEDGE_OK);
    return out;
}

/* Predict, label, step, all at that time; what was predicted. */
static inline double rig_serve(rig *r, uint64_t now, uint64_t i, const double *x, double y)
{
    double predicted;
    assert_true(kedge_pipeline_predict(&r->p, now, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, now, i, y) >= 0);
    assert_int_equal(kedge_pipeline_step(&r->p, now, r->work, r->work_bytes), KEDGE_OK);
    return predicted;
}

#endif
