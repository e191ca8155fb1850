/* SPDX-License-Identifier: MIT */
/* The state of a store, and what its files share. Versions stand in the order of their ids without gaps, and so do their artifacts:
 * where one lies is the sum of the lengths before it. */
#ifndef KEDGE_PIPELINE_STORE_STATE_H
#define KEDGE_PIPELINE_STORE_STATE_H

#include "kedge/controls/store.h"

#include "base/arena.h"
#include "base/check.h"
#include "pipeline/controls.h"

/* A version, as an object inside the store; status 0: the place is free, and all of it 0. */
typedef struct store_slot {
    kedge_state_head head;
    kedge_store_version v;
} store_slot;

typedef struct store_state {
    kedge_state_head head;
    uint32_t n_versions;     /* room */
    uint32_t n_served;       /* room */
    uint32_t n_figures;      /* of each version */
    uint32_t artifact_bytes; /* room */
    uint32_t keep_refused;
    uint32_t n_values;       /* layout: n_versions * n_figures */
    uint32_t at_figures;     /* layout: f64[n_values] */
    uint32_t at_names;       /* layout: char[n_figures][KEDGE_TAG_BYTES] */
    uint32_t n_name_bytes;   /* layout */
    uint32_t at_served_id;   /* layout: u64[n_served]; the k-th entry so far is at k modulo n_served */
    uint32_t at_served_from; /* layout: u64[n_served] */
    uint32_t at_artifacts;   /* layout: u8[artifact_bytes] */
    uint32_t at_slots;       /* layout */
    uint32_t slot_bytes;     /* layout; of each */
    uint32_t n_slots;        /* layout: n_versions once more: how many stand behind slot_bytes */
    uint32_t n_kept;         /* versions */
    uint32_t artifact_used;
    uint32_t spare;
    uint64_t n_added;
    uint64_t n_evicted;
    uint64_t last_evicted;
    uint64_t n_dropped;
    uint64_t n_history; /* entries so far */
    uint64_t serving;
} store_state;

extern const kedge_class kedge_i_store_slot_class;

static inline store_slot *store_slot_at(store_state *s, uint32_t i)
{
    return (store_slot *)kedge_i_at(s, s->at_slots) + i;
}

static inline const store_slot *store_slot_const(const store_state *s, uint32_t i)
{
    return (const store_slot *)kedge_i_at_const(s, s->at_slots) + i;
}

/* Place of a version, n_kept if it is not there. */
static inline uint32_t store_find(const store_state *s, uint64_t id)
{
    uint32_t low = 0, high = s->n_kept;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (store_slot_const(s, middle)->v.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->n_kept && store_slot_const(s, low)->v.id == id ? low : s->n_kept;
}

/* A version of a store that the handle must be. */
static inline kedge_status store_look(const kedge_control *c, uint64_t id, uint32_t *place)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    *place = store_find(c->state, id);
    return *place < ((const store_state *)c->state)->n_kept ? KEDGE_OK : KEDGE_ERR_UNKNOWN;
}

/* Must it stay? */
static inline int store_is_needed(const kedge_store_version *v)
{
    return v->is_pinned || v->tag[0] || v->status == KEDGE_VERSION_STAGED || v->status == KEDGE_VERSION_SERVING;
}

static inline char *store_figure_name(const store_state *s, uint32_t figure)
{
    return (char *)(uintptr_t)s + s->at_names + (size_t)figure * KEDGE_TAG_BYTES;
}

/* Ends with zeros, and nothing stands behind the first. */
int kedge_i_store_name_ends(const char *name, size_t n);
/* What a signature signed has changed. */
void kedge_i_store_unsign(kedge_store_version *v);

/* A place without a version, whatever it held. */
void kedge_i_store_free(store_slot *slot);

/* The next to go, of those but `spared` that need not stay (and have an artifact, if asked); n_kept: none. */
uint32_t kedge_i_store_victim(const store_state *s, int with_artifact, uint32_t spared);
void kedge_i_store_drop_artifact(store_state *s, uint32_t place);
/* Can an artifact of n bytes be laid there by dropping others? */
int kedge_i_store_fits(const store_state *s, uint32_t place, size_t n);
/* Lay one that fits. */
void kedge_i_store_lay(store_state *s, uint32_t place, const unsigned char *bytes, uint32_t n);

#endif
