/* SPDX-License-Identifier: MIT */
/* Writing frozen models. What they say is in the classes' own freeze functions; here is what all blocks have. */
#include "base/fp.h"

#include <string.h>

#include "models/freeze.h"

#include "base/bytes.h"
#include "base/check.h"
#include "models/row.h"

static void freeze_name(const kedge_model_class *cls, char *to)
{
    size_t n = strlen(cls->base.name);
    memcpy(to, cls->base.name, n < KEDGE_NAME_BYTES ? n : KEDGE_NAME_BYTES - 1);
}

static void freeze_head(const kedge_model_class *cls, const kedge_model_state *s, const freeze_plan *plan, uint32_t bytes,
                        frozen_head *h)
{
    memcpy(h->magic, "KDGF", sizeof h->magic);
    h->order = FROZEN_ORDER;
    h->format = FROZEN_FORMAT;
    h->bytes = bytes;
    h->kind = plan->kind;
    h->n_features = s->n_features;
    h->n_classes = s->n_classes;
    h->flags = (cls->takes_missing ? FROZEN_TAKES_MISSING : 0u) | (s->n_learned == 0 ? FROZEN_IS_EMPTY : 0u);
    h->n_nodes = plan->n_nodes;
    h->n_doubles = (uint32_t)plan->n_doubles;
    h->n_words = (uint32_t)(plan->n_words + plan->n_words % 2);
    h->n_parts = plan->n_parts;
    freeze_name(cls, h->name);
}

kedge_status kedge_i_freeze_begin(const kedge_model_class *cls, const void *state, const freeze_plan *plan, void *buf, size_t cap,
                                  size_t *len, freeze_block *out)
{
    uint64_t words = plan->n_words + plan->n_words % 2;
    uint64_t total = sizeof(frozen_head) + (uint64_t)plan->n_nodes * sizeof(frozen_node) + plan->n_doubles * sizeof(double) +
                     words * sizeof(uint32_t) + plan->part_bytes + sizeof(frozen_tail);
    if (total > UINT32_MAX)
        return KEDGE_ERR_UNSUPPORTED;
    *len = (size_t)total;
    if (cap < total)
        return KEDGE_ERR_BUFFER;
    if (!buf)
        return KEDGE_ERR_NULL;
    if (!kedge_i_aligned(buf))
        return KEDGE_ERR_ALIGN;
    memset(buf, 0, (size_t)total);
    out->head = buf;
    freeze_head(cls, state, plan, (uint32_t)total, out->head);
    out->nodes = (frozen_node *)(void *)(out->head + 1);
    out->doubles = (double *)(void *)(out->nodes + plan->n_nodes);
    out->words = (uint32_t *)(void *)(out->doubles + plan->n_doubles);
    out->parts = (unsigned char *)(out->words + words);
    return KEDGE_OK;
}

static frozen_tail *freeze_tail(frozen_head *h)
{
    return (frozen_tail *)(void *)((unsigned char *)h + h->bytes) - 1;
}

kedge_status kedge_i_freeze_end(const freeze_block *b)
{
    freeze_tail(b->head)->crc = kedge_i_crc32((const unsigned char *)b->head, b->head->bytes - sizeof(uint32_t));
    return KEDGE_OK;
}

kedge_status kedge_i_freeze_constant(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    static const double zero = 0.0;
    const kedge_model_state *s = state;
    const kedge_row row = {&zero, 0, KEDGE_FLOAT64, 0, NULL};
    freeze_plan plan = {KEDGE_FROZEN_CONSTANT, 0, 1u + (s->n_classes > 0 ? s->n_classes : 1u), 0, 0, 0, 0};
    freeze_block b;
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    kedge_status st = cls->predict(cls, state, &row, b.doubles);
    KEDGE_TRY(st);
    KEDGE_TRY(cls->score(cls, state, &row, b.doubles + 1));
    b.head->flags |= st == KEDGE_EMPTY ? FROZEN_IS_EMPTY : 0u; /* rows may have been learned that say nothing */
    return kedge_i_freeze_end(&b);
}

/* What has learned nothing says the same to all rows: its class's prior. */
kedge_status kedge_i_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    if (!cls->freeze)
        return KEDGE_ERR_UNSUPPORTED;
    if (((const kedge_model_state *)state)->n_learned == 0)
        return kedge_i_freeze_constant(cls, state, buf, cap, len);
    return cls->freeze(cls, state, buf, cap, len);
}

/* What the members need; an error if one cannot be frozen. */
static kedge_status freeze_lengths(const kedge_model_class *cls, const void *state, const freeze_mixture *mix, uint64_t *sum)
{
    for (uint32_t i = 0; i < mix->n_members; i++) {
        freeze_member m;
        size_t len = 0;
        mix->member(mix, cls, state, i, &m);
        kedge_status st = kedge_i_freeze(m.cls, m.state, NULL, 0, &len);
        if (st != KEDGE_ERR_BUFFER)
            return st;
        *sum += len;
    }
    return KEDGE_OK;
}

static kedge_status freeze_parts(const kedge_model_class *cls, const void *state, const freeze_mixture *mix, const freeze_block *b,
                                 size_t room)
{
    unsigned char *to = b->parts;
    for (uint32_t i = 0; i < mix->n_members; i++) {
        freeze_member m;
        size_t used = 0;
        mix->member(mix, cls, state, i, &m);
        KEDGE_TRY(kedge_i_freeze(m.cls, m.state, to, room, &used));
        if (((const frozen_head *)(const void *)to)->n_parts != 0)
            return KEDGE_ERR_UNSUPPORTED;
        b->doubles[i] = m.weight;
        for (uint32_t j = 0; m.features && j < mix->n_looked; j++)
            b->words[i * mix->n_looked + j] = m.features[j];
        to += used;
        room -= used;
    }
    return KEDGE_OK;
}

kedge_status kedge_i_freeze_mixture(const kedge_model_class *cls, const void *state, const freeze_mixture *mix, void *buf,
                                    size_t cap, size_t *len)
{
    freeze_plan plan = {KEDGE_FROZEN_MIXTURE, 0, mix->n_members, 0, 0, mix->n_members, 0};
    freeze_block b;
    if (mix->n_looked < ((const kedge_model_state *)state)->n_features)
        plan.n_words = (uint64_t)mix->n_members * mix->n_looked;
    KEDGE_TRY(freeze_lengths(cls, state, mix, &plan.part_bytes));
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    b.head->params[FROZEN_LOOKED] = mix->n_looked;
    b.head->params[FROZEN_SPREADS] = mix->spreads;
    KEDGE_TRY(freeze_parts(cls, state, mix, &b, (size_t)plan.part_bytes));
    return kedge_i_freeze_end(&b);
}

kedge_status kedge_model_freeze(const kedge_model *m, void *buf, size_t cap, size_t *len)
{
    if (!m || !m->cls || !m->state || !len)
        return KEDGE_ERR_NULL;
    return kedge_i_freeze(m->cls, m->state, buf, cap, len);
}

/* The other byte order --------------------------------------------------------------------------------------------------------- */

#define FREEZE_HEAD_WORDS ((offsetof(frozen_head, name) - offsetof(frozen_head, order)) / sizeof(uint32_t))

static void freeze_turn(void *at, size_t n, size_t width)
{
    unsigned char *p = at;
    for (size_t i = 0; i < n; i++, p += width)
        for (size_t j = 0; j < width / 2; j++) {
            unsigned char byte = p[j];
            p[j] = p[width - 1 - j];
            p[width - 1 - j] = byte;
        }
}

static void freeze_turn_nodes(frozen_head *h)
{
    unsigned char *nodes = (unsigned char *)(h + 1);
    for (size_t i = 0; i < h->n_nodes; i++) {
        freeze_turn(nodes + i * sizeof(frozen_node), 1, sizeof(double));
        freeze_turn(nodes + i * sizeof(frozen_node) + sizeof(double), 2, sizeof(uint32_t));
    }
}

/* All but the parts; the head last, which says where the rest is. */
static void freeze_turn_block(frozen_head *h)
{
    unsigned char *doubles = (unsigned char *)(h + 1) + (size_t)h->n_nodes * sizeof(frozen_node);
    unsigned char *words = doubles + (size_t)h->n_doubles * sizeof(double);
    frozen_tail *tail = freeze_tail(h);
    size_t crc_at = h->bytes - sizeof tail->crc;
    freeze_turn_nodes(h);
    freeze_turn(doubles, h->n_doubles, sizeof(double));
    freeze_turn(words, h->n_words, sizeof(uint32_t));
    freeze_turn((unsigned char *)h + offsetof(frozen_head, order), FREEZE_HEAD_WORDS, sizeof(uint32_t));
    tail->crc = kedge_i_crc32((const unsigned char *)h, crc_at);
    freeze_turn(&tail->crc, 1, sizeof tail->crc);
}

kedge_status kedge_frozen_swap(void *blob, size_t len)
{
    kedge_frozen f;
    KEDGE_TRY(kedge_frozen_open(&f, blob, len));
    frozen_head *h = blob;
    unsigned char *part = (unsigned char *)blob + ((const unsigned char *)frozen_first_part(h) - (const unsigned char *)h);
    for (uint32_t i = 0; i < h->n_parts; i++) {
        uint32_t bytes = ((const frozen_head *)(const void *)part)->bytes;
        freeze_turn_block((frozen_head *)(void *)part);
        part += bytes;
    }
    freeze_turn_block(h);
    return KEDGE_OK;
}
