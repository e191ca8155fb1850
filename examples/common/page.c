/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <math.h>
#include <string.h>

static const char page_style[] =
    ":root { color-scheme: light dark; --ink: #1d2530; --soft: #5a6675; --rule: #d9dee5; --paper: #fff; --card: #f5f7fa;\n"
    "  --bad: #b3261e; --good: #1b7f4b; }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa6b5; --rule: #323a46; --paper: #12161c;\n"
    "  --card: #1a2029; --bad: #f2786f; --good: #55c98c; } }\n"
    "body { margin: 0 auto; max-width: 1100px; padding: 24px; background: var(--paper); color: var(--ink);\n"
    "  font: 15px/1.5 system-ui, sans-serif; }\n"
    "h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 32px 0 8px; }\n"
    "p { margin: 4px 0; color: var(--soft); }\n"
    "svg { width: 100%; height: auto; background: var(--card); border-radius: 8px; }\n"
    "svg text { fill: var(--soft); font: 12px system-ui, sans-serif; } svg text.axis { fill: var(--ink); }\n"
    ".grid { stroke: var(--rule); stroke-width: 1; }\n"
    ".wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }\n"
    "th, td { padding: 5px 6px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }\n"
    "th { color: var(--soft); font-weight: 600; } th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }\n"
    "td.words, th.words { text-align: left; white-space: normal; }\n"
    "details { margin-top: 12px; } summary { cursor: pointer; }\n";

void page_begin(FILE *f, const char *title, const char *style)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          f);
    page_text(f, title);
    fprintf(f, "</title>\n<style>\n%s%s</style>\n</head>\n<body>\n", page_style, style);
}

void page_end(FILE *f)
{
    fputs("</body>\n</html>\n", f);
}

void page_cell(FILE *f, const char *tag, const char *title, const char *text)
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

size_t page_character(const unsigned char *text)
{
    size_t n = text[0] < 0x80                      ? 1
               : text[0] >= 0xc2 && text[0] < 0xe0 ? 2
               : text[0] >= 0xe0 && text[0] < 0xf0 ? 3
               : text[0] >= 0xf0 && text[0] < 0xf5 ? 4
                                                   : 0;
    for (size_t i = 1; i < n; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return n == 1 && (text[0] < 0x20 || text[0] == 0x7f) ? 0 : n;
}

void page_text(FILE *f, const char *text)
{
    static const char special[] = "&<>\"'";
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    while (*text) {
        const char *found = strchr(special, *text);
        size_t n = page_character((const unsigned char *)text);
        if (found)
            fputs(names[found - special], f);
        else if (n > 0)
            fwrite(text, 1, n, f);
        else
            fputc('?', f);
        text += n > 0 ? n : 1;
    }
}

double page_x(const page_plot *p, double x)
{
    return p->left + (x - p->x0) / (p->x1 - p->x0) * (p->right - p->left);
}

double page_y(const page_plot *p, double y)
{
    return p->bottom - (y - p->y0) / (p->y1 - p->y0) * (p->bottom - p->top);
}

double page_step(double range, int n)
{
    double power = pow(10.0, floor(log10(range / n)));
    double part = range / n / power;
    return power * (part <= 1.0 ? 1.0 : part <= 2.0 ? 2.0 : part <= 5.0 ? 5.0 : 10.0);
}

void page_grid_y(FILE *f, const page_plot *p, double y, const char *label)
{
    fprintf(f, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", p->left, page_y(p, y), p->right,
            page_y(p, y));
    fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", p->left - 8, page_y(p, y) + 4, label);
}

void page_grid_x(FILE *f, const page_plot *p, double x, const char *label)
{
    fprintf(f, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", page_x(p, x), p->top, page_x(p, x),
            p->bottom);
    fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", page_x(p, x), p->bottom + 18, label);
}

void page_axes(FILE *f, const page_plot *p, const char *x_name, const char *y_name)
{
    fprintf(f, "<text class=\"axis\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", (p->left + p->right) / 2, p->bottom + 40);
    page_text(f, x_name);
    fprintf(f, "</text>\n<text class=\"axis\" transform=\"translate(14 %.1f) rotate(-90)\" text-anchor=\"middle\">",
            (p->top + p->bottom) / 2);
    page_text(f, y_name);
    fputs("</text>\n", f);
}
