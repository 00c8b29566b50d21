/* lognormal.h -- log-normal spend per purchase, its mean log normal over customers.
 *
 * The log of an amount of customer i ~ N(m_i, sigma^2), m_i ~ N(mu, tau^2). History: n purchases,
 * whole, the mean of the logs of their amounts, and log_SS >= 0, the sum of squares of the logs
 * about it (0 where n < 2); log_mean and mu below 1e150 in size. Parameters: mu, any; sigma, tau >
 * 0. Outside its domain a kernel returns NaN and raises FE_INVALID. Measured errors: lognormal.c.
 */
#ifndef CUSTVAL_LOGNORMAL_H
#define CUSTVAL_LOGNORMAL_H

/* Return the log density of n amounts with this mean and SS of their logs, in nats. */
double cv_lognormal_loglik(double n, double log_mean, double log_SS, double mu, double sigma,
                           double tau);

/* Return E[m_i | n, log_mean]: what the logs of a customer's amounts tend to. */
double cv_lognormal_expected_log(double n, double log_mean, double mu, double sigma, double tau);

/* Return E[exp(m_i + sigma^2 / 2) | n, log_mean]: the expected amount of the next purchase. */
double cv_lognormal_expected_spend(double n, double log_mean, double mu, double sigma, double tau);

#endif
