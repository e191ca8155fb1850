/* SPDX-License-Identifier: MIT */
/* Models over members of classes that the caller chose: the members, what watches them, and how they vote. A member has two places
 * for its model if there
 * are detectors of warning: one answers, the other may train in the background. */
#ifndef KEDGE_MODELS_COMMITTEE_H
#define KEDGE_MODELS_COMMITTEE_H

#include "kedge/detector.h"
#include "kedge/models/members.h"

#include "base/arena.h"

/* How all configurations of such models begin. */
typedef struct committee_config {
    kedge_model_config base;
    kedge_members members;
} committee_config;

typedef struct committee_state {
    kedge_model_state model;
    uint64_t seed;
    uint32_t n_members;
    uint32_t on_drift;
    uint32_t member_features;
    uint32_t member_classes;
    uint32_t at_models;     /* layout */
    uint32_t model_bytes;   /* parameter; behind each such line how many there are, see KEDGE_PARTS */
    uint32_t n_models;      /* layout */
    uint32_t at_warnings;   /* layout */
    uint32_t warning_bytes; /* parameter; 0: no such detectors */
    uint32_t n_warnings;    /* layout */
    uint32_t at_drifts;     /* layout */
    uint32_t drift_bytes;   /* parameter; 0: no such detectors */
    uint32_t n_drifts;      /* layout */
    uint32_t at_seen;       /* layout: of each model the rows it was tested on since it was begun */
    uint32_t at_loss;       /* layout: of each model what it lost of late on them, 0 to 1 a row */
    uint32_t
        at_serving; /* layout: of each member which of its models answers, + COMMITTEE_BACKGROUND: and the other is in training */
    uint32_t at_index; /* layout: of each model the features that it looks at, unless all */
    uint32_t n_index;  /* layout */
    kedge_rng rng;
    double usual; /* mean error of a regression's members over the first rows since the last replacement */
    uint64_t n_usual;
    uint64_t n_begun;
    uint64_t n_replaced;
} committee_state;

enum { COMMITTEE_BACKGROUND = 2 };

#define COMMITTEE_PARAMS(type)                                                                                                     \
    KEDGE_PARAM(type, committee.model.n_features, KEDGE_TYPE_U32), KEDGE_PARAM(type, committee.model.n_classes, KEDGE_TYPE_U32),   \
        KEDGE_PARAM(type, committee.seed, KEDGE_TYPE_U64), KEDGE_PARAM(type, committee.n_members, KEDGE_TYPE_U32),                 \
        KEDGE_PARAM(type, committee.on_drift, KEDGE_TYPE_U32), KEDGE_PARAM(type, committee.member_features, KEDGE_TYPE_U32),       \
        KEDGE_PARAM(type, committee.member_classes, KEDGE_TYPE_U32), KEDGE_PARAM(type, committee.model_bytes, KEDGE_TYPE_U32),     \
        KEDGE_PARAM(type, committee.warning_bytes, KEDGE_TYPE_U32), KEDGE_PARAM(type, committee.drift_bytes, KEDGE_TYPE_U32)
#define COMMITTEE_VALUES(type)                                                                                                     \
    KEDGE_VALUE(type, committee.model.n_learned, KEDGE_TYPE_COUNT), KEDGE_VALUE(type, committee.rng.state, KEDGE_TYPE_U64), \
        KEDGE_VALUE(type, committee.usual, KEDGE_TYPE_F64), KEDGE_VALUE(type, committee.n_usual, KEDGE_TYPE_COUNT), \
        KEDGE_VALUE(type, committee.n_begun, KEDGE_TYPE_COUNT), KEDGE_VALUE(type, committee.n_replaced, KEDGE_TYPE_COUNT)
#define COMMITTEE_ARRAYS(type)                                                                                                     \
    KEDGE_ARRAY(type, committee.at_seen, committee.n_models, KEDGE_TYPE_U64),                                                      \
        KEDGE_ARRAY(type, committee.at_loss, committee.n_models, KEDGE_TYPE_F64),                                                  \
        KEDGE_ARRAY(type, committee.at_serving, committee.n_members, KEDGE_TYPE_U32),                                              \
        KEDGE_ARRAY(type, committee.at_index, committee.n_index, KEDGE_TYPE_U32)
#define COMMITTEE_PARTS(type)                                                                                                      \
    KEDGE_PARTS(type, committee.at_models, committee.model_bytes, 0),                                                              \
        KEDGE_PARTS(type, committee.at_warnings, committee.warning_bytes, 1),                                                      \
        KEDGE_PARTS(type, committee.at_drifts, committee.drift_bytes, 2)

/* A class made from one that names no members yet. */
kedge_status kedge_i_committee_class(kedge_members_class *cls, const kedge_model_class *of, const kedge_model_class *member,
                                     const kedge_detector_class *warning, const kedge_detector_class *drift);
/* Defaults of a model over members, whose configuration begins with a model's. */
kedge_status kedge_i_members_config_init(void *cfg, size_t cfg_bytes, size_t least_bytes, const kedge_members_class *cls,
                                         uint32_t n_features, uint32_t n_classes);
kedge_status kedge_i_committee_config_init(committee_config *cfg, size_t cfg_bytes, size_t least_bytes,
                                           const kedge_members_class *cls, uint32_t n_features, uint32_t n_classes);

/* Draw the features of model k, with an eye on those of the models 0 .. n_drawn - 1. */
void kedge_i_committee_draw(committee_state *s, uint32_t k, uint32_t n_drawn);

void kedge_i_committee_configure(committee_state *s, const void *config);
/* With at most so many members? */
int kedge_i_committee_valid(const committee_state *s, uint32_t most);
void kedge_i_committee_plan(committee_state *s, kedge_i_arena *arena);
/* In all such classes begin_parts. */
void kedge_i_committee_begin(const kedge_class *cls, const void *config, void *state);
void kedge_i_committee_start(committee_state *s);
int kedge_i_committee_check(const committee_state *s);

/* What the i-th member's answer to a row costs, 0 to 1, before it learns the row; 1: a wrong class. Below 0: it knows nothing
 * yet. */
double kedge_i_committee_test(const kedge_model_class *cls, committee_state *s, uint32_t i, const kedge_row *x, double y);
/* The member and what trains in its background learn the row; a background is tested first. Weight 0: nothing. */
void kedge_i_committee_teach(const kedge_model_class *cls, committee_state *s, uint32_t i, const kedge_row *x, double y,
                             double weight);
/* The member's detectors see what its answer cost. 1: that is drift; unless the worst member has to go, it was replaced. */
int kedge_i_committee_watch(const kedge_model_class *cls, committee_state *s, uint32_t i, double loss);
/* The member that lost most begins anew. Returns which. */
uint32_t kedge_i_committee_drop_worst(const kedge_model_class *cls, committee_state *s);

/* What the model that answers for a member lost of late. */
double kedge_i_committee_loss(const committee_state *s, uint32_t i);

/* How much a member's vote counts, >= 0. */
typedef double (*committee_weight)(const committee_state *s, uint32_t i);
kedge_status kedge_i_committee_predict(const kedge_model_class *cls, const committee_state *s, const kedge_row *x,
                                       committee_weight weight, double *y);
kedge_status kedge_i_committee_score(const kedge_model_class *cls, const committee_state *s, const kedge_row *x,
                                     committee_weight weight, double *scores);

/* A member's model and the row as it sees it. */
typedef struct committee_asked {
    const kedge_model_class *cls;
    const void *state;
    kedge_row_view view;
    kedge_row row;
} committee_asked;
void kedge_i_committee_ask(const kedge_model_class *cls, const committee_state *s, uint32_t i, const kedge_row *x,
                           committee_asked *out);

#endif
