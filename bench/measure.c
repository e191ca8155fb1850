/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include "measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__clang__)
#define MEASURE_COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define MEASURE_COMPILER "gcc " __VERSION__
#else
#define MEASURE_COMPILER "unknown"
#endif

/* Bytes in the file; -1 if they are none, are not whole numbers, or cannot be told. */
static long measure_file_bytes(FILE *file)
{
    if (fseek(file, 0, SEEK_END) != 0)
        return -1;
    long bytes = ftell(file);
    if (bytes <= 0 || bytes % (long)sizeof(double) != 0 || fseek(file, 0, SEEK_SET) != 0)
        return -1;
    return bytes;
}

double *measure_read_input(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return NULL;
    }
    long bytes = measure_file_bytes(file);
    double *x = bytes > 0 ? malloc((size_t)bytes) : NULL;
    if (!x || fread(x, 1, (size_t)bytes, file) != (size_t)bytes) {
        fprintf(stderr, "%s: not a readable file of float64 numbers\n", path);
        free(x);
        x = NULL;
    } else {
        *n = (size_t)bytes / sizeof *x;
    }
    fclose(file);
    return x;
}

uint64_t measure_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int measure_next(measure_request *request)
{
    char line[128];
    if (!fgets(line, sizeof line, stdin))
        return 0;
    memset(request, 0, sizeof *request);
    if (sscanf(line, "%31s %31s %31s", request->detector, request->form, request->preset) == 3)
        return 1;
    fprintf(stderr, "not a request (detector form preset): %s", line);
    exit(2);
}

void measure_print(const measure_request *request, size_t n, const measure_result *result)
{
    printf("{\"library\": \"kedge\", \"detector\": \"%s\", \"form\": \"%s\", \"preset\": \"%s\", \"n\": %zu, "
           "\"ns_per_update\": %.4f, \"alarms\": %" PRIu64 ", \"alarm_index_sum\": %" PRIu64 ", \"compiler\": \"%s\"}\n",
           request->detector, request->form, request->preset, n, (double)result->time_ns / (double)n, result->n_alarms,
           result->alarm_index_sum, MEASURE_COMPILER);
    fflush(stdout);
}
