/* check_adjustment.c -- a regression that has its answer in closed form, and limits of factors. */
#include <math.h>

#include "check.h"

void
check_adjustment(void)
{
    /* Without variance in the columns the constant is the log of actual over expected. */
    double row[4 * CV_REGRESSORS] = {0}, coefficient[CV_ADJUSTMENT], factor[4];
    const double expected[] = {1, 2, 3, 4}, actual[] = {0, 3, 5, 12};
    const cv_regression of = {4, row, expected, actual};
    CHECK(cv_regress(&of, 25, coefficient, NULL, NULL) == CV_REGRESSION_DONE);
    CHECK_CLOSE(coefficient[0], log(2), 1e-15);
    for (size_t k = 1; k < CV_ADJUSTMENT; k++) CHECK(coefficient[k] == 0);

    /* One column that is 0 or 1, and next to no ridge: the constants of both groups. */
    row[2 * CV_REGRESSORS] = row[3 * CV_REGRESSORS] = 1;
    CHECK(cv_regress(&of, 1e-12, coefficient, NULL, NULL) == CV_REGRESSION_DONE);
    CHECK(fabs(coefficient[0]) < 1e-9);
    CHECK_CLOSE(coefficient[1], log(17.0 / 7), 1e-9);

    const cv_regression none = {0, row, expected, actual};
    CHECK(cv_regress(&none, 25, coefficient, NULL, NULL) == CV_REGRESSION_NONE);

    double far[CV_ADJUSTMENT] = {-9};
    row[0] = NAN;
    cv_adjustment_factors(row, 4, far, factor);
    CHECK(isnan(factor[0]) && factor[1] == exp(-3));
}
