/* SPDX-License-Identifier: MIT */
/* The list of all fleets, in a file of its own: a static link takes it in only where a program asks for it. */
#include "base/fp.h"

#include "kedge/fleet.h"

static const kedge_fleet_class *const fleet_class_list[] = {
    &kedge_fleet_cusum, &kedge_fleet_ddm, &kedge_fleet_e_detector, &kedge_fleet_ewma_chart, &kedge_fleet_page_hinkley, NULL,
};

const kedge_fleet_class *const *kedge_fleet_classes(void)
{
    return fleet_class_list;
}
