/* SPDX-License-Identifier: MIT */
/* The verb of all methods: checks what the caller brings, takes out missing values, sorts once, and decides from p-value and
 * effect. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/shift.h"

#include "base/check.h"
#include "base/number.h"
#include "base/rows.h"
#include "base/sort.h"

#define SHIFT_SCRATCH_MAX ((uint64_t)1 << 40) /* doubles */

enum { SHIFT_NAME_MAX = 32, SHIFT_RESAMPLES_MAX = 1000000000 };

/* A caller's configuration with all fields of this release. */
typedef union shift_whole {
    kedge_shift_config base;
    unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
} shift_whole;

/* What a call is about. */
typedef struct shift_call {
    const kedge_shift_config *const *cfgs;
    size_t n_cfgs;
    const kedge_rows *reference;
    const kedge_rows *current;
} shift_call;

static int shift_name_is_good(const char *name)
{
    size_t n = 0;
    for (; n < SHIFT_NAME_MAX && name[n] != '\0'; n++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name[n]))
            return 0;
    return n > 0 && n < SHIFT_NAME_MAX;
}

static kedge_status shift_class_check(const kedge_shift_class *cls)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    if (cls->abi != KEDGE_SHIFT_CLASS_ABI || !cls->name || !shift_name_is_good(cls->name))
        return KEDGE_ERR_CLASS;
    if (cls->config_bytes < sizeof(kedge_shift_config) || cls->config_bytes > KEDGE_SHIFT_CONFIG_MAX || !cls->scratch)
        return KEDGE_ERR_CLASS;
    if (!cls->samples == !cls->rows || cls->max_columns == 0 || (cls->samples && cls->max_columns != 1))
        return KEDGE_ERR_CLASS;
    return KEDGE_OK;
}

static void shift_defaults(const kedge_shift_class *cls, shift_whole *whole)
{
    memset(whole, 0, sizeof *whole);
    whole->base.cls = cls;
    whole->base.config_bytes = cls->config_bytes;
    whole->base.p_method = KEDGE_P_AUTO;
    whole->base.alpha = 0.05;
    whole->base.seed = 1;
    whole->base.n_resamples = 999;
    whole->base.missing = KEDGE_MISSING_SKIP;
    if (cls->defaults)
        cls->defaults(whole);
}

kedge_status kedge_shift_config_init(const kedge_shift_class *cls, void *config, size_t config_bytes)
{
    shift_whole whole;
    if (!config)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(shift_class_check(cls));
    if (config_bytes < sizeof(kedge_shift_config) || config_bytes > cls->config_bytes)
        return KEDGE_ERR_CONFIG;
    shift_defaults(cls, &whole);
    whole.base.config_bytes = (uint32_t)config_bytes;
    memcpy(config, &whole, config_bytes);
    return KEDGE_OK;
}

static int shift_base_is_valid(const kedge_shift_config *c)
{
    return kedge_i_u32_within(c->p_method, KEDGE_P_AUTO, KEDGE_P_NONE) && (c->cls->p_methods >> c->p_method & 1u) != 0 &&
           c->alpha > 0.0 && c->alpha < 1.0 && kedge_i_within(c->min_effect, 0.0, KEDGE_SHIFT_INPUT_MAX) &&
           kedge_i_u32_within(c->n_resamples, 1, SHIFT_RESAMPLES_MAX) &&
           kedge_i_u32_within(c->missing, KEDGE_MISSING_REFUSE, KEDGE_MISSING_SKIP);
}

/* A caller built against an older release brings a shorter configuration, whose missing fields are defaults. */
static kedge_status shift_take_config(const kedge_shift_config *cfg, shift_whole *whole)
{
    if (!cfg)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(shift_class_check(cfg->cls));
    if (cfg->config_bytes < sizeof *cfg || cfg->config_bytes > cfg->cls->config_bytes)
        return KEDGE_ERR_CONFIG;
    shift_defaults(cfg->cls, whole);
    memcpy(whole, cfg, cfg->config_bytes);
    return shift_base_is_valid(&whole->base) && (!cfg->cls->valid || cfg->cls->valid(whole)) ? KEDGE_OK : KEDGE_ERR_CONFIG;
}

/* Doubles of the two samples, and of what is behind them: spare room for sorting, which the method's scratch takes over. */
static uint64_t shift_samples_room(uint64_t n, uint64_t m, uint64_t scratch)
{
    uint64_t spare = n > m ? n : m;
    return n + m + (scratch > spare ? scratch : spare);
}

static kedge_status shift_work_of(const kedge_shift_config *cfg, size_t n, size_t m, size_t n_columns, uint64_t *room)
{
    shift_whole whole;
    KEDGE_TRY(shift_take_config(cfg, &whole));
    if (n > KEDGE_SHIFT_ROWS_MAX || m > KEDGE_SHIFT_ROWS_MAX || n_columns == 0 || n_columns > cfg->cls->max_columns)
        return KEDGE_ERR_SHAPE;
    uint64_t need = cfg->cls->scratch(&whole, n, m, n_columns);
    if (need > SHIFT_SCRATCH_MAX)
        return KEDGE_ERR_SHAPE;
    if (cfg->cls->samples)
        need = shift_samples_room(n, m, need);
    *room = need > *room ? need : *room;
    return KEDGE_OK;
}

static kedge_status shift_work(const kedge_shift_config *const *cfgs, size_t n_cfgs, size_t n, size_t m, size_t n_columns,
                               size_t *bytes)
{
    uint64_t room = 1;
    if (!cfgs || n_cfgs == 0)
        return KEDGE_ERR_NULL;
    for (size_t i = 0; i < n_cfgs; i++)
        KEDGE_TRY(shift_work_of(cfgs[i], n, m, n_columns, &room));
    if (room > SIZE_MAX / sizeof(double))
        return KEDGE_ERR_SHAPE;
    *bytes = (size_t)room * sizeof(double);
    return KEDGE_OK;
}

size_t kedge_shift_work_many(const kedge_shift_config *const *cfgs, size_t n_cfgs, size_t n_reference, size_t n_current,
                             size_t n_columns)
{
    size_t bytes = 0;
    return shift_work(cfgs, n_cfgs, n_reference, n_current, n_columns, &bytes) < 0 ? 0 : bytes;
}

size_t kedge_shift_work(const kedge_shift_config *cfg, size_t n_reference, size_t n_current, size_t n_columns)
{
    return kedge_shift_work_many(&cfg, 1, n_reference, n_current, n_columns);
}

/* The values of a column that are there; -0 becomes 0. */
static kedge_status shift_gather(const kedge_rows *rows, int refuse, double *to, size_t *n)
{
    size_t used = 0;
    for (size_t i = 0; i < rows->n_rows; i++) {
        double v = kedge_i_rows_at(rows, i, 0);
        if (fabs(v) <= KEDGE_SHIFT_INPUT_MAX)
            to[used++] = v + 0.0;
        else if (v == v || refuse)
            return kedge_i_refusal(v);
    }
    *n = used;
    return KEDGE_OK;
}

static double shift_mean(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return n > 0 ? sum / (double)n : (double)NAN;
}

static kedge_shift_result shift_nothing(void)
{
    kedge_shift_result r;
    memset(&r, 0, sizeof r);
    r.statistic = r.p_value = r.effect = r.expected = r.where = r.mean_reference = r.mean_current = (double)NAN;
    r.p_method = KEDGE_P_NONE;
    return r;
}

static kedge_status shift_verdict(const kedge_shift_config *cfg, const kedge_shift_result *r)
{
    int likely = cfg->p_method != KEDGE_P_NONE && r->p_value > cfg->alpha;
    return !likely && fabs(r->effect) >= cfg->min_effect ? KEDGE_DRIFT : KEDGE_OK;
}

/* One method on what all have in common; `base` has counts and means. */
static kedge_shift_result shift_judge(const shift_call *call, const kedge_shift_config *cfg, const kedge_shift_samples *s,
                                      double *work, const kedge_shift_result *base)
{
    shift_whole whole;
    kedge_shift_result r = *base;
    kedge_status st = shift_take_config(cfg, &whole);
    KEDGE_ASSERT(st == KEDGE_OK);
    if (whole.base.cls->rows)
        st = whole.base.cls->rows(&whole, call->reference, call->current, work, &r);
    else if (s->n_reference == 0 || s->n_current == 0)
        st = KEDGE_EMPTY;
    else
        st = whole.base.cls->samples(&whole, s, work + call->reference->n_rows + call->current->n_rows, &r);
    if (st == KEDGE_OK)
        st = shift_verdict(&whole.base, &r);
    if (st < 0)
        r = shift_nothing();
    r.status = st;
    return r;
}

static kedge_status shift_check(const shift_call *call, const void *work, size_t work_bytes)
{
    size_t bytes = 0;
    KEDGE_TRY(kedge_i_rows_check(call->reference));
    KEDGE_TRY(kedge_i_rows_check(call->current));
    if (call->reference->n_columns != call->current->n_columns)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(
        shift_work(call->cfgs, call->n_cfgs, call->reference->n_rows, call->current->n_rows, call->reference->n_columns, &bytes));
    if (!work)
        return KEDGE_ERR_NULL;
    if (work_bytes < bytes)
        return KEDGE_ERR_BUFFER;
    return kedge_i_aligned(work) ? KEDGE_OK : KEDGE_ERR_ALIGN;
}

static int shift_one_refuses(const shift_call *call)
{
    for (size_t i = 0; i < call->n_cfgs; i++)
        if (call->cfgs[i]->missing == KEDGE_MISSING_REFUSE)
            return 1;
    return 0;
}

static int shift_one_sorts(const shift_call *call)
{
    for (size_t i = 0; i < call->n_cfgs; i++)
        if (call->cfgs[i]->cls->samples)
            return 1;
    return 0;
}

/* Sorted samples at the front of the working memory. */
static kedge_status shift_prepare(const shift_call *call, double *work, kedge_shift_samples *s, kedge_shift_result *base)
{
    size_t n = 0;
    size_t m = 0;
    double *reference = work;
    double *current = work + call->reference->n_rows;
    double *spare = current + call->current->n_rows;
    int refuse = shift_one_refuses(call);
    KEDGE_TRY(shift_gather(call->reference, refuse, reference, &n));
    KEDGE_TRY(shift_gather(call->current, refuse, current, &m));
    kedge_i_sort(reference, n, spare);
    kedge_i_sort(current, m, spare);
    base->n_reference = n;
    base->n_current = m;
    base->missing_reference = call->reference->n_rows - n;
    base->missing_current = call->current->n_rows - m;
    base->mean_reference = shift_mean(reference, n);
    base->mean_current = shift_mean(current, m);
    *s = (kedge_shift_samples){reference, current, n, m};
    return KEDGE_OK;
}

static kedge_status shift_run_kind(const shift_call *call, int on_rows, const kedge_shift_samples *s, double *work,
                                   const kedge_shift_result *base, kedge_shift_result *out)
{
    kedge_status st = KEDGE_OK;
    for (size_t i = 0; i < call->n_cfgs; i++) {
        if ((call->cfgs[i]->cls->rows != NULL) != on_rows)
            continue;
        out[i] = shift_judge(call, call->cfgs[i], s, work, base);
        st = out[i].status == KEDGE_DRIFT ? KEDGE_DRIFT : st;
    }
    return st;
}

/* Methods on rows take the whole working memory as theirs, so they come last; what all refuse is refused before. */
static kedge_status shift_run(const shift_call *call, double *work, kedge_shift_result *out)
{
    kedge_shift_samples s = {NULL, NULL, 0, 0};
    kedge_shift_result base = shift_nothing();
    kedge_shift_result none = base;
    if (shift_one_sorts(call))
        KEDGE_TRY(shift_prepare(call, work, &s, &base));
    kedge_status sorted = shift_run_kind(call, 0, &s, work, &base, out);
    kedge_status rows = shift_run_kind(call, 1, &s, work, &none, out);
    return sorted == KEDGE_DRIFT ? sorted : rows;
}

kedge_status kedge_shift_compare_many(const kedge_shift_config *const *cfgs, size_t n_cfgs, const kedge_rows *reference,
                                      const kedge_rows *current, void *work, size_t work_bytes, kedge_shift_result *out)
{
    shift_call call = {cfgs, n_cfgs, reference, current};
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(shift_check(&call, work, work_bytes));
    return shift_run(&call, work, out);
}

kedge_status kedge_shift_compare(const kedge_shift_config *cfg, const kedge_rows *reference, const kedge_rows *current, void *work,
                                 size_t work_bytes, kedge_shift_result *out)
{
    kedge_shift_result r;
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_shift_compare_many(&cfg, 1, reference, current, work, work_bytes, &r));
    if (r.status >= 0)
        *out = r;
    return r.status;
}
