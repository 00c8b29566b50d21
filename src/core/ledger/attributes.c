/* attributes.c -- a customer's figures computed from two or three others: margin, growth, ratio.
 *
 * Each is written once. A margin is a sum of money (math/money_sum.h); of the others every
 * operation is rounded once, and the power of the decay within an ulp of the C library's. A figure
 * without an answer (growth from nothing, a mean of no purchases) is NaN without a flag: the input
 * is valid, only the figure is undefined.
 */
#include <math.h>

#include "ledger/attributes.h"
#include "math/guards.h"
#include "math/money_sum.h"
#include "types.h"

double
cv_margin(double amount, double cost, double marketing)
{
    const double difference = amount - cost - marketing;
    if (!isfinite(difference)) return difference;
    cv_money money = {0, 0, 0};
    add_money(&money, amount);
    add_money(&money, -cost);
    add_money(&money, -marketing);
    return settled(&money);
}

double
cv_growth(double now, double before)
{
    return before > 0 ? cv_margin(now, before, 0) / before : NAN;
}

double
cv_ratio(double part, double whole)
{
    return whole != 0 ? part / whole : NAN;
}

double
cv_decayed(double value, double age, double span, double keep)
{
    if (!(cv_is_length(age) && cv_is_positive(span) && keep > 0 && keep <= 1))
        return domain_error();
    return value * pow(keep, age / span);
}
