/* special.h -- special functions. Measured errors stand in the heads of the .c files.
 *
 * Arguments are finite: z, a, b > 0 and x >= 0. Outside, the result is NaN and FE_INVALID is
 * raised. Safe to call from any thread, unlike the C library's lgamma.
 */
#ifndef CUSTVAL_SPECIAL_H
#define CUSTVAL_SPECIAL_H

/* Return log gamma z, and its first and second derivative. */
double cv_lgamma(double z);
double cv_digamma(double z);
double cv_trigamma(double z);

/* Return log (b)_x = lgamma(b + x) - lgamma(b), without cancellation where x is small beside b; 0
 * at x = 0. */
double cv_lpoch(double b, double x);

/* Return the derivatives of cv_lpoch in b: digamma(b + x) - digamma(b), and the same of
 * trigamma. */
double cv_dpoch(double b, double x);
double cv_tpoch(double b, double x);

/* Return log (B(a, b + x) / B(a, b)) <= 0: the log of the mean of (1 - p)^x, p ~ Beta(a, b). */
double cv_lbeta_up(double a, double b, double x);

/* Return log gamma z less Stirling's (z - 1/2) log z - z + log(2 pi) / 2. */
double cv_stirling_error(double z);

/* Return its first and second derivative. */
double cv_stirling_error_1(double z);
double cv_stirling_error_2(double z);

/* exact_log.c. Return log(value / per) to the base `base`, correctly rounded; 0 where value <= per,
 * and infinite with value. per > 0 and base > 1, both finite; else NaN and FE_INVALID. */
double cv_log_ratio(double value, double per, double base);

/* quantiles.c. Return the q-quantile of Student's t with nu > 0 degrees of freedom, 0 < q < 1; else
 * NaN and FE_INVALID. May be infinite where nu is small. */
double cv_student_quantile(double q, double nu);

#endif
