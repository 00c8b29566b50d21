/* gompertz.h -- integrals over the time left to a customer of GGompertz/NBD; for the core only.
 *
 * Times count from some age at which the customer is alive. Arguments are inside the domain of the
 * kernels that call: nothing is checked here.
 */
#ifndef CUSTVAL_GOMPERTZ_H
#define CUSTVAL_GOMPERTZ_H

/* Survival, mixed over customers: S(u) = (1 + g (e^bu - 1))^-s. */
typedef struct {
    double b, s, g;
} cv_ageing;

/* An integrand: S, or with `dies` the density of death, times u^n (c + u)^-power over its value at
 * the peak (at 0 if n = 0), times e^(-discount u). */
typedef struct {
    cv_ageing ageing;
    double n, c, power, discount;
    int dies;
    double peak, spread; /* where n > 0, set by cv_future_peak */
} cv_future;

/* Return the survival from an age on. */
cv_ageing cv_ageing_from(double age, double b, double s, double beta);

/* Return -log S(u) / s; set its derivative in u. */
double cv_ageing_log(double u, const cv_ageing *of, double *hazard);

/* Return a length over which neither S nor a power falls by much more than a half. */
double cv_future_first(const cv_future *of);

/* Return the width of the panel from u on, after one of width `before`, 0 for the first. */
double cv_future_next(const cv_future *of, double u, double before);

/* Return whether one rule in log(1 + u / first) integrates to t. */
int cv_future_in_box(double t, double first, double b);

/* Set peak and spread of an integrand with n > 0, for integrals to t. */
void cv_future_peak(cv_future *of, double t);

/* Return the integral over (0, t); t may be infinite. */
double cv_future_integral(const cv_future *of, double t);

/* Return the t at which the integral, of n = 0, reaches target; infinity where it never does. */
double cv_future_reach(const cv_future *of, double target);

#endif
