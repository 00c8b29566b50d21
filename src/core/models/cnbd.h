/* cnbd.h -- what BG/CNBD-k (m = 0) and MBG/CNBD-k (m = 1) share; for the core only.
 *
 * A gap between purchases is k Erlang stages long. The state of an active customer is the number of
 * stages passed since the last purchase, known by its probabilities: cv_active. The functions over
 * cv_condensed return NaN and raise FE_INVALID outside the domain; their contracts are those of
 * bgcnbd.h. The functions over cv_active (erlang.c) expect arguments inside it.
 */
#ifndef CUSTVAL_CNBD_H
#define CUSTVAL_CNBD_H

enum { CV_STAGES = 100 }; /* the largest k */

/* A history and the parameters. m: tosses for dropout before the first repeat purchase. */
typedef struct {
    double x, t_x, T, k, r, alpha, a, b;
    int m;
} cv_condensed;

/* Return P(active at T), P(active at T + t), and P(a purchase in (T, T + t]), t may be infinite. */
double cv_cnbd_p_alive(const cv_condensed *h);
double cv_cnbd_p_alive_at(double t, const cv_condensed *h);
double cv_cnbd_p_purchase(double t, const cv_condensed *h);

/* The two ways to a history: the probabilities to be active at T or not, and E[stages passed since
 * t_x] of an active customer. NaN outside the domain. */
typedef struct {
    double active, inactive, stages;
} cv_cnbd_ways;
cv_cnbd_ways cv_cnbd_ways_of(const cv_condensed *h);

/* Return log L in nats; litt is the sum of the logs of the x gaps. */
double cv_cnbd_loglik(double litt, const cv_condensed *h);

/* Return E[purchases in (T + t1, T + t2]], 0 <= t1 <= t2 finite. */
double cv_cnbd_expected_purchases(double t1, double t2, const cv_condensed *h);

/* Return P(n purchases in (T, T + t]), n whole, to 1e7. */
double cv_cnbd_purchase_pmf(double n, double t, const cv_condensed *h);

/* Return the purchases in (T, T + t] discounted by exp(-rate u) at T + u. */
double cv_cnbd_dert(double t, double rate, const cv_condensed *h);

/* Return E[time from T to the last purchase]; infinity unless a > 1 and r + k x > 1. */
double cv_cnbd_residual_lifetime(const cv_condensed *h);

/* Return the t with P(a purchase in (T, T + t]) = q; infinity where q >= P(active). */
double cv_cnbd_next_purchase(double q, const cv_condensed *h);

/* Return the posterior means of lambda / k and of p. */
double cv_cnbd_expected_rate(const cv_condensed *h);
double cv_cnbd_expected_dropout(const cv_condensed *h);

/* ---- erlang.c: the future of an active customer ---- */

/* j of the k stages to the next purchase have passed with probability stage[j]; stages come at a
 * rate Gamma(shape + j, rate c); after each purchase the customer drops out with probability
 * Beta(a, b). The time `gap` has passed since the last purchase. */
typedef struct {
    int k;
    double shape, c, gap, a, b, stage[CV_STAGES];
} cv_active;

/* Set stage[0..k-1] to the terms (shape)_j / j! tau^j divided by their sum; return its log. */
double cv_stage_probabilities(int k, double shape, double tau, double *stage);

/* Return P(n purchases or more) and P(n purchases) in t of a customer who never drops out. */
double cv_at_least(int n, double t, const cv_active *s);
double cv_exactly(int n, double t, const cv_active *s);

/* A mean over the purchase at which the customer drops out. */
typedef enum {
    CV_PURCHASES, /* Purchases in t. */
    CV_STAYS,     /* The probability of being active after t. */
    CV_RATE       /* Purchases per unit of time at t. */
} cv_active_quantity;

/* Return such a mean, t >= 0 finite. */
double cv_active_mean(cv_active_quantity what, double t, const cv_active *s);

/* Return a number of purchases that more than t brings with probability below e^-deep, or 0 if that
 * takes more than `most` stages. */
int cv_far_end(cv_active_quantity what, double t, double deep, double most, const cv_active *s);

/* Return the mean purchases in t, discounted by e^(-rate u) at u; NaN where that takes too long or
 * t is next to nothing beside c. */
double cv_discounted_stages(double t, double rate, const cv_active *s);

#endif
