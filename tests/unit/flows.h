/* SPDX-License-Identifier: MIT */
/* Flows and their steps as tests make them. */
#ifndef KEDGE_TESTS_FLOWS_H
#define KEDGE_TESTS_FLOWS_H

#include "support.h"

static const kedge_flow_step flow_init = KEDGE_FLOW_STEP_INIT;

static inline kedge_control made(const kedge_flow_step *steps, uint32_t n)
{
    kedge_flow_config cfg = kedge_flow_defaults(steps, n);
    kedge_control c = {NULL, NULL};
    size_t bytes = kedge_control_size(&cfg.base);
    assert_int_equal(bytes, KEDGE_FLOW_BYTES_FOR(n));
    assert_int_equal(kedge_control_init(&c, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return c;
}

static inline void named(kedge_flow_step *t, const char *name, uint32_t needs)
{
    *t = flow_init;
    memcpy(t->name, name, strlen(name) + 1);
    t->needs = needs;
}

static inline void digest_of(uint64_t id, unsigned char *digest)
{
    memset(digest, 0, KEDGE_HASH_BYTES);
    memcpy(digest, &id, sizeof id);
}

#endif
