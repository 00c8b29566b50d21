/* bgbb.h -- BG/BB: Fader, Hardie, Shang (2010). p ~ Beta(alpha, beta), theta ~ Beta(gamma, delta).
 *
 * Of n opportunities x were used, the last one at t_x; all whole, t_x > 0 where x > 0. A customer
 * leaves for good with chance theta before each opportunity and uses it with chance p if not.
 * t counts opportunities after n, whole; rate is per opportunity: value 1 is 1 / (1 + rate) at the
 * next one.
 */
#ifndef CUSTVAL_BGBB_H
#define CUSTVAL_BGBB_H

/* P(alive at n | x, t_x, n), and at n + t; the papers' is at n + 1. */
double cv_bgbb_p_alive(double x, double t_x, double n, double alpha, double beta, double gamma,
                       double delta);
double cv_bgbb_p_alive_at(double t, double x, double t_x, double n, double alpha, double beta,
                          double gamma, double delta);
/* P(at least one purchase in (n, n + t]); t may be infinite. */
double cv_bgbb_p_purchase(double t, double x, double t_x, double n, double alpha, double beta,
                          double gamma, double delta);
/* log L of one history, in nats. */
double cv_bgbb_loglik(double x, double t_x, double n, double alpha, double beta, double gamma,
                      double delta);
/* E[purchases in (n, n + t] | x, t_x, n], and in (n + t1, n + t2]. */
double cv_bgbb_expected_purchases(double t, double x, double t_x, double n, double alpha,
                                  double beta, double gamma, double delta);
double cv_bgbb_expected_purchases_between(double t1, double t2, double x, double t_x, double n,
                                          double alpha, double beta, double gamma, double delta);
/* E[purchases of a new customer at t opportunities], and P(there are k), t <= 1e6. */
double cv_bgbb_expected_purchases_new(double t, double alpha, double beta, double gamma,
                                      double delta);
double cv_bgbb_purchase_pmf(double k, double t, double alpha, double beta, double gamma,
                            double delta);
/* P(k purchases in (n, n + t] | x, t_x, n), t <= 1e6. */
double cv_bgbb_purchase_pmf_given(double k, double t, double x, double t_x, double n, double alpha,
                                  double beta, double gamma, double delta);
/* Purchases in (n, n + t], discounted. t may be infinite if rate > 0. */
double cv_bgbb_dert(double t, double rate, double x, double t_x, double n, double alpha,
                    double beta, double gamma, double delta);
/* E[opportunities survived after n], 0 if gone; infinite if gamma <= 1. */
double cv_bgbb_residual_lifetime(double x, double t_x, double n, double alpha, double beta,
                                 double gamma, double delta);
/* The smallest t with P(purchase in (n, n + t]) >= q, 0 < q < 1; infinite if there is none. */
double cv_bgbb_next_purchase(double q, double x, double t_x, double n, double alpha, double beta,
                             double gamma, double delta);
/* E[p | x, t_x, n] and E[theta | x, t_x, n], whether alive or not. */
double cv_bgbb_expected_rate(double x, double t_x, double n, double alpha, double beta,
                             double gamma, double delta);
double cv_bgbb_expected_dropout(double x, double t_x, double n, double alpha, double beta,
                                double gamma, double delta);

#endif
