/* SPDX-License-Identifier: MIT */
/* What a schema says of the rows of a pipeline. Until a model serves it learns the rows that are asked for; from then on it refuses
 * those that break it, before the model sees them. A row is judged first, and counted when the model has answered: whatever fails
 * in between leaves the schema as it was. */
#include "base/fp.h"

#include "pipeline/pipeline_state.h"

#include "base/check.h"
#include "base/rows.h"
#include "pipeline/schema_state.h"

static void admit_tell(kedge_pipeline *p, const kedge_schema_verdict *v)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control triggers = kedge_i_pipeline_control(p, KEDGE_PIPELINE_TRIGGERS);
    kedge_event event;
    if (kedge_schema_event(v, &event) == KEDGE_OK) {
        event.version = s->version;
        kedge_i_deliver_put(p, &event);
    }
    if (v->n_shifted == 0)
        return;
    s->clock_ns = v->now_ns;
    if (triggers.state) /* that nobody watches the source is no fault */
        KEDGE_IGNORE(kedge_triggers_signal(&triggers, v->now_ns, KEDGE_SOURCE_SCHEMA, KEDGE_DRIFT));
}

/* As the schema's phase has it: learn the row, or check it. */
static kedge_status admit_count(kedge_pipeline *p, kedge_control *schema, uint64_t now_ns, const double *x)
{
    const kedge_i_schema *of = schema->state;
    kedge_schema_verdict v;
    if (of->phase == 0)
        return kedge_schema_learn(schema, x, of->n_columns);
    kedge_status st = kedge_schema_check_row(schema, kedge_i_deliver_clock(pipeline_of(p), now_ns), x, of->n_columns, &v);
    if (st == KEDGE_ERR_RANGE) /* 2^62 rows */
        return st;
    admit_tell(p, &v);
    return st;
}

kedge_status kedge_i_admit_judge(kedge_pipeline *p, uint64_t now_ns, const double *x)
{
    kedge_control schema = kedge_i_pipeline_control(p, KEDGE_PIPELINE_SCHEMA);
    if (!schema.state || kedge_i_schema_admits(schema.state, x))
        return KEDGE_OK;
    return admit_count(p, &schema, now_ns, x);
}

/* Does a model serve that has learned? Online it has from the first rows on. */
static int admit_is_served(const pipeline_state *s)
{
    return s->policy == KEDGE_POLICY_ONLINE ? s->n_labelled >= s->min_rows : pipeline_counts_of(s)->n_promotions > 0;
}

void kedge_i_admit_served(kedge_pipeline *p, uint64_t now_ns, const double *x)
{
    kedge_control schema = kedge_i_pipeline_control(p, KEDGE_PIPELINE_SCHEMA);
    if (!schema.state)
        return;
    KEDGE_IGNORE(admit_count(p, &schema, now_ns, x));
    if (((const kedge_i_schema *)schema.state)->phase == 0 && admit_is_served(pipeline_of(p)))
        KEDGE_IGNORE(kedge_schema_finish(&schema)); /* or later, when there are rows enough */
}

kedge_status kedge_i_admit_table(const kedge_pipeline *p, const kedge_rows *x)
{
    kedge_control schema = kedge_i_pipeline_control(p, KEDGE_PIPELINE_SCHEMA);
    if (!schema.state || !x || kedge_i_rows_check(x) < 0)
        return KEDGE_OK; /* the model says what is wrong with a table */
    return kedge_i_schema_admits_rows(schema.state, x) ? KEDGE_OK : KEDGE_ERR_SKEW;
}

void kedge_i_admit_trained(const kedge_pipeline *p, const kedge_rows *x)
{
    kedge_control schema = kedge_i_pipeline_control(p, KEDGE_PIPELINE_SCHEMA);
    if (!schema.state || ((const kedge_i_schema *)schema.state)->phase > 0)
        return;
    KEDGE_IGNORE(kedge_schema_learn_many(&schema, x, NULL));
    KEDGE_IGNORE(kedge_schema_finish(&schema));
}

void kedge_i_admit_settled(const kedge_pipeline *p)
{
    kedge_control schema = kedge_i_pipeline_control(p, KEDGE_PIPELINE_SCHEMA);
    if (schema.state) /* while it learns there is nothing to renew */
        KEDGE_IGNORE(kedge_schema_renew(&schema));
}

/* The schema inside is one of the pipeline's rows. */
int kedge_i_admit_fits(const kedge_pipeline *p)
{
    kedge_control schema = kedge_i_pipeline_control(p, KEDGE_PIPELINE_SCHEMA);
    return !schema.state || ((const kedge_i_schema *)schema.state)->n_columns == pipeline_of(p)->n_features;
}
