/* SPDX-License-Identifier: MIT */
/* The portfolio for classes: it follows its best member; its weights are those of the papers. */
#include <fenv.h>
#include <math.h>

#include "portfolio.h"

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

/* Learn-alpha written out: n experts, three rates, and what is shared out goes by the prior. */
typedef struct alpha {
    double top[3];
    double w[3][KEDGE_AUTO_MEMBERS + 1];
    double prior[KEDGE_AUTO_MEMBERS + 1];
    int n;
} alpha;

static void alpha_begin(alpha *a, int n)
{
    a->n = n;
    for (int j = 0; j < 3; j++) {
        a->top[j] = 1.0 / 3;
        memcpy(a->w[j], a->prior, sizeof a->prior);
    }
}

static double alpha_weight(const alpha *a, int k)
{
    return a->top[0] * a->w[0][k] + a->top[1] * a->w[1][k] + a->top[2] * a->w[2][k];
}

static void alpha_learn(alpha *a, const double *likely)
{
    const double rates[3] = {0.0003, 0.003, 0.03};
    double given[3], sum = 0;
    for (int j = 0; j < 3; j++) {
        given[j] = 0;
        for (int k = 0; k < a->n; k++)
            given[j] += a->w[j][k] * likely[k];
        for (int k = 0; k < a->n; k++)
            a->w[j][k] = (1 - rates[j]) * a->w[j][k] * likely[k] / given[j] + rates[j] * a->prior[k];
        sum += a->top[j] * given[j];
    }
    for (int j = 0; j < 3; j++)
        a->top[j] = 0.999 * a->top[j] * given[j] / sum + 0.001 / 3;
}

static double wrong_if(int wrong)
{
    return wrong ? exp(-0.3) : 1;
}

/* Both mixtures written out, with the members' own shares: by what these gave the label, and, of that mixture and the members, by
 * who was right. Shares of neighbours are mixed with even ones, in proportions that are learned, and left out while they count
 * little. */
static void test_weighs_as_the_paper_says(void **state)
{
    (void)state;
    enum { MIXED = KEDGE_AUTO_MEMBERS };
    alpha mixture = {.prior = {0.4, 0.4, 0.08, 0.06, 0.06, 0.05, 0.05}};
    alpha voters = {.prior = {0}};
    double trust[2] = {0.9, 0.9};
    kedge_auto_config cfg = kedge_auto_defaults(4, 2);
    kedge_model m, member;
    kedge_rng rng = {9};
    int label = 0, n_silent = 0, n_swayed = 0;
    cfg.memory = 150000;
    cfg.n_trees = 2;
    void *mem = new_model(&m, &cfg.base);
    for (int k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        mixture.prior[k] /= 1.1;
        voters.prior[k] = 0.2 / KEDGE_AUTO_MEMBERS;
    }
    voters.prior[MIXED] = 0.8;
    alpha_begin(&mixture, KEDGE_AUTO_MEMBERS);
    alpha_begin(&voters, KEDGE_AUTO_MEMBERS + 1);
    for (int i = 0; i < 3000; i++) {
        double x[4], likely[KEDGE_AUTO_MEMBERS], likely_vote[KEDGE_AUTO_MEMBERS + 1], has[KEDGE_AUTO_MEMBERS];
        double mixed[2] = {0}, said[2] = {0}, scores[2];
        label = draw_row(&rng, i / 700, i, label, x);
        assert_int_equal(kedge_auto_weights(&m, has), KEDGE_OK);
        for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
            double in_mixture = alpha_weight(&mixture, (int)k), all = 1;
            double counts = alpha_weight(&voters, (int)k) + alpha_weight(&voters, MIXED) * in_mixture;
            assert_close(has[k], counts, 1e-9);
            assert_int_equal(kedge_auto_member(&m, k, &member), KEDGE_OK);
            assert_true(kedge_model_score(&member, x, scores, 2) >= 0);
            likely_vote[k] = wrong_if((scores[1] > scores[0]) != label);
            if (k >= KEDGE_AUTO_NEAR) {
                double *part = &trust[k - KEDGE_AUTO_NEAR], own = scores[label];
                all = *part;
                *part += 0.003 * (*part * own / (*part * own + (1 - *part) / 2) - *part);
                *part = fmin(fmax(*part, 0.01), 0.999);
            }
            for (int c = 0; c < 2; c++)
                scores[c] = all * scores[c] + (1 - all) / 2;
            likely[k] = 0.999 * scores[label] + 0.001 / 2;
            int is_silent = k >= KEDGE_AUTO_NEAR && counts < 0.01;
            n_silent += is_silent;
            for (int c = 0; c < 2; c++) {
                mixed[c] += in_mixture * scores[c];
                said[c] += is_silent ? 0 : counts * scores[c];
            }
        }
        likely_vote[MIXED] = wrong_if((mixed[1] > mixed[0]) != label);
        n_swayed += (mixed[1] > mixed[0]) != (said[1] > said[0]);
        if (i > 0) {
            assert_int_equal(kedge_model_score(&m, x, scores, 2), KEDGE_OK);
            assert_close(scores[0], said[0] / (said[0] + said[1]), 1e-9);
            assert_close(scores[1], said[1] / (said[0] + said[1]), 1e-9);
        }
        alpha_learn(&mixture, likely);
        alpha_learn(&voters, likely_vote);
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_in_range(n_silent, 100, 5900); /* now and then */
    assert_true(n_swayed > 0);
    guard_free(mem);
}

/* Labels that mostly last, among four, and rows that tell a little. Each change makes the mixture, which goes by shares, doubt the
 * last label; who is right most often is still that. */
static void test_is_no_worse_than_a_baseline(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        kedge_auto_config cfg = kedge_auto_defaults(5, 4);
        kedge_model m;
        kedge_rng rng = {seed};
        double centers[4][5];
        int label = 0, right = 0, right_of_last = 0;
        cfg.memory = 300000;
        cfg.n_trees = 3;
        void *mem = new_model(&m, &cfg.base);
        for (int i = 0; i < 6000; i++) {
            double x[5], y;
            int last = label;
            for (int j = 0; i % 2000 == 0 && j < 20; j++)
                centers[j / 5][j % 5] = 0.6 * kedge_rng_normal(&rng);
            label = kedge_rng_below(&rng, 4) ? label : (int)kedge_rng_below(&rng, 4);
            for (int j = 0; j < 5; j++)
                x[j] = centers[label][j] + kedge_rng_normal(&rng);
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            right += (int)y == label;
            right_of_last += last == label;
            assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
        }
        assert_true(right >= right_of_last - 30); /* half a point */
        guard_free(mem);
    }
}

/* Many features that say the same make naive Bayes too sure: its shares cost much, and yet it is right most often. */
static void test_hears_who_is_right_though_too_sure(void **state)
{
    (void)state;
    enum { D = 8, CLASSES = 15 };
    kedge_auto_config cfg = kedge_auto_defaults(D, CLASSES);
    kedge_model m, member;
    kedge_rng rng = {3};
    double centers[CLASSES][D];
    int right = 0, right_of[KEDGE_AUTO_MEMBERS] = {0}, best = 0;
    cfg.memory = 500000;
    cfg.n_trees = 3;
    void *mem = new_model(&m, &cfg.base);
    for (int i = 0; i < 9000; i++) {
        double x[D], y;
        int label = (int)kedge_rng_below(&rng, CLASSES);
        for (int j = 0; i % 1500 == 0 && j < CLASSES * D; j++)
            centers[j / D][j % D] = 4 * kedge_rng_uniform(&rng);
        for (int j = 0; j < D; j++)
            x[j] = centers[label][j] + 0.9 * kedge_rng_normal(&rng);
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right += (int)y == label;
        for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
            assert_int_equal(kedge_auto_member(&m, k, &member), KEDGE_OK);
            assert_true(kedge_model_predict(&member, x, &y) >= 0);
            right_of[k] += (int)y == label;
        }
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    for (int k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        best = right_of[k] > best ? right_of[k] : best;
    assert_int_equal(best, right_of[KEDGE_AUTO_BAYES]);
    assert_true(right >= best - 27); /* three rows in a thousand */
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
                assert_close(weights[KEDGE_AUTO_FOREST], 0.8 * 0.4 + 0.2 / 5, 1e-12);
            }
            guard_free(mem);
            cfg.n_near = 0;
            mem = new_model(&m, &cfg.base);
            assert_int_equal(kedge_auto_member(&m, KEDGE_AUTO_NEAR, &member), KEDGE_ERR_RANGE);
            guard_free(mem);
        }
}

/* By default there is room for 50 rows of each class, if that is not too much to ask for. */
static void test_many_classes_have_neighbours(void **state)
{
    (void)state;
    const uint32_t features[] = {2, 21, 21, 300}, classes[] = {2, 2, 40, 90};
    const uint32_t memory[] = {2u << 20, 2u << 20, 8 * (uint32_t)KEDGE_SAM_KNN_BYTES_FOR(21u, 2000u), 16u << 20};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) {
        kedge_auto_config cfg = kedge_auto_defaults(features[i], classes[i]);
        kedge_model m, member;
        if (i < 3)
            assert_int_equal(cfg.memory, memory[i]);
        else
            assert_true(cfg.memory >= memory[i]); /* the forest needs more */
        void *mem = new_model(&m, &cfg.base);
        assert_int_equal(kedge_auto_member(&m, KEDGE_AUTO_NEAR, &member), KEDGE_OK);
        size_t bytes = ((const kedge_model_state *)member.state)->head.bytes;
        assert_true(i == 3 || bytes >= KEDGE_SAM_KNN_BYTES_FOR(features[i], 50 * classes[i] - 32)); /* but for rounding */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows_the_best_member),
        cmocka_unit_test(test_weighs_as_the_paper_says),
        cmocka_unit_test(test_is_no_worse_than_a_baseline),
        cmocka_unit_test(test_hears_who_is_right_though_too_sure),
        cmocka_unit_test(test_neighbours_have_their_room),
        cmocka_unit_test(test_many_classes_have_neighbours),
        cmocka_unit_test(test_neighbours_follow_what_moves),
        cmocka_unit_test(test_many_classes_vote),
        cmocka_unit_test(test_defaults_have_room),
        cmocka_unit_test(test_refuses_and_bears),
        cmocka_unit_test(test_who_does_not_pay_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
