/* SPDX-License-Identifier: MIT */
/* Scorecards: the three writers: golden text, every size of buffer, and a parser of JSON and one of OpenMetrics over hostile
 * names. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "cards.h"

static kedge_scorecard other;

static char text[1 << 18];

/* Writers --------------------------------------------------------------------------------------------------------------------- */

enum { WRITE_TEXT, WRITE_BESIDE, WRITE_JSON, WRITE_METRICS, WRITE_ALL };

static kedge_status write_as(int how, char *buf, size_t cap, size_t *len)
{
    static kedge_scorecard both[2];
    both[0] = card, both[1] = other;
    switch (how) {
    case WRITE_TEXT: return kedge_scorecard_text(&card, NULL, buf, cap, len);
    case WRITE_BESIDE: return kedge_scorecard_text(&card, &other, buf, cap, len);
    case WRITE_JSON: return kedge_scorecard_json(&card, buf, cap, len);
    default: return kedge_scorecard_openmetrics(both, 2, buf, cap, len);
    }
}

static const char *written(int how)
{
    size_t len = 0;
    memset(text, 0x5C, sizeof text);
    assert_int_equal(write_as(how, text, sizeof text, &len), KEDGE_OK);
    assert_int_equal(strlen(text), len);
    return text;
}

static void example(void)
{
    begin(&card, "fraud", "2024-05");
    begin(&other, "fraud", "2024-04");
    set(&card, KEDGE_CARD_ACCURACY, 0.93, 0.9187, 0.9402, 2000);
    set(&other, KEDGE_CARD_ACCURACY, 0.9, 0.886, 0.9123, 2000);
    set(&card, KEDGE_CARD_AUC, nan_, nan_, nan_, 0);
    set(&card, KEDGE_CARD_LATENCY_P99, 1234567, 1200000, 1300000, 5000);
    set(&other, KEDGE_CARD_LATENCY_P99, 1234567, nan_, nan_, 5000);
    set(&card, KEDGE_CARD_BURN_RATE, inf, nan_, nan_, 0);
    set(&card, KEDGE_CARD_DRIFTS, 3, nan_, nan_, 0);
    set(&other, KEDGE_CARD_PROMOTIONS, nan_, nan_, nan_, 0);
    set(&card, KEDGE_CARD_STATE_SIZE, 3275800, nan_, nan_, 0);
    set(&other, KEDGE_CARD_STATE_SIZE, 488, nan_, nan_, 0);
    assert_int_equal(kedge_scorecard_set_extra(&card, "churn \"\xE2\x82\xAC\"\n", KEDGE_KIND_COST, -1, 0.1, 0.05, 0.2, 7),
                     KEDGE_OK);
    assert_int_equal(kedge_scorecard_set_extra(&other, "complaints", KEDGE_KIND_COMPLIANCE, -1, 4, nan_, nan_, 0), KEDGE_OK);
}

static void test_golden_text(void **unused)
{
    (void)unused;
    example();
    assert_string_equal(written(WRITE_TEXT), "fraud 2024-05\n"
                                             "quality\n"
                                             "  accuracy                      0.93 [0.9187, 0.9402] of 2000\n"
                                             "  auc                           not known\n"
                                             "service\n"
                                             "  latency_p99                   1.235 ms [1.2, 1.3] of 5000\n"
                                             "  burn_rate                     inf\n"
                                             "upkeep\n"
                                             "  drifts                        3\n"
                                             "cost\n"
                                             "  state_size                    3.124 MiB\n"
                                             "  churn \"\xE2\x82\xAC\"\xEF\xBF\xBD                    0.1 [0.05, 0.2] of 7\n");
    assert_string_equal(
        written(WRITE_BESIDE),
        "fraud 2024-05 beside fraud 2024-04\n"
        "quality\n"
        "  accuracy                      0.93 [0.9187, 0.9402] of 2000           0.9 [0.886, 0.9123]         better\n"
        "  auc                           not known                               -\n"
        "service\n"
        "  latency_p99                   1.235 ms [1.2, 1.3] of 5000             1.235 ms                    equal\n"
        "  burn_rate                     inf                                     -\n"
        "upkeep\n"
        "  drifts                        3                                       -\n"
        "  promotions                    -                                       not known\n"
        "cost\n"
        "  state_size                    3.124 MiB                               488 bytes                   worse\n"
        "  churn \"\xE2\x82\xAC\"\xEF\xBF\xBD                    0.1 [0.05, 0.2] of 7                    -\n"
        "compliance\n"
        "  complaints                    -                                       4\n");
    begin(&card, "", "");
    assert_string_equal(written(WRITE_TEXT), "model\n");
}

static void test_golden_json(void **unused)
{
    (void)unused;
    example();
    set(&card, KEDGE_CARD_F1, 1.0 / 3, nan_, nan_, UINT64_MAX);
    assert_string_equal(
        written(WRITE_JSON),
        "{\"model\":\"fraud\",\"version\":\"2024-05\",\"figures\":{"
        "\"accuracy\":{\"kind\":\"quality\",\"unit\":\"\",\"direction\":1,\"value\":0.93,"
    "\"low\":0.9187,\"high\":0.9402,\"n\":2000},"
        "\"f1\":{\"kind\":\"quality\",\"unit\":\"\",\"direction\":1,\"value\":0.3333333333333333,\"low\":null,\"high\":null,"
        "\"n\":18446744073709551615},"
        "\"auc\":{\"kind\":\"quality\",\"unit\":\"\",\"direction\":1,\"value\":null,\"low\":null,\"high\":null,\"n\":0},"
        "\"latency_p99\":{\"kind\":\"service\",\"unit\":\"ns\",\"direction\":-1,\"value\":1234567,\"low\":1200000,\"high\":1300000,"
        "\"n\":5000},"
        "\"burn_rate\":{\"kind\":\"service\",\"unit\":\"\",\"direction\":-1,\"value\":null,\"low\":null,\"high\":null,\"n\":0},"
        "\"drifts\":{\"kind\":\"upkeep\",\"unit\":\"\",\"direction\":0,\"value\":3,\"low\":null,\"high\":null,\"n\":0},"
        "\"state_size\":{\"kind\":\"cost\",\"unit\":\"bytes\",\"direction\":-1,\"value\":3275800,"
    "\"low\":null,\"high\":null,\"n\":0}},"
        "\"extras\":{\"churn "
        "\\\"\xE2\x82\xAC\\\"\\n\":{\"kind\":\"cost\",\"unit\":\"\",\"direction\":-1,\"value\":0.1,\"low\":0.05,"
        "\"high\":0.2,\"n\":7}}}");
    begin(&card, NULL, "\x01");
    assert_string_equal(written(WRITE_JSON), "{\"model\":\"\",\"version\":\"\\u0001\",\"figures\":{},\"extras\":{}}");
}

/* Accepted by the parser of prometheus_client 0.26, text_string_to_metric_families() of its openmetrics package. */
static void test_golden_openmetrics(void **unused)
{
    size_t len;
    (void)unused;
    example();
    assert_string_equal(
        written(WRITE_METRICS),
        "# TYPE kedge_accuracy gauge\n"
        "# HELP kedge_accuracy Share of right predictions.\n"
        "kedge_accuracy{model=\"fraud\",version=\"2024-05\"} 0.93\n"
        "kedge_accuracy{model=\"fraud\",version=\"2024-04\"} 0.9\n"
        "# TYPE kedge_accuracy_low gauge\n"
        "# HELP kedge_accuracy_low Share of right predictions, lower end of its interval.\n"
        "kedge_accuracy_low{model=\"fraud\",version=\"2024-05\"} 0.9187\n"
        "kedge_accuracy_low{model=\"fraud\",version=\"2024-04\"} 0.886\n"
        "# TYPE kedge_accuracy_high gauge\n"
        "# HELP kedge_accuracy_high Share of right predictions, upper end of its interval.\n"
        "kedge_accuracy_high{model=\"fraud\",version=\"2024-05\"} 0.9402\n"
        "kedge_accuracy_high{model=\"fraud\",version=\"2024-04\"} 0.9123\n"
        "# TYPE kedge_auc gauge\n"
        "# HELP kedge_auc Area under the ROC curve.\n"
        "kedge_auc{model=\"fraud\",version=\"2024-05\"} NaN\n"
        "# TYPE kedge_latency_p99_seconds gauge\n"
        "# UNIT kedge_latency_p99_seconds seconds\n"
        "# HELP kedge_latency_p99_seconds Time that 99 % of the answers do not exceed.\n"
        "kedge_latency_p99_seconds{model=\"fraud\",version=\"2024-05\"} 0.001234567\n"
        "kedge_latency_p99_seconds{model=\"fraud\",version=\"2024-04\"} 0.001234567\n"
        "# TYPE kedge_latency_p99_low_seconds gauge\n"
        "# UNIT kedge_latency_p99_low_seconds seconds\n"
        "# HELP kedge_latency_p99_low_seconds Time that 99 % of the answers do not exceed, lower end of its interval.\n"
        "kedge_latency_p99_low_seconds{model=\"fraud\",version=\"2024-05\"} 0.0012\n"
        "# TYPE kedge_latency_p99_high_seconds gauge\n"
        "# UNIT kedge_latency_p99_high_seconds seconds\n"
        "# HELP kedge_latency_p99_high_seconds Time that 99 % of the answers do not exceed, upper end of its interval.\n"
        "kedge_latency_p99_high_seconds{model=\"fraud\",version=\"2024-05\"} 0.0013\n"
        "# TYPE kedge_burn_rate gauge\n"
        "# HELP kedge_burn_rate How fast the error budget burns, 1 is just allowed.\n"
        "kedge_burn_rate{model=\"fraud\",version=\"2024-05\"} +Inf\n"
        "# TYPE kedge_drifts counter\n"
        "# HELP kedge_drifts Drifts seen.\n"
        "kedge_drifts_total{model=\"fraud\",version=\"2024-05\"} 3\n"
        "# TYPE kedge_state_size_bytes gauge\n"
        "# UNIT kedge_state_size_bytes bytes\n"
        "# HELP kedge_state_size_bytes Size of the model's state.\n"
        "kedge_state_size_bytes{model=\"fraud\",version=\"2024-05\"} 3275800\n"
        "kedge_state_size_bytes{model=\"fraud\",version=\"2024-04\"} 488\n"
        "# TYPE kedge_extra gauge\n"
        "# HELP kedge_extra A figure of the host's own.\n"
        "kedge_extra{model=\"fraud\",version=\"2024-05\",name=\"churn \\\"\xE2\x82\xAC\\\"\\n\"} 0.1\n"
        "kedge_extra{model=\"fraud\",version=\"2024-04\",name=\"complaints\"} 4\n"
        "# TYPE kedge_extra_low gauge\n"
        "# HELP kedge_extra_low A figure of the host's own, lower end of its interval.\n"
        "kedge_extra_low{model=\"fraud\",version=\"2024-05\",name=\"churn \\\"\xE2\x82\xAC\\\"\\n\"} 0.05\n"
        "# TYPE kedge_extra_high gauge\n"
        "# HELP kedge_extra_high A figure of the host's own, upper end of its interval.\n"
        "kedge_extra_high{model=\"fraud\",version=\"2024-05\",name=\"churn \\\"\xE2\x82\xAC\\\"\\n\"} 0.2\n"
        "# EOF\n");
    assert_int_equal(kedge_scorecard_openmetrics(NULL, 0, text, sizeof text, &len), KEDGE_OK);
    assert_string_equal(text, "# EOF\n");
    begin(&card, "a\xFF", "");
    begin(&other, "a\xC0", "");
    assert_int_equal(write_as(WRITE_METRICS, text, sizeof text, &len), KEDGE_ERR_SHAPE); /* told alike */
}

/* Everything there is, at its longest. */
static void fill_all(kedge_scorecard *c, const char *name, kedge_rng *rng)
{
    begin(c, name, name);
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++)
        set(c, i, 2.2250738585072014e-308, 2.2250738585072011e-308, 1.7976931348623157e308, kedge_rng_next(rng));
    for (uint32_t i = 0; i < KEDGE_CARD_EXTRAS; i++) {
        char extra[KEDGE_CARD_EXTRA_MAX + 1];
        memset(extra, '\x01', sizeof extra);
        snprintf(extra, sizeof extra, "%u\x02\x7F", i);
        assert_int_equal(kedge_scorecard_set_extra(c, extra, 1 + i % 5, -1, -1e-300, -1e300, 1e300, 1), KEDGE_OK);
    }
}

static void test_every_cap(void **unused)
{
    kedge_rng rng = {2};
    (void)unused;
    for (int full = 0; full < 2; full++)
        for (int how = 0; how < WRITE_ALL; how++) {
            size_t len, need;
            if (full)
                fill_all(&card, "new \"\\\n", &rng), fill_all(&other, "old", &rng);
            else
                example();
            written(how);
            len = strlen(text);
            for (size_t cap = 0; cap <= len + 2; cap += full && cap > 40 && cap < len - 40 ? 997 : 1) {
                char *buf = guard_new(cap, 0x5C);
                need = 0;
                assert_int_equal(write_as(how, buf, cap, &need), cap > len ? KEDGE_OK : KEDGE_ERR_BUFFER);
                assert_int_equal(need, len);
                if (cap > len)
                    assert_memory_equal(buf, text, len + 1);
                for (size_t i = 0; i < cap && cap <= len; i++) /* all or nothing */
                    assert_int_equal(buf[i], 0x5C);
                guard_free(buf);
            }
            assert_int_equal(write_as(how, NULL, 0, &need), KEDGE_ERR_BUFFER);
            assert_int_equal(need, len);
            assert_int_equal(write_as(how, NULL, 1, &need), KEDGE_ERR_NULL);
            assert_int_equal(write_as(how, text, sizeof text, NULL), KEDGE_ERR_NULL);
        }
    size_t len;
    assert_int_equal(kedge_scorecard_text(NULL, NULL, text, sizeof text, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_json(NULL, text, sizeof text, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_scorecard_openmetrics(NULL, 1, text, sizeof text, &len), KEDGE_ERR_NULL);
    other.card_bytes = 0;
    for (int how = 1; how < WRITE_ALL; how += 2)
        if (how != WRITE_JSON)
            assert_int_equal(write_as(how, text, sizeof text, &len), KEDGE_ERR_CONFIG);
    card.card_bytes = 0;
    for (int how = 0; how < WRITE_ALL; how++)
        assert_int_equal(write_as(how, text, sizeof text, &len), KEDGE_ERR_CONFIG);
}

/* Parsers of what the writers may write --------------------------------------------------------------------------------------- */

/* One code point of UTF-8 by the definition; 0: there is none. */
static size_t parse_utf8(const unsigned char *s)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    size_t more = s[0] < 0x80 ? 0 : s[0] >> 5 == 6 ? 1 : s[0] >> 4 == 14 ? 2 : s[0] >> 3 == 30 ? 3 : 9;
    if (more == 9)
        return 0;
    uint32_t point = more ? s[0] & (0x3Fu >> more) : s[0];
    for (size_t i = 1; i <= more; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        point = point << 6 | (s[i] & 0x3Fu);
    }
    int bad = point < least[more] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000);
    return bad ? 0 : more + 1;
}

static const char *parse_json(const char *s);

static const char *parse_json_string(const char *s)
{
    assert_int_equal(*s++, '"');
    while (*s != '"') {
        size_t n = parse_utf8((const unsigned char *)s);
        assert_true(n > 0 && (unsigned char)*s >= 0x20);
        if (*s == '\\') {
            assert_non_null(strchr("\"\\/bfnrtu", s[1]));
            if (s[1] == 'u')
                assert_true(strspn(s + 2, "0123456789abcdefABCDEF") >= 4);
            n = s[1] == 'u' ? 6 : 2;
        }
        s += n;
    }
    return s + 1;
}

static const char *parse_json_number(const char *s)
{
    s += *s == '-';
    size_t whole = strspn(s, "0123456789");
    assert_true(whole > 0 && (*s != '0' || whole == 1));
    s += whole;
    if (*s == '.') {
        assert_true(strspn(s + 1, "0123456789") > 0);
        s += 1 + strspn(s + 1, "0123456789");
    }
    if (*s == 'e') {
        s += 1 + (s[1] == '-');
        assert_true(strspn(s, "0123456789") > 0);
        s += strspn(s, "0123456789");
    }
    return s;
}

static const char *parse_json_object(const char *s)
{
    assert_int_equal(*s++, '{');
    if (*s == '}')
        return s + 1;
    for (;; s++) {
        s = parse_json_string(s);
        assert_int_equal(*s, ':');
        s = parse_json(s + 1);
        if (*s == '}')
            return s + 1;
        assert_int_equal(*s, ',');
    }
}

static const char *parse_json(const char *s)
{
    if (*s == '{')
        return parse_json_object(s);
    if (*s == '"')
        return parse_json_string(s);
    if (*s == 'n') {
        assert_memory_equal(s, "null", 4);
        return s + 4;
    }
    return parse_json_number(s);
}

/* Labels in braces, each with a value in quotes. */
static const char *parse_labels(const char *s)
{
    assert_int_equal(*s, '{');
    do {
        s++;
        assert_true(strspn(s, "abcdefghijklmnopqrstuvwxyz") > 0);
        s += strspn(s, "abcdefghijklmnopqrstuvwxyz");
        assert_memory_equal(s, "=\"", 2);
        for (s += 2; *s != '"';) {
            size_t n = parse_utf8((const unsigned char *)s);
            assert_true(n > 0 && *s != '\n' && *s);
            if (*s == '\\')
                assert_non_null(strchr("\\\"n", s[1]));
            s += *s == '\\' ? 2 : n;
        }
        s++;
    } while (*s == ',');
    assert_int_equal(*s, '}');
    return s + 1;
}

/* The head of a family, then its samples; no family twice. Returns the line behind. */
static const char *parse_family(const char *s, const char *all)
{
    char name[96], unit[16] = "", start[128];
    int is_counter, n_read = 0;
    assert_int_equal(sscanf(s, "# TYPE %90s %n", name, &n_read), 1);
    s += n_read;
    is_counter = strncmp(s, "counter\n", 8) == 0;
    assert_true(is_counter || strncmp(s, "gauge\n", 6) == 0);
    s = strchr(s, '\n') + 1;
    snprintf(start, sizeof start, "# TYPE %s ", name);
    assert_null(strstr(strstr(all, start) + 1, start));
    snprintf(start, sizeof start, "# UNIT %s ", name);
    if (strncmp(s, start, strlen(start)) == 0) {
        assert_int_equal(sscanf(s + strlen(start), "%15[^\n]", unit), 1);
        assert_string_equal(name + strlen(name) - strlen(unit), unit);
        s = strchr(s, '\n') + 1;
    }
    snprintf(start, sizeof start, "# HELP %s ", name);
    assert_memory_equal(s, start, strlen(start));
    s = strchr(s, '\n') + 1;
    snprintf(start, sizeof start, "%s%s{", name, is_counter ? "_total" : "");
    assert_memory_equal(s, start, strlen(start)); /* a sample at least */
    while (strncmp(s, start, strlen(start)) == 0) {
        char *end;
        s = parse_labels(s + strlen(start) - 1);
        assert_int_equal(*s++, ' ');
        double x = strtod(s, &end);
        assert_true(end > s && *end == '\n' && (!is_counter || x >= 0));
        s = end + 1;
    }
    return s;
}

static void parse_openmetrics(const char *all)
{
    const char *s = all;
    while (strncmp(s, "# EOF\n", 6) != 0)
        s = parse_family(s, all);
    assert_int_equal(s[6], '\0');
}

static void random_name(char *name, size_t room, kedge_rng *rng)
{
    static const char *const parts[] = {"\"",           "\\",       "\n", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                                        "\xED\xA0\x80", "\xC0\x80", "{",  ","};
    size_t n = (size_t)kedge_rng_below(rng, room), at = 0;
    while (at < n)
        if (kedge_rng_below(rng, 2)) {
            name[at++] = (char)(1 + kedge_rng_below(rng, 255));
        } else {
            const char *part = parts[kedge_rng_below(rng, sizeof parts / sizeof *parts)];
            for (; *part && at < n; part++)
                name[at++] = *part;
        }
    name[n] = '\0';
}

static void test_hostile_names(void **unused)
{
    kedge_rng rng = {9};
    char name[KEDGE_CARD_NAME_MAX + 1];
    (void)unused;
    for (int turn = 0; turn < 2000; turn++) {
        size_t len;
        random_name(name, sizeof name, &rng);
        begin(&card, name, "1");
        random_name(name, sizeof name, &rng);
        begin(&other, "other", name);
        for (int i = 0; i < 6; i++) {
            random_name(name, KEDGE_CARD_EXTRA_MAX + 1, &rng);
            if (*name)
                assert_int_equal(kedge_scorecard_set_extra(&card, name, 1 + (uint32_t)i % 5, 0, i, nan_, nan_, 0), KEDGE_OK);
        }
        draw(&card, (uint32_t)kedge_rng_below(&rng, KEDGE_CARD_FIGURES), &rng);
        assert_int_equal(*parse_json(written(WRITE_JSON)), '\0');
        parse_openmetrics(written(WRITE_METRICS));
        written(WRITE_BESIDE);
        for (const char *s = text; *s; s += len) { /* UTF-8 without controls */
            len = parse_utf8((const unsigned char *)s);
            assert_true(len > 0 && ((unsigned char)*s >= 0x20 || *s == '\n') && *s != 0x7F);
        }
        memset(card.model, 0xE2, sizeof card.model); /* no end: only the room is read */
        memset(card.extras[0].name, '\\', sizeof card.extras[0].name);
        assert_int_equal(*parse_json(written(WRITE_JSON)), '\0');
    }
}

/* What is read back is what was written. */
static void test_numbers(void **unused)
{
    kedge_rng rng = {13};
    (void)unused;
    for (int turn = 0; turn < 3000; turn++) {
        uint64_t bits = kedge_rng_next(&rng);
        double x;
        memcpy(&x, &bits, sizeof x);
        begin(&card, "m", "1"), begin(&other, "n", "1");
        set(&card, KEDGE_CARD_BIAS, x, nan_, nan_, bits);
        const char *value = strstr(written(WRITE_JSON), "\"value\":") + 8;
        if (isfinite(x))
            assert_true(strtod(value, NULL) == x);
        else
            assert_memory_equal(value, "null", 4);
        assert_int_equal(strtoull(strstr(value, "\"n\":") + 4, NULL, 10), bits);
        assert_true(same(strtod(strchr(written(WRITE_METRICS), '}') + 1, NULL), x));
    }
}

static void test_locale(void **unused)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "pt_BR.UTF-8"};
    static char before[WRITE_ALL][1 << 13];
    int is_set = 0;
    (void)unused;
    example();
    for (int how = 0; how < WRITE_ALL; how++)
        snprintf(before[how], sizeof before[how], "%s", written(how));
    for (size_t i = 0; i < sizeof locales / sizeof *locales && !is_set; i++)
        is_set = setlocale(LC_ALL, locales[i]) != NULL;
    if (!is_set) {
        print_message("skipped: no locale with a decimal comma is installed\n");
        skip();
    }
    for (int how = 0; how < WRITE_ALL; how++)
        assert_string_equal(written(how), before[how]);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_text), cmocka_unit_test(test_golden_json), cmocka_unit_test(test_golden_openmetrics),
        cmocka_unit_test(test_every_cap), cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
