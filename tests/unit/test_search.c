/* SPDX-License-Identifier: MIT */
/* Search against trials made one by one, early stopping against passes made by hand, importance against a shuffled copy of the
 * table. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "echo.h"
#include "select/sample.h"

enum { ROWS = 90, WIDTH = 3 };

static double x[ROWS * WIDTH], y[ROWS], weight[ROWS], target[ROWS];
static kedge_rows rows;
static unsigned long long work[20000];

/* What the library computes on sound data raises no floating-point exception. */
#define ASSERT_QUIET() assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0)

static void table(uint64_t seed)
{
    feclearexcept(FE_ALL_EXCEPT);
    kedge_rng rng = {seed};
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < WIDTH; j++)
            x[i * WIDTH + j] = kedge_rng_normal(&rng);
        target[i] = 3 * x[i * WIDTH] - x[i * WIDTH + 1] + 0.3 * kedge_rng_normal(&rng);
        y[i] = target[i] > 0;
        weight[i] = (double)kedge_rng_below(&rng, 3);
    }
    weight[0] = 1;
    rows = kedge_rows_float64(x, ROWS, WIDTH);
}

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
    assert_true(newest.rows.data == x + (ROWS - 4) * WIDTH && newest.rows.n_rows == 4 && newest.y == target + ROWS - 4 && !newest.weight);
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
    assert_int_equal(kedge_search(&cfg.base, axes, 1, &how, &judge, &rows, labels, NULL, mem, bytes, trials, values, &report), KEDGE_OK);
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
    assert_int_equal(kedge_search(&cfg.base, axes, 1, &how, &judge, &rows, y, weight, mem, bytes, trials, values, &report), KEDGE_OK);
    for (int t = 0; t < 9; t++) {
        size_t n = (size_t)trials[t].n_rows;
        kedge_rows part = kedge_rows_float64(x + (ROWS - n) * WIDTH, n, WIDTH);
        one = kedge_gaussian_nb_defaults(WIDTH, 2);
        one.smoothing = values[t];
        assert_int_equal(kedge_validate(&one.base, &judge, &part, y + ROWS - n, weight + ROWS - n, mem, bytes, NULL, &alone), KEDGE_OK);
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

/* Early stopping ------------------------------------------------------------------------------------------------------------- */

/* The model of the best pass, byte for byte, and the right number of passes. */
static void test_early(void **unused)
{
    (void)unused;
    for (uint64_t round = 0; round < 24; round++) {
        static unsigned long long mem[400], other[400], best[400];
        kedge_logistic_config cfg = kedge_logistic_defaults(WIDTH, 2);
        kedge_early_config how = kedge_early_defaults();
        kedge_early_report report;
        kedge_model m, naive;
        kedge_rng rng = {7};
        uint32_t order[60], waited = 0, epochs = 0, best_epoch = 0;
        double value, score = 0;
        table(round + 10);
        kedge_rows train = kedge_rows_float64(x, 60, WIDTH), held = kedge_rows_float64(x + 60 * WIDTH, 30, WIDTH);
        cfg.rate = round % 2 ? 50 : 0.05;
        how.max_epochs = round % 5 ? 30 : 2;
        how.patience = 1 + (uint32_t)round % 3;
        how.shuffle = round % 4 < 2;
        how.seed = 7;
        how.tolerance = round % 3 ? 0 : 1e-3;
        how.score = round % 6 ? KEDGE_SCORE_LOG_LOSS : KEDGE_SCORE_AUC;
        assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof mem), KEDGE_OK);
        assert_int_equal(kedge_model_init(&naive, &cfg.base, other, sizeof other), KEDGE_OK);
        if (round % 7 == 0) { /* it has learned before */
            assert_int_equal(kedge_model_learn(&m, x, y[0], 1), KEDGE_OK);
            assert_int_equal(kedge_model_learn(&naive, x, y[0], 1), KEDGE_OK);
            assert_int_equal(kedge_score_model(&naive, how.score, &held, y + 60, NULL, work, sizeof work, &score), KEDGE_OK);
        }
        size_t bytes = kedge_model_size(&cfg.base), need = kedge_learn_early_work(&m, &how, 60, 30);
        memcpy(best, other, bytes);
        for (uint32_t i = 0; i < 60; i++)
            order[i] = i;
        while (epochs < how.max_epochs && waited < how.patience) {
            for (uint32_t i = 60; i > 1 && how.shuffle; i--) {
                uint32_t k = (uint32_t)kedge_rng_below(&rng, i), keep = order[k];
                order[k] = order[i - 1];
                order[i - 1] = keep;
            }
            for (uint32_t i = 0; i < 60; i++)
                assert_int_equal(kedge_model_learn(&naive, x + order[i] * WIDTH, y[order[i]], weight[order[i]]), KEDGE_OK);
            assert_int_equal(kedge_score_model(&naive, how.score, &held, y + 60, NULL, work, sizeof work, &value), KEDGE_OK);
            epochs++;
            waited++;
            if ((how.score == KEDGE_SCORE_AUC ? value - score : score - value) > how.tolerance || (epochs == 1 && round % 7)) {
                score = value;
                waited = 0;
                best_epoch = epochs;
                memcpy(best, other, bytes);
            }
        }
        void *room = guard_new(need, 0x5C);
        assert_int_equal(kedge_learn_early(&m, &how, &train, y, weight, &held, y + 60, room, need - 1, &report), KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_learn_early(&m, &how, &train, y, weight, &held, y + 60, room, need, &report),
                         waited < how.patience ? KEDGE_MORE : KEDGE_OK);
        guard_free(room);
        assert_true(report.n_epochs == epochs && report.best_epoch == best_epoch && report.best == score && report.last == value);
        assert_memory_equal(mem, best, bytes);
        ASSERT_QUIET();
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    }
}

static void test_early_errors(void **unused)
{
    static unsigned long long mem[400], before[400];
    kedge_logistic_config cfg = kedge_logistic_defaults(WIDTH, 2);
    kedge_random_forest_config forest = kedge_random_forest_defaults(WIDTH, 2);
    kedge_early_config good = kedge_early_defaults(), how = good;
    kedge_early_report report;
    kedge_model m, fixed;
    static unsigned long long trees[100000];
    (void)unused;
    table(30);
    kedge_rows held = kedge_rows_float64(x, 10, WIDTH), wide = kedge_rows_float64(x, 10, 2);
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof mem), KEDGE_OK);
    memcpy(before, mem, sizeof mem);
#define EARLY(of, h, hy) kedge_learn_early(of, &how, &rows, y, NULL, h, hy, work, sizeof work, &report)
    assert_int_equal(EARLY(NULL, &held, y), KEDGE_ERR_NULL);
    assert_int_equal(EARLY(&m, NULL, y), KEDGE_ERR_NULL);
    assert_int_equal(EARLY(&m, &held, NULL), KEDGE_ERR_NULL);
    assert_int_equal(EARLY(&m, &wide, y), KEDGE_ERR_SHAPE);
    forest.n_trees = 2;
    forest.max_leaves = 4;
    assert_int_equal(kedge_model_init(&fixed, &forest.base, trees, sizeof trees), KEDGE_OK);
    assert_int_equal(EARLY(&fixed, &held, y), KEDGE_ERR_UNSUPPORTED);
#define BAD_EARLY(change, status)                                                                                                  \
    how = good;                                                                                                                    \
    change;                                                                                                                        \
    assert_int_equal(EARLY(&m, &held, y), status)
    BAD_EARLY(how.score = KEDGE_SCORE_R2, KEDGE_ERR_UNSUPPORTED);
    BAD_EARLY(how.max_epochs = 0, KEDGE_ERR_CONFIG);
    BAD_EARLY(how.patience = 0, KEDGE_ERR_CONFIG);
    BAD_EARLY(how.tolerance = -1, KEDGE_ERR_CONFIG);
    BAD_EARLY(how.tolerance = (double)NAN, KEDGE_ERR_CONFIG);
    BAD_EARLY(how.shuffle = 2, KEDGE_ERR_CONFIG);
    how = good;
    y[ROWS - 1] = 3; /* the last row */
    assert_int_equal(EARLY(&m, &held, y), KEDGE_ERR_RANGE);
    y[ROWS - 1] = 1;
    for (size_t i = 0; i < 10; i++)
        target[i] = 1;
    how.score = KEDGE_SCORE_AUC;
    assert_int_equal(EARLY(&m, &held, target), KEDGE_EMPTY);
    assert_memory_equal(before, mem, sizeof mem);
}

/* Importance ----------------------------------------------------------------------------------------------------------------- */

static void test_importance(void **unused)
{
    static unsigned long long mem[2000];
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_rls_config rls = kedge_rls_defaults(WIDTH);
    (void)unused;
    for (uint64_t round = 0; round < 16; round++) {
        enum { REPEATS = 4 };
        int regression = round % 2;
        uint32_t by = regression ? KEDGE_SCORE_MSE + (uint32_t)round / 2 % 4 : KEDGE_SCORE_ACCURACY + (uint32_t)round / 2 % 4;
        kedge_importance out[WIDTH];
        double raw[WIDTH * REPEATS], copy[ROWS * WIDTH], base, value;
        kedge_model m;
        size_t used;
        table(round + 50);
        const double *goal = regression ? target : y, *w = round % 3 ? weight : NULL;
        assert_int_equal(kedge_model_init(&m, regression ? &rls.base : &bayes.base, mem, sizeof mem), KEDGE_OK);
        assert_int_equal(kedge_model_learn_many(&m, &rows, goal, NULL, &used), KEDGE_OK);
        size_t need = kedge_permutation_importance_work(&m, by, ROWS, REPEATS);
        void *room = guard_new(need, 0xA5);
        assert_int_equal(kedge_permutation_importance(&m, by, &rows, goal, w, REPEATS, round, room, need - 1, out, raw),
                         KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_permutation_importance(&m, by, &rows, goal, w, REPEATS, round, room, need, out, raw), KEDGE_OK);
        guard_free(room);
        assert_int_equal(kedge_score_model(&m, by, &rows, goal, w, work, sizeof work, &base), KEDGE_OK);
        for (size_t j = 0; j < WIDTH; j++) {
            kedge_rng rng = {round};
            uint32_t order[ROWS];
            double mean = 0, square = 0;
            for (uint32_t i = 0; i < ROWS; i++)
                order[i] = i;
            for (int r = 0; r < REPEATS; r++) {
                for (uint32_t i = ROWS; i > 1; i--) {
                    uint32_t k = (uint32_t)kedge_rng_below(&rng, i), keep = order[k];
                    order[k] = order[i - 1];
                    order[i - 1] = keep;
                }
                memcpy(copy, x, sizeof copy);
                for (size_t i = 0; i < ROWS; i++)
                    copy[i * WIDTH + j] = x[order[i] * WIDTH + j];
                kedge_rows shuffled = kedge_rows_float64(copy, ROWS, WIDTH);
                assert_int_equal(kedge_score_model(&m, by, &shuffled, goal, w, work, sizeof work, &value), KEDGE_OK);
                value = kedge_score_direction(by) * (base - value);
                assert_true(value == raw[j * REPEATS + (size_t)r]);
                mean += value / REPEATS;
                square += value * value / REPEATS;
            }
            assert_close(out[j].mean, mean, 1e-13);
            assert_true(fabs(out[j].deviation - sqrt(fmax(0, square - mean * mean))) < 1e-7);
        }
        ASSERT_QUIET();
        assert_true(out[0].mean > out[2].mean); /* what made the target */
    }
}

static void test_importance_edges(void **unused)
{
    static unsigned long long mem[100];
    echo_config c = echo_of(2);
    double probabilities[] = {.5, .5, .25, .75}, ones[] = {1, 1}, raw[4];
    kedge_rows two = kedge_rows_float64(probabilities, 2, 2);
    kedge_importance out[2] = {{7, 7}, {7, 7}};
    kedge_model m;
    (void)unused;
    assert_int_equal(kedge_model_init(&m, &c.base, mem, sizeof mem), KEDGE_OK);
#define IMPORTANCE(by, n) kedge_permutation_importance(&m, by, &two, ones, NULL, n, 1, work, sizeof work, out, raw)
    assert_int_equal(IMPORTANCE(KEDGE_SCORE_MAE, 2), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(IMPORTANCE(KEDGE_SCORE_BRIER, 0), KEDGE_ERR_RANGE);
    assert_int_equal(IMPORTANCE(KEDGE_SCORE_BRIER, 10001), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_permutation_importance(&m, 1, &two, ones, NULL, 1, 1, NULL, 0, out, raw), KEDGE_ERR_NULL);
    assert_int_equal(kedge_permutation_importance(&m, 1, &two, ones, NULL, 1, 1, work, sizeof work, NULL, raw), KEDGE_ERR_NULL);
    assert_int_equal(kedge_permutation_importance(&m, 1, &two, NULL, NULL, 1, 1, work, sizeof work, out, raw), KEDGE_ERR_NULL);
    assert_true(out[0].mean == 7);
    assert_int_equal(IMPORTANCE(KEDGE_SCORE_AUC, 2), KEDGE_EMPTY);
    assert_true(isnan(out[0].mean) && isnan(out[1].deviation) && isnan(raw[3]));
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
        cmocka_unit_test(test_early),
        cmocka_unit_test(test_early_errors),
        cmocka_unit_test(test_importance),
        cmocka_unit_test(test_importance_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
