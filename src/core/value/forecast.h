/* forecast.h -- expected money, losses, and credible rates. */
#ifndef CUSTVAL_FORECAST_H
#define CUSTVAL_FORECAST_H

#include <stddef.h>
#include <stdint.h>

/* units * money * weight: purchases by spend by net rate, days by cost a day by P(alive). */
double cv_expected_money(double units, double money, double weight);

/* The value if the customer stays, value / p_alive, and what churn takes of it on average; 0 when
 * P(alive) has underflowed: nothing is left to lose. */
double cv_value_if_retained(double value, double p_alive);
double cv_expected_loss(double value, double p_alive);

/* Money that lifts the value to near * amount; near = 0: to break even. */
double cv_uplift(double value, double amount, double near);

/* The zone of a value: LOSS at or below zero, NEAR_LOSS below near * amount. */
enum { CV_ZONE_PROFIT, CV_ZONE_NEAR_LOSS, CV_ZONE_LOSS };
double cv_loss_zone(double value, double amount, double near);

/* The growth of purchases, each bringing its share of the amount less cost, that lifts the value to
 * 0. */
double cv_mending(double value, double amount);

/* Per customer: sums of part and whole >= 0 over cells, and of the cells with whole > 0 their
 * number and the weighted spread of their rates. The customer's rate is part / whole: part that
 * falls in a cell without whole, as a cost after the last sale, is in it, but has no rate of its
 * own and so no share in the spread. Arrays of n. */
typedef struct {
    double *part, *whole, *spread;
    int64_t *cells;
} cv_rates;

/* Rows of `periods` cells to rates; rates to credible rates. common: mean, variance within,
 * variance between. Customers without a cell have the mean; without any customer it is NaN. */
void cv_rate_cells(const double *part, const double *whole, size_t n, size_t periods,
                   cv_rates rates);
void cv_credibility(cv_rates rates, size_t n, double *rate, double *common);

#endif
