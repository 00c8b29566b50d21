/* bgcnbd.c -- BG/CNBD-k: Platzer and Reutterer (2016), Marketing Science 35(5); cnbd.c with m
 * = 0. */
#include "models/bgcnbd.h"
#include "models/cnbd.h"

enum { m = 0 };

double
cv_bgcnbd_p_alive(double x, double t_x, double T, double k, double r, double alpha, double a,
                  double b)
{
    return cv_cnbd_p_alive(&(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_p_alive_at(double t, double x, double t_x, double T, double k, double r, double alpha,
                     double a, double b)
{
    return cv_cnbd_p_alive_at(t, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_p_purchase(double t, double x, double t_x, double T, double k, double r, double alpha,
                     double a, double b)
{
    return cv_cnbd_p_purchase(t, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_loglik(double x, double t_x, double T, double litt, double k, double r, double alpha,
                 double a, double b)
{
    return cv_cnbd_loglik(litt, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_expected_purchases(double t, double x, double t_x, double T, double k, double r,
                             double alpha, double a, double b)
{
    return cv_cnbd_expected_purchases(0, t, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T, double k,
                                     double r, double alpha, double a, double b)
{
    return cv_cnbd_expected_purchases(t1, t2, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_expected_purchases_new(double t, double k, double r, double alpha, double a, double b)
{
    return cv_cnbd_expected_purchases(0, t, &(cv_condensed){0, 0, 0, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_purchase_pmf(double n, double t, double k, double r, double alpha, double a, double b)
{
    return cv_cnbd_purchase_pmf(n, t, &(cv_condensed){0, 0, 0, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_purchase_pmf_given(double n, double t, double x, double t_x, double T, double k, double r,
                             double alpha, double a, double b)
{
    return cv_cnbd_purchase_pmf(n, t, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_dert(double t, double rate, double x, double t_x, double T, double k, double r,
               double alpha, double a, double b)
{
    return cv_cnbd_dert(t, rate, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_residual_lifetime(double x, double t_x, double T, double k, double r, double alpha,
                            double a, double b)
{
    return cv_cnbd_residual_lifetime(&(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_next_purchase(double q, double x, double t_x, double T, double k, double r, double alpha,
                        double a, double b)
{
    return cv_cnbd_next_purchase(q, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_expected_rate(double x, double t_x, double T, double k, double r, double alpha, double a,
                        double b)
{
    return cv_cnbd_expected_rate(&(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
cv_bgcnbd_expected_dropout(double x, double t_x, double T, double k, double r, double alpha,
                           double a, double b)
{
    return cv_cnbd_expected_dropout(&(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}
