/* SPDX-License-Identifier: MIT */
/* Usage cost in the contract's shape: bad input, and what read-outs must say whatever the state. */
#include <math.h>

#include "contract.h"

void refuse_cost(kedge_metric *m, const kedge_metric_class *cls)
{
    const uint64_t too_much = ((uint64_t)1 << 62) + 1;
    kedge_cost_report report;
    kedge_cost_part part;
    if (cls != &kedge_cost) {
        assert_int_equal(kedge_cost_add(m, KEDGE_COST_OTHER, 1, 1, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_cost_hold(m, 1, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_cost_gain(m, 1), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_cost_read(m, &report), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_cost_read_kind(m, KEDGE_COST_OTHER, &part), KEDGE_ERR_CLASS);
        return;
    }
    assert_int_equal(kedge_cost_add(NULL, KEDGE_COST_OTHER, 1, 1, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cost_add(m, 0, 1, 1, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_add(m, 6, 1, 1, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_add(m, KEDGE_COST_OTHER, too_much, 1, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_add(m, KEDGE_COST_OTHER, 1, too_much, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_add(m, KEDGE_COST_OTHER, 1, 1, too_much), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_hold(NULL, 1, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cost_hold(m, too_much, too_much - 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_hold(m, 1, too_much), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_gain(NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cost_gain(m, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_cost_gain(m, -100.5), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_read(m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cost_read_kind(m, KEDGE_COST_OTHER, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cost_read_kind(m, 0, &part), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_read_kind(m, 6, &part), KEDGE_ERR_RANGE);
}

int read_cost(const kedge_metric *m, const kedge_metric_class *cls)
{
    kedge_cost_report r;
    kedge_cost_part part;
    uint64_t ns = 0, moved = 0;
    if (cls != &kedge_cost)
        return 0;
    kedge_status st = kedge_cost_read(m, &r);
    assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
    for (uint32_t kind = KEDGE_COST_PREDICT; kind <= KEDGE_COST_OTHER; kind++) {
        kedge_status of_kind = kedge_cost_read_kind(m, kind, &part);
        assert_true(of_kind == KEDGE_OK || (of_kind == KEDGE_EMPTY && part.n == 0 && part.price == 0));
        assert_true(st == KEDGE_OK || of_kind == KEDGE_EMPTY);
        assert_true(part.price >= 0 && isfinite(part.price) && isfinite(part.joules));
        ns += part.compute_ns;
        moved += part.bytes_moved;
        if (kind == KEDGE_COST_PREDICT)
            assert_true(part.n ? r.per_thousand >= 0 && r.per_thousand_all >= r.per_thousand * (1 - 1e-12)
                               : isnan(r.per_thousand) && isnan(r.per_thousand_all));
        if (kind == KEDGE_COST_TRAIN)
            assert_true(r.n_gains <= part.n && (part.n ? r.per_training >= 0 : isnan(r.per_training)));
    }
    assert_true(ns == r.compute_ns && moved == r.bytes_moved && r.bytes_now <= r.bytes_peak);
    assert_true(isfinite(r.price) && r.price >= r.price_held && r.gib_hours >= 0);
    assert_true(r.points > 1e-9 ? isfinite(r.per_point) : isnan(r.per_point));
    return 1;
}
