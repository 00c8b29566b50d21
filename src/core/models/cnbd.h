/* cnbd.h -- what the files of the condensed models share: BG/CNBD-k (m = 0) and MBG/CNBD-k. */
#ifndef CUSTVAL_CNBD_H
#define CUSTVAL_CNBD_H

enum { CV_STAGES = 100 }; /* most stages of a gap */

typedef struct {
    double x, t_x, T, k, r, alpha, a, b;
    int m;
} cv_condensed;

double cv_cnbd_p_alive(const cv_condensed *h);
double cv_cnbd_p_alive_at(double t, const cv_condensed *h);
double cv_cnbd_p_purchase(double t, const cv_condensed *h);
double cv_cnbd_loglik(double litt, const cv_condensed *h);
double cv_cnbd_expected_purchases(double t1, double t2, const cv_condensed *h);
double cv_cnbd_purchase_pmf(double n, double t, const cv_condensed *h);
double cv_cnbd_dert(double t, double rate, const cv_condensed *h);
double cv_cnbd_residual_lifetime(const cv_condensed *h);
double cv_cnbd_next_purchase(double q, const cv_condensed *h);
double cv_cnbd_expected_rate(const cv_condensed *h);
double cv_cnbd_expected_dropout(const cv_condensed *h);

/* ---- erlang.c: the future of a customer who is active ---- */

/* j of the k stages to his next purchase are over with chance stage[j]; stages come at a rate
 * Gamma(shape + j, rate c); after each purchase he leaves with chance Beta(a, b). Since his last
 * purchase the time `gap` has passed. */
typedef struct {
    int k;
    double shape, c, gap, a, b, stage[CV_STAGES];
} cv_active;

/* sum over j < k of (shape)_j / j! tau^j, its log; the terms, divided by it, go to `stage`. */
double cv_stage_probabilities(int k, double shape, double tau, double *stage);

/* In the time t to come, if he never left: P(n purchases or more), P(n of them). */
double cv_at_least(int n, double t, const cv_active *s);
double cv_exactly(int n, double t, const cv_active *s);

/* Means over when he leaves: the purchases in t, whether he is there after t, purchases per unit of
 * time at t. */
typedef enum { CV_PURCHASES, CV_STAYS, CV_RATE } cv_active_quantity;
double cv_active_mean(cv_active_quantity what, double t, const cv_active *s);

/* Purchases beyond which there are none to speak of in t, their chance being e^-deep; 0 if they
 * have more than `most` stages. */
int cv_far_end(cv_active_quantity what, double t, double deep, double most, const cv_active *s);

/* The mean purchases in t, each worth e^(-rate u) at u; NaN if that takes too long,
 * or t is next to nothing. */
double cv_discounted_stages(double t, double rate, const cv_active *s);

#endif
