/* SPDX-License-Identifier: MIT */
/* The standard tests inside a pipeline: the gate's checks and the host's own on a challenger whose stage wants a verdict, on the
 * kept rows that neither model was trained on. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "pipeline/gate_run.h"
#include "pipeline/pipeline_state.h"
#include "pipeline/prepared_model.h"
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
    kedge_prep champion_prep; /* without state: there are none */
    kedge_prep challenger_prep;
    kedge_i_prepared_class cls; /* of a model and its prep as one */
    size_t copy_bytes;          /* of each as such a model; 0: rows go to models as they come */
} inspect_models;

static kedge_model inspect_model(const kedge_pipeline *p, uint32_t place)
{
    return place ? pipeline_challenger_of(p) : pipeline_champion_of(p);
}

/* In production the two have changed places. Fixed is the struct of a model with its prep, where there is one. */
static void inspect_find(const kedge_pipeline *p, inspect_models *m, kedge_i_fixed *fixed)
{
    uint32_t swapped = pipeline_of(p)->swapped;
    m->champion = inspect_model(p, swapped);
    m->challenger = inspect_model(p, !swapped);
    m->champion_prep = pipeline_prep_of(p, swapped);
    m->challenger_prep = pipeline_prep_of(p, !swapped);
    m->copy_bytes = 0;
    if (!m->challenger_prep.state)
        return;
    kedge_i_prepared_class_make(&m->cls, p->prep, p->model);
    m->copy_bytes = kedge_i_prepared_plan(&m->cls, &m->challenger_prep, &m->challenger, fixed);
}

static uint32_t inspect_count(const pipeline_state *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->window_n; i++)
        n += (uint32_t)kedge_i_judge_is_new(s, kedge_i_window_number(s, i), s->trained_to);
    return n;
}

/* The rows as they came; with preps one that either refuses, as service would, is left out. */
static uint32_t inspect_gather(const kedge_pipeline *p, double *x, double *y)
{
    const pipeline_state *s = pipeline_of(p);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->window_n; i++) {
        if (!kedge_i_judge_is_new(s, kedge_i_window_number(s, i), s->trained_to))
            continue;
        const double *row = kedge_i_window_row(s, i, &y[n]);
        if (p->prep && !(kedge_i_prepared_takes(p, 0, row, y[n]) && kedge_i_prepared_takes(p, 1, row, y[n])))
            continue;
        memcpy(x + (size_t)n * s->n_features, row, s->n_features * sizeof *x);
        n++;
    }
    return n;
}

/* Bytes of the rows, which are no more than the window has, and of models with their preps; then comes what the gate needs. */
static size_t inspect_before(const pipeline_state *s, const inspect_models *m, uint32_t n)
{
    return (size_t)n * (s->n_features + 1u) * sizeof(double) + 2 * m->copy_bytes;
}

/* 0: one is none that the gate takes. */
static size_t inspect_gate_work(const inspect_models *m, const kedge_gate_config *gate, uint32_t n, kedge_i_fixed *fixed)
{
    if (!m->challenger_prep.state)
        return kedge_gate_work(gate, &m->champion, &m->challenger, n);
    kedge_model as_one = {&m->cls.model, fixed};
    kedge_i_gate g = {.cfg = gate,
                      .models = {&as_one, &as_one},
                      .prep = &m->challenger_prep,
                      .snapshot_bytes = kedge_i_prepared_snapshot(&m->cls, &m->challenger_prep, &m->challenger)};
    return m->copy_bytes > 0 ? kedge_i_gate_work(&g, n) : 0;
}

size_t kedge_pipeline_judge_work(const kedge_pipeline *p, const kedge_gate_config *gate)
{
    inspect_models m;
    kedge_i_fixed fixed;
    if (!p || !p->state || !gate || !inspect_is_wanted(p))
        return 0;
    inspect_find(p, &m, &fixed);
    uint32_t n = inspect_count(pipeline_of(p));
    size_t bytes = n > 0 ? inspect_gate_work(&m, gate, n, &fixed) : 0, before = inspect_before(pipeline_of(p), &m, n);
    return bytes > 0 && bytes <= SIZE_MAX - before ? bytes + before : 0;
}

/* What the gate is given: both models, with preps as copies in work memory that bring their own. */
static kedge_status inspect_gate(inspect_models *m, const kedge_gate_config *gate, kedge_i_gate *g, unsigned char *copies)
{
    const size_t bytes = m->copy_bytes;
    g->cfg = gate;
    g->models[GATE_CHALLENGER] = &m->challenger;
    g->models[GATE_CHAMPION] = &m->champion;
    if (!m->challenger_prep.state)
        return KEDGE_OK;
    g->prep = &m->challenger_prep;
    KEDGE_TRY(kedge_i_prepared_copy(&m->cls, &m->challenger_prep, &m->challenger, copies, bytes, &m->challenger));
    return kedge_i_prepared_copy(&m->cls, &m->champion_prep, &m->champion, copies + bytes, bytes, &m->champion);
}

static void inspect_tell(const kedge_pipeline *p, uint32_t i_check, const kedge_battery_check *check)
{
    const kedge_event event = {.kind = KEDGE_EVENT_CHECK,
                               .code = check->why,
                               .subject = i_check,
                               .at_ns = pipeline_of(p)->clock_ns,
                               .version = pipeline_of(p)->staged,
                               .value = check->figure.value,
                               .limit = check->limit};
    kedge_i_deliver_put(p, &event);
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

/* The work memory was checked. */
static kedge_status inspect_judge(const kedge_pipeline *p, const kedge_gate_config *gate, void *work, size_t work_bytes,
                                  kedge_gate_outcome *outcomes, kedge_gate_report *out)
{
    const pipeline_state *s = pipeline_of(p);
    inspect_models m;
    kedge_i_fixed fixed;
    uint32_t n = inspect_count(s);
    double *x = work, *y = x + (size_t)n * s->n_features;
    unsigned char *copies = (unsigned char *)(y + n);
    inspect_find(p, &m, &fixed);
    size_t before = inspect_before(s, &m, n);
    n = inspect_gather(p, x, y);
    if (n == 0)
        return KEDGE_EMPTY;
    kedge_rows rows = kedge_rows_float64(x, n, s->n_features);
    kedge_i_gate g = {.x = &rows, .y = y, .report = out};
    KEDGE_TRY(inspect_gate(&m, gate, &g, copies));
    return kedge_i_gate_judge(&g, (char *)work + before, work_bytes - before, outcomes);
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
    kedge_status st = inspect_judge(p, gate, work, work_bytes, outcomes, out);
    if (st != KEDGE_OK)
        return st;
    s->clock_ns = kedge_i_deliver_clock(s, now_ns);
    inspect_note(p, out);
    return KEDGE_OK;
}
