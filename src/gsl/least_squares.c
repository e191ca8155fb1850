/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear least squares by QR or by normal equations, with any number of rows in bounded memory: all rows into a triangle
 * (triangle.c), then the answer from that (least_squares_solve.c). Cost: O(n_rows * n_features^2). */
#include "base/fp.h"

#include <string.h>

#include "kedge/gsl.h"

#include "base/check.h"
#include "base/number.h"
#include "gsl/least_squares.h"

static const kedge_field least_squares_fields[] = {
    KEDGE_I_GSL_PARAMS(least_squares_state),
    KEDGE_PARAM(least_squares_state, tolerance, KEDGE_TYPE_F64),
    KEDGE_PARAM(least_squares_state, method, KEDGE_TYPE_U32),
    KEDGE_I_GSL_REPORT(least_squares_state),
    KEDGE_I_GSL_VALUES(least_squares_state),
};

static void least_squares_defaults(void *config)
{
    kedge_gsl_least_squares_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_least_squares;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->tolerance = 1e-12;
    cfg->method = KEDGE_GSL_METHOD_QR;
}

kedge_status kedge_gsl_least_squares_config_init(kedge_gsl_least_squares_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_least_squares.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->base.n_features = n_features;
    return st;
}

static void least_squares_configure(const void *config, void *fixed)
{
    const kedge_gsl_least_squares_config *cfg = config;
    least_squares_state *s = fixed;
    s->linear.model.n_features = cfg->base.n_features;
    s->linear.model.n_classes = cfg->base.n_classes;
    s->linear.report = cfg->report;
    s->tolerance = cfg->tolerance;
    s->method = cfg->method;
}

static int least_squares_valid(const void *fixed)
{
    const least_squares_state *s = fixed;
    return kedge_i_u32_within(s->linear.model.n_features, 1, KEDGE_FEATURES_MAX) && s->linear.model.n_classes == 0 &&
           s->linear.report <= 1 && kedge_i_u32_within(s->method, KEDGE_GSL_METHOD_QR, KEDGE_GSL_METHOD_NORMAL) &&
           s->tolerance >= 0.0 && s->tolerance < 1.0;
}

static size_t least_squares_layout(void *fixed)
{
    return kedge_i_gsl_layout(fixed, sizeof(least_squares_state));
}

static int least_squares_check(const void *state)
{
    return least_squares_valid(state) && kedge_i_gsl_check(state);
}

/* The triangle; then its block of rows, or what the solution needs afterwards. */
static size_t least_squares_fit_work(const void *fixed, size_t n_rows)
{
    const least_squares_state *s = fixed;
    uint64_t block = kedge_i_gsl_triangle_block(s->linear.model.n_features);
    uint64_t scratch = kedge_i_least_squares_scratch(s->linear.model.n_features, s->linear.report);
    uint64_t used = kedge_i_gsl_triangle_numbers(s->linear.model.n_features);
    (void)n_rows;
    (void)kedge_i_gsl_take(&used, block > scratch ? block : scratch, 1);
    return kedge_i_gsl_work_bytes(used);
}

static kedge_status least_squares_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                      const double *weight, void *work)
{
    (void)cls;
    least_squares_state *s = state;
    kedge_i_gsl_triangle t = kedge_i_gsl_triangle_at(work, s->linear.model.n_features, (int32_t)s->method);
    kedge_i_gsl_triangle_begin(&t);
    kedge_i_gsl_triangle_add(&t, x, y, weight);
    return kedge_i_least_squares_solve(&t, &s->linear, s->tolerance, (int)s->linear.report, t.rest);
}

const kedge_model_class kedge_gsl_least_squares = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "least_squares",
            .fixed_bytes = sizeof(least_squares_state),
            .config_bytes = sizeof(kedge_gsl_least_squares_config),
            .n_fields = sizeof least_squares_fields / sizeof *least_squares_fields,
            .fields = least_squares_fields,
            .defaults = least_squares_defaults,
            .configure = least_squares_configure,
            .valid = least_squares_valid,
            .layout = least_squares_layout,
            .start = kedge_i_gsl_start,
            .check = least_squares_check,
        },
    .fit_work = least_squares_fit_work,
    .fit = least_squares_fit,
    .predict = kedge_i_gsl_predict,
    .score = kedge_i_gsl_predict,
};
