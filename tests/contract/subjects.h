/* SPDX-License-Identifier: MIT */
/* Shorthand for the tables of subjects. */
#ifndef KEDGE_TESTS_SUBJECTS_H
#define KEDGE_TESTS_SUBJECTS_H

#include <float.h>
#include <math.h>

#include "contract.h"

#define NAN_D ((double)NAN)

/* The i-th of a list of assignments that put a field out of range; 0 past the end. */
#define SPOIL(type, ...)                                                                           \
    type *c = (type *)(void *)cfg;                                                                 \
    size_t k = 0;                                                                                  \
    __VA_ARGS__                                                                                    \
    (void)c;                                                                                       \
    return i < k
#define BAD(assignment)                                                                            \
    if (i == k++) {                                                                                \
        assignment;                                                                                \
    }

#endif
