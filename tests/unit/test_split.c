/* SPDX-License-Identifier: MIT */
/* Splits against what scikit-learn 1.9 gives, their laws when shuffled, and cross-validation against folds made by hand. */
#include <fenv.h>
#include <math.h>

#include "echo.h"

enum { MOST = 60 };

/* StratifiedKFold of scikit-learn, step by step: classes numbered as they come, sorted, dealt out in turn, then given to rows in
 * order. */
static void naive_strata(const double *y, size_t n, uint32_t n_folds, uint32_t *fold)
{
    uint32_t code[MOST], sorted[MOST], n_codes = 0, next = 0;
    double seen[MOST];
    for (size_t i = 0; i < n; i++) {
        uint32_t c = 0;
        while (c < n_codes && seen[c] != y[i])
            c++;
        if (c == n_codes)
            seen[n_codes++] = y[i];
        code[i] = c;
    }
    for (uint32_t c = 0; c < n_codes; c++)
        for (size_t i = 0; i < n; i++)
            if (code[i] == c)
                sorted[next++] = c;
    for (uint32_t c = 0; c < n_codes; c++) {
        uint32_t list[MOST], length = 0, used = 0;
        for (uint32_t f = 0; f < n_folds; f++)
            for (size_t i = f; i < n; i += n_folds)
                if (sorted[i] == c)
                    list[length++] = f;
        for (size_t i = 0; i < n; i++)
            if (code[i] == c)
                fold[i] = list[used++];
    }
}

static void *split(kedge_split *s, const kedge_split_config *cfg, size_t n, const double *y, uint32_t n_classes)
{
    size_t bytes = kedge_split_size(cfg, n, n_classes);
    void *mem = guard_new(bytes, 0x5C);
    assert_true(bytes > 0);
    assert_int_equal(kedge_split_init(s, cfg, n, y, n_classes, mem, bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_split_init(s, cfg, n, y, n_classes, mem, bytes), KEDGE_OK);
    return mem;
}

/* The read-outs of a fold agree with each other. */
static void check_part(const kedge_split *s, uint32_t f)
{
    kedge_split_part part;
    uint32_t rows[MOST];
    size_t n;
    assert_int_equal(kedge_split_get(s, f, &part), KEDGE_OK);
    for (int32_t side = KEDGE_SIDE_TRAIN; side <= KEDGE_SIDE_TEST; side++) {
        uint64_t want = side == KEDGE_SIDE_TRAIN ? part.n_train : part.n_test;
        uint64_t first = side == KEDGE_SIDE_TRAIN ? part.train_first : part.test_first;
        assert_true(want > 0);
        assert_int_equal(kedge_split_rows(s, f, side, rows, (size_t)want - 1, &n), KEDGE_ERR_BUFFER);
        assert_int_equal(n, want);
        assert_int_equal(kedge_split_rows(s, f, side, rows, MOST, &n), KEDGE_OK);
        assert_int_equal(n, want);
        assert_int_equal(rows[0], first);
        for (size_t i = 0; i < n; i++)
            assert_true(kedge_split_side(s, f, rows[i]) == side && (i == 0 || rows[i] > rows[i - 1]));
        assert_int_equal(side == KEDGE_SIDE_TRAIN ? part.train_range : part.test_range, rows[n - 1] - rows[0] + 1 == n);
    }
}

static void test_k_fold(void **unused)
{
    kedge_split_config cfg = kedge_split_defaults();
    kedge_split s;
    (void)unused;
    for (size_t n = 2; n <= 40; n++)
        for (cfg.n_folds = 2; cfg.n_folds <= n; cfg.n_folds++)
            for (cfg.shuffle = 0; cfg.shuffle <= 1; cfg.shuffle++) {
                void *mem = split(&s, &cfg, n, NULL, 0);
                size_t at = 0;
                for (uint32_t f = 0; f < cfg.n_folds; f++) {
                    size_t length = n / cfg.n_folds + (f < n % cfg.n_folds), count = 0;
                    for (size_t i = 0; i < n; i++) {
                        int32_t side = kedge_split_side(&s, f, i);
                        if (cfg.shuffle == 0)
                            assert_int_equal(side, i >= at && i < at + length ? KEDGE_SIDE_TEST : KEDGE_SIDE_TRAIN);
                        count += side == KEDGE_SIDE_TEST;
                    }
                    assert_int_equal(count, length);
                    at += length;
                    check_part(&s, f);
                }
                guard_free(mem);
            }
}

static void test_strata(void **unused)
{
    static const double y[13] = {2, 0, 1, 1, 2, 0, 0, 2, 2, 1, 0, 0, 2};
    static const uint32_t expected[13] = {0, 0, 0, 1, 0, 0, 1, 1, 1, 2, 2, 2, 2};
    kedge_split_config cfg = kedge_split_defaults();
    kedge_split s;
    kedge_rng rng = {3};
    (void)unused;
    cfg.kind = KEDGE_SPLIT_STRATIFIED;
    cfg.n_folds = 3;
    void *mem = split(&s, &cfg, 13, y, 3);
    for (size_t i = 0; i < 13; i++)
        assert_int_equal(kedge_split_side(&s, expected[i], i), KEDGE_SIDE_TEST);
    guard_free(mem);
    for (int round = 0; round < 300; round++) {
        double labels[MOST];
        uint32_t fold[MOST], n_classes = 2 + (uint32_t)kedge_rng_below(&rng, 4);
        size_t n = 10 + kedge_rng_below(&rng, MOST - 10), most = 0;
        for (size_t i = 0; i < n; i++)
            labels[i] = (double)kedge_rng_below(&rng, n_classes);
        for (uint32_t c = 0; c < n_classes; c++) {
            size_t count = 0;
            for (size_t i = 0; i < n; i++)
                count += labels[i] == c;
            most = count > most ? count : most;
        }
        cfg.n_folds = 2 + (uint32_t)kedge_rng_below(&rng, most - 1);
        cfg.shuffle = (uint32_t)round % 2;
        cfg.seed = (uint64_t)round;
        naive_strata(labels, n, cfg.n_folds, fold);
        mem = split(&s, &cfg, n, labels, n_classes);
        for (uint32_t f = 0; f < cfg.n_folds; f++) {
            check_part(&s, f);
            for (uint32_t c = 0; c < n_classes; c++) { /* as even as it can be */
                size_t in = 0, all = 0;
                for (size_t i = 0; i < n; i++) {
                    all += labels[i] == c;
                    in += labels[i] == c && kedge_split_side(&s, f, i) == KEDGE_SIDE_TEST;
                }
                assert_true(in == all / cfg.n_folds || in == all / cfg.n_folds + 1);
            }
        }
        for (size_t i = 0; i < n && cfg.shuffle == 0; i++)
            assert_int_equal(kedge_split_side(&s, fold[i], i), KEDGE_SIDE_TEST);
        guard_free(mem);
        cfg.n_folds = (uint32_t)most + 1;
        unsigned long long room[200];
        if (cfg.n_folds <= n)
            assert_int_equal(kedge_split_init(&s, &cfg, n, labels, n_classes, room, sizeof room), KEDGE_ERR_SHAPE);
    }
}

/* TimeSeriesSplit(3, gap=1, max_train_size=4, test_size=2) and TimeSeriesSplit(3) of 13 rows. */
static void test_forward(void **unused)
{
    static const uint64_t bounded[3][4] = {{2, 4, 7, 2}, {4, 4, 9, 2}, {6, 4, 11, 2}};
    static const uint64_t plain[3][4] = {{0, 4, 4, 3}, {0, 7, 7, 3}, {0, 10, 10, 3}};
    kedge_split_config cfg = kedge_split_defaults();
    kedge_split s;
    kedge_split_part part;
    (void)unused;
    cfg.kind = KEDGE_SPLIT_FORWARD;
    cfg.n_folds = 3;
    for (int round = 0; round < 2; round++) {
        void *mem = split(&s, &cfg, 13, NULL, 0);
        for (uint32_t f = 0; f < 3; f++) {
            const uint64_t *want = round == 0 ? plain[f] : bounded[f];
            check_part(&s, f);
            assert_int_equal(kedge_split_get(&s, f, &part), KEDGE_OK);
            assert_true(part.train_first == want[0] && part.n_train == want[1] && part.test_first == want[2] &&
                        part.n_test == want[3]);
        }
        guard_free(mem);
        cfg.gap = 1, cfg.train_rows = 4, cfg.test_rows = 2;
    }
    cfg.gap = 6;
    assert_true(kedge_split_size(&cfg, 13, 0) > 0);
    cfg.gap = 7;
    assert_int_equal(kedge_split_size(&cfg, 13, 0), 0);
    cfg.gap = UINT64_MAX;
    assert_int_equal(kedge_split_size(&cfg, 13, 0), 0);
    cfg.gap = 0, cfg.test_rows = UINT64_MAX - 1;
    assert_int_equal(kedge_split_size(&cfg, 13, 0), 0);
}

static void test_hold_out(void **unused)
{
    kedge_split_config cfg = kedge_split_defaults();
    kedge_split s;
    kedge_split_part part;
    (void)unused;
    cfg.kind = KEDGE_SPLIT_HOLD_OUT;
    for (cfg.shuffle = 0; cfg.shuffle <= 1; cfg.shuffle++) {
        void *mem = split(&s, &cfg, 10, NULL, 0);
        check_part(&s, 0);
        assert_int_equal(kedge_split_get(&s, 0, &part), KEDGE_OK);
        assert_true(part.n_test == 3 && part.n_train == 7); /* as train_test_split */
        assert_true(cfg.shuffle == 1 || part.test_first == 7);
        guard_free(mem);
    }
    cfg.test_share = 0.95;
    assert_int_equal(kedge_split_size(&cfg, 10, 0), 0); /* nothing to train on */
}

static void test_split_errors(void **unused)
{
    unsigned long long room[100];
    double y[20] = {0};
    kedge_split_config good = kedge_split_defaults(), cfg = good;
    kedge_split s;
    kedge_split_part part;
    size_t n;
    (void)unused;
    assert_int_equal(kedge_split_config_init(NULL, sizeof cfg), KEDGE_ERR_NULL);
    assert_int_equal(kedge_split_config_init(&cfg, sizeof cfg - 1), KEDGE_ERR_CONFIG);
#define REFUSED(change, status)                                                                                                    \
    cfg = good;                                                                                                                    \
    change;                                                                                                                        \
    assert_int_equal(kedge_split_init(&s, &cfg, 20, y, 2, room, sizeof room), status)
    REFUSED(cfg.config_bytes = 4, KEDGE_ERR_CONFIG);
    REFUSED(cfg.kind = 0, KEDGE_ERR_CONFIG);
    REFUSED(cfg.kind = 5, KEDGE_ERR_CONFIG);
    REFUSED(cfg.n_folds = 1, KEDGE_ERR_CONFIG);
    REFUSED(cfg.shuffle = 2, KEDGE_ERR_CONFIG);
    REFUSED((cfg.shuffle = 1, cfg.kind = KEDGE_SPLIT_FORWARD), KEDGE_ERR_CONFIG);
    REFUSED(cfg.test_share = 0, KEDGE_ERR_CONFIG);
    REFUSED(cfg.test_share = 1, KEDGE_ERR_CONFIG);
    REFUSED(cfg.test_share = (double)NAN, KEDGE_ERR_CONFIG);
    REFUSED(cfg.train_rows = 0, KEDGE_ERR_CONFIG);
    REFUSED(cfg.test_rows = 0, KEDGE_ERR_CONFIG);
    REFUSED(cfg.n_folds = 21, KEDGE_ERR_SHAPE);
    y[3] = 2;
    REFUSED(cfg.kind = KEDGE_SPLIT_STRATIFIED, KEDGE_ERR_RANGE);
    y[3] = (double)NAN;
    REFUSED(cfg.kind = KEDGE_SPLIT_STRATIFIED, KEDGE_ERR_NOT_FINITE);
    y[3] = 1;
    assert_int_equal(kedge_split_init(&s, &good, 20, NULL, 0, (char *)room + 4, 64), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_split_init(NULL, &good, 20, NULL, 0, room, sizeof room), KEDGE_ERR_NULL);
    assert_int_equal(kedge_split_init(&s, NULL, 20, NULL, 0, room, sizeof room), KEDGE_ERR_NULL);
    assert_int_equal(kedge_split_init(&s, &good, 20, NULL, 0, NULL, sizeof room), KEDGE_ERR_NULL);
    cfg = good, cfg.kind = KEDGE_SPLIT_STRATIFIED;
    assert_int_equal(kedge_split_init(&s, &cfg, 20, NULL, 2, room, sizeof room), KEDGE_ERR_NULL);
    assert_int_equal(kedge_split_size(&cfg, 20, 0), 0);
    assert_int_equal(kedge_split_size(&good, (size_t)UINT32_MAX, 0), 0);
    assert_int_equal(kedge_split_init(&s, &good, 20, NULL, 0, room, sizeof room), KEDGE_OK);
    assert_int_equal(kedge_split_side(NULL, 0, 0), KEDGE_SIDE_NONE);
    assert_int_equal(kedge_split_side(&s, 5, 0), KEDGE_SIDE_NONE);
    assert_int_equal(kedge_split_side(&s, 0, 20), KEDGE_SIDE_NONE);
    assert_int_equal(kedge_split_get(&s, 5, &part), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_split_get(NULL, 0, &part), KEDGE_ERR_NULL);
    assert_int_equal(kedge_split_rows(&s, 0, KEDGE_SIDE_NONE, NULL, 0, &n), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_split_rows(&s, 0, KEDGE_SIDE_TEST, NULL, 1, &n), KEDGE_ERR_NULL);
}

/* Validation ----------------------------------------------------------------------------------------------------------------- */

enum { ROWS = 48, WIDTH = 3 };

static void table(double *x, double *y, double *weight, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < ROWS; i++) {
        y[i] = (double)kedge_rng_below(&rng, 2);
        weight[i] = (double)(1 + kedge_rng_below(&rng, 3));
        for (size_t j = 0; j < WIDTH; j++)
            x[i * WIDTH + j] = kedge_rng_normal(&rng) + y[i] * (double)j;
    }
}

/* Each fold by the public parts: copy the rows, fit or learn, score. */
static double naive_fold(const kedge_model_config *cfg, const kedge_split *s, uint32_t f, uint32_t by, uint32_t n_passes,
                         const double *x, const double *y, const double *weight)
{
    static unsigned long long mem[4000], work[4000];
    double part[2][ROWS * WIDTH], targets[2][ROWS], weights[2][ROWS], value;
    size_t n[2] = {0, 0};
    kedge_model m;
    for (size_t i = 0; i < ROWS; i++) {
        int32_t side = kedge_split_side(s, f, i);
        if (side == KEDGE_SIDE_NONE)
            continue;
        size_t k = n[side - 1]++;
        memcpy(part[side - 1] + k * WIDTH, x + i * WIDTH, WIDTH * sizeof *x);
        targets[side - 1][k] = y[i];
        weights[side - 1][k] = weight ? weight[i] : 1;
    }
    kedge_rows train = kedge_rows_float64(part[0], n[0], WIDTH), test = kedge_rows_float64(part[1], n[1], WIDTH);
    assert_int_equal(kedge_model_init(&m, cfg, mem, sizeof mem), KEDGE_OK);
    if (cfg->cls->fit)
        assert_int_equal(kedge_model_fit(&m, &train, targets[0], weights[0], work, sizeof work), KEDGE_OK);
    for (uint32_t pass = 0; !cfg->cls->fit && pass < n_passes; pass++)
        for (size_t i = 0; i < n[0]; i++)
            assert_int_equal(kedge_model_learn(&m, part[0] + i * WIDTH, targets[0][i], weights[0][i]), KEDGE_OK);
    assert_int_equal(kedge_score_model(&m, by, &test, targets[1], weights[1], work, sizeof work, &value), KEDGE_OK);
    return value;
}

static void test_validate(void **unused)
{
    double x[ROWS * WIDTH], y[ROWS], weight[ROWS], columns[ROWS * WIDTH];
    float narrow[ROWS * WIDTH];
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_logistic_config logistic = kedge_logistic_defaults(WIDTH, 2);
    kedge_split_config split_by = kedge_split_defaults();
    kedge_validation_config how = kedge_validation_defaults();
    kedge_validation_report report;
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    for (uint64_t round = 0; round < 48; round++) {
        const kedge_model_config *model = round % 2 ? &bayes.base : &logistic.base;
        const double *w = round % 3 ? weight : NULL;
        table(x, y, weight, round + 1);
        for (size_t i = 0; i < ROWS * WIDTH; i++)
            x[i] = narrow[i] = (float)x[i];
        for (size_t i = 0; i < ROWS * WIDTH; i++)
            columns[i % WIDTH * ROWS + i / WIDTH] = x[i];
        split_by.kind = 1 + (uint32_t)round / 2 % 4;
        split_by.shuffle = split_by.kind < KEDGE_SPLIT_FORWARD && round % 5 < 2;
        split_by.n_folds = 2 + (uint32_t)round % 4;
        split_by.gap = round % 3;
        how.split = &split_by;
        how.score = KEDGE_SCORE_ACCURACY + (uint32_t)round % 4;
        how.n_passes = 1 + (uint32_t)round % 2;
        kedge_rows rows = kedge_rows_float64(x, ROWS, WIDTH), by_column = {columns, KEDGE_FLOAT64, 0, ROWS, WIDTH, 1, ROWS},
                   floats = kedge_rows_float32(narrow, ROWS, WIDTH);
        const kedge_rows *forms[3] = {&rows, &by_column, &floats};
        double folds[3][8], mean = 0, square = 0;
        kedge_split s;
        for (int form = 0; form < 3; form++) {
            size_t bytes = kedge_validate_work(model, &how, ROWS);
            void *work = guard_new(bytes, 0xA5);
            assert_int_equal(kedge_validate(model, &how, forms[form], y, w, work, bytes - 1, folds[form], &report),
                             KEDGE_ERR_BUFFER);
            assert_int_equal(kedge_validate(model, &how, forms[form], y, w, work, bytes, folds[form], &report), KEDGE_OK);
            guard_free(work);
            assert_memory_equal(folds[form], folds[0], report.n_folds * sizeof(double));
        }
        void *mem = split(&s, &split_by, ROWS, y, 2);
        uint64_t n_rows = 0;
        for (uint32_t f = 0; f < s.n_folds; f++) {
            kedge_split_part part;
            double value = naive_fold(model, &s, f, how.score, how.n_passes, x, y, w);
            assert_true(value == folds[0][f]);
            mean += value / s.n_folds;
            square += value * value / s.n_folds;
            assert_int_equal(kedge_split_get(&s, f, &part), KEDGE_OK);
            n_rows += part.n_train * (model->cls->fit ? 1 : how.n_passes);
        }
        guard_free(mem);
        assert_true(report.n_folds == s.n_folds && report.n_undefined == 0 && report.n_rows == n_rows);
        assert_close(report.mean, mean, 1e-13);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_true(fabs(report.deviation - sqrt(fmax(0, square - mean * mean))) < 1e-7);
    }
}

/* By default folds are stratified where there are classes; folds without a score are left out. */
static void test_validate_defaults(void **unused)
{
    double x[ROWS * WIDTH], y[ROWS], weight[ROWS], folds[5], again[5];
    static unsigned long long work[4000];
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_split_config split_by = kedge_split_defaults();
    kedge_validation_config how = kedge_validation_defaults();
    kedge_validation_report report;
    kedge_rows rows = kedge_rows_float64(x, ROWS, WIDTH);
    (void)unused;
    table(x, y, weight, 9);
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_OK);
    split_by.kind = KEDGE_SPLIT_STRATIFIED;
    how.split = &split_by;
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, work, sizeof work, again, &report), KEDGE_OK);
    assert_memory_equal(folds, again, sizeof folds);
    for (size_t i = 0; i < ROWS; i++)
        y[i] = i < 20 ? (double)(i % 2) : 1; /* the later folds test one class only */
    split_by.kind = KEDGE_SPLIT_K_FOLD;
    how.score = KEDGE_SCORE_AUC;
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_OK);
    assert_int_equal(report.n_undefined, 3);
    assert_close(report.mean, (folds[0] + folds[1]) / 2, 1e-15);
    assert_true(isnan(folds[3]));
    for (size_t i = 0; i < ROWS; i++)
        y[i] = 1;
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_EMPTY);
    assert_true(isnan(report.mean) && report.n_undefined == 5);
}

static void test_validate_errors(void **unused)
{
    double x[ROWS * WIDTH], y[ROWS], weight[ROWS], folds[5] = {7, 7, 7, 7, 7};
    static unsigned long long work[4000];
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(WIDTH, 2), bad = bayes;
    kedge_validation_config good = kedge_validation_defaults(), how = good;
    kedge_validation_report report = {.mean = 7};
    kedge_rls_config rls = kedge_rls_defaults(WIDTH);
    kedge_split_config strata = kedge_split_defaults();
    kedge_rows rows = kedge_rows_float64(x, ROWS, WIDTH), few = kedge_rows_float64(x, 4, WIDTH), wide = kedge_rows_float64(x, 9, 2);
    (void)unused;
    table(x, y, weight, 1);
    assert_int_equal(kedge_validate(NULL, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_validate(&bayes.base, NULL, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_validate(&bayes.base, &how, NULL, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, NULL, NULL, work, sizeof work, folds, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, NULL, sizeof work, folds, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, work, sizeof work, folds, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_validate(&bayes.base, &how, &few, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_validate(&bayes.base, &how, &wide, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, (char *)work + 4, 20000, folds, &report), KEDGE_ERR_ALIGN);
    how.n_passes = 0;
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_CONFIG);
    how = good, how.score = KEDGE_SCORE_R2;
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_UNSUPPORTED);
    strata.kind = KEDGE_SPLIT_STRATIFIED, how.split = &strata;
    assert_int_equal(kedge_validate(&rls.base, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_UNSUPPORTED);
    how = good, bad.smoothing = -1;
    assert_int_equal(kedge_validate(&bad.base, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_CONFIG);
    weight[3] = -1;
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, weight, work, sizeof work, folds, &report), KEDGE_ERR_RANGE);
    y[3] = 2;
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_RANGE);
    x[7] = (double)INFINITY;
    assert_int_equal(kedge_validate(&bayes.base, &how, &rows, y, NULL, work, sizeof work, folds, &report), KEDGE_ERR_NOT_FINITE);
    assert_true(folds[0] == 7 && report.mean == 7);
    assert_int_equal(kedge_validate_work(NULL, &how, ROWS), 0);
    assert_int_equal(kedge_validate_work(&bad.base, &how, ROWS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_k_fold),       cmocka_unit_test(test_strata),          cmocka_unit_test(test_forward),
        cmocka_unit_test(test_hold_out),     cmocka_unit_test(test_validate),        cmocka_unit_test(test_validate_defaults),
        cmocka_unit_test(test_split_errors), cmocka_unit_test(test_validate_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
