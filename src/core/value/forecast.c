/* forecast.c -- from expected purchases to money, what churn takes of it, and credible rates.
 *
 * A customer's rate (product cost, or net money, per money of purchases) is shrunk toward the
 * common one by credibility: Bühlmann and Straub (1970), Glaubwürdigkeit für Schadensätze. Cells
 * are periods; m_ij the part, w_ij the money of purchases, X_ij = m_ij / w_ij, X_i = m_i / w_i:
 *     within   s2 = sum w_ij (X_ij - X_i)^2 / sum (n_i - 1)
 *     between  a  = (sum w_i (X_i - X)^2 - (I - 1) s2) / (w - sum w_i^2 / w),  at least 0
 *     rate_i   = z_i X_i + (1 - z_i) mean,  z_i = w_i / (w_i + s2 / a),
 *     mean     = sum z_i X_i / sum z_i.
 * Squares are of deviations, so only `between` can cancel, where customers hardly differ. Largest
 * relative error, 200 portfolios of 3..200 customers in 2..12 periods, rates 0.2..0.8 with a
 * standard deviation of 0.1 within, against 60 digits: rate, s2 and a 2e-15.
 */
#include <float.h>
#include <math.h>

#include "value/forecast.h"
#include "types.h"

double
cv_expected_money(double units, double money, double weight)
{
    return units * money * weight;
}

double
cv_value_if_retained(double value, double p_alive)
{
    return p_alive > 0 ? value / p_alive : 0;
}

double
cv_expected_loss(double value, double p_alive)
{
    return (1 - p_alive) * cv_value_if_retained(value, p_alive);
}

double
cv_uplift(double value, double amount, double near)
{
    return fmax(0, near * amount - value);
}

double
cv_growth_break_even(double value, double amount)
{
    if (value >= 0) return 0;
    return amount > 0 ? -value / amount : value < 0 ? INFINITY : NAN;
}

double
cv_loss_zone(double value, double amount, double near)
{
    if (value <= 0) return CV_ZONE_LOSS;
    return value < near * amount ? CV_ZONE_NEAR_LOSS : CV_ZONE_PROFIT;
}

void
cv_rate_cells(const double *part, const double *whole, size_t n, size_t periods, cv_rates rates)
{
    for (size_t i = 0; i < n; i++, part += periods, whole += periods) {
        double m = 0, w = 0, counted = 0, spread = 0;
        int64_t cells = 0;
        for (size_t j = 0; j < periods; j++) {
            m += part[j];
            w += whole[j];
            counted += whole[j] > 0 ? part[j] : 0;
            cells += whole[j] > 0;
        }
        for (size_t j = 0; j < periods; j++) {
            if (!(whole[j] > 0)) continue;
            double deviation = part[j] / whole[j] - counted / w;
            spread += whole[j] * deviation * deviation;
        }
        rates.part[i] = m;
        rates.whole[i] = w;
        rates.spread[i] = spread;
        rates.cells[i] = cells;
    }
}

/* Return s2, or infinity where no customer has two cells: then no rate of one's own is credible. */
static double
variance_within(cv_rates rates, size_t n)
{
    double spread = 0, freedom = 0;
    for (size_t i = 0; i < n; i++) {
        if (rates.cells[i] < 1) continue;
        spread += rates.spread[i];
        freedom += (double)(rates.cells[i] - 1);
    }
    return freedom > 0 ? spread / freedom : INFINITY;
}

/* Return a. */
static double
variance_between(cv_rates rates, size_t n, double within)
{
    double part = 0, w = 0, squares = 0, spread = 0, customers = 0;
    for (size_t i = 0; i < n; i++) {
        if (rates.cells[i] < 1) continue;
        part += rates.part[i];
        w += rates.whole[i];
        squares += rates.whole[i] * rates.whole[i];
        customers++;
    }
    for (size_t i = 0; i < n; i++) {
        if (rates.cells[i] < 1) continue;
        double deviation = rates.part[i] / rates.whole[i] - part / w;
        spread += rates.whole[i] * deviation * deviation;
    }
    double a = (spread - (customers - 1) * within) / (w - squares / w);
    return a > 0 && a <= DBL_MAX ? a : 0;
}

/* Return z_i of a customer with this w_i. */
static double
credibility_of(double whole, double within, double between)
{
    return between > 0 ? whole / (whole + within / between) : 0;
}

/* Return the mean of the customers' rates, weighted by credibility, or by money where none has
 * any. */
static double
mean_rate(cv_rates rates, size_t n, double within, double between)
{
    double part = 0, whole = 0, rate = 0, z = 0;
    for (size_t i = 0; i < n; i++) {
        if (rates.cells[i] < 1) continue;
        double z_i = credibility_of(rates.whole[i], within, between);
        part += rates.part[i];
        whole += rates.whole[i];
        rate += z_i * (rates.part[i] / rates.whole[i]);
        z += z_i;
    }
    return z > 0 ? rate / z : whole > 0 ? part / whole : NAN;
}

void
cv_credibility(cv_rates rates, size_t n, double *common)
{
    common[1] = variance_within(rates, n);
    common[2] = variance_between(rates, n, common[1]);
    common[0] = mean_rate(rates, n, common[1], common[2]);
}

double
cv_credible_rate(double part, double whole, double mean, double within, double between)
{
    if (isnan(whole)) return whole;
    if (whole <= 0) return mean;
    return mean + credibility_of(whole, within, between) * (part / whole - mean);
}
