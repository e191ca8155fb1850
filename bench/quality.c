/* SPDX-License-Identifier: MIT */
/* How good is a detector at a given average run length? One cell of the table of docs/quality.md:
 *
 *     bench-quality CONTESTANT DISTRIBUTION ARL PRECISION SECONDS SEEDS [KNOB]
 *
 * calibrates the contestant to ARL on the quiet distribution (bernoulli, normal), measures its ARL on other draws, then feeds it
 * 10,000 quiet observations and one of several changes, for SEEDS seeds, and prints one line of JSON. SECONDS bounds calibration,
 * and again the measuring of the ARL, both by a budget of observations; KNOB is where the search begins. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kedge.h"
#include "measure.h"

enum { QUALITY_QUIET = 10000, QUALITY_HORIZON = 5000, QUALITY_BLOCK = 250, QUALITY_WARM = 20000, QUALITY_WIDTH = 1000 };

typedef union quality_config {
    kedge_detector_config base;
    double align;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} quality_config;

typedef struct quality_cell {
    const char *contestant;
    int is_bernoulli;
    int is_guaranteed; /* the knob is the ARL asked, by theorem */
    double arl;
    quality_config cfg;
} quality_cell;

/* A change: what the distribution becomes, and how. */
typedef struct quality_change {
    const char *name;
    double level;
    uint32_t pattern;
} quality_change;

static const quality_change quality_bernoulli[] = {
    {"0.2 to 0.5", 0.5, KEDGE_CHANGE_SUDDEN}, {"0.2 to 0.3", 0.3, KEDGE_CHANGE_SUDDEN}, {"0.2 to 0.5 in 1000", 0.5,
                                                                                         KEDGE_CHANGE_INCREMENTAL}};
static const quality_change quality_normal[] = {
    {"shift 1", 1.0, KEDGE_CHANGE_SUDDEN}, {"shift 0.5", 0.5, KEDGE_CHANGE_SUDDEN}, {"shift 1 in 1000", 1.0,
                                                                                     KEDGE_CHANGE_INCREMENTAL}};

static void quality_die(const char *what, kedge_status st)
{
    fprintf(stderr, "bench-quality: %s: %s\n", what, kedge_status_string(st));
    exit(1);
}

static void *quality_memory(size_t bytes)
{
    void *memory = bytes ? malloc(bytes) : NULL;
    if (!memory)
        quality_die("memory or configuration", KEDGE_ERR_CONFIG);
    return memory;
}

static kedge_stream quality_stream(void *memory, size_t bytes, int is_bernoulli, uint64_t seed, const quality_change *change)
{
    kedge_series_config cfg = kedge_series_defaults();
    kedge_stream s;
    cfg.base.seed = seed;
    cfg.base.at = 0;
    cfg.base.width = QUALITY_WIDTH;
    cfg.base.pattern = change ? change->pattern : KEDGE_CHANGE_NONE;
    cfg.distribution = is_bernoulli ? KEDGE_SERIES_BERNOULLI : KEDGE_SERIES_NORMAL;
    cfg.level_before = is_bernoulli ? 0.2 : 0.0;
    cfg.level_after = change ? change->level : cfg.level_before;
    kedge_status st = kedge_stream_init(&s, &cfg.base, memory, bytes);
    if (st < 0)
        quality_die("stream", st);
    return s;
}

/* Contestants are classes by name, a few in several forms. Families follow the distribution; the rest are defaults. */
static void quality_configure(quality_cell *cell)
{
    char name[MEASURE_WORD];
    snprintf(name, sizeof name, "%s", cell->contestant);
    char *form = strchr(name, '+');
    if (form)
        *form++ = '\0';
    const kedge_detector_class *cls = kedge_detector_find(name);
    if (!cls)
        quality_die(cell->contestant, KEDGE_ERR_UNKNOWN);
    cls->base.defaults(&cell->cfg);
    if (cls == &kedge_focus && cell->is_bernoulli)
        ((kedge_focus_config *)&cell->cfg)->family = KEDGE_FOCUS_BERNOULLI;
    if (cls == &kedge_bocpd && cell->is_bernoulli)
        ((kedge_bocpd_config *)&cell->cfg)->family = KEDGE_BOCPD_BERNOULLI;
    if (cls == &kedge_cusum && form) /* told half of the shift */
        ((kedge_cusum_config *)&cell->cfg)->delta = cell->is_bernoulli ? 0.15 : 0.5;
    if (cls == &kedge_page_hinkley && form)
        ((kedge_page_hinkley_config *)&cell->cfg)->delta = cell->is_bernoulli ? 0.15 : 0.5;
    if (cls == &kedge_fhddm && form)
        ((kedge_fhddm_config *)&cell->cfg)->form = KEDGE_FHDDM_STACKED;
    kedge_e_detector_config *e = (kedge_e_detector_config *)&cell->cfg;
    if (cls == &kedge_e_detector && form && strstr(form, "bound")) {
        e->told = KEDGE_E_BOUND;
        e->high = 0.2;
        e->direction = KEDGE_DIRECTION_UP; /* low is 0: there is no fall to bet on */
    }
    cell->is_guaranteed = form && strstr(form, "guaranteed");
    if (cell->is_guaranteed)
        e->arl = cell->arl;
}

/* Nanoseconds an observation, drawing it included. */
static double quality_cost(const quality_cell *cell)
{
    static unsigned char memory[1024];
    size_t bytes = kedge_detector_size(&cell->cfg.base);
    void *state = quality_memory(bytes);
    kedge_detector d;
    kedge_stream s = quality_stream(memory, sizeof memory, cell->is_bernoulli, 99, NULL);
    double y[QUALITY_BLOCK];
    size_t used;
    kedge_status st = kedge_detector_init(&d, &cell->cfg.base, state, bytes);
    uint64_t begin = 0;
    uint64_t n = 0;
    while (st >= 0 && (n < 2 * QUALITY_WARM || measure_now_ns() - begin < 200000000u)) {
        if (n == QUALITY_WARM) /* some fill tables at first, which takes far longer */
            begin = measure_now_ns();
        st = kedge_stream_next(&s, NULL, y, NULL, QUALITY_BLOCK);
        for (size_t at = 0; st >= 0 && at < QUALITY_BLOCK; at += used)
            st = kedge_detector_update_many(&d, y + at, QUALITY_BLOCK - at, &used);
        n += QUALITY_BLOCK;
    }
    if (st < 0)
        quality_die("warming up", st);
    free(state);
    return (double)(measure_now_ns() - begin) / (double)(n - QUALITY_WARM);
}

static void quality_print_arl(const char *name, const kedge_calibration_report *r, kedge_status st)
{
    printf("\"%s\": {\"arl\": %.6g, \"low\": %.6g, \"high\": %.6g, \"alarms\": %llu, \"used\": %llu, \"probes\": %u, \"stepped\": "
           "%u, \"more\": %d}, ",
           name, isfinite(r->arl) ? r->arl : -1.0, r->arl_low, isfinite(r->arl_high) ? r->arl_high : -1.0,
               (unsigned long long)r->n_alarms,
           (unsigned long long)r->n_used, r->n_probes, r->stepped, st == KEDGE_MORE);
}

/* Where the search begins; a warning level goes along in proportion, as it does in the search. */
static void quality_begin_at(quality_config *cfg, double knob)
{
    kedge_knob k = cfg->base.cls->knob;
    double was, warning;
    memcpy(&was, cfg->bytes + k.offset, sizeof was);
    memcpy(cfg->bytes + k.offset, &knob, sizeof knob);
    if (k.warning_offset == 0)
        return;
    memcpy(&warning, cfg->bytes + k.warning_offset, sizeof warning);
    warning *= knob / was;
    memcpy(cfg->bytes + k.warning_offset, &warning, sizeof warning);
}

static int quality_calibrate(quality_cell *cell, double seconds, double precision, double knob)
{
    static unsigned char memory[1024];
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    kedge_stream s = quality_stream(memory, sizeof memory, cell->is_bernoulli, 1000001, NULL);
    if (knob > 0.0)
        quality_begin_at(&cell->cfg, knob);
    double cost = quality_cost(cell);
    how.arl = cell->arl;
    how.precision = precision;
    how.stream = &s;
    how.budget = (uint64_t)(seconds * 1e9 / cost) + 1;
    size_t bytes = kedge_calibrate_work(&cell->cfg.base, &how);
    void *work = quality_memory(bytes);
    kedge_status st = KEDGE_OK;
    printf("{\"contestant\": \"%s\", \"distribution\": \"%s\", \"asked\": %.6g, \"ns\": %.1f, ", cell->contestant,
           cell->is_bernoulli ? "bernoulli" : "normal", cell->arl, cost);
    if (!cell->is_guaranteed) {
        st = kedge_calibrate(&cell->cfg.base, &how, work, bytes, &r);
        if (st < 0) {
            printf("\"error\": \"%s\"}\n", kedge_status_string(st));
            return 0;
        }
        quality_print_arl("calibrated", &r, st);
    }
    s = quality_stream(memory, sizeof memory, cell->is_bernoulli, 2000003, NULL);
    st = kedge_measure_arl(&cell->cfg.base, &how, work, bytes, &r);
    if (st < 0)
        quality_die("measuring", st);
    printf("\"knob\": %.10g, ", r.knob);
    quality_print_arl("measured", &r, st);
    free(work);
    return 1;
}

static kedge_metric quality_metric(void *memory, size_t bytes)
{
    kedge_detection_config cfg = kedge_detection_defaults();
    kedge_metric m;
    cfg.horizon = QUALITY_HORIZON;
    kedge_status st = kedge_metric_init(&m, &cfg.base, memory, bytes);
    if (st < 0)
        quality_die("metric", st);
    return m;
}

/* From a change to the first alarm, or the horizon. */
static void quality_change_once(kedge_detector *d, kedge_stream *s, kedge_metric *m)
{
    double y[QUALITY_BLOCK];
    uint8_t changed[QUALITY_BLOCK];
    kedge_status st = KEDGE_OK;
    for (size_t n = 0; n < QUALITY_HORIZON + QUALITY_BLOCK && st != KEDGE_DRIFT; n += QUALITY_BLOCK) {
        if (kedge_stream_next(s, NULL, y, changed, QUALITY_BLOCK) < 0)
            quality_die("drawing", KEDGE_ERR_STATE);
        for (size_t i = 0; i < QUALITY_BLOCK && st != KEDGE_DRIFT; i++) {
            st = kedge_detector_update(d, y[i]);
            if (st < 0 || kedge_detection_record(m, changed[i], st == KEDGE_DRIFT) < 0)
                quality_die("feeding", st);
        }
    }
    if (kedge_detection_end(m) < 0)
        quality_die("ending", KEDGE_ERR_STATE);
}

static void quality_quiet(kedge_detector *d, int is_bernoulli, uint64_t seed)
{
    static unsigned char memory[1024];
    kedge_stream s = quality_stream(memory, sizeof memory, is_bernoulli, seed, NULL);
    double y[QUALITY_BLOCK];
    for (size_t n = 0; n < QUALITY_QUIET; n += QUALITY_BLOCK) {
        size_t used;
        if (kedge_stream_next(&s, NULL, y, NULL, QUALITY_BLOCK) < 0)
            quality_die("drawing", KEDGE_ERR_STATE);
        for (size_t at = 0; at < QUALITY_BLOCK; at += used)
            if (kedge_detector_update_many(d, y + at, QUALITY_BLOCK - at, &used) < 0)
                quality_die("feeding", KEDGE_ERR_STATE);
    }
}

static void quality_print_change(const quality_change *change, const kedge_metric *m, int is_last)
{
    kedge_detection_report r;
    if (kedge_detection_read(m, &r) < 0)
        quality_die("reading", KEDGE_ERR_STATE);
    printf("{\"name\": \"%s\", \"n\": %llu, \"delay\": %.6g, \"low\": %.6g, \"high\": %.6g, \"missed\": %.6g, \"missed_low\": "
           "%.6g, \"missed_high\": %.6g}%s",
           change->name, (unsigned long long)r.n_changes, r.n_detected > 0 ? r.delay : -1.0, r.n_detected > 1 ? r.delay_low : -1.0,
           r.n_detected > 1 ? r.delay_high : -1.0, r.missed, r.missed_low, r.missed_high, is_last ? "], " : ", ");
}

/* The quiet part once for each seed; then every change from a copy of the state that it left. */
static void quality_delays(const quality_cell *cell, uint64_t n_seeds)
{
    const quality_change *changes = cell->is_bernoulli ? quality_bernoulli : quality_normal;
    enum { N = sizeof quality_bernoulli / sizeof *quality_bernoulli };
    static union {
        double align;
        unsigned char bytes[KEDGE_DETECTION_BYTES];
    } metric_memory[N];
    static unsigned char memory[1024];
    kedge_metric metrics[N];
    size_t bytes = kedge_detector_size(&cell->cfg.base);
    void *state = quality_memory(bytes);
    void *copy = quality_memory(bytes);
    for (size_t i = 0; i < N; i++)
        metrics[i] = quality_metric(&metric_memory[i], sizeof metric_memory[i]);
    for (uint64_t seed = 1; seed <= n_seeds; seed++) {
        kedge_detector d;
        if (kedge_detector_init(&d, &cell->cfg.base, state, bytes) < 0)
            quality_die("detector", KEDGE_ERR_CONFIG);
        quality_quiet(&d, cell->is_bernoulli, 5000011 + seed);
        for (size_t i = 0; i < N; i++) {
            kedge_detector e = {d.cls, copy};
            kedge_stream s = quality_stream(memory, sizeof memory, cell->is_bernoulli, 7000003 + seed, &changes[i]);
            memcpy(copy, state, bytes);
            quality_change_once(&e, &s, &metrics[i]);
        }
    }
    printf("\"changes\": [");
    for (size_t i = 0; i < N; i++)
        quality_print_change(&changes[i], &metrics[i], i + 1 == N);
    free(state);
    free(copy);
}

int main(int argc, char **argv)
{
    quality_cell cell;
    memset(&cell, 0, sizeof cell);
    if (argc < 7 || argc > 8) {
        fprintf(stderr, "usage: bench-quality CONTESTANT bernoulli|normal ARL PRECISION SECONDS SEEDS [KNOB]\n");
        return 2;
    }
    uint64_t begin = measure_now_ns();
    cell.contestant = argv[1];
    cell.is_bernoulli = strcmp(argv[2], "bernoulli") == 0;
    cell.arl = strtod(argv[3], NULL);
    quality_configure(&cell);
    if (!quality_calibrate(&cell, strtod(argv[5], NULL), strtod(argv[4], NULL), argc > 7 ? strtod(argv[7], NULL) : 0.0))
        return 0;
    quality_delays(&cell, strtoull(argv[6], NULL, 10));
    printf("\"seconds\": %.1f}\n", (double)(measure_now_ns() - begin) * 1e-9);
    return 0;
}
