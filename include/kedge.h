/* SPDX-License-Identifier: MIT */
/** @file kedge.h
 *  Everything of the core. kedge-gsl stands apart in kedge/gsl.h.
 *
 *  @mainpage kedge
 *  An embeddable C11 library that notices when the world of a deployed model has drifted, and hauls the model back. Nouns:
 *  @ref detector,
 *  @ref fleet, @ref model, @ref frozen, @ref metric, @ref score, @ref scorecard, @ref select, @ref battery, @ref gate,
 *  @ref probmap, @ref profile, @ref shift, @ref table, @ref prep, @ref pipeline, @ref publish, @ref control, @ref stream,
 *  @ref calibrate; what they share: @ref base; classes of your own: @ref cls; exact trainers on GSL: @ref gsl.
 *
 *  One grammar: size, init, update / learn / record, read-outs, reset, save / load, open, merge. Argument order: handle,
 *  configuration, inputs, outputs last; a length follows its array. All memory is the caller's.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void) { return kedge_version_number() >= 1000 ? 0 : 1; }
 *  @endcode */
#ifndef KEDGE_H
#define KEDGE_H

#include "kedge/audit.h"
#include "kedge/base.h"
#include "kedge/battery.h"
#include "kedge/calibrate.h"
#include "kedge/class.h"
#include "kedge/control.h"
#include "kedge/controls/events.h"
#include "kedge/controls/flow.h"
#include "kedge/controls/rollout.h"
#include "kedge/controls/schema.h"
#include "kedge/controls/store.h"
#include "kedge/controls/triggers.h"
#include "kedge/detector.h"
#include "kedge/evaluate.h"
#include "kedge/fleet.h"
#include "kedge/frozen.h"
#include "kedge/gate.h"
#include "kedge/metric.h"
#include "kedge/model.h"
#include "kedge/pipeline.h"
#include "kedge/prep.h"
#include "kedge/privacy.h"
#include "kedge/probmap.h"
#include "kedge/profile.h"
#include "kedge/publish.h"
#include "kedge/score.h"
#include "kedge/scorecard.h"
#include "kedge/select.h"
#include "kedge/shift.h"
#include "kedge/stream.h"
#include "kedge/studd.h"
#include "kedge/table.h"
#include "kedge/version.h"

#endif
