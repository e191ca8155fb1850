/* SPDX-License-Identifier: MIT */
/* The list of the core's models, in a file of its own: a static link takes it in only where a program asks for a model by name. */
#include "base/fp.h"

#include <string.h>

#include "kedge/models/adaptive_forest.h"
#include "kedge/models/adaptive_tree.h"
#include "kedge/models/amrules.h"
#include "kedge/models/auto.h"
#include "kedge/models/baseline.h"
#include "kedge/models/bayes.h"
#include "kedge/models/gradient_boosting.h"
#include "kedge/models/efdt.h"
#include "kedge/models/fimt_dd.h"
#include "kedge/models/forest_reg.h"
#include "kedge/models/knn.h"
#include "kedge/models/random_forest.h"
#include "kedge/models/last_tree.h"
#include "kedge/models/sam_knn.h"
#include "kedge/models/tree.h"

static const kedge_model_class *const model_all[] = {
    &kedge_adaptive_forest,
    &kedge_adaptive_tree,
    &kedge_amrules,
    &kedge_auto,
    &kedge_baseline,
    &kedge_bernoulli_nb,
    &kedge_efdt,
    &kedge_fimt_dd,
    &kedge_forest_reg,
    &kedge_gaussian_nb,
    &kedge_gradient_boosting,
    &kedge_hoeffding_tree,
    &kedge_knn,
    &kedge_last,
    &kedge_linear,
    &kedge_logistic,
    &kedge_multinomial_nb,
    &kedge_random_forest,
    &kedge_rls,
    &kedge_sam_knn,
    NULL,
};

const kedge_model_class *const *kedge_model_classes(void)
{
    return model_all;
}

const kedge_model_class *kedge_model_find(const char *name)
{
    for (size_t i = 0; name && model_all[i]; i++)
        if (strcmp(model_all[i]->base.name, name) == 0)
            return model_all[i];
    return NULL;
}
