/* SPDX-License-Identifier: MIT */
/* When a stream changes. Kinds of change: Gama, Zliobaite, Bifet, Pechenizkiy, Bouchachia 2014, "A survey on concept drift
 * adaptation", ACM Computing Surveys 46, figure 2. */
#include "base/fp.h"

#include "streams/schedule.h"

void kedge_i_schedule_defaults(kedge_stream_config *base, const kedge_stream_class *cls, size_t config_bytes)
{
    base->cls = cls;
    base->config_bytes = (uint32_t)config_bytes;
    base->pattern = KEDGE_CHANGE_SUDDEN;
    base->seed = 1;
    base->at = 10000;
    base->width = 1000;
    base->period = 10000;
}

void kedge_i_schedule_configure(const kedge_stream_config *base, stream_schedule *s)
{
    s->seed = base->seed;
    s->at = base->at;
    s->width = base->width;
    s->period = base->period;
    s->pattern = kedge_i_choice(base->pattern);
    s->rng.state = base->seed;
}

int kedge_i_schedule_valid(const stream_schedule *s)
{
    return s->pattern >= KEDGE_CHANGE_NONE && s->pattern <= KEDGE_CHANGE_BLIP && s->at <= KEDGE_I_COUNT_MAX && s->width >= 1 &&
           s->width <= KEDGE_I_COUNT_MAX && s->period >= 1 && s->period <= KEDGE_I_COUNT_MAX &&
           (s->pattern != KEDGE_CHANGE_BLIP || s->period > s->width);
}

/* A transition: 0 before it, then in even steps to 1. */
static double stream_ramp(const stream_schedule *s, uint64_t since)
{
    return since >= s->width ? 1.0 : ((double)since + 1.0) / ((double)s->width + 1.0);
}

stream_place kedge_i_schedule_next(stream_schedule *s)
{
    stream_place place = {0.0, 0};
    uint64_t i = s->n++;
    if (i < s->at || s->pattern == KEDGE_CHANGE_NONE)
        return place;
    uint64_t since = i - s->at;
    place.changed = since == 0;
    switch (s->pattern) {
    case KEDGE_CHANGE_SUDDEN:
        place.share = 1.0;
        break;
    case KEDGE_CHANGE_GRADUAL:
        place.share = kedge_rng_uniform(&s->rng) < stream_ramp(s, since);
        break;
    case KEDGE_CHANGE_INCREMENTAL:
        place.share = stream_ramp(s, since);
        break;
    case KEDGE_CHANGE_RECURRING:
        place.share = since / s->period % 2 == 0;
        place.changed = since % s->period == 0;
        break;
    default: /* KEDGE_CHANGE_BLIP */
        place.share = since % s->period < s->width;
        place.changed = 0;
    }
    return place;
}
