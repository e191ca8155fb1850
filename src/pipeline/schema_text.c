/* SPDX-License-Identifier: MIT */
/* A schema and its verdicts for people, and for the ring of events. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/schema_state.h"

#include "base/check.h"
#include "base/text.h"
#include "pipeline/controls.h"

const char *kedge_schema_string(uint32_t why)
{
    static const char *const words[] = {"nothing",
                                        "wrong number of columns",
                                        "missing",
                                        "missing too often",
                                        "wrong type",
                                        "out of range",
                                        "unknown category",
                                        "unknown categories too often",
                                        "new category",
                                        "shifted",
                                        "rare values too often"};
    return why < sizeof words / sizeof *words ? words[why] : "unknown";
}

const char *kedge_column_string(uint32_t kind)
{
    static const char *const words[] = {"unknown", "inferred", "numeric", "nominal", "boolean", "ignored"};
    return kind < sizeof words / sizeof *words ? words[kind] : "unknown";
}

static void schema_text_number(kedge_i_text *out, const char *before, double x)
{
    kedge_i_text_string(out, before);
    kedge_i_text_short(out, x);
}

/* Its name and number; its number alone where it has none, or nobody knows the names. */
static void schema_text_column(kedge_i_text *out, const kedge_control *c, uint32_t i)
{
    kedge_column column;
    kedge_i_text_string(out, "column ");
    kedge_i_text_whole(out, i);
    if (!c || kedge_schema_column(c, i, &column) < 0 || column.name[0] == 0)
        return;
    kedge_i_text_string(out, " (");
    (void)kedge_i_text_name(out, column.name, sizeof column.name, KEDGE_I_TEXT_PLAIN);
    kedge_i_text_char(out, ')');
}

/* Verdicts --------------------------------------------------------------------------------------------------------------------- */

typedef struct schema_told {
    const kedge_control *c; /* NULL: no names */
    const kedge_schema_verdict *verdict;
} schema_told;

static void schema_text_finding(kedge_i_text *out, const kedge_control *c, const kedge_schema_finding *f)
{
    if (f->column != UINT32_MAX) {
        schema_text_column(out, c, f->column);
        kedge_i_text_string(out, ": ");
    }
    kedge_i_text_string(out, kedge_schema_string(f->why));
    switch (f->why) {
    case KEDGE_SCHEMA_MISSING:
        break;
    case KEDGE_SCHEMA_TYPE:
        schema_text_number(out, ": ", f->value);
        break;
    case KEDGE_SCHEMA_UNSEEN:
    case KEDGE_SCHEMA_NEW:
        schema_text_number(out, ": ", f->value);
        schema_text_number(out, ", known are ", f->limit);
        break;
    default:
        schema_text_number(out, ": ", f->value);
        schema_text_number(out, ", limit ", f->limit);
    }
    kedge_i_text_char(out, '\n');
}

static void schema_text_verdict(kedge_i_text *out, const void *what)
{
    const schema_told *told = what;
    const kedge_schema_verdict *v = told->verdict;
    kedge_i_text_string(out, "row ");
    kedge_i_text_whole(out, v->row);
    kedge_i_text_string(out, v->n_wrong > 0 ? ": refused" : ": served");
    if (v->n_wrong == 0 && v->n_shifted + v->n_news > 0)
        kedge_i_text_string(out, v->n_shifted > 0 ? "; a shift" : "; news");
    kedge_i_text_char(out, '\n');
    for (uint32_t i = 0; i < v->n_findings && i < KEDGE_SCHEMA_FINDINGS; i++) {
        kedge_i_text_string(out, "  ");
        schema_text_finding(out, told->c, &v->findings[i]);
    }
}

kedge_status kedge_schema_verdict_text(const kedge_control *c, const kedge_schema_verdict *verdict, char *buf, size_t cap,
                                       size_t *len)
{
    const schema_told told = {c, verdict};
    if (c)
        KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    if (!verdict || !len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    return kedge_i_text_write(schema_text_verdict, &told, buf, cap, len);
}

/* The schema ------------------------------------------------------------------------------------------------------------------- */

static void schema_text_count(kedge_i_text *out, uint64_t n, const char *what)
{
    kedge_i_text_whole(out, n);
    kedge_i_text_string(out, what);
}

static void schema_text_head(kedge_i_text *out, const kedge_schema_report *r)
{
    schema_text_count(out, r->n_columns, " columns, ");
    schema_text_count(out, r->n_learned, r->is_finished ? " rows learned, " : " rows learned so far");
    if (r->is_finished) {
        schema_text_count(out, r->n_checked, " checked: ");
        schema_text_count(out, r->n_refused, " refused, ");
        schema_text_count(out, r->n_warned, " with news; ");
        if (r->is_renewing)
            kedge_i_text_string(out, "a new reference is being taken");
        else
            schema_text_count(out, r->n_shifts, " shifts");
    }
    kedge_i_text_char(out, '\n');
}

static void schema_text_range(kedge_i_text *out, const kedge_column *column)
{
    if (column->is_whole)
        kedge_i_text_string(out, ", whole");
    if (isfinite(column->low))
        schema_text_number(out, isfinite(column->high) ? ", " : ", from ", column->low);
    if (isfinite(column->high))
        schema_text_number(out, isfinite(column->low) ? " to " : ", up to ", column->high);
}

static void schema_text_categories(kedge_i_text *out, const kedge_column *column, const kedge_schema_column_report *r)
{
    kedge_i_text_string(out, ", ");
    schema_text_count(out, r->n_categories, " known");
    if (column->n_categories == 0 && column->max_categories > r->n_categories) {
        kedge_i_text_string(out, ", room for ");
        kedge_i_text_whole(out, column->max_categories);
    }
    if (column->unseen_max > 0.0)
        schema_text_number(out, ", others up to ", column->unseen_max);
}

static void schema_text_shift(kedge_i_text *out, const kedge_schema_column_report *r)
{
    kedge_i_text_string(out, "; shifted: ");
    if (isnan(r->moved_low))
        kedge_i_text_string(out, "rare values");
    else if (r->moved_low == r->moved_high)
        schema_text_number(out, "category ", r->moved_low);
    else if (r->moved_low < -1e300)
        schema_text_number(out, "values up to ", r->moved_high);
    else if (r->moved_high > 1e300)
        schema_text_number(out, "values above ", r->moved_low);
    else {
        schema_text_number(out, "values from ", r->moved_low);
        schema_text_number(out, " to ", r->moved_high);
    }
    schema_text_number(out, " were ", r->share_reference);
    schema_text_number(out, ", are ", r->share_current);
}

static void schema_text_one(kedge_i_text *out, const kedge_control *c, uint32_t i)
{
    kedge_schema_column_report r;
    kedge_column column;
    if (kedge_schema_column(c, i, &column) < 0 || kedge_schema_read_column(c, i, &r) < 0)
        return;
    schema_text_column(out, c, i);
    kedge_i_text_string(out, ": ");
    kedge_i_text_string(out, kedge_column_string(column.kind));
    if (column.kind == KEDGE_COLUMN_NUMERIC)
        schema_text_range(out, &column);
    if (column.kind == KEDGE_COLUMN_NOMINAL)
        schema_text_categories(out, &column, &r);
    if (column.missing_max > 0.0 && column.kind != KEDGE_COLUMN_IGNORED && column.kind != KEDGE_COLUMN_INFERRED)
        schema_text_number(out, ", missing up to ", column.missing_max);
    if (r.n_wrong > 0) {
        kedge_i_text_string(out, "; ");
        schema_text_count(out, r.n_wrong, " wrong");
    }
    if (r.is_missing || r.is_unseen)
        kedge_i_text_string(out, r.is_missing ? "; missing too often" : "; unknown categories too often");
    if (r.is_shifted)
        schema_text_shift(out, &r);
    kedge_i_text_char(out, '\n');
}

static void schema_text(kedge_i_text *out, const void *what)
{
    const kedge_control *c = what;
    kedge_schema_report all;
    if (kedge_schema_read(c, &all) < 0)
        return;
    schema_text_head(out, &all);
    for (uint32_t i = 0; i < all.n_columns; i++)
        schema_text_one(out, c, i);
}

kedge_status kedge_schema_text(const kedge_control *c, char *buf, size_t cap, size_t *len)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_schema));
    if (!len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    return kedge_i_text_write(schema_text, c, buf, cap, len);
}

/* Events ----------------------------------------------------------------------------------------------------------------------- */

static uint32_t schema_event_kind(uint32_t why)
{
    return why <= KEDGE_SCHEMA_UNSEEN_RATE ? KEDGE_EVENT_SKEW : why == KEDGE_SCHEMA_NEW ? KEDGE_EVENT_WARNING : KEDGE_EVENT_SHIFT;
}

kedge_status kedge_schema_event(const kedge_schema_verdict *verdict, kedge_event *out)
{
    uint32_t i = 0;
    if (!verdict || !out)
        return KEDGE_ERR_NULL;
    if (!verdict->is_fresh || verdict->n_findings == 0 || verdict->n_findings > KEDGE_SCHEMA_FINDINGS)
        return KEDGE_EMPTY;
    while (verdict->n_shifted > 0 && i + 1 < verdict->n_findings &&
           schema_event_kind(verdict->findings[i].why) != KEDGE_EVENT_SHIFT)
        i++;
    const kedge_schema_finding *f = &verdict->findings[i];
    memset(out, 0, sizeof *out);
    out->kind = schema_event_kind(f->why);
    out->subject = f->column;
    out->code = (int32_t)f->why;
    out->at_ns = verdict->now_ns;
    out->value = f->value;
    out->limit = f->limit;
    return KEDGE_OK;
}
