/* information.h -- second derivatives of a log-likelihood in its parameters and the clock.
 *
 * Day d lasts length[d] on the clock and belongs to period[d], whose log intensity u_k multiplies
 * it: t_x and T of a history are sums of the lengths of (first, last] and (first, end]. So the
 * second derivatives in t_x, T and the parameters give those in all u_k. The logs of the intensity
 * at the purchases are linear in u and add nothing to them.
 */
#ifndef CUSTVAL_INFORMATION_H
#define CUSTVAL_INFORMATION_H

#include "clock/expected.h"
#include "clock/structure.h"
#include "fit/fit.h"
#include "types.h"

/* `days` days from origin on, observed until `end`. period[d] does not fall, from 0 or above to
 * periods - 1 <= CV_CLOCK_PERIODS - 1. All days after a first purchase, to end, are among them. */
typedef struct {
    int32_t origin, end;
    size_t days, periods;
    const int64_t *period;
    const double *length;
} cv_clock_days;

/* With P parameters, in their natural units, and K periods: expected[k], minus the derivative in
 * u_k but for the purchases in k; mixed, P x K, and second, K x K, of the log-likelihood. */
typedef struct {
    double *expected, *mixed, *second;
} cv_clock_derivatives;

/* Return 1 for NBD, BG/NBD and MBG/NBD; no other model has this information. */
int cv_has_clock_information(cv_model model);

/* Return the doubles that cv_clock_information borrows. */
size_t cv_clock_information_workspace(size_t days, size_t periods);

/* Set the derivatives in O(n + periods^2). CV_CLOCK_BAD_DATA: as cv_clock_expected(), or days
 * outside their domain. */
cv_clock_status cv_clock_information(cv_model model, const double *parameter,
                                     const cv_clock_histories *of, const cv_clock_days *days,
                                     double *workspace, const cv_clock_derivatives *derivatives,
                                     cv_tick tick, void *context);

#endif
