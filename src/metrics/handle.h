/* SPDX-License-Identifier: MIT */
/* What all metrics ask of a record, and of a handle, which might be another metric's. */
#ifndef KEDGE_METRICS_HANDLE_H
#define KEDGE_METRICS_HANDLE_H

#include "kedge/metric.h"

#define KEDGE_I_RECORD_WEIGHT_MAX 1e9 /* weight of one record */

static inline kedge_status kedge_i_metric_is(const kedge_metric *m, const kedge_metric_class *cls)
{
    if (!m || !m->cls || !m->state)
        return KEDGE_ERR_NULL;
    return m->cls == cls ? KEDGE_OK : KEDGE_ERR_CLASS;
}

#endif
