/* trend_test.h -- whether curves rise or fall: slopes and tests by ranks.
 *
 * Curves are stored by date, as cv_curve() writes them: the value of customer c of n at date d is
 * curve[d * n + c]. Values that are not finite are left out of their curve.
 */
#ifndef CUSTVAL_TREND_TEST_H
#define CUSTVAL_TREND_TEST_H

#include "types.h"

/* Columns of n, one entry per curve. */
typedef struct {
    double *points;    /* finite values */
    double *slope;     /* Theil and Sen's, per date; NaN below two points */
    double *S, *p;     /* Mann and Kendall's statistic, and its two-sided p; p NaN below two */
    double *mean;      /* NaN without a point */
    double *variation; /* sample standard deviation / abs(mean); 0 where all points are equal */
} cv_trends;

/* The trends of n curves over `dates` dates, 1 or more; borrows cv_trend_bytes(). Time grows with
 * the square of the dates. Returns 1 when interrupted. */
size_t cv_trend_bytes(size_t dates);
int cv_trend(cv_simd simd, const double *curve, size_t n, size_t dates, void *workspace,
             cv_trends out, cv_tick stop, void *context);

/* What a curve does. */
typedef enum {
    CV_SHORT,   /* It has fewer than `least` points. */
    CV_FLAT,    /* Neither of the following. */
    CV_RISING,  /* p < level, and S is positive. */
    CV_FALLING, /* p < level, and S is not positive. */
    CV_VOLATILE /* p is not below level, and the variation is above 1. */
} cv_trend_direction;

/* The cv_trend_direction of a curve, as a double: a kernel of the ufunc table. */
double cv_direction(double points, double S, double p, double variation, double least,
                    double level);

#endif
