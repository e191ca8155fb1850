/* SPDX-License-Identifier: MIT */
/* What does it cost to record a duration? kedge's ways beside HdrHistogram for Rust, in turns in one process; prints Markdown:
 *
 * bench-latency-record [ROUNDS]
 *
 * KEDGE_HDR_PEER names the shared library of bench/peers/hdrhistogram, which `tools/bench metrics` builds where there is cargo;
 * without it the peer's lines are left out. Both have 2 digits from 1 ns to an hour; their quantiles must agree. CPU time of one
 * thread, least, median and greatest of the rounds; ratios are formed within a round, against the peer's loop, into which its
 * record is inlined: its best. */
#define _POSIX_C_SOURCE 200809L /* clocks */
#include <dlfcn.h>
#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kedge.h"

enum { N = 1 << 16, REPEATS = 16, MAX_ROUNDS = 1000, N_WAYS = 7, PEER_LOOP = 5, CELLS = 4096 };

static uint64_t values[N];
static kedge_metric latency, window, shared;

typedef struct peer {
    void *histogram;
    void *(*make)(uint64_t, uint64_t, uint8_t);
    int (*record)(void *, uint64_t);
    int (*record_all)(void *, const uint64_t *, size_t);
    uint64_t (*quantile)(const void *, double);
} peer;

static peer hdr;

static void die(const char *why)
{
    fprintf(stderr, "bench-latency-record: %s\n", why);
    exit(1);
}

/* A function of the peer; ISO C has no cast from an object's pointer. */
static void find_function(void *library, const char *name, void *function)
{
    *(void **)function = dlsym(library, name);
    if (!*(void **)function)
        die(dlerror());
}

static int find_peer(void)
{
    const char *path = getenv("KEDGE_HDR_PEER");
    void *library = path ? dlopen(path, RTLD_NOW) : NULL;
    if (!path)
        return 0;
    if (!library)
        die(dlerror());
    find_function(library, "peer_new", &hdr.make);
    find_function(library, "peer_record", &hdr.record);
    find_function(library, "peer_record_all", &hdr.record_all);
    find_function(library, "peer_quantile", &hdr.quantile);
    hdr.histogram = hdr.make(1, 3600000000000u, 2);
    return 1;
}

static void make(kedge_metric *m, const kedge_metric_config *cfg)
{
    size_t bytes = kedge_metric_size(cfg);
    void *mem = malloc(bytes);
    if (!mem || kedge_metric_init(m, cfg, mem, bytes) < 0)
        die("no memory");
}

/* Around 2 ms, half of them within a factor of 2, some far above: what a service answers in. */
static void fill(void)
{
    kedge_rng rng = {7};
    for (size_t i = 0; i < N; i++) {
        double normal = -6;
        for (int k = 0; k < 12; k++)
            normal += kedge_rng_uniform(&rng);
        values[i] = (uint64_t)(2e6 * exp(normal));
    }
}

static int way_record(void)
{
    int failed = 0;
    for (size_t i = 0; i < N; i++)
        failed |= kedge_latency_record(&latency, values[i]) < 0;
    return failed;
}

static int way_many(void)
{
    return kedge_latency_record_many(&latency, values, N) < 0;
}

static int way_window(void)
{
    int failed = 0;
    for (size_t i = 0; i < N; i++)
        failed |= kedge_latency_record(&window, values[i]) < 0;
    return failed;
}

static int way_shared(void)
{
    int failed = 0;
    for (size_t i = 0; i < N; i++)
        failed |= kedge_latency_shared_record(&shared, 0, values[i]) < 0;
    return failed;
}

/* What every recorder that threads share pays at least: an addition that no other can come between, here to one of as many counters
 * as the values meet. */
static int way_addition(void)
{
    static _Atomic uint32_t counters[CELLS];
    for (size_t i = 0; i < N; i++)
        (void)atomic_fetch_add_explicit(&counters[values[i] >> 14 & (CELLS - 1)], 1, memory_order_relaxed);
    return 0;
}

static int way_peer_loop(void)
{
    return hdr.record_all(hdr.histogram, values, N);
}

static int way_peer_call(void)
{
    int failed = 0;
    for (size_t i = 0; i < N; i++)
        failed |= hdr.record(hdr.histogram, values[i]);
    return failed;
}

static const struct {
    const char *title;
    int (*run)(void);
} ways[N_WAYS] = {
    {"kedge_latency_record(), one call a value", way_record},
    {"kedge_latency_record_many()", way_many},
    {"kedge_latency_record() over a window of 60 slots", way_window},
    {"kedge_latency_shared_record(), one thread", way_shared},
    {"an atomic addition and nothing else", way_addition},
    {"HdrHistogram (Rust), inlined in a loop", way_peer_loop},
    {"HdrHistogram (Rust), one call a value", way_peer_call},
};

static double nanoseconds(int (*run)(void))
{
    struct timespec begun, done;
    int failed = 0;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    for (int i = 0; i < REPEATS; i++)
        failed |= run();
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &done);
    if (failed)
        die("a value was refused");
    return ((double)(done.tv_sec - begun.tv_sec) * 1e9 + (double)(done.tv_nsec - begun.tv_nsec)) / ((double)N * REPEATS);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, ascending);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

/* Both have the same values in the same shares, so the same quantiles: the bucket's end, where it is not beyond kedge's exact
 * maximum. */
static void compare_quantiles(void)
{
    static const double shares[] = {0.5, 0.9, 0.99, 0.999};
    for (int i = 0; i < 4; i++) {
        uint64_t ns;
        if (kedge_latency_quantile(&latency, shares[i], &ns) < 0 || ns != hdr.quantile(hdr.histogram, shares[i]))
            die("the quantiles differ");
    }
}

int main(int argc, char **argv)
{
    static double times[N_WAYS][MAX_ROUNDS], ratios[N_WAYS][MAX_ROUNDS];
    int rounds = argc > 1 ? atoi(argv[1]) : 31, with_peer = find_peer(), n_ways = with_peer ? N_WAYS : PEER_LOOP;
    kedge_latency_config l = kedge_latency_defaults(), w = l;
    kedge_latency_shared_config s = kedge_latency_shared_defaults();
    if (rounds < 1 || rounds > MAX_ROUNDS)
        die("rounds: 1 to 1000");
    w.over = KEDGE_OVER_WINDOW;
    make(&latency, &l.base);
    make(&window, &w.base);
    make(&shared, &s.base);
    fill();
    for (int k = 0; k < n_ways; k++)
        (void)nanoseconds(ways[k].run); /* warm */
    for (int r = 0; r < rounds; r++) {
        for (int k = 0; k < n_ways; k++) { /* who begins changes */
            int way = (k + r) % n_ways;
            times[way][r] = nanoseconds(ways[way].run);
        }
        for (int k = 0; k < n_ways; k++)
            ratios[k][r] = with_peer ? times[k][r] / times[PEER_LOOP][r] : 0;
    }
    if (with_peer)
        compare_quantiles();
    printf("| recording a duration | ns | least, greatest of %d rounds | times HdrHistogram (Rust 7.5.4) |\n", rounds);
    printf("| --- | --- | --- | --- |\n");
    for (int k = 0; k < n_ways; k++) {
        double middle = median(times[k], rounds), ratio = median(ratios[k], rounds);
        printf("| %s | %.2f | %.2f, %.2f | ", ways[k].title, middle, times[k][0], times[k][rounds - 1]);
        printf(with_peer ? "%.2f |\n" : "not asked |\n", ratio);
    }
    return 0;
}
