/* SPDX-License-Identifier: MIT */
#include "models.h"

#include <string.h>

int models_have_gsl(void)
{
#ifdef WATCH_GSL
    return 1;
#else
    return 0;
#endif
}

const char *models_license(void)
{
#ifdef WATCH_GSL
    return kedge_gsl_license();
#else
    return kedge_license();
#endif
}

const char *models_choose(models_config *cfg, const char *name, uint32_t policy, uint32_t n_features, uint32_t n_classes)
{
    int exact_can = models_have_gsl() && policy != KEDGE_POLICY_ONLINE && n_classes == 2;
    const char *best = exact_can ? "logistic_irls" : policy == KEDGE_POLICY_ONLINE ? "logistic" : "gaussian_nb";
    if (!name || (strcmp(name, "logistic_irls") == 0 && !exact_can))
        name = best;
#ifdef WATCH_GSL
    if (strcmp(name, "logistic_irls") == 0) {
        cfg->logistic_irls = kedge_gsl_logistic_defaults(n_features);
        return name;
    }
#endif
    if (strcmp(name, "logistic") == 0)
        cfg->logistic = kedge_logistic_defaults(n_features, n_classes);
    else
        cfg->gaussian_nb = kedge_gaussian_nb_defaults(n_features, n_classes);
    return name;
}

int models_choose_detector(models_detector_config *cfg, const char *name)
{
    if (strcmp(name, "adwin") == 0)
        cfg->adwin = kedge_adwin_defaults();
    else if (strcmp(name, "page_hinkley") == 0)
        cfg->page_hinkley = kedge_page_hinkley_defaults();
    else if (strcmp(name, "ddm") == 0)
        cfg->ddm = kedge_ddm_defaults();
    else
        return 0;
    return 1;
}
