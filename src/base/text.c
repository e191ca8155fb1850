/* SPDX-License-Identifier: MIT */
/* Text into a buffer of the caller's: numbers without a locale, names escaped. */
#include "base/fp.h"

#include <float.h>

#include "base/text.h"

#include "base/decimal.h"

#define TEXT_POINT_LEAST (-3) /* 0.0001 */
#define TEXT_POINT_MOST  15   /* whole numbers below 10^15 are exact, and so is their text */
#define TEXT_BROKEN      0xFFFDu

void kedge_i_text_char(kedge_i_text *out, char c)
{
    if (out->n < out->cap)
        out->to[out->n] = c;
    out->n++;
}

void kedge_i_text_string(kedge_i_text *out, const char *s)
{
    for (; *s; s++)
        kedge_i_text_char(out, *s);
}

void kedge_i_text_pad(kedge_i_text *out, size_t since, size_t width)
{
    while (out->n - since < width)
        kedge_i_text_char(out, ' ');
}

void kedge_i_text_whole(kedge_i_text *out, uint64_t x)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + x % 10);
        x /= 10;
    } while (x > 0);
    while (n > 0)
        kedge_i_text_char(out, digits[--n]);
}

/* Numbers ---------------------------------------------------------------------------------------------------------------------
 * */

static void text_digit(kedge_i_text *out, const kedge_i_decimal *d, int32_t i)
{
    kedge_i_text_char(out, (char)('0' + (i >= 0 && i < (int32_t)d->n ? d->digit[i] : 0)));
}

/* Digits with the point behind the first `whole` ones. */
static void text_digits(kedge_i_text *out, const kedge_i_decimal *d, int32_t whole)
{
    for (int32_t i = whole > 0 ? 0 : whole - 1; i < whole; i++)
        text_digit(out, d, i);
    if (whole >= (int32_t)d->n)
        return;
    kedge_i_text_char(out, '.');
    for (int32_t i = whole; i < (int32_t)d->n; i++)
        text_digit(out, d, i);
}

/* At least `least` digits, and all before the point, where it is not too far to the right. */
static void text_number(kedge_i_text *out, double x, uint32_t least)
{
    if (x == 0.0) {
        kedge_i_text_char(out, '0');
        return;
    }
    if (x < 0.0)
        kedge_i_text_char(out, '-');
    kedge_i_decimal d = kedge_i_decimal_of(x < 0.0 ? -x : x);
    kedge_i_decimal_round(&d, d.point > (int32_t)least && d.point <= TEXT_POINT_MOST ? (uint32_t)d.point : least);
    if (d.point >= TEXT_POINT_LEAST && d.point <= TEXT_POINT_MOST) {
        text_digits(out, &d, d.point);
        return;
    }
    text_digits(out, &d, 1);
    kedge_i_text_string(out, d.point < 1 ? "e-" : "e");
    kedge_i_text_whole(out, (uint64_t)(d.point < 1 ? 1 - d.point : d.point - 1));
}

void kedge_i_text_exact(kedge_i_text *out, double x)
{
    text_number(out, x, KEDGE_I_DECIMAL_MOST);
}

void kedge_i_text_short(kedge_i_text *out, double x)
{
    if (x != x)
        kedge_i_text_string(out, "nan");
    else if (x > DBL_MAX || x < -DBL_MAX)
        kedge_i_text_string(out, x > 0.0 ? "inf" : "-inf");
    else
        text_number(out, x, 4);
}

/* Names -----------------------------------------------------------------------------------------------------------------------
 * */

/* A name on the way through it. */
typedef struct text_walk {
    const unsigned char *at;
    size_t left; /* bytes at most */
} text_walk;

static text_walk text_walk_begin(const char *s, size_t most)
{
    text_walk w = {(const unsigned char *)s, most};
    return w;
}

static int text_walk_ended(const text_walk *w)
{
    return w->left == 0 || *w->at == 0;
}

/* The next byte if it is within; 0 if not. A zero never is. */
static uint32_t text_walk_take(text_walk *w, uint32_t low, uint32_t high)
{
    uint32_t byte = w->left > 0 ? *w->at : 0;
    if (byte < low || byte > high)
        return 0;
    w->at++;
    w->left--;
    return byte;
}

/* The next code point. Of a sequence that breaks off, what is there counts as one: Unicode 15, table 3-7 has what may follow
 * what. */
static uint32_t text_walk_next(text_walk *w)
{
    uint32_t lead = text_walk_take(w, 1, 0xFF);
    if (lead < 0x80)
        return lead;
    if (lead < 0xC2 || lead > 0xF4)
        return TEXT_BROKEN;
    uint32_t rest = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    uint32_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    uint32_t point = lead & (0x3Fu >> rest);
    for (; rest > 0; rest--, low = 0x80, high = 0xBF) {
        uint32_t byte = text_walk_take(w, low, high);
        if (byte == 0)
            return TEXT_BROKEN;
        point = point << 6 | (byte & 0x3Fu);
    }
    return point;
}

static void text_utf8(kedge_i_text *out, uint32_t point)
{
    uint32_t rest = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0x00, 0xC0, 0xE0, 0xF0};
    kedge_i_text_char(out, (char)(lead[rest] | point >> 6 * rest));
    while (rest-- > 0)
        kedge_i_text_char(out, (char)(0x80u | (point >> 6 * rest & 0x3Fu)));
}

static void text_point(kedge_i_text *out, uint32_t point, int how)
{
    static const char hex[] = "0123456789abcdef";
    int is_control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    if (how == KEDGE_I_TEXT_PLAIN) {
        text_utf8(out, is_control ? TEXT_BROKEN : point);
    } else if (point == '"' || point == '\\') {
        kedge_i_text_char(out, '\\');
        kedge_i_text_char(out, (char)point);
    } else if (point == '\n') {
        kedge_i_text_string(out, "\\n");
    } else if (how == KEDGE_I_TEXT_JSON && point < 0x20) {
        kedge_i_text_string(out, "\\u00");
        kedge_i_text_char(out, hex[point >> 4]);
        kedge_i_text_char(out, hex[point & 15]);
    } else {
        text_utf8(out, point);
    }
}

size_t kedge_i_text_name(kedge_i_text *out, const char *s, size_t most, int how)
{
    size_t n = 0;
    for (text_walk w = text_walk_begin(s, most); !text_walk_ended(&w); n++)
        text_point(out, text_walk_next(&w), how);
    return n;
}

int kedge_i_text_same(const char *a, const char *b, size_t most)
{
    text_walk v = text_walk_begin(a, most), w = text_walk_begin(b, most);
    while (!text_walk_ended(&v) && !text_walk_ended(&w))
        if (text_walk_next(&v) != text_walk_next(&w))
            return 0;
    return text_walk_ended(&v) && text_walk_ended(&w);
}

/* All together ----------------------------------------------------------------------------------------------------------------
 * */

kedge_status kedge_i_text_write(void (*tell)(kedge_i_text *out, const void *what), const void *what, char *buf, size_t cap,
                                size_t *len)
{
    kedge_i_text count = {NULL, 0, 0}, out = {buf, cap, 0};
    tell(&count, what);
    *len = count.n;
    if (count.n >= cap)
        return KEDGE_ERR_BUFFER;
    tell(&out, what);
    buf[count.n] = '\0';
    return KEDGE_OK;
}
