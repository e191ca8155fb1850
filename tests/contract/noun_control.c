/* SPDX-License-Identifier: MIT */
/* Controls in the contract's shape: how they are fed, read and offered bad input. */
#include "contract.h"

static size_t control_size(const any_config *cfg)
{
    return kedge_control_size(cfg ? &cfg->control : NULL);
}

static kedge_status control_init(handle *h, const any_config *cfg, void *mem, size_t bytes)
{
    return kedge_control_init(h ? &h->control : NULL, cfg ? &cfg->control : NULL, mem, bytes);
}

static const kedge_control_class *control_class_of(const subject *s)
{
    any_config cfg;
    s->config(&cfg);
    return cfg.control.cls;
}

static kedge_status control_open(handle *h, const subject *s, void *mem, size_t bytes)
{
    return kedge_control_open(h ? &h->control : NULL, control_class_of(s), mem, bytes);
}

static kedge_status control_check(const handle *h)
{
    return kedge_control_check(h ? &h->control : NULL);
}

static kedge_status control_reset(handle *h)
{
    return kedge_control_reset(h ? &h->control : NULL);
}

static kedge_status control_save(const handle *h, void *buf, size_t cap, size_t *len)
{
    return kedge_control_save(h ? &h->control : NULL, buf, cap, len);
}

static kedge_status control_load_size(const subject *s, const void *buf, size_t len, size_t *bytes)
{
    return kedge_control_load_size(control_class_of(s), buf, len, bytes);
}

static kedge_status control_load(handle *h, const subject *s, void *mem, size_t bytes, const void *buf, size_t len)
{
    return kedge_control_load(h ? &h->control : NULL, control_class_of(s), mem, bytes, buf, len);
}

static kedge_status touch_events(kedge_control *c)
{
    const kedge_event event = {KEDGE_EVENT_DRIFT, 0, 0, 0, 0, 0, 0, 0, 0};
    return kedge_events_put(c, &event);
}

static kedge_status touch_flow(kedge_control *c)
{
    return kedge_flow_cancel(c, 0);
}

static kedge_status touch_rollout(kedge_control *c)
{
    return kedge_rollout_begin(c, 0, 1, NULL);
}

static kedge_status touch_schema(kedge_control *c)
{
    return kedge_schema_finish(c);
}

static kedge_status touch_store(kedge_control *c)
{
    const kedge_store_version version = {.parent = 0};
    uint64_t id;
    return kedge_store_add(c, &version, &id);
}

static kedge_status touch_triggers(kedge_control *c)
{
    return kedge_triggers_rows(c, 0, 1);
}

/* A call of each class that would change it, what its calls refuse, and what its read-outs must say whatever the state. */
static const struct {
    const kedge_control_class *cls;
    kedge_status (*touch)(kedge_control *c);
    void (*refuse)(kedge_control *c);
    void (*read)(const kedge_control *c);
} control_laws[] = {
    {&kedge_events, touch_events, refuse_events, read_events},
    {&kedge_flow, touch_flow, refuse_flow, read_flow},
    {&kedge_rollout, touch_rollout, refuse_rollout, read_rollout},
    {&kedge_schema, touch_schema, refuse_schema, read_schema},
    {&kedge_store, touch_store, refuse_store, read_store},
    {&kedge_triggers, touch_triggers, refuse_triggers, read_triggers},
};

enum { CONTROL_N_LAWS = sizeof control_laws / sizeof *control_laws };

/* Its own calls refuse bad input; those of the other classes refuse the handle. */
static void control_refusals(handle *h, const subject *s)
{
    size_t n_found = 0;
    (void)s;
    for (size_t i = 0; i < CONTROL_N_LAWS; i++) {
        if (control_laws[i].cls != h->control.cls) {
            assert_int_equal(control_laws[i].touch(&h->control), KEDGE_ERR_CLASS);
            continue;
        }
        control_laws[i].refuse(&h->control);
        n_found++;
    }
    assert_int_equal(n_found, 1);
}

static void control_read(const handle *h, const subject *s)
{
    (void)s;
    for (size_t i = 0; i < CONTROL_N_LAWS; i++)
        if (control_laws[i].cls == h->control.cls)
            control_laws[i].read(&h->control);
}

const noun noun_control = {control_size, control_init,      control_open, control_check,     control_reset,
                           control_save, control_load_size, control_load, control_refusals, control_read};
