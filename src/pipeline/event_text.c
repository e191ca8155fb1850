/* SPDX-License-Identifier: MIT */
/* An event as a line for people. Members that are 0 are left out: a kind that needs one says so by its value. */
#include "base/fp.h"

#include "kedge/controls/events.h"

#include "base/check.h"
#include "base/text.h"

static void event_number(kedge_i_text *out, const char *before, uint64_t x)
{
    if (x == 0)
        return;
    kedge_i_text_string(out, before);
    kedge_i_text_whole(out, x);
}

static void event_code(kedge_i_text *out, int32_t code)
{
    if (code == 0)
        return;
    kedge_i_text_string(out, ", code ");
    kedge_i_text_short(out, code);
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
    event_number(out, ", subject ", e->subject);
    event_code(out, e->code);
    if (e->value == 0.0 && e->limit == 0.0)
        return;
    kedge_i_text_string(out, ": ");
    kedge_i_text_short(out, e->value);
    kedge_i_text_string(out, ", limit ");
    kedge_i_text_short(out, e->limit);
}

kedge_status kedge_event_text(const kedge_event *event, char *buf, size_t cap, size_t *len)
{
    if (!event || !len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    return kedge_i_text_write(event_line, event, buf, cap, len);
}
