/* check_forecast.c -- money at risk in round numbers. */
#include <math.h>

#include "check.h"

void
check_forecast(void)
{
    CHECK(cv_expected_money(3, 20, 0.5) == 30);
    CHECK(cv_value_if_retained(30, 0.75) == 40 && cv_expected_loss(30, 0.75) == 10);
    CHECK(cv_expected_loss(0, 0) == 0); /* P(alive) has underflowed */
    CHECK(cv_loss_zone(-1, 100, 0.05) == CV_ZONE_LOSS);
    CHECK(cv_loss_zone(4, 100, 0.05) == CV_ZONE_NEAR_LOSS);
    CHECK(cv_credible_rate(30, 100, 0.5, 10, 0.1) == 0.4); /* z = 100 / (100 + 10 / .1) */
    CHECK(cv_credible_rate(7, 0, 0.5, 10, 0.1) == 0.5);
    CHECK(cv_loss_zone(6, 100, 0.05) == CV_ZONE_PROFIT && cv_uplift(-1, 100, 0) == 1);
}
