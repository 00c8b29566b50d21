/* money_sum.h -- sums of money without loss: in and out of a cv_money. */
#ifndef CUSTVAL_MONEY_SUM_H
#define CUSTVAL_MONEY_SUM_H

#include <float.h>
#include <math.h>

#include "types.h"

/* Neumaier (1974); TwoSum: Knuth, The Art of Computer Programming 2, 4.2.2. Amounts are decimals,
 * each within 2^-52 of its double: what is left of them below that is 0, so that a refund in full
 * leaves no trace of a cent. */
static inline void
add_money(cv_money *money, double amount)
{
    double sum = money->sum + amount, part = sum - money->sum;
    money->lost += (money->sum - (sum - part)) + (amount - part);
    money->gross += fabs(amount);
    money->sum = sum;
}

/* Two sums of parts of the rows become one. */
static inline void
join_money(cv_money *money, const cv_money *more)
{
    const double gross = money->gross + more->gross;
    add_money(money, more->sum);
    money->lost += more->lost;
    money->gross = gross;
}

static inline double
settled(const cv_money *money)
{
    double sum = isfinite(money->sum) ? money->sum + money->lost : money->sum;
    return isfinite(money->gross) && fabs(sum) <= DBL_EPSILON * money->gross ? 0 : sum;
}

#endif
