/* SPDX-License-Identifier: MIT */
/* The axes of a search: fields of a configuration, by their type, and lists or ranges of values for them. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/class.h"

#include "base/number.h"
#include "select/search_axes.h"

#define SEARCH_WHOLE_MAX  0x1p53 /* whole numbers that doubles tell apart */
#define SEARCH_VALUE_MAX  1e300  /* a difference of two such is finite */

/* Fields --------------------------------------------------------------------------------------------------------------------- */

size_t kedge_i_search_type_bytes(uint32_t type)
{
    switch (type) {
    case KEDGE_TYPE_U8:
        return sizeof(uint8_t);
    case KEDGE_TYPE_U32:
        return sizeof(uint32_t);
    case KEDGE_TYPE_U64:
        return sizeof(uint64_t);
    case KEDGE_TYPE_F64:
        return sizeof(double);
    case KEDGE_TYPE_F32:
        return sizeof(float);
    default:
        return 0;
    }
}

static int search_is_whole(uint32_t type)
{
    return type <= KEDGE_TYPE_U64;
}

/* Can a field of this type hold the value? */
static int search_holds(uint32_t type, double value)
{
    switch (type) {
    case KEDGE_TYPE_U8:
        return kedge_i_within(value, 0.0, UINT8_MAX) && value == floor(value);
    case KEDGE_TYPE_U32:
        return kedge_i_within(value, 0.0, UINT32_MAX) && value == floor(value);
    case KEDGE_TYPE_U64:
        return kedge_i_within(value, 0.0, SEARCH_WHOLE_MAX) && value == floor(value);
    case KEDGE_TYPE_F32:
        return kedge_i_within(value, -(double)FLT_MAX, (double)FLT_MAX);
    default:
        return kedge_i_within(value, -SEARCH_VALUE_MAX, SEARCH_VALUE_MAX);
    }
}

void kedge_i_search_write(const kedge_search_axis *axis, double value)
{
    search_number x;
    memset(&x, 0, sizeof x);
    switch (axis->type) {
    case KEDGE_TYPE_U8:
        x.u8 = (uint8_t)value;
        break;
    case KEDGE_TYPE_U32:
        x.u32 = (uint32_t)value;
        break;
    case KEDGE_TYPE_U64:
        x.u64 = (uint64_t)value;
        break;
    case KEDGE_TYPE_F32:
        x.f32 = (float)value;
        break;
    default:
        x.f64 = value;
    }
    memcpy(axis->field, &x, kedge_i_search_type_bytes(axis->type));
}

/* Axes ----------------------------------------------------------------------------------------------------------------------- */

int kedge_i_search_axis_is_valid(const kedge_search_axis *axis)
{
    if (!axis->field || kedge_i_search_type_bytes(axis->type) == 0 || axis->n_values < 1)
        return 0;
    for (uint32_t i = 0; axis->values && i < axis->n_values; i++)
        if (!search_holds(axis->type, axis->values[i]))
            return 0;
    if (axis->values)
        return 1;
    return kedge_i_u32_within(axis->scale, KEDGE_SCALE_LINEAR, KEDGE_SCALE_LOG) && search_holds(axis->type, axis->low) &&
           search_holds(axis->type, axis->high) && axis->low <= axis->high &&
           (axis->scale == KEDGE_SCALE_LINEAR || axis->low > 0.0);
}

/* A value of the range, in it and of the field's kind. */
static double search_fit_in(const kedge_search_axis *axis, double value)
{
    if (search_is_whole(axis->type))
        value = floor(value + 0.5);
    if (!(value > axis->low))
        return axis->low;
    return value < axis->high ? value : axis->high;
}

/* The place from low (0) to high (1). */
static double search_between(const kedge_search_axis *axis, double low, double high, double place)
{
    if (axis->scale == KEDGE_SCALE_LOG)
        return exp(log(low) + (log(high) - log(low)) * place);
    return low + (high - low) * place;
}

double kedge_i_search_step(const kedge_search_axis *axis, uint32_t i)
{
    if (axis->values)
        return axis->values[i];
    if (i == 0)
        return axis->low;
    if (i == axis->n_values - 1)
        return axis->high;
    return search_fit_in(axis, search_between(axis, axis->low, axis->high, (double)i / (double)(axis->n_values - 1)));
}

double kedge_i_search_draw(const kedge_search_axis *axis, kedge_rng *rng)
{
    if (axis->values)
        return axis->values[kedge_rng_below(rng, axis->n_values)];
    double place = kedge_rng_uniform(rng);
    if (!search_is_whole(axis->type))
        return search_fit_in(axis, search_between(axis, axis->low, axis->high, place));
    return search_fit_in(
        axis, floor(search_between(axis, axis->low, axis->high + 1.0, place))); /* each whole number has a unit of its own */
}
