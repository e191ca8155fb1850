/* SPDX-License-Identifier: MIT */
/* What is told of a version after it was added: its figures and what they are called, its test report, its cost. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/store_state.h"

#include "base/number.h"

kedge_status kedge_store_set_figure(kedge_control *c, uint64_t id, uint32_t figure, double value)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    store_state *s = c->state;
    if (figure >= s->n_figures)
        return KEDGE_ERR_RANGE;
    ((double *)kedge_i_at(s, s->at_figures))[(size_t)place * s->n_figures + figure] = value;
    return KEDGE_OK;
}

kedge_status kedge_store_set_tests(kedge_control *c, uint64_t id, uint32_t passed, uint32_t failed, uint32_t undecided)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    kedge_store_version *v = &store_slot_at(c->state, place)->v;
    if (v->tests_passed != passed || v->tests_failed != failed || v->tests_undecided != undecided)
        kedge_i_store_unsign(v);
    v->tests_passed = passed;
    v->tests_failed = failed;
    v->tests_undecided = undecided;
    return KEDGE_OK;
}

kedge_status kedge_store_set_cost(kedge_control *c, uint64_t id, uint64_t compute_ns, double cost)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    kedge_store_version *v = &store_slot_at(c->state, place)->v;
    if (!kedge_i_finite(cost))
        return KEDGE_ERR_NOT_FINITE;
    if (v->compute_ns != compute_ns || v->cost != cost)
        kedge_i_store_unsign(v);
    v->compute_ns = compute_ns;
    v->cost = cost;
    return KEDGE_OK;
}

kedge_status kedge_store_name_figure(kedge_control *c, uint32_t figure, const char *name)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    const store_state *s = c->state;
    if (!name)
        return KEDGE_ERR_NULL;
    if (figure >= s->n_figures || !memchr(name, 0, KEDGE_TAG_BYTES))
        return KEDGE_ERR_RANGE;
    memset(store_figure_name(s, figure), 0, KEDGE_TAG_BYTES);
    memcpy(store_figure_name(s, figure), name, strlen(name));
    return KEDGE_OK;
}

kedge_status kedge_store_figure_name(const kedge_control *c, uint32_t figure, char name[KEDGE_TAG_BYTES])
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    const store_state *s = c->state;
    if (!name)
        return KEDGE_ERR_NULL;
    if (figure >= s->n_figures)
        return KEDGE_ERR_RANGE;
    memcpy(name, store_figure_name(s, figure), KEDGE_TAG_BYTES);
    return KEDGE_OK;
}

kedge_status kedge_store_figure(const kedge_control *c, uint64_t id, uint32_t figure, double *value)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    const store_state *s = c->state;
    if (!value)
        return KEDGE_ERR_NULL;
    if (figure >= s->n_figures)
        return KEDGE_ERR_RANGE;
    *value = ((const double *)kedge_i_at_const(s, s->at_figures))[(size_t)place * s->n_figures + figure];
    return KEDGE_OK;
}
