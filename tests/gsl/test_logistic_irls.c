/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logistic regression by IRLS: hand-computed odds, the gradient at the optimum, ridge, separable and one-sided classes, scales,
 * errors. */
#include "gsl_support.h"

#include <float.h>

enum { MAX_FEATURES = 8, MAX_ROWS = 1001 };

typedef struct sample {
    size_t n, p;
    double x[MAX_ROWS * MAX_FEATURES], y[MAX_ROWS], weight[MAX_ROWS];
} sample;

static kedge_model new_model(size_t n_features, double l2, double tolerance)
{
    kedge_gsl_logistic_config cfg = kedge_gsl_logistic_defaults((uint32_t)n_features);
    cfg.l2 = l2;
    cfg.tolerance = tolerance;
    return gsl_model(&cfg.base);
}

static void fill_sample(sample *s, size_t n, size_t p, double noise, uint64_t seed)
{
    kedge_rng rng = {seed};
    s->n = n;
    s->p = p;
    for (size_t i = 0; i < n; i++) {
        double eta = 0.5 + noise * kedge_rng_normal(&rng);
        for (size_t j = 0; j < p; j++) {
            double z = kedge_rng_normal(&rng);
            s->x[i * p + j] = 10 * (double)j + (1 + (double)(j * j)) * z;
            eta += j % 2 ? -z : z;
        }
        s->y[i] = eta > 0;
        s->weight[i] = 0.2 + 2 * kedge_rng_uniform(&rng);
    }
}

static kedge_rows rows_of(const sample *s)
{
    return kedge_rows_float64(s->x, s->n, s->p);
}

/* Largest part of the gradient of sum(w * log loss) + l2/2 |u|^2 at the fitted coefficients, u on standardised features. */
static double gradient_norm(const sample *s, const double *weight, double l2, const double *w, double intercept)
{
    long double total = 0, by_intercept = 0, norm = 0, residual[MAX_ROWS];
    for (size_t i = 0; i < s->n; i++) {
        long double eta = intercept;
        for (size_t j = 0; j < s->p; j++)
            eta += (long double)w[j] * s->x[i * s->p + j];
        total += weight[i];
        residual[i] = weight[i] * (1 / (1 + expl(-eta)) - s->y[i]);
        by_intercept += residual[i];
    }
    norm = fabsl(by_intercept);
    for (size_t j = 0; j < s->p; j++) {
        long double mean = 0, variance = 0, g = 0;
        for (size_t i = 0; i < s->n; i++)
            mean += weight[i] * s->x[i * s->p + j] / total;
        for (size_t i = 0; i < s->n; i++)
            variance += weight[i] * (s->x[i * s->p + j] - mean) * (s->x[i * s->p + j] - mean) / total;
        for (size_t i = 0; i < s->n; i++)
            g += residual[i] * (s->x[i * s->p + j] - mean) / sqrtl(variance);
        g += l2 * w[j] * sqrtl(variance);
        norm = fabsl(g) > norm ? fabsl(g) : norm;
    }
    return (double)norm;
}

/* One feature of 0 and 1: 30 to 10 at 0, 15 to 45 at 1. Without a penalty the odds are the counts': 1/3 and 3. */
static void test_odds_by_hand(void **unused)
{
    (void)unused;
    const double x[4] = {0, 0, 1, 1}, y[4] = {0, 1, 0, 1}, weight[4] = {30, 10, 15, 45};
    kedge_rows rows = kedge_rows_float64(x, 4, 1);
    kedge_model m = new_model(1, 0, 1e-12);
    double w, intercept, scores[2];
    assert_int_equal(gsl_fit(&m, &rows, y, weight), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&m, &w, 1, &intercept), KEDGE_OK);
    assert_close(intercept, -log(3), 1e-12);
    assert_close(w, log(9), 1e-12);
    assert_int_equal(kedge_model_score(&m, x, scores, 2), KEDGE_OK);
    assert_close(scores[0], 0.75, 1e-12);
    assert_close(scores[1], 0.25, 1e-12);
    assert_true(gsl_predict(&m, x) == 0 && gsl_predict(&m, x + 2) == 1);
    assert_close(gsl_summary(&m).deviance, -2 * (75 * log(0.75) + 25 * log(0.25)), 1e-12);
    assert_int_equal(gsl_summary(&m).rank, 1);
    guard_free(m.state);
}

/* The objective is convex: where its gradient vanishes, there is the optimum. Row counts with every remainder of the groups of
 * four. */
static void test_gradient_vanishes(void **unused)
{
    (void)unused;
    static const double penalties[4] = {1, 0.01, 100, 0};
    static sample s;
    double w[MAX_FEATURES], intercept;
    for (size_t k = 0; k < 16; k++) {
        double l2 = penalties[k % 4], ones[MAX_ROWS];
        fill_sample(&s, k < 8 ? 40 + k : MAX_ROWS - k, 1 + k % MAX_FEATURES, 3, 100 + k);
        for (size_t i = 0; i < s.n; i++)
            ones[i] = 1;
        const double *weight = k % 3 ? s.weight : NULL;
        kedge_model by_default = new_model(s.p, l2, 1e-10), exact = new_model(s.p, l2, 1e-14);
        kedge_rows rows = rows_of(&s);
        assert_int_equal(gsl_fit(&by_default, &rows, s.y, weight), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&by_default, w, s.p, &intercept), KEDGE_OK);
        assert_true(gradient_norm(&s, weight ? weight : ones, l2, w, intercept) < 1e-8 * (double)s.n);
        assert_int_equal(gsl_fit(&exact, &rows, s.y, weight), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&exact, w, s.p, &intercept), KEDGE_OK);
        assert_true(gradient_norm(&s, weight ? weight : ones, l2, w, intercept) < 1e-8);
        assert_int_equal(gsl_summary(&exact).rank, s.p);
        assert_in_range(gsl_summary(&exact).iterations, 3, 15);
        guard_free(by_default.state);
        guard_free(exact.state);
    }
}

/* Separable: with a penalty an answer that splits the classes, without one none. Newton from 0 would overshoot: halving holds it.
 * */
static void test_separable(void **unused)
{
    (void)unused;
    double x[40], y[40];
    kedge_rng rng = {3};
    for (int i = 0; i < 40; i++) {
        y[i] = i % 2;
        x[i] = (i % 2 ? 1 : -1) * (0.1 + kedge_rng_uniform(&rng));
    }
    kedge_rows rows = kedge_rows_float64(x, 40, 1);
    static const double penalties[4] = {1e9, 1, 1e-6, 1e-12};
    double last = 0;
    for (int k = 0; k < 4; k++) {
        kedge_model m = new_model(1, penalties[k], 1e-10);
        double w, intercept;
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        for (int i = 0; i < 40 && k > 0; i++)
            assert_true(gsl_predict(&m, x + i) == y[i]);
        assert_int_equal(kedge_gsl_coefficients(&m, &w, 1, &intercept), KEDGE_OK);
        assert_true(w > last);
        last = w;
        guard_free(m.state);
    }
    for (int k = 0; k < 2; k++) { /* however long it tries: in the end the loss is 0, and that is no optimum */
        kedge_gsl_logistic_config cfg = kedge_gsl_logistic_defaults(1);
        cfg.l2 = 0;
        cfg.max_iterations = k ? 10000 : 100;
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_ERR_NUMERIC);
        guard_free(m.state);
    }
}

static void test_one_class_has_no_answer(void **unused)
{
    (void)unused;
    static sample s;
    double y[60] = {0};
    fill_sample(&s, 60, 3, 1, 4);
    kedge_rows rows = rows_of(&s);
    for (int l2 = 0; l2 < 2; l2++) {
        kedge_model m = new_model(3, l2, 1e-10);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_ERR_NUMERIC);
        assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_OK);
        double before = gsl_predict(&m, s.x);
        for (int i = 0; i < 60; i++)
            s.weight[i] = s.y[i]; /* the zeros weigh nothing */
        assert_int_equal(gsl_fit(&m, &rows, s.y, s.weight), KEDGE_ERR_NUMERIC);
        memset(s.weight, 0, sizeof s.weight);
        assert_int_equal(gsl_fit(&m, &rows, s.y, s.weight), KEDGE_ERR_NUMERIC);
        assert_true(gsl_predict(&m, s.x) == before);
        guard_free(m.state);
    }
}

/* A weight of k is the row k times, and weight 0 is no row. */
static void test_weights(void **unused)
{
    (void)unused;
    static sample s, many;
    fill_sample(&s, 80, 2, 2, 5);
    many.p = 2;
    many.n = 0;
    for (size_t i = 0; i < s.n; i++) {
        s.weight[i] = (double)(i % 4);
        for (size_t k = 0; k < i % 4; k++, many.n++) {
            memcpy(many.x + 2 * many.n, s.x + 2 * i, 2 * sizeof(double));
            many.y[many.n] = s.y[i];
        }
    }
    kedge_model a = new_model(2, 1, 1e-13), b = new_model(2, 1, 1e-13);
    kedge_rows rows = rows_of(&s), rows_many = rows_of(&many);
    double w[2][2], intercept[2];
    assert_int_equal(gsl_fit(&a, &rows, s.y, s.weight), KEDGE_OK);
    assert_int_equal(gsl_fit(&b, &rows_many, many.y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&a, w[0], 2, intercept), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&b, w[1], 2, intercept + 1), KEDGE_OK);
    assert_close(w[0][0], w[1][0], 1e-12);
    assert_close(w[0][1], w[1][1], 1e-12);
    assert_close(intercept[0], intercept[1], 1e-12);
    assert_close(gsl_summary(&a).deviance, gsl_summary(&b).deviance, 1e-12);
    assert_int_equal(gsl_summary(&a).n_rows, 60);
    guard_free(a.state);
    guard_free(b.state);
}

/* Constant and repeated columns. Ridge shares a weight among equals; without a penalty the later one gets none. */
static void test_dependent_columns(void **unused)
{
    (void)unused;
    static sample one, three;
    fill_sample(&one, 200, 1, 2, 6);
    three.n = 200;
    three.p = 3;
    for (size_t i = 0; i < 200; i++) {
        three.x[3 * i] = three.x[3 * i + 2] = one.x[i];
        three.x[3 * i + 1] = -4.7e200;
    }
    kedge_rows rows_one = rows_of(&one), rows_three = rows_of(&three);
    for (int l2 = 0; l2 < 2; l2++) {
        kedge_model a = new_model(1, 0.5 * l2, 1e-13), b = new_model(3, l2, 1e-13);
        double w, three_w[3], intercept;
        assert_int_equal(gsl_fit(&a, &rows_one, one.y, NULL), KEDGE_OK);
        assert_int_equal(gsl_fit(&b, &rows_three, one.y, NULL), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&a, &w, 1, &intercept), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&b, three_w, 3, &intercept), KEDGE_OK);
        assert_true(three_w[1] == 0);
        assert_close(three_w[0] + three_w[2], w, 1e-9); /* l2/2 (u/2)^2 * 2 = (l2/2)/2 u^2 */
        assert_close(three_w[2], l2 ? w / 2 : 0, 1e-9);
        if (!l2)
            assert_int_equal(gsl_summary(&b).rank, 1);
        guard_free(a.state);
        guard_free(b.state);
    }
}

/* A column that differs in its last bit only is constant, even if that bit knows the class. */
static void test_rounding_is_no_information(void **unused)
{
    (void)unused;
    double x[100], y[100], w, intercept;
    fill_bernoulli(y, 100, 0.5, 13);
    for (int i = 0; i < 100; i++)
        x[i] = y[i] == 1 ? nextafter(0.1, 1) : 0.1;
    kedge_model m = new_model(1, 1, 1e-10);
    kedge_rows rows = kedge_rows_float64(x, 100, 1);
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&m, &w, 1, &intercept), KEDGE_OK);
    assert_true(w == 0);
    guard_free(m.state);
}

/* Standardised: powers of two in the features change no bit of a score. Scores are probabilities, far outside too. */
static void test_units_and_far_rows(void **unused)
{
    (void)unused;
    static const double factor[3] = {0x1p-1000, 0x1p1010, 0x1p-1};
    static sample s, scaled;
    fill_sample(&s, 100, 3, 2, 7);
    scaled = s;
    for (size_t i = 0; i < 300; i++)
        scaled.x[i] = s.x[i] * factor[i % 3];
    kedge_model a = new_model(3, 1, 1e-10), b = new_model(3, 1, 1e-10);
    kedge_rows rows = rows_of(&s), rows_scaled = rows_of(&scaled);
    assert_int_equal(gsl_fit(&a, &rows, s.y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&b, &rows_scaled, s.y, NULL), KEDGE_OK);
    for (size_t i = 0; i < 100; i++) {
        double p[2], q[2];
        assert_int_equal(kedge_model_score(&a, s.x + 3 * i, p, 2), KEDGE_OK);
        assert_int_equal(kedge_model_score(&b, scaled.x + 3 * i, q, 2), KEDGE_OK);
        assert_true(p[0] == q[0] && p[1] == q[1] && fabs(p[0] + p[1] - 1) < 1e-15);
        assert_true(gsl_predict(&a, s.x + 3 * i) == (p[1] > p[0]));
    }
    static const double far[4][3] = {
        {DBL_MAX, DBL_MAX, DBL_MAX}, {-DBL_MAX, DBL_MAX, -DBL_MAX}, {DBL_MAX, -DBL_MAX, 0}, {0, 0, -DBL_MAX}};
    for (int i = 0; i < 4; i++) {
        double p[2];
        assert_int_equal(kedge_model_score(&b, far[i], p, 2), KEDGE_OK);
        assert_true(p[0] >= 0 && p[1] >= 0 && fabs(p[0] + p[1] - 1) < 1e-15);
    }
    guard_free(a.state);
    guard_free(b.state);
}

/* One row in a thousand, and weights of one in a thousand million. */
static void test_rare_class(void **unused)
{
    (void)unused;
    static sample s;
    double w, intercept;
    fill_sample(&s, 1000, 1, 1, 8);
    for (size_t i = 0; i < s.n; i++)
        s.y[i] = i == 500;
    kedge_model m = new_model(1, 1, 1e-14);
    kedge_rows rows = rows_of(&s);
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < s.n; i++)
            s.weight[i] = k && i == 500 ? 1e-6 : 1;
        assert_int_equal(gsl_fit(&m, &rows, s.y, s.weight), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&m, &w, 1, &intercept), KEDGE_OK);
        assert_true(gradient_norm(&s, s.weight, 1, &w, intercept) < 1e-8);
        assert_close(intercept, log(s.weight[500] / 999), 0.1);
    }
    guard_free(m.state);
}

static void test_limits_and_refusals(void **unused)
{
    (void)unused;
    static sample s;
    double at[2] = {0, 0}, y = 7, p[2];
    fill_sample(&s, 50, 2, 1, 9);
    kedge_rows rows = rows_of(&s);
    kedge_gsl_logistic_config cfg = kedge_gsl_logistic_defaults(2);
    cfg.max_iterations = 1;
    kedge_model hurried = gsl_model(&cfg.base), m = new_model(2, 1, 1e-10);
    assert_int_equal(gsl_fit(&hurried, &rows, s.y, NULL), KEDGE_ERR_NUMERIC);
    assert_int_equal(kedge_model_predict(&hurried, at, &y), KEDGE_EMPTY);
    assert_int_equal(kedge_model_score(&hurried, at, p, 2), KEDGE_EMPTY);
    assert_true(y == 0 && p[0] == 0.5 && p[1] == 0.5);
    assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_OK);
    s.y[7] = 2;
    assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_ERR_RANGE);
    s.y[7] = 0.5;
    assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_ERR_RANGE);
    s.y[7] = (double)NAN;
    assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_ERR_NOT_FINITE);
    s.y[7] = 0;
    s.weight[7] = -1;
    assert_int_equal(gsl_fit(&m, &rows, s.y, s.weight), KEDGE_ERR_RANGE);
    s.x[99] = (double)INFINITY;
    assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_ERR_NOT_FINITE);
    guard_free(hurried.state);
    guard_free(m.state);
}

static void test_configuration(void **unused)
{
    (void)unused;
    static const double bad_l2[3] = {-1, 2e9, (double)NAN}, bad_tolerance[4] = {0, 1, -1, (double)NAN};
    kedge_gsl_logistic_config cfg = kedge_gsl_logistic_defaults(3);
    assert_true(cfg.l2 == 1 && cfg.tolerance == 1e-10 && cfg.max_iterations == 100 && cfg.base.n_classes == 2);
    assert_true(kedge_model_size(&cfg.base) > 0);
    assert_true(kedge_model_fit_work(&cfg.base, 1) == kedge_model_fit_work(&cfg.base, 1u << 30));
    for (int i = 0; i < 3; i++) {
        cfg.l2 = bad_l2[i];
        assert_int_equal(kedge_model_size(&cfg.base), 0);
    }
    cfg.l2 = 1;
    for (int i = 0; i < 4; i++) {
        cfg.tolerance = bad_tolerance[i];
        assert_int_equal(kedge_model_size(&cfg.base), 0);
    }
    cfg = kedge_gsl_logistic_defaults(3);
    cfg.max_iterations = 0;
    assert_int_equal(kedge_model_size(&cfg.base), 0);
    cfg = kedge_gsl_logistic_defaults(3);
    cfg.base.n_classes = 3;
    assert_int_equal(kedge_model_size(&cfg.base), 0);
}

/* Fit again and come back from a snapshot: the same bytes; reset: as new. */
static void test_life(void **unused)
{
    (void)unused;
    static sample s;
    unsigned char snapshot[1024];
    fill_sample(&s, 100, 4, 2, 10);
    kedge_gsl_logistic_config cfg = kedge_gsl_logistic_defaults(4);
    size_t bytes = kedge_model_size(&cfg.base), len;
    kedge_model a = gsl_model(&cfg.base), b, fresh = gsl_model(&cfg.base);
    kedge_rows rows = rows_of(&s), half = kedge_rows_float64(s.x, 50, 4);
    assert_int_equal(gsl_fit(&a, &rows, s.y, NULL), KEDGE_OK);
    void *first = guard_copy(a.state, bytes), *mem = guard_new(bytes, 0x77);
    assert_int_equal(gsl_fit(&a, &half, s.y, NULL), KEDGE_OK);
    assert_memory_not_equal(a.state, first, bytes);
    assert_int_equal(gsl_fit(&a, &rows, s.y, NULL), KEDGE_OK);
    assert_memory_equal(a.state, first, bytes);
    assert_int_equal(kedge_model_save(&a, snapshot, sizeof snapshot, &len), KEDGE_OK);
    assert_int_equal(kedge_model_load(&b, &kedge_gsl_logistic, mem, bytes, snapshot, len), KEDGE_OK);
    assert_memory_equal(b.state, first, bytes);
    assert_int_equal(kedge_model_reset(&a), KEDGE_OK);
    assert_memory_equal(a.state, fresh.state, bytes);
    guard_free(first);
    guard_free(mem);
    guard_free(a.state);
    guard_free(fresh.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odds_by_hand),
        cmocka_unit_test(test_gradient_vanishes),
        cmocka_unit_test(test_separable),
        cmocka_unit_test(test_one_class_has_no_answer),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_dependent_columns),
        cmocka_unit_test(test_rounding_is_no_information),
        cmocka_unit_test(test_units_and_far_rows),
        cmocka_unit_test(test_rare_class),
        cmocka_unit_test(test_limits_and_refusals),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
