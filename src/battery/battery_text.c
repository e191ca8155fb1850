/* SPDX-License-Identifier: MIT */
/* A report as text for people. */
#include "base/fp.h"

#include "battery/battery_run.h"

#include "base/text.h"

void kedge_i_battery_text_check(kedge_i_text *out, const char *name, const kedge_battery_check *c)
{
    size_t begun = out->n;
    kedge_i_text_string(out, name);
    kedge_i_text_pad(out, begun, 12);
    kedge_i_text_string(out, kedge_battery_verdict_string(c->verdict));
    kedge_i_text_pad(out, begun, 22);
    if (c->figure.value == c->figure.value)
        kedge_i_text_short(out, c->figure.value);
    if (c->figure.low == c->figure.low) {
        kedge_i_text_string(out, " [");
        kedge_i_text_short(out, c->figure.low);
        kedge_i_text_string(out, ", ");
        kedge_i_text_short(out, c->figure.high);
        kedge_i_text_string(out, "]");
    }
    if (c->limit == c->limit) {
        kedge_i_text_string(out, " against ");
        kedge_i_text_short(out, c->limit);
    }
    kedge_i_text_string(out, c->figure.value == c->figure.value ? ": " : "");
    kedge_i_text_string(out, kedge_battery_reason_string(c->why));
    kedge_i_text_char(out, '\n');
}

static void battery_text(kedge_i_text *out, const void *report)
{
    const kedge_battery_report *r = report;
    const struct {
        uint32_t n;
        const char *what;
    } counts[] = {{r->n_passed, " passed, "},
                  {r->n_failed, " failed, "},
                  {r->n_undecided, " undecided, "},
                  {r->n_skipped, " skipped, "}};
    kedge_i_text_string(out, kedge_battery_verdict_string(r->verdict));
    kedge_i_text_string(out, ": ");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        kedge_i_text_whole(out, counts[i].n);
        kedge_i_text_string(out, counts[i].what);
    }
    kedge_i_text_whole(out, r->n_rows);
    kedge_i_text_string(out, " rows\n");
    for (uint32_t i = 0; i < KEDGE_BATTERY_CHECKS; i++)
        kedge_i_battery_text_check(out, kedge_battery_check_name(i), &r->checks[i]);
    if (r->slice_rows == 0)
        return;
    kedge_i_text_string(out, "worst slice: ");
    if (r->slice == r->slice)
        kedge_i_text_short(out, r->slice);
    else
        kedge_i_text_string(out, "the missing values");
    kedge_i_text_string(out, " with ");
    kedge_i_text_short(out, r->slice_score);
    kedge_i_text_string(out, " on ");
    kedge_i_text_whole(out, r->slice_rows);
    kedge_i_text_string(out, " rows\n");
}

kedge_status kedge_battery_write(const kedge_battery_report *report, char *buf, size_t cap, size_t *len)
{
    if (!report || !len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    return kedge_i_text_write(battery_text, report, buf, cap, len);
}
