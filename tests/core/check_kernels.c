/* check_kernels.c -- the models' kernels at points of tests/reference/cases.csv and outside. */
#include <fenv.h>
#include <math.h>

#include "check.h"

#define CDNOW 0.243, 4.414, 0.793, 2.426

static void
check_reference(void)
{
    CHECK_CLOSE(cv_bgnbd_loglik(2, 30.43, 38.86, CDNOW), -9.4586063070662712, 1e-12);  /* 195 */
    CHECK_CLOSE(cv_bgnbd_p_alive(2, 30.43, 38.86, CDNOW), 0.72657857008067291, 1e-12); /* 196 */
    CHECK_CLOSE(cv_bgnbd_expected_purchases(39, 2, 30.43, 38.86, CDNOW), 1.2260281747671445,
                1e-12);                                                                 /* 197 */
    CHECK_CLOSE(cv_gg_loglik(2, 22.35, 6.25, 3.74, 15.44), -3.5513167597317047, 1e-11); /* 467 */
    CHECK_CLOSE(cv_gg_expected_spend(2, 22.35, 6.25, 3.74, 15.44), 24.663713910761155,
                1e-12); /* 468 */
    CHECK_CLOSE(cv_student_quantile(0.95, 4), 2.131846786326649, 1e-14);
    CHECK_CLOSE(cv_normal_margin_expected_margin(3, 5, 50, -7, 20, 0.5, 4), 11.5 / 3.5, 1e-15);
    CHECK(isinf(cv_gg_expected_spend(0, 0, 6.25, 0.79, 15.44))); /* 484: the mean is infinite */
}

static void
check_identities(void)
{
    double sum = 0;
    for (int k = 0; k < 400; k++) sum += cv_mbgnbd_purchase_pmf(k, 39, CDNOW);
    CHECK_CLOSE(sum, 1, 1e-6); /* the tail beyond 400 is below */
    sum = 0;
    for (int k = 0; k < 4000; k++) sum += cv_bgnbd_purchase_pmf_given(k, 39, 300, 30, 30, CDNOW);
    CHECK_CLOSE(sum, 1, 1e-12);
    double wait = cv_mbgnbd_next_purchase(0.5, 2, 30, 40, CDNOW);
    CHECK_CLOSE(cv_mbgnbd_p_purchase(wait, 2, 30, 40, CDNOW), 0.5, 1e-12);
    CHECK(isinf(cv_bgnbd_next_purchase(0.9, 2, 30, 40, CDNOW)));
    CHECK(cv_bgnbd_p_alive_at(0, 2, 30, 40, CDNOW) == cv_bgnbd_p_alive(2, 30, 40, CDNOW));
    CHECK(cv_bgnbd_p_alive(0, 0, 40, CDNOW) == 1);
    CHECK_CLOSE(cv_gg_single_loglik(1, 5, log(5), 6, 4, 15), cv_gg_loglik(1, 5, 6, 4, 15), 1e-14);
    CHECK_CLOSE(cv_lognormal_expected_spend(3, 1.5, 1.5, 1, 2),
                exp(1.5 + 4 / 13.0 / 2 + 0.5), 1e-14); /* var(m_i | 3) = 4 / (1 + 3 * 4) */
    CHECK(isnan(cv_gg_single_loglik(2, 5, log(5) + 0.1, 6, 4, 15))); /* no mean of logs is above */
    CHECK(isnan(cv_lognormal_loglik(0, 0, 0, 1, 1, 1)));
    CHECK(cv_bgnbd_expected_purchases(0, 2, 30, 40, CDNOW) == 0);
    CHECK_CLOSE(cv_mbgnbd_expected_purchases(10, 2, 30, 40, CDNOW) +
                    cv_mbgnbd_expected_purchases_between(10, 25, 2, 30, 40, CDNOW),
                cv_mbgnbd_expected_purchases(25, 2, 30, 40, CDNOW), 1e-12);
    CHECK_CLOSE(cv_bgnbd_dert(39, 0, 2, 30, 40, CDNOW),
                cv_bgnbd_expected_purchases(39, 2, 30, 40, CDNOW), 1e-11);
    CHECK_CLOSE(cv_bgnbd_dert(INFINITY, 1e6, 2, 30, 40, CDNOW) * 1e6,
                (0.243 + 2) / (4.414 + 40) * cv_bgnbd_p_alive(2, 30, 40, CDNOW), 1e-3);
}

/* A coarse grid of the whole box: finite, not negative, and no flag but underflow. */
static void
check_box(void)
{
    static const double SIZE[] = {1e-6, 0.3, 1, 40, 1e6};
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 5 * 5 * 5 * 5; i++) {
        double r = SIZE[i % 5], alpha = SIZE[i / 5 % 5], a = SIZE[i / 25 % 5], b = SIZE[i / 125];
        double p = cv_mbgnbd_p_alive(300, 20, 40, r, alpha, a, b);
        double t = cv_mbgnbd_expected_purchases_between(1, 30, 300, 20, 40, r, alpha, a, b);
        double n = cv_bgnbd_expected_purchases_new(1e4, r, alpha, a, b);
        double d = cv_bgnbd_dert(INFINITY, 0.01, 0, 0, 40, r, alpha, a, b);
        double k = cv_bgnbd_purchase_pmf(300, 50, r, alpha, a, b);
        CHECK(p >= 0 && p <= 1 && t >= 0 && n >= 0 && d >= 0 && k >= 0 && k <= 1);
        CHECK(isfinite(t) && isfinite(n) && isfinite(d));
        CHECK(isfinite(cv_bgnbd_loglik(300, 20, 40, r, alpha, a, b)));
    }
    CHECK(!fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
}

void
check_kernels(void)
{
    check_reference();
    check_identities();
    check_box();
    feclearexcept(FE_ALL_EXCEPT);
    CHECK(isnan(cv_bgnbd_p_alive(1, 41, 40, CDNOW)) && fetestexcept(FE_INVALID));
    feclearexcept(FE_ALL_EXCEPT);
    CHECK(isnan(cv_gg_loglik(-1, 20, 6.25, 3.74, 15.44)) && fetestexcept(FE_INVALID));
}
