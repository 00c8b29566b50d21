/* attributes.h -- a customer's figures computed from others: money and counts of one period.
 *
 * Arguments are any finite numbers; an undefined result is NaN without a flag.
 */
#ifndef CUSTVAL_ATTRIBUTES_H
#define CUSTVAL_ATTRIBUTES_H

/* Return amount - cost - marketing, a sum of money: the CRM margin, or a difference of totals. */
double cv_margin(double amount, double cost, double marketing);

/* Return (now - before) / before; NaN unless before > 0. */
double cv_growth(double now, double before);

/* Return part / whole; NaN when whole is 0. */
double cv_ratio(double part, double whole);

/* Return value keep^(age / span): what is left of a value of this age when the share `keep` of it
 * stays in each span. age >= 0, span > 0, 0 < keep <= 1; else NaN and FE_INVALID. */
double cv_decayed(double value, double age, double span, double keep);

#endif
