/* SPDX-License-Identifier: MIT */
/* Does an update become dearer while nothing changes? Feeds each class with numbers drawn evenly from [0, 1], its knob at the end
 * where alarms are rarest so that nothing restarts, and prints a line of JSON: nanoseconds an update over the tenth of the
 * observations that ends at 10^3, 10^4, ...
 *
 *     bench-growth [EXPONENT [CLASS...]]
 *
 * up to 10^EXPONENT observations, 8 by default, of the classes named, or of all that read numbers one by one. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kedge.h"
#include "measure.h"

enum { GROWTH_FIRST = 3, GROWTH_LAST = 9, GROWTH_BLOCK = 100, GROWTH_SHORT = 2000000 };

typedef union growth_config {
    kedge_detector_config base;
    double align;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} growth_config;

/* Feeds n observations, a block at a time, and returns the nanoseconds that the updates took, drawing apart. */
static uint64_t growth_feed(kedge_detector *d, kedge_rng *rng, uint64_t n, uint64_t *n_alarms)
{
    double x[100 * GROWTH_BLOCK];
    uint64_t taken = 0;
    while (n > 0) {
        size_t block = n < sizeof x / sizeof *x ? (size_t)n : sizeof x / sizeof *x;
        for (size_t i = 0; i < block; i++)
            x[i] = kedge_rng_uniform(rng);
        uint64_t begin = measure_now_ns();
        for (size_t i = 0; i < block; i++) {
            kedge_status st = kedge_detector_update(d, x[i]);
            if (st < 0)
                exit(1);
            *n_alarms += st == KEDGE_DRIFT;
        }
        taken += measure_now_ns() - begin;
        n -= block;
    }
    return taken;
}

/* Nanoseconds an update over the last tenth of n, from a fresh start, averaged over as many starts as make the clock count. */
static double growth_short(kedge_detector *d, kedge_rng *rng, uint64_t n, uint64_t *n_alarms)
{
    uint64_t starts = GROWTH_SHORT / n;
    uint64_t taken = 0;
    for (uint64_t i = 0; i < starts; i++) {
        if (kedge_detector_reset(d) < 0)
            exit(1);
        growth_feed(d, rng, n - n / 10, n_alarms);
        taken += growth_feed(d, rng, n / 10, n_alarms);
    }
    return (double)taken / (double)(starts * (n / 10));
}

static void growth_measure(const kedge_detector_class *cls, int exponent)
{
    growth_config cfg;
    kedge_rng rng = {1};
    kedge_detector d;
    cls->base.defaults(&cfg);
    if (cls->knob.offset)
        memcpy(cfg.bytes + cls->knob.offset, &cls->knob.seldom, sizeof cls->knob.seldom);
    if (cls->knob.warning_offset)
        memcpy(cfg.bytes + cls->knob.warning_offset, &cls->knob.seldom, sizeof cls->knob.seldom);
    size_t bytes = kedge_detector_size(&cfg.base);
    void *mem = bytes ? malloc(bytes) : NULL;
    if (!mem || kedge_detector_init(&d, &cfg.base, mem, bytes) < 0) {
        fprintf(stderr, "bench-growth: %s cannot be set up\n", cls->base.name);
        exit(1);
    }
    uint64_t n = 1000;
    uint64_t fed = 0;
    uint64_t n_alarms = 0;
    printf("{\"detector\": \"%s\", \"bytes\": %zu, \"ns\": [", cls->base.name, bytes);
    for (int i = GROWTH_FIRST; i <= exponent; i++, n *= 10) {
        double ns;
        if (n <= GROWTH_SHORT / 10) {
            ns = growth_short(&d, &rng, n, &n_alarms);
            fed = n;
        } else {
            growth_feed(&d, &rng, n - n / 10 - fed, &n_alarms);
            ns = (double)growth_feed(&d, &rng, n / 10, &n_alarms) / (double)(n / 10);
            fed = n;
        }
        printf("%s%.2f", i == GROWTH_FIRST ? "" : ", ", ns);
        fflush(stdout);
    }
    printf("], \"alarms\": %llu}\n", (unsigned long long)n_alarms);
    fflush(stdout);
    free(mem);
}

int main(int argc, char **argv)
{
    int exponent = argc > 1 ? atoi(argv[1]) : 8;
    if (exponent < GROWTH_FIRST || exponent > GROWTH_LAST) {
        fprintf(stderr, "usage: bench-growth [EXPONENT [CLASS...]], EXPONENT 3 to 9\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        const kedge_detector_class *cls = kedge_detector_find(argv[i]);
        if (!cls) {
            fprintf(stderr, "bench-growth: no detector is called %s\n", argv[i]);
            return 2;
        }
        growth_measure(cls, exponent);
    }
    for (const kedge_detector_class *const *cls = kedge_detector_classes(); argc < 3 && *cls; cls++)
        if (*cls != &kedge_ensemble) /* it reads votes, not numbers */
            growth_measure(*cls, exponent);
    return 0;
}
