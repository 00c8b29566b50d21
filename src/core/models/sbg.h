/* sbg.h -- shifted beta-geometric: Fader and Hardie (2007). theta ~ Beta(alpha, beta).
 *
 * A contract runs from period to period; at the end of each it is cancelled with the customer's own
 * chance theta, or renewed. T = 1, 2, ... is the period at whose end it is cancelled, S(t) =
 * P(T > t). Quantities of a customer who has renewed n times; n = 0: a new one. n and t are whole.
 */
#ifndef CUSTVAL_SBG_H
#define CUSTVAL_SBG_H

/* The share S(t) / S(t - 1) of those there that renew at the end of period t >= 1. */
double cv_sbg_retention(double t, double alpha, double beta);
/* P(T > n + t | T > n), P(T = n + t | T > n). */
double cv_sbg_survival(double t, double n, double alpha, double beta);
double cv_sbg_churn_pmf(double t, double n, double alpha, double beta);
/* E[renewals to come], and E[T | T > n]; infinite if alpha <= 1. */
double cv_sbg_residual_lifetime(double n, double alpha, double beta);
double cv_sbg_tenure(double n, double alpha, double beta);
/* Periods of a new customer among the first t, those after the first discounted by 1 / (1 + rate)
 * each: DEL. t may be infinite if rate > 0. */
double cv_sbg_del(double t, double rate, double alpha, double beta);
/* Renewals to come among the next t, the first one, which is due now, at its full value: DERL. */
double cv_sbg_derl(double t, double rate, double n, double alpha, double beta);

#endif
