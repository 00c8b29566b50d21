/* normal_margin.h -- margins of any sign: normal, with a mean and a variance of each customer's
 * own.
 *
 * Margins ~ N(mu_i, 1 / w_i); w_i ~ Gamma(nu / 2, rate nu sigma^2 / 2), mu_i ~ N(mu, 1 / (kappa
 * w_i)). History: n margins, whole, their mean, and SS >= 0, the sum of squares about it (0 where n
 * < 2), in money; mean and mu below 1e150 in size. Parameters: sigma (in money), kappa, nu > 0.
 * Outside its domain a kernel returns NaN and raises FE_INVALID. Errors: normal_margin.c.
 */
#ifndef CUSTVAL_NORMAL_MARGIN_H
#define CUSTVAL_NORMAL_MARGIN_H

/* Return the log density of n margins with this mean and SS, in nats. */
double cv_normal_margin_loglik(double n, double mean, double SS, double mu, double sigma,
                               double kappa, double nu);

/* Return E[mu_i | history], the expected margin of a purchase. */
double cv_normal_margin_expected_margin(double n, double mean, double SS, double mu, double sigma,
                                        double kappa, double nu);

/* Return E[1 / w_i | history], the expected variance; infinity where nu + n <= 2. */
double cv_normal_margin_variance(double n, double mean, double SS, double mu, double sigma,
                                 double kappa, double nu);

/* Return the q-quantile, 0 < q < 1, of the mean of the next m margins, m >= 1 whole. */
double cv_normal_margin_quantile(double q, double m, double n, double mean, double SS, double mu,
                                 double sigma, double kappa, double nu);

#endif
