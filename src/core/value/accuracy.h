/* accuracy.h -- how close predictions are to what happened, and whether two columns are related.
 *
 * Columns are finite numbers; nothing depends on the order of the rows. Functions return 1 when
 * interrupted, else 0, and borrow cv_accuracy_scratch(n) bytes.
 */
#ifndef CUSTVAL_ACCURACY_H
#define CUSTVAL_ACCURACY_H

#include "types.h"

/* Predictions against actual values. */
typedef struct {
    double predicted, actual; /* totals */
    double mae, rmse;         /* mean absolute and root mean square error */
    double gini;              /* concentration of the actual values in the order of the predictions,
                                 over that in their own order: 1 the best order, 0 none */
    double top_20_capture;    /* of the fifth with the largest actual values, the share that is in
                                 the fifth with the largest predictions */
} cv_accuracy;

/* Return the unit Poisson deviance 2 (actual log(actual / expected) - actual + expected), actual >=
 * 0, expected > 0; else NaN and FE_INVALID. */
double cv_poisson_deviance(double actual, double expected);

/* The sums of one tenth of the customers. */
enum { CV_DECILES = 10 };
typedef struct {
    double customers, predicted, actual;
} cv_decile;

size_t cv_accuracy_scratch(size_t n);

/* Compares n > 0 pairs. Deciles are by prediction, the largest first; equal predictions share one,
 * so deciles may be empty. gini is NaN where the actual values have no concentration. */
int cv_measure_accuracy(const double *predicted, const double *actual, size_t n, void *scratch,
                        cv_accuracy *accuracy, cv_decile decile[CV_DECILES], cv_tick tick,
                        void *context);

/* How y depends on x. */
typedef struct {
    double rank_correlation; /* Spearman's; NaN where a column is constant */
    double explained;        /* adjusted eta squared: the share of the variance of log y between
                                groups of equal x, less what their number explains by chance; may be
                                negative, NaN without variance or where every x is different */
    double groups;           /* different values of x */
} cv_dependence;

/* Relates n > 1 pairs, y > 0. */
int cv_measure_dependence(const double *x, const double *y, size_t n, void *scratch,
                          cv_dependence *dependence, cv_tick tick, void *context);

#endif
