/* SPDX-License-Identifier: MIT */
/* Scorecards: figures set by hand, rules and comparisons beside a naive reading of them. */
#include <float.h>
#include <stdio.h>

#include "cards.h"

static kedge_scorecard other;

/* Beginning, and by hand ------------------------------------------------------------------------------------------------------ */

static void test_begin(void **unused)
{
    char name[KEDGE_CARD_NAME_MAX + 2];
    (void)unused;
    begin(&card, NULL, NULL);
    begin(&other, "", "");
    assert_memory_equal(&card, &other, sizeof card); /* padding too */
    assert_int_equal(n_taken(&card), 0);
    for (uint32_t i = 0; i < KEDGE_CARD_ROOM; i++)
        assert_true(card.figures[i].value != card.figures[i].value);
    memset(name, 'x', sizeof name);
    name[KEDGE_CARD_NAME_MAX + 1] = '\0';
    assert_int_equal(kedge_scorecard_init(&card, sizeof card, name, ""), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_init(&card, sizeof card, "", name), KEDGE_ERR_RANGE);
    assert_memory_equal(&card, &other, sizeof card);
    name[KEDGE_CARD_NAME_MAX] = '\0';
    assert_int_equal(kedge_scorecard_init(&card, sizeof card, name, name), KEDGE_OK);
    assert_string_equal(card.model, name);
    assert_string_equal(card.version, name);
    assert_int_equal(kedge_scorecard_init(NULL, sizeof card, "", ""), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_init(&card, sizeof card - 1, "", ""), KEDGE_ERR_CONFIG);
}

static void test_set(void **unused)
{
    kedge_scorecard before;
    (void)unused;
    begin(&card, "m", "1");
    set(&card, KEDGE_CARD_ACCURACY, 0.9, 0.8, 0.95, 40);
    assert_figure(KEDGE_CARD_ACCURACY, 0.9, 0.8, 0.95, 40);
    set(&card, KEDGE_CARD_ACCURACY, 0.9, 0.8, nan_, 40); /* one end is none */
    assert_figure(KEDGE_CARD_ACCURACY, 0.9, nan_, nan_, 40);
    set(&card, KEDGE_CARD_ACCURACY, nan_, 0.1, 0.2, 0);
    assert_figure(KEDGE_CARD_ACCURACY, nan_, nan_, nan_, 0);
    set(&card, KEDGE_CARD_BIAS, -inf, -inf, inf, UINT64_MAX);
    assert_figure(KEDGE_CARD_BIAS, -inf, -inf, inf, UINT64_MAX);
    memcpy(&before, &card, sizeof card);
    assert_int_equal(kedge_scorecard_set(&card, KEDGE_CARD_ACCURACY, 0.9, 0.91, 0.95, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set(&card, KEDGE_CARD_ACCURACY, 0.9, 0.8, 0.89, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set(&card, KEDGE_CARD_DRIFTS, -1, nan_, nan_, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set(&card, KEDGE_CARD_FIGURES, 1, nan_, nan_, 1), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_scorecard_set(NULL, 0, 1, nan_, nan_, 1), KEDGE_ERR_NULL);
    assert_memory_equal(&before, &card, sizeof card);
    card.card_bytes--;
    assert_int_equal(kedge_scorecard_set(&card, 0, 1, nan_, nan_, 1), KEDGE_ERR_CONFIG);
}

static void test_extras(void **unused)
{
    kedge_scorecard before;
    char name[KEDGE_CARD_EXTRA_MAX + 2];
    (void)unused;
    begin(&card, "m", "1");
    for (uint32_t i = 0; i < KEDGE_CARD_EXTRAS; i++) {
        snprintf(name, sizeof name, "figure %u", i);
        assert_int_equal(kedge_scorecard_set_extra(&card, name, 1 + i % 5, (int32_t)(i % 3) - 1, i, nan_, nan_, i), KEDGE_OK);
        assert_int_equal(card.n_extras, i + 1);
    }
    memcpy(&before, &card, sizeof card);
    assert_int_equal(kedge_scorecard_set_extra(&card, "one more", 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_scorecard_set_extra(&card, "", 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 0", 0, 1, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 0", 6, 1, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 0", 1, 2, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 0", 1, 1, 0, 1, 2, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_scorecard_set_extra(&card, NULL, 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_set_extra(NULL, "figure 0", 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_NULL);
    memset(name, 'y', sizeof name);
    name[KEDGE_CARD_EXTRA_MAX + 1] = '\0';
    assert_int_equal(kedge_scorecard_set_extra(&card, name, 1, 1, 0, nan_, nan_, 0), KEDGE_ERR_RANGE);
    assert_memory_equal(&before, &card, sizeof card);
    assert_int_equal(kedge_scorecard_set_extra(&card, "figure 7", 2, 1, 77, 70, 80, 3), KEDGE_OK); /* again: in its place */
    assert_int_equal(card.n_extras, KEDGE_CARD_EXTRAS);
    assert_true(card.extras[7].figure.value == 77 && card.extras[7].figure.high == 80 && card.extras[7].kind == 2);
    begin(&card, "m", "1"); /* names that are told alike are one */
    assert_int_equal(kedge_scorecard_set_extra(&card, "a\xFF", 1, 1, 1, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&card, "a\xFE", 1, 1, 2, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(card.n_extras, 1);
}

static void test_names(void **unused)
{
    kedge_card_about about, again;
    uint32_t figure;
    (void)unused;
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++) {
        assert_int_equal(kedge_scorecard_describe(i, &about), KEDGE_OK);
        assert_int_equal(kedge_scorecard_find(about.name, &figure), KEDGE_OK);
        assert_int_equal(figure, i); /* names differ */
        assert_true(strlen(about.name) <= 28 && strspn(about.name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(about.name));
        assert_true(about.kind >= KEDGE_KIND_QUALITY && about.kind <= KEDGE_KIND_COMPLIANCE);
        assert_true(about.direction >= -1 && about.direction <= 1 && (!about.counter || about.direction == 0));
        assert_true(strlen(about.help) > 5 && !strpbrk(about.help, "\"\\\n"));
        assert_true(!*about.unit || !strcmp(about.unit, "ns") || !strcmp(about.unit, "bytes") || !strcmp(about.unit, "joules"));
    }
    assert_int_equal(kedge_scorecard_describe(KEDGE_CARD_FIGURES, &again), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_scorecard_describe(0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_find("beauty", &figure), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_scorecard_find(NULL, &figure), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_find("auc", NULL), KEDGE_ERR_NULL);
    assert_string_equal(kedge_kind_string(KEDGE_KIND_UPKEEP), "upkeep");
    assert_string_equal(kedge_kind_string(0), "unknown");
    assert_string_equal(kedge_kind_string(6), "unknown");
    assert_string_equal(kedge_scorecard_outcome_string(KEDGE_CARD_UNSURE), "unsure");
    assert_string_equal(kedge_scorecard_outcome_string(99), "unknown");
}

/* Rules ----------------------------------------------------------------------------------------------------------------------- */

static kedge_battery_check judge_one(kedge_scorecard_rule rule, int with_champion, kedge_status expected)
{
    kedge_battery_check c;
    memset(&c, 0xA5, sizeof c);
    assert_int_equal(kedge_scorecard_judge(&card, with_champion ? &other : NULL, &rule, 1, &c), expected);
    return c;
}

static void assert_check(kedge_battery_check c, int32_t verdict, int32_t why, double limit)
{
    assert_int_equal(c.verdict, verdict);
    assert_int_equal(c.why, why);
    if (!same(c.limit, limit))
        assert_close(c.limit, limit, 1e-15);
}

static void test_rules(void **unused)
{
    const uint32_t acc = KEDGE_CARD_ACCURACY, p99 = KEDGE_CARD_LATENCY_P99, least = KEDGE_AT_LEAST, most = KEDGE_AT_MOST;
    const uint32_t value = KEDGE_BY_VALUE, interval = KEDGE_BY_INTERVAL;
    typedef kedge_scorecard_rule rule;
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    begin(&card, "new", "2");
    begin(&other, "old", "1");
    set(&card, acc, 0.9, 0.85, 0.94, 100);
    set(&other, acc, 0.92, 0.9, 0.93, 100);
    set(&card, p99, 120, nan_, nan_, 0);
    set(&other, p99, 100, nan_, nan_, 0);
    set(&card, KEDGE_CARD_AUC, nan_, nan_, nan_, 0);
    set(&other, KEDGE_CARD_F1, nan_, nan_, nan_, 0);
    set(&card, KEDGE_CARD_F1, 0.5, nan_, nan_, 0);
    const int32_t pass = KEDGE_BATTERY_PASS, fail_ = KEDGE_BATTERY_FAIL, undecided = KEDGE_BATTERY_UNDECIDED;
    assert_check(judge_one((rule){acc, least, 0.9, 0, KEDGE_DRIFT, value, NULL}, 0, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.9);
    assert_check(judge_one((rule){acc, most, 0.9, 0, KEDGE_DRIFT, value, NULL}, 0, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.9);
    assert_check(judge_one((rule){acc, least, 0.91, 0, KEDGE_DRIFT, value, NULL}, 0, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND, 0.91);
    assert_check(judge_one((rule){acc, least, 0.91, 0, KEDGE_WARNING, value, NULL}, 0, KEDGE_WARNING), fail_, KEDGE_WHY_BEYOND,
                 0.91);
    assert_check(judge_one((rule){acc, least, 0.84, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.84);
    assert_check(judge_one((rule){acc, least, 0.86, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_EMPTY), undecided, KEDGE_WHY_UNSURE,
                 0.86);
    assert_check(judge_one((rule){acc, least, 0.86, 0, KEDGE_WARNING, interval, NULL}, 0, KEDGE_OK), undecided, KEDGE_WHY_UNSURE,
                 0.86);
    assert_check(judge_one((rule){acc, least, 0.95, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND,
                 0.95);
    assert_check(judge_one((rule){acc, most, 0.86, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_EMPTY), undecided, KEDGE_WHY_UNSURE,
                 0.86);
    assert_check(judge_one((rule){acc, most, 0.84, 0, KEDGE_DRIFT, interval, NULL}, 0, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND, 0.84);
    /* Beside the champion. */
    assert_check(judge_one((rule){acc, least, -0.01, 1, KEDGE_DRIFT, value, NULL}, 1, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND, 0.91);
    assert_check(judge_one((rule){acc, least, -0.03, 1, KEDGE_DRIFT, value, NULL}, 1, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.89);
    assert_check(judge_one((rule){acc, least, -0.01, 1, KEDGE_DRIFT, value, NULL}, 0, KEDGE_OK), KEDGE_BATTERY_SKIPPED,
                 KEDGE_WHY_NO_CHAMPION, nan_);
    /* The difference is -0.02 within sqrt(0.05^2 + 0.01^2) = 0.051 below: -0.071. */
    assert_check(judge_one((rule){acc, least, -0.072, 1, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 0.848);
    assert_check(judge_one((rule){acc, least, -0.070, 1, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_EMPTY), undecided, KEDGE_WHY_UNSURE,
                 0.85);
    assert_check(judge_one((rule){p99, most, 0, 1.2, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_OK), pass, KEDGE_WHY_WITHIN, 120);
    assert_check(judge_one((rule){p99, most, 0, 1.1, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_DRIFT), fail_, KEDGE_WHY_BEYOND, 110);
    /* What is not known. */
    assert_check(judge_one((rule){KEDGE_CARD_AUC, least, 0.5, 0, KEDGE_DRIFT, value, NULL}, 1, KEDGE_EMPTY), undecided,
                 KEDGE_WHY_UNDEFINED, 0.5);
    assert_check(judge_one((rule){KEDGE_CARD_MCC, least, 0.5, 0, KEDGE_WARNING, value, NULL}, 1, KEDGE_OK), undecided,
                 KEDGE_WHY_UNDEFINED, 0.5);
    assert_check(judge_one((rule){KEDGE_CARD_F1, least, 0, 1, KEDGE_DRIFT, value, NULL}, 1, KEDGE_EMPTY), undecided,
                 KEDGE_WHY_UNDEFINED, nan_);
    assert_check(judge_one((rule){KEDGE_CARD_EXTRA, least, 0, 0, KEDGE_DRIFT, value, "churn"}, 1, KEDGE_EMPTY), undecided,
                 KEDGE_WHY_UNDEFINED, 0);
    assert_int_equal(kedge_scorecard_set_extra(&card, "churn", KEDGE_KIND_QUALITY, -1, 3, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&other, "churn", KEDGE_KIND_QUALITY, -1, 2, nan_, nan_, 0), KEDGE_OK);
    assert_check(judge_one((rule){KEDGE_CARD_EXTRA, most, 0, 1.5, KEDGE_DRIFT, value, "churn"}, 1, KEDGE_OK), pass,
                 KEDGE_WHY_WITHIN, 3);
    /* Numbers at the ends. */
    set(&card, KEDGE_CARD_BIAS, DBL_MAX, -DBL_MAX, inf, 0);
    set(&other, KEDGE_CARD_BIAS, -inf, -inf, DBL_MAX, 0);
    assert_check(judge_one((rule){KEDGE_CARD_BIAS, least, 1e300, 1e6, KEDGE_DRIFT, interval, NULL}, 1, KEDGE_EMPTY), undecided,
                 KEDGE_WHY_UNSURE, -1e300);
    ASSERT_QUIET();
}

/* The most severe one counts, and a rule that is malformed writes nothing. */
static void test_many_rules(void **unused)
{
    kedge_scorecard_rule rules[] = {{KEDGE_CARD_ACCURACY, KEDGE_AT_LEAST, 0.95, 0, KEDGE_WARNING, KEDGE_BY_VALUE, NULL},
                                    {KEDGE_CARD_AUC, KEDGE_AT_LEAST, 0.5, 0, KEDGE_DRIFT, KEDGE_BY_VALUE, NULL},
                                    {KEDGE_CARD_ACCURACY, KEDGE_AT_LEAST, 0.99, 0, KEDGE_DRIFT, KEDGE_BY_VALUE, NULL}};
    kedge_battery_check checks[3], untouched[3];
    (void)unused;
    begin(&card, "m", "1");
    set(&card, KEDGE_CARD_ACCURACY, 0.9, nan_, nan_, 0);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 1, checks), KEDGE_WARNING);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 2, checks), KEDGE_EMPTY);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 3, checks), KEDGE_DRIFT);
    assert_int_equal(checks[0].verdict, KEDGE_BATTERY_FAIL);
    assert_int_equal(checks[1].verdict, KEDGE_BATTERY_UNDECIDED);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, NULL, 0, NULL), KEDGE_OK);
    memset(checks, 0x5C, sizeof checks);
    memcpy(untouched, checks, sizeof checks);
    const kedge_scorecard_rule good = rules[2];
    for (int k = 0; k < 13; k++) {
        rules[2] = good;
        rules[2].figure = k == 0 ? KEDGE_CARD_FIGURES : k == 1 ? KEDGE_CARD_EXTRA : good.figure;
        rules[2].side = k == 2 ? 0 : k == 3 ? 3 : good.side;
        rules[2].by = k == 4 ? 0 : k == 5 ? 3 : good.by;
        rules[2].limit = k == 6 ? nan_ : k == 7 ? 1.1e300 : good.limit;
        rules[2].share = k == 8 ? -1 : k == 9 ? 1.1e6 : k == 10 ? nan_ : 0;
        rules[2].status = k == 11 ? KEDGE_OK : k == 12 ? KEDGE_MORE : good.status;
        assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 3, checks), KEDGE_ERR_CONFIG);
    }
    assert_int_equal(kedge_scorecard_judge(NULL, NULL, rules, 2, checks), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, NULL, 2, checks), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_judge(&card, NULL, rules, 2, NULL), KEDGE_ERR_NULL);
    memset(&other, 0, sizeof other);
    assert_int_equal(kedge_scorecard_judge(&card, &other, rules, 2, checks), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_scorecard_judge(&other, NULL, rules, 2, checks), KEDGE_ERR_CONFIG);
    assert_memory_equal(checks, untouched, sizeof checks);
}

/* Comparisons ----------------------------------------------------------------------------------------------------------------- */

static uint32_t outcome_of(uint32_t figure)
{
    kedge_scorecard_comparison c;
    assert_int_equal(kedge_scorecard_compare(&other, &card, &c), KEDGE_OK);
    return c.figures[figure];
}

/* As the page says it: by value, and where intervals are known the squares of the ends towards each other add up. */
static uint32_t naive_outcome(const kedge_card_figure *was, const kedge_card_figure *is, int32_t direction)
{
    double d = is->value - was->value;
    double below = is->low == is->low ? (is->value - is->low) * (is->value - is->low) : 0;
    double above = is->high == is->high ? (is->high - is->value) * (is->high - is->value) : 0;
    below += was->high == was->high ? (was->high - was->value) * (was->high - was->value) : 0;
    above += was->low == was->low ? (was->value - was->low) * (was->value - was->low) : 0;
    if ((!was->taken && !is->taken) || direction == 0)
        return KEDGE_CARD_NONE;
    if (!was->taken || !is->taken || d != d)
        return KEDGE_CARD_UNKNOWN;
    if (d == 0)
        return KEDGE_CARD_EQUAL;
    if (d > 0 ? d * d <= below : d * d <= above)
        return KEDGE_CARD_UNSURE;
    return (d > 0) == (direction > 0) ? KEDGE_CARD_BETTER : KEDGE_CARD_WORSE;
}

static void test_compare(void **unused)
{
    kedge_rng rng = {11};
    kedge_scorecard_comparison c;
    kedge_card_about about;
    uint32_t seen[6] = {0};
    (void)unused;
    for (int turn = 0; turn < 200; turn++) {
        uint32_t n[6] = {0};
        begin(&card, "new", "2");
        begin(&other, "old", "1");
        for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++)
            draw(&card, i, &rng), draw(&other, i, &rng);
        assert_int_equal(kedge_scorecard_compare(&other, &card, &c), KEDGE_OK);
        for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++) {
            assert_int_equal(kedge_scorecard_describe(i, &about), KEDGE_OK);
            assert_int_equal(c.figures[i], naive_outcome(&other.figures[i], &card.figures[i], about.direction));
            n[c.figures[i]]++;
            seen[c.figures[i]]++;
        }
        assert_int_equal(c.n_better, n[KEDGE_CARD_BETTER]);
        assert_int_equal(c.n_worse, n[KEDGE_CARD_WORSE]);
        assert_int_equal(c.n_equal, n[KEDGE_CARD_EQUAL]);
        assert_int_equal(c.n_unsure, n[KEDGE_CARD_UNSURE]);
        assert_int_equal(c.n_unknown, n[KEDGE_CARD_UNKNOWN]);
    }
    for (int i = 0; i < 6; i++)
        assert_true(seen[i] > 50);
}

static void test_compare_ends(void **unused)
{
    kedge_scorecard_comparison c, untouched;
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    begin(&card, "new", "2");
    begin(&other, "old", "1");
    set(&card, KEDGE_CARD_BUDGET_LEFT, inf, nan_, nan_, 0), set(&other, KEDGE_CARD_BUDGET_LEFT, inf, nan_, nan_, 0);
    set(&card, KEDGE_CARD_MAE, -DBL_MAX, -inf, inf, 0), set(&other, KEDGE_CARD_MAE, DBL_MAX, -inf, inf, 0);
    set(&card, KEDGE_CARD_R2, DBL_MAX, nan_, nan_, 0), set(&other, KEDGE_CARD_R2, -inf, nan_, nan_, 0);
    assert_int_equal(outcome_of(KEDGE_CARD_BUDGET_LEFT), KEDGE_CARD_EQUAL);
    assert_int_equal(outcome_of(KEDGE_CARD_MAE), KEDGE_CARD_UNSURE);
    assert_int_equal(outcome_of(KEDGE_CARD_R2), KEDGE_CARD_BETTER);
    assert_int_equal(kedge_scorecard_set_extra(&card, "a", 1, -1, 1, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&card, "b", 1, 1, 1, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&card, "c", 1, 0, 1, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&other, "c", 1, 0, 2, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&other, "a", 1, -1, 2, nan_, nan_, 0), KEDGE_OK);
    assert_int_equal(kedge_scorecard_compare(&other, &card, &c), KEDGE_OK);
    assert_int_equal(c.extras[0], KEDGE_CARD_BETTER);
    assert_int_equal(c.extras[1], KEDGE_CARD_UNKNOWN);
    assert_int_equal(c.extras[2], KEDGE_CARD_NONE);
    assert_true(c.n_better == 2 && c.n_unknown == 1 && c.n_equal == 1 && c.n_unsure == 1 && c.n_worse == 0);
    ASSERT_QUIET();
    untouched = c;
    assert_int_equal(kedge_scorecard_compare(NULL, &card, &c), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_compare(&other, NULL, &c), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_compare(&other, &card, NULL), KEDGE_ERR_NULL);
    other.n_extras = KEDGE_CARD_EXTRAS + 1;
    assert_int_equal(kedge_scorecard_compare(&other, &card, &c), KEDGE_ERR_CONFIG);
    assert_memory_equal(&c, &untouched, sizeof c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begin), cmocka_unit_test(test_set), cmocka_unit_test(test_extras),
        cmocka_unit_test(test_names), cmocka_unit_test(test_rules), cmocka_unit_test(test_many_rules),
        cmocka_unit_test(test_compare), cmocka_unit_test(test_compare_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
