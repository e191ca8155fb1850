/* SPDX-License-Identifier: MIT */
/* The portfolio: it follows its best member; its weights are those of the papers. And the baselines. */
#include <fenv.h>
#include <math.h>

#include "support.h"

enum { VALUES_MEMBERS = KEDGE_AUTO_NEAR }; /* of a regression */

static void *new_model(kedge_model *m, const kedge_model_config *cfg)
{
    size_t bytes = kedge_model_size(cfg);
    void *mem = guard_new(bytes, 0xA5);
    assert_true(bytes > 0);
    assert_int_equal(kedge_model_init(m, cfg, mem, bytes), KEDGE_OK);
    return mem;
}

/* Rows of five kinds, so that each member has its time: a product (trees), a line (logistic), clouds that jump (naive Bayes),
 * labels that last, labels that the row says nothing of. */
static int draw_row(kedge_rng *rng, int kind, int i, int last, double *x)
{
    for (int j = 0; j < 4; j++)
        x[j] = kedge_rng_normal(rng);
    switch (kind) {
    case 0:
        return x[0] * x[1] > 0;
    case 1:
        return x[0] + 0.7 * x[1] - 0.4 * x[2] + x[3] > 0;
    case 2: {
        int y = (int)kedge_rng_below(rng, 2);
        for (int j = 0; j < 4; j++)
            x[j] += (y ? 1.3 : -1.3) * (i / 500 % 2 ? -1 : 1);
        return y;
    }
    case 3:
        return kedge_rng_uniform(rng) < 0.95 ? last : 1 - last;
    default:
        return kedge_rng_uniform(rng) < 0.9;
    }
}

static void test_follows_the_best_member(void **state)
{
    (void)state;
    for (int kind = 0; kind < 5; kind++) {
        kedge_auto_config cfg = kedge_auto_defaults(4, 2);
        kedge_model m, member;
        kedge_rng rng = {(uint64_t)kind + 1};
        int right = 0, right_of[KEDGE_AUTO_MEMBERS] = {0}, best = 0, label = 0;
        cfg.memory = 200000;
        cfg.n_trees = 5;
        void *mem = new_model(&m, &cfg.base);
        for (int i = 0; i < 4000; i++) {
            double x[4], y;
            label = draw_row(&rng, kind, i, label, x);
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            right += i >= 1000 && y == label;
            for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
                assert_int_equal(kedge_auto_member(&m, k, &member), KEDGE_OK);
                assert_true(kedge_model_predict(&member, x, &y) >= 0);
                right_of[k] += i >= 1000 && y == label;
            }
            assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
        }
        for (int k = 0; k < KEDGE_AUTO_MEMBERS; k++)
            best = right_of[k] > best ? right_of[k] : best;
        assert_true(right >= best - 30); /* one row in a hundred */
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

/* Learn-alpha written out, with the members' own shares; those of neighbours are mixed with even ones, in proportions that are
 * learned, and left out while they count little. */
static void test_weighs_as_the_paper_says(void **state)
{
    (void)state;
    const double rates[3] = {0.0003, 0.003, 0.03};
    double prior[KEDGE_AUTO_MEMBERS] = {0.4, 0.4, 0.08, 0.06, 0.06, 0.05, 0.05};
    double w[3][KEDGE_AUTO_MEMBERS], top[3] = {1.0 / 3, 1.0 / 3, 1.0 / 3}, trust[2] = {0.9, 0.9};
    kedge_auto_config cfg = kedge_auto_defaults(4, 2);
    kedge_model m, member;
    kedge_rng rng = {9};
    int label = 0, n_silent = 0;
    cfg.memory = 150000;
    cfg.n_trees = 2;
    void *mem = new_model(&m, &cfg.base);
    for (int k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        prior[k] /= 1.1;
    for (int j = 0; j < 3; j++)
        memcpy(w[j], prior, sizeof prior);
    for (int i = 0; i < 3000; i++) {
        double x[4], likely[KEDGE_AUTO_MEMBERS], has[KEDGE_AUTO_MEMBERS], mixed[2] = {0}, scores[2], given[3], sum = 0;
        label = draw_row(&rng, i / 700, i, label, x);
        assert_int_equal(kedge_auto_weights(&m, has), KEDGE_OK);
        for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
            double wants = top[0] * w[0][k] + top[1] * w[1][k] + top[2] * w[2][k], all = 1;
            assert_close(has[k], wants, 1e-9);
            assert_int_equal(kedge_auto_member(&m, k, &member), KEDGE_OK);
            assert_true(kedge_model_score(&member, x, scores, 2) >= 0);
            if (k >= KEDGE_AUTO_NEAR) {
                double *part = &trust[k - KEDGE_AUTO_NEAR], own = scores[label];
                all = *part;
                *part += 0.003 * (*part * own / (*part * own + (1 - *part) / 2) - *part);
                *part = fmin(fmax(*part, 0.01), 0.999);
            }
            for (int c = 0; c < 2; c++)
                scores[c] = all * scores[c] + (1 - all) / 2;
            likely[k] = 0.999 * scores[label] + 0.001 / 2;
            int is_silent = k >= KEDGE_AUTO_NEAR && wants < 0.01;
            n_silent += is_silent;
            for (int c = 0; c < 2; c++)
                mixed[c] += is_silent ? 0 : wants * scores[c];
        }
        if (i > 0) {
            assert_int_equal(kedge_model_score(&m, x, scores, 2), KEDGE_OK);
            assert_close(scores[0], mixed[0] / (mixed[0] + mixed[1]), 1e-9);
            assert_close(scores[1], mixed[1] / (mixed[0] + mixed[1]), 1e-9);
        }
        for (int j = 0; j < 3; j++) {
            given[j] = 0;
            for (int k = 0; k < KEDGE_AUTO_MEMBERS; k++)
                given[j] += w[j][k] * likely[k];
            for (int k = 0; k < KEDGE_AUTO_MEMBERS; k++)
                w[j][k] = (1 - rates[j]) * w[j][k] * likely[k] / given[j] + rates[j] * prior[k];
            sum += top[j] * given[j];
        }
        for (int j = 0; j < 3; j++)
            top[j] = 0.999 * top[j] * given[j] / sum + 0.001 / 3;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_in_range(n_silent, 100, 5900); /* now and then */
    guard_free(mem);
}

/* Neighbours have an eighth of the memory each, as many rows as asked for, or are left out; what a portfolio without them does
 * stays as it was. */
static void test_neighbours_have_their_room(void **state)
{
    (void)state;
    const uint32_t memory[] = {60000, 100000, 300000, 2u << 20, 16u << 20};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
        for (uint32_t n_features = 1; n_features <= 40; n_features += 13) {
            kedge_auto_config cfg = kedge_auto_defaults(n_features, 3);
            kedge_model m, member;
            double weights[KEDGE_AUTO_MEMBERS];
            cfg.memory = memory[i];
            cfg.n_trees = 1;
            void *mem = new_model(&m, &cfg.base);
            kedge_status st = kedge_auto_member(&m, KEDGE_AUTO_NEAR_RAW, &member);
            assert_int_equal(kedge_auto_weights(&m, weights), KEDGE_OK);
            if (st == KEDGE_OK) {
                size_t bytes = ((const kedge_model_state *)member.state)->head.bytes;
                assert_true(bytes <= memory[i] / 8);
                assert_true(weights[KEDGE_AUTO_NEAR_RAW] > 0.04);
                assert_true(bytes > memory[i] / 16 || bytes >= KEDGE_SAM_KNN_BYTES_FOR(n_features, 5000u));
            } else {
                assert_int_equal(st, KEDGE_ERR_RANGE);
                assert_true(KEDGE_SAM_KNN_BYTES_FOR(n_features, 120u) > memory[i] / 8);
                assert_true(weights[KEDGE_AUTO_NEAR] == 0 && weights[KEDGE_AUTO_NEAR_RAW] == 0);
                assert_close(weights[KEDGE_AUTO_FOREST], 0.4, 1e-12);
            }
            guard_free(mem);
            cfg.n_near = 0;
            mem = new_model(&m, &cfg.base);
            assert_int_equal(kedge_auto_member(&m, KEDGE_AUTO_NEAR, &member), KEDGE_ERR_RANGE);
            guard_free(mem);
        }
}

/* Squares that move from place to place, which no tree and no normal distribution follows. */
static void test_neighbours_follow_what_moves(void **state)
{
    (void)state;
    int right[2] = {0};
    for (uint32_t with = 0; with < 2; with++) {
        kedge_auto_config cfg = kedge_auto_defaults(2, 4);
        kedge_model m;
        kedge_rng rng = {1};
        cfg.n_near = with ? 200 : 0;
        cfg.memory = 300000;
        cfg.n_trees = 3;
        void *mem = new_model(&m, &cfg.base);
        for (int i = 0; i < 6000; i++) {
            int label = (int)kedge_rng_below(&rng, 4), step = i % 2400;
            double at = (step < 1200 ? step : 2400 - step) / 120.0, y;
            double x[2] = {at + 2 * label + kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)};
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            right[with] += i >= 2000 && (int)y == label;
            assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
        }
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
    assert_true(right[1] > 3800); /* of 4000 */
    assert_true(right[1] > right[0] + 100);
}

static void test_many_classes_vote(void **state)
{
    (void)state;
    enum { N = 100 };
    kedge_auto_config cfg = kedge_auto_defaults(2, N);
    kedge_model m;
    kedge_rng rng = {2};
    static double scores[N];
    int right = 0;
    cfg.n_trees = 2;
    void *mem = new_model(&m, &cfg.base);
    for (int i = 0; i < 3000; i++) {
        int label = (int)kedge_rng_below(&rng, N);
        double x[2] = {label % 10 + 0.1 * kedge_rng_normal(&rng), label / 10 + 0.1 * kedge_rng_normal(&rng)}, y, sum = 0;
        kedge_status st = kedge_model_predict(&m, x, &y);
        assert_int_equal(st, i == 0 ? KEDGE_EMPTY : KEDGE_OK);
        assert_int_equal(kedge_model_score(&m, x, scores, N), st);
        for (int c = 0; c < N; c++) {
            sum += scores[c];
            assert_true(scores[c] <= scores[(int)y]);
        }
        assert_close(sum, 1, 1e-12);
        right += i >= 2500 && (int)y == label;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_true(right > 450);
    guard_free(mem);
}

/* The defaults have room for whatever shape a caller names, up to 10^9 bytes for the trees. */
static void test_defaults_have_room(void **state)
{
    (void)state;
    const uint32_t features[] = {1, 2, 3, 10, 100, 1000, 5000}, classes[] = {2, 3, 10, 64, 65, 100};
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        for (size_t j = 0; j < sizeof classes / sizeof *classes; j++) {
            kedge_hoeffding_tree_config tree = kedge_hoeffding_tree_defaults(features[i], classes[j]);
            kedge_adaptive_forest_config forest = kedge_adaptive_forest_defaults(features[i], classes[j]);
            kedge_auto_config portfolio = kedge_auto_defaults(features[i], classes[j]);
            assert_in_range(kedge_model_size(&tree.base), 1, tree.growth.memory);
            assert_in_range(kedge_model_size(&forest.base), 1, forest.growth.memory);
            assert_in_range(kedge_model_size(&portfolio.base), 1, portfolio.memory);
        }
    kedge_auto_config none = kedge_auto_defaults(65536, 4096);
    assert_int_equal(kedge_model_size(&none.base), 0);
}

static void test_refuses_and_bears(void **state)
{
    (void)state;
    const double sizes[] = {0, 5e-324, -1e-300, 1, -1, 1e9, 1e150, -1e300, 1.7976931348623157e308, -1.7976931348623157e308};
    kedge_auto_config cfg = kedge_auto_defaults(2, 3);
    kedge_baseline_config other = kedge_baseline_defaults(2, 3);
    kedge_model m, member, baseline;
    kedge_rng rng = {5};
    double weights[KEDGE_AUTO_MEMBERS];
    cfg.memory = 100000; /* with neighbours */
    void *mem = new_model(&m, &cfg.base), *mem2 = new_model(&baseline, &other.base);
    assert_int_equal(kedge_auto_weights(NULL, weights), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auto_weights(&m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_auto_weights(&baseline, weights), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_auto_member(&m, KEDGE_AUTO_MEMBERS, &member), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auto_member(&baseline, 0, &member), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_auto_member(&m, 0, NULL), KEDGE_ERR_NULL);
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 5000; i++) {
        double x[2] = {sizes[kedge_rng_below(&rng, 10)], i % 4 ? sizes[kedge_rng_below(&rng, 10)] : (double)NAN}, y;
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        assert_int_equal(kedge_model_learn(&m, x, (double)kedge_rng_below(&rng, 3), i % 3 ? 1 : 1e9), KEDGE_OK);
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem2);
    guard_free(mem);
}

/* Regression ------------------------------------------------------------------------------------------------------------------- */

/* Values of four kinds: a step (trees), a plane (least squares), a walk (the last value), noise around a level (the mean). */
static double draw_value(kedge_rng *rng, int kind, double last, double *x)
{
    for (int j = 0; j < 4; j++)
        x[j] = kedge_rng_normal(rng);
    switch (kind) {
    case 0:
        return (x[0] > 0 ? 10.0 : 0.0) * (x[1] > 0 ? 1.0 : -1.0) + kedge_rng_normal(rng);
    case 1:
        return 3 * x[0] - 2 * x[1] + x[2] + 0.1 * kedge_rng_normal(rng);
    case 2:
        return last + kedge_rng_normal(rng);
    default:
        return 50 + 5 * kedge_rng_normal(rng);
    }
}

static void test_follows_the_best_member_of_values(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        kedge_auto_config cfg = kedge_auto_defaults(4, 0);
        kedge_model m, member;
        kedge_rng rng = {(uint64_t)kind + 1};
        double loss = 0, loss_of[KEDGE_AUTO_MEMBERS] = {0}, best = 0, last = 0, lags[3] = {0};
        assert_int_equal(cfg.n_lags, 3);
        cfg.memory = 300000;
        cfg.n_trees = 5;
        void *mem = new_model(&m, &cfg.base);
        for (int i = 0; i < 4000; i++) {
            double x[7], y, target = draw_value(&rng, kind, last, x);
            memcpy(x + 4, lags, sizeof lags); /* as the members see it */
            assert_int_equal(kedge_model_predict(&m, x, &y), i == 0 ? KEDGE_EMPTY : KEDGE_OK);
            loss += i >= 1000 ? (y - target) * (y - target) : 0;
            for (uint32_t k = 0; k < VALUES_MEMBERS; k++) {
                assert_int_equal(kedge_auto_member(&m, k, &member), KEDGE_OK);
                assert_true(kedge_model_predict(&member, x, &y) >= 0);
                loss_of[k] += i >= 1000 ? (y - target) * (y - target) : 0;
            }
            assert_int_equal(kedge_model_learn(&m, x, target, 1), KEDGE_OK);
            lags[2] = lags[1], lags[1] = lags[0], lags[0] = last = target;
        }
        best = loss_of[0];
        for (int k = 1; k < VALUES_MEMBERS; k++)
            best = fmin(best, loss_of[k]);
        assert_true(loss < 1.03 * best);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

/* The mixture of values written out, with the members' own answers; some rows have a missing number. */
static void test_weighs_values_by_their_density(void **state)
{
    (void)state;
    const double rates[3] = {0.0003, 0.003, 0.03}, prior[VALUES_MEMBERS] = {0.3, 0.15, 0.1, 0.35, 0.1};
    double w[3][VALUES_MEMBERS], top[3] = {1.0 / 3, 1.0 / 3, 1.0 / 3}, spread = 0, last = 0, lag = 0;
    double low = 0, high = 0; /* of the targets so far: nobody but the last one is heard that is more than their width beyond */
    kedge_auto_config cfg = kedge_auto_defaults(4, 0);
    kedge_model m, member;
    kedge_rng rng = {9};
    cfg.memory = 200000;
    cfg.n_trees = 2;
    cfg.n_lags = 1;
    void *mem = new_model(&m, &cfg.base);
    for (int j = 0; j < 3; j++)
        memcpy(w[j], prior, sizeof prior);
    for (int i = 0; i < 2000; i++) {
        double x[5], says[KEDGE_AUTO_MEMBERS], has[KEDGE_AUTO_MEMBERS], mixed = 0, y, given[3], sum = 0;
        double target = draw_value(&rng, i / 500, last, x);
        x[4] = lag;
        if (i % 10 == 9)
            x[i % 4] = (double)NAN;
        assert_int_equal(kedge_auto_weights(&m, has), KEDGE_OK);
        for (uint32_t k = 0; k < VALUES_MEMBERS; k++) {
            double wants = top[0] * w[0][k] + top[1] * w[1][k] + top[2] * w[2][k];
            assert_close(has[k], wants, 1e-8);
            assert_int_equal(kedge_auto_member(&m, k == KEDGE_AUTO_LINEAR && i % 10 == 9 ? KEDGE_AUTO_LAST : k, &member), KEDGE_OK);
            assert_true(kedge_model_predict(&member, x, &says[k]) >= 0);
            if (k != KEDGE_AUTO_LAST && !(k == KEDGE_AUTO_LINEAR && i % 10 == 9))
                says[k] = fmin(fmax(says[k], low - (high - low)), high + (high - low));
            mixed += wants * says[k];
        }
        assert_int_equal(kedge_model_predict(&m, x, &y), i == 0 ? KEDGE_EMPTY : KEDGE_OK);
        assert_int_equal(kedge_model_score(&m, x, &sum, 1), i == 0 ? KEDGE_EMPTY : KEDGE_OK);
        assert_true(sum == y);
        if (i > 0) {
            double error = target - y, scale = spread > 0 ? spread : error * error;
            assert_true(fabs(y - mixed) <= 1e-8 * (1 + fabs(y)));
            sum = 0;
            for (int j = 0; j < 3; j++) {
                given[j] = 0;
                for (int k = 0; k < VALUES_MEMBERS; k++)
                    given[j] += w[j][k] *
                                ((1 - 1e-6) * pow(1 + fmin((target - says[k]) * (target - says[k]) / scale, 1e6) / 4, -2.5) + 1e-6);
                for (int k = 0; k < VALUES_MEMBERS; k++)
                    w[j][k] =
                        (1 - rates[j]) * w[j][k] *
                            ((1 - 1e-6) * pow(1 + fmin((target - says[k]) * (target - says[k]) / scale, 1e6) / 4, -2.5) + 1e-6) /
                            given[j] +
                        rates[j] * prior[k];
                sum += top[j] * given[j];
            }
            for (int j = 0; j < 3; j++)
                top[j] = 0.999 * top[j] * given[j] / sum + 0.001 / 3;
            spread += (error * error - spread) / fmin(i, 100);
        }
        assert_int_equal(kedge_model_learn(&m, x, target, 1), KEDGE_OK);
        last = lag = target;
        low = i == 0 ? target : fmin(low, target);
        high = i == 0 ? target : fmax(high, target);
    }
    kedge_model_info info;
    assert_int_equal(kedge_auto_member(&m, KEDGE_AUTO_NEAR, &member), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_auto_member(&m, KEDGE_AUTO_LINEAR, &member), KEDGE_OK);
    assert_int_equal(kedge_model_describe(&member, &info), KEDGE_OK);
    assert_int_equal(info.n_learned, 1800); /* it sat out the rest */
    guard_free(mem);
}

/* Whatever the numbers: finite answers, no flag raised. With many features the linear member is another class. */
static void test_values_bear_anything(void **state)
{
    (void)state;
    const double sizes[] = {0, 5e-324, -1e-300, 1, -1, 1e9, 1e150, -1e300, 1.7976931348623157e308, -1.7976931348623157e308};
    for (uint32_t n_features = 2; n_features <= 70; n_features += 68) {
        kedge_auto_config cfg = kedge_auto_defaults(n_features, 0);
        kedge_model m, member;
        kedge_rng rng = {5};
        void *mem = new_model(&m, &cfg.base);
        assert_int_equal(kedge_auto_member(&m, KEDGE_AUTO_LINEAR, &member), KEDGE_OK);
        assert_ptr_equal(member.cls, n_features == 2 ? &kedge_rls : &kedge_linear);
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 2000; i++) {
            double x[70], y;
            for (int j = 0; j < 70; j++)
                x[j] = i % 4 ? sizes[kedge_rng_below(&rng, 10)] : (double)NAN;
            double target = sizes[kedge_rng_below(&rng, 7)] * (i % 2 ? 1 : 1e-50);
            target = fmax(-KEDGE_TARGET_MAX, fmin(target, KEDGE_TARGET_MAX));
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            assert_true(fabs(y) <= 1.001 * KEDGE_TARGET_MAX);
            assert_int_equal(kedge_model_learn(&m, x, target, i % 3 ? 1 : 1e9), KEDGE_OK);
        }
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        size_t len;
        assert_int_equal(kedge_model_freeze(&m, NULL, 0, &len), KEDGE_ERR_UNSUPPORTED);
        guard_free(mem);
    }
}

/* Thrift: on labels that last, trees and lines rest; when they are needed they come back. The same for values. */
static void test_who_does_not_pay_rests(void **state)
{
    (void)state;
    for (uint32_t n_classes = 0; n_classes <= 2; n_classes += 2) {
        kedge_auto_config cfg = kedge_auto_defaults(4, n_classes);
        kedge_model m, member;
        kedge_model_info info;
        kedge_rng rng = {3};
        double last = 0, loss = 0;
        cfg.memory = 300000;
        cfg.n_trees = 5;
        cfg.rest = 10;
        void *mem = new_model(&m, &cfg.base);
        for (int i = 0; i < 9000; i++) {
            double x[4], y = -1, target;
            if (n_classes > 0)
                target = draw_row(&rng, i < 4000 ? 3 : 1, i, (int)last, x);
            else
                target = draw_value(&rng, i < 4000 ? 2 : 1, last, x);
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            loss += i < 7000 ? 0 : n_classes > 0 ? y != target : fabs(y - target);
            assert_int_equal(kedge_model_learn(&m, x, target, 1), KEDGE_OK);
            last = target;
            if (i == 3999) {
                assert_int_equal(kedge_auto_member(&m, KEDGE_AUTO_FOREST, &member), KEDGE_OK);
                assert_int_equal(kedge_model_describe(&member, &info), KEDGE_OK);
                assert_in_range(info.n_learned, 400, 3000);
            }
        }
        assert_true(loss / 2000 < (n_classes > 0 ? 0.06 : 0.3));
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

/* Baselines -------------------------------------------------------------------------------------------------------------------- */

static void test_baselines_of_classes(void **state)
{
    (void)state;
    const int labels[] = {2, 2, 0, 0, 0, 1, 1, 2, 2, 2, 2};
    double weights[3] = {0}, all = 0, same = 0;
    for (uint32_t kind = KEDGE_BASELINE_LAST; kind <= KEDGE_BASELINE_USUAL; kind++) {
        kedge_baseline_config cfg = kedge_baseline_defaults(1, 3);
        kedge_model m;
        double x = (double)NAN, y, scores[3];
        cfg.kind = kind;
        cfg.fading = 0.8;
        assert_int_equal(kedge_model_size(&cfg.base), KEDGE_BASELINE_BYTES_FOR(3u));
        void *mem = new_model(&m, &cfg.base);
        assert_int_equal(kedge_model_predict(&m, &x, &y), KEDGE_EMPTY);
        memset(weights, 0, sizeof weights);
        all = same = 0;
        for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
            assert_int_equal(kedge_model_learn(&m, &x, labels[i], 2), KEDGE_OK);
            for (int c = 0; c < 3; c++)
                weights[c] = 0.8 * weights[c] + (c == labels[i] ? 2 : 0);
            all = 0.8 * all + 2;
            same = 0.8 * same + (i > 0 && labels[i] == labels[i - 1] ? 2 : 0);
            assert_int_equal(kedge_model_score(&m, &x, scores, 3), KEDGE_OK);
            assert_int_equal(kedge_model_predict(&m, &x, &y), KEDGE_OK);
            for (int c = 0; c < 3; c++) {
                double share = (weights[c] + 1) / (all + 3), stays = fmax(0.5, (same + 1) / (all + 2)),
                       of_last = (weights[labels[i]] + 1) / (all + 3);
                if (kind == KEDGE_BASELINE_LAST)
                    share = c == labels[i] ? stays : (1 - stays) * share / (1 - of_last);
                assert_close(scores[c], share, 1e-12);
                assert_true(scores[c] <= scores[(int)y]);
            }
            if (kind == KEDGE_BASELINE_LAST)
                assert_int_equal((int)y, labels[i]);
        }
        guard_free(mem);
    }
}

static void test_baselines_of_values(void **state)
{
    (void)state;
    for (uint32_t kind = KEDGE_BASELINE_LAST; kind <= KEDGE_BASELINE_USUAL; kind++) {
        kedge_baseline_config cfg = kedge_baseline_defaults(1, 0);
        kedge_model m;
        double x = 0, y, sum = 0, weight = 0;
        cfg.kind = kind;
        cfg.fading = 0.9;
        void *mem = new_model(&m, &cfg.base);
        for (int i = 0; i < 50; i++) {
            double target = sin(i) * 1e3;
            assert_int_equal(kedge_model_learn(&m, &x, target, 1), KEDGE_OK);
            sum = 0.9 * sum + target;
            weight = 0.9 * weight + 1;
            assert_int_equal(kedge_model_predict(&m, &x, &y), KEDGE_OK);
            assert_close(y, kind == KEDGE_BASELINE_LAST ? target : sum / weight, 1e-12);
        }
        guard_free(mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows_the_best_member),
        cmocka_unit_test(test_weighs_as_the_paper_says),
        cmocka_unit_test(test_many_classes_vote),
        cmocka_unit_test(test_neighbours_have_their_room),
        cmocka_unit_test(test_neighbours_follow_what_moves),
        cmocka_unit_test(test_defaults_have_room),
        cmocka_unit_test(test_refuses_and_bears),
        cmocka_unit_test(test_follows_the_best_member_of_values),
        cmocka_unit_test(test_weighs_values_by_their_density),
        cmocka_unit_test(test_values_bear_anything),
        cmocka_unit_test(test_who_does_not_pay_rests),
        cmocka_unit_test(test_baselines_of_classes),
        cmocka_unit_test(test_baselines_of_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
