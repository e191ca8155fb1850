/* SPDX-License-Identifier: MIT */
#include "data_set.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "header.h"
#include "labels.h"

enum { COLUMN_FEATURE, COLUMN_LABEL, COLUMN_DROPPED };

/* What is known while the text is read. */
typedef struct data_set_reader {
    csv_reader csv;
    csv_error *error;
    char **header;        /* names of all columns */
    unsigned char *roles; /* COLUMN_... of all columns */
    size_t n_columns;
    size_t capacity; /* rows that there is room for */
    char **labels;   /* text of each row's label */
    double *last;    /* last number seen in each feature */
    size_t *n_seen;  /* numbers seen in each feature */
} data_set_reader;

static int data_set_no_memory(csv_error *e)
{
    return csv_fail(e, 0, 0, "out of memory");
}

static int data_set_read_header(data_set_reader *r)
{
    csv_field f;
    int got = CSV_FIELD;
    r->header = malloc(DATA_SET_MAX_COLUMNS * sizeof *r->header);
    if (!r->header)
        return data_set_no_memory(r->error);
    while (got == CSV_FIELD) {
        got = csv_next(&r->csv, &f);
        if (got == CSV_BAD)
            return 0;
        if (got == CSV_END)
            return csv_fail(r->error, 1, 1, "no header: the file is empty");
        if (r->n_columns == DATA_SET_MAX_COLUMNS)
            return csv_fail(r->error, f.line, f.column, "more than %d columns", DATA_SET_MAX_COLUMNS);
        r->header[r->n_columns++] = f.text;
    }
    return 1;
}

/* Gives a role to the columns with the name text[0 .. n-1]. Returns how many there are. */
static size_t data_set_assign(data_set_reader *r, const char *text, size_t n, unsigned char role)
{
    size_t found = 0;
    for (size_t j = 0; j < r->n_columns; j++) {
        if (strlen(r->header[j]) != n || memcmp(r->header[j], text, n) != 0)
            continue;
        r->roles[j] = role;
        found++;
    }
    return found;
}

static int data_set_assign_roles(data_set_reader *r, data_set *d, const char *drop)
{
    r->roles = calloc(r->n_columns, 1);
    d->names = malloc(r->n_columns * sizeof *d->names);
    if (!r->roles || !d->names)
        return data_set_no_memory(r->error);
    for (const char *at = drop; at && *at; at += *at == ',') {
        size_t n = strcspn(at, ",");
        if (n > 0 && data_set_assign(r, at, n, COLUMN_DROPPED) == 0)
            return header_unknown(r->header, r->n_columns, "--drop", at, n, r->error);
        at += n;
    }
    size_t n_labels = data_set_assign(r, d->label, strlen(d->label), COLUMN_LABEL);
    if (n_labels == 0)
        return header_unknown(r->header, r->n_columns, "--label", d->label, strlen(d->label), r->error);
    if (n_labels > 1)
        return csv_fail(r->error, 1, 1, "there are %zu columns '%.80s'", n_labels, d->label);
    for (size_t j = 0; j < r->n_columns; j++)
        if (r->roles[j] == COLUMN_FEATURE)
            d->names[d->n_features++] = r->header[j];
    if (d->n_features == 0)
        return csv_fail(r->error, 1, 1, "no column is left to predict from");
    r->last = calloc(d->n_features, sizeof *r->last);
    r->n_seen = calloc(d->n_features, sizeof *r->n_seen);
    return r->last && r->n_seen ? 1 : data_set_no_memory(r->error);
}

/* Room for one more row. */
static int data_set_grow(data_set_reader *r, data_set *d)
{
    if (d->n_rows < r->capacity)
        return 1;
    size_t rows = r->capacity ? r->capacity * 2 : 1024;
    if (rows > SIZE_MAX / sizeof(double) / d->n_features)
        return data_set_no_memory(r->error);
    double *x = realloc(d->x, rows * d->n_features * sizeof *x);
    d->x = x ? x : d->x;
    size_t *line = realloc(d->line, rows * sizeof *line);
    d->line = line ? line : d->line;
    char **labels = realloc(r->labels, rows * sizeof *labels);
    r->labels = labels ? labels : r->labels;
    if (!x || !line || !labels)
        return data_set_no_memory(r->error);
    r->capacity = rows;
    return 1;
}

/* A first number stands for the missing ones before it too. */
static void data_set_fill_back(data_set *d, size_t feature, double value)
{
    for (size_t i = 0; i < d->n_rows; i++)
        d->x[i * d->n_features + feature] = value;
}

static int data_set_take_number(data_set_reader *r, data_set *d, const csv_field *f, size_t feature)
{
    double *x = &d->x[d->n_rows * d->n_features + feature];
    if (field_is_missing(f->text)) {
        *x = r->last[feature];
        d->n_missing++;
        return 1;
    }
    if (!field_number(f->text, x))
        return csv_fail(r->error, f->line, f->column,
                        "'%.60s' in column '%.80s' is no finite number; --drop '%.80s' leaves the column out", f->text,
                        d->names[feature], d->names[feature]);
    if (r->n_seen[feature]++ == 0)
        data_set_fill_back(d, feature, *x);
    r->last[feature] = *x;
    return 1;
}

/* 1: a record, a blank line or the end (*got tells); 0: bad. */
static int data_set_read_record(data_set_reader *r, data_set *d, int *got)
{
    csv_field f;
    size_t column = 0;
    size_t feature = 0;
    size_t first_line = r->csv.line;
    if (!data_set_grow(r, d))
        return 0;
    do {
        *got = csv_next(&r->csv, &f);
        if (*got == CSV_BAD || *got == CSV_END)
            return *got == CSV_END;
        if (column == 0 && *got == CSV_LAST_FIELD && f.text[0] == '\0' && !f.quoted)
            return 1; /* blank: a table has two columns or more */
        if (column == r->n_columns)
            return csv_fail(r->error, f.line, f.column, "more fields than the %zu columns of the header", r->n_columns);
        if (r->roles[column] == COLUMN_LABEL)
            r->labels[d->n_rows] = f.text;
        else if (r->roles[column] == COLUMN_FEATURE && !data_set_take_number(r, d, &f, feature++))
            return 0;
        column++;
    } while (*got == CSV_FIELD);
    if (column < r->n_columns)
        return csv_fail(r->error, f.line, f.column, "the record ends after %zu of %zu fields; '%.80s' is missing", column,
                        r->n_columns, r->header[column]);
    d->line[d->n_rows] = first_line;
    if (field_is_missing(r->labels[d->n_rows]))
        d->n_unlabelled++;
    else
        d->n_rows++;
    return 1;
}

static int data_set_read_records(data_set_reader *r, data_set *d)
{
    int got = CSV_FIELD;
    while (got != CSV_END)
        if (!data_set_read_record(r, d, &got))
            return 0;
    if (d->n_rows == 0)
        return csv_fail(r->error, r->csv.line, 1, "no row with a label");
    for (size_t j = 0; j < d->n_features; j++)
        if (r->n_seen[j] == 0)
            return csv_fail(r->error, 1, 1, "column '%.80s' holds no number; --drop '%.80s' leaves it out", d->names[j],
                            d->names[j]);
    return 1;
}

static int data_set_map_labels(data_set_reader *r, data_set *d)
{
    size_t at = 0;
    d->y = malloc(d->n_rows * sizeof *d->y);
    d->classes = malloc(DATA_SET_MAX_CLASSES * sizeof *d->classes);
    if (!d->y || !d->classes)
        return data_set_no_memory(r->error);
    d->n_classes = labels_map(r->labels, d->n_rows, DATA_SET_MAX_CLASSES, d->y, d->classes, &at);
    if (d->n_classes > DATA_SET_MAX_CLASSES)
        return csv_fail(r->error, d->line[at], 1, "label column '%.80s' has more than %d classes here; is it a number to predict?",
                        d->label, DATA_SET_MAX_CLASSES);
    if (d->n_classes < 2)
        return csv_fail(r->error, d->line[0], 1, "all labels in column '%.80s' are '%.60s': nothing to predict", d->label,
                        d->classes[0]);
    return 1;
}

int data_set_read(data_set *d, char *text, size_t len, const char *label, const char *drop, csv_error *error)
{
    data_set_reader r = {.error = error};
    memset(d, 0, sizeof *d);
    d->text = text;
    d->label = label;
    int ok = csv_begin(&r.csv, text, len, error) && data_set_read_header(&r) && data_set_assign_roles(&r, d, drop) &&
             data_set_read_records(&r, d) && data_set_map_labels(&r, d);
    free(r.header);
    free(r.roles);
    free(r.labels);
    free(r.last);
    free(r.n_seen);
    return ok;
}

void data_set_free(data_set *d)
{
    free(d->x);
    free(d->y);
    free(d->line);
    free(d->names);
    free(d->classes);
    free(d->text);
    memset(d, 0, sizeof *d);
}
