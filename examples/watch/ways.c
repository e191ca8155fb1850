/* SPDX-License-Identifier: MIT */
#include "ways.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "models.h"
#include "stopwatch.h"

/* Everything that a run needs beside its results. */
typedef struct ways_runner {
    const data_set *data;
    kedge_pipeline pipeline;
    kedge_metric quality;
    kedge_metric recent;
    kedge_metric latency;
    kedge_metric throughput;
    void *work;
    void *blocks[6]; /* memory of the objects above */
    size_t n_blocks;
} ways_runner;

double ways_share(size_t i)
{
    return 1.0 - pow(10.0, -(double)i * 4.0 / (WAYS_QUANTILES - 1));
}

static int ways_fail(const way *w, const char *doing, kedge_status st)
{
    fprintf(stderr, "watch: %s: %s: %s\n", w->name, doing, st < 0 ? kedge_status_string(st) : "out of memory");
    return 0;
}

static void *ways_block(ways_runner *r, size_t bytes)
{
    void *mem = bytes > 0 ? malloc(bytes) : NULL;
    if (mem)
        r->blocks[r->n_blocks++] = mem;
    return mem;
}

static kedge_status ways_metric(ways_runner *r, kedge_metric *m, const kedge_metric_config *cfg)
{
    size_t bytes = kedge_metric_size(cfg);
    return kedge_metric_init(m, cfg, ways_block(r, bytes), bytes);
}

static int ways_begin_metrics(ways_runner *r, way *w)
{
    kedge_quality_config all = kedge_quality_defaults((uint32_t)r->data->n_classes);
    kedge_quality_config newest = all;
    kedge_latency_config latency = kedge_latency_defaults();
    kedge_throughput_config throughput = kedge_throughput_defaults();
    newest.over = KEDGE_OVER_WINDOW;
    newest.window = (uint32_t)w->curve_window;
    kedge_status st = ways_metric(r, &r->quality, &all.base);
    st = st < 0 ? st : ways_metric(r, &r->recent, &newest.base);
    st = st < 0 ? st : ways_metric(r, &r->latency, &latency.base);
    st = st < 0 ? st : ways_metric(r, &r->throughput, &throughput.base);
    return st < 0 ? ways_fail(w, "metrics", st) : 1;
}

/* Numbers of rows: to train on, to keep, to draw curves from. */
static void ways_plan(way *w, const data_set *d, const options *o)
{
    size_t n_served;
    w->n_train = (size_t)((double)d->n_rows * o->train);
    w->n_train = w->n_train > 0 ? w->n_train : 1;
    n_served = d->n_rows - w->n_train;
    w->curve_window = n_served / 20;
    w->curve_window = w->curve_window < 50 ? 50 : w->curve_window > 100000 ? 100000 : w->curve_window;
    if (w->policy != KEDGE_POLICY_RETRAIN)
        return;
    w->window_rows = o->window ? o->window : d->n_rows / 5;
    w->window_rows = w->window_rows < 20 ? 20 : w->window_rows > 1u << 24 ? 1u << 24 : w->window_rows;
}

/* The pipeline's configuration. What the ways that never retrain would keep for it is made as small as it can be. */
static void ways_configure(kedge_pipeline_config *cfg, const way *w, const options *o)
{
    cfg->policy = w->policy;
    cfg->pending_rows = 1; /* every label comes right behind its prediction */
    cfg->window_rows = w->window_rows ? (uint32_t)w->window_rows : 2;
    cfg->min_rows = cfg->window_rows < cfg->min_rows ? cfg->window_rows : cfg->min_rows;
    cfg->select = strcmp(o->select, "change") == 0 ? KEDGE_SELECT_CHANGE : KEDGE_SELECT_WINDOW;
}

static int ways_begin_pipeline(ways_runner *r, way *w, const options *o)
{
    models_config model;
    models_detector_config detector;
    if (!models_choose_detector(&detector, o->detector))
        return ways_fail(w, o->detector, KEDGE_ERR_UNSUPPORTED);
    w->model = models_choose(&model, o->model, w->policy, (uint32_t)r->data->n_features, (uint32_t)r->data->n_classes);
    kedge_pipeline_config cfg = kedge_pipeline_defaults(&model.base, &detector.base);
    ways_configure(&cfg, w, o);
    w->state_bytes = kedge_pipeline_size(&cfg);
    w->work_bytes = w->window_rows ? kedge_pipeline_work(&cfg) : 0;
    size_t to_train = kedge_model_fit_work(&model.base, w->n_train);
    w->work_bytes = to_train > w->work_bytes ? to_train : w->work_bytes;
    r->work = ways_block(r, w->work_bytes > 0 ? w->work_bytes : KEDGE_ALIGN);
    void *mem = ways_block(r, w->state_bytes);
    if (w->state_bytes > 0 && (!mem || !r->work))
        return ways_fail(w, "pipeline", KEDGE_OK);
    kedge_status st = kedge_pipeline_init(&r->pipeline, &cfg, mem, w->state_bytes);
    return st < 0 ? ways_fail(w, "pipeline", w->state_bytes == 0 ? KEDGE_ERR_CONFIG : st) : 1;
}

static int ways_train(ways_runner *r, way *w)
{
    const data_set *d = r->data;
    kedge_rows rows = kedge_rows_float64(d->x, w->n_train, d->n_features);
    uint64_t begun = stopwatch_ns();
    kedge_status st = kedge_pipeline_train(&r->pipeline, &rows, d->y, r->work, w->work_bytes);
    w->train_seconds = (double)(stopwatch_ns() - begun) * 1e-9;
    st = st < 0 ? st : kedge_pipeline_read(&r->pipeline, &w->pipeline);
    if (st >= 0)
        return 1;
    fprintf(stderr, "watch: %s: cannot train %s on the first %zu rows: %s; another --train share may help\n", w->name, w->model,
            w->n_train, kedge_status_string(st));
    return 0;
}

/* The detector's last alarm; to be read before a training lets the detector start afresh. */
static kedge_status ways_alarm(const ways_runner *r, kedge_alarm *alarm)
{
    kedge_detector watcher;
    kedge_status st = kedge_pipeline_watcher(&r->pipeline, &watcher);
    return st < 0 ? st : kedge_detector_alarm(&watcher, alarm);
}

/* Serves one row and learns its label; the time that this takes is the row's latency. KEDGE_DRIFT: *alarm is new. */
static kedge_status ways_serve(ways_runner *r, way *w, size_t row, double *predicted, kedge_alarm *alarm)
{
    const data_set *d = r->data;
    uint64_t begun = stopwatch_ns();
    kedge_status st = kedge_pipeline_predict(&r->pipeline, begun, row, d->x + row * d->n_features, predicted);
    st = st < 0 ? st : kedge_pipeline_label(&r->pipeline, begun, row, d->y[row]);
    kedge_status signal = st;
    if (st == KEDGE_DRIFT)
        st = ways_alarm(r, alarm);
    st = st < 0 ? st : kedge_pipeline_step(&r->pipeline, begun, r->work, w->work_bytes);
    uint64_t done = stopwatch_ns();
    st = st < 0 ? st : kedge_latency_record(&r->latency, done - begun);
    st = st < 0 ? st : kedge_throughput_record(&r->throughput, done, 1);
    return st < 0 ? st : signal;
}

static kedge_status ways_measure(ways_runner *r, size_t row, double predicted)
{
    uint32_t truth = (uint32_t)r->data->y[row];
    kedge_status st = kedge_quality_record(&r->quality, truth, (uint32_t)predicted, 1.0);
    return st < 0 ? st : kedge_quality_record(&r->recent, truth, (uint32_t)predicted, 1.0);
}

/* A point of the curve at every 1/WAYS_POINTS of the stream, once the window is half full. */
static kedge_status ways_draw(ways_runner *r, way *w, size_t row)
{
    size_t n = r->data->n_rows - w->n_train;
    size_t i = row - w->n_train + 1;
    if (i * WAYS_POINTS / n == (i - 1) * WAYS_POINTS / n || i < w->curve_window / 2 || w->n_points == WAYS_POINTS)
        return KEDGE_OK;
    kedge_quality_report report;
    kedge_status st = kedge_quality_read(&r->recent, &report);
    if (st >= 0) {
        w->points[w->n_points].row = row + 1;
        w->points[w->n_points++].accuracy = report.accuracy;
    }
    return st;
}

static void ways_introduce(const way *w, const options *o)
{
    printf("%-8s %s, trained on rows 1 to %zu in %.3g s", w->name, w->model, w->n_train, w->train_seconds);
    if (w->policy == KEDGE_POLICY_RETRAIN)
        printf(", retrained on at most %zu newest rows when the error rises", w->window_rows);
    if (o->model && strcmp(o->model, w->model) != 0)
        printf(" (%s cannot serve this way)", o->model);
    putchar('\n');
    fflush(stdout);
}

static int ways_stream(ways_runner *r, way *w, const options *o, progress *bar)
{
    if (!o->quiet)
        ways_introduce(w, o);
    kedge_status st = kedge_throughput_record(&r->throughput, stopwatch_ns(), 0);
    for (size_t row = w->n_train; row < r->data->n_rows && st >= 0; row++) {
        double predicted = 0.0;
        kedge_alarm alarm;
        kedge_pipeline_report now;
        kedge_status signal = st = ways_serve(r, w, row, &predicted, &alarm);
        st = st < 0 ? st : ways_measure(r, row, predicted);
        st = st < 0 ? st : ways_draw(r, w, row);
        st = st < 0 ? st : kedge_pipeline_read(&r->pipeline, &now);
        if (st >= 0 && !events_note(w, &now, row + 1, signal == KEDGE_DRIFT ? &alarm : NULL, o->quiet ? NULL : bar))
            return ways_fail(w, "events", KEDGE_OK);
        progress_show(bar, w->name, row + 1);
    }
    progress_clear(bar);
    return st < 0 ? ways_fail(w, "stream", st) : 1;
}

static int ways_read(ways_runner *r, way *w)
{
    kedge_quality_class_report one;
    kedge_status st = kedge_quality_read(&r->quality, &w->quality);
    st = st < 0 ? st : kedge_quality_read_class(&r->quality, 1, &one);
    st = st < 0 ? st : kedge_latency_read(&r->latency, &w->latency);
    st = st < 0 ? st : kedge_throughput_read(&r->throughput, &w->throughput);
    for (size_t i = 0; i < WAYS_QUANTILES && st >= 0; i++)
        st = kedge_latency_quantile(&r->latency, ways_share(i), &w->quantiles[i]);
    if (st < 0)
        return ways_fail(w, "figures", st);
    w->f1 = r->data->n_classes == 2 ? one.f1 : w->quality.f1_macro;
    return 1;
}

int ways_run(way *w, const data_set *d, const options *o, uint32_t policy, progress *bar)
{
    static const char *const names[] = {"", "static", "retrain", "online"};
    ways_runner r = {.data = d};
    memset(w, 0, sizeof *w);
    w->policy = policy;
    w->name = names[policy];
    ways_plan(w, d, o);
    int ok = ways_begin_pipeline(&r, w, o) && ways_begin_metrics(&r, w) && ways_train(&r, w) && ways_stream(&r, w, o, bar) &&
             ways_read(&r, w);
    while (r.n_blocks > 0)
        free(r.blocks[--r.n_blocks]);
    return ok;
}

void ways_free(way *w)
{
    free(w->events);
}
