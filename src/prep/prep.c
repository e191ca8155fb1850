/* SPDX-License-Identifier: MIT */
/* The verbs of all preps: they check what the caller gives, once, and hand it to the class, which trusts it. */
#include "base/fp.h"

#include <string.h>

#include "prep/prep_state.h"

#include "base/check.h"
#include "base/lanes.h"
#include "base/number.h"
#include "base/object.h"
#include "base/snapshot.h"

enum { PREP_QUICK_POWER = 996 }; /* 2^996 is below KEDGE_PREP_INPUT_MAX */

static int prep_is_bound(const kedge_prep *p)
{
    return p && p->cls && p->state;
}

static const kedge_prep_state *prep_state(const kedge_prep *p)
{
    return p->state;
}

size_t kedge_prep_size(const kedge_prep_config *cfg)
{
    if (!cfg || kedge_i_prep_class_check(cfg->cls) < 0)
        return 0;
    return kedge_i_object_size(&cfg->cls->base, cfg, cfg->config_bytes);
}

uint32_t kedge_prep_width(const kedge_prep_config *cfg)
{
    kedge_i_fixed fixed;
    if (!cfg || kedge_i_prep_class_check(cfg->cls) < 0)
        return 0;
    if (kedge_i_object_plan_config(&cfg->cls->base, cfg, cfg->config_bytes, &fixed) == 0)
        return 0;
    return ((const kedge_prep_state *)(const void *)&fixed)->n_out;
}

kedge_status kedge_prep_init(kedge_prep *p, const kedge_prep_config *cfg, void *mem, size_t mem_bytes)
{
    if (!p || !cfg || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_prep_class_check(cfg->cls));
    KEDGE_TRY(kedge_i_object_init(&cfg->cls->base, cfg, cfg->config_bytes, mem, mem_bytes));
    p->cls = cfg->cls;
    p->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_prep_open(kedge_prep *p, const kedge_prep_class *cls, void *mem, size_t mem_bytes)
{
    if (!p || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_prep_class_check(cls));
    KEDGE_TRY(kedge_i_object_open(&cls->base, mem, mem_bytes));
    p->cls = cls;
    p->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_prep_check(const kedge_prep *p)
{
    if (!prep_is_bound(p))
        return KEDGE_ERR_NULL;
    return kedge_i_object_check(&p->cls->base, p->state);
}

kedge_status kedge_prep_describe(const kedge_prep *p, kedge_prep_info *out)
{
    if (!prep_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    out->n_columns = prep_state(p)->n_columns;
    out->n_out = prep_state(p)->n_out;
    out->n_learned = prep_state(p)->n_learned;
    out->needs_target = p->cls->needs_target == 1;
    out->can_merge = p->cls->merge != NULL;
    return KEDGE_OK;
}

uint32_t kedge_prep_n_out(const kedge_prep *p)
{
    return prep_is_bound(p) ? prep_state(p)->n_out : 0;
}

/* What is refused --- */

static kedge_status prep_check_slowly(const kedge_prep *p, const kedge_row *x)
{
    for (uint32_t i = 0; i < prep_state(p)->n_columns; i++) {
        double value = kedge_i_row_at(x, i);
        if (value == value && !kedge_i_within(value, -KEDGE_PREP_INPUT_MAX, KEDGE_PREP_INPUT_MAX))
            return kedge_i_refusal(value);
    }
    return KEDGE_OK;
}

static kedge_status prep_check_row(const kedge_prep *p, const kedge_row *x)
{
    const double *plain = kedge_i_row_plain(x);
    return plain && kedge_i_all_below(plain, prep_state(p)->n_columns, PREP_QUICK_POWER) ? KEDGE_OK : prep_check_slowly(p, x);
}

static kedge_status prep_check_target(const kedge_prep *p, double y)
{
    if (p->cls->needs_target != 1 || kedge_i_within(y, -KEDGE_PREP_TARGET_MAX, KEDGE_PREP_TARGET_MAX))
        return KEDGE_OK;
    return kedge_i_refusal(y);
}

static kedge_status prep_check_shape(const kedge_prep *p, const kedge_rows *x)
{
    KEDGE_TRY(kedge_i_rows_check(x));
    return x->n_columns == prep_state(p)->n_columns ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

static kedge_status prep_check_table(const kedge_prep *p, const kedge_rows *x, const double *y)
{
    KEDGE_TRY(prep_check_shape(p, x));
    if (x->n_rows == 0)
        return KEDGE_ERR_SHAPE;
    if (!y && p->cls->needs_target == 1)
        return KEDGE_ERR_NULL;
    for (size_t i = 0; i < x->n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        KEDGE_TRY(prep_check_row(p, &row));
        KEDGE_TRY(prep_check_target(p, y ? y[i] : 0.0));
    }
    return KEDGE_OK;
}

/* Learning --- */

static kedge_status prep_learn_row(kedge_prep *p, const kedge_row *x, double y, double *out)
{
    KEDGE_TRY(prep_check_row(p, x));
    KEDGE_TRY(prep_check_target(p, y));
    if (p->cls->admit)
        KEDGE_TRY(p->cls->admit(p->cls, p->state, x));
    kedge_i_prep_learn(p->cls, p->state, x, y, out);
    return KEDGE_OK;
}

kedge_status kedge_prep_learn(kedge_prep *p, const double *x, double y, double *out)
{
    if (!prep_is_bound(p) || !x)
        return KEDGE_ERR_NULL;
    kedge_row row = kedge_i_row_of(x);
    return prep_learn_row(p, &row, y, out);
}

kedge_status kedge_prep_learn_many(kedge_prep *p, const kedge_rows *x, const double *y, double *out, size_t *used)
{
    if (!prep_is_bound(p) || !used)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(prep_check_shape(p, x));
    if (!y && x->n_rows > 0 && p->cls->needs_target == 1)
        return KEDGE_ERR_NULL;
    size_t n_out = prep_state(p)->n_out, i = 0;
    kedge_status st = KEDGE_OK;
    for (; i < x->n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        st = prep_learn_row(p, &row, y ? y[i] : 0.0, out ? out + i * n_out : NULL);
        if (st < 0)
            break;
    }
    *used = i;
    return st;
}

/* A class that can refuse a row may do so half way: before it, its state is put aside. */
static size_t prep_aside(const kedge_prep_class *cls, const void *state)
{
    return cls->admit ? kedge_i_state_bytes(state) : 0;
}

static size_t prep_work(size_t aside, size_t fit)
{
    return fit == 0 || fit > SIZE_MAX - aside ? 0 : aside + fit;
}

static int prep_can_fit(size_t n_rows)
{
    return n_rows > 0 && n_rows <= UINT32_MAX;
}

size_t kedge_prep_fit_work(const kedge_prep_config *cfg, size_t n_rows)
{
    kedge_i_fixed fixed;
    if (!cfg || kedge_i_prep_class_check(cfg->cls) < 0 || !prep_can_fit(n_rows))
        return 0;
    if (kedge_i_object_plan_config(&cfg->cls->base, cfg, cfg->config_bytes, &fixed) == 0)
        return 0;
    return prep_work(prep_aside(cfg->cls, &fixed), kedge_i_prep_config_work(cfg, n_rows));
}

size_t kedge_prep_work(const kedge_prep *p, size_t n_rows)
{
    if (!prep_is_bound(p) || !prep_can_fit(n_rows))
        return 0;
    return prep_work(prep_aside(p->cls, p->state), kedge_i_prep_fit_work(p->cls, p->state, n_rows));
}

kedge_status kedge_prep_fit(kedge_prep *p, const kedge_rows *x, const double *y, void *work, size_t work_bytes, double *out)
{
    if (!prep_is_bound(p))
        return KEDGE_ERR_NULL;
    KEDGE_TRY(prep_check_table(p, x, y));
    size_t need = kedge_prep_work(p, x->n_rows), aside = prep_aside(p->cls, p->state);
    if (need == 0)
        return KEDGE_ERR_SHAPE;
    if (!work)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    if (aside > 0)
        memcpy(work, p->state, aside);
    kedge_status st = kedge_i_prep_fit(p->cls, p->state, x, y, (unsigned char *)work + aside, out);
    if (st < 0 && aside > 0)
        memcpy(p->state, work, aside);
    return st;
}

kedge_status kedge_prep_merge(kedge_prep *p, const kedge_prep *other)
{
    if (!prep_is_bound(p) || !prep_is_bound(other))
        return KEDGE_ERR_NULL;
    if (p->cls != other->cls)
        return KEDGE_ERR_CLASS;
    if (!p->cls->merge)
        return KEDGE_ERR_UNSUPPORTED;
    if (p->state == other->state || !kedge_i_object_alike(&p->cls->base, p->state, other->state))
        return KEDGE_ERR_CONFIG;
    kedge_prep_state *s = p->state;
    uint64_t n = prep_state(other)->n_learned;
    if (n > KEDGE_I_COUNT_MAX - s->n_learned)
        return KEDGE_ERR_RANGE;
    KEDGE_TRY(p->cls->merge(p->cls, p->state, other->state));
    s->n_learned += n;
    return KEDGE_OK;
}

/* Serving --- */

static kedge_status prep_transform_row(const kedge_prep *p, const kedge_row *x, double *out)
{
    KEDGE_TRY(prep_check_row(p, x));
    return p->cls->transform(p->cls, p->state, x, out);
}

kedge_status kedge_prep_transform(const kedge_prep *p, const double *x, double *out)
{
    if (!prep_is_bound(p) || !x || !out)
        return KEDGE_ERR_NULL;
    kedge_row row = kedge_i_row_of(x);
    return prep_transform_row(p, &row, out);
}

kedge_status kedge_prep_transform_many(const kedge_prep *p, const kedge_rows *x, double *out, size_t *used)
{
    if (!prep_is_bound(p) || !used)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(prep_check_shape(p, x));
    if (!out && x->n_rows > 0)
        return KEDGE_ERR_NULL;
    size_t n_out = prep_state(p)->n_out, i = 0;
    kedge_status st = KEDGE_OK;
    for (; i < x->n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        st = prep_transform_row(p, &row, out + i * n_out);
        if (st < 0)
            break;
    }
    *used = i;
    return st;
}

kedge_status kedge_prep_column(const kedge_prep *p, uint32_t i_out, kedge_prep_origin *out)
{
    if (!prep_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    if (i_out >= prep_state(p)->n_out)
        return KEDGE_ERR_RANGE;
    p->cls->origin(p->cls, p->state, i_out, out);
    return KEDGE_OK;
}

/* Memory and snapshots --- */

kedge_status kedge_prep_reset(kedge_prep *p)
{
    if (!prep_is_bound(p))
        return KEDGE_ERR_NULL;
    kedge_i_object_reset(&p->cls->base, p->state);
    return KEDGE_OK;
}

kedge_status kedge_prep_save(const kedge_prep *p, void *buf, size_t cap, size_t *len)
{
    if (!prep_is_bound(p))
        return KEDGE_ERR_NULL;
    return kedge_i_snapshot_save(&p->cls->base, NULL, p->state, buf, cap, len);
}

kedge_status kedge_prep_load_size(const kedge_prep_class *cls, const void *buf, size_t len, size_t *bytes)
{
    KEDGE_TRY(kedge_i_prep_class_check(cls));
    return kedge_i_snapshot_load_size(&cls->base, buf, len, bytes);
}

kedge_status kedge_prep_load(kedge_prep *p, const kedge_prep_class *cls, void *mem, size_t mem_bytes, const void *buf, size_t len)
{
    if (!p)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_prep_class_check(cls));
    KEDGE_TRY(kedge_i_snapshot_load(&cls->base, NULL, mem, mem_bytes, buf, len));
    p->cls = cls;
    p->state = mem;
    return KEDGE_OK;
}
