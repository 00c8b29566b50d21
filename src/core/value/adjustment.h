/* adjustment.h -- what the order log says of a customer beside the model: a factor on its expectation.
 *
 * A Poisson regression of purchases that came after earlier days on those that the model expected
 * then, log mean = log expected + b0 + b' z, in columns z of what was known (ledger/regressors.h).
 */
#ifndef CUSTVAL_ADJUSTMENT_H
#define CUSTVAL_ADJUSTMENT_H

#include "types.h"

enum { CV_ADJUSTMENT = CV_REGRESSORS + 1 }; /* coefficients: b0, then b */

/* n rows of CV_REGRESSORS finite columns, expected > 0 and actual >= 0 purchases. */
typedef struct {
    size_t n;
    const double *row, *expected, *actual;
} cv_regression;

typedef enum {
    CV_REGRESSION_DONE,
    CV_REGRESSION_INTERRUPTED,
    CV_REGRESSION_NONE /* Nothing came, or the search found no minimum. */
} cv_regression_status;

/* Set `coefficient` (CV_ADJUSTMENT: b0, then b) to the mode under normal priors of precision `ridge`
 * for the coefficients of the columns in units of their standard deviations; b0 has none. A column
 * without variance gets 0. */
cv_regression_status cv_regress(const cv_regression *of, double ridge, double *coefficient,
                                cv_tick tick, void *context);

/* Set factor[i] = exp(b0 + b' z), the exponent in [-3, 3]; NaN where z is. */
void cv_adjustment_factors(const double *row, size_t n, const double *coefficient, double *factor);

#endif
