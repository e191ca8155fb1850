/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <stdio.h>
#include <string.h>

#include "words.h"

static const struct {
    const char *heading;
    const char *meaning;
} table_columns[TABLE_COLUMNS] = {
    {"way", "static: trained once; retrain: retrained on drift; online: learning from every row"},
    {"model", "what learns"},
    {"accuracy", "share of served rows that were predicted right"},
    {"kappa", "Cohen's kappa: accuracy beyond chance"},
    {"F1",
     "harmonic mean of precision and recall: of the second class (the greater label) if there are two, else the mean over classes"},
    {"alarms", "drifts that the detector signalled"},
    {"retrained", "models trained after the first"},
    {"replaced", "of these, models that the gate let through"},
    {"p50", "median time a row: predict, take the label, train if it is due"},
    {"p99", "99 % of the rows took no longer"},
    {"rows/s", "rows a second, measuring included"},
    {"state", "bytes of the whole pipeline: models, detector, rows kept"},
    {"work", "bytes of scratch memory for training"},
};

const char *table_heading(size_t column)
{
    return table_columns[column].heading;
}

const char *table_meaning(size_t column)
{
    return table_columns[column].meaning;
}

void table_duration(double ns, char text[TABLE_CELL])
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t unit = 0;
    for (; unit < 3 && ns >= 999.5; unit++)
        ns /= 1000.0;
    (void)snprintf(text, TABLE_CELL, "%.*f %s", ns < 9.995 && unit > 0 ? 2 : ns < 99.95 && unit > 0 ? 1 : 0, ns, units[unit]);
}

static void table_ratio(double x, char text[TABLE_CELL])
{
    (void)snprintf(text, TABLE_CELL, "%.3f", x);
}

void table_cell(const way *w, size_t column, char text[TABLE_CELL])
{
    switch (column) {
    case 0:
        (void)snprintf(text, TABLE_CELL, "%s", w->name);
        return;
    case 1:
        (void)snprintf(text, TABLE_CELL, "%s", w->model);
        return;
    case 2:
        table_ratio(w->quality.accuracy, text);
        return;
    case 3:
        table_ratio(w->quality.kappa, text);
        return;
    case 4:
        table_ratio(w->f1, text);
        return;
    case 5:
        words_count((double)w->pipeline.n_drifts, text, TABLE_CELL);
        return;
    case 6:
        words_count((double)w->pipeline.n_trainings - 1.0, text, TABLE_CELL);
        return;
    case 7:
        words_count((double)w->pipeline.n_promotions - 1.0, text, TABLE_CELL);
        return;
    case 8:
        table_duration((double)w->latency.p50, text);
        return;
    case 9:
        table_duration((double)w->latency.p99, text);
        return;
    case 10:
        words_count(w->throughput.per_second, text, TABLE_CELL);
        return;
    case 11:
        words_count((double)w->state_bytes, text, TABLE_CELL);
        return;
    default:
        words_count((double)w->work_bytes, text, TABLE_CELL);
        return;
    }
}

static size_t table_width(const way *ways, size_t n_ways, size_t column)
{
    char text[TABLE_CELL];
    size_t width = strlen(table_heading(column));
    for (size_t i = 0; i < n_ways; i++) {
        table_cell(&ways[i], column, text);
        width = strlen(text) > width ? strlen(text) : width;
    }
    return width;
}

/* One line; w = NULL: the headings. Words stand left, numbers right. */
static void table_line(const way *ways, size_t n_ways, const way *w)
{
    char text[TABLE_CELL];
    for (size_t column = 0; column < TABLE_COLUMNS; column++) {
        int width = (int)table_width(ways, n_ways, column);
        if (w)
            table_cell(w, column, text);
        else
            (void)snprintf(text, sizeof text, "%s", table_heading(column));
        printf("%s%*s", column > 0 ? "  " : "", column < 2 ? -width : width, text);
    }
    putchar('\n');
}

/* What F1 is of; a label comes from the data, so what would steer a terminal is made visible. */
static void table_print_f1(const data_set *d)
{
    char label[168];
    if (d->n_classes != 2) {
        printf("F1: mean over the %zu classes\n", d->n_classes);
        return;
    }
    words_plain(d->classes[1], 40, label, sizeof label);
    printf("F1: of class '%s'\n", label);
}

void table_print(const data_set *d, const way *ways, size_t n_ways)
{
    table_line(ways, n_ways, NULL);
    for (size_t i = 0; i < n_ways; i++)
        table_line(ways, n_ways, &ways[i]);
    table_print_f1(d);
    puts("p50, p99: time a row; state, work: bytes; retrained: after the first model; replaced: of these, let through by the gate");
}
