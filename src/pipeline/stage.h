/* SPDX-License-Identifier: MIT */
/* One stage of a rollout: an object inside it, which holds what the host asked for and nothing else. */
#ifndef KEDGE_PIPELINE_STAGE_H
#define KEDGE_PIPELINE_STAGE_H

#include "kedge/controls/rollout.h"

#define KEDGE_I_STAGE_LOSS_MAX 1e100

typedef struct kedge_i_stage {
    kedge_state_head head;
    uint32_t kind;
    uint32_t needs_approval;
    uint32_t needs_verdict;
    uint32_t both_answer;
    uint32_t undecided;
    uint32_t reserved;
    double share;
    double tolerance;
    double loss_limit;
    uint64_t least_rows;
    uint64_t most_rows;
    uint64_t least_ns;
} kedge_i_stage;

extern const kedge_class kedge_i_stage_class;

/* The class's configuration. */
typedef struct kedge_i_stage_config {
    const kedge_class *cls;
    uint32_t config_bytes;
    uint32_t reserved;
    kedge_stage stage;
} kedge_i_stage_config;

int kedge_i_stage_valid(const kedge_stage *stage);

#endif
