/* SPDX-License-Identifier: MIT */
/* The verbs of all models: they check what the caller gives, once, and hand it to the class, which trusts it. */
#include "base/fp.h"

#include <string.h>

#include "kedge/model.h"

#include "base/ahead.h"
#include "base/check.h"
#include "base/lanes.h"
#include "base/number.h"
#include "base/object.h"
#include "base/snapshot.h"
#include "models/model_check.h"
#include "models/row.h"

#if defined(__GNUC__)
#define MODEL_APART __attribute__((noinline)) /* so that the usual way saves no registers */
#else
#define MODEL_APART
#endif

enum { MODEL_AHEAD = 2048 /* bytes: half a page, so that it comes in time and what is asked for in vain is little */ };

static int model_is_bound(const kedge_model *m)
{
    return m && m->cls && m->state;
}

static const kedge_model_state *model_state(const kedge_model *m)
{
    return m->state;
}

static size_t model_n_scores(const kedge_model *m)
{
    return model_state(m)->n_classes > 0 ? model_state(m)->n_classes : 1;
}

static kedge_status model_class_check(const kedge_model_class *cls)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&cls->base));
    if (!cls->predict || !cls->score || !cls->fit != (!cls->fit_work && !cls->parts_work) || (!cls->fit && !cls->learn) ||
        !cls->predict_sparse != !cls->score_sparse)
        return KEDGE_ERR_NULL;
    return cls->base.noun == KEDGE_NOUN_MODEL && cls->base.fixed_bytes >= sizeof(kedge_model_state) ? KEDGE_OK : KEDGE_ERR_CLASS;
}

size_t kedge_model_size(const kedge_model_config *cfg)
{
    if (!cfg || model_class_check(cfg->cls) < 0)
        return 0;
    return kedge_i_object_size(&cfg->cls->base, cfg, cfg->config_bytes);
}

kedge_status kedge_model_init(kedge_model *m, const kedge_model_config *cfg, void *mem, size_t mem_bytes)
{
    if (!m || !cfg || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(model_class_check(cfg->cls));
    KEDGE_TRY(kedge_i_object_init(&cfg->cls->base, cfg, cfg->config_bytes, mem, mem_bytes));
    m->cls = cfg->cls;
    m->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_model_open(kedge_model *m, const kedge_model_class *cls, void *mem, size_t mem_bytes)
{
    if (!m || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(model_class_check(cls));
    KEDGE_TRY(kedge_i_object_open(&cls->base, mem, mem_bytes));
    m->cls = cls;
    m->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_model_check(const kedge_model *m)
{
    if (!model_is_bound(m))
        return KEDGE_ERR_NULL;
    return kedge_i_object_check(&m->cls->base, m->state);
}

kedge_status kedge_model_describe(const kedge_model *m, kedge_model_info *out)
{
    if (!model_is_bound(m) || !out)
        return KEDGE_ERR_NULL;
    out->n_features = model_state(m)->n_features;
    out->n_classes = model_state(m)->n_classes;
    out->n_learned = model_state(m)->n_learned;
    out->can_learn = m->cls->learn != NULL;
    out->can_fit = m->cls->fit != NULL;
    out->takes_missing = m->cls->takes_missing == 1;
    out->can_forget = m->cls->forget != NULL;
    out->can_merge = m->cls->merge != NULL;
    out->reserved = 0;
    return KEDGE_OK;
}

/* What is refused -------------------------------------------------------------------------------------------------------------- */

/* A row that is not near, perhaps with a value that is not finite: may it be? */
static MODEL_APART kedge_status model_check_missing(const kedge_model *m, const kedge_row *x)
{
    for (uint32_t i = 0; i < model_state(m)->n_features; i++) {
        double value = kedge_i_row_at(x, i);
        if (!kedge_i_finite(value) && (value == value || !m->cls->takes_missing))
            return KEDGE_ERR_NOT_FINITE;
    }
    return KEDGE_OK;
}

/* Rows that are given one by one mostly lie one behind the other. The machine foresees that within a page; here it is told of the
 * next one. */
static inline void model_expect_rows(const double *x)
{
    kedge_i_ahead(x, MODEL_AHEAD);
}

static inline int model_is_near(const kedge_model *m, const double *plain)
{
    return kedge_i_all_below(plain, model_state(m)->n_features, KEDGE_I_ROW_POWER);
}

static inline kedge_row model_near_row(const double *plain)
{
    kedge_row row = {plain, 1, KEDGE_FLOAT64, KEDGE_I_ROW_NEAR, NULL};
    return row;
}

static kedge_status model_check_row(const kedge_model *m, kedge_row *x)
{
    const double *plain = kedge_i_row_plain(x);
    x->reserved = plain && model_is_near(m, plain) ? KEDGE_I_ROW_NEAR : 0;
    return x->reserved == KEDGE_I_ROW_NEAR ? KEDGE_OK : model_check_missing(m, x);
}

/* By a whole number, which is compared as such: a class's number fits in 31 bits. */
static inline int model_is_target(const kedge_model_state *s, double y)
{
    if (s->n_classes == 0)
        return kedge_i_within(y, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX);
    double within = kedge_i_within(y, 0.0, (double)INT32_MAX) ? y : 0.5; /* a conversion may be made early, and raise a flag */
    int32_t c = (int32_t)within;
    return (uint32_t)c < s->n_classes && within == (double)c;
}

static kedge_status model_check_target(const kedge_model_state *s, double y)
{
    return model_is_target(s, y) ? KEDGE_OK : kedge_i_refusal(y);
}

static kedge_status model_check_weight(double weight)
{
    return kedge_i_within(weight, 0.0, KEDGE_WEIGHT_MAX) ? KEDGE_OK : kedge_i_refusal(weight);
}

/* Is this a table that fits the model? */
static kedge_status model_check_shape(const kedge_model *m, const kedge_rows *x)
{
    KEDGE_TRY(kedge_i_rows_check(x));
    return x->n_columns == model_state(m)->n_features ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

static kedge_status model_check_example(const kedge_model *m, kedge_row *x, double y, double weight)
{
    KEDGE_TRY(model_check_row(m, x));
    KEDGE_TRY(model_check_target(model_state(m), y));
    return model_check_weight(weight);
}

/* Is a table of doubles side by side finite throughout? 0: it need not be. */
static int model_table_is_finite(const kedge_rows *x)
{
    return kedge_i_rows_are_plain(x) && kedge_i_all_below(x->data, x->n_rows * x->n_columns, 1024);
}

/* Row by row, so that the first fault is named. */
static kedge_status model_check_rows(const kedge_model *m, const kedge_rows *x, const double *y, const double *weight,
                                     int is_finite)
{
    for (size_t i = 0; i < x->n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        if (!is_finite)
            KEDGE_TRY(model_check_row(m, &row));
        KEDGE_TRY(model_check_target(model_state(m), y[i]));
        if (weight)
            KEDGE_TRY(model_check_weight(weight[i]));
    }
    return KEDGE_OK;
}

static kedge_status model_check_frame(const kedge_model *m, const kedge_rows *x, const double *y)
{
    KEDGE_TRY(model_check_shape(m, x));
    if (x->n_rows == 0)
        return KEDGE_ERR_SHAPE;
    return y ? KEDGE_OK : KEDGE_ERR_NULL;
}

kedge_status kedge_i_model_check_table(const kedge_model *m, const kedge_rows *x, const double *y, const double *weight)
{
    KEDGE_TRY(model_check_frame(m, x, y));
    return model_check_rows(m, x, y, weight, model_table_is_finite(x));
}

/* Values of plain rows are left to a fit that looks at them itself, unless something else is wrong with the table: the first fault
 * is named. */
static kedge_status model_check_fit(const kedge_model *m, const kedge_rows *x, const double *y, const double *weight)
{
    KEDGE_TRY(model_check_frame(m, x, y));
    if (m->cls->fit_looks && kedge_i_rows_are_plain(x) && model_check_rows(m, x, y, weight, 1) == KEDGE_OK)
        return KEDGE_OK;
    return kedge_i_model_check_table(m, x, y, weight);
}

/* Training --------------------------------------------------------------------------------------------------------------------- */

static kedge_status model_learn_row(kedge_model *m, kedge_row *x, double y, double weight)
{
    KEDGE_TRY(model_check_example(m, x, y, weight));
    return weight == 0.0 ? KEDGE_OK : m->cls->learn(m->cls, m->state, x, y, weight);
}

/* An example that is refused, counts for nothing or is not near. */
static MODEL_APART kedge_status model_learn_apart(kedge_model *m, const double *x, double y, double weight)
{
    kedge_row row = kedge_i_row_of(x);
    return model_learn_row(m, &row, y, weight);
}

kedge_status kedge_model_learn(kedge_model *m, const double *x, double y, double weight)
{
    if (!model_is_bound(m) || !x)
        return KEDGE_ERR_NULL;
    if (!m->cls->learn)
        return KEDGE_ERR_UNSUPPORTED;
    model_expect_rows(x);
    if (!model_is_near(m, x) || !model_is_target(model_state(m), y) || !(weight > 0.0 && weight <= KEDGE_WEIGHT_MAX))
        return model_learn_apart(m, x, y, weight);
    kedge_row row = model_near_row(x);
    return m->cls->learn(m->cls, m->state, &row, y, weight);
}

kedge_status kedge_model_learn_many(kedge_model *m, const kedge_rows *x, const double *y, const double *weight, size_t *used)
{
    if (!model_is_bound(m) || !used)
        return KEDGE_ERR_NULL;
    if (!m->cls->learn)
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(model_check_shape(m, x));
    if (!y && x->n_rows > 0)
        return KEDGE_ERR_NULL;
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    for (; i < x->n_rows && st >= 0; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        st = model_learn_row(m, &row, y[i], weight ? weight[i] : 1.0);
    }
    *used = st < 0 ? i - 1 : i;
    return st;
}

kedge_status kedge_model_forget(kedge_model *m, const double *x, double y, double weight)
{
    if (!model_is_bound(m) || !x)
        return KEDGE_ERR_NULL;
    if (!m->cls->forget)
        return KEDGE_ERR_UNSUPPORTED;
    kedge_row row = kedge_i_row_of(x);
    KEDGE_TRY(model_check_example(m, &row, y, weight));
    return weight == 0.0 ? KEDGE_OK : m->cls->forget(m->cls, m->state, &row, y, weight);
}

kedge_status kedge_model_merge(kedge_model *m, const kedge_model *other)
{
    if (!model_is_bound(m) || !model_is_bound(other))
        return KEDGE_ERR_NULL;
    if (m->cls != other->cls)
        return KEDGE_ERR_CLASS;
    if (!m->cls->merge)
        return KEDGE_ERR_UNSUPPORTED;
    if (m->state == other->state || !kedge_i_object_alike(&m->cls->base, m->state, other->state))
        return KEDGE_ERR_CONFIG;
    return m->cls->merge(m->cls, m->state, other->state);
}

/* Of a class that fits, from its parameters and layout, and the whole configuration of what is no state yet. */
static size_t model_work(const kedge_model_class *cls, const void *fixed, const void *config, size_t n_rows)
{
    return cls->parts_work ? cls->parts_work(cls, fixed, config, n_rows) : cls->fit_work(fixed, n_rows);
}

size_t kedge_model_fit_work(const kedge_model_config *cfg, size_t n_rows)
{
    kedge_i_fixed fixed;
    kedge_i_config whole;
    if (kedge_model_size(cfg) == 0 || !cfg->cls->fit || n_rows == 0)
        return 0;
    if (kedge_i_object_plan_config(&cfg->cls->base, cfg, cfg->config_bytes, &fixed) == 0)
        return 0;
    (void)kedge_i_object_complete(&cfg->cls->base, cfg, cfg->config_bytes, &whole); /* there is a plan, so it is one */
    return model_work(cfg->cls, &fixed, &whole, n_rows);
}

size_t kedge_model_work(const kedge_model *m, size_t n_rows)
{
    return model_is_bound(m) && m->cls->fit && n_rows > 0 ? model_work(m->cls, m->state, NULL, n_rows) : 0;
}

kedge_status kedge_model_fit(kedge_model *m, const kedge_rows *x, const double *y, const double *weight, void *work,
                             size_t work_bytes)
{
    if (!model_is_bound(m))
        return KEDGE_ERR_NULL;
    if (!m->cls->fit)
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(model_check_fit(m, x, y, weight));
    size_t need = model_work(m->cls, m->state, NULL, x->n_rows);
    if (need == 0)
        return KEDGE_ERR_SHAPE;
    if (!work)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    return m->cls->fit(m->cls, m->state, x, y, weight, work);
}

/* Serving ---------------------------------------------------------------------------------------------------------------------- */

/* predict or score. */
typedef kedge_status (*model_answer)(const kedge_model_class *cls, const void *state, const kedge_row *x, double *out);

/* For a row that is not near. */
static MODEL_APART kedge_status model_answer_apart(const kedge_model *m, const double *x, double *out, model_answer answer)
{
    kedge_row row = kedge_i_row_of(x);
    KEDGE_TRY(model_check_missing(m, &row));
    return answer(m->cls, m->state, &row, out);
}

static inline kedge_status model_answer_to(const kedge_model *m, const double *x, double *out, model_answer answer)
{
    model_expect_rows(x);
    if (!model_is_near(m, x))
        return model_answer_apart(m, x, out, answer);
    kedge_row row = model_near_row(x);
    return answer(m->cls, m->state, &row, out);
}

kedge_status kedge_model_predict(const kedge_model *m, const double *x, double *y)
{
    if (!model_is_bound(m) || !x || !y)
        return KEDGE_ERR_NULL;
    return model_answer_to(m, x, y, m->cls->predict);
}

kedge_status kedge_model_score(const kedge_model *m, const double *x, double *scores, size_t n_scores)
{
    if (!model_is_bound(m) || !x || !scores)
        return KEDGE_ERR_NULL;
    if (n_scores != model_n_scores(m))
        return KEDGE_ERR_SHAPE;
    return model_answer_to(m, x, scores, m->cls->score);
}

kedge_status kedge_model_predict_many(const kedge_model *m, const kedge_rows *x, double *y, size_t *used)
{
    if (!model_is_bound(m) || !used)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(model_check_shape(m, x));
    if (!y && x->n_rows > 0)
        return KEDGE_ERR_NULL;
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    for (; i < x->n_rows && st >= 0; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        st = model_check_row(m, &row);
        if (st == KEDGE_OK)
            st = m->cls->predict(m->cls, m->state, &row, &y[i]);
    }
    *used = st < 0 ? i - 1 : i;
    return st;
}

/* Sparse rows ------------------------------------------------------------------------------------------------------------------ */

static kedge_status model_check_sparse(const kedge_model *m, const kedge_sparse *x)
{
    uint32_t n_features = model_state(m)->n_features;
    if (!x || (x->n > 0 && (!x->index || !x->value)))
        return KEDGE_ERR_NULL;
    uint32_t least = 0;
    int all = 1;
    for (uint32_t j = 0; j < x->n; j++) {
        if (x->index[j] < least || x->index[j] >= n_features)
            return KEDGE_ERR_SHAPE;
        least = x->index[j] + 1;
        all &= kedge_i_finite(x->value[j]);
    }
    return all ? KEDGE_OK : KEDGE_ERR_NOT_FINITE;
}

kedge_status kedge_model_learn_sparse(kedge_model *m, const kedge_sparse *x, double y, double weight)
{
    if (!model_is_bound(m))
        return KEDGE_ERR_NULL;
    if (!m->cls->learn_sparse)
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(model_check_sparse(m, x));
    KEDGE_TRY(model_check_target(model_state(m), y));
    KEDGE_TRY(model_check_weight(weight));
    return weight == 0.0 ? KEDGE_OK : m->cls->learn_sparse(m->cls, m->state, x, y, weight);
}

kedge_status kedge_model_predict_sparse(const kedge_model *m, const kedge_sparse *x, double *y)
{
    if (!model_is_bound(m) || !y)
        return KEDGE_ERR_NULL;
    if (!m->cls->predict_sparse)
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(model_check_sparse(m, x));
    return m->cls->predict_sparse(m->cls, m->state, x, y);
}

kedge_status kedge_model_score_sparse(const kedge_model *m, const kedge_sparse *x, double *scores, size_t n_scores)
{
    if (!model_is_bound(m) || !scores)
        return KEDGE_ERR_NULL;
    if (!m->cls->score_sparse)
        return KEDGE_ERR_UNSUPPORTED;
    if (n_scores != model_n_scores(m))
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(model_check_sparse(m, x));
    return m->cls->score_sparse(m->cls, m->state, x, scores);
}

/* Memory and snapshots --------------------------------------------------------------------------------------------------------- */

kedge_status kedge_model_reset(kedge_model *m)
{
    if (!model_is_bound(m))
        return KEDGE_ERR_NULL;
    kedge_i_object_reset(&m->cls->base, m->state);
    return KEDGE_OK;
}

kedge_status kedge_model_save(const kedge_model *m, void *buf, size_t cap, size_t *len)
{
    if (!model_is_bound(m))
        return KEDGE_ERR_NULL;
    return kedge_i_snapshot_save(&m->cls->base, NULL, m->state, buf, cap, len);
}

kedge_status kedge_model_load_size(const kedge_model_class *cls, const void *buf, size_t len, size_t *bytes)
{
    KEDGE_TRY(model_class_check(cls));
    return kedge_i_snapshot_load_size(&cls->base, buf, len, bytes);
}

kedge_status kedge_model_load(kedge_model *m, const kedge_model_class *cls, void *mem, size_t mem_bytes, const void *buf,
                              size_t len)
{
    if (!m)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(model_class_check(cls));
    KEDGE_TRY(kedge_i_snapshot_load(&cls->base, NULL, mem, mem_bytes, buf, len));
    m->cls = cls;
    m->state = mem;
    return KEDGE_OK;
}
