/* SPDX-License-Identifier: MIT */
/* A gate's report as text for people. */
#include "base/fp.h"

#include "pipeline/gate_run.h"

#include "base/text.h"

const char *kedge_gate_check_name(uint32_t i_check)
{
    static const char *const names[KEDGE_GATE_CHECKS] = {"better", "safe",   "slices",   "fair",      "fairer",
                                                         "load",   "memory", "artifact", "converges", "tests"};
    if (i_check < KEDGE_GATE_FIRST)
        return kedge_battery_check_name(i_check);
    return i_check < KEDGE_GATE_FIRST + KEDGE_GATE_CHECKS ? names[i_check - KEDGE_GATE_FIRST] : "unknown";
}

/* What is told of. */
typedef struct gate_told {
    const kedge_gate_report *report;
    const kedge_gate_config *cfg; /* NULL: no names */
} gate_told;

static uint32_t gate_count(uint32_t set)
{
    uint32_t n = 0;
    for (; set != 0; set &= set - 1)
        n++;
    return n;
}

static void gate_text_head(kedge_i_text *out, const kedge_gate_report *r)
{
    const struct {
        uint32_t set;
        const char *what;
    } counts[] = {{r->passed, " passed, "}, {r->failed, " failed, "}, {r->undecided, " undecided, "}, {r->skipped, " skipped, "}};
    kedge_i_text_string(out, kedge_battery_verdict_string(r->verdict));
    kedge_i_text_string(out, ": ");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        kedge_i_text_whole(out, gate_count(counts[i].set));
        kedge_i_text_string(out, counts[i].what);
    }
    kedge_i_text_whole(out, r->n_rows);
    kedge_i_text_string(out, " rows\n");
}

static void gate_text_slice(kedge_i_text *out, const kedge_gate_report *r)
{
    if (r->slice_rows == 0)
        return;
    kedge_i_text_string(out, "worst slice: ");
    if (r->slice == r->slice)
        kedge_i_text_short(out, r->slice);
    else
        kedge_i_text_string(out, "the missing values");
    kedge_i_text_string(out, ", ");
    kedge_i_text_whole(out, r->slice_rows);
    kedge_i_text_string(out, " rows\n");
}

static void gate_text_number(kedge_i_text *out, const char *what, double x)
{
    if (x != x)
        return;
    kedge_i_text_string(out, what);
    kedge_i_text_short(out, x);
}

static void gate_text_test(kedge_i_text *out, const gate_told *told)
{
    const kedge_gate_report *r = told->report;
    const kedge_gate_outcome *o = &r->first_outcome;
    int named = told->cfg && told->cfg->tests && r->first_test < told->cfg->n_tests && told->cfg->tests[r->first_test].name;
    if (r->n_tests_failed == 0)
        return;
    kedge_i_text_string(out, "failed test: ");
    if (named)
        (void)kedge_i_text_name(out, told->cfg->tests[r->first_test].name, 2000, KEDGE_I_TEXT_PLAIN);
    else
        kedge_i_text_whole(out, r->first_test);
    if (o->first_failed != UINT64_MAX) {
        kedge_i_text_string(out, ", row ");
        kedge_i_text_whole(out, o->first_failed);
    }
    gate_text_number(out, " at ", o->at);
    gate_text_number(out, ": got ", o->got);
    gate_text_number(out, ", expected ", o->expected);
    kedge_i_text_string(out, ": ");
    kedge_i_text_string(out, kedge_battery_reason_string(o->why));
    kedge_i_text_char(out, '\n');
}

static kedge_i_battery_words gate_words_of(uint32_t i_check, uint32_t score)
{
    static const kedge_i_battery_words words[KEDGE_GATE_CHECKS] = {
        [KEDGE_GATE_BETTER - KEDGE_GATE_FIRST] = {"gain ", "", BATTERY_MORE_THAN},
        [KEDGE_GATE_SAFE - KEDGE_GATE_FIRST] = {"gain ", "", BATTERY_AT_LEAST},
        [KEDGE_GATE_SLICE - KEDGE_GATE_FIRST] = {"gain ", "", BATTERY_AT_LEAST},
        [KEDGE_GATE_FAIR - KEDGE_GATE_FIRST] = {"difference ", "", BATTERY_AT_MOST},
        [KEDGE_GATE_FAIRER - KEDGE_GATE_FIRST] = {"growth ", "", BATTERY_AT_MOST},
        [KEDGE_GATE_LOAD - KEDGE_GATE_FIRST] = {"", " ns", BATTERY_AT_MOST},
        [KEDGE_GATE_MEMORY - KEDGE_GATE_FIRST] = {"", " bytes", BATTERY_AT_MOST},
        [KEDGE_GATE_ARTIFACT - KEDGE_GATE_FIRST] = {"", " rows", BATTERY_AT_MOST},
        [KEDGE_GATE_CONVERGES - KEDGE_GATE_FIRST] = {"gain ", "", BATTERY_MORE_THAN},
        [KEDGE_GATE_TESTS - KEDGE_GATE_FIRST] = {"", " failed", BATTERY_AT_MOST},
    };
    return i_check < KEDGE_GATE_FIRST ? kedge_i_battery_words_of(i_check, score) : words[i_check - KEDGE_GATE_FIRST];
}

static void gate_text(kedge_i_text *out, const void *what)
{
    const gate_told *told = what;
    const kedge_gate_report *r = told->report;
    gate_text_head(out, r);
    for (uint32_t i = 0; i < KEDGE_GATE_FIRST + KEDGE_GATE_CHECKS; i++) {
        const kedge_battery_check *c = i < KEDGE_GATE_FIRST ? &r->battery.checks[i] : &r->checks[i - KEDGE_GATE_FIRST];
        const kedge_i_battery_words words = gate_words_of(i, r->score);
        if (c->why != KEDGE_WHY_OFF)
            kedge_i_battery_text_check(out, kedge_gate_check_name(i), &words, c);
    }
    if ((r->undecided & (1u << KEDGE_GATE_BETTER | 1u << KEDGE_GATE_SAFE)) != 0 && r->rows_needed > r->n_rows) {
        kedge_i_text_string(out, "to decide that it is better and safe, about ");
        kedge_i_text_whole(out, r->rows_needed);
        kedge_i_text_string(out, " rows are needed\n");
    }
    gate_text_slice(out, r);
    gate_text_test(out, told);
}

kedge_status kedge_gate_write(const kedge_gate_report *report, const kedge_gate_config *cfg, char *buf, size_t cap, size_t *len)
{
    const gate_told told = {report, cfg};
    if (!report || !len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    return kedge_i_text_write(gate_text, &told, buf, cap, len);
}
