/* SPDX-License-Identifier: MIT */
/* The list of all controls, in a file of its own: a static link takes it in only where a program asks for it. */
#include "base/fp.h"

#include "kedge/controls/events.h"
#include "kedge/controls/flow.h"
#include "kedge/controls/rollout.h"
#include "kedge/controls/schema.h"
#include "kedge/controls/store.h"
#include "kedge/controls/triggers.h"

static const kedge_control_class *const control_all[] = {
    &kedge_events,
    &kedge_flow,
    &kedge_rollout,
    &kedge_schema,
    &kedge_store,
    &kedge_triggers,
    NULL,
};

const kedge_control_class *const *kedge_control_classes(void)
{
    return control_all;
}
