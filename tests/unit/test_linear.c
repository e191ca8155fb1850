/* SPDX-License-Identifier: MIT */
/* Online linear models: every loss and optimiser against the papers' steps written down plainly, sparse against dense, and what
 * they promise: no scaling, no divergence, no floating-point trap. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "naive_linear.h"

/* Rows with zeros, scales that differ and grow, and a target of the loss's kind. */
static double make_row(const kedge_linear_config *c, kedge_rng *rng, size_t i, double *x)
{
    double sum = 0;
    for (uint32_t j = 0; j < c->base.n_features; j++) {
        double z = kedge_rng_below(rng, 3) == 0 ? 0 : kedge_rng_normal(rng);
        sum += j % 2 ? z : -z;
        x[j] = z * (c->optimiser == KEDGE_LINEAR_NAG ? pow(10, 2.0 * j - 4) : 1.0) * (i > 100 && j == 1 ? 3 : 1);
    }
    sum += 0.3 * kedge_rng_normal(rng);
    if (c->loss == KEDGE_LINEAR_POISSON)
        return floor(exp(clip(0.5 * sum, 2)));
    if (c->base.n_classes == 0)
        return 5 + 2 * sum;
    if (c->base.n_classes == 2)
        return sum > 0.2;
    return (double)(uint32_t)fmin(fmax(sum + 1.5, 0), c->base.n_classes - 1.0);
}

/* Every combination that has a meaning, one after the other; 0 at the end. */
static int combination(size_t i, kedge_linear_config *c)
{
    static const uint32_t table[][3] = {
        /* loss, optimiser, classes */
        {KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_NAG, 2}, {KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_SGD, 3},
        {KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_FTRL, 2}, {KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_COIN, 2},
        {KEDGE_LINEAR_SOFTMAX, KEDGE_LINEAR_NAG, 4}, {KEDGE_LINEAR_SOFTMAX, KEDGE_LINEAR_SGD, 3},
        {KEDGE_LINEAR_SOFTMAX, KEDGE_LINEAR_FTRL, 3}, {KEDGE_LINEAR_SOFTMAX, KEDGE_LINEAR_COIN, 3},
        {KEDGE_LINEAR_HINGE, KEDGE_LINEAR_NAG, 3}, {KEDGE_LINEAR_HINGE, KEDGE_LINEAR_SGD, 2},
        {KEDGE_LINEAR_HINGE, KEDGE_LINEAR_FTRL, 3}, {KEDGE_LINEAR_HINGE, KEDGE_LINEAR_COIN, 2},
        {KEDGE_LINEAR_HINGE, KEDGE_LINEAR_PA1, 2}, {KEDGE_LINEAR_HINGE, KEDGE_LINEAR_PA2, 3},
        {KEDGE_LINEAR_HINGE, KEDGE_LINEAR_ALMA, 2}, {KEDGE_LINEAR_HINGE, KEDGE_LINEAR_ALMA, 3},
        {KEDGE_LINEAR_SQUARED, KEDGE_LINEAR_NAG, 0}, {KEDGE_LINEAR_SQUARED, KEDGE_LINEAR_SGD, 0},
        {KEDGE_LINEAR_SQUARED, KEDGE_LINEAR_FTRL, 0}, {KEDGE_LINEAR_SQUARED, KEDGE_LINEAR_COIN, 0},
        {KEDGE_LINEAR_HUBER, KEDGE_LINEAR_NAG, 0}, {KEDGE_LINEAR_HUBER, KEDGE_LINEAR_SGD, 0},
        {KEDGE_LINEAR_HUBER, KEDGE_LINEAR_FTRL, 0}, {KEDGE_LINEAR_HUBER, KEDGE_LINEAR_COIN, 0},
        {KEDGE_LINEAR_QUANTILE, KEDGE_LINEAR_NAG, 0}, {KEDGE_LINEAR_QUANTILE, KEDGE_LINEAR_SGD, 0},
        {KEDGE_LINEAR_QUANTILE, KEDGE_LINEAR_FTRL, 0}, {KEDGE_LINEAR_QUANTILE, KEDGE_LINEAR_COIN, 0},
        {KEDGE_LINEAR_EPSILON, KEDGE_LINEAR_NAG, 0}, {KEDGE_LINEAR_EPSILON, KEDGE_LINEAR_SGD, 0},
        {KEDGE_LINEAR_EPSILON, KEDGE_LINEAR_FTRL, 0}, {KEDGE_LINEAR_EPSILON, KEDGE_LINEAR_COIN, 0},
        {KEDGE_LINEAR_EPSILON, KEDGE_LINEAR_PA1, 0}, {KEDGE_LINEAR_EPSILON, KEDGE_LINEAR_PA2, 0},
        {KEDGE_LINEAR_POISSON, KEDGE_LINEAR_NAG, 0}, {KEDGE_LINEAR_POISSON, KEDGE_LINEAR_SGD, 0},
        {KEDGE_LINEAR_POISSON, KEDGE_LINEAR_FTRL, 0}, {KEDGE_LINEAR_POISSON, KEDGE_LINEAR_COIN, 0},
    };
    if (i >= sizeof table / sizeof *table)
        return 0;
    *c = kedge_linear_defaults(4, table[i][2]);
    c->loss = table[i][0];
    c->optimiser = table[i][1];
    c->rate = c->optimiser == KEDGE_LINEAR_FTRL ? 0.3 : c->optimiser == KEDGE_LINEAR_NAG ? 0.7 : 0.2;
    return 1;
}

static void *start(kedge_model *m, const kedge_linear_config *c)
{
    size_t bytes = kedge_model_size(&c->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(m, &c->base, mem, bytes), KEDGE_OK);
    return mem;
}

static void test_equals_naive(void **state)
{
    (void)state;
    kedge_linear_config c;
    for (size_t i = 0; combination(i, &c); i++)
        for (int settings = 0; settings < 2; settings++) {
            naive reference = {.c = c};
            kedge_model m;
            kedge_rng rng = {17 + i};
            if (settings) {
                reference.c.l1 = 0.5;
                reference.c.l2 = 0.1;
                reference.c.memory = 1;
                reference.c.aggressiveness = 0.05;
                reference.c.alpha = 0.5;
                reference.c.quantile = 0.9;
            }
            void *mem = start(&m, &reference.c);
            for (size_t row = 0; row < 300; row++) {
                double x[MAX_FEATURES], y = make_row(&c, &rng, row, x), scores[MAX_CLASSES], expected[MAX_CLASSES];
                double weight = 1 + (double)(row % 3) / 2;
                uint32_t n = c.base.n_classes > 0 ? c.base.n_classes : 1;
                assert_int_equal(kedge_model_learn(&m, x, y, weight), KEDGE_OK);
                naive_learn(&reference, x, y, weight);
                assert_int_equal(kedge_model_score(&m, x, scores, n), KEDGE_OK);
                naive_score(&reference, x, expected);
                for (uint32_t k = 0; k < n; k++)
                    assert_close(scores[k], expected[k], 1e-9);
            }
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
            guard_free(mem);
        }
}

static kedge_sparse sparse_of(const double *x, uint32_t n, uint32_t *index, double *value)
{
    kedge_sparse out = {index, value, 0, 0};
    for (uint32_t i = 0; i < n; i++)
        if (x[i] != 0) {
            index[out.n] = i;
            value[out.n++] = x[i];
        }
    return out;
}

static void test_sparse_is_dense(void **state)
{
    (void)state;
    kedge_linear_config c;
    for (size_t i = 0; combination(i, &c); i++) {
        size_t bytes = kedge_model_size(&c.base);
        kedge_model dense, sparse;
        void *mem[2] = {start(&dense, &c), start(&sparse, &c)};
        kedge_rng rng = {3 + i};
        uint32_t n = c.base.n_classes > 0 ? c.base.n_classes : 1;
        for (size_t row = 0; row < 300; row++) {
            double x[MAX_FEATURES], value[MAX_FEATURES], scores[2][MAX_CLASSES], y = make_row(&c, &rng, row, x), predicted[2];
            uint32_t index[MAX_FEATURES];
            kedge_sparse s = sparse_of(x, c.base.n_features, index, value);
            kedge_status st = row == 0 ? KEDGE_EMPTY : KEDGE_OK;
            assert_int_equal(kedge_model_predict(&dense, x, &predicted[0]), st);
            assert_int_equal(kedge_model_predict_sparse(&sparse, &s, &predicted[1]), st);
            assert_int_equal(kedge_model_score(&dense, x, scores[0], n), st);
            assert_int_equal(kedge_model_score_sparse(&sparse, &s, scores[1], n), st);
            assert_memory_equal(&predicted[0], &predicted[1], sizeof predicted[0]);
            assert_memory_equal(scores[0], scores[1], n * sizeof scores[0][0]);
            assert_int_equal(kedge_model_learn(&dense, x, y, 1), KEDGE_OK);
            assert_int_equal(kedge_model_learn_sparse(&sparse, &s, y, 1), KEDGE_OK);
            assert_memory_equal(mem[0], mem[1], bytes);
        }
        guard_free(mem[1]);
        guard_free(mem[0]);
    }
}

static void test_sparse_refusals(void **state)
{
    (void)state;
    kedge_linear_config c = kedge_linear_defaults(4, 2);
    kedge_gaussian_nb_config other = kedge_gaussian_nb_defaults(4, 2);
    kedge_model m, none = {NULL, NULL}, nb;
    void *mem = start(&m, &c), *nb_mem = guard_new(kedge_model_size(&other.base), 0);
    const double nan = (double)NAN;
    uint32_t good[] = {0, 3}, twice[] = {1, 1}, back[] = {2, 1}, far[] = {1, 4};
    double value[] = {1, 2}, bad[] = {1, nan}, y = 7, scores[2] = {7, 7};
    kedge_sparse x = {good, value, 2, 0};
    assert_int_equal(kedge_model_init(&nb, &other.base, nb_mem, kedge_model_size(&other.base)), KEDGE_OK);
    assert_int_equal(kedge_model_learn_sparse(&nb, &x, 1, 1), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_model_predict_sparse(&nb, &x, &y), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_model_score_sparse(&nb, &x, scores, 2), KEDGE_ERR_UNSUPPORTED);
    const kedge_sparse refused[] = {{twice, value, 2, 0}, {back, value, 2, 0}, {far, value, 2, 0},
                                    {good, bad, 2, 0},    {NULL, value, 2, 0}, {good, NULL, 2, 0}};
    const kedge_status why[] = {KEDGE_ERR_SHAPE,      KEDGE_ERR_SHAPE, KEDGE_ERR_SHAPE,
                                KEDGE_ERR_NOT_FINITE, KEDGE_ERR_NULL,  KEDGE_ERR_NULL};
    void *before = guard_copy(mem, kedge_model_size(&c.base));
    for (int i = 0; i < 6; i++) {
        assert_int_equal(kedge_model_learn_sparse(&m, &refused[i], 1, 1), why[i]);
        assert_int_equal(kedge_model_predict_sparse(&m, &refused[i], &y), why[i]);
        assert_int_equal(kedge_model_score_sparse(&m, &refused[i], scores, 2), why[i]);
    }
    assert_int_equal(kedge_model_learn_sparse(&m, NULL, 1, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_learn_sparse(&none, &x, 1, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_predict_sparse(&none, &x, &y), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_predict_sparse(&m, &x, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_score_sparse(&none, &x, scores, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_score_sparse(&m, &x, NULL, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_score_sparse(&m, &x, scores, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_model_learn_sparse(&m, &x, 2, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_model_learn_sparse(&m, &x, 1, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_model_learn_sparse(&m, &x, 1, 0), KEDGE_OK);
    assert_memory_equal(before, mem, kedge_model_size(&c.base));
    assert_true(y == 7 && scores[0] == 7);
    x = (kedge_sparse){NULL, NULL, 0, 0};
    assert_int_equal(kedge_model_learn_sparse(&m, &x, 1, 1), KEDGE_OK); /* nothing but the constant */
    guard_free(before);
    guard_free(nb_mem);
    guard_free(mem);
}

/* A class must offer both read-outs of sparse rows, or neither. */
static void test_sparse_slots(void **state)
{
    (void)state;
    kedge_model_class half = kedge_linear;
    kedge_linear_config c = kedge_linear_defaults(4, 2);
    half.score_sparse = NULL;
    c.base.cls = &half;
    assert_int_equal(kedge_model_size(&c.base), 0);
}

/* Values of MurmurHash3_x86_32 with seed 0, in the upper half of the range's bits. */
static void test_hash(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t hash;
    } known[] = {{"", 0}, {"a", 0x3c2569b2}, {"abc", 0xb3dd93fa}, {"abcd", 0x43ed676a}, {"Hello, world!", 0xc0363e43},
                 {"The quick brown fox jumps over the lazy dog", 0x2e4ff723}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t bytes = strlen(known[i].name);
        assert_int_equal(kedge_hash_feature(known[i].name, bytes, 65536), known[i].hash >> 16);
        assert_int_equal(kedge_hash_feature(known[i].name, bytes, 1), 0);
        assert_int_equal(kedge_hash_feature(known[i].name, bytes, 0), 0);
        assert_true(kedge_hash_feature(known[i].name, bytes, 1000) == (uint32_t)((uint64_t)known[i].hash * 1000 >> 32));
    }
    assert_int_equal(kedge_hash_feature(NULL, 0, 100), 0);
}

/* Numbers from 1e-308 to 1e308 in any order, with weights from 1e-300 to 1e9. */
static double hostile(kedge_rng *rng)
{
    static const double levels[] = {0, 1, -1, 1.7e308, -1.7e308, 5e-324, -5e-324, DBL_MIN, 1e100, 1e-100};
    uint64_t kind = kedge_rng_below(rng, 20);
    if (kind < 10)
        return levels[kind];
    double x = kedge_rng_normal(rng);
    return kind < 15 ? x : clip(x, 1) * pow(10, (double)kedge_rng_below(rng, 600) - 300);
}

static double hostile_target(const kedge_linear_config *c, kedge_rng *rng)
{
    if (c->base.n_classes > 0)
        return (double)kedge_rng_below(rng, c->base.n_classes);
    double y = clip(hostile(rng), KEDGE_TARGET_MAX);
    return c->loss == KEDGE_LINEAR_POISSON ? fabs(y) : y;
}

static void hostile_settings(kedge_linear_config *c, int settings)
{
    if (settings == 1) {
        c->rate = 100;
        c->decay = 0;
        c->memory = 0;
        c->beta = 1e-9;
        c->aggressiveness = 1e9;
        c->alpha = 1e-3;
        c->delta = 1e100;
    } else if (settings == 2) {
        c->rate = 1e-9;
        c->decay = 1e9;
        c->memory = 1;
        c->beta = 1e9;
        c->l1 = 1e9;
        c->l2 = 1e9;
        c->aggressiveness = 1e-9;
        c->alpha = 1;
        c->delta = 1e-100;
    }
}

static void test_cannot_diverge(void **state)
{
    (void)state;
    kedge_linear_config c;
    for (size_t i = 0; combination(i, &c); i++)
        for (int settings = 0; settings < 3; settings++) {
            kedge_model m;
            kedge_rng rng = {i};
            hostile_settings(&c, settings);
            void *mem = start(&m, &c);
            for (size_t row = 0; row < 3000; row++) {
                double x[MAX_FEATURES], y, weight = 1, scores[MAX_CLASSES] = {0}, target = hostile_target(&c, &rng);
                for (uint32_t j = 0; j < c.base.n_features; j++)
                    x[j] = row / 500 % 2 ? hostile(&rng) : row < 500 ? 1.7e308 : kedge_rng_normal(&rng);
                if (row % 5 == 0)
                    weight = clip(fabs(hostile(&rng)), KEDGE_WEIGHT_MAX);
                feclearexcept(FE_ALL_EXCEPT);
                assert_int_equal(kedge_model_learn(&m, x, target, weight), KEDGE_OK);
                assert_true(kedge_model_predict(&m, x, &y) >= 0);
                assert_true(kedge_model_score(&m, x, scores, c.base.n_classes > 0 ? c.base.n_classes : 1) >= 0);
                assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
                assert_true(fabs(y) <= KEDGE_TARGET_MAX && isfinite(scores[0]));
                if (row % 50 == 0)
                    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
            }
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
            guard_free(mem);
        }
}

/* Share of rows that are right, tested before they are learned, over the second half. */
static double learn_and_count(kedge_linear_config *c, double scale)
{
    kedge_model m;
    kedge_rng rng = {5};
    void *mem = start(&m, c);
    int right = 0;
    for (int i = 0; i < 10000; i++) {
        double x[4], sum = 0, y;
        for (int j = 0; j < 4; j++) {
            double z = kedge_rng_normal(&rng);
            sum += j % 2 ? z : -z;
            x[j] = z * pow(scale, j);
        }
        double label = c->base.n_classes == 2 ? sum > 0 : sum < -1 ? 0 : sum < 1 ? 1 : 2;
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right += i >= 5000 && y == label;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    guard_free(mem);
    return right / 5000.0;
}

static void test_learns(void **state)
{
    (void)state;
    kedge_linear_config c;
    for (size_t i = 0; combination(i, &c); i++) {
        if (c.base.n_classes != 2)
            continue;
        c.rate = kedge_linear_defaults(4, 2).rate;
        assert_true(learn_and_count(&c, 1) > 0.93);
    }
    c = kedge_linear_defaults(4, 3);
    assert_true(learn_and_count(&c, 1) > 0.85);
}

static void test_needs_no_scaling(void **state)
{
    (void)state;
    kedge_linear_config c = kedge_linear_defaults(4, 2);
    assert_true(learn_and_count(&c, 1000) > 0.93);
    assert_true(learn_and_count(&c, 1e-20) > 0.93);
}

/* Each loss finds what it is for: mean, median under outliers, quantile, rate of counts; whatever the unit of the target. */
static void test_regressions(void **state)
{
    (void)state;
    const double units[] = {1, 1e6, 1e-6};
    for (int u = 0; u < 3; u++)
        for (uint32_t loss = KEDGE_LINEAR_SQUARED; loss <= KEDGE_LINEAR_EPSILON; loss++) {
            kedge_linear_config c = kedge_linear_defaults(2, 0);
            kedge_model m;
            kedge_rng rng = {9};
            double unit = units[u], off = 0, below = 0;
            c.loss = loss;
            c.rate = 0.5;
            c.memory = 1;
            c.delta = unit;
            c.epsilon = 0.1 * unit;
            c.quantile = 0.9;
            void *mem = start(&m, &c);
            for (int i = 0; i < 20000; i++) {
                double x[2] = {kedge_rng_normal(&rng), kedge_rng_normal(&rng)}, y, noise = kedge_rng_normal(&rng);
                double line = unit * (100 + 3 * x[0] - x[1]);
                assert_true(kedge_model_predict(&m, x, &y) >= 0);
                if (i >= 10000) {
                    off += fabs(y - line) / unit / 10000;
                    below += (line + unit * noise < y) / 10000.0;
                }
                assert_int_equal(kedge_model_learn(&m, x, line + unit * noise, 1), KEDGE_OK);
            }
            if (loss == KEDGE_LINEAR_QUANTILE)
                assert_close(below, 0.9, 0.02);
            else
                assert_true(off < 0.15);
            guard_free(mem);
        }
}

static void test_counts(void **state)
{
    (void)state;
    for (uint32_t optimiser = KEDGE_LINEAR_NAG; optimiser <= KEDGE_LINEAR_COIN; optimiser++) {
        kedge_linear_config c = kedge_linear_defaults(1, 0);
        kedge_model m;
        kedge_rng rng = {2};
        double x = 0, y;
        c.loss = KEDGE_LINEAR_POISSON;
        c.optimiser = optimiser;
        c.rate = 0.1;
        c.memory = 1;
        void *mem = start(&m, &c);
        assert_int_equal(kedge_model_predict(&m, &x, &y), KEDGE_EMPTY);
        assert_true(y == 1);
        assert_int_equal(kedge_model_learn(&m, &x, -1, 1), KEDGE_ERR_RANGE);
        for (int i = 0; i < 20000; i++) {
            x = kedge_rng_uniform(&rng);
            double count = 0, left = kedge_rng_uniform(&rng), limit = exp(-exp(1 + x));
            for (; left > limit; left *= kedge_rng_uniform(&rng))
                count++;
            assert_int_equal(kedge_model_learn(&m, &x, count, 1), KEDGE_OK);
        }
        x = 0.5;
        assert_int_equal(kedge_model_predict(&m, &x, &y), KEDGE_OK);
        assert_close(y, exp(1.5), 0.1);
        guard_free(mem);
    }
}

/* L1: what says nothing gets the weight 0. */
static void test_l1_is_sparse(void **state)
{
    (void)state;
    kedge_linear_config c = kedge_linear_defaults(4, 2);
    kedge_model m;
    kedge_rng rng = {6};
    c.optimiser = KEDGE_LINEAR_FTRL;
    c.rate = 0.1;
    c.l1 = 100;
    void *mem = start(&m, &c);
    double x[4] = {0}, score[2][2];
    for (int i = 0; i < 5000; i++) {
        for (int j = 0; j < 4; j++)
            x[j] = kedge_rng_normal(&rng);
        assert_int_equal(kedge_model_learn(&m, x, x[0] > 0, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_model_score(&m, x, score[0], 2), KEDGE_OK);
    x[1] = x[2] = x[3] = 50;
    assert_int_equal(kedge_model_score(&m, x, score[1], 2), KEDGE_OK);
    assert_true(score[0][1] == score[1][1]);
    x[0] = 3;
    assert_int_equal(kedge_model_score(&m, x, score[1], 2), KEDGE_OK);
    assert_true(score[1][1] > 0.9);
    guard_free(mem);
}

/* A small scale of ALMA's ball goes back into the weights. */
static void test_alma_settles(void **state)
{
    (void)state;
    kedge_linear_config c = kedge_linear_defaults(2, 2);
    kedge_model m;
    c.loss = KEDGE_LINEAR_HINGE;
    c.optimiser = KEDGE_LINEAR_ALMA;
    void *mem = start(&m, &c);
    for (int i = 0; i < 50; i++) {
        double x[2] = {i % 2 ? 1 : -1, 0.5}, y;
        assert_int_equal(kedge_model_learn(&m, x, i % 2, KEDGE_WEIGHT_MAX), KEDGE_OK);
        x[0] = -x[0];
        assert_int_equal(kedge_model_learn(&m, x, i % 2, KEDGE_WEIGHT_MAX), KEDGE_OK);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
        assert_true(y == i % 2); /* so heavy a row decides alone */
    }
    guard_free(mem);
}

static void test_meaningless_combinations(void **state)
{
    (void)state;
    uint32_t n = 0;
    for (uint32_t loss = 0; loss <= 9; loss++)
        for (uint32_t optimiser = 0; optimiser <= 8; optimiser++)
            for (uint32_t classes = 0; classes < 4; classes++) {
                kedge_linear_config c = kedge_linear_defaults(3, classes);
                int is_class = loss <= KEDGE_LINEAR_HINGE, pa = optimiser == KEDGE_LINEAR_PA1 || optimiser == KEDGE_LINEAR_PA2;
                int fine = loss >= 1 && loss <= 8 && optimiser >= 1 && optimiser <= 7 && classes != 1 && is_class == (classes > 0);
                fine = fine && (loss != KEDGE_LINEAR_SOFTMAX || classes > 2);
                fine = fine && (!pa || loss == KEDGE_LINEAR_HINGE || loss == KEDGE_LINEAR_EPSILON);
                fine = fine && (optimiser != KEDGE_LINEAR_ALMA || loss == KEDGE_LINEAR_HINGE);
                c.loss = loss;
                c.optimiser = optimiser;
                assert_int_equal(kedge_model_size(&c.base) > 0, fine);
                n += (uint32_t)fine;
            }
    assert_int_equal(n, 2 * 4 + 4 + 2 * 7 + 5 * 4 + 2);
}

static void test_sizes(void **state)
{
    (void)state;
    for (uint32_t classes = 0; classes < 5; classes += classes ? 1 : 2) {
        kedge_linear_config c = kedge_linear_defaults(8, classes);
        assert_int_equal(kedge_model_size(&c.base), KEDGE_LINEAR_BYTES_FOR(8u, classes));
    }
    kedge_linear_config large = kedge_linear_defaults(KEDGE_FEATURES_MAX, KEDGE_CLASSES_MAX);
    assert_int_equal(kedge_model_size(&large.base), 0);
    assert_int_equal(kedge_linear_config_init(NULL, sizeof large, 1, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_linear_config_init(&large, 3, 1, 2), KEDGE_ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_naive),
        cmocka_unit_test(test_sparse_is_dense),
        cmocka_unit_test(test_sparse_refusals),
        cmocka_unit_test(test_sparse_slots),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_cannot_diverge),
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_needs_no_scaling),
        cmocka_unit_test(test_regressions),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_l1_is_sparse),
        cmocka_unit_test(test_alma_settles),
        cmocka_unit_test(test_meaningless_combinations),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
