/* SPDX-License-Identifier: MIT */
/* Why a training was called for, as words. */
#include "base/fp.h"

#include "pipeline/reason_text.h"

static void reason_number(kedge_i_text *out, const char *before, double x, const char *behind)
{
    kedge_i_text_string(out, before);
    kedge_i_text_short(out, x);
    kedge_i_text_string(out, behind);
}

static void reason_demand(kedge_i_text *out, int32_t code)
{
    kedge_i_text_string(out, "on demand");
    if (code != 0)
        reason_number(out, ", code ", code, "");
}

static void reason_figure(kedge_i_text *out, const kedge_triggers_call *call)
{
    reason_number(out, "figure ", call->source, " was ");
    kedge_i_text_short(out, call->value);
    reason_number(out, call->kind == KEDGE_TRIGGER_FLOOR ? ", below its floor " : ", above its ceiling ", call->limit, "");
}

/* The detector's status is the value. */
static void reason_signal(kedge_i_text *out, const kedge_triggers_call *call)
{
    kedge_i_text_string(out, call->value == (double)KEDGE_WARNING ? "warning" : "drift");
    reason_number(out, " signalled by source ", call->source, "");
}

void kedge_i_reason_text(kedge_i_text *out, const kedge_triggers_call *call)
{
    switch (call->kind) {
    case KEDGE_TRIGGER_DEMAND:
        reason_demand(out, call->code);
        break;
    case KEDGE_TRIGGER_SCHEDULE:
        reason_number(out, "schedule, every ", call->limit, " ns");
        break;
    case KEDGE_TRIGGER_ROWS:
        reason_number(out, "", call->value, " new rows");
        reason_number(out, ", asked for at ", call->limit, "");
        break;
    case KEDGE_TRIGGER_AGE:
        reason_number(out, "the last training was ", call->value, " ns ago");
        reason_number(out, ", asked for at ", call->limit, "");
        break;
    case KEDGE_TRIGGER_FLOOR:
    case KEDGE_TRIGGER_CEILING:
        reason_figure(out, call);
        break;
    case KEDGE_TRIGGER_SIGNAL:
        reason_signal(out, call);
        break;
    default:
        reason_number(out, "kind ", call->kind, "");
        reason_number(out, ": ", call->value, "");
        reason_number(out, ", limit ", call->limit, "");
    }
}
