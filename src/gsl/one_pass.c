/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares from blocks of rows: the triangle of triangle.c as a state of its own. See include/kedge/gsl/one_pass.h. */
#include "base/fp.h"

#include <string.h>

#include "kedge/gsl/one_pass.h"

#include "base/check.h"
#include "base/number.h"
#include "gsl/least_squares.h"

#define ONE_PASS_KIND 0x315f7373617065ull /* read backwards on another byte order, so that such a state is not taken */

/* Then come the numbers of the triangle. */
typedef struct one_pass_state {
    uint64_t kind;
    uint64_t bytes;
    uint32_t n_features;
    int32_t method;
} one_pass_state;

static uint64_t one_pass_most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* A triangle's numbers beside the room for a block, or for the solution of it. */
static size_t one_pass_work(uint32_t n_features)
{
    uint64_t used = kedge_i_gsl_triangle_numbers(n_features);
    (void)kedge_i_gsl_take(&used,
                           one_pass_most(kedge_i_gsl_triangle_block(n_features), kedge_i_least_squares_scratch(n_features, 1)), 1);
    return kedge_i_gsl_work_bytes(used);
}

static int one_pass_is_config(const kedge_gsl_least_squares_config *cfg)
{
    return cfg && cfg->base.cls == &kedge_gsl_least_squares && kedge_model_size(&cfg->base) > 0;
}

size_t kedge_gsl_one_pass_size(const kedge_gsl_least_squares_config *cfg)
{
    size_t numbers = one_pass_is_config(cfg) ? kedge_i_gsl_work_bytes(kedge_i_gsl_triangle_numbers(cfg->base.n_features)) : 0;
    return numbers == 0 || one_pass_work(cfg->base.n_features) == 0 ? 0 : sizeof(one_pass_state) + numbers;
}

size_t kedge_gsl_one_pass_work(const kedge_gsl_least_squares_config *cfg)
{
    return kedge_gsl_one_pass_size(cfg) == 0 ? 0 : one_pass_work(cfg->base.n_features);
}

/* The triangle of a state, with a block in the work memory (NULL: none). */
static kedge_i_gsl_triangle one_pass_triangle(one_pass_state *s, double *work)
{
    kedge_i_gsl_triangle t = kedge_i_gsl_triangle_at((double *)(void *)(s + 1), s->n_features, s->method);
    if (work)
        kedge_i_gsl_triangle_room(&t, work);
    return t;
}

/* A copy of the numbers of a state, at the start of the work memory; what is behind it is its room. */
static kedge_i_gsl_triangle one_pass_copy(const one_pass_state *s, double *work)
{
    memcpy(work, s + 1, (size_t)s->bytes - sizeof *s);
    return kedge_i_gsl_triangle_at(work, s->n_features, s->method);
}

kedge_status kedge_gsl_one_pass_init(kedge_gsl_one_pass *pass, const kedge_gsl_least_squares_config *cfg, void *mem,
                                     size_t mem_bytes)
{
    if (!pass || !cfg || !mem)
        return KEDGE_ERR_NULL;
    size_t need = kedge_gsl_one_pass_size(cfg);
    if (need == 0)
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(kedge_i_gsl_check_room(mem, mem_bytes, need));
    one_pass_state *s = mem;
    s->kind = ONE_PASS_KIND;
    s->bytes = need;
    s->n_features = cfg->base.n_features;
    s->method = (int32_t)cfg->method;
    kedge_i_gsl_triangle t = one_pass_triangle(s, NULL);
    kedge_i_gsl_triangle_begin(&t);
    pass->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_gsl_one_pass_open(kedge_gsl_one_pass *pass, void *mem, size_t mem_bytes)
{
    if (!pass)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_gsl_check_room(mem, mem_bytes, sizeof(one_pass_state)));
    const one_pass_state *s = mem;
    if (s->kind != ONE_PASS_KIND || !kedge_i_u32_within(s->n_features, 1, KEDGE_FEATURES_MAX) ||
        (s->method != KEDGE_GSL_METHOD_QR && s->method != KEDGE_GSL_METHOD_NORMAL) ||
        s->bytes - sizeof *s != kedge_i_gsl_work_bytes(kedge_i_gsl_triangle_numbers(s->n_features)))
        return KEDGE_ERR_CLASS;
    if (mem_bytes < s->bytes)
        return KEDGE_ERR_BUFFER;
    pass->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_gsl_one_pass_add(kedge_gsl_one_pass *pass, const kedge_rows *x, const double *y, const double *weight,
                                    void *work, size_t work_bytes)
{
    if (!pass || !pass->state || !x || !y)
        return KEDGE_ERR_NULL;
    one_pass_state *s = pass->state;
    kedge_rows whole;
    KEDGE_TRY(kedge_rows_slice(x, 0, x->n_rows, &whole)); /* says whether it is a table */
    if (x->n_columns != s->n_features)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_gsl_check_rows(x, y, weight));
    KEDGE_TRY(kedge_i_gsl_check_room(work, work_bytes, one_pass_work(s->n_features)));
    kedge_i_gsl_triangle t = one_pass_triangle(s, work);
    kedge_i_gsl_triangle_add(&t, x, y, weight);
    return KEDGE_OK;
}

kedge_status kedge_gsl_one_pass_merge(kedge_gsl_one_pass *pass, const kedge_gsl_one_pass *other, void *work, size_t work_bytes)
{
    if (!pass || !pass->state || !other || !other->state)
        return KEDGE_ERR_NULL;
    one_pass_state *s = pass->state;
    const one_pass_state *o = other->state;
    if (s == o || s->n_features != o->n_features || s->method != o->method)
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(kedge_i_gsl_check_room(work, work_bytes, one_pass_work(s->n_features)));
    kedge_i_gsl_triangle theirs = one_pass_copy(o, work);
    kedge_i_gsl_triangle t = one_pass_triangle(s, theirs.rest);
    kedge_i_gsl_triangle_merge(&t, &theirs);
    return KEDGE_OK;
}

kedge_status kedge_gsl_one_pass_solve(const kedge_gsl_one_pass *pass, kedge_model *m, void *work, size_t work_bytes)
{
    if (!pass || !pass->state || !m || !m->cls || !m->state)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_gsl_least_squares)
        return KEDGE_ERR_CLASS;
    const one_pass_state *s = pass->state;
    least_squares_state *model = m->state;
    if (model->linear.model.n_features != s->n_features || (int32_t)model->method != s->method)
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(kedge_i_gsl_check_room(work, work_bytes, one_pass_work(s->n_features)));
    kedge_i_gsl_triangle t = one_pass_copy(s, work);
    return kedge_i_least_squares_solve(&t, &model->linear, model->tolerance, (int)model->linear.report, t.rest);
}
