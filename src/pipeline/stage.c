/* SPDX-License-Identifier: MIT */
/* One stage of a rollout: its parameters, as an object, so that a list of them is part of the rollout's snapshot. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/stage.h"

#include "base/number.h"
#include "base/object.h"

#define STAGE_PARAM(member, type) KEDGE_PARAM(kedge_i_stage, member, type)

static const kedge_field stage_fields[] = {
    STAGE_PARAM(kind, KEDGE_TYPE_U32),          STAGE_PARAM(needs_approval, KEDGE_TYPE_U32),
    STAGE_PARAM(needs_verdict, KEDGE_TYPE_U32), STAGE_PARAM(both_answer, KEDGE_TYPE_U32),
    STAGE_PARAM(undecided, KEDGE_TYPE_U32),     STAGE_PARAM(share, KEDGE_TYPE_F64),
    STAGE_PARAM(tolerance, KEDGE_TYPE_F64),     STAGE_PARAM(loss_limit, KEDGE_TYPE_F64),
    STAGE_PARAM(least_rows, KEDGE_TYPE_U64),    STAGE_PARAM(most_rows, KEDGE_TYPE_U64),
    STAGE_PARAM(least_ns, KEDGE_TYPE_U64),
};

static void stage_defaults(void *config)
{
    static const kedge_stage init = KEDGE_STAGE_INIT;
    kedge_i_stage_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->cls = &kedge_i_stage_class;
    cfg->config_bytes = sizeof *cfg;
    cfg->stage = init;
}

static void stage_configure(const void *config, void *fixed)
{
    const kedge_stage *from = &((const kedge_i_stage_config *)config)->stage;
    kedge_i_stage *s = fixed;
    s->kind = from->kind;
    s->needs_approval = from->needs_approval;
    s->needs_verdict = from->needs_verdict;
    s->both_answer = from->both_answer;
    s->undecided = from->undecided;
    s->share = from->share;
    s->tolerance = from->tolerance;
    s->loss_limit = from->loss_limit;
    s->least_rows = from->least_rows;
    s->most_rows = from->most_rows;
    s->least_ns = from->least_ns;
}

static int stage_valid(const void *fixed)
{
    const kedge_i_stage *s = fixed;
    if (!kedge_i_u32_within(s->kind, KEDGE_STAGE_DEVELOPMENT, KEDGE_STAGE_PRODUCTION) || s->needs_approval > 1 ||
        s->needs_verdict > 1)
        return 0;
    if (s->both_answer > 1 || !kedge_i_u32_within(s->undecided, KEDGE_UNDECIDED_PASSES, KEDGE_UNDECIDED_ROLLS_BACK))
        return 0;
    if (!(s->share > 0.0 && s->share <= 1.0) || !kedge_i_within(s->tolerance, -KEDGE_I_STAGE_LOSS_MAX, KEDGE_I_STAGE_LOSS_MAX))
        return 0;
    if (!kedge_i_within(s->loss_limit, 0.0, KEDGE_I_STAGE_LOSS_MAX))
        return 0;
    return s->least_rows <= s->most_rows && s->most_rows <= KEDGE_I_COUNT_MAX && s->least_ns <= KEDGE_I_COUNT_MAX;
}

int kedge_i_stage_valid(const kedge_stage *stage)
{
    kedge_i_stage_config cfg;
    kedge_i_fixed fixed;
    stage_defaults(&cfg);
    cfg.stage = *stage;
    memset(&fixed, 0, sizeof fixed);
    stage_configure(&cfg, &fixed);
    return stage_valid(&fixed);
}

static size_t stage_layout(void *fixed)
{
    (void)fixed;
    return sizeof(kedge_i_stage);
}

static int stage_check(const void *state)
{
    return ((const kedge_i_stage *)state)->reserved == 0;
}

const kedge_class kedge_i_stage_class = {
    .abi = KEDGE_CLASS_ABI,
    .noun = KEDGE_NOUN_CONTROL,
    .version = 1,
    .name = "stage",
    .fixed_bytes = sizeof(kedge_i_stage),
    .config_bytes = sizeof(kedge_i_stage_config),
    .n_fields = sizeof stage_fields / sizeof *stage_fields,
    .fields = stage_fields,
    .defaults = stage_defaults,
    .configure = stage_configure,
    .valid = stage_valid,
    .layout = stage_layout,
    .check = stage_check,
};
