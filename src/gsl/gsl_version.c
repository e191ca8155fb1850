/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a binary with this component is under. */
#include "base/fp.h"

#include "kedge/gsl.h"

const char *kedge_gsl_license(void)
{
    return "GPL-3.0-or-later";
}
