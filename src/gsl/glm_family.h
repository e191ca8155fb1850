/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distributions and links of generalised linear models. */
#ifndef KEDGE_GSL_GLM_FAMILY_H
#define KEDGE_GSL_GLM_FAMILY_H

#include "gsl/irls.h"

typedef struct kedge_i_glm_family {
    uint32_t family; /* KEDGE_GLM_... */
    uint32_t link;   /* KEDGE_LINK_... */
} kedge_i_glm_family;

/* Do they go together? */
int kedge_i_glm_family_valid(const kedge_i_glm_family *f);

/* May a target be y? */
int kedge_i_glm_target_valid(const kedge_i_glm_family *f, double y);

/* Could every target be the mean, so that the intercept has a bound? */
int kedge_i_glm_mean_valid(const kedge_i_glm_family *f, double mean);

/* The linear predictor of a valid mean. */
double kedge_i_glm_link(const kedge_i_glm_family *f, double mean);

/* The mean of a linear predictor, which is cut to where there is one. */
double kedge_i_glm_mean(const kedge_i_glm_family *f, double eta);

/* Half the unit deviance of a block's rows, with slopes and expected curvatures. */
double kedge_i_glm_loss(const void *family, kedge_i_irls_block *b);

/* Pearson's statistic of a block's rows, (y - mean)^2 / variance; slopes and curvatures 0. */
double kedge_i_glm_pearson(const void *family, kedge_i_irls_block *b);

#endif
