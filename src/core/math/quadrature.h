/* quadrature.h -- means over Gamma heterogeneity, integrals over time, the rule of 32 points.
 *
 * A NaN of the integrand ends the work and is the result.
 */
#ifndef CUSTVAL_QUADRATURE_H
#define CUSTVAL_QUADRATURE_H

/* An integrand at `value`; `what` holds its parameters. */
typedef double (*cv_function)(double value, const void *what);

/* Return E[f(g)], g ~ Gamma(shape, rate 1), for f > 0 that does not increase; shape >= 0.1. NaN and
 * FE_INVALID where the density needs more nodes than allowed, as below 0.08. */
double cv_gamma_mean(cv_function f, const void *what, double shape);

/* Return the integral of f over (0, length) in panels of 24 points: the first `first` wide, each
 * next one twice as wide, none wider than `widest`; all > 0. f must be smooth at the scale of its
 * panel. */
double cv_integral(cv_function f, const void *what, double length, double first, double widest);

/* Return one such panel: the integral over (from, from + width), exact for polynomials of degree
 * 47. */
double cv_panel(cv_function f, const void *what, double from, double width);

/* Return the same by `points` points, 4 or 8: for a panel far narrower than f needs. */
double cv_short_panel(cv_function f, const void *what, double from, double width, int points);

/* Gauss and Legendre's rule of 32 points on (-1, 1): the 16 abscissas above 0, and weights. */
extern const double cv_legendre32[16][2];

/* The same rule with all its abscissas, ascending. The weights sum to 2: half of each is the
 * probability of its node under a uniform distribution. */
enum { CV_NODES = 32 };
typedef struct {
    double node[CV_NODES], weight[CV_NODES];
} cv_rule;
cv_rule cv_legendre_rule(void);

#endif
