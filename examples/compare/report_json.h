/* SPDX-License-Identifier: MIT */
/* All figures as one JSON object. */
#ifndef COMPARE_REPORT_JSON_H
#define COMPARE_REPORT_JSON_H

#include "drift.h"

/* 0: it cannot; a message went to standard error. */
int report_json_write(const char *file, const drift *d, const frame *f, const options *o);

#endif
