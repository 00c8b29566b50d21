/* sbg.h -- shifted beta-geometric, contracts: Fader and Hardie (2007).
 *
 * A contract runs from period to period; at the end of each a customer cancels with probability
 * theta ~ Beta(alpha, beta), or renews. T = 1, 2, ... is the period at whose end the contract is
 * cancelled, S(t) = P(T > t). n counts the renewals so far, 0 for a new customer; n and t are
 * whole, alpha, beta > 0. Outside its domain a kernel returns NaN and raises FE_INVALID. Errors:
 * sbg.c.
 */
#ifndef CUSTVAL_SBG_H
#define CUSTVAL_SBG_H

/* Return S(t) / S(t - 1), the share of the customers left that renews at the end of period t >= 1.
 */
double cv_sbg_retention(double t, double alpha, double beta);

/* Return P(T > n + t | T > n). */
double cv_sbg_survival(double t, double n, double alpha, double beta);

/* Return P(T = n + t | T > n); 0 at t = 0. */
double cv_sbg_churn_pmf(double t, double n, double alpha, double beta);

/* Return E[T - n - 1 | T > n], the renewals to come, and E[T | T > n]; infinity if alpha <= 1. */
double cv_sbg_residual_lifetime(double n, double alpha, double beta);
double cv_sbg_tenure(double n, double alpha, double beta);

/* Return the discounted expected lifetime DEL: periods of a new customer among the first t, period
 * k + 1 discounted by (1 + rate)^-k, rate >= 0. t may be infinite if rate > 0. */
double cv_sbg_del(double t, double rate, double alpha, double beta);

/* Return the discounted expected residual lifetime DERL: renewals among the next t, the first,
 * which is due now, at its full value. t may be infinite if rate > 0. */
double cv_sbg_derl(double t, double rate, double n, double alpha, double beta);

#endif
