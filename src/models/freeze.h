/* SPDX-License-Identifier: MIT */
/* Writing frozen models: what the classes' freeze functions share. */
#ifndef KEDGE_MODELS_FREEZE_H
#define KEDGE_MODELS_FREEZE_H

#include "models/frozen_blob.h"

/* A block to be written. */
typedef struct freeze_plan {
    uint32_t kind;
    uint32_t n_nodes;
    uint64_t n_doubles; /* wider than in the block, so that what does not fit is seen */
    uint64_t n_words;
    uint64_t part_bytes;
    uint32_t n_parts;
    uint32_t reserved;
} freeze_plan;

/* Its sections. */
typedef struct freeze_block {
    frozen_head *head;
    frozen_node *nodes;
    double *doubles;
    uint32_t *words;
    unsigned char *parts;
} freeze_block;

/* A model that a class mixes with others. */
typedef struct freeze_member {
    const kedge_model_class *cls;
    const void *state;
    const uint32_t *features; /* that it looks at, ascending; NULL: all */
    double weight;
} freeze_member;

typedef struct freeze_mixture freeze_mixture;
struct freeze_mixture {
    uint32_t n_members; /* at most FROZEN_PARTS_MAX */
    uint32_t n_looked;  /* features that each looks at */
    uint32_t spreads;   /* more than FROZEN_FEW classes: 1: all votes become scores, 0: the winner's */
    void (*member)(const freeze_mixture *mix, const kedge_model_class *cls, const void *state, uint32_t i, freeze_member *out);
};

/* The head, and room for the rest, all zero. An error: nothing was written, and where it is KEDGE_ERR_BUFFER *len tells what is
 * needed. */
kedge_status kedge_i_freeze_begin(const kedge_model_class *cls, const void *state, const freeze_plan *plan, void *buf, size_t cap,
                                  size_t *len, freeze_block *out);
/* The checksum. */
kedge_status kedge_i_freeze_end(const freeze_block *b);
/* What the model says to a row of zeros, for models that say the same to all rows. */
kedge_status kedge_i_freeze_constant(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len);
/* Each member becomes a part, so none may have parts of its own: KEDGE_ERR_UNSUPPORTED. */
kedge_status kedge_i_freeze_mixture(const kedge_model_class *cls, const void *state, const freeze_mixture *mix, void *buf,
                                    size_t cap, size_t *len);
/* Any model, as kedge_model_freeze(). */
kedge_status kedge_i_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len);

#endif
