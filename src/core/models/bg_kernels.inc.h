/* bg_kernels.inc.h -- the public kernels of BG/NBD and MBG/NBD, and the timing of their columns,
 * written once; bgnbd.c and mbgnbd.c include it.
 *
 * The includer defines KERNEL(name), the name of a kernel, and m: 0 where a customer first may
 * drop out after the first repeat purchase, 1 where already after the first purchase. A kernel
 * packs its arguments into the struct of bg.h and calls the function there, so that the two models
 * differ by nothing but a constant. Contracts: bgnbd.h. Algorithms and measured errors: bg.c.
 */
#include "models/bg.h"
#include "models/competing_risks.h"

double
KERNEL(p_alive)(double x, double t_x, double T, double r, double alpha, double a, double b)
{
    return cv_bg_p_alive(&(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(loglik)(double x, double t_x, double T, double r, double alpha, double a, double b)
{
    return cv_bg_loglik(&(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(expected_purchases)(double t, double x, double t_x, double T, double r, double alpha,
                           double a, double b)
{
    return cv_bg_expected_purchases(0, t, &(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(expected_purchases_between)(double t1, double t2, double x, double t_x, double T, double r,
                                   double alpha, double a, double b)
{
    return cv_bg_expected_purchases(t1, t2, &(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(expected_purchases_new)(double t, double r, double alpha, double a, double b)
{
    return cv_bg_expected_purchases(0, t, &(cv_beta_geometric){0, 0, 0, r, alpha, a, b, m});
}

double
KERNEL(purchase_pmf)(double k, double t, double r, double alpha, double a, double b)
{
    return cv_bg_purchase_pmf(k, t, r, alpha, a, b, m);
}

double
KERNEL(dert)(double t, double rate, double x, double t_x, double T, double r, double alpha,
             double a, double b)
{
    return cv_bg_dert(t, rate, &(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(p_alive_at)(double t, double x, double t_x, double T, double r, double alpha, double a,
                   double b)
{
    return cv_bg_p_alive_at(t, &(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(p_purchase)(double t, double x, double t_x, double T, double r, double alpha, double a,
                   double b)
{
    return cv_bg_p_purchase(t, &(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(purchase_pmf_given)(double k, double t, double x, double t_x, double T, double r,
                           double alpha, double a, double b)
{
    return cv_bg_purchase_pmf_given(k, t, &(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(residual_lifetime)(double x, double t_x, double T, double r, double alpha, double a,
                          double b)
{
    return cv_bg_residual_lifetime(&(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(next_purchase)(double q, double x, double t_x, double T, double r, double alpha, double a,
                      double b)
{
    return cv_bg_next_purchase(q, &(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(expected_rate)(double x, double t_x, double T, double r, double alpha, double a, double b)
{
    return cv_bg_expected_rate(&(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

double
KERNEL(expected_dropout)(double x, double t_x, double T, double r, double alpha, double a, double b)
{
    return cv_bg_expected_dropout(&(cv_beta_geometric){x, t_x, T, r, alpha, a, b, m});
}

static double
p_alive(double x, double t_x, double T, const double *p)
{
    return cv_bg_p_alive(&(cv_beta_geometric){x, t_x, T, p[0], p[1], p[2], p[3], m});
}

/* The odds of dropout at t_x, the same for all t_x. */
static double
lost(double x, double t_x, const double *p)
{
    return cv_bg_odds_dropout(&(cv_beta_geometric){x, t_x, t_x, p[0], p[1], p[2], p[3], m});
}

/* 1: an active customer drops out only when buying. */
static double
kept(double x, double T, const double *p)
{
    (void)x, (void)T, (void)p;
    return 1;
}

/* A history with this x and T; t_x does not matter to one who is active. */
static cv_beta_geometric
some_history(double x, double T, const double *p)
{
    return (cv_beta_geometric){x, x > 0 ? T : 0, T, p[0], p[1], p[2], p[3], m};
}

static double
purchases(double t1, double t2, double x, double T, const double *p)
{
    const cv_beta_geometric h = some_history(x, T, p);
    return cv_bg_purchases_if_active(t1, t2, &h);
}

static double
dert(double t, double rate, double x, double T, const double *p)
{
    const cv_beta_geometric h = some_history(x, T, p);
    return cv_bg_dert_if_active(t, rate, &h);
}
