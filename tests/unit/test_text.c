/* SPDX-License-Identifier: MIT */
/* Text: numbers read back as the same double and no shorter ones do, beside libc's; names in every encoding that there is not. */
#include <fenv.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

#include "base/decimal.h"
#include "base/text.h"

static const char *exact(double x)
{
    static char buf[64];
    kedge_i_text out = {buf, sizeof buf - 1, 0};
    kedge_i_text_exact(&out, x);
    assert_true(out.n <= 24);
    buf[out.n] = '\0';
    return buf;
}

static double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Does libc's decimal of so many digits, rounded that way, read back? */
static int reads_back(double x, uint32_t digits, int rounding, char naive[64])
{
    fesetround(rounding);
    snprintf(naive, 64, "%.*e", (int)digits - 1, x);
    fesetround(FE_TONEAREST);
    return strtod(naive, NULL) == x;
}

/* Ours reads back, and no decimal with fewer digits does. It is the closest one of its length, unless that does not read back: at a
 * power of two, whose lower neighbour is nearer than its upper one. */
static void check_shortest(double x)
{
    char naive[64], got[64];
    kedge_i_decimal d = kedge_i_decimal_of(x);
    size_t n = 0;
    for (uint32_t i = 0; i < d.n; i++) {
        assert_true(d.digit[i] < 10);
        got[n++] = (char)('0' + d.digit[i]);
        if (i == 0 && d.n > 1)
            got[n++] = '.';
    }
    snprintf(got + n, sizeof got - n, "e%+03d", d.point - 1);
    assert_true(d.digit[0] > 0 && d.digit[d.n - 1] > 0);
    assert_true(strtod(got, NULL) == x && strtod(exact(x), NULL) == x && strtod(exact(-x), NULL) == -x);
    if (d.n > 1)
        assert_true(!reads_back(x, d.n - 1, FE_DOWNWARD, naive) && !reads_back(x, d.n - 1, FE_UPWARD, naive));
    if (reads_back(x, d.n, FE_TONEAREST, naive))
        assert_string_equal(got, naive);
    else
        assert_true(frexp(x, &(int){0}) == 0.5);
}

static void test_exact(void **unused)
{
    static const struct {
        double x;
        const char *text; /* digits: Python 3.11's repr() */
    } golden[] = {{0.0, "0"},
                  {-0.0, "0"},
                  {1.0, "1"},
                  {-2.5, "-2.5"},
                  {0.1, "0.1"},
                  {1.0 / 3.0, "0.3333333333333333"},
                  {0.1 + 0.2, "0.30000000000000004"},
                  {123456.789, "123456.789"},
                  {1e-4, "0.0001"},
                  {1.5e-5, "1.5e-5"},
                  {999999999999999.0, "999999999999999"},
                  {1e15, "1e15"},
                  {9007199254740993.0, "9.007199254740992e15"},
                  {1e22, "1e22"},
                  {1e23, "1e23"},
                  {2e-300, "2e-300"},
                  {DBL_MAX, "1.7976931348623157e308"},
                  {-DBL_MAX, "-1.7976931348623157e308"},
                  {DBL_MIN, "2.2250738585072014e-308"},
                  {4.9406564584124654e-324, "5e-324"},
                  {2.2250738585072009e-308, "2.225073858507201e-308"},
                  {5e-324 * 3, "1.5e-323"},
                  {0x1p-44, "5.684341886080802e-14"},
                  {4503599627370496.0, "4.503599627370496e15"}};
    (void)unused;
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
        assert_string_equal(exact(golden[i].x), golden[i].text);
}

static void test_shortest(void **unused)
{
    kedge_rng rng = {7};
    (void)unused;
    for (int e = 1; e < 2047; e++) /* powers of two, where the way up is twice the way down, and their neighbours */
        for (int64_t near = -1; near <= 1; near++)
            check_shortest(from_bits((uint64_t)((int64_t)((uint64_t)e << 52) + near)));
    for (uint64_t low = 1; low < 200; low++)
        check_shortest(from_bits(low));
    for (int i = 0; i < 20000; i++) {
        double x = from_bits(kedge_rng_next(&rng));
        if (isfinite(x) && x != 0)
            check_shortest(fabs(x));
        check_shortest((double)(1 + kedge_rng_below(&rng, 100000)) / 1000.0);
        check_shortest((double)(1 + kedge_rng_below(&rng, 1u << 30)));
    }
}

/* Halves of the last place are rounded away from 0, nines carry. */
static void test_round(void **unused)
{
    static const struct {
        double x;
        uint32_t most;
        const char *digits;
        int32_t point;
    } cases[] = {{9.9996, 4, "1", 2}, {9.9994, 4, "9999", 1}, {0.12345, 4, "1235", 0}, {1.0005, 4, "1001", 1},
                 {1.0004, 4, "1", 1}, {12.5, 2, "13", 2},     {99.5, 2, "1", 3},       {5.5, 1, "6", 1},
                 {7.0, 3, "7", 1},    {0.95, 1, "1", 1}};
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kedge_i_decimal d = kedge_i_decimal_of(cases[i].x);
        kedge_i_decimal_round(&d, cases[i].most);
        assert_int_equal(d.n, strlen(cases[i].digits));
        assert_int_equal(d.point, cases[i].point);
        for (uint32_t k = 0; k < d.n; k++)
            assert_int_equal('0' + d.digit[k], cases[i].digits[k]);
    }
}

static const char *name(const char *s, size_t most, int how)
{
    static char buf[512];
    kedge_i_text out = {buf, sizeof buf - 1, 0};
    kedge_i_text_name(&out, s, most, how);
    buf[out.n] = '\0';
    return buf;
}

static void test_names(void **unused)
{
    static const struct {
        const char *from, *json, *label, *plain;
    } cases[] = {{"", "", "", ""},
                 {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80",
                  "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"},
                 {"a\"b\\c\nd\te\x01", "a\\\"b\\\\c\\nd\\u0009e\\u0001", "a\\\"b\\\\c\\nd\te\x01",
                  "a\"b\\c\xEF\xBF\xBD" "d\xEF\xBF\xBD" "e\xEF\xBF\xBD"},
                 {"\x7F\xC2\x9B", "\x7F\xC2\x9B", "\x7F\xC2\x9B", "\xEF\xBF\xBD\xEF\xBF\xBD"},
                 /* Unicode 15, table 3-11: maximal subparts */
                 {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" "A",
                  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" "A", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" "A"},
                 /* overlong, a surrogate, beyond U+10FFFF: each byte by itself */
                 {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD"},
                 {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
                  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
                 {"\xF4\x90", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD"},
                 {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"}};
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = strlen(cases[i].from);
        for (size_t most = n; most <= n + 1; most++) { /* ended by its room, then by its zero */
            char *copy = guard_copy(cases[i].from, most);
            assert_string_equal(name(copy, most, KEDGE_I_TEXT_JSON), cases[i].json);
            assert_string_equal(name(copy, most, KEDGE_I_TEXT_LABEL), cases[i].label);
            assert_string_equal(name(copy, most, KEDGE_I_TEXT_PLAIN), cases[i].plain);
            guard_free(copy);
        }
    }
    assert_true(kedge_i_text_same("a\xFF", "a\xC1", 9) && kedge_i_text_same("a\xFF", "a\xEF\xBF\xBD", 9));
    assert_true(kedge_i_text_same("abc", "abd", 2) && !kedge_i_text_same("abc", "abd", 3));
    assert_true(!kedge_i_text_same("ab", "abd", 9) && !kedge_i_text_same("abd", "ab", 9) && kedge_i_text_same("", "", 9));
}

/* The decimal comma of a locale, where one is installed, is nowhere. */
static void test_locale(void **unused)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "pt_BR.UTF-8"};
    int is_set = 0;
    (void)unused;
    for (size_t i = 0; i < sizeof locales / sizeof *locales && !is_set; i++)
        is_set = setlocale(LC_ALL, locales[i]) != NULL;
    if (!is_set) {
        print_message("skipped: no locale with a decimal comma is installed\n");
        skip();
    }
    assert_string_equal(exact(1234.5), "1234.5");
    setlocale(LC_ALL, "C");
}

static void test_quiet(void **unused)
{
    char buf[64];
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    for (int e = -1100; e < 1024; e += 3) {
        kedge_i_text out = {buf, sizeof buf, 0};
        kedge_i_text_short(&out, ldexp(1.1, e < -1074 ? -1074 : e));
    }
    kedge_i_text out = {buf, sizeof buf, 0};
    kedge_i_text_short(&out, (double)NAN);
    kedge_i_text_short(&out, (double)INFINITY);
    kedge_i_text_short(&out, -(double)INFINITY);
    assert_memory_equal(buf, "naninf-inf", 10);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exact), cmocka_unit_test(test_shortest), cmocka_unit_test(test_round),
                                       cmocka_unit_test(test_names), cmocka_unit_test(test_locale),   cmocka_unit_test(test_quiet)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
