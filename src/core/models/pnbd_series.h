/* pnbd_series.h -- the parts of a Pareto/NBD likelihood that many rows share; never leaves the
 * room.
 */
#ifndef CUSTVAL_PNBD_SERIES_H
#define CUSTVAL_PNBD_SERIES_H

#include "likelihood/rows.h"

/* A logarithm with its derivatives in r, alpha, s, beta, the Hessian row by row from the diagonal
 * on; and the weight that rows give to it. */
typedef struct {
    double value, gradient[4], hessian[10], weight;
} cv_pnbd_pair;

/* How far the fraction of a pair at t is followed: its time. */
double cv_pnbd_pair_steps(double t, const double *p);

/* At n times t: died first (bought = 0) or bought first, both after t; at x repeat purchases. But
 * for what depends on x and r only. */
void cv_pnbd_pairs(cv_simd simd, const double *t, size_t n, double x, int bought, const double *p,
                   cv_pnbd_pair *pair);

/* pnbd_integral.c. Rows begin..end, all with x repeat purchases, but for the same. */
void cv_pnbd_deaths(const cv_rows *rows, size_t begin, size_t end, double x, const double *p,
                    cv_derivatives *all);

#endif
