/* gg.h -- Gamma-Gamma: Fader, Hardie note 025. */
#ifndef CUSTVAL_GG_H
#define CUSTVAL_GG_H

/* E[mean spend | x purchases of mean m_x]; +inf where the mean is infinite, p x + q <= 1. With
 * x = 0 it is that of the population, whatever m_x; but hand in a number, for NaN gives NaN. */
double cv_gg_expected_spend(double x, double m_x, double p, double q, double gamma);
/* log density of m_x, in nats; x >= 1. */
double cv_gg_loglik(double x, double m_x, double p, double q, double gamma);

#endif
