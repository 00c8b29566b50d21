/* regressors.h -- what the purchases known on a day say of a customer beside a model's expectation. */
#ifndef CUSTVAL_REGRESSORS_H
#define CUSTVAL_REGRESSORS_H

#include "ledger/ledger.h"
#include "types.h"

/* A day: its last tick, the ticks of a day, and the days ahead, > 0, for which is expected. */
typedef struct {
    int32_t last_tick;
    double per_day, days;
} cv_origin;

/* Set the regressors of each customer, CV_REGRESSORS in a row; times in days, h those ahead:
 *   0 log(1 + x)                              5 sd of gaps / (median gap + 1) - 1, in [-2, 2]
 *   1 recency / T                             6 1 where x >= 2
 *   2 log (n_h + .5) / (x min(h, T) / T + .5) 7 log (T + 7) / h
 *   3 log (n_q + .25) / (n_h / 4 + .25)       8 log expected, of at least 1e-3
 *   4 log (recency + 1) / (median gap + 1)
 * n_h, n_q: purchases in the last h, and the last max(3, h / 4) days. 2, 3, 4, 7 are in [-3, 3]; 4 is 0
 * where x = 0, 5 where x < 2. NaN without a purchase by the origin, or where `expected` is NaN. `key` is workspace:
 * the rows of the largest customer. */
int cv_regressors(const int32_t *tick, const double *begins, const cv_customers *customers,
                  const cv_origin *origin, const double *expected, uint64_t *key, double *row,
                  cv_tick stop, void *context);

#endif
