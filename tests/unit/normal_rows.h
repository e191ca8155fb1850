/* SPDX-License-Identifier: MIT */
/* What the tests of Gaussian naive Bayes share. */
#ifndef KEDGE_TESTS_NORMAL_ROWS_H
#define KEDGE_TESTS_NORMAL_ROWS_H

#include <math.h>

#include "support.h"

enum { ROWS = 400, FEATURES = 5, CLASSES = 3, FIT_WORK = 2 * CLASSES * (1 + 2 * FEATURES) };

typedef struct table {
    double x[ROWS][FEATURES], y[ROWS], weight[ROWS];
    kedge_rows rows;
} table;

static inline void table_fill(table *t, uint64_t seed, double offset, double scale)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < ROWS; i++) {
        t->y[i] = (double)kedge_rng_below(&rng, CLASSES);
        t->weight[i] = (double)kedge_rng_below(&rng, 4) * 0.5;
        for (size_t j = 0; j < FEATURES; j++)
            t->x[i][j] = offset + scale * ((double)(j + 1) * kedge_rng_normal(&rng) + t->y[i] * (double)(j % 2));
    }
    t->rows = kedge_rows_float64(&t->x[0][0], ROWS, FEATURES);
}

/* log(prior density) of a class, straight from the definition in long double. */
static inline long double naive_log_joint(const table *t, size_t n, const double *x, double c, int weighted, double smoothing)
{
    long double all = 0, own = 0, greatest = 0, result;
    long double mean_all[FEATURES] = {0}, mean[FEATURES] = {0};
    for (size_t i = 0; i < n; i++) {
        long double w = weighted ? t->weight[i] : 1;
        all += w;
        own += t->y[i] == c ? w : 0;
        for (size_t j = 0; j < FEATURES; j++) {
            mean_all[j] += w * t->x[i][j];
            mean[j] += t->y[i] == c ? w * t->x[i][j] : 0;
        }
    }
    result = logl(own / all);
    for (size_t j = 0; j < FEATURES; j++) {
        long double v = 0;
        for (size_t i = 0; i < n; i++)
            v += (weighted ? t->weight[i] : 1) * powl(t->x[i][j] - mean_all[j] / all, 2) / all;
        greatest = v > greatest ? v : greatest;
    }
    for (size_t j = 0; j < FEATURES; j++) {
        long double v = 0, m = mean[j] / own;
        for (size_t i = 0; i < n; i++)
            v += t->y[i] == c ? (weighted ? t->weight[i] : 1) * powl(t->x[i][j] - m, 2) / own : 0;
        v += smoothing * greatest;
        result -= 0.5L * (logl(2 * 3.14159265358979323846L * v) + powl(x[j] - m, 2) / v);
    }
    return result;
}

static inline void compare(const kedge_model *m, const table *t, size_t n, int weighted, double smoothing)
{
    for (size_t i = 0; i < 40; i++) {
        long double joint[CLASSES], sum = 0, greatest = -INFINITY;
        double scores[CLASSES], y;
        size_t best = 0;
        for (size_t c = 0; c < CLASSES; c++) {
            joint[c] = naive_log_joint(t, n, t->x[i], (double)c, weighted, smoothing);
            if (joint[c] > greatest) {
                greatest = joint[c];
                best = c;
            }
        }
        for (size_t c = 0; c < CLASSES; c++)
            sum += expl(joint[c] - greatest);
        assert_int_equal(kedge_model_score(m, t->x[i], scores, CLASSES), KEDGE_OK);
        assert_int_equal(kedge_model_predict(m, t->x[i], &y), KEDGE_OK);
        assert_true(y == (double)best);
        for (size_t c = 0; c < CLASSES; c++)
            assert_close(scores[c], (double)(expl(joint[c] - greatest) / sum), 1e-9);
    }
}

static inline kedge_model new_model(double fading)
{
    kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(FEATURES, CLASSES);
    kedge_model m;
    c.fading = fading;
    size_t bytes = kedge_model_size(&c.base);
    assert_int_equal(kedge_model_init(&m, &c.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

#endif
