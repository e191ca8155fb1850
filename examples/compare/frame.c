/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include <kedge/shift.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codes.h"
#include "field.h"
#include "header.h"

enum { COLUMN_OUT = 1, COLUMN_IN = 2, COLUMN_BY = 4, COLUMN_NOMINAL = 8, COLUMN_BOOLEAN = 16 };

/* What is known while texts are read. */
typedef struct frame_reader {
    csv_reader csv;
    csv_error *error;
    const options *options;
    char **header;        /* names of all columns of the first text */
    unsigned char *roles; /* COLUMN_... of each of them */
    size_t n_columns;
    size_t capacity;      /* rows that there is room for */
    const char **cells;   /* fields of the columns that are compared, row by row */
    const char *by_value; /* of --by; NULL: none */
    int found_by;
    int i_text;
} frame_reader;

static int frame_no_memory(csv_error *e)
{
    return csv_fail(e, 0, 0, "out of memory");
}

/* Header ------------------------------------------------------------------------------------------ */

/* The second text's columns must be those of the first. */
static int frame_check_name(const frame_reader *r, const csv_field *f, size_t column)
{
    if (column >= r->n_columns)
        return csv_fail(r->error, f->line, f->column, "column %zu, '%.80s', is not in the reference", column + 1, f->text);
    if (strcmp(f->text, r->header[column]) != 0)
        return csv_fail(r->error, f->line, f->column, "column %zu is '%.80s', but '%.80s' in the reference", column + 1, f->text,
                        r->header[column]);
    return 1;
}

static int frame_read_header(frame_reader *r)
{
    csv_field f;
    size_t column = 0;
    for (int got = CSV_FIELD; got == CSV_FIELD; column++) {
        got = csv_next(&r->csv, &f);
        if (got == CSV_BAD)
            return 0;
        if (got == CSV_END)
            return csv_fail(r->error, 1, 1, "no header: the file is empty");
        if (column == FRAME_MAX_COLUMNS)
            return csv_fail(r->error, f.line, f.column, "more than %d columns", FRAME_MAX_COLUMNS);
        if (r->i_text > 0) {
            if (!frame_check_name(r, &f, column))
                return 0;
        } else
            r->header[r->n_columns++] = f.text;
    }
    if (column < r->n_columns)
        return csv_fail(r->error, f.line, f.column, "the header ends after %zu of %zu columns; '%.80s' is missing", column,
                        r->n_columns, r->header[column]);
    return 1;
}

/* Adds a role to the columns with the name text[0 .. n-1]. Returns how many there are. */
static size_t frame_assign(frame_reader *r, const char *text, size_t n, unsigned char role)
{
    size_t found = 0;
    for (size_t j = 0; j < r->n_columns; j++) {
        if (strlen(r->header[j]) != n || memcmp(r->header[j], text, n) != 0)
            continue;
        r->roles[j] |= role;
        found++;
    }
    return found;
}

static int frame_assign_list(frame_reader *r, const char *option, const char *list, unsigned char role)
{
    for (const char *at = list; at && *at; at += *at == ',') {
        size_t n = strcspn(at, ",");
        if (n > 0 && frame_assign(r, at, n, role) == 0)
            return header_unknown(r->header, r->n_columns, option, at, n, r->error);
        at += n;
    }
    return 1;
}

static int frame_assign_by(frame_reader *r)
{
    const char *by = r->options->by;
    if (!by)
        return 1;
    size_t n = strcspn(by, "=");
    r->by_value = by + n + 1;
    size_t found = frame_assign(r, by, n, COLUMN_BY);
    if (found == 0)
        return header_unknown(r->header, r->n_columns, "--by", by, n, r->error);
    return found == 1 || csv_fail(r->error, 1, 1, "there are %zu columns '%.*s'", found, n < 80 ? (int)n : 80, by);
}

static int frame_is_compared(const frame_reader *r, size_t column)
{
    unsigned char role = r->roles[column];
    if (role & COLUMN_OUT)
        return 0;
    return r->options->columns ? (role & COLUMN_IN) != 0 : (role & COLUMN_BY) == 0;
}

/* Which columns are compared, and how. */
static int frame_choose_columns(frame_reader *r, frame *f)
{
    const options *o = r->options;
    if (!frame_assign_list(r, "--columns", o->columns, COLUMN_IN) || !frame_assign_list(r, "--drop", o->drop, COLUMN_OUT) ||
        !frame_assign_list(r, "--nominal", o->nominal, COLUMN_NOMINAL) ||
        !frame_assign_list(r, "--boolean", o->boolean, COLUMN_BOOLEAN) || !frame_assign_by(r))
        return 0;
    for (size_t j = 0; j < r->n_columns; j++) {
        int both = COLUMN_NOMINAL | COLUMN_BOOLEAN;
        if (!frame_is_compared(r, j))
            continue;
        if ((r->roles[j] & both) == both)
            return csv_fail(r->error, 1, 1, "column '%.80s' cannot be both nominal and boolean", r->header[j]);
        frame_column *c = &f->columns[f->n_columns++];
        c->name = r->header[j];
        c->kind = r->roles[j] & COLUMN_NOMINAL   ? KEDGE_KIND_NOMINAL
                  : r->roles[j] & COLUMN_BOOLEAN ? KEDGE_KIND_BOOLEAN
                                                 : KEDGE_KIND_NONE;
        c->is_given = c->kind != KEDGE_KIND_NONE;
    }
    return f->n_columns > 0 || csv_fail(r->error, 1, 1, "no column is left to compare");
}

/* Records ------------------------------------------------------------------------------------------ */

/* Room for one more row. */
static int frame_grow(frame_reader *r, frame *f)
{
    if (f->n_rows < r->capacity)
        return 1;
    size_t rows = r->capacity ? r->capacity * 2 : 1024;
    if (rows > SIZE_MAX / sizeof *r->cells / f->n_columns)
        return frame_no_memory(r->error);
    const char **cells = realloc(r->cells, rows * f->n_columns * sizeof *cells);
    r->cells = cells ? cells : r->cells;
    size_t *line = realloc(f->line, rows * sizeof *line);
    f->line = line ? line : f->line;
    if (!cells || !line)
        return frame_no_memory(r->error);
    r->capacity = rows;
    return 1;
}

/* A declared boolean is checked here, where its place is known. */
static int frame_take(frame_reader *r, frame *f, const csv_field *field, size_t column)
{
    frame_column *c = &f->columns[column];
    double ignored;
    if (c->is_given && c->kind == KEDGE_KIND_BOOLEAN && !field_is_missing(field->text) && !codes_boolean(field->text, &ignored))
        return csv_fail(r->error, field->line, field->column, "'%.60s' in column '%.80s' is neither 0, 1, false nor true",
                        field->text, c->name);
    r->cells[f->n_rows * f->n_columns + column] = field->text;
    return 1;
}

/* 1: a record, a blank line or the end (*got tells); 0: bad. */
static int frame_read_record(frame_reader *r, frame *f, int *got)
{
    csv_field field;
    size_t column = 0;
    size_t compared = 0;
    if (!frame_grow(r, f))
        return 0;
    f->line[f->n_rows] = r->csv.line;
    do {
        *got = csv_next(&r->csv, &field);
        if (*got == CSV_BAD || *got == CSV_END)
            return *got == CSV_END;
        if (column == 0 && *got == CSV_LAST_FIELD && field.text[0] == '\0' && !field.quoted)
            return 1; /* blank */
        if (column == r->n_columns)
            return csv_fail(r->error, field.line, field.column, "more fields than the %zu columns of the header", r->n_columns);
        if (r->roles[column] & COLUMN_BY && !r->found_by && strcmp(field.text, r->by_value) == 0) {
            r->found_by = 1;
            f->n_reference = f->n_rows;
        }
        if (frame_is_compared(r, column) && !frame_take(r, f, &field, compared++))
            return 0;
        column++;
    } while (*got == CSV_FIELD);
    if (column < r->n_columns)
        return csv_fail(r->error, field.line, field.column, "the record ends after %zu of %zu fields; '%.80s' is missing", column,
                        r->n_columns, r->header[column]);
    f->n_rows++;
    return 1;
}

static int frame_read_records(frame_reader *r, frame *f)
{
    size_t first = f->n_rows;
    for (int got = CSV_FIELD; got != CSV_END;)
        if (!frame_read_record(r, f, &got))
            return 0;
    return f->n_rows > first || csv_fail(r->error, r->csv.line, 1, "no row below the header");
}

/* Where the reference ends. */
static int frame_split(frame_reader *r, frame *f)
{
    const options *o = r->options;
    if (o->split)
        f->n_reference = o->split_at < 1.0 ? (size_t)(o->split_at * (double)f->n_rows) : (size_t)o->split_at;
    if (o->by && !r->found_by)
        return csv_fail(r->error, r->csv.line, 1, "no row has the value of --by %.100s", o->by);
    if (f->n_reference > 0 && f->n_reference < f->n_rows)
        return 1;
    return csv_fail(r->error, r->csv.line, 1, "%s leaves no %s row of %zu", o->split ? "--split" : "--by",
                    f->n_reference == 0 ? "reference" : "current", f->n_rows);
}

static int frame_read_text(frame_reader *r, frame *f, char *text, size_t len)
{
    if (!csv_begin(&r->csv, text, len, r->error) || !frame_read_header(r))
        return 0;
    if (r->i_text == 0) {
        r->roles = calloc(r->n_columns, 1);
        f->columns = calloc(r->n_columns, sizeof *f->columns);
        if (!r->roles || !f->columns)
            return frame_no_memory(r->error);
        if (!frame_choose_columns(r, f))
            return 0;
    }
    return frame_read_records(r, f);
}

/* The cells of each column as numbers. */
static int frame_encode(const frame_reader *r, frame *f)
{
    for (size_t j = 0; j < f->n_columns; j++)
        if (!codes_column(&f->columns[j], r->cells + j, f->n_rows, f->n_columns))
            return frame_no_memory(r->error);
    return 1;
}

static int frame_read_all(frame_reader *r, frame *f, const size_t *lens, size_t n_texts, size_t *at)
{
    r->header = malloc(FRAME_MAX_COLUMNS * sizeof *r->header);
    if (!r->header)
        return frame_no_memory(r->error);
    for (size_t i = 0; i < n_texts; i++) {
        *at = i;
        r->i_text = (int)i;
        if (i > 0)
            f->n_reference = f->n_rows;
        if (!frame_read_text(r, f, f->texts[i], lens[i]))
            return 0;
    }
    return frame_split(r, f) && frame_encode(r, f);
}

int frame_read(frame *f, char *const *texts, const size_t *lens, size_t n_texts, const options *o, csv_error *error, size_t *at)
{
    frame_reader r = {.error = error, .options = o};
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < n_texts; i++)
        f->texts[i] = texts[i];
    *at = 0;
    int ok = frame_read_all(&r, f, lens, n_texts, at);
    free(r.header);
    free(r.roles);
    free(r.cells);
    return ok;
}

void frame_free(frame *f)
{
    for (size_t j = 0; j < f->n_columns; j++) {
        free(f->columns[j].x);
        free(f->columns[j].categories);
    }
    for (size_t i = 0; i < FRAME_TEXTS; i++)
        free(f->texts[i]);
    free(f->columns);
    free(f->line);
    memset(f, 0, sizeof *f);
}
