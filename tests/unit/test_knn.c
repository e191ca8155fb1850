/* SPDX-License-Identifier: MIT */
/* Nearest neighbours: against a naive reference that keeps all rows and sorts, ties included; forgetting, missing values, hostile
 * scales. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { MAX_FEATURES = 40, MAX_ROWS = 600, MAX_CLASSES = 5 };

static void *start(kedge_model *m, const kedge_knn_config *c)
{
    size_t bytes = kedge_model_size(&c->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(m, &c->base, mem, bytes), KEDGE_OK);
    return mem;
}

/* The reference ---------------------------------------------------------------------------------------------------------------- */

typedef struct naive_row {
    double x[MAX_FEATURES];
    double y;
    double weight;
    double distance;
    int age;
} naive_row;

typedef struct naive {
    kedge_knn_config c;
    naive_row rows[MAX_ROWS];
    int n;
} naive;

static void naive_remove(naive *a, int at)
{
    a->n--;
    memmove(&a->rows[at], &a->rows[at + 1], (size_t)(a->n - at) * sizeof a->rows[0]);
}

static void naive_learn(naive *a, const double *x, double y, double weight)
{
    if (a->n == (int)a->c.window)
        naive_remove(a, 0);
    memcpy(a->rows[a->n].x, x, a->c.base.n_features * sizeof *x);
    a->rows[a->n].y = y;
    a->rows[a->n].weight = weight;
    a->n++;
}

/* 1 / deviation of a feature, in two passes. */
static double naive_inverse(const naive *a, uint32_t j)
{
    long double mean = 0, square = 0;
    int n = 0;
    if (a->c.scale == KEDGE_KNN_RAW)
        return 1;
    for (int i = 0; i < a->n; i++)
        if (!isnan(a->rows[i].x[j])) {
            mean += a->rows[i].x[j];
            n++;
        }
    mean /= n > 0 ? n : 1;
    for (int i = 0; i < a->n; i++)
        if (!isnan(a->rows[i].x[j]))
            square += (a->rows[i].x[j] - mean) * (a->rows[i].x[j] - mean);
    if (a->c.scale == KEDGE_KNN_RANGE) {
        double least = INFINITY, greatest = -INFINITY;
        for (int i = 0; i < a->n; i++) {
            least = fmin(least, a->rows[i].x[j]); /* fmin and fmax leave out what is missing */
            greatest = fmax(greatest, a->rows[i].x[j]);
        }
        return greatest > least ? 1 / (greatest - least) : 0;
    }
    return square > 0 ? (double)(1 / sqrtl(square / n)) : 0;
}

static double naive_distance(const naive *a, const double *inverse, const double *p, const double *q)
{
    double sum = 0;
    int n = (int)a->c.base.n_features, known = 0;
    for (int j = 0; j < n; j++) {
        if (isnan(p[j]) || isnan(q[j]))
            continue;
        double off = (p[j] - q[j]) * inverse[j];
        sum += a->c.distance == KEDGE_KNN_EUCLIDEAN ? off * off : fabs(off);
        known++;
    }
    if (known == 0)
        return INFINITY;
    return known < n ? sum * ((double)n / known) : sum;
}

static int naive_compare(const void *a, const void *b)
{
    const naive_row *p = a, *q = b;
    if (p->distance != q->distance)
        return p->distance < q->distance ? -1 : 1;
    return p->age - q->age;
}

/* Scores, or the value. */
static void naive_score(const naive *a, const double *x, double *scores)
{
    static naive_row sorted[MAX_ROWS];
    double inverse[MAX_FEATURES], total = 0;
    int k = a->n < (int)a->c.k ? a->n : (int)a->c.k;
    for (uint32_t j = 0; j < a->c.base.n_features; j++)
        inverse[j] = naive_inverse(a, j);
    memcpy(sorted, a->rows, sizeof sorted);
    for (int i = 0; i < a->n; i++) {
        sorted[i].distance = naive_distance(a, inverse, sorted[i].x, x);
        sorted[i].age = a->n - i;
    }
    qsort(sorted, (size_t)a->n, sizeof *sorted, naive_compare);
    memset(scores, 0, MAX_CLASSES * sizeof *scores);
    for (int i = 0; i < k; i++) {
        double d = sorted[i].distance, vote = sorted[i].weight;
        if (a->c.distance == KEDGE_KNN_EUCLIDEAN)
            d = sqrt(d);
        if (a->c.weights == KEDGE_KNN_INVERSE)
            vote *= sorted[0].distance == 0 ? d == 0 : isinf(sorted[0].distance) ? 1 : 1 / d;
        total += vote;
        if (a->c.base.n_classes > 0)
            scores[(int)sorted[i].y] += vote;
        else
            scores[0] += vote * sorted[i].y;
    }
    for (int c = 0; c < MAX_CLASSES; c++)
        scores[c] /= total;
}

static void expect_alike(const kedge_model *m, const naive *a, const double *x, double tolerance)
{
    double have[MAX_CLASSES], want[MAX_CLASSES], y = -1;
    uint32_t n = a->c.base.n_classes > 0 ? a->c.base.n_classes : 1, best = 0;
    naive_score(a, x, want);
    assert_int_equal(kedge_model_score(m, x, have, n), KEDGE_OK);
    assert_int_equal(kedge_model_predict(m, x, &y), KEDGE_OK);
    for (uint32_t c = 0; c < n; c++) {
        assert_close(have[c], want[c], tolerance);
        best = have[c] > have[best] ? c : best;
    }
    assert_true(y == (a->c.base.n_classes > 0 ? (double)best : have[0]));
}

/* Rows of small whole numbers, so that many are equally far; or normal ones. */
static void draw(kedge_rng *rng, const kedge_knn_config *c, int whole, double missing, double *x, double *y)
{
    for (uint32_t j = 0; j < c->base.n_features; j++) {
        x[j] = whole ? (double)kedge_rng_below(rng, 4) : kedge_rng_normal(rng) * (j + 1) + 100 * j;
        if (kedge_rng_uniform(rng) < missing)
            x[j] = (double)NAN;
    }
    *y = c->base.n_classes > 0 ? (double)kedge_rng_below(rng, c->base.n_classes) : kedge_rng_normal(rng);
}

static void compare(const kedge_knn_config *c, int n_rows, int whole, double missing, uint64_t seed)
{
    static naive a;
    kedge_model m;
    kedge_rng rng = {seed};
    void *mem = start(&m, c);
    a.c = *c;
    a.n = 0;
    for (int i = 0; i < n_rows; i++) {
        double x[MAX_FEATURES], y;
        draw(&rng, c, whole, missing, x, &y);
        if (i > 0)
            expect_alike(&m, &a, x, 1e-9);
        draw(&rng, c, whole, missing, x, &y);
        assert_int_equal(kedge_model_learn(&m, x, y, 1 + i % 2), KEDGE_OK);
        naive_learn(&a, x, y, 1 + i % 2);
    }
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

static kedge_knn_config config(uint32_t n_features, uint32_t n_classes, uint32_t k, uint32_t window)
{
    kedge_knn_config c = kedge_knn_defaults(n_features, n_classes);
    c.k = k;
    c.window = window;
    return c;
}

static void test_equals_naive(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 16; i++) {
        kedge_knn_config c = config(1 + i % 5, i % 3 == 0 ? 0 : 1 + i % 3, 1 + i % 7, 20 + 3 * i);
        c.distance = 1 + i % 2;
        c.weights = 1 + i / 2 % 2;
        c.scale = 1 + i / 4 % 3;
        compare(&c, 150, 0, 0, i);
        compare(&c, 150, 0, 0.2, i);
        c.scale = KEDGE_KNN_RAW; /* standardised, rounding would decide between equals */
        compare(&c, 150, 1, 0, i);
        compare(&c, 150, 1, i % 2 ? 0.3 : 1, i);
    }
}

/* More features than are looked at at a time, and windows of every length around a block. */
static void test_shapes(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 9; i++) {
        kedge_knn_config c = config(32 + i, 3, 2, 15 + i);
        compare(&c, 60, 0, i == 8 ? 0.1 : 0, i);
        c.distance = KEDGE_KNN_MANHATTAN;
        compare(&c, 60, 0, i == 8 ? 0.1 : 0, i);
    }
    kedge_knn_config most = config(2, 5, KEDGE_KNN_K_MAX, KEDGE_KNN_K_MAX);
    compare(&most, 100, 0, 0, 1);
    kedge_knn_config one = config(1, 2, 1, 1);
    compare(&one, 10, 0, 0, 1);
}

/* Ranges that are nothing, or next to it, say nothing, and nothing is divided by them. */
static void test_ranges_of_constants(void **state)
{
    (void)state;
    kedge_knn_config c = config(2, 2, 3, 5);
    kedge_model m;
    c.scale = KEDGE_KNN_RANGE;
    void *mem = start(&m, &c);
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 30; i++) {
        const double x[2] = {i < 10 ? 3 : i * 1e-200, 0};
        double y;
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        assert_int_equal(kedge_model_learn(&m, x, i % 2, 1), KEDGE_OK);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(mem);
}

static void test_equals_by_hand(void **state)
{
    (void)state;
    kedge_knn_config c = config(1, 3, 3, 4);
    kedge_model m;
    double x, y, s[3];
    c.scale = KEDGE_KNN_RAW;
    void *mem = start(&m, &c);
    x = 0;
    assert_int_equal(kedge_model_predict(&m, &x, &y), KEDGE_EMPTY);
    assert_int_equal(kedge_model_score(&m, &x, s, 3), KEDGE_EMPTY);
    assert_true(y == 0 && s[0] == 1.0 / 3 && s[2] == 1.0 / 3);
    const double at[] = {1, -1, 1, -1, 1}, is[] = {0, 1, 1, 2, 2};
    for (int i = 0; i < 5; i++)
        assert_int_equal(kedge_model_learn(&m, &at[i], is[i], 1), KEDGE_OK);
    assert_int_equal(kedge_model_score(&m, &x, s, 3), KEDGE_OK); /* all are 1 away: the latest three, of classes 1, 2, 2 */
    assert_true(s[0] == 0 && s[1] == 1.0 / 3 && s[2] == 2.0 / 3);
    guard_free(mem);
    c.weights = KEDGE_KNN_INVERSE;
    mem = start(&m, &c);
    for (int i = 0; i < 3; i++) {
        double far = 1 << i; /* 1, 2, 4 away */
        assert_int_equal(kedge_model_learn(&m, &far, i, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_model_score(&m, &x, s, 3), KEDGE_OK);
    assert_close(s[0], 4.0 / 7, 1e-15);
    assert_close(s[2], 1.0 / 7, 1e-15);
    x = 4;
    assert_int_equal(kedge_model_score(&m, &x, s, 3), KEDGE_OK); /* a row at distance 0 counts alone */
    assert_true(s[0] == 0 && s[1] == 0 && s[2] == 1);
    guard_free(mem);
}

/* Any order of learning and forgetting, in part too, against the reference. */
static void test_forgets(void **state)
{
    (void)state;
    static naive a;
    kedge_knn_config c = config(3, 3, 4, 21);
    kedge_model m;
    kedge_rng rng = {5};
    void *mem = start(&m, &c);
    a.c = c;
    a.n = 0;
    for (int i = 0; i < 800; i++) {
        double x[MAX_FEATURES], y;
        draw(&rng, &c, 0, 0.05, x, &y);
        if (kedge_rng_below(&rng, 100) < (i % 200 < 100 ? 70u : 35u) || a.n == 0) {
            assert_int_equal(kedge_model_learn(&m, x, y, 2), KEDGE_OK);
            naive_learn(&a, x, y, 2);
        } else {
            int at = (int)kedge_rng_below(&rng, (uint64_t)a.n);
            naive_row *row = &a.rows[at];
            double part = row->weight > 1 && i % 3 == 0 ? 0.5 : row->weight;
            assert_int_equal(kedge_model_forget(&m, row->x, row->y, row->weight + 0.1), KEDGE_ERR_RANGE);
            assert_int_equal(kedge_model_forget(&m, row->x, row->y, part), KEDGE_OK);
            if (part < row->weight)
                row->weight -= part;
            else
                naive_remove(&a, at);
        }
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        draw(&rng, &c, 0, 0.05, x, &y);
        if (a.n > 0)
            expect_alike(&m, &a, x, 1e-9);
        else
            assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_EMPTY);
        assert_int_equal(kedge_model_forget(&m, x, y, 1), KEDGE_ERR_RANGE);
    }
    guard_free(mem);
}

/* Of rows alike the oldest goes, and that of the weight before a heavier one. */
static void test_forgets_which(void **state)
{
    (void)state;
    kedge_knn_config c = config(1, 2, 1, 5);
    kedge_model m;
    double x = 3, s[2];
    void *mem = start(&m, &c);
    assert_int_equal(kedge_model_learn(&m, &x, 0, 3), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&m, &x, 0, 1), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&m, &x, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_model_forget(&m, &x, 0, 1), KEDGE_OK);
    assert_int_equal(kedge_model_forget(&m, &x, 0, 1), KEDGE_OK); /* two of the three */
    assert_int_equal(kedge_model_forget(&m, &x, 0, 3), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_model_forget(&m, &x, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_model_score(&m, &x, s, 2), KEDGE_OK);
    assert_true(s[0] == 1);
    assert_int_equal(kedge_model_forget(&m, &x, 0, 2), KEDGE_OK);
    kedge_model_info info;
    assert_int_equal(kedge_model_describe(&m, &info), KEDGE_OK);
    assert_true(info.n_learned == 0 && info.can_forget && info.takes_missing);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* Magnitudes from 1e-300 to 1e308 come and go: no flag, finite answers, and deviations as exact as if they had never been. */
static void test_hostile_scales(void **state)
{
    (void)state;
    static const double odd[] = {1e300, -1e300, 1.7e308, -1.7e308, 1e-300, 5e-324, 0, 1e150, 1e-150, 1e15 + 1, 3, -0.0};
    for (uint32_t how = 0; how < 16; how++) {
        kedge_knn_config c = config(4, how % 2 ? 2 : 0, 3, 30);
        static naive a;
        kedge_model m;
        kedge_rng rng = {how};
        double x[4], y;
        c.distance = 1 + how / 2 % 2;
        c.weights = 1 + how / 4 % 2;
        c.scale = 1 + how / 8 % 2;
        void *mem = start(&m, &c);
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 300; i++) {
            double s[2] = {-1, -1};
            for (int j = 0; j < 4; j++)
                x[j] = odd[kedge_rng_below(&rng, j == 3 ? 3 : 12)];
            x[1] = i % 7 == 0 ? (double)NAN : x[1];
            assert_int_equal(kedge_model_learn(&m, x, c.base.n_classes ? i % 2 : i % 2 * 1e100, i % 5 ? 1e9 : 1e-320), KEDGE_OK);
            x[0] = odd[kedge_rng_below(&rng, 12)];
            assert_int_equal(kedge_model_score(&m, x, s, c.base.n_classes ? 2 : 1), KEDGE_OK);
            assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
            assert_true(isfinite(y) && isfinite(s[0]) && s[0] >= 0);
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        }
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        a.c = c;
        a.n = 0;
        for (int i = 0; i < 40; i++) { /* more than a window of tame rows */
            double tame[MAX_FEATURES];
            draw(&rng, &c, 0, 0, tame, &y);
            assert_int_equal(kedge_model_learn(&m, tame, y, 1), KEDGE_OK);
            naive_learn(&a, tame, y, 1);
            if (i >= 30)
                expect_alike(&m, &a, tame, 1e-9);
        }
        guard_free(mem);
    }
}

/* A feature that is constant in the window says nothing, however the row that asks differs in it. */
static void test_constants(void **state)
{
    (void)state;
    kedge_knn_config c = config(2, 2, 1, 50);
    kedge_model m;
    double x[2], y;
    void *mem = start(&m, &c);
    for (int i = 0; i < 200; i++) {
        x[0] = i < 60 ? i : 0.1;
        x[1] = i % 2 + 0.001 * (i % 10);
        assert_int_equal(kedge_model_learn(&m, x, i % 2, 1), KEDGE_OK);
    }
    for (int i = 0; i < 2; i++) {
        x[0] = 1e300;
        x[1] = i + 0.2;
        assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
        assert_true(y == i);
    }
    guard_free(mem);
}

/* The concept turns round; a window later all is as good as before. */
static void test_follows_drift(void **state)
{
    (void)state;
    kedge_knn_config c = config(2, 2, 5, 200);
    kedge_model m;
    kedge_rng rng = {8};
    int right[4] = {0};
    void *mem = start(&m, &c);
    for (int i = 0; i < 2000; i++) {
        double x[2] = {kedge_rng_normal(&rng), kedge_rng_normal(&rng) * 1000}, y, is = (x[0] + x[1] / 1000 > 0) != (i >= 1000);
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right[i / 500] += y == is;
        assert_int_equal(kedge_model_learn(&m, x, is, 1), KEDGE_OK);
    }
    assert_true(right[1] >= 450 && right[2] < 420 && right[3] >= 450);
    guard_free(mem);
}

/* Snapshots whose values could raise a flag or reach outside are refused. */
static void test_refuses_forged(void **state)
{
    (void)state;
    kedge_knn_config c = config(2, 2, 2, 9);
    kedge_model m;
    size_t bytes = kedge_model_size(&c.base), refused = 0;
    void *mem = start(&m, &c);
    kedge_rng rng = {2};
    for (int i = 0; i < 7; i++) {
        double x[2] = {kedge_rng_normal(&rng), i ? kedge_rng_normal(&rng) : (double)NAN};
        assert_int_equal(kedge_model_learn(&m, x, i % 2, 1), KEDGE_OK);
    }
    const double odd[] = {1e200, -1e200, (double)INFINITY, 1e-300, -1, 0.5, (double)NAN, 4};
    for (size_t at = 104; at + 8 <= bytes; at += 8) /* all arrays */
        for (int i = 0; i < 8; i++) {
            double keep, have[2], x[2] = {0.5, 1e300}, y;
            memcpy(&keep, (char *)mem + at, 8);
            memcpy((char *)mem + at, &odd[i], 8);
            if (kedge_model_check(&m) == KEDGE_OK) {
                feclearexcept(FE_ALL_EXCEPT);
                assert_int_equal(kedge_model_score(&m, x, have, 2), KEDGE_OK);
                assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
                assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
                assert_true(isfinite(have[0]) && isfinite(have[1]));
            } else {
                refused++;
            }
            memcpy((char *)mem + at, &keep, 8);
        }
    assert_true(refused > 200);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

static void test_config(void **state)
{
    (void)state;
    kedge_knn_config c;
    assert_int_equal(kedge_knn_config_init(NULL, sizeof c, 1, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_knn_config_init(&c, 3, 1, 2), KEDGE_ERR_CONFIG);
    for (uint32_t n = 1; n < 12; n++) {
        c = config(n, n == 1 ? 0 : n, 1 + n, 10 * n + n);
        assert_int_equal(kedge_model_size(&c.base), KEDGE_KNN_BYTES_FOR(n, 11 * n));
    }
    c = config(KEDGE_FEATURES_MAX, 2, 5, KEDGE_KNN_WINDOW_MAX);
    assert_int_equal(kedge_model_size(&c.base), 0); /* does not fit 32 bits */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_naive),   cmocka_unit_test(test_shapes),    cmocka_unit_test(test_ranges_of_constants),
        cmocka_unit_test(test_equals_by_hand), cmocka_unit_test(test_forgets),   cmocka_unit_test(test_forgets_which),
        cmocka_unit_test(test_hostile_scales), cmocka_unit_test(test_constants), cmocka_unit_test(test_follows_drift),
        cmocka_unit_test(test_refuses_forged), cmocka_unit_test(test_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
