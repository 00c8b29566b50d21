/* check_discrete.c -- the discrete models at points of tests/reference and outside. */
#include <fenv.h>
#include <math.h>

#include "check.h"

#define DONORS 1.204, 0.75, 0.657, 2.783

static void
check_donors(void)
{
    CHECK_CLOSE(cv_bgbb_loglik(4, 4, 6, DONORS), -3.8483035194310996, 1e-14);        /* 387 */
    CHECK_CLOSE(cv_bgbb_p_alive_at(1, 4, 4, 6, DONORS), 0.20013343420063904, 1e-14); /* 388 */
    CHECK_CLOSE(cv_bgbb_p_alive(4, 4, 6, DONORS), 0.21510413513082460, 1e-14);       /* 389 */
    CHECK_CLOSE(cv_bgbb_expected_purchases(5, 4, 4, 6, DONORS), 0.58302684790194238, 1e-14);
    CHECK_CLOSE(cv_bgbb_dert(INFINITY, 0.1, 4, 4, 6, DONORS), 0.91812685327161177, 1e-14);
    double sum = 0;
    for (int k = 0; k <= 300; k++) sum += cv_bgbb_purchase_pmf_given(k, 300, 4, 4, 6, DONORS);
    CHECK_CLOSE(sum, 1, 1e-13);
    CHECK(cv_bgbb_expected_purchases(0, 4, 4, 6, DONORS) == 0);
    CHECK(cv_bgbb_next_purchase(0.9, 4, 4, 6, DONORS) == INFINITY);
    CHECK(isnan(cv_bgbb_p_alive(4, 3, 6, DONORS)) && isnan(cv_bgbb_p_alive(1, 1, 6.5, DONORS)));
}

static void
check_contracts(void)
{
    /* 2F1 at 15 digits: DEL and DERL of the High End cohort, rounded parameters */
    CHECK_CLOSE(cv_sbg_del(INFINITY, 0.1, 0.668, 3.806), 5.92259640761276, 1e-14);
    CHECK_CLOSE(cv_sbg_derl(INFINITY, 0.1, 1, 0.668, 3.806), 5.90175316775, 1e-11);
    CHECK_CLOSE(cv_bdw_derl(INFINITY, 0.1, 1, 0.668, 3.806, 1),
                cv_sbg_derl(INFINITY, 0.1, 1, 0.668, 3.806), 1e-13);
    CHECK_CLOSE(cv_bdw_residual_lifetime(3, 1.25, 3, 1), cv_sbg_residual_lifetime(3, 1.25, 3),
                1e-13);
    CHECK(cv_sbg_tenure(3, 1, 3) == INFINITY && cv_bdw_tenure(3, 0.5, 3, 2) == INFINITY);
}

/* A coarse grid of the whole box: bounded work, and no flag but underflow. */
static void
check_box(void)
{
    static const double SIZE[] = {1e-6, 0.3, 1, 40, 1e6};
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 5 * 5 * 5 * 5; i++) {
        double a = SIZE[i % 5], b = SIZE[i / 5 % 5], c = SIZE[i / 25 % 5], d = SIZE[i / 125];
        double p = cv_bgbb_p_alive(300, 2000, 1e12, a, b, c, d);
        double next = cv_bgbb_p_purchase(INFINITY, 300, 2000, 4000, a, b, c, d);
        double t = cv_bgbb_dert(INFINITY, 1e-9, 300, 2000, 4000, a, b, c, d);
        CHECK(p >= 0 && p <= 1 && next >= 0 && next <= 1 + 1e-14 && t >= 0 && isfinite(t));
        CHECK(cv_bgbb_next_purchase(0.5, 0, 0, 40, a, b, c, d) >= 1);
        CHECK(cv_bdw_derl(INFINITY, 0.01, 9, a, b, fmin(c, 40)) <= 101 * (1 + 1e-12));
    }
    CHECK(!fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
}

void
check_discrete(void)
{
    check_donors();
    check_contracts();
    check_box();
}
