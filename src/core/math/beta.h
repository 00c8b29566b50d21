/* beta.h -- the Beta distribution: its constant, its means, the fraction of its integral. */
#ifndef CUSTVAL_BETA_H
#define CUSTVAL_BETA_H

#include <math.h>

#include "math/quadrature.h"
#include "math/special.h"

/* log B(p, q): only the smaller one's log gamma stands alone. */
static inline double
log_beta(double p, double q)
{
    return cv_lgamma(fmin(p, q)) - cv_lpoch(fmax(p, q), fmin(p, q));
}

/* f(p) > 0, not increasing; it may bend from 1 / feature on and fall like p^-power. */
typedef struct {
    cv_function f;
    const void *what;
    double feature, power;
} cv_beta_integrand;
double cv_beta_mean(const cv_beta_integrand *of, double a, double b);
double cv_mean_reciprocal(double a, double b, double y); /* of 1 + p y, p ~ Beta(a, b) */

/* negative_binomial.c */
double cv_beta_fraction(double a, double b, double x); /* 2F1(1, a + b; a + 1; x) */

#endif
