/* SPDX-License-Identifier: MIT */
/* For callers that must know before they record. */
#ifndef KEDGE_METRICS_RELIABILITY_CLASSES_H
#define KEDGE_METRICS_RELIABILITY_CLASSES_H

#include "kedge/metric.h"

/* Classes of a reliability, which m must be. */
uint32_t kedge_i_reliability_classes(const kedge_metric *m);

#endif
