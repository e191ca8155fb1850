/* SPDX-License-Identifier: MIT */
/* What the benchmark programs share. Each is started with the name of one input file, reads one request a line from standard input
 * ("detector form preset") and answers each with one line of JSON. So another program can take turns between it and its peers. */
#ifndef KEDGE_BENCH_MEASURE_H
#define KEDGE_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

enum { MEASURE_WORD = 32 };

/* One request. */
typedef struct measure_request {
    char detector[MEASURE_WORD]; /* for example "adwin" */
    char form[MEASURE_WORD];     /* which call is timed, for example "update_many" */
    char preset[MEASURE_WORD];   /* whose configuration: "default", "river", "moa" */
} measure_request;

/* One answer. */
typedef struct measure_result {
    uint64_t time_ns;         /* of all the observations */
    uint64_t n_alarms;
    uint64_t alarm_index_sum; /* sum of the indices of the alarms: tells whether two runs alarmed at the same places */
} measure_result;

/* The whole file as host-endian float64, to be freed by the caller; NULL after a message if that fails. */
double *measure_read_input(const char *path, size_t *n);

/* Nanoseconds of a monotonic clock. */
uint64_t measure_now_ns(void);

/* The next request; 0 at the end of standard input. A line that is none ends the program with status 2. */
int measure_next(measure_request *request);

/* Answer a request for n observations. */
void measure_print(const measure_request *request, size_t n, const measure_result *result);

#endif
