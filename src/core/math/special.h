/* special.h -- special functions, arguments > 0 (x >= 0); errors in special.c. */
#ifndef CUSTVAL_SPECIAL_H
#define CUSTVAL_SPECIAL_H

double cv_lgamma(double z);
double cv_digamma(double z);
double cv_trigamma(double z);
double cv_lpoch(double b, double x); /* lgamma(b + x) - lgamma(b) */
double cv_dpoch(double b, double x); /* its derivative in b: digamma(b + x) - digamma(b) */
double cv_tpoch(double b, double x); /* the second: trigamma(b + x) - trigamma(b) */
double cv_lbeta_up(double a, double b, double x); /* log B(a, b + x) / B(a, b) */

#endif
