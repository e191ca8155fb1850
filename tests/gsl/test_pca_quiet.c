/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Principal components allocate nothing, raise nothing and do not hang: as test_gsl_quiet.c, for what is not a model. */
#include "gsl_quiet.h"

/* All read-outs of a table's components. */
static void check_components(quiet_case *c, const kedge_gsl_pca_settings *how)
{
    kedge_gsl_pca pca;
    double component[QUIET_FEATURES * QUIET_FEATURES], a[QUIET_FEATURES], b[QUIET_FEATURES], scores[QUIET_FEATURES];
    size_t bytes = kedge_gsl_pca_size(how), work_bytes = kedge_gsl_pca_work(how), k = how->n_components;
    void *mem = guard_new(bytes, 0xA5), *work = guard_new(work_bytes, 0xFF);
    kedge_rows rows = kedge_rows_float64(c->x, c->n, c->p), one = kedge_rows_float64(c->x, 1, c->p);
    unsigned long n_before = quiet_allocations;
    int n_used = 0, spoilt = 0;
    for (size_t i = 0; i < c->n; i++)
        n_used += !c->weighted || c->weight[i] > 0;
    for (size_t i = 0; i < c->n * c->p; i++)
        spoilt |= c->x[i] - c->x[i] != 0;
    assert_int_equal(kedge_gsl_pca_init(&pca, how, mem, bytes), KEDGE_OK);
    if (!spoilt)
        quiet_clear_flags();
    kedge_status st = kedge_gsl_pca_fit(&pca, &rows, c->weighted ? c->weight : NULL, work, work_bytes);
    assert_int_equal(st, spoilt ? KEDGE_ERR_NOT_FINITE : n_used < 2 ? KEDGE_ERR_NUMERIC : KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_open(&pca, mem, bytes), KEDGE_OK);
    if (st == KEDGE_OK) {
        assert_int_equal(kedge_gsl_pca_components(&pca, component, k * c->p), KEDGE_OK);
        for (size_t i = 0; i < k; i++) {
            double squares = 0;
            for (size_t j = 0; j < c->p; j++)
                squares += component[i * c->p + j] * component[i * c->p + j];
            assert_true(squares == 0 || fabs(squares - 1) < 1e-12);
        }
        assert_int_equal(kedge_gsl_pca_centre(&pca, a, b, c->p), KEDGE_OK);
        for (size_t j = 0; j < c->p; j++)
            assert_true(a[j] - a[j] == 0 && b[j] >= 0 && b[j] - b[j] == 0);
        st = kedge_gsl_pca_variances(&pca, a, b, k);
        for (size_t i = 0; i < k && st == KEDGE_OK; i++)
            assert_true(a[i] >= 0 && a[i] - a[i] == 0 && b[i] >= 0 && b[i] <= 1 + 1e-12);
        assert_int_equal(kedge_gsl_pca_transform(&pca, &one, scores, k), KEDGE_OK);
        assert_int_equal(kedge_gsl_pca_inverse(&pca, scores, 1, a, c->p), KEDGE_OK);
        for (size_t i = 0; i < k; i++)
            assert_true(fabs(scores[i]) <= 1e300);
        for (size_t j = 0; j < c->p; j++)
            assert_true(a[j] - a[j] == 0);
    }
    assert_true(spoilt || quiet_raised() == 0);
    assert_int_equal(quiet_allocations, n_before);
    guard_free(work);
    guard_free(mem);
}

static void test_components_are_quiet(void **unused)
{
    static quiet_case c;
    unsigned n = quiet_cases();
    (void)unused;
    for (unsigned k = 0; k < n; k++) {
        quiet_begin(k);
        quiet_fill(&c, k, QUIET_NUMBERS);
        kedge_gsl_pca_settings how = kedge_gsl_pca_defaults((uint32_t)c.p);
        how.standardise = k % 2;
        how.whiten = k / 2 % 2;
        how.explained = k % 3 ? 1 : 0.5;
        check_components(&c, &how);
        assert_int_equal(gsl_raised, 0);
    }
    quiet_end();
}

/* Both samples of a case: its first rows and its last, within what shift methods take. */
static void run_shift_case(quiet_case *c, const kedge_shift_config *cfg, unsigned *counts)
{
    size_t n = (c->n + 1) / 2, m = c->n - n;
    kedge_rows reference = kedge_rows_float64(c->x, n, c->p), current = kedge_rows_float64(c->x + n * c->p, m, c->p);
    kedge_shift_result r;
    size_t work_bytes = kedge_shift_work(cfg, n, m, c->p);
    void *work = guard_new(work_bytes, 0xFF);
    unsigned long n_before = quiet_allocations;
    kedge_status st = kedge_shift_compare(cfg, &reference, &current, work, work_bytes, &r);
    assert_int_equal(quiet_allocations, n_before);
    assert_true(st == KEDGE_OK || st == KEDGE_DRIFT || st == KEDGE_EMPTY || (c->hostile && st == KEDGE_ERR_NOT_FINITE));
    if (st == KEDGE_OK || st == KEDGE_DRIFT)
        assert_true(r.p_value >= 0 && r.p_value <= 1 && r.effect - r.effect == 0 && r.statistic - r.statistic == 0);
    counts[st < 0 ? 2 : st == KEDGE_EMPTY]++;
    guard_free(work);
}

static void test_principal_components_are_quiet(void **unused)
{
    static quiet_case c;
    unsigned counts[3] = {0}, n = quiet_cases();
    (void)unused;
    for (unsigned k = 0; k < n; k++) {
        kedge_gsl_pca_config errors = kedge_gsl_pca_reconstruction_defaults();
        kedge_gsl_pca_config coordinates = kedge_gsl_pca_cd_defaults();
        kedge_shift_config ranks = kedge_mann_whitney_defaults(), ks = kedge_ks_defaults();
        ranks.p_method = ks.p_method = KEDGE_P_ASYMPTOTIC; /* quick */
        errors.method = &ranks;
        coordinates.method = &ks;
        quiet_begin(k);
        quiet_fill(&c, k, QUIET_NUMBERS);
        for (size_t i = 0; i < c.n * c.p; i++)
            c.x[i] = c.x[i] - c.x[i] == 0 ? fmax(-1e100, fmin(1e100, c.x[i])) : c.x[i];
        run_shift_case(&c, k % 2 ? &errors.base : &coordinates.base, counts);
        assert_int_equal(gsl_raised, 0);
    }
    quiet_end();
    print_message("%u compared, %u too few rows, %u refused\n", counts[0], counts[1], counts[2]);
    assert_true(counts[0] > n / 4 && counts[1] > 0 && counts[2] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instruments),
        cmocka_unit_test(test_components_are_quiet),
        cmocka_unit_test(test_principal_components_are_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
