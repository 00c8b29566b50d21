/* check_pnbd.c -- Pareto/NBD and NBD at points of tests/reference/cases.csv, and over a box. */
#include <fenv.h>
#include <math.h>

#include "check.h"

#define CDNOW 0.5534, 10.5802, 0.6061, 11.6562

static void
check_reference(void)
{
    CHECK_CLOSE(cv_pnbd_loglik(7, 29.43, 38.86, CDNOW), -21.594544654135555, 1e-13);  /* 17 */
    CHECK_CLOSE(cv_pnbd_p_alive(7, 29.43, 38.86, CDNOW), 0.74940860002976168, 1e-13); /* 18 */
    CHECK_CLOSE(cv_pnbd_expected_purchases(39, 7, 29.43, 38.86, CDNOW), 3.7115724177325513,
                1e-13); /* 19 */
    CHECK_CLOSE(cv_pnbd_dert(INFINITY, 0.0027, 7, 29.43, 38.86, CDNOW), 16.535370764642894,
                1e-13); /* 20 */
    CHECK_CLOSE(cv_pnbd_p_alive(0, 0, 30, 0.5, 1000, 0.5, 1e-6), 1.7989665844115664e-4,
                1e-13); /* 102: the fraction gives way to the mean */
}

static void
check_identities(void)
{
    double sum = 0;
    for (int k = 0; k < 400; k++) sum += cv_pnbd_purchase_pmf_given(k, 39, 7, 29, 39, CDNOW);
    CHECK_CLOSE(sum, 1, 1e-12);
    for (double t = 1e-6; t < 1e7; t *= 7)
        CHECK_CLOSE(cv_pnbd_purchase_pmf(0, t, CDNOW) + cv_pnbd_p_purchase(t, 0, 0, 0, CDNOW), 1,
                    1e-14);
    CHECK_CLOSE(cv_pnbd_dert(39, 1e-14, 2, 30, 40, CDNOW),
                cv_pnbd_expected_purchases(39, 2, 30, 40, CDNOW), 1e-11);
    CHECK_CLOSE(cv_pnbd_p_purchase(cv_pnbd_next_purchase(0.4, 2, 30, 40, CDNOW), 2, 30, 40, CDNOW),
                0.4, 1e-13);
    CHECK_CLOSE(
        cv_nbd_p_purchase(cv_nbd_next_purchase(0.4, 2, 30, 40, 0.4, 12), 2, 30, 40, 0.4, 12), 0.4,
        1e-13);
    CHECK(cv_pnbd_p_alive(3, 40, 40, CDNOW) == 1 && cv_nbd_p_alive(3, 30, 40, 0.4, 12) == 1);
}

/* A coarse grid of the whole box: finite, not negative, and no flag but underflow. */
static void
check_box(void)
{
    static const double SIZE[] = {1e-6, 0.3, 1, 40, 1e6};
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 5 * 5 * 5 * 5; i++) {
        double r = SIZE[i % 5], alpha = SIZE[i / 5 % 5], s = SIZE[i / 25 % 5], beta = SIZE[i / 125];
        double p = cv_pnbd_p_alive_at(5, 300, 20, 40, r, alpha, s, beta);
        double k = cv_pnbd_purchase_pmf(300, 50, r, alpha, s, beta);
        double d = cv_pnbd_dert(60, 0.01, 0, 0, 40, r, alpha, s, beta);
        double w = cv_pnbd_next_purchase(0.3, 3, 39, 40, r, alpha, s, beta);
        CHECK(p >= 0 && p <= 1 && k >= 0 && k <= 1 && d >= 0 && isfinite(d) && w > 0);
        CHECK(isfinite(cv_pnbd_loglik(300, 20, 40, r, alpha, s, beta)));
        CHECK(cv_pnbd_expected_rate(300, 20, 40, r, alpha, s, beta) > 0);
        CHECK(cv_pnbd_expected_dropout(300, 20, 40, r, alpha, s, beta) > 0);
    }
    CHECK(!fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
}

void
check_pnbd(void)
{
    check_reference();
    check_identities();
    check_box();
    feclearexcept(FE_ALL_EXCEPT);
    CHECK(isnan(cv_pnbd_p_alive(1, 41, 40, CDNOW)) && fetestexcept(FE_INVALID));
    CHECK(isnan(cv_pnbd_loglik(1, 30, 40, 1, 1, 0, 1)) && isnan(cv_nbd_loglik(1, 30, 40, 1, 0)));
    CHECK(isinf(cv_pnbd_residual_lifetime(1, 30, 40, CDNOW)));
}
