/* SPDX-License-Identifier: MIT */
/* Why a training was called for, as words: on cards of versions and in events. */
#ifndef KEDGE_PIPELINE_REASON_TEXT_H
#define KEDGE_PIPELINE_REASON_TEXT_H

#include "kedge/controls/triggers.h"

#include "base/text.h"

/* Of a call its kind, source, code, value and limit. */
void kedge_i_reason_text(kedge_i_text *out, const kedge_triggers_call *call);

#endif
