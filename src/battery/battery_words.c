/* SPDX-License-Identifier: MIT */
/* What a report's numbers mean, in words. */
#include "base/fp.h"

#include "kedge/battery.h"

const char *kedge_battery_check_name(uint32_t i_check)
{
    static const char *const names[KEDGE_BATTERY_CHECKS] = {
        "quality", "usual", "last",  "champion", "mcnemar", "noise", "missing", "slice", "calibration", "median", "tail", "bytes",
        "snapshot", "same", "sound", "hostile",
    };
    return i_check < KEDGE_BATTERY_CHECKS ? names[i_check] : "unknown";
}

const char *kedge_battery_verdict_string(int32_t verdict)
{
    switch (verdict) {
    case KEDGE_BATTERY_PASS: return "pass";
    case KEDGE_BATTERY_FAIL: return "fail";
    case KEDGE_BATTERY_UNDECIDED: return "undecided";
    case KEDGE_BATTERY_SKIPPED: return "skipped";
    default: return "unknown";
    }
}

const char *kedge_battery_reason_string(int32_t why)
{
    switch (why) {
    case KEDGE_WHY_WITHIN: return "within the limit";
    case KEDGE_WHY_BEYOND: return "beyond the limit";
    case KEDGE_WHY_UNSURE: return "the interval holds the limit";
    case KEDGE_WHY_FEW_ROWS: return "too few rows";
    case KEDGE_WHY_UNDEFINED: return "the rows do not determine it";
    case KEDGE_WHY_OFF: return "switched off";
    case KEDGE_WHY_NO_LIMIT: return "no limit given";
    case KEDGE_WHY_NO_CHAMPION: return "no champion given";
    case KEDGE_WHY_NO_CLOCK: return "no clock given";
    case KEDGE_WHY_NO_SLICES: return "no slices named";
    case KEDGE_WHY_SMALL_SLICES: return "no slice has enough rows";
    case KEDGE_WHY_NOT_CLASSES: return "for classes only";
    case KEDGE_WHY_REFUSES_MISSING: return "the model takes no missing values";
    case KEDGE_WHY_DEPENDENT: return "the rows depend on each other";
    case KEDGE_WHY_CHAMPION_BROKEN: return "the champion gives no sound answers";
    case KEDGE_WHY_BROKEN: return "the model gives no sound answers";
    case KEDGE_WHY_ERROR: return "a valid row gave an error";
    case KEDGE_WHY_NOT_FINITE: return "an answer is not finite";
    case KEDGE_WHY_NO_CLASS: return "an answer is no class";
    case KEDGE_WHY_NO_PROBABILITY: return "probabilities are out of range";
    case KEDGE_WHY_FORGETFUL: return "the same row got two answers";
    case KEDGE_WHY_BATCH: return "a batch is answered otherwise";
    case KEDGE_WHY_CHANGED: return "asking changed the model";
    case KEDGE_WHY_NO_TESTS: return "no tests registered";
    case KEDGE_WHY_NO_GROUPS: return "no groups of people given";
    case KEDGE_WHY_NO_FRESH: return "no configuration of a fresh model given";
    case KEDGE_WHY_UNLOADABLE: return "its snapshot does not load";
    case KEDGE_WHY_UNTRAINABLE: return "training gives an error";
    case KEDGE_WHY_UNEXPECTED: return "an answer is not what was expected";
    default: return "unknown";
    }
}
