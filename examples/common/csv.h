/* SPDX-License-Identifier: MIT */
/* Comma separated values as they come: quotes, CRLF, a byte order mark; comma, semicolon or tab. Field by field, in the caller's
 * text. */
#ifndef EXAMPLES_CSV_H
#define EXAMPLES_CSV_H

#include <stddef.h>
#include <stdio.h>

typedef struct csv_error {
    size_t line;   /* from 1; 0: not about a place */
    size_t column; /* byte in the line, from 1 */
    char what[400];
} csv_error;

typedef struct csv_reader {
    char *at;  /* next byte to read */
    char *end; /* behind the last one; text[end] is writable */
    char *line_start;
    size_t line;
    csv_error *error;
    char delimiter;
} csv_reader;

typedef struct csv_field {
    char *text; /* ends with NUL; stands in the reader's text */
    size_t line;
    size_t column;
    int quoted;
} csv_field;

enum { CSV_FIELD, CSV_LAST_FIELD, CSV_END, CSV_BAD }; /* CSV_LAST_FIELD: the record ends with it */

/* Reads a whole file into memory of its own, one byte longer than *len. 0: not readable, or out of memory (errno tells). */
int csv_slurp(FILE *f, char **text, size_t *len);

/* Starts reading a text of len bytes with one writable byte behind it; detects the delimiter from the first line. 0: it is no text.
 */
int csv_begin(csv_reader *r, char *text, size_t len, csv_error *error);

/* The next field, in place. Fields of blank lines come as one empty field. */
int csv_next(csv_reader *r, csv_field *f);

/* Fills in *e, control characters made visible. Always 0, so that a caller can return it. */
int csv_fail(csv_error *e, size_t line, size_t column, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;

#endif
