/* SPDX-License-Identifier: MIT */
/* Freezing models over members. */
#ifndef KEDGE_MODELS_FREEZE_COMMITTEE_H
#define KEDGE_MODELS_FREEZE_COMMITTEE_H

#include "models/committee.h"
#include "models/freeze.h"

/* The model as it votes now, each member by its weight. */
kedge_status kedge_i_freeze_committee(const kedge_model_class *cls, const committee_state *s, committee_weight weight, void *buf,
                                      size_t cap, size_t *len);

#endif
