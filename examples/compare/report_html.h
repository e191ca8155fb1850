/* SPDX-License-Identifier: MIT */
/* The report: one HTML file that needs nothing else. */
#ifndef COMPARE_REPORT_HTML_H
#define COMPARE_REPORT_HTML_H

#include "drift.h"

/* Writes the report. 0: it cannot; a message went to standard error. */
int report_html_write(const char *file, const drift *d, const frame *f, const options *o);

#endif
