/* SPDX-License-Identifier: MIT */
/* A model and the prep beside it as one model of the rows as they come: what is served, for tests of it. */
#ifndef KEDGE_PIPELINE_PREPARED_MODEL_H
#define KEDGE_PIPELINE_PREPARED_MODEL_H

#include "kedge/model.h"
#include "kedge/prep.h"

#include "base/object.h"

/* Their class, made for a class of preps and one of models; lives as long as its objects. */
typedef struct kedge_i_prepared_class {
    kedge_model_class model;
    const kedge_class *parts[2];
} kedge_i_prepared_class;

void kedge_i_prepared_class_make(kedge_i_prepared_class *cls, const kedge_prep_class *prep, const kedge_model_class *model);

/* The struct of such a state, with its bytes in the head and no parts behind it; 0: too large. */
size_t kedge_i_prepared_plan(const kedge_i_prepared_class *cls, const kedge_prep *prep, const kedge_model *m, kedge_i_fixed *fixed);
/* A copy of both in memory of that many bytes. */
kedge_status kedge_i_prepared_copy(const kedge_i_prepared_class *cls, const kedge_prep *prep, const kedge_model *m, void *mem,
                                   size_t mem_bytes, kedge_model *out);
size_t kedge_i_prepared_snapshot(const kedge_i_prepared_class *cls, const kedge_prep *prep, const kedge_model *m);

#endif
