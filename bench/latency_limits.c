/* SPDX-License-Identifier: MIT */
/* How fast can a detector with a running mean be at all? Each mean needs the one before it: subtract, multiply, add, one
 * after the other, in the same order as Page-Hinkley and DDM (another order would change a rare decision). Nothing that
 * computes these detectors one observation after the other is faster than that chain. Answers requests (see measure.h) for
 * one input file:
 *
 *     echo 'limit register none' | bench-latency-limits INPUT.f64
 *
 * Forms: register (the mean stays in the processor: a batch), memory (the mean is stored and loaded at every step: one call an
 * observation), divide (register, with the division by n, which should cost nothing since it waits for nobody). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

enum { LIMIT_BLOCK = 1024 }; /* weights stay in the first-level cache */

static double limit_register(const double *x, size_t n, const double *weights)
{
    double mean = 0.0;
    for (size_t i = 0; i < n; i++)
        mean += weights[i % LIMIT_BLOCK] * (x[i] - mean);
    return mean;
}

static double limit_memory(const double *x, size_t n, const double *weights)
{
    volatile double mean = 0.0;
    for (size_t i = 0; i < n; i++) {
        double before = mean;
        mean = before + weights[i % LIMIT_BLOCK] * (x[i] - before);
    }
    return mean;
}

static double limit_divide(const double *x, size_t n, const double *weights)
{
    double mean = 0.0;
    (void)weights;
    for (size_t i = 0; i < n; i++)
        mean += 1.0 / (double)(i + 1) * (x[i] - mean);
    return mean;
}

static double (*limit_find(const char *form))(const double *, size_t, const double *)
{
    if (strcmp(form, "register") == 0)
        return limit_register;
    if (strcmp(form, "memory") == 0)
        return limit_memory;
    return strcmp(form, "divide") == 0 ? limit_divide : NULL;
}

int main(int argc, char **argv)
{
    size_t n = 0;
    double *x = argc == 2 ? measure_read_input(argv[1], &n) : NULL;
    if (!x) {
        fprintf(stderr, "usage: bench-latency-limits INPUT.f64 <REQUESTS\n");
        return 2;
    }
    double weights[LIMIT_BLOCK];
    for (size_t i = 0; i < LIMIT_BLOCK; i++)
        weights[i] = 1.0 / (double)(i + 1);
    volatile double sink = 0.0; /* the result counts, so the loop must run */
    measure_request request;
    while (measure_next(&request)) {
        double (*run)(const double *, size_t, const double *) = limit_find(request.form);
        if (!run) {
            fprintf(stderr, "bench-latency-limits: unknown form: %s\n", request.form);
            return 2;
        }
        measure_result result = {0};
        uint64_t begin = measure_now_ns();
        sink = run(x, n, weights);
        result.time_ns = measure_now_ns() - begin;
        measure_print(&request, n, &result);
    }
    (void)sink;
    free(x);
    return 0;
}
