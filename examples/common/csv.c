/* SPDX-License-Identifier: MIT */
#include "csv.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int csv_slurp(FILE *f, char **text, size_t *len)
{
    size_t capacity = (size_t)1 << 16;
    size_t n = 0;
    char *buffer = malloc(capacity);
    while (buffer) {
        n += fread(buffer + n, 1, capacity - n - 1, f);
        if (n < capacity - 1)
            break;
        char *larger = capacity > SIZE_MAX / 2 ? NULL : realloc(buffer, capacity * 2);
        if (!larger)
            free(buffer);
        buffer = larger;
        capacity *= 2;
    }
    if (!buffer || ferror(f)) {
        free(buffer);
        return 0;
    }
    buffer[n] = '\0';
    *text = buffer;
    *len = n;
    return 1;
}

int csv_fail(csv_error *e, size_t line, size_t column, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(e->what, sizeof e->what, format, args);
    va_end(args);
    e->line = line;
    e->column = column;
    for (char *c = e->what; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return 0;
}

/* The most frequent of the candidates in the first line, outside of quotes. */
static char csv_detect(const char *at, const char *end)
{
    static const char candidates[] = ",;\t";
    size_t counts[sizeof candidates - 1] = {0};
    size_t best = 0;
    for (int quoted = 0; at < end && (quoted || (*at != '\n' && *at != '\r')); at++) {
        const char *c = *at ? strchr(candidates, *at) : NULL;
        quoted ^= *at == '"';
        if (c && !quoted)
            counts[c - candidates]++;
    }
    for (size_t i = 1; i < sizeof counts / sizeof *counts; i++)
        if (counts[i] > counts[best])
            best = i;
    return candidates[best];
}

int csv_begin(csv_reader *r, char *text, size_t len, csv_error *error)
{
    memset(r, 0, sizeof *r);
    r->at = text;
    r->end = text + len;
    if (len > 0 && text[len - 1] != '\n' && text[len - 1] != '\r') /* every record has an end */
        *r->end++ = '\n';
    r->error = error;
    r->line = 1;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) /* byte order mark */
        r->at += 3;
    r->line_start = r->at;
    r->delimiter = csv_detect(r->at, r->end);
    for (const char *c = r->at, *start = c; c < r->end; c++) {
        if (*c == '\0')
            return csv_fail(error, r->line, (size_t)(c - start) + 1, "a NUL byte: this is no text (save it as UTF-8)");
        if (*c == '\n' || (*c == '\r' && (c + 1 == r->end || c[1] != '\n'))) {
            r->line++;
            start = c + 1;
        }
    }
    r->line = 1;
    return 1;
}

/* Steps over a line's end, if there is one: LF, CRLF or CR. */
static int csv_line_end(csv_reader *r)
{
    if (r->at == r->end || (*r->at != '\n' && *r->at != '\r'))
        return 0;
    r->at += r->at[0] == '\r' && r->at + 1 < r->end && r->at[1] == '\n' ? 2 : 1;
    r->line++;
    r->line_start = r->at;
    return 1;
}

/* The inside of quotes, doubled ones made single. Returns where the text ends, NULL if the quotes are never closed. */
static char *csv_unquote(csv_reader *r)
{
    char *to = ++r->at;
    while (r->at < r->end) {
        if (*r->at == '"') {
            if (r->at + 1 == r->end || r->at[1] != '"') {
                r->at++;
                return to;
            }
            r->at++;
        } else if (*r->at == '\n' || (*r->at == '\r' && (r->at + 1 == r->end || r->at[1] != '\n'))) {
            r->line++;
            r->line_start = r->at + 1;
        }
        *to++ = *r->at++;
    }
    return NULL;
}

int csv_next(csv_reader *r, csv_field *f)
{
    if (r->at == r->end)
        return CSV_END;
    f->line = r->line;
    f->column = (size_t)(r->at - r->line_start) + 1;
    f->quoted = *r->at == '"';
    f->text = r->at + f->quoted;
    char *text_end;
    if (f->quoted) {
        text_end = csv_unquote(r);
        if (!text_end) {
            csv_fail(r->error, f->line, f->column, "these quotes are never closed");
            return CSV_BAD;
        }
        if (*r->at != r->delimiter && *r->at != '\n' && *r->at != '\r') {
            csv_fail(r->error, r->line, (size_t)(r->at - r->line_start) + 1, "text behind the closing quotes");
            return CSV_BAD;
        }
    } else {
        while (*r->at != r->delimiter && *r->at != '\n' && *r->at != '\r')
            r->at++;
        text_end = r->at;
    }
    int is_last = csv_line_end(r);
    r->at += !is_last; /* the delimiter */
    *text_end = '\0';
    return is_last ? CSV_LAST_FIELD : CSV_FIELD;
}
