/* competing_risks.h -- waits whose rate differs from one to the next, and models made of them.
 *
 * rate ~ Gamma(shape, rate scale), so P(wait > t) = (1 + t / scale)^-shape: Lomax's distribution,
 * Pareto's second kind. Who has waited for u waits on with the same shape and scale + u.
 */
#ifndef CUSTVAL_COMPETING_RISKS_H
#define CUSTVAL_COMPETING_RISKS_H

#include "types.h"

typedef struct {
    double shape, scale;
} cv_lomax;

/* P(wait > t). */
double cv_lomax_longer(double t, cv_lomax w);
/* E[min(wait, t)], and the same with a moment u worth exp(-rate u): then t may be infinite. */
double cv_lomax_until(double t, cv_lomax w);
double cv_lomax_discounted(double t, double rate, cv_lomax w);

/* Two waits that begin together. */
typedef struct {
    cv_lomax a, b;
} cv_risks;

/* P(neither is over by t); b may have the shape 0, then it never is. */
double cv_joint_survival(double t, cv_risks risks);
/* P(a is over before b, ever). */
double cv_comes_first(cv_lomax a, cv_lomax b);
/* P(a is over first, and by t); t may be infinite. */
double cv_incidence(double t, cv_risks risks);
/* P(a is not over by t, or b was first). */
double cv_no_incidence(double t, cv_risks risks);
/* The t at which a fraction q of all that a will ever win is won, 0 < q < 1. */
double cv_incidence_quantile(double q, cv_risks risks);

/* Purchase against death, from t_x to T, of customers with x repeat purchases: rates r + x at alpha
 * + t_x, s at beta + t_x. With `open` the chance that it is open, P(alive) = open / (lost + open
 * kept), at most 1; or NaN, where the scalar kernel is to be asked. */
typedef struct {
    const double *x, *t_x, *T, *lost, *kept;
    double r, alpha, s, beta;
} cv_silent_histories;

void cv_alive_after_silence(cv_simd simd, const cv_silent_histories *of, size_t n, double *alive);

/* a again and again, at a rate that is drawn once, until b: P(n times a by t). */
double cv_incidence_count(double n, double t, cv_risks risks);

/* A model whose customers, while active, have a future that depends on x and T only, not on t_x:
 * purchases between t1 and t2 from T on, and discounted ones, of an active customer. P(alive) of
 * one with a repeat is open / (lost + open kept), or 1 if that is less; open = (1 + D / (alpha +
 * t_x))^-(r + x), D = T - t_x, and where customers die at any time, (1 + D / (beta + t_x))^-s times
 * that: then `lost` depends on t_x too, and at D = 0 P(alive) is 1. Parameters: r, alpha, s, beta.
 */
typedef struct {
    const char *prefix;
    size_t parameters;
    int dies;
    double (*p_alive)(double x, double t_x, double T, const double *p);
    double (*lost)(double x, double t_x, const double *p);
    double (*kept)(double x, double T, const double *p);
    double (*purchases)(double t1, double t2, double x, double T, const double *p);
    double (*dert)(double t, double rate, double x, double T, const double *p);
} cv_timing;

extern const cv_timing cv_bgnbd_timing, cv_mbgnbd_timing, cv_pnbd_timing;

#endif
