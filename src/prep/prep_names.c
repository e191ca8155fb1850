/* SPDX-License-Identifier: MIT */
/* Names of output columns, made of those of the input columns by what each step did. */
#include "base/fp.h"

#include "prep/chain_state.h"

#include "base/check.h"
#include "base/text.h"

/* What stands before a prep: the caller's columns, or the step of a chain. */
typedef struct names_source {
    const char *const *names;
    const kedge_prep_class *cls; /* of the chain; NULL: the caller's columns */
    const chain_state *chain;
    uint32_t step; /* steps of the chain before it */
    const struct names_source *outer;
} names_source;

static void names_out(kedge_i_text *t, const kedge_prep_class *cls, const void *state, uint32_t i_out, const names_source *in);

/* A category: its value, or as long as there is none its place among the categories. */
static void names_category(kedge_i_text *t, const kedge_prep_origin *o)
{
    if (o->value == o->value) {
        kedge_i_text_exact(t, o->value);
        return;
    }
    kedge_i_text_char(t, '#');
    kedge_i_text_whole(t, o->detail);
}

/* A column that comes in, which a chain may have made. */
static void names_in(kedge_i_text *t, const names_source *in, uint32_t column)
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
        kedge_i_text_string(t, in->names[column]);
    } else {
        kedge_i_text_char(t, 'x');
        kedge_i_text_whole(t, column);
    }
}

static void names_product(kedge_i_text *t, const kedge_prep_origin *o, const names_source *in)
{
    if (o->column[0] == KEDGE_PREP_NONE)
        kedge_i_text_char(t, '1');
    for (uint32_t j = 0; j < 3 && o->column[j] != KEDGE_PREP_NONE; j++) {
        if (j > 0)
            kedge_i_text_char(t, '*');
        names_in(t, in, o->column[j]);
    }
}

static void names_one(kedge_i_text *t, const kedge_prep_origin *o, const names_source *in)
{
    if (o->kind == KEDGE_OUT_PRODUCT) {
        names_product(t, o, in);
        return;
    }
    if (o->kind == KEDGE_OUT_HASH) {
        kedge_i_text_string(t, "hash");
        kedge_i_text_whole(t, o->detail);
        return;
    }
    names_in(t, in, o->column[0]);
    if (o->kind == KEDGE_OUT_MISSING)
        kedge_i_text_string(t, "_missing");
    if (o->kind == KEDGE_OUT_CATEGORY || o->kind == KEDGE_OUT_OTHER)
        kedge_i_text_char(t, '=');
    if (o->kind == KEDGE_OUT_CATEGORY)
        names_category(t, o);
    if (o->kind == KEDGE_OUT_OTHER)
        kedge_i_text_string(t, "other");
    if (o->kind == KEDGE_OUT_LAG) {
        kedge_i_text_string(t, "@-");
        kedge_i_text_whole(t, o->detail);
    }
}

static void names_out(kedge_i_text *t, const kedge_prep_class *cls, const void *state, uint32_t i_out, const names_source *in)
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

kedge_status kedge_prep_column_name(const kedge_prep *p, uint32_t i_out, const char *const *names, char *text, size_t cap,
                                    size_t *len)
{
    kedge_i_text t = {text, cap, 0};
    const names_source caller = {names, NULL, NULL, 0, NULL};
    if (!p || !p->cls || !p->state || !len || (!text && cap > 0))
        return KEDGE_ERR_NULL;
    if (i_out >= ((const kedge_prep_state *)p->state)->n_out)
        return KEDGE_ERR_RANGE;
    names_out(&t, p->cls, p->state, i_out, &caller);
    if (cap > 0)
        text[t.n < cap ? t.n : cap - 1] = '\0';
    *len = t.n;
    return t.n < cap ? KEDGE_OK : KEDGE_ERR_BUFFER;
}
