/* SPDX-License-Identifier: MIT */
/* What the files of laws share: the subject that is tried, and objects of it. */
#ifndef KEDGE_TESTS_LAWS_H
#define KEDGE_TESTS_LAWS_H

#include "contract.h"

extern const subject *law_subject;

/* An object of the subject in guarded memory of exactly the right size. */
typedef struct object {
    handle h;
    void *mem;
    size_t bytes;
    any_config cfg;
} object;

void object_make(object *o, unsigned char fill);
void object_free(object *o);
/* Its snapshot, in guarded memory. */
unsigned char *object_save(const object *o, size_t *len);

/* Laws of snapshots whose checksum is right and whose contents are a lie. */
void law_forged(void **unused);
void law_forged_counters(void **unused);
int tell_forged_counter(void **unused); /* the teardown of that law */

#endif
