/* bg.h -- what BG/NBD (m = 0) and MBG/NBD (m = 1) share; never leaves the room. */
#ifndef CUSTVAL_BG_H
#define CUSTVAL_BG_H

#include "likelihood/rows.h"

/* A history and the parameters. */
typedef struct {
    double x, t_x, T, r, alpha, a, b;
    int m;
} cv_beta_geometric;

int cv_bg_in_domain(const cv_beta_geometric *h);
/* log P(gone)/P(alive), given the history; -infinity where nobody can be gone. */
double cv_bg_log_odds_inactive(const cv_beta_geometric *h);

/* P(leaves) / P(stays) at the last purchase. */
double cv_bg_odds_dropout(const cv_beta_geometric *h);
double cv_bg_p_alive(const cv_beta_geometric *h);
double
cv_bg_p_inactive(const cv_beta_geometric *h); /* its complement, of a history in the domain */
double cv_bg_p_alive_at(double t, const cv_beta_geometric *h);
double cv_bg_p_purchase(double t, const cv_beta_geometric *h);
double cv_bg_loglik(const cv_beta_geometric *h);
double cv_bg_expected_purchases(double t1, double t2, const cv_beta_geometric *h);
/* Of a customer active at T, whatever his t_x. */
double cv_bg_purchases_if_active(double t1, double t2, const cv_beta_geometric *h);
double cv_bg_dert_if_active(double t, double rate, const cv_beta_geometric *h);
double cv_bg_purchase_pmf(double k, double t, double r, double alpha, double a, double b, int m);
double cv_bg_purchase_pmf_given(double k, double t, const cv_beta_geometric *h);
double cv_bg_dert(double t, double rate, const cv_beta_geometric *h);
double cv_bg_residual_lifetime(const cv_beta_geometric *h);
double cv_bg_next_purchase(double q, const cv_beta_geometric *h);
double cv_bg_expected_rate(const cv_beta_geometric *h);
double cv_bg_expected_dropout(const cv_beta_geometric *h);

/* bg_fit.c. What depends on counts only, of n customers:
 * lpoch(r, bought) + r log alpha + lpoch(b, coins) - lpoch(a+b, coins), bought being purchases, or
 * stages of them, and coins tossed; r, alpha, a, b are parameters `at` and on. */
void cv_add_counts(double n, double bought, double coins, const double *p, size_t at,
                   cv_derivatives *all);

#endif
