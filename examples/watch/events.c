/* SPDX-License-Identifier: MIT */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>

void events_describe(const way_event *e, char *text, size_t text_bytes)
{
    switch (e->kind) {
    case WAYS_ROSE:
    case WAYS_FELL:
        (void)snprintf(text, text_bytes, "drift: error %.3f -> %.3f, since about row %zu%s", e->before, e->after, e->changed_at,
                       e->kind == WAYS_FELL ? " (better)" : "");
        return;
    case WAYS_REPLACED:
        (void)snprintf(text, text_bytes, "retrained: error on rows new to both %.3f -> %.3f: new model serves", e->before,
                       e->after);
        return;
    case WAYS_KEPT:
        (void)snprintf(text, text_bytes, "retrained: error on rows new to both %.3f -> %.3f: old model stays", e->before, e->after);
        return;
    case WAYS_GIVEN_UP:
        (void)snprintf(text, text_bytes, "retrained: not known to be better when newer rows came: old model stays");
        return;
    default:
        (void)snprintf(text, text_bytes, "the newest rows allowed no training: old model stays");
        return;
    }
}

static int events_add(way *w, way_event e, progress *bar)
{
    char text[160];
    if (w->n_events == w->events_capacity) {
        size_t capacity = w->events_capacity ? w->events_capacity * 2 : 16;
        way_event *events = realloc(w->events, capacity * sizeof *events);
        if (!events)
            return 0;
        w->events = events;
        w->events_capacity = capacity;
    }
    w->events[w->n_events++] = e;
    if (!bar)
        return 1;
    progress_clear(bar);
    events_describe(&e, text, sizeof text);
    printf("%-8s row %7zu  %s\n", w->name, e.row, text);
    fflush(stdout);
    return 1;
}

static int events_add_alarm(way *w, size_t row, const kedge_alarm *alarm, progress *bar)
{
    way_event e = {.row = row, .before = alarm->mean_before, .after = alarm->mean_after};
    e.changed_at = row - (size_t)(alarm->at - alarm->changed_at);
    e.kind = alarm->effect < 0.0 ? WAYS_FELL : WAYS_ROSE;
    return events_add(w, e, bar);
}

int events_note(way *w, const kedge_pipeline_report *now, size_t row, const kedge_alarm *alarm, progress *bar)
{
    const kedge_pipeline_report before = w->pipeline;
    w->pipeline = *now;
    if (alarm && !events_add_alarm(w, row, alarm, bar))
        return 0;
    way_event given_up = {.row = row, .before = before.gate_champion, .after = before.gate_challenger, .kind = WAYS_GIVEN_UP};
    if (now->n_undecided > before.n_undecided && !events_add(w, given_up, bar))
        return 0;
    way_event e = {.row = row, .before = now->gate_champion, .after = now->gate_challenger, .kind = WAYS_FAILED};
    if (now->n_promotions > before.n_promotions)
        e.kind = WAYS_REPLACED;
    else if (now->n_rejections > before.n_rejections)
        e.kind = WAYS_KEPT;
    else if (now->n_failures == before.n_failures)
        return 1;
    return events_add(w, e, bar);
}
