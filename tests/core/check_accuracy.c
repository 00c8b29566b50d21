/* check_accuracy.c -- perfect, blind and tied predictions, in round numbers. */
#include <math.h>

#include "check.h"

void
check_accuracy(void)
{
    enum { N = 10 };
    const double actual[N] = {0, 0, 0, 0, 0, 0, 1, 2, 3, 9}, blind[N] = {0};
    double scratch[100000];
    cv_decile decile[CV_DECILES];
    cv_accuracy a;
    CHECK(cv_accuracy_scratch(N) <= sizeof scratch);
    CHECK(cv_measure_accuracy(actual, actual, N, scratch, &a, decile, NULL, NULL) == 0);
    CHECK(a.predicted == 15 && a.actual == 15 && a.mae == 0 && a.rmse == 0);
    CHECK(a.gini == 1 && a.top_20_capture == 1);
    CHECK(decile[0].customers == 1 && decile[0].actual == 9 && decile[7].customers == 6);
    CHECK(cv_measure_accuracy(blind, actual, N, scratch, &a, decile, NULL, NULL) == 0);
    CHECK(a.mae == 1.5 && a.gini == 0);
    CHECK_CLOSE(a.top_20_capture, 0.2, 1e-15);

    cv_dependence d;
    const double x[4] = {1, 1, 2, 2}, y[4] = {1, 1, 4, 4};
    CHECK(cv_measure_dependence(x, y, 4, scratch, &d, NULL, NULL) == 0);
    CHECK(d.rank_correlation == 1 && d.explained == 1 && d.groups == 2);
    CHECK(cv_measure_dependence(x, blind, 1, scratch, &d, NULL, NULL) == 0);
    CHECK(isnan(d.rank_correlation));
}
