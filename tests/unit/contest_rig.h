/* SPDX-License-Identifier: MIT */
/* A contest on its own, with a table of either concept. */
#ifndef KEDGE_TESTS_CONTEST_RIG_H
#define KEDGE_TESTS_CONTEST_RIG_H

#include "contested.h"

enum { N = 400, HELD = 100 };

typedef struct rig {
    contested c;
    double x[N][CONTESTED_FEATURES], y[N];
    kedge_rows rows;
    kedge_model m;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

static inline void rig_rows(rig *r, uint32_t concept)
{
    for (size_t i = 0; i < N; i++)
        r->y[i] = contested_row(i, concept, r->x[i]);
    r->rows = kedge_rows_float64(&r->x[0][0], N, CONTESTED_FEATURES);
}

static inline void rig_model(rig *r)
{
    r->bytes = kedge_model_size(&r->c.cfg.base);
    r->work_bytes = kedge_model_fit_work(&r->c.cfg.base, N);
    assert_true(r->bytes > 0 && r->work_bytes > 0);
    r->mem = guard_new(r->bytes, 0xA5);
    r->work = guard_new(r->work_bytes, 0xA5);
    assert_int_equal(kedge_model_init(&r->m, &r->c.cfg.base, r->mem, r->bytes), KEDGE_OK);
    assert_int_equal(kedge_model_work(&r->m, N), r->work_bytes);
}

static inline void rig_free(rig *r)
{
    guard_free(r->work);
    guard_free(r->mem);
}

static inline kedge_status rig_fit(rig *r)
{
    kedge_status st = kedge_model_fit(&r->m, &r->rows, r->y, NULL, r->work, r->work_bytes);
    guard_check(r->work);
    guard_check(r->mem);
    assert_int_equal(kedge_model_check(&r->m), KEDGE_OK);
    return st;
}

static inline kedge_contest_report rig_read(const rig *r)
{
    kedge_contest_report out;
    assert_int_equal(kedge_contest_read(&r->m, &out), KEDGE_OK);
    return out;
}

#endif
