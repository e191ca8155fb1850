/* SPDX-License-Identifier: MIT */
/* The baselines: the last target again, or the usual one. */
#include <math.h>

#include "support.h"

static void *new_model(kedge_model *m, const kedge_model_config *cfg)
{
    size_t bytes = kedge_model_size(cfg);
    void *mem = guard_new(bytes, 0xA5);
    assert_true(bytes > 0);
    assert_int_equal(kedge_model_init(m, cfg, mem, bytes), KEDGE_OK);
    return mem;
}

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
        cmocka_unit_test(test_baselines_of_classes),
        cmocka_unit_test(test_baselines_of_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
