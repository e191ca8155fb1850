/* SPDX-License-Identifier: MIT */
/* Policies of retraining, each run over the same rows. */
#ifndef POLICIES_POLICY_H
#define POLICIES_POLICY_H

#include <kedge.h>

#include "data_set.h"

typedef struct policy {
    const char *name;
    uint32_t kind;        /* KEDGE_POLICY_... */
    uint32_t per_cent;    /* retrain whenever so much of the stream has come; 0: on drift */
    const char *detector; /* of the error */
    int is_level_2;       /* 1: with rollout, and earlier models are asked when the error rises */
} policy;

typedef struct policy_result {
    double accuracy;
    double seconds;
    uint64_t trained_rows; /* of all trainings together, the first one excluded */
    kedge_pipeline_report report;
} policy_result;

extern const policy policy_list[];
extern const size_t policy_count;

/* 0 after a message: it could not be run. */
int policy_run(const policy *p, const data_set *d, policy_result *out);

#endif
