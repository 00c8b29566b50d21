/* competing_risks.h -- two waits whose rates differ between customers, and which of them ends
 * first.
 *
 * rate ~ Gamma(shape, rate scale), so P(wait > t) = (1 + t / scale)^-shape: Lomax's distribution,
 * Pareto's second kind. A wait that has lasted u goes on with the same shape and scale + u. Shapes
 * and scales are positive and finite, times in the unit of the scales. Functions here do not check
 * their arguments: kernels do.
 */
#ifndef CUSTVAL_COMPETING_RISKS_H
#define CUSTVAL_COMPETING_RISKS_H

#include "types.h"

/* One wait. */
typedef struct {
    double shape, scale;
} cv_lomax;

/* Return P(wait > t), t >= 0. */
double cv_lomax_longer(double t, cv_lomax w);

/* Return E[min(wait, t)], t finite. */
double cv_lomax_until(double t, cv_lomax w);

/* Return the integral of exp(-rate u) P(wait > u) over (0, t): E[min(wait, t)] with a moment u
 * discounted. t may be infinite if rate > 0. */
double cv_lomax_discounted(double t, double rate, cv_lomax w);

/* Two independent waits that begin together, the competing risks a and b. */
typedef struct {
    cv_lomax a, b;
} cv_risks;

/* Return the joint survival P(neither is over by t); b.shape = 0 means that b never ends. */
double cv_joint_survival(double t, cv_risks risks);

/* Return P(a ends before b, at any time). */
double cv_comes_first(cv_lomax a, cv_lomax b);

/* Return the cumulative incidence of a, P(a ends first, and by t); t may be infinite. */
double cv_incidence(double t, cv_risks risks);

/* Return its complement, P(a has not ended by t, or b ended before), to full relative accuracy. */
double cv_no_incidence(double t, cv_risks risks);

/* Return the t with cv_incidence(t) = q cv_incidence(infinity), 0 < q < 1; infinity where that is
 * beyond doubles. */
double cv_incidence_quantile(double q, cv_risks risks);

/* Return P(a ends n times by t or until b), a beginning anew each time at its one rate; n >= 0
 * whole, t finite. */
double cv_incidence_count(double n, double t, cv_risks risks);

/* Histories for P(alive): purchase against death, from t_x to T, of customers with x repeat
 * purchases: shapes r + x and s, scales alpha + t_x and beta + t_x. `lost` and `kept` are the
 * weights of the two ways to a silence, death first and survival to T; see cv_timing. */
typedef struct {
    const double *x, *t_x, *T, *lost, *kept;
    double r, alpha, s, beta;
} cv_silent_histories;

/* Set alive[i] to S / (lost + S kept), at most 1, S being the joint survival from t_x to T; NaN
 * where t_x = 0, S is below e^-600 or a time is extreme: the scalar kernel is to compute these. */
void cv_alive_after_silence(cv_simd simd, const cv_silent_histories *of, size_t n, double *alive);

/* A model whose active customers have a future that depends on x and T only, not on t_x; batch
 * prediction computes it once per pair. With a repeat purchase P(alive) is S / (lost + S kept), at
 * most 1: S = (1 + D / (alpha + t_x))^-(r + x), D = T - t_x, and, where customers die at any time,
 * (1 + D / (beta + t_x))^-s times that; then at D = 0 P(alive) is 1. Parameters p: r, alpha, and s,
 * beta where customers die. Arguments outside the domain give NaN. */
typedef struct {
    const char *prefix; /* of the model's kernels */
    size_t parameters;
    int dies; /* 1: at any time, so that lost depends on t_x; 0: after a purchase only */
    double (*p_alive)(double x, double t_x, double T, const double *p); /* by the scalar kernel */
    double (*lost)(double x, double t_x, const double *p);
    double (*kept)(double x, double T, const double *p);
    /* E[purchases in (T + t1, T + t2]], and the discounted ones in (T, T + t], if active at T. */
    double (*purchases)(double t1, double t2, double x, double T, const double *p);
    double (*dert)(double t, double rate, double x, double T, const double *p);
} cv_timing;

extern const cv_timing cv_bgnbd_timing, cv_mbgnbd_timing, cv_pnbd_timing;

#endif
