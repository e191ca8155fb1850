/* SPDX-License-Identifier: MIT */
/* Rankings: figures of scikit-learn, all against all pairs, DeLong's covariance from its definition. */
#include <fenv.h>
#include <math.h>

#include "support.h"

enum { N_MAX = 400 };

static double scores[N_MAX], others[N_MAX], weights[N_MAX];
static uint8_t labels[N_MAX];

static kedge_status measure(const kedge_ranking_options *o, const double *weight, size_t n, kedge_ranking_report *out)
{
    size_t bytes = kedge_ranking_work(n);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = kedge_ranking_measure(o, scores, labels, weight, n, work, bytes, out);
    guard_free(work);
    return st;
}

/* sklearn.metrics 1.9: roc_auc_score, average_precision_score, roc_auc_score(max_fpr=0.3 and 0.1). */
static void test_as_scikit_learn(void **unused)
{
    (void)unused;
    static const double x[8] = {.1, .4, .35, .8, .35, .7, .35, .05}, w[8] = {1, 2, 3, 1, 2, 1, 2, 4};
    static const uint8_t y[8] = {0, 0, 1, 1, 0, 1, 1, 0};
    kedge_ranking_options o = kedge_ranking_defaults();
    kedge_ranking_report r;
    memcpy(scores, x, sizeof x);
    memcpy(labels, y, sizeof y);
    memcpy(weights, w, sizeof w);
    assert_int_equal(measure(NULL, NULL, 8, &r), KEDGE_OK);
    assert_close(r.auc, 0.8125, 1e-15);
    assert_close(r.average_precision, 0.8333333333333333, 1e-15);
    assert_close(r.partial_auc, 0.7368421052631579, 1e-15);
    assert_true(r.n == 8 && r.positives == 4 && r.negatives == 4);
    assert_close(r.lift, 2, 1e-15); /* the first of eight is of class 1, of which there is one in two */
    o.max_fpr = 0.3;
    assert_int_equal(measure(&o, weights, 8, &r), KEDGE_OK);
    assert_close(r.auc, 0.7619047619047619, 1e-15);
    assert_close(r.average_precision, 0.7402597402597402, 1e-15);
    assert_close(r.partial_auc, 0.5988951136009959, 1e-14);
}

static void fill(size_t n, uint64_t seed, uint32_t n_values)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n; i++) {
        labels[i] = (uint8_t)kedge_rng_below(&rng, 2);
        scores[i] = (double)kedge_rng_below(&rng, n_values) - 3 + labels[i];
        others[i] = scores[i] * 0.5 + kedge_rng_normal(&rng);
        weights[i] = i % 11 == 0 ? 0 : (double)(1 + kedge_rng_below(&rng, 3));
    }
}

static double naive_pair(double positive, double negative)
{
    return positive > negative ? 1 : positive < negative ? 0 : 0.5;
}

/* Mean over the other class of whether it is on the right side, for each row. */
static double naive_placement(const double *x, const double *w, size_t n, size_t i)
{
    double sum = 0, weight = 0;
    for (size_t k = 0; k < n; k++)
        if (labels[k] != labels[i]) {
            sum += w[k] * (labels[i] ? naive_pair(x[i], x[k]) : naive_pair(x[k], x[i]));
            weight += w[k];
        }
    return sum / weight;
}

/* DeLong et al. 1988, equations 3 to 5, between two score vectors; weights as counts. */
static double naive_covariance(const double *a, const double *b, const double *w, size_t n)
{
    double cov = 0;
    for (int label = 0; label < 2; label++) {
        double count = 0, mean_a = 0, mean_b = 0, sum = 0;
        for (size_t i = 0; i < n; i++)
            if (labels[i] == label) {
                count += w[i];
                mean_a += w[i] * naive_placement(a, w, n, i);
                mean_b += w[i] * naive_placement(b, w, n, i);
            }
        for (size_t i = 0; i < n; i++)
            if (labels[i] == label)
                sum += w[i] * (naive_placement(a, w, n, i) - mean_a / count) * (naive_placement(b, w, n, i) - mean_b / count);
        cov += sum / (count - 1) / count;
    }
    return cov;
}

static double naive_auc(const double *x, const double *w, size_t n)
{
    double sum = 0, weight = 0;
    for (size_t i = 0; i < n; i++)
        if (labels[i]) {
            sum += w[i] * naive_placement(x, w, n, i);
            weight += w[i];
        }
    return sum / weight;
}

static void test_all_pairs(void **unused)
{
    (void)unused;
    for (size_t n = 10; n <= 330; n += 80) {
        kedge_ranking_report r;
        fill(n, n, n < 100 ? 4 : 1000);
        assert_int_equal(measure(NULL, weights, n, &r), KEDGE_OK);
        assert_close(r.auc, naive_auc(scores, weights, n), 1e-13);
        assert_close(r.auc_error, sqrt(naive_covariance(scores, scores, weights, n)), 1e-12);
        assert_true(r.auc_low < r.auc && r.auc < r.auc_high && r.auc_low >= 0 && r.auc_high <= 1);
        assert_close(fmin(r.auc + 1.9599639845400545 * r.auc_error, 1), r.auc_high, 1e-12);
        double ks = 0, at = 0;
        for (size_t i = 0; i < n; i++) { /* distributions of "at least this score" */
            double share[2] = {0, 0}, all[2] = {0, 0};
            for (size_t k = 0; k < n; k++) {
                share[labels[k]] += scores[k] >= scores[i] ? weights[k] : 0;
                all[labels[k]] += weights[k];
            }
            double apart = fabs(share[1] / all[1] - share[0] / all[0]);
            if (apart > ks + 1e-12 || (apart > ks - 1e-12 && scores[i] > at)) {
                ks = fmax(ks, apart);
                at = scores[i];
            }
        }
        assert_close(r.ks, ks, 1e-13);
        assert_true(r.ks_score == at);
    }
}

static void test_two_models(void **unused)
{
    (void)unused;
    static double ones[N_MAX];
    for (size_t i = 0; i < N_MAX; i++)
        ones[i] = 1;
    for (size_t n = 10; n <= 330; n += 80) {
        kedge_ranking_comparison r;
        fill(n, n + 1, n < 100 ? 4 : 1000);
        size_t bytes = kedge_ranking_compare_work(n);
        void *work = guard_new(bytes, 0xA5);
        assert_int_equal(kedge_ranking_compare(0.9, scores, others, labels, n, work, bytes, &r), KEDGE_OK);
        double va = naive_covariance(scores, scores, ones, n), vb = naive_covariance(others, others, ones, n);
        double vd = va + vb - 2 * naive_covariance(scores, others, ones, n);
        assert_close(r.auc[0], naive_auc(scores, ones, n), 1e-13);
        assert_close(r.auc[1], naive_auc(others, ones, n), 1e-13);
        assert_close(r.error[0], sqrt(va), 1e-12);
        assert_close(r.error[1], sqrt(vb), 1e-12);
        assert_close(r.difference_error, sqrt(vd), 1e-11);
        assert_close(r.z, (r.auc[1] - r.auc[0]) / sqrt(vd), 1e-10);
        assert_close(r.p_value, erfc(fabs(r.z) / sqrt(2)), 1e-12);
        assert_close(r.high - r.low, 2 * 1.6448536269514722 * sqrt(vd), 1e-11);
        assert_int_equal(kedge_ranking_compare(0.9, scores, scores, labels, n, work, bytes, &r), KEDGE_OK);
        assert_true(r.difference == 0 && r.z == 0 && r.p_value == 1 && r.low == 0 && r.high == 0);
        assert_int_equal(kedge_ranking_compare(0.9, scores, others, labels, n, work, bytes - 1, &r), KEDGE_ERR_BUFFER);
        guard_free(work);
    }
}

/* Pairs of a class that is all alike: the areas differ for certain. */
static void test_certain_difference(void **unused)
{
    (void)unused;
    static const double right[4] = {0, 0, 1, 1}, wrong[4] = {1, 1, 0, 0};
    static const uint8_t y[4] = {0, 0, 1, 1};
    static union { double align; unsigned char bytes[512]; } work;
    kedge_ranking_comparison r;
    assert_int_equal(kedge_ranking_compare(0.95, wrong, right, y, 4, &work, sizeof work, &r), KEDGE_OK);
    assert_true(r.auc[0] == 0 && r.auc[1] == 1 && r.difference == 1 && r.difference_error == 0 && r.p_value == 0);
    assert_int_equal(kedge_ranking_compare(0.95, wrong, right, y, 3, &work, sizeof work, &r), KEDGE_EMPTY);
    assert_true(isnan(r.auc[0]) && isnan(r.p_value));
}

/* Lift of the first 30 % where the group at the end is tied: in proportion. */
static void test_lift(void **unused)
{
    (void)unused;
    kedge_ranking_options o = kedge_ranking_defaults();
    kedge_ranking_report r;
    for (size_t i = 0; i < 10; i++) {
        scores[i] = i < 2 ? 9 : i < 6 ? 5 : 1; /* first 3 of 10: both of score 9, a quarter of those of 5 */
        labels[i] = i == 0 || i == 1 || i == 3 || i == 9;
    }
    o.lift_at = 0.3;
    assert_int_equal(measure(&o, NULL, 10, &r), KEDGE_OK);
    assert_close(r.lift, (2 + 0.25) / 3 / 0.4, 1e-14);
    o.lift_at = 1;
    o.max_fpr = 1;
    assert_int_equal(measure(&o, NULL, 10, &r), KEDGE_OK);
    assert_close(r.lift, 1, 1e-14);
    assert_close(r.partial_auc, r.auc, 1e-14);
}

static void test_refusals(void **unused)
{
    (void)unused;
    static union { double align; unsigned char bytes[256]; } work;
    kedge_ranking_options o = kedge_ranking_defaults();
    kedge_ranking_report r = {.auc = 7};
    double x[4] = {1, 2, 3, (double)NAN};
    uint8_t y[4] = {0, 1, 1, 0};
    double w[4] = {1, 1, -1, 1};
    assert_int_equal(kedge_ranking_measure(&o, x, y, NULL, 4, &work, sizeof work, &r), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_ranking_measure(&o, x, y, w, 3, &work, sizeof work, &r), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_ranking_measure(&o, x, y, NULL, 3, &work, kedge_ranking_work(3) - 1, &r), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_ranking_measure(&o, x, y, NULL, 3, work.bytes + 1, 200, &r), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_ranking_measure(&o, x, NULL, NULL, 3, &work, sizeof work, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_ranking_measure(&o, x, y, NULL, 3, NULL, sizeof work, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_ranking_measure(&o, x, y, NULL, 3, &work, sizeof work, NULL), KEDGE_ERR_NULL);
    o.lift_at = 0;
    assert_int_equal(kedge_ranking_measure(&o, x, y, NULL, 3, &work, sizeof work, &r), KEDGE_ERR_CONFIG);
    o.lift_at = (double)NAN;
    assert_int_equal(kedge_ranking_measure(&o, x, y, NULL, 3, &work, sizeof work, &r), KEDGE_ERR_CONFIG);
    feclearexcept(FE_ALL_EXCEPT);
    y[1] = 2;
    assert_int_equal(kedge_ranking_measure(NULL, x, y, NULL, 3, &work, sizeof work, &r), KEDGE_ERR_RANGE);
    assert_true(r.auc == 7);
    y[1] = 0;
    assert_int_equal(kedge_ranking_measure(NULL, x, y, NULL, 2, &work, sizeof work, &r), KEDGE_EMPTY); /* one class */
    assert_true(r.n == 2 && r.negatives == 2 && isnan(r.auc) && isnan(r.ks) && isnan(r.lift));
    assert_int_equal(kedge_ranking_measure(NULL, NULL, NULL, NULL, 0, &work, sizeof work, &r), KEDGE_EMPTY);
    assert_int_equal(kedge_ranking_measure(NULL, x, y, NULL, 3, &work, sizeof work, &r), KEDGE_OK); /* one row of class 1 */
    assert_true(r.auc == 1 && isnan(r.auc_error) && isnan(r.auc_low));
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_scikit_learn),    cmocka_unit_test(test_all_pairs), cmocka_unit_test(test_two_models),
        cmocka_unit_test(test_certain_difference), cmocka_unit_test(test_lift),      cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
