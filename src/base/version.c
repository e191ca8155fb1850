/* SPDX-License-Identifier: MIT */
/* What runs. */
#include "base/fp.h"

#include "kedge/base.h"

const char *kedge_version(void)
{
    return KEDGE_VERSION;
}

uint32_t kedge_version_number(void)
{
    return KEDGE_VERSION_MAJOR * 1000000u + KEDGE_VERSION_MINOR * 1000u + KEDGE_VERSION_PATCH;
}

const char *kedge_license(void)
{
    return "MIT";
}

uint32_t kedge_align(void)
{
    return KEDGE_ALIGN;
}
