/* check_ggnbd.c -- GGompertz/NBD at points of tests/reference/ggnbd.csv, by identities that join
 * the 32-point rule to the panels, over a box, and its likelihood. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"

#define AGED 0.421, 4.17, 0.0161, 0.311, 66.6

static void
check_reference(void)
{
    CHECK_CLOSE(cv_ggnbd_loglik(20, 18, 88.2, AGED), -31.8886344522531844, 1e-14);
    CHECK_CLOSE(cv_ggnbd_p_alive(20, 18, 88.2, AGED), 1.87361760993011737e-9, 1e-13);
    CHECK_CLOSE(cv_ggnbd_expected_purchases(10.3, 20, 18, 88.2, AGED), 4.25955488202187459e-9,
                1e-13);
    CHECK_CLOSE(cv_ggnbd_dert(10.3, 0.00357, 20, 18, 88.2, AGED), 4.18223437160125692e-9, 1e-13);
    CHECK_CLOSE(cv_ggnbd_residual_lifetime(20, 18, 88.2, AGED), 6.61571728423864965e-7, 1e-13);
}

static void
check_identities(void)
{
    for (double b = 1e-3; b < 10; b *= 1.7) { /* one rule while b t <= 4, then panels */
        double near = cv_ggnbd_expected_purchases(30, 2, 30, 40, 0.5, 10, b, 0.6, 50);
        double far = cv_ggnbd_expected_purchases_between(30, 70, 2, 30, 40, 0.5, 10, b, 0.6, 50);
        double whole = cv_ggnbd_expected_purchases(70, 2, 30, 40, 0.5, 10, b, 0.6, 50), sum = 0;
        CHECK_CLOSE(near + far, whole, 1e-13);
        for (int k = 0; k < 400; k++)
            sum += cv_ggnbd_purchase_pmf_given(k, 30, 2, 30, 40, 0.5, 10, b, 0.6, 50);
        CHECK_CLOSE(sum, 1, 1e-12);
    }
    CHECK_CLOSE(cv_ggnbd_loglik(7, 29, 39, 0.55, 10.6, 1e-14, 0.6, 1e-14 * 11.7),
                cv_pnbd_loglik(7, 29, 39, 0.55, 10.6, 0.6, 11.7), 1e-12);
    CHECK_CLOSE(cv_ggnbd_p_purchase(cv_ggnbd_next_purchase(0.2, 2, 30, 40, AGED), 2, 30, 40, AGED),
                0.2, 1e-13);
}

/* A coarse grid of the whole box: finite, not negative, and no flag but underflow. */
static void
check_box(void)
{
    static const double SIZE[] = {1e-6, 0.3, 40, 1e6};
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 4 * 4 * 4 * 4; i++) {
        double r = SIZE[i % 4], b = SIZE[i / 4 % 4], s = SIZE[i / 16 % 4], beta = SIZE[i / 64];
        double p = cv_ggnbd_p_alive_at(5, 300, 20, 40, r, 12, b, s, beta);
        double k = cv_ggnbd_purchase_pmf(300, 50, r, 12, b, s, beta);
        double life = cv_ggnbd_residual_lifetime(3, 39, 40, r, 12, b, s, beta);
        CHECK(p >= 0 && p <= 1 && k >= 0 && k <= 1 && life >= 0 && isfinite(life));
        CHECK(isfinite(cv_ggnbd_loglik(300, 20, 40, r, 12, b, s, beta)));
        CHECK(cv_ggnbd_next_purchase(0.3, 3, 39, 40, r, 12, b, s, beta) > 0);
        CHECK(cv_ggnbd_expected_rate(300, 20, 40, r, 12, b, s, beta) > 0);
        CHECK(cv_ggnbd_expected_dropout(300, 20, 40, r, 12, b, s, beta) >= 0);
    }
    CHECK(!fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
}

/* The sum of the kernel, inside the box of the rule and outside; two equal rows are one. */
static void
check_likelihood(void)
{
    enum { ROWS = 6, K = 5 };
    static const double x[] = {0, 2, 2, 7, 60, 1}, t_x[] = {0, 30, 30, 11, 200, 1},
                        T[] = {5, 39, 39, 40, 260, 300};
    const cv_fit_data data = {.n = ROWS, .column = {x, t_x, T}};
    void *work = malloc(cv_fit_workspace(CV_GGNBD, &data));
    for (double b = 1e-4; b < 10; b *= 8) {
        double at[K] = {0.4, 5, b, 0.6, 3}, sum = 0, value, gradient[K], hessian[K * K];
        for (int i = 0; i < ROWS; i++)
            sum += cv_ggnbd_loglik(x[i], t_x[i], T[i], 0.4, 5, b, 0.6, 3);
        CHECK(cv_likelihood(CV_GGNBD, &data, at, cv_simd_best(), work, NULL, NULL, &value, gradient,
                            hessian) == CV_FIT_CONVERGED);
        CHECK_CLOSE(value, sum, 1e-13);
    }
    free(work);
}

void
check_ggnbd(void)
{
    check_reference();
    check_identities();
    check_box();
    check_likelihood();
    CHECK(isnan(cv_ggnbd_p_alive(1, 41, 40, AGED)) && isnan(cv_ggnbd_loglik(1, 0, 40, AGED)));
}
