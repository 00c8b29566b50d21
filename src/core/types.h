/* types.h -- the types that every floor shares: money, interrupts, instruction sets, limits. */
#ifndef CUSTVAL_TYPES_H
#define CUSTVAL_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* A sum of money with its rounding error: the total is sum + lost; gross is the sum of abs(amount).
 * Start from zeros; add and read with math/money_sum.h. Neighbouring fields may be added as one
 * vector: `lost` is known late, so it is no neighbour of `sum`. */
typedef struct {
    double sum, gross, lost;
} cv_money;

/* Interrupt check of long work, called at least every 0.1 s with the context handed in beside it.
 * Any result but 0 stops the work, which then returns 1. NULL: the work is never interrupted. */
typedef int (*cv_tick)(void *context);

/* The result of work that reads a column more than once and sees that somebody has written to it
 * meanwhile. Places and sizes are never taken from a column without a check, so that other such
 * work ends with wrong numbers, and nothing worse. */
enum { CV_CHANGED = 2 };

/* Instruction sets that kernels are compiled for; all give the same bits. */
typedef enum {
    CV_SIMD_BASE, /* What every processor of the platform has. */
    CV_SIMD_AVX2  /* x86-64 with 256-bit vectors. */
} cv_simd;

/* The widest instruction set of this processor. */
cv_simd cv_simd_best(void);

/* Limits of one fit, so that its workspace can live on the stack. */
enum {
    CV_PARAMETERS = 24, /* parameters, coefficients included */
    CV_COVARIATES = 20, /* coefficients */
    CV_REGRESSORS = 9   /* columns of the adjustment of a forecast */
};

#endif
