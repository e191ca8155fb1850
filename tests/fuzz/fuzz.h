/* SPDX-License-Identifier: MIT */
/* A fuzz target, as libFuzzer calls it, and the seeds that drivers start from. */
#ifndef KEDGE_TESTS_FUZZ_H
#define KEDGE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "kedge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The choices that stand for a model over members, and for bytes that are used where they lie: a frozen model, see fuzz_frozen.c,
 * or a log, see fuzz_audit.c. Classes have smaller numbers. */
enum { FUZZ_CONTEST = 0x7C, FUZZ_CHAIN = 0x7D, FUZZ_MEMBERS = 0x7E, FUZZ_FROZEN = 0x7F };

/* Random patches of naive Bayes, a class that no registry has. */
const kedge_model_class *fuzz_members_class(void);
/* A contest between naive Bayes and a tree, likewise. */
const kedge_contest_of *fuzz_contest_class(void);
/* A chain of two steps, likewise. */
const kedge_chain_class *fuzz_chain_class(void);
void fuzz_audit(const uint8_t *data, size_t size);
void fuzz_frozen(const uint8_t *data, size_t size);

/* Fills in the i-th seed: a live object's snapshot behind its choice byte. Returns its length, 0 past the end. */
size_t fuzz_seed(size_t i, unsigned char *buf, size_t cap);

#endif
