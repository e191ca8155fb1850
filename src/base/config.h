/* SPDX-License-Identifier: MIT */
/* How the init of a configuration begins that names no class. */
#ifndef KEDGE_BASE_CONFIG_H
#define KEDGE_BASE_CONFIG_H

#include <string.h>

#include "kedge/base.h"

/* All 0, if the caller's struct is as large as the one that is known. */
static inline kedge_status kedge_i_config_begin(void *cfg, size_t cfg_bytes, size_t known_bytes)
{
    if (!cfg)
        return KEDGE_ERR_NULL;
    if (cfg_bytes != known_bytes)
        return KEDGE_ERR_CONFIG;
    memset(cfg, 0, known_bytes);
    return KEDGE_OK;
}

#endif
