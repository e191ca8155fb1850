/* SPDX-License-Identifier: MIT */
/* A report as text for people. Numbers have four digits, whole ones all of theirs, and a point whatever the locale says: libc's
 * printf follows the locale, and a library for small machines does without it. */
#include "base/fp.h"

#include <string.h>

#include "kedge/battery.h"

#include "base/check.h"

#define TEXT_EXACT_MAX 1e15 /* whole numbers below are exact, and so is their text */

/* Counts what it is given, and keeps what it has room for. */
typedef struct text_out {
    char *to;
    size_t cap;
    size_t n;
} text_out;

static void text_char(text_out *out, char c)
{
    if (out->n < out->cap)
        out->to[out->n] = c;
    out->n++;
}

static void text_string(text_out *out, const char *s)
{
    for (; *s; s++)
        text_char(out, *s);
}

static void text_pad(text_out *out, size_t since, size_t width)
{
    while (out->n - since < width)
        text_char(out, ' ');
}

static void text_whole(text_out *out, uint64_t x)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + x % 10);
        x /= 10;
    } while (x > 0);
    while (n > 0)
        text_char(out, digits[--n]);
}

/* Four digits d of x = d 10^(exponent - 3), x > 0. */
static uint32_t text_digits(double x, int *exponent)
{
    int e = 0;
    for (; x >= 10.0; e++)
        x /= 10.0;
    for (; x < 1.0; e--)
        x *= 10.0;
    uint32_t digits = (uint32_t)(x * 1000.0 + 0.5);
    *exponent = digits > 9999 ? e + 1 : e;
    return digits > 9999 ? 1000 : digits;
}

/* digits 10^-places, without the zeros at the end. */
static void text_fraction(text_out *out, uint32_t digits, uint32_t places)
{
    uint32_t unit = 1;
    for (; places > 0 && digits % 10 == 0; places--)
        digits /= 10;
    for (uint32_t i = 0; i < places; i++)
        unit *= 10;
    text_whole(out, digits / unit);
    if (places > 0)
        text_char(out, '.');
    for (digits %= unit; unit > 1; digits %= unit) {
        unit /= 10;
        text_char(out, (char)('0' + digits / unit));
    }
}

static void text_number(text_out *out, double x)
{
    int exponent;
    if (x < 0.0) {
        text_char(out, '-');
        x = -x;
    }
    double small = x < TEXT_EXACT_MAX ? x : 0.5; /* what a conversion may be given, also by a compiler that converts first */
    if (small >= 1000.0 || small == (double)(uint64_t)small) {
        text_whole(out, (uint64_t)(small + 0.5));
        return;
    }
    uint32_t digits = text_digits(x, &exponent);
    if (exponent >= -4 && exponent < 4) {
        text_fraction(out, digits, (uint32_t)(3 - exponent));
        return;
    }
    text_fraction(out, digits, 3);
    text_string(out, exponent < 0 ? "e-" : "e");
    text_whole(out, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

static void text_check(text_out *out, uint32_t i_check, const kedge_battery_check *c)
{
    size_t begun = out->n;
    text_string(out, kedge_battery_check_name(i_check));
    text_pad(out, begun, 12);
    text_string(out, kedge_battery_verdict_string(c->verdict));
    text_pad(out, begun, 22);
    if (c->figure.value == c->figure.value)
        text_number(out, c->figure.value);
    if (c->figure.low == c->figure.low) {
        text_string(out, " [");
        text_number(out, c->figure.low);
        text_string(out, ", ");
        text_number(out, c->figure.high);
        text_string(out, "]");
    }
    if (c->limit == c->limit) {
        text_string(out, " against ");
        text_number(out, c->limit);
    }
    text_string(out, c->figure.value == c->figure.value ? ": " : "");
    text_string(out, kedge_battery_reason_string(c->why));
    text_char(out, '\n');
}

static void text_report(text_out *out, const kedge_battery_report *r)
{
    const struct {
        uint32_t n;
        const char *what;
    } counts[] = {{r->n_passed, " passed, "},
                  {r->n_failed, " failed, "},
                  {r->n_undecided, " undecided, "},
                  {r->n_skipped, " skipped, "}};
    text_string(out, kedge_battery_verdict_string(r->verdict));
    text_string(out, ": ");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        text_whole(out, counts[i].n);
        text_string(out, counts[i].what);
    }
    text_whole(out, r->n_rows);
    text_string(out, " rows\n");
    for (uint32_t i = 0; i < KEDGE_BATTERY_CHECKS; i++)
        text_check(out, i, &r->checks[i]);
    if (r->slice_rows == 0)
        return;
    text_string(out, "worst slice: ");
    if (r->slice == r->slice)
        text_number(out, r->slice);
    else
        text_string(out, "the missing values");
    text_string(out, " with ");
    text_number(out, r->slice_score);
    text_string(out, " on ");
    text_whole(out, r->slice_rows);
    text_string(out, " rows\n");
}

kedge_status kedge_battery_write(const kedge_battery_report *report, char *buf, size_t cap, size_t *len)
{
    text_out count = {NULL, 0, 0};
    text_out out = {buf, cap, 0};
    if (!report || !len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    text_report(&count, report);
    *len = count.n;
    if (count.n >= cap)
        return KEDGE_ERR_BUFFER;
    text_report(&out, report);
    buf[count.n] = '\0';
    return KEDGE_OK;
}
