/* SPDX-License-Identifier: MIT */
#include "charts.h"

#include <math.h>

#include "events.h"
#include "page.h"
#include "table.h"

enum { CHARTS_WIDTH = 960, CHARTS_LANE = 36 };

/* A sample of each way's line with its name. */
static void charts_legend(FILE *f, const page_plot *p, const way *ways, size_t n_ways)
{
    double x = p->left;
    for (size_t i = 0; i < n_ways; i++, x += 110) {
        fprintf(f, "<line class=\"line %s\" x1=\"%.1f\" y1=\"16\" x2=\"%.1f\" y2=\"16\"/>", ways[i].name, x, x + 28);
        fprintf(f, "<text x=\"%.1f\" y=\"20\">%s</text>\n", x + 34, ways[i].name);
    }
}

/* The accuracies that the curves cover, widened to whole tenths. */
static void charts_accuracy_range(page_plot *p, const way *ways, size_t n_ways)
{
    p->y0 = 1.0;
    p->y1 = 0.0;
    for (size_t i = 0; i < n_ways; i++) {
        for (size_t j = 0; j < ways[i].n_points; j++) {
            p->y0 = fmin(p->y0, ways[i].points[j].accuracy);
            p->y1 = fmax(p->y1, ways[i].points[j].accuracy);
        }
    }
    p->y0 = fmax(0.0, floor(p->y0 * 10.0) / 10.0);
    p->y1 = fmin(1.0, ceil(p->y1 * 10.0) / 10.0);
    if (!(p->y1 > p->y0)) {
        p->y0 = 0.0;
        p->y1 = 1.0;
    }
}

static void charts_accuracy_grid(FILE *f, const page_plot *p)
{
    char label[TABLE_CELL];
    double step = page_step(p->y1 - p->y0, 6);
    for (double i = 0.0; p->y0 + i * step <= p->y1 + step * 1e-6; i += 1.0) {
        (void)snprintf(label, sizeof label, "%.*f %%", step < 0.01 ? 1 : 0, 100.0 * (p->y0 + i * step));
        page_grid_y(f, p, p->y0 + i * step, label);
    }
    step = fmax(page_step(p->x1 - p->x0, 8), 1.0);
    for (double x = ceil(p->x0 / step) * step; x <= p->x1; x += step) {
        (void)snprintf(label, sizeof label, "%.0f", x);
        page_grid_x(f, p, x, label);
    }
}

static void charts_accuracy_line(FILE *f, const page_plot *p, const way *w)
{
    fprintf(f, "<polyline class=\"line %s\" points=\"", w->name);
    for (size_t j = 0; j < w->n_points; j++)
        fprintf(f, "%.1f,%.1f ", page_x(p, (double)w->points[j].row), page_y(p, w->points[j].accuracy));
    fputs("\"/>\n", f);
    for (size_t j = 0; j < w->n_points; j += 4) { /* something to point at */
        const way_point *at = &w->points[j];
        fprintf(f,
                "<circle class=\"spot\" cx=\"%.1f\" cy=\"%.1f\" r=\"6\"><title>%s, row %zu: %.1f %% of the newest %zu "
                "right</title></circle>\n",
                page_x(p, (double)at->row), page_y(p, at->accuracy), w->name, at->row, 100.0 * at->accuracy, w->curve_window);
    }
}

/* A triangle for an alarm (up: the error rose), a full or empty circle for a retraining that replaced the model or not. */
static void charts_mark(FILE *f, double x, double y, const way *w, const way_event *e)
{
    char text[160];
    events_describe(e, text, sizeof text);
    double tip = e->kind == WAYS_FELL ? 6.0 : -6.0;
    y += e->kind == WAYS_ROSE || e->kind == WAYS_FELL ? -9.0 : 9.0; /* above the lane, below it */
    if (e->kind == WAYS_ROSE || e->kind == WAYS_FELL)
        fprintf(f, "<path class=\"mark %s\" d=\"M%.1f %.1fl6 %.1fh-12z\">", e->kind == WAYS_ROSE ? "rose" : "fell", x, y + tip,
                -2.0 * tip);
    else
        fprintf(f, "<circle class=\"mark %s %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\">", e->kind == WAYS_REPLACED ? "replaced" : "kept",
                w->name, x, y);
    fprintf(f, "<title>%s, row %zu: ", w->name, e->row);
    page_text(f, text);
    fprintf(f, "</title>%s\n", e->kind == WAYS_ROSE || e->kind == WAYS_FELL ? "</path>" : "</circle>");
}

static void charts_lane(FILE *f, const page_plot *p, const way *w, double y)
{
    fprintf(f, "<line class=\"lane\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", p->left, y, p->right, y);
    fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", p->left - 8, y + 4, w->name);
    for (size_t i = 0; i < w->n_events; i++)
        charts_mark(f, page_x(p, (double)w->events[i].row), y, w, &w->events[i]);
}

static void charts_lanes_legend(FILE *f, const page_plot *p, double y)
{
    double x = p->left;
    fprintf(f, "<path class=\"mark rose\" d=\"M%.1f %.1fl6 12h-12z\"/><text x=\"%.1f\" y=\"%.1f\">error rose</text>\n", x + 6,
            y - 6, x + 20, y + 4);
    x += 130;
    fprintf(f, "<path class=\"mark fell\" d=\"M%.1f %.1fl6 -12h-12z\"/><text x=\"%.1f\" y=\"%.1f\">error fell</text>\n", x + 6,
            y + 6, x + 20, y + 4);
    x += 130;
    fprintf(f,
            "<circle class=\"mark replaced retrain\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/><text x=\"%.1f\" y=\"%.1f\">retrained, new "
            "model serves</text>\n",
            x + 6, y, x + 20, y + 4);
    x += 240;
    fprintf(f,
            "<circle class=\"mark kept retrain\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/><text x=\"%.1f\" y=\"%.1f\">retrained, old model "
            "stays</text>\n",
            x + 6, y, x + 20, y + 4);
}

void charts_accuracy(FILE *f, const data_set *d, const way *ways, size_t n_ways)
{
    page_plot p = {.left = 80, .right = CHARTS_WIDTH - 32, .top = 36, .bottom = 336};
    double lanes = p.bottom + 72;
    double height = lanes + CHARTS_LANE * (double)n_ways + 30;
    p.x0 = (double)ways[0].n_train;
    p.x1 = (double)d->n_rows;
    charts_accuracy_range(&p, ways, n_ways);
    fprintf(f, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Accuracy over the stream\">\n", CHARTS_WIDTH, height);
    charts_accuracy_grid(f, &p);
    page_axes(f, &p, "row of the stream", "accuracy, sliding window");
    charts_legend(f, &p, ways, n_ways);
    for (size_t i = 0; i < n_ways; i++)
        charts_accuracy_line(f, &p, &ways[i]);
    for (size_t i = 0; i < n_ways; i++)
        charts_lane(f, &p, &ways[i], lanes + CHARTS_LANE * (double)i);
    charts_lanes_legend(f, &p, height - 14);
    fputs("</svg>\n", f);
}

/* Decades of nanoseconds that hold all quantiles, and the nines of the share along x. */
static void charts_latency_range(page_plot *p, const way *ways, size_t n_ways)
{
    double least = 1e18;
    double most = 1.0;
    for (size_t i = 0; i < n_ways; i++) {
        least = fmin(least, fmax(1.0, (double)ways[i].quantiles[0]));
        most = fmax(most, (double)ways[i].quantiles[WAYS_QUANTILES - 1]);
    }
    p->x0 = 0.0;
    p->x1 = WAYS_QUANTILES - 1;
    p->y0 = floor(log10(least));
    p->y1 = fmax(ceil(log10(most)), p->y0 + 1.0);
}

static void charts_latency_line(FILE *f, const page_plot *p, const way *w)
{
    char text[TABLE_CELL];
    fprintf(f, "<polyline class=\"line %s\" points=\"", w->name);
    for (size_t j = 0; j < WAYS_QUANTILES; j++)
        fprintf(f, "%.1f,%.1f ", page_x(p, (double)j), page_y(p, log10(fmax(1.0, (double)w->quantiles[j]))));
    fputs("\"/>\n", f);
    for (size_t j = 0; j < WAYS_QUANTILES; j += 3) {
        table_duration((double)w->quantiles[j], text);
        fprintf(f,
                "<circle class=\"spot\" cx=\"%.1f\" cy=\"%.1f\" r=\"6\"><title>%s: %.4g %% of the rows took no longer than "
                "%s</title></circle>\n",
                page_x(p, (double)j), page_y(p, log10(fmax(1.0, (double)w->quantiles[j]))), w->name, 100.0 * ways_share(j), text);
    }
}

void charts_latency(FILE *f, const way *ways, size_t n_ways)
{
    static const struct {
        double nines;
        const char *label;
    } marks[] = {{0.0, "0 %"}, {0.30103, "50 %"}, {1.0, "90 %"}, {2.0, "99 %"}, {3.0, "99.9 %"}, {4.0, "99.99 %"}};
    char label[TABLE_CELL];
    page_plot p = {.left = 80, .right = CHARTS_WIDTH - 32, .top = 36, .bottom = 276};
    charts_latency_range(&p, ways, n_ways);
    fprintf(f, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Latency\">\n", CHARTS_WIDTH, p.bottom + 52);
    for (double y = p.y0; y <= p.y1; y += 1.0) {
        table_duration(pow(10.0, y), label);
        page_grid_y(f, &p, y, label);
    }
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        page_grid_x(f, &p, marks[i].nines / 4.0 * p.x1, marks[i].label);
    page_axes(f, &p, "share of rows that took no longer", "time a row");
    charts_legend(f, &p, ways, n_ways);
    for (size_t i = 0; i < n_ways; i++)
        charts_latency_line(f, &p, &ways[i]);
    fputs("</svg>\n", f);
}
