/* gg.h -- Gamma-Gamma spend per purchase: Fader and Hardie, note 025.
 *
 * A customer's purchases are worth Gamma(p, rate nu) each, nu ~ Gamma(q, rate gamma). History: x
 * purchases, whole, of mean m_x > 0 in money. Parameters: p, q and gamma (in money), all > 0.
 * Outside its domain a kernel returns NaN and raises FE_INVALID. Measured errors: gg.c.
 */
#ifndef CUSTVAL_GG_H
#define CUSTVAL_GG_H

/* Return E[mean spend | x, m_x]; infinity where p x + q <= 1. With x = 0 it is that of the
 * population, whatever the m_x; but NaN gives NaN, so pass a number. */
double cv_gg_expected_spend(double x, double m_x, double p, double q, double gamma);

/* Return the log density of m_x in nats, x >= 1. */
double cv_gg_loglik(double x, double m_x, double p, double q, double gamma);

/* Return the log density of n >= 1 single purchases with this mean, above 0, and this mean of their
 * logs, at most the log of the mean. */
double cv_gg_single_loglik(double n, double mean, double log_mean, double p, double q,
                           double gamma);

#endif
