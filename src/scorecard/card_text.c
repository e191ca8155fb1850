/* SPDX-License-Identifier: MIT */
/* A card as a table for people, alone or beside another one. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/scorecard.h"

#include "base/check.h"
#include "base/text.h"
#include "metrics/figures.h"
#include "scorecard/card.h"

#define CARD_TEXT_VALUE    32u /* where values begin: the longest name has 28 characters */
#define CARD_TEXT_CHAMPION 72u /* where the champion's begin */
#define CARD_TEXT_OUTCOME  100u

typedef struct card_text {
    const kedge_scorecard *card;
    const kedge_scorecard *champion; /* NULL: there is none */
} card_text;

/* A unit that people like better, and what one of it is. */
typedef struct card_unit {
    double size;
    const char *name;
} card_unit;

/* The greatest that x is one of, at least; each list begins with what figures are counted in. */
static card_unit card_text_unit(const char *unit, double x)
{
    static const card_unit times[] = {{1.0, " ns"}, {1e3, " us"}, {1e6, " ms"}, {1e9, " s"}, {3.6e12, " h"}, {8.64e13, " d"}};
    static const card_unit bytes[] = {{1.0, " bytes"}, {0x1p10, " KiB"}, {0x1p20, " MiB"}, {0x1p30, " GiB"}, {0x1p40, " TiB"}};
    static const card_unit joules[] = {{1.0, " J"}, {1e3, " kJ"}, {3.6e6, " kWh"}};
    card_unit none = {1.0, ""};
    const card_unit *list = unit[0] == 'n' ? times : unit[0] == 'b' ? bytes : joules;
    size_t n = unit[0] == 'n' ? 6 : unit[0] == 'b' ? 5 : 3, i = 0;
    if (!*unit)
        return none;
    while (i + 1 < n && fabs(x) >= list[i + 1].size)
        i++;
    return list[i];
}

static void card_text_figure(kedge_i_text *out, const kedge_card_figure *f, const char *unit)
{
    if (!f || !f->taken || f->value != f->value) {
        kedge_i_text_string(out, f && f->taken ? "not known" : "-");
        return;
    }
    card_unit shown = card_text_unit(unit, f->value);
    kedge_i_text_short(out, f->value / shown.size);
    kedge_i_text_string(out, shown.name);
    if (f->low == f->low) {
        kedge_i_text_string(out, " [");
        kedge_i_text_short(out, f->low / shown.size);
        kedge_i_text_string(out, ", ");
        kedge_i_text_short(out, f->high / shown.size);
        kedge_i_text_string(out, "]");
    }
}

/* What stands behind the name, which was `wide` and begun at `since`; columns count characters, and only names have wide ones. */
static void card_text_row(kedge_i_text *out, size_t since, const card_text *t, const kedge_card_figure *f,
                          const kedge_card_figure *was, const char *unit, int32_t direction)
{
    kedge_i_text_pad(out, since, CARD_TEXT_VALUE);
    card_text_figure(out, f, unit);
    if (f && f->taken && f->n > 0) {
        kedge_i_text_string(out, " of ");
        kedge_i_text_whole(out, f->n);
    }
    if (t->champion) {
        kedge_i_text_pad(out, since, CARD_TEXT_CHAMPION - 1);
        kedge_i_text_char(out, ' ');
        card_text_figure(out, was, unit);
        uint32_t outcome = kedge_i_card_outcome(was, f, direction);
        if (outcome != KEDGE_CARD_NONE && outcome != KEDGE_CARD_UNKNOWN) {
            kedge_i_text_pad(out, since, CARD_TEXT_OUTCOME - 1);
            kedge_i_text_char(out, ' ');
            kedge_i_text_string(out, kedge_scorecard_outcome_string(outcome));
        }
    }
    kedge_i_text_char(out, '\n');
}

static int card_text_figures(kedge_i_text *out, const card_text *t, uint32_t kind)
{
    int any = 0;
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++) {
        const kedge_card_about *about = &kedge_i_figures[i];
        const kedge_card_figure *f = &t->card->figures[i], *was = t->champion ? &t->champion->figures[i] : NULL;
        if (about->kind != kind || !(f->taken || (was && was->taken)))
            continue;
        if (!any++) {
            kedge_i_text_string(out, kedge_kind_string(kind));
            kedge_i_text_char(out, '\n');
        }
        size_t since = out->n;
        kedge_i_text_string(out, "  ");
        kedge_i_text_string(out, about->name);
        card_text_row(out, since, t, f, was, about->unit, about->direction);
    }
    return any;
}

/* Bytes that are not shown: a code point of several counts as one. */
static size_t card_text_label(kedge_i_text *out, const char *name, size_t room)
{
    size_t begun = out->n, points = kedge_i_text_name(out, name, room, KEDGE_I_TEXT_PLAIN);
    return out->n - begun - points;
}

static void card_text_extra(kedge_i_text *out, const card_text *t, const kedge_card_extra *e, const kedge_card_figure *f,
                            const kedge_card_figure *was)
{
    size_t since = out->n;
    kedge_i_text_string(out, "  ");
    since += card_text_label(out, e->name, sizeof e->name);
    if (out->n - since >= CARD_TEXT_VALUE)
        kedge_i_text_char(out, ' ');
    card_text_row(out, since, t, f, was, "", e->direction);
}

/* Of the card, then those that the champion alone has. */
static void card_text_extras(kedge_i_text *out, const card_text *t, uint32_t kind, int any)
{
    const kedge_scorecard *const cards[] = {t->card, t->champion};
    for (uint32_t i_card = 0; i_card < 2 && cards[i_card]; i_card++)
        for (uint32_t i = 0; i < cards[i_card]->n_extras; i++) {
            const kedge_card_extra *e = &cards[i_card]->extras[i];
            if (e->kind != kind || (i_card == 1 && kedge_i_card_extra(t->card, e->name)))
                continue;
            if (!any++) {
                kedge_i_text_string(out, kedge_kind_string(kind));
                kedge_i_text_char(out, '\n');
            }
            if (i_card == 0)
                card_text_extra(out, t, e, &e->figure, t->champion ? kedge_i_card_extra(t->champion, e->name) : NULL);
            else
                card_text_extra(out, t, e, NULL, &e->figure);
        }
}

static void card_text_names(kedge_i_text *out, const kedge_scorecard *card)
{
    if (kedge_i_text_name(out, card->model, sizeof card->model, KEDGE_I_TEXT_PLAIN) == 0)
        kedge_i_text_string(out, "model");
    if (card->version[0])
        kedge_i_text_char(out, ' ');
    kedge_i_text_name(out, card->version, sizeof card->version, KEDGE_I_TEXT_PLAIN);
}

static void card_text_tell(kedge_i_text *out, const void *what)
{
    const card_text *t = what;
    card_text_names(out, t->card);
    if (t->champion) {
        kedge_i_text_string(out, " beside ");
        card_text_names(out, t->champion);
    }
    kedge_i_text_char(out, '\n');
    for (uint32_t kind = KEDGE_KIND_QUALITY; kind <= KEDGE_KIND_COMPLIANCE; kind++)
        card_text_extras(out, t, kind, card_text_figures(out, t, kind));
}

kedge_status kedge_scorecard_text(const kedge_scorecard *card, const kedge_scorecard *champion, char *buf, size_t cap, size_t *len)
{
    card_text t = {card, champion};
    KEDGE_TRY(kedge_i_card_check(card));
    if (champion)
        KEDGE_TRY(kedge_i_card_check(champion));
    if (!len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    return kedge_i_text_write(card_text_tell, &t, buf, cap, len);
}
