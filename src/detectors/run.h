/* SPDX-License-Identifier: MIT */
/* From an algorithm's step to its two class slots: one observation, and a batch. Both go through the same inline step, so they give
 * the same bytes. */
#ifndef KEDGE_DETECTORS_RUN_H
#define KEDGE_DETECTORS_RUN_H

#include "kedge/detector.h"

/* For states that are the struct. The step only says what it sees; on drift `static void <alg>_raise(<alg>_state *s)` keeps the
 * alarm and starts afresh. So a batch works on a copy whose address nobody takes, and compilers keep it in registers: the running
 * mean's chain of three operations is then all that an update waits for. */
#define DETECTOR_RUN(alg)                                                                   \
    static kedge_status alg##_update(void *state, double x)                                        \
    {                                                                                              \
        kedge_status st = alg##_step(state, x);                                                    \
        if (st == KEDGE_DRIFT)                                                                     \
            alg##_raise(state);                                                                    \
        return st;                                                                                 \
    }                                                                                              \
                                                                                                   \
    static kedge_status alg##_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used) \
    {                                                                                              \
        kedge_status st = KEDGE_OK;                                                                \
        size_t i = 0;                                                                              \
        while (i < n && !(st == KEDGE_DRIFT && !signals)) {                                        \
            alg##_state s = *(alg##_state *)state;                                                 \
            do {                                                                                   \
                st = alg##_step(&s, x[i]);                                                         \
                if (signals)                                                                       \
                    signals[i] = (uint8_t)st;                                                      \
                i++;                                                                               \
            } while (i < n && st != KEDGE_DRIFT);                                                  \
            *(alg##_state *)state = s;                                                             \
            if (st == KEDGE_DRIFT)                                                                 \
                alg##_raise(state);                                                                \
        }                                                                                          \
        *used = i;                                                                                 \
        return st;                                                                                 \
    }

/* For states with arrays behind the struct, which cannot be copied by value. The step does it all, its own restart on drift
 * included. */
#define DETECTOR_RUN_IN_PLACE(alg)                                                                 \
    static kedge_status alg##_update(void *state, double x)                                        \
    {                                                                                              \
        return alg##_step(state, x);                                                               \
    }                                                                                              \
                                                                                                   \
    static kedge_status alg##_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used) \
    {                                                                                              \
        kedge_status st = KEDGE_OK;                                                                \
        size_t i = 0;                                                                              \
        while (i < n && !(st == KEDGE_DRIFT && !signals)) {                                        \
            st = alg##_step(state, x[i]);                                                          \
            if (signals)                                                                           \
                signals[i] = (uint8_t)st;                                                          \
            i++;                                                                                   \
        }                                                                                          \
        *used = i;                                                                                 \
        return st;                                                                                 \
    }

#endif
