/* ahead.h -- what is to come of whole columns, where P(alive), x and T say all about it. */
#ifndef CUSTVAL_AHEAD_H
#define CUSTVAL_AHEAD_H

#include "common.h"

/* A model whose customers, while active, have a future that depends on x and T only, not on t_x:
 * P(alive), purchases between t1 and t2 from T on, and discounted ones of an active customer. */
typedef struct {
    const char *word;
    size_t parameters;
    double (*p_alive)(double x, double t_x, double T, const double *p);
    double (*purchases)(double t1, double t2, double x, double T, const double *p);
    double (*dert)(double t, double rate, double x, double T, const double *p);
} cv_timing;

extern const cv_timing cv_bgnbd_timing, cv_mbgnbd_timing;
extern const cv_timing *const cv_timings[]; /* all such models; ends with NULL */

typedef struct {
    size_t n;
    const double *x, *t_x, *T;
} cv_history_columns;

/* What is asked: `rows` sums over the periods between periods + 1 edges from T on, weighted row by
 * row. With rate > 0: one row and one period (0, edge[1]], which may be endless, discounted. */
typedef struct {
    size_t periods, rows;
    const double *edge, *weight;
    double rate;
} cv_question;

/* Bytes that it borrows, and the answers: n x rows. What depends on (x, T) only is computed once
 * for each pair of them. 1 when interrupted. */
size_t cv_ahead_bytes(size_t n, size_t rows);
int cv_ahead(const cv_timing *model, const double *parameter, const cv_history_columns *of,
             const cv_question *asked, void *workspace, double *answer, cv_tick tick,
             void *context);

#endif
