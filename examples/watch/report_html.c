/* SPDX-License-Identifier: MIT */
#include "report_html.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "charts.h"
#include "events.h"
#include "models.h"
#include "page.h"
#include "table.h"

static const char report_html_style[] =
    ":root { --static: #5f6b7a; --retrain: #c2571a; --online: #1668b8; }\n"
    "@media (prefers-color-scheme: dark) { :root { --static: #9aa6b5; --retrain: #f0935a; --online: #6bb1f5; } }\n"
    ".lane { stroke: var(--rule); stroke-width: 1; } .line { fill: none; stroke-width: 2; stroke-linejoin: round; }\n"
    ".spot { fill: transparent; } .spot:hover { fill: var(--soft); fill-opacity: .5; }\n"
    ".static { stroke: var(--static); } .retrain { stroke: var(--retrain); } .online { stroke: var(--online); }\n"
    ".static.line { stroke-dasharray: 6 3; } .rose { fill: var(--bad); } .fell { fill: var(--good); }\n"
    ".replaced { fill: var(--retrain); } .kept { fill: var(--card); } .kept, .replaced { stroke-width: 2; }\n";

static void report_html_table(FILE *f, const way *ways, size_t n_ways)
{
    char text[TABLE_CELL];
    fputs("<div class=\"wide\"><table>\n<tr>", f);
    for (size_t column = 0; column < TABLE_COLUMNS; column++)
        page_cell(f, "th", table_meaning(column), table_heading(column));
    fputs("</tr>\n", f);
    for (size_t i = 0; i < n_ways; i++) {
        fputs("<tr>", f);
        for (size_t column = 0; column < TABLE_COLUMNS; column++) {
            table_cell(&ways[i], column, text);
            page_cell(f, "td", NULL, text);
        }
        fputs("</tr>\n", f);
    }
    fputs("</table></div>\n<details><summary>What the columns mean</summary>\n<table>\n", f);
    for (size_t column = 0; column < TABLE_COLUMNS; column++) {
        fputs("<tr>", f);
        page_cell(f, "td", NULL, table_heading(column));
        page_cell(f, "td", NULL, table_meaning(column));
        fputs("</tr>\n", f);
    }
    fputs("</table></details>\n", f);
}

static void report_html_events(FILE *f, const way *ways, size_t n_ways)
{
    char text[160];
    fputs("<h2>What happened</h2>\n<div class=\"wide\"><table>\n"
          "<tr><th>way</th><th class=\"words\">row</th><th class=\"words\">event</th></tr>\n",
          f);
    for (size_t i = 0; i < n_ways; i++) {
        for (size_t j = 0; j < ways[i].n_events; j++) {
            events_describe(&ways[i].events[j], text, sizeof text);
            fprintf(f, "<tr><td>%s</td><td>%zu</td><td class=\"words\">", ways[i].name, ways[i].events[j].row);
            page_text(f, text);
            fputs("</td></tr>\n", f);
        }
    }
    fputs("</table></div>\n", f);
}

static void report_html_run(FILE *f, const data_set *d, const options *o, const way *ways, size_t n_ways)
{
    fputs("<h2>What was run</h2>\n<p>Features: ", f);
    for (size_t j = 0; j < d->n_features; j++) {
        fputs(j > 0 ? ", " : "", f);
        page_text(f, d->names[j]);
    }
    fputs(". Classes: ", f);
    for (size_t j = 0; j < d->n_classes; j++) {
        fputs(j > 0 ? ", " : "", f);
        page_text(f, d->classes[j]);
    }
    fprintf(f, ".</p>\n<p>Detector: %s. ", o->detector);
    for (size_t i = 0; i < n_ways; i++) {
        fprintf(f, "%s: %s, trained at first in %.3g s", ways[i].name, ways[i].model, ways[i].train_seconds);
        if (ways[i].window_rows > 0)
            fprintf(f, ", retrained on at most %zu newest rows (%s)", ways[i].window_rows,
                    strcmp(o->select, "change") == 0 ? "those since the estimated change" : "all of them");
        fputs(". ", f);
    }
    fprintf(f, "</p>\n<p>%zu missing numbers were filled with the last one seen; %zu rows without a label were left out.</p>\n",
            d->n_missing, d->n_unlabelled);
    fprintf(f, "<p>kedge %s, this program: %s.</p>\n", kedge_version(), models_license());
}

static void report_html_body(FILE *f, const data_set *d, const options *o, const way *ways, size_t n_ways)
{
    page_begin(f, "kedge watch", report_html_style);
    fputs("<h1>", f);
    page_text(f, strcmp(o->file, "-") == 0 ? "standard input" : o->file);
    fputs(": ", f);
    page_text(f, d->label);
    fprintf(f,
            "</h1>\n<p>%zu rows, %zu features, %zu classes. The first %zu rows train; the rest is served, each row predicted "
            "before its label is told.</p>\n",
            d->n_rows, d->n_features, d->n_classes, ways[0].n_train);
    report_html_table(f, ways, n_ways);
    fprintf(f, "<h2>Accuracy over the newest %zu rows</h2>\n", ways[0].curve_window);
    charts_accuracy(f, d, ways, n_ways);
    fputs("<h2>Latency</h2>\n", f);
    charts_latency(f, ways, n_ways);
    report_html_events(f, ways, n_ways);
    report_html_run(f, d, o, ways, n_ways);
    page_end(f);
}

int report_html_write(const char *file, const data_set *d, const options *o, const way *ways, size_t n_ways)
{
    FILE *f = fopen(file, "w");
    if (f) {
        report_html_body(f, d, o, ways, n_ways);
        int wrote = !ferror(f);
        if (fclose(f) == 0 && wrote)
            return 1;
    }
    fprintf(stderr, "watch: %s: %s\n", file, strerror(errno));
    return 0;
}
