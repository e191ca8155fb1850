/* SPDX-License-Identifier: MIT */
/* Preps one behind the other. A row goes through the steps in the place where it is to come out: no step makes it shorter, so it is
 * never wider than at the end. Only learning needs rows of its own, since a step learns the row that came in and gives another
 * one. */
#include "base/fp.h"

#include "prep/chain_state.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"

#define CHAIN_BYTES(i) KEDGE_PARAM(chain_state, steps[i].bytes, KEDGE_TYPE_U32), KEDGE_PARAM(chain_state, width[i], KEDGE_TYPE_U32)
#define CHAIN_PART(i)  KEDGE_PART(chain_state, steps[i].at, steps[i].bytes, i)

static const kedge_field chain_fields[] = {
    PREP_PARAMS(chain_state),
    CHAIN_BYTES(0), CHAIN_BYTES(1), CHAIN_BYTES(2), CHAIN_BYTES(3), CHAIN_BYTES(4), CHAIN_BYTES(5), CHAIN_BYTES(6), CHAIN_BYTES(7),
    CHAIN_BYTES(8), CHAIN_BYTES(9), CHAIN_BYTES(10), CHAIN_BYTES(11), CHAIN_BYTES(12), CHAIN_BYTES(13), CHAIN_BYTES(14),
        CHAIN_BYTES(15),
    KEDGE_VALUE(chain_state, prep.n_learned, KEDGE_TYPE_U64),
    CHAIN_PART(0), CHAIN_PART(1), CHAIN_PART(2), CHAIN_PART(3), CHAIN_PART(4), CHAIN_PART(5), CHAIN_PART(6), CHAIN_PART(7),
    CHAIN_PART(8), CHAIN_PART(9), CHAIN_PART(10), CHAIN_PART(11), CHAIN_PART(12), CHAIN_PART(13), CHAIN_PART(14), CHAIN_PART(15),
};

/* Configuration --- */

static void chain_defaults(void *config)
{
    kedge_chain_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.config_bytes = sizeof *cfg;
}

/* A step's size and width; nothing if it is not what has to come here. */
static void chain_configure_step(chain_state *s, uint32_t i, const kedge_class *part, const kedge_prep_config *step,
                                 uint32_t came_in)
{
    kedge_i_fixed fixed;
    const kedge_prep_state *planned = (const kedge_prep_state *)(const void *)&fixed;
    if (!step || !step->cls || &step->cls->base != part || step->n_columns != came_in)
        return;
    size_t bytes = kedge_i_object_plan_config(part, step, step->config_bytes, &fixed);
    if (bytes == 0 || planned->n_out < came_in)
        return;
    s->steps[i].bytes = (uint32_t)bytes;
    s->width[i] = planned->n_out;
}

static void chain_configure(const void *config, void *fixed)
{
    const kedge_chain_config *cfg = config;
    const kedge_class *const *parts = cfg->base.cls->base.parts;
    chain_state *s = fixed;
    kedge_i_prep_configure(&s->prep, &cfg->base);
    if (!kedge_i_prep_valid(&s->prep))
        return;
    uint32_t came_in = kedge_i_prep_count(&s->prep);
    for (uint32_t i = 0; i < KEDGE_CHAIN_MAX && parts[i]; i++) {
        chain_configure_step(s, i, parts[i], cfg->steps[i], came_in);
        came_in = s->width[i];
    }
}

/* Steps without a gap, none of which makes a row shorter. */
static int chain_valid(const void *fixed)
{
    const chain_state *s = fixed;
    if (!kedge_i_prep_valid(&s->prep) || s->steps[0].bytes == 0)
        return 0;
    uint32_t came_in = kedge_i_prep_count(&s->prep);
    for (uint32_t i = 0; i < KEDGE_CHAIN_MAX; i++) {
        const chain_step *step = &s->steps[i];
        if (step->bytes == 0 ? s->width[i] != 0
                             : step->bytes < sizeof(kedge_prep_state) || step->bytes % KEDGE_ALIGN != 0 || came_in == 0 ||
                                   !kedge_i_u32_within(s->width[i], came_in, KEDGE_PREP_COLUMNS_MAX))
            return 0;
        came_in = s->width[i];
    }
    return 1;
}

static size_t chain_layout(void *fixed)
{
    chain_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_prep_plan(&s->prep, &arena);
    s->n_steps = 0;
    while (s->n_steps < KEDGE_CHAIN_MAX && s->steps[s->n_steps].bytes > 0)
        s->n_steps++;
    s->prep.n_out = s->widest = s->width[s->n_steps - 1];
    s->at_rows = kedge_i_arena_take(&arena, 2 * s->widest, sizeof(double));
    for (uint32_t i = 0; i < KEDGE_CHAIN_MAX; i++)
        s->steps[i].at = kedge_i_arena_take(&arena, 1, s->steps[i].bytes);
    return kedge_i_arena_end(&arena);
}

static void chain_begin(const kedge_class *cls, const void *config, void *state)
{
    const kedge_chain_config *cfg = config;
    chain_state *s = state;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        const kedge_prep_config *step = cfg->steps[i];
        kedge_status st = kedge_i_object_init(cls->parts[i], step, step->config_bytes, kedge_i_at(s, s->steps[i].at),
                                              s->steps[i].bytes);
        KEDGE_ASSERT(st == KEDGE_OK); /* its size was found */
        (void)st;
    }
}

static int chain_check(const void *state)
{
    const chain_state *s = state;
    if (!chain_valid(s) || !kedge_i_prep_check(&s->prep))
        return 0;
    uint32_t came_in = s->prep.n_picked;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        const kedge_prep_state *step = chain_part(s, i);
        if (step->n_columns != came_in || step->n_out != s->width[i] || step->n_learned != s->prep.n_learned)
            return 0;
        came_in = step->n_out;
    }
    return 1;
}

/* Rows --- */

/* The selected columns of a row. Ascending, so that out may be the row itself. */
static void chain_enter(const chain_state *s, const kedge_row *x, double *out)
{
    const uint32_t *picked = kedge_i_prep_picked(&s->prep);
    if (s->prep.n_picked == s->prep.n_columns) {
        kedge_i_prep_copy(x, s->prep.n_columns, out);
        return;
    }
    for (uint32_t k = 0; k < s->prep.n_picked; k++)
        out[k] = kedge_i_row_at(x, picked[k]);
}

static kedge_status chain_transform(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out)
{
    const chain_state *s = state;
    kedge_row row = kedge_i_row_of(out);
    kedge_status first = KEDGE_OK;
    chain_enter(s, x, out);
    for (uint32_t i = 0; i < s->n_steps; i++) {
        const kedge_prep_class *step = chain_class(cls, i);
        kedge_status st = step->transform(step, chain_part(s, i), &row, out);
        first = first < 0 ? first : st;
    }
    return first;
}

static double *chain_rows(chain_state *s)
{
    return kedge_i_at(s, s->at_rows);
}

static void chain_wipe(chain_state *s)
{
    memset(chain_rows(s), 0, (size_t)2 * s->widest * sizeof(double));
}

/* Would each step learn the row, as the steps before it give it now? */
static kedge_status chain_admit(const kedge_prep_class *cls, void *state, const kedge_row *x)
{
    chain_state *s = state;
    double *out = chain_rows(s);
    kedge_row row = kedge_i_row_of(out);
    kedge_status st = KEDGE_OK;
    chain_enter(s, x, out);
    for (uint32_t i = 0; i < s->n_steps && st >= 0; i++) {
        const kedge_prep_class *step = chain_class(cls, i);
        void *part = kedge_i_at(s, s->steps[i].at);
        if (step->admit)
            st = step->admit(step, part, &row);
        (void)step->transform(step, part, &row, out);
    }
    chain_wipe(s);
    return st;
}

static void chain_learn(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out)
{
    chain_state *s = state;
    double *came_in = chain_rows(s), *goes_on = came_in + s->widest;
    chain_enter(s, x, came_in);
    for (uint32_t i = 0; i < s->n_steps; i++) {
        const kedge_prep_class *step = chain_class(cls, i);
        kedge_row row = kedge_i_row_of(came_in);
        kedge_i_prep_learn(step, kedge_i_at(s, s->steps[i].at), &row, y, goes_on);
        double *free_row = came_in;
        came_in = goes_on;
        goes_on = free_row;
    }
    if (out)
        memcpy(out, came_in, s->prep.n_out * sizeof *out);
    chain_wipe(s);
}

/* Fit --- */

/* Two tables of the widest rows, and what the neediest step needs. */
static size_t chain_work(uint32_t widest, size_t most, size_t n_rows)
{
    size_t tables = kedge_i_prep_product(kedge_i_prep_product(2 * sizeof(double), widest), n_rows);
    return most == 0 || tables > SIZE_MAX - most ? 0 : tables + most;
}

static size_t chain_fit_work(const kedge_prep_class *cls, const void *state, size_t n_rows)
{
    const chain_state *s = state;
    size_t most = 0;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        size_t need = kedge_i_prep_fit_work(chain_class(cls, i), chain_part(s, i), n_rows);
        if (need == 0)
            return 0;
        most = need > most ? need : most;
    }
    return chain_work(s->widest, most, n_rows);
}

/* Without a state there are no parts to ask, but their configurations. */
static size_t chain_config_work(const kedge_prep_class *cls, const kedge_prep_config *cfg, size_t n_rows)
{
    const kedge_chain_config *chain = (const kedge_chain_config *)(const void *)cfg;
    size_t most = 0;
    for (uint32_t i = 0; i < KEDGE_CHAIN_MAX && cls->base.parts[i]; i++) {
        size_t need = kedge_i_prep_config_work(chain->steps[i], n_rows);
        if (need == 0)
            return 0;
        most = need > most ? need : most;
    }
    return chain_work(kedge_prep_width(cfg), most, n_rows);
}

static kedge_status chain_fit(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work,
                              double *out)
{
    chain_state *s = state;
    size_t n_rows = x->n_rows;
    double *came_in = work, *goes_on = came_in + n_rows * s->widest;
    void *for_steps = goes_on + n_rows * s->widest;
    uint32_t width = s->prep.n_picked;
    for (size_t i = 0; i < n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        chain_enter(s, &row, came_in + i * width);
    }
    for (uint32_t i = 0; i < s->n_steps; i++) {
        kedge_rows rows = kedge_rows_float64(came_in, n_rows, width);
        KEDGE_TRY(kedge_i_prep_fit(chain_class(cls, i), kedge_i_at(s, s->steps[i].at), &rows, y, for_steps, goes_on));
        double *free_table = came_in;
        came_in = goes_on;
        goes_on = free_table;
        width = s->width[i];
    }
    if (out)
        memcpy(out, came_in, n_rows * width * sizeof *out);
    return KEDGE_OK;
}

/* Origins --- */

/* The column of the whole chain's input that a column behind step i - 1 comes from. */
static uint32_t chain_source(const kedge_prep_class *cls, const chain_state *s, uint32_t i, uint32_t column)
{
    kedge_prep_origin o;
    while (i-- > 0 && column != KEDGE_PREP_NONE) {
        const kedge_prep_class *step = chain_class(cls, i);
        step->origin(step, chain_part(s, i), column, &o);
        column = o.column[0];
    }
    return column == KEDGE_PREP_NONE ? column : kedge_i_prep_picked(&s->prep)[column];
}

static void chain_origin(const kedge_prep_class *cls, const void *state, uint32_t i_out, kedge_prep_origin *out)
{
    const chain_state *s = state;
    uint32_t i = s->n_steps, column = i_out;
    do {
        const kedge_prep_class *step = chain_class(cls, --i);
        step->origin(step, chain_part(s, i), column, out);
        column = out->column[0];
    } while (out->kind == KEDGE_OUT_SAME && i > 0);
    out->step = i;
    for (uint32_t j = 0; j < 3; j++)
        out->column[j] = chain_source(cls, s, i, out->column[j]);
}

int kedge_i_chain_is(const kedge_prep_class *cls)
{
    return cls->transform == chain_transform;
}

static const kedge_prep_class chain_of = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_PREP,
            .version = 1,
            .name = "chain",
            .fixed_bytes = sizeof(chain_state),
            .config_bytes = sizeof(kedge_chain_config),
            .n_fields = sizeof chain_fields / sizeof *chain_fields,
            .fields = chain_fields,
            .defaults = chain_defaults,
            .configure = chain_configure,
            .valid = chain_valid,
            .layout = chain_layout,
            .start = kedge_i_prep_begin,
            .check = chain_check,
            .begin_parts = chain_begin,
        },
    .learn = chain_learn,
    .transform = chain_transform,
    .origin = chain_origin,
    .fit_work = chain_fit_work,
    .fit = chain_fit,
    .config_work = chain_config_work,
};

kedge_status kedge_chain_class_init(kedge_chain_class *cls, const kedge_prep_class *const *steps, uint32_t n_steps)
{
    if (!cls || !steps)
        return KEDGE_ERR_NULL;
    if (!kedge_i_u32_within(n_steps, 1, KEDGE_CHAIN_MAX))
        return KEDGE_ERR_CONFIG;
    for (uint32_t i = 0; i < n_steps; i++)
        KEDGE_TRY(kedge_i_prep_class_check(steps[i]));
    cls->prep = chain_of;
    cls->prep.base.parts = cls->parts;
    for (uint32_t i = 0; i < KEDGE_CHAIN_MAX; i++) {
        cls->parts[i] = i < n_steps ? &steps[i]->base : NULL;
        if (i < n_steps && steps[i]->admit)
            cls->prep.admit = chain_admit;
        if (i < n_steps && steps[i]->needs_target == 1)
            cls->prep.needs_target = 1;
    }
    return KEDGE_OK;
}

kedge_status kedge_chain_config_init(kedge_chain_config *cfg, size_t cfg_bytes, const kedge_chain_class *cls, uint32_t n_columns)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    return kedge_i_prep_config_init(&cls->prep, cfg, cfg_bytes, sizeof *cfg, n_columns);
}

kedge_status kedge_chain_get(const kedge_prep *p, uint32_t i_step, kedge_prep *step)
{
    if (!p || !p->cls || !p->state || !step)
        return KEDGE_ERR_NULL;
    if (!kedge_i_chain_is(p->cls))
        return KEDGE_ERR_CLASS;
    chain_state *s = p->state;
    if (i_step >= s->n_steps)
        return KEDGE_ERR_RANGE;
    step->cls = chain_class(p->cls, i_step);
    step->state = kedge_i_at(s, s->steps[i_step].at);
    return KEDGE_OK;
}
