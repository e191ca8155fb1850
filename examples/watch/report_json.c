/* SPDX-License-Identifier: MIT */
#include "report_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "models.h"

static void report_json_number(FILE *f, const char *name, double x)
{
    fprintf(f, ", \"%s\": ", name);
    json_number(f, x, 9);
}

static void report_json_count(FILE *f, const char *name, uint64_t n)
{
    fprintf(f, ", \"%s\": %" PRIu64, name, n);
}

static void report_json_texts(FILE *f, const char *name, char *const *texts, size_t n)
{
    fprintf(f, "  \"%s\": [", name);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? ", " : "", f);
        json_text(f, texts[i]);
    }
    fputs("],\n", f);
}

static void report_json_events(FILE *f, const way *w)
{
    static const char *const kinds[] = {"error rose", "error fell", "replaced", "kept", "given up", "failed"};
    fputs(",\n     \"events\": [", f);
    for (size_t i = 0; i < w->n_events; i++) {
        const way_event *e = &w->events[i];
        fprintf(f, "%s\n       {\"row\": %zu, \"kind\": \"%s\"", i > 0 ? "," : "", e->row, kinds[e->kind]);
        if (e->kind == WAYS_ROSE || e->kind == WAYS_FELL)
            report_json_count(f, "changed_at", e->changed_at);
        if (e->kind < WAYS_GIVEN_UP) {
            report_json_number(f, "error_before", e->before);
            report_json_number(f, "error_after", e->after);
        }
        putc('}', f);
    }
    fputs("],\n     \"accuracy_curve\": [", f);
    for (size_t i = 0; i < w->n_points; i++)
        fprintf(f, "%s[%zu, %.6g]", i > 0 ? ", " : "", w->points[i].row, w->points[i].accuracy);
    putc(']', f);
}

static void report_json_way(FILE *f, const way *w)
{
    fprintf(f, "    {\"way\": \"%s\", \"model\": \"%s\"", w->name, w->model);
    report_json_number(f, "accuracy", w->quality.accuracy);
    report_json_number(f, "kappa", w->quality.kappa);
    report_json_number(f, "f1", w->f1);
    report_json_number(f, "f1_macro", w->quality.f1_macro);
    report_json_count(f, "alarms", w->pipeline.n_drifts);
    report_json_count(f, "retrained", w->pipeline.n_trainings - 1);
    report_json_count(f, "replaced", w->pipeline.n_promotions - 1);
    report_json_count(f, "trained_rows", w->n_train);
    report_json_count(f, "window_rows", w->window_rows);
    report_json_number(f, "train_seconds", w->train_seconds);
    report_json_count(f, "p50_ns", w->latency.p50);
    report_json_count(f, "p99_ns", w->latency.p99);
    report_json_number(f, "rows_per_second", w->throughput.per_second);
    report_json_count(f, "state_bytes", w->state_bytes);
    report_json_count(f, "work_bytes", w->work_bytes);
    report_json_count(f, "curve_window", w->curve_window);
    report_json_events(f, w);
    putc('}', f);
}

static void report_json_body(FILE *f, const data_set *d, const options *o, const way *ways, size_t n_ways)
{
    fputs("{\n  \"file\": ", f);
    json_text(f, o->file);
    fputs(",\n  \"label\": ", f);
    json_text(f, d->label);
    fprintf(f, ",\n  \"rows\": %zu", d->n_rows);
    report_json_count(f, "missing_numbers", d->n_missing);
    report_json_count(f, "rows_without_label", d->n_unlabelled);
    fprintf(f, ",\n  \"detector\": \"%s\", \"select\": \"%s\", \"f1_of\": ", o->detector, o->select);
    json_text(f, d->n_classes == 2 ? d->classes[1] : "mean over classes");
    fprintf(f, ",\n  \"kedge\": \"%s\", \"license\": \"%s\",\n", kedge_version(), models_license());
    report_json_texts(f, "features", d->names, d->n_features);
    report_json_texts(f, "classes", d->classes, d->n_classes);
    fputs("  \"ways\": [\n", f);
    for (size_t i = 0; i < n_ways; i++) {
        report_json_way(f, &ways[i]);
        fputs(i + 1 < n_ways ? ",\n" : "\n", f);
    }
    fputs("  ]\n}\n", f);
}

int report_json_write(const char *file, const data_set *d, const options *o, const way *ways, size_t n_ways)
{
    FILE *f = fopen(file, "w");
    if (f) {
        report_json_body(f, d, o, ways, n_ways);
        int wrote = !ferror(f);
        if (fclose(f) == 0 && wrote)
            return 1;
    }
    fprintf(stderr, "watch: %s: %s\n", file, strerror(errno));
    return 0;
}
