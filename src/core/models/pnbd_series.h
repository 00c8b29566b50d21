/* pnbd_series.h -- the parts of a Pareto/NBD likelihood that many rows share; for the core only. */
#ifndef CUSTVAL_PNBD_SERIES_H
#define CUSTVAL_PNBD_SERIES_H

#include "likelihood/rows.h"

/* A logarithm with its derivatives in r, alpha, s, beta, the Hessian row by row from the diagonal
 * on; and the sum of the weights with which rows use it. */
typedef struct {
    double value, gradient[4], hessian[10], weight;
} cv_pnbd_pair;

/* Return the number of terms of the continued fraction of a pair at t: its cost. p: r, alpha, s,
 * beta, all positive. */
double cv_pnbd_pair_steps(double t, const double *p);

/* Set pair[i] at n times t[i], for x repeat purchases: log of the density of dying first, after t
 * (bought = 0), or of buying first, after t (bought = 1); without what depends on x and r only. */
void cv_pnbd_pairs(cv_simd simd, const double *t, size_t n, double x, int bought, const double *p,
                   cv_pnbd_pair *pair);

/* pnbd_integral.c. Add the log-likelihood of the rows begin..end, all with x repeat purchases, and
 * its derivatives to *all; without the same. */
void cv_pnbd_deaths(const cv_rows *rows, size_t begin, size_t end, double x, const double *p,
                    cv_derivatives *all);

#endif
