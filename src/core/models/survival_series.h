/* survival_series.h -- sums over whole k: of falling chances, of rounds of a game. */
#ifndef CUSTVAL_SURVIVAL_SERIES_H
#define CUSTVAL_SURVIVAL_SERIES_H

#include "math/quadrature.h"

/* f(k) > 0, smooth and falling, also between whole k. From `far` on it falls like k^-power; before,
 * it bends no faster than within k / sharp. */
typedef struct {
    cv_function f;
    const void *what;
    double power, far, sharp;
} cv_decreasing;

/* sum + f(begin) + ... + f(end - 1), begin some hundreds; end may be infinite if power > 1. */
double cv_decreasing_sum(const cv_decreasing *of, double sum, double begin, double end);

/* The sum over k < m of (p)_k / (p + a)_k (q)_k / (q + g)_k / (1 + rate)^k: rounds played of a game
 * that goes on with chances Beta(p, a) and, if g > 0, Beta(q, g). m is whole, or infinite if it is
 * finite then: rate > 0 or a + g > 1. */
typedef struct {
    double p, a, q, g, rate;
} cv_survival_series;

double cv_survival_sum(double m, const cv_survival_series *of);

#endif
