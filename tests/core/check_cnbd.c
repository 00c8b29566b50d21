/* check_cnbd.c -- BG/CNBD-k and MBG/CNBD-k at points of tests/reference/condensed.csv, the
 * laws that tie their quantities, and a coarse box.
 */
#include <fenv.h>
#include <math.h>

#include "check.h"

#define OWN 0.9, 3.1, 0.8, 2.4

static void
check_reference(void)
{
    CHECK_CLOSE(cv_bgcnbd_p_purchase(1.21, 0, 0, 14.4, 12, 9.03, 23.2, 0.519, 0.509),
                0.0194456974678689187, 1e-13);
    CHECK_CLOSE(cv_bgcnbd_dert(INFINITY, 0.00844, 0, 0, 14.4, 12, 9.03, 23.2, 0.519, 0.509),
                1.73910082844112021, 1e-13);
    CHECK_CLOSE(cv_bgcnbd_dert(0.11, 0.015, 0, 0, 257.8, 100, 52.4, 11.4, 0.19, 0.37),
                0.019449055113112283, 1e-13); /* Beta integrals of erlang.c in mpmath */
    CHECK_CLOSE(cv_bgcnbd_next_purchase(0.5, 0, 0, 14.4, 12, 9.03, 23.2, 0.519, 0.509),
                17.4420706977436033, 1e-13);
    CHECK_CLOSE(cv_mbgcnbd_loglik(8, 9.2, 25.7, 0.818, 3, 3.8, 3.42, 4.79, 0.442),
                -16.6927851948929545, 1e-13);
    CHECK_CLOSE(cv_mbgcnbd_expected_purchases(4.56, 8, 9.2, 25.7, 3, 3.8, 3.42, 4.79, 0.442),
                3.08731137598655305e-8, 1e-13);
}

static void
check_identities(void)
{
    double sum = 0;
    for (int n = 0; n < 2000; n++) sum += cv_bgcnbd_purchase_pmf_given(n, 39, 4, 30, 39, 7, OWN);
    CHECK_CLOSE(sum, 1, 1e-12);
    double near = cv_bgcnbd_expected_purchases(2000, 4, 30, 39, 3, OWN); /* a walk */
    double far = cv_bgcnbd_expected_purchases(90000, 4, 30, 39, 3, OWN); /* by roots of unity */
    CHECK_CLOSE(near + cv_bgcnbd_expected_purchases_between(2000, 90000, 4, 30, 39, 3, OWN), far,
                1e-12);
    CHECK(cv_mbgcnbd_p_alive_at(0, 4, 30, 39, 3, OWN) == cv_mbgcnbd_p_alive(4, 30, 39, 3, OWN));
    CHECK_CLOSE(cv_mbgcnbd_expected_rate(4, 30, 39, 1, OWN),
                cv_mbgnbd_expected_rate(4, 30, 39, OWN), 1e-14);
    CHECK_CLOSE(cv_bgcnbd_expected_dropout(0, 0, 39, 5, OWN), 0.25, 1e-14);
}

static void
check_box(void)
{
    static const double SIZE[] = {1e-4, 1, 1e4};
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 3 * 3 * 3 * 3; i++) {
        double r = SIZE[i % 3], alpha = SIZE[i / 3 % 3], a = SIZE[i / 9 % 3], b = SIZE[i / 27];
        double t = cv_bgcnbd_expected_purchases_new(1e3, 4, r, alpha, a, b);
        double p = cv_mbgcnbd_p_alive_at(30, 300, 20, 40, 4, r, alpha, a, b);
        double d = cv_bgcnbd_dert(INFINITY, 0.01, 0, 0, 40, 100, r, alpha, a, b);
        double n = cv_mbgcnbd_next_purchase(0.1, 3, 20, 40, 12, r, alpha, a, b);
        CHECK(p >= 0 && p <= 1 && t >= 0 && isfinite(t) && d >= 0 && isfinite(d) && n > 0);
        CHECK(isfinite(cv_bgcnbd_loglik(10000, 20, 40, -5e4, 100, r, alpha, a, b)));
    }
    CHECK(!fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
}

void
check_cnbd(void)
{
    check_reference();
    check_identities();
    check_box();
    feclearexcept(FE_ALL_EXCEPT);
    CHECK(isnan(cv_bgcnbd_p_alive(1, 30, 40, 2.5, OWN)) && fetestexcept(FE_INVALID));
    feclearexcept(FE_ALL_EXCEPT);
    CHECK(isnan(cv_mbgcnbd_p_alive(1, 30, 40, 101, OWN)) && fetestexcept(FE_INVALID));
}
