/* forecast.h -- expected money and losses of a customer, and credible rates of many.
 *
 * Money is any finite number, P(alive) is in [0, 1], near >= 0. No function raises a flag.
 */
#ifndef CUSTVAL_FORECAST_H
#define CUSTVAL_FORECAST_H

#include <stddef.h>
#include <stdint.h>

/* Return units * money * weight: purchases by spend by net rate, or days by cost per day by
 * P(alive). */
double cv_expected_money(double units, double money, double weight);

/* Return the value if the customer stays, value / p_alive; 0 where P(alive) has underflowed. */
double cv_value_if_retained(double value, double p_alive);

/* Return what churn takes of it in expectation, (1 - p_alive) value / p_alive; 0 likewise. */
double cv_expected_loss(double value, double p_alive);

/* Return the money that lifts the value to near * amount, 0 or more; near = 0: to break even. */
double cv_uplift(double value, double amount, double near);

/* The zone of a value. */
typedef enum {
    CV_ZONE_PROFIT,    /* At near * amount or above, and positive. */
    CV_ZONE_NEAR_LOSS, /* Positive, but below near * amount. */
    CV_ZONE_LOSS       /* Zero or negative. */
} cv_zone;

/* Return the cv_zone of a value, as a double: a kernel of the ufunc table. */
double cv_loss_zone(double value, double amount, double near);

/* Return the relative growth of purchases that lifts the value to 0, each purchase contributing its
 * share of `amount`, the money less its product cost: -value / amount; 0 where the value is not
 * negative, infinity where purchases contribute nothing. */
double cv_growth_break_even(double value, double amount);

/* Rates of n customers over cells, such as periods: columns of n. The rate of a customer is part /
 * whole. A part in a cell without whole (a cost after the last sale) counts in `part`, but has no
 * rate of its own, and so no share in the spread. */
typedef struct {
    double *part, *whole; /* sums over all cells; whole >= 0 */
    double *spread;       /* sum over cells of whole times the squared deviation of their rates */
    int64_t *cells;       /* cells with whole > 0 */
} cv_rates;

/* Fill the rates from n rows of `periods` cells, whole >= 0. */
void cv_rate_cells(const double *part, const double *whole, size_t n, size_t periods,
                   cv_rates rates);

/* Set common[0..2] to the mean of the customers' rates (NaN without any cell), the variance within
 * customers and that between them. */
void cv_credibility(cv_rates rates, size_t n, double *common);

/* Return the credible rate part / whole of one customer; the mean where whole is 0. */
double cv_credible_rate(double part, double whole, double mean, double within, double between);

#endif
