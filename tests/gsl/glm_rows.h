/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of generalised linear models share. */
#ifndef KEDGE_TESTS_GLM_ROWS_H
#define KEDGE_TESTS_GLM_ROWS_H

#include "gsl_support.h"

enum { N = 16, P = 2, MAX_ROWS = 400, MAX_FEATURES = 4 };

typedef struct golden {
    uint32_t family, link;
    double value[3], error[3];
    double deviance, null_deviance, pearson, dispersion;
} golden;

/* statsmodels 0.15, GLM(y, add_constant(X), family, var_weights=w).fit(tol=1e-15, tol_criterion='params') on the table of
 * table(). */
static const golden goldens[] = {
    {KEDGE_GLM_BINOMIAL,
     KEDGE_LINK_LOGIT,
     {-0.0293129741669815, 0.675031428984144, 0.414293698242244},
     {0.403749192466999, 0.366476505814336, 0.675717900149919},
     38.653232314923,
     42.6843477509405,
     30.5589901354841,
     1},
    {KEDGE_GLM_BINOMIAL,
     KEDGE_LINK_PROBIT,
     {-0.027472456616339, 0.425185189390456, 0.241150550980908},
     {0.247732833842918, 0.219018097459309, 0.410127637162173},
     38.6098710779913,
     42.6843477509405,
     30.5595409401396,
     1},
    {KEDGE_GLM_BINOMIAL,
     KEDGE_LINK_CLOGLOG,
     {-0.714821412954312, 0.740506809634505, -0.0481462133107771},
     {0.351749699734253, 0.275757619417755, 0.482517220754722},
     3.95027401550394,
     12.3517682969478,
     3.52815855431284,
     1},
    {KEDGE_GLM_POISSON,
     KEDGE_LINK_LOG,
     {0.758720310704648, 0.770609889536786, -0.307788605405415},
     {0.148131370860653, 0.0961575207834455, 0.159751755552768},
     10.8666669944336,
     98.5269007498619,
     7.6354193184902,
     1},
    {KEDGE_GLM_POISSON,
     KEDGE_LINK_IDENTITY,
     {11.1265561627878, 2.72252379042791, -1.25515819697227},
     {0.609003386446465, 0.552359511829881, 1.03487392015949},
     3.39813130867843,
     30.926204022656,
     3.34592502827407,
     1},
    {KEDGE_GLM_GAMMA,
     KEDGE_LINK_LOG,
     {0.174172651222526, 0.799083394087681, -0.292259226715654},
     {0.0486699934714264, 0.0412595796829254, 0.0793762809558851},
     0.834997078160697,
     24.2665388644555,
     0.845363480774671,
     0.06502796005959},
    {KEDGE_GLM_GAMMA,
     KEDGE_LINK_INVERSE,
     {0.155845011356956, -0.029764613194592, 0.0113730409782395},
     {0.00277249835522332, 0.00196209786173265, 0.00369271363488603},
     0.0993518360975533,
     2.09499629952012,
     0.100816650041947,
     0.00775512692630365},
};
enum { N_GOLDENS = sizeof goldens / sizeof *goldens };

static const double classes[N] = {0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1};
static const double eighths[N] = {1, 0, 3, 2, 1, 4, 2, 3, 5, 4, 3, 6, 5, 7, 8, 6};
static const double counts[N] = {0, 1, 0, 2, 1, 3, 2, 2, 4, 3, 6, 5, 9, 7, 12, 10};
static const double sizes[N] = {.3, .5, .4, .9, .7, 1.2, 1, 2.1, 1.5, 2.2, 3.9, 2.4, 5, 4.1, 6.2, 7.7};

static inline void table(double *x, double *w)
{
    for (int i = 0; i < N; i++) {
        x[i * P] = i / 4. - 1.5;
        x[i * P + 1] = (i * 7 % 16) / 8. - 1;
        w[i] = i % 3 + 1;
    }
}

static inline void targets(const golden *g, double *y)
{
    for (int i = 0; i < N; i++) {
        if (g->family == KEDGE_GLM_BINOMIAL)
            y[i] = g->link == KEDGE_LINK_CLOGLOG ? eighths[i] / 8 : classes[i];
        else if (g->family == KEDGE_GLM_POISSON)
            y[i] = counts[i] + (g->link == KEDGE_LINK_IDENTITY ? 8 : 0);
        else
            y[i] = sizes[i] + (g->link == KEDGE_LINK_INVERSE ? 5 : 0);
    }
}

static inline kedge_gsl_glm_config config_of(uint32_t n_features, uint32_t family, uint32_t link)
{
    kedge_gsl_glm_config cfg = kedge_gsl_glm_defaults(n_features, family);
    cfg.link = link;
    cfg.report = 1;
    return cfg;
}

static inline kedge_gsl_glm_fit summary_of(const kedge_model *m)
{
    kedge_gsl_glm_fit out;
    assert_int_equal(kedge_gsl_glm_summary(m, &out), KEDGE_OK);
    return out;
}

#endif
