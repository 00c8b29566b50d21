/* beta.h -- the Beta distribution: its constant, means over it, the fraction of its integral.
 *
 * Shapes are positive and finite; callers check them. log_beta is wrong by at most 8e-15 of
 * max(1, abs value), 6,000 points of 1e-8..1e8 against 60 digits; the means: quadrature.c.
 */
#ifndef CUSTVAL_BETA_H
#define CUSTVAL_BETA_H

#include <math.h>

#include "math/quadrature.h"
#include "math/special.h"

/* Return log B(p, q). Only the log gamma of the smaller one is taken alone, so large shapes do not
 * cancel. */
static inline double
log_beta(double p, double q)
{
    return cv_lgamma(fmin(p, q)) - cv_lpoch(fmax(p, q), fmin(p, q));
}

/* f(p, what) > 0 on [0, 1], not increasing. It may bend from p = 1 / feature on, and fall there
 * like p^-power; both only set the step and where the sum may end. */
typedef struct {
    cv_function f;
    const void *what;
    double feature, power;
} cv_beta_integrand;

/* Return E[f(p)], p ~ Beta(a, b). NaN and FE_INVALID where the density needs more nodes than
 * allowed. */
double cv_beta_mean(const cv_beta_integrand *of, double a, double b);

/* Return E[1 / (1 + p y)] = 2F1(1, a; a + b; -y), p ~ Beta(a, b), y >= 0. */
double cv_mean_reciprocal(double a, double b, double y);

/* negative_binomial.c. Return 2F1(1, a + b; a + 1; x), the fraction of the incomplete beta
 * function, 0 <= x < 1; about sqrt(max(a, b)) steps where x < (a + 1) / (a + b + 2). */
double cv_beta_fraction(double a, double b, double x);

#endif
