/* guards.h -- the domain of a kernel, and when long work is to stop. */
#ifndef CUSTVAL_GUARDS_H
#define CUSTVAL_GUARDS_H

#include <fenv.h>
#include <float.h>
#include <math.h>

#include "types.h"

/* The answer of a kernel outside its domain: NaN, and the flag that np.errstate reads. */
static inline double
domain_error(void)
{
    feraiseexcept(FE_INVALID);
    return NAN;
}

static inline int
cv_is_positive(double value)
{
    return value > 0 && value <= DBL_MAX;
}

static inline int
cv_is_length(double value)
{
    return value >= 0 && value <= DBL_MAX;
}

/* Beyond 2^53 doubles cannot count. */
static inline int
cv_is_count(double value)
{
    return value >= 0 && value <= 0x1p53 && value == (double)(int64_t)value;
}

/* 1 when the caller asks to stop; it is asked once in 2^18 steps, every few milliseconds. */
static inline int
stopped(size_t step, cv_tick stop, void *context)
{
    return (step & 0x3FFFF) == 0x3FFFF && stop != NULL && stop(context);
}

/* The same between customers, who have some ten orders each: asked once in 2^14 of them. */
static inline int
stopped_at_customer(size_t c, cv_tick stop, void *context)
{
    return stopped(c << 4 | 15, stop, context);
}

#endif
