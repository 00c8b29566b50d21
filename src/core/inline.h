/* inline.h -- what two or more core files share; never leaves the room. */
#ifndef CUSTVAL_INLINE_H
#define CUSTVAL_INLINE_H

#include <fenv.h>
#include <math.h>

/* The answer of a kernel outside its domain: NaN, and the flag that np.errstate reads. */
static inline double
domain_error(void)
{
    feraiseexcept(FE_INVALID);
    return NAN;
}

/* 1 / (1 + exp(d)): underflows to 0 for large d and never overflows. */
static inline double
one_over_one_plus_exp(double d)
{
    return d > 0 ? exp(-d) / (1 + exp(-d)) : 1 / (1 + exp(d));
}

#endif
