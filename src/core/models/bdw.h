/* bdw.h -- beta-discrete-Weibull: Fader, Hardie, Liu, Davin, Steenburgh (2018). theta ~ Beta(alpha,
 * beta), S(t) = (1 - theta)^(t^c).
 *
 * As the shifted beta-geometric of sbg.h, which is c = 1; each customer's own chance to cancel
 * falls with time if c < 1, and rises if c > 1.
 */
#ifndef CUSTVAL_BDW_H
#define CUSTVAL_BDW_H

double cv_bdw_retention(double t, double alpha, double beta, double c);
double cv_bdw_survival(double t, double n, double alpha, double beta, double c);
double cv_bdw_churn_pmf(double t, double n, double alpha, double beta, double c);
/* Infinite if alpha c <= 1. */
double cv_bdw_residual_lifetime(double n, double alpha, double beta, double c);
double cv_bdw_tenure(double n, double alpha, double beta, double c);
double cv_bdw_del(double t, double rate, double alpha, double beta, double c);
double cv_bdw_derl(double t, double rate, double n, double alpha, double beta, double c);

#endif
