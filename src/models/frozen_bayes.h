/* SPDX-License-Identifier: MIT */
/* What frozen naive Bayes and its writers agree on, see frozen_bayes.c. */
#ifndef KEDGE_MODELS_FROZEN_BAYES_H
#define KEDGE_MODELS_FROZEN_BAYES_H

#include "kedge/models/bayes.h"

#include "models/frozen_blob.h"

#define FROZEN_GAUSSIAN_MAX 1e140 /* features beyond count as that */

enum { FROZEN_COUNTS = 1, FROZEN_YES_NO = 2 }; /* parameter of a table */

#endif
