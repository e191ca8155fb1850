/* SPDX-License-Identifier: MIT */
/* A report as text for people. */
#include "base/fp.h"

#include "battery/battery_run.h"

#include "base/text.h"

kedge_i_battery_words kedge_i_battery_words_of(uint32_t i_check, uint32_t score)
{
    static const kedge_i_battery_words words[KEDGE_BATTERY_CHECKS] = {
        [KEDGE_BATTERY_QUALITY] = {"score ", "", BATTERY_AT_LEAST},
        [KEDGE_BATTERY_USUAL] = {"gain ", "", BATTERY_MORE_THAN},
        [KEDGE_BATTERY_LAST] = {"gain ", "", BATTERY_MORE_THAN},
        [KEDGE_BATTERY_CHAMPION] = {"gain ", "", BATTERY_AT_LEAST},
        [KEDGE_BATTERY_MCNEMAR] = {"p ", "", BATTERY_AT_LEAST},
        [KEDGE_BATTERY_NOISE] = {"loss ", "", BATTERY_AT_MOST},
        [KEDGE_BATTERY_MISSING] = {"loss ", "", BATTERY_AT_MOST},
        [KEDGE_BATTERY_SLICE] = {"loss ", "", BATTERY_AT_MOST},
        [KEDGE_BATTERY_CALIBRATION] = {"error ", "", BATTERY_AT_MOST},
        [KEDGE_BATTERY_MEDIAN] = {"", " ns", BATTERY_AT_MOST},
        [KEDGE_BATTERY_TAIL] = {"", " ns", BATTERY_AT_MOST},
        [KEDGE_BATTERY_BYTES] = {"", " bytes", BATTERY_AT_MOST},
        [KEDGE_BATTERY_SNAPSHOT] = {"", " bytes", BATTERY_AT_MOST},
        [KEDGE_BATTERY_SAME] = {"", " rows", BATTERY_AT_MOST},
        [KEDGE_BATTERY_SOUND] = {"", " rows", BATTERY_AT_MOST},
        [KEDGE_BATTERY_HOSTILE] = {"", " rows", BATTERY_AT_MOST},
    };
    kedge_i_battery_words of = words[i_check];
    if (i_check == KEDGE_BATTERY_QUALITY && kedge_score_direction(score) < 0)
        of.side = BATTERY_AT_MOST;
    return of;
}

void kedge_i_battery_text_check(kedge_i_text *out, const char *name, const kedge_i_battery_words *words,
                                const kedge_battery_check *c)
{
    static const char *const sides[] = {
        [BATTERY_AT_LEAST] = ", at least ", [BATTERY_AT_MOST] = ", at most ", [BATTERY_MORE_THAN] = ", more than "};

    size_t begun = out->n;
    kedge_i_text_string(out, name);
    kedge_i_text_pad(out, begun, 12);
    kedge_i_text_string(out, kedge_battery_verdict_string(c->verdict));
    kedge_i_text_pad(out, begun, 22);
    if (c->figure.value == c->figure.value) {
        kedge_i_text_string(out, words->what);
        kedge_i_text_short(out, c->figure.value);
        kedge_i_text_string(out, words->unit);
    }
    if (c->figure.low == c->figure.low) {
        kedge_i_text_string(out, " [");
        kedge_i_text_short(out, c->figure.low);
        kedge_i_text_string(out, ", ");
        kedge_i_text_short(out, c->figure.high);
        kedge_i_text_string(out, "]");
    }
    if (c->limit == c->limit) {
        kedge_i_text_string(out, c->figure.value == c->figure.value ? sides[words->side] : sides[words->side] + 2);
        kedge_i_text_short(out, c->limit);
    }
    kedge_i_text_string(out, c->figure.value == c->figure.value || c->limit == c->limit ? ": " : "");
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
    for (uint32_t i = 0; i < KEDGE_BATTERY_CHECKS; i++) {
        const kedge_i_battery_words words = kedge_i_battery_words_of(i, r->score);
        kedge_i_battery_text_check(out, kedge_battery_check_name(i), &words, &r->checks[i]);
    }
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
