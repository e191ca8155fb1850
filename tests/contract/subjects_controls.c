/* SPDX-License-Identifier: MIT */
/* Contract subjects: controls, with what their calls refuse and what their read-outs must say. */
#include "subjects.h"

static void config_events(any_config *cfg)
{
    kedge_events_config c = kedge_events_defaults();
    c.n_events = 7;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_events(any_config *cfg, size_t i)
{
    SPOIL(kedge_events_config, BAD(c->n_events = 0) BAD(c->n_events = (1u << 20) + 1) BAD(c->n_events = UINT32_MAX)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* A forged ring may be full: it refuses, and no more. */
static void feed_events(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const kedge_event event = {1 + (uint32_t)(i % 20), (uint32_t)i, -(int32_t)(i % 3), 1, 0, i * 1000, i / 10, (double)i, NAN_D};
        kedge_status st = kedge_events_put(&h->control, &event);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
    }
}

void refuse_events(kedge_control *c)
{
    unsigned char log[KEDGE_AUDIT_SEGMENT_BYTES];
    kedge_event event = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    kedge_events_report report;
    kedge_audit audit;
    uint64_t next = UINT64_MAX;
    assert_int_equal(kedge_audit_begin(&audit, log, sizeof log, NULL, 0, NULL), KEDGE_OK);
    assert_int_equal(kedge_events_put(NULL, &event), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_put(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_put(c, &event), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_events_get(c, &next, &event), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_events_audit(c, &next, &audit), KEDGE_ERR_RANGE);
    assert_int_equal(next, UINT64_MAX);
    assert_int_equal(kedge_events_get(c, NULL, &event), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_get(c, &next, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_each(c, &next, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_audit(c, &next, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_audit(c, NULL, &audit), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_read(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_read(NULL, &report), KEDGE_ERR_NULL);
}

void read_events(const kedge_control *c)
{
    kedge_events_report r;
    kedge_event event;
    assert_int_equal(kedge_events_read(c, &r), KEDGE_OK);
    assert_true(r.first + r.n_kept == r.n);
    uint64_t next = 0, n_seen = 0;
    while (kedge_events_get(c, &next, &event) == KEDGE_OK) {
        assert_true(event.kind != 0 && event.number == r.first + n_seen);
        n_seen++;
    }
    assert_true(n_seen == r.n_kept && next == r.n);
}

static const subject subjects[] = {
    {"events", &noun_control, config_events, spoil_events, feed_events, NULL, 30},
};

const subject_group group_controls = {subjects, sizeof subjects / sizeof *subjects};
