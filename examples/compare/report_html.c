/* SPDX-License-Identifier: MIT */
#include "report_html.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "charts.h"
#include "page.h"
#include "table.h"

static const char report_html_style[] =
    ":root { --before: #5f6b7a; --now: #c2571a; }\n"
    "@media (prefers-color-scheme: dark) { :root { --before: #9aa6b5; --now: #f0935a; } }\n"
    ".before { fill: var(--before); stroke: var(--before); fill-opacity: .35; }\n"
    ".now { fill: var(--now); stroke: var(--now); fill-opacity: .35; }\n"
    ".where { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 4 3; }\n"
    ".spot { fill: transparent; } .spot:hover { fill: var(--soft); fill-opacity: .2; }\n"
    "p.found { color: var(--ink); font-weight: 600; } tr.moved td { color: var(--ink); } tr.quiet td { color: var(--soft); }\n";

static int report_html_has_moved(const kedge_table_column *c)
{
    return c->has_moved || c->has_moved_missing;
}

static void report_html_table(FILE *out, const drift *d, const frame *f)
{
    char text[TABLE_CELL];
    fputs("<div class=\"wide\"><table>\n<tr>", out);
    for (size_t cell = 0; cell < TABLE_COLUMNS; cell++)
        page_cell(out, "th", table_meaning(cell), table_heading(cell));
    fputs("</tr>\n", out);
    for (size_t i = 0; i < f->n_columns; i++) {
        size_t j = d->order[i];
        fprintf(out, "<tr class=\"%s\">", report_html_has_moved(&d->columns[j]) ? "moved" : "quiet");
        for (size_t cell = 0; cell < TABLE_COLUMNS; cell++) {
            table_cell(d, f, j, cell, text);
            page_cell(out, "td", NULL, text);
        }
        fputs("</tr>\n", out);
    }
    fputs("</table></div>\n<details><summary>What the columns mean</summary>\n<table>\n", out);
    for (size_t cell = 0; cell < TABLE_COLUMNS; cell++) {
        fputs("<tr>", out);
        page_cell(out, "td", NULL, table_heading(cell));
        fputs("<td class=\"words\">", out);
        page_text(out, table_meaning(cell));
        fputs("</td></tr>\n", out);
    }
    fputs("</table></details>\n", out);
}

static void report_html_notes(FILE *out, const drift *d, const frame *f)
{
    char text[TABLE_WORDS];
    for (size_t j = 0; j < f->n_columns; j++) {
        for (size_t i = 0; table_note(d, f, j, i, text); i++) {
            fputs("<p>", out);
            page_text(out, text);
            fputs(".</p>\n", out);
        }
    }
}

/* The line above a plot. */
static void report_html_story(FILE *out, const drift *d, const frame *f, size_t j)
{
    const kedge_table_column *c = &d->columns[j];
    char text[TABLE_CELL];
    fputs("<p>", out);
    if (c->has_moved) {
        table_probability(c->p_adjusted, text);
        fprintf(out, "Adjusted p ");
        page_text(out, text);
        fprintf(out, ", effect %.4g", c->shift.effect);
        if (c->since != UINT64_MAX)
            fprintf(out, ", since about row %.0f of the current data (line %zu)", (double)c->since + 1.0,
                    f->line[f->n_reference + (size_t)c->since]);
        fputs(". ", out);
    }
    if (c->has_moved_missing) {
        table_probability(c->p_missing_adjusted, text);
        fprintf(out, "Missing values: %.2f %% of the reference, %.2f %% of the current rows, adjusted p ",
                100.0 * c->missing_reference, 100.0 * c->missing_current);
        page_text(out, text);
        putc('.', out);
    }
    fputs("</p>\n", out);
}

/* 0: out of memory. */
static int report_html_charts(FILE *out, const drift *d, const frame *f)
{
    for (size_t i = 0; i < f->n_columns; i++) {
        size_t j = d->order[i];
        const kedge_table_column *c = &d->columns[j];
        if (!report_html_has_moved(c))
            continue;
        fputs("<h2>", out);
        page_text(out, f->columns[j].name);
        fputs("</h2>\n", out);
        report_html_story(out, d, f, j);
        if (c->shift.n_reference + c->shift.n_current > 0 && !charts_column(out, d, f, j))
            return 0;
    }
    return 1;
}

static void report_html_setting(FILE *out, const char *name, const char *value)
{
    fputs("<tr>", out);
    page_cell(out, "td", NULL, name);
    fputs("<td class=\"words\">", out);
    page_text(out, value);
    fputs("</td></tr>\n", out);
}

static void report_html_settings(FILE *out, const drift *d, const frame *f, const options *o)
{
    char text[TABLE_CELL];
    fputs("<h2>Settings</h2>\n<table>\n", out);
    report_html_setting(out, "reference", options_file_name(o->reference));
    if (o->current)
        report_html_setting(out, "current", o->current);
    if (o->split)
        report_html_setting(out, "--split", o->split);
    if (o->by)
        report_html_setting(out, "--by", o->by);
    (void)snprintf(text, sizeof text, "%zu of the reference, %zu current", f->n_reference, f->n_rows - f->n_reference);
    report_html_setting(out, "rows", text);
    report_html_setting(out, "numeric columns by", d->cfg.numeric->cls->name);
    report_html_setting(out, "nominal columns by", d->cfg.nominal->cls->name);
    report_html_setting(out, "boolean columns by", d->cfg.boolean->cls->name);
    report_html_setting(out, "missing values by", "fisher");
    (void)snprintf(text, sizeof text, "%s, over %u tests", o->adjust, d->report.n_tests);
    report_html_setting(out, "adjusted by", text);
    (void)snprintf(text, sizeof text, "%.9g", o->alpha);
    report_html_setting(out, "alpha", text);
    (void)snprintf(text, sizeof text, "%.9g", o->min_effect);
    report_html_setting(out, "least effect", text);
    report_html_setting(out, "kedge", kedge_version());
    fputs("</table>\n", out);
}

/* 0: out of memory. */
static int report_html_body(FILE *out, const drift *d, const frame *f, const options *o)
{
    char text[TABLE_WORDS];
    page_begin(out, "kedge compare", report_html_style);
    fputs("<h1>", out);
    page_text(out, options_file_name(o->reference));
    if (o->current) {
        fputs(" against ", out);
        page_text(out, options_file_name(o->current));
    }
    fputs("</h1>\n<p class=\"found\">", out);
    table_conclude(d, f, o, text);
    page_text(out, text);
    fputs("</p>\n", out);
    report_html_table(out, d, f);
    report_html_notes(out, d, f);
    int ok = report_html_charts(out, d, f);
    report_html_settings(out, d, f, o);
    page_end(out);
    if (!ok)
        errno = ENOMEM;
    return ok;
}

int report_html_write(const char *file, const drift *d, const frame *f, const options *o)
{
    FILE *out = fopen(file, "w");
    if (out) {
        int wrote = report_html_body(out, d, f, o) && !ferror(out);
        if (fclose(out) == 0 && wrote)
            return 1;
    }
    fprintf(stderr, "compare: %s: %s\n", file, strerror(errno));
    return 0;
}
