/* SPDX-License-Identifier: MIT */
/* Alarms and retrainings, noted and printed as they happen. */
#ifndef WATCH_EVENTS_H
#define WATCH_EVENTS_H

#include "ways.h"

/* Notes what a row (from 1) brought: the pipeline as it is now, and the alarm, if there is a new one. bar: print, and clear it
 * before; NULL: only note. 0: out of memory. */
int events_note(way *w, const kedge_pipeline_report *now, size_t row, const kedge_alarm *alarm, progress *bar);

/* An event in words, for people. */
void events_describe(const way_event *e, char *text, size_t text_bytes);

#endif
