/* SPDX-License-Identifier: MIT */
/* A flow as text for people: one line a step, indented by its depth, so that what runs side by side stands at one margin. */
#include "base/fp.h"

#include "kedge/controls/flow.h"

#include "base/check.h"
#include "base/text.h"
#include "pipeline/flow_state.h"

const char *kedge_step_string(uint32_t state)
{
    static const char *const words[] = {"idle", "waiting", "running", "unsure", "done", "skipped", "failed", "cancelled"};
    return state < sizeof words / sizeof *words ? words[state] : "unknown";
}

const char *kedge_flow_string(uint32_t kind)
{
    static const char *const words[] = {"idle", "a step is ready", "under way", "unsure", "done", "failed", "cancelled"};
    return kind < sizeof words / sizeof *words ? words[kind] : "unknown";
}

static void flow_text_head(kedge_i_text *out, const kedge_flow_report *r)
{
    kedge_i_text_string(out, "run ");
    kedge_i_text_whole(out, r->run);
    kedge_i_text_string(out, ": ");
    kedge_i_text_string(out, kedge_flow_string(r->state));
    if (r->ended_ns > 0) {
        kedge_i_text_string(out, ", ");
        kedge_i_text_short(out, (double)(r->ended_ns - r->began_ns));
        kedge_i_text_string(out, " ns, longest chain ");
        kedge_i_text_short(out, (double)r->critical_ns);
        kedge_i_text_string(out, " ns");
    }
    kedge_i_text_char(out, '\n');
}

static void flow_text_needs(kedge_i_text *out, const kedge_control *c, uint32_t needs)
{
    const char *before = " <- ";
    for (uint32_t i = 0; i < KEDGE_FLOW_STEPS_MAX; i++) {
        kedge_flow_step_report need;
        if (!(needs >> i & 1u) || kedge_flow_read_step(c, i, &need) < 0)
            continue;
        kedge_i_text_string(out, before);
        (void)kedge_i_text_name(out, need.name, sizeof need.name, KEDGE_I_TEXT_PLAIN);
        before = ", ";
    }
}

static void flow_text_state(kedge_i_text *out, const kedge_flow_step_report *r)
{
    kedge_i_text_string(out, ": ");
    kedge_i_text_string(out, kedge_step_string(r->state));
    if (r->attempt > 1) {
        kedge_i_text_string(out, ", attempt ");
        kedge_i_text_whole(out, r->attempt);
    }
    if (r->n_failed > 0) {
        kedge_i_text_string(out, ", code ");
        kedge_i_text_short(out, r->code);
    }
    if (r->attempt > 0 && r->state >= KEDGE_STEP_DONE) {
        kedge_i_text_string(out, ", ");
        kedge_i_text_short(out, (double)(r->ended_ns - r->first_ns));
        kedge_i_text_string(out, " ns");
    }
    kedge_i_text_char(out, '\n');
}

static void flow_text(kedge_i_text *out, const void *what)
{
    const kedge_control *c = what;
    uint32_t depth[KEDGE_FLOW_STEPS_MAX];
    kedge_flow_report all;
    kedge_flow_step_report one;
    if (kedge_flow_read(c, &all) < 0)
        return;
    flow_text_head(out, &all);
    for (uint32_t i = 0; i < all.n_steps && kedge_flow_read_step(c, i, &one) == KEDGE_OK; i++) {
        depth[i] = 0;
        for (uint32_t j = 0; j < i; j++)
            if ((one.needs >> j & 1u) && depth[j] >= depth[i])
                depth[i] = depth[j] + 1;
        kedge_i_text_pad(out, out->n, 2u * depth[i]);
        (void)kedge_i_text_name(out, one.name, sizeof one.name, KEDGE_I_TEXT_PLAIN);
        flow_text_needs(out, c, one.needs);
        flow_text_state(out, &one);
    }
}

kedge_status kedge_flow_text(const kedge_control *c, char *buf, size_t cap, size_t *len)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_flow));
    if (!len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    return kedge_i_text_write(flow_text, c, buf, cap, len);
}
