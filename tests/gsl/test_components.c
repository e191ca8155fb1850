/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Principal components: a line by hand, what they are by definition, computed from rows; scikit-learn's numbers; weights, units,
 * tables that say little, what is kept, and states that were damaged. */
#include "component_rows.h"

/* y = 2 x + 1 for x = 0 .. 4: one direction, (1, 2) / sqrt 5, of variance 2.5 * 5. */
static void test_by_hand(void **unused)
{
    sample s = {5, 2, {0, 1, 1, 3, 2, 5, 3, 7, 4, 9}, {0}};
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(2);
    kedge_rows rows = rows_of(&s);
    double score[10], back[10], at[2] = {2, 1}; /* off the line, in the direction (2, -4) + ... */
    answer a;
    (void)unused;
    kedge_gsl_pca pca = new_pca(&how);
    assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK);
    read_all(&pca, &a);
    assert_true(a.found.rank == 1 && a.found.n_kept == 1 && a.found.n_rows == 5 && a.found.explained > 1 - 1e-15);
    assert_close(a.component[0], 1 / sqrt(5), 1e-15);
    assert_close(a.component[1], 2 / sqrt(5), 1e-15);
    assert_true(a.component[2] == 0 && a.component[3] == 0 && a.variance[1] == 0 && a.share[1] == 0);
    assert_close(a.variance[0], 12.5, 1e-14);
    assert_close(a.mean[0], 2, 1e-15);
    assert_close(a.mean[1], 5, 1e-15);
    assert_true(a.deviation[0] == 1 && a.deviation[1] == 1);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, score, 10), KEDGE_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_close(score[2 * i], sqrt(5) * ((double)i - 2), 1e-14);
        assert_true(score[2 * i + 1] == 0);
    }
    assert_int_equal(kedge_gsl_pca_inverse(&pca, score, 5, back, 10), KEDGE_OK);
    for (size_t i = 0; i < 10; i++)
        assert_close(back[i], s.x[i], 1e-14);
    kedge_rows off = kedge_rows_float64(at, 1, 2);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &off, score, 2), KEDGE_OK);
    assert_close(score[0], (0 * 1 - 4 * 2) / sqrt(5), 1e-14);
    guard_free(pca.state);
}

/* The covariance of standardised or plain columns times a component is its variance times it; components are orthonormal, fall, and
 * their greatest entries are positive; coordinates are products with them; all of them give the row back. */
static void check_definition(const sample *s, const kedge_gsl_pca_settings *how, const double *weight)
{
    static long double cov[MAX_FEATURES][MAX_FEATURES];
    long double total = 0, n = 0, mean[MAX_FEATURES] = {0}, sd[MAX_FEATURES], trace = 0;
    double scores[MAX_FEATURES], back[MAX_FEATURES];
    answer a;
    kedge_gsl_pca pca = new_pca(how);
    assert_int_equal(fit(&pca, how, s, weight), KEDGE_OK);
    read_all(&pca, &a);
    memset(cov, 0, sizeof cov);
    for (size_t i = 0; i < s->n; i++) {
        long double w = weight ? weight[i] : 1;
        total += w;
        n += w > 0;
        for (size_t j = 0; j < s->p; j++)
            mean[j] += w * s->x[i * s->p + j];
    }
    for (size_t j = 0; j < s->p; j++) {
        mean[j] /= total;
        assert_close(a.mean[j], (double)mean[j], 1e-13);
    }
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->p; j++)
            for (size_t l = 0; l < s->p; l++)
                cov[j][l] += (weight ? weight[i] : 1) / total * (s->x[i * s->p + j] - mean[j]) * (s->x[i * s->p + l] - mean[l]);
    for (size_t j = 0; j < s->p; j++) {
        sd[j] = how->standardise ? sqrtl(cov[j][j]) : 1;
        assert_close(a.deviation[j], (double)sd[j], 1e-12);
    }
    for (size_t j = 0; j < s->p; j++)
        for (size_t l = 0; l < s->p; l++)
            cov[j][l] *= n / (n - 1) / sd[j] / sd[l];
    for (size_t j = 0; j < s->p; j++)
        trace += cov[j][j];
    for (size_t k = 0; k < a.found.n_kept; k++) {
        const double *c = a.component + k * s->p;
        double most = 0, found = 0;
        for (size_t j = 0; j < s->p; j++) {
            long double sum = 0;
            for (size_t l = 0; l < s->p; l++)
                sum += cov[j][l] * c[l];
            assert_true(fabsl(sum - a.variance[k] * c[j]) < 1e-12L * trace);
            most = fmax(most, fabs(c[j]));
        }
        for (size_t j = s->p; j-- > 0;) /* the last that is looked at is the first of equal ones */
            found = fabs(c[j]) > most * (1 - 1e-10) ? c[j] : found;
        assert_true(found > 0);
        assert_close(a.share[k], a.variance[k] / (double)trace, 1e-12);
        assert_true(k == 0 || a.variance[k] <= a.variance[k - 1]);
        for (size_t l = 0; l <= k; l++) {
            double product = 0;
            for (size_t j = 0; j < s->p; j++)
                product += c[j] * a.component[l * s->p + j];
            assert_close(product, l == k, 1e-13);
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        kedge_rows one = kedge_rows_float64(s->x + i * s->p, 1, s->p);
        assert_int_equal(kedge_gsl_pca_transform(&pca, &one, scores, a.found.n_components), KEDGE_OK);
        for (size_t k = 0; k < a.found.n_components; k++) {
            long double sum = 0;
            for (size_t j = 0; j < s->p; j++)
                sum += a.component[k * s->p + j] * (s->x[i * s->p + j] - mean[j]) / sd[j];
            sum /= how->whiten ? sqrtl(a.variance[k]) : 1;
            assert_true(fabs(scores[k] - (double)sum) < 1e-11 * (1 + fabs(scores[k])) * (how->whiten ? 1 : sqrt((double)trace)));
        }
        assert_int_equal(kedge_gsl_pca_inverse(&pca, scores, 1, back, s->p), KEDGE_OK);
        for (size_t j = 0; j < s->p && a.found.n_kept == s->p; j++)
            assert_close(back[j], s->x[i * s->p + j], 1e-12);
    }
    guard_free(pca.state);
}

static void test_definition(void **unused)
{
    static sample s;
    (void)unused;
    for (uint32_t k = 0; k < 48; k++) {
        fill_sample(&s, 20 + 2 * k, 1 + k % MAX_FEATURES, k);
        kedge_gsl_pca_settings how = kedge_gsl_pca_defaults((uint32_t)s.p);
        how.standardise = k % 2;
        how.whiten = k / 2 % 2;
        how.n_components = k % 5 == 0 && s.p > 2 ? 2 : (uint32_t)s.p;
        check_definition(&s, &how, k / 4 % 2 ? s.weight : NULL);
    }
}

/* scikit-learn 1.9.1: PCA(svd_solver="full") of the table and of StandardScaler().fit_transform(table): components_,
 * explained_variance_, explained_variance_ratio_, and the first two rows of transform(). */
static void test_golden(void **unused)
{
    static const struct {
        double component[16], variance[4], share[4], score[8];
    } golden[2] = {
        {{-0.0038601722633104115, -0.063074752007614601, 0.99799538447475211, -0.0034477958710856398, 0.0033963109698356259,
          0.99799070288199898, 0.063103417080898352, 0.004580478752735719, 0.68646720888844137, -0.0059762573353067221,
          0.0047894946333723624, 0.72712042758427042, 0.72714258248489794, 0.00064573100746675972, 0.00048172706409373069,
          -0.68648599090418083},
         {4.7648408307464392, 2.0718382774771396, 1.0677877729815795, 0.040817508879869471},
         {0.59970676904813069, 0.26076326230217767, 0.13439264355522362, 0.0051373250944680982},
         {-2.088556202043192, 0.90166480548405037, 1.0438782853309605, 0.2810860165713841, 3.139906381069681, -1.5748618704846016,
          0.46764082294484449, 0.24822468957669092}},
        {{0.70703036126698948, 0.0075900654455702586, -0.012932131416328457, 0.70702419981937892, -0.010187844556717436,
          0.70738433919051957, -0.70668016643691289, -0.010331837008833529, 0.0012572065082483918, 0.70678707966059118,
          0.70741337167541107, 0.0040945123610938413, 0.70710868719154774, 0.0013459566771730417, 0.0014912801730103782,
          -0.70710202162227964},
         {1.975741591021354, 1.0807009008042476, 0.97038193303883868, 0.075739677699660751},
         {0.48158701281145533, 0.26342084457103548, 0.23653059617821706, 0.018461546439292317},
         {1.4799191913273333, 1.1517331945351255, -0.15105013506581069, 0.37980546031779605, 0.59277921745678885,
          -1.8855609924584862, 0.12031195963580044, 0.3368285193727707}},
    };
    sample s = {40, 4, {0}, {0}};
    double score[8];
    answer a;
    (void)unused;
    for (size_t i = 0; i < s.n; i++) {
        double *x = s.x + i * 4;
        for (size_t j = 0; j < 4; j++)
            x[j] = sin(1.3 * (double)((i + 1) * (j + 1))) * (double)(j + 1) + 2 * (double)j;
        x[3] = x[0] + 0.1 * x[3];
    }
    for (uint32_t k = 0; k < 2; k++) {
        kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(4);
        how.standardise = k;
        kedge_gsl_pca pca = new_pca(&how);
        kedge_rows two = kedge_rows_float64(s.x, 2, 4);
        assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK);
        read_all(&pca, &a);
        for (size_t i = 0; i < 16; i++)
            assert_close(a.component[i], golden[k].component[i], 1e-12);
        for (size_t i = 0; i < 4; i++) {
            assert_close(a.variance[i], golden[k].variance[i], 1e-13);
            assert_close(a.share[i], golden[k].share[i], 1e-13);
        }
        assert_int_equal(kedge_gsl_pca_transform(&pca, &two, score, 8), KEDGE_OK);
        for (size_t i = 0; i < 8; i++)
            assert_close(score[i], golden[k].score[i], 1e-12);
        guard_free(pca.state);
    }
}

/* A row of weight 3 is three rows, but for what the number of rows does to the variance; weights in another unit change nothing. */
static void test_weights(void **unused)
{
    static sample s, t;
    double scaled[MAX_ROWS];
    answer a, b, c;
    (void)unused;
    fill_sample(&s, 30, 5, 3);
    t.n = 0;
    t.p = 5;
    double n_used = 0;
    for (size_t i = 0; i < s.n; i++) {
        scaled[i] = s.weight[i] * 1e8;
        n_used += s.weight[i] > 0;
        for (size_t k = 0; k < (size_t)s.weight[i]; k++)
            memcpy(t.x + t.n++ * 5, s.x + i * 5, 5 * sizeof(double));
    }
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(5);
    answer_to(&s, &how, s.weight, &a);
    answer_to(&t, &how, NULL, &b);
    answer_to(&s, &how, scaled, &c);
    for (size_t i = 0; i < 25; i++) {
        assert_close(a.component[i], b.component[i], 1e-12);
        assert_close(a.component[i], c.component[i], 1e-12);
    }
    for (size_t k = 0; k < 5; k++) {
        double factor = n_used / (n_used - 1) * ((double)t.n - 1) / (double)t.n;
        assert_close(a.variance[k], b.variance[k] * factor, 1e-12);
        assert_close(a.variance[k], c.variance[k], 1e-12);
    }
    assert_true(a.found.n_rows == (uint64_t)n_used && b.found.n_rows == t.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
