/* SPDX-License-Identifier: MIT */
/* Two-sample methods against SciPy, whose figures stand in shift/scipy.txt: statistic to 1e-12, p-value to 1e-10 relative, both
 * near 1 and 1e-300. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

typedef struct golden_case {
    char method[32], kind[16];
    unsigned long long seed;
    size_t n, m;
    double levels, shift, scale, statistic, p_value;
} golden_case;

typedef union any_config {
    kedge_shift_config base;
    kedge_contingency_config contingency;
    unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
} any_config;

static int next_case(FILE *in, golden_case *c)
{
    int n = fscanf(in, "%31s %15s %llu %zu %zu %lf %lf %lf %lf %lf", c->method, c->kind, &c->seed, &c->n, &c->m, &c->levels,
                   &c->shift, &c->scale, &c->statistic, &c->p_value);
    if (n != EOF && n != 10)
        fail_msg("a line of scipy.txt has %d fields", n);
    return n == 10;
}

static void fill(const golden_case *c, double *x, double *y)
{
    kedge_rng rng = {c->seed};
    for (size_t i = 0; i < c->n + c->m; i++) {
        double u = kedge_rng_uniform(&rng);
        double v = i < c->n ? u : c->shift + c->scale * u;
        *(i < c->n ? &x[i] : &y[i - c->n]) = c->levels > 0 ? floor(c->levels * v) : v;
    }
}

static void configure(const golden_case *c, any_config *cfg)
{
    int corrects = strcmp(c->method, "chi_squared_yates") == 0;
    const kedge_shift_class *cls = kedge_shift_find(corrects ? "chi_squared" : c->method);
    if (!cls)
        fail_msg("there is no method %s", c->method);
    assert_int_equal(kedge_shift_config_init(cls, cfg, cls->config_bytes), KEDGE_OK);
    if (corrects)
        cfg->contingency.correction = 1;
    cfg->base.p_method = strcmp(c->kind, "exact") == 0 ? KEDGE_P_EXACT : strcmp(c->kind,
                                                                                "none") == 0 ? KEDGE_P_NONE : KEDGE_P_ASYMPTOTIC;
}

static double off(double a, double b, double least)
{
    return isnan(b) || a == b ? 0.0 : fabs(a - b) / fmax(least, fabs(b));
}

/* SciPy adds G up from large terms of both signs, and loses digits: by 50 digits it is 0.65536608464619395 for seed 199. */
static double statistic_tolerance(const golden_case *c)
{
    return strcmp(c->method, "g_test") == 0 ? fmax(1e-12, 2.2e-16 * (double)(c->n + c->m)) : 1e-12;
}

/* Cramer-von Mises: with ties SciPy compares T with its law without ties, and says 1e-8 of samples of one law (seed 175).
 * Without, it ends the sum of the limit law where a term is below 1e-7, and takes it from 1: its figures are right to some 3e-7. */
static int p_is_close(const golden_case *c, double p)
{
    if (strcmp(c->method, "cramer_von_mises") != 0 || strcmp(c->kind, "asymptotic") != 0)
        return off(p, c->p_value, 1e-300) <= 1e-10;
    return c->levels > 0 || fabs(p - c->p_value) <= fmax(1e-10 * p, 5e-7);
}

static void check(const golden_case *c, const any_config *cfg)
{
    double *x = malloc(c->n * sizeof *x), *y = malloc(c->m * sizeof *y);
    size_t bytes = kedge_shift_work(&cfg->base, c->n, c->m, 1);
    void *work = malloc(bytes);
    kedge_shift_result r;
    fill(c, x, y);
    kedge_rows reference = kedge_rows_float64(x, c->n, 1), current = kedge_rows_float64(y, c->m, 1);
    assert_true(kedge_shift_compare(&cfg->base, &reference, &current, work, bytes, &r) >= 0);
    if (!(off(r.statistic, c->statistic, 1.0) <= statistic_tolerance(c)) || !p_is_close(c, r.p_value))
        fail_msg("%s %s, seed %llu: statistic %.17g and not %.17g, p-value %.17g and not %.17g", c->method, c->kind, c->seed,
                 r.statistic, c->statistic, r.p_value, c->p_value);
    free(x);
    free(y);
    free(work);
}

static void test_scipy(void **unused)
{
    (void)unused;
    golden_case c;
    any_config cfg;
    int n = 0;
    FILE *in = fopen(GOLDEN_DIR "/shift/scipy.txt", "r");
    assert_non_null(in);
    while (next_case(in, &c)) {
        configure(&c, &cfg);
        check(&c, &cfg);
        n++;
    }
    fclose(in);
    assert_int_equal(n, 2688); /* lines */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scipy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
