/* period_sums.c -- sums over each customer's rows: in all, by period, and of purchases.
 *
 * One scan of the rows per customer, which are neighbours. Money is summed with its rounding error
 * (math/money_sum.h), so a sum does not depend on the order of the log. The sum of squares is
 * updated about the running mean: Welford (1962), Note on a method for calculating corrected sums
 * of squares and products. It never subtracts two large squares.
 *
 * Largest relative error against fractions, 300 customers of 3..10,000 purchases with coefficients
 * of variation 1e-4..1: mean 5e-15, SS 2e-15 times sqrt(1 + n mean^2 / SS), its condition.
 */
#include <math.h>

#include "ledger/ledger.h"
#include "ledger/row_words.h"
#include "math/guards.h"
#include "math/money_sum.h"
#include "types.h"

int
cv_totals(const double *value, const cv_customers *customers, double *total, cv_tick stop,
          void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, NULL, value);
        cv_money money = {0, 0, 0};
        for (int64_t i = customers->begin[c]; i < customers->end[c]; i++)
            add_money(&money, value[i]);
        total[c] = settled(&money);
    }
    return 0;
}

int
cv_purchase_moments(const double *begins, const double *value, const cv_customers *customers,
                    double *n, double *mean, double *SS, cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, NULL, value);
        const int64_t end = customers->end[c];
        int64_t i = customers->begin[c];
        double count = 0, average = 0, squares = 0;
        for (int first = 1; i < end; first = 0) {
            cv_money money = {0, 0, 0};
            int bought = 0;
            for (; i < end && !(bought && begins[i] == 1); i++) {
                bought |= begins[i] == 1;
                add_money(&money, value[i]);
            }
            if (first && !bought) break; /* nothing but refunds */
            double gap = settled(&money) - average;
            average += gap / ++count;
            squares += gap * (settled(&money) - average);
        }
        n[c] = count;
        mean[c] = count > 0 ? average : NAN;
        SS[c] = squares;
    }
    return 0;
}

int
cv_period_sums(const int32_t *tick, const double *value, const cv_customers *customers,
               const int32_t *edge, size_t periods, double *sum, cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++, sum += periods) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, value);
        size_t end = (size_t)customers->end[c];
        size_t i = first_after(tick, (size_t)customers->begin[c], end, (int64_t)edge[0] - 1);
        for (size_t p = 0; p < periods; p++) {
            cv_money money = {0, 0, 0};
            for (; i < end && tick[i] < edge[p + 1]; i++)
                add_money(&money, value != NULL ? value[i] : 1);
            sum[p] = settled(&money);
        }
    }
    return 0;
}

int
cv_rows_until(const int32_t *tick, const cv_customers *customers, int32_t last, int64_t *row,
              cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, NULL);
        const size_t begin = (size_t)customers->begin[c], end = (size_t)customers->end[c];
        row[c] = (int64_t)first_after(tick, begin, end, last);
    }
    return 0;
}
