/* SPDX-License-Identifier: MIT */
/* From an algorithm's step to its two class slots: one observation, and a batch. Both go through the same inline step, so they give the
 * same bytes. */
#ifndef KEDGE_DETECTORS_RUN_H
#define KEDGE_DETECTORS_RUN_H

#include "kedge/detector.h"

/* From `static inline kedge_status <alg>_step(<alg>_state *s, double x)`. */
#define DETECTOR_FEED(alg)                                                                         \
    static kedge_status alg##_update(void *state, double x)                                        \
    {                                                                                              \
        return alg##_step(state, x);                                                               \
    }                                                                                              \
                                                                                                   \
    static inline kedge_status alg##_feed(alg##_state *s, const double *x, size_t n, uint8_t *signals, size_t *used) \
    {                                                                                              \
        kedge_status st = KEDGE_OK;                                                                \
        size_t i = 0;                                                                              \
        if (signals) {                                                                             \
            for (; i < n; i++) {                                                                   \
                st = alg##_step(s, x[i]);                                                          \
                signals[i] = (uint8_t)st;                                                          \
            }                                                                                      \
        } else {                                                                                   \
            while (i < n && st != KEDGE_DRIFT)                                                     \
                st = alg##_step(s, x[i++]);                                                        \
        }                                                                                          \
        *used = i;                                                                                 \
        return st;                                                                                 \
    }

/* For states with arrays behind the struct. */
#define DETECTOR_RUN_IN_PLACE(alg)                                                                 \
    DETECTOR_FEED(alg)                                                                             \
                                                                                                   \
    static kedge_status alg##_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used) \
    {                                                                                              \
        return alg##_feed(state, x, n, signals, used);                                             \
    }

/* For states that are the struct: a batch works on a copy, which compilers keep in registers. */
#define DETECTOR_RUN_COPIED(alg)                                                                   \
    DETECTOR_FEED(alg)                                                                             \
                                                                                                   \
    static kedge_status alg##_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used) \
    {                                                                                              \
        alg##_state s = *(alg##_state *)state;                                                     \
        kedge_status st = alg##_feed(&s, x, n, signals, used);                                     \
        *(alg##_state *)state = s;                                                                 \
        return st;                                                                                 \
    }

#endif
