/* attributes.h -- a customer's figures made of others; money and counts of one period. */
#ifndef CUSTVAL_ATTRIBUTES_H
#define CUSTVAL_ATTRIBUTES_H

double cv_margin(double amount, double cost, double marketing);
double cv_growth(double now, double before); /* (now - before) / before; NaN unless before > 0 */
double cv_ratio(double part, double whole);  /* NaN when whole is 0 */

/* value keep^(age / span): what is left of it when `keep` of it stays in each span. */
double cv_faded(double value, double age, double span, double keep);

#endif
