/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <math.h>

#include "page.h"

void json_text(FILE *f, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    putc('"', f);
    while (*at) {
        size_t n = page_character(at);
        if (n == 0)
            putc('?', f);
        else if (*at == '"' || *at == '\\')
            fprintf(f, "\\%c", *at);
        else
            fwrite(at, 1, n, f);
        at += n > 0 ? n : 1;
    }
    putc('"', f);
}

void json_number(FILE *f, double x, int digits)
{
    if (isfinite(x))
        fprintf(f, "%.*g", digits, x);
    else
        fputs("null", f);
}
