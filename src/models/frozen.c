/* SPDX-License-Identifier: MIT */
/* Frozen models: verifying a block once, and the verbs on it. This file and frozen_*.c are all that a device needs that predicts
 * and never learns. */
#include "base/fp.h"

#include <string.h>

#include "models/frozen_blob.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/lanes.h"
#include "base/number.h"
#include "models/row.h"

/* Constants -------------------------------------------------------------------------------------------------------------------- */

/* Doubles: what is predicted, then the scores. */
static uint32_t frozen_n_scores(const frozen_head *h)
{
    return h->n_classes > 0 ? h->n_classes : 1;
}

static int frozen_constant_is_sound(const frozen_head *h)
{
    const double *d = frozen_doubles(h);
    if (h->n_nodes != 0 || h->n_words != 0 || h->n_parts != 0 || h->n_doubles != 1 + frozen_n_scores(h))
        return 0;
    if (h->n_classes == 0)
        return frozen_all_within(d, 2, -2.0 * KEDGE_TARGET_MAX, 2.0 * KEDGE_TARGET_MAX);
    return kedge_i_within(d[0], 0.0, (double)h->n_classes - 1.0) && d[0] == (double)(uint32_t)d[0] &&
           frozen_all_within(d + 1, h->n_classes, 0.0, 1.0);
}

static void frozen_constant_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    (void)x;
    *y = frozen_doubles(h)[0];
}

static void frozen_constant_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    (void)x;
    memcpy(scores, frozen_doubles(h) + 1, frozen_n_scores(h) * sizeof *scores);
}

static const frozen_kind frozen_constant = {frozen_constant_is_sound, frozen_constant_predict, frozen_constant_score};

const frozen_kind *kedge_i_frozen_kind(uint32_t kind)
{
    switch (kind) {
    case KEDGE_FROZEN_CONSTANT:
        return &frozen_constant;
    case KEDGE_FROZEN_LINEAR:
        return &kedge_i_frozen_linear;
    case KEDGE_FROZEN_LOGISTIC:
        return &kedge_i_frozen_logistic;
    case KEDGE_FROZEN_GAUSSIAN:
        return &kedge_i_frozen_gaussian;
    case KEDGE_FROZEN_TABLE:
        return &kedge_i_frozen_table;
    case KEDGE_FROZEN_TREE:
        return &kedge_i_frozen_tree;
    case KEDGE_FROZEN_FOREST:
        return &kedge_i_frozen_forest;
    case KEDGE_FROZEN_MIXTURE:
        return &kedge_i_frozen_mixture;
    case KEDGE_FROZEN_VALUES:
        return &kedge_i_frozen_values;
    case KEDGE_FROZEN_GROVE:
        return &kedge_i_frozen_grove;
    default:
        return NULL;
    }
}

/* Verifying -------------------------------------------------------------------------------------------------------------------- */

static const frozen_head *frozen_head_of(const kedge_frozen *f)
{
    return f->blob;
}

/* Do the lengths of the sections add up, and what they hold to the whole? */
static int frozen_fits(const frozen_head *h)
{
    uint64_t own = sizeof *h + (uint64_t)h->n_nodes * sizeof(frozen_node) + (uint64_t)h->n_doubles * sizeof(double) +
                   (uint64_t)h->n_words * sizeof(uint32_t) + sizeof(frozen_tail);
    return h->n_words % 2 == 0 && h->bytes % KEDGE_ALIGN == 0 && (h->n_parts == 0 ? own == h->bytes : own < h->bytes) &&
           h->n_parts <= FROZEN_PARTS_MAX;
}

/* Reads the head only, of a block of which at least the head is there. */
static kedge_status frozen_check_head(const frozen_head *h, size_t len)
{
    if (memcmp(h->magic, "KDGF", sizeof h->magic) != 0)
        return KEDGE_ERR_SNAPSHOT;
    if (h->order != FROZEN_ORDER || h->format != FROZEN_FORMAT)
        return KEDGE_ERR_CLASS;
    if (h->bytes > len)
        return KEDGE_ERR_BUFFER;
    return frozen_fits(h) ? KEDGE_OK : KEDGE_ERR_SNAPSHOT;
}

static int frozen_is_intact(const frozen_head *h)
{
    const frozen_tail *tail = (const frozen_tail *)(const void *)((const unsigned char *)h + h->bytes) - 1;
    return tail->zero == 0 && tail->crc == kedge_i_crc32((const unsigned char *)h, h->bytes - sizeof tail->crc);
}

static int frozen_numbers_are_sound(const frozen_head *h)
{
    const frozen_node *nodes = frozen_nodes(h);
    for (uint32_t i = 0; i < h->n_nodes; i++)
        if (!kedge_i_finite(nodes[i].threshold))
            return 0;
    return frozen_all_within(frozen_doubles(h), h->n_doubles, -DBL_MAX, DBL_MAX);
}

static int frozen_is_sound(const frozen_head *h)
{
    const frozen_kind *kind = kedge_i_frozen_kind(h->kind);
    return kind && kedge_i_u32_within(h->n_features, 1, KEDGE_FEATURES_MAX) && h->n_classes != 1 &&
           h->n_classes <= KEDGE_CLASSES_MAX && h->flags <= (FROZEN_TAKES_MISSING | FROZEN_IS_EMPTY) &&
           memchr(h->name, 0, sizeof h->name) != NULL && frozen_numbers_are_sound(h) && kind->is_sound(h);
}

/* A part lies inside, is a block of its own that fits the whole, and has no parts itself. Returns its end, or NULL. */
static const unsigned char *frozen_check_part(const frozen_head *h, const unsigned char *at, const unsigned char *end)
{
    const frozen_head *part = (const frozen_head *)(const void *)at;
    if ((size_t)(end - at) < sizeof *part + sizeof(frozen_tail) || frozen_check_head(part, (size_t)(end - at)) != KEDGE_OK)
        return NULL;
    if (part->n_parts != 0 || part->n_features != h->params[FROZEN_LOOKED] || part->n_classes != h->n_classes ||
        ((h->flags & FROZEN_TAKES_MISSING) != 0 && (part->flags & FROZEN_TAKES_MISSING) == 0))
        return NULL;
    return frozen_is_intact(part) && frozen_is_sound(part) ? at + part->bytes : NULL;
}

static int frozen_parts_are_sound(const frozen_head *h)
{
    const unsigned char *end = (const unsigned char *)h + h->bytes - sizeof(frozen_tail);
    const unsigned char *at = (const unsigned char *)frozen_first_part(h);
    if (h->n_parts > 0 && h->kind != KEDGE_FROZEN_MIXTURE)
        return 0;
    for (uint32_t i = 0; i < h->n_parts && at; i++)
        at = frozen_check_part(h, at, end);
    return at == end;
}

kedge_status kedge_frozen_open(kedge_frozen *f, const void *blob, size_t len)
{
    const frozen_head *h = blob;
    if (!f || !blob)
        return KEDGE_ERR_NULL;
    if (!kedge_i_aligned(blob))
        return KEDGE_ERR_ALIGN;
    if (len < sizeof *h + sizeof(frozen_tail))
        return KEDGE_ERR_BUFFER;
    KEDGE_TRY(frozen_check_head(h, len));
    if (!frozen_is_intact(h) || !frozen_parts_are_sound(h) || !frozen_is_sound(h))
        return KEDGE_ERR_SNAPSHOT;
    f->blob = blob;
    f->bytes = h->bytes;
    return KEDGE_OK;
}

/* Verbs ------------------------------------------------------------------------------------------------------------------------ */

static int frozen_is_bound(const kedge_frozen *f)
{
    return f && f->blob;
}

kedge_status kedge_frozen_describe(const kedge_frozen *f, kedge_frozen_info *out)
{
    if (!frozen_is_bound(f) || !out)
        return KEDGE_ERR_NULL;
    const frozen_head *h = frozen_head_of(f);
    out->bytes = h->bytes;
    out->n_features = h->n_features;
    out->n_classes = h->n_classes;
    out->kind = (int32_t)h->kind;
    out->takes_missing = (h->flags & FROZEN_TAKES_MISSING) != 0;
    out->is_empty = (h->flags & FROZEN_IS_EMPTY) != 0;
    out->reserved = 0;
    memcpy(out->name, h->name, sizeof out->name);
    return KEDGE_OK;
}

/* As models check theirs, a row that is not near. */
static FROZEN_APART kedge_status frozen_check_any(const frozen_head *h, const kedge_row *x)
{
    int all = 1;
    for (uint32_t i = 0; i < h->n_features; i++)
        all &= kedge_i_finite(kedge_i_row_at(x, i));
    if (all || (h->flags & FROZEN_TAKES_MISSING) == 0)
        return all ? KEDGE_OK : KEDGE_ERR_NOT_FINITE;
    for (uint32_t i = 0; i < h->n_features; i++) {
        double value = kedge_i_row_at(x, i);
        if (value == value && !kedge_i_finite(value))
            return KEDGE_ERR_NOT_FINITE;
    }
    return KEDGE_OK;
}

static inline kedge_status frozen_check_row(const frozen_head *h, kedge_row *x)
{
    const double *plain = kedge_i_row_plain(x);
    x->reserved = plain && kedge_i_all_below(plain, h->n_features, KEDGE_I_ROW_POWER) ? KEDGE_I_ROW_NEAR : 0;
    return x->reserved == KEDGE_I_ROW_NEAR ? KEDGE_OK : frozen_check_any(h, x);
}

static kedge_status frozen_status(const frozen_head *h)
{
    return (h->flags & FROZEN_IS_EMPTY) != 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status frozen_predict_row(const frozen_head *h, kedge_row *x, double *y)
{
    KEDGE_TRY(frozen_check_row(h, x));
    kedge_i_frozen_kind(h->kind)->predict(h, x, y);
    return frozen_status(h);
}

kedge_status kedge_frozen_predict(const kedge_frozen *f, const double *x, double *y)
{
    if (!frozen_is_bound(f) || !x || !y)
        return KEDGE_ERR_NULL;
    kedge_row row = kedge_i_row_of(x);
    return frozen_predict_row(f->blob, &row, y);
}

kedge_status kedge_frozen_score(const kedge_frozen *f, const double *x, double *scores, size_t n_scores)
{
    if (!frozen_is_bound(f) || !x || !scores)
        return KEDGE_ERR_NULL;
    const frozen_head *h = frozen_head_of(f);
    if (n_scores != frozen_n_scores(h))
        return KEDGE_ERR_SHAPE;
    kedge_row row = kedge_i_row_of(x);
    KEDGE_TRY(frozen_check_row(h, &row));
    kedge_i_frozen_kind(h->kind)->score(h, &row, scores);
    return frozen_status(h);
}

kedge_status kedge_frozen_predict_many(const kedge_frozen *f, const kedge_rows *x, double *y, size_t *used)
{
    if (!frozen_is_bound(f) || !used)
        return KEDGE_ERR_NULL;
    const frozen_head *h = frozen_head_of(f);
    KEDGE_TRY(kedge_i_rows_check(x));
    if (x->n_columns != h->n_features)
        return KEDGE_ERR_SHAPE;
    if (!y && x->n_rows > 0)
        return KEDGE_ERR_NULL;
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    for (; i < x->n_rows && st >= 0; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        st = frozen_predict_row(h, &row, &y[i]);
    }
    *used = st < 0 ? i - 1 : i;
    return st;
}
