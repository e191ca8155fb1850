/* SPDX-License-Identifier: MIT */
/* AMRules: the rules themselves, answers of ordered and unordered sets, drift, anomalies, little room, hostile rows. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"
#include "friedman.h"

static void *new_rules(kedge_model *m, const kedge_amrules_config *cfg)
{
    size_t bytes = kedge_model_size(&cfg->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_true(bytes > 0 && bytes <= cfg->growth.memory);
    assert_int_equal(kedge_model_init(m, &cfg->base, mem, bytes), KEDGE_OK);
    return mem;
}

static uint32_t count(const kedge_model *m)
{
    uint32_t n;
    assert_int_equal(kedge_amrules_count(m, &n, NULL, NULL), KEDGE_OK);
    return n;
}

static uint64_t removed(const kedge_model *m)
{
    uint64_t n;
    assert_int_equal(kedge_amrules_count(m, NULL, NULL, &n), KEDGE_OK);
    return n;
}

static kedge_amrules_rule rule_of(const kedge_model *m, uint32_t i)
{
    kedge_amrules_rule rule;
    assert_int_equal(kedge_amrules_read(m, i, &rule), KEDGE_OK);
    return rule;
}

/* Written out plainly. */
static int covers(const kedge_amrules_rule *rule, const double *x)
{
    for (uint32_t k = 0; k < rule->n_conditions; k++) {
        const kedge_amrules_condition *c = &rule->conditions[k];
        double value = x[c->feature];
        int holds = c->kind == KEDGE_RULE_AT_MOST ? value <= c->value : c->kind == KEDGE_RULE_ABOVE ? value > c->value :
                    c->kind == KEDGE_RULE_IS ? value == c->value : value != c->value;
        if (!holds || isnan(value))
            return 0;
    }
    return 1;
}

/* Boxes with a constant each: which rule answers is seen by its mean. */
static double boxes(const double *x)
{
    return x[0] > 0.6 ? 40 : x[1] <= 0.3 ? 20 : x[2] == 1 ? 10 : 0;
}

static void draw_boxes(kedge_rng *rng, double *x)
{
    x[0] = kedge_rng_uniform(rng);
    x[1] = kedge_rng_uniform(rng);
    x[2] = (double)kedge_rng_below(rng, 3);
}

static void *learned_boxes(kedge_model *m, uint32_t ordered)
{
    kedge_amrules_config cfg = kedge_amrules_defaults(3);
    kedge_rng rng = {6};
    cfg.growth.leaf = KEDGE_HEAD_MEAN;
    cfg.growth.nominal[0] = 4;
    cfg.growth.n_values = 3;
    cfg.ordered = ordered;
    void *mem = new_rules(m, &cfg);
    for (int i = 0; i < 6000; i++) {
        double x[3];
        draw_boxes(&rng, x);
        assert_int_equal(kedge_model_learn(m, x, boxes(x) + kedge_rng_uniform(&rng), 1), KEDGE_OK);
    }
    return mem;
}

/* What the set must say, from the rules that can be read. */
static double naive_answer(const kedge_model *m, const double *x, int ordered)
{
    double sum = 0, weights = 0;
    for (uint32_t i = 0; i < count(m); i++) {
        kedge_amrules_rule rule = rule_of(m, i);
        if (!covers(&rule, x))
            continue;
        if (ordered)
            return rule.mean;
        sum += rule.mean / (rule.error + 1e-3);
        weights += 1 / (rule.error + 1e-3);
    }
    return weights > 0 ? sum / weights : rule_of(m, count(m)).mean;
}

static void test_answers_are_those_of_the_rules(void **state)
{
    (void)state;
    for (uint32_t ordered = 0; ordered < 2; ordered++) {
        kedge_model m;
        kedge_rng rng = {60};
        double squares = 0;
        void *mem = learned_boxes(&m, ordered);
        assert_true(count(&m) >= 3);
        assert_int_equal(rule_of(&m, count(&m)).n_conditions, 0);
        for (int i = 0; i < 500; i++) {
            double x[3], y;
            draw_boxes(&rng, x);
            if (i % 10 == 0)
                x[i % 3] = (double)NAN;
            assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
            assert_close(y, naive_answer(&m, x, (int)ordered), 1e-9);
            squares += i % 10 == 0 ? 0 : (y - boxes(x) - 0.5) * (y - boxes(x) - 0.5);
        }
        assert_true(squares / 450 < 25); /* the target's variance is 250 */
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

/* All kinds of conditions are used, and none twice where the narrower one will do. */
static void test_conditions_are_narrow(void **state)
{
    (void)state;
    kedge_model m;
    int kinds[4] = {0, 0, 0, 0};
    void *mem = learned_boxes(&m, 1);
    for (uint32_t i = 0; i < count(&m); i++) {
        kedge_amrules_rule rule = rule_of(&m, i);
        assert_true(rule.n_conditions >= 1 && rule.n_conditions <= KEDGE_RULE_CONDITIONS && rule.weight > 0);
        for (uint32_t k = 0; k < rule.n_conditions; k++) {
            const kedge_amrules_condition *c = &rule.conditions[k];
            kinds[c->kind]++;
            assert_true(c->feature < 3 && (c->feature == 2) == (c->kind >= KEDGE_RULE_IS));
            for (uint32_t l = 0; l < k; l++)
                assert_true(c->kind == KEDGE_RULE_IS_NOT || rule.conditions[l].feature != c->feature ||
                            rule.conditions[l].kind != c->kind);
        }
    }
    assert_true(kinds[KEDGE_RULE_AT_MOST] > 0 && kinds[KEDGE_RULE_ABOVE] > 0 && kinds[KEDGE_RULE_IS] +
                kinds[KEDGE_RULE_IS_NOT] > 0);
    guard_free(mem);
}

static double rules_r2(kedge_amrules_config cfg, int n, int change, uint32_t *n_rules, uint64_t *n_removed)
{
    kedge_model m;
    void *mem = new_rules(&m, &cfg);
    double r2 = friedman_run(&m, 11, n, change);
    *n_rules = count(&m);
    *n_removed = removed(&m);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
    return r2;
}

static void test_rules_beat_a_plane(void **state)
{
    (void)state;
    kedge_amrules_config cfg = kedge_amrules_defaults(5);
    uint32_t n_rules;
    uint64_t n_removed;
    double rules = rules_r2(cfg, 20000, 20000, &n_rules, &n_removed);
    assert_true(n_rules > 5 && n_removed == 0);
    cfg.growth.grace = 1u << 30;
    double plane = rules_r2(cfg, 20000, 20000, &n_rules, &n_removed);
    assert_int_equal(n_rules, 0);
    assert_true(rules > plane + 0.03 && rules > 0.78);
}

static void test_drift_removes_rules(void **state)
{
    (void)state;
    kedge_amrules_config cfg = kedge_amrules_defaults(5);
    uint32_t n_rules;
    uint64_t n_removed;
    cfg.growth.leaf = KEDGE_HEAD_MEAN;
    double forgets = rules_r2(cfg, 20000, 10000, &n_rules, &n_removed);
    assert_true(n_removed >= 3 && n_removed < 60);
    cfg.drift_threshold = 0;
    double never = rules_r2(cfg, 20000, 10000, &n_rules, &n_removed);
    assert_int_equal(n_removed, 0);
    assert_true(forgets > never + 0.2 && forgets > 0.3);
}

static void test_little_room(void **state)
{
    (void)state;
    kedge_amrules_config cfg = kedge_amrules_defaults(5);
    uint32_t n_rules, n_most;
    uint64_t n_removed;
    kedge_model m;
    cfg.growth.memory = 10000;
    void *mem = new_rules(&m, &cfg);
    assert_int_equal(kedge_amrules_count(&m, &n_rules, &n_most, &n_removed), KEDGE_OK);
    assert_true(n_rules == 0 && n_removed == 0 && n_most >= 1 && n_most <= 3);
    guard_free(mem);
    double r2 = rules_r2(cfg, 20000, 10000, &n_rules, &n_removed);
    assert_true(n_rules <= n_most && r2 > 0.5);
    cfg.growth.memory = 4000;
    assert_int_equal(kedge_model_size(&cfg.base), 0);
    cfg.growth.memory = 1;
    assert_int_equal(kedge_model_size(&cfg.base), 0);
    cfg.growth.memory = 500000000;
    cfg.base.n_features = 1;
    assert_true(kedge_model_size(&cfg.base) > 0 && kedge_model_size(&cfg.base) < 10000000); /* 4096 rules */
}

/* Rows that are far from a rule in every feature, with targets that would spoil it: the rule leaves them to the next one. */
static void test_anomalies_are_left_out(void **state)
{
    (void)state;
    double means[2];
    for (int guarded = 0; guarded < 2; guarded++) {
        kedge_amrules_config cfg = kedge_amrules_defaults(2);
        kedge_model m;
        kedge_rng rng = {12};
        cfg.growth.leaf = KEDGE_HEAD_MEAN;
        cfg.drift_threshold = 0;
        cfg.anomaly = guarded ? -0.75 : 0;
        void *mem = new_rules(&m, &cfg);
        for (int i = 0; i < 4000; i++) {
            double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)};
            double target = x[0] > 0.5 ? 1 + 0.1 * kedge_rng_uniform(&rng) : 10 * kedge_rng_uniform(&rng);
            if (i > 2000 && i % 10 == 0) {
                x[0] = x[1] = 1e6;
                target = 1000;
            }
            assert_int_equal(kedge_model_learn(&m, x, target, 1), KEDGE_OK);
        }
        assert_true(count(&m) >= 1);
        double x[2] = {0.75, 0.5};
        assert_int_equal(kedge_model_predict(&m, x, &means[guarded]), KEDGE_OK);
        guard_free(mem);
    }
    assert_true(means[1] > 0.9 && means[1] < 1.3 && means[0] > 2);
}

/* Conditions on one more feature than there is room for. */
static void test_full_rules_go_on_learning(void **state)
{
    (void)state;
    enum { WIDE = 14 };
    kedge_amrules_config cfg = kedge_amrules_defaults(WIDE);
    kedge_model m;
    kedge_rng rng = {2};
    uint32_t most = 0;
    cfg.growth.grace = 20;
    cfg.growth.tie = 10;
    cfg.growth.leaf = KEDGE_HEAD_MEAN;
    cfg.drift_threshold = 0;
    void *mem = new_rules(&m, &cfg);
    for (int i = 0; i < 60000; i++) {
        double x[WIDE], y = 0;
        for (int j = 0; j < WIDE; j++) {
            x[j] = (double)(kedge_rng_below(&rng, 10) > 0);
            y += x[j] > 0 ? 1 : 5 * kedge_rng_uniform(&rng); /* surer where it is 1 */
        }
        assert_int_equal(kedge_model_learn(&m, x, y, 1), KEDGE_OK);
    }
    for (uint32_t i = 0; i < count(&m); i++)
        most = rule_of(&m, i).n_conditions > most ? rule_of(&m, i).n_conditions : most;
    assert_int_equal(most, KEDGE_RULE_CONDITIONS);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

static void test_nothing_makes_it_diverge(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        kedge_amrules_config cfg = kedge_amrules_defaults(4);
        kedge_model m;
        kedge_rng rng = {seed};
        double y = 0;
        cfg.growth.memory = seed % 2 ? 20000 : 200000;
        cfg.growth.grace = 20;
        cfg.growth.tie = 0.5;
        cfg.growth.n_values = 8;
        cfg.growth.leaf = seed % 4 == 0 ? KEDGE_HEAD_LINEAR : KEDGE_HEAD_ADAPTIVE;
        cfg.growth.nominal[0] = seed % 3 == 0 ? 2 : 0;
        cfg.drift_threshold = seed % 2 ? 1 : 10;
        cfg.ordered = seed > 4;
        void *mem = new_rules(&m, &cfg);
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 4000; i++) {
            double x[4];
            for (int j = 0; j < 4; j++)
                x[j] = kedge_rng_below(&rng, 20) == 0 ? (double)NAN : hostile(&rng, 300);
            double target = i % 3 == 0 ? hostile(&rng, 100) : kedge_rng_uniform(&rng);
            double weight = i % 7 == 0 ? fmin(fabs(hostile(&rng, 300)), KEDGE_WEIGHT_MAX) : 1;
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            assert_true(fabs(y) <= KEDGE_TARGET_MAX);
            assert_int_equal(kedge_model_learn(&m, x, target, weight), KEDGE_OK);
            if (i % 500 == 0)
                assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        }
        assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

static void test_read_outs(void **state)
{
    (void)state;
    kedge_amrules_config cfg = kedge_amrules_defaults(2);
    kedge_fimt_dd_config tree = kedge_fimt_dd_defaults(2);
    kedge_model m, other;
    kedge_amrules_rule rule;
    double x[2] = {1, 2}, y = 1;
    void *mem = new_rules(&m, &cfg), *mem2 = guard_new(kedge_model_size(&tree.base), 0);
    assert_int_equal(kedge_model_init(&other, &tree.base, mem2, kedge_model_size(&tree.base)), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_EMPTY);
    assert_true(y == 0);
    assert_int_equal(kedge_model_learn(&m, x, 5, 1), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
    assert_true(y == 5 && rule_of(&m, 0).mean == 5 && rule_of(&m, 0).weight == 1);
    assert_int_equal(kedge_amrules_read(&m, 1, &rule), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_amrules_read(&m, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_amrules_read(NULL, 0, &rule), KEDGE_ERR_NULL);
    assert_int_equal(kedge_amrules_read(&other, 0, &rule), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_amrules_count(NULL, NULL, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_amrules_count(&other, NULL, NULL, NULL), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_amrules_count(&m, NULL, NULL, NULL), KEDGE_OK);
    guard_free(mem2);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_are_those_of_the_rules),
        cmocka_unit_test(test_conditions_are_narrow),
        cmocka_unit_test(test_rules_beat_a_plane),
        cmocka_unit_test(test_drift_removes_rules),
        cmocka_unit_test(test_little_room),
        cmocka_unit_test(test_anomalies_are_left_out),
        cmocka_unit_test(test_full_rules_go_on_learning),
        cmocka_unit_test(test_nothing_makes_it_diverge),
        cmocka_unit_test(test_read_outs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
