/* SPDX-License-Identifier: MIT */
/* How a schema checks a row. One with skew leaves its mark on the rates only, so that what it holds neither becomes a known
 * category nor part of a window. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "pipeline/schema_state.h"

#include "base/check.h"
#include "base/number.h"
#include "base/rows.h"
#include "pipeline/controls.h"

/* A column --------------------------------------------------------------------------------------------------------------------- */

static uint32_t check_why_missing(const kedge_i_column *t)
{
    if (t->missing_now == 0.0)
        return KEDGE_SCHEMA_MISSING;
    return t->is_missing || t->n_missing_window + 1 >= t->missing_limit ? KEDGE_SCHEMA_MISSING_RATE : 0;
}

static uint32_t check_why_unknown(const kedge_i_column *t, double x)
{
    if (t->kind_now == KEDGE_COLUMN_BOOLEAN || !kedge_i_column_is_whole(x))
        return KEDGE_SCHEMA_TYPE;
    if (kedge_i_column_has_room(t))
        return KEDGE_SCHEMA_NEW;
    if (t->unseen_now == 0.0)
        return KEDGE_SCHEMA_UNSEEN;
    return t->is_unseen || t->n_unseen_window + 1 >= t->unseen_limit ? KEDGE_SCHEMA_UNSEEN_RATE : KEDGE_SCHEMA_NEW;
}

uint32_t kedge_i_column_why(const kedge_i_column *t, double x)
{
    if (t->kind_now == KEDGE_COLUMN_IGNORED)
        return 0;
    if (x != x)
        return check_why_missing(t);
    if (t->kind_now != KEDGE_COLUMN_NUMERIC)
        return kedge_i_column_knows(t, kedge_i_column_place(t, x), x) ? 0 : check_why_unknown(t, x);
    int is_within = x >= t->low_now && x <= t->high_now;
    if (is_within && (!t->is_whole_now || kedge_i_column_is_whole(x)))
        return 0;
    return is_within || fabs(x) > DBL_MAX ? KEDGE_SCHEMA_TYPE : KEDGE_SCHEMA_RANGE;
}

static int check_is_skew(uint32_t why)
{
    return why > 0 && why <= KEDGE_SCHEMA_UNSEEN_RATE;
}

/* What the rates count of a value that is judged so. */
static void check_count_rates(kedge_i_column *t, double x, uint32_t why)
{
    if (x != x)
        t->n_missing_window++;
    else if (why == KEDGE_SCHEMA_UNSEEN || why == KEDGE_SCHEMA_UNSEEN_RATE ||
             (why == KEDGE_SCHEMA_NEW && !kedge_i_column_has_room(t)))
        t->n_unseen_window++;
}

/* What became of a value that was to be counted. */
enum { CHECK_LEFT = 0, CHECK_TAKEN = 1, CHECK_FULL = 3 };

/* One value more, or less, of the window, in this cell. */
static inline uint32_t check_count(kedge_i_column *t, uint32_t cell, uint32_t one)
{
    if (t->n_reference == 0)
        return CHECK_TAKEN;
    ((uint32_t *)kedge_i_at(t, t->at_current))[cell] += one;
    t->n_current += one;
    return t->n_current == t->window ? CHECK_FULL : CHECK_TAKEN;
}

/* Judges a value and counts it, if nothing is wrong with it and it is no news either. Most values of most rows are so, and looking
 * at each of them once is what makes a check cheap. */
static inline uint32_t check_take(kedge_i_column *t, double x)
{
    uint32_t cell;
    if (x != x) {
        int is_looked_at = t->kind_now != KEDGE_COLUMN_IGNORED;
        if (is_looked_at && check_why_missing(t))
            return CHECK_LEFT;
        t->n_missing_window += (uint32_t)is_looked_at;
        return CHECK_TAKEN;
    }
    if (t->kind_now == KEDGE_COLUMN_NUMERIC) {
        if (!(x >= t->low_now && x <= t->high_now) || (t->is_whole_now && !kedge_i_column_is_whole(x)))
            return CHECK_LEFT;
        cell = kedge_i_column_bin(t, x);
    } else {
        if (t->kind_now == KEDGE_COLUMN_IGNORED)
            return CHECK_TAKEN;
        cell = kedge_i_column_place(t, x);
        if (!kedge_i_column_knows(t, cell, x))
            return CHECK_LEFT;
    }
    return check_count(t, cell, 1);
}

/* Takes back what check_take() did. */
static void check_take_back(kedge_i_column *t, double x)
{
    if (t->kind_now == KEDGE_COLUMN_IGNORED)
        return;
    if (x != x)
        t->n_missing_window--;
    else
        (void)check_count(t, kedge_i_column_cell(t, x), UINT32_MAX);
}

/* Findings --------------------------------------------------------------------------------------------------------------------- */

static double check_share(uint32_t n, const kedge_i_schema *s)
{
    return (double)n / ((double)s->n_window + 1.0);
}

/* What a reason tells of. */
static kedge_schema_finding check_finding(const kedge_i_schema *s, uint32_t i, uint32_t why, double x)
{
    const kedge_i_column *t = kedge_i_schema_column_const(s, i);
    kedge_schema_finding f = {i, why, x, 0.0};
    switch (why) {
    case KEDGE_SCHEMA_MISSING_RATE:
        f.value = check_share(t->n_missing_window, s);
        f.limit = t->missing_now;
        break;
    case KEDGE_SCHEMA_UNSEEN_RATE:
        f.value = check_share(t->n_unseen_window, s);
        f.limit = t->unseen_now;
        break;
    case KEDGE_SCHEMA_RANGE:
        f.limit = x < t->low_now ? t->low_now : t->high_now;
        break;
    case KEDGE_SCHEMA_UNSEEN:
    case KEDGE_SCHEMA_NEW:
        f.limit = (double)t->n_edges;
        break;
    case KEDGE_SCHEMA_SHIFT:
        f.value = t->statistic;
        f.limit = t->limit;
        break;
    case KEDGE_SCHEMA_RARE:
        f.value = (double)t->n_moved;
        f.limit = (double)t->rare_limit;
        break;
    default:
        break;
    }
    return f;
}

/* News leave the last place to a shift that may come with them. */
static void check_list(kedge_schema_verdict *out, kedge_schema_finding f)
{
    if (out->n_findings + (f.why == KEDGE_SCHEMA_NEW) < KEDGE_SCHEMA_FINDINGS)
        out->findings[out->n_findings++] = f;
}

static void check_tell(kedge_i_schema *s, uint32_t i, uint32_t why, double x, kedge_schema_verdict *out)
{
    kedge_i_column *t = kedge_i_schema_column(s, i);
    uint32_t bit = (uint32_t)1 << why;
    out->is_fresh |= (t->told & bit) == 0;
    t->told |= bit;
    check_list(out, check_finding(s, i, why, x));
}

/* A row ------------------------------------------------------------------------------------------------------------------------ */

static void check_close_row(kedge_i_schema *s)
{
    s->n_checked++;
    if (++s->n_window < s->window)
        return;
    for (uint32_t i = 0; i < s->n_columns; i++)
        kedge_i_column_close_rates(kedge_i_schema_column(s, i));
    s->n_window = 0;
    s->told = 0;
}

static kedge_status check_refuse(kedge_i_schema *s, kedge_schema_verdict *out)
{
    s->n_refused++;
    s->refused_ns = out->now_ns;
    check_close_row(s);
    return KEDGE_ERR_SKEW;
}

static void check_wrong_shape(const kedge_i_schema *s, size_t n, kedge_schema_verdict *out)
{
    const kedge_schema_finding f = {UINT32_MAX, KEDGE_SCHEMA_SHAPE, (double)n, (double)s->n_columns};
    out->n_wrong = s->n_columns;
    check_list(out, f);
}

static kedge_status check_refuse_shape(kedge_i_schema *s, size_t n, kedge_schema_verdict *out)
{
    check_wrong_shape(s, n, out);
    out->is_fresh = !s->told;
    s->told = 1;
    return check_refuse(s, out);
}

static kedge_status check_refuse_row(kedge_i_schema *s, const double *x, kedge_schema_verdict *out)
{
    for (uint32_t i = 0; i < s->n_columns; i++) {
        kedge_i_column *t = kedge_i_schema_column(s, i);
        uint32_t why = kedge_i_column_why(t, x[i]);
        if (t->kind_now == KEDGE_COLUMN_IGNORED)
            continue;
        check_count_rates(t, x[i], why);
        if (!check_is_skew(why))
            continue;
        t->n_wrong++;
        check_tell(s, i, why, x[i], out);
    }
    return check_refuse(s, out);
}

/* New categories become known where there is room, before the row is counted. */
static void check_take_news(kedge_i_schema *s, const double *x, kedge_schema_verdict *out)
{
    for (uint32_t i = 0; i < s->n_columns; i++) {
        kedge_i_column *t = kedge_i_schema_column(s, i);
        if (kedge_i_column_why(t, x[i]) != KEDGE_SCHEMA_NEW)
            continue;
        t->n_news++;
        check_tell(s, i, KEDGE_SCHEMA_NEW, x[i], out);
        check_count_rates(t, x[i], KEDGE_SCHEMA_NEW);
        if (kedge_i_column_has_room(t))
            kedge_i_column_add(t, x[i]);
    }
    s->n_warned++;
}

static void check_shifted(kedge_i_schema *s, uint32_t i, kedge_schema_verdict *out)
{
    uint32_t why = kedge_i_schema_column(s, i)->shifted;
    s->n_shifts += s->n_shifts < KEDGE_I_COUNT_MAX;
    out->n_shifted++;
    out->is_fresh = 1;
    check_list(out, check_finding(s, i, why, 0.0));
}

/* A row that was counted, with what became of its values: windows that are complete are judged. */
static kedge_status check_serve(kedge_i_schema *s, const double *x, uint32_t taken, kedge_schema_verdict *out)
{
    for (uint32_t i = 0; taken == CHECK_FULL && i < s->n_columns; i++) {
        kedge_i_column *t = kedge_i_schema_column(s, i);
        if (t->n_current == s->window && kedge_i_column_close_window(t))
            check_shifted(s, i, out);
    }
    check_close_row(s);
    if (s->phase == KEDGE_I_SCHEMA_RENEWING)
        kedge_i_schema_renew(s, x);
    return out->n_shifted > 0 ? KEDGE_DRIFT : out->n_news > 0 ? KEDGE_WARNING : KEDGE_OK;
}

static kedge_status check_serve_news(kedge_i_schema *s, const double *x, kedge_schema_verdict *out)
{
    uint32_t taken = CHECK_TAKEN;
    check_take_news(s, x, out);
    for (uint32_t i = 0; i < s->n_columns; i++) {
        kedge_i_column *t = kedge_i_schema_column(s, i);
        uint32_t one = check_take(t, x[i]);
        taken |= one == CHECK_LEFT ? check_count(t, t->n_cells, 1) : one; /* a category that is allowed, but not known */
    }
    return check_serve(s, x, taken, out);
}

/* A row of which some column is not as it should be. */
static kedge_status check_look(kedge_i_schema *s, const double *x, kedge_schema_verdict *out)
{
    uint32_t n_wrong = 0, n_found = 0;
    for (uint32_t i = 0; i < s->n_columns; i++) {
        uint32_t why = kedge_i_column_why(kedge_i_schema_column(s, i), x[i]);
        n_wrong += (uint32_t)check_is_skew(why);
        n_found += why > 0;
    }
    out->n_wrong = n_wrong;
    out->n_news = n_wrong > 0 ? 0 : n_found;
    return n_wrong > 0 ? check_refuse_row(s, x, out) : check_serve_news(s, x, out);
}

static kedge_status check_row(kedge_i_schema *s, const double *x, size_t n, kedge_schema_verdict *out)
{
    uint32_t i = 0, one = CHECK_TAKEN, taken = CHECK_TAKEN;
    if (n != s->n_columns)
        return check_refuse_shape(s, n, out);
    for (; i < s->n_columns && (one = check_take(kedge_i_schema_column(s, i), x[i])) != CHECK_LEFT; i++)
        taken |= one;
    if (one != CHECK_LEFT)
        return check_serve(s, x, taken, out);
    while (i-- > 0)
        check_take_back(kedge_i_schema_column(s, i), x[i]);
    return check_look(s, x, out);
}

static void check_begin(const kedge_i_schema *s, uint64_t now_ns, kedge_schema_verdict *out)
{
    out->row = s->n_checked;
    out->now_ns = now_ns;
    out->n_wrong = out->n_news = out->n_shifted = out->n_findings = out->is_fresh = 0;
}

static kedge_status check_may(const kedge_control *c, uint64_t now_ns, size_t n_rows)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    const kedge_i_schema *s = c->state;
    if (s->phase == 0)
        return KEDGE_ERR_STATE;
    return now_ns <= KEDGE_I_COUNT_MAX && n_rows <= KEDGE_I_COUNT_MAX - s->n_checked ? KEDGE_OK : KEDGE_ERR_RANGE;
}

kedge_status kedge_schema_check_row(kedge_control *c, uint64_t now_ns, const double *x, size_t n, kedge_schema_verdict *out)
{
    if (!x || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(check_may(c, now_ns, 1));
    check_begin(c->state, now_ns, out);
    out->status = check_row(c->state, x, n, out);
    return out->status;
}

/* As check_look(), of a row that leaves no mark. */
static kedge_status check_explain(const kedge_i_schema *s, const double *x, kedge_schema_verdict *out)
{
    for (uint32_t i = 0; i < s->n_columns; i++) {
        uint32_t why = kedge_i_schema_why(kedge_i_schema_column_const(s, i), x[i]);
        out->n_wrong += (uint32_t)check_is_skew(why);
        out->n_news += why == KEDGE_SCHEMA_NEW;
    }
    out->n_news = out->n_wrong > 0 ? 0 : out->n_news;
    for (uint32_t i = 0; i < s->n_columns; i++) {
        uint32_t why = kedge_i_schema_why(kedge_i_schema_column_const(s, i), x[i]);
        if (why > 0 && check_is_skew(why) == (out->n_wrong > 0))
            check_list(out, check_finding(s, i, why, x[i]));
    }
    return out->n_wrong > 0 ? KEDGE_ERR_SKEW : out->n_news > 0 ? KEDGE_WARNING : KEDGE_OK;
}

kedge_status kedge_schema_explain(const kedge_control *c, const double *x, size_t n, kedge_schema_verdict *out)
{
    if (!x || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    const kedge_i_schema *s = c->state;
    check_begin(s, 0, out);
    if (n == s->n_columns) {
        out->status = check_explain(s, x, out);
        return out->status;
    }
    check_wrong_shape(s, n, out);
    out->status = KEDGE_ERR_SKEW;
    return out->status;
}

/* A row of the table in the scratch memory; one of another shape is not looked at. */
static const double *check_fetch(kedge_i_schema *s, const kedge_rows *rows, size_t i)
{
    double *x = kedge_i_schema_scratch(s);
    for (size_t j = 0; rows->n_columns == s->n_columns && j < rows->n_columns; j++)
        x[j] = kedge_i_rows_at(rows, i, j);
    return x;
}

/* A new reference uses the scratch memory too. */
static kedge_status check_fetched(kedge_i_schema *s, uint64_t now_ns, const kedge_rows *rows, size_t i, kedge_schema_verdict *out)
{
    const double *x = check_fetch(s, rows, i);
    check_begin(s, now_ns, out);
    out->status = check_row(s, x, rows->n_columns, out);
    return out->status;
}

kedge_status kedge_schema_check_many(kedge_control *c, uint64_t now_ns, const kedge_rows *rows, kedge_status *statuses,
                                     size_t *n_refused, kedge_schema_verdict *worst)
{
    kedge_schema_verdict one;
    if (!rows || !n_refused)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_rows_check(rows));
    KEDGE_TRY(check_may(c, now_ns, rows->n_rows));
    kedge_i_schema *s = c->state;
    if (worst)
        memset(worst, 0, sizeof *worst);
    *n_refused = 0;
    for (size_t i = 0; i < rows->n_rows; i++) {
        kedge_status st = check_fetched(s, now_ns, rows, i, &one);
        *n_refused += st < 0;
        if (statuses)
            statuses[i] = st;
        if (worst && one.n_wrong > worst->n_wrong)
            *worst = one;
    }
    memset(kedge_i_schema_scratch(s), 0, s->n_columns * sizeof(double));
    return KEDGE_OK;
}
