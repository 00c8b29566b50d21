/* period_sums.c -- sums over each customer's rows: in all, by period, and where a day cuts them. */
#include <math.h>

#include "ledger/ledger.h"
#include "ledger/row_words.h"
#include "math/guards.h"
#include "math/money_sum.h"
#include "types.h"

/* First row in [begin, end) with a tick after `last`. */
static size_t
row_after(const int32_t *tick, size_t begin, size_t end, int64_t last)
{
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (tick[middle] <= last)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

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
            double gap = settled(&money) - average; /* Welford (1962) */
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
cv_history(const int32_t *tick, const double *value, const cv_customers *customers,
           const int32_t *edge, size_t periods, double *sum, cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++, sum += periods) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, value);
        size_t end = (size_t)customers->end[c];
        size_t i = row_after(tick, (size_t)customers->begin[c], end, (int64_t)edge[0] - 1);
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
cv_cut(const int32_t *tick, const cv_customers *customers, int32_t last, int64_t *row, cv_tick stop,
       void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, NULL);
        row[c] =
            (int64_t)row_after(tick, (size_t)customers->begin[c], (size_t)customers->end[c], last);
    }
    return 0;
}
