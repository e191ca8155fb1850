/* SPDX-License-Identifier: MIT */
/* Online logistic regression: against a naive one, and what it promises: no tuning, no scaling, no divergence. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { MAX_FEATURES = 6, MAX_CLASSES = 4, MAX_RATES = 8, MAX_MODELS = 16 };

/* The same algorithm, written down plainly with a matrix for each model. */
typedef struct naive {
    kedge_logistic_config c;
    double w[MAX_MODELS][MAX_CLASSES][MAX_FEATURES + 1], g[MAX_CLASSES][MAX_FEATURES + 1]; /* g: of all models */
    double mix[MAX_MODELS], doubt[MAX_MODELS], location[MAX_FEATURES], scale[MAX_FEATURES];
    uint64_t n;
} naive;

static uint32_t n_models(const naive *m)
{
    return m->c.n_rates + m->c.n_noisy;
}

static double clip(double x, double limit)
{
    return fmax(-limit, fmin(limit, x));
}

static void naive_inputs(const naive *m, const double *x, double *z)
{
    uint32_t f = m->c.base.n_features;
    for (uint32_t i = 0; i < f; i++)
        z[i] = m->scale[i] > 0 ? clip((x[i] - m->location[i]) / m->scale[i], 6) : 0;
    z[f] = 1;
}

static void naive_probabilities(const naive *m, const double *z, double p[MAX_MODELS][MAX_CLASSES])
{
    uint32_t k = m->c.base.n_classes, f = m->c.base.n_features;
    for (uint32_t e = 0; e < n_models(m); e++) {
        double logit[MAX_CLASSES] = {0}, sum = 0;
        for (uint32_t c = 0; c < k; c++) {
            for (uint32_t i = 0; i <= f; i++)
                logit[c] += m->w[e][c][i] * z[i];
            logit[c] = clip(logit[c], 30);
            sum += exp(logit[c]);
        }
        for (uint32_t c = 0; c < k; c++)
            p[e][c] = exp(logit[c]) / sum;
        if (k == 2) { /* one vector: that of class 1; class 0 has logit 0 */
            p[e][1] = 1 / (1 + exp(-logit[1]));
            p[e][0] = 1 - p[e][1];
        }
    }
}

static void naive_score(const naive *m, const double *x, double *scores)
{
    double z[MAX_FEATURES + 1], p[MAX_MODELS][MAX_CLASSES];
    naive_inputs(m, x, z);
    naive_probabilities(m, z, p);
    for (uint32_t c = 0; c < m->c.base.n_classes; c++) {
        scores[c] = 0;
        for (uint32_t e = 0; e < n_models(m); e++)
            scores[c] += m->mix[e] * ((1 - m->doubt[e]) * p[e][c] + m->doubt[e] / m->c.base.n_classes);
    }
}

static void naive_learn(naive *m, const double *x, uint32_t y, double weight)
{
    double z[MAX_FEATURES + 1], p[MAX_MODELS][MAX_CLASSES], genuine[MAX_MODELS], sum = 0;
    uint32_t k = m->c.base.n_classes, f = m->c.base.n_features;
    naive_inputs(m, x, z);
    naive_probabilities(m, z, p);
    for (uint32_t e = 0; e < n_models(m); e++) {
        double given = (1 - m->doubt[e]) * p[e][y] + m->doubt[e] / k;
        sum += m->mix[e] *= given;
        genuine[e] = (1 - m->doubt[e]) * p[e][y] / given;
        if (e >= m->c.n_rates)
            m->doubt[e] = fmax(0.001, fmin(0.5, 0.997 * m->doubt[e] + 0.003 * (1 - genuine[e])));
    }
    for (uint32_t e = 0; e < n_models(m); e++)
        m->mix[e] = (1 - m->c.share) * m->mix[e] / sum + m->c.share / n_models(m);
    for (uint32_t c = k == 2; c < k; c++)
        for (uint32_t i = 0; i <= f; i++) {
            double faded = m->c.memory * m->g[c][i], mixed = 0;
            for (uint32_t e = 0; e < n_models(m); e++) {
                double gradient = weight * genuine[e] * (p[e][c] - (c == y)) * z[i];
                double rate = m->c.rate * pow(0.25, e < m->c.n_rates ? e : e - m->c.n_rates + 1);
                mixed += m->mix[e] * gradient;
                if (z[i] != 0)
                    m->w[e][c][i] -= rate * gradient / sqrt(faded + pow(weight * z[i], 2));
            }
            m->g[c][i] = faded + mixed * mixed;
        }
    m->n++;
    for (uint32_t i = 0; i < f; i++) {
        double off = x[i] - m->location[i];
        m->location[i] += fmax(1.0 / (double)m->n, 1e-3) * off;
        if (m->n > 1)
            m->scale[i] += fmax(1.0 / (double)(m->n - 1), 1e-3) * (fabs(off) - m->scale[i]);
    }
}

static void test_equals_naive(void **unused)
{
    (void)unused;
    static naive plain;
    for (uint32_t k = 2; k <= MAX_CLASSES; k++) {
        kedge_logistic_config c = kedge_logistic_defaults(k + 1, k);
        c.n_rates = k == 3 ? 8 : k == 2 ? c.n_rates : 1;
        c.n_noisy = k == 3 ? 8 : k == 2 ? c.n_noisy : 0;
        kedge_rng rng = {k};
        size_t bytes = kedge_model_size(&c.base);
        void *mem = guard_new(bytes, 0xA5);
        kedge_model m;
        if (k == 2)
            assert_int_equal(bytes, KEDGE_LOGISTIC_BYTES_FOR(3u, 2u));
        memset(&plain, 0, sizeof plain);
        plain.c = c;
        for (uint32_t e = 0; e < n_models(&plain); e++) {
            plain.mix[e] = 1.0 / n_models(&plain);
            plain.doubt[e] = e < c.n_rates ? 0 : 0.1;
        }
        assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
        for (int i = 0; i < 3000; i++) {
            double x[MAX_FEATURES], scores[MAX_CLASSES], want[MAX_CLASSES], y;
            for (uint32_t j = 0; j <= k; j++)
                x[j] = kedge_rng_normal(&rng) * (double)(j + 1) + 10;
            uint32_t label = (uint32_t)(int64_t)clip(floor(x[0] + 0.5 * kedge_rng_normal(&rng) - 9), 100) % k;
            naive_score(&plain, x, want);
            kedge_status st = kedge_model_score(&m, x, scores, k);
            assert_int_equal(st, i == 0 ? KEDGE_EMPTY : KEDGE_OK);
            for (uint32_t j = 0; j < k; j++)
                assert_close(scores[j], want[j], 1e-9);
            assert_int_equal(kedge_model_predict(&m, x, &y), st);
            naive_learn(&plain, x, label, 1 + i % 2);
            assert_int_equal(kedge_model_learn(&m, x, label, 1 + i % 2), KEDGE_OK);
        }
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
    kedge_logistic_config c = kedge_logistic_defaults(10, 5);
    assert_int_equal(kedge_model_size(&c.base), KEDGE_LOGISTIC_BYTES_FOR(10u, 5u));
}

/* Accuracy over the last half of a stream whose features are shifted and scaled. */
static double accuracy(double shift, double scale, uint64_t seed, double *flips)
{
    kedge_logistic_config c = kedge_logistic_defaults(3, 2);
    size_t bytes = kedge_model_size(&c.base);
    void *mem = guard_new(bytes, 0);
    kedge_model m;
    kedge_rng rng = {seed};
    int right = 0;
    assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
    for (int i = 0; i < 4000; i++) {
        double z[3], x[3], y, label;
        for (int j = 0; j < 3; j++) {
            z[j] = kedge_rng_normal(&rng);
            x[j] = shift + scale * z[j];
        }
        label = z[0] - 2 * z[1] + 0.2 * kedge_rng_normal(&rng) > 0.5;
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right += i >= 2000 && y == label;
        flips[i] = y;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    guard_free(mem);
    return right / 2000.0;
}

static void test_needs_no_scaling(void **unused)
{
    (void)unused;
    static double base[4000], other[4000];
    static const double shifts[] = {0, 0, 1000, -1e6, 1e-9}, scales[] = {1e-200, 1e200, 1, 1000, 1e-12};
    assert_true(accuracy(0, 1, 1, base) > 0.93);
    for (int k = 0; k < 5; k++) {
        int apart = 0;
        assert_true(accuracy(shifts[k], scales[k], 1, other) > 0.93);
        for (int i = 0; i < 4000; i++)
            apart += base[i] != other[i];
        assert_in_range(apart, 0, 4); /* rounding of the shift may turn a coin's toss */
    }
}

static void test_cannot_diverge(void **unused)
{
    (void)unused;
    static const double values[] = {0, 1, -1, 1e300, -1e300, 1.7e308, -1.7e308, 1e-300, 5e-324, 1e10, -1e-10};
    for (uint32_t k = 2; k <= 3; k++) {
        kedge_logistic_config c = kedge_logistic_defaults(4, k);
        size_t bytes = kedge_model_size(&c.base);
        void *mem = guard_new(bytes, 0);
        kedge_model m;
        kedge_rng rng = {k};
        c.rate = k == 2 ? 2 : 100;
        c.memory = k == 2 ? 0.99 : 1;
        assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
        for (int i = 0; i < 50000; i++) {
            double x[4], scores[3], sum = 0;
            for (int j = 0; j < 4; j++)
                x[j] = kedge_rng_below(&rng, 2) ? values[kedge_rng_below(&rng, sizeof values / sizeof *values)]
                                                : kedge_rng_normal(&rng) * pow(10, (double)kedge_rng_below(&rng, 600) - 300);
            assert_int_equal(kedge_model_learn(&m, x, (double)kedge_rng_below(&rng, k), i % 7 ? 1 : KEDGE_WEIGHT_MAX), KEDGE_OK);
            assert_int_equal(kedge_model_score(&m, x, scores, k), KEDGE_OK);
            for (uint32_t j = 0; j < k; j++) {
                assert_true(scores[j] >= 0 && scores[j] <= 1);
                sum += scores[j];
            }
            assert_close(sum, 1, 1e-12);
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        }
        guard_free(mem);
    }
}

/* Units that are powers of two change no bit of any prediction. */
static void test_units_do_not_matter(void **unused)
{
    (void)unused;
    static const double units[4] = {1, 0x1p-40, 0x1p300, 0x1p-900};
    kedge_logistic_config c = kedge_logistic_defaults(2, 3);
    size_t bytes = kedge_model_size(&c.base);
    void *mem[4];
    kedge_model m[4];
    kedge_rng rng = {11};
    for (int u = 0; u < 4; u++) {
        mem[u] = guard_new(bytes, 0);
        assert_int_equal(kedge_model_init(&m[u], &c.base, mem[u], bytes), KEDGE_OK);
    }
    for (int i = 0; i < 3000; i++) {
        double z[2] = {kedge_rng_normal(&rng), 3 + kedge_rng_normal(&rng)}, first[3], scores[3];
        double label = (z[0] > 0) + (z[1] > 3.5);
        for (int u = 0; u < 4; u++) {
            double x[2] = {z[0] * units[u], z[1] * units[u]};
            assert_true(kedge_model_score(&m[u], x, u == 0 ? first : scores, 3) >= 0);
            if (u > 0)
                assert_memory_equal(first, scores, sizeof first);
            assert_int_equal(kedge_model_learn(&m[u], x, label, 1), KEDGE_OK);
        }
    }
    for (int u = 0; u < 4; u++)
        guard_free(mem[u]);
}

/* Classes with a gap between them are told apart without a fault, soon, and with confidence. */
static void test_separable_classes(void **unused)
{
    (void)unused;
    for (uint32_t k = 2; k <= 4; k++)
        for (uint32_t n_rates = 1; n_rates <= MAX_RATES; n_rates++) {
            kedge_logistic_config c = kedge_logistic_defaults(2, k);
            c.n_rates = n_rates;
            size_t bytes = kedge_model_size(&c.base);
            void *mem = guard_new(bytes, 0);
            kedge_model m;
            kedge_rng rng = {k};
            int wrong = 0;
            double sure = 0;
            assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
            for (int i = 0; i < 3000; i++) {
                uint32_t label = (uint32_t)kedge_rng_below(&rng, k);
                double angle = 6.283185307179586 * label / k, scores[MAX_CLASSES], y;
                double x[2] = {1e5 + cos(angle) + 0.3 * (kedge_rng_uniform(&rng) - 0.5),
                               1e-5 * (sin(angle) + 0.3 * (kedge_rng_uniform(&rng) - 0.5))};
                assert_true(kedge_model_predict(&m, x, &y) >= 0 && kedge_model_score(&m, x, scores, k) >= 0);
                wrong += i >= 1000 && y != label;
                sure += i >= 2000 ? scores[label] / 1000 : 0;
                assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
            }
            assert_int_equal(wrong, 0);
            assert_true(sure > 0.99);
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
            guard_free(mem);
        }
}

/* The mean over rows of -log(probability of the label) is the entropy of the labels, where features say nothing. */
static void test_noise_is_called_noise(void **unused)
{
    (void)unused;
    kedge_logistic_config c = kedge_logistic_defaults(4, 2);
    size_t bytes = kedge_model_size(&c.base);
    void *mem = guard_new(bytes, 0);
    kedge_model m;
    kedge_rng rng = {12};
    double loss = 0;
    assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
    for (int i = 0; i < 20000; i++) {
        double x[4], scores[2];
        for (int j = 0; j < 4; j++)
            x[j] = kedge_rng_normal(&rng);
        uint32_t label = kedge_rng_uniform(&rng) < 0.2;
        assert_true(kedge_model_score(&m, x, scores, 2) >= 0);
        loss -= i >= 10000 ? log(scores[label]) / 10000 : 0;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_true(loss > 0.48 && loss < 0.55); /* entropy: 0.5004 */
    guard_free(mem);
}

/* Rows of a plane, of whose labels a part is drawn anew: the share that is right beside what the plane says, and the mean log loss,
 * of the last 15,000. */
static double accuracy_in_noise(uint32_t n_noisy, double noise, uint32_t k, double *loss)
{
    kedge_logistic_config c = kedge_logistic_defaults(3, k);
    c.n_noisy = n_noisy;
    c.n_rates = 4;
    size_t bytes = kedge_model_size(&c.base);
    void *mem = guard_new(bytes, 0xA5);
    kedge_model m;
    kedge_rng rng = {21};
    int right = 0;
    *loss = 0;
    assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
    for (int i = 0; i < 20000; i++) {
        double x[3], scores[3], y;
        for (int j = 0; j < 3; j++)
            x[j] = 10 * kedge_rng_uniform(&rng);
        uint32_t truth = x[0] + x[1] > 8 ? k == 2 || x[0] + x[1] < 12 ? 1 : 2 : 0;
        uint32_t label = kedge_rng_uniform(&rng) < noise ? (uint32_t)kedge_rng_below(&rng, k) : truth;
        assert_true(kedge_model_predict(&m, x, &y) >= 0 && kedge_model_score(&m, x, scores, k) >= 0);
        right += i >= 5000 && y == truth;
        *loss -= i >= 5000 ? log(scores[label]) / 15000 : 0;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
    return right / 15000.0;
}

/* With noise, those who expect it are nearer to the truth and say how much can be known; without, they cost nothing. */
static void test_wrong_labels_are_held_to_be_noise(void **unused)
{
    (void)unused;
    for (uint32_t k = 2; k <= 3; k++) {
        double blind, seeing, wrong = 0.2 * (k - 1) / k; /* labels that differ from the truth */
        double entropy = -wrong * log(wrong / (k - 1)) - (1 - wrong) * log(1 - wrong);
        double right_blind = accuracy_in_noise(0, 0.2, k, &blind);
        double right_seeing = accuracy_in_noise(1, 0.2, k, &seeing);
        assert_true(right_seeing > right_blind);
        assert_true(seeing - entropy < 0.3 * (blind - entropy));
        right_blind = accuracy_in_noise(0, 0, k, &blind);
        right_seeing = accuracy_in_noise(1, 0, k, &seeing);
        assert_true(right_seeing > right_blind - 0.001);
        assert_true(seeing < blind + 0.005);
    }
}

/* Rows of a plane turn: the noisy hold them for noise, the others do not, and the mixture follows them. */
static void test_news_is_not_held_to_be_noise(void **unused)
{
    (void)unused;
    for (uint32_t n_noisy = 0; n_noisy <= 8; n_noisy += 4) {
        kedge_logistic_config c = kedge_logistic_defaults(2, 2);
        c.n_noisy = n_noisy;
        void *mem = guard_new(kedge_model_size(&c.base), 0xA5);
        kedge_model m;
        kedge_rng rng = {8};
        int right = 0;
        assert_int_equal(kedge_model_init(&m, &c.base, mem, kedge_model_size(&c.base)), KEDGE_OK);
        for (int i = 0; i < 30000; i++) {
            double x[2] = {kedge_rng_normal(&rng), kedge_rng_normal(&rng)}, y;
            double label = (x[0] + x[1] > 0) == (i / 5000 % 2 == 0);
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            right += i >= 5000 && i % 5000 >= 300 && i % 5000 < 1300 && y == label;
            assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
        }
        assert_in_range(right, 4650, 5000);
        guard_free(mem);
    }
}

/* A flip of the concept is followed within a few hundred rows. */
static void test_follows_drift(void **unused)
{
    (void)unused;
    kedge_logistic_config c = kedge_logistic_defaults(2, 2);
    size_t bytes = kedge_model_size(&c.base);
    void *mem = guard_new(bytes, 0);
    kedge_model m;
    kedge_rng rng = {8};
    int right = 0;
    assert_int_equal(kedge_model_init(&m, &c.base, mem, bytes), KEDGE_OK);
    for (int i = 0; i < 20000; i++) {
        double x[2] = {kedge_rng_normal(&rng), kedge_rng_normal(&rng)}, y;
        double label = (x[0] + x[1] > 0) == (i < 10000);
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right += i >= 10300 && i < 11300 && y == label;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_in_range(right, 930, 1000);
    guard_free(mem);
}

/* A hole counts as the location of its feature, and moves neither that nor the scale. */
static void test_takes_missing_values(void **state)
{
    (void)state;
    kedge_logistic_config cfg = kedge_logistic_defaults(3, 2);
    kedge_model m;
    kedge_rng rng = {14};
    int right = 0, n = 6000;
    void *mem = guard_new(kedge_model_size(&cfg.base), 0xA5);
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, kedge_model_size(&cfg.base)), KEDGE_OK);
    for (int i = 0; i < n; i++) {
        double x[3], y, scores[2], whole[2], middle[3];
        for (int j = 0; j < 3; j++)
            x[j] = 5 + kedge_rng_normal(&rng);
        int label = x[0] + x[1] > 10;
        memcpy(middle, x, sizeof x);
        for (int j = 0; j < 3; j++)
            if (kedge_rng_uniform(&rng) < 0.2) {
                x[j] = (double)NAN;
                middle[j] = 5;
            }
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right += i >= n / 2 && (int)y == label;
        if (i >= n / 2) { /* by now the locations are near 5 */
            assert_int_equal(kedge_model_score(&m, x, scores, 2), KEDGE_OK);
            assert_int_equal(kedge_model_score(&m, middle, whole, 2), KEDGE_OK);
            assert_true(fabs(scores[0] - whole[0]) < 0.35);
        }
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_true(right > 0.86 * (n / 2)); /* a third of the rows lack one of the two that matter */
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_naive),
        cmocka_unit_test(test_needs_no_scaling),
        cmocka_unit_test(test_cannot_diverge),
        cmocka_unit_test(test_units_do_not_matter),
        cmocka_unit_test(test_separable_classes),
        cmocka_unit_test(test_noise_is_called_noise),
        cmocka_unit_test(test_wrong_labels_are_held_to_be_noise),
        cmocka_unit_test(test_news_is_not_held_to_be_noise),
        cmocka_unit_test(test_follows_drift),
        cmocka_unit_test(test_takes_missing_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
