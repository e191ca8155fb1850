/* SPDX-License-Identifier: MIT */
/* What a schema tells people: its columns, its verdicts, where values have gone to; and the events that verdicts are worth. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

#define NAN_D ((double)NAN)

static kedge_control made(const kedge_schema_config *cfg)
{
    kedge_control c = {NULL, NULL};
    size_t bytes = kedge_control_size(&cfg->base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_control_init(&c, &cfg->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return c;
}

static kedge_status check(kedge_control *c, const double *x, size_t n, kedge_schema_verdict *v)
{
    kedge_status st = kedge_schema_check_row(c, 1, x, n, v);
    assert_true(st == v->status && (st >= 0 || st == KEDGE_ERR_SKEW));
    return st;
}

static kedge_schema_column_report figures(const kedge_control *c, uint32_t i)
{
    kedge_schema_column_report r;
    assert_int_equal(kedge_schema_read_column(c, i, &r), KEDGE_OK);
    return r;
}

static void test_texts_and_events(void **unused)
{
    (void)unused;
    kedge_column t[4] = {KEDGE_COLUMN_NAMED("age"), KEDGE_COLUMN_INIT, KEDGE_COLUMN_INIT, KEDGE_COLUMN_INIT};
    double x[4] = {200, 1, 0, 0};
    char text[2048];
    size_t len;
    kedge_schema_verdict v;
    kedge_event e;
    t[0].kind = KEDGE_COLUMN_NUMERIC;
    t[0].low = 0;
    t[0].high = 120;
    t[0].is_whole = 1;
    memcpy(t[1].name, "country", 8);
    t[1].kind = KEDGE_COLUMN_NOMINAL;
    t[1].missing_max = 0.25;
    t[2].kind = KEDGE_COLUMN_BOOLEAN;
    t[3].kind = KEDGE_COLUMN_IGNORED;
    kedge_schema_config cfg = kedge_schema_defaults(t, 4);
    kedge_control c = made(&cfg);
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    x[2] = 0.5;
    assert_int_equal(kedge_schema_check_row(&c, 5, x, 4, &v), KEDGE_ERR_SKEW);
    assert_int_equal(kedge_schema_verdict_text(&c, &v, text, sizeof text, &len), KEDGE_OK);
    assert_string_equal(text, "row 0: refused\n  column 0 (age): out of range: 200, limit 120\n  column 2: wrong type: 0.5\n");
    assert_int_equal(len, strlen(text));
    assert_int_equal(kedge_schema_verdict_text(NULL, &v, text, 20, &len), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_schema_event(&v, &e), KEDGE_OK);
    assert_true(e.kind == KEDGE_EVENT_SKEW && e.subject == 0 && e.code == KEDGE_SCHEMA_RANGE && e.at_ns == 5 && e.value == 200 &&
                e.limit == 120);
    assert_int_equal(kedge_schema_check_row(&c, 6, x, 4, &v), KEDGE_ERR_SKEW);
    assert_int_equal(kedge_schema_event(&v, &e), KEDGE_EMPTY); /* more of the same */
    x[0] = 20;
    x[2] = 1;
    assert_int_equal(kedge_schema_check_row(&c, 7, x, 4, &v), KEDGE_WARNING);
    assert_int_equal(kedge_schema_event(&v, &e), KEDGE_OK);
    assert_true(e.kind == KEDGE_EVENT_WARNING && e.subject == 1 && e.code == KEDGE_SCHEMA_NEW && e.value == 1);
    assert_int_equal(kedge_schema_verdict_text(&c, &v, text, sizeof text, &len), KEDGE_OK);
    assert_string_equal(text, "row 2: served; news\n  column 1 (country): new category: 1, known are 0\n");
    assert_int_equal(kedge_schema_check_row(&c, 8, x, 4, &v), KEDGE_OK);
    assert_int_equal(kedge_schema_event(&v, &e), KEDGE_EMPTY);
    assert_int_equal(kedge_schema_text(&c, text, sizeof text, &len), KEDGE_OK);
    assert_string_equal(text, "4 columns, 0 rows learned, 4 checked: 2 refused, 1 with news; 0 shifts\n"
                              "column 0 (age): numeric, whole, 0 to 120; 2 wrong\n"
                              "column 1 (country): nominal, 1 known, room for 64, missing up to 0.25\n"
                              "column 2: boolean; 2 wrong\n"
                              "column 3: ignored\n");
    guard_free(c.state);
}

static void test_strings(void **unused)
{
    (void)unused;
    for (uint32_t why = KEDGE_SCHEMA_SHAPE; why <= KEDGE_SCHEMA_RARE; why++)
        for (uint32_t other = 0; other < why; other++)
            assert_string_not_equal(kedge_schema_string(why), kedge_schema_string(other));
    assert_string_equal(kedge_schema_string(KEDGE_SCHEMA_RARE + 1), "unknown");
    assert_string_equal(kedge_column_string(KEDGE_COLUMN_NOMINAL), "nominal");
    assert_string_equal(kedge_column_string(KEDGE_COLUMN_IGNORED + 1), "unknown");
}

/* For people: where the values have gone to. */
static void check_text(const kedge_control *c, const char *want)
{
    char text[1000];
    size_t len;
    assert_int_equal(kedge_schema_text(c, text, sizeof text, &len), KEDGE_OK);
    if (!strstr(text, want))
        fail_msg("no \"%s\" in: %s", want, text);
}

/* Learns 1024 values, that repeat or are all different, then sees a window of one. */
static void check_shift(double period, double now, const char *want)
{
    kedge_schema_config cfg = kedge_schema_defaults(NULL, 1);
    kedge_control c = made(&cfg);
    kedge_schema_verdict v;
    kedge_event e;
    for (size_t i = 0; i < 1024; i++) {
        double x = period > 0 ? fmod((double)i, period) : (double)i + 0.5;
        assert_int_equal(kedge_schema_learn(&c, &x, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    for (size_t i = 0; i < 512; i++)
        assert_int_equal(check(&c, &now, 1, &v), i < 511 ? KEDGE_OK : KEDGE_DRIFT);
    check_text(&c, want);
    assert_int_equal(kedge_schema_event(&v, &e), KEDGE_OK);
    assert_true(e.kind == KEDGE_EVENT_SHIFT && e.code == KEDGE_SCHEMA_SHIFT && e.value == figures(&c, 0).statistic);
    assert_int_equal(kedge_schema_renew(&c), KEDGE_OK);
    check_text(&c, "0 refused, 0 with news; a new reference is being taken\n");
    guard_free(c.state);
}

static void test_texts(void **unused)
{
    (void)unused;
    check_shift(0, 5.5, "; shifted: values up to 128.5 were 0.126, are 1\n");
    check_shift(0, 300.5, "; shifted: values from 256.5 to 384.5 were 0.125, are 1\n");
    check_shift(0, 1000.5, "; shifted: values above 896.5 were 0.124, are 1\n");
    check_shift(4, 2, "nominal, 4 known; shifted: category 2 were 0.25, are 1\n");
    kedge_column t = KEDGE_COLUMN_INIT;
    kedge_schema_verdict v;
    char text[300];
    size_t len;
    double x = NAN_D;
    t.kind = KEDGE_COLUMN_NOMINAL;
    t.n_categories = 3;
    t.missing_max = 0.1;
    t.unseen_max = 0.2;
    kedge_schema_config cfg = kedge_schema_defaults(&t, 1);
    kedge_control c = made(&cfg);
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    check_text(&c, "nominal, 3 known, others up to 0.2, missing up to 0.1\n");
    while (check(&c, &x, 1, &v) == KEDGE_OK)
        ;
    check_text(&c, "; missing too often\n");
    assert_int_equal(kedge_schema_verdict_text(&c, &v, text, sizeof text, &len), KEDGE_OK);
    assert_non_null(strstr(text, ": refused\n  column 0: missing too often: 1, limit 0.1\n"));
    guard_free(c.state);
}

/* A row may bring a new category and complete a window in which another column has shifted: the event is the shift's. */
static void test_news_with_a_shift(void **unused)
{
    (void)unused;
    kedge_column t[2] = {KEDGE_COLUMN_INIT, KEDGE_COLUMN_INIT};
    kedge_schema_verdict v;
    kedge_event e;
    char text[300];
    size_t len;
    t[0].kind = KEDGE_COLUMN_NOMINAL;
    t[1].kind = KEDGE_COLUMN_BOOLEAN;
    kedge_schema_config cfg = kedge_schema_defaults(t, 2);
    kedge_control c = made(&cfg);
    for (size_t i = 0; i < 1024; i++) {
        const double x[2] = {0.0, i % 256 == 0};
        assert_int_equal(kedge_schema_learn(&c, x, 2), KEDGE_OK);
    }
    assert_int_equal(kedge_schema_finish(&c), KEDGE_OK);
    for (size_t i = 0; i < 512; i++) {
        const double x[2] = {i == 511 ? 9.0 : 0.0, i % 8 == 0};
        assert_int_equal(check(&c, x, 2, &v), i < 511 ? KEDGE_OK : KEDGE_DRIFT);
    }
    assert_true(v.n_news == 1 && v.n_shifted == 1 && v.n_findings == 2);
    assert_int_equal(kedge_schema_event(&v, &e), KEDGE_OK);
    assert_true(e.kind == KEDGE_EVENT_SHIFT && e.subject == 1 && e.code == KEDGE_SCHEMA_RARE && e.value == 64);
    check_text(&c, "boolean; shifted: rare values were 0.003906, are 0.125\n");
    assert_int_equal(kedge_schema_verdict_text(&c, &v, text, sizeof text, &len), KEDGE_OK);
    assert_non_null(
        strstr(text, "row 511: served; a shift\n  column 0: new category: 9, known are 1\n  column 1: rare values too often: 64"));
    guard_free(c.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_and_events), cmocka_unit_test(test_texts), cmocka_unit_test(test_news_with_a_shift),
        cmocka_unit_test(test_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
