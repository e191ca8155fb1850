/* SPDX-License-Identifier: MIT */
/* What the tests of preps share. */
#ifndef KEDGE_TESTS_PREP_ROWS_H
#define KEDGE_TESTS_PREP_ROWS_H

#include <math.h>

#include "support.h"

enum { ROWS = 12, COLUMNS = 4 };

#define NAN_D ((double)NAN)

static inline void *room_for(const kedge_prep_config *cfg, kedge_prep *p)
{
    size_t bytes = kedge_prep_size(cfg);
    assert_true(bytes > 0);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_prep_init(p, cfg, mem, bytes), KEDGE_OK);
    return mem;
}

static inline void fit(kedge_prep *p, const kedge_rows *rows, const double *y, double *out)
{
    size_t bytes = kedge_prep_work(p, rows->n_rows);
    assert_true(bytes > 0);
    void *work = guard_new(bytes, 0x5C);
    assert_int_equal(kedge_prep_fit(p, rows, y, work, bytes, out), KEDGE_OK);
    guard_free(work);
    assert_int_equal(kedge_prep_check(p), KEDGE_OK);
}

static inline void assert_same(const double *have, const double *want, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(have[i] != have[i], want[i] != want[i]);
        if (want[i] == want[i])
            assert_close(have[i], want[i], 1e-12);
    }
}

/* The table that the golden values are of. In Python, with i = numpy.arange(12):
 * X = stack([(i * i % 7) * 1.5 - 2, 1000.0 + (i * 5 % 12) ** 2, full(12, 0.1), where(i % 4 == 1, nan, i % 3)], 1) */
static inline void golden_table(double *x)
{
    for (int i = 0; i < ROWS; i++, x += COLUMNS) {
        x[0] = (double)(i * i % 7) * 1.5 - 2.0;
        x[1] = 1000.0 + (double)((i * 5 % 12) * (i * 5 % 12));
        x[2] = 0.1;
        x[3] = i % 4 == 1 ? NAN_D : (double)(i % 3);
    }
}

#endif
