/* SPDX-License-Identifier: MIT */
/* Contract subjects: schemas, of declared and of inferred columns, with what their calls refuse and what their read-outs must
 * say. */
#include "subjects.h"

enum { SCHEMA_COLUMNS = 6, SCHEMA_LEARNED = 80, SCHEMA_RENEWED = 160 };

static kedge_column column_list[SCHEMA_COLUMNS];

static void config_schema(any_config *cfg)
{
    static const kedge_column init = KEDGE_COLUMN_INIT;
    for (uint32_t i = 0; i < SCHEMA_COLUMNS; i++) {
        column_list[i] = init;
        column_list[i].name[0] = (char)('a' + i);
        column_list[i].kind = i < 5 ? 1 + i : KEDGE_COLUMN_NOMINAL;
        column_list[i].missing_max = 0.5;
        column_list[i].max_categories = 5;
    }
    column_list[1].low = -10.0;
    column_list[1].high = 10.0;
    column_list[5].n_categories = 3;
    column_list[5].unseen_max = 0.1;
    kedge_schema_config c = kedge_schema_defaults(column_list, SCHEMA_COLUMNS);
    c.max_categories = 6;
    c.sample_rows = 64;
    c.window = 64;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_inferred(any_config *cfg)
{
    kedge_schema_config c = kedge_schema_defaults(NULL, SCHEMA_COLUMNS);
    c.max_categories = 12;
    c.sample_rows = 70;
    c.window = 65;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

#define SPOIL_SCHEMA                                                                               \
    BAD(c->n_columns = 0) BAD(c->n_columns = KEDGE_SCHEMA_COLUMNS_MAX + 1) \
    BAD(c->max_categories = 1) BAD(c->max_categories = 4097) \
    BAD(c->sample_rows = 63) BAD(c->sample_rows = 65537) BAD(c->window = 63) BAD(c->window = (1u << 20) + 1) BAD(c->slack = -0.1) \
    BAD(c->slack = 1001) BAD(c->slack = NAN_D) BAD(c->confidence = 0.5) BAD(c->confidence = 1) BAD(c->confidence = NAN_D) \
    BAD(c->rate_alpha = 0) BAD(c->rate_alpha = 0.6) BAD(c->rate_alpha = NAN_D) BAD(c->shift_alpha = 0) BAD(c->shift_alpha = 0.6) \
    BAD(c->shift_alpha = NAN_D) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL)

static int spoil_schema(any_config *cfg, size_t i)
{
    kedge_column *t = column_list;
    SPOIL(kedge_schema_config, SPOIL_SCHEMA BAD(t[0].kind = 0) BAD(t[0].kind = 6) BAD(memset(t[0].name, 'x', 16))
    BAD(t[1].is_whole = 2)
          BAD(t[1].low = 11) BAD(t[1].low = (double)INFINITY) BAD(t[1].high = -(double)INFINITY) BAD(t[1].missing_max = -0.1)
          BAD(t[1].missing_max = NAN_D) BAD(t[2].unseen_max = 1.1) BAD(t[2].unseen_max = NAN_D) BAD(t[2].max_categories = 0)
          BAD(t[2].max_categories = 7) BAD(t[5].n_categories = 7));
}

static int spoil_inferred(any_config *cfg, size_t i)
{
    SPOIL(kedge_schema_config, SPOIL_SCHEMA);
}

/* Mostly good rows, of columns of all kinds; some miss values, bring a new category, are out of range, or too short. */
static size_t schema_row(size_t i, double *x)
{
    x[0] = contract_value(i);
    x[1] = i % 31 == 30 ? 1e6 : i % 13 == 12 ? NAN_D : contract_value(i + 7);
    x[2] = i % 47 == 46 ? 9.0 : (double)(i % 3);
    x[3] = i % 5 == 0;
    x[4] = i % 2 ? (double)INFINITY : NAN_D;
    x[5] = i % 23 == 22 ? 7.0 : i % 11 == 10 ? NAN_D : (double)(i % 2);
    if (i > SCHEMA_RENEWED)
        x[3] = 1.0;
    return i % 61 == 60 ? SCHEMA_COLUMNS - 1 : SCHEMA_COLUMNS;
}

/* A forged state may have learned or not, and be full: it refuses, and no more. */
static void feed_schema(handle *h, size_t from, size_t to)
{
    kedge_control *c = &h->control;
    for (size_t i = from; i < to; i++) {
        kedge_schema_verdict v;
        double x[SCHEMA_COLUMNS];
        size_t n = schema_row(i, x);
        if (i < SCHEMA_LEARNED) {
            x[4] = 1.0;
            kedge_status st = kedge_schema_learn(c, x, n);
            assert_true(st == KEDGE_OK || st == KEDGE_ERR_SKEW || st == KEDGE_ERR_STATE || st == KEDGE_ERR_RANGE);
            continue;
        }
        kedge_status st = i == SCHEMA_LEARNED ? kedge_schema_finish(c) : i == SCHEMA_RENEWED ? kedge_schema_renew(c) : KEDGE_OK;
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_STATE || st == KEDGE_ERR_NUMERIC);
        x[4] = i % 2 ? 1.0 : x[4];
        st = kedge_schema_check_row(c, i, x, n, &v);
        assert_true((st >= KEDGE_OK && st <= KEDGE_DRIFT) || st == KEDGE_ERR_SKEW || st == KEDGE_ERR_STATE ||
                    st == KEDGE_ERR_RANGE);
        if (st == KEDGE_ERR_STATE || st == KEDGE_ERR_RANGE)
            continue;
        assert_true(v.status == st && v.n_findings <= KEDGE_SCHEMA_FINDINGS && (v.n_wrong > 0) == (st < 0));
        assert_true((v.n_findings == 0) == (v.n_wrong + v.n_news + v.n_shifted == 0));
    }
}

void refuse_schema(kedge_control *c)
{
    const double row[SCHEMA_COLUMNS] = {0};
    const kedge_rows rows = kedge_rows_float64(row, 1, SCHEMA_COLUMNS), narrow = kedge_rows_float64(row, 2, SCHEMA_COLUMNS - 1);
    kedge_rows broken = rows;
    kedge_schema_verdict v;
    kedge_schema_report report;
    kedge_schema_column_report of_one;
    kedge_column column;
    size_t n;
    broken.type = 9;
    assert_int_equal(kedge_schema_learn(NULL, row, SCHEMA_COLUMNS), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_learn(c, NULL, SCHEMA_COLUMNS), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_learn_many(c, NULL, &n), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_finish(NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_renew(NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_check_row(c, 0, NULL, SCHEMA_COLUMNS, &v), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_check_row(c, 0, row, SCHEMA_COLUMNS, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_check_many(c, 0, NULL, NULL, &n, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_check_many(c, 0, &rows, NULL, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_check_many(c, 0, &broken, NULL, &n, NULL), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_schema_column(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_column(c, SCHEMA_COLUMNS, &column), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_schema_column(c, 0, &column), KEDGE_OK);
    assert_int_equal(kedge_schema_set_column(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_set_column(c, SCHEMA_COLUMNS, &column), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_schema_read(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_read(NULL, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_read_column(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_read_column(c, SCHEMA_COLUMNS, &of_one), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_schema_text(c, NULL, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_text(c, NULL, 1, &n), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_verdict_text(c, NULL, NULL, 0, &n), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_event(NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_schema_read(c, &report), KEDGE_OK);
    if (report.is_finished) {
        assert_int_equal(kedge_schema_learn(c, row, SCHEMA_COLUMNS), KEDGE_ERR_STATE);
        assert_int_equal(kedge_schema_learn_many(c, &rows, &n), KEDGE_ERR_STATE);
        assert_int_equal(kedge_schema_finish(c), KEDGE_ERR_STATE);
        assert_int_equal(kedge_schema_check_row(c, UINT64_MAX, row, SCHEMA_COLUMNS, &v), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_schema_check_many(c, UINT64_MAX, &rows, NULL, &n, NULL), KEDGE_ERR_RANGE);
        column.kind = KEDGE_COLUMN_INFERRED;
        assert_int_equal(kedge_schema_set_column(c, 0, &column), KEDGE_ERR_CONFIG);
    } else {
        assert_int_equal(kedge_schema_learn_many(c, &narrow, &n), KEDGE_ERR_SHAPE);
        assert_int_equal(kedge_schema_learn_many(c, &broken, &n), KEDGE_ERR_SHAPE);
        assert_int_equal(kedge_schema_check_row(c, 0, row, SCHEMA_COLUMNS, &v), KEDGE_ERR_STATE);
        assert_int_equal(kedge_schema_check_many(c, 0, &rows, NULL, &n, NULL), KEDGE_ERR_STATE);
        assert_int_equal(kedge_schema_renew(c), KEDGE_ERR_STATE);
        assert_int_equal(kedge_schema_set_column(c, 0, &column), KEDGE_ERR_STATE);
    }
}

void read_schema(const kedge_control *c)
{
    kedge_schema_report r;
    char text[100 + 350 * SCHEMA_COLUMNS];
    size_t len;
    assert_int_equal(kedge_schema_read(c, &r), KEDGE_OK);
    assert_true(r.n_columns == SCHEMA_COLUMNS && r.n_refused + r.n_warned <= r.n_checked && r.n_shifted <= r.n_watched);
    for (uint32_t i = 0; i < r.n_columns; i++) {
        kedge_schema_column_report one;
        kedge_column column;
        assert_int_equal(kedge_schema_column(c, i, &column), KEDGE_OK);
        assert_int_equal(kedge_schema_read_column(c, i, &one), KEDGE_OK);
        assert_true(column.low <= column.high && column.kind >= 1 && column.kind <= 5 && one.n_shifts <= one.n_windows);
        assert_true(one.is_shifted == (one.why != 0) && one.n_reference <= r.n_reference);
    }
    assert_int_equal(kedge_schema_text(c, text, sizeof text, &len), KEDGE_OK);
    assert_int_equal(len, strlen(text));
}

static const subject subjects[] = {
    {"schema", &noun_control, config_schema, spoil_schema, feed_schema, NULL, 400},
    {"schema, inferred", &noun_control, config_inferred, spoil_inferred, feed_schema, NULL, 400},
};

const subject_group group_schema = {subjects, sizeof subjects / sizeof *subjects};
