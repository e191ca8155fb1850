/* SPDX-License-Identifier: MIT */
/* Contract subject: usage and its cost. */
#include "subjects.h"

enum { N_BATCH = 300 };

static void config_cost(any_config *cfg)
{
    kedge_cost_config c = kedge_cost_defaults();
    c.price_compute = 0.5;
    c.price_held = 3;
    c.price_moved = 0.25;
    c.price_energy = 7;
    c.watts = 40;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

#define SPOIL_PRICE(price) BAD(c->price = -1) BAD(c->price = 1.1e12) BAD(c->price = NAN_D)

static int spoil_cost(any_config *cfg, size_t i)
{
    SPOIL(kedge_cost_config, SPOIL_PRICE(price_compute) SPOIL_PRICE(price_held) SPOIL_PRICE(price_moved) SPOIL_PRICE(price_energy)
          SPOIL_PRICE(watts) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* What is refused is too much for a forged snapshot's counts, or behind its time. */
static void feed_cost(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_cost_add(&h->metric, 1 + (uint32_t)(i % 5), 1 + i % 3, i * i * 1000003, i << 20);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
        st = kedge_cost_hold(&h->metric, i * 37 % 101 << 20, i * 1000000007);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
        st = kedge_cost_gain(&h->metric, (double)(i % 7) - 2);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_STATE);
    }
}

static const subject subjects[] = {
    {"cost", &noun_metric, config_cost, spoil_cost, feed_cost, NULL, N_BATCH},
};

const subject_group group_cost = {subjects, sizeof subjects / sizeof *subjects};
