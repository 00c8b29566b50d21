/* survival_series.h -- sums of falling terms over whole k: of functions, of survival probabilities.
 */
#ifndef CUSTVAL_SURVIVAL_SERIES_H
#define CUSTVAL_SURVIVAL_SERIES_H

#include "math/quadrature.h"

/* A function f(k) > 0, smooth and falling, also between whole k. From `far` on it falls like
 * k^-power; before, it bends no faster than within k / sharp. */
typedef struct {
    cv_function f;
    const void *what;
    double power, far, sharp;
} cv_decreasing;

/* Return sum + f(begin) + ... + f(end - 1), begin some hundreds; end may be infinite if power > 1.
 */
double cv_decreasing_sum(const cv_decreasing *of, double sum, double begin, double end);

/* Survival to k with probability (p)_k / (p + a)_k (q)_k / (q + g)_k: the mean of (z w)^k over z ~
 * Beta(p, a) and, if g > 0, w ~ Beta(q, g); discounted by (1 + rate)^-k. p, a, q > 0. */
typedef struct {
    double p, a, q, g, rate;
} cv_survival_series;

/* Return the sum of its terms over k < m; m whole, or infinite if rate > 0 or a + g > 1. */
double cv_survival_sum(double m, const cv_survival_series *of);

#endif
