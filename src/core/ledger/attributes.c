/* attributes.c -- a customer's figures made of others: margin, growth, ratio, decay.
 *
 * Each is one line of arithmetic and stands here so that it is written once. A figure that has no
 * answer (growth from nothing, a mean of no purchases) is NaN without a flag: the customer is in
 * order, only the question is empty.
 */
#include <math.h>

#include "ledger/attributes.h"
#include "math/guards.h"

double
cv_margin(double amount, double cost, double marketing)
{
    return amount - cost - marketing;
}

double
cv_growth(double now, double before)
{
    return before > 0 ? (now - before) / before : NAN;
}

double
cv_ratio(double part, double whole)
{
    return whole != 0 ? part / whole : NAN;
}

double
cv_faded(double value, double age, double span, double keep)
{
    if (!(cv_is_length(age) && cv_is_positive(span) && keep > 0 && keep <= 1)) return domain_error();
    return value * pow(keep, age / span);
}
