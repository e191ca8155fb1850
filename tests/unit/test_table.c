/* SPDX-License-Identifier: MIT */
/* Tables: adjusted p-values against their definitions, columns against single comparisons, since when, missing values, ranks, false
 * alarms. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { ROWS = 400, COLUMNS = 6 };

/* Adjusted p-values by the definitions that count over all tests: the least level at which the procedure rejects. */
static double naive_adjusted(uint32_t adjust, const double *p, size_t n, size_t which)
{
    double tests = 0, harmonic = 0, at_most = 0, result;
    for (size_t i = 0; i < n; i++)
        tests += !isnan(p[i]);
    for (double k = 1; k <= tests; k++)
        harmonic += 1 / k;
    if (adjust == KEDGE_ADJUST_NONE)
        return p[which];
    if (adjust == KEDGE_ADJUST_BONFERRONI)
        return fmin(1, tests * p[which]);
    result = adjust == KEDGE_ADJUST_HOLM ? 0 : 1;
    for (size_t i = 0; i < n; i++) {
        if (isnan(p[i]))
            continue;
        double up_to = 0, below = 0;
        for (size_t k = 0; k < n; k++) {
            up_to += p[k] <= p[i];
            below += p[k] < p[i];
        }
        at_most = adjust == KEDGE_ADJUST_BENJAMINI_YEKUTIELI ? harmonic : 1;
        if (adjust == KEDGE_ADJUST_HOLM && p[i] <= p[which])
            result = fmax(result, fmin(1, p[i] * (tests - below)));
        else if (adjust != KEDGE_ADJUST_HOLM && p[i] >= p[which])
            result = fmin(result, at_most * p[i] * tests / up_to);
    }
    return result;
}

static void test_adjust(void **unused)
{
    (void)unused;
    kedge_rng rng = {5};
    for (int round = 0; round < 400; round++) {
        double p[40], adjusted[40];
        uint32_t order[40];
        size_t n = 1 + kedge_rng_below(&rng, 40);
        for (size_t i = 0; i < n; i++) {
            double u = kedge_rng_uniform(&rng);
            p[i] = kedge_rng_below(&rng, 8) == 0 ? (double)NAN : round % 2 ? floor(u * 10) / 10 : u * u * u;
        }
        for (uint32_t adjust = KEDGE_ADJUST_NONE; adjust <= KEDGE_ADJUST_BENJAMINI_YEKUTIELI; adjust++) {
            assert_int_equal(kedge_p_adjust(adjust, p, n, adjusted, order), KEDGE_OK);
            for (size_t i = 0; i < n; i++) {
                assert_true(isnan(p[i]) ? isnan(adjusted[i]) : fabs(adjusted[i] - naive_adjusted(adjust, p, n, i)) < 1e-12);
                assert_true(i == 0 || isnan(p[order[i]]) || p[order[i - 1]] <= p[order[i]]);
            }
        }
    }
}

static void test_adjust_refusals(void **unused)
{
    (void)unused;
    double p[3] = {0.2, 0, 1}, adjusted[3] = {7, 7, 7};
    uint32_t order[3];
    assert_int_equal(kedge_p_adjust(0, p, 3, adjusted, order), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_p_adjust(6, p, 3, adjusted, order), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_p_adjust(KEDGE_ADJUST_HOLM, NULL, 3, adjusted, order), KEDGE_ERR_NULL);
    assert_int_equal(kedge_p_adjust(KEDGE_ADJUST_HOLM, p, 3, NULL, order), KEDGE_ERR_NULL);
    assert_int_equal(kedge_p_adjust(KEDGE_ADJUST_HOLM, p, 3, adjusted, NULL), KEDGE_ERR_NULL);
    p[2] = 1.5;
    assert_int_equal(kedge_p_adjust(KEDGE_ADJUST_HOLM, p, 3, adjusted, order), KEDGE_ERR_RANGE);
    assert_true(adjusted[0] == 7);
    assert_int_equal(kedge_p_adjust(KEDGE_ADJUST_HOLM, p, 0, adjusted, order), KEDGE_OK);
    p[2] = 1;
    assert_int_equal(kedge_p_adjust(KEDGE_ADJUST_BONFERRONI, p, 3, p, order), KEDGE_OK); /* in place */
    assert_true(fabs(p[0] - 0.6) < 1e-15 && p[1] == 0 && p[2] == 1);
}

static kedge_status compare(const kedge_table_config *cfg, const kedge_rows *reference, const kedge_rows *current,
                            const uint32_t *kinds, kedge_table_column *columns, kedge_table_report *report)
{
    size_t bytes = kedge_table_work(cfg, reference->n_rows, current->n_rows, reference->n_columns);
    void *work = guard_new(bytes, 0xA5);
    kedge_table_column *out = guard_new(reference->n_columns * sizeof *out, 0x5A);
    kedge_status st = kedge_table_compare(cfg, reference, current, kinds, work, bytes, out, report);
    memcpy(columns, out, reference->n_columns * sizeof *out);
    guard_free(work);
    guard_free(out);
    return st;
}

static const uint32_t kinds[COLUMNS] = {KEDGE_KIND_NUMERIC, KEDGE_KIND_NOMINAL, KEDGE_KIND_BOOLEAN,
                                        KEDGE_KIND_NONE,    KEDGE_KIND_NUMERIC, KEDGE_KIND_NUMERIC};

/* Normal, four categories, two, something that is left out, normal with a tenth missing, constant. */
static void fill_table(double x[][COLUMNS], size_t n, kedge_rng *rng)
{
    for (size_t i = 0; i < n; i++) {
        x[i][0] = kedge_rng_normal(rng);
        x[i][1] = (double)kedge_rng_below(rng, 4);
        x[i][2] = (double)kedge_rng_below(rng, 2);
        x[i][3] = (double)INFINITY;
        x[i][4] = kedge_rng_below(rng, 10) ? kedge_rng_normal(rng) : (double)NAN;
        x[i][5] = 3;
    }
}

static void test_columns(void **unused)
{
    (void)unused;
    static double before[ROWS][COLUMNS], after[ROWS][COLUMNS];
    kedge_rng rng = {8};
    kedge_table_config cfg = kedge_table_defaults();
    kedge_table_column c[COLUMNS];
    kedge_table_report r;
    kedge_rows reference = kedge_rows_float64(before[0], ROWS, COLUMNS), current = kedge_rows_float64(after[0], ROWS, COLUMNS);
    fill_table(before, ROWS, &rng);
    fill_table(after, ROWS, &rng);
    assert_int_equal(compare(&cfg, &reference, &current, kinds, c, &r), KEDGE_OK);
    assert_true(r.n_columns == 5 && r.n_moved == 0 && r.n_failed == 0 && r.n_tests == 10);
    for (size_t i = 0; i < COLUMNS; i++)
        assert_true(!c[i].has_moved && !c[i].has_moved_missing && c[i].since == UINT64_MAX && c[i].kind == kinds[i]);
    assert_true(c[3].rank == 5 && c[3].shift.status == KEDGE_EMPTY && isnan(c[3].p_adjusted) && c[5].p_adjusted == 1);
    for (size_t i = 250; i < ROWS; i++) { /* spread, shares, missing values */
        after[i][0] *= 4;
        after[i][1] = 3;
        after[i][4] = i % 2 ? (double)NAN : after[i][4];
    }
    assert_int_equal(compare(&cfg, &reference, &current, kinds, c, &r), KEDGE_DRIFT);
    assert_int_equal(r.n_moved, 3);
    assert_true(c[0].has_moved && c[1].has_moved && !c[2].has_moved && !c[4].has_moved && c[4].has_moved_missing &&
                !c[5].has_moved);
    assert_true(c[0].since > 220 && c[0].since < 290 && c[1].since > 230 && c[1].since < 260 && c[4].since == UINT64_MAX);
    assert_true(c[1].rank == 0 && c[3].rank == 5 && c[0].rank + c[4].rank == 3);
    assert_true(c[0].shift.status == KEDGE_DRIFT && c[2].shift.status == KEDGE_OK);
    kedge_rows column, other;
    kedge_shift_config ks = kedge_ks_defaults();
    kedge_shift_result single;
    size_t bytes = kedge_shift_work(&ks, ROWS, ROWS, 1);
    void *work = guard_new(bytes, 1);
    assert_int_equal(kedge_rows_column(&reference, 0, &column), KEDGE_OK);
    assert_int_equal(kedge_rows_column(&current, 0, &other), KEDGE_OK);
    assert_int_equal(kedge_shift_compare(&ks, &column, &other, work, bytes, &single), KEDGE_DRIFT);
    assert_memory_equal(&single, &c[0].shift, sizeof single);
    guard_free(work);
}

/* The same columns apart, and what is wrong with one does not stop the others. */
static void test_one_by_one(void **unused)
{
    (void)unused;
    static double before[ROWS][COLUMNS], after[ROWS][COLUMNS];
    kedge_rng rng = {9};
    kedge_table_config cfg = kedge_table_defaults();
    kedge_table_column c[COLUMNS], one[COLUMNS];
    kedge_table_report r, again;
    kedge_rows reference = kedge_rows_float64(before[0], ROWS, COLUMNS), current = kedge_rows_float64(after[0], ROWS - 90, COLUMNS);
    const uint32_t all[COLUMNS] = {1, 2, 4, 1, 4, 1};
    fill_table(before, ROWS, &rng);
    fill_table(after, ROWS, &rng);
    for (size_t i = 100; i < ROWS; i++)
        after[i][0] += 1;
    assert_int_equal(compare(&cfg, &reference, &current, all, c, &r), KEDGE_DRIFT);
    assert_int_equal(c[3].shift.status, KEDGE_ERR_NOT_FINITE); /* all are infinite */
    assert_int_equal(c[4].shift.status, KEDGE_ERR_RANGE);      /* not 0 and 1 */
    assert_true(r.n_failed == 2 && r.n_moved == 1 && c[0].since > 70 && c[0].since < 130 && isnan(c[3].p_adjusted));
    size_t bytes = kedge_table_work(&cfg, ROWS, ROWS, 1);
    void *work = guard_new(bytes, 0xA5);
    for (size_t i = 0; i < COLUMNS; i++) {
        kedge_rows x, y;
        assert_int_equal(kedge_rows_column(&reference, i, &x), KEDGE_OK);
        assert_int_equal(kedge_rows_column(&current, i, &y), KEDGE_OK);
        assert_int_equal(kedge_table_compare_column(&cfg, &x, &y, all[i], work, bytes, &one[i]), KEDGE_OK);
    }
    guard_free(work);
    bytes = kedge_table_work(&cfg, 0, 0, COLUMNS);
    work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_table_decide(&cfg, one, COLUMNS, work, bytes, &again), KEDGE_DRIFT);
    guard_free(work);
    assert_memory_equal(one, c, sizeof c);
    assert_memory_equal(&again, &r, sizeof r);
}

static void test_methods(void **unused)
{
    (void)unused;
    static double before[ROWS][COLUMNS], after[ROWS][COLUMNS];
    kedge_rng rng = {10};
    kedge_table_config cfg = kedge_table_defaults();
    kedge_table_column c[COLUMNS];
    kedge_table_report r;
    kedge_rows reference = kedge_rows_float64(before[0], ROWS, COLUMNS), current = kedge_rows_float64(after[0], ROWS, COLUMNS);
    fill_table(before, ROWS, &rng);
    fill_table(after, ROWS, &rng);
    for (size_t i = 0; i < ROWS; i++)
        after[i][0] += 1;
    kedge_shift_config distance = kedge_wasserstein_defaults(), small = kedge_ks_defaults();
    distance.p_method = KEDGE_P_NONE;
    distance.min_effect = 0.5;
    cfg.numeric = &distance;
    assert_int_equal(compare(&cfg, &reference, &current, kinds, c, &r), KEDGE_DRIFT);
    assert_true(c[0].has_moved && isnan(c[0].p_adjusted) && !c[4].has_moved && r.n_tests == 2 + 5 && c[0].since < 20);
    small.min_effect = 0.9; /* significant, but it does not matter */
    cfg.numeric = &small;
    assert_int_equal(compare(&cfg, &reference, &current, kinds, c, &r), KEDGE_OK);
    assert_true(!c[0].has_moved && c[0].p_adjusted < 1e-6 && c[0].shift.status == KEDGE_OK);
    cfg.nominal = &small; /* not for categories */
    assert_int_equal(kedge_table_work(&cfg, 9, 9, 1), 0);
}

/* Profiles tell the same as the rows. */
static void test_profiles(void **unused)
{
    (void)unused;
    kedge_table_config cfg = kedge_table_defaults();
    kedge_profile_config numeric = kedge_profile_defaults();
    kedge_categories_config nominal = kedge_categories_defaults();
    kedge_table_column c[2], kept;
    kedge_table_report r;
    kedge_metric a[2], b[2];
    kedge_rng rng = {11};
    static unsigned long long mem[4][KEDGE_PROFILE_BYTES / 8];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(kedge_metric_init(&a[i], i ? &nominal.base : &numeric.base, mem[i], sizeof mem[i]), KEDGE_OK);
        assert_int_equal(kedge_metric_init(&b[i], i ? &nominal.base : &numeric.base, mem[2 + i], sizeof mem[2 + i]), KEDGE_OK);
    }
    assert_int_equal(kedge_table_compare_profiles(&cfg, &a[0], &b[0], &c[0]), KEDGE_OK);
    assert_true(c[0].shift.status == KEDGE_EMPTY && isnan(c[0].p_missing));
    for (int i = 0; i < 2000; i++) {
        assert_true(kedge_profile_record(&a[0], kedge_rng_normal(&rng)) == KEDGE_OK);
        assert_true(kedge_profile_record(&b[0], i % 5 ? kedge_rng_normal(&rng) + 1 : (double)NAN) == KEDGE_OK);
        assert_true(kedge_categories_record(&a[1], (double)kedge_rng_below(&rng, 5)) == KEDGE_OK);
        assert_true(kedge_categories_record(&b[1], (double)kedge_rng_below(&rng, 5)) == KEDGE_OK);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(kedge_table_compare_profiles(&cfg, &a[i], &b[i], &c[i]), KEDGE_OK);
    size_t bytes = kedge_table_work(&cfg, 0, 0, 2);
    void *work = guard_new(bytes, 0);
    assert_int_equal(kedge_table_decide(&cfg, c, 2, work, bytes, &r), KEDGE_DRIFT);
    assert_true(c[0].has_moved && c[0].has_moved_missing && !c[1].has_moved && !c[1].has_moved_missing && c[0].rank == 0 &&
                r.n_tests == 4);
    assert_true(c[0].shift.effect > 0.3 && c[0].shift.missing_current == 400 && c[0].since == UINT64_MAX &&
                c[1].kind == KEDGE_KIND_NOMINAL);
    kept = c[0];
    assert_int_equal(kedge_table_compare_profiles(&cfg, &a[0], &b[1], &c[0]), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_table_compare_profiles(&cfg, &a[1], &b[0], &c[0]), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_table_compare_profiles(&cfg, NULL, &b[0], &c[0]), KEDGE_ERR_NULL);
    assert_memory_equal(&kept, &c[0], sizeof kept);
    guard_free(work);
}

static void test_refusals(void **unused)
{
    (void)unused;
    double x[8] = {1, 0, 1, 0, 1, 1, 0, 0}, y[8] = {0, 1, 1, 0, 1, 0, 1, 0};
    kedge_rows a = kedge_rows_float64(x, 4, 2), b = kedge_rows_float64(y, 4, 2), narrow = kedge_rows_float64(y, 4, 1);
    kedge_table_config cfg = kedge_table_defaults(), bad;
    kedge_table_column c[2];
    kedge_table_report r;
    uint32_t wrong[2] = {1, 3};
    size_t bytes = kedge_table_work(&cfg, 4, 4, 2);
    unsigned char *work = guard_new(bytes + 8, 0);
    assert_int_equal(kedge_table_compare(&cfg, &a, &b, NULL, work, bytes, c, &r), KEDGE_OK);
    assert_int_equal(kedge_table_compare(NULL, &a, &b, NULL, work, bytes, c, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_compare(&cfg, NULL, &b, NULL, work, bytes, c, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_compare(&cfg, &a, &b, NULL, NULL, bytes, c, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_compare(&cfg, &a, &b, NULL, work, bytes, NULL, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_compare(&cfg, &a, &b, NULL, work, bytes, c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_compare(&cfg, &a, &narrow, NULL, work, bytes, c, &r), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_table_compare(&cfg, &a, &b, wrong, work, bytes, c, &r), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_table_compare(&cfg, &a, &b, NULL, work, bytes - 1, c, &r), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_table_compare(&cfg, &a, &b, NULL, work + 4, bytes, c, &r), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_table_compare_column(&cfg, &a, &b, 1, work, bytes, c), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_table_compare_column(&cfg, &narrow, &narrow, 0, work, bytes, c), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_table_compare_column(&cfg, &narrow, &narrow, 1, work, bytes, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_decide(&cfg, NULL, 2, work, bytes, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_decide(&cfg, c, 0, work, bytes, &r), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_table_decide(&cfg, c, 2, work, 8, &r), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_table_work(&cfg, 4, 4, 0), 0);
    assert_int_equal(kedge_table_work(NULL, 4, 4, 1), 0);
#define BAD(field, value) (bad = cfg, bad.field = value, assert_int_equal(kedge_table_work(&bad, 4, 4, 1), 0))
    BAD(config_bytes, 8);
    BAD(adjust, 0);
    BAD(adjust, 6);
    BAD(alpha, 0);
    BAD(alpha, 1);
    BAD(alpha, (double)NAN);
    BAD(min_missing, -0.1);
    BAD(min_missing, 1.1);
    assert_int_equal(kedge_table_config_init(NULL, sizeof cfg), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_config_init(&cfg, 4), KEDGE_ERR_CONFIG);
    kedge_rows view;
    assert_int_equal(kedge_rows_column(&a, 2, &view), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_rows_column(&a, 0, NULL), KEDGE_ERR_NULL);
    guard_free(work);
}

/* Without a change a table of twenty columns seldom raises any alarm: at most alpha of the tables. */
static void test_false_alarms(void **unused)
{
    (void)unused;
    static double before[100][20], after[60][20];
    kedge_table_config cfg = kedge_table_defaults();
    kedge_rows reference = kedge_rows_float64(before[0], 100, 20), current = kedge_rows_float64(after[0], 60, 20);
    int n = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        kedge_table_column c[20];
        kedge_table_report r;
        fill_normal(before[0], 2000, 0, 1, 2 * seed);
        fill_normal(after[0], 1200, 0, 1, 2 * seed + 1);
        n += compare(&cfg, &reference, &current, NULL, c, &r) == KEDGE_DRIFT;
    }
    assert_true(n <= 15 + 12); /* three deviations */
}

/* Where the change begins, whatever kind it is; by float32 and a column apart too. */
static void test_since(void **unused)
{
    (void)unused;
    static float before[2 * ROWS], after[2 * ROWS];
    kedge_table_config cfg = kedge_table_defaults();
    for (uint64_t seed = 0; seed < 60; seed++) {
        kedge_rng rng = {seed};
        size_t at = kedge_rng_below(&rng, ROWS - 100);
        kedge_table_column c;
        kedge_table_report r;
        for (size_t i = 0; i < ROWS; i++) {
            before[2 * i] = (float)kedge_rng_normal(&rng);
            double x = kedge_rng_normal(&rng);
            after[2 * i] = (float)(i < at ? x : seed % 3 == 0 ? x + 2 : seed % 3 == 1 ? 6 * x : fabs(x) - 2);
        }
        kedge_rows reference = kedge_rows_float32(before, ROWS, 2), current = kedge_rows_float32(after, ROWS, 2);
        assert_int_equal(kedge_rows_column(&reference, 0, &reference), KEDGE_OK);
        assert_int_equal(kedge_rows_column(&current, 0, &current), KEDGE_OK);
        assert_int_equal(compare(&cfg, &reference, &current, NULL, &c, &r), KEDGE_DRIFT);
        assert_true(fabs((double)c.since - (double)at) < 60);
    }
}

/* Shares of missing values are of the rows of their own sample, whatever was compared before. */
static void test_missing_of_uneven_samples(void **unused)
{
    (void)unused;
    static double before[ROWS], after[ROWS];
    kedge_table_config cfg = kedge_table_defaults();
    kedge_table_column c;
    kedge_table_report r;
    for (size_t i = 0; i < ROWS; i++) {
        before[i] = (double)(i % 7);
        after[i] = i % 2 ? (double)(i % 7) : (double)NAN;
    }
    for (size_t n = 4; n <= 40; n += 4) {
        kedge_rows reference = kedge_rows_float64(before, 4, 1), current = kedge_rows_float64(after, n, 1);
        assert_true(compare(&cfg, &reference, &current, NULL, &c, &r) >= 0);
        double ways = 1; /* to leave all of the reference there, as likely as any other that far */
        for (size_t k = 0; k < 4; k++)
            ways *= (double)(n / 2 + 4 - k) / (double)(n + 4 - k);
        assert_true(c.missing_current == 0.5 && c.missing_reference == 0 && c.p_missing >= ways - 1e-12 && c.p_missing < 1.01);
        assert_true(n < 8 || c.p_missing < 0.6);
    }
}

/* Diagnosis
 * -------------------------------------------------------------------------------------------------------------------------- */

enum { LABELLED = 1000, PERIODS = 20 };

typedef struct period {
    double x[LABELLED][2];
    double y[LABELLED];
    double score[LABELLED];
} period;

enum { SAME, COVARIATE, PRIOR, CONCEPT, BOTH };

/* y = 1 with a chance of 1 / (1 + exp(-2 x0)), which is the score; x1 tells nothing. */
static void fill_period(period *p, int change, kedge_rng *rng)
{
    for (size_t i = 0; i < LABELLED;) {
        double x = kedge_rng_normal(rng) + (change == COVARIATE || change == BOTH ? 0.6 : 0.0);
        double chance = 1.0 / (1.0 + exp(-2.0 * x));
        double y = kedge_rng_uniform(rng) < (change == CONCEPT || change == BOTH ? 1.0 - chance : chance);
        if (change == PRIOR && y == 0.0 && kedge_rng_uniform(rng) < 0.6)
            continue; /* seldom seen, but the same */
        p->x[i][0] = x;
        p->x[i][1] = kedge_rng_normal(rng);
        p->y[i] = y;
        p->score[i++] = chance;
    }
}

static kedge_labelled labelled(const period *p)
{
    kedge_labelled l = {kedge_rows_float64(p->x[0], LABELLED, 2), kedge_rows_float64(p->y, LABELLED, 1),
                        kedge_rows_float64(p->score, LABELLED, 1)};
    return l;
}

static kedge_status diagnose(const kedge_table_config *cfg, const kedge_labelled *before, const kedge_labelled *now,
                             uint32_t label_kind, kedge_table_diagnosis *d)
{
    size_t bytes = kedge_table_diagnose_work(cfg, before->features.n_rows, now->features.n_rows, before->features.n_columns);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = kedge_table_diagnose(cfg, before, now, NULL, label_kind, work, bytes, d);
    guard_free(work);
    return st;
}

static void test_diagnosis(void **unused)
{
    (void)unused;
    static period before, now;
    static const uint32_t expected[] = {0, KEDGE_SHIFT_COVARIATE | KEDGE_SHIFT_LABEL, KEDGE_SHIFT_PRIOR | KEDGE_SHIFT_LABEL,
                                        KEDGE_SHIFT_CONCEPT, KEDGE_SHIFT_COVARIATE | KEDGE_SHIFT_LABEL | KEDGE_SHIFT_CONCEPT};
    kedge_table_config cfg = kedge_table_defaults();
    kedge_rng rng = {20};
    for (int change = SAME; change <= BOTH; change++) {
        int n_right = 0;
        for (int i = 0; i < PERIODS; i++) {
            kedge_table_diagnosis d;
            fill_period(&before, SAME, &rng);
            fill_period(&now, change, &rng);
            kedge_labelled a = labelled(&before), b = labelled(&now);
            kedge_status st = diagnose(&cfg, &a, &b, KEDGE_KIND_BOOLEAN, &d);
            assert_int_equal(st, d.kinds ? KEDGE_DRIFT : KEDGE_OK);
            n_right += d.kinds == expected[change];
        }
        print_message("change %d: %d of %d told right\n", change, n_right, PERIODS);
        assert_true(n_right >= PERIODS - 3);
    }
}

/* Numeric labels in tenths, nominal ones by class; no scores: no verdict on the concept. */
static void test_diagnosis_labels(void **unused)
{
    (void)unused;
    static period before, now;
    kedge_table_config cfg = kedge_table_defaults();
    kedge_table_diagnosis d;
    kedge_rng rng = {21};
    fill_period(&before, SAME, &rng);
    fill_period(&now, SAME, &rng);
    for (size_t i = 0; i < LABELLED; i++) {
        before.y[i] = before.x[i][0] + 0.3 * kedge_rng_normal(&rng);
        now.y[i] = -now.x[i][0] + 0.3 * kedge_rng_normal(&rng);
    }
    kedge_labelled a = labelled(&before), b = labelled(&now);
    assert_int_equal(diagnose(&cfg, &a, &b, KEDGE_KIND_NUMERIC, &d), KEDGE_DRIFT);
    assert_int_equal(d.kinds, KEDGE_SHIFT_CONCEPT);
    for (size_t i = 0; i < LABELLED; i++) { /* 50 classes, of which 18 are rare, and one feature of 25 that no longer has a class's
                                             * number */
        before.y[i] = (double)(i % 100 < 64 ? i % 32 : 32 + i % 18);
        now.y[i] = before.y[i];
        before.x[i][0] = before.y[i] + 0.1 * kedge_rng_normal(&rng);
        now.x[i][0] = fmod(now.y[i] + 1.0, 32.0) + 0.1 * kedge_rng_normal(&rng);
    }
    a.scores.data = b.scores.data = NULL;
    assert_int_equal(diagnose(&cfg, &a, &b, KEDGE_KIND_NOMINAL, &d), KEDGE_DRIFT);
    assert_true(isnan(d.p_labels_given_features) && d.p_features_given_labels < 1e-6 && d.p_labels == 1.0 &&
                (d.kinds & KEDGE_SHIFT_CONCEPT) == 0);
}

static void test_diagnosis_edges(void **unused)
{
    (void)unused;
    static period before, now;
    kedge_table_config cfg = kedge_table_defaults();
    kedge_table_diagnosis d;
    kedge_rng rng = {22};
    fill_period(&before, SAME, &rng);
    fill_period(&now, SAME, &rng);
    for (size_t i = 0; i < LABELLED; i++) {
        before.y[i] = now.y[i] = before.x[i][0] = now.x[i][0] = 1.0;
        before.x[i][1] = now.x[i][1] = before.score[i] = now.score[i] = (double)NAN;
    }
    kedge_labelled a = labelled(&before), b = labelled(&now), wrong;
    assert_int_equal(diagnose(&cfg, &a, &b, KEDGE_KIND_NUMERIC, &d), KEDGE_OK); /* constants, and nothing but missing values */
    assert_true(d.kinds == 0 && d.p_features == 1.0 && d.p_labels == 1.0 && d.p_features_given_labels == 1.0 &&
                isnan(d.p_labels_given_features));
    memset(&d, 0x77, sizeof d);
    kedge_table_diagnosis kept = d;
    const uint32_t odd[2] = {KEDGE_KIND_NUMERIC, 9};
    static double work[64 * LABELLED];
    size_t bytes = kedge_table_diagnose_work(&cfg, LABELLED, LABELLED, 2);
    assert_true(bytes > 0 && bytes <= sizeof work && kedge_table_diagnose_work(&cfg, 1, 1, 0) == 0 &&
                kedge_table_diagnose_work(NULL, 1, 1, 1) == 0);
    assert_int_equal(kedge_table_diagnose(NULL, &a, &b, NULL, 1, work, bytes, &d), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_diagnose(&cfg, NULL, &b, NULL, 1, work, bytes, &d), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_diagnose(&cfg, &a, NULL, NULL, 1, work, bytes, &d), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &b, NULL, 1, NULL, bytes, &d), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &b, NULL, 1, work, bytes, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &b, odd, 1, work, bytes, &d), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &b, NULL, 0, work, bytes, &d), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &b, NULL, 1, work, bytes - 1, &d), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &b, NULL, 1, (char *)work + 4, bytes, &d), KEDGE_ERR_ALIGN);
    wrong = b;
    wrong.labels.n_rows--;
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &wrong, NULL, 1, work, bytes, &d), KEDGE_ERR_SHAPE);
    wrong = b;
    wrong.scores.data = NULL;
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &wrong, NULL, 1, work, bytes, &d), KEDGE_ERR_SHAPE);
    wrong = b;
    wrong.features.n_columns = 1;
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &wrong, NULL, 1, work, bytes, &d), KEDGE_ERR_SHAPE);
    wrong = b;
    wrong.scores.type = 9;
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &wrong, NULL, 1, work, bytes, &d), KEDGE_ERR_SHAPE);
    cfg.alpha = 2.0;
    assert_int_equal(kedge_table_diagnose(&cfg, &a, &b, NULL, 1, work, bytes, &d), KEDGE_ERR_CONFIG);
    assert_memory_equal(&d, &kept, sizeof d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adjust),    cmocka_unit_test(test_adjust_refusals), cmocka_unit_test(test_columns),
        cmocka_unit_test(test_one_by_one), cmocka_unit_test(test_methods),         cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_false_alarms),    cmocka_unit_test(test_since),
        cmocka_unit_test(test_missing_of_uneven_samples),
        cmocka_unit_test(test_diagnosis),
        cmocka_unit_test(test_diagnosis_labels),
        cmocka_unit_test(test_diagnosis_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
