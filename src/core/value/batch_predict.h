/* batch_predict.h -- what is to come of whole columns, where P(alive), x and T say all about it. */
#ifndef CUSTVAL_BATCH_PREDICT_H
#define CUSTVAL_BATCH_PREDICT_H

#include "types.h"

/* A model whose customers, while active, have a future that depends on x and T only, not on t_x:
 * purchases between t1 and t2 from T on, and discounted ones, of an active customer. P(alive) of
 * one with a repeat is open / (lost + open kept), or 1 if that is less; open = (1 + D / (alpha +
 * t_x))^-(r + x), D = T - t_x, and where customers die at any time, (1 + D / (beta + t_x))^-s times
 * that: then `lost` depends on t_x too, and at D = 0 P(alive) is 1. Parameters: r, alpha, s, beta.
 */
typedef struct {
    const char *word;
    size_t parameters;
    int dies;
    double (*p_alive)(double x, double t_x, double T, const double *p);
    double (*lost)(double x, double t_x, const double *p);
    double (*kept)(double x, double T, const double *p);
    double (*purchases)(double t1, double t2, double x, double T, const double *p);
    double (*dert)(double t, double rate, double x, double T, const double *p);
} cv_timing;

extern const cv_timing cv_bgnbd_timing, cv_mbgnbd_timing, cv_pnbd_timing;
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
int cv_ahead(const cv_timing *model, const double *parameter, const cv_history_columns *of,
             const cv_question *asked, void *workspace, double *answer, cv_tick tick,
             void *context);

#endif
