/* SPDX-License-Identifier: MIT */
/* Streams by the block: layout, ticks, alarms, read-outs; the same for all fleets. */
#include "base/fp.h"

#include "fleet/fleet_blocks.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "fleet/fleet_vector.h"

size_t kedge_i_fleet_layout(fleet_common *s, size_t fixed_bytes, uint32_t n_fields)
{
    kedge_i_arena arena = kedge_i_arena_begin((fixed_bytes + FLEET_LINE - 1) / FLEET_LINE * FLEET_LINE);
    uint32_t n_lanes = s->n_streams / FLEET_LANES * FLEET_LANES + (s->n_streams % FLEET_LANES ? FLEET_LANES : 0);
    if (n_lanes < s->n_streams)
        return 0;
    s->n_fields = n_fields;
    s->n_blocks = kedge_i_length(n_lanes, n_fields);
    s->n_records = kedge_i_length(s->n_streams, FLEET_RECORD_FIELDS);
    s->at_blocks = kedge_i_arena_take(&arena, s->n_blocks, sizeof(double));
    s->at_records = kedge_i_arena_take(&arena, s->n_records, sizeof(double));
    return kedge_i_arena_end(&arena);
}

/* One lane as it begins. */
static void fleet_restart(const fleet_common *s, const fleet_kernel *kernel, double *block, uint32_t lane)
{
    for (uint32_t field = 0; field < s->n_fields; field++)
        block[field * FLEET_LANES + lane] = kernel->fresh(s, field);
}

void kedge_i_fleet_start(fleet_common *s, const fleet_kernel *kernel)
{
    uint32_t n_lanes = s->n_blocks / s->n_fields;
    for (uint32_t i = 0; i < n_lanes; i += FLEET_LANES) {
        double *at = kedge_i_fleet_block(s, i);
        for (uint32_t field = 0; field < s->n_fields; field++) {
            double fresh = kernel->fresh(s, field);
            for (uint32_t lane = 0; lane < FLEET_LANES; lane++)
                *at++ = fresh;
        }
    }
}

static int fleet_record_is_sound(const fleet_record *r)
{
    return kedge_i_fleet_count(r->n_before, FLEET_COUNT_MAX) && kedge_i_fleet_count(r->n_warnings, r->n_before) &&
           kedge_i_fleet_count(r->n_drifts, r->n_before) && kedge_i_fleet_count(r->changed_at, r->n_before);
}

/* Lanes that no stream has are as they begin. */
static int fleet_padding_is_fresh(const fleet_common *s, const fleet_kernel *kernel)
{
    const double *last = kedge_i_fleet_block(s, s->n_streams - 1);
    for (uint32_t field = 0; field < s->n_fields; field++) {
        double fresh = kernel->fresh(s, field);
        for (uint32_t lane = (s->n_streams - 1) % FLEET_LANES + 1; lane < FLEET_LANES; lane++)
            if (memcmp(&last[field * FLEET_LANES + lane], &fresh, sizeof fresh) != 0)
                return 0;
    }
    return 1;
}

int kedge_i_fleet_sound(const fleet_common *s, const fleet_kernel *kernel)
{
    if (s->n_ticks > KEDGE_I_COUNT_MAX || !fleet_padding_is_fresh(s, kernel))
        return 0;
    for (uint32_t i = 0; i < s->n_streams; i++) {
        const double *block = kedge_i_fleet_block(s, i);
        if (!fleet_record_is_sound(kedge_i_fleet_record(s, i)) || !kedge_i_fleet_count(block[i % FLEET_LANES], FLEET_COUNT_MAX) ||
            !kernel->sound(s, block, i % FLEET_LANES))
            return 0;
    }
    return 1;
}

/* How many values of a block are missing; mostly none. */
static uint32_t fleet_missing(const double *x)
{
    fleet_mask seen = fleet_seen(fleet_get(x));
    uint32_t missing = 0;
    for (uint32_t i = FLEET_WIDTH; i < FLEET_LANES; i += FLEET_WIDTH)
        seen &= fleet_seen(fleet_get(x + i));
    if (!fleet_any(~seen))
        return 0;
    for (uint32_t i = 0; i < FLEET_LANES; i++)
        missing += x[i] != x[i];
    return missing;
}

/* Count the signals of a block; keep the alarms, and restart their lanes. */
static void fleet_tell(fleet_common *s, const fleet_kernel *kernel, uint32_t first, const uint8_t *signals, kedge_fleet_news *news)
{
    double *block = kedge_i_fleet_block(s, first);
    for (uint32_t lane = 0; lane < FLEET_LANES; lane++) {
        news->n_warnings += signals[lane] == KEDGE_WARNING;
        if (signals[lane] != KEDGE_DRIFT)
            continue;
        fleet_record *record = kedge_i_fleet_record(s, first + lane);
        kernel->raise(s, block, lane, record);
        record->n_before += block[lane];
        record->n_drifts++;
        fleet_restart(s, kernel, block, lane);
        news->n_drifts++;
    }
}

/* One tick of one block. Nothing is fed to the lanes behind the last stream. */
static void fleet_step(fleet_common *s, const fleet_kernel *kernel, uint32_t first, const double *x, uint8_t *signals,
                       kedge_fleet_news *news)
{
    uint32_t missing = fleet_missing(x);
    news->n_observed += FLEET_LANES - missing;
    news->n_missing += missing;
    if (kernel->step(s, kedge_i_fleet_block(s, first), x, missing > 0, signals))
        fleet_tell(s, kernel, first, signals, news);
    else
        memset(signals, KEDGE_OK, FLEET_LANES);
}

/* The last block, when it is not full. */
static void fleet_step_last(fleet_common *s, const fleet_kernel *kernel, uint32_t first, uint32_t n, const double *x,
                            uint8_t *signals, kedge_fleet_news *news)
{
    double padded[FLEET_LANES];
    uint8_t told[FLEET_LANES];
    for (uint32_t lane = 0; lane < FLEET_LANES; lane++)
        padded[lane] = lane < n ? x[lane] : (double)NAN;
    fleet_step(s, kernel, first, padded, told, news);
    news->n_missing -= FLEET_LANES - n;
    memcpy(signals, told, n);
}

/* Block by block, and each through all ticks: a block stays in the nearest cache meanwhile. */
void kedge_i_fleet_update(fleet_common *s, const fleet_kernel *kernel, const double *x, size_t n_ticks, uint8_t *signals,
                          kedge_fleet_news *news)
{
    for (uint32_t first = 0; first < s->n_streams; first += FLEET_LANES) {
        uint32_t n = s->n_streams - first < FLEET_LANES ? s->n_streams - first : FLEET_LANES;
        for (size_t tick = 0; tick < n_ticks; tick++) {
            size_t at = tick * s->n_streams + first;
            if (n == FLEET_LANES)
                fleet_step(s, kernel, first, x + at, signals + at, news);
            else
                fleet_step_last(s, kernel, first, n, x + at, signals + at, news);
        }
    }
    s->n_ticks += n_ticks;
}

void kedge_i_fleet_reset_one(fleet_common *s, const fleet_kernel *kernel, uint32_t i_stream)
{
    fleet_restart(s, kernel, kedge_i_fleet_block(s, i_stream), i_stream % FLEET_LANES);
    memset(kedge_i_fleet_record(s, i_stream), 0, sizeof(fleet_record));
}

uint32_t kedge_i_fleet_n_streams(const void *state)
{
    return ((const fleet_common *)state)->n_streams;
}

kedge_status kedge_i_fleet_alarm(const void *state, uint32_t i_stream, kedge_alarm *out)
{
    const fleet_record *r = kedge_i_fleet_record(state, i_stream);
    if (!(r->n_drifts > 0.0))
        return KEDGE_EMPTY;
    out->at = (uint64_t)(int64_t)r->n_before - 1;
    out->changed_at = (uint64_t)(int64_t)r->changed_at;
    out->mean_before = r->before;
    out->mean_after = r->after;
    out->effect = r->after - r->before;
    out->statistic = r->statistic;
    out->threshold = r->threshold;
    out->log_evidence = (double)NAN;
    return KEDGE_OK;
}

kedge_status kedge_i_fleet_estimate(const fleet_common *s, uint32_t i_stream, kedge_estimate *out)
{
    const fleet_record *r = kedge_i_fleet_record(s, i_stream);
    double n = kedge_i_fleet_block(s, i_stream)[i_stream % FLEET_LANES];
    out->n_seen = (uint64_t)(int64_t)(r->n_before + n);
    out->n_warnings = (uint64_t)(int64_t)r->n_warnings;
    out->n_drifts = (uint64_t)(int64_t)r->n_drifts;
    out->width = (uint64_t)(int64_t)n;
    out->mean = out->variance = out->statistic = out->threshold = (double)NAN;
    return n > 0.0 ? KEDGE_OK : KEDGE_EMPTY;
}
