/* bdw.h -- beta-discrete-Weibull, contracts with duration dependence: Fader, Hardie, Liu, Davin,
 * Steenburgh (2018).
 *
 * S(t) = (1 - theta)^(t^c), theta ~ Beta(alpha, beta): the shifted beta-geometric of sbg.h at c
 * = 1. A customer's own probability to cancel falls with time if c < 1, and rises if c > 1. n and t
 * are whole, parameters > 0. Outside its domain a kernel returns NaN and raises FE_INVALID. Errors:
 * bdw.c.
 */
#ifndef CUSTVAL_BDW_H
#define CUSTVAL_BDW_H

/* Return S(t) / S(t - 1), t >= 1. */
double cv_bdw_retention(double t, double alpha, double beta, double c);

/* Return P(T > n + t | T > n). */
double cv_bdw_survival(double t, double n, double alpha, double beta, double c);

/* Return P(T = n + t | T > n); 0 at t = 0. */
double cv_bdw_churn_pmf(double t, double n, double alpha, double beta, double c);

/* Return E[T - n - 1 | T > n] and E[T | T > n]; infinity if alpha c <= 1. */
double cv_bdw_residual_lifetime(double n, double alpha, double beta, double c);
double cv_bdw_tenure(double n, double alpha, double beta, double c);

/* Return DEL and DERL as in sbg.h; rate >= 0, t may be infinite if rate > 0. */
double cv_bdw_del(double t, double rate, double alpha, double beta, double c);
double cv_bdw_derl(double t, double rate, double n, double alpha, double beta, double c);

#endif
