/* SPDX-License-Identifier: MIT */
/* Streams by the block: what all fleets have in common. A block holds LANES streams, field after field, each field an array of
 * LANES doubles, so that a step is a few loops without branches over neighbours, which compilers turn into vector instructions, and
 * a fleet of any size is read from one end to the other. All is doubles, counts too (exact to 2^53): lanes of one width need no
 * conversions. What only an alarm touches stands in records of their own, one cache line a stream. Lanes behind the last stream
 * stay as they begin: nothing is ever fed to them. */
#ifndef KEDGE_FLEET_BLOCKS_H
#define KEDGE_FLEET_BLOCKS_H

#include "kedge/fleet.h"

#include "base/number.h"

#define FLEET_COUNT_MAX 4503599627370496.0 /* 2^52: a count below it is exact, and so is the next one */

enum {
    FLEET_LANES = 64,
    FLEET_LINE = 64 /* bytes of a cache line: no vector crosses one if the caller's memory is aligned to it */
};

#if defined(__GNUC__)
#define FLEET_INLINE static inline __attribute__((always_inline)) /* a step is compiled once for each choice of its constant
                                                                   * arguments */
#else
#define FLEET_INLINE static inline
#endif

/* First member of every fleet's state. */
typedef struct fleet_common {
    kedge_state_head head;
    uint32_t n_streams;  /* parameter */
    uint32_t n_fields;   /* layout: doubles of a lane */
    uint32_t at_blocks;  /* layout: all blocks, one behind the other */
    uint32_t n_blocks;   /* layout: doubles in them */
    uint32_t at_records; /* layout: fleet_record of each stream */
    uint32_t n_records;  /* layout: doubles in them */
    uint64_t n_ticks;    /* since init */
} fleet_common;

#define FLEET_PARAMS(type) KEDGE_PARAM(type, common.n_streams, KEDGE_TYPE_U32)
#define FLEET_VALUES(type)                                                                         \
    KEDGE_VALUE(type, common.n_ticks, KEDGE_TYPE_COUNT), KEDGE_ARRAY(type, common.at_blocks, common.n_blocks, KEDGE_TYPE_F64),    \
        KEDGE_ARRAY(type, common.at_records, common.n_records, KEDGE_TYPE_F64)

/* What a stream has behind it: all of it 0 before the first alarm. */
typedef struct fleet_record {
    double n_before;     /* observations before the restart: the alarm was raised by the last of these */
    double n_warnings;   /* zones entered before the restart, since init or reset */
    double n_drifts;     /* alarms since init or reset */
    double changed_at;   /* the last alarm, as in kedge_alarm */
    double before;
    double after;
    double statistic;
    double threshold;
} fleet_record;

enum { FLEET_RECORD_FIELDS = sizeof(fleet_record) / sizeof(double) };

/* What a class tells of its lanes. `state` is the class's, for its parameters; `block` the block's doubles. */
typedef struct fleet_kernel {
    /* One value for each lane, NaN for none; missing: there may be NaN. Returns 0 if no lane has news; else the signals of all are
     * written. */
    int (*step)(const void *state, void *block, const double *x, int missing, uint8_t *signals);
    /* Keep what an alarm saw: all but n_before, which is still that of the alarm before, and n_drifts. Means,
     * statistic and threshold may be anything, NaN included: nothing is computed from them. The lane is restarted by the caller. */
    void (*raise)(const void *state, const void *block, uint32_t lane, fleet_record *record);
    /* What a field of a lane begins with. The first field of every class counts the observations since the restart, from 0. */
    double (*fresh)(const void *state, uint32_t field);
    /* Do a lane's numbers keep their invariants? Must take any. */
    int (*sound)(const void *state, const void *block, uint32_t lane);
} fleet_kernel;

static inline double *kedge_i_fleet_block(const fleet_common *s, uint32_t i_stream)
{
    unsigned char *state = (unsigned char *)(uintptr_t)s;
    return (double *)(void *)(state + s->at_blocks) + (size_t)(i_stream / FLEET_LANES) * FLEET_LANES * s->n_fields;
}

static inline fleet_record *kedge_i_fleet_record(const fleet_common *s, uint32_t i_stream)
{
    unsigned char *state = (unsigned char *)(uintptr_t)s;
    return (fleet_record *)(void *)(state + s->at_records) + i_stream;
}

/* A number that counts: whole, 0 to most. */
static inline int kedge_i_fleet_count(double x, double most)
{
    return x >= 0.0 && x <= most && x == (double)(int64_t)x;
}

/* Slots of kedge_class, for the class's own to call. n_fields: doubles of a lane. */
size_t kedge_i_fleet_layout(fleet_common *s, size_t fixed_bytes, uint32_t n_fields);
void kedge_i_fleet_start(fleet_common *s, const fleet_kernel *kernel);
int kedge_i_fleet_sound(const fleet_common *s, const fleet_kernel *kernel);

/* Slots of kedge_fleet_class. */
void kedge_i_fleet_update(fleet_common *s, const fleet_kernel *kernel, const double *x, size_t n_ticks, uint8_t *signals,
                          kedge_fleet_news *news);
void kedge_i_fleet_reset_one(fleet_common *s, const fleet_kernel *kernel, uint32_t i_stream);
uint32_t kedge_i_fleet_n_streams(const void *state);
kedge_status kedge_i_fleet_alarm(const void *state, uint32_t i_stream, kedge_alarm *out);

/* The estimate slot: counts, and NaN for the rest, which the class then fills in. Returns what the slot returns. */
kedge_status kedge_i_fleet_estimate(const fleet_common *s, uint32_t i_stream, kedge_estimate *out);

/* A block's loop compiled for each direction, without and with missing values, each a function of its own: together they would need
 * a large frame. `alg_loops[missing][direction]`. */
#define FLEET_LOOP(alg, name, direction, missing)                                                  \
    static int alg##_##name(const alg##_state *s, alg##_lanes *b, const double *x)                 \
    {                                                                                              \
        return alg##_block(s, b, x, direction, missing);                                           \
    }

#define FLEET_LOOPS(alg)                                                                           \
    FLEET_LOOP(alg, both, KEDGE_DIRECTION_BOTH, 0)                                                 \
    FLEET_LOOP(alg, up, KEDGE_DIRECTION_UP, 0)                                                     \
    FLEET_LOOP(alg, down, KEDGE_DIRECTION_DOWN, 0)                                                 \
    FLEET_LOOP(alg, some_both, KEDGE_DIRECTION_BOTH, 1)                                            \
    FLEET_LOOP(alg, some_up, KEDGE_DIRECTION_UP, 1)                                                \
    FLEET_LOOP(alg, some_down, KEDGE_DIRECTION_DOWN, 1)                                            \
    static int (*const alg##_loops[2][4])(const alg##_state *, alg##_lanes *, const double *) = {  \
        {NULL, alg##_both, alg##_up, alg##_down},                                                  \
        {NULL, alg##_some_both, alg##_some_up, alg##_some_down},                                   \
    };

/* The slots that are the same for every class but for its kernel. */
#define FLEET_SLOTS(alg)                                                                           \
    static void alg##_start(void *state)                                                           \
    {                                                                                              \
        kedge_i_fleet_start(state, &alg##_kernel);                                                 \
    }                                                                                              \
                                                                                                   \
    static int alg##_check(const void *state)                                                      \
    {                                                                                              \
        return alg##_valid(state) && kedge_i_fleet_sound(state, &alg##_kernel);                    \
    }                                                                                              \
                                                                                                   \
    static void alg##_update(void *state, const double *x, size_t n_ticks, uint8_t *signals, kedge_fleet_news *news) \
    {                                                                                              \
        kedge_i_fleet_update(state, &alg##_kernel, x, n_ticks, signals, news);                     \
    }                                                                                              \
                                                                                                   \
    static void alg##_reset_one(void *state, uint32_t i_stream)                                    \
    {                                                                                              \
        kedge_i_fleet_reset_one(state, &alg##_kernel, i_stream);                                   \
    }

/* The defaults of a fleet's configuration around those of one detector. */
#define FLEET_DEFAULTS(cfg, fleet_class, each_class)                                               \
    do {                                                                                           \
        memset(cfg, 0, sizeof *(cfg));                                                             \
        (cfg)->base.cls = (fleet_class);                                                           \
        (cfg)->base.config_bytes = sizeof *(cfg);                                                  \
        (cfg)->base.n_streams = 1;                                                                 \
        (each_class)->base.defaults(&(cfg)->each);                                                 \
    } while (0)

#endif
