/* SPDX-License-Identifier: MIT */
#include "field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char field_spaces[] = " \t";

int field_number(const char *text, double *value)
{
    text += strspn(text, field_spaces);
    size_t n = strspn(text, "0123456789+-.eE"); /* strtod takes hexadecimal, inf and nan too */
    char *end;
    double x = strtod(text, &end);
    if (n == 0 || end != text + n || end[strspn(end, field_spaces)] != '\0' || !isfinite(x))
        return 0;
    *value = x;
    return 1;
}

int field_is_missing(const char *text)
{
    static const char *const words[] = {"", "NA", "na", "N/A", "NaN", "nan", "NULL", "null", "?", "-"};
    text += strspn(text, field_spaces);
    size_t n = strcspn(text, field_spaces);
    for (size_t i = 0; text[n + strspn(text + n, field_spaces)] == '\0' && i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && memcmp(words[i], text, n) == 0)
            return 1;
    return 0;
}
