/* cnbd_kernels.inc.h -- the public kernels of BG/CNBD-k and MBG/CNBD-k, written once; bgcnbd.c and
 * mbgcnbd.c include it.
 *
 * The includer defines KERNEL(name), the name of a kernel, and m: 0 where a customer first may
 * drop out after the first repeat purchase, 1 where already after the first purchase. A kernel
 * packs its arguments into the struct of cnbd.h and calls the function there. Contracts: bgcnbd.h.
 * Algorithms and measured errors: cnbd.c.
 */
#include "models/cnbd.h"

double
KERNEL(p_alive)(double x, double t_x, double T, double k, double r, double alpha, double a,
                double b)
{
    return cv_cnbd_p_alive(&(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(p_alive_at)(double t, double x, double t_x, double T, double k, double r, double alpha,
                   double a, double b)
{
    return cv_cnbd_p_alive_at(t, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(p_purchase)(double t, double x, double t_x, double T, double k, double r, double alpha,
                   double a, double b)
{
    return cv_cnbd_p_purchase(t, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(loglik)(double x, double t_x, double T, double litt, double k, double r, double alpha,
               double a, double b)
{
    return cv_cnbd_loglik(litt, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(expected_purchases)(double t, double x, double t_x, double T, double k, double r,
                           double alpha, double a, double b)
{
    return cv_cnbd_expected_purchases(0, t, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(expected_purchases_between)(double t1, double t2, double x, double t_x, double T, double k,
                                   double r, double alpha, double a, double b)
{
    return cv_cnbd_expected_purchases(t1, t2, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(expected_purchases_new)(double t, double k, double r, double alpha, double a, double b)
{
    return cv_cnbd_expected_purchases(0, t, &(cv_condensed){0, 0, 0, k, r, alpha, a, b, m});
}

double
KERNEL(purchase_pmf)(double n, double t, double k, double r, double alpha, double a, double b)
{
    return cv_cnbd_purchase_pmf(n, t, &(cv_condensed){0, 0, 0, k, r, alpha, a, b, m});
}

double
KERNEL(purchase_pmf_given)(double n, double t, double x, double t_x, double T, double k, double r,
                           double alpha, double a, double b)
{
    return cv_cnbd_purchase_pmf(n, t, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(dert)(double t, double rate, double x, double t_x, double T, double k, double r,
             double alpha, double a, double b)
{
    return cv_cnbd_dert(t, rate, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(residual_lifetime)(double x, double t_x, double T, double k, double r, double alpha,
                          double a, double b)
{
    return cv_cnbd_residual_lifetime(&(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(next_purchase)(double q, double x, double t_x, double T, double k, double r, double alpha,
                      double a, double b)
{
    return cv_cnbd_next_purchase(q, &(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(expected_rate)(double x, double t_x, double T, double k, double r, double alpha, double a,
                      double b)
{
    return cv_cnbd_expected_rate(&(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}

double
KERNEL(expected_dropout)(double x, double t_x, double T, double k, double r, double alpha, double a,
                         double b)
{
    return cv_cnbd_expected_dropout(&(cv_condensed){x, t_x, T, k, r, alpha, a, b, m});
}
