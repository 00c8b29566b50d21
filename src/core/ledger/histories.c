/* histories.c -- purchases out of orders, and each customer's history of purchases: x, t_x, T, m_x.
 *
 * One scan of the rows per customer: a grain (a day, say) of orders nets to one purchase or none.
 * Rows are by tick and then by amount, so sums do not depend on the order of the log. Times are
 * whole ticks until the last step, one product and one quotient; money as in math/money_sum.h.
 * tests/reference/ledger_twin.py repeats the rules in Python, with exact sums.
 */
#include <math.h>

#include "ledger/ledger.h"
#include "ledger/row_words.h"
#include "math/guards.h"
#include "math/money_sum.h"
#include "types.h"

/* The rows of one grain: what they net to, and whether that is a purchase. */
typedef struct {
    size_t first; /* its first row that is no refund */
    size_t end;   /* the row after the grain */
    double net;
    int bought;
    cv_money total; /* of all rows so far */
} grain;

/* The tick after the last one of the grain that tick lies in. */
static int64_t
end_of_grain(const cv_orders *o, int32_t tick)
{
    if (o->grains == 0) return (int64_t)tick + 1;
    size_t until = first_after(o->start, 0, o->grains, tick);
    if (until == 0) until = 1;
    return until < o->grains ? o->start[until] : INT64_MAX;
}

/* The amount of row i; an order without amounts counts 1. */
static double
amount_of(const cv_orders *o, size_t i)
{
    return o->amount != NULL ? o->amount[i] : 1;
}

/* Reads the rows from i < end on that lie before the tick `next`. */
static grain
read_rows(const cv_orders *o, size_t i, size_t end, int64_t next, cv_money total)
{
    grain g = {0};
    cv_money money = {0, 0, 0};
    size_t refunds = 0, orders = 0;
    g.first = i;
    do {
        double amount = amount_of(o, i);
        add_money(&money, amount);
        add_money(&total, amount);
        refunds += amount < 0;
        if (amount < 0) continue;
        if (orders++ == 0) g.first = i;
    } while (++i < end && o->tick[i] < next);
    g.end = i;
    g.net = settled(&money);
    g.bought = g.net > 0 || (g.net == 0 && refunds == 0);
    g.total = total;
    return g;
}

/* Reads the grain that begins at row i < end; most have one row. */
static inline grain
read_grain(const cv_orders *o, size_t i, size_t end, cv_money total)
{
    const int64_t next = end_of_grain(o, o->tick[i]);
    if (i + 1 < end && o->tick[i + 1] < next) return read_rows(o, i, end, next, total);
    const double amount = amount_of(o, i);
    add_money(&total, amount);
    return (grain){i, i + 1, amount + 0.0, amount >= 0, total}; /* -0 is 0 */
}

/* What a scan of a customer's rows collects. */
typedef struct {
    size_t purchases;
    int32_t first, last;    /* ticks of the first and the last purchase */
    cv_money repeat, total; /* net amount after the first purchase; of all rows */
} tally;

/* Scans rows [i, end) of one customer. */
static tally
read_customer(const cv_orders *o, size_t i, size_t end)
{
    tally t = {0, 0, 0, {0, 0, 0}, {0, 0, 0}};
    while (i < end) {
        const grain g = read_grain(o, i, end, t.total);
        i = g.end;
        t.total = g.total;
        if (!g.bought) continue;
        if (t.purchases++ == 0)
            t.first = o->tick[g.first];
        else
            add_money(&t.repeat, g.net);
        t.last = o->tick[g.first];
    }
    return t;
}

int
cv_summary(const cv_orders *orders, const cv_customers *customers, int32_t last_tick, double num,
           double den, const cv_histories *out, cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, orders->tick, orders->amount);
        const size_t begin = (size_t)customers->begin[c], end = (size_t)customers->end[c];
        const tally t = read_customer(orders, begin, end);
        const size_t x = t.purchases > 0 ? t.purchases - 1 : 0;
        out->x[c] = (int64_t)x;
        out->t_x[c] = ((double)t.last - t.first) * num / den;
        out->T[c] = t.purchases > 0 ? ((double)last_tick - t.first) * num / den : NAN;
        out->recency[c] = t.purchases > 0 ? ((double)last_tick - t.last) * num / den : NAN;
        out->m_x[c] = x > 0 && orders->amount != NULL ? settled(&t.repeat) / (double)x : NAN;
        out->total[c] = settled(&t.total);
        out->first[c] = begin < end ? orders->tick[begin] : CV_NO_TICK;
        out->last[c] = begin < end ? orders->tick[end - 1] : CV_NO_TICK;
    }
    return 0;
}

int
cv_purchases(const cv_orders *orders, const cv_customers *customers, double *begins, double *net,
             cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        size_t end = (size_t)customers->end[c];
        for (size_t i = (size_t)customers->begin[c]; i < end;) {
            const grain g = read_grain(orders, i, end, (cv_money){0, 0, 0});
            i = g.end;
            if (!g.bought) continue;
            begins[g.first] = 1;
            net[g.first] = g.net;
        }
    }
    return 0;
}
