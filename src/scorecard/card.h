/* SPDX-License-Identifier: MIT */
/* What the parts of a scorecard share. */
#ifndef KEDGE_SCORECARD_CARD_H
#define KEDGE_SCORECARD_CARD_H

#include "kedge/scorecard.h"

/* Is it a card that this library can read? Names need no end, and figures may hold any numbers. */
kedge_status kedge_i_card_check(const kedge_scorecard *card);

/* A source was there; it says so. Without both ends, without an order or without a value there is no interval. */
void kedge_i_card_put(kedge_card_figure *f, double value, double low, double high, uint64_t n);

/* The figure of the same name on another card, or NULL. */
const kedge_card_figure *kedge_i_card_extra(const kedge_scorecard *card, const char *name);

/* #KEDGE_CARD_BETTER ... of a challenger's figure beside the champion's. */
uint32_t kedge_i_card_outcome(const kedge_card_figure *champion, const kedge_card_figure *challenger, int32_t direction);

#endif
