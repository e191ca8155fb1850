/* SPDX-License-Identifier: MIT */
/* A model over members in memory of exactly its size, and rows of two concepts to feed it with. */
#ifndef KEDGE_TESTS_MEMBERS_H
#define KEDGE_TESTS_MEMBERS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

typedef struct rig {
    kedge_members_class cls;
    kedge_model m;
    void *mem;
} rig;

static inline void rig_init(rig *r, const kedge_model_config *cfg)
{
    size_t bytes = kedge_model_size(cfg);
    assert_true(bytes > 0);
    r->mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(&r->m, cfg, r->mem, bytes), KEDGE_OK);
}

static inline void rig_end(rig *r)
{
    assert_int_equal(kedge_model_check(&r->m), KEDGE_OK);
    guard_free(r->mem);
}

/* Test then train on n rows of three features from a concept; returns how many were right. */
static inline size_t run(kedge_model *m, kedge_rng *rng, size_t n, int concept)
{
    size_t right = 0;
    for (size_t i = 0; i < n; i++) {
        double x[3], says = -1;
        for (int j = 0; j < 3; j++)
            x[j] = kedge_rng_uniform(rng);
        double y = (x[0] + x[1] > 1) != (concept == 1);
        assert_true(kedge_model_predict(m, x, &says) >= 0);
        right += says == y;
        assert_int_equal(kedge_model_learn(m, x, y, 1), KEDGE_OK);
    }
    return right;
}

static inline kedge_members_info info_of(const kedge_model *m)
{
    kedge_members_info info;
    assert_int_equal(kedge_members_describe(m, &info), KEDGE_OK);
    return info;
}

static inline kedge_gaussian_nb_config bayes(uint32_t n_features)
{
    return kedge_gaussian_nb_defaults(n_features, 2);
}

#endif
