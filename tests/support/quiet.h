/* SPDX-License-Identifier: MIT */
/* Instruments for tests of fits that allocate nothing, raise nothing and do not hang: an allocator that counts, a time limit for
 * each case, and random and hostile tables. A program that links this has its malloc() replaced. */
#ifndef KEDGE_TESTS_QUIET_H
#define KEDGE_TESTS_QUIET_H

#include "support.h"

enum { QUIET_ROWS = 300, QUIET_FEATURES = 12, QUIET_CLASSES = 3 };

extern volatile unsigned long quiet_allocations; /* so far */
extern volatile unsigned quiet_current;          /* number of the case that runs */

/* Targets of a kind: numbers, two or three classes, shares, counts, positive numbers. */
enum { QUIET_NUMBERS, QUIET_CLASSES_2, QUIET_CLASSES_3, QUIET_SHARES, QUIET_COUNTS, QUIET_POSITIVES };

typedef struct quiet_case {
    kedge_rng rng;
    size_t n, p;
    double x[QUIET_ROWS * QUIET_FEATURES], y[QUIET_ROWS], weight[QUIET_ROWS];
    int weighted;
    int hostile; /* 1: holds NaN or infinity */
} quiet_case;

/* Fails the test if an allocation is not counted; nothing where a sanitizer brings its own allocator. */
void quiet_check_counting(void);

/* Cases for each subject: 5,000, or what KEDGE_QUIET_CASES in the environment says, for long runs. */
unsigned quiet_cases(void);

/* A case begins: from here it has five seconds of processor time, then the program ends with an error; quiet_end() stops the clock
 * of the last one. */
void quiet_begin(unsigned k);
void quiet_end(void);

/* Flags of floating point: clear all; which of invalid, divided by zero and overflow are up? */
void quiet_clear_flags(void);
int quiet_raised(void);

/* A table with targets of a kind, weights, and now and then a NaN or an infinity. */
void quiet_fill(quiet_case *c, uint64_t seed, int targets);

/* Numbers of one kind: normal, small integers, extremes of all sizes, any exponent, 0. */
double quiet_draw(quiet_case *c, uint64_t kind);
double quiet_below(quiet_case *c, uint64_t n);
int quiet_chance(quiet_case *c, uint64_t one_in);

/* Classes among targets of a kind; 0: they are numbers. */
int quiet_n_classes(int targets);

#endif
