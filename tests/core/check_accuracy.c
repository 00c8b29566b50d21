/* check_accuracy.c -- perfect, blind and tied predictions, in round numbers. */
#include <math.h>

#include "check.h"

void
check_accuracy(void)
{
    enum { N = 10 };
    const double actual[N] = {0, 0, 0, 0, 0, 0, 1, 2, 3, 9}, blind[N] = {0};
    double scratch[100000];
    cv_tenth tenth[CV_TENTHS];
    cv_accuracy a;
    CHECK(cv_accuracy_scratch(N) <= sizeof scratch);
    CHECK(cv_judge(actual, actual, N, scratch, &a, tenth, NULL, NULL) == 0);
    CHECK(a.predicted == 15 && a.actual == 15 && a.mae == 0 && a.rmse == 0);
    CHECK(a.gini == 1 && a.hits == 1);
    CHECK(tenth[0].customers == 1 && tenth[0].actual == 9 && tenth[7].customers == 6);
    CHECK(cv_judge(blind, actual, N, scratch, &a, tenth, NULL, NULL) == 0);
    CHECK(a.mae == 1.5 && a.gini == 0);
    CHECK_CLOSE(a.hits, 0.2, 1e-15);

    cv_dependence d;
    const double x[4] = {1, 1, 2, 2}, y[4] = {1, 1, 4, 4};
    CHECK(cv_depends(x, y, 4, scratch, &d, NULL, NULL) == 0);
    CHECK(d.rank_correlation == 1 && d.explained == 1 && d.groups == 2);
    CHECK(cv_depends(x, blind, 1, scratch, &d, NULL, NULL) == 0 && isnan(d.rank_correlation));
}
