/* SPDX-License-Identifier: MIT */
/* The list of all metrics, in a file of its own: a static link takes it in only where a program asks for it. */
#include "base/fp.h"

#include "kedge/metric.h"
#include "kedge/profile.h"

static const kedge_metric_class *const metric_all[] = {
    &kedge_auc_stream,
    &kedge_auc_window,
    &kedge_backlog,
    &kedge_categories,
    &kedge_cbpe,
    &kedge_cost,
    &kedge_detection,
    &kedge_dle,
    &kedge_fairness,
    &kedge_joiner,
    &kedge_latency,
    &kedge_latency_shared,
    &kedge_paired,
    &kedge_profile,
    &kedge_quality,
    &kedge_regression,
    &kedge_reliability,
    &kedge_slices,
    &kedge_slo,
    &kedge_throughput,
    &kedge_upkeep,
    NULL,
};

const kedge_metric_class *const *kedge_metric_classes(void)
{
    return metric_all;
}
