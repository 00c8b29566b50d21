/* value_curve.c -- every customer's value and history at many dates, in one pass over the ledger.
 *
 * Customers are processed in tiles of eight: a row finds its period in a table and is added there,
 * without a branch, and the sums of eight customers are accumulated together. Sums carry their
 * rounding errors along (math/money_sum.h), through windows and running totals too. 62,000 values
 * of customers of 1..2,000 rows of cents, windows of all rows, 1 and 12 periods: within half an ulp
 * of the exact sum.
 */
#include <math.h>
#include <string.h>

#include "ledger/ledger.h"
#include "ledger/row_words.h"
#include "ledger/spend.h"
#include "math/guards.h"
#include "math/money_sum.h"
#include "types.h"

enum { TILE = 8 };

/* Sums of the rows of eight customers per period; the last slot takes the rows in no period. */
typedef struct {
    double (*sum)[TILE], (*gross)[TILE], (*lost)[TILE];
    uint16_t *period; /* of the ticks from edge[0] to edge[periods], then `after` */
} tile;

size_t
cv_curve_bytes(const cv_dates *dates)
{
    const size_t ticks = (size_t)((int64_t)dates->edge[dates->periods] - dates->edge[0]) + 2;
    return 3 * sizeof(double[TILE]) * (dates->periods + 1) + ticks * sizeof(uint16_t);
}

/* Lays the tile out in the workspace and fills the table of periods. Without a window everything
 * before the first edge is in the first period. */
static tile
place(const cv_dates *dates, void *workspace)
{
    const size_t slots = dates->periods + 1;
    tile t = {.sum = workspace};
    t.gross = t.sum + slots;
    t.lost = t.gross + slots;
    t.period = (uint16_t *)(t.lost + slots);
    uint16_t *next = t.period;
    *next++ = dates->window == 0 ? 0 : (uint16_t)dates->periods;
    for (size_t p = 0; p < dates->periods; p++)
        for (int32_t tick = dates->edge[p]; tick < dates->edge[p + 1]; tick++)
            *next++ = (uint16_t)p;
    *next = (uint16_t)dates->periods;
    return t;
}

/* Adds rows [i, end) of a customer to lane k. */
static void
add_rows(const int32_t *tick, const double *value, int64_t i, int64_t end, const cv_dates *dates,
         const tile *t, size_t k)
{
    const int64_t origin = (int64_t)dates->edge[0] - 1, last = dates->edge[dates->periods] - origin;
    for (; i < end; i++) {
        const int64_t ago = tick[i] - origin;
        const size_t p = t->period[ago < 0 ? 0 : ago > last ? last : ago];
        cv_money money = {t->sum[p][k], t->gross[p][k], t->lost[p][k]};
        add_money(&money, value != NULL ? value[i] : 1);
        t->sum[p][k] = money.sum;
        t->gross[p][k] = money.gross;
        t->lost[p][k] = money.lost;
    }
}

/* The sum of period p and lane k. */
static inline cv_money
money_of(const tile *t, size_t p, size_t k)
{
    return (cv_money){t->sum[p][k], t->gross[p][k], t->lost[p][k]};
}

/* Turns the sum of each period into the sum of all periods up to it. */
static void
accumulate(const tile *t, size_t periods)
{
    for (size_t p = 1; p < periods; p++)
        for (size_t k = 0; k < TILE; k++) {
            cv_money so_far = money_of(t, p - 1, k);
            const cv_money here = money_of(t, p, k);
            join_money(&so_far, &here);
            t->sum[p][k] = so_far.sum;
            t->gross[p][k] = so_far.gross;
            t->lost[p][k] = so_far.lost;
        }
}

/* Writes the values of `width` customers at every date. */
static void
store(const tile *t, size_t n, const int32_t *since, size_t width, const cv_dates *dates,
      double *curve)
{
    const size_t window = dates->window == 0 ? 1 : dates->window;
    if (dates->window == 0) accumulate(t, dates->periods);
    for (size_t d = 0; d + window <= dates->periods; d++, curve += n)
        for (size_t k = 0; k < width; k++) {
            cv_money money = money_of(t, d, k);
            for (size_t p = d + 1; p < d + window; p++) {
                const cv_money more = money_of(t, p, k);
                join_money(&money, &more);
            }
            curve[k] = dates->edge[d + window] > since[k] ? settled(&money) : NAN;
        }
}

int
cv_curve(const int32_t *tick, const double *value, const cv_customers *customers,
         const int32_t *since, const cv_dates *dates, void *workspace, double *curve, cv_tick stop,
         void *context)
{
    const tile t = place(dates, workspace);
    const size_t n = customers->n;
    for (size_t c = 0; c < n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, value);
        const size_t k = c % TILE;
        if (k == 0) memset(t.sum, 0, 3 * sizeof(double[TILE]) * (dates->periods + 1));
        add_rows(tick, value, customers->begin[c], customers->end[c], dates, &t, k);
        if (k == TILE - 1 || c == n - 1) store(&t, n, since + c - k, k + 1, dates, curve + c - k);
    }
    return 0;
}

/* A customer's purchases so far. */
typedef struct {
    size_t bought;
    int32_t first, last; /* ticks of the first and the last one */
    cv_money repeat;     /* net amount after the first one */
    spent paid;
} buyer;

static void
add_purchase(buyer *b, int32_t tick, double net)
{
    b->last = tick;
    if (b->bought++ == 0)
        b->first = tick;
    else
        add_money(&b->repeat, net);
    if (net > 0) add_spent(&b->paid, net);
}

/* Write the history of a customer, known to the tick before `edge`. */
static void
write_history(const buyer *b, int32_t edge, double num, double den, const cv_histories_at *out,
              size_t at)
{
    const double x = b->bought > 1 ? (double)(b->bought - 1) : 0;
    out->x[at] = x;
    out->t_x[at] = ((double)b->last - b->first) * num / den;
    out->T[at] = b->bought > 0 ? ((double)edge - 1 - b->first) * num / den : NAN;
    out->m_x[at] = x > 0 ? settled(&b->repeat) / x : NAN;
    out->n[at] = b->paid.n;
    out->mean[at] = mean_spent(&b->paid);
    out->log_mean[at] = b->paid.n > 0 ? b->paid.log_mean : NAN;
}

int
cv_curve_histories(const int32_t *tick, const double *begins, const double *net,
                   const cv_customers *customers, const cv_dates *dates, double num, double den,
                   const cv_histories_at *out, cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, begins);
        buyer b = {0};
        int64_t i = customers->begin[c];
        for (size_t d = 0, at = c; d < dates->periods; d++, at += customers->n) {
            for (; i < customers->end[c] && tick[i] < dates->edge[d + 1]; i++)
                if (begins[i] != 0) add_purchase(&b, tick[i], net[i]);
            write_history(&b, dates->edge[d + 1], num, den, out, at);
        }
    }
    return 0;
}
