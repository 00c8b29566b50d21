/* timing.h -- models whose future, while a customer is active, depends on x and T only. */
#ifndef CUSTVAL_TIMING_H
#define CUSTVAL_TIMING_H

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

#endif
