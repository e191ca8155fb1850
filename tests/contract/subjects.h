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

/* Configurations of a metric over all that it can cover, in small: CODE sets other fields of c. */
#define CONFIG_COVERINGS(name, defaults, CODE)                                                     \
    static void name##_over(any_config *cfg, uint32_t over)                                        \
    {                                                                                              \
        kedge_##name##_config c = defaults;                                                        \
        c.over = over;                                                                             \
        c.window = 12;                                                                             \
        c.fading = 0.9;                                                                            \
        CODE;                                                                                      \
        memset(cfg, 0, sizeof *cfg);                                                               \
        memcpy(cfg, &c, sizeof c);                                                                 \
    }                                                                                              \
    static void config_##name(any_config *cfg)                                                     \
    {                                                                                              \
        name##_over(cfg, KEDGE_OVER_ALL);                                                          \
    }                                                                                              \
    static void config_##name##_window(any_config *cfg)                                            \
    {                                                                                              \
        name##_over(cfg, KEDGE_OVER_WINDOW);                                                       \
    }                                                                                              \
    static void config_##name##_fading(any_config *cfg)                                            \
    {                                                                                              \
        name##_over(cfg, KEDGE_OVER_FADING);                                                       \
    }                                                                                              \
    static void config_##name##_tumbling(any_config *cfg)                                          \
    {                                                                                              \
        name##_over(cfg, KEDGE_OVER_TUMBLING);                                                     \
    }

/* What no metric that covers takes. */
#define SPOIL_COVERING                                                                             \
    BAD(c->over = 0)                                                                               \
    BAD(c->over = 5)                                                                               \
    BAD(c->window = 0)                                                                             \
    BAD(c->window = (1u << 24) + 1)                                                                \
    BAD(c->fading = 0)                                                                             \
    BAD(c->fading = 1)                                                                             \
    BAD(c->fading = NAN_D)                                                                         \
    BAD(c->base.config_bytes = sizeof *c + 8)                                                      \
    BAD(c->base.cls = NULL)

/* Its subjects. */
#define SUBJECT_COVERINGS(title, name, n_batch)                                                    \
    {title, &noun_metric, config_##name, spoil_##name, feed_##name, feed_##name##_many, n_batch},  \
    {title " in a window", &noun_metric, config_##name##_window, spoil_##name, feed_##name, feed_##name##_many, n_batch}, \
    {title " fading", &noun_metric, config_##name##_fading, spoil_##name, feed_##name, feed_##name##_many, n_batch}, \
    {title " tumbling", &noun_metric, config_##name##_tumbling, spoil_##name, feed_##name, feed_##name##_many, n_batch}

#endif
