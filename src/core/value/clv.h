/* clv.h -- future value by simulation: when customers buy, their spend, its present value.
 *
 * Everything is drawn at (seed, draw, row) or (seed, row), see math/random.h, so results depend on
 * no other row. Functions return 1 when interrupted, else 0.
 */
#ifndef CUSTVAL_CLV_H
#define CUSTVAL_CLV_H

#include "types.h"

struct cv_random;

/* The spend parameters of one customer, drawn after their history: two numbers of the model (a
 * shape and a log rate, or a mean and a standard deviation); the first is NaN for an invalid
 * history. */
typedef struct {
    double first, second;
} cv_own_spend;

/* How one spend model draws; parameters in the paper's order. */
typedef struct {
    const char *prefix;         /* of its kernels, such as "gg" */
    size_t parameters, columns; /* columns: x, m_x; n, log_mean; or n, mean, SS */
    int (*valid)(const double *parameter);
    /* Draw a customer's spend parameters, given the columns of their history; zeros: no
     * purchase. */
    cv_own_spend (*own)(struct cv_random *from, const double *history, const double *parameter);
    /* Draw the money of some purchases together, 1 or more. */
    double (*money)(struct cv_random *from, double purchases, const cv_own_spend *own);
} cv_spending;

enum { CV_MONEY_COLUMNS = 3 };
extern const cv_spending CV_SPENDINGS[]; /* the last one has no prefix */

/* Future values of the customers of `futures`, which also give draws and seed, over `steps` steps
 * between steps + 1 edges from T on, those of draw d from edge[d * stride] on; a stride of 0: the
 * same for all draws. The last edge is the horizon of `futures`. The value of a
 * customer in draw d: the sum over steps of the money of a step times its factor, times
 * per_money[i], less cost[i] if they are alive at T. Draw d has set d % sets of the spend
 * parameters; without a spend model (spending NULL) the money of a step is its purchases. */
typedef struct {
    const struct cv_futures *futures;
    const cv_spending *spending;
    const double *parameter;
    size_t sets, steps, stride;
    const double *history[CV_MONEY_COLUMNS];
    const double *edge, *factor;
    const double *per_money, *cost;
} cv_values;

/* Summarize the drawn values as cv_spread_of() does. */
struct cv_spread; /* simulate.h */
int cv_value_spread(const cv_values *values, const struct cv_spread *spread, cv_tick tick,
                    void *context);

/* Set totals[d * steps + j], by draw and step, to the sum over customers with a value of per_money[i]
 * times the money of the step, less cost[i] times factor[j], the days of the step, if they are alive
 * at T. */
int cv_value_totals(const cv_values *values, double *totals, cv_tick tick, void *context);

/* New customers: n histories, whose gaps are Erlang with k stages, and how they spend. */
typedef struct {
    const double *x, *t_x;
    size_t n;
    double k;
    const cv_spending *spending;
    const double *parameter;
    uint64_t seed;
} cv_buyers;

/* Return the number of their orders, x[i] + 1 each; SIZE_MAX where a history is invalid or there
 * are 2^48 or more. */
size_t cv_orders_of(const cv_buyers *buyers);

/* Draw the orders, customer by customer: their ages, ascending from 0 to t_x, and the money of
 * each, NaN where the spend parameters are invalid. Both columns have cv_orders_of() entries. */
int cv_simulate_orders(const cv_buyers *buyers, double *age, double *money, cv_tick tick,
                       void *context);

#endif
