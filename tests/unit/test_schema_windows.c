/* SPDX-License-Identifier: MIT */
/* What a schema judges over windows: rates against the binomial tail, chi-squared against its definition, false alarms counted over
 * many windows and references, and how soon shifts of each sort are found. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

#define NAN_D ((double)NAN)

enum { P_MOST = 8 };

static kedge_control made(const kedge_schema_config *cfg)
{
    kedge_control c = {NULL, NULL};
    size_t bytes = kedge_control_size(&cfg->base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_control_init(&c, &cfg->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return c;
}

static kedge_status check(kedge_control *c, const double *x, size_t n, kedge_schema_verdict *v)
{
    kedge_status st = kedge_schema_check_row(c, 1, x, n, v);
    assert_true(st == v->status && (st >= 0 || st == KEDGE_ERR_SKEW));
    return st;
}

static kedge_schema_column_report figures(const kedge_control *c, uint32_t i)
{
    kedge_schema_column_report r;
    assert_int_equal(kedge_schema_read_column(c, i, &r), KEDGE_OK);
    return r;
}

/* Rates ------------------------------------------------------------------------------------------------------------------------ */

/* The least c with P(at least c of n) <= alpha, by adding up. */
static uint32_t naive_limit(uint32_t n, double p, double alpha)
{
    double tail = 0.0;
    for (uint32_t c = n;; c--) {
        tail += exp(lgamma(n + 1.0) - lgamma(c + 1.0) - lgamma(n - c + 1.0) + c * log(p) + (n - c) * log1p(-p));
        if (tail > alpha)
            return c + 1;
    }
}

/* Once too many are missing, rows without a value are refused until a whole window is as it should be. */
static void test_missing_rate(void **unused)
{
    (void)unused;
    kedge_column t = KEDGE_COLUMN_INIT;
    kedge_schema_verdict v;
    t.kind = KEDGE_COLUMN_NUMERIC;
    t.missing_max = 0.1;
    kedge_schema_config cfg = kedge_schema_defaults(&t, 1);
    cfg.window = 100;
    kedge_control c = made(&cfg);
    const double missing = NAN_D, present = 1.0;
    uint32_t limit = naive_limit(100, 0.1, 0.001);
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    for (uint32_t i = 0; i + 1 < limit; i++)
        assert_int_equal(check(&c, &missing, 1, &v), KEDGE_OK);
    assert_int_equal(check(&c, &missing, 1, &v), KEDGE_ERR_SKEW);
    assert_true(v.findings[0].why == KEDGE_SCHEMA_MISSING_RATE && v.findings[0].value == 1.0 && v.findings[0].limit == 0.1);
    assert_true(figures(&c, 0).is_missing);
    assert_int_equal(check(&c, &present, 1, &v), KEDGE_OK);
    for (uint32_t i = limit + 1; i < 100; i++)
        assert_int_equal(check(&c, &missing, 1, &v), KEDGE_ERR_SKEW);
    assert_int_equal(check(&c, &missing, 1, &v), KEDGE_ERR_SKEW); /* of the next window */
    for (uint32_t i = 1; i < 100; i++)
        assert_int_equal(check(&c, &present, 1, &v), KEDGE_OK);
    assert_false(figures(&c, 0).is_missing);
    assert_int_equal(check(&c, &missing, 1, &v), KEDGE_OK);
    guard_free(c.state);
}

static void test_unseen_rate(void **unused)
{
    (void)unused;
    kedge_column t = KEDGE_COLUMN_INIT;
    kedge_schema_verdict v;
    t.kind = KEDGE_COLUMN_NOMINAL;
    t.n_categories = 2;
    t.unseen_max = 0.05;
    kedge_schema_config cfg = kedge_schema_defaults(&t, 1);
    cfg.window = 200;
    kedge_control c = made(&cfg);
    const double unseen = 5.0;
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    for (uint32_t i = 0; i + 1 < naive_limit(200, 0.05, 0.001); i++) {
        assert_int_equal(check(&c, &unseen, 1, &v), KEDGE_WARNING);
        assert_int_equal(v.findings[0].why, KEDGE_SCHEMA_NEW);
        assert_int_equal(v.is_fresh, i == 0);
    }
    assert_int_equal(check(&c, &unseen, 1, &v), KEDGE_ERR_SKEW);
    assert_true(v.findings[0].why == KEDGE_SCHEMA_UNSEEN_RATE && figures(&c, 0).is_unseen && figures(&c, 0).n_categories == 2);
    guard_free(c.state);
}

/* Columns that miss exactly as much as they may: alarms in at most the share of windows that was asked for, over all columns. */
static void test_false_alarms_of_rates(void **unused)
{
    enum { P = 5, N_WINDOWS = 2000, WINDOW = 100 };
    kedge_column t[P];
    kedge_rng rng = {11};
    size_t n_alarms = 0;
    (void)unused;
    for (size_t j = 0; j < P; j++) {
        static const kedge_column init = KEDGE_COLUMN_INIT;
        t[j] = init;
        t[j].kind = KEDGE_COLUMN_NUMERIC;
        t[j].missing_max = 0.02 + 0.1 * (double)j;
    }
    kedge_schema_config cfg = kedge_schema_defaults(t, P);
    cfg.window = WINDOW;
    cfg.rate_alpha = 0.05;
    kedge_control c = made(&cfg);
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    for (size_t w = 0; w < N_WINDOWS; w++) {
        int has_alarm = 0;
        for (size_t i = 0; i < WINDOW; i++) {
            double x[P];
            kedge_schema_verdict v;
            for (size_t j = 0; j < P; j++)
                x[j] = kedge_rng_uniform(&rng) < t[j].missing_max ? NAN_D : 1.0;
            check(&c, x, P, &v);
        }
        for (uint32_t j = 0; j < P; j++)
            has_alarm |= (int)figures(&c, j).is_missing;
        n_alarms += (size_t)has_alarm;
    }
    print_message("windows with a false alarm of a rate: %zu of %d, at most %g expected\n", n_alarms, N_WINDOWS, 0.05 * N_WINDOWS);
    assert_true(n_alarms > 30 && n_alarms <= 100 + 30); /* 3 standard deviations above; counts are whole numbers: below */
    guard_free(c.state);
}

/* Shifts ----------------------------------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Pearson's sum over a table of two rows, from its definition: (observed - expected)^2 / expected, with the margins'
 * expectations. */
static double naive_chi_squared(const double *r, const double *o, size_t n)
{
    double n_r = 0, n_o = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        n_r += r[i];
        n_o += o[i];
    }
    for (size_t i = 0; i < n; i++) {
        double e_r = (r[i] + o[i]) * n_r / (n_r + n_o), e_o = (r[i] + o[i]) * n_o / (n_r + n_o);
        sum += r[i] + o[i] > 0 ? (r[i] - e_r) * (r[i] - e_r) / e_r + (o[i] - e_o) * (o[i] - e_o) / e_o : 0;
    }
    return sum;
}

static void test_statistic(void **unused)
{
    enum { M = 300, W = 128 };
    double reference[M], sorted[M], x;
    (void)unused;
    for (uint64_t seed = 0; seed < 20; seed++) {
        kedge_rng rng = {seed};
        double r[8] = {0}, o[8] = {0}, cuts[7];
        kedge_schema_config cfg = kedge_schema_defaults(NULL, 1);
        kedge_schema_verdict v;
        cfg.window = W;
        cfg.sample_rows = M;
        kedge_control c = made(&cfg);
        for (size_t i = 0; i < M; i++) {
            sorted[i] = reference[i] = kedge_rng_normal(&rng);
            assert_int_equal(kedge_schema_learn(&c, &reference[i], 1), KEDGE_OK);
        }
        assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
        qsort(sorted, M, sizeof *sorted, by_value);
        for (size_t k = 1; k < 8; k++)
            cuts[k - 1] = sorted[M * k / 8];
        for (size_t i = 0; i < M + W; i++) {
            size_t bin = 0;
            x = i < M ? reference[i] : kedge_rng_normal(&rng) * 1.1;
            for (size_t k = 0; k < 7; k++)
                bin += x > cuts[k];
            (i < M ? r : o)[bin]++;
            if (i >= M)
                assert_true(check(&c, &x, 1, &v) >= 0);
        }
        assert_close(figures(&c, 0).statistic, naive_chi_squared(r, o, 8), 1e-9);
        guard_free(c.state);
    }
}

/* Columns of each sort as they were learned, and as they are after a change: 0 none, 1 their mean or greatest share, 2 their spread
 * or least shares. */
enum { NORMAL, LOGNORMAL, ZEROS, CLASSES, COIN, SELDOM, SORTS };

static double draw(kedge_rng *rng, int sort, int change)
{
    double z = kedge_rng_normal(rng), u = kedge_rng_uniform(rng);
    switch (sort) {
    case NORMAL:
        return change == 1 ? z + 0.5 : change == 2 ? z * 1.5 : z;
    case LOGNORMAL:
        return exp(change == 1 ? z + 0.5 : change == 2 ? 1.5 * z : z);
    case ZEROS: /* mostly 0 */
        return u < (change == 1 ? 0.5 : 0.7) ? 0.0 : (change == 2 ? 3.0 : 1.0) * fabs(z);
    case CLASSES:
        u = change == 1 ? u * 0.85 : change == 2 ? u * 0.8 + 0.2 : u;
        return u < 0.35 ? 0.0 : u < 0.6 ? 1.0 : u < 0.8 ? 2.0 : u < 0.92 ? 3.0 : 4.0;
    case COIN:
        return u < (change == 1 ? 0.45 : change == 2 ? 0.15 : 0.3);
    default:
        return u < (change == 1 ? 0.05 : change == 2 ? 0.07 : 0.005);
    }
}

static kedge_control one_sort(kedge_rng *rng, int sort, size_t p, double alpha)
{
    kedge_schema_config cfg = kedge_schema_defaults(NULL, (uint32_t)p);
    cfg.shift_alpha = alpha;
    cfg.slack = 1000.0;
    kedge_control c = made(&cfg);
    for (size_t i = 0; i < 1500; i++) {
        double x[P_MOST];
        for (size_t j = 0; j < p; j++)
            x[j] = draw(rng, sort < SORTS ? sort : (int)(j % SORTS), 0);
        assert_int_equal(kedge_schema_learn(&c, x, p), KEDGE_OK);
    }
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    return c;
}

/* Windows of all columns in which some column's statistic is beyond its limit, over references of their own. */
static size_t alarms_in(int sort, size_t p, size_t n_references, size_t n_windows, double alpha, uint64_t seed)
{
    size_t n = 0;
    kedge_rng rng = {seed};
    for (size_t k = 0; k < n_references; k++) {
        kedge_control c = one_sort(&rng, sort, p, alpha);
        for (size_t i = 0; i < n_windows * 512; i++) {
            double x[P_MOST];
            kedge_schema_verdict v;
            kedge_schema_report r;
            for (size_t j = 0; j < p; j++)
                x[j] = draw(&rng, sort < SORTS ? sort : (int)(j % SORTS), 0);
            assert_true(check(&c, x, p, &v) >= 0);
            if (i % 512 != 511)
                continue;
            assert_int_equal(kedge_schema_read(&c, &r), KEDGE_OK);
            n += r.n_shifted > 0;
        }
        guard_free(c.state);
    }
    return n;
}

static void test_false_alarms_of_shifts(void **unused)
{
    enum { N_REFERENCES = 60, N_WINDOWS = 20 };
    const double n = N_REFERENCES * N_WINDOWS, alpha = 0.05, most = alpha * n + 3 * sqrt(alpha * n);
    (void)unused;
    for (int sort = 0; sort <= SORTS; sort++) {
        size_t n_alarms = alarms_in(sort, sort == SORTS ? SORTS : 1, N_REFERENCES, N_WINDOWS, alpha, 100 + (uint64_t)sort);
        print_message("sort %d: windows with a false shift: %zu of %g, %g expected\n", sort, n_alarms, n, alpha * n);
        assert_true((double)n_alarms <= most);
        assert_true(sort == SELDOM || n_alarms > 15); /* of few counts the test is cautious, else it uses what it may */
    }
}

/* How many rows after a change a shift is found. */
static size_t delay_of(int sort, int change, uint64_t seed)
{
    kedge_rng rng = {seed};
    kedge_control c = one_sort(&rng, sort, 1, 0.001);
    size_t delay = SIZE_MAX, before = 300 + kedge_rng_below(&rng, 512);
    for (size_t i = 0; i < before + 3000 && delay == SIZE_MAX; i++) {
        kedge_schema_verdict v;
        double x = draw(&rng, sort, i < before ? 0 : change);
        if (check(&c, &x, 1, &v) == KEDGE_DRIFT && i >= before)
            delay = i - before;
    }
    guard_free(c.state);
    return delay;
}

static void test_finds_shifts(void **unused)
{
    enum { N_SEEDS = 40 };
    (void)unused;
    for (int sort = 0; sort < SORTS; sort++)
        for (int change = 1; change <= 2; change++) {
            size_t sum = 0, most = 0;
            for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
                size_t delay = delay_of(sort, change, seed);
                sum += delay / N_SEEDS;
                most = delay > most ? delay : most;
            }
            print_message("sort %d, change %d: found after %zu rows on average, %zu at most\n", sort, change, sum, most);
            assert_true(most < 2 * 512);
        }
}

/* A shift is told once, its end ends it, and a new reference makes the new values the ones to expect. */
static void test_once_and_renew(void **unused)
{
    kedge_rng rng = {3};
    kedge_schema_report r;
    kedge_schema_verdict v;
    size_t n_drifts = 0;
    (void)unused;
    kedge_control c = one_sort(&rng, CLASSES, 1, 0.001);
    for (size_t i = 0; i < 512 * 8; i++) {
        double x = draw(&rng, CLASSES, i >= 1024 && i < 2048 ? 1 : 0);
        if (check(&c, &x, 1, &v) != KEDGE_DRIFT)
            continue;
        n_drifts++;
        assert_int_equal(i, 1024 + 511);
        kedge_schema_column_report f = figures(&c, 0);
        assert_true(v.n_shifted == 1 && v.findings[0].why == KEDGE_SCHEMA_SHIFT && v.findings[0].value == f.statistic &&
                    f.statistic > f.limit);
        assert_true(f.is_shifted && f.why == KEDGE_SCHEMA_SHIFT && f.moved_low == f.moved_high &&
                    fabs(f.share_current - f.share_reference) > 0.05);
    }
    assert_int_equal(n_drifts, 1);
    assert_false(figures(&c, 0).is_shifted);
    assert_int_equal(kedge_schema_renew(&c), KEDGE_OK);
    for (size_t i = 0; i < 1024 + 512 * 8; i++) {
        double x = draw(&rng, CLASSES, 1);
        assert_int_equal(kedge_schema_read(&c, &r), KEDGE_OK);
        assert_int_equal(r.is_renewing, i < 1024);
        assert_int_equal(r.n_watched, i >= 1024);
        assert_int_equal(check(&c, &x, 1, &v), KEDGE_OK);
    }
    assert_true(r.n_reference == 1024 && r.n_shifts == 1);
    for (size_t i = 0; i < 512; i++) {
        double x = draw(&rng, CLASSES, 0);
        assert_int_equal(check(&c, &x, 1, &v), i < 511 ? KEDGE_OK : KEDGE_DRIFT);
    }
    guard_free(c.state);
}

/* New categories are news one by one; that many rows have one is a shift. Each that becomes known leaves the counts where they
 * belong. */
static void test_new_categories_flood(void **unused)
{
    (void)unused;
    kedge_column t = KEDGE_COLUMN_INIT;
    kedge_rng rng = {8};
    kedge_schema_verdict v;
    size_t n_news = 0, n_drifts = 0;
    t.kind = KEDGE_COLUMN_NOMINAL;
    kedge_schema_config cfg = kedge_schema_defaults(&t, 1);
    kedge_control c = made(&cfg);
    for (size_t i = 0; i < 1500; i++) {
        double x = 10.0 + (double)kedge_rng_below(&rng, 3);
        assert_int_equal(kedge_schema_learn(&c, &x, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    for (size_t i = 0; i < 1024; i++) {
        double x = i >= 512 && kedge_rng_below(&rng, 12) == 0 ? (double)kedge_rng_below(&rng,
                                                                                        20) : 10.0 + (double)kedge_rng_below(&rng,
                                                                                            3);
        kedge_status st = check(&c, &x, 1, &v);
        n_news += v.n_news;
        n_drifts += st == KEDGE_DRIFT;
        if (st == KEDGE_DRIFT)
            assert_true(v.findings[v.n_findings - 1].why == KEDGE_SCHEMA_RARE && v.findings[v.n_findings - 1].value >= 20);
    }
    assert_true(n_drifts == 1 && n_news >= 10 && n_news <= 17 && figures(&c, 0).n_categories == 3 + n_news);
    assert_true(isnan(figures(&c, 0).moved_low) && figures(&c, 0).share_reference == 0.0);
    assert_int_equal(kedge_control_check(&c), KEDGE_OK);
    guard_free(c.state);
}

/* What cannot be watched is not: constant columns, ignored ones, and references of a few values. */
static void test_unwatched(void **unused)
{
    kedge_schema_config cfg = kedge_schema_defaults(NULL, 3);
    kedge_control c = made(&cfg);
    (void)unused;
    for (size_t i = 0; i < 200; i++) {
        const double x[3] = {5.0, NAN_D, i % 4 == 0 ? (double)i + 0.5 : NAN_D};
        assert_int_equal(kedge_schema_learn(&c, x, 3), KEDGE_OK);
    }
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    for (uint32_t j = 0; j < 3; j++)
        assert_int_equal(figures(&c, j).n_reference, 0);
    guard_free(c.state);
}

/* The sample is random, whatever the order in which the rows come: of sorted rows too, rows of the same sort raise no alarm. */
static void test_sorted_rows(void **unused)
{
    enum { N = 20000 };
    kedge_schema_config cfg = kedge_schema_defaults(NULL, 1);
    size_t n_drifts = 0;
    kedge_rng rng = {21};
    (void)unused;
    for (uint64_t seed = 0; seed < 10; seed++) {
        cfg.seed = seed;
        kedge_control c = made(&cfg);
        for (size_t i = 0; i < N; i++) {
            double x = (double)i / N;
            assert_int_equal(kedge_schema_learn(&c, &x, 1), KEDGE_OK);
        }
        assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
        for (size_t i = 0; i < 512 * 10; i++) {
            kedge_schema_verdict v;
            double x = kedge_rng_uniform(&rng);
            n_drifts += check(&c, &x, 1, &v) == KEDGE_DRIFT;
        }
        guard_free(c.state);
    }
    assert_int_equal(n_drifts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_rate), cmocka_unit_test(test_unseen_rate), cmocka_unit_test(test_false_alarms_of_rates),
        cmocka_unit_test(test_statistic), cmocka_unit_test(test_false_alarms_of_shifts), cmocka_unit_test(test_finds_shifts),
        cmocka_unit_test(test_once_and_renew), cmocka_unit_test(test_new_categories_flood), cmocka_unit_test(test_unwatched),
        cmocka_unit_test(test_sorted_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
