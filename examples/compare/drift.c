/* SPDX-License-Identifier: MIT */
#include "drift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "progress.h"

static int drift_fail(const char *what)
{
    fprintf(stderr, "compare: %s\n", what);
    return 0;
}

static int drift_choose(drift_method *m, const char *name, const options *o)
{
    const kedge_shift_class *cls = kedge_shift_find(name);
    if (!cls || kedge_shift_config_init(cls, m, cls->config_bytes) < 0)
        return 0;
    m->base.min_effect = fmax(m->base.min_effect, o->min_effect);
    return 1;
}

static int drift_configure(drift *d, const options *o)
{
    d->cfg = kedge_table_defaults();
    if (!drift_choose(&d->numeric, o->method, o) || !drift_choose(&d->nominal, "chi_squared", o) ||
        !drift_choose(&d->boolean, "fisher", o))
        return drift_fail("this library lacks a method");
    d->cfg.alpha = o->alpha;
    d->cfg.adjust = o->adjustment;
    d->cfg.min_missing = fmin(o->min_effect, 1.0);
    d->cfg.numeric = &d->numeric.base;
    d->cfg.nominal = &d->nominal.base;
    d->cfg.boolean = &d->boolean.base;
    return 1;
}

static int drift_compare_columns(drift *d, const frame *f, void *work, size_t work_bytes, int is_quiet)
{
    progress bar;
    time_t began = time(NULL);
    kedge_status st = KEDGE_OK;
    progress_begin(&bar, f->n_columns, !is_quiet);
    for (size_t j = 0; j < f->n_columns && st >= 0; j++) {
        const frame_column *c = &f->columns[j];
        kedge_rows before = kedge_rows_float64(c->x, f->n_reference, 1);
        kedge_rows now = kedge_rows_float64(c->x + f->n_reference, f->n_rows - f->n_reference, 1);
        if (difftime(time(NULL), began) >= 1.0) /* it takes long */
            progress_show(&bar, "compare", j);
        st = kedge_table_compare_column(&d->cfg, &before, &now, c->kind, work, work_bytes, &d->columns[j]);
    }
    progress_clear(&bar);
    if (st >= 0)
        st = kedge_table_decide(&d->cfg, d->columns, f->n_columns, work, work_bytes, &d->report);
    return st >= 0 || drift_fail(kedge_status_string(st));
}

int drift_run(drift *d, const frame *f, const options *o)
{
    memset(d, 0, sizeof *d);
    if (!drift_configure(d, o))
        return 0;
    size_t work_bytes = kedge_table_work(&d->cfg, f->n_reference, f->n_rows - f->n_reference, f->n_columns);
    if (work_bytes == 0)
        return drift_fail("the method is not for columns of these sizes");
    void *work = malloc(work_bytes);
    d->columns = calloc(f->n_columns, sizeof *d->columns);
    d->order = calloc(f->n_columns, sizeof *d->order);
    int ok = (work && d->columns && d->order) || drift_fail("out of memory");
    ok = ok && drift_compare_columns(d, f, work, work_bytes, o->quiet);
    for (size_t j = 0; ok && j < f->n_columns; j++)
        d->order[d->columns[j].rank] = j;
    free(work);
    return ok;
}

void drift_free(drift *d)
{
    free(d->columns);
    free(d->order);
    memset(d, 0, sizeof *d);
}

const kedge_shift_config *drift_method_of(const drift *d, size_t column)
{
    switch (d->columns[column].kind) {
    case KEDGE_KIND_NUMERIC:
        return d->cfg.numeric;
    case KEDGE_KIND_NOMINAL:
        return d->cfg.nominal;
    default:
        return d->cfg.boolean;
    }
}

drift_share *drift_shares(const frame *f, size_t column)
{
    const frame_column *c = &f->columns[column];
    drift_share *s = calloc(c->n_categories + 1, sizeof *s); /* one more: never of size 0 */
    double n_before = 0.0;
    double n_now = 0.0;
    for (size_t i = 0; s && i < f->n_rows; i++) {
        if (isnan(c->x[i]))
            continue;
        int is_before = i < f->n_reference;
        *(is_before ? &n_before : &n_now) += 1.0;
        *(is_before ? &s[(size_t)c->x[i]].before : &s[(size_t)c->x[i]].now) += 1.0;
    }
    for (size_t k = 0; s && k < c->n_categories; k++) {
        s[k].code = k;
        s[k].before /= fmax(n_before, 1.0);
        s[k].now /= fmax(n_now, 1.0);
    }
    return s;
}

int drift_top_share(const frame *f, size_t column, drift_share *share)
{
    const frame_column *c = &f->columns[column];
    drift_share *s = c->n_categories > 0 ? drift_shares(f, column) : NULL;
    if (!s)
        return 0;
    *share = s[c->kind == KEDGE_KIND_BOOLEAN ? 1 : 0]; /* of two the second: "yes" */
    for (size_t k = 0; k < c->n_categories && c->kind != KEDGE_KIND_BOOLEAN; k++)
        if (fabs(s[k].now - s[k].before) > fabs(share->now - share->before))
            *share = s[k];
    free(s);
    return 1;
}
