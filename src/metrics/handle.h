/* SPDX-License-Identifier: MIT */
/* What all metrics ask of a record, and of a handle, which might be another metric's. */
#ifndef KEDGE_METRICS_HANDLE_H
#define KEDGE_METRICS_HANDLE_H

#include "kedge/metric.h"

#define KEDGE_I_RECORD_WEIGHT_MAX 1e9 /* weight of one record */

/* Before a function that a short one calls now and then: inlined, it would make the short one save registers each time. */
#ifdef __GNUC__
#define KEDGE_I_APART __attribute__((noinline))
#else
#define KEDGE_I_APART
#endif

static inline kedge_status kedge_i_metric_is(const kedge_metric *m, const kedge_metric_class *cls)
{
    if (m && m->cls == cls && m->state) /* asked first: few instructions, since some records take 2 ns */
        return KEDGE_OK;
    return !m || !m->cls || !m->state ? KEDGE_ERR_NULL : KEDGE_ERR_CLASS;
}

#endif
