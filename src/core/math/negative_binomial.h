/* negative_binomial.h -- P(X = n) and P(X >= n) of shape r and mean r y. */
#ifndef CUSTVAL_NEGATIVE_BINOMIAL_H
#define CUSTVAL_NEGATIVE_BINOMIAL_H

double cv_nb_pmf(double n, double r, double y);
double cv_nb_tail(double n, double r, double y);

#endif
