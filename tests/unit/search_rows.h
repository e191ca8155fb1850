/* SPDX-License-Identifier: MIT */
/* What the tests of model selection share. */
#ifndef KEDGE_TESTS_SEARCH_ROWS_H
#define KEDGE_TESTS_SEARCH_ROWS_H

#include <fenv.h>

#include "echo.h"
#include "select/sample.h"

enum { ROWS = 90, WIDTH = 3 };

static double x[ROWS * WIDTH], y[ROWS], weight[ROWS], target[ROWS];
static kedge_rows rows;
static unsigned long long work[20000];

/* What the library computes on sound data raises no floating-point exception. */
#define ASSERT_QUIET() assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0)

static inline void table(uint64_t seed)
{
    feclearexcept(FE_ALL_EXCEPT);
    kedge_rng rng = {seed};
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < WIDTH; j++)
            x[i * WIDTH + j] = kedge_rng_normal(&rng);
        target[i] = 3 * x[i * WIDTH] - x[i * WIDTH + 1] + 0.3 * kedge_rng_normal(&rng);
        y[i] = target[i] > 0;
        weight[i] = (double)kedge_rng_below(&rng, 3);
    }
    weight[0] = 1;
    rows = kedge_rows_float64(x, ROWS, WIDTH);
}

#endif
