/* SPDX-License-Identifier: MIT */
/* Tables: each column by the method of its kind, missing values by Fisher's exact test; all p-values adjusted together, then the
 * verdicts. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/profile.h"
#include "kedge/table.h"

#include "base/check.h"
#include "base/config.h"
#include "base/fisher.h"
#include "base/number.h"
#include "base/rows.h"
#include "base/sort.h"
#include "shift/since.h"

/* Methods in use, by kind. */
typedef struct table_methods {
    const kedge_shift_config *numeric;
    const kedge_shift_config *nominal;
    const kedge_shift_config *boolean;
    kedge_shift_config own[3]; /* where the caller names none */
} table_methods;

kedge_status kedge_table_config_init(kedge_table_config *cfg, size_t cfg_bytes)
{
    KEDGE_TRY(kedge_i_config_begin(cfg, cfg_bytes, sizeof *cfg));
    cfg->config_bytes = sizeof *cfg;
    cfg->adjust = KEDGE_ADJUST_BENJAMINI_HOCHBERG;
    cfg->alpha = 0.05;
    return KEDGE_OK;
}

static int table_takes(const kedge_shift_config *method, uint32_t kind)
{
    return kedge_shift_work(method, 1, 1, 1) > 0 && (method->cls->kinds & kind) != 0;
}

static kedge_status table_begin(const kedge_table_config *cfg, table_methods *m)
{
    if (!cfg)
        return KEDGE_ERR_NULL;
    if (cfg->config_bytes != sizeof *cfg || !kedge_i_u32_within(cfg->adjust, KEDGE_ADJUST_NONE, KEDGE_ADJUST_BENJAMINI_YEKUTIELI) ||
        !(cfg->alpha > 0.0 && cfg->alpha < 1.0) || !kedge_i_within(cfg->min_missing, 0.0, 1.0))
        return KEDGE_ERR_CONFIG;
    m->own[0] = kedge_ks_defaults();
    m->own[1] = kedge_shift_defaults(&kedge_chi_squared);
    m->own[2] = kedge_fisher_defaults();
    m->numeric = cfg->numeric ? cfg->numeric : &m->own[0];
    m->nominal = cfg->nominal ? cfg->nominal : &m->own[1];
    m->boolean = cfg->boolean ? cfg->boolean : &m->own[2];
    if (!table_takes(m->numeric, KEDGE_KIND_NUMERIC) || !table_takes(m->nominal, KEDGE_KIND_NOMINAL) ||
        !table_takes(m->boolean, KEDGE_KIND_NOMINAL))
        return KEDGE_ERR_CONFIG;
    return KEDGE_OK;
}

static const kedge_shift_config *table_method(const table_methods *m, uint32_t kind)
{
    return kind == KEDGE_KIND_NUMERIC ? m->numeric : kind == KEDGE_KIND_NOMINAL ? m->nominal : m->boolean;
}

/* Working memory: that of a column; afterwards two p-values a column, adjusted in place, and their order. */
static size_t table_decide_bytes(size_t n_columns)
{
    return 2 * n_columns * (sizeof(double) + sizeof(uint32_t));
}

static size_t table_greater(size_t a, size_t b)
{
    return a > b ? a : b;
}

static kedge_status table_room(const table_methods *m, size_t n, size_t k, size_t n_columns, size_t *bytes)
{
    const kedge_shift_config *all[3] = {m->numeric, m->nominal, m->boolean};
    if (n_columns == 0 || n_columns > KEDGE_COLUMNS_MAX)
        return KEDGE_ERR_SHAPE;
    *bytes = kedge_shift_work_many(all, 3, n, k, 1);
    if (*bytes == 0) /* too much; what has room for n and k values and sorting has it for 2 n too */
        return KEDGE_ERR_SHAPE;
    *bytes = table_greater(*bytes, (size_t)kedge_i_since_scratch(n) * sizeof(double));
    *bytes = table_greater(*bytes, table_decide_bytes(n_columns));
    return KEDGE_OK;
}

size_t kedge_table_work(const kedge_table_config *cfg, size_t n_reference, size_t n_current, size_t n_columns)
{
    table_methods m;
    size_t bytes = 0;
    if (table_begin(cfg, &m) < 0 || table_room(&m, n_reference, n_current, n_columns, &bytes) < 0)
        return 0;
    return bytes;
}

static kedge_status table_check_work(const void *work, size_t work_bytes, size_t bytes)
{
    if (!work)
        return KEDGE_ERR_NULL;
    if (work_bytes < bytes)
        return KEDGE_ERR_BUFFER;
    return kedge_i_aligned(work) ? KEDGE_OK : KEDGE_ERR_ALIGN;
}

static double table_missing(const kedge_rows *column, double *n)
{
    double missing = 0.0;
    for (size_t i = 0; i < column->n_rows; i++)
        missing += isnan(kedge_i_rows_at(column, i, 0)) ? 1.0 : 0.0;
    *n = (double)column->n_rows;
    return missing;
}

static void table_compare_missing(double missing, double n, double missing_now, double n_now, kedge_table_column *out)
{
    out->missing_reference = n > 0.0 ? missing / n : (double)NAN;
    out->missing_current = n_now > 0.0 ? missing_now / n_now : (double)NAN;
    if (n > 0.0 && n_now > 0.0)
        out->p_missing = kedge_i_fisher_two_sided(missing, n - missing, missing_now, n_now - missing_now);
}

static void table_column_clear(uint32_t kind, kedge_table_column *out)
{
    memset(out, 0, sizeof *out);
    out->shift.statistic = out->shift.p_value = out->shift.effect = out->shift.expected = out->shift.where = (double)NAN;
    out->shift.mean_reference = out->shift.mean_current = (double)NAN;
    out->shift.p_method = KEDGE_P_NONE;
    out->shift.status = KEDGE_EMPTY;
    out->p_adjusted = out->p_missing = out->p_missing_adjusted = out->missing_reference = out->missing_current = (double)NAN;
    out->since = UINT64_MAX;
    out->kind = kind;
}

/* Only codes 0 and 1, and missing ones. */
static int table_is_boolean(const kedge_rows *column)
{
    for (size_t i = 0; i < column->n_rows; i++) {
        double x = kedge_i_rows_at(column, i, 0);
        if (x == x && x != 0.0 && x != 1.0)
            return 0;
    }
    return 1;
}

/* Adjusted p-values are never smaller, so what is not significant by itself will not be. */
static int table_may_move(const kedge_table_config *cfg, const kedge_shift_result *r)
{
    return (r->status == KEDGE_OK || r->status == KEDGE_DRIFT) && !(r->p_value > cfg->alpha);
}

static void table_column(const kedge_table_config *cfg, const table_methods *m, const kedge_rows *reference,
                         const kedge_rows *current, uint32_t kind, void *work, size_t work_bytes, kedge_table_column *out)
{
    double n, n_now;
    kedge_shift_result r;
    table_column_clear(kind, out);
    double missing = table_missing(reference, &n);
    double missing_now = table_missing(current, &n_now);
    table_compare_missing(missing, n, missing_now, n_now, out);
    kedge_status st = KEDGE_ERR_RANGE;
    if (kind != KEDGE_KIND_BOOLEAN || (table_is_boolean(reference) && table_is_boolean(current)))
        st = kedge_shift_compare(table_method(m, kind), reference, current, work, work_bytes, &r);
    if (st >= 0)
        out->shift = r;
    out->shift.status = st;
    if (table_may_move(cfg, &out->shift))
        out->since = kedge_i_since(reference, current, r.where, kind != KEDGE_KIND_NUMERIC, work);
}

static kedge_status table_check_pair(const kedge_rows *reference, const kedge_rows *current)
{
    KEDGE_TRY(kedge_i_rows_check(reference));
    KEDGE_TRY(kedge_i_rows_check(current));
    return reference->n_columns == current->n_columns ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

kedge_status kedge_table_compare_column(const kedge_table_config *cfg, const kedge_rows *reference, const kedge_rows *current,
                                        uint32_t kind, void *work, size_t work_bytes, kedge_table_column *column)
{
    table_methods m;
    size_t bytes = 0;
    KEDGE_TRY(table_begin(cfg, &m));
    KEDGE_TRY(table_check_pair(reference, current));
    if (!column)
        return KEDGE_ERR_NULL;
    if (reference->n_columns != 1)
        return KEDGE_ERR_SHAPE;
    if (kind != KEDGE_KIND_NUMERIC && kind != KEDGE_KIND_NOMINAL && kind != KEDGE_KIND_BOOLEAN)
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(table_room(&m, reference->n_rows, current->n_rows, 1, &bytes));
    KEDGE_TRY(table_check_work(work, work_bytes, bytes));
    table_column(cfg, &m, reference, current, kind, work, work_bytes, column);
    return KEDGE_OK;
}

/* Values and missing values that two profiles have seen. Returns whether both have values. */
static kedge_status table_count(uint64_t n, uint64_t missing, uint64_t n_now, uint64_t missing_now, kedge_table_column *out)
{
    table_compare_missing((double)missing, (double)n + (double)missing, (double)missing_now, (double)n_now + (double)missing_now,
                          out);
    out->shift.n_reference = n;
    out->shift.n_current = n_now;
    out->shift.missing_reference = missing;
    out->shift.missing_current = missing_now;
    return n > 0 && n_now > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

static kedge_status table_of_numeric(const kedge_metric *reference, const kedge_metric *current, kedge_table_column *out)
{
    kedge_profile_shift shift;
    kedge_profile_report before, after;
    KEDGE_TRY(kedge_profile_compare(reference, current, &shift));
    KEDGE_TRY(kedge_profile_read(reference, &before));
    KEDGE_TRY(kedge_profile_read(current, &after));
    out->shift.statistic = out->shift.effect = shift.ks;
    out->shift.p_value = shift.ks_p_value;
    out->shift.where = shift.where;
    out->shift.mean_reference = before.mean;
    out->shift.mean_current = after.mean;
    return table_count(before.n, before.n_missing, after.n, after.n_missing, out);
}

static kedge_status table_of_categories(const kedge_metric *reference, const kedge_metric *current, kedge_table_column *out)
{
    kedge_categories_shift shift;
    kedge_categories_report before, after;
    KEDGE_TRY(kedge_categories_compare(reference, current, &shift));
    KEDGE_TRY(kedge_categories_read(reference, &before));
    KEDGE_TRY(kedge_categories_read(current, &after));
    out->shift.statistic = shift.chi_squared;
    out->shift.effect = shift.effect;
    out->shift.p_value = shift.p_value;
    out->shift.where = shift.where;
    return table_count(before.n, before.n_missing, after.n, after.n_missing, out);
}

kedge_status kedge_table_compare_profiles(const kedge_table_config *cfg, const kedge_metric *reference, const kedge_metric *current,
                                          kedge_table_column *column)
{
    table_methods m;
    KEDGE_TRY(table_begin(cfg, &m));
    if (!reference || !current || !column)
        return KEDGE_ERR_NULL;
    kedge_table_column out;
    int is_nominal = reference->cls == &kedge_categories;
    table_column_clear(is_nominal ? KEDGE_KIND_NOMINAL : KEDGE_KIND_NUMERIC, &out);
    kedge_status st = is_nominal ? table_of_categories(reference, current, &out) : table_of_numeric(reference, current, &out);
    KEDGE_TRY(st);
    out.shift.p_method = st == KEDGE_OK ? KEDGE_P_ASYMPTOTIC : KEDGE_P_NONE;
    out.shift.status = st;
    *column = out;
    return KEDGE_OK;
}

/* Deciding --------------------------------------------------------------------------------------------------------------------- */

static double table_smaller(double a, double b)
{
    return isnan(a) || b < a ? b : a;
}

/* Did a move less surely than b? What gave no answer comes last. */
static int table_is_behind(const void *context, uint32_t i, uint32_t k)
{
    const kedge_table_column *a = (const kedge_table_column *)context + i;
    const kedge_table_column *b = (const kedge_table_column *)context + k;
    double p = table_smaller(a->p_adjusted, a->p_missing_adjusted);
    double q = table_smaller(b->p_adjusted, b->p_missing_adjusted);
    if (isnan(p) || isnan(q))
        return isnan(p) && (!isnan(q) || i > k);
    if (p != q)
        return p > q;
    double effect = fabs(a->shift.effect);
    double other = fabs(b->shift.effect);
    return effect < other || (!(effect > other) && i > k);
}

static void table_rank(kedge_table_column *columns, uint32_t n, uint32_t *order)
{
    kedge_i_sort_indices(order, n, table_is_behind, columns);
    for (uint32_t i = 0; i < n; i++)
        columns[order[i]].rank = i;
}

static int table_was_tested(const kedge_table_column *c)
{
    return c->shift.status == KEDGE_OK || c->shift.status == KEDGE_DRIFT;
}

static void table_verdict(const kedge_table_config *cfg, const kedge_shift_config *method, kedge_table_column *c)
{
    double far = fabs(c->missing_reference - c->missing_current);
    int has_p = !isnan(c->p_adjusted);
    c->has_moved = table_was_tested(c) && (!has_p || c->p_adjusted <= cfg->alpha) && fabs(c->shift.effect) >= method->min_effect &&
                   (has_p || method->p_method == KEDGE_P_NONE);
    c->has_moved_missing = c->p_missing_adjusted <= cfg->alpha && far >= cfg->min_missing;
    if (table_was_tested(c))
        c->shift.status = c->has_moved ? KEDGE_DRIFT : KEDGE_OK;
    if (!c->has_moved)
        c->since = UINT64_MAX;
}

static kedge_status table_decide(const kedge_table_config *cfg, const table_methods *m, kedge_table_column *columns, size_t n,
                                 void *work, kedge_table_report *report)
{
    double *p = work;
    uint32_t *order = (uint32_t *)(p + 2 * n);
    for (size_t i = 0; i < n; i++) {
        p[i] = table_was_tested(&columns[i]) ? columns[i].shift.p_value : (double)NAN;
        p[n + i] = columns[i].p_missing;
    }
    KEDGE_TRY(kedge_p_adjust(cfg->adjust, p, 2 * n, p, order));
    memset(report, 0, sizeof *report);
    for (size_t i = 0; i < n; i++) {
        kedge_table_column *c = &columns[i];
        c->p_adjusted = p[i];
        c->p_missing_adjusted = p[n + i];
        table_verdict(cfg, table_method(m, c->kind), c);
        report->n_columns += c->kind != KEDGE_KIND_NONE;
        report->n_moved += c->has_moved || c->has_moved_missing;
        report->n_tests += (uint32_t)!isnan(p[i]) + (uint32_t)!isnan(p[n + i]);
        report->n_failed += c->shift.status < 0;
    }
    table_rank(columns, (uint32_t)n, order);
    return report->n_moved > 0 ? KEDGE_DRIFT : KEDGE_OK;
}

kedge_status kedge_table_decide(const kedge_table_config *cfg, kedge_table_column *columns, size_t n_columns, void *work,
                                size_t work_bytes, kedge_table_report *report)
{
    table_methods m;
    KEDGE_TRY(table_begin(cfg, &m));
    if (!columns || !report)
        return KEDGE_ERR_NULL;
    if (n_columns == 0 || n_columns > KEDGE_COLUMNS_MAX)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(table_check_work(work, work_bytes, table_decide_bytes(n_columns)));
    return table_decide(cfg, &m, columns, n_columns, work, report);
}

static int table_kinds_are_valid(const uint32_t *kinds, size_t n)
{
    for (size_t i = 0; kinds && i < n; i++)
        if (kinds[i] > KEDGE_KIND_BOOLEAN || kinds[i] == (KEDGE_KIND_NUMERIC | KEDGE_KIND_NOMINAL))
            return 0;
    return 1;
}

kedge_status kedge_table_compare(const kedge_table_config *cfg, const kedge_rows *reference, const kedge_rows *current,
                                 const uint32_t *kinds, void *work, size_t work_bytes, kedge_table_column *columns,
                                 kedge_table_report *report)
{
    table_methods m;
    size_t bytes = 0;
    KEDGE_TRY(table_begin(cfg, &m));
    KEDGE_TRY(table_check_pair(reference, current));
    if (!columns || !report)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(table_room(&m, reference->n_rows, current->n_rows, reference->n_columns, &bytes));
    if (!table_kinds_are_valid(kinds, reference->n_columns))
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(table_check_work(work, work_bytes, bytes));
    for (size_t i = 0; i < reference->n_columns; i++) {
        kedge_rows before, after;
        KEDGE_TRY(kedge_rows_column(reference, i, &before));
        KEDGE_TRY(kedge_rows_column(current, i, &after));
        uint32_t kind = kinds ? kinds[i] : KEDGE_KIND_NUMERIC;
        if (kind == KEDGE_KIND_NONE)
            table_column_clear(kind, &columns[i]);
        else
            table_column(cfg, &m, &before, &after, kind, work, work_bytes, &columns[i]);
    }
    return table_decide(cfg, &m, columns, reference->n_columns, work, report);
}
