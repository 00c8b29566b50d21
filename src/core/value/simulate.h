/* simulate.h -- simulation of customers from a model: new ones, and what follows a history.
 *
 * Everything is drawn at (seed, row) or (seed, draw, row), see math/random.h, so results depend on
 * no other row. Invalid parameters and histories give NaN. Functions return 1 when interrupted,
 * else 0.
 */
#ifndef CUSTVAL_SIMULATE_H
#define CUSTVAL_SIMULATE_H

#include "types.h"

struct cv_random;
struct cv_bound_covariates; /* fit/fit.h */

/* A history. litt: the sum of the logs of the x gaps, where the model needs it. */
typedef struct {
    double x, t_x, T, litt;
} cv_customer;

/* What follows a history at T: events of a Poisson process, uniform in (T, T + span]. The first-th
 * of them is a purchase and then every every-th, until there are `purchases`, NaN where history or
 * parameters are invalid. A customer who is dead at T has no span. */
typedef struct {
    double span, events, first, every, purchases;
} cv_course;

/* How one purchase model draws; parameters in the paper's order, all positive and finite. */
typedef struct {
    const char *prefix; /* of its kernels, such as "bgnbd" */
    size_t parameters;
    int litt; /* 1: its histories have a litt */
    /* Draw the history of a new customer up to age T. */
    cv_customer (*history)(struct cv_random *from, double T, const double *parameter);
    /* Draw what comes in (T, T + t] after a history: whether they are alive, at what rates, and
     * what they buy. NULL for contracts. */
    cv_course (*future)(struct cv_random *from, double t, const cv_customer *h,
                        const double *parameter);
} cv_process;

extern const cv_process CV_PROCESSES[]; /* the last one has no prefix */

/* A process with `sets` sets of `size` parameters. With covariates (else NULL) a set ends with
 * their coefficients, and each customer has parameters of their own. */
typedef struct {
    const cv_process *process;
    const double *parameter;
    size_t size, sets;
    const struct cv_bound_covariates *covariates;
    uint64_t seed;
} cv_world;

/* Draw the histories of n new customers to the ages T, with the first set; litt is NULL where the
 * process has none. For contracts x is 1 where they cancelled by T, and t_x the period of that, or
 * T. */
int cv_simulate(const cv_world *world, const double *T, size_t n, double *x, double *t_x,
                double *litt, cv_tick tick, void *context);

/* The futures (T, T + t] of n customers, `draws` times; draw d has set d % sets. Customer i is drawn
 * at row[i] of the seed, so that some of the customers have the draws that they have among all;
 * where row is NULL, at i. The horizon is t, or horizon[d] in draw d where that is not NULL: a
 * time ahead that is uncertain, the same for all customers. Where pace is not NULL, the time ahead
 * of customer i runs pace[i] times as fast: positive and finite, else the course is not known. */
typedef struct cv_futures {
    cv_world world;
    size_t draws;
    const double *x, *t_x, *T;
    const int64_t *row;
    size_t n;
    double t;
    const double *horizon, *pace;
} cv_futures;

/* Return the horizon of draw d. */
static inline double
cv_horizon_of(const cv_futures *futures, size_t d)
{
    return futures->horizon != NULL ? futures->horizon[d] : futures->t;
}

static inline uint64_t
cv_row_of(const cv_futures *futures, size_t i)
{
    return futures->row != NULL ? (uint64_t)futures->row[i] : i;
}

/* Return the course of customer i in draw d. */
cv_course cv_course_of(const cv_futures *futures, size_t i, size_t d);

/* Set purchases[i * draws + d] for all customers and draws. */
int cv_simulate_futures(const cv_futures *futures, double *purchases, cv_tick tick, void *context);

/* A summary of `draws` draws of n customers: of each one's draws, ascending, the low-th and the
 * high-th (0 .. draws - 1; the (high - low)-th where the low-th is the smallest of all, so that no
 * draw lies below), and by draw the total of all customers whose first draw is not NaN.
 * `key` is workspace for one customer's draws. */
typedef struct cv_spread {
    size_t n, draws, low, high;
    uint64_t *key;
    double *lows, *highs, *totals;
} cv_spread;

/* Return what is drawn for customer i in draw d. */
typedef double (*cv_drawing)(const void *of, size_t i, size_t d);

/* Summarize any drawing, and the numbers of purchases of futures. */
int cv_spread_of(cv_drawing drawn, const void *of, const cv_spread *spread, cv_tick tick,
                 void *context);
int cv_future_spread(const cv_futures *futures, const cv_spread *spread, cv_tick tick,
                     void *context);

/* An estimate: k <= CV_PARAMETERS numbers, of which the last `coefficients` may have any sign and
 * the others are positive, and their covariance (k x k). */
typedef struct {
    const double *value, *covariance;
    size_t k, coefficients;
} cv_estimate;

/* Draw `draws` sets of parameters around an estimate, normal in the logs of positive ones and in
 * coefficients themselves; a parameter without variance keeps its value. Along any direction of the
 * logs the standard deviation is at most 1: beyond that the normal density is no likelihood. */
int cv_draw_parameters(const cv_estimate *around, size_t draws, uint64_t seed, double *parameter,
                       cv_tick tick, void *context);

/* Draw `draws` vectors of k log-normal factors: their logs have mean 0 and this covariance (k x k,
 * not negative; a direction without variance stays at 1). root: workspace of k * k. */
int cv_draw_lognormals(const double *covariance, size_t k, size_t draws, uint64_t seed, double *root,
                       double *factor, cv_tick tick, void *context);

/* Draw the mean spend m_x of new customers with x > 0 purchases each, by the Gamma-Gamma model (p,
 * q, gamma); NaN where x = 0. */
int cv_simulate_spend(const double *parameter, uint64_t seed, const double *x, size_t n,
                      double *m_x, cv_tick tick, void *context);

/* Draw mean and SS of the logs of the amounts of new customers with n purchases each, by the model
 * of models/lognormal.h (mu, sigma, tau); 0 where n is 0, and SS where n is 1. */
int cv_simulate_logs(const double *parameter, uint64_t seed, const double *n, size_t rows,
                     double *mean, double *SS, cv_tick tick, void *context);

/* Draw mean and SS, the sum of squares about it, of the margins of new customers with n purchases
 * each, by the model of models/normal_margin.h (mu, sigma, kappa, nu); 0 where n is 0, and SS where
 * n is 1. */
int cv_simulate_margins(const double *parameter, uint64_t seed, const double *n, size_t rows,
                        double *mean, double *SS, cv_tick tick, void *context);

#endif
