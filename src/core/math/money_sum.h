/* money_sum.h -- sums of money without loss: in and out of a cv_money.
 *
 * Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen: the sum
 * carries its rounding error along. TwoSum: Knuth, The Art of Computer Programming 2, 4.2.2.
 * Amounts are decimals, each within 2^-52 of its double. So the total is the double nearest to the
 * decimal of at most four places (beyond 7e9 in gross, two) that lies within this part of the gross
 * of the sum: whole cents add up to whole cents, and a refund in full leaves no trace. Other sums,
 * and beyond 7e11, are rounded once. Every total of money is read by settled(), in C and in Python
 * (sum_of). 300 sums of 1..1e5 amounts to 1e9, of either sign: cents give the double nearest to the
 * decimal total, others lie within half an ulp of the exact sum of the doubles.
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

/* The double nearest to the decimal that the money is within `slack`, or its sum. Adding and taking
 * off 1.5 2^52 rounds to a whole number of units below 2^46. */
static inline double
nearest_decimal(const cv_money *money, double slack)
{
    const double unit = slack * 1e4 < 0x1p-6 ? 1e4 : 1e2, sum = money->sum + money->lost;
    if (!(slack * unit < 0x1p-6)) return sum;
    const double units = (sum * unit + 0x1.8p52) - 0x1.8p52, decimal = units / unit;
    return fabs((money->sum - decimal) + money->lost) <= slack ? decimal : sum;
}

/* The total; 0 where no more than the rounding of decimals is left. Infinite or NaN if an amount is
 * not finite, or the sum overflows. */
static inline double
settled(const cv_money *money)
{
    const double slack = DBL_EPSILON * money->gross;
    if (!isfinite(money->sum)) return money->sum;
    if (isfinite(slack) && fabs(money->sum + money->lost) <= slack) return 0;
    return nearest_decimal(money, slack);
}

#endif
