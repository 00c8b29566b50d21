/* gompertz.h -- what happens in u after some age, if the customer lived then. Never leaves the
 * room.
 */
#ifndef CUSTVAL_GOMPERTZ_H
#define CUSTVAL_GOMPERTZ_H

/* S(u) = (1 + g (e^bu - 1))^-s is the chance to live, over all customers. */
typedef struct {
    double b, s, g;
} cv_ageing;

/* S, or the density of death, times u^n (c + u)^-power over its value at the peak (at 0 if n = 0),
 * discounted. */
typedef struct {
    cv_ageing ageing;
    double n, c, power, discount;
    int dies;
    double peak, spread; /* where n > 0, by cv_future_peak */
} cv_future;

cv_ageing cv_ageing_from(double age, double b, double s, double beta);
/* -log S(u) / s; its derivative in u in *hazard. */
double cv_ageing_log(double u, const cv_ageing *of, double *hazard);

/* A length over which neither S nor a power falls by much more than a half; the width of the panel
 * from u on, after one so wide (0: there is none); whether one rule in log(1 + u / first) will do.
 */
double cv_future_first(const cv_future *of);
double cv_future_next(const cv_future *of, double u, double before);
int cv_future_in_box(double t, double first, double b);

void cv_future_peak(cv_future *of, double t);
/* Over (0, t), t may be infinite; and the t at which it reaches target, n = 0, infinite if never.
 */
double cv_future_integral(const cv_future *of, double t);
double cv_future_reach(const cv_future *of, double target);

#endif
