/* negative_binomial.h -- the negative binomial X of shape r > 0 and mean r y, y = t / alpha >= 0:
 * the number of purchases in a time t of customers with rates Gamma(r, rate alpha).
 *
 * n is whole, n >= 0; callers check. Where the probability underflows the result is 0.
 */
#ifndef CUSTVAL_NEGATIVE_BINOMIAL_H
#define CUSTVAL_NEGATIVE_BINOMIAL_H

/* Return P(X = n), and P(X >= n). */
double cv_nb_pmf(double n, double r, double y);
double cv_nb_tail(double n, double r, double y);

#endif
