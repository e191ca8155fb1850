/* SPDX-License-Identifier: MIT */
/* Targets that are hostile to a regression: the portfolio's answers stay finite and are hardly worse than its own baselines'. And
 * rows of classes that weigh nothing in a tree of its forest. */
#include <fenv.h>
#include <math.h>

#include "support.h"

enum { N = 3000, FEATURES = 4 };

/* What is known of a run from the second row on. */
typedef struct result {
    double r2;       /* against the mean of all targets */
    double r2_last;  /* of the value before */
    double ordinary; /* mean absolute error, rows that are spikes and those behind them left out, of the last two thirds */
    double most;     /* greatest magnitude of an error */
} result;

typedef double target_of(kedge_rng *rng, int i, double line);

static result run(target_of *target, uint32_t n_lags)
{
    static double targets[N], answers[N], lines[N];
    kedge_auto_config cfg = kedge_auto_defaults(FEATURES, 0);
    kedge_model m;
    kedge_rng rng = {4};
    result out = {0, 0, 0, 0};
    double mean = 0, all = 0, own = 0, last = 0;
    int n = 0;
    cfg.n_lags = n_lags;
    cfg.memory = 300000;
    cfg.n_trees = 3;
    size_t bytes = kedge_model_size(&cfg.base);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, bytes), KEDGE_OK);
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < N; i++) {
        double x[FEATURES];
        for (int j = 0; j < FEATURES; j++)
            x[j] = kedge_rng_normal(&rng);
        lines[i] = 3 * x[0] - 2 * x[1] + 0.5 * kedge_rng_normal(&rng);
        targets[i] = target(&rng, i, lines[i]);
        assert_int_equal(kedge_model_predict(&m, x, &answers[i]), i == 0 ? KEDGE_EMPTY : KEDGE_OK);
        assert_true(fabs(answers[i]) <= KEDGE_TARGET_MAX);
        assert_int_equal(kedge_model_learn(&m, x, targets[i], 1), KEDGE_OK);
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
    for (int i = 0; i < N; i++)
        mean += targets[i] / N;
    for (int i = 1; i < N; i++) {
        double error = answers[i] - targets[i];
        out.most = fmax(out.most, fabs(error));
        own += error * error;
        last += (targets[i - 1] - targets[i]) * (targets[i - 1] - targets[i]);
        all += (targets[i] - mean) * (targets[i] - mean);
        if (i > N / 3 && targets[i] == lines[i] && targets[i - 1] == lines[i - 1]) {
            out.ordinary += fabs(error);
            n++;
        }
    }
    out.ordinary /= n > 0 ? n : 1;
    out.r2 = all > 0 ? 1 - own / all : own == 0;
    out.r2_last = all > 0 ? 1 - last / all : last == 0;
    return out;
}

static double constant(kedge_rng *rng, int i, double line)
{
    (void)rng, (void)i, (void)line;
    return 0.1;
}

static double tiny(kedge_rng *rng, int i, double line)
{
    (void)rng, (void)i;
    return 1e-90 * line;
}

static double huge(kedge_rng *rng, int i, double line)
{
    (void)rng, (void)i;
    return 1e90 * line;
}

static double far_from_zero(kedge_rng *rng, int i, double line)
{
    (void)rng, (void)i;
    return 1e8 + line;
}

static double shifts(kedge_rng *rng, int i, double line)
{
    (void)rng;
    return line + (i / 750 % 2 ? 1e6 : 0);
}

static double jumps(kedge_rng *rng, int i, double line)
{
    (void)rng, (void)line;
    return i / 7 % 2 ? 1e90 : 1;
}

static double alternates(kedge_rng *rng, int i, double line)
{
    (void)rng, (void)line;
    return i % 2 ? 1e100 : -1e100;
}

static double noise(kedge_rng *rng, int i, double line)
{
    (void)i, (void)line;
    return kedge_rng_normal(rng);
}

/* As great as targets may be. */
static double spikes(kedge_rng *rng, int i, double line)
{
    return i > 0 && kedge_rng_uniform(rng) < 0.003 ? kedge_rng_below(rng, 2) ? 1e100 : -1e100 : line;
}

static double one_glitch(kedge_rng *rng, int i, double line)
{
    (void)rng;
    return i == N / 2 ? 1e12 : line;
}

static double calm_then_line(kedge_rng *rng, int i, double line)
{
    (void)rng;
    return i < N / 2 ? 7 : line;
}

static double grows(kedge_rng *rng, int i, double line)
{
    (void)rng, (void)line;
    return fmin(pow(1.05, i), 1e100);
}

/* Answers are the constant itself, so R2, whose denominator is 0, has no say. */
static void test_constants_are_answered_exactly(void **state)
{
    (void)state;
    for (uint32_t n_lags = 0; n_lags <= 3; n_lags += 3)
        assert_true(run(constant, n_lags).most == 0.0);
}

/* What can be told from the row is told, whatever its unit or level. */
static void test_units_and_levels_play_no_part(void **state)
{
    (void)state;
    for (uint32_t n_lags = 0; n_lags <= 3; n_lags += 3) {
        assert_true(run(tiny, n_lags).r2 > 0.95);
        assert_true(run(huge, n_lags).r2 > 0.95);
        assert_true(run(far_from_zero, n_lags).r2 > 0.9);
        assert_true(run(calm_then_line, n_lags).r2 > 0.9);
        assert_true(run(grows, n_lags).r2 > 0.98);
    }
}

/* A jump costs two rows, the last value one. */
static void test_levels_that_jump_are_followed(void **state)
{
    (void)state;
    for (uint32_t n_lags = 0; n_lags <= 3; n_lags += 3) {
        result r = run(shifts, n_lags);
        assert_true(1 - r.r2 < 2.2 * (1 - r.r2_last));
        r = run(jumps, n_lags);
        assert_true(r.r2 > r.r2_last - 0.02);
    }
}

/* What cannot be told costs 0.02 of the variance at most; earlier targets tell of alternation. */
static void test_what_cannot_be_told_costs_little(void **state)
{
    (void)state;
    for (uint32_t n_lags = 0; n_lags <= 3; n_lags += 3) {
        assert_true(run(noise, n_lags).r2 > -0.02);
        assert_true(run(alternates, n_lags).r2 > (n_lags > 0 ? 0.98 : -0.02));
    }
}

/* Spikes are none but their own row's concern. */
static void test_spikes_leave_no_mark(void **state)
{
    (void)state;
    for (uint32_t n_lags = 0; n_lags <= 3; n_lags += 3) {
        result r = run(spikes, n_lags);
        assert_true(r.r2 > -0.02);
        assert_true(r.ordinary < 0.6); /* 0.4 is noise */
        r = run(one_glitch, n_lags);
        assert_true(r.r2 > -0.02);
        assert_true(r.ordinary < 0.6);
    }
}

/* A target beyond the greatest is refused and changes nothing. */
static void test_targets_beyond_bounds_change_nothing(void **state)
{
    (void)state;
    const double beyond[] = {1e300, -1e300, 1.01 * KEDGE_TARGET_MAX, (double)INFINITY, (double)NAN};
    kedge_auto_config cfg = kedge_auto_defaults(1, 0);
    kedge_model m;
    cfg.memory = 200000;
    size_t bytes = kedge_model_size(&cfg.base);
    void *mem = guard_new(bytes, 0xA5);
    unsigned char *before = guard_new(bytes, 0);
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, bytes), KEDGE_OK);
    for (int i = 0; i < 50; i++) {
        double x = i % 7;
        assert_int_equal(kedge_model_learn(&m, &x, 2 * x, 1), KEDGE_OK);
        memcpy(before, mem, bytes);
        assert_int_equal(kedge_model_learn(&m, &x, beyond[i % 5], 1), i % 5 < 3 ? KEDGE_ERR_RANGE : KEDGE_ERR_NOT_FINITE);
        assert_memory_equal(before, mem, bytes);
    }
    guard_free(before);
    guard_free(mem);
}

/* A row that a tree draws no weight for may be the first of its class: the tree still does not know that class. What it says of the
 * row is asserted where it learns. Few rows are far from each other, so that nothing speaks for the classes that are known. */
static void test_first_rows_may_weigh_nothing(void **unused)
{
    (void)unused;
    enum { WIDTH = 8, CLASSES = 4 };
    kedge_auto_config cfg = kedge_auto_defaults(WIDTH, CLASSES);
    size_t bytes = kedge_model_size(&cfg.base);
    void *mem = guard_new(bytes, 0xA5);
    for (uint64_t seed = 0; seed < 1000; seed++) {
        kedge_rng rng = {seed};
        kedge_model m;
        assert_int_equal(kedge_model_init(&m, &cfg.base, mem, bytes), KEDGE_OK);
        for (int i = 0; i < 6; i++) {
            double x[WIDTH];
            for (int j = 0; j < WIDTH; j++)
                x[j] = (double)kedge_rng_below(&rng, 2000) / 100.0 - 10.0;
            assert_int_equal(kedge_model_learn(&m, x, (double)kedge_rng_below(&rng, CLASSES), 1.0), KEDGE_OK);
        }
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    }
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constants_are_answered_exactly),
        cmocka_unit_test(test_units_and_levels_play_no_part),
        cmocka_unit_test(test_levels_that_jump_are_followed),
        cmocka_unit_test(test_what_cannot_be_told_costs_little),
        cmocka_unit_test(test_spikes_leave_no_mark),
        cmocka_unit_test(test_targets_beyond_bounds_change_nothing),
        cmocka_unit_test(test_first_rows_may_weigh_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
