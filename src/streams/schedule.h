/* SPDX-License-Identifier: MIT */
/* When a stream changes, and which concept an observation belongs to. Every generator's state holds a schedule and lists its
 * fields. */
#ifndef KEDGE_STREAMS_SCHEDULE_H
#define KEDGE_STREAMS_SCHEDULE_H

#include "kedge/stream.h"

#include "base/number.h"

typedef struct stream_schedule {
    uint64_t seed;
    uint64_t at;
    uint64_t width;
    uint64_t period;
    kedge_rng rng;
    uint64_t n; /* observations drawn */
    uint8_t pattern;
    uint8_t reserved[7];
} stream_schedule;

/* Parameters, then values: a class lists its own parameters between the two. */
#define STREAM_SCHEDULE_PARAMS(type)                                                               \
    KEDGE_PARAM(type, schedule.seed, KEDGE_TYPE_U64), KEDGE_PARAM(type, schedule.at, KEDGE_TYPE_U64),            \
        KEDGE_PARAM(type, schedule.width, KEDGE_TYPE_U64), KEDGE_PARAM(type, schedule.period, KEDGE_TYPE_U64),   \
        KEDGE_PARAM(type, schedule.pattern, KEDGE_TYPE_U8)
#define STREAM_SCHEDULE_VALUES(type)                                                               \
    KEDGE_VALUE(type, schedule.rng.state, KEDGE_TYPE_U64), KEDGE_VALUE(type, schedule.n, KEDGE_TYPE_COUNT)

/* Where an observation stands between the old concept (0) and the new one (1). */
typedef struct stream_place {
    double share;
    int changed; /* 1: the first of a change */
} stream_place;

void kedge_i_schedule_defaults(kedge_stream_config *base, const kedge_stream_class *cls, size_t config_bytes);
void kedge_i_schedule_configure(const kedge_stream_config *base, stream_schedule *s);
int kedge_i_schedule_valid(const stream_schedule *s);
stream_place kedge_i_schedule_next(stream_schedule *s);

/* Both ends are exact. */
static inline double stream_between(double before, double after, double share)
{
    return (1.0 - share) * before + share * after;
}

/* A label that is wrong in a share of the rows, with two classes. */
static inline double stream_flip(kedge_rng *rng, int label, double noise)
{
    return kedge_rng_uniform(rng) < noise ? !label : label;
}

#endif
