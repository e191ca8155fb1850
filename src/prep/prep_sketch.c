/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "prep/prep_sketch.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "shift/profile_state.h"

const kedge_class *const kedge_i_sketch_parts[] = {&kedge_profile.base};

static kedge_profile_config sketch_config(uint32_t level_size)
{
    kedge_profile_config cfg;
    kedge_profile.base.defaults(&cfg);
    cfg.level_size = level_size;
    return cfg;
}

uint32_t kedge_i_sketch_bytes(uint32_t level_size)
{
    kedge_profile_config cfg = sketch_config(level_size);
    return (uint32_t)kedge_i_object_size(&kedge_profile.base, &cfg, sizeof cfg);
}

void kedge_i_sketch_begin(void *sketches, uint32_t bytes, uint32_t n, uint32_t level_size)
{
    kedge_profile_config cfg = sketch_config(level_size);
    for (uint32_t i = 0; i < n; i++) {
        void *sketch = (unsigned char *)sketches + (size_t)i * bytes;
        kedge_status st = kedge_i_object_init(&kedge_profile.base, &cfg, sizeof cfg, sketch, bytes);
        KEDGE_ASSERT(st == KEDGE_OK);
        (void)st;
    }
}

int kedge_i_sketch_check(const void *sketches, uint32_t bytes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const void *sketch = (const unsigned char *)sketches + (size_t)i * bytes;
        if (kedge_i_object_check(&kedge_profile.base, sketch) < 0 || kedge_i_state_bytes(sketch) != bytes)
            return 0;
    }
    return 1;
}

/* Values beyond what a profile takes count as the greatest that it takes: only their order matters. After 2^32 values it is
 * full. */
int kedge_i_sketch_take(void *sketch, double x, double *due)
{
    kedge_metric m = {&kedge_profile, sketch};
    double inside = x > KEDGE_PROFILE_INPUT_MAX ? KEDGE_PROFILE_INPUT_MAX : x;
    inside = inside < -KEDGE_PROFILE_INPUT_MAX ? -KEDGE_PROFILE_INPUT_MAX : inside;
    KEDGE_IGNORE(kedge_profile_record(&m, inside));
    *due -= 1.0;
    return *due <= 0.0;
}

uint64_t kedge_i_sketch_n(const void *sketch)
{
    return ((const profile_state *)sketch)->n;
}

double kedge_i_sketch_due(const void *sketch)
{
    return (double)(kedge_i_sketch_n(sketch) / 16 + 1);
}

double kedge_i_sketch_quantile(const void *sketch, double q)
{
    kedge_metric m = {&kedge_profile, (void *)(uintptr_t)sketch};
    double x = 0.0;
    return kedge_profile_quantile(&m, q, &x) == KEDGE_OK ? x : 0.0;
}
