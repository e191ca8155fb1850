/* SPDX-License-Identifier: MIT */
/* How many streams can one core watch? Fleets in cache and beyond it, beside as many single detectors, and beside what the memory
 * gives: plain loops that read, change and write as many bytes as a tick of the fleet touches, values and signals included. All
 * take turns; medians. Prints Markdown.
 *
 *     bench-fleet [STREAMS_IN_CACHE [STREAMS_BEYOND [ROUNDS]]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kedge.h"

#include "measure.h"

enum { FLEET_BENCH_TICKS = 8, FLEET_BENCH_MAX_ROUNDS = 1000, FLEET_BENCH_WARM = 80 };

/* Room for any configuration. */
typedef union fleet_bench_config {
    kedge_fleet_config fleet;
    kedge_detector_config each;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} fleet_bench_config;

/* One line of the table. */
typedef struct fleet_bench_subject {
    const char *name;
    void (*configure)(fleet_bench_config *fleet, fleet_bench_config *each, uint32_t n);
    uint32_t hot_bytes; /* of a stream, that a tick reads or writes */
    int is_rate;        /* 1: fed with zeros and ones; 0: with normal numbers */
} fleet_bench_subject;

/* What is timed; nanoseconds for each stream and tick. */
enum { TIME_FLEET, TIME_FLEET_MANY, TIME_SINGLE, TIME_MEMORY, N_TIMES };

#define FLEET_BENCH_CONFIGURE(alg, ...)                                                            \
    static void fleet_bench_##alg(fleet_bench_config *fleet, fleet_bench_config *each, uint32_t n) \
    {                                                                                              \
        kedge_fleet_##alg##_config c = kedge_fleet_##alg##_defaults(n);                            \
        __VA_ARGS__                                                                                \
        memcpy(fleet, &c, sizeof c);                                                               \
        memcpy(each, &c.each, sizeof c.each);                                                      \
    }

FLEET_BENCH_CONFIGURE(page_hinkley, )
FLEET_BENCH_CONFIGURE(cusum, )
FLEET_BENCH_CONFIGURE(ddm, )
FLEET_BENCH_CONFIGURE(ewma_chart, c.each.n_learn = FLEET_BENCH_WARM / 2;)
FLEET_BENCH_CONFIGURE(e_detector, )

static void fleet_bench_page_hinkley_up(fleet_bench_config *fleet, fleet_bench_config *each, uint32_t n)
{
    kedge_fleet_page_hinkley_config c = kedge_fleet_page_hinkley_defaults(n);
    c.each.direction = KEDGE_DIRECTION_UP;
    memcpy(fleet, &c, sizeof c);
    memcpy(each, &c.each, sizeof c.each);
}

static const fleet_bench_subject fleet_bench_subjects[] = {
    {"Page-Hinkley", fleet_bench_page_hinkley, 88, 0},
    {"Page-Hinkley, rises only", fleet_bench_page_hinkley_up, 56, 0},
    {"CUSUM", fleet_bench_cusum, 72, 0},
    {"EWMA chart", fleet_bench_ewma_chart, 56, 0},
    {"DDM", fleet_bench_ddm, 64, 1},
    {"e-detector, 12 bets, both directions", fleet_bench_e_detector, 256, 1},
};

static void fleet_bench_fail(const char *what)
{
    fprintf(stderr, "bench-fleet: %s\n", what);
    exit(2);
}

static void *fleet_bench_new(size_t bytes)
{
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!memory)
        fleet_bench_fail("out of memory");
    memset(memory, 0, bytes);
    return memory;
}

/* All that one size of one subject needs. */
typedef struct fleet_bench {
    kedge_fleet fleet;
    kedge_detector *each;
    double *x;        /* FLEET_BENCH_TICKS rows */
    uint8_t *signals; /* as many */
    double *memory;   /* the plain loop's */
    size_t n_memory;
    uint32_t n;
    void *fleet_memory;
    unsigned char *each_memory;
    size_t n_alarms; /* so that nothing is optimised away */
} fleet_bench;

static void fleet_bench_fill(fleet_bench *b, int is_rate)
{
    kedge_rng rng = {2024};
    for (size_t i = 0; i < (size_t)b->n * FLEET_BENCH_TICKS; i++)
        b->x[i] = is_rate ? kedge_rng_uniform(&rng) < 0.2 : kedge_rng_normal(&rng);
}

static void fleet_bench_make(fleet_bench *b, const fleet_bench_subject *subject, uint32_t n)
{
    fleet_bench_config fleet, each;
    subject->configure(&fleet, &each, n);
    size_t fleet_bytes = kedge_fleet_size(&fleet.fleet), each_bytes = kedge_detector_size(&each.each);
    memset(b, 0, sizeof *b);
    b->n = n;
    b->n_memory = (size_t)n * subject->hot_bytes / sizeof(double);
    b->fleet_memory = fleet_bench_new(fleet_bytes);
    b->each_memory = fleet_bench_new(each_bytes * n);
    b->each = fleet_bench_new(n * sizeof *b->each);
    b->x = fleet_bench_new((size_t)n * FLEET_BENCH_TICKS * sizeof *b->x);
    b->signals = fleet_bench_new((size_t)n * FLEET_BENCH_TICKS);
    b->memory = fleet_bench_new(b->n_memory * sizeof *b->memory);
    fleet_bench_fill(b, subject->is_rate);
    if (kedge_fleet_init(&b->fleet, &fleet.fleet, b->fleet_memory, fleet_bytes) < 0)
        fleet_bench_fail("a fleet was refused");
    for (uint32_t i = 0; i < n; i++)
        if (kedge_detector_init(&b->each[i], &each.each, b->each_memory + i * each_bytes, each_bytes) < 0)
            fleet_bench_fail("a detector was refused");
}

static void fleet_bench_free(fleet_bench *b)
{
    free(b->memory);
    free(b->signals);
    free(b->x);
    free(b->each);
    free(b->each_memory);
    free(b->fleet_memory);
}

static void fleet_bench_fleet(fleet_bench *b, size_t tick)
{
    kedge_fleet_news news;
    if (kedge_fleet_update(&b->fleet, b->x + tick * b->n, b->n, b->signals, &news) < 0)
        fleet_bench_fail("a tick was refused");
    b->n_alarms += news.n_drifts;
}

static void fleet_bench_single(fleet_bench *b, size_t tick)
{
    const double *x = b->x + tick * b->n;
    for (uint32_t i = 0; i < b->n; i++)
        b->n_alarms += kedge_detector_update(&b->each[i], x[i]) == KEDGE_DRIFT;
}

static void fleet_bench_memory(fleet_bench *b, size_t tick)
{
    const double *x = b->x + tick * b->n;
    int64_t positive = 0;
    for (size_t i = 0; i < b->n_memory; i++)
        b->memory[i] += 1.0;
    for (size_t i = 0; i < b->n; i++)
        positive += x[i] > 0.0 ? 1 : 0;
    memset(b->signals, (int)(positive & 1), b->n);
}

/* One measurement: FLEET_BENCH_TICKS ticks, several times for small fleets. */
static double fleet_bench_time(fleet_bench *b, int what, size_t repetitions)
{
    uint64_t begin = measure_now_ns();
    for (size_t r = 0; r < repetitions; r++) {
        if (what == TIME_FLEET_MANY) {
            kedge_fleet_news news;
            if (kedge_fleet_update_many(&b->fleet, b->x, FLEET_BENCH_TICKS, b->signals, &news) < 0)
                fleet_bench_fail("ticks were refused");
            b->n_alarms += news.n_drifts;
        }
        for (size_t tick = 0; tick < FLEET_BENCH_TICKS && what != TIME_FLEET_MANY; tick++) {
            if (what == TIME_FLEET)
                fleet_bench_fleet(b, tick);
            else if (what == TIME_SINGLE)
                fleet_bench_single(b, tick);
            else
                fleet_bench_memory(b, tick);
        }
    }
    return (double)(measure_now_ns() - begin) / ((double)repetitions * FLEET_BENCH_TICKS * b->n);
}

static int fleet_bench_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Medians of all times, taking turns. */
static void fleet_bench_measure(const fleet_bench_subject *subject, uint32_t n, size_t n_rounds, double *medians)
{
    static double times[N_TIMES][FLEET_BENCH_MAX_ROUNDS];
    size_t repetitions = n < 100000 ? 200000 / n + 1 : 1;
    fleet_bench b;
    fleet_bench_make(&b, subject, n);
    for (size_t i = 0; i < FLEET_BENCH_WARM / FLEET_BENCH_TICKS; i++)
        for (int what = 0; what < N_TIMES; what++)
            (void)fleet_bench_time(&b, what, 1);
    for (size_t round = 0; round < n_rounds; round++)
        for (int what = 0; what < N_TIMES; what++)
            times[what][round] = fleet_bench_time(&b, what, repetitions);
    for (int what = 0; what < N_TIMES; what++) {
        qsort(times[what], n_rounds, sizeof(double), fleet_bench_ascending);
        medians[what] = times[what][n_rounds / 2];
    }
    fprintf(stderr, "%s, %" PRIu32 " streams: %zu alarms, least %.2f ns\n", subject->name, n, b.n_alarms, times[TIME_FLEET][0]);
    fleet_bench_free(&b);
}

static void fleet_bench_print(const fleet_bench_subject *subject, uint32_t n, size_t n_rounds)
{
    double t[N_TIMES];
    fleet_bench_measure(subject, n, n_rounds, t);
    printf("| %s | %" PRIu32 " | %.2f | %.0f | %.2f | %.2f | %.1f | %.2f | %.1f |\n", subject->name, n, t[TIME_FLEET],
           1e3 / t[TIME_FLEET], t[TIME_FLEET_MANY], t[TIME_SINGLE], t[TIME_SINGLE] / t[TIME_FLEET], t[TIME_MEMORY],
               t[TIME_FLEET] / t[TIME_MEMORY]);
    fflush(stdout);
}

static unsigned long fleet_bench_number(int argc, char **argv, int i, unsigned long otherwise, unsigned long most)
{
    unsigned long x = argc > i ? strtoul(argv[i], NULL, 10) : otherwise;
    if (x < 1 || x > most)
        fleet_bench_fail("usage: bench-fleet [STREAMS_IN_CACHE [STREAMS_BEYOND [ROUNDS]]]");
    return x;
}

int main(int argc, char **argv)
{
    uint32_t in_cache = (uint32_t)fleet_bench_number(argc, argv, 1, 2048, 10000000);
    uint32_t beyond = (uint32_t)fleet_bench_number(argc, argv, 2, 1000000, 10000000);
    size_t n_rounds = fleet_bench_number(argc, argv, 3, 31, FLEET_BENCH_MAX_ROUNDS);
    printf("Nanoseconds a stream and tick, medians of %zu rounds of %d ticks.\n\n", n_rounds, FLEET_BENCH_TICKS);
    printf("| fleet | streams | one call a tick | million updates a second | 8 ticks a call | single detectors | times quicker | "
           "memory alone | fleet / memory |\n");
    printf("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < sizeof fleet_bench_subjects / sizeof *fleet_bench_subjects; i++) {
        fleet_bench_print(&fleet_bench_subjects[i], in_cache, n_rounds);
        fleet_bench_print(&fleet_bench_subjects[i], beyond, n_rounds);
    }
    return 0;
}
