/* SPDX-License-Identifier: MIT */
/* Search against trials made one by one: grids, draws, successive halving and its samples. */
#include <math.h>
#include <stdlib.h>

#include "echo.h"
#include "select/sample.h"

#include "search_rows.h"

static kedge_search_axis axis(void *field, uint32_t type, uint32_t scale, uint32_t n, double low, double high)
{
    kedge_search_axis a = {field, type, scale, n, 0, NULL, low, high};
    return a;
}

/* Every combination, in order, with the score that validation gives; the best is set. */
static void test_grid(void **unused)
{
    static const double rates[] = {2, 0.5, 1e-3};
    kedge_logistic_config cfg = kedge_logistic_defaults(WIDTH, 2), one;
    kedge_search_config how = kedge_search_defaults();
    kedge_validation_config judge = kedge_validation_defaults();
    kedge_search_axis axes[2] = {axis(&cfg.rate, KEDGE_TYPE_F64, 0, 3, 0, 0),
                                 axis(&cfg.n_rates, KEDGE_TYPE_U32, KEDGE_SCALE_LINEAR, 4, 1, 8)};
    kedge_search_trial trials[12];
    kedge_search_report report;
    double values[24];
    uint32_t best = 0;
    (void)unused;
    table(1);
    axes[0].values = rates;
    how.method = KEDGE_SEARCH_GRID;
    assert_int_equal(kedge_search_trials(&how, axes, 2), 12);
    assert_int_equal(kedge_search(&cfg.base, axes, 2, &how, &judge, &rows, y, weight, work, sizeof work, trials, values, &report),
                     KEDGE_OK);
    for (uint32_t t = 0; t < 12; t++) {
        static const uint32_t steps[] = {1, 3, 6, 8}; /* 1, 3.33, 5.67, 8 */
        kedge_validation_report alone;
        one = kedge_logistic_defaults(WIDTH, 2);
        one.rate = rates[t / 4];
        one.n_rates = steps[t % 4];
        assert_true(values[2 * t] == one.rate && values[2 * t + 1] == one.n_rates);
        assert_int_equal(kedge_validate(&one.base, &judge, &rows, y, weight, work, sizeof work, NULL, &alone), KEDGE_OK);
        assert_true(trials[t].mean == alone.mean && trials[t].deviation == alone.deviation && trials[t].n_rows == ROWS);
        if (alone.mean < trials[best].mean)
            best = t;
    }
    assert_true(report.best == best && report.mean == trials[best].mean && report.n_trials == 12 && report.n_failed == 0);
    assert_true(report.n_fits == 60 && report.n_rows == 12 * 4 * ROWS);
    assert_true(cfg.rate == values[2 * best] && cfg.n_rates == values[2 * best + 1]);
    ASSERT_QUIET();
    how.n_trials = 5;
    assert_int_equal(kedge_search_trials(&how, axes, 2), 5);
}

/* Draws stay in their range, are the same for a seed, and fill it evenly in the scale that was asked. */
static void test_draws(void **unused)
{
    enum { N = 2000 };
    static kedge_search_trial trials[N];
    static double values[N * 4], again[N * 4];
    kedge_logistic_config cfg = kedge_logistic_defaults(WIDTH, 2);
    kedge_search_config how = kedge_search_defaults();
    kedge_validation_config judge = kedge_validation_defaults();
    kedge_search_axis axes[4] = {axis(&cfg.rate, KEDGE_TYPE_F64, KEDGE_SCALE_LOG, 1, 1e-4, 100),
                                 axis(&cfg.memory, KEDGE_TYPE_F64, KEDGE_SCALE_LINEAR, 1, 0.5, 1),
                                 axis(&cfg.n_rates, KEDGE_TYPE_U32, KEDGE_SCALE_LINEAR, 1, 1, 8),
                                 axis(&cfg.n_rates, KEDGE_TYPE_U32, KEDGE_SCALE_LOG, 1, 1, 7)};
    kedge_search_report report;
    int below = 0, low_half = 0, count[9] = {0}, ones = 0;
    (void)unused;
    table(2);
    how.n_trials = N;
    how.max_fits = 5; /* all are drawn, one is tried */
    assert_int_equal(kedge_search(&cfg.base, axes, 4, &how, &judge, &rows, y, NULL, work, sizeof work, trials, values, &report),
                     KEDGE_MORE);
    assert_true(report.n_trials == 1 && report.n_fits == 5 && report.best == 0 && trials[1].status == KEDGE_EMPTY);
    assert_int_equal(kedge_search(&cfg.base, axes, 4, &how, &judge, &rows, y, NULL, work, sizeof work, trials, again, &report),
                     KEDGE_MORE);
    assert_memory_equal(values, again, sizeof values);
    for (int t = 0; t < N; t++) {
        const double *v = values + 4 * t;
        assert_true(v[0] >= 1e-4 && v[0] <= 100 && v[1] >= 0.5 && v[1] <= 1 && v[2] >= 1 && v[2] <= 8 && v[3] >= 1 && v[3] <= 7);
        assert_true(v[2] == floor(v[2]) && v[3] == floor(v[3]));
        below += v[0] < 0.1;
        low_half += v[1] < 0.75;
        count[(int)v[2]]++;
        ones += v[3] < 2;
    }
    assert_true(abs(below - N / 2) < 120 && abs(low_half - N / 2) < 120); /* five deviations */
    for (int k = 1; k <= 8; k++)
        assert_true(abs(count[k] - N / 8) < 75);
    ASSERT_QUIET();
    assert_true(abs(ones - N / 3) < 110); /* ln 2 / ln 8 */
    how.max_fits = UINT64_MAX, how.max_rows = 3 * 4 * ROWS + 1;
    assert_int_equal(kedge_search(&cfg.base, axes, 4, &how, &judge, &rows, y, NULL, work, sizeof work, trials, again, &report),
                     KEDGE_MORE);
    assert_true(report.n_trials == 3 && report.n_rows == 3 * 4 * ROWS);
}

static int32_t stop_at(void *context, const kedge_search_trial *trial, uint32_t i_trial)
{
    (void)trial;
    return i_trial == *(uint32_t *)context;
}

/* Trials that cannot be are told, and the search goes on; the caller's stop ends it. */
static void test_failures_and_stop(void **unused)
{
    kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_search_config how = kedge_search_defaults();
    kedge_validation_config judge = kedge_validation_defaults();
    static const double values_of[] = {-1, 0.5, 1e-9, 7};
    kedge_search_axis one = axis(&cfg.smoothing, KEDGE_TYPE_F64, 0, 4, 0, 0);
    kedge_search_trial trials[4];
    kedge_search_report report;
    double values[4];
    uint32_t last = 1;
    (void)unused;
    table(3);
    one.values = values_of;
    how.method = KEDGE_SEARCH_GRID;
    assert_int_equal(kedge_search(&cfg.base, &one, 1, &how, &judge, &rows, y, NULL, work, sizeof work, trials, values, &report),
                     KEDGE_OK);
    assert_true(report.n_failed == 2 && trials[0].status == KEDGE_ERR_CONFIG && isnan(trials[0].mean) && report.n_trials == 4);
    assert_true(cfg.smoothing == values_of[report.best] && report.best > 0 && report.best < 3);
    how.stop = stop_at, how.context = &last;
    assert_int_equal(kedge_search(&cfg.base, &one, 1, &how, &judge, &rows, y, NULL, work, sizeof work, trials, values, &report),
                     KEDGE_MORE);
    assert_true(report.n_trials == 2 && report.best == 1 && cfg.smoothing == 0.5);
    last = 3;
    assert_int_equal(kedge_search(&cfg.base, &one, 1, &how, &judge, &rows, y, NULL, work, sizeof work, trials, values, &report),
                     KEDGE_OK);
    how.stop = NULL, how.n_trials = 1, cfg.smoothing = 0.25; /* only the one that cannot be */
    assert_int_equal(kedge_search(&cfg.base, &one, 1, &how, &judge, &rows, y, NULL, work, sizeof work, trials, values, &report),
                     KEDGE_ERR_NUMERIC);
    assert_true(cfg.smoothing == 0.25);
    how.n_trials = 4;
    assert_int_equal(kedge_search(&cfg.base, &one, 1, &how, &judge, &rows, y, NULL, work, 64, trials, values, &report),
                     KEDGE_ERR_NUMERIC);
    assert_true(trials[1].status == KEDGE_ERR_BUFFER && cfg.smoothing == 0.25);
}

/* A field of a configuration that the model's points to. */
static void test_member(void **unused)
{
    static kedge_members_class cls;
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_bagging_config bagging;
    kedge_search_config how = kedge_search_defaults();
    kedge_validation_config judge = kedge_validation_defaults();
    kedge_search_axis one = axis(&bayes.smoothing, KEDGE_TYPE_F64, KEDGE_SCALE_LOG, 3, 1e-9, 1);
    kedge_search_trial trials[3];
    kedge_search_report report;
    double values[3];
    (void)unused;
    table(4);
    assert_int_equal(kedge_bagging_class(&cls, &kedge_gaussian_nb, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&bagging, sizeof bagging, &cls, WIDTH, 2), KEDGE_OK);
    bagging.members.model = &bayes.base;
    bagging.members.n = 3;
    how.method = KEDGE_SEARCH_GRID;
    assert_int_equal(kedge_search(&bagging.base, &one, 1, &how, &judge, &rows, y, NULL, work, sizeof work, trials, values, &report),
                     KEDGE_OK);
    assert_true(trials[2].mean > trials[0].mean); /* variances doubled blur the classes */
    assert_true(bayes.smoothing == values[report.best]);
    assert_close(values[1], pow(10, -4.5), 1e-12);
}

/* Rounds of 10, 30 and 90 rows; of nine trials three and then one go on, the best of each round. */
static void test_halving(void **unused)
{
    enum { N = 9 };
    static double drawn[ROWS * (WIDTH + 2) + 6];
    kedge_logistic_config cfg = kedge_logistic_defaults(WIDTH, 2), one;
    kedge_search_config how = kedge_search_defaults();
    kedge_validation_config judge = kedge_validation_defaults();
    kedge_split_config split = kedge_split_defaults();
    kedge_search_axis axes[1] = {axis(&cfg.rate, KEDGE_TYPE_F64, KEDGE_SCALE_LOG, 1, 1e-5, 10)};
    kedge_search_trial trials[N];
    kedge_search_report report;
    double values[N], score[N];
    int in[N], alive = N;
    (void)unused;
    table(5);
    split.n_folds = 2;
    judge.split = &split;
    how.method = KEDGE_SEARCH_HALVING;
    how.n_trials = N;
    how.least_rows = 10;
    assert_int_equal(kedge_search(&cfg.base, axes, 1, &how, &judge, &rows, y, NULL, work, 4 * N - 1, trials, values, &report),
                     KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_search(&cfg.base, axes, 1, &how, &judge, &rows, y, NULL, work, sizeof work, trials, values, &report),
                     KEDGE_OK);
    for (int t = 0; t < N; t++)
        in[t] = 1;
    for (size_t n = 10; n <= ROWS; n *= 3) {
        kedge_i_sample whole = {rows, y, NULL};
        kedge_i_sample part = n < ROWS ? kedge_i_sample_draw(&whole, 2, n, how.seed + n, drawn) : whole;
        for (int t = 0; t < N; t++) {
            kedge_validation_report alone;
            if (!in[t])
                continue;
            one = kedge_logistic_defaults(WIDTH, 2);
            one.rate = values[t];
            assert_int_equal(kedge_validate(&one.base, &judge, &part.rows, part.y, NULL, work, sizeof work, NULL, &alone),
                             KEDGE_OK);
            score[t] = alone.mean;
        }
        alive = n == ROWS ? alive : (alive + 2) / 3;
        for (int t = 0; t < N && n < ROWS; t++) {
            int better = 0;
            for (int k = 0; k < N; k++)
                better += in[k] > 0 && (score[k] < score[t] || (score[k] == score[t] && k < t));
            if (in[t] && better >= alive) {
                assert_true(trials[t].n_rows == n && trials[t].mean == score[t] && trials[t].status == KEDGE_OK);
                in[t] = -1; /* until this round is counted */
            }
        }
        for (int t = 0; t < N && n < ROWS; t++)
            in[t] = in[t] > 0 && trials[t].n_rows > n;
    }
    assert_true(in[report.best] && trials[report.best].n_rows == ROWS && report.mean == score[report.best] &&
                cfg.rate == values[report.best]);
    assert_int_equal(report.n_fits, 2 * (9 + 3 + 1));
    how.max_fits = 2 * (9 + 1); /* one of the second round */
    assert_int_equal(kedge_search(&cfg.base, axes, 1, &how, &judge, &rows, y, NULL, work, sizeof work, trials, values, &report),
                     KEDGE_MORE);
    assert_int_equal(trials[report.best].n_rows, 30);
    ASSERT_QUIET();
    for (int t = 0; t < N; t++)
        assert_int_equal(trials[t].status, KEDGE_OK);
}

/* Rows in the order of the table, each once, of each class its share, weights along; over seeds every row as often as another. */
static void test_sample(void **unused)
{
    enum { N = 31, SEEDS = 2000 };
    static double drawn[N * (WIDTH + 2) + 6];
    int often[ROWS] = {0}, of_class[2] = {0};
    (void)unused;
    table(7);
    for (size_t i = 0; i < ROWS; i++)
        of_class[(int)y[i]]++;
    assert_int_equal(kedge_i_sample_bytes(WIDTH, 2, N), sizeof drawn);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        kedge_i_sample whole = {rows, y, weight}, part = kedge_i_sample_draw(&whole, 2, N, seed, drawn);
        size_t from = 0;
        int ones = 0;
        for (size_t i = 0; i < N; i++, from++) {
            while (from < ROWS && memcmp(x + from * WIDTH, drawn + i * WIDTH, WIDTH * sizeof *x) != 0)
                from++;
            assert_true(from < ROWS && part.y[i] == y[from] && part.weight[i] == weight[from]);
            often[from]++;
            ones += part.y[i] == 1;
        }
        assert_true(abs(ones * ROWS - of_class[1] * N) < ROWS);
    }
    for (size_t i = 0; i < ROWS; i++) /* of 2,000 draws 689 on average, a deviation of 21 */
        assert_true(often[i] > 689 - 110 && often[i] < 689 + 110);
    kedge_i_sample numbers = {rows, target, NULL}, newest = kedge_i_sample_newest(&numbers, 4);
    assert_true(newest.rows.data == x + (ROWS - 4) * WIDTH && newest.rows.n_rows == 4 && newest.y == target + ROWS - 4 &&
                !newest.weight);
    assert_null(kedge_i_sample_draw(&numbers, 0, N, 1, drawn).weight);
    ASSERT_QUIET();
}

/* A table sorted by class, whose first rows are all of one: rounds draw from all of it. */
static void test_halving_sorted(void **unused)
{
    kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_search_config how = kedge_search_defaults();
    kedge_validation_config judge = kedge_validation_defaults();
    kedge_search_axis axes[1] = {axis(&cfg.smoothing, KEDGE_TYPE_F64, KEDGE_SCALE_LOG, 1, 1e-9, 1)};
    static double sorted[ROWS * WIDTH], labels[ROWS];
    kedge_search_trial trials[9];
    kedge_search_report report;
    double values[9];
    size_t n = 0;
    (void)unused;
    table(8);
    for (int label = 0; label < 2; label++)
        for (size_t i = 0; i < ROWS; i++)
            if ((int)y[i] == label) {
                memcpy(sorted + n * WIDTH, x + i * WIDTH, WIDTH * sizeof *x);
                labels[n++] = label;
            }
    rows = kedge_rows_float64(sorted, ROWS, WIDTH);
    how.method = KEDGE_SEARCH_HALVING;
    how.n_trials = 9;
    how.least_rows = 20;
    size_t bytes = kedge_search_work(&cfg.base, &how, &judge, ROWS);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_search(&cfg.base, axes, 1, &how, &judge, &rows, labels, NULL, mem, bytes, trials, values, &report),
                     KEDGE_OK);
    assert_int_equal(report.n_failed, 0);
    for (int t = 0; t < 9; t++)
        assert_true(trials[t].mean > 1e-3); /* among rows of one class it is 0 */
    assert_int_equal(kedge_search(&cfg.base, axes, 1, &how, &judge, &rows, labels, NULL, mem, bytes - 1, trials, values, &report),
                     KEDGE_OK);
    assert_true(report.n_failed > 0 && trials[report.best].n_rows < ROWS);
    guard_free(mem);
    ASSERT_QUIET();
}

/* A split forward in time is judged on the newest rows, where they stand. */
static void test_halving_forward(void **unused)
{
    kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(WIDTH, 2), one;
    kedge_search_config how = kedge_search_defaults();
    kedge_validation_config judge = kedge_validation_defaults();
    kedge_split_config split = kedge_split_defaults();
    kedge_validation_report alone;
    kedge_search_axis axes[1] = {axis(&cfg.smoothing, KEDGE_TYPE_F64, KEDGE_SCALE_LOG, 1, 1e-9, 1)};
    kedge_search_trial trials[9];
    kedge_search_report report;
    double values[9];
    int n_out = 0;
    (void)unused;
    table(9);
    split.kind = KEDGE_SPLIT_FORWARD;
    split.n_folds = 3;
    judge.split = &split;
    how.method = KEDGE_SEARCH_HALVING;
    how.n_trials = 9;
    how.least_rows = 30;
    size_t bytes = kedge_search_work(&cfg.base, &how, &judge, ROWS);
    assert_int_equal(bytes, kedge_validate_work(&cfg.base, &judge, ROWS));
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_search(&cfg.base, axes, 1, &how, &judge, &rows, y, weight, mem, bytes, trials, values, &report),
                     KEDGE_OK);
    for (int t = 0; t < 9; t++) {
        size_t n = (size_t)trials[t].n_rows;
        kedge_rows part = kedge_rows_float64(x + (ROWS - n) * WIDTH, n, WIDTH);
        one = kedge_gaussian_nb_defaults(WIDTH, 2);
        one.smoothing = values[t];
        assert_int_equal(kedge_validate(&one.base, &judge, &part, y + ROWS - n, weight + ROWS - n, mem, bytes, NULL, &alone),
                         KEDGE_OK);
        assert_true(trials[t].mean == alone.mean);
        n_out += n < ROWS;
    }
    assert_int_equal(n_out, 6);
    guard_free(mem);
    how.method = KEDGE_SEARCH_RANDOM;
    assert_int_equal(kedge_search_work(&cfg.base, &how, &judge, ROWS), kedge_validate_work(&cfg.base, &judge, ROWS));
    how.method = KEDGE_SEARCH_HALVING;
    how.n_trials = 1u << 20;
    assert_int_equal(kedge_search_work(&cfg.base, &how, &judge, ROWS), 4u << 20);
    how.n_trials = 0;
    assert_int_equal(kedge_search_work(&cfg.base, &how, &judge, ROWS), 0);
    how.n_trials = 1;
    assert_int_equal(kedge_search_work(NULL, &how, &judge, ROWS), 0);
    assert_int_equal(kedge_search_work(&cfg.base, NULL, &judge, ROWS), 0);
    assert_int_equal(kedge_search_work(&cfg.base, &how, NULL, ROWS), 0);
    assert_int_equal(kedge_search_work(&cfg.base, &how, &judge, 0), 0);
    assert_int_equal(kedge_search_work(&cfg.base, &how, &judge, 2), 0);
}

static void test_search_errors(void **unused)
{
    kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_search_config good = kedge_search_defaults(), how = good;
    kedge_validation_config judge = kedge_validation_defaults();
    kedge_search_axis fine = axis(&cfg.smoothing, KEDGE_TYPE_F64, KEDGE_SCALE_LINEAR, 2, 0, 1), bad;
    kedge_search_trial trials[32];
    kedge_search_report report;
    double values[32];
    uint32_t whole = 5;
    const double half[] = {1, 2.5};
    (void)unused;
    table(6);
#define SEARCH(a, n) kedge_search(&cfg.base, a, n, &how, &judge, &rows, y, NULL, work, sizeof work, trials, values, &report)
#define BAD_AXIS(change)                                                                                                           \
    bad = fine;                                                                                                                    \
    change;                                                                                                                        \
    assert_int_equal(SEARCH(&bad, 1), KEDGE_ERR_RANGE)
    BAD_AXIS(bad.field = NULL);
    BAD_AXIS(bad.type = 0);
    BAD_AXIS(bad.type = 6);
    BAD_AXIS(bad.n_values = 0);
    BAD_AXIS(bad.scale = 0);
    BAD_AXIS(bad.scale = 3);
    BAD_AXIS(bad.scale = KEDGE_SCALE_LOG);
    BAD_AXIS(bad.low = 2);
    BAD_AXIS(bad.high = (double)NAN);
    BAD_AXIS(bad.high = (double)INFINITY);
    BAD_AXIS((bad.field = &whole, bad.type = KEDGE_TYPE_U32, bad.high = 0.5));
    BAD_AXIS((bad.field = &whole, bad.type = KEDGE_TYPE_U32, bad.high = 0x1p32));
    BAD_AXIS((bad.field = &whole, bad.type = KEDGE_TYPE_U8, bad.high = 256));
    BAD_AXIS((bad.field = &whole, bad.type = KEDGE_TYPE_U32, bad.values = half));
    BAD_AXIS((bad.type = KEDGE_TYPE_F32, bad.high = 1e39));
    assert_int_equal(SEARCH(&fine, 0), KEDGE_ERR_RANGE);
    assert_int_equal(SEARCH(&fine, 33), KEDGE_ERR_RANGE);
    assert_int_equal(SEARCH(NULL, 1), KEDGE_ERR_NULL);
#define BAD_HOW(change)                                                                                                            \
    how = good;                                                                                                                    \
    change;                                                                                                                        \
    assert_int_equal(SEARCH(&fine, 1), KEDGE_ERR_CONFIG)
    BAD_HOW(how.config_bytes = 1);
    BAD_HOW(how.method = 0);
    BAD_HOW(how.method = 4);
    BAD_HOW(how.n_trials = 0);
    BAD_HOW(how.n_trials = (1u << 20) + 1);
    BAD_HOW(how.max_fits = 0);
    BAD_HOW(how.max_rows = 0);
    BAD_HOW(how.factor = 1);
    BAD_HOW(how.factor = 17);
    BAD_HOW(how.least_rows = 0);
    how = good, judge.n_passes = 0;
    assert_int_equal(SEARCH(&fine, 1), KEDGE_ERR_CONFIG);
    judge = kedge_validation_defaults(), judge.score = KEDGE_SCORE_MAE;
    assert_int_equal(SEARCH(&fine, 1), KEDGE_ERR_UNSUPPORTED);
    judge = kedge_validation_defaults(), y[2] = 5;
    assert_int_equal(SEARCH(&fine, 1), KEDGE_ERR_RANGE);
    assert_true(cfg.smoothing == 1e-9);
    assert_int_equal(kedge_search_config_init(NULL, 8), KEDGE_ERR_NULL);
    assert_int_equal(kedge_search_config_init(&how, 8), KEDGE_ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_failures_and_stop),
        cmocka_unit_test(test_member),
        cmocka_unit_test(test_halving),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_halving_sorted),
        cmocka_unit_test(test_halving_forward),
        cmocka_unit_test(test_search_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
