/* SPDX-License-Identifier: MIT */
/* All figures, alarms and curves as one JSON object. */
#ifndef WATCH_REPORT_JSON_H
#define WATCH_REPORT_JSON_H

#include "ways.h"

/* 0: it cannot; a message went to standard error. */
int report_json_write(const char *file, const data_set *d, const options *o, const way *ways, size_t n_ways);

#endif
