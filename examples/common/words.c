/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdio.h>
#include <string.h>

#include "page.h"

void words_count(double n, char *text, size_t text_bytes)
{
    char digits[32];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%.0f", n);
    size_t to = 0;
    for (size_t i = 0; i < len && i < sizeof digits - 1 && to + 2 < text_bytes; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            text[to++] = ',';
        text[to++] = digits[i];
    }
    text[to] = '\0';
}

/* Bytes of the character at text, at least 1; *is_text: it may be shown. */
static size_t words_step(const char *text, int *is_text)
{
    size_t n = page_character((const unsigned char *)text);
    *is_text = n > 0 && !(n == 2 && (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0); /* C1 controls steer too */
    return n > 0 ? n : 1;
}

size_t words_width(const char *text)
{
    size_t width = 0;
    for (int ignored; *text; width++)
        text += words_step(text, &ignored);
    return width;
}

void words_plain(const char *from, size_t characters, char *text, size_t text_bytes)
{
    size_t room = words_width(from) > characters && characters > 2 ? characters - 2 : characters;
    size_t to = 0;
    for (size_t i = 0; *from && i < room && to + 7 < text_bytes; i++) {
        int is_text;
        size_t n = words_step(from, &is_text);
        if (is_text)
            memcpy(text + to, from, n);
        else
            text[to] = '?';
        to += is_text ? n : 1;
        from += n;
    }
    memcpy(text + to, *from ? ".." : "", *from ? 3 : 1);
}
