/* SPDX-License-Identifier: MIT */
/* A card: beginning, and figures by hand. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/scorecard.h"

#include "base/check.h"
#include "base/text.h"
#include "metrics/figures.h"
#include "scorecard/card.h"

_Static_assert(sizeof((kedge_scorecard *)0)->figures / sizeof(kedge_card_figure) == KEDGE_CARD_ROOM, "a place for each figure");
_Static_assert(sizeof((kedge_scorecard *)0)->extras / sizeof(kedge_card_extra) == KEDGE_CARD_EXTRAS, "and each extra");
_Static_assert(sizeof((kedge_scorecard *)0)->model == KEDGE_CARD_NAME_MAX + 1, "names end with a zero");
_Static_assert(sizeof((kedge_scorecard *)0)->version == KEDGE_CARD_NAME_MAX + 1, "names end with a zero");
_Static_assert(sizeof((kedge_card_extra *)0)->name == KEDGE_CARD_EXTRA_MAX + 1, "names end with a zero");
_Static_assert(KEDGE_CARD_FIGURES <= KEDGE_CARD_ROOM, "there is room");

/* Bytes of a text, as far as `room` goes. */
static size_t card_length(const char *s, size_t room)
{
    const char *end = memchr(s, 0, room);
    return end ? (size_t)(end - s) : room;
}

kedge_status kedge_i_card_check(const kedge_scorecard *card)
{
    if (!card)
        return KEDGE_ERR_NULL;
    if (card->card_bytes != sizeof *card || card->n_extras > KEDGE_CARD_EXTRAS)
        return KEDGE_ERR_CONFIG;
    return KEDGE_OK;
}

kedge_status kedge_scorecard_init(kedge_scorecard *card, size_t card_bytes, const char *model, const char *version)
{
    if (!card)
        return KEDGE_ERR_NULL;
    if (card_bytes != sizeof *card)
        return KEDGE_ERR_CONFIG;
    model = model ? model : "";
    version = version ? version : "";
    size_t n_model = strlen(model), n_version = strlen(version);
    if (n_model > KEDGE_CARD_NAME_MAX || n_version > KEDGE_CARD_NAME_MAX)
        return KEDGE_ERR_RANGE;
    memset(card, 0, sizeof *card);
    card->card_bytes = sizeof *card;
    memcpy(card->model, model, n_model);
    memcpy(card->version, version, n_version);
    for (uint32_t i = 0; i < KEDGE_CARD_ROOM; i++)
        card->figures[i].value = card->figures[i].low = card->figures[i].high = (double)NAN;
    return KEDGE_OK;
}

void kedge_i_card_put(kedge_card_figure *f, double value, double low, double high, uint64_t n)
{
    int has_interval = islessequal(low, value) && islessequal(value, high); /* quiet if one is NaN, which is no error here */
    f->value = value;
    f->low = has_interval ? low : (double)NAN;
    f->high = has_interval ? high : (double)NAN;
    f->n = n;
    f->taken = 1;
    f->reserved = 0;
}

/* May it be set so? One end alone is as none. */
static int card_is_figure(double value, double low, double high)
{
    return value != value || low != low || high != high || (islessequal(low, value) && islessequal(value, high));
}

kedge_status kedge_scorecard_set(kedge_scorecard *card, uint32_t figure, double value, double low, double high, uint64_t n)
{
    KEDGE_TRY(kedge_i_card_check(card));
    if (figure >= KEDGE_CARD_FIGURES)
        return KEDGE_ERR_UNKNOWN;
    if (!card_is_figure(value, low, high) || (kedge_i_figures[figure].counter && isless(value, 0.0)))
        return KEDGE_ERR_RANGE;
    kedge_i_card_put(&card->figures[figure], value, low, high, n);
    return KEDGE_OK;
}

const kedge_card_figure *kedge_i_card_extra(const kedge_scorecard *card, const char *name)
{
    for (uint32_t i = 0; i < card->n_extras; i++)
        if (kedge_i_text_same(card->extras[i].name, name, sizeof card->extras[i].name))
            return &card->extras[i].figure;
    return NULL;
}

kedge_status kedge_scorecard_set_extra(kedge_scorecard *card, const char *name, uint32_t kind, int32_t direction, double value,
                                       double low, double high, uint64_t n)
{
    kedge_card_extra extra;
    uint32_t place = 0;
    KEDGE_TRY(kedge_i_card_check(card));
    if (!name)
        return KEDGE_ERR_NULL;
    size_t length = card_length(name, sizeof extra.name);
    if (length == 0 || length > KEDGE_CARD_EXTRA_MAX || kind < KEDGE_KIND_QUALITY || kind > KEDGE_KIND_COMPLIANCE ||
        direction < -1 || direction > 1 || !card_is_figure(value, low, high))
        return KEDGE_ERR_RANGE;
    while (place < card->n_extras && !kedge_i_text_same(card->extras[place].name, name, sizeof extra.name))
        place++;
    if (place == KEDGE_CARD_EXTRAS)
        return KEDGE_ERR_BUFFER;
    memset(&extra, 0, sizeof extra);
    memcpy(extra.name, name, length);
    extra.direction = direction;
    extra.kind = kind;
    kedge_i_card_put(&extra.figure, value, low, high, n);
    card->extras[place] = extra;
    card->n_extras += place == card->n_extras;
    return KEDGE_OK;
}

kedge_status kedge_scorecard_describe(uint32_t figure, kedge_card_about *out)
{
    if (!out)
        return KEDGE_ERR_NULL;
    if (figure >= KEDGE_CARD_FIGURES)
        return KEDGE_ERR_UNKNOWN;
    *out = kedge_i_figures[figure];
    return KEDGE_OK;
}

kedge_status kedge_scorecard_find(const char *name, uint32_t *figure)
{
    if (!name || !figure)
        return KEDGE_ERR_NULL;
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++)
        if (strcmp(kedge_i_figures[i].name, name) == 0) {
            *figure = i;
            return KEDGE_OK;
        }
    return KEDGE_ERR_UNKNOWN;
}

const char *kedge_kind_string(uint32_t kind)
{
    static const char *const names[] = {"unknown", "quality", "service", "upkeep", "cost", "compliance"};
    return names[kind <= KEDGE_KIND_COMPLIANCE ? kind : 0];
}
