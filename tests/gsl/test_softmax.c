/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multinomial logistic regression: a table by hand, the conditions of the optimum computed from rows, the two-class trainers,
 * numbers of scikit-learn and statsmodels, units and columns that say nothing, data without an answer, configurations and refusals.
 * */
#include "gsl_support.h"

#include <float.h>

enum { MAX_ROWS = 300, MAX_FEATURES = 6, MAX_CLASSES = 5 };

typedef struct sample {
    size_t n, p, k;
    double x[MAX_ROWS * MAX_FEATURES], y[MAX_ROWS], weight[MAX_ROWS];
} sample;

/* Classes that overlap, columns of different units. */
static void fill_sample(sample *s, size_t n, size_t p, size_t k, uint64_t seed)
{
    kedge_rng rng = {seed};
    s->n = n;
    s->p = p;
    s->k = k;
    for (size_t i = 0; i < n; i++) {
        size_t class_of = (size_t)kedge_rng_below(&rng, k);
        s->y[i] = (double)class_of;
        s->weight[i] = (double)kedge_rng_below(&rng, 3);
        for (size_t j = 0; j < p; j++)
            s->x[i * p + j] = 5 * (double)j + (0.1 + (double)j) * (kedge_rng_normal(&rng) + (j % k == class_of ? 1 : 0));
    }
}

/* The table that scikit-learn 1.9.1 and statsmodels 0.15.0 were given: classes of 21, 29 and 10 rows. */
static void fill_golden(sample *s)
{
    s->n = 60;
    s->p = s->k = 3;
    for (size_t i = 0; i < s->n; i++) {
        double *x = s->x + i * 3, at = (double)(i + 1);
        for (size_t j = 0; j < 3; j++)
            x[j] = sin(1.3 * at * (double)(j + 1)) * (double)(j + 1) + (double)j;
        s->y[i] = (x[0] + cos(5 * at) > 0.3) + (x[1] + 2 * cos(7 * at) > 1.5);
        s->weight[i] = 1 + (double)((i + 1) % 3);
    }
}

static kedge_rows rows_of(const sample *s)
{
    return kedge_rows_float64(s->x, s->n, s->p);
}

static kedge_gsl_softmax_config config_of(const sample *s, double l2, uint32_t standardise)
{
    kedge_gsl_softmax_config cfg = kedge_gsl_softmax_defaults((uint32_t)s->p, (uint32_t)s->k);
    cfg.l2 = l2;
    cfg.standardise = standardise;
    cfg.report = l2 == 0;
    return cfg;
}

static kedge_model fitted(const sample *s, const kedge_gsl_softmax_config *cfg, const double *weight)
{
    kedge_rows rows = rows_of(s);
    kedge_model m = gsl_model(&cfg->base);
    assert_int_equal(gsl_fit(&m, &rows, s->y, weight), KEDGE_OK);
    return m;
}

static kedge_gsl_softmax_fit told(const kedge_model *m)
{
    kedge_gsl_softmax_fit fit;
    assert_int_equal(kedge_gsl_softmax_summary(m, &fit), KEDGE_OK);
    return fit;
}

/* The intercept, then the weights. */
static void weights_of(const kedge_model *m, uint32_t k, size_t p, double *out)
{
    assert_int_equal(kedge_gsl_softmax_coefficients(m, k, out + 1, p, out), KEDGE_OK);
}

/* Two groups, three classes, counts as weights: every group's shares are predicted, and all errors are sums of reciprocals. */
static void test_by_hand(void **unused)
{
    static const double count[2][3] = {{10, 20, 30}, {40, 5, 15}};
    sample s = {6, 1, 3, {0, 0, 0, 1, 1, 1}, {0, 1, 2, 0, 1, 2}, {10, 20, 30, 40, 5, 15}};
    kedge_gsl_softmax_config cfg = config_of(&s, 0, 1);
    kedge_model m = fitted(&s, &cfg, s.weight);
    kedge_gsl_coefficient b[2];
    double p[3], w[2], deviance = 0, null = 0;
    (void)unused;
    for (size_t g = 0; g < 2; g++) {
        double at = (double)g;
        assert_int_equal(kedge_model_score(&m, &at, p, 3), KEDGE_OK);
        for (size_t k = 0; k < 3; k++) {
            assert_close(p[k], count[g][k] / 60, 1e-12);
            deviance -= 2 * count[g][k] * log(count[g][k] / 60);
            null -= 2 * count[g][k] * log((count[0][k] + count[1][k]) / 120);
        }
    }
    for (uint32_t k = 0; k < 3; k++) {
        double low = 1 / count[0][0] + 1 / count[0][k], high = 1 / count[1][0] + 1 / count[1][k];
        double log_low = log(count[0][k] / count[0][0]), log_high = log(count[1][k] / count[1][0]);
        weights_of(&m, k, 1, w);
        assert_close(w[0], log_low, 1e-12);
        assert_close(w[1], log_high - log_low, 1e-12);
        assert_int_equal(kedge_gsl_softmax_report(&m, k, 0.95, b, 2), KEDGE_OK);
        assert_true(b[0].value == w[0] && b[1].value == w[1]);
        assert_close(b[0].standard_error, k == 0 ? 0 : sqrt(low), 1e-10);
        assert_close(b[1].standard_error, k == 0 ? 0 : sqrt(low + high), 1e-10);
        assert_true(k > 0 || (b[0].p_value == 1 && b[1].p_value == 1 && b[1].low == 0 && b[1].high == 0));
    }
    assert_close(told(&m).deviance, deviance, 1e-12);
    assert_close(told(&m).null_deviance, null, 1e-12);
    assert_close(told(&m).p_value, exp(-(null - deviance) / 2), 1e-12); /* chi-squared with two degrees of freedom */
    assert_true(told(&m).rank == 2 && told(&m).n_rows == 6 && told(&m).n_seen == 3);
    guard_free(m.state);
}

/* At the optimum the slopes of the log loss, from the model's own probabilities, are those of the penalty; weights sum to 0 with
 * one. */
static void check_optimal(const sample *s, const kedge_gsl_softmax_config *cfg, const double *weight, const kedge_model *m)
{
    static long double slope[MAX_CLASSES][MAX_FEATURES + 1];
    double w[MAX_CLASSES][MAX_FEATURES + 1], p[MAX_CLASSES], mean[MAX_FEATURES] = {0}, squares[MAX_FEATURES] = {0}, total = 0;
    memset(slope, 0, sizeof slope);
    for (size_t i = 0; i < s->n; i++) {
        total += weight ? weight[i] : 1;
        for (size_t j = 0; j < s->p; j++)
            mean[j] += (weight ? weight[i] : 1) * s->x[i * s->p + j];
    }
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->p; j++)
            squares[j] += (weight ? weight[i] : 1) * pow(s->x[i * s->p + j] - mean[j] / total, 2);
    for (uint32_t k = 0; k < s->k; k++)
        weights_of(m, k, s->p, w[k]);
    for (size_t i = 0; i < s->n; i++) {
        assert_int_equal(kedge_model_score(m, s->x + i * s->p, p, s->k), KEDGE_OK);
        for (size_t k = 0; k < s->k; k++)
            for (size_t j = 0; j <= s->p; j++)
                slope[k][j] += (weight ? weight[i] : 1) * (p[k] - (s->y[i] == (double)k)) *
                               (j == 0 ? 1 : (s->x[i * s->p + j - 1] - mean[j - 1] / total));
    }
    for (size_t j = 0; j <= s->p; j++) {
        double variance = j == 0 ? 1 : squares[j - 1] / total, sum = 0;
        for (size_t k = 0; k < s->k; k++) {
            double ridge = j == 0 ? 0 : cfg->l2 * (cfg->standardise ? variance : 1);
            assert_true(fabsl(slope[k][j] + ridge * w[k][j]) < 1e-8L * total * sqrt(variance));
            sum += w[k][j];
        }
        assert_true(cfg->l2 == 0 ? w[0][j] == 0 : fabs(sum) < 1e-10 * (1 + fabs(w[0][j])));
    }
}

static void test_optimum(void **unused)
{
    static const double penalties[4] = {0, 1, 1e-3, 100};
    static sample s;
    (void)unused;
    for (uint32_t k = 0; k < 64; k++) {
        fill_sample(&s, 150 + k, 1 + k % MAX_FEATURES, 2 + k % (MAX_CLASSES - 1), k);
        kedge_gsl_softmax_config cfg = config_of(&s, penalties[k % 4], k / 4 % 2);
        const double *weight = k / 8 % 2 ? s.weight : NULL;
        kedge_model m = fitted(&s, &cfg, weight);
        check_optimal(&s, &cfg, weight, &m);
        guard_free(m.state);
    }
}

/* Two classes: kedge_gsl_logistic, where both classes have half the weight, so that the penalty is half as large; kedge_gsl_glm
 * without. */
static void test_two_classes(void **unused)
{
    static sample s;
    double p[2], q[2];
    (void)unused;
    fill_sample(&s, 200, 4, 2, 3);
    kedge_rows rows = rows_of(&s);
    kedge_gsl_softmax_config cfg = config_of(&s, 2, 1), free = config_of(&s, 0, 1);
    kedge_gsl_logistic_config logistic = kedge_gsl_logistic_defaults(4);
    kedge_gsl_glm_config glm = kedge_gsl_glm_defaults(4, KEDGE_GLM_BINOMIAL);
    kedge_model m = fitted(&s, &cfg, NULL), l = gsl_model(&logistic.base), f = fitted(&s, &free, NULL);
    kedge_gsl_coefficient a[5], b[5];
    glm.report = 1;
    kedge_model g = gsl_model(&glm.base);
    assert_int_equal(gsl_fit(&l, &rows, s.y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&g, &rows, s.y, NULL), KEDGE_OK);
    for (size_t i = 0; i < s.n; i++) {
        assert_int_equal(kedge_model_score(&m, s.x + i * 4, p, 2), KEDGE_OK);
        assert_int_equal(kedge_model_score(&l, s.x + i * 4, q, 2), KEDGE_OK);
        assert_close(p[1], q[1], 1e-11);
        assert_true(gsl_predict(&m, s.x + i * 4) == (p[1] > p[0]));
        assert_int_equal(kedge_model_score(&f, s.x + i * 4, p, 2), KEDGE_OK);
        assert_close(p[1], gsl_predict(&g, s.x + i * 4), 1e-11);
    }
    assert_int_equal(kedge_gsl_softmax_report(&f, 1, 0.9, a, 5), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&g, 0.9, NULL, b, 5), KEDGE_OK);
    for (size_t j = 0; j < 5; j++) {
        assert_close(a[j].value, b[j].value, 1e-10);
        assert_close(a[j].standard_error, b[j].standard_error, 1e-9);
        assert_close(a[j].low, b[j].low, 1e-9);
        assert_close(a[j].p_value, b[j].p_value, 1e-9);
    }
    guard_free(m.state);
    guard_free(l.state);
    guard_free(f.state);
    guard_free(g.state);
}

/* scikit-learn 1.9.1: LogisticRegression(C=1/l2, tol=1e-14, solver="newton-cholesky").fit(X, y, sample_weight); intercepts about
 * their mean. */
/* Long tables start from every 16th row, and their first matrix is that of every fourth block of rows. What those never see, a
 * column that is 0 there or the rows that weigh most, counts all the same: two classes are logistic regression. */
static void check_long_table(const double *weight)
{
    enum { LONG = 36000, COLUMNS = 2 };
    static double x[LONG * COLUMNS], y[LONG];
    kedge_rng rng = {3};
    double wants[COLUMNS], has[COLUMNS], first[COLUMNS], want, of, of_first;
    for (size_t i = 0; i < LONG; i++) {
        x[i * COLUMNS] = kedge_rng_normal(&rng);
        x[i * COLUMNS + 1] = i % 256 == 65;
        y[i] = kedge_rng_uniform(&rng) < 1 / (1 + exp(-2 * x[i * COLUMNS] - 1.5 * x[i * COLUMNS + 1]));
    }
    kedge_rows rows = kedge_rows_float64(x, LONG, COLUMNS);
    kedge_gsl_logistic_config logistic = kedge_gsl_logistic_defaults(COLUMNS);
    kedge_gsl_softmax_config softmax = kedge_gsl_softmax_defaults(COLUMNS, 2);
    logistic.l2 = softmax.l2 = 0;
    kedge_model a = gsl_model(&logistic.base), b = gsl_model(&softmax.base);
    assert_int_equal(gsl_fit(&a, &rows, y, weight), KEDGE_OK);
    assert_int_equal(gsl_fit(&b, &rows, y, weight), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&a, wants, COLUMNS, &want), KEDGE_OK);
    assert_int_equal(kedge_gsl_softmax_coefficients(&b, 0, first, COLUMNS, &of_first), KEDGE_OK);
    assert_int_equal(kedge_gsl_softmax_coefficients(&b, 1, has, COLUMNS, &of), KEDGE_OK);
    for (size_t j = 0; j < COLUMNS; j++)
        assert_close(has[j] - first[j], wants[j], 1e-8);
    assert_close(of - of_first, want, 1e-8);
    assert_true(wants[1] > 0.5);
    guard_free(a.state);
    guard_free(b.state);
}

static void test_long_tables(void **unused)
{
    (void)unused;
    static double weight[36000];
    check_long_table(NULL);
    for (size_t i = 0; i < 36000; i++)
        weight[i] = i % 256 >= 65 && i % 256 < 80 ? 1000 : 1;
    check_long_table(weight);
}

static void test_golden(void **unused)
{
    static const struct {
        double l2;
        int weighted;
        double intercept[3], weight[9];
    } golden[] = {
        {1, 0, {1.0824659789234947, 1.387322627963552, -2.4697886068870467},
         {-1.5124656973829016, -0.79047193967016049, 0.018336128546612443, -0.10311733524608892, -0.15080915505980039,
          -0.092152237876980972, 1.6155830326289908, 0.94128109472996246, 0.073816109330372429}},
        {2, 1, {1.0247118279497862, 1.3419065153607594, -2.3666183433105457},
         {-1.6113972283423414, -0.7476064932867531, 0.048653636264791099, -0.14687519166935709, -0.19929213642455151,
          -0.081140146584692832, 1.7582724200116995, 0.94689862971130434, 0.032486510319902157}},
        {0.05, 0, {1.651009974305917, 1.977193109948284, -3.628203084254201},
         {-2.3788602435475132, -1.0533201663062444, 0.01649215329714639, -0.43734502923719154, -0.23552220962445158,
          -0.099057984866221235, 2.8162052727846967, 1.2888423759307424, 0.082565831569234166}},
    };
    static sample s;
    double w[4];
    (void)unused;
    fill_golden(&s);
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        kedge_gsl_softmax_config cfg = config_of(&s, golden[i].l2, 0);
        kedge_model m = fitted(&s, &cfg, golden[i].weighted ? s.weight : NULL);
        for (uint32_t k = 0; k < 3; k++) {
            weights_of(&m, k, 3, w);
            assert_close(w[0], golden[i].intercept[k], 1e-9);
            for (size_t j = 0; j < 3; j++)
                assert_close(w[j + 1], golden[i].weight[3 * k + j], 1e-9);
        }
        guard_free(m.state);
    }
}

/* statsmodels 0.15.0: MNLogit(y, add_constant(X)).fit(method="newton", tol=1e-15): params, bse, pvalues, -2 llf, llr_pvalue,
 * conf_int(). */
static void test_golden_tests(void **unused)
{
    static const double value[8] = {0.32871179855377775, 1.9981300163803462, 0.83672597584019892, -0.11659202385577566,
                                    -5.5956125806769661, 5.5532127991819618, 2.4106256454974901, 0.078324419557769698};
    static const double error[8] = {0.57022052589777894, 0.65864463424748321, 0.30954659898207304, 0.17167843410284894,
                                    1.9592328298631965,  1.6767233378372612,  0.74691021640617095, 0.33017897658070189};
    static const double p_value[8] = {0.56430136716952262,   0.0024157478182767083, 0.0068702375997086833, 0.49705531500403843,
                                      0.0042898505270056184, 0.00092650287376917968, 0.0012489286602712338, 0.81248761856785023};
    static sample s;
    kedge_gsl_coefficient b[4];
    (void)unused;
    fill_golden(&s);
    kedge_gsl_softmax_config cfg = config_of(&s, 0, 1);
    kedge_model m = fitted(&s, &cfg, NULL);
    for (uint32_t k = 1; k < 3; k++) {
        assert_int_equal(kedge_gsl_softmax_report(&m, k, 0.95, b, 4), KEDGE_OK);
        for (size_t j = 0; j < 4; j++) {
            assert_close(b[j].value, value[4 * k - 4 + j], 1e-9);
            assert_close(b[j].standard_error, error[4 * k - 4 + j], 1e-9);
            assert_close(b[j].statistic, value[4 * k - 4 + j] / error[4 * k - 4 + j], 1e-9);
            assert_close(b[j].p_value, p_value[4 * k - 4 + j], 1e-9);
        }
    }
    assert_close(b[3].low, -0.56881448299269999, 1e-9);
    assert_close(b[3].high, 0.72546332210823938, 1e-9);
    assert_close(told(&m).deviance, 70.658996996902204, 1e-9);
    assert_close(told(&m).p_value / 2.4192977909808571e-09, 1, 1e-6); /* its null model ends early */
    assert_int_equal(told(&m).rank, 6);
    guard_free(m.state);
}

/* Units change nothing; constants and copies get no weight; nor do classes without rows a probability. */
static void test_units_and_columns(void **unused)
{
    static sample s, t;
    static const double unit[3] = {1e300, 1e-300, 1e3};
    double p[5], q[5], w[6];
    (void)unused;
    fill_sample(&s, 200, 3, 3, 9);
    t = s;
    t.p = 5;
    t.k = 5;
    for (size_t i = 0; i < s.n; i++) {
        for (size_t j = 0; j < 3; j++)
            t.x[i * 5 + j] = s.x[i * 3 + j] * unit[j] / 100;
        t.x[i * 5 + 3] = 7;
        t.x[i * 5 + 4] = 2 * t.x[i * 5 + 2];
        t.y[i] = s.y[i] + 1 + (s.y[i] == 2); /* classes 0 and 3 have no rows */
    }
    for (int penalised = 0; penalised < 2; penalised++) {
        kedge_gsl_softmax_config cfg = config_of(&s, penalised ? 1e-6 : 0, 1), other = config_of(&t, penalised ? 1e-6 : 0, 1);
        kedge_model m = fitted(&s, &cfg, s.weight), u = fitted(&t, &other, s.weight);
        for (size_t i = 0; i < s.n; i++) {
            assert_int_equal(kedge_model_score(&m, s.x + i * 3, p, 3), KEDGE_OK);
            assert_int_equal(kedge_model_score(&u, t.x + i * 5, q, 5), KEDGE_OK);
            assert_true(q[0] == 0 && q[3] == 0);
            assert_close(p[0], q[1], penalised ? 1e-6 : 1e-10);
            assert_close(p[1], q[2], penalised ? 1e-6 : 1e-10);
            assert_close(p[2], q[4], penalised ? 1e-6 : 1e-10);
            assert_true(gsl_predict(&u, t.x + i * 5) != 0 && gsl_predict(&u, t.x + i * 5) != 3);
        }
        assert_int_equal(told(&u).n_seen, 3);
        assert_true(penalised || (told(&u).rank == 6 && told(&m).rank == 6));
        assert_int_equal(kedge_gsl_softmax_coefficients(&u, 2, w + 1, 5, w), KEDGE_OK);
        assert_true(w[4] == 0 && (penalised || w[5] == 0));
        guard_free(u.state);
        guard_free(m.state);
    }
}

static void test_no_answer(void **unused)
{
    static sample s;
    double zero[MAX_ROWS] = {0}, p[3], y = 5;
    (void)unused;
    fill_sample(&s, 90, 2, 3, 4);
    for (size_t i = 0; i < s.n; i++)
        s.x[i * 2] = s.y[i] + 0.001 * s.x[i * 2]; /* separable */
    kedge_rows rows = rows_of(&s);
    kedge_gsl_softmax_config cfg = config_of(&s, 0, 1), ridge = config_of(&s, 1e-3, 1);
    kedge_model m = gsl_model(&cfg.base), r = gsl_model(&ridge.base);
    assert_int_equal(kedge_model_score(&m, s.x, p, 3), KEDGE_EMPTY);
    assert_true(p[0] == p[1] && p[1] == p[2] && fabs(p[0] - 1.0 / 3) < 1e-15);
    assert_int_equal(kedge_model_predict(&m, s.x, &y), KEDGE_EMPTY);
    assert_true(y == 0);
    assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_ERR_NUMERIC);
    assert_int_equal(gsl_fit(&r, &rows, s.y, NULL), KEDGE_OK);
    for (size_t i = 0; i < s.n; i++)
        assert_true(gsl_predict(&r, s.x + i * 2) == s.y[i]);
    assert_int_equal(gsl_fit(&r, &rows, s.y, zero), KEDGE_ERR_NUMERIC);
    for (size_t i = 0; i < s.n; i++)
        zero[i] = s.y[i] == 1;
    assert_int_equal(gsl_fit(&r, &rows, s.y, zero), KEDGE_ERR_NUMERIC); /* one class */
    guard_free(r.state);
    ridge.max_iterations = 2;
    r = gsl_model(&ridge.base);
    assert_int_equal(gsl_fit(&r, &rows, s.y, NULL), KEDGE_ERR_NUMERIC);
    guard_free(r.state);
    guard_free(m.state);
}

static void test_configuration(void **unused)
{
    kedge_gsl_softmax_config cfg = kedge_gsl_softmax_defaults(3, 4), bad;
    (void)unused;
    assert_true(cfg.l2 == 1 && cfg.tolerance == 1e-10 && cfg.max_iterations == 100 && cfg.standardise == 1 && cfg.report == 0);
    assert_int_equal(kedge_class_check(&kedge_gsl_softmax.base), KEDGE_OK);
    assert_int_equal(kedge_gsl_softmax_config_init(NULL, sizeof cfg, 3, 4), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_softmax_config_init(&bad, sizeof cfg + 1, 3, 4), KEDGE_ERR_CONFIG);
    bad = kedge_gsl_softmax_defaults(KEDGE_FEATURES_MAX, KEDGE_CLASSES_MAX);
    bad.l2 = 0;
    bad.report = 1;
    assert_int_equal(kedge_model_size(&bad.base), 0); /* beyond 4 GB */
    assert_true(kedge_model_fit_work(&cfg.base, 1) == kedge_model_fit_work(&cfg.base, 1u << 30));
}

static void test_refusals(void **unused)
{
    static sample s;
    kedge_gsl_coefficient b[5];
    kedge_gsl_softmax_fit fit;
    double w[4], a;
    (void)unused;
    fill_sample(&s, 50, 4, 3, 2);
    kedge_gsl_softmax_config cfg = config_of(&s, 0, 1), plain = config_of(&s, 1, 1);
    kedge_gsl_logistic_config logistic = kedge_gsl_logistic_defaults(4);
    kedge_model empty = gsl_model(&cfg.base), m = fitted(&s, &plain, NULL), other = gsl_model(&logistic.base);
    assert_int_equal(kedge_gsl_softmax_coefficients(&empty, 0, w, 4, &a), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_softmax_report(&empty, 0, 0.95, b, 5), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_softmax_summary(&empty, &fit), KEDGE_EMPTY);
    assert_true(fit.n_rows == 0 && fit.p_value == 0);
    assert_int_equal(kedge_gsl_softmax_report(&m, 0, 0.95, b, 5), KEDGE_ERR_UNSUPPORTED);
    assert_true(told(&m).p_value == 1);
    assert_int_equal(kedge_gsl_softmax_report(&empty, 3, 0.95, b, 5), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_gsl_softmax_report(&empty, 0, 1, b, 5), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_gsl_softmax_report(&empty, 0, 0.95, b, 4), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_softmax_report(&empty, 0, 0.95, NULL, 5), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_softmax_report(&other, 0, 0.95, b, 5), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_softmax_coefficients(&m, 3, w, 4, &a), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_gsl_softmax_coefficients(&m, 0, w, 3, &a), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_softmax_coefficients(&m, 0, NULL, 4, &a), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_softmax_coefficients(&m, 0, w, 4, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_softmax_coefficients(&other, 0, w, 4, &a), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_softmax_summary(&other, &fit), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_softmax_summary(NULL, &fit), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_softmax_summary(&m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_coefficients(&m, w, 4, &a), KEDGE_ERR_CLASS);
    guard_free(empty.state);
    guard_free(m.state);
    guard_free(other.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),       cmocka_unit_test(test_optimum),           cmocka_unit_test(test_two_classes),
        cmocka_unit_test(test_golden),        cmocka_unit_test(test_golden_tests),      cmocka_unit_test(test_units_and_columns),
        cmocka_unit_test(test_no_answer),     cmocka_unit_test(test_configuration),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_long_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
