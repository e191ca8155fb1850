/* SPDX-License-Identifier: MIT */
/* The one place that says what a figure is called and which way of it is better: scorecards, scores and batteries ask here. */
#ifndef KEDGE_METRICS_FIGURES_H
#define KEDGE_METRICS_FIGURES_H

#include "kedge/scorecard.h"

extern const kedge_card_about kedge_i_figures[KEDGE_CARD_FIGURES];

/* KEDGE_CARD_... of a KEDGE_SCORE_...; KEDGE_CARD_FIGURES: no such score. */
uint32_t kedge_i_figure_of_score(uint32_t by);

#endif
