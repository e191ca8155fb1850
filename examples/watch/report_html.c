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

static const char report_html_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>kedge watch</title>\n<style>\n"
    ":root { color-scheme: light dark; --ink: #1d2530; --soft: #5a6675; --rule: #d9dee5; --paper: #fff; --card: #f5f7fa;\n"
    "  --static: #5f6b7a; --retrain: #c2571a; --online: #1668b8; --bad: #b3261e; --good: #1b7f4b; }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa6b5; --rule: #323a46; --paper: #12161c; --card: "
    "#1a2029;\n"
    "  --static: #9aa6b5; --retrain: #f0935a; --online: #6bb1f5; --bad: #f2786f; --good: #55c98c; } }\n"
    "body { margin: 0 auto; max-width: 1100px; padding: 24px; background: var(--paper); color: var(--ink);\n"
    "  font: 15px/1.5 system-ui, sans-serif; }\n"
    "h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 32px 0 8px; } p { margin: 4px 0; color: var(--soft); "
    "}\n"
    "svg { width: 100%; height: auto; background: var(--card); border-radius: 8px; }\n"
    "svg text { fill: var(--soft); font: 12px system-ui, sans-serif; } svg text.axis { fill: var(--ink); }\n"
    ".grid, .lane { stroke: var(--rule); stroke-width: 1; } .line { fill: none; stroke-width: 2; stroke-linejoin: round; }\n"
    ".spot { fill: transparent; } .spot:hover { fill: var(--soft); fill-opacity: .5; }\n"
    ".static { stroke: var(--static); } .retrain { stroke: var(--retrain); } .online { stroke: var(--online); }\n"
    ".static.line { stroke-dasharray: 6 3; } .rose { fill: var(--bad); } .fell { fill: var(--good); }\n"
    ".replaced { fill: var(--retrain); } .kept { fill: var(--card); } .kept, .replaced { stroke-width: 2; }\n"
    ".wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }\n"
    "th, td { padding: 5px 6px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }\n"
    "th { color: var(--soft); font-weight: 600; } th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }\n"
    "td.words, th.words { text-align: left; white-space: normal; }\n"
    "details { margin-top: 12px; } summary { cursor: pointer; }\n</style>\n</head>\n<body>\n";

static void report_html_cell(FILE *f, const char *tag, const char *title, const char *text)
{
    fprintf(f, "<%s", tag);
    if (title) {
        fputs(" title=\"", f);
        page_text(f, title);
        fputs("\"", f);
    }
    fputs(">", f);
    page_text(f, text);
    fprintf(f, "</%s>", tag);
}

static void report_html_table(FILE *f, const way *ways, size_t n_ways)
{
    char text[TABLE_CELL];
    fputs("<div class=\"wide\"><table>\n<tr>", f);
    for (size_t column = 0; column < TABLE_COLUMNS; column++)
        report_html_cell(f, "th", table_meaning(column), table_heading(column));
    fputs("</tr>\n", f);
    for (size_t i = 0; i < n_ways; i++) {
        fputs("<tr>", f);
        for (size_t column = 0; column < TABLE_COLUMNS; column++) {
            table_cell(&ways[i], column, text);
            report_html_cell(f, "td", NULL, text);
        }
        fputs("</tr>\n", f);
    }
    fputs("</table></div>\n<details><summary>What the columns mean</summary>\n<table>\n", f);
    for (size_t column = 0; column < TABLE_COLUMNS; column++) {
        fputs("<tr>", f);
        report_html_cell(f, "td", NULL, table_heading(column));
        report_html_cell(f, "td", NULL, table_meaning(column));
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
    fputs(report_html_head, f);
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
    fputs("</body>\n</html>\n", f);
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
