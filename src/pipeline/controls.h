/* SPDX-License-Identifier: MIT */
/* What all controls ask of a handle, which might be another control's. */
#ifndef KEDGE_PIPELINE_CONTROLS_H
#define KEDGE_PIPELINE_CONTROLS_H

#include "kedge/control.h"

static inline kedge_status kedge_i_control_is(const kedge_control *c, const kedge_control_class *cls)
{
    if (!c || !c->cls || !c->state)
        return KEDGE_ERR_NULL;
    return c->cls == cls ? KEDGE_OK : KEDGE_ERR_CLASS;
}

#endif
