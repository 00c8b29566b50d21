/* batch_predict.h -- what is to come of whole columns, where P(alive), x and T say all about it. */
#ifndef CUSTVAL_BATCH_PREDICT_H
#define CUSTVAL_BATCH_PREDICT_H

#include "models/competing_risks.h"
#include "types.h"

extern const cv_timing *const cv_timings[]; /* all such models; ends with NULL */

typedef struct {
    size_t n;
    const double *x, *t_x, *T;
} cv_history_columns;

/* What is asked: `rows` sums over the periods between periods + 1 edges from T on, weighted row by
 * row. With rate > 0: one row and one period (0, edge[1]], which may be endless, discounted.
 * Without a period: P(alive). */
typedef struct {
    size_t periods, rows;
    const double *edge, *weight;
    double rate;
} cv_question;

/* Bytes that it borrows, some MB at most, and the answers: n x rows. What depends on (x, T) only,
 * or on (x, t_x) only, is computed once for each pair of them. 1 when interrupted. */
size_t cv_ahead_bytes(size_t n, size_t rows);
int cv_ahead(cv_simd simd, const cv_timing *model, const double *parameter,
             const cv_history_columns *of, const cv_question *asked, void *workspace,
             double *answer, cv_tick tick, void *context);

#endif
