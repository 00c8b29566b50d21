/* normal_margin.h -- money of any sign: a customer's margins are normal, with a mean and a variance
 * of his own.
 *
 * Margins ~ N(mu_i, 1 / w_i); w_i ~ Gamma(nu / 2, rate nu sigma^2 / 2), mu_i ~ N(mu, 1 / (kappa
 * w_i)). History: n margins, their mean, and SS, the sum of squares about it (0 where n < 2).
 */
#ifndef CUSTVAL_NORMAL_MARGIN_H
#define CUSTVAL_NORMAL_MARGIN_H

/* log density of n margins with this mean and SS, in nats. */
double cv_normal_margin_loglik(double n, double mean, double SS, double mu, double sigma,
                               double kappa, double nu);
/* E[mu_i], and E[1 / w_i], infinite where nu + n <= 2. */
double cv_normal_margin_expected_margin(double n, double mean, double SS, double mu, double sigma,
                                        double kappa, double nu);
double cv_normal_margin_variance(double n, double mean, double SS, double mu, double sigma,
                                 double kappa, double nu);
/* The q-quantile of the mean of the next m margins, m >= 1. */
double cv_normal_margin_quantile(double q, double m, double n, double mean, double SS, double mu,
                                 double sigma, double kappa, double nu);

#endif
