/* spend.h -- the money of a customer's purchases, collected one after the other. */
#ifndef CUSTVAL_SPEND_H
#define CUSTVAL_SPEND_H

#include <math.h>

#include "math/money_sum.h"

/* Amounts above 0 so far: their number and sum, and mean and sum of squares of their logs by
 * Welford's update (period_sums.c). Begins as {0}. */
typedef struct {
    double n, log_mean, log_SS;
    cv_money sum;
} spent;

static inline void
add_spent(spent *s, double amount)
{
    const double logged = log(amount), gap = logged - s->log_mean;
    add_money(&s->sum, amount);
    s->log_mean += gap / ++s->n;
    s->log_SS += gap * (logged - s->log_mean);
}

/* Return their mean, NaN where there are none. */
static inline double
mean_spent(const spent *s)
{
    return s->n > 0 ? settled(&s->sum) / s->n : NAN;
}

#endif
