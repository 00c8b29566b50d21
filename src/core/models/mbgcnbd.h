/* mbgcnbd.h -- MBG/CNBD-k: Platzer and Reutterer (2016). As BG/CNBD-k, but a customer may leave at
 * once. MBG/NBD at k = 1.
 */
#ifndef CUSTVAL_MBGCNBD_H
#define CUSTVAL_MBGCNBD_H

double cv_mbgcnbd_p_alive(double x, double t_x, double T, double k, double r, double alpha,
                          double a, double b);
double cv_mbgcnbd_p_alive_at(double t, double x, double t_x, double T, double k, double r,
                             double alpha, double a, double b);
double cv_mbgcnbd_p_purchase(double t, double x, double t_x, double T, double k, double r,
                             double alpha, double a, double b);
double cv_mbgcnbd_loglik(double x, double t_x, double T, double litt, double k, double r,
                         double alpha, double a, double b);
double cv_mbgcnbd_expected_purchases(double t, double x, double t_x, double T, double k, double r,
                                     double alpha, double a, double b);
double cv_mbgcnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                             double k, double r, double alpha, double a, double b);
double cv_mbgcnbd_expected_purchases_new(double t, double k, double r, double alpha, double a,
                                         double b);
double cv_mbgcnbd_purchase_pmf(double n, double t, double k, double r, double alpha, double a,
                               double b);
double cv_mbgcnbd_purchase_pmf_given(double n, double t, double x, double t_x, double T, double k,
                                     double r, double alpha, double a, double b);
double cv_mbgcnbd_dert(double t, double rate, double x, double t_x, double T, double k, double r,
                       double alpha, double a, double b);
double cv_mbgcnbd_residual_lifetime(double x, double t_x, double T, double k, double r,
                                    double alpha, double a, double b);
double cv_mbgcnbd_next_purchase(double q, double x, double t_x, double T, double k, double r,
                                double alpha, double a, double b);
double cv_mbgcnbd_expected_rate(double x, double t_x, double T, double k, double r, double alpha,
                                double a, double b);
double cv_mbgcnbd_expected_dropout(double x, double t_x, double T, double k, double r, double alpha,
                                   double a, double b);

#endif
