/* SPDX-License-Identifier: GPL-3.0-or-later */
/* McCullagh, Nelder 1989, "Generalized Linear Models", 2nd edition, tables 2.1 (variances, canonical links) and section 2.3
 * (deviances), section 4.3.1 (links of shares). With mean m, variance function V and m' = dm / d eta, a row's half deviance
 * has the slope (m - y) m' / V and the expected curvature m'^2 / V. */
#include "base/fp.h"

#include <math.h>

#include "gsl/glm_family.h"

#include "base/number.h"
#include "kedge/gsl/glm.h"

#define GLM_LEAST            1e-100 /* of a target or a share that is not 0 */
#define GLM_SHARE_LEAST      1e-300 /* of a probability: its logarithm exists */
#define GLM_LOG_MOST         300.0  /* of a logarithm of a mean */
#define GLM_MEAN_MOST        1e120  /* of a mean that is not linked by a logarithm; its inverse is the least */
#define GLM_PROBIT_MOST      37.0   /* beyond it a probability is below GLM_SHARE_LEAST */
#define GLM_PEARSON_MOST     1e140  /* of a residual in deviations */
#define GLM_CLOGLOG_MOST     6.5    /* likewise above; below -GLM_LOG_MOST */
#define GLM_INVERSE_ROOT_2   0.707106781186547524401
#define GLM_INVERSE_ROOT_2PI 0.398942280401432677940

/* What a linear predictor says of a row's mean. */
typedef struct glm_point {
    double mean;
    double rest;  /* 1 - mean, for shares */
    double slope; /* d mean / d eta */
    double scale; /* slope / V */
} glm_point;

int kedge_i_glm_family_valid(const kedge_i_glm_family *f)
{
    if (f->family == KEDGE_GLM_BINOMIAL)
        return f->link == KEDGE_LINK_LOGIT || f->link == KEDGE_LINK_PROBIT || f->link == KEDGE_LINK_CLOGLOG;
    if (f->family == KEDGE_GLM_POISSON)
        return f->link == KEDGE_LINK_LOG || f->link == KEDGE_LINK_IDENTITY;
    return f->family == KEDGE_GLM_GAMMA && (f->link == KEDGE_LINK_LOG || f->link == KEDGE_LINK_INVERSE);
}

int kedge_i_glm_target_valid(const kedge_i_glm_family *f, double y)
{
    if (y == 0.0)
        return f->family != KEDGE_GLM_GAMMA;
    return kedge_i_within(y, GLM_LEAST, f->family == KEDGE_GLM_BINOMIAL ? 1.0 : 1.0 / GLM_LEAST);
}

int kedge_i_glm_mean_valid(const kedge_i_glm_family *f, double mean)
{
    return mean >= GLM_LEAST && (f->family != KEDGE_GLM_BINOMIAL || mean < 1.0);
}

/* Phi(x) = m by Newton's method from the logistic distribution's quantile, which is close enough; a start needs few digits. */
static double glm_probit(double mean)
{
    double x = log(mean / (1.0 - mean)) / 1.702;
    for (int i = 0; i < 4 && fabs(x) < 5.0; i++)
        x -= (0.5 * erfc(-x * GLM_INVERSE_ROOT_2) - mean) / (GLM_INVERSE_ROOT_2PI * exp(-0.5 * x * x));
    return x;
}

double kedge_i_glm_link(const kedge_i_glm_family *f, double mean)
{
    switch (f->link) {
    case KEDGE_LINK_LOGIT:
        return log(mean / (1.0 - mean));
    case KEDGE_LINK_PROBIT:
        return glm_probit(mean);
    case KEDGE_LINK_CLOGLOG:
        return log(-log1p(-mean));
    case KEDGE_LINK_LOG:
        return log(mean);
    case KEDGE_LINK_INVERSE:
        return 1.0 / mean;
    default:
        return mean;
    }
}

static inline double glm_cut(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static double glm_at_least(double x)
{
    return x > GLM_SHARE_LEAST ? x : GLM_SHARE_LEAST;
}

/* Shares: mean, rest and slope. */
static void glm_share(uint32_t link, double eta, glm_point *p)
{
    if (link == KEDGE_LINK_LOGIT) {
        double e = exp(-fabs(eta));
        double far = 1.0 / (1.0 + e);
        double near = glm_at_least(e * far);
        p->mean = eta >= 0.0 ? far : near;
        p->rest = eta >= 0.0 ? near : far;
        p->slope = far * near;
    } else if (link == KEDGE_LINK_PROBIT) {
        double x = glm_cut(eta, -GLM_PROBIT_MOST, GLM_PROBIT_MOST);
        p->mean = glm_at_least(0.5 * erfc(-x * GLM_INVERSE_ROOT_2));
        p->rest = glm_at_least(0.5 * erfc(x * GLM_INVERSE_ROOT_2));
        p->slope = GLM_INVERSE_ROOT_2PI * exp(-0.5 * x * x);
    } else {
        double hazard = exp(glm_cut(eta, -GLM_LOG_MOST, GLM_CLOGLOG_MOST));
        p->rest = glm_at_least(exp(-hazard));
        p->mean = glm_at_least(-expm1(-hazard));
        p->slope = hazard * p->rest;
    }
    p->scale = p->slope / p->mean / p->rest;
}

/* Positive means. 0: eta has none. */
static int glm_positive(const kedge_i_glm_family *f, double eta, glm_point *p)
{
    int is_log = f->link == KEDGE_LINK_LOG;
    if (is_log ? !(fabs(eta) <= GLM_LOG_MOST) : !kedge_i_within(eta, 1.0 / GLM_MEAN_MOST, GLM_MEAN_MOST))
        return 0;
    p->mean = is_log ? exp(eta) : f->link == KEDGE_LINK_INVERSE ? 1.0 / eta : eta;
    p->slope = is_log ? p->mean : f->link == KEDGE_LINK_INVERSE ? -p->mean * p->mean : 1.0;
    p->scale = p->slope / (f->family == KEDGE_GLM_POISSON ? p->mean : p->mean * p->mean);
    p->rest = 0.0;
    return 1;
}

static int glm_look(const kedge_i_glm_family *f, double eta, glm_point *p)
{
    if (f->family != KEDGE_GLM_BINOMIAL)
        return glm_positive(f, eta, p);
    glm_share(f->link, eta, p);
    return 1;
}

double kedge_i_glm_mean(const kedge_i_glm_family *f, double eta)
{
    glm_point p = {0.0, 0.0, 0.0, 0.0};
    if (f->link == KEDGE_LINK_LOG)
        eta = glm_cut(eta, -GLM_LOG_MOST, GLM_LOG_MOST);
    else if (f->family != KEDGE_GLM_BINOMIAL)
        eta = glm_cut(eta, 1.0 / GLM_MEAN_MOST, GLM_MEAN_MOST);
    (void)glm_look(f, eta, &p);
    return p.mean;
}

/* a / b - 1 - ln(a / b): t - ln(1 + t), without the digits that a difference loses. */
static double glm_gap(double a, double b)
{
    double t = (a - b) / b;
    return fabs(t) < 0.5 ? t - log1p(t) : (a / b - 1.0) - log(a / b);
}

/* y ln(y / m) + m - y. */
static double glm_poisson_gap(double y, double mean)
{
    return y < GLM_LEAST ? mean : y * glm_gap(mean, y);
}

/* -ln p, where p = 1 - q is given as both. */
static double glm_surprise(double p, double q)
{
    return q < 0.5 ? -log1p(-q) : -log(p);
}

static double glm_half_deviance(const kedge_i_glm_family *f, double y, const glm_point *p)
{
    if (f->family == KEDGE_GLM_POISSON)
        return glm_poisson_gap(y, p->mean);
    if (f->family == KEDGE_GLM_GAMMA)
        return glm_gap(y, p->mean);
    if (y == 0.0)
        return glm_surprise(p->rest, p->mean);
    if (y == 1.0)
        return glm_surprise(p->mean, p->rest);
    return glm_poisson_gap(y, p->mean) + glm_poisson_gap(1.0 - y, p->rest); /* p->mean - y and p->rest - (1 - y) cancel */
}

/* m - y, of a share by the smaller of both. */
static double glm_residual(const kedge_i_glm_family *f, double y, const glm_point *p)
{
    return f->family == KEDGE_GLM_BINOMIAL && y == 1.0 ? -p->rest : p->mean - y;
}

double kedge_i_glm_loss(const void *family, kedge_i_irls_block *b)
{
    const kedge_i_glm_family *f = family;
    double least = f->family == KEDGE_GLM_BINOMIAL ? KEDGE_I_IRLS_VARIANCE_MIN : 0.0;
    double sum = 0.0;
    for (size_t i = 0; i < b->n; i++) {
        glm_point p;
        if (!glm_look(f, b->eta[i], &p))
            return (double)INFINITY;
        double curve = p.slope * p.scale;
        b->slope[i] = b->share[i] * (glm_residual(f, b->y[i], &p) * p.scale);
        b->curve[i] = b->share[i] * (curve > least ? curve : least);
        sum += b->share[i] * glm_half_deviance(f, b->y[i], &p);
    }
    return sum;
}

static double glm_variance(const kedge_i_glm_family *f, const glm_point *p)
{
    return f->family == KEDGE_GLM_BINOMIAL ? p->mean * p->rest : f->family == KEDGE_GLM_POISSON ? p->mean : p->mean * p->mean;
}

double kedge_i_glm_pearson(const void *family, kedge_i_irls_block *b)
{
    const kedge_i_glm_family *f = family;
    double sum = 0.0;
    for (size_t i = 0; i < b->n; i++) {
        glm_point p;
        if (!glm_look(f, b->eta[i], &p))
            return (double)INFINITY;
        double off = glm_residual(f, b->y[i], &p) / sqrt(glm_variance(f, &p));
        off = glm_cut(off, -GLM_PEARSON_MOST, GLM_PEARSON_MOST);
        b->slope[i] = b->curve[i] = 0.0;
        sum += b->share[i] * (off * off);
    }
    return sum;
}
