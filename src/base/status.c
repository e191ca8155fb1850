/* SPDX-License-Identifier: MIT */
/* Status codes in words. */
#include "base/fp.h"

#include "kedge/base.h"

const char *kedge_status_string(kedge_status st)
{
    switch (st) {
    case KEDGE_OK:
        return "ok";
    case KEDGE_WARNING:
        return "warning";
    case KEDGE_DRIFT:
        return "drift";
    case KEDGE_MORE:
        return "more to do";
    case KEDGE_EMPTY:
        return "nothing observed yet";
    case KEDGE_ERR_NULL:
        return "a pointer is NULL or a handle not initialised";
    case KEDGE_ERR_CONFIG:
        return "configuration out of range";
    case KEDGE_ERR_BUFFER:
        return "buffer too small";
    case KEDGE_ERR_ALIGN:
        return "buffer misaligned";
    case KEDGE_ERR_NOT_FINITE:
        return "not a finite number";
    case KEDGE_ERR_SHAPE:
        return "shape does not fit";
    case KEDGE_ERR_SNAPSHOT:
        return "snapshot damaged";
    case KEDGE_ERR_CLASS:
        return "another class or version";
    case KEDGE_ERR_UNSUPPORTED:
        return "not supported by this class";
    case KEDGE_ERR_RANGE:
        return "number out of range";
    case KEDGE_ERR_STATE:
        return "no intact state, or not ready";
    case KEDGE_ERR_NUMERIC:
        return "the data determine no answer";
    case KEDGE_ERR_UNKNOWN:
        return "unknown id";
    case KEDGE_ERR_BUSY:
        return "all in use, try again later";
    case KEDGE_ERR_SKEW:
        return "the row breaks the schema";
    default:
        return "unknown status";
    }
}
