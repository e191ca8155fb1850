/* SPDX-License-Identifier: MIT */
/* What all parts of a report write with: one HTML file that needs nothing else. */
#ifndef EXAMPLES_PAGE_H
#define EXAMPLES_PAGE_H

#include <stdio.h>

/* A plot's frame: data (x0..x1, y0..y1) on a rectangle of the SVG. */
typedef struct page_plot {
    double x0, x1, y0, y1;
    double left, right, top, bottom;
} page_plot;

/* Up to the body, with the style that all reports share and one's own; and the end. */
void page_begin(FILE *f, const char *title, const char *style);
void page_end(FILE *f);

/* A cell of a table (tag: td or th) with a text that shows when one points at it, or NULL. */
void page_cell(FILE *f, const char *tag, const char *title, const char *text);

/* Text with the characters that HTML gives a meaning escaped; bytes that are no text as '?'. */
void page_text(FILE *f, const char *text);

/* Bytes of the UTF-8 character at text; 0: there is none. */
size_t page_character(const unsigned char *text);

double page_x(const page_plot *p, double x);
double page_y(const page_plot *p, double y);

/* A round step, so that about n of them make the range. */
double page_step(double range, int n);

/* A line of the grid with its label: across the plot at y, or down it at x. */
void page_grid_y(FILE *f, const page_plot *p, double y, const char *label);
void page_grid_x(FILE *f, const page_plot *p, double x, const char *label);

/* The axes' names. */
void page_axes(FILE *f, const page_plot *p, const char *x_name, const char *y_name);

#endif
