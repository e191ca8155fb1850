/* SPDX-License-Identifier: MIT */
/* An event as a line for people: when, what, of which model and pipeline, and what its kind means by subject, code, value and
 * limit. */
#include "base/fp.h"

#include "kedge/controls/events.h"
#include "kedge/controls/rollout.h"
#include "kedge/controls/schema.h"
#include "kedge/gate.h"

#include "base/check.h"
#include "base/text.h"
#include "pipeline/reason_text.h"

static void event_number(kedge_i_text *out, const char *before, uint64_t x)
{
    if (x == 0)
        return;
    kedge_i_text_string(out, before);
    kedge_i_text_whole(out, x);
}

static void event_figure(kedge_i_text *out, const char *before, double x)
{
    kedge_i_text_string(out, before);
    kedge_i_text_short(out, x);
}

static void event_says(kedge_i_text *out, const char *before, const char *words)
{
    kedge_i_text_string(out, before);
    kedge_i_text_string(out, words);
}

/* What the gate measured; nothing where there was none. */
static void event_errors(kedge_i_text *out, const char *before, const kedge_event *e)
{
    if (e->value != e->value)
        return;
    event_figure(out, before, e->value);
    if (e->limit == e->limit)
        event_figure(out, ", champion's ", e->limit);
}

static void event_refused(kedge_i_text *out, const kedge_event *e)
{
    if (e->code == KEDGE_ERR_STATE) {
        kedge_i_text_string(out, ": the same as one that was refused or taken back before");
        return;
    }
    if (e->code == KEDGE_MORE || e->code == 0)
        kedge_i_text_string(out, e->code == 0 ? ": gains too little" : ": still undecided");
    else
        event_figure(out, ": code ", e->code);
    event_errors(out, ", error ", e);
}

/* How the stage before went, or that where it was taken back. */
static void event_worse(kedge_i_text *out, const char *end, const kedge_event *e)
{
    if ((e->value == 0.0 && e->limit == 0.0) || e->value != e->value) /* nothing was compared */
        return;
    event_figure(out, ", worse by ", e->value);
    event_figure(out, end, e->limit);
}

static const char *event_outcome(int32_t why)
{
    switch (why) {
    case KEDGE_ROLLOUT_WORSE: return "surely worse than the champion";
    case KEDGE_ROLLOUT_LIMIT: return "surely beyond its limit";
    case KEDGE_ROLLOUT_VERDICT: return "by the verdict of tests";
    case KEDGE_ROLLOUT_UNDECIDED: return "undecided at the last row";
    case KEDGE_ROLLOUT_SURE: return "surely no worse";
    case KEDGE_ROLLOUT_FREE: return "nothing was compared";
    case KEDGE_ROLLOUT_STOPPED: return "stopped, by the host or for a newer model";
    default: return "unknown why";
    }
}

static void event_column(kedge_i_text *out, const kedge_event *e)
{
    kedge_i_text_string(out, ": column ");
    kedge_i_text_whole(out, e->subject);
    if (e->code > 0)
        event_says(out, ", ", kedge_schema_string((uint32_t)e->code));
    event_figure(out, ", ", e->value);
    event_figure(out, ", limit ", e->limit);
}

static void event_trigger(kedge_i_text *out, const kedge_event *e)
{
    const kedge_triggers_call call = {
        .kind = (uint32_t)e->code, .source = e->subject, .value = e->value, .limit = e->limit};
    kedge_i_text_string(out, ": ");
    kedge_i_reason_text(out, &call);
}

static void event_check(kedge_i_text *out, const kedge_event *e)
{
    event_says(out, ": ", kedge_gate_check_name(e->subject));
    event_says(out, ", ", kedge_battery_reason_string(e->code));
    if (e->value != e->value)
        return;
    event_figure(out, ", ", e->value);
    event_figure(out, ", limit ", e->limit);
}

static void event_unkept(kedge_i_text *out, const kedge_event *e)
{
    if (e->value != e->value) {
        kedge_i_text_string(out, ": too little work memory");
        return;
    }
    event_figure(out, ": its ", e->value);
    event_figure(out, " bytes do not fit into ", e->limit);
}

/* A kind that nobody here knows: as it is, without what is 0. */
static void event_plain(kedge_i_text *out, const kedge_event *e)
{
    event_number(out, ", subject ", e->subject);
    if (e->code != 0)
        event_figure(out, ", code ", e->code);
    if (e->value == 0.0 && e->limit == 0.0)
        return;
    event_figure(out, ": ", e->value);
    event_figure(out, ", limit ", e->limit);
}

static void event_training(kedge_i_text *out, const kedge_event *e)
{
    switch (e->kind) {
    case KEDGE_EVENT_TRIGGER:
        event_trigger(out, e);
        break;
    case KEDGE_EVENT_TRAINING:
        event_figure(out, ": on ", e->value);
        kedge_i_text_string(out, " rows");
        break;
    case KEDGE_EVENT_FAILED:
        event_says(out, ": ", kedge_status_string(e->code));
        break;
    case KEDGE_EVENT_REFUSED:
        event_refused(out, e);
        break;
    default:
        event_errors(out, ": error ", e);
    }
}

static void event_delivery(kedge_i_text *out, const kedge_event *e)
{
    switch (e->kind) {
    case KEDGE_EVENT_STAGE:
        event_says(out, ": ", kedge_stage_string((uint32_t)e->code));
        event_worse(out, " in the stage before, at most ", e);
        break;
    case KEDGE_EVENT_ASKED:
        event_says(out, ": for ", kedge_stage_string((uint32_t)e->code));
        break;
    case KEDGE_EVENT_APPROVED:
        event_says(out, ": for ", kedge_stage_string((uint32_t)e->code));
        event_figure(out, ", by ", e->value);
        break;
    case KEDGE_EVENT_TESTED:
        kedge_i_text_string(out, ": stage ");
        kedge_i_text_whole(out, e->subject);
        event_figure(out, ", code ", e->code);
        break;
    case KEDGE_EVENT_CHECK:
        event_check(out, e);
        break;
    default:
        event_says(out, ": ", event_outcome(e->code));
        event_worse(out, e->kind == KEDGE_EVENT_ROLLED_BACK ? ", at least " : ", at most ", e);
    }
}

static void event_detail(kedge_i_text *out, const kedge_event *e)
{
    switch (e->kind) {
    case KEDGE_EVENT_WARNING:
    case KEDGE_EVENT_DRIFT:
        if (e->code != KEDGE_WARNING && e->code != KEDGE_DRIFT && e->code != 0) /* news of a schema */
            event_column(out, e);
        break;
    case KEDGE_EVENT_SKEW:
    case KEDGE_EVENT_SHIFT:
        event_column(out, e);
        break;
    case KEDGE_EVENT_TRIGGER:
    case KEDGE_EVENT_TRAINING:
    case KEDGE_EVENT_TRAINED:
    case KEDGE_EVENT_FAILED:
    case KEDGE_EVENT_PASSED:
    case KEDGE_EVENT_REFUSED:
    case KEDGE_EVENT_RECALLED:
    case KEDGE_EVENT_TRIAL:
        event_training(out, e);
        break;
    case KEDGE_EVENT_STAGE:
    case KEDGE_EVENT_ASKED:
    case KEDGE_EVENT_APPROVED:
    case KEDGE_EVENT_ROLLED_BACK:
    case KEDGE_EVENT_FINISHED:
    case KEDGE_EVENT_TESTED:
    case KEDGE_EVENT_CHECK:
        event_delivery(out, e);
        break;
    case KEDGE_EVENT_UNKEPT:
        event_unkept(out, e);
        break;
    case KEDGE_EVENT_LOST:
        event_figure(out, ": ", e->value);
        kedge_i_text_string(out, " events");
        break;
    default:
        event_plain(out, e);
    }
}

static void event_line(kedge_i_text *out, const void *what)
{
    const kedge_event *e = what;
    kedge_i_text_whole(out, e->at_ns);
    kedge_i_text_string(out, " ns: ");
    kedge_i_text_string(out, kedge_event_string(e->kind));
    if (e->kind >= KEDGE_EVENT_OWN)
        event_number(out, " ", e->kind);
    event_number(out, ", version ", e->version);
    event_number(out, ", pipeline ", e->pipeline);
    event_detail(out, e);
}

kedge_status kedge_event_text(const kedge_event *event, char *buf, size_t cap, size_t *len)
{
    if (!event || !len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    return kedge_i_text_write(event_line, event, buf, cap, len);
}
