/* SPDX-License-Identifier: MIT */
#include "report_json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

static void report_json_number(FILE *out, const char *name, double x)
{
    fprintf(out, ", \"%s\": ", name);
    json_number(out, x, 17);
}

static void report_json_count(FILE *out, const char *name, uint64_t n)
{
    fprintf(out, ", \"%s\": %" PRIu64, name, n);
}

static void report_json_flag(FILE *out, const char *name, int is_set)
{
    fprintf(out, ", \"%s\": %s", name, is_set ? "true" : "false");
}

static void report_json_text(FILE *out, const char *name, const char *text)
{
    fprintf(out, ", \"%s\": ", name);
    if (text)
        json_text(out, text);
    else
        fputs("null", out);
}

static const char *report_json_kind(uint32_t kind)
{
    return kind == KEDGE_KIND_NUMERIC ? "numeric" : kind == KEDGE_KIND_NOMINAL ? "nominal" : "boolean";
}

static const char *report_json_p_method(uint32_t p_method)
{
    static const char *const names[] = {"none", "auto", "exact", "asymptotic", "permutation", "none"};
    return names[p_method <= KEDGE_P_NONE ? p_method : 0];
}

/* 0: out of memory. */
static int report_json_categories(FILE *out, const frame *f, size_t j)
{
    drift_share *s = drift_shares(f, j);
    fputs(",\n     \"categories\": [", out);
    for (size_t k = 0; s && k < f->columns[j].n_categories; k++) {
        fprintf(out, "%s\n       {\"name\": ", k > 0 ? "," : "");
        json_text(out, f->columns[j].categories[k]);
        report_json_number(out, "reference", s[k].before);
        report_json_number(out, "current", s[k].now);
        putc('}', out);
    }
    putc(']', out);
    free(s);
    return s != NULL;
}

/* Where the samples differ most: a number, or a category's name. */
static void report_json_where(FILE *out, const frame_column *c, double where)
{
    if (c->kind == KEDGE_KIND_NUMERIC || !(where >= 0.0 && where < (double)c->n_categories))
        report_json_number(out, "where", where);
    else
        report_json_text(out, "where", c->categories[(size_t)where]);
}

static void report_json_since(FILE *out, const drift *d, const frame *f, size_t j)
{
    const kedge_table_column *c = &d->columns[j];
    if (!c->has_moved || c->since == UINT64_MAX) {
        fputs(", \"since_row\": null, \"since_line\": null", out);
        return;
    }
    report_json_count(out, "since_row", c->since + 1);
    report_json_count(out, "since_line", f->line[f->n_reference + (size_t)c->since]);
}

static int report_json_column(FILE *out, const drift *d, const frame *f, size_t j)
{
    const kedge_table_column *c = &d->columns[j];
    const kedge_shift_result *r = &c->shift;
    fputs("    {\"name\": ", out);
    json_text(out, f->columns[j].name);
    report_json_text(out, "kind", report_json_kind(c->kind));
    report_json_flag(out, "moved", c->has_moved != 0);
    report_json_flag(out, "moved_missing", c->has_moved_missing != 0);
    report_json_text(out, "status", kedge_status_string(r->status));
    report_json_text(out, "method", drift_method_of(d, j)->cls->name);
    report_json_text(out, "p_from", report_json_p_method(r->p_method));
    report_json_number(out, "statistic", r->statistic);
    report_json_number(out, "p_value", r->p_value);
    report_json_number(out, "p_adjusted", c->p_adjusted);
    report_json_number(out, "effect", r->effect);
    report_json_number(out, "expected", r->expected);
    report_json_where(out, &f->columns[j], r->where);
    report_json_since(out, d, f, j);
    if (c->kind != KEDGE_KIND_NOMINAL) { /* a mean of codes says nothing */
        report_json_number(out, "mean_reference", r->mean_reference);
        report_json_number(out, "mean_current", r->mean_current);
    }
    report_json_count(out, "n_reference", r->n_reference);
    report_json_count(out, "n_current", r->n_current);
    report_json_number(out, "missing_reference", c->missing_reference);
    report_json_number(out, "missing_current", c->missing_current);
    report_json_number(out, "p_missing", c->p_missing);
    report_json_number(out, "p_missing_adjusted", c->p_missing_adjusted);
    int ok = c->kind == KEDGE_KIND_NUMERIC || report_json_categories(out, f, j);
    putc('}', out);
    return ok;
}

static int report_json_body(FILE *out, const drift *d, const frame *f, const options *o)
{
    int ok = 1;
    fputs("{\n  \"reference\": ", out);
    json_text(out, o->reference);
    report_json_text(out, "current", o->current);
    report_json_text(out, "split", o->split);
    report_json_text(out, "by", o->by);
    report_json_count(out, "rows_reference", f->n_reference);
    report_json_count(out, "rows_current", f->n_rows - f->n_reference);
    fputs(",\n  \"kedge\": ", out);
    json_text(out, kedge_version());
    report_json_text(out, "method", o->method);
    report_json_text(out, "adjust", o->adjust);
    report_json_number(out, "alpha", o->alpha);
    report_json_number(out, "min_effect", o->min_effect);
    report_json_count(out, "n_columns", d->report.n_columns);
    report_json_count(out, "n_moved", d->report.n_moved);
    report_json_count(out, "n_tests", d->report.n_tests);
    report_json_count(out, "n_failed", d->report.n_failed);
    fputs(",\n  \"columns\": [\n", out);
    for (size_t i = 0; i < f->n_columns; i++) {
        ok &= report_json_column(out, d, f, d->order[i]);
        fputs(i + 1 < f->n_columns ? ",\n" : "\n", out);
    }
    fputs("  ]\n}\n", out);
    if (!ok)
        errno = ENOMEM;
    return ok;
}

int report_json_write(const char *file, const drift *d, const frame *f, const options *o)
{
    FILE *out = fopen(file, "w");
    if (out) {
        int wrote = report_json_body(out, d, f, o) && !ferror(out);
        if (fclose(out) == 0 && wrote)
            return 1;
    }
    fprintf(stderr, "compare: %s: %s\n", file, strerror(errno));
    return 0;
}
