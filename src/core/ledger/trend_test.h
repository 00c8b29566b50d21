/* trend_test.h -- whether curves rise or fall. */
#ifndef CUSTVAL_TREND_TEST_H
#define CUSTVAL_TREND_TEST_H

#include "types.h"

/* Curves stand date by date, as cv_curve() gives them: the value of customer c of n at date d is
 * curve[d * n + c]. The trend of each over its dates with a finite value, `points` of them: Theil
 * and Sen's slope a date (NaN below two points), Mann and Kendall's S and two-sided p, the mean,
 * the coefficient of variation: sample standard deviation / abs(mean), 0 where all are equal.
 * Columns of n; cv_trend_bytes() of workspace. */
typedef struct {
    double *points, *slope, *S, *p, *mean, *variation;
} cv_trends;
size_t cv_trend_bytes(size_t dates);
int cv_trend(cv_simd simd, const double *curve, size_t n, size_t dates, void *workspace,
             cv_trends out, cv_tick stop, void *context);

/* What a curve does: SHORT has fewer than `least` points, RISING and FALLING p < level by the sign
 * of S, VOLATILE variation above 1. */
enum { CV_SHORT, CV_FLAT, CV_RISING, CV_FALLING, CV_VOLATILE };
double cv_direction(double points, double S, double p, double variation, double least,
                    double level);

#endif
