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

/* log gamma z less Stirling's (z - 1/2) log z - z + log(2 pi) / 2; z > 0. */
double cv_stirling_error(double z);

/* exact_log.c. log(value / per) to a base, the double nearest to it; 0 where value <= per. */
double cv_log_ratio(double value, double per, double base);

/* quantiles.c. The q-quantile of Student's t with nu degrees of freedom; 0 < q < 1. */
double cv_student_quantile(double q, double nu);

#endif
