/* SPDX-License-Identifier: MIT */
/* How long does a detector take for one observation? Answers requests (see measure.h) for one input file:
 *
 *     echo 'adwin update_many default' | bench-detectors INPUT.f64
 *
 * Forms: update (one public call an observation), update_many (the whole input, going on after each drift), signal_many (the whole
 * input in one call; the time to read the signals is not counted). Each request starts with a fresh detector. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kedge.h"

#include "measure.h"

/* Room for any detector's configuration. */
typedef union bench_config {
    kedge_detector_config base;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} bench_config;

/* What one request works on. */
typedef struct bench_run {
    kedge_detector detector;
    const double *x;
    size_t n;
    uint8_t *signals; /* n of them */
    measure_result result;
} bench_run;

static void bench_fail(const char *what, const char *name)
{
    fprintf(stderr, "bench-detectors: %s: %s\n", what, name);
    exit(2);
}

static void bench_expect(kedge_status st)
{
    if (st < 0)
        bench_fail("error", kedge_status_string(st));
}

static uint32_t bench_peer(const char *preset)
{
    if (strcmp(preset, "default") == 0)
        return KEDGE_PEER_NONE;
    if (strcmp(preset, "river") == 0)
        return KEDGE_PEER_RIVER;
    if (strcmp(preset, "moa") == 0)
        return KEDGE_PEER_MOA;
    bench_fail("unknown preset", preset);
    return 0;
}

/* The detectors that a peer has, too. */
#define BENCH_PEERED(X)                                                                            \
    X(adwin) X(cusum) X(ddm) X(ecdd) X(eddm) X(fhddm)                                               \
    X(gma) X(hddm_a) X(hddm_w) X(kswin) X(page_hinkley) X(rddm) X(seed) X(seqdrift2) X(stepd)

#define BENCH_PEER(alg)                                                                            \
    if (cls == &kedge_##alg) {                                                                     \
        bench_expect(kedge_##alg##_config_peer((void *)cfg, sizeof(kedge_##alg##_config), peer));  \
        return;                                                                                    \
    }

/* The configuration that a request names. */
static void bench_configure(bench_config *cfg, const measure_request *request)
{
    const kedge_detector_class *cls = kedge_detector_find(request->detector);
    uint32_t peer = bench_peer(request->preset);
    if (!cls)
        bench_fail("unknown detector", request->detector);
    memset(cfg, 0, sizeof *cfg);
    if (peer == KEDGE_PEER_NONE) {
        cls->base.defaults(cfg);
        return;
    }
    BENCH_PEERED(BENCH_PEER)
    bench_fail("no peer has", request->detector);
}

static void bench_alarm(bench_run *run, size_t index)
{
    run->result.n_alarms++;
    run->result.alarm_index_sum += index;
}

static void bench_update(bench_run *run)
{
    kedge_detector d = run->detector;
    kedge_status worst = KEDGE_OK;
    for (size_t i = 0; i < run->n; i++) {
        kedge_status st = kedge_detector_update(&d, run->x[i]);
        worst = st < worst ? st : worst;
        if (st == KEDGE_DRIFT)
            bench_alarm(run, i);
    }
    bench_expect(worst);
}

static void bench_update_many(bench_run *run)
{
    size_t done = 0;
    while (done < run->n) {
        size_t used = 0;
        kedge_status st = kedge_detector_update_many(&run->detector, run->x + done, run->n - done, &used);
        bench_expect(st);
        done += used;
        if (st == KEDGE_DRIFT)
            bench_alarm(run, done - 1);
    }
}

static void bench_signal_many(bench_run *run)
{
    size_t used = 0;
    bench_expect(kedge_detector_signal_many(&run->detector, run->x, run->n, run->signals, &used));
}

static void bench_count_signals(bench_run *run)
{
    for (size_t i = 0; i < run->n; i++)
        if (run->signals[i] == KEDGE_DRIFT)
            bench_alarm(run, i);
}

static void bench_time(bench_run *run, const char *form)
{
    void (*feed)(bench_run *) = NULL;
    if (strcmp(form, "update") == 0)
        feed = bench_update;
    else if (strcmp(form, "update_many") == 0)
        feed = bench_update_many;
    else if (strcmp(form, "signal_many") == 0)
        feed = bench_signal_many;
    else
        bench_fail("unknown form", form);
    uint64_t begin = measure_now_ns();
    feed(run);
    run->result.time_ns = measure_now_ns() - begin;
    if (feed == bench_signal_many)
        bench_count_signals(run);
}

static void bench_answer(bench_run *run, const measure_request *request)
{
    bench_config cfg;
    bench_configure(&cfg, request);
    size_t bytes = kedge_detector_size(&cfg.base);
    void *mem = malloc(bytes);
    if (!mem)
        bench_fail("no memory for", request->detector);
    bench_expect(kedge_detector_init(&run->detector, &cfg.base, mem, bytes));
    memset(&run->result, 0, sizeof run->result);
    bench_time(run, request->form);
    measure_print(request, run->n, &run->result);
    free(mem);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bench-detectors INPUT.f64 <REQUESTS\n");
        return 2;
    }
    bench_run run = {0};
    double *x = measure_read_input(argv[1], &run.n);
    if (!x)
        return 2;
    run.x = x;
    run.signals = malloc(run.n);
    if (!run.signals)
        bench_fail("no memory for signals of", argv[1]);
    memset(run.signals, 0, run.n); /* touch the pages now, not while the clock runs */
    measure_request request;
    while (measure_next(&request))
        bench_answer(&run, &request);
    free(run.signals);
    free(x);
    return 0;
}
