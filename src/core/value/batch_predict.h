/* batch_predict.h -- expected purchases and P(alive) of whole columns, computed once per distinct
 * pair (x, T) and (x, t_x).
 *
 * For models in which P(alive), x and T say all about the future (cv_timing). Every result has the
 * bits that the model's kernels give for its row alone.
 */
#ifndef CUSTVAL_BATCH_PREDICT_H
#define CUSTVAL_BATCH_PREDICT_H

#include "models/competing_risks.h"
#include "types.h"

extern const cv_timing *const cv_timings[]; /* all such models; ends with NULL */

/* n histories. */
typedef struct {
    size_t n;
    const double *x, *t_x, *T;
} cv_history_columns;

/* What to predict. With periods > 0 and rate = 0: `rows` sums over the periods between periods + 1
 * edges counted from T, period j weighted in row r by weight[r * periods + j]. With rate > 0: one
 * row, one period (0, edge[1]], which may be infinite, discounted by exp(-rate u). With no period:
 * P(alive). */
typedef struct {
    size_t periods, rows;
    const double *edge, *weight;
    double rate;
} cv_batch_request;

/* Predicts n x rows values, row by row of customers; NaN where a history is outside the domain.
 * Borrows cv_batch_predict_bytes(), some MB at most. Returns 1 when interrupted. */
size_t cv_batch_predict_bytes(size_t n, size_t rows);
int cv_batch_predict(cv_simd simd, const cv_timing *model, const double *parameter,
                     const cv_history_columns *of, const cv_batch_request *request,
                     void *workspace, double *prediction, cv_tick tick, void *context);

#endif
