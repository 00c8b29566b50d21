/* cnbd.h -- what the files of the condensed models share: BG/CNBD-k (m = 0) and MBG/CNBD-k. */
#ifndef CUSTVAL_CNBD_H
#define CUSTVAL_CNBD_H

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

#endif
