/* SPDX-License-Identifier: MIT */
/* Which model serves which way. */
#ifndef WATCH_MODELS_H
#define WATCH_MODELS_H

#include <kedge.h>
#ifdef WATCH_GSL
#include <kedge/gsl.h>
#endif

/* Any of the configurations of models. */
typedef union models_config {
    kedge_model_config base;
    kedge_logistic_config logistic;
    kedge_gaussian_nb_config gaussian_nb;
#ifdef WATCH_GSL
    kedge_gsl_logistic_config logistic_irls;
#endif
} models_config;

/* Any of the configurations of detectors. */
typedef union models_detector_config {
    kedge_detector_config base;
    kedge_adwin_config adwin;
    kedge_page_hinkley_config page_hinkley;
    kedge_ddm_config ddm;
} models_detector_config;

int models_have_gsl(void);

/* SPDX expression of this program's binary. */
const char *models_license(void);

/* The configuration of the named model, or, where name is NULL or names one that cannot serve the policy or so many classes, of the
 * one that serves it best. Returns the model's name. */
const char *models_choose(models_config *cfg, const char *name, uint32_t policy, uint32_t n_features, uint32_t n_classes);

/* The defaults of the named detector. 0: there is none of that name here. */
int models_choose_detector(models_detector_config *cfg, const char *name);

#endif
