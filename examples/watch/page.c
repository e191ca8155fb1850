/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <math.h>
#include <string.h>

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
