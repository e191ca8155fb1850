/* SPDX-License-Identifier: MIT */
/* Rows for the tests of regression learners: Friedman's function with a change on the way, and numbers of all sizes. */
#ifndef KEDGE_TESTS_FRIEDMAN_H
#define KEDGE_TESTS_FRIEDMAN_H

#include <math.h>

#include "support.h"

/* Predict, learn; returns the error. */
static inline double step(kedge_model *m, const double *x, double target)
{
    double y;
    assert_true(kedge_model_predict(m, x, &y) >= 0);
    assert_true(isfinite(y));
    assert_int_equal(kedge_model_learn(m, x, target, 1), KEDGE_OK);
    return y - target;
}

/* Friedman 1991, which trees of constants and a single plane both fit badly. */
static inline double friedman(const double *x)
{
    return 10 * sin(3.14159265358979 * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4];
}

/* R2 test-then-train over the second half; after `change` rows high targets become low ones. */
static inline double friedman_run(kedge_model *m, uint64_t seed, int n, int change)
{
    kedge_rng rng = {seed};
    double squares = 0, sum = 0, sum2 = 0;
    for (int i = 0; i < n; i++) {
        double x[5];
        for (int j = 0; j < 5; j++)
            x[j] = kedge_rng_uniform(&rng);
        double target = (i < change ? friedman(x) : 25 - friedman(x)) + kedge_rng_uniform(&rng) - 0.5;
        double error = step(m, x, target);
        if (i < n / 2)
            continue;
        squares += error * error;
        sum += target;
        sum2 += target * target;
    }
    return 1 - squares / (sum2 - sum * sum / (n - n / 2));
}

/* 0, or a number of any magnitude up to 10^most. */
static inline double hostile(kedge_rng *rng, double most)
{
    double magnitude = pow(10, kedge_rng_uniform(rng) * 2 * most - most);
    switch (kedge_rng_below(rng, 6)) {
    case 0: return 0;
    case 1: return kedge_rng_uniform(rng);
    case 2: return (double)kedge_rng_below(rng, 3);
    case 3: return pow(10, most);
    default: return kedge_rng_uniform(rng) < 0.5 ? magnitude : -magnitude;
    }
}

#endif
