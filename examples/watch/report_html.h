/* SPDX-License-Identifier: MIT */
/* The report: one HTML file that needs nothing else. */
#ifndef WATCH_REPORT_HTML_H
#define WATCH_REPORT_HTML_H

#include "ways.h"

/* Writes the report. 0: it cannot; a message went to standard error. */
int report_html_write(const char *file, const data_set *d, const options *o, const way *ways, size_t n_ways);

#endif
