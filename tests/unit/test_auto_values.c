/* SPDX-License-Identifier: MIT */
/* The portfolio for values: it follows its best member, by the density that each gave the value. */
#include <fenv.h>
#include <math.h>

#include "portfolio.h"

enum { VALUES_MEMBERS = KEDGE_AUTO_NEAR }; /* of a regression */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows_the_best_member_of_values),
        cmocka_unit_test(test_weighs_values_by_their_density),
        cmocka_unit_test(test_values_bear_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
