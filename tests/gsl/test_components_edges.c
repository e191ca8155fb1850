/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Principal components at the edges: units, few rows, what is kept, damage, refusals. */
#include "component_rows.h"

/* Standardised, units change nothing. As they are, all change together, and what is constant does not count however large it is. */
static void test_units(void **unused)
{
    static sample s, t;
    static const double unit[3] = {1e300, 1e-300, 7};
    double p[3], q[3], share[4], variance[4];
    answer a, b;
    (void)unused;
    fill_sample(&s, 50, 3, 5);
    t = s;
    for (size_t i = 0; i < s.n; i++)
        for (size_t j = 0; j < 3; j++)
            t.x[i * 3 + j] *= unit[j] / 1000;
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(3);
    how.standardise = 1;
    kedge_gsl_pca first = new_pca(&how), second = new_pca(&how);
    assert_int_equal(fit(&first, &how, &s, NULL), KEDGE_OK);
    assert_int_equal(fit(&second, &how, &t, NULL), KEDGE_OK);
    read_all(&first, &a);
    read_all(&second, &b);
    for (size_t i = 0; i < 9; i++)
        assert_close(a.component[i], b.component[i], 1e-12);
    for (size_t i = 0; i < s.n; i++) {
        kedge_rows x = kedge_rows_float64(s.x + i * 3, 1, 3), y = kedge_rows_float64(t.x + i * 3, 1, 3);
        assert_int_equal(kedge_gsl_pca_transform(&first, &x, p, 3), KEDGE_OK);
        assert_int_equal(kedge_gsl_pca_transform(&second, &y, q, 3), KEDGE_OK);
        for (size_t k = 0; k < 3; k++)
            assert_close(p[k], q[k], 1e-11);
        assert_int_equal(kedge_gsl_pca_inverse(&second, q, 1, p, 3), KEDGE_OK);
        for (size_t j = 0; j < 3; j++)
            assert_close(p[j] / t.x[i * 3 + j], 1, 1e-9);
    }
    guard_free(first.state);
    guard_free(second.state);
    how.standardise = 0;
    answer_to(&s, &how, NULL, &a);
    for (size_t i = 0; i < s.n * 3; i++)
        t.x[i] = s.x[i] * 0x1p-900;
    answer_to(&t, &how, NULL, &b);
    assert_memory_equal(a.component, b.component, 9 * sizeof(double));
    assert_memory_equal(a.share, b.share, 3 * sizeof(double));
    for (size_t i = 0; i < s.n * 3; i++)
        t.x[i] = s.x[i] * 0x1p900;
    second = new_pca(&how);
    assert_int_equal(fit(&second, &how, &t, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_variances(&second, variance, share, 3), KEDGE_ERR_NUMERIC);
    guard_free(second.state);
    t.p = 4;
    for (size_t i = 0; i < s.n; i++) {
        memcpy(t.x + i * 4, s.x + i * 3, 3 * sizeof(double));
        t.x[i * 4 + 3] = 1.7e308;
    }
    how = kedge_gsl_pca_defaults(4);
    answer_to(&t, &how, NULL, &b);
    assert_true(b.found.rank == 3 && b.mean[3] > 1.69e308);
    for (size_t k = 0; k < 3; k++) {
        assert_close(a.variance[k], b.variance[k], 1e-12);
        assert_true(b.component[k * 4 + 3] == 0);
    }
}

static void test_little(void **unused)
{
    static sample s;
    static const double nothing[MAX_ROWS];
    double one[MAX_ROWS] = {1};
    answer a;
    (void)unused;
    fill_sample(&s, 4, 6, 9);
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(6);
    answer_to(&s, &how, NULL, &a); /* fewer rows than columns */
    assert_true(a.found.rank == 3 && a.found.n_kept == 3 && a.found.explained > 1 - 1e-12 && a.variance[3] == 0);
    kedge_gsl_pca pca = new_pca(&how);
    kedge_gsl_pca_found found;
    double x[36], y[6];
    kedge_rows rows = rows_of(&s);
    assert_int_equal(kedge_gsl_pca_summary(&pca, &found), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_components(&pca, x, 36), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_variances(&pca, x, y, 6), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_centre(&pca, x, y, 6), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, x, 24), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_inverse(&pca, x, 1, y, 6), KEDGE_EMPTY);
    assert_int_equal(fit(&pca, &how, &s, nothing), KEDGE_ERR_NUMERIC);
    assert_int_equal(fit(&pca, &how, &s, one), KEDGE_ERR_NUMERIC);
    s.n = 0;
    assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_ERR_NUMERIC);
    s.n = 20;
    for (uint32_t standardise = 0; standardise < 2; standardise++) {
        how.standardise = standardise;
        guard_free(pca.state);
        pca = new_pca(&how);
        for (size_t i = 0; i < s.n * 6; i++)
            s.x[i] = 0.1 * (double)(i % 6);
        assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK); /* all constant */
        read_all(&pca, &a);
        assert_true(a.found.rank == 0 && a.found.n_kept == 0 && a.found.explained == 0 && a.variance[0] == 0 && a.share[0] == 0);
        assert_int_equal(kedge_gsl_pca_inverse(&pca, x, 0, y, 0), KEDGE_OK);
        for (size_t k = 0; k < 6; k++)
            x[k] = 3;
        assert_int_equal(kedge_gsl_pca_inverse(&pca, x, 1, y, 6), KEDGE_OK);
        for (size_t j = 0; j < 6; j++)
            assert_close(y[j], 0.1 * (double)j, 1e-15);
    }
    guard_free(pca.state);
}

/* No more components than explain a share; whitened coordinates have variance 1; more columns than a block has rows. */
static void test_kept(void **unused)
{
    static sample s;
    static double wide[300 * 150], big[150 * 150], variance[150], share[150];
    answer all, some;
    (void)unused;
    fill_sample(&s, 100, 8, 12);
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(8);
    answer_to(&s, &how, NULL, &all);
    how.explained = all.share[0] + all.share[1] + all.share[2] / 2;
    answer_to(&s, &how, NULL, &some);
    assert_true(some.found.n_kept == 3 && some.found.rank == 8 && some.component[3 * 8] == 0 && some.variance[3] == 0);
    assert_close(some.found.explained, all.share[0] + all.share[1] + all.share[2], 1e-12);
    assert_memory_equal(some.component, all.component, 3 * 8 * sizeof(double));
    how.explained = 1;
    how.n_components = 2;
    answer_to(&s, &how, NULL, &some);
    assert_true(some.found.n_kept == 2 && some.found.n_components == 2);
    how.whiten = 1;
    kedge_gsl_pca pca = new_pca(&how);
    double scores[200], sum[2] = {0}, squares[2] = {0};
    kedge_rows rows = rows_of(&s);
    assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, scores, 200), KEDGE_OK);
    for (size_t i = 0; i < 200; i++) {
        sum[i % 2] += scores[i];
        squares[i % 2] += scores[i] * scores[i] / 99;
    }
    for (size_t k = 0; k < 2; k++) {
        assert_true(fabs(sum[k]) < 1e-11);
        assert_close(squares[k], 1, 1e-12);
    }
    guard_free(pca.state);
    kedge_rng rng = {4};
    for (size_t i = 0; i < 300 * 150; i++)
        wide[i] = kedge_rng_normal(&rng);
    how = kedge_gsl_pca_defaults(150);
    rows = kedge_rows_float64(wide, 300, 150);
    pca = new_pca(&how);
    size_t bytes = kedge_gsl_pca_work(&how);
    void *work = guard_new(bytes, 0xFF);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, work, bytes), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_components(&pca, big, 150 * 150), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_variances(&pca, variance, share, 150), KEDGE_OK);
    for (size_t k = 0; k < 150; k++)
        for (size_t l = 0; l <= k; l++) {
            double product = 0;
            for (size_t j = 0; j < 150; j++)
                product += big[k * 150 + j] * big[l * 150 + j];
            assert_close(product, k == l, 1e-12);
        }
    assert_true(variance[149] > 0.01 && variance[0] < 4);
    guard_free(work);
    guard_free(pca.state);
}

/* A state of changed bytes is refused, or tells finite numbers. */
static void test_damage(void **unused)
{
    static sample s;
    static union {
        uint64_t align;
        unsigned char bytes[2048];
    } forged;
    kedge_rng rng = {77};
    unsigned n_opened = 0;
    (void)unused;
    fill_sample(&s, 30, 4, 2);
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(4);
    how.standardise = 1;
    how.whiten = 1;
    how.n_components = 3;
    kedge_gsl_pca pca = new_pca(&how), again;
    size_t bytes = kedge_gsl_pca_size(&how);
    assert_true(bytes <= sizeof forged);
    assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_open(&again, pca.state, bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_pca_open(&again, pca.state, 8), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_pca_open(&again, (char *)pca.state + 4, bytes), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_gsl_pca_open(NULL, pca.state, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_open(&again, NULL, bytes), KEDGE_ERR_NULL);
    for (int round = 0; round < 20000; round++) {
        double x[4] = {1.7e308, -1e-300, 3, -1.7e308}, scores[3], back[4], share[3], variance[3];
        kedge_rows one = kedge_rows_float64(x, 1, 4);
        memcpy(forged.bytes, pca.state, bytes);
        for (uint64_t k = 1 + kedge_rng_below(&rng, 8); k > 0; k--)
            forged.bytes[(round % 2 ? 0 : 16) + kedge_rng_below(&rng, bytes - 16)] = (unsigned char)kedge_rng_next(&rng);
        kedge_status st = kedge_gsl_pca_open(&again, &forged, bytes);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_CLASS || st == KEDGE_ERR_STATE || st == KEDGE_ERR_BUFFER);
        if (st != KEDGE_OK)
            continue;
        n_opened++;
        st = kedge_gsl_pca_transform(&again, &one, scores, 3);
        assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
        for (int k = 0; k < 3 && st == KEDGE_OK; k++)
            assert_true(scores[k] - scores[k] == 0);
        st = kedge_gsl_pca_inverse(&again, x, 1, back, 4);
        for (int j = 0; j < 4 && st == KEDGE_OK; j++)
            assert_true(back[j] - back[j] == 0);
        st = kedge_gsl_pca_variances(&again, variance, share, 3);
        assert_true(st != KEDGE_OK || (variance[0] - variance[0] == 0 && share[0] - share[0] == 0));
    }
    assert_true(n_opened > 100);
    guard_free(pca.state);
}

static void test_refusals(void **unused)
{
    static sample s;
    static uint64_t work[4096], mem[256];
    double out[64], more[64];
    (void)unused;
    fill_sample(&s, 10, 3, 2);
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(3), bad;
    kedge_rows rows = rows_of(&s), wide = kedge_rows_float64(s.x, 5, 4);
    kedge_gsl_pca pca, none = {NULL};
    kedge_gsl_pca_found found;
    size_t bytes = kedge_gsl_pca_size(&how), work_bytes = kedge_gsl_pca_work(&how);
    assert_true(how.n_components == 3 && how.standardise == 0 && how.whiten == 0 && how.explained == 1 && bytes <= sizeof mem);
    assert_int_equal(kedge_gsl_pca_settings_init(NULL, sizeof how, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_settings_init(&bad, sizeof how + 8, 3), KEDGE_ERR_CONFIG);
#define REFUSED(change)                                                                            \
    bad = how, change;                                                                             \
    assert_true(kedge_gsl_pca_size(&bad) == 0 && kedge_gsl_pca_work(&bad) == 0);                    \
    assert_int_equal(kedge_gsl_pca_init(&pca, &bad, mem, sizeof mem), KEDGE_ERR_CONFIG)
    REFUSED(bad.n_features = 0);
    REFUSED(bad.n_features = 65537);
    REFUSED(bad.n_components = 0);
    REFUSED(bad.n_components = 4);
    REFUSED(bad.standardise = 2);
    REFUSED(bad.whiten = 2);
    REFUSED(bad.explained = 0);
    REFUSED(bad.explained = 1.5);
    REFUSED(bad.explained = (double)NAN);
    REFUSED(bad.config_bytes = 8);
    assert_true(kedge_gsl_pca_size(NULL) == 0 && kedge_gsl_pca_work(NULL) == 0);
    assert_int_equal(kedge_gsl_pca_init(NULL, &how, mem, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_init(&pca, NULL, mem, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_init(&pca, &how, NULL, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_init(&pca, &how, mem, bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_pca_init(&pca, &how, (char *)mem + 4, bytes), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_gsl_pca_init(&pca, &how, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_fit(&none, &rows, NULL, work, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_fit(&pca, NULL, NULL, work, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, NULL, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &wide, NULL, work, work_bytes), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, work, work_bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, (char *)work + 4, work_bytes), KEDGE_ERR_ALIGN);
    s.weight[4] = -1;
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, s.weight, work, work_bytes), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, work, work_bytes), KEDGE_OK);
    s.x[7] = (double)NAN;
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, work, work_bytes), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, out, 30), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, out, 29), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &wide, out, 15), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, NULL, 30), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_transform(&none, &rows, out, 30), KEDGE_ERR_NULL);
    out[1] = (double)INFINITY;
    assert_int_equal(kedge_gsl_pca_inverse(&pca, out, 1, more, 3), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_gsl_pca_inverse(&pca, out, 2, more, 3), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_inverse(&pca, NULL, 1, more, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_inverse(&pca, out, 1, NULL, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_components(&pca, out, 8), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_components(&pca, NULL, 9), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_variances(&pca, out, more, 2), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_variances(&pca, out, NULL, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_centre(&pca, out, more, 4), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_centre(&pca, NULL, more, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_summary(&pca, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_summary(&none, &found), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_little),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
