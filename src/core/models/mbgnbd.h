/* mbgnbd.h -- MBG/NBD: Batislam, Denizel, Filiztekin (2007). As BG/NBD, but a customer may leave at
 * once.
 */
#ifndef CUSTVAL_MBGNBD_H
#define CUSTVAL_MBGNBD_H

double cv_mbgnbd_p_alive(double x, double t_x, double T, double r, double alpha, double a,
                         double b);
double cv_mbgnbd_loglik(double x, double t_x, double T, double r, double alpha, double a, double b);
double cv_mbgnbd_expected_purchases(double t, double x, double t_x, double T, double r,
                                    double alpha, double a, double b);
double cv_mbgnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                            double r, double alpha, double a, double b);
double cv_mbgnbd_expected_purchases_new(double t, double r, double alpha, double a, double b);
double cv_mbgnbd_purchase_pmf(double k, double t, double r, double alpha, double a, double b);
double cv_mbgnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
                      double a, double b);
double cv_mbgnbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha,
                            double a, double b);
double cv_mbgnbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha,
                            double a, double b);
double cv_mbgnbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                                    double alpha, double a, double b);
double cv_mbgnbd_residual_lifetime(double x, double t_x, double T, double r, double alpha, double a,
                                   double b);
double cv_mbgnbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha,
                               double a, double b);
double cv_mbgnbd_expected_rate(double x, double t_x, double T, double r, double alpha, double a,
                               double b);
double cv_mbgnbd_expected_dropout(double x, double t_x, double T, double r, double alpha, double a,
                                  double b);

#endif
