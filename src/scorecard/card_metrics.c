/* SPDX-License-Identifier: MIT */
/* Cards as an exposition of OpenMetrics 1.0 (prometheus/OpenMetrics, specification/OpenMetrics.md): each family once, with the
 * samples
 * of all cards; base units; counters end in _total; a last line # EOF. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "kedge/scorecard.h"

#include "base/check.h"
#include "base/text.h"
#include "metrics/figures.h"
#include "scorecard/card.h"

#define CARD_NS_PER_SECOND 1e9

typedef struct card_set {
    const kedge_scorecard *cards;
    size_t n;
} card_set;

/* What of a figure a family is of. */
enum { CARD_OF_VALUE, CARD_OF_LOW, CARD_OF_HIGH, CARD_OF_ALL };

typedef struct card_family {
    const kedge_card_about *about;
    int of;
} card_family;

static double card_metrics_part(const kedge_card_figure *f, int of)
{
    return of == CARD_OF_LOW ? f->low : of == CARD_OF_HIGH ? f->high : f->value;
}

/* Is there a sample? A counter that is not known has none, as NaN is not allowed there; nor has an interval. */
static int card_metrics_has(const kedge_card_figure *f, const card_family *family)
{
    double x = card_metrics_part(f, family->of);
    return f->taken && (family->about->counter || family->of != CARD_OF_VALUE ? x == x : 1) &&
           !(family->about->counter && isless(x, 0.0));
}

static int card_is_time(const kedge_card_about *about)
{
    return about->unit[0] == 'n';
}

static const char *card_metrics_unit(const kedge_card_about *about)
{
    return card_is_time(about) ? "seconds" : about->unit;
}

static void card_metrics_name(kedge_i_text *out, const card_family *family)
{
    static const char *const ends[CARD_OF_ALL] = {"", "_low", "_high"};
    kedge_i_text_string(out, "kedge_");
    kedge_i_text_string(out, family->about->name);
    kedge_i_text_string(out, ends[family->of]);
    if (*family->about->unit) {
        kedge_i_text_char(out, '_');
        kedge_i_text_string(out, card_metrics_unit(family->about));
    }
}

static void card_metrics_head(kedge_i_text *out, const card_family *family)
{
    static const char *const parts[CARD_OF_ALL] = {"", ", lower end of its interval", ", upper end of its interval"};
    kedge_i_text_string(out, "# TYPE ");
    card_metrics_name(out, family);
    kedge_i_text_string(out, family->about->counter ? " counter\n" : " gauge\n");
    if (*family->about->unit) {
        kedge_i_text_string(out, "# UNIT ");
        card_metrics_name(out, family);
        kedge_i_text_char(out, ' ');
        kedge_i_text_string(out, card_metrics_unit(family->about));
        kedge_i_text_char(out, '\n');
    }
    kedge_i_text_string(out, "# HELP ");
    card_metrics_name(out, family);
    kedge_i_text_char(out, ' ');
    kedge_i_text_string(out, family->about->help);
    kedge_i_text_string(out, parts[family->of]);
    kedge_i_text_string(out, ".\n");
}

static void card_metrics_label(kedge_i_text *out, const char *name, const char *value, size_t room)
{
    kedge_i_text_string(out, name);
    kedge_i_text_string(out, "=\"");
    kedge_i_text_name(out, value, room, KEDGE_I_TEXT_LABEL);
    kedge_i_text_char(out, '"');
}

static void card_metrics_sample(kedge_i_text *out, const card_family *family, const kedge_scorecard *card, const char *extra,
                                double x)
{
    card_metrics_name(out, family);
    kedge_i_text_string(out, family->about->counter ? "_total{" : "{");
    card_metrics_label(out, "model", card->model, sizeof card->model);
    card_metrics_label(out, ",version", card->version, sizeof card->version);
    if (extra)
        card_metrics_label(out, ",name", extra, KEDGE_CARD_EXTRA_MAX + 1);
    kedge_i_text_string(out, "} ");
    x = card_is_time(family->about) ? x / CARD_NS_PER_SECOND : x;
    if (x != x)
        kedge_i_text_string(out, "NaN");
    else if (x > DBL_MAX || x < -DBL_MAX)
        kedge_i_text_string(out, x > 0.0 ? "+Inf" : "-Inf");
    else
        kedge_i_text_exact(out, x);
    kedge_i_text_char(out, '\n');
}

static void card_metrics_figure(kedge_i_text *out, const card_set *s, uint32_t figure)
{
    for (int of = CARD_OF_VALUE; of < CARD_OF_ALL; of++) {
        card_family family = {&kedge_i_figures[figure], of};
        int any = 0;
        for (size_t k = 0; k < s->n; k++) {
            const kedge_card_figure *f = &s->cards[k].figures[figure];
            if (!card_metrics_has(f, &family))
                continue;
            if (!any++)
                card_metrics_head(out, &family);
            card_metrics_sample(out, &family, &s->cards[k], NULL, card_metrics_part(f, of));
        }
    }
}

/* Figures of the host's own have names that a family may not have, and so are one family with the name as a label. */
static void card_metrics_extras(kedge_i_text *out, const card_set *s, int of)
{
    static const kedge_card_about about = {"extra", "", "A figure of the host's own", KEDGE_KIND_QUALITY, 0, 0, 0};
    card_family family = {&about, of};
    int any = 0;
    for (size_t k = 0; k < s->n; k++)
        for (uint32_t i = 0; i < s->cards[k].n_extras; i++) {
            const kedge_card_extra *e = &s->cards[k].extras[i];
            if (!card_metrics_has(&e->figure, &family))
                continue;
            if (!any++)
                card_metrics_head(out, &family);
            card_metrics_sample(out, &family, &s->cards[k], e->name, card_metrics_part(&e->figure, of));
        }
}

static void card_metrics_tell(kedge_i_text *out, const void *what)
{
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++)
        card_metrics_figure(out, what, i);
    for (int of = CARD_OF_VALUE; of < CARD_OF_ALL; of++)
        card_metrics_extras(out, what, of);
    kedge_i_text_string(out, "# EOF\n");
}

/* Samples of a family must differ in their labels, as they are told. */
static int card_set_is_distinct(const card_set *s)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < i; k++)
            if (kedge_i_text_same(s->cards[i].model, s->cards[k].model, sizeof s->cards->model) &&
                kedge_i_text_same(s->cards[i].version, s->cards[k].version, sizeof s->cards->version))
                return 0;
    return 1;
}

kedge_status kedge_scorecard_openmetrics(const kedge_scorecard *cards, size_t n, char *buf, size_t cap, size_t *len)
{
    card_set s = {cards, n};
    if ((!cards && n > 0) || !len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    for (size_t i = 0; i < n; i++)
        KEDGE_TRY(kedge_i_card_check(&cards[i]));
    if (!card_set_is_distinct(&s))
        return KEDGE_ERR_SHAPE;
    return kedge_i_text_write(card_metrics_tell, &s, buf, cap, len);
}
