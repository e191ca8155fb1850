/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

enum { TABLE_NAME = 24, TABLE_CATEGORY = 20 };
enum { CELL_COLUMN, CELL_KIND, CELL_MOVED, CELL_P, CELL_EFFECT, CELL_CHANGE, CELL_SINCE, CELL_MISSING };

static const struct {
    const char *heading;
    const char *meaning;
} table_cells[TABLE_COLUMNS] = {
    {"column", "columns, the one that moved most surely first"},
    {"kind", "numeric, nominal (categories) or boolean"},
    {"moved?", "yes: its values come from another distribution; missing: its missing values became more, or fewer"},
    {"adjusted p",
     "chance of a difference that great if nothing changed, adjusted for the number of tests; of the missing values where only "
     "they moved"},
    {"effect", "how far, whatever the number of rows: with ks the greatest distance of the distribution functions, 0 to 1; for "
               "categories Cramer's V"},
    {"from -> to",
     "means of the reference and of the current rows; for categories the one whose share moved most, with its shares"},
    {"since row", "likeliest row of the current data, counted from 1, from which on the column is another"},
    {"missing", "share of missing values in the reference and in the current rows"},
};

const char *table_heading(size_t cell)
{
    return table_cells[cell].heading;
}

const char *table_meaning(size_t cell)
{
    return table_cells[cell].meaning;
}

void table_probability(double p, char text[TABLE_CELL])
{
    if (isnan(p))
        (void)snprintf(text, TABLE_CELL, "-");
    else if (p < 1e-300)
        (void)snprintf(text, TABLE_CELL, "<1e-300");
    else
        (void)snprintf(text, TABLE_CELL, p < 0.0005 ? "%.1e" : "%.3f", p);
}

static const char *table_moved(const kedge_table_column *c)
{
    if (c->has_moved)
        return c->has_moved_missing ? "yes, missing too" : "yes";
    return c->has_moved_missing ? "missing" : c->shift.status == KEDGE_OK ? "no" : "not compared";
}

static const char *table_kind(uint32_t kind)
{
    return kind == KEDGE_KIND_NUMERIC ? "numeric" : kind == KEDGE_KIND_NOMINAL ? "nominal" : "boolean";
}

/* So many digits, without a power where that is readable. */
static void table_number(double x, int digits, char *text, size_t text_bytes)
{
    double size = fabs(x);
    if (size >= pow(10.0, digits) - 0.5 && size < 1e9)
        digits = 9;
    (void)snprintf(text, text_bytes, "%.*g", digits, x);
}

/* Two means, with four digits, or more if they look the same with them. */
static void table_means(double before, double now, char text[TABLE_CELL])
{
    char one[32];
    char other[32];
    for (int digits = 4; digits < 8; digits++) {
        table_number(before, digits, one, sizeof one);
        table_number(now, digits, other, sizeof other);
        if (strcmp(one, other) != 0)
            break;
    }
    (void)snprintf(text, TABLE_CELL, "%s -> %s", one, other);
}

static void table_change(const drift *d, const frame *f, size_t column, char text[TABLE_CELL])
{
    drift_share share;
    const kedge_shift_result *r = &d->columns[column].shift;
    (void)snprintf(text, TABLE_CELL, "-");
    if (r->status != KEDGE_OK && r->status != KEDGE_DRIFT)
        return;
    if (d->columns[column].kind == KEDGE_KIND_NUMERIC)
        table_means(r->mean_reference, r->mean_current, text);
    else if (drift_top_share(f, column, &share)) {
        words_plain(f->columns[column].categories[share.code], TABLE_CATEGORY, text, TABLE_CELL);
        size_t n = strlen(text);
        (void)snprintf(text + n, TABLE_CELL - n, ": %.1f %% -> %.1f %%", 100.0 * share.before, 100.0 * share.now);
    }
}

void table_cell(const drift *d, const frame *f, size_t column, size_t cell, char text[TABLE_CELL])
{
    const kedge_table_column *c = &d->columns[column];
    switch (cell) {
    case CELL_COLUMN:
        words_plain(f->columns[column].name, TABLE_NAME, text, TABLE_CELL);
        return;
    case CELL_KIND:
        (void)snprintf(text, TABLE_CELL, "%s", table_kind(c->kind));
        return;
    case CELL_MOVED:
        (void)snprintf(text, TABLE_CELL, "%s", table_moved(c));
        return;
    case CELL_P:
        table_probability(c->has_moved_missing && !c->has_moved ? c->p_missing_adjusted : c->p_adjusted, text);
        return;
    case CELL_EFFECT:
        (void)snprintf(text, TABLE_CELL,
                       isnan(c->shift.effect)        ? "-"
                       : fabs(c->shift.effect) < 1e6 ? "%.3f"
                                                     : "%.3g",
                       c->shift.effect);
        return;
    case CELL_CHANGE:
        table_change(d, f, column, text);
        return;
    case CELL_SINCE:
        if (c->has_moved && c->since != UINT64_MAX)
            words_count((double)c->since + 1.0, text, TABLE_CELL);
        else
            (void)snprintf(text, TABLE_CELL, "-");
        return;
    default:
        if (c->missing_reference > 0.0 || c->missing_current > 0.0)
            (void)snprintf(text, TABLE_CELL, "%.1f %% -> %.1f %%", 100.0 * c->missing_reference, 100.0 * c->missing_current);
        else
            (void)snprintf(text, TABLE_CELL, "none");
        return;
    }
}

/* Printing ------------------------------------------------------------------------------------------ */

static size_t table_width(const drift *d, const frame *f, size_t cell)
{
    char text[TABLE_CELL];
    size_t width = strlen(table_heading(cell));
    for (size_t j = 0; j < f->n_columns; j++) {
        table_cell(d, f, j, cell, text);
        width = words_width(text) > width ? words_width(text) : width;
    }
    return width;
}

/* Figures stand right, words left. */
static void table_put(const char *text, size_t width, size_t cell)
{
    int is_right = cell == CELL_P || cell == CELL_EFFECT || cell == CELL_SINCE;
    int pad = (int)(width - words_width(text));
    if (is_right)
        printf("%*s%s", pad, "", text);
    else
        printf("%s%*s", text, cell + 1 < TABLE_COLUMNS ? pad : 0, "");
    fputs(cell + 1 < TABLE_COLUMNS ? "  " : "\n", stdout);
}

void table_print(const drift *d, const frame *f)
{
    char text[TABLE_CELL];
    size_t widths[TABLE_COLUMNS];
    for (size_t cell = 0; cell < TABLE_COLUMNS; cell++)
        widths[cell] = table_width(d, f, cell);
    for (size_t cell = 0; cell < TABLE_COLUMNS; cell++)
        table_put(table_heading(cell), widths[cell], cell);
    for (size_t i = 0; i < f->n_columns; i++) {
        for (size_t cell = 0; cell < TABLE_COLUMNS; cell++) {
            table_cell(d, f, d->order[i], cell, text);
            table_put(text, widths[cell], cell);
        }
    }
}

/* Words ------------------------------------------------------------------------------------------ */

static const char *table_reason(kedge_status st)
{
    switch (st) {
    case KEDGE_EMPTY:
        return "too few values";
    case KEDGE_ERR_RANGE:
        return "a value is too large";
    default:
        return kedge_status_string(st);
    }
}

int table_note(const drift *d, const frame *f, size_t column, size_t i, char text[TABLE_WORDS])
{
    const frame_column *c = &f->columns[column];
    kedge_status st = d->columns[column].shift.status;
    int is_failed = st != KEDGE_OK && st != KEDGE_DRIFT;
    int is_odd = c->kind == KEDGE_KIND_NOMINAL && !c->is_given && c->n_numbers > c->n_texts;
    char name[TABLE_CELL];
    char odd[TABLE_CELL];
    words_plain(c->name, TABLE_NAME, name, sizeof name);
    if (is_failed && i == 0) {
        (void)snprintf(text, TABLE_WORDS, "'%s' was not compared: %s", name, table_reason(st));
        return 1;
    }
    if (!is_odd || i != (size_t)is_failed)
        return 0;
    words_plain(c->odd, TABLE_CATEGORY, odd, sizeof odd);
    (void)snprintf(text, TABLE_WORDS, "'%s' is taken as categories, since not all of it is numbers: '%s' in line %zu%s", name, odd,
                   f->line[c->odd_row], c->odd_row < f->n_reference ? "" : " of the current data");
    return 1;
}

void table_promise(const options *o, char *text, size_t text_bytes)
{
    const char *what = o->adjustment == KEDGE_ADJUST_NONE ? "false alarms of each test"
                       : o->adjustment == KEDGE_ADJUST_BONFERRONI || o->adjustment == KEDGE_ADJUST_HOLM
                           ? "chance of any false alarm"
                           : "false discovery rate";
    (void)snprintf(text, text_bytes, "%s %.3g %%", what, 100.0 * o->alpha);
}

/* How the surest column moved. */
static void table_surest(const drift *d, const frame *f, char text[TABLE_CELL * 2])
{
    char change[TABLE_CELL];
    size_t j = d->order[0];
    for (size_t i = 0; i < f->n_columns && !d->columns[j].has_moved && !d->columns[j].has_moved_missing; i++)
        j = d->order[i]; /* the first ones can be sure, but too small */
    const kedge_table_column *c = &d->columns[j];
    char name[TABLE_CELL];
    words_plain(f->columns[j].name, TABLE_NAME, name, sizeof name);
    table_cell(d, f, j, c->has_moved ? CELL_CHANGE : CELL_MISSING, change);
    const char *what = !c->has_moved ? "missing values" : c->kind == KEDGE_KIND_NUMERIC ? "mean" : "share of";
    int used = snprintf(text, TABLE_CELL * 2, "'%s' (%s %s", name, what, change);
    if (c->has_moved && c->since != UINT64_MAX)
        (void)snprintf(text + used, TABLE_CELL * 2 - (size_t)used, ", since row %.0f of the current data)", (double)c->since + 1.0);
    else
        (void)snprintf(text + used, TABLE_CELL * 2 - (size_t)used, ")");
}

void table_conclude(const drift *d, const frame *f, const options *o, char text[TABLE_WORDS])
{
    char promise[64];
    char surest[TABLE_CELL * 2];
    unsigned moved = d->report.n_moved;
    table_promise(o, promise, sizeof promise);
    if (moved == 0) {
        (void)snprintf(text, TABLE_WORDS, "Nothing moved: none of %zu column%s (%s).", f->n_columns, f->n_columns == 1 ? "" : "s",
                       promise);
        return;
    }
    table_surest(d, f, surest);
    (void)snprintf(text, TABLE_WORDS, "%u of %zu column%s moved (%s)%s %s.", moved, f->n_columns, f->n_columns == 1 ? "" : "s",
                   promise, moved == 1 ? ":" : ", most surely", surest);
}
