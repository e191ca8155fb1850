/* SPDX-License-Identifier: MIT */
/* Earlier targets as features, and streaming gradient boosting, against the same written out. */
#include "members.h"

/* A series whose next class is told by the last two: the row says nothing. A plain model guesses. */
static void test_lagged_classes(void **unused)
{
    (void)unused;
    for (uint32_t n_classes = 2; n_classes <= 3; n_classes++)
        for (uint32_t one_hot = 0; one_hot <= 1; one_hot++) {
            rig r;
            kedge_lagged_config cfg;
            kedge_rng rng = {9};
            assert_int_equal(kedge_lagged_class(&r.cls, &kedge_hoeffding_tree), KEDGE_OK);
            assert_int_equal(kedge_lagged_config_init(&cfg, sizeof cfg, &r.cls, 1, n_classes), KEDGE_OK);
            cfg.n_lags = 2;
            cfg.one_hot = one_hot;
            assert_int_equal(kedge_lagged_features(&cfg), 1 + 2 * (n_classes == 3 && one_hot ? 3 : 1));
            kedge_hoeffding_tree_config tree = kedge_hoeffding_tree_defaults(kedge_lagged_features(&cfg), n_classes);
            cfg.model = &tree.base;
            rig_init(&r, &cfg.base);
            size_t right = 0;
            double last = 0, before = 0;
            for (int i = 0; i < 4000; i++) {
                double x = kedge_rng_uniform(&rng), says = -1;
                double y = last == 0 && kedge_rng_uniform(&rng) < 0.95 ? n_classes - 1.0 : before == 0 ? 0.0 : 1.0;
                assert_true(kedge_model_predict(&r.m, &x, &says) >= 0);
                right += i >= 2000 && says == y;
                assert_int_equal(kedge_model_learn(&r.m, &x, y, 1), KEDGE_OK);
                before = last;
                last = y;
            }
            assert_true(right > 1800);
            rig_end(&r);
        }
}

/* Least squares on lags is autoregression: the same as least squares on rows that hold them. */
static void test_lagged_values(void **unused)
{
    (void)unused;
    rig r;
    kedge_lagged_config cfg;
    kedge_rls_config rls = kedge_rls_defaults(3);
    kedge_model alone;
    _Alignas(8) unsigned char mem[KEDGE_RLS_BYTES_FOR(3u)];
    kedge_rng rng = {10};
    assert_int_equal(kedge_lagged_class(&r.cls, &kedge_rls), KEDGE_OK);
    assert_int_equal(kedge_lagged_config_init(&cfg, sizeof cfg, &r.cls, 1, 0), KEDGE_OK);
    cfg.n_lags = 2;
    cfg.model = &rls.base;
    rig_init(&r, &cfg.base);
    assert_int_equal(kedge_model_init(&alone, &rls.base, mem, sizeof mem), KEDGE_OK);
    double lags[2] = {0, 0};
    for (int i = 0; i < 500; i++) {
        double x[3] = {kedge_rng_normal(&rng), lags[0], lags[1]}, ours = 0, its = 0;
        double y = 0.5 * lags[0] - 0.3 * lags[1] + x[0];
        assert_true(kedge_model_predict(&r.m, x, &ours) >= 0);
        assert_true(kedge_model_predict(&alone, x, &its) >= 0);
        assert_true(ours == its);
        assert_true(i < 50 || fabs(ours - y) < 1e-3);
        assert_int_equal(kedge_model_learn(&r.m, x, y, 1), KEDGE_OK);
        assert_int_equal(kedge_model_learn(&alone, x, y, 1), KEDGE_OK);
        lags[1] = lags[0];
        lags[0] = y;
    }
    rig_end(&r);
}

/* Boosting written out over least squares: each step learns the Newton target of what the steps before it gave. */
static void sgbt_written_out(uint32_t n_classes)
{
    enum { STEPS = 4, K_MAX = 3 };
    rig r;
    kedge_rls_config rls = kedge_rls_defaults(2);
    kedge_sgbt_config cfg;
    kedge_model steps[STEPS][K_MAX];
    static _Alignas(8) unsigned char mem[STEPS][K_MAX][KEDGE_RLS_BYTES_FOR(2u)];
    uint32_t width = n_classes > 2 ? n_classes : 1;
    kedge_rng rng = {21};
    double mean = 0;
    assert_int_equal(kedge_sgbt_class(&r.cls, &kedge_rls), KEDGE_OK);
    assert_int_equal(kedge_sgbt_config_init(&cfg, sizeof cfg, &r.cls, 2, n_classes), KEDGE_OK);
    cfg.members.model = &rls.base;
    cfg.members.n = STEPS;
    cfg.rate = 0.5;
    rig_init(&r, &cfg.base);
    for (int i = 0; i < STEPS * K_MAX; i++)
        assert_int_equal(kedge_model_init(&steps[i / K_MAX][i % K_MAX], &rls.base, mem[i / K_MAX][i % K_MAX], sizeof mem[0][0]),
                         KEDGE_OK);
    for (int i = 0; i < 300; i++) {
        double x[2] = {kedge_rng_normal(&rng), kedge_rng_normal(&rng)}, y = x[0] > 0.3 ? (x[1] > 0 ? 1 : n_classes - 1.0) : 0,
               sums[K_MAX] = {0};
        y = n_classes > 0 ? y : 3 * x[0] + x[0] * x[1];
        mean += (y - mean) / (i + 1);
        sums[0] = n_classes == 0 ? mean : 0;
        for (int t = 0; t < STEPS; t++) {
            double shares[K_MAX] = {0}, total = 0;
            for (uint32_t k = 0; n_classes > 2 && k < width; k++)
                total += shares[k] = exp(sums[k]);
            for (uint32_t k = 0; k < width; k++) {
                double p = n_classes > 2 ? shares[k] / total : 1 / (1 + exp(-sums[0])), h = fmax(p * (1 - p), 1e-3), says = 0;
                double target = n_classes == 0 ? y - sums[0] : fmax(-4, fmin(((y == (width == 1 ? 1 : k)) - p) / h, 4));
                assert_true(kedge_model_predict(&steps[t][k], x, &says) >= 0);
                assert_int_equal(kedge_model_learn(&steps[t][k], x, target, n_classes == 0 ? 1 : 4 * h), KEDGE_OK);
                sums[k] += 0.5 * (n_classes == 0 ? says : fmax(-4, fmin(says, 4)));
            }
        }
        assert_int_equal(kedge_model_learn(&r.m, x, y, 1), KEDGE_OK);
        double scores[K_MAX], again[K_MAX] = {n_classes == 0 ? mean : 0}, total = 0, says;
        assert_int_equal(kedge_model_score(&r.m, x, scores, n_classes ? n_classes : 1), KEDGE_OK);
        assert_int_equal(kedge_model_predict(&r.m, x, &says), KEDGE_OK);
        for (int t = 0; t < STEPS; t++)
            for (uint32_t k = 0; k < width; k++) {
                double own;
                assert_int_equal(kedge_model_predict(&steps[t][k], x, &own), KEDGE_OK);
                again[k] += 0.5 * (n_classes == 0 ? own : fmax(-4, fmin(own, 4)));
            }
        for (uint32_t k = 0; k < width; k++)
            total += exp(again[k]);
        if (n_classes == 0)
            assert_true(fabs(scores[0] - again[0]) <= 1e-9 * (1 + fabs(again[0])) && says == scores[0]);
        else
            assert_true(fabs(scores[1] - (n_classes == 2 ? 1 / (1 + exp(-again[0])) : exp(again[1]) / total)) < 1e-9);
        for (uint32_t c = 0; c < n_classes; c++)
            assert_true(scores[c] <= scores[(int)says]);
    }
    rig_end(&r);
}

static void test_gradient_boosting_written_out(void **unused)
{
    (void)unused;
    sgbt_written_out(0);
    sgbt_written_out(2);
    sgbt_written_out(3);
}

/* Trees that follow drift, boosted on features drawn for each. */
static void test_gradient_boosting_follows(void **unused)
{
    (void)unused;
    rig r;
    kedge_fimt_dd_config tree = kedge_fimt_dd_defaults(2);
    kedge_sgbt_config cfg;
    kedge_rng rng = {22};
    tree.growth.memory = 20000;
    tree.growth.grace = 25;
    assert_int_equal(kedge_sgbt_class(&r.cls, &kedge_fimt_dd), KEDGE_OK);
    assert_int_equal(kedge_sgbt_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
    cfg.members.model = &tree.base;
    cfg.members.n = 20;
    cfg.rate = 0.1;
    rig_init(&r, &cfg.base);
    (void)run(&r.m, &rng, 2000, 0);
    assert_true(run(&r.m, &rng, 1000, 0) > 900);
    (void)run(&r.m, &rng, 2000, 1);
    assert_true(run(&r.m, &rng, 1000, 1) > 880);
    rig_end(&r);
}

static void test_lagged_refuses(void **unused)
{
    (void)unused;
    kedge_members_class cls;
    kedge_lagged_config cfg;
    assert_int_equal(kedge_lagged_class(&cls, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_lagged_class(&cls, &kedge_rls), KEDGE_OK);
    assert_int_equal(kedge_lagged_config_init(&cfg, sizeof cfg, NULL, 1, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_lagged_config_init(&cfg, sizeof cfg - 8, &cls, 1, 0), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_lagged_config_init(&cfg, sizeof cfg, &cls, 65535, 0), KEDGE_OK);
    assert_int_equal(kedge_lagged_features(NULL), 0);
    assert_int_equal(kedge_lagged_features(&cfg), 65536);
    cfg.base.n_features = UINT32_MAX;
    assert_int_equal(kedge_lagged_features(&cfg), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lagged_classes),
        cmocka_unit_test(test_lagged_values),
        cmocka_unit_test(test_gradient_boosting_written_out),
        cmocka_unit_test(test_gradient_boosting_follows),
        cmocka_unit_test(test_lagged_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
