/* guards.h -- the domain of a kernel, and the interrupt check of long loops.
 *
 * A kernel is never handed a NaN by the binding; guards are false for NaN all the same.
 */
#ifndef CUSTVAL_GUARDS_H
#define CUSTVAL_GUARDS_H

#include <fenv.h>
#include <float.h>
#include <math.h>

#include "types.h"

/* The result of a kernel outside its domain: NaN, with the flag that np.errstate reads. */
static inline double
domain_error(void)
{
    feraiseexcept(FE_INVALID);
    return NAN;
}

/* A parameter: positive and finite. */
static inline int
cv_is_positive(double value)
{
    return value > 0 && value <= DBL_MAX;
}

/* A duration or distance: not negative, and finite. */
static inline int
cv_is_length(double value)
{
    return value >= 0 && value <= DBL_MAX;
}

/* A number of things: whole, 0 to 2^53; beyond, doubles cannot count. */
static inline int
cv_is_count(double value)
{
    return value >= 0 && value <= 0x1p53 && value == (double)(int64_t)value;
}

/* 1 when the caller interrupts. Checks once in 2^18 steps, every few milliseconds where a step is
 * one row. */
static inline int
stopped(size_t step, cv_tick stop, void *context)
{
    return (step & 0x3FFFF) == 0x3FFFF && stop != NULL && stop(context);
}

/* The same for a loop over customers of some ten orders each: checks once in 2^14 customers. */
static inline int
stopped_at_customer(size_t c, cv_tick stop, void *context)
{
    return stopped(c << 4 | 15, stop, context);
}

#endif
