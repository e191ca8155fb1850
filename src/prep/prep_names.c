/* SPDX-License-Identifier: MIT */
/* Names of output columns, made of those of the input columns by what each step did. */
#include "base/fp.h"

#include "prep/chain_state.h"

#include "base/check.h"
#include "base/number.h"

#define NAMES_WHOLE 1e15 /* codes from here on are shown by their number among the categories */

typedef struct names_text {
    char *text;
    size_t cap;
    size_t len;
} names_text;

/* What stands before a prep: the caller's columns, or the step of a chain. */
typedef struct names_source {
    const char *const *names;
    const kedge_prep_class *cls; /* of the chain; NULL: the caller's columns */
    const chain_state *chain;
    uint32_t step; /* steps of the chain before it */
    const struct names_source *outer;
} names_source;

static void names_out(names_text *t, const kedge_prep_class *cls, const void *state, uint32_t i_out, const names_source *in);

static void names_char(names_text *t, char c)
{
    if (t->len + 1 < t->cap)
        t->text[t->len] = c;
    t->len++;
}

static void names_put(names_text *t, const char *text)
{
    while (*text)
        names_char(t, *text++);
}

static void names_number(names_text *t, uint64_t n)
{
    char digits[20];
    uint32_t i = 0;
    do
        digits[i++] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    while (i > 0)
        names_char(t, digits[--i]);
}

/* A category: its code where that is a whole number, else its place among the categories. */
static void names_category(names_text *t, const kedge_prep_origin *o)
{
    if (!kedge_i_within(o->value, -NAMES_WHOLE, NAMES_WHOLE) || o->value != (double)(int64_t)o->value) {
        names_char(t, '#');
        names_number(t, o->detail);
        return;
    }
    if (o->value < 0.0)
        names_char(t, '-');
    names_number(t, (uint64_t)(int64_t)(o->value < 0.0 ? -o->value : o->value));
}

/* A column that comes in, which a chain may have made. */
static void names_in(names_text *t, const names_source *in, uint32_t column)
{
    while (in->cls && in->step == 0) {
        column = kedge_i_prep_picked(&in->chain->prep)[column];
        in = in->outer;
    }
    if (in->cls) {
        names_source before = *in;
        before.step--;
        names_out(t, chain_class(in->cls, before.step), chain_part(in->chain, before.step), column, &before);
    } else if (in->names) {
        names_put(t, in->names[column]);
    } else {
        names_char(t, 'x');
        names_number(t, column);
    }
}

static void names_product(names_text *t, const kedge_prep_origin *o, const names_source *in)
{
    if (o->column[0] == KEDGE_PREP_NONE)
        names_char(t, '1');
    for (uint32_t j = 0; j < 3 && o->column[j] != KEDGE_PREP_NONE; j++) {
        if (j > 0)
            names_char(t, '*');
        names_in(t, in, o->column[j]);
    }
}

static void names_one(names_text *t, const kedge_prep_origin *o, const names_source *in)
{
    if (o->kind == KEDGE_OUT_PRODUCT) {
        names_product(t, o, in);
        return;
    }
    if (o->kind == KEDGE_OUT_HASH) {
        names_put(t, "hash");
        names_number(t, o->detail);
        return;
    }
    names_in(t, in, o->column[0]);
    if (o->kind == KEDGE_OUT_MISSING)
        names_put(t, "_missing");
    if (o->kind == KEDGE_OUT_CATEGORY || o->kind == KEDGE_OUT_OTHER)
        names_char(t, '=');
    if (o->kind == KEDGE_OUT_CATEGORY)
        names_category(t, o);
    if (o->kind == KEDGE_OUT_OTHER)
        names_put(t, "other");
    if (o->kind == KEDGE_OUT_LAG) {
        names_put(t, "@-");
        names_number(t, o->detail);
    }
}

static void names_out(names_text *t, const kedge_prep_class *cls, const void *state, uint32_t i_out, const names_source *in)
{
    kedge_prep_origin o;
    if (kedge_i_chain_is(cls)) {
        const chain_state *s = state;
        names_source inside = {NULL, cls, s, s->n_steps, in};
        names_in(t, &inside, i_out);
        return;
    }
    cls->origin(cls, state, i_out, &o);
    names_one(t, &o, in);
}

kedge_status kedge_prep_column_name(const kedge_prep *p, uint32_t i_out, const char *const *names, char *text, size_t cap, size_t *len)
{
    names_text t = {text, cap, 0};
    const names_source caller = {names, NULL, NULL, 0, NULL};
    if (!p || !p->cls || !p->state || !len || (!text && cap > 0))
        return KEDGE_ERR_NULL;
    if (i_out >= ((const kedge_prep_state *)p->state)->n_out)
        return KEDGE_ERR_RANGE;
    names_out(&t, p->cls, p->state, i_out, &caller);
    if (cap > 0)
        text[t.len < cap ? t.len : cap - 1] = '\0';
    *len = t.len;
    return t.len < cap ? KEDGE_OK : KEDGE_ERR_BUFFER;
}
