/* pnbdpair.h -- the parts of a Pareto/NBD likelihood that many rows share; never leaves the room.
 */
#ifndef CUSTVAL_PNBDPAIR_H
#define CUSTVAL_PNBDPAIR_H

#include "rows.h"

/* A logarithm with its derivatives in r, alpha, s, beta, the Hessian row by row from the diagonal
 * on; and the weight that rows give to it. */
typedef struct {
    double value, gradient[4], hessian[10], weight;
} cv_pnbd_pair;

/* How far the fraction of a pair at t is followed: its time. */
double cv_pnbd_pair_steps(double t, const double *p);

/* At n times t: died first (bought = 0) or bought first, both after t; at x repeat purchases. */
void cv_pnbd_pairs(cv_simd simd, const double *t, size_t n, double x, int bought, const double *p,
                   cv_pnbd_pair *pair);

/* pnbddeath.c. Rows begin..end, all with one k = r + x, but for what depends on x only. */
void cv_pnbd_deaths(const cv_rows *rows, size_t begin, size_t end, double k, const double *p,
                    cv_derivatives *all);

#endif
