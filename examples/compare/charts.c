/* SPDX-License-Identifier: MIT */
#include "charts.h"

#include <math.h>
#include <stdlib.h>

#include "page.h"
#include "words.h"

enum { CHARTS_WIDTH = 960, CHARTS_HEIGHT = 260, CHARTS_BINS = 48, CHARTS_CATEGORIES = 15, CHARTS_BAR = 13, CHARTS_TEXT = 160 };

/* A histogram of both samples over the same bins; the outer ones take what lies beyond. */
typedef struct charts_histogram {
    double low;
    double width; /* of a bin */
    size_t n_bins;
    double before[CHARTS_BINS]; /* shares */
    double now[CHARTS_BINS];
    double beyond; /* share of all values outside */
    double most;   /* greatest share */
} charts_histogram;

static void charts_legend(FILE *out, double left)
{
    static const char *const names[] = {"before", "now"};
    static const char *const texts[] = {"reference", "current"};
    for (int i = 0; i < 2; i++, left += 110) {
        fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"10\" width=\"28\" height=\"10\"/>", names[i], left);
        fprintf(out, "<text x=\"%.1f\" y=\"20\">%s</text>\n", left + 34, texts[i]);
    }
}

/* Histograms ------------------------------------------------------------------------------------------ */

static int charts_compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static int charts_is_whole(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != floor(x[i]))
            return 0;
    return 1;
}

/* Bins for n sorted values, at least 1: of width 1 for a few whole numbers; else over the range, or its inner part if outliers
 * stretch it. */
static void charts_bins(charts_histogram *h, const double *x, size_t n)
{
    double low = x[n / 500];
    double high = x[n - 1 - n / 500];
    if (x[n - 1] - x[0] < CHARTS_BINS && charts_is_whole(x, n)) {
        h->low = x[0] - 0.5;
        h->width = 1.0;
        h->n_bins = (size_t)(x[n - 1] - x[0]) + 1;
        return;
    }
    if (!(high > low) || x[n - 1] - x[0] <= 1.5 * (high - low)) {
        low = x[0];
        high = x[n - 1];
    }
    if (!(high > low)) { /* all the same */
        double room = fmax(fabs(low) * 0.01, 1e-300);
        low -= room;
        high += room;
    }
    double bins = ceil(2.0 * cbrt((double)n)); /* Rice's rule */
    h->n_bins = bins < 8.0 ? 8 : bins > CHARTS_BINS ? CHARTS_BINS : (size_t)bins;
    h->low = low;
    h->width = (high - low) / (double)h->n_bins;
}

static void charts_fill(charts_histogram *h, const double *x, size_t n, double *shares, size_t *n_beyond)
{
    double n_there = 0.0;
    for (size_t i = 0; i < n; i++)
        n_there += isnan(x[i]) ? 0.0 : 1.0;
    for (size_t i = 0; i < n; i++) {
        double at = floor((x[i] - h->low) / h->width);
        if (isnan(x[i]))
            continue;
        double last = (double)h->n_bins - 1.0;
        *n_beyond += x[i] < h->low || x[i] > h->low + h->width * (double)h->n_bins;
        shares[(size_t)fmin(fmax(at, 0.0), last)] += 1.0 / n_there;
    }
    for (size_t k = 0; k < h->n_bins; k++)
        h->most = fmax(h->most, shares[k]);
}

/* 0: out of memory, or no value. */
static int charts_count(charts_histogram *h, const frame *f, size_t column)
{
    const double *x = f->columns[column].x;
    size_t n = 0;
    size_t n_beyond = 0;
    double *sorted = malloc(f->n_rows * sizeof *sorted);
    if (!sorted)
        return 0;
    for (size_t i = 0; i < f->n_rows; i++)
        if (!isnan(x[i]))
            sorted[n++] = x[i];
    if (n > 0) {
        qsort(sorted, n, sizeof *sorted, charts_compare);
        charts_bins(h, sorted, n);
        charts_fill(h, x, f->n_reference, h->before, &n_beyond);
        charts_fill(h, x + f->n_reference, f->n_rows - f->n_reference, h->now, &n_beyond);
        h->beyond = (double)n_beyond / (double)n;
    }
    free(sorted);
    return n > 0;
}

static void charts_area(FILE *out, const page_plot *p, const charts_histogram *h, const double *shares, const char *name)
{
    fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1f", name, p->left, p->bottom);
    for (size_t k = 0; k < h->n_bins; k++)
        fprintf(out, "V%.1fH%.1f", page_y(p, shares[k]), page_x(p, h->low + h->width * (double)(k + 1)));
    fprintf(out, "V%.1fZ\"/>\n", p->bottom);
}

/* Something to point at. */
static void charts_spots(FILE *out, const page_plot *p, const charts_histogram *h)
{
    for (size_t k = 0; k < h->n_bins; k++) {
        double x = h->low + h->width * (double)k;
        fprintf(out, "<rect class=\"spot\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>", page_x(p, x), p->top,
                page_x(p, x + h->width) - page_x(p, x), p->bottom - p->top);
        fprintf(out, "%s%.4g to %.4g%s: %.2f %% of the reference, %.2f %% of the current rows</title></rect>\n",
                k == 0 && h->beyond > 0.0 ? "below or " : "", x, x + h->width,
                k + 1 == h->n_bins && h->beyond > 0.0 ? " or above" : "", 100.0 * h->before[k], 100.0 * h->now[k]);
    }
}

static void charts_grid(FILE *out, const page_plot *p)
{
    char label[CHARTS_TEXT];
    double step = page_step(p->y1 - p->y0, 6);
    for (double y = 0.0; y <= p->y1 + step * 1e-6; y += step) {
        (void)snprintf(label, sizeof label, "%.*f %%", step < 0.01 ? 2 : 0, 100.0 * y);
        page_grid_y(out, p, y, label);
    }
    step = page_step(p->x1 - p->x0, 12);
    double first = ceil(p->x0 / step);
    for (int i = 0; i < 24 && (first + i) * step <= p->x1; i++) {
        (void)snprintf(label, sizeof label, "%.6g", (first + i) * step);
        page_grid_x(out, p, (first + i) * step, label);
    }
}

static void charts_where(FILE *out, const page_plot *p, double where)
{
    if (!(where >= p->x0 && where <= p->x1))
        return;
    double x = page_x(p, where);
    fprintf(out,
            "<line class=\"where\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"><title>the samples differ most at "
            "%.6g</title></line>\n",
            x, p->top, x, p->bottom, where);
}

static int charts_numeric(FILE *out, const drift *d, const frame *f, size_t column)
{
    charts_histogram h = {.width = 1.0};
    char name[CHARTS_TEXT];
    if (!charts_count(&h, f, column))
        return 0;
    page_plot p = {.x0 = h.low,
                   .x1 = h.low + h.width * (double)h.n_bins,
                   .y0 = 0.0,
                   .y1 = fmax(h.most, 1e-9) * 1.05,
                   .left = 76,
                   .right = CHARTS_WIDTH - 16,
                   .top = 32,
                   .bottom = CHARTS_HEIGHT - 50};
    words_plain(f->columns[column].name, 40, name, sizeof name);
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\">\n", CHARTS_WIDTH, CHARTS_HEIGHT);
    charts_legend(out, p.left);
    charts_grid(out, &p);
    charts_area(out, &p, &h, h.before, "before");
    charts_area(out, &p, &h, h.now, "now");
    charts_where(out, &p, d->columns[column].shift.where);
    charts_spots(out, &p, &h);
    page_axes(out, &p, name, "share of rows");
    fputs("</svg>\n", out);
    if (h.beyond > 0.0)
        fprintf(out, "<p>%.2g %% of the values lie outside of the plot; the outer bins hold them.</p>\n", 100.0 * h.beyond);
    return 1;
}

/* Categories ------------------------------------------------------------------------------------------ */

/* The one whose share moved more comes first. */
static int charts_compare_shares(const void *a, const void *b)
{
    const drift_share *s = a;
    const drift_share *t = b;
    double x = fabs(s->now - s->before);
    double y = fabs(t->now - t->before);
    return x != y ? (x < y) - (x > y) : (s->code > t->code) - (s->code < t->code);
}

static void charts_bars(FILE *out, const page_plot *p, double y, const drift_share *s, const char *category)
{
    const double shares[] = {s->before, s->now};
    static const char *const names[] = {"before", "now"};
    char name[CHARTS_TEXT];
    words_plain(category, 24, name, sizeof name);
    fprintf(out, "<text class=\"axis\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", p->left - 8, y + CHARTS_BAR + 4);
    page_text(out, name);
    fputs("</text>\n", out);
    for (int i = 0; i < 2; i++, y += CHARTS_BAR) {
        fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"><title>", names[i], p->left, y,
                page_x(p, shares[i]) - p->left, CHARTS_BAR - 1);
        page_text(out, category);
        fprintf(out, ": %.2f %%</title></rect>", 100.0 * shares[i]);
        fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">%.1f %%</text>\n", page_x(p, shares[i]) + 6, y + CHARTS_BAR - 3,
                100.0 * shares[i]);
    }
}

static int charts_categories(FILE *out, const frame *f, size_t column)
{
    const frame_column *c = &f->columns[column];
    drift_share *s = drift_shares(f, column);
    if (!s)
        return 0;
    size_t n = c->n_categories < CHARTS_CATEGORIES ? c->n_categories : CHARTS_CATEGORIES;
    double most = 1e-9;
    qsort(s, c->n_categories, sizeof *s, charts_compare_shares);
    for (size_t k = 0; k < n; k++)
        most = fmax(most, fmax(s[k].before, s[k].now));
    page_plot p = {.x0 = 0.0, .x1 = most, .left = 190, .right = CHARTS_WIDTH - 80, .top = 36};
    double pitch = 2.0 * CHARTS_BAR + 10.0;
    fprintf(out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\">\n", CHARTS_WIDTH, p.top + pitch * (double)n + 8.0);
    charts_legend(out, p.left);
    for (size_t k = 0; k < n; k++)
        charts_bars(out, &p, p.top + pitch * (double)k, &s[k], c->categories[s[k].code]);
    fputs("</svg>\n", out);
    if (n < c->n_categories)
        fprintf(out, "<p>The %zu of %zu categories whose shares moved most.</p>\n", n, c->n_categories);
    free(s);
    return 1;
}

int charts_column(FILE *out, const drift *d, const frame *f, size_t column)
{
    return f->columns[column].kind == KEDGE_KIND_NUMERIC ? charts_numeric(out, d, f, column) : charts_categories(out, f, column);
}
