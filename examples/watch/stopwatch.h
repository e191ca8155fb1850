/* SPDX-License-Identifier: MIT */
/* A monotonic clock. */
#ifndef WATCH_STOPWATCH_H
#define WATCH_STOPWATCH_H

#include <stdint.h>

uint64_t stopwatch_ns(void);

#endif
