/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Discriminant analysis: a case by hand, a naive reference with densities, weights, units, columns that say nothing, data without
 * an answer, configurations, and a state's life. */
#include "gsl_support.h"

#include <fenv.h>
#include <float.h>

enum { MAX_ROWS = 200, MAX_FEATURES = 6, MAX_CLASSES = 4 };

typedef struct sample {
    size_t n, p, k;
    double x[MAX_ROWS * MAX_FEATURES], y[MAX_ROWS], weight[MAX_ROWS];
} sample;

static void fill_sample(sample *s, size_t n, size_t p, size_t k, uint64_t seed)
{
    kedge_rng rng = {seed};
    s->n = n;
    s->p = p;
    s->k = k;
    for (size_t i = 0; i < n; i++) {
        double z = kedge_rng_normal(&rng);
        size_t class_of = (size_t)kedge_rng_below(&rng, k);
        s->y[i] = (double)class_of;
        s->weight[i] = 1 + (double)kedge_rng_below(&rng, 3);
        for (size_t j = 0; j < p; j++)
            s->x[i * p + j] = 5 * (double)j + (1 + (double)j) * (kedge_rng_normal(&rng) * (1 + 0.3 * (double)class_of) + 0.5 * z +
                                                                 (j % k == class_of ? 1 : 0));
    }
}

static kedge_rows rows_of(const sample *s)
{
    return kedge_rows_float64(s->x, s->n, s->p);
}

static kedge_model new_model(const sample *s, uint32_t quadratic, uint32_t unbiased, double shrinkage)
{
    kedge_gsl_discriminant_config cfg = kedge_gsl_discriminant_defaults((uint32_t)s->p, (uint32_t)s->k);
    cfg.quadratic = quadratic;
    cfg.unbiased = unbiased;
    cfg.shrinkage = shrinkage;
    return gsl_model(&cfg.base);
}

/* By definition: log prior + log density, with the inverse and the determinant by Gauss and Jordan. */
typedef struct reference {
    long double share[MAX_CLASSES], mean[MAX_CLASSES][MAX_FEATURES], inverse[MAX_CLASSES][MAX_FEATURES][MAX_FEATURES],
        log_det[MAX_CLASSES];
} reference;

static void invert(long double a[MAX_FEATURES][MAX_FEATURES], size_t p, long double out[MAX_FEATURES][MAX_FEATURES],
                   long double *log_det)
{
    *log_det = 0;
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++)
            out[i][j] = i == j;
    for (size_t k = 0; k < p; k++) { /* positive definite: no pivoting */
        long double pivot = a[k][k];
        *log_det += logl(pivot);
        for (size_t j = 0; j < p; j++) {
            a[k][j] /= pivot;
            out[k][j] /= pivot;
        }
        for (size_t i = 0; i < p; i++) {
            long double by = a[i][k];
            for (size_t j = 0; j < p && i != k; j++) {
                a[i][j] -= by * a[k][j];
                out[i][j] -= by * out[k][j];
            }
        }
    }
}

static void refer(const sample *s, const double *weight, int quadratic, int unbiased, double shrinkage, reference *r)
{
    long double total = 0, of[MAX_CLASSES] = {0}, n_of[MAX_CLASSES] = {0};
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < s->n; i++) {
        size_t k = (size_t)s->y[i];
        long double w = weight ? weight[i] : 1;
        total += w;
        of[k] += w;
        n_of[k] += 1;
        for (size_t j = 0; j < s->p; j++)
            r->mean[k][j] += w * s->x[i * s->p + j];
    }
    for (size_t k = 0; k < s->k; k++) {
        r->share[k] = of[k] / total;
        for (size_t j = 0; j < s->p; j++)
            r->mean[k][j] /= of[k];
    }
    for (size_t c = 0; c < s->k; c++) {
        long double a[MAX_FEATURES][MAX_FEATURES] = {{0}}, trace = 0, n = quadratic ? n_of[c] : (long double)s->n;
        for (size_t i = 0; i < s->n; i++) {
            size_t k = (size_t)s->y[i];
            for (size_t j = 0; j < s->p && (!quadratic || k == c); j++)
                for (size_t l = 0; l < s->p; l++)
                    a[j][l] += (weight ? weight[i] : 1) * (s->x[i * s->p + j] - r->mean[k][j]) *
                               (s->x[i * s->p + l] - r->mean[k][l]) / (quadratic ? of[c] : total);
        }
        for (size_t j = 0; j < s->p; j++)
            for (size_t l = 0; l < s->p; l++)
                a[j][l] *= unbiased ? n / (n - (quadratic ? 1 : (long double)s->k)) : 1;
        for (size_t j = 0; j < s->p; j++)
            trace += a[j][j];
        for (size_t j = 0; j < s->p; j++)
            for (size_t l = 0; l < s->p; l++)
                a[j][l] = (1 - shrinkage) * a[j][l] + (j == l ? shrinkage * trace / s->p : 0);
        invert(a, s->p, r->inverse[c], &r->log_det[c]);
    }
}

static void reference_scores(const sample *s, const reference *r, const double *at, long double *out)
{
    long double sum = 0, best = -HUGE_VALL;
    for (size_t k = 0; k < s->k; k++) {
        long double distance = 0;
        for (size_t j = 0; j < s->p; j++)
            for (size_t l = 0; l < s->p; l++)
                distance += (at[j] - r->mean[k][j]) * r->inverse[k][j][l] * (at[l] - r->mean[k][l]);
        out[k] = logl(r->share[k]) - r->log_det[k] / 2 - distance / 2;
        best = fmaxl(best, out[k]);
    }
    for (size_t k = 0; k < s->k; k++)
        sum += out[k] = expl(out[k] - best);
    for (size_t k = 0; k < s->k; k++)
        out[k] /= sum;
}

static void check_scores(const sample *s, const reference *r, const kedge_model *m, double tolerance)
{
    double scores[MAX_CLASSES];
    long double expected[MAX_CLASSES];
    for (size_t i = 0; i < s->n; i++) {
        size_t best = 0;
        reference_scores(s, r, s->x + i * s->p, expected);
        assert_int_equal(kedge_model_score(m, s->x + i * s->p, scores, s->k), KEDGE_OK);
        for (size_t k = 0; k < s->k; k++) {
            assert_close(scores[k], (double)expected[k], tolerance);
            best = scores[k] > scores[best] ? k : best;
        }
        assert_true(gsl_predict(m, s->x + i * s->p) == (double)best);
    }
}

/* Means 0 and 4, squares within classes 2 and 2 over 4 rows: variance 1, log odds of class 1 at x: 4 (x - 2). */
static void test_by_hand(void **unused)
{
    sample s = {4, 1, 2, {-1, 1, 3, 5}, {0, 0, 1, 1}, {0}};
    kedge_rows rows = rows_of(&s);
    (void)unused;
    for (uint32_t quadratic = 0; quadratic < 2; quadratic++) {
        kedge_model m = new_model(&s, quadratic, 0, 0), u = new_model(&s, quadratic, 1, 0);
        double scores[2], at = 2.25;
        assert_int_equal(kedge_model_score(&m, &at, scores, 2), KEDGE_EMPTY);
        assert_true(scores[0] == 0.5 && scores[1] == 0.5);
        assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_OK);
        assert_int_equal(kedge_model_score(&m, &at, scores, 2), KEDGE_OK);
        assert_close(log(scores[1] / scores[0]), 4 * (at - 2), 1e-14);
        assert_int_equal(gsl_fit(&u, &rows, s.y, NULL), KEDGE_OK); /* variance 2 */
        assert_int_equal(kedge_model_score(&u, &at, scores, 2), KEDGE_OK);
        assert_close(log(scores[1] / scores[0]), 2 * (at - 2), 1e-14);
        guard_free(m.state);
        guard_free(u.state);
    }
}

static void test_as_defined(void **unused)
{
    static const double shrinkages[4] = {0, 0.1, 0.5, 1};
    static sample s;
    static reference r;
    (void)unused;
    for (uint32_t k = 0; k < 96; k++) {
        uint32_t quadratic = k % 2, unbiased = k / 2 % 2;
        const double *weight = k / 4 % 2 ? s.weight : NULL;
        fill_sample(&s, 80 + k, 1 + k % MAX_FEATURES, 2 + k % 3, k);
        kedge_rows rows = rows_of(&s);
        kedge_model m = new_model(&s, quadratic, unbiased, shrinkages[k / 8 % 4]);
        refer(&s, weight, (int)quadratic, (int)unbiased, shrinkages[k / 8 % 4], &r);
        assert_int_equal(gsl_fit(&m, &rows, s.y, weight), KEDGE_OK);
        check_scores(&s, &r, &m, 1e-11);
        guard_free(m.state);
    }
}

/* Without shrinkage units change nothing; copies and constants neither where there is one covariance. */
static void test_units_and_columns(void **unused)
{
    static sample s, scaled;
    double a[MAX_CLASSES], b[MAX_CLASSES];
    (void)unused;
    for (uint32_t quadratic = 0; quadratic < 2; quadratic++) {
        fill_sample(&s, 150, 3, 3, 7);
        scaled = s;
        scaled.p = quadratic ? 4 : 5;
        for (size_t i = 0; i < s.n; i++) {
            double *to = scaled.x + i * scaled.p;
            const double *from = s.x + i * s.p;
            to[0] = 1e300 * from[0] / 1e3;
            to[1] = 1e-300 * from[1];
            to[2] = -42;
            to[3] = from[2];
            if (!quadratic)
                to[4] = from[2] / 2 + from[1] / 4;
        }
        kedge_rows rows = rows_of(&s), more = rows_of(&scaled);
        kedge_model m = new_model(&s, quadratic, 0, 0), n = new_model(&scaled, quadratic, 0, 0);
        assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_OK);
        (void)feclearexcept(FE_ALL_EXCEPT);
        assert_int_equal(gsl_fit(&n, &more, s.y, NULL), KEDGE_OK);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        for (size_t i = 0; i < s.n; i++) {
            assert_int_equal(kedge_model_score(&m, s.x + i * s.p, a, s.k), KEDGE_OK);
            assert_int_equal(kedge_model_score(&n, scaled.x + i * scaled.p, b, s.k), KEDGE_OK);
            for (size_t k = 0; k < s.k; k++)
                assert_close(a[k], b[k], 1e-9);
        }
        guard_free(m.state);
        guard_free(n.state);
    }
}

static void test_many_features(void **unused)
{
    enum { WIDE = 70, ROWS = 300 };
    static double x[ROWS * WIDE], y[ROWS];
    kedge_rng rng = {3};
    (void)unused;
    for (int i = 0; i < ROWS; i++) {
        y[i] = i % 2;
        for (int j = 0; j < WIDE; j++)
            x[i * WIDE + j] = kedge_rng_normal(&rng) + (j == 69 ? 4 * y[i] : 0); /* the last one, beyond what predictions copy */
    }
    kedge_rows rows = kedge_rows_float64(x, ROWS, WIDE);
    for (uint32_t quadratic = 0; quadratic < 2; quadratic++) {
        kedge_gsl_discriminant_config cfg = kedge_gsl_discriminant_defaults(WIDE, 2);
        cfg.quadratic = quadratic;
        kedge_model m = gsl_model(&cfg.base);
        int right = 0;
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        for (int i = 0; i < ROWS; i++)
            right += gsl_predict(&m, x + i * WIDE) == y[i];
        assert_true(right > 290);
        guard_free(m.state);
    }
}

static kedge_status status_of(const sample *s, uint32_t quadratic, double shrinkage)
{
    kedge_rows rows = rows_of(s);
    kedge_model m = new_model(s, quadratic, 0, shrinkage);
    kedge_status st = gsl_fit(&m, &rows, s->y, NULL);
    guard_free(m.state);
    return st;
}

static void test_no_answer(void **unused)
{
    sample one = {4, 1, 3, {1, 2, 3, 4}, {1, 1, 1, 1}, {0}}, few = {3, 1, 3, {1, 2, 3}, {0, 1, 2}, {0}};
    sample lonely = {4, 1, 3, {1, 2, 3, 9}, {0, 0, 0, 2}, {0}}, flat = {4, 1, 2, {1, 1, 2, 3}, {0, 0, 1, 1}, {0}};
    sample twins = {6, 2, 2, {1, 1, 2, 2, 4, 4, 5, 6, 7, 9, 8, 3}, {0, 0, 0, 1, 1, 1}, {0}},
           none = {4, 1, 2, {3, 3, 3, 3}, {0, 1, 0, 0}, {0}};
    (void)unused;
    for (uint32_t quadratic = 0; quadratic < 2; quadratic++) {
        assert_int_equal(status_of(&one, quadratic, 0.5), KEDGE_ERR_NUMERIC);
        assert_int_equal(status_of(&few, quadratic, 0.5), KEDGE_ERR_NUMERIC);
    }
    assert_int_equal(status_of(&lonely, 0, 0), KEDGE_OK);
    assert_int_equal(status_of(&lonely, 1, 0.5), KEDGE_ERR_NUMERIC);
    assert_int_equal(status_of(&flat, 0, 0), KEDGE_OK);
    assert_int_equal(status_of(&flat, 1, 0), KEDGE_ERR_NUMERIC);
    assert_int_equal(status_of(&twins, 1, 0), KEDGE_ERR_NUMERIC);
    assert_int_equal(status_of(&twins, 1, 0.1), KEDGE_OK);
    assert_int_equal(status_of(&twins, 0, 0), KEDGE_OK);
    kedge_rows rows = rows_of(&none);
    kedge_model m = new_model(&none, 0, 0, 0); /* nothing but shares */
    double scores[2];
    assert_int_equal(gsl_fit(&m, &rows, none.y, NULL), KEDGE_OK);
    assert_int_equal(kedge_model_score(&m, none.x, scores, 2), KEDGE_OK);
    assert_close(scores[1], 0.25, 1e-15);
    guard_free(m.state);
    rows = rows_of(&lonely);
    m = new_model(&lonely, 0, 0, 0);
    double three[3], far = 1e300;
    assert_int_equal(gsl_fit(&m, &rows, lonely.y, NULL), KEDGE_OK);
    assert_int_equal(kedge_model_score(&m, &far, three, 3), KEDGE_OK);
    assert_true(three[0] == 0 && three[1] == 0 && three[2] == 1); /* class 1 was never seen */
    guard_free(m.state);
}

static void test_configuration(void **unused)
{
    kedge_gsl_discriminant_config cfg = kedge_gsl_discriminant_defaults(3, 2), bad;
    (void)unused;
    assert_true(cfg.shrinkage == 0 && cfg.quadratic == 0 && cfg.unbiased == 0 && kedge_model_size(&cfg.base) > 0);
    assert_int_equal(kedge_gsl_discriminant_config_init(NULL, sizeof cfg, 3, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_discriminant_config_init(&bad, sizeof cfg + 1, 3, 2), KEDGE_ERR_CONFIG);
    bad = cfg, bad.shrinkage = 1.5;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg, bad.shrinkage = NAN;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg, bad.quadratic = 2;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg, bad.unbiased = 2;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg, bad.base.n_classes = 1;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = kedge_gsl_discriminant_defaults(KEDGE_FEATURES_MAX, KEDGE_CLASSES_MAX);
    bad.quadratic = 1;
    assert_int_equal(kedge_model_size(&bad.base), 0); /* beyond 4 GB */
    assert_true(kedge_model_fit_work(&cfg.base, 1) == kedge_model_fit_work(&cfg.base, 1u << 30));
}

static void test_life(void **unused)
{
    static sample s;
    static unsigned char snapshot[1 << 14];
    size_t length = 0, bytes = 0;
    (void)unused;
    assert_int_equal(kedge_class_check(&kedge_gsl_discriminant.base), KEDGE_OK);
    fill_sample(&s, 100, 4, 3, 9);
    kedge_rows rows = rows_of(&s);
    for (uint32_t quadratic = 0; quadratic < 2; quadratic++) {
        kedge_model m = new_model(&s, quadratic, 0, 0), again;
        size_t state_bytes = ((const kedge_state_head *)m.state)->bytes;
        void *fresh = guard_copy(m.state, state_bytes);
        assert_int_equal(gsl_fit(&m, &rows, s.y, s.weight), KEDGE_OK);
        assert_int_equal(kedge_model_save(&m, snapshot, sizeof snapshot, &length), KEDGE_OK);
        assert_int_equal(kedge_model_load_size(&kedge_gsl_discriminant, snapshot, length, &bytes), KEDGE_OK);
        assert_int_equal(bytes, state_bytes);
        void *mem = guard_new(bytes, 0x5C);
        assert_int_equal(kedge_model_load(&again, &kedge_gsl_discriminant, mem, bytes, snapshot, length), KEDGE_OK);
        assert_memory_equal(mem, m.state, bytes);
        for (size_t cut = 0; cut < length; cut += 7)
            assert_true(kedge_model_load(&again, &kedge_gsl_discriminant, mem, bytes, snapshot, cut) < 0);
        assert_int_equal(kedge_model_reset(&m), KEDGE_OK);
        assert_memory_equal(m.state, fresh, state_bytes);
        guard_free(mem);
        guard_free(fresh);
        guard_free(m.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),       cmocka_unit_test(test_as_defined), cmocka_unit_test(test_units_and_columns),
        cmocka_unit_test(test_many_features), cmocka_unit_test(test_no_answer),  cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
