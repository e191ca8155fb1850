/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An error handler that counts and tells, for tests that GSL raises nothing. The handler is a global of GSL: tests may set it, the
 * library never does. */
#ifndef KEDGE_TESTS_GSL_QUIET_H
#define KEDGE_TESTS_GSL_QUIET_H

#include "gsl_support.h"
#include "quiet.h"

#include <signal.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>

static volatile sig_atomic_t gsl_raised;

static inline void gsl_on_error(const char *reason, const char *file, int line, int code)
{
    gsl_raised++;
    if (code != GSL_EFAILED) /* raised on purpose */
        print_error("case %u: GSL raised %d: %s (%s:%d)\n", quiet_current, code, reason, file, line);
}

/* The instruments work: a call that GSL refuses reaches the handler, and an allocation is counted. */
static inline void test_instruments(void **unused)
{
    (void)unused;
    (void)gsl_set_error_handler(gsl_on_error);
    gsl_error("on purpose", __FILE__, __LINE__, GSL_EFAILED);
    assert_int_equal(gsl_raised, 1);
    gsl_raised = 0;
    quiet_check_counting();
}

#endif
