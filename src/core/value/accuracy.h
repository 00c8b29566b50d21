/* accuracy.h -- how close predictions came, and whether two columns go together. */
#ifndef CUSTVAL_ACCURACY_H
#define CUSTVAL_ACCURACY_H

#include "types.h"

typedef struct {
    double predicted, actual; /* totals */
    double mae, rmse;
    double gini; /* concentration of the actual values in the order predicted, over that in their
                    own order: 1 the best order, 0 none */
    double hits; /* of the fifth with the largest actual values, the share that the fifth with the
                    largest predictions holds */
} cv_accuracy;

enum { CV_TENTHS = 10 };
typedef struct {
    double customers, predicted, actual;
} cv_tenth;

size_t cv_accuracy_scratch(size_t n);

/* n > 0 pairs of finite numbers; tenths by prediction, the largest first, equal ones together. 1
 * when interrupted. */
int cv_judge(const double *predicted, const double *actual, size_t n, void *scratch,
             cv_accuracy *accuracy, cv_tenth tenth[CV_TENTHS], cv_tick tick, void *context);

typedef struct {
    double rank_correlation; /* Spearman (1904) */
    double explained; /* eta squared: share of the variance of log y between groups of equal x,
                         less what groups of their number explain by chance; may be negative */
    double groups;
} cv_dependence;

/* n > 1 pairs of finite numbers, y > 0. */
int cv_depends(const double *x, const double *y, size_t n, void *scratch, cv_dependence *dependence,
               cv_tick tick, void *context);

#endif
