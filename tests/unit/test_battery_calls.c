/* SPDX-License-Identifier: MIT */
/* What the battery refuses, that it answers the same again, and how a report reads. */
#include <stdio.h>
#include <stdlib.h>

#include "mutants.h"

/* Errors, memory, words ------------------------------------------------------------------------------------------------------- */

static void test_errors(void **unused)
{
    kedge_battery_config c = limits(), bad;
    kedge_battery_report r, before;
    mutant_state mem, other;
    kedge_model m = make(SOUND, 2, &mutant, &mem), champion = make(SOUND, 3, &mutant, &other), none = {NULL, NULL};
    size_t n;
    (void)unused;
    table(ROWS, 2, 18);
    n = kedge_battery_work(&m, &c, ROWS, NULL);
    unsigned char *work = guard_new(n + 8, 0x5C);
    memset(&r, 0x77, sizeof r);
    before = r;
#define ASSERT_REFUSED(status, ...) assert_int_equal(kedge_battery_run(__VA_ARGS__), status)
    ASSERT_REFUSED(KEDGE_ERR_BUFFER, &m, &c, &rows, y, NULL, NULL, work, n - 1, &r);
    ASSERT_REFUSED(KEDGE_ERR_ALIGN, &m, &c, &rows, y, NULL, NULL, work + 4, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, &rows, y, NULL, NULL, NULL, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, &rows, y, NULL, NULL, work, n, NULL);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, &rows, NULL, NULL, NULL, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, NULL, y, NULL, NULL, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, NULL, &rows, y, NULL, NULL, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &none, &c, &rows, y, NULL, NULL, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, &rows, y, NULL, &none, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_SHAPE, &m, &c, &rows, y, NULL, &champion, work, n, &r);
    rows.n_rows = 0;
    ASSERT_REFUSED(KEDGE_ERR_SHAPE, &m, &c, &rows, y, NULL, NULL, work, n, &r);
    rows.n_rows = ROWS;
    rows.n_columns = WIDTH - 1;
    ASSERT_REFUSED(KEDGE_ERR_SHAPE, &m, &c, &rows, y, NULL, NULL, work, n, &r);
    rows.n_columns = WIDTH;
    bad = c;
    bad.score = KEDGE_SCORE_R2;
    ASSERT_REFUSED(KEDGE_ERR_UNSUPPORTED, &m, &bad, &rows, y, NULL, NULL, work, n, &r);
    y[3] = 2;
    ASSERT_REFUSED(KEDGE_ERR_RANGE, &m, &c, &rows, y, NULL, NULL, work, n, &r);
    y[3] = 1;
    x[3] = (double)INFINITY;
    ASSERT_REFUSED(KEDGE_ERR_NOT_FINITE, &m, &c, &rows, y, NULL, NULL, work, n, &r);
    x[3] = 0;
    weight[2] = -1;
    ASSERT_REFUSED(KEDGE_ERR_RANGE, &m, &c, &rows, y, weight, NULL, work, n, &r);
    assert_memory_equal(&r, &before, sizeof r);
#define ASSERT_CONFIG(field, value)                                                                                              \
    do {                                                                                                                         \
        bad = c;                                                                                                                 \
        bad.field = value;                                                                                                       \
        assert_true(kedge_battery_work(&m, &bad, ROWS, NULL) == 0);                                                              \
        ASSERT_REFUSED(KEDGE_ERR_CONFIG, &m, &bad, &rows, y, NULL, NULL, work, n, &r);                                           \
    } while (0)
    static const uint32_t groups[ROWS];
    ASSERT_CONFIG(config_bytes, 0);
    ASSERT_CONFIG(checks, 1u << 16);
    ASSERT_CONFIG(prove, 1u << 16);
    ASSERT_CONFIG(confidence, 0.4);
    ASSERT_CONFIG(confidence, 1);
    ASSERT_CONFIG(confidence, (double)NAN);
    ASSERT_CONFIG(n_resamples, 99);
    ASSERT_CONFIG(n_resamples, 100001);
    ASSERT_CONFIG(block, 0);
    ASSERT_CONFIG(least_rows, 0);
    ASSERT_CONFIG(least_slice, 0);
    ASSERT_CONFIG(n_bins, 0);
    ASSERT_CONFIG(n_bins, 1001);
    ASSERT_CONFIG(quality, (double)INFINITY);
    ASSERT_CONFIG(gain_usual, 2e6);
    ASSERT_CONFIG(gain_last, -2e6);
    ASSERT_CONFIG(loss_champion, -0.1);
    ASSERT_CONFIG(noise, -1);
    ASSERT_CONFIG(noise, (double)NAN);
    ASSERT_CONFIG(loss_noise, -1);
    ASSERT_CONFIG(missing, 1.1);
    ASSERT_CONFIG(loss_missing, -1);
    ASSERT_CONFIG(loss_slice, (double)INFINITY);
    ASSERT_CONFIG(calibration, 1.1);
    ASSERT_CONFIG(median_ns, -1);
    ASSERT_CONFIG(tail_ns, (double)INFINITY);
    ASSERT_CONFIG(state_bytes, -1);
    ASSERT_CONFIG(snapshot_bytes, 1e19);
    ASSERT_CONFIG(slice_column, WIDTH);
    ASSERT_CONFIG(n_timed, 0);
    ASSERT_CONFIG(n_hostile, 0);
    bad = c;
    bad.groups = groups;
    bad.slice_column = 1;
    ASSERT_REFUSED(KEDGE_ERR_CONFIG, &m, &bad, &rows, y, NULL, NULL, work, n, &r);
    guard_free(work);
    assert_int_equal(kedge_battery_config_init(NULL, sizeof c), KEDGE_ERR_NULL);
    assert_int_equal(kedge_battery_config_init(&c, sizeof c - 8), KEDGE_ERR_CONFIG);
    assert_true(kedge_battery_work(NULL, &c, ROWS, NULL) == 0);
    assert_true(kedge_battery_work(&m, NULL, ROWS, NULL) == 0);
    assert_true(kedge_battery_work(&m, &c, 0, NULL) == 0);
    assert_true(kedge_battery_work(&m, &c, ROWS, &champion) == 0);
    assert_true(sizeof(size_t) == 4 || kedge_battery_work(&m, &c, (size_t)UINT32_MAX, NULL) == 0);
}

/* Dirty memory, the same report; another seed, another one; the limits of one check change no other. */
static void test_determinism(void **unused)
{
    kedge_battery_config c = limits();
    mutant_state mem, other;
    kedge_model m = make(SOUND, 2, &mutant, &mem), champion = make(LAZY, 2, &mutant, &other);
    kedge_battery_report r[4];
    (void)unused;
    table(ROWS, 2, 19);
    c.slice_column = 1;
    c.score = KEDGE_SCORE_AUC;
    size_t n = kedge_battery_work(&m, &c, ROWS, &champion);
    for (int i = 0; i < 4; i++) {
        void *work = guard_new(n, (unsigned char)(i * 85));
        c.seed = i == 2 ? 7 : 1;
        c.checks = i == 3 ? KEDGE_BATTERY_ALL & ~(1u << KEDGE_BATTERY_NOISE) : KEDGE_BATTERY_ALL;
        assert_int_equal(kedge_battery_run(&m, &c, &rows, y, NULL, &champion, work, n, &r[i]), KEDGE_OK);
        guard_free(work);
    }
    assert_memory_equal(&r[0], &r[1], sizeof r[0]);
    assert_memory_not_equal(&r[0], &r[2], sizeof r[0]);
    for (int i = 0; i < (int)KEDGE_BATTERY_CHECKS; i++)
        if (i != KEDGE_BATTERY_NOISE)
            assert_memory_equal(&r[0].checks[i], &r[3].checks[i], sizeof r[0].checks[i]);
    assert_int_equal(r[0].n_passed + r[0].n_failed + r[0].n_undecided + r[0].n_skipped, KEDGE_BATTERY_CHECKS);
}

static void test_words(void **unused)
{
    (void)unused;
    for (uint32_t i = 0; i < KEDGE_BATTERY_CHECKS; i++)
        for (uint32_t k = 0; k <= i; k++)
            assert_int_equal(strcmp(kedge_battery_check_name(i), kedge_battery_check_name(k)) == 0, i == k);
    assert_string_equal(kedge_battery_check_name(KEDGE_BATTERY_HOSTILE), "hostile");
    assert_string_equal(kedge_battery_check_name(KEDGE_BATTERY_CHECKS), "unknown");
    assert_string_equal(kedge_battery_verdict_string(KEDGE_BATTERY_UNDECIDED), "undecided");
    assert_string_equal(kedge_battery_verdict_string(0), "unknown");
    for (int32_t i = KEDGE_WHY_WITHIN; i <= KEDGE_WHY_UNEXPECTED; i++)
        assert_string_not_equal(kedge_battery_reason_string(i), "unknown");
    assert_string_equal(kedge_battery_reason_string(KEDGE_WHY_UNEXPECTED + 1), "unknown");
}

/* Numbers as they read, and read back; a report into every size of buffer. */
static void test_text(void **unused)
{
    static const struct {
        double x;
        const char *text;
    } numbers[] = {{0, "0"},
                   {-0.0, "0"},
                   {1, "1"},
                   {0.5, "0.5"},
                   {0.05, "0.05"},
                   {-0.25, "-0.25"},
                   {0.8554, "0.8554"},
                   {0.99996, "1"},
                   {0.12347, "0.1235"},
                   {999.96, "1000"},
                   {12.344, "12.34"},
                   {1234.6, "1235"},
                   {1040536, "1040536"},
                   {123456789012345, "123456789012345"},
                   {1e15, "1e15"},
                   {1.5e-5, "1.5e-5"},
                   {2e-300, "2e-300"},
                   {-1e300, "-1e300"},
                   {1.2344e20, "1.234e20"},
                   {0.0001234, "0.0001234"},
                   {0.00099999, "0.001"},
                   {9.9996, "10"}};
    kedge_battery_config c = limits();
    char text[4096], expected[64];
    size_t len, again;
    (void)unused;
    table(ROWS, 2, 40);
    c.slice_column = 1;
    kedge_battery_report r = run_kind(SOUND, 2, &c);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        r.slice = numbers[k].x;
        snprintf(expected, sizeof expected, "worst slice: %s with ", numbers[k].text);
        assert_int_equal(kedge_battery_write(&r, text, sizeof text, &len), KEDGE_OK);
        assert_non_null(strstr(text, expected));
        assert_int_equal(strlen(text), len);
    }
    kedge_rng rng = {1};
    for (int k = 0; k < 2000; k++) {
        r.slice = exp(40 * kedge_rng_uniform(&rng) - 20);
        assert_int_equal(kedge_battery_write(&r, text, sizeof text, &len), KEDGE_OK);
        double back = strtod(strstr(text, "worst slice: ") + 13, NULL);
        assert_true(fabs(back / r.slice - 1) <= 0.5001e-3);
    }
    assert_non_null(strstr(text, "\nquality     skipped   score 0."));
    assert_non_null(strstr(text, ": no limit given\nusual       pass      "));
    assert_non_null(strstr(text, "\nmedian      skipped   no clock given\n"));
    assert_non_null(strstr(text, "\nsame        pass      0 rows, at most 0: within the limit\n"));
    assert_int_equal(kedge_battery_write(&r, NULL, 0, &again), KEDGE_ERR_BUFFER);
    assert_int_equal(again, len);
    for (size_t cap = 0; cap <= len + 1; cap++) {
        char *buf = guard_new(cap, 0x5C);
        again = 0;
        assert_int_equal(kedge_battery_write(&r, buf, cap, &again), cap > len ? KEDGE_OK : KEDGE_ERR_BUFFER);
        assert_int_equal(again, len);
        assert_true(cap == 0 || (cap > len ? strcmp(buf, text) == 0 : buf[0] == 0x5C));
        guard_free(buf);
    }
    r.slice = (double)NAN;
    assert_int_equal(kedge_battery_write(&r, text, sizeof text, &len), KEDGE_OK);
    assert_non_null(strstr(text, "worst slice: the missing values with "));
    for (uint32_t i = 0; i < KEDGE_BATTERY_CHECKS; i++) { /* the longest that it can be */
        kedge_figure f = {-1.234e-300, 0, -1.234e-300, -1.234e-300};
        r.checks[i].figure = f;
        r.checks[i].limit = -1.234e-300;
    }
    assert_int_equal(kedge_battery_write(&r, text, sizeof text, &len), KEDGE_OK);
    ASSERT_QUIET();
    assert_int_equal(kedge_battery_write(NULL, text, sizeof text, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_battery_write(&r, NULL, 1, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_battery_write(&r, text, sizeof text, NULL), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),      cmocka_unit_test(test_determinism), cmocka_unit_test(test_words),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
