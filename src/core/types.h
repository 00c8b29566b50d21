/* types.h -- what several topics of the front door share. */
#ifndef CUSTVAL_TYPES_H
#define CUSTVAL_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* Money as it is added up, with what rounding took from the sum. Neighbours may be added as one
 * vector: `lost` is known late, so it is no neighbour of `sum`. */
typedef struct {
    double sum, gross, lost;
} cv_money;

/* Long work calls this at least every 0.1 s; anything but 0 asks it to stop. May be NULL. */
typedef int (*cv_tick)(void *context);

typedef enum { CV_SIMD_BASE, CV_SIMD_AVX2 } cv_simd;
cv_simd cv_simd_best(void); /* of this processor; both give the same bits */

enum { CV_PARAMETERS = 24, CV_COVARIATES = 20 }; /* most of one fit, coefficients included */

#endif
