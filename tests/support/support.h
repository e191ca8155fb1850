/* SPDX-License-Identifier: MIT */
/* What the tests share: guarded memory, streams, byte comparison. */
#ifndef KEDGE_TESTS_SUPPORT_H
#define KEDGE_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kedge.h"

/* `bytes` of memory, aligned to KEDGE_ALIGN, filled with `fill`, between two guards. guard_free() fails the test if a byte of a
 * guard has changed. Under the address sanitizer a read outside is caught too. */
void *guard_new(size_t bytes, unsigned char fill);
void guard_check(const void *memory);
void guard_free(void *memory);

/* A copy of bytes in guarded memory. */
void *guard_copy(const void *bytes, size_t n);

/* How many cases a test tries: `all` in gcc's builds without a sanitizer or coverage, `few` elsewhere. For laws that need many
 * cases once and each kind of memory access everywhere. */
size_t test_cases(size_t all, size_t few);

/* From here on the process has so many seconds of processor time, which do not pass while other programs run, then it ends with an
 * error; 0: no limit. For what might hang. */
void time_limit(unsigned seconds);

/* Drifts that a detector reports of n observations, in memory of just its size. */
size_t count_alarms(const kedge_detector_config *cfg, const double *x, size_t n);

/* Bernoulli draws with the given rate, from a seed. */
void fill_bernoulli(double *x, size_t n, double rate, uint64_t seed);
/* Normal draws. */
void fill_normal(double *x, size_t n, double mean, double sd, uint64_t seed);

/* Is |a - b| <= tolerance * max(1, |a|, |b|)? Prints both if not. */
void assert_close(double a, double b, double tolerance);

#endif
