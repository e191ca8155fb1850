/* SPDX-License-Identifier: MIT */
/* What the files of seeds share. Each function writes a snapshot of an object that has seen n observations, and returns its
 * length. */
#ifndef KEDGE_TESTS_SEEDS_H
#define KEDGE_TESTS_SEEDS_H

#include "fuzz.h"

enum { SEED_MEM = 1 << 16 };

/* Room for one object, and for its configuration. */
extern unsigned char seed_mem[SEED_MEM], seed_config[KEDGE_CONFIG_MAX];

double seed_value(size_t i);
size_t seed_model(const kedge_model_class *cls, size_t n, unsigned char *buf, size_t cap);
size_t seed_members(size_t n, unsigned char *buf, size_t cap);
size_t seed_contest(size_t n, unsigned char *buf, size_t cap);
size_t seed_frozen(const kedge_model_class *cls, size_t n, unsigned char *buf, size_t cap);
size_t seed_metric(const kedge_metric_class *cls, size_t n, unsigned char *buf, size_t cap);
size_t seed_control(const kedge_control_class *cls, size_t n, unsigned char *buf, size_t cap);
size_t seed_prep(const kedge_prep_class *cls, size_t n, unsigned char *buf, size_t cap);
size_t seed_chain(size_t n, unsigned char *buf, size_t cap);
size_t seed_pipeline(size_t n, unsigned char *buf, size_t cap);

#endif
