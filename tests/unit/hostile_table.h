/* SPDX-License-Identifier: MIT */
/* Tables at the edges of what a trainer takes, and what its model owes them: finite answers, shares of classes that add up, no flag
 * of the processor. */
#ifndef KEDGE_TESTS_HOSTILE_TABLE_H
#define KEDGE_TESTS_HOSTILE_TABLE_H

#include <fenv.h>
#include <math.h>

#include "support.h"

enum { HOSTILE_ROWS = 60, HOSTILE_FEATURES = 4, HOSTILE_CLASSES = 4 };

typedef struct hostile_table {
    double x[HOSTILE_ROWS][HOSTILE_FEATURES];
    double y[HOSTILE_ROWS];
    double weight[HOSTILE_ROWS];
} hostile_table;

/* n rows; k chooses among constants, missing values, a single class and equal weights. */
static inline void hostile_draw(hostile_table *t, kedge_rng *rng, int k, size_t n, uint32_t n_classes)
{
    static const double values[] = {0, 1, -1, 1e300, -1e300, 1.7e308, -1.7e308, 1e-300, 5e-324, -5e-324, 1e140, 3, (double)NAN};
    static const double targets[] = {0, 1e100, -1e100, 1e-300, 5e-324, 1, -1e50};
    static const double weights[] = {1, 5e-324, 1e-310, 1e9, 0, 1e-100};
    for (size_t i = 0; i < n; i++) {
        for (int j = 0; j < HOSTILE_FEATURES; j++)
            t->x[i][j] = j == 2 ? k % 3 ? 7 : (double)NAN : values[kedge_rng_below(rng, k % 11 ? 13 : 2)];
        t->y[i] = n_classes == 0 ? targets[kedge_rng_below(rng, 7)] : k % 9 ? (double)kedge_rng_below(rng, n_classes) : 1;
        t->weight[i] = weights[i == 0 ? 0 : kedge_rng_below(rng, k % 2 ? 6 : 1)];
    }
}

/* For each of n rows; since feclearexcept(FE_ALL_EXCEPT), with which the fit began. */
static inline void hostile_assert_sound(const hostile_table *t, const kedge_model *m, size_t n, uint32_t n_classes)
{
    size_t n_scores = n_classes > 0 ? n_classes : 1;
    for (size_t i = 0; i < n; i++) {
        double scores[HOSTILE_CLASSES], sum = 0, says;
        assert_int_equal(kedge_model_score(m, t->x[i], scores, n_scores), KEDGE_OK);
        assert_int_equal(kedge_model_predict(m, t->x[i], &says), KEDGE_OK);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        for (size_t j = 0; j < n_scores; j++) {
            assert_true(isfinite(scores[j]) && (n_classes == 0 || scores[j] <= scores[(size_t)says]));
            sum += scores[j];
        }
        assert_true(n_classes == 0 ? says == scores[0] : fabs(sum - 1) < 1e-12);
        feclearexcept(FE_ALL_EXCEPT); /* what the test's own conversions raise */
    }
}

#endif
