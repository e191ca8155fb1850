/* SPDX-License-Identifier: MIT */
/* A card as JSON: RFC 8259. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "kedge/scorecard.h"

#include "base/check.h"
#include "base/text.h"
#include "metrics/figures.h"
#include "scorecard/card.h"

static void card_json_string(kedge_i_text *out, const char *s, size_t room)
{
    kedge_i_text_char(out, '"');
    kedge_i_text_name(out, s, room, KEDGE_I_TEXT_JSON);
    kedge_i_text_char(out, '"');
}

/* JSON has neither NaN nor infinity. */
static void card_json_number(kedge_i_text *out, const char *name, double x)
{
    kedge_i_text_string(out, name);
    if (islessequal(fabs(x), DBL_MAX))
        kedge_i_text_exact(out, x);
    else
        kedge_i_text_string(out, "null");
}

static void card_json_figure(kedge_i_text *out, const kedge_card_figure *f, uint32_t kind, const char *unit, int32_t direction)
{
    kedge_i_text_string(out, ":{\"kind\":\"");
    kedge_i_text_string(out, kedge_kind_string(kind));
    kedge_i_text_string(out, "\",\"unit\":\"");
    kedge_i_text_string(out, unit);
    kedge_i_text_string(out, direction > 0 ? "\",\"direction\":1" : direction < 0 ? "\",\"direction\":-1" : "\",\"direction\":0");
    card_json_number(out, ",\"value\":", f->value);
    card_json_number(out, ",\"low\":", f->low);
    card_json_number(out, ",\"high\":", f->high);
    kedge_i_text_string(out, ",\"n\":");
    kedge_i_text_whole(out, f->n);
    kedge_i_text_char(out, '}');
}

static void card_json_tell(kedge_i_text *out, const void *what)
{
    const kedge_scorecard *card = what;
    const char *comma = "";
    kedge_i_text_string(out, "{\"model\":");
    card_json_string(out, card->model, sizeof card->model);
    kedge_i_text_string(out, ",\"version\":");
    card_json_string(out, card->version, sizeof card->version);
    kedge_i_text_string(out, ",\"figures\":{");
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++) {
        const kedge_card_about *about = &kedge_i_figures[i];
        if (!card->figures[i].taken)
            continue;
        kedge_i_text_string(out, comma);
        kedge_i_text_char(out, '"');
        kedge_i_text_string(out, about->name);
        kedge_i_text_char(out, '"');
        card_json_figure(out, &card->figures[i], about->kind, about->unit, about->direction);
        comma = ",";
    }
    kedge_i_text_string(out, "},\"extras\":{");
    comma = "";
    for (uint32_t i = 0; i < card->n_extras; i++) {
        const kedge_card_extra *e = &card->extras[i];
        kedge_i_text_string(out, comma);
        card_json_string(out, e->name, sizeof e->name);
        card_json_figure(out, &e->figure, e->kind, "", e->direction);
        comma = ",";
    }
    kedge_i_text_string(out, "}}");
}

kedge_status kedge_scorecard_json(const kedge_scorecard *card, char *buf, size_t cap, size_t *len)
{
    KEDGE_TRY(kedge_i_card_check(card));
    if (!len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    return kedge_i_text_write(card_json_tell, card, buf, cap, len);
}
