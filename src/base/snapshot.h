/* SPDX-License-Identifier: MIT */
/* The one snapshot codec. It walks a class's field table; no class writes or reads bytes itself. docs/snapshot-format.md has the
 * format byte by byte. `parts` names the classes of the objects inside (role PART), NULL where there are none. */
#ifndef KEDGE_BASE_SNAPSHOT_H
#define KEDGE_BASE_SNAPSHOT_H

#include "base/object.h"

kedge_status kedge_i_snapshot_save(const kedge_class *cls, const kedge_class *const *parts, const void *state, void *buf,
                                   size_t cap, size_t *len);
/* The struct of an intact snapshot of that class: its parameters and its layout. */
kedge_status kedge_i_snapshot_plan(const kedge_class *cls, const void *buf, size_t len, kedge_i_fixed *fixed);
kedge_status kedge_i_snapshot_load_size(const kedge_class *cls, const void *buf, size_t len, size_t *bytes);
kedge_status kedge_i_snapshot_load(const kedge_class *cls, const kedge_class *const *parts, void *mem, size_t mem_bytes,
                                   const void *buf, size_t len);

#endif
