/* attributes.h -- a customer's figures made of others; money and counts of one period. */
#ifndef CUSTVAL_ATTRIBUTES_H
#define CUSTVAL_ATTRIBUTES_H

double cv_margin(double amount, double cost, double marketing);
double cv_relationship_cost(double marketing, double contacts);
double cv_change(double now, double before);
double cv_growth(double now, double before); /* (now - before) / before; NaN unless before > 0 */
double cv_ratio(double part, double whole);  /* NaN when whole is 0 */
double cv_expected(double amount, double probability);

/* value keep^(age / span): what is left of it when `keep` of it stays in each span. */
double cv_faded(double value, double age, double span, double keep);

#endif
