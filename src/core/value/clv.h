/* clv.h -- value to come, drawn: when customers buy, what a purchase brings, what it is worth now.
 *
 * Everything is drawn at (seed, draw, row) or (seed, row), see random.h.
 */
#ifndef CUSTVAL_CLV_H
#define CUSTVAL_CLV_H

#include "types.h"

struct cv_random;

/* What a customer's purchases bring: two numbers of the model; the first is NaN where the history
 * cannot be. */
typedef struct {
    double first, second;
} cv_purse;

/* How one model of money draws; parameters in the paper's order. */
typedef struct {
    const char *word;
    size_t parameters, columns; /* of a history: x, m_x, or n, mean, SS */
    int (*possible)(const double *parameter);
    /* A customer's purse after a history; of a new one after no purchase. */
    cv_purse (*purse)(struct cv_random *from, const double *history, const double *parameter);
    double (*money)(struct cv_random *from, double purchases, const cv_purse *purse);
} cv_spending;

enum { CV_MONEY_COLUMNS = 3 };
extern const cv_spending CV_SPENDINGS[]; /* the last one has no word */

/* Values to come: the purchases of `futures`, whose draws and seed they take, over `steps` steps
 * between edges from T on, the last of them being the horizon of `futures`. Draw d has set d % sets
 * of the parameters of money. Worth of a customer: money of a step times its factor, summed up,
 * times `per_money`; less `cost` if he is active at T. */
typedef struct {
    const struct cv_futures *futures;
    const cv_spending *spending;
    const double *parameter;
    size_t sets, steps;
    const double *history[CV_MONEY_COLUMNS];
    const double *edge, *factor;
    const double *per_money, *cost;
} cv_values;

struct cv_spread; /* simulate.h */
int cv_value_spread(const cv_values *values, const struct cv_spread *spread, cv_tick tick,
                    void *context);

/* New customers: n histories, drawn with k stages, and how they spend. */
typedef struct {
    const double *x, *t_x;
    size_t n;
    double k;
    const cv_spending *spending;
    const double *parameter;
    uint64_t seed;
} cv_buyers;

/* How many orders they make, x[i] + 1 each; SIZE_MAX where that cannot be held. */
size_t cv_orders_of(const cv_buyers *buyers);

/* Customer by customer, in order: ages, from 0 to t_x with gaps as of k stages, and the money of
 * each, NaN where no parameters are. 1 when interrupted. */
int cv_simulate_orders(const cv_buyers *buyers, double *age, double *money, cv_tick tick,
                       void *context);

#endif
