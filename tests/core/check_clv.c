/* check_clv.c -- values and orders where chance hardly matters: one purchase a day, ten a purchase.
 */
#include <math.h>

#include "check.h"

enum { DAYS = 100000, DRAWS = 3 };

static int
stop(void *context)
{
    (void)context;
    return 1;
}

static void
check_values(void)
{
    static const double steady[] = {1e9, 1e9}, ten[] = {1e6, 1e6, 10}, none[] = {0, 0};
    static const double edge[] = {0, DAYS / 4.0, DAYS}, factor[] = {1, 0.5}, two[] = {2, 2};
    static const double T[] = {1, NAN}, cost[] = {7, 7};
    const cv_futures futures = {.world = {CV_PROCESSES, steady, 2, 1, NULL, 5},
                                .draws = DRAWS,
                                .x = none,
                                .t_x = none,
                                .T = T,
                                .n = 2,
                                .t = DAYS};
    cv_values values = {&futures, CV_SPENDINGS, ten, 1, 2, 0, {none, none}, edge, factor, two, cost};
    uint64_t key[DRAWS];
    double low[2], high[2], total[DRAWS];
    const cv_spread spread = {2, DRAWS, 0, DRAWS - 1, key, low, high, total};
    CHECK(cv_value_spread(&values, &spread, NULL, NULL) == 0);
    double want = 2 * 10 * DAYS * (0.25 + 0.75 / 2) - 7;
    CHECK_CLOSE(low[0], want, 0.02);
    CHECK_CLOSE(high[0], want, 0.02);
    CHECK(low[0] < high[0] && total[0] >= low[0] && total[1] <= high[0]);
    CHECK(isnan(low[1]) && isnan(high[1]));
    double by_step[2 * DRAWS];
    CHECK(cv_value_totals(&values, by_step, NULL, NULL) == 0);
    CHECK_CLOSE(by_step[0], 2 * 10 * DAYS * 0.25 - 7, 0.05);
    CHECK_CLOSE(by_step[1], 2 * 10 * DAYS * 0.75 - 7 * 0.5, 0.05);
    const double impossible[] = {-1, 1, 1};
    values.parameter = impossible;
    CHECK(cv_value_spread(&values, &spread, NULL, NULL) == 0 && isnan(low[0]) && total[0] == 0);
}

static void
check_orders(void)
{
    static const double x[] = {2, 0, 9000}, t_x[] = {5, 0, 3}, ten[] = {1e6, 1e6, 10};
    static const double half[] = {0.5, 1}, fixed[] = {4, 1e-9, 1e9, 1e9};
    static double age[9005], money[9005];
    cv_buyers of = {x, t_x, 3, 1, CV_SPENDINGS, ten, 9};
    CHECK(cv_orders_of(&of) == 9005 && cv_simulate_orders(&of, age, money, NULL, NULL) == 0);
    CHECK(age[0] == 0 && age[1] > 0 && age[1] < 5 && age[2] == 5 && age[3] == 0 && age[9004] == 3);
    for (size_t j = 0; j < 9005; j++) CHECK_CLOSE(money[j], 10, 0.02);
    CHECK(cv_simulate_orders(&of, age, money, stop, NULL) == 1);
    of.spending = CV_SPENDINGS + 1;
    of.parameter = fixed;
    of.n = 2;
    CHECK(cv_simulate_orders(&of, age, money, NULL, NULL) == 0 && fabs(money[3] - 4) < 1e-6);
    of.x = half;
    CHECK(cv_orders_of(&of) == SIZE_MAX);
}

void
check_clv(void)
{
    check_values();
    check_orders();
}
