/* bgbb.h -- BG/BB, purchases at discrete opportunities: Fader, Hardie, Shang (2010).
 *
 * Before each opportunity a customer dies with probability theta ~ Beta(gamma, delta); alive, they
 * use it with probability p ~ Beta(alpha, beta). History: of n opportunities x were used, the last
 * one being t_x; all whole, 0 <= x <= t_x <= n, t_x > 0 exactly where x > 0. Parameters > 0. t
 * counts opportunities after n and is whole; rate is per opportunity: value 1 is worth 1 / (1 +
 * rate) at the next one. Outside its domain a kernel returns NaN and raises FE_INVALID. Measured
 * errors: bgbb.c.
 */
#ifndef CUSTVAL_BGBB_H
#define CUSTVAL_BGBB_H

/* Return P(alive at n | x, t_x, n); the papers' P(alive) is at n + 1. */
double cv_bgbb_p_alive(double x, double t_x, double n, double alpha, double beta, double gamma,
                       double delta);

/* Return P(alive at n + t | x, t_x, n). */
double cv_bgbb_p_alive_at(double t, double x, double t_x, double n, double alpha, double beta,
                          double gamma, double delta);

/* Return P(a purchase in (n, n + t] | x, t_x, n); t may be infinite. */
double cv_bgbb_p_purchase(double t, double x, double t_x, double n, double alpha, double beta,
                          double gamma, double delta);

/* Return the least t with P(a purchase in (n, n + t]) >= q, 0 < q < 1; infinity where no t has. */
double cv_bgbb_next_purchase(double q, double x, double t_x, double n, double alpha, double beta,
                             double gamma, double delta);

/* Return log P of one history in nats, at its own opportunities. */
double cv_bgbb_loglik(double x, double t_x, double n, double alpha, double beta, double gamma,
                      double delta);

/* Return E[purchases in (n, n + t] | x, t_x, n]. */
double cv_bgbb_expected_purchases(double t, double x, double t_x, double n, double alpha,
                                  double beta, double gamma, double delta);

/* Return the same in (n + t1, n + t2], t1 <= t2; no difference is formed. */
double cv_bgbb_expected_purchases_between(double t1, double t2, double x, double t_x, double n,
                                          double alpha, double beta, double gamma, double delta);

/* Return, for a new customer at t opportunities, E[purchases] and, t - k <= 1e7, P(k purchases). */
double cv_bgbb_expected_purchases_new(double t, double alpha, double beta, double gamma,
                                      double delta);
double cv_bgbb_purchase_pmf(double k, double t, double alpha, double beta, double gamma,
                            double delta);

/* Return P(k purchases in (n, n + t] | x, t_x, n), t - k <= 1e7. */
double cv_bgbb_purchase_pmf_given(double k, double t, double x, double t_x, double n, double alpha,
                                  double beta, double gamma, double delta);

/* Return E[sum of (1 + rate)^-u over the purchases at n + u, u <= t]; rate >= 0, t may be infinite
 * if rate > 0. */
double cv_bgbb_dert(double t, double rate, double x, double t_x, double n, double alpha,
                    double beta, double gamma, double delta);

/* Return E[opportunities survived after n | x, t_x, n], 0 for the dead; infinity where gamma <= 1.
 */
double cv_bgbb_residual_lifetime(double x, double t_x, double n, double alpha, double beta,
                                 double gamma, double delta);

/* Return E[p | x, t_x, n] and E[theta | x, t_x, n], alive or dead. */
double cv_bgbb_expected_rate(double x, double t_x, double n, double alpha, double beta,
                             double gamma, double delta);
double cv_bgbb_expected_dropout(double x, double t_x, double n, double alpha, double beta,
                                double gamma, double delta);

#endif
