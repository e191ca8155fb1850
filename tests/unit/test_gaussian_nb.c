/* SPDX-License-Identifier: MIT */
/* Gaussian naive Bayes against the formulas, computed from the whole table. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "normal_rows.h"

static void test_equals_definition(void **unused)
{
    (void)unused;
    static const double offsets[] = {0, 1e4, 0, 0}, scales[] = {1, 1, 1e-12, 1e12};
    static table t;
    for (int k = 0; k < 4; k++)
        for (int weighted = 0; weighted < 2; weighted++) {
            kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(FEATURES, CLASSES);
            c.smoothing = k == 2 ? 0.01 : 1e-9;
            size_t bytes = kedge_model_size(&c.base), used;
            assert_int_equal(bytes, KEDGE_GAUSSIAN_NB_BYTES_FOR(FEATURES, CLASSES));
            void *mem = guard_new(bytes, 0xA5);
            double work[FIT_WORK];
            kedge_model m;
            table_fill(&t, 10 + (uint64_t)k, offsets[k], scales[k]);
            const double *weight = weighted ? t.weight : NULL;
            assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
            assert_int_equal(kedge_model_learn_many(&m, &t.rows, t.y, weight, &used), KEDGE_OK);
            compare(&m, &t, ROWS, weighted, c.smoothing);
            assert_int_equal(kedge_model_fit(&m, &t.rows, t.y, weight, work, sizeof work), KEDGE_OK);
            compare(&m, &t, ROWS, weighted, c.smoothing);
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
            guard_free(mem);
        }
}

static void test_a_weight_is_that_many_rows(void **unused)
{
    (void)unused;
    static table t;
    kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(FEATURES, CLASSES);
    size_t bytes = kedge_model_size(&c.base);
    void *mem[2] = {guard_new(bytes, 0), guard_new(bytes, 0)};
    kedge_model m[2];
    table_fill(&t, 3, 0, 1);
    for (int k = 0; k < 2; k++)
        assert_int_equal(kedge_model_init(&m[k], &c.base, mem[k], bytes), KEDGE_OK);
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(kedge_model_learn(&m[0], t.x[i], t.y[i], 3), KEDGE_OK);
        for (int k = 0; k < 3; k++)
            assert_int_equal(kedge_model_learn(&m[1], t.x[i], t.y[i], 1), KEDGE_OK);
    }
    for (size_t i = 0; i < 50; i++) {
        double a[CLASSES], b[CLASSES];
        assert_int_equal(kedge_model_score(&m[0], t.x[i], a, CLASSES), KEDGE_OK);
        assert_int_equal(kedge_model_score(&m[1], t.x[i], b, CLASSES), KEDGE_OK);
        for (size_t j = 0; j < CLASSES; j++)
            assert_close(a[j], b[j], 1e-9);
    }
    guard_free(mem[0]);
    guard_free(mem[1]);
}

static void test_degenerate_data(void **unused)
{
    (void)unused;
    kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(2, 2);
    size_t bytes = kedge_model_size(&c.base);
    void *mem = guard_new(bytes, 0);
    kedge_model m;
    double x[2] = {0, 0}, y = 7, scores[2];
    assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_EMPTY);
    assert_int_equal(kedge_model_score(&m, x, scores, 2), KEDGE_EMPTY);
    assert_true(y == 0 && scores[0] == 0.5 && scores[1] == 0.5);
    for (int i = 0; i < 10; i++) /* constants, one class */
        assert_int_equal(kedge_model_learn(&m, x, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
    assert_true(y == 1);
    x[0] = 1;
    assert_int_equal(kedge_model_learn(&m, x, 0, 1), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
    assert_true(y == 0);
    double work[20], zero[2] = {0, 0}, labels[2] = {0, 1}, table2[4] = {1, 2, 3, 4};
    kedge_rows rows = kedge_rows_float64(table2, 2, 2);
    unsigned char *before = guard_copy(mem, bytes);
    assert_int_equal(kedge_model_fit(&m, &rows, labels, zero, work, sizeof work), KEDGE_ERR_NUMERIC);
    assert_memory_equal(mem, before, bytes);
    guard_free(before);
    guard_free(mem);
}

/* However far a row lies from all that was seen, a class that never occurred does not get it. */
static void test_unseen_classes_get_nothing(void **unused)
{
    (void)unused;
    kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(2, 4);
    size_t bytes = kedge_model_size(&c.base);
    void *mem = guard_new(bytes, 0);
    kedge_model m;
    double x[2] = {0, 0}, y, scores[4];
    assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
    for (int i = 0; i < 10; i++)
        assert_int_equal(kedge_model_learn(&m, x, 1 + i % 2, 1), KEDGE_OK);
    for (double far = 1; far < 1e300; far *= 1e3) {
        x[0] = far;
        assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
        assert_true(y == 1);
        assert_int_equal(kedge_model_score(&m, x, scores, 4), KEDGE_OK);
        assert_true(scores[0] == 0 && scores[1] == 0.5 && scores[2] == 0.5 && scores[3] == 0);
    }
    guard_free(mem);
}

/* Two classes with two rows each: means 1 and 5, variances 1 and 4, so at 2 the densities are e^-0.5 / 1 and e^(-9/8) / 2. */
static void test_by_hand(void **unused)
{
    (void)unused;
    const double table1[4] = {0, 2, 3, 7}, labels[4] = {0, 0, 1, 1};
    kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(1, 2);
    c.smoothing = 0;
    size_t bytes = kedge_model_size(&c.base);
    void *mem = guard_new(bytes, 0);
    kedge_rows rows = kedge_rows_float64(table1, 4, 1);
    kedge_model m;
    double work[12];
    double x = 2, scores[2], odds = exp(-0.5) / (exp(-9.0 / 8.0) / 2);
    assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_model_work(&m, 4), sizeof work);
    assert_int_equal(kedge_model_fit(&m, &rows, labels, NULL, work, sizeof work), KEDGE_OK);
    assert_int_equal(kedge_model_score(&m, &x, scores, 2), KEDGE_OK);
    assert_close(scores[0], odds / (1 + odds), 1e-14);
    rows.n_rows = 2; /* trained anew on one class alone: its prior is 1 */
    assert_int_equal(kedge_model_fit(&m, &rows, labels, NULL, work, sizeof work), KEDGE_OK);
    x = 7;
    assert_int_equal(kedge_model_score(&m, &x, scores, 2), KEDGE_OK);
    assert_true(scores[0] == 1 && scores[1] == 0);
    guard_free(mem);
}

/* Whatever the layout of a table of many blocks, training on it says what learning its rows one by one does. */
static void test_fit_of_any_layout(void **unused)
{
    (void)unused;
    enum { MANY = 6000, WIDE = 2 * FEATURES + 1 };
    static double x[MANY * WIDE], y[MANY], weight[MANY];
    static float less[MANY * WIDE];
    kedge_rng rng = {31};
    for (size_t i = 0; i < MANY; i++) {
        y[i] = i < 4000 ? (double)kedge_rng_below(&rng, 2) : 2; /* blocks with and without a class */
        weight[i] = (double)kedge_rng_below(&rng, 3) * 1e-300;
    }
    for (int k = 0; k < 10; k++) {
        const int layout = k % 5;
        const double scale = k < 5 ? 1 : 1e141; /* some values count as less */
        for (size_t i = 0; i < MANY * WIDE; i++) {
            less[i] = (float)(100 + kedge_rng_normal(&rng) + y[layout == 1 ? i % MANY : i / FEATURES % MANY]);
            x[i] = scale * less[i] * (k < 5 ? 1 : 1e-3);
        }
        kedge_rows rows = kedge_rows_float64(x, MANY, FEATURES);
        if (layout == 1) { /* column by column */
            rows.row_stride = 1;
            rows.column_stride = MANY;
        } else if (layout == 2) { /* backwards */
            rows.data = x + (size_t)(MANY - 1) * FEATURES;
            rows.row_stride = -FEATURES;
        } else if (layout == 3) { /* every second column of wider rows */
            rows.row_stride = WIDE;
            rows.column_stride = 2;
        } else if (layout == 4) {
            rows.data = less;
            rows.type = KEDGE_FLOAT32;
        }
        for (int weighted = 0; weighted < 2; weighted++) {
            kedge_model fitted = new_model(1), learned = new_model(1);
            const double *w = weighted ? weight : NULL;
            double work[FIT_WORK];
            size_t used;
            assert_int_equal(kedge_model_fit(&fitted, &rows, y, w, work, sizeof work), KEDGE_OK);
            assert_int_equal(kedge_model_check(&fitted), KEDGE_OK);
            for (size_t i = 0; weighted && i < MANY; i++)
                weight[i] *= 1e300;
            assert_int_equal(kedge_model_learn_many(&learned, &rows, y, w, &used), KEDGE_OK);
            for (size_t i = 0; i < 50; i++) {
                double a[CLASSES], b[CLASSES], row[FEATURES];
                for (size_t j = 0; j < FEATURES; j++)
                    row[j] = scale * (100 + (double)(i + j) / 20) * (k < 5 ? 1 : 1e-3);
                assert_int_equal(kedge_model_score(&fitted, row, a, CLASSES), KEDGE_OK);
                assert_int_equal(kedge_model_score(&learned, row, b, CLASSES), KEDGE_OK);
                for (size_t c = 0; c < CLASSES; c++)
                    assert_close(a[c], b[c], 1e-8);
            }
            for (size_t i = 0; weighted && i < MANY; i++)
                weight[i] *= 1e-300;
            guard_free(fitted.state);
            guard_free(learned.state);
        }
    }
}

/* The same rows lie elsewhere: the same bytes. */
static void test_fit_of_any_layout_is_the_same(void **unused)
{
    (void)unused;
    enum { MANY = 3000, WIDE = 2 * FEATURES + 1 };
    static double plain[MANY * FEATURES], columns[MANY * FEATURES], wide[MANY * WIDE], y[MANY];
    static float less[MANY * FEATURES];
    kedge_rng rng = {5};
    for (size_t i = 0; i < MANY * FEATURES; i++) {
        less[i] = (float)kedge_rng_normal(&rng);
        plain[i] = columns[i % FEATURES * MANY + i / FEATURES] = wide[i / FEATURES * WIDE + 2 * (i % FEATURES)] = less[i];
        y[i / FEATURES] = (double)(i / FEATURES % CLASSES);
    }
    kedge_rows rows[4] = {kedge_rows_float64(plain, MANY, FEATURES), kedge_rows_float64(columns, MANY, FEATURES),
                          kedge_rows_float64(wide, MANY, FEATURES), kedge_rows_float32(less, MANY, FEATURES)};
    rows[1].row_stride = 1;
    rows[1].column_stride = MANY;
    rows[2].row_stride = WIDE;
    rows[2].column_stride = 2;
    kedge_model first = new_model(1);
    double work[FIT_WORK];
    assert_int_equal(kedge_model_fit(&first, &rows[0], y, NULL, work, sizeof work), KEDGE_OK);
    for (int k = 1; k < 4; k++) {
        kedge_model m = new_model(1);
        assert_int_equal(kedge_model_fit(&m, &rows[k], y, NULL, work, sizeof work), KEDGE_OK);
        assert_memory_equal(m.state, first.state, KEDGE_GAUSSIAN_NB_BYTES_FOR(FEATURES, CLASSES));
        guard_free(m.state);
    }
    guard_free(first.state);
}

/* Whatever is learned with whatever weight, what is said is sound, and no flag of the processor is raised. */
/* A value that is not finite behind blocks that are already counted; the greatest number is finite. */
static void test_a_late_refusal_changes_nothing(void **unused)
{
    (void)unused;
    enum { MANY = 5000, BYTES = KEDGE_GAUSSIAN_NB_BYTES_FOR(FEATURES, CLASSES) };
    static double x[MANY * FEATURES], y[MANY], weight[MANY];
    static unsigned char before[BYTES];
    const double odd[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    double work[FIT_WORK];
    kedge_rng rng = {17};
    for (size_t i = 0; i < MANY * FEATURES; i++) {
        x[i] = kedge_rng_normal(&rng);
        y[i / FEATURES] = (double)(i / FEATURES % CLASSES);
        weight[i / FEATURES] = i / FEATURES + 1 < MANY ? 1.0 : 0.0; /* counts for nothing, and is looked at */
    }
    kedge_rows rows = kedge_rows_float64(x, MANY, FEATURES);
    kedge_model m = new_model(1);
    assert_int_equal(kedge_model_fit(&m, &rows, y, NULL, work, sizeof work), KEDGE_OK);
    memcpy(before, m.state, BYTES);
    x[0] = 2.0; /* so that another fit would give other moments */
    for (size_t k = 0; k < 6; k++) {
        x[MANY * FEATURES - 1] = odd[k % 3];
        assert_int_equal(kedge_model_fit(&m, &rows, y, k < 3 ? NULL : weight, work, sizeof work), KEDGE_ERR_NOT_FINITE);
        assert_memory_equal(m.state, before, BYTES);
    }
    x[MANY * FEATURES - 1] = DBL_MAX;
    assert_int_equal(kedge_model_fit(&m, &rows, y, NULL, work, sizeof work), KEDGE_OK);
    assert_memory_not_equal(m.state, before, BYTES);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(m.state);
}

static void test_hostile_weights(void **unused)
{
    (void)unused;
    static const double values[] = {0, 1, -1, 1e300, -1e300, 1.7e308, 1e-300, 5e-324, 1e140, -1e140, 1e150, 3, 1e-5};
    static const double weights[] = {1, 5e-324, 1e-310, 1e-200, 1e-105, 1e-60, 1e9};
    static const double smoothings[] = {0, 1e-9, 1};
    kedge_rng rng = {9};
    for (int k = 0; k < 300; k++) {
        kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(1 + (uint32_t)k % 4, 2 + (uint32_t)k % 3);
        c.smoothing = smoothings[k % 3];
        c.fading = k % 5 ? 1 : 0.5;
        size_t bytes = kedge_model_size(&c.base);
        void *mem = guard_new(bytes, 0);
        kedge_model m;
        assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
        for (int i = 0; i < 100; i++) {
            double x[4], scores[4], y, sum = 0;
            for (int j = 0; j < 4; j++)
                x[j] = values[kedge_rng_below(&rng, k % 2 ? 13 : 2)];
            feclearexcept(FE_ALL_EXCEPT);
            kedge_status st = kedge_model_learn(&m, x, (double)kedge_rng_below(&rng, c.base.n_classes),
                                                weights[kedge_rng_below(&rng, k % 7 ? 7 : 2)]);
            assert_int_equal(st, KEDGE_OK);
            assert_true(kedge_model_score(&m, x, scores, c.base.n_classes) >= 0 && kedge_model_predict(&m, x, &y) >= 0);
            assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
            for (uint32_t j = 0; j < c.base.n_classes; j++) {
                assert_true(scores[j] >= 0 && scores[j] <= scores[(size_t)y] + 1e-12);
                sum += scores[j];
            }
            assert_close(sum, 1, 1e-12);
        }
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

/* A row may lie in memory as it likes, with few features or many: the model is the same, and so is what it says. */
static void test_rows_of_all_forms(void **unused)
{
    (void)unused;
    enum { MANY = 2100, N = 40 };
    static const uint32_t sizes[] = {1, 2, 3, 63, 64, 65, 130, 1000, 1001, MANY};
    static double plain[N * MANY], apart[2 * N * MANY];
    static float narrow[N * MANY];
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        uint32_t n = sizes[k];
        kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(n, 3);
        size_t bytes = kedge_model_size(&c.base), used;
        kedge_rng rng = {k};
        kedge_model m[3];
        double y[N], says[3][N], scores[3];
        for (size_t i = 0; i < N; i++) {
            y[i] = (double)kedge_rng_below(&rng, 3);
            for (size_t j = 0; j < n; j++) {
                narrow[i * n + j] = (float)(kedge_rng_normal(&rng) + y[i] / (1 + (double)j));
                plain[i * n + j] = apart[2 * (i * n + j)] = (double)narrow[i * n + j];
            }
        }
        kedge_rows rows[3] = {kedge_rows_float64(plain, N, n), kedge_rows_float64(apart, N, n), kedge_rows_float32(narrow, N, n)};
        rows[1].column_stride = 2;
        rows[1].row_stride = 2 * (ptrdiff_t)n;
        for (int f = 0; f < 3; f++) {
            assert_int_equal(kedge_model_init(&m[f], &c.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
            assert_int_equal(kedge_model_learn_many(&m[f], &rows[f], y, NULL, &used), KEDGE_OK);
            assert_memory_equal(m[f].state, m[0].state, bytes);
            assert_int_equal(kedge_model_predict_many(&m[0], &rows[f], says[f], &used), KEDGE_OK);
            assert_memory_equal(says[f], says[0], sizeof says[0]);
        }
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(kedge_model_score(&m[0], plain + i * n, scores, 3), KEDGE_OK);
            for (int j = 0; j < 3; j++)
                assert_true(scores[j] <= scores[(size_t)says[0][i]]);
        }
        for (int f = 0; f < 3; f++)
            guard_free(m[f].state);
    }
}

static void test_hostile_scales(void **unused)
{
    (void)unused;
    static const double values[] = {0, 1, -1, 1e300, -1e300, 1.7e308, 1e-300, 5e-324, 1e140, -1e140, 1e150};
    kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(3, 2);
    size_t bytes = kedge_model_size(&c.base);
    void *mem = guard_new(bytes, 0);
    kedge_model m;
    kedge_rng rng = {1};
    assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
    for (int i = 0; i < 100000; i++) {
        double x[3], scores[2];
        for (int j = 0; j < 3; j++)
            x[j] = values[kedge_rng_below(&rng, sizeof values / sizeof *values)];
        assert_int_equal(kedge_model_learn(&m, x, (double)kedge_rng_below(&rng, 2), i % 10 ? 1 : KEDGE_WEIGHT_MAX), KEDGE_OK);
        assert_int_equal(kedge_model_score(&m, x, scores, 2), KEDGE_OK);
        assert_true(scores[0] >= 0 && scores[1] >= 0 && fabs(scores[0] + scores[1] - 1) < 1e-12);
    }
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* One row of a model of many kinds: sometimes far from all others, or of a scale at which products of variances would leave the
 * range of doubles. */
static void draw_row(kedge_rng *rng, double *x, uint32_t n, double label, double scale)
{
    double reach = kedge_rng_below(rng, 40) == 0 ? 1e6 : 1.0;
    for (uint32_t j = 0; j < n; j++)
        x[j] = j % 5 == 4 ? scale : scale * reach * (kedge_rng_normal(rng) + label * (double)(j % 3));
}

/* What is predicted without a logarithm is the class of the greatest score. */
static void leads_as_it_scores(uint32_t n, uint32_t n_classes, double scale, double fading, double weight)
{
    kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(n, n_classes);
    kedge_rng rng = {n * 100u + n_classes};
    double x[20], scores[6], y;
    kedge_model m;
    c.fading = fading;
    size_t bytes = kedge_model_size(&c.base);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < 300; i++) {
        double label = (double)kedge_rng_below(&rng, n_classes - (n_classes > 3)); /* so that one is never seen */
        draw_row(&rng, x, n, label, scale);
        assert_int_equal(kedge_model_learn(&m, x, label, label == 1.0 ? weight : 1.0), KEDGE_OK);
        draw_row(&rng, x, n, label, scale);
        assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
        assert_int_equal(kedge_model_score(&m, x, scores, n_classes), KEDGE_OK);
        for (uint32_t k = 0; k < n_classes; k++)
            assert_true(scores[k] <= scores[(size_t)y] + 1e-9);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    }
    guard_free(mem);
}

static void test_predicts_the_greatest_score(void **unused)
{
    (void)unused;
    static const double scales[] = {1e-9, 1e-8, 1, 2e12, 1e17, 2.2e18, 1e21, 1e130};
    feclearexcept(FE_ALL_EXCEPT);
    for (uint32_t n = 1; n <= 20; n++)
        for (uint32_t n_classes = 2; n_classes <= 6; n_classes++) {
            leads_as_it_scores(n, n_classes, scales[(n + n_classes) % 8], n % 4 == 0 ? 0.97 : 1.0, n % 3 == 0 ? 1e-99 : 2.5);
            leads_as_it_scores(n, n_classes, scales[(n + n_classes + 3) % 8], 1.0, n % 3 == 1 ? 1e-120 : 1.0);
        }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
}

/* All features at the bounds of what counts as near, where products are greatest and least, and beyond them. */
static void test_bounds_of_near(void **unused)
{
    (void)unused;
    static const double edges[] = {2305843009213693951.0, 2305843009213693952.0, 1e19, 1e-9};
    feclearexcept(FE_ALL_EXCEPT);
    for (size_t e = 0; e < 4; e++) {
        kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(16, 2);
        size_t bytes = kedge_model_size(&c.base);
        void *mem = guard_new(bytes, 0xA5);
        kedge_model m;
        double x[16], y, scores[2];
        assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
        for (size_t i = 0; i < 40; i++) {
            for (size_t j = 0; j < 16; j++)
                x[j] = ((i / 2 + j) % 2 ? 1.0 : -1.0) * edges[e];
            assert_int_equal(kedge_model_learn(&m, x, (double)(i % 2), 1.0), KEDGE_OK);
            x[i % 16] = -x[i % 16];
            assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
            assert_int_equal(kedge_model_score(&m, x, scores, 2), KEDGE_OK);
            assert_true(scores[(size_t)y] >= 0.5 - 1e-9);
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        }
        guard_free(mem);
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_predicts_the_greatest_score),
        cmocka_unit_test(test_bounds_of_near),
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_a_weight_is_that_many_rows),
        cmocka_unit_test(test_degenerate_data),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_fit_of_any_layout),
        cmocka_unit_test(test_fit_of_any_layout_is_the_same),
        cmocka_unit_test(test_unseen_classes_get_nothing),
        cmocka_unit_test(test_a_late_refusal_changes_nothing),
        cmocka_unit_test(test_hostile_weights),
        cmocka_unit_test(test_rows_of_all_forms),
        cmocka_unit_test(test_hostile_scales),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
