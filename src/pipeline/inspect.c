/* SPDX-License-Identifier: MIT */
/* The standard tests inside a pipeline: the gate's checks and the host's own on a challenger whose stage wants a verdict, on the
 * kept rows that neither model was trained on. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "pipeline/pipeline_state.h"
#include "pipeline/rollout_state.h"

/* Is a stage under way that is passed with a verdict only, and has none yet? */
static int inspect_is_wanted(const kedge_pipeline *p)
{
    if (pipeline_of(p)->staged == 0)
        return 0;
    const rollout_state *r = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT).state;
    return r->phase == ROLLOUT_RUNNING && r->verdict == ROLLOUT_SILENT && rollout_at(r, r->stage)->needs_verdict;
}

/* What is to be judged, and beside what. */
typedef struct inspect_models {
    kedge_model champion;
    kedge_model challenger;
    kedge_prep prep; /* the challenger's; without state: there is none */
    uint32_t width;  /* of its rows */
} inspect_models;

static inspect_models inspect_find(const kedge_pipeline *p)
{
    uint32_t swapped = pipeline_of(p)->swapped;
    inspect_models m = {
        .champion = swapped ? pipeline_challenger_of(p) : pipeline_champion_of(p),
        .challenger = swapped ? pipeline_champion_of(p) : pipeline_challenger_of(p),
        .prep = pipeline_prep_of(p, !swapped),
        .width = pipeline_of(p)->n_features,
    };
    if (m.prep.state)
        m.width = kedge_prep_n_out(&m.prep);
    return m;
}

static uint32_t inspect_count(const pipeline_state *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->window_n; i++)
        n += (uint32_t)kedge_i_judge_is_new(s, kedge_i_window_number(s, i), s->trained_to);
    return n;
}

/* The rows as the challenger sees them; one that its prep refuses is left out. */
static uint32_t inspect_gather(const kedge_pipeline *p, const inspect_models *m, double *x, double *y)
{
    const pipeline_state *s = pipeline_of(p);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->window_n; i++) {
        if (!kedge_i_judge_is_new(s, kedge_i_window_number(s, i), s->trained_to))
            continue;
        const double *row = kedge_i_window_row(s, i, &y[n]);
        if (!m->prep.state)
            memcpy(x + (size_t)n * m->width, row, m->width * sizeof *x);
        else if (kedge_prep_transform(&m->prep, row, x + (size_t)n * m->width) < 0)
            continue;
        n++;
    }
    return n;
}

static size_t inspect_table(const inspect_models *m, uint32_t n)
{
    return (size_t)n * (m->width + 1u) * sizeof(double); /* no more than the window has */
}

size_t kedge_pipeline_judge_work(const kedge_pipeline *p, const kedge_gate_config *gate)
{
    if (!p || !p->state || !gate || !inspect_is_wanted(p))
        return 0;
    inspect_models m = inspect_find(p);
    uint32_t n = inspect_count(pipeline_of(p));
    size_t bytes = n > 0 ? kedge_gate_work(gate, m.prep.state ? NULL : &m.champion, &m.challenger, n) : 0;
    return bytes > 0 && bytes <= SIZE_MAX - inspect_table(&m, n) ? bytes + inspect_table(&m, n) : 0;
}

static void inspect_tell(const kedge_pipeline *p, uint32_t i_check, const kedge_battery_check *check)
{
    kedge_control events = kedge_i_pipeline_control(p, KEDGE_PIPELINE_EVENTS);
    const kedge_event event = {.kind = KEDGE_EVENT_CHECK,
                               .code = check->why,
                               .subject = i_check,
                               .at_ns = pipeline_of(p)->clock_ns,
                               .version = pipeline_of(p)->staged,
                               .value = check->figure.value,
                               .limit = check->limit};
    if (events.state)
        KEDGE_IGNORE(kedge_events_put(&events, &event));
}

/* Into the record, to events and to the rollout. */
static void inspect_note(kedge_pipeline *p, const kedge_gate_report *report)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_control rollout = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT);
    if (store.state)
        KEDGE_IGNORE(kedge_store_set_tests(&store, s->staged, report->passed, report->failed, report->undecided));
    for (uint32_t i = 0; i < KEDGE_GATE_FIRST + KEDGE_GATE_CHECKS; i++) {
        const kedge_battery_check *check =
            i < KEDGE_GATE_FIRST ? &report->battery.checks[i] : &report->checks[i - KEDGE_GATE_FIRST];
        if (report->failed >> i & 1u)
            inspect_tell(p, i, check);
    }
    if (report->verdict == KEDGE_BATTERY_PASS || report->verdict == KEDGE_BATTERY_FAIL)
        KEDGE_IGNORE(kedge_rollout_judge(&rollout, s->clock_ns, report->verdict == KEDGE_BATTERY_PASS, (int32_t)report->failed));
}

static kedge_status inspect_check(const kedge_pipeline *p, const kedge_gate_config *gate, const void *work)
{
    if (!gate->battery || !work)
        return KEDGE_ERR_NULL;
    if (gate->groups || gate->battery->groups)
        return KEDGE_ERR_UNSUPPORTED;
    return kedge_pipeline_judge_work(p, gate) == 0 ? KEDGE_ERR_CONFIG : KEDGE_OK;
}

kedge_status kedge_pipeline_judge(kedge_pipeline *p, uint64_t now_ns, const kedge_gate_config *gate, void *work, size_t work_bytes,
                                  kedge_gate_outcome *outcomes, kedge_gate_report *out)
{
    if (!p || !p->state || !gate || !out)
        return KEDGE_ERR_NULL;
    pipeline_state *s = pipeline_of(p);
    uint32_t n = inspect_is_wanted(p) ? inspect_count(s) : 0;
    if (n == 0)
        return KEDGE_EMPTY;
    KEDGE_TRY(inspect_check(p, gate, work));
    if (!kedge_i_aligned(work))
        return KEDGE_ERR_ALIGN;
    if (work_bytes < kedge_pipeline_judge_work(p, gate))
        return KEDGE_ERR_BUFFER;
    inspect_models m = inspect_find(p);
    double *x = work, *y = x + (size_t)n * m.width;
    size_t table = inspect_table(&m, n);
    n = inspect_gather(p, &m, x, y);
    if (n == 0)
        return KEDGE_EMPTY;
    kedge_rows rows = kedge_rows_float64(x, n, m.width);
    KEDGE_TRY(kedge_gate_judge(gate, m.prep.state ? NULL : &m.champion, &m.challenger, &rows, y, NULL, (char *)work + table,
                               work_bytes - table, outcomes, out));
    s->clock_ns = kedge_i_deliver_clock(s, now_ns);
    inspect_note(p, out);
    return KEDGE_OK;
}
