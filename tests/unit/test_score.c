/* SPDX-License-Identifier: MIT */
/* Scores against their definitions, on predictions that the test chooses. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "echo.h"

enum { ROWS = 60, CLASSES = 4 };

typedef struct bench {
    double x[ROWS * CLASSES], y[ROWS], weight[ROWS];
    size_t n;
    uint32_t n_classes;
} bench;

static size_t width(const bench *b)
{
    return b->n_classes > 0 ? b->n_classes : 1;
}

static void fill(bench *b, uint32_t n_classes, size_t n, uint64_t seed)
{
    kedge_rng rng = {seed};
    b->n = n;
    b->n_classes = n_classes;
    for (size_t i = 0; i < n; i++) {
        double sum = 0, *x = b->x + i * width(b);
        for (size_t j = 0; j < width(b); j++)
            sum += x[j] = n_classes > 0 ? 1 + (double)kedge_rng_below(&rng, 4) : 3 * kedge_rng_normal(&rng); /* with ties */
        for (size_t j = 0; j < n_classes; j++)
            x[j] /= sum;
        b->y[i] = n_classes > 0 ? (double)kedge_rng_below(&rng, n_classes) : x[0] + kedge_rng_normal(&rng);
        b->weight[i] = (double)kedge_rng_below(&rng, 4);
    }
    b->weight[0] = 1;
}

static double weighted_mean(const bench *b, const double *v)
{
    double sum = 0, weight = 0;
    for (size_t i = 0; i < b->n; i++) {
        sum += b->weight[i] * v[i];
        weight += b->weight[i];
    }
    return sum / weight;
}

static double naive_area(const bench *b)
{
    double won = 0, pairs = 0;
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (b->y[i] == 1 && b->y[k] == 0) {
                double w = b->weight[i] * b->weight[k], p = b->x[2 * i + 1], q = b->x[2 * k + 1];
                pairs += w;
                won += p > q ? w : p == q ? w / 2 : 0;
            }
    return won / pairs;
}

static double naive_row(const bench *b, uint32_t by, size_t i)
{
    const double *x = b->x + i * width(b);
    double sum = 0;
    int best = 1;
    switch (by) {
    case KEDGE_SCORE_ACCURACY:
        for (size_t j = 0; j < width(b); j++)
            best &= x[j] < x[(size_t)b->y[i]] || j == (size_t)b->y[i] || (x[j] == x[(size_t)b->y[i]] && j > (size_t)b->y[i]);
        return best;
    case KEDGE_SCORE_LOG_LOSS:
        return -log(x[(size_t)b->y[i]]);
    case KEDGE_SCORE_BRIER:
        for (size_t j = 0; j < width(b); j++)
            sum += (x[j] - (j == (size_t)b->y[i])) * (x[j] - (j == (size_t)b->y[i]));
        return b->n_classes == 2 ? sum / 2 : sum;
    default:
        return by == KEDGE_SCORE_MAE ? fabs(x[0] - b->y[i]) : (x[0] - b->y[i]) * (x[0] - b->y[i]);
    }
}

static double naive(const bench *b, uint32_t by)
{
    double rows[ROWS], spread[ROWS];
    if (by == KEDGE_SCORE_AUC)
        return naive_area(b);
    for (size_t i = 0; i < b->n; i++)
        rows[i] = naive_row(b, by, i);
    for (size_t i = 0; i < b->n; i++)
        spread[i] = (b->y[i] - weighted_mean(b, b->y)) * (b->y[i] - weighted_mean(b, b->y));
    if (by == KEDGE_SCORE_R2)
        return 1 - weighted_mean(b, rows) / weighted_mean(b, spread);
    return by == KEDGE_SCORE_RMSE ? sqrt(weighted_mean(b, rows)) : weighted_mean(b, rows);
}

static kedge_status score(const bench *b, uint32_t by, const double *weight, double *value)
{
    static union {
        double align;
        unsigned char bytes[sizeof(echo_state)];
    } mem;
    echo_config c = echo_of(b->n_classes);
    kedge_rows rows = kedge_rows_float64(b->x, b->n, width(b));
    kedge_model m;
    assert_int_equal(kedge_model_init(&m, &c.base, &mem, sizeof mem), KEDGE_OK);
    size_t bytes = kedge_score_work(&m, by, b->n);
    void *work = guard_new(bytes, 0xA5);
    double before = *value;
    if (bytes > 0 && b->n > 0) {
        assert_int_equal(kedge_score_model(&m, by, &rows, b->y, weight, work, bytes - 1, value), KEDGE_ERR_BUFFER);
        assert_memory_equal(&before, value, sizeof before);
    }
    kedge_status st = kedge_score_model(&m, by, &rows, b->y, weight, work, bytes, value);
    guard_free(work);
    return st;
}

static int fits(uint32_t by, uint32_t n_classes)
{
    return by == KEDGE_SCORE_AUC ? n_classes == 2 : by <= KEDGE_SCORE_BRIER ? n_classes > 0 : n_classes == 0;
}

static void test_definitions(void **unused)
{
    static bench b;
    (void)unused;
    for (uint64_t round = 0; round < 60; round++) {
        const uint32_t classes[] = {0, 2, 3, 4};
        fill(&b, classes[round % 4], round < 20 ? ROWS : 2 + round % 7, round + 1);
        for (uint32_t by = KEDGE_SCORE_ACCURACY; by <= KEDGE_SCORE_R2; by++) {
            double value = 7, expected;
            if (!fits(by, b.n_classes)) {
                assert_int_equal(score(&b, by, NULL, &value), KEDGE_ERR_UNSUPPORTED);
                continue;
            }
            kedge_status st = score(&b, by, b.weight, &value);
            expected = naive(&b, by);
            if (isnan(expected))
                assert_true(st == KEDGE_EMPTY && isnan(value));
            else if (st != KEDGE_OK)
                fail();
            else
                assert_close(value, expected, 1e-12);
            for (size_t i = 0; i < b.n; i++)
                b.weight[i] = 1;
            st = score(&b, by, NULL, &value);
            expected = naive(&b, by);
            assert_true(isnan(expected) ? st == KEDGE_EMPTY : st == KEDGE_OK && fabs(value - expected) < 1e-11);
        }
    }
}

/* What scikit-learn 1.9 says: log_loss, brier_score_loss, roc_auc_score, r2_score of these. */
static void test_by_hand(void **unused)
{
    bench b = {.x = {.9, .1, .6, .4, .65, .35, .2, .8}, .y = {0, 0, 1, 1}, .n = 4, .n_classes = 2};
    bench r = {.x = {2.5, 0, 2, 8}, .y = {3, -.5, 2, 7}, .n = 4, .n_classes = 0};
    double value = 0;
    (void)unused;
    assert_int_equal(score(&b, KEDGE_SCORE_AUC, NULL, &value), KEDGE_OK);
    assert_close(value, 0.75, 1e-15);
    assert_int_equal(score(&b, KEDGE_SCORE_LOG_LOSS, NULL, &value), KEDGE_OK);
    assert_close(value, -(log(.9) + log(.6) + log(.35) + log(.8)) / 4, 1e-15);
    assert_int_equal(score(&b, KEDGE_SCORE_BRIER, NULL, &value), KEDGE_OK);
    assert_close(value, (.01 + .16 + .4225 + .04) / 4, 1e-15);
    assert_int_equal(score(&r, KEDGE_SCORE_R2, NULL, &value), KEDGE_OK);
    assert_close(value, 0.9486081370449679, 1e-14);
    assert_int_equal(score(&r, KEDGE_SCORE_MSE, NULL, &value), KEDGE_OK);
    assert_close(value, 0.375, 1e-15);
    assert_int_equal(score(&r, KEDGE_SCORE_MAE, NULL, &value), KEDGE_OK);
    assert_close(value, 0.5, 1e-15);
}

/* One class only, certain and wrong, targets all the same, far off, no weight. */
static void test_edges(void **unused)
{
    bench b = {.x = {0, 1, 0, 1}, .y = {0, 0}, .weight = {1, 0}, .n = 2, .n_classes = 2};
    bench r = {.x = {5, 5}, .y = {5, 5}, .weight = {0, 0}, .n = 2, .n_classes = 0};
    double value = 7;
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(score(&b, KEDGE_SCORE_AUC, NULL, &value), KEDGE_EMPTY);
    assert_true(isnan(value));
    assert_int_equal(score(&b, KEDGE_SCORE_LOG_LOSS, b.weight, &value), KEDGE_OK);
    assert_close(value, -log(DBL_EPSILON), 1e-15);
    assert_int_equal(score(&r, KEDGE_SCORE_R2, NULL, &value), KEDGE_OK);
    assert_true(value == 1);
    assert_int_equal(score(&r, KEDGE_SCORE_MSE, r.weight, &value), KEDGE_EMPTY);
    r.x[0] = 4;
    assert_int_equal(score(&r, KEDGE_SCORE_R2, NULL, &value), KEDGE_OK);
    assert_true(value == 0);
    r.x[0] = -1e308, r.x[1] = 1e308, r.y[0] = 0, r.y[1] = 1e-150;
    for (uint32_t by = KEDGE_SCORE_MSE; by <= KEDGE_SCORE_R2; by++) {
        assert_int_equal(score(&r, by, NULL, &value), KEDGE_OK);
        assert_true(isfinite(value));
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    b.x[1] = 3; /* no probability */
    value = 7;
    assert_int_equal(score(&b, KEDGE_SCORE_BRIER, NULL, &value), KEDGE_ERR_NOT_FINITE);
    assert_true(value == 7);
}

static void test_errors(void **unused)
{
    static union {
        double align;
        unsigned char bytes[256];
    } mem, work;
    echo_config c = echo_of(2);
    double x[] = {.5, .5}, y[] = {1}, value = 7;
    kedge_rows rows = kedge_rows_float64(x, 1, 2), wide = kedge_rows_float64(x, 1, 1), none = kedge_rows_float64(x, 0, 2);
    kedge_model m, unbound = {NULL, NULL};
    (void)unused;
    assert_int_equal(kedge_model_init(&m, &c.base, &mem, sizeof mem), KEDGE_OK);
    assert_int_equal(kedge_score_model(NULL, 1, &rows, y, NULL, &work, sizeof work, &value), KEDGE_ERR_NULL);
    assert_int_equal(kedge_score_model(&unbound, 1, &rows, y, NULL, &work, sizeof work, &value), KEDGE_ERR_NULL);
    assert_int_equal(kedge_score_model(&m, 1, NULL, y, NULL, &work, sizeof work, &value), KEDGE_ERR_NULL);
    assert_int_equal(kedge_score_model(&m, 1, &rows, NULL, NULL, &work, sizeof work, &value), KEDGE_ERR_NULL);
    assert_int_equal(kedge_score_model(&m, 1, &rows, y, NULL, NULL, sizeof work, &value), KEDGE_ERR_NULL);
    assert_int_equal(kedge_score_model(&m, 1, &rows, y, NULL, &work, sizeof work, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_score_model(&m, 1, &wide, y, NULL, &work, sizeof work, &value), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_score_model(&m, 1, &none, y, NULL, &work, sizeof work, &value), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_score_model(&m, 0, &rows, y, NULL, &work, sizeof work, &value), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_score_model(&m, 9, &rows, y, NULL, &work, sizeof work, &value), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_score_model(&m, 1, &rows, y, NULL, work.bytes + 4, 200, &value), KEDGE_ERR_ALIGN);
    y[0] = 2;
    assert_int_equal(kedge_score_model(&m, 1, &rows, y, NULL, &work, sizeof work, &value), KEDGE_ERR_RANGE);
    x[0] = (double)NAN;
    assert_int_equal(kedge_score_model(&m, 1, &rows, y, NULL, &work, sizeof work, &value), KEDGE_ERR_NOT_FINITE);
    assert_true(value == 7);
    assert_int_equal(kedge_score_work(&m, KEDGE_SCORE_AUC, (size_t)UINT32_MAX), 0);
    assert_int_equal(kedge_score_work(&m, KEDGE_SCORE_R2, 10), 0);
    assert_int_equal(kedge_score_work(NULL, 1, 10), 0);
    for (uint32_t by = 0; by < 10; by++)
        assert_int_equal(kedge_score_direction(by), by == 1 || by == 4 || by == 8 ? 1 : by == 0 || by == 9 ? 0 : -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
